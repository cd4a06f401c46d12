"""From a published figure to a parameter: one documented function for each kind of figure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import NormalDist

from lumbayes.errors import LumbayesError

Z95 = 1.959963984540054
"""Standard normal deviate of a two-sided 95 % interval."""

WIDTH95 = 3.92
"""Width of a 95 % interval in standard deviations, 2 × 1.96."""


def _probability(what: str, value: float, *, open: bool = False) -> float:
    """Return a probability unchanged, or raise LumbayesError; ``open`` excludes 0 and 1."""
    inside = 0.0 < value < 1.0 if open else 0.0 <= value <= 1.0
    if not inside:
        between = "strictly between 0 and 1" if open else "from 0 to 1"
        raise LumbayesError(f"{what} is {value:g}; it must lie {between}. Give it as a share.")
    return value


def _positive(what: str, value: float) -> float:
    """Return a finite positive number unchanged, or raise LumbayesError."""
    if not (math.isfinite(value) and value > 0.0):
        raise LumbayesError(f"{what} is {value:g}; it must be a number above 0.")
    return value


def probability_from_odds_ratio(baseline: float, odds_ratio: float) -> float:
    """Return the risk of the exposed: odds of the baseline times the odds ratio.

    Parameters
    ----------
    baseline : float
        Risk of the unexposed, 0 to 1.
    odds_ratio : float
        Odds of the exposed over odds of the unexposed, above 0.

    Returns
    -------
    float
        ``b·OR / (1 − b + b·OR)``.

    Examples
    --------
    Low back pain in 11 of 100 who sit little, odds ratio of long sitting 1.42:

    >>> round(probability_from_odds_ratio(0.11, 1.42), 3)
    0.149
    """
    _probability("baseline", baseline)
    _positive("odds_ratio", odds_ratio)
    return baseline * odds_ratio / (1.0 - baseline + baseline * odds_ratio)


def strength_from_risks(baseline: float, exposed: float) -> float:
    """Return the noisy-OR strength that lifts a baseline risk to the risk of the exposed.

    Parameters
    ----------
    baseline : float
        Probability of the effect without this cause, everything else included; below 1.
    exposed : float
        Probability of the effect with it; not below the baseline.

    Returns
    -------
    float
        ``s = (e − b) / (1 − b)``, so that ``1 − e = (1 − b)(1 − s)``.

    Raises
    ------
    LumbayesError
        If the cause protects: make the unprotected state the reference instead.

    Notes
    -----
    A sensitivity is an ``exposed`` and 1 − specificity, in the same people, its ``baseline``.

    References
    ----------
    Pearl J (1988). Probabilistic Reasoning in Intelligent Systems, section 4.3.2.

    Examples
    --------
    >>> round(strength_from_risks(0.11, 0.149), 4)
    0.0438
    """
    _probability("exposed", exposed)
    if not 0.0 <= baseline < 1.0:
        raise LumbayesError(f"baseline is {baseline:g}; it must lie from 0 to below 1.")
    if exposed < baseline:
        raise LumbayesError(
            f"exposed is {exposed:g}, below the baseline {baseline:g}: a noisy-OR cause can only "
            "raise a probability. Make the unprotected state the reference."
        )
    return (exposed - baseline) / (1.0 - baseline)


def strength_from_odds_ratio(baseline: float, odds_ratio: float) -> float:
    """Return the noisy-OR strength of an exposure from its odds ratio and the risk without it.

    Parameters
    ----------
    baseline : float
        Risk of the unexposed, below 1.
    odds_ratio : float
        1 or above.

    Returns
    -------
    float
        ``strength_from_risks(baseline, probability_from_odds_ratio(baseline, odds_ratio))``.

    Examples
    --------
    Smoking and radicular pain, odds ratio 1.46 at a baseline of 1 %:

    >>> round(strength_from_odds_ratio(0.01, 1.46), 5)
    0.00458
    """
    return strength_from_risks(baseline, probability_from_odds_ratio(baseline, odds_ratio))


def leak_from_specificity(specificity: float, rivals: Iterable[tuple[float, float]] = ()) -> float:
    """Return the leak that is left of 1 − specificity once the rival causes have had their part.

    Parameters
    ----------
    specificity : float
        P(finding absent | condition absent) in the people of the study.
    rivals : iterable of (share, strength)
        Other causes of the finding: how many of those without the condition have each, and its
        noisy-OR strength. They are taken as independent of each other.

    Returns
    -------
    float
        ``1 − specificity / Π(1 − share·strength)``.

    Raises
    ------
    LumbayesError
        If the rivals alone give more false positives than the study saw.

    Notes
    -----
    1 − specificity mixes the rivals of the study's clinic with pure chance. Used as a leak as it
    stands it would count them twice.

    Examples
    --------
    One in five without the condition is positive; one in ten of them has a rival that causes the
    finding in half its cases:

    >>> round(leak_from_specificity(0.80, [(0.1, 0.5)]), 3)
    0.158
    """
    _probability("specificity", specificity)
    kept = 1.0
    for share, strength in rivals:
        kept *= 1.0 - _probability("share", share) * _probability("strength", strength)
    if kept < specificity or kept == 0.0:
        raise LumbayesError(
            f"the rivals alone are positive in {1 - kept:.3g}, more than the study's "
            f"{1 - specificity:.3g} (1 − specificity). Lower a strength or a share."
        )
    return 1.0 - specificity / kept


def likelihood_ratios(sensitivity: float, specificity: float) -> tuple[float, float]:
    """Return the likelihood ratios of a positive and of a negative finding.

    Returns
    -------
    tuple of float
        ``(sens / (1 − spec), (1 − sens) / spec)``.

    Examples
    --------
    Better when bending forward, for spinal stenosis:

    >>> [round(ratio, 2) for ratio in likelihood_ratios(0.52, 0.92)]
    [6.5, 0.52]
    """
    _probability("sensitivity", sensitivity)
    _probability("specificity", specificity, open=True)
    return sensitivity / (1.0 - specificity), (1.0 - sensitivity) / specificity


def sensitivity_specificity(lr_plus: float, lr_minus: float) -> tuple[float, float]:
    """Return sensitivity and specificity from the two likelihood ratios.

    Parameters
    ----------
    lr_plus : float
        Above 1.
    lr_minus : float
        From 0 to below 1.

    Returns
    -------
    tuple of float
        ``spec = (LR+ − 1) / (LR+ − LR−)``, ``sens = LR+·(1 − spec)``.

    Examples
    --------
    Three or more sacroiliac tests positive, pooled:

    >>> [round(share, 2) for share in sensitivity_specificity(2.13, 0.33)]
    [0.79, 0.63]
    """
    if not (math.isfinite(lr_plus) and lr_plus > 1.0 and 0.0 <= lr_minus < 1.0):
        raise LumbayesError(
            f"LR+ is {lr_plus:g} and LR− {lr_minus:g}; expected LR+ above 1 and LR− from 0 to "
            "below 1. Swap the finding's states if it argues against the condition."
        )
    specificity = (lr_plus - 1.0) / (lr_plus - lr_minus)
    return lr_plus * (1.0 - specificity), specificity


def probability_after(prior: float, likelihood_ratio: float) -> float:
    """Return the probability after a finding (Bayes): prior odds times the likelihood ratio.

    Examples
    --------
    Even a likelihood ratio of 5 leaves cauda equina syndrome near 0.3 %:

    >>> round(probability_after(0.0006, 5.0), 4)
    0.003
    """
    _positive("likelihood_ratio", likelihood_ratio)
    return probability_from_odds_ratio(prior, likelihood_ratio)


def odds_ratio_from_smd(difference: float) -> float:
    """Return the odds ratio that corresponds to a standardised mean difference.

    Parameters
    ----------
    difference : float
        Difference of two group means in standard deviations (Cohen's d, Hedges' g).

    Returns
    -------
    float
        ``exp(d·π/√3)``: exact for logistic distributions of equal spread, at any cut-off.

    References
    ----------
    Hasselblad V, Hedges LV (1995). Psychol Bull 117:167-178.
    Chinn S (2000). Stat Med 19:3127-3131.

    Examples
    --------
    Hip abductors in low back pain, 0.70 standard deviations weaker:

    >>> round(odds_ratio_from_smd(0.70), 2)
    3.56
    """
    return math.exp(difference * math.pi / math.sqrt(3.0))


def share_below_percentile(difference: float, percentile: float) -> float:
    """Return how many of a group lie below a percentile of the controls.

    Parameters
    ----------
    difference : float
        How far the mean of the group lies below that of the controls, in standard deviations.
    percentile : float
        Share of the controls below the cut-off, strictly between 0 and 1.

    Returns
    -------
    float
        ``Φ(Φ⁻¹(percentile) + d)``, for normal distributions of equal spread.

    References
    ----------
    Cohen J (1988). Statistical Power Analysis for the Behavioral Sciences, section 2.2 (the U
    indices, of which this is a general form).

    Examples
    --------
    >>> round(share_below_percentile(0.70, 0.20), 2)
    0.44
    """
    _probability("percentile", percentile, open=True)
    normal = NormalDist()
    return normal.cdf(normal.inv_cdf(percentile) + difference)


def prevalence_from_incidence(rate: float, window: float) -> float:
    """Return how many have a condition at a moment, from how many get it and how long it lasts.

    Parameters
    ----------
    rate : float
        New cases per person and year.
    window : float
        Years during which it causes symptoms and counts as present, mean.

    Returns
    -------
    float
        ``rate·window / (1 + rate·window)``, the steady state of a stable population.

    References
    ----------
    Rothman KJ, Greenland S, Lash TL (2008). Modern Epidemiology, 3rd ed., chapter 3.

    Examples
    --------
    Cauda equina syndrome, 2.7 per 100,000 a year, symptoms for six weeks:

    >>> f"{prevalence_from_incidence(2.7e-5, 6 / 52):.1e}"
    '3.1e-06'
    """
    if not (math.isfinite(rate) and rate >= 0.0):
        raise LumbayesError(f"rate is {rate:g}; it must be 0 or more, per person and year.")
    cases = rate * _positive("window", window)
    return cases / (1.0 + cases)


def beta_from_interval(value: float, low: float, high: float) -> tuple[float, float]:
    """Return the Beta distribution with a mean and the width of a 95 % interval.

    Parameters
    ----------
    value : float
        The mean, strictly between 0 and 1.
    low, high : float
        Its 95 % interval, which contains the value and has a width.

    Returns
    -------
    tuple of float
        Shapes ``a = value·m`` and ``b = (1 − value)·m`` with ``m = value(1 − value)/variance − 1``
        and ``variance = ((high − low)/3.92)²``. A width that no Beta of this mean can have is cut
        back to the widest one that is not U-shaped, whose larger shape is 1.

    Examples
    --------
    >>> a, b = beta_from_interval(0.08, 0.04, 0.15)
    >>> round(a, 2), round(b, 2), round(a / (a + b), 2)
    (7.4, 85.07, 0.08)
    """
    _probability("value", value, open=True)
    if not 0.0 <= low <= value <= high <= 1.0 or low == high:
        raise LumbayesError(
            f"the interval {low:g} to {high:g} must contain the value {value:g}, lie within 0 to 1 "
            "and have a width."
        )
    variance = ((high - low) / WIDTH95) ** 2
    size = max(value * (1.0 - value) / variance - 1.0, 1.0 / max(value, 1.0 - value))
    return value * size, (1.0 - value) * size


def dirichlet_sample_size(
    values: Sequence[float], lows: Sequence[float], highs: Sequence[float]
) -> float:
    """Return how many cases a distribution over several states is worth: the least of its states.

    Parameters
    ----------
    values : sequence of float
        Probabilities of the states that have an interval; together at most 1.
    lows, highs : sequence of float
        Their 95 % intervals.

    Returns
    -------
    float
        The smallest ``a + b`` of ``beta_from_interval`` over the states. The Dirichlet has shapes
        value × this size.

    Examples
    --------
    Leg pain among people in care: none, above the knee, below the knee.

    >>> round(dirichlet_sample_size([0.37, 0.25, 0.38], [0.34, 0.22, 0.35], [0.40, 0.28, 0.41]))
    799
    """
    if not len(values) == len(lows) == len(highs) or not values:
        raise LumbayesError(
            f"{len(values)} values, {len(lows)} lows and {len(highs)} highs: give one of each for "
            "every state."
        )
    if sum(values) > 1.0 + 1e-6:
        raise LumbayesError(f"the values sum to {sum(values):g}, above 1.")
    return min(
        sum(beta_from_interval(v, low, high))
        for v, low, high in zip(values, lows, highs, strict=True)
    )


def binomial_interval(share: float, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of ``n`` people (Wilson's score interval).

    Parameters
    ----------
    share : float
        Observed share, 0 to 1.
    n : int
        Number of people, at least 1.

    References
    ----------
    Wilson EB (1927). J Am Stat Assoc 22:209-212.
    Brown LD, Cai TT, DasGupta A (2001). Stat Sci 16:101-133.

    Examples
    --------
    11 of 1,172 with a serious disease:

    >>> [round(end, 4) for end in binomial_interval(11 / 1172, 1172)]
    [0.0052, 0.0167]
    """
    _probability("share", share)
    if n < 1:
        raise LumbayesError(f"n is {n}; it must be at least 1.")
    z2 = Z95 * Z95
    middle = share + z2 / (2 * n)
    half = Z95 * math.sqrt(share * (1.0 - share) / n + z2 / (4.0 * n * n))
    scale = 1.0 + z2 / n
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def beta_from_counts(positive: int, n: int) -> tuple[float, float]:
    """Return the Beta distribution of a share of which only the counts are known (Jeffreys).

    Returns
    -------
    tuple of float
        ``(positive + ½, n − positive + ½)``: proper even if none or all were positive.

    References
    ----------
    Jeffreys H (1961). Theory of Probability, 3rd ed., section 3.10.

    Examples
    --------
    No cancer among 1,172:

    >>> a, b = beta_from_counts(0, 1172)
    >>> round(a / (a + b), 5)
    0.00043
    """
    if not 0 <= positive <= n or n < 1:
        raise LumbayesError(f"{positive} of {n}: give 0 to n positive of at least 1.")
    return positive + 0.5, n - positive + 0.5


def interval_from_standard_error(value: float, standard_error: float) -> tuple[float, float]:
    """Return the 95 % interval ``value ± 1.96·SE``.

    Examples
    --------
    Point prevalence of low back pain, 11.9 % with a standard error of 2.0:

    >>> [round(end, 3) for end in interval_from_standard_error(0.119, 0.020)]
    [0.08, 0.158]
    """
    half = Z95 * _positive("standard_error", standard_error)
    return value - half, value + half


def default_interval(value: float, factor: float, *, ratio: bool = False) -> tuple[float, float]:
    """Return the interval given to a figure that was published without one.

    Parameters
    ----------
    value : float
        A probability, strictly between 0 and 1; with ``ratio=True`` a ratio above 0.
    factor : float
        1.25 for official statistics and surveys, 1.5 for cohorts and reviews, 2 for weak or
        indirect figures.
    ratio : bool
        Divide and multiply the value itself rather than its odds.

    Examples
    --------
    >>> [round(end, 3) for end in default_interval(0.196, 1.25)]
    [0.163, 0.234]
    >>> [round(end, 2) for end in default_interval(2.1, 1.5, ratio=True)]
    [1.4, 3.15]
    """
    if not (math.isfinite(factor) and factor > 1.0):
        raise LumbayesError(f"factor is {factor:g}; it must be above 1.")
    if ratio:
        return _positive("value", value) / factor, value * factor
    _probability("value", value, open=True)
    low = probability_from_odds_ratio(value, 1.0 / factor)
    return low, probability_from_odds_ratio(value, factor)


def lognormal_from_interval(value: float, low: float, high: float) -> tuple[float, float]:
    """Return median and log-scale standard deviation of a ratio with a 95 % interval.

    Parameters
    ----------
    value, low, high : float
        An odds, risk or likelihood ratio and its 95 % interval, all above 0.

    Returns
    -------
    tuple of float
        ``(value, (ln high − ln low)/3.92)``: ratios are drawn on the log scale, where their
        intervals are symmetric.

    References
    ----------
    Altman DG, Bland JM (2011). BMJ 343:d2090.

    Examples
    --------
    >>> median, spread = lognormal_from_interval(1.42, 1.09, 1.85)
    >>> median, round(spread, 3)
    (1.42, 0.135)
    """
    if not 0.0 < low <= value <= high < math.inf:
        raise LumbayesError(
            f"the interval {low:g} to {high:g} must contain the ratio {value:g} and lie above 0."
        )
    return value, (math.log(high) - math.log(low)) / WIDTH95
