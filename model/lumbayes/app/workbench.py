"""Tests: the panel of a clinician, each by its usual names, with what it tells and sources."""

from __future__ import annotations

import math

import streamlit as st

from lumbayes.app import (
    accuracy,
    answer,
    charts,
    frame,
    notes,
    parts,
    questions,
    results,
    state,
    texts,
)
from lumbayes.app.language import say
from lumbayes.app.results import Standing
from lumbayes.knowledge.model import Model

SHOWN = 8  # tests shown before a search


@frame.framed
def page() -> None:
    """Show the tests, best first, with results to be entered, beside the differential."""
    model = state.the_model()
    frame.heading(texts.TESTS_TITLE, texts.TESTS_LEAD)
    standing = results.standing(model)
    if standing.case is None:
        return
    with st.container(key="no_print_panel"):
        left, right = st.columns([11, 7], gap="large")
    with left:
        target = _pin(model)
        _panel(model, standing, target)
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


def _panel(model: Model, standing: Standing, target: str | None) -> None:
    assert standing.case is not None
    words = st.text_input(
        texts.TESTS_SEARCH, key="tests_search", max_chars=60, persist_state="session"
    )
    asked = results.ranked_tests(model, standing.case, target)
    bits = dict(zip(asked["variable"], asked["information"], strict=True))
    score = dict(zip(asked["variable"], asked["score"], strict=True))
    order = sorted(accuracy.tests(model), key=lambda n: -score.get(n, -1.0))
    done = [n for n in order if state.answer(n) is not None]
    open_ = [n for n in order if state.answer(n) is None]
    found = set(accuracy.matching(model, words))
    if words:
        shown = [n for n in order if n in found]
    else:
        every = st.toggle(texts.TESTS_EVERY, key="tests_every", persist_state="session")
        shown = [*done, *(open_ if every else open_[:SHOWN])]
    st.caption(texts.TESTS_COUNT.format(shown=len(shown), all=len(order)))
    for name in shown:
        with st.container(border=True, key=f"test_{name}"):
            _test(model, name, target, bits.get(name))


def _test(model: Model, name: str, target: str | None, bits: float | None) -> None:
    called = say(accuracy.usual_names(model).get(name, ""))
    st.markdown(f"**{state.label(name)}**  \n:small[{called}]")
    questions.ask(model, name, "n")
    told = accuracy.best(model, name, target)
    if told:
        st.html(charts.block(accuracy.line(told)))
    if bits is not None and not math.isnan(bits):
        worth, cost = say(f"{bits:.3f}"), say(f"{model.variables[name].cost:.2f}")
        st.markdown(f":small[{texts.TESTS_BITS.format(bits=worth, cost=cost)}]")
    rows = accuracy.source_rows(model, name)
    if rows:
        with st.popover(texts.TESTS_SOURCES.format(count=len(rows))):
            st.html(charts.table(texts.TESTS_SOURCE_HEAD, rows))
