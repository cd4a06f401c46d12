"""Arrays that the kernel writes into, kept from call to call."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from lumbayes.inference import schedule as of
from lumbayes.inference.compiled_tree import CompiledTree
from lumbayes.network.variables import Array

REORDERED = 4096  # variables up to which a pattern may get an order of its own
SPARE = 1 << 17  # numbers that the kernel may lay out anew at a time, to multiply some at once
# Work from which on a pattern gets an order of its own: of one row, of rows side by side.
DEAR, DEAR_ROWS = 60_000, 100_000


def aligned(size: int) -> Array:
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
        self.message = aligned(1 << 18)
        self.own = np.empty(0)
        self.spare = aligned(SPARE)
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
