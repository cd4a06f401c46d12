"""Explanations add up, agree with definitions, and tell paths that are really active."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import networks

from lumbayes.cases.case import parse_case
from lumbayes.errors import LumbayesError, UnknownNameError
from lumbayes.inference.queries import evidence, log_probability, marginals, posterior
from lumbayes.knowledge.model import Model
from lumbayes.network.variables import Network, Table, Variable
from lumbayes.questions.explanation.answer import Explanation, strength
from lumbayes.questions.explanation.attribution import LARGEST, attribute, drawn_orders
from lumbayes.questions.explanation.conflict import fit
from lumbayes.questions.explanation.explain import explain, explain_all
from lumbayes.questions.explanation.paths import arrows, trails

SHORT = {"slr": "positive", "leg_pain": "below_knee", "fever": "no", "sitting": "over_8h"}
LONG = SHORT | {
    "low_back_pain": "yes",
    "age_band": "30_44",
    "sex": "male",
    "worse_coughing": "yes",
    "leg_numbness": "yes",
    "crossed_slr": "negative",
    "duration": "under_6w",
    "night_pain": "no",
}
SOFT = {"likelihoods": {"trendelenburg": {"negative": 0.2, "positive": 1}}, "findings": SHORT}


def decibans(p: float) -> float:
    return float(10 * np.log10(p / (1 - p)))


@pytest.mark.parametrize("data", [SHORT, LONG, SOFT, {}], ids=["short", "long", "soft", "none"])
def test_shares_add_up_to_the_change_of_the_log_odds(model: Model, data: dict[str, Any]) -> None:
    answer = explain(model, parse_case(model, data), "disc_herniation")
    total = decibans(answer.probability) - decibans(answer.prior)
    assert answer.frame["shapley"].sum() == pytest.approx(total, abs=1e-8)
    assert bool(answer.orders) == (data is LONG)
    assert (answer.frame["error"] > 0).any() == (data is LONG)


def test_weights_alone_and_given_the_rest_are_those_of_the_definition(model: Model) -> None:
    frame = explain(model, parse_case(model, SHORT), "disc_herniation").frame.set_index("finding")
    known = {**SHORT, "asks_for_care": "yes"}

    def odds(findings: Mapping[str, str]) -> float:
        return decibans(posterior(model.network, "disc_herniation", findings)["present"])

    assert set(frame.index) == set(known)
    for name, state in known.items():
        rest = {n: s for n, s in known.items() if n != name}
        assert frame.loc[name, "alone"] == pytest.approx(odds({name: state}) - odds({}))
        assert frame.loc[name, "given_rest"] == pytest.approx(odds(known) - odds(rest))
        expected = np.exp(
            log_probability(model.network, known) - log_probability(model.network, rest)
        )
        assert frame.loc[name, "expected"] == pytest.approx(expected)


@settings(max_examples=25)
@given(networks(most_variables=5), st.data())
def test_shapley_values_are_means_over_all_orders(network: Network, data: st.DataObject) -> None:
    names = list(network)
    target = data.draw(st.sampled_from(names))
    others = [n for n in names if n != target][:3]
    findings = {n: data.draw(st.sampled_from(network[n].states)) for n in others}
    known = evidence(network, findings)
    if not np.isfinite(marginals(network, known, (), impossible="mark").log_evidence[0]):
        return
    found = attribute(network, known, {target: 0})[target]

    def odds(some: tuple[str, ...]) -> float:
        p = posterior(network, target, {n: findings[n] for n in some}).to_numpy()
        with np.errstate(divide="ignore"):
            raw = 10 * (np.log10(p[0]) - np.log10(p[1:].sum()))
        return float(np.clip(raw, -LARGEST, LARGEST))

    by_hand = dict.fromkeys(others, 0.0)
    orders = list(permutations(others))
    for order in orders:
        for i, name in enumerate(order):
            by_hand[name] += (odds(order[: i + 1]) - odds(order[:i])) / len(orders)
    np.testing.assert_allclose(found.shapley, [by_hand[n] for n in others], atol=1e-6)
    assert found.shapley.sum() == pytest.approx(found.total, abs=1e-8)


def test_drawn_shares_come_close_to_the_exact_ones(model: Model) -> None:
    known = evidence(model.network, {k: v for k, v in list(LONG.items())[:9]})
    from lumbayes.questions.explanation import attribution

    exact = attribute(model.network, known, {"disc_herniation": 1})["disc_herniation"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attribution, "EXACT", 3)
        drawn = attribute(model.network, known, {"disc_herniation": 1}, 400)["disc_herniation"]
    assert (np.abs(drawn.shapley - exact.shapley) <= 4.5 * drawn.error + 1e-9).all()


def test_drawn_orders_come_in_pairs_and_grow_by_one() -> None:
    sets = drawn_orders(6, 8, 0)
    assert sets.shape == (8, 7, 6)
    assert (sets.sum(axis=2) == np.arange(7)).all()
    assert (np.diff(sets.astype(int), axis=1) >= 0).all()
    np.testing.assert_array_equal(sets[0, 2], ~sets[1, 4])


def test_certainty_is_clamped_and_said() -> None:
    cause = Variable("cause", ("no", "yes"), (), Table(np.array([0.5, 0.5])))
    sign = Variable("sign", ("no", "yes"), ("cause",), Table(np.eye(2)))
    network = Network([cause, sign])
    found = attribute(network, evidence(network, {"sign": "yes"}), {"cause": 1})["cause"]
    assert found.clamped and found.total == LARGEST and found.shapley[0] == LARGEST


def test_the_conflict_is_the_one_of_jensen(model: Model) -> None:
    known = {"slr": "positive", "fever": "yes", "trendelenburg": "positive"}
    answer = explain(model, parse_case(model, known), "gtps")
    alone = sum(log_probability(model.network, {n: s}) for n, s in known.items())
    bits = (alone - log_probability(model.network, known)) / np.log(2)
    assert answer.conflict == pytest.approx(bits)


def test_a_finding_that_does_not_fit_is_named_with_what_would_explain_it(model: Model) -> None:
    hip = {
        "lateral_hip_pain": "yes",
        "pain_lying_on_side": "yes",
        "trochanter_tenderness": "positive",
        "low_back_pain": "no",
        "leg_pain": "none",
        "foot_drop": "yes",
    }
    answer = explain(model, parse_case(model, hip), "gtps")
    assert list(answer.misfits["finding"]) == ["foot_drop"]
    assert set(answer.rivals["condition"]) & {"radiculopathy", "disc_herniation"}
    assert (answer.rivals["times"] >= 2).all()
    assert "fits badly" in answer.text and "would explain it" in answer.text
    row = answer.rivals.iloc[0]
    rest = {n: s for n, s in hip.items() if n != "foot_drop"} | {"asks_for_care": "yes"}
    assert row["expected"] == pytest.approx(
        posterior(model.network, "foot_drop", rest | {row["condition"]: "present"})["yes"]
    )
    assert explain(model, parse_case(model, SHORT)).misfits.empty


def test_a_condition_that_takes_the_conflict_away_is_named() -> None:
    """Two signs that exclude each other unless a rare cause makes both."""
    rare = Variable("rare", ("absent", "present"), (), Table(np.array([0.99, 0.01])))
    kind = Variable("kind", ("a", "b"), (), Table(np.array([0.5, 0.5])))
    one = np.array([[[0.99, 0.01], [0.1, 0.9]], [[0.1, 0.9], [0.1, 0.9]]])
    other = np.array([[[0.1, 0.9], [0.99, 0.01]], [[0.1, 0.9], [0.1, 0.9]]])
    signs = [
        Variable("one", ("no", "yes"), ("rare", "kind"), Table(one)),
        Variable("other", ("no", "yes"), ("rare", "kind"), Table(other)),
    ]
    network = Network([rare, kind, *signs])
    found = fit(network, evidence(network, {"one": "yes", "other": "yes"}), ["rare"])
    assert found.conflict > 0 and found.resolving(["rare"]) == ["rare"]
    assert found.before["rare"][1] == pytest.approx(0.01)


@settings(max_examples=60)
@given(networks(most_variables=6), st.data())
def test_a_path_is_active_and_none_means_independence(
    network: Network, data: st.DataObject
) -> None:
    target, finding, *rest = data.draw(st.permutations(list(network)).filter(lambda p: len(p) > 1))
    known = {n: network[n].states[0] for n in rest[: data.draw(st.integers(0, len(rest)))]}
    graph = arrows(network)
    found = trails(graph, target, finding, known)
    for trail in found:
        assert (trail.nodes[0], trail.nodes[-1]) == (target, finding)
        assert len(set(trail.nodes)) == len(trail.nodes)
        for a, b, forward in zip(trail.nodes, trail.nodes[1:], trail.forward, strict=False):
            assert (a in network[b].parents) if forward else (b in network[a].parents)
        if trail.kind in ("effect", "cause", "shared"):
            assert not set(trail.nodes[1:-1]) & set(known)
    if not found:
        given = evidence(network, known)
        if np.isfinite(marginals(network, given, (), impossible="mark").log_evidence[0]):
            before = posterior(network, target, known)
            for state, p in posterior(network, finding, known).items():
                if p > 1e-9:
                    after = posterior(network, target, {**known, finding: str(state)})
                    pd.testing.assert_series_equal(after, before, check_names=False, atol=1e-8)


def test_paths_run_through_mechanisms_and_imbalances(model: Model) -> None:
    answer = explain(
        model, parse_case(model, {"sitting": "over_8h", "slr": "positive"}), "radiculopathy"
    )
    kinds = dict(zip(answer.paths["finding"], answer.paths["kind"], strict=False))
    assert kinds["slr"] == "effect"
    assert not answer.mechanisms.empty
    layers = {model.variables[n].layer for n in answer.mechanisms["name"]}
    assert layers <= {"mechanism", "imbalance"}
    row = answer.mechanisms.set_index("name").iloc[0]
    before = posterior(model.network, str(row.name))
    assert row["prior"] == pytest.approx(1 - before.iloc[0])


def test_several_targets_at_once_are_those_asked_one_by_one(model: Model) -> None:
    case = parse_case(model, LONG)
    both = explain_all(model, case, {"gtps": None, "disc_herniation": "absent"})
    alone = [
        explain(model, case, "gtps"),
        explain(model, case, "disc_herniation", state="absent"),
    ]

    def rounded(answers: list[Explanation]) -> Any:
        told = json.dumps([answer.to_dict() for answer in answers])
        return json.loads(told, parse_float=lambda digits: round(float(digits), 9) + 0.0)

    assert rounded(both) == rounded(alone)


def test_the_likeliest_condition_and_the_likeliest_state_are_the_default(model: Model) -> None:
    case = parse_case(model, SHORT)
    answer = explain(model, case)
    named = {
        c: posterior(model.network, c, {**SHORT, "asks_for_care": "yes"})["present"]
        for c in model.names("condition")
    }
    assert answer.target == max(named, key=lambda c: named[c]) and answer.state == "present"
    assert explain(model, case, "duration").state != model.network["duration"].states[0]


def test_every_text_says_what_it_must(model: Model) -> None:
    answer = explain(model, parse_case(model, LONG), "radiculopathy")
    assert answer.sentence in answer.text and "raise the chance" in answer.sentence
    assert "drawn orders" in answer.text and answer.to_text() == answer.text
    nothing = explain(model, parse_case(model, {}))
    assert "No finding has moved it" in nothing.sentence and nothing.frame.empty
    hardly = explain(model, parse_case(model, {"heel_pain": "no"}), "gtps")
    assert "hardly change the chance" in hardly.sentence
    lowered = explain(model, parse_case(model, {"trochanter_tenderness": "negative"}), "gtps")
    assert "lower the chance" in lowered.sentence and "speaks most against it" in lowered.sentence


def test_words_for_weights() -> None:
    assert [strength(w) for w in (0.0, 2.0, -5.0, 30.0)] == [
        "hardly matters",
        "slightly for",
        "clearly against",
        "strongly for",
    ]


@pytest.mark.parametrize(
    ("data", "target", "state", "message"),
    [
        (SHORT, "gtp", None, "unknown target 'gtp'. Did you mean 'gtps'?"),
        (SHORT, "slr", None, "slr is known in this case: there is nothing to explain"),
        (SHORT, "collapse", None, "collapse is asked for safety only"),
        (SHORT, "gtps", "presnt", "unknown state of gtps 'presnt'. Did you mean 'present'?"),
        ({"do": {"gmed_weak": "present"}}, "gmed_weak", None, "gmed_weak is known in this case"),
    ],
)
def test_a_wrong_target_is_refused(
    model: Model, data: dict[str, Any], target: str, state: str | None, message: str
) -> None:
    with pytest.raises(LumbayesError) as error:
        explain(model, parse_case(model, data), target, state=state)
    assert str(error.value).startswith(message)
    assert isinstance(error.value, UnknownNameError) == message.startswith("unknown")


def test_an_explanation_is_plain_data(model: Model) -> None:
    import json

    answer: Explanation = explain(model, parse_case(model, LONG))
    assert json.loads(json.dumps(answer.to_dict(), allow_nan=False)) == answer.to_dict()
