"""A table of cases in, a table of answers out: pandas in, pandas out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from lumbayes.batch.alarms import meaning_of, with_alarms
from lumbayes.batch.answers import Wanted, answer_columns, answer_rows, check_wanted
from lumbayes.cases.case import Case
from lumbayes.cases.cohort import Cohort, joined, rows_from_cases, rows_from_table
from lumbayes.cases.columns import check_keep, read_columns
from lumbayes.cases.refused_rows import reasons_of
from lumbayes.errors import CaseError, LumbayesError
from lumbayes.inference.queries import expect_cases
from lumbayes.knowledge.model import Model

ERROR = "error"
ROWS = 16_384  # cases answered together: enough to share the trees, few enough for the memory


def score_table(
    model: Model,
    frame: pd.DataFrame,
    *,
    keep: Sequence[str] = (),
    targets: Sequence[str] | None = None,
    top: int = 3,
    draws: int = 0,
    seed: int = 0,
) -> pd.DataFrame:
    """Answer a table of cases.

    Arguments and errors as of ``doors.tables.assess_table``. As in ``parse_case``, pain sets
    ``asks_for_care=yes``. The answer has the index of ``frame``, the columns kept, those of
    ``answers.answer_rows``, and ``error``: why a row cannot be used, empty for all others.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> cases = pd.DataFrame({"low_back_pain": ["yes"] * 3, "fever": [None, "yes", "maybe"]})
    >>> answers = score_table(load_model(), cases, targets=["spinal_infection"], top=0)
    >>> answers["level"].tolist()
    ['self_care_exercises', 'urgent_physician', nan]
    >>> answers["error"].iloc[2]
    "unknown state of fever 'maybe'. Known: no, yes, unsure."
    """
    wanted = check_wanted(model, targets, top, draws, seed)
    keep = check_keep(keep, [*answer_columns(model, wanted), ERROR])
    names = [str(c) for c in frame.columns]
    try:
        columns = read_columns(model, names, [str(c) for c in keep])
    except LumbayesError as error:
        known = [i for i, n in enumerate(names) if meaning_of(model, n)[0]]
        header = [names[i] for i in known]
        table = pa.table([_arrow(frame.iloc[:, i]) for i in known], header)
        raise with_alarms(model, error, header, [(table, list(frame.index))]) from None
    read = [c for c in frame.columns if str(c) not in columns.keep]
    expect_cases(len(frame))
    parts = []
    for start in range(0, max(len(frame), 1), ROWS):
        part = frame.iloc[start : start + ROWS]
        table = arrow_table(part[read])
        checked = rows_from_table(model, columns, table)
        some = checked.wrong.any()
        reasons, alone = reasons_of(model, columns, table, checked) if some else ({}, {})
        answers, errors = answer_usable(model, checked.rows, reasons, wanted, alone)
        parts.append(answers.assign(**{ERROR: [errors.get(i, "") for i in range(len(part))]}))
    answers = _joined(parts)
    answers.index = frame.index
    return pd.concat([frame[[c for c in frame.columns if str(c) in columns.keep]], answers], axis=1)


def arrow_table(frame: pd.DataFrame) -> pa.Table:
    """Return a frame as an Arrow table of words; one without columns keeps its rows."""
    columns = {str(c): _arrow(frame[c]) for c in frame.columns}
    return pa.table(columns or {"": pa.nulls(len(frame))})


def _arrow(column: pd.Series[Any]) -> Any:
    if pd.api.types.is_float_dtype(column.dtype):
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        return pa.array(values, from_pandas=True)
    try:
        codes, words = pd.factorize(column)
    except TypeError:
        raise CaseError(
            f"the column {column.name} holds lists or the like. Write the name of a state in each"
            " cell, or keep the column."
        ) from None
    return pa.DictionaryArray.from_arrays(
        pa.array(codes, mask=codes < 0), pa.array([_utf8(str(w)) for w in words], pa.string())
    )


def _utf8(word: str) -> str:
    """Return a text without halves of characters, which no file of text can hold."""
    return word.encode("utf-8", "replace").decode()


def _joined(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put parts below each other, texts as texts; the level stays an ordered category."""
    level = parts[0]["level"].dtype
    whole = pd.concat(
        [p.astype({c: object for c in p.select_dtypes("category").columns}) for p in parts]
    )
    return whole.astype({"level": level}) if isinstance(level, pd.CategoricalDtype) else whole


def answer_usable(
    model: Model,
    rows: Cohort,
    reasons: Mapping[int, str],
    wanted: Wanted,
    alone: Mapping[int, Case] = MappingProxyType({}),
) -> tuple[pd.DataFrame, dict[int, str]]:
    """Answer the usable rows; the others stay missing. Also return all reasons.

    A row that has a reason is answered if what was understood of it calls for a visit
    (``answerable``), and its reason stands in the column ``problem``. It is what ``alone`` holds of
    it, where many rows may share one case, or else as it is among the rows.
    """
    shared = {id(case): case for case in alone.values()}
    places = {own: k for k, own in enumerate(shared)}
    kept = np.array([i for i in range(rows.size) if i not in alone], dtype=np.intp)
    among = {k: _mistaken(reasons[i]) for k, i in enumerate(kept.tolist()) if i in reasons}
    among |= {kept.size + k: case for k, case in enumerate(shared.values())}
    cohort = rows.take(kept)
    if shared:
        cohort = joined([cohort, rows_from_cases(model, list(shared.values()))])
    if not cohort.size:
        nobody, _ = answer_rows(model, rows_from_cases(model, [Case()]), wanted)
        return nobody.iloc[:0].reindex(range(rows.size)), {}
    answers, wrong = answer_rows(model, cohort, wanted, among)
    where = np.zeros(rows.size, dtype=np.intp)
    where[kept] = np.arange(kept.size)
    for i, case in alone.items():
        where[i] = kept.size + places[id(case)]
    answers = answers.take(where).reset_index(drop=True)
    refused = {i: wrong[place] for i, place in enumerate(where.tolist()) if place in wrong}
    return answers, refused


def _mistaken(reason: str) -> Case:
    """Return a case that stands for a row with a mistake: all else is in the row."""
    return Case(errors=(CaseError(reason),))
