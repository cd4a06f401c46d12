"""How it usually goes on: how many are better after some weeks, each figure with its source."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from html import escape

import streamlit as st

from lumbayes.app import charts, results, state, texts
from lumbayes.app.language import say
from lumbayes.app.results import Standing
from lumbayes.knowledge.definition import SOURCE_COLUMNS
from lumbayes.knowledge.model import Model
from lumbayes.knowledge.tables import Row, read_table
from lumbayes.triage.rules import LEVELS

COLUMNS = ("course", "weeks", "counts", "share", "text", "source", "grade")
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
    shown = [r for r in rows(model, "course.csv", COLUMNS) if r["course"] == course["course"]]
    table = [
        (
            texts.COURSE_WEEKS.format(weeks=row["weeks"]) if row["weeks"] != "52" else texts.A_YEAR,
            say(row["counts"]),
            say(row["text"]),
            short(row["source"]) + (f" ({row['grade']})" if state.clinician() else ""),
        )
        for row in shown
    ]
    st.html(charts.table(texts.COURSE_HEAD, table))
    cited = {r["key"]: r["citation"] for r in rows(model, "sources.csv", SOURCE_COLUMNS)}
    items = "".join(
        f'<li lang="en">{escape(cited[key])}</li>'
        for key in dict.fromkeys(r["source"] for r in shown)
    )
    st.html(
        charts.block(
            f'<p class="small">{texts.COURSE_NOTE} {texts.COURSE_SOURCES}</p>'
            f'<ul class="small">{items}</ul>'
        )
    )


def short(source: str) -> str:
    """Return a source by its first author and its year.

    Examples
    --------
    >>> short("costa2012")
    'Costa 2012'
    """
    author = source.rstrip("0123456789")
    return f"{author.capitalize()} {source.removeprefix(author)}"
