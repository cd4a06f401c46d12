"""The exercise plan: laws over generated people, the tables behind it, and its wording."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbayes.errors import LumbayesError, TableError
from lumbayes.exercises.choice import DAYS, NO_EXERCISE, plan, score
from lumbayes.exercises.person import in_ten
from lumbayes.exercises.plan import Plan, TrainingDay
from lumbayes.exercises.tables import (
    EQUIPMENT,
    EVIDENCE,
    GENERAL,
    Exercise,
    read_exercises,
)
from lumbayes.knowledge.tables import data_dir, read_table
from lumbayes.triage.rules import LEVELS

EXERCISES = read_exercises()
ALL = tuple(EXERCISES)
ARTICLE = {  # every exercise or habit of the source article, with its claims
    "front_squat": {"B6"},
    "forward_lunge": {"B6", "C6"},
    "side_lunge": {"C6"},
    "hip_flexor_stretch": {"B6"},
    "walking": {"E1"},
    "elliptical": {"E1"},
    "water_aerobics": {"E1"},
    "sitting_breaks": {"E2"},
}
IMBALANCES = ("gmax_weak", "hip_flexors_tight", "gmed_weak", "tfl_tight")
CONDITIONS = sorted({*EXERCISES.needs} - {*IMBALANCES})
LOW = dict.fromkeys(IMBALANCES, 0.1)
RARE = dict.fromkeys(CONDITIONS, 0.001)
RULED = sorted(
    {a.name for e in ALL for r in e.avoid for a in r.atoms if a.state}
    | {a.name for n in EXERCISES.notes for r in n.when for a in r.atoms if a.state}
)
CHANCE = st.floats(0, 1) | st.sampled_from([0.0, 1.0])
# What puts strength work on hold is kept rare, or no generated plan would hold any exercise.
HOLDS = {a.name for n in EXERCISES.notes if n.kind == "hold" for r in n.when for a in r.atoms}
USUAL = st.sampled_from([0.0, 0.001, 0.002, 0.005, 0.01, 0.01, 0.02, 0.5])


def answers(name: str) -> st.SearchStrategy[str]:
    """Any answer; what puts strength work on hold is mostly denied."""
    states = [*EXERCISES.states[name], "unsure"]
    return st.sampled_from([*[states[0]] * 9 * (name in HOLDS), *states])


PEOPLE = st.fixed_dictionaries(
    {
        "imbalances": st.fixed_dictionaries({name: CHANCE for name in IMBALANCES}),
        "conditions": st.fixed_dictionaries(
            {name: USUAL if name in HOLDS else st.floats(0, 0.2) | CHANCE for name in CONDITIONS}
        ),
        "findings": st.fixed_dictionaries(
            {}, optional={name: answers(name) for name in RULED if name != "triage"}
        ),
        "triage_level": st.sampled_from(LEVELS),
        "equipment": st.sets(st.sampled_from(sorted(EQUIPMENT))),
        "level": st.none() | st.integers(1, 4),
        "pregnant": st.sampled_from([None, True]),
        "weeks": st.integers(6, 8),
        "per_session": st.integers(1, 8),
    }
)


def planned(**person: Any) -> Plan:
    """The plan of a person without any imbalance, condition or finding, except as given."""
    return plan(
        **{
            "exercises": EXERCISES,
            "imbalances": LOW,
            "conditions": RARE,
            "findings": {},
            "triage_level": "self_care_exercises",
            **person,
        }
    )


def chosen(answer: Plan) -> list[str]:
    return [item.exercise for item in answer.chosen]


def reasons(answer: Plan) -> dict[str, str]:
    return {item.exercise: item.because for item in answer.not_today}


@given(PEOPLE)
def test_every_exercise_of_the_article_is_chosen_or_refused_with_a_reason(
    person: dict[str, Any],
) -> None:
    answer = planned(**person)
    refused = {item.exercise for item in answer.not_today}
    assert set(ARTICLE) <= set(chosen(answer)) | refused
    assert not set(chosen(answer)) & refused
    assert all(item.reason.endswith(".") for item in answer.not_today)


@given(PEOPLE)
def test_only_safety_advice_when_triage_is_an_emergency_or_urgent(person: dict[str, Any]) -> None:
    answer = planned(**person)
    assert answer.safety
    if person["triage_level"] in NO_EXERCISE:
        assert not answer.chosen and not answer.weekly_schedule and not answer.expected_benefit
        assert not answer.stop_rules and not answer.how_much and not answer.pregnancy_rules
        assert set(reasons(answer)) == set(ARTICLE)
        assert answer.to_text().splitlines() == [note.text for note in answer.safety]
    else:
        assert answer.chosen and answer.stop_rules and answer.expected_benefit


@given(PEOPLE)
def test_nothing_unfit_for_pregnancy_is_ever_planned_in_pregnancy(person: dict[str, Any]) -> None:
    answer = planned(**person)
    expecting = person["pregnant"] or person["findings"].get("pregnancy") in ("pregnant", "unsure")
    assert answer.pregnant == bool(expecting)
    for item in answer.chosen:
        row = EXERCISES[item.exercise]
        if expecting:
            assert row.pregnancy != "no"
            assert bool(item.pregnancy_version) == (row.pregnancy == "adapt")
            following = [e for e in ALL if item.next_step.endswith(f": {e.name}.")]
            assert all(e.pregnancy != "no" for e in following)
        else:
            assert not item.pregnancy_version


@pytest.mark.parametrize("level", [1, 2, 3, 4])
@pytest.mark.parametrize("weak", IMBALANCES)
def test_a_full_session_in_pregnancy_holds_no_unfit_exercise_and_names_why(
    level: int, weak: str
) -> None:
    person = {"imbalances": {**LOW, weak: 0.9}, "equipment": set(EQUIPMENT), "level": level}
    answer = planned(**person, per_session=8, pregnant=True)
    unfit = {e.exercise for e in ALL if e.pregnancy == "no"}
    assert not unfit & set(chosen(answer))
    refused = {n.exercise for n in answer.not_today if n.because == "pregnancy"}
    assert refused == {e for e in unfit if EXERCISES[e].level <= level}
    assert len(answer.chosen) >= 8


@given(PEOPLE)
def test_no_planned_exercise_breaks_a_filter(person: dict[str, Any]) -> None:
    answer = planned(**person)
    facts = person["findings"] | ({"pregnancy": "pregnant"} if answer.pregnant else {})
    chances = person["imbalances"] | person["conditions"]
    for item in answer.chosen:
        row = EXERCISES[item.exercise]
        assert not any(rule.holds(facts, chances) for rule in row.avoid)
        assert set(row.equipment) <= person["equipment"]
        assert row.kind in ("aerobic", "habit") or row.level <= answer.level
    session = [item for item in answer.chosen if item.kind not in ("aerobic", "habit")]
    assert len(session) <= person["per_session"]
    assert sum(item.kind == "aerobic" for item in answer.chosen) <= 1
    patterns = [EXERCISES[item.exercise].pattern for item in answer.chosen]
    assert len(patterns) == len(set(patterns))


@given(
    st.sampled_from([e for e in ALL if "gmed_weak" in e.targets]),
    st.sampled_from([e for e in ALL if "gmed_weak" not in e.targets]),
    st.fixed_dictionaries({name: CHANCE for name in (*IMBALANCES, *CONDITIONS)}),
    CHANCE,
    st.integers(1, 4),
    st.booleans(),
)
def test_a_weaker_gluteus_medius_never_lowers_its_exercises_against_others(
    ours: Exercise,
    other: Exercise,
    chances: Mapping[str, float],
    raised: float,
    level: int,
    pregnant: bool,
) -> None:
    """What is ahead stays ahead: the score of ours may only rise, the other's stays the same."""
    more = {**chances, "gmed_weak": max(raised, chances["gmed_weak"])}
    assert score(ours, more, level, pregnant) >= score(ours, chances, level, pregnant) - 1e-12
    assert score(other, more, level, pregnant) == score(other, chances, level, pregnant)
    assert 0 <= score(ours, more, level, pregnant) <= 1


@given(PEOPLE, CHANCE)
def test_a_weaker_gluteus_medius_never_puts_off_its_first_exercise(
    person: dict[str, Any], raised: float
) -> None:
    """In the plan itself the first exercise for the muscle comes no later, and none is lost."""
    imbalances = person["imbalances"]
    more = {**imbalances, "gmed_weak": max(raised, imbalances["gmed_weak"])}

    def place(answer: Plan) -> int:
        order = [EXERCISES[e] for e in chosen(answer) if EXERCISES[e].kind == "strength"]
        found = (i for i, e in enumerate(order) if "gmed_weak" in e.targets)
        return next(found, 99)

    assert place(planned(**{**person, "imbalances": more})) <= place(planned(**person))


def load(day: TrainingDay, kinds: dict[str, str]) -> int:
    """How many exercises a day holds, habits aside."""
    return sum(kinds[e] != "habit" for e in day.exercises)


@given(PEOPLE)
def test_the_schedule_holds_every_exercise_on_as_many_days_as_its_dose_says(
    person: dict[str, Any],
) -> None:
    answer = planned(**person)
    if not answer.chosen:
        return
    kinds = {item.exercise: item.kind for item in answer.chosen}
    assert len(answer.weekly_schedule) == 7 * person["weeks"]
    for week in range(1, person["weeks"] + 1):
        days = [day for day in answer.weekly_schedule if day.week == week]
        assert tuple(day.day for day in days) == DAYS
        for item in answer.chosen:
            dose = item.dose(week)
            count = sum(item.exercise in day.exercises for day in days)
            assert count <= (dose.days_a_week if dose else 0)
            rests = item.kind == "strength" and dose and dose.days_a_week <= 3
            if dose and count < dose.days_a_week and not rests:  # every other day is full
                assert all(
                    item.exercise in day.exercises or load(day, kinds) >= person["per_session"]
                    for day in days
                )
        assert all(load(day, kinds) <= person["per_session"] for day in days)
    starters = [i for i in answer.chosen if i.kind == "strength" and i.dose(1)]
    assert len(starters) <= 3
    assert all(
        item.dose(3) and item.doses[-1].last_week == person["weeks"] for item in answer.chosen
    )


@given(PEOPLE)
def test_strength_has_a_day_of_rest_unless_its_source_asks_for_more_days(
    person: dict[str, Any],
) -> None:
    answer = planned(**person)
    strength = {i.exercise: i for i in answer.chosen if i.kind == "strength"}
    for week in range(1, person["weeks"] + 1) if strength else ():
        days = [set(d.exercises) for d in answer.weekly_schedule if d.week == week]
        doses = {e: i.dose(week) for e, i in strength.items()}
        rests = {e for e, dose in doses.items() if dose and dose.days_a_week <= 3}
        for day, after in zip(days, [*days[1:], days[0]], strict=True):
            assert not day & after & rests
            if len(strength) <= person["per_session"]:  # no strength day follows another
                assert not (day & rests and after & rests)


@given(PEOPLE)
def test_a_plan_survives_json_and_its_text_promises_nothing(person: dict[str, Any]) -> None:
    answer = planned(**person)
    data = json.loads(json.dumps(answer.to_dict(), allow_nan=False))
    assert [item["exercise"] for item in data["chosen"]] == chosen(answer)
    text = answer.to_text()
    assert not re.search(
        r"\b(0|100) %(?! with)|\b(nan|None)\b|you have a|diagnos|\bcures?\b you", text
    )


def test_where_the_front_hip_muscle_dominates_the_lunge_gives_way_to_clam_and_sidestep() -> None:
    answer = planned(imbalances={**LOW, "gmed_weak": 0.7, "tfl_tight": 0.6}, equipment=["band"])
    assert reasons(answer)["forward_lunge"] == "avoid"
    assert {"clam_band", "band_walk"} <= set(chosen(answer))
    why = next(item.why for item in answer.chosen if item.exercise == "band_walk")
    assert "about 7 in 10" in why


def test_sore_outer_hip_tendons_rule_out_the_outer_thigh_stretch() -> None:
    answer = planned(conditions={**RARE, "gtps": 0.5})
    assert reasons(answer)["itb_stretch"] == "avoid"
    assert chosen(answer)[1] == "lateral_hip_program"
    assert "benefit_lateral_hip" in {note.note for note in answer.expected_benefit}


@pytest.mark.parametrize(
    ("findings", "because"),
    [({"duration": "under_6w"}, "avoid"), ({"severe_pain": "yes"}, "avoid"), ({}, "level")],
)
def test_front_squat_is_not_for_new_or_strong_pain_nor_for_beginners(
    findings: dict[str, str], because: str
) -> None:
    assert reasons(planned(findings=findings, equipment=["dumbbells"]))["front_squat"] == because


def test_a_trained_person_with_a_weak_gluteus_maximus_gets_the_front_squat() -> None:
    answer = planned(imbalances={**LOW, "gmax_weak": 0.7}, equipment=["dumbbells"], level=4)
    assert "front_squat" in chosen(answer)


def test_lower_crossed_pattern_brings_gluteus_maximus_work_and_the_stretch() -> None:
    answer = planned(imbalances={**LOW, "gmax_weak": 0.6, "hip_flexors_tight": 0.7})
    assert "hip_flexor_stretch" in chosen(answer)
    assert sum("gmax_weak" in EXERCISES[e].targets for e in chosen(answer)) >= 2


def test_without_a_likely_imbalance_the_plan_is_walking_education_and_general_exercise() -> None:
    answer = planned()
    assert chosen(answer)[0] == "walking"
    assert {"keep_active", "sitting_breaks"} <= set(chosen(answer))
    assert not any(item.why.startswith("It trains") for item in answer.chosen)


def test_a_likely_serious_cause_leaves_only_walking_and_habits() -> None:
    answer = planned(
        conditions={**RARE, "vertebral_fracture": 0.3}, findings={"duration": "over_12w"}
    )
    assert {item.kind for item in answer.chosen} == {"aerobic", "habit"}
    assert "hold_fracture" in {note.note for note in answer.safety}
    assert reasons(answer)["side_lunge"] == "hold"


def test_expected_benefit_is_honest_in_every_plan() -> None:
    """De Jesus 2020: 5.4 of 100 (1.8 to 8.9), two null trials; Pocovi 2024: hazard ratio 0.72."""
    text = " ".join(note.text for note in planned().expected_benefit)
    for figure in ("about 5 of 100", "1.8 to 8.9", "Two trials", "0.72", "0.60 to 0.85"):
        assert figure in text
    sources = {key for note in planned().expected_benefit for key in note.source}
    assert {"dejesus2020", "kendall2015", "fukuda2021", "pocovi2024"} <= sources


def test_the_level_follows_activity_and_is_lowered_by_strong_pain_age_and_pregnancy() -> None:
    athlete = {"physical_activity": "athlete"}
    assert planned().level == 2
    assert planned(findings={"physical_activity": "inactive"}).level == 1
    assert planned(findings=athlete).level == 3
    assert planned(findings={**athlete, "pregnancy": "pregnant"}).level == 2
    assert planned(findings={**athlete, "severe_pain": "yes"}).level == 1
    assert planned(findings={**athlete, "age_band": "75_plus"}).level == 1
    assert planned(findings={**athlete, "severe_pain": "yes"}, level=4).level == 4


@pytest.mark.parametrize(
    ("person", "message"),
    [
        ({"triage_level": "fine"}, r"unknown triage level 'fine'\..*emergency_now"),
        ({"equipment": ["bands"]}, r"unknown equipment 'bands'\. Did you mean 'band'\?.*pool"),
        ({"equipment": "band"}, r"Give a list, such as \['band'\]"),
        ({"level": 5}, r"level is 5\. Choose one of: 1, 2, 3, 4\."),
        ({"level": True}, r"level is True\. Choose one of"),
        ({"weeks": 12}, r"weeks is 12\. Choose one of: 6, 7, 8\."),
        ({"per_session": 0}, r"per_session is 0\. Choose one of: 1, 2"),
        ({"imbalances": {"gmed_weak": 0.5}}, r"lack gmax_weak, .*0 to 1"),
        ({"imbalances": {**LOW, "gmed_weak": 1.2}}, r"gmed_weak is 1\.2\. A posterior lies"),
        ({"imbalances": {**LOW, "gmed_weak": float("nan")}}, r"gmed_weak is nan"),
        ({"conditions": {}}, r"conditions lack .*gtps"),
        (
            {"conditions": {**RARE, "gtp": 0.1}},
            r"unknown imbalance or condition 'gtp'\. Did you mean 'gtps'",
        ),
        ({"findings": {"slrr": "positive"}}, r"unknown variable 'slrr'\. Did you mean 'slr'"),
        ({"findings": {"slr": "Postive"}}, r"unknown state of slr 'Postive'\. Did you mean"),
        ({"findings": {"pregnancy": "pregnant"}, "pregnant": False}, r"Change one of them"),
    ],
)
def test_bad_input_is_named_with_the_choices(person: dict[str, Any], message: str) -> None:
    with pytest.raises(LumbayesError, match=message):
        planned(**person)


def test_an_unknown_exercise_is_named_with_the_nearest() -> None:
    with pytest.raises(LumbayesError, match=r"unknown exercise 'clamm'\. Did you mean 'clam'"):
        EXERCISES["clamm"]
    with pytest.raises(LumbayesError, match="chances lacks gmed_weak"):
        score(EXERCISES["hip_hitch"], {})


def test_chances_are_said_without_certainty() -> None:
    said = [in_ten(p / 100) for p in range(101)]
    assert said[0] == "less than 1 in 10" and said[100] == "more than 9 in 10"
    assert (
        said[5] == "about 1 in 10" and said[62] == "about 6 in 10" and said[65] == "about 7 in 10"
    )
    assert not any("0 in 10" in text or "10 in 10" in text for text in said)


# The tables


def test_the_table_holds_thirty_exercises_and_all_of_the_article() -> None:
    assert len(ALL) >= 30
    assert {e.exercise: set(e.from_article) for e in ALL if e.from_article} == ARTICLE
    assert {*EVIDENCE} >= {e.evidence_strength for e in ALL}
    assert len({e.name for e in ALL}) == len(ALL)
    assert {t for e in ALL for t in e.targets} == {*EXERCISES.targets, GENERAL}


def test_every_rule_speaks_of_variables_and_states_that_exist() -> None:
    known: dict[str, set[str]] = {"triage": set(LEVELS)}
    for row in read_table("states.csv", ("variable", "state", "label")):
        known.setdefault(row["variable"], set()).add(row["state"])
    rules = [r for e in ALL for r in e.avoid] + [r for n in EXERCISES.notes for r in n.when]
    for atom in [a for r in rules for a in r.atoms]:
        assert atom.state in known[atom.name] if atom.state else 0 < atom.at_least <= 1
    assert all(rule.why.endswith(".") for e in ALL for rule in e.avoid)


def test_every_source_is_in_the_list_of_sources() -> None:
    with (data_dir() / "sources.csv").open(encoding="utf-8") as file:
        keys = {row["key"] for row in csv.DictReader(file)}
    used = {key for e in ALL for key in e.source} | {k for n in EXERCISES.notes for k in n.source}
    assert used <= keys, f"not in data/sources.csv: {sorted(used - keys)}"


def test_a_harder_exercise_is_harder_and_the_steps_never_run_in_a_circle() -> None:
    for exercise in ALL:
        step, seen = exercise, {exercise.exercise}
        while step.harder:
            following = EXERCISES[step.harder]
            assert following.level >= step.level and following.exercise not in seen
            seen.add(following.exercise)
            step = following


def test_doses_grow_or_stay_and_strength_leaves_rest_days() -> None:
    for exercise in ALL:
        assert len(set(exercise.doses)) == 3, f"{exercise.exercise}: the dose does not progress"
        if exercise.kind == "strength" and exercise.evidence_strength < 1:
            light = exercise.exercise in ("wall_press", "glute_squeeze")
            assert light or max(exercise.days) <= 3


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("kind", "dance", "exercises.csv, line 2: unknown kind 'dance'"),
        ("targets", "gmed_week:1", "line 2: unknown target 'gmed_week'. Did you mean 'gmed_weak'"),
        ("targets", "gmed_weak:2", "'gmed_weak:2' is not target:weight"),
        ("evidence_strength", "0.55", "not a step of the scale: 1, 0.7, 0.6, 0.5, 0.3, 0.2"),
        ("level", "2.5", "level is 2.5, not a whole number"),
        ("grade", "E", "unknown grade 'E'"),
        ("equipment", "kettlebell", "unknown equipment 'kettlebell'"),
        ("harder", "wings", "unknown harder exercise 'wings'"),
        ("pregnancy", "adapt", "pregnancy_version is filled in exactly when"),
        ("avoid_when", "gtps=0.3", "unknown state of gtps '0.3'"),
        ("avoid_when", "gtps>0.3", "'gtps>0.3' is not name=state or name>=number"),
        ("avoid_when", "gtpps>=0.3", "unknown variable 'gtpps'. Did you mean 'gtps'"),
        ("avoid_when", "gtps>=3", "'3' is not a chance"),
        ("avoid_when", "slr>=0.3", "slr is a finding. Write slr="),
        ("avoid_why", "", "avoid_when has 2 parts, avoid_why 0"),
        ("exercise", "clam", "exercise clam is there twice"),
        ("source", "", "source is empty"),
    ],
)
def test_a_broken_table_is_named_with_file_and_line(
    tmp_path: Path, column: str, value: str, message: str
) -> None:
    for name in ("states.csv", "exercises.csv", "exercise_notes.csv", "exercise_targets.csv"):
        (tmp_path / name).write_bytes((data_dir() / name).read_bytes())
    path = tmp_path / "exercises.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0][column] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(TableError, match=re.escape(message)):
        read_exercises(tmp_path)


# The wording


def syllables(word: str) -> int:
    """Groups of vowels, a silent final e not counted; good enough for a mean over many words."""
    count = len(re.findall(r"[aeiouy]+", word))
    return max(1, count - (word.endswith("e") and not word.endswith("le") and count > 1))


def school_grade(text: str) -> float:
    """Flesch–Kincaid grade: 0.39 words per sentence + 11.8 syllables per word − 15.59."""
    sentences = max(1, len(re.findall(r"[.!?:](?:\s|$)", text)))
    words = re.findall(r"[a-z]+", text.lower())
    return 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def patient_texts() -> dict[str, str]:
    """What a person is asked to do and to mind, one text per exercise and per kind of note."""
    texts = {
        e.exercise: " ".join(
            [
                *(e.start_position, e.movement, e.how_it_should_feel, *e.doses),
                *(e.pregnancy_version, e.cautions, *(rule.why for rule in e.avoid)),
            ]
        )
        for e in ALL
    }
    for note in EXERCISES.notes:
        texts[note.kind] = f"{texts.get(note.kind, '')} {note.text}"
    return texts


@pytest.mark.parametrize("name", patient_texts())
def test_a_child_of_twelve_can_read_it(name: str) -> None:
    assert school_grade(patient_texts()[name]) <= 7.0


def test_no_single_note_and_no_single_evidence_text_is_hard_to_read() -> None:
    """Muscle names count four to six syllables each: the evidence may be a little harder."""
    assert {n.note: g for n in EXERCISES.notes if (g := school_grade(n.text)) > 9} == {}
    assert {e.exercise: g for e in ALL if (g := school_grade(e.evidence)) > 11.5} == {}
    assert school_grade(" ".join(e.evidence for e in ALL)) < 8


@pytest.mark.parametrize("row", ALL, ids=lambda e: e.exercise)
def test_texts_are_calm_whole_sentences(row: Exercise) -> None:
    texts = [row.start_position, row.movement, row.how_it_should_feel, *row.doses, row.evidence]
    texts += [row.cautions, row.pregnancy_version, row.alt_start, row.alt_end]
    for text in filter(None, texts):
        assert text[0].isupper() or text[0].isdigit()
        assert text.endswith(".") and "  " not in text and not text.endswith("..")
        assert not re.search(r"!|diagnos|must never|danger to life|guarantee", text)
