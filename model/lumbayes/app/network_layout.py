"""Where every box of the network picture stands: fixed columns, few crossings, always the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from lumbayes.app import texts_after
from lumbayes.knowledge.model import Model

SWEEPS = 12
COLUMN_OF_GROUP = {
    "about_you": 0,
    "imbalance": 1,
    "condition": 1,
    "mechanism": 2,
    "pain_place": 3,
    "pain_behaviour": 3,
    "care": 3,
    "nerves": 4,
    "general": 4,
    "self_test": 5,
    "clinical_test": 5,
}
BOX, ROW, STEP, HEAD = (196, 25), 30, 236, 50


@dataclass(frozen=True)
class Layout:
    """Centre of every box, the titles of the columns, and the size of the picture."""

    places: Mapping[str, tuple[float, float]]
    heads: tuple[tuple[float, str], ...]
    width: int
    height: int


@lru_cache(maxsize=2)
def layout(model: Model) -> Layout:
    """Return the places of all variables of the network.

    Columns by layer; the order within a column by the mean place of the neighbours (barycentre
    sweeps), so that few arrows cross. It depends on the network alone: nothing jumps when an answer
    changes.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> set(layout(model).places) == set(model.network)
    True
    """
    columns: dict[int, list[str]] = {}
    for name in model.network:
        columns.setdefault(COLUMN_OF_GROUP.get(model.variables[name].group, 4), []).append(name)
    near: dict[str, list[str]] = {name: [] for name in model.network}
    for name in model.network:
        for parent in model.network[name].parents:
            near[name].append(parent)
            near[parent].append(name)
    height = {name: (i + 0.5) / len(c) for c in columns.values() for i, name in enumerate(c)}
    for _ in range(SWEEPS):
        for number, column in columns.items():
            means = {
                name: sum(height[n] for n in near[name]) / len(near[name])
                if near[name]
                else height[name]
                for name in column
            }
            columns[number] = sorted(column, key=lambda name: means[name])
            height |= {n: (i + 0.5) / len(column) for i, n in enumerate(columns[number])}
    tallest = max(len(column) for column in columns.values())
    places = {
        name: (
            BOX[0] / 2 + 6 + STEP * number,
            HEAD + ROW * (i + 0.5 + (tallest - len(column)) / 2 * (len(column) > 24))
            if len(column) > 24
            else HEAD + ROW * tallest * (i + 0.5) / len(column),
        )
        for number, column in columns.items()
        for i, name in enumerate(column)
    }
    heads = tuple((BOX[0] / 2 + 6 + STEP * i, title) for i, title in enumerate(texts_after.COLUMNS))
    return Layout(places, heads, STEP * (len(heads) - 1) + BOX[0] + 12, HEAD + ROW * tallest + 8)
