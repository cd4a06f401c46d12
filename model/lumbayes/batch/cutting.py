"""Cut a stream of lines into parts: by rows, by bytes, and never inside a quoted cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from lumbayes.batch.cells import uncut
from lumbayes.batch.parsing import Part
from lumbayes.limits import LINE, PART

NEAR = 200  # lines before and after the border of two parts in which quoted cells are sought


def cut(
    blocks: Iterable[bytes], kind: str, first: int, rows: int, delimiter: str | None = None
) -> Iterator[Part]:
    r"""Cut blocks of bytes into parts of ``rows`` lines each, numbered from ``first``.

    With the delimiter of a CSV table a part goes on to where no quoted cell is cut in two, at most
    ``NEAR`` lines. A part ends sooner where it would have more bytes than ``limits.PART``. Of a
    line longer than ``limits.LINE`` nothing is kept: it is blank, and named in the part.

    Examples
    --------
    >>> [(p.first, p.content) for p in cut([b"a", b"b\nc\nd"], "csv", 2, 2, ",")]
    [(2, b'ab\nc\n'), (4, b'd\n')]
    """
    number, held, ends, skipping = 0, b"", 0, False
    longest, most = LINE.value, PART.value
    dropped: set[int] = set()

    def parts(left: int, ahead: int) -> Iterator[Part]:
        nonlocal number, held, ends, first
        while ends > left or (ends and len(held) > most + ahead):
            stop, lines = _border(held, rows, most, delimiter)
            too_long = {line for line in dropped if line < first + lines}
            content = held[:stop]
            if len(content) > longest:
                content, more = _without_long_lines(content, longest)
                too_long |= {first + i for i in more}
            yield Part(number, kind, first, content, frozenset(too_long))
            held, ends, number, first = held[stop:], ends - lines, number + 1, first + lines
            dropped.difference_update(too_long)

    for block in blocks:
        if skipping:  # inside a line that is too long
            end = block.find(b"\n")
            if end < 0:
                continue
            block, skipping = block[end:], False
        held += block
        ends += block.count(b"\n")
        tail = len(held) - held.rfind(b"\n") - 1
        if tail > longest:
            held, skipping = held[: len(held) - tail], True
            dropped.add(first + ends)
        yield from parts(rows + NEAR, 2 * longest)
    if held[-1:] not in (b"", b"\n") or skipping:  # the last line of a file need not end
        held, ends = held + b"\n", ends + 1
    yield from parts(0, 0)


def _without_long_lines(content: bytes, longest: int) -> tuple[bytes, list[int]]:
    """Return whole lines with those too long made blank, and which these are, from 0."""
    ends = np.flatnonzero(np.frombuffer(content, dtype=np.uint8) == ord("\n"))
    long = np.flatnonzero(np.diff(ends, prepend=-1) - 1 > longest).tolist()
    if not long:
        return content, []
    lines = content.split(b"\n")
    return b"\n".join(b"" if i in set(long) else line for i, line in enumerate(lines)), long


def _border(held: bytes, rows: int, most: int, delimiter: str | None) -> tuple[int, int]:
    """Return where the first part of some lines ends, and how many lines it has."""
    places = np.flatnonzero(np.frombuffer(held, dtype=np.uint8) == ord("\n")) + 1
    rows = min(rows, max(1, int(np.searchsorted(places, most, side="right"))))
    if places.size <= rows:
        return int(places[-1]), places.size
    stop = int(places[rows - 1])
    if delimiter is not None:
        low = int(places[rows - NEAR]) if rows > NEAR else 0
        near = held[low : int(places[min(rows + NEAR, places.size) - 1])]
        if b'"' in near:
            stop = low + uncut(near, stop - low, delimiter)
    return stop, int(np.searchsorted(places, stop, side="right"))
