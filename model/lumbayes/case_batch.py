"""One part of a file of cases: read, checked, answered, written as bytes."""

from __future__ import annotations

import csv
import ctypes
import io
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from lumbayes.case_answers import Wanted, answer_rows
from lumbayes.case_columns import Columns, read_columns, row_case
from lumbayes.case_parts import load_json
from lumbayes.case_rows import Rows, rows_from_cases, rows_from_table
from lumbayes.case_tables import answer_usable
from lumbayes.cases import Case, parse_case
from lumbayes.errors import CaseError, LumbayesError
from lumbayes.model import Model, load_model
from lumbayes.questions.care_level import care_level
from lumbayes.questions.differential import differential
from lumbayes.questions.summary import fixed_output, versions

LINE = "line"


@dataclass(frozen=True)
class Plan:
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
        Of a CSV table.
    output : str
        ``csv``, ``jsonl`` or ``parquet``.
    """

    folder: Path | None
    data: str
    columns: tuple[str, ...]
    keep: tuple[str, ...]
    wanted: Wanted
    delimiter: str
    output: str


@dataclass(frozen=True)
class Part:
    """Consecutive rows of a file: ``kind`` csv, jsonl or arrow; ``first`` is the first line."""

    number: int
    kind: str
    first: int
    content: bytes


@dataclass(frozen=True)
class Answered:
    """The answers to one part, as bytes of the output, and what could not be used.

    ``bad`` holds ``(line, reason, content)``.
    """

    number: int
    rows: int
    content: bytes
    bad: tuple[tuple[int, str, str], ...]


def answer_part(plan: Plan, part: Part) -> Answered:
    """Answer one part. Pure: the same plan and part give the same bytes, wherever it runs.

    Raises
    ------
    LumbayesError
        If this machine has other tables than the plan was made with.
    """
    try:
        return _answer_part(plan, part)
    finally:
        _give_back_memory()


def _answer_part(plan: Plan, part: Part) -> Answered:
    model = load_model(plan.folder)
    if model.version != plan.data:
        raise LumbayesError(
            f"this machine has tables {model.version}, the run was planned with {plan.data}."
            " Install the same lumbayes everywhere."
        )
    if part.kind == "jsonl":
        return _answer_cases(model, plan, part, *_cases_of_lines(model, part))
    table, lines, bad = _table_of(plan, part)
    columns = _columns(model, plan.columns, plan.keep)
    if plan.output == "jsonl":
        cases, more = _cases_of_table(model, columns, table, lines)
        return _answer_cases(model, plan, part, cases, bad + more)
    rows, reasons = rows_from_table(model, columns, table)
    kept = {name: table.column(name) for name in plan.keep}
    return _answer_table(plan, part, model, rows, reasons, lines, kept, bad)


def _give_back_memory() -> None:
    """Return freed memory to the system; glibc keeps it otherwise, more with every part."""
    trim = getattr(_libc(), "malloc_trim", None)
    if trim is not None:
        trim(0)


@lru_cache(maxsize=1)
def _libc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if sys.platform == "linux" else None


@lru_cache(maxsize=4)
def _columns(model: Model, names: tuple[str, ...], keep: tuple[str, ...]) -> Columns:
    return read_columns(model, names, keep)


Bad = list[tuple[int, str, str]]
Lines = Sequence[int]
Cases = list[tuple[int, Case, dict[str, Any]]]  # line, case, what is carried through


def _table_of(plan: Plan, part: Part) -> tuple[Any, Lines, Bad]:
    """Read the rows of a part: the table, the line of each row, lines that do not parse."""
    if part.kind == "arrow":
        table = pa.ipc.open_stream(part.content).read_all()
        return table, range(part.first, part.first + table.num_rows), []
    if not part.content:
        return _empty(plan), [], []
    count = part.content.count(b"\n") + (not part.content.endswith(b"\n"))
    table = _parse_csv(plan, part.content) if _cells_are_plain(plan, part.content) else None
    if table is not None and table.num_rows == count:
        return table, range(part.first, part.first + count), []
    lines, good, bad = [], [], []
    for number, raw in enumerate(part.content.split(b"\n")[:count], start=part.first):
        reason, blank = _broken(plan, raw)
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


def _cells_are_plain(plan: Plan, content: bytes) -> bool:
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
        and (np.searchsorted(lines, opening) == np.searchsorted(lines, closing)).all()
    )


def _broken(plan: Plan, raw: bytes) -> tuple[str, bool]:
    """Return why a line of CSV cannot be read (empty if it can), and whether it is blank."""
    width = len(plan.columns)
    try:
        text = raw.decode("utf-8")
        cells = next(csv.reader([text], delimiter=plan.delimiter, strict=True), [])
    except UnicodeDecodeError as error:
        return f"not UTF-8 text (byte {error.start}). Save the table as UTF-8.", False
    except csv.Error as error:
        return f"not CSV ({error}). One line is one case; close every quote.", False
    if not text.strip() and width > 1:
        return "", True
    if len(cells) != width and not (width == 1 and not cells):
        return (
            f"{len(cells)} cells where the header has {width}. Quote cells that hold a comma.",
            False,
        )
    return "", False


def _parse_csv(plan: Plan, content: bytes) -> Any:
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


def _empty(plan: Plan) -> Any:
    return pa.table({n: pa.array([], pa.string()) for n in plan.columns})


def _cases_of_lines(model: Model, part: Part) -> tuple[Cases, Bad]:
    """Read JSON Lines: a case a line, blank lines passed over."""
    cases: Cases = []
    bad: Bad = []
    for number, raw in enumerate(part.content.split(b"\n"), start=part.first):
        if not raw.strip():
            continue
        try:
            text = raw.decode("utf-8-sig")
            data = load_json(text, f"line {number}")
            carried = {"id": data["id"]} if isinstance(data, dict) and "id" in data else {}
            cases.append((number, parse_case(model, data), carried))
        except UnicodeDecodeError as error:
            reason = f"not UTF-8 text (byte {error.start}). Save the file as UTF-8."
            bad.append((number, reason, raw.decode("utf-8", "replace")))
        except LumbayesError as error:
            bad.append((number, str(error), text))
    return cases, bad


def _cases_of_table(model: Model, columns: Columns, table: Any, lines: Lines) -> tuple[Cases, Bad]:
    cases: Cases = []
    bad: Bad = []
    for number, cells in zip(lines, table.to_pylist(), strict=True):
        try:
            carried = {name: cells[name] for name in columns.keep}
            cases.append((number, parse_case(model, row_case(columns, cells, model)), carried))
        except LumbayesError as error:
            bad.append((number, str(error), _shown(cells)))
    return cases, bad


def _answer_cases(model: Model, plan: Plan, part: Part, cases: Cases, bad: Bad) -> Answered:
    """Answer cases: rows in the fixed shape of ``assess``, or the rows of a table."""
    lines = [number for number, *_ in cases]
    if plan.output != "jsonl":
        rows = rows_from_cases(model, [case for _, case, _ in cases])
        return _answer_table(plan, part, model, rows, {}, lines, {}, bad)
    version, written = versions(model), []
    for number, case, carried in cases:
        try:
            likely = differential(model, case, plan.wanted.draws, plan.wanted.seed)
            answer = fixed_output(case, care_level(model, case), likely, version)
        except LumbayesError as error:
            bad.append((number, str(error), json.dumps(dict(case.understood))))
        else:
            row = {LINE: number, **carried, **answer}
            written.append(json.dumps(row, ensure_ascii=False, default=str))
    content = "".join(f"{row}\n" for row in written).encode()
    return Answered(part.number, len(written), content, tuple(sorted(bad)))


def _answer_table(
    plan: Plan,
    part: Part,
    model: Model,
    rows: Rows,
    reasons: dict[int, str],
    lines: Lines,
    kept: Mapping[str, Any],
    bad: Bad,
) -> Answered:
    """Answer the usable rows as a table: the line in the input, columns kept, answers."""
    answers, reasons = answer_usable(model, rows, reasons, plan.wanted)
    usable = np.array([i for i in range(rows.size) if i not in reasons], dtype=np.int64)
    texts = part.content.split(b"\n") if reasons and part.kind != "arrow" else []
    for position, reason in reasons.items():
        line = lines[position]
        text = texts[line - part.first].decode("utf-8", "replace").strip() if texts else ""
        bad.append((line, reason, text))
    columns: dict[str, Any] = {LINE: pa.array(np.array(lines, dtype=np.int64)[usable])}
    columns |= {name: _plain(column.take(usable)) for name, column in kept.items()}
    for name in answers.columns:
        column = answers[name].iloc[usable]
        number = pd.api.types.is_float_dtype(column.dtype)
        columns[name] = (
            pa.array(column.to_numpy())
            if number
            else pa.array(column.astype(object), pa.string(), from_pandas=True)
        )
    content = _encoded(plan, pa.table(columns))
    return Answered(part.number, usable.size, content, tuple(sorted(bad)))


def _plain(column: Any) -> Any:
    """Return a column without a dictionary."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return whole.dictionary_decode() if pa.types.is_dictionary(whole.type) else whole


def _shown(cells: Mapping[str, Any]) -> str:
    return json.dumps({k: v for k, v in cells.items() if v not in (None, "")}, default=str)


def _encoded(plan: Plan, table: Any) -> bytes:
    """Return a table as bytes: lines of CSV without the header, or an Arrow stream."""
    sink = io.BytesIO()
    if plan.output == "csv":
        options = arrow_csv.WriteOptions(include_header=False, delimiter=plan.delimiter)
        arrow_csv.write_csv(table, sink, options)
    else:
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
    return sink.getvalue()


def part_rows(model: Model, plan: Plan, part: Part) -> tuple[Rows, Bad]:
    """Return the usable cases of a part, and what cannot be used, without answering them."""
    if part.kind == "jsonl":
        cases, bad = _cases_of_lines(model, part)
        return rows_from_cases(model, [case for _, case, _ in cases]), bad
    table, lines, bad = _table_of(plan, part)
    rows, reasons = rows_from_table(model, _columns(model, plan.columns, plan.keep), table)
    usable = np.array([i for i in range(rows.size) if i not in reasons], dtype=np.intp)
    return rows.take(usable), bad + [(lines[i], reason, "") for i, reason in reasons.items()]


def output_columns(model: Model, plan: Plan) -> list[str]:
    """Return the header of a table of answers."""
    nobody = rows_from_cases(model, [Case()])
    answers, _ = answer_rows(model, nobody, plan.wanted)
    return [LINE, *plan.keep, *answers.columns]
