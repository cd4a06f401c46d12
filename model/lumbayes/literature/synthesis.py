"""Bayesian evidence synthesis: all published figures at once, and the joint posterior of numbers.

The numbers start from their own intervals; every published figure is an observation of a quantity
of the network, on the logit scale (log for ratios), with its sampling error, a deviation between
studies estimated for its kind, and an offset of the setting that it comes from. The posterior is
Gaussian around its mode (Gauss-Newton, Laplace), with exact derivatives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from lumbayes.atomic_files import atomic_write
from lumbayes.knowledge.coordinates import coordinates, free_numbers, spread
from lumbayes.knowledge.model import Model, load_model
from lumbayes.knowledge.posterior import NARROWED
from lumbayes.knowledge.tables import data_dir
from lumbayes.literature.derivatives import Quantities
from lumbayes.literature.figures import KINDS, OFFSETS, Figure, read_figures
from lumbayes.literature.predictions import PREDICTION_COLUMNS
from lumbayes.network.variables import Array

OFFSET = 0.5
"""Standard deviation, before any figure, of what a setting adds on the logit or log scale."""
FIRST = {kind: 0.3 if kind == "odds_ratio" else 0.5 for kind in KINDS}
LEAST = 0.05
FELT = 0.15
"""Share of the variance that figures must take along a direction for it to be stored."""
ROUNDS = 12
SETTLED = 0.02
"""The last step moves no coordinate by more of its own standard deviation."""
VAGUE = 1.5
"""Standard deviation, logit scale, of a number whose own source is left out."""


@dataclass(frozen=True, eq=False)
class Synthesis:
    """Where the numbers stand once all figures are taken into account.

    Attributes
    ----------
    free : tuple of int
        Positions of the free numbers in ``model.numbers``; fixed ones and copies are left out.
    mode : array, shape (f,)
        Their coordinates: log of each number over what its distribution leaves to the reference.
    prior : array, shape (f,)
        Standard deviations before any figure.
    covariance : array, shape (f, f)
        Of the coordinates, after all figures.
    offsets : mapping of (kind, setting) to (float, float)
        Mean and standard deviation of what a setting adds.
    between : mapping of kind to float
        Standard deviation between studies, logit or log scale.
    figures : tuple of Figure
        What was observed.
    fitted : array, shape (n,)
        What the network says at the mode, on the scale of each figure, offsets left out.
    left_out : array, shape (n, 2)
        Mean and standard deviation of the prediction of each figure from all other sources, on its
        scale; it holds the deviation between studies and the sampling error. Numbers that cite the
        source are let loose (``VAGUE``), though their value stays where the search begins.
    alone : array, shape (n, 2)
        The same from the numbers' own intervals, before any figure.
    loose : array, shape (n,)
        The standard deviation of ``alone`` with the numbers that cite the source let loose, as for
        ``left_out``: what the network says that has read neither the source nor any figure.
    """

    free: tuple[int, ...]
    mode: Array
    prior: Array
    covariance: Array
    offsets: Mapping[tuple[str, str], tuple[float, float]]
    between: Mapping[str, float]
    figures: tuple[Figure, ...]
    fitted: Array
    left_out: Array
    alone: Array
    loose: Array


def synthesise(model: Model, figures: Sequence[Figure] | None = None) -> Synthesis:
    """Combine the numbers' own intervals with every published figure.

    Parameters
    ----------
    model : Model
        Each number starts from its value before any fit.
    figures : sequence of Figure, optional
        Those of the model's folder if left out.

    Returns
    -------
    Synthesis
        Nothing is written.

    Notes
    -----
    Deviations between studies: the expectation-maximisation of variance components, one for each
    kind of figure. Sources: Sutton & Abrams (2001), Stat Methods Med Res 10:277, for Bayesian
    synthesis; Ades & Sutton (2006), J R Stat Soc A 169:5, for figures as functions of parameters.
    """
    figures = tuple(read_figures(model) if figures is None else figures)
    free = free_numbers(model)
    start = coordinates(model, np.array([n.before_fit for n in model.numbers]))[free]
    prior = np.array([spread(model, i) for i in free])
    quantities = Quantities(model, free, figures)
    observed = np.array([f.value for f in figures])
    error = np.array([f.error for f in figures])
    design = _design(figures)
    scale = np.concatenate([prior, np.full(design.shape[1], OFFSET)])
    between = dict(FIRST)
    moved = np.zeros(len(scale))
    alone = np.empty((len(figures), 2))
    first = np.empty((len(figures), len(free)))
    for round_ in range(ROUNDS):
        values, jacobian = quantities.at(start + moved[: len(free)])
        if round_ == 0:
            first = jacobian**2
            alone[:, 0], alone[:, 1] = values, first @ prior**2
        full = np.hstack([jacobian, design])
        for _ in range(30):  # deviations between studies at this linearisation
            total = _variance(figures, error, between)
            target = observed - values + jacobian @ moved[: len(free)]
            after, spread_after = _posterior(full, target, total, scale)
            between = _between(figures, error, between, target - full @ after, full, spread_after)
        step = np.clip(after - moved, -1.0, 1.0)
        moved = moved + step
        if np.abs(step / scale).max() < SETTLED:
            break
    values, jacobian = quantities.at(start + moved[: len(free)])
    full = np.hstack([jacobian, design])
    total = _variance(figures, error, between)
    _, covariance = _posterior(full, observed - values, total, scale)
    cited = np.array([model.numbers[i].source for i in free])
    left_out = np.full((len(figures), 2), np.nan)
    loose = np.empty(len(figures))
    for source in sorted({x.source for x in figures}):
        out = np.array([x.source == source for x in figures])
        own = np.concatenate([cited == source, np.zeros(design.shape[1], dtype=bool)])
        looser = np.where(own, np.maximum(scale, VAGUE), scale)
        loose[out] = np.sqrt(first[out] @ looser[: len(free)] ** 2 + total[out])
        target = observed - values + jacobian @ moved[: len(free)]
        mean, wide = _posterior(full[~out], target[~out], total[~out], looser)
        exact = quantities.values(start + mean[: len(free)], np.flatnonzero(out))
        left_out[out, 0] = exact + design[out] @ mean[len(free) :]
        spread_out = ((full[out] @ wide) * full[out]).sum(axis=1)
        left_out[out, 1] = np.sqrt(spread_out + total[out])
    names = [(k, s) for k in KINDS for s in OFFSETS]
    f = len(free)
    offsets = {
        name: (float(moved[f + i]), float(np.sqrt(covariance[f + i, f + i])))
        for i, name in enumerate(names)
    }
    return Synthesis(
        tuple(free),
        start + moved[:f],
        prior,
        covariance[:f, :f],
        offsets,
        between,
        figures,
        values,
        left_out,
        np.column_stack([alone[:, 0], np.sqrt(alone[:, 1] + total)]),
        loose,
    )


def _design(figures: Sequence[Figure]) -> Array:
    """One column for each kind and setting that has an offset."""
    names = [(k, s) for k in KINDS for s in OFFSETS]
    columns = [[float((f.kind, f.setting) == n) for n in names] for f in figures]
    return np.array(columns, dtype=np.float64)


def _variance(figures: Sequence[Figure], error: Array, between: Mapping[str, float]) -> Array:
    deviation = np.array([between[f.kind] for f in figures], dtype=np.float64)
    total: Array = error**2 + deviation**2
    return total


def _posterior(full: Array, target: Array, total: Array, scale: Array) -> tuple[Array, Array]:
    """Mean and covariance of a linear Gaussian model with prior N(0, scale²)."""
    scaled = full * scale
    inner = scaled @ scaled.T + np.diag(total)
    gain = np.linalg.solve(inner, scaled).T
    covariance = np.eye(len(scale)) - gain @ scaled
    return scale * (gain @ target), covariance * np.outer(scale, scale)


def _between(
    figures: Sequence[Figure],
    error: Array,
    between: Mapping[str, float],
    residual: Array,
    full: Array,
    covariance: Array,
) -> dict[str, float]:
    """One step of expectation-maximisation of the deviations between studies."""
    leverage = ((full @ covariance) * full).sum(axis=1)
    new = {}
    for kind, old in between.items():
        of = np.array([f.kind == kind for f in figures])
        share = old**2 / (old**2 + error[of] ** 2)
        expected = share**2 * (residual[of] ** 2 + leverage[of]) + share * error[of] ** 2
        new[kind] = max(float(np.sqrt(expected.mean())), LEAST) if of.any() else old
    return new


def write_posterior(model: Model, found: Synthesis, folder: Path) -> None:
    """Write ``posterior.csv``: how far the numbers may lie from the tables, all together.

    The tables keep values that clinical laws hold for, where the figures would pull them over a
    limit; the draws must say so. Each deviation is therefore widened by the distance from the value
    in the tables to the mode, the correlations kept.

    Parameters
    ----------
    model : Model
        With the values that the draws are to lie around.
    found : Synthesis
        Of the same numbers.
    folder : Path
        Where it is written; its other tables stay.
    """
    centre = coordinates(model, model.values)[list(found.free)]
    width = np.sqrt(np.diag(found.covariance))
    wider = np.sqrt(1.0 + ((found.mode - centre) / width) ** 2)
    shape = found.covariance / np.outer(found.prior, found.prior)
    share, directions = np.linalg.eigh(np.eye(len(found.prior)) - shape)
    kept = share > FELT
    share, directions = share[kept].clip(max=0.999), directions[:, kept]
    directions = directions * np.where(
        directions[np.abs(directions).argmax(axis=0), range(len(share))] < 0, -1.0, 1.0
    )
    lines = [",".join(["number", "value", "sd", *(f"d{i}" for i in range(len(share)))])]
    lines.append(",".join([NARROWED, "", "", *(f"{x:.4f}" for x in share)]))
    for row, position in enumerate(found.free):
        number = model.numbers[position]
        cells = [f"{number.value:g}", f"{found.prior[row] * wider[row]:.4f}"]
        cells += [
            f"{x:.4f}".replace("-0.0000", "0").replace("0.0000", "0") for x in directions[row]
        ]
        lines.append(",".join([f'"{number.id}"', *cells]))
    atomic_write(folder / "posterior.csv", ("\n".join(lines) + "\n").encode())


def write_predictions(found: Synthesis, folder: Path) -> None:
    """Write ``predictions.csv``: what is predicted of every figure without its own source."""
    lines = [",".join(PREDICTION_COLUMNS)]
    said = np.column_stack([found.left_out, found.alone, found.loose])
    for figure, row in zip(found.figures, said, strict=True):
        lines.append(",".join([figure.target.id, *(f"{x:.3f}" for x in row)]))
    atomic_write(folder / "predictions.csv", ("\n".join(lines) + "\n").encode())


@click.command()
@click.option("--tables", type=click.Path(path_type=Path, exists=True, file_okay=False))
def main(tables: Path | None) -> None:
    """Compute the synthesis of a folder of tables anew and write its predictions; minutes."""
    folder = tables or data_dir()
    model = load_model(folder)
    found = synthesise(model)
    write_predictions(found, folder)
    write_posterior(model, found, folder)
    for kind, deviation in found.between.items():
        click.echo(f"{kind}: deviation between studies {deviation:.2f}")
    for (kind, setting), (mean, sd) in found.offsets.items():
        click.echo(f"{kind}, {setting}: {mean:+.2f} (standard deviation {sd:.2f})")


if __name__ == "__main__":
    main()
