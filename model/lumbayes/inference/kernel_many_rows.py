"""The steps of a schedule carried out for many rows side by side; compiled."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lumbayes.inference.kernel_compiler import compiled
from lumbayes.inference.kernel_places import item_at, locate, pick
from lumbayes.inference.kernel_products import margin, product
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
    M_KIND,
    MESSAGE,
    N_FOLDS,
    N_SCALARS,
    N_STEPS,
    NEEDED,
    RESULT,
    RIGHT,
    RUN,
    RUNS,
    SIZE,
    START,
    U_KIND,
    U_NEXT,
    U_WHEN,
)


@compiled
def fold_rows(
    pool: Any, likelihood: Any, total: Any, index: Any, first: Any, rows: Any, operands: Any,
    unary: Any, folds: Any, n_folds: Any, shared: Any, message: Any,
) -> None:  # fmt: skip
    """Multiply what bears on one variable alone, many rows side by side."""
    for f in range(n_folds):
        z = folds[f, 0]
        many = rows if operands[z, KIND] == MESSAGE else 1
        out = message if operands[z, KIND] == MESSAGE else shared
        start, size = operands[z, ENTRY] * many, operands[z, SIZE]
        for j in range(start, start + size * many):
            out[j] = 1.0
        i = folds[f, 1]
        while i >= 0:
            when = unary[i, U_WHEN]
            if unary[i, U_KIND] == CONSTANT:
                at, step = item_at(unary, i, total, np.int64(0))
                for state in range(size):
                    value = pool[at + state * step]
                    p = start + state * many
                    if when < 0:
                        for j in range(many):
                            out[p + j] *= value
                    else:
                        for j in range(many):
                            if likelihood[when * total + index[first + j]] == 0.0:
                                out[p + j] *= value
            else:
                values = likelihood if unary[i, U_KIND] == LIKELIHOOD else pool
                at, step = item_at(unary, i, total, np.int64(0))
                for state in range(size):
                    p, q = start + state * many, at + state * step
                    for j in range(many):
                        out[p + j] *= values[q + index[first + j]]
            i = unary[i, U_NEXT]


@compiled
def run_rows(
    card: Any, pool: Any, likelihood: Any, total_rows: Any, index: Any, begin: Any, rows: Any,
    operands: Any, axis_variable: Any, axis_stride: Any, steps: Any, runs: Any, scalars: Any,
    unary: Any, folds: Any, counts: Any, shared: Any, message: Any, place: Any, log_evidence: Any,
) -> None:  # fmt: skip
    """Answer rows side by side.

    Nothing is scaled on the way: rows whose P(evidence) is out of range get a NaN.
    """
    # Not literals: of each number that a function is called with, numba would compile it anew.
    zero, one = np.int64(0), np.int64(1)
    by_left, by_right = np.int64(BY_LEFT), np.int64(BY_RIGHT)
    by_result, compact = np.int64(BY_RESULT), np.int64(COMPACT)
    n_steps, n_scalars = counts[N_STEPS], counts[N_SCALARS]
    row = index[begin]  # drawn tables differ by row: these rows follow one another
    total = message[len(message) - rows :]
    for j in range(rows):
        total[j] = 1.0
    i = counts[ALONE]
    while i >= 0:
        values = likelihood if unary[i, U_KIND] == LIKELIHOOD else pool
        at, _ = item_at(unary, i, total_rows, zero)
        when = unary[i, U_WHEN]
        for j in range(rows):
            if when < 0 or likelihood[when * total_rows + index[begin + j]] == 0.0:
                total[j] *= values[at if unary[i, U_KIND] == CONSTANT else at + index[begin + j]]
        i = unary[i, U_NEXT]
    fold_rows(
        pool, likelihood, total_rows, index, begin, rows, operands, unary, folds, counts[N_FOLDS],
        shared, message,
    )  # fmt: skip
    for s in range(n_steps):
        left, right, z = steps[s, LEFT], steps[s, RIGHT], steps[s, RESULT]
        kind = operands[z, KIND]
        many = rows if kind == MESSAGE else 1
        at = operands[z, ENTRY] * many
        out = message if kind == MESSAGE else shared
        a, a_row = locate(operands, left, total_rows, row, rows)
        b, b_row = locate(operands, right, total_rows, row, rows)
        product(
            runs, steps[s, RUN], steps[s, RUNS], by_left, by_right, by_result,
            pick(operands[left, KIND], pool, likelihood, shared, message), a, a_row,
            1 if operands[left, KIND] >= DRAWN else 0,
            pick(operands[right, KIND], pool, likelihood, shared, message), b, b_row,
            1 if operands[right, KIND] >= DRAWN else 0, out, at, operands[z, SIZE], many, place,
        )  # fmt: skip
    for j in range(rows):
        log_evidence[index[begin + j]] = 0.0
    for s in range(-1, n_scalars):
        if s < 0:
            values, at, step = total, 0, 1
        else:
            i = scalars[s]
            at, _ = locate(operands, i, total_rows, row, rows)
            values = pick(operands[i, KIND], pool, likelihood, shared, message)
            step = 1 if operands[i, KIND] >= DRAWN else 0
        for j in range(rows):
            value = values[at + j * step]
            if value > 1e-200 and value < 1e200:
                if value != 1.0:
                    log_evidence[index[begin + j]] += math.log(value)
            else:
                log_evidence[index[begin + j]] = np.nan
    for s in range(n_steps - 1, -1, -1):
        z = steps[s, RESULT]
        if operands[z, NEEDED] == 0:
            continue
        left, right = steps[s, LEFT], steps[s, RIGHT]
        d_kind = operands[z, D_KIND]
        d = pick(d_kind, pool, likelihood, shared, message)
        d_row = rows if d_kind == MESSAGE else 1
        d_in = 1 if d_kind == MESSAGE else 0
        d_at = operands[z, D_ENTRY] * d_row
        a, a_row = locate(operands, left, total_rows, row, rows)
        b, b_row = locate(operands, right, total_rows, row, rows)
        asked = steps[s, ASKED] == 1
        for side in range(2):
            if side == 0:
                to = left
                if operands[left, NEEDED] == 0 and not (asked and right != 0):
                    continue
            else:
                to = right
                if operands[right, NEEDED] == 0:
                    continue
            kind = operands[to, D_KIND]
            many = rows if kind == MESSAGE else 1
            at = operands[to, D_ENTRY] * many
            out = message if kind == MESSAGE else shared
            if side == 0:
                product(
                    runs, steps[s, RUN], steps[s, RUNS], by_result, by_right, compact, d, d_at,
                    d_row, d_in, pick(operands[right, KIND], pool, likelihood, shared, message), b,
                    b_row, 1 if operands[right, KIND] >= DRAWN else 0, out, at, operands[to, SIZE],
                    many, place,
                )  # fmt: skip
            else:
                product(
                    runs, steps[s, RUN], steps[s, RUNS], by_result, by_left, by_right, d, d_at,
                    d_row, d_in, pick(operands[left, KIND], pool, likelihood, shared, message), a,
                    a_row, 1 if operands[left, KIND] >= DRAWN else 0, out, at, operands[to, SIZE],
                    many, place,
                )  # fmt: skip
        kind = steps[s, M_KIND]
        if asked:
            d_step = 0
            if right != 0:
                d_step = 1
                d_kind = operands[left, D_KIND]
                d = pick(d_kind, pool, likelihood, shared, message)
                d_row = rows if d_kind == MESSAGE else 1
                d_in = 1 if d_kind == MESSAGE else 0
                d_at = operands[left, D_ENTRY] * d_row
            many = rows if kind == MESSAGE else 1
            first = operands[left, START]
            margin(
                card, axis_variable, axis_stride, first, first + operands[left, LENGTH],
                pick(operands[left, KIND], pool, likelihood, shared, message), a, a_row,
                1 if operands[left, KIND] >= DRAWN else 0, d, d_at, d_row, d_in, d_step,
                message if kind == MESSAGE else shared, steps[s, M_ENTRY] * many, many, one, many,
                place,
            )  # fmt: skip
