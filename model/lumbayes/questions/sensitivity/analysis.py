"""Answer the question: which numbers of the tables does an answer hang on.

Every number is moved over its own interval, its mates in the same distribution keeping their
proportions to one another. A posterior is then (a x + b) / (c x + d) in that number, exactly
(Castillo, Gutiérrez & Hadi 1997; Coupé & van der Gaag 2002): P(target, findings) and P(findings)
are straight lines. So a value at which an order or a level of care flips is found, not searched
for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lumbayes.cases.case import Case
from lumbayes.inference.queries import marginals
from lumbayes.knowledge.model import Model
from lumbayes.questions.conditioning import case_evidence, case_network
from lumbayes.questions.sensitivity.decision_thresholds import decision_thresholds
from lumbayes.questions.sensitivity.one_way import OneWay, one_way
from lumbayes.questions.sensitivity.perturbation import moved_posteriors, origin, that_matter
from lumbayes.questions.sensitivity.provenance import Provenance, provenance
from lumbayes.questions.sensitivity.reversed_arcs import reversed_arcs
from lumbayes.questions.what_if.interventions import event, plain_rows
from lumbayes.text import Told, percent

__all__ = ["OneWay", "Provenance", "Sensitivity", "one_way", "provenance", "sensitivity"]

SHOWN = 10
TOLD = 0.02  # a rival arrow that moves the answer by a smaller part is only counted


@dataclass(frozen=True, eq=False, repr=False)
class Sensitivity(Told):
    """Which numbers one posterior hangs on.

    Attributes
    ----------
    target : str
        As asked for.
    probability : float
        P(target | case) by the published values.
    tornado : DataFrame
        One row a number, the widest bar first: ``number`` (id), ``value``, ``low``, ``high``,
        ``at_low``, ``at_high`` (the posterior there), ``width`` (their distance), ``grade``,
        ``source``, ``file``, ``line``. A number that cannot matter has width 0.
    decision_thresholds : DataFrame
        Values at which something flips, those inside their interval first: ``number``, ``kind``
        (``ranking``: another condition comes first; or ``triage``: the level of care changes),
        ``what``, ``value``, ``flips_at``, ``low``, ``high``, ``inside``, ``grade``, ``source``,
        ``file``, ``line``.
    reversed_arcs : DataFrame
        See ``reversed_arcs.reversed_arcs``.
    """

    target: str
    probability: float
    tornado: pd.DataFrame
    decision_thresholds: pd.DataFrame
    reversed_arcs: pd.DataFrame

    def to_dict(self) -> dict[str, Any]:
        """Return the answer ready for JSON; what is missing is None."""
        return {
            "target": self.target,
            "probability": self.probability,
            "tornado": plain_rows(self.tornado),
            "flips": plain_rows(self.decision_thresholds),
            "rival_arrows": plain_rows(self.reversed_arcs),
        }

    def to_text(self, limit: int = SHOWN) -> str:
        """Return the widest bars, the flips inside their intervals and the rival arrows."""
        lines = [f"WHAT {self.target} HANGS ON (now {percent(self.probability)})"]
        for row in plain_rows(self.tornado[self.tornado["width"] > 0].head(limit)):
            ends = f"{percent(row['at_low'])} to {percent(row['at_high'])}"
            lines += [
                f"  {row['number']}: {row['value']:.3g} ({row['low']:.3g} to {row['high']:.3g})"
                f" gives {ends}",
                f"      grade {row['grade']}, {row['source']}, {row['file']} line {row['line']}",
            ]
        lines += ["", "WHAT WOULD FLIP WITHIN THE INTERVALS"]
        inside = plain_rows(
            self.decision_thresholds[self.decision_thresholds["inside"]].head(limit)
        )
        lines += [f"  {r['what']}: {r['number']} at {r['flips_at']:.3g}" for r in inside] or [
            "  Nothing: no single number within its interval flips order or level of care."
        ]
        lines += ["", "IF A CONTESTED ARROW POINTED THE OTHER WAY"]
        rivals = self.reversed_arcs
        moved = rivals[["turned", "cut"]].sub(rivals["now"], axis=0).abs().max(axis=1)
        told = plain_rows(rivals[moved >= TOLD * self.probability])
        for row in told:
            turned = row["note"] if row["turned"] is None else percent(row["turned"])
            lines += [
                f"  {row['cause']} → {row['effect']}: turned {turned}, cut {percent(row['cut'])}"
            ]
        if len(told) < len(rivals):
            lines += [f"  {len(rivals) - len(told)} others move it by less than one part in 50."]
        return "\n".join(lines)


def sensitivity(model: Model, case: Case, target: str) -> Sensitivity:
    """Return which numbers a posterior hangs on, what would flip, and the rival arrows.

    Arguments and errors as of ``doors.one_case.sensitivity``. Under interventions contested links
    count by their causal share, so that the shares have bars too; no thresholds are computed then,
    since the lines are not straight.

    Examples
    --------
    >>> from lumbayes.cases.case import parse_case
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> case = parse_case(model, {"slr": "positive", "low_back_pain": "yes"})
    >>> answer = sensitivity(model, case, "radiculopathy")
    >>> bars = answer.tornado.set_index("number")["width"]
    >>> bool(bars["slr=positive<-leak"] > 0), float(bars["p4=positive<-leak"])
    (True, 0.0)
    """
    asked = event(model, target)
    now = marginals(case_network(model, case), case_evidence(model, case), [asked.variable])
    probability = float(asked.chance(now.probabilities[asked.variable])[0])
    shown = sorted(that_matter(model, case, asked))
    ends = [(i, x) for i in shown for x in (model.numbers[i].low, model.numbers[i].high)]
    _, bars = moved_posteriors(model, case, (asked,), ends)
    at = np.full((len(model.numbers), 2), probability)
    at[shown] = bars[0].reshape(-1, 2)
    rows = [
        {
            "number": n.id,
            "value": n.value,
            "low": n.low,
            "high": n.high,
            "at_low": float(low),
            "at_high": float(high),
            # The function is monotone in the number, so its ends are its extremes.
            "width": abs(float(high - low)),
            **origin(n),
        }
        for n, (low, high) in zip(model.numbers, at, strict=True)
    ]
    tornado = pd.DataFrame(rows).sort_values("width", ascending=False, kind="stable")
    return Sensitivity(
        target,
        probability,
        tornado.reset_index(drop=True),
        decision_thresholds(model, case),
        reversed_arcs(model, case, asked),
    )
