"""Which published figure fixes a number: what the network says at the ends of its interval."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lumbayes.knowledge.coordinates import TINY
from lumbayes.knowledge.model import Model
from lumbayes.literature.figures import read_figures
from lumbayes.literature.target_values import target_values
from lumbayes.literature.verification import FOUND, read_verifications
from lumbayes.network.variables import Array

LEAST = 0.25
"""A figure that moves by less, for each step of a number on the logit scale, does not fix it."""


def fixed_numbers(model: Model) -> pd.DataFrame:
    """Hold the figures named in ``verification.csv`` against the numbers that they fix.

    A number is set to the low and to the high end of its interval, all others kept; the states
    beside it in one distribution give way only as far as the sum of them would exceed 1. The
    published figure should lie between what the network says then.

    Parameters
    ----------
    model : Model
        With ``verification.csv``, ``targets.csv`` and ``target_settings.csv`` in its folder.

    Returns
    -------
    DataFrame
        Indexed by the id of the number: ``figure``, ``value, low, high`` of the number,
        ``published`` and what the network says ``at_low, at_high`` (logit of a share, log of a
        ratio), ``slope`` between them by the logit of the number, ``implied``, the number read off
        the line through the ends, and ``holds``: the figure lies between the ends, and the slope is
        ``LEAST`` or more.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> bool(fixed_numbers(load_model())["holds"].all())
    True
    """
    named = {n: v for n, v in read_verifications(model).items() if v.figure and v.verdict in FOUND}
    place = {number.id: i for i, number in enumerate(model.numbers)}
    conditions = model.names("condition")
    rows = []
    for figure in read_figures(model):
        some = [place[n] for n, v in named.items() if v.figure == figure.target.id]
        if not some:
            continue
        values = np.repeat(model.values[:, None], 2 * len(some), axis=1)
        for i, position in enumerate(some):
            values[:, 2 * i : 2 * i + 2] = _at_the_ends(model, position)
        said = target_values(model.network_with(values), [figure.target], conditions)[0]
        scaled = np.log(said / (1.0 - said)) if figure.share else np.log(said)
        for i, position in enumerate(some):
            number = model.numbers[position]
            low, high = (float(np.log(p / (1.0 - p))) for p in (number.low, number.high))
            at_low, at_high = scaled[2 * i : 2 * i + 2]
            slope = (at_high - at_low) / (high - low)
            implied = low + (figure.value - at_low) / slope if slope else np.nan
            between = min(at_low, at_high) <= figure.value <= max(at_low, at_high)
            rows.append(
                {
                    "number": number.id,
                    "figure": figure.target.id,
                    "value": number.value,
                    "low": number.low,
                    "high": number.high,
                    "published": figure.value,
                    "at_low": at_low,
                    "at_high": at_high,
                    "slope": slope,
                    "implied": 1.0 / (1.0 + np.exp(-implied)),
                    "holds": bool(between and abs(slope) >= LEAST),
                }
            )
    return pd.DataFrame(rows).set_index("number")


def _at_the_ends(model: Model, position: int) -> Array:
    """Return the values of all numbers, ``(m, 2)``, one number at its low and its high end."""
    number = model.numbers[position]
    values = np.repeat(model.values[:, None], 2, axis=1)
    ends = np.array([number.low, number.high])
    mates = [i for i in model.mates(position) if i != position]
    beside = max(float(model.values[mates].sum()), TINY)
    values[mates] *= np.minimum(1.0, (1.0 - ends) / beside)
    values[position] = ends
    return values
