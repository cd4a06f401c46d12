"""What the rows of a table that is refused already call for: no unknown column hides a sign."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa

from lumbayes.batch.answers import answer_rows, check_wanted
from lumbayes.cases.cohort import rows_from_table
from lumbayes.cases.columns import TRUE, read_columns
from lumbayes.cases.constraints import MINOR
from lumbayes.cases.fact_names import known_as
from lumbayes.errors import LumbayesError
from lumbayes.knowledge.model import Model
from lumbayes.triage.reader import load_rules
from lumbayes.triage.rules import LEVELS
from lumbayes.triage.table import known_columns, rule_ranks

SHOWN = 20  # rows named for each level; of the others their number is told
TWICE = 20  # how often one column is looked at
WHOLE = 10_000  # rows answered whole; those after them are judged by rules alone, in seconds


def with_alarms(
    model: Model,
    error: LumbayesError,
    names: Sequence[str],
    tables: Iterable[tuple[Any, Sequence[object]]],
    place: str = "row",
) -> LumbayesError:
    """Return the error with the rows that call for a doctor today, or for emergency help, named.

    Of more than ``WHOLE`` rows the rest is judged by the rules alone, and the error says so; so it
    does of a mistake after which the rows were not looked at.

    Parameters
    ----------
    model : Model
        Supplies the rules.
    error : LumbayesError
        Why the table is refused.
    names : sequence of str
        The header of its parts, in any spelling; only columns of variables, and of facts that mean
        one of their states, are read, each as often as it stands there.
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
    meant: dict[int, str] = {}  # the state that a yes in a column of a fact means
    for place_of, name in enumerate(names):
        variable, state = meaning_of(model, name)
        if variable:
            places.setdefault(variable, []).append(place_of)
            meant |= {place_of: state} if state else {}
    columns = read_columns(model, list(places))
    times = min(max(map(len, places.values()), default=0), TWICE)
    rules = load_rules(model.folder)
    wanted = check_wanted(model, [], 0)
    found, seen, rest = Alarms(place), 0, ""
    try:
        for table, rows in tables if places else ():
            ranks = np.full(table.num_rows, len(LEVELS))
            for time in range(times):
                one = {}
                for name, at in places.items():
                    where = at[min(time, len(at) - 1)]
                    one[name] = _cells(table.column(where), meant.get(where))
                cohort = rows_from_table(model, columns, pa.table(one)).rows
                known = known_columns(rules, cohort)  # for rows that cannot be answered whole
                ranks = np.minimum(ranks, rule_ranks(rules, known, cohort.minor))
                first = min(max(WHOLE - seen, 0), table.num_rows)
                if not first:
                    continue
                some = cohort.take(np.arange(first))
                codes = answer_rows(model, some, wanted)[0]["level"].cat.codes.to_numpy()
                ranks[:first] = np.minimum(ranks[:first], np.where(codes < 0, len(LEVELS), codes))
            seen += table.num_rows
            for i, level in enumerate(LEVELS[:2]):
                found.add(level, [rows[at] for at in np.flatnonzero(ranks == i).tolist()])
    except LumbayesError as mistake:
        rest = f" The rows after that were not looked at: {mistake}"
    if seen > WHOLE:
        rest = f" After the first {WHOLE:,} rows by the rules alone, without probabilities.{rest}"
    return type(error)(f"{error}{found.to_text()}{rest}")


class Alarms:
    """The rows that cannot wait: how many of each level, and the first of them.

    Parameters
    ----------
    place : str
        What the name of a row is: ``row`` or ``line``.

    Examples
    --------
    >>> found = Alarms("line")
    >>> found.add("emergency_now", [3, 7, 7])
    >>> found.to_text()
    ' What could be read already means: emergency_now in line 3, 7.'
    """

    def __init__(self, place: str) -> None:
        self.place = place
        self.first: dict[str, list[object]] = {level: [] for level in LEVELS[:2]}
        self.count = Counter[str]()

    def add(self, level: str, rows: Iterable[object]) -> None:
        """Take in rows of one level; one that stands twice counts once."""
        once = dict.fromkeys(rows)
        self.first[level] += islice(once, SHOWN - len(self.first[level]))
        self.count[level] += len(once)

    def to_text(self) -> str:
        """Return a sentence that names the rows of each level, or nothing if there are none."""
        told = []
        for level, rows in self.first.items():
            more = self.count[level] - len(rows)
            listed = ", ".join(map(str, rows)) + (f" and {more:,} more" if more else "")
            told += [f"{level} in {self.place} {listed}"] if rows else []
        return f" What could be read already means: {'; '.join(told)}." if told else ""


def meaning_of(model: Model, name: str) -> tuple[str, str]:
    """Return the variable that a header names, and the state that a yes below it means if a fact.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> [meaning_of(model, name) for name in ("Saddle Numbness", "cannot pee", "id")]
    [('saddle_numbness', ''), ('urinary_retention', 'yes'), ('', '')]
    """
    for variable in (name, re.sub(r"[\s-]+", "_", name.strip().lower())):
        if variable in model.variables or variable == MINOR:
            return variable, ""
    fact, read = known_as(model, name, True) or (None, None)
    if fact is None or read not in (True, "true"):
        return "", ""
    for m in fact.meanings:
        info = model.variables.get(m.variable)
        states = [s for s, w in zip(info.states, m.weights, strict=True) if w] if info else []
        if m.when == "true" and m.strength in ("hard", "default") and len(states) == 1:
            return m.variable, states[0]
    return "", ""


def _cells(column: Any, state: str | None) -> Any:
    """Return the cells as they are or, below a fact, the state it means wherever they say yes."""
    if state is None:
        return column
    said = [str(value).strip().lower() for value in column.to_pylist()]
    return pa.array([state if value in (*TRUE, "x", state) else None for value in said])
