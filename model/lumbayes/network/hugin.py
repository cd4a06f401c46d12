"""Read a network from a .net file of Hugin, as SamIam, GeNIe and pyAgrum write it too.

Source: Hugin API reference manual, chapter "The NET language".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lumbayes.limits import PIECES
from lumbayes.network.reading import ESCAPED, Reading, Words, built, numbers
from lumbayes.network.variables import Array

# A text that is never closed is one word up to the end, not looked at again from every quote in it.
TOKEN = re.compile(
    r'\s+|%[^\n]*|(?P<word>"(?:[^"\\]++|\\.)*+"|".*|[{}()\[\]=|;,]|[^\s{}()\[\]=|;,"%]++|.)',
    re.DOTALL,
)
KINDS = ("decision", "utility", "continuous", "function", "instance")
DEEPEST = 20  # blocks in blocks: a class of nodes is one


def read_net(text: str, place: str) -> Reading:
    """Read the chance nodes and potentials of a .net file, inside a class or not.

    The last parent runs faster than the first, the node's own state fastest.

    Raises
    ------
    TableError
        If something is missing, given twice or no probability; names the line.
    LumbayesError
        If it is larger than ``limits`` allow.
    """
    return _Net(place, text).network()


class _Net(Words):
    """One pass over the text, word by word."""

    token = TOKEN

    def __init__(self, place: str, text: str) -> None:
        super().__init__(place, text)
        self.states: dict[str, list[str]] = {}
        self.tables: dict[str, tuple[list[str], Array]] = {}

    def network(self) -> Reading:
        self.blocks(0)
        return built(self.place, self.states, self.tables)

    def blocks(self, depth: int) -> None:
        """Read blocks up to the end of the text, or of the class that they stand in."""
        while word := self.next_or_end():
            if word == "}" and depth:
                return
            if word in KINDS:
                raise self.error(word, "a chance node, the only kind that can be read")
            if word == "net":
                self.expect("{")
                self.fields({})
            elif word == "class" and depth < DEEPEST:
                self.until("{")
                self.blocks(depth + 1)
            elif word == "node":
                self.node()
            elif word == "potential":
                self.potential()
            elif word != "discrete":
                self.field(word, {})
        if depth:
            self.next()

    def node(self) -> None:
        name = self.name(self.next())
        if name in self.states:
            raise self.error(name, "a node not given before")
        self.expect("{")
        found: dict[str, list[str]] = {"states": [], "state_values": []}
        self.fields(found)
        self.states[name] = found["states"] or found["state_values"]
        if not self.states[name]:
            raise self.error("}", f"the states of {name}: states = ( … );")

    def potential(self) -> None:
        self.expect("(")
        line = self.line()
        heading = [self.name(w) for w in self.until(")") if w != ","]
        bar = heading.index("|") if "|" in heading else len(heading)
        if bar != 1 or heading[0] in self.tables:
            shown = " ".join(heading)
            raise self.error(shown, "one node, without a table so far, and its parents")
        name, parents = heading[0], [word for word in heading[2:] if word != "|"]
        self.expect("{")
        values: Array | None = None
        while (word := self.next()) != "}":
            if word == "data":
                self.expect("=")
                words = (w for w in self.words(";") if w not in ("(", ")", ","))
                values = numbers(words, f"{self.place}, line {line}", name)
            else:
                self.field(word, {})
        if values is None:
            raise self.error("}", f"the numbers of {name}: data = ( … );")
        self.tables[name] = (parents, values)

    def fields(self, wanted: dict[str, list[str]]) -> None:
        """Read fields up to the end of the block; keep the lists that are wanted."""
        while (word := self.next()) != "}":
            self.field(word, wanted)

    def field(self, name: str, wanted: dict[str, list[str]]) -> None:
        self.expect("=")
        value = self.words(";")
        if name in wanted:
            for word in value:
                if word not in ("(", ")", ","):
                    wanted[name].append(self.name(word))
                    PIECES.check(len(wanted[name]), self.place)
        else:
            for _ in value:
                pass

    def until(self, end: str) -> list[str]:
        found = []
        for word in self.words(end):
            found.append(word)
            PIECES.check(len(found), self.place)
        return found

    def words(self, end: str) -> Iterator[str]:
        while (word := self.next()) != end:
            yield word

    @staticmethod
    def name(word: str) -> str:
        """Return a name or a text without its quotes and escapes."""
        if len(word) > 1 and word[0] == word[-1] == '"':
            return ESCAPED.sub(r"\1", word[1:-1])
        return word
