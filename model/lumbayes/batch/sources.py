"""Open a file of cases of any length and cut it into parts; CSV, JSON Lines or Parquet."""

from __future__ import annotations

import csv
import io
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import parquet

from lumbayes.batch import frames
from lumbayes.batch.answers import Wanted
from lumbayes.batch.cells import uncut
from lumbayes.batch.parsing import DELIMITERS, Part, Plan, part_rows
from lumbayes.cases.cohort import Rows, joined
from lumbayes.cases.columns import read_columns
from lumbayes.cases.parts import CARRIED
from lumbayes.errors import CaseError, unknown_name
from lumbayes.knowledge.model import Model

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
NEAR = 200  # lines before and after the border of two parts in which quoted cells are sought
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

    rows: Rows
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
    parts: list[Rows] = []
    lines: list[int] = []
    bad: list[tuple[int, str]] = []
    with ExitStack() as opened:
        file = open_cases(source, file_format(source, given), keep, opened, frames.ROWS)
        check_columns(model, file, keep)
        plan = Plan(
            model.folder, model.version, file.columns, keep, Wanted(()), file.delimiter, "csv"
        )
        for part in file.parts:
            rows, usable, wrong = part_rows(model, plan, part)
            parts.append(rows)
            lines += usable
            bad += [(line, reason) for line, reason, _ in wrong]
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


def open_cases(source: str, kind: str, keep: Sequence[str], opened: ExitStack, rows: int) -> Source:
    """Open a file of cases, or standard input for ``-``, cut into parts of so many rows.

    The stack closes it.

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
            return _open_parquet(opened.enter_context(open(source, "rb")), place, keep, rows)
        if source == STANDARD:
            raw: Any = sys.stdin.buffer
            size = 0
        else:
            raw = opened.enter_context(open(source, "rb"))
            size = os.path.getsize(source)
            if is_packed(source) and raw.peek(2)[:2] not in (GZIP, b""):
                raise CaseError(f"{place} is not packed by gzip. Leave .gz out of its name.")
        stream = pa.CompressedInputStream(raw, "gzip") if is_packed(source) else raw
        blocks = _blocks(stream, place)
        first = next(blocks, b"")
    except OSError as error:
        raise CaseError(f"{place} cannot be read: {error.strerror}. Check the path.") from None

    def read() -> float:
        if raw.closed:  # CompressedInputStream closes what it reads from at its end
            return 1.0
        return raw.tell() / size if size else 0.0

    if kind == "jsonl":
        return Source(kind, (), ",", cut(_chain(first, blocks), "jsonl", 1, rows), read)
    header, rest = _first_line(first, blocks)
    said, line = SEPARATOR.fullmatch(header), 1
    if said:
        (header, rest), line = _first_line(rest, blocks), 2
    columns, delimiter = _header(header, f"{place}, line {line}", said[1].decode() if said else "")
    parts = cut(_chain(rest, blocks), "csv", line + 1, rows, delimiter)
    return Source(kind, columns, delimiter, parts, read)


def _blocks(stream: Any, place: str) -> Iterator[bytes]:
    try:
        while block := stream.read(BLOCK):
            yield bytes(block)
    except (OSError, pa.ArrowException) as error:
        raise CaseError(f"{place} cannot be read to its end: {error}. Is it cut short?") from None


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _first_line(held: bytes, blocks: Iterator[bytes]) -> tuple[bytes, bytes]:
    """Return the first line, without its end, and what of the blocks read comes after it."""
    while b"\n" not in held and (more := next(blocks, b"")):
        held += more
    line, _, rest = held.partition(b"\n")
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
        names = tuple(n.strip() for n in next(csv.reader([text], delimiter=delimiter)))
    except csv.Error as error:
        raise CaseError(
            f"{place} cannot be read as CSV ({error}). Name the columns there."
        ) from None
    if "" in names:
        raise CaseError(f"{place}: column {names.index('') + 1} has no name. Name it.")
    return names, delimiter


def _open_parquet(file: IO[bytes], place: str, keep: Sequence[str], rows: int) -> Source:
    damaged = f"{place} cannot be read as Parquet (%s). Is it cut short or of another format?"
    try:
        table = parquet.ParquetFile(file)
    except (pa.ArrowException, OSError) as error:
        raise CaseError(damaged % error) from None
    for column in table.schema_arrow:
        if column.name not in keep and not _is_plain(column.type):
            raise CaseError(
                f"{place}: the column {column.name} holds {column.type}, not texts or numbers."
                f" Write the name of a state in each cell, or keep it: --keep {column.name!r}."
            )
    total, seen = max(table.metadata.num_rows, 1), [0]

    def parts() -> Iterator[Part]:
        batches = enumerate(table.iter_batches(batch_size=rows))
        while True:
            try:
                number, batch = next(batches)
            except StopIteration:
                return
            except (pa.ArrowException, OSError) as error:
                raise CaseError(damaged % error) from None
            sink = io.BytesIO()
            with pa.ipc.new_stream(sink, batch.schema) as writer:
                writer.write_batch(batch)
            first, seen[0] = seen[0] + 1, seen[0] + batch.num_rows
            yield Part(number, "arrow", first, sink.getvalue())

    names = tuple(table.schema_arrow.names)
    return Source("parquet", names, ",", parts(), lambda: seen[0] / total)


def _is_plain(kind: Any) -> bool:
    """Tell whether a column of this type can hold states or weights."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    is_ = pa.types
    return bool(
        is_.is_string(kind)
        or is_.is_large_string(kind)
        or is_.is_integer(kind)
        or is_.is_floating(kind)
        or is_.is_boolean(kind)
        or is_.is_null(kind)
    )


def cut(
    blocks: Iterable[bytes], kind: str, first: int, rows: int, delimiter: str | None = None
) -> Iterator[Part]:
    r"""Cut blocks of bytes into parts of ``rows`` lines each, numbered from ``first``.

    With the delimiter of a CSV table a part goes on to where no quoted cell is cut in two, at most
    ``NEAR`` lines.

    Examples
    --------
    >>> [(p.first, p.content) for p in cut([b"a", b"b\nc\nd"], "csv", 2, 2, ",")]
    [(2, b'ab\nc\n'), (4, b'd\n')]
    """
    number, held, ends = 0, b"", 0

    def parts(left: int) -> Iterator[Part]:
        nonlocal number, held, ends, first
        while ends > left:
            stop, lines = _border(held, rows, delimiter)
            yield Part(number, kind, first, held[:stop])
            held, ends, number, first = held[stop:], ends - lines, number + 1, first + lines

    for block in blocks:
        held += block
        ends += block.count(b"\n")
        yield from parts(rows + NEAR)
    if held[-1:] not in (b"", b"\n"):  # the last line of a file need not end
        held, ends = held + b"\n", ends + 1
    yield from parts(0)


def _border(held: bytes, rows: int, delimiter: str | None) -> tuple[int, int]:
    """Return where the first part of some lines ends, and how many lines it has."""
    places = np.flatnonzero(np.frombuffer(held, dtype=np.uint8) == ord("\n")) + 1
    if places.size <= rows:
        return int(places[-1]), places.size
    stop = int(places[rows - 1])
    if delimiter is not None:
        low = int(places[rows - NEAR]) if rows > NEAR else 0
        near = held[low : int(places[min(rows + NEAR, places.size) - 1])]
        if b'"' in near:
            stop = low + uncut(near, stop - low, delimiter)
    return stop, int(np.searchsorted(places, stop, side="right"))
