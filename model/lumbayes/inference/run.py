"""Run compiled trees: the kernel where there is one, numpy where not, logarithms for rare rows."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from lumbayes.inference.compiled_tree import CompiledTree
from lumbayes.inference.kernel.loading import KERNEL
from lumbayes.inference.numpy_engine import run_logs, run_numpy
from lumbayes.inference.tree_queries import (
    IMPOSSIBLE,
    UNSURE,
    Arrangement,
    Found,
    Question,
    RowEvidence,
)


def run(
    tree: CompiledTree,
    asked: Question,
    rows: RowEvidence,
    arranged: Arrangement | None = None,
    *,
    often: bool = False,
) -> Found:
    """Answer all rows; none is left in doubt.

    ``arranged`` is what an earlier answer to the same question about the same rows came with; the
    numbers of the tree may have changed since. ``often`` says that such will follow.

    Raises
    ------
    TooLarge
        If a row takes more than the machine holds.
    """
    kernel = KERNEL.ready()
    found = Found(
        np.zeros((asked.size, rows.size)),
        np.zeros((int(asked.joint_start[-1]), rows.size)),
        np.zeros(rows.size),
        np.zeros(rows.size, dtype=np.int64),
    )
    if not rows.size:
        return found
    if kernel is not None:
        found = replace(
            found, arranged=kernel.run_kernel(tree, asked, rows, found, arranged, often)
        )
    else:
        start = time.thread_time()  # a busy machine is no reason to load the kernel
        run_numpy(tree, asked, rows, found)
        KERNEL.spent += time.thread_time() - start
    doubtful = np.flatnonzero(found.status == UNSURE)
    if doubtful.size:
        run_logs(tree, asked, rows, doubtful, found)
    # Rounding may leave a probability one unit above 1.
    np.minimum(found.singles, 1.0, out=found.singles)
    impossible = np.flatnonzero(found.status == IMPOSSIBLE)
    if impossible.size:
        found.singles[:, impossible] = found.joints[:, impossible] = 0.0
        found.log_evidence[impossible] = -np.inf
    return found
