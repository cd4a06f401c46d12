"""Answer the question: what if this were otherwise, seen or done.

- *seen*: other answers were given. This compares people: they differ in all that goes with the
  answer.
- *done*: something is changed from outside, for someone like you: same context, findings left
  aside, since they would be seen after the change. Contested links count by their causal share.
- *for you*, with your findings as they are: ``counterfactual``, on a twin network.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from lumbayes.cases.case import Case, parse_case
from lumbayes.errors import CaseError, ImpossibleEvidenceError, LumbayesError, wrong
from lumbayes.inference.queries import Finding, evidence, marginals
from lumbayes.knowledge.causal import network_for
from lumbayes.knowledge.model import Model
from lumbayes.network.variables import Array
from lumbayes.questions.conditioning import case_findings, check_draws
from lumbayes.questions.next_question.ranking import LEVEL_WORDS
from lumbayes.questions.what_if.benefit import Benefit, benefit
from lumbayes.questions.what_if.counterfactual import Counterfactual, counterfactual
from lumbayes.questions.what_if.interventions import (
    Event,
    chances,
    change_line,
    changed_case,
    check_interventions,
    comparison,
    events,
    plain_rows,
    symptoms,
)
from lumbayes.text import Told
from lumbayes.triage.care_level import care_level

__all__ = [
    "Benefit",
    "Counterfactual",
    "Scenario",
    "WhatIf",
    "benefit",
    "counterfactual",
    "what_if",
]

NOW = "now"
LARGEST = 5
NOTHING = 5e-5  # a change below 1 in 20,000 is not told


@dataclass(frozen=True)
class Scenario:
    """Something that might be otherwise, under a name of its own.

    Attributes
    ----------
    name : str
        Any but ``now``.
    findings : mapping of variable to state
        Answers in place of those of the case.
    do : mapping of variable to state
        What is changed from outside; with it the scenario is *done*, else *seen*.
    """

    name: str
    findings: Mapping[str, str] = field(default_factory=dict)
    do: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check of what kind each part is; names and states are checked where it is asked."""
        if not isinstance(self.name, str):
            raise wrong("name", self.name, "a text, such as 'sit less'")
        for part in ("findings", "do"):
            if not isinstance(given := getattr(self, part), Mapping):
                raise wrong(part, given, 'a dict, such as {"sitting": "under_6h"}')

    @property
    def kind(self) -> str:
        """Whether it is ``seen`` or ``done``."""
        return "done" if self.do else "seen"


@dataclass(frozen=True, eq=False, repr=False)
class WhatIf(Told):
    """Scenarios side by side.

    Attributes
    ----------
    frame : DataFrame
        One row for each scenario and outcome: ``scenario``, ``kind`` (seen or done), ``variable``
        (as asked for), ``label``, ``now``, ``then``, ``low``, ``high`` (of ``then``), ``change``,
        ``change_low``, ``change_high``: 95 % intervals over the draws, NaN without. ``now`` of a
        scenario that is done is the chance of someone like you who goes on as before.
    levels : mapping of scenario to str
        Level of care, that of the case first, as ``now``. What is done does not change it.
    largest : DataFrame
        The rows of ``frame`` with the largest changes of each scenario.
    """

    frame: pd.DataFrame
    levels: Mapping[str, str]
    largest: pd.DataFrame

    def to_dict(self) -> dict[str, Any]:
        """Return the answer ready for JSON; a missing interval is None."""
        return {
            "scenarios": plain_rows(self.frame),
            "levels": dict(self.levels),
            "largest": plain_rows(self.largest),
        }

    def to_text(self) -> str:
        """Return the largest changes of each scenario for people."""
        lines = []
        for name, rows in self.largest.groupby("scenario", sort=False):
            done = rows["kind"].iloc[0] == "done"
            words = _KIND if self.levels else _KIND_ANY
            lines += [f"{name} ({words[rows['kind'].iloc[0]]})"]
            told = [r for r in plain_rows(rows) if abs(r["change"]) >= NOTHING]
            lines += [change_line(row) for row in told] or ["  Nothing changes."]
            if self.levels and not done and self.levels[str(name)] != self.levels[NOW]:
                lines += [f"  Care: {LEVEL_WORDS[self.levels[str(name)]]}"]
        return "\n".join(lines)


_KIND = MappingProxyType(
    {
        "seen": "seen: people who answer so",
        "done": "done: people of your age and habits, with or without pain, if this were changed",
    }
)
_KIND_ANY = MappingProxyType(
    {"seen": "seen: where this is so", "done": "done: where this is set, by the arrows"}
)


def what_if(
    model: Model,
    case: Case,
    scenarios: Iterable[Scenario],
    outcomes: Sequence[str] | None = None,
    draws: int = 200,
    seed: int = 0,
) -> WhatIf:
    """Return what each scenario would change.

    Arguments and errors as of ``doors.one_case.what_if``; the imbalances, conditions and symptoms
    are the outcomes if left out. Causal shares are drawn with all other numbers. A scenario equal
    to the case changes nothing.

    Notes
    -----
    *Done* is P(outcome | context, do(x)) on the network in which contested links carry their causal
    share (Pearl 2009, Causality, chapter 3), with the context that the change does not reach; it
    is compared with do(x as it is now), or with no change where that is not known. Findings of a
    scenario that is done are conditioned on as if seen after the change.

    Examples
    --------
    >>> from lumbayes.cases.case import parse_case
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> case = parse_case(model, {"sitting": "over_8h", "low_back_pain": "yes"})
    >>> answer = what_if(
    ...     model, case, [Scenario("sit less", do={"sitting": "under_6h"})], ["low_back_pain"], 0
    ... )
    >>> bool(answer.frame["change"].iloc[0] < 0), answer.frame["kind"].iloc[0]
    (True, 'done')
    """
    check_draws(draws)
    chosen = list(scenarios)
    _check(model, case, chosen)
    names = usual_outcomes(model) if outcomes is None else outcomes
    asked = events(model, names)
    levels = {NOW: care_level(model, case).level}
    frames = []
    for scenario in chosen:
        place = f"scenario {scenario.name!r}"
        if scenario.kind == "seen":
            other = changed_case(model, case, scenario.findings, place)
            worlds = [_seen(model, case), _seen(model, other)]
            levels[scenario.name] = care_level(model, other).level
        else:
            worlds = _done(model, case, scenario, place)
            levels[scenario.name] = levels[NOW]
        (now, many_now), (then, many_then) = (
            _chances(model, world, asked, draws, seed, place) for world in worlds
        )
        # Draws in which either world cannot be are no pair to compare.
        both = np.isfinite(many_now).all(axis=0) & np.isfinite(many_then).all(axis=0)
        frames.append(comparison(asked, now, then, many_now[:, both], many_then[:, both]))
    return gathered(frames, chosen, levels)


def gathered(
    frames: Sequence[pd.DataFrame], scenarios: Sequence[Scenario], levels: Mapping[str, str]
) -> WhatIf:
    """Put the rows of all scenarios together, in their order, and find the largest changes."""
    frame = pd.concat(
        [
            rows.assign(scenario=s.name, kind=s.kind)[["scenario", "kind", *rows.columns]]
            for s, rows in zip(scenarios, frames, strict=True)
        ],
        ignore_index=True,
    )
    set_by = {s.name: {*s.findings, *s.do} for s in scenarios}
    told = [v not in set_by[s] for s, v in zip(frame["scenario"], frame["variable"], strict=True)]
    order = frame.loc[told, "change"].abs().sort_values(ascending=False, kind="stable").index
    largest = frame.loc[order].groupby("scenario", sort=False).head(LARGEST)
    place_of = {s.name: i for i, s in enumerate(scenarios)}
    largest = largest.sort_values("scenario", key=lambda c: c.map(place_of), kind="stable")
    return WhatIf(frame, MappingProxyType(dict(levels)), largest.reset_index(drop=True))


@dataclass(frozen=True, eq=False)
class _World:
    """What is known and set in one of the worlds that are compared."""

    findings: Mapping[str, Finding]
    do: Mapping[str, str]
    causal: bool


def _check(model: Model, case: Case, scenarios: Sequence[Scenario]) -> None:
    """Raise unless the scenarios can be told apart, and none contradicts itself."""
    check_scenarios(scenarios)
    for scenario in scenarios:
        place = f"scenario {scenario.name!r}"
        check_interventions(model, scenario.do, place)
        for name in scenario.findings:
            if name in case.do:
                raise CaseError(
                    f"{place}: the case sets {name} from outside; it cannot be seen otherwise."
                )


def check_scenarios(scenarios: Sequence[Scenario]) -> None:
    """Raise unless there is a scenario, each under its own name, and none sees what it sets."""
    if not scenarios:
        raise CaseError("no scenario is given. Name one, such as a change of sitting.")
    names = [s.name for s in scenarios]
    for scenario in scenarios:
        if scenario.name == NOW or names.count(scenario.name) > 1:
            raise CaseError(
                f"scenario {scenario.name!r}: the name is taken. Give each one of its own."
            )
        for name in scenario.findings:
            if name in scenario.do:
                raise CaseError(
                    f"scenario {scenario.name!r}: {name} is both seen ({scenario.findings[name]})"
                    f" and done ({scenario.do[name]}). Keep one."
                )


def usual_outcomes(model: Model, *, dangers: bool = True) -> list[str]:
    """Return what is compared if nobody says: imbalances, conditions and symptoms.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> len(usual_outcomes(model)) - len(usual_outcomes(model, dangers=False))
    7
    """
    left_out = () if dangers else model.with_role("must_not_miss")
    names = (*model.names("imbalance", "condition"), *symptoms(model))
    return [name for name in names if name not in left_out]


def _seen(model: Model, case: Case) -> _World:
    return _World(case_findings(model, case), case.do, bool(case.do))


def _done(model: Model, case: Case, scenario: Scenario, place: str) -> list[_World]:
    """Return someone like you who goes on as now, and one who changes something."""
    other = changed_case(model, case, scenario.findings, place)
    do = {**case.do, **scenario.do}
    reached = set(do)
    for name, variable in model.network.variables.items():
        if reached.intersection(variable.parents):
            reached.add(name)
    context = [n for n in model.names("context") if n not in reached]
    findings = case_findings(model, case)
    like_you: dict[str, Finding] = {n: findings[n] for n in context if n in findings}
    extra = case_findings(model, other)
    after = {**like_you, **{n: extra[n] for n in scenario.findings if n in extra}}
    certain = {n: s for n, s in after.items() if isinstance(s, str)}
    try:
        parse_case(model, {"findings": {**certain, **do}})
    except LumbayesError as error:
        raise type(error)(f"{place}: {error}") from None
    as_now = dict(case.do)
    for name in scenario.do:
        state = case.findings.get(name)
        if state in model.variables[name].states:
            as_now.setdefault(name, str(state))
    return [_World(like_you, as_now, True), _World(after, do, True)]


def _chances(
    model: Model, world: _World, asked: Sequence[Event], draws: int, seed: int, place: str
) -> tuple[Array, Array]:
    """Return P(outcome) by the published values, and by the draws; NaN in draws that forbid it."""
    network = network_for(model, causal=world.causal)
    known = evidence(network, world.findings, world.do)
    targets = [e.variable for e in asked]
    try:
        mean = chances(marginals(network, known, targets), asked)[:, 0]
    except ImpossibleEvidenceError as error:
        raise ImpossibleEvidenceError(f"{place}: {error}") from None
    if not draws:
        return mean, np.zeros((len(asked), 0))
    drawn = network_for(model, causal=world.causal, draws=draws, seed=seed)
    return mean, chances(marginals(drawn, known, targets, impossible="mark"), asked)
