"""The most probable states: of everything (MPE), or of some variables with the rest summed out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lumbayes.errors import LumbayesError
from lumbayes.inference import arrays
from lumbayes.inference.batches import laid_out, relevant, too_large
from lumbayes.inference.compiled_tree import CompiledTree, compile_tree
from lumbayes.inference.elimination import constrained_elimination
from lumbayes.inference.evidence import Evidence, Findings, evidence
from lumbayes.inference.factors import factor_graph
from lumbayes.inference.marginals import one_set_of_numbers, refuse_impossible
from lumbayes.inference.numpy_engine import run_one
from lumbayes.inference.tree_queries import TooLarge
from lumbayes.network.variables import Network

if TYPE_CHECKING:
    import pandas as pd

LIMIT = 1 << 26  # entries up to which a tree is compiled for this


def most_probable(
    network: Network,
    targets: Sequence[str] | None = None,
    given: Findings | None = None,
    do: Mapping[str, str] | None = None,
) -> pd.Series[str]:
    """Return the states of some variables that are most probable together, exactly.

    Not the most probable state of each: those may even be impossible together.

    Parameters
    ----------
    network : Network
        Without parameter draws.
    targets : sequence of str, optional
        The variables asked about; the others are summed out. If None, all that is neither seen
        for certain nor set: the most probable explanation.
    given, do : mapping, optional
        As for ``evidence``. A variable not mentioned is unobserved.

    Returns
    -------
    Series
        The state of each target by name; ``attrs["log_probability"]`` holds
        log P(these states, given | do). Of states equally probable together, any.

    Raises
    ------
    UnknownNameError
        If a variable or state does not exist.
    LumbayesError
        If a target is named twice, or the tree would be too large.
    ImpossibleEvidenceError
        If the findings have probability zero.

    Source: Koller & Friedman (2009), Probabilistic Graphical Models, chapter 13.

    Examples
    --------
    >>> import numpy as np
    >>> from lumbayes.network.variables import Network, Table, Variable
    >>> ill = Variable("ill", ("no", "yes"), (), Table(np.array([0.9, 0.1])))
    >>> test = Variable("test", ("-", "+"), ("ill",), Table(np.array([[0.9, 0.1], [0.2, 0.8]])))
    >>> found = most_probable(Network([ill, test]), given={"test": "+"})
    >>> found["ill"], round(float(np.exp(found.attrs["log_probability"])), 3)
    ('no', 0.09)
    """
    import pandas as pd

    one_set_of_numbers(network)
    known = evidence(network, given, do)
    seen = {n for n, w in known.likelihoods.items() if np.count_nonzero(w) == 1} | set(known.do)
    wanted = [v for v in network if v not in seen] if targets is None else list(targets)
    for name in wanted:
        network[name]
    if len(set(wanted)) != len(wanted):
        raise LumbayesError(f"a target stands twice in {', '.join(wanted)}. Name each once.")
    tree = _tree(network, known, wanted)
    _, rows, logs = laid_out(network, known, tuple(wanted), tree=tree)
    numbers = frozenset(tree.number[v] for v in wanted)
    try:
        done = run_one(tree, rows, arrays.LOGS, largest=numbers, wanted=tuple(sorted(numbers)))
    except TooLarge as error:
        raise LumbayesError(too_large(network, known, wanted, error.entries)) from None
    total = done.evidence() + logs
    refuse_impossible(network, known, total)
    chosen: dict[int, arrays.Choice] = {}
    for variable in reversed([v for v in done.plan.free if v in numbers]):
        best = done.weights(variable, chosen).argmax(axis=1)
        chosen[variable] = best.astype(np.intp)
    states = []
    for name in wanted:
        v = tree.number[name]
        state = int(chosen[v][0]) if v in chosen else done.plan.status[v]
        states.append(network[name].states[state])
    found = pd.Series(states, index=pd.Index(wanted, name="variable"), name="most probable")
    found.attrs["log_probability"] = float(total[0])
    return found


def _tree(network: Network, known: Evidence, wanted: Sequence[str]) -> CompiledTree:
    """Return a tree in which the targets are summed out after all others."""
    asked = [v for v in known.likelihoods if v not in known.do]
    seen = {n for n in asked if np.count_nonzero(known.likelihoods[n]) == 1}
    absent = frozenset(n for n in seen if known.likelihoods[n][0, 0] > 0)
    needed = frozenset(relevant(network, (*asked, *wanted), known.do))
    graph = factor_graph(
        network,
        frozenset(seen | set(known.do)),
        absent,
        needed - set(known.do),
        [(v,) for v in wanted],
        whole=True,
    )
    last = frozenset(i for i, n in enumerate(graph.names) if n in set(wanted))
    order = constrained_elimination(graph.cards, *graph.planned, last, LIMIT)
    if order is None:
        raise LumbayesError(too_large(network, known, wanted, LIMIT))
    return compile_tree(network, graph, order)
