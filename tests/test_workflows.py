"""The workflow files are sound, and what they run exists here."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
CLASSIFIERS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
PYTHONS = [m[1] for c in CLASSIFIERS if (m := re.search(r"Python :: (3\.\d+)$", c))]


def jobs(workflow: Path) -> dict[str, dict[str, Any]]:
    """The jobs of a workflow."""
    found: dict[str, dict[str, Any]] = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]
    return found


def commands(workflow: Path) -> list[list[str]]:
    """Every command that a workflow runs, in words."""
    steps = [step for job in jobs(workflow).values() for step in job["steps"]]
    lines = [line for step in steps for line in step.get("run", "").splitlines()]
    return [shlex.split(line) for line in lines]


def test_the_linter_finds_nothing() -> None:
    """Forms of GitHub Actions, rights, secrets, injected text."""
    zizmor = Path(sys.executable).with_name("zizmor")
    done = subprocess.run(
        [zizmor, "--offline", "--no-progress", ROOT / ".github"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_what_a_workflow_runs_exists(workflow: Path) -> None:
    ran = commands(workflow)
    assert ran
    for words in ran:
        match words:
            case ["make", target, *options]:
                assert target in TARGETS
                assert all(re.fullmatch(r"[A-Z]+=\S+", option) for option in options)
            case ["python", "-m", module, *_]:
                assert find_spec(module), module
            case ["test", *_]:
                pass
            case _:
                pytest.fail(f"unknown command: {words}")


def test_what_must_pass_before_a_change_lands_exists() -> None:
    ran = re.findall(r"^make (\w+)", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.M)
    assert ran
    assert set(ran) <= TARGETS


def test_the_tests_run_on_every_python_that_is_promised() -> None:
    tests = jobs(ROOT / ".github" / "workflows" / "tests.yml")["tests"]
    assert tests["strategy"]["matrix"]["python"] == PYTHONS
    assert PYTHONS[0] == "3.11"


def test_only_the_job_that_publishes_has_the_right_to() -> None:
    release = jobs(ROOT / ".github" / "workflows" / "release.yml")
    able = [name for name, job in release.items() if "id-token" in job.get("permissions", {})]
    assert able == ["publish"]
    assert release["publish"]["environment"] == "pypi"
    assert "secrets" not in (ROOT / ".github" / "workflows" / "release.yml").read_text()
