"""Read a network from a BIF file.

Source of the grammar: Cozman (1998), The interchange format for Bayesian networks, version 0.15,
as JavaBayes reads it: names are words or quoted texts with escapes, commas only divide, comments
stand anywhere between the signs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from lumbayes.errors import TableError, unknown_name
from lumbayes.limits import PIECES
from lumbayes.network.reading import (
    SHOWN,
    Reading,
    Words,
    entries,
    network_text,
    normalised,
    numbers,
    reading,
)
from lumbayes.network.variables import Array, Table, Variable

# Possessive throughout: a long word leaves no places to go back to, each of which takes memory.
# A word ends where a comment begins; a lone slash belongs to it. A text or a comment that is never
# closed is one word up to the end: another look at every sign of it would never end.
TOKEN = re.compile(
    r'\s+|//[^\n]*|/\*.*?\*/|(?P<word>"(?:[^"\\]++|\\.)*+"|".*|/\*.*|[{}()\[\];,|]'
    r'|(?:[^\s{}()\[\];,|"/]++|/(?![/*]))++|.)',
    re.DOTALL,
)
PROPERTY = re.compile(r'(?:"(?:[^"\\]++|\\.)*+"|[^";]++)*+;')  # its text, and the end
ESCAPED = re.compile(r'\\(["\\])')


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


class _Parser(Words):
    """One pass over the text of a BIF file, word by word."""

    token = TOKEN

    def __init__(self, place: str, text: str) -> None:
        super().__init__(place, text)
        self.states: dict[str, tuple[str, ...]] = {}
        self.places: dict[str, dict[str, int]] = {}  # of the states of each variable
        self.tables: dict[str, tuple[tuple[str, ...], Array]] = {}
        self.notes: list[str] = []
        self.entries = 0

    def network(self) -> Reading:
        while word := self.next_or_end():
            if word == "network":
                self.properties()
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

    def properties(self) -> None:
        """Pass over the block of the network."""
        while self.next() != "{":
            pass
        while (word := self.next()) != "}":
            self.property(word)

    def property(self, word: str) -> None:
        """Pass over a property, whose text may hold any sign; else over a statement."""
        if word == "property":
            found = PROPERTY.match(self.text, self.at)
            if not found:
                self.at = len(self.text)
                self.next()
            else:
                self.at = found.end()
        else:
            for _ in self.until(";"):
                pass

    def variable(self) -> None:
        name = _bare(self.next())
        if name in self.states:
            raise self.error(name, "a variable not given before")
        self.expect("{")
        while (word := self.next()) != "}":
            if word != "type":
                self.property(word)
                continue
            self.expect("discrete")
            self.expect("[")
            count = self.next()
            self.expect("]")
            self.expect("{")
            states = self.names("}")
            if count != str(len(states)):
                raise self.error(f"[ {count} ]", f"[ {len(states)} ], the number of states")
            self.states[name] = tuple(states)
            self.places[name] = {state: i for i, state in enumerate(states)}
            self.expect(";")
        if name not in self.states:
            raise self.error("}", f"the states of {name}: type discrete [ n ] {{ … }};")

    def probability(self) -> None:
        self.expect("(")
        heading = self.names(")")
        for name in heading:
            if name not in self.states:
                raise unknown_name(
                    f"variable in {self.place}, line {self.line()},", name[:SHOWN], self.states
                )
        if not heading or heading[0] in self.tables:
            raise self.error(" ".join(heading), "a variable whose table was not given before")
        child, parents = heading[0], tuple(heading[1:])
        cards = [len(self.states[n]) for n in (*parents, child)]
        self.entries += entries(cards, f"{self.place}: {child}", self.entries)
        values = np.full(cards, np.nan)
        given_rows: set[tuple[int, ...]] = set()
        self.expect("{")
        while (word := self.next()) != "}":
            if word == "table":
                flat = self.numbers(math.prod(cards))
                values = np.moveaxis(flat.reshape([cards[-1], *cards[:-1]]), 0, -1).copy()
            elif word == "default":
                row = self.numbers(cards[-1])
                values = np.where(np.isnan(values), row, values)
            elif word == "(":
                given = self.names(")")
                if len(given) != len(parents):
                    raise self.error(" ".join(given), f"a state of each of {', '.join(parents)}")
                where = tuple(self.state(p, s) for p, s in zip(parents, given, strict=True))
                if where in given_rows:
                    raise self.error(" ".join(given), "a row not given before")
                given_rows.add(where)
                values[where] = self.numbers(cards[-1])
            else:
                self.property(word)
        if np.isnan(values).any():
            raise self.error("}", f"a row for every combination of {', '.join(parents) or child}")
        self.tables[child] = (parents, values)

    def state(self, name: str, state: str) -> int:
        if state not in self.places[name]:
            raise unknown_name(
                f"state of {name} in {self.place}, line {self.line()},",
                state[:SHOWN],
                self.states[name],
            )
        return self.places[name][state]

    def names(self, end: str) -> list[str]:
        """Return the names up to a sign; commas and bars divide them."""
        found: list[str] = []
        for word in self.until(end):
            if word not in (",", "|"):
                found.append(_bare(word))
                PIECES.check(len(found), self.place)
        return found

    def numbers(self, count: int) -> Array:
        begin = self.at
        words = (word for word in self.until(";") if word != ",")
        try:
            values = numbers(words, f"{self.place}, line {self.line()}", "this block", count)
        except TableError:
            if self.start == len(self.text):
                raise
            values = np.empty(0)
        if values.shape != (count,):
            found = " ".join(w[0] for w in TOKEN.finditer(self.text, begin, begin + SHOWN))
            shown = " ".join(found.partition(";")[0].replace(",", " ").split())
            raise self.error(shown, f"{count} probabilities and a semicolon")
        return values

    def until(self, word: str) -> Iterator[str]:
        while (found := self.next()) != word:
            yield found


def _bare(word: str) -> str:
    """Return a name without its quotes and escapes."""
    if len(word) > 1 and word[0] == word[-1] == '"':
        return ESCAPED.sub(r"\1", word[1:-1])
    return word
