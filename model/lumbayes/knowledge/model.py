"""From the tables in ``data/`` to a network, and to draws of it within the intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType

import numpy as np

from lumbayes.errors import LumbayesError, check_seed, unknown_name, wrong
from lumbayes.knowledge.conversions import beta_from_interval
from lumbayes.knowledge.coordinates import coordinates, values_at
from lumbayes.knowledge.definition import LAYERS, ROLES, Link, Number, Recipe, VariableInfo
from lumbayes.knowledge.definition_reader import read_definition
from lumbayes.knowledge.posterior import SAME, JointPosterior, read_posterior
from lumbayes.knowledge.tables import data_version
from lumbayes.network.variables import Array, Network, NoisyMax, Table, Variable

MOST_DRAWS = 100_000
PAIN_GROUPS = ("pain_place", "pain_behaviour")
LEAST, MOST = 1e-12, 1 - 1e-12
"""Draws stay within: what is possible by the tables is possible in every draw."""

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
    recipes : tuple of Recipe
        How each variable of the network takes its table from the numbers.

    Examples
    --------
    >>> model = load_model()
    >>> model.network["slr"].states
    ('negative', 'positive')
    >>> model.names("imbalance")
    ('gmax_weak', 'hip_flexors_tight', 'gmed_weak', 'tfl_tight')
    """

    variables: Mapping[str, VariableInfo]
    numbers: tuple[Number, ...]
    links: tuple[Link, ...]
    folder: Path | None
    version: str
    recipes: tuple[Recipe, ...] = field(repr=False)

    def __repr__(self) -> str:
        """Say which tables these are, and how large."""
        counts = f"{len(self.variables)} variables, {len(self.numbers)} numbers"
        return f"<Model {self.version}: {counts}, from {self.folder or 'the shipped tables'}>"

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
            if not isinstance(layer, str) or layer not in LAYERS:
                raise unknown_name("layer", layer, LAYERS)
        return tuple(v.name for v in self.variables.values() if v.layer in layers)

    def with_role(self, role: str) -> tuple[str, ...]:
        """Return the names of the variables that have a role in ``roles.csv``.

        Examples
        --------
        >>> load_model().with_role("stratum")
        ('age_band', 'sex')
        """
        if not isinstance(role, str) or role not in ROLES:
            raise unknown_name("role", role, ROLES)
        return self._by_role[role]

    @cached_property
    def _by_role(self) -> Mapping[str, tuple[str, ...]]:
        known = self.variables.values()
        return {role: tuple(v.name for v in known if role in v.roles) for role in ROLES}

    @cached_property
    def reports_pain(self) -> Mapping[str, bool]:
        """The variables that tell where a pain is and how it behaves: whether any answer tells.

        The onset of a pain does by any answer, others by any state but the first.
        """
        told = (v for v in self.variables.values() if v.group in PAIN_GROUPS)
        return {v.name: "any_answer" in v.roles for v in told}

    def number(self, id: str) -> Number:
        """Return the number with an id, or raise UnknownNameError with the nearest one."""
        if not isinstance(id, str) or id not in self._index:
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
            In the order of ``numbers``; a second axis of length ``n`` gives ``n`` draws.

        Returns
        -------
        Network
            With ``draws`` None or ``n``.

        Raises
        ------
        LumbayesError
            If there are not ``m`` values, or a probability leaves [0, 1].
        """
        if not isinstance(values, np.ndarray) or values.dtype != np.float64:
            raise wrong("values", values, f"an array of {len(self.numbers)} floats")
        if values.shape[:1] != (len(self.numbers),) or values.ndim > 2:
            raise LumbayesError(
                f"values have shape {values.shape}, expected ({len(self.numbers)},) or "
                f"({len(self.numbers)}, draws)."
            )
        return Network(
            (_build(r, values) for r in self.recipes),
            None if values.ndim == 1 else values.shape[1],
        )

    def draw(self, n: int, seed: int = 0) -> Array:
        """Draw the numbers ``n`` times, from their joint posterior if the folder has one.

        The posterior is that of all published figures at once, with its correlations, on the logit
        scale around the values of the tables. Without one, after learning or in tables of another
        kind, each number is drawn from its own interval: a number with an interval is a Beta of
        that mean and variance ((high - low)/3.92)²; several of one distribution are a Dirichlet
        with the smallest sample size among them. A number without width, or of 0 or 1, stays.

        Returns
        -------
        array, shape (m, n)
            Distributions that share their draw groups are drawn once. The same ``n`` and ``seed``
            give the same draws.

        Raises
        ------
        LumbayesError
            If the seed is negative.

        Examples
        --------
        >>> load_model().draw(3).shape == (len(load_model().numbers), 3)
        True
        """
        check_seed(seed)
        if not isinstance(n, int) or isinstance(n, bool) or not 1 <= n <= MOST_DRAWS:
            raise wrong("n", n, f"a whole number from 1 to {MOST_DRAWS:,}")
        return _draw(self, n, seed)

    @cached_property
    def joint_posterior(self) -> JointPosterior | None:
        """The joint posterior of the synthesis, if the folder has one of these very values."""
        found = read_posterior(self.folder)
        if found is None or not set(found.ids) <= set(self._index):
            return None
        values = self.values[[self._index[id] for id in found.ids]]
        return found if np.allclose(values, found.values, rtol=SAME, atol=0.0) else None

    def mates(self, position: int) -> tuple[int, ...]:
        """Return the positions of the numbers of its distribution, the number itself included."""
        return self._mates[self._at(position)]

    def original(self, position: int) -> int:
        """Return the position of the first number that is the same one, by their draw groups."""
        return self._originals[self._at(position)]

    def _at(self, position: int) -> int:
        if isinstance(position, int | np.integer) and 0 <= position < len(self.numbers):
            return int(position)
        raise wrong("position", position, f"a whole number from 0 to {len(self.numbers) - 1}")

    @cached_property
    def _distributions(self) -> tuple[tuple[int, ...], ...]:
        groups: dict[int, list[int]] = {}
        for i, number in enumerate(self.numbers):
            key = number.distribution if number.distribution >= 0 else -2 - i
            groups.setdefault(key, []).append(i)
        return tuple(tuple(g) for g in groups.values())

    @cached_property
    def _mates(self) -> Mapping[int, tuple[int, ...]]:
        return {i: group for group in self._distributions for i in group}

    @cached_property
    def _originals(self) -> Mapping[int, int]:
        first: dict[tuple[str, ...], tuple[int, ...]] = {}
        originals: dict[int, int] = {}
        for group in self._distributions:
            key = tuple(self.numbers[i].draw_group for i in group)
            same = first.setdefault(key, group) if any(key) else group
            originals.update(zip(group, same, strict=True))
        return originals


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
    sizes = [_sample_size(number) for number in model.numbers]
    own = [i for i in range(len(sizes)) if model.original(i) == i]
    if model.joint_posterior is None:
        drawn = np.repeat(model.values[:, None], n, axis=1)
    else:
        drawn = _draw_jointly(model, model.joint_posterior, n, rng)
        joint = {model.position(id) for id in model.joint_posterior.ids}
        own = [i for i in own if i not in joint]
    plain = [i for i in own if len(model.mates(i)) == 1 and np.isfinite(sizes[i])]
    means, size = model.values[plain, None], np.array(sizes)[plain, None]
    drawn[plain] = np.clip(rng.beta(means * size, (1 - means) * size, (len(plain), n)), LEAST, MOST)
    for first in own:
        group = model.mates(first)
        smallest = min(sizes[i] for i in group)
        if len(group) > 1 and group[0] == first and np.isfinite(smallest):
            possible = [i for i in group if model.values[i] > 0]
            means = model.values[possible]
            rest = max(1 - means.sum(), LEAST)
            shares = rng.dirichlet(np.append(means, rest) * smallest, size=n).T
            shares = np.clip(shares, LEAST, MOST)
            drawn[possible] = (shares / shares.sum(axis=0))[:-1]
    drawn = drawn[[model.original(i) for i in range(len(sizes))]]
    drawn.setflags(write=False)
    return drawn


def _draw_jointly(model: Model, joint: JointPosterior, n: int, rng: np.random.Generator) -> Array:
    free = [model.position(id) for id in joint.ids]
    centre = coordinates(model, model.values)[free, None]
    drawn = values_at(model, free, centre + joint.draw(n, rng))
    drawn[free] = drawn[free].clip(LEAST, MOST)
    return drawn


def _sample_size(number: Number) -> float:
    """Return how many cases a number is worth (a + b of its Beta), infinite if it has no width."""
    if number.high <= number.low or not 0 < number.value < 1:
        return np.inf
    a, b = beta_from_interval(number.value, number.low, number.high)
    return float(a + b)


def load_model(folder: Path | None = None) -> Model:
    """Read and check the tables of a folder and return the model they define.

    As ``doors.workbench.load_model``. Cached: a folder whose tables did not change gives the same
    object. Raises TableError if a table is broken; the message names file and line.

    Examples
    --------
    >>> model = load_model()
    >>> model is load_model()
    True
    >>> number = model.number("gmax_weak=present<-leak")
    >>> number.low <= number.value <= number.high
    True
    """
    return _load(folder, "" if folder is None else data_version(folder))


@lru_cache(maxsize=4)
def _load(folder: Path | None, version: str) -> Model:
    """Load a folder. The shipped tables do not change: they have no version until they are read."""
    read = read_definition(folder)
    return Model(
        MappingProxyType(read.variables),
        read.numbers,
        read.links,
        folder,
        version or data_version(folder),
        read.recipes,
    )
