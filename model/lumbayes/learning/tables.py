"""Write what was learned as a complete new set of tables; the old set is never touched."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from lumbayes.atomic_files import atomic_path, check_writable
from lumbayes.errors import LumbayesError
from lumbayes.knowledge.model import load_model
from lumbayes.knowledge.tables import data_dir
from lumbayes.learning.em import Learned

DIGITS = 12  # a row of a table must still sum to 1 after rounding
FILES = ("probabilities.csv", "links.csv")
CLOSE = 1e-9
CHANGES = "changes.csv"
REPORTS = ("report.*", "*.png")  # of an earlier learning


def changes(learned: Learned) -> pd.DataFrame:
    """Return every number before and after learning, those that moved most first.

    Returns
    -------
    DataFrame
        Index ``id``; ``file``, ``line``; ``before``, ``low_before``, ``high_before``, ``after``,
        ``low``, ``high``; ``moved``, the way from before to after in standard deviations of the
        published interval; ``prior_cases`` and ``data_cases``, what the published number and the
        data are worth; ``from_data``, the share of the data in the new number, 0 to 1;
        ``conflict``, how far the data are from the published number in standard deviations of both,
        and ``kept``, the share of its weight that it kept.
    """
    model = learned.model
    before = np.array([(n.value, n.low, n.high) for n in model.numbers])
    deviation = (before[:, 2] - before[:, 1]) / 3.92
    moved = np.divide(
        learned.values - before[:, 0],
        deviation,
        out=np.zeros(len(before)),
        where=np.isfinite(learned.prior_size),
    )
    with np.errstate(invalid="ignore"):
        share = learned.informed / (learned.informed + learned.kept * learned.prior_size)
    frame = pd.DataFrame(
        {
            "file": [Path(n.file).name for n in model.numbers],
            "line": [n.line for n in model.numbers],
            "before": before[:, 0],
            "low_before": before[:, 1],
            "high_before": before[:, 2],
            "after": learned.values,
            "low": learned.low,
            "high": learned.high,
            "moved": moved,
            "prior_cases": learned.prior_size,
            "data_cases": learned.informed,
            "from_data": share,
            "conflict": learned.conflict,
            "kept": learned.kept,
        },
        index=pd.Index([n.id for n in model.numbers], name="id"),
    )
    return frame.iloc[np.argsort(-np.abs(moved), kind="stable")]


def check_new(folder: Path) -> None:
    """Raise LumbayesError unless a folder can be made: it is new, and may lie where it shall."""
    if folder.exists():
        raise LumbayesError(f"{folder} exists, and learn never overwrites. Name a new folder.")
    check_writable(folder)


def write_tables(
    learned: Learned,
    folder: Path | str,
    source: str,
    add: Callable[[Path], None] | None = None,
) -> Path:
    """Write a complete set of tables with the new numbers, intervals and a note on each change.

    Parameters
    ----------
    learned : Learned
        What was learned.
    folder : Path or str
        Must not exist; appears whole or not at all. ``load_model`` and every command that takes
        ``--tables`` read it.
    source : str
        What the cases are called in the notes, such as the name of their file.
    add : callable, optional
        Writes more (a report) into the folder before it takes its name.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    LumbayesError
        If the folder exists, what it lies in does not, or it cannot be written.
    """
    folder = Path(folder)
    check_new(folder)
    with atomic_path(folder) as unfinished:
        shutil.copytree(
            learned.model.folder or data_dir(),
            unfinished,
            ignore=shutil.ignore_patterns(*REPORTS),
            copy_function=shutil.copyfile,
        )
        for name in FILES:
            _rewrite(learned, unfinished / name, source)
        changes(learned).to_csv(unfinished / CHANGES)
        if add is not None:
            add(unfinished)
        written = load_model(unfinished).values
        difference = float(np.abs(written - learned.values).max())
        if not difference <= CLOSE:
            raise LumbayesError(f"{folder}: read back, a number differs by {difference:.1e}.")
    return folder


def _rewrite(learned: Learned, path: Path, source: str) -> None:
    """Put the new numbers of one file on the lines of the old ones; all other cells stay."""
    places = {
        n.line: i for i, n in enumerate(learned.model.numbers) if Path(n.file).name == path.name
    }
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        rows = [(reader.line_num, cells) for cells in reader]
    header = [h.strip() for h in rows[0][1]]
    at = {name: header.index(name) for name in ("value", "low", "high", "note")}
    for line, cells in rows[1:]:
        if line in places:
            _put(learned, places[line], cells, at, source)
    if path.name == "probabilities.csv":
        _complete([cells for line, cells in rows[1:] if line in places], rows, places, header)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(cells for _, cells in rows)


def _put(learned: Learned, place: int, cells: list[str], at: dict[str, int], source: str) -> None:
    if not np.isfinite(learned.prior_size[place]):
        return
    before = cells[at["value"]]
    value, low, high = (
        round(float(a[place]), DIGITS) for a in (learned.values, learned.low, learned.high)
    )
    cells[at["value"]] = repr(value)
    cells[at["low"]] = repr(min(low, value))
    cells[at["high"]] = repr(max(high, value))
    note = cells[at["note"]].strip()
    words = (
        f"Learned: {learned.informed[place]:.3g} cases' worth of {source} added to"
        f" {learned.prior_size[place]:.3g}; was {before}."
    )
    cells[at["note"]] = f"{note} {words}".strip()


def _complete(
    learned: Sequence[list[str]],
    rows: Sequence[tuple[int, list[str]]],
    places: Mapping[int, int],
    header: Sequence[str],
) -> None:
    """Make a first state that has a row of its own the rest of its distribution."""
    variable, given = header.index("variable"), header.index("given")
    value, low, high = (header.index(n) for n in ("value", "low", "high"))
    for line, cells in rows[1:]:
        if line in places or not any(c.strip() for c in cells):
            continue
        others = (c for c in learned if (c[variable], c[given]) == (cells[variable], cells[given]))
        rest = round(1 - sum(float(c[value]) for c in others), DIGITS)
        cells[value] = repr(rest)
        cells[low] = repr(min(float(cells[low]), rest))
        cells[high] = repr(max(float(cells[high]), rest))
