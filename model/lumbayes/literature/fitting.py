"""Fit the numbers to published quantities: pulled by the targets, held by their own intervals."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import pandas as pd

from lumbayes.errors import LumbayesError
from lumbayes.knowledge.coordinates import (
    NARROWEST,
    TINY,
    coordinates,
    free_numbers,
    logit,
    spread,
    values_at,
)
from lumbayes.knowledge.definition import LINK_COLUMNS, PROBABILITY_COLUMNS
from lumbayes.knowledge.model import Model, Number, load_model
from lumbayes.knowledge.tables import data_dir, data_version, read_table
from lumbayes.literature.target_values import target_values
from lumbayes.literature.targets import Target, read_targets
from lumbayes.network.variables import Array

STEP = 1e-4
LOOSER = {"A": 1.0, "B": 1.0, "C": 1.5, "D": 2.5}
"""How much farther than its interval says a number of a grade may be pulled: D is judgement."""
SETTLED = 0.1
"""Standard errors of its own interval by which a number must move to be written."""


@dataclass(frozen=True, eq=False)
class Fit:
    """Where a fit went.

    Attributes
    ----------
    values : array, shape (m,)
        The fitted numbers, in the order of ``model.numbers``.
    objective : tuple of float
        Half the penalised sum of squares before the first step and after each.
    frame : DataFrame
        A row per number: ``number, before, after, moved`` (in standard errors of its own interval,
        ``LOOSER`` by its grade) and the ``target`` that depends on it most; the farthest first.
    """

    values: Array
    objective: tuple[float, ...]
    frame: pd.DataFrame


def fit(model: Model, steps: int = 8) -> Fit:
    """Find the most probable numbers given their own intervals and the fitted targets.

    Minimises the squared distance of each ``fitted`` target from its published value, in standard
    errors on the logit scale (log scale for ratios), plus the squared distance of each number from
    its value in the tables, in standard errors of its own interval. Emergent targets play no part.

    Parameters
    ----------
    model : Model
        Each number starts from its value before any fit, so that fitting twice changes nothing;
        one whose interval has no width, or that is 0 or 1, stays. Numbers that share their draw
        groups move as one.
    steps : int
        Damped Gauss-Newton steps at most, 1 or more; it stops when a step gains less than one in
        ten thousand.

    Returns
    -------
    Fit
        Nothing is written: ``write`` does.

    Raises
    ------
    LumbayesError
        If no target is fitted, or the network gives the population of one probability 0.

    Notes
    -----
    The derivatives come from one network of parameter draws, each with one number moved.
    Source: Yet et al. (2014), J Biomed Inform 52:373, for published results as constraints on a
    network; Nocedal & Wright (2006), Numerical Optimization, section 10.3, for the method.
    """
    targets = tuple(t for t in read_targets(model) if t.role == "fitted")
    if not targets or steps < 1:
        raise LumbayesError(
            f"{len(targets)} fitted targets and {steps} steps: there is nothing to fit. "
            "Give one target the role fitted in targets.csv, and take a step."
        )
    conditions = model.names("condition")
    free = free_numbers(model)
    start = coordinates(model, np.array([n.before_fit for n in model.numbers]))[free]
    width = np.array([spread(model, i) * LOOSER[model.numbers[i].grade] for i in free])
    goal = np.array([_scale(t, np.array(t.value)) for t in targets])
    weight = 1.0 / np.array([_error(t) for t in targets])

    def residuals(moved: Array) -> Array:
        values = values_at(model, free, start[:, None] + moved)
        computed = target_values(model.network_with(values), targets, conditions)
        for target, row in zip(targets, computed, strict=True):
            if np.isnan(row).any():
                raise LumbayesError(
                    f"{target.id}: the network gives its population probability 0. "
                    "Make it possible in the tables, or exclude the target."
                )
        scaled = np.array([_scale(t, row) for t, row in zip(targets, computed, strict=True)])
        distances: Array = (scaled - goal[:, None]) * weight[:, None]
        return distances

    moved, damping = np.zeros(len(free)), 1e-2
    here = residuals(moved[:, None])[:, 0]
    objective = [_objective(here, moved, width)]
    for _ in range(steps):
        nearby = residuals(moved[:, None] + STEP * np.eye(len(free)))
        jacobian = (nearby - here[:, None]) / STEP
        pull = jacobian.T @ here + moved / width**2
        curvature = jacobian.T @ jacobian + np.diag(1 / width**2)
        for _ in range(8):
            step = np.linalg.solve(curvature + damping * np.diag(1 / width**2), -pull)
            there = moved + np.clip(step, -1.5, 1.5)
            found = residuals(there[:, None])[:, 0]
            value = _objective(found, there, width)
            if value < objective[-1]:
                break
            damping *= 6
        else:
            break
        gain = objective[-1] - value
        moved, here, damping = there, found, damping / 4
        objective.append(value)
        if gain < 1e-4 * value:
            break
    values = values_at(model, free, (start + moved)[:, None])[:, 0]
    frame = pd.DataFrame(
        {
            "number": [model.numbers[i].id for i in free],
            "before": [model.numbers[i].before_fit for i in free],
            "after": values[free],
            "moved": moved / width,
            "target": [targets[t].id for t in np.abs(jacobian).argmax(axis=0)],
        }
    )
    order = np.argsort(-np.abs(moved / width), kind="stable")
    return Fit(values, tuple(objective), frame.iloc[order].reset_index(drop=True))


def write(model: Model, found: Fit, folder: Path) -> None:
    """Write the fitted numbers into ``links.csv`` and ``probabilities.csv`` of a folder.

    Each interval moves with its value and keeps its width on the logit scale. Numbers that moved by
    less than ``SETTLED`` standard errors keep their value, or get back the one before a former fit,
    unless another number of their distribution moved farther.
    Both tables are written whole before either is replaced.

    Parameters
    ----------
    model : Model
        The one that was fitted, read from the same tables.
    found : Fit
        What ``fit`` returned.
    folder : Path
        The folder whose tables change.

    Raises
    ------
    LumbayesError
        If the tables are no longer those that were fitted: its numbers would go to wrong rows.
    """
    if data_version(folder) != model.version:
        raise LumbayesError(f"the tables in {folder} changed while they were fitted. Fit again.")
    frame = found.frame
    far = {
        model.numbers[mate].id
        for name in frame["number"][frame["moved"].abs() >= SETTLED]
        for mate in model.mates(model.position(name))
    }
    pulled = {
        n: (float(a), t)
        for n, a, t in zip(frame["number"], frame["after"], frame["target"], strict=True)
        if n in far
    }
    moved = {
        number.id: pulled[original.id]
        for i, number in enumerate(model.numbers)
        if (original := model.numbers[model.original(i)]).id in pulled
    }
    written = []
    for name, columns in (("links.csv", LINK_COLUMNS), ("probabilities.csv", PROBABILITY_COLUMNS)):
        rows = {row.line: dict(row.cells) for row in read_table(name, columns, folder)}
        for number in model.numbers:
            if not number.file.endswith(name):
                continue
            cells = rows[number.line]
            if number.id in moved:
                value, target = moved[number.id]
                cells |= _moved_cells(number, value)
                cells |= {"before_fit": f"{number.before_fit:.4g}", "fitted_to": target}
            elif number.fitted_to:
                cells |= _moved_cells(number, number.before_fit)
                cells |= {"before_fit": "", "fitted_to": ""}
        whole = folder / f"{name}.new"
        with whole.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows.values())
        written.append((whole, folder / name))
    for whole, table in written:
        whole.replace(table)


def _moved_cells(number: Number, value: float) -> dict[str, str]:
    shift = logit(np.array(value)) - logit(np.array(number.value))
    low, high = (
        float(1 / (1 + np.exp(-(logit(np.array(p)) + shift)))) if 0 < p < 1 else p
        for p in (number.low, number.high)
    )
    rounded = float(f"{value:.4g}")
    return {
        "value": f"{rounded:g}",
        "low": f"{min(float(f'{low:.4g}'), rounded):g}",
        "high": f"{max(float(f'{high:.4g}'), rounded):g}",
    }


def _objective(residual: Array, moved: Array, spread: Array) -> float:
    return 0.5 * float((residual**2).sum() + ((moved / spread) ** 2).sum())


def _scale(target: Target, value: Array) -> Array:
    if target.measure in ("probability", "any", "main_source_share"):
        return logit(value)
    logs: Array = np.log(np.maximum(value, TINY))
    return logs


def _error(target: Target) -> float:
    low = max(target.low, target.value / 20)
    high = target.high if target.high < 1 or target.measure not in ("probability", "any") else 0.995
    low_scaled, high_scaled = _scale(target, np.array(low)), _scale(target, np.array(high))
    return max(float(high_scaled - low_scaled) / 3.92, NARROWEST)


@click.command()
@click.option("--tables", type=click.Path(path_type=Path, exists=True, file_okay=False))
def main(tables: Path | None) -> None:
    """Fit the numbers of a folder of tables anew and write them; the package's own if left out."""
    model, folder = load_model(tables), tables or data_dir()
    found = fit(model)
    write(model, found, folder)
    click.echo(f"{len(found.frame)} numbers fitted, written to {folder}")


if __name__ == "__main__":
    main()
