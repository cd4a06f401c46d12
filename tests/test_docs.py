"""Every page of the site runs and links to what exists; test_site.py builds the site."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

import lumbayes
from lumbayes import limits
from lumbayes.batch.simulation import simulate
from lumbayes.cli import COMMANDS, main

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
import docs_pages  # noqa: E402

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
NOT_OURS = {"build", "site", "node_modules", "dist"}
EVERY_PAGE = sorted(
    path
    for path in ROOT.rglob("*.md")
    if not any(p in NOT_OURS or p.startswith(".") for p in path.relative_to(ROOT).parts)
)
TUTORIALS = sorted((DOCS / "tutorials").glob("*.md"))
MADE = {  # by docs_pages.py
    *(f"lessons/{p.stem}.md" for p in (ROOT / "notebooks").glob("*.ipynb")),
    *(f"reference/{n}.md" for n in ("python", "commands", "json")),
    *docs_pages.SHOWN.values(),
}


def without_code(page: Path) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.S)


@pytest.mark.slow
@pytest.mark.parametrize("page", TUTORIALS, ids=lambda p: p.stem)
def test_the_code_of_a_tutorial_runs_and_shows_something(page: Path) -> None:
    pytest.importorskip("matplotlib")
    pytest.importorskip("pgmpy")
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        text, _ = docs_pages.run_page(page.read_text(encoding="utf-8"), page.stem)
    assert "```text" in text


def test_the_first_page_says_what_python_says() -> None:
    text = re.sub(r"^ {4}", "", (DOCS / "index.md").read_text(encoding="utf-8"), flags=re.M)
    (block,) = re.findall(r"```python\n(.*?)```", text, re.S)
    test = doctest.DocTestParser().get_doctest(block, {}, "index.md", "index.md", 0)
    assert doctest.DocTestRunner().run(test).failed == 0


def slug(heading: str) -> str:
    """The place of a heading in a page, as people see it in the repository."""
    words = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", heading.strip()).lower()
    return re.sub(r"[^\w\- ]", "", words).replace(" ", "-")


@pytest.mark.parametrize("page", EVERY_PAGE, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_link_leads_to_what_is_in_the_repository(page: Path) -> None:
    text = without_code(page)
    links = re.findall(r"\]\((?!https?://|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)", text)
    for target, place in links:
        found = (page.parent / target).resolve() if target else page
        assert found.exists() and found.is_relative_to(ROOT), target
        if place:
            headings = re.findall(r"^#+ (.+)$", without_code(found), re.M)
            assert place in map(slug, headings), f"{target}#{place}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(DOCS)))
def test_no_link_of_a_page_is_lost_on_the_site(page: Path) -> None:
    uri = page.relative_to(DOCS)
    turned = docs_pages.linked(page.read_text("utf-8"), Path("docs") / uri.parent, str(uri))
    before, after = (re.findall(r"\]\(([^)\s]+)\)", t) for t in (page.read_text("utf-8"), turned))
    assert len(before) == len(after)
    for target in after:
        if not target.startswith(("http", "#")):
            inside = os.path.normpath(uri.parent / target.partition("#")[0])
            assert inside in MADE or (DOCS / inside).is_file(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(DOCS)))
def test_a_page_names_real_commands(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for block in re.findall(r"```sh\n(.*?)```", text, re.S):
        for line in block.splitlines():
            for name in re.findall(r"(?:^|\| )\s*lumbayes (\S+)", line):
                assert name in COMMANDS, line


STANDING_FOR = {  # files that the pages take as given
    "case.json": '{"findings": {"low_back_pain": "yes"}}',
    "response.json": '{"resourceType": "QuestionnaireResponse", "status": "completed", "item": []}',
    "asia.bif": """network asia {}
variable smoke { type discrete [ 2 ] { no, yes }; }
variable xray { type discrete [ 2 ] { clear, abnormal }; }
probability ( smoke ) { table 0.5, 0.5; }
probability ( xray | smoke ) { (no) 0.9, 0.1; (yes) 0.8, 0.2; }
""",
}
NOT_RUN = ("ask", "app", "serve", "completion", "manual")  # these wait, or write into the home
LINES = sorted(
    {
        line.partition("  #")[0].strip()
        for page in PAGES
        for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.S)
        for line in map(str.strip, block.splitlines())
        if "lumbayes " in line.partition("#")[0]
        and not line.startswith(("pip ", "curl ", "man "))
        and "HOST" not in line
        and not any(f"lumbayes {name}" in line for name in NOT_RUN)
    }
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the pages speak of."""
    made = tmp_path_factory.mktemp("pages")
    for name, text in STANDING_FOR.items():
        (made / name).write_text(text)
    shutil.copytree(ROOT / "data", made / "my-tables")
    model = lumbayes.load_model()
    model.simulate(20, seed=1).to_csv(made / "people.csv", index=False)
    known = simulate(model, 60, seed=2, missing={"condition": 0.0, "imbalance": 0.0})
    known.to_csv(made / "confirmed.csv", index=False)
    return made


@pytest.mark.slow
@pytest.mark.parametrize("line", LINES)
def test_a_command_of_a_page_runs(
    line: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What needs a shell runs in one; all else is started as the program starts it."""
    if "--out my-tables" in line:
        line = line.replace("my-tables", "learned --iterations 1")
    if line.startswith("lumbayes ") and not re.search(r"[|<>&;$*]", line):
        monkeypatch.chdir(folder)
        assert main(shlex.split(line)[1:]) in (0, 1), capsys.readouterr().err
        return
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr


def test_every_page_is_in_the_navigation() -> None:
    site = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    named = set(re.findall(r": (\S+\.md)$", site, re.M))
    written = {str(p.relative_to(DOCS)) for p in PAGES}
    assert written <= named
    assert named - written <= MADE


def test_every_limit_is_listed_with_its_default() -> None:
    made = [limit for limit in vars(limits).values() if isinstance(limit, limits.Limit)]
    page = (DOCS / "how-to" / "reverse-proxy.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(LUMBAYES_\w+)` \| ([\d,]+) \| (.*) \|$", page, re.MULTILINE)
    assert listed == [(limit.variable, f"{limit.default:,}", limit.counts) for limit in made]


def test_links_are_turned_and_code_stays_as_it_is() -> None:
    text = "[a](06-where-numbers-come-from.ipynb) [b](../MODEL_CARD.md#review) [c](../LICENSE)\n"
    code = "```python\nclaims.loc[name](1) + x[0]\n```\n"
    turned = docs_pages.linked(text + code, Path("notebooks"), "lessons/x.md")
    assert "[a](../lessons/06-where-numbers-come-from.md)" in turned
    assert "[b](../reference/model-card.md#review) c" in turned
    assert turned.endswith(code)
