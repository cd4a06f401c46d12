"""Write the program of an elimination: array operations up the tree and, differentiated, down.

A message is a slot that holds its array when the program runs, and the variables of its axes; the
batch axis is last. ``junction_tree`` says what a program is and how it is run.
"""

from __future__ import annotations

import math
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from lumbayes.elimination import Bucket
from lumbayes.factors import Factor, Problem, merge_table
from lumbayes.network import Array

Scope = tuple[int, ...]
Slots = list[Any]
Step = Callable[[Slots, Slots], None]
ONES = 1e-14  # a message this close to ones says nothing
LETTERS = string.ascii_letters


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


class ProgramWriter:
    """Writes the program of one elimination, bucket by bucket."""

    def __init__(self, problem: Problem, cards: tuple[int, ...]) -> None:
        self.problem = problem
        self.cards = cards
        self.count = 0
        self.entries = 0
        self.weight = 100_000
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
                adjoint[i] = (self.seed(node.out[0]), ())
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

    # --- operations -----------------------------------------------------------------------------

    def slot(self, entries: int) -> int:
        """Reserve a place for an array of so many entries a row."""
        self.count += 1
        self.entries += entries
        return self.count - 1

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

    def volume(self, scope: Sequence[int]) -> int:
        """Return the number of states of some variables together."""
        return math.prod(self.cards[u] for u in scope)

    def seed(self, source: int) -> int:
        """Write 1 / P(evidence of the component), 0 where that is out of range."""
        out = self.slot(1)

        def step(slots: Slots, old: Slots) -> None:
            total = slots[source]
            low = SMALLEST[total.dtype]
            slots[out] = np.where((total > low) & (total < 1 / low), 1.0 / total, 0.0)

        self.down.append(step)
        return out

    def combine(
        self, steps: list[Step], left: tuple[int, Scope], right: tuple[int, Scope], keep: set[int]
    ) -> tuple[int, Scope]:
        """Write the product of two messages, summed down to the variables kept."""
        union = tuple(left[1]) + tuple(u for u in right[1] if u not in left[1])
        if len(right[1]) == len(union):
            union = tuple(right[1])
        kept = tuple(u for u in union if u in keep)
        axes = tuple(a for a, u in enumerate(union) if u not in keep)
        a, b = left[0], right[0]
        if axes:
            letter = dict(zip(union, LETTERS, strict=False)).__getitem__
            x, y, z = ("".join(map(letter, scope)) for scope in (left[1], right[1], kept))
            formula = f"{x}...,{y}...->{z}..."
            out = self.slot(self.volume(kept))

            def step(slots: Slots, old: Slots) -> None:
                slots[out] = np.einsum(formula, slots[a], slots[b], out=old[out])

        else:
            view_a, view_b = view(left[1], union), view(right[1], union)
            out = self.slot(self.volume(union))

            def step(slots: Slots, old: Slots) -> None:
                slots[out] = np.multiply(view_a(slots[a]), view_b(slots[b]), out=old[out])

        steps.append(step)
        return out, kept

    def contract(
        self, steps: list[Step], table: Factor | None, source: tuple[int, Scope], keep: set[int]
    ) -> tuple[int, Scope]:
        """Write the product of a constant and a message, summed down to the variables kept."""
        slot, scope = source
        if table is None:
            axes = tuple(a for a, u in enumerate(scope) if u not in keep)
            if not axes:
                return source
            out = self.slot(self.volume([u for u in scope if u in keep]))

            def total(slots: Slots, old: Slots) -> None:
                slots[out] = slots[slot].sum(axis=axes, out=old[out])

            steps.append(total)
            return out, tuple(u for u in scope if u in keep)
        in_table, in_source = set(table.scope), set(scope)
        batch = [u for u in scope if u in in_table and u in keep]
        summed = [u for u in scope if u in in_table and u not in keep]
        fresh = [u for u in table.scope if u in keep and u not in in_source]
        carried = [u for u in scope if u not in in_table and u in keep]
        lost = tuple(a for a, u in enumerate(scope) if u not in in_table and u not in keep)
        dropped = tuple(
            a for a, u in enumerate(table.scope) if u not in keep and u not in in_source
        )
        matrix = table.values[..., 0].sum(axis=dropped) if dropped else table.values[..., 0]
        left = [u for u in table.scope if u in keep or u in in_source]
        matrix = matrix.transpose([left.index(u) for u in (*batch, *fresh, *summed)])
        self.weight += matrix.nbytes
        a, b, r = self.volume(batch), self.volume(fresh), self.volume(summed)
        matrix = np.ascontiguousarray(matrix.reshape(a, b, r))
        stay = [u for u in scope if u in in_table or u in keep]
        order = [stay.index(u) for u in (*batch, *summed, *carried)]
        permutation = None if order == sorted(order) else (*order, len(order))
        shape = (*(self.cards[u] for u in (*batch, *fresh, *carried)), -1)
        out = self.slot(a * b * self.volume(carried))
        if r == 1:
            column = matrix.reshape(a, b, 1)

            def scale(slots: Slots, old: Slots) -> None:
                message = slots[slot]
                if lost:
                    message = message.sum(axis=lost)
                if permutation:
                    message = message.transpose(permutation)
                into = None if old[out] is None else old[out].reshape(a, b, -1)
                slots[out] = np.multiply(column, message.reshape(a, 1, -1), out=into).reshape(shape)

            steps.append(scale)
        elif a == 1:
            flat = matrix[0]

            def dot(slots: Slots, old: Slots) -> None:
                message = slots[slot]
                if lost:
                    message = message.sum(axis=lost)
                if permutation:
                    message = message.transpose(permutation)
                into = None if old[out] is None else old[out].reshape(b, -1)
                slots[out] = np.dot(flat, message.reshape(r, -1), out=into).reshape(shape)

            steps.append(dot)
        else:

            def product(slots: Slots, old: Slots) -> None:
                message = slots[slot]
                if lost:
                    message = message.sum(axis=lost)
                if permutation:
                    message = message.transpose(permutation)
                into = None if old[out] is None else old[out].reshape(a, b, -1)
                slots[out] = np.matmul(matrix, message.reshape(a, r, -1), out=into).reshape(shape)

            steps.append(product)
        return out, (*batch, *fresh, *carried)


# The range of P(evidence) of a component, from this to its inverse, in which nothing that counts
# can have underflowed or overflowed on the way.
SMALLEST: dict[Any, float | np.longdouble] = {
    np.dtype(np.float64): 1e-200,
    np.dtype(np.longdouble): np.finfo(np.longdouble).tiny * np.longdouble(1e60),
}


def view(scope: Scope, union: Scope) -> Callable[[npt.NDArray[Any]], npt.NDArray[Any]]:
    """Return the function that lines a message's axes up with a larger scope's, as a view."""
    own = [u for u in union if u in scope]
    order = [scope.index(u) for u in own]
    index = tuple(slice(None) if u in scope else None for u in union)
    permutation = None if order == sorted(order) else (*order, len(order))
    if None not in index:
        if permutation is None:
            return lambda array: array
        return lambda array: array.transpose(permutation)
    if permutation is None:
        return lambda array: array[index]
    return lambda array: array.transpose(permutation)[index]


def multiply_constants(factors: Sequence[Factor], covered: set[int]) -> Factor | None:
    """Multiply constant tables into one; blank ones over what others cover are left out."""
    covered = covered.union(*(f.scope for f in factors if not f.blank))
    factors = [f for f in factors if not (f.blank and covered.issuperset(f.scope))]
    if not factors:
        return None
    product = factors[0]
    for factor in factors[1:]:
        union = product.scope + tuple(u for u in factor.scope if u not in product.scope)
        values = view(product.scope, union)(product.values) * view(factor.scope, union)(
            factor.values
        )
        product = Factor(union, values)
    return product


def conditional(table: Factor, variable: int) -> Factor:
    """P(variable | the rest of the table), 0 where the rest cannot be."""
    axis = table.scope.index(variable)
    total = table.values.sum(axis=axis, keepdims=True)
    return Factor(
        table.scope,
        np.divide(table.values, total, out=np.zeros_like(table.values), where=total > 0),
    )
