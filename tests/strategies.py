"""Any small network, any evidence: what the property tests draw from."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from lumbayes.inference.evidence import Evidence
from lumbayes.network.variables import Network, NoisyMax, Table, Variable


def random_network(
    rng: np.random.Generator,
    variables: int,
    *,
    draws: int | None = None,
    noisy: float = 0.4,
    zeros: float = 0.25,
    most_states: int = 3,
    most_parents: int = 4,
) -> Network:
    """Build any network: tables and noisy-MAX mixed, zeros, isolated and one-state variables."""
    cards = [
        int(rng.integers(1 if rng.random() < 0.1 else 2, most_states + 1)) for _ in range(variables)
    ]
    shuffled = rng.permutation(variables)
    made: list[Variable] = []
    for i in range(variables):
        count = int(rng.integers(0, min(i, most_parents) + 1))
        parents = [int(p) for p in rng.choice(i, size=count, replace=False)] if count else []
        k = cards[i]
        own = None if draws is None else (draws if rng.random() < 0.6 else 1)
        if rng.random() < noisy:
            effects = []
            for p in parents:
                effect = _rows(rng, (cards[p],), k, own, zeros)
                effect[0] = 0.0
                effect[0, 0] = 1.0
                effects.append(effect)
            distribution: Table | NoisyMax = NoisyMax(_rows(rng, (), k, own, zeros), tuple(effects))
        else:
            distribution = Table(_rows(rng, tuple(cards[p] for p in parents), k, own, zeros))
        states = tuple(f"s{j}" for j in range(k))
        made.append(Variable(f"v{i}", states, tuple(f"v{p}" for p in parents), distribution))
    return Network([made[j] for j in shuffled], draws)


def _rows(
    rng: np.random.Generator, shape: tuple[int, ...], k: int, draws: int | None, zeros: float
) -> np.ndarray:
    full = (*shape, k) if draws is None else (*shape, k, draws)
    axis = len(shape)
    values = rng.gamma(0.7, size=full) + 1e-3
    empty = rng.random(full) < zeros * (rng.random() < 0.5)
    values[empty] = 0.0
    hopeless = values.sum(axis=axis, keepdims=True) == 0
    values = np.where(hopeless, 1.0, values)
    total: np.ndarray = values.sum(axis=axis, keepdims=True)
    return np.asarray(values / total)


def random_evidence(
    rng: np.random.Generator, network: Network, rows: int, *, share: float = 0.5, do: float = 0.15
) -> Evidence:
    """Build ragged evidence: hard, soft, unknown and set variables, per row or the same in all."""
    likelihoods: dict[str, np.ndarray] = {}
    chosen: dict[str, int] = {}
    for name in network:
        k = len(network[name].states)
        if rng.random() < do:
            chosen[name] = int(rng.integers(k))
        elif rng.random() < share:
            columns = 1 if rng.random() < 0.4 else rows
            values = np.ones((k, columns))
            for r in range(columns):
                kind = rng.random()
                if kind < 0.6:
                    values[:, r] = np.eye(k)[rng.integers(k)]
                elif kind < 0.8:
                    values[:, r] = rng.random(k) + 0.01
            likelihoods[name] = values
    return Evidence(likelihoods, chosen, rows)


seeds = st.integers(0, 2**32 - 1)


@st.composite
def networks(draw: st.DrawFn, most_variables: int = 6) -> Network:
    """Draw a small network."""
    rng = np.random.default_rng(draw(seeds))
    return random_network(rng, draw(st.integers(1, most_variables)))
