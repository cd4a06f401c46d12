"""Results: the advice in full, what it could be, what moved it, how it usually goes on."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from lumbayes.app import answer, charts, come_back, course, frame, parts, results, state, texts
from lumbayes.app.language import say
from lumbayes.app.results import Standing
from lumbayes.cases.case import Case
from lumbayes.knowledge.model import Model
from lumbayes.questions.differential import Differential

FEW = 5  # causes shown before "Show all causes"


@frame.framed
def page() -> None:
    """Show what the answers mean."""
    model = state.the_model()
    frame.heading(texts.RESULTS)
    standing = results.standing(model)
    if not state.answered():
        st.info(texts.REPORT_EMPTY)
        return
    come_back.offer(model)
    parts.live(answer.spoken(model, standing))
    left, right = st.columns([1, 1], gap="large")
    with left:
        st.html(answer.card(standing))
        answer.settle(model, "results")
        _more_advice(standing)
        come_back.compared(model, standing)
        course.show(model, standing)
    if standing.case is None:
        return
    if not answer.weighed(standing):
        with right:
            st.header(texts.CAUSES, anchor=False)
            st.write(texts.CAUSES_AT_VISIT)
            results.link(texts.PAGES["report"], "report")
        return
    found = results.causes(model, standing.case)
    with right:
        _causes(model, found)
        _pushed(model, standing.case, found)
        _rare(found)
        _imbalances(model, found)


def _more_advice(standing: Standing) -> None:
    advice = standing.advice
    if advice.what_would_change:
        st.header(texts.LOOK_OUT, anchor=False)
        st.html(charts.block(charts.listed(say(w) for w in advice.what_would_change)))
    st.markdown(f"**{texts.LOOK_AGAIN}.** {say(advice.look_again)}")


def _causes(model: Model, found: Differential) -> None:
    st.header(texts.CAUSES, anchor=False)
    st.write(texts.CAUSES_LEAD_CLINICIAN if state.clinician() else texts.CAUSES_LEAD)
    frame_ = found.conditions
    every = st.toggle(texts.ALL_CAUSES, key="all_causes", persist_state="session")
    shown = frame_ if every else frame_.head(FEW)
    st.html(answer.cause_bars(model, shown))
    first = frame_.iloc[0]
    if not state.clinician() and first["name"] not in model.with_role("must_not_miss"):
        count = min(max(round(100 * first["probability"]), 1), 99)
        words = texts.DOTS.format(
            count=count, rest=100 - count, label=state.label(str(first["name"]))
        )
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
    if not opened.open:
        return
    with opened:
        names = [*found.conditions["name"], *found.imbalances["name"]]
        labels = state.labels([n for n in names if answer.numbered(model, n)])
        target = st.selectbox(
            texts.PUSHED_CHOOSE,
            list(labels),
            format_func=labels.__getitem__,
            key="pushed_target",
        )
        why = answer.with_assumed(case, results.reasons(model, case, str(target)))
        st.html(charts.signed(why.frame, clinician=state.clinician(), worded=state.worded))


def _rare(found: Differential) -> None:
    """Show the dangerous causes: clinicians read chances, patients what the questions are for."""
    if not state.clinician():
        names = [state.label(str(n)) for n in found.must_not_miss["name"]]
        st.header(texts.LOOKED_FOR, anchor=False)
        st.write(texts.LOOKED_FOR_LEAD.format(names=", ".join(names)))
        return
    st.header(texts.RARE, anchor=False)
    st.write(texts.RARE_LEAD)
    top = charts.round_top(float(found.must_not_miss["high"].max()))
    rows = [answer.bar(row) for _, row in found.must_not_miss.iterrows()]
    st.html(charts.bars(rows, top=top, clinician=True))


def _imbalances(model: Model, found: Differential) -> None:
    st.header(texts.IMBALANCES, anchor=False)
    st.write(texts.IMBALANCES_LEAD_CLINICIAN if state.clinician() else texts.IMBALANCES_LEAD)
    frame_: pd.DataFrame = found.imbalances
    st.html(answer.cause_bars(model, frame_))
