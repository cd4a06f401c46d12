"""The synthesis: exact derivatives, the posterior against plain sampling, prediction left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_tables import write_tables

from lumbayes.knowledge.coordinates import coordinates, free_numbers, spread, values_at
from lumbayes.knowledge.model import Model, load_model
from lumbayes.knowledge.tables import read_table
from lumbayes.literature.derivatives import Quantities
from lumbayes.literature.figures import KINDS, Figure, read_figures
from lumbayes.literature.predictions import PREDICTION_COLUMNS
from lumbayes.literature.synthesis import OFFSET, Synthesis, synthesise
from lumbayes.network.variables import Array


def small(folder: Path) -> Model:
    write_tables(folder)
    (folder / "target_settings.csv").write_text("target_id,setting\nsign-ill,referred\n")
    return load_model(folder)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return small(tmp_path_factory.mktemp("tables"))


@pytest.fixture(scope="module")
def found(model: Model) -> Synthesis:
    return synthesise(model)


def start(model: Model) -> tuple[list[int], Array]:
    free = free_numbers(model)
    return free, coordinates(model, model.values)[free]


def test_derivatives_are_exact(model: Model) -> None:
    free, point = start(model)
    quantities = Quantities(model, free, read_figures(model))
    values, jacobian = quantities.at(point)
    every = np.arange(len(values))
    assert quantities.values(point, every) == pytest.approx(values, abs=1e-12)
    for i in range(len(free)):
        step = np.zeros(len(free))
        step[i] = 1e-5
        slope = (
            quantities.values(point + step, every) - quantities.values(point - step, every)
        ) / 2e-5
        assert jacobian[:, i] == pytest.approx(slope, abs=1e-8), model.numbers[free[i]].id


def test_coordinates_and_values_are_one_another(model: Model) -> None:
    free, point = start(model)
    assert values_at(model, free, point[:, None])[:, 0] == pytest.approx(model.values, abs=1e-12)


def test_figures_know_their_kind_and_setting(model: Model) -> None:
    figures = {f.target.id: f for f in read_figures(model)}
    assert figures["sign-ill"].setting == "referred" and figures["sign-ill"].kind == "accuracy"
    assert figures["pain-all"].setting == "primary_care"
    assert figures["pain-all"].kind == "other_share"
    shipped = {f.target.id: f.kind for f in read_figures(load_model())}
    assert shipped["late-axspa"] == "condition_share"
    assert shipped["PREV-012"] == "other_share"


def test_the_posterior_agrees_with_plain_sampling(model: Model, found: Synthesis) -> None:
    """Weighted draws from the prior, no derivative and no Gaussian: the same means and widths."""
    figures = read_figures(model)
    free, point = start(model)
    rng = np.random.default_rng(5)
    n = 40_000
    width = np.array([spread(model, i) for i in free])
    drawn = point[:, None] + width[:, None] * rng.standard_normal((len(free), n))
    quantities = Quantities(model, free, figures)
    from lumbayes.literature.target_values import target_values

    network = model.network_with(values_at(model, free, drawn))
    chances = target_values(network, [f.target for f in figures], model.names("condition"))
    log_weight = np.zeros(n)
    for figure, chance in zip(figures, chances, strict=True):
        scaled = np.log(chance / (1 - chance)) if figure.share else np.log(chance)
        more = OFFSET**2 if figure.setting == "referred" else 0.0
        total = figure.error**2 + found.between[figure.kind] ** 2 + more
        log_weight -= 0.5 * (scaled - figure.value) ** 2 / total
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    mean = drawn @ weight
    deviation = np.sqrt(((drawn - mean[:, None]) ** 2) @ weight)
    ours = np.sqrt(np.diag(found.covariance))
    assert quantities.free == free
    assert found.mode == pytest.approx(mean, abs=0.2 * width.max())
    assert ours == pytest.approx(deviation, rel=0.2)


def test_figures_never_make_a_number_less_sure(model: Model, found: Synthesis) -> None:
    assert np.all(np.sqrt(np.diag(found.covariance)) <= found.prior * (1 + 1e-9))
    assert np.linalg.eigvalsh(found.covariance).min() > 0


def test_a_source_left_out_is_predicted_without_it(model: Model, tmp_path: Path) -> None:
    """Whatever the only source says, its prediction is that of the numbers' own intervals."""
    folder = tmp_path / "other"
    write_tables(folder, "targets.csv", "0.35,0.33,0.37", "0.15,0.13,0.17")
    (folder / "target_settings.csv").write_text("target_id,setting\n")
    figures = [f for f in read_figures(load_model(folder)) if f.target.id == "pain-all"]
    low = synthesise(load_model(folder), figures)
    same = [f for f in read_figures(model) if f.target.id == "pain-all"]
    high = synthesise(model, same)
    assert low.left_out[0, 0] == pytest.approx(high.left_out[0, 0], abs=1e-9)
    assert high.fitted[0] > low.fitted[0]


def test_kinds_are_those_that_deviate(found: Synthesis) -> None:
    assert set(found.between) == set(KINDS)
    assert all(isinstance(f, Figure) for f in found.figures)
    assert min(found.between.values()) > 0


def test_what_is_stored_is_of_these_tables() -> None:
    """Before any figure the network says now what it said when the predictions were computed."""
    shipped = load_model()
    rows = read_table("predictions.csv", PREDICTION_COLUMNS)
    figures = read_figures(shipped)
    assert [row["target_id"] for row in rows] == [f.target.id for f in figures]
    before = np.array([n.before_fit for n in shipped.numbers])
    free = free_numbers(shipped)
    point = coordinates(shipped, before)[free]
    said = Quantities(shipped, free, figures).values(point, np.arange(len(figures)))
    assert [float(row["alone_mean"]) for row in rows] == pytest.approx(said, abs=0.01)
    assert shipped.joint_posterior is not None
    assert set(shipped.joint_posterior.ids) == {shipped.numbers[i].id for i in free}
