"""A case put to the network: its findings, its evidence, the network that answers it."""

from __future__ import annotations

from lumbayes.cases.case import Case, network_findings
from lumbayes.errors import LumbayesError
from lumbayes.inference.queries import Evidence, evidence
from lumbayes.knowledge.causal import network_for
from lumbayes.knowledge.model import Model
from lumbayes.network.variables import Network

FEWEST_DRAWS = 20  # a 95 % interval from fewer is no interval
MOST_DRAWS = 10_000  # all tables are held once for each of them


def case_findings(model: Model, case: Case) -> dict[str, str | tuple[float, ...]]:
    """Return all that the network may know of a case, hard and soft, by variable.

    Examples
    --------
    >>> from lumbayes.cases.case import parse_case
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> case_findings(model, parse_case(model, {"fever": "yes"}))
    {'fever': 'yes'}
    """
    soft = {n: w for n, w in case.likelihoods.items() if n in model.network}
    return {**network_findings(model, case), **soft}


def case_evidence(model: Model, case: Case) -> Evidence:
    """Return a case as evidence for the engine: findings, likelihoods and interventions."""
    return evidence(model.network, case_findings(model, case), case.do)


def case_network(model: Model, case: Case, draws: int = 0, seed: int = 0) -> Network:
    """Return the network that answers a case: the causal one where something is done."""
    return network_for(model, causal=bool(case.do), draws=draws, seed=seed)


def check_draws(draws: object) -> None:
    """Raise LumbayesError unless a number of draws is 0, or 20 to 10,000."""
    whole = isinstance(draws, int) and not isinstance(draws, bool)
    if not whole or (draws != 0 and not FEWEST_DRAWS <= int(str(draws)) <= MOST_DRAWS):
        raise LumbayesError(
            f"draws is {draws}. Give 0 for no intervals, or a whole number of at least"
            f" {FEWEST_DRAWS} and at most {MOST_DRAWS:,}, such as 200."
        )
