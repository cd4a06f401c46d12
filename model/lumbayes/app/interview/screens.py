"""The screens of the interview: own words, what was heard, warning signs to tick, one question."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st

from lumbayes.app import (
    beside,
    body_map,
    language,
    own_words,
    questions,
    results,
    sections,
    state,
    texts,
)
from lumbayes.app.interview import steps
from lumbayes.app.interview.press import button
from lumbayes.app.language import say
from lumbayes.app.results import Standing
from lumbayes.cases.case import understand
from lumbayes.knowledge.model import Model
from lumbayes.triage.reader import load_rules
from lumbayes.triage.rules import Screen as SignScreen
from lumbayes.triage.warning_signs import screen_answers, screen_with, tick_states


def show(model: Model, standing: Standing) -> None:
    """Show the present screen."""
    kind, names = steps.screens()[-1]
    if kind != steps.WORDS:
        _progress(model)
    {
        steps.WORDS: lambda: _words(model),
        steps.CONFIRM: lambda: _confirm(model),
        steps.SIGNS: lambda: _screen(model, names),
        steps.ONE: lambda: _one(model, names),
        steps.DONE: lambda: _done(model, standing),
    }[kind]()


def _progress(model: Model) -> None:
    done = len(steps.screens())
    if steps.screens()[-1][0] == steps.DONE:
        st.progress(1.0, text=texts.PROGRESS_DONE)
        return
    signs = len(results.screens_left(model))
    total = max(steps.enough(), done + signs) if signs else max(steps.enough(), done + 1)
    st.progress(done / total, text=texts.PROGRESS.format(step=done, total=total))


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
        button(texts.NEXT_SCREEN, _listen, model, kind="primary")
        button(texts.WORDS_SKIP, _listen, model, key="skip")  # what is written stays


def _listen(model: Model) -> None:
    text = str(state.get("own_words") or "")
    state.put("heard", own_words.heard(model, text) if text.strip() else ())
    parts = own_words.unread(model, text)
    state.put("unread", parts)
    state.put("not_read", parts)
    if text.strip() and not state.get("heard"):
        state.note("info", texts.WORDS_NOTHING)
    if parts:
        quoted = ", ".join(language.quoted(results.quoted(part)) for part in parts)
        state.note("warning", texts.WORDS_UNREAD.format(words=quoted))
    steps.forward(model)


def _confirm(model: Model) -> None:
    st.header(texts.CONFIRM_TITLE, anchor=False)
    said: Sequence[own_words.Heard] = state.get("heard") or ()
    if said:
        st.write(texts.CONFIRM_LEAD)
    for one in said:
        label = f"{state.label(one.variable)}: **{state.state_label(one.variable, one.state)}**"
        saved = one.words == texts.BACK_BEFORE  # of a case opened again, not of a text
        words = one.words if saved else texts.CONFIRM_FROM.format(words=one.words)
        key = f"heard_{one.variable}"
        if key not in st.session_state:
            st.session_state[key] = True
        st.checkbox(f"{label}  \n:small[{results.quoted(words)}]", key=key)
    harmless = _maybe_harmless(model)
    if harmless:
        quoted = ", ".join(language.quoted(results.quoted(part)) for part in harmless)
        st.checkbox(texts.CONFIRM_UNREAD.format(words=quoted), key=_no_sign(harmless))
    with st.container(horizontal=True, key="no_print_confirm"):
        button(texts.CONFIRM_YES, _confirmed, model, kind="primary")
        _back()


def _maybe_harmless(model: Model) -> tuple[str, ...]:
    """Return what was not read and the person may call no new sign; a word of danger stays."""
    smells = load_rules(model.folder).smells
    return tuple(part for part in state.get("not_read", ()) if not smells(part))


def _no_sign(parts: Sequence[str]) -> str:
    """Return the key of the tick; other words are another question."""
    return state.widget("no_sign", "|".join(parts))


def _confirmed(model: Model) -> None:
    harmless = _maybe_harmless(model)
    settled = harmless if st.session_state.get(_no_sign(harmless)) else ()
    state.put("unread", tuple(p for p in state.get("not_read", ()) if p not in settled))
    for name, value in beside.remarks_in(str(state.get("own_words") or "")).items():
        state.remark(name, value)  # shown, and to be changed, beside the questions
        if name == "severity":
            _strength()
    for one in state.get("heard") or ():
        if st.session_state.get(f"heard_{one.variable}"):
            state.set_answer(one.variable, one.state)
        elif state.answer(one.variable) == one.state:
            state.set_answer(one.variable, None)
    steps.forward(model)


def _screen(model: Model, names: Sequence[str]) -> None:
    """Show one screen of warning signs: to tick what applies, or each with a choice of its own."""
    screen = screen_with(model, names[0], names[1:])
    st.header(say(screen.question), anchor=False)
    if not screen.any_of:
        st.write(texts.EACH_LEAD)
        for sign in screen.signs:
            questions.ask(model, sign.variable, "n")
        names = [sign.variable for sign in screen.signs]
        open_ = [n for n in names if state.answer(n) is None]
        with st.container(horizontal=True, key="no_print_each"):
            if open_ and all(set(model.variables[n].states) == {"no", "yes"} for n in names):
                button(texts.SIGNS_NO_OTHERS, _no_others, model, names, kind="primary")
                button(texts.SKIP, _skip, model, *open_)
            else:
                button(texts.NEXT_SCREEN, _skip, model, *open_, kind="primary")
            _back()
            _enough()
        return
    st.write(texts.SIGNS_LEAD)
    if screen.name == "where":
        drawn = body_map.marks(state.get("regions", ()), state.findings())
        body_map.draw(drawn, questions.MAP, questions.touched)
        _remark("side", texts.SIDE, texts.SIDES)
    if screen.name == "pain":
        _remark("severity", texts.SEVERITY, {n: n for n in state.REMARKS["severity"]}, _strength)
    for sign in screen.signs:
        _tick(model, screen, sign.variable, sign.text)
    ticked = {s.variable for s in screen.signs if there(model, screen, s.variable)}
    unsure = st.multiselect(
        texts.SIGNS_UNSURE,
        [s.variable for s in screen.signs if s.variable not in ticked],
        format_func=state.label,
        key=state.widget("unsure", screen.name),
        placeholder=texts.CHOOSE,
    )
    label = texts.NEXT_SCREEN if ticked or unsure else texts.SIGNS_NONE
    with st.container(horizontal=True, key="no_print_signs"):
        button(label, _taken, model, screen, tuple(unsure), kind="primary")
        button(texts.SKIP, _skip, model, screen.name)
        _back()
        _enough()


def _remark(
    name: str, label: str, choices: Mapping[str, str], on_change: Callable[[], None] | None = None
) -> None:
    """Ask for what only those who help are told: the side of the pain, its strength."""
    key = state.widget("remark", name)
    if key not in st.session_state:
        st.session_state[key] = state.remarks().get(name)
    st.pills(
        label,
        list(choices),
        format_func=lambda value: choices[value],
        key=key,
        on_change=_remarked,
        args=(name, on_change),
        wrap=True,
    )


def _remarked(name: str, then: Callable[[], None] | None) -> None:
    state.remark(name, st.session_state.get(state.widget("remark", name)))
    if then:
        then()


def _strength() -> None:
    """Take the strength as the answer to "severe, 7 or more out of 10"."""
    said = state.remarks().get("severity")
    heard = understand(state.the_model(), {"facts": {"pain_score": int(said or 0)}})
    for name, answer in heard.findings.items():
        if name not in heard.assumed:
            state.set_answer(name, None if said is None else answer)


def _tick(model: Model, screen: SignScreen, name: str, text: str) -> None:
    """Show one sign to be ticked, and which of several grades it is once it has been.

    A tick counts at once: an emergency does not wait for the rest of the screen.
    """
    states = tick_states(model, screen, name)
    key = state.widget("tick", name)
    if key not in st.session_state:
        st.session_state[key] = bool(there(model, screen, name))
    on = st.checkbox(
        say(text) or state.label(name),
        key=key,
        help=say(model.variables[name].help) or None,
        on_change=_touched,
        args=(model, name, states),
    )
    if on and len(states) > 1:
        which = state.widget("which", name)
        known = state.answer(name)
        if which not in st.session_state:
            st.session_state[which] = known if known in states else None
        st.segmented_control(
            texts.SIGNS_WHICH,
            states,
            format_func=partial(state.state_label, name),
            key=which,
            on_change=_which,
            args=(name,),
            wrap=True,
        )


def there(model: Model, screen: SignScreen, name: str) -> str:
    """Return what a sign is known to be if it is there: a state, or ``which`` if that is open."""
    states = tick_states(model, screen, name)
    known, part = state.answer(name), state.soft().get(name, {})
    if known in states:
        return str(known)
    possible = [s for s, weight in part.items() if weight > 0]
    return "which" if possible and set(possible) <= set(states) else ""


def _touched(model: Model, name: str, states: Sequence[str]) -> None:
    on = bool(st.session_state.get(state.widget("tick", name)))
    if not on:
        state.set_answer(name, None)
    elif len(states) == 1:
        state.set_answer(name, states[0])
    else:
        state.set_part(name, {s: s in states for s in model.variables[name].states})


def _which(name: str) -> None:
    state.set_answer(name, st.session_state.get(state.widget("which", name)))


def _taken(model: Model, screen: SignScreen, unsure: Sequence[str]) -> None:
    """Take the answers of a screen: what is ticked stays, not sure, and no to the rest."""
    ticked = {s.variable for s in screen.signs if there(model, screen, s.variable)}
    answers = screen_answers(model, screen, dict.fromkeys(unsure, "unsure"))
    for name, value in answers["findings"].items():
        if name not in ticked:
            state.set_answer(name, str(value))
    for name, weights in answers["likelihoods"].items():
        if name not in ticked and isinstance(weights, Mapping):
            state.set_part(name, weights)
    steps.forward(model)


def _no_others(model: Model, names: Sequence[str]) -> None:
    questions.none_of(model, names)
    steps.forward(model)


def _skip(model: Model, *names: str) -> None:
    state.put("skipped", (*state.get("skipped", ()), *names))
    steps.forward(model)


def _one(model: Model, names: Sequence[str]) -> None:
    """Ask one question; an answer goes on at once."""
    (name,) = names
    info = model.variables[name]
    st.header(say(info.question or info.label), anchor=False)
    if info.help:
        st.write(say(info.help))
    if info.ask == "self_test":
        questions.self_test(model, name)
    with st.container(key="answers"):
        for value, label in sections.choices(info):
            button(
                say(label),
                _answered,
                model,
                name,
                value,
                key=f"one_{name}_{value}",
                kind="primary" if state.answer(name) == value else "secondary",
                width="stretch",
            )
    with st.expander(texts.WHY_QUESTION):
        st.write(_why(model, name))
    with st.container(horizontal=True, key="no_print_one"):
        button(texts.SKIP, _skip, model, name)
        _back()
        _enough()


def _answered(model: Model, name: str, value: str) -> None:
    state.set_answer(name, value)
    steps.forward(model)


def _why(model: Model, name: str) -> str:
    standing = results.standing(model)
    if standing.case is None:
        return ""
    asked = results.open_questions(model, standing.case).frame
    row = asked[asked["variable"] == name]
    if row.empty:
        return str(texts.WHY_QUESTION_ANSWERED)
    reason = state.worded(str(row["reason"].iloc[0]))
    if state.clinician():
        reason += " " + texts.INFORMATION.format(bits=row["information"].iloc[0])
    return reason


def _done(model: Model, standing: Standing) -> None:
    st.header(texts.DONE_TITLE, anchor=False)
    left = len(standing.open_signs)
    more = steps.worth_asking(model) if not left else ()
    lead = texts.DONE_MORE_LEAD if more else texts.DONE_LEAD
    st.write(texts.DONE_OPEN.format(count=left) if left else lead)
    with st.container(horizontal=True, key="no_print_done"):
        if left:
            button(texts.DONE_SIGNS, _ask_skipped, model, kind="primary")
        if more:
            button(texts.DONE_MORE, steps.ask_more, model)
        results.link(texts.TO_RESULTS, "results")
        _back()


def _ask_skipped(model: Model) -> None:
    """Ask the warning signs again that were skipped."""
    state.put("skipped", ())
    steps.forward(model)


def _back() -> None:
    if len(steps.screens()) > 1:
        button(texts.BACK_SCREEN, steps.backward)


def _enough() -> None:
    button(texts.ENOUGH, _to_done)


def _to_done() -> None:
    state.put("screens", [*steps.screens(), (steps.DONE, ())])
