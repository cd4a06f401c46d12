"""Posteriors with one number of the tables moved; which numbers can matter at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lumbayes.cases.case import Case
from lumbayes.inference.queries import marginals
from lumbayes.knowledge.causal import causal_network
from lumbayes.knowledge.definition import Number
from lumbayes.knowledge.model import Model
from lumbayes.network.variables import Array
from lumbayes.questions.conditioning import case_evidence, case_findings
from lumbayes.questions.what_if.interventions import Event


def origin(number: Number) -> dict[str, Any]:
    """Return where a number comes from and where it stands."""
    return {k: getattr(number, k) for k in ("grade", "source", "file", "line")}


def that_matter(model: Model, case: Case, asked: Event) -> set[int]:
    """Return the positions of the numbers that can matter to a posterior."""
    if case.do:
        return set(range(len(model.numbers)))
    found = case_findings(model, case)
    hard = [n for n, f in found.items() if isinstance(f, str)]
    soft = [n for n, f in found.items() if not isinstance(f, str)]
    parents = {n: v.parents for n, v in model.network.variables.items()}
    tables = requisite(parents, asked.variable, hard, soft)
    return {
        i
        for i, n in enumerate(model.numbers)
        if n.variable in tables and n.quantity != "causal_share"
    }


def moved_values(model: Model, points: Sequence[tuple[int, float]]) -> Array:
    """Return a column of values for each number moved, its mates in proportion."""
    values = np.repeat(model.values[:, None], len(points), axis=1)
    for column, (position, x) in enumerate(points):
        rest = 1.0 - model.values[position]
        for mate in model.mates(position):
            if mate != position and rest > 0:
                # Mates never sum to more than what the moved number leaves.
                values[mate, column] *= (1.0 - x) / rest
        values[position, column] = x
    return values


def moved_posteriors(
    model: Model, case: Case, asked: Sequence[Event], points: Sequence[tuple[int, float]]
) -> tuple[Array, Array]:
    """Return log P(findings) ``(points,)`` and P(event) ``(events, points)`` with a number moved.

    Where the findings cannot be, the logarithm is minus infinity and the probability 0.
    """
    if not points:
        return np.zeros(0), np.zeros((len(asked), 0))
    values = moved_values(model, points)
    network = causal_network(model, values) if case.do else model.network_with(values)
    found = marginals(
        network, case_evidence(model, case), [e.variable for e in asked], impossible="mark"
    )
    return found.log_evidence, np.array([e.chance(found.probabilities[e.variable]) for e in asked])


def requisite(
    parents: Mapping[str, Sequence[str]],
    target: str,
    hard: Sequence[str],
    soft: Sequence[str] = (),
) -> set[str]:
    """Return the variables whose tables can matter to P(target | findings), by the graph alone.

    Parameters
    ----------
    parents : mapping of variable to its parents
        Parents before children.
    target : str
        What is asked.
    hard, soft : sequence of str
        What is known for certain, and what only by a likelihood.

    Returns
    -------
    set of str
        By the Bayes ball of Shachter (1998), UAI, that rolls from the target: tables it enters
        from below or finds known are requisite.

    Examples
    --------
    >>> chain = {"a": (), "b": ("a",), "c": ("b",), "d": ("c",)}
    >>> sorted(requisite(chain, "c", ["b"]))
    ['c']
    """
    children: dict[str, list[str]] = {name: [] for name in parents}
    for name, own in parents.items():
        for parent in own:
            children[parent].append(name)
    top: set[str] = set()
    bottom: set[str] = set()
    # A likelihood is a child of its variable, known for certain: the ball comes back up from it.
    queue: list[tuple[str, bool]] = [(target, True)]
    known, told = set(hard), set(soft)
    while queue:
        name, from_child = queue.pop()
        if from_child and name not in known:
            if name not in top:
                top.add(name)
                queue.extend((p, True) for p in parents[name])
            if name not in bottom:
                bottom.add(name)
                queue.extend((c, False) for c in children[name])
        if not from_child:
            if (name in known or name in told) and name not in top:
                top.add(name)
                queue.extend((p, True) for p in parents[name])
            if name not in known and name not in bottom:
                bottom.add(name)
                queue.extend((c, False) for c in children[name])
    return top
