"""Open a file of cases of any length and cut it into parts; CSV, JSON Lines or Parquet."""

from __future__ import annotations

import csv
import io
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from lumbayes.batch import frames
from lumbayes.batch.answers import Wanted
from lumbayes.batch.arrow_parts import open_parquet
from lumbayes.batch.cutting import cut
from lumbayes.batch.parsing import DELIMITERS, BatchPlan, Part, part_rows
from lumbayes.cases.cohort import Cohort, joined
from lumbayes.cases.columns import read_columns
from lumbayes.cases.parts import CARRIED
from lumbayes.errors import CaseError, unknown_name
from lumbayes.knowledge.model import Model
from lumbayes.limits import CASES, COLUMNS, LINE, PACKED, REFUSED, ROWS, csv_rows

FORMATS = ("csv", "jsonl", "parquet")
ENDINGS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
BLOCK = 1 << 22
SEPARATOR = re.compile(rb'(?:\xef\xbb\xbf)?"?sep=([,;\t])"?\s*', re.IGNORECASE)  # as Excel writes
GZIP = b"\x1f\x8b"  # how a packed file begins
STANDARD = "-"


@dataclass(frozen=True, eq=False)
class Source:
    """An opened input: its format, header (empty for JSON Lines), delimiter, parts, share read."""

    kind: str
    columns: tuple[str, ...]
    delimiter: str
    parts: Iterator[Part]
    read: Callable[[], float]


def file_format(path: str, given: str | None = None) -> str:
    """Return the format of a file: as given, or by its ending; standard input or output is CSV.

    Raises
    ------
    CaseError
        If the ending says nothing.

    Examples
    --------
    >>> file_format("cases.csv.gz"), file_format("out.parquet"), file_format("-")
    ('csv', 'parquet', 'csv')
    """
    if given:
        if given not in FORMATS:
            raise unknown_name("format", given, FORMATS)
        return given
    if path == STANDARD:
        return "csv"
    suffixes = [s.lower() for s in Path(path).suffixes if s.lower() != ".gz"]
    if suffixes and suffixes[-1] in ENDINGS:
        return ENDINGS[suffixes[-1]]
    raise CaseError(
        f"{path}: the ending does not tell the format. Use one of {', '.join(ENDINGS)},"
        " or name the format."
    )


@dataclass(frozen=True, eq=False)
class Read:
    """Cases in memory: the usable rows, the line of each, and line and reason of all others."""

    rows: Cohort
    lines: npt.NDArray[np.intp]
    bad: tuple[tuple[int, str], ...]


def read_rows(
    model: Model, source: str, keep: tuple[str, ...] = (), given: str | None = None
) -> Read:
    r"""Read the cases of a file into memory, without answering them.

    Raises
    ------
    LumbayesError
        As of ``answer_file``.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from lumbayes.knowledge.model import load_model
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "cases.csv"
    ...     _ = path.write_text("fever\nyes\nmaybe\n")
    ...     read = read_rows(load_model(), str(path))
    >>> read.rows.size, read.lines.tolist(), read.bad[0][0]
    (1, [2], 3)
    """
    parts: list[Cohort] = []
    lines: list[int] = []
    bad: list[tuple[int, str]] = []
    with ExitStack() as opened:
        file = open_cases(source, file_format(source, given), keep, opened, frames.ROWS)
        check_columns(model, file, keep)
        plan = BatchPlan(
            *(model.folder, model.version, file.columns, keep, Wanted(()), file.delimiter, "csv"),
            refused=REFUSED.value,
        )
        for part in file.parts:
            rows, usable, wrong = part_rows(model, plan, part)
            parts.append(rows)
            CASES.check(len(lines) + len(usable) + len(bad) + len(wrong), source)
            lines += usable
            bad += sorted((line, reason) for line, reason, _ in wrong)
            if len(bad) > REFUSED.value:
                line, reason = bad[0]
                raise CaseError(f"{source}: {REFUSED.excess()} The first is line {line}: {reason}")
    return Read(joined(parts), np.array(lines, dtype=np.intp), tuple(bad))


def check_columns(model: Model, file: Source, keep: Sequence[str]) -> None:
    """Refuse columns without a meaning, and columns to keep that are not there.

    JSON Lines have no columns, but of each case one may keep id, kind, source, answer, label and
    note.

    Raises
    ------
    UnknownNameError, CaseError
        As of ``read_columns``.
    """
    if file.kind != "jsonl":
        read_columns(model, file.columns, keep)
        return
    for name in keep:
        if name not in CARRIED:
            raise unknown_name("part of a case to keep", name, CARRIED)


def is_packed(path: str) -> bool:
    """Tell whether a name ends in .gz."""
    return path.lower().endswith(".gz")


def open_cases(
    source: str,
    kind: str,
    keep: Sequence[str],
    opened: ExitStack,
    rows: int,
    content: bytes | None = None,
) -> Source:
    """Open a file of cases, or standard input for ``-``, cut into parts of so many rows.

    The stack closes it. With ``content`` these bytes are read, and ``source`` is only their name.

    Raises
    ------
    CaseError
        If it cannot be read, is empty, its header names a column not at all, or a column of Parquet
        that is not kept holds neither texts nor numbers.
    """
    place = "standard input" if source == STANDARD else source
    if source == STANDARD and sys.stdin is None:
        raise CaseError("standard input is closed. Name a file, or pipe the cases in.")
    try:
        if kind == "parquet":
            if source == STANDARD or is_packed(source):
                raise CaseError(f"Parquet is read from a plain file, not from {place}. Name one.")
            given = _opened(source, opened, content)
            names, parts, read = open_parquet(given, place, keep, rows)
            return Source(kind, names, ",", parts, read)
        if source == STANDARD:
            raw: Any = sys.stdin.buffer
            size = 0
        else:
            raw = _opened(source, opened, content)
            size = raw.seek(0, io.SEEK_END)
            raw.seek(0)
            if is_packed(source) and raw.read(2) not in (GZIP, b""):
                raise CaseError(f"{place} is not packed by gzip. Leave .gz out of its name.")
            raw.seek(0)
        if content is None:
            _check_length(source, size, place)
        blocks = _counted(raw, source, place)
        first = next(blocks, b"")
    except OSError as error:
        raise CaseError(f"{place} cannot be read: {error.strerror}. Check the path.") from None

    def share() -> float:
        if raw.closed:  # CompressedInputStream closes what it reads from at its end
            return 1.0
        return raw.tell() / size if size else 0.0

    if first[:2] == GZIP:
        what = "packed twice" if is_packed(source) else "packed by gzip"
        raise CaseError(f"{place} is {what}. Unpack it once, or let its name end in .gz.")
    if kind == "jsonl":
        return Source(
            kind, (), ",", cut(_chain(first, blocks), "jsonl", 1, rows, blanks=False), share
        )
    header, rest = _first_line(first, blocks, place)
    said, line = SEPARATOR.fullmatch(header), 1
    if said:
        (header, rest), line = _first_line(rest, blocks, place), 2
    columns, delimiter = _header(header, f"{place}, line {line}", said[1].decode() if said else "")
    blanks = len(columns) == 1  # there a blank line is an empty cell
    parts = cut(_chain(rest, blocks), "csv", line + 1, rows, delimiter, blanks)
    return Source(kind, columns, delimiter, parts, share)


def _opened(source: str, opened: ExitStack, content: bytes | None) -> IO[bytes]:
    if content is not None:
        return io.BytesIO(content)
    return opened.enter_context(open(source, "rb"))


def _check_length(source: str, size: int, place: str) -> None:
    """Refuse a file that is too long before anything of it is answered, not after an hour.

    What is not packed has a byte or more for each line. A pipe cannot be read twice: of that the
    lines are counted as they come.
    """
    if os.path.isfile(source) and (is_packed(source) or size > ROWS.value):
        with open(source, "rb") as raw:
            for _ in _counted(raw, source, place):
                pass


def _counted(raw: Any, source: str, place: str) -> Iterator[bytes]:
    """Yield the bytes of a table, unpacked, as long as there are no more than ``limits`` allow."""
    packed = is_packed(source)
    lines = size = alone = 0
    for block in _blocks(pa.CompressedInputStream(raw, "gzip") if packed else raw, place):
        lines, size = lines + block.count(b"\n"), size + len(block)
        ROWS.check(lines - 1, place)  # one of them is the header
        PACKED.check(packed * size, place)
        after = len(block) - 1 - block.rfind(b"\n")  # of a line that has no end yet
        alone = after if after < len(block) else alone + after
        PACKED.check(alone, place)
        yield block


def _blocks(stream: Any, place: str) -> Iterator[bytes]:
    try:
        while block := stream.read(BLOCK):
            yield bytes(block)
    except (OSError, pa.ArrowException) as error:
        raise CaseError(f"{place} cannot be read to its end: {error}. Is it cut short?") from None


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _first_line(held: bytes, blocks: Iterator[bytes], place: str) -> tuple[bytes, bytes]:
    """Return the first line, without its end, and what of the blocks read comes after it."""
    while b"\n" not in held and len(held) <= LINE.value and (more := next(blocks, b"")):
        held += more
    line, _, rest = held.partition(b"\n")
    LINE.check(len(line), f"{place}, line 1")
    return line, rest


def _header(raw: bytes, place: str, delimiter: str) -> tuple[tuple[str, ...], str]:
    """Return the names of the columns and the delimiter: comma, semicolon or tab, or as given."""
    try:
        text = raw.decode("utf-8-sig").strip("\r")
    except UnicodeDecodeError as error:
        raise CaseError(
            f"{place} is not UTF-8 text (byte {error.start}). Save the table as UTF-8."
        ) from None
    if "\r" in text:
        raise CaseError(
            f"{place}: a line ends in CR alone, as on very old Macs. Save the table with"
            " ordinary line ends (LF or CR LF)."
        )
    if not text.strip():
        raise CaseError(f"{place} is empty. The first line of a CSV table names its columns.")
    delimiter = delimiter or max(DELIMITERS, key=text.count)
    try:
        names = tuple(n.strip() for n in next(csv_rows([text], delimiter)))
    except csv.Error as error:
        raise CaseError(
            f"{place} cannot be read as CSV ({error}). Name the columns there."
        ) from None
    COLUMNS.check(len(names), place)
    if "" in names:
        raise CaseError(f"{place}: column {names.index('') + 1} has no name. Name it.")
    return names, delimiter
