"""What a case report says, in the words of the network: facts become constraints on variables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from lumbayes.cases.constraints import DISAGREE, Constraint
from lumbayes.cases.denied_lists import COMPLAINTS, LOST_FUNCTIONS, denials_apart
from lumbayes.cases.fact_names import known_as
from lumbayes.cases.json_values import Several, in_part
from lumbayes.cases.name_parts import facts_together, parts_of_name
from lumbayes.cases.phrases import beside, described, phrases, smells
from lumbayes.cases.qualifiers import qualified, read_qualified, split_name
from lumbayes.cases.recency import says_new, says_old, says_recent
from lumbayes.cases.sayings import (
    CLAUSE,
    NO_DENIAL,
    OTHERS,
    TOLD_GROUPS,
    in_clause,
    left_open,
    read_sayings,
    told_in,
)
from lumbayes.cases.vocabulary import Fact, Meaning, meanings_of
from lumbayes.cases.words import (
    ADDS_NOTHING,
    CALM,
    DENIALS,
    FUNCTIONS,
    KEPT,
    LONGEST,
    NO,
    PLAIN,
    UNABLE,
    YES,
    YES_OR_NO,
    half_read,
    named_after_function,
    plain,
    read_bool,
    read_function,
    readings,
    silent,
)
from lumbayes.errors import FEW, LumbayesError, unknown_name
from lumbayes.knowledge.definition import UNSURE
from lumbayes.knowledge.model import Model
from lumbayes.knowledge.tables import read_table
from lumbayes.limits import NAMES

HARMLESS = ("name", "value")
LONGEST_TOLD = 2_000  # characters of what is told in a value
FEW_WORDS = 3  # of what is told under a harmless name: more may be a story
# Names under which somebody tells in whole phrases; what a phrase says is read as a fact.
SENTENCE = "told"
SENTENCES = frozenset(
    (
        "symptoms symptom signs findings red_flags complaint complaints chief_complaint problem"
        " presenting_complaint reason_for_visit history problems told story"
        " medication medications medicines drugs takes taking tablets"
    ).split()
)
YEAR = re.compile(r"\b(?:19\d\d|20[01]\d)\b")
HEREDITARY = re.compile(r"aneurysm|aort|marfan|ehlers|ankylos|spondyl|psoria|crohn|colitis")
# "Bloods normal", and not "no longer normal".
ENDS_WELL = re.compile(r"[a-z]_(?:normal|unremarkable|intact|fine|ok|excluded|ruled_out)$")
NEVER_WELL = re.compile(
    r"(?:^|_)(?:not?|never|cannot|cant|yet|be|longer|than|until|above|below|was|were|before)_"
)
# Beside plain words alone these say that something does good: "massage helps".
GOOD_NEWS = frozenset("well needed helps helped helpful eases eased relieves relieved".split())
DIGITS = re.compile(r"\d+")
# "No, 36.6": the number says it.
DENIED_NUMBER = re.compile(
    r"(?:no|none|denied|normal|afebrile)\W+(\d+(?:[.,]\d+)?)\s*(?:°?\s*c|degrees)?\W*"
)


@dataclass(frozen=True)
class FactsRead:
    """What facts say: constraints about variables, warnings, and what was not understood.

    ``unclear`` holds, in words, each fact that was not understood and does not plainly say that all
    is well; ``unsure`` the variables of which somebody was not sure, ``unread`` those of which
    something was told that could not be read.
    """

    constraints: tuple[Constraint, ...]
    warnings: tuple[str, ...]
    unclear: tuple[str, ...]
    unsure: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def constraints_of(
    model: Model, vocabulary: Mapping[str, Fact], facts: Mapping[str, object]
) -> FactsRead:
    """Return what facts say about variables; one that is not understood is a warning, no error.

    Parameters
    ----------
    model : Model
        Supplies the variables, so that a variable given as a fact is recognised.
    vocabulary : mapping of fact name to Fact
        As ``load_vocabulary`` gives it.
    facts : mapping of fact name to value
        A value of None is a fact not stated; ``Several`` values are all said.

    Examples
    --------
    >>> from lumbayes.cases.vocabulary import load_vocabulary
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> told = constraints_of(model, load_vocabulary(model), {"bmi": 37, "golf": False})
    >>> [(s.field, s.variable, s.weights) for s in told.constraints]
    [('facts.bmi=37', 'body_weight', (0.0, 0.0, 1.0))]
    >>> told.warnings
    ('facts.golf=false is not used: its absence says little about any variable.',)
    """
    said: list[Constraint] = []
    warnings: list[str] = []
    unclear: list[str] = []
    unsure: list[str] = []
    unread: list[str] = []
    unknown, more_than_read = 0, ""
    alike: set[tuple[str, object]] = set()  # what was not understood, but for the digits of names
    for name, value in denials_apart(facts):
        like = (DIGITS.sub("", name), value if isinstance(value, str | bool) else None)
        if unknown > NAMES.value and name not in vocabulary and name not in model.variables:
            if like in alike:
                continue
            if like[1] is not None and not (
                smells(model, f"{name} {value}")
                or _signs_in(model, name, value)[0]
                or known_as(model, name, value)
            ):
                alike.add(like)
                continue
        signs, covered = _signs_in(model, name, value)
        found = {s.variable for s in signs}
        for part, one in _parts_of(model, name, value):
            if silent(one):
                continue
            if isinstance(one, str) and (only := DENIED_NUMBER.fullmatch(one.strip().lower())):
                one = float(only[1].replace(",", ".")) if known_as(model, part, 36.6) else one
            if part not in vocabulary and part not in model.variables:
                unknown += 1
                if unknown > NAMES.value:
                    more_than_read = more_than_read or _in_words(part, one)
                    continue
            try:
                near = len(unclear) + len(warnings) < FEW
                more, notes, doubted, left = _constraints_of(model, vocabulary, part, one, near)
                calm = [s for s in more if s.variable in found and s.weights[0]]
                if (part, one) != (name, value):  # another phrase of the same text
                    where = f"facts.{in_part(name)}={in_part(value)}"
                    notes += [f"{s.field} and {where} {DISAGREE} ({s.variable})." for s in calm]
                more = [s for s in more if s not in calm]
                signs = [s for s in signs if not any(_graver(m, s) for m in more)]
                more = [s for s in more if not any(_graver(m, s) for m in signs)]
                unsure += [n for n in doubted if n not in found]
                unclear += left
                info = model.variables.get(part)
                whole = info is not None and one in info.states
                if half_read(part, one) and not covered and not whole:
                    calm = [s for s in more if not any(s.weights[1:])]
                    unread += [s.variable for s in calm]
                    unclear.append(_in_words(part, one))
                    more = [s for s in more if s not in calm]
            except LumbayesError as error:
                where = f"facts.{in_part(part)}={in_part(one)}"
                notes, more = [f"{where}: not understood, so not used ({error})"], []
                if not covered and not says_all_is_well(model, part, one):
                    unclear.append(_in_words(part, one))
                    fact = known_as(model, part, True)
                    unread += _variables_of(*fact) if fact else []
                    unread += left_open(model.folder, _in_words(part, one)[:LONGEST_TOLD])
            said += more
            warnings += notes
        said += signs
    if unknown > NAMES.value:
        warnings.append(NAMES.excess())
        unclear.append(more_than_read)
    return FactsRead(
        tuple(said),
        tuple(warnings),
        tuple(dict.fromkeys(unclear)),
        tuple(dict.fromkeys(unsure)),
        tuple(dict.fromkeys(unread)),
    )


def _signs_in(model: Model, name: str, value: object) -> tuple[list[Constraint], bool]:
    """Return the signs that the name and the words of a fact tell together; whether they are all.

    A name of the vocabulary with a plain yes, no or number means what the vocabulary says.
    """
    if isinstance(value, Mapping | list | tuple | Several):
        more = value.values if isinstance(value, Several) else value
        inside = more.items() if isinstance(more, Mapping) else ((name, one) for one in more)
        pairs = [_signs_in(model, f"{name} {n}" if n != name else name, v) for n, v in inside]
        each = {(s.variable, s.strength, s.weights): s for signs, _ in pairs for s in signs}
        return list(each.values()), False  # what many values say alike counts once
    if value is False or silent(value) or len(name) > LONGEST:
        return [], False
    text = "" if value is True else str(value)
    whose = "" if plain(name) in SENTENCES | {SENTENCE} else name
    suspicions = _suspicions(model)
    told = told_in(model.folder, whose, text[:LONGEST_TOLD], suspicions)
    if not told:
        return [], False
    plainly = (
        not text or plain(text) in YES or (plain(text) in NO and not named_after_function(name))
    )
    known = known_as(model, name, value) if plainly else None
    where = f"facts.{in_part(name)}={in_part(value)}"
    signs = []
    for variable, state, _ in told:
        info = model.variables.get(variable)
        if known and variable not in suspicions:
            continue  # the vocabulary says what it means
        if info and (info.group in TOLD_GROUPS or "told_in_facts" in info.roles):
            weights = tuple(float(s == state) for s in info.states)
            strength = "default" if info.group in TOLD_GROUPS else "hard"
            signs.append(Constraint(where, variable, strength, weights, told=strength != "hard"))
    signs = [s for s in signs if not any(_graver(m, s) for m in signs)]
    heard = {clause for _, _, clause in told}
    of = known_as(model, name, True)
    grave = [s for s in signs if model.variables[s.variable].group != "general"]
    about = {s.variable for s in signs} & {m.variable for m in of[0].meanings} if of else grave
    return signs, bool(about) and len(heard) >= len([c for c in CLAUSE.split(text) if c.strip()])


@lru_cache(maxsize=4)
def _suspicions(model: Model) -> tuple[str, ...]:
    """Return the variables that are conditions somebody names."""
    return model.with_role("suspicion")


def _graver(one: Constraint, other: Constraint) -> bool:
    """Return whether one reading of a variable says graver states than another, and none of its."""
    if one.variable != other.variable or one.strength == "soft" or one.unless:
        return False
    first, second = ([i for i, w in enumerate(s.weights) if w] for s in (one, other))
    return not set(first) & set(second) and min(first) > max(second)


def _variables_of(fact: Fact, read: object) -> list[str]:
    """Return the variables that a fact says for certain, if it is one that holds or not."""
    if fact.kind not in ("bool", "state"):
        return []
    return [m.variable for m in meanings_of(fact, read) if m.strength in ("hard", "default")]


def _in_words(name: str, value: object) -> str:
    """Return a fact that was not understood as it is named back."""
    words = in_part(name).replace("_", " ")
    return words if value is True else f"{words}: {in_part(value)}"


def _parts_of(model: Model, name: str, value: object) -> Iterator[tuple[str, object]]:
    """Yield the facts in a value: each of several, of a list or object, and of a sentence."""
    if isinstance(value, Several):
        for one in value.values:
            yield from _parts_of(model, name, one)
    elif (
        not isinstance(value, Mapping | list | tuple)
        and name not in model.variables
        and read_bool(value) is True
        and (told := list(parts_of_name(model, name, value)))
        and not _read_at_once(model, name, value, len(told))
    ):
        yield from told
    elif isinstance(value, Mapping) and known_as(model, name, True) is None:
        for part, one in value.items():
            yield from _parts_of(model, str(part), one)
    elif isinstance(value, list | tuple):
        for one in value:
            # Of a known fact it is one more value, of any other name one more fact.
            if isinstance(one, str) and known_as(model, name, one) is None:
                yield from _parts_of(model, SENTENCE, one)
            else:
                yield from _parts_of(model, name, one)
    elif isinstance(value, str) and (
        name == SENTENCE or (plain(name) in SENTENCES and known_as(model, name, value) is None)
    ):
        yield from phrases(model, value)
    elif isinstance(value, str) and len(value) < 300 and known_as(model, name, True) is None:
        yield from described(model, name, value)
    else:
        yield name, value


def _read_at_once(model: Model, name: str, value: object, facts: int) -> bool:
    """Return whether a name is one fact as it stands, with words that qualify it at most."""
    if facts > 1 and len(facts_together(model, plain(name))) > 1:
        return False
    if known_as(model, name, value) is not None:
        return True
    shorter, further = split_name(name, model.folder)
    return bool(further) and known_as(model, shorter, value) is not None


def _constraints_of(
    model: Model, vocabulary: Mapping[str, Fact], name: str, value: object, near: bool
) -> tuple[list[Constraint], list[str], list[str], list[str]]:
    """Return what a fact says, what to warn of, the variables it is unsure of, what is unread."""
    known = _as_it_stands(vocabulary, name, value) or known_as(model, name, value)
    where = f"facts.{in_part(name)}={in_part(value)}"
    further: dict[str, object] = {}
    if known is None:
        shorter, further = split_name(name, model.folder)
        known = known_as(model, shorter, value) if further else None
    if known is None and isinstance(value, str) and says_recent(value):
        # "surgery: last week" is a recent one; of any other name the time says nothing
        fresh = None if known_as(model, name, True) else known_as(model, f"recent_{name}", True)
        known = None if half_read(name, value) else fresh
    if known is None and name not in vocabulary:
        raise unknown_name("fact", name, vocabulary, near=near)
    fact, read = known or (vocabulary[name], value)
    if read == UNSURE and fact.kind in ("bool", "state"):
        return [], [], _variables_of(fact, True if fact.kind == "bool" else "true"), []
    meanings = meanings_of(fact, read)
    warnings = []
    unread: list[str] = []
    if not meanings:
        warnings.append(
            f"{where} cannot be read as an age, so the age stays unknown."
            " Write about 40, 30 to 39, forties or over 60."
        )
    warnings += [f"{where} is not used: {m.note}." for m in meanings if m.strength == "ignored"]
    said = _said(where, [m for m in meanings if m.strength != "ignored"])
    if isinstance(value, str) and re.search(r"\b(both|bilateral)", value.lower()):
        both = known_as(model, f"bilateral {fact.name}", True)
        said += _said(where, meanings_of(*both)) if both else []
    named: dict[str, object] = {}
    described = isinstance(value, str) and plain(value) not in (*YES, plain(str(read)))
    if described and (read in (True, "true") or fact.kind == "category"):
        more, rest = qualified(str(value), model.folder)
        named, unread = beside(model, name, rest)
        further = further | more
    for one, told in named.items():
        said += [s for s in _further(model, where, fact, one, told, own=True)]
    if read in (True, "true") or fact.kind not in ("bool", "state"):
        said += [s for n, one in further.items() for s in _further(model, where, fact, n, one)]
    if fact.kind == "number" and any(s.variable in model.with_role("unchanged") for s in said):
        sign = known_as(model, name, True)  # how long it has been there says that it is there
        said += _said(where, meanings_of(*sign)) if sign and sign[0] is not fact else []
    said = [replace(s, own=s.variable == fact.name) for s in said]
    if isinstance(value, str) and (read in (True, "true") or fact.kind == "number"):
        said += _by_time(model, where, name, value, fact, {s.variable for s in said})
    return said, warnings, [], [_in_words(name, text) for text in unread]


def _as_it_stands(
    vocabulary: Mapping[str, Fact], name: str, value: object
) -> tuple[Fact, object] | None:
    """Return a number under its own name, which needs no reading; None for anything else."""
    fact = vocabulary.get(name)
    if fact is None or fact.kind != "number" or fact.unit == "degrees Celsius":
        return None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return (fact, value) if number else None


def _by_time(
    model: Model, where: str, name: str, value: str, fact: Fact, about: set[str]
) -> Iterator[Constraint]:
    """Yield what the time of a fact says: new trouble is not old, an operation last week recent."""
    old = says_old(value)
    if about & set(model.with_role("new_only")) and (old or says_new(value)):
        for other in model.with_role("unchanged"):
            states, said = model.variables[other].states, "yes" if old else "no"
            strength = "default" if old else "hard"
            yield Constraint(where, other, strength, tuple(float(s == said) for s in states))
    number = fact.kind == "number"
    recent = known_as(model, f"recent_{name}", True) if says_recent(value) and not number else None
    if recent is not None and recent[0] is not fact:
        yield from _said(where, [m for m in meanings_of(*recent) if m.strength != "ignored"])


def _further(
    model: Model, where: str, fact: Fact, name: str, value: object, own: bool = False
) -> Iterator[Constraint]:
    """Yield what a word around a fact says, as a default, or at its ``own`` strength if a fact."""
    told = [model.variables[m.variable] for m in fact.meanings if m.variable in model.variables]
    about = {"*", *(v.name for v in told), *(f"group:{v.group}" for v in told)}
    rows = read_qualified(model.folder).get(name, (("*", name),))
    means = next((means for of, means in rows if of in about), None)
    if means is None:
        return  # how long a tablet was taken is not how long the pain lasts
    known = known_as(model, means, value)
    meanings = meanings_of(*known) if known and known[1] != UNSURE else []
    for s in _said(where, [m for m in meanings if m.strength in ("hard", "default")]):
        strength = s.strength if own else "default"
        yield Constraint(
            where, s.variable, strength, s.weights, s.unless, told=strength == "default"
        )


@lru_cache(maxsize=4)
def _harmless_names(folder: Path | None) -> Mapping[str, str]:
    return {
        plain(row.text("name")): row.choice("value", ("short", "plain"))
        for row in read_table("harmless_facts.csv", HARMLESS, folder)
    }


def says_all_is_well(model: Model, name: str, value: object) -> bool:
    """Return whether a fact that was not understood plainly says nothing is wrong.

    That is a denial of a complaint, a word such as normal, or something that is no complaint at
    all (``harmless_facts.csv``). Anything else may be a warning sign.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> says_all_is_well(model, "occupation", "nurse"), says_all_is_well(model, "bladder", "normal")
    (True, True)
    >>> says_all_is_well(model, "no_bladder_control", True)
    False
    """
    words, told = plain(name), plain(value).split("_") if isinstance(value, str) else []
    if value is not True and OTHERS.search(
        words.replace("_", " ")
    ):  # what runs in the family is asked for by name
        return not HEREDITARY.search(f"{words} {value}".lower())
    if told and all(_denies(model, clause) for clause in CLAUSE.split(str(value))):
        return True
    names = _harmless_names(model.folder)
    values = {names[text] for text, said in readings(name) if not said and text in names}
    if "short" in values or (values and isinstance(value, bool)):
        harm = set(told) & (COMPLAINTS | UNABLE) or smells(model, str(value))
        if len(told) <= FEW_WORDS and not harm:
            return True
    if (
        values
        and YEAR.search(str(value))
        and len(told) <= FEW_WORDS
        and not smells(model, str(value))
    ):
        return True  # an operation of long ago
    if values:
        return bool(told) and all(word in PLAIN or word in names or word.isdigit() for word in told)
    if value is True and ENDS_WELL.search(words) and not NEVER_WELL.search(words):
        return True
    if words in SENTENCES | {SENTENCE} or (value is True and "_" in words):
        among = set(told or words.split("_"))
        if bool(among & (KEPT | GOOD_NEWS)) and among <= PLAIN | set(names):
            return True
    denies = words.startswith(DENIALS) and bool(set(words.split("_")) & COMPLAINTS)
    if isinstance(value, str):
        fine = plain(value) in YES_OR_NO - YES or re.fullmatch(r"\s*5\s*/\s*5\s*", value)
        among = set(told)
        calm = among & KEPT or among & CALM - {"i", "feel", "as", "no", "before"}
        intact = calm and among <= KEPT | CALM | FUNCTIONS | ADDS_NOTHING | {"gait"}
        intact = intact and not ("no" in among and not among & {"change", "changes", "concerns"})
        lost = named_after_function(name) and read_function(value) is not False and not intact
        return bool((fine or intact) and not lost) or (denies and plain(value) in YES)
    return (value is False or (value == 0 and value is not False)) or (denies and value is True)


def _denies(model: Model, clause: str) -> bool:
    """Return whether a clause denies a complaint or a condition: "no cord compression", "excluded".

    A function that is denied ("no control") is a complaint itself.
    """
    words = plain(clause)
    among = set(words.split("_"))
    if re.fullmatch(
        r"(?:(?:excluded|ruled_out)(?:_(?:on|by|in|with|x_?ray|mri|ct|scan|imaging))*)?", words
    ):
        return True
    if among <= CALM and "change" in words:
        return True
    rest = re.sub(
        r"^(?:there_(?:is|was)_)?(?:no|without|denies|negative_for)(?:_evidence_of)?_", "", words
    )
    if rest == words or among & (FUNCTIONS | UNABLE | LOST_FUNCTIONS) or NO_DENIAL.search(clause):
        return False
    named = set(rest.split("_")) & COMPLAINTS
    return bool(named) or any(
        s.variable in _suspicions(model) and in_clause(s, rest.replace("_", " "))
        for s in read_sayings(model.folder)
    )


def _said(where: str, meanings: list[Meaning]) -> list[Constraint]:
    """Return the constraints of one value; rows alike but for their states are alternatives."""
    merged: dict[tuple[str, str], Constraint] = {}
    for m in meanings:
        key = (m.variable, m.strength)
        before = merged[key].weights if key in merged else m.weights
        weights = tuple(max(a, b) for a, b in zip(before, m.weights, strict=True))
        merged[key] = Constraint(where, m.variable, m.strength, weights, m.unless)
    said = list(merged.values())
    if any(s.strength == "hard" and s.weights[0] == 0 for s in said):
        return said  # what it reports stands; the defaults beside it are inferred
    return [replace(s, told=s.strength == "default") for s in said]
