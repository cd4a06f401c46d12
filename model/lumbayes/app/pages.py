"""The pages and the way between them."""

from __future__ import annotations

import streamlit as st

from lumbayes.app import (
    about,
    assess,
    exercises,
    many_cases,
    opened,
    outcome,
    report,
    state,
    switches,
    texts,
    what_if,
    why,
    workbench,
)
from lumbayes.app.ahead import AHEAD

PAGES = (
    ("assess", assess.page),
    ("results", outcome.page),
    ("tests", workbench.page),
    ("what-if", what_if.page),
    ("exercises", exercises.page),
    ("report", report.page),
    ("why", why.page),
    ("many-cases", many_cases.page),
    ("about", about.page),
)
FOR_PATIENTS = ("assess", "results", "what-if", "exercises", "report")


def run() -> None:
    """Run the chosen page; what is worked out ahead waits for it."""
    with AHEAD.serving():
        _run()


def _run() -> None:
    """Set up the session, take a shared case out of the address, and run the chosen page."""
    state.ensure()
    switches.settle_choices()
    opened.open_link(state.the_model())
    known = {
        path: st.Page(
            page, title=texts.patient.PAGES[path], url_path=path, default=path == "assess"
        )
        for path, page in PAGES
    }
    state.put("pages", known)
    # Streamlit's own bar becomes a drawer on a phone, which stays open over the page: ours wraps.
    chosen = st.navigation(list(known.values()), position="hidden")
    shown = [p for p in known if state.clinician() or p in FOR_PATIENTS]
    with st.container(horizontal=True, gap="xsmall", key="no_print_nav"):
        for path in shown:
            st.page_link(known[path], label=texts.PAGES[path], width="content")
    wanted = state.get("go_to")
    state.put("go_to", None)
    if wanted in known and known[wanted] != chosen:
        st.switch_page(known[wanted])
    chosen.run()
