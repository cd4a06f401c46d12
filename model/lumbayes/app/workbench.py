"""Tests: the panel of a clinician, each by its usual names, with what it tells and sources."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import streamlit as st

from lumbayes.app import accuracy, answer, frame, notes, parts, results, sections, state, texts
from lumbayes.app.language import say
from lumbayes.app.results import Standing
from lumbayes.knowledge.definition import UNSURE
from lumbayes.knowledge.model import Model

KEY = "tests_table"
NONE = "–"  # where the network holds no number: the test serves a rule
SHORT = {"negative": "−", "no": "−", "positive": "+", "yes": "+", UNSURE: "?"}  # on the buttons
_here = Path(__file__).parent
_table = st.components.v2.component(
    "lumbayes_tests",
    css=(_here / "workbench.css").read_text(encoding="utf-8"),
    js=(_here / "workbench.js").read_text(encoding="utf-8"),
)


@frame.framed
def page() -> None:
    """Show the tests, best first, with results to be entered, beside the differential."""
    model = state.the_model()
    frame.heading(texts.TESTS_TITLE, texts.TESTS_LEAD)
    standing = results.standing(model)
    if standing.case is None:
        return
    with st.container(key="no_print_panel"):
        left, right = st.columns([29, 11], gap="medium")
    with left:
        search, pin = st.columns(2)
        with pin:
            target = _pin(model)
        with search:
            words = st.text_input(
                texts.TESTS_SEARCH, key="tests_search", max_chars=60, persist_state="session"
            )
        _panel(model, standing, target, words)
    with right, st.container(key="answer_side"):
        parts.live(answer.spoken(model, standing))
        answer.side(model, standing)
    notes.show(model, standing)


def _pin(model: Model) -> str | None:
    """Show the choice of a target and return it."""
    names = [*model.names("condition"), *model.names("imbalance")]
    labels = {"": texts.TESTS_ALL_CAUSES, **state.labels(names)}
    target = st.selectbox(
        texts.TESTS_PIN,
        list(labels),
        format_func=labels.__getitem__,
        key="tests_pin",
        persist_state="session",
    )
    return str(target) or None


def _panel(model: Model, standing: Standing, target: str | None, words: str) -> None:
    """Show the tests that the words name: those done, then the most telling for their cost.

    Of a target that is pinned alone the information counts: bits about one cause are few.
    """
    assert standing.case is not None
    asked = results.ranked_tests(model, standing.case, target)
    bits = dict(zip(asked["variable"], asked["information"], strict=True))
    cost = dict(zip(asked["variable"], asked["cost"], strict=True))
    found = set(accuracy.matching(model, words))
    every = accuracy.tests(model)

    def place(name: str) -> tuple[bool, bool, float]:
        """Sort those done first, and what tells nothing last, however little it costs."""
        told = bits.get(name, math.nan)
        told = 0.0 if math.isnan(told) else told
        worth = told - (0.0 if target else cost.get(name, 0.0))
        return state.answer(name) is None, round(told, 3) == 0, -worth

    order = sorted(every, key=place)
    shown = [name for name in order if name in found]
    head = texts.TESTS_HEAD
    opened = str((st.session_state.get(KEY) or {}).get("open") or "")
    _table(
        key=KEY,
        data={
            "rows": [row(model, name, target, bits.get(name)) for name in shown],
            "open": _opened(model, opened if opened in shown else ""),
            "words": {
                "caption": texts.TESTS_COUNT.format(shown=len(shown), all=len(every)),
                "head": (head[0], texts.TESTS_PINNED, *head[2:]) if target else head,
                "source_head": texts.TESTS_SOURCE_HEAD,
                "sources": texts.TESTS_SOURCES,
                "open": texts.TESTS_OPEN,
                "all": texts.TESTS_EVERY.format(count=len(shown)),
            },
        },
        on_result_change=_take,
        on_open_change=lambda: None,
    )


def _take() -> None:
    """Take the result that was touched."""
    touched = (st.session_state.get(KEY) or {}).get("result") or {}
    model, name, value = state.the_model(), touched.get("test"), touched.get("state")
    if name in accuracy.tests(model) and value in (*model.variables[name].states, UNSURE, None):
        state.set_answer(str(name), value)


def row(model: Model, name: str, target: str | None, bits: float | None) -> dict[str, Any]:
    """Return one line of the table: names, what the test tells of the target, its results."""
    info = model.variables[name]
    told = accuracy.best(model, name, target)
    numbers = [NONE] * 4
    if told:
        numbers = [f"{told.sensitivity:.2f}", f"{told.specificity:.2f}"]
        numbers += [f"{float(f'{ratio:.2g}'):g}" for ratio in (told.plus, told.minus)]
    known = bits is not None and not math.isnan(bits)
    numbers += [f"{bits:.3f}" if known else NONE, f"{info.cost:.2f}"]
    options = [
        {"state": value, "label": say(label), **({"short": SHORT[value]} if value in SHORT else {})}
        for value, label in sections.choices(info)
    ]
    return {
        "id": name,
        "name": state.label(name),
        "called": say(accuracy.usual_names(model).get(name, "")),
        "about": state.label(told.target) if told else texts.TESTS_OF_A_RULE,
        "numbers": [say(number) for number in numbers],
        "options": options,
        "answer": state.answer(name),
        "count": accuracy.source_count(model, name),
    }


def _opened(model: Model, name: str) -> dict[str, Any]:
    """Return what is asked and the sources of the one test whose sources are shown."""
    if not name:
        return {"id": "", "asked": "", "rows": []}
    info = model.variables[name]
    no_figures = "" if name in model.network else texts.TESTS_NO_FIGURES
    asked = " ".join(say(text) for text in (info.question, info.help, no_figures) if text)
    return {"id": name, "asked": asked, "rows": accuracy.source_rows(model, name)}
