"""The array operations of a program: products of messages and constants, summed down.

A message is a slot that holds its array when the program runs, and the variables of its axes; the
batch axis is last. An operation is made once, when a program is written: what can be worked out
from the variables alone is worked out then.
"""

from __future__ import annotations

import math
import string
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lumbayes.inference.factors import Factor

Scope = tuple[int, ...]
Slots = list[Any]
Step = Callable[[Slots, Slots], None]
LETTERS = string.ascii_letters

# The range of P(evidence) of a component, from this to its inverse, in which nothing that counts
# can have underflowed or overflowed on the way.
SMALLEST: dict[Any, float | np.longdouble] = {
    np.dtype(np.float64): 1e-200,
    np.dtype(np.longdouble): np.finfo(np.longdouble).tiny * np.longdouble(1e60),
}


class Tape:
    """Slots for the arrays of a program, and what writes into them.

    ``entries`` counts the numbers per row that the program writes, ``weight`` the bytes it holds,
    roughly.
    """

    def __init__(self, cards: tuple[int, ...]) -> None:
        self.cards = cards
        self.count = 0
        self.entries = 0
        self.weight = 100_000

    def slot(self, entries: int) -> int:
        """Reserve a place for an array of so many entries a row."""
        self.count += 1
        self.entries += entries
        return self.count - 1

    def volume(self, scope: Sequence[int]) -> int:
        """Return the number of states of some variables together."""
        return math.prod(self.cards[u] for u in scope)

    def seed(self, steps: list[Step], source: int) -> int:
        """Write 1 / P(evidence of the component), 0 where that is out of range."""
        out = self.slot(1)

        def step(slots: Slots, old: Slots) -> None:
            total = slots[source]
            low = SMALLEST[total.dtype]
            slots[out] = np.where((total > low) & (total < 1 / low), 1.0 / total, 0.0)

        steps.append(step)
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
