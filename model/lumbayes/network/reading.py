"""What all readers of network files need: the text within limits, the network made of it."""

from __future__ import annotations

import gzip
import math
import re
import zlib
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lumbayes.errors import LumbayesError, TableError, unknown_name
from lumbayes.limits import DIGITS, ENTRIES, NETWORK
from lumbayes.network.variables import Array, Network, Table, Variable

EXACT = 1e-12  # a row this close to 1 counts as summing to 1
CLOSE = 0.01  # rows further off than this are refused, not normalised
DECLARED = re.compile(rb"""\s*<\?xml[^>]*encoding=["']([\w.-]+)""", re.IGNORECASE)
ENCODINGS = re.compile(
    r"utf[-_]?(8|16|32)([-_]?[bl]e)?|(us-)?ascii|iso[-_]?8859-\d+|latin-?\d+|windows-\d+|cp\d+"
    r"|koi8-[ru]|gb2312|gbk|gb18030|big5|shift[-_]jis|euc-(jp|kr)",
    re.IGNORECASE,
)
UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # how such a file begins
ESCAPED = re.compile(r"\\(.)")
SHOWN = 60  # characters of a foreign text in a message
END = ""  # what comes after the last word


@dataclass(frozen=True, eq=False)
class Reading:
    """A network read from elsewhere, and what had to be put right: one sentence per table."""

    network: Network
    notes: tuple[str, ...]


def network_text(path: Path, kind: str) -> str:
    """Return the text of a file, unpacked if it is gzipped; ``kind`` says in errors what it is.

    Raises
    ------
    TableError
        If it cannot be read, or is no text.
    LumbayesError
        If it is larger than ``limits.NETWORK`` once it is unpacked.
    """
    most = NETWORK.value + 1
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            raw = gzip.GzipFile(fileobj=file).read(most) if packed else file.read(most)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise TableError(f"{path}: cannot be read as {kind}: {reason}.") from None
    NETWORK.check(len(raw), str(path))
    declared = DECLARED.match(raw[:200])
    encoding = declared[1].decode() if declared else "utf-8"
    if raw[:2] in UTF_16:
        encoding = "utf-16"
    try:
        if not ENCODINGS.fullmatch(encoding):
            raise LookupError
        return raw.decode(encoding).removeprefix("\ufeff")
    except (UnicodeError, LookupError):
        raise TableError(f"{path}: it is not {encoding[:SHOWN]} text. Save it as UTF-8.") from None


def entries(shape: Sequence[int], place: str, so_far: int = 0) -> int:
    """Return how many probabilities a table has; refuse more than ``limits.ENTRIES`` in all.

    Examples
    --------
    >>> entries([2, 3], "a.bif")
    6
    """
    size = math.prod(shape)
    ENTRIES.check(size + so_far, place)
    return size


def numbers(words: Iterable[str], place: str, name: str, most: int | None = None) -> Array:
    """Return the probabilities of a table; the first that is none is an error.

    Raises
    ------
    TableError
        Names it.
    LumbayesError
        If there are more than ``most``, or than ``limits.ENTRIES``.

    Examples
    --------
    >>> numbers(["0.5", ".5"], "a.xml", "ill")
    array([0.5, 0.5])
    """
    found = array("d")
    limit = ENTRIES.value if most is None else most
    longest = DIGITS.value
    for word in words:
        if len(word) > longest:
            DIGITS.check(len(word), f"{place}: the table of {name}")
        try:
            number = float(word)
        except ValueError:
            number = math.nan
        if not 0 <= number < math.inf:
            raise TableError(
                f"{place}: the table of {name} has {word[:SHOWN]!r} for a probability."
                " Give a number from 0 to 1."
            )
        found.append(number)
        if len(found) > limit:
            if most is None:
                ENTRIES.check(len(found), place)
            raise TableError(f"{place}: {name} needs {most} probabilities, found more.")
    return np.frombuffer(found, dtype=np.float64) if found else np.empty(0)


def normalised(values: Array, place: str, notes: list[str]) -> Array:
    """Make every row sum to 1, noting it; refuse rows that are far off."""
    sums = values.sum(axis=-1, keepdims=True)
    off = float(np.abs(sums - 1.0).max(initial=0.0))
    if not off <= CLOSE:
        raise TableError(
            f"{place}: a row of its table is {off:.6g} away from summing to 1. Correct it."
        )
    if off > EXACT:
        notes.append(f"{place}: rows missed 1 by up to {off:.1e} and were normalised.")
    return np.asarray(values / sums)


def built(
    place: str,
    states: Mapping[str, Sequence[str]],
    tables: Mapping[str, tuple[Sequence[str], Array]],
) -> Reading:
    """Make a network of states and flat tables: first parent slowest, own state fastest.

    Raises
    ------
    TableError
        If a table is missing or of the wrong size, or a parent is no variable.
    """
    if not states:
        raise TableError(f"{place}: no variable found. Is it of this format?")
    notes: list[str] = []
    variables = []
    in_all = 0
    for name, own in states.items():
        if name not in tables:
            raise TableError(f"{place}: no table for {name}. Is the file cut short?")
        parents, values = tables[name]
        for parent in parents:
            if parent not in states:
                raise unknown_name(f"parent of {name} in {place}", parent, states)
        shape = [len(states[n]) for n in (*parents, name)]
        size = entries(shape, f"{place}: {name}", in_all)
        in_all += size
        if values.size != size:
            raise TableError(f"{place}: {name} needs {size} probabilities, found {values.size}.")
        table = normalised(values.reshape(shape), f"{place}: {name}", notes)
        variables.append(Variable(name, tuple(own), tuple(parents), Table(table)))
    for name in tables:
        if name not in states:
            raise unknown_name(f"variable of a table in {place}", name, states)
    return reading(place, variables, notes)


def reading(place: str, variables: Sequence[Variable], notes: Sequence[str]) -> Reading:
    """Make the network of what a file says; errors name the file.

    Raises
    ------
    TableError
        If a name is empty or holds control characters, or the network makes no sense.

    Examples
    --------
    >>> reading("a.bif", [Variable("", ("a",), (), Table(np.ones(1)))], [])
    Traceback (most recent call last):
    lumbayes.errors.TableError: a.bif: '' is no name of a variable. Write letters or digits.
    """
    for variable in variables:
        for name in (variable.name, *variable.states):
            if not name.strip() or min(name) < " ":
                what = "a variable" if name is variable.name else f"a state of {variable.name}"
                raise TableError(
                    f"{place}: {name[:SHOWN]!r} is no name of {what}. Write letters or digits."
                )
    try:
        return Reading(Network(variables), tuple(notes))
    except LumbayesError as error:
        raise TableError(f"{place}: {error}") from None


class Words:
    """One pass over a text, word by word."""

    token: re.Pattern[str]
    """A word, named so, or what stands between words."""

    def __init__(self, place: str, text: str) -> None:
        self.place, self.text = place, text
        self.at = 0  # where the next word is sought
        self.start = 0  # where the last one began
        self.counted, self.lines = 0, 1  # up to where lines are counted, and the line there

    def next_or_end(self) -> str:
        """Return the next word, or ``END``."""
        while found := self.token.match(self.text, self.at):
            self.at = found.end()
            if word := found["word"]:
                self.start = found.start()
                return word
        self.start = len(self.text)
        return END

    def next(self) -> str:
        """Return the next word; there must be one."""
        word = self.next_or_end()
        if word == END:
            raise TableError(
                f"{self.place}, line {self.line()}: the file ends in the middle of a block."
                " Is it cut short?"
            )
        return word

    def expect(self, word: str) -> None:
        """Pass over a word that must come next."""
        found = self.next()
        if found != word:
            raise self.error(found, repr(word))

    def line(self) -> int:
        """Return the line of the word read last."""
        if self.counted > self.start:
            self.counted, self.lines = 0, 1
        self.lines += self.text.count("\n", self.counted, self.start)
        self.counted = self.start
        return self.lines

    def error(self, found: str, expected: str) -> TableError:
        """Return what to say of a word that cannot stand there."""
        return TableError(
            f"{self.place}, line {self.line()}: found {found[:SHOWN]!r}, expected {expected}."
            " Correct that line."
        )
