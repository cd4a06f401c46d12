"""Which program answers which rows: one general tree, pruned trees, chunks, splits, rare rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from lumbayes.errors import LumbayesError
from lumbayes.inference.evidence import Evidence
from lumbayes.inference.factors import Pattern
from lumbayes.inference.grouping import (
    Targets,
    chunk_rows,
    fix,
    fold_absent,
    log,
    sort_evidence,
    split_rows,
    splitters,
    tree_cost,
)
from lumbayes.inference.junction_tree import Program, program_for
from lumbayes.inference.operations import SMALLEST
from lumbayes.network.variables import Array, Network

FEW = 16  # rows that a tree for any evidence serves, rather than one of their own
REUSED = 200  # rows that it is worth searching that tree for
MANY = 8  # targets from which on that tree answers every variable
GENERAL = 3_000_000  # entries times rows up to which that tree is quicker than compiling

Rows = slice | npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Answer:
    """Joint posteriors ``(k_1, …, n)`` by set of variables, in network order; log P(evidence)."""

    joints: Mapping[frozenset[str], Array]
    log_evidence: Array


def answer(network: Network, given: Evidence, targets: Targets) -> Answer:
    """Answer targets, each one variable or several that stand together in one table.

    Rows whose evidence is impossible have log_evidence minus infinity and zero everywhere else.
    """
    size = count_rows(network, given)
    given, scale = _to_scale(given)
    logs = np.zeros(size)
    joints: dict[frozenset[str], Array] = {}
    general = _general(network, tuple(sorted(given.do.items())), targets, size)
    if general is not None:
        program = program_for(network, general, REUSED)
        _run(network, program, general, {**_blanks(network), **given.likelihoods}, joints, logs)
        joints = {target: joints[target] for target in targets}
    else:
        joints = _zeros(network, targets, size)
        by = splitters(network, given, targets) if network.draws is None and size > FEW else ()
        if by:
            _answer_split(network, given, by, joints, logs)
        else:
            fewer, weight = fold_absent(network, given, targets, size)
            pattern, likelihoods = sort_evidence(fewer, targets)
            program = program_for(network, pattern, size)
            _answer_rows(network, program, pattern, likelihoods, joints, logs, np.arange(size))
            logs += weight
    rare = np.flatnonzero(np.isneginf(logs))
    if rare.size:
        _repeat_rare(network, given, rare, joints, logs)
    for name, state in given.do.items():
        if name in given.likelihoods:
            logs += log(given.likelihoods[name][state])
    logs += scale
    impossible = np.isneginf(logs)
    if impossible.any():
        for joint in joints.values():
            joint[..., impossible] = 0.0
    return Answer(joints, logs)


def count_rows(network: Network, given: Evidence) -> int:
    """Return the length of the batch axis: cases, or draws of one case."""
    if network.draws is None or given.size == network.draws:
        return given.size
    if given.size != 1:
        raise LumbayesError(
            f"the network holds {network.draws} draws but the batch {given.size} cases: "
            "pass one case at a time."
        )
    return network.draws


def _to_scale(given: Evidence) -> tuple[Evidence, Array | float]:
    """Divide likelihoods by their largest entry; return also the log of what that takes away."""
    scale: Array | float = 0.0
    likelihoods = dict(given.likelihoods)
    for name, values in given.likelihoods.items():
        top = values.max(axis=0)
        if (top != 1.0).any():
            top = np.where(top > 0, top, 1.0)
            likelihoods[name] = values / top
            scale = scale + np.log(top)
    return Evidence(likelihoods, given.do, given.size), scale


def take_rows(given: Evidence, rows: npt.NDArray[np.intp]) -> Evidence:
    """Return some rows of a batch."""
    some = {n: v if v.shape[1] == 1 else v[:, rows] for n, v in given.likelihoods.items()}
    return Evidence(some, given.do, len(rows))


def in_order(network: Network, names: frozenset[str]) -> list[str]:
    """Return variables in the order of the network."""
    return list(names) if len(names) == 1 else [v for v in network if v in names]


def _shape(network: Network, target: frozenset[str]) -> tuple[int, ...]:
    return tuple(len(network[v].states) for v in in_order(network, target))


def _zeros(network: Network, targets: Targets, size: int) -> dict[frozenset[str], Array]:
    return {t: np.zeros((*_shape(network, t), size)) for t in targets}


def _answer_split(
    network: Network,
    given: Evidence,
    by: Sequence[str],
    joints: dict[frozenset[str], Array],
    logs: Array,
) -> None:
    """Answer a batch by what its rows know of some variables, each group with its own tree.

    Absent findings are not folded here, and what all rows of a group share is not sliced away:
    either differs from part to part of a table, and every part should find the same programs.
    """
    pattern, likelihoods = sort_evidence(given, tuple(joints))
    for known, rows in split_rows(likelihoods, by):
        own = fix(pattern, known)
        program = program_for(network, own, rows.size)
        _answer_rows(network, program, own, likelihoods, joints, logs, rows)


def _answer_rows(
    network: Network,
    program: Program,
    pattern: Pattern,
    likelihoods: Mapping[str, npt.NDArray[Any]],
    joints: dict[frozenset[str], Array],
    logs: Array,
    rows: npt.NDArray[np.intp],
) -> None:
    """Answer some rows of a batch with one program, chunk by chunk."""
    slots: list[Any] | None = None
    length = 0
    for chunk in _chunks(rows.size, program.entries):
        here = rows[chunk]
        slots = slots if here.size == length else None
        length = here.size
        slots = _run(network, program, pattern, likelihoods, joints, logs, here, here, old=slots)


def _chunks(size: int, entries: int) -> Iterator[slice]:
    """Split rows evenly, so that the messages of one chunk fit the workspace."""
    most = chunk_rows(entries)
    rows = -(-size // -(-size // most)) if size else 1
    for start in range(0, size, rows):
        yield slice(start, min(start + rows, size))


def _run(
    network: Network,
    program: Program,
    pattern: Pattern,
    soft: Mapping[str, npt.NDArray[Any]],
    joints: dict[frozenset[str], Array],
    logs: Array,
    rows: Rows | None = None,
    to: Rows | None = None,
    precision: type[np.floating[Any]] = np.float64,
    old: list[Any] | None = None,
) -> list[Any]:
    """Run a program on some rows and write its answers to their place in the whole batch.

    All rows if ``rows`` is None; the arrays of ``joints`` are then made here. Returns the slots,
    whose memory the next chunk may use.
    """
    likelihoods, drawn = soft, [values for _, values in program.drawn]
    if rows is not None:
        likelihoods = {
            name: soft[name] if soft[name].shape[1] == 1 else soft[name][:, rows]
            for name in program.likelihoods
        }
        drawn = [values if values.shape[-1] == 1 else values[..., rows] for values in drawn]
    if precision is not np.float64:
        likelihoods = {name: values.astype(precision) for name, values in likelihoods.items()}
    slots = program.run(likelihoods, drawn, old)
    low = SMALLEST[np.dtype(precision)]
    total = np.log(np.asarray(program.scale)) if program.scale > low else np.asarray(-np.inf)
    for slot in program.evidence:
        value = slots[slot]
        within = (value > low) & (value < 1 / low)
        total = total + np.log(np.where(within, value, 1.0)) + np.where(within, 0.0, -np.inf)
    where = slice(None) if to is None else to
    logs[where] = total
    known = dict(pattern.fixed) | dict(pattern.do)
    for target in pattern.targets:
        answered = program.marginals.get(target)
        if rows is None and answered is not None and len(target) == 1:
            found = slots[answered[0]]
            full = found.shape[-1] == logs.size
            joints[target] = found if full else np.repeat(found, logs.size, axis=-1)
            continue
        if target not in joints:
            joints[target] = np.zeros((*_shape(network, target), logs.size))
        order = in_order(network, target)
        place = joints[target][tuple(known.get(v, slice(None)) for v in order)]
        if answered is None:
            place[..., where] = 1.0
            continue
        found = slots[answered[0]]
        if found.ndim > 2:
            free = [v for v in order if v not in known]
            found = found.transpose(*(answered[1].index(v) for v in free), found.ndim - 1)
        place[..., where] = found
    return slots


# --- few rows: one tree for any evidence --------------------------------------------------------


@lru_cache(maxsize=512)
def _general(
    network: Network, do: tuple[tuple[str, int], ...], targets: Targets, size: int
) -> Pattern | None:
    """Return the pattern in which anything may be observed, if its tree is small enough.

    Many targets are asked as all are: then one program serves whoever asks many.
    """
    if size > FEW or network.draws is not None:
        return None
    if len(targets) > MANY and all(len(target) == 1 for target in targets):
        targets = tuple(frozenset([name]) for name in network)
    free = frozenset(network).difference(name for name, _ in do)
    pattern = Pattern((), free, do, targets)
    return pattern if tree_cost(network, pattern) * size <= GENERAL else None


@lru_cache(maxsize=64)
def _blanks(network: Network) -> dict[str, npt.NDArray[Any]]:
    """Return the likelihood of every variable when nothing is known: ones."""
    return {n: np.ones((len(v.states), 1)) for n, v in network.variables.items()}


# --- rare rows ----------------------------------------------------------------------------------


def _repeat_rare(
    network: Network,
    given: Evidence,
    rare: npt.NDArray[np.intp],
    joints: dict[frozenset[str], Array],
    logs: Array,
) -> None:
    """Repeat very improbable rows with 80-bit floats, whose exponents reach to 1e-4932.

    Every finding stays a likelihood here, so that no long product is formed at compile time.
    """
    soft = {name: values for name, values in given.likelihoods.items() if name not in given.do}
    pattern = Pattern((), frozenset(soft), tuple(sorted(given.do.items())), tuple(joints))
    program = program_for(network, pattern, rare.size)
    for chunk in _chunks(rare.size, 2 * program.entries):
        here = rare[chunk]
        _run(network, program, pattern, soft, joints, logs, here, here, np.longdouble)
