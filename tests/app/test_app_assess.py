"""The page Assess, without a browser."""

from __future__ import annotations

import re
from functools import lru_cache

import pytest
from app_parts import answers, app, card, go, html_of, names_in, run, shown
from streamlit.testing.v1 import AppTest

from lumbayes.app import examples, pages, sections, state, texts
from lumbayes.cases.case import parse_case
from lumbayes.knowledge.model import load_model
from lumbayes.questions.assessment.page import CARDS
from lumbayes.questions.assessment.summary import assess
from lumbayes.triage.care_level import care_level
from lumbayes.triage.judgement import red_flags

MODEL = load_model()
FLAGS = [(name, s) for name, states in red_flags(MODEL).items() for s in states]
CASES = list(examples.worked(MODEL))


@pytest.fixture(scope="module")
def session() -> AppTest:
    """One session for the tests that set all answers themselves."""
    return app()


@pytest.mark.parametrize(("name", "answer"), FLAGS)
def test_each_red_flag_alone_raises_the_right_card(
    session: AppTest, name: str, answer: str
) -> None:
    expected = care_level(MODEL, parse_case(MODEL, {name: answer})).level
    answers(session, {name: answer})
    assert card(session) == [expected]
    assert CARDS[expected] in html_of(session)
    titles = [error.title for error in session.error]
    assert (texts.EMERGENCY_TITLE in titles) == (expected == "emergency_now")


@lru_cache(maxsize=1)
def with_all_causes() -> AppTest:
    test = app()
    test.toggle(key="all_causes").set_value(True)
    return run(test)


@pytest.mark.parametrize("id", CASES)
def test_every_example_gives_what_the_command_line_gives(id: str) -> None:
    """The same level, and the causes in the same order."""
    test = with_all_causes()
    button = [b for b in test.button if b.key == f"example_{id}"]
    if button:
        button[0].click()
        run(test)
    else:
        test.selectbox(key="example_more").set_value(id)
        run(test)
    answer = assess(MODEL, parse_case(MODEL, examples.worked(MODEL)[id].data), 0).to_dict()
    assert card(test) == [answer["triage"]["level"]]
    labels = [MODEL.variables[d["condition"]].label for d in answer["differential"]]
    listed = names_in(html_of(test))
    assert listed[: len(labels)] == labels


def test_an_answer_by_button_counts_and_a_second_touch_clears_it(session: AppTest) -> None:
    answers(session, {})
    key = f"q_{session.session_state['epoch']}_fever"
    session.segmented_control(key=key).set_value("yes")
    run(session)
    assert session.session_state["findings"] == {"fever": "yes"}
    session.segmented_control(key=key).set_value(None)
    run(session)
    assert session.session_state["findings"] == {}
    assert card(session) == ["none"]


def test_the_next_question_and_its_place_in_the_list_show_the_same_answer(
    session: AppTest,
) -> None:
    answers(session, {})
    epoch = session.session_state["epoch"]
    first = next(w for w in session.segmented_control if str(w.key).startswith("n_"))
    name = str(first.key).removeprefix(f"n_{epoch}_")
    first.set_value(MODEL.variables[name].states[0])
    run(session)
    assert session.session_state["findings"] == {name: MODEL.variables[name].states[0]}
    listed = session.segmented_control(key=f"q_{epoch}_{name}")
    assert listed.value == MODEL.variables[name].states[0]


def test_not_sure_is_not_no(session: AppTest) -> None:
    answers(session, {"saddle_numbness": "no"})
    calm = card(session)
    answers(session, {"saddle_numbness": "unsure"})
    assert card(session) == ["urgent_physician"] != calm
    assert texts.ASK_AGAIN in html_of(session) or "not sure" in shown(session).lower()


def test_no_to_all_answers_only_what_is_open(session: AppTest) -> None:
    answers(session, {"saddle_numbness": "yes"})
    session.button(key=f"none_{texts.GROUP_TITLES[0]}").click()
    run(session)
    found = session.session_state["findings"]
    assert found["saddle_numbness"] == "yes"
    assert found["urinary_retention"] == "no"


def test_answers_that_contradict_each_other_are_named_and_kept(session: AppTest) -> None:
    given = {"leg_pain": "none", "leg_pain_both_sides": "yes"}
    answers(session, given)
    assert session.error[0].title == texts.CONTRADICTION
    assert session.session_state["findings"] == given
    answers(session, {})


def test_under_18_is_asked_as_an_age_and_needs_a_doctor(session: AppTest) -> None:
    answers(session, {"low_back_pain": "yes"})
    session.session_state["section"] = "About you"
    run(session)
    key = f"q_{session.session_state['epoch']}_age_band"
    session.segmented_control(key=key).set_value(state.UNDER_18)
    run(session)
    assert session.session_state["minor"] is True
    assert card(session) == ["routine_physician"]
    session.session_state["minor"] = False
    session.session_state["section"] = "Warning signs"
    answers(session, {})


def test_self_tests_are_held_back_while_a_warning_sign_is_there(session: AppTest) -> None:
    answers(session, {"saddle_numbness": "yes"})
    session.session_state["section"] = "Self-tests"
    run(session)
    assert texts.NO_TESTS_NOW in [w.value for w in session.warning]
    session.session_state["section"] = "Warning signs"
    answers(session, {})


@pytest.mark.parametrize("depth", state.DEPTHS)
def test_nothing_is_ever_impossible_or_certain(depth: str) -> None:
    test = app(findings={"low_back_pain": "yes", "slr": "positive", "fever": "no"}, view=depth)
    for _, path, _ in pages.PAGES:
        assert not re.search(r"(?<![\d.,<>])\s(0|100) ?%", shown(go(test, path))), path


def test_the_emergency_is_pinned_on_every_page() -> None:
    test = app(findings={"saddle_numbness": "yes"})
    for _, path, _ in pages.PAGES:
        assert texts.EMERGENCY_TITLE in [e.title for e in go(test, path).error], path


def test_the_result_speaks_when_it_changes(session: AppTest) -> None:
    """The spoken sentence is one component whose text changes."""
    answers(session, {"low_back_pain": "yes"})
    assert any("lumbayes_live" in str(e.proto) for e in session.get("bidi_component"))


def test_every_question_stands_in_one_section_and_red_flags_come_first() -> None:
    placed = [n for g in sections.questions(MODEL).values() for _, names in g for n in names]
    assert len(placed) == len(set(placed))
    assert set(placed) == {v.name for v in MODEL.variables.values() if v.ask != "none"}
    first = {n for _, names in sections.questions(MODEL)["Warning signs"] for n in names}
    asked = {n for n, _ in FLAGS if MODEL.variables[n].ask == "question"}
    assert asked <= first


def test_start_again_forgets_everything() -> None:
    test = app(findings={"fever": "yes"})
    next(b for b in test.button if b.label == texts.START_AGAIN).click()
    run(test)
    assert test.session_state["findings"] == {}
    assert card(test) == ["none"]


def test_what_a_session_keeps_is_bounded() -> None:
    test = app()
    flips = ["yes", "no"]
    for i, (name, _) in enumerate(FLAGS[:20]):
        if MODEL.variables[name].states[0] == "no":
            answers(test, {name: flips[i % 2], "low_back_pain": "yes"})
    assert len(test.session_state["results"]) <= state.KEPT
