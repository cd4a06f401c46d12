"""Read a network from a BIF file."""

from __future__ import annotations

import gzip
import math
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lumbayes.errors import LumbayesError, TableError, unknown_name
from lumbayes.network.variables import Array, Network, Table, Variable

TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"[^"\n]*"|[{}()\[\];,|]|[^\s{}()\[\];,|"]+', re.DOTALL)
EXACT = 1e-12  # a row this close to 1 counts as summing to 1
DECLARED = re.compile(rb"""<\?xml[^>]*encoding=["']([\w.-]+)""")
UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # how such a file begins
CLOSE = 0.01  # rows further off than this are refused, not normalised


@dataclass(frozen=True, eq=False)
class Reading:
    """A network read from elsewhere, and what had to be put right: one sentence per table."""

    network: Network
    notes: tuple[str, ...]


def read_bif(path: Path | str) -> Reading:
    """Read a discrete network from a BIF file, plain or gzipped.

    Published files round: rows that miss 1 by less than 0.01 are normalised, and noted.

    Parameters
    ----------
    path : Path or str
        A file in the Bayesian interchange format, as bnlearn, pgmpy, GeNIe and others write it.

    Returns
    -------
    Reading
        The network, variables in the order of arrows, and the notes.

    Raises
    ------
    TableError
        If the file cannot be read; the message names file and line, what was found, what expected.
    """
    path = Path(path)
    return parse_bif(network_text(path, "a BIF file"), path.name)


def parse_bif(text: str, place: str) -> Reading:
    """Read the text of a BIF file; ``place`` names it in errors. As ``read_bif``."""
    return _Parser(place, text).network()


def network_text(path: Path, kind: str) -> str:
    """Return the text of a file, unpacked if it is gzipped; ``kind`` says in errors what it is.

    Raises
    ------
    TableError
        If it cannot be read.
    """
    try:
        raw = path.read_bytes()
        raw = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise TableError(f"{path}: cannot be read as {kind}: {reason}.") from None
    declared = DECLARED.match(raw)
    encoding = declared[1].decode() if declared else "utf-8"
    try:
        return raw.decode("utf-16" if raw[:2] in UTF_16 else encoding).removeprefix("\ufeff")
    except (UnicodeDecodeError, LookupError):
        raise TableError(f"{path}: it is not {encoding} text. Save it as UTF-8.") from None


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
                    f"{place}: {name!r} is no name of {what}. Write letters or digits."
                )
    try:
        return Reading(Network(variables), tuple(notes))
    except LumbayesError as error:
        raise TableError(f"{place}: {error}") from None


class _Parser:
    """One pass over the tokens of a BIF file."""

    def __init__(self, place: str, text: str) -> None:
        self.place = place
        self.text = text
        self.tokens = _tokens(text)
        self.at = 0
        self.states: dict[str, tuple[str, ...]] = {}
        self.tables: dict[str, tuple[tuple[str, ...], Array]] = {}
        self.notes: list[str] = []

    def network(self) -> Reading:
        while self.at < len(self.tokens):
            word = self.next()
            if word == "network":
                self.skip_block()
            elif word == "variable":
                self.variable()
            elif word == "probability":
                self.probability()
            else:
                raise self.error(word, "network, variable or probability")
        missing = [name for name in self.states if name not in self.tables]
        if missing:
            raise TableError(
                f"{self.place}: no probability block for {', '.join(missing[:5])}. "
                "Is the file cut short?"
            )
        if not self.states:
            raise TableError(f"{self.place}: no variable found. Is it a BIF file?")
        variables = [Variable(n, self.states[n], *self.finished(n)) for n in self.states]
        return reading(self.place, variables, self.notes)

    def finished(self, name: str) -> tuple[tuple[str, ...], Table]:
        parents, values = self.tables[name]
        return parents, Table(normalised(values, f"{self.place}: {name}", self.notes))

    def variable(self) -> None:
        name = _bare(self.next())
        if name in self.states:
            raise self.error(name, "a variable not given before")
        self.expect("{")
        while (word := self.next()) != "}":
            if word == "type":
                self.expect("discrete")
                self.expect("[")
                count = self.next()
                self.expect("]")
                self.expect("{")
                states = [_bare(s) for s in self.until("}") if s != ","]
                if count != str(len(states)):
                    raise self.error(f"[ {count} ]", f"[ {len(states)} ], the number of states")
                self.states[name] = tuple(states)
            self.to_semicolon()
        if name not in self.states:
            raise self.error("}", f"the states of {name}: type discrete [ n ] {{ … }};")

    def probability(self) -> None:
        self.expect("(")
        heading = [_bare(w) for w in self.until(")") if w not in (",", "|")]
        for name in heading:
            if name not in self.states:
                raise unknown_name(
                    f"variable in {self.place}, line {self.line()},", name, self.states
                )
        if not heading or heading[0] in self.tables:
            raise self.error(" ".join(heading), "a variable whose table was not given before")
        child, parents = heading[0], tuple(heading[1:])
        cards = [len(self.states[n]) for n in (*parents, child)]
        values = np.full(cards, np.nan)
        given_rows: set[tuple[int, ...]] = set()
        self.expect("{")
        while (word := self.next()) != "}":
            if word == "table":
                numbers = self.numbers(math.prod(cards))
                values = np.moveaxis(numbers.reshape([cards[-1], *cards[:-1]]), 0, -1).copy()
            elif word == "default":
                row = self.numbers(cards[-1])
                values = np.where(np.isnan(values), row, values)
            elif word == "(":
                given = [_bare(w) for w in self.until(")") if w != ","]
                if len(given) != len(parents):
                    raise self.error(" ".join(given), f"a state of each of {', '.join(parents)}")
                where = tuple(self.state(p, s) for p, s in zip(parents, given, strict=True))
                if where in given_rows:
                    raise self.error(" ".join(given), "a row not given before")
                given_rows.add(where)
                values[where] = self.numbers(cards[-1])
            else:
                self.to_semicolon()
        if np.isnan(values).any():
            raise self.error("}", f"a row for every combination of {', '.join(parents) or child}")
        self.tables[child] = (parents, values)

    def state(self, name: str, state: str) -> int:
        if state not in self.states[name]:
            raise unknown_name(
                f"state of {name} in {self.place}, line {self.line()},", state, self.states[name]
            )
        return self.states[name].index(state)

    def numbers(self, count: int) -> Array:
        words = [w for w in self.until(";") if w != ","]
        try:
            values = np.array(words, dtype=np.float64)
        except ValueError:
            values = np.empty(0)
        if values.shape != (count,) or not (np.isfinite(values).all() and (values >= 0).all()):
            raise self.error(" ".join(words)[:60], f"{count} probabilities and a semicolon")
        return values

    def next(self) -> str:
        if self.at >= len(self.tokens):
            raise TableError(
                f"{self.place}, line {self.line()}: the file ends in the middle of a block. "
                "Is it cut short?"
            )
        self.at += 1
        return self.tokens[self.at - 1]

    def expect(self, word: str) -> None:
        found = self.next()
        if found != word:
            raise self.error(found, repr(word))

    def until(self, word: str) -> Iterator[str]:
        while (found := self.next()) != word:
            yield found

    def to_semicolon(self) -> None:
        for _ in self.until(";"):
            pass

    def skip_block(self) -> None:
        for _ in self.until("}"):
            pass

    def line(self) -> int:
        """Return the line of the token read last; counted only when an error needs it."""
        kept = (m for m in TOKEN.finditer(self.text) if not m[0].startswith(("//", "/*")))
        start = next((m.start() for i, m in enumerate(kept) if i == self.at - 1), len(self.text))
        return self.text.count("\n", 0, start) + 1

    def error(self, found: str, expected: str) -> TableError:
        return TableError(
            f"{self.place}, line {self.line()}: found {found!r}, expected {expected}. "
            "Correct that line."
        )


def _tokens(text: str) -> list[str]:
    return [t for t in TOKEN.findall(text) if not t.startswith(("//", "/*"))]


def _bare(word: str) -> str:
    return word.strip('"')


def normalised(values: Array, place: str, notes: list[str]) -> Array:
    """Make every row sum to 1, noting it; refuse rows that are far off."""
    sums = values.sum(axis=-1, keepdims=True)
    off = float(np.abs(sums - 1.0).max())
    if not off <= CLOSE:
        raise TableError(
            f"{place}: a row of its table is {off:.6g} away from summing to 1. Correct it."
        )
    if off > EXACT:
        notes.append(f"{place}: rows missed 1 by up to {off:.1e} and were normalised.")
    return np.asarray(values / sums)
