"""How much of one input is read before it is refused; each limit can be raised from outside."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lumbayes.errors import LumbayesError


@dataclass(frozen=True)
class Limit:
    """One limit: the variable of the environment that moves it, its default, what it counts."""

    variable: str
    default: int
    counts: str

    @property
    def value(self) -> int:
        """The limit in force.

        Raises
        ------
        LumbayesError
            If the environment holds something else than a whole number above 0.
        """
        text = os.environ.get(self.variable, "")
        if not text:
            return self.default
        if not (text.isascii() and text.isdigit() and len(text) < 19 and int(text)):
            raise LumbayesError(
                f"{self.variable} is {text[:40]!r}. Give a whole number above 0, or unset it."
            )
        return int(text)

    def check(self, found: int, place: str) -> None:
        """Refuse more than the limit.

        Raises
        ------
        LumbayesError
            Names the place, the limit and how to raise it.

        Examples
        --------
        >>> Limit("LUMBAYES_LINES", 2, "lines").check(3, "a.csv")
        Traceback (most recent call last):
        lumbayes.errors.LumbayesError: a.csv: more than 2 lines. Is it what it should be? \
Raise the limit with LUMBAYES_LINES.
        """
        if found > self.value:
            raise LumbayesError(f"{place}: {self.excess()}")

    def excess(self) -> str:
        """Return what is too much, and how to allow it.

        Examples
        --------
        >>> LINE.excess()[:40]
        'more than 1,000,000 bytes in one line. I'
        """
        return (
            f"more than {self.value:,} {self.counts}. Is it what it should be?"
            f" Raise the limit with {self.variable}."
        )


CASE = Limit("LUMBAYES_CASE_BYTES", 1_000_000, "bytes in one case")
FILE = Limit("LUMBAYES_FILE_BYTES", 1 << 26, "bytes in one file of tables or worked cases")
CASES = Limit("LUMBAYES_CASES", 1_000_000, "cases to be held in memory")
NAMES = Limit("LUMBAYES_NAMES", 1_000, "facts with other names than ours in one case")
COLUMNS = Limit("LUMBAYES_COLUMNS", 5_000, "columns")
ROWS = Limit("LUMBAYES_ROWS", 20_000_000, "lines or rows in one table, blank lines included")
PACKED = Limit("LUMBAYES_UNPACKED_BYTES", 1 << 32, "bytes, unpacked, in one table")
GROUPS = Limit("LUMBAYES_ROW_GROUPS", 10_000, "row groups in one Parquet file")
FOOTER = Limit("LUMBAYES_FOOTER_BYTES", 1 << 24, "bytes that describe the parts of a Parquet file")
LINE = Limit("LUMBAYES_LINE_BYTES", 1_000_000, "bytes in one line")
PART = Limit("LUMBAYES_PART_BYTES", 1 << 22, "bytes in one part of a table")
COLUMN = Limit("LUMBAYES_COLUMN_BYTES", 1 << 27, "bytes in one column of a row group")
TEXTS = Limit("LUMBAYES_TEXT_BYTES", 1 << 26, "bytes of text in one row group")
REFUSED = Limit("LUMBAYES_REFUSED", 10_000, "rows that cannot be used as they stand")
KEPT = Limit("LUMBAYES_KEPT_BYTES", 1 << 29, "bytes, written out, in the columns kept")
DIGITS = Limit("LUMBAYES_DIGITS", 100, "digits in one number")
LINK = Limit("LUMBAYES_LINK", 6_000, "characters in a link")
UNPACKED = Limit("LUMBAYES_LINK_BYTES", 60_000, "bytes, unpacked, in a link")
NETWORK = Limit("LUMBAYES_NETWORK_BYTES", 1 << 26, "bytes, unpacked, in a network file")
SERVED = Limit("LUMBAYES_SERVE_BYTES", 200_000, "bytes in one case that is sent")
SERVED_MANY = Limit("LUMBAYES_SERVE_BATCH_BYTES", 2_000_000, "bytes in one batch that is sent")
SERVED_CASES = Limit("LUMBAYES_SERVE_CASES", 1_000, "cases in one batch that is sent")
SERVED_DRAWS = Limit("LUMBAYES_SERVE_DRAWS", 1_000, "draws")
ENTRIES = Limit("LUMBAYES_NETWORK_ENTRIES", 1 << 22, "probabilities in the tables of a network")
PIECES = Limit("LUMBAYES_NETWORK_PIECES", 1_000_000, "elements, rows or states in a network file")


UNJUDGED = "Nothing of it was judged: whether it holds an emergency is not known."


def text_within(path: Path, limit: Limit) -> str:
    """Return the UTF-8 text of a file, its ends of lines as one sign; as ``read_within``.

    Raises
    ------
    UnicodeDecodeError
        If it is no such text.
    """
    text = read_within(path, limit).decode("utf-8-sig")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_within(path: Path, limit: Limit) -> bytes:
    """Return the bytes of a file, of which no more are read than the limit.

    Raises
    ------
    OSError
        If it cannot be read.
    LumbayesError
        If it is longer.
    """
    with path.open("rb") as file:
        content = file.read(limit.value + 1)
    limit.check(len(content), str(path))
    return content


def csv_rows(lines: Iterable[str], delimiter: str = ",", *, strict: bool = False) -> Any:
    """Return a reader of CSV as of ``csv.reader``, in which a cell may be as long as a whole file.

    The limits above are to be the ones that refuse it.

    Examples
    --------
    >>> [len(cell) for cell in next(csv_rows(["a," + "1" * 300_000]))]
    [1, 300000]
    """
    csv.field_size_limit(max(csv.field_size_limit(), NETWORK.value))
    return csv.reader(lines, delimiter=delimiter, strict=strict)
