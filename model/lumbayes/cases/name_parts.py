"""A terse name read by its words: the facts in it, whatever stands between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations

from lumbayes.cases.fact_names import known_as, may_name, names_by_form
from lumbayes.cases.name_words import DAYS_AGO, EMPTY, Word, form_of, words_of, words_of_kind
from lumbayes.cases.qualifiers import read_qualifiers, split_name
from lumbayes.cases.sayings import OTHERS
from lumbayes.cases.synonyms import read_classes
from lumbayes.cases.words import DENIALS, FUNCTIONS, YES, plain, read_bool, readings
from lumbayes.knowledge.model import Model

LONGEST_NAME = 12  # words; what is longer is a sentence
MOST_WORDS = 5  # of a fact inside a name
MOST_FACTS = 4
MOST_UNREAD = 2  # words beside one that is a fact by itself
NUMBER = re.compile(r"([a-z_\d]*?)_?(\d+)(?:_(\d+))?((?:_[a-z_]+)?)")
APART = re.compile(r"_(?:and|or|plus|after|following|post|due_to|because_of|s_p|but|followed_by)_")
# What is not treated is there all the same.
UNTREATED = re.compile(r"_(?:not|never)_(?:on|taking|treated|anticoagulated|controlled)(?:_\w+)?$")
# What has not happened, or is somebody else's or feared.
NOT_HAD = re.compile(
    r"\b(?:risk|risks|fear|fears|afraid|worried|worry|concern|concerned|screening|screened|screen"
    r"|prophyla\w+|prevention|preventive|vaccin\w+|vaccine|if|advised|negative|excluded|unlikely"
    r"|free|resolved|recovered|healed|cured|denies|denied|no|not|without|never|nor|neither|absence"
    r"|expected|family|fhx|fh|mild|less|better|improving|improved|helped|helps|relieved|eased"
    r"|normal|good|stable|controlled|diet|dieting|intentional|intended|planned|deliberate|clinic"
    r"|card|support|group|nurse|score|scale|questionnaire|index|test|date|id|number|hay|yellow|ruled|benign"
    r"|cream|ointment|topical|nasal|spray|inhaler|inhaled|drops|lotion|gel|phobia|anxiety"
    r"|scarlet|asleep|behind|season|interest|desire|worries)\b"
)
PAST = re.compile(
    r"\b(?:history|hx|h o|pmh|phx|previous|previously|prior|past|former|formerly|remote"
    r"|childhood|years? ago|ago|old|longstanding|long standing|(?:19|20)\d\d)\b"
)
LASTING = frozenset({"context", "condition"})  # layers of what somebody has for years


def parts_of_name(model: Model, name: str, value: object) -> Iterator[tuple[str, object]]:
    """Yield the facts that the words of a name are, each with what else the name says of it.

    Nothing is yielded for a name that denies, weakens or fears, or of which the words that are left
    speak of another part of the body. What is past holds only for what lasts, such as a cancer.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> list(parts_of_name(model, "sudden_back_pain_after_lifting", True))
    [('back_pain', 'sudden')]
    >>> list(parts_of_name(model, "ra_on_methotrexate", True))
    [('immunosuppressed', 'ra')]
    >>> [*parts_of_name(model, "risk_of_fall", 1), *parts_of_name(model, "jaw_stiffness", 1)]
    []
    """
    if read_bool(value) is not True:
        return
    more = "" if value is True or plain(str(value)) in YES else str(value)
    if not more and (number := _number_in(model, name)):
        yield number
        return
    for fact, rest in _facts_of(model, plain(name), bool(more)):
        said = ", ".join(text for text in (rest, more) if text)
        yield fact, said or True


def facts_together(model: Model, name: str) -> tuple[str, ...]:
    """Return the facts that a whole name is, in any order of its words, if a class names them.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> facts_together(load_model(), "rest_pain_of_foot")
    ('cold_leg', 'constant_pain')
    """
    classes = read_classes(model.folder)
    for text in (one for one, said in readings(name) if not said):
        same = names_by_form(model)[0].get(form_of(text, model.folder), "")
        if found := classes.get(text) or classes.get(same):
            return found
    return ()


@lru_cache(maxsize=1 << 14)
def _number_in(model: Model, name: str) -> tuple[str, object] | None:
    """Return the number that stands in a name: bp_90_50, 33_weeks_pregnant, aaa_5_8_cm."""
    found = NUMBER.fullmatch(plain(name)) if any(c.isdigit() for c in name) else None
    if found is None or plain(name).startswith(DENIALS):
        return None
    before, whole, part, behind = (found[i] or "" for i in (1, 2, 3, 4))
    unit = behind.strip("_")
    for base in ("_".join(w for w in (before.strip("_"), unit) if w), before.strip("_")):
        several = (f"{whole}/{part} {unit}", f"{whole}.{part} {unit}")
        for text in several if part else (f"{whole} {unit}",):
            known = known_as(model, base, text) if base else None
            if known is not None and known[0].kind == "number":
                if (known[0].unit == "mmHg") == ("/" in text and bool(part)):
                    return base, text.strip()
    return None


@lru_cache(maxsize=1 << 14)
def _facts_of(model: Model, name: str, described: bool) -> tuple[tuple[str, str], ...]:
    """Return the facts in a name, each with the words beside it."""
    among = name.split("_")
    if len(among) > LONGEST_NAME or not may_name(model, among):
        return ()
    told = name.replace("_", " ")
    if OTHERS.search(told):
        return ()
    if len(together := facts_together(model, name)) > 1:
        return tuple((fact, "") for fact in together)
    found: list[tuple[str, str]] = []
    pieces = [piece for piece in APART.split(UNTREATED.sub("", name)) if piece]
    past = PAST.search(told) is not None and not DAYS_AGO.search(name)
    for piece, later in zip(pieces, (*pieces[1:], ""), strict=True):
        here = _facts_in_piece(model, piece, past)
        if not here and later:  # knee and groin pain
            here = _facts_in_piece(model, f"{piece}_{later.rsplit('_', 1)[-1]}", past)
        found += here
    if not found and not described:
        for piece in pieces:
            found += _pain_in(model, piece, past)
            if not found:
                found += _quality_of_pain(model, piece)
    return tuple(dict.fromkeys(found))


def _quality_of_pain(model: Model, piece: str) -> list[tuple[str, str]]:
    """Return what is said of a pain whose place is not: sudden_pain_after_coughing."""
    words = {word for word, _ in words_of(piece, model.folder)}
    elsewhere = words & words_of_kind(model.folder, "elsewhere")
    if "pain" not in words or elsewhere or NOT_HAD.search(piece.replace("_", " ")):
        return []
    _, said = split_name(piece, model.folder)
    return [(fact, "" if value is True else str(value)) for fact, value in said.items()]


def _pain_in(model: Model, piece: str, past: bool) -> list[tuple[str, str]]:
    """Return the pain of a name that is only a place, or a place and a word such as sudden."""
    places, sides = (words_of_kind(model.folder, kind) for kind in ("place", "side"))
    words = {word for word, _ in words_of(piece, model.folder)}
    quality = words & _qualifying(model, alone=True)
    if not words & places or words & words_of_kind(model.folder, "elsewhere"):
        return []
    if FUNCTIONS & set(piece.split("_")):
        return []
    if not quality and not words <= places | sides | _empty(model):
        return []
    return _facts_in_piece(model, f"{piece}_pain", past)


@lru_cache(maxsize=4)
def _qualifying(model: Model, alone: bool = False) -> frozenset[str]:
    """Return the words of the qualifiers, in one form: all, or those that say it alone."""
    told = (w for w in read_qualifiers(model.folder) if not (alone and "_" in w))
    return frozenset[str]().union(*(form_of(w, model.folder) for w in told))


def _empty(model: Model) -> frozenset[str]:
    return words_of_kind(model.folder, "empty")


def _facts_in_piece(model: Model, piece: str, past: bool) -> list[tuple[str, str]]:
    """Return the facts of the most words each, and what is left of the piece beside the first."""
    words = words_of(piece, model.folder)
    among = piece.split("_")
    if NOT_HAD.search(" ".join(among[p[0]] if len(p) == 1 else w for w, p in words)):
        return []
    left, found = list(words), list[str]()
    while len(found) < MOST_FACTS and (one := _largest(model, left, words, past)) is not None:
        facts, used = one
        found += facts
        left = [word for word in left if word not in used]
    rest = sorted({i for _, places in left for i in places})
    said = " ".join(among[i] for i in rest if among[i] not in EMPTY)
    return [(fact, said) for fact in found]


def _largest(
    model: Model, left: list[Word], whole: tuple[Word, ...], past: bool
) -> tuple[tuple[str, ...], tuple[Word, ...]] | None:
    """Return the fact that the most of the words name, and these words; None if there is none."""
    names, known = names_by_form(model)
    shared = words_of_kind(model.folder, "placed")  # pain in the hip and back: pain of both
    places = words_of_kind(model.folder, "place") | words_of_kind(model.folder, "side")
    of_use = [w for w in whole if w[0] in known and (w in left or w[0] in shared)]
    for size in range(min(MOST_WORDS, len(of_use)), 0, -1):
        for some in combinations(of_use, size):
            name = names.get(frozenset(word for word, _ in some))
            fresh = {word for word, _ in set(some) & set(left)}
            if name is None or not fresh or (len(fresh) < size and not fresh <= places):
                continue
            others = {word for word, _ in whole} - {word for word, _ in some}
            fact = _as_fact(model, name, size, others, past)
            if fact is not None:
                together = read_classes(model.folder).get(name, ())
                return together if len(together) > 1 else (fact,), some
    return None


def _as_fact(model: Model, name: str, size: int, others: set[str], past: bool) -> str | None:
    """Return the fact of a name, if it says that something is there and the others allow it."""
    known = known_as(model, name, True)
    if known is None or known[0].kind == "category":
        return None  # "sudden pain" is told of the pain that stands beside it
    if known[1] is not True and known[1] != "true":
        return name if isinstance(known[1], str) and known[1] != "false" and size > 1 else None
    fact = known[0]
    if fact.name.endswith("_normal"):
        return None
    variables = [
        model.variables[m.variable] for m in fact.meanings if m.variable in model.variables
    ]
    lasts = bool(variables) and all(v.layer in LASTING or v.group == "about_you" for v in variables)
    if past and (not lasts or any("recent" in v.name for v in variables)):
        return None
    if "ago" in others and {"year", "years"} & others and any("once" in v.roles for v in variables):
        return None
    if lasts and others & {"skin", "basal", "squamous"}:
        return None
    placed = words_of_kind(model.folder, "placed")
    if lasts and not form_of(name, model.folder) & placed:
        return fact.name
    if others & words_of_kind(model.folder, "elsewhere"):
        return None
    if size == 1:
        if name in FUNCTIONS:
            return None
        allowed = _empty(model) | _qualifying(model) | words_of_kind(model.folder, "side")
        if form_of(name, model.folder) & placed:
            return fact.name if all(w in allowed or w.isdigit() for w in others) else None
        if len(others - allowed - {"pain"}) > MOST_UNREAD:
            return None
    return fact.name
