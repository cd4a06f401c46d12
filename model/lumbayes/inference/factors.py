"""From a network and a pattern of evidence to the tables that matter: slicing, pruning, noisy-MAX.

Every table here carries the batch axis last: length 1 for a number that is the same in every row,
``n`` for one that differs (parameter draws).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lumbayes.inference.greedy_elimination import Gate, Merge
from lumbayes.network.variables import Array, Network, NoisyMax, Variable


@dataclass(frozen=True)
class Pattern:
    """What is known in every row of a batch, apart from the numbers.

    Attributes
    ----------
    fixed : tuple of (variable, state index)
        Observed at this state in every row: sliced away.
    soft : frozenset of str
        Variables that bring a likelihood per row.
    do : tuple of (variable, state index)
        Set from outside in every row.
    targets : tuple of frozenset of str
        Sets of variables whose joint is wanted; each must lie within one clique to be answered.
    """

    fixed: tuple[tuple[str, int], ...]
    soft: frozenset[str]
    do: tuple[tuple[str, int], ...]
    targets: tuple[frozenset[str], ...]


@dataclass(frozen=True, eq=False)
class Factor:
    """A table over some variables, shape ``(k_1, …, k_m, batch)``; ``blank`` if it is all ones."""

    scope: tuple[int, ...]
    values: Array
    blank: bool = False


@dataclass(frozen=True, eq=False)
class Contributions:
    """The numbers of a gate: leak ``(k, batch)`` and per cause ``(k_cause, k, batch)``."""

    leak: Array
    effects: Mapping[int, Array]


@dataclass(frozen=True, eq=False)
class Problem:
    """Tables, gates and likelihoods that bear on the targets or on P(evidence)."""

    names: tuple[str, ...]
    cards: tuple[int, ...]
    factors: tuple[Factor, ...]
    gates: tuple[Gate, ...]
    contributions: tuple[Contributions, ...]
    soft: frozenset[int]
    together: tuple[tuple[int, ...], ...]


def relevant(network: Network, pattern: Pattern) -> set[str]:
    """Return evidence, targets and their ancestors once ``do`` has cut its arrows."""
    cut = dict(pattern.do)
    queue = [v for v, _ in pattern.fixed] + sorted(pattern.soft) + list(cut)
    queue += [v for target in pattern.targets for v in target]
    found: set[str] = set()
    while queue:
        name = queue.pop()
        if name not in found:
            found.add(name)
            if name not in cut:
                queue.extend(network.variables[name].parents)
    return found


def build_problem(network: Network, pattern: Pattern) -> Problem:
    """Slice and prune the network's tables for a pattern of evidence."""
    keep = relevant(network, pattern)
    names = tuple(n for n in network if n in keep)
    number = {name: i for i, name in enumerate(names)}
    cards = tuple(len(network.variables[n].states) for n in names)
    cut = dict(pattern.do)
    known = dict(pattern.fixed) | cut
    with_children = {p for n in names if n not in cut for p in network.variables[n].parents}
    with_children.update(v for target in pattern.targets if len(target) > 1 for v in target)
    factors: list[Factor] = []
    gates: list[Gate] = []
    contributions: list[Contributions] = []
    for name in names:
        if name in cut:
            continue
        variable = network.variables[name]
        if isinstance(variable.distribution, NoisyMax):
            leak, effects = _contributions(variable, variable.distribution, known)
            inputs = {number[p]: e for p, e in effects.items()}
            if name in known:
                factors += _known_effect(
                    leak, inputs, known[name], number[name], gates, contributions
                )
            elif len(inputs) <= 2:
                values = max_table(leak, list(inputs.values()))
                factors.append(Factor((*inputs, number[name]), values))
            else:
                gates.append(
                    Gate(number[name], leak.shape[0], tuple(inputs), name not in with_children)
                )
                contributions.append(Contributions(leak, inputs))
        else:
            values = variable.cpt if network.draws is not None else variable.cpt[..., None]
            scope = (*variable.parents, name)
            if any(v in known for v in scope):
                values = values[tuple(known.get(v, slice(None)) for v in scope)]
            factors.append(Factor(tuple(number[v] for v in scope if v not in known), values))
    soft = frozenset(number[v] for v in pattern.soft)
    together = {tuple(sorted(number[v] for v in t if v not in known)) for t in pattern.targets}
    return Problem(
        names,
        cards,
        tuple(factors),
        tuple(gates),
        tuple(contributions),
        soft,
        tuple(sorted(t for t in together if len(t) > 1)),
    )


def _contributions(
    variable: Variable, noisy: NoisyMax, known: Mapping[str, int]
) -> tuple[Array, dict[str, Array]]:
    """Return leak and effects, known causes folded into the leak and idle ones left out."""
    drawn = noisy.leak.ndim == 2
    leak = noisy.leak if drawn else noisy.leak[:, None]
    effects: dict[str, Array] = {}
    for parent, effect in zip(variable.parents, noisy.effects, strict=True):
        values = effect if drawn else effect[..., None]
        if parent in known:
            if known[parent] > 0:
                leak = larger(leak, values[known[parent]])
        elif (values[:, 1:] > 0).any():
            effects[parent] = values
    return leak, effects


def _known_effect(
    leak: Array,
    inputs: Mapping[int, Array],
    state: int,
    number: int,
    gates: list[Gate],
    contributions: list[Contributions],
) -> list[Factor]:
    """Return the tables of a noisy-MAX seen at a state; a wide one becomes a gate of two classes.

    At its first state the causes come apart. At any other, all that matters of a contribution is
    whether it is below or at the state seen, and one above it is impossible.
    """
    if state == 0:
        return [Factor((), leak[0]), *(Factor((x,), e[:, 0]) for x, e in inputs.items())]
    low = {x: np.stack([e[:, :state].sum(axis=1), e[:, state]], axis=1) for x, e in inputs.items()}
    base = np.stack([leak[:state].sum(axis=0), leak[state]])
    if len(low) <= 2:
        return [Factor(tuple(low), max_table(base, list(low.values()))[..., 1, :])]
    gates.append(Gate(-1, 2, tuple(low), True))
    contributions.append(Contributions(base, low))
    return []


def larger(first: Array, second: Array) -> Array:
    """Distribution of the larger of two contributions; states on the axis before the last.

    Examples
    --------
    >>> larger(np.array([[0.9], [0.1]]), np.array([[0.5], [0.5]]))[:, 0]
    array([0.45, 0.55])
    """
    below = np.cumsum(first, axis=-2)
    below[..., 1:, :] = below[..., :-1, :].copy()
    below[..., :1, :] = 0.0
    return first * np.cumsum(second, axis=-2) + below * second


def max_table(leak: Array, effects: Sequence[Array]) -> Array:
    """Table of the maximum of leak and contributions, ``(k_cause1, …, k_causeN, k, batch)``."""
    table = leak
    for effect in effects:
        table = larger(table[..., None, :, :], effect)
    return table


def merge_table(merge: Merge, gate: Gate, numbers: Contributions) -> Factor:
    """Write out one table of a split gate; auxiliary inputs hold a contribution as it is."""
    identity = np.eye(gate.states)[..., None]
    nothing = identity[0]
    effects = [numbers.effects.get(v, identity) for v in merge.inputs]
    table = max_table(numbers.leak if merge.leak else nothing, effects)
    if merge.output < 0:
        return Factor(merge.inputs, table[..., -1, :])
    return Factor((*merge.inputs, merge.output), table)
