"""What is asked of a compiled tree about some rows, and what is found."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from lumbayes.inference.compiled_tree import CompiledTree, Ints
from lumbayes.network.variables import Array

SURE, IMPOSSIBLE, UNSURE = range(3)  # what is known of a row
LIMIT = 1 << 33  # products of one row


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
class RowEvidence:
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


def fits(entries: int) -> None:
    """Raise TooLarge if so many numbers do not fit into half of the memory."""
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        memory = 4 << 30
    if 8 * entries > memory // 2:
        raise TooLarge(entries)
