"""Do the probabilities come true? Conditions of known cases, hidden and predicted."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from lumbayes.atomic_files import atomic_write, check_writable
from lumbayes.cases.cohort import Cohort, Flags, batches_of
from lumbayes.errors import CaseError, LumbayesError, unknown_name
from lumbayes.evaluation.scores import EVENTS_NEEDED, bootstrap_weights, score_probabilities
from lumbayes.evaluation.worked_cases import mean_interval
from lumbayes.inference.queries import expect_cases, marginals
from lumbayes.knowledge.conversions import binomial_interval
from lumbayes.knowledge.model import Model
from lumbayes.network.variables import Array, Network
from lumbayes.text import how_many

BATCH = 4096  # cases answered at a time
EDGES = (0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)  # of probability
PLOTS = (".png", ".svg", ".pdf")


@dataclass(frozen=True, eq=False)
class Calibration:
    """How often what was given so much probability came true.

    Attributes
    ----------
    scores : DataFrame
        A row per condition and imbalance, as of ``scores.score_probabilities``: Brier score,
        log-loss and area under the curve with bootstrap intervals, NaN where too few cases carry
        them.
    curve : DataFrame
        Of all of them together: ``predicted`` and ``observed`` means in bins of probability, with
        a bootstrap interval over cases, and ``n`` answers. Empty if fewer than 50 answers are true,
        or untrue.
    ranking : DataFrame
        ``top1`` and ``top3``: the share of cases with a condition in which one that is present
        comes first, or among the first three; with bootstrap intervals. Empty if none is confirmed.
    cases : int
        How many.
    """

    scores: pd.DataFrame
    curve: pd.DataFrame
    ranking: pd.DataFrame
    cases: int

    def to_text(self) -> str:
        """Return the tables for people."""
        shown = self.scores[["n", "events"]].copy()
        for name in ("brier", "log_loss", "auc"):
            ends = (self.scores[end] for end in (name, f"{name}_low", f"{name}_high"))
            shown[name] = [
                "" if np.isnan(value) else f"{value:.4f} ({low:.4f} to {high:.4f})"
                for value, low, high in zip(*ends, strict=True)
            ]
        parts = [
            f"{how_many(self.cases, 'case')}, with bootstrap 95 % intervals; scores are left out"
            f" where fewer than {EVENTS_NEEDED} cases have a condition or lack it",
            shown.rename_axis(None).to_string(),
        ]
        if len(self.curve):
            title = "probability given, and share that came true (all together)"
            parts += ["", title, self.curve.round(4).rename_axis(None).to_string()]
        if len(self.ranking):
            title = "a condition that is present comes first, or among the first three"
            parts += ["", title, self.ranking.round(3).to_string()]
        return "\n".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """Return all of it, ready for JSON but for scores that are NaN."""
        return {
            "cases": self.cases,
            "scores": self.scores.reset_index(names="variable").to_dict(orient="records"),
            "calibration": self.curve.to_dict(orient="records"),
            "ranking": self.ranking.reset_index(names="measure").to_dict(orient="records"),
        }

    def plot(self, path: Path | str) -> None:
        """Draw the curve into a file: PNG, SVG or PDF by its ending.

        Raises
        ------
        LumbayesError
            If matplotlib is not installed, there is no curve, or the file cannot be written.
        """
        path = Path(path)
        check_plot(path)
        if not len(self.curve):
            raise LumbayesError(
                f"{self.cases:,} cases are too few for a calibration plot: at least {EVENTS_NEEDED}"
                " conditions must be present, and as many absent."
            )
        try:
            from matplotlib.backends.backend_agg import FigureCanvasAgg
            from matplotlib.figure import Figure
        except ImportError:
            message = "matplotlib is not installed: pip install 'lumbayes[plots]'"
            raise LumbayesError(message) from None
        figure = Figure(figsize=(5, 5), layout="constrained")
        FigureCanvasAgg(figure)
        draw_curve(figure.add_subplot(), self.curve, "all conditions and imbalances")
        drawn = io.BytesIO()
        figure.savefig(drawn, dpi=120, format=path.suffix[1:].lower())
        atomic_write(path, drawn.getvalue())


def check_plot(path: Path) -> None:
    """Raise LumbayesError unless a plot can be written there, by its ending and its folder.

    Examples
    --------
    >>> check_plot(Path("curve.png"))
    """
    if path.suffix.lower() not in PLOTS:
        raise unknown_name("ending of a plot", path.suffix or path.name, PLOTS)
    check_writable(path)


def calibrate(model: Model, rows: Cohort, network: Network | None = None) -> Calibration:
    """Hide the confirmed conditions and imbalances of cases, predict them, and compare.

    Parameters
    ----------
    model : Model
        Names the variables.
    rows : Cohort
        Cases, as of ``rows_from_table``, in which some conditions or imbalances are answered.
    network : Network, optional
        Predicts; the model's if left out.

    Raises
    ------
    CaseError
        If no condition or imbalance is confirmed in any case, or a case cannot occur.
    """
    truth, predicted = confirmed(model, rows, network)
    if not truth:
        raise CaseError(
            "no condition or imbalance is confirmed in these cases. Add columns such as gtps."
        )
    tables = [
        score_probabilities(pd.DataFrame({n: truth[n]}), pd.DataFrame({n: predicted[n]}))
        for n in truth
    ]
    curve = curve_of(rows, truth, predicted)
    ranking = _ranking(model, rows, truth, predicted)
    return Calibration(pd.concat(tables), curve, ranking, rows.size)


def curve_of(rows: Cohort, told: Mapping[str, Flags], given: Mapping[str, Array]) -> pd.DataFrame:
    """Compare probabilities with how often they came true, in bins; empty if too few are true.

    Answers about one person hang together, so whole cases are resampled for the intervals; where
    all of a bin agree the interval is Wilson's (as in ``mean_interval``).

    Parameters
    ----------
    rows : Cohort
        The cases.
    told, given : mapping of variable to array
        As of ``confirmed``.

    Returns
    -------
    DataFrame
        As ``Calibration.curve``.
    """
    columns = ["predicted", "observed", "low", "high", "n"]
    truth = np.concatenate([np.zeros(0, dtype=bool), *told.values()])
    if min(truth.sum(), (~truth).sum()) < EVENTS_NEEDED:
        return pd.DataFrame(columns=columns).rename_axis("bin")
    cases, predicted = rows.size, np.concatenate([*given.values()])
    case = np.concatenate([np.flatnonzero(known(rows, name)) for name in told])
    place = np.searchsorted(EDGES, predicted, side="right")
    used, place = np.unique(place, return_inverse=True)
    shape = (cases, len(used))
    flat = np.ravel_multi_index((case, place), shape)
    n, events, total = (
        np.bincount(flat, weights, minlength=cases * len(used)).reshape(shape)
        for weights in (None, truth.astype(float), predicted)
    )
    shares = []
    for weights in bootstrap_weights(cases):
        with np.errstate(invalid="ignore"):
            shares.append((weights @ events) / (weights @ n))
    low, high = np.nanquantile(np.array(shares), [0.025, 0.975], axis=0)
    count, observed = n.sum(axis=0), events.sum(axis=0) / n.sum(axis=0)
    for i in np.flatnonzero((observed == 0) | (observed == 1)):
        low[i], high[i] = binomial_interval(float(observed[i]), int(count[i]))
    return pd.DataFrame(
        {
            "predicted": total.sum(axis=0) / count,
            "observed": observed,
            "low": low,
            "high": high,
            "n": count.astype(int),
        },
        columns=columns,
    ).rename_axis("bin")


def confirmed(
    model: Model, rows: Cohort, network: Network | None = None
) -> tuple[dict[str, Flags], dict[str, Array]]:
    """Return what is true and what is predicted of each confirmed condition and imbalance.

    Both hold an array per variable, over the cases in which it is confirmed.

    Raises
    ------
    CaseError
        If a case cannot occur.
    """
    names = [n for n in model.names("condition", "imbalance") if known(rows, n).any()]
    asked = hidden(rows, names)
    expect_cases(rows.size)
    parts: dict[str, list[Array]] = {n: [] for n in names}
    for start in range(0, rows.size if names else 0, BATCH):
        some = asked.take(np.arange(start, min(start + BATCH, rows.size)))
        for own, given, where in batches_of(model, some):
            found = marginals(network or own, given, names, impossible="mark")
            wrong = where[~np.isfinite(found.log_evidence)]
            if wrong.size:
                raise CaseError(
                    f"case {start + wrong.min() + 1} cannot occur under the tables. Leave it out."
                )
            order = np.argsort(where)
            for name in names:
                probability = 1.0 - found.probabilities[name][0][order]
                parts[name].append(np.clip(probability, 0.0, 1.0))
    told = {n: known(rows, n) for n in names}
    truth = {n: rows.states[n][told[n]] > 0 for n in names}
    return truth, {n: np.concatenate(parts[n])[told[n]] for n in names}


def hidden(rows: Cohort, names: Sequence[str]) -> Cohort:
    """Return the cases without the answers about some variables."""
    return replace(
        rows,
        states={n: c for n, c in rows.states.items() if n not in names},
        weights={n: w for n, w in rows.weights.items() if n not in names},
    )


def known(rows: Cohort, name: str) -> Flags:
    """Tell in which cases a variable is answered."""
    codes = rows.states.get(name)
    return np.zeros(rows.size, dtype=bool) if codes is None else codes >= 0


def _ranking(
    model: Model, rows: Cohort, truth: Mapping[str, Flags], predicted: Mapping[str, Array]
) -> pd.DataFrame:
    """Return how often a condition that is present comes first, if all were confirmed."""
    names = [n for n in model.names("condition") if n in truth and truth[n].size == rows.size]
    if len(names) < len(model.names("condition")):
        return pd.DataFrame(columns=["share", "low", "high", "n"])
    present: npt.NDArray[np.bool_] = np.stack([truth[n] for n in names])
    order = np.argsort(-np.stack([predicted[n] for n in names]), axis=0, kind="stable")
    some: npt.NDArray[np.bool_] = np.asarray(present.any(axis=0))
    found = {}
    for label, top in (("top1", 1), ("top3", 3)):
        hit = np.asarray(np.take_along_axis(present, order[:top], axis=0).any(axis=0))[some]
        if hit.size:
            found[label] = (*mean_interval(hit.astype(float)), int(hit.size))
    return pd.DataFrame.from_dict(found, orient="index", columns=["share", "low", "high", "n"])


def draw_curve(axes: Any, table: pd.DataFrame, label: str) -> None:
    """Draw how often probabilities came true, with intervals, onto matplotlib axes."""
    errors = np.array([table["observed"] - table["low"], table["high"] - table["observed"]])
    axes.errorbar(
        table["predicted"],
        table["observed"],
        yerr=errors.clip(0.0),
        marker="o",
        capsize=2,
        label=label,
    )
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
    axes.set(xlabel="probability given", ylabel="share that came true", xlim=(0, 1), ylim=(0, 1))
    axes.legend()
