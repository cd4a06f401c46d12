"""Read the tables of numbers, ``probabilities.csv`` and ``links.csv``, line by line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lumbayes.errors import TableError, unknown_name
from lumbayes.knowledge.definition import (
    GRADES,
    LEAK,
    LINK_COLUMNS,
    PROBABILITY_COLUMNS,
    QUANTITIES,
    Link,
    Number,
    Recipe,
    VariableInfo,
)
from lumbayes.knowledge.tables import Row, read_table
from lumbayes.network.variables import ROW_SUM

WRITTEN = 1e-6
"""How far from 1 a fully written row may sum: people write six digits."""


@dataclass(frozen=True, eq=False)
class TablesRead:
    """What lines are checked against, and what has been read so far."""

    folder: Path | None
    variables: dict[str, VariableInfo]
    sources: tuple[str, ...]
    numbers: list[Number] = field(default_factory=list)
    recipes: dict[str, Recipe] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)


def read_probabilities(reading: TablesRead) -> None:
    """Read the full tables into ``reading``: every state, for every combination of the parents."""
    tables: dict[str, dict[tuple[int, ...], list[Row]]] = {}
    parents: dict[str, tuple[str, ...]] = {}
    for row in read_table("probabilities.csv", PROBABILITY_COLUMNS, reading.folder):
        name = row.text("variable")
        _state(reading, row, name, row.text("state"))
        given = _parse_given(row)
        own = parents.setdefault(name, tuple(given))
        if set(own) != set(given):
            raise row.error(
                f"{name} is given {', '.join(given) or 'nothing'}, elsewhere "
                f"{', '.join(own) or 'nothing'}. Name the same parents in all its rows."
            )
        column = tuple(_state(reading, row, p, given[p]) for p in own)
        tables.setdefault(name, {}).setdefault(column, []).append(row)
    for name, columns in tables.items():
        known = [reading.variables[p].states for p in parents[name]]
        states = reading.variables[name].states
        shape = tuple(len(s) for s in known)
        index = np.full((*shape, len(states)), -1, dtype=np.int64)
        for column in np.ndindex(*shape):
            given_text = "; ".join(
                f"{p}={s[c]}" for p, s, c in zip(parents[name], known, column, strict=True)
            )
            if column not in columns:
                raise next(iter(columns.values()))[0].error(
                    f"{name} has no row for {given_text}. "
                    "Add one for every combination of its parents."
                )
            _fill_row(reading, columns[column], given_text, index[column])
        reading.recipes[name] = Recipe(name, states, parents[name], (index,), noisy=False)
        reading.links.extend(Link(p, name, None) for p in parents[name])


def _parse_given(row: Row) -> dict[str, str]:
    given: dict[str, str] = {}
    for part in filter(None, (p.strip() for p in row["given"].split(";"))):
        name, sign, state = (p.strip() for p in part.partition("="))
        if not sign:
            raise row.error(f"given has {part!r}, expected variable=state; variable=state.")
        if name in given:
            raise row.error(f"given names {name} twice. Remove one.")
        given[name] = state
    return given


def _fill_row(
    reading: TablesRead, rows: Sequence[Row], given: str, index: npt.NDArray[np.int64]
) -> None:
    """Read the rows of one distribution of a full table; the first state may be left out."""
    name = rows[0]["variable"]
    states = reading.variables[name].states
    shown = f"P({name} | {given})" if given else f"P({name})"
    seen = _once(rows, "state", shown)
    missing = [s for s in states[1:] if s not in seen]
    if missing:
        raise rows[0].error(f"{shown} lacks the state {', '.join(missing)}. Add a row for it.")
    total = sum(row.number("value", 0.0, 1.0) for row in rows)
    complete = states[0] in seen
    if total > 1 + (WRITTEN if complete else ROW_SUM) or (complete and total < 1 - WRITTEN):
        raise _error_at(
            rows, f"{shown} sums to {total:g}, not 1. Correct a value, or leave out {states[0]}."
        )
    distribution = len(reading.numbers)
    for row in rows:
        id = f"{name}={row['state']}" + (f"|{given}" if given else "")
        what = (name, row["state"], given, "probability")
        number = _number(reading, row, id, what, distribution)
        if row["state"] != states[0]:
            index[states.index(row["state"])] = len(reading.numbers)
            reading.numbers.append(number)


def read_links(reading: TablesRead) -> None:
    """Read leaks, links and causal shares into ``reading``, after the full tables."""
    effects: dict[str, dict[str, dict[str, list[Row]]]] = {}
    shares: dict[tuple[str, str], Row] = {}
    for row in read_table("links.csv", LINK_COLUMNS, reading.folder):
        effect, cause = row.text("effect"), row.text("cause")
        if row.choice("quantity", QUANTITIES) == "causal_share":
            if (cause, effect) in shares:
                raise row.error(f"the causal share of {cause} → {effect} stands twice. Remove one.")
            if row["cause_state"] or row["effect_state"]:
                raise row.error(
                    f"a causal share is of the whole link {cause} → {effect}: "
                    "leave cause_state and effect_state empty."
                )
            shares[cause, effect] = row
            continue
        _check_link(reading, row)
        states = effects.setdefault(effect, {}).setdefault(cause, {})
        states.setdefault(row["cause_state"], []).append(row)
    for effect, causes in effects.items():
        _read_effect(reading, effect, causes)
    for row in shares.values():
        _read_share(reading, row)


def _check_link(reading: TablesRead, row: Row) -> None:
    effect, cause = row["effect"], row["cause"]
    place = _state(reading, row, effect, row["effect_state"])
    if effect in reading.recipes:
        raise row.error(
            f"{effect} has a full table in probabilities.csv; remove the link or the table."
        )
    if place == 0:
        raise row.error(
            f"{row['effect_state']} is the first state of {effect}; a cause can only raise it. "
            f"Known: {', '.join(reading.variables[effect].states[1:])}."
        )
    if cause == LEAK:
        if row["cause_state"]:
            raise row.error(f"cause_state is {row['cause_state']!r}; a leak has none. Empty it.")
    elif _state(reading, row, cause, row["cause_state"]) == 0:
        raise row.error(
            f"{row['cause_state']} is the reference state of {cause} and has no strength. "
            f"Known: {', '.join(reading.variables[cause].states[1:])}."
        )


def _read_effect(
    reading: TablesRead, effect: str, causes: Mapping[str, Mapping[str, list[Row]]]
) -> None:
    """Read the leak and the links of one noisy-MAX."""
    states = reading.variables[effect].states
    some = {cause: next(iter(rows.values()))[0] for cause, rows in causes.items()}
    if LEAK not in causes:
        raise next(iter(some.values())).error(
            f"{effect} has no leak. Add a row with the cause {LEAK}."
        )
    leak: npt.NDArray[np.int64] = np.full(len(states), -1, dtype=np.int64)
    _fill_link(reading, causes[LEAK][""], LEAK, leak)
    parents = tuple(c for c in causes if c != LEAK)
    indices: list[npt.NDArray[np.int64]] = [leak]
    for cause in parents:
        known = reading.variables[cause].states
        index = np.full((len(known), len(states)), -1, dtype=np.int64)
        for place, state in enumerate(known[1:], start=1):
            if state not in causes[cause]:
                raise some[cause].error(
                    f"the link {cause} → {effect} lacks the cause state {state}. Add a row."
                )
            _fill_link(reading, causes[cause][state], f"{cause}={state}", index[place])
        indices.append(index)
    reading.recipes[effect] = Recipe(effect, states, parents, tuple(indices), noisy=True)
    reading.links.extend(Link(c, effect, None) for c in parents)


def _fill_link(
    reading: TablesRead, rows: Sequence[Row], given: str, index: npt.NDArray[np.int64]
) -> None:
    """Read the strengths of one cause state, one for each raised state of the effect."""
    effect = rows[0]["effect"]
    states = reading.variables[effect].states
    shown = f"the link {given} → {effect}"
    seen = _once(rows, "effect_state", shown)
    missing = [s for s in states[1:] if s not in seen]
    if missing:
        raise rows[0].error(f"{shown} lacks the effect state {', '.join(missing)}. Add a row.")
    total = sum(row.number("value", 0.0, 1.0) for row in rows)
    if total > 1 + ROW_SUM:
        raise _error_at(
            rows, f"the strengths of {given} → {effect} sum to {total:g}, above 1. Lower one."
        )
    distribution = len(reading.numbers)
    quantity = "leak" if given == LEAK else "strength"
    for row in rows:
        state = row["effect_state"]
        index[states.index(state)] = len(reading.numbers)
        what = (effect, state, given, quantity)
        number = _number(reading, row, f"{effect}={state}<-{given}", what, distribution)
        reading.numbers.append(number)


def _read_share(reading: TablesRead, row: Row) -> None:
    effect, cause = row["effect"], row["cause"]
    arrows = [(link.cause, link.effect) for link in reading.links]
    if (cause, effect) not in arrows:
        raise row.error(
            f"there is no link {cause} → {effect} to have a causal share. Add the link first."
        )
    id = f"share:{cause}→{effect}"
    number = _number(reading, row, id, (effect, "", cause, "causal_share"), -1)
    reading.numbers.append(number)
    reading.links[arrows.index((cause, effect))] = Link(cause, effect, number)


def _once(rows: Sequence[Row], column: str, shown: str) -> dict[str, Row]:
    """Return the rows by one of their columns, or name the two that say the same."""
    seen: dict[str, Row] = {}
    for row in rows:
        state = row[column]
        if state in seen:
            raise row.error(
                f"{shown} stands twice for {state}, also in line {seen[state].line}. Remove one."
            )
        seen[state] = row
    return seen


def _error_at(rows: Sequence[Row], message: str) -> TableError:
    lines = ", ".join(str(row.line) for row in rows)
    return TableError(f"{rows[0].file}, {'lines' if len(rows) > 1 else 'line'} {lines}: {message}")


def _state(reading: TablesRead, row: Row, name: str, state: str) -> int:
    """Return the position of a state of a variable that has a probability, or name the line."""
    known = reading.variables
    if name not in known:
        raise row.error(str(unknown_name("variable", name, known)))
    if known[name].layer == "triage_only":
        raise row.error(
            f"{name} is asked for safety alone (layer triage_only) and has no probability. "
            "Remove this row or change the layer."
        )
    if state not in known[name].states:
        raise row.error(str(unknown_name(f"state of {name}", state, known[name].states)))
    return known[name].states.index(state)


def _number(
    reading: TablesRead, row: Row, id: str, what: tuple[str, str, str, str], distribution: int
) -> Number:
    value = row.number("value", 0.0, 1.0)
    low, high = row.number("low", 0.0, 1.0), row.number("high", 0.0, 1.0)
    if not low <= value <= high:
        raise row.error(
            f"the interval {low:g} to {high:g} of {id} does not contain the value {value:g}. "
            "Correct value, low or high."
        )
    if row.text("source") not in reading.sources:
        raise row.error(str(unknown_name("source key", row["source"], reading.sources)))
    return Number(
        id,
        *what,
        value,
        low,
        high,
        row["source"],
        row.choice("grade", GRADES),
        row["draw_group"],
        row.number("before_fit", 0.0, 1.0) if row["before_fit"] else value,
        row["fitted_to"],
        row["note"],
        row.file,
        row.line,
        distribution,
    )
