"""One part of a file of cases, answered and written as bytes."""

from __future__ import annotations

import ctypes
import io
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from lumbayes.batch.answers import Wanted, answer_columns
from lumbayes.batch.frames import answer_usable
from lumbayes.batch.parsing import (
    Bad,
    BatchPlan,
    Cases,
    Lines,
    Part,
    cases_of_lines,
    cases_of_table,
    columns_of,
    plain_column,
    read_either_way,
    table_of,
    until_too_many,
)
from lumbayes.cases.case import Case
from lumbayes.cases.cohort import Cohort, rows_from_cases, rows_from_table
from lumbayes.cases.columns import Columns
from lumbayes.cases.refused_rows import reasons_of
from lumbayes.errors import LumbayesError, cut
from lumbayes.inference.queries import use_kernel
from lumbayes.knowledge.model import Model, load_model
from lumbayes.questions.assessment.summary import answer_case, fixed_output, versions
from lumbayes.questions.differential import differential
from lumbayes.text import plain_cell
from lumbayes.triage.care_level import admit, already_means, care_level, what_is_known
from lumbayes.triage.rules import LEVELS, rank

LINE = "line"
COUNTED = {"provisional": np.bool_, "open_warning_signs": np.int16}
LONGEST = 2_000  # characters of a line that cannot be used, as it is told


Urgent = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Answered:
    """The answers to one part, as bytes of the output, and what could not be used.

    ``bad`` holds ``(line, reason, content)``; ``marked`` counts cells that began like a formula,
    ``mistakes`` rows that cannot be used as they stand, answered or not; ``urgent`` holds level and
    line of those to be seen today or at once.
    """

    number: int
    rows: int
    content: bytes
    bad: tuple[tuple[int, str, str], ...]
    marked: int = 0
    mistakes: int = 0
    urgent: Urgent = ()


def answer_part(plan: BatchPlan, part: Part) -> Answered:
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


def _answer_part(plan: BatchPlan, part: Part) -> Answered:
    use_kernel()  # from the first part on: no time of day decides which bits come out
    model = load_model(plan.folder)
    if model.version != plan.data:
        raise LumbayesError(
            f"this machine has tables {model.version}, the run was planned with {plan.data}."
            " Install the same lumbayes everywhere."
        )
    if part.kind == "jsonl":
        return _answer_cases(model, plan, part, *cases_of_lines(model, plan, part), ())
    table, lines, bad = table_of(plan, part)
    columns = columns_of(model, plan.columns, plan.keep)
    checked = rows_from_table(model, columns, table)
    table, lines, bad = until_too_many(plan, checked, table, lines, bad)
    if table.num_rows < checked.rows.size:
        checked = rows_from_table(model, columns, table)
    bad, urgent = _with_levels(model, columns, plan, bad)
    if plan.output == "jsonl":
        cases = cases_of_table(model, columns, table, lines)
        return _answer_cases(model, plan, part, cases, bad, urgent)
    some = checked.wrong.any()
    reasons, alone = reasons_of(model, columns, table, checked) if some else ({}, {})
    kept = {name: table.column(name) for name in plan.keep}
    return _answer_table(plan, part, model, checked.rows, reasons, lines, kept, bad, alone, urgent)


def _with_levels(model: Model, columns: Columns, plan: BatchPlan, bad: Bad) -> tuple[Bad, Urgent]:
    """Add to lines that are no rows of the table what each calls for, if that cannot wait.

    Of a line with a cell too many or too few the cells count from either end.
    """
    places = {raw: i for i, raw in enumerate(dict.fromkeys(raw for *_, raw in bad if raw))}
    if not places:
        return bad, ()
    table = read_either_way(columns.names, plan.delimiter, places)
    checked = rows_from_table(model, columns, table)
    reasons, alone = reasons_of(model, columns, table, checked)
    answers, _ = answer_usable(model, checked.rows, reasons, Wanted((), 0), alone)
    ranks = answers["level"].map({level: rank(level) for level in LEVELS}).astype(float)
    least = ranks.fillna(len(LEVELS)).to_numpy().reshape(-1, 2).min(axis=1)
    told: Bad = []
    urgent = []
    for line, why, raw in bad:
        worst = int(least[places[raw]]) if raw else len(LEVELS)
        if worst <= 1:
            why += f" What was understood already means: {LEVELS[worst]}."
            urgent.append((LEVELS[worst], line))
        told.append((line, why, raw))
    return told, tuple(urgent)


def _give_back_memory() -> None:
    """Return freed memory to the system; glibc keeps it otherwise, more with every part."""
    trim = getattr(_libc(), "malloc_trim", None)
    if trim is not None:
        trim(0)


@lru_cache(maxsize=1)
def _libc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if sys.platform == "linux" else None


def _answer_cases(
    model: Model, plan: BatchPlan, part: Part, cases: Cases, bad: Bad, urgent: Urgent
) -> Answered:
    """Answer cases: rows in the fixed shape of ``assess``, or the rows of a table."""
    lines = [number for number, *_ in cases]
    if plan.output != "jsonl":
        rows = rows_from_cases(model, [case for _, case, _ in cases])
        kept = {n: pa.array([_text(c.get(n)) for *_, c in cases], pa.string()) for n in plan.keep}
        broken = {i: case for i, (_, case, _) in enumerate(cases) if case.problem()}
        reasons = {i: str(case.problem()) for i, case in broken.items()}
        return _answer_table(plan, part, model, rows, reasons, lines, kept, bad, broken, urgent)
    version, written, refused = versions(model), [], {}
    mistakes = len(bad) + sum(case.problem() is not None for _, case, _ in cases)
    found = list(urgent)
    for number, case, carried in cases:
        try:
            answered = answer_case(model, admit(model, case), plan.wanted.draws, plan.wanted.seed)
        except LumbayesError as error:
            known = what_is_known(model, case)
            refused[number] = f"{error}{already_means(known.level, bool(known.contradictions))}"
        else:
            row = {LINE: number, **carried, **fixed_output(*answered, version)}
            written.append(json.dumps(row, ensure_ascii=False, default=str))
            found += [(answered[1].level, number)] if rank(answered[1].level) <= 1 else []
    bad += zip(refused, refused.values(), _texts(part, [*refused]), strict=True)
    content = "".join(f"{row}\n" for row in written).encode()
    return Answered(
        part.number, len(written), content, _told(bad), mistakes=mistakes, urgent=tuple(found)
    )


def _answer_table(
    plan: BatchPlan,
    part: Part,
    model: Model,
    rows: Cohort,
    reasons: dict[int, str],
    lines: Lines,
    kept: Mapping[str, Any],
    bad: Bad,
    alone: Mapping[int, Case],
    urgent: Urgent,
) -> Answered:
    """Answer the usable rows as a table: the line in the input, columns kept, answers."""
    mistakes = len(bad) + len(reasons)
    answers, reasons = answer_usable(model, rows, reasons, plan.wanted, alone)
    found = list(urgent)
    for level in LEVELS[:2]:
        found += [(level, lines[i]) for i in np.flatnonzero(answers["level"] == level).tolist()]
    usable = np.array([i for i in range(rows.size) if i not in reasons], dtype=np.int64)
    refused = [lines[i] for i in reasons]
    bad += zip(refused, reasons.values(), _texts(part, refused), strict=True)
    columns: dict[str, Any] = {LINE: pa.array(np.array(lines, dtype=np.int64)[usable])}
    columns |= {name: _kept(plan, column.take(usable)) for name, column in kept.items()}
    marked = 0
    if plan.output == "csv" and not plan.raw:
        for name in kept:
            columns[name], count = _marked(columns[name])
            marked += count
    for name in answers.columns:
        column = answers[name].iloc[usable]
        kind = COUNTED.get(name)
        if kind or pd.api.types.is_float_dtype(column.dtype):
            columns[name] = pa.array(column.to_numpy(dtype=kind or np.float64), from_pandas=True)
        else:
            columns[name] = pa.array(column.astype(object), pa.string(), from_pandas=True)
    content = _encoded(plan, pa.table(columns))
    return Answered(
        part.number, usable.size, content, _told(bad), marked, mistakes, tuple(sorted(found))
    )


def _told(bad: Bad) -> tuple[tuple[int, str, str], ...]:
    """Return what could not be used, in order, long texts in part."""
    return tuple(sorted((line, cut(why, LONGEST), cut(text, LONGEST)) for line, why, text in bad))


def _texts(part: Part, lines: Lines) -> list[str]:
    """Return some lines of a part for people; what Parquet holds as JSON, blanks left out."""
    if not lines:
        return []
    places = [line - part.first for line in lines]
    if part.kind != "arrow":
        raws = part.content.split(b"\n")
        return [raws[place].decode("utf-8", "replace").strip() for place in places]
    rows = pa.ipc.open_stream(part.content).read_all().take(places).to_pylist()
    told = [{k: v for k, v in row.items() if v is not None and v == v} for row in rows]
    return [json.dumps(row, ensure_ascii=False, default=str) for row in told]


def _text(value: Any) -> str | None:
    """Return a value of JSON, or of a column that CSV has no form for, as the text of a cell."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return json.dumps(value, ensure_ascii=False, default=str)


def _kept(plan: BatchPlan, column: Any) -> Any:
    """Return a column carried through; what CSV has no form for, such as a list, as JSON."""
    column = plain_column(column)
    if plan.output != "csv":
        return column
    try:
        if not pa.types.is_binary(column.type):
            pc.cast(column, pa.string())
            return column
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        pass
    return pa.array([_text(v) for v in column.to_pylist()], pa.string())


def _marked(column: Any) -> tuple[Any, int]:
    """Return a column in which no text begins like a formula, and how many were changed."""
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column, 0
    near = pc.fill_null(pc.match_substring_regex(column, "[=+@＝＋－＠\t\r\n-]"), False)
    if not pc.any(near).as_py():
        return column, 0
    before = column.to_pylist()
    after = [plain_cell(cell) if cell else cell for cell in before]
    return pa.array(after, column.type), sum(a != b for a, b in zip(after, before, strict=True))


def _encoded(plan: BatchPlan, table: Any) -> bytes:
    """Return a table as bytes: lines of CSV without the header, or an Arrow stream."""
    sink = io.BytesIO()
    if plan.output == "csv":
        options = arrow_csv.WriteOptions(include_header=False, delimiter=plan.divided_by)
        arrow_csv.write_csv(table, sink, options)
    else:
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
    return sink.getvalue()


def output_names(model: Model, wanted: Wanted, output: str) -> list[str]:
    """Return the columns of a table of answers, or the keys of a row of JSON Lines."""
    if output != "jsonl":
        return [LINE, *answer_columns(model, wanted)]
    nobody = Case()
    answer = fixed_output(nobody, care_level(model, nobody), differential(model, nobody, 0), {})
    return [LINE, *answer]
