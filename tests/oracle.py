"""Plain counting over every combination of states: too slow for use, too simple to be wrong."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from itertools import product
from math import prod
from typing import Any

import numpy as np

from lumbayes.network.variables import Network, NoisyMax, Variable


def probability(
    variable: Variable, parents: tuple[int, ...], state: int, draw: int | None = None
) -> float:
    """P(variable = state | parents), a noisy-MAX counted over all its contributions."""

    def number(array: np.ndarray) -> float:
        return float(array if draw is None else array[min(draw, array.shape[-1] - 1)])

    noisy = variable.distribution
    if not isinstance(noisy, NoisyMax):
        return number(noisy.values[(*parents, state)])
    shares = [noisy.leak, *(effect[x] for effect, x in zip(noisy.effects, parents, strict=True))]
    return sum(
        prod(number(share[y]) for share, y in zip(shares, contributions, strict=True))
        for contributions in product(range(state + 1), repeat=len(shares))
        if max(contributions) == state
    )


def full_joint(
    network: Network,
    likelihoods: Mapping[str, np.ndarray],
    do: Mapping[str, int] | None = None,
    draw: int | None = None,
) -> np.ndarray:
    """P(every variable, findings | do) as one array, axes in the order of the network."""
    names = list(network)
    place = {name: i for i, name in enumerate(names)}
    do = do or {}
    joint = np.zeros([len(network[n].states) for n in names])
    tables = {
        n: {
            (*x, y): probability(network[n], x, y, draw)
            for x in product(*(range(len(network[p].states)) for p in network[n].parents))
            for y in range(len(network[n].states))
        }
        for n in names
        if n not in do
    }
    for states in np.ndindex(*joint.shape):
        value = 1.0
        for n in names:
            own = states[place[n]]
            if n in do:
                value *= own == do[n]
            else:
                value *= tables[n][(*(states[place[p]] for p in network[n].parents), own)]
            if n in likelihoods:
                value *= float(likelihoods[n][own])
        joint[states] = value
    return joint


def marginal(network: Network, joint: np.ndarray, *targets: str) -> np.ndarray:
    """Sum a full joint down to some variables, in the order named."""
    names = list(network)
    kept = [names.index(t) for t in targets]
    summed = joint.sum(axis=tuple(i for i in range(len(names)) if i not in kept))
    order = sorted(kept)
    return np.transpose(summed, [order.index(i) for i in kept])


def to_pyagrum(network: Network) -> Any:
    """Build the same network in memory: pyAgrum's file readers round to single precision."""
    gum: Any = import_module("pyagrum")  # without types
    other = gum.BayesNet()
    for v in network.variables.values():
        other.add(gum.LabelizedVariable(v.name, v.name, list(v.states)))
    for v in network.variables.values():
        for p in v.parents:
            other.addArc(p, v.name)
    for v in network.variables.values():
        axes = (*v.parents, v.name)
        table = other.cpt(v.name)
        table[:] = np.ascontiguousarray(
            v.cpt.transpose([axes.index(n) for n in reversed(table.names)])
        )
    return other
