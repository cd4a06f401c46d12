"""The wheel carries all that lumbayes needs, and nothing that is not its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

pytestmark = pytest.mark.slow


def run(*command: object, cwd: Path, **env: str) -> str:
    """Standard output of a command, which must succeed."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, f"{command} failed:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built without the network."""
    out = tmp_path_factory.mktemp("dist")
    build = (sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out)
    run(*build, ROOT, cwd=ROOT)
    (path,) = out.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the wheel, installed without its dependencies."""
    target = tmp_path_factory.mktemp("installed")
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index")
    run(*pip, "--target", target, wheel, cwd=target)
    return target


def test_the_tables_are_packaged_byte_for_byte(wheel: Path) -> None:
    tracked = run("git", "ls-files", "-co", "--exclude-standard", "data", cwd=ROOT).splitlines()
    in_checkout = {name: (ROOT / name).read_bytes() for name in tracked}
    with ZipFile(wheel) as archive:
        packaged = {
            name.removeprefix("lumbayes/"): archive.read(name)
            for name in archive.namelist()
            if name.startswith("lumbayes/data/")
        }
    assert in_checkout, "data/ holds no table"
    assert sorted(packaged) == sorted(in_checkout)
    assert packaged == in_checkout


@pytest.mark.parametrize(
    ("packaged", "source"),
    [
        ("lumbayes/app_script.py", "app.py"),
        ("lumbayes/.streamlit/config.toml", ".streamlit/config.toml"),
        ("lumbayes/py.typed", "model/lumbayes/py.typed"),
    ],
)
def test_the_app_and_the_type_marker_are_packaged(wheel: Path, packaged: str, source: str) -> None:
    with ZipFile(wheel) as archive:
        assert archive.read(packaged) == (ROOT / source).read_bytes()


def test_every_module_is_packaged_and_no_other_top_level_name(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
    info = f"{PROJECT['name']}-{PROJECT['version']}.dist-info"
    assert {name.split("/")[0] for name in names} == {"lumbayes", info}
    modules = {str(p.relative_to(ROOT / "model")) for p in (ROOT / "model").rglob("*.py")}
    assert modules <= names


def test_check_wheel_contents_finds_nothing(wheel: Path) -> None:
    run(Path(sys.executable).with_name("check-wheel-contents"), wheel, cwd=ROOT)


def test_the_installed_wheel_runs_from_another_folder(installed: Path, tmp_path: Path) -> None:
    path = {"PYTHONPATH": str(installed)}
    where = run(
        sys.executable, "-c", "import lumbayes; print(lumbayes.__file__)", cwd=tmp_path, **path
    )
    assert Path(where.strip()).is_relative_to(installed)
    command = (sys.executable, installed / "bin" / "lumbayes")
    variables = run(*command, "variables", "--json", cwd=tmp_path, **path)
    assert json.loads(variables)
