"""Drawings by code: a start and an end position side by side, plain enough for a phone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from lumbayes.app import texts
from lumbayes.app.figures import poses

WIDTH, TOP, FLOOR = 150, -4, 108


@dataclass(frozen=True)
class Inks:
    """The colours of one theme."""

    near: str
    far: str
    thing: str
    soft: str
    paper: str
    words: str
    arrow: str


LIGHT = Inks("#0b5cad", "#6fa3d8", "#55606b", "#d5dde6", "#f3f7fb", "#0f1114", "#a63d00")
DARK = Inks("#7ab8ff", "#3c6ea6", "#9aa5b1", "#38424d", "#171d24", "#f2f3f5", "#ffab73")


@dataclass(frozen=True)
class Picture:
    """An SVG text and what it shows, in words."""

    svg: str
    alt: str


def exercise(name: str, alts: tuple[str, str], *, dark: bool = False) -> tuple[Picture, Picture]:
    """Return the drawings of an exercise: start and end.

    Examples
    --------
    >>> [p.alt for p in exercise("clam", ("On the side.", "Knee up."))]
    ['On the side.', 'Knee up.']
    """
    inks, drawn = DARK if dark else LIGHT, poses()["exercise", name]
    start, end = (
        Picture(_panel(pose, inks, caption), alt)
        for pose, caption, alt in zip(drawn, texts.EX_PANELS, alts, strict=True)
    )
    return start, end


def self_test(
    name: str, captions: tuple[str, str], alt: str, *, dark: bool = False
) -> tuple[Picture, Picture]:
    """Return the drawings of a self-test: how it begins, and what would count as a finding."""
    inks, drawn = DARK if dark else LIGHT, poses()["self-test", name]
    start, end = (
        Picture(_panel(pose, inks, caption), f"{caption}. {alt}")
        for pose, caption in zip(drawn, captions, strict=True)
    )
    return start, end


def _panel(pose: str, inks: Inks, caption: str) -> str:
    """Return one position; its caption is as large as the text of the page once it fills a card."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {TOP} {WIDTH} 134"'
        f' width="{2 * WIDTH}" height="268">'
        f'<rect y="{TOP}" width="{WIDTH}" height="134" rx="6" fill="{inks.paper}"/>'
        f'<line x1="6" x2="{WIDTH - 6}" y1="109" y2="109" stroke="{inks.thing}" stroke-width="2"/>'
        f"{_pose(pose, inks)}"
        f'<text x="{WIDTH / 2}" y="124" text-anchor="middle" font-family="sans-serif"'
        f' font-size="9.5" fill="{inks.words}">{caption}</text></svg>'
    )


def _pose(pose: str, inks: Inks) -> str:
    return "".join(_part(part.strip(), inks) for part in pose.split(";") if part.strip())


def _part(part: str, inks: Inks) -> str:
    kind, *rest = part.split()
    points = [tuple(float(x) for x in word.split(",")) for word in rest]
    path = " ".join(",".join(f"{x:g}" for x in p) for p in points)
    if kind in "lLaA":
        width = 8 if kind in "lL" else 5.5
        return _line(path, inks.near if kind.islower() else inks.far, width)
    if kind == "t":
        hip, bend, neck = points
        return (
            f'<path d="M{hip[0]:g},{hip[1]:g} Q{bend[0]:g},{bend[1]:g} {neck[0]:g},{neck[1]:g}"'
            f' fill="none" stroke="{inks.near}" stroke-width="12" stroke-linecap="round"/>'
        )
    if kind == "h":
        ((x, y),) = points
        return f'<circle cx="{x:g}" cy="{y:g}" r="9" fill="{inks.near}"/>'
    return _thing(kind, rest, points, path, inks)


def _thing(
    kind: str, rest: list[str], points: list[tuple[float, ...]], path: str, inks: Inks
) -> str:
    """Draw what is not the person."""
    if kind == "p":
        return _line(path, inks.arrow, 3)
    if kind == "i":
        return _line(path, inks.thing, 2.5)
    if kind == "r":
        return _line(path, inks.arrow, 3.5)
    if kind == "b":
        x, y, width, height = (float(v) for v in rest)
        return (
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="1.5"'
            f' fill="{inks.soft}" stroke="{inks.thing}" stroke-width="1.5"/>'
        )
    if kind == "c":
        x = float(rest[0])
        back, front = (abs(x), abs(x) + 28) if x > 0 else (abs(x) + 26, abs(x))
        lines = (f"{back},50 {back},107", f"{back},88 {front},88", f"{front},88 {front},107")
        return "".join(_line(line, inks.thing, 3) for line in lines)
    if kind == "w":
        x = float(rest[0])
        return (
            f'<rect x="{x:g}" y="4" width="7" height="104" fill="{inks.soft}"'
            f' stroke="{inks.thing}"/>'
        )
    if kind == "o":
        (x, y), radius = points[0], float(rest[1])
        return (
            f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{inks.soft}"'
            f' stroke="{inks.thing}" stroke-width="2.5"/>'
        )
    if kind == "~":
        y = float(rest[0])
        return (
            f'<rect x="3" y="{y:g}" width="{WIDTH - 6}" height="{FLOOR - y:g}" fill="{inks.far}"'
            f' fill-opacity=".28"/>' + _line(f"3,{y} {WIDTH - 3},{y}", inks.far, 2)
        )
    if kind == "*":
        ((x, y),) = points
        return (
            f'<circle cx="{x:g}" cy="{y:g}" r="6" fill="none" stroke="{inks.arrow}"'
            f' stroke-width="2.5" stroke-dasharray="3 2"/>'
        )
    return _arrow(points, inks.arrow)


def _arrow(points: list[tuple[float, ...]], colour: str) -> str:
    (x0, y0), (x1, y1) = points
    length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
    dx, dy = 5 * (x1 - x0) / length, 5 * (y1 - y0) / length
    head = f"{x1 - dx - dy},{y1 - dy + dx} {x1},{y1} {x1 - dx + dy},{y1 - dy - dx}"
    return _line(f"{x0:g},{y0:g} {x1:g},{y1:g}", colour, 2.5) + _line(head, colour, 2.5)


def _line(path: str, colour: str, width: float) -> str:
    return (
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width:g}"'
        ' stroke-linecap="round" stroke-linejoin="round"/>'
    )


def scatter(frame: pd.DataFrame, *, dark: bool = False) -> Picture:
    """Return published figures against those of the model, both on logarithmic scales.

    ``frame`` has the columns ``published``, ``low``, ``high``, ``model``, ``inside``, ``role``.
    """
    inks = DARK if dark else LIGHT
    known = frame[(frame["published"] > 0) & (frame["model"] > 0) & frame["model"].notna()]
    ends = (1e-4, 1e2)
    side, margin = 620, 54

    def place(value: float) -> float:
        share = (math.log10(min(max(value, ends[0]), ends[1])) - math.log10(ends[0])) / 6
        return margin + share * (side - margin - 12)

    marks = []
    for power in range(-4, 3):
        at, label = place(10.0**power), f"{10.0**power:g}"
        flip = side - at
        marks.append(
            f'<path d="M{at:.1f},12 V{side - margin} M{margin},{flip:.1f} H{side - 12}"'
            f' stroke="{inks.soft}" fill="none"/>'
            f'<text x="{at:.1f}" y="{side - margin + 18}" text-anchor="middle">{label}</text>'
            f'<text x="{margin - 6}" y="{flip + 4:.1f}" text-anchor="end">{label}</text>'
        )
    marks.append(
        _line(
            f"{place(ends[0])},{side - place(ends[0])} {place(ends[1])},{side - place(ends[1])}",
            inks.thing,
            1.5,
        )
    )
    for _, row in known.iterrows():
        x, y = place(row["published"]), side - place(row["model"])
        ink = inks.near if row["inside"] else inks.arrow
        if row["low"] > 0 and row["high"] > 0:
            low, high = place(row["low"]), place(row["high"])
            marks.append(
                f'<path d="M{low:.1f},{y:.1f} H{high:.1f}" stroke="{ink}" stroke-opacity=".35"/>'
            )
        shape = (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4"'
            if row["role"] == "fitted"
            else f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8"'
        )
        fill = ink if row["inside"] else "none"
        marks.append(
            f'{shape} fill="{fill}" fill-opacity=".75" stroke="{ink}" stroke-width="1.6"/>'
        )
    inside = int(known["inside"].sum())
    alt = texts.SCATTER_ALT.format(inside=inside, all=len(known))
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" width="{side}"'
        f' height="{side}" font-family="sans-serif" font-size="12" fill="{inks.words}">'
        f"{''.join(marks)}"
        f'<text x="{side / 2}" y="{side - 8}" text-anchor="middle">{texts.SCATTER_X}</text>'
        f'<text transform="translate(14 {side / 2}) rotate(-90)" text-anchor="middle">'
        f"{texts.SCATTER_Y}</text></svg>"
    )
    return Picture(svg, alt)
