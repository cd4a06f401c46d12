"""Words around a fact are facts of their own, in its value, its name, any order, any organ."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from lumbayes.cases.case import understand
from lumbayes.cases.fact_names import known_as
from lumbayes.cases.qualifiers import read_qualifiers, split_name
from lumbayes.knowledge.model import Model
from lumbayes.triage.known import case_known, rules_level
from lumbayes.triage.reader import load_rules
from lumbayes.triage.rules import rank

RULES = load_rules()


def level(model: Model, facts: Mapping[str, object]) -> int:
    case = understand(model, {"facts": facts})
    return rank(rules_level(RULES, case_known(RULES, case), minor=case.minor))


@pytest.mark.parametrize(
    ("most", "facts"),
    [
        (0, {"age": 58, "hypertension": True, "interscapular_pain": "tearing"}),
        (1, {"age": 49, "pain_between_shoulder_blades": "sudden, worst ever"}),
        (1, {"abdominal_pain": "severe, sudden, with vomiting"}),
        (0, {"leg_weakness": "progressive, worse every day"}),
        (0, {"diabetes": True, "fever": True, "back_pain": "constant, severe"}),
        (0, {"cold_leg": "since this morning"}),
        (0, {"leg_cold": True, "leg_pale": True, "onset": "2 hours ago"}),
        (0, {"motorcycle_accident": True, "back_pain": True}),
        (0, {"fall_from_height_m": 4}),
        (0, {"numbness_buttocks_and_perineum": True}),
        (0, {"difficulty_initiating_micturition": True}),
        (1, {"sudden_back_pain": "after coughing", "age": 73, "prednisolone": "2 years"}),
        (1, {"colicky_loin_pain": True, "vomiting": True}),
        (2, {"prostate_cancer": "2022", "back_pain": "night"}),
        (0, {"weakness_of_both_legs": True}),
        (1, {"multiple_myeloma": True, "back_pain": "new, severe"}),
        (1, {"staph_aureus_bacteraemia": "2 weeks ago", "back_pain": True}),
        (1, {"age": 29, "sex": "f", "amenorrhoea_weeks": 7, "lower_abdominal_pain": True}),
        (
            2,
            {
                "age": 25,
                "low_back_pain": "8 months",
                "improves_with_exercise": True,
                "morning_stiffness_minutes": 60,
            },
        ),
    ],
)
def test_what_stands_around_a_fact_counts(
    model: Model, most: int, facts: Mapping[str, object]
) -> None:
    assert level(model, facts) <= most


@pytest.mark.parametrize(
    "name", ["breast_cancer", "lung_cancer", "prostate cancer", "multiple_myeloma", "lymphoma"]
)
def test_a_cancer_of_any_organ_is_a_history_of_cancer(model: Model, name: str) -> None:
    found = understand(model, {"facts": {name: True}}).findings
    assert found.get("cancer_history", found.get("cancer_recent")) == "yes"
    denied = understand(model, {"facts": {f"no_{name}": True}}).findings
    assert denied.get("cancer_history") != "yes"


@pytest.mark.parametrize(
    "name", ["family_history_of_breast_cancer", "fear_of_cancer", "cerebrovascular_accident"]
)
def test_some_names_only_end_like_one(model: Model, name: str) -> None:
    found = understand(model, {"facts": {name: True}}).findings
    assert "cancer_history" not in found and "trauma" not in found


@pytest.mark.parametrize("value", ["not severe", "no vomiting", "mild", "never sudden", "left"])
def test_what_is_denied_or_weak_is_not_turned_around(model: Model, value: str) -> None:
    found = understand(model, {"facts": {"back_pain": value}}).findings
    said = {"severe_pain", "onset", "nausea_vomiting", "tearing_pain"}
    assert not {n for n in said if found.get(n) in ("yes", "sudden")}


def test_a_word_that_another_answer_excludes_is_shown_and_neither_counts_alone(
    model: Model,
) -> None:
    case = understand(model, {"facts": {"back_pain": "sudden", "onset": "gradual"}})
    assert len(case.said["onset"]) == 2
    assert len(case.contradictions) == 1


def test_every_qualifier_is_a_fact(model: Model) -> None:
    for word, (fact, value) in read_qualifiers().items():
        assert known_as(model, fact, value) is not None, word


def test_a_name_without_qualifiers_is_the_same_name(model: Model) -> None:
    assert split_name("loin_pain") == ("loin_pain", {})
