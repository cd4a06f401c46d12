"""Read the tables in ``data/``: rows that know their file and line, for errors to name."""

from __future__ import annotations

import csv
import hashlib
import io
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from types import MappingProxyType

from lumbayes.errors import TableError, unknown_name
from lumbayes.limits import FILE, read_within, text_within


def data_dir() -> Path:
    """Return the folder of the tables: packaged if installed, the checkout's ``data/`` if not."""
    packaged = resources.files("lumbayes") / "data"
    if packaged.is_dir():
        return Path(str(packaged))
    return Path(__file__).parents[3] / "data"


@dataclass(frozen=True)
class Row:
    """One line of a table: text cells, stripped, with the place they came from.

    Examples
    --------
    >>> row = Row("data/links.csv", 12, {"value": "0.3", "grade": "B"})
    >>> row.number("value", 0.0, 1.0), row.choice("grade", ("A", "B"))
    (0.3, 'B')
    >>> print(row.error("something is wrong."))
    data/links.csv, line 12: something is wrong.
    """

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
            value = math.nan
        if not math.isfinite(value) or "_" in text:
            raise self.error(
                f"{column} is {text!r}, not a number. Write digits with a point, such as 0.05."
            )
        if not low <= value <= high:
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
        If the file cannot be read, is not UTF-8, lacks a column or has one too many, or a row is
        cut short.

    Examples
    --------
    >>> rows = read_table("states.csv", ["variable", "state", "label"])
    >>> rows[0]["variable"], rows[0].line
    ('age_band', 2)
    """
    path = (folder or data_dir()) / name
    shown = f"data/{name}" if folder is None else str(path)
    try:
        text = text_within(path, FILE)
    except FileNotFoundError:
        raise TableError(
            f"{shown} is missing. A folder of tables needs it; copy it from data/."
        ) from None
    except UnicodeDecodeError as error:
        raise TableError(
            f"{shown} is not UTF-8 text (byte {error.start}). Save it as UTF-8."
        ) from None
    except OSError as error:
        raise TableError(
            f"{shown} cannot be read: {error.strerror}. Name a folder of tables."
        ) from None
    lines = _lines(text, shown)
    header = [h.strip() for h in next(lines, (1, []))[1]]
    _check_header(header, columns, shown)
    rows = []
    for line, cells in lines:
        if not any(c.strip() for c in cells):
            continue
        if len(cells) != len(header):
            raise TableError(
                f"{shown}, line {line}: {len(cells)} cells where the header has {len(header)}. "
                "Quote cells that hold a comma."
            )
        stripped = {h: c.strip() for h, c in zip(header, cells, strict=True)}
        rows.append(Row(shown, line, MappingProxyType(stripped)))
    return tuple(rows)


def _lines(text: str, shown: str) -> Iterator[tuple[int, list[str]]]:
    """Split a table into cells; each row comes with the line on which it starts."""
    # A StringIO splits lines as csv does; str.splitlines splits at form feeds and the like too.
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise TableError(
            f"{shown}, line {line}: {error}. Close every quote; the file may be cut short."
        ) from None


def _check_header(header: Sequence[str], columns: Sequence[str], shown: str) -> None:
    missing = [c for c in columns if c not in header]
    extra = [h for h in header if h not in columns]
    twice = sorted({h for h in header if header.count(h) > 1 and h in columns})
    if missing or extra or twice:
        raise TableError(
            f"{shown}, line 1: the columns must be {', '.join(columns)};"
            + (f" missing: {', '.join(missing)}." if missing else "")
            + (f" not known: {', '.join(extra)}." if extra else "")
            + (f" twice: {', '.join(twice)}." if twice else "")
        )


def data_version(folder: Path | None = None) -> str:
    """Return eight hexadecimal digits that change whenever any table of the folder changes.

    Examples
    --------
    >>> len(data_version())
    8
    """
    root = folder or data_dir()
    digest = hashlib.sha256()
    for path in sorted(root.glob("*.csv")):
        digest.update(path.name.encode())
        try:
            content = read_within(path, FILE)
        except OSError as error:
            raise TableError(f"{path} cannot be read: {error.strerror}.") from None
        digest.update(content.replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:8]
