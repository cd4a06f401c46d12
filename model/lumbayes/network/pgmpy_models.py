"""A network as a pgmpy model, and back."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from lumbayes.errors import LumbayesError, TableError
from lumbayes.network.reading import Reading, normalised
from lumbayes.network.variables import Network, Table, Variable

if TYPE_CHECKING:
    from pgmpy.models import DiscreteBayesianNetwork

_TAKEN: WeakKeyDictionary[Any, tuple[object, Reading]] = WeakKeyDictionary()
"""What became of each pgmpy model that still lives, with the tables that it had then."""


def to_pgmpy(network: Network) -> DiscreteBayesianNetwork:
    """Return a network as a pgmpy model, for its structure tools and file formats.

    Raises
    ------
    LumbayesError
        If the network holds parameter draws, or pgmpy is not installed.
    """
    if network.draws is not None:
        raise LumbayesError(
            "a network of parameter draws has no pgmpy form: pass the network of means."
        )
    try:
        from pgmpy.factors.discrete import TabularCPD
        from pgmpy.models import DiscreteBayesianNetwork
    except ImportError as error:
        raise LumbayesError("pgmpy is not installed: pip install 'lumbayes[pgmpy]'") from error

    model = DiscreteBayesianNetwork(
        [(p, v.name) for v in network.variables.values() for p in v.parents]
    )
    model.add_nodes_from(list(network.variables))
    for v in network.variables.values():
        k = len(v.states)
        model.add_cpds(
            TabularCPD(
                v.name,
                k,
                v.cpt.reshape(-1, k).T,
                list(v.parents),
                [len(network.variables[p].states) for p in v.parents],
                state_names={n: list(network.variables[n].states) for n in (v.name, *v.parents)},
            )
        )
    return model


def from_pgmpy(model: DiscreteBayesianNetwork) -> Reading:
    """Take over a pgmpy model: same variables, states and tables, rows normalised.

    A model whose tables did not change since gives the same network, with all that was compiled for
    it.

    Raises
    ------
    TableError
        If a variable has no table, or a row is further than 0.01 from summing to 1.
    """
    tables = [
        (c.variables, tuple(map(tuple, c.state_names.values())), np.asarray(c.values).tobytes())
        for c in getattr(model, "cpds", ())
    ]
    now = (tuple(model.nodes()), tables)
    with suppress(TypeError, KeyError):
        before, reading = _TAKEN[model]
        if before == now:
            return reading
    reading = _taken_over(model)
    with suppress(TypeError):
        _TAKEN[model] = now, reading
    return reading


def _taken_over(model: DiscreteBayesianNetwork) -> Reading:
    notes: list[str] = []
    variables = []
    for name in model.nodes():
        cpd = model.get_cpds(name)
        if cpd is None:
            raise TableError(f"the pgmpy model has no table for {name}: add_cpds first.")
        order = cpd.variables
        states = tuple(str(s) for s in cpd.state_names[name])
        values = np.moveaxis(np.array(cpd.values, dtype=np.float64), 0, -1)
        parents = tuple(str(p) for p in order[1:])
        table = Table(normalised(values, f"the pgmpy model: {name}", notes))
        variables.append(Variable(str(name), states, parents, table))
    return Reading(Network(variables), tuple(notes))
