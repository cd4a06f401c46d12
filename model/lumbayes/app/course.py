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
OF_CAUSE = {
    "radiculopathy": "sciatica",
    "disc_herniation": "sciatica",
    "gtps": "gluteal_tendon",
}


def fitting(first: str, findings: Mapping[str, str]) -> str:
    """Return which course fits the likeliest cause and the answers.

    Examples
    --------
    >>> fitting("radiculopathy", {}), fitting("nonspecific_lbp", {"duration": "over_12w"})
    ('sciatica', 'persistent')
    >>> fitting("sij_pelvic_girdle_pain", {"pregnancy": "pregnant"})
    'pelvic_girdle'
    """
    if first == "sij_pelvic_girdle_pain" and findings.get("pregnancy") in (
        "pregnant",
        "postpartum",
    ):
        return "pelvic_girdle"
    if first in OF_CAUSE:
        return OF_CAUSE[first]
    return "persistent" if findings.get("duration") == "over_12w" else "acute"


@lru_cache(maxsize=2)
def rows(model: Model) -> tuple[Row, ...]:
    """Return the figures of ``course.csv``."""
    return tuple(read_table("course.csv", COLUMNS, model.folder))


def show(model: Model, standing: Standing) -> None:
    """Show the usual course, unless someone should be seen soon."""
    if standing.advice.level not in LEVELS[2:] or standing.case is None:
        return
    first = results.causes(model, standing.case).conditions.iloc[0]["name"]
    if first in model.with_role("must_not_miss"):
        return
    course = fitting(str(first), state.findings())
    st.header(texts.COURSE, anchor=False)
    st.write(texts.COURSE_LEADS[course])
    table = [
        (
            texts.COURSE_WEEKS.format(weeks=row["weeks"]) if row["weeks"] != "52" else texts.A_YEAR,
            say(row["text"]),
            *((f"{row['source']} ({row['grade']})",) if state.clinician() else ()),
        )
        for row in rows(model)
        if row["course"] == course
    ]
    head = texts.COURSE_HEAD if state.clinician() else texts.COURSE_HEAD[:2]
    st.html(charts.table(head, table))
    st.caption(texts.COURSE_NOTE)
