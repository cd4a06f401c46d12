"""Rows of a table that cannot be used as they stand: why, and what can be understood of them.

As quick for a table of nothing else as for one without: what is the same is looked at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from lumbayes.cases.case import Case, understand
from lumbayes.cases.cohort import Checked
from lumbayes.cases.columns import WRONG, Codes, Columns, distinct, flags, row_case, state_codes
from lumbayes.cases.parts import read_parts
from lumbayes.errors import LumbayesError
from lumbayes.knowledge.model import Model

OTHER = "this row contradicts itself. Correct or leave out an answer."


def reasons_of(
    model: Model, columns: Columns, table: Any, checked: Checked
) -> tuple[dict[int, str], dict[int, Case]]:
    """Return why rows cannot be used, and what was understood of those that stand alone.

    Parameters
    ----------
    model, columns, table
        As of ``rows_from_table``.
    checked : Checked
        What it returned.

    Returns
    -------
    dict of int to str
        The message of ``parse_case`` for each row of ``checked.wrong``, in order.
    dict of int to Case
        For each row of ``checked.alone``; rows of the same words share one.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from lumbayes.cases.cohort import rows_from_table
    >>> from lumbayes.cases.columns import read_columns
    >>> from lumbayes.knowledge.model import load_model
    >>> model, table = load_model(), pa.table({"fever": ["maybe", "no"]})
    >>> columns = read_columns(model, table.column_names)
    >>> reasons_of(model, columns, table, rows_from_table(model, columns, table))
    ({0: "unknown state of fever 'maybe'. Known: no, yes, unsure."}, {})
    """
    cases = _understood(model, columns, table, np.flatnonzero(checked.alone))
    plain = np.flatnonzero(checked.wrong & ~checked.alone)
    told = np.full(table.num_rows, "", dtype=object)
    if plain.size:
        told[plain] = _messages(model, columns, table.take(plain))
    for row, case in cases.items():
        told[row] = str(case.problem() or OTHER)
    return {i: told[i] for i in np.flatnonzero(checked.wrong).tolist()}, cases


def _messages(model: Model, columns: Columns, table: Any) -> npt.NDArray[np.object_]:
    """Return the first mistake of each row, each wrong word of a column put into words once."""
    told = np.full(table.num_rows, "", dtype=object)
    known = {n: model.variables[n].states for n in (*columns.findings, *columns.do)}
    asked: list[tuple[str, Callable[[Any], Codes]]] = [
        (column, partial(state_codes, known[name], unsure=asks))
        for asks, of_kind in ((False, columns.do), (True, columns.findings))
        for name, column in reversed([*of_kind.items()])
    ]
    asked += [(columns.minor, flags)] if columns.minor else []
    for column, codes in asked:  # the last mistake first: the first one is to stay
        cells = table.column(column)
        where = np.flatnonzero(codes(cells) == WRONG)
        if where.size:
            words = distinct(cells)[0][where]
            _, first, which = np.unique(words, return_index=True, return_inverse=True)
            wrong = [cells[i].as_py() for i in where[first].tolist()]
            messages = np.array([_message(model, columns, column, w) for w in wrong], dtype=object)
            told[where] = messages[which.reshape(-1)]
    return told


def _message(model: Model, columns: Columns, column: str, cell: Any) -> str:
    """Return what is wrong with a row in which nothing but one cell stands."""
    errors: list[LumbayesError] = []
    row = row_case(columns, {**dict.fromkeys(columns.names), column: cell}, model, errors)
    return str((*errors, *read_parts(model, row).errors)[0])


def _understood(
    model: Model, columns: Columns, table: Any, rows: npt.NDArray[np.intp]
) -> dict[int, Case]:
    """Return what can be understood of some rows, each pattern of words understood once."""
    if not rows.size:
        return {}
    names = [n for n in columns.names if n not in columns.keep]
    some = table.select(names).take(rows)
    words = np.stack([distinct(some.column(n))[0] for n in names])
    _, first, which = np.unique(words, axis=1, return_index=True, return_inverse=True)
    cases = [understood_row(model, columns, row) for row in some.take(first).to_pylist()]
    return {i: cases[k] for i, k in zip(rows.tolist(), which.reshape(-1).tolist(), strict=True)}


def understood_row(model: Model, columns: Columns, cells: Mapping[str, Any]) -> Case:
    """Return all that can be understood of one row, and what is wrong with it; never raises."""
    errors: list[LumbayesError] = []
    return understand(model, row_case(columns, cells, model, errors), errors)
