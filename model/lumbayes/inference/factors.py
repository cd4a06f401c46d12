"""From a network to the tables and noisy-MAX gates that a tree is compiled from.

Every table here carries the axis of rows last: length 1 for numbers that are the same in every
row, ``n`` for those that differ (parameter draws). Variables of one state say nothing and are left
out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from lumbayes.inference.greedy_elimination import MaxGate, Merge
from lumbayes.network.variables import Array, Network, NoisyMax, Variable

SMALL = 2  # causes up to which a noisy-MAX is written out


@dataclass(frozen=True, eq=False)
class Factor:
    """A table that is made when it is needed: its variables, whether its numbers differ by row."""

    scope: tuple[int, ...]
    make: Callable[[], Array]
    differs: bool


@dataclass(frozen=True, eq=False)
class NoisyMaxGate:
    """An effect that is the maximum of a leak and of what each cause contributes."""

    sink: int
    states: int
    variable: Variable
    causes: Mapping[int, int]
    differs: bool

    def leak(self) -> Array:
        """Return the leak, shape ``(k, rows)``."""
        noisy = self.variable.distribution
        assert isinstance(noisy, NoisyMax)
        return noisy.leak.reshape(self.states, -1)

    def effect(self, cause: int) -> Array:
        """Return what a cause contributes, shape ``(k_cause, k, rows)``."""
        noisy = self.variable.distribution
        assert isinstance(noisy, NoisyMax)
        values = noisy.effects[self.causes[cause]]
        return values.reshape(values.shape[0], self.states, -1)


@dataclass(frozen=True, eq=False)
class FactorGraph:
    """What a network is made of, its variables numbered in its own order.

    Attributes
    ----------
    names, cards : tuple
        Of the variables.
    tables : mapping of variable to Factor
        Full tables, and noisy-MAX of few causes written out.
    gates : mapping of variable to NoisyMaxGate
        The others.
    absent : mapping of variable to tuple of Factor
        P(first state | causes) of every noisy-MAX: a number for the leak and one for each state of
        each cause. It couples nothing.
    planned : tuple
        Scopes and gates that the order of elimination is chosen for.
    planned_gates : tuple of int
        The variables of these gates.
    """

    names: tuple[str, ...]
    cards: tuple[int, ...]
    tables: Mapping[int, Factor]
    gates: Mapping[int, NoisyMaxGate]
    absent: Mapping[int, tuple[Factor, ...]]
    planned: tuple[tuple[tuple[int, ...], ...], tuple[MaxGate, ...]]
    planned_gates: tuple[int, ...]


def factor_graph(
    network: Network,
    known: frozenset[str] = frozenset(),
    absent: frozenset[str] = frozenset(),
    needed: frozenset[str] | None = None,
    together: Sequence[Iterable[str]] = (),
    *,
    whole: bool = False,
    sliced: bool = False,
) -> FactorGraph:
    """Take a network apart.

    ``known`` variables are observed or set in every case that the order is for, ``absent`` ones are
    noisy-MAX at their first state; of the others only ``needed`` ones are asked about or have
    evidence below them. ``together`` are sets of variables whose joint is asked. With ``whole`` no
    gate is split, and what is not needed is left out. If ``sliced``, the order is for the causes
    not known, and no tree is to be compiled for it.
    """
    names = tuple(network)
    number = {name: i for i, name in enumerate(names)}
    cards = tuple(len(network.variables[n].states) for n in names)
    tables: dict[int, Factor] = {}
    gates: dict[int, NoisyMaxGate] = {}
    without: dict[int, tuple[Factor, ...]] = {}
    scopes: list[tuple[int, ...]] = []
    planned: list[MaxGate] = []
    sinks: list[int] = []
    used = set(names) if needed is None else needed
    with_children = {p for n in used for p in network.variables[n].parents}
    with_children.update(v for some in together for v in some)
    for v, name in enumerate(names):
        if cards[v] == 1:
            continue
        variable = network.variables[name]
        noisy = variable.distribution
        if isinstance(noisy, NoisyMax):
            differs = _differs(network, noisy.leak, *noisy.effects)
            causes = {
                number[p]: i
                for i, p in enumerate(variable.parents)
                if cards[number[p]] > 1 and (noisy.effects[i][:, 1:] > 0).any()
            }
            gate = NoisyMaxGate(v, cards[v], variable, causes, differs)
            without[v] = (
                Factor((), partial(_leak_absent, gate), differs),
                *(Factor((c,), partial(_cause_absent, gate, c), differs) for c in causes),
            )
            if len(causes) > SMALL and not whole:
                gates[v] = gate
                if name in used and name not in absent:
                    inputs = tuple(c for c in causes if not (sliced and names[c] in known))
                    sink = -1 if name in known else v
                    if sliced and len(inputs) <= SMALL:
                        scopes.append(inputs if sink < 0 else (*inputs, v))
                        continue
                    sinks.append(v)
                    planned.append(MaxGate(sink, cards[v], inputs, name not in with_children))
                continue
            if whole and name not in used:
                continue
            tables[v] = Factor((*causes, v), partial(_written_out, gate), differs)
        else:
            axes = (*variable.parents, name)
            scope = tuple(number[p] for p in axes if cards[number[p]] > 1)
            differs = _differs(network, noisy.values)
            tables[v] = Factor(scope, partial(_squeezed, network, name), differs)
        if name in used and not (isinstance(noisy, NoisyMax) and name in absent):
            scopes.append(tuple(u for u in tables[v].scope if names[u] not in known))
    for some in together:
        scopes.append(tuple(number[u] for u in some if u not in known and cards[number[u]] > 1))
    scopes += [(v,) for v, n in enumerate(names) if n in used and n not in known and cards[v] > 1]
    return FactorGraph(
        names,
        cards,
        tables,
        gates,
        without,
        (tuple(s for s in scopes if s), tuple(planned)),
        tuple(sinks),
    )


def _differs(network: Network, *arrays: Array) -> bool:
    return network.draws is not None and any(a.shape[-1] > 1 for a in arrays)


def _leak_absent(gate: NoisyMaxGate) -> Array:
    return np.asarray(gate.leak()[0])


def _cause_absent(gate: NoisyMaxGate, cause: int) -> Array:
    return gate.effect(cause)[:, 0]


def _written_out(gate: NoisyMaxGate) -> Array:
    return max_table(gate.leak(), [gate.effect(c) for c in gate.causes])


def _squeezed(network: Network, name: str) -> Array:
    """Return a table without its axes of one state, rows last."""
    values = network.variables[name].cpt
    axes = values.shape if network.draws is None else values.shape[:-1]
    rows = 1 if network.draws is None else values.shape[-1]
    return values.reshape(*(k for k in axes if k > 1), rows)


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


def merge_table(merge: Merge, gate: NoisyMaxGate) -> Array:
    """Write out one table of a split gate; auxiliary inputs hold a contribution as it is."""
    identity = np.eye(gate.states)[..., None]
    effects = [gate.effect(v) if v in gate.causes else identity for v in merge.inputs]
    return max_table(gate.leak() if merge.leak else identity[0], effects)
