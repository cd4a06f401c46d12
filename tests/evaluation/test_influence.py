"""Influence: what carries the uncertainty of the answers."""

from __future__ import annotations

import pytest

from lumbayes.evaluation.influence import influence
from lumbayes.evaluation.worked_cases import WorkedCase
from lumbayes.knowledge.model import Model


def test_influence_sums_to_one_and_lies_on_what_matters(model: Model) -> None:
    """What was not asked about carries nothing; what common pain and its sign hang on does."""
    findings = {"age_band": "30_44", "sex": "male", "low_back_pain": "yes", "slr": "positive"}
    level = "self_care_exercises"
    case = WorkedCase(
        "a", "constructed", {"findings": findings}, "gtps", ("gtps",), level, (level,)
    )
    frame = influence(model, [case])
    shares = frame.set_index("number")["influence"]
    assert shares.sum() == pytest.approx(1.0)
    assert shares["rash_band=yes<-leak"] == pytest.approx(0.0, abs=1e-12)
    assert shares["age_band=75_plus"] == pytest.approx(0.0, abs=1e-12)
    assert shares["slr=positive<-leak"] > 1e-4
    assert shares["mechanical_back_pain=present<-previous_back_pain=yes"] > 0.01
    assert frame["grade"].is_monotonic_decreasing
