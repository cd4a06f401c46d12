"""The errors lumbayes raises: each names the place, the value, the choices and a way out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

LISTED = 12  # choices named in a message
FEW = 20  # mistakes of one case for which a name that was meant is sought


class LumbayesError(ValueError):
    """Base of every error that a user of lumbayes can cause and mend.

    ``triage`` is the advice on what was understood of a case beside the mistake, where that calls
    for a doctor today or for emergency help; None otherwise.
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
    known = [str(c) for c in choices]
    asked = cut(str(name))
    lowered = {c.lower(): c for c in reversed(known)}
    found = difflib.get_close_matches(asked.lower(), [*lowered] * near, n=1, cutoff=0.6)
    hint = f" Did you mean {lowered[found[0]]!r}?" if found else ""
    if found and len(known) > LISTED:
        return UnknownNameError(f"unknown {what} {asked!r}.{hint}")
    shown = ", ".join(known[:LISTED])
    shown += f", … ({len(known)} in all)" if len(known) > LISTED else ""
    return UnknownNameError(f"unknown {what} {asked!r}.{hint} Known: {shown}.")


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
