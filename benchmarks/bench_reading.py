"""Networks of other tools in a folder: how many we read, and whether peers read the same numbers.

Every file is read in a process of its own, by us, by pyAgrum and by pgmpy. Tables are compared
variable by variable, states by their labels; of UAI, which has no names, both by number. Prints a
table by format and
every file that we refuse or a peer reads otherwise. Usage: bench_reading.py FOLDER
"""

from __future__ import annotations

import contextlib
import hashlib
import multiprocessing
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lumbayes.errors import LumbayesError
from lumbayes.network.formats import ENDINGS, read_network
from lumbayes.network.pgmpy_models import from_pgmpy
from lumbayes.network.variables import Network

CLOSE = 1e-5  # pyAgrum keeps 32-bit numbers of some formats
SECONDS = 60  # for one reader and one file
States = tuple[str, ...]
Tables = dict[str, tuple[tuple[str, ...], States, npt.NDArray[np.float64]]]


def tables(network: Network) -> Tables:
    return {v.name: (v.parents, v.states, np.asarray(v.cpt)) for v in network.variables.values()}


def ours(path: Path) -> Tables:
    return tables(read_network(path).network)


def pyagrum(path: Path) -> Tables:
    import pyagrum

    bn = pyagrum.loadBN(str(path))
    found: Tables = {}
    for node in bn.topologicalOrder():
        cpt = bn.cpt(node)
        names = list(reversed(cpt.names))
        own = bn.variable(node).name()
        axes = [names.index(n) for n in names if n != own] + [names.index(own)]
        parents = tuple(n for n in names if n != own)
        found[own] = parents, tuple(bn.variable(node).labels()), cpt.toarray().transpose(axes)
    return found


def pgmpy(path: Path) -> Tables:
    from pgmpy import readwrite

    kind = ENDINGS[path.suffix.lower()]
    if kind == "bif":
        reader: Any = readwrite.BIFReader(str(path))
    elif kind == "xmlbif":
        reader = readwrite.XMLBIFReader(str(path))
    elif kind == "net":
        reader = readwrite.NETReader(str(path))
    elif kind == "xdsl":
        reader = readwrite.XDSLReader(str(path))
    else:
        reader = readwrite.UAIReader(str(path))
    return tables(from_pgmpy(reader.get_model()).network)


READERS = {"lumbayes": ours, "pyAgrum": pyagrum, "pgmpy": pgmpy}


def _read(reader: str, path: Path, out: Any) -> None:
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        try:
            out.send(READERS[reader](path))
        except LumbayesError as error:
            out.send(f"refused: {error}")
        except BaseException as error:  # what a peer raises is its own matter
            out.send(f"{type(error).__name__}: {str(error)[:80]}")


def read(reader: str, path: Path) -> Tables | str:
    """Read in another process: a peer may hang, or fall."""
    ours_end, its_end = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=_read, args=(reader, path, its_end))
    child.start()
    its_end.close()
    try:
        return ours_end.recv() if ours_end.poll(SECONDS) else "no answer in time"
    except EOFError:
        return "the process fell"
    finally:
        child.kill()
        child.join()


def differs(mine: Tables, theirs: Tables) -> str:
    """Return what differs, or nothing."""
    if len(mine) != len(theirs):
        return f"{len(mine)} variables, they have {len(theirs)}"
    for name, (parents, states, table) in mine.items():
        if name not in theirs:
            return f"other names: {name}"
        others, labels, other = theirs[name]
        if sorted(parents) != sorted(others):
            return f"other parents of {name}"
        other = other.transpose([*(others.index(p) for p in parents), len(others)])
        for axis, of in enumerate((*parents, name)):
            known, there = mine[of][1], theirs[of][1]
            if sorted(known) == sorted(there):
                other = other.take([there.index(state) for state in known], axis=axis)
        if other.shape != table.shape:
            return f"other states of {name}: {labels}, ours {states}"
        other = other / other.sum(axis=-1, keepdims=True)
        if not (off := float(np.abs(other - table).max())) <= CLOSE:
            return f"the table of {name} is {off:.2g} off"
    return ""


def numbered(found: Tables) -> Tables:
    """Return tables under the numbers in their names."""

    def number(name: str) -> str:
        return "".join(c for c in name if c.isdigit())

    return {
        number(n): (tuple(map(number, parents)), tuple(map(number, states)), table)
        for n, (parents, states, table) in found.items()
    }


def main() -> None:
    seen: set[bytes] = set()
    counts: Counter[tuple[str, str]] = Counter()
    told: list[str] = []
    for path in sorted(p for p in Path(sys.argv[1]).rglob("*") if p.is_file()):
        ending = path.suffix.lower()
        content = hashlib.sha256(path.read_bytes()).digest()
        if ending not in ENDINGS or content in seen:
            continue
        seen.add(content)
        counts[ending, "files"] += 1
        mine = read("lumbayes", path)
        good = not isinstance(mine, str)
        counts[ending, "read"] += good
        if not good:
            told.append(f"- {path.name}: {mine}")
        for peer in ("pyAgrum", "pgmpy"):
            theirs = read(peer, path)
            if isinstance(theirs, str):
                if not good:
                    told.append(f"  - {peer} neither: {theirs}")
                continue
            counts[ending, f"{peer} reads"] += 1
            if good:
                alike = numbered if ending == ".uai" else dict
                wrong = differs(alike(mine), alike(theirs))  # type: ignore[arg-type]
                counts[ending, f"{peer} the same"] += not wrong
                if wrong:
                    told.append(f"- {path.name}: {peer}: {wrong}")
            else:
                told.append(f"  - {peer} does")
    columns = (
        "files",
        "read",
        "pyAgrum reads",
        "pyAgrum the same",
        "pgmpy reads",
        "pgmpy the same",
    )
    print(f"| format | {' | '.join(columns)} |\n|---|{'---:|' * len(columns)}")
    for ending in sorted({e for e, _ in counts}):
        print(f"| {ending} | {' | '.join(str(counts[ending, c]) for c in columns)} |")
    print("\n".join(["", *told]))


if __name__ == "__main__":
    import pyagrum as _pyagrum  # noqa: F401
    from pgmpy import readwrite as _readwrite  # noqa: F401 (loaded once, for all processes)

    main()
