"""A run of the app without a browser, and what it shows."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from lumbayes.app.server import script_path

# Parts of a picture that nobody reads.
TECHNICAL = {"id", "path", "half", "fill", "ink", "view", "mark", "edges", "selected", "place"}
TECHNICAL |= {"target", "address", "code", "phase", "lang", "state", "answer"}
TEXTS = ("title", "header", "subheader", "markdown", "caption", "error", "warning", "info")
WIDGETS = (
    *("button", "button_group", "checkbox", "expander", "multiselect", "number_input"),
    *("selectbox", "text_area", "toggle", "download_button"),
)


def app(page: str = "", findings: dict[str, str] | None = None, **query: str) -> AppTest:
    """Run the app on one of its pages, with answers given."""
    test = AppTest.from_file(str(script_path()), default_timeout=60)
    for name, value in query.items():
        test.query_params[name] = value
    run(test)
    if findings is not None:
        answers(test, findings)
    return go(test, page) if page else test


def run(test: AppTest) -> AppTest:
    """Run the script once more; nothing may be thrown."""
    test.run()
    assert not test.exception, test.exception
    return test


def answers(test: AppTest, findings: dict[str, str]) -> AppTest:
    """Give answers in place of those so far, and run."""
    test.session_state["findings"] = dict(findings)
    test.session_state["epoch"] = test.session_state["epoch"] + 1
    return run(test)


def go(test: AppTest, page: str) -> AppTest:
    """Go to another page with the session as it is."""
    # AppTest.switch_page knows pages that are files; ours are functions, found by their address.
    test._page_hash = calc_hash("" if page == "assess" else page)
    return run(test)


def html_of(test: AppTest) -> str:
    """All HTML of ours on the page, the style sheet left out."""
    elements: Any = test.get("html")
    bodies = [str(element.proto.body) for element in elements]
    return "\n".join(body for body in bodies if not body.startswith("<style>"))


def shown(test: AppTest, *, pictures: bool = True) -> str:
    """Every text on the page, each cell on a line; that in HTML of ours only with ``pictures``."""
    body = re.sub(r'<div class="scale".*?</div>', " ", html_of(test))  # ends of scales
    body = re.sub(r"</(td|th|li|p|span|h\d)>", "\n", body) if pictures else ""
    parts = [html.unescape(re.sub(r"<[^>]+>", " ", body))]
    for kind in TEXTS:
        elements: Any = test.get(kind)
        parts += [str(element.value) for element in elements]
    return "\n".join(parts)


def drawn(test: AppTest) -> list[str]:
    """What is told by pictures with a script of their own: all their texts with a blank or name."""

    def strings(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            for name, inner in value.items():
                if name not in TECHNICAL:
                    yield from strings(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from strings(inner)
        elif isinstance(value, str):
            yield value

    elements: Any = test.get("bidi_component")
    return [s for e in elements for s in strings(json.loads(e.proto.json or "{}"))]


def labels(test: AppTest) -> list[str]:
    """What stands on and beside the widgets of the page."""
    found: list[str] = []
    for kind in WIDGETS:
        elements: Any = test.get(kind)
        for proto in (element.proto for element in elements):
            found += [str(getattr(proto, part, "")) for part in ("label", "help", "placeholder")]
            found += [str(getattr(o, "content", o)) for o in getattr(proto, "options", ())]
    return [text for text in found if text]


def card(test: AppTest) -> list[str]:
    """The levels of the care cards on the page, each once."""
    return list(dict.fromkeys(re.findall(r'class="lb care (\w+)"', html_of(test))))


def press(test: AppTest, label: str) -> AppTest:
    """Press the first button with a label, and run."""
    next(b for b in test.button if b.label == label).click()
    return run(test)


def names_in(body: str) -> list[str]:
    """The names in a list of bars, in order."""
    return [html.unescape(n) for n in re.findall(r'<span class="name">([^<]+)</span>', body)]
