"""Values of single numbers at which an order or the level of care flips."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lumbayes.cases.case import Case
from lumbayes.inference.queries import marginals
from lumbayes.knowledge.model import Model
from lumbayes.network.variables import Array
from lumbayes.questions.conditioning import case_evidence
from lumbayes.questions.sensitivity.perturbation import moved_posteriors, origin
from lumbayes.questions.what_if.interventions import event
from lumbayes.triage.care_level import care_level
from lumbayes.triage.known import case_known, rules_level
from lumbayes.triage.reader import load_rules
from lumbayes.triage.rules import LEVELS


def decision_thresholds(model: Model, case: Case) -> pd.DataFrame:
    """Return the values at which another condition comes first, or the level of care changes.

    Examples
    --------
    >>> from lumbayes.cases.case import parse_case
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> found = decision_thresholds(model, parse_case(model, {"low_back_pain": "yes"}))
    >>> set(found["kind"]) <= {"ranking", "triage"}
    True
    """
    columns = (
        *("number", "kind", "what", "value", "flips_at", "low", "high", "inside"),
        *("grade", "source", "file", "line"),
    )
    if case.do:
        return pd.DataFrame(columns=list(columns))
    names = model.names("condition")
    asked = [event(model, n) for n in names]
    places = [i for i, n in enumerate(model.numbers) if n.quantity != "causal_share"]
    logs, p = moved_posteriors(model, case, asked, [(i, x) for i in places for x in (0.0, 1.0)])
    now = marginals(model.network, case_evidence(model, case), names)
    weight = np.exp(logs - now.log_evidence[0]).reshape(-1, 2)
    joint = p.reshape(len(names), -1, 2) * weight
    probability = np.array([e.chance(now.probabilities[e.variable])[0] for e in asked])
    rows = []
    for i, kind, what, x in (
        *_rank_flips(model, names, probability, joint),
        *_level_flips(model, case, names, probability, joint, weight),
    ):
        n = model.numbers[places[i]]
        rows.append(
            {
                "number": n.id,
                "kind": kind,
                "what": what,
                "value": n.value,
                "flips_at": x,
                "low": n.low,
                "high": n.high,
                "inside": n.low <= x <= n.high,
                **origin(n),
                "far": abs(x - n.value) / max(n.high - n.low, 1e-12),
            }
        )
    frame = pd.DataFrame(rows, columns=[*columns, "far"])
    frame = frame.astype({"inside": bool}).sort_values(
        ["inside", "far"], ascending=[False, True], kind="stable"
    )
    return frame.drop(columns="far").reset_index(drop=True)


def _crossing(start: Array, end: Array) -> Array:
    """Return where straight lines from x = 0 to x = 1 cross zero; NaN where they do not."""
    crosses = (start * end < 0) & (np.abs(start - end) > 0)
    found: Array = np.divide(start, start - end, out=np.full(start.shape, np.nan), where=crosses)
    return found


def _rank_flips(
    model: Model, names: Sequence[str], probability: Array, joint: Array
) -> list[tuple[int, str, str, float]]:
    """Return number, kind, words and value wherever another condition overtakes the first."""
    first = int(probability.argmax())
    ahead = joint[first] - joint
    at = _crossing(ahead[..., 0], ahead[..., 1])
    label = [model.variables[n].label for n in names]
    return [
        (int(i), "ranking", f"{label[c]} becomes likelier than {label[first]}", float(at[c, i]))
        for c, i in np.argwhere(np.isfinite(at))
    ]


def _level_flips(
    model: Model,
    case: Case,
    names: Sequence[str],
    probability: Array,
    joint: Array,
    weight: Array,
) -> list[tuple[int, str, str, float]]:
    """Return number, kind, words and value wherever a threshold changes the level of care.

    All findings are kept here; a level that only holds with a red flag left out (see
    ``care_level``) stands firm.
    """
    rules = load_rules(model.folder)
    rank = LEVELS.index(rules_level(rules, case_known(rules, case), minor=case.minor))
    thresholds = rules.thresholds
    place = [names.index(t.condition) for t in thresholds]
    limit = np.array([t.threshold for t in thresholds])
    raised = np.array([LEVELS.index(t.level) for t in thresholds])
    over = probability[place] >= limit
    plain = min([rank, *raised[over]])
    care = LEVELS.index(care_level(model, case).level)
    floor = rank if care == plain else min(rank, care)
    now = min(floor, plain)
    excess = joint[place] - limit[:, None, None] * weight
    at = _crossing(excess[..., 0], excess[..., 1])
    flips = []
    for t, i in np.argwhere(np.isfinite(at)):
        x = float(at[t, i])
        then = excess[:, i, 0] * (1 - x) + excess[:, i, 1] * x >= 0
        then[t] = not over[t]
        level = min([floor, *raised[then]])
        if level != now:
            words = f"care changes from {LEVELS[now]} to {LEVELS[level]}"
            flips.append((int(i), "triage", words, x))
    return flips
