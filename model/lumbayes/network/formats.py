"""The network as a file for other tools: BIF, XMLBIF, XDSL (GeNIe), .net (Hugin), UAI, CSV."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np

from lumbayes.atomic_files import atomic_path
from lumbayes.errors import LumbayesError, unknown_name
from lumbayes.network.bif import parse_bif
from lumbayes.network.hugin import read_net
from lumbayes.network.readers import read_csv, read_xdsl, read_xmlbif
from lumbayes.network.reading import EXACT, Reading, network_text
from lumbayes.network.uai import read_uai
from lumbayes.network.variables import Network
from lumbayes.network.writers import WRITERS, Names, check_names, write_csv

LARGEST = 2_000_000  # entries of one expanded table that other tools still read
ENDINGS = MappingProxyType(
    {
        ".bif": "bif",
        ".xml": "xmlbif",
        ".xmlbif": "xmlbif",
        ".bifxml": "xmlbif",
        ".xbif": "xmlbif",
        ".xdsl": "xdsl",
        ".net": "net",
        ".hugin": "net",
        ".uai": "uai",
        ".csv": "csv",
    }
)
OPPOSITE = ("xdsl", "uai")
REVERSED = (
    "{path}: of several parents the last changes fastest, as GeNIe's manual and UAI have it."
    " pyAgrum reads these formats the other way round, and so another network:"
    " give it .bif or .xml."
)
Reader = Callable[[str, str], Reading]
READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "bif": parse_bif,
        "xmlbif": read_xmlbif,
        "xdsl": read_xdsl,
        "net": read_net,
        "uai": read_uai,
        "csv": read_csv,
    }
)


def export(
    network: Network,
    path: Path | str,
    labels: Mapping[str, str] | None = None,
    *,
    raw: bool = False,
) -> tuple[str, ...]:
    """Write a network for other tools, in the format that the ending of the path names.

    Probabilities keep all their digits. Noisy-MAX variables are written out as full tables, which
    every tool reads. The file is read back and compared before it takes its name.

    Parameters
    ----------
    network : Network
        Without parameter draws.
    path : Path or str
        ``.bif``; ``.xml``, ``.xmlbif`` or ``.bifxml`` (XMLBIF 0.3); ``.xdsl`` (GeNIe, SMILE);
        ``.net`` (Hugin, SamIam); ``.uai``; or ``.csv``: one row for each P(state | given). With
        ``.gz`` behind it, packed.
    labels : mapping of variable to str, optional
        What GeNIe and Hugin show on a node; the name if left out.
    raw : bool
        Leave cells of CSV as they are. Else a name that a spreadsheet would take for a formula
        begins with an apostrophe, which ``read_network`` takes away.

    Returns
    -------
    tuple of str
        What a reader should know: names that the format made others, cells that were marked, and
        that pyAgrum takes the parents of .xdsl and .uai in the opposite order.

    Raises
    ------
    LumbayesError
        If the ending is unknown, a name cannot be written, a table would be too large, or the
        network holds draws.

    Examples
    --------
    >>> import tempfile
    >>> from lumbayes.network.variables import Table, Variable
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
    check_names(network, blanks=kind in ("xmlbif", "csv"))
    if raw and kind != "csv":
        raise LumbayesError(f"{path}: raw cells are of .csv. Leave raw out.")
    given = labels or {}
    written = write_csv(network, given, raw=True) if raw else WRITERS[kind](network, given)
    content = written.text.encode()
    packed = gzip.compress(content, mtime=0) if path.suffix.lower() == ".gz" else content
    with atomic_path(path) as unfinished:
        unfinished.write_bytes(packed)
        read = READERS[kind](network_text(unfinished, kind.upper()), path.name).network
        difference = _difference(network, read, written.names)
        if not difference <= EXACT:
            worst = "names or arrows" if np.isinf(difference) else f"a number, {difference:.1e}"
            raise LumbayesError(f"{path}: read back, {worst} differ. Use .xml.")
    if kind in OPPOSITE and any(len(v.parents) > 1 for v in network.variables.values()):
        return (*written.notes, REVERSED.format(path=path))
    return written.notes


def read_network(path: Path | str) -> Reading:
    """Read a network from any file that ``export`` can write; ``.gz`` is unpacked.

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
    return READERS[kind](network_text(path, kind.upper()), path.name)


def _kind(path: Path) -> str:
    suffixes = [s.lower() for s in path.suffixes if s.lower() != ".gz"]
    if not suffixes or suffixes[-1] not in ENDINGS:
        raise unknown_name("ending of a network file", "".join(suffixes) or path.name, ENDINGS)
    return ENDINGS[suffixes[-1]]


def _difference(network: Network, other: Network, names: Names) -> float:
    """Return the largest difference of two tables; infinite if names or arrows differ."""
    if {new for new, _ in names.values()} != set(other):
        return np.inf
    worst = 0.0
    for name, variable in network.variables.items():
        new, states = names[name]
        parents = tuple(names[p][0] for p in variable.parents)
        if (states, parents) != (other[new].states, other[new].parents):
            return np.inf
        worst = max(worst, float(np.abs(variable.cpt - other[new].cpt).max()))
    return worst
