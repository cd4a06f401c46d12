"""What a clinician wants of a report, by kind of case; no cliff between neighbouring numbers."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbayes.cases.case import Case, network_findings, parse_case
from lumbayes.cases.constraints import MINOR
from lumbayes.knowledge.model import load_model
from lumbayes.triage.care_level import care_level
from lumbayes.triage.judgement import triage
from lumbayes.triage.known import case_known, rules_level
from lumbayes.triage.reader import load_rules
from lumbayes.triage.rules import LEVELS

MODEL, RULES = load_model(), load_rules()
with (Path(__file__).parent / "wanted_levels.csv").open(encoding="utf-8", newline="") as file:
    WANTED = [(row["kind"], row["facts"], row["wanted"]) for row in csv.DictReader(file)]
PAIN = {"low_back_pain": True}
SUDDEN = {**PAIN, "onset": "sudden", "severe_pain": True, "duration_weeks": 0.2}


def facts_of(text: str) -> dict[str, object]:
    """``"smoker; fever=false; age_years=68"``: a bare name is true."""
    found: dict[str, object] = {}
    for part in text.split(";"):
        name, _, value = part.strip().partition("=")
        number = value.replace(".", "", 1).isdigit()
        found[name] = {"": True, "true": True, "false": False}.get(
            value, float(value) if number else value
        )
    return found


@pytest.mark.parametrize(("kind", "text", "wanted"), WANTED, ids=[w[1] for w in WANTED])
def test_the_level_is_the_wanted_one(kind: str, text: str, wanted: str) -> None:
    assert set(wanted.split("|")) <= set(LEVELS)
    given_facts = facts_of(text)
    assert care_level(MODEL, parse_case(MODEL, {"facts": given_facts})).level in wanted.split("|")


def by_rules(facts: Mapping[str, object]) -> int:
    """Urgency by rules alone, 0 for an emergency."""
    case = parse_case(MODEL, {"facts": facts})
    return LEVELS.index(rules_level(RULES, case_known(RULES, case), minor=case.minor))


CONTEXTS: Mapping[str, Mapping[str, object]] = {
    "back pain": PAIN,
    "sudden strong pain": SUDDEN,
    "sudden strong pain at 47": {**SUDDEN, "age_years": 47},
    "sudden strong pain at 68": {**SUDDEN, "age_years": 68, "sex": "male"},
    "at 68, smoker": {**SUDDEN, "age_years": 68, "sex": "male", "smoker": True},
    "at 68, smoker, pressure": {
        **{**SUDDEN, "age_years": 68, "sex": "male"},
        **{"smoker": True, "hypertension": True},
    },
    "fever": {**PAIN, "fever": True},
    "belly pain": {**SUDDEN, "abdominal_pain": True},
    "pregnant": {**PAIN, "sex": "female", "pregnant": True},
    "looks unwell": {**PAIN, "looks_unwell": True},
}


# The values at the borders of the bins: within a bin nothing changes.
PULSES = (41, 90, 91, 100, 100.5, 101, 110, 111, 130, 131, 200)
PRESSURES = (139, 111, 110.5, 110, 101, 100, 91, 90, 60)


def no_cliff(levels: Iterable[int]) -> None:
    assert all(abs(a - b) <= 1 for a, b in pairwise(levels))


@pytest.mark.parametrize("systolic", [None, 85, 95, 105, 120, 150, 190])
@pytest.mark.parametrize("context", CONTEXTS)
def test_a_faster_pulse_is_never_less_urgent_and_never_a_cliff(
    context: str, systolic: int | None
) -> None:
    more = {} if systolic is None else {"systolic_bp": systolic}
    levels = [by_rules({**CONTEXTS[context], **more, "heart_rate_bpm": p}) for p in PULSES]
    assert levels == sorted(levels, reverse=True)
    no_cliff(levels)


@pytest.mark.parametrize("pulse", [None, 70, 95, 105, 120, 140])
@pytest.mark.parametrize("context", CONTEXTS)
def test_a_lower_pressure_is_never_less_urgent_and_never_a_cliff(
    context: str, pulse: int | None
) -> None:
    more = {} if pulse is None else {"heart_rate_bpm": pulse}
    levels = [by_rules({**CONTEXTS[context], **more, "systolic_bp": s}) for s in PRESSURES]
    assert levels == sorted(levels, reverse=True)
    no_cliff(levels)


AGED: Mapping[str, Mapping[str, object]] = {
    "sudden strong pain": SUDDEN,
    "sudden strong pain, male": {**SUDDEN, "sex": "male"},
    "smoker": {**SUDDEN, "sex": "male", "smoker": True},
    "smoker, pressure": {**SUDDEN, "sex": "male", "smoker": True, "hypertension": True},
    "with pulse 105": {**SUDDEN, "heart_rate_bpm": 105},
    "fall": {**PAIN, "minor_trauma": True},
    "fall, hip, hard to stand": {
        **{"minor_trauma": True, "hip_pain": True},
        **{"difficulty_bearing_weight": True, "severe_pain": True},
    },
    "fall, no weight": {"minor_trauma": True, "unable_to_bear_weight": True},
    "night and constant": {**PAIN, "night_pain": True, "constant_pain": True, "progressive": True},
    "weight loss": {**PAIN, "unexplained_weight_loss": True, "night_pain": True},
}


@pytest.mark.parametrize("context", AGED)
def test_a_birthday_changes_one_level_at_most(context: str) -> None:
    levels = [
        by_rules({**AGED[context], "age_years": age})
        for age in (18, 29, 30, 44, 45, 59, 60, 74, 75, 99)
    ]
    assert levels == sorted(levels, reverse=True)
    no_cliff(levels)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("temperature_c", [36 + i / 10 for i in range(60)]),
        ("pain_score", [i / 2 for i in range(21)]),
        ("esr", list(range(120))),
        ("crp", list(range(200))),
        ("residual_urine_ml", list(range(0, 1000, 10))),
        ("respiratory_rate", list(range(10, 40))),
        ("oxygen_saturation", list(range(100, 80, -1))),
        ("weight_loss_kg", [i / 2 for i in range(30)]),
        ("height_loss_cm", [i / 2 for i in range(15)]),
    ],
)
@pytest.mark.parametrize("context", ["back pain", "sudden strong pain at 47", "looks unwell"])
def test_no_measured_value_is_a_cliff(context: str, name: str, values: list[float]) -> None:
    levels = [by_rules({**CONTEXTS[context], name: v}) for v in values]
    assert levels == sorted(levels, reverse=True)
    no_cliff(levels)


SIGNS = {
    **{"saddle_numbness": "yes", "urinary_retention": "yes", "urinary_incontinence": "yes"},
    **{"bowel_incontinence": "yes", "sexual_dysfunction": "yes"},
    **{"perianal_sensation": "reduced", "anal_tone": "reduced"},
}
OTHERS = sorted({a.variable for r in RULES.rules for a in r.atoms} - {*SIGNS, MINOR})
ANSWERS = [(n, s) for n in OTHERS for s in (*RULES.states[n], "unsure")]


@settings(max_examples=200)
@given(st.sampled_from(sorted(SIGNS)), st.lists(st.sampled_from(ANSWERS), max_size=8).map(dict))
def test_a_new_sphincter_sign_is_an_emergency_whatever_else_is_said(
    sign: str, others: dict[str, str]
) -> None:
    if others.get("sphincter_signs_old_stable") == "yes":
        others = {**others, "sphincter_signs_old_stable": "no"}
    assert triage(RULES, {**others, sign: SIGNS[sign]}).level == LEVELS[0]


MAY_LOWER = {"duration", "leg_pain", "better_bending_forward", "sphincter_signs_old_stable"}


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from(ANSWERS), max_size=8).map(dict),
    st.sampled_from([a for a in ANSWERS if a[0] not in MAY_LOWER]),
)
def test_one_more_answer_never_lowers_the_level(
    known: dict[str, str], answer: tuple[str, str]
) -> None:
    """Only how long, how far, what eases it, and that a sign is old may narrow a rule."""
    without = {k: v for k, v in known.items() if k != answer[0]}
    before = LEVELS.index(triage(RULES, without).level)
    after = LEVELS.index(triage(RULES, {**without, answer[0]: answer[1]}).level)
    assert after <= before


def test_an_old_and_unchanged_sign_is_not_given_to_the_network() -> None:
    old = Case({"urinary_incontinence": "yes", "sphincter_signs_old_stable": "yes", "fever": "no"})
    assert network_findings(MODEL, old) == {"fever": "no"}
    new = Case({"urinary_incontinence": "yes", "sphincter_signs_old_stable": "no"})
    assert network_findings(MODEL, new) == {"urinary_incontinence": "yes"}
