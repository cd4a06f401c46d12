"""Every answer to every open question at once: how probable it is and what it would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lumbayes.errors import LumbayesError
from lumbayes.inference.batches import relevant
from lumbayes.inference.evidence import Evidence, stack
from lumbayes.inference.marginals import Marginals, marginals, one_set_of_numbers
from lumbayes.network.variables import Array, Network, NoisyMax, Variable

UNLIKELY = 1e-5  # answers less probable than this are not found by difference


@dataclass(frozen=True, eq=False)
class Alternatives:
    """What each possible answer to each open question would change, one row an answer.

    Attributes
    ----------
    answers : tuple of (variable, state)
        One row each, questions in the order asked, states in theirs.
    probability : array
        P(answer | what is known), shape ``(n,)``.
    after : mapping of target to array
        P(target | what is known and the answer), shape ``(k, n)``; zero where the answer is
        impossible.
    before : mapping of target to array
        P(target | what is known), shape ``(k,)``.
    """

    answers: tuple[tuple[str, str], ...]
    probability: Array
    after: Mapping[str, Array]
    before: Mapping[str, Array]


def evidence_alternatives(
    network: Network, given: Evidence, questions: Sequence[str], targets: Sequence[str]
) -> Alternatives:
    """Answer every open question in every way, in one batch.

    Parameters
    ----------
    network : Network
        Without parameter draws.
    given : Evidence
        One case.
    questions : sequence of str
        Variables not yet observed.
    targets : sequence of str
        Variables whose posteriors are wanted.

    Returns
    -------
    Alternatives
        A row for each state of each question.

    Raises
    ------
    LumbayesError
        If ``given`` is a batch or the network holds parameter draws.
    ImpossibleEvidenceError
        If what is known is impossible.

    Examples
    --------
    >>> from lumbayes.inference.evidence import evidence
    >>> from lumbayes.knowledge.model import load_model
    >>> network = load_model().network
    >>> given = evidence(network, {"low_back_pain": "yes"})
    >>> found = evidence_alternatives(network, given, ["slr"], ["radiculopathy"])
    >>> found.answers
    (('slr', 'negative'), ('slr', 'positive'))
    """
    one_set_of_numbers(network)
    if given.size != 1:
        raise LumbayesError(f"one case at a time, not a batch of {given.size}.")
    known = marginals(network, given)
    return alternatives_of_each(network, [given], [known], questions, targets)[0]


def alternatives_of_each(
    network: Network,
    cases: Sequence[Evidence],
    known: Sequence[Marginals],
    questions: Sequence[str],
    targets: Sequence[str],
) -> list[Alternatives]:
    """Put the same questions to each of several cases, as ``evidence_alternatives`` does to one.

    Together they need one program, not one each. ``known`` are the marginals of each case, of all
    questions and targets.
    """
    whole = cases[0] if len(cases) == 1 else stack(network, cases)
    answers = tuple((q, s) for q in questions for s in network[q].states)
    probability = np.concatenate(
        [np.hstack([k.probabilities[q] for k in known]) for q in questions]
        or [np.zeros((0, len(cases)))]
    )
    leaves = _free_leaves(network, whole, questions, targets)
    easy = np.array([q in leaves for q, _ in answers], dtype=bool)
    possible = probability > 0  # what cannot be is not asked
    singly = (~easy[:, None] | (probability < UNLIKELY)) & possible
    bounds = [bound for q in leaves for bound in _bounds(network[q])]
    steps = _steps(network, leaves)
    batch = _Batch(network, whole, len(bounds) + singly.sum(axis=0))
    for c, case in enumerate(cases):
        certain = _certain(case)
        for bound in bounds:
            batch.add_bound(bound, certain)
        for i in np.flatnonzero(singly[:, c]):
            batch.add_answer(*answers[i])
    found = marginals(network, batch.evidence(), targets, impossible="mark")
    result, start = [], 0
    for c, now in enumerate(known):
        before = {t: now.probabilities[t][:, 0] for t in targets}
        after = {t: np.zeros((len(p), len(answers))) for t, p in before.items()}
        below = slice(start, start + len(bounds))
        alone = slice(below.stop, below.stop + int(singly[:, c].sum()))
        start = alone.stop
        share = batch.weight[below] * np.exp(found.log_evidence[below] - now.log_evidence[0])
        for t in targets:
            reached = share * found.probabilities[t][:, below]
            after[t][:, easy] = _differences(steps, reached, before[t])
            after[t][:, singly[:, c]] = found.probabilities[t][:, alone]
            after[t][:, ~possible[:, c]] = 0.0
        result.append(Alternatives(answers, probability[:, c], after, before))
    return result


def _free_leaves(
    network: Network, given: Evidence, questions: Sequence[str], targets: Sequence[str]
) -> list[str]:
    """Return the unobserved noisy-MAX questions on which nothing that matters depends."""
    asked = frozenset({*given.likelihoods, *targets}.difference(given.do))
    matters = relevant(network, asked, given.do)
    noisy = {q for q in questions if isinstance(network[q].distribution, NoisyMax)}
    return [q for q in questions if q in noisy and q not in matters]


def _certain(case: Evidence) -> dict[str, int]:
    """Return the states known for certain, seen or set."""
    known = {n: v[:, 0] for n, v in case.likelihoods.items() if np.count_nonzero(v) == 1}
    return {**{n: int(v.argmax()) for n, v in known.items()}, **case.do}


@dataclass(frozen=True, eq=False)
class _Bound:
    """P(leaf <= state | causes): a number for the leak, and one for each state of each cause."""

    leak: float
    causes: tuple[tuple[str, Array], ...]


def _bounds(leaf: Variable) -> list[_Bound]:
    """Return the bounds of a noisy-MAX at all its states but the last, where they are 1."""
    noisy = leaf.distribution
    assert isinstance(noisy, NoisyMax)
    leak = np.cumsum(noisy.leak)
    below = [np.cumsum(effect, axis=1) for effect in noisy.effects]
    return [
        _Bound(
            float(leak[y]), tuple((p, b[:, y]) for p, b in zip(leaf.parents, below, strict=True))
        )
        for y in range(len(leaf.states) - 1)
    ]


class _Batch:
    """Rows of evidence while they are made, each a case and something more.

    What all cases know alike stays one column, so that it is sliced away.
    """

    def __init__(self, network: Network, cases: Evidence, rows: npt.NDArray[np.int64]) -> None:
        self.network = network
        self.do = cases.do
        self.likelihoods = {n: v[:, :1] for n, v in cases.likelihoods.items()}
        self.own = {n for n, v in cases.likelihoods.items() if (v != v[:, :1]).any()}
        for name in self.own:
            self.likelihoods[name] = np.repeat(cases.likelihoods[name], rows, axis=1)
        self.weight = np.ones(int(rows.sum()))
        self.row = 0

    def add_answer(self, name: str, state: str) -> None:
        """Add a row with an answer."""
        self.multiply(name, np.eye(len(self.network[name].states))[self.network[name].index(state)])
        self.row += 1

    def add_bound(self, bound: _Bound, certain: Mapping[str, int]) -> None:
        """Add a row with a leaf at or below a state; the leaf itself enters no tree."""
        weight = bound.leak
        for cause, below in bound.causes:
            if cause in certain:
                weight *= below[certain[cause]]
            else:
                self.multiply(cause, below)
        self.weight[self.row] = weight
        self.row += 1

    def multiply(self, name: str, values: Array) -> None:
        """Multiply a likelihood into the present row."""
        if name not in self.own:
            self.own.add(name)
            held = self.likelihoods.get(name, np.ones((len(values), 1)))
            self.likelihoods[name] = np.repeat(held, len(self.weight), axis=1)
        self.likelihoods[name][:, self.row] *= values

    def evidence(self) -> Evidence:
        """Return all rows."""
        return Evidence(self.likelihoods, self.do, len(self.weight))


def _steps(
    network: Network, leaves: Sequence[str]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return for each state of each leaf the bounds whose difference it is.

    They are numbered as ``_bounds`` gives them, leaf by leaf; then come 1 and 0.
    """
    last = np.array(
        [y == len(network[q].states) - 1 for q in leaves for y in range(len(network[q].states))],
        dtype=bool,
    )
    count = int((~last).sum())
    upper = np.where(last, count, np.cumsum(~last) - 1)
    first = np.roll(last, 1)
    lower = np.where(first, count + 1, np.roll(upper, 1))
    return upper, lower


def _differences(
    steps: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]], reached: Array, before: Array
) -> Array:
    """Return the posteriors after each answer to the leaves, from P(target, leaf <= state).

    An answer is the difference of two bounds, which costs accuracy only where the answer is
    improbable: those are asked one by one.
    """
    bounds = np.column_stack([reached, before, np.zeros(len(before))])
    together = np.maximum(bounds[:, steps[0]] - bounds[:, steps[1]], 0.0)
    total = together.sum(axis=0)
    shares: Array = np.divide(together, total, out=np.zeros_like(together), where=total > 0)
    return shares
