"""The steps of a schedule, up and down, for one row or for eight at once; compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from lumbayes.inference.kernel.compiler import compiled
from lumbayes.inference.kernel.guards import EXACT, FLUSH, HIGH, LOST, OF_DERIVATIVE, begin_bounds
from lumbayes.inference.kernel.guards import guard as guarded
from lumbayes.inference.kernel.lanes import NUMBER
from lumbayes.inference.kernel.products import product
from lumbayes.inference.schedule import (
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
    M_ENTRY,
    M_KIND,
    M_RUN,
    M_RUNS,
    MESSAGE,
    N_STEPS,
    NEEDED,
    OF_LEFT,
    OF_RESULT,
    OF_RIGHT,
    RESULT,
    RIGHT,
    RUN,
    RUNS,
    SHARED,
    SIZE,
    TERMS,
    VARIABLE,
)


@compiled
def place_of(
    operands: Any, i: Any, pool: Any, shared: Any, message: Any, total_rows: Any, row: Any,
    wide: Any,
) -> Any:  # fmt: skip
    """Return the address of an operand, the bytes from entry to entry, whether rows differ.

    An entry of a message has ``wide`` bytes.
    """
    kind = operands[i, KIND]
    if kind == CONSTANT:
        return pool + (operands[i, BASE] + operands[i, ENTRY]) * NUMBER, NUMBER, False
    if kind == SHARED:
        return shared + operands[i, ENTRY] * NUMBER, NUMBER, False
    if kind == MESSAGE:
        return message + operands[i, ENTRY] * wide, wide, True
    at = operands[i, BASE] + operands[i, ENTRY] * total_rows + row
    return pool + at * NUMBER, NUMBER * total_rows, True


@compiled
def derivative_of(kind: Any, entry: Any, pool: Any, shared: Any, message: Any, wide: Any) -> Any:
    """Return the address of a derivative, the bytes from entry to entry, whether rows differ."""
    if kind == MESSAGE:
        return message + entry * wide, wide, True
    return (shared if kind == SHARED else pool) + entry * NUMBER, NUMBER, False


@compiled
def go_up(
    pool: Any, shared: Any, message: Any, numbers: Any, total_rows: Any, row: Any, operands: Any,
    steps: Any, runs: Any, counts: Any, least: Any, bounds: Any, spare: Any,
    offsets: Any, first: Any, guard: Any, wide: Any, like: Any,
) -> Any:  # fmt: skip
    """Carry out the steps; return the logarithm of the scales taken out.

    ``pool``, ``shared`` and ``message`` are addresses, ``numbers`` those of the messages. What rows
    share is worked out for the ``first`` of those that follow the same steps. With ``guard`` bounds
    are kept, and messages scaled; of one row alone.
    """
    # Not literals: of each number that a function is called with, numba would compile it anew.
    by_left, by_right, by_result = np.int64(BY_LEFT), np.int64(BY_RIGHT), np.int64(BY_RESULT)
    plain, number = np.int64(0), np.int64(NUMBER)
    log_scale = 0.0
    for s in range(counts[N_STEPS]):
        left, right, z = steps[s, LEFT], steps[s, RIGHT], steps[s, RESULT]
        differs = operands[z, KIND] == MESSAGE
        if not differs and not first:
            continue
        a, a_step, a_in = place_of(operands, left, pool, shared, message, total_rows, row, wide)
        b, b_step, b_in = place_of(operands, right, pool, shared, message, total_rows, row, wide)
        size = wide if differs else number
        c = (message if differs else shared) + operands[z, ENTRY] * size
        product(
            runs, steps[s, RUN], steps[s, RUNS], by_left, by_right, by_result, a, a_step, a_in, b,
            b_step, b_in, c, size, spare, offsets, like,
        )  # fmt: skip
        if guard:
            begin_bounds(operands, left, least, bounds)
            begin_bounds(operands, right, least, bounds)
            log_scale += guarded(
                bounds, left, plain, right, z, plain, steps[s, TERMS] / operands[z, SIZE], numbers,
                operands[z, ENTRY], operands[z, SIZE],
            )  # fmt: skip
    return log_scale


@compiled
def go_down(
    card: Any, pool: Any, shared: Any, message: Any, numbers: Any, total_rows: Any, row: Any,
    operands: Any, steps: Any, runs: Any, counts: Any, bounds: Any, spare: Any,
    offsets: Any, first: Any, guard: Any, wide: Any, like: Any,
) -> Any:  # fmt: skip
    """Carry out the steps backwards, differentiated; see ``go_up``.

    Return whether nothing was lost by underflow.
    """
    by_left, by_right, by_result = np.int64(BY_LEFT), np.int64(BY_RIGHT), np.int64(BY_RESULT)
    compact, number, derivative = np.int64(COMPACT), np.int64(NUMBER), np.int64(OF_DERIVATIVE)
    exact = True
    for s in range(counts[N_STEPS] - 1, -1, -1):
        z = steps[s, RESULT]
        if operands[z, NEEDED] == 0:
            continue
        left, right, asked = steps[s, LEFT], steps[s, RIGHT], steps[s, ASKED]
        if guard and operands[z, D_KIND] == CONSTANT:
            bounds[z, OF_DERIVATIVE] = bounds[z, OF_DERIVATIVE + HIGH] = 1.0
            bounds[z, OF_DERIVATIVE + LOST] = 0.0
        d, d_step, d_in = derivative_of(
            operands[z, D_KIND], operands[z, D_ENTRY], pool, shared, message, wide
        )
        a, a_step, a_in = place_of(operands, left, pool, shared, message, total_rows, row, wide)
        b, b_step, b_in = place_of(operands, right, pool, shared, message, total_rows, row, wide)
        for side in range(2):
            if side == 0:
                if operands[left, NEEDED] == 0 and asked != OF_LEFT:
                    continue
                to, other, by_other, by_to = left, right, by_right, compact
                x, x_step, x_in = b, b_step, b_in
            else:
                if operands[right, NEEDED] == 0:
                    continue
                to, other, by_other, by_to = right, left, by_left, by_right
                x, x_step, x_in = a, a_step, a_in
            differs = operands[to, D_KIND] == MESSAGE
            if not differs and not first:
                continue
            size = wide if differs else number
            c = (message if differs else shared) + operands[to, D_ENTRY] * size
            product(
                runs, steps[s, RUN], steps[s, RUNS], by_result, by_other, by_to, d, d_step, d_in, x,
                x_step, x_in, c, size, spare, offsets, like,
            )  # fmt: skip
            if guard:
                guarded(
                    bounds, z, derivative, other, to, derivative,
                    max(steps[s, TERMS] / operands[to, SIZE], 1.0), numbers, operands[to, D_ENTRY],
                    operands[to, SIZE],
                )  # fmt: skip
        differs = steps[s, M_KIND] == MESSAGE
        if asked == 0 or not (differs or first):
            continue
        i = right if asked == OF_RIGHT else left
        j = z if asked == OF_RESULT else i
        if asked == OF_RIGHT:
            a, a_step, a_in = b, b_step, b_in
        d, d_step, d_in = derivative_of(
            operands[j, D_KIND], operands[j, D_ENTRY], pool, shared, message, wide
        )
        size = wide if differs else number
        c = (message if differs else shared) + steps[s, M_ENTRY] * size
        product(
            runs, steps[s, M_RUN], steps[s, M_RUNS], by_left, by_right, by_result, a, a_step, a_in,
            d, d_step, d_in, c, size, spare, offsets, like,
        )  # fmt: skip
        if guard:
            value, at = 0.0, steps[s, M_ENTRY]
            for e in range(at, at + card[steps[s, VARIABLE]]):
                value += numbers[e]
            lost = operands[i, SIZE] * (
                bounds[j, OF_DERIVATIVE + LOST] * bounds[i, HIGH]
                + bounds[i, LOST] * bounds[j, OF_DERIVATIVE + HIGH]
                + (FLUSH if bounds[i, 0] * bounds[j, OF_DERIVATIVE] < FLUSH else 0.0)
            )
            if lost > EXACT * value:
                exact = False
    return exact
