"""A posterior as an exact function of one number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lumbayes.cases.case import Case
from lumbayes.errors import CaseError, LumbayesError
from lumbayes.knowledge.definition import Number
from lumbayes.knowledge.model import Model
from lumbayes.questions.sensitivity.perturbation import moved_posteriors
from lumbayes.questions.what_if.interventions import event

EXACT = 1e-8  # how far the checked values may lie from the function


@dataclass(frozen=True)
class OneWay:
    """A posterior as a function of one number: ``(a x + b) / (c x + d)``, with c value + d = 1.

    Attributes
    ----------
    number : Number
        The number that is moved, its mates in proportion.
    target : str
        As asked for.
    a, b, c, d : float
        Of the function; ``c x + d`` is P(findings) over its present value.
    """

    number: Number
    target: str
    a: float
    b: float
    c: float
    d: float

    def at(self, x: float) -> float:
        """Return the posterior with the number at ``x``.

        Raises
        ------
        LumbayesError
            If ``x`` is outside 0 to 1, or the findings cannot be there.
        """
        if not 0.0 <= x <= 1.0:
            raise LumbayesError(f"{self.number.id} is set to {x}. A probability lies in 0 to 1.")
        below = self.c * x + self.d
        if below <= 0:
            raise LumbayesError(f"with {self.number.id} = {x:g} the findings cannot occur.")
        return min(max((self.a * x + self.b) / below, 0.0), 1.0)

    def reaches(self, probability: float) -> float | None:
        """Return the value at which the posterior is ``probability``; None if outside 0 to 1."""
        slope = self.a - probability * self.c
        x = (probability * self.d - self.b) / slope if slope else np.nan
        return float(x) if 0.0 <= x <= 1.0 else None


def one_way(model: Model, case: Case, target: str, number_id: str) -> OneWay:
    """Return a posterior as an exact function of one number.

    Parameters
    ----------
    model : Model
        The tables.
    case : Case
        Without interventions: the causal network is not straight in its numbers.
    target : str
        ``variable`` (any state but the first) or ``variable=state``.
    number_id : str
        As in ``model.numbers``.

    Returns
    -------
    OneWay
        From the values at 0, 1 and now, checked at a fourth.

    Raises
    ------
    UnknownNameError
        If target or number does not exist.
    CaseError
        If the case holds interventions.

    Examples
    --------
    >>> from lumbayes.cases.case import parse_case
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> case = parse_case(model, {"slr": "positive"})
    >>> line = one_way(model, case, "radiculopathy", "slr=positive<-leak")
    >>> line.at(0.05) > line.at(0.4)
    True
    """
    asked, position = event(model, target), model.position(number_id)
    if case.do:
        raise CaseError(
            f"the case holds do({', '.join(case.do)}), under which no number acts in a straight"
            " line. Leave it out."
        )
    number = model.numbers[position]
    fourth = number.high if number.high != number.value else 0.5
    logs, p = moved_posteriors(
        model, case, (asked,), [(position, x) for x in (0.0, 1.0, number.value, fourth)]
    )
    weight = np.exp(logs - logs[2])
    joint = p[0] * weight
    line = OneWay(
        number,
        target,
        float(joint[1] - joint[0]),
        float(joint[0]),
        float(weight[1] - weight[0]),
        float(weight[0]),
    )
    checked = ((number.value, p[0, 2]), (fourth, p[0, 3]))
    if any(abs(line.at(x) - y) > EXACT for x, y in checked if np.isfinite(y)):
        raise LumbayesError(f"{number_id}: no straight line fits. Please report this as a fault.")
    return line
