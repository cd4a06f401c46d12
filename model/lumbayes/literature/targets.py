"""Published quantities that the network should reproduce, read from the tables and checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from lumbayes.errors import unknown_name
from lumbayes.knowledge.model import Model
from lumbayes.knowledge.tables import Row, read_table

TARGET_COLUMNS = (
    "target_id",
    "quantity",
    "measure",
    "variable",
    "state",
    "given",
    "compare",
    "means",
    "value",
    "low",
    "high",
    "source",
    "evidence_id",
    "role",
    "reason",
    "note",
)
ROLES = ("fitted", "emergent", "excluded")
MEASURES = (
    "probability",
    "any",
    "main_source_share",
    "lr_plus",
    "lr_minus",
    "odds_ratio",
    "risk_ratio",
)
MEANINGS = ("present", "main_source")

Event = Mapping[str, frozenset[str]]
"""A conjunction: each variable is in one of the states of its set."""


@dataclass(frozen=True)
class Target:
    """One published quantity that the network can express.

    Attributes
    ----------
    id, quantity : str
        Name of the row and what it is, in plain words.
    measure : str
        One of ``MEASURES``; ``target_values`` says what each computes.
    event : mapping of variable to set of states
        What the quantity is the probability of.
    given : mapping of variable to set of states
        The population.
    exposed, reference : mapping of variable to set of states
        The two groups of a ratio; empty for a probability.
    value, low, high : float
        As published, with 95 % interval.
    source, role, reason, note : str
        Key in ``sources.csv``; ``fitted`` or ``emergent``; what carries it; how the interval came.
    """

    id: str
    quantity: str
    measure: str
    event: Event
    given: Event
    exposed: Event
    reference: Event
    value: float
    low: float
    high: float
    source: str
    role: str
    reason: str
    note: str


def read_targets(model: Model) -> tuple[Target, ...]:
    """Read the fitted and emergent targets of the model's folder and check them against its names.

    Raises
    ------
    TableError
        If a row names what does not exist, stands twice or has an interval without its value.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> {t.role for t in read_targets(load_model())} == {"fitted", "emergent"}
    True
    """
    lines: dict[str, int] = {}
    for row in _rows(model):
        if row.text("target_id") in lines:
            first = lines[row["target_id"]]
            raise row.error(f"{row['target_id']} stands twice, also in line {first}. Rename one.")
        lines[row["target_id"]] = row.line
    return tuple(_target(row, model) for row in _rows(model) if row["role"] != "excluded")


def count_excluded(model: Model) -> int:
    """Return how many published quantities of the folder the network cannot express.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> count_excluded(load_model()) > 0
    True
    """
    return sum(row["role"] == "excluded" for row in _rows(model))


def read_explanations(model: Model) -> dict[str, str]:
    """Return why the network misses a target, by the target's name, where that is known.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> set(read_explanations(load_model())) <= {t.id for t in read_targets(load_model())}
    True
    """
    rows = read_table("explanations.csv", ("target_id", "explanation"), model.folder)
    return {row.text("target_id"): row.text("explanation") for row in rows}


def _rows(model: Model) -> tuple[Row, ...]:
    return read_table("targets.csv", TARGET_COLUMNS, model.folder)


def _target(row: Row, model: Model) -> Target:
    """Check one row and parse it."""
    names = _split(row, "variable")
    states = _split(row, "state")
    if len(names) != len(states) or not names:
        raise row.error(
            f"variable names {len(names)} and state {len(states)}. Give a state for each, "
            "with ; between."
        )
    event = {n: _states(row, model, n, s) for n, s in zip(names, states, strict=True)}
    measure = row.choice("measure", MEASURES)
    exposed, reference = _groups(row, model)
    if bool(exposed) != (measure not in ("probability", "any", "main_source_share")):
        raise row.error(f"compare is {row['compare']!r}; a ratio needs it, a probability has none.")
    row.choice("means", MEANINGS)
    largest = 1.0 if not exposed else math.inf
    value = row.number("value", math.ulp(0.0), largest)
    low, high = row.number("low", 0.0, largest), row.number("high", 0.0, largest)
    if not low <= value <= high:
        raise row.error(f"the interval {low:g} to {high:g} does not contain the value {value:g}.")
    return Target(
        row.text("target_id"),
        row.text("quantity"),
        measure,
        event,
        _event(row, model, row["given"]),
        exposed,
        reference,
        value,
        low,
        high,
        row.text("source"),
        row.choice("role", ROLES),
        row["reason"],
        row["note"],
    )


def _split(row: Row, column: str) -> list[str]:
    return [part.strip() for part in row[column].split(";") if part.strip()]


def _states(row: Row, model: Model, name: str, states: str) -> frozenset[str]:
    """Check the states of a variable, several with | between."""
    if name not in model.network:
        raise row.error(str(unknown_name("variable", name, model.network)))
    known = model.network[name].states
    found = [state.strip() for state in states.split("|")]
    for state in found:
        if state not in known:
            raise row.error(str(unknown_name(f"state of {name}", state, known)))
    return frozenset(found)


def _event(row: Row, model: Model, text: str) -> Event:
    """Parse ``variable=state|state; variable=state``."""
    event: dict[str, frozenset[str]] = {}
    for part in filter(None, (p.strip() for p in text.split(";"))):
        name, sign, states = part.partition("=")
        if not sign:
            raise row.error(f"{part!r} is not of the form variable=state.")
        event[name.strip()] = _states(row, model, name.strip(), states)
    return event


def _groups(row: Row, model: Model) -> tuple[Event, Event]:
    """Return the two groups of ``compare``: ``a=x vs a=y``, or ``a=x`` against its other states."""
    if not row["compare"]:
        return {}, {}
    first, versus, second = row["compare"].partition(" vs ")
    exposed = _event(row, model, first)
    if versus:
        return exposed, _event(row, model, second)
    if len(exposed) != 1:
        raise row.error("compare names several variables: say which group they are compared with.")
    ((name, states),) = exposed.items()
    return exposed, {name: frozenset(model.network[name].states) - states}
