"""Probabilities held against known truth: Brier score, area under the curve, calibration."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from lumbayes.errors import LumbayesError, unknown_name

Array = npt.NDArray[np.float64]
Truth = npt.NDArray[np.bool_]

EVENTS_NEEDED = 50
RESAMPLES = 200


def brier_score(truth: Truth, probability: Array) -> float:
    """Return the mean squared distance of probability and truth: 0 is best, 1 worst.

    Source: Brier (1950), Verification of forecasts expressed in terms of probability.

    Examples
    --------
    >>> round(brier_score(np.array([True, False]), np.array([0.8, 0.4])), 3)
    0.1
    """
    return float(np.mean((probability - truth) ** 2))


def log_loss(truth: Truth, probability: Array) -> float:
    """Return the mean negative log probability (nats) of what was true.

    Examples
    --------
    >>> round(log_loss(np.array([True, False]), np.array([0.5, 0.5])), 3)
    0.693
    """
    told = np.where(truth, probability, 1.0 - probability)
    return float(-np.log(np.clip(told, 1e-12, None)).mean())


def area_under_curve(truth: Truth, probability: Array) -> float:
    """Return the chance that a true case has a higher probability than an untrue one, ties half.

    Source: Hanley and McNeil (1982), The meaning and use of the area under a ROC curve.

    Raises
    ------
    LumbayesError
        If all cases are true or none is.

    Examples
    --------
    >>> area_under_curve(np.array([True, False, False]), np.array([0.5, 0.1, 0.5]))
    0.75
    """
    positives = int(truth.sum())
    negatives = len(truth) - positives
    if not (positives and negatives):
        raise LumbayesError("the area under the curve needs true and untrue cases. Add the other.")
    _, place, count = np.unique(probability, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]
    return float((rank[truth].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def calibration(truth: Truth, probability: Array, bins: int = 10) -> pd.DataFrame:
    """Compare probabilities with how often they came true, in bins of equal numbers of cases.

    Parameters
    ----------
    truth : array of bool, shape (n,)
    probability : array, shape (n,)
        Of the same cases, each 0 to 1.
    bins : int
        At most; equal probabilities share a bin.

    Returns
    -------
    DataFrame
        One row a bin: ``predicted`` and ``observed`` means, ``low`` and ``high`` of the observed
        share (95 % Wilson interval), ``n``.

    Examples
    --------
    >>> calibration(np.array([False, True, True]), np.array([0.1, 0.9, 0.9]), bins=2)["observed"]
    bin
    0    0.0
    1    1.0
    Name: observed, dtype: float64
    """
    edges = np.unique(np.quantile(probability, np.linspace(0, 1, bins + 1)[1:-1], method="lower"))
    cases = pd.DataFrame({"predicted": probability, "observed": truth.astype(float), "n": 1})
    grouped = cases.groupby(np.searchsorted(edges, probability, side="right"))
    table = grouped.agg({"predicted": "mean", "observed": "mean", "n": "sum"}).reset_index(
        drop=True
    )
    z, p, n = 1.96, table["observed"], table["n"]
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    table = table.assign(low=(centre - half).clip(0, 1), high=(centre + half).clip(0, 1))
    table.index.name = "bin"
    return table[["predicted", "observed", "low", "high", "n"]]


def score_probabilities(
    truth: pd.DataFrame, probability: pd.DataFrame, seed: int = 0
) -> pd.DataFrame:
    """Score the probabilities of many cases, one row a condition, with bootstrap intervals.

    Parameters
    ----------
    truth : DataFrame of bool
        One row a case, one column a condition; of simulated or confirmed cases.
    probability : DataFrame
        The same rows and columns, each 0 to 1.
    seed : int
        Of the bootstrap.

    Returns
    -------
    DataFrame
        Index ``condition``; ``n``, ``events``, ``base_rate``, ``mean_probability``, and ``brier``,
        ``log_loss``, ``auc``, each with ``_low`` and ``_high``. Scores are NaN where fewer than 50
        cases are true, or untrue: so few carry no score.

    Raises
    ------
    UnknownNameError
        If a condition has no probabilities.
    LumbayesError
        If the two tables differ in length, or a probability is not within 0 to 1.
    """
    if len(truth) != len(probability):
        raise LumbayesError(
            f"{len(truth)} cases with a truth but {len(probability)} with probabilities."
            " Give the same cases in the same order."
        )
    rows = {}
    for name in truth.columns:
        if name not in probability.columns:
            raise unknown_name("column of the probabilities", name, probability.columns)
        p = probability[name].to_numpy(dtype=np.float64)
        if not ((p >= 0) & (p <= 1)).all():
            raise LumbayesError(f"{name}: a probability is not within 0 to 1. Check the column.")
        rows[name] = _scores(truth[name].to_numpy(dtype=np.bool_), p, seed)
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index.name = "condition"
    return table


def _scores(truth: Truth, probability: Array, seed: int) -> dict[str, float]:
    events = int(truth.sum())
    row: dict[str, float] = {
        "n": len(truth),
        "events": events,
        "base_rate": float(truth.mean()),
        "mean_probability": float(probability.mean()),
    }
    told = np.where(truth, probability, 1.0 - probability)
    each = {
        "brier": (probability - truth) ** 2,
        "log_loss": -np.log(np.clip(told, 1e-12, None)),
    }
    enough = min(events, len(truth) - events) >= EVENTS_NEEDED
    order = np.argsort(probability, kind="stable")
    ranked = truth[order]
    ties = np.flatnonzero(np.diff(probability[order], prepend=-1.0))
    resampled: dict[str, list[float]] = {"brier": [], "log_loss": [], "auc": []}
    for weights in bootstrap_weights(len(truth), seed) if enough else ():
        for name, values in each.items():
            resampled[name].append(float(weights @ values) / len(truth))
        resampled["auc"].append(_weighted_area(ranked, ties, weights[order]))
    for name, score in (("brier", brier_score), ("log_loss", log_loss), ("auc", area_under_curve)):
        low, high = np.quantile(resampled[name], [0.025, 0.975]) if enough else (np.nan, np.nan)
        row[name] = score(truth, probability) if enough else np.nan
        row |= {f"{name}_low": float(low), f"{name}_high": float(high)}
    return row


def bootstrap_weights(n: int, seed: int = 0) -> Iterator[Array]:
    """Yield, for each resampling of ``n`` cases, how often each of them was drawn.

    Examples
    --------
    >>> [int(weights.sum()) for weights in bootstrap_weights(3)][:2]
    [3, 3]
    """
    rng = np.random.default_rng(seed)
    for _ in range(RESAMPLES):
        yield np.bincount(rng.integers(n, size=n), minlength=n).astype(np.float64)


def _weighted_area(ranked: Truth, ties: npt.NDArray[np.intp], weights: Array) -> float:
    """Area under the curve of weighted cases, ranked by probability; ``ties`` start its groups."""
    true = weights * ranked
    positives, both = np.add.reduceat(true, ties), np.add.reduceat(weights, ties)
    negatives = both - positives
    below = np.cumsum(negatives) - negatives / 2
    return float((positives * below).sum() / max(positives.sum() * negatives.sum(), 1.0))
