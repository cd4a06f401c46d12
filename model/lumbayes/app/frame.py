"""What every page shares: style, messages, settings, the pinned emergency banner, the footer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import lru_cache, wraps
from pathlib import Path

import streamlit as st

from lumbayes.app import parts, results, state, texts
from lumbayes.errors import LumbayesError
from lumbayes.text import plain_markdown
from lumbayes.triage.reader import load_rules

log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def _sheet() -> str:
    return f"<style>{Path(__file__).with_name('style.css').read_text(encoding='utf-8')}</style>"


def framed(page: Callable[[], None]) -> Callable[[], None]:
    """Put the frame around a page; a fault inside shows a plain message and keeps the answers."""

    @wraps(page)
    def run() -> None:
        st.html(_sheet())
        for kind, text in state.notes():
            {"error": st.error, "warning": st.warning}.get(kind, st.info)(plain_markdown(text))
        banner()
        try:
            page()
        except LumbayesError as error:
            st.error(plain_markdown(str(error)), title=texts.CONTRADICTION)
            st.write(texts.CONTRADICTION_HELP)
        except Exception as error:
            # The kind and place of a fault, never its message: that may hold an answer.
            where = error.__traceback__
            while where and where.tb_next:
                where = where.tb_next
            place = f"{where.tb_frame.f_code.co_filename}:{where.tb_lineno}" if where else "?"
            log.error("a page failed: %s at %s", type(error).__name__, place)
            st.error(texts.BROKEN)
        st.divider()
        st.caption(f"{texts.FOOTER} {texts.PRIVATE}")
        remember()

    return run


def heading(title: str, lead: str = "") -> None:
    """Show the title of a page, its lead, and the settings beside it."""
    left, right = st.columns([4, 1.5], vertical_alignment="center")
    with left:
        st.title(title, anchor=False)
    with right, st.container(key="no_print_depth"):
        st.segmented_control(
            texts.DEPTH,
            state.DEPTHS,
            format_func=lambda name: texts.DEPTHS[name],
            default="patient",
            required=True,
            key="view",
            bind="query-params",
            label_visibility="collapsed",
        )
    if lead:
        st.write(lead)


def settings() -> None:
    """Show the choice of telephone numbers."""
    st.selectbox(
        texts.REGION,
        list(texts.REGIONS),
        format_func=lambda code: texts.REGIONS[code],
        index=list(texts.REGIONS).index(state.guessed_region(st.context.locale)),
        key="region",
        persist_state="session",
    )


def banner() -> None:
    """Pin the emergency to the foot of the window, on every page, while a rule fires."""
    model = state.the_model()
    try:
        advice = results.advice(model, state.case(model))
    except LumbayesError:
        return
    if advice.level != "emergency_now":
        return
    number = load_rules(model.folder).texts["emergency_number"][state.region() or "neutral"]
    with st.bottom:
        st.error(texts.EMERGENCY_BANNER.format(number=number), title=texts.EMERGENCY_TITLE)


def remember() -> None:
    """Let the tab keep the answers, so that a reload loses none."""
    fresh = state.get("fresh", True) and state.answered() == 0
    if state.answered():
        state.put("fresh", False)
    parts.keep(state.code() if state.answered() else "", fresh, _restore)


def _restore() -> None:
    """Bring back what the tab had kept, unless there are answers already."""
    state.put("fresh", False)
    if state.answered() == 0 and state.load_code(state.the_model(), parts.kept()):
        state.note("info", texts.RESTORED)
