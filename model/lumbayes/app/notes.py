"""The summary for the notes: care level, findings, differential and limits, as plain text."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from lumbayes.app import accuracy, parts, results, state, texts
from lumbayes.app.language import say
from lumbayes.app.results import Standing
from lumbayes.knowledge.model import Model
from lumbayes.questions.assessment.page import CARDS
from lumbayes.text import percent
from lumbayes.triage.rules import LEVELS

CAUSES, DANGERS = 5, 3  # of the differential, and of what must not be missed


def show(model: Model, standing: Standing) -> None:
    """Show the summary, to be copied, kept or printed."""
    text = summary(model, standing)
    with st.container(key="notes"):
        st.header(texts.NOTES, anchor=False)
        st.write(texts.NOTES_LEAD)
        st.code(text, language=None, wrap_lines=True)
    with st.container(horizontal=True, key="no_print_notes"):
        st.download_button(texts.NOTES_DOWNLOAD, text, "lumbayes-notes.txt", on_click="ignore")
        parts.print_button(texts.NOTES_PRINT)


def summary(model: Model, standing: Standing) -> str:
    """Return a summary for the notes: care level, findings, tests, differential, limits."""
    advice, case = standing.advice, standing.case
    level = say(CARDS[advice.level])
    lines = [texts.NOTES_LEVEL.format(level=level, soon=say(advice.how_soon))]
    if standing.provisional:
        level = texts.NOTES_NO_SIGN if advice.level == LEVELS[-1] else level
        count = len(standing.open_signs)
        lines = [texts.NOTES_PROVISIONAL.format(level=level, count=count)]
    lines += [f"  {say(reason)}" for reason in advice.reasons]
    lines += _findings(model)
    lines += state.remark_lines()
    if case is not None:
        found = results.causes(model, case)
        for title, frame, most in (
            (texts.NOTES_CAUSES, found.conditions, CAUSES),
            (texts.NOTES_DANGERS, found.must_not_miss, DANGERS),
        ):
            lines += [title, *(f"  {_estimate(row)}" for _, row in frame.head(most).iterrows())]
    return "\n".join([*lines, texts.NOTES_LIMIT])


def _findings(model: Model) -> list[str]:
    """Return what is there, what is not and what is not known, a line each."""
    groups: dict[str, list[str]] = {title: [] for title in texts.NOTES_GROUPS}
    there, absent, unknown = groups.values()
    for name, value in state.findings().items():
        info, label = model.variables[name], state.label(name)
        if name in accuracy.POPULATION:
            continue
        if value == "unsure":
            unknown.append(label)
        elif value == info.states[0] and name not in model.with_role("stratum"):
            absent.append(label)
        else:
            plain = set(info.states) in ({"no", "yes"}, {"negative", "positive"})
            there.append(label if plain else f"{label}: {state.state_label(name, value)}")
    return [f"{title}: {'; '.join(names)}." for title, names in groups.items() if names]


def _estimate(row: pd.Series) -> str:
    chance, low, high = (percent(row[c]) for c in ("probability", "low", "high"))
    return f"{state.label(str(row['name']))}: {say(f'{chance} ({low} to {high})')}"
