"""Model against literature: every published quantity the network can express, compared."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lumbayes.errors import unknown_name
from lumbayes.evidence import evidence, stack
from lumbayes.inference import marginals
from lumbayes.model import Model
from lumbayes.network import Array, Network
from lumbayes.tables import Row, read_table

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
BATCH_ROWS = 512
_LINE = "{:2}{:>10} {:>19} {:>10} {:>9}  {:<9} {}"

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
        One of ``MEASURES``; ``evaluate`` says what each computes.
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


@dataclass(frozen=True, eq=False)
class Validation:
    """The comparison of one model with the literature.

    Attributes
    ----------
    frame : DataFrame
        A row per target, worst first: outside before inside, then by distance from the interval and
        by ``|log_ratio|``. Columns ``target_id, quantity, published, low, high, model, inside,
        log_ratio, role, source, explanation``.
    excluded : int
        How many published quantities the network cannot express.
    """

    frame: pd.DataFrame
    excluded: int

    def of(self, role: str) -> pd.DataFrame:
        """Return the rows of one role, ``fitted`` or ``emergent``, worst first."""
        if role not in ROLES[:2]:
            raise unknown_name("role", role, ROLES[:2])
        return self.frame[self.frame["role"] == role]

    @property
    def summary(self) -> dict[str, float]:
        """Counts, shares inside the published interval (0 to 1) and the median ``|log ratio|``."""
        fitted, emergent = self.of("fitted"), self.of("emergent")
        return {
            "fitted": len(fitted),
            "fitted_inside": _mean(fitted["inside"]),
            "emergent": len(emergent),
            "emergent_inside": _mean(emergent["inside"]),
            "emergent_median_abs_log_ratio": _median(emergent["log_ratio"].abs()),
            "excluded": self.excluded,
        }

    def to_dict(self) -> dict[str, Any]:
        """Return summary and rows as plain numbers and strings, ready for JSON.

        A ratio that is not finite (the model gives 0) becomes None.
        """
        rows = [
            {str(k): _plain(v) for k, v in row.items()}
            for row in self.frame.to_dict(orient="records")
        ]
        return {"summary": {k: _plain(v) for k, v in self.summary.items()}, "targets": rows}

    def to_text(self, rows: int | None = None) -> str:
        """Return a table for people, worst first, and the summary; ``rows`` limits the table."""
        shown = self.frame if rows is None else self.frame.head(rows)
        lines = [
            _LINE.format("", "published", "interval", "model", "log ratio", "role", "quantity")
        ]
        for row in shown.to_dict(orient="records"):
            lines.append(
                _LINE.format(
                    "" if row["inside"] else "!",
                    f"{row['published']:.3g}",
                    f"{row['low']:.3g} to {row['high']:.3g}",
                    f"{row['model']:.3g}",
                    f"{row['log_ratio']:+.2f}",
                    row["role"],
                    f"{row['quantity']} [{row['target_id']}]",
                )
            )
            if row["explanation"]:
                lines.append(f"    {row['explanation']}")
        s = self.summary
        lines += [
            "",
            f"fitted:   {s['fitted_inside']:.0%} of {s['fitted']:.0f} inside their interval",
            f"emergent: {s['emergent_inside']:.0%} of {s['emergent']:.0f} inside, "
            f"median |log ratio| {s['emergent_median_abs_log_ratio']:.2f}",
            f"excluded: {s['excluded']:.0f}, each with its reason in data/targets.csv",
        ]
        return "\n".join(lines)


def read_targets(model: Model) -> tuple[Target, ...]:
    """Read the fitted and emergent targets of the model's folder and check them against its names.

    Raises
    ------
    TableError
        If a row names what does not exist, stands twice or has an interval without its value.

    Examples
    --------
    >>> from lumbayes.model import load_model
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


def validate(model: Model) -> Validation:
    """Compare the model with every target of its folder.

    Parameters
    ----------
    model : Model
        Its ``network`` is used, with the published means.

    Returns
    -------
    Validation
        Worst first.

    Examples
    --------
    >>> from lumbayes.model import load_model
    >>> checked = validate(load_model())
    >>> sorted(checked.frame["role"].unique())
    ['emergent', 'fitted']
    """
    targets = read_targets(model)
    computed = evaluate(model.network, targets, model.names("condition"))
    excluded = sum(row["role"] == "excluded" for row in _rows(model))
    return Validation(_compare(targets, computed, _explanations(model)), excluded)


def evaluate(network: Network, targets: Sequence[Target], conditions: Sequence[str]) -> Array:
    """Compute each target from the network, exactly.

    Parameters
    ----------
    network : Network
        With or without parameter draws.
    targets : sequence of Target
        What to compute.
    conditions : sequence of str
        The conditions that share the main source among them.

    Returns
    -------
    array, shape (n,), or (n, draws) from a network of draws
        One number per target:

        - ``probability``: P(event | given), all variables of the event in their sets;
        - ``any``: P(at least one variable of the event is in its set | given);
        - ``main_source_share``: the sum of P(condition present, and none of the conditions that it
          causes | given) over the event's conditions, divided by the same sum over all
          ``conditions``. Studies count one main source a person; in the network several conditions
          can be present, and a herniated disc that pinches a root or presses on the cauda equina is
          counted as the latter;
        - ``lr_plus``, ``risk_ratio``: P(event | exposed, given) / P(event | reference, given);
        - ``lr_minus``: the same of the complement of the event;
        - ``odds_ratio``: odds of the event among the exposed over those in the reference.

        NaN where the network gives a group probability 0.
    """
    pairs: list[tuple[Event, Event]] = []
    for target in targets:
        pairs += _pairs(network, target, conditions)
    computed = iter(_conditional(network, pairs))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.array([_combine(target, conditions, computed) for target in targets])


def _pairs(
    network: Network, target: Target, conditions: Sequence[str]
) -> list[tuple[Event, Event]]:
    """Return the events and what is given, whose probabilities make up a target."""
    if target.measure == "main_source_share":
        return [(_source(network, c, conditions), target.given) for c in conditions]
    if target.measure == "any":
        none = {v: frozenset(network[v].states) - s for v, s in target.event.items()}
        return [(none, target.given)]
    if target.measure == "probability":
        return [(target.event, target.given)]
    return [(target.event, _both(g, target.given)) for g in (target.exposed, target.reference)]


def _source(network: Network, condition: str, conditions: Sequence[str]) -> Event:
    """Return the event that a condition is there and none of the conditions that it causes."""
    caused = [c for c in conditions if condition in network[c].parents]
    return {condition: frozenset({"present"}), **{c: frozenset({"absent"}) for c in caused}}


def _combine(target: Target, conditions: Sequence[str], computed: Iterator[Array]) -> Array:
    """Take a target's probabilities from the computed ones and combine them."""
    if target.measure == "main_source_share":
        present = {c: next(computed) for c in conditions}
        shares: Array = sum((present[c] for c in target.event), np.zeros(())) / sum(
            present.values()
        )
        return shares
    p = next(computed)
    if target.measure == "probability":
        return p
    if target.measure == "any":
        return 1.0 - p
    q = next(computed)
    if target.measure == "lr_minus":
        return (1.0 - p) / (1.0 - q)
    if target.measure == "odds_ratio":
        return p * (1.0 - q) / (q * (1.0 - p))
    return p / q


def _both(first: Event, second: Event) -> Event:
    """Return the conjunction of two events; an empty set of states means that it cannot happen."""
    return {
        v: first[v] & second[v] if v in first and v in second else first.get(v) or second[v]
        for v in {**first, **second}
    }


def _conditional(network: Network, pairs: Sequence[tuple[Event, Event]]) -> Array:
    """P(event | given) of each pair, from log P(event, given) − log P(given)."""
    joint = [_both(event, given) for event, given in pairs]
    logs = _log_probabilities(network, [*joint, *(given for _, given in pairs)])
    with np.errstate(invalid="ignore"):
        return np.exp(logs[: len(pairs)] - logs[len(pairs) :])


def _log_probabilities(network: Network, events: Sequence[Event]) -> Array:
    """Log P(event) of each; equal events are computed once, all in a few batches."""
    position: dict[frozenset[tuple[str, frozenset[str]]], int] = {}
    keys = [frozenset(event.items()) for event in events]
    for key in keys:
        position.setdefault(key, len(position))
    distinct = [dict(key) for key in position]
    rows = () if network.draws is None else (network.draws,)
    logs = np.full((len(distinct), *rows), -np.inf)
    possible = [i for i, event in enumerate(distinct) if all(event.values())]
    if network.draws is not None:
        for i in possible:
            given = evidence(network, _likelihoods(network, distinct[i]))
            logs[i] = marginals(network, given, (), impossible="mark").log_evidence
        return logs[[position[key] for key in keys]]
    for start in range(0, len(possible), BATCH_ROWS):
        some = possible[start : start + BATCH_ROWS]
        cases = [evidence(network, _likelihoods(network, distinct[i])) for i in some]
        logs[some] = marginals(network, stack(network, cases), (), impossible="mark").log_evidence
    return logs[[position[key] for key in keys]]


def _likelihoods(network: Network, event: Event) -> dict[str, list[float]]:
    return {v: [float(s in states) for s in network[v].states] for v, states in event.items()}


def _compare(
    targets: Sequence[Target], computed: Array, explanations: Mapping[str, str]
) -> pd.DataFrame:
    with np.errstate(divide="ignore", invalid="ignore"):
        published = np.array([t.value for t in targets])
        low, high = np.array([t.low for t in targets]), np.array([t.high for t in targets])
        log_ratio = np.log(computed / published)
        outside = np.fmax(np.log(low / computed), np.log(computed / high)).clip(min=0.0)
    outside[np.isnan(computed)] = np.inf
    frame = pd.DataFrame(
        {
            "target_id": [t.id for t in targets],
            "quantity": [t.quantity for t in targets],
            "published": published,
            "low": low,
            "high": high,
            "model": computed,
            "inside": (computed >= low) & (computed <= high),
            "log_ratio": log_ratio,
            "role": [t.role for t in targets],
            "source": [t.source for t in targets],
            "explanation": [explanations.get(t.id, "") for t in targets],
        }
    )
    order = np.lexsort((-np.nan_to_num(np.abs(log_ratio), nan=np.inf), -outside))
    return frame.iloc[order].reset_index(drop=True)


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


def _explanations(model: Model) -> dict[str, str]:
    rows = read_table("explanations.csv", ("target_id", "explanation"), model.folder)
    return {row.text("target_id"): row.text("explanation") for row in rows}


def _mean(values: pd.Series[Any]) -> float:
    return float(values.mean()) if len(values) else math.nan


def _median(values: pd.Series[Any]) -> float:
    return float(values.median()) if len(values) else math.nan


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it; a number that is not finite as None."""
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
