"""Questions and results, without a browser: the interview, the form, and what outlives all else."""

from __future__ import annotations

import json
import re

import pytest
from app_parts import answers, app, card, go, html_of, names_in, press, run, shown
from streamlit.testing.v1 import AppTest

from lumbayes.app import (
    examples,
    own_words,
    pages,
    report,
    results,
    sections,
    state,
    switches,
    texts,
)
from lumbayes.app.interview import steps
from lumbayes.cases.case import parse_case, understand
from lumbayes.cases.sayings import read_sayings
from lumbayes.knowledge import anchors
from lumbayes.knowledge.model import load_model
from lumbayes.questions.assessment.page import CARDS
from lumbayes.questions.assessment.summary import assess
from lumbayes.triage.care_level import care_level
from lumbayes.triage.judgement import Advice, red_flags
from lumbayes.triage.rules import LEVELS

MODEL = load_model()
FLAGS = [(name, s) for name, states in red_flags(MODEL).items() for s in states]
CASES = list(examples.worked(MODEL))
CALM = "self_care_exercises"
NOT_FIRM = "none"


@pytest.fixture(scope="module")
def session() -> AppTest:
    """One session for the tests that set all answers themselves."""
    return app()


@pytest.fixture(scope="module")
def clinician() -> AppTest:
    """A session of a clinician who has asked to see everything."""
    test = app("results", view="clinician")
    test.session_state["show_anyway"] = True
    return test


CALM_ANSWERS = {"duration": "under_6w", "onset": "gradual", "worse_with_movement": "yes"}


def calm_answers(findings: dict[str, str]) -> dict[str, str]:
    """The answers, with no to every warning sign that is still asked for."""
    known = dict(findings)
    while open_ := care_level(MODEL, parse_case(MODEL, known)).open_warning_signs:
        known |= {n: CALM_ANSWERS.get(n, MODEL.variables[n].states[0]) for n in open_}
    return known


# --- safety ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "answer"), FLAGS)
def test_each_red_flag_alone_raises_the_right_card(
    session: AppTest, name: str, answer: str
) -> None:
    expected = care_level(MODEL, parse_case(MODEL, {name: answer})).level
    answers(session, {name: answer})
    assert card(session) == [expected]
    titles = [error.title for error in session.error]
    assert (texts.EMERGENCY_TITLE in titles) == (expected == LEVELS[0])


@pytest.mark.parametrize("page", [path for path, _ in pages.PAGES])
@pytest.mark.parametrize(
    "also",
    [
        {"low_back_pain": "yes", "duration": "no_pain"},
        {"sex": "male", "pregnancy": "pregnant"},
        {"leg_pain": "none", "leg_pain_both_sides": "yes"},
        {"fever": "<b>x</b>"},
        {"no_such_thing": "yes"},
    ],
    ids=" ".join,
)
def test_an_emergency_outlives_every_contradiction_on_every_page(
    session: AppTest, page: str, also: dict[str, str]
) -> None:
    answers(go(session, "assess"), {"saddle_numbness": "yes", **also})
    go(session, page)
    assert texts.EMERGENCY_TITLE in [e.title for e in session.error]
    assert card(session) in ([LEVELS[0]], [])
    if page not in ("many-cases", "about"):
        assert card(session) == [LEVELS[0]]
    go(session, "assess")


def test_a_fault_of_ours_hides_no_emergency(monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*_: object, **__: object) -> None:
        raise RuntimeError("secret answer")

    monkeypatch.setattr(results, "care_level", fault)
    test = app(findings={"saddle_numbness": "yes", "low_back_pain": "yes"})
    assert card(test) == [LEVELS[0]]
    assert "secret" not in shown(test)


@pytest.mark.parametrize("page", [p for p, _ in pages.PAGES if p not in ("many-cases", "about")])
def test_an_emergency_stops_every_page(session: AppTest, page: str) -> None:
    """No chance, no next question, no exercise; what to do, what to tell, one number to call."""
    answers(go(session, "assess"), {"saddle_numbness": "yes", "low_back_pain": "yes"})
    words = shown(go(session, page))
    assert texts.HAND_OVER in words
    assert "Do not drive yourself." in words
    assert not re.search(r"\d+ in 1\d\d|%", words)
    assert not session.download_button
    go(session, "assess")


def test_show_anyway_is_for_clinicians(clinician: AppTest) -> None:
    answers(clinician, {"saddle_numbness": "yes"})
    assert texts.CAUSES in [h.value for h in clinician.header]
    assert texts.EMERGENCY_TITLE in [e.title for e in clinician.error]


@pytest.mark.parametrize(
    "findings",
    [{}, {"low_back_pain": "yes"}, {"slr": "negative", "faber": "negative"}, {"fever": "no"}],
    ids=str,
)
def test_silence_is_no_all_clear(session: AppTest, findings: dict[str, str]) -> None:
    for page in ("assess", "results", "report"):
        answers(session, findings)
        go(session, page)
        assert CALM not in html_of(session), page
        assert "No visit needed" not in shown(session), page
    go(session, "assess")


def test_a_firm_all_clear_takes_every_warning_sign(session: AppTest) -> None:
    given = calm_answers({"low_back_pain": "yes", "age_band": "30_44", "sex": "male"})
    answers(session, given)
    assert card(session) == [CALM]
    fewer = {k: v for k, v in given.items() if k != "saddle_numbness"}
    assert card(answers(session, fewer)) == [NOT_FIRM]


def test_not_sure_is_not_no(session: AppTest) -> None:
    answers(session, {"saddle_numbness": "unsure"})
    assert card(session) == ["urgent_physician"]


def test_patients_read_no_chance_of_a_dangerous_cause(session: AppTest) -> None:
    answers(session, {"weight_loss": "yes", "night_pain": "yes", "age_band": "60_74"})
    dangerous = [MODEL.variables[n].label for n in MODEL.with_role("must_not_miss")]
    for page in ("assess", "results"):
        body = html_of(go(session, page))
        for label in dangerous:
            assert not re.search(re.escape(label) + r"</span> <span class=.value", body)
        for section in re.findall(r"<section.*?</section>", body, re.DOTALL):
            assert not re.search(r"\d+ in 1\d\d", section)
    go(session, "assess")


# --- the interview --------------------------------------------------------------------------------


def step(test: AppTest, given: dict[str, str]) -> str:
    """Answer the screen on show as given, and no otherwise; its kind."""
    kind, names = test.session_state["screens"][-1]
    if kind == steps.ONE:
        (name,) = names
        value = given.get(name, MODEL.variables[name].states[0])
        next(b for b in test.button if str(b.key).endswith(f"_one_{name}_{value}")).click()
        run(test)
        return str(kind)
    for name in names[1:]:
        if name in given:
            epoch = test.session_state["epoch"]
            keys = {w.key for w in test.checkbox}
            if f"tick_{epoch}_{name}" in keys:
                test.checkbox(key=f"tick_{epoch}_{name}").set_value(True)
                run(test)
                if f"which_{epoch}_{name}" in {w.key for w in test.segmented_control}:
                    test.segmented_control(key=f"which_{epoch}_{name}").set_value(given[name])
            else:
                test.segmented_control(key=f"n_{epoch}_{name}").set_value(given[name])
            run(test)
    labels = [b.label for b in test.button]
    wanted = (
        *(texts.SIGNS_NONE, texts.SIGNS_NO_OTHERS),
        *(texts.CONFIRM_YES, texts.NEXT_SCREEN),
    )
    press(test, next(label for label in wanted if label in labels))
    return str(kind)


# What a person who is well apart from the pain would say to the questions asked one by one.
TYPICAL = {
    "age_band": "30_44",
    "sex": "male",
    "low_back_pain": "yes",
    "duration": "under_6w",
    "physical_activity": "active",
    "running_load": "none",
    "smoking": "never",
    "previous_back_pain": "no",
}


@pytest.mark.parametrize(
    "person",
    [
        TYPICAL,
        {**TYPICAL, "sex": "female", "pregnancy": "no"},
        {**TYPICAL, "leg_pain": "above_knee", "previous_back_pain": "yes"},
        {**TYPICAL, "age_band": "60_74", "smoking": "former"},
    ],
    ids=["man", "woman", "with leg pain", "older"],
)
def test_a_typical_person_has_a_firm_answer_within_twelve_screens(person: dict[str, str]) -> None:
    test, kinds = app(), list[str]()
    while results_of(test).provisional or not kinds:
        kinds.append(step(test, person))
        assert len(kinds) <= 12, kinds


def results_of(test: AppTest) -> Advice:
    """The advice for the answers of a session."""
    data = {"findings": test.session_state["findings"], "likelihoods": test.session_state["soft"]}
    return care_level(MODEL, understand(MODEL, data))


def test_the_interview_ends_and_asks_nothing_twice() -> None:
    test, kinds = app(), list[str]()
    while test.session_state["screens"][-1][0] != steps.DONE:
        kinds.append(step(test, TYPICAL))
        assert len(kinds) < steps.ENOUGH
    assert kinds[0] == steps.WORDS
    assert kinds[-1] == steps.ONE  # what tells the causes apart is asked as well
    press(test, texts.DONE_MORE)
    while test.session_state["screens"][-1][0] != steps.DONE:
        kinds.append(step(test, TYPICAL))
        assert len(kinds) < steps.ENOUGH + steps.MORE + 1
    asked = [n for k, ns in test.session_state["screens"] for n in (ns[1:] or ns) if k != "confirm"]
    # Again only where the first answer, "not for more than half an hour", left something open.
    again = {n for n in asked if asked.count(n) > 1}
    assert again <= {"morning_stiffness"}
    # A sign opened by a later answer is asked once more before the end, all others come first.
    assert kinds[kinds.index(steps.ONE) :].count(steps.SIGNS) <= 1


def test_an_emergency_does_not_wait_for_the_rest_of_the_screen() -> None:
    test = app()
    while "saddle_numbness" not in test.session_state["screens"][-1][1]:
        step(test, TYPICAL)
    test.checkbox(key=f"tick_{test.session_state['epoch']}_saddle_numbness").set_value(True)
    run(test)
    assert card(test) == [LEVELS[0]]


def test_side_and_strength_are_told_to_those_who_help() -> None:
    test = app()
    step(test, TYPICAL)
    epoch = test.session_state["epoch"]
    test.pills(key=f"remark_{epoch}_side").set_value("left")
    run(test)
    while "severe_pain" not in test.session_state["screens"][-1][1]:
        step(test, TYPICAL)
    test.pills(key=f"remark_{epoch}_severity").set_value("8")
    run(test)
    assert test.session_state["findings"]["severe_pain"] == "yes"
    go(test, "report")
    press(test, texts.SHARE_BUTTON)
    (link,) = [code.value for code in test.code]
    opened = app("report", s=link.partition("?s=")[2])
    assert f"{texts.SEVERITY}: 8/10" in shown(opened)
    assert texts.SIDES["left"] in shown(opened)
    press(go(opened, "assess"), texts.START_AGAIN)
    press(opened, texts.UNDO)  # brings the remarks back too
    answers(opened, {"saddle_numbness": "yes"})
    assert f"{texts.SEVERITY}: 8/10" in shown(opened)
    assert texts.SIDES["left"] in shown(opened)


def test_a_saved_file_keeps_what_was_told_and_what_does_not_fit_together() -> None:
    told = {"findings": {"sex": "male", "pregnancy": "pregnant"}, "note": {"side": "left"}}
    saved = json.loads(report.as_file(MODEL, told))
    assert state.known_remarks(saved["note"]) == {"side": "left"}
    assert understand(MODEL, saved).contradictions == understand(MODEL, told).contradictions != ()


def test_a_sign_without_its_grade_counts_as_any_of_them() -> None:
    test = app()
    while "leg_weakness" not in test.session_state["screens"][-1][1]:
        step(test, TYPICAL)
    test.checkbox(key=f"tick_{test.session_state['epoch']}_leg_weakness").set_value(True)
    run(test)
    assert test.session_state["soft"]["leg_weakness"]["none"] == 0
    assert card(test)[0] in LEVELS[:2]


def test_own_words_are_confirmed_before_they_count() -> None:
    test = app()
    test.text_area(key="own_words").set_value("sciatica since Monday, 28 weeks pregnant, no fever")
    press(test, texts.NEXT_SCREEN)
    assert test.session_state["findings"] == {}
    test.checkbox(key="heard_duration").set_value(False)
    press(test, texts.CONFIRM_YES)
    found = test.session_state["findings"]
    assert found["leg_pain"] == "below_knee"
    assert found["pregnancy"] == "pregnant"
    assert "duration" not in found
    assert "fever" not in found  # a warning sign is never denied by words: it is asked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I can't pee and I'm numb between my legs", {"urinary_retention", "saddle_numbness"}),
        ("my leg is not weak", set()),
        ("Seit drei Wochen Kreuzschmerzen, kein Fieber", {"low_back_pain", "duration"}),
        ("asdf [x](http://y.z)", set()),
        ("", set()),
    ],
)
def test_words_are_heard_in_two_languages(text: str, expected: set[str]) -> None:
    found = {h.variable: h.state for h in own_words.heard(MODEL, text)}
    assert expected <= set(found)
    assert found.get("leg_weakness", "none") == "none"
    assert found.get("fever", "no") == "no"


@pytest.mark.parametrize(
    ("text", "alarms"),
    [
        ("My leg is cold and white and I can't walk.", {"leg_newly_cold", "cannot_bear_weight"}),
        (
            "low back pain, I haven't peed since yesterday and my private parts feel numb",
            {"urinary_retention", "saddle_numbness"},
        ),
        ("not only numb between my legs but also back pain", {"saddle_numbness"}),
        ("I have never had such severe pain", {"severe_pain"}),
        ("I had no fever until today", {"fever"}),
        ("coughing blood, black stool, no control over my bowels", {"bowel_incontinence"}),
        ("my right foot drops", {"foot_drop"}),
        ("my period is 3 weeks late and I am on warfarin", {"could_be_pregnant"}),
        ("low back pain and no pee for a whole day", {"urinary_retention"}),
        ("not been able to pee since this morning", {"urinary_retention"}),
        ("I can't hold my poo", {"bowel_incontinence"}),
        ("no feeling when I wipe", {"saddle_numbness"}),
        ("no sensation when I wipe", {"saddle_numbness"}),
        ("numbness around my genitals", {"saddle_numbness"}),
        ("pins and needles in my groin and bottom", {"saddle_numbness"}),
        ("tingling in my private area", {"saddle_numbness"}),
        ("my thighs are giving out", {"leg_weakness"}),
        ("I can barely lift my toes", {"foot_drop"}),
        ("can't put weight on my leg", {"cannot_bear_weight"}),
        ("walking like a drunk", {"gait_disturbance"}),
        ("leaking fluid at 30 weeks", {"pregnancy_warning"}),
        ("vomiting blood", {"belly_alarm"}),
        ("Taubheit im Intimbereich", {"saddle_numbness"}),
        ("I have no idea why my legs are giving out", {"leg_weakness"}),
        ("I don't know why I can't pee", {"urinary_retention"}),
        ("not sure why my foot drops", {"foot_drop"}),
        ("without warning my legs give way", {"leg_weakness"}),
        ("keine Ahnung warum meine Beine nachgeben", {"leg_weakness"}),
        ("my legs feel like jelly", {"leg_weakness"}),
        ("my belly is rock hard", {"belly_alarm"}),
        ("back pain and no longer any feeling down below", {"saddle_numbness"}),
        ("İİİİİİ my foot drops", {"foot_drop"}),
        ("kein Urin seit gestern", {"urinary_retention"}),
    ],
)
def test_words_of_alarm_are_heard_as_there(text: str, alarms: set[str]) -> None:
    found = {h.variable: h.state for h in own_words.heard(MODEL, text)}
    assert alarms <= set(found)
    assert all(found[name] != MODEL.variables[name].states[0] for name in alarms)


@pytest.mark.parametrize(
    "text",
    ["no fever", "I am not numb between my legs", "never had cancer", "my leg is not weak"],
)
def test_no_warning_sign_is_denied_by_a_text(text: str) -> None:
    assert not own_words.heard(MODEL, text)


def test_what_others_have_and_what_is_not_understood_is_quoted_back() -> None:
    assert not own_words.heard(MODEL, "my dad had an aneurysm")
    test = app()
    test.text_area(key="own_words").set_value("Back pain. My legs feel paralysed somehow.")
    press(test, texts.NEXT_SCREEN)
    assert "My legs feel paralysed somehow" in shown(test)
    assert test.session_state["unread"] == ("My legs feel paralysed somehow",)


def test_what_was_not_read_keeps_the_answer_open_until_it_is_called_no_new_complaint() -> None:
    """One tick settles odd words, and not those that may be a danger; other words ask anew."""
    test = app()
    words = "Low back pain. My knee makes odd noises. My bladder is odd."
    test.text_area(key="own_words").set_value(words)
    press(test, texts.NEXT_SCREEN)
    assert set(test.session_state["unread"]) == {"My knee makes odd noises", "My bladder is odd"}
    (tick,) = [w for w in test.checkbox if "knee" in w.label]
    assert not tick.value
    assert "bladder" not in tick.label
    press(test, texts.CONFIRM_YES)
    assert len(test.session_state["unread"]) == 2
    press(test, texts.BACK_SCREEN)
    next(w for w in test.checkbox if "knee" in w.label).set_value(True)
    press(test, texts.CONFIRM_YES)
    assert test.session_state["unread"] == ("My bladder is odd",)
    press(test, texts.BACK_SCREEN)
    press(test, texts.BACK_SCREEN)
    test.text_area(key="own_words").set_value("Low back pain. My elbow makes odd noises.")
    press(test, texts.NEXT_SCREEN)
    assert not next(w for w in test.checkbox if "elbow" in w.label).value
    assert test.session_state["unread"] == ("My elbow makes odd noises",)


def test_skip_loses_nothing_that_was_written() -> None:
    test = app()
    test.text_area(key="own_words").set_value("My knee makes odd noises. My foot drops.")
    press(test, texts.WORDS_SKIP)
    assert [one.variable for one in test.session_state["heard"]] == ["foot_drop"]
    assert test.session_state["unread"] == ("My knee makes odd noises",)


@pytest.mark.parametrize("ticked", [False, True])
def test_all_denied_is_calm_only_if_what_was_not_read_is_no_new_complaint(ticked: bool) -> None:
    test = app()
    test.text_area(key="own_words").set_value("Low back pain. My knee makes odd noises.")
    press(test, texts.NEXT_SCREEN)
    next(w for w in test.checkbox if "knee" in w.label).set_value(ticked)
    press(test, texts.CONFIRM_YES)
    answers(test, calm_answers(dict(test.session_state["findings"])))
    words = shown(go(test, "results"))
    assert ("This was not understood" in words) is not ticked
    assert (card(test)[0] == CALM) is ticked


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("no numbness between my legs, I don't have any trouble with bladder or bowel", ()),
        ("I have no trouble with bladder and bowel.", ()),
        ("no trouble with bladder until now", ("no trouble with bladder until now",)),
        ("no trouble with my bladder, but not any more", None),
        ("back pain with odd legs", ("back pain with odd legs",)),
        ("back pain. Zorbles", ("Zorbles",)),
        ("no bladder", ("no bladder",)),
    ],
)
def test_a_plain_denial_is_neither_an_answer_nor_unclear(
    text: str, left: tuple[str, ...] | None
) -> None:
    said = {h.variable for h in own_words.heard(MODEL, text)}
    assert not said & set(red_flags(MODEL))
    unread = own_words.unread(MODEL, text)
    assert unread if left is None else unread == left


def test_every_phrase_names_an_answer_that_exists() -> None:
    for saying in read_sayings():
        assert saying.state in (*MODEL.variables[saying.variable].states, "unsure")


def test_back_skip_and_enough() -> None:
    test = app()
    press(test, texts.WORDS_SKIP)
    kind, names = test.session_state["screens"][-1]
    assert kind == steps.SIGNS
    press(test, texts.SKIP)
    assert test.session_state["screens"][-1][1] != names
    press(test, texts.BACK_SCREEN)
    assert test.session_state["screens"][-1] == (kind, names)
    press(test, texts.ENOUGH)
    assert texts.DONE_TITLE in [h.value for h in test.header]
    press(test, texts.DONE_SIGNS)
    assert test.session_state["screens"][-1][0] == steps.SIGNS


# --- the form -------------------------------------------------------------------------------------


def test_an_answer_by_button_counts_and_a_second_touch_clears_it() -> None:
    test = app(way="form")
    key = f"q_{test.session_state['epoch']}_fever"
    test.segmented_control(key=key).set_value("yes")
    run(test)
    assert test.session_state["findings"] == {"fever": "yes"}
    test.segmented_control(key=key).set_value(None)
    run(test)
    assert test.session_state["findings"] == {}


def test_no_to_all_answers_only_what_is_open() -> None:
    test = app(findings={"calf_swelling": "unsure"}, way="form")
    group = next(t for t, n in sections.questions(MODEL)["Warning signs"] if "fever" in n)
    test.button(key=f"none_{group}").click()
    run(test)
    found = test.session_state["findings"]
    assert found["calf_swelling"] == "unsure"
    assert found["fever"] == "no"


def test_answers_that_contradict_each_other_are_named_in_words_and_kept(
    session: AppTest,
) -> None:
    given = {"sex": "male", "pregnancy": "pregnant"}
    answers(session, given)
    words = shown(session)
    assert texts.CONTRADICTION in words
    assert "“Sex: Male”" in words
    assert not re.search(r"findings\.|sex=", words)
    assert session.session_state["findings"] == given
    answers(session, {})


def test_under_18_is_asked_as_an_age_and_needs_a_doctor() -> None:
    test = app(findings={"low_back_pain": "yes"}, way="form")
    test.session_state["section"] = "About you"
    run(test)
    key = f"q_{test.session_state['epoch']}_age_band"
    test.segmented_control(key=key).set_value(anchors.UNDER_18)
    run(test)
    assert test.session_state["minor"] is True
    assert card(test) == ["routine_physician"]


def test_self_tests_are_held_back_while_a_warning_sign_is_there() -> None:
    test = app(findings={"fever": "yes"}, way="form")
    test.session_state["section"] = "Self-tests"
    run(test)
    assert texts.NO_TESTS_NOW in [w.value for w in test.warning]


def test_every_question_stands_in_one_section_and_red_flags_come_first() -> None:
    placed = [n for g in sections.questions(MODEL).values() for _, names in g for n in names]
    assert len(placed) == len(set(placed))
    assert set(placed) == {v.name for v in MODEL.variables.values() if v.ask != "none"}
    first = {n for _, names in sections.questions(MODEL)["Warning signs"] for n in names}
    asked = {n for n, _ in FLAGS if MODEL.variables[n].ask == "question"}
    assert asked <= first


# --- results --------------------------------------------------------------------------------------


@pytest.mark.parametrize("id", CASES)
def test_every_example_gives_what_the_command_line_gives(clinician: AppTest, id: str) -> None:
    """The same level, and the causes in the same order."""
    clinician.session_state["all_causes"] = True
    data = examples.worked(MODEL)[id].data
    case = parse_case(MODEL, data)
    clinician.session_state["soft"] = {
        n: dict(zip(MODEL.variables[n].states, w, strict=True)) for n, w in case.likelihoods.items()
    }
    answers(clinician, {n: s for n, s in case.findings.items() if n not in case.assumed})
    clinician.session_state["soft"] = {}
    answer = assess(MODEL, case, 0).to_dict()
    level = answer["triage"]["level"]
    assert card(clinician)[0] in ((level, NOT_FIRM) if level == CALM else (level,))
    labels = [MODEL.variables[d["condition"]].clinician_label for d in answer["differential"]]
    assert names_in(html_of(clinician))[: len(labels)] == labels


@pytest.mark.parametrize("depth", switches.DEPTHS)
def test_nothing_is_ever_impossible_or_certain(depth: str) -> None:
    test = app(findings={"low_back_pain": "yes", "slr": "positive", "fever": "no"}, view=depth)
    for path, _ in pages.PAGES:
        assert not re.search(r"(?<![\d.,<>])\s(0|100) ?%", shown(go(test, path))), path


def test_patients_read_one_denominator_on_a_page() -> None:
    test = app(findings={"low_back_pain": "yes", "leg_pain": "below_knee"})
    for path in ("assess", "results"):
        assert set(re.findall(r"\bin (1[\d,]*)\b", shown(go(test, path)))) <= {"100"}, path


def test_the_result_speaks_when_it_changes(session: AppTest) -> None:
    """The spoken sentence is one component whose text changes."""
    answers(session, {"low_back_pain": "yes"})
    assert any("lumbayes_live" in str(e.proto) for e in session.get("bidi_component"))


def test_start_again_forgets_everything_and_can_be_undone() -> None:
    test = app(findings={"fever": "no"})
    press(test, texts.START_AGAIN)
    assert test.session_state["findings"] == {}
    press(test, texts.UNDO)
    assert test.session_state["findings"] == {"fever": "no"}
    test.button(key="example_C04").click()
    run(test)
    assert test.session_state["findings"] != {"fever": "no"}
    press(test, texts.UNDO)
    assert test.session_state["findings"] == {"fever": "no"}


def test_what_a_session_keeps_is_bounded() -> None:
    test = app()
    for i, (name, _) in enumerate(FLAGS[:20]):
        if MODEL.variables[name].states[0] == "no":
            answers(test, {name: ("yes", "no")[i % 2], "low_back_pain": "yes"})
    assert len(test.session_state["results"]) <= state.KEPT


def test_cards_are_named_as_everywhere() -> None:
    assert set(CARDS) == set(LEVELS)
