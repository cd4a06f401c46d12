"""What every page shares: style, messages, settings, the pinned emergency banner, the footer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import lru_cache, wraps
from pathlib import Path

import streamlit as st

from lumbayes.app import (
    answer,
    emergency,
    language,
    opened,
    parts,
    plain,
    results,
    state,
    switches,
    texts,
)
from lumbayes.errors import LumbayesError
from lumbayes.text import plain_markdown
from lumbayes.triage.rules import LEVELS

log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def _sheet() -> str:
    return f"<style>{Path(__file__).with_name('style.css').read_text(encoding='utf-8')}</style>"


def _upload_words() -> str:
    """Return what makes Streamlit's own upload button speak the language of the session."""
    if language.chosen() == "en":
        return ""
    button = '[data-testid="stFileUploaderDropzone"] button p'
    return (
        f"<style>{button} {{ font-size: 0; }}"
        f'{button}::after {{ font-size: 1rem; content: "{texts.UPLOAD}"; }}'
        '[data-testid="stFileUploaderDropzoneInstructions"] { display: none; }</style>'
    )


def framed(page: Callable[[], None], *, stops: bool = True) -> Callable[[], None]:
    """Put the frame around a page; a fault inside shows a plain message and keeps the answers.

    In an emergency the page gives way to the emergency's own, unless it ``stops`` for nothing.
    """

    @wraps(page)
    def run() -> None:
        st.html(_sheet() + _upload_words())
        with st.container(key="no_print_messages"):
            for kind, text in state.notes():
                {"error": st.error, "warning": st.warning}.get(kind, st.info)(
                    plain_markdown(language.say(text))
                )
        model = state.the_model()
        standing = results.standing(model)
        urgent = standing.advice.level == LEVELS[0]
        with st.bottom:
            if urgent:
                st.error(emergency.banner(standing), title=texts.EMERGENCY_TITLE)
        try:
            if stops and emergency.stops(standing):
                heading(texts.EMERGENCY_TITLE)
                emergency.page(model, standing)
            elif standing.case is None and needs_case(page):
                heading(texts.CONTRADICTION)
                clash(standing)
            else:
                page()
        except LumbayesError as error:
            st.error(plain_markdown(plain.clash(model, error)), title=texts.CONTRADICTION)
            st.write(texts.CONTRADICTION_HELP)
        except Exception as error:
            _note_fault(error)
            st.error(texts.BROKEN)
        st.divider()
        if not state.clinician():
            with st.container(horizontal=True, key="no_print_more"):
                for path in MORE:
                    results.link(texts.PAGES[path], path)
        st.caption(f"{texts.FOOTER} {texts.PRIVATE}")
        parts.speech(language.chosen(), switches.address())
        remember()

    return run


def _note_fault(error: Exception) -> None:
    """Log the kind and place of a fault, never its message: that may hold an answer."""
    where = error.__traceback__
    while where and where.tb_next:
        where = where.tb_next
    place = f"{where.tb_frame.f_code.co_filename}:{where.tb_lineno}" if where else "?"
    log.error("a page failed: %s at %s", type(error).__name__, place)


MORE = ("why", "many-cases", "about")  # pages whose way in is at the foot, for patients
WITH_CASE = ("lumbayes.app.why", "lumbayes.app.what_if", "lumbayes.app.exercises",
             "lumbayes.app.workbench")  # fmt: skip


def needs_case(page: Callable[[], None]) -> bool:
    """Return whether a page is about answers that fit together."""
    return page.__module__ in WITH_CASE


def clash(standing: results.Standing) -> None:
    """Show the advice, and what does not fit together, with the way out."""
    st.html(answer.card(standing))
    st.write(texts.CONTRADICTION_HELP)
    results.link(texts.PAGES["assess"], "assess")


def heading(title: str, lead: str = "") -> None:
    """Show the title of a page, its lead, and the settings beside it."""
    left, right = st.columns([4, 1.5], vertical_alignment="center")
    with left:
        st.title(title, anchor=False)
    with right, st.container(key="no_print_depth"):
        switches.switch("view", texts.DEPTH, texts.DEPTHS)
    if lead:
        st.write(lead)


def settings() -> None:
    """Show the choice of language and of telephone numbers."""
    switches.switch("lang", texts.LANGUAGE, language.LANGUAGES)
    names = texts.REGIONS
    shown = switches.region_shown()
    st.session_state["region"] = shown
    st.session_state["guessed_region"] = switches.guessed_region(
        st.context.locale, language.chosen()
    )
    st.selectbox(
        texts.REGION,
        list(names),
        format_func=names.__getitem__,
        key="region",
        persist_state="session",
    )


def remember() -> None:
    """Let the tab keep the answers, so that a reload loses none."""
    fresh = state.get("fresh", True) and state.answered() == 0
    if state.answered():
        state.put("fresh", False)
    parts.keep(opened.code() if state.answered() else "", fresh, _restore)


def _restore() -> None:
    """Bring back what the tab had kept, unless there are answers already."""
    state.put("fresh", False)
    if state.answered() == 0 and opened.load_code(state.the_model(), parts.kept()):
        state.note("info", texts.RESTORED)
        if state.get("bad_link"):  # what was said of it a moment ago is still to be read
            state.note("error", str(state.get("bad_link")))
