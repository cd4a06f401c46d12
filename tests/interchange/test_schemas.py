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
COMMANDS = {
    "assess": ("assess", *PAIN, "saddle_numbness=yes", "--draws", "20"),
    "explain": ("explain", *PAIN),
    "exercises": ("exercises", *PAIN),
    "posterior": ("posterior", "gmed_weak", "tfl_tight", "--joint"),
    "sensitivity": ("sensitivity", *PAIN),
    "sensitivity-number": ("sensitivity", *PAIN, "--number", "lateral_hip_pain=yes<-leak"),
    "what-if": ("what-if", *PAIN, "--do", "sitting=under_6h", "--draws", "0"),
    "counterfactual": ("what-if", *PAIN, "--do", "sitting=under_6h", "--for-you", "--draws", "20"),
    "hip-work": ("what-if", *PAIN, "--hip-work", "--draws", "20"),
    "variables": ("variables",),
}


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main([*arguments, "--json"]) in (0, 1)
    return json.loads(capsys.readouterr().out)


def test_every_schema_is_a_schema_and_says_its_name_and_version(model: Model) -> None:
    for name in schema_names():
        read = schema(name, model)
        Draft202012Validator.check_schema(read)
        assert read["$id"] == f"urn:lumbayes:schema:1:{name}"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_prints_what_its_schema_promises(
    name: str, model: Model, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = printed(capsys, *COMMANDS[name])
    Draft202012Validator(schema(name, model)).validate(answer)


@pytest.mark.slow
def test_the_answers_about_tables_are_as_promised(
    model: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", "30", "--missing", "condition=0"]) == 0
    people = tmp_path / "people.csv"
    people.write_text(capsys.readouterr().out)
    rows, out = tmp_path / "rows.jsonl", tmp_path / "out.jsonl"
    rows.write_text('{"fever": "yes"}\n')
    assert main(["batch", str(rows), str(out), "--quiet"]) == 0
    capsys.readouterr()
    answers = {
        "batch-row": json.loads(out.read_text()),
        "evaluate-table": printed(capsys, "evaluate", str(people)),
        "validate": printed(capsys, "validate"),
    }
    for name, answer in answers.items():
        Draft202012Validator(schema(name, model)).validate(answer)


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
