"""Probabilities come true as often as they say, where the truth is drawn from the same numbers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from lumbayes.batch.simulation import simulate
from lumbayes.cases.case import parse_case
from lumbayes.cases.cohort import Cohort, rows_from_cases
from lumbayes.commands.about import evaluate
from lumbayes.commands.batch import simulate as simulate_command
from lumbayes.errors import CaseError, LumbayesError
from lumbayes.evaluation.calibration import (
    Calibration,
    calibrate,
    check_plot,
    confirmed,
    curve_of,
)
from lumbayes.evaluation.scores import calibration
from lumbayes.knowledge.model import Model


def calibrate_simulated(model: Model, n: int, seed: int, networks: int = 1) -> Calibration:
    """Draw people, hide what they have, predict it; with several networks from draws of numbers."""
    missing = {"context": 0.3, "finding": 0.6, "condition": 0.0, "imbalance": 0.0}
    values = model.draw(networks, seed)
    drawn = [model.network_with(values[:, i]) for i in range(networks)]
    parts = [
        simulate(model, n // networks, seed + i, missing=missing, network=one, as_cases=False)
        for i, one in enumerate(drawn if networks > 1 else [model.network])
    ]
    people = pd.concat(parts, ignore_index=True)
    states = {str(c): np.asarray(people[c].cat.codes, dtype=np.int8) for c in people.columns}
    return calibrate(model, Cohort(n, states, {}, {}, np.zeros(n, dtype=bool)))


@pytest.fixture(scope="module")
def found(model: Model) -> Calibration:
    return calibrate_simulated(model, 3000, 2)


def test_simulated_people_are_predicted_without_bias(found: Calibration) -> None:
    """The means agree, and nearly all bins hold their predicted mean in a 95 % interval.

    Bins share their people, so misses by chance come together: up to three of thirteen.
    """
    curve = found.curve
    assert curve["n"].sum() == 3000 * len(found.scores)
    total = (curve["observed"] * curve["n"]).sum()
    expected = (curve["predicted"] * curve["n"]).sum()
    assert total == pytest.approx(expected, abs=5 * np.sqrt(expected))
    inside = (curve["low"] <= curve["predicted"]) & (curve["predicted"] <= curve["high"])
    assert inside.sum() >= len(curve) - 3


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
    drawn = calibrate_simulated(model, 3000, 2, networks=3)
    gap = [np.abs(c.curve["observed"] - c.curve["predicted"]).max() for c in (found, drawn)]
    assert gap[1] > gap[0]


def test_what_is_confirmed_is_hidden_before_it_is_predicted(model: Model) -> None:
    data: list[dict[str, dict[str, str]]]
    data = [{"findings": {"lateral_hip_pain": "yes", "gtps": "present"}}, {"findings": {}}]
    rows = rows_from_cases(model, [parse_case(model, d) for d in data])
    truth, predicted = confirmed(model, rows)
    assert list(truth) == ["gtps"] and truth["gtps"].tolist() == [True]
    assert 0.0 < predicted["gtps"][0] < 1.0
    with pytest.raises(CaseError, match="no condition or imbalance is confirmed"):
        calibrate(model, rows_from_cases(model, [parse_case(model, {"fever": "no"})]))
    data[0]["findings"] |= {"age_band": "75_plus", "pregnancy": "pregnant"}
    with pytest.raises(CaseError, match="case 1 cannot occur under the tables"):
        calibrate(model, rows_from_cases(model, [parse_case(model, d) for d in data]))


def test_intervals_are_those_of_resampled_cases(model: Model) -> None:
    """Answers of one person hang together: the interval is that of 400 people, not of 800."""
    rng = np.random.default_rng(3)
    truth = rng.random(400) < 0.5
    codes = np.zeros(400, dtype=np.int8)
    rows = Cohort(400, {"gtps": codes, "gmed_weak": codes}, {}, {}, np.zeros(400, dtype=bool))
    told, given = {"gtps": truth, "gmed_weak": truth}, np.full(400, 0.45)
    curve = curve_of(rows, told, {"gtps": given, "gmed_weak": given})
    assert curve["n"].tolist() == [800]
    shares = [truth[rng.integers(400, size=400)].mean() for _ in range(4000)]
    expected = np.quantile(shares, [0.025, 0.975])
    np.testing.assert_allclose(curve.loc[0, ["low", "high"]].astype(float), expected, atol=0.02)
    wilson = calibration(np.repeat(truth, 2), np.full(800, 0.45), 1)
    assert curve["high"][0] - curve["low"][0] > 1.2 * (wilson["high"][0] - wilson["low"][0])


def test_few_cases_carry_no_curve(model: Model, tmp_path: Path) -> None:
    few = calibrate_simulated(model, 20, 1)
    assert few.curve.empty and few.scores["brier"].isna().all()
    assert "came true" not in few.to_text()
    with pytest.raises(LumbayesError, match="20 cases are too few for a calibration plot"):
        few.plot(tmp_path / "curve.png")
    assert not list(tmp_path.iterdir())


def test_a_plot_that_cannot_be_written_is_refused_at_once(tmp_path: Path) -> None:
    for name, message in (("a.gif", "Known: .png, .svg, .pdf"), ("no/a.png", "there is no folder")):
        with pytest.raises(LumbayesError, match=message):
            check_plot(tmp_path / name)


def test_the_command_evaluates_simulated_people(tmp_path: Path) -> None:
    """What simulate writes, evaluate reads, from a pipe or a file; both give the same numbers."""
    pytest.importorskip("matplotlib")
    known = ["--missing", "condition=0", "--missing", "imbalance=0", "--missing", "finding=0.6"]
    people = CliRunner().invoke(simulate_command, ["600", *known], standalone_mode=False).stdout
    names = people.partition("\n")[0].split(",")
    cells = {"age_band": "75_plus", "pregnancy": "pregnant", "gtps": "present"}
    old_mother = ",".join(cells.get(name, "") for name in names)
    (tmp_path / "people.csv").write_text(f"{people}not,a,row\n{old_mother}\n")
    piped = CliRunner().invoke(evaluate, ["-", "--json"], input=people, standalone_mode=False)
    plot = tmp_path / "curve.svg"
    asked = [str(tmp_path / "people.csv"), "--json", "--plot", str(plot)]
    read = CliRunner().invoke(evaluate, asked, standalone_mode=False)
    assert "line 602 is left out: 3 cells" in read.stderr
    assert "line 603 is left out: it cannot occur under the tables." in read.stderr
    assert (piped.return_value, read.return_value) == (0, 1)
    answer, without = json.loads(read.stdout), json.loads(piped.stdout)
    assert [row["line"] for row in answer["left_out"]] == [602, 603]
    assert answer == without | {"left_out": answer["left_out"]}
    assert answer["cases"] == 600
    weak = next(row for row in answer["scores"] if row["variable"] == "gmax_weak")
    for name in ("brier", "log_loss", "auc"):
        assert weak[f"{name}_low"] <= weak[name] <= weak[f"{name}_high"]
    rare = next(row for row in answer["scores"] if row["variable"] == "spinal_infection")
    assert rare["auc"] is None
    assert answer["calibration"] and answer["ranking"][1]["measure"] == "top3"
    assert plot.read_text().startswith("<?xml")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--plot", "curve.png"], "for tables of people whose conditions are known"),
        (["--keep", "id"], "for tables of people whose conditions are known"),
        (["none.csv"], "cannot be read"),
    ],
)
def test_the_command_says_what_it_cannot_evaluate(arguments: list[str], message: str) -> None:
    done = CliRunner().invoke(evaluate, arguments, standalone_mode=False)
    assert message in str(done.exception)


def test_the_curve_is_drawn(found: Calibration, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    found.plot(tmp_path / "curve.png")
    assert (tmp_path / "curve.png").stat().st_size > 5000
