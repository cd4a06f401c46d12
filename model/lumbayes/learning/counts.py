"""What cases say of the numbers: expected counts, and how much information is in them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lumbayes.cases.case import ASKS_FOR_CARE
from lumbayes.cases.cohort import Cohort, batches_of
from lumbayes.errors import CaseError
from lumbayes.inference.batches import answer, in_order
from lumbayes.inference.evidence import evidence
from lumbayes.inference.expectations import contribution, with_contributions
from lumbayes.inference.queries import marginals
from lumbayes.knowledge.model import Model
from lumbayes.network.variables import Array, Network

ROWS = 2048  # cases whose expected counts are held at once
OPEN = 1e-9  # variance of a score within a case below which the case shows it


@dataclass(frozen=True, eq=False)
class Counted:
    """Expected counts: how often each number's event happened, of how many occasions."""

    counts: Array
    totals: Array
    log_likelihood: float


def possible(model: Model, rows: Cohort) -> npt.NDArray[np.bool_]:
    """Tell which cases can occur under the tables.

    Examples
    --------
    >>> from lumbayes.cases.cohort import rows_from_cases
    >>> from lumbayes.cases.case import Case
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> possible(model, rows_from_cases(model, [Case()]))
    array([ True])
    """
    able = np.zeros(rows.size, dtype=bool)
    for start in range(0, rows.size, ROWS):
        some = np.arange(start, min(start + ROWS, rows.size))
        for network, given, where in batches_of(model, rows.take(some)):
            found = marginals(network, given, (), impossible="mark")
            able[some[where]] = np.isfinite(found.log_evidence)
    return able


@dataclass(frozen=True, eq=False)
class _Family:
    """A variable with its parents, and where its distributions stand among the numbers."""

    target: frozenset[str]
    axes: tuple[int, ...]  # puts the axes of the joint in the order parents, own state
    index: npt.NDArray[np.int64]  # as in ``Recipe.indices``


def _families(model: Model, wide: Network) -> list[_Family]:
    families = []
    for recipe in model.recipes:
        names = [recipe.name]
        if recipe.noisy:
            names = [contribution(recipe.name)]
            names += [contribution(recipe.name, p) for p in recipe.parents]
        for name, index in zip(names, recipe.indices, strict=True):
            target = frozenset([name, *wide[name].parents])
            order = in_order(wide, target)
            axes = tuple(order.index(v) for v in (*wide[name].parents, name))
            families.append(_Family(target, axes, index))
    return families


def _joints(
    model: Model, wide: Network, families: Sequence[_Family], rows: Cohort, start: int
) -> tuple[list[Array], Array]:
    """Return P(parents, state | case) of every family for some cases, and their log P."""
    some = rows.take(np.arange(start, min(start + ROWS, rows.size)))
    ((_, given, _),) = batches_of(model, some)
    found = answer(wide, given, tuple(f.target for f in families))
    if not np.isfinite(found.log_evidence).all():
        row = start + int(np.argmin(np.isfinite(found.log_evidence)))
        raise CaseError(
            f"case {row + 1} of those to learn from cannot occur under the tables. Leave it out."
        )
    return [
        found.joints[f.target].transpose(*f.axes, len(f.axes)) for f in families
    ], found.log_evidence


def _chunks(
    work: Callable[[int], tuple[Array, Array, float]], size: int
) -> tuple[Array, Array, float]:
    """Add up what the chunks give, in their order, two or more at a time."""
    counts: Array | float = 0.0
    totals: Array | float = 0.0
    log_likelihood = 0.0
    with ThreadPoolExecutor(min(os.cpu_count() or 1, 4)) as pool:
        for some, all_, log in pool.map(work, range(0, size, ROWS)):
            counts, totals, log_likelihood = counts + some, totals + all_, log_likelihood + log
    return np.asarray(counts), np.asarray(totals), log_likelihood


def count(model: Model, values: Array, rows: Cohort, *, selected: bool) -> Counted:
    """Count, in expectation, what the cases say of every number under some values.

    Parameters
    ----------
    model : Model
        Says which number stands where.
    values : array, shape (m,)
        The numbers as they are now.
    rows : Cohort
        Cases without interventions.
    selected : bool
        Whether the log-likelihood is that of cases known to have asked for care.

    Raises
    ------
    CaseError
        If a case cannot occur.
    """
    network = model.network_with(values)
    wide = with_contributions(network)
    families = _families(model, wide)

    def work(start: int) -> tuple[Array, Array, float]:
        joints, logs = _joints(model, wide, families, rows, start)
        counts, totals = _gathered(model, families, [j.sum(axis=-1) for j in joints])
        return counts, totals, float(logs.sum())

    counts, totals, log_likelihood = _chunks(work, rows.size)
    if selected:
        asked = evidence(network, {ASKS_FOR_CARE: network[ASKS_FOR_CARE].states[1]})
        log_likelihood -= rows.size * float(answer(network, asked, ()).log_evidence[0])
    return Counted(counts, totals, log_likelihood)


def count_silent(model: Model, values: Array, asked: int) -> tuple[Array, Array]:
    """Return the expected counts of those who did not ask for care, for so many who did."""
    network = model.network_with(values)
    wide = with_contributions(network)
    families = _families(model, wide)
    silent = evidence(network, {ASKS_FOR_CARE: network[ASKS_FOR_CARE].states[0]})
    found = answer(wide, silent, tuple(f.target for f in families))
    share = float(np.exp(found.log_evidence[0]))
    joints = [found.joints[f.target].transpose(*f.axes, len(f.axes))[..., 0] for f in families]
    counts, occasions = _gathered(model, families, joints)
    weight = asked * share / (1 - share)
    return weight * counts, weight * occasions


def _gathered(
    model: Model, families: Sequence[_Family], joints: Sequence[Array]
) -> tuple[Array, Array]:
    """Return the count of each number's event and of its occasions, from summed families."""
    counts, totals = np.zeros((2, len(model.numbers)))
    for family, joint in zip(families, joints, strict=True):
        occasions = np.broadcast_to(joint.sum(axis=-1, keepdims=True), joint.shape)
        there = family.index >= 0
        counts[family.index[there]] = joint[there]
        totals[family.index[there]] = occasions[there]
    return counts, totals


def information(
    model: Model, values: Array, original: npt.NDArray[np.intp], rows: Cohort, *, selected: bool
) -> Array:
    """Return the observed information that cases hold about all numbers together.

    In the natural parameters of each distribution: the logarithms of its numbers over the rest. The
    score of a number is E[event - p x occasion | case]. Its own information is that of complete
    cases less the variance of the score within a case (Louis 1982, Finding the observed information
    matrix when using the EM algorithm). Of two numbers that a case leaves both open, the covariance
    of the scores within the case is taken by its mean over cases, which is less the product of
    their expectations (Meilijson 1989, A fast improvement to the EM algorithm on its own terms).
    Of selected cases, what the selection alone says is taken away.

    Returns
    -------
    array, shape (m, m)
        A number that is a copy of another counts there; its own rows are zero.
    """
    wide = with_contributions(model.network_with(values))
    families = _families(model, wide)
    mates = np.zeros((len(values), len(values)), dtype=bool)
    for i in range(len(values)):
        mates[i, list(model.mates(i))] = True

    def work(start: int) -> tuple[Array, Array, float]:
        joints, _ = _joints(model, wide, families, rows, start)
        counted, scores, is_open = _scored(families, joints, values)
        hidden = np.where(is_open, scores, 0.0)
        known = scores - hidden
        return counted, hidden.T @ hidden + np.where(mates, known.T @ known, 0.0), 0.0

    counted, matrix, _ = _chunks(work, rows.size)
    if selected:
        asks = evidence(wide, {ASKS_FOR_CARE: wide[ASKS_FOR_CARE].states[1]})
        found = answer(wide, asks, tuple(f.target for f in families))
        joints = [found.joints[f.target].transpose(*f.axes, len(f.axes)) for f in families]
        less, score, _ = _scored(families, joints, values)
        counted, matrix = counted - rows.size * less, matrix - rows.size * score.T @ score
    events, occasions = counted
    product = np.outer(values, values)
    both = np.outer(events, values)
    unexplained = both + both.T - 2 * np.minimum.outer(occasions, occasions) * product
    np.fill_diagonal(unexplained, unexplained.diagonal() + occasions * values - events)
    matrix += np.where(mates, unexplained, 0.0)
    own = np.zeros_like(matrix)
    np.add.at(own, original, matrix)
    folded = np.zeros_like(matrix)
    np.add.at(folded.T, original, own.T)
    return folded


def _scored(
    families: Sequence[_Family], joints: Sequence[Array], values: Array
) -> tuple[Array, Array, npt.NDArray[np.bool_]]:
    """Return expected events and occasions of each number, ``(2, m)``, and of each case its score.

    Scores have the shape ``(n, m)``, and so has what tells where a case leaves the score open.
    """
    size = joints[0].shape[-1]
    counted, scores = np.zeros((2, len(values))), np.zeros((size, len(values)))
    is_open = np.zeros((size, len(values)), dtype=bool)
    for family, joint in zip(families, joints, strict=True):
        there = family.index >= 0
        places = family.index[there]
        occasions = np.broadcast_to(joint.sum(axis=-2, keepdims=True), joint.shape)[there]
        events, p = joint[there], values[places, None]
        counted[0, places], counted[1, places] = events.sum(axis=1), occasions.sum(axis=1)
        score = events - p * occasions
        scores[:, places] = score.T
        within = events * (1 - p) ** 2 + (occasions - events) * p**2 - score**2
        is_open[:, places] = (within > OPEN).T
    return counted, scores, is_open
