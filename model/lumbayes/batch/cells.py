"""Quoted cells of CSV that go over several lines: one line is one case, so they make none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import numpy as np


def several_lines(content: bytes, delimiter: str) -> Iterator[tuple[int, int]]:
    r"""Yield start and end of each quoted cell with an end of line in it.

    A quote that opens a cell and is never closed as it should be makes no cell.

    Examples
    --------
    >>> list(several_lines(b'a,"b\nc",d\n"e,f\n', ","))
    [(2, 7)]
    """
    for cell in _quoted(delimiter).finditer(content):
        if b"\n" in cell[0]:
            yield cell.span()


@lru_cache(maxsize=4)
def _quoted(delimiter: str) -> re.Pattern[bytes]:
    own = re.escape(delimiter.encode())
    return re.compile(rb'(?:\A|(?<=[\n%b]))"[^"]*+(?:""[^"]*+)*+"(?=[\r\n%b]|\Z)' % (own, own))


def lines_inside(content: bytes, delimiter: str) -> frozenset[int]:
    r"""Return the lines, counted from 0, that quoted cells of several lines lie on.

    Examples
    --------
    >>> sorted(lines_inside(b'a,b\n"c\nd",e\nf,g\n', ","))
    [1, 2]
    """
    ends = np.flatnonzero(np.frombuffer(content, dtype=np.uint8) == ord("\n"))
    inside: set[int] = set()
    for start, end in several_lines(content, delimiter):
        first, last = np.searchsorted(ends, (start, end))
        inside |= set(range(int(first), int(last) + 1))
    return frozenset(inside)


def uncut(content: bytes, stop: int, delimiter: str) -> int:
    r"""Return the first end of a line from ``stop`` on at which no quoted cell is cut in two.

    Examples
    --------
    >>> uncut(b'a,"b\nc"\nd,e\n', 5, ",")
    8
    """
    for start, end in several_lines(content, delimiter):
        if start < stop <= end:
            stop = (content.find(b"\n", end) + 1) or len(content)
    return stop
