"""Terse names are read by their words: whole classes, in any order, never turned around."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from lumbayes import assess
from lumbayes.cases.case import understand
from lumbayes.cases.fact_names import known_as
from lumbayes.cases.name_parts import parts_of_name
from lumbayes.cases.synonyms import read_classes
from lumbayes.knowledge.model import load_model
from lumbayes.triage.rules import LEVELS

MODEL = load_model()
CLASSES = read_classes(MODEL.folder)
REPORTS = [
    json.loads(line)
    for line in (Path(__file__).parent / "terse_reports.jsonl").read_text("utf-8").splitlines()
]


def facts_in(name: str) -> set[str]:
    """Return the facts of a name, whichever way it is read."""
    known = known_as(MODEL, name, True)
    parts = (known_as(MODEL, fact, True) for fact, _ in parts_of_name(MODEL, name, True))
    return {one[0].name for one in (known, *parts) if one is not None}


def test_every_name_of_a_class_is_its_fact_and_says_that_something_is_there() -> None:
    for name in CLASSES:
        case = understand(MODEL, {"facts": {name: True}})
        assert facts_in(name), name
        for variable, state in case.findings.items():
            info = MODEL.variables[variable]
            group = info.group in ("nerves", "general", "red_flag", "clinical_test")
            assert not group or state != info.states[0], (name, variable, state)


def test_the_order_of_the_words_of_a_name_changes_no_fact() -> None:
    """Terms such as "lower limb" keep their order; weakness of a leg is one, told or measured."""
    random.seed(1)
    for name in random.sample([n for n in CLASSES if n.count("_") in (1, 2)], 300):
        back = "_".join(reversed(name.split("_")))
        if name.replace("_", "").isalpha() and known_as(MODEL, back, True) is not None:
            alike = {"motor_deficit": "leg_weakness"}
            there, here = ({alike.get(f, f) for f in facts_in(n)} for n in (name, back))
            assert there & here, name


@pytest.mark.parametrize(
    ("name", "variable", "state"),
    [
        ("lax_anal_tone", "anal_tone", "reduced"),
        ("non_weight_bearing", "cannot_bear_weight", "yes"),
        ("unequal_pulses", "pulse_difference", "yes"),
        ("unsteady_walking", "gait_disturbance", "yes"),
        ("calf_cramps_on_walking", "cold_leg", "yes"),
        ("long_standing_incontinence", "sphincter_signs_old_stable", "yes"),
    ],
)
def test_a_trouble_beside_a_function_is_no_function_that_works(
    name: str, variable: str, state: str
) -> None:
    assert understand(MODEL, {"facts": {name: True}}).understood[variable] == state


@pytest.mark.parametrize(
    "name",
    [
        *(
            "no_leg_weakness_at_all_today",
            "risk_of_fall",
            "fear_of_cancer",
            "fall_prevention_class",
        ),
        *(
            "family_history_of_breast_cancer",
            "jaw_stiffness",
            "numb_chin",
            "eye_pain",
            "knee_swelling",
        ),
        *("hay_fever", "alcohol_free", "skin_cancer_removed", "history_of_fever", "steroid_cream"),
        *("football", "meniscus_tear", "heart_disease", "walking_boots", "pain_in_back_of_knee"),
        *(
            "weight_loss_diet",
            "cancer_screening_normal",
            "drinking_water",
            "cold_pack",
            "collapsed_disc",
        ),
    ],
)
def test_what_is_denied_feared_or_elsewhere_is_no_fact(name: str) -> None:
    assert not list(parts_of_name(MODEL, name, True))


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("ra_on_methotrexate", {"immunosuppressed"}),
        ("ankylosing_spondylitis_known", {"axial_spondyloarthritis", "fused_spine"}),
        ("hip_and_back_pain", {"hip_pain", "low_back_pain"}),
        ("loss_of_sensation_below_waist", {"numbness_in_leg"}),
        ("sudden_loss_of_leg_function", {"bilateral_leg_weakness"}),
        ("hip_surgery_3_weeks_ago", {"recent_injection"}),
        ("bp_90_50", {"systolic_bp"}),
        ("aaa_5_8_cm", {"aneurysm_cm"}),
        ("backpain", {"low_back_pain"}),
        ("left_loin_to_groin", {"flank_pain"}),
    ],
)
def test_a_name_is_read_by_its_words(name: str, facts: set[str]) -> None:
    said = dict(parts_of_name(MODEL, name, True)) or {name: True}
    found = {k[0].name for n, v in said.items() if (k := known_as(MODEL, n, v)) is not None}
    aliases = {"back_pain": "low_back_pain"}
    assert facts <= {aliases.get(n, n) for n in found}


def test_terse_reports_of_dangers_are_urgent_and_of_harmless_pain_are_not() -> None:
    """Eleven sets written before they were first read: emergencies, urgencies, harmless pain."""
    low, high = [], []
    for report in REPORTS:
        level = LEVELS.index(assess(MODEL, {"facts": report["facts"]}).triage.level)
        if report["dangerous"] and level > report["level"]:
            low.append((report["level"], level, report["facts"]))
        if not report["dangerous"] and level < report["level"]:
            high.append(report["facts"])
    dangerous = sum(report["dangerous"] for report in REPORTS)
    assert len(low) <= 0.03 * dangerous, low
    assert all(level == wanted + 1 for wanted, level, _ in low), low
    assert not high, high
