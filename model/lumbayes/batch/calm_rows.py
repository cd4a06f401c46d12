"""Rows that look firm and calm: how many unanswered signs could still raise them by a probability.

The rows of a table get here what ``signs_by_probability`` gives one person.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from lumbayes.cases.cohort import Cohort, batches_of
from lumbayes.cases.columns import BLANK
from lumbayes.inference.queries import marginals
from lumbayes.knowledge.anchors import ASKS_FOR_CARE
from lumbayes.knowledge.model import Model
from lumbayes.triage.care_level import threshold_conditions
from lumbayes.triage.rules import Rules
from lumbayes.triage.table import known_columns, states_left_of_rows


def open_by_probability(
    model: Model, rules: Rules, rows: Cohort, calm: npt.NDArray[np.intp]
) -> npt.NDArray[np.int16]:
    """Return how many unanswered signs could raise each calm row, shape ``(len(calm),)``.

    Parameters
    ----------
    model, rules
        As for ``signs_by_probability``.
    rows : Cohort
        What triage may know: no soft weights, no interventions.
    calm : array of int
        The rows whose level is self-care and for which no rule waits.
    """
    some, which = _each_once(rows.take(calm))
    known = known_columns(rules, some)
    silent = some.states.get(ASKS_FOR_CARE, np.full(some.size, BLANK, dtype=np.int8)) == BLANK
    counts = np.zeros(some.size, dtype=np.int16)
    for sign in (sign for screen in rules.screens for sign in screen.signs):
        name = sign.variable
        if name not in (*model.network, *model.with_role("unchanged")):
            continue
        left = states_left_of_rows(rules, known, name, some.size)
        raised = np.zeros(some.size, dtype=bool)
        for state in range(len(rules.states[name])):
            asked = np.flatnonzero((left >> state & 1).astype(bool))
            if not asked.size:
                continue
            then = some.take(asked)
            states = {**then.states, name: np.full(asked.size, state, dtype=np.int8)}
            if name in model.reports_pain and (state or model.reports_pain[name]):
                before = states.get(ASKS_FOR_CARE, np.full(asked.size, BLANK, dtype=np.int8))
                yes = model.variables[ASKS_FOR_CARE].states.index("yes")
                states[ASKS_FOR_CARE] = np.where(silent[asked], np.int8(yes), before)
            raised[asked] |= _raised(model, rules, replace(then, states=states))
        counts += raised
    return counts[which]


def _raised(model: Model, rules: Rules, rows: Cohort) -> npt.NDArray[np.bool_]:
    """Return the rows in which some probability reaches its threshold."""
    ((network, given, _),) = batches_of(model, rows)
    found = marginals(network, given, threshold_conditions(model), impossible="mark")
    over = np.zeros(rows.size, dtype=bool)
    for threshold in rules.thresholds:
        over |= found.probabilities[threshold.condition][-1] >= threshold.threshold
    return over & np.isfinite(found.log_evidence)


def _each_once(rows: Cohort) -> tuple[Cohort, npt.NDArray[np.intp]]:
    """Return each pattern of answers once, and which of them each row is."""
    columns = [np.asarray(c, dtype=np.float32) for c in rows.states.values()]
    columns += [w.astype(np.float32) for weights in rows.weights.values() for w in weights]
    columns += [m.astype(np.float32) for masks in rows.said.values() for m in masks]
    if not columns or not rows.size:
        return rows, np.arange(rows.size)
    _, first, which = np.unique(np.stack(columns), axis=1, return_index=True, return_inverse=True)
    return rows.take(first), which.reshape(-1)
