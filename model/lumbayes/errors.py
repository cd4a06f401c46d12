"""The errors lumbayes raises: each names the place, the value, the choices and a way out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

LISTED = 12  # choices named in a message
FEW = 20  # mistakes of one case for which a name that was meant is sought


class LumbayesError(ValueError):
    """Base of every error that a user of lumbayes can cause and mend.

    ``triage`` is the advice on what was understood of a case beside the mistake, where that calls
    for a visit or does not fit together; None otherwise.
    """

    triage: Any = None


class UnknownNameError(LumbayesError):
    """A variable, state, rule or target that does not exist was named."""


class TableError(LumbayesError):
    """A table in ``data/`` is broken; the message names file and line."""


class CaseError(LumbayesError):
    """A case cannot be read, or contradicts itself."""


class ImpossibleEvidenceError(LumbayesError):
    """The findings have probability zero together; the message names a minimal clashing set."""


def check_seed(seed: object) -> None:
    """Raise LumbayesError unless a seed is a whole number of 0 or more.

    Examples
    --------
    >>> check_seed(0)
    """
    if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
        raise LumbayesError(f"seed is {seed!r}. Give a whole number of 0 or more.")


def unknown_name(
    what: str, name: object, choices: Iterable[str], *, near: bool = True
) -> UnknownNameError:
    """Build the error for a name that is not among the choices.

    Parameters
    ----------
    what : str
        What was looked for, such as ``"variable"`` or ``"state of slr"``.
    name : object
        The value as given.
    choices : iterable of str
        All that would have been accepted; at most twelve are listed, and none of so many
        where one is near enough to be meant.
    near : bool
        Whether to look for that one, which takes a millisecond: for the first of many mistakes.

    Returns
    -------
    UnknownNameError
        To be raised by the caller.

    Examples
    --------
    >>> print(unknown_name("state of slr", "Postive", ["negative", "positive"]))
    unknown state of slr 'Postive'. Did you mean 'positive'? Known: negative, positive.
    """
    known = list(choices)
    asked, hint = cut(str(name)), ""
    if near:
        lowered = {str(c).lower(): str(c) for c in reversed(known)}
        for found in _nearest(asked.lower(), tuple(lowered)):
            hint = f" Did you mean {lowered[found]!r}?"
    if hint and len(known) > LISTED:
        return UnknownNameError(f"unknown {what} {asked!r}.{hint}")
    shown = ", ".join(map(str, known[:LISTED]))
    shown += f", … ({len(known)} in all)" if len(known) > LISTED else ""
    return UnknownNameError(f"unknown {what} {asked!r}.{hint} Known: {shown}.")


def _nearest(asked: str, names: tuple[str, ...]) -> list[str]:
    """Return the nearest name as difflib has it, of those that share letters enough to be near."""
    import numpy as np

    counts, lengths = _letters(names)
    shared = np.minimum(counts, _letters.__wrapped__((asked,))[0]).sum(axis=1)
    able = np.flatnonzero(2 * shared >= 0.59 * (lengths + len(asked)))
    return difflib.get_close_matches(asked, [names[i] for i in able], n=1, cutoff=0.6)


@lru_cache(maxsize=16)
def _letters(names: tuple[str, ...]) -> tuple[Any, Any]:
    """Count the letters of each name, in 64 groups, and how many it has."""
    import numpy as np

    counts = np.zeros((len(names), 64), dtype=np.int16)
    for row, name in enumerate(names):
        for letter in name:
            counts[row, ord(letter) % 64] += 1
    return counts, np.array([len(name) for name in names])


def wrong(name: str, value: object, expected: str) -> TypeError:
    """Build the error for an argument of the wrong kind; what was given is shown, cut short.

    Examples
    --------
    >>> print(wrong("draws", "many", "a whole number, such as 200"))
    draws must be a whole number, such as 200; got 'many' (str).
    """
    kind = type(value).__name__
    try:
        shown = repr(value)
    except Exception:
        shown = kind
    return TypeError(f"{cut(name)} must be {expected}; got {cut(shown)} ({kind}).")


def cut(text: str, longest: int = 60) -> str:
    """Return a text short enough to stand in a message.

    Examples
    --------
    >>> cut("a" * 100_000, 5)
    'aaaa…'
    """
    return text if len(text) <= longest else text[: longest - 1] + "…"


def harmless(text: str) -> str:
    r"""Return a text in which no sign moves a cursor, colours or writes anew what a terminal shows.

    Examples
    --------
    >>> harmless("one\nred \x1b[31m")
    'one\nred \\x1b[31m'
    """
    if text.isprintable():
        return text
    return "".join(
        c if c in "\n\t" or c.isprintable() or (c.isspace() and c > "\x9f") else ascii(c)[1:-1]
        for c in text
    )
