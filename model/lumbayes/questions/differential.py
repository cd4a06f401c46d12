"""Answer the question: what could it be, and what must not be missed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from lumbayes.cases.case import Case
from lumbayes.inference.queries import evidence, kernel_answers, marginals
from lumbayes.knowledge.model import Model
from lumbayes.network.variables import Array
from lumbayes.questions.conditioning import (
    Records,
    Row,
    case_evidence,
    case_network,
    check_draws,
    plain,
    sorted_by,
)
from lumbayes.text import Told, frequency, frequency_range, times_as_likely

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    *("name", "label", "prior", "probability", "low", "high", "median", "change", "ratio"),
    *("frequency", "first"),
)

FLIPS = 0.2  # two conditions whose order changes in more of the draws cannot be told apart
WORTH_COMPARING = 0.05  # pairs are compared among conditions at least this probable
UNCERTAINTY = (
    "The ranges are the uncertainty of the published numbers, not of you and not of the structure."
)


@dataclass(frozen=True, eq=False, repr=False)
class Differential(Told):
    """Conditions and imbalances of one case, most probable first.

    Each table has the columns ``name``, ``label``, ``prior`` (in the adult population, before any
    finding of the case), ``probability``, ``low``, ``high`` (95 % interval over the draws; NaN
    without draws), ``median`` of the draws, ``change`` (``probability - prior``), ``ratio``
    (``probability / prior``), ``first`` (share of draws in which it is the most probable of its
    frame) and ``frequency`` in words.

    Attributes
    ----------
    of_conditions, of_imbalances : Records
        All of them, most probable first; as frames ``conditions`` and ``imbalances``.
    of_dangers : Records
        The dangerous conditions, highest ratio first; as a frame ``must_not_miss``.
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

    of_conditions: Records
    of_imbalances: Records
    of_dangers: Records
    alike: tuple[tuple[str, str], ...]
    widened: tuple[str, ...]
    log_evidence: float
    draws: int

    @property
    def conditions(self) -> pd.DataFrame:
        """All conditions, most probable first."""
        return self.of_conditions.frame

    @property
    def imbalances(self) -> pd.DataFrame:
        """All imbalances, most probable first."""
        return self.of_imbalances.frame

    @property
    def must_not_miss(self) -> pd.DataFrame:
        """The dangerous conditions, highest ratio first."""
        return self.of_dangers.frame

    def to_dict(self) -> dict[str, Any]:
        """Return the lists of the fixed output, and what cannot be told apart, ready for JSON."""
        return {
            "differential": [_entry("condition", row) for row in self.of_conditions],
            "must_not_miss": [
                _entry("condition", row) | {"ratio": row["ratio"]} for row in self.of_dangers
            ],
            "imbalances": [_entry("imbalance", row) for row in self.of_imbalances],
            "alike": [list(pair) for pair in self.alike],
        }

    def to_text(self, limit: int = 6) -> str:
        """Return the lists for people, chances as natural frequencies, rare dangers apart."""
        lines = ["WHAT IT COULD BE (people who give the same answers as you; causes can overlap)"]
        lines += table_lines(self.of_conditions.rows[:limit])
        lines += [f"  {a} or {b}: which is likelier is not sure." for a, b in self.alike_labels()]
        lines += ["", "RARE, BUT MUST NOT BE MISSED (on a scale of its own)"]
        lines += table_lines(self.of_dangers.rows, rare=True)
        lines += ["", "MUSCLES OF BUTTOCK AND HIP"]
        lines += table_lines(self.of_imbalances.rows)
        return "\n".join([*lines, "", UNCERTAINTY] if self.draws else lines)

    def alike_labels(self) -> list[tuple[str, str]]:
        """Return the pairs that cannot be told apart, by their labels."""
        labels = {row["name"]: row["label"] for row in self.of_conditions}
        return [(labels[a], labels[b]) for a, b in self.alike]


def differential(model: Model, case: Case, draws: int = 200, seed: int = 0) -> Differential:
    """Return the probability of every condition and imbalance, with intervals.

    Arguments and errors as of ``doors.one_case.differential``. ``probability`` comes from the
    published values, the interval from the draws. Under interventions contested links carry only
    their causal share (see ``causal.causal_network``).

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
    prior = _present(_prior(model, kernel_answers()), names)[:, 0]
    drawn = np.full((len(names), 0), np.nan)
    if draws:
        # A draw in which the findings cannot occur says nothing about them; the means allow them.
        rows = marginals(case_network(model, case, draws, seed), known, names, impossible="mark")
        drawn = _present(rows.probabilities, names)[:, np.isfinite(rows.log_evidence)]
    entries, widened = _rows(model, names, prior, mean, drawn)
    tables = []
    for layer in ("condition", "imbalance"):
        among = set(model.names(layer))
        some = [i for i, name in enumerate(names) if name in among]
        first = _first(drawn[some], mean[some])
        own = [entries[i] | {"first": share} for i, share in zip(some, first, strict=True)]
        tables.append(Records(COLUMNS, sorted_by(own, "probability")))
    conditions, imbalances = tables
    must_not_miss = set(model.with_role("must_not_miss"))
    dangerous = [row for row in conditions if row["name"] in must_not_miss]
    return Differential(
        conditions,
        imbalances,
        Records(COLUMNS, sorted_by(dangerous, "ratio")),
        _alike(conditions, dict(zip(names, drawn, strict=True))),
        widened,
        float(found.log_evidence[0]),
        draws,
    )


def table_lines(rows: Sequence[Row], *, rare: bool = False) -> list[str]:
    """Return a line for people for each row; ``rare`` gives all one small scale."""
    scale = 0
    if rare:
        scale = 1_000 if any(row["probability"] >= 0.01 for row in rows) else 10_000
    lines = []
    for row in rows:
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
    row = plain(row)
    return {
        kind: row["name"],
        "probability": row["probability"],
        "low": row["low"],
        "high": row["high"],
        "prior": row["prior"],
        "label": row["label"],
        "first": row["first"],
        "frequency": row["frequency"],
    }


@lru_cache(maxsize=4)
def _prior(model: Model, kernel: bool) -> dict[str, Array]:
    """Return the priors as ``kernel`` or numpy works them out, so that each gives the same bits."""
    names = model.names("condition", "imbalance")
    return dict(marginals(model.network, evidence(model.network), names).probabilities)


def _present(probabilities: Any, names: Sequence[str]) -> Array:
    """Return P(present), shape ``(names, rows)``: the last state of each."""
    present: Array = np.array([probabilities[name][-1] for name in names])
    return present


def _rows(
    model: Model, names: Sequence[str], prior: Array, mean: Array, drawn: Array
) -> tuple[list[Row], tuple[str, ...]]:
    """Return a row for each name, and the names whose interval was widened up to the mean."""
    low, median, high = np.full((3, len(names)), np.nan)
    if drawn.shape[1]:
        low, median, high = np.quantile(drawn, [0.025, 0.5, 0.975], axis=1)
    outside = (mean < low) | (mean > high)
    if drawn.shape[1]:
        low, high = np.fmin(low, mean), np.fmax(high, mean)
    columns = (prior, mean, low, high, median, mean - prior, mean / prior)
    rows = [
        {"name": name, "label": model.variables[name].label}
        | dict(zip(COLUMNS[2:9], numbers, strict=True))
        | {"frequency": f"{frequency(numbers[1])} people with these answers"}
        for name, *numbers in zip(names, *(c.tolist() for c in columns), strict=True)
    ]
    return rows, tuple(name for name, out in zip(names, outside, strict=True) if out)


def _first(drawn: Array, mean: Array) -> list[float]:
    """Return the share of draws in which each row is the largest; NaN without draws."""
    if not drawn.shape[1]:
        return [math.nan] * len(mean)
    times = np.bincount(drawn.argmax(axis=0), minlength=len(mean)) / drawn.shape[1]
    return [float(share) for share in times]


def _alike(conditions: Records, drawn: dict[str, Array]) -> tuple[tuple[str, str], ...]:
    likely = [row["name"] for row in conditions if row["probability"] >= WORTH_COMPARING]
    return tuple(
        (a, b)
        for a, b in combinations(likely, 2)
        if len(drawn[a]) and float(np.mean(drawn[b] > drawn[a])) > FLIPS
    )
