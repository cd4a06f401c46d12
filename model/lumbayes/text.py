"""Words for people: numbers that never promise certainty, and foreign text that stays text."""

from __future__ import annotations

import html
import math
import re
import string
import textwrap

JOINER = "\N{WORD JOINER}"  # has no width, and breaks no line
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")  # how a formula of a spreadsheet begins
NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")


def how_many(number: int, what: str) -> str:
    """Return a count with its noun, in the plural but for one.

    Examples
    --------
    >>> how_many(1, "case"), how_many(2400, "case")
    ('1 case', '2,400 cases')
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def frequency(probability: float, out_of: int = 0) -> str:
    """Say a probability as a natural frequency that never promises certainty.

    Parameters
    ----------
    probability : float
        0 to 1.
    out_of : int
        The denominator; if left out 100, and 1,000 below 1 in 100.

    Examples
    --------
    >>> frequency(0.124), frequency(0.0042), frequency(1e-7), frequency(0.9999)
    ('about 12 in 100', 'about 4 in 1,000', 'fewer than 1 in 1,000', 'more than 99 in 100')
    >>> frequency(0.0042, 10_000)
    'about 42 in 10,000'
    """
    whole = out_of or (100 if probability >= 0.01 else 1000)
    if probability * whole < 1:
        return f"fewer than 1 in {whole:,}"
    count = round(probability * whole)
    if count >= whole:
        return f"more than {whole - 1:,} in {whole:,}"
    return f"about {count:,} in {whole:,}"


def frequency_range(probability: float, low: float, high: float, out_of: int = 0) -> str:
    """Say a probability and its interval on one scale; without interval if ``low`` is NaN.

    Examples
    --------
    >>> frequency_range(0.28, 0.2, 0.372), frequency_range(0.0042, 0.0001, 0.012)
    ('about 28 in 100 (20 to 37)', 'about 4 in 1,000 (fewer than 1 to 12)')
    """
    whole = out_of or (100 if probability >= 0.01 else 1000)
    words = frequency(probability, whole)
    if math.isnan(low) or high * whole < 1:
        return words
    ends = [frequency(p, whole).removeprefix("about ").split(" in ")[0] for p in (low, high)]
    return f"{words} ({' to '.join(ends)})" if ends[0] != ends[1] else words


def times_as_likely(ratio: float, probability: float = 1.0) -> str:
    """Say how a probability compares with that of adults in general.

    Parameters
    ----------
    ratio : float
        Probability over that of any adult.
    probability : float
        Below 1 in 100 a multiple alone would frighten: it is said to be rare still.

    Examples
    --------
    >>> times_as_likely(31.6), times_as_likely(0.2), times_as_likely(1.04)
    ('32 times as likely as in any adult', 'less likely than in any adult',
    'as likely as in any adult')
    >>> times_as_likely(31.6, 0.002)
    'rare, though 32 times as likely as in any adult'
    """
    if 0.8 <= ratio < 1.25:
        return "as likely as in any adult"
    if ratio < 1:
        return "less likely than in any adult"
    shown = f"{ratio:.1f}" if ratio < 9.95 else f"{ratio:,.0f}"
    times = "more than 1,000" if ratio > 1000 else shown
    rare = "rare, though " if probability < 0.01 else ""
    return f"{rare}{times} times as likely as in any adult"


def percent(probability: float) -> str:
    """Write a probability in percent with two digits that matter, never as 0 or 100.

    Examples
    --------
    >>> percent(0.1234), percent(0.00123), percent(1e-9), percent(0.99999)
    ('12 %', '0.12 %', '< 0.001 %', '> 99.9 %')
    """
    shown = 100 * probability
    if shown < 0.001:
        return "< 0.001 %"
    if shown > 99.9:
        return "> 99.9 %"
    if shown >= 99.5:
        return f"{shown:.1f} %"
    return f"{shown:.0f} %" if shown >= 9.95 else f"{float(f'{shown:.2g}'):g} %"


def plain_markdown(foreign: str) -> str:
    r"""Return a text from outside so that Markdown shows it as it is: no link, picture or HTML.

    Signs are escaped. Addresses, ``:names:`` of icons and the like, which some readers of Markdown
    look for in plain text too, are broken by a joiner without width.

    Examples
    --------
    >>> plain_markdown("[log in](http://a.b)").replace(JOINER, "~")
    '\\[log in\\]\\(http\\:~\\/~\\/~a\\.~b\\)'
    """
    marked = re.sub(f"([{re.escape(string.punctuation)}])", r"\\\1", foreign)
    broken = re.sub(r"([:/.@]|[Ww](?=[Ww][Ww]))(?=\S)", rf"\1{JOINER}", marked)
    return broken.replace("\n", "  \n")


def plain_cell(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: such a one begins with an apostrophe.

    Numbers stay as they are.

    Examples
    --------
    >>> [plain_cell(c) for c in ("=1+1", " @SUM(1)", "-5.2", "a=b")]
    ["'=1+1", "' @SUM(1)", '-5.2', 'a=b']
    """
    return f"'{cell}" if FORMULA.match(cell) and not NUMBER.fullmatch(cell) else cell


def marked_cell(cell: str) -> str:
    """Return a cell as of ``plain_cell``, and so that ``unmarked_cell`` gives it back.

    Examples
    --------
    >>> [marked_cell(c) for c in ("=1+1", "'=1+1", "-1", "'a")]
    ["'=1+1", "''=1+1", '-1', "'a"]
    """
    bare = cell.lstrip("'")
    return cell if plain_cell(bare) == bare else f"'{cell}"


def unmarked_cell(cell: str) -> str:
    """Return a cell without the apostrophe of ``marked_cell``.

    Examples
    --------
    >>> [unmarked_cell(c) for c in ("'=1+1", "''=1+1", "-1", "'a")]
    ['=1+1', "'=1+1", '-1', "'a"]
    """
    return cell[1:] if cell[:1] == "'" and marked_cell(cell[1:]) == cell else cell


def fitted(told: str, width: int, rows: int | None = None) -> str:
    r"""Return a text with long lines broken at the width; a word is never broken.

    Parameters
    ----------
    told : str
        Lines of text, and rows of tables: lines with two spaces in them.
    width : int
        Of text, in characters.
    rows : int, optional
        Of rows of tables, which stay whole if it is left out.

    Examples
    --------
    >>> print(fitted("  Walk at a pace at which you can talk.\nfinding   alone  the rest", 24))
      Walk at a pace at
        which you can talk.
    finding   alone  the rest
    >>> print(fitted("finding   alone  the rest", 24, 20))
    finding   alone  the
        rest
    """
    lines: list[str] = []
    for line in told.split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        table = "  " in line.strip()
        most = (rows or len(line)) if table else width
        if len(line) <= most:
            lines.append(line)
        else:
            after = indent + "  " if indent else "    " if table else ""
            lines += textwrap.wrap(
                line, most, subsequent_indent=after, break_on_hyphens=False, break_long_words=False
            )
    return "\n".join(lines)


def lowered(label: str) -> str:
    """Lower the first letter, unless the word is all capitals.

    Examples
    --------
    >>> lowered("Hip pain"), lowered("MRI")
    ('hip pain', 'MRI')
    """
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


class Told:
    """An answer with a ``to_text``: a short repr, and the text as it is in notebooks."""

    def to_text(self) -> str:
        """Return the answer in words."""
        raise NotImplementedError

    def __repr__(self) -> str:
        """Say what kind of answer it is, and its first words."""
        words = " ".join(self.to_text().split())
        return f"<{type(self).__name__}: {words if len(words) < 100 else words[:99] + '…'}>"

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        return f'<pre style="white-space: pre-wrap">{html.escape(self.to_text())}</pre>'
