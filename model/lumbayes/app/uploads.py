"""A table that was uploaded: read in memory, bounded, refused if it looks like names."""

from __future__ import annotations

import io
import re
from pathlib import PurePath

import pandas as pd

from lumbayes import limits
from lumbayes.app import texts
from lumbayes.batch.arrow_parts import parquet_file, read_parquet
from lumbayes.errors import CaseError, LumbayesError

LARGEST = 5  # megabytes
MOST_ROWS = 20_000
PERSONAL = re.compile(
    r"(^|[_\W])(name|surname|forename|firstname|lastname|vorname|nachname|birth\w*|dob|geburt\w*"
    r"|address|street|e?mail|phone|mobile|ssn|nhs|mrn|insurance|passport|patient_?name)([_\W]|$)",
    re.IGNORECASE,
)
LINES = "\0lines"  # the one column of a JSON Lines file as it was read


def read_upload(name: str, content: bytes) -> pd.DataFrame:
    r"""Return the rows of an uploaded file as texts; those of JSON Lines each whole.

    Raises
    ------
    CaseError
        If it cannot be read, holds no row or too many, or a column looks like a name or a date of
        birth.

    Examples
    --------
    >>> read_upload("cases.csv", b"fever;slr\nyes;positive\n").to_dict("records")
    [{'fever': 'yes', 'slr': 'positive'}]
    """
    ending = PurePath(name).suffix.lower()
    table: pd.DataFrame
    try:
        check_size(name, content, ending)
        if ending == ".parquet":
            table = read_parquet(io.BytesIO(content), name).to_pandas()
        elif ending == ".jsonl":
            lines = [x for x in content.decode("utf-8-sig").splitlines() if x.strip()]
            table = pd.DataFrame({LINES: lines})
        elif ending == ".csv":
            text = content.decode("utf-8-sig")
            sign = max(",;\t", key=text.partition("\n")[0].count)
            table = pd.read_csv(io.StringIO(text), sep=sign, dtype=str, keep_default_na=False)
        else:
            raise CaseError(texts.MANY_KIND.format(name=name))
    except LumbayesError:
        raise
    except Exception as error:  # pandas and pyarrow raise many kinds for a broken file
        raise CaseError(texts.MANY_BROKEN.format(name=name, error=type(error).__name__)) from None
    table.columns = pd.Index([str(c).strip() for c in table.columns])
    personal = [c for c in table.columns if PERSONAL.search(c)]
    if personal:
        raise CaseError(texts.MANY_PERSONAL.format(columns=", ".join(personal)))
    if table.empty:
        raise CaseError(texts.MANY_EMPTY.format(name=name))
    return table


def check_size(name: str, content: bytes, ending: str) -> None:
    """Refuse what would be too large once it is read, before it is.

    Raises
    ------
    LumbayesError
        If it has too many rows or columns, or a line is too long.
    """
    if ending == ".parquet":
        rows = parquet_file(io.BytesIO(content), name).metadata.num_rows
    else:
        lines = content.rstrip().split(b"\n", MOST_ROWS + 2)
        rows = content.rstrip().count(b"\n") + (ending == ".jsonl")
        limits.LINE.check(max(map(len, lines)), name)
        limits.COLUMNS.check(max(lines[0].count(sign) for sign in (b",", b";", b"\t")) + 1, name)
    if rows > MOST_ROWS:
        raise CaseError(texts.MANY_TOO_MANY.format(rows=f"{rows:,}", most=f"{MOST_ROWS:,}"))
