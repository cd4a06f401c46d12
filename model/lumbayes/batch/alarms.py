"""What the rows of a table that is refused already call for: no unknown column hides a sign."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from lumbayes.cases.cohort import rows_from_table
from lumbayes.cases.columns import MINOR, read_columns
from lumbayes.errors import LumbayesError
from lumbayes.knowledge.model import Model
from lumbayes.triage.reader import load_rules
from lumbayes.triage.rules import LEVELS
from lumbayes.triage.table import known_columns, rule_ranks

SHOWN = 20  # rows named for each level
TWICE = 20  # how often one column is looked at


def with_alarms(
    model: Model,
    error: LumbayesError,
    names: Sequence[str],
    tables: Iterable[tuple[Any, Sequence[object]]],
    place: str = "row",
) -> LumbayesError:
    """Return the error with the rows that call for a doctor today, or for emergency help, named.

    Parameters
    ----------
    model : Model
        Supplies the rules.
    error : LumbayesError
        Why the table is refused.
    names : sequence of str
        The header of its parts; only plain columns of variables are read, each as often as it
        stands there.
    tables : iterable of (pyarrow Table, sequence)
        Its parts, and the name of each of their rows.
    place : str
        What the name of a row is: ``row`` or ``line``.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from lumbayes.knowledge.model import load_model
    >>> table = pa.table({"saddle_numbness": ["no", "yes"], "cough": ["yes", "yes"]})
    >>> tables = [(table, [1, 2])]
    >>> print(with_alarms(load_model(), LumbayesError("No."), table.column_names, tables))
    No. What could be read already means: emergency_now in row 2.
    """
    places: dict[str, list[int]] = {}  # a column that stands twice was said twice
    for place_of, name in enumerate(names):
        if name in model.variables or name == MINOR:
            places.setdefault(name, []).append(place_of)
    columns = read_columns(model, list(places))
    times = min(max(map(len, places.values()), default=0), TWICE)
    rules = load_rules(model.folder)
    found: dict[str, list[object]] = {LEVELS[0]: [], LEVELS[1]: []}
    with contextlib.suppress(LumbayesError):  # the first mistake is the one to be told
        for table, rows in tables if places else ():
            ranks = np.full(table.num_rows, len(LEVELS))
            for time in range(times):
                one = {n: table.column(at[min(time, len(at) - 1)]) for n, at in places.items()}
                cohort, _ = rows_from_table(model, columns, pa.table(one))
                known = known_columns(rules, cohort)
                ranks = np.minimum(ranks, rule_ranks(rules, known, cohort.minor))
            for i, level in enumerate(found):
                found[level] += [rows[at] for at in np.flatnonzero(ranks == i).tolist()]
    told = [f"{level} in {place} {_listed(rows)}" for level, rows in found.items() if rows]
    if not told:
        return error
    return type(error)(f"{error} What could be read already means: {'; '.join(told)}.")


def _listed(rows: Sequence[object]) -> str:
    more = f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
    return ", ".join(map(str, rows[:SHOWN])) + more
