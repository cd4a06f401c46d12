"""The output of a file of cases: checked before the work, put together from parts, renamed."""

from __future__ import annotations

import csv
import gzip
import io
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
from pyarrow import parquet

from lumbayes.atomic_files import atomic_path, check_writable, real_path
from lumbayes.batch.sources import STANDARD, is_packed
from lumbayes.errors import CaseError
from lumbayes.text import plain_cell

SIDE = ".bad.csv"  # behind the name of the output: what could not be used


def side_file(target: str) -> Path:
    """Return where lines go that could not be used.

    Examples
    --------
    >>> side_file("answers.csv").name, side_file("-").name
    ('answers.csv.bad.csv', 'lumbayes.bad.csv')
    """
    return Path("lumbayes" + SIDE if target == STANDARD else target + SIDE)


def delimiter_for(target: str, given: str) -> str:
    r"""Return the delimiter of a CSV that is written: a tab for .tsv, else that of the input.

    A tab stays out of files that are not called .tsv.

    Examples
    --------
    >>> delimiter_for("out.csv", ";"), delimiter_for("out.tsv", ",")
    (';', '\t')
    """
    if target == STANDARD:
        return given
    if ".tsv" in (suffix.lower() for suffix in Path(target).suffixes):
        return "\t"
    return "," if given == "\t" else given


def check_target(source: str, target: str, kind: str) -> None:
    """Refuse an output that cannot be written, or would write over the input, before any work.

    Raises
    ------
    LumbayesError
        Says why, and what to do.
    """
    if kind == "parquet" and (target == STANDARD or is_packed(target)):
        place = "to standard output" if target == STANDARD else "under an ending .gz"
        raise CaseError(f"Parquet cannot be written {place}: {target}. Name a .parquet file.")
    path = Path(target)
    if target != STANDARD:
        check_writable(path)
        check_writable(side_file(target))
    for written, what in ((path, "the answers"), (side_file(target), "lines that cannot be used")):
        if target == STANDARD and written == path:
            continue
        if _is_same(source, written):
            raise CaseError(f"{written} is the input, and {what} would go there. Name another OUT.")


def _is_same(source: str, written: Path) -> bool:
    """Tell whether a path is the input, by whatever name or redirection."""
    if source == STANDARD:
        try:
            return written.exists() and os.path.samestat(
                os.fstat(sys.stdin.fileno()), written.stat()
            )
        except (OSError, ValueError, AttributeError):  # standard input that is no file
            return False
    if written.exists() and Path(source).exists():
        return written.samefile(source)
    return os.path.realpath(written) == os.path.realpath(source)


def join_parts(parts: Sequence[Path], whole: Path, kind: str, target: str, header: bytes) -> None:
    """Write the parts, in order, into one file of a format; packed if the target ends in .gz."""
    if kind == "parquet":
        _join_parquet(parts, whole)
        return
    with _written(whole, is_packed(target)) as file:
        if kind == "csv":
            file.write(header)
        for part in parts:
            with part.open("rb") as piece:
                shutil.copyfileobj(piece, file)


@contextmanager
def _written(path: Path, packed: bool) -> Iterator[IO[bytes]]:
    with path.open("wb") as raw:
        if not packed:
            yield raw
            return
        # Neither name nor time inside: the same answers are the same bytes.
        with gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as file:
            yield file  # type: ignore[misc]


def csv_line(cells: Sequence[Any], delimiter: str = ",", raw: bool = False) -> bytes:
    r"""Return one line of CSV, its cells marked as of ``plain_cell`` unless they are to be raw.

    Examples
    --------
    >>> csv_line(["=a", "b;c"], ";")
    b'\'=a;"b;c"\n'
    """
    text = io.StringIO()
    shown = cells if raw else [plain_cell(c) if isinstance(c, str) else c for c in cells]
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerow(shown)
    return text.getvalue().encode("utf-8", "replace")


def _join_parquet(parts: Sequence[Path], whole: Path) -> None:
    with ExitStack() as opened:
        writer = None
        for part in parts:
            table = pa.ipc.open_stream(part.read_bytes()).read_all()
            if writer is None:
                writer = opened.enter_context(parquet.ParquetWriter(whole, table.schema))
            writer.write_table(table)


def write_side_file(bad: Iterator[Sequence[Any]], target: str, raw: bool) -> str:
    """Write lines that could not be used, or remove those of an earlier run; return the name."""
    path = side_file(target)
    first = next(bad, None)
    if first is None:
        if target != STANDARD:
            path.unlink(missing_ok=True)
        return ""
    with atomic_path(path) as unfinished, unfinished.open("wb") as file:
        for cells in chain([("line", "reason", "content"), first], bad):
            file.write(csv_line(cells, raw=raw))
    return str(path)


def hand_over(whole: Path, target: str) -> None:
    """Give the finished file its name, or print it."""
    if target != STANDARD:
        whole.replace(real_path(target))
        return
    with whole.open("rb") as file:
        shutil.copyfileobj(file, sys.stdout.buffer)
