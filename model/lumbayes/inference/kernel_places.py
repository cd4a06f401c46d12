"""Where the numbers of an operand stand; compiled."""

from __future__ import annotations

from typing import Any

from lumbayes.inference.kernel_compiler import compiled
from lumbayes.inference.schedule import (
    BASE,
    CONSTANT,
    DRAWN,
    ENTRY,
    KIND,
    LIKELIHOOD,
    MESSAGE,
    SHARED,
    U_BASE,
    U_ENTRY,
    U_KIND,
    U_STRIDE,
)


@compiled
def pick(kind: Any, pool: Any, likelihood: Any, shared: Any, message: Any) -> Any:
    """Return the array that holds the numbers of a kind."""
    if kind == CONSTANT or kind == DRAWN:
        return pool
    if kind == LIKELIHOOD:
        return likelihood
    if kind == SHARED:
        return shared
    return message


@compiled
def locate(operands: Any, i: Any, total: Any, row: Any, rows: Any) -> Any:
    """Return where the numbers of an operand begin, and how many rows each entry holds."""
    kind = operands[i, KIND]
    if kind == CONSTANT:
        return operands[i, BASE] + operands[i, ENTRY], 1
    if kind == SHARED:
        return operands[i, ENTRY], 1
    if kind == MESSAGE:
        return operands[i, ENTRY] * rows, rows
    return operands[i, BASE] + operands[i, ENTRY] * total + row, total


@compiled
def item_at(unary: Any, i: Any, total: Any, row: Any) -> Any:
    """Return where the numbers of an item begin and how far apart they are."""
    kind = unary[i, U_KIND]
    if kind == CONSTANT:
        return unary[i, U_BASE] + unary[i, U_ENTRY], unary[i, U_STRIDE]
    return unary[i, U_BASE] + unary[i, U_ENTRY] * total + row, unary[i, U_STRIDE] * total
