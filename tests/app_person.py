"""A running server and a person before it: a browser that lets nothing wrong pass in silence."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

SHOTS = os.environ.get("LUMBAYES_SHOTS")  # a folder for pictures of the pages
SIZES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
}
# A page opened below the root first looks for its server there, and finds none: Streamlit's way.
HARMLESS = re.compile(r"Failed to load resource: .* 404")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Streamlit's own: (rule, part of the element).
KNOWN = (
    ("presentation-role-conflict", "stFileUploaderDropzone"),
    ("empty-table-header", "stDataFrame"),
    ("empty-table-header", "glideDataEditor"),
)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of a running server, and its log. The log must hold no fault in the end."""
    yield from running_server(tmp_path_factory)


def running_server(
    tmp_path_factory: pytest.TempPathFactory, *options: str, base: str = ""
) -> Iterator[tuple[str, Path]]:
    """As ``serving``, with options of the server and the path that it lies under."""
    port, log = free_port(), tmp_path_factory.mktemp("server") / "log"
    with log.open("w") as out:
        running = subprocess.Popen(
            [sys.executable, "-m", "lumbayes.app.server", "--port", str(port), *options],
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
        )
        try:
            url, end = f"http://127.0.0.1:{port}{base}", time.monotonic() + 90
            while True:
                if running.poll() is not None or time.monotonic() > end:
                    pytest.fail(f"the server did not start:\n{log.read_text()}")
                with contextlib.suppress(OSError):
                    if urllib.request.urlopen(f"{url}/ready", timeout=1).read() == b"ready":
                        break
                time.sleep(0.1)
            yield url, log
        finally:
            running.terminate()
            try:
                running.wait(10)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()
    said = RACE.sub("", log.read_text())
    assert "Traceback" not in said, said


# Streamlit's own: a page that ends while its visitor presses the next button, now and then.
RACE = re.compile(
    r"Exception in thread ScriptRunner\.scriptThread:\nTraceback(?:(?!Traceback).)*?_reset_triggers"
    r"(?:(?!Traceback).)*?RuntimeError: dictionary changed size during iteration",
    re.DOTALL,
)


class Person:
    """Someone who uses the app in a browser."""

    def __init__(self, page: Page, url: str, size: str) -> None:
        self.page, self.url, self.size = page, url, size
        self.scheme = "light"

    def open(self, address: str = "/") -> None:
        self.page.goto(self.url + address)
        self.page.get_by_role("heading", level=1).wait_for(timeout=30_000)
        self.settle()

    def settle(self) -> None:
        """Wait until the script is idle and nothing on the page is stale."""
        idle = "[data-testid=stApp][data-test-script-state=notRunning]"
        self.page.wait_for_selector(idle, timeout=60_000)
        self.page.wait_for_timeout(150)
        self.page.wait_for_selector(idle, timeout=60_000)
        # No string to be evaluated: the policy of the page forbids it.
        self.page.locator("[data-stale=true]").first.wait_for(state="detached", timeout=10_000)
        self.page.locator("html[data-unseen]").wait_for(state="detached", timeout=10_000)

    def go(self, title: str) -> None:
        """Go to another page by the navigation."""
        self.page.get_by_role("link", name=title, exact=True).first.click()
        self.settle()

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def answer(self, question: str, answer: str) -> None:
        group = self.page.get_by_role("radiogroup", name=question).first
        group.get_by_role("radio", name=answer, exact=True).click()
        self.settle()

    def example(self, title: str) -> None:
        self.button("Try an example").click()
        self.button(title).click()
        self.settle()
        self.page.get_by_test_id("stPopoverBody").wait_for(state="detached", timeout=5_000)

    def text(self) -> str:
        return self.page.get_by_test_id("stMain").inner_text()

    def shot(self, name: str) -> None:
        """Keep a picture of the whole page, where a folder for pictures is named."""
        if SHOTS is None:
            return
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        before = self.page.viewport_size
        assert before
        height = self.page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
        self.page.set_viewport_size({"width": before["width"], "height": min(height + 10, 7000)})
        self.page.wait_for_timeout(200)
        self.page.screenshot(path=Path(SHOTS) / f"{name}-{self.size}-{self.scheme}.png")
        self.page.set_viewport_size(before)

    def sheets(self, file: Path, paper: str = "Letter") -> int:
        """Print the page, and return how many sheets of paper it takes."""
        self.page.pdf(path=file, print_background=True, format=paper)
        return len(re.findall(rb"/Type\s*/Page\b", file.read_bytes()))

    def faults(self) -> list[tuple[str, str]]:
        """What axe finds, Streamlit's own left out."""
        import axe_playwright_python

        source = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text()
        self.page.evaluate(f"{source};0")
        found = self.page.evaluate(
            "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", RULES
        )
        return [
            (v["id"], node["html"][:200])
            for v in found["violations"]
            for node in v["nodes"]
            if not any(v["id"] == rule and part in node["html"] for rule, part in KNOWN)
        ]

    def fits(self, zoom: int = 1) -> bool:
        """Whether nothing has to be scrolled sideways, zoomed in as a browser does."""
        before = self.page.viewport_size
        assert before
        if zoom > 1:
            wide, high = before["width"] // zoom, before["height"] // zoom
            self.page.set_viewport_size({"width": wide, "height": high})
            self.page.wait_for_timeout(250)
        fits = self.page.evaluate(
            "document.documentElement.scrollWidth <= innerWidth"
            " && document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth"
        )
        if zoom > 1:
            self.page.set_viewport_size(before)
        return bool(fits)


@contextlib.contextmanager
def person(browser: Browser, url: str, size: str, scheme: str = "light") -> Iterator[Person]:
    """A person whose browser reports every error and every request that leaves the server."""
    context = browser.new_context(
        **SIZES[size], color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce"
    )
    page = context.new_page()
    errors: list[str] = []
    outside: list[str] = []
    own = (url, url.replace("http", "ws"), "data:", "blob:", "about:")
    page.on(
        "console",
        lambda m: (
            errors.append(m.text) if m.type == "error" and not HARMLESS.search(m.text) else None
        ),
    )
    page.on("pageerror", lambda e: errors.append(str(e)))
    page.on("request", lambda r: None if r.url.startswith(own) else outside.append(r.url))
    page.on("websocket", lambda w: None if w.url.startswith(own) else outside.append(w.url))
    try:
        yield Person(page, url, size)
    finally:
        context.close()
    assert not errors, errors
    assert not outside, f"requests left the server: {outside}"


def anyone(
    request: pytest.FixtureRequest, browser: Browser, server: tuple[str, Path]
) -> Iterator[Person]:
    """A person with the size and the colour scheme that a test asks for, a desk if it does not."""
    size, scheme = getattr(request, "param", ("desktop", "light"))
    with person(browser, server[0], size, scheme) as found:
        found.scheme = scheme
        yield found
