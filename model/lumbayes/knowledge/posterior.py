"""The joint posterior of the numbers, as the synthesis of the literature left it: read and drawn.

``posterior.csv`` has a row for each free number: its id, the value it holds for, its standard
deviation before the figures narrow it (logit scale; widened where they pull it away from its value)
and its part in each direction that they have narrowed. The first row, ``narrowed``, says by how
much of the variance each was.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lumbayes.knowledge.tables import data_dir
from lumbayes.network.variables import Array

NARROWED = "narrowed"
SAME = 1e-3
"""How far a value may lie from the one that the posterior was computed for, as a share of it."""


@dataclass(frozen=True, eq=False)
class JointPosterior:
    """A Gaussian of coordinates around the values of the tables.

    Attributes
    ----------
    ids : tuple of str
        The free numbers.
    values : array, shape (f,)
        What they hold for.
    deviations : array, shape (f,)
        Standard deviation of each number before the figures narrow it, logit scale.
    directions : array, shape (f, k)
        Orthonormal, in units of ``deviations``.
    narrowed : array, shape (k,)
        Share of the variance along each direction that the figures took away, 0 to 1.
    """

    ids: tuple[str, ...]
    values: Array
    deviations: Array
    directions: Array
    narrowed: Array

    def draw(self, n: int, rng: np.random.Generator) -> Array:
        """Draw how far the coordinates lie from their centre, shape ``(f, n)``.

        The covariance is D (1 - U r U') D; its symmetric root is 1 - U (1 - sqrt(1 - r)) U'.
        """
        plain = rng.standard_normal((len(self.ids), n))
        less = (1.0 - np.sqrt(1.0 - self.narrowed))[:, None] * (self.directions.T @ plain)
        drawn: Array = self.deviations[:, None] * (plain - self.directions @ less)
        return drawn


def read_posterior(folder: Path | None) -> JointPosterior | None:
    """Read ``posterior.csv`` of a folder, or return None if it has none."""
    path = (folder or data_dir()) / "posterior.csv"
    if not path.is_file():
        return None
    first, second, *rows = path.read_text(encoding="utf-8").splitlines()
    cells = [row.rsplit(",", first.count(",")) for row in rows]
    table = np.array([row[1:] for row in cells], dtype=np.float64)
    narrowed = np.array(second.split(",")[3:], dtype=np.float64)
    ids = tuple(row[0].strip('"') for row in cells)
    return JointPosterior(ids, table[:, 0], table[:, 1], table[:, 2:], narrowed)
