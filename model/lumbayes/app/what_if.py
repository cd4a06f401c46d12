"""What if: what would this person's pain be, by sliders and switches that answer at once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
from html import escape

import pandas as pd
import streamlit as st

from lumbayes.app import answer, charts, frame, opened, results, sections, state, texts
from lumbayes.app.language import say
from lumbayes.app.results import Standing
from lumbayes.cases.case import Case
from lumbayes.knowledge.anchors import BACK_PAIN
from lumbayes.knowledge.model import Model
from lumbayes.knowledge.tables import read_table
from lumbayes.questions.what_if.interventions import symptoms
from lumbayes.questions.what_if.scenarios import Scenario
from lumbayes.text import percent
from lumbayes.triage.rules import LEVELS

MOST = 4  # scenarios kept to be compared
ROWS = 5  # further outcomes shown
PER = {"had_been": 100, "done": 1_000, "seen": 100}  # one denominator for each kind
QUICK_COLUMNS = ("variable", "label", "clinician_label")


@lru_cache(maxsize=2)
def _quick(model: Model) -> Mapping[str, tuple[str, str]]:
    """Return how what one touch sets is said to patients and to clinicians."""
    rows = read_table("quick_changes.csv", QUICK_COLUMNS, model.folder)
    return {
        row.choice("variable", model.variables): (
            row.text("label"),
            row["clinician_label"] or row.text("label"),
        )
        for row in rows
    }


def quick(model: Model) -> Mapping[str, str]:
    """Return what one touch sets, each to its first state, and how that is said."""
    return {name: say(labels[state.clinician()]) for name, labels in _quick(model).items()}


@frame.framed
def page() -> None:
    """Choose what is different, and read at once what that would mean."""
    model = state.the_model()
    frame.heading(texts.IF_TITLE, texts.IF_LEAD)
    standing = results.standing(model)
    case = standing.case
    if case is None:
        return
    if not state.answered():
        st.info(texts.REPORT_EMPTY)
        return
    if standing.advice.level in LEVELS[:2] and not state.clinician():
        st.warning(texts.IF_FIRST_ADVICE)
        return
    if note := answer.caution(standing):
        st.info(note)
    _undo_kept()
    with st.container(key="no_print_choices"):
        kind = _kind(case, model)
        changes = _seen(model) if kind == "seen" else _touched(model)
    below = st.container()  # the answer stands right below what was touched
    if kind != "seen":
        with st.container(key="no_print_each"):
            changes |= _set_each(model)
    with below:
        if changes:
            _answer(model, standing, kind, changes)
        else:
            st.info(texts.IF_NOTHING_CHOSEN)
    _pinned(kind)
    if kind == "had_been":
        _each(model, case)
        further = ({**changes, n: model.variables[n].states[0]} for n in offered(model))
        results.for_you_next(model, case, (do for do in further if do != changes))


def reported(model: Model, case: Case) -> tuple[str, ...]:
    """Return the symptoms the person has, places of pain first."""
    present = [
        n
        for n in symptoms(model)
        if case.findings.get(n, "unsure") not in ("unsure", model.variables[n].states[0])
    ]
    return tuple(sorted(present, key=lambda n: model.variables[n].group != "pain_place"))


def holds(name: str) -> bool:
    """Return whether what a switch would set is so already."""
    return state.answer(name) == state.the_model().variables[name].states[0]


def offered(model: Model) -> list[str]:
    """Return what one touch can change: nothing that is so already."""
    return [n for n in quick(model) if not holds(n)]


def name_of(model: Model, changes: Mapping[str, str]) -> str:
    """Return what is asked, in words: the headline of the answer."""
    named = [
        quick(model)[name]
        if name in quick(model) and value == model.variables[name].states[0]
        else f"{state.label(name)}: {state.state_label(name, value)}"
        for name, value in changes.items()
    ]
    return ", ".join(named)


def _kind(case: Case, model: Model) -> str:
    kinds = ("had_been", "done", "seen") if reported(model, case) else ("done", "seen")
    chosen = st.segmented_control(
        texts.IF_KIND,
        kinds,
        format_func=lambda k: texts.IF_KINDS[k],
        default=kinds[0],
        required=True,
        key=f"if_kind_{len(kinds)}",
        wrap=True,
    )
    kind = str(chosen or kinds[0])
    st.markdown(f":small[{texts.IF_KIND_LEADS[kind]}]")
    return kind


def _touched(model: Model) -> dict[str, str]:
    """Show what one touch sets; return what is touched. What holds already is not offered."""
    touched = st.pills(
        texts.IF_QUICK,
        offered(model),
        selection_mode="multi",
        format_func=quick(model).__getitem__,
        key=f"if_quick_{state.get('epoch')}",
        wrap=True,
    )
    return {name: model.variables[name].states[0] for name in touched}


def _set_each(model: Model) -> dict[str, str]:
    """Show a slider or switch for each thing that can change; return what is set."""
    changes = {}
    with st.expander(texts.IF_MORE):
        for name in model.with_role("changeable"):
            info = model.variables[name]
            now = state.answer(name)
            now = now if now in info.states else None
            label = state.label(name)
            label += f" ({texts.IF_NOW}: {state.state_label(name, now)})" if now else ""
            key = f"if_set_{state.get('epoch')}_{name}"
            said = partial(_said, name)
            picked: str | None
            if len(info.states) > 2:
                steps = [*([] if now else [""]), *info.states]
                picked = st.select_slider(label, steps, now or "", format_func=said, key=key)
            else:
                options = [s for s in info.states if s != now]
                picked = st.segmented_control(label, options, format_func=said, key=key, wrap=True)
            if picked and picked != now:
                changes[name] = str(picked)
    return changes


def _said(name: str, value: str) -> str:
    return state.state_label(name, value) if value else str(texts.BACK_NOT_ASKED)


def _seen(model: Model) -> dict[str, str]:
    """Show the choice of other answers; return them."""
    names = [
        v.name for v in model.variables.values() if v.ask != "none" and v.name in model.network
    ]
    picked = st.multiselect(
        texts.IF_WHAT,
        names,
        format_func=state.label,
        key="if_seen",
        placeholder=texts.CHOOSE,
        max_selections=5,
    )
    changes = {}
    for name in picked:
        info = model.variables[name]
        options = [s for s, _ in sections.choices(info) if s in info.states]
        options = [s for s in options if s != state.answer(name)]
        value = st.segmented_control(
            f"{state.label(name)}: {texts.IF_TO}",
            options,
            format_func=partial(state.state_label, name),
            default=options[0],
            required=True,
            key=f"if_seen_{name}",
            wrap=True,
        )
        changes[name] = str(value or options[0])
    return changes


def compared(model: Model, case: Case, kind: str, changes: Mapping[str, str]) -> pd.DataFrame:
    """Return the outcomes now and then, what the person suffers from first."""
    if kind == "had_been":
        return _mine(model, case, changes)
    mine = reported(model, case)
    scenario = Scenario("then", dict(changes), {}) if kind == "seen" else Scenario(
        "then", {}, dict(changes)
    )  # fmt: skip
    frame_ = results.scenarios(model, case, (scenario,)).frame
    if kind == "seen":
        frame_ = frame_[~frame_["variable"].isin([*case.findings, *changes])]
        return frame_.reindex(frame_["change"].abs().sort_values(ascending=False).index)
    frame_ = frame_[frame_["variable"].isin(symptoms(model))]
    first = frame_["variable"].isin(mine or (BACK_PAIN,))
    return pd.concat([frame_[first], frame_[~first]])


def _mine(model: Model, case: Case, changes: Mapping[str, str]) -> pd.DataFrame:
    """Return what this person reports, now and had it been otherwise."""
    found = results.for_you(model, case, changes).frame
    return found.set_index("variable", drop=False).loc[list(reported(model, case))]


def _answer(model: Model, standing: Standing, kind: str, changes: dict[str, str]) -> None:
    assert standing.case is not None
    what = name_of(model, changes)
    rows = compared(model, standing.case, kind, changes)
    headline = sentence(rows.iloc[0], kind)
    with st.container(border=True, key="if_answer"):
        st.header(texts.IF_HEADLINE.format(what=what), anchor=False)
        st.markdown(f"**{headline}**")
        pairs = [pair(row) for _, row in rows.head(ROWS).iterrows()]
        st.html(charts.dumbbells(pairs, clinician=state.clinician(), scale=PER[kind]))
        st.caption(texts.IF_ESTIMATE)
        with st.container(horizontal=True, key="no_print_if"):
            st.button(texts.IF_PIN, on_click=_pin, args=(what, kind, headline))
            if all(model.variables[n].ask != "none" for n in changes):
                st.button(texts.IF_KEEP, on_click=_keep, args=(changes,))
    if kind == "had_been":
        with st.expander(texts.IF_RESTS):
            assumptions = results.for_you(model, standing.case, changes).assumptions
            st.markdown("\n".join(f"- {say(a)}" for a in assumptions))


def sentence(row: pd.Series, kind: str) -> str:
    """Say what would become of one outcome, in whole people."""
    label, now, then = state.label(str(row["variable"]).partition("=")[0]), row["now"], row["then"]
    if state.clinician():
        return f"{label}: {say(percent(now))} → {say(percent(then))}"
    per = PER[kind]
    if kind == "had_been":
        gone = now - then
        if round(per * gone) < 1:
            return str(texts.IF_FEWER_THAN_ONE.format(label=label, per=per))
        return str(texts.IF_WITHOUT.format(label=label, count=round(per * gone), per=per))
    counts = {"now": round(per * now), "then": round(per * then)}
    return str(texts.IF_CHANGE.format(label=label, per=f"{per:,}", **counts))


def pair(row: pd.Series) -> charts.Pair:
    """Return one row of a comparison as a pair of marks."""
    label = state.label(str(row["variable"]).partition("=")[0])
    return charts.Pair(label, row["now"], row["then"], row["low"], row["high"])


def _pin(what: str, kind: str, headline: str) -> None:
    line = (what, str(texts.IF_KINDS[kind]), headline)
    pins = [p for p in state.get("if_pins", []) if p != line]
    state.put("if_pins", [*pins, line][-MOST:])


def _pinned(kind: str) -> None:
    """Show what was kept of this kind of question: each kind has a denominator of its own."""
    pins = [pin for pin in state.get("if_pins", []) if pin[1] == texts.IF_KINDS[kind]]
    if pins:
        st.header(texts.IF_PINNED, anchor=False)
        st.html(charts.table(texts.IF_PIN_HEAD, pins))
        st.button(texts.IF_UNPIN, on_click=state.put, args=("if_pins", []))


def _each(model: Model, case: Case) -> None:
    """Show every single change, strongest first; worked out once someone opens it."""
    opened = st.expander(texts.IF_EACH, key="if_each", on_change="rerun")
    if not opened.open:
        return
    rows = []
    for name in offered(model):
        first = _mine(model, case, {name: model.variables[name].states[0]}).iloc[0]
        rows.append((float(first["now"] - first["then"]), name, sentence(first, "had_been")))
    rows.sort(reverse=True)
    with opened:
        items = [
            f"<strong>{escape(quick(model)[name])}:</strong> {escape(said)}"
            for _, name, said in rows
        ]
        st.html(charts.block("<ol>" + "".join(f"<li>{item}</li>" for item in items) + "</ol>"))


def _keep(changes: Mapping[str, str]) -> None:
    """Take the changes over as answers, and remember the old ones."""
    state.put("before_keep", state.data())
    for name, value in changes.items():
        state.set_answer(name, value)
    state.put("epoch", state.get("epoch") + 1)


def _undo_kept() -> None:
    if state.get("before_keep"):
        st.info(texts.IF_KEPT)
        st.button(texts.UNDO, key="undo_keep", on_click=_bring_back)


def _bring_back() -> None:
    before = state.get("before_keep")
    state.put("before_keep", None)
    opened.load(state.the_model(), before)
