"""Where a number comes from: its source, its row of a table, and the probabilities it moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lumbayes.cases.case import Case
from lumbayes.inference.queries import marginals
from lumbayes.knowledge.definition import SOURCE_COLUMNS, Number
from lumbayes.knowledge.model import Model
from lumbayes.knowledge.tables import read_table
from lumbayes.questions.conditioning import case_evidence, case_network
from lumbayes.questions.sensitivity.perturbation import moved_posteriors
from lumbayes.questions.what_if.interventions import event, plain_rows
from lumbayes.text import Told, percent

ROUNDING = 1e-12  # a smaller change is rounding
SHOWN = 10


@dataclass(frozen=True, eq=False, repr=False)
class Provenance(Told):
    """A number's whole life: where it comes from, where it stands, what it moves.

    Attributes
    ----------
    number : Number
        Value, interval, grade, note, file and line.
    citation, address, read : str
        The source, where it was found and how far it was read.
    mates : tuple of str
        Numbers of the same distribution.
    moves : DataFrame
        ``variable``, ``label``, ``now``, ``at_low``, ``at_high``, ``width``: the probabilities it
        moves most over its interval.
    """

    number: Number
    citation: str
    address: str
    read: str
    mates: tuple[str, ...]
    moves: pd.DataFrame

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        told = {k: v for k, v in vars(self.number).items() if k != "distribution"}
        return told | {
            "citation": self.citation,
            "address": self.address,
            "read": self.read,
            "mates": list(self.mates),
            "moves": plain_rows(self.moves),
        }

    def to_text(self) -> str:
        """Return it for people."""
        n = self.number
        lines = [
            f"{n.id}: {n.value:.4g} ({n.low:.4g} to {n.high:.4g}), grade {n.grade}",
            f"  From: {self.citation} {self.address} (read: {self.read})",
            f"  Stands in: {n.file}, line {n.line}",
        ]
        lines += [f"  Note: {n.note}"] if n.note else []
        lines += [f"  Fitted to: {n.fitted_to}"] if n.fitted_to else []
        lines += [f"  Shares its distribution with: {', '.join(self.mates)}"] if self.mates else []
        moves = plain_rows(self.moves)
        lines += ["  Over its interval it moves:" if moves else "  It moves nothing here."]
        lines += [
            f"    {r['label']}: {percent(r['at_low'])} to {percent(r['at_high'])}" for r in moves
        ]
        return "\n".join(lines)


def provenance(
    model: Model, number_id: str, case: Case | None = None, limit: int = SHOWN
) -> Provenance:
    """Return source, place and consequences of one number.

    Parameters
    ----------
    model : Model
        The tables.
    number_id : str
        As in ``model.numbers``.
    case : Case, optional
        For whom; any adult if left out. A causal share acts only where something is done: it is
        shown under an intervention that takes its cause away.
    limit : int
        The most probabilities to show.

    Raises
    ------
    UnknownNameError
        If there is no such number.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> told = provenance(load_model(), "slr=positive<-leak")
    >>> told.number.file, told.moves["variable"].iloc[0]
    ('data/links.csv', 'slr')
    """
    position = model.position(number_id)
    number = model.numbers[position]
    person = Case() if case is None else case
    if number.quantity == "causal_share":
        cause = number.given
        person = Case(
            {n: s for n, s in person.findings.items() if n != cause},
            {n: w for n, w in person.likelihoods.items() if n != cause},
            {**person.do, cause: model.variables[cause].states[0]},
        )
    asked = [event(model, n) for n in model.network]
    now = marginals(case_network(model, person), case_evidence(model, person))
    points = [(position, x) for x in (number.low, number.high)]
    _, bars = moved_posteriors(model, person, asked, points)
    moves = pd.DataFrame(
        {
            "variable": [e.variable for e in asked],
            "label": [e.label for e in asked],
            "now": [float(e.chance(now.probabilities[e.variable])[0]) for e in asked],
            "at_low": bars[:, 0],
            "at_high": bars[:, 1],
            "width": np.abs(bars[:, 1] - bars[:, 0]),
        }
    ).sort_values("width", ascending=False, kind="stable")
    moves = moves[moves["width"] > ROUNDING].head(limit).reset_index(drop=True)
    source = next(
        r
        for r in read_table("sources.csv", SOURCE_COLUMNS, model.folder)
        if r["key"] == number.source
    )
    mates = tuple(model.numbers[i].id for i in model.mates(position) if i != position)
    address = source["url"] or source["identifier"]
    return Provenance(number, source["citation"], address, source["read"], mates, moves)
