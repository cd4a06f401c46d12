"""Write a network as BIF, XMLBIF, XDSL, .net, UAI or a CSV of all tables: each as one text."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from lumbayes.errors import LumbayesError
from lumbayes.network.variables import Array, Network, Variable
from lumbayes.text import how_many, marked_cell

SPACING = (160, 60)  # of the nodes on GeNIe's canvas
CSV_COLUMNS = ("variable", "state", "given", "probability")
AND, IS = "; ", "="  # in the column given: a=b; c=d
QUOTES = ('"', "'")  # in labels: some readers of .net know no escapes
WORD = re.compile(r"""[^\s{}()\[\];,|"'/%\\]+""")  # what BIF and .net take without quotes
Names = Mapping[str, tuple[str, tuple[str, ...]]]  # variable: its name in the file, its states


@dataclass(frozen=True, eq=False)
class Written:
    """The text of a file, the names in it, and what its reader should know."""

    text: str
    names: Names
    notes: tuple[str, ...] = ()


def _own_names(network: Network) -> Names:
    return {name: (name, variable.states) for name, variable in network.variables.items()}


def check_names(network: Network, blanks: bool) -> None:
    """Refuse names that no text file can hold: control characters, or, if told so, outer blanks.

    Raises
    ------
    LumbayesError
        Names the first.
    """
    for variable in network.variables.values():
        for name in (variable.name, *variable.states):
            outer = blanks and name != name.strip()
            if not name.strip() or min(name) < " " or outer:
                raise LumbayesError(f"{name!r} cannot be written to a file. Rename it.")


def _numbers(values: Array) -> str:
    return " ".join(repr(float(v)) for v in values.ravel())


def _quoted(name: str) -> str:
    r"""Return a name as it is if it is one word, else in quotes, with a backslash before a quote.

    Examples
    --------
    >>> _quoted("mild"), _quoted('a "b", c')
    ('mild', '"a \\"b\\", c"')
    """
    return name if WORD.fullmatch(name) else _text_of(name)


def _text_of(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _write_bif(network: Network, labels: Mapping[str, str]) -> Written:
    lines = ["network lumbayes {", "}"]
    for variable in network.variables.values():
        states = ", ".join(map(_quoted, variable.states))
        lines += [
            f"variable {_quoted(variable.name)} {{",
            f"  type discrete [ {len(variable.states)} ] {{ {states} }};",
            "}",
        ]
    for variable in network.variables.values():
        behind = f" | {', '.join(map(_quoted, variable.parents))}" if variable.parents else ""
        lines.append(f"probability ( {_quoted(variable.name)}{behind} ) {{")
        for given, row in _table_rows(network, variable):
            numbers = ", ".join(repr(float(p)) for p in row)
            place = f"({', '.join(map(_quoted, given))})" if given else "table"
            lines.append(f"  {place} {numbers};")
        lines.append("}")
    return Written("\n".join(lines) + "\n", _own_names(network))


def _table_rows(network: Network, variable: Variable) -> Iterator[tuple[tuple[str, ...], Array]]:
    """Return the states of the parents and P(variable | them), first parent slowest."""
    table = variable.cpt
    for index in np.ndindex(*table.shape[:-1]):
        states = (network[p].states[i] for p, i in zip(variable.parents, index, strict=True))
        yield tuple(states), table[index]


def _write_xmlbif(network: Network, labels: Mapping[str, str]) -> Written:
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
    return Written(_xml(root), _own_names(network))


def _write_xdsl(network: Network, labels: Mapping[str, str]) -> Written:
    """First parent slowest, own state fastest, as SMILE's manual says.

    SMILE takes identifiers that start with a letter and hold letters, digits and underscores;
    others get an ``s_`` in front and underscores inside. What GeNIe shows on a node is the label;
    its blanks do not break, since pyAgrum, which takes it for the name, would divide names there.
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
    names = identifiers(network)
    shown_as = unique(
        {n: labels.get(n, n).replace(" ", "\N{NO-BREAK SPACE}") for n in network}, " ({})"
    )
    depth = _depths(network)
    column: dict[int, int] = {}
    for variable in network.variables.values():
        name, states = names[variable.name]
        node = ET.SubElement(nodes, "cpt", {"id": name})
        for state in states:
            ET.SubElement(node, "state", {"id": state})
        if variable.parents:
            ET.SubElement(node, "parents").text = " ".join(names[p][0] for p in variable.parents)
        ET.SubElement(node, "probabilities").text = _numbers(variable.cpt)
        row = depth[variable.name]
        x, y = SPACING[0] * column.setdefault(row, 0), SPACING[1] * row
        column[row] += 1
        shown = ET.SubElement(genie, "node", {"id": name})
        ET.SubElement(shown, "name").text = shown_as[variable.name]
        ET.SubElement(shown, "interior", {"color": "e5f6f7"})
        ET.SubElement(shown, "outline", {"color": "000080"})
        ET.SubElement(shown, "font", {"color": "000000", "name": "Arial", "size": "8"})
        place = (x, y, x + SPACING[0] - 20, y + SPACING[1] - 20)
        ET.SubElement(shown, "position").text = " ".join(map(str, place))
    return Written(_xml(root), names, _renamed(network, names))


def _write_net(network: Network, labels: Mapping[str, str]) -> Written:
    """Write .net of Hugin: identifiers for nodes, texts for states."""
    names = {n: (name, network[n].states) for n, (name, _) in identifiers(network).items()}
    depth, column = _depths(network), dict[int, int]()
    lines = ["net", "{", "  node_size = (80 40);", "}"]
    for variable in network.variables.values():
        row = depth[variable.name]
        place = column.setdefault(row, 0)
        column[row] += 1
        lines += [
            f"node {names[variable.name][0]}",
            "{",
            f"  states = ({' '.join(map(_text_of, variable.states))});",
            f"  label = {_text_of(labels.get(variable.name, variable.name).replace(*QUOTES))};",
            f"  position = ({SPACING[0] * place} {-SPACING[1] * row});",
            "}",
        ]
    for variable in network.variables.values():
        behind = " ".join(names[p][0] for p in variable.parents)
        rows = _nested(variable.cpt)
        lines += [
            f"potential ({names[variable.name][0]}{f' | {behind}' if behind else ''})",
            "{",
            f"  data = {rows};",
            "}",
        ]
    return Written("\n".join(lines) + "\n", names, _renamed(network, names))


def _nested(values: Array) -> str:
    inside = map(_nested, values) if values.ndim > 1 else (repr(float(v)) for v in values)
    return f"({' '.join(inside)})"


def _write_uai(network: Network, labels: Mapping[str, str]) -> Written:
    """Write the format of the UAI competitions, which has numbers alone."""
    variables = list(network.variables.values())
    number = {variable.name: i for i, variable in enumerate(variables)}
    lines = ["BAYES", str(len(variables)), " ".join(str(len(v.states)) for v in variables)]
    lines.append(str(len(variables)))
    for variable in variables:
        scope = [number[n] for n in (*variable.parents, variable.name)]
        lines.append(" ".join(map(str, [len(scope), *scope])))
    for variable in variables:
        # Without exponents, which pgmpy does not read.
        numbers = (np.format_float_positional(p, trim="-") for p in variable.cpt.ravel())
        lines += ["", str(variable.cpt.size), " ".join(numbers)]
    names = {
        v.name: (f"x{i}", tuple(map(str, range(len(v.states))))) for i, v in enumerate(variables)
    }
    note = (
        "UAI has no names: variables and states stand in the order of the network, the first is"
        f" {variables[0].name}={variables[0].states[0]}."
    )
    return Written("\n".join(lines) + "\n", names, (note,))


def identifiers(network: Network) -> Names:
    """Return names that begin with a letter and hold letters, digits and underscores.

    Examples
    --------
    >>> from lumbayes.network.variables import Table
    >>> age = Variable("age", ("18_29", "a b", "a-b"), (), Table(np.array([0.5, 0.2, 0.3])))
    >>> identifiers(Network([age]))
    {'age': ('age', ('s_18_29', 'a_b', 'a_b_2'))}
    """
    own = unique({name: _identifier(name) for name in network}, "_{}")
    names = {}
    for name, variable in network.variables.items():
        states = unique({state: _identifier(state) for state in variable.states}, "_{}")
        names[name] = (own[name], tuple(states[s] for s in variable.states))
    return names


def _identifier(name: str) -> str:
    word = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in name)
    return word if word[:1].isalpha() else f"s_{word}"


def unique(wanted: Mapping[str, str], number: str) -> dict[str, str]:
    """Return for each key its name, with a number behind it where another has that name.

    Examples
    --------
    >>> unique({"a b": "a_b", "a-b": "a_b"}, "_{}")
    {'a b': 'a_b', 'a-b': 'a_b_2'}
    """
    taken: set[str] = set()
    found = {}
    for key in sorted(wanted, key=lambda key: wanted[key] != key):  # who keeps the own name first
        name, count = wanted[key], 2
        while name in taken:
            name, count = wanted[key] + number.format(count), count + 1
        taken.add(name)
        found[key] = name
    return {key: found[key] for key in wanted}


def _renamed(network: Network, names: Names) -> tuple[str, ...]:
    """Say which variables and states have other names in the file."""
    return tuple(
        f"{name}: written as {new} with states {', '.join(states)}."
        for name, (new, states) in names.items()
        if (new, states) != (name, network[name].states)
    )


def _depths(network: Network) -> dict[str, int]:
    depths: dict[str, int] = {}
    for variable in network.variables.values():
        depths[variable.name] = 1 + max((depths[p] for p in variable.parents), default=-1)
    return depths


def _xml(root: ET.Element) -> str:
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def write_csv(network: Network, labels: Mapping[str, str], *, raw: bool = False) -> Written:
    """Write a row for each P(state | given); unless ``raw``, no cell is a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    marked = 0
    for variable in network.variables.values():
        for states, row in _table_rows(network, variable):
            given = AND.join(_conditions(variable.parents, states))
            for state, p in zip(variable.states, row, strict=True):
                cells = [variable.name, state, given]
                plain = cells if raw else [marked_cell(cell) for cell in cells]
                marked += sum(a != b for a, b in zip(cells, plain, strict=True))
                writer.writerow([*plain, repr(float(p))])
    notes = (
        f"an apostrophe was put before {how_many(marked, 'cell')} that a spreadsheet would take for"
        " a formula (--raw leaves such cells alone); read_network takes it away.",
    )
    return Written(text.getvalue(), _own_names(network), notes[: bool(marked)])


def _conditions(parents: Iterable[str], states: Iterable[str]) -> Iterator[str]:
    """Yield ``a=b`` for each parent; a backslash stands before a sign that would divide."""
    for parent, state in zip(parents, states, strict=True):
        pair = (re.sub(r"([\\;=])", r"\\\1", name) for name in (parent, state))
        yield IS.join(pair)


Writer = Callable[[Network, Mapping[str, str]], Written]
WRITERS: Mapping[str, Writer] = MappingProxyType(
    {
        "bif": _write_bif,
        "xmlbif": _write_xmlbif,
        "xdsl": _write_xdsl,
        "net": _write_net,
        "uai": _write_uai,
        "csv": write_csv,
    }
)
