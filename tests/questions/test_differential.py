"""The differential: intervals, must-not-miss list, what cannot be told apart, and its words."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbayes.cases.case import Case, parse_case
from lumbayes.errors import ImpossibleEvidenceError, LumbayesError
from lumbayes.inference.queries import evidence, marginals, posteriors
from lumbayes.knowledge.causal import causal_network, network_for
from lumbayes.knowledge.model import Model, load_model
from lumbayes.questions.conditioning import case_evidence, case_network, check_draws
from lumbayes.questions.differential import (
    UNCERTAINTY,
    WORTH_COMPARING,
    differential,
)
from lumbayes.text import frequency, frequency_range, percent, times_as_likely

MODEL = load_model()
CASES: tuple[Mapping[str, object], ...] = (
    {},
    {"low_back_pain": "yes"},
    {"slr": "positive", "leg_pain": "below_knee", "crossed_slr": "positive"},
    {"facts": {"leg_pain": True, "age_years": 71}, "findings": {"better_bending_forward": "yes"}},
    {
        "fever": "yes",
        "injected_drugs": "yes",
        "low_back_pain": "yes",
        "spinal_tenderness": "positive",
    },
    {
        "likelihoods": {"trendelenburg": {"negative": 0.4, "positive": 1}},
        "do": {"gmed_weak": "present"},
    },
)
probabilities = st.floats(0, 1)


@pytest.mark.parametrize("data", CASES, ids=str)
def test_every_case_obeys_the_laws(model: Model, data: Mapping[str, object]) -> None:
    case = parse_case(model, data)
    answer = differential(model, case, draws=50)
    names = model.names("condition", "imbalance")
    assert sorted([*answer.conditions["name"], *answer.imbalances["name"]]) == sorted(names)
    for frame in (answer.conditions, answer.imbalances):
        assert frame["probability"].is_monotonic_decreasing
        assert (frame["low"] <= frame["probability"]).all()
        assert (frame["probability"] <= frame["high"]).all()
        chances = frame[["prior", "probability", "low", "median", "high"]].to_numpy(dtype=float)
        assert chances.min() >= 0 and chances.max() <= 1 + 1e-12
        assert frame["first"].sum() == pytest.approx(1.0)
        np.testing.assert_allclose(frame["change"], frame["probability"] - frame["prior"])
        np.testing.assert_allclose(frame["ratio"] * frame["prior"], frame["probability"])
    assert set(answer.must_not_miss["name"]) == set(model.with_role("must_not_miss"))
    assert answer.must_not_miss["ratio"].is_monotonic_decreasing
    likely = answer.conditions.loc[answer.conditions["probability"] >= WORTH_COMPARING, "name"]
    assert {name for pair in answer.alike for name in pair} <= set(likely)
    assert set(answer.widened) <= set(names)


def test_probabilities_are_those_of_the_engine(model: Model) -> None:
    findings = {"slr": "positive", "low_back_pain": "yes", "asks_for_care": "yes"}
    answer = differential(model, parse_case(model, findings), draws=0)
    exact = posteriors(model.network, ["gtps", "radiculopathy"], findings)
    prior = posteriors(model.network, ["gtps", "radiculopathy"])
    rows = answer.conditions.set_index("name")
    for name in exact:
        assert rows.loc[name, "probability"] == pytest.approx(exact[name]["present"], rel=1e-9)
        assert rows.loc[name, "prior"] == pytest.approx(prior[name]["present"], rel=1e-9)


def test_intervals_are_the_percentiles_of_the_draws(model: Model) -> None:
    case = parse_case(model, {"slr": "positive"})
    answer = differential(model, case, draws=60, seed=3)
    network = model.network_with(model.draw(60, 3))
    drawn = marginals(network, evidence(network, {"slr": "positive"}), ["disc_herniation"])
    row = answer.conditions.set_index("name").loc["disc_herniation"]
    low, median, high = np.quantile(drawn.probabilities["disc_herniation"][1], [0.025, 0.5, 0.975])
    assert row["median"] == pytest.approx(median)
    assert row["low"] == pytest.approx(min(low, row["probability"]))
    assert row["high"] == pytest.approx(max(high, row["probability"]))


def test_no_draws_no_intervals(model: Model) -> None:
    answer = differential(model, parse_case(model, {"fever": "yes"}), draws=0)
    assert answer.conditions[["low", "high", "median", "first"]].isna().all(axis=None)
    assert answer.alike == () and answer.widened == ()
    entry = answer.to_dict()["differential"][0]
    assert entry["low"] is None and entry["high"] is None and entry["first"] is None
    assert UNCERTAINTY not in answer.to_text()
    assert UNCERTAINTY in differential(model, parse_case(model, {}), draws=20).to_text()


def test_the_same_seed_gives_the_same_answer_and_the_draws_are_kept(model: Model) -> None:
    case = parse_case(model, {"low_back_pain": "yes"})
    assert differential(model, case, 40).to_dict() == differential(model, case, 40).to_dict()
    assert network_for(model, draws=40, seed=0) is network_for(model, draws=40, seed=0)
    assert network_for(model, draws=40, seed=0).draws == 40


def test_an_intervention_counts_by_its_causal_share(model: Model) -> None:
    case = parse_case(model, {"do": {"gmed_weak": "present"}})
    causal = causal_network(model)
    expected = marginals(causal, evidence(causal, {}, {"gmed_weak": "present"}), ["gtps"])
    assert case_network(model, case) is not model.network
    row = differential(model, case, 0).conditions.set_index("name").loc["gtps"]
    assert row["probability"] == pytest.approx(float(expected.probabilities["gtps"][1, 0]))


def test_pairs_that_flip_cannot_be_told_apart(model: Model) -> None:
    answer = differential(model, parse_case(model, {"low_back_pain": "yes"}), draws=200)
    network = network_for(model, draws=200, seed=0)
    known = case_evidence(model, parse_case(model, {"low_back_pain": "yes"}))
    found = marginals(network, known, model.names("condition")).probabilities
    likely = answer.conditions.loc[answer.conditions["probability"] >= WORTH_COMPARING, "name"]
    flips = {
        (a, b)
        for i, a in enumerate(likely)
        for b in list(likely)[i + 1 :]
        if (found[b][1] > found[a][1]).mean() > 0.2
    }
    assert set(answer.alike) == flips


def test_findings_that_cannot_be_raise(model: Model) -> None:
    case = Case({"sex": "male", "pregnancy": "pregnant"})
    with pytest.raises(ImpossibleEvidenceError, match=r"cannot occur together: .*pregnan"):
        differential(model, case, 0)


@pytest.mark.parametrize("draws", [-1, 3, 19, True, 2.5])
def test_too_few_draws_are_refused(draws: object) -> None:
    with pytest.raises(LumbayesError, match=r"Give 0 for no intervals, or .* at least 20"):
        check_draws(draws)


@given(probabilities)
def test_a_frequency_never_promises_certainty(probability: float) -> None:
    for out_of in (0, 100, 1_000, 10_000):
        words = frequency(probability, out_of)
        number = int(words.split(" in ")[0].split()[-1].replace(",", ""))
        whole = int(words.split(" in ")[1].replace(",", ""))
        assert 0 < number < whole
        if words.startswith("about"):
            assert abs(number / whole - probability) <= 0.5 / whole + 1e-12


@given(st.lists(probabilities, min_size=3, max_size=3).map(sorted))
def test_a_range_keeps_one_scale(three: list[float]) -> None:
    low, probability, high = three
    words = frequency_range(probability, low, high)
    assert words.startswith(frequency(probability).split(" (")[0])
    assert words.count(" in ") == 1
    assert frequency_range(probability, math.nan, math.nan) == frequency(probability)


@given(probabilities, st.floats(1e-9, 1e6))
@settings(max_examples=50)
def test_percent_and_ratio_have_words_for_everything(probability: float, ratio: float) -> None:
    assert percent(probability) not in ("0 %", "100 %")
    assert times_as_likely(ratio).endswith("likely as in any adult") or ratio < 0.8
