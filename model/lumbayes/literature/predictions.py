"""How well figures of a source that was left out are predicted: stored results and their scores."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lumbayes.knowledge.conversions import Z95
from lumbayes.knowledge.model import Model
from lumbayes.knowledge.tables import read_table
from lumbayes.literature.figures import Figure, read_figures
from lumbayes.network.variables import Array

PREDICTION_COLUMNS = ("target_id", "mean", "sd", "alone_mean", "alone_sd", "loose_sd")


def read_predictions(model: Model) -> pd.DataFrame:
    """Read what was predicted of each published figure from all sources but its own.

    Returns
    -------
    DataFrame
        Indexed by ``target_id``: ``kind, setting, source, published, predicted, low, high`` (95 %
        interval of a new study, in the units of the figure), ``inside``, ``log_ratio``, ``share``
        (probability, else a ratio) and ``sd`` on its logit or log scale, and
        ``score, score_kind, score_alone, score_loose``: the log density of the figure on its logit
        or log scale under the prediction, under the mean of the same kind of figure in the other
        sources, under the numbers alone, before any figure, and under them with those that cite the
        source let loose: the numbers alone know what their own source says.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> bool(read_predictions(load_model())["inside"].mean() > 0.5)
    True
    """
    rows = read_table("predictions.csv", PREDICTION_COLUMNS, model.folder)
    stored = {
        row.text("target_id"): [float(row[c]) for c in PREDICTION_COLUMNS[1:]] for row in rows
    }
    figures = [f for f in read_figures(model) if f.target.id in stored]
    values = np.array([stored[f.target.id] for f in figures]).reshape(-1, 5).T
    mean, sd, alone_mean, alone_sd, loose_sd = values
    observed = np.array([f.value for f in figures])
    ends = [_natural(figures, mean + z * Z95 * sd) for z in (-1, 0, 1)]
    published = np.array([f.target.value for f in figures])
    return pd.DataFrame(
        {
            "kind": [f.kind for f in figures],
            "setting": [f.setting for f in figures],
            "source": [f.source for f in figures],
            "published": published,
            "predicted": ends[1],
            "low": ends[0],
            "high": ends[2],
            "inside": (ends[0] <= published) & (published <= ends[2]),
            "log_ratio": np.log(ends[1] / published),
            "share": [f.share for f in figures],
            "sd": sd,
            "score": _density(observed, mean, sd),
            "score_kind": _by_kind(figures, observed),
            "score_alone": _density(observed, alone_mean, alone_sd),
            "score_loose": _density(observed, alone_mean, loose_sd),
        },
        index=pd.Index([f.target.id for f in figures], name="target_id"),
    )


def prediction_scores(frame: pd.DataFrame) -> Mapping[str, float]:
    """Return counts, coverage, median ``|log ratio|`` and mean log scores of predictions."""
    return {
        "predicted": len(frame),
        "predicted_sources": frame["source"].nunique(),
        "predicted_inside": float(frame["inside"].mean()),
        "predicted_median_abs_log_ratio": float(frame["log_ratio"].abs().median()),
        "predicted_log_score": float(frame["score"].mean()),
        "predicted_log_score_kind": float(frame["score_kind"].mean()),
        "predicted_log_score_alone": float(frame["score_alone"].mean()),
        "predicted_log_score_loose": float(frame["score_loose"].mean()),
    }


def tables_scores(frame: pd.DataFrame, said: Array) -> Mapping[str, float]:
    """Score what ships: the tables, around which answers and draws lie, not the synthesis.

    Parameters
    ----------
    frame : DataFrame
        As ``read_predictions`` returns.
    said : array, shape (n,)
        What the network says of each figure with the values in the tables, which have seen it.

    Returns
    -------
    mapping of str to float
        Share inside and mean log score with the widths of the predictions, and the median
        ``|log ratio|``.
    """
    published, share, sd = (frame[c].to_numpy() for c in ("published", "share", "sd"))

    def scaled(x: Array) -> Array:
        return np.where(share, np.log(x / np.where(share, 1 - x, 1.0)), np.log(x))

    off = scaled(said) - scaled(published)
    return {
        "tables_inside": float((np.abs(off) <= Z95 * sd).mean()),
        "tables_median_abs_log_ratio": float(np.median(np.abs(np.log(said / published)))),
        "tables_log_score": float(_density(off, np.zeros(len(sd)), sd).mean()),
    }


def _natural(figures: list[Figure], scaled: Array) -> Array:
    shares = np.array([f.share for f in figures])
    return np.where(shares, 1 / (1 + np.exp(-scaled)), np.exp(scaled))


def _density(observed: Array, mean: Array, sd: Array) -> Array:
    logs: Array = -0.5 * ((observed - mean) / sd) ** 2 - np.log(sd) - 0.5 * np.log(2 * np.pi)
    return logs


def _by_kind(figures: list[Figure], observed: Array) -> Array:
    """Score each figure by mean and spread of its kind, and scale, in the other sources."""
    groups = np.array([f"{f.kind} {f.share}" for f in figures])
    sources = np.array([f.source for f in figures])
    scores = np.empty(len(figures))
    for i in range(len(figures)):
        others = observed[(groups == groups[i]) & (sources != sources[i])]
        scores[i] = _density(observed[i], others.mean(), others.std(ddof=1))
    return scores
