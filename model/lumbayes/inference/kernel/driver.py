"""Rows handed to the kernel: in order, so many at a time, with room for what they hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from lumbayes.errors import LumbayesError
from lumbayes.inference import schedule as of
from lumbayes.inference.compiled_tree import CompiledTree, Ints
from lumbayes.inference.kernel import answers as kernel
from lumbayes.inference.kernel.arrangement import SIDE_BY_SIDE, alike, base_order, best_chunk
from lumbayes.inference.kernel.lanes import LANES
from lumbayes.inference.kernel.workspace import DEAR, DEAR_ROWS, WORKSPACE, aligned
from lumbayes.inference.tree_queries import (
    LIMIT,
    SURE,
    UNSURE,
    Arrangement,
    Found,
    Question,
    RowEvidence,
    TooLarge,
    fits,
)

DEAREST = 4_000_000  # work of one row from which on its targets may better be asked one by one
MANY = 2048  # rows from which on it pays to look for the best variables to sort them by
MANY_OFTEN = 128  # the same where these rows will be asked again
ROWS_MEMORY = 1 << 23  # numbers that rows side by side may hold


def run_kernel(
    tree: CompiledTree,
    asked: Question,
    rows: RowEvidence,
    found: Found,
    arranged: Arrangement | None = None,
    often: bool = False,
) -> Arrangement:
    """Answer all rows, those in doubt marked; return how they were arranged.

    See ``run.run`` for ``arranged`` and ``often``.
    """
    codes = np.empty((len(rows.variables), rows.size), dtype=np.int8)
    values = rows.values.reshape(-1)
    kernel.read_rows(rows.variables, rows.starts, tree.card, values, rows.size, codes)
    base = base_order(tree)
    index, breaks = np.arange(rows.size), np.zeros(rows.size, dtype=np.int8)
    if tree.columns == 1 and rows.size > SIDE_BY_SIDE and codes.size:
        if arranged is None:
            many = MANY_OFTEN if often else MANY
            index, breaks = alike(tree, asked, rows, codes, base, many)
        else:
            index, breaks = arranged.index, arranged.breaks
        codes = codes.take(index, axis=1)
    if arranged is None:
        chunk = best_chunk(tree, asked, rows, codes, breaks, base)
        arranged = Arrangement(index, breaks, chunk)
    chunk = arranged.chunk
    apart = rows.size == 1 and len(asked.singles) > 1 and not asked.joints
    for most in (DEAREST if apart else LIMIT, LIMIT):
        work = _answer(tree, asked, rows, found, codes, index, breaks, chunk, base, most)
        if not work or _one_by_one(tree, asked, rows, found, codes, index, breaks, base, work // 2):
            break
    return arranged


def _one_by_one(
    tree: CompiledTree,
    asked: Question,
    rows: RowEvidence,
    found: Found,
    codes: npt.NDArray[np.int8],
    index: Ints,
    breaks: npt.NDArray[np.int8],
    base: Ints,
    most: int,
) -> bool:
    """Answer one target after the other, each of which may need a part of the network.

    Return False as soon as that takes more work than ``most``.
    """
    for v in asked.singles:
        wanted = np.zeros_like(asked.wanted)
        wanted[v] = 1
        alone = replace(asked, wanted=wanted)
        if _answer(tree, alone, rows, found, codes, index, breaks, 1, base, most):
            return False
        most -= int(WORKSPACE.counts[of.WORK_ROWS])
        if found.status[0] != SURE:
            break
    return True


def _answer(
    tree: CompiledTree,
    asked: Question,
    rows: RowEvidence,
    found: Found,
    codes: npt.NDArray[np.int8],
    index: Ints,
    breaks: npt.NDArray[np.int8],
    chunk: int,
    base: Ints,
    most: int,
) -> int:
    """Answer all rows, so many side by side; or return the work of a single row, if above most."""
    values = rows.values.reshape(-1)
    begin, factor, last = 0, 1, rows.size
    work = WORKSPACE
    if len(rows.values) * LANES > len(work.own):
        work.own = np.empty(len(rows.values) * LANES)
    while begin < last or chunk > 1:
        if begin == last:  # what went out of range side by side is repeated one by one
            again = np.flatnonzero(found.status[index] == UNSURE)
            index, codes = index[again], codes.take(again, axis=1)
            begin, last, chunk = 0, index.size, 1
            continue
        (places, near, operands, axes, steps, runs, unary, folds, free, counts, bounds) = work.fit(
            tree, len(asked.joints), factor
        )
        begin, why = kernel.answer(
            tree.structure, tree.least, tree.pool, rows.variables, rows.starts, values, rows.size,
            codes, index, begin, last, chunk, breaks, rows.forced, asked.wanted, asked.blank_start,
            asked.blank_axis, LIMIT, most, ROWS_MEMORY, DEAR, DEAR_ROWS, base, places, near,
            operands, axes, steps, runs, unary, folds, free, counts, work.shared, work.message,
            bounds, work.own, work.spare.ctypes.data, work.offsets, found.singles.reshape(-1),
            asked.out_start, found.joints.reshape(-1), asked.joint_start, found.log_evidence,
            found.status,
        )  # fmt: skip
        if why == kernel.ROOM:
            factor *= 2
        elif why == kernel.MEMORY:
            shared, message = int(counts[of.SHARED_SIZE]), int(counts[of.MESSAGE_SIZE]) + 1
            if shared > len(work.shared):
                work.shared = np.empty(2 * shared)
            lanes = LANES if chunk > 1 else 1
            if message * lanes > len(work.message):
                fits(message)
                work.message = np.empty(0)
                work.message = aligned(message * lanes)
        elif why == kernel.ALONE_INSTEAD:
            chunk = 1
        elif why == kernel.APART:
            return int(counts[of.WORK_ROWS])
        elif why == kernel.LARGE:
            raise TooLarge(LIMIT)
        elif why != kernel.DONE:
            raise LumbayesError(f"the kernel stopped for an unknown reason, {why}.")
    return 0
