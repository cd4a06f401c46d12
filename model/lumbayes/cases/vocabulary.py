"""The words of case reports and what they mean: ``data/vocabulary.csv``, read and checked."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

from lumbayes.cases.constraints import MINOR
from lumbayes.cases.json_values import shown
from lumbayes.errors import CaseError, unknown_name
from lumbayes.knowledge.definition import SOURCE_COLUMNS
from lumbayes.knowledge.model import Model, VariableInfo
from lumbayes.knowledge.tables import Row, read_table

COLUMNS = (
    *("fact", "kind", "unit", "when", "strength"),
    *("variable", "states", "unless", "source", "note"),
)
KINDS = ("bool", "number", "category", "text", "age")
STRENGTHS = ("hard", "default", "soft", "ignored")
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
Span = tuple[float, float, bool, bool]  # low, high, low belongs to it, high belongs to it


def within(value: float, span: Span) -> bool:
    """Return whether a number lies in a span, whose ends may belong to it or not.

    Examples
    --------
    >>> within(6, (0, 6, True, False)), within(6, (6, 12, True, True))
    (False, True)
    """
    low, high, with_low, with_high = span
    return (value >= low if with_low else value > low) and (
        value <= high if with_high else value < high
    )


@dataclass(frozen=True)
class Meaning:
    """One row of ``data/vocabulary.csv``: what a fact means when it has a value."""

    when: str
    span: Span | None
    strength: str
    variable: str
    weights: tuple[float, ...]
    unless: tuple[tuple[str, tuple[str, ...]], ...]  # any of these undoes it
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


def meanings_of(fact: Fact, value: object) -> list[Meaning]:
    """Return what a fact means when it has a value; nothing if an age cannot be read."""
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
        found = [m for m in fact.meanings if m.span and within(value, m.span)]
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
    if match := re.search(r"(?<!\d)(\d+)\s*(?:-|–|_|to|and)\s*(\d+)", words):
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
        return Meaning(when, span, strength, "", (), (), row.text("note"))
    if row["source"] or strength == "soft":
        row.choice("source", sources)
    name = row.choice("variable", [*variables, MINOR])
    weights = (1.0,) if name == MINOR else _weights(row, variables[name], strength)
    unless = []
    for event in filter(None, row["unless"].split(";")):
        other, _, states = event.partition("=")
        if other not in variables:
            raise row.error(str(unknown_name("variable", other, variables)))
        unless.append((other, tuple(states.split("|"))))
        for state in unless[-1][1]:
            if state not in variables[other].states:
                raise row.error(
                    str(unknown_name(f"state of {other}", state, variables[other].states))
                )
    return Meaning(when, span, strength, name, weights, tuple(unless), row["note"])


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
        raise row.error(f"a soft constraint gives every state of {info.name} a weight above 0.")
    return tuple(given.get(state, 0.0) for state in info.states)


def _span(row: Row) -> Span:
    match = re.fullmatch(r"(?:>|([\d.]+)(<?)\.\.(<?))([\d.]+)", row["when"])
    if match is None:
        raise row.error(f"when is {row['when']!r}. Write 6..12, 0..<6, 8<..24 or >12.")
    low, after, before, last = match.groups()
    if low is None:
        return float(last), math.inf, False, True
    return float(low), float(last), not after, not before
