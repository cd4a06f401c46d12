"""Which published figure fixes a number: what the network says at the ends of its interval."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lumbayes.knowledge.model import Model
from lumbayes.literature.figures import read_figures
from lumbayes.literature.target_values import target_values
from lumbayes.literature.verification import FOUND, read_verifications

LEAST = 0.25
"""A figure that moves by less, for each step of a number on the logit scale, does not fix it."""


def fixed_numbers(model: Model) -> pd.DataFrame:
    """Hold the figures named in ``verification.csv`` against the numbers that they fix.

    A number is set to the low and to the high end of its interval, all others kept; the published
    figure should lie between what the network says then.

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
            number = model.numbers[position]
            values[position, 2 * i : 2 * i + 2] = number.low, number.high
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
