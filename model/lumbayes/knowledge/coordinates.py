"""Numbers as free coordinates: logs over what is left to the reference state of their kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from lumbayes.knowledge.definition import Number
from lumbayes.network.variables import Array

NARROWEST = 0.02
"""No standard deviation counts as smaller."""
TINY = 1e-12


class Numbers(Protocol):
    """What is needed of a model: its numbers, and which of them belong together."""

    @property
    def numbers(self) -> tuple[Number, ...]:
        """Every number."""

    @property
    def values(self) -> Array:
        """Their values."""

    def mates(self, position: int) -> tuple[int, ...]:
        """Positions of the numbers of one distribution."""

    def original(self, position: int) -> int:
        """Position of the first number that is the same one."""


def free_numbers(model: Numbers) -> list[int]:
    """Return the positions of the numbers that have a width, the first of each draw group alone."""
    return [
        i
        for i, n in enumerate(model.numbers)
        if n.quantity != "causal_share"
        and 0 < n.value < 1
        and n.high > n.low
        and model.original(i) == i
    ]


def logit(p: Array) -> Array:
    """Return log odds, of probabilities kept off 0 and 1."""
    clipped = np.clip(p, TINY, 1 - TINY)
    odds: Array = np.log(clipped / (1 - clipped))
    return odds


def spread(model: Numbers, position: int) -> float:
    """Return the standard deviation of a number's own interval, on the logit scale."""
    number = model.numbers[position]
    low, high = max(number.low, number.value / 50), min(number.high, 1 - (1 - number.value) / 50)
    width = float(logit(np.array(high)) - logit(np.array(low))) / 3.92
    return max(width, NARROWEST)


def coordinates(model: Numbers, values: Array) -> Array:
    """Return the log of each number over what its distribution leaves to the reference state."""
    rest = np.array([1 - values[list(model.mates(i))].sum() for i in range(len(values))])
    logs: Array = np.log(np.clip(values, TINY, None) / np.clip(rest, 1e-4, None))
    return logs


def values_at(model: Numbers, free: Sequence[int], points: Array) -> Array:
    """Turn coordinates of the free numbers, ``(f, n)``, into values of all, ``(m, n)``."""
    values = np.repeat(model.values[:, None], points.shape[1], axis=1)
    weight = np.exp(points)
    alone = [row for row, number in enumerate(free) if len(model.mates(number)) == 1]
    values[[free[row] for row in alone]] = weight[alone] / (1 + weight[alone])
    place = {number: row for row, number in enumerate(free)}
    done: set[int] = {free[row] for row in alone}
    for number in free:
        if number in done:
            continue
        mates = [i for i in model.mates(number) if i in place]
        done.update(mates)
        rows = [place[i] for i in mates]
        fixed = sum(model.values[i] for i in model.mates(number) if i not in place)
        values[mates] = (1 - fixed) * weight[rows] / (1 + weight[rows].sum(axis=0))
    return values[[model.original(i) for i in range(len(values))]]
