"""From the tables in ``data/`` to a network, and to draws of it: every number once, with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType

import numpy as np

from lumbayes.conversions import beta_from_interval
from lumbayes.definition import LAYERS, Link, Number, Recipe, VariableInfo, read_definition
from lumbayes.errors import TableError, unknown_name
from lumbayes.network import Array, Network, NoisyMax, Table, Variable
from lumbayes.tables import data_version

__all__ = ["Link", "Model", "Number", "VariableInfo", "load_model"]


@dataclass(frozen=True, eq=False)
class Model:
    """The tables, checked, and the network they define.

    Attributes
    ----------
    variables : mapping of name to VariableInfo
        All layers, ``triage_only`` included, in the order of the table.
    numbers : tuple of Number
        Every number of ``links.csv`` and ``probabilities.csv``.
    links : tuple of Link
        Every arrow between two variables.
    folder : Path or None
        Where the tables were read from; None for the shipped ones.
    version : str
        Eight hexadecimal digits of the data.
    """

    variables: Mapping[str, VariableInfo]
    numbers: tuple[Number, ...]
    links: tuple[Link, ...]
    folder: Path | None
    version: str
    _recipes: tuple[Recipe, ...] = field(repr=False)

    @cached_property
    def values(self) -> Array:
        """The published values, shape ``(m,)``, in the order of ``numbers``."""
        values = np.array([n.value for n in self.numbers])
        values.setflags(write=False)
        return values

    @cached_property
    def network(self) -> Network:
        """The network of the published values."""
        return self.network_with(self.values)

    def names(self, *layers: str) -> tuple[str, ...]:
        """Return the names of the variables of the given layers, in the order of the table."""
        for layer in layers:
            if layer not in LAYERS:
                raise unknown_name("layer", layer, LAYERS)
        return tuple(v.name for v in self.variables.values() if v.layer in layers)

    def number(self, id: str) -> Number:
        """Return the number with an id, or raise UnknownNameError with the nearest one."""
        if id not in self._index:
            raise unknown_name("number", id, self._index)
        return self.numbers[self._index[id]]

    def position(self, id: str) -> int:
        """Return the position of a number in ``values``."""
        self.number(id)
        return self._index[id]

    @cached_property
    def _index(self) -> Mapping[str, int]:
        return {n.id: i for i, n in enumerate(self.numbers)}

    def network_with(self, values: Array) -> Network:
        """Build the network from other values.

        Parameters
        ----------
        values : array, shape (m,) or (m, n)
            In the order of ``numbers``; a second axis of length ``n`` gives a network of ``n`` draws.

        Returns
        -------
        Network
            With ``draws`` None or ``n``.
        """
        return Network(
            (_build(r, values) for r in self._recipes),
            None if values.ndim == 1 else values.shape[1],
        )

    def draw(self, n: int, seed: int = 0) -> Array:
        """Draw the numbers ``n`` times from their Beta or Dirichlet distributions.

        Returns
        -------
        array, shape (m, n)
            Distributions whose rows share their draw groups are drawn once. The same ``n`` and
            ``seed`` give the same draws.
        """
        return _draw(self, n, seed)

    @cached_property
    def _distributions(self) -> tuple[tuple[int, ...], ...]:
        groups: dict[int, list[int]] = {}
        for i, number in enumerate(self.numbers):
            key = number.distribution if number.distribution >= 0 else -2 - i
            groups.setdefault(key, []).append(i)
        return tuple(tuple(g) for g in groups.values())

    def mates(self, position: int) -> tuple[int, ...]:
        """Return the positions of the numbers in the same distribution, the number itself included."""
        return self._mates[position]

    @cached_property
    def _mates(self) -> Mapping[int, tuple[int, ...]]:
        return {i: group for group in self._distributions for i in group}


def _build(recipe: Recipe, values: Array) -> Variable:
    extended = np.concatenate([values, np.zeros((1, *values.shape[1:]))])
    arrays = []
    for index in recipe.indices:
        array = extended[index]
        axis = index.ndim - 1
        first = np.clip(1.0 - array.sum(axis=axis), 0.0, 1.0)
        array[(slice(None),) * axis + (0,)] = first
        arrays.append(array)
    distribution = NoisyMax(arrays[0], tuple(arrays[1:])) if recipe.noisy else Table(arrays[0])
    return Variable(recipe.name, recipe.states, recipe.parents, distribution)


def _draw(model: Model, n: int, seed: int) -> Array:
    rng = np.random.default_rng(seed)
    drawn = np.repeat(model.values[:, None], n, axis=1)
    plain: list[int] = []
    shapes: list[tuple[float, float]] = []
    shared: dict[tuple[str, ...], tuple[int, ...]] = {}
    copies: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    several: list[tuple[int, ...]] = []
    for group in model._distributions:
        key = tuple(model.numbers[i].draw_group for i in group)
        if all(key):
            if key in shared:
                copies.append((group, shared[key]))
                continue
            shared[key] = group
        if len(group) == 1:
            number = model.numbers[group[0]]
            size = _sample_size(number)
            if np.isfinite(size):
                plain.append(group[0])
                shapes.append((number.value * size, (1 - number.value) * size))
        else:
            several.append(group)
    a, b = np.array(shapes).T.reshape(2, -1, 1)
    drawn[plain] = rng.beta(a, b, size=(len(plain), n))
    for group in several:
        numbers = [model.numbers[i] for i in group]
        size = min(_sample_size(m) for m in numbers)
        if np.isfinite(size):
            means = np.array([m.value for m in numbers])
            alpha = np.maximum(np.append(means, max(1 - means.sum(), 0.0)) * size, 1e-12)
            drawn[list(group)] = rng.dirichlet(alpha, size=n).T[:-1]
    for to, origin in copies:
        drawn[list(to)] = drawn[list(origin)]
    drawn.setflags(write=False)
    return drawn


def _sample_size(number: Number) -> float:
    """Return how many cases a number is worth (a + b of its Beta), infinite if it has no width."""
    if number.high <= number.low or not 0 < number.value < 1:
        return np.inf
    a, b = beta_from_interval(number.value, number.low, number.high)
    return float(a + b)


@lru_cache(maxsize=4)
def load_model(folder: Path | None = None) -> Model:
    """Read and check the tables of a folder and return the model they define.

    Parameters
    ----------
    folder : Path, optional
        The shipped tables if left out. A folder made by ``lumbayes learn`` works too.

    Returns
    -------
    Model
        Cached: the same folder gives the same object.

    Raises
    ------
    TableError
        If a table is broken; the message names file and line.

    Examples
    --------
    >>> model = load_model()
    >>> model.names("imbalance")
    ('gmax_weak', 'hip_flexors_tight', 'gmed_weak', 'tfl_tight')
    """
    read = read_definition(folder)
    model = Model(
        MappingProxyType(read.variables),
        read.numbers,
        read.links,
        folder,
        data_version(folder),
        read.recipes,
    )
    try:
        _ = model.network
    except TableError:
        raise
    except ValueError as error:
        raise TableError(f"data/links.csv and data/probabilities.csv: {error}") from None
    return model
