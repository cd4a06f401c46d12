"""The pages and the way between them."""

from __future__ import annotations

import streamlit as st

from lumbayes.app import about, assess, exercises, many_cases, report, state, what_if, why

PAGES = (
    ("Assess", "assess", assess.page),
    ("What if", "what-if", what_if.page),
    ("Why", "why", why.page),
    ("Exercises", "exercises", exercises.page),
    ("Report", "report", report.page),
    ("Many cases", "many-cases", many_cases.page),
    ("About the numbers", "about", about.page),
)


def run() -> None:
    """Set up the session, take a shared case out of the address, and run the chosen page."""
    state.ensure()
    state.open_link(state.the_model())
    known = [
        st.Page(page, title=title, url_path=path, default=path == "assess")
        for title, path, page in PAGES
    ]
    # Streamlit's own bar becomes a drawer on a phone, which stays open over the page: ours wraps.
    chosen = st.navigation(known, position="hidden")
    with st.container(horizontal=True, gap="xsmall", key="no_print_nav"):
        for page in known:
            st.page_link(page, width="content")
    chosen.run()
