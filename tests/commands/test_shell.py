"""Completion by a real shell, and a page that man can read."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lumbayes.batch.simulation import simulate
from lumbayes.cli import COMMANDS, lumbayes, main
from lumbayes.commands.completion import names, pairs, script, variables
from lumbayes.knowledge.model import Model


@pytest.fixture
def path(tmp_path: Path) -> dict[str, str]:
    """An environment in which ``lumbayes`` is the program under test."""
    program = tmp_path / "lumbayes"
    code = "import sys; from lumbayes.cli import main; sys.exit(main())"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{code}" "$@"\n')
    program.chmod(0o755)
    return {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}


def in_bash(line: str, env: dict[str, str]) -> list[str]:
    """What bash offers at the end of a line."""
    asked = (
        f'{script(lumbayes, "bash")}\n_lumbayes_completion\nprintf "%s\\n" "${{COMPREPLY[@]}}"\n'
    )
    asked = f"COMP_LINE={line!r} COMP_POINT={len(line)}\n{asked}"
    done = subprocess.run(
        ["bash", "-c", asked], env=env, capture_output=True, text=True, timeout=60, check=True
    )
    assert "Traceback" not in done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("lumbayes ques", ["questionnaire"]),
        ("lumbayes assess saddle_", ["saddle_numbness="]),
        ("lumbayes assess fever=yes saddle_numbness=", ["no", "yes", "unsure"]),
        ("lumbayes assess saddle_numbness=y", ["yes"]),
        ("lumbayes assess nothing_like_this=", []),
        ("lumbayes schema sens", ["sensitivity", "sensitivity-number"]),
        ("lumbayes explain --target radicul", ["radiculopathy"]),
    ],
)
def test_bash_completes_commands_variables_and_states(
    line: str, offered: list[str], path: dict[str, str]
) -> None:
    assert shutil.which("bash")
    assert in_bash(line, path) == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_and_answers(
    shell: str, path: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["completion", shell]) == 0
    assert "_LUMBAYES_COMPLETE" in capsys.readouterr().out
    asked = {
        "COMP_WORDS": "lumbayes assess saddle_",
        "COMP_CWORD": "saddle_" if shell == "fish" else "2",
        "LUMBAYES_LINE": "lumbayes assess saddle_",
        "_LUMBAYES_COMPLETE": f"{shell}_complete",
    }
    done = subprocess.run(
        ["lumbayes"], env={**path, **asked}, capture_output=True, text=True, timeout=60, check=True
    )
    assert "saddle_numbness=" in done.stdout


def test_every_variable_and_state_can_be_completed(model: Model) -> None:
    assert variables() == list(model.variables)
    for name, info in list(model.variables.items())[::20]:
        assert [n.value for n in names(None, None, name)][:1] == [name]  # type: ignore[arg-type]
        offered = [p.value for p in pairs(None, None, f"{name}=")]  # type: ignore[arg-type]
        assert offered == [f"{name}={s}" for s in (*info.states, "unsure")]


def test_the_manual_holds_every_command_and_man_reads_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["manual"]) == 0
    page = capsys.readouterr().out
    for name in COMMANDS:
        assert f".SS lumbayes {name.replace('-', chr(92) + '-')}" in page
    assert not [line for line in page.splitlines() if line.startswith("'")]
    if shutil.which("groff"):
        done = subprocess.run(
            ["groff", "-man", "-Tutf8", "-ww"],
            input=page,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.stderr == ""


CASES: tuple[list[str], ...] = (
    ["saddle_numbness=yes"],
    ["low_back_pain=yes", "fever=yes"],
    ["low_back_pain=yes", "leg_pain=below_knee"],
    [],
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(case) or "nothing")
def test_no_line_is_wider_than_the_terminal(
    case: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pages = {}
    for width in ("60", "200"):
        monkeypatch.setenv("COLUMNS", width)
        assert main(["assess", *case, "--draws", "20"]) == 0
        pages[width] = capsys.readouterr().out
    assert max(map(len, pages["60"].splitlines())) <= 60
    assert max(map(len, pages["200"].splitlines())) <= 88


SAID = ["low_back_pain=yes", "slr=positive", "leg_pain=below_knee"]
NUMBER = "slr=positive<-mechanical_back_pain=present"
PRINTED: dict[str, list[list[str]]] = {
    "assess": [["--draws", "20", *SAID], ["--brief", *SAID], ["--clinician", *SAID]],
    "ask": [["--draws", "0"]],
    "explain": [SAID, ["--clinician", *SAID]],
    "what-if": [[*SAID, "--do", "sitting=under_6h", "--hip-work", "--draws", "0"]],
    "sensitivity": [SAID, ["--number", NUMBER, *SAID]],
    "exercises": [SAID],
    "posterior": [["radiculopathy"], ["low_back_pain", "leg_pain", "slr", "--joint"]],
    "batch": [["people.csv", "out.csv", "--quiet"]],
    "learn": [["people.csv", "--out", "OUT", "--iterations", "1"]],
    "evaluate": [[], ["people.csv"], ["--alarms"]],
    "validate": [[]],
    "check": [[], ["--verified"]],
    "variables": [
        [],
        ["--tables", "no such folder, and a name as long as that of some folders is"],
    ],
    "export": [["network.bif"]],
    "schema": [[], ["no-such-schema"]],
}
FOR_PROGRAMS = {"simulate", "questionnaire", "completion", "manual", "app", "serve"}
ASKED = "skip\nwhy\nquit\n\n"


@pytest.fixture
def folder(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with a table of people whose conditions are known."""
    monkeypatch.chdir(tmp_path)
    known = simulate(model, 60, seed=2, missing={"condition": 0.0, "imbalance": 0.0})
    known.to_csv("people.csv", index=False)
    return tmp_path


def too_wide(text: str, width: int) -> list[str]:
    """The lines of a text that could have been broken and are wider than the terminal."""
    lines = text.splitlines()
    return [line for line in lines if len(line) > width and len(line.split()) > 1]


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_prints_a_line_wider_than_the_terminal(
    command: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert command in {*PRINTED, *FOR_PROGRAMS}
    for width in (40, 60, 80, 120):
        monkeypatch.setenv("COLUMNS", str(width))
        for arguments in [["--help"], ["--no-such-option"], *PRINTED.get(command, [])]:
            monkeypatch.setattr("sys.stdin", io.StringIO(ASKED))
            main([command, *(f"out{width}" if a == "OUT" else a for a in arguments)])
            out, err = capfd.readouterr()
            assert out or err
            if command == "ask":  # who answers ends the line
                out = out.replace(": ", ":\n")
            assert too_wide(out, width) + too_wide(err, width) == [], (width, arguments)


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(case) or "nothing")
def test_a_brief_answer_says_the_care_of_the_page_and_never_more_than_it(
    case: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["assess", *case, "--draws", "0"]) == 0
    page = capsys.readouterr().out.splitlines()
    assert main(["assess", *case, "--draws", "0", "--brief"]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[:2] == page[:2]
    assert len(said.splitlines()) <= 16
    urgent = page[0] in ("GET HELP NOW", "BE SEEN BY A DOCTOR SOON")
    assert ("Likeliest" in said) != urgent
    if not urgent:
        assert "Still open: " in said
