"""The poses of the drawings, from our own hand, read from ``figures.txt``.

A pose is parts divided by ``;``, each a letter and points ``x,y``. The floor is at y = 108; a
person stands about 96 high. ``h`` is the head, ``t`` the trunk (hip, bend, neck), ``l`` and ``a``
the near leg and arm, ``L`` and ``A`` the far ones, ``p`` the line of the pelvis. Things: ``c``
chair (minus: turned round), ``w`` wall, ``b`` block (x y width height), ``r`` band, ``o`` disc (x,y
radius), ``~`` water, ``i`` thin line, ``>`` arrow, ``*`` sore spot.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def poses() -> dict[tuple[str, str], tuple[str, str]]:
    """Return the start and end pose of every drawing: (kind, name) → (start, end).

    Examples
    --------
    >>> start, end = poses()["exercise", "double_leg_bridge"]
    >>> start.startswith("t 78,101")
    True
    """
    text = Path(__file__).with_name("figures.txt").read_text(encoding="utf-8")
    blocks = [block.splitlines() for block in text.strip().split("\n\n")[1:]]
    return {(head.split()[0], head.split()[1]): (start, end) for head, start, end in blocks}
