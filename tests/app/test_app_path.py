"""How many modules one more answer in the app passes; as ``test_paths`` for Python and files."""

from __future__ import annotations

from app_parts import answers, app
from test_paths import passed

SAID = {"low_back_pain": "yes", "slr": "positive"}


def test_one_more_answer_passes_few_modules() -> None:
    page = app("assess", findings=SAID)
    fever = iter(("no", "yes", "no"))
    modules = passed(lambda: answers(page, {**SAID, "fever": next(fever)}))
    behind = {name for name in modules if not name.startswith("lumbayes.app.")}
    assert len(behind) <= 17, sorted(behind)
    assert len(modules) <= 40, sorted(modules)
