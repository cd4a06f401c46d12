"""Answer a file of cases of any length: read in parts, resume, write whole or not at all."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lumbayes.atomic_files import atomic_write, real_path, remove
from lumbayes.batch import frames
from lumbayes.batch.alarms import Alarms, with_alarms
from lumbayes.batch.answers import Wanted
from lumbayes.batch.output import (
    check_target,
    csv_line,
    delimiter_for,
    hand_over,
    join_parts,
    write_side_file,
)
from lumbayes.batch.parsing import BatchPlan, Part, read_either_way, table_of
from lumbayes.batch.part import LINE, Answered, answer_part, output_names
from lumbayes.batch.runners import Runner, in_threads
from lumbayes.batch.sources import STANDARD, Source, check_columns, file_format, open_cases
from lumbayes.cases.columns import check_keep
from lumbayes.errors import CaseError, LumbayesError, cut
from lumbayes.interrupts import before_the_end
from lumbayes.knowledge.model import Model
from lumbayes.limits import REFUSED
from lumbayes.text import how_many
from lumbayes.triage.rules import LEVELS

PLAN = "plan.json"  # in the folder of the parts: what the run is
SLOWER = 32  # parts are so many times smaller where rows are answered one by one
Progress = Callable[[int, float], None]  # cases answered now, cases expected in all


@dataclass(frozen=True)
class Batch:
    """What became of a file of cases: rows answered and refused, and where both were written.

    ``marked`` counts kept cells that would have been formulas in a spreadsheet.
    """

    answered: int
    refused: int
    output: str
    refused_to: str
    marked: int = 0

    def to_text(self) -> str:
        """Return one line for people."""
        place = "standard output" if self.output == STANDARD else self.output
        done = f"{how_many(self.answered, 'case')} answered: {place}"
        if self.marked:
            done += (
                f"; an apostrophe was put before {how_many(self.marked, 'kept cell')} that a"
                " spreadsheet would take for a formula (--raw leaves such cells alone)"
            )
        if not self.refused:
            return done
        refused = how_many(self.refused, "line")
        return f"{done}; {refused} could not be used, with reasons: {self.refused_to}"


def answer_file(
    model: Model,
    source: str,
    target: str,
    wanted: Wanted,
    *,
    keep: tuple[str, ...] = (),
    formats: tuple[str | None, str | None] = (None, None),
    resume: bool = False,
    raw: bool = False,
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
    raw : bool
        Leave kept cells of CSV, and those of the side file, as they are. Else a text that a
        spreadsheet would take for a formula begins with an apostrophe.
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
    >>> from lumbayes.batch.answers import check_wanted
    >>> from lumbayes.knowledge.model import load_model
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
    if resume and target == STANDARD:
        raise LumbayesError("what goes to standard output is not kept. Name a file to resume.")
    check_target(source, target, kinds[1])
    with ExitStack() as opened:
        rows = frames.ROWS
        if kinds[1] == "jsonl" or wanted.draws:
            rows = max(1, rows // SLOWER)
        given = open_cases(source, kinds[0], keep, opened, rows)
        divided_by = delimiter_for(target, given.delimiter)
        plan = plan_of(model, given, wanted, keep, kinds[1], divided_by, raw)
        folder = opened.enter_context(_folder(target, plan, resume))
        finished = _run(plan, given, folder, runner, progress, source)
        names = output_names(model, wanted, kinds[1])
        return _assemble(plan, folder, finished, target, [LINE, *plan.keep, *names[1:]])


def plan_of(
    model: Model,
    given: Source,
    wanted: Wanted,
    keep: Sequence[str],
    output: str,
    divided_by: str = ",",
    raw: bool = False,
) -> BatchPlan:
    """Return what is to be done with every part of an opened table.

    Raises
    ------
    LumbayesError
        If a column has no meaning; it names the lines that cannot wait for the correction.
    """
    plan = BatchPlan(
        *(model.folder, model.version, given.columns, (), wanted, given.delimiter, output),
        *(divided_by, raw, REFUSED.value),
    )
    try:
        check_columns(model, given, keep)
    except LumbayesError as error:
        if not given.columns:
            raise
        tables = _tables_of(plan, given.parts)
        raise with_alarms(model, error, given.columns, tables, "line") from None
    return replace(plan, keep=check_keep(keep, output_names(model, wanted, output)))


# --- finished parts -----------------------------------------------------------------------------


def parts_folder(target: str) -> Path:
    """Return where the finished parts of a run to this output lie until it is whole.

    Examples
    --------
    >>> str(parts_folder("out/answers.csv"))
    'out/.answers.csv.parts'
    """
    real = real_path(target)
    return real.with_name(f".{real.name}.parts")


def _tables_of(plan: BatchPlan, parts: Iterable[Part]) -> Iterator[tuple[Any, Sequence[object]]]:
    """Yield the rows of each part with their lines, then those with a cell too many or too few.

    Raises
    ------
    CaseError
        After the part with the mistake that is one too many (``limits.REFUSED``).
    """
    mistakes = 0
    for part in parts:
        table, lines, bad = table_of(plan, part)
        yield table, lines
        raws = {line: raw for line, _, raw in bad if raw}
        if raws:
            either = read_either_way(plan.columns, plan.delimiter, raws.values())
            yield either, [line for line in raws for _ in range(2)]
        mistakes += len(bad)
        if mistakes > plan.refused:
            raise CaseError(REFUSED.excess())


@contextmanager
def _folder(target: str, plan: BatchPlan, resume: bool) -> Iterator[Path]:
    """Make the folder of the parts, or take over that of the same run; remove it at the end.

    It stays only after an interruption or an error that left finished parts in it.
    """
    if target == STANDARD:
        with tempfile.TemporaryDirectory(prefix="lumbayes-") as made:
            with before_the_end(lambda: remove(Path(made))):
                yield Path(made)
        return
    folder = parts_folder(target)
    described = _described(folder, plan, resume)
    with before_the_end(lambda: _left(folder)):
        folder.mkdir(exist_ok=resume)
        atomic_write(folder / PLAN, described.encode())
        try:
            yield folder
        except BaseException as error:
            if _left(folder) and isinstance(error, LumbayesError):
                raise type(error)(
                    f"{error} Finished parts are kept: go on with --resume, or remove {folder}."
                ) from None
            raise
    shutil.rmtree(folder)


def _left(folder: Path) -> str:
    """Remove the folder of an interrupted run, unless finished parts are in it: then say so."""
    if any(folder.glob("*.part")):
        return "Finished parts are kept: repeat the command with --resume."
    remove(folder)
    return ""


def _described(folder: Path, plan: BatchPlan, resume: bool) -> str:
    """Describe a run, and check that a folder of parts, if there is one, is of the same run."""
    what = {**dataclasses.asdict(plan), "program": version("lumbayes"), "rows": frames.ROWS}
    del what["refused"]  # resumed with a higher limit, it is the same run
    described = json.dumps(what, default=str)
    note = folder / PLAN
    if folder.exists() and not resume:
        raise LumbayesError(
            f"{folder} is of a run that was interrupted, or is still at work."
            " Resume it (--resume), or remove that folder to start afresh."
        )
    if folder.exists() and (not note.exists() or note.read_text(encoding="utf-8") != described):
        raise LumbayesError(
            f"{folder} holds parts of a run with other options, columns, tables or version."
            " Repeat those, or remove that folder to start afresh."
        )
    return described


def _run(
    plan: BatchPlan,
    given: Source,
    folder: Path,
    runner: Runner,
    progress: Progress | None,
    source: str,
) -> list[int]:
    """Answer every part that is not finished yet; return the numbers of all parts.

    Raises
    ------
    CaseError
        After more mistakes than ``limits.REFUSED``; what cannot wait is named.
    """
    numbers: list[int] = []
    mistakes = 0
    digests: dict[int, str] = {}
    asked = 0  # rows of the parts read so far

    def unfinished() -> Iterator[Part]:
        nonlocal asked, mistakes
        for part in given.parts:
            asked += part.rows
            numbers.append(part.number)
            known = part.content + str(sorted(part.too_long)).encode()
            digests[part.number] = hashlib.sha256(known).hexdigest()
            held = _held(folder, part.number)
            if held is None or held["digest"] != digests[part.number] or not _whole(folder, held):
                yield part
                continue
            mistakes += held["mistakes"]
            if progress is not None:
                progress(int(held["rows"]) + len(held["bad"]), _expected(asked, given))
        if not numbers:
            numbers.append(0)
            digests[0] = ""
            yield Part(0, "csv" if given.columns else "jsonl", 1, b"")

    for answered in runner(partial(answer_part, plan), unfinished()):
        mistakes += answered.mistakes
        if mistakes > plan.refused:
            raise _stopped(folder, source, answered, numbers)
        name = f"{answered.number:06}"
        atomic_write(folder / f"{name}.part", answered.content)
        note = {
            "number": answered.number,
            "digest": digests[answered.number],
            "part": hashlib.sha256(answered.content).hexdigest(),
            "rows": answered.rows,
            "bad": answered.bad,
            "marked": answered.marked,
            "mistakes": answered.mistakes,
            "urgent": answered.urgent,
        }
        atomic_write(folder / f"{name}.json", json.dumps(note).encode())
        if progress is not None:
            progress(answered.rows + len(answered.bad), _expected(asked, given))
    return numbers


def _stopped(folder: Path, source: str, last: Answered, numbers: Sequence[int]) -> CaseError:
    """Return the error of too many mistakes: the first of them, and the rows that cannot wait."""
    found = Alarms("line")
    bad: list[Any] = []
    for number in numbers:
        note = dataclasses.asdict(last) if number == last.number else _held(folder, number) or {}
        for level in LEVELS[:2]:
            found.add(level, (line for of, line in note.get("urgent", ()) if of == level))
        bad += note.get("bad", ())[: not bad]
    place = "standard input" if source == STANDARD else source
    first = f" The first is line {bad[0][0]}: {cut(bad[0][1], 300)}" if bad else ""
    return CaseError(f"{place}: {REFUSED.excess()}{first}{found.to_text()}")


def _expected(asked: int, given: Source) -> float:
    share = given.read()
    return asked / share if share else 0.0


def _whole(folder: Path, held: Mapping[str, Any]) -> bool:
    """Tell whether the answers of a part lie on the disk as they were written."""
    part = folder / f"{held['number']:06}.part"
    return part.exists() and hashlib.sha256(part.read_bytes()).hexdigest() == held["part"]


def _held(folder: Path, number: int) -> dict[str, Any] | None:
    note = folder / f"{number:06}.json"
    if not note.exists():
        return None
    held: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
    return held


def _assemble(
    plan: BatchPlan, folder: Path, numbers: list[int], target: str, header: Sequence[str]
) -> Batch:
    """Join the parts, in order, to the output and the side file; both appear by renaming."""
    numbers = sorted(numbers)
    parts = [folder / f"{n:06}.part" for n in numbers]
    whole = folder / "whole"
    join_parts(parts, whole, plan.output, target, csv_line(header, plan.divided_by, plan.raw))
    rows = marked = bad = 0

    def refused() -> Iterator[Sequence[Any]]:
        nonlocal rows, marked, bad
        for number in numbers:  # one note at a time: a file may hold nothing but bad lines
            note = _held(folder, number) or {}
            rows, marked, bad = rows + note["rows"], marked + note["marked"], bad + len(note["bad"])
            yield from note["bad"]

    refused_to = write_side_file(refused(), target, plan.raw)
    hand_over(whole, target)
    return Batch(rows, bad, target, refused_to, marked)
