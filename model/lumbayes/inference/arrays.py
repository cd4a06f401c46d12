"""The arithmetic of a schedule in numpy: sums of products, the same in logarithms, or largest.

This is the plain form of what the kernel does: the reference it is held against, what answers where
no kernel is, and, in logarithms, what answers evidence so rare that products leave the range of
floating point.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from lumbayes.inference import schedule as of
from lumbayes.inference.compiled_tree import CompiledTree
from lumbayes.network.variables import Array

LETTERS = string.ascii_letters
Values = npt.NDArray[np.float64]
Choice = npt.NDArray[np.intp]


class _Grid(dict[tuple[int, int], int]):
    """A table of whole numbers, quicker to fill from Python than an array."""

    def __len__(self) -> int:
        return 1 << 40


@dataclass(frozen=True, eq=False)
class ArrayPlan:
    """The steps for one pattern of evidence, as lists.

    Attributes
    ----------
    axes : list of tuple of int
        The free variables of each operand.
    steps : list of (left, right, result, variable, summed, asked)
    needed : list of bool
        Whether the derivative of an operand is wanted.
    tables : mapping of operand to table
    folds : list of (operand, variable, items), each item (kind, source, when); variable -1: of none
    roots : list of operands without axes, the factors of P(evidence)
    blanks : mapping of joint to operand
    held, largest : int
        Numbers of all messages of a row, and the most products in one step.
    """

    status: list[int]
    axes: list[tuple[int, ...]]
    steps: list[tuple[int, int, int, int, bool, int]]
    needed: list[bool]
    tables: dict[int, int]
    folds: list[tuple[int, int, list[tuple[int, int, int, int]]]]
    roots: list[int]
    blanks: dict[int, int]
    held: int
    largest: int

    @cached_property
    def free(self) -> list[int]:
        """The variables summed out, in order."""
        return list(dict.fromkeys(step[3] for step in self.steps))

    @cached_property
    def buckets(self) -> dict[int, list[int]]:
        """The operands that meet where a variable is summed out."""
        found: dict[int, list[int]] = {}
        made: set[int] = set()
        for left, right, z, variable, summed, _ in self.steps:
            found.setdefault(variable, []).extend(i for i in (left, right) if i and i not in made)
            made = set() if summed else made | {z}
        return found


def plan(
    tree: CompiledTree,
    hard: Mapping[int, int],
    soft: Mapping[int, int],
    forced: Mapping[int, int],
    wanted: Sequence[int],
    blanks: Sequence[Sequence[int]],
    limit: int,
) -> ArrayPlan | None:
    """Write the steps for a pattern of evidence; None if they take more than the limit."""
    n = len(tree.names)
    lists = tree.lists
    operands, steps, runs, unary, folds = (_Grid() for _ in range(5))
    room = 2 * (len(tree.least) + 2 * n + len(blanks)) + 8
    axes = [[0] * (n + ROOM * room), [0] * (n + ROOM * room)]
    status, scratch, scalars = [0] * n, [0] * (4 * n + 4 * room), [0] * room
    known = [_dense(n, some) for some in (hard, soft, forced)]
    order = list(range(n))
    asked = [0] * n
    for v in wanted:
        asked[v] = 1
    count: dict[int, int] = {}
    failed = of.schedule(
        lists, known[0], known[1], [0] * n, known[2], order, order, asked,
        [0, *np.cumsum([len(b) for b in blanks], dtype=int).tolist()],
        [v for b in blanks for v in b], False, limit, status, scratch, operands, axes[0], axes[1],
        steps, runs, scalars, unary, folds, count,
    )  # fmt: skip
    if failed:
        return None
    total = count[of.N_OPERANDS]
    starts = [operands.get((i, of.START), 0) for i in range(total)]
    axis = axes[0]
    return ArrayPlan(
        status,
        [tuple(axis[a : a + operands[i, of.LENGTH]]) for i, a in enumerate(starts)],
        [
            (
                steps[s, of.LEFT], steps[s, of.RIGHT], steps[s, of.RESULT], steps[s, of.VARIABLE],
                bool(steps[s, of.SUMMED]), steps[s, of.ASKED],
            )
            for s in range(count[of.N_STEPS])
        ],
        [bool(operands[i, of.NEEDED]) for i in range(total)],
        {
            i: operands[i, of.SOURCE]
            for i in range(total)
            if operands[i, of.KIND] in (of.CONSTANT, of.DRAWN) and operands[i, of.SOURCE] >= 0
        },
        [
            (folds[f, 0], axis[starts[folds[f, 0]]], _items(unary, folds[f, 1]))
            for f in range(count[of.N_FOLDS])
        ]
        + [(-1, -1, _items(unary, count[of.ALONE]))],
        scalars[: count[of.N_SCALARS]],
        {-2 - operands[i, of.SOURCE]: i for i in range(total) if operands[i, of.SOURCE] <= -2},
        sum(operands[steps[s, of.RESULT], of.SIZE] for s in range(count[of.N_STEPS])),
        count[of.LARGEST],
    )  # fmt: skip


ROOM = 40  # axes of an operand, on average


def _dense(n: int, some: Mapping[int, int]) -> list[int]:
    full = [-1] * n
    for v, value in some.items():
        full[v] = value
    return full


def _items(unary: Mapping[tuple[int, int], int], first: int) -> list[tuple[int, int, int, int]]:
    """Follow a list of what bears on one variable: (kind, source, …)."""
    found = []
    while first >= 0:
        found.append(
            (
                unary[first, of.U_KIND],
                unary[first, of.U_SOURCE],
                unary[first, of.U_ENTRY],
                unary[first, of.U_STRIDE],
            )
        )
        first = unary[first, of.U_NEXT]
    return found


@dataclass(frozen=True)
class Ring:
    """What stands for plus and times.

    ``multiply`` takes two tables and their axes and gives one over the axes kept, the others summed
    out.
    """

    one: float
    of_table: Callable[[Values], Values]
    times: Callable[[Values, Values], Values]
    multiply: Callable[[Values, tuple[int, ...], Values, tuple[int, ...], tuple[int, ...]], Values]


def _einsum(
    x: Values, x_axes: tuple[int, ...], y: Values, y_axes: tuple[int, ...], kept: tuple[int, ...]
) -> Values:
    letter: dict[int, str] = {}
    for v in (*x_axes, *y_axes):
        letter.setdefault(v, LETTERS[len(letter)])
    a, b, c = ("".join(letter[v] for v in axes if v in letter) for axes in (x_axes, y_axes, kept))
    # A derivative may be wanted over axes that neither table has: they are added as ones.
    found = np.einsum(f"{a}...,{b}...->{c}...", x, y)
    missing = tuple(i for i, v in enumerate(kept) if v not in letter)
    return np.asarray(np.expand_dims(found, missing) if missing else found)


def _aligned(x: Values, axes: tuple[int, ...], union: tuple[int, ...]) -> Values:
    shape = dict(zip(axes, x.shape, strict=False))
    return x.reshape(*(shape.get(v, 1) for v in union), x.shape[-1])


def _reduced(
    reduce: Callable[[Values, tuple[int, ...]], Values],
    x: Values, x_axes: tuple[int, ...], y: Values, y_axes: tuple[int, ...], kept: tuple[int, ...],
) -> Values:  # fmt: skip
    union = tuple(sorted({*x_axes, *y_axes, *kept}))
    total = _aligned(x, x_axes, union) + _aligned(y, y_axes, union)
    out = tuple(i for i, v in enumerate(union) if v not in kept)
    return reduce(total, out) if out else total


def _log_sum(values: Values, axes: tuple[int, ...]) -> Values:
    top = values.max(axis=axes, keepdims=True)
    top[np.isneginf(top)] = 0.0
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(np.exp(values - top).sum(axis=axes)) + np.squeeze(top, axis=axes))


def _largest(values: Values, axes: tuple[int, ...]) -> Values:
    return np.asarray(values.max(axis=axes))


def _log(values: Values) -> Values:
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(values))


SUMS = Ring(1.0, np.asarray, np.multiply, _einsum)


def _support(values: Values) -> Values:
    return np.asarray(values > 0, dtype=np.float64)


SUPPORT = Ring(1.0, _support, np.multiply, lambda *given: _support(_einsum(*given)))
LOGS = Ring(0.0, _log, np.add, lambda *given: _reduced(_log_sum, *given))
LARGEST = Ring(0.0, _log, np.add, lambda *given: _reduced(_largest, *given))


class Run:
    """One plan carried out for some rows, in one ring; of ``largest`` variables the best state.

    ``likelihoods``: by number of variable, of these rows, shape ``(k, rows)`` or ``(k, 1)``.
    """

    def __init__(
        self,
        tree: CompiledTree,
        plan: ArrayPlan,
        likelihoods: Mapping[int, Array],
        rows: slice | npt.NDArray[np.int64],
        ring: Ring,
        largest: frozenset[int] = frozenset(),
    ) -> None:
        self.tree, self.plan, self.ring, self.rows = tree, plan, ring, rows
        self.values: dict[int, Values] = {0: np.full((1,), ring.one)}
        self.alone: Values = np.full((1,), ring.one)
        status = plan.status
        for i, table in plan.tables.items():
            self.values[i] = ring.of_table(self.table(table, status))
        for i, axes in enumerate(plan.axes):
            if i in plan.blanks.values():
                shape = [int(tree.card[v]) for v in axes]
                self.values[i] = np.full((*shape, 1), ring.one)
        for i, variable, items in plan.folds:
            total = np.full((1,), ring.one)
            for kind, source, _, _ in items:
                if kind == of.LIKELIHOOD:
                    one = likelihoods[variable]
                else:
                    one = self.table(source, status)
                total = ring.times(total, ring.of_table(one))
            if variable < 0:
                self.alone = total
            else:
                self.values[i] = total
        for left, right, z, variable, summed, _ in plan.steps:
            how = LARGEST if summed and variable in largest else ring
            self.values[z] = how.multiply(
                self.values[left], plan.axes[left], self.values[right], plan.axes[right],
                plan.axes[z],
            )  # fmt: skip

    def table(self, t: int, status: Sequence[int]) -> Values:
        """Return a table at the states seen, axes in order, rows last."""
        axes, values = self.tree.table(t)
        index = tuple(status[v] if status[v] >= 0 else slice(None) for v in axes)
        found = values[index]
        return found if found.shape[-1] == 1 else found[..., self.rows]

    def evidence(self) -> Values:
        """P(evidence) of each row, or its logarithm."""
        total = self.alone
        for i in self.plan.roots:
            total = self.ring.times(total, self.values[i])
        return total

    def marginals(self) -> tuple[dict[int, Values], dict[int, Values]]:
        """Return posteriors by variable and joints by number, not yet scaled."""
        plan, ring = self.plan, self.ring
        derived: dict[int, Values] = {}
        single: dict[int, Values] = {}
        for left, right, z, variable, _, asked in reversed(plan.steps):
            if not plan.needed[z]:
                continue
            axes = plan.axes
            d = derived.pop(z, None)
            if d is None:
                d = np.full((1,), ring.one)
            if plan.needed[left] or asked == of.OF_LEFT:
                derived[left] = self.spread(d, axes[z], right, left)
            if plan.needed[right]:
                derived[right] = self.spread(d, axes[z], left, right)
            if asked:
                i = right if asked == of.OF_RIGHT else left
                whole = asked == of.OF_RESULT
                single[variable] = ring.multiply(
                    self.values[i], axes[i], d if whole else derived[i],
                    axes[z] if whole else axes[i], (variable,),
                )  # fmt: skip
        joint = {b: derived[i] if plan.axes[i] else np.full((1,), ring.one)
                 for b, i in plan.blanks.items()}  # fmt: skip
        return single, joint

    def culprits(self) -> set[int]:
        """Return variables whose evidence alone cannot be: what bears on the first message of 0."""
        plan = self.plan
        seen: dict[int, set[int]] = {i: self.seen_by(t) for i, t in plan.tables.items()}
        for i, variable, items in plan.folds:
            for kind, source, _, _ in items:
                own = {variable} if kind == of.LIKELIHOOD else self.seen_by(source)
                if variable < 0 and not self.ring.of_table(self.table(source, plan.status)).any():
                    return own
                seen.setdefault(i, set()).update(own)
            if i >= 0 and not self.values[i].any():
                return seen[i]
        for left, right, z, _, _, _ in plan.steps:
            seen[z] = seen.get(left, set()) | seen.get(right, set())
            if not self.values[z].any():
                return seen[z]
        return set().union(*seen.values())

    def seen_by(self, t: int) -> set[int]:
        """Return the observed variables that a table depends on."""
        axes, _ = self.tree.table(t)
        return {v for v in (*axes, self.tree.owner[t]) if self.plan.status[v] >= 0}

    def weights(self, variable: int, chosen: Mapping[int, Choice]) -> Values:
        """P(variable | the states chosen of those summed out later), not scaled; (n, k) or (1, k).

        The first row of the evidence counts.
        """
        total: Values = np.full((1, 1), self.ring.one)
        for i in self.plan.buckets[variable]:
            axes, values = self.plan.axes[i], self.values[i][..., 0]
            where = axes.index(variable)
            others = tuple(chosen[u] for u in axes if u != variable)
            rows = np.moveaxis(values, where, -1)
            total = self.ring.times(total, rows[others] if others else rows[None])
        if self.ring is SUMS:
            return total
        top = total.max(axis=1, keepdims=True)
        return np.exp(total - np.where(np.isfinite(top), top, 0.0))

    def spread(self, d: Values, axes: tuple[int, ...], other: int, to: int) -> Values:
        """Return the derivative by one operand of a step."""
        found = self.ring.multiply(
            d, axes, self.values[other], self.plan.axes[other], self.plan.axes[to]
        )
        shape = [int(self.tree.card[v]) for v in self.plan.axes[to]]
        return np.asarray(np.broadcast_to(found, (*shape, found.shape[-1])))
