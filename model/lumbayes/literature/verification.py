"""Which numbers were read again in their sources, when, in what, and what was found there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from lumbayes.errors import unknown_name
from lumbayes.knowledge.definition import SOURCE_COLUMNS, Number
from lumbayes.knowledge.model import Model
from lumbayes.knowledge.tables import Row, read_table
from lumbayes.literature.targets import read_targets

COLUMNS = ("number", "source", "verdict", "read", "where", "date", "figure")
FOUND = ("confirmed", "derived")
"""The figure stands in what was read; or the number is computed from figures that stand there."""
VERDICTS = (*FOUND, "not_found", "disagrees", "not_readable")


@dataclass(frozen=True)
class Verification:
    """One number, held against one source.

    Attributes
    ----------
    number, source : str
        The id of the number, and the key of the source that was read.
    verdict : str
        One of ``VERDICTS``; only those of ``FOUND`` verify the number.
    read, where : str
        How far the source was read; what it says, with the figure. Empty if it could not be read.
    date : date
        When it was read.
    figure : str
        The row of ``targets.csv`` that fixes the number through the network, if one does.
    """

    number: str
    source: str
    verdict: str
    read: str
    where: str
    date: date
    figure: str


def read_verifications(model: Model) -> dict[str, Verification]:
    """Read ``verification.csv``: what was found in the source of a number, by the number's id.

    Raises
    ------
    TableError
        If a row names an unknown number, source, verdict or figure, a figure of another source, a
        number twice, no date of the form 2026-11-27, or says that a figure was found without
        saying where.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> rows = read_verifications(load_model())
    >>> rows["leg_pain_both_sides=yes<-cauda_equina_syndrome=present"].source
    'ces334'
    """
    sources = {row["key"] for row in read_table("sources.csv", SOURCE_COLUMNS, model.folder)}
    numbers = {number.id for number in model.numbers}
    figures = {t.id: t.source for t in read_targets(model)}
    read: dict[str, Verification] = {}
    for row in read_table("verification.csv", COLUMNS, model.folder):
        one = _verification(row, numbers, sources, figures)
        if one.number in read:
            raise row.error(f"number {one.number} stands here twice. Keep the last reading.")
        read[one.number] = one
    return read


def unverified(model: Model) -> tuple[Number, ...]:
    """Return the numbers above grade D whose figure was not found in the source they cite."""
    read = read_verifications(model)
    return tuple(n for n in model.numbers if n.grade != "D" and not _holds(n, read.get(n.id)))


def counts(model: Model) -> dict[str, int]:
    """Return how many readings ended in each verdict, and how many numbers above D have none."""
    found = Counter(one.verdict for one in read_verifications(model).values())
    return {
        **{verdict: found[verdict] for verdict in VERDICTS},
        "unverified": len(unverified(model)),
    }


def table(model: Model) -> str:
    """Return one line for each reading, by source: date, verdict, source, number, what was read."""
    rows = sorted(read_verifications(model).values(), key=lambda one: (one.source, one.number))
    return "\n".join(
        f"{one.date}  {one.verdict:12}  {one.source:18}  {one.number}\n    "
        + (f"{one.read}: {one.where}" if one.read else "not at hand")
        + (f" [{one.figure}]" if one.figure else "")
        for one in rows
    )


def _holds(number: Number, one: Verification | None) -> bool:
    return one is not None and one.verdict in FOUND and one.source == number.source


def _verification(
    row: Row, numbers: set[str], sources: set[str], figures: Mapping[str, str]
) -> Verification:
    """Check one row and parse it."""
    number, source = row.text("number"), row.text("source")
    for kind, name, known in (("number", number, numbers), ("source", source, sources)):
        if name not in known:
            raise row.error(str(unknown_name(kind, name, known)))
    figure = row["figure"]
    if figure and figures.get(figure) != source:
        own = [name for name, key in figures.items() if key == source]
        raise row.error(str(unknown_name(f"figure of {source}", figure, own)))
    verdict = row.choice("verdict", VERDICTS)
    if verdict in FOUND:
        row.text("read"), row.text("where")
    try:
        day = date.fromisoformat(row["date"])
    except ValueError:
        raise row.error(f"date is {row['date']!r}. Write it as 2026-11-27.") from None
    return Verification(number, source, verdict, row["read"], row["where"], day, row["figure"])
