"""Read a network from XMLBIF, XDSL (GeNIe) or a CSV of all tables; for others see ``formats``."""

from __future__ import annotations

import csv
import itertools
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from lumbayes.errors import TableError, unknown_name
from lumbayes.limits import PIECES, csv_rows
from lumbayes.network.reading import ESCAPED, SHOWN, Reading, built, entries, numbers
from lumbayes.network.variables import Array
from lumbayes.network.writers import CSV_COLUMNS
from lumbayes.text import unmarked_cell

CHANCE = ("nature", "discrete")  # how XMLBIF calls what is neither a decision nor a utility
DECLARATION = re.compile(r"\s*<\?xml\b[^>]*\?>", re.IGNORECASE)  # JavaBayes writes it in capitals
CONDITION = re.compile(r"((?:[^\\=;]|\\.)*)=((?:[^\\=;]|\\.)*)(?:; ?|$)")


def read_xmlbif(text: str, place: str) -> Reading:
    """Read XMLBIF 0.3 (``DEFINITION``) or what JavaBayes wrote before (``PROBABILITY``).

    In 0.3 the variable's own state runs fastest, its first parent slowest; before, the variable's
    own state is the slowest, and rows may stand one by one.

    Raises
    ------
    TableError
        If something is missing, given twice, or no probability; names the variable.
    """
    root = _parsed(text, place, "XMLBIF")
    for node in root.iter():
        node.tag = node.tag.rpartition("}")[2].upper()
    states: dict[str, list[str]] = {}
    for node in root.iter("VARIABLE"):
        name = _new(states, _text(node, "NAME", place), place)
        kind = node.get("TYPE") or node.get("type") or _text(node, "TYPE", place) or CHANCE[0]
        if kind.lower() not in CHANCE:
            raise TableError(
                f"{place}: {name} is of type {kind[:SHOWN]}. Only chance variables"
                f" ({CHANCE[0]}) can be read: change its type."
            )
        states[name] = [(o.text or "").strip() for o in node if o.tag in ("OUTCOME", "VALUE")]
    tables: dict[str, tuple[Sequence[str], Array]] = {}
    for node in itertools.chain(root.iter("DEFINITION"), root.iter("PROBABILITY")):
        name = _new(tables, _text(node, "FOR", place), place, "table of ")
        parents = [(g.text or "").strip() for g in node.findall("GIVEN")]
        if node.tag == "DEFINITION":
            values = numbers(_words(_text(node, "TABLE", place)), place, name)
        else:
            values = _early(node, name, parents, states, place)
        tables[name] = (parents, values)
    return built(place, states, tables)


def _early(
    node: ET.Element, name: str, parents: Sequence[str], states: Mapping[str, list[str]], place: str
) -> Array:
    """Return the numbers of a table of XMLBIF 0.2, in the order of 0.3."""
    for variable in (name, *parents):
        if variable not in states:
            raise unknown_name(f"variable of a table in {place}", variable[:SHOWN], states)
    shape = [len(states[n]) for n in (*parents, name)]
    size = entries(shape, f"{place}: {name}")
    if node.find("TABLE") is not None:
        flat = numbers(_words(_text(node, "TABLE", place)), place, name, size)
        if flat.size != size:
            raise TableError(f"{place}: {name} needs {size} probabilities, found {flat.size}.")
        return np.moveaxis(flat.reshape([shape[-1], *shape[:-1]]), 0, -1).ravel()
    values = np.full(shape, np.nan)
    default = node.find("DEFAULT")
    if default is not None:
        words = _text(default, "TABLE", place) or default.text or ""
        values[...] = _row(words, place, name, shape[-1])
    for entry in node.findall("ENTRY"):
        given = [(v.text or "").strip() for v in entry.findall("VALUE")]
        if len(given) != len(parents):
            raise TableError(f"{place}: an entry of {name} needs {len(parents)} states.")
        where = []
        for parent, state in zip(parents, given, strict=True):
            if state not in states[parent]:
                raise unknown_name(f"state of {parent} in {place}", state[:SHOWN], states[parent])
            where.append(states[parent].index(state))
        values[tuple(where)] = _row(_text(entry, "TABLE", place), place, name, shape[-1])
    if np.isnan(values).any():
        raise TableError(f"{place}: the table of {name} lacks rows. Add entries, or a default.")
    return values.ravel()


def _row(text: str, place: str, name: str, count: int) -> Array:
    values = numbers(_words(text), place, name, count)
    if values.size != count:
        raise TableError(f"{place}: a row of {name} needs {count} probabilities.")
    return values


def read_xdsl(text: str, place: str) -> Reading:
    """Read XDSL as SMILE writes it: chance and deterministic nodes, in the order of XMLBIF 0.3.

    pyAgrum has the first parent fastest, and says in the file that it wrote it.

    Raises
    ------
    TableError
        As of ``read_xmlbif``; also for a node of another kind.
    """
    states: dict[str, list[str]] = {}
    tables: dict[str, tuple[Sequence[str], Array]] = {}
    root = _parsed(text, place, "XDSL")
    genie = root.find("extensions/genie")
    turned = genie is not None and genie.get("app", "").startswith("aGrUM")
    for node in root.find("nodes") or ():
        name = _new(states, node.get("id", ""), place)
        if node.tag not in ("cpt", "deterministic"):
            raise TableError(
                f"{place}: {name} is of kind {node.tag[:SHOWN]}. Only chance nodes with a full"
                " table (cpt, deterministic) can be read: change its type in GeNIe."
            )
        own = states[name] = [s.get("id", "") for s in node.findall("state")]
        parents = _text(node, "parents", place).split()
        if node.tag == "cpt":
            values = numbers(_words(_text(node, "probabilities", place)), place, name)
        else:
            results = _text(node, "resultingstates", place).split()
            entries([len(results), len(own)], f"{place}: {name}")
            values = np.zeros((len(results), len(own)))
            for row, state in enumerate(results):
                if state not in own:
                    raise unknown_name(f"state of {name} in {place}", state[:SHOWN], own)
                values[row, own.index(state)] = 1.0
        tables[name] = (parents[::-1] if turned else parents, values.ravel())
    return built(place, states, tables)


def read_csv(text: str, place: str) -> Reading:
    """Read a CSV of tables as ``export`` writes it, its rows in any order.

    Each row stands where its states say; states are ordered as they first appear.

    Raises
    ------
    TableError
        If a row is missing, stands twice, or says nothing that the others know; names the line.
    """
    reader = csv_rows(_lines(text), strict=True)
    states: dict[str, dict[str, int]] = {}
    parents: dict[str, list[str]] = {}
    cells_of: dict[str, dict[tuple[str, ...], float]] = {}
    known: dict[str, str] = {}  # one copy of each text

    def one(name: str) -> str:
        return known.setdefault(name, name)

    try:
        if tuple(c.strip() for c in next(reader, [])) != CSV_COLUMNS:
            raise TableError(f"{place}, line 1: the columns must be {', '.join(CSV_COLUMNS)}.")
        for count, raw in enumerate(reader):
            PIECES.check(count, place)
            if not raw:
                continue
            cells = [unmarked_cell(c.strip()) for c in raw]
            where = f"{place}, line {reader.line_num}"
            if len(cells) != len(CSV_COLUMNS):
                raise TableError(
                    f"{where}: {len(cells)} cells where {len(CSV_COLUMNS)} are needed."
                    " Is it cut short?"
                )
            name, state, condition = one(cells[0]), one(cells[1]), cells[2]
            given = {one(v): one(s) for v, s in _conditions(condition, where)}
            own = parents.setdefault(name, list(given))
            if set(own) != set(given):
                raise TableError(
                    f"{where}: {name} is given {condition[:SHOWN] or 'nothing'!r} here and"
                    f" {', '.join(own) or 'nothing'} above. Give it the same parents everywhere."
                )
            states.setdefault(name, {}).setdefault(state, len(states[name]))
            key = (*(given[p] for p in own), state)
            if key in cells_of.setdefault(name, {}):
                raise TableError(
                    f"{where}: P({name}={state} | {condition[:SHOWN]}) stands twice. Remove one."
                )
            cells_of[name][key] = float(numbers([cells[3]], where, name)[0])
    except csv.Error as error:
        raise TableError(f"{place} cannot be read as CSV: {error}.") from None
    order = {name: list(own) for name, own in states.items()}
    tables = {n: (parents[n], _in_order(n, parents[n], states, cells_of[n], place)) for n in states}
    return built(place, order, tables)


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of a text, none of them copied before its turn."""
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start : end + 1]
        start = end + 1
    if start < len(text):
        yield text[start:]


def _conditions(text: str, where: str) -> Iterator[tuple[str, str]]:
    """Yield parent and state of a cell such as ``a=b; c=d``."""
    at = 0
    while at < len(text):
        found = CONDITION.match(text, at)
        if not found:
            raise TableError(f"{where}: {text[:SHOWN]!r} is no condition. Write a=b; c=d.")
        yield ESCAPED.sub(r"\1", found[1]), ESCAPED.sub(r"\1", found[2])
        at = found.end()


def _in_order(
    name: str,
    parents: Sequence[str],
    states: Mapping[str, Mapping[str, int]],
    cells: Mapping[tuple[str, ...], float],
    place: str,
) -> Array:
    """Return the numbers of a table by its states, the last fastest; refuse gaps and strangers."""
    for parent in parents:
        if parent not in states:
            raise unknown_name(f"parent of {name} in {place}", parent, states)
    variables = (*parents, name)
    shape = [len(states[n]) for n in variables]
    size = entries(shape, f"{place}: {name}")
    values = np.full(shape, np.nan)
    for key, number in cells.items():
        where = []
        for variable, state in zip(variables, key, strict=True):
            if state not in states[variable]:
                raise unknown_name(
                    f"state of {variable} in {place}, in the table of {name},",
                    state,
                    states[variable],
                )
            where.append(states[variable][state])
        values[tuple(where)] = number
    if len(cells) < size:
        missing = np.argwhere(np.isnan(values))[0]
        shown = ", ".join(
            f"{v}={list(states[v])[i]}" for v, i in zip(variables, missing, strict=True)
        )
        lacking = size - len(cells)
        raise TableError(f"{place}: {name} lacks {lacking} rows, such as {shown}. Add them.")
    return values.ravel()


def _parsed(text: str, place: str, kind: str) -> ET.Element:
    """Return the root of an XML text; entities, which may unfold without end, are refused."""
    PIECES.check(text.count("</") + text.count("/>"), place)
    PIECES.check(text.count("="), place)  # attributes
    if re.search(r"<!ENTITY", text, re.IGNORECASE):
        raise TableError(f"{place}: it defines entities. Write out what they stand for.")
    try:
        return ET.fromstring(DECLARATION.sub("", text, count=1))
    except (ET.ParseError, ValueError) as error:
        raise TableError(f"{place}: cannot be read as {kind}: {error}.") from None


def _words(text: str) -> Iterator[str]:
    """Yield the words of a text one by one."""
    return (found[0] for found in re.finditer(r"\S+", text))


def _new(known: Mapping[str, object], name: str, place: str, what: str = "") -> str:
    """Return a name, or refuse it if it was given before."""
    if name in known:
        raise TableError(
            f"{place}: the {what or 'variable '}{name[:SHOWN]} is given twice. Remove one."
        )
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
