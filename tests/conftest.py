"""What several test modules share: the model, people drawn from it, Chromium if there is one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    import pandas as pd
    from playwright.sync_api import Browser

    from lumbayes.knowledge.model import Model

# A shared, busy machine must not turn a slow example into a failure.
settings.register_profile("lumbayes", deadline=None, print_blob=True)
settings.load_profile("lumbayes")

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_ON_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
NO_CHROMIUM = (
    "CHROMIUM IS MISSING: the browser tests did not run. "
    "Install it (Debian, Ubuntu: apt-get install chromium) or set CHROMIUM to its path."
)


def chromium() -> str | None:
    """The path of Chromium: $CHROMIUM, or the first found on the system, or None."""
    named = os.environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    return found or (str(CHROMIUM_ON_MAC) if CHROMIUM_ON_MAC.exists() else None)


def browser_required() -> bool:
    """Whether a missing Chromium is a failure rather than a reason to skip."""
    return os.environ.get("LUMBAYES_REQUIRE_BROWSER") == "1"


def pytest_sessionstart(session: pytest.Session) -> None:
    """Stop at once where Chromium is required and absent."""
    if browser_required() and chromium() is None:
        raise pytest.UsageError(NO_CHROMIUM)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly, once, that the browser tests were left out."""
    if chromium() is None:
        terminalreporter.write_line(f"*** {NO_CHROMIUM} ***", red=True, bold=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A running Chromium; its test is skipped where there is none."""
    path = chromium()
    if path is None:
        pytest.skip(NO_CHROMIUM)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        yield running
        running.close()


@pytest.fixture(scope="session")
def model() -> Model:
    """The model as published, read once."""
    from lumbayes.knowledge.model import load_model

    return load_model()


@pytest.fixture(scope="session")
def people(model: Model) -> pd.DataFrame:
    """Three hundred people, most of their answers missing."""
    from ragged_people import ragged

    return ragged(model, 300)


@pytest.fixture(scope="session")
def scored(model: Model, people: pd.DataFrame) -> pd.DataFrame:
    """The answers to these people, as a frame."""
    from lumbayes.batch.frames import score_table

    return score_table(model, people)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of 50 rows, so that a small file has several."""
    monkeypatch.setattr("lumbayes.batch.frames.ROWS", 50)
