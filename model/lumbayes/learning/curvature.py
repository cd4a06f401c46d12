"""How sharply the penalised log-likelihood bends: how sure the numbers are, and where it peaks."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lumbayes.knowledge.model import Model
from lumbayes.learning.prior import Prior, groups
from lumbayes.network.variables import Array

ROUNDING = 1e-9  # share of all cases that a number is worth below which data gave nothing
REST = 1e-12  # of a distribution whose other numbers leave less, one follows from the others
FARTHEST = 2.0  # by which no logarithm of a number over the rest changes in one step, either way
LEAST = 0.2  # of a probability that a straight step must leave


@dataclass(frozen=True, eq=False)
class Curvature:
    """The curvature under prior and data, in the logarithms of the numbers over the rest.

    Attributes
    ----------
    groups : list of (places, places)
        Positions of the numbers of each distribution that is learned, and of those that the others
        follow from: all but the last, if these leave no rest.
    variance : array
        Of each number that is learned, all others unknown too.
    factor : array
        ``factor @ factor.T`` is the inverse of the curvature, of those that others follow from.
    """

    model: Model
    prior: Prior
    values: Array
    groups: list[tuple[list[int], list[int]]]
    variance: Array
    factor: Array

    @property
    def places(self) -> list[int]:
        """Positions of the numbers that are learned."""
        return [i for own, _ in self.groups for i in own]

    @property
    def free(self) -> list[int]:
        """Positions of those that the others follow from."""
        return [i for _, free in self.groups for i in free]

    def worth(self) -> Array:
        """Return how many fully observed cases the data are worth, number by number.

        The variance of a number under prior and data is that of a Beta worth the prior's cases and
        these. So numbers that only more data together could tell apart are worth few. 0 where
        nothing is learned.
        """
        found = np.zeros(len(self.values))
        p, size = self.values[self.places], self.prior.size[self.places]
        whole = np.divide(p * (1 - p), self.variance, out=size.copy(), where=self.variance > 0)
        gained = whole - size
        found[self.places] = np.where(gained > ROUNDING * whole, gained, 0.0)
        return found[self.prior.original]

    def moved(self, values: Array, way: Array) -> tuple[Array, Array]:
        """Return the numbers some way further, and by what their logarithms over the rest changed.

        A distribution moves straight, as far as its logarithms at first would: that alone leads to
        the top at once where all is observed. If that takes too much from a state, it moves along
        the logarithms themselves.
        """
        new, done = values.copy(), np.zeros_like(way)
        at = 0
        for own, free in self.groups:
            some = slice(at, at + len(free))
            at += len(free)
            old = np.append(values[own], max(0.0, 1 - float(values[own].sum())))
            steps = np.zeros_like(old)
            steps[: len(free)] = way[some]
            straight = old * (1 + steps - old @ steps)
            if (straight < old * LEAST).any():
                straight = old * np.exp(steps)
                straight /= straight.sum()
            new[own] = straight[:-1]
            change = np.log(straight[: len(free) + 1] / old[: len(free) + 1])
            done[some] = change[:-1] - change[-1]
        return np.asarray(new[self.prior.original]), done


def slope(
    model: Model, prior: Prior, free: list[int], values: Array, counts: Array, totals: Array
) -> Array:
    """Return how the penalised log-likelihood rises with the logarithm of each free number.

    Parameters
    ----------
    free : list of int
        As of ``Curvature``.
    values, counts, totals : array, shape (m,)
        The numbers, and what the cases say under them; of selected cases with those who stayed
        silent.
    """
    pull = np.zeros_like(values)
    np.add.at(pull, prior.original, counts - totals * values)
    return np.asarray(pull[free] + prior.size[free] * (model.values[free] - values[free]))


@dataclass(frozen=True, eq=False)
class Climb:
    """Newton's method near the top, its curvature mended by what each step found.

    Source: Nocedal (1980), Updating quasi-Newton matrices with limited storage, Mathematics of
    Computation 35.
    """

    bend: Curvature
    seen: list[tuple[Array, Array]] = field(default_factory=list)

    def step(self, rise: Array) -> tuple[Array, float]:
        """Return which way to go, and how much that should gain, in nats."""
        rest, shares = rise.copy(), list[float]()
        for way, drop in reversed(self.seen):
            shares.append(float(way @ rest) / float(way @ drop))
            rest -= shares[-1] * drop
        found = self.bend.factor @ (self.bend.factor.T @ rest)
        for (way, drop), share in zip(self.seen, reversed(shares), strict=True):
            found += (share - float(drop @ found) / float(way @ drop)) * way
        gain = float(rise @ found) / 2
        return np.clip(found, -FARTHEST, FARTHEST), gain

    def learn(self, way: Array, drop: Array) -> None:
        """Take note of how much the slope fell along a way; no use where it rose."""
        if float(way @ drop) > 0:
            self.seen.append((way, drop))


def curvature(
    model: Model,
    prior: Prior,
    values: Array,
    information: Array,
    counted: tuple[Array, Array] | None = None,
) -> Curvature:
    """Return the curvature at some values.

    Parameters
    ----------
    information : array, shape (m, m)
        As of ``counts.information``.
    counted : two arrays, optional
        Expected events and occasions: then the curvature is that along straight lines, another
        where the log-likelihood still rises.
    """
    learned: list[tuple[list[int], list[int]]] = []
    for group in groups(model, prior):
        own = [i for i in group if 0 < values[i] < 1]
        rest = 1 - values[list(group)].sum()
        free = own if rest > REST else own[:-1]
        learned.append((own, free))
    places, kept = ([i for pair in learned for i in pair[side]] for side in (0, 1))
    spread, root = np.zeros((len(places), len(kept))), np.zeros((len(kept), len(kept)))
    inner = information[np.ix_(kept, kept)]
    rise = np.zeros(len(kept)) if counted is None else slope(model, prior, kept, values, *counted)
    row = column = 0
    for own, free in learned:
        p, q = values[own], values[free]
        rows, columns = slice(row, row + len(own)), slice(column, column + len(free))
        row, column = rows.stop, columns.stop
        spread[rows, columns] = np.equal.outer(own, free) * q - np.outer(p, q)
        if free:
            more = np.outer(q, rise[columns])
            inner[columns, columns] += np.diag(rise[columns]) - more - more.T
            block = prior.size[own[0]] * (np.diag(q) - np.outer(q, q))
            root[columns, columns] = np.linalg.inv(np.linalg.cholesky(block))
    # In units of the prior's own standard deviations; data never take information away.
    inside = root @ inner @ root.T
    more, axes = np.linalg.eigh((inside + inside.T) / 2)
    factor = root.T @ axes / np.sqrt(1 + np.maximum(more, 0.0))
    variance = ((spread @ factor) ** 2).sum(axis=1)
    return Curvature(model, prior, values, learned, variance, factor)
