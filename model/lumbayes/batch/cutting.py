"""Cut a stream of lines into parts: by rows, by bytes, and never inside a quoted cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from lumbayes.batch.cells import uncut
from lumbayes.batch.parsing import Part
from lumbayes.limits import LINE, PART

NEAR = 200  # lines before and after the border of two parts in which quoted cells are sought
BLANKS = re.compile(rb"\s*+")


def cut(
    blocks: Iterable[bytes],
    kind: str,
    first: int,
    rows: int,
    delimiter: str | None = None,
    blanks: bool = True,
) -> Iterator[Part]:
    r"""Cut blocks of bytes into parts of ``rows`` lines each, numbered from ``first``.

    With the delimiter of a CSV table a part goes on to where no quoted cell is cut in two, at most
    ``NEAR`` lines. A part ends sooner where it would have more bytes than ``limits.PART``. Of a
    line longer than ``limits.LINE`` nothing is kept: it is blank, and named in the part. Blank
    lines at the beginning of a part are left out, unless ``blanks`` have a meaning.

    Examples
    --------
    >>> [(p.first, p.content) for p in cut([b"a", b"b\n\n\nc\nd"], "csv", 2, 2, ",", False)]
    [(2, b'ab\n\n'), (5, b'c\nd\n')]
    """
    number, held, at, skipping = 0, b"", 0, False
    ends = _ends(held)  # of the lines held from ``at`` on
    longest, most = LINE.value, PART.value
    dropped: set[int] = set()

    def pass_over_blanks() -> None:
        nonlocal at, ends, first
        found = BLANKS.match(held, at)
        lines = int(np.searchsorted(ends, found.end() if found else at, side="right"))
        lines = min([lines, *(line - first for line in dropped)])
        if lines:
            at, ends, first = int(ends[lines - 1]), ends[lines:], first + lines

    def parts(left: int, ahead: int) -> Iterator[Part]:
        nonlocal number, at, ends, first
        while True:
            if not blanks:
                pass_over_blanks()
            if not (ends.size > left or (ends.size and len(held) - at > most + ahead)):
                return
            stop, lines = _border(held, at, ends, rows, most, delimiter)
            too_long = {line for line in dropped if line < first + lines}
            content = held[at:stop]
            if len(content) > longest:
                content, more = _without_long_lines(content, longest)
                too_long |= {first + i for i in more}
            yield Part(number, kind, first, content, frozenset(too_long))
            at, ends, number, first = stop, ends[lines:], number + 1, first + lines
            dropped.difference_update(too_long)

    for block in blocks:
        if skipping:  # inside a line that is too long
            end = block.find(b"\n")
            if end < 0:
                continue
            block, skipping = block[end:], False
        held, at = held[at:] + block, 0
        tail = len(held) - held.rfind(b"\n") - 1
        if tail > longest:
            held, skipping = held[: len(held) - tail], True
        ends = _ends(held)
        if skipping:
            dropped.add(first + ends.size)
        yield from parts(rows + NEAR, 2 * longest)
    if held[at:][-1:] not in (b"", b"\n") or skipping:  # the last line of a file need not end
        held, at = held[at:] + b"\n", 0
        ends = _ends(held)
    yield from parts(0, 0)


def _ends(content: bytes) -> npt.NDArray[Any]:
    """Return where each line ends, behind its sign."""
    return np.flatnonzero(np.frombuffer(content, dtype=np.uint8) == ord("\n")) + 1


def _without_long_lines(content: bytes, longest: int) -> tuple[bytes, list[int]]:
    """Return whole lines with those too long made blank, and which these are, from 0."""
    long = np.flatnonzero(np.diff(_ends(content), prepend=0) - 1 > longest).tolist()
    if not long:
        return content, []
    lines = content.split(b"\n")
    return b"\n".join(b"" if i in set(long) else line for i, line in enumerate(lines)), long


def _border(
    held: bytes, at: int, ends: npt.NDArray[Any], rows: int, most: int, delimiter: str | None
) -> tuple[int, int]:
    """Return where the first part of the lines from ``at`` on ends, and how many it has."""
    rows = min(rows, max(1, int(np.searchsorted(ends, at + most, side="right"))))
    if ends.size <= rows:
        return int(ends[-1]), ends.size
    stop = int(ends[rows - 1])
    if delimiter is not None:
        low = int(ends[rows - NEAR]) if rows > NEAR else at
        near = held[low : int(ends[min(rows + NEAR, ends.size) - 1])]
        if b'"' in near:
            stop = low + uncut(near, stop - low, delimiter)
    return stop, int(np.searchsorted(ends, stop, side="right"))
