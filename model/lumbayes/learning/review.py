"""How well the numbers before and after learning predict, and which worked cases they change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lumbayes.cases.case import parse_case
from lumbayes.cases.cohort import Cohort, batches_of
from lumbayes.evaluation.calibration import BATCH, confirmed, curve_of
from lumbayes.evaluation.scores import EVENTS_NEEDED, brier_score, log_loss
from lumbayes.evaluation.worked_cases import evaluate, read_worked_cases
from lumbayes.inference.queries import evidence, marginals
from lumbayes.knowledge.anchors import ASKS_FOR_CARE
from lumbayes.knowledge.model import Model
from lumbayes.learning.em import Learned
from lumbayes.network.variables import Network
from lumbayes.questions.assessment.summary import fixed_output, versions
from lumbayes.questions.differential import differential
from lumbayes.triage.care_level import care_level


@dataclass(frozen=True, eq=False)
class Predictions:
    """How well confirmed conditions of held-out cases were predicted without them.

    Attributes
    ----------
    scores : DataFrame
        A row per condition or imbalance: ``n``, ``events``, and ``log_loss``, ``brier`` before and
        after; NaN where fewer than 50 cases have it or lack it.
    log_evidence : tuple of float
        Mean log P(case) before and after, in nats; higher is better.
    log_loss : tuple of float
        Mean over all confirmed answers together, before and after; NaN without any.
    curves : tuple of DataFrame
        Calibration before and after, as of ``curve_of``; empty where too few cases carry it.
    cases : int
        How many were held out.
    """

    scores: pd.DataFrame
    log_evidence: tuple[float, float]
    log_loss: tuple[float, float]
    curves: tuple[pd.DataFrame, pd.DataFrame]
    cases: int


def predictions(learned: Learned, held_out: Cohort) -> Predictions:
    """Predict confirmed conditions and imbalances of held-out cases, before and after learning."""
    model = learned.model
    networks = (model.network, learned.network)
    evidence_ = (
        _log_evidence(model, networks[0], held_out, learned.selected),
        _log_evidence(model, networks[1], held_out, learned.selected),
    )
    (told, old), (_, new) = (confirmed(model, held_out, network) for network in networks)
    names = list(told)
    rows, truths, befores, afters = {}, [], [], []
    for name in names:
        truth, before, after = told[name], old[name], new[name]
        events = int(truth.sum())
        enough = min(events, len(truth) - events) >= EVENTS_NEEDED
        rows[name] = {
            "n": len(truth),
            "events": events,
            "log_loss_before": log_loss(truth, before) if enough else np.nan,
            "log_loss_after": log_loss(truth, after) if enough else np.nan,
            "brier_before": brier_score(truth, before) if enough else np.nan,
            "brier_after": brier_score(truth, after) if enough else np.nan,
        }
        truths.append(truth)
        befores.append(before)
        afters.append(after)
    columns = [
        "n",
        "events",
        "log_loss_before",
        "log_loss_after",
        "brier_before",
        "brier_after",
    ]
    scores = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    curves = (curve_of(held_out, told, old), curve_of(held_out, told, new))
    losses = (np.nan, np.nan)
    if names:
        truth_ = np.concatenate(truths)
        losses = (
            log_loss(truth_, np.concatenate(befores)),
            log_loss(truth_, np.concatenate(afters)),
        )
    return Predictions(scores, evidence_, losses, curves, held_out.size)


def _log_evidence(model: Model, network: Network, rows: Cohort, selected: str) -> float:
    total = 0.0
    for start in range(0, rows.size, BATCH):
        some = rows.take(np.arange(start, min(start + BATCH, rows.size)))
        ((_, given, _),) = batches_of(model, some)
        total += float(marginals(network, given, (), impossible="mark").log_evidence.sum())
    if selected:
        asks = {ASKS_FOR_CARE: "yes"}
        total -= rows.size * float(marginals(network, evidence(network, asks), ()).log_evidence[0])
    return total / rows.size if rows.size else np.nan


def review(before: Model, after: Model) -> pd.DataFrame:
    """Return the open cases whose level or first condition differs between two sets of tables.

    Returns
    -------
    DataFrame
        A row per case that changes: ``level_before``, ``level_after``, ``first_before``,
        ``first_after``, ``rank_before``, ``rank_after`` of the expected condition.
    """
    results = [
        evaluate(model, read_worked_cases(model), _answer).cases for model in (before, after)
    ]
    old, new = results
    frame = pd.DataFrame(
        {
            "level_before": old["level"],
            "level_after": new["level"],
            "first_before": old["first"],
            "first_after": new["first"],
            "rank_before": old["rank_strict"],
            "rank_after": new["rank_strict"],
        }
    )
    differs = (frame["level_before"] != frame["level_after"]) | (
        frame["first_before"] != frame["first_after"]
    )
    return frame[differs]


def _answer(model: Model, data: Mapping[str, Any]) -> dict[str, Any]:
    case = parse_case(model, data)
    return fixed_output(
        case, care_level(model, case), differential(model, case, 0), versions(model)
    )
