"""When the compiled kernel is loaded, and what of it is kept on disk."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np

from lumbayes.inference.compiled_tree import compile_tree
from lumbayes.inference.elimination import good_eliminations
from lumbayes.inference.factors import factor_graph
from lumbayes.inference.tree_queries import Found, RowEvidence, question
from lumbayes.network.variables import Network, Table, Variable

LOADING, COMPILING = 0.6, 30.0  # seconds that it takes to load or to compile the kernel, roughly
A_CASE = 0.004  # seconds that numpy takes for one of many ragged cases of the model, roughly


class Kernel:
    """The compiled kernel, loaded when that pays.

    Whoever answers one case and is done is quicker without: numpy answers until it has taken as
    long as loading would, or compiling where the kernel was never used before. The variable
    ``LUMBAYES_ENGINE`` forces one way: ``numpy`` or ``kernel``.
    """

    def __init__(self) -> None:
        self.module: ModuleType | None = None
        self.absent = False
        self.spent = 0.0
        self.lock = threading.Lock()

    def load(self) -> ModuleType | None:
        """Return the kernel, loaded now if it was not; None where numba is not installed."""
        if self.module is None and not self.absent:
            with self.lock:
                _forget_old()
                try:
                    from lumbayes.inference.kernel import driver
                except (
                    ImportError,
                    RuntimeError,
                ):  # not installed; nowhere to keep what it compiles
                    self.absent = True
                else:
                    self.module = driver
        return self.module

    def ready(self) -> ModuleType | None:
        """Return the kernel if it is loaded, or worth loading now."""
        wish = os.environ.get("LUMBAYES_ENGINE", "")
        if wish == "numpy":
            return None
        if wish == "kernel" or self.module is not None:
            return self.load()
        if self.spent > (LOADING if _compiled() else COMPILING):
            return self.load()
        return None


def _kept() -> tuple[list[Path], float]:
    """Return the indexes of what numba has kept on disk, and when a source was last changed."""
    here = Path(__file__).parent
    sources = (*here.glob("*.py"), here.parent / "schedule.py")
    elsewhere = os.environ.get("NUMBA_CACHE_DIR")
    folder = Path(elsewhere) if elsewhere else here.parent
    indexes = (i for source in sources for i in folder.rglob(f"{source.stem}.*.nbi"))
    return list(indexes), max(source.stat().st_mtime for source in sources)


def _compiled() -> bool:
    """Tell whether the kernel was compiled since it was last changed, without loading it."""
    indexes, changed = _kept()
    return any(
        i.name.startswith("answers.answer-") and i.stat().st_mtime >= changed for i in indexes
    )


def _forget_old() -> None:
    """Remove what was compiled before the last change.

    Numba looks at the file of a function alone, not at those of the functions that it calls.
    """
    indexes, changed = _kept()
    for index in indexes:
        with suppress(OSError):  # another process was quicker, or the folder is not ours
            if index.stat().st_mtime < changed:
                index.unlink()


KERNEL = Kernel()


def use_kernel() -> bool:
    """Load the compiled kernel now, and compile it if it never was; tell whether there is one.

    Without this, a process begins with numpy and changes over once that has taken as long.

    Examples
    --------
    >>> use_kernel() in (True, False)
    True
    """
    module = None if os.environ.get("LUMBAYES_ENGINE") == "numpy" else KERNEL.load()
    if module is None:
        return False
    _warm(module)
    return True


def expect_cases(number: int) -> None:
    """Load the kernel now if so many cases of the model are answered sooner with it.

    Examples
    --------
    >>> expect_cases(1)
    """
    if number * A_CASE > (LOADING if _compiled() else COMPILING):
        use_kernel()


def kernel_answers() -> bool:
    """Tell whether the next question goes to the kernel: its last digits are not those of numpy.

    Examples
    --------
    >>> use_kernel() == kernel_answers()
    True
    """
    return KERNEL.ready() is not None


@cache
def _warm(module: ModuleType) -> None:
    """Compile the kernel, or read what was compiled before, on the smallest of networks."""
    network = Network([Variable("rain", ("no", "yes"), (), Table(np.array([0.8, 0.2])))])
    graph = factor_graph(network)
    tree = compile_tree(network, graph, good_eliminations(graph.cards, *graph.planned, 1)[0])
    none = np.zeros(0, dtype=np.int64)
    rows = RowEvidence(none, none, np.zeros((0, 1)), np.full(1, -1, dtype=np.int64), 1)
    found = Found(np.zeros((2, 1)), np.zeros((0, 1)), np.zeros(1), np.zeros(1, dtype=np.int64))
    module.run_kernel(tree, question(tree, ("rain",), ()), rows, found)
