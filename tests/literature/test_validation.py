"""Validation: each measure against plain arithmetic on a network small enough to do by hand."""

from __future__ import annotations

import json
import math

import networkx
import numpy as np
import pandas as pd
import pytest

from lumbayes.errors import UnknownNameError
from lumbayes.inference.queries import joint, posterior
from lumbayes.knowledge.model import Model
from lumbayes.literature.target_values import target_values
from lumbayes.literature.targets import Event, Target
from lumbayes.literature.validation import Validation, validate
from lumbayes.network.variables import Network, Table, Variable

SICK, WELL = frozenset({"present"}), frozenset({"absent"})
YES = frozenset({"yes"})


def small() -> Network:
    """Two conditions, one with age; a sign of the first and a sign of both."""
    age = Variable("age", ("young", "old"), (), Table(np.array([0.6, 0.4])))
    a = Variable("a", ("absent", "present"), ("age",), Table(np.array([[0.9, 0.1], [0.7, 0.3]])))
    b = Variable("b", ("absent", "present"), (), Table(np.array([0.8, 0.2])))
    sign = Variable("sign", ("no", "yes"), ("a",), Table(np.array([[0.95, 0.05], [0.2, 0.8]])))
    pain = Table(np.array([[[0.9, 0.1], [0.5, 0.5]], [[0.4, 0.6], [0.25, 0.75]]]))
    return Network([age, a, b, sign, Variable("pain", ("no", "yes"), ("a", "b"), pain)])


def target(
    measure: str,
    event: Event,
    given: Event | None = None,
    exposed: Event | None = None,
    reference: Event | None = None,
) -> Target:
    ends = (0.5, 0.25, 1.0)
    return Target(
        "t", "", measure, event, given or {}, exposed or {}, reference or {}, *ends, "", "", "", ""
    )


def one(t: Target) -> float:
    return float(target_values(small(), [t], ("a", "b"))[0])


P_A = 0.6 * 0.1 + 0.4 * 0.3
PAIN = {(0, 0): 0.1, (0, 1): 0.5, (1, 0): 0.6, (1, 1): 0.75}
P_PAIN = sum(
    PAIN[i, j] * (P_A if i else 1 - P_A) * (0.2 if j else 0.8) for i in (0, 1) for j in (0, 1)
)
A_PAIN = P_A * (0.8 * 0.6 + 0.2 * 0.75) / P_PAIN
B_PAIN = 0.2 * ((1 - P_A) * 0.5 + P_A * 0.75) / P_PAIN


@pytest.mark.parametrize(
    ("asked", "by_hand"),
    [
        (target("probability", {"a": SICK}), P_A),
        (target("probability", {"a": SICK}, {"age": frozenset({"old"})}), 0.3),
        (target("probability", {"a": SICK}, {"age": frozenset({"young", "old"})}), P_A),
        (target("probability", {"a": SICK, "b": SICK}), P_A * 0.2),
        (target("probability", {"a": SICK}, {"a": WELL}), 0.0),
        (target("any", {"a": SICK, "b": SICK}), 1 - (1 - P_A) * 0.8),
        (target("main_source_share", {"a": SICK}, {"pain": YES}), A_PAIN / (A_PAIN + B_PAIN)),
        (target("main_source_share", {"a": SICK, "b": SICK}, {"pain": YES}), 1.0),
        (target("lr_plus", {"sign": YES}, {}, {"a": SICK}, {"a": WELL}), 0.8 / 0.05),
        (target("lr_minus", {"sign": YES}, {}, {"a": SICK}, {"a": WELL}), 0.2 / 0.95),
        (
            target(
                "odds_ratio",
                {"a": SICK},
                {},
                {"age": frozenset({"old"})},
                {"age": frozenset({"young"})},
            ),
            (0.3 / 0.7) / (0.1 / 0.9),
        ),
        (
            target(
                "risk_ratio",
                {"a": SICK},
                {},
                {"age": frozenset({"old"})},
                {"age": frozenset({"young"})},
            ),
            3.0,
        ),
    ],
)
def test_each_measure_is_what_it_says(asked: Target, by_hand: float) -> None:
    assert one(asked) == pytest.approx(by_hand, abs=1e-12)


def test_an_impossible_group_gives_no_number() -> None:
    both = target("lr_plus", {"sign": YES}, {"a": WELL}, {"a": SICK}, {"a": WELL})
    assert math.isnan(one(both))


def test_targets_do_not_disturb_each_other() -> None:
    asked = [
        target("probability", {"a": SICK}),
        target("main_source_share", {"b": SICK}, {"pain": YES}),
        target("lr_plus", {"sign": YES}, {"pain": YES}, {"a": SICK}, {"a": WELL}),
        target("any", {"sign": YES, "pain": YES}),
    ]
    together = target_values(small(), asked, ("a", "b"))
    assert together == pytest.approx([one(t) for t in asked], abs=1e-12)


@pytest.fixture(scope="module")
def checked(model: Model) -> Validation:
    return validate(model)


def test_a_prevalence_of_the_model_agrees_with_the_engine(
    model: Model, checked: Validation
) -> None:
    frame = checked.frame.set_index("target_id")
    pain = posterior(model.network, "low_back_pain")["yes"]
    assert frame.loc["PREV-001", "model"] == pytest.approx(pain, abs=1e-10)
    pairs = joint(model.network, ["low_back_pain", "duration"])
    assert frame.loc["PREV-010", "model"] == pytest.approx(pairs["yes", "over_12w"], abs=1e-10)


def test_a_main_source_share_of_the_model_agrees_with_the_engine(
    model: Model, checked: Validation
) -> None:
    """What causes another condition counts as the latter: a disc that pinches, a broken hip."""
    care = {"low_back_pain": "yes", "asks_for_care": "yes"}
    conditions = model.names("condition")
    arrows = networkx.DiGraph(
        (p, v.name) for v in model.network.variables.values() for p in v.parents
    )
    reached = {c: networkx.descendants(arrows, c) for c in conditions}
    causes = {c: [e for e in conditions if e in reached[c]] for c in conditions}
    assert causes["disc_herniation"] == ["radiculopathy", "cauda_equina_syndrome"]
    alone = {}
    for condition, caused in causes.items():
        together = joint(model.network, [condition, *caused], care)
        place = ("present", *("absent" for _ in caused)) if caused else "present"
        alone[condition] = together[place]
    shown = checked.frame.set_index("target_id")["model"]
    for target, condition in (
        ("share-radiculopathy", "radiculopathy"),
        ("share-disc-herniation", "disc_herniation"),
    ):
        expected = alone[condition] / sum(alone.values())
        assert shown[target] == pytest.approx(expected, abs=1e-10)


def test_worst_first(checked: Validation) -> None:
    inside = checked.frame["inside"].tolist()
    assert inside == sorted(inside)
    within = checked.frame[checked.frame["inside"]]["log_ratio"].abs()
    assert within.is_monotonic_decreasing


def test_inside_and_log_ratio_follow_from_the_columns(checked: Validation) -> None:
    frame = checked.frame
    expected = (frame["model"] >= frame["low"]) & (frame["model"] <= frame["high"])
    pd.testing.assert_series_equal(frame["inside"], expected, check_names=False)
    np.testing.assert_allclose(frame["log_ratio"], np.log(frame["model"] / frame["published"]))


def test_the_summary_counts_what_the_frame_holds(checked: Validation) -> None:
    summary = checked.summary
    assert summary["fitted"] + summary["emergent"] == len(checked.frame)
    emergent = checked.of("emergent")
    assert summary["emergent_inside"] == emergent["inside"].mean()
    assert summary["emergent_median_abs_log_ratio"] == emergent["log_ratio"].abs().median()
    with pytest.raises(UnknownNameError, match="Did you mean 'fitted'"):
        checked.of("fited")


def test_the_text_names_every_target_and_the_summary(checked: Validation) -> None:
    text = checked.to_text()
    assert all(f"[{name}]" in text for name in checked.frame["target_id"])
    assert "fitted:" in text and "emergent:" in text and "excluded:" in text
    assert len(checked.to_text(rows=5)) < len(text)


def test_the_dictionary_is_json(checked: Validation) -> None:
    again = json.loads(json.dumps(checked.to_dict(), allow_nan=False))
    assert len(again["targets"]) == len(checked.frame)
    assert set(again["summary"]) == set(checked.summary)


def test_explanations_belong_to_targets(model: Model, checked: Validation) -> None:
    from lumbayes.knowledge.tables import read_table

    named = {r["target_id"] for r in read_table("explanations.csv", ("target_id", "explanation"))}
    assert named <= set(checked.frame["target_id"])
