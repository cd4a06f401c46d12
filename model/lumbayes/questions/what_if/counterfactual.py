"""Answer the question: what would be otherwise for you, with your findings as they are.

Abduction, action, prediction (Pearl 2009, Causality, section 7.1) on the network of two worlds of
``twin_network`` (Balke & Pearl 1994). Diagnoses are never ranked by how many symptoms would go away
without them ("expected disablement", Richens, Lee & Johri 2020, under patent): only what a person
can change may be set, and the answer is a chance for each outcome, not an order of causes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from lumbayes.cases.case import Case, possible_states
from lumbayes.errors import CaseError
from lumbayes.inference.queries import evidence, marginals, stack
from lumbayes.knowledge.causal import network_for
from lumbayes.knowledge.model import Model
from lumbayes.network.variables import Array, Network
from lumbayes.questions.conditioning import case_findings, check_draws
from lumbayes.questions.what_if.interventions import (
    Event,
    change_line,
    check_interventions,
    comparison,
    events,
    plain_rows,
    symptoms,
)
from lumbayes.questions.what_if.twin_network import Twin, twin_network
from lumbayes.text import Told

TWINS = 256  # networks of two worlds that are kept, some 30 kilobytes each


@dataclass(frozen=True, eq=False, repr=False)
class Counterfactual(Told):
    """What would be otherwise for this very person.

    Attributes
    ----------
    do : mapping of variable to state
        What is different in the other world.
    frame : DataFrame
        One row an outcome: ``variable`` (as asked for), ``label``, ``now`` (P(outcome | findings)),
        ``then`` (its chance in the other world, given the same findings), ``low``, ``high``,
        ``change``, ``change_low``, ``change_high``; 95 % intervals over the draws, NaN without.
    assumptions : tuple of str
        On what the answer rests, in words.
    """

    do: Mapping[str, str]
    frame: pd.DataFrame
    assumptions: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the answer ready for JSON; a missing interval is None."""
        return {
            "do": dict(self.do),
            "outcomes": plain_rows(self.frame),
            "assumptions": list(self.assumptions),
        }

    def to_text(self) -> str:
        """Return the answer for people."""
        what = ", ".join(f"{name}={state}" for name, state in self.do.items())
        lines = [f"FOR YOU, HAD IT BEEN SO: {what}"]
        lines += [change_line(row) for row in plain_rows(self.frame)]
        return "\n".join(
            [*lines, "This rests on assumptions:", *(f"- {a}" for a in self.assumptions)]
        )


ASSUMPTIONS = (
    "The arrows of the network are causal, and a contested link counts by its causal share, in both"
    " worlds.",
    "Whether one cause brings about its effect, or something unknown does, is the same in both"
    " worlds; so is how strongly, for a cause in several grades.",
    "Where a full table stands for several causes, a person keeps the same rank among people with"
    " the same causes.",
    "The change has been there long enough to have its whole effect.",
)


def counterfactual(
    model: Model,
    case: Case,
    do: Mapping[str, str],
    outcomes: Sequence[str] | None = None,
    draws: int = 100,
    seed: int = 0,
) -> Counterfactual:
    """Return what would be otherwise for this very person, findings and all.

    Parameters
    ----------
    model : Model
        The tables; contested links count by their causal share.
    case : Case
        What was seen, before any change.
    do : mapping of variable to state
        What is different, out of ``model.with_role("changeable")``.
    outcomes : sequence of str, optional
        ``variable`` (any state but the first) or ``variable=state``. If left out, the symptoms that
        the case reports, or every place of pain if it reports none.
    draws, seed : int
        For the intervals, causal shares drawn too; 0 for none.

    Returns
    -------
    Counterfactual
        A symptom that is present and would be gone shows a ``then`` below 1.

    Raises
    ------
    CaseError
        If nobody can change a variable, nothing is changed, or the case itself holds interventions.
    ImpossibleEvidenceError
        If the case is impossible.

    Examples
    --------
    >>> from lumbayes.cases.case import parse_case
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> case = parse_case(model, {"low_back_pain": "yes", "sitting": "over_8h", "sex": "male"})
    >>> answer = counterfactual(model, case, {"sitting": "under_6h"}, draws=0)
    >>> float(answer.frame["now"].iloc[0]), bool(answer.frame["then"].iloc[0] < 1)
    (1.0, True)
    """
    check_draws(draws)
    check_interventions(model, do)
    if not do:
        raise CaseError(
            f"nothing is changed. Name what is, among {', '.join(model.with_role('changeable'))}."
        )
    if case.do:
        raise CaseError(
            f"the case already holds do({', '.join(case.do)}). Give it as it was seen, and the"
            " change apart from it."
        )
    asked = events(model, _reported(model, case) if outcomes is None else outcomes)
    now, then = counterfactual_chances(model, case, do, asked, network_for(model, causal=True))
    many_now = many_then = np.zeros((len(asked), 0))
    if draws:
        drawn = network_for(model, causal=True, draws=draws, seed=seed)
        many_now, many_then = counterfactual_chances(model, case, do, asked, drawn)
    frame = comparison(asked, now[:, 0], then[:, 0], many_now, many_then)
    return Counterfactual(dict(do), frame, ASSUMPTIONS)


def _reported(model: Model, case: Case) -> Sequence[str]:
    """Return the symptoms that are present for sure; every place of pain if there is none."""
    every = symptoms(model)
    present = [
        n for n in every if model.variables[n].states[0] not in possible_states(model, case, n)
    ]
    return present or [n for n in every if model.variables[n].group == "pain_place"]


@lru_cache(maxsize=TWINS)
def _twin(network: Network, do: tuple[tuple[str, str], ...], outcomes: tuple[str, ...]) -> Twin:
    """Return the network of two worlds: whoever asks the same of it next finds its tree made."""
    return twin_network(network, dict(do), outcomes)


def counterfactual_chances(
    model: Model, case: Case, do: Mapping[str, str], asked: Sequence[Event], network: Network
) -> tuple[Array, Array]:
    """Return P(outcome) in both worlds, shape ``(outcomes, draws)``, averaged over age and sex."""
    made = _twin if network.draws is None else _twin.__wrapped__  # draws are too large to keep
    twin = made(network, tuple(sorted(do.items())), tuple(e.variable for e in asked))
    findings = case_findings(model, case)
    unknown = [n for n in model.with_role("stratum") if n not in findings and n not in do]
    names = [twin.names[e.variable] for e in asked]
    each = [
        evidence(twin.network, {**findings, **dict(zip(unknown, states, strict=True))})
        for states in product(*(network[n].states for n in unknown))
    ]
    one_batch = network.draws is None  # else the draws are the batch
    logs_, worlds_ = [], []
    for seen in [stack(twin.network, each)] if one_batch else each:
        found = marginals(
            twin.network, seen, [*(e.variable for e in asked), *names], impossible="mark"
        )
        p = found.probabilities
        now_ = [e.chance(p[e.variable]) for e in asked]
        then_ = [e.chance(p[name]) for e, name in zip(asked, names, strict=True)]
        logs_.append(found.log_evidence)
        worlds_.append([now_, then_])
    logs, worlds = np.array(logs_), np.array(worlds_)
    if one_batch:
        logs, worlds = logs.T, worlds.T.swapaxes(1, 2)[..., 0, None]
    highest = logs.max(axis=0)
    if network.draws is None and not np.isfinite(highest).all():
        marginals(network, evidence(network, findings), [])  # raises, and names what clashes
    possible = np.isfinite(highest)
    share = np.exp(logs[:, possible] - highest[possible])
    mean = (worlds[..., possible] * share[:, None, None]).sum(axis=0) / share.sum(axis=0)
    now, then = np.clip(mean, 0.0, 1.0)
    return now, then
