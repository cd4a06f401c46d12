"""Evidence in, posterior out: exact answers for one case, a batch of cases or a batch of draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
import pandas as pd

from lumbayes.batches import answer
from lumbayes.errors import ImpossibleEvidenceError, LumbayesError
from lumbayes.evidence import Evidence, Finding, Findings, evidence, stack
from lumbayes.expectations import FamilyMarginals, family_marginals, sample
from lumbayes.factors import Pattern, build_problem, relevant
from lumbayes.junction_tree import choose_tree
from lumbayes.network import Array, Network, NoisyMax

__all__ = [
    "Alternatives",
    "Evidence",
    "FamilyMarginals",
    "Finding",
    "Findings",
    "Marginals",
    "evidence",
    "evidence_alternatives",
    "family_marginals",
    "joint",
    "log_probability",
    "marginals",
    "posterior",
    "posteriors",
    "sample",
    "stack",
    "tree_size",
]

UNLIKELY = 1e-5  # answers less probable than this are not found by difference
THOROUGH = 1_000_000  # rows for which a reported tree is searched


@dataclass(frozen=True, eq=False)
class Marginals:
    """Posterior marginals of a batch.

    Attributes
    ----------
    probabilities : mapping of variable to array
        Shape ``(k, n)``, columns summing to 1. All zero where the evidence is impossible, which is
        only let through with ``impossible="mark"``.
    log_evidence : array
        log P(evidence) of each row, shape ``(n,)``; minus infinity where impossible.
    """

    probabilities: Mapping[str, Array]
    log_evidence: Array


def marginals(
    network: Network,
    given: Evidence,
    targets: Sequence[str] | None = None,
    *,
    impossible: Literal["raise", "mark"] = "raise",
) -> Marginals:
    """P(target | given) of every target in every row, and log P(given).

    Parameters
    ----------
    network : Network
        With parameter draws, the rows are the draws, and ``given`` has one row or one per draw.
    given : Evidence
        From ``evidence`` or ``stack``.
    targets : sequence of str, optional
        All variables if None.
    impossible : {"raise", "mark"}
        What to do with rows whose evidence has probability zero: raise an error that names a
        smallest set of clashing findings in the first, or mark them by a ``log_evidence`` of minus
        infinity and posteriors of zero.

    Returns
    -------
    Marginals
        Probabilities ``(k, n)`` per target.

    Raises
    ------
    UnknownNameError
        If a target does not exist.
    ImpossibleEvidenceError
        If the evidence of a row has probability zero; none of the findings named can be left out.
    """
    wanted = list(network) if targets is None else list(dict.fromkeys(targets))
    for name in (*wanted, *given.likelihoods, *given.do):
        network[name]
    found = answer(network, given, tuple(frozenset([w]) for w in wanted))
    if impossible == "raise" and not np.isfinite(found.log_evidence).all():
        row = int(np.flatnonzero(~np.isfinite(found.log_evidence))[0])
        raise ImpossibleEvidenceError(_clash(network, given, row))
    return Marginals({w: found.joints[frozenset([w])] for w in wanted}, found.log_evidence)


def _clash(network: Network, given: Evidence, row: int) -> str:
    """Name a smallest set of findings that cannot occur together in a row: none can be left out."""
    case = Evidence(
        {n: v[:, min(row, v.shape[1] - 1)][:, None] for n, v in given.likelihoods.items()},
        given.do,
        1,
    )
    draws = network.draws is not None

    def possible(names: list[str]) -> bool:
        some = Evidence({n: case.likelihoods[n] for n in names}, given.do, 1)
        logs = answer(network, some, ()).log_evidence
        return bool(np.isfinite(logs[row] if draws else logs[0]))

    blank = {n for n, v in case.likelihoods.items() if v.any() and (v == v[0]).all()}
    clash = [n for n in network if n in case.likelihoods and n not in blank]
    for name in list(clash):
        rest = [n for n in clash if n != name]
        if not possible(rest):
            clash = rest
    parts = []
    for name in clash:
        weights = case.likelihoods[name][:, 0]
        open_to = [s for s, w in zip(network[name].states, weights, strict=True) if w > 0]
        parts.append(f"{name}={' or '.join(open_to)}")
    named = ", ".join(parts)
    set_to = ", ".join(f"do({v}={network[v].states[s]})" for v, s in given.do.items())
    what = "these findings cannot occur together" if len(clash) > 1 else "this finding cannot occur"
    return f"{what}{' under ' + set_to if set_to else ''}: {named}. Change or leave out one."


def posterior(
    network: Network,
    target: str,
    given: Findings | None = None,
    do: Mapping[str, str] | None = None,
) -> pd.Series[float]:
    """P(target | given, do), exactly.

    Parameters
    ----------
    network : Network
        Without parameter draws.
    target : str
        The variable asked about.
    given, do : mapping, optional
        As for ``evidence``. A variable not mentioned is unobserved.

    Returns
    -------
    Series
        Probabilities in [0, 1] that sum to 1, by state of the target, named after the question.

    Raises
    ------
    UnknownNameError
        If a variable or state does not exist.
    ImpossibleEvidenceError
        If the findings have probability zero.

    Examples
    --------
    >>> import numpy as np
    >>> from lumbayes.network import Network, Table, Variable
    >>> ill = Variable("ill", ("no", "yes"), (), Table(np.array([0.9, 0.1])))
    >>> test = Variable("test", ("-", "+"), ("ill",), Table(np.array([[0.9, 0.1], [0.2, 0.8]])))
    >>> posterior(Network([ill, test]), "ill", {"test": "+"}).round(3)
    ill
    no     0.529
    yes    0.471
    Name: P(ill | test=+), dtype: float64
    """
    return posteriors(network, [target], given, do)[target]


def posteriors(
    network: Network,
    targets: Sequence[str],
    given: Findings | None = None,
    do: Mapping[str, str] | None = None,
) -> dict[str, pd.Series[float]]:
    """P(target | given, do) of several targets: a Series each, by name; see ``posterior``."""
    _one_set_of_numbers(network)
    found = marginals(network, evidence(network, given, do), targets)
    known = _described(given, do)
    return {
        t: pd.Series(
            found.probabilities[t][:, 0],
            index=pd.Index(network[t].states, name=t),
            name=f"P({t}{known})",
        )
        for t in targets
    }


def _described(given: Findings | None, do: Mapping[str, str] | None) -> str:
    """Write what is given as it stands behind the bar."""
    parts = [f"{n}={f}" if isinstance(f, str) else f"{n}~{f}" for n, f in (given or {}).items()]
    parts += [f"do({n}={s})" for n, s in (do or {}).items()]
    return f" | {', '.join(parts)}" if parts else ""


def _one_set_of_numbers(network: Network) -> None:
    if network.draws is not None:
        raise LumbayesError(
            "this network holds parameter draws: use marginals, or pass the network of means."
        )


def joint(
    network: Network,
    targets: Sequence[str],
    given: Findings | None = None,
    do: Mapping[str, str] | None = None,
) -> pd.Series[float]:
    """P(targets | given, do): the joint of a few variables, wherever they are in the network.

    Parameters
    ----------
    network : Network
        Without parameter draws.
    targets : sequence of str
        Distinct variables; the answer has one entry for each combination of their states.
    given, do : mapping, optional
        As for ``evidence``.

    Returns
    -------
    Series
        Probabilities that sum to 1, indexed by a MultiIndex of the targets' states.

    Raises
    ------
    LumbayesError
        If no target is named, or one twice.
    """
    _one_set_of_numbers(network)
    if not targets or len(set(targets)) != len(targets):
        raise LumbayesError(
            f"joint needs one or more distinct targets, got {', '.join(targets) or 'none'}."
        )
    base = evidence(network, given, do)
    *others, last = targets
    whole = marginals(network, base, [last])
    states = [range(len(network[t].states)) for t in others]
    listed = list(product(*states))
    combinations = np.array(listed, dtype=int).reshape(len(listed), len(others))
    likelihoods = dict(base.likelihoods)
    for column, name in zip(combinations.T, others, strict=True):
        chosen = np.eye(len(network[name].states))[:, column]
        likelihoods[name] = likelihoods[name] * chosen if name in likelihoods else chosen
    rows = marginals(
        network, Evidence(likelihoods, base.do, len(combinations)), [last], impossible="mark"
    )
    values = np.exp(rows.log_evidence - whole.log_evidence) * rows.probabilities[last]
    index = pd.MultiIndex.from_product([network[t].states for t in targets], names=list(targets))
    return pd.Series(
        values.T.ravel(), index=index, name=f"P({', '.join(targets)}{_described(given, do)})"
    )


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
    """
    _one_set_of_numbers(network)
    if given.size != 1:
        raise LumbayesError(f"one case at a time, not a batch of {given.size}.")
    answers = tuple((q, s) for q in questions for s in network[q].states)
    known = marginals(network, given)
    before = {t: known.probabilities[t][:, 0] for t in targets}
    probability = np.concatenate([known.probabilities[q][:, 0] for q in questions] or [np.zeros(0)])
    after = {t: np.zeros((len(p), len(answers))) for t, p in before.items()}
    log_known = float(known.log_evidence[0])
    leaves = _free_leaves(network, given, questions, targets)
    easy = _leaf_alternatives(network, given, leaves, targets, log_known, before)
    place = np.array([q in leaves for q, _ in answers], dtype=bool)
    for t in targets:
        after[t][:, place] = easy[t]
    hard = ~place | (probability < UNLIKELY)
    likelihoods = _one_row_each(
        network, given, [a for a, h in zip(answers, hard, strict=True) if h]
    )
    if hard.any():
        batch = Evidence(likelihoods, given.do, int(hard.sum()))
        found = marginals(network, batch, targets, impossible="mark")
        for t in targets:
            after[t][:, hard] = found.probabilities[t]
    return Alternatives(answers, probability, after, before)


def _one_row_each(
    network: Network, given: Evidence, answers: Sequence[tuple[str, str]]
) -> dict[str, Array]:
    """Return the likelihoods of a batch in which each row adds one answer."""
    likelihoods = dict(given.likelihoods)
    for row, (name, state) in enumerate(answers):
        k = len(network[name].states)
        if likelihoods.get(name, given.likelihoods.get(name)) is given.likelihoods.get(name):
            likelihoods[name] = np.ones((k, len(answers))) * given.likelihoods.get(name, 1.0)
        excluded = np.arange(k) != network[name].index(state)
        likelihoods[name][excluded, row] = 0.0
    return likelihoods


def _free_leaves(
    network: Network, given: Evidence, questions: Sequence[str], targets: Sequence[str]
) -> list[str]:
    """Return the unobserved noisy-MAX questions on which nothing that matters depends."""
    asked = frozenset({*given.likelihoods, *targets}.difference(given.do))
    matters = relevant(network, Pattern((), asked, tuple(given.do.items()), ()))
    noisy = {q for q in questions if isinstance(network[q].distribution, NoisyMax)}
    return [q for q in questions if q in noisy and q not in matters]


def _leaf_alternatives(
    network: Network,
    given: Evidence,
    leaves: Sequence[str],
    targets: Sequence[str],
    log_known: float,
    before: Mapping[str, Array],
) -> dict[str, Array]:
    """Posteriors after each answer to noisy-MAX leaves, by way of P(leaf <= state).

    P(leaf <= state | causes) is a product over the causes, so each such row is a likelihood on them
    and the leaf itself never enters the tree. An answer is the difference of two rows, which costs
    accuracy only where the answer is improbable: those are asked again by the caller.
    """
    bounds = [(q, y) for q in leaves for y in range(len(network[q].states) - 1)]
    likelihoods = dict(given.likelihoods)
    weight = np.zeros(len(bounds))
    own: set[str] = set()
    for row, (name, y) in enumerate(bounds):
        noisy = network[name].distribution
        assert isinstance(noisy, NoisyMax)
        weight[row] = noisy.leak[: y + 1].sum()
        for cause, effect in zip(network[name].parents, noisy.effects, strict=True):
            below = effect[:, : y + 1].sum(axis=1)
            certain = given.likelihoods.get(cause)
            if cause in given.do:
                weight[row] *= below[given.do[cause]]
            elif certain is not None and np.count_nonzero(certain) == 1:
                weight[row] *= below[int(certain[:, 0].argmax())]
            else:
                if cause not in own:
                    own.add(cause)
                    start = np.ones((len(below), len(bounds)))
                    likelihoods[cause] = start if certain is None else start * certain
                likelihoods[cause][:, row] *= below
    if not bounds:
        return {t: np.repeat(before[t][:, None], len(leaves), axis=1) for t in targets}
    batch = Evidence(likelihoods, given.do, len(bounds))
    found = marginals(network, batch, targets, impossible="mark")
    share = weight * np.exp(found.log_evidence - log_known)
    states = [(y, len(network[q].states)) for q in leaves for y in range(len(network[q].states))]
    last = np.array([y == k - 1 for y, k in states])
    upper = np.where(last, len(bounds), np.cumsum(~last) - 1)
    lower = np.where(
        [y == 0 for y, _ in states], len(bounds) + 1, np.cumsum(~last) - 1 - (~last).astype(int)
    )
    after: dict[str, Array] = {}
    for t in targets:
        ends = (share * found.probabilities[t], before[t][:, None], np.zeros((len(before[t]), 1)))
        upto = np.concatenate(ends, axis=1)
        together = np.maximum(upto[:, upper] - upto[:, lower], 0.0)
        total = together.sum(axis=0)
        after[t] = np.divide(together, total, out=np.zeros_like(together), where=total > 0)
    return after


def tree_size(
    network: Network,
    given: Findings | None = None,
    do: Mapping[str, str] | None = None,
    keep: Sequence[str] | None = None,
) -> int:
    """Table entries of the tree, summed over its cliques: what a query costs in memory and time.

    Parameters
    ----------
    network : Network
        Any network.
    given, do : mapping, optional
        As for ``evidence``: states known for certain are sliced away.
    keep : sequence of str, optional
        Variables that the tree keeps ready for evidence that differs from case to case, and whose
        posteriors it gives; all if None. The others stay only if these depend on them.
    """
    known = evidence(network, given, do)
    fixed = {n: int(w.argmax()) for n, w in known.likelihoods.items() if np.count_nonzero(w) == 1}
    kept = [n for n in (network if keep is None else keep) if network[n].name not in known.do]
    soft = {*kept, *(n for n in known.likelihoods if n not in known.do)}.difference(fixed)
    targets = tuple(frozenset([n]) for n in kept)
    pattern = Pattern(
        tuple(sorted(fixed.items())), frozenset(soft), tuple(sorted(known.do.items())), targets
    )
    return choose_tree(build_problem(network, pattern), THOROUGH).size


def log_probability(
    network: Network, given: Findings | None = None, do: Mapping[str, str] | None = None
) -> float:
    """Natural logarithm of P(given | do).

    Raises
    ------
    ImpossibleEvidenceError
        If the probability is zero.
    """
    _one_set_of_numbers(network)
    return float(marginals(network, evidence(network, given, do), ()).log_evidence[0])
