"""Model against literature: every published quantity the network can express, compared."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lumbayes.errors import unknown_name
from lumbayes.knowledge.model import Model
from lumbayes.literature.predictions import prediction_scores, read_predictions, tables_scores
from lumbayes.literature.target_values import target_values
from lumbayes.literature.targets import (
    ROLES,
    Target,
    count_excluded,
    read_explanations,
    read_targets,
)
from lumbayes.network.variables import Array

_LINE = "{:2}{:>10} {:>19} {:>10} {:>9}  {:<9} {}"


@dataclass(frozen=True, eq=False)
class Validation:
    """The comparison of one model with the literature.

    Attributes
    ----------
    frame : DataFrame
        A row per target, worst first: outside before inside, then by distance from the interval and
        by ``|log_ratio|``. Columns ``target_id, quantity, published, low, high, model, inside,
        log_ratio, role, source, explanation``.
    excluded : int
        How many published quantities the network cannot express.
    predictions : DataFrame
        Each published figure predicted without its own source, see ``read_predictions``.
    """

    frame: pd.DataFrame
    excluded: int
    predictions: pd.DataFrame

    def of(self, role: str) -> pd.DataFrame:
        """Return the rows of one role, ``fitted`` or ``emergent``, worst first."""
        if role not in ROLES[:2]:
            raise unknown_name("role", role, ROLES[:2])
        return self.frame[self.frame["role"] == role]

    @property
    def summary(self) -> dict[str, float]:
        """Counts, shares inside the published interval (0 to 1) and the median ``|log ratio|``."""
        fitted, emergent = self.of("fitted"), self.of("emergent")
        predicted = {}
        if len(self.predictions):
            said = self.frame.set_index("target_id")["model"].loc[self.predictions.index]
            tables = tables_scores(self.predictions, said.to_numpy())
            predicted = {**prediction_scores(self.predictions), **tables}
        return {
            "fitted": len(fitted),
            "fitted_inside": _mean(fitted["inside"]),
            "emergent": len(emergent),
            "emergent_inside": _mean(emergent["inside"]),
            "emergent_median_abs_log_ratio": _median(emergent["log_ratio"].abs()),
            "excluded": self.excluded,
            **predicted,
        }

    def to_dict(self, rows: int | None = None) -> dict[str, Any]:
        """Return summary and the worst ``rows`` (or all) as plain numbers and strings for JSON.

        A ratio that is not finite (the model gives 0) becomes None.
        """
        shown = self.frame if rows is None else self.frame.head(rows)
        targets = [
            {str(k): _plain(v) for k, v in row.items()} for row in shown.to_dict(orient="records")
        ]
        return {"summary": {k: _plain(v) for k, v in self.summary.items()}, "targets": targets}

    def to_text(self, rows: int | None = None) -> str:
        """Return a table for people, worst first, and the summary; ``rows`` limits the table."""
        shown = self.frame if rows is None else self.frame.head(rows)
        lines = [
            _LINE.format("", "published", "interval", "model", "log ratio", "role", "quantity")
        ]
        for row in shown.to_dict(orient="records"):
            lines.append(
                _LINE.format(
                    "" if row["inside"] else "!",
                    f"{row['published']:.3g}",
                    f"{row['low']:.3g} to {row['high']:.3g}",
                    f"{row['model']:.3g}",
                    f"{row['log_ratio']:+.2f}",
                    row["role"],
                    f"{row['quantity']} [{row['target_id']}]",
                )
            )
            if row["explanation"]:
                lines.append(f"    {row['explanation']}")
        s = self.summary
        lines += [
            "",
            f"fitted:   {s['fitted_inside']:.0%} of {s['fitted']:.0f} inside their interval",
            f"emergent: {s['emergent_inside']:.0%} of {s['emergent']:.0f} inside, "
            f"median |log ratio| {s['emergent_median_abs_log_ratio']:.2f}",
            f"excluded: {s['excluded']:.0f}, each with its reason in data/targets.csv",
        ]
        if "predicted" in s:
            lines += [
                "",
                f"predicted without their own source: {s['predicted_inside']:.0%} of "
                f"{s['predicted']:.0f} figures of {s['predicted_sources']:.0f} sources inside "
                "their 95 % interval,",
                f"median |log ratio| {s['predicted_median_abs_log_ratio']:.2f}; mean log score "
                f"{s['predicted_log_score']:.2f} (mean of the same kind of figure "
                f"{s['predicted_log_score_kind']:.2f}, numbers before any figure "
                f"{s['predicted_log_score_alone']:.2f}, those of the same source let loose "
                f"{s['predicted_log_score_loose']:.2f})",
                "computed by python -m lumbayes.literature.synthesis",
                "",
                "what ships is not the synthesis: answers and draws lie around the tables, which "
                "laws hold and which have seen the figures.",
                f"With the same widths {s['tables_inside']:.0%} of the figures lie inside; median "
                f"|log ratio| {s['tables_median_abs_log_ratio']:.2f}, mean log score "
                f"{s['tables_log_score']:.2f}",
            ]
        return "\n".join(lines)


def validate(model: Model) -> Validation:
    """Compare the model with every target of its folder.

    Parameters
    ----------
    model : Model
        Its ``network`` is used, with the published means.

    Returns
    -------
    Validation
        Worst first.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> checked = validate(load_model())
    >>> sorted(checked.frame["role"].unique())
    ['emergent', 'fitted']
    """
    targets = read_targets(model)
    computed = target_values(model.network, targets, model.names("condition"))
    frame = _compare(targets, computed, read_explanations(model))
    return Validation(frame, count_excluded(model), read_predictions(model))


def _compare(
    targets: Sequence[Target], computed: Array, explanations: Mapping[str, str]
) -> pd.DataFrame:
    with np.errstate(divide="ignore", invalid="ignore"):
        published = np.array([t.value for t in targets])
        low, high = np.array([t.low for t in targets]), np.array([t.high for t in targets])
        log_ratio = np.log(computed / published)
        outside = np.fmax(np.log(low / computed), np.log(computed / high)).clip(min=0.0)
    outside[np.isnan(computed)] = np.inf
    frame = pd.DataFrame(
        {
            "target_id": [t.id for t in targets],
            "quantity": [t.quantity for t in targets],
            "published": published,
            "low": low,
            "high": high,
            "model": computed,
            "inside": (computed >= low) & (computed <= high),
            "log_ratio": log_ratio,
            "role": [t.role for t in targets],
            "source": [t.source for t in targets],
            "explanation": [explanations.get(t.id, "") for t in targets],
        }
    )
    order = np.lexsort((-np.nan_to_num(np.abs(log_ratio), nan=np.inf), -outside))
    return frame.iloc[order].reset_index(drop=True)


def _mean(values: pd.Series[Any]) -> float:
    return float(values.mean()) if len(values) else math.nan


def _median(values: pd.Series[Any]) -> float:
    return float(values.median()) if len(values) else math.nan


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it; a number that is not finite as None."""
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
