"""Evidence in, posterior out: exact answers for one case, a batch of cases or a batch of draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from lumbayes.errors import ImpossibleEvidenceError, LumbayesError
from lumbayes.factors import Pattern
from lumbayes.junction_tree import Program, program_for
from lumbayes.network import Array, Network, Variable

Finding = str | Sequence[float] | Mapping[str, float]
Findings = Mapping[str, Finding | Sequence[Finding]]

WORKSPACE = 24_000_000  # bytes of messages a chunk of rows may hold
RARE = 1e-200  # rows less probable than this are repeated in extended precision


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is known of a batch of cases (one case is a batch of one).

    Attributes
    ----------
    likelihoods : mapping of variable to array
        P(what was seen | state), shape ``(k, n)`` or ``(k, 1)`` for the same in every row. A
        variable not mentioned is unobserved; a state seen for certain is one-hot; a row of ones
        says nothing.
    do : mapping of variable to state index
        Set from outside, the same in every row.
    size : int
        The number of rows ``n``.
    """

    likelihoods: Mapping[str, Array]
    do: Mapping[str, int]
    size: int


@dataclass(frozen=True, eq=False)
class Marginals:
    """Posterior marginals of a batch.

    Attributes
    ----------
    probabilities : mapping of variable to array
        Shape ``(k, n)``, columns summing to 1. All zero in a row whose evidence is impossible, which
        is only let through with ``impossible="mark"``.
    log_evidence : array
        log P(evidence) of each row, shape ``(n,)``; minus infinity where impossible.
    """

    probabilities: Mapping[str, Array]
    log_evidence: Array


def evidence(
    network: Network, findings: Findings | None = None, do: Mapping[str, str] | None = None
) -> Evidence:
    """Check the findings of one case.

    Parameters
    ----------
    network : Network
        The network that knows the names.
    findings : mapping, optional
        Per variable a state (seen for certain); or a likelihood per state, as a sequence in the
        order of the states or a mapping that names every state; or a list of such findings, which
        multiply. A variable not mentioned is unobserved, which is not the same as normal.
    do : mapping of variable to state, optional
        Interventions: the variable is set from outside, whatever its causes.

    Returns
    -------
    Evidence
        A batch of one.

    Raises
    ------
    UnknownNameError
        If a variable or state does not exist.
    LumbayesError
        If a likelihood has a wrong length or a value that is negative or not finite.
    ImpossibleEvidenceError
        If two findings on one variable exclude each other.

    Examples
    --------
    >>> import numpy as np
    >>> from lumbayes.network import Network, Table, Variable
    >>> rain = Variable("rain", ("no", "yes"), (), Table(np.array([0.8, 0.2])))
    >>> evidence(Network([rain]), {"rain": "yes"}).likelihoods["rain"].ravel()
    array([0., 1.])
    """
    likelihoods: dict[str, Array] = {}
    for name, finding in (findings or {}).items():
        variable = network[name]
        total = np.ones(len(variable.states))
        for one in _several(finding):
            total = total * _likelihood(variable, one)
        if not total.any():
            raise ImpossibleEvidenceError(
                f"these findings cannot occur together: {name} is given values that exclude each other. Keep one."
            )
        likelihoods[name] = total[:, None]
    return Evidence(
        likelihoods, {name: network[name].index(state) for name, state in (do or {}).items()}, 1
    )


def _several(finding: Finding | Sequence[Finding]) -> list[Finding]:
    """Return a list of findings, whether one was given or a list of them."""
    if isinstance(finding, str | Mapping):
        return [finding]
    if isinstance(finding, np.ndarray):
        return [finding.tolist()]
    listed = list(finding) if isinstance(finding, Sequence) else [finding]
    if any(isinstance(one, str | Mapping | Sequence | np.ndarray) for one in listed):
        return listed
    return [listed]


def _likelihood(variable: Variable, finding: object) -> Array:
    """Turn one finding on a variable into a likelihood per state."""
    name, states = variable.name, variable.states
    if isinstance(finding, Mapping):
        for state in finding:
            variable.index(state)
        missing = [s for s in states if s not in finding]
        if missing:
            raise LumbayesError(
                f"{name}: the likelihood leaves out {', '.join(missing)}. Give every state a number, 0 if excluded."
            )
        finding = [finding[s] for s in states]
    if isinstance(finding, Sequence | np.ndarray) and not isinstance(finding, str):
        try:
            values = np.array(finding, dtype=float)
        except (TypeError, ValueError):
            values = np.array([np.nan])
        if values.shape != (len(states),) or not (
            np.isfinite(values).all() and (values >= 0).all()
        ):
            raise LumbayesError(
                f"{name}: a likelihood is {len(states)} numbers of at least 0, one for each of "
                f"{', '.join(states)}; got {finding!r}."
            )
        if not values.any():
            raise ImpossibleEvidenceError(
                f"{name}: this likelihood excludes every state. Leave the variable out."
            )
        return values
    one_hot = np.zeros(len(states))
    one_hot[variable.index(finding)] = 1.0
    return one_hot


def stack(network: Network, cases: Sequence[Evidence]) -> Evidence:
    """Put cases with different findings and blanks into one batch; a blank is a likelihood of ones.

    Raises
    ------
    LumbayesError
        If there is no case, or the cases differ in their interventions.
    """
    if not cases:
        raise LumbayesError("no case to stack: pass at least one.")
    if any(dict(case.do) != dict(cases[0].do) for case in cases):
        raise LumbayesError("the cases differ in do(…): stack those with the same interventions.")
    size = sum(case.size for case in cases)
    likelihoods: dict[str, Array] = {}
    start = 0
    for case in cases:
        for name, values in case.likelihoods.items():
            if name not in likelihoods:
                likelihoods[name] = np.ones((len(network[name].states), size))
            likelihoods[name][:, start : start + case.size] = values
        start += case.size
    return Evidence(likelihoods, cases[0].do, size)


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
        smallest set of clashing findings in the first of them, or mark them by a ``log_evidence`` of minus
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
        If the evidence of a row has probability zero; no finding in the set it names can be left out.
    """
    wanted = list(network) if targets is None else list(dict.fromkeys(targets))
    for name in (*wanted, *given.likelihoods, *given.do):
        network[name]
    answer = _run(network, given, tuple(frozenset([w]) for w in wanted))
    if impossible == "raise" and not np.isfinite(answer.log_evidence).all():
        row = int(np.flatnonzero(~np.isfinite(answer.log_evidence))[0])
        raise ImpossibleEvidenceError(_clash(network, given, row))
    return Marginals({w: answer.joints[frozenset([w])] for w in wanted}, answer.log_evidence)


@dataclass(frozen=True, eq=False)
class _Answer:
    joints: Mapping[frozenset[str], Array]
    log_evidence: Array


def _run(network: Network, given: Evidence, targets: tuple[frozenset[str], ...]) -> _Answer:
    """Answer targets, each one variable or several of one table, with axes in network order."""
    size = _rows(network, given)
    pattern, soft, constant = _sort_evidence(given, targets)
    logs = np.zeros(size)
    joints = {t: np.zeros((*_shape(network, t), size)) for t in targets}
    program = program_for(network, pattern, size)
    for rows in _chunks(size, program.entries):
        _run_rows(network, program, pattern, soft, rows, joints, logs)
    logs += constant
    rare = np.flatnonzero(~(np.abs(logs - constant) < -np.log(RARE)))
    if rare.size:
        _repeat_rare(network, given, targets, rare, joints, logs)
    for name, state in given.do.items():
        if name in given.likelihoods:
            logs += _log(given.likelihoods[name][state])
    for joint in joints.values():
        joint[..., logs == -np.inf] = 0.0
    return _Answer(joints, logs)


def _chunks(size: int, entries: int) -> Iterator[slice]:
    """Split rows so that the messages of one chunk fit the workspace."""
    rows = max(1, min(size, WORKSPACE // (8 * max(1, entries))))
    for start in range(0, size, rows):
        yield slice(start, min(start + rows, size))


def _rows(network: Network, given: Evidence) -> int:
    if network.draws is None or given.size == network.draws:
        return given.size
    if given.size != 1:
        raise LumbayesError(
            f"the network holds {network.draws} draws but the batch {given.size} cases: pass one case at a time."
        )
    return network.draws


def _ordered(network: Network, names: frozenset[str]) -> list[str]:
    return list(names) if len(names) == 1 else [v for v in network if v in names]


def _shape(network: Network, target: frozenset[str]) -> tuple[int, ...]:
    return tuple(len(network[v].states) for v in _ordered(network, target))


def _sort_evidence(
    given: Evidence, targets: tuple[frozenset[str], ...]
) -> tuple[Pattern, dict[str, npt.NDArray[Any]], float]:
    """Split evidence into what is the same in every row (sliced away) and what differs.

    Returns the pattern, the likelihoods that stay and the log likelihood of what is sliced away.
    """
    fixed: list[tuple[str, int]] = []
    soft: dict[str, npt.NDArray[Any]] = {}
    constant = 0.0
    for name, values in given.likelihoods.items():
        if name in given.do:
            continue
        first = values[:, 0]
        same = values.shape[1] == 1 or bool((values == first[:, None]).all())
        if same and np.count_nonzero(first) == 1:
            state = int(np.argmax(first))
            fixed.append((name, state))
            constant += float(np.log(first[state]))
        elif not (same and (first == 1.0).all()):
            soft[name] = values[:, :1] if same else values
    pattern = Pattern(
        tuple(sorted(fixed)), frozenset(soft), tuple(sorted(given.do.items())), targets
    )
    return pattern, soft, constant


def _log(values: Any) -> Any:
    with np.errstate(divide="ignore"):
        return np.log(values)


def _run_rows(
    network: Network,
    program: Program,
    pattern: Pattern,
    soft: Mapping[str, npt.NDArray[Any]],
    rows: slice | npt.NDArray[np.intp],
    joints: Mapping[frozenset[str], Array],
    logs: Array,
    precision: type[np.floating[Any]] = np.float64,
) -> None:
    """Run a program on some rows and write its answers into the arrays of the whole batch."""
    likelihoods = {
        name: (values if values.shape[1] == 1 else values[:, rows]).astype(precision, copy=False)
        for name, values in soft.items()
    }
    drawn = [values if values.shape[-1] == 1 else values[..., rows] for _, values in program.drawn]
    slots = program.run(likelihoods, drawn)
    total = _log(program.scale)
    for slot in program.evidence:
        total = total + _log(slots[slot])
    logs[rows] = total
    known = dict(pattern.fixed) | dict(pattern.do)
    for target, joint in joints.items():
        order = _ordered(network, target)
        free = [v for v in order if v not in known]
        where = (*(known.get(v, slice(None)) for v in order), rows)
        if free:
            slot, axes = program.marginals[target]
            joint[where] = np.transpose(slots[slot], (*(axes.index(v) for v in free), len(axes)))
        else:
            joint[where] = 1.0


def _repeat_rare(
    network: Network,
    given: Evidence,
    targets: tuple[frozenset[str], ...],
    rare: npt.NDArray[np.intp],
    joints: Mapping[frozenset[str], Array],
    logs: Array,
) -> None:
    """Repeat very improbable rows with 80-bit floats, whose exponents reach to 1e-4932.

    Every finding stays a likelihood here, so that no long product is formed at compile time.
    """
    soft = {name: values for name, values in given.likelihoods.items() if name not in given.do}
    pattern = Pattern((), frozenset(soft), tuple(sorted(given.do.items())), targets)
    program = program_for(network, pattern, rare.size)
    for chunk in _chunks(rare.size, 2 * program.entries):
        _run_rows(network, program, pattern, soft, rare[chunk], joints, logs, np.longdouble)


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
        logs = _run(network, some, ()).log_evidence
        return bool(np.isfinite(logs[row] if draws else logs[0]))

    clash = [n for n, v in case.likelihoods.items() if (v != v[0]).any() or not v.any()]
    for name in list(clash):
        rest = [n for n in clash if n != name]
        if not possible(rest):
            clash = rest
    named = ", ".join(
        f"{n}={' or '.join(s for s, w in zip(network[n].states, case.likelihoods[n][:, 0], strict=True) if w > 0)}"
        for n in clash
    )
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
        Probabilities in [0, 1] that sum to 1, indexed by the target's states, named after the question.

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
    """P(target | given, do) of several targets at once: a Series each, by name; see ``posterior``."""
    _one_set_of_numbers(network)
    answer = marginals(network, evidence(network, given, do), targets)
    known = _described(given, do)
    return {
        t: pd.Series(
            answer.probabilities[t][:, 0],
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
    combinations = np.array(list(product(*states)), dtype=int).reshape(-1, len(others))
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
