"""What we believe, frozen: variables, their tables or noisy-MAX links, and the network of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from lumbayes.errors import LumbayesError, unknown_name, wrong

Array = npt.NDArray[np.float64]
ROW_SUM = 1e-9
"""How far from 1 a row of a table may sum: rounding of the machine, no more."""


@dataclass(frozen=True, eq=False)
class Table:
    """A full conditional probability table.

    ``values`` has shape ``(k_parent1, …, k_parentN, k)``, or that and a last axis of length ``n``
    when the network holds ``n`` parameter draws; it sums to 1 over the variable's own axis.
    """

    values: Array

    def __post_init__(self) -> None:
        """Take any array of numbers over."""
        object.__setattr__(self, "values", _numbers("values", self.values))


@dataclass(frozen=True, eq=False)
class NoisyMax:
    """A leaky noisy-MAX (noisy-OR when binary): each cause alone may raise the effect.

    The highest state that any cause, or the leak, asks for wins:
    ``P(Y <= y | x) = L[y] * prod_i E_i[x_i, y]`` with ``L`` and ``E_i`` the cumulative sums of
    ``leak`` and ``effects[i]`` over the states of the effect. The first state of each parent is its
    reference: row 0 of each effect is ``(1, 0, …, 0)``.

    ``leak`` has shape ``(k,)`` and ``effects[i]`` shape ``(k_parent_i, k)``, each with a last axis
    of length ``n`` when the network holds ``n`` parameter draws.

    Source: Díez (1993), Parameter adjustment in Bayes networks: the generalized noisy OR-gate;
    Henrion (1989) for the leak.
    """

    leak: Array
    effects: tuple[Array, ...]

    def __post_init__(self) -> None:
        """Take any arrays of numbers over."""
        object.__setattr__(self, "leak", _numbers("leak", self.leak))
        if not isinstance(self.effects, tuple | list):
            raise wrong("effects", self.effects, "a tuple of arrays, one for each parent")
        effects = tuple(_numbers(f"effects[{i}]", e) for i, e in enumerate(self.effects))
        object.__setattr__(self, "effects", effects)


def _numbers(name: str, value: object) -> Array:
    if isinstance(value, np.ndarray) and value.dtype == np.float64 and value.ndim:
        return value
    array = None
    with suppress(TypeError, ValueError, OverflowError):
        array = np.asarray(None if isinstance(value, str | bytes) else value, dtype=np.float64)
    if array is None or not array.size or not array.ndim:
        raise wrong(name, value, "an array of probabilities, such as [0.9, 0.1]")
    return array


@dataclass(frozen=True, eq=False)
class Variable:
    """One variable: its name, its states, its parents and its distribution.

    The states stand in clinical order, absent first; the order of the parents is that of the
    leading axes of the table.

    Examples
    --------
    >>> import numpy as np
    >>> slr = Variable("slr", ("negative", "positive"), (), Table(np.array([0.9, 0.1])))
    >>> slr.index("positive")
    1
    >>> slr.cpt
    array([0.9, 0.1])
    """

    name: str
    states: tuple[str, ...]
    parents: tuple[str, ...]
    distribution: Table | NoisyMax

    def __post_init__(self) -> None:
        """Check of what kind each part is; whether they fit together the network checks."""
        if not isinstance(self.name, str):
            raise wrong("name", self.name, "a text, such as 'slr'")
        for part in ("states", "parents"):
            named = getattr(self, part)
            if not isinstance(named, tuple | list) or not all(isinstance(n, str) for n in named):
                raise wrong(part, named, "a tuple of texts, such as ('no', 'yes')")
            object.__setattr__(self, part, tuple(named))
        if not isinstance(self.distribution, Table | NoisyMax):
            raise wrong("distribution", self.distribution, "a Table or NoisyMax")

    def index(self, state: object) -> int:
        """Return the position of a state.

        Raises
        ------
        UnknownNameError
            If the variable has no such state.
        """
        if state not in self.states:
            raise unknown_name(f"state of {self.name}", state, self.states)
        return self.states.index(str(state))

    @property
    def cpt(self) -> Array:
        """P(variable | parents), shape ``(k_parent1, …, k_parentN, k[, n])``."""
        if isinstance(self.distribution, Table):
            return self.distribution.values
        return noisy_max_table(self.distribution)


def noisy_max_table(noisy: NoisyMax) -> Array:
    """Write a noisy-MAX out as a full table, shape ``(k_parent1, …, k_parentN, k[, n])``.

    Examples
    --------
    >>> import numpy as np
    >>> effect = np.array([[1.0, 0.0], [0.5, 0.5]])
    >>> noisy_max_table(NoisyMax(np.array([0.9, 0.1]), (effect,)))
    array([[0.9 , 0.1 ],
           [0.45, 0.55]])
    """
    drawn = noisy.leak.ndim == 2
    count = len(noisy.effects)
    cumulative = np.cumsum(noisy.leak, axis=0)
    for i, effect in enumerate(noisy.effects):
        shape = [1] * count
        shape[i] = effect.shape[0]
        own = np.cumsum(effect, axis=1)
        cumulative = cumulative * own.reshape(*shape, *own.shape[1:])
    axis = -2 if drawn else -1
    first = np.take(cumulative, [0], axis=axis)
    return np.concatenate([first, np.diff(cumulative, axis=axis)], axis=axis)


@dataclass(frozen=True, eq=False, repr=False)
class Network:
    """A discrete Bayesian network, checked once and never changed.

    Parameters
    ----------
    variables : iterable of Variable
        In any order; parents must be among them and form no cycle.
    draws : int, optional
        None for one set of numbers; ``n`` if every array carries a last axis of ``n`` parameter
        draws (length 1 on that axis stands for "the same in every draw"). The arrays are made
        read-only.

    Raises
    ------
    LumbayesError
        If a name or a parent repeats, a parent is missing, a cycle exists, or a table has a wrong
        shape, a value outside [0, 1] or a row that does not sum to 1.

    Examples
    --------
    >>> import numpy as np
    >>> ill = Variable("ill", ("no", "yes"), (), Table(np.array([0.99, 0.01])))
    >>> sign = Table(np.array([[0.9, 0.1], [0.2, 0.8]]))
    >>> network = Network([Variable("test", ("-", "+"), ("ill",), sign), ill])
    >>> list(network)
    ['ill', 'test']
    """

    variables: Mapping[str, Variable]
    draws: int | None = None

    def __init__(self, variables: Iterable[Variable], draws: int | None = None) -> None:
        if isinstance(variables, str | bytes | Mapping) or not isinstance(variables, Iterable):
            raise wrong("variables", variables, "a list of Variable")
        listed = list(variables)
        for one in listed:
            if not isinstance(one, Variable):
                raise wrong("one of the variables", one, "a Variable")
        if draws is not None and (isinstance(draws, bool) or not isinstance(draws, int)):
            raise wrong("draws", draws, "a whole number, or None")
        if draws is not None and draws < 1:
            raise LumbayesError(f"a network of {draws} draws has no numbers. Ask for 1 or more.")
        ordered = _topological(listed)
        object.__setattr__(self, "variables", MappingProxyType(ordered))
        object.__setattr__(self, "draws", draws)
        for variable in ordered.values():
            _check(variable, ordered, draws)

    def __getitem__(self, name: str) -> Variable:
        """Return a variable, or raise UnknownNameError with the nearest name."""
        if not isinstance(name, str) or name not in self.variables:
            raise unknown_name("variable", name, self.variables)
        return self.variables[name]

    def __repr__(self) -> str:
        """Say how large it is."""
        drawn = "" if self.draws is None else f", {self.draws} draws"
        return f"<Network of {len(self)} variables{drawn}>"

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names, parents before children."""
        return iter(self.variables)

    def __len__(self) -> int:
        """Return the number of variables."""
        return len(self.variables)

    def __contains__(self, name: object) -> bool:
        """Tell whether a variable of that name exists."""
        return name in self.variables


def _topological(variables: list[Variable]) -> dict[str, Variable]:
    by_name: dict[str, Variable] = {}
    for variable in variables:
        if variable.name in by_name:
            raise LumbayesError(
                f"{variable.name}: defined twice. Give each variable one definition."
            )
        by_name[variable.name] = variable
    for variable in variables:
        for parent in variable.parents:
            if parent not in by_name:
                raise unknown_name(f"parent of {variable.name}", parent, by_name)
        if len(set(variable.parents)) != len(variable.parents):
            raise LumbayesError(
                f"{variable.name}: a parent stands twice in {', '.join(variable.parents)}. "
                "Remove one."
            )
    try:
        order = list(TopologicalSorter({v.name: v.parents for v in variables}).static_order())
    except CycleError as error:
        raise LumbayesError(
            f"the arrows form a cycle: {' → '.join(error.args[1])}. Remove one."
        ) from None
    return {name: by_name[name] for name in order}


def _check(variable: Variable, by_name: Mapping[str, Variable], draws: int | None) -> None:
    k = len(variable.states)
    if k < 1 or len(set(variable.states)) != k:
        raise LumbayesError(
            f"{variable.name}: it needs states that differ, got "
            f"{', '.join(variable.states) or 'none'}. Rename or add some."
        )
    cards = tuple(len(by_name[p].states) for p in variable.parents)
    noisy = variable.distribution
    if not isinstance(noisy, NoisyMax):
        _check_rows(variable.name, noisy.values, (*cards, k), draws)
        return
    if len(noisy.effects) != len(cards):
        raise LumbayesError(
            f"{variable.name}: {len(cards)} parents but {len(noisy.effects)} noisy-MAX effects. "
            "Give one for each parent."
        )
    _check_rows(variable.name, noisy.leak, (k,), draws)
    for parent, card, effect in zip(variable.parents, cards, noisy.effects, strict=True):
        _check_rows(variable.name, effect, (card, k), draws)
        if np.abs(effect[0, 0] - 1.0).max() > ROW_SUM:
            raise LumbayesError(
                f"{variable.name}: {by_name[parent].states[0]}, the first state of its cause "
                f"{parent}, must leave it at {variable.states[0]}: row 0 must be (1, 0, …, 0)."
            )


def _check_rows(name: str, array: Array, shape: tuple[int, ...], draws: int | None) -> None:
    expected = shape if draws is None else (*shape, draws)
    allowed = (expected,) if draws is None else (expected, (*shape, 1))
    if array.shape not in allowed:
        raise LumbayesError(f"{name}: its table has shape {array.shape}, expected {expected}.")
    sums = array.sum(axis=len(shape) - 1)
    # Written so that a NaN fails too.
    if not (array.min() >= 0.0 and np.abs(sums - 1.0).max() <= ROW_SUM):
        raise LumbayesError(
            f"{name}: a row of its table does not sum to 1 with values in [0, 1]; "
            f"the sums go from {np.min(sums):.9g} to {np.max(sums):.9g}, the least value is "
            f"{np.min(array):.6g}."
        )
    array.setflags(write=False)
