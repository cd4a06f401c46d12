"""Write the program of an elimination: array operations up the tree and, differentiated, down.

A message is a slot that holds its array when the program runs, and the variables of its axes; the
batch axis is last. ``junction_tree`` says what a program is and how it is run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from lumbayes.inference.factors import Factor, Problem, merge_table
from lumbayes.inference.greedy_elimination import Bucket
from lumbayes.inference.operations import Scope, Slots, Step, Tape, conditional, multiply_constants
from lumbayes.network.variables import Array

ONES = 1e-14  # a message this close to ones says nothing


@dataclass
class _Node:
    """A bucket while its program is written.

    ``table`` is the product of its constants, ``inputs`` the messages that differ by row, from
    ``senders``; ``partial`` their running products but the last, ``product`` the last if kept;
    ``scale`` the constants instead, once they are multiplied into the input ``scaled``.
    """

    bucket: Bucket
    table: Factor | None
    inputs: list[tuple[int, Scope]]
    partial: list[tuple[int, Scope]] = field(default_factory=list)
    product: tuple[int, Scope] | None = None
    scaled: int = -1
    scale: Factor | None = None
    out: tuple[int, Scope] | None = None
    fixed_out: Factor | None = None
    senders: list[int | None] = field(default_factory=list)
    parent: int | None = None
    wanted: set[frozenset[int]] = field(default_factory=set)
    visited: bool = False

    @property
    def union(self) -> set[int]:
        """The variables that the messages depend on."""
        return {u for _, scope in self.inputs for u in scope}


class ProgramWriter(Tape):
    """Writes the program of one elimination, bucket by bucket."""

    def __init__(self, problem: Problem, cards: tuple[int, ...]) -> None:
        super().__init__(cards)
        self.problem = problem
        self.up: list[Step] = []
        self.down: list[Step] = []
        self.drawn: list[tuple[int, Array]] = []
        self.likelihood_slots: dict[int, int] = {}
        self.evidence: list[int] = []
        self.constant = 1.0
        self.nodes: list[_Node] = []
        self.place: dict[int, int] = {}
        self.answer: dict[frozenset[int], tuple[int, Scope]] = {}

    # --- up -----------------------------------------------------------------------------------

    def write_up(self, buckets: Sequence[Bucket]) -> None:
        """Write the messages towards the roots, the last of which are P(evidence)."""
        problem = self.problem
        self.place = {b.variable: i for i, b in enumerate(buckets)}
        constants: list[list[Factor]] = [[] for _ in buckets]
        varying: list[list[tuple[int, Scope, int | None]]] = [[] for _ in buckets]

        def assign(factor: Factor) -> None:
            if not factor.scope:
                if factor.values.shape[-1] == 1:
                    self.constant *= float(factor.values[0])
                else:
                    self.evidence.append(self.draw(factor))
            elif factor.values.shape[-1] == 1:
                constants[self.first(factor.scope)].append(factor)
            else:
                varying[self.first(factor.scope)].append((self.draw(factor), factor.scope, None))

        for factor in problem.factors:
            assign(factor)
        for v in sorted(problem.soft):
            if v in self.place:
                self.likelihood_slots[v] = self.slot(0)
                varying[self.place[v]].append((self.likelihood_slots[v], (v,), None))
        for bucket in buckets:
            for merge in bucket.merges:
                assign(
                    merge_table(merge, problem.gates[merge.gate], problem.contributions[merge.gate])
                )
        for scope in problem.together:
            constants[self.first(scope)].append(self.blank(scope))
        for i, bucket in enumerate(buckets):
            varying[i].sort(key=lambda item: self.volume(item[1]))
            covered = {u for _, scope, _ in varying[i] for u in scope}
            node = _Node(
                bucket,
                multiply_constants(constants[i], covered),
                [(s, c) for s, c, _ in varying[i]],
            )
            node.senders = [sender for _, _, sender in varying[i]]
            self.nodes.append(node)
            self.send(i, node, constants, varying)

    def send(
        self,
        i: int,
        node: _Node,
        constants: list[list[Factor]],
        varying: list[list[tuple[int, Scope, int | None]]],
    ) -> None:
        """Write the message of one bucket and hand it to the bucket that takes it."""
        v = node.bucket.variable
        if not node.inputs:
            assert node.table is not None
            axis = node.table.scope.index(v)
            rest = tuple(u for u in node.table.scope if u != v)
            node.fixed_out = Factor(rest, node.table.values.sum(axis=axis))
            if not rest:
                self.constant *= float(node.fixed_out.values[0])
                return
            node.parent = self.first(rest)
            blank = np.abs(node.fixed_out.values - 1.0).max() <= ONES
            constants[node.parent].append(self.blank(rest) if blank else node.fixed_out)
            return
        if len(node.inputs) > 1 and node.table is not None:
            self.scale_an_input(node, set(node.table.scope))
        node.partial.append(node.inputs[0])
        for message in node.inputs[1:-1]:
            left = node.partial[-1]
            node.partial.append(self.combine(self.up, left, message, {*left[1], *message[1]}))
        union = node.union
        keep = union.union(node.table.scope if node.table else ()) - {v}
        if len(node.inputs) == 1:
            node.out = self.contract(self.up, node.table, node.inputs[0], keep)
        elif node.table is None:
            node.out = self.combine(self.up, node.partial[-1], node.inputs[-1], keep)
        else:
            node.product = self.combine(self.up, node.partial[-1], node.inputs[-1], union)
            node.out = self.contract(self.up, node.table, node.product, keep)
        if keep:
            node.parent = self.first(node.out[1])
            varying[node.parent].append((*node.out, i))
        else:
            self.evidence.append(node.out[0])

    def scale_an_input(self, node: _Node, needed: set[int]) -> None:
        """Multiply the constants into a message that spans them: no full product need be kept."""
        for j, (slot, scope) in enumerate(node.inputs):
            if needed <= set(scope):
                node.inputs[j] = self.contract(self.up, node.table, (slot, scope), set(scope))
                node.scaled, node.scale, node.table = j, node.table, None
                return

    # --- down ---------------------------------------------------------------------------------

    def want(self, target: frozenset[int]) -> None:
        """Ask for the joint of variables that one clique holds."""
        i = self.first(tuple(target))
        self.nodes[i].wanted.add(target)

    def write_down(self) -> None:
        """Write what is needed for the wanted marginals, roots first."""
        for i in range(len(self.nodes)):
            node = self.nodes[i]
            if node.wanted and node.parent is not None:
                if node.out is None:
                    assert node.fixed_out is not None
                    self.nodes[node.parent].wanted.add(frozenset(node.fixed_out.scope))
                else:
                    self.nodes[node.parent].visited = True
            if node.visited and node.parent is not None:
                self.nodes[node.parent].visited = True
            if node.wanted:
                node.visited = True
        needed_senders = {
            i for i, node in enumerate(self.nodes) if node.visited and node.out is not None
        }
        adjoint: dict[int, tuple[int, Scope]] = {}
        for i in range(len(self.nodes) - 1, -1, -1):
            node = self.nodes[i]
            if not node.visited:
                continue
            if node.out is None:
                self.answer_constant(node)
                continue
            if node.parent is None:
                adjoint[i] = (self.seed(self.down, node.out[0]), ())
            self.spread(node, adjoint, i, needed_senders)

    def spread(
        self, node: _Node, adjoint: dict[int, tuple[int, Scope]], i: int, needed_senders: set[int]
    ) -> None:
        """Write the adjoints of a bucket's inputs and the marginals wanted from it."""
        d_out = adjoint[i]
        union = node.union
        children = {
            j: s for j, s in enumerate(node.senders) if s is not None and s in needed_senders
        }
        through: dict[frozenset[int], int] = {}
        for target in node.wanted:
            able = [j for j, (_, scope) in enumerate(node.inputs) if target <= set(scope)]
            if able:
                through[target] = min(able, key=lambda j: self.volume(node.inputs[j][1]))
            else:
                both = self.combine(self.down, self.whole(node), d_out, union.union(d_out[1]))
                self.answer[target] = self.contract(self.down, node.table, both, set(target))
        asked = {*children, *through.values()}
        if not asked:
            return
        d_input: dict[int, tuple[int, Scope]] = {}
        d_left = self.contract(self.down, node.table, d_out, union)
        for j in range(len(node.inputs) - 1, 0, -1):
            if j in asked:
                scope = set(node.inputs[j][1])
                d_input[j] = self.combine(self.down, d_left, node.partial[j - 1], scope)
            if min(asked) < j:
                d_left = self.combine(
                    self.down, d_left, node.inputs[j], set(node.partial[j - 1][1])
                )
        if 0 in asked:
            d_input[0] = d_left
        for j, sender in children.items():
            adjoint[sender] = d_input[j]
            if j == node.scaled:
                scope = set(node.inputs[j][1])
                adjoint[sender] = self.contract(self.down, node.scale, d_input[j], scope)
        for target, j in through.items():
            self.answer[target] = self.combine(self.down, node.inputs[j], d_input[j], set(target))

    def whole(self, node: _Node) -> tuple[int, Scope]:
        """Write the product of all messages of a bucket, unless it is there."""
        if node.product is None:
            node.product = node.partial[-1]
            if len(node.inputs) > 1:
                node.product = self.combine(self.down, node.product, node.inputs[-1], node.union)
        return node.product

    def answer_constant(self, node: _Node) -> None:
        """Write the marginals of a bucket that no row changes, from its separator's marginal."""
        assert node.table is not None and node.fixed_out is not None
        table = conditional(node.table, node.bucket.variable)
        separator = frozenset(node.fixed_out.scope)
        for target in node.wanted:
            if node.parent is None:
                self.answer[target] = self.constant_marginal(table, target)
            else:
                source = self.answer[separator]
                self.answer[target] = self.contract(self.down, table, source, set(target))

    def constant_marginal(self, table: Factor, target: frozenset[int]) -> tuple[int, Scope]:
        """Write a marginal that no row changes."""
        axes = tuple(a for a, u in enumerate(table.scope) if u not in target)
        values = table.values.sum(axis=axes)
        scope = tuple(u for u in table.scope if u in target)
        slot = self.slot(0)

        def step(slots: Slots, old: Slots) -> None:
            slots[slot] = values.copy()

        self.down.append(step)
        return slot, scope

    # --- where tables go --------------------------------------------------------------------------

    def draw(self, factor: Factor) -> int:
        """Reserve a place for a table that differs from draw to draw."""
        slot = self.slot(0)
        self.drawn.append((slot, factor.values))
        return slot

    def first(self, scope: Scope) -> int:
        """Return the bucket that takes a table over these variables."""
        return min(self.place[u] for u in scope)

    def blank(self, scope: Scope) -> Factor:
        """Return a table of ones."""
        return Factor(scope, np.ones((*(self.cards[u] for u in scope), 1)), blank=True)
