"""Read a Bayesian network in the format of the UAI competitions: numbers alone, no names.

Source: UAI 2014 inference competition, "UAI model format"; comments as pyAgrum writes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import numpy as np

from lumbayes.errors import TableError
from lumbayes.limits import PIECES
from lumbayes.network.reading import CLOSE, SHOWN, Reading, built, entries, numbers
from lumbayes.network.variables import Array

WORD = re.compile(r"\s+|#[^\n]*|(?P<word>[^\s#]+)")
NAMED_SCOPE = re.compile(r"^\d+(?: \d+)+   # \S", re.MULTILINE)


def read_uai(text: str, place: str) -> Reading:
    """Read a network of type BAYES; variables are called ``x0``, ``x1``, …, states 0, 1, ….

    The variable of a table stands last in its scope, and its own state runs fastest, the first
    parent slowest. Of parents pyAgrum has the first fastest; it names the variable of each scope in
    a comment, by which its files are known.

    Raises
    ------
    TableError
        If it is of another type or cut short.
    LumbayesError
        If it is larger than ``limits`` allow.

    Examples
    --------
    >>> read_uai("BAYES 1 2 1 1 0 2 0.25 0.75", "a.uai").network["x0"].cpt
    array([0.25, 0.75])
    """
    words = (w for found in WORD.finditer(text) if (w := found["word"]))
    kind = next(words, "")
    if kind.upper() != "BAYES":
        raise TableError(
            f"{place}: it begins with {kind[:SHOWN]!r}, not BAYES. Only Bayesian networks can be"
            " read."
        )
    count = _whole(words, place, "the number of variables")
    PIECES.check(count, place)
    cards = [_whole(words, place, f"the number of states of x{i}") for i in range(count)]
    PIECES.check(sum(cards), place)
    factors = _whole(words, place, "the number of tables")
    if factors != count:
        raise TableError(f"{place}: {factors} tables for {count} variables. Each needs one.")
    scopes: list[list[int]] = []
    linked = 0
    for i in range(count):
        size = _whole(words, place, f"the size of scope {i}")
        linked += size
        PIECES.check(linked, place)
        scope = [_whole(words, place, f"scope {i}") for _ in range(size)]
        if not scope or max(scope) >= count:
            raise TableError(f"{place}: scope {i} names no variable, or one that is not there.")
        scopes.append(scope)
    ours = len(NAMED_SCOPE.findall(text)) < count
    tables: dict[str, tuple[list[str], Array]] = {}
    so_far = 0
    for scope in scopes:
        names = [f"x{v}" for v in scope]
        size = entries([cards[v] for v in scope], f"{place}: {names[-1]}", so_far)
        so_far += size
        if names[-1] in tables:
            raise TableError(f"{place}: {names[-1]} has two tables. Remove one.")
        if (found := _whole(words, place, f"the size of the table of {names[-1]}")) != size:
            raise TableError(f"{place}: the table of {names[-1]} has {found} numbers, not {size}.")
        values = numbers(islice(words, size), place, names[-1])
        if values.size != size or not size:
            raise TableError(f"{place}: {names[-1]} needs {size} probabilities. Is it cut short?")
        tables[names[-1]] = (names[:-1] if ours else names[-2::-1], values)
    states = {f"x{i}": [str(s) for s in range(card)] for i, card in enumerate(cards)}
    turned = {
        name: (parents, _turned(values, [cards[int(n[1:])] for n in (name, *parents)]))
        for name, (parents, values) in tables.items()
    }
    if not _sums_to_one(tables, states) and _sums_to_one(turned, states):
        read = built(place, states, turned)
        note = f"{place}: own states run slowest in it, as pgmpy writes them; read so."
        return Reading(read.network, (note, *read.notes))
    return built(place, states, tables)


def _turned(values: Array, shape: list[int]) -> Array:
    """Return a table whose own state runs slowest in the order of those where it runs fastest."""
    return np.moveaxis(values.reshape(shape), 0, -1).ravel() if values.size else values


def _sums_to_one(
    tables: Mapping[str, tuple[Sequence[str], Array]], states: Mapping[str, Sequence[str]]
) -> bool:
    rows = (values.reshape(-1, len(states[name])) for name, (_, values) in tables.items())
    return all(bool((np.abs(some.sum(axis=1) - 1.0) <= CLOSE).all()) for some in rows)


def _whole(words: Iterator[str], place: str, what: str) -> int:
    word = next(words, "")
    if not (word.isascii() and word.isdigit() and len(word) < 10):
        found = repr(word[:SHOWN]) if word else "the end"
        raise TableError(f"{place}: found {found}, expected {what}. Is it cut short?")
    return int(word)
