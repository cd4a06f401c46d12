"""Whole phrases in the facts of a case: what they name is used, and the rest is never lost."""

from __future__ import annotations

import pytest

from lumbayes import assess
from lumbayes.cases.case import parse_case
from lumbayes.knowledge.model import load_model

MODEL = load_model()


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"complaint": "cannot pass urine since last night"}, {"urinary_retention": "yes"}),
        ({"history": "back pain 3 weeks, now both feet numb"}, {"leg_numbness": "yes"}),
        ({"pain": "sudden tearing between shoulder blades"}, {"tearing_pain": "yes"}),
        ({"leg": "weak since this morning"}, {"leg_weakness": "one_side"}),
        ({"foot": "cold and white since this morning"}, {"leg_newly_cold": "yes"}),
        ({"testicle": "sudden severe pain"}, {"testicular_pain": "yes", "onset": "sudden"}),
        ({"abdomen": "pulsating"}, {"pulsatile_mass": "positive"}),
        ({"perineum": "no feeling when wiping"}, {"saddle_numbness": "yes"}),
        ({"erections": "lost since 2 days"}, {"sexual_dysfunction": "yes"}),
        ({"fell_from": "roof"}, {"trauma": "major"}),
        ({"fever": 39.2}, {"fever": "yes"}),
        ({"fever": 36.8}, {"fever": "no"}),
        ({"low_back_pain": "yes, and I cannot pee since noon"}, {"urinary_retention": "yes"}),
        ({"told": "72 year old woman with back pain"}, {"age_band": "60_74", "sex": "female"}),
    ],
)
def test_what_a_phrase_names_is_used(facts: dict[str, object], expected: dict[str, str]) -> None:
    case = parse_case(MODEL, {"facts": facts})
    assert expected.items() <= case.understood.items()
    assert not case.unclear


@pytest.mark.parametrize(
    "facts",
    [
        {"told": "my father had cancer"},
        {"told": "back pain odd feeling down there"},
        {"told": "no longer any control"},
        {"low_back_pain": "severe, my legs went odd"},
        {"low_back_pain": "severe, not able to urinate much"},
        {"saddle_numbness": "no, but the bladder is odd"},
        {"legs": "weak, not numb"},
    ],
)
def test_what_is_left_of_a_phrase_leaves_no_level_firm(facts: dict[str, object]) -> None:
    case = parse_case(MODEL, {"facts": facts})
    assert case.unclear
    assert "cancer_history" not in case.understood
    assert assess(MODEL, {"facts": facts}).triage.provisional


@pytest.mark.parametrize(
    "value", ["severe, after lifting", "2 days after gardening", "left, no fever", "not severe"]
)
def test_a_harmless_description_makes_nothing_unclear(value: str) -> None:
    assert not parse_case(MODEL, {"facts": {"low_back_pain": f"yes, {value}"}}).unclear
