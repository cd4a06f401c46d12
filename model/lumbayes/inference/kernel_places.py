"""Where the numbers of an operand stand, as addresses; compiled."""

from __future__ import annotations

from typing import Any

from lumbayes.inference.kernel_compiler import compiled
from lumbayes.inference.kernel_lanes import NUMBER
from lumbayes.inference.schedule import BASE, CONSTANT, ENTRY, KIND, MESSAGE, SHARED


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
