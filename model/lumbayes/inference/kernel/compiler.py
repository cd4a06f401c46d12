"""How the kernel is compiled: kept on disk, and without the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import extending, njit

from lumbayes.inference import schedule as steps_of

compiled = njit(cache=True, nogil=True, error_model="numpy")
written_out = njit(inline="always")  # wherever it is called
# Of what takes the largest or smallest of numbers, none of them a NaN, in any order.
compiled_in_any_order = njit(cache=True, nogil=True, error_model="numpy", fastmath={"nnan", "nsz"})
schedule = compiled(steps_of.schedule)
reserve = compiled(steps_of.reserve)


def intrinsic(write: Callable[..., Any]) -> Any:
    """Make of what writes instructions a function that the kernel can call."""
    return extending.intrinsic(write)
