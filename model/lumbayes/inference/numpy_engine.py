"""Compiled trees run with numpy: the reference, and rare rows in logarithms."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from lumbayes.inference import arrays
from lumbayes.inference.compiled_tree import CompiledTree, Ints
from lumbayes.inference.tree_queries import (
    IMPOSSIBLE,
    LIMIT,
    SURE,
    UNSURE,
    Found,
    Question,
    RowEvidence,
    TooLarge,
    fits,
)
from lumbayes.network.variables import Array

NUMPY_MEMORY = 1 << 21  # numbers that rows answered together may hold
LOW = 1e-200  # of P(evidence): above it, nothing that counts has underflowed on the way


@lru_cache(maxsize=256)
def _plan(
    tree: CompiledTree,
    hard: tuple[tuple[int, int], ...],
    soft: tuple[int, ...],
    forced: tuple[tuple[int, int], ...],
    singles: tuple[int, ...],
    joints: tuple[tuple[int, ...], ...],
) -> arrays.ArrayPlan | None:
    places = dict.fromkeys(soft, 0)
    return arrays.plan(tree, dict(hard), places, dict(forced), singles, joints, LIMIT)


def _pattern(
    tree: CompiledTree, rows: RowEvidence, some: slice
) -> tuple[dict[int, int], dict[int, Array], dict[int, int], npt.NDArray[np.bool_]]:
    """Return what some rows see alike, likelihoods that differ, what is set, which rows can be."""
    forced = {int(v): int(rows.forced[v]) for v in np.flatnonzero(rows.forced >= 0)}
    hard: dict[int, int] = {}
    soft: dict[int, Array] = {}
    possible = np.ones(some.stop - some.start, dtype=bool)
    for v, start in zip(rows.variables.tolist(), rows.starts.tolist(), strict=True):
        if v in forced:
            continue
        values = rows.values[start : start + int(tree.card[v]), some]
        possible &= values.any(axis=0)
        first = values[:, 0]
        if (values == first[:, None]).all():
            if np.count_nonzero(first) == 1:
                hard[v] = int(first.argmax())
                continue
            if (first == 1.0).all():
                continue
            values = values[:, :1]
        soft[v] = values
    return hard, soft, forced, possible


def run_numpy(tree: CompiledTree, asked: Question, rows: RowEvidence, found: Found) -> None:
    """Answer all rows; some may be left in doubt."""
    hard, soft, forced, possible = _pattern(tree, rows, slice(0, rows.size))
    plan = _plan(
        tree, tuple(sorted(hard.items())), tuple(sorted(soft)), tuple(sorted(forced.items())),
        asked.singles, asked.joints,
    )  # fmt: skip
    if plan is None:
        raise TooLarge(LIMIT)
    step = max(1, NUMPY_MEMORY // max(1, plan.held))
    fits(max(plan.largest, plan.held))
    for begin in range(0, rows.size, step):
        some = slice(begin, min(begin + step, rows.size))
        own = {v: w if w.shape[1] == 1 else w[:, some] for v, w in soft.items()}
        one = arrays.Run(tree, plan, own, some, arrays.SUMS)
        total = np.broadcast_to(one.evidence(), (some.stop - begin,))
        sure = (total > LOW) & (total < 1 / LOW)
        found.log_evidence[some] = np.log(np.where(sure, total, 1.0))
        found.status[some] = np.where(sure, SURE, UNSURE)
        _write(tree, asked, plan, one, found, some, np.asarray)
    found.status[~possible] = IMPOSSIBLE
    found.log_evidence[~possible] = -np.inf


def _write(
    tree: CompiledTree,
    asked: Question,
    plan: arrays.ArrayPlan,
    one: arrays.Run,
    found: Found,
    some: slice | Ints,
    scale: Any,
) -> None:
    """Scale the answers of a run and write them to their rows."""
    single, joint = one.marginals()
    for v in asked.singles:
        at, k = int(asked.out_start[v]), int(tree.card[v])
        if plan.status[v] >= 0:
            found.singles[at : at + k, some] = 0.0
            found.singles[at + plan.status[v], some] = 1.0
        else:
            found.singles[at : at + k, some] = _normal(scale(single[v]), 1)
    for b, axes in enumerate(asked.joints):
        at = int(asked.joint_start[b])
        shape = [int(tree.card[v]) for v in axes]
        size = int(np.prod(shape))
        count = some.size if isinstance(some, np.ndarray) else some.stop - some.start
        whole = np.zeros((*shape, count))
        free = [v for v in axes if plan.status[v] < 0]
        index = tuple(plan.status[v] if plan.status[v] >= 0 else slice(None) for v in axes)
        whole[index] = _normal(scale(joint[b]), len(free))
        found.joints[at : at + size, some] = whole.reshape(size, -1)


def _normal(values: Array, axes: int) -> Array:
    total = values.sum(axis=tuple(range(axes)), keepdims=True) if axes else values
    return np.divide(values, total, out=np.zeros_like(values), where=total > 0)


def run_logs(
    tree: CompiledTree, asked: Question, rows: RowEvidence, doubtful: Ints, found: Found
) -> None:
    """Answer some rows in logarithms, whose range no product leaves."""
    begin, step = 0, doubtful.size
    while begin < doubtful.size:
        some = doubtful[begin : begin + step]
        few = RowEvidence(rows.variables, rows.starts, rows.values[:, some], rows.forced, some.size)
        hard, soft, forced, possible = _pattern(tree, few, slice(0, some.size))
        plan = _plan(
            tree, tuple(sorted(hard.items())), tuple(sorted(soft)), tuple(sorted(forced.items())),
            asked.singles, asked.joints,
        )  # fmt: skip
        if plan is None:
            raise TooLarge(LIMIT)
        fits(plan.largest)
        most = max(1, NUMPY_MEMORY // max(plan.largest, plan.held, 1))
        if some.size > most:
            step = most
            continue
        one = arrays.Run(tree, plan, soft, some, arrays.LOGS)
        logs = np.where(possible, one.evidence(), -np.inf)
        found.log_evidence[some] = logs
        found.status[some] = np.where(np.isfinite(logs), SURE, IMPOSSIBLE)
        _write(tree, asked, plan, one, found, some, _from_logs)
        begin += step


def run_one(
    tree: CompiledTree,
    rows: RowEvidence,
    ring: arrays.Ring,
    draw: int = 0,
    *,
    largest: frozenset[int] = frozenset(),
    wanted: tuple[int, ...] = (),
    all_free: bool = False,
) -> arrays.Run:
    """Sum out what bears on the evidence of one row and on the variables wanted.

    With ``all_free`` everything counts, and what is seen is not sliced away.

    Raises
    ------
    TooLarge
        If it takes more than the machine holds.
    """
    hard, soft, forced, _ = _pattern(tree, rows, slice(0, 1))
    asked = wanted
    if all_free:
        soft |= {v: np.eye(int(tree.card[v]))[:, [state]] for v, state in hard.items()}
        hard = {}
        asked = tuple(v for v, name in enumerate(tree.names) if name)
    plan = _plan(
        tree, tuple(sorted(hard.items())), tuple(sorted(soft)), tuple(sorted(forced.items())),
        asked, (),
    )  # fmt: skip
    if plan is None:
        raise TooLarge(LIMIT)
    fits(plan.largest)
    return arrays.Run(tree, plan, soft, slice(draw, draw + 1), ring, largest)


def _from_logs(values: Array) -> Array:
    top = values.max(axis=tuple(range(values.ndim - 1)), keepdims=True)
    return np.asarray(np.exp(values - np.where(np.isfinite(top), top, 0.0)))
