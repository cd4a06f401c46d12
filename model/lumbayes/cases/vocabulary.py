"""What a case report says, in the words of the network: facts become statements about variables."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

from lumbayes.cases.constraints import MINOR, Several, Statement, in_part, shown
from lumbayes.cases.words import (
    YES_OR_NO,
    plain,
    read_bool,
    read_number,
    read_synonyms,
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
DANGER = ("word",)
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
    for text, denied in readings(name):
        if text in facts:
            read = _read(facts[text], value, denied)
            if read is not None:
                return facts[text], read
        for synonym in read_synonyms(model.folder).get(text, ()):
            fact = facts[plain(synonym.fact)]
            given = value
            if synonym.value:
                if denied or not read_bool(value):
                    continue
                given = synonym.value
            read = _read(fact, given, denied, synonym.factor)
            if read is not None:
                return fact, read
    return None


def _read(fact: Fact, value: object, denied: bool, factor: float = 1.0) -> object:
    """Return a value as the fact takes it, or None if it cannot mean one."""
    words = plain(value) if isinstance(value, str) else ""
    if fact.kind in ("state", "category"):
        choices = {plain(m.when): m.when for m in fact.meanings}
        if words in choices and not denied:
            return choices[words]
        if fact.kind == "category":
            return None
        if len(fact.meanings) > 4 and not (isinstance(value, bool) or words in YES_OR_NO):
            return None  # of three states and more, only a plain yes or no says something
    if fact.kind in ("bool", "state"):
        said = read_bool(value)
        answer = None if said is None else said != denied
        return answer if fact.kind == "bool" or answer is None else str(answer).lower()
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
    """What facts say: statements about variables, warnings, and what may be a warning sign.

    ``unclear`` holds, in words, each fact that was not understood and smells of danger.
    """

    statements: tuple[Statement, ...]
    warnings: tuple[str, ...]
    unclear: tuple[str, ...]


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
    for name, value in facts.items():
        for one in value.values if isinstance(value, Several) else (value,):
            if silent(one):
                continue
            try:
                more, notes = _statements_of(model, vocabulary, name, one)
            except LumbayesError as error:
                where = f"facts.{in_part(name)}={in_part(one)}"
                notes, more = [f"{where}: not understood, so not used ({error})"], []
                if smells_of_danger(model, name, one):
                    words = in_part(name).replace("_", " ")
                    unclear.append(f"{words}: {one[:60]}" if isinstance(one, str) else words)
            said += more
            warnings += notes
    return Told(tuple(said), tuple(warnings), tuple(dict.fromkeys(unclear)))


def _statements_of(
    model: Model, vocabulary: Mapping[str, Fact], name: str, value: object
) -> tuple[list[Statement], list[str]]:
    known = known_as(model, name, value)
    if known is None and name not in vocabulary:
        raise unknown_name("fact", name, vocabulary)
    where = f"facts.{in_part(name)}={in_part(value)}"
    fact, read = known or (vocabulary[name], value)
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
    return said, warnings


@lru_cache(maxsize=4)
def _danger_words(folder: Path | None) -> tuple[str, ...]:
    return tuple(row.text("word").lower() for row in read_table("danger_words.csv", DANGER, folder))


def smells_of_danger(model: Model, name: str, value: object) -> bool:
    """Return whether a fact that was not understood may be a warning sign that is present.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> smells_of_danger(model, "bladder_paralysis", True)
    True
    >>> smells_of_danger(model, "bladder_paralysis", "no"), smells_of_danger(model, "golfer", True)
    (False, False)
    """
    denied = read_bool(value) is False or value == 0
    if denied or any(negative for _, negative in readings(name)):
        return False
    text = f"{name} {value if isinstance(value, str) else ''}".lower().replace("_", " ")
    return any(word in text for word in _danger_words(model.folder))


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
