"""Run compiled trees: the kernel where there is one, numpy where not, logarithms for rare rows."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from lumbayes.errors import LumbayesError
from lumbayes.inference import arrays
from lumbayes.inference import schedule as of
from lumbayes.inference.compiled_tree import CompiledTree, Ints, compile_tree
from lumbayes.inference.elimination import good_eliminations
from lumbayes.inference.factors import factor_graph
from lumbayes.network.variables import Array, Network, Table, Variable

SURE, IMPOSSIBLE, UNSURE = range(3)
LIMIT = 1 << 33  # products of one row
SIDE_BY_SIDE = 32  # rows that follow the same steps
SPARE = 1 << 17  # numbers that the kernel may lay out anew at a time, to multiply some at once
LANES = 8  # of which the kernel answers so many at once
FEW, FEW_SIDE_BY_SIDE = 256, 16  # rows of which it is not worth while to judge that; then so many
SAMPLED = 3  # chunks by which it is judged how many rows to answer together
# Nanoseconds: an entry of one row alone, of one among others; a step found, carried out for some.
ALONE_ENTRY, ENTRY, FOUND, STEP = 1.5, 0.17, 500.0, 120.0
# Work from which on a pattern gets an order of its own: of one row, of rows side by side.
DEAR, DEAR_ROWS = 60_000, 100_000
DEAREST = 4_000_000  # work of one row from which on its targets may better be asked one by one
REORDERED = 4096  # variables up to which a pattern may get an order of its own
SORTED_BY = 8  # variables that rows are sorted by before
MANY = 2048  # rows from which on it pays to look for the best of them
MANY_OFTEN = 128  # the same where these rows will be asked again
GROUP = 4  # chunks of a group that is kept apart, on average
ROWS_MEMORY = 1 << 23  # numbers that these may hold
NUMPY_MEMORY = 1 << 21
LOADING, COMPILING = 0.6, 30.0  # seconds that it takes to load or to compile the kernel, roughly
A_CASE = 0.004  # seconds that numpy takes for one of many ragged cases of the model, roughly


class TooLarge(Exception):
    """A tree would need more numbers than the machine holds."""

    def __init__(self, entries: int) -> None:
        super().__init__(entries)
        self.entries = entries


@dataclass(frozen=True, eq=False)
class Question:
    """Which posteriors and joints are wanted of a tree, and where they go."""

    singles: tuple[int, ...]
    joints: tuple[tuple[int, ...], ...]
    places: tuple[slice, ...]
    wanted: Ints
    out_start: Ints
    blank_start: Ints
    blank_axis: Ints
    joint_start: Ints
    size: int


@lru_cache(maxsize=256)
def question(
    tree: CompiledTree, singles: tuple[str, ...], several: tuple[frozenset[str], ...]
) -> Question:
    """Lay out the answers to a question."""
    n = len(tree.names)
    wanted, out_start = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    at = 0
    places = []
    numbers = tuple(tree.number[name] for name in singles)
    for v in numbers:
        wanted[v] = 1
        out_start[v] = at
        places.append(slice(at, at + int(tree.card[v])))
        at += int(tree.card[v])
    joints = tuple(tuple(sorted(tree.number[v] for v in names)) for names in several)
    sizes = [int(np.prod(tree.card[list(j)])) for j in joints]
    return Question(
        numbers,
        joints,
        tuple(places),
        wanted,
        out_start,
        np.cumsum([0, *(len(j) for j in joints)], dtype=np.int64),
        np.array([v for j in joints for v in j], dtype=np.int64),
        np.cumsum([0, *sizes], dtype=np.int64),
        at,
    )


@dataclass(frozen=True, eq=False)
class Rows:
    """Evidence of some rows on a tree: numbers of variables, their likelihoods one below another.

    ``values`` has shape ``(states, rows)`` with a largest entry of 1 in each variable's column;
    ``starts`` says where each variable's states begin.
    """

    variables: Ints
    starts: Ints
    values: Array
    forced: Ints
    size: int


@dataclass(frozen=True, eq=False)
class Arrangement:
    """In which order rows are answered, where a group of them begins, how many at a time."""

    index: Ints
    breaks: npt.NDArray[np.int8]
    chunk: int


@dataclass(frozen=True, eq=False)
class Found:
    """Posteriors one below another ``(states, rows)``, joints likewise, log P(evidence), status."""

    singles: Array
    joints: Array
    log_evidence: Array
    status: Ints
    arranged: Arrangement | None = None


# --- the kernel -----------------------------------------------------------------------------------


class Kernel:
    """The compiled kernel, loaded when that pays.

    Whoever answers one case and is done is quicker without: numpy answers until it has taken as
    long as loading would, or compiling where the kernel was never used before. The variable
    ``LUMBAYES_ENGINE`` forces one way: ``numpy`` or ``kernel``.
    """

    def __init__(self) -> None:
        self.module: ModuleType | None = None
        self.absent = False
        self.spent = 0.0
        self.lock = threading.Lock()

    def load(self) -> ModuleType | None:
        """Return the kernel, loaded now if it was not; None where numba is not installed."""
        if self.module is None and not self.absent:
            with self.lock:
                _forget_old()
                try:
                    from lumbayes.inference import kernel
                except (
                    ImportError,
                    RuntimeError,
                ):  # not installed; nowhere to keep what it compiles
                    self.absent = True
                else:
                    self.module = kernel
        return self.module

    def ready(self) -> ModuleType | None:
        """Return the kernel if it is loaded, or worth loading now."""
        wish = os.environ.get("LUMBAYES_ENGINE", "")
        if wish == "numpy":
            return None
        if wish == "kernel" or self.module is not None:
            return self.load()
        if self.spent > (LOADING if _compiled() else COMPILING):
            return self.load()
        return None


def _kept() -> tuple[list[Path], float]:
    """Return the indexes of what numba has kept on disk, and when a source was last changed."""
    here = Path(__file__).parent
    sources = (*here.glob("kernel*.py"), here / "schedule.py")
    folder = Path(os.environ.get("NUMBA_CACHE_DIR") or here / "__pycache__")
    indexes = (i for name in ("kernel*.nbi", "schedule*.nbi") for i in folder.rglob(name))
    return list(indexes), max(source.stat().st_mtime for source in sources)


def _compiled() -> bool:
    """Tell whether the kernel was compiled since it was last changed, without loading it."""
    indexes, changed = _kept()
    return any(
        i.name.startswith("kernel.answer-") and i.stat().st_mtime >= changed for i in indexes
    )


def _forget_old() -> None:
    """Remove what was compiled before the last change.

    Numba looks at the file of a function alone, not at those of the functions that it calls.
    """
    indexes, changed = _kept()
    for index in indexes:
        with suppress(OSError):  # another process was quicker, or the folder is not ours
            if index.stat().st_mtime < changed:
                index.unlink()


KERNEL = Kernel()


def use_kernel() -> bool:
    """Load the compiled kernel now, and compile it if it never was; tell whether there is one.

    Without this, a process begins with numpy and changes over once that has taken as long.

    Examples
    --------
    >>> use_kernel() in (True, False)
    True
    """
    if os.environ.get("LUMBAYES_ENGINE") == "numpy" or KERNEL.load() is None:
        return False
    _warm()
    return True


def expect_cases(number: int) -> None:
    """Load the kernel now if so many cases of the model are answered sooner with it.

    Examples
    --------
    >>> expect_cases(1)
    """
    if number * A_CASE > (LOADING if _compiled() else COMPILING):
        use_kernel()


def kernel_answers() -> bool:
    """Tell whether the next question goes to the kernel: its last digits are not those of numpy.

    Examples
    --------
    >>> use_kernel() == kernel_answers()
    True
    """
    return KERNEL.ready() is not None


@cache
def _warm() -> None:
    """Compile the kernel, or read what was compiled before, on the smallest of networks."""
    network = Network([Variable("rain", ("no", "yes"), (), Table(np.array([0.8, 0.2])))])
    graph = factor_graph(network)
    tree = compile_tree(network, graph, good_eliminations(graph.cards, *graph.planned, 1)[0])
    none = np.zeros(0, dtype=np.int64)
    rows = Rows(none, none, np.zeros((0, 1)), np.full(1, -1, dtype=np.int64), 1)
    found = Found(np.zeros((2, 1)), np.zeros((0, 1)), np.zeros(1), np.zeros(1, dtype=np.int64))
    _run_kernel(KERNEL.module, tree, question(tree, ("rain",), ()), rows, found)


def _aligned(size: int) -> Array:
    """Return room for numbers that begins where a line of the cache does."""
    room = np.empty(size + 8)
    start = -room.ctypes.data // 8 % 8
    return room[start : start + size]


class Workspace(threading.local):
    """Arrays that the kernel writes into, kept from call to call by each thread.

    Their size decides nothing: what does not fit is tried again with more room, so that answers
    are the same to the last bit whatever a process did before.
    """

    def __init__(self) -> None:
        self.n = 0
        self.room = 0
        self.shared = np.empty(1 << 12)
        self.message = _aligned(1 << 18)
        self.own = np.empty(0)
        self.spare = _aligned(SPARE)
        self.offsets = np.zeros(2048, dtype=np.int64)
        self.counts = np.zeros(of.COUNTS, dtype=np.int64)
        self.arrays: tuple[Any, ...] = ()

    def fit(self, tree: CompiledTree, joints: int, factor: int = 1) -> tuple[Any, ...]:
        """Return arrays large enough for a tree."""
        n = len(tree.names)
        room = factor * (2 * (len(tree.least) + 2 * n + joints) + 2 * n + 64)
        if n > self.n or room > self.room:
            self.n, self.room = max(n, self.n), max(room, self.room)
            n, room = self.n, self.room
            self.arrays = (
                np.zeros((14, 4 * n + 4 * room + 64), dtype=np.int64),
                np.zeros((min(n, REORDERED) + 1, min(n, REORDERED) // 64 + 1), dtype=np.uint64),
                np.zeros((room, of.OPERAND_COLUMNS), dtype=np.int64),
                np.zeros((2, 24 * room), dtype=np.int64),
                np.zeros((room, of.STEP_COLUMNS), dtype=np.int64),
                np.zeros((24 * room, of.RUN_COLUMNS), dtype=np.int64),
                np.zeros((2 * room, of.UNARY_COLUMNS), dtype=np.int64),
                np.zeros((room, 2), dtype=np.int64),
                np.zeros((4 * room, 2), dtype=np.int64),
                self.counts,
                np.zeros((room, 6)),
            )
        return self.arrays

    def until_it_fits(self, tree: CompiledTree, joints: int, work: Callable[..., Any]) -> Any:
        """Return what some work gives that takes these arrays, as soon as it is not None."""
        factor = 1
        while (done := work(*self.fit(tree, joints, factor))) is None:
            factor *= 2
        return done


WORKSPACE = Workspace()


def run(
    tree: CompiledTree,
    asked: Question,
    rows: Rows,
    arranged: Arrangement | None = None,
    *,
    often: bool = False,
) -> Found:
    """Answer all rows; none is left in doubt.

    ``arranged`` is what an earlier answer to the same question about the same rows came with; the
    numbers of the tree may have changed since. ``often`` says that such will follow.

    Raises
    ------
    TooLarge
        If a row takes more than the machine holds.
    """
    kernel = KERNEL.ready()
    found = Found(
        np.zeros((asked.size, rows.size)),
        np.zeros((int(asked.joint_start[-1]), rows.size)),
        np.zeros(rows.size),
        np.zeros(rows.size, dtype=np.int64),
    )
    if not rows.size:
        return found
    if kernel is not None:
        found = replace(
            found, arranged=_run_kernel(kernel, tree, asked, rows, found, arranged, often)
        )
    else:
        start = time.perf_counter()
        _run_numpy(tree, asked, rows, found)
        KERNEL.spent += time.perf_counter() - start
    doubtful = np.flatnonzero(found.status == UNSURE)
    if doubtful.size:
        _run_logs(tree, asked, rows, doubtful, found)
    # Rounding may leave a probability one unit above 1.
    np.minimum(found.singles, 1.0, out=found.singles)
    impossible = np.flatnonzero(found.status == IMPOSSIBLE)
    if impossible.size:
        found.singles[:, impossible] = found.joints[:, impossible] = 0.0
        found.log_evidence[impossible] = -np.inf
    return found


def _run_kernel(
    kernel: Any,
    tree: CompiledTree,
    asked: Question,
    rows: Rows,
    found: Found,
    arranged: Arrangement | None = None,
    often: bool = False,
) -> Arrangement:
    codes = np.empty((len(rows.variables), rows.size), dtype=np.int8)
    values = rows.values.reshape(-1)
    kernel.read_rows(rows.variables, rows.starts, tree.card, values, rows.size, codes)
    base = _base_order(kernel, tree)
    index, breaks = np.arange(rows.size), np.zeros(rows.size, dtype=np.int8)
    if tree.columns == 1 and rows.size > SIDE_BY_SIDE and codes.size:
        if arranged is None:
            many = MANY_OFTEN if often else MANY
            index, breaks = _alike(kernel, tree, asked, rows, codes, base, many)
        else:
            index, breaks = arranged.index, arranged.breaks
        codes = codes.take(index, axis=1)
    if arranged is None:
        chunk = _chunk(kernel, tree, asked, rows, codes, breaks, base)
        arranged = Arrangement(index, breaks, chunk)
    chunk = arranged.chunk
    apart = rows.size == 1 and len(asked.singles) > 1 and not asked.joints
    for most in (DEAREST if apart else LIMIT, LIMIT):
        work = _answer(kernel, tree, asked, rows, found, codes, index, breaks, chunk, base, most)
        if not work or _one_by_one(
            kernel, tree, asked, rows, found, codes, index, breaks, base, work // 2
        ):
            break
    return arranged


def _one_by_one(
    kernel: Any,
    tree: CompiledTree,
    asked: Question,
    rows: Rows,
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
        if _answer(kernel, tree, alone, rows, found, codes, index, breaks, 1, base, most):
            return False
        most -= int(WORKSPACE.counts[of.WORK_ROWS])
        if found.status[0] != SURE:
            break
    return True


def _answer(
    kernel: Any,
    tree: CompiledTree,
    asked: Question,
    rows: Rows,
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
                _fits(message)
                work.message = np.empty(0)
                work.message = _aligned(message * lanes)
        elif why == kernel.ALONE_INSTEAD:
            chunk = 1
        elif why == kernel.APART:
            return int(counts[of.WORK_ROWS])
        elif why == kernel.LARGE:
            raise TooLarge(LIMIT)
        elif why != kernel.DONE:
            raise LumbayesError(f"the kernel stopped for an unknown reason, {why}.")
    return 0


def _base_order(kernel: Any, tree: CompiledTree) -> Ints:
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
                failed = kernel.plan(
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


def _chunk(
    kernel: Any,
    tree: CompiledTree,
    asked: Question,
    rows: Rows,
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
        if chunk in few and work < DEAR_ROWS:  # to look any further would take as long
            return chunk
        a_row = count * FOUND / chunk
        a_row += work * ALONE_ENTRY if chunk == 1 else work * ENTRY + count * STEP / LANES
        if a_row < least:
            best, least = chunk, a_row
        if a_row < 2 * count * FOUND / chunk:  # fewer rows at a time take longer to plan
            break
    return best


def _alike(
    kernel: Any,
    tree: CompiledTree,
    asked: Question,
    rows: Rows,
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
        keys = _telling(kernel, tree, asked, rows, codes, base)
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


def _telling(
    kernel: Any,
    tree: CompiledTree,
    asked: Question,
    rows: Rows,
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


def _fits(entries: int) -> None:
    """Raise TooLarge if so many numbers do not fit into half of the memory."""
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        memory = 4 << 30
    if 8 * entries > memory // 2:
        raise TooLarge(entries)


# --- numpy ----------------------------------------------------------------------------------------


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
    tree: CompiledTree, rows: Rows, some: slice
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


def _run_numpy(tree: CompiledTree, asked: Question, rows: Rows, found: Found) -> None:
    hard, soft, forced, possible = _pattern(tree, rows, slice(0, rows.size))
    plan = _plan(
        tree, tuple(sorted(hard.items())), tuple(sorted(soft)), tuple(sorted(forced.items())),
        asked.singles, asked.joints,
    )  # fmt: skip
    if plan is None:
        raise TooLarge(LIMIT)
    step = max(1, NUMPY_MEMORY // max(1, plan.held))
    _fits(max(plan.largest, plan.held))
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


LOW = 1e-200  # of P(evidence): above it, nothing that counts has underflowed on the way


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


# --- logarithms -----------------------------------------------------------------------------------


def _run_logs(
    tree: CompiledTree, asked: Question, rows: Rows, doubtful: Ints, found: Found
) -> None:
    """Answer some rows in logarithms, whose range no product leaves."""
    begin, step = 0, doubtful.size
    while begin < doubtful.size:
        some = doubtful[begin : begin + step]
        few = Rows(rows.variables, rows.starts, rows.values[:, some], rows.forced, some.size)
        hard, soft, forced, possible = _pattern(tree, few, slice(0, some.size))
        plan = _plan(
            tree, tuple(sorted(hard.items())), tuple(sorted(soft)), tuple(sorted(forced.items())),
            asked.singles, asked.joints,
        )  # fmt: skip
        if plan is None:
            raise TooLarge(LIMIT)
        _fits(plan.largest)
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
    rows: Rows,
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
    _fits(plan.largest)
    return arrays.Run(tree, plan, soft, slice(draw, draw + 1), ring, largest)


def _from_logs(values: Array) -> Array:
    top = values.max(axis=tuple(range(values.ndim - 1)), keepdims=True)
    return np.asarray(np.exp(values - np.where(np.isfinite(top), top, 0.0)))
