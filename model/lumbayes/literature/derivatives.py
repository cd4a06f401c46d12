"""What the network says of published figures, and its exact derivatives by every number.

The derivative of log P(event) by the logarithm of a table's entry is the expected count of that
entry given the event (Darwiche 2003, J ACM 50:280): one exact query for each event gives all
derivatives at once. Only the ancestors of an event take part.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lumbayes.inference.batches import answer, in_order
from lumbayes.inference.evidence import evidence, stack
from lumbayes.inference.expectations import contribution, with_contributions
from lumbayes.knowledge.coordinates import values_at
from lumbayes.knowledge.definition import Recipe
from lumbayes.knowledge.model import Model
from lumbayes.literature.figures import Figure
from lumbayes.literature.target_values import combine, event_likelihoods, events_of, target_values
from lumbayes.literature.targets import Event
from lumbayes.network.variables import Array, Network

IMAGINARY = 1e-30
"""Step of the complex derivative: exact to the last digit, since nothing is subtracted."""

Key = frozenset[tuple[str, frozenset[str]]]


class Quantities:
    """The figures as functions of the free coordinates of a model.

    Parameters
    ----------
    model : Model
        Supplies network and numbers.
    free : sequence of int
        Positions of the free numbers.
    figures : sequence of Figure
        What is computed.
    """

    def __init__(self, model: Model, free: Sequence[int], figures: Sequence[Figure]) -> None:
        self.model, self.free, self.figures = model, list(free), tuple(figures)
        self.conditions = model.names("condition")
        pairs = [events_of(model.network, f.target, self.conditions) for f in figures]
        self._keys = [[(_key(a), _key(b)) for a, b in some] for some in pairs]

    def values(self, point: Array, some: npt.NDArray[np.intp]) -> Array:
        """Return some of the figures at a point, on their scale, shape ``(len(some),)``."""
        network = self.model.network_with(values_at(self.model, self.free, point[:, None])[:, 0])
        targets = [self.figures[i].target for i in some]
        found = target_values(network, targets, self.conditions)
        return np.array([_scale(self.figures[i], x) for i, x in zip(some, found, strict=True)])

    def at(self, point: Array) -> tuple[Array, Array]:
        """Return all figures on their scale, ``(n,)``, and their derivatives, ``(n, f)``."""
        values = values_at(self.model, self.free, point[:, None])[:, 0]
        keys = sorted({k for some in self._keys for pair in some for k in pair}, key=sorted_key)
        place = {key: i for i, key in enumerate(keys)}
        logs, gradients = log_gradients(self.model, values, [dict(k) for k in keys], self.free)
        found, rows = np.empty(len(self.figures)), np.zeros((len(self.figures), len(self.free)))
        for i, (figure, pairs) in enumerate(zip(self.figures, self._keys, strict=True)):
            used = sorted({place[k] for pair in pairs for k in pair})
            local = {p: j for j, p in enumerate(used)}
            points = logs[used][:, None] + 1j * IMAGINARY * np.eye(len(used))
            chances = iter(
                np.exp(points[local[place[a]]] - points[local[place[b]]]) for a, b in pairs
            )
            result = _scale(figure, combine(figure.target, self.conditions, chances))
            found[i] = result[0].real
            rows[i] = (result.imag / IMAGINARY) @ gradients[used]
        return found, rows


def sorted_key(key: Key) -> list[tuple[str, list[str]]]:
    """Order events in the same way in every run."""
    return sorted((name, sorted(states)) for name, states in key)


def log_gradients(
    model: Model, values: Array, events: Sequence[Event], free: Sequence[int]
) -> tuple[Array, Array]:
    """Return log P of events, ``(e,)``, and derivatives by the free coordinates, ``(e, f)``.

    Parameters
    ----------
    model : Model
        Its recipes say where the numbers stand.
    values : array, shape (m,)
        In the order of ``model.numbers``.
    events : sequence of mappings of variable to states
        Each possible.
    free : sequence of int
        Positions of the free numbers.
    """
    network = model.network_with(values)
    together: dict[frozenset[str], list[int]] = {}
    for i, event in enumerate(events):
        together.setdefault(frozenset(event), []).append(i)
    logs, counts = np.zeros(len(events)), np.zeros((len(events), len(values)))
    totals = np.zeros((len(events), len(values)))
    for names, rows in together.items():
        part = _ancestors(network, names)
        cases = [evidence(part, event_likelihoods(part, events[i])) for i in rows]
        wide = with_contributions(part)
        recipes = [r for r in model.recipes if r.name in part]
        families = [family for r in recipes for family in _families(r)]
        scopes = tuple(dict.fromkeys(frozenset(family) for family in families))
        found = answer(wide, stack(wide, cases), scopes)
        logs[rows] = found.log_evidence
        for family, index in zip(families, (i for r in recipes for i in r.indices), strict=True):
            order = in_order(wide, frozenset(family))
            joint = found.joints[frozenset(family)]
            table = joint.transpose([*(order.index(v) for v in family), len(family)])
            free_here = index >= 0
            numbers = index[free_here]
            whole = np.broadcast_to(table.sum(axis=-2, keepdims=True), table.shape)
            np.add.at(counts.T, (numbers[:, None], np.array(rows)), table[free_here])
            np.add.at(totals.T, (numbers[:, None], np.array(rows)), whole[free_here])
    return logs, _by_coordinates(model, values, counts, totals, free)


def _families(recipe: Recipe) -> list[tuple[str, ...]]:
    """Return the variables of each of a recipe's arrays, in the order of its axes."""
    if not recipe.noisy:
        return [(*recipe.parents, recipe.name)]
    causes = [(p, contribution(recipe.name, p)) for p in recipe.parents]
    return [(contribution(recipe.name),), *causes]


def _by_coordinates(
    model: Model, values: Array, counts: Array, totals: Array, free: Sequence[int]
) -> Array:
    """Turn counts into derivatives by coordinates; copies of a number count with the first."""
    copies: dict[int, list[int]] = {}
    for i in range(len(values)):
        copies.setdefault(model.original(i), []).append(i)
    kept = set(free)
    gradient = np.zeros((len(counts), len(free)))
    for column, number in enumerate(free):
        for copy in copies[number]:
            fixed = [j for j in model.mates(copy) if j != copy and model.original(j) not in kept]
            left = 1.0 - float(values[fixed].sum())
            moving = totals[:, copy] - counts[:, fixed].sum(axis=1)
            gradient[:, column] += counts[:, copy] - values[copy] / left * moving
    return gradient


def _ancestors(network: Network, names: frozenset[str]) -> Network:
    kept, todo = set(), list(names)
    while todo:
        name = todo.pop()
        if name not in kept:
            kept.add(name)
            todo += network[name].parents
    return Network(network[name] for name in network if name in kept)


def _key(event: Event) -> Key:
    return frozenset((name, frozenset(states)) for name, states in event.items())


def _scale(figure: Figure, value: Array) -> Array:
    logs: Array = np.log(value) - np.log(1.0 - value) if figure.share else np.log(value)
    return logs
