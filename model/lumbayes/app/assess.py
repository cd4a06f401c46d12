"""Questions: the interview or the full form, with the answer beside it."""

from __future__ import annotations

import streamlit as st

from lumbayes.app import (
    answer,
    charts,
    come_back,
    examples,
    frame,
    parts,
    questions,
    results,
    state,
    switches,
    texts,
)
from lumbayes.app.interview import screens, steps


@frame.framed
def page() -> None:
    """Ask, and keep the answer in sight."""
    model = state.the_model()
    frame.heading(texts.TITLE, texts.LEAD)
    standing = results.standing(model)
    with st.container(horizontal=True, key="no_print_top", vertical_alignment="bottom"):
        switches.switch("way", texts.WAY, texts.WAYS)
        examples.chooser(model)
        with st.popover(texts.SETTINGS):
            frame.settings()
        if state.answered():
            st.button(texts.START_AGAIN, on_click=state.forget)
        if state.can_undo():
            st.button(texts.UNDO, on_click=state.undo)
    examples.shown(model)
    come_back.offer(model)
    left, right = st.columns([11, 8], gap="large")
    form = switches.choice("way") == "form"
    if not form:
        steps.begin(model)
    with left:  # before what is asked: the browser then knows the screen that comes
        where = questions.place() if form else steps.place()
        parts.place(where, ".st-key-asking", _went_back)
    with left, st.container(key="asking"):
        if form:
            questions.section(model, questions.stepper(model))
        else:
            screens.show(model, standing)
    with right, st.container(key="answer_side"):
        parts.live(answer.spoken(model, standing))
        answer.side(model, standing)
        answer.settle(model, "side")
        if state.answered():
            results.link(texts.TO_RESULTS, "results")
    with left, st.container(key="only_print"):
        st.html(charts.block(charts.listed([*state.answer_lines(), *state.remark_lines()])))
    with st.bottom, st.container(key="foot"):
        answer.foot(model, standing)


def _went_back() -> None:
    name = parts.came_back()
    if name.startswith("interview"):
        switches.choose("way", "interview")
        steps.back_to(name)
    elif name.startswith("form"):
        switches.choose("way", "form")
        questions.back_to(name)
