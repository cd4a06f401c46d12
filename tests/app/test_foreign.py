"""What comes from outside, by a link or a file, is shown as text: no link, picture or mark-up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from app_parts import app, run
from app_person import Person, anyone, serving

from lumbayes.app import share
from lumbayes.text import JOINER, plain_cell, plain_markdown

if TYPE_CHECKING:
    from collections.abc import Callable

server = pytest.fixture(scope="module")(serving)
at_desk = pytest.fixture(anyone)
BAIT = (
    "[log in again](http://evil.test/a) ![x](http://evil.test/b.png) <img src=http://evil.test/c>"
    " http://evil.test/d www.evil.test me@evil.test :material/home: :red[x] $\\pi$ `y` **z** # h"
)
SIGNS = re.compile(r"[][<>*_`$~#!|:@&()/]")


def packed(data: dict[str, object]) -> str:
    return share.to_code(data)


HOSTILE = [
    {"version": {"program": BAIT, "data": "00000000"}, "findings": {"fever": "no"}},
    {"version": {"data": BAIT}, "findings": {BAIT: BAIT, "fever": "no"}},
    {"findings": {BAIT: "yes"}},
    {"findings": {"fever": BAIT}},
    {"likelihoods": {"slr": {BAIT: 1}}},
]


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_the_words_of_a_link_are_escaped(data: dict[str, object]) -> None:
    test = app(s=packed(data))
    told = [e.value for kind in (test.error, test.warning) for e in kind]
    assert any("evil" in text for text in told)
    for text in told:
        assert not SIGNS.search(re.sub(r"\\.", "", text))


@pytest.mark.parametrize("number", ["9" * 400, "9" * 5_000, "1e999", "-1e999"])
def test_a_link_with_a_number_without_end_opens_an_empty_page(number: str) -> None:
    import base64
    import zlib

    text = f'{{"likelihoods":{{"slr":{{"negative":{number},"positive":1}}}}}}'
    code = base64.urlsafe_b64encode(zlib.compress(text.encode())).decode().rstrip("=")
    test = app(s=code)
    told = test.error[0].value
    assert told.startswith("This link cannot be read")  # and, for who set it up, why
    assert re.search(r"the link.* (digits in one number|is too large)", told)
    assert test.session_state["findings"] == {}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (f"{BAIT}.csv", b""),
        ("a.csv", f'"email {BAIT}"\n1\n'.encode()),
        ("a.csv", f'"{BAIT}",fever\n1,yes\n'.encode()),
    ],
)
def test_the_names_of_a_file_are_escaped(name: str, content: bytes) -> None:
    test = app("many-cases")
    test.file_uploader(key="many").set_value((name, content, "text/csv"))
    run(test)
    for text in [e.value for e in test.error]:
        assert not SIGNS.search(re.sub(r"\\.", "", text))


@pytest.mark.browser
@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_a_browser_shows_the_words_and_asks_nobody(
    at_desk: Person, data: dict[str, object]
) -> None:
    """The person's browser fails the test for any request that leaves the server."""
    at_desk.open("/?s=" + packed(data))
    notes = at_desk.page.get_by_test_id("stAlert")
    text = " ".join(notes.all_inner_texts()).replace(JOINER, "")
    assert "[log in again](http://evil.test/a)" in text
    found: Callable[[str], int] = lambda what: at_desk.page.locator(what).count()  # noqa: E731
    assert found("a[href*=evil]") == found("img[src*=evil]") == found("[href^=mailto]") == 0
    assert notes.locator("code, strong, h1, .katex, [data-testid=stIconMaterial]").count() == 0


def test_numbers_and_words_are_no_formulas() -> None:
    for cell in ("-1.5e3", "+49", "", "a=b", "'=1", "3-4"):
        assert plain_cell(cell) == cell
    for cell in ("=1", "+49 30 1", "-x", "@A1", "\t=1", "＝1", "\n1", ' =HYPERLINK("http://a")'):
        assert plain_cell(cell) == f"'{cell}"
    assert plain_markdown("plain words, 5") == "plain words\\, 5"
