"""What if: laws of seeing and doing, refusals, hip work beside the trials."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lumbayes.cases.case import Case, parse_case
from lumbayes.errors import CaseError, LumbayesError, UnknownNameError
from lumbayes.inference.queries import posterior
from lumbayes.knowledge.model import Model
from lumbayes.questions.differential import differential
from lumbayes.questions.what_if.benefit import POOLED, SINGLE
from lumbayes.questions.what_if.interventions import event
from lumbayes.questions.what_if.scenarios import Scenario, benefit, what_if
from lumbayes.triage.care_level import care_level

CASES: list[dict[str, str]] = [
    {},
    {"low_back_pain": "yes", "sitting": "over_8h", "age_band": "45_59", "smoking": "current"},
    {"fever": "yes", "low_back_pain": "yes", "physical_activity": "inactive"},
]


def with_shares(model: Model, share: float) -> Model:
    """The same model with every causal share at one value."""
    numbers = tuple(
        replace(n, value=share) if n.quantity == "causal_share" else n for n in model.numbers
    )
    return replace(model, numbers=numbers)


@pytest.mark.parametrize("findings", CASES, ids=str)
def test_a_scenario_equal_to_now_changes_nothing(model: Model, findings: dict[str, str]) -> None:
    case = parse_case(model, findings)
    known = {n: s for n, s in case.findings.items() if n in model.with_role("changeable")}
    scenarios = [Scenario("said again", dict(case.findings)), Scenario("empty")]
    scenarios += [Scenario("as before", do=known)] if known else []
    answer = what_if(model, case, scenarios, draws=20)
    for column in ("change", "change_low", "change_high"):
        np.testing.assert_allclose(answer.frame[column], 0, atol=1e-12)
    assert set(answer.levels.values()) == {care_level(model, case).level}
    assert "Nothing changes." in answer.to_text()


@pytest.mark.parametrize("findings", CASES, ids=str)
def test_seeing_equals_the_differential_of_the_other_case(
    model: Model, findings: dict[str, str]
) -> None:
    case = parse_case(model, findings)
    answer = what_if(model, case, [Scenario("x", {"night_pain": "yes"})], draws=20)
    other = parse_case(model, findings | {"night_pain": "yes"})
    rows = answer.frame.set_index("variable")
    for some, column in ((case, "now"), (other, "then")):
        for row in differential(model, some, draws=0).conditions.to_dict("records"):
            assert rows.loc[row["name"], column] == pytest.approx(row["probability"], abs=1e-10)
    assert answer.levels["x"] == care_level(model, other).level
    assert ((rows["low"] <= rows["then"]) & (rows["then"] <= rows["high"])).all()
    assert ((rows["change_low"] <= rows["change"]) & (rows["change"] <= rows["change_high"])).all()


@pytest.mark.parametrize("cause", ["sitting", "running_load", "poor_posture"])
def test_doing_a_root_equals_seeing_it_where_all_links_are_causal(model: Model, cause: str) -> None:
    whole = with_shares(model, 1.0)
    assert not whole.network[cause].parents
    for state in whole.network[cause].states:
        scenarios = [Scenario("done", do={cause: state}), Scenario("seen", {cause: state})]
        frame = what_if(whole, Case(), scenarios, draws=0).frame
        done, seen = (frame[frame["scenario"] == s].set_index("variable") for s in ("done", "seen"))
        np.testing.assert_allclose(done["then"], seen["then"], atol=1e-10)


def test_without_a_causal_share_correcting_a_muscle_does_not_change_its_companion(
    model: Model,
) -> None:
    none, all_causal = (
        what_if(
            with_shares(model, share),
            Case(),
            [Scenario("x", do={"gmed_weak": "absent"})],
            ["post_gmed_weak_tfl_tight", "tfl_tight"],
            draws=0,
        ).frame["change"]
        for share in (0.0, 1.0)
    )
    np.testing.assert_allclose(none, 0, atol=1e-12)
    assert (all_causal < 0).all()


def test_doing_leaves_findings_aside_and_the_level_as_it_is(model: Model) -> None:
    """Someone like you: same context; symptoms would be seen after the change."""
    do = [Scenario("sit less", do={"sitting": "under_6h"})]
    context = {"sitting": "over_8h", "age_band": "45_59"}
    bare = what_if(model, parse_case(model, context), do, ["low_back_pain"], draws=0)
    ill = parse_case(model, context | {"fever": "yes", "low_back_pain": "yes"})
    told = what_if(model, ill, do, ["low_back_pain"], draws=0)
    pd.testing.assert_frame_equal(bare.frame, told.frame)
    assert told.levels["sit less"] == told.levels["now"] == care_level(model, ill).level


def test_context_behind_the_change_is_not_held_fixed(model: Model) -> None:
    """Activity follows sitting in the network: known today, it may differ after the change."""
    do = [Scenario("sit less", do={"sitting": "under_6h"})]
    case = parse_case(model, {"sitting": "over_8h", "physical_activity": "inactive"})
    frame = what_if(model, case, do, ["physical_activity=inactive"], draws=0).frame
    expected = posterior(model.network, "physical_activity", {"sitting": "under_6h"})["inactive"]
    assert frame["then"].iloc[0] == pytest.approx(expected, abs=1e-10)


def test_intervals_include_the_causal_share(model: Model) -> None:
    """With drawn shares the effect may be nearer to none than with fixed ones."""
    do = [Scenario("x", do={"gmed_weak": "absent"})]
    outcome = ["post_gmed_weak_tfl_tight"]
    drawn = what_if(model, Case(), do, outcome, draws=200).frame.iloc[0]
    sure = replace(
        model,
        numbers=tuple(
            replace(n, low=n.value, high=n.value) if n.quantity == "causal_share" else n
            for n in model.numbers
        ),
    )
    fixed = what_if(sure, Case(), do, outcome, draws=200).frame.iloc[0]
    assert fixed["change_high"] < drawn["change_high"] < 0


@pytest.mark.parametrize(
    "name", ["age_band", "sex", "cancer_history", "previous_back_pain", "gtps"]
)
def test_what_nobody_can_change_is_refused_with_the_choices(model: Model, name: str) -> None:
    state = model.variables[name].states[0]
    with pytest.raises(CaseError, match=rf"scenario 'x': {name} cannot be set.*sitting.*tfl_tight"):
        what_if(model, Case(), [Scenario("x", do={name: state})])


def test_every_changeable_variable_exists_and_can_be_changed(model: Model) -> None:
    scenarios = [
        Scenario(n, do={n: model.network[n].states[0]}) for n in model.with_role("changeable")
    ]
    frame = what_if(model, Case(), scenarios, ["low_back_pain"], draws=0).frame
    assert frame["change"].notna().all()


def test_contradictions_name_the_scenario(model: Model) -> None:
    case = parse_case(model, {"low_back_pain": "yes"})

    def refused(scenario: Scenario, error: type[LumbayesError], words: str) -> None:
        with pytest.raises(error, match=words):
            what_if(model, case, [scenario])

    twice = Scenario("x", {"sitting": "over_8h"}, {"sitting": "under_6h"})
    refused(twice, CaseError, "scenario 'x': sitting is both seen .over_8h. and done .under_6h.")
    refused(Scenario("x", {"duration": "no_pain"}), CaseError, "scenario 'x': .*cannot both hold")
    both = {"sex": "male", "pregnancy": "pregnant"}
    refused(Scenario("x", both), CaseError, "scenario 'x': .*cannot both hold")
    refused(Scenario("x", {"fevr": "yes"}), UnknownNameError, "Did you mean 'fever'")
    refused(Scenario("x", do={"sitting": "never"}), UnknownNameError, "unknown state of sitting")
    refused(Scenario("now"), CaseError, "the name is taken")
    with pytest.raises(CaseError, match="the name is taken"):
        what_if(model, case, [Scenario("a"), Scenario("a")])
    with pytest.raises(CaseError, match="no scenario"):
        what_if(model, case, [])
    with pytest.raises(UnknownNameError, match="unknown variable 'pain'"):
        what_if(model, case, [Scenario("a")], ["pain"])
    with pytest.raises(LumbayesError, match="Give a list"):
        what_if(model, case, [Scenario("a")], "low_back_pain")


def test_outcomes_of_one_state_add_up(model: Model) -> None:
    answer = what_if(
        model,
        Case(),
        [Scenario("x", {"low_back_pain": "yes"})],
        ["leg_pain", "leg_pain=above_knee", "leg_pain=below_knee"],
        draws=0,
    ).frame
    assert answer["then"].iloc[0] == pytest.approx(answer["then"].iloc[1:].sum(), abs=1e-12)
    assert event(model, "leg_pain=below_knee").label != event(model, "leg_pain").label


def test_hip_work_is_told_beside_the_trials(model: Model) -> None:
    answer = benefit(model, draws=50)
    assert answer.low <= answer.points <= answer.high <= 0
    assert answer.gone_low <= answer.gone <= answer.gone_high
    assert answer.trial_inside == (answer.low <= POOLED.points <= answer.high)
    text = answer.to_text()
    assert "-5.4 (-8.9 to -1.8)" in text  # de Jesus 2020
    assert "judgement" in text
    assert len(answer.to_dict()["trials"]) == 3


def test_the_trials_have_sources(model: Model) -> None:
    from lumbayes.knowledge.definition import SOURCE_COLUMNS
    from lumbayes.knowledge.tables import read_table

    keys = {row["key"] for row in read_table("sources.csv", SOURCE_COLUMNS)}
    assert {t.source for t in (POOLED, *SINGLE)} <= keys


def test_hip_work_without_a_causal_share_brings_only_what_is_not_contested(model: Model) -> None:
    none, whole = (benefit(with_shares(model, s), draws=20).gone for s in (0.0, 1.0))
    assert 0 <= none < whole


def test_hip_work_needs_pain_and_draws(model: Model) -> None:
    with pytest.raises(CaseError, match="low_back_pain=yes is not among"):
        benefit(model, parse_case(model, {"lateral_hip_pain": "yes"}))
    with pytest.raises(CaseError, match="draws is 0"):
        benefit(model, draws=0)
