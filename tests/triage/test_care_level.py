"""The level of a whole case: red flags only raise, soft findings and interventions play no part."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from lumbayes.cases.case import Case, parse_case
from lumbayes.cases.constraints import NEXT_TO_NOTHING
from lumbayes.inference.queries import evidence, marginals, posterior
from lumbayes.knowledge.model import Model, load_model
from lumbayes.triage.care_level import (
    ALL_SUBSETS,
    care_level,
    care_posterior,
    flag_states,
    threshold_conditions,
    without_flags,
)
from lumbayes.triage.judgement import red_flags, triage
from lumbayes.triage.rules import LEVELS

MODEL = load_model()
FLAGS = sorted((n, s) for n, states in flag_states(MODEL).items() for s in states)
OTHERS = sorted({*MODEL.names("finding", "context")} - {n for n, _ in FLAGS})
PAIRS = [(n, s) for n in OTHERS for s in MODEL.variables[n].states]
findings = st.lists(st.sampled_from(PAIRS), max_size=7).map(dict)
flags = st.lists(st.sampled_from(FLAGS), min_size=1, max_size=4).map(dict)


def rank(case: Case) -> int:
    return LEVELS.index(care_level(MODEL, case).level)


def possible(known: dict[str, str]) -> bool:
    hard = {n: s for n, s in known.items() if n in MODEL.network}
    found = marginals(MODEL.network, evidence(MODEL.network, hard), (), impossible="mark")
    return bool(found.log_evidence[0] > -1e300)


@settings(max_examples=40)
@given(findings, flags)
def test_one_red_flag_more_never_lowers_the_level(
    others: dict[str, str], some: dict[str, str]
) -> None:
    known: dict[str, str] = dict(others)
    if not possible({**known, **some}):
        return
    levels = [rank(Case(known))]
    for name, state in some.items():
        known = {**known, name: state}
        levels.append(rank(Case(known)))
    assert levels == sorted(levels, reverse=True)


def test_a_flag_that_explains_another_away_does_not_lower(model: Model) -> None:
    """A sign of cancer explains the fever, and the infection of the spine gets less likely."""
    before = {
        "asks_for_care": "yes",
        "osteoporosis": "yes",
        "weight_loss": "yes",
        "fever": "yes",
        "post_void_residual": "over_200ml",
    }
    after = {**before, "new_cancer_sign": "yes"}
    plain = [
        posterior(model.network, "spinal_infection", known)["present"] for known in (before, after)
    ]
    assert plain[1] < plain[0]
    held = [care_posterior(model, Case(known))["spinal_infection"] for known in (before, after)]
    assert held[1] >= held[0] >= plain[0]


@settings(max_examples=30)
@given(findings, st.sampled_from(OTHERS), st.floats(NEXT_TO_NOTHING, 1))
def test_soft_findings_interventions_and_unsure_change_nothing(
    others: dict[str, str], name: str, weight: float
) -> None:
    known = {n: s for n, s in others.items() if n != name}
    if not possible(known):
        return
    base = care_level(MODEL, Case(known))
    states = MODEL.variables[name].states
    soft = (weight, *(1.0 for _ in states[1:]))
    assert care_level(MODEL, Case(known, {name: soft})).level == base.level
    assert care_level(MODEL, Case(known, do={"gmed_weak": "absent"})).level == base.level
    assert rank(Case({**known, name: "unsure"})) <= LEVELS.index(base.level)


def test_without_flags_only_red_flags_are_ever_left_out(model: Model) -> None:
    known = {"slr": "positive", "fever": "yes", "cancer_history": "yes", "weight_loss": "no"}
    sets = without_flags(model, known)
    assert len(sets) == 4 and sets[0] == known
    assert all({"slr", "weight_loss"} <= set(some) for some in sets)
    many = dict(FLAGS[: ALL_SUBSETS + 6])
    assert len(many) > ALL_SUBSETS
    assert len(without_flags(model, many)) == 1 + len(many) + len(many) * (len(many) - 1) // 2


def test_flags_are_what_alone_alarms(model: Model) -> None:
    flags = flag_states(model)
    for name, states in red_flags(model).items():
        assert flags[name] == frozenset(states)
    assert "cancer_history" in flags and "weight_loss" in flags
    assert "age_band" not in flags and "night_pain" not in flags and "slr" not in flags


def test_a_probable_danger_raises_the_level_without_a_rule(model: Model) -> None:
    known = {"axial_spondyloarthritis": "present"}
    assert "axial_spondyloarthritis" in threshold_conditions(model)
    by_rules = triage(model, {})
    assert by_rules.level == "self_care_exercises"
    assert care_level(model, Case(known)).level == "routine_physician"


def test_a_minor_sees_a_physician_and_regions_have_their_numbers(model: Model) -> None:
    case = parse_case(model, {"facts": {"age_years": 15}})
    assert care_level(model, case).level == "routine_physician"
    urgent = parse_case(model, {"saddle_numbness": "yes"})
    assert "999" in " ".join(care_level(model, urgent, "GB").what_to_do)
