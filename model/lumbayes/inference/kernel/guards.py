"""That nothing is lost by underflow: bounds of the messages of one row, scaled in time; compiled.

For every operand, and for its derivative, there is a bound from below on what is not zero, one from
above, and one on what flushing to zero has taken away.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lumbayes.inference.kernel.compiler import compiled, compiled_in_any_order
from lumbayes.inference.schedule import CONSTANT, DRAWN, KIND, SHARED, SOURCE

FLUSH = 1e-300  # products below this may have been flushed to zero
NARROW = 1e-140  # what lies above this can be multiplied once more
HUGE, SMALL = 1e100, 1e-100
EXACT = 1e-13  # of an answer: what may have been lost on the way
LOW, HIGH, LOST, OF_DERIVATIVE = 0, 1, 2, 3  # columns; those of a derivative come after


@compiled_in_any_order
def smallest(values: Any, at: Any, size: Any) -> Any:
    """Return the smallest number above zero."""
    low = np.inf
    for j in range(at, at + size):
        value = values[j] if values[j] > 0.0 else np.inf
        low = min(low, value)
    return low


@compiled_in_any_order
def largest(values: Any, at: Any, size: Any) -> Any:
    """Return the largest number, 0 at least."""
    high = 0.0
    for j in range(at, at + size):
        high = max(high, values[j])
    return high


@compiled
def begin_bounds(operands: Any, i: Any, least: Any, bounds: Any) -> None:
    """Write the bounds of an operand that is no message."""
    kind = operands[i, KIND]
    if kind == CONSTANT or kind == DRAWN:
        bounds[i, LOW] = least[operands[i, SOURCE]] if operands[i, SOURCE] >= 0 else 1.0
        bounds[i, HIGH], bounds[i, LOST] = 1.0, 0.0
    elif kind == SHARED and operands[i, SOURCE] <= -2:
        bounds[i, LOW], bounds[i, HIGH], bounds[i, LOST] = 1.0, 1.0, 0.0


@compiled
def guard(
    bounds: Any, x: Any, of_x: Any, y: Any, z: Any, of_z: Any, many: Any, message: Any, at: Any,
    size: Any,
) -> Any:  # fmt: skip
    """Write the bounds of a product z of x and y, each of its numbers a sum of ``many``.

    ``of_*`` are 0, or ``OF_DERIVATIVE``. Scale it if it must be; return the logarithm of that.
    """
    low = bounds[x, of_x] * bounds[y, LOW]
    high = many * bounds[x, of_x + HIGH] * bounds[y, HIGH]
    lost = many * (
        bounds[x, of_x + LOST] * bounds[y, HIGH] + bounds[y, LOST] * bounds[x, of_x + HIGH]
    )
    log_scale = 0.0
    if low < FLUSH:
        lost += many * FLUSH
    if low < NARROW or high > HUGE:
        low, high = smallest(message, at, size), largest(message, at, size)
        if high > 0.0:
            factor = 1.0 / high
            for j in range(at, at + size):
                message[j] *= factor
            log_scale = math.log(high)
            low *= factor
            lost *= factor
            high = 1.0
        else:
            low = 1.0
    bounds[z, of_z], bounds[z, of_z + HIGH], bounds[z, of_z + LOST] = low, high, lost
    return log_scale
