"""Words for numbers, where the command line and reports speak to people."""

from __future__ import annotations


def how_many(number: int, what: str) -> str:
    """Return a count with its noun, in the plural but for one.

    Examples
    --------
    >>> how_many(1, "case"), how_many(2400, "case")
    ('1 case', '2,400 cases')
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"
