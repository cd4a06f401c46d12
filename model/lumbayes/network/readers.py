"""Read a network from XMLBIF, XDSL (GeNIe) or a CSV of all tables; for BIF see ``bif``."""

from __future__ import annotations

import csv
import io
import itertools
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence

import numpy as np

from lumbayes.errors import TableError, unknown_name
from lumbayes.network.reading import Reading, normalised, reading
from lumbayes.network.variables import Table, Variable
from lumbayes.network.writers import AND, CSV_COLUMNS, IS

CHANCE = ("nature", "discrete")  # how XMLBIF calls what is neither a decision nor a utility


def read_xmlbif(text: str, place: str) -> Reading:
    """Read XMLBIF 0.3: the variable's own state runs fastest, its first parent slowest.

    Raises
    ------
    TableError
        If something is missing, given twice, or no probability; names the variable.
    """
    root = _parsed(text, place, "XMLBIF")
    states: dict[str, list[str]] = {}
    for node in root.iter("VARIABLE"):
        name = _new(states, _text(node, "NAME", place), place)
        if node.get("TYPE", CHANCE[0]).lower() not in CHANCE:
            raise TableError(
                f"{place}: {name} is of type {node.get('TYPE')}. Only chance variables"
                f" ({CHANCE[0]}) can be read: change its type."
            )
        states[name] = [(o.text or "").strip() for o in node.findall("OUTCOME")]
    tables: dict[str, tuple[list[str], list[float]]] = {}
    for node in root.iter("DEFINITION"):
        name = _new(tables, _text(node, "FOR", place), place, "table of ")
        parents = [(g.text or "").strip() for g in node.findall("GIVEN")]
        tables[name] = (parents, _floats(_text(node, "TABLE", place).split(), place, name))
    return _build(place, states, tables)


def read_xdsl(text: str, place: str) -> Reading:
    """Read XDSL as SMILE writes it: chance nodes with a full table, in the order of XMLBIF.

    Raises
    ------
    TableError
        As of ``read_xmlbif``; also for a node of another kind.
    """
    states: dict[str, list[str]] = {}
    tables = {}
    for node in _parsed(text, place, "XDSL").find("nodes") or ():
        name = _new(states, node.get("id", ""), place)
        if node.tag != "cpt":
            raise TableError(
                f"{place}: {name} is of kind {node.tag}. Only chance nodes with a full table"
                " (cpt) can be read: change its type in GeNIe."
            )
        states[name] = [s.get("id", "") for s in node.findall("state")]
        parents = _text(node, "parents", place).split()
        tables[name] = (parents, _floats(_text(node, "probabilities", place).split(), place, name))
    return _build(place, states, tables)


def read_csv(text: str, place: str) -> Reading:
    """Read a CSV of tables as ``export`` writes it, its rows in any order.

    Each row stands where its states say; states are ordered as they first appear.

    Raises
    ------
    TableError
        If a row is missing, stands twice, or says nothing that the others know; names the line.
    """
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        rows = [(reader.line_num, [c.strip() for c in cells]) for cells in reader if cells]
    except csv.Error as error:
        raise TableError(f"{place} cannot be read as CSV: {error}.") from None
    if not rows or tuple(rows[0][1]) != CSV_COLUMNS:
        raise TableError(f"{place}, line 1: the columns must be {', '.join(CSV_COLUMNS)}.")
    states: dict[str, list[str]] = {}
    parents: dict[str, list[str]] = {}
    cells_of: dict[str, dict[tuple[str, ...], float]] = {}
    for line, cells in rows[1:]:
        where = f"{place}, line {line}"
        if len(cells) != len(CSV_COLUMNS):
            raise TableError(
                f"{where}: {len(cells)} cells where {len(CSV_COLUMNS)} are needed. Is it cut short?"
            )
        name, state, condition, number = cells
        given = dict(part.partition(IS)[::2] for part in condition.split(AND) if part)
        own = parents.setdefault(name, list(given))
        if set(own) != set(given) or condition.count(IS) != len(given):
            raise TableError(
                f"{where}: {name} is given {condition or 'nothing'!r} here and"
                f" {', '.join(own) or 'nothing'} above. Give it the same parents everywhere."
            )
        if state not in states.setdefault(name, []):
            states[name].append(state)
        key = (*(given[p] for p in own), state)
        if key in cells_of.setdefault(name, {}):
            raise TableError(f"{where}: P({name}={state} | {condition}) stands twice. Remove one.")
        (cells_of[name][key],) = _floats([number], where, name)
    tables = {n: (parents[n], _in_order(n, parents[n], states, cells_of[n], place)) for n in states}
    return _build(place, states, tables)


def _in_order(
    name: str,
    parents: Sequence[str],
    states: Mapping[str, Sequence[str]],
    cells: Mapping[tuple[str, ...], float],
    place: str,
) -> list[float]:
    """Return the numbers of a table by its states, the last fastest; refuse gaps and strangers."""
    for parent in parents:
        if parent not in states:
            raise unknown_name(f"parent of {name} in {place}", parent, states)
    axes = [states[n] for n in (*parents, name)]
    for key in cells:
        for axis, variable, state in zip(axes, (*parents, name), key, strict=True):
            if state not in axis:
                raise unknown_name(
                    f"state of {variable} in {place}, in the table of {name},", state, axis
                )
    keys = list(itertools.product(*axes))
    missing = [key for key in keys if key not in cells]
    if missing:
        shown = ", ".join(f"{v}={s}" for v, s in zip((*parents, name), missing[0], strict=True))
        raise TableError(f"{place}: {name} lacks {len(missing)} rows, such as {shown}. Add them.")
    return [cells[key] for key in keys]


def _parsed(text: str, place: str, kind: str) -> ET.Element:
    try:
        return ET.fromstring(text)
    except ET.ParseError as error:
        raise TableError(f"{place}: cannot be read as {kind}: {error}.") from None


def _new(known: Mapping[str, object], name: str, place: str, what: str = "") -> str:
    """Return a name, or refuse it if it was given before."""
    if name in known:
        raise TableError(f"{place}: the {what or 'variable '}{name} is given twice. Remove one.")
    return name


def _text(node: ET.Element, tag: str, place: str) -> str:
    """Return the text of the only part of that tag, empty if there is none."""
    found = node.findall(tag)
    if len(found) > 1:
        raise TableError(
            f"{place}: {tag} stands {len(found)} times in one {node.tag}"
            f" ({(found[0].text or '').strip()[:40]!r}, …). Remove all but one."
        )
    return (found[0].text or "").strip() if found else ""


def _floats(words: Sequence[str], place: str, name: str) -> list[float]:
    """Return the numbers of a table; the first that is no probability is an error."""
    numbers = []
    for word in words:
        try:
            number = float(word)
        except ValueError:
            number = np.nan
        if not 0 <= number < np.inf:
            raise TableError(
                f"{place}: the table of {name} has {word!r} for a probability."
                " Give a number from 0 to 1."
            )
        numbers.append(number)
    return numbers


def _build(
    place: str,
    states: Mapping[str, Sequence[str]],
    tables: Mapping[str, tuple[Sequence[str], Sequence[float]]],
) -> Reading:
    """Make a network of states and flat tables, the variable's own state fastest."""
    if not states:
        raise TableError(f"{place}: no variable found. Is it of this format?")
    notes: list[str] = []
    variables = []
    for name, own in states.items():
        if name not in tables:
            raise TableError(f"{place}: no table for {name}. Is the file cut short?")
        parents, numbers = tables[name]
        for parent in parents:
            if parent not in states:
                raise unknown_name(f"parent of {name} in {place}", parent, states)
        shape = [len(states[n]) for n in (*parents, name)]
        values = np.array(numbers, dtype=np.float64)
        if values.size != np.prod(shape):
            raise TableError(
                f"{place}: {name} needs {int(np.prod(shape))} probabilities, found {values.size}."
            )
        table = normalised(values.reshape(shape), f"{place}: {name}", notes)
        variables.append(Variable(name, tuple(own), tuple(parents), Table(table)))
    for name in tables:
        if name not in states:
            raise unknown_name(f"variable of a table in {place}", name, states)
    return reading(place, variables, notes)
