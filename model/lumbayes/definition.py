"""Read the tables that define the network: variables, states, probabilities and links, each line checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lumbayes.errors import TableError, unknown_name
from lumbayes.tables import Row, read_table

LAYERS = ("context", "imbalance", "condition", "mechanism", "finding", "triage_only")
ASKED_AS = ("question", "self_test", "clinical_test", "none")
GRADES = ("A", "B", "C", "D")
ROW_SUM = 1e-6
VARIABLE_COLUMNS = (
    "name",
    "layer",
    "group",
    "ask",
    "cost",
    "label",
    "clinician_label",
    "question",
    "help",
)
SOURCE_COLUMNS = ("key", "citation", "year", "identifier", "url", "read")
PROVENANCE = (
    "low",
    "high",
    "source",
    "grade",
    "draw_group",
    "before_fit",
    "fitted_to",
    "note",
)
PROBABILITY_COLUMNS = ("variable", "state", "given", "value", *PROVENANCE)
LINK_COLUMNS = ("effect", "effect_state", "cause", "cause_state", "quantity", "value", *PROVENANCE)


@dataclass(frozen=True)
class VariableInfo:
    """What people read about a variable: label, question, help, and the labels of its states."""

    name: str
    layer: str
    group: str
    ask: str
    cost: float
    label: str
    clinician_label: str
    question: str
    help: str
    states: tuple[str, ...]
    state_labels: tuple[str, ...]

    def state_label(self, state: str) -> str:
        """Return the label of a state."""
        return self.state_labels[self.states.index(state)]


@dataclass(frozen=True)
class Number:
    """One published number: P(variable = state | given), a link's strength, a leak or a causal share.

    ``low`` and ``high`` are its 95 % interval; ``before_fit`` is the value before the fit to the
    targets (equal to ``value`` if the fit left it). ``distribution`` is the index of the probability
    distribution it belongs to (numbers of one distribution sum to at most 1), -1 for a causal
    share.
    """

    id: str
    variable: str
    state: str
    given: str
    quantity: str
    value: float
    low: float
    high: float
    source: str
    grade: str
    draw_group: str
    before_fit: float
    fitted_to: str
    note: str
    file: str
    line: int
    distribution: int


@dataclass(frozen=True)
class Link:
    """One arrow of the network, and the causal share of its strength (None: taken as wholly causal)."""

    cause: str
    effect: str
    causal_share: Number | None


@dataclass(frozen=True, eq=False)
class Recipe:
    """Where a variable's table takes its numbers from: indices into the vector of values, -1 for the rest."""

    name: str
    states: tuple[str, ...]
    parents: tuple[str, ...]
    indices: tuple[npt.NDArray[np.int64], ...]
    noisy: bool


@dataclass(frozen=True, eq=False)
class Definition:
    """All that the tables say: the variables, the numbers, the arrows, and how tables take their numbers."""

    variables: dict[str, VariableInfo]
    numbers: tuple[Number, ...]
    links: tuple[Link, ...]
    recipes: tuple[Recipe, ...]


def read_definition(folder: Path | None = None) -> Definition:
    """Read and check the tables of a folder (the shipped ones if left out), or raise TableError."""
    variables = _read_variables(folder)
    sources = {r["key"] for r in read_table("sources.csv", SOURCE_COLUMNS, folder)}
    numbers: list[Number] = []
    recipes: dict[str, Recipe] = {}
    links: list[Link] = []
    _read_probabilities(folder, variables, sources, numbers, recipes, links)
    _read_links(folder, variables, sources, numbers, recipes, links)
    for name, info in variables.items():
        if info.layer != "triage_only" and name not in recipes:
            raise TableError(
                f"data/variables.csv: {name} has no row in probabilities.csv or links.csv. Add one."
            )
    ordered = tuple(recipes[n] for n in variables if n in recipes)
    return Definition(variables, tuple(numbers), tuple(links), ordered)


def _read_variables(folder: Path | None) -> dict[str, VariableInfo]:
    states: dict[str, list[tuple[str, str]]] = {}
    state_rows: dict[str, Row] = {}
    for row in read_table("states.csv", ("variable", "state", "label"), folder):
        pairs = states.setdefault(row.text("variable"), [])
        state = row.text("state")
        if state in [s for s, _ in pairs]:
            raise row.error(f"state {state} of {row['variable']} stands twice. Remove one.")
        pairs.append((state, row.text("label")))
        state_rows[row["variable"]] = row
    variables: dict[str, VariableInfo] = {}
    for row in read_table("variables.csv", VARIABLE_COLUMNS, folder):
        name = row.text("name")
        if name in variables:
            raise row.error(f"variable {name} stands twice. Remove one.")
        if len(states.get(name, [])) < 2:
            raise row.error(f"{name} has fewer than two states. Add its states to states.csv.")
        own = states[name]
        variables[name] = VariableInfo(
            name,
            row.choice("layer", LAYERS),
            row.text("group"),
            row.choice("ask", ASKED_AS),
            row.number("cost", 0.0) if row["cost"] else 0.0,
            row.text("label"),
            row["clinician_label"] or row["label"],
            row["question"],
            row["help"],
            tuple(s for s, _ in own),
            tuple(label for _, label in own),
        )
    for name, row in state_rows.items():
        if name not in variables:
            raise row.error(str(unknown_name("variable", name, variables)))
    return variables


def _state(row: Row, variables: Mapping[str, VariableInfo], name: str, state: str) -> int:
    if name not in variables:
        raise row.error(str(unknown_name("variable", name, variables)))
    if state not in variables[name].states:
        raise row.error(str(unknown_name(f"state of {name}", state, variables[name].states)))
    return variables[name].states.index(state)


def _number(
    row: Row, sources: set[str], id: str, what: tuple[str, str, str, str], distribution: int
) -> Number:
    value = row.number("value", 0.0, 1.0)
    low, high = row.number("low", 0.0, 1.0), row.number("high", 0.0, 1.0)
    if not low <= value <= high:
        raise row.error(
            f"the interval {low:g} to {high:g} of {id} does not contain the value {value:g}."
        )
    if row.text("source") not in sources:
        raise row.error(str(unknown_name("source key", row["source"], sorted(sources))))
    grade = row.choice("grade", GRADES)
    return Number(
        id,
        *what,
        value,
        low,
        high,
        row["source"],
        grade,
        row["draw_group"],
        row.number("before_fit", 0.0, 1.0) if row["before_fit"] else value,
        row["fitted_to"],
        row["note"],
        row.file,
        row.line,
        distribution,
    )


def _read_probabilities(
    folder: Path | None,
    variables: Mapping[str, VariableInfo],
    sources: set[str],
    numbers: list[Number],
    recipes: dict[str, Recipe],
    links: list[Link],
) -> None:
    tables: dict[str, dict[tuple[int, ...], list[Row]]] = {}
    parents: dict[str, tuple[str, ...]] = {}
    for row in read_table("probabilities.csv", PROBABILITY_COLUMNS, folder):
        name = row.text("variable")
        _state(row, variables, name, row.text("state"))
        given = _parse_given(row)
        if parents.setdefault(name, tuple(given)) != tuple(given):
            raise row.error(
                f"{name} is given {', '.join(given) or 'nothing'}, elsewhere {', '.join(parents[name])}."
            )
        column = tuple(_state(row, variables, p, s) for p, s in given.items())
        tables.setdefault(name, {}).setdefault(column, []).append(row)
    for name, columns in tables.items():
        states = variables[name].states
        shape = tuple(len(variables[p].states) for p in parents[name])
        index = np.full((*shape, len(states)), -1, dtype=np.int64)
        for column in np.ndindex(*shape):
            given_text = "; ".join(
                f"{p}={variables[p].states[c]}" for p, c in zip(parents[name], column, strict=True)
            )
            rows = columns.get(column)
            if rows is None:
                some = next(iter(columns.values()))[0]
                raise some.error(
                    f"{name} has no row for {given_text}. Add one for every combination of its parents."
                )
            _fill(rows, name, states, given_text, sources, numbers, index[column], variables)
        recipes[name] = Recipe(name, states, parents[name], (index,), noisy=False)
        links.extend(Link(p, name, None) for p in parents[name])


def _fill(
    rows: Sequence[Row],
    name: str,
    states: tuple[str, ...],
    given: str,
    sources: set[str],
    numbers: list[Number],
    index: npt.NDArray[np.int64],
    variables: Mapping[str, VariableInfo],
) -> None:
    seen: dict[str, Row] = {}
    for row in rows:
        if row["state"] in seen:
            raise row.error(
                f"P({name}={row['state']} | {given}) stands twice, also in line {seen[row['state']].line}."
            )
        seen[row["state"]] = row
    missing = [s for s in states[1:] if s not in seen]
    if missing:
        raise rows[0].error(
            f"P({name} | {given}) lacks the state {', '.join(missing)}. Add a row for it."
        )
    total = sum(row.number("value", 0.0, 1.0) for row in rows)
    if total > 1 + ROW_SUM or (states[0] in seen and abs(total - 1) > ROW_SUM):
        lines = ", ".join(str(row.line) for row in rows)
        place = "lines" if len(rows) > 1 else "line"
        raise TableError(
            f"{rows[0].file}, {place} {lines}: P({name} | {given or 'nothing'}) sums to {total:g}, not 1."
        )
    distribution = len(numbers)
    for row in rows:
        if row["state"] == states[0]:
            continue
        index[states.index(row["state"])] = len(numbers)
        id = f"{name}={row['state']}" + (f"|{given}" if given else "")
        what = (name, row["state"], given, "probability")
        numbers.append(_number(row, sources, id, what, distribution))


def _parse_given(row: Row) -> dict[str, str]:
    given: dict[str, str] = {}
    for part in filter(None, (p.strip() for p in row["given"].split(";"))):
        name, sign, state = part.partition("=")
        if not sign:
            raise row.error(f"given has {part!r}, expected variable=state; variable=state.")
        given[name.strip()] = state.strip()
    return given


def _read_links(
    folder: Path | None,
    variables: Mapping[str, VariableInfo],
    sources: set[str],
    numbers: list[Number],
    recipes: dict[str, Recipe],
    links: list[Link],
) -> None:
    effects: dict[str, dict[str, dict[str, dict[str, Row]]]] = {}
    shares: dict[tuple[str, str], Row] = {}
    for row in read_table("links.csv", LINK_COLUMNS, folder):
        effect, cause = row.text("effect"), row.text("cause")
        if effect not in variables:
            raise row.error(str(unknown_name("variable", effect, variables)))
        if row.choice("quantity", ("strength", "causal_share")) == "causal_share":
            if (cause, effect) in shares:
                raise row.error(f"the causal share of {cause} → {effect} stands twice. Remove one.")
            shares[cause, effect] = row
            continue
        if effect in recipes:
            raise row.error(
                f"{effect} has a full table in probabilities.csv; remove the link or the table."
            )
        if (
            variables[effect].states.index(row["effect_state"]) < 1
            if row["effect_state"] in variables[effect].states
            else _state(row, variables, effect, row["effect_state"]) < 1
        ):
            raise row.error(
                f"{row['effect_state']} is the first state of {effect}; a cause can only raise it."
            )
        if cause != "leak" and _state(row, variables, cause, row["cause_state"]) == 0:
            raise row.error(
                f"{row['cause_state']} is the reference state of {cause} and has no strength."
            )
        cell = (
            effects.setdefault(effect, {}).setdefault(cause, {}).setdefault(row["cause_state"], {})
        )
        if row["effect_state"] in cell:
            first = cell[row["effect_state"]].line
            raise row.error(
                f"the link {cause}={row['cause_state']} → {effect} stands twice, also in line {first}."
            )
        cell[row["effect_state"]] = row
    for effect, causes in effects.items():
        states = variables[effect].states
        if "leak" not in causes:
            some = next(iter(next(iter(next(iter(causes.values())).values())).values()))
            raise some.error(f"{effect} has no leak. Add a row with the cause leak.")
        parents = tuple(c for c in causes if c != "leak")
        indices = []
        for cause in ("leak", *parents):
            cause_states = ("",) if cause == "leak" else variables[cause].states
            index = np.full((len(cause_states), len(states)), -1, dtype=np.int64)
            for place, cause_state in enumerate(cause_states):
                if cause != "leak" and place == 0:
                    continue
                cells = causes[cause].get(cause_state)
                if cells is None:
                    some = next(iter(next(iter(causes[cause].values())).values()))
                    raise some.error(
                        f"the link {cause} → {effect} lacks the cause state {cause_state}. Add a row."
                    )
                _fill_link(
                    list(cells.values()),
                    effect,
                    states,
                    cause,
                    cause_state,
                    sources,
                    numbers,
                    index[place],
                )
            indices.append(index[0] if cause == "leak" else index)
        recipes[effect] = Recipe(effect, states, parents, tuple(indices), noisy=True)
        links.extend(Link(c, effect, None) for c in parents)
    for (cause, effect), row in shares.items():
        found = [i for i, link in enumerate(links) if (link.cause, link.effect) == (cause, effect)]
        if not found:
            raise row.error(
                f"there is no link {cause} → {effect} to have a causal share. Add the link first."
            )
        number = _number(
            row, sources, f"share:{cause}→{effect}", (effect, "", cause, "causal_share"), -1
        )
        numbers.append(number)
        links[found[0]] = Link(cause, effect, number)


def _fill_link(
    rows: Sequence[Row],
    effect: str,
    states: tuple[str, ...],
    cause: str,
    cause_state: str,
    sources: set[str],
    numbers: list[Number],
    index: npt.NDArray[np.int64],
) -> None:
    given = cause if cause == "leak" else f"{cause}={cause_state}"
    total = sum(row.number("value", 0.0, 1.0) for row in rows)
    if total > 1 + ROW_SUM:
        lines = ", ".join(str(r.line) for r in rows)
        raise TableError(
            f"{rows[0].file}, lines {lines}: the strengths of {given} → {effect} sum to {total:g}, above 1."
        )
    missing = [s for s in states[1:] if s not in {r["effect_state"] for r in rows}]
    if missing:
        raise rows[0].error(
            f"the link {given} → {effect} lacks the effect state {', '.join(missing)}. Add a row."
        )
    distribution = len(numbers)
    for row in rows:
        index[states.index(row["effect_state"])] = len(numbers)
        id = f"{effect}={row['effect_state']}<-{given}"
        quantity = "leak" if cause == "leak" else "strength"
        numbers.append(
            _number(row, sources, id, (effect, row["effect_state"], given, quantity), distribution)
        )
