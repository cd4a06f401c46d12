"""What we believe, frozen: variables, their tables or noisy-MAX links, and the network of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from lumbayes.errors import LumbayesError, unknown_name

if TYPE_CHECKING:
    from pgmpy.models import DiscreteBayesianNetwork

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Table:
    """A full conditional probability table.

    ``values`` has shape ``(k_parent1, …, k_parentN, k)``, or that and a last axis of length ``n``
    when the network holds ``n`` parameter draws; it sums to 1 over the variable's own axis.
    """

    values: Array


@dataclass(frozen=True, eq=False)
class NoisyMax:
    """A leaky noisy-MAX (noisy-OR when binary): each cause alone may raise the effect, the highest wins.

    ``P(Y <= y | x) = L[y] * prod_i E_i[x_i, y]`` with ``L`` and ``E_i`` the cumulative sums of
    ``leak`` and ``effects[i]`` over the states of the effect. The first state of each parent is its
    reference: row 0 of each effect is ``(1, 0, …, 0)``.

    ``leak`` has shape ``(k,)`` and ``effects[i]`` shape ``(k_parent_i, k)``, each with a last axis of
    length ``n`` when the network holds ``n`` parameter draws.

    Source: Díez (1993), Parameter adjustment in Bayes networks: the generalized noisy OR-gate;
    Henrion (1989) for the leak.
    """

    leak: Array
    effects: tuple[Array, ...]


@dataclass(frozen=True, eq=False)
class Variable:
    """One variable: its name, its states in clinical order (absent first), its parents and its distribution."""

    name: str
    states: tuple[str, ...]
    parents: tuple[str, ...]
    distribution: Table | NoisyMax

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
        """P(variable | parents), shape ``(k_parent1, …, k_parentN, k)`` and a last draw axis if any."""
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


@dataclass(frozen=True, eq=False)
class Network:
    """A discrete Bayesian network, checked once and never changed.

    Parameters
    ----------
    variables : iterable of Variable
        In any order; parents must be among them and form no cycle.
    draws : int, optional
        None for one set of numbers; ``n`` if every array carries a last axis of ``n`` parameter draws
        (length 1 on that axis stands for "the same in every draw").

    Raises
    ------
    LumbayesError
        If a name repeats, a parent is missing, a cycle exists, or a table has a wrong shape,
        a value outside [0, 1] or a row that does not sum to 1.
    """

    variables: Mapping[str, Variable]
    draws: int | None = None

    def __init__(self, variables: Iterable[Variable], draws: int | None = None) -> None:
        ordered = _topological(list(variables))
        object.__setattr__(self, "variables", MappingProxyType(ordered))
        object.__setattr__(self, "draws", draws)
        for variable in ordered.values():
            _check(variable, ordered, draws)

    def __getitem__(self, name: str) -> Variable:
        """Return a variable, or raise UnknownNameError with the nearest name."""
        if name not in self.variables:
            raise unknown_name("variable", name, self.variables)
        return self.variables[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names, parents before children."""
        return iter(self.variables)

    def __len__(self) -> int:
        """Return the number of variables."""
        return len(self.variables)

    def __contains__(self, name: object) -> bool:
        """Tell whether a variable of that name exists."""
        return name in self.variables

    def to_pgmpy(self) -> DiscreteBayesianNetwork:
        """Return the same network as a pgmpy model, for its structure tools and file formats.

        Raises
        ------
        LumbayesError
            If the network holds parameter draws, or pgmpy is not installed.
        """
        if self.draws is not None:
            raise LumbayesError(
                "a network of parameter draws has no pgmpy form: pass the network of means."
            )
        try:
            from pgmpy.factors.discrete import TabularCPD
            from pgmpy.models import DiscreteBayesianNetwork
        except ImportError as error:
            raise LumbayesError("pgmpy is not installed: pip install 'lumbayes[pgmpy]'") from error

        model = DiscreteBayesianNetwork(
            [(p, v.name) for v in self.variables.values() for p in v.parents]
        )
        model.add_nodes_from(list(self.variables))
        for v in self.variables.values():
            k = len(v.states)
            model.add_cpds(
                TabularCPD(
                    v.name,
                    k,
                    v.cpt.reshape(-1, k).T,
                    list(v.parents),
                    [len(self.variables[p].states) for p in v.parents],
                    state_names={n: list(self.variables[n].states) for n in (v.name, *v.parents)},
                )
            )
        return model


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
    try:
        order = list(TopologicalSorter({v.name: v.parents for v in variables}).static_order())
    except CycleError as error:
        raise LumbayesError(
            f"the arrows form a cycle: {' → '.join(reversed(error.args[1]))}. Remove one."
        ) from None
    return {name: by_name[name] for name in order}


def _check(variable: Variable, by_name: Mapping[str, Variable], draws: int | None) -> None:
    k = len(variable.states)
    if len(set(variable.states)) != k or k < 1:
        raise LumbayesError(
            f"{variable.name}: its states must be distinct, got {', '.join(variable.states)}."
        )
    cards = tuple(len(by_name[p].states) for p in variable.parents)
    noisy = variable.distribution
    if isinstance(noisy, NoisyMax):
        if len(noisy.effects) != len(cards):
            raise LumbayesError(
                f"{variable.name}: {len(cards)} parents but {len(noisy.effects)} noisy-MAX effects."
            )
        parts = [
            (noisy.leak, (k,)),
            *((e, (c, k)) for e, c in zip(noisy.effects, cards, strict=True)),
        ]
        if any(not np.allclose(e[0, 0], 1.0) for e in noisy.effects):
            raise LumbayesError(
                f"{variable.name}: the first state of each cause must leave the effect at its first."
            )
    else:
        parts = [(noisy.values, (*cards, k))]
    for array, shape in parts:
        if array.shape[: len(shape)] != shape or array.ndim != len(shape) + (draws is not None):
            raise LumbayesError(
                f"{variable.name}: its table has shape {array.shape}, expected {shape}."
            )
        sums = array.sum(axis=len(shape) - 1)
        if not (
            np.isfinite(array).all() and (array >= 0).all() and np.allclose(sums, 1.0, atol=1e-9)
        ):
            raise LumbayesError(
                f"{variable.name}: a row of its table does not sum to 1 with values in [0, 1]."
            )
        array.setflags(write=False)
