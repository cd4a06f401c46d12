"""Pictures of numbers as HTML: bars with their range, signed bars, dumbbells, a hundred dots.

Every value is written beside its mark, so the marks are hidden from screen readers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from lumbayes.app import texts
from lumbayes.app.language import say
from lumbayes.text import frequency, frequency_range, percent


@dataclass(frozen=True)
class Bar:
    """One chance with its interval, the mark of before, and a remark; no number if None."""

    label: str
    value: float | None
    low: float = math.nan
    high: float = math.nan
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
        remark = f'<div class="small">{escape(row.remark)}</div>' if row.remark else ""
        if row.value is None:
            drawn.append(
                f'<li><div class="head"><span class="name">{escape(row.label)}</span></div>'
                f"{remark}</li>"
            )
            continue
        value = _value(row, scale, clinician)
        marks = f'<span class="fill" style="width:{_place(row.value, top)}%"></span>'
        if not math.isnan(row.low):
            left, right = float(_place(row.low, top)), float(_place(row.high, top))
            width = max(right - left, 0.4)
            marks += f'<span class="range" style="left:{left}%;width:{width:.2f}%"></span>'
        if row.before is not None:
            marks += f'<span class="before" style="left:{_place(row.before, top)}%"></span>'
        drawn.append(
            f'<li><div class="head"><span class="name">{escape(row.label)}</span> '
            f'<span class="value">{escape(value)}</span></div>'
            f'<div class="track" aria-hidden="true">{marks}</div>{remark}</li>'
        )
    size = f"{scale:,}" if scale else "100"
    most = f"{round(top * (scale or 100)):,}"
    unit = f"{100 * top:g} %" if clinician else say(f"{most} in {size}")
    ends = f'<div class="scale" aria-hidden="true"><span>0</span><span>{unit}</span></div>'
    return block(f'<ol class="rows">{"".join(drawn)}</ol>{ends}{_key(rows)}')


FITS_A_PHONE = 2  # columns
STRENGTHS = ((1.0, "hardly"), (3.0, "slightly"), (7.0, "clearly"), (math.inf, "strongly"))


def signed(
    frame: pd.DataFrame,
    most: int = 12,
    *,
    clinician: bool = True,
    worded: Callable[[str], str] = say,
) -> str:
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
        way = say(f"{word} {texts.patient.FOR if points >= 0 else texts.patient.AGAINST}")
        if clinician:
            way += f" ({say(f'{points:+.1f}')} dB)"
        rows.append(
            f'<li class="signed"><span class="name">{escape(worded(str(label)))}</span>'
            f'<span class="axis" aria-hidden="true">'
            f'<span class="push {kind}" style="left:{left:.2f}%;width:{width:.2f}%"></span></span>'
            f'<span class="value small">{way}</span></li>'
        )
    head = (
        f'<div class="key"><span>← {texts.PUSHED_AGAINST}</span>'
        f"<span>{texts.PUSHED_FOR} →</span></div>"
    )
    return block(f'{head}<ul class="rows">{"".join(rows)}</ul>')


def _value(row: Bar, scale: int, clinician: bool) -> str:
    assert row.value is not None
    if clinician:
        interval = "" if math.isnan(row.low) else f" ({percent(row.low)} to {percent(row.high)})"
        return say(percent(row.value) + interval)
    return say(frequency_range(row.value, row.low, row.high, scale))


def _key(rows: Sequence[Bar]) -> str:
    if all(row.value is None or math.isnan(row.low) for row in rows):
        return ""
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


@dataclass(frozen=True)
class Pair:
    """A chance as it is and as it would be, the latter with its interval."""

    label: str
    now: float
    then: float
    low: float
    high: float


def dumbbells(rows: Sequence[Pair], *, clinician: bool = False, scale: int = 100) -> str:
    """Return pairs of chances: a disc for now, a square for then, a band for the interval.

    Examples
    --------
    >>> "about 20 in 100" in dumbbells([Pair("Low back pain", 0.2, 0.15, 0.1, 0.2)])
    True
    """
    ends = [x for row in rows for x in (row.now, row.then, row.high) if not math.isnan(x)]
    top = round_top(max(ends, default=1.0))
    drawn = []
    for row in rows:
        now, then = float(_place(row.now, top)), float(_place(row.then, top))
        band = ""
        if not math.isnan(row.low):
            left, right = float(_place(row.low, top)), float(_place(row.high, top))
            band = f'<span class="band" style="left:{left}%;width:{right - left:.2f}%"></span>'
        bond = f"left:{min(now, then)}%;width:{abs(then - now):.2f}%"
        words = " → ".join(two_values(row.now, row.then, clinician, scale))
        interval = "" if math.isnan(row.low) else _interval(row, clinician)
        drawn.append(
            f'<li><div class="head"><span class="name">{escape(row.label)}</span> '
            f'<span class="value">{escape(words)}</span></div>'
            f'<div class="track" aria-hidden="true">{band}<span class="bond" style="{bond}"></span>'
            f'<span class="now" style="left:{now}%"></span>'
            f'<span class="then" style="left:{then}%"></span></div>'
            f'<div class="small">{escape(interval)}</div></li>'
        )
    unit = f"{100 * top:g} %" if clinician else say(f"{top * scale:g} in {scale:,}")
    ends_ = f'<div class="scale" aria-hidden="true"><span>0</span><span>{unit}</span></div>'
    key = "".join(
        f'<span><span class="mark" aria-hidden="true"><span class="{kind}" style="left:50%"></span>'
        f"</span>{name}</span>"
        for kind, name in (("now", texts.IF_KEY_NOW), ("then", texts.IF_KEY_THEN))
    )
    return block(f'<ol class="rows">{"".join(drawn)}</ol>{ends_}<div class="key">{key}</div>')


def two_values(now: float, then: float, clinician: bool, scale: int = 100) -> tuple[str, str]:
    """Say two chances on one scale.

    Examples
    --------
    >>> two_values(0.171, 0.168, clinician=False, scale=1_000)
    ('about 171 in 1,000', 'about 168 in 1,000')
    """
    if clinician:
        digits = 0 if round(100 * now) != round(100 * then) else 1
        if min(now, then) < 0.1 or max(now, then) > 0.99:
            return say(percent(now)), say(percent(then))
        return say(f"{100 * now:.{digits}f} %"), say(f"{100 * then:.{digits}f} %")
    return say(frequency(now, scale)), say(frequency(then, scale))


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, stacks: bool = True) -> str:
    """Return a table of texts; on a phone the cells of a row stand one below the other.

    Examples
    --------
    >>> ">1</td>" in table(["Number"], [["1"]])
    True
    """
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    names = [escape(cell) for cell in head]
    body = "".join(
        "<tr>"
        + "".join(
            f'<td data-head="{name}">{escape(cell)}</td>'
            for name, cell in zip(names, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    kind = "wide" if stacks and len(head) > FITS_A_PHONE else ""
    return block(
        f'<table class="{kind}"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'
    )


def dots(count: int, words: str) -> str:
    """Return a hundred discs, the first ``count`` of them filled, and what they show in words.

    Examples
    --------
    >>> dots(12, "12 of 100").count('class="on"')
    12
    """
    discs = "".join('<i class="on"></i>' if i < count else "<i></i>" for i in range(100))
    return block(
        f'<p class="small">{escape(words)}</p><div class="dots" aria-hidden="true">{discs}</div>'
    )


def _interval(row: Pair, clinician: bool) -> str:
    if clinician:
        return str(
            texts.IF_RANGE_ROW.format(range=say(f"{percent(row.low)} to {percent(row.high)}"))
        )
    return str(texts.IF_RANGE_ROW.format(range=say(frequency_range(row.then, row.low, row.high))))


def tornado(
    frame: pd.DataFrame, now: float, labels: Sequence[str], said: Callable[[float], str]
) -> str:
    """Return a bar for each number: from the answer at its low end to that at its high end.

    ``frame`` has the columns ``at_low`` and ``at_high``, one row for each label; ``said`` words a
    chance.
    """
    top = round_top(max(float(frame[["at_low", "at_high"]].to_numpy().max(initial=0.0)), now))
    drawn = []
    for label, low, high in zip(labels, frame["at_low"], frame["at_high"], strict=True):
        left, right = (float(_place(x, top)) for x in sorted((low, high)))
        drawn.append(
            f'<li><div class="head"><span class="name">{escape(label)}</span> '
            f'<span class="value">{escape(said(low))} → {escape(said(high))}</span></div>'
            f'<div class="track" aria-hidden="true">'
            f'<span class="fill" style="left:{left}%;width:{max(right - left, 0.3):.2f}%"></span>'
            f'<span class="before" style="left:{_place(now, top)}%"></span></div></li>'
        )
    end = f"<span>0</span><span>{escape(said(top))}</span>"
    scale = f'<div class="scale" aria-hidden="true">{end}</div>'
    return block(f'<ol class="rows">{"".join(drawn)}</ol>{scale}')


def round_top(largest: float) -> float:
    """Return the end of a scale that holds a value: 1, 2 or 5 times a power of ten.

    Examples
    --------
    >>> round_top(0.0031), round_top(0.17), round_top(0.9)
    (0.005, 0.2, 1.0)
    """
    power = 10.0 ** math.floor(math.log10(max(largest, 1e-4)))
    return next(round(n * power, 10) for n in (1, 2, 5, 10) if largest <= n * power)
