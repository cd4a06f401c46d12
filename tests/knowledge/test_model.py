"""The model: its numbers, and networks of other numbers and of draws."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_tables import write_tables

from lumbayes.errors import LumbayesError, TableError, UnknownNameError
from lumbayes.knowledge.conversions import beta_from_interval
from lumbayes.knowledge.definition import Number
from lumbayes.knowledge.model import Model, load_model
from lumbayes.knowledge.tables import data_dir
from lumbayes.network.variables import Network, NoisyMax, Table

DRAWS = 4000


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return load_model(write_tables(tmp_path_factory.mktemp("small")))


@pytest.fixture(scope="module")
def drawn(model: Model, tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    """Draws of each number from its own interval: a folder without a joint posterior."""
    alone = replace(model, folder=tmp_path_factory.mktemp("alone"))
    assert alone.joint_posterior is None
    return alone.draw(DRAWS, seed=1)


def test_every_number_stands_where_it_says(small: Model) -> None:
    network = small.network
    assert network["ill"].cpt == pytest.approx(np.array([[0.9, 0.1], [0.75, 0.25]]))
    noisy = network["sign"].distribution
    assert isinstance(noisy, NoisyMax)
    assert noisy.leak == pytest.approx([0.94, 0.05, 0.01])
    assert noisy.effects[0] == pytest.approx(np.array([[1, 0, 0], [0.2, 0.3, 0.5]]))


def test_names_by_layer(model: Model) -> None:
    assert set(model.names("finding", "triage_only")) > {"slr", "collapse"}
    assert model.names() == ()
    with pytest.raises(
        UnknownNameError, match=r"unknown layer 'findings'\. Did you mean 'finding'"
    ):
        model.names("findings")


def test_a_number_is_found_by_its_id(small: Model) -> None:
    number = small.number("pain=yes<-leak")
    assert small.numbers[small.position(number.id)] is number
    assert small.values[small.position(number.id)] == 0.1
    with pytest.raises(UnknownNameError, match=r"unknown number .* Did you mean 'pain=yes<-leak'"):
        small.number("pain=yes<-leek")


def test_mates_are_the_numbers_of_one_distribution(model: Model) -> None:
    """Mates agree on who they are, stand in one table under one condition, and sum to at most 1."""
    for i, number in enumerate(model.numbers):
        mates = model.mates(i)
        assert i in mates
        assert all(model.mates(j) == mates for j in mates)
        assert len({(model.numbers[j].variable, model.numbers[j].given) for j in mates}) == 1
        assert sum(model.values[j] for j in mates) <= 1 + 1e-9
        if number.quantity != "causal_share":
            assert len(mates) == len(model.network[number.variable].states) - 1
        else:
            assert mates == (i,)


def arrays(network: Network) -> dict[str, tuple[np.ndarray, ...]]:
    made = {}
    for name in network:
        found = network[name].distribution
        made[name] = (found.values,) if isinstance(found, Table) else (found.leak, *found.effects)
    return made


def test_the_network_of_draws_is_the_networks_of_each_draw(model: Model) -> None:
    values = model.draw(3, seed=5)
    together = model.network_with(values)
    assert together.draws == 3
    for d in range(3):
        alone = model.network_with(values[:, d])
        assert alone.draws is None
        for name, found in arrays(alone).items():
            for one, many in zip(found, arrays(together)[name], strict=True):
                assert np.array_equal(one, many[..., d])


@pytest.mark.parametrize("shape", [(3,), (3, 2), ()])
def test_values_of_another_length_are_refused(small: Model, shape: tuple[int, ...]) -> None:
    with pytest.raises(LumbayesError, match=r"values have shape .*, expected \(11,\) or \(11, dra"):
        small.network_with(np.full(shape, 0.5))


def test_values_that_are_no_probabilities_are_refused(small: Model) -> None:
    values = small.values.copy()
    values[small.position("sign=mild<-ill=present")] = 0.6
    with pytest.raises(LumbayesError, match="sign: a row of its table does not sum to 1"):
        small.network_with(values)


def spread(number: Number) -> float:
    return (number.high - number.low) / 3.92


def is_drawn(number: Number) -> bool:
    return number.high > number.low and 0 < number.value < 1


def test_draws_have_the_mean_of_their_numbers(model: Model, drawn: np.ndarray) -> None:
    """Within five standard errors of 4,000 draws, whatever the interval."""
    error = drawn.std(axis=1) / DRAWS**0.5
    assert (np.abs(drawn.mean(axis=1) - model.values) <= 5 * error + 1e-12).all()


def test_draws_have_the_spread_of_their_intervals(model: Model, drawn: np.ndarray) -> None:
    """A Beta by moments; an interval too wide for a Beta of that mean gives the widest there is."""
    checked = 0
    for i, number in enumerate(model.numbers):
        if len(model.mates(i)) > 1 or not is_drawn(number):
            continue
        a, b = beta_from_interval(number.value, number.low, number.high)
        exact = (number.value * (1 - number.value) / (a + b + 1)) ** 0.5
        assert drawn[i].std() == pytest.approx(exact, rel=0.12), number.id
        assert exact <= spread(number) * (1 + 1e-9), number.id
        checked += exact == pytest.approx(spread(number))
    assert checked > 200


def test_several_states_are_drawn_with_the_smallest_sample_size(small: Model) -> None:
    """Dirichlet: each state has the variance of its mean at one common size, none is narrower."""
    drawn = small.draw(20_000, seed=2)
    group = small.mates(small.position("sign=mild<-ill=present"))
    sizes = [
        sum(beta_from_interval(n.value, n.low, n.high)) for n in (small.numbers[i] for i in group)
    ]
    for i in group:
        mean = small.values[i]
        variance = mean * (1 - mean) / (min(sizes) + 1)
        assert drawn[i].var() == pytest.approx(variance, rel=0.05)
        assert drawn[i].std() >= spread(small.numbers[i]) * 0.97
    first, second = (drawn[i] for i in group)
    expected = -0.3 * 0.5 / (min(sizes) + 1)
    assert np.cov(first, second)[0, 1] == pytest.approx(expected, rel=0.1)


def test_every_draw_is_a_network(model: Model, drawn: np.ndarray) -> None:
    assert ((drawn >= 0) & (drawn <= 1)).all()
    for i in range(len(model.numbers)):
        assert (drawn[list(model.mates(i))].sum(axis=0) <= 1 + 1e-9).all()
    assert model.network_with(drawn[:, :50]).draws == 50


def test_what_is_possible_is_possible_in_every_draw(model: Model, drawn: np.ndarray) -> None:
    """A zero says never; only a zero in the tables may say so."""
    possible = (model.values > 0) & (model.values < 1)
    assert ((drawn[possible] > 0) & (drawn[possible] < 1)).all()
    assert (drawn[~possible] == model.values[~possible, None]).all()


def test_a_number_without_width_stays(small: Model) -> None:
    place = small.position("age=old")
    assert (small.draw(20)[place] == 0.4).all()


def test_the_same_seed_gives_the_same_draws(small: Model) -> None:
    assert np.array_equal(small.draw(30, seed=3), small.draw(30, seed=3))
    assert not np.array_equal(small.draw(30, seed=3), small.draw(30, seed=4))


def test_numbers_of_one_draw_group_are_drawn_once(model: Model, drawn: np.ndarray) -> None:
    groups: dict[str, list[int]] = {}
    for i, number in enumerate(model.numbers):
        if number.draw_group:
            groups.setdefault(number.draw_group, []).append(i)
    assert max(len(g) for g in groups.values()) > 1
    for group in groups.values():
        assert all(model.original(i) == group[0] for i in group)
        assert all(np.array_equal(drawn[i], drawn[group[0]]) for i in group)
    alone = [i for i, n in enumerate(model.numbers) if is_drawn(n) and model.original(i) == i]
    assert len({drawn[i, 0] for i in alone}) == len(alone)


def test_the_same_tables_give_the_same_object_and_changed_ones_do_not(tmp_path: Path) -> None:
    assert load_model() is load_model()
    first = load_model(write_tables(tmp_path))
    assert load_model(tmp_path) is first
    links = tmp_path / "links.csv"
    links.write_text(links.read_text().replace("0.5,0.3,0.7", "0.6,0.3,0.7"))
    second = load_model(tmp_path)
    assert second.number("pain=yes<-weak=present").value == 0.6
    assert second.version != first.version


def test_a_copy_of_the_shipped_tables_is_the_shipped_model(model: Model, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(data_dir(), tmp_path / "data"))
    copy = load_model(folder)
    assert copy.version == model.version
    assert np.array_equal(copy.values, model.values)
    links = folder / "links.csv"
    text = links.read_text()
    links.write_text(
        text.replace("asks_for_care,yes,low_back_pain,", "asks_for_care,yes,back_pain,")
    )
    with pytest.raises(TableError, match=r"links\.csv, line \d+: unknown variable 'back_pain'"):
        load_model(folder)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"nowhere.sources\.csv is missing"):
        load_model(tmp_path / "nowhere")


def test_loading_brings_in_the_tables_alone() -> None:
    """What makes a start slow stays out: frames, engines of others, trees."""
    code = (
        "import sys; from lumbayes.knowledge.model import load_model; load_model(); "
        "print(*sorted({m.split('.')[0] for m in sys.modules} & {'pandas', 'pyarrow', 'scipy', "
        "'pgmpy', 'networkx', 'streamlit', 'click'}), "
        "*(m for m in sys.modules if m == 'lumbayes.inference.compiled_tree'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.split() == []


def test_draws_follow_the_joint_posterior(model: Model) -> None:
    """Their covariance, on the logit scale, is the one that is stored: narrower, and correlated."""
    joint = model.joint_posterior
    assert joint is not None
    values = model.draw(4000, seed=3)
    place = [i for i, id in enumerate(joint.ids) if len(model.mates(model.position(id))) == 1]
    rows = values[[model.position(joint.ids[i]) for i in place]]
    logits = np.log(rows / (1 - rows))
    part = joint.directions[place] * joint.deviations[place, None]
    exact = np.diag(joint.deviations[place] ** 2) - (part * joint.narrowed) @ part.T
    width = np.sqrt(np.diag(exact))
    assert logits.std(axis=1) == pytest.approx(width, rel=0.12)
    assert np.all(width <= joint.deviations[place] * (1 + 1e-9))
    strong = np.argwhere(np.triu(np.abs(exact / np.outer(width, width)), 1) > 0.2)
    assert len(strong) > 5
    for a, b in strong:
        expected = exact[a, b] / (width[a] * width[b])
        assert np.corrcoef(logits[a], logits[b])[0, 1] == pytest.approx(expected, abs=0.08)


def test_a_posterior_of_other_values_is_not_used(model: Model, tmp_path: Path) -> None:
    assert model.joint_posterior is not None
    text = (data_dir() / "posterior.csv").read_text().splitlines()
    cells = text[2].rsplit(",", text[0].count(","))
    text[2] = ",".join([cells[0], str(float(cells[1]) * 1.1), *cells[2:]])
    (tmp_path / "posterior.csv").write_text("\n".join(text))
    assert replace(model, folder=tmp_path).joint_posterior is None
