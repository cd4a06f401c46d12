"""A slider where widgets work; three still pictures where they do not."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

KERNEL = "import sys, types; sys.modules['ipykernel'] = types.ModuleType('ipykernel')\n"
WITHOUT = "sys.modules['ipywidgets'] = None  # as if it were not installed\n"
DRAW = """
import matplotlib
matplotlib.use('Agg')
import matplotlib.pyplot as plt
from lumbayes.teaching.sliders import live, slider
drawn = []
slider(lambda ax, p: drawn.append(p), 'share', [0.1, 0.3, 0.5, 0.7, 0.9])
print(live(), drawn, len(plt.gcf().axes))
"""


def said(code: str, **env: str) -> str:
    """What a fresh Python prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1]


def test_without_ipywidgets_three_still_pictures_are_drawn() -> None:
    assert said(KERNEL + WITHOUT + DRAW) == "False [0.1, 0.5, 0.9] 3"


def test_whoever_builds_pages_may_ask_for_still_pictures() -> None:
    assert said(KERNEL + DRAW, LUMBAYES_STILL="1") == "False [0.1, 0.5, 0.9] 3"


def test_in_a_kernel_with_widgets_it_is_live() -> None:
    live = "from lumbayes.teaching.sliders import live\nprint(live())"
    assert said(KERNEL + live, LUMBAYES_STILL="") == "True"
