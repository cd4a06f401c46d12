"""How the rows of a large batch are sorted: what they share, what couples nothing, by states."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from lumbayes.inference.evidence import Evidence
from lumbayes.inference.factors import Pattern, build_problem, relevant
from lumbayes.inference.junction_tree import choose_tree
from lumbayes.network.variables import Array, Network, NoisyMax

WORTH = 0.1  # seconds of work from which on it pays to look for a way to split the rows
SMALLEST = 128  # rows of a batch that is split
ENOUGH = 0.9  # of the time before: what another variable to split by must come below
SEARCHED = 100  # rows that the trees compared are searched for
PER_ENTRY = 1.3e-9  # seconds for one row to pass one entry of a tree
PER_CALL = 2e-7  # seconds for a chunk of rows to pass one entry, however few they are
PER_PROGRAM = 0.01  # seconds to compile one program
WORKSPACE = 24_000_000  # bytes of messages a chunk of rows may hold
FEWEST = 128  # rows of a chunk nevertheless: fewer leave numpy waiting for the interpreter

Targets = tuple[frozenset[str], ...]


def log(values: Any) -> Any:
    """Return the natural logarithm, minus infinity of 0."""
    with np.errstate(divide="ignore"):
        return np.log(values)


def sort_evidence(given: Evidence, targets: Targets) -> tuple[Pattern, dict[str, npt.NDArray[Any]]]:
    """Split evidence into what is the same in every row (sliced away) and what differs.

    Returns the pattern and the likelihoods that stay.
    """
    fixed: list[tuple[str, int]] = []
    soft: dict[str, npt.NDArray[Any]] = {}
    for name, values in given.likelihoods.items():
        if name in given.do:
            continue
        first = values[:, 0]
        same = values.shape[1] == 1 or bool((values == first[:, None]).all())
        if same and np.count_nonzero(first) == 1:
            fixed.append((name, int(np.argmax(first))))
        elif not (same and (first == 1.0).all()):
            soft[name] = values[:, :1] if same else values
    pattern = Pattern(
        tuple(sorted(fixed)), frozenset(soft), tuple(sorted(given.do.items())), targets
    )
    return pattern, soft


@lru_cache(maxsize=512)
def tree_cost(network: Network, pattern: Pattern, rows: int = 1) -> int:
    """Entries of the tree of a pattern, found as quickly as so many rows would have it."""
    return choose_tree(build_problem(network, pattern), rows).cost


def fold_absent(
    network: Network, given: Evidence, targets: Targets, size: int
) -> tuple[Evidence, Array]:
    """Turn noisy-MAX leaves that no row saw present into likelihoods of their causes.

    P(absent | causes) is a product of one number per cause, so such a column couples nothing. Also
    returns the log weight that goes with each row.
    """
    weight = np.zeros(size)
    if network.draws is not None:
        return given, weight
    columns = [
        n
        for n, v in given.likelihoods.items()
        if v.shape[1] > 1
        and n not in given.do
        and isinstance(network[n].distribution, NoisyMax)
        and ((v[1:] == 0).all(axis=0) | (v == 1).all(axis=0)).all()
    ]
    if not columns:
        return given, weight
    matters = relevant(network, Pattern((), frozenset(given.likelihoods), (), targets))
    asked = {v for target in targets for v in target}
    parents = {p for n in matters if n not in given.do for p in network[n].parents}
    likelihoods = dict(given.likelihoods)
    for name in columns:
        if name in parents or name in asked:
            continue
        values = likelihoods.pop(name)
        noisy = network[name].distribution
        assert isinstance(noisy, NoisyMax)
        seen = values[-1] == 0 if values.shape[0] > 1 else np.ones(size, dtype=bool)
        weight += log(np.where(seen, values[0] * noisy.leak[0], 1.0))
        for cause, effect in zip(network[name].parents, noisy.effects, strict=True):
            lowered = np.where(seen, effect[:, :1], 1.0)
            if cause in given.do:
                weight += log(lowered[given.do[cause]])
            else:
                likelihoods[cause] = (
                    likelihoods[cause] * lowered if cause in likelihoods else lowered
                )
    return Evidence(likelihoods, given.do, given.size), weight


def splitters(network: Network, given: Evidence, targets: Targets) -> tuple[str, ...]:
    """Return the variables by whose states the rows of a batch are best split; often none.

    Slicing them away makes the trees smaller than the tree of all rows. The choice depends on the
    batch only roughly, so that the parts of a long table share their programs.
    """
    if given.size < SMALLEST:
        return ()
    pattern, soft = sort_evidence(given, targets)
    whole = tree_cost(network, pattern) if soft else 0
    if _seconds(given.size, whole) < WORTH:
        return ()
    able = []
    for name, values in soft.items():
        children = sum(name in network[m].parents for m in network)
        share = round(float((np.count_nonzero(values, axis=0) == 1).mean()), 1)
        if children and share and values.shape[1] > 1:
            able.append((-children, name, share))
    most = tuple((name, share) for _, name, share in sorted(able)[:8])
    return _splitters(network, pattern, most, 2 ** round(math.log2(given.size)))


def split_rows(
    likelihoods: Mapping[str, npt.NDArray[Any]], by: Sequence[str]
) -> Iterator[tuple[dict[str, int], npt.NDArray[np.intp]]]:
    """Yield groups of rows: the states of the splitting variables, of those known for certain."""
    codes = np.array(
        [
            np.where(np.count_nonzero(likelihoods[n], axis=0) == 1, likelihoods[n].argmax(0), -1)
            for n in by
        ]
    )
    groups, which = np.unique(codes, axis=1, return_inverse=True)
    for i, states in enumerate(groups.T.tolist()):
        known = {n: s for n, s in zip(by, states, strict=True) if s >= 0}
        yield known, np.flatnonzero(which.reshape(-1) == i)


@lru_cache(maxsize=256)
def _splitters(
    network: Network, pattern: Pattern, able: Sequence[tuple[str, float]], size: int
) -> tuple[str, ...]:
    """Choose variables to split by, each the one that saves most, while that pays.

    ``able`` names them with the share of rows in which they are known for certain.
    """
    chosen: tuple[tuple[str, float], ...] = ()
    now = _split_seconds(network, pattern, chosen, size)
    while True:
        tried = [
            (_split_seconds(network, pattern, (*chosen, one), size), one)
            for one in able
            if one not in chosen
        ]
        if not tried or min(tried)[0] > ENOUGH * now:
            return tuple(name for name, _ in chosen)
        now, best = min(tried)
        chosen = (*chosen, best)


def _split_seconds(
    network: Network, pattern: Pattern, by: tuple[tuple[str, float], ...], size: int
) -> float:
    """Return roughly how long a batch takes that is split by these variables."""
    total = 0.0
    for knows in product((True, False), repeat=len(by)):
        rows, groups = float(size), 1
        for (name, share), known in zip(by, knows, strict=True):
            rows *= share if known else 1 - share
            groups *= len(network[name].states) if known else 1
        if rows >= 1:
            states = {name: 0 for (name, _), known in zip(by, knows, strict=True) if known}
            entries = tree_cost(network, fix(pattern, states), SEARCHED)
            groups = min(groups, int(rows))
            total += _seconds(rows, entries, groups) + groups * PER_PROGRAM
    return total


def chunk_rows(entries: int) -> int:
    """Return how many rows a program answers at a time."""
    return max(FEWEST, WORKSPACE // (8 * max(1, entries)))


def _seconds(rows: float, entries: int, groups: int = 1) -> float:
    """Return roughly how long so many rows take to pass a tree, group by group and in chunks."""
    chunks = max(groups, rows / chunk_rows(entries))
    return entries * (rows * PER_ENTRY + chunks * PER_CALL)


def fix(pattern: Pattern, states: Mapping[str, int]) -> Pattern:
    """Return a pattern in which these variables, whose likelihoods differed, are known."""
    fixed = dict(pattern.fixed) | dict(states)
    return Pattern(
        tuple(sorted(fixed.items())), pattern.soft.difference(states), pattern.do, pattern.targets
    )
