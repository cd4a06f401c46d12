"""The network as a file for other tools: BIF, XMLBIF, XDSL (GeNIe) and a CSV of all tables."""

from __future__ import annotations

import csv
import io
import os
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np

from lumbayes.bif import EXACT, Reading, normalised, read_bif
from lumbayes.errors import LumbayesError, TableError, unknown_name
from lumbayes.network import Array, Network, Table, Variable

LARGEST = 2_000_000  # entries of one expanded table that other tools still read
SPACING = (160, 60)  # of the nodes on GeNIe's canvas
CSV_COLUMNS = ("variable", "state", "given", "probability")
ENDINGS = MappingProxyType({".bif": "bif", ".xml": "xmlbif", ".xmlbif": "xmlbif", ".xdsl": "xdsl"})


def export(
    network: Network, path: Path | str, labels: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Write a network for other tools, in the format that the ending of the path names.

    Probabilities keep all their digits. Noisy-MAX variables are written out as full tables, which
    every tool reads. The file is read back and compared before it takes its name.

    Parameters
    ----------
    network : Network
        Without parameter draws.
    path : Path or str
        ``.bif``, ``.xml`` or ``.xmlbif`` (XMLBIF 0.3), ``.xdsl`` (GeNIe, SMILE), or ``.csv``: one
        row for each P(state | given).
    labels : mapping of variable to str, optional
        What GeNIe shows on a node; the name if left out.

    Returns
    -------
    tuple of str
        What a reader should know: identifiers that the format made another.

    Raises
    ------
    LumbayesError
        If the ending is unknown, a name cannot be written, a table would be too large, or the
        network holds draws.

    Examples
    --------
    >>> import tempfile
    >>> ill = Variable("ill", ("no", "yes"), (), Table(np.array([0.9, 0.1])))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "ill.xdsl"
    ...     notes = export(Network([ill]), path)
    ...     read_network(path).network["ill"].cpt
    array([0.9, 0.1])
    """
    path = Path(path)
    kind = _kind(path)
    if network.draws is not None:
        raise LumbayesError("a network of parameter draws has no file form: export the means.")
    for variable in network.variables.values():
        size = int(np.prod([len(network[n].states) for n in (*variable.parents, variable.name)]))
        if size > LARGEST:
            raise LumbayesError(
                f"{variable.name} has {len(variable.parents)} parents: its table of {size:,}"
                " entries is too large for a file. Divorce its parents."
            )
        if kind == "bif":
            _check_words(variable)
    text, notes = WRITERS[kind](network, labels or {})
    unfinished = path.with_name(f".{path.name}.{os.getpid()}{path.suffix}")
    try:
        unfinished.write_text(text, encoding="utf-8")
        difference = _difference(
            network, read_network(unfinished).network, _identifier if kind == "xdsl" else str
        )
        if not difference <= EXACT:
            raise LumbayesError(f"{path}: read back, a number differs by {difference:.1e}.")
        unfinished.replace(path)
    except OSError as error:
        raise LumbayesError(f"{path} cannot be written: {error.strerror}. Check it.") from None
    finally:
        unfinished.unlink(missing_ok=True)
    return notes


def read_network(path: Path | str) -> Reading:
    """Read a network from BIF (also gzipped), XMLBIF, XDSL, or a CSV written by ``export``.

    Parameters
    ----------
    path : Path or str
        The ending names the format.

    Returns
    -------
    Reading
        The network, and what had to be put right.

    Raises
    ------
    TableError
        If the file cannot be read; names the place.
    LumbayesError
        If the ending is unknown.
    """
    path = Path(path)
    kind = _kind(path)
    if kind == "bif":
        return read_bif(path)
    try:
        if kind == "csv":
            return _read_csv(path)
        root = ET.parse(path).getroot()
    except (OSError, UnicodeDecodeError, ET.ParseError) as error:
        raise TableError(f"{path}: cannot be read as {kind.upper()}: {error}.") from None
    return _read_xmlbif(root, path.name) if kind == "xmlbif" else _read_xdsl(root, path.name)


def _kind(path: Path) -> str:
    suffixes = [s.lower() for s in path.suffixes if s.lower() != ".gz"]
    kinds = {**ENDINGS, ".csv": "csv"}
    if not suffixes or suffixes[-1] not in kinds:
        raise unknown_name("ending of a network file", "".join(suffixes) or path.name, kinds)
    return kinds[suffixes[-1]]


def _check_words(variable: Variable) -> None:
    """Refuse names that BIF cannot hold: it has no escapes."""
    for name in (variable.name, *variable.states):
        if any(c.isspace() or c in "{}()[];,|\"'" for c in name):
            raise LumbayesError(
                f"{name!r} cannot be written in BIF, which has no escapes. Use .xml or rename it."
            )


def _difference(network: Network, other: Network, renamed: Callable[[str], str]) -> float:
    """Return the largest difference of two tables; infinite if the structures differ."""
    if {renamed(n) for n in network} != set(other):
        return np.inf
    worst = 0.0
    for name, variable in network.variables.items():
        read = other[renamed(name)]
        mine, theirs = variable.cpt, read.cpt
        if tuple(map(renamed, variable.parents)) != read.parents or mine.shape != theirs.shape:
            return np.inf
        worst = max(worst, float(np.abs(mine - theirs).max()))
    return worst


def _numbers(values: Array) -> str:
    return " ".join(repr(float(v)) for v in values.ravel())


# --- writing ------------------------------------------------------------------------------------


def _write_bif(network: Network, labels: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    lines = ["network lumbayes {", "}"]
    for variable in network.variables.values():
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
        name = _identifier(variable.name)
        node = ET.SubElement(nodes, "cpt", {"id": name})
        states = [_identifier(s) for s in variable.states]
        if len(set(states)) < len(states):
            raise LumbayesError(f"two states of {variable.name} look the same in XDSL: {states}.")
        if (name, *states) != (variable.name, *variable.states):
            notes.append(f"{variable.name}: written as {name} with states {', '.join(states)}.")
        for state in states:
            ET.SubElement(node, "state", {"id": state})
        if variable.parents:
            ET.SubElement(node, "parents").text = " ".join(map(_identifier, variable.parents))
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
    if len({_identifier(n) for n in network}) < len(network):
        raise LumbayesError("two variables look the same in XDSL. Rename one.")
    return _xml(root), tuple(notes)


def _identifier(name: str) -> str:
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
        for states, row in _table_rows(network, variable):
            given = "; ".join(f"{p}={s}" for p, s in zip(variable.parents, states, strict=True))
            for state, p in zip(variable.states, row, strict=True):
                writer.writerow([variable.name, state, given, repr(float(p))])
    return text.getvalue(), ()


Writer = Callable[[Network, Mapping[str, str]], tuple[str, tuple[str, ...]]]
WRITERS: Mapping[str, Writer] = MappingProxyType(
    {"bif": _write_bif, "xmlbif": _write_xmlbif, "xdsl": _write_xdsl, "csv": _write_csv}
)


# --- reading ------------------------------------------------------------------------------------


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
        if values.size != np.prod(shape) or not (np.isfinite(values) & (values >= 0)).all():
            raise TableError(
                f"{place}: {name} needs {int(np.prod(shape))} probabilities, found {values.size}."
            )
        table = normalised(values.reshape(shape), f"{place}: {name}", notes)
        variables.append(Variable(name, tuple(own), tuple(parents), Table(table)))
    return Reading(Network(variables), tuple(notes))


def _floats(text: str | None, place: str, name: str) -> list[float]:
    try:
        return [float(word) for word in (text or "").split()]
    except ValueError as error:
        raise TableError(f"{place}: the table of {name}: {error}.") from None


def _read_xmlbif(root: ET.Element, place: str) -> Reading:
    states = {
        node.findtext("NAME", "").strip(): [(o.text or "").strip() for o in node.findall("OUTCOME")]
        for node in root.iter("VARIABLE")
    }
    tables = {}
    for node in root.iter("DEFINITION"):
        name = node.findtext("FOR", "").strip()
        parents = [(g.text or "").strip() for g in node.findall("GIVEN")]
        tables[name] = (parents, _floats(node.findtext("TABLE"), place, name))
    return _build(place, states, tables)


def _read_xdsl(root: ET.Element, place: str) -> Reading:
    states: dict[str, list[str]] = {}
    tables = {}
    for node in root.find("nodes") or ():
        name = node.get("id", "")
        if node.tag != "cpt":
            raise TableError(
                f"{place}: {name} is of kind {node.tag}. Only chance nodes with a full table"
                " (cpt) can be read: change its type in GeNIe."
            )
        states[name] = [s.get("id", "") for s in node.findall("state")]
        parents = (node.findtext("parents") or "").split()
        tables[name] = (parents, _floats(node.findtext("probabilities"), place, name))
    return _build(place, states, tables)


def _read_csv(path: Path) -> Reading:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows or tuple(rows[0]) != CSV_COLUMNS:
        raise TableError(f"{path.name}, line 1: the columns must be {', '.join(CSV_COLUMNS)}.")
    states: dict[str, list[str]] = {}
    parents: dict[str, tuple[str, ...]] = {}
    numbers: dict[str, list[float]] = {}
    for row in rows:
        name, given = row["variable"], filter(None, row["given"].split("; "))
        parents[name] = tuple(g.partition("=")[0] for g in given)
        own = states.setdefault(name, [])
        if row["state"] not in own:
            own.append(row["state"])
        numbers.setdefault(name, []).extend(_floats(row["probability"], path.name, name))
    return _build(path.name, states, {n: (parents[n], numbers[n]) for n in states})
