"""The wheel carries all that lumbayes needs, and nothing that is not its own."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
import tarfile
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


HOME = "https://example.org/people/lumbayes"


def test_home_is_that_of_the_builder_only_in_its_own_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if str(ROOT) not in sys.path:
        monkeypatch.syspath_prepend(str(ROOT))
    home = importlib.import_module("hatch_build").home
    monkeypatch.delenv("LUMBAYES_HOME", raising=False)
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://example.org")
    monkeypatch.setenv("GITHUB_REPOSITORY", "someone/else")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "else"))
    assert home(tmp_path) == ""
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    assert home(tmp_path) == "https://example.org/someone/else"
    (tmp_path / "PKG-INFO").write_text("Name: lumbayes\n")
    assert home(tmp_path) == ""
    (tmp_path / "PKG-INFO").write_text(f"Project-URL: Homepage, {HOME}\n")
    assert home(tmp_path) == HOME
    monkeypatch.setenv("LUMBAYES_HOME", "https://example.org/another/")
    assert home(tmp_path) == "https://example.org/another"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The archive of the sources and, built from it, the wheel; without the network."""
    out = tmp_path_factory.mktemp("dist")
    build = (sys.executable, "-m", "build", "--no-isolation", "--outdir", out)
    run(*build, ROOT, cwd=ROOT, LUMBAYES_HOME=HOME)
    (wheel,), (sources,) = out.glob("*.whl"), out.glob("*.tar.gz")
    return sources, wheel


@pytest.fixture(scope="module")
def wheel(built: tuple[Path, Path]) -> Path:
    return built[1]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the wheel, installed without its dependencies."""
    target = tmp_path_factory.mktemp("installed")
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index")
    run(*pip, "--target", target, wheel, cwd=target)
    return target


MADE = re.compile(r"(^|/)(build|dist|site|\.venv|\.hypothesis|__pycache__|\.\w+_cache)/")


def kept(folder: str = ".") -> list[str]:
    """Every file of the repository, or of the unpacked archive of the sources."""
    if (ROOT / ".git").exists():
        listed = run("git", "ls-files", "-co", "--exclude-standard", folder, cwd=ROOT)
        return [name for name in listed.splitlines() if (ROOT / name).exists()]
    archive = (p for p in (ROOT / folder).rglob("*") if p.is_file() and p != ROOT / "PKG-INFO")
    names = [str(p.relative_to(ROOT)) for p in archive]
    return [name for name in names if not MADE.search(name)]


def test_the_tables_are_packaged_byte_for_byte(wheel: Path) -> None:
    names = kept("data")
    in_checkout = {name: (ROOT / name).read_bytes() for name in names}
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


def test_the_schemas_are_packaged(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        assert "lumbayes/interchange/json_schemas/assess.json" in archive.namelist()


def test_the_archive_of_the_sources_is_the_repository(built: tuple[Path, Path]) -> None:
    """So that whoever has it can build, test and read all of it."""
    with tarfile.open(built[0]) as archive:
        held = {m.name.partition("/")[2] for m in archive.getmembers() if m.isfile()}
    assert held == {*kept(), "PKG-INFO"}


def test_a_package_index_accepts_both_and_shows_whole_links(built: tuple[Path, Path]) -> None:
    run(sys.executable, "-m", "twine", "check", "--strict", *built, cwd=ROOT)
    with ZipFile(built[1]) as archive:
        (name,) = [n for n in archive.namelist() if n.endswith("/METADATA")]
        metadata = archive.read(name).decode()
    assert f"Project-URL: Homepage, {HOME}" in metadata
    targets = re.findall(r"\]\(([^)]+)\)", metadata)
    assert targets
    assert all(t.startswith(("https://", "#")) for t in targets), targets
    inside = [t.removeprefix(f"{HOME}/blob/HEAD/") for t in targets if t.startswith(HOME)]
    assert all((ROOT / path.partition("#")[0]).exists() for path in inside), inside


def test_the_citation_names_this_version() -> None:
    cited = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {PROJECT['version']}\n" in cited


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
