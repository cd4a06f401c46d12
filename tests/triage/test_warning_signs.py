"""A level is firm once every sign that could raise it is answered, and asking takes few clicks."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lumbayes.batch.answers as batch_answers
import lumbayes.triage.care_level as care_level_module
from lumbayes.batch.answers import answer_rows, check_wanted
from lumbayes.cases.case import Case, parse_case, with_answers
from lumbayes.cases.cohort import rows_from_cases
from lumbayes.evaluation.alarms import people_in_care
from lumbayes.knowledge.definition import UNSURE
from lumbayes.knowledge.model import Model
from lumbayes.questions.interview import next_step, start_interview
from lumbayes.triage.care_level import care_level, care_posterior
from lumbayes.triage.judgement import triage
from lumbayes.triage.known import case_known, states_left
from lumbayes.triage.reader import load_rules
from lumbayes.triage.rules import LEVELS, rank
from lumbayes.triage.warning_signs import screen_answers, screens_left, tick_states

RULES = load_rules()
ON_SCREENS = [sign.variable for screen in RULES.screens for sign in screen.signs]
RAISING = sorted(
    {
        literal.variable
        for rule in RULES.rules
        if rule.level != LEVELS[-1]
        for clause in rule.clauses
        for literal in clause.literals
        if not literal.negated and literal.variable in RULES.asked
    }
)


def test_every_sign_that_a_rule_could_raise_on_is_on_exactly_one_screen() -> None:
    assert len(ON_SCREENS) == len(set(ON_SCREENS))
    assert set(RAISING) <= set(ON_SCREENS)
    assert set(ON_SCREENS) <= RULES.asked


KNOWN = st.dictionaries(st.sampled_from(ON_SCREENS), st.integers(0, 6), max_size=25)


@settings(max_examples=150)
@given(KNOWN, st.randoms(use_true_random=False))
def test_a_firm_level_is_raised_by_no_further_answer(known: Mapping[str, int], random) -> None:  # type: ignore[no-untyped-def]
    """Open signs are all there are: answers to any others, in any number, never raise the level."""
    said = {n: (*RULES.states[n], UNSURE)[i % (len(RULES.states[n]) + 1)] for n, i in known.items()}
    advice = triage(RULES, said)
    assert advice.provisional == bool(advice.open_warning_signs)
    others = [n for n in ON_SCREENS if n not in said and n not in advice.open_warning_signs]
    skipped = {n for n in others if any(said.get(v) is not None for v, _ in RULES.skips.get(n, ()))}
    excluded = {n for pair in RULES.excluded for n, _ in pair}
    for _ in range(5):
        chosen = random.sample(others, min(len(others), 12))
        more = {n: random.choice(RULES.states[n]) for n in chosen if n not in skipped | excluded}
        after = triage(RULES, {**said, **more})
        assert rank(after.level) >= rank(advice.level)


@pytest.mark.parametrize("name", RAISING)
def test_until_a_sign_is_answered_the_level_is_not_firm(name: str) -> None:
    """With nothing said, every sign that a rule could raise on is open, and named."""
    assert name in triage(RULES, {}).open_warning_signs


def test_one_harmless_answer_or_clinic_tests_alone_earn_no_all_clear(model: Model) -> None:
    tests = {v.name: v.states[0] for v in model.variables.values() if v.ask == "clinical_test"}
    for said in ({"low_back_pain": "yes"}, {"low_back_pain": "no"}, {"slr": "negative"}, tests):
        advice = care_level(model, parse_case(model, said))
        if advice.level == LEVELS[-1]:
            assert advice.provisional and advice.open_warning_signs and advice.ask_again
            text = " ".join((*advice.reasons, *advice.what_to_do, advice.how_soon))
            assert "No visit" not in text and "None of your answers" not in text


def without_signs(model: Model, case: Case, **ticks: str) -> tuple[Case, int]:
    """Answer "none of these" until the level is firm; return the case and the number of clicks."""
    clicks = 0
    while left := screens_left(RULES, case):
        screen = left[0]
        if screen.any_of:
            chosen = {s.variable: ticks[s.variable] for s in screen.signs if s.variable in ticks}
            clicks += 1 + len(chosen)
            parts = screen_answers(RULES, screen, chosen)
            case = with_answers(model, case, parts["findings"], parts["likelihoods"])
        else:
            name = screen.signs[0].variable
            clicks += 1
            harmless = {"duration": "under_6w"}.get(name, RULES.states[name][0])
            case = with_answers(model, case, {name: ticks.get(name, harmless)})
    return case, clicks


PEOPLE = [
    {"age_band": age, "sex": sex, place: state}
    for age, sex, (place, state) in itertools.product(
        ("18_29", "30_44", "45_59", "60_74"),
        ("male", "female"),
        (
            ("low_back_pain", "yes"),
            ("buttock_pain", "one_side"),
            ("lateral_hip_pain", "yes"),
            ("hip_pain", "yes"),
        ),
    )
]


@pytest.mark.parametrize("person", PEOPLE, ids=lambda p: "-".join(p.values()))
def test_a_person_without_signs_has_a_firm_answer_in_ten_clicks(
    model: Model, person: dict[str, str]
) -> None:
    case, clicks = without_signs(model, Case(), **person)
    advice = triage(RULES, case.findings)
    assert clicks <= 10
    firm = care_level(model, case)
    assert not firm.provisional and not firm.open_warning_signs
    if firm.level == LEVELS[-1]:
        assert firm.how_soon == "No visit needed now"
    assert advice.level in LEVELS


def screens_of(model: Model, said: Mapping[str, str]) -> int:
    """Answer as a person would who knows each answer; how many screens until nothing is left."""
    case, passed, seen = Case(), list[str](), 0
    while left := screens_left(model, case, passed):
        screen, seen = left[0], seen + 1
        assert seen <= len(ON_SCREENS), f"asked for ever: {screen}"
        if screen.any_of:
            ticked = {
                s.variable: said[s.variable]
                for s in screen.signs
                if said.get(s.variable) in tick_states(model, screen, s.variable)
            }
            parts = screen_answers(model, screen, ticked)
            case = with_answers(model, case, parts["findings"], parts["likelihoods"])
            continue
        names = [s.variable for s in screen.signs]
        case = with_answers(model, case, {n: said[n] for n in names if n in said})
        passed += [n for n in names if n not in said]
    return seen


def test_of_people_who_seek_care_hardly_one_sees_more_than_twelve_screens(model: Model) -> None:
    """Own words and their confirmation are two of them; everybody's signs are drawn."""
    people = people_in_care(model, 100, seed=3).to_dict("records")
    seen = sorted(2 + screens_of(model, {str(n): s for n, s in p.items() if s}) for p in people)
    assert seen[50] <= 10
    assert seen[96] <= 12


def test_no_screen_comes_back_as_it_was(model: Model) -> None:
    """Stiff for less than half an hour: "none of these" leaves open whether at all, so it is asked
    as a choice, not once more by the same screen."""
    said = {"age_band": "30_44", "sex": "male", "low_back_pain": "yes", "duration": "under_6w"}
    said |= {"buttock_pain": "both_sides", "pelvic_joint_pain": "yes", "onset": "sudden"}
    said |= {"severe_pain": "yes", "nausea_vomiting": "yes", "worse_with_movement": "yes"}
    said |= {"morning_stiffness": "under_30min", "worse_standing_extension": "yes"}
    said |= {n: RULES.states[n][0] for n in ON_SCREENS if n not in said}
    assert screens_of(model, said) <= 12
    for screen in RULES.screens:
        parts = screen_answers(model, screen, {})["likelihoods"] if screen.any_of else {}
        for left in screens_left(model, with_answers(model, Case(), {}, parts)):
            assert not (left.any_of and set(parts) & {s.variable for s in left.signs})


# Firm and calm: what each of these says besides would not alarm, and lifts some chance.
CALM = [
    {"age_band": "18_29", "sex": "male", "low_back_pain": "yes"},
    {"age_band": "45_59", "sex": "female", "buttock_pain": "one_side", "smoking": "current"},
    {"age_band": "60_74", "sex": "male", "low_back_pain": "yes", "extension_test": "positive"},
    {"age_band": "60_74", "sex": "female", "lateral_hip_pain": "yes", "body_weight": "obese"},
]


def open_denied(model: Model, case: Case) -> Case:
    """Deny what is open, one sign at a time, and nothing else: as sparse as a firm level can be."""
    while signs := care_level(model, case).open_warning_signs:
        name = signs[0]
        harmless = {"duration": "under_6w"}.get(name, RULES.states[name][0])
        case = with_answers(model, case, {name: harmless})
    return case


def raised_by_one_answer(model: Model, case: Case) -> dict[str, tuple[str, ...]]:
    """Return the unanswered signs of the screens after which the level is more urgent, and why."""
    known, now = case_known(RULES, case), rank(care_level(model, case).level)
    raised = {}
    for name in (n for n in ON_SCREENS if n not in case.findings):
        left = states_left(RULES, known, name)
        for state in (s for i, s in enumerate(RULES.states[name]) if left >> i & 1):
            after = care_level(model, with_answers(model, case, {name: state}))
            if rank(after.level) < now:
                raised[name] = after.rules
    return raised


@pytest.mark.parametrize("person", CALM, ids=lambda p: "-".join(p.values()))
def test_after_a_firm_all_clear_no_answer_about_a_sign_raises_the_level(
    model: Model, person: dict[str, str]
) -> None:
    case = open_denied(model, parse_case(model, person))
    advice = care_level(model, case)
    assert advice.level == LEVELS[-1] and not advice.provisional
    assert raised_by_one_answer(model, case) == {}


@pytest.mark.parametrize("person", CALM[:2], ids=lambda p: "-".join(p.values()))
def test_nor_does_a_probability_wherever_the_thresholds_stand(
    model: Model, person: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thresholds just above what is known now: what could cross one is open, and nothing else."""
    case = open_denied(model, parse_case(model, person))
    chance = care_posterior(model, case)
    near = tuple(replace(t, threshold=1.1 * chance[t.condition] + 1e-12) for t in RULES.thresholds)
    rules = replace(RULES, thresholds=near)
    for module in (care_level_module, batch_answers):
        monkeypatch.setattr(module, "load_rules", lambda _folder: rules)
    advice = care_level(model, case)
    assert advice.level == LEVELS[-1] and advice.provisional
    assert set(raised_by_one_answer(model, case)) == set(advice.open_warning_signs)
    frame, _ = answer_rows(model, rows_from_cases(model, [case, case]), check_wanted(model, [], 0))
    assert frame["provisional"].all()
    assert (frame["open_warning_signs"] == len(advice.open_warning_signs)).all()
    assert {s.variable for c in screens_left(model, case) for s in c.signs} == set(
        advice.open_warning_signs
    )


def test_every_sign_ticked_is_answered_on_its_own() -> None:
    for screen in RULES.screens:
        if not screen.any_of:
            continue
        for sign in screen.signs:
            (state, *_) = tick_states(RULES, screen, sign.variable)
            parts = screen_answers(RULES, screen, {sign.variable: state})
            assert parts["findings"][sign.variable] == state
            others = {s.variable for s in screen.signs} - {sign.variable}
            assert set(parts["findings"]) | set(parts["likelihoods"]) >= others


def test_what_cannot_apply_is_not_asked(model: Model) -> None:
    man = parse_case(model, {"sex": "male", "age_band": "75_plus"})
    asked = {s.variable for screen in screens_left(RULES, man) for s in screen.signs}
    assert not asked & {"pregnancy", "could_be_pregnant", "pregnancy_warning", "bone_stress_risk"}
    woman = parse_case(model, {"sex": "female", "pregnancy": "no"})
    asked = {s.variable for screen in screens_left(RULES, woman) for s in screen.signs}
    assert not asked & {"testicular_pain", "pregnancy_warning"}


def test_unsure_stays_open_and_is_not_asked_twice(model: Model) -> None:
    case = parse_case(model, {"fever": UNSURE})
    assert "fever" in care_level(model, case).open_warning_signs
    assert "fever" not in {s.variable for c in screens_left(RULES, case) for s in c.signs}
    assert case_known(RULES, case) == {"fever": (4,)}


def test_the_interview_opens_with_where_it_hurts(model: Model) -> None:
    assert next_step(model, start_interview(model)).question == "Where does it hurt?"
