"""In an emergency the pages stop: what to do, what to tell, what led to it, and nothing else."""

from __future__ import annotations

from html import escape

import streamlit as st

from lumbayes.app import answer, charts, parts, questions, results, state, texts
from lumbayes.app.language import say
from lumbayes.app.results import Standing
from lumbayes.cases.case import understand
from lumbayes.knowledge.model import Model
from lumbayes.questions.assessment.handover import handover
from lumbayes.triage.rules import LEVELS


def stops(standing: Standing) -> bool:
    """Return whether nothing but the emergency is to be shown."""
    return standing.advice.level == LEVELS[0] and not (
        state.clinician() and state.get("show_anyway")
    )


def banner(standing: Standing) -> str:
    """Return the words pinned to the foot of the window: those of the card, so one advice."""
    first, last = standing.advice.what_to_do[0], standing.advice.driving
    return say(first if last in first else f"{first} {last}")


def page(model: Model, standing: Standing) -> None:
    """Show the red card, the hand-over, and the way to change an answer."""
    st.html(_card(model, standing))
    with st.container(horizontal=True, key="no_print_emergency"):
        parts.print_button(texts.HAND_OVER_PRINT)
        st.button(texts.START_AGAIN, on_click=state.forget)
    with st.container(key="hand_over"):
        st.header(texts.HAND_OVER, anchor=False)
        st.write(texts.HAND_OVER_LEAD)
        sheet = handover(model, understand(model, state.data()), standing.advice)
        st.html(charts.block(charts.listed([*map(say, sheet.points), *state.remark_lines()])))
    with st.container(key="no_print_correct"), st.expander(texts.CORRECT):
        st.write(texts.CORRECT_LEAD)
        for name in standing.advice.led_by:
            questions.ask(model, name, "s")
    with st.container(key="no_print_anyway"):
        if state.clinician():
            st.toggle(
                texts.SHOW_ANYWAY,
                value=bool(state.get("show_anyway")),
                key="show_anyway_switch",
                on_change=_anyway,
            )
        else:
            st.caption(texts.SHOW_ANYWAY_HOW)


def _anyway() -> None:
    state.put("show_anyway", bool(state.get("show_anyway_switch")))


def _card(model: Model, standing: Standing) -> str:
    advice = standing.advice
    number = results.emergency_number(model)
    digits = "".join(c for c in number.split(" or ")[0] if c.isdigit())
    call = f'<a href="tel:{digits}">{escape(number)}</a>' if digits else escape(say(number))
    parts_ = [
        f'<p class="level">{escape(texts.LEVEL_PREFIX[advice.level])}</p>',
        f"<h2>{escape(texts.WHAT_TO_DO)}</h2>",
        f'<p class="call">{escape(texts.CALL)} {call}</p>',
        charts.listed(answer.actions(standing)),
        f"<h3>{escape(texts.LED_TO_IT)}</h3>{charts.listed(answer.reasons(standing))}",
    ]
    for clash in standing.contradictions:
        parts_.append(f"<p><strong>{escape(texts.CONTRADICTION)}.</strong> {escape(clash)}</p>")
    return charts.block(
        f'<section aria-label="{escape(texts.LEVEL_PREFIX[advice.level])}">'
        f"{''.join(parts_)}</section>",
        f"care {advice.level}",
    )
