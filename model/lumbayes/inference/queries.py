"""Evidence in, posterior out: exact answers for one case, a batch of cases or a batch of draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from lumbayes.errors import LumbayesError
from lumbayes.inference.batches import answer, in_order, size_of_tree
from lumbayes.inference.evidence import Evidence, Finding, Findings, evidence, stack
from lumbayes.inference.expectations import FamilyMarginals, family_marginals, sample
from lumbayes.inference.kernel.loading import expect_cases, kernel_answers, use_kernel
from lumbayes.inference.lookahead import Alternatives, alternatives_of_each, evidence_alternatives
from lumbayes.inference.marginals import (
    Marginals,
    marginals,
    one_set_of_numbers,
    refuse_impossible,
    smallest_clash,
)
from lumbayes.network.variables import Network

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Alternatives",
    "Evidence",
    "FamilyMarginals",
    "Finding",
    "Findings",
    "Marginals",
    "alternatives_of_each",
    "evidence",
    "evidence_alternatives",
    "expect_cases",
    "family_marginals",
    "joint",
    "kernel_answers",
    "log_probability",
    "marginals",
    "posterior",
    "posteriors",
    "sample",
    "smallest_clash",
    "stack",
    "tree_size",
    "use_kernel",
]


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
    >>> from lumbayes.network.variables import Network, Table, Variable
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
    """P(target | given, do) of several targets: a Series each, by name; see ``posterior``.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> network = load_model().network
    >>> found = posteriors(network, ["slr", "fever"], {"radiculopathy": "present"})
    >>> [round(float(p.sum()), 12) for p in found.values()]
    [1.0, 1.0]
    """
    import pandas as pd

    one_set_of_numbers(network)
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

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> network = load_model().network
    >>> table = joint(network, ["sex", "pregnancy"])
    >>> bool(table["male", "pregnant"] == 0)
    True
    """
    import pandas as pd

    one_set_of_numbers(network)
    if not targets or len(set(targets)) != len(targets):
        raise LumbayesError(
            f"joint needs one or more distinct targets, got {', '.join(targets) or 'none'}."
        )
    for target in targets:
        network[target]
    known = evidence(network, given, do)
    together = frozenset(targets)
    found = answer(network, known, (together,))
    refuse_impossible(network, known, found.log_evidence)
    order = in_order(network, together)
    values = found.joints[together][..., 0].transpose([order.index(t) for t in targets])
    index = _product_index({t: network[t].states for t in targets})
    return pd.Series(
        values.ravel(), index=index, name=f"P({', '.join(targets)}{_described(given, do)})"
    )


def _product_index(targets: Mapping[str, tuple[str, ...]]) -> pd.MultiIndex:
    """Return the combinations of the states of several variables, the last fastest."""
    import pandas as pd

    codes = np.indices([len(states) for states in targets.values()]).reshape(len(targets), -1)
    levels: Any = [_level(states) for states in targets.values()]
    return pd.MultiIndex(levels, codes.tolist(), names=list(targets), verify_integrity=False)


@lru_cache(maxsize=4096)
def _level(states: tuple[str, ...]) -> pd.Index[str]:
    """Return states as pandas holds them: made once, for that takes longer than the answer."""
    import pandas as pd

    return pd.Index(states)


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

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> network = load_model().network
    >>> tree_size(network, {"age_band": "30_44", "sex": "male"}) < tree_size(network)
    True
    """
    return size_of_tree(network, evidence(network, given, do), keep)


def log_probability(
    network: Network, given: Findings | None = None, do: Mapping[str, str] | None = None
) -> float:
    """Natural logarithm of P(given | do).

    Raises
    ------
    ImpossibleEvidenceError
        If the probability is zero.

    Examples
    --------
    >>> import math
    >>> from lumbayes.knowledge.model import load_model
    >>> network = load_model().network
    >>> round(math.exp(log_probability(network, {"sex": "female"})), 2)
    0.51
    """
    one_set_of_numbers(network)
    return float(marginals(network, evidence(network, given, do), ()).log_evidence[0])
