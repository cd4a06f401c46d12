"""The interview as a state machine, and the commands that ask on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from lumbayes.cases.case import Case, parse_case
from lumbayes.cases.case_files import read_case, save_case
from lumbayes.cli import main
from lumbayes.commands.ask import ask
from lumbayes.errors import CaseError, LumbayesError, UnknownNameError
from lumbayes.knowledge.model import Model
from lumbayes.questions.interview import (
    Interview,
    answered,
    back,
    next_step,
    skipped,
    start_interview,
    ticked,
    understood,
)
from lumbayes.questions.next_question.ranking import next_questions
from lumbayes.triage.care_level import care_level


def test_it_asks_where_it_hurts_then_for_warning_signs(model: Model) -> None:
    step = next_step(model, start_interview(model))
    assert step.screen is not None and step.question == "Where does it hurt?"
    after = ticked(model, start_interview(model), step.screen, {"low_back_pain": "yes"})
    assert after.case.findings["flank_pain"] == "no"
    assert next_step(model, after).red_flag


def test_without_warning_signs_the_first_question_is_that_of_next_questions(model: Model) -> None:
    case = parse_case(model, {"low_back_pain": "yes"})
    step = next_step(model, start_interview(model, case, kinds=("self_test",)))
    first = next_questions(model, case, kinds=("self_test",)).frame.iloc[0]
    assert (step.variable, step.why) == (first["variable"], first["reason"])
    assert step.answers[-1][0] == "unsure"


def test_back_undoes_answers_and_skips_one_by_one(model: Model) -> None:
    start = start_interview(model)
    one = answered(model, start, "fever", "no")
    two = skipped(one, "trauma")
    three = answered(model, two, "low_back_pain", "yes")
    assert three.case.findings["asks_for_care"] == "yes"
    assert back(three) == two
    assert back(back(three)) == one
    assert back(back(back(three))) == start
    with pytest.raises(LumbayesError, match="first question"):
        back(start)


def test_a_skipped_question_says_nothing_and_is_not_asked_again(model: Model) -> None:
    interview = start_interview(model)
    for _ in range(3):
        step = next_step(model, interview)
        interview = skipped(interview, step.screen.name if step.screen else step.variable)
        then = next_step(model, interview)
        assert then.variable not in interview.skipped
        assert then.screen is None or then.screen.name not in interview.skipped
    assert interview.case == Case()


def test_unsure_is_an_answer(model: Model) -> None:
    interview = answered(model, start_interview(model), "saddle_numbness", "unsure")
    assert care_level(model, interview.case).level == "urgent_physician"
    assert next_step(model, interview).variable != "saddle_numbness"


def test_an_emergency_ends_the_interview(model: Model) -> None:
    step = next_step(model, answered(model, start_interview(model), "saddle_numbness", "yes"))
    assert step.ended
    assert step.stop
    assert "emergency" in step.message


def test_an_interview_of_self_tests_ends_without_asking_twice(model: Model) -> None:
    interview = start_interview(model, kinds=("self_test",))
    asked: list[str] = []
    while not (step := next_step(model, interview)).ended:
        asked.append(step.variable)
        assert model.variables[step.variable].ask == "self_test"
        interview = answered(model, interview, step.variable, step.answers[0][0])
    assert len(asked) == len(set(asked)) <= 6


def test_a_whole_interview_of_harmless_answers_comes_to_an_end(model: Model) -> None:
    """Every fourth question is skipped; nobody is asked twice; the end says why."""
    case = parse_case(model, {"low_back_pain": "yes", "age_band": "30_44", "sex": "female"})
    interview = start_interview(model, case, kinds=("question",))
    asked: list[str] = []
    while not (step := next_step(model, interview)).ended:
        name = step.screen.name if step.screen else step.variable
        asked.append(name)
        if len(asked) % 4 == 0:
            interview = skipped(interview, name)
            continue
        if step.screen:
            interview = ticked(model, interview, step.screen, {})
            continue
        for state, _ in step.answers:
            try:
                interview = answered(model, interview, step.variable, state)
                break
            except CaseError:  # such as no pain at all: the next answer then
                continue
    assert len(asked) == len(set(asked))
    assert step.message


def test_an_answer_that_contradicts_leaves_the_interview_as_it_was(model: Model) -> None:
    interview = answered(model, start_interview(model), "leg_pain", "none")
    with pytest.raises(CaseError, match=r"this answer: .*cannot both hold"):
        answered(model, interview, "leg_pain_both_sides", "yes")
    with pytest.raises(UnknownNameError, match="this answer: unknown state of fever"):
        answered(model, interview, "fever", "maybe")


def test_kept_and_opened_again_it_goes_on(model: Model, tmp_path: Path) -> None:
    interview = start_interview(model)
    for variable, state in (("low_back_pain", "yes"), ("fever", "unsure"), ("trauma", "none")):
        interview = answered(model, interview, variable, state)
    save_case(model, interview.case, tmp_path / "case.json")
    again = start_interview(model, read_case(model, tmp_path / "case.json"))
    assert again.case == interview.case
    assert next_step(model, again) == next_step(model, interview)


def test_a_case_of_older_tables_is_opened_with_a_clear_message(
    model: Model, tmp_path: Path
) -> None:
    path = tmp_path / "old.json"
    save_case(model, parse_case(model, {"fever": "no"}), path)
    data = json.loads(path.read_text())
    data["version"]["data"] = "00000000"
    data["findings"]["gone_since"] = "yes"
    path.write_text(json.dumps(data))
    opened = read_case(model, path)
    assert opened.findings["fever"] == "no"
    assert any("gone_since" in w for w in opened.warnings)
    result = CliRunner().invoke(ask, [str(path)], input="quit\n\n")
    assert "gone_since" in result.output


def test_replies_are_understood_by_number_name_and_label(model: Model) -> None:
    case = parse_case(model, {"low_back_pain": "yes"})
    step = next_step(model, start_interview(model, case, kinds=("self_test",)))
    for number, (state, label) in enumerate(step.answers, 1):
        assert understood(step, str(number)) == state
        assert understood(step, f" {state.upper()} ") == state
        assert understood(step, label) == state
    with pytest.raises(UnknownNameError, match=f"unknown answer to {step.variable}"):
        understood(step, "perhaps")


def test_unknown_kinds_and_targets_are_refused(model: Model) -> None:
    with pytest.raises(UnknownNameError, match="unknown kind of question"):
        start_interview(model, kinds=("oracle",))
    with pytest.raises(UnknownNameError, match="unknown variable"):
        start_interview(model, target="sciatica")


def test_an_interview_is_a_value(model: Model) -> None:
    assert start_interview(model) == Interview(Case())
    assert answered(model, start_interview(model), "fever", "no") != start_interview(model)


# --- the commands -------------------------------------------------------------------------------


def test_ask_holds_an_interview_and_keeps_it(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    said = "why\nnonsense\n0\nback\ns\n1\nquit\n"
    result = CliRunner().invoke(ask, ["low_back_pain=yes", "--save", str(path)], input=said)
    assert result.exit_code == 0, result.output
    assert "warning sign" in result.output
    assert "unknown number of a sign" in result.output
    kept = read_case(model, path)
    assert dict(kept.findings) == {
        "age_band": "18_29",
        "low_back_pain": "yes",
        "asks_for_care": "yes",
    }


def test_ask_ends_with_the_answer(model: Model) -> None:
    result = CliRunner().invoke(ask, ["saddle_numbness=yes", "--draws", "0"], input="")
    assert result.exit_code == 0, result.output
    assert "emergency" in result.output


def test_the_end_of_the_input_is_as_good_as_quit(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    result = CliRunner().invoke(ask, ["--save", str(path)], input="1\n")
    assert result.exit_code == 0, result.output
    assert path.exists()


def test_where_to_keep_is_asked_again_if_nothing_can_be_written_there(tmp_path: Path) -> None:
    said = f"1\nquit\n{tmp_path}\n{tmp_path / 'kept.json'}\n"
    result = CliRunner().invoke(ask, [], input=said)
    assert result.exit_code == 0, result.output
    assert "is a folder. Name a file in it." in " ".join(result.output.split())
    assert (tmp_path / "kept.json").exists()


def test_what_if_prints_scenarios(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["what-if", "low_back_pain=yes", "sitting=over_8h", "--do", "sitting=under_6h"]
    words += ["--see", "fever=yes", "--outcome", "low_back_pain", "--draws", "20"]
    assert main(words) == 0
    shown = capsys.readouterr().out
    assert "sitting=under_6h (done" in shown
    assert "fever=yes (seen" in shown
    assert main([*words, "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["scenarios"]) == 2


def test_what_if_for_you_and_hip_work(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["what-if", "low_back_pain=yes", "sex=male", "age_band=45_59", "--do"]
    words += ["gmed_weak=absent,gmax_weak=absent", "--for-you", "--hip-work", "--draws", "20"]
    assert main([*words, "--json"]) == 0
    for_you, hip_work = json.loads(capsys.readouterr().out)
    assert for_you["outcomes"][0]["now"] == pytest.approx(1)
    assert hip_work["predicted_points"]["value"] <= 0


def test_sensitivity_prints_bars_and_one_number(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["sensitivity", "low_back_pain=yes", "slr=positive", "--target", "radiculopathy"]
    assert main(words) == 0
    assert "HANGS ON" in capsys.readouterr().out
    assert main([*words, "--number", "slr=positive<-leak", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told["function"]) == set("abcd")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["what-if", "fever=yes"], "no scenario is given.*sitting"),
        (["what-if", "--do", "age_band=18_29"], "age_band cannot be set from outside"),
        (["what-if", "--do", "sitting"], "is not a pair"),
        (["what-if", "--do", "sitting=under_6h", "--see", "fever=no", "--for-you"], "leave out"),
        (["sensitivity", "--target", "sciatica"], "unknown variable 'sciatica'"),
        (["sensitivity", "--number", "slr"], "unknown number 'slr'"),
        (["ask", "--target", "sciatica"], "unknown variable 'sciatica'"),
        (["ask", "missing.json"], "cannot be read"),
    ],
)
def test_mistakes_end_with_status_2(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    import re

    assert main(words) == 2
    assert re.search(message, capsys.readouterr().err, re.DOTALL)
