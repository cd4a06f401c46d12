"""The steps of a schedule carried out for eight rows at once; compiled."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lumbayes.inference.kernel.compiler import compiled
from lumbayes.inference.kernel.lanes import (
    LANES,
    NUMBER,
    WIDE,
    load,
    load_same,
    same,
    store,
    times,
    where_zero,
)
from lumbayes.inference.kernel.steps import go_down, go_up
from lumbayes.inference.schedule import (
    ALONE,
    BASE,
    CONSTANT,
    ENTRY,
    KIND,
    LIKELIHOOD,
    MESSAGE,
    N_FOLDS,
    N_SCALARS,
    SHARED,
    SIZE,
    U_BASE,
    U_ENTRY,
    U_KIND,
    U_NEXT,
    U_STRIDE,
    U_WHEN,
)

SMALLEST, LARGEST = 1e-200, 1e200  # of a number that is still exact to the last digit
NARROW, WIDEST = 1e-100, 1e100  # of a product of them that can be multiplied once more


@compiled
def seen(
    variables: Any, starts: Any, card: Any, codes: Any, likelihood: Any, total_rows: Any,
    index: Any, begin: Any, rows: Any, soft: Any, own: Any,
) -> None:  # fmt: skip
    """Lay out the likelihoods of eight rows, of those variables that they know differently.

    Where there are fewer rows, the last one fills the rest.
    """
    for e in range(len(variables)):
        v = variables[e]
        if soft[v] < 0:
            continue
        for j in range(LANES):
            at = begin + min(j, rows - 1)
            code = codes[e, at]
            for state in range(card[v]):
                if code >= 0:
                    value = 1.0 if state == code else 0.0
                elif code == -1:
                    value = 1.0
                else:
                    value = likelihood[(starts[e] + state) * total_rows + index[at]]
                own[(starts[e] + state) * LANES + j] = value


@compiled
def unary_lanes(
    unary: Any, i: Any, state: Any, pool: Any, total_rows: Any, row: Any, own: Any
) -> Any:
    """Return one number of what bears on one variable alone, for eight rows; addresses as such."""
    kind, entry = unary[i, U_KIND], unary[i, U_ENTRY] + state * unary[i, U_STRIDE]
    like = same(0.0)
    if kind == LIKELIHOOD:
        return load(own + entry * WIDE, like)
    if kind == CONSTANT:
        x = load_same(pool + (unary[i, U_BASE] + entry) * NUMBER, like)
    else:
        x = load(pool + (unary[i, U_BASE] + entry * total_rows + row) * NUMBER, like)
    if unary[i, U_WHEN] >= 0:
        x = where_zero(load(own + unary[i, U_WHEN] * WIDE, like), x)
    return x


@compiled
def fold_lanes(
    pool: Any, total_rows: Any, row: Any, own: Any, operands: Any, unary: Any, folds: Any,
    n_folds: Any, shared: Any, message: Any, first: Any,
) -> None:  # fmt: skip
    """Multiply what bears on one variable alone, for eight rows; once what they share."""
    pool_at = np.int64(pool.ctypes.data)
    for f in range(n_folds):
        z = folds[f, 0]
        entry = operands[z, ENTRY]
        if operands[z, KIND] == MESSAGE:
            for state in range(operands[z, SIZE]):
                x = same(1.0)
                i = folds[f, 1]
                while i >= 0:
                    x = times(x, unary_lanes(unary, i, state, pool_at, total_rows, row, own))
                    i = unary[i, U_NEXT]
                store(message + (entry + state) * WIDE, x)
        elif first:
            for state in range(operands[z, SIZE]):
                value = 1.0
                i = folds[f, 1]
                while i >= 0:
                    value *= pool[unary[i, U_BASE] + unary[i, U_ENTRY] + state * unary[i, U_STRIDE]]
                    i = unary[i, U_NEXT]
                shared[entry + state] = value


@compiled
def run_rows(
    card: Any, least: Any, pool: Any, own: Any, total_rows: Any, index: Any, begin: Any, rows: Any,
    operands: Any, steps: Any, runs: Any, scalars: Any, unary: Any, folds: Any, counts: Any,
    shared: Any, message: Any, bounds: Any, spare: Any, offsets: Any,
    log_evidence: Any, first: Any,
) -> None:  # fmt: skip
    """Answer up to eight rows, of which ``own`` holds the likelihoods.

    What rows share is worked out for the first of those that follow the same steps. Nothing is
    scaled on the way: rows whose P(evidence) is out of range get a NaN.
    """
    no, wide, like = rows < 0, np.int64(WIDE), same(0.0)
    n_scalars = counts[N_SCALARS]
    row = index[begin]  # drawn tables differ by row: these rows follow one another
    pool_at, shared_at = np.int64(pool.ctypes.data), np.int64(shared.ctypes.data)
    message_at, own_at = np.int64(message.ctypes.data), np.int64(own.ctypes.data)
    total = same(1.0)
    i = counts[ALONE]
    while i >= 0:
        total = times(total, unary_lanes(unary, i, 0, pool_at, total_rows, row, own_at))
        i = unary[i, U_NEXT]
    last = len(message) - LANES
    store(message_at + last * NUMBER, total)
    fold_lanes(
        pool, total_rows, row, own_at, operands, unary, folds, counts[N_FOLDS], shared, message_at,
        first,
    )  # fmt: skip
    go_up(
        pool_at, shared_at, message_at, message, total_rows, row, operands, steps, runs, counts,
        least, bounds, spare, offsets, first, no, wide, like,
    )  # fmt: skip
    for j in range(begin, begin + rows):
        log_evidence[index[j]] = 0.0
        product = 1.0
        for s in range(-1, n_scalars):
            if s < 0:
                value = message[last + j - begin]
            else:
                i = scalars[s]
                kind = operands[i, KIND]
                if kind == MESSAGE:
                    value = message[operands[i, ENTRY] * LANES + j - begin]
                elif kind == SHARED:
                    value = shared[operands[i, ENTRY]]
                elif kind == CONSTANT:
                    value = pool[operands[i, BASE] + operands[i, ENTRY]]
                else:
                    value = pool[
                        operands[i, BASE] + operands[i, ENTRY] * total_rows + row + j - begin
                    ]
            if not (value > SMALLEST and value < LARGEST):
                log_evidence[index[j]] = np.nan
            product *= value
            if product < NARROW or product > WIDEST:
                log_evidence[index[j]] += math.log(product)
                product = 1.0
        log_evidence[index[j]] += math.log(product)
    go_down(
        card, pool_at, shared_at, message_at, message, total_rows, row, operands, steps, runs,
        counts, bounds, spare, offsets, first, no, wide, like,
    )  # fmt: skip
