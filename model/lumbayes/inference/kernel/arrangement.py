"""In which order rows are answered, and how many side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lumbayes.inference import schedule as of
from lumbayes.inference.compiled_tree import CompiledTree, Ints
from lumbayes.inference.kernel import answers as kernel
from lumbayes.inference.kernel.lanes import LANES
from lumbayes.inference.kernel.orders import plan
from lumbayes.inference.kernel.workspace import DEAR, DEAR_ROWS, REORDERED, WORKSPACE
from lumbayes.inference.tree_queries import LIMIT, Question, RowEvidence

SIDE_BY_SIDE = 32  # rows that follow the same steps
# Rows of which it is not worth while to judge that, then so many, unless they take more work.
FEW, FEW_SIDE_BY_SIDE, FEW_WORK = 256, 16, 300_000
SAMPLED = 3  # chunks by which it is judged how many rows to answer together
# Nanoseconds: an entry of one row alone, of one among others; a step found, carried out for some.
ALONE_ENTRY, ENTRY, FOUND, STEP = 1.5, 0.17, 500.0, 120.0
SORTED_BY = 8  # variables that rows are sorted by before
GROUP = 4  # chunks of a group that is kept apart, on average


def base_order(tree: CompiledTree) -> Ints:
    """Return the order in which variables are summed out, and their places in it.

    The kernel looks for a better one than the tree was compiled with, once.
    """
    n = len(tree.names)
    if tree.base is None:
        base = np.stack([np.arange(n), np.arange(n)])
        if DEAR < tree.cost and n <= REORDERED:
            none = np.full(n, -1, dtype=np.int64)
            wanted = np.array([int(name != "") for name in tree.names])

            def look(
                places: Any, near: Any, operands: Any, axes: Any, steps: Any, runs: Any, unary: Any,
                folds: Any, free: Any, counts: Any, bounds: Any,
            ) -> Ints | None:  # fmt: skip
                places[8, :n] = places[13, :n] = np.arange(n)
                places[11, 0] = -1
                failed = plan(
                    tree.structure, none, none, none, none, wanted, np.zeros(1, dtype=np.int64),
                    none[:0], False, 1, LIMIT, places, near, operands, axes, steps, runs, unary,
                    folds, counts,
                )  # fmt: skip
                if failed == of.TOO_SMALL:
                    return None
                better = failed == 0 and places[11, 0] >= 0
                return np.array(places[11:13, :n] if better else places[[8, 13], :n])

            base = WORKSPACE.until_it_fits(tree, 0, look)
        tree.keep_base(base)
    assert tree.base is not None
    return tree.base


def best_chunk(
    tree: CompiledTree,
    asked: Question,
    rows: RowEvidence,
    codes: npt.NDArray[np.int8],
    breaks: npt.NDArray[np.int8],
    base: Ints,
) -> int:
    """Return how many rows are best answered side by side, judged by some of them.

    The more there are, the less they see alike, and the less is sliced away.
    """
    if rows.size == 1 or (codes == codes[:, :1]).all():
        return rows.size
    if tree.columns > 1:
        return SIDE_BY_SIDE
    best, least = 1, np.inf
    few = [FEW_SIDE_BY_SIDE] if rows.size <= FEW else []
    for chunk in (*few, *(SIDE_BY_SIDE >> halved for halved in range(3)), 1):
        sampled = 1 if chunk in few else SAMPLED
        begins = np.linspace(0, max(rows.size - chunk, 0), sampled).astype(np.int64)

        def weigh(
            places: Any, near: Any, operands: Any, axes: Any, steps: Any, runs: Any, unary: Any,
            folds: Any, free: Any, counts: Any, bounds: Any, begins: Ints = begins,
            chunk: int = chunk,
        ) -> tuple[float, float] | None:  # fmt: skip
            failed, work, count = kernel.weigh(
                tree.structure, rows.variables, rows.starts, codes, begins, chunk, breaks,
                rows.forced, asked.wanted, asked.blank_start, asked.blank_axis, LIMIT, DEAR,
                DEAR_ROWS, base, places, near, operands, axes, steps, runs, unary, folds, counts,
            )  # fmt: skip
            return None if failed == of.TOO_SMALL else (work if failed == 0 else np.inf, count)

        work, count = WORKSPACE.until_it_fits(tree, len(asked.joints), weigh)
        if work == np.inf:
            continue
        if chunk in few and work < FEW_WORK:  # to look any further would take as long
            return chunk
        a_row = count * FOUND / chunk
        a_row += work * ALONE_ENTRY if chunk == 1 else work * ENTRY + count * STEP / LANES
        if a_row < least:
            best, least = chunk, a_row
        if a_row < 2 * count * FOUND / chunk:  # fewer rows at a time take longer to plan
            break
    return best


def alike(
    tree: CompiledTree,
    asked: Question,
    rows: RowEvidence,
    codes: npt.NDArray[np.int8],
    base: Ints,
    many: int,
) -> tuple[Ints, npt.NDArray[np.int8]]:
    """Return an order of rows in which those side by side know the same of what costs most.

    What all rows of a chunk see alike is sliced away, what none sees takes no part. The second
    array marks where a large group of such rows begins.
    """
    # Nothing of it is kept: the same rows give the same bits, whatever was asked before.
    if rows.size >= many and len(tree.names) <= REORDERED:
        keys = _keys(tree, asked, rows, codes, base)
    else:
        children = tree.children[rows.variables]
        keys = [int(e) for e in np.argsort(-children, kind="stable")[:SORTED_BY] if children[e]]
        keys = keys[: len(_groups(codes, keys)[1])]
    index, breaks = _groups(codes, keys)
    return index, breaks[-1] if breaks else np.zeros(rows.size, dtype=np.int8)


def _groups(
    codes: npt.NDArray[np.int8], keys: Sequence[int]
) -> tuple[Ints, list[npt.NDArray[np.int8]]]:
    """Sort rows by keys; mark where the groups begin that the first keys make, and more of them.

    As long as the groups are of some chunks each, on average.
    """
    index = _sorted(codes, keys)
    found: list[npt.NDArray[np.int8]] = []
    breaks = np.zeros(len(index), dtype=np.int8)
    for key in keys:
        breaks = breaks.copy()
        breaks[1:] |= np.diff(codes[key][index]) != 0
        if breaks.sum() * GROUP * SIDE_BY_SIDE > len(index):
            break
        found.append(breaks)
    return index, found


def _sorted(codes: npt.NDArray[np.int8], keys: Sequence[int]) -> Ints:
    """Sort rows by what they know of some variables, the first counting most."""
    index = np.arange(codes.shape[1])
    for key in reversed(keys):
        index = index[np.argsort(codes[key][index], kind="stable")]
    return index


def _keys(
    tree: CompiledTree,
    asked: Question,
    rows: RowEvidence,
    codes: npt.NDArray[np.int8],
    base: Ints,
) -> list[int]:
    """Return the variables by which rows are best sorted.

    One after the other: that which saves most if the rows of a chunk in the middle know it alike.
    """
    n = len(tree.names)
    shares = np.stack(
        [(codes < 0).mean(axis=1), (codes == 0).mean(axis=1), (codes > 0).mean(axis=1)]
    )
    gains = np.zeros(len(codes))
    keys: list[int] = []
    begin = (rows.size - SIDE_BY_SIDE) // 2
    while len(keys) < SORTED_BY:
        index = _sorted(codes, keys)
        some = codes.take(index[begin : begin + SIDE_BY_SIDE], axis=1)

        def tell(
            places: Any, near: Any, operands: Any, axes: Any, steps: Any, runs: Any, unary: Any,
            folds: Any, free: Any, counts: Any, bounds: Any, some: npt.NDArray[np.int8] = some,
        ) -> int | None:  # fmt: skip
            places[8, :n], places[13, :n] = base
            whole = kernel.telling(
                tree.structure, rows.variables, rows.starts, some, 0, SIDE_BY_SIDE, rows.forced,
                asked.wanted, asked.blank_start, asked.blank_axis, LIMIT, shares, gains, places,
                operands, axes, steps, runs, unary, folds, counts,
            )  # fmt: skip
            return None if whole == of.TOO_SMALL else int(whole)

        whole = WORKSPACE.until_it_fits(tree, len(asked.joints), tell)
        best = int(gains.argmax())
        if whole < 0 or gains[best] <= whole / 50:
            break
        gains[gains < whole / 200] = -1.0
        gains[best] = -1.0
        keys.append(best)
    return keys
