"""What the network says of published quantities: each is a few probabilities, combined."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from lumbayes.inference.evidence import evidence, stack
from lumbayes.inference.queries import marginals
from lumbayes.literature.targets import Event, Target
from lumbayes.network.variables import Array, Network

BATCH_ROWS = 512


def target_values(network: Network, targets: Sequence[Target], conditions: Sequence[str]) -> Array:
    """Compute each target from the network, exactly.

    Parameters
    ----------
    network : Network
        With or without parameter draws.
    targets : sequence of Target
        What to compute.
    conditions : sequence of str
        The conditions that share the main source among them.

    Returns
    -------
    array, shape (n,), or (n, draws) from a network of draws
        One number per target:

        - ``probability``: P(event | given), all variables of the event in their sets;
        - ``any``: P(at least one variable of the event is in its set | given);
        - ``main_source_share``: the sum of P(condition present, and none of the conditions that it
          causes | given) over the event's conditions, divided by the same sum over all
          ``conditions``. Studies count one main source a person; in the network several conditions
          can be present, and a herniated disc that pinches a root or presses on the cauda equina is
          counted as the latter;
        - ``lr_plus``, ``risk_ratio``: P(event | exposed, given) / P(event | reference, given);
        - ``lr_minus``: the same of the complement of the event;
        - ``odds_ratio``: odds of the event among the exposed over those in the reference.

        NaN where the network gives a group probability 0.
    """
    pairs: list[tuple[Event, Event]] = []
    for target in targets:
        pairs += _pairs(network, target, conditions)
    computed = iter(_conditional(network, pairs))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.array([combine(target, conditions, computed) for target in targets])


def events_of(
    network: Network, target: Target, conditions: Sequence[str]
) -> list[tuple[Event, Event]]:
    """Return the events whose probabilities make up a target, each with what it is given."""
    return [(_both(event, given), given) for event, given in _pairs(network, target, conditions)]


def _pairs(
    network: Network, target: Target, conditions: Sequence[str]
) -> list[tuple[Event, Event]]:
    """Return the events and what is given, whose probabilities make up a target."""
    if target.measure == "main_source_share":
        return [(_source(network, c, conditions), target.given) for c in conditions]
    if target.measure == "any":
        none = {v: frozenset(network[v].states) - s for v, s in target.event.items()}
        return [(none, target.given)]
    if target.measure == "probability":
        return [(target.event, target.given)]
    return [(target.event, _both(g, target.given)) for g in (target.exposed, target.reference)]


def _source(network: Network, condition: str, conditions: Sequence[str]) -> Event:
    """Return the event that a condition is there and none of the conditions that it causes.

    A cause may act through mechanisms: a disc that hurts presses a root.
    """
    reached = {condition}
    for variable in network.variables.values():  # parents before children
        if not reached.isdisjoint(variable.parents):
            reached.add(variable.name)
    caused = [c for c in conditions if c in reached and c != condition]
    return {condition: frozenset({"present"}), **{c: frozenset({"absent"}) for c in caused}}


def combine(target: Target, conditions: Sequence[str], computed: Iterator[Array]) -> Array:
    """Take a target's probabilities from the computed ones and combine them.

    Probabilities may be complex: then the imaginary part is a derivative.
    """
    if target.measure == "main_source_share":
        present = {c: next(computed) for c in conditions}
        shares: Array = sum((present[c] for c in target.event), np.zeros(())) / sum(
            present.values()
        )
        return shares
    p = next(computed)
    if target.measure == "probability":
        return p
    if target.measure == "any":
        return 1.0 - p
    q = next(computed)
    if target.measure == "lr_minus":
        return (1.0 - p) / (1.0 - q)
    if target.measure == "odds_ratio":
        return p * (1.0 - q) / (q * (1.0 - p))
    return p / q


def _both(first: Event, second: Event) -> Event:
    """Return the conjunction of two events; an empty set of states means that it cannot happen."""
    return {
        v: first[v] & second[v] if v in first and v in second else first.get(v) or second[v]
        for v in {**first, **second}
    }


def _conditional(network: Network, pairs: Sequence[tuple[Event, Event]]) -> Array:
    """P(event | given) of each pair, from log P(event, given) − log P(given)."""
    joint = [_both(event, given) for event, given in pairs]
    logs = _log_probabilities(network, [*joint, *(given for _, given in pairs)])
    with np.errstate(invalid="ignore"):
        return np.exp(logs[: len(pairs)] - logs[len(pairs) :])


def _log_probabilities(network: Network, events: Sequence[Event]) -> Array:
    """Log P(event) of each; equal events are computed once, all in a few batches."""
    position: dict[frozenset[tuple[str, frozenset[str]]], int] = {}
    keys = [frozenset(event.items()) for event in events]
    for key in keys:
        position.setdefault(key, len(position))
    distinct = [dict(key) for key in position]
    rows = () if network.draws is None else (network.draws,)
    logs = np.full((len(distinct), *rows), -np.inf)
    possible = [i for i, event in enumerate(distinct) if all(event.values())]
    if network.draws is not None:
        for i in possible:
            given = evidence(network, event_likelihoods(network, distinct[i]))
            logs[i] = marginals(network, given, (), impossible="mark").log_evidence
        return logs[[position[key] for key in keys]]
    for start in range(0, len(possible), BATCH_ROWS):
        some = possible[start : start + BATCH_ROWS]
        cases = [evidence(network, event_likelihoods(network, distinct[i])) for i in some]
        logs[some] = marginals(network, stack(network, cases), (), impossible="mark").log_evidence
    return logs[[position[key] for key in keys]]


def event_likelihoods(network: Network, event: Event) -> dict[str, list[float]]:
    """Return an event as one likelihood a variable: 1 for its states, 0 for the others."""
    return {v: [float(s in states) for s in network[v].states] for v, states in event.items()}
