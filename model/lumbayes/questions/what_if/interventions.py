"""What a person can change, and the events whose chance is compared before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lumbayes.cases.case import Case, with_answers
from lumbayes.errors import CaseError, LumbayesError, unknown_name
from lumbayes.inference.queries import Marginals
from lumbayes.knowledge.anchors import DURATION
from lumbayes.knowledge.model import Model
from lumbayes.network.variables import Array
from lumbayes.questions.conditioning import contradicts, plain


def check_interventions(model: Model, do: Mapping[str, str], place: str = "do") -> None:
    """Raise unless every variable can be changed and every state exists.

    Raises
    ------
    UnknownNameError
        If a variable or state does not exist.
    CaseError
        If nobody can change a variable; the message lists what can be.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> check_interventions(load_model(), {"sitting": "under_6h"})
    """
    for name, state in do.items():
        if name not in model.variables:
            raise unknown_name("variable", name, model.variables)
        if "changeable" not in model.variables[name].roles:
            raise CaseError(
                f"{place}: {name} cannot be set from outside. Choose among"
                f" {', '.join(model.with_role('changeable'))}; or give {name} as a finding,"
                " to compare people who differ in it."
            )
        if state not in model.variables[name].states:
            raise unknown_name(f"state of {name}", state, model.variables[name].states)


@dataclass(frozen=True)
class Event:
    """Some states of one variable, whose chance is asked; ``name`` is as it was asked for."""

    name: str
    variable: str
    states: tuple[int, ...]
    label: str

    def chance(self, probabilities: Array) -> Array:
        """Return P(event) from the marginal of its variable, shape ``(n,)``."""
        total: Array = probabilities[list(self.states)].sum(axis=0)
        return np.minimum(total, 1.0)


def event(model: Model, text: str) -> Event:
    """Read an outcome: ``variable`` (any state but the first) or ``variable=state``.

    Raises
    ------
    UnknownNameError
        If the variable is not in the network, or the state does not exist.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> event(load_model(), "leg_pain").states, event(load_model(), "leg_pain=below_knee").states
    ((1, 2), (2,))
    """
    name, equals, state = text.partition("=")
    variable = model.network[name]
    info = model.variables[name]
    if not equals:
        return Event(text, name, tuple(range(1, len(variable.states))), info.label)
    return Event(text, name, (variable.index(state),), f"{info.label}: {info.state_label(state)}")


def events(model: Model, outcomes: Sequence[str]) -> tuple[Event, ...]:
    """Read several outcomes; none at all is an error."""
    if isinstance(outcomes, str):
        raise LumbayesError(f"outcomes is the text {outcomes!r}. Give a list of names.")
    if not outcomes:
        raise LumbayesError("no outcome is named. Name one, such as low_back_pain.")
    return tuple(event(model, text) for text in dict.fromkeys(outcomes))


def symptoms(model: Model) -> tuple[str, ...]:
    """Return the symptoms: where it hurts and what makes it better or worse.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> symptoms(load_model())[:2]
    ('low_back_pain', 'thoracic_pain')
    """
    return tuple(
        v.name
        for v in model.variables.values()
        if v.name in model.reports_pain
        and v.ask == "question"
        and v.name != DURATION
        and "any_answer" not in v.roles
    )


def changed_case(model: Model, case: Case, findings: Mapping[str, str], place: str) -> Case:
    """Return a case with some answers replaced, checked as if it had been given so.

    Raises
    ------
    LumbayesError
        As ``parse_case``, with ``place`` in front.
    """
    new = with_answers(model, case, findings)
    if new.errors:
        raise type(new.errors[0])(f"{place}: {new.errors[0]}")
    if contradicts(new, case):
        raise CaseError(f"{place}: {new.contradictions[-1]}")
    return new


def chances(found: Marginals, asked: Sequence[Event]) -> Array:
    """Return P(event) of each event in each row, shape ``(events, rows)``; NaN where impossible."""
    possible = np.isfinite(found.log_evidence)
    rows = [e.chance(found.probabilities[e.variable]) for e in asked]
    return np.where(possible, np.array(rows), np.nan)


def interval(drawn: Array, value: Array) -> tuple[Array, Array]:
    """Return the 95 % interval over the draws, widened to hold the value of the published numbers.

    NaN where there are no draws.
    """
    if not drawn.shape[-1]:
        return np.full(value.shape, np.nan), np.full(value.shape, np.nan)
    low, high = np.quantile(drawn, (0.025, 0.975), axis=-1)
    return np.minimum(low, value), np.maximum(high, value)


def comparison(
    asked: Sequence[Event], now: Array, then: Array, many_now: Array, many_then: Array
) -> pd.DataFrame:
    """Return a row for each outcome: now, then, the change, and intervals over paired draws."""
    low, high = interval(many_then, then)
    change_low, change_high = interval(many_then - many_now, then - now)
    return pd.DataFrame(
        {
            "variable": [e.name for e in asked],
            "label": [e.label for e in asked],
            "now": now,
            "then": then,
            "low": low,
            "high": high,
            "change": then - now,
            "change_low": change_low,
            "change_high": change_high,
        }
    )


def plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame ready for JSON: None for what is missing."""
    return [plain({str(k): v for k, v in row.items()}) for row in frame.to_dict("records")]


def change_line(row: Mapping[str, Any]) -> str:
    """Say a change for people, on one line, in cases of 100.

    Examples
    --------
    >>> change_line({"label": "Fever", "now": 0.5, "then": 0.412, "change": -0.088,
    ...              "change_low": -0.2, "change_high": 0.0})
    '  Fever: 50 in 100 now, 41.2 then: 8.8 fewer (20 fewer to no change)'
    """
    said = _points(row["change"])
    if row["change_low"] is not None:
        said += f" ({_points(row['change_low'])} to {_points(row['change_high'])})"
    return (
        f"  {row['label']}: {100 * row['now']:.3g} in 100 now, {100 * row['then']:.3g} then: {said}"
    )


def _points(change: float) -> str:
    if abs(change) < 5e-5:
        return "no change"
    return f"{abs(100 * change):.2g} {'fewer' if change < 0 else 'more'}"
