"""The vocabulary of case reports: every name has a meaning, and each meaning is the right one."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from lumbayes.cases.case import parse_case
from lumbayes.cases.vocabulary import Fact, age_span, load_vocabulary, read_vocabulary
from lumbayes.errors import TableError
from lumbayes.knowledge.definition import UNSURE
from lumbayes.knowledge.model import Model
from lumbayes.knowledge.tables import data_dir

SAMPLES = {"bool": (True, False), "age": ("about 40",), "text": ("breast",)}


def values(fact: Fact) -> list[object]:
    """One value for every meaning of a fact."""
    if fact.kind in SAMPLES:
        return list(SAMPLES[fact.kind])
    if fact.kind == "category":
        return [m.when for m in fact.meanings]
    spans = [m.span for m in fact.meanings if m.span]
    return [low + 1 if high == float("inf") else (low + high) / 2 for low, high, _, _ in spans]


def test_every_name_of_the_case_reports_has_a_row(model: Model) -> None:
    text = (data_dir() / "cases" / "vocabulary.md").read_text(encoding="utf-8")
    names = re.findall(r"^\| (\w+) \| \S+ \|", text, re.MULTILINE)
    assert set(names) - {"name"} == set(load_vocabulary(model))
    assert len(load_vocabulary(model)) == 258


def test_every_value_of_every_fact_is_understood_or_said_to_be_unused(model: Model) -> None:
    for fact in load_vocabulary(model).values():
        for value in values(fact):
            case = parse_case(model, {"facts": {fact.name: value}})
            unused = any(f"facts.{fact.name}=" in w and "is not used" in w for w in case.warnings)
            said = set(case.understood) - set(case.assumed)
            assert bool(said) != unused, f"{fact.name}={value}: {case}"


def understood(model: Model, **facts: object) -> dict[str, str]:
    return dict(parse_case(model, {"facts": facts}).understood)


@pytest.mark.parametrize(
    ("facts", "variable", "expected"),
    [
        ({"age_years": 18}, "age_band", "18_29"),
        ({"age_years": 29.9}, "age_band", "18_29"),
        ({"age_years": 30}, "age_band", "30_44"),
        ({"age_years": 75}, "age_band", "75_plus"),
        ({"age_years": 120}, "age_band", "75_plus"),
        ({"age_band": "about 40", "age_years": 61}, "age_band", "60_74"),
        ({"age_band": "forties"}, "age_band", "30_44 or 45_59"),
        ({"sitting_hours_per_day": 6}, "sitting", "6_to_8h"),
        ({"sitting_hours_per_day": 8}, "sitting", "6_to_8h"),
        ({"sitting_hours_per_day": 5.9, "sedentary_job": True}, "sitting", "under_6h"),
        ({"sedentary_job": True}, "sitting", "6_to_8h or over_8h"),
        ({"duration_weeks": 5.9}, "duration", "under_6w"),
        ({"duration_weeks": 6}, "duration", "6_to_12w"),
        ({"duration_weeks": 12}, "duration", "6_to_12w"),
        ({"duration_weeks": 12.1}, "duration", "over_12w"),
        ({"chronic_pain": True}, "duration", "over_12w"),
        ({"chronic_pain": True, "duration_weeks": 8}, "duration", "6_to_12w"),
        ({"bmi": 24.9}, "body_weight", "normal"),
        ({"bmi": 30}, "body_weight", "obese"),
        ({"obesity": False}, "body_weight", "normal or overweight"),
        ({"temperature_c": 38}, "fever", "yes"),
        ({"temperature_c": 37.9}, "fever", "no"),
        ({"temperature_c": 37, "fever": True}, "fever", "yes"),
        ({"temperature_c": 39, "fever": False}, "fever", "yes"),
        ({"heart_rate_bpm": 106}, "looks_unwell", "no (0.4) or yes (1)"),
        ({"heart_rate_bpm": 131}, "looks_unwell", "yes"),
        ({"heart_rate_bpm": 100}, "pulse", "91_to_100"),
        ({"heart_rate_bpm": 100.5}, "pulse", "101_to_110"),
        ({"heart_rate_bpm": 118}, "pulse", "111_to_130"),
        ({"systolic_bp": 90}, "systolic_pressure", "90_or_less"),
        ({"systolic_bp": 139.5}, "systolic_pressure", "111_to_139"),
        ({"temperature_c": 37.5}, "low_fever", "yes"),
        ({"temperature_c": 35.9}, "low_fever", "yes"),
        ({"diabetes": True}, "diabetes", "yes"),
        ({"hypertension": False}, "high_blood_pressure", "no"),
        ({"years_since_cancer": 5}, "cancer_recent", "yes"),
        ({"pelvic_pain": True}, "lower_belly_pain", "yes"),
        ({"age_years": 17}, "under_18", "yes"),
        ({"weeks_postpartum": 22}, "pregnancy", "postpartum"),
        ({"pregnant": True, "postpartum": True}, "pregnancy", "pregnant"),
        ({"gestation_weeks": 32}, "pregnancy", "pregnant"),
        ({"pregnant": False, "postpartum": False}, "pregnancy", "no"),
        ({"smoker": False}, "smoking", "never or former"),
        ({"smoker": False, "former_smoker": True}, "smoking", "former"),
        ({"smoker": False, "former_smoker": False}, "smoking", "never"),
        ({"major_trauma": False, "minor_trauma": False}, "trauma", "none"),
        ({"major_trauma": False, "minor_trauma": True}, "trauma", "minor"),
        ({"major_trauma": True, "minor_trauma": True}, "trauma", "major"),
        ({"running": True, "recent_increase_in_training": False}, "running_load", "regular"),
        ({"leg_pain": True}, "leg_pain", "above_knee or below_knee"),
        ({"leg_pain": True, "leg_pain_below_knee": False}, "leg_pain", "above_knee"),
        ({"leg_pain_below_knee": True}, "leg_pain", "below_knee"),
        ({"leg_pain": False}, "leg_pain_both_sides", "no"),
        ({"leg_weakness": True}, "leg_weakness", "one_side"),
        ({"leg_weakness": True, "bilateral_leg_weakness": True}, "leg_weakness", "both_sides"),
        ({"bilateral_buttock_pain": True, "buttock_pain": True}, "buttock_pain", "both_sides"),
        ({"buttock_pain": True}, "buttock_pain", "one_side or both_sides"),
        ({"morning_stiffness": True}, "morning_stiffness", "under_30min or over_30min"),
        ({"anterior_hip_pain": True, "groin_pain": False}, "groin_pain", "yes"),
        ({"not_relieved_by_rest": True}, "constant_pain", "yes"),
        ({"better_with_rest": True}, "constant_pain", "no"),
        ({"colicky_pain": False, "cannot_find_comfortable_position": True}, "restless_pain", "yes"),
        ({"urinary_retention": False, "urinary_hesitancy": True}, "urinary_retention", "yes"),
        ({"urinary_retention": False, "urinary_hesitancy": False}, "urinary_retention", "no"),
        ({"altered_bladder_sensation": True}, "urinary_retention", "yes"),
        ({"saddle_numbness": False, "saddle_altered_sensation": True}, "saddle_numbness", "yes"),
        ({"dysuria_or_frequency": False, "dark_urine": True}, "urinary_symptoms", "yes"),
        ({"neuro_exam_normal": True}, "motor_deficit", "negative"),
        ({"neuro_exam_normal": True, "reflex_loss": True}, "reflex_loss", "positive"),
        ({"systemic_symptoms": False}, "weight_loss", "no"),
        ({"systemic_symptoms": False, "fever": True}, "fever", "yes"),
        (
            {"stork_test_positive": True, "pain_on_lumbar_extension": False},
            "extension_test",
            "positive",
        ),
        ({"tight_hip_flexors": True}, "thomas", "positive"),
        ({"tight_hip_flexors": True, "thomas_test_positive": False}, "thomas", "negative"),
        ({"tight_tfl_itb": True}, "ober", "positive"),
        ({"weak_glutes_unspecified": True}, "weak_hip_abduction", "negative (0.3) or positive (1)"),
        ({"weak_glutes_unspecified": True}, "weak_hip_extension", "negative (0.3) or positive (1)"),
        ({"hip_exam_normal": True}, "hip_rotation", "normal"),
        ({"lumbar_rom_normal": True}, "spinal_mobility", "normal"),
        ({"iv_drug_use": True}, "injected_drugs", "yes"),
        ({"weeks_since_spine_surgery": 9}, "recent_infection", "yes"),
        ({"cancer_type": "breast"}, "cancer_history", "yes"),
        ({"breast_lump": True}, "new_cancer_sign", "yes"),
        ({"previous_vertebral_fracture_label": True, "osteoporosis": False}, "osteoporosis", "yes"),
        ({"unable_to_walk": True}, "difficulty_bearing_weight", "yes"),
        ({"pedal_pulses_normal": False}, "cold_leg", "yes"),
        ({"not_improving_with_treatment": True, "chronic_pain": True}, "not_improving", "yes"),
    ],
)
def test_facts_mean(model: Model, facts: dict[str, object], variable: str, expected: str) -> None:
    assert understood(model, **facts).get(variable) == expected


@pytest.mark.parametrize(
    ("facts", "variable"),
    [
        ({"red_flags_denied": True}, "fever"),
        ({"numbness_buttock": True}, "saddle_numbness"),
        ({"unable_to_walk": True}, "gait_disturbance"),
        ({"wide_based_gait": True}, "gait_disturbance"),
        ({"constipation": True}, "bowel_incontinence"),
        ({"leg_heaviness": True}, "leg_weakness"),
        ({"prior_spine_surgery": True}, "recent_infection"),
        ({"weeks_since_spine_surgery": 20}, "recent_infection"),
        ({"told_sciatica": False}, "leg_pain"),
        ({"bilateral_hip_pain": False}, "hip_pain"),
        ({"pelvic_pain": True, "pregnant": True}, "lower_belly_pain"),
        ({"years_since_cancer": 6}, "cancer_recent"),
        ({"age_years": 18}, "under_18"),
    ],
)
def test_facts_do_not_mean(model: Model, facts: dict[str, object], variable: str) -> None:
    assert variable not in understood(model, **facts)


def test_no_better_after_treatment_needs_six_weeks(model: Model) -> None:
    case = parse_case(model, {"facts": {"duration_weeks": 2, "not_improving_with_treatment": True}})
    assert "not_improving" not in case.findings
    assert (
        "facts.not_improving_with_treatment=true is not used, since duration is under_6w."
        in case.warnings
    )


def test_signs_of_one_thing_are_not_counted_twice(model: Model) -> None:
    once = parse_case(model, {"facts": {"tachycardia": True}})
    twice = parse_case(model, {"facts": {"tachycardia": True, "heart_rate_bpm": 110}})
    assert once.likelihoods["looks_unwell"] == twice.likelihoods["looks_unwell"]


def test_under_18_is_computed_as_18_to_29(model: Model) -> None:
    case = parse_case(model, {"facts": {"age_years": 16}})
    assert case.minor
    assert case.findings["age_band"] == "18_29"
    assert any("under 18" in w and "physician" in w for w in case.warnings)
    assert not parse_case(model, {"facts": {"age_years": 18}}).minor
    assert parse_case(model, {"facts": {"age_band": "teenager"}}).minor
    assert not parse_case(model, {"facts": {"age_band": "under 30"}}).minor


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("about 40", (40, 40)),
        ("45-year-old", (45, 45)),
        ("30-39", (30, 39)),
        ("60 to 74", (60, 74)),
        ("between 50 and 60", (50, 60)),
        ("18_29", (18, 29)),
        ("75_plus", (75, 120)),
        ("60+", (60, 120)),
        ("over 60", (60, 120)),
        ("under 18", (0, 17)),
        ("under 50", (18, 49)),
        ("40s", (40, 49)),
        ("early 40s", (40, 43)),
        ("mid-fifties", (54, 56)),
        ("late thirties", (37, 39)),
        ("elderly", (65, 120)),
        ("middle-aged", (45, 64)),
        ("young woman", (18, 35)),
        ("adult", None),
        ("", None),
    ],
)
def test_age_in_words(text: str, expected: tuple[float, float] | None) -> None:
    assert age_span(text) == expected


def test_an_age_that_cannot_be_read_stays_unknown(model: Model) -> None:
    case = parse_case(model, {"facts": {"age_band": "adult"}})
    assert "age_band" not in case.understood
    assert any("cannot be read as an age" in w and "forties" in w for w in case.warnings)


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"fevr": True}, r"unknown fact 'fevr'. Did you mean 'fever'\?"),
        ({"night_pain": 38.5}, "facts.night_pain must be true or false, got 38.5"),
        ({"age_years": "old"}, r"facts.age_years must be a number \(years\), got 'old'"),
        ({"age_years": True}, r"facts.age_years must be a number \(years\), got true"),
        ({"age_years": 130}, r"facts.age_years must be 0 to 120 \(years\), got 130"),
        ({"age_years": -1}, "facts.age_years must be 0 to 120"),
        ({"temperature_c": 50}, r"must be 30 to 44 \(degrees Celsius\), got 50"),
        ({"duration_weeks": -2}, r"must be 0 or more \(weeks\), got -2"),
        ({"duration_weeks": float("nan")}, "facts.duration_weeks must be 0 or more"),
        ({"onset": "suden"}, r"facts.onset 'suden'. Did you mean 'sudden'\?"),
        ({"sex": True}, "facts.sex must be text in quotes, got true"),
    ],
)
def test_a_fact_that_is_not_understood_is_named_back_and_the_rest_is_used(
    model: Model, facts: dict[str, object], message: str
) -> None:
    case = parse_case(model, {"facts": facts, "findings": {"slr": "negative"}})
    assert {n: s for n, s in case.findings.items() if s != UNSURE} == {"slr": "negative"}
    (warning,) = case.warnings
    assert len(case.unclear) == 1
    assert "not understood, so not used" in warning
    assert re.search(message, warning)


HEADER = "fact,kind,unit,when,strength,variable,states,unless,source,note\n"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("a,bool,,true,hard,fevr,yes,,,", r"line 2: unknown variable 'fevr'. Did you mean"),
        ("a,bool,,true,hard,fever,maybe,,,", "line 2: unknown state of fever 'maybe'"),
        ("a,bool,,yes,hard,fever,yes,,,", "unknown when 'yes'. Known: true, false"),
        ("a,bool,,true,sure,fever,yes,,,", "unknown strength 'sure'"),
        ("a,flag,,true,hard,fever,yes,,,", "unknown kind 'flag'"),
        ("a,bool,,true,hard,fever,yes,,,", "line 2: a needs a row for true and one for false"),
        ("a,bool,,true,soft,fever,no:x|yes:1,,expert,", "weight of no is 'x', not a number"),
        ("a,bool,,true,soft,fever,yes:1,,expert,", "gives every state of fever a weight above 0"),
        ("a,bool,,true,soft,fever,no:0|yes:1,,expert,", "gives every state of fever a weight"),
        ("a,bool,,true,soft,fever,no:0.5|yes:1,,,", "unknown source ''"),
        ("a,bool,,true,soft,fever,no:0.5|yes:1,,nobody1999,", "unknown source 'nobody1999'"),
        ("a,bool,,true,ignored,,,,,", "note is empty"),
        ("a,bool,,true,hard,fever,yes,fevr=no,,", "unknown variable 'fevr'"),
        ("a,bool,,true,hard,fever,yes,fever=non,,", "unknown state of fever 'non'"),
        ("a,number,,some,hard,fever,yes,,,", "when is 'some'. Write 6..12"),
        (
            "a,number,,0..5,hard,fever,no,,,\na,number,,6..9,hard,fever,yes,,,",
            "spans of a leave a gap or overlap at 5",
        ),
        (
            "a,number,,0..5,hard,fever,no,,,\na,number,,5..9,hard,fever,yes,,,",
            "spans of a leave a gap or overlap at 5",
        ),
        (
            "a,bool,,true,hard,fever,yes,,,\na,number,,>1,hard,fever,no,,,",
            "line 3: a has another kind or unit than in line 2",
        ),
    ],
)
def test_broken_tables(model: Model, tmp_path: Path, rows: str, message: str) -> None:
    shutil.copy(data_dir() / "sources.csv", tmp_path)
    (tmp_path / "vocabulary.csv").write_text(HEADER + rows + "\n", encoding="utf-8")
    with pytest.raises(TableError, match=message):
        read_vocabulary(model, tmp_path)


def test_a_span_of_time_is_the_measure_of_its_name_not_when_the_pain_began(model: Model) -> None:
    """An hour of morning stiffness is how long it takes: of each number of time, by its stem."""
    for fact in load_vocabulary(model).values():
        unit = fact.unit.split()[0] if fact.unit else ""
        stem = fact.name.removesuffix("_per_day").removesuffix(f"_{unit}")
        if fact.kind != "number" or unit not in ("minutes", "hours", "weeks") or stem == fact.name:
            continue
        for meaning in fact.meanings:
            assert meaning.span is not None
            number = max(1, round(meaning.span[0]) + 1)
            if meaning.strength == "ignored" or number > meaning.span[1]:
                continue
            told = parse_case(model, {"facts": {stem: f"{number} {unit}"}})
            same = parse_case(model, {"facts": {fact.name: number}})
            # "bladder symptoms: 5 weeks" also says that there are some
            assert same.findings.items() <= told.findings.items(), (stem, number)
            assert "began_within_two_days" not in told.findings or fact.name == "duration_weeks"


@pytest.mark.parametrize("how", ["after 30 minutes", "after 2 hours", "more than 3 hours a day"])
@pytest.mark.parametrize("name", ["sitting_pain", "worse_standing", "pain_when_running"])
def test_how_long_it_takes_is_not_how_long_ago_it_began(model: Model, name: str, how: str) -> None:
    """Pain after two hours of sitting is not pain since two hours."""
    assert "began_within_two_days" not in parse_case(model, {"facts": {name: how}}).findings


@pytest.mark.parametrize("verb", ["relieved_by", "eased_by", "improved_with", "better_when"])
def test_relief_is_read_in_any_verb(model: Model, verb: str) -> None:
    """Relieved, eased, improved and better say the same."""
    read = parse_case(model, {"facts": {f"{verb}_sitting": True}})
    assert read.findings == parse_case(model, {"facts": {"better_sitting": True}}).findings
    assert not read.unclear
