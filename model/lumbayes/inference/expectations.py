"""What learning and simulation need of the posterior: expected counts, and exact samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lumbayes.errors import LumbayesError, check_seed
from lumbayes.inference import arrays
from lumbayes.inference.batches import answer, in_order, laid_out, take_rows
from lumbayes.inference.evidence import Evidence
from lumbayes.inference.numpy_engine import LOW, run_one
from lumbayes.network.variables import Array, Network, NoisyMax, Table, Variable

ROWS = 512  # rows whose counts are held at once


@dataclass(frozen=True, eq=False)
class FamilyMarginals:
    """Expected counts of every variable with its parents, summed over the rows of a batch.

    Attributes
    ----------
    tables : mapping of variable to array
        Per variable with a full table, shape ``(k_parent1, …, k_parentN, k)``; sums to the total
        weight of the rows.
    leaks : mapping of variable to array
        Per noisy-MAX variable the counts of what its leak contributes, shape ``(k,)``.
    effects : mapping of variable to tuple of arrays
        Per noisy-MAX variable and cause the counts of (cause's state, what it contributes), shape
        ``(k_cause, k)``.
    log_evidence : array
        log P(evidence) of each row, shape ``(n,)``.
    """

    tables: Mapping[str, Array]
    leaks: Mapping[str, Array]
    effects: Mapping[str, tuple[Array, ...]]
    log_evidence: Array


def family_marginals(
    network: Network, given: Evidence, weights: npt.NDArray[np.float64] | None = None
) -> FamilyMarginals:
    """Return the expected counts that expectation-maximisation needs.

    A noisy-MAX is counted through its hidden contributions: one variable per cause and one for the
    leak, of which the effect is the largest.

    Parameters
    ----------
    network : Network
        Without parameter draws.
    given : Evidence
        A batch; a variable that ``do`` sets gives no counts.
    weights : array, optional
        How often each row counts, shape ``(n,)``; once if None.

    Returns
    -------
    FamilyMarginals
        Rows whose evidence is impossible count nothing and have log_evidence minus infinity.

    Examples
    --------
    >>> from lumbayes.inference.evidence import evidence
    >>> from lumbayes.knowledge.model import load_model
    >>> network = load_model().network
    >>> counts = family_marginals(network, evidence(network, {"sex": "male"}))
    >>> counts.tables["sex"].round(12)
    array([1., 0.])
    """
    if network.draws is not None:
        raise LumbayesError("counts need one set of numbers: pass the network of means.")
    wide = with_contributions(network)
    families = {
        name: frozenset([name, *wide[name].parents])
        for name in wide
        if name not in given.do
        and isinstance(wide[name].distribution, Table)
        and name.partition(" ← ")[0] not in given.do
    }
    counts = {
        n: np.zeros([len(wide[v].states) for v in in_order(wide, f)]) for n, f in families.items()
    }
    share = np.ones(given.size) if weights is None else np.asarray(weights, dtype=np.float64)
    logs = np.zeros(given.size)
    for start in range(0, given.size, ROWS):
        rows = np.arange(start, min(start + ROWS, given.size))
        found = answer(wide, take_rows(given, rows), tuple(families.values()))
        logs[rows] = found.log_evidence
        for name, family in families.items():
            counts[name] += found.joints[family] @ share[rows]
    tables = {n: _family_order(wide, n, counts[n]) for n in families if n in network}
    noisy = [
        v
        for v in network.variables.values()
        if isinstance(v.distribution, NoisyMax) and v.name not in given.do
    ]
    return FamilyMarginals(
        tables,
        {v.name: counts[contribution(v.name)] for v in noisy},
        {
            v.name: tuple(
                _family_order(wide, contribution(v.name, p), counts[contribution(v.name, p)])
                for p in v.parents
            )
            for v in noisy
        },
        logs,
    )


def contribution(effect: str, cause: str = "") -> str:
    """Name the hidden variable that holds what a cause (or the leak) contributes to an effect."""
    return f"{effect} ← {cause}"


def _family_order(network: Network, name: str, counts: Array) -> Array:
    """Turn axes in network order into parents first, as in the variable's table."""
    order = in_order(network, frozenset([name, *network[name].parents]))
    return counts.transpose([order.index(v) for v in (*network[name].parents, name)])


def with_contributions(network: Network) -> Network:
    """Write every noisy-MAX as the maximum of explicit contributions; same joint of the rest."""
    made: list[Variable] = []
    for variable in network.variables.values():
        noisy = variable.distribution
        if not isinstance(noisy, NoisyMax):
            made.append(variable)
            continue
        name, states = variable.name, variable.states
        parts = [Variable(contribution(name), states, (), Table(noisy.leak))]
        for cause, effect in zip(variable.parents, noisy.effects, strict=True):
            parts.append(Variable(contribution(name, cause), states, (cause,), Table(effect)))
        as_it_is = np.eye(len(states))
        largest = NoisyMax(as_it_is[0], tuple(as_it_is for _ in parts))
        made += [*parts, Variable(name, states, tuple(p.name for p in parts), largest)]
    return Network(made)


def sample(
    network: Network, given: Evidence, n: int, seed: int = 0
) -> dict[str, npt.NDArray[np.intp]]:
    """Draw whole cases from P(everything | given), exactly and without rejection.

    Parameters
    ----------
    network : Network
        Without parameter draws.
    given : Evidence
        One case; what is known for certain comes back as it is.
    n : int
        How many cases to draw.
    seed : int
        The same seed draws the same cases.

    Returns
    -------
    dict of array
        State indices of every variable, each of shape ``(n,)``.

    Raises
    ------
    LumbayesError
        If the network holds draws, or the evidence is a batch or impossible, or the seed negative.

    Examples
    --------
    >>> from lumbayes.inference.evidence import evidence
    >>> from lumbayes.knowledge.model import load_model
    >>> network = load_model().network
    >>> drawn = sample(network, evidence(network, {"sex": "male"}), 5)
    >>> drawn["pregnancy"].tolist()
    [0, 0, 0, 0, 0]
    """
    check_seed(seed)
    if network.draws is not None or given.size != 1:
        raise LumbayesError(
            "sample needs one set of numbers and one case: pass the network of means."
        )
    tree, rows, _ = laid_out(network, given, tuple(network))
    done = run_one(tree, rows, arrays.SUMS, all_free=True)
    if not LOW < float(done.evidence()[0]) < 1 / LOW:
        done = run_one(tree, rows, arrays.LOGS, all_free=True)
        if not np.isfinite(done.evidence()[0]):
            raise LumbayesError("the evidence is impossible: leave a finding out.")
    rng = np.random.default_rng(seed)
    drawn: dict[int, npt.NDArray[np.intp]] = {}
    for variable in reversed(done.plan.free):
        edges = np.cumsum(np.atleast_2d(done.weights(variable, drawn)), axis=1)
        chosen = rng.random(n)[:, None] * edges[:, -1:]
        drawn[variable] = (edges <= chosen).sum(axis=1).astype(np.intp)
    cases = {name: drawn[tree.number[name]] for name in network if tree.number[name] in drawn}
    for name in network:
        if name not in cases:
            state = given.do.get(name, 0)
            cases[name] = np.full(n, state, dtype=np.intp)
    return {name: cases[name] for name in network}
