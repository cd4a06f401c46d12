"""Sensitivity: bars, lines, flips and rival arrows, each recomputed another way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import random_network, seeds

from lumbayes.cases.case import Case, parse_case
from lumbayes.errors import CaseError, LumbayesError, UnknownNameError
from lumbayes.inference.queries import Finding, evidence, marginals, posterior
from lumbayes.knowledge.model import Model
from lumbayes.network.variables import Network, Table, Variable
from lumbayes.questions.sensitivity.analysis import one_way, provenance, sensitivity
from lumbayes.questions.sensitivity.decision_thresholds import decision_thresholds
from lumbayes.questions.sensitivity.perturbation import moved_values, requisite
from lumbayes.questions.sensitivity.reversed_arcs import reversed_arcs
from lumbayes.questions.what_if.interventions import event
from lumbayes.triage.care_level import care_level

CASES: list[dict[str, str]] = [
    {},
    {"low_back_pain": "yes", "slr": "positive", "age_band": "45_59", "duration": "over_12w"},
    {"low_back_pain": "yes", "weight_loss": "yes", "cancer_history": "yes", "age_band": "60_74"},
]
TARGETS = ("radiculopathy", "malignancy", "post_gmed_weak_tfl_tight", "leg_pain=below_knee")


def moved(model: Model, number_id: str, x: float) -> Network:
    """The network with one number at x, built for this number alone."""
    return model.network_with(moved_values(model, [(model.position(number_id), x)])[:, 0])


def chance(network: Network, case: Case, target: str) -> float:
    name, _, state = target.partition("=")
    found = posterior(network, name, dict(case.findings))
    return float(found[state]) if state else float(1 - found.iloc[0])


@pytest.mark.parametrize("findings", CASES, ids=str)
@pytest.mark.parametrize("target", TARGETS)
def test_bars_are_posteriors_at_the_ends_of_the_interval(
    model: Model, findings: dict[str, str], target: str
) -> None:
    case = parse_case(model, findings)
    answer = sensitivity(model, case, target)
    assert len(answer.tornado) == len(model.numbers)
    assert answer.probability == pytest.approx(chance(model.network, case, target), abs=1e-10)
    assert answer.tornado["width"].is_monotonic_decreasing
    for row in answer.tornado.iloc[[0, 1, 2, 50, 100]].to_dict("records"):
        for end in ("low", "high"):
            expected = chance(moved(model, row["number"], row[end]), case, target)
            assert row[f"at_{end}"] == pytest.approx(expected, abs=1e-10)


@settings(max_examples=60)
@given(seeds, st.data())
def test_a_table_that_is_not_requisite_cannot_matter(seed: int, data: st.DataObject) -> None:
    rng = np.random.default_rng(seed)
    network = random_network(rng, 7, zeros=0.0)
    names = list(network)
    target = data.draw(st.sampled_from(names))
    hard = data.draw(st.sets(st.sampled_from(names), max_size=3)) - {target}
    soft = data.draw(st.sets(st.sampled_from(names), max_size=1)) - hard
    tables = requisite({n: network[n].parents for n in network}, target, sorted(hard), sorted(soft))
    known: dict[str, Finding] = {n: network[n].states[-1] for n in hard}
    known |= {n: tuple(1.0 + i for i in range(len(network[n].states))) for n in soft}
    before = marginals(network, evidence(network, known), [target]).probabilities[target]
    for name in set(names) - tables:
        old = network[name]
        other = Table(rng.dirichlet(np.ones(len(old.states)), size=old.cpt.shape[:-1]))
        changed = Variable(name, old.states, old.parents, other)
        rest = [v for n, v in network.variables.items() if n != name]
        after = marginals(
            Network([*rest, changed]), evidence(network, known), [target]
        ).probabilities[target]
        np.testing.assert_allclose(after, before, atol=1e-9)


def test_a_number_that_cannot_matter_has_no_width(model: Model) -> None:
    """An unobserved finding's own numbers, and causal shares where nothing is done."""
    case = parse_case(model, {"low_back_pain": "yes"})
    bars = sensitivity(model, case, "radiculopathy").tornado.set_index("number")["width"]
    for number in model.numbers:
        if number.variable in ("p4", "ober", "fadir") or number.quantity == "causal_share":
            assert bars[number.id] == 0.0, number.id


def test_causal_shares_matter_where_something_is_done(model: Model) -> None:
    case = Case(do={"gmed_weak": "absent"})
    answer = sensitivity(model, case, "post_gmed_weak_tfl_tight")
    bars = answer.tornado.set_index("number")["width"]
    assert bars["share:gmed_weak→post_gmed_weak_tfl_tight"] > 0
    assert answer.decision_thresholds.empty


def test_mates_keep_their_proportions(model: Model) -> None:
    for position, number in enumerate(model.numbers):
        mates = [i for i in model.mates(position) if i != position]
        values = moved_values(model, [(position, x) for x in (0.0, 0.3, 1.0)])
        group = [position, *mates]
        assert (values[group].sum(axis=0) <= 1 + 1e-9).all(), number.id
        for mate in mates:
            rest = 1 - model.values[position]
            expected = model.values[mate] * np.array([1.0, 0.7, 0.0]) / rest
            np.testing.assert_allclose(values[mate], expected, atol=1e-12)
        others = np.setdiff1d(np.arange(len(model.numbers)), group)
        assert (values[others] == model.values[others, None]).all()


@settings(max_examples=40)
@given(st.data())
def test_the_one_way_function_is_exact_everywhere(model: Model, data: st.DataObject) -> None:
    case = parse_case(model, data.draw(st.sampled_from(CASES)))
    target = data.draw(st.sampled_from(TARGETS))
    number = data.draw(st.sampled_from([n for n in model.numbers if n.quantity != "causal_share"]))
    x = data.draw(st.floats(0.0, 1.0))
    line = one_way(model, case, target, number.id)
    assert line.c * number.value + line.d == pytest.approx(1, abs=1e-9)
    if line.c * x + line.d > 1e-9:
        expected = chance(moved(model, number.id, x), case, target)
        assert line.at(x) == pytest.approx(expected, abs=1e-7)


def test_a_line_is_solved_for_a_probability(model: Model) -> None:
    case = parse_case(model, CASES[1])
    line = one_way(model, case, "radiculopathy", "slr=positive<-leak")
    middle = (line.at(0.01) + line.at(0.3)) / 2
    x = line.reaches(middle)
    assert x is not None
    assert line.at(x) == pytest.approx(middle, abs=1e-12)
    assert line.reaches(1.0) is None
    with pytest.raises(LumbayesError, match="lies in 0 to 1"):
        line.at(1.5)


@pytest.mark.parametrize("findings", CASES[1:], ids=str)
def test_at_a_ranking_flip_two_conditions_are_equally_likely(
    model: Model, findings: dict[str, str]
) -> None:
    case = parse_case(model, findings)
    found = decision_thresholds(model, case)
    names = model.names("condition")

    def ranked(network: Network) -> dict[str, float]:
        asked = marginals(network, evidence(network, dict(case.findings)), names)
        chances = {n: float(p[-1, 0]) for n, p in asked.probabilities.items()}
        return dict(sorted(chances.items(), key=lambda item: -item[1]))

    first = next(iter(ranked(model.network)))
    ranking = found[found["kind"] == "ranking"]
    assert len(ranking) > 0
    for row in ranking.iloc[:: max(1, len(ranking) // 8)].to_dict("records"):
        at = ranked(moved(model, row["number"], row["flips_at"]))
        labels = {model.variables[n].label: n for n in names}
        other = labels[row["what"].split(" becomes likelier than ")[0]]
        assert at[other] == pytest.approx(at[first], rel=1e-6)
        assert row["inside"] == (row["low"] <= row["flips_at"] <= row["high"])


def test_past_a_triage_flip_the_level_is_another(model: Model) -> None:
    """With the posterior of all findings: no red flag is answered, so care_level uses just that."""
    case = parse_case(model, CASES[1])
    now = care_level(model, case).level
    found = decision_thresholds(model, case)
    triage = found[found["kind"] == "triage"]
    for row in triage.iloc[:: max(1, len(triage) // 8)].to_dict("records"):
        was, becomes = row["what"].removeprefix("care changes from ").split(" to ")
        assert was == now
        beyond = row["flips_at"] + np.sign(row["flips_at"] - row["value"]) * 1e-6
        values = moved_values(model, [(model.position(row["number"]), beyond)])[:, 0]
        changed = _with_values(model, values)
        assert care_level(changed, case).level == becomes, row


def _with_values(model: Model, values: np.ndarray) -> Model:
    numbers = tuple(replace(n, value=float(v)) for n, v in zip(model.numbers, values, strict=True))
    return replace(model, numbers=numbers)


@pytest.mark.parametrize("findings", CASES, ids=str)
def test_rival_arrows(model: Model, findings: dict[str, str]) -> None:
    case = parse_case(model, findings)
    frame = reversed_arcs(model, case, event(model, "post_gmed_weak_tfl_tight"))
    contested = [(k.cause, k.effect) for k in model.links if k.causal_share is not None]
    assert list(zip(frame["cause"], frame["effect"], strict=True)) == contested
    assert frame["now"].nunique() == 1
    assert ((frame["turned"].isna()) == (frame["note"] != "")).all()
    assert frame["cut"].between(0, 1).all()
    assert frame["turned"].dropna().between(0, 1).all()


def rivals(model: Model, case: Case, target: str) -> dict[tuple[str, str], Mapping[Any, Any]]:
    frame = reversed_arcs(model, case, event(model, target))
    return {(row["cause"], row["effect"]): row for row in frame.to_dict("records")}


def test_without_findings_a_turned_and_a_cut_arrow_leave_the_effect_alike(model: Model) -> None:
    for link in model.links:
        if link.causal_share is None:
            continue
        row = rivals(model, Case(), link.effect)[link.cause, link.effect]
        # The cause is averaged at its own frequency; other parents that go with it shift that.
        assert row["cut"] == pytest.approx(row["now"], rel=0.5)
        if row["note"] == "":
            assert row["turned"] == pytest.approx(row["cut"], abs=1e-9)


def test_a_cut_arrow_carries_no_news_and_a_turned_one_does(model: Model) -> None:
    """Between gmed_weak and tfl_tight nothing but their own arrow carries news."""
    tight, loose = (
        rivals(model, Case({"tfl_tight": s}), "gmed_weak")["gmed_weak", "tfl_tight"]
        for s in ("present", "absent")
    )
    assert tight["now"] > loose["now"]
    assert tight["cut"] == pytest.approx(loose["cut"], abs=1e-9)
    assert tight["turned"] > loose["turned"]


def test_a_life_leads_from_source_to_posterior(model: Model) -> None:
    for number in model.numbers[:: len(model.numbers) // 12]:
        told = provenance(model, number.id)
        assert told.citation
        assert told.number.file in ("data/links.csv", "data/probabilities.csv")
        assert number.source in told.to_dict()["source"]
        if number.high > number.low and number.quantity != "causal_share":
            assert not told.moves.empty
            assert told.moves["width"].is_monotonic_decreasing
    text = provenance(model, "slr=positive<-leak").to_text()
    assert "Stands in: data/links.csv, line" in text


def test_the_life_of_a_causal_share_is_shown_by_an_intervention(model: Model) -> None:
    told = provenance(model, "share:gmed_weak→tfl_tight")
    assert "tfl_tight" in set(told.moves["variable"])


def test_answers_print_and_travel(model: Model) -> None:
    answer = sensitivity(model, parse_case(model, CASES[1]), "radiculopathy")
    assert set(answer.to_dict()) == {
        *("target", "probability", "tornado", "flips", "rival_arrows"),
    }
    for part in ("HANGS ON", "FLIP WITHIN", "CONTESTED ARROW"):
        assert part in answer.to_text()


def test_refusals(model: Model) -> None:
    with pytest.raises(UnknownNameError, match="unknown variable 'sciatica'"):
        sensitivity(model, Case(), "sciatica")
    with pytest.raises(UnknownNameError, match="unknown state of leg_pain"):
        sensitivity(model, Case(), "leg_pain=knee")
    with pytest.raises(UnknownNameError, match="unknown number"):
        one_way(model, Case(), "radiculopathy", "slr")
    with pytest.raises(CaseError, match="holds do"):
        one_way(model, Case(do={"sitting": "under_6h"}), "low_back_pain", "sex=female")
    with pytest.raises(LumbayesError, match="cannot occur together"):
        sensitivity(model, Case({"sex": "male", "pregnancy": "pregnant"}), "radiculopathy")
