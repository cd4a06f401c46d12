"""Probabilities come true as often as they say, where the truth is drawn from the same numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lumbayes.calibration import Calibration, calibrate, calibrate_simulated, confirmed
from lumbayes.case_rows import rows_from_cases
from lumbayes.cases import parse_case
from lumbayes.errors import CaseError
from lumbayes.model import Model


@pytest.fixture(scope="module")
def found(model: Model) -> Calibration:
    return calibrate_simulated(model, 3000, 2)


def test_simulated_people_are_predicted_without_bias(found: Calibration) -> None:
    """The means agree, and nearly all bins hold their predicted mean in a 95 % interval."""
    curve = found.curve
    assert curve["n"].sum() == 3000 * len(found.scores)
    total = (curve["observed"] * curve["n"]).sum()
    expected = (curve["predicted"] * curve["n"]).sum()
    assert total == pytest.approx(expected, abs=5 * np.sqrt(expected))
    inside = (curve["low"] <= curve["predicted"]) & (curve["predicted"] <= curve["high"])
    assert inside.sum() >= len(curve) - 2


def test_scores_have_intervals_only_where_cases_carry_them(found: Calibration) -> None:
    few = found.scores["events"] < 50
    assert found.scores.loc[few, ["brier", "auc"]].isna().all().all()
    enough = found.scores[~few]
    assert len(enough) >= 4
    assert ((enough["auc_low"] <= enough["auc"]) & (enough["auc"] <= enough["auc_high"])).all()
    assert (enough["auc"] > 0.55).all()
    first, among_three = found.ranking["share"]
    assert 0 < first <= among_three
    assert "probability given" in found.to_text()


def test_a_drawn_truth_is_predicted_less_well(model: Model, found: Calibration) -> None:
    drawn = calibrate_simulated(model, 3000, 2, drawn=3)
    gap = [np.abs(c.curve["observed"] - c.curve["predicted"]).max() for c in (found, drawn)]
    assert gap[1] > gap[0]


def test_what_is_confirmed_is_hidden_before_it_is_predicted(model: Model) -> None:
    data = [{"findings": {"lateral_hip_pain": "yes", "gtps": "present"}}, {"findings": {}}]
    rows = rows_from_cases(model, [parse_case(model, d) for d in data])
    truth, predicted = confirmed(model, rows)
    assert list(truth) == ["gtps"] and truth["gtps"].tolist() == [True]
    assert 0.0 < predicted["gtps"][0] < 1.0
    with pytest.raises(CaseError, match="no condition or imbalance is confirmed"):
        calibrate(model, rows_from_cases(model, [parse_case(model, {"fever": "no"})]))


def test_the_curve_is_drawn(found: Calibration, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    found.plot(tmp_path / "curve.png")
    assert (tmp_path / "curve.png").stat().st_size > 5000
