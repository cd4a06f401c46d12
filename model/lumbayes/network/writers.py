"""Write a network as BIF, XMLBIF, XDSL (GeNIe) or a CSV of all tables: each as one text."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

import numpy as np

from lumbayes.errors import LumbayesError
from lumbayes.network.variables import Array, Network, Variable

SPACING = (160, 60)  # of the nodes on GeNIe's canvas
CSV_COLUMNS = ("variable", "state", "given", "probability")
AND, IS = "; ", "="  # in the column given: a=b; c=d


def _check_words(variable: Variable, refused: str, instead: str) -> None:
    """Refuse names that a format cannot hold: those with such a character, or blanks around."""
    for name in (variable.name, *variable.states):
        blank = any(c.isspace() for c in (name if " " in refused else name[:1] + name[-1:]))
        if blank or any(c in refused for c in name):
            raise LumbayesError(f"{name!r} cannot be written in {instead} Or rename it.")


def _numbers(values: Array) -> str:
    return " ".join(repr(float(v)) for v in values.ravel())


def _write_bif(network: Network, labels: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    lines = ["network lumbayes {", "}"]
    for variable in network.variables.values():
        _check_words(variable, " {}()[];,|\"'", "BIF, which has no escapes. Use .xml.")
        states = ", ".join(variable.states)
        lines += [
            f"variable {variable.name} {{",
            f"  type discrete [ {len(variable.states)} ] {{ {states} }};",
            "}",
        ]
    for variable in network.variables.values():
        behind = f" | {', '.join(variable.parents)}" if variable.parents else ""
        lines.append(f"probability ( {variable.name}{behind} ) {{")
        for given, row in _table_rows(network, variable):
            numbers = ", ".join(repr(float(p)) for p in row)
            place = f"({', '.join(given)})" if given else "table"
            lines.append(f"  {place} {numbers};")
        lines.append("}")
    return "\n".join(lines) + "\n", ()


def _table_rows(network: Network, variable: Variable) -> Iterator[tuple[tuple[str, ...], Array]]:
    """Return the states of the parents and P(variable | them), first parent slowest."""
    table = variable.cpt
    for index in np.ndindex(*table.shape[:-1]):
        states = (network[p].states[i] for p, i in zip(variable.parents, index, strict=True))
        yield tuple(states), table[index]


def _write_xmlbif(network: Network, labels: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    root = ET.Element("BIF", {"VERSION": "0.3"})
    whole = ET.SubElement(root, "NETWORK")
    ET.SubElement(whole, "NAME").text = "lumbayes"
    for variable in network.variables.values():
        node = ET.SubElement(whole, "VARIABLE", {"TYPE": "nature"})
        ET.SubElement(node, "NAME").text = variable.name
        for state in variable.states:
            ET.SubElement(node, "OUTCOME").text = state
    for variable in network.variables.values():
        node = ET.SubElement(whole, "DEFINITION")
        ET.SubElement(node, "FOR").text = variable.name
        for parent in variable.parents:
            ET.SubElement(node, "GIVEN").text = parent
        ET.SubElement(node, "TABLE").text = _numbers(variable.cpt)
    return _xml(root), ()


def _write_xdsl(network: Network, labels: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """First parent slowest, own state fastest, as SMILE's manual says.

    SMILE takes identifiers that start with a letter and hold letters, digits and underscores;
    others get an ``s_`` in front and underscores inside.
    """
    root = ET.Element(
        "smile", {"version": "1.0", "id": "lumbayes", "numsamples": "10000", "discsamples": "10000"}
    )
    nodes = ET.SubElement(root, "nodes")
    genie = ET.SubElement(
        ET.SubElement(root, "extensions"),
        "genie",
        {"version": "1.0", "app": "lumbayes", "name": "lumbayes"},
    )
    notes = []
    depth = _depths(network)
    column: dict[int, int] = {}
    for variable in network.variables.values():
        name = identifier(variable.name)
        node = ET.SubElement(nodes, "cpt", {"id": name})
        states = [identifier(s) for s in variable.states]
        if len(set(states)) < len(states):
            raise LumbayesError(f"two states of {variable.name} look the same in XDSL: {states}.")
        if (name, *states) != (variable.name, *variable.states):
            notes.append(f"{variable.name}: written as {name} with states {', '.join(states)}.")
        for state in states:
            ET.SubElement(node, "state", {"id": state})
        if variable.parents:
            ET.SubElement(node, "parents").text = " ".join(map(identifier, variable.parents))
        ET.SubElement(node, "probabilities").text = _numbers(variable.cpt)
        row = depth[variable.name]
        x, y = SPACING[0] * column.setdefault(row, 0), SPACING[1] * row
        column[row] += 1
        shown = ET.SubElement(genie, "node", {"id": name})
        ET.SubElement(shown, "name").text = labels.get(variable.name, variable.name)
        ET.SubElement(shown, "interior", {"color": "e5f6f7"})
        ET.SubElement(shown, "outline", {"color": "000080"})
        ET.SubElement(shown, "font", {"color": "000000", "name": "Arial", "size": "8"})
        place = (x, y, x + SPACING[0] - 20, y + SPACING[1] - 20)
        ET.SubElement(shown, "position").text = " ".join(map(str, place))
    if len({identifier(n) for n in network}) < len(network):
        raise LumbayesError("two variables look the same in XDSL. Rename one.")
    return _xml(root), tuple(notes)


def identifier(name: str) -> str:
    """Return a name as XDSL takes it.

    Examples
    --------
    >>> identifier("18_29"), identifier("a b")
    ('s_18_29', 'a_b')
    """
    word = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in name)
    return word if word[:1].isalpha() else f"s_{word}"


def _depths(network: Network) -> dict[str, int]:
    depths: dict[str, int] = {}
    for variable in network.variables.values():
        depths[variable.name] = 1 + max((depths[p] for p in variable.parents), default=-1)
    return depths


def _xml(root: ET.Element) -> str:
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _write_csv(network: Network, labels: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for variable in network.variables.values():
        _check_words(variable, ";=", "the CSV of tables, where ; and = divide. Use .xml.")
        for states, row in _table_rows(network, variable):
            given = AND.join(f"{p}{IS}{s}" for p, s in zip(variable.parents, states, strict=True))
            for state, p in zip(variable.states, row, strict=True):
                writer.writerow([variable.name, state, given, repr(float(p))])
    return text.getvalue(), ()


Writer = Callable[[Network, Mapping[str, str]], tuple[str, tuple[str, ...]]]
WRITERS: Mapping[str, Writer] = MappingProxyType(
    {"bif": _write_bif, "xmlbif": _write_xmlbif, "xdsl": _write_xdsl, "csv": _write_csv}
)
