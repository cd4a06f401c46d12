"""Whole phrases as facts: the names that stand in them, and what is left of them unread."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from lumbayes.cases.denied_lists import LOST_FUNCTIONS
from lumbayes.cases.fact_names import known_as, words_of_names
from lumbayes.cases.qualifiers import (
    FILLERS,
    HOURS,
    LENGTH,
    NOT,
    read_danger,
    read_qualifiers,
    split_name,
    without_innocent,
)
from lumbayes.cases.sayings import LISTED, OTHERS, joined
from lumbayes.cases.words import FUNCTIONS, NO, named_after_function, plain
from lumbayes.knowledge.anchors import SEX
from lumbayes.knowledge.model import Model

LONGEST_NAME = 6  # words
LONGEST_PHRASE = 200  # characters; what is longer is not understood as a whole
BORDER = re.compile(r"[,;\n]|\.(?!\d)|\b(?:and|with|but)\b")
DOSE = re.compile(
    r"\b\d+(?:\.\d+)?\s*(?:mg|g|mcg|µg|iu|units?)\b(?:\s*(?:once|twice|daily|a day))*"
)
# "Bladder and bowel fine."
_FINE = (
    r"(?:my |the )?(?:bladder|bowels?|urine|stools?|walking|gait|balance|reflexes|sensation|power)"
)
ALL_FINE = re.compile(
    rf"(?:(?<=[.,;\n])|^)\s*{_FINE}(?: and {_FINE})* (?:are |is |all )*"
    r"(?:fine|normal|ok|intact|good|unchanged)\s*(?=$|[.,;\n])",
    re.IGNORECASE,
)
PERSON = re.compile(
    r"(?:an? )?(\d{2})[- ]?(?:years?|yrs?|yo?)?[- ]?(?:old)? (man|male|gentleman|woman|female|lady)"
)
# What has gone is no trouble: "bruise gone", and not "feeling gone".
OVER = frozenset("gone healed faded resolved cleared".split())
# Words around a fact that say nothing of what is the matter.
WITHOUT_MEANING = FILLERS | frozenset(
    """now new newly since last this that for ago about some also again is are was were be been has
    had have i he she it they patient reports complains of feels felt got gets getting became side
    sides day days week weeks month months year years hour hours morning evening night afternoon
    one when wiping today yesterday monday tuesday wednesday thursday friday saturday sunday
    from noon midday midnight my the years old after during over""".split()
)


WEAK = frozenset("is are feel feels very so my weak weakness weakened".split())
OF_THE_TRUNK = re.compile(
    r"\b(?:glut\w*|core|abs|abdominals?|hips?|back|trunk|tummy|belly|pelvic floor|psoas|muscles?"
    r"|bum|buttocks?|obliques?|multifid\w*)\b",
    re.IGNORECASE,
)
LIMB = re.compile(r"\b(?:legs?|foot|feet|toes?|knees?|ankles?|limbs?|thighs?|calf|calves)\b", re.I)


def phrases(model: Model, text: str) -> Iterator[tuple[str, object]]:
    """Yield the facts of a text told in whole phrases, as name and value.

    A phrase, or what is left of one, that names no fact comes as it stands, so that it can be named
    back as not understood. What is denied is no fact here.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> list(phrases(load_model(), "sudden back pain, cannot pass urine since last night"))
    [('sudden back pain', True), ('cannot pass urine', 'since last night')]
    >>> list(phrases(load_model(), "my father had cancer"))
    [('my father had cancer', True)]
    """
    text = joined(ALL_FINE.sub("", DOSE.sub(" ", text)))
    for phrase in dict.fromkeys(BORDER.split(text)):
        if "/" in phrase and (no := LISTED.search(phrase.lower())):
            first = phrase[no.start() :].split()[0]
            items = re.split(r"/|\b(?:or|nor)\b", phrase[no.start() + len(first) :])
            yield from ((f"{first} {item.strip()}", True) for item in items if item.strip())
            continue
        if man := PERSON.fullmatch(phrase.strip().lower()):
            yield "age_years", int(man[1])
            yield SEX, "male" if man[2] in ("man", "male", "gentleman") else "female"
        elif phrase.strip() and plain(phrase) not in NO:
            short = phrase.strip()[:LONGEST_PHRASE]
            cut = [(short, True)] if len(phrase.strip()) > LONGEST_PHRASE else []
            yield from (*(_facts_in(model, short) or [(short, True)]), *cut)


def described(model: Model, name: str, text: str) -> Iterator[tuple[str, object]]:
    """Yield what is told of a name that is no fact: of the legs "weak" makes weak legs, a fact.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> list(described(load_model(), "legs", "weak since this morning and odd"))
    [('weak legs', 'since this morning'), ('legs', 'odd')]
    """
    told: list[tuple[str, object]] = []
    for phrase in (p.strip() for p in BORDER.split(text)):
        if phrase:
            told += _facts_in(model, phrase, name) or [(name, phrase)]
    yield from told if any(one[0] != name for one in told) else [(name, text)]


def beside(model: Model, name: str, rest: Sequence[str]) -> tuple[dict[str, object], list[str]]:
    """Return the facts in what is told beside a fact, and what of it may be a danger unread.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> told = ["no fever", "cannot pee since noon", "after lifting", "odd blood"]
    >>> beside(load_model(), "back_pain", told)
    ({'no fever': True, 'cannot pee': 'since noon'}, ['odd blood'])
    """
    facts: dict[str, object] = {}
    unread: list[str] = []
    for phrase in rest:
        if known_as(model, phrase, True) is not None:
            if not named_after_function(phrase):  # which function says not that it works
                facts[phrase] = True
            continue
        for one, value in phrases(model, phrase):
            if _there(model, one):
                facts[one] = value
            elif set(plain(one).split("_")) - set(plain(name).split("_")) and smells(model, one):
                unread.append(one)
    return facts, unread


def smells(model: Model, text: str) -> bool:
    """Return whether a text holds a word of danger."""
    return _danger(model.folder).search(without_innocent(text)) is not None


@lru_cache(maxsize=4)
def _danger(folder: Path | None) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, read_danger(folder))))


def _facts_in(model: Model, phrase: str, about: str = "") -> list[tuple[str, object]]:
    """Return the fact that the most words of a phrase name, the rest as its value; none if none."""
    words, known = phrase.split(), words_of_names(model) | FILLERS
    if OTHERS.search(phrase.lower()):
        return []
    for size in range(len(words) if len(words) < LONGEST_NAME else LONGEST_NAME, 0, -1):
        for start in range(len(words) - size + 1):
            among = plain(" ".join(words[start : start + size])).split("_")
            if {among[0], among[-1]} & WITHOUT_MEANING or not all(
                word in known or word[:-1] in known for word in among
            ):
                continue
            name = " ".join((*words[start : start + size], *([about] if about else [])))
            rest = " ".join((*words[:start], *words[start + size :]))
            beside_it = set(plain(rest).split("_"))
            over = beside_it & OVER and not set(plain(name).split("_")) & (
                FUNCTIONS | LOST_FUNCTIONS
            )
            if set(among) <= WEAK and OF_THE_TRUNK.search(rest) and not LIMB.search(rest):
                return []  # a weak core is no weak leg
            if _there(model, name) and not NOT & beside_it and not over:
                left = _left(model, rest)
                return [(name, rest or True), *([(about or phrase, left)] if left else [])]
    return []


def _there(model: Model, name: str) -> bool:
    """Return whether a name says that a fact holds."""
    known = known_as(model, name, True)
    if known is None:
        shorter, further = split_name(name, model.folder)
        known = known_as(model, shorter, True) if further else None
    return known is not None and known[1] in (True, "true") and known[0].name[-7:] != "_normal"


def _left(model: Model, rest: str) -> str:
    """Return what a phrase says beside its fact, without times, qualifiers and empty words."""
    text = LENGTH.sub(" ", HOURS.sub(" ", rest.lower()))
    known = {part for word in read_qualifiers(model.folder) for part in word.split("_")}
    words = [w for w in plain(text).split("_") if w not in WITHOUT_MEANING | known]
    return rest if any(words) else ""
