"""What is known of a case, checked: hard and soft findings, interventions, batches of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from lumbayes.errors import ImpossibleEvidenceError, LumbayesError
from lumbayes.network.variables import Array, Network, Variable

Finding = str | Sequence[float] | Mapping[str, float]
Findings = Mapping[str, Finding | Sequence[Finding]]


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
    >>> from lumbayes.network.variables import Network, Table, Variable
    >>> rain = Variable("rain", ("no", "yes"), (), Table(np.array([0.8, 0.2])))
    >>> evidence(Network([rain]), {"rain": "yes"}).likelihoods["rain"].ravel()
    array([0., 1.])
    """
    likelihoods: dict[str, Array] = {}
    for name, finding in (findings or {}).items():
        variable = network[name]
        if isinstance(finding, str) and finding in variable.states:
            likelihoods[name] = one_hot(len(variable.states), variable.states.index(finding))
            continue
        each = [_likelihood(variable, one) for one in _several(finding)]
        with np.errstate(over="ignore", under="ignore"):
            total = np.prod(each, axis=0)
        if len(each) > 1 and (not total.any() or np.isinf(total).any()):
            # Out of range together: a likelihood has no scale.
            total = np.prod([one / one.max() for one in each], axis=0)
        if not total.any():
            raise ImpossibleEvidenceError(
                f"these findings cannot occur together: {name} is given values that exclude "
                "each other. Keep one."
            )
        likelihoods[name] = total[:, None]
    return Evidence(
        likelihoods, {name: network[name].index(state) for name, state in (do or {}).items()}, 1
    )


@lru_cache(maxsize=1024)
def one_hot(states: int, state: int) -> Array:
    """Return the likelihood of a state seen for certain, shape ``(states, 1)``, not to be changed.

    Examples
    --------
    >>> one_hot(2, 1).ravel()
    array([0., 1.])
    """
    values = np.zeros((states, 1))
    values[state] = 1.0
    values.setflags(write=False)
    return values


def _several(finding: Finding | Sequence[Finding]) -> list[object]:
    """Return a list of findings, whether one was given or a list of them."""
    if isinstance(finding, str | Mapping) or not isinstance(finding, Sequence | np.ndarray):
        return [finding]
    if any(isinstance(one, str | Mapping | Sequence | np.ndarray) for one in finding):
        return list(finding)
    return [finding]


def _likelihood(variable: Variable, finding: object) -> Array:
    """Turn one finding on a variable into a likelihood per state."""
    name, states = variable.name, variable.states
    if isinstance(finding, Mapping):
        for state in finding:
            variable.index(state)
        missing = [s for s in states if s not in finding]
        if missing:
            raise LumbayesError(
                f"{name}: the likelihood leaves out {', '.join(missing)}. "
                "Give every state a number, 0 if excluded."
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
    return one_hot(len(states), variable.index(finding))[:, 0]


def stack(network: Network, cases: Sequence[Evidence]) -> Evidence:
    """Put cases with different findings and blanks into one batch; a blank is a likelihood of ones.

    Raises
    ------
    LumbayesError
        If there is no case, or the cases differ in their interventions.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> network = load_model().network
    >>> cases = [evidence(network, {"fever": "yes"}), evidence(network)]
    >>> stack(network, cases).likelihoods["fever"]
    array([[0., 1.],
           [1., 1.]])
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
