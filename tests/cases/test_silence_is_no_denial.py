"""What is not plainly denied is not denied: odd values, odd names, and files of other tables."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from lumbayes.cases.case import Case, case_to_dict, parse_case, understand
from lumbayes.cases.vocabulary import load_vocabulary
from lumbayes.cases.words import FUNCTIONS, named_after_function
from lumbayes.knowledge.definition import UNSURE
from lumbayes.knowledge.model import Model, load_model
from lumbayes.triage.care_level import care_level
from lumbayes.triage.known import case_known, rules_level
from lumbayes.triage.reader import load_rules
from lumbayes.triage.rules import LEVELS, rank
from lumbayes.triage.warning_signs import screen_answers, screens_left

MODEL, RULES = load_model(), load_rules()


def level(**facts: object) -> int:
    case = understand(MODEL, {"facts": facts})
    return rank(rules_level(RULES, case_known(RULES, case), minor=case.minor))


# Facts that alone call for care today or now.
ALARMS = sorted(n for n, f in load_vocabulary(MODEL).items() if f.kind == "bool") + [
    n for n, v in MODEL.variables.items() if len(v.states) == 2 and v.ask != ""
]
ALARMS = [n for n in dict.fromkeys(ALARMS) if level(**{n: True}) <= 1]
NOT_DENIALS = (
    *("not sure", "unsure", "I don't know", "uncertain", "no longer, since Monday it is back"),
    *("never before, now yes", "normal before, now lost", "not at first, since yesterday yes"),
    *("none today, 39 yesterday", "not before, now daily", "no urine passed since yesterday"),
    *("nil by mouth", "not measured but feels hot", "no sensation", "absent ankle jerks"),
)


def test_there_are_alarming_facts() -> None:
    assert len(ALARMS) > 40


@pytest.mark.parametrize("name", ALARMS)
def test_only_a_whole_denial_denies(name: str) -> None:
    """It is the alarm, unsure, or named back as not understood; never a denial."""
    for phrase in NOT_DENIALS:
        case = understand(MODEL, {"facts": {name: phrase}})
        doubted = UNSURE in case.findings.values()
        assert level(**{name: phrase}) <= 1 or doubted or case.unclear, (name, phrase)
    of_function = set(name.split("_")) & FUNCTIONS
    denials: tuple[str | bool, ...] = ("no", "denied", "negative", False, "not present")
    for value in denials:
        if not of_function or (value != "not present" and not named_after_function(name)):
            assert level(**{name: value}) > 1, (name, value)


@pytest.mark.parametrize(
    "facts",
    [
        {"anal_tone": "absent"},
        {"anal_tone": "not present"},
        {"anal_tone": "none"},
        {"no_anal_tone": True},
        {"anal_tone_absent": "yes"},
        {"perianal_sensation": "absent"},
        {"perianal_sensation": "no sensation"},
        {"saddle_sensation": "lost"},
        {"bladder_control": "none"},
        {"bowel_control": "no control"},
        {"no_bladder_control": True},
        {"bladder_control": False},
        {"loss_of_anal_tone": True},
    ],
)
def test_a_lost_function_is_no_denial(facts: Mapping[str, object]) -> None:
    assert level(**facts) == 0


@pytest.mark.parametrize(
    ("facts", "variable", "state"),
    [
        ({"anal_tone": "intact"}, "anal_tone", "normal"),
        ({"anal_tone": "normal"}, "anal_tone", "normal"),
        ({"foot_pulses": "absent"}, "weak_foot_pulses", "positive"),
        ({"foot_pulses": "present"}, "weak_foot_pulses", "negative"),
        ({"leg_power": "5/5"}, "motor_deficit", "negative"),
        ({"leg_power": "2/5"}, "motor_deficit", "positive"),
        ({"leg_strength": "reduced"}, "motor_deficit", "positive"),
        ({"ankle_reflexes": "absent"}, "reflex_loss", "positive"),
        ({"reflexes": "normal"}, "reflex_loss", "negative"),
        ({"breathing": "normal"}, "breathing", "normal"),
    ],
)
def test_a_function_is_read_as_a_function(
    facts: Mapping[str, object], variable: str, state: str
) -> None:
    assert understand(MODEL, {"facts": facts}).findings[variable] == state


def denied() -> Case:
    """Answer every screen with none: firm and calm."""
    case = parse_case(MODEL, {"low_back_pain": "yes", "age_band": "30_44", "sex": "male"})
    while left := screens_left(MODEL, case):
        screen = left[0]
        parts = screen_answers(RULES, screen, {})
        if not screen.any_of:
            name = screen.signs[0].variable
            harmless = {"duration": "under_6w"}.get(name, RULES.states[name][0])
            parts = {"findings": {name: harmless}, "likelihoods": {}}
        data = case_to_dict(MODEL, case)
        for part, more in parts.items():
            data[part] = {**data[part], **more}  # type: ignore[dict-item]
        case = parse_case(MODEL, data)
    return case


FIRM = case_to_dict(MODEL, denied())


def test_the_firm_case_is_firm() -> None:
    advice = care_level(MODEL, understand(MODEL, FIRM))
    assert advice.level == LEVELS[-1] and not advice.provisional


@pytest.mark.parametrize(
    "facts",
    [
        {"mri_result": "cauda equina compression"},
        {"chief_complaint": "cannot feel when wiping, cannot pee"},
        {"symptoms": ["saddle numbness", "urinary retention"]},
        {"symptoms": {"fever": True}},
        {"cannot_feel_toilet_paper": True},
        {"no_feeling_between_legs": True},
        {"not_able_to_urinate": True},
        {"no_urine_output": True},
        {"no_sensation_perineum": True},
        {"cant_move_legs": True},
        {"legs_wont_move": True},
        {"no_power_in_legs": True},
        {"gcs": 10},
        {"lactate": 5},
        {"wcc": 25},
        {"hemoglobin": 6.5},
        {"troponin": "raised"},
        {"thunderclap": True},
        {"gunshot": True},
        {"slurred_speech": True},
        {"blue_toes": True},
        {"wets_bed": True},
        {"dribbling": True},
        {"anything at all": True},
    ],
)
def test_what_is_not_understood_is_named_and_leaves_no_level_firm(
    facts: Mapping[str, object],
) -> None:
    advice = care_level(MODEL, understand(MODEL, {**FIRM, "facts": facts}))
    assert advice.provisional or rank(advice.level) <= 1
    if rank(advice.level) == 3:
        assert any("not understood" in reason for reason in advice.reasons)
        assert "No visit" not in advice.how_soon


@pytest.mark.parametrize(
    "facts",
    [
        {"occupation": "nurse"},
        {"bladder": "normal"},
        {"power": "5/5"},
        {"bowels": "normal"},
        {"no_red_flags": True},
        {"cough": "no"},
        {"walking": "normal"},
        {"no bladder problems": True},
    ],
)
def test_what_plainly_says_all_is_well_leaves_it_firm(facts: Mapping[str, object]) -> None:
    advice = care_level(MODEL, understand(MODEL, {**FIRM, "facts": facts}))
    assert advice.level == LEVELS[-1] and not advice.provisional


@pytest.mark.parametrize("state", ["numb", "YES!", 2, 2.5, ["no", "yes"], {"present": True}])
def test_a_state_that_cannot_be_read_is_no_denial_of_a_sign(state: object) -> None:
    """The alarm itself broken: with fever beside it the level stays, and it is asked again."""
    said = {"saddle_numbness": state, "fever": "yes", "low_back_pain": "yes"}
    case = understand(MODEL, {"findings": said})
    told_twice = "saddle_numbness" in case.said
    assert told_twice or case.findings["saddle_numbness"] in (UNSURE, "yes")
    advice = care_level(MODEL, case)
    assert rank(advice.level) <= 1
    assert advice.provisional or rank(advice.level) == 0


@pytest.mark.parametrize("state", ["Yes", " yes ", "YES", True, 1, "true", "1"])
def test_a_state_in_any_spelling_is_the_state(state: object) -> None:
    assert parse_case(MODEL, {"saddle_numbness": state}).findings["saddle_numbness"] == "yes"


@pytest.mark.parametrize(
    ("name", "value", "state"),
    [
        ("pulse", 140, "over_130"),
        ("systolic_pressure", 85, "90_or_less"),
        ("trauma", "major accident", "unsure"),
        ("perianal_sensation", "absent", "reduced"),
    ],
)
def test_a_finding_told_as_a_fact_counts_beside_the_mistake(
    name: str, value: object, state: str
) -> None:
    case = understand(MODEL, {"findings": {name: value}})
    assert case.findings[name] == state and case.errors


@pytest.mark.parametrize("weights", [{"yes": 1}, [0, 1], "yes", {"no": 0, "yes": 0}])
def test_a_likelihood_that_cannot_be_read_is_unsure(weights: object) -> None:
    case = understand(MODEL, {"likelihoods": {"saddle_numbness": weights}})
    assert case.findings["saddle_numbness"] == UNSURE and case.errors


def test_what_other_tables_knew_is_not_lost(model: Model) -> None:
    old = {"version": {"data": "x"}}
    firm: dict[str, object] = {**FIRM, **old}
    findings = dict(FIRM["findings"])  # type: ignore[call-overload]
    lost = {**firm, "findings": {**findings, "old_name_of_sphincter_loss": "yes"}}
    assert care_level(model, understand(model, lost)).provisional
    changed = {**firm, "findings": {**findings, "saddle_numbness": "numb"}}
    case = understand(model, changed)
    assert case.findings["saddle_numbness"] == UNSURE
    assert rank(care_level(model, case).level) <= 1
    gone = {**firm, "findings": {**findings, "old_sign": "no"}}
    assert not care_level(model, understand(model, gone)).provisional
