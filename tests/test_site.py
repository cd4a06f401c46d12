"""The site builds strictly and offline; every link of its pages leads somewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.slow


class Page(HTMLParser):
    """The places of a page, where it links to, and what a browser fetches to show it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.places: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        self.places |= {has[name] for name in ("id", "name") if name in has}
        if tag == "a" and "href" in has:
            self.links.append(has["href"])
        elif tag == "link" and has.get("rel") in ("stylesheet", "icon", "preconnect", "preload"):
            self.fetched.append(has["href"])
        elif "src" in has:
            self.fetched.append(has["src"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Page]:
    """Every page of the site, built as `make docs` does but for the outputs of lessons."""
    out = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", out],
        cwd=ROOT,
        env={**os.environ, "LUMBAYES_SITE_RUN": "0", "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {path: Page(path.read_text(encoding="utf-8")) for path in out.rglob("*.html")}


def test_every_link_leads_to_a_page_and_a_place_of_it(site: dict[Path, Page]) -> None:
    broken = []
    for path, page in site.items():
        if path.name == "404.html":  # its links are absolute
            continue
        for link in [*page.links, *page.fetched]:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            place = unquote(parts.fragment)
            known = target in site and (place in site[target].places or place in ("", "__top"))
            if not known and not (target.is_file() and not place):
                broken.append((path.name, link))
    assert broken == []


def test_a_page_fetches_nothing_from_outside(site: dict[Path, Page]) -> None:
    assert {url for page in site.values() for url in page.fetched if urlsplit(url).netloc} == set()


def test_no_lesson_and_no_tutorial_is_missing(site: dict[Path, Page]) -> None:
    stems = {path.stem for path in site}
    lessons = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    tutorials = {path.stem for path in (ROOT / "docs" / "tutorials").glob("*.md")}
    assert lessons | tutorials <= stems
