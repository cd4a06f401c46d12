"""Which program answers which rows: one general tree, pruned trees, chunks, groups, rare rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from lumbayes.errors import LumbayesError
from lumbayes.evidence import Evidence
from lumbayes.factors import Pattern, build_problem, relevant
from lumbayes.junction_tree import Program, choose_tree, program_for
from lumbayes.network import Array, Network, NoisyMax
from lumbayes.programs import SMALLEST

WORKSPACE = 24_000_000  # bytes of messages a chunk of rows may hold
FEW = 16  # rows that a tree for any evidence serves, rather than one of their own
REUSED = 100  # rows that it is worth searching that tree for
MANY = 8  # targets from which on that tree answers every variable
GENERAL = 3_000_000  # entries times rows up to which that tree is quicker than compiling
WORTH = 0.1  # seconds of work from which on it pays to look for a way to split the rows
SMALLEST_GROUP = 64  # rows
PER_ENTRY = 3e-9  # seconds for one row to pass one entry of a tree
PER_PROGRAM = 0.01  # seconds to compile one program

Rows = slice | npt.NDArray[np.intp]
Targets = tuple[frozenset[str], ...]


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
    elif network.draws is None and size > FEW:
        joints = {t: np.zeros((*_shape(network, t), size)) for t in targets}
        for rows in _groups(network, given, targets):
            _answer_rows(network, given, rows, joints, logs)
    else:
        joints = {t: np.zeros((*_shape(network, t), size)) for t in targets}
        _answer_rows(network, given, None, joints, logs)
    rare = np.flatnonzero(np.isneginf(logs))
    if rare.size:
        _repeat_rare(network, given, rare, joints, logs)
    for name, state in given.do.items():
        if name in given.likelihoods:
            logs += _log(given.likelihoods[name][state])
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


def _log(values: Any) -> Any:
    with np.errstate(divide="ignore"):
        return np.log(values)


def _answer_rows(
    network: Network,
    given: Evidence,
    rows: npt.NDArray[np.intp] | None,
    joints: dict[frozenset[str], Array],
    logs: Array,
) -> None:
    """Answer some rows of a batch (all if None) with one program, chunk by chunk."""
    targets = tuple(joints)
    part = given if rows is None else take_rows(given, rows)
    size = logs.size if rows is None else len(rows)
    part, weight = _fold_absent(network, part, targets, size)
    pattern, likelihoods = _sort_evidence(part, targets)
    program = program_for(network, pattern, size)
    slots: list[Any] | None = None
    length = 0
    for chunk in _chunks(size, program.entries):
        to = chunk if rows is None else rows[chunk]
        slots = slots if chunk.stop - chunk.start == length else None
        length = chunk.stop - chunk.start
        slots = _run(network, program, pattern, likelihoods, joints, logs, chunk, to, old=slots)
    logs[slice(None) if rows is None else rows] += weight


def _chunks(size: int, entries: int) -> Iterator[slice]:
    """Split rows evenly, so that the messages of one chunk fit the workspace."""
    most = max(1, WORKSPACE // (8 * max(1, entries)))
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


def _sort_evidence(
    given: Evidence, targets: Targets
) -> tuple[Pattern, dict[str, npt.NDArray[Any]]]:
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
    return pattern if _cost(network, pattern) * size <= GENERAL else None


@lru_cache(maxsize=512)
def _cost(network: Network, pattern: Pattern) -> int:
    """Entries of the quickly found tree of a pattern."""
    return choose_tree(build_problem(network, pattern), 1).cost


@lru_cache(maxsize=64)
def _blanks(network: Network) -> dict[str, npt.NDArray[Any]]:
    """Return the likelihood of every variable when nothing is known: ones."""
    return {n: np.ones((len(v.states), 1)) for n, v in network.variables.items()}


# --- many rows: fold absent findings into their causes, group rows by what most of them know ----


def _fold_absent(
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
        weight += _log(np.where(seen, values[0] * noisy.leak[0], 1.0))
        for cause, effect in zip(network[name].parents, noisy.effects, strict=True):
            lowered = np.where(seen, effect[:, :1], 1.0)
            if cause in given.do:
                weight += _log(lowered[given.do[cause]])
            else:
                likelihoods[cause] = (
                    likelihoods[cause] * lowered if cause in likelihoods else lowered
                )
    return Evidence(likelihoods, given.do, given.size), weight


def _groups(
    network: Network, given: Evidence, targets: Targets
) -> Iterator[npt.NDArray[np.intp] | None]:
    """Split rows by the states of a few variables that are known in most of them.

    Slicing those away makes the trees of the groups smaller than the tree of all rows. Groups too
    small to be worth a tree of their own stay together.
    """
    if given.size < 2 * SMALLEST_GROUP:
        yield None
        return
    pattern, soft = _sort_evidence(given, targets)
    whole = _cost(network, pattern) if soft else 0
    if given.size * whole * PER_ENTRY < WORTH:
        yield None
        return
    states = {name: _states(values) for name, values in soft.items()}
    children = {n: sum(n in network[m].parents for m in network) for n in states}
    able = [n for n in states if (states[n] >= 0).mean() > 0.8 and children[n] > 0]
    able = sorted(able, key=lambda n: (-children[n], n))[:8]
    chosen = _splitters(network, pattern, tuple(able), given.size)
    if not chosen:
        yield None
        return
    keys = np.stack([states[n] for n in chosen])
    _, group, counts = np.unique(keys, axis=1, return_inverse=True, return_counts=True)
    group = group.reshape(-1)
    small = counts * whole * PER_ENTRY < PER_PROGRAM / 3  # a program is used again
    for g in np.flatnonzero(~small):
        yield np.flatnonzero(group == g)
    rest = np.flatnonzero(small[group])
    if rest.size:
        yield rest


def _states(values: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    """Return the state seen for certain in each row, -1 where there is none."""
    return np.where((values > 0).sum(axis=0) == 1, values.argmax(axis=0), -1)


@lru_cache(maxsize=256)
def _splitters(
    network: Network, pattern: Pattern, able: Sequence[str], size: int
) -> tuple[str, ...]:
    """Choose variables to split by, each the one that shrinks the tree most, while that pays."""
    chosen: tuple[str, ...] = ()
    cost, groups = _cost(network, pattern), 1
    while True:
        best = None
        for name in able:
            k = len(network[name].states)
            if name in chosen or size / (groups * k) < SMALLEST_GROUP:
                continue
            tried = _cost(network, _fix(pattern, (*chosen, name)))
            value = size * tried * PER_ENTRY + groups * k * PER_PROGRAM
            if best is None or value < best[0]:
                best = (value, name, tried, k)
        if best is None or best[0] > 0.8 * (size * cost * PER_ENTRY + groups * PER_PROGRAM):
            return chosen
        chosen, cost, groups = (*chosen, best[1]), best[2], groups * best[3]


def _fix(pattern: Pattern, names: Sequence[str]) -> Pattern:
    fixed = dict(pattern.fixed) | {n: 0 for n in names}
    return Pattern(
        tuple(sorted(fixed.items())), pattern.soft.difference(names), pattern.do, pattern.targets
    )


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
