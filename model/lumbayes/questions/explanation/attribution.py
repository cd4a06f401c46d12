"""How much each finding moves the log-odds of a hypothesis: alone, given the rest, on average."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import factorial

import numpy as np
import numpy.typing as npt

from lumbayes.errors import LumbayesError
from lumbayes.inference.queries import Evidence, marginals
from lumbayes.network.variables import Array, Network

EXACT = 10  # findings up to which all subsets are asked
LARGEST = 120.0  # decibans; a probability of 0 or 1 is taken for 1 in 10^12
Sets = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Attribution:
    """Weights of evidence in decibans (10 times the base-10 logarithm of a ratio of odds).

    Attributes
    ----------
    prior, total : float
        Log-odds before the findings, and what all of them add.
    alone, given_rest : array
        Of each finding: its weight with nothing else known, and with all others known.
    shapley : array
        Its mean weight over all orders; they sum to ``total``.
    error : array
        Standard error of ``shapley``; zero where all subsets were asked.
    orders : int
        Drawn orders; 0 if all subsets were asked.
    clamped : bool
        Whether a log-odds beyond 120 decibans was cut off.
    """

    prior: float
    total: float
    alone: Array
    given_rest: Array
    shapley: Array
    error: Array
    orders: int
    clamped: bool


def attribute(
    network: Network,
    known: Evidence,
    hypotheses: Mapping[str, int],
    orders: int = 200,
    seed: int = 0,
) -> dict[str, Attribution]:
    """Share the change of the log-odds of each hypothesis among the findings.

    Parameters
    ----------
    network : Network
        Without parameter draws.
    known : Evidence
        One case; its interventions hold throughout.
    hypotheses : mapping of variable to state index
        Each ``variable = state`` gets an attribution.
    orders : int
        With more than ten findings, how many orders are drawn, in pairs of an order and its
        reverse. Each order adds up to the total, and so does their mean.
    seed : int
        Of the orders.

    Raises
    ------
    LumbayesError
        If no order is to be drawn.

    Source: Good (1950), Probability and the weighing of evidence; Shapley (1953), A value for
    n-person games; Castro, Gómez & Tejada (2009) for sampled orders.

    Examples
    --------
    >>> from lumbayes.inference.queries import evidence
    >>> from lumbayes.knowledge.model import load_model
    >>> network = load_model().network
    >>> known = evidence(network, {"slr": "positive", "crossed_slr": "positive"})
    >>> shares = attribute(network, known, {"radiculopathy": 1})["radiculopathy"]
    >>> abs(float(shares.shapley.sum()) - shares.total) < 1e-9
    True
    """
    if orders < 1:
        raise LumbayesError(f"orders is {orders}. Give a number of 1 or more, such as 200.")
    n = len(known.likelihoods)
    few = n <= EXACT
    places = all_subsets(n) if few else drawn_orders(n, orders, seed)
    ends = np.concatenate([np.zeros((1, n), bool), np.ones((1, n), bool), np.eye(n, dtype=bool)])
    ends = np.concatenate([ends, ~np.eye(n, dtype=bool)])
    sets = np.concatenate([ends, places.reshape(len(places) if few else -1, n)])
    answers = {}
    for target, odds in _log_odds(network, known, sets, hypotheses).items():
        clamped = bool((np.abs(odds) > LARGEST).any())
        odds = np.clip(odds, -LARGEST, LARGEST)
        prior, full, values = odds[0], odds[1], odds[len(ends) :]
        if few:
            shapley, error = _exact(values, n), np.zeros(n)
        else:
            shapley, error = _sampled(values.reshape(places.shape[:2]), places)
        answers[target] = Attribution(
            float(prior),
            float(full - prior),
            odds[2 : 2 + n] - prior,
            full - odds[2 + n : 2 + 2 * n],
            shapley,
            error,
            0 if few else len(places),
            clamped,
        )
    return answers


def all_subsets(n: int) -> Sets:
    """Return every subset of ``n`` things as a row; bit ``i`` of its number is thing ``i``."""
    rows: Sets = (np.arange(2**n)[:, None] >> np.arange(n)) & 1 == 1
    return rows


def drawn_orders(n: int, orders: int, seed: int) -> Sets:
    """Return the growing sets of drawn orders, shape ``(orders, n + 1, n)``, pairs side by side."""
    rng = np.random.default_rng(seed)
    place = rng.permuted(np.tile(np.arange(n), (max(orders // 2, 2), 1)), axis=1)
    place = np.stack([place, n - 1 - place], axis=1).reshape(-1, n)
    sets: Sets = place[:, None, :] < np.arange(n + 1)[None, :, None]
    return sets


def _log_odds(
    network: Network, known: Evidence, sets: Sets, hypotheses: Mapping[str, int]
) -> dict[str, Array]:
    """Return the log-odds in decibans given each set of findings; equal sets are asked once."""
    _, first, back = np.unique(sets, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)  # as they grow: neighbours have most in common
    distinct, back = sets[first[order]], np.argsort(order)[back.ravel()]
    likelihoods = {
        name: np.where(distinct[:, i], weights, 1.0)
        for i, (name, weights) in enumerate(known.likelihoods.items())
    }
    found = marginals(network, Evidence(likelihoods, known.do, len(distinct)), list(hypotheses))
    answers = {}
    for target, state in hypotheses.items():
        probability = found.probabilities[target]
        with np.errstate(divide="ignore"):
            others = np.delete(probability, state, axis=0).sum(axis=0)
            odds = 10 * (np.log10(probability[state]) - np.log10(others))
        answers[target] = odds[back]
    return answers


def _exact(values: Array, n: int) -> Array:
    """Return Shapley values from the values of all subsets."""
    number = np.arange(2**n)
    size = all_subsets(n).sum(axis=1)
    weight = np.array([factorial(s) * factorial(n - s - 1) for s in range(n)], float)
    shapley = np.zeros(n)
    for i in range(n):
        without = number[(number >> i) & 1 == 0]
        gain = values[without | (1 << i)] - values[without]
        shapley[i] = (weight[size[without]] * gain).sum() / factorial(n)
    return shapley


def _sampled(values: Array, sets: Sets) -> tuple[Array, Array]:
    """Return mean weights over drawn orders, and their standard errors from the pairs."""
    gains = np.diff(values, axis=1)
    joined = np.diff(sets.astype(np.int8), axis=1).argmax(axis=2)  # who joins at each step
    each = np.zeros((len(gains), sets.shape[2]))
    np.put_along_axis(each, joined, gains, axis=1)
    pairs = each.reshape(-1, 2, sets.shape[2]).mean(axis=1)
    return each.mean(axis=0), pairs.std(axis=0, ddof=1) / np.sqrt(len(pairs))
