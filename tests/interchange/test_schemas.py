"""What the commands print is what the published JSON Schemas promise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from lumbayes.cases.parts import PARTS
from lumbayes.cli import main
from lumbayes.interchange.schemas import schema, schema_names
from lumbayes.knowledge.model import Model
from lumbayes.knowledge.tables import data_dir

PAIN = ("low_back_pain=yes", "sitting=over_8h")
PEOPLE = {
    "nothing": (),
    "pain": PAIN,
    "emergency": ("low_back_pain=yes", "saddle_numbness=yes", "fever=unsure"),
    "odd": ("low_back_pain=yes", "slr=positive", "leg_pain=none", "fever=yes", "osteoporosis=yes"),
    "pregnant": ("low_back_pain=yes", "sex=female", "pregnancy=pregnant"),
    "child": ("low_back_pain=yes", "age_years=15"),
}
OF_ONE = {  # what is asked of every person
    "assess": (("assess", "--draws", "0"), ("assess", "--draws", "20")),
    "explain": (("explain",), ("explain", "--target", "radiculopathy")),
    "exercises": (("exercises", "--equipment", "band", "--region", "GB"),),
    "sensitivity": (("sensitivity", "--limit", "3"),),
    "what-if": (
        ("what-if", "--do", "sitting=under_6h", "--draws", "0"),
        ("what-if", "--see", "smoking=never", "--outcome", "low_back_pain=yes", "--draws", "20"),
    ),
    "counterfactual": (
        ("what-if", "--do", "sitting=under_6h", "--for-you", "--draws", "0"),
        ("what-if", "--do", "sitting=under_6h", "--for-you", "--draws", "20"),
    ),
    "hip-work": (("what-if", "--hip-work", "--draws", "20"),),
    "sensitivity-number": (
        ("sensitivity", "--number", "lateral_hip_pain=yes<-leak"),
        ("sensitivity", "--number", "lateral_hip_pain=yes<-leak", "--target", "gtps"),
    ),
}
OF_ALL = {
    "posterior": (
        ("posterior", "gmed_weak", "tfl_tight", "--joint"),
        ("posterior", "gmed_weak", "slr", "-g", "low_back_pain=yes", "--do", "sitting=over_8h"),
    ),
    "variables": (("variables",), ("variables", "--layer", "triage_only")),
    "check": (("check",),),
    "check-verified": (("check", "--verified"),),
    "evaluate": (("evaluate",), ("evaluate", str(data_dir() / "cases" / "blind_dangers.jsonl"))),
    "validate": (("validate",),),
}
ABOUT_TABLES = {"batch-row", "evaluate-table", "evaluate-alarms"}
PARTS_OF_OTHERS = {"case", "triage"}
MISTAKES = {  # beside a warning sign
    "a name": ("zzz=yes",),
    "a state": ("fever=perhaps",),
    "a fact": ("age_years=old",),
    "an option": ("--no-such-option",),
}
COMMANDS = {"assess": ("assess", *PAIN, "saddle_numbness=yes", "--draws", "20")}


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main([*arguments, "--json"]) in (0, 1)
    return json.loads(capsys.readouterr().out)


def test_every_schema_is_a_schema_and_says_its_name_and_version(model: Model) -> None:
    for name in schema_names():
        read = schema(name, model)
        Draft202012Validator.check_schema(read)
        assert read["$id"] == f"urn:lumbayes:schema:1:{name}"


def undescribed(described: dict[str, Any], answer: Any, place: str = "") -> set[str]:
    """Return every place of an answer that its schema says nothing about."""
    if isinstance(answer, dict):
        others = described.get("additionalProperties")
        places = set()
        for key, value in answer.items():
            inner = described.get("properties", {}).get(key, others)
            places |= undescribed(inner, value, f"{place}.{key}") if inner else {f"{place}.{key}"}
        return places
    if isinstance(answer, list):
        inner = described.get("items", {})
        return {p for value in answer for p in undescribed(inner, value, f"{place}[]")}
    return set() if described.keys() & {"type", "enum"} else {place}


def holds(name: str, model: Model, answer: Any) -> None:
    """The answer is as its schema says, and the schema speaks of all of it."""
    described = schema(name, model)
    Draft202012Validator(described).validate(answer)
    assert undescribed(described, answer) == set()


def test_every_schema_is_held_to_what_is_printed() -> None:
    assert set(schema_names()) == {*OF_ONE, *OF_ALL, *ABOUT_TABLES, *PARTS_OF_OTHERS, "mistake"}


@pytest.mark.slow
@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("name", OF_ONE)
def test_an_answer_to_one_person_is_as_promised(
    name: str, person: str, model: Model, capsys: pytest.CaptureFixture[str]
) -> None:
    for command, *options in OF_ONE[name]:
        holds(name, model, printed(capsys, command, *PEOPLE[person], *options))


@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.parametrize("name", OF_ONE)
def test_a_mistake_beside_a_warning_sign_leaves_the_level_and_no_number(
    name: str, mistake: str, model: Model, capsys: pytest.CaptureFixture[str]
) -> None:
    for command, *options in OF_ONE[name]:
        said = (command, "saddle_numbness=yes", *options, *MISTAKES[mistake], "--json")
        assert main(said) == 2
        told = json.loads(capsys.readouterr().out)
        assert told["triage"]["level"] == "emergency_now"
        Draft202012Validator(schema("mistake", model)).validate(told)
        if command == "assess" and mistake != "an option":  # its own form, without numbers
            holds("assess", model, told)
            assert told["differential"] == told["explanations"] == []
        else:
            holds("mistake", model, told)


@pytest.mark.slow
@pytest.mark.parametrize("name", OF_ALL)
def test_an_answer_about_the_network_is_as_promised(
    name: str, model: Model, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in OF_ALL[name]:
        holds(name, model, printed(capsys, *command))


@pytest.mark.slow
def test_the_answers_about_tables_are_as_promised(
    model: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in ("1", "30", "500"):  # too few for a score, and enough
        assert main(["simulate", number, "--missing", "condition=0"]) == 0
        people = tmp_path / f"people{number}.csv"
        people.write_text(capsys.readouterr().out)
        holds("evaluate-table", model, printed(capsys, "evaluate", str(people)))
    rows, out = tmp_path / "rows.jsonl", tmp_path / "out.jsonl"
    rows.write_text('{"fever": "yes"}\n{"low_back_pain": "yes"}\n{}\n')
    for draws in ("0", "20"):
        assert main(["batch", str(rows), str(out), "--quiet", "--draws", draws]) == 0
        for line in out.read_text().splitlines():
            holds("batch-row", model, json.loads(line))
        out.unlink()
    capsys.readouterr()
    holds("evaluate-alarms", model, printed(capsys, "evaluate", "--alarms"))


def test_an_answer_that_loses_a_promised_key_is_refused(
    model: Model, capsys: pytest.CaptureFixture[str]
) -> None:
    """The check checks: each key that the fixed output promises is missed."""
    answer = printed(capsys, *COMMANDS["assess"])
    validator = Draft202012Validator(schema("assess", model))
    for key in answer.keys() & set(schema("assess", model)["required"]):
        assert not validator.is_valid({k: v for k, v in answer.items() if k != key}), key
    for key in schema("assess", model)["properties"]["triage"]["required"]:
        triage = {k: v for k, v in answer["triage"].items() if k != key}
        assert not validator.is_valid({**answer, "triage": triage}), key


def test_every_worked_case_is_a_case_and_a_typing_error_is_none(model: Model) -> None:
    validator = Draft202012Validator(schema("case", model))
    for path in sorted((data_dir() / "cases").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            case = {k: v for k, v in json.loads(line).items() if k in PARTS}
            validator.validate(case)
    assert not validator.is_valid({"findings": {"fevr": "yes"}})
    assert not validator.is_valid({"findings": {"fever": "perhaps"}})


def test_the_command_prints_a_schema_and_names_them_all(
    model: Model, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["schema"]) == 0
    assert tuple(capsys.readouterr().out.split()) == schema_names()
    assert main(["schema", "case"]) == 0
    assert json.loads(capsys.readouterr().out) == schema("case", model)
    assert main(["schema", "asses"]) == 2
    assert "Did you mean 'assess'?" in capsys.readouterr().err
