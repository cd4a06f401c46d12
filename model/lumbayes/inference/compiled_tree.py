"""A network compiled once: its variables in the order they are summed out, its tables in one pool.

Noisy-MAX gates are split into small tables while the order is chosen; the hidden variables this
takes are numbered like all others. A gate seen absent needs none of them: it has a second form, one
small table a cause.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from threading import Lock
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from lumbayes.inference.factors import Factor, FactorGraph, merge_table
from lumbayes.inference.greedy_elimination import Elimination, Merge
from lumbayes.network.variables import Array, Network

Ints = npt.NDArray[np.int64]
BEYOND = 8  # numbers that the kernel may read past the last draw of the last table


@dataclass(frozen=True, eq=False)
class _Family:
    """How the tables of one variable are made, and where in the pool they go."""

    make: Callable[[], list[Array]]
    at: tuple[tuple[int, int, tuple[int, ...]], ...]


@dataclass(frozen=True, eq=False)
class CompiledTree:
    """What the kernel needs of a network; the numbering is that of the elimination.

    Attributes
    ----------
    names : tuple of str
        By number; hidden variables have empty names.
    number : mapping of str to int
        The other way round.
    structure : tuple of arrays
        States, tables and parents, as ``schedule`` takes them.
    pool : array
        The numbers of all tables; the first is 1. Filled family by family, when first needed.
    least : array
        The smallest number of each table that is not zero.
    cost : int
        Entries of all cliques with nothing known.
    """

    names: tuple[str, ...]
    number: Mapping[str, int]
    structure: tuple[Ints, ...]
    pool: Array
    least: Array
    cost: int
    families: Mapping[str, _Family]
    columns: int = 1
    filled: set[str] = field(default_factory=set)
    lock: Any = field(default_factory=Lock)
    bases: list[Ints] = field(default_factory=list)

    @property
    def card(self) -> Ints:
        """Number of states by variable."""
        return self.structure[0]

    @cached_property
    def children(self) -> Ints:
        """How many variables each one is a parent of."""
        return np.bincount(self.structure[-1], minlength=len(self.names)).astype(np.int64)

    @property
    def base(self) -> Ints | None:
        """The order of summing out that was kept, if any."""
        return self.bases[0] if self.bases else None

    def keep_base(self, base: Ints) -> None:
        """Keep a better order of summing out, shape ``(2, variables)``: the order, the places.

        It serves whatever the numbers are, and so all trees made by ``renumbered``.
        """
        self.bases[:] = [base]

    @property
    def complete(self) -> bool:
        """Whether all tables are in the pool."""
        return len(self.filled) == len(self.families)

    @cached_property
    def lists(self) -> tuple[list[int], ...]:
        """The structure as lists, which Python reads more quickly."""
        return tuple(part.tolist() for part in self.structure)

    def table(self, t: int) -> tuple[tuple[int, ...], Array]:
        """Return the variables of a table, and its numbers with rows last."""
        return self.views[t]

    @cached_property
    def views(self) -> list[tuple[tuple[int, ...], Array]]:
        """All tables, as parts of the pool."""
        card, start, axis, _, base = self.lists[:5]
        found = []
        for t, at in enumerate(base):
            axes = tuple(axis[start[t] : start[t + 1]])
            shape = [card[v] for v in axes]
            size = math.prod(shape)
            columns = self.columns if self.lists[5][t] else 1
            found.append((axes, self.pool[at : at + size * columns].reshape(*shape, columns)))
        return found

    @cached_property
    def owner(self) -> dict[int, int]:
        """The variable whose distribution a table is part of."""
        return {t: self.number[v] for v, f in self.families.items() for t, _, _ in f.at}

    def renumbered(self, tables: Mapping[str, Array], parents: Mapping[str, Sequence[str]]) -> Self:
        """Return the tree with other numbers in some full tables, axes ``(*parents, name)``.

        Of a complete tree without draws. All that depends on the structure alone is kept.
        """
        pool, least = self.pool.copy(), self.least.copy()
        for name, values in tables.items():
            for table, at, _ in self.families[name].at:
                places = [self.number[v] for v in (*parents[name], name)]
                turned = np.argsort([p for p in places if self.card[p] > 1], kind="stable")
                whole = values.reshape([k for k in values.shape if k > 1]).transpose(turned)
                pool[at : at + whole.size] = whole.ravel()
                least[table] = whole[whole > 0].min()
        return replace(self, pool=pool, least=least, lock=Lock())

    def fill(self, names: set[str]) -> None:
        """Write the tables of these variables into the pool, unless they are there."""
        missing = names - self.filled
        if not missing:
            return
        with self.lock:
            for name in missing - self.filled:
                family = self.families.get(name)
                if family is not None:
                    for (table, at, shape), values in zip(family.at, family.make(), strict=True):
                        place = self.pool[at : at + int(np.prod(shape))].reshape(shape)
                        place[...] = values
                        positive = values[values > 0] if (values == 0).any() else values
                        self.least[table] = positive.min() if positive.size else 1.0
                self.filled.add(name)


def compile_tree(network: Network, graph: FactorGraph, order: Elimination) -> CompiledTree:
    """Lay out a network for an order of elimination."""
    buckets = [b.variable for b in order.buckets]
    seen = set(buckets)
    buckets += [v for v in range(len(order.cards)) if v not in seen]
    position = {v: i for i, v in enumerate(buckets)}
    n = len(buckets)
    card = np.array([order.cards[v] for v in buckets], dtype=np.int64)
    names = tuple(graph.names[v] if v < len(graph.names) else "" for v in buckets)
    number = {name: i for i, name in enumerate(names) if name}
    merges: dict[int, list[Merge]] = {}
    sinks = graph.planned_gates
    for bucket in order.buckets:
        for merge in bucket.merges:
            merges.setdefault(sinks[merge.gate], []).append(merge)
    start, axis, stride, base, drawn = [0], list[int](), list[int](), list[int](), list[int]()
    ranges = {
        key: np.full(n, -1, dtype=np.int64) for key in ("full", "full_end", "absent", "absent_end")
    }
    ranges["full"][:] = ranges["full_end"][:] = 0
    hidden_of: list[list[int]] = [[] for _ in range(n)]
    families: dict[str, _Family] = {}
    size = 1
    draws = network.draws

    def place(
        scope: tuple[int, ...], differs: bool
    ) -> tuple[int, int, tuple[int, ...], tuple[int, ...]]:
        """Reserve room for a table; return number, place, shape in the pool, order of axes."""
        nonlocal size
        turned = tuple(int(i) for i in np.argsort([position[v] for v in scope], kind="stable"))
        shape = tuple(int(order.cards[scope[i]]) for i in turned)
        step = 1
        strides = []
        for k in reversed(shape):
            strides.append(step)
            step *= k
        axis.extend(position[scope[i]] for i in turned)
        stride.extend(reversed(strides))
        start.append(len(axis))
        base.append(size)
        drawn.append(int(differs))
        at = size
        columns = draws if differs and draws is not None else 1
        size += step * columns
        return len(base) - 1, at, (*shape, columns), turned

    for v, name in enumerate(graph.names):
        here = position[v]
        gate = graph.gates.get(v)
        places: list[tuple[int, int, tuple[int, ...]]] = []
        turns: list[tuple[tuple[int, ...], Callable[[], Array]]] = []

        def add(factor: Factor, places: Any = places, turns: Any = turns) -> None:
            """Reserve room for a table of this family."""
            table, at, shape, turned = place(factor.scope, factor.differs)
            places.append((table, at, shape))
            turns.append((turned, factor.make))

        ranges["full"][here] = len(base)
        if gate is None:
            table = graph.tables.get(v)
            if table is not None:
                add(table)
        else:
            for merge in merges.get(v, ()):
                output = v if merge.output < 0 else merge.output
                add(
                    Factor((*merge.inputs, output), partial(merge_table, merge, gate), gate.differs)
                )
                hidden_of[here] += [
                    position[u]
                    for u in (*merge.inputs, merge.output)
                    if u >= len(graph.names) and position[u] not in hidden_of[here]
                ]
        ranges["full_end"][here] = len(base)
        if v in graph.absent:
            ranges["absent"][here] = len(base)
            for factor in graph.absent[v]:
                add(factor)
            ranges["absent_end"][here] = len(base)
        families[name] = _Family(_maker(tuple(turns)), tuple(places))
    hidden_start = np.concatenate([[0], np.cumsum([len(h) for h in hidden_of])]).astype(np.int64)
    hidden = np.array([u for h in hidden_of for u in h], dtype=np.int64)
    parent_lists = [
        [number[p] for p in network.variables[name].parents if p in number] if name else []
        for name in names
    ]
    parent_start = np.concatenate([[0], np.cumsum([len(p) for p in parent_lists])]).astype(np.int64)
    parents = np.array([p for some in parent_lists for p in some], dtype=np.int64)
    pool = np.empty(size + BEYOND)
    pool[0] = 1.0
    pool[size:] = 0.0
    ints = [np.array(x, dtype=np.int64) for x in (start, axis, stride, base, drawn)]
    structure = (
        card,
        *ints,
        ranges["full"],
        ranges["full_end"],
        ranges["absent"],
        ranges["absent_end"],
        hidden_start,
        hidden,
        parent_start,
        parents,
    )
    tree = CompiledTree(
        names, number, structure, pool, np.ones(len(base)), order.cost, families, draws or 1
    )
    if draws is None:
        tree.fill(set(families))
    return tree


def _maker(
    turns: tuple[tuple[tuple[int, ...], Callable[[], Array]], ...],
) -> Callable[[], list[Array]]:
    """Return what makes the tables of a family, axes in the order of the numbering, rows last."""

    def make() -> list[Array]:
        return [np.transpose(values := one(), (*turned, values.ndim - 1)) for turned, one in turns]

    return make
