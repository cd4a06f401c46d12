"""What the published numbers are worth against cases: the prior, its penalty and new intervals.

Every number is a Beta or Dirichlet whose size its interval gives; ``Model.draw`` uses the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lumbayes.knowledge.conversions import beta_from_interval
from lumbayes.knowledge.model import Model
from lumbayes.network.variables import Array

HIDDEN = 1.0  # of a number with less than one case's worth of data nothing was seen
POINTS = 4001  # of the grid on which quantiles of Betas are found
REACH = 12.0  # it ends so many standard deviations or lengths of the tail away
STEP = 1.96 * 2  # a 95 % interval is this many standard deviations wide


@dataclass(frozen=True, eq=False)
class Prior:
    """What the published numbers are worth, in cases.

    Attributes
    ----------
    size : array, shape (m,)
        Cases each number's distribution is worth; infinite where it has no width and stays.
    original : array of int, shape (m,)
        The number each is a copy of (itself if none): copies are one number, learned once.
    """

    size: Array
    original: npt.NDArray[np.intp]


def prior_of(model: Model) -> Prior:
    """Return how many cases each published number is worth; see ``Model.draw``."""
    single = np.full(len(model.numbers), np.inf)
    for i, number in enumerate(model.numbers):
        if number.high > number.low and 0 < number.value < 1 and number.distribution >= 0:
            single[i] = sum(beta_from_interval(number.value, number.low, number.high))
    size = np.array([min(single[j] for j in model.mates(i)) for i in range(len(single))])
    original = np.array([model.original(i) for i in range(len(single))], dtype=np.intp)
    return Prior(size[original], original)


def groups(model: Model, prior: Prior) -> Iterator[tuple[int, ...]]:
    """Return the distributions that are learned: positions of their numbers, copies left out."""
    for i in range(len(model.numbers)):
        group = model.mates(i)
        if group[0] == i and prior.original[i] == i and np.isfinite(prior.size[i]):
            yield group


def disagreement(model: Model, prior: Prior, values: Array, informed: Array) -> Array:
    """Return how far the data are from each published number, in standard deviations of both.

    What the data alone say of a number follows from its value after learning, which lies between
    them and the published one as both are worth. 0 where nothing is learned or seen.

    Source: Box (1980), Sampling and Bayes' inference in scientific modelling: the place of the data
    in their prior predictive distribution.
    """
    mean, own, spread, seen = _against(model, prior, values, informed)
    return np.where(seen, (own - mean) / np.sqrt(spread), 0.0)


def _against(
    model: Model, prior: Prior, values: Array, informed: Array
) -> tuple[Array, Array, Array, npt.NDArray[np.bool_]]:
    """Return published means, what the data say, the variance of their difference, what is seen."""
    mean = model.values
    seen = np.isfinite(prior.size) & (informed >= HIDDEN) & (mean > 0) & (mean < 1)
    worth = np.where(seen, informed, 1.0)
    size = np.where(seen, prior.size, 1.0)
    own = np.clip(values + (values - mean) * size / worth, 0.0, 1.0)
    spread = mean * (1 - mean) / (size + 1) + values * (1 - values) / worth
    return mean, own, np.where(seen, spread, 1.0), seen


def tempered(
    model: Model, prior: Prior, values: Array, informed: Array, surprise: float
) -> tuple[Prior, Array]:
    """Return the prior with less weight where the data disagree, and the share that each keeps.

    Numbers less than so many standard deviations away keep all of it. For the others the share is
    the one under which the data are likeliest: the published variance over the square of the
    difference less the data's own variance, at most 1. The states of one distribution keep the
    least of theirs.

    Source: Gravestock and Held (2017), Adaptive power priors with empirical Bayes for clinical
    trials, Pharmaceutical Statistics 16.
    """
    mean, own, _, seen = _against(model, prior, values, informed)
    worth, size = np.where(seen, informed, 1.0), np.where(seen, prior.size, 1.0)
    published = mean * (1 - mean) / (size + 1)
    beyond = (own - mean) ** 2 - values * (1 - values) / worth
    far = np.abs(disagreement(model, prior, values, informed)) > surprise
    least = np.where(far & seen, np.maximum(beyond, published), 1.0)
    share = np.where(far & seen, published / least, 1.0)
    for group in groups(model, prior):
        share[list(group)] = share[list(group)].min()
    share = share[prior.original]
    return Prior(prior.size * share, prior.original), share


def log_prior(model: Model, prior: Prior, values: Array) -> float:
    """Return the penalty: prior size x mean x log value, over all states of what is learned."""
    total = 0.0
    for group in groups(model, prior):
        places = list(group)
        means = np.append(model.values[places], 1 - model.values[places].sum())
        now = np.append(values[places], 1 - values[places].sum())
        some = means > 0
        total += float(prior.size[places[0]] * (means[some] * np.log(now[some])).sum())
    return total


def updated(model: Model, prior: Prior, counts: Array, totals: Array) -> Array:
    """Return (count + prior size x mean) / (total + prior size) for every number; copies share."""
    own_counts, own_totals = np.zeros_like(counts), np.zeros_like(totals)
    np.add.at(own_counts, prior.original, counts)
    np.add.at(own_totals, prior.original, totals)
    free = np.isfinite(prior.size)
    size = np.where(free, prior.size, 1.0)
    means = model.values[prior.original]
    new = (own_counts[prior.original] + size * means) / (own_totals[prior.original] + size)
    return np.where(free, new, model.values)


def leap(model: Model, prior: Prior, path: Sequence[Array], totals: Array) -> Array:
    """Return where the numbers are likely to end, by the way that two rounds took them.

    Three points are extrapolated by the ratio of their steps to the change of the steps (method S3
    of Varadhan and Roland 2008), each number weighed by its own information in ``totals`` occasions
    and the prior. A distribution that would leave 0 to 1 stays where the rounds ended.
    """
    first, second, third = path
    step, change = second - first, third - 2 * second + first
    spread = third * (1 - third)
    weight = np.divide(
        totals + np.where(np.isfinite(prior.size), prior.size, 0.0),
        spread,
        out=np.zeros_like(spread),
        where=spread > 0,
    )
    bend = float((weight * change**2).sum())
    if not bend > 0:
        return third
    times = max(1.0, float(np.sqrt((weight * step**2).sum() / bend)))
    new = first + 2 * times * step + times**2 * change
    for group in groups(model, prior):
        places = list(group)
        there = new[places][third[places] > 0]
        if there.min(initial=1.0) <= 0 or new[places].sum() >= 1:
            new[places] = third[places]
    return np.where(np.isfinite(prior.size), new, third)[prior.original]


def intervals(model: Model, prior: Prior, values: Array, informed: Array) -> tuple[Array, Array]:
    """Return the new 95 % intervals: those of a Beta worth the prior's cases and the information.

    The width is 3.92 standard deviations, so that ``Model.draw`` finds the same size again; the end
    nearer to 0 or 1 is the Beta's quantile. What is not learned keeps its interval, and so does
    what stayed hidden, stretched to the new value.
    """
    old_low, old_high = (np.array([getattr(n, e) for n in model.numbers]) for e in ("low", "high"))
    free = np.isfinite(prior.size) & (values > 0) & (values < 1)
    p = np.where(free, values, 0.5)
    size = np.where(free, prior.size + informed, 1.0)
    width = np.minimum(STEP * np.sqrt(p * (1 - p) / (size + 1)), 0.999)
    rare = p <= 0.5
    end = beta_quantile(np.minimum(p, 1 - p) * size, np.maximum(p, 1 - p) * size, 0.025)
    low = np.clip(np.where(rare, end, 1 - end - width), 0.0, 1 - width)
    hidden = informed < HIDDEN
    low = np.where(hidden, old_low, low)
    high = np.where(hidden, old_high, low + width)
    return (
        np.where(free, np.minimum(low, p), old_low),
        np.where(free, np.maximum(high, p), old_high),
    )


def beta_quantile(a: Array, b: Array, share: float) -> Array:
    """Return the quantiles of Beta distributions.

    By the trapezoid rule over the log-odds, on which the density is smooth and falls off as
    ``exp(a t)`` to the left and ``exp(-b t)`` to the right.

    Parameters
    ----------
    a, b : array, shape (m,)
        Shapes, above 0.
    share : float
        The probability below the quantile, strictly between 0 and 1.

    Returns
    -------
    array, shape (m,)
        To about three digits.

    Examples
    --------
    >>> beta_quantile(np.array([1.0, 20.0]), np.array([1.0, 80.0]), 0.025).round(3)
    array([0.025, 0.128])
    """
    top = np.log(a) - np.log(b)
    spread = np.sqrt(1 / a + 1 / b)
    left, right = (REACH * (1 / shape + spread) for shape in (a, b))
    odds = np.linspace(top - left, top + right, POINTS)
    height = a * (odds - top) - (a + b) * (np.logaddexp(0, odds) - np.logaddexp(0, top))
    density = np.exp(height)
    mass = np.cumsum((density[1:] + density[:-1]) / 2, axis=0) / density.sum(axis=0)
    at = np.array([np.interp(share, mass[:, i], odds[1:, i]) for i in range(a.size)])
    quantiles: Array = np.exp(-np.logaddexp(0, -at))
    return quantiles
