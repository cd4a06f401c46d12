"""In which order to sum variables out: relevance, noisy-MAX gates and the greedy elimination.

A noisy-MAX of many causes is never written out as one table. It is kept as a *gate*, a set of
contributions whose maximum is the effect, and the gate is split into small tables while the order
is being chosen: summing out a cause merges the contributions that its clique already holds into one
auxiliary variable. All numbers stay positive, so nothing cancels.

Source: Darwiche (2009), Modeling and Reasoning with Bayesian Networks, chapters 6 and 9, for
elimination trees; Olesen et al. (1989) and Heckerman & Breese (1996) for divorcing causes.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

RESTARTS = 60
SECONDS_PER_ENTRY = 3e-9
SECONDS_PER_STEP = 50e-6
NOISE = 0.5


@dataclass(frozen=True)
class Gate:
    """The maximum of several contributions: which variables feed it and where the maximum goes.

    ``sink`` is the variable that holds the maximum, or -1 when it is known. A ``leaf`` sink has no
    other table than this one (and perhaps a likelihood), so it needs no room in a larger clique.
    """

    sink: int
    states: int
    members: tuple[int, ...]
    leaf: bool


@dataclass(frozen=True)
class Merge:
    """One table of a split gate: P(output | the maximum of these inputs [and the leak])."""

    gate: int
    inputs: tuple[int, ...]
    output: int
    leak: bool


@dataclass(frozen=True)
class Bucket:
    """One step of the elimination: the variable summed out, what it depends on, its new tables."""

    variable: int
    separator: tuple[int, ...]
    merges: tuple[Merge, ...]


@dataclass(frozen=True)
class Elimination:
    """Buckets in order, and the number of states of every variable, auxiliary ones appended."""

    buckets: tuple[Bucket, ...]
    cards: tuple[int, ...]

    @property
    def size(self) -> int:
        """Table entries summed over the cliques, those inside another clique not counted."""
        seen: list[frozenset[int]] = []
        for bucket in self.buckets:
            clique = frozenset((bucket.variable, *bucket.separator))
            if not any(clique <= other for other in seen):
                seen.append(clique)
        return sum(math.prod(self.cards[v] for v in clique) for clique in seen)

    @property
    def cost(self) -> int:
        """Entries of all cliques, one for each variable: what one pass over the tree touches."""
        return sum(
            math.prod(self.cards[v] for v in (b.variable, *b.separator)) for b in self.buckets
        )


@lru_cache(maxsize=512)
def best_elimination(
    cards: tuple[int, ...],
    scopes: tuple[tuple[int, ...], ...],
    gates: tuple[Gate, ...],
    rows: int,
) -> Elimination:
    """Return the cheapest of several greedy eliminations; the more rows, the longer the search.

    The first is the plain greedy one, the others take chances. The search may cost about half of
    what the rows would cost with the first tree, and at most ``RESTARTS`` tries.
    """
    best = _Greedy(cards, scopes, gates).run()
    tries = int(
        rows * min(best.cost, 10**15) * SECONDS_PER_ENTRY / (max(len(cards), 1) * SECONDS_PER_STEP)
    )
    for seed in range(min(tries, RESTARTS)):
        other = _Greedy(cards, scopes, gates, seed % 2 == 0, random.Random(seed)).run(best.cost)
        if other.cost < best.cost:
            best = other
    return best


@dataclass
class _Greedy:
    """Working state of one greedy elimination by smallest clique, ties and near-ties by chance."""

    first_cards: Sequence[int]
    scopes: Sequence[tuple[int, ...]]
    gates: Sequence[Gate]
    fill: bool = False
    chance: random.Random | None = None
    card: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.card = list(self.first_cards)
        self.near: dict[int, set[int]] = {}
        self.member_of: dict[int, list[int]] = {}
        self.sink_of: dict[int, int] = {}
        self.owner: dict[int, int] = {}
        self.members = [set(gate.members) for gate in self.gates]
        self.leak_placed = [False] * len(self.gates)
        self.sinks = [gate.sink for gate in self.gates]
        leaves = {gate.sink for gate in self.gates if gate.leaf}
        for scope in self.scopes:
            for v in set(scope) - leaves:
                self.near.setdefault(v, set()).update(scope)
        for g, gate in enumerate(self.gates):
            for v in gate.members:
                self.near.setdefault(v, set())
                self.member_of.setdefault(v, []).append(g)
            if gate.sink >= 0 and not gate.leaf:
                self.near.setdefault(gate.sink, set())
                self.sink_of[gate.sink] = g
        for v, around in self.near.items():
            around.discard(v)

    def run(self, limit: float = math.inf) -> Elimination:
        """Sum out every variable; give up once the cost is above the limit."""
        buckets: list[Bucket] = []
        costs = {v: self.cost(v) for v in self.near}
        spent = 0.0
        while costs and spent <= limit:
            v = min(costs, key=costs.__getitem__)
            dirty = self.eliminate(v, buckets)
            last = buckets[-1]
            spent += math.prod(self.card[u] for u in last.separator) * self.card[v]
            del costs[v]
            for u in dirty:
                costs[u] = self.cost(u)
        return Elimination(tuple(buckets), tuple(self.card))

    def cost(self, v: int) -> float:
        """Return the log of what summing out v costs now: its clique, or the pairs it links."""
        clique, weight, done = self.reach(v)
        cost = math.log(weight)
        if self.fill:
            card = self.card
            fresh = sum(self.gates[g].states for g, complete in done if not complete)
            added = 0
            for u in clique:
                for w in clique.difference(self.near[u]):
                    added += card[u] * card[w]
                added += card[u] * (2 * fresh - card[u])
            cost = math.log(1 + added) + 1e-6 * cost
        return cost + NOISE * self.chance.random() if self.chance else cost

    def reach(self, v: int) -> tuple[set[int], int, list[tuple[int, bool]]]:
        """Return the clique that summing out v needs, its size, and the gates it touches."""
        card = self.card
        clique = self.near[v] | {v}
        fresh = 1
        done: list[tuple[int, bool]] = []
        for g in self.member_of.get(v, ()):
            sink = self.sinks[g]
            room = 1 if sink < 0 or self.gates[g].leaf or sink in clique else card[sink]
            rest = self.members[g] - clique
            if rest and self.owner.get(v) == g and len(rest) == len(self.members[g]) - 1:
                clique.add(self.partner(rest, clique))
                rest -= clique
            complete = self.fits(rest, room, g)
            if complete:
                clique |= rest
                if sink >= 0 and not self.gates[g].leaf:
                    clique.add(sink)
            else:
                fresh *= self.gates[g].states
            done.append((g, complete))
        if v in self.sink_of:
            g = self.sink_of[v]
            rest = self.members[g] - clique
            if len(rest) == len(self.members[g]):
                clique.add(self.partner(rest, clique))
                rest -= clique
            complete = self.fits(rest, 1, g)
            if complete:
                clique |= rest
            else:
                fresh *= self.gates[g].states
            done.append((g, complete))
        for u in clique:
            fresh *= card[u]
        return clique, fresh, done

    def partner(self, rest: set[int], clique: set[int]) -> int:
        return min(rest, key=lambda m: (self.card[m], len(self.near[m] - clique), m))

    def fits(self, rest: set[int], room: int, g: int) -> bool:
        """Tell whether taking in the rest of a gate costs no more than an auxiliary variable."""
        for m in rest:
            room *= self.card[m]
        return not rest or room <= self.gates[g].states

    def eliminate(self, v: int, buckets: list[Bucket]) -> set[int]:
        """Sum v out, append its bucket, and return the variables whose cost has changed."""
        clique, _, done = self.reach(v)
        dirty: set[int] = set()
        merges: list[Merge] = []
        for g, complete in done:
            gate = self.gates[g]
            inside = self.members[g] & clique
            dirty |= self.members[g]
            self.members[g] -= inside
            for m in inside:
                self.member_of[m].remove(g)
            output, inputs = self.sinks[g], sorted(inside)
            if not complete:
                aux = len(self.card)
                self.card.append(gate.states)
                self.near[aux] = set()
                if v == self.sinks[g]:
                    self.sinks[g], self.sink_of[aux] = aux, g
                    del self.sink_of[v]
                    inputs.append(aux)
                else:
                    self.members[g].add(aux)
                    self.member_of[aux] = [g]
                    self.owner[aux] = g
                    output = aux
                clique.add(aux)
            elif output >= 0 and not gate.leaf:
                del self.sink_of[output]
            dirty.add(self.sinks[g])
            merge = Merge(g, tuple(inputs), output, not self.leak_placed[g])
            self.leak_placed[g] = True
            if complete and gate.leaf and output >= 0:
                buckets.append(Bucket(output, tuple(inputs), (merge,)))
            else:
                merges.append(merge)
        clique.discard(v)
        for u in clique:
            around = self.near[u]
            around |= clique
            around.discard(u)
            around.discard(v)
        del self.near[v]
        buckets.append(Bucket(v, tuple(sorted(clique)), tuple(merges)))
        return {u for u in dirty | clique if u in self.near}
