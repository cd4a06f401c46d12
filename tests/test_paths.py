"""How many modules an answer passes: a row, a case, a file, once everything is warm.

The engine counts as one, since which of its modules run depends on the network. The figures are
ceilings: what is added to a path takes something else out of it.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pandas as pd
import pytest

from lumbayes import Model, load_model
from lumbayes.batch.answers import check_wanted
from lumbayes.batch.files import answer_file

MODEL: Model = load_model()
ROW = pd.DataFrame(
    [{"low_back_pain": "yes", "slr": "positive", "age_band": "30_44", "fever": None}]
)
CASE = {"low_back_pain": "yes", "slr": "positive", "age_years": 43}


def passed(answer: Callable[[], object]) -> dict[str, int]:
    """Return the modules in which a function runs, the engine as one, and how often each does."""
    seen: dict[str, int] = {}

    def note(frame: FrameType, event: str, _: Any) -> None:
        name = str(frame.f_globals.get("__name__", ""))
        if event == "call" and name.startswith("lumbayes.") and frame.f_code.co_name[0] != "<":
            name = "lumbayes.inference" if name.startswith("lumbayes.inference.") else name
            seen[name] = seen.get(name, 0) + 1

    answer()
    answer()
    before = sys.getprofile()
    threading.setprofile(note)
    sys.setprofile(note)
    try:
        answer()
    finally:
        sys.setprofile(before)
        threading.setprofile(None)
    return seen


@pytest.mark.parametrize(
    ("answer", "most"),
    [
        pytest.param(lambda: MODEL.assess_table(ROW), 9, id="a row of a table"),
        pytest.param(lambda: MODEL.assess(CASE), 27, id="a case"),
    ],
)
def test_an_answer_passes_few_modules(answer: Callable[[], object], most: int) -> None:
    modules = passed(answer)
    assert len(modules) <= most, sorted(modules)


def test_a_file_passes_few_modules(tmp_path: Path) -> None:
    source, count = tmp_path / "cases.csv", iter(range(9))
    ROW.to_csv(source, index=False)
    wanted = check_wanted(MODEL)
    modules = passed(
        lambda: answer_file(MODEL, str(source), str(tmp_path / f"{next(count)}.csv"), wanted)
    )
    assert len(modules) <= 18, sorted(modules)


def test_what_the_network_knows_of_a_case_is_worked_out_once() -> None:
    from lumbayes.cases import case as cases

    worked: list[str] = []

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code is cases._network_findings.__code__:
            worked.append(frame.f_code.co_name)

    sys.setprofile(note)
    try:
        answer = MODEL.assess(MODEL.case(CASE), draws=20)
        assert answer.to_text() and answer.to_dict() and answer.page()
    finally:
        sys.setprofile(None)
    assert len(worked) == 1
