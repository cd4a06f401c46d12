"""Report: everything on one page, to keep, print, save or share."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from html import escape

import streamlit as st

from lumbayes.app import (
    answer,
    charts,
    come_back,
    frame,
    language,
    opened,
    parts,
    plain,
    results,
    state,
    texts,
)
from lumbayes.cases.case import case_to_dict, understand
from lumbayes.cases.forms import text_of
from lumbayes.cases.json_values import salvage_json
from lumbayes.errors import LumbayesError
from lumbayes.knowledge.model import Model
from lumbayes.questions.assessment.report import Section, as_html
from lumbayes.questions.assessment.summary import TITLE

LARGEST_CASE = 1  # megabyte
COMMAND = re.compile(r"(?:^|(?<=[.!?]) )[^.!?]*\blumbayes [a-z][^.!?]*[.!?]?")  # of a terminal
LONG = 4_300  # letters that take a smaller print to fit on one sheet
# What is not needed on paper, where the report is to take one sheet: of a professional, of all.
FOR_PROFESSIONALS = ("Exercises", "Warning signs to answer first")
FOR_THE_SCREEN = ("What to ask next",)


@frame.framed
def page() -> None:
    """Show the report, and the ways to keep it."""
    model = state.the_model()
    frame.heading(texts.REPORT_TITLE, texts.REPORT_LEAD)
    standing = results.standing(model)
    if not state.answered():
        st.info(texts.REPORT_EMPTY)
    elif standing.case is None:
        frame.clash(standing)
    else:
        case = standing.case
        found = results.report(model, case).page(clinician=state.clinician())
        parts_ = [worded(section) for section in found]
        file = as_html(state.worded(TITLE), parts_, language.chosen())
        with st.container(horizontal=True, key="no_print_report"):
            st.download_button(
                texts.REPORT_DOWNLOAD,
                file,
                "lumbayes-report.html",
                "text/html",
                on_click="ignore",
                type="primary",
            )
            parts.print_button(texts.REPORT_PRINT)
        aside = FOR_THE_SCREEN + (FOR_PROFESSIONALS if state.clinician() else ())
        kept = [s for t, s in zip(found, parts_, strict=True) if not t.title.startswith(aside)]
        long = sum(map(_letters, kept)) > LONG
        with st.container(key="report_long" if long else "report"):
            st.html(answer.card(standing))
            if state.remark_lines():
                st.html(charts.block(charts.listed(state.remark_lines())))
            for i, (told, section) in enumerate(zip(found, parts_, strict=True)):
                off = told.title.startswith(aside)
                if not section.card:
                    with st.container(key=f"no_print_{i}" if off else None):
                        _section(section)
    come_back.offer(model)
    with st.container(key="no_print_save"):
        _save(model)


def worded(section: Section) -> Section:
    """Return one part of the page that the report is made of, in the words of this session."""
    grid = section.grid
    if grid:
        rows = tuple(tuple(map(state.worded, row)) for row in grid.rows)
        grid = replace(grid, header=tuple(map(state.worded, grid.header)), rows=rows)
    return replace(
        section,
        title=state.worded(section.title),
        paragraphs=tuple(map(state.worded, section.paragraphs)),
        points=tuple(map(state.worded, section.points)),
        grid=grid,
        notes=tuple(filter(None, (state.worded(COMMAND.sub("", n)) for n in section.notes))),
    )


def _letters(section: Section) -> int:
    """Return how much there is to read in one part of the page."""
    rows = section.grid.rows if section.grid else ()
    cells = (cell for row in rows for cell in row)
    return sum(map(len, (*section.paragraphs, *section.points, *section.notes, *cells)))


def _section(section: Section) -> None:
    """Show one part of the page."""
    inner = f"<h2>{escape(section.title)}</h2>"
    inner += "".join(f"<p>{escape(p)}</p>" for p in section.paragraphs)
    if section.points:
        inner += charts.listed(section.points)
    if section.grid and section.grid.rows:
        inner += charts.table(section.grid.header, section.grid.rows)
    inner += "".join(f'<p class="small">{escape(n)}</p>' for n in section.notes)
    st.html(charts.block(inner))


def _save(model: Model) -> None:
    """Show how to save, open and share the answers."""
    st.header(texts.SAVE_TITLE, anchor=False)
    if state.answered():
        kept = as_file(
            model, state.data()
        )  # the session cannot be asked once the button is pressed
        st.download_button(
            texts.SAVE_DOWNLOAD,
            kept,
            "lumbayes-answers.json",
            "application/json",
            on_click="ignore",
        )
    st.file_uploader(
        texts.SAVE_OPEN,
        type=["json"],
        max_upload_size=LARGEST_CASE,
        key="case_file",
        on_change=_open,
        args=(model,),
    )
    if state.answered():
        st.warning(texts.SHARE_WARNING)
        if st.button(texts.SHARE_BUTTON):
            base = str(st.context.url or "").split("?")[0].rsplit("/", 1)[0]
            st.code(f"{base}/?s={opened.code()}", language=None, wrap_lines=True)


def as_file(model: Model, told: Mapping[str, object]) -> str:
    """Return the answers as a file, those that contradict each other and the remarks included."""
    data = {**case_to_dict(model, understand(model, told)), "note": told.get("note", {})}
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _open(model: Model) -> None:
    """Fill in a saved case; a broken file changes nothing."""
    file = state.get("case_file")
    if file is None:
        return
    text, wrong = text_of(file.getvalue(), file.name)
    data, broken = salvage_json(text, file.name)
    try:
        new = opened.load(model, data, broken=[*wrong, *broken])
    except LumbayesError as error:
        state.note("error", texts.NOT_TEXT if wrong else plain.of_a_file(model, error))
        return
    state.put("opened", True)
    state.note("info", texts.SAVE_OPENED)
    opened.tell(model, new)
