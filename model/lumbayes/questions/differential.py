"""Answer the question: what could it be, and what must not be missed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from lumbayes.cases.case import Case
from lumbayes.inference.queries import evidence, marginals
from lumbayes.knowledge.model import Model
from lumbayes.network.variables import Array
from lumbayes.questions.conditioning import case_evidence, case_network, check_draws
from lumbayes.text import Told, frequency, frequency_range, times_as_likely

FLIPS = 0.2  # two conditions whose order changes in more of the draws cannot be told apart
WORTH_COMPARING = 0.05  # pairs are compared among conditions at least this probable
UNCERTAINTY = (
    "The ranges are the uncertainty of the published numbers, not of you and not of the structure."
)


@dataclass(frozen=True, eq=False, repr=False)
class Differential(Told):
    """Conditions and imbalances of one case, most probable first.

    Each frame has the columns ``name``, ``label``, ``prior`` (in the adult population, before any
    finding of the case), ``probability``, ``low``, ``high`` (95 % interval over the draws; NaN
    without draws), ``median`` of the draws, ``change`` (``probability - prior``), ``ratio``
    (``probability / prior``), ``first`` (share of draws in which it is the most probable of its
    frame) and ``frequency`` in words.

    Attributes
    ----------
    conditions, imbalances : DataFrame
        All of them, most probable first.
    must_not_miss : DataFrame
        The dangerous conditions, highest ratio first.
    alike : tuple of (str, str)
        Conditions, both at least 5 % probable, whose order flips in more than 20 % of the draws.
    widened : tuple of str
        Names whose interval over the draws did not contain the probability of the published
        values, and was widened up to it.
    log_evidence : float
        Natural logarithm of P(findings).
    draws : int
        How many draws the intervals come from.
    """

    conditions: pd.DataFrame
    imbalances: pd.DataFrame
    must_not_miss: pd.DataFrame
    alike: tuple[tuple[str, str], ...]
    widened: tuple[str, ...]
    log_evidence: float
    draws: int

    def to_dict(self) -> dict[str, Any]:
        """Return the lists of the fixed output, and what cannot be told apart, ready for JSON."""
        return {
            "differential": [_entry("condition", row) for row in rows_of(self.conditions)],
            "must_not_miss": [
                _entry("condition", row) | {"ratio": row["ratio"]}
                for row in rows_of(self.must_not_miss)
            ],
            "imbalances": [_entry("imbalance", row) for row in rows_of(self.imbalances)],
            "alike": [list(pair) for pair in self.alike],
        }

    def to_text(self, limit: int = 6) -> str:
        """Return the lists for people, chances as natural frequencies, rare dangers apart."""
        lines = ["WHAT IT COULD BE (people who give the same answers as you; causes can overlap)"]
        lines += table_lines(self.conditions.head(limit))
        lines += [f"  {a} or {b}: which is likelier is not sure." for a, b in self.alike_labels()]
        lines += ["", "RARE, BUT MUST NOT BE MISSED (on a scale of its own)"]
        lines += table_lines(self.must_not_miss, rare=True)
        lines += ["", "MUSCLES OF BUTTOCK AND HIP"]
        lines += table_lines(self.imbalances)
        return "\n".join([*lines, "", UNCERTAINTY] if self.draws else lines)

    def alike_labels(self) -> list[tuple[str, str]]:
        """Return the pairs that cannot be told apart, by their labels."""
        labels = dict(zip(self.conditions["name"], self.conditions["label"], strict=True))
        return [(labels[a], labels[b]) for a, b in self.alike]


def differential(model: Model, case: Case, draws: int = 200, seed: int = 0) -> Differential:
    """Return the probability of every condition and imbalance, with intervals.

    Parameters
    ----------
    model : Model
        The tables.
    case : Case
        Its findings and likelihoods are conditioned on; under its interventions contested links
        carry only their causal share (see ``causal.causal_network``).
    draws : int
        Parameter draws for the intervals: 0 for none, else at least 20.
    seed : int
        Of the draws; the same seed gives the same answer.

    Returns
    -------
    Differential
        ``probability`` comes from the published values, the interval from the draws.

    Raises
    ------
    ImpossibleEvidenceError
        If the findings cannot occur together.
    LumbayesError
        If the number of draws is negative or too small.

    Examples
    --------
    >>> from lumbayes.cases.case import parse_case
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> case = parse_case(model, {"low_back_pain": "yes", "slr": "positive"})
    >>> answer = differential(model, case, draws=100)
    >>> row = answer.conditions.set_index("name").loc["disc_herniation"]
    >>> bool(row["low"] <= row["probability"] <= row["high"]), bool(row["ratio"] > 1)
    (True, True)
    """
    check_draws(draws)
    names = model.names("condition", "imbalance")
    network = case_network(model, case)
    known = case_evidence(model, case)
    found = marginals(network, known, names)
    mean = _present(found.probabilities, names)[:, 0]
    prior = _present(_prior(model), names)[:, 0]
    drawn = np.full((len(names), 0), np.nan)
    if draws:
        # A draw in which the findings cannot occur says nothing about them; the means allow them.
        rows = marginals(case_network(model, case, draws, seed), known, names, impossible="mark")
        drawn = _present(rows.probabilities, names)[:, np.isfinite(rows.log_evidence)]
    table = _table(model, names, prior, mean, drawn)
    is_condition = table["name"].isin(model.names("condition")).to_numpy()
    widened = tuple(table.loc[table.pop("widened"), "name"])
    frames = []
    for chosen in (is_condition, ~is_condition):
        frame = table[chosen].assign(first=_first(drawn[chosen], mean[chosen]))
        order = np.argsort(-frame["probability"].to_numpy(), kind="stable")
        frames.append(frame.iloc[order].reset_index(drop=True))
    conditions, imbalances = frames
    dangerous = conditions[conditions["name"].isin(model.with_role("must_not_miss"))]
    order = np.argsort(-dangerous["ratio"].to_numpy(), kind="stable")
    return Differential(
        conditions,
        imbalances,
        dangerous.iloc[order].reset_index(drop=True),
        _alike(conditions, dict(zip(names, drawn, strict=True))),
        widened,
        float(found.log_evidence[0]),
        draws,
    )


def table_lines(frame: pd.DataFrame, *, rare: bool = False) -> list[str]:
    """Return a line for people for each entry of a frame; ``rare`` gives all one small scale."""
    scale = 0
    if rare:
        scale = 1_000 if (frame["probability"] >= 0.01).any() else 10_000
    lines = []
    for row in rows_of(frame):
        words = frequency_range(row["probability"], row["low"], row["high"], scale)
        compared = (
            times_as_likely(row["ratio"], row["probability"])
            if rare
            else f"any adult: {frequency(row['prior']).removeprefix('about ')}"
        )
        lines.append(f"  {row['label']}: {words}; {compared}")
    return lines


def _entry(kind: str, row: dict[str, Any]) -> dict[str, Any]:
    """Return one entry of the fixed output, and more keys; a missing interval is None."""
    values = {k: None if math.isnan(row[k]) else row[k] for k in ("low", "high", "first")}
    return {
        kind: row["name"],
        "probability": row["probability"],
        "low": values["low"],
        "high": values["high"],
        "prior": row["prior"],
        "label": row["label"],
        "first": values["first"],
        "frequency": row["frequency"],
    }


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as plain dictionaries."""
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict(orient="records")]


@lru_cache(maxsize=4)
def _prior(model: Model) -> dict[str, Array]:
    names = model.names("condition", "imbalance")
    return dict(marginals(model.network, evidence(model.network), names).probabilities)


def _present(probabilities: Any, names: Sequence[str]) -> Array:
    """Return P(present), shape ``(names, rows)``: the last state of each."""
    present: Array = np.array([probabilities[name][-1] for name in names])
    return present


def _table(
    model: Model, names: Sequence[str], prior: Array, mean: Array, drawn: Array
) -> pd.DataFrame:
    low, median, high = np.full((3, len(names)), np.nan)
    if drawn.shape[1]:
        low, median, high = np.quantile(drawn, [0.025, 0.5, 0.975], axis=1)
    widened = (mean < low) | (mean > high)
    frame = pd.DataFrame(
        {
            "name": names,
            "label": [model.variables[n].label for n in names],
            "prior": prior,
            "probability": mean,
            "low": np.fmin(low, mean) if drawn.shape[1] else low,
            "high": np.fmax(high, mean) if drawn.shape[1] else high,
            "median": median,
            "change": mean - prior,
            "ratio": mean / prior,
            "frequency": [f"{frequency(p)} people with these answers" for p in mean],
            "widened": widened,
        }
    )
    return frame


def _first(drawn: Array, mean: Array) -> Array:
    """Return the share of draws in which each row is the largest; NaN without draws."""
    if not drawn.shape[1]:
        return np.full(len(mean), np.nan)
    times: Array = np.bincount(drawn.argmax(axis=0), minlength=len(mean)) / drawn.shape[1]
    return times


def _alike(conditions: pd.DataFrame, drawn: dict[str, Array]) -> tuple[tuple[str, str], ...]:
    likely = conditions.loc[conditions["probability"] >= WORTH_COMPARING, "name"]
    return tuple(
        (a, b)
        for a, b in combinations(likely, 2)
        if len(drawn[a]) and float(np.mean(drawn[b] > drawn[a])) > FLIPS
    )
