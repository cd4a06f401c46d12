"""What becomes of an answer if a contested arrow points the other way, or stands for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pandas as pd

from lumbayes.cases.case import Case
from lumbayes.inference.queries import evidence, joint, marginals
from lumbayes.knowledge.definition import Link
from lumbayes.knowledge.model import Model
from lumbayes.network.variables import Array, Network, NoisyMax, Table, Variable
from lumbayes.questions.conditioning import case_evidence, case_network
from lumbayes.questions.what_if.interventions import Event

CYCLE = "cannot be turned alone: the cause acts by another way too"
COLUMNS = ("cause", "effect", "share", "now", "turned", "cut", "note")


def reversed_arcs(model: Model, case: Case, asked: Event) -> pd.DataFrame:
    """Return the posterior of an event with each contested arrow turned round, and cut.

    Parameters
    ----------
    model : Model
        Its links with a causal share are the contested ones.
    case : Case
        What is known.
    asked : Event
        Whose probability is compared.

    Returns
    -------
    DataFrame
        One row a contested link: ``cause``, ``effect``, ``share`` (published causal share),
        ``now``, ``turned`` (NaN where the arrow cannot be turned), ``cut`` (cause and effect as
        frequent as before, without a link) and ``note``.

    Notes
    -----
    An arrow is turned by Bayes' rule on the pair: P(cause | effect, other parents of the cause) is
    proportional to P(cause | its parents) P(effect | cause), the latter averaged over all else; the
    effect keeps its other parents and loses this one at the cause's own frequency. Unlike the arc
    reversal of Shachter (1986), which changes no answer, no parents are inherited, since the rival
    story has no such arrows.
    """
    network, known = case_network(model, case), case_evidence(model, case)
    contested = [link for link in model.links if link.causal_share is not None]
    cuts = marginals(_cuts(network, tuple(contested)), known, [asked.variable])
    now = marginals(network, known, [asked.variable])
    rows = []
    for i, link in enumerate(contested):
        turned = _turned(network, link.cause, link.effect)
        chance = np.nan
        if turned is not None:
            small = _that_bears(turned, [asked.variable, *known.likelihoods, *known.do])
            found = marginals(small, known, [asked.variable])
            chance = float(asked.chance(found.probabilities[asked.variable])[0])
        rows.append(
            {
                "cause": link.cause,
                "effect": link.effect,
                "share": link.causal_share.value if link.causal_share else np.nan,
                "now": float(asked.chance(now.probabilities[asked.variable])[0]),
                "turned": chance,
                "cut": float(asked.chance(cuts.probabilities[asked.variable])[i]),
                "note": CYCLE if turned is None else "",
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _that_bears(network: Network, names: Sequence[str]) -> Network:
    """Return the part of a network on which some variables depend: quicker to compile."""
    needed: set[str] = set()
    queue = list(names)
    while queue:
        name = queue.pop()
        if name not in needed:
            needed.add(name)
            queue.extend(network[name].parents)
    return Network(v for n, v in network.variables.items() if n in needed)


@lru_cache(maxsize=32)
def _turned(network: Network, cause: str, effect: str) -> Network | None:
    """Return the network with an arrow turned round; None if that closes a circle."""
    shape = len(network[cause].states), len(network[effect].states)
    both: Array = np.asarray(joint(network, [cause, effect])).reshape(shape)
    frequency = both.sum(axis=1)
    others = {n: v for n, v in network.variables.items() if n not in (cause, effect)}
    alone = _without(network[effect], cause, frequency)
    if _reaches(Network([*others.values(), network[cause], alone]), cause, effect):
        return None
    given = np.divide(
        both, frequency[:, None], out=np.zeros_like(both), where=frequency[:, None] > 0
    )
    own = network[cause].cpt[..., None, :]
    values = own * given.T
    total = values.sum(axis=-1, keepdims=True)
    values = np.where(total > 0, values / np.where(total > 0, total, 1.0), own)
    parents = (*network[cause].parents, effect)
    turned = Variable(cause, network[cause].states, parents, Table(values))
    return Network([*others.values(), turned, alone])


@lru_cache(maxsize=8)
def _cuts(network: Network, links: tuple[Link, ...]) -> Network:
    """Return a network of as many draws as links, in each of which one of them carries nothing."""
    causes = sorted({link.cause for link in links})
    prior = marginals(network, evidence(network, {}), causes).probabilities
    made = []
    for v in network.variables.values():
        own = {i: link.cause for i, link in enumerate(links) if link.effect == v.name}
        weights = {i: prior[c][:, 0] for i, c in own.items()}
        old = v.distribution
        n = len(links) if own else 1
        if isinstance(old, Table):
            values = np.repeat(old.values[..., None], n, axis=-1)
            for i, cause in own.items():
                place = v.parents.index(cause)
                average = np.tensordot(weights[i], old.values, axes=(0, place))
                values[..., i] = np.expand_dims(average, place)
            made.append(Variable(v.name, v.states, v.parents, Table(values)))
            continue
        leak = np.repeat(old.leak[:, None], n, axis=-1)
        effects = [np.repeat(e[..., None], n, axis=-1) for e in old.effects]
        for i, cause in own.items():
            place = v.parents.index(cause)
            leak[:, i] = _with_leak(old, place, weights[i])
            effects[place][..., i] = np.eye(len(v.states))[0]
        made.append(Variable(v.name, v.states, v.parents, NoisyMax(leak, tuple(effects))))
    return Network(made, len(links))


def _with_leak(noisy: NoisyMax, place: int, frequency: Array) -> Array:
    """Return the leak with one cause put into it at its own frequency."""
    below = np.cumsum(noisy.leak) * (frequency @ np.cumsum(noisy.effects[place], axis=1))
    leak: Array = np.diff(below / below[-1], prepend=0.0)
    return leak


def _without(variable: Variable, parent: str, frequency: Array) -> Variable:
    """Return an effect without one of its parents, that parent averaged at its own frequency."""
    place = variable.parents.index(parent)
    rest = tuple(p for p in variable.parents if p != parent)
    old = variable.distribution
    if isinstance(old, Table):
        values = np.tensordot(frequency, old.values, axes=(0, place))
        return Variable(variable.name, variable.states, rest, Table(values))
    leak = _with_leak(old, place, frequency)
    effects = tuple(e for i, e in enumerate(old.effects) if i != place)
    return Variable(variable.name, variable.states, rest, NoisyMax(leak, effects))


def _reaches(network: Network, start: str, end: str) -> bool:
    """Tell whether a directed path leads from one variable to another."""
    reached = {start}
    for name, variable in network.variables.items():
        if reached.intersection(variable.parents):
            reached.add(name)
    return end in reached
