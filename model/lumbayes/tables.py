"""Read the tables in ``data/``: rows that know their file and line, so that errors can name them."""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from types import MappingProxyType

from lumbayes.errors import TableError, unknown_name


def data_dir() -> Path:
    """Return the folder of the tables: packaged if installed, the checkout's ``data/`` if not."""
    packaged = resources.files("lumbayes") / "data"
    if packaged.is_dir():
        return Path(str(packaged))
    return Path(__file__).parents[2] / "data"


@dataclass(frozen=True)
class Row:
    """One line of a table: text cells, stripped, with the place they came from."""

    file: str
    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """Return the text of a column."""
        return self.cells[column]

    def error(self, message: str) -> TableError:
        """Build the error that names this file and line."""
        return TableError(f"{self.file}, line {self.line}: {message}")

    def text(self, column: str) -> str:
        """Return the text of a column that must not be empty."""
        if not self.cells[column]:
            raise self.error(f"{column} is empty. Fill it in.")
        return self.cells[column]

    def number(self, column: str, low: float = -math.inf, high: float = math.inf) -> float:
        """Return a finite number within ``low`` … ``high``, or raise TableError."""
        text = self.cells[column]
        try:
            value = float(text)
        except ValueError:
            raise self.error(f"{column} is {text!r}, not a number.") from None
        if not (math.isfinite(value) and low <= value <= high):
            raise self.error(f"{column} is {text}, outside {low:g} to {high:g}.")
        return value

    def choice(self, column: str, choices: Collection[str]) -> str:
        """Return the text of a column that must be one of the choices."""
        text = self.cells[column]
        if text not in choices:
            raise self.error(str(unknown_name(column, text, choices)))
        return text


def read_table(name: str, columns: Sequence[str], folder: Path | None = None) -> tuple[Row, ...]:
    """Read one CSV table.

    Parameters
    ----------
    name : str
        File name inside the folder, such as ``"links.csv"``.
    columns : sequence of str
        The columns the table must have; it may have no others.
    folder : Path, optional
        Where the tables lie; the shipped ``data/`` if left out.

    Returns
    -------
    tuple of Row
        In the order of the file; blank lines are passed over.

    Raises
    ------
    TableError
        If the file is missing, not UTF-8, lacks a column or has one too many, or a row is cut short.

    Examples
    --------
    >>> rows = read_table("states.csv", ["variable", "state", "label"])
    >>> rows[0]["variable"], rows[0].line
    ('age_band', 2)
    """
    path = (folder or data_dir()) / name
    shown = f"data/{name}" if folder is None else str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise TableError(
            f"{shown} is missing. A folder of tables needs it; copy it from data/."
        ) from None
    except UnicodeDecodeError as error:
        raise TableError(
            f"{shown} is not UTF-8 text (byte {error.start}). Save it as UTF-8."
        ) from None
    reader = csv.reader(text.splitlines(keepends=True))
    header = [h.strip() for h in next(reader, [])]
    missing = [c for c in columns if c not in header]
    extra = [h for h in header if h not in columns]
    if missing or extra:
        raise TableError(
            f"{shown}, line 1: the columns must be {', '.join(columns)};"
            + (f" missing: {', '.join(missing)}." if missing else "")
            + (f" not known: {', '.join(extra)}." if extra else "")
        )
    rows = []
    for cells in reader:
        if not any(c.strip() for c in cells):
            continue
        if len(cells) != len(header):
            raise TableError(
                f"{shown}, line {reader.line_num}: {len(cells)} cells where the header has {len(header)}."
                " Quote cells that hold a comma."
            )
        stripped = {h: c.strip() for h, c in zip(header, cells, strict=True)}
        rows.append(Row(shown, reader.line_num, MappingProxyType(stripped)))
    return tuple(rows)


def data_version(folder: Path | None = None) -> str:
    """Return eight hexadecimal digits that change whenever any table of the folder changes."""
    root = folder or data_dir()
    digest = hashlib.sha256()
    for path in sorted(root.glob("*.csv")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:8]
