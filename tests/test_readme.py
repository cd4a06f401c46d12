"""Every example in README.md runs and says what the page shows."""

from __future__ import annotations

import doctest
import fnmatch
import glob
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from lumbayes.cli import main

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
CONSOLE = "\n".join(re.findall(r"```console\n(.*?)```", README, re.DOTALL))
COMMANDS = re.findall(r"^\$ lumbayes (.+)\n((?:(?!\$ ).*\n)*)", CONSOLE, re.MULTILINE)


def test_the_page_has_examples() -> None:
    assert len(COMMANDS) >= 3
    assert ">>> " in README


@pytest.mark.parametrize(("command", "shown"), COMMANDS, ids=[c for c, _ in COMMANDS])
def test_a_command_prints_what_the_page_shows(
    command: str,
    shown: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A line of dots alone stands for any lines left out."""
    monkeypatch.setenv("COLUMNS", "100")
    assert main(shlex.split(command)) == 0
    printed = capsys.readouterr().out.strip()
    lines = ("*" if line == "…" else glob.escape(line) for line in shown.strip().splitlines())
    assert fnmatch.fnmatchcase(printed, "\n".join(lines)), printed


@pytest.mark.slow
def test_the_tables_of_the_page_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    block = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)[-1]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for line in block.splitlines():
        if ">" not in line:
            assert main(shlex.split(line, comments=True)[1:]) == 0, line
            continue
        done = subprocess.run(
            line, shell=True, cwd=tmp_path, capture_output=True, env={**os.environ, "PATH": path}
        )
        assert done.returncode == 0, (line, done.stderr.decode())
    written = {"people.csv", "answers.parquet", "confirmed.csv", "calibration.svg", "network.xdsl"}
    assert {p.name for p in tmp_path.iterdir()} == written | {"tables"}


def test_the_python_examples_run() -> None:
    for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        test = doctest.DocTestParser().get_doctest(block, {}, "README.md", "README.md", 0)
        assert doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test).failed == 0
