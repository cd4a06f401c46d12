"""Reports use many words: each is understood, whatever its spelling, and none is turned around."""

from __future__ import annotations

import csv
import json
import re

import pytest

from lumbayes.cases.case import parse_case
from lumbayes.cases.fact_names import known_as
from lumbayes.cases.synonyms import read_synonyms
from lumbayes.cases.words import plain, read_bool, read_function, read_number
from lumbayes.knowledge.model import Model, load_model
from lumbayes.knowledge.tables import data_dir

MODEL = load_model()
with (data_dir() / "synonyms.csv").open(encoding="utf-8", newline="") as file:
    SYNONYMS = list(csv.DictReader(file))


def understood(**facts: object) -> dict[str, str]:
    return dict(parse_case(MODEL, {"facts": facts}).understood)


@pytest.mark.parametrize(
    ("facts", "variable", "expected"),
    [
        ({"blood_pressure": "88/50"}, "systolic_pressure", "90_or_less"),
        ({"bp": "148/95 mmHg"}, "systolic_pressure", "140_to_159"),
        ({"hypotension": True}, "systolic_pressure", "90_or_less"),
        ({"pulse": 104}, "pulse", "101_to_110"),
        ({"tachycardia": True, "heart_rate": "126/min"}, "pulse", "111_to_130"),
        ({"temperature": "37.8 °C"}, "low_fever", "yes"),
        ({"temperature": "101.2 F"}, "fever", "yes"),
        ({"syncope": True}, "collapse", "yes"),
        ({"AAA": "known"}, "known_aneurysm", "yes"),
        ({"family_history_of_aneurysm": True}, "aorta_risk", "yes"),
        ({"previous_fragility_fracture": True}, "osteoporosis", "yes"),
        ({"loss_of_height": True}, "height_loss", "yes"),
        ({"height_loss_cm": 5}, "height_loss", "yes"),
        ({"long_term_steroids": True}, "steroid_use", "yes"),
        ({"erectile_dysfunction": True}, "sexual_dysfunction", "yes"),
        ({"priapism": True}, "sexual_dysfunction", "yes"),
        ({"psoriasis": True}, "psoriasis_ibd", "yes"),
        ({"crohns_disease": True}, "psoriasis_ibd", "yes"),
        ({"uveitis": True}, "eye_inflammation", "yes"),
        ({"warning_signs_of_pregnancy": True}, "pregnancy_warning", "yes"),
        ({"longstanding_incontinence": True}, "sphincter_signs_old_stable", "yes"),
        ({"incontinence_years": 10}, "sphincter_signs_old_stable", "yes"),
        (
            {"incontinence_years": 10, "incontinence_worse": True},
            "sphincter_signs_old_stable",
            "no",
        ),
        ({"pain_unresponsive_to_analgesia": True}, "uncontrolled_pain", "yes"),
        ({"ESR (mm/h)": 78}, "inflammation_markers", "high"),
        ({"CRP": "32 mg/l"}, "inflammation_markers", "raised"),
        ({"HLA-B27 positive": True}, "hla_b27", "positive"),
        ({"band-like pain": True}, "band_pain", "yes"),
        ({"pain_severity": 8}, "severe_pain", "yes"),
        ({"pain_severity": "moderate"}, "severe_pain", "no"),
        ({"vomiting": True}, "nausea_vomiting", "yes"),
        ({"missed_period": True}, "could_be_pregnant", "yes"),
        ({"dialysis": True}, "immunosuppression", "yes"),
        ({"HIV": True}, "immunosuppression", "yes"),
        ({"recent_epidural_injection": True}, "recent_infection", "yes"),
        ({"joint_injection": True}, "recent_injection", "yes"),
        ({"tb_contact": True}, "tuberculosis_risk", "yes"),
        ({"recent_uti": True}, "recent_infection", "yes"),
        ({"scrotal_pain": True}, "testicular_pain", "yes"),
        ({"chest_pain": True, "dyspnoea": True}, "chest_or_breath", "chest_pain"),
        ({"dyspnea": True}, "chest_or_breath", "short_of_breath"),
        ({"swollen_calf": True}, "calf_swelling", "yes"),
        ({"urinary_retention_ml": 600}, "post_void_residual", "over_200ml"),
        ({"anal_tone": "reduced"}, "anal_tone", "reduced"),
        ({"anal_tone_normal": True}, "anal_tone", "normal"),
        ({"absent_ankle_reflex": True}, "reflex_loss", "positive"),
        ({"babinski": "positive"}, "hyperreflexia", "positive"),
        ({"clonus": True}, "hyperreflexia", "positive"),
        ({"unsteady_gait": True}, "gait_disturbance", "yes"),
        ({"hand_clumsiness": True}, "clumsy_hands", "yes"),
        ({"hematuria": True}, "urinary_symptoms", "yes"),
        ({"psa": 40}, "cancer_blood_sign", "yes"),
        ({"weight_loss_kg": 6}, "weight_loss", "yes"),
        ({"drenching sweats": True}, "chills_night_sweats", "yes"),
        ({"fall": True}, "trauma", "minor"),
        ({"fall_from_height": True}, "trauma", "major"),
        ({"cannot_weight_bear": True}, "cannot_bear_weight", "yes"),
        ({"eating_disorder": True}, "bone_stress_risk", "yes"),
        ({"cold_pale_leg": True}, "leg_newly_cold", "yes"),
        ({"saddle_anesthesia": True}, "saddle_numbness", "yes"),
        ({"bilateral_sciatica": True}, "leg_pain_both_sides", "yes"),
        ({"leg_pain": "both legs"}, "leg_pain_both_sides", "yes"),
        ({"duration": "10 days"}, "duration", "under_6w"),
        ({"duration_months": 4}, "duration", "over_12w"),
        ({"sudden_onset": True}, "onset", "sudden"),
        ({"sex": "F"}, "sex", "female"),
        ({"age": "72"}, "age_band", "60_74"),
        ({"trauma": "major"}, "trauma", "major"),
    ],
)
def test_words_mean(facts: dict[str, object], variable: str, expected: str) -> None:
    assert understood(**facts).get(variable) == expected


@pytest.mark.parametrize(
    ("facts", "variable", "absent"),
    [
        ({"no_fever": True}, "fever", "no"),
        ({"fever": "denied"}, "fever", "no"),
        ({"denies saddle numbness": True}, "saddle_numbness", "no"),
        ({"slr_negative": True}, "slr", "negative"),
        ({"collapse": "no"}, "collapse", "no"),
    ],
)
def test_a_denial_stays_a_denial(facts: dict[str, object], variable: str, absent: str) -> None:
    assert understood(**facts)[variable] == absent


def test_every_other_name_leads_to_a_fact_that_says_something(model: Model) -> None:
    for row in SYNONYMS:
        for value in (True, 8, "severe", "left", "female"):
            known = known_as(model, row["name"], value)
            if known is not None:
                break
        assert known is not None, row


def test_no_name_means_two_things() -> None:
    """Two facts may share a name only if a number and a word tell them apart."""
    twice = {n: s for n, s in read_synonyms().items() if len(s) > 1}
    for name, facts in twice.items():
        meant = {f.fact for f in facts}
        assert len(meant) == 1 or meant == {"pain_score", "pain_severity"}, name


@pytest.mark.parametrize("value", ["unknown", "not stated", "", None])
def test_what_was_not_stated_says_nothing(value: object) -> None:
    assert understood(saddle_numbness=value) == {}


@pytest.mark.parametrize("value", ["possible", "maybe", "left side", "some"])
def test_any_word_that_is_no_denial_counts_as_a_report(value: str) -> None:
    assert read_bool(value) is True


def test_a_word_and_its_number_agree() -> None:
    assert read_number("about 3", "weeks") == 3
    assert read_number("8-10", "of 10") == 10
    assert read_number("none", "weeks") is None


def test_the_danger_words_are_stems_in_one_spelling() -> None:
    text = (data_dir() / "danger_words.csv").read_text(encoding="utf-8").split()[1:]
    assert text == sorted(set(text)) and all(re.fullmatch("[a-zäöüß]+", w) for w in text)
    assert plain("Saddle area") == "saddle_area" and "saddle" in text


def test_facts_survive_json(model: Model) -> None:
    facts = {"Blood pressure": "90/60", "pulse rate": "118 bpm", "known AAA": "yes"}
    case = parse_case(model, json.loads(json.dumps({"facts": facts})))
    assert case.understood["pulse"] == "111_to_130"


@pytest.mark.parametrize(
    "value",
    [
        *("normal until yesterday", "normal before, now lost", "ok?", "fine with pads"),
        *("5/5 right, 1/5 left", "1/5 left, 5/5 right", "5/5 except foot 2/5", "normal left"),
    ],
)
def test_a_normal_word_counts_only_as_the_whole_value(value: str) -> None:
    assert read_function(value) is not False


@pytest.mark.parametrize(
    ("unit", "values", "worst"),
    [
        ("degrees Celsius", ("36.8, yesterday 39.4", "39.4; 36.8"), 39.4),
        ("mmHg", ("120/80 lying, 80/40 standing", "80/40 then 120/80"), 80),
        ("percent", ("97 then 84", "84, 97 at rest"), 84),
        ("beats a minute", ("70, then 140", "140, now 70", "70/140"), 140),
        ("mg/l", ("5, yesterday 180", "180, now 5"), 180),
    ],
)
def test_of_several_numbers_the_worst_counts(
    unit: str, values: tuple[str, ...], worst: float
) -> None:
    assert {read_number(value, unit) for value in values} == {worst}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"legs": "heavy and weak"}, {"leg_weakness": "both_sides", "heavy_legs": "yes"}),
        ({"gait": "broad-based, unsteady"}, {"gait_disturbance": "yes"}),
        ({"calf": "pale, cold, pulseless"}, {"cold_leg": "yes", "leg_newly_cold": "yes"}),
        ({"big_toe_extension": "weak"}, {"motor_deficit": "positive"}),
        ({"perineal_pinprick": "decreased"}, {"perianal_sensation": "reduced"}),
        ({"knee_extension_power": "3/5 both sides"}, {"leg_weakness": "both_sides"}),
        ({"ankle_dorsiflexion": "MRC 2"}, {"foot_drop": "yes"}),
        ({"onset": "gradual, then sudden collapse"}, {"onset": "sudden", "collapse": "yes"}),
        ({"last_period": "8 weeks ago"}, {"could_be_pregnant": "yes"}),
        ({"aneurysm_mm": 61}, {"known_aneurysm": "yes"}),
        ({"fell_metres": 5}, {"trauma": "major"}),
        ({"medication": "paracetamol 1 g twice daily, warfarin"}, {"anticoagulants": "yes"}),
        ({"drugs": "heroin"}, {"injected_drugs": "yes"}),
    ],
)
def test_what_is_told_of_a_part_or_a_drug_is_a_fact(
    facts: dict[str, object], expected: dict[str, str]
) -> None:
    case = parse_case(MODEL, {"facts": facts})
    assert expected.items() <= case.understood.items()
    assert not case.unclear


@pytest.mark.parametrize(
    "facts",
    [
        {"legs": "weak, not numb"},
        {"legs": "not weak"},
        {"gait": "unsteady, zorbled"},
        {"calf": "cold until yesterday"},
    ],
)
def test_what_else_is_told_of_a_part_stays_unclear(facts: dict[str, object]) -> None:
    assert parse_case(MODEL, {"facts": facts}).unclear


@pytest.mark.parametrize(
    "facts",
    [
        {"medication": "paracetamol"},
        {"medication": "none"},
        {"takes": "ibuprofen 400 mg twice daily"},
        {"height_cm": 180},
        {"weight_kg": 80},
        {"id": 17},
    ],
)
def test_harmless_facts_make_nothing_unclear(facts: dict[str, object]) -> None:
    assert not parse_case(MODEL, {"facts": facts}).unclear
    told = {"symptoms": "no pain, numb saddle"}
    assert understood(**told)["saddle_numbness"] == "yes"
