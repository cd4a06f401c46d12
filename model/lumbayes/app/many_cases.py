"""Many cases: a file in, a table of answers out, all in memory."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import PurePath
from typing import Any

import pandas as pd
import streamlit as st

from lumbayes import limits
from lumbayes.app import examples, frame, plain, state, texts
from lumbayes.batch.arrow_parts import parquet_file, read_parquet
from lumbayes.batch.frames import score_table
from lumbayes.cases.case import Case, network_findings, parse_case
from lumbayes.cases.case_files import parse_text
from lumbayes.cases.columns import check_keep
from lumbayes.errors import CaseError, LumbayesError
from lumbayes.knowledge.model import Model
from lumbayes.text import plain_cell, plain_markdown

LARGEST = 5  # megabytes
MOST_ROWS = 20_000
STEP = 500  # rows between two moves of the progress bar
SHOWN = 20
LINE = "line"
PLAINER = (  # what messages hold for who writes programs, and how this page says it
    (r"^line \d+(, column \d+)?: ", ""),
    (r" Example: \{.*", ""),
    (r"(cannot both hold): [^.]*\.", r"\1."),
    (r"unknown state of (\w+) ", r"findings.\1 cannot be "),
    (r"unknown variable ", "there is no column "),
    (r"a case must be a JSON object", "a line must hold one case in braces"),
)
PERSONAL = re.compile(
    r"(^|[_\W])(name|surname|forename|firstname|lastname|vorname|nachname|birth\w*|dob|geburt\w*"
    r"|address|street|e?mail|phone|mobile|ssn|nhs|mrn|insurance|passport|patient_?name)([_\W]|$)",
    re.IGNORECASE,
)


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
        max_upload_size=LARGEST,
        key="many",
    )
    if file is None:
        return
    try:
        table = read_upload(file.name, file.getvalue())
    except LumbayesError as error:
        st.error(plain_markdown(str(error)))
        return
    st.write(texts.MANY_READ.format(rows=f"{len(table):,}"))
    keep: tuple[str, ...] = ()
    if LINES not in table:
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
            st.error(plain_markdown(told(model, str(error))))
    scored = state.get("many_answers")
    if scored is not None:
        _show(scored)


LINES = "\0lines"  # the one column of a JSON Lines file as it was read


def read_upload(name: str, content: bytes) -> pd.DataFrame:
    r"""Return the rows of an uploaded file as texts; those of JSON Lines each whole.

    Raises
    ------
    CaseError
        If it cannot be read, holds no row or too many, or a column looks like a name or a date of
        birth.

    Examples
    --------
    >>> read_upload("cases.csv", b"fever;slr\nyes;positive\n").to_dict("records")
    [{'fever': 'yes', 'slr': 'positive'}]
    """
    ending = PurePath(name).suffix.lower()
    table: pd.DataFrame
    try:
        check_size(name, content, ending)
        if ending == ".parquet":
            table = read_parquet(io.BytesIO(content), name).to_pandas()
        elif ending == ".jsonl":
            lines = [x for x in content.decode("utf-8-sig").splitlines() if x.strip()]
            table = pd.DataFrame({LINES: lines})
        elif ending == ".csv":
            text = content.decode("utf-8-sig")
            sign = max(",;\t", key=text.partition("\n")[0].count)
            table = pd.read_csv(io.StringIO(text), sep=sign, dtype=str, keep_default_na=False)
        else:
            raise CaseError(texts.MANY_KIND.format(name=name))
    except LumbayesError:
        raise
    except Exception as error:  # pandas and pyarrow raise many kinds for a broken file
        raise CaseError(texts.MANY_BROKEN.format(name=name, error=type(error).__name__)) from None
    table.columns = pd.Index([str(c).strip() for c in table.columns])
    personal = [c for c in table.columns if PERSONAL.search(c)]
    if personal:
        raise CaseError(texts.MANY_PERSONAL.format(columns=", ".join(personal)))
    if table.empty:
        raise CaseError(texts.MANY_EMPTY.format(name=name))
    return table


def check_size(name: str, content: bytes, ending: str) -> None:
    """Refuse what would be too large once it is read, before it is.

    Raises
    ------
    LumbayesError
        If it has too many rows or columns, or a line is too long.
    """
    if ending == ".parquet":
        rows = parquet_file(io.BytesIO(content), name).metadata.num_rows
    else:
        lines = content.rstrip().split(b"\n", MOST_ROWS + 2)
        rows = content.rstrip().count(b"\n") + (ending == ".jsonl")
        limits.LINE.check(max(map(len, lines)), name)
        limits.COLUMNS.check(max(lines[0].count(sign) for sign in (b",", b";", b"\t")) + 1, name)
    if rows > MOST_ROWS:
        raise CaseError(texts.MANY_TOO_MANY.format(rows=f"{rows:,}", most=f"{MOST_ROWS:,}"))


def score(
    model: Model, table: pd.DataFrame, keep: tuple[str, ...] = (), draws: int = 0
) -> Iterator[Scored]:
    """Answer a table part by part; every part is answered on its own."""
    check_keep(keep, [LINE])
    for start in range(0, len(table), STEP):
        part = table.iloc[start : start + STEP]
        if LINES in table:
            yield _score_lines(model, list(part[LINES]), start + 1, draws)
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


def told(model: Model, reason: str) -> str:
    """Return why a row was not used, in the words of the page beside those of the file.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> told(load_model(), "line 3: findings.sex=male and findings.pregnancy=pregnant cannot hold")
    '“Sex: Male” (sex=male) and “Pregnancy: Pregnant now” (pregnancy=pregnant) cannot hold'
    >>> told(load_model(), "unknown state of fever 'yess'. Did you mean 'yes'? Known: no, yes.")
    "“Fever” (fever) cannot be 'yess'. Did you mean 'yes'? Known: no, yes."
    """
    for pattern, better in PLAINER:
        reason = re.sub(pattern, better, reason)
    return plain.in_words(model, reason, keep=True)


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
        reasons = part.bad["reason"].map(lambda text: told(model, text))
        parts.append(replace(part, bad=part.bad.assign(reason=reasons)))
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
        st.dataframe(scored.bad.head(SHOWN), hide_index=True)
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
    return pd.DataFrame(rows).drop(columns="asks_for_care", errors="ignore").fillna("")
