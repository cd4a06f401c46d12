"""Many cases: a file in, a table of answers out, all in memory."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import astuple, dataclass, replace
from functools import lru_cache
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from lumbayes.app import bad_rows, charts, examples, frame, state, texts, uploads
from lumbayes.app.uploads import Upload
from lumbayes.batch.answers import check_wanted
from lumbayes.batch.files import plan_of
from lumbayes.batch.part import answer_part
from lumbayes.cases.case import network_findings, parse_case
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
    st.write(texts.MANY_READ.format(rows=f"{table.rows:,}"))
    keep: tuple[str, ...] = ()
    if table.columns:
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
    model: Model, upload: Upload, keep: tuple[str, ...] = (), draws: int = 0
) -> Iterator[Scored]:
    """Answer a table part by part, read and judged as the command reads and judges a file."""
    with ExitStack() as opened:
        given = upload.opened(opened, keep, STEP)
        plan = plan_of(model, given, check_wanted(model, draws=draws), keep, "parquet")
        for part in given.parts:
            answered = answer_part(plan, part)
            bad = [(line, reason) for line, reason, _ in answered.bad]
            yield Scored(
                pa.ipc.open_stream(answered.content).read_pandas(),
                pd.DataFrame(bad, columns=[LINE, "reason"]),
            )


def _scored(model: Model, table: Upload, keep: tuple[str, ...], draws: int) -> Scored:
    """Answer all rows behind a progress bar."""
    bar = st.progress(0.0, texts.MANY_PROGRESS.format(done=0, rows=f"{table.rows:,}"))
    parts = []
    for i, part in enumerate(score(model, table, keep, draws), 1):
        wrong = [bad_rows.explained(model, str(text)) for text in part.bad["reason"]]
        told = zip(part.bad[LINE], (astuple(w) for w in wrong), strict=True)
        parts.append(
            replace(part, bad=pd.DataFrame([(n, *w) for n, w in told], columns=texts.MANY_BAD_HEAD))
        )
        done = min(i * STEP, table.rows)
        words = texts.MANY_PROGRESS.format(done=f"{done:,}", rows=f"{table.rows:,}")
        bar.progress(done / table.rows, words)
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
