"""Pictures of numbers as HTML: bars with their range, signed bars, dumbbells, a hundred dots.

Every value is written beside its mark, so the marks are hidden from screen readers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from lumbayes.app import texts
from lumbayes.questions.differential import frequency_range, percent


@dataclass(frozen=True)
class Bar:
    """One chance with its interval, the mark of before, and a remark."""

    label: str
    value: float
    low: float
    high: float
    before: float | None = None
    remark: str = ""


def block(content: str, kind: str = "") -> str:
    r"""Wrap content so that the style sheet applies.

    Examples
    --------
    >>> block("<p>Hello</p>")
    '<div class="lb">\n<p>Hello</p></div>'
    """
    return (
        f'<div class="lb {kind}">\n{content}</div>'
        if kind
        else f'<div class="lb">\n{content}</div>'
    )


def listed(items: Iterable[str]) -> str:
    """Return a list of escaped texts.

    Examples
    --------
    >>> listed(["a < b"])
    '<ul><li>a &lt; b</li></ul>'
    """
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"


def bars(rows: Sequence[Bar], *, top: float = 1.0, scale: int = 0, clinician: bool = False) -> str:
    """Return bars on one scale from 0 to ``top``; ``scale`` fixes the denominator of the words.

    Examples
    --------
    >>> "about 12 in 100" in bars([Bar("Cause", 0.12, 0.08, 0.2, before=0.1)])
    True
    """
    drawn = []
    for row in rows:
        value = _value(row, scale, clinician)
        marks = f'<span class="fill" style="width:{_place(row.value, top)}%"></span>'
        if not math.isnan(row.low):
            left, right = float(_place(row.low, top)), float(_place(row.high, top))
            width = max(right - left, 0.4)
            marks += f'<span class="range" style="left:{left}%;width:{width:.2f}%"></span>'
        if row.before is not None:
            marks += f'<span class="before" style="left:{_place(row.before, top)}%"></span>'
        remark = f'<div class="small">{escape(row.remark)}</div>' if row.remark else ""
        drawn.append(
            f'<li><div class="head"><span class="name">{escape(row.label)}</span> '
            f'<span class="value">{escape(value)}</span></div>'
            f'<div class="track" aria-hidden="true">{marks}</div>{remark}</li>'
        )
    size = f"{scale:,}" if scale else "100"
    most = f"{round(top * (scale or 100)):,}"
    unit = f"{100 * top:g} %" if clinician else f"{most} in {size}"
    ends = f'<div class="scale" aria-hidden="true"><span>0</span><span>{unit}</span></div>'
    return block(f'<ol class="rows">{"".join(drawn)}</ol>{ends}{_key(rows)}')


STRENGTHS = ((1.0, "hardly"), (3.0, "slightly"), (7.0, "clearly"), (math.inf, "strongly"))


def signed(frame: pd.DataFrame, most: int = 12) -> str:
    """Return what each finding does to a cause: to the right for it, to the left against it.

    ``frame`` has the columns ``label`` and ``shapley`` (points, decibans).
    """
    if frame.empty:
        return block(f"<p>{texts.PUSHED_NONE}</p>")
    shown = frame.head(most)
    end = max(float(shown["shapley"].abs().max()), 3.0)
    rows = []
    for label, points in zip(shown["label"], shown["shapley"], strict=True):
        width = 50 * min(abs(points) / end, 1.0)
        kind = "for" if points >= 0 else "against"
        left = 50.0 if points >= 0 else 50.0 - width
        word = next(w for limit, w in STRENGTHS if abs(points) < limit)
        way = f"{word} {texts.FOR if points >= 0 else texts.AGAINST}"
        rows.append(
            f'<li class="signed"><span class="name">{escape(label)}</span>'
            f'<span class="axis" aria-hidden="true">'
            f'<span class="push {kind}" style="left:{left:.2f}%;width:{width:.2f}%"></span></span>'
            f'<span class="value small">{way} ({points:+.1f})</span></li>'
        )
    head = (
        f'<div class="key"><span>← {texts.PUSHED_AGAINST}</span>'
        f"<span>{texts.PUSHED_FOR} →</span></div>"
    )
    return block(f'{head}<ul class="rows">{"".join(rows)}</ul>')


def _value(row: Bar, scale: int, clinician: bool) -> str:
    if clinician:
        interval = "" if math.isnan(row.low) else f" ({percent(row.low)} to {percent(row.high)})"
        return percent(row.value) + interval
    return frequency_range(row.value, row.low, row.high, scale)


def _key(rows: Sequence[Bar]) -> str:
    parts = [
        (texts.NOW, '<span class="fill" style="width:100%"></span>'),
        (texts.RANGE, '<span class="range" style="left:0;width:100%"></span>'),
    ]
    if any(row.before is not None for row in rows):
        parts.append((texts.BEFORE, '<span class="before" style="left:50%"></span>'))
    shown = "".join(
        f'<span><span class="mark" aria-hidden="true">{mark}</span>{name}</span>'
        for name, mark in parts
    )
    return f'<div class="key">{shown}</div>'


def _place(value: float, top: float) -> str:
    """Return a place on the scale in per cent of its width."""
    return f"{100 * min(max(value / top, 0.0), 1.0):.2f}"


def round_top(largest: float) -> float:
    """Return the end of a scale that holds a value: 1, 2 or 5 times a power of ten.

    Examples
    --------
    >>> round_top(0.0031), round_top(0.17), round_top(0.9)
    (0.005, 0.2, 1.0)
    """
    power = 10.0 ** math.floor(math.log10(max(largest, 1e-4)))
    return next(round(n * power, 10) for n in (1, 2, 5, 10) if largest <= n * power)
