"""The pages beside Assess, without a browser."""

from __future__ import annotations

import html
import io
import json
import re
from typing import Any

import pandas as pd
import pytest
from app_parts import answers, app, go, html_of, press, run, shown
from streamlit.testing.v1 import AppTest

from lumbayes.app import (
    accuracy,
    bad_rows,
    body_map,
    charts,
    drawings,
    examples,
    figures,
    many_cases,
    network_view,
    pages,
    questions,
    share,
    texts,
    uploads,
    what_if,
    workbench,
)
from lumbayes.app.questions import TEST_COLUMNS
from lumbayes.cases.case import case_to_dict, parse_case
from lumbayes.errors import CaseError, LumbayesError
from lumbayes.exercises.plan import PHASES
from lumbayes.exercises.tables import read_exercises
from lumbayes.inference.queries import posterior
from lumbayes.knowledge.model import load_model
from lumbayes.questions.next_question.ranking import next_questions
from lumbayes.questions.what_if.counterfactual import counterfactual
from lumbayes.text import JOINER

MODEL = load_model()
BACK = {"low_back_pain": "yes", "sitting": "over_8h", "leg_pain": "below_knee", "fever": "no"}
EMERGENCY = {"saddle_numbness": "yes"}


@pytest.mark.parametrize("path", [path for path, _ in pages.PAGES])
@pytest.mark.parametrize("findings", [{}, BACK, EMERGENCY], ids=["empty", "back", "emergency"])
def test_every_page_opens(path: str, findings: dict[str, str]) -> None:
    test = app(path, findings)
    assert texts.BROKEN not in shown(test)
    assert len(test.title) == 1


# --- what if ------------------------------------------------------------------------------------


def what_if_answer(test: AppTest) -> str:
    """The headline of the answer, and the sentence below it."""
    heading = next(h.value for h in test.header if h.value.startswith("What if:"))
    return str(heading) + " " + shown(test)


def test_the_personal_answer_comes_first_and_names_what_was_asked() -> None:
    test = app("what-if", BACK)
    test.pills[0].set_value(["gmed_weak"])
    run(test)
    found = counterfactual(MODEL, parse_case(MODEL, BACK), {"gmed_weak": "absent"}, draws=0)
    said = what_if.sentence(found.frame.iloc[0], "had_been")
    assert what_if.reported(MODEL, parse_case(MODEL, BACK))[0] == "low_back_pain"
    assert what_if.quick(MODEL)["gmed_weak"] in what_if_answer(test)
    assert said in shown(test)


@pytest.mark.parametrize("kind", ["had_been", "done", "seen"])
def test_each_question_has_one_denominator_and_its_own_words(kind: str) -> None:
    test = app("what-if", BACK)
    next(w for w in test.segmented_control if w.key == "if_kind_3").set_value(kind)
    run(test)
    if kind == "seen":
        test.multiselect(key="if_seen").set_value(["leg_pain"])
    else:
        test.pills[0].set_value(["sitting"])
    run(test)
    words = shown(test)
    assert texts.IF_KIND_LEADS[kind] in words
    assert set(re.findall(r"in (1[\d,]*)\b", words)) <= {f"{what_if.PER[kind]:,}"}


def test_nothing_is_offered_that_holds_already() -> None:
    test = app("what-if", {"low_back_pain": "yes", "sitting": "under_6h", "poor_posture": "no"})
    offered = set(test.pills[0].options)
    assert what_if.quick(MODEL)["sitting"] not in offered
    assert what_if.quick(MODEL)["poor_posture"] not in offered
    assert what_if.quick(MODEL)["gmax_weak"] in offered
    for muscle in MODEL.names("imbalance"):
        assert what_if.quick(MODEL)[muscle] in offered


def test_keep_takes_the_change_over_and_undo_brings_the_answers_back() -> None:
    test = app("what-if", BACK)
    test.pills[0].set_value(["sitting"])
    run(test)
    press(test, texts.IF_PIN)
    press(test, texts.IF_KEEP)
    assert test.session_state["findings"]["sitting"] == "under_6h"
    assert texts.IF_PINNED in [h.value for h in test.header]
    press(test, texts.UNDO)
    assert test.session_state["findings"]["sitting"] == "over_8h"


def test_a_slider_starts_at_what_is_so_and_answers_at_once() -> None:
    """Each thing of more than two states has one; what nobody was asked starts at that."""
    test = app("what-if", BACK)
    sliders = {s.label: s for s in test.select_slider}
    many = [n for n in MODEL.with_role("changeable") if len(MODEL.variables[n].states) > 2]
    assert len(sliders) == len(many) > 3
    sitting = next(s for label, s in sliders.items() if MODEL.variables["sitting"].label in label)
    assert sitting.value == "over_8h" and texts.IF_NOW in sitting.label
    assert texts.IF_NOTHING_CHOSEN in [i.value for i in test.info]
    sitting.set_value("6_to_8h")
    run(test)
    assert texts.IF_NOTHING_CHOSEN not in [i.value for i in test.info]
    assert MODEL.variables["sitting"].label in next(
        h.value for h in test.header if h.value.startswith(texts.IF_HEADLINE.format(what=""))
    )


def test_what_is_kept_is_compared_with_its_own_kind_alone() -> None:
    """One denominator a page: what had been is counted in 100, what is done in 1,000."""
    test = app("what-if", BACK)
    test.pills[0].set_value(["sitting"])
    run(test)
    press(test, texts.IF_PIN)
    assert texts.IF_PINNED in [h.value for h in test.header]
    next(c for c in test.segmented_control if c.label == texts.IF_KIND).set_value("done")
    run(test)
    assert texts.IF_PINNED not in [h.value for h in test.header]


def test_without_pain_the_question_is_about_someone_like_you() -> None:
    test = app("what-if", {"sitting": "over_8h"})
    test.pills[0].set_value(["sitting"])
    run(test)
    assert "in 1,000 instead of" in shown(test)


def test_one_who_should_be_seen_is_not_offered_to_sit_less() -> None:
    test = app("what-if", {"fever": "yes", "low_back_pain": "yes"})
    assert not test.pills
    assert texts.IF_FIRST_ADVICE in [w.value for w in test.warning]


# --- why ----------------------------------------------------------------------------------------


def test_why_explains_the_chosen_cause_and_the_network_follows() -> None:
    test = app("why", BACK)
    test.selectbox(key="why_target").set_value("radiculopathy")
    run(test)
    assert any(MODEL.variables["radiculopathy"].label in m.value for m in test.markdown)
    assert test.session_state["network_node"] == "radiculopathy"
    test.toggle(key="hangs").set_value(True)
    run(test)
    assert test.selectbox(key="life_number").value in {n.id for n in MODEL.numbers}


# --- tests ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Trendelenburg", "trendelenburg"),
        ("thomas", "thomas"),
        ("FABER", "faber"),
        ("patrick", "faber"),
        ("fadir", "fadir"),
        ("SLR", "slr"),
        ("Lasègue", "slr"),
        ("slump", "slump"),
        ("ober", "ober"),
    ],
)
def test_tests_are_found_by_their_usual_names(words: str, expected: str) -> None:
    assert expected in accuracy.matching(MODEL, words)


def test_every_test_has_its_accuracy_and_its_sources() -> None:
    """Sensitivity and specificity are those of the network; what has a number has its source."""
    known = accuracy.accuracies(MODEL)
    for name in accuracy.tests(MODEL):
        if name not in MODEL.network:
            continue
        for told in known[name].values():
            assert 0 <= told.sensitivity <= 1
            assert 0 <= told.specificity <= 1
        assert all(source for _, _, source in accuracy.source_rows(MODEL, name))
        assert accuracy.source_rows(MODEL, name), name
    case = {"asks_for_care": "yes", "radiculopathy": "present"}
    straight = posterior(MODEL.network, "slr", case)["positive"]
    assert known["slr"]["radiculopathy"].sensitivity == pytest.approx(straight)


def component(test: Any, name: str) -> dict[str, Any]:
    """Return what a page hands to one of its own components."""
    data = [e.proto for e in test.get("bidi_component")]
    found = next(p for p in data if p.component_name.endswith(name))
    return dict(json.loads(found.json))


def test_the_table_holds_every_test_the_most_telling_first_and_the_notes_hold_a_result() -> None:
    test = app("tests", BACK | {"slr": "positive"}, view="clinician")
    rows = component(test, "tests")["rows"]
    assert {row["id"] for row in rows} == set(accuracy.tests(MODEL))
    assert (rows[0]["id"], rows[0]["answer"]) == ("slr", "positive")
    case = parse_case(MODEL, {"findings": BACK | {"slr": "positive", "asks_for_care": "yes"}})
    kinds = ("clinical_test", "self_test")
    best = next_questions(MODEL, case, None, None, kinds=kinds).frame["variable"].iloc[0]
    assert rows[1]["id"] == best
    words = test.code[0].value
    assert MODEL.variables["slr"].clinician_label in words
    assert "Provisional" in words
    test.text_input(key="tests_search").set_value("lasègue")
    run(test)
    assert {"slr", "crossed_slr"} == {row["id"] for row in component(test, "tests")["rows"]}


def test_a_pinned_target_is_what_every_test_is_told_about() -> None:
    test = app("tests", BACK, view="clinician")
    test.session_state["tests_pin"] = "radiculopathy"
    run(test)
    rows = {row["id"]: row for row in component(test, "tests")["rows"]}
    told = accuracy.accuracies(MODEL)
    for name, row in rows.items():
        if name in told:
            assert row["about"] == MODEL.variables["radiculopathy"].clinician_label
            assert row["numbers"][0] == f"{told[name]['radiculopathy'].sensitivity:.2f}"
        else:
            assert row["numbers"][:4] == [workbench.NONE] * 4


def test_who_is_examined_asks_for_care_as_long_as_a_test_is_entered() -> None:
    """Nobody answered it: it is told as assumed, and stands in no file."""
    test = app("why", {"slr": "positive"}, view="clinician")
    assert "Asks for care: Yes (assumed)" in shown(test)
    box = next(n for n in network_nodes(test) if n["id"] == "asks_for_care")
    assert (box["value"], box["observed"]) == ("(Yes)", False)
    assert "asks_for_care" not in test.session_state["findings"]
    answers(test, {"fever": "no"})
    assert "Asks for care" not in shown(test)


def network_nodes(test: Any) -> list[dict[str, Any]]:
    return list(component(test, "network")["nodes"])


# --- exercises ----------------------------------------------------------------------------------


def exercise_titles(test: Any) -> list[str]:
    known = {row.name for row in read_exercises()}
    return [e.label for e in test.expander if e.label in known]


def test_in_an_emergency_there_is_nothing_but_safety_advice() -> None:
    test = app("exercises", EMERGENCY)
    assert exercise_titles(test) == []
    assert texts.HAND_OVER in shown(test)
    assert not test.selectbox


def test_the_filters_change_the_plan() -> None:
    test = app("exercises", BACK)
    before = exercise_titles(test)
    assert before
    test.number_input(key="ex_session").set_value(1)
    run(test)
    assert len(exercise_titles(test)) < len(before)
    test.number_input(key="ex_session").set_value(8)
    test.pills(key="ex_equipment").set_value(["band", "pool"])
    test.selectbox(key="ex_level").set_value(1)
    run(test)
    assert len(exercise_titles(test)) > 1
    test.selectbox(key="ex_pregnant").set_value("yes")
    run(test)
    assert texts.EX_PREGNANCY in shown(test)


@pytest.mark.parametrize("most", [1, 3, 5])
def test_no_day_holds_more_exercises_than_wished(most: int) -> None:
    test = app("exercises", BACK)
    test.number_input(key="ex_session").set_value(most)
    for first, _ in PHASES:
        next(w for w in test.segmented_control if w.key == "ex_phase").set_value(first)
        run(test)
        (week,) = [e for e in test.get("bidi_component") if "lumbayes_week" in str(e.proto)]
        week_ = json.loads(week.proto.json)
        for day in week_["days"]:
            assert all(item["name"] and item["dose"] for item in day["items"])
            if day["id"] != texts.after.EX_EVERY_DAY:
                assert len(day["items"]) <= most, day


def test_a_pregnancy_cannot_be_filtered_away() -> None:
    test = app("exercises", {**BACK, "sex": "female", "pregnancy": "pregnant"})
    test.selectbox(key="ex_pregnant").set_value("no")
    run(test)
    assert texts.EX_PREGNANT_CLASH in [i.value for i in test.info]
    assert texts.EX_PREGNANCY in shown(test)


def test_every_exercise_and_self_test_has_its_drawing() -> None:
    for row in read_exercises():
        for picture in drawings.exercise(row.exercise, (row.alt_start, row.alt_end)):
            assert picture.svg.startswith("<svg")
    tests = [v.name for v in MODEL.variables.values() if v.ask == "self_test"]
    for name in tests:
        *steps, start, end, alt = [questions.self_tests(MODEL)[name][c] for c in TEST_COLUMNS[1:]]
        drawn = drawings.self_test(name, (start, end), alt, dark=True)
        assert all(picture.alt for picture in drawn)
        assert any("Stop" in step for step in steps)
    assert {n for kind, n in figures.poses() if kind == "self-test"} == set(tests)


# --- report, saving and sharing -------------------------------------------------------------------


def test_the_report_puts_the_level_of_care_first() -> None:
    test = app("report", BACK)
    first = html_of(test).split('<div class="lb')[1]
    assert first.startswith(" care ")


def test_a_link_carries_the_answers_and_leaves_the_address() -> None:
    code = share.to_code({"findings": BACK, "version": {"data": MODEL.version}})
    test = app(s=code)
    assert test.session_state["findings"] == BACK
    assert "s" not in test.query_params


@pytest.mark.parametrize(
    "code",
    [
        "",
        "nonsense",
        "%%%",
        "x" * 10_000,
        share.to_code({"findings": BACK})[:-9],
        share.to_code({"findings": {"no_such_thing": "yes"}}),
        share.to_code({"findings": {"sex": "male", "pregnancy": "pregnant"}}),
    ],
)
def test_a_broken_link_gives_a_message_and_an_empty_start(code: str) -> None:
    test = app(s=code)
    assert test.error
    assert "s" not in test.query_params
    assert test.session_state["findings"] == {}


def test_a_link_with_a_contradiction_that_calls_for_a_visit_is_opened() -> None:
    said = {"leg_pain": "none", "leg_pain_both_sides": "yes"}
    test = app(s=share.to_code({"findings": said}))
    assert "do not fit together" in shown(test)


def test_an_old_link_keeps_what_is_still_known_and_says_what_is_not() -> None:
    findings = {"fever": "no", "gone_since": "yes"}
    test = app(s=share.to_code({"findings": findings, "version": {"data": "00000000"}}))
    assert test.session_state["findings"] == {"fever": "no"}
    assert any("gone_since" in w.value.replace("\\", "") for w in test.warning)


def test_an_unpacked_bomb_is_refused() -> None:
    with pytest.raises(LumbayesError, match="LUMBAYES_LINK"):
        share.from_code(share.to_code({"findings": {f"v{i}": "y" * 40 for i in range(5_000)}}))


def upload(test: Any, key: str, name: str, content: bytes) -> Any:
    test.file_uploader(key=key).set_value((name, content, "application/octet-stream"))
    return run(test)


def test_a_saved_case_opens_again_and_a_broken_one_changes_nothing() -> None:
    test = app("report", BACK)
    upload(test, "case_file", "broken.json", b"{not json")
    assert test.error
    assert test.session_state["findings"] == BACK
    saved = json.dumps(case_to_dict(MODEL, parse_case(MODEL, {"fever": "yes", "slr": "unsure"})))
    upload(test, "case_file", "case.json", saved.encode())
    assert test.session_state["findings"] == {"fever": "yes", "slr": "unsure"}


def test_coming_back_asks_what_changed_and_compares() -> None:
    test = app("report")
    saved = json.dumps(case_to_dict(MODEL, parse_case(MODEL, {**BACK, "sex": "male"})))
    upload(test, "case_file", "case.json", saved.encode())
    press(test, texts.BACK_ASK)
    assert set(test.session_state["findings"]) == {"sex", "sitting"}
    go(test, "assess")
    assert test.checkbox(key="heard_leg_pain").value
    assert "heard_fever" not in [w.key for w in test.checkbox]  # denied then: asked again
    test.checkbox(key="heard_leg_pain").set_value(False)
    press(test, texts.CONFIRM_YES)
    assert "leg_pain" not in test.session_state["findings"]
    answers(test, {**test.session_state["findings"], "leg_pain": "none"})
    words = shown(go(test, "results"))
    assert texts.BACK_TITLE in [h.value for h in test.header]
    assert MODEL.variables["leg_pain"].state_label("below_knee") in words
    answers(test, {**test.session_state["findings"], "fever": "no"})
    words = "".join(re.findall("<table.*?</table>", html_of(test), re.DOTALL))
    assert MODEL.variables["fever"].label not in words  # newly asked and denied: no change


CLASHING = {"saddle_numbness": "yes", "sex": "male", "pregnancy": "pregnant"}


def test_a_link_that_contradicts_itself_loses_no_emergency() -> None:
    test = app(s=share.to_code({"findings": CLASHING}))
    assert texts.EMERGENCY_TITLE in [e.title for e in test.error]
    assert texts.CONTRADICTION in shown(test)


def test_a_file_that_contradicts_itself_loses_no_emergency() -> None:
    test = app("report")
    upload(test, "case_file", "case.json", json.dumps({"findings": CLASHING}).encode())
    assert texts.EMERGENCY_TITLE in [e.title for e in test.error]
    assert texts.CONTRADICTION in shown(test)


# --- many cases -----------------------------------------------------------------------------------


def test_a_table_is_answered_and_bad_rows_are_set_aside() -> None:
    test = app("many-cases")
    upload(test, "many", "cases.csv", b"id,fever,slr\n=1+1,yes,\nb,maybe,\nc,no,positive\n")
    next(b for b in test.button if b.label == texts.expert.MANY_RUN).click()
    run(test)
    scored = test.session_state["many_answers"]
    assert scored.answers["level"].tolist()[0] == "urgent_physician"
    assert scored.answers["line"].tolist() == [2, 4]
    assert scored.bad.iloc[:, 0].tolist() == [3]
    assert many_cases.escaped(scored.answers)["id"].tolist()[0] == "'=1+1"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("c.csv", b"surname,fever\nMiller,yes\n", "surname"),
        ("c.csv", b"date_of_birth,fever\n1980,yes\n", "date_of_birth"),
        ("c.csv", b"patient name,fever\nx,yes\n", "patient name"),
        ("c.csv", b"fever\n", "no row"),
        ("c.csv", b"\xff\xfe\x00\x01", "not UTF-8"),
        ("c.parquet", b"not a parquet file", "cannot be read"),
        ("c.csv", b"", "is empty"),
    ],
)
def test_an_upload_of_the_wrong_kind_gets_a_clear_message(
    name: str, content: bytes, message: str
) -> None:
    test = app("many-cases")
    upload(test, "many", name, content)
    assert message in test.error[0].value.replace("\\", "")


def answer_table(test: AppTest, content: bytes) -> AppTest:
    """Upload a table and have it answered."""
    upload(test, "many", "c.csv", content)
    next(b for b in test.button if b.label == texts.expert.MANY_RUN).click()
    return run(test)


def test_an_unknown_column_is_named_and_what_its_rows_mean() -> None:
    test = answer_table(app("many-cases"), b"fevr,saddle_numbness\nyes,no\nyes,yes\n")
    said = test.error[0].value.replace("\\", "").replace(JOINER, "")
    assert "No variable is called “fevr”. Nearest: “fever”." in said
    assert "“Get help now” holds for line 3." in said
    assert "--keep" not in said


def test_a_wrong_cell_is_told_with_line_column_value_and_choices() -> None:
    table = b"fever,sex,pregnancy\nyess,male,\nno,male,pregnant\nno,female,<b>\n"
    test = answer_table(app("many-cases"), table)
    scored = test.session_state["many_answers"].bad.to_numpy().tolist()
    assert [row[:3] for row in scored] == [
        [2, "fever", "yess"],
        [3, "sex, pregnancy", "male, pregnant"],
        [4, "pregnancy", "<b>"],
    ]
    assert "Nearest: yes (Yes). It can be: no (No), yes (Yes)." in shown(test)
    assert "“Sex: Male” and “Pregnancy: Pregnant now” cannot both be true." in shown(test)
    assert "&lt;b&gt;" in html_of(test)


# The kinds of mistakes that a table or a line can hold: no message of the program is shown as it is
WRONG = {
    "fever": ("nay", "", "YES!", "1e9", "a'b", "x" * 200),
    "slr:positive": ("x", "-1", "nan"),
    "slr:negative": ("1",),
}
FOR_PROGRAMS = re.compile(r"findings\.|likelihoods\.|--keep|Known:|unknown|JSON|\bstate\b|got -")


@pytest.mark.parametrize("column", ["fever", "slr:positive"])
def test_every_kind_of_wrong_cell_is_told_in_words(column: str) -> None:
    table = pd.DataFrame({column: WRONG[column]})
    if column == "slr:positive":
        table["slr:negative"] = "1"
    content = table.to_csv(index=False).encode()
    (part,) = many_cases.score(MODEL, uploads.read_upload("e.csv", content))
    assert len(part.bad)
    for reason in part.bad["reason"]:
        told = bad_rows.explained(MODEL, reason)
        assert told.column.split(":")[0] == column.split(":")[0]
        assert told.value in WRONG[column] or told.value.rstrip("…") in WRONG[column][-1]
        assert not FOR_PROGRAMS.search(told.said), told.said


@pytest.mark.parametrize(
    "line",
    [
        *('{"fever":"yess"}', '{"findings":{"feverr":"yes"}}', '{"fever":', "[1]", "x"),
        '{"findings":{"sex":"male","pregnancy":"pregnant"}}',
        '{"likelihoods":{"slr":{"positive":-1,"negative":1}}}',
    ],
)
def test_every_kind_of_wrong_line_is_told_in_words(line: str) -> None:
    (part,) = many_cases.score(MODEL, uploads.read_upload("e.jsonl", line.encode()))
    told = [bad_rows.explained(MODEL, reason).said for reason in part.bad["reason"]]
    assert not any(FOR_PROGRAMS.search(said) for said in told)
    assert told or part.answers["problem"].tolist() != [""]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b"saddle_numbness,fever\nyes,no,\n"),
        ("a.csv", b"saddle_numbness;fever\nyes;no;\n"),
        ("a.csv", b"saddle_numbness,fever\nyes,maybe,no\n"),
        ("a.csv", b'saddle_numbness,fever\nyes,"no\n'),
        ("a.csv", b"saddle_numbness,fever\nyes\n"),
        ("a.csv", b"sep=;\nsaddle_numbness;fever\nyes;maybe\n"),
        ("a.jsonl", b'{"saddle_numbness":"yes","fever":"maybe"}'),
        ("a.jsonl", b'{"saddle_numbness":"yes","zzz":"q"}'),
        ("a.jsonl", '{"note":"a\u2028b","saddle_numbness":"yes"}'.encode()),
    ],
)
def test_no_mistake_of_a_row_hides_its_emergency(name: str, content: bytes) -> None:
    """In either order of cells, the row is answered as an emergency or refused as one."""
    (part,) = many_cases.score(MODEL, uploads.read_upload(name, content))
    told = [bad_rows.explained(MODEL, reason).said for reason in part.bad["reason"]]
    assert part.answers["level"].tolist() == ["emergency_now"] or (
        len(told) == 1 and "Get help now" in told[0]
    ), (part.answers, told)
    assert len(part.answers) + len(told) == 1


@pytest.mark.parametrize(
    "content", [(b"{}\x0b" * 7_000 + b"\n") * 5, b"{}\n" * 20_001, b"\n" * 40_000 + b"{}"]
)
def test_no_end_of_line_gets_round_the_limit_of_rows(content: bytes) -> None:
    try:
        rows = uploads.read_upload("a.jsonl", content).rows
    except CaseError as error:
        assert "20,000" in str(error)
    else:
        assert rows == 5


def test_the_example_file_and_other_formats_are_answered() -> None:
    table = many_cases.example_table(MODEL)
    read = uploads.read_upload("e.csv", table.to_csv(index=False).encode())
    parts = list(many_cases.score(MODEL, read, keep=("id",)))
    assert sum(len(p.answers) for p in parts) == len(table)
    sink = io.BytesIO()
    table.to_parquet(sink, index=False)
    read = uploads.read_upload("e.parquet", sink.getvalue())
    assert sum(len(p.answers) for p in many_cases.score(MODEL, read, keep=("id",))) == len(table)
    lines = b'{"facts": {"age_years": 40}}\n{"fever": "perhaps"}\n{"fever": "no"}'
    (part,) = many_cases.score(MODEL, uploads.read_upload("e.jsonl", lines))
    assert len(part.answers) == 2
    assert part.bad["line"].tolist() == [2]
    with pytest.raises(CaseError, match="'line' cannot be kept"):
        content = table.assign(line="7").to_csv(index=False).encode()
        list(many_cases.score(MODEL, uploads.read_upload("e.csv", content), keep=("id", "line")))


# --- parts ---------------------------------------------------------------------------------------


def test_a_touch_of_the_map_and_the_buttons_say_the_same() -> None:
    for region in body_map.regions().values():
        found = body_map.answers_for([region.id], region.variable)
        for name, answer in found.items():
            assert answer is None or answer in MODEL.variables[name].states
        given = {k: v for k, v in found.items() if v}
        assert body_map.marks([region.id], given)[region.id] == "on"


def test_examples_do_not_give_the_answer_away() -> None:
    for case in examples.worked(MODEL).values():
        assert MODEL.variables[case.diagnosis].label not in examples.title(case)


def test_labels_with_angle_brackets_are_shown_as_they_are() -> None:
    drawn = charts.table(["<b>"], [["<script>"]])
    assert "<script>" not in drawn
    assert html.unescape(drawn).count("<script>") == 1


def test_a_fault_in_a_page_keeps_the_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    from lumbayes.app import results

    def fault(*_: object) -> None:
        raise RuntimeError("secret answer")

    test = app(findings=BACK)
    monkeypatch.setattr(results, "first_causes", fault)
    run(test)
    assert texts.BROKEN in [e.value for e in test.error]
    assert "secret" not in shown(test)
    assert test.session_state["findings"] == BACK


def test_impossible_answers_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from lumbayes.app import results

    def refuse(*_: object) -> None:
        raise LumbayesError("these findings cannot occur together: a=1, b=2.")

    test = app("what-if", BACK)
    monkeypatch.setattr(results, "scenarios", refuse)
    next(w for w in test.segmented_control if w.key == "if_kind_3").set_value("done")
    test.pills[0].set_value(["sitting"])
    run(test)
    assert "cannot occur together" in test.error[0].value


def test_the_numbers_can_be_searched() -> None:
    test = app("about")
    test.text_input(key="about_search").set_value("straight-leg raise")
    run(test)
    assert "Straight-leg raise" in html_of(test)
    found = [m.value for m in test.markdown if "found" in m.value]
    assert int(found[0].split()[0]) < len(MODEL.numbers)
    assert answers(test, BACK).title[0].value == texts.expert.ABOUT_TITLE
    assert go(test, "assess").title[0].value == texts.TITLE


# --- the picture of the network -------------------------------------------------------------------


def contrast(one: str, other: str) -> float:
    """The contrast of two colours (WCAG 2.2)."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    ("ramp", "paper"), [(network_view.LIGHT, "#ffffff"), (network_view.DARK, "#0e1117")]
)
def test_fuller_is_likelier_on_either_paper_and_can_be_read(
    ramp: tuple[tuple[str, str], ...], paper: str
) -> None:
    away = [contrast(fill, paper) for fill, _ in ramp]
    assert away == sorted(away)
    assert all(contrast(fill, ink) >= 4.5 for fill, ink in ramp)


def test_what_nobody_answered_is_shown_as_not_answered() -> None:
    test = app("why", {"low_back_pain": "yes"})
    (drawn,) = [e for e in test.get("bidi_component") if "lumbayes_network" in str(e.proto)]
    nodes = {node["id"]: node for node in json.loads(drawn.proto.json)["nodes"]}
    for name in MODEL.names("context"):
        if name in nodes:
            assert nodes[name]["value"] == network_view.UNKNOWN
    assert nodes["low_back_pain"]["observed"]
