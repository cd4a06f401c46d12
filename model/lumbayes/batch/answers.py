"""Answers to many cases at once: posteriors, level of care, the most probable conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from lumbayes.batch.calm_rows import open_by_probability
from lumbayes.cases.case import Case
from lumbayes.cases.cohort import Cohort, Flags, batches_of, case_of_row, joined
from lumbayes.cases.columns import BLANK, Floats
from lumbayes.errors import ImpossibleEvidenceError, LumbayesError, check_seed
from lumbayes.inference.queries import Evidence, marginals
from lumbayes.knowledge.causal import network_for
from lumbayes.knowledge.model import Model
from lumbayes.network.variables import Network
from lumbayes.questions.conditioning import check_draws
from lumbayes.triage.care_level import (
    ALL_SUBSETS,
    already_means,
    answerable,
    flag_states,
    threshold_conditions,
    worst_posteriors,
)
from lumbayes.triage.reader import load_rules
from lumbayes.triage.rules import LEVELS
from lumbayes.triage.table import judge_table, known_columns, rule_ranks

CARE = ("level", "rules", "provisional", "open_warning_signs")
PROBLEM = "problem"
TOGETHER = 64  # rows that contradict themselves whose parts are weighed at once
EXPLAINED = 100  # impossible rows of one part for which the clash is searched
RELATED = "these findings cannot occur together. Assess the row alone to see which of them clash."

Indices = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Wanted:
    """What to answer for each row.

    Attributes
    ----------
    targets : tuple of str
        Variables whose posterior is written.
    top : int
        How many of the most probable conditions are named.
    draws : int
        Parameter draws for 95 % intervals; 0 for none.
    seed : int
        Of the draws.
    """

    targets: tuple[str, ...]
    top: int = 3
    draws: int = 0
    seed: int = 0


def check_wanted(
    model: Model, targets: Sequence[str] | None = None, top: int = 3, draws: int = 0, seed: int = 0
) -> Wanted:
    """Return what is wanted, checked; without targets all conditions and imbalances.

    Raises
    ------
    UnknownNameError
        If a target does not exist.
    LumbayesError
        If the number of conditions or draws, or the seed, makes no sense, or a text stands for the
        list of targets.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> check_wanted(load_model(), ["gtps"]).targets
    ('gtps',)
    """
    if isinstance(targets, str):
        raise LumbayesError(f"targets is the text {targets!r}. Give a list, such as [{targets!r}].")
    return _checked(model, None if targets is None else tuple(targets), top, draws, seed)


@lru_cache(maxsize=16, typed=True)
def _checked(
    model: Model, targets: tuple[str, ...] | None, top: int, draws: int, seed: int
) -> Wanted:
    check_draws(draws)
    check_seed(seed)
    conditions = model.names("condition")
    if not isinstance(top, int) or not 0 <= top <= len(conditions):
        raise LumbayesError(f"top is {top!r}. Give a whole number from 0 to {len(conditions)}.")
    chosen = model.names("condition", "imbalance") if targets is None else targets
    for name in chosen:
        model.network[name]
    return Wanted(tuple(dict.fromkeys(chosen)), top, draws, seed)


def answer_rows(
    model: Model, rows: Cohort, wanted: Wanted, broken: Mapping[int, Case] = MappingProxyType({})
) -> tuple[pd.DataFrame, dict[int, str]]:
    """Answer checked cases.

    Parameters
    ----------
    model : Model
        Its network answers; under an intervention contested links carry only their causal share.
    rows : Cohort
        As of ``rows_from_table``, those of ``broken`` as of ``rows_from_cases``.
    wanted : Wanted
        What to answer.
    broken : mapping of row to Case, optional
        Rows that contradict themselves or cannot be read whole, as ``understand`` gives them.

    Returns
    -------
    DataFrame
        One row a case, position as index. ``level`` (ordered category) and ``rules`` that fired,
        as ``care_level`` gives them; ``provisional`` and the number of ``open_warning_signs``;
        ``top_1``, ``top_2``, … the most probable conditions; ``p_<variable>``, P(last state) of a
        variable of two states, or ``p_<variable>_<state>`` for each state; ``low_…`` and ``high_…``
        likewise if draws are wanted; ``log_evidence``, the natural logarithm of P(findings);
        ``problem``, why a row is answered in part: it contradicts itself or could not be read
        whole, and calls for a visit (``answerable``). Probabilities are missing where the answers
        cannot occur together, or could not be read whole.
    dict of int to str
        The reason for each other such row; its cells are missing.
    """
    conditions, cards = _asked(model, wanted.targets)
    n = rows.size
    rules = load_rules(model.folder)
    known = known_columns(rules, rows)
    by_rules = rule_ranks(rules, known, rows.minor)
    unsettled = by_rules != 0
    plain, differs = _without_weights(rows)
    origin, fewer = _with_fewer_flags(model, plain, unsettled, differs)
    # The rows and what triage compares them with go together: one batch shares the trees.
    batches = batches_of(model, joined([rows, fewer]))
    row_of = np.concatenate([np.arange(n), origin])
    every = {m: np.zeros((k, len(row_of))) for m, k in cards.items()}
    logs = np.zeros(len(row_of))
    for network, given, where in batches:
        some = marginals(network, given, tuple(cards), impossible="mark")
        logs[where] = some.log_evidence
        for name in cards:
            every[name][:, where] = some.probabilities[name]
    impossible = _reasons(batches, logs, row_of)
    posterior = {c: every[c][-1, :n].copy() for c in threshold_conditions(model)}
    for name, values in posterior.items():
        values[differs] = -np.inf
        np.maximum.at(values, origin, every[name][-1, n:])
        values[~unsettled] = np.nan
    odd = sorted({*impossible, *(i for i, case in broken.items() if case.contradictions)})
    _weigh_parts(model, rows, broken, [i for i in odd if unsettled[i]], posterior)
    frame = pd.DataFrame({c: np.clip(v, 0.0, 1.0) for c, v in posterior.items()})
    care = judge_table(
        *(rules, known, n),
        posterior=frame,
        minor=rows.minor,
        unclear=rows.unclear,
        contradictory=sorted({*odd, *rows.disagree}),
    )
    calm = (care["level"] == LEVELS[-1]) & ~care["provisional"] & np.isfinite(logs[:n])
    if calm.any():
        where = np.flatnonzero(calm)
        count = open_by_probability(model, rules, plain, where)
        care.loc[where, "open_warning_signs"] = count
        care.loc[where, "provisional"] = count > 0
    found = {m: values[:, :n] for m, values in every.items()}
    logs = logs[:n]
    wrong = impossible | {i: str(case.problem() or "") for i, case in broken.items()}
    reasons = {
        i: f"{reason}{already_means(str(care['level'][i]), i in odd)}"
        for i, reason in wrong.items()
        if reason and not answerable(care["level"][i], i in broken and bool(broken[i].errors))
    }
    unread = {i for i, case in broken.items() if case.errors}
    bad = np.array(sorted({*impossible, *reasons, *unread}), dtype=np.intp)
    columns: dict[str, object] = {name: care[name] for name in CARE}
    columns |= _first(conditions, np.stack([found[c][-1] for c in conditions]), wanted.top)
    intervals = _intervals(model, batches, wanted, n, bad) if wanted.draws else {}
    for target in wanted.targets:
        for name, state in probability_columns(model, target).items():
            values = found[target][state]
            values[bad] = np.nan
            columns[f"p_{name}"] = values
            if wanted.draws:
                low, high = intervals[target]
                columns[f"low_{name}"] = np.fmin(low[state], values)
                columns[f"high_{name}"] = np.fmax(high[state], values)
    logs[bad] = np.nan
    columns["log_evidence"] = logs
    columns[PROBLEM] = pd.Categorical([wrong.get(i, "") for i in range(n)])
    frame = pd.DataFrame(columns, index=range(rows.size))
    if bad.size:
        frame.loc[bad, [f"top_{i + 1}" for i in range(wanted.top)]] = None
    if reasons:
        text = [*CARE, PROBLEM]
        frame = frame.astype({"provisional": object, "open_warning_signs": object})
        frame.loc[sorted(reasons), text] = None
    return frame, reasons


@lru_cache(maxsize=16)
def _asked(model: Model, targets: tuple[str, ...]) -> tuple[tuple[str, ...], Mapping[str, int]]:
    """Return the conditions, and how many states each variable has whose posterior is needed."""
    conditions = model.names("condition")
    names = dict.fromkeys([*targets, *conditions, *threshold_conditions(model)])
    return conditions, {name: len(model.network[name].states) for name in names}


def _weigh_parts(
    model: Model,
    rows: Cohort,
    broken: Mapping[int, Case],
    odd: Sequence[int],
    posterior: Mapping[str, Floats],
) -> None:
    """Fill in what counts for the thresholds in rows that contradict themselves."""
    cases = [
        broken[i] if i in broken and broken[i].said else case_of_row(model, rows, i) for i in odd
    ]
    for start in range(0, len(odd), TOGETHER):
        some = slice(start, start + TOGETHER)
        for i, worst in zip(odd[some], worst_posteriors(model, cases[some]), strict=True):
            for name, values in posterior.items():
                values[i] = worst[name]


@lru_cache(maxsize=256)
def probability_columns(model: Model, target: str) -> Mapping[str, int]:
    """Return the names of a target's columns, without prefix, and the state each one stands for.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> probability_columns(load_model(), "gtps")
    {'gtps': 1}
    >>> probability_columns(load_model(), "leg_pain")
    {'leg_pain_none': 0, 'leg_pain_above_knee': 1, 'leg_pain_below_knee': 2}
    """
    states = model.network[target].states
    if len(states) == 2:
        return {target: 1}
    return {f"{target}_{s}": i for i, s in enumerate(states)}


def answer_columns(model: Model, wanted: Wanted) -> list[str]:
    """Return the names of the columns of ``answer_rows``, in order.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> answer_columns(model, check_wanted(model, ["gtps"], top=1))
    ['level', 'rules', 'provisional', 'open_warning_signs', 'top_1', 'p_gtps', 'log_evidence',
    'problem']
    """
    ends = ("p", "low", "high") if wanted.draws else ("p",)
    names = [name for target in wanted.targets for name in probability_columns(model, target)]
    return [
        *CARE,
        *(f"top_{i + 1}" for i in range(wanted.top)),
        *(f"{end}_{name}" for name in names for end in ends),
        "log_evidence",
        PROBLEM,
    ]


def _first(names: Sequence[str], values: Floats, top: int) -> dict[str, pd.Categorical[str]]:
    """Return the names of the largest values in each column, largest first."""
    first = np.argpartition(-values, max(top - 1, 0), axis=0)[:top]
    own = np.argsort(-np.take_along_axis(values, first, axis=0), axis=0, kind="stable")
    order = np.take_along_axis(first, own, axis=0)
    return {
        f"top_{i + 1}": pd.Categorical.from_codes(place, pd.Index(names))
        for i, place in enumerate(order)
    }


def _reasons(
    batches: Sequence[tuple[Network, Evidence, Indices]], logs: Floats, row_of: Indices
) -> dict[int, str]:
    """Return why rows cannot occur: those themselves first, then what triage compares them with."""
    reasons: dict[int, str] = {}
    for place in np.flatnonzero(~np.isfinite(logs)).tolist():
        if int(row_of[place]) in reasons:
            continue
        network, given, i = next(
            (network, given, int(np.searchsorted(where, place)))
            for network, given, where in batches
            if place in where
        )
        reason = RELATED
        if len(reasons) < EXPLAINED:
            alone = {m: v[:, [min(i, v.shape[1] - 1)]] for m, v in given.likelihoods.items()}
            try:
                marginals(network, Evidence(alone, given.do, 1), ())
            except ImpossibleEvidenceError as error:
                reason = str(error)
        reasons[int(row_of[place])] = reason
    return reasons


# --- level of care ------------------------------------------------------------------------------


def _without_weights(rows: Cohort) -> tuple[Cohort, Flags]:
    """Return what triage may know, and which rows that changes: those with weights or ``do``."""
    differs = np.zeros(rows.size, dtype=bool)
    for weights in rows.weights.values():
        differs |= (weights != 1.0).any(axis=0)
    for codes in rows.do.values():
        differs |= codes != BLANK
    ruled_out = {
        n: np.where((w == 0).any(axis=0), (w > 0).astype(float), 1.0)
        for n, w in rows.weights.items()
    }
    return replace(rows, weights=ruled_out, do={}), differs


def _with_fewer_flags(
    model: Model, rows: Cohort, chosen: Flags, as_they_are: Flags
) -> tuple[Indices, Cohort]:
    """Return each chosen row without every subset of its red flags, and the row it comes from.

    The row with all its flags is among them only where ``as_they_are`` says so. Of more than
    ``ALL_SUBSETS`` flags at most two are left out at a time.
    """
    present = {}
    for name, flagged in flag_states(model).items():
        if name in rows.states and name in model.network.variables:
            known = model.variables[name].states
            alarms = [known.index(s) for s in flagged if s in known]
            present[name] = np.isin(rows.states[name], alarms) & chosen
    names = list(present)
    origins = [np.flatnonzero(chosen & as_they_are)]
    blanked: list[tuple[int, tuple[str, ...]]] = [(origins[0].size, ())]
    matrix = np.array(list(present.values())).reshape(len(names), rows.size)
    some_flag = np.flatnonzero(matrix.any(axis=0))
    if not some_flag.size:
        return origins[0], rows.take(origins[0])
    patterns, which = np.unique(matrix[:, some_flag], axis=1, return_inverse=True)
    for i, pattern in enumerate(patterns.T):
        flags = [n for n, p in zip(names, pattern, strict=True) if p]
        where = some_flag[which.reshape(-1) == i]
        most = len(flags) if len(flags) <= ALL_SUBSETS else 2
        for size in range(1, most + 1):
            for some in combinations(flags, size):
                origins.append(where)
                blanked.append((where.size, some))
    origin = np.concatenate(origins)
    fewer = rows.take(origin)
    states = {n: c.copy() for n, c in fewer.states.items()}
    start = 0
    for count, left_out in blanked:
        for name in left_out:
            states[name][start : start + count] = BLANK
        start += count
    return origin, replace(fewer, states=states)


# --- intervals ----------------------------------------------------------------------------------


def _intervals(
    model: Model,
    batches: Sequence[tuple[Network, Evidence, Indices]],
    wanted: Wanted,
    size: int,
    bad: Indices,
) -> dict[str, tuple[Floats, Floats]]:
    """Return the 95 % interval of every target's states over the draws, each ``(k, n)``."""
    ends = {t: np.full((2, len(model.network[t].states), size), np.nan) for t in wanted.targets}
    skip = set(bad.tolist())
    for _, given, where in batches:
        network = network_for(model, causal=bool(given.do), draws=wanted.draws, seed=wanted.seed)
        for i, row in enumerate(where.tolist()):
            if row in skip or row >= size:
                continue
            alone = {n: v[:, [min(i, v.shape[1] - 1)]] for n, v in given.likelihoods.items()}
            alone = {n: v for n, v in alone.items() if (v != 1.0).any()}
            some = marginals(
                network, Evidence(alone, given.do, 1), wanted.targets, impossible="mark"
            )
            usable = np.isfinite(some.log_evidence)
            for target, values in ends.items():
                kept = some.probabilities[target][:, usable]
                if kept.shape[1]:
                    values[:, :, row] = np.quantile(kept, [0.025, 0.975], axis=1)
    return {t: (v[0], v[1]) for t, v in ends.items()}
