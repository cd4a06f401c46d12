"""A case put to the network, and the rows of what comes out.

Pandas takes longer to load than a case to answer, and a frame longer to make than its rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from lumbayes.cases.case import Case, network_findings
from lumbayes.cases.constraints import bits_of
from lumbayes.errors import LumbayesError
from lumbayes.inference.queries import Evidence, evidence, marginals
from lumbayes.knowledge.causal import network_for
from lumbayes.knowledge.model import Model
from lumbayes.network.variables import Network

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]
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


def contradicts(new: Case, case: Case) -> bool:
    """Return whether a case contradicts itself where the one it was made from did not."""
    return len(new.contradictions) > len(case.contradictions) or bool(
        set(new.said) - set(case.said)
    )


def without_clash(model: Model, case: Case, message: str) -> Case:
    """Return a case whose answers can occur together: what does not fit is set aside.

    Answers are taken up one after the other, and one that makes the others impossible is set aside
    in ``said``, where triage still counts it. ``message`` joins the contradictions.
    """
    network, kept = case_network(model, case), dict[str, str | tuple[float, ...]]()
    said = dict(case.said)
    for name, known in case_findings(model, case).items():
        given = evidence(network, {**kept, name: known}, case.do)
        if np.isfinite(marginals(network, given, (), impossible="mark").log_evidence[0]):
            kept[name] = known
            continue
        states = model.variables[name].states
        weights = [float(s == known) for s in states] if isinstance(known, str) else known
        said[name] = (bits_of(weights),)
    return replace(
        case,
        findings={n: s for n, s in case.findings.items() if n not in said},
        likelihoods={n: w for n, w in case.likelihoods.items() if n not in said},
        said=said,
        contradictions=(*case.contradictions, message),
    )


def check_draws(draws: object) -> None:
    """Raise LumbayesError unless a number of draws is 0, or 20 to 10,000."""
    whole = isinstance(draws, int) and not isinstance(draws, bool)
    if not whole or (draws != 0 and not FEWEST_DRAWS <= int(str(draws)) <= MOST_DRAWS):
        raise LumbayesError(
            f"draws is {draws}. Give 0 for no intervals, or a whole number of at least"
            f" {FEWEST_DRAWS} and at most {MOST_DRAWS:,}, such as 200."
        )


@dataclass(frozen=True, eq=False)
class Records:
    """Rows with the same columns.

    Examples
    --------
    >>> found = Records(("name", "probability"), [{"name": "gtps", "probability": 0.2}])
    >>> found.column("name"), len(found), float(found.frame["probability"].iloc[0])
    (['gtps'], 1, 0.2)
    """

    columns: tuple[str, ...]
    rows: Sequence[Row]

    def __iter__(self) -> Iterator[Row]:
        """Go over the rows."""
        return iter(self.rows)

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.rows)

    def column(self, name: str) -> list[Any]:
        """Return the values of a column."""
        return [row[name] for row in self.rows]

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The rows as a frame, made once."""
        import pandas as pd

        return pd.DataFrame({name: self.column(name) for name in self.columns})


def plain(row: Mapping[str, Any]) -> Row:
    """Return a row ready for JSON: None for a number that is missing.

    Examples
    --------
    >>> plain({"p": float("nan"), "name": "gtps"})
    {'p': None, 'name': 'gtps'}
    """
    return {str(k): None if isinstance(v, float) and math.isnan(v) else v for k, v in row.items()}


def sorted_by(rows: Sequence[Row], column: str) -> list[Row]:
    """Return rows, the largest value first; equal ones keep their order.

    Examples
    --------
    >>> sorted_by([{"p": 1}, {"p": 2}], "p")
    [{'p': 2}, {'p': 1}]
    """
    return sorted(rows, key=lambda row: -row[column])
