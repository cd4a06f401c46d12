"""The steps of a schedule carried out for one row, nothing lost by underflow; compiled."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lumbayes.inference.kernel.compiler import compiled
from lumbayes.inference.kernel.guards import EXACT, FLUSH, LOST, SMALL
from lumbayes.inference.kernel.lanes import NUMBER, load
from lumbayes.inference.kernel.steps import go_down, go_up, place_of
from lumbayes.inference.schedule import (
    ALONE,
    CONSTANT,
    ENTRY,
    KIND,
    LIKELIHOOD,
    MESSAGE,
    N_FOLDS,
    N_SCALARS,
    SIZE,
    U_BASE,
    U_ENTRY,
    U_KIND,
    U_NEXT,
    U_STRIDE,
)


@compiled
def item_at(unary: Any, i: Any, total: Any, row: Any) -> Any:
    """Return where the numbers of an item begin and how far apart they are."""
    kind = unary[i, U_KIND]
    if kind == CONSTANT:
        return unary[i, U_BASE] + unary[i, U_ENTRY], unary[i, U_STRIDE]
    return unary[i, U_BASE] + unary[i, U_ENTRY] * total + row, unary[i, U_STRIDE] * total


@compiled
def fold_row(
    pool: Any, likelihood: Any, total: Any, row: Any, operands: Any, unary: Any, folds: Any,
    n_folds: Any, message: Any, bounds: Any,
) -> Any:  # fmt: skip
    """Multiply what bears on one variable alone; return the logarithm of the scale taken out."""
    log_scale = 0.0
    for f in range(n_folds):
        z = folds[f, 0]
        at, size = operands[z, ENTRY], operands[z, SIZE]
        low, high, lost = 1.0, 1.0, 0.0
        for j in range(at, at + size):
            message[j] = 1.0
        i = folds[f, 1]
        while i >= 0:
            values = likelihood if unary[i, U_KIND] == LIKELIHOOD else pool
            q, step = item_at(unary, i, total, row)
            before, low, high = low, np.inf, 0.0
            for j in range(at, at + size):
                value = message[j] * values[q]
                if value == 0.0 and message[j] > 0.0 and values[q] > 0.0:
                    lost = max(lost, FLUSH)
                message[j] = value
                if value > 0.0:
                    low = min(low, value)
                    high = max(high, value)
                q += step
            if high == 0.0:
                low = before
            elif high < SMALL:
                for j in range(at, at + size):
                    message[j] /= high
                log_scale += math.log(high)
                low, lost, high = low / high, lost / high, 1.0
            i = unary[i, U_NEXT]
        bounds[z, 0], bounds[z, 1], bounds[z, 2] = low, high, lost
    return log_scale


@compiled
def run_row(
    card: Any, least: Any, pool: Any, likelihood: Any, total_rows: Any, row: Any, operands: Any,
    steps: Any, runs: Any, scalars: Any, unary: Any, folds: Any, counts: Any, shared: Any,
    message: Any, bounds: Any, spare: Any, offsets: Any,
) -> Any:  # fmt: skip
    """Answer one row; return log P(evidence), and whether nothing was lost by underflow."""
    yes, wide = counts[N_FOLDS] >= 0, np.int64(NUMBER)
    exact = True
    bounds[0, 0] = bounds[0, 1] = 1.0
    bounds[0, 2] = 0.0
    pool_at, shared_at = np.int64(pool.ctypes.data), np.int64(shared.ctypes.data)
    message_at = np.int64(message.ctypes.data)
    log_scale = fold_row(
        pool, likelihood, total_rows, row, operands, unary, folds, counts[N_FOLDS], message, bounds
    )
    i = counts[ALONE]
    while i >= 0:
        values = likelihood if unary[i, U_KIND] == LIKELIHOOD else pool
        at, _ = item_at(unary, i, total_rows, row)
        log_scale += math.log(values[at]) if values[at] > 0 else -np.inf
        i = unary[i, U_NEXT]
    log_scale += go_up(
        pool_at, shared_at, message_at, message, total_rows, row, operands, steps, runs, counts,
        least, bounds, spare, offsets, yes, yes, wide, 0.0,
    )  # fmt: skip
    for s in range(counts[N_SCALARS]):
        i = scalars[s]
        at, _, _ = place_of(operands, i, pool_at, shared_at, message_at, total_rows, row, wide)
        value = load(at, 0.0)
        if operands[i, KIND] == MESSAGE and bounds[i, LOST] > EXACT * value:
            exact = False
        log_scale += math.log(value) if value > 0 else -np.inf
    if log_scale == -np.inf or not exact:
        return log_scale, exact
    exact = go_down(
        card, pool_at, shared_at, message_at, message, total_rows, row, operands, steps, runs,
        counts, bounds, spare, offsets, yes, yes, wide, 0.0,
    )  # fmt: skip
    return log_scale, exact
