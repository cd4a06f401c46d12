"""Many cases: a file in, a table of answers out, all in memory."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, replace
from functools import lru_cache
from typing import Any

import pandas as pd
import streamlit as st

from lumbayes.app import bad_rows, charts, examples, frame, state, texts, uploads
from lumbayes.batch.frames import score_table
from lumbayes.cases.case import Case, network_findings, parse_case
from lumbayes.cases.case_files import parse_text
from lumbayes.cases.columns import check_keep
from lumbayes.errors import LumbayesError
from lumbayes.knowledge.anchors import ASKS_FOR_CARE
from lumbayes.knowledge.model import Model
from lumbayes.text import plain_cell, plain_markdown

STEP = 500  # rows between two moves of the progress bar
SHOWN = 20
LINE = "line"


@dataclass(frozen=True)
class Scored:
    """The answers, one row a usable case, and the rows that could not be used."""

    answers: pd.DataFrame
    bad: pd.DataFrame


@frame.framed
def page() -> None:
    """Take a file, answer it, give the answers back."""
    model = state.the_model()
    frame.heading(texts.MANY_TITLE, texts.MANY_LEAD)
    st.write(texts.MANY_PRIVATE)
    st.download_button(
        texts.MANY_EXAMPLE,
        lambda: example_table(model).to_csv(index=False),
        "lumbayes-example.csv",
        "text/csv",
        on_click="ignore",
    )
    file = st.file_uploader(
        texts.MANY_UPLOAD,
        type=["csv", "jsonl", "parquet"],
        max_upload_size=uploads.LARGEST,
        key="many",
    )
    if file is None:
        return
    try:
        table = uploads.read_upload(file.name, file.getvalue())
    except LumbayesError as error:
        st.error(plain_markdown(str(error)))
        return
    st.write(texts.MANY_READ.format(rows=f"{len(table):,}"))
    keep: tuple[str, ...] = ()
    if uploads.LINES not in table:
        unknown = [c for c in table.columns if c.partition(":")[0] not in model.variables]
        keep = tuple(
            st.multiselect(
                texts.MANY_KEEP,
                unknown,
                default=[c for c in unknown if c == "id"],
                key="many_keep",
            )
        )
    draws = 200 if st.toggle(texts.MANY_INTERVALS, key="many_intervals") else 0
    if st.button(texts.MANY_RUN, type="primary"):
        try:
            state.put("many_answers", _scored(model, table, keep, draws))
        except LumbayesError as error:
            state.put("many_answers", None)
            st.error(plain_markdown(bad_rows.column(model, str(error))))
    scored = state.get("many_answers")
    if scored is not None:
        _show(scored)


def score(
    model: Model, table: pd.DataFrame, keep: tuple[str, ...] = (), draws: int = 0
) -> Iterator[Scored]:
    """Answer a table part by part; every part is answered on its own."""
    check_keep(keep, [LINE])
    for start in range(0, len(table), STEP):
        part = table.iloc[start : start + STEP]
        if uploads.LINES in table:
            yield _score_lines(model, list(part[uploads.LINES]), start + 1, draws)
            continue
        answers = score_table(model, part, keep=keep, draws=draws)
        answers.insert(0, LINE, range(start + 2, start + 2 + len(part)))  # line 1 is the header
        wrong = answers["error"] != ""
        yield Scored(
            answers[~wrong].drop(columns="error"),
            answers.loc[wrong, [LINE, "error"]].rename(columns={"error": "reason"}),
        )


def _score_lines(model: Model, lines: list[str], first: int, draws: int) -> Scored:
    """Read every line as a case and answer them as one table."""
    rows, numbers, bad = [], [], []
    for number, line in enumerate(lines, first):
        try:
            rows.append(case_row(model, parse_text(model, line, f"line {number}")))
        except LumbayesError as error:
            bad.append((number, str(error)))
        else:
            numbers.append(number)
    answers = pd.DataFrame()
    if rows:
        answers = score_table(model, pd.DataFrame(rows), draws=draws)
        answers.insert(0, LINE, numbers)
        bad += list(answers.loc[answers["error"] != "", [LINE, "error"]].itertuples(index=False))
        answers = answers[answers["error"] == ""].drop(columns="error")
    return Scored(answers, pd.DataFrame(sorted(bad), columns=[LINE, "reason"]))


def case_row(model: Model, case: Case) -> dict[str, object]:
    """Return a case as one row of a table: variables, ``variable:state`` weights, ``minor``.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> case_row(model, parse_case(model, {"fever": "no"}))
    {'minor': 'no', 'fever': 'no'}
    """
    weights = {
        f"{name}:{state_}": weight
        for name, given in case.likelihoods.items()
        for state_, weight in zip(model.variables[name].states, given, strict=True)
    }
    done = {f"do:{name}": state_ for name, state_ in case.do.items()}
    return {"minor": "yes" if case.minor else "no", **case.findings, **weights, **done}


def _scored(model: Model, table: pd.DataFrame, keep: tuple[str, ...], draws: int) -> Scored:
    """Answer all rows behind a progress bar."""
    bar = st.progress(0.0, texts.MANY_PROGRESS.format(done=0, rows=f"{len(table):,}"))
    parts = []
    for i, part in enumerate(score(model, table, keep, draws), 1):
        wrong = [bad_rows.explained(model, str(text)) for text in part.bad["reason"]]
        told = zip(part.bad[LINE], (astuple(w) for w in wrong), strict=True)
        parts.append(
            replace(part, bad=pd.DataFrame([(n, *w) for n, w in told], columns=texts.MANY_BAD_HEAD))
        )
        done = min(i * STEP, len(table))
        words = texts.MANY_PROGRESS.format(done=f"{done:,}", rows=f"{len(table):,}")
        bar.progress(done / len(table), words)
    bar.empty()
    return Scored(
        pd.concat([p.answers for p in parts], ignore_index=True),
        pd.concat([p.bad for p in parts], ignore_index=True),
    )


def _show(scored: Scored) -> None:
    st.success(texts.MANY_DONE.format(good=f"{len(scored.answers):,}", bad=f"{len(scored.bad):,}"))
    with st.container(horizontal=True):
        st.download_button(
            texts.MANY_CSV,
            lambda: escaped(scored.answers).to_csv(index=False),
            "lumbayes-answers.csv",
            "text/csv",
            on_click="ignore",
        )
        st.download_button(
            texts.MANY_PARQUET,
            lambda: _as_parquet(scored.answers),
            "lumbayes-answers.parquet",
            on_click="ignore",
        )
        if len(scored.bad):
            st.download_button(
                texts.MANY_BAD_CSV,
                lambda: escaped(scored.bad).to_csv(index=False),
                "lumbayes-rows-not-used.csv",
                "text/csv",
                on_click="ignore",
            )
    if len(scored.bad):
        st.header(texts.MANY_BAD, anchor=False)
        rows = scored.bad.head(SHOWN).astype(str).to_numpy().tolist()
        st.html(charts.table(list(scored.bad.columns), rows))
    st.header(texts.MANY_FIRST, anchor=False)
    st.dataframe(scored.answers.head(SHOWN), hide_index=True)


def _as_parquet(table: pd.DataFrame) -> bytes:
    sink = io.BytesIO()
    table.to_parquet(sink, index=False)
    return sink.getvalue()


def escaped(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose texts no spreadsheet takes for a formula.

    Examples
    --------
    >>> escaped(pd.DataFrame({"id": ["=1+1", "a"]}))["id"].tolist()
    ["'=1+1", 'a']
    """

    def safe(cell: Any) -> Any:
        return plain_cell(cell) if isinstance(cell, str) else cell

    changed: Mapping[Any, Any] = {
        column: table[column].map(safe)
        for column in table.columns
        if not pd.api.types.is_numeric_dtype(table[column])
    }
    return table.assign(**{str(k): v for k, v in changed.items()})


@lru_cache(maxsize=2)
def example_table(model: Model) -> pd.DataFrame:
    """Return a small table in the right shape: the firm findings of the example cases."""
    rows = []
    for id, case in list(examples.worked(model).items())[:8]:
        rows.append({"id": id, **network_findings(model, parse_case(model, case.data))})
    return pd.DataFrame(rows).drop(columns=ASKS_FOR_CARE, errors="ignore").fillna("")
