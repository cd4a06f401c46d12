"""Which numbers carry the uncertainty of the answers: influence over the worked cases, by grade."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click
import numpy as np
import pandas as pd

from lumbayes.cases.case import parse_case
from lumbayes.evaluation.worked_cases import WorkedCase, read_worked_cases
from lumbayes.inference.queries import marginals
from lumbayes.knowledge.coordinates import coordinates, free_numbers, spread, values_at
from lumbayes.knowledge.model import Model, load_model
from lumbayes.knowledge.tables import data_dir
from lumbayes.questions.conditioning import case_evidence

CASES = ("open_cases.jsonl", "blind_cases.jsonl", "blind_dangers.jsonl")


def influence(model: Model, cases: Iterable[WorkedCase]) -> pd.DataFrame:
    """Return the share of the variance of the differential that each number carries.

    Each number is moved up and down by its standard deviation, as the figures left it, the others
    kept; half the difference, squared and summed over the conditions, is its part of the variance
    of a case. Cases count alike.

    Parameters
    ----------
    model : Model
        Numbers without a width carry nothing.
    cases : iterable of WorkedCase
        Such as ``read_worked_cases`` returns.

    Returns
    -------
    DataFrame
        Columns ``number, influence, grade, source, value, file, line``; worst grade first, then by
        influence, which sums to 1.
    """
    free = free_numbers(model)
    wide = _deviations(model, free)
    centre = coordinates(model, model.values)[free][:, None]
    steps = np.diag(wide)
    points = np.hstack([centre + steps, centre - steps])
    network = model.network_with(values_at(model, free, points))
    conditions = model.names("condition")
    total = np.zeros(len(free))
    for case in cases:
        given = case_evidence(model, parse_case(model, case.data))
        found = marginals(network, given, conditions, impossible="mark").probabilities
        moved = np.array([found[c][1] for c in conditions]).reshape(len(conditions), 2, len(free))
        part = (((moved[:, 0] - moved[:, 1]) / 2) ** 2).sum(axis=0)
        total += part / part.sum()
    numbers = [model.numbers[i] for i in free]
    frame = pd.DataFrame(
        {
            "number": [n.id for n in numbers],
            "influence": total / total.sum(),
            "grade": [n.grade for n in numbers],
            "source": [n.source for n in numbers],
            "value": [n.value for n in numbers],
            "file": [n.file for n in numbers],
            "line": [n.line for n in numbers],
        }
    )
    order = frame.sort_values(["grade", "influence"], ascending=False, kind="stable")
    return order.reset_index(drop=True)


def _deviations(model: Model, free: list[int]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the deviations of the coordinates: as the synthesis left them, else their own."""
    own = np.array([spread(model, i) for i in free])
    joint = model.joint_posterior
    if joint is not None:
        place = {id: i for i, id in enumerate(joint.ids)}
        left = joint.deviations * np.sqrt(1.0 - joint.directions**2 @ joint.narrowed)
        for i, position in enumerate(free):
            row = place.get(model.numbers[position].id)
            own[i] = own[i] if row is None else left[row]
    return own


@click.command()
@click.option("--tables", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--out", type=click.Path(path_type=Path), help="Write the whole list as CSV.")
def main(tables: Path | None, out: Path | None) -> None:
    """List the numbers by influence over the worked cases, worst grade first."""
    model = load_model(tables)
    folder = data_dir() / "cases"
    cases = [case for name in CASES for case in read_worked_cases(model, folder / name)]
    frame = influence(model, cases)
    shares = frame.groupby("grade")["influence"].sum()
    for grade, share in shares.items():
        click.echo(f"grade {grade}: {share:.0%} of the influence")
    click.echo(frame.head(40).to_string(index=False))
    if out is not None:
        frame.to_csv(out, index=False)


if __name__ == "__main__":
    main()
