"""The network that answers interventions: of a contested link only its causal share counts."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from lumbayes.inference.queries import evidence, marginals
from lumbayes.knowledge.model import Model
from lumbayes.network.variables import Array, Network, NoisyMax, Table, Variable


def causal_network(model: Model, values: Array | None = None) -> Network:
    """Return the network in which contested links carry their causal share alone.

    A weak muscle may follow pain as well as cause it. Prediction uses the whole strength of such a
    link; an intervention may use only the part ``s`` that is causal. The rest stays in the effect
    at the cause's own frequency, so that the effect is as common as before:
    ``E'(x) = s E(x) + (1 - s) sum_x P(x) E(x)``, on cumulative probabilities for noisy-MAX links.

    Parameters
    ----------
    model : Model
        The tables; links with a row ``causal_share`` are the contested ones.
    values : array, shape (m,) or (m, n), optional
        Values in the order of ``model.numbers``; the published ones if left out. With ``n`` draws
        the shares are drawn too.

    Returns
    -------
    Network
        With as many draws as ``values``. Without evidence and interventions its marginals differ
        from the plain network only by the correlation between the parents of one effect.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> plain, doing = model.network, causal_network(model)
    >>> effect = "post_gmed_weak_tfl_tight"
    >>> bool(doing[effect].cpt[1, 1, 1] < plain[effect].cpt[1, 1, 1])
    True
    """
    values = model.values if values is None else values
    network = model.network_with(values)
    shares = {
        (link.cause, link.effect): values[model.position(link.causal_share.id)]
        for link in model.links
        if link.causal_share is not None
    }
    causes = sorted({cause for cause, _ in shares})
    prior = marginals(network, evidence(network, {}), causes).probabilities
    changed = []
    for variable in network.variables.values():
        distribution = variable.distribution
        for place, parent in enumerate(variable.parents):
            if (parent, variable.name) in shares:
                weight = prior[parent] if network.draws is not None else prior[parent][:, 0]
                distribution = _weaken(distribution, place, weight, shares[parent, variable.name])
        changed.append(Variable(variable.name, variable.states, variable.parents, distribution))
    return Network(changed, network.draws)


@lru_cache(maxsize=8)
def network_for(model: Model, *, causal: bool = False, draws: int = 0, seed: int = 0) -> Network:
    """Return the network that answers: plain or causal, published values or draws; a few are kept.

    Parameters
    ----------
    model : Model
        The tables.
    causal : bool
        Whether something is done, so that contested links carry only their causal share.
    draws, seed : int
        0 draws for the published values; else so many draws of the numbers from this seed.
    """
    values = model.draw(draws, seed) if draws else None
    if causal:
        return causal_network(model, values)
    return model.network if values is None else model.network_with(values)


def _weaken(old: Table | NoisyMax, place: int, weight: Array, share: Array) -> Table | NoisyMax:
    if isinstance(old, Table):
        average = np.expand_dims(_average(old.values, weight, place), place)
        return Table(share * old.values + (1 - share) * average)
    cumulative = np.cumsum(old.effects[place], axis=1)
    mixed = share * cumulative + (1 - share) * _average(cumulative, weight, 0)[None]
    effects = list(old.effects)
    effects[place] = np.diff(np.minimum(mixed / mixed[:1], 1.0), axis=1, prepend=0.0)
    leak = np.diff(np.cumsum(old.leak, axis=0) * mixed[0], axis=0, prepend=0.0)
    return NoisyMax(leak, tuple(effects))


def _average(table: Array, weight: Array, axis: int) -> Array:
    moved = np.moveaxis(table, axis, 0)
    shape = (weight.shape[0], *[1] * (moved.ndim - weight.ndim), *weight.shape[1:])
    total: Array = (moved * weight.reshape(shape)).sum(axis=0)
    return total
