"""People drawn from the network whose answers are mostly missing, for tests of tables of cases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lumbayes.inference.queries import evidence, sample
from lumbayes.knowledge.model import Model


def ragged(model: Model, n: int, seed: int = 0) -> pd.DataFrame:
    """People drawn from the network, most of their answers missing; some say they are not sure."""
    rng = np.random.default_rng(seed)
    people = sample(model.network, evidence(model.network, {}), n, seed)
    columns = {}
    for name in model.names("context", "finding"):
        words = np.array([*model.variables[name].states, "unsure", None], dtype=object)
        codes = np.where(rng.random(n) < 0.02, len(words) - 2, people[name])
        codes = np.where(rng.random(n) < 0.6, len(words) - 1, codes)
        columns[name] = words[codes]
    return pd.DataFrame(columns)


def as_case(row: pd.Series[Any]) -> dict[str, Any]:
    """A row of a table of findings as one case."""
    return {str(k): v for k, v in row.items() if isinstance(v, str)}


def write_parquet(path: Path, **columns: Any) -> str:
    """Write a Parquet file of these columns."""
    pq.write_table(pa.table(columns), path, compression="none", row_group_size=50)
    return str(path)
