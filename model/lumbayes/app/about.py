"""About the numbers: what they are, where they come from, how well they do, what they cannot do."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pandas as pd
import streamlit as st

from lumbayes.app import charts, drawings, frame, language, state, switches, texts
from lumbayes.app.language import say
from lumbayes.app.why import worded_number
from lumbayes.cases.case import parse_case
from lumbayes.evaluation.worked_cases import Evaluation, evaluate, read_worked_cases
from lumbayes.knowledge.definition import GRADES, SOURCE_COLUMNS
from lumbayes.knowledge.model import Model
from lumbayes.knowledge.tables import read_table
from lumbayes.literature.validation import Validation, validate
from lumbayes.questions.assessment.page import CARDS
from lumbayes.questions.assessment.summary import assess, versions

ROWS = 40
CLAIM_COLUMNS = ("claim", "text", "carrier_kind", "carrier", "later", "literature", "source")


@frame.framed
def page() -> None:
    """Show every number and how the whole holds up."""
    model = state.the_model()
    frame.heading(texts.ABOUT_TITLE, texts.ABOUT_LEAD)
    if language.chosen() != "en":
        st.caption(texts.ABOUT_AS_PUBLISHED)
    st.header(texts.ABOUT_LIMITS, anchor=False)
    st.markdown("\n".join(f"- {limit}" for limit in texts.LIMITS))
    _against_literature(model)
    _known_cases(model)
    _claims(model)
    _numbers(model)
    _sources(model)
    st.header(texts.ABOUT_VERSION, anchor=False)
    known = versions(model)
    st.write(texts.VERSION.format(program=known["program"], data=known["data"]))


@lru_cache(maxsize=2)
def _validation(model: Model) -> Validation:
    return validate(model)


@lru_cache(maxsize=2)
def _evaluation(model: Model) -> Evaluation:
    def answered(model: Model, data: Any) -> dict[str, Any]:
        return assess(model, parse_case(model, data), 0).to_dict()

    return evaluate(model, read_worked_cases(model), answered)


def _against_literature(model: Model) -> None:
    st.header(texts.ABOUT_MODEL, anchor=False)
    st.write(texts.ABOUT_MODEL_LEAD)
    checked = _validation(model)
    s = checked.summary
    st.markdown(
        texts.ABOUT_MODEL_SUM.format(
            fitted=f"{s['fitted_inside']:.0%}",
            n_fitted=f"{s['fitted']:.0f}",
            emergent=f"{s['emergent_inside']:.0%}",
            n_emergent=f"{s['emergent']:.0f}",
            excluded=f"{s['excluded']:.0f}",
        )
    )
    picture = drawings.scatter(checked.frame, dark=switches.dark())
    st.image(picture.svg, alt=picture.alt, width=640)
    st.caption(texts.ABOUT_MODEL_KEY)
    with st.expander(texts.ABOUT_WORST):
        rows = [
            (
                str(r["quantity"]),
                say(f"{r['published']:.3g} ({r['low']:.3g} to {r['high']:.3g})"),
                say(f"{r['model']:.3g}"),
                say(str(r["role"])),
                str(r["explanation"]),
            )
            for _, r in checked.frame.head(20).iterrows()
        ]
        st.html(charts.table(texts.WORST_HEAD, rows))


def _known_cases(model: Model) -> None:
    st.header(texts.ABOUT_CASES, anchor=False)
    st.write(texts.ABOUT_CASES_LEAD)
    if not st.toggle(texts.ABOUT_CASES_RUN, key="about_cases", persist_state="session"):
        return
    scored = _evaluation(model)
    measures = scored.measures.loc["all"]
    rows = [
        (
            label,
            f"{m['value'] * m['n']:.0f} / {m['n']:.0f}",
            say(f"{m['low']:.0%} to {m['high']:.0%}"),
        )
        for name, label in texts.MEASURES.items()
        if name in measures.index
        for m in [measures.loc[name]]
    ]
    st.html(charts.table(texts.MEASURE_HEAD, rows))
    st.html(
        charts.table(
            texts.CASE_HEAD,
            [
                (
                    str(id),
                    state.label(str(r["diagnosis"])),
                    f"{r['rank_strict']:.0f}",
                    say(CARDS[str(r["expected_level"])]),
                    say(CARDS[str(r["level"])]),
                )
                for id, r in scored.cases.iterrows()
            ],
        )
    )


def _claims(model: Model) -> None:
    st.header(texts.ABOUT_CLAIMS, anchor=False)
    st.write(texts.ABOUT_CLAIMS_LEAD)
    claims: dict[str, tuple[str, str, str]] = {}
    for row in read_table("claims.csv", CLAIM_COLUMNS, model.folder):
        told = (say(row["text"]), say(row["literature"]), row["source"])
        claims.setdefault(row["claim"], told)
    with st.expander(texts.ABOUT_CLAIMS_SHOW.format(count=len(claims))):
        st.html(charts.table(texts.CLAIM_HEAD, list(claims.values())))


@lru_cache(maxsize=4)
def _all_numbers(model: Model, spoken: str, depth: str) -> pd.DataFrame:
    """Return every number, named in the language and the words of the session."""
    return pd.DataFrame(
        {
            "number": [worded_number(model, n.id) for n in model.numbers],
            "value": [n.value for n in model.numbers],
            "low": [n.low for n in model.numbers],
            "high": [n.high for n in model.numbers],
            "grade": [n.grade for n in model.numbers],
            "source": [n.source for n in model.numbers],
            "note": [n.note for n in model.numbers],
            "place": [texts.PLACE.format(file=n.file, line=n.line) for n in model.numbers],
        }
    )


@lru_cache(maxsize=2)
def _all_sources(model: Model) -> pd.DataFrame:
    rows = [dict(r.cells) for r in read_table("sources.csv", SOURCE_COLUMNS, model.folder)]
    return pd.DataFrame(rows)


def matching(table: pd.DataFrame, words: str) -> pd.DataFrame:
    """Return the rows in which every word stands somewhere.

    Examples
    --------
    >>> matching(pd.DataFrame({"a": ["Leg pain", "Fever"]}), "pain leg")["a"].tolist()
    ['Leg pain']
    """
    texts_ = table.astype(str).agg(" ".join, axis=1).str.lower()
    fits = pd.Series(True, index=table.index)
    for word in words.lower().split():
        fits &= texts_.str.contains(word, regex=False)
    return table[fits]


def _numbers(model: Model) -> None:
    st.header(texts.ABOUT_NUMBERS, anchor=False)
    st.write(texts.ABOUT_NUMBERS_LEAD)
    words = st.text_input(texts.ABOUT_SEARCH, key="about_search", max_chars=80)
    grades = st.pills(
        texts.ABOUT_GRADE, GRADES, selection_mode="multi", key="about_grade", wrap=True
    )
    found = matching(_all_numbers(model, language.chosen(), state.depth()), words)
    if grades:
        found = found[found["grade"].isin(grades)]
    st.markdown(texts.ABOUT_FOUND.format(count=len(found), shown=min(len(found), ROWS)))
    st.html(
        charts.table(
            texts.ALL_HEAD,
            [
                (
                    str(r["number"]),
                    say(f"{r['value']:.3g} ({r['low']:.3g} to {r['high']:.3g})"),
                    str(r["grade"]),
                    str(r["source"]),
                    str(r["place"]),
                )
                for _, r in found.head(ROWS).iterrows()
            ],
        )
    )
    st.download_button(
        texts.ABOUT_DOWNLOAD,
        lambda: found.to_csv(index=False),
        "lumbayes-numbers.csv",
        "text/csv",
        on_click="ignore",
    )


def _sources(model: Model) -> None:
    st.header(texts.ABOUT_SOURCES, anchor=False)
    words = st.text_input(texts.ABOUT_SOURCE_SEARCH, key="about_source", max_chars=80)
    found = matching(_all_sources(model), words)
    st.markdown(texts.ABOUT_FOUND.format(count=len(found), shown=min(len(found), ROWS)))
    rows = [
        (str(r["key"]), str(r["citation"]), str(r["identifier"] or r["url"]), str(r["read"]))
        for _, r in found.head(ROWS if words else 10).iterrows()
    ]
    st.html(charts.table(texts.SOURCE_HEAD, rows))
