"""The questions of one section: buttons, the body map beside them, the self-tests with drawings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import streamlit as st

from lumbayes.app import body_map, drawings, results, sections, state, switches, texts
from lumbayes.app.language import say
from lumbayes.knowledge.model import Model
from lumbayes.knowledge.tables import Row, read_table

MAP = "body_map"
TEST_COLUMNS = ("variable", "step_1", "step_2", "step_3", "start", "end", "alt")


def names_shown() -> tuple[str, ...]:
    """Return the names of the sections for this depth."""
    examination = (texts.patient.EXAMINATION,) if state.clinician() else ()
    return (*texts.patient.SECTIONS, *examination)


def place() -> str:
    """Return which section is shown, for the Back button of the browser."""
    if state.get("section") not in names_shown():
        state.put("section", names_shown()[0])
    return f"form {state.get('section')}"


def back_to(name: str) -> None:
    """Show a section that ``place`` has named."""
    if name.removeprefix("form ") in names_shown():
        state.put("section", name.removeprefix("form "))


def stepper(model: Model) -> str:
    """Show the sections with how many answers each has; return the chosen one."""
    shown = names_shown()
    found = {*state.findings(), *state.soft()}
    counts = {
        section: len(found & {n for _, names in sections.questions(model)[section] for n in names})
        for section in shown
    }

    def label(section: str) -> str:
        number = shown.index(section) + 1
        return f"{number}. {say(section)}" + (f" ({counts[section]})" if counts[section] else "")

    chosen = st.pills(
        texts.STEPS,
        shown,
        format_func=label,
        key="section",
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )
    return str(chosen or shown[0])


def section(model: Model, name: str) -> None:
    """Show the questions of one section."""
    st.header(say(name), anchor=False)
    st.write(f"{texts.SECTION_LEADS[name]} :small[{texts.CLEAR_HINT}]")
    if name == "Where it hurts":
        _places(model)
    elif name == "Self-tests":
        _self_tests(model)
    else:
        for title, names in sections.questions(model)[name]:
            asked = sections.asked_now(model, names, state.findings())
            if title and asked:
                st.subheader(say(title), anchor=False)
            for question in asked:
                ask(model, question)
            if title and len([q for q in asked if state.answer(q) is None]) > 1:
                st.button(
                    texts.NONE_OF_THESE,
                    key=f"none_{title}",
                    on_click=none_of,
                    args=(model, asked),
                )
    _onward(name)


def ask(model: Model, name: str, place: str = "q") -> None:
    """Ask one question with buttons; touching the answer again clears it."""
    info = model.variables[name]
    labels = {value: say(label) for value, label in sections.choices(info)}
    part = state.soft().get(name)
    help_text = say(info.help)
    if part:
        known = [label for s, label in labels.items() if part.get(s, 0) > 0]
        in_part = texts.KNOWN_IN_PART.format(states=f" {say('or')} ".join(known))
        help_text = f"{help_text} {in_part}"
    st.segmented_control(
        say(info.question or info.label),
        list(labels),
        format_func=lambda s: labels[s],
        key=state.prepared(place, name),
        help=help_text or None,
        on_change=state.take,
        args=(place, name),
        wrap=True,
    )
    if part:
        st.caption(in_part)


def none_of(model: Model, names: Sequence[str]) -> None:
    """Answer the open ones among some questions with no."""
    for name in names:
        state.answer_all([name], model.variables[name].states[0])


def _onward(name: str) -> None:
    """Show the ways to the sections before and after."""
    shown = names_shown()
    at = shown.index(name)
    with st.container(horizontal=True, key="no_print_onward"):
        if at:
            st.button(
                texts.BACK.format(section=say(shown[at - 1])), on_click=_go, args=(shown[at - 1],)
            )
        if at + 1 < len(shown):
            st.button(
                texts.NEXT.format(section=say(shown[at + 1])),
                type="primary",
                on_click=_go,
                args=(shown[at + 1],),
            )


def _go(name: str) -> None:
    state.put("section", name)


def _places(model: Model) -> None:
    """Show the body map and, below it, a row of buttons for every place."""
    names = [n for _, names in sections.questions(model)["Where it hurts"] for n in names]
    drawn = body_map.marks(state.get("regions", ()), state.findings())
    body_map.draw(drawn, MAP, touched)
    for name in names:
        ask(model, name)


def touched() -> None:
    """Take the place that was touched on the map."""
    place = body_map.touched(MAP)
    if place is None:
        return
    drawn = body_map.marks(state.get("regions", ()), state.findings())
    chosen = {id for id, mark in drawn.items() if mark == "on"} ^ {place}
    state.put("regions", tuple(sorted(chosen)))
    for name, answer in body_map.answers_for(chosen, body_map.regions()[place].variable).items():
        state.set_answer(name, answer)


def _self_tests(model: Model) -> None:
    if results.standing(model).advice.level in ("emergency_now", "urgent_physician"):
        st.warning(texts.NO_TESTS_NOW)
        return
    for _, names in sections.questions(model)["Self-tests"]:
        for name in names:
            with st.container(border=True):
                self_test(model, name)
                ask(model, name)


@lru_cache(maxsize=2)
def self_tests(model: Model) -> Mapping[str, Row]:
    """Return the words of each self-test: its steps and what the pictures show."""
    rows = read_table("self_tests.csv", TEST_COLUMNS, model.folder)
    return {row.choice("variable", model.variables): row for row in rows}


def self_test(model: Model, name: str) -> None:
    """Show the drawing and the steps of a self-test."""
    *steps, start, end, alt = (say(self_tests(model)[name].text(c)) for c in TEST_COLUMNS[1:])
    show_pictures(drawings.self_test(name, (start, end), alt, dark=switches.dark()))
    st.markdown("\n".join(f"- {step}" for step in steps))


def show_pictures(pictures: tuple[drawings.Picture, drawings.Picture]) -> None:
    """Show start and end beside each other, one below the other on a phone."""
    for column, picture in zip(st.columns(2), pictures, strict=True):
        with column:
            st.image(picture.svg, alt=picture.alt, width="stretch")
