"""The steps of a schedule carried out for eight rows at once; compiled."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lumbayes.inference.kernel_compiler import compiled
from lumbayes.inference.kernel_lanes import (
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
from lumbayes.inference.kernel_places import locate
from lumbayes.inference.kernel_products import contract, contract_lanes, margin, margin_lanes
from lumbayes.inference.schedule import (
    ALONE,
    ASKED,
    BASE,
    BY_LEFT,
    BY_RESULT,
    BY_RIGHT,
    COMPACT,
    CONSTANT,
    D_ENTRY,
    D_KIND,
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
    SHARED,
    SIZE,
    START,
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
    if kind == LIKELIHOOD:
        return load(own + entry * WIDE)
    if kind == CONSTANT:
        x = load_same(pool + (unary[i, U_BASE] + entry) * NUMBER)
    else:
        x = load(pool + (unary[i, U_BASE] + entry * total_rows + row) * NUMBER)
    if unary[i, U_WHEN] >= 0:
        x = where_zero(load(own + unary[i, U_WHEN] * WIDE), x)
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
def place_of(
    operands: Any, i: Any, pool: Any, shared: Any, message: Any, total_rows: Any, row: Any
) -> Any:
    """Return the address of an operand, the bytes from entry to entry, whether rows differ."""
    kind = operands[i, KIND]
    if kind == CONSTANT:
        return pool + (operands[i, BASE] + operands[i, ENTRY]) * NUMBER, NUMBER, False
    if kind == SHARED:
        return shared + operands[i, ENTRY] * NUMBER, NUMBER, False
    if kind == MESSAGE:
        return message + operands[i, ENTRY] * WIDE, WIDE, True
    at = operands[i, BASE] + operands[i, ENTRY] * total_rows + row
    return pool + at * NUMBER, NUMBER * total_rows, True


@compiled
def derivative_of(kind: Any, entry: Any, pool: Any, shared: Any, message: Any) -> Any:
    """Return the address of a derivative, the bytes from entry to entry, whether rows differ."""
    if kind == MESSAGE:
        return message + entry * WIDE, WIDE, True
    return (shared if kind == SHARED else pool) + entry * NUMBER, NUMBER, False


@compiled
def run_rows(
    card: Any, pool: Any, own: Any, total_rows: Any, index: Any, begin: Any, rows: Any,
    operands: Any, axis_variable: Any, axis_stride: Any, steps: Any, runs: Any, scalars: Any,
    unary: Any, folds: Any, counts: Any, shared: Any, message: Any, place: Any, offsets: Any,
    log_evidence: Any, first: Any,
) -> None:  # fmt: skip
    """Answer up to eight rows, of which ``own`` holds the likelihoods.

    What rows share is worked out for the first of those that follow the same steps. Nothing is
    scaled on the way: rows whose P(evidence) is out of range get a NaN.
    """
    # Not literals: of each number that a function is called with, numba would compile it anew.
    one = np.int64(1)
    by_left, by_right = np.int64(BY_LEFT), np.int64(BY_RIGHT)
    by_result, compact = np.int64(BY_RESULT), np.int64(COMPACT)
    n_steps, n_scalars = counts[N_STEPS], counts[N_SCALARS]
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
    for s in range(n_steps):
        left, right, z = steps[s, LEFT], steps[s, RIGHT], steps[s, RESULT]
        if operands[z, KIND] == MESSAGE:
            a, a_step, a_in = place_of(
                operands, left, pool_at, shared_at, message_at, total_rows, row
            )
            b, b_step, b_in = place_of(
                operands, right, pool_at, shared_at, message_at, total_rows, row
            )
            c = message_at + operands[z, ENTRY] * WIDE
            if a_in:
                contract_lanes(
                    runs, steps[s, RUN], steps[s, RUNS], by_left, by_right, by_result, a, a_step,
                    b, b_step, b_in, c, offsets,
                )  # fmt: skip
            else:
                contract_lanes(
                    runs, steps[s, RUN], steps[s, RUNS], by_right, by_left, by_result, b, b_step,
                    a, a_step, a_in, c, offsets,
                )  # fmt: skip
        elif first:
            p, _ = locate(operands, left, one, one, one)
            q, _ = locate(operands, right, one, one, one)
            contract(
                runs, steps[s, RUN], steps[s, RUNS], by_left, by_right, by_result,
                pool if operands[left, KIND] == CONSTANT else shared, p, one,
                pool if operands[right, KIND] == CONSTANT else shared, q, one, shared,
                operands[z, ENTRY], operands[z, SIZE], place,
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
    for s in range(n_steps - 1, -1, -1):
        z = steps[s, RESULT]
        if operands[z, NEEDED] == 0:
            continue
        left, right = steps[s, LEFT], steps[s, RIGHT]
        asked = steps[s, ASKED] == 1
        d, d_step, d_in = derivative_of(
            operands[z, D_KIND], operands[z, D_ENTRY], pool_at, shared_at, message_at
        )
        a, a_step, a_in = place_of(operands, left, pool_at, shared_at, message_at, total_rows, row)
        b, b_step, b_in = place_of(operands, right, pool_at, shared_at, message_at, total_rows, row)
        for side in range(2):
            if side == 0:
                if operands[left, NEEDED] == 0 and not (asked and right != 0):
                    continue
                to, other, by_other, by_to = left, right, by_right, compact
                x, x_step, x_in = b, b_step, b_in
            else:
                if operands[right, NEEDED] == 0:
                    continue
                to, other, by_other, by_to = right, left, by_left, by_right
                x, x_step, x_in = a, a_step, a_in
            if operands[to, D_KIND] == MESSAGE:
                c = message_at + operands[to, D_ENTRY] * WIDE
                if d_in:
                    contract_lanes(
                        runs, steps[s, RUN], steps[s, RUNS], by_result, by_other, by_to, d, d_step,
                        x, x_step, x_in, c, offsets,
                    )  # fmt: skip
                else:
                    contract_lanes(
                        runs, steps[s, RUN], steps[s, RUNS], by_other, by_result, by_to, x, x_step,
                        d, d_step, d_in, c, offsets,
                    )  # fmt: skip
            elif first:
                p, _ = locate(operands, other, one, one, one)
                contract(
                    runs, steps[s, RUN], steps[s, RUNS], by_result, by_other, by_to,
                    shared if operands[z, D_KIND] == SHARED else pool, operands[z, D_ENTRY], one,
                    pool if operands[other, KIND] == CONSTANT else shared, p, one, shared,
                    operands[to, D_ENTRY], operands[to, SIZE], place,
                )  # fmt: skip
        if asked:
            through = right != 0
            i, kind = (left, operands[left, D_KIND]) if through else (z, operands[z, D_KIND])
            start, end = operands[left, START], operands[left, START] + operands[left, LENGTH]
            if steps[s, M_KIND] == MESSAGE:
                d, d_step, d_in = derivative_of(
                    kind, operands[i, D_ENTRY], pool_at, shared_at, message_at
                )
                margin_lanes(
                    card, axis_variable, axis_stride, start, end, a, a_step, a_in, d, d_step, d_in,
                    through, message_at + steps[s, M_ENTRY] * WIDE, place,
                )  # fmt: skip
            elif first:
                p, _ = locate(operands, left, one, one, one)
                margin(
                    card, axis_variable, axis_stride, start, end,
                    pool if operands[left, KIND] == CONSTANT else shared, p, one,
                    shared if kind == SHARED else pool, operands[i, D_ENTRY], through, shared,
                    steps[s, M_ENTRY], place,
                )  # fmt: skip
