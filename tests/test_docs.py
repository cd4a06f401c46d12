"""Every page of the site runs and links to what exists; the site itself is built by `make docs`."""

from __future__ import annotations

import doctest
import re
import sys
import warnings
from pathlib import Path

import pytest

from lumbayes.cli import COMMANDS

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
import docs_pages  # noqa: E402

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
TUTORIALS = sorted((DOCS / "tutorials").glob("*.md"))
MADE = {  # by docs_pages.py
    *(f"lessons/{p.stem}.md" for p in (ROOT / "notebooks").glob("*.ipynb")),
    "lessons/index.md",
    *(
        f"reference/{n}.md"
        for n in ("python", "commands", "json", "tables", "model-card", "changes")
    ),
}


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


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(DOCS)))
def test_a_page_links_to_what_exists_and_names_real_commands(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", text):
        found = (page.parent / target).resolve()
        assert found.exists() or str(found.relative_to(DOCS)) in MADE, target
    for block in re.findall(r"```sh\n(.*?)```", text, re.S):
        for line in block.splitlines():
            for name in re.findall(r"(?:^|\| )\s*lumbayes (\S+)", line):
                assert name in COMMANDS, line


def test_every_page_is_in_the_navigation() -> None:
    site = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    named = set(re.findall(r": (\S+\.md)$", site, re.M))
    written = {str(p.relative_to(DOCS)) for p in PAGES}
    assert written <= named
    assert named - written <= MADE


def test_links_are_turned_and_code_stays_as_it_is() -> None:
    text = "[a](06-where-numbers-come-from.ipynb) [b](../MODEL_CARD.md#review) [c](../LICENSE)\n"
    code = "```python\nclaims.loc[name](1) + x[0]\n```\n"
    turned = docs_pages.linked(text + code, Path("notebooks"), "lessons/x.md")
    assert "[a](../lessons/06-where-numbers-come-from.md)" in turned
    assert "[b](../reference/model-card.md#review) c" in turned
    assert turned.endswith(code)
