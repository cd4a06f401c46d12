"""What a case report says, in the words of the network: facts become statements about variables."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

from lumbayes.cases.constraints import MINOR, Several, Statement, in_part, shown
from lumbayes.cases.qualifiers import HOURS, NOT, bag, qualified, read_endings, split_name
from lumbayes.cases.words import (
    DENIALS,
    KEPT,
    NO,
    UNABLE,
    UNSURE,
    YES,
    YES_OR_NO,
    half_read,
    named_after_function,
    plain,
    read_bool,
    read_function,
    read_number,
    read_synonyms,
    read_trouble,
    readings,
    silent,
)
from lumbayes.errors import CaseError, LumbayesError, unknown_name
from lumbayes.knowledge.model import Model, VariableInfo
from lumbayes.knowledge.tables import Row, read_table

COLUMNS = (
    *("fact", "kind", "unit", "when", "strength"),
    *("variable", "states", "unless", "source", "note"),
)
KINDS = ("bool", "number", "category", "text", "age")
HARMLESS = ("name",)
# Names under which somebody tells in whole phrases; what a phrase says is read as a fact.
SENTENCE = "told"
SENTENCES = frozenset(
    (
        "symptoms symptom signs findings red_flags complaint complaints chief_complaint problem"
        " presenting_complaint reason_for_visit history problems told story"
        " medication medications medicines drugs takes taking tablets"
    ).split()
)
DOSE = re.compile(
    r"\b\d+(?:\.\d+)?\s*(?:mg|g|mcg|µg|iu|units?)\b(?:\s*(?:once|twice|daily|a day))*"
)
# What a name denies in "no_red_flags"; of a function ("no_control") the same form is a complaint.
COMPLAINTS = frozenset(
    (
        "pain pains symptom symptoms problem problems issue issues trouble complaint complaints"
        " difficulty fever weakness numbness loss incontinence retention history flag flags sign"
        " signs trauma injury tenderness deficit deficits swelling disease illness infection"
        " concern concerns abnormality allergies allergy medication medications surgery comorbidity"
        " comorbidities radiation bleeding vomiting cancer stiffness limp change changes"
        " paralysis tingling seizure syncope rash cough"
    ).split()
)
STRENGTHS = ("certain", "yielding", "soft", "ignored")
SOURCE_COLUMNS = ("key", "citation", "year", "identifier", "url", "read")
Span = tuple[float, float, bool, bool]  # low, high, low belongs to it, high belongs to it


@dataclass(frozen=True)
class Meaning:
    """One row of ``data/vocabulary.csv``: what a fact means when it has a value."""

    when: str
    span: Span | None
    strength: str
    variable: str
    weights: tuple[float, ...]
    unless: tuple[str, tuple[str, ...]] | None
    note: str


@dataclass(frozen=True)
class Fact:
    """A name that case reports use, the kind and unit of its value, and what its values mean."""

    name: str
    kind: str
    unit: str
    meanings: tuple[Meaning, ...]


def read_vocabulary(model: Model, folder: Path | None = None) -> Mapping[str, Fact]:
    """Read ``vocabulary.csv`` and check it against the variables of the model.

    Parameters
    ----------
    model : Model
        Supplies the variables and their states.
    folder : Path, optional
        Where the table lies; the shipped ``data/`` if left out.

    Returns
    -------
    mapping of fact name to Fact
        In the order of the table.

    Raises
    ------
    TableError
        If a row names what does not exist, or the values of a fact leave a gap or overlap.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> facts = read_vocabulary(load_model())
    >>> [(m.when, m.variable) for m in facts["leg_pain_below_knee"].meanings]
    [('true', 'leg_pain'), ('false', 'leg_pain')]
    """
    rows: dict[str, list[Row]] = {}
    for row in read_table("vocabulary.csv", COLUMNS, folder):
        rows.setdefault(row.text("fact"), []).append(row)
    sources = {row["key"] for row in read_table("sources.csv", SOURCE_COLUMNS, folder)}
    return MappingProxyType({n: _fact(model.variables, sources, rs) for n, rs in rows.items()})


@lru_cache(maxsize=4)
def load_vocabulary(model: Model) -> Mapping[str, Fact]:
    """Return the vocabulary that lies beside the tables of a model, read once.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> load_vocabulary(load_model())["age_years"].kind
    'number'
    """
    return read_vocabulary(model, model.folder)


@lru_cache(maxsize=4)
def _names(model: Model) -> Mapping[str, Fact]:
    """Every fact by its name in one spelling: those of the table, and each variable as a fact."""
    facts = {plain(n): _fact_of(v) for n, v in model.variables.items()}
    return facts | {plain(n): fact for n, fact in load_vocabulary(model).items()}


def _fact_of(info: VariableInfo) -> Fact:
    """Return a variable as a fact: true or false where it has two states, else a category."""

    def meaning(when: str, states: tuple[str, ...]) -> Meaning:
        weights = tuple(float(s in states) for s in info.states)
        return Meaning(when, None, "certain", info.name, weights, None, "")

    named = tuple(meaning(state, (state,)) for state in info.states)
    both = (meaning("true", info.states[1:]), meaning("false", info.states[:1]))
    if info.states == ("yes", "no"):
        both = (meaning("true", ("yes",)), meaning("false", ("no",)))
    return Fact(info.name, "state", "", (*named, *both))


def known_as(model: Model, name: str, value: object) -> tuple[Fact, object] | None:
    """Return the fact that a name means, and the value as the fact takes it; None if unknown.

    Parameters
    ----------
    model : Model
        Its folder holds ``vocabulary.csv`` and ``synonyms.csv``.
    name : str
        A fact, another name of one, or a variable, in any spelling; ``no_`` before it denies.
    value : object
        As a person writes it: true, "yes", "118 bpm", "2 months", or a state of the variable.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> fact, value = known_as(model, "Pulse rate", "118 bpm")
    >>> fact.name, value
    ('heart_rate_bpm', 118.0)
    >>> fact, value = known_as(model, "no saddle anaesthesia", True)
    >>> fact.name, value
    ('saddle_numbness', False)
    """
    facts = _names(model)
    for text, told in readings(name):
        if text in facts:
            read = _read(facts[text], value, told, text)
            if read is not None:
                return facts[text], read
        for synonym in read_synonyms(model.folder).get(text, ()):
            fact = facts[plain(synonym.fact)]
            given = value
            if synonym.value:
                if told or read_bool(value) is not True:
                    continue
                given = synonym.value
            read = _read(fact, given, told, text, synonym.factor)
            if read is not None:
                return fact, read
    return _known_by_words(model, name, value)


def _known_by_words(model: Model, name: str, value: object) -> tuple[Fact, object] | None:
    """Return the fact of a name whose words stand in another order, or that ends like one."""
    facts, words = _names(model), bag(name)
    other = _bags(model).get(words)
    if other is not None and other != plain(name):
        return known_as(model, other, value)
    for ending, fact, unless in read_endings(model.folder):
        if plain(name).endswith(f"_{ending}") and not words & unless:
            read = _read(facts[plain(fact)], value, "", plain(name))
            return None if read is None else (facts[plain(fact)], read)
    return None


@lru_cache(maxsize=4)
def _bags(model: Model) -> Mapping[frozenset[str], str]:
    """Return the names of two words and more by their words; those that two facts share are out."""
    found: dict[frozenset[str], dict[str, str]] = {}
    synonyms = read_synonyms(model.folder)
    for name in (*_names(model), *synonyms):
        means = synonyms[name][0].fact if name in synonyms else name
        found.setdefault(bag(name), {}).setdefault(means, name)
    return {
        words: next(iter(names.values()))
        for words, names in found.items()
        if len(words) > 1 and len(names) == 1
    }


def _read(fact: Fact, value: object, told: str, text: str, factor: float = 1.0) -> object:
    """Return a value as the fact takes it, or None if it cannot mean one.

    ``told`` is what the name itself says (``readings``), ``text`` the name that was given.
    """
    words = plain(value) if isinstance(value, str) else ""
    denied = told != ""
    if fact.kind in ("state", "category"):
        choices = {plain(m.when): m.when for m in fact.meanings}
        if words in choices and not denied:
            return choices[words]
        if fact.kind == "category":
            if not isinstance(value, str) or fact.name != "onset" or denied:
                return None
            named = [choices[w] for w in words.split("_") if w in choices]
            if "sudden" in named or (not named and HOURS.search(value.lower())):
                return "sudden"
            return named[0] if named else None
        if len(fact.meanings) > 4 and not (
            isinstance(value, bool)
            or words in YES_OR_NO
            or read_bool(value) == UNSURE
            or named_after_function(text)
        ):
            return None  # of three states and more, only a plain yes or no says something
    if fact.kind in ("bool", "state"):
        answer = _answer(fact, value, told, text)
        plainly = fact.kind == "bool" or answer is None or answer == UNSURE
        return answer if plainly else str(answer).lower()
    if denied:
        return None
    if fact.kind == "number":
        number = None if isinstance(value, bool) else read_number(value, fact.unit)
        if number is None:
            return None
        if fact.unit == "degrees Celsius" and number > 60:
            number = (number - 32) / 1.8
        return number * factor
    return str(value) if isinstance(value, str | int | float) else None


def _answer(fact: Fact, value: object, told: str, text: str) -> bool | str | None:
    """Return whether a fact holds, ``"unsure"``, or None where the value says neither."""
    if not named_after_function(text):
        said = read_trouble(text, value)
        return said if said is None or said == UNSURE or not told else not said
    # Of a function, "absent" and "no" are the trouble; the fact may mean the trouble or its want.
    if isinstance(value, str) and not told:
        bad = read_function(value)
        if bad is None and plain(value) in YES:
            bad = named_after_function(fact.name)
    else:
        said = read_bool(value)
        if said is None or said == UNSURE:
            return said
        own = named_after_function(fact.name) and not told  # true is its trouble, as documented
        bad = said if own else said == (told == "denied")
    return bad if bad is None or bad == UNSURE else bad != fact.name.endswith("_normal")


def _fact(variables: Mapping[str, VariableInfo], sources: set[str], rows: list[Row]) -> Fact:
    first = rows[0]
    kind = first.choice("kind", KINDS)
    for row in rows:
        if (row["kind"], row["unit"]) != (first["kind"], first["unit"]):
            raise row.error(f"{row['fact']} has another kind or unit than in line {first.line}.")
    fact = Fact(
        first["fact"],
        kind,
        first["unit"],
        tuple(_meaning(variables, sources, row, kind) for row in rows),
    )
    values = {m.when for m in fact.meanings}
    if kind == "bool" and values != {"true", "false"}:
        raise first.error(f"{fact.name} needs a row for true and one for false.")
    spans = sorted({m.span for m in fact.meanings if m.span})
    for low, high in pairwise(spans):
        if low[1] != high[0] or low[3] == high[2]:
            raise first.error(f"the spans of {fact.name} leave a gap or overlap at {low[1]:g}.")
    return fact


def _meaning(
    variables: Mapping[str, VariableInfo], sources: set[str], row: Row, kind: str
) -> Meaning:
    when = row.text("when")
    span = _span(row) if kind in ("number", "age") else None
    if kind == "bool":
        row.choice("when", ("true", "false"))
    strength = row.choice("strength", STRENGTHS)
    if strength == "ignored":
        return Meaning(when, span, strength, "", (), None, row.text("note"))
    if row["source"] or strength == "soft":
        row.choice("source", sources)
    name = row.choice("variable", [*variables, MINOR])
    weights = (1.0,) if name == MINOR else _weights(row, variables[name], strength)
    unless = None
    if row["unless"]:
        other, _, states = row["unless"].partition("=")
        if other not in variables:
            raise row.error(str(unknown_name("variable", other, variables)))
        unless = (other, tuple(states.split("|")))
        for state in unless[1]:
            if state not in variables[other].states:
                raise row.error(
                    str(unknown_name(f"state of {other}", state, variables[other].states))
                )
    return Meaning(when, span, strength, name, weights, unless, row["note"])


def _weights(row: Row, info: VariableInfo, strength: str) -> tuple[float, ...]:
    given: dict[str, float] = {}
    for part in row.text("states").split("|"):
        state, _, weight = part.partition(":")
        if state not in info.states:
            raise row.error(str(unknown_name(f"state of {info.name}", state, info.states)))
        try:
            given[state] = float(weight) if strength == "soft" else 1.0
        except ValueError:
            raise row.error(f"the weight of {state} is {weight!r}, not a number.") from None
    if strength == "soft" and not (len(given) == len(info.states) and min(given.values()) > 0):
        raise row.error(f"a soft statement gives every state of {info.name} a weight above 0.")
    return tuple(given.get(state, 0.0) for state in info.states)


def _span(row: Row) -> Span:
    match = re.fullmatch(r"(?:>|([\d.]+)(<?)\.\.(<?))([\d.]+)", row["when"])
    if match is None:
        raise row.error(f"when is {row['when']!r}. Write 6..12, 0..<6, 8<..24 or >12.")
    low, after, before, last = match.groups()
    if low is None:
        return float(last), math.inf, False, True
    return float(low), float(last), not after, not before


def _inside(value: float, span: Span) -> bool:
    low, high, with_low, with_high = span
    return (value >= low if with_low else value > low) and (
        value <= high if with_high else value < high
    )


@dataclass(frozen=True)
class Told:
    """What facts say: statements about variables, warnings, and what was not understood.

    ``unclear`` holds, in words, each fact that was not understood and does not plainly say that all
    is well; ``unsure`` the variables of which somebody was not sure, ``unread`` those of which
    something was told that could not be read.
    """

    statements: tuple[Statement, ...]
    warnings: tuple[str, ...]
    unclear: tuple[str, ...]
    unsure: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def statements(model: Model, vocabulary: Mapping[str, Fact], facts: Mapping[str, object]) -> Told:
    """Return what facts say about variables; one that is not understood is a warning, no error.

    Parameters
    ----------
    model : Model
        Supplies the variables, so that a variable given as a fact is recognised.
    vocabulary : mapping of fact name to Fact
        As read by ``read_vocabulary``.
    facts : mapping of fact name to value
        A value of None is a fact not stated; ``Several`` values are all said.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> told = statements(model, read_vocabulary(model), {"bmi": 37, "golf": False})
    >>> [(s.field, s.variable, s.weights) for s in told.statements]
    [('facts.bmi=37', 'body_weight', (0.0, 0.0, 1.0))]
    >>> told.warnings
    ('facts.golf=false is not used: its absence says little about any variable.',)
    """
    said: list[Statement] = []
    warnings: list[str] = []
    unclear: list[str] = []
    unsure: list[str] = []
    unread: list[str] = []
    for name, value in facts.items():
        for part, one in _parts_of(model, name, value):
            if silent(one):
                continue
            try:
                more, notes, doubted = _statements_of(model, vocabulary, part, one)
                unsure += doubted
                if half_read(part, one):
                    calm = [s for s in more if not any(s.weights[1:])]
                    unread += [s.variable for s in calm]
                    unclear.append(_in_words(part, one))
                    more = [s for s in more if s not in calm]
            except LumbayesError as error:
                where = f"facts.{in_part(part)}={in_part(one)}"
                notes, more = [f"{where}: not understood, so not used ({error})"], []
                if not says_all_is_well(model, part, one):
                    unclear.append(_in_words(part, one))
                    fact = known_as(model, part, True)
                    unread += _variables_of(*fact) if fact else []
            said += more
            warnings += notes
    return Told(
        tuple(said),
        tuple(warnings),
        tuple(dict.fromkeys(unclear)),
        tuple(dict.fromkeys(unsure)),
        tuple(dict.fromkeys(unread)),
    )


def _variables_of(fact: Fact, read: object) -> list[str]:
    """Return the variables that a fact says for certain, if it is one that holds or not."""
    if fact.kind not in ("bool", "state"):
        return []
    return [m.variable for m in _meanings(fact, read) if m.strength in ("certain", "yielding")]


def _in_words(name: str, value: object) -> str:
    """Return a fact that was not understood as it is named back."""
    words = in_part(name).replace("_", " ")
    return words if value is True else f"{words}: {in_part(value)}"


def _parts_of(model: Model, name: str, value: object) -> Iterator[tuple[str, object]]:
    """Yield the facts in a value: each of several, of a list or object, and of a sentence."""
    if isinstance(value, Several):
        for one in value.values:
            yield from _parts_of(model, name, one)
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
        for phrase in re.split(r"[,;\n]|\.(?!\d)|\band\b|\bwith\b", DOSE.sub(" ", value)):
            if phrase.strip() and plain(phrase) not in NO:
                yield phrase.strip()[:100], True
    elif isinstance(value, str) and len(value) < 300 and known_as(model, name, value) is None:
        yield from _described(model, name, value)
    else:
        yield name, value


def _described(model: Model, name: str, value: str) -> Iterator[tuple[str, object]]:
    """Yield what is told of a name that is no fact: of the legs "weak" makes weak legs, a fact."""
    told: list[tuple[str, object]] = []
    for phrase in re.split(r"[,;.\n]|\band\b", value):
        words = set(plain(phrase).split("_"))
        known = None if words & NOT else known_as(model, f"{phrase} {name}", True)
        there = known is not None and known[1] in (True, "true") and known[0].name[-7:] != "_normal"
        if phrase.strip():
            told.append((f"{phrase.strip()} {name}", True) if there else (name, phrase.strip()))
    yield from told if any(one is True for _, one in told) else [(name, value)]


def _statements_of(
    model: Model, vocabulary: Mapping[str, Fact], name: str, value: object
) -> tuple[list[Statement], list[str], list[str]]:
    """Return what a fact says, what to warn of, and the variables of which it is unsure."""
    known = known_as(model, name, value)
    where = f"facts.{in_part(name)}={in_part(value)}"
    further: dict[str, object] = {}
    if known is None:
        shorter, further = split_name(name, model.folder)
        known = known_as(model, shorter, value) if further else None
    if known is None and name not in vocabulary:
        raise unknown_name("fact", name, vocabulary)
    fact, read = known or (vocabulary[name], value)
    if read == UNSURE and fact.kind in ("bool", "state"):
        return [], [], _variables_of(fact, True if fact.kind == "bool" else "true")
    meanings = _meanings(fact, read)
    warnings = []
    if not meanings:
        warnings.append(
            f"{where} cannot be read as an age, so the age stays unknown."
            " Write about 40, 30 to 39, forties or over 60."
        )
    warnings += [f"{where} is not used: {m.note}." for m in meanings if m.strength == "ignored"]
    said = _said(where, [m for m in meanings if m.strength != "ignored"])
    if isinstance(value, str) and re.search(r"\b(both|bilateral)", value.lower()):
        both = known_as(model, f"bilateral {fact.name}", True)
        said += _said(where, _meanings(*both)) if both else []
    described = isinstance(value, str) and plain(value) not in (*YES, plain(str(read)))
    if described and (read in (True, "true") or fact.kind == "category"):
        more, rest = qualified(str(value), model.folder)
        further |= more
        for phrase in rest:
            if known_as(model, phrase, True) is not None:
                further.setdefault(phrase, True)
    if read in (True, "true") or fact.kind not in ("bool", "state"):
        said += [s for n, one in further.items() for s in _further(model, where, fact, n, one)]
    return said, warnings, []


def _further(model: Model, where: str, fact: Fact, name: str, value: object) -> Iterator[Statement]:
    """Yield what a word around a fact says; it gives way to what is told of it elsewhere."""
    about = {m.variable for m in fact.meanings}
    if name == "progressive" and "leg_weakness" in about:
        name = "weakness_progressive"
    if name == "began_within_two_days" and about & {"cold_leg", "leg_newly_cold"}:
        name = "leg_newly_cold"
    pain = {v for v in about & set(model.variables) if model.variables[v].group[:4] == "pain"}
    if name in ("duration_weeks", "began_within_two_days") and not pain:
        return  # how long a tablet was taken is not how long the pain lasts
    known = known_as(model, name, value)
    meanings = _meanings(*known) if known and known[1] != UNSURE else []
    for s in _said(where, [m for m in meanings if m.strength in ("certain", "yielding")]):
        yield Statement(where, s.variable, "yielding", s.weights, s.unless)


@lru_cache(maxsize=4)
def _harmless_names(folder: Path | None) -> frozenset[str]:
    return frozenset(
        plain(row.text("name")) for row in read_table("harmless_facts.csv", HARMLESS, folder)
    )


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
    words = plain(name)
    if {text for text, told in readings(name) if not told} & _harmless_names(model.folder):
        told = set(plain(value).split("_")) if isinstance(value, str) else set()
        return not told & (COMPLAINTS | UNABLE)
    denies = words.startswith(DENIALS) and bool(set(words.split("_")) & COMPLAINTS)
    if isinstance(value, str):
        fine = plain(value) in YES_OR_NO - YES or re.fullmatch(r"\s*5\s*/\s*5\s*", value)
        intact = set(plain(value).split("_")) <= KEPT | {"and", "both", "sides", "equal"}
        lost = named_after_function(name) and read_function(value) is not False
        return bool((fine or intact) and not lost) or (denies and plain(value) in YES)
    return (value is False or (value == 0 and value is not False)) or (denies and value is True)


def _said(where: str, meanings: list[Meaning]) -> list[Statement]:
    """Return the statements of one value; rows alike but for their states are alternatives."""
    merged: dict[tuple[str, str], Statement] = {}
    for m in meanings:
        key = (m.variable, m.strength)
        before = merged[key].weights if key in merged else m.weights
        weights = tuple(max(a, b) for a, b in zip(before, m.weights, strict=True))
        merged[key] = Statement(where, m.variable, m.strength, weights, m.unless)
    return list(merged.values())


def _meanings(fact: Fact, value: object) -> list[Meaning]:
    where = f"facts.{fact.name}"
    unit = f" ({fact.unit})" if fact.unit else ""
    if fact.kind == "bool":
        if not isinstance(value, bool):
            raise CaseError(
                f"{where} must be true or false, got {shown(value)}."
                " Leave it out if it is not known."
            )
        return [m for m in fact.meanings if m.when == str(value).lower()]
    if fact.kind == "number":
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise CaseError(f"{where} must be a number{unit}, got {shown(value)}.")
        found = [m for m in fact.meanings if m.span and _inside(value, m.span)]
        if not found:
            spans = [m.span for m in fact.meanings if m.span]
            low, high = min(s[0] for s in spans), max(s[1] for s in spans)
            limits = f"{low:g} or more" if math.isinf(high) else f"{low:g} to {high:g}"
            raise CaseError(f"{where} must be {limits}{unit}, got {shown(value)}.")
        return found
    if not isinstance(value, str):
        raise CaseError(f"{where} must be text in quotes, got {shown(value)}.")
    if fact.kind in ("category", "state"):
        choices = list(dict.fromkeys(m.when for m in fact.meanings))
        if value not in choices:
            raise unknown_name(f"value of {where}", value, choices)
        return [m for m in fact.meanings if m.when == value]
    if fact.kind == "text":
        return list(fact.meanings)
    ages = age_span(value)
    if ages is None:
        return []
    return [m for m in fact.meanings if m.span and _overlap(ages, m.span)]


def _overlap(ages: tuple[float, float], span: Span) -> bool:
    low, high, with_low, with_high = span
    return (ages[1] >= low if with_low else ages[1] > low) and (
        ages[0] <= high if with_high else ages[0] < high
    )


DECADES = {
    word: 10.0 * (i + 1)
    for i, word in enumerate(
        "teens twenties thirties forties fifties sixties seventies eighties nineties".split()
    )
}
AGE_WORDS = (
    (r"teenage|adolescent", (13, 19)),
    (r"child|boy\b|girl\b|infant", (0, 17)),
    (r"elderly|old age|older", (65, 120)),
    (r"middle[- ]aged?", (45, 64)),
    (r"young", (18, 35)),
)


def age_span(text: str) -> tuple[float, float] | None:
    """Return the lowest and highest age that a phrase means, or None if it names no age.

    Examples
    --------
    >>> age_span("about 40"), age_span("in her late fifties"), age_span("over 60")
    ((40.0, 40.0), (57.0, 59.0), (60.0, 120.0))
    >>> age_span("adult") is None
    True
    """
    words = text.lower().strip()
    if match := re.search(r"(\d+)\s*(?:-|–|_|to|and)\s*(\d+)", words):
        low, high = sorted(map(float, match.groups()))
        return low, high
    numbers = re.findall(r"\d+(?:\.\d+)?", words)
    decade = next((d for w, d in DECADES.items() if w in words), None)
    if match := re.search(r"\b(\d0)\s*['’]?s\b", words):
        decade = float(match[1])
    if decade is not None:
        part = next((p for p in ("early", "mid", "late") if p in words), "")
        first, last = {"early": (0, 3), "mid": (4, 6), "late": (7, 9)}.get(part, (0, 9))
        return decade + first, decade + last
    if len(numbers) == 1:
        age = float(numbers[0])
        if re.search(r"over|above|older|more|least|plus|\+|>|≥", words):
            return age, 120.0
        if re.search(r"under|below|younger|less|most|<|≤", words):
            return (18.0 if age > 18 else 0.0), age - 1
        return age, age
    return next(
        ((float(low), float(high)) for w, (low, high) in AGE_WORDS if re.search(w, words)), None
    )
