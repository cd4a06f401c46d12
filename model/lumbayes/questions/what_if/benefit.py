"""Answer the question: what would hip work bring, by the network and by the trials.

The network speaks of pain or no pain, the trials of points from 0 to 100. The step between them is
a judgement (grade D): someone whose pain would be gone falls from the usual pain of a trial's start
to 0, all others stay as they are. That start is taken as 50 points (30 to 70): the trials included
people with lasting pain and report falls of 21 to 25 points with any exercise (Kendall 2015). The
weakness is taken as wholly corrected, which training does not reach, and nothing else of the
training (movement, confidence) is counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lumbayes.cases.case import Case, parse_case
from lumbayes.errors import CaseError
from lumbayes.knowledge.anchors import BACK_PAIN
from lumbayes.knowledge.causal import network_for
from lumbayes.knowledge.conversions import beta_from_interval
from lumbayes.knowledge.model import Model
from lumbayes.questions.conditioning import check_draws
from lumbayes.questions.what_if.counterfactual import counterfactual_chances
from lumbayes.questions.what_if.interventions import event
from lumbayes.text import Told

USUAL_PAIN = (50.0, 30.0, 70.0)  # points of 100 at a trial's start: judgement, grade D


@dataclass(frozen=True)
class Trial:
    """A change of pain by adding hip exercise, in points of 100, with its 95 % interval."""

    source: str
    what: str
    points: float
    low: float
    high: float


POOLED = Trial("dejesus2020", "five trials, 309 people, pooled", -5.4, -8.9, -1.8)
SINGLE = (
    Trial("kendall2015", "80 people, 6 weeks", -4.0, -11.5, 3.5),
    Trial("fukuda2021", "70 people, end of treatment (scale of 10, times 10)", 5.0, -5.0, 15.0),
)


@dataclass(frozen=True, repr=False)
class Benefit(Told):
    """The predicted benefit beside that of the trials.

    Attributes
    ----------
    gone, gone_low, gone_high : float
        P(no low back pain had the muscles not been weak | low back pain now, and the case), with
        its 95 % interval over the draws, causal shares included; NaN without draws.
    points, low, high : float
        The same in points of pain, negative for less pain; the interval includes that of the usual
        pain at the start.
    trial_inside : bool
        Whether the pooled value of the trials lies in the predicted interval.
    overlap : bool
        Whether the two intervals overlap.
    """

    gone: float
    gone_low: float
    gone_high: float
    points: float
    low: float
    high: float
    trial_inside: bool
    overlap: bool

    def to_dict(self) -> dict[str, Any]:
        """Return prediction and trials ready for JSON."""
        return {
            "gone": {"probability": self.gone, "low": self.gone_low, "high": self.gone_high},
            "predicted_points": {"value": self.points, "low": self.low, "high": self.high},
            "trials": [vars(t) for t in (POOLED, *SINGLE)],
            "trial_inside": self.trial_inside,
            "overlap": self.overlap,
        }

    def to_text(self) -> str:
        """Return prediction and trials for people."""
        verdict = (
            "The pooled value lies in the predicted range."
            if self.trial_inside
            else "The pooled value lies outside the predicted range"
            + (", though the ranges overlap." if self.overlap else ", and the ranges do not meet.")
        )
        return "\n".join(
            [
                "HIP WORK: WHAT THE NETWORK EXPECTS, WHAT TRIALS FOUND (points of pain, of 100)",
                f"  Network: {self.points:+.1f} ({self.low:+.1f} to {self.high:+.1f})",
                *(
                    f"  Trials, {t.what}: {t.points:+.1f} ({t.low:+.1f} to {t.high:+.1f})"
                    for t in (POOLED, *SINGLE)
                ),
                verdict,
                "From pain gone to points is a judgement: 50 points (30 to 70) before, 0 after.",
            ]
        )


def benefit(model: Model, case: Case | None = None, draws: int = 200, seed: int = 0) -> Benefit:
    """Predict what correcting weak buttock muscles would do to low back pain.

    Parameters
    ----------
    model : Model
        The tables.
    case : Case, optional
        Someone with low back pain; if left out, anyone who asks for care with it, as in the trials.
    draws, seed : int
        For the interval; at least 20.

    Returns
    -------
    Benefit
        A counterfactual (see ``counterfactual``), in points by the judgement above.

    Raises
    ------
    CaseError
        If the case does not report low back pain, or holds interventions.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> answer = benefit(load_model(), draws=20)
    >>> answer.low <= answer.points <= answer.high <= 0
    True
    """
    check_draws(draws)
    if not draws:
        raise CaseError("draws is 0: the benefit is told as a range. Give at least 20.")
    person = parse_case(model, {BACK_PAIN: "yes"}) if case is None else case
    if person.findings.get(BACK_PAIN) != "yes":
        raise CaseError(
            f"{BACK_PAIN}=yes is not among the findings. Add it: the trials treated it."
        )
    if person.do:
        raise CaseError(f"the case holds do({', '.join(person.do)}). Give it as it was seen.")
    asked = (event(model, BACK_PAIN),)
    strong = {n: model.network[n].states[0] for n in model.with_role("hip_work")}
    _, then = counterfactual_chances(model, person, strong, asked, network_for(model, causal=True))
    _, many = counterfactual_chances(
        model, person, strong, asked, network_for(model, causal=True, draws=draws, seed=seed)
    )
    value, low, high = (x / 100 for x in USUAL_PAIN)
    a, b = beta_from_interval(value, low, high)
    start = 100 * np.random.default_rng(seed).beta(a, b, size=many.shape[1])
    gone, points = 1 - float(then[0, 0]), -(1 - many[0]) * start
    gone_low, gone_high = np.quantile(1 - many[0], (0.025, 0.975))
    worst, least = np.quantile(points, (0.025, 0.975))
    predicted = -gone * USUAL_PAIN[0]
    worst, least = min(float(worst), predicted), max(float(least), predicted)
    return Benefit(
        gone,
        min(float(gone_low), gone),
        max(float(gone_high), gone),
        predicted,
        worst,
        least,
        worst <= POOLED.points <= least,
        worst <= POOLED.high and POOLED.low <= least,
    )
