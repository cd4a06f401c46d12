"""How the kernel is compiled: kept on disk, and without the interpreter's lock."""

from __future__ import annotations

from numba import njit

from lumbayes.inference import schedule as steps_of

compiled = njit(cache=True, nogil=True, error_model="numpy")
schedule = compiled(steps_of.schedule)
reserve = compiled(steps_of.reserve)
