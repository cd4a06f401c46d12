"""One part of a file of cases, read and checked: CSV, JSON Lines or an Arrow table."""

from __future__ import annotations

import contextlib
import csv
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from lumbayes.batch.answers import Wanted
from lumbayes.batch.cells import lines_inside
from lumbayes.cases.case import Case, understand
from lumbayes.cases.cohort import Checked, Cohort, rows_from_cases, rows_from_table
from lumbayes.cases.columns import Columns, read_columns
from lumbayes.cases.json_values import salvage_json
from lumbayes.cases.refused_rows import reasons_of, understood_row
from lumbayes.errors import CaseError
from lumbayes.knowledge.model import Model
from lumbayes.limits import LINE, REFUSED, UNJUDGED, csv_rows

DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab"}
BLANK_LINE = re.compile(rb"(?:^|\n)[ \t]*\r?\n")


@dataclass(frozen=True)
class BatchPlan:
    """What to do with every part of a file; small, and the same on every machine.

    Attributes
    ----------
    folder : Path or None
        Where the tables lie.
    data : str
        Version of the tables; a machine with others must not answer.
    columns : tuple of str
        Header; empty for JSON Lines.
    keep : tuple of str
        Columns carried through.
    wanted : Wanted
        What to answer.
    delimiter : str
        Of a CSV table that is read.
    output : str
        ``csv``, ``jsonl`` or ``parquet``.
    divided_by : str
        The delimiter of a CSV table that is written.
    raw : bool
        Whether cells of CSV that a spreadsheet would take for formulas are left as they are.
    refused : int
        How many rows that cannot be used as they stand are looked at.
    """

    folder: Path | None
    data: str
    columns: tuple[str, ...]
    keep: tuple[str, ...]
    wanted: Wanted
    delimiter: str
    output: str
    divided_by: str = ","
    raw: bool = False
    refused: int = REFUSED.default


@dataclass(frozen=True)
class Part:
    """Consecutive rows of a file: ``kind`` csv, jsonl or arrow; ``first`` is the first line.

    Lines in ``too_long`` were longer than ``limits.LINE``: nothing of them was kept.
    """

    number: int
    kind: str
    first: int
    content: bytes
    too_long: frozenset[int] = frozenset()

    @property
    def rows(self) -> int:
        """How many rows or lines it has."""
        if self.kind == "arrow":
            return int(pa.ipc.open_stream(self.content).read_all().num_rows)
        return self.content.count(b"\n")


Bad = list[tuple[int, str, str]]
Lines = Sequence[int]
Cases = list[tuple[int, Case, dict[str, Any]]]  # line, case, what is carried through


@lru_cache(maxsize=4)
def columns_of(model: Model, names: tuple[str, ...], keep: tuple[str, ...]) -> Columns:
    """Return what the columns of a table mean, looked up once; as ``read_columns``."""
    return read_columns(model, names, keep)


def part_rows(model: Model, plan: BatchPlan, part: Part) -> tuple[Cohort, list[int], Bad]:
    """Return the usable cases of a part, their lines, and what cannot be used; no answers."""
    if part.kind == "jsonl":
        read, bad = cases_of_lines(model, plan, part)
        cases = [(line, case) for line, case, _ in read if case.problem() is None]
        bad += [(line, str(case.problem()), "") for line, case, _ in read if case.problem()]
        rows = rows_from_cases(model, [case for _, case in cases])
        return rows, [line for line, _ in cases], bad
    columns = columns_of(model, plan.columns, plan.keep)
    table, lines, bad = table_of(plan, part)
    checked = rows_from_table(model, columns, table)
    table, lines, bad = until_too_many(plan, checked, table, lines, bad)
    if table.num_rows < checked.rows.size:
        checked = rows_from_table(model, columns, table)
    reasons, _ = reasons_of(model, columns, table, checked)
    usable = np.flatnonzero(~checked.wrong)
    bad += [(lines[i], reason, "") for i, reason in reasons.items()]
    return checked.rows.take(usable), [lines[i] for i in usable.tolist()], bad


def until_too_many(
    plan: BatchPlan, checked: Checked, table: Any, lines: Lines, bad: Bad
) -> tuple[Any, Lines, Bad]:
    """Return the rows and bad lines of a part up to the mistake that is one too many, if any."""
    wrong = np.flatnonzero(checked.wrong)
    if len(bad) + wrong.size <= plan.refused:
        return table, lines, bad
    numbers = np.array(lines, dtype=np.int64)
    last = int(np.sort([*numbers[wrong].tolist(), *(line for line, *_ in bad)])[plan.refused])
    rows = int(np.searchsorted(numbers, last, side="right"))
    return table.slice(0, rows), lines[:rows], [one for one in bad if one[0] <= last]


def table_of(plan: BatchPlan, part: Part) -> tuple[Any, Lines, Bad]:
    """Read the rows of a part: the table, the line of each row, lines that do not parse."""
    if part.kind == "arrow":
        return _arrow_table(part)
    if not part.content:
        return _empty(plan), [], []
    count = part.content.count(b"\n") + (not part.content.endswith(b"\n"))
    content = part.content
    spoken: Lines = range(part.first, part.first + count)
    if _has_blank_lines(plan, content):
        content, spoken = _without_blank_lines(content, part.first)
    if not (content or part.too_long):
        return _empty(plan), [], []
    plain = not part.too_long and _cells_are_plain(plan, content)
    table = _parse_csv(plan, content) if plain else None
    if table is not None and table.num_rows == len(spoken):
        return table, spoken, []
    lines, good, bad = [], [], []
    raws = part.content.split(b"\n")[:count]
    inside = lines_inside(part.content, plan.delimiter)
    for number, raw in enumerate(raws, start=part.first):
        reason, blank = _broken(plan, raw)
        if number - part.first in inside:
            reason = "inside a quoted cell of several lines. One line is one case."
        if number in part.too_long:
            reason = f"{LINE.excess()} {UNJUDGED}"
        if reason:
            bad.append((number, reason, raw.decode("utf-8", "replace")))
        elif not blank:
            lines.append(number)
            good.append(raw)
    table = _parse_csv(plan, b"\n".join([*good, b""])) if good else None
    if good and (table is None or table.num_rows != len(good)):
        raise CaseError(
            f"lines {part.first} to {part.first + count - 1} cannot be read as CSV."
            " Quote cells with a delimiter and double the quotes inside."
        )
    return table if good else _empty(plan), lines, bad


def _has_blank_lines(plan: BatchPlan, content: bytes) -> bool:
    """Whether some line says nothing; in a table of one column it is an empty cell."""
    if len(plan.columns) < 2:
        return False
    text = np.frombuffer(b"\n%b" % content, dtype=np.uint8)
    first = text[np.flatnonzero(text[:-1] == ord("\n")) + 1]
    may_be = np.isin(first, np.frombuffer(b" \t\r\n", dtype=np.uint8)).any()
    return bool(may_be) and BLANK_LINE.search(content) is not None


def _without_blank_lines(content: bytes, first: int) -> tuple[bytes, Lines]:
    r"""Return the lines that say something, and which these are, from ``first`` on.

    Examples
    --------
    >>> _without_blank_lines(b"a\n \r\n\nb", 2)
    (b'a\nb', [2, 5])
    """
    text = np.frombuffer(content, dtype=np.uint8)
    starts = np.flatnonzero(np.concatenate([[True], text[:-1] == ord("\n")]))
    says = ~np.isin(text, np.frombuffer(b" \t\r\n", dtype=np.uint8))
    spoken = np.logical_or.reduceat(says, starts)
    kept = np.repeat(spoken, np.diff(starts, append=text.size))
    return text[kept].tobytes(), (first + np.flatnonzero(spoken)).tolist()


def _arrow_table(part: Part) -> tuple[Any, Lines, Bad]:
    """Read a part of a Parquet file; rows with a text that is not UTF-8 are set aside."""
    table = pa.ipc.open_stream(part.content).read_all()
    numbers = range(part.first, part.first + table.num_rows)
    reasons = {line - part.first: f"{LINE.excess()} {UNJUDGED}" for line in sorted(part.too_long)}
    try:
        table.validate(full=True)
        if not reasons:
            return table, numbers, []
        damage = ""
    except pa.ArrowInvalid as error:
        damage = str(error)
    columns = [plain_column(column) for column in table.columns]
    for name, column in zip(table.column_names, columns, strict=True):
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            for i, raw in enumerate(pc.cast(column, pa.large_binary()).to_pylist()):
                if raw is not None and raw.decode("utf-8", "ignore").encode() != raw:
                    reasons.setdefault(i, f"{name} is not UTF-8 text. Correct the cell.")
    if not reasons:
        raise CaseError(f"rows {numbers[0]} to {numbers[-1]} are damaged ({damage}).")
    good = np.array([i for i in range(len(numbers)) if i not in reasons], dtype=np.int64)
    bad = [(numbers[i], reason, "") for i, reason in reasons.items()]
    return (
        pa.table(columns, table.column_names).take(good),
        [numbers[i] for i in good.tolist()],
        bad,
    )


def plain_column(column: Any) -> Any:
    """Return a column as one piece, without a dictionary.

    Examples
    --------
    >>> plain_column(pa.chunked_array([["a"], ["b"]])).to_pylist()
    ['a', 'b']
    """
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return whole.dictionary_decode() if pa.types.is_dictionary(whole.type) else whole


def _cells_are_plain(plan: BatchPlan, content: bytes) -> bool:
    """Whether quotes, if any, only enclose whole cells, none of which goes over a line."""
    text = np.frombuffer(b"\n%b\n" % content, dtype=np.uint8)
    quotes = np.flatnonzero(text == ord('"'))
    if quotes.size % 2:
        return False
    opening, closing = quotes[::2], quotes[1::2]
    borders = np.array([ord(c) for c in (plan.delimiter, "\n", "\r")], dtype=np.uint8)
    lines = np.flatnonzero(text == ord("\n"))
    return bool(
        np.isin(text[opening - 1], borders).all()
        and np.isin(text[closing + 1], borders).all()
        and (np.searchsorted(quotes, lines) % 2 == 0).all()
    )


def _broken(plan: BatchPlan, raw: bytes) -> tuple[str, bool]:
    """Return why a line of CSV cannot be read (empty if it can), and whether it is blank."""
    width = len(plan.columns)
    if width > 1 and not raw.strip():
        return "", True
    try:
        text = raw.decode("utf-8")
        cells: list[str] = next(csv_rows([text], plan.delimiter, strict=True), [])
    except UnicodeDecodeError as error:
        return f"not UTF-8 text (byte {error.start}). Save the table as UTF-8.", False
    except csv.Error as error:
        return f"not CSV ({error}). One line is one case; close every quote.", False
    if not text.strip() and width > 1:
        return "", True
    if len(cells) != width and not (width == 1 and not cells):
        return (
            f"{len(cells)} cells where the header has {width}."
            f" Quote cells that hold {DELIMITERS[plan.delimiter]}.",
            False,
        )
    return "", False


def read_either_way(names: Sequence[str], delimiter: str, raws: Iterable[str]) -> Any:
    """Return two rows for each line that has a cell too many or too few, counted from either end.

    Where a quote is never closed, all quotes are passed over.

    Examples
    --------
    >>> read_either_way(["fever", "slr"], ",", ["a,yes,no"]).to_pylist()
    [{'fever': 'a', 'slr': 'yes'}, {'fever': 'yes', 'slr': 'no'}]
    >>> read_either_way(["fever", "slr"], ",", ['"yes,no']).to_pylist()[0]
    {'fever': 'yes', 'slr': 'no'}
    """
    wide = len(names)
    both: list[list[str]] = []
    for raw in raws:
        cells = []
        if raw.count('"') % 2:  # which of them is open, nobody knows
            cells = raw.replace('"', "").split(delimiter)
        else:
            with contextlib.suppress(csv.Error):
                cells = next(csv_rows([raw], delimiter), [])
        blank = [""] * (wide - len(cells))
        both += [[*cells, *blank][:wide], [*blank, *cells][-wide:]]
    columns = zip(*both, strict=True) if both else ((),) * wide
    return pa.table([pa.array(c, pa.string()) for c in columns], list(names))


def _parse_csv(plan: BatchPlan, content: bytes) -> Any:
    """Return the table, every cell a text, or None if some line does not parse."""
    text = pa.dictionary(pa.int32(), pa.string())
    try:
        return arrow_csv.read_csv(
            pa.BufferReader(content),
            arrow_csv.ReadOptions(
                column_names=list(plan.columns), use_threads=False, block_size=len(content) + 1
            ),
            arrow_csv.ParseOptions(delimiter=plan.delimiter, ignore_empty_lines=False),
            arrow_csv.ConvertOptions(
                column_types={n: pa.string() if n in plan.keep else text for n in plan.columns},
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        return None


def _empty(plan: BatchPlan) -> Any:
    return pa.table([pa.array([], pa.string()) for _ in plan.columns], list(plan.columns))


def cases_of_lines(model: Model, plan: BatchPlan, part: Part) -> tuple[Cases, Bad]:
    """Read JSON Lines: a case a line, blank lines passed over. An id goes on to JSON Lines.

    Reading ends with the mistake that is one too many.
    """
    kept = dict.fromkeys((*plan.keep, *(("id",) if plan.output == "jsonl" else ())))
    cases: Cases = []
    bad: Bad = []
    mistaken = 0
    for number, raw in enumerate(part.content.split(b"\n"), start=part.first):
        if mistaken + len(bad) > plan.refused:
            break
        if number in part.too_long:
            bad.append((number, f"{LINE.excess()} {UNJUDGED}", ""))
        if not raw.strip():
            continue
        try:
            text = raw.decode("utf-8-sig")
            data, errors = salvage_json(text, f"line {number}")
            # Half a pair of surrogates is no text.
            json.dumps(data, ensure_ascii=False, default=str).encode()
            carried = {n: data[n] for n in kept if isinstance(data, dict) and n in data}
            cases.append((number, understand(model, data, errors), carried))
            mistaken += cases[-1][1].problem() is not None
        except UnicodeEncodeError:
            bad.append((number, "a text in it holds half a character (\\ud800 to \\udfff).", text))
        except UnicodeDecodeError as error:
            reason = f"not UTF-8 text (byte {error.start}). Save the file as UTF-8."
            bad.append((number, reason, raw.decode("utf-8", "replace")))
    return cases, bad


def cases_of_table(model: Model, columns: Columns, table: Any, lines: Lines) -> Cases:
    """Read the rows of a table one by one; a number that is none (NaN) is carried on as unknown."""
    cases: Cases = []
    for number, cells in zip(lines, table.to_pylist(), strict=True):
        carried = {n: None if cells[n] != cells[n] else cells[n] for n in columns.keep}
        cases.append((number, understood_row(model, columns, cells), carried))
    return cases
