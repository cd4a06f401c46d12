"""Published figures as observations: on which scale, how exact, of which kind and setting."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lumbayes.knowledge.model import Model
from lumbayes.knowledge.tables import read_table
from lumbayes.literature.targets import Target, read_targets

KINDS = ("accuracy", "condition_share", "other_share", "odds_ratio")
SETTINGS = ("population", "primary_care", "emergency", "referred", "verified")
OFFSETS = ("emergency", "referred", "verified")
"""Settings whose people differ from those that the network describes by what is given."""
SHARES = ("probability", "any", "main_source_share")
JUDGED = ("judgement", "expert", "derived")
NARROWEST = 0.02
"""No sampling error counts as smaller, on the logit or log scale."""


@dataclass(frozen=True)
class Figure:
    """One published figure.

    Attributes
    ----------
    target : Target
        What the network computes of it.
    kind : str
        ``accuracy`` (of a sign, or how often it goes with a condition), ``odds_ratio``, or how
        common something is: ``condition_share``, where studies define and select differently, or
        ``other_share`` of a finding or circumstance. Figures of one kind share the deviation
        between studies. Circumstances are no kind of their own: the few surveys agree better with
        the numbers that were taken from them than they predict one another.
    setting : str
        One of ``SETTINGS``.
    value, error : float
        As published and its sampling error, on the logit scale; log scale for ratios.
    """

    target: Target
    kind: str
    setting: str
    value: float
    error: float

    @property
    def source(self) -> str:
        """Key in ``sources.csv``."""
        return self.target.source

    @property
    def share(self) -> bool:
        """Whether the figure is a share, on the logit scale; else it is a ratio."""
        return self.target.measure in SHARES


def read_figures(model: Model) -> tuple[Figure, ...]:
    """Read every published figure that the network can express, fitted and emergent alike.

    Judged figures are no observation and stay out.

    Settings stand in ``target_settings.csv``; a figure without a row there is of primary care.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> {f.kind for f in read_figures(load_model())} == set(KINDS)
    True
    """
    rows = read_table("target_settings.csv", ("target_id", "setting"), model.folder)
    settings = {row.text("target_id"): row.choice("setting", SETTINGS) for row in rows}
    return tuple(
        _figure(model, target, settings.get(target.id, "primary_care"))
        for target in read_targets(model)
        if target.source not in JUDGED
    )


def _figure(model: Model, target: Target, setting: str) -> Figure:
    ends = (max(target.low, target.value / 20), target.high)
    if target.measure in SHARES:
        ends = (ends[0], min(ends[1], 0.995))
        value, low, high = (float(np.log(p / (1 - p))) for p in (target.value, *ends))
    else:
        value, low, high = (float(np.log(x)) for x in (target.value, *ends))
    error = max((high - low) / 3.92, NARROWEST)
    return Figure(target, _kind(model, target), setting, value, error)


def _kind(model: Model, target: Target) -> str:
    conditions = set(model.names("condition", "mechanism", "imbalance"))
    if target.measure in ("odds_ratio", "risk_ratio"):
        return "odds_ratio"
    if target.measure in ("lr_plus", "lr_minus") or conditions & set(target.given):
        return "accuracy"
    return "condition_share" if conditions & set(target.event) else "other_share"
