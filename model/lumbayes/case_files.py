"""Answer a file of cases of any length: read in parts, resume, write whole or not at all."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
import json
import multiprocessing
import os
import shutil
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from lumbayes import case_tables
from lumbayes.case_answers import Wanted
from lumbayes.case_batch import Answered, Part, Plan, answer_part, output_columns
from lumbayes.case_columns import read_columns
from lumbayes.case_sources import STANDARD, Source, file_format, open_cases
from lumbayes.errors import CaseError, LumbayesError
from lumbayes.model import Model

Work = Callable[[Part], Answered]
Runner = Callable[[Work, Iterable[Part]], Iterator[Answered]]
Progress = Callable[[int, float], None]  # cases answered now, cases expected in all


@dataclass(frozen=True)
class Batch:
    """What became of a file of cases: rows answered and refused, and where both were written."""

    answered: int
    refused: int
    output: str
    refused_to: str

    def to_text(self) -> str:
        """Return one line for people."""
        done = f"{self.answered:,} cases answered: {self.output}"
        if not self.refused:
            return done
        return f"{done}; {self.refused:,} lines could not be used, with reasons: {self.refused_to}"


def in_threads(work: Work, parts: Iterable[Part], workers: int | None = None) -> Iterator[Answered]:
    """Answer parts in threads, in order, a few ahead: numpy lets go of the interpreter's lock."""
    count = workers or min(os.cpu_count() or 1, 4)
    with ThreadPoolExecutor(count) as pool:
        yield from _in_order(pool, work, parts, count)


def in_processes(
    work: Work, parts: Iterable[Part], workers: int | None = None
) -> Iterator[Answered]:
    """Answer parts in processes, in order, a few ahead; a few parts alone in threads.

    Quicker than threads, which share one interpreter, but a script that uses it needs the guard
    ``if __name__ == "__main__":``.

    Raises
    ------
    LumbayesError
        If a process was killed.
    """
    count = workers or min(os.cpu_count() or 1, 4)
    coming = iter(parts)
    first = list(islice(coming, count))
    whole = chain(first, coming)
    if count == 1 or len(first) < count:
        yield from in_threads(work, whole, count)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, context, _begin_work) as pool:
        try:
            yield from _in_order(pool, work, whole, count)
        except BrokenProcessPool:
            raise LumbayesError(
                "a process was killed, perhaps for want of memory. Finished parts are kept: resume."
            ) from None


def _begin_work() -> None:
    """Leave Ctrl-C to the parent: finish the part in hand. End when the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)  # sys.exit would end this thread alone; only the parent writes files

    threading.Thread(target=watch, daemon=True).start()


def _in_order(pool: Executor, work: Work, parts: Iterable[Part], ahead: int) -> Iterator[Answered]:
    """Hand parts to a pool, a few ahead, and yield the answers in order."""
    waiting = deque[Future[Answered]]()
    try:
        for part in parts:
            waiting.append(pool.submit(work, part))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def answer_file(
    model: Model,
    source: str,
    target: str,
    wanted: Wanted,
    *,
    keep: tuple[str, ...] = (),
    formats: tuple[str | None, str | None] = (None, None),
    resume: bool = False,
    runner: Runner = in_threads,
    progress: Progress | None = None,
) -> Batch:
    r"""Answer every case of a file.

    The answers appear whole, under their name, once all is done. Until then finished parts lie in a
    folder ``.<target>.parts`` beside it. Rows that cannot be used go to ``<target>.bad.csv``.

    Parameters
    ----------
    model : Model
        The tables.
    source, target : str
        Paths of CSV, JSON Lines or Parquet files; ``-`` is standard input or output.
    wanted : Wanted
        What to answer, as of ``check_wanted``.
    keep : tuple of str
        Columns to carry through.
    formats : pair of str, optional
        Formats of source and target where the endings do not tell.
    resume : bool
        Take over the finished parts of an interrupted run with the same input and options.
    runner : callable
        Where the parts are answered: ``in_threads``, ``in_processes``, or on a cluster
        (``cluster.on_cluster``).
    progress : callable, optional
        Told after each part how many cases it held, and how many are expected in all.

    Returns
    -------
    Batch
        Counts and names of the files written.

    Raises
    ------
    LumbayesError
        If the input cannot be read, a column has no meaning, or an earlier run was interrupted and
        ``resume`` is not set.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from lumbayes.case_answers import check_wanted
    >>> from lumbayes.model import load_model
    >>> model = load_model()
    >>> with TemporaryDirectory() as folder:
    ...     source, target = f"{folder}/cases.csv", f"{folder}/answers.csv"
    ...     _ = Path(source).write_text("fever\nyes\nno\n")
    ...     done = answer_file(model, source, target, check_wanted(model))
    ...     lines = Path(target).read_text().splitlines()
    >>> done.answered, len(lines)
    (2, 3)
    """
    kinds = (file_format(source, formats[0]), file_format(target, formats[1]))
    if target == STANDARD and kinds[1] == "parquet":
        raise CaseError("Parquet cannot be written to standard output. Name a file.")
    if STANDARD not in (source, target) and Path(source).resolve() == Path(target).resolve():
        raise CaseError(f"{target} is the input too. Give the answers another name.")
    with ExitStack() as opened:
        given = open_cases(source, kinds[0], opened)
        read_columns(model, given.columns, keep)
        plan = Plan(
            model.folder, model.version, given.columns, keep, wanted, given.delimiter, kinds[1]
        )
        out = Path(target if target != STANDARD else ".lumbayes-standard-output")
        folder = out.with_name(f".{out.name}.parts")
        _prepare(folder, plan, resume and target != STANDARD)
        finished = _run(plan, given, folder, runner, progress)
    batch = _assemble(model, plan, folder, out, finished, target)
    shutil.rmtree(folder)
    return batch


# --- finished parts -----------------------------------------------------------------------------


def _prepare(folder: Path, plan: Plan, resume: bool) -> None:
    """Make the folder of the parts, or check that it holds parts of the same run."""
    described = json.dumps(
        {**dataclasses.asdict(plan), "program": version("lumbayes"), "rows": case_tables.ROWS},
        default=str,
    )
    note = folder / "plan.json"
    if folder.exists() and not resume:
        raise LumbayesError(
            f"{folder} holds finished parts of an interrupted run."
            " Resume it (--resume), or remove that folder to start afresh."
        )
    if folder.exists() and (not note.exists() or note.read_text(encoding="utf-8") != described):
        raise LumbayesError(
            f"{folder} holds parts of a run with other options, columns, tables or version."
            " Repeat those, or remove that folder to start afresh."
        )
    folder.mkdir(exist_ok=True)
    _write(note, described.encode())


def _run(
    plan: Plan, given: Source, folder: Path, runner: Runner, progress: Progress | None
) -> list[int]:
    """Answer every part that is not finished yet; return the numbers of all parts."""
    numbers: list[int] = []
    digests: dict[int, str] = {}

    def unfinished() -> Iterator[Part]:
        for part in given.parts:
            numbers.append(part.number)
            digests[part.number] = hashlib.sha256(part.content).hexdigest()
            held = _held(folder, part.number)
            if held is None or held["digest"] != digests[part.number]:
                yield part
            elif progress is not None:
                progress(int(held["rows"]) + len(held["bad"]), _expected(numbers, given))
        if not numbers:
            numbers.append(0)
            digests[0] = ""
            yield Part(0, "csv" if given.columns else "jsonl", 1, b"")

    for answered in runner(partial(answer_part, plan), unfinished()):
        name = f"{answered.number:06}"
        _write(folder / f"{name}.part", answered.content)
        note = {"digest": digests[answered.number], "rows": answered.rows, "bad": answered.bad}
        _write(folder / f"{name}.json", json.dumps(note).encode())
        if progress is not None:
            progress(answered.rows + len(answered.bad), _expected(numbers, given))
    return numbers


def _expected(numbers: list[int], given: Source) -> float:
    share = given.read()
    return len(numbers) * case_tables.ROWS / share if share else 0.0


def _held(folder: Path, number: int) -> dict[str, Any] | None:
    note = folder / f"{number:06}.json"
    if not note.exists():
        return None
    held: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
    return held


def _write(path: Path, content: bytes) -> None:
    """Write a file that appears whole or not at all."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.write_bytes(content)
    unfinished.replace(path)


# --- writing ------------------------------------------------------------------------------------


def _assemble(
    model: Model, plan: Plan, folder: Path, out: Path, numbers: list[int], target: str
) -> Batch:
    """Join the parts, in order, to the output and the side file; both appear by renaming."""
    notes = [_held(folder, n) or {} for n in sorted(numbers)]
    parts = [folder / f"{n:06}.part" for n in sorted(numbers)]
    whole = folder / "whole"
    if plan.output == "parquet":
        _join_parquet(parts, whole)
    else:
        with whole.open("wb") as file:
            if plan.output == "csv":
                header = io.StringIO()
                writer = csv.writer(header, delimiter=plan.delimiter, lineterminator="\n")
                writer.writerow(output_columns(model, plan))
                file.write(header.getvalue().encode())
            for part in parts:
                with part.open("rb") as piece:
                    shutil.copyfileobj(piece, file)
    bad = [row for note in notes for row in note["bad"]]
    refused_to = _write_bad(bad, Path("lumbayes.bad.csv") if target == STANDARD else out)
    if target == STANDARD:
        with whole.open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer)
    else:
        whole.replace(out)
    return Batch(sum(note["rows"] for note in notes), len(bad), target, refused_to)


def _join_parquet(parts: list[Path], whole: Path) -> None:
    with ExitStack() as opened:
        writer = None
        for part in parts:
            table = pa.ipc.open_stream(part.read_bytes()).read_all()
            if writer is None:
                writer = opened.enter_context(parquet.ParquetWriter(whole, table.schema))
            writer.write_table(table)


def _write_bad(bad: list[list[Any]], out: Path) -> str:
    """Write lines that could not be used beside the output; remove those of an earlier run."""
    path = out if out.name.endswith(".bad.csv") else out.with_name(f"{out.name}.bad.csv")
    if not bad:
        path.unlink(missing_ok=True)
        return ""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["line", "reason", "content"])
    writer.writerows(bad)
    _write(path, text.getvalue().encode())
    return str(path)
