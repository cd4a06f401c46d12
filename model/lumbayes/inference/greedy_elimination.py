"""One greedy elimination: which variable to sum out next, and how noisy-MAX gates are split by it.

A noisy-MAX of many causes is never written out as one table. It is kept as a *gate*, a set of
contributions whose maximum is the effect, and the gate is split into small tables while the order
is being chosen: summing out a cause merges the contributions that its clique already holds into one
auxiliary variable. All numbers stay positive, so nothing cancels.

Source: Darwiche (2009), Modeling and Reasoning with Bayesian Networks, chapters 6 and 9, for
elimination trees; Olesen et al. (1989) and Heckerman & Breese (1996) for divorcing causes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class MaxGate:
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

    @cached_property
    def cost(self) -> int:
        """Entries of all cliques, one for each variable: what one pass over the tree touches."""
        return sum(
            math.prod(self.cards[v] for v in (b.variable, *b.separator)) for b in self.buckets
        )


class Greedy:
    """Working state of one greedy elimination.

    ``near`` holds the neighbours of a variable and the variable itself; ``links`` the last count of
    the pairs that summing it out would link, and the size of its clique.
    """

    def __init__(
        self,
        cards: Sequence[int],
        scopes: Sequence[tuple[int, ...]],
        gates: Sequence[MaxGate],
    ) -> None:
        self.gates = gates
        self.card = list(cards)
        self.near: dict[int, set[int]] = {}
        self.member_of: dict[int, list[int]] = {}
        self.sink_of: dict[int, int] = {}
        self.owner: dict[int, int] = {}
        self.members = [set(gate.members) for gate in gates]
        self.leak_placed = [False] * len(gates)
        self.sinks = [gate.sink for gate in gates]
        self.buckets: list[Bucket] = []
        self.spent = 0
        leaves = {gate.sink for gate in gates if gate.leaf}
        for scope in scopes:
            for v in set(scope) - leaves:
                self.near.setdefault(v, {v}).update(scope)
        for g, gate in enumerate(gates):
            for v in gate.members:
                self.near.setdefault(v, {v})
                self.member_of.setdefault(v, []).append(g)
            if gate.sink >= 0 and not gate.leaf:
                self.near.setdefault(gate.sink, {gate.sink})
                self.sink_of[gate.sink] = g
        self.links = {v: self.count(v) for v in self.near}

    def copy(self) -> Greedy:
        """Return a state that can be run on its own."""
        other = Greedy.__new__(Greedy)
        other.__dict__.update(self.__dict__)
        other.card, other.sinks = self.card.copy(), self.sinks.copy()
        other.near = {v: around.copy() for v, around in self.near.items()}
        other.member_of = {v: held.copy() for v, held in self.member_of.items()}
        other.sink_of, other.owner = self.sink_of.copy(), self.owner.copy()
        other.members = [inside.copy() for inside in self.members]
        other.leak_placed = self.leak_placed.copy()
        other.buckets, other.links = self.buckets.copy(), self.links.copy()
        return other

    def simplify(self) -> None:
        """Sum out whatever links nothing new: no order does better."""
        free = [v for v, (added, _) in self.links.items() if not added]
        changed: set[int] = set()
        while free:
            v = free.pop()
            if v in self.links and self.links_nothing(v):
                dirty = self.eliminate(v)
                del self.links[v]
                changed |= dirty
                free += [u for u in dirty if self.links_nothing(u)]
        self.links |= {u: self.count(u) for u in changed & self.links.keys()}

    def links_nothing(self, v: int) -> bool:
        """Tell whether summing out v links no new pair; quicker than to count them."""
        clique, done = self.reach(v)
        return all(whole for _, whole in done) and all(clique <= self.near[u] for u in clique)

    def run(
        self,
        fill: bool,
        more: Callable[[int], float] | None = None,
        limit: float = math.inf,
    ) -> Elimination | None:
        """Sum out every variable; give up once the cost is above the limit.

        ``fill``: the fewest links first, else the smallest clique. ``more`` adds to the logarithm
        of what a variable costs, and so changes the order.
        """

        def cost(v: int, links: tuple[int, int]) -> float:
            added, weight = links
            plain = math.log(1 + added) + 1e-6 * math.log(weight) if fill else math.log(weight)
            return plain + more(v) if more else plain

        costs = {v: cost(v, links) for v, links in self.links.items()}
        while costs:
            v = min(costs, key=costs.__getitem__)
            dirty = self.eliminate(v)
            if self.spent > limit:
                return None
            del costs[v]
            for u in dirty:
                costs[u] = cost(u, self.count(u))
        return Elimination(tuple(self.buckets), tuple(self.card))

    def count(self, v: int) -> tuple[int, int]:
        """Return what summing out v costs now: the pairs of states it links, its clique's size."""
        card, near = self.card, self.near
        clique, done = self.reach(v)
        fresh, weight, states, added = 0, 1, 0, 0
        for g, complete in done:
            if not complete:
                fresh += self.gates[g].states
                weight *= self.gates[g].states
        for u in clique:
            k = card[u]
            weight *= k
            states += k
            if not clique <= near[u]:
                missing = 0
                for w in clique - near[u]:
                    missing += card[w]
                added += k * missing
        return added + 2 * fresh * states, weight

    def reach(self, v: int) -> tuple[set[int], list[tuple[int, bool]]]:
        """Return the clique that summing out v needs, and the gates it touches."""
        clique = self.near[v].copy()
        done: list[tuple[int, bool]] = []
        for g in self.member_of.get(v, ()):
            gate, members, sink = self.gates[g], self.members[g], self.sinks[g]
            room = 1 if sink < 0 or gate.leaf or sink in clique else self.card[sink]
            rest = members - clique
            if rest and self.owner.get(v) == g and len(rest) == len(members) - 1:
                clique.add(self.partner(rest, clique))
                rest -= clique
            complete = self.fits(rest, room, g)
            if complete:
                clique |= rest
                if sink >= 0 and not gate.leaf:
                    clique.add(sink)
            done.append((g, complete))
        if v in self.sink_of:
            g = self.sink_of[v]
            members = self.members[g]
            rest = members - clique
            if len(rest) == len(members):
                clique.add(self.partner(rest, clique))
                rest -= clique
            complete = self.fits(rest, 1, g)
            if complete:
                clique |= rest
            done.append((g, complete))
        return clique, done

    def partner(self, rest: set[int], clique: set[int]) -> int:
        """Choose a member of a gate to take in: the one that brings the least along."""
        near, card = self.near, self.card
        return min(rest, key=lambda m: (card[m], len(near[m] - clique), m))

    def fits(self, rest: set[int], room: int, g: int) -> bool:
        """Tell whether taking in the rest of a gate costs no more than an auxiliary variable."""
        if not rest:
            return True
        states = self.gates[g].states
        if len(rest) >= states:  # each has two states or more, so the product is above
            return False
        for m in rest:
            room *= self.card[m]
        return room <= states

    def eliminate(self, v: int) -> set[int]:
        """Sum v out, append its bucket, and return the variables whose cost has changed."""
        clique, done = self.reach(v)
        near, card = self.near, self.card
        dirty: set[int] = set()
        merges: list[Merge] = []
        for g, complete in done:
            gate = self.gates[g]
            inside = self.members[g] & clique
            self.members[g] -= inside
            for m in inside:
                self.member_of[m].remove(g)
            output, inputs = self.sinks[g], sorted(inside)
            if not complete:
                dirty |= self.nearly_done(g)
                aux = len(card)
                card.append(gate.states)
                near[aux] = {aux}
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
                self.add(Bucket(output, tuple(inputs), (merge,)))
            else:
                merges.append(merge)
        clique.discard(v)
        for u in clique:
            around = near[u]
            around |= clique
            around.discard(v)
        del near[v]
        self.add(Bucket(v, tuple(sorted(clique)), tuple(merges)))
        return {u for u in dirty | clique if u in near}

    def nearly_done(self, g: int) -> set[int]:
        """Return the members of a gate whose cost may change with it: they miss few others."""
        members, few = self.members[g], self.gates[g].states.bit_length()
        return {m for m in members if self.owner.get(m) == g or len(members - self.near[m]) <= few}

    def add(self, bucket: Bucket) -> None:
        """Append a bucket and what it costs."""
        self.buckets.append(bucket)
        size = self.card[bucket.variable]
        for u in bucket.separator:
            size *= self.card[u]
        self.spent += size
