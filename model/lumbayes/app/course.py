"""How it usually goes on: how many are better after some weeks, each figure with its source."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import streamlit as st

from lumbayes.app import charts, results, state, texts
from lumbayes.app.language import say
from lumbayes.app.results import Standing
from lumbayes.knowledge.model import Model
from lumbayes.knowledge.tables import Row, read_table
from lumbayes.triage.rules import LEVELS

COLUMNS = ("course", "weeks", "share", "text", "source", "grade")
FITTING_COLUMNS = ("course", "causes", "variable", "states", "lead")


def fitting(model: Model, first: str, findings: Mapping[str, str]) -> Row:
    """Return the course that fits the likeliest cause and the answers, the first in the table.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> fitting(model, "radiculopathy", {})["course"]
    'sciatica'
    >>> fitting(model, "nonspecific_lbp", {"duration": "over_12w"})["course"]
    'persistent'
    >>> fitting(model, "sij_pelvic_girdle_pain", {"pregnancy": "pregnant"})["course"]
    'pelvic_girdle'
    """
    return next(
        row
        for row in rows(model, "courses.csv", FITTING_COLUMNS)
        if (not row["causes"] or first in row["causes"].split("|"))
        and (not row["variable"] or findings.get(row["variable"]) in row["states"].split("|"))
    )


@lru_cache(maxsize=4)
def rows(model: Model, name: str, columns: tuple[str, ...]) -> tuple[Row, ...]:
    """Return the rows of a table, read once."""
    return tuple(read_table(name, columns, model.folder))


def show(model: Model, standing: Standing) -> None:
    """Show the usual course, unless someone should be seen soon."""
    if standing.advice.level not in LEVELS[2:] or standing.case is None:
        return
    first = results.causes(model, standing.case).conditions.iloc[0]["name"]
    if first in model.with_role("must_not_miss"):
        return
    course = fitting(model, str(first), state.findings())
    st.header(texts.COURSE, anchor=False)
    st.write(say(course["lead"]))
    table = [
        (
            texts.COURSE_WEEKS.format(weeks=row["weeks"]) if row["weeks"] != "52" else texts.A_YEAR,
            say(row["text"]),
            *((f"{row['source']} ({row['grade']})",) if state.clinician() else ()),
        )
        for row in rows(model, "course.csv", COLUMNS)
        if row["course"] == course["course"]
    ]
    head = texts.COURSE_HEAD if state.clinician() else texts.COURSE_HEAD[:2]
    st.html(charts.table(head, table))
    st.caption(texts.COURSE_NOTE)
