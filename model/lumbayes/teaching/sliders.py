"""A picture with a slider in a live notebook, and a row of still pictures everywhere else."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any


def live() -> bool:
    """Whether widgets would work: a notebook kernel, ipywidgets, and nobody asked for stills.

    Examples
    --------
    >>> live()
    False
    """
    kernel = "ipykernel" in sys.modules and "pytest" not in sys.modules
    widgets = importlib.util.find_spec("ipywidgets") is not None
    return kernel and widgets and not os.environ.get("LUMBAYES_STILL")


def slider(draw: Callable[[Any, Any], None], label: str, values: Sequence[float]) -> None:
    """Show ``draw(axes, value)`` under a slider, or three still pictures side by side.

    Parameters
    ----------
    draw : function of axes and value
        Draws one picture into matplotlib axes.
    label : str
        What the slider moves.
    values : sequence of float
        Where it stops; the stills show the first, the middle and the last.

    Examples
    --------
    >>> slider(lambda ax, p: ax.bar(["no", "yes"], [1 - p, p]), "share", [0.1, 0.5, 0.9])
    """
    import matplotlib.pyplot as plt

    if live():
        from ipywidgets import SelectionSlider, interact

        def moved(value: float) -> None:
            _, axes = plt.subplots(figsize=(6, 3))
            draw(axes, value)
            plt.show()

        options = [(f"{value:g}", value) for value in values]
        interact(moved, value=SelectionSlider(options=options, description=label))
        return
    shown = (values[0], values[len(values) // 2], values[-1])
    _, row = plt.subplots(1, 3, figsize=(10, 3), sharey=True)
    for axes, value in zip(row, shown, strict=True):
        draw(axes, value)
        axes.set_title(f"{label} = {value:g}")
