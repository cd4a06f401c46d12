"""Rows of an answer: plain values, and a frame of pandas when one is asked for.

Pandas takes longer to load than a case to answer, and a frame longer to make than its rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Records:
    """Rows with the same columns.

    Examples
    --------
    >>> found = Records(("name", "probability"), [{"name": "gtps", "probability": 0.2}])
    >>> found.column("name"), len(found), float(found.frame["probability"].iloc[0])
    (['gtps'], 1, 0.2)
    """

    columns: tuple[str, ...]
    rows: Sequence[Row]

    def __iter__(self) -> Iterator[Row]:
        """Go over the rows."""
        return iter(self.rows)

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.rows)

    def column(self, name: str) -> list[Any]:
        """Return the values of a column."""
        return [row[name] for row in self.rows]

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The rows as a frame, made once."""
        import pandas as pd

        return pd.DataFrame({name: self.column(name) for name in self.columns})


def plain(row: Mapping[str, Any]) -> Row:
    """Return a row ready for JSON: None for a number that is missing.

    Examples
    --------
    >>> plain({"p": float("nan"), "name": "gtps"})
    {'p': None, 'name': 'gtps'}
    """
    return {str(k): None if isinstance(v, float) and math.isnan(v) else v for k, v in row.items()}


def sorted_by(rows: Sequence[Row], column: str) -> list[Row]:
    """Return rows, the largest value first; equal ones keep their order.

    Examples
    --------
    >>> sorted_by([{"p": 1}, {"p": 2}], "p")
    [{'p': 2}, {'p': 1}]
    """
    return sorted(rows, key=lambda row: -row[column])
