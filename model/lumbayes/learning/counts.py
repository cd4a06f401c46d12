"""What cases say of the numbers: expected counts, and how much information is in them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from lumbayes.cases.cohort import Cohort, batches_of
from lumbayes.errors import CaseError
from lumbayes.inference.batches import Answer, Arrangement, answer, with_tables
from lumbayes.inference.evidence import evidence
from lumbayes.inference.expectations import contribution, with_contributions
from lumbayes.inference.queries import marginals
from lumbayes.knowledge.anchors import ASKS_FOR_CARE
from lumbayes.knowledge.model import Model
from lumbayes.network.variables import Array, Network, NoisyMax

ROWS = 2048  # cases whose expected counts are held at once
FEW = 512  # cases that are not worth a second core
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
class _CountedFamily:
    """A variable with its parents, and where its distributions stand among the numbers."""

    name: str
    target: frozenset[str]
    axes: tuple[int, ...]  # puts the axes of the joint in the order parents, own state
    index: npt.NDArray[np.int64]  # as in ``Recipe.indices``


@dataclass(frozen=True, eq=False)
class Ready:
    """Cases to be counted under one set of numbers after the other.

    What depends on the cases and on the arrows alone is worked out once.

    Attributes
    ----------
    model : Model
        Says which number stands where.
    rows : Cohort
        Cases without interventions.
    selected : bool
        Whether the log-likelihood is that of cases known to have asked for care.
    wide : Network
        With the contribution of every cause as a variable, under the published numbers.
    arranged : dict
        How the cases of each chunk are best answered; filled when first counted.
    """

    model: Model
    rows: Cohort
    selected: bool
    wide: Network
    arranged: dict[int, Arrangement | None] = field(default_factory=dict)


def ready(model: Model, rows: Cohort, *, selected: bool) -> Ready:
    """Return cases ready to be counted."""
    return Ready(model, rows, selected, with_contributions(model.network))


@dataclass(frozen=True, eq=False)
class _Asked:
    """The network of some numbers, and the families that are asked of it."""

    wide: Network
    families: tuple[_CountedFamily, ...]

    @property
    def targets(self) -> tuple[frozenset[str], ...]:
        return tuple(f.target for f in self.families)

    def turned(self, joints: Mapping[frozenset[str], Array]) -> list[Array]:
        """Return the joint of each family: parents, own state, cases."""
        return [joints[f.target].transpose(*f.axes, len(f.axes)) for f in self.families]


def _asked(cases: Ready, values: Array) -> _Asked:
    network = cases.model.network_with(values)
    families: list[tuple[str, npt.NDArray[np.int64]]] = []
    tables: dict[str, Array] = {}
    for recipe in cases.model.recipes:
        name, noisy = recipe.name, network[recipe.name].distribution
        if isinstance(noisy, NoisyMax):
            names = [contribution(name), *(contribution(name, p) for p in recipe.parents)]
            tables.update(zip(names, (noisy.leak, *noisy.effects), strict=True))
        else:
            names = [name]
            tables[name] = noisy.values
        families += zip(names, recipe.indices, strict=True)
    wide = with_tables(cases.wide, tables)
    place = {name: i for i, name in enumerate(wide)}
    found = []
    for name, index in families:
        own = (*wide[name].parents, name)
        order = sorted(own, key=place.__getitem__)
        found.append(_CountedFamily(name, frozenset(own), tuple(map(order.index, own)), index))
    return _Asked(wide, tuple(found))


def _joints(cases: Ready, asked: _Asked, start: int) -> tuple[list[Array], Array]:
    """Return P(parents, state | case) of every family for some cases, and their log P."""
    end = min(start + _chunk(cases.rows.size), cases.rows.size)
    some = cases.rows.take(np.arange(start, end))
    ((_, given, _),) = batches_of(cases.model, some)
    found = answer(asked.wide, given, asked.targets, cases.arranged.get(start), often=True)
    cases.arranged[start] = found.arranged
    if not np.isfinite(found.log_evidence).all():
        row = start + int(np.argmin(np.isfinite(found.log_evidence)))
        raise CaseError(
            f"case {row + 1} of those to learn from cannot occur under the tables. Leave it out."
        )
    return asked.turned(found.joints), found.log_evidence


def _chunk(size: int) -> int:
    """Return how many cases are counted at once: an even number of parts keeps two cores busy."""
    return -(-size // (2 * -(-size // (2 * ROWS)))) if size > FEW else size


def _chunks(
    work: Callable[[int], tuple[Array, Array, float]], size: int
) -> tuple[Array, Array, float]:
    """Add up what the chunks give, in their order, two or more at a time."""
    counts: Array | float = 0.0
    totals: Array | float = 0.0
    log_likelihood = 0.0
    step = _chunk(size)
    with ThreadPoolExecutor(min(os.cpu_count() or 1, 4)) as pool:
        for some, all_, log in pool.map(work, range(0, size, step)):
            counts, totals, log_likelihood = counts + some, totals + all_, log_likelihood + log
    return np.asarray(counts), np.asarray(totals), log_likelihood


def count(cases: Ready, values: Array) -> Counted:
    """Count, in expectation, what the cases say of every number under some values.

    Parameters
    ----------
    cases : Ready
        As of ``ready``.
    values : array, shape (m,)
        The numbers as they are now.

    Raises
    ------
    CaseError
        If a case cannot occur.
    """
    asked = _asked(cases, values)

    def work(start: int) -> tuple[Array, Array, float]:
        joints, logs = _joints(cases, asked, start)
        counts, totals = _gathered(cases.model, asked, [j.sum(axis=-1) for j in joints])
        return counts, totals, float(logs.sum())

    counts, totals, log_likelihood = _chunks(work, cases.rows.size)
    if cases.selected:
        log_likelihood -= cases.rows.size * float(_by_asking(asked, 1, ()).log_evidence[0])
    return Counted(counts, totals, log_likelihood)


def _by_asking(asked: _Asked, state: int, targets: tuple[frozenset[str], ...]) -> Answer:
    """Answer targets given that somebody asks for care, or does not."""
    known = {ASKS_FOR_CARE: asked.wide[ASKS_FOR_CARE].states[state]}
    return answer(asked.wide, evidence(asked.wide, known), targets)


def count_silent(cases: Ready, values: Array) -> tuple[Array, Array]:
    """Return the expected counts of those who did not ask for care, for so many who did."""
    asked = _asked(cases, values)
    found = _by_asking(asked, 0, asked.targets)
    share = float(np.exp(found.log_evidence[0]))
    joints = [joint[..., 0] for joint in asked.turned(found.joints)]
    counts, occasions = _gathered(cases.model, asked, joints)
    weight = cases.rows.size * share / (1 - share)
    return weight * counts, weight * occasions


def _gathered(model: Model, asked: _Asked, joints: Sequence[Array]) -> tuple[Array, Array]:
    """Return the count of each number's event and of its occasions, from summed families."""
    counts, totals = np.zeros((2, len(model.numbers)))
    for family, joint in zip(asked.families, joints, strict=True):
        occasions = np.broadcast_to(joint.sum(axis=-1, keepdims=True), joint.shape)
        there = family.index >= 0
        counts[family.index[there]] = joint[there]
        totals[family.index[there]] = occasions[there]
    return counts, totals


def information(cases: Ready, values: Array, original: npt.NDArray[np.intp]) -> Array:
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
    model, asked = cases.model, _asked(cases, values)
    mates = np.zeros((len(values), len(values)), dtype=bool)
    for i in range(len(values)):
        mates[i, list(model.mates(i))] = True

    def work(start: int) -> tuple[Array, Array, float]:
        joints, _ = _joints(cases, asked, start)
        counted, scores, is_open = _scored(asked.families, joints, values)
        hidden = np.where(is_open, scores, 0.0)
        known = scores - hidden
        return counted, hidden.T @ hidden + np.where(mates, known.T @ known, 0.0), 0.0

    size = cases.rows.size
    counted, matrix, _ = _chunks(work, size)
    if cases.selected:
        joints = asked.turned(_by_asking(asked, 1, asked.targets).joints)
        less, score, _ = _scored(asked.families, joints, values)
        counted, matrix = counted - size * less, matrix - size * score.T @ score
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
    families: Sequence[_CountedFamily], joints: Sequence[Array], values: Array
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
