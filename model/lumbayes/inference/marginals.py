"""P(target | evidence) of every target in every row of a batch, or why it is impossible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lumbayes.errors import ImpossibleEvidenceError, LumbayesError
from lumbayes.inference.batches import clashing, solve
from lumbayes.inference.evidence import Evidence
from lumbayes.network.variables import Array, Network


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

    Examples
    --------
    >>> from lumbayes.inference.evidence import evidence, stack
    >>> from lumbayes.knowledge.model import load_model
    >>> network = load_model().network
    >>> cases = [evidence(network, {"slr": s}) for s in ("negative", "positive")]
    >>> found = marginals(network, stack(network, cases), ["radiculopathy"])
    >>> found.probabilities["radiculopathy"].shape
    (2, 2)
    """
    wanted = tuple(network) if targets is None else tuple(dict.fromkeys(targets))
    known = network.variables
    for name in (*(targets or ()), *given.likelihoods, *given.do):
        if name not in known:
            network[name]
    _, asked, found = solve(network, given, wanted)
    if impossible == "raise":
        refuse_impossible(network, given, found.log_evidence)
    answers = found.singles
    return Marginals(
        {name: answers[place] for name, place in zip(wanted, asked.places, strict=True)},
        found.log_evidence,
    )


def refuse_impossible(network: Network, given: Evidence, log_evidence: Array) -> None:
    """Raise ImpossibleEvidenceError, which names a smallest clash, if a row cannot be."""
    bad = np.flatnonzero(np.isneginf(log_evidence))
    if bad.size:
        clash = smallest_clash(network, given, int(bad[0]))
        raise ImpossibleEvidenceError(_clash_in_words(network, given, clash))


def smallest_clash(network: Network, given: Evidence, row: int = 0) -> tuple[tuple[str, int], ...]:
    """Return findings that cannot occur together in a row: none of them can be left out.

    Parameters
    ----------
    network : Network
        With parameter draws, ``row`` is the draw.
    given : Evidence
        Whose row has probability zero.
    row : int
        Which one.

    Returns
    -------
    tuple of (variable, int)
        In the order of the network; the states that each finding leaves, as bits.

    Examples
    --------
    >>> from lumbayes.inference.evidence import evidence
    >>> from lumbayes.knowledge.model import load_model
    >>> network = load_model().network
    >>> said = {"sex": "male", "pregnancy": "pregnant", "fever": "yes"}
    >>> smallest_clash(network, evidence(network, said))
    (('sex', 1), ('pregnancy', 2))
    """
    case = Evidence(
        {n: v[:, min(row, v.shape[1] - 1)][:, None] for n, v in given.likelihoods.items()},
        given.do,
        1,
    )
    draws = network.draws is not None

    def possible(names: list[str]) -> bool:
        some = Evidence({n: case.likelihoods[n] for n in names}, given.do, 1)
        logs = solve(network, some, ())[2].log_evidence
        return bool(np.isfinite(logs[row] if draws else logs[0]))

    blank = {n for n, v in case.likelihoods.items() if v.any() and (v == v[0]).all()}
    guilty = clashing(network, case, row if draws else 0)
    clash = [n for n in network if n in guilty and n not in blank]
    for name in list(clash):
        rest = [n for n in clash if n != name]
        if not possible(rest):
            clash = rest
    left = {n: np.flatnonzero(case.likelihoods[n][:, 0] > 0).tolist() for n in clash}
    return tuple((n, sum(1 << i for i in states)) for n, states in left.items())


def _clash_in_words(network: Network, given: Evidence, clash: tuple[tuple[str, int], ...]) -> str:
    parts = []
    for name, bits in clash:
        open_to = [s for i, s in enumerate(network[name].states) if bits >> i & 1]
        parts.append(f"{name}={' or '.join(open_to)}")
    named = ", ".join(parts)
    set_to = ", ".join(f"do({v}={network[v].states[s]})" for v, s in given.do.items())
    what = "these findings cannot occur together" if len(clash) > 1 else "this finding cannot occur"
    return f"{what}{' under ' + set_to if set_to else ''}: {named}. Change or leave out one."


def one_set_of_numbers(network: Network) -> None:
    """Raise LumbayesError for a network of parameter draws."""
    if network.draws is not None:
        raise LumbayesError(
            "this network holds parameter draws: use marginals, or pass the network of means."
        )
