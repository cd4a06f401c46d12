"""The steps of a schedule carried out for one row, nothing lost by underflow; compiled."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lumbayes.inference.kernel_compiler import compiled
from lumbayes.inference.kernel_places import item_at, locate, pick
from lumbayes.inference.kernel_products import contract, margin
from lumbayes.inference.schedule import (
    ALONE,
    ASKED,
    BY_LEFT,
    BY_RESULT,
    BY_RIGHT,
    COMPACT,
    CONSTANT,
    D_ENTRY,
    D_KIND,
    DRAWN,
    ENTRY,
    KIND,
    LEFT,
    LENGTH,
    LIKELIHOOD,
    M_ENTRY,
    MESSAGE,
    N_FOLDS,
    N_SCALARS,
    N_STEPS,
    NEEDED,
    RESULT,
    RIGHT,
    RUN,
    RUNS,
    SHARED,
    SIZE,
    SOURCE,
    START,
    TERMS,
    U_KIND,
    U_NEXT,
    VARIABLE,
)

FLUSH = 1e-300  # products below this may have been flushed to zero
NARROW = 1e-140  # what lies above this can be multiplied once more
HUGE, SMALL = 1e100, 1e-100
EXACT = 1e-13  # of an answer: what may have been lost on the way


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
    axis_variable: Any, axis_stride: Any, steps: Any, runs: Any, scalars: Any, unary: Any,
    folds: Any, counts: Any, shared: Any, message: Any, bounds: Any, place: Any,
) -> Any:  # fmt: skip
    """Answer one row; return log P(evidence), and whether nothing was lost by underflow.

    ``bounds`` holds for every operand, and for its derivative, a bound from below on what is not
    zero, one from above, and one on what flushing to zero has taken away.
    """
    # Not literals: of each number that a function is called with, numba would compile it anew.
    one = np.int64(1)
    by_left, by_right = np.int64(BY_LEFT), np.int64(BY_RIGHT)
    by_result, compact = np.int64(BY_RESULT), np.int64(COMPACT)
    exact = True
    bounds[0, 0] = bounds[0, 1] = 1.0
    bounds[0, 2] = 0.0
    n_steps, n_scalars = counts[N_STEPS], counts[N_SCALARS]
    log_scale = fold_row(
        pool, likelihood, total_rows, row, operands, unary, folds, counts[N_FOLDS], message, bounds
    )
    i = counts[ALONE]
    while i >= 0:
        values = likelihood if unary[i, U_KIND] == LIKELIHOOD else pool
        at, _ = item_at(unary, i, total_rows, row)
        log_scale += math.log(values[at]) if values[at] > 0 else -np.inf
        i = unary[i, U_NEXT]
    for s in range(n_steps):
        left, right, z = steps[s, LEFT], steps[s, RIGHT], steps[s, RESULT]
        for side in range(2):
            i = left if side == 0 else right
            kind = operands[i, KIND]
            if kind == CONSTANT or kind == DRAWN:
                bounds[i, 0] = least[operands[i, SOURCE]] if operands[i, SOURCE] >= 0 else 1.0
                bounds[i, 1], bounds[i, 2] = 1.0, 0.0
            elif kind == SHARED and operands[i, SOURCE] <= -2:
                bounds[i, 0], bounds[i, 1], bounds[i, 2] = 1.0, 1.0, 0.0
        size = operands[z, SIZE]
        at = operands[z, ENTRY]
        a, a_row = locate(operands, left, total_rows, row, one)
        b, b_row = locate(operands, right, total_rows, row, one)
        contract(
            runs, steps[s, RUN], steps[s, RUNS], by_left, by_right, by_result,
            pick(operands[left, KIND], pool, likelihood, shared, message), a, a_row,
            pick(operands[right, KIND], pool, likelihood, shared, message), b, b_row, message, at,
            operands[z, SIZE], place,
        )  # fmt: skip
        many = steps[s, TERMS] / size
        low = bounds[left, 0] * bounds[right, 0]
        high = many * bounds[left, 1] * bounds[right, 1]
        lost = many * (bounds[left, 2] * bounds[right, 1] + bounds[right, 2] * bounds[left, 1])
        if low < FLUSH:
            lost += many * FLUSH
        if low < NARROW or high > HUGE:
            low, high = np.inf, 0.0
            for j in range(at, at + size):
                value = message[j]
                high = max(high, value)
                if value > 0:
                    low = min(low, value)
            if high > 0:
                factor = 1.0 / high
                for j in range(at, at + size):
                    message[j] *= factor
                log_scale += math.log(high)
                low *= factor
                lost *= factor
                high = 1.0
            else:
                low = 1.0
        bounds[z, 0], bounds[z, 1], bounds[z, 2] = low, high, lost
    for s in range(n_scalars):
        i = scalars[s]
        at, _ = locate(operands, i, total_rows, row, one)
        value = pick(operands[i, KIND], pool, likelihood, shared, message)[at]
        if operands[i, KIND] == MESSAGE and bounds[i, 2] > EXACT * value:
            exact = False
        log_scale += math.log(value) if value > 0 else -np.inf
    if log_scale == -np.inf or not exact:
        return log_scale, exact
    for s in range(n_steps - 1, -1, -1):
        z = steps[s, RESULT]
        if operands[z, NEEDED] == 0:
            continue
        left, right = steps[s, LEFT], steps[s, RIGHT]
        if operands[z, D_KIND] == CONSTANT:
            bounds[z, 3], bounds[z, 4], bounds[z, 5] = 1.0, 1.0, 0.0
            d, d_at = pool, operands[z, D_ENTRY]
        else:
            d, d_at = message, operands[z, D_ENTRY]
        a, a_row = locate(operands, left, total_rows, row, one)
        b, b_row = locate(operands, right, total_rows, row, one)
        asked = steps[s, ASKED] == 1
        for side in range(2):
            if side == 0:
                to, other = left, right
                if operands[left, NEEDED] == 0 and not (asked and right != 0):
                    continue
            else:
                to, other = right, left
                if operands[right, NEEDED] == 0:
                    continue
            size, at = operands[to, SIZE], operands[to, D_ENTRY]
            if side == 0:
                contract(
                    runs, steps[s, RUN], steps[s, RUNS], by_result, by_right, compact, d, d_at,
                    one, pick(operands[right, KIND], pool, likelihood, shared, message), b, b_row,
                    message, at, operands[to, SIZE], place,
                )  # fmt: skip
            else:
                contract(
                    runs, steps[s, RUN], steps[s, RUNS], by_result, by_left, by_right, d, d_at,
                    one, pick(operands[left, KIND], pool, likelihood, shared, message), a, a_row,
                    message, at, operands[to, SIZE], place,
                )  # fmt: skip
            many = max(steps[s, TERMS] / size, 1.0)
            low = bounds[z, 3] * bounds[other, 0]
            high = many * bounds[z, 4] * bounds[other, 1]
            lost = many * (bounds[z, 5] * bounds[other, 1] + bounds[other, 2] * bounds[z, 4])
            if low < FLUSH:
                lost += many * FLUSH
            if low < NARROW or high > HUGE:
                low, high = np.inf, 0.0
                for j in range(at, at + size):
                    value = message[j]
                    high = max(high, value)
                    if value > 0:
                        low = min(low, value)
                if high > 0:
                    factor = 1.0 / high
                    for j in range(at, at + size):
                        message[j] *= factor
                    low *= factor
                    lost *= factor
                    high = 1.0
                else:
                    low = 1.0
            bounds[to, 3], bounds[to, 4], bounds[to, 5] = low, high, lost
        if asked:
            first = operands[left, START]
            last = first + operands[left, LENGTH]
            through = right != 0
            j = left if through else z
            if through:
                d, d_at = message, operands[left, D_ENTRY]
            at = steps[s, M_ENTRY]
            margin(
                card, axis_variable, axis_stride, first, last,
                pick(operands[left, KIND], pool, likelihood, shared, message), a, a_row, d, d_at,
                through, message, at, place,
            )  # fmt: skip
            k = card[steps[s, VARIABLE]]
            value = 0.0
            for j2 in range(at, at + k):
                value += message[j2]
            lost = operands[left, SIZE] * (
                bounds[j, 5] * bounds[left, 1]
                + bounds[left, 2] * bounds[j, 4]
                + (FLUSH if bounds[left, 0] * bounds[j, 3] < FLUSH else 0.0)
            )
            if lost > EXACT * value:
                exact = False
    return log_scale, exact
