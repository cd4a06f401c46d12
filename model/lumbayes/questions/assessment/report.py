"""One page in three forms: text, Markdown, and HTML that stands alone and prints."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 88
STYLE = """
:root { color-scheme: light dark; }
body { font: 17px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin: 1.6rem 0 .4rem; }
.card { border: 3px solid; border-radius: .5rem; padding: .4rem 1rem 1rem; }
table { border-collapse: collapse; width: 100%; }
caption, .small { font-size: .85rem; text-align: left; }
th, td { text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0; }
tr { border-bottom: 1px solid #8888; break-inside: avoid; }
svg { width: 10rem; height: 1rem; color: #2a62a8; }
@media (prefers-color-scheme: dark) { svg { color: #7fb0ee; } }
@page { margin: 10mm; }
@media print {
  body { margin: 0; padding: 0; max-width: none; font-size: 7.4pt; line-height: 1.2; columns: 2; }
  h1, .card { column-span: all; } h1 { font-size: 14pt; margin: 0 0 4pt; }
  h2 { font-size: 9pt; margin: 4pt 0 0; break-after: avoid; } ul, p { margin: 1pt 0; }
  ul { padding-left: 12pt; } .small { font-size: 7pt; } svg { width: 5rem; }
  table { font-size: 7.2pt; } .card { border-width: 1px; padding: 2pt 8pt; }
}
"""


@dataclass(frozen=True)
class Grid:
    """A table: a header, rows of text and, for a picture, (low, value, high) of each row in 0–1."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    bars: tuple[tuple[float, float, float], ...] = ()


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it; ``card`` frames it."""

    title: str
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    grid: Grid | None = None
    notes: tuple[str, ...] = ()
    card: bool = False


def as_text(sections: Sequence[Section], width: int = WIDTH) -> str:
    """Return the page as plain text of at most ``width`` columns.

    Examples
    --------
    >>> print(as_text([Section("Care", ("Go now.",), ("a reason",))]))
    CARE
    Go now.
    - a reason
    """
    lines: list[str] = []
    for section in sections:
        lines += ["", section.title.upper()] if lines else [section.title.upper()]
        for paragraph in section.paragraphs:
            lines += textwrap.wrap(paragraph, width)
        for point in section.points:
            lines += textwrap.wrap(f"- {point}", width, subsequent_indent="  ")
        lines += _text_rows(section.grid, width) if section.grid else []
        for note in section.notes:
            lines += textwrap.wrap(note, width)
    return "\n".join(lines)


def as_markdown(title: str, sections: Sequence[Section]) -> str:
    """Return the page as Markdown; signs that Markdown would read are escaped."""
    parts = [f"# {_escaped(title)}"]
    for section in sections:
        parts.append(f"## {_escaped(section.title)}")
        parts += [_escaped(p) for p in section.paragraphs]
        if section.points:
            parts.append("\n".join(f"- {_escaped(p)}" for p in section.points))
        if section.grid:
            parts.append("\n".join(_markdown_rows(section.grid)))
        parts += [_escaped(note) for note in section.notes]
    return "\n\n".join(parts) + "\n"


def as_html(title: str, sections: Sequence[Section], language: str = "en") -> str:
    """Return the page as one HTML file that loads nothing; all text is escaped."""
    body = [f"<h1>{html.escape(title)}</h1>"]
    for section in sections:
        inside = [f"<h2>{html.escape(section.title)}</h2>"]
        inside += [f"<p>{html.escape(p)}</p>" for p in section.paragraphs]
        if section.points:
            points = "".join(f"<li>{html.escape(p)}</li>" for p in section.points)
            inside.append(f"<ul>{points}</ul>")
        if section.grid:
            inside.append(_html_table(section.grid))
        inside += [f'<p class="small">{html.escape(note)}</p>' for note in section.notes]
        kind = ' class="card"' if section.card else ""
        body.append(f"<section{kind}>\n" + "\n".join(inside) + "\n</section>")
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )


def _text_rows(grid: Grid, width: int) -> list[str]:
    """Align the columns; what does not fit stands on lines of its own below the first column."""
    widths = [
        max(len(row[i]) for row in (grid.header, *grid.rows)) for i in range(len(grid.header))
    ]
    if sum(widths) + 2 * len(widths) > width:
        lines = []
        for row in grid.rows:
            lines += textwrap.wrap(f"- {row[0]}", width, subsequent_indent="  ")
            for title, cell in zip(grid.header[1:], row[1:], strict=True):
                indent = "    "
                lines += textwrap.wrap(
                    f"{title}: {cell}", width, initial_indent=indent, subsequent_indent=indent
                )
        return lines
    lines = []
    for row in (grid.header, *grid.rows):
        cells = [cell.ljust(w) for cell, w in zip(row, widths, strict=True)]
        lines.append("  " + "  ".join(cells).rstrip())
    return lines


def _markdown_rows(grid: Grid) -> list[str]:
    rule = "|" + " --- |" * len(grid.header)
    rows = ["| " + " | ".join(_escaped(c) for c in row) + " |" for row in (grid.header, *grid.rows)]
    return [rows[0], rule, *rows[1:]]


def _html_table(grid: Grid) -> str:
    header = "".join(f'<th scope="col">{html.escape(c)}</th>' for c in grid.header)
    lines = []
    for i, row in enumerate(grid.rows):
        cells = [f'<th scope="row">{html.escape(row[0])}</th>']
        cells += [f"<td>{html.escape(c)}</td>" for c in row[1:]]
        if grid.bars:
            cells.append(f"<td>{_bar(*grid.bars[i])}</td>")
        lines.append(f"<tr>{''.join(cells)}</tr>")
    picture = '<th scope="col" aria-label="Picture"></th>' if grid.bars else ""
    return (
        f"<table><thead><tr>{header}{picture}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    )


def _bar(low: float, value: float, high: float) -> str:
    """Draw a bar to the value and a line over its interval; the numbers stand beside it."""
    return (
        '<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect x="0" y="0" width="100" height="10" fill="currentColor" opacity=".12"/>'
        f'<rect x="0" y="2" width="{100 * value:.2f}" height="6"'
        ' fill="currentColor" opacity=".55"/>'
        f'<rect x="{100 * low:.2f}" y="4" width="{max(100 * (high - low), 0.5):.2f}" height="2"'
        ' fill="currentColor"/></svg>'
    )


def _escaped(text: str) -> str:
    """Put a backslash before what Markdown or the HTML inside it would read as a sign."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>#|~" else c for c in text)
