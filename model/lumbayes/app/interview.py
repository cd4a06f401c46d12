"""The interview: own words first, then one screen at a time, warning signs before all else.

A screen is its kind and the questions on it. Which comes next is worked out from the answers, so
going back and changing one leads on from there.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lumbayes.app import body_map, own_words, questions, results, sections, state, texts
from lumbayes.app.language import say
from lumbayes.app.results import Standing
from lumbayes.errors import LumbayesError
from lumbayes.knowledge.model import Model

Screen = tuple[str, tuple[str, ...]]
WORDS, CONFIRM, YOU, SIGNS, PLACES, ONE, DONE = (
    "words", "confirm", "you", "signs", "places", "one", "done",
)  # fmt: skip
FEW_MORE = 5  # questions one is told to expect after the warning signs


def next_screen(model: Model) -> Screen:
    """Return the screen that comes next for the answers so far."""
    seen = {kind for kind, _ in state.get("screens", [])}
    skipped = set(state.get("skipped", ()))
    if WORDS not in seen:
        return (WORDS, ())
    if state.get("heard") and CONFIRM not in seen:
        return (CONFIRM, ())
    you = [n for n in sections.FIRST if state.answer(n) is None and n not in skipped]
    if you:
        return (YOU, tuple(you))
    for _, names in sections.sign_screens(model, state.findings()):
        left = tuple(n for n in names if n not in skipped)
        if left:
            return (SIGNS, left)
    places = sections.questions(model)["Where it hurts"][0][1]
    if not ({*state.findings(), *state.soft()} & set(places)) and PLACES not in seen:
        return (PLACES, ())
    standing = results.standing(model)
    if standing.case is not None:
        try:
            asked = results.open_questions(model, standing.case).frame
        except LumbayesError:
            return (DONE, ())
        worth = asked[(asked["score"] > 0) & ~asked["variable"].isin(skipped)]
        if len(worth):
            return (ONE, (str(worth["variable"].iloc[0]),))
    return (DONE, ())


def screens() -> list[Screen]:
    """Return the screens seen, the present one last."""
    return list(state.get("screens", []))


def place() -> str:
    """Return where in the interview one is, for the Back button of the browser."""
    return f"interview {len(screens())}"


def forward(model: Model) -> None:
    """Go on to the next screen."""
    state.put("screens", [*screens(), next_screen(model)])


def backward() -> None:
    """Go back by one screen; the answers stay."""
    if len(screens()) > 1:
        state.put("screens", screens()[:-1])


def back_to(name: str) -> None:
    """Go back to a place that ``place`` has named."""
    count = int(name.removeprefix("interview ") or 1)
    state.put("screens", screens()[: max(count, 1)])


def show(model: Model, standing: Standing) -> None:
    """Show the present screen."""
    if not screens():
        # Answers of an example, a file or a reload need no words: what is open comes next.
        state.put("screens", [(WORDS, ())] if state.answered() else [])
        forward(model)
    kind, names = screens()[-1]
    if kind != WORDS:
        _progress(model)
    names = tuple(n for n in names if n in model.variables)
    {
        WORDS: lambda: _words(model),
        CONFIRM: lambda: _confirm(model),
        YOU: lambda: _several(model, names, texts.YOU_TITLE, texts.YOU_LEAD),
        SIGNS: lambda: _signs(model, names),
        PLACES: lambda: _places(model),
        ONE: lambda: _one(model, names),
        DONE: lambda: _done(model, standing),
    }[kind]()


def _progress(model: Model) -> None:
    done = len(screens())
    signs = len([1 for _, n in sections.sign_screens(model, state.findings()) if n])
    asked = sum(kind == ONE for kind, _ in screens())
    left = signs + (0 if screens()[-1][0] == DONE else max(FEW_MORE - asked, 1))
    words = texts.PROGRESS.format(step=done, total=done + left)
    if screens()[-1][0] == DONE:
        words, left = texts.PROGRESS_DONE, 0
    st.progress(done / (done + left), text=words)


def _words(model: Model) -> None:
    st.header(texts.WORDS_TITLE, anchor=False)
    st.write(texts.WORDS_LEAD)
    st.text_area(
        texts.WORDS_LABEL,
        key="own_words",
        max_chars=own_words.LONGEST,
        placeholder=texts.WORDS_EXAMPLE,
        persist_state="session",
    )
    with st.container(horizontal=True, key="no_print_words"):
        st.button(texts.NEXT_SCREEN, type="primary", on_click=_listen, args=(model,))
        st.button(texts.WORDS_SKIP, on_click=_listen, args=(model, False))


def _listen(model: Model, use: bool = True) -> None:
    text = str(state.get("own_words") or "") if use else ""
    state.put("heard", own_words.heard(model, text) if text.strip() else ())
    if text.strip() and not state.get("heard"):
        state.note("info", texts.WORDS_NOTHING)
    forward(model)


def _confirm(model: Model) -> None:
    st.header(texts.CONFIRM_TITLE, anchor=False)
    st.write(texts.CONFIRM_LEAD)
    said: Sequence[own_words.Heard] = state.get("heard") or ()
    for one in said:
        label = f"{state.label(one.variable)}: **{state.state_label(one.variable, one.state)}**"
        words = texts.CONFIRM_FROM.format(words=one.words)
        key = f"heard_{one.variable}"
        if key not in st.session_state:
            st.session_state[key] = True
        st.checkbox(f"{label}  \n:small[{results.quoted(words)}]", key=key)
    with st.container(horizontal=True, key="no_print_confirm"):
        st.button(texts.CONFIRM_YES, type="primary", on_click=_confirmed, args=(model,))
        _back()


def _confirmed(model: Model) -> None:
    for one in state.get("heard") or ():
        if st.session_state.get(f"heard_{one.variable}"):
            state.set_answer(one.variable, one.state)
        elif state.answer(one.variable) == one.state:
            state.set_answer(one.variable, None)
    forward(model)


def _several(model: Model, names: Sequence[str], title: str, lead: str) -> None:
    st.header(title, anchor=False)
    st.write(lead)
    for name in names:
        questions.ask(model, name, "n")
    _onward(model, names)


def _signs(model: Model, names: Sequence[str]) -> None:
    st.header(texts.SIGNS_TITLE, anchor=False)
    st.write(texts.SIGNS_LEAD)
    for name in names:
        questions.ask(model, name, "n")
    open_ = [n for n in names if state.answer(n) is None]
    label = texts.SIGNS_NONE if len(open_) == len(names) else texts.SIGNS_NO_OTHERS
    with st.container(horizontal=True, key="no_print_signs"):
        if open_:
            st.button(label, type="primary", on_click=_none_of, args=(model, tuple(names)))
            st.button(texts.SKIP, on_click=_skip, args=(model, tuple(open_)))
        else:
            st.button(texts.NEXT_SCREEN, type="primary", on_click=forward, args=(model,))
        _back()
        _enough()


def _none_of(model: Model, names: Sequence[str]) -> None:
    questions.none_of(model, names)
    forward(model)


def _skip(model: Model, names: Sequence[str]) -> None:
    state.put("skipped", (*state.get("skipped", ()), *names))
    forward(model)


def _places(model: Model) -> None:
    st.header(texts.PLACES_TITLE, anchor=False)
    st.write(texts.SECTION_LEADS["Where it hurts"])
    drawn = body_map.marks(state.get("regions", ()), state.findings())
    body_map.draw(drawn, questions.MAP, questions.touched)
    with st.expander(texts.PLACES_BUTTONS):
        for name in sections.questions(model)["Where it hurts"][0][1]:
            questions.ask(model, name, "n")
    with st.container(horizontal=True, key="no_print_places"):
        st.button(texts.NEXT_SCREEN, type="primary", on_click=forward, args=(model,))
        _back()
        _enough()


def _one(model: Model, names: Sequence[str]) -> None:
    """Ask one question; an answer goes on at once."""
    (name,) = names
    info = model.variables[name]
    st.header(say(info.question or info.label), anchor=False)
    if info.help:
        st.write(say(info.help))
    if info.ask == "self_test":
        questions.self_test(name)
    with st.container(key="answers"):
        for value, label in sections.choices(info):
            st.button(
                say(label),
                key=f"one_{name}_{value}",
                type="primary" if state.answer(name) == value else "secondary",
                width="stretch",
                on_click=_answered,
                args=(model, name, value),
            )
    with st.expander(texts.WHY_QUESTION):
        st.write(_why(model, name))
    with st.container(horizontal=True, key="no_print_one"):
        st.button(texts.SKIP, on_click=_skip, args=(model, (name,)))
        _back()
        _enough()


def _answered(model: Model, name: str, value: str) -> None:
    state.set_answer(name, value)
    forward(model)


def _why(model: Model, name: str) -> str:
    standing = results.standing(model)
    if standing.case is None:
        return ""
    asked = results.open_questions(model, standing.case).frame
    row = asked[asked["variable"] == name]
    if row.empty:
        return str(texts.WHY_QUESTION_ANSWERED)
    reason = say(str(row["reason"].iloc[0]))
    if state.clinician():
        reason += " " + texts.INFORMATION.format(bits=row["information"].iloc[0])
    return reason


def _done(model: Model, standing: Standing) -> None:
    st.header(texts.DONE_TITLE, anchor=False)
    left = len(standing.open_signs)
    st.write(texts.DONE_OPEN.format(count=left) if left else texts.DONE_LEAD)
    with st.container(horizontal=True, key="no_print_done"):
        if left:
            st.button(texts.DONE_SIGNS, type="primary", on_click=_ask_skipped, args=(model,))
        results.link(texts.TO_RESULTS, "results")
        _back()


def _ask_skipped(model: Model) -> None:
    """Ask the warning signs again that were skipped."""
    state.put("skipped", ())
    forward(model)


def _onward(model: Model, names: Sequence[str]) -> None:
    with st.container(horizontal=True, key="no_print_onward"):
        missing = tuple(n for n in names if state.answer(n) is None)
        st.button(texts.NEXT_SCREEN, type="primary", on_click=_skip, args=(model, missing))
        _back()


def _back() -> None:
    if len(screens()) > 1:
        st.button(texts.BACK_SCREEN, on_click=backward)


def _enough() -> None:
    st.button(texts.ENOUGH, on_click=_to_done)


def _to_done() -> None:
    state.put("screens", [*screens(), (DONE, ())])
