"""A table that was uploaded: held in memory, bounded, refused if it looks like names."""

from __future__ import annotations

import io
import re
from contextlib import ExitStack
from dataclasses import dataclass

from lumbayes.app import texts
from lumbayes.batch.arrow_parts import parquet_file
from lumbayes.batch.sources import ENDINGS, Source, open_cases
from lumbayes.errors import CaseError

LARGEST = 5  # megabytes
MOST_ROWS = 20_000
PERSONAL = re.compile(
    r"(^|[_\W])(name|surname|forename|firstname|lastname|vorname|nachname|birth\w*|dob|geburt\w*"
    r"|address|street|e?mail|phone|mobile|ssn|nhs|mrn|insurance|passport|patient_?name)([_\W]|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Upload:
    """An uploaded table: its name, format, bytes, header (none for JSON Lines), and its rows."""

    name: str
    kind: str
    content: bytes
    columns: tuple[str, ...]
    rows: int

    def opened(self, opened: ExitStack, keep: tuple[str, ...], rows: int) -> Source:
        """Return it as the command reads a file, in parts of so many rows.

        Raises
        ------
        LumbayesError
            As of ``open_cases``.
        """
        return open_cases(self.name, self.kind, keep, opened, rows, self.content)


def read_upload(name: str, content: bytes) -> Upload:
    r"""Return an uploaded file with its columns and number of rows; its rows are not read yet.

    Raises
    ------
    LumbayesError
        If it cannot be read, holds no row or too many, or a column looks like a name or a date of
        birth.

    Examples
    --------
    >>> found = read_upload("cases.csv", b"fever;slr\nyes;positive\n")
    >>> found.columns, found.rows
    (('fever', 'slr'), 1)
    """
    kind = next((k for ending, k in ENDINGS.items() if name.lower().endswith(ending)), "")
    if not kind:
        raise CaseError(texts.MANY_KIND.format(name=name))
    columns: tuple[str, ...]
    if kind == "parquet":
        described = parquet_file(io.BytesIO(content), name)
        columns, rows = tuple(described.schema_arrow.names), described.metadata.num_rows
    else:
        with ExitStack() as opened:
            columns = open_cases(name, kind, (), opened, 1, content).columns
        rows = content.rstrip().count(b"\n") + (kind == "jsonl" and bool(content.strip()))
    personal = [c for c in columns if PERSONAL.search(c)]
    if personal:
        raise CaseError(texts.MANY_PERSONAL.format(columns=", ".join(personal)))
    if rows > MOST_ROWS:
        raise CaseError(texts.MANY_TOO_MANY.format(rows=f"{rows:,}", most=f"{MOST_ROWS:,}"))
    if rows < 1:
        raise CaseError(texts.MANY_EMPTY.format(name=name))
    return Upload(name, kind, content, columns, rows)
