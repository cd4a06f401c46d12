"""Scores of worked cases and of probabilities, each held against a count by hand."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbayes.commands.about import fixed_answer
from lumbayes.errors import CaseError, LumbayesError, UnknownNameError
from lumbayes.evaluation.scores import (
    _weighted_area,
    area_under_curve,
    bootstrap_weights,
    brier_score,
    calibration,
    log_loss,
    score_probabilities,
)
from lumbayes.evaluation.worked_cases import (
    WorkedCase,
    evaluate,
    mean_interval,
    read_worked_cases,
    report,
)
from lumbayes.knowledge.model import Model
from lumbayes.knowledge.tables import data_dir
from lumbayes.triage.rules import LEVELS


def worked(id: str, diagnosis: str, level: str, **others: Any) -> WorkedCase:
    kind = others.pop("kind", "published case")
    acceptable = (diagnosis, *others.pop("acceptable", ()))
    return WorkedCase(
        id, kind, others, diagnosis, acceptable, level, (level, *others.pop("levels", ()))
    )


def answer(level: str, ranked: list[str], found: list[tuple[str, float]]) -> dict[str, Any]:
    return {
        "triage": {"level": level, "reasons": []},
        "differential": [
            {"condition": c, "probability": 0.8 / (i + 1)} for i, c in enumerate(ranked)
        ],
        "must_not_miss": [{"condition": c, "ratio": r} for c, r in found],
    }


ANSWERS: dict[str, dict[str, Any]] = {
    "right": answer("self_care_exercises", ["gtps", "nonspecific_lbp"], []),
    "second": answer("routine_physician", ["gtps", "hip_osteoarthritis"], []),
    "too_low": answer("urgent_physician", ["gtps"], [("malignancy", 90), ("spinal_infection", 12)]),
    "weak_ratio": answer("emergency_now", ["gtps"], [("cauda_equina_syndrome", 9.9)]),
}
CASES = (
    worked("right", "gtps", "self_care_exercises"),
    worked(
        "second",
        "nonspecific_lbp",
        "self_care_exercises",
        acceptable=["hip_osteoarthritis"],
        levels=["routine_physician"],
        kind="constructed",
    ),
    worked("too_low", "spinal_infection", "emergency_now"),
    worked("weak_ratio", "cauda_equina_syndrome", "emergency_now"),
)


def by_id(cases: tuple[WorkedCase, ...]) -> Any:
    order = iter(cases)

    def assess(model: Model, data: Mapping[str, Any]) -> Mapping[str, Any]:
        id = next(order).id
        if id not in ANSWERS:
            raise LumbayesError(f"{id} cannot be assessed. Mend it.")
        return ANSWERS[id]

    return assess


def test_the_measures_are_what_counting_gives(model: Model) -> None:
    evaluation = evaluate(model, CASES, by_id(CASES))
    value = evaluation.measures["value"]["all"]
    assert value["level_acceptable"] == 3 / 4
    assert value["emergency_recall"] == 1 / 2
    assert value["level_too_low"] == 1 / 4
    assert value["level_too_high"] == 0
    assert value["top1_strict"] == 1 / 4
    assert value["top3_strict"] == 1 / 4
    assert value["top3_acceptable"] == 2 / 4
    assert value["common_top3_acceptable"] == 2 / 2
    assert value["dangerous_found"] == 1 / 2
    assert value["log_loss"] == pytest.approx((-np.log(0.8) - 3 * np.log(1e-6)) / 4)
    assert evaluation.measures.loc[("all", "dangerous_found"), "n"] == 2


def test_published_and_constructed_cases_are_scored_apart(model: Model) -> None:
    measures = evaluate(model, CASES, by_id(CASES)).measures
    assert measures.loc[("published", "level_acceptable"), "n"] == 3
    assert measures.loc[("constructed", "level_acceptable"), "value"] == 1
    assert ("constructed", "emergency_recall") not in measures.index


def test_confusion_counts_every_case_once(model: Model) -> None:
    confusion = evaluate(model, CASES, by_id(CASES)).confusion
    assert list(confusion.index) == list(LEVELS)
    assert list(confusion.columns) == [*LEVELS, "error"]
    assert confusion.loc["emergency_now", "urgent_physician"] == 1
    assert confusion.to_numpy().sum() == len(CASES)


def test_a_refused_case_is_wrong_in_every_measure(model: Model) -> None:
    cases = (worked("broken", "malignancy", "urgent_physician"),)
    evaluation = evaluate(model, cases, by_id(cases))
    row = evaluation.cases.loc["broken"]
    assert row["error"] == "broken cannot be assessed. Mend it."
    assert evaluation.confusion.loc["urgent_physician", "error"] == 1
    value = evaluation.measures["value"]["all"]
    assert value["level_too_low"] == 1
    assert value[["level_acceptable", "top3_acceptable", "dangerous_found"]].sum() == 0
    assert "broken cannot be assessed" in report(evaluation)


def test_the_report_names_what_went_wrong(model: Model) -> None:
    text = report(evaluate(model, CASES, by_id(CASES)))
    assert "too_low: urgent_physician (expected emergency_now)" in text
    assert "weak_ratio: emergency_now" in text
    assert "\nright:" not in text
    assert "3 of 4" in text


def test_no_case_is_an_error(model: Model) -> None:
    with pytest.raises(CaseError, match=r"no case to evaluate. Give at least one"):
        evaluate(model, [], by_id(()))


def test_the_open_cases_are_complete(model: Model) -> None:
    cases = read_worked_cases(model)
    assert [c.id for c in cases] == [f"C{i:02}" for i in range(1, 21)]
    assert sum(c.group == "constructed" for c in cases) == 3
    assert sum(c.diagnosis in model.with_role("must_not_miss") for c in cases) == 6
    assert all(c.data["facts"] and c.data["source"] for c in cases)
    assert all("answer" not in c.data for c in cases)


GOOD = {"facts": {}, "answer": {"diagnosis": "gtps", "triage": "routine_physician"}}


def changed(**answer: object) -> str:
    return json.dumps({"facts": {}, "answer": {**GOOD["answer"], **answer}})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"cases.jsonl holds no case"),
        ("{", r"cases.jsonl, row 1, column 2: not valid JSON"),
        (json.dumps(GOOD) + "\n[]", r"row 2: a worked case is an object with an answer"),
        ('{"facts": {}}', "row 1: a worked case is an object with an answer"),
        (changed(diagnosis="gtp"), r"row 1: unknown answer.diagnosis 'gtp'. Did you mean 'gtps'"),
        (changed(triage="emergency"), "unknown answer.triage 'emergency'. Did you mean"),
        (changed(acceptable_diagnoses=["flu"]), "unknown answer.acceptable_diagnoses 'flu'"),
        (
            changed(acceptable_diagnoses="gtps"),
            "answer.acceptable_diagnoses is 'gtps'. Give a list",
        ),
        (changed(acceptable_triage=5), "answer.acceptable_triage is 5. Give a list"),
        (changed(acceptable_triage=["soon"]), "unknown answer.acceptable_triage 'soon'"),
    ],
)
def test_broken_worked_cases(model: Model, tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CaseError, match=message):
        read_worked_cases(model, path)


def test_worked_cases_that_cannot_be_read(model: Model, tmp_path: Path) -> None:
    with pytest.raises(CaseError, match=r"none.jsonl cannot be read: .* Check the path"):
        read_worked_cases(model, tmp_path / "none.jsonl")
    (tmp_path / "latin.jsonl").write_bytes(b"\xe9")
    with pytest.raises(CaseError, match=r"latin.jsonl is not UTF-8 text \(byte 0\)"):
        read_worked_cases(model, tmp_path / "latin.jsonl")


def test_a_worked_case_without_a_name_takes_its_row(model: Model, tmp_path: Path) -> None:
    (tmp_path / "cases.jsonl").write_text("\n" + json.dumps(GOOD), encoding="utf-8")
    assert read_worked_cases(model, tmp_path / "cases.jsonl")[0].id == "row 2"


def test_more_hits_are_never_less_sure() -> None:
    """19 of 20 gave 0.85 to 1.00, 20 of 20 0.84 to 1.00."""
    ends = [mean_interval((np.arange(20.0) < hits).astype(float))[1:] for hits in range(21)]
    assert ends == sorted(ends) and len(set(ends)) == 21


def test_the_interval_holds_the_mean() -> None:
    mean, low, high = mean_interval(np.array([0.0, 1.0, 1.0, 1.0]))
    assert mean == 0.75
    assert 0 <= low < mean < high <= 1


truths = st.lists(st.tuples(st.booleans(), st.integers(0, 4)), min_size=2, max_size=30)


@given(truths)
def test_area_under_the_curve_counts_pairs(pairs: list[tuple[bool, int]]) -> None:
    """The area is the share of (true, untrue) pairs in the right order, ties half."""
    truth = np.array([t for t, _ in pairs])
    probability = np.array([p / 4 for _, p in pairs])
    yes, no = probability[truth], probability[~truth]
    if not (len(yes) and len(no)):
        with pytest.raises(LumbayesError, match="needs true and untrue cases"):
            area_under_curve(truth, probability)
        return
    order = (yes[:, None] > no).mean() + (yes[:, None] == no).mean() / 2
    assert area_under_curve(truth, probability) == pytest.approx(order)


@given(truths, st.integers(1, 10))
def test_calibration_keeps_every_case(pairs: list[tuple[bool, int]], bins: int) -> None:
    truth = np.array([t for t, _ in pairs])
    probability = np.array([p / 4 for _, p in pairs])
    table = calibration(truth, probability, bins)
    assert table["n"].sum() == len(pairs)
    assert len(table) <= bins
    assert (table["observed"] * table["n"]).sum() == pytest.approx(truth.sum())
    assert table["predicted"].is_monotonic_increasing
    assert (
        (table["low"] <= table["observed"] + 1e-9) & (table["observed"] <= table["high"] + 1e-9)
    ).all()


def test_a_resampled_area_is_that_of_the_cases_drawn() -> None:
    """Weighted by how often each was drawn, and ties included."""
    rng = np.random.default_rng(4)
    p = np.round(rng.random(300), 1)
    truth = rng.random(300) < p
    order = np.argsort(p, kind="stable")
    ties = np.flatnonzero(np.diff(p[order], prepend=-1.0))
    for weights in list(bootstrap_weights(300))[:5]:
        drawn = np.repeat(np.arange(300), weights.astype(int))
        assert drawn.size == 300
        expected = area_under_curve(truth[drawn], p[drawn])
        assert _weighted_area(truth[order], ties, weights[order]) == pytest.approx(expected)


def test_scores_of_simulated_cases() -> None:
    rng = np.random.default_rng(1)
    p = rng.uniform(size=2000)
    truth = pd.DataFrame({"a": rng.uniform(size=2000) < p, "rare": np.arange(2000) < 3})
    scores = score_probabilities(truth, pd.DataFrame({"a": p, "rare": p}))
    a = scores.loc["a"]
    assert a["brier"] == pytest.approx(brier_score(truth["a"].to_numpy(), p))
    assert a["brier_low"] < 1 / 6 < a["brier_high"]  # E p(1 - p) for uniform p
    assert (
        a["auc_low"] < 5 / 6 < a["auc_high"]
    )  # with densities 2p of true and 2 - 2p of untrue cases
    assert a["log_loss_low"] < 1 / 2 < a["log_loss_high"]  # E entropy, in nats
    assert a["log_loss"] == pytest.approx(log_loss(truth["a"].to_numpy(), p))
    assert scores.loc["rare", "events"] == 3
    assert scores.loc["rare", ["brier", "auc", "log_loss", "auc_low"]].isna().all()


def test_scores_refuse_what_does_not_match() -> None:
    truth = pd.DataFrame({"a": [True, False]})
    with pytest.raises(UnknownNameError, match="unknown column of the probabilities 'a'"):
        score_probabilities(truth, pd.DataFrame({"b": [0.1, 0.2]}))
    with pytest.raises(LumbayesError, match="2 cases with a truth but 1 with probabilities"):
        score_probabilities(truth, pd.DataFrame({"a": [0.1]}))
    with pytest.raises(LumbayesError, match="a: a probability is not within 0 to 1"):
        score_probabilities(truth, pd.DataFrame({"a": [0.1, np.nan]}))


def test_a_condition_that_the_network_lacks_counts_for_the_level_alone(
    model: Model, tmp_path: Path
) -> None:
    """It is told from a slip of the pen by the words that say it; the rest is scored as before."""
    beyond = changed(diagnosis="limb_ischaemia", diagnosis_text="blocked artery of a leg")
    near = changed(
        diagnosis="femoroacetabular_impingement",
        diagnosis_text="impinging hip",
        acceptable_diagnoses=["gtps"],
    )
    path = tmp_path / "cases.jsonl"
    path.write_text("\n".join([json.dumps(GOOD), beyond, near]), encoding="utf-8")
    cases = read_worked_cases(model, path)
    evaluation = evaluate(model, cases, lambda _model, _data: ANSWERS["right"])
    n = evaluation.measures["n"]["all"]
    assert n["level_acceptable"] == 3
    assert (n["top1_strict"], n["top1_acceptable"], n["log_loss"]) == (1, 2, 1)
    assert "(2): femoroacetabular_impingement, limb_ischaemia" in report(evaluation)
    path.write_text(changed(diagnosis=7, diagnosis_text="none"), encoding="utf-8")
    with pytest.raises(CaseError, match=r"answer\.diagnosis is 7\. Give the name of a condition"):
        read_worked_cases(model, path)


# What each set gave when its figures were last set down (data/cases/README.md, model card).
SETS = [
    # name, cases, acceptable, too low, emergencies sent to emergency, acceptable among three
    ("open_cases", 20, 20, 0, 4, 18),
    ("blind_cases", 32, 31, 0, None, 31),
    ("blind_dangers", 36, 36, 0, 18, 29),
    ("blind_reports", 77, 76, 0, 24, 53),
    ("blind_second", 100, 100, 0, 39, 58),
]


@pytest.mark.parametrize(("name", "n", "acceptable", "low", "emergencies", "three"), SETS)
def test_a_set_of_worked_cases_is_answered_no_worse_than_set_down(
    model: Model, name: str, n: int, acceptable: int, low: int, emergencies: int | None, three: int
) -> None:
    cases = read_worked_cases(model, data_dir() / "cases" / f"{name}.jsonl")
    found = evaluate(model, cases, fixed_answer)
    assert not found.cases["error"].any()
    hits = (found.measures["value"] * found.measures["n"])["all"].round()
    assert len(cases) == n
    assert hits["level_acceptable"] >= acceptable
    assert hits["level_too_low"] <= low
    assert emergencies is None or hits["emergency_recall"] >= emergencies
    assert hits["top3_acceptable"] >= three - 2  # ranks near one another change places


@pytest.mark.parametrize("name", ["blind_reports", "blind_second"])
def test_a_frozen_set_is_the_one_that_was_frozen(name: str) -> None:
    """The digest was written down before the first run (data/cases/README.md)."""
    folder = data_dir() / "cases"
    content = folder.joinpath(f"{name}.jsonl").read_bytes()
    assert hashlib.sha256(content).hexdigest() in folder.joinpath("README.md").read_text()


def test_the_blind_cases_are_none_of_the_open_ones(model: Model) -> None:
    seen: set[str] = set()
    for name, n, *_ in SETS:
        cases = read_worked_cases(model, data_dir() / "cases" / f"{name}.jsonl")
        facts = {json.dumps(c.data["facts"], sort_keys=True) for c in cases}
        assert len(facts) == n
        assert seen.isdisjoint(facts)
        seen |= facts


def test_dangers_are_found_among_the_first_of_their_list(model: Model) -> None:
    cases = read_worked_cases(model, data_dir() / "cases" / "blind_dangers.jsonl")
    assert evaluate(model, cases, fixed_answer).measures["value"]["all", "dangerous_found"] >= 0.7
