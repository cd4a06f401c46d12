"""Assess: questions on one side, what they mean on the other."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from lumbayes.app import charts, examples, frame, parts, questions, results, state, texts
from lumbayes.cases.case import Case
from lumbayes.errors import LumbayesError
from lumbayes.exercises.choice import NO_EXERCISE
from lumbayes.knowledge.model import Model
from lumbayes.questions.assessment.page import CARDS
from lumbayes.questions.differential import Differential
from lumbayes.text import frequency, percent, plain_markdown, times_as_likely
from lumbayes.triage.judgement import Advice

FEW = 5  # causes shown before "Show all causes"


@frame.framed
def page() -> None:
    """Ask, and show what the answers mean."""
    model = state.the_model()
    frame.heading(texts.TITLE, texts.LEAD)
    with st.container(horizontal=True, key="no_print_top", vertical_alignment="bottom"):
        examples.chooser(model)
        with st.popover(texts.SETTINGS):
            frame.settings()
        st.button(texts.START_AGAIN, on_click=_start_again, disabled=state.answered() == 0)
        st.markdown(f"[{texts.TO_RESULTS}](#results)")
    examples.shown(model)
    left, right = st.columns([11, 10], gap="large")
    with left, st.container(key="no_print_questions"):
        chosen = questions.stepper(model)
        questions.section(model, chosen)
    with right:
        st.header(texts.RESULTS, anchor="results")
        try:
            _results(model, state.case(model))
        except LumbayesError as error:
            parts.live(texts.CONTRADICTION)
            st.error(plain_markdown(str(error)), title=texts.CONTRADICTION)
            st.write(texts.CONTRADICTION_HELP)


def _start_again() -> None:
    state.start()
    state.put("fresh", False)


def _results(model: Model, case: Case) -> None:
    if not state.answered():
        st.html(charts.block(f"<p>{texts.NOTHING_YET}</p>", "care none"))
    else:
        advice = results.advice(model, case)
        st.html(care_card(advice))
        _more_advice(advice)
    found = results.causes(model, case)
    parts.live(_sentence(model, case, found))
    next_question = st.container()
    _causes(found)
    _pushed(model, case, found)
    _rare(found)
    _imbalances(found)
    with next_question:  # worked out last: the chances need not wait for it
        _next(model, case)


def care_card(advice: Advice) -> str:
    """Return the one card with the level of care: what, why, how soon."""
    prefix, name = texts.LEVEL_PREFIX[advice.level], CARDS[advice.level]
    parts_ = [
        f'<p class="level">{prefix}</p><h2>{name}</h2>',
        f"<p><strong>{texts.HOW_SOON}:</strong> {escape(advice.how_soon)}</p>",
        f"<h3>{texts.WHY_THIS}</h3>{charts.listed(advice.reasons)}",
        f"<h3>{texts.WHAT_TO_DO}</h3>{charts.listed(advice.what_to_do)}",
    ]
    if advice.ask_again:
        parts_.append(f"<h3>{texts.ASK_AGAIN}</h3>{charts.listed(advice.ask_again)}")
    return charts.block(
        f'<section aria-label="{prefix}">{"".join(parts_)}</section>', f"care {advice.level}"
    )


def _more_advice(advice: Advice) -> None:
    with st.expander(texts.CHANGES):
        if advice.what_would_change:
            st.html(charts.block(charts.listed(advice.what_would_change)))
        st.markdown(f"**{texts.LOOK_AGAIN}.** {advice.look_again}")


def _sentence(model: Model, case: Case, found: Differential) -> str:
    """Say what is new: what to do if it is urgent, else what is likeliest."""
    if not state.answered():
        return texts.CHANGED_NOTHING
    advice = results.advice(model, case)
    if advice.level in NO_EXERCISE:
        return texts.CHANGED_URGENT.format(card=CARDS[advice.level], reason=advice.reasons[0])
    first = found.conditions.iloc[0]
    return texts.CHANGED_FIRST.format(label=first["label"], frequency=first["frequency"])


def _next(model: Model, case: Case) -> None:
    """Ask the most useful question, with the reason for it."""
    asked = results.open_questions(model, case)
    with st.container(border=True, key="no_print_next"):
        st.subheader(texts.NEXT_QUESTION, anchor=False)
        if asked.frame.empty:
            st.write(texts.NEXT_NONE)
            return
        row = asked.frame.iloc[0]
        questions.ask(model, str(row["variable"]), "n")
        reason = str(row["reason"])
        if state.clinician() and row["information"] == row["information"]:
            reason += f" Expected information: {row['information']:.3f} bits."
        st.markdown(f":small[{reason}]")
        if asked.stop:
            st.markdown(f":small[{asked.stop_reason}]")


def bar(row: pd.Series, before: bool = True) -> charts.Bar:
    """Return one row of a differential as a bar, with the remark of this depth."""
    remark = ""
    if state.clinician():
        remark = f"Prior {percent(row['prior'])}, ratio {row['ratio']:.2g}"
        if row["first"] >= 1 / results.DRAWS:  # not so without draws: NaN
            remark += f", first in {percent(row['first'])} of the draws"
    elif before and state.answered():
        remark = f"{texts.ANY_ADULT} {frequency(row['prior']).removeprefix('about ')}"
    label = state.label(str(row["name"]))
    return charts.Bar(
        label,
        row["probability"],
        row["low"],
        row["high"],
        row["prior"] if before and state.answered() else None,
        remark,
    )


def _causes(found: Differential) -> None:
    st.subheader(texts.CAUSES, anchor=False)
    st.write(texts.CAUSES_LEAD if state.answered() else texts.CAUSES_LEAD_EMPTY)
    frame_ = found.conditions
    every = st.toggle(texts.ALL_CAUSES, key="all_causes", persist_state="session")
    shown = frame_ if every else frame_.head(FEW)
    st.html(charts.bars([bar(row) for _, row in shown.iterrows()], clinician=state.clinician()))
    if state.answered() and not state.clinician():
        first = frame_.iloc[0]
        count = min(max(round(100 * first["probability"]), 1), 99)
        words = texts.DOTS.format(count=count, label=state.label(str(first["name"])))
        st.html(charts.dots(count, words))
    names = set(shown["name"])
    for a, b in found.alike:
        if {a, b} <= names:
            st.markdown(f":small[{texts.ALIKE.format(a=state.label(a), b=state.label(b))}]")
            break
    st.caption(texts.RANGE_NOTE)


def _pushed(model: Model, case: Case, found: Differential) -> None:
    """Show what each answer did to one cause; worked out once someone opens it."""
    opened = st.expander(texts.PUSHED, key="pushed", on_change="rerun")
    if not (opened.open and state.answered()):
        return
    with opened:
        target = st.selectbox(
            texts.PUSHED_CHOOSE,
            [*found.conditions["name"], *found.imbalances["name"]],
            format_func=state.label,
            key="pushed_target",
        )
        why = results.reasons(model, case, str(target))
        st.html(charts.signed(why.frame))
        st.markdown(f":small[{texts.MORE_WHY}]")


def _rare(found: Differential) -> None:
    st.subheader(texts.RARE, anchor=False)
    top = charts.round_top(float(found.must_not_miss["high"].max()))
    scale = 1_000 if top > 0.01 else 10_000
    if top > 0.2:
        scale = 100
    st.write(texts.RARE_LEAD.format(size=f"{scale:,}"))
    rows = []
    for _, row in found.must_not_miss.iterrows():
        drawn = bar(row)
        remark = (
            drawn.remark
            if state.clinician()
            else times_as_likely(row["ratio"], row["probability"]) + "."
        )
        rows.append(
            charts.Bar(drawn.label, drawn.value, drawn.low, drawn.high, drawn.before, remark)
        )
    st.html(charts.bars(rows, top=top, scale=scale, clinician=state.clinician()))


def _imbalances(found: Differential) -> None:
    st.subheader(texts.IMBALANCES, anchor=False)
    st.write(texts.IMBALANCES_LEAD)
    st.html(
        charts.bars(
            [bar(row) for _, row in found.imbalances.iterrows()], clinician=state.clinician()
        )
    )
