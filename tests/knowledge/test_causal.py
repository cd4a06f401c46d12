"""The network for interventions: contested links carry their causal share, no more, no less."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_tables import write_tables

from lumbayes.inference.queries import evidence, marginals, posterior
from lumbayes.knowledge.causal import causal_network
from lumbayes.knowledge.model import Model, load_model
from lumbayes.network.variables import Network

SHARE = "share:weak→pain"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return load_model(write_tables(tmp_path_factory.mktemp("small")))


@pytest.fixture(scope="module")
def table_model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The contested link ends in a full table."""
    folder = write_tables(
        tmp_path_factory.mktemp("table"),
        "links.csv",
        "pain,yes,leak,,strength,0.1,0.05,0.2,expert,D,leak,,,\n"
        "pain,yes,weak,present,strength,0.5,0.3,0.7,smith,B,,,,\n",
        "",
    )
    with (folder / "probabilities.csv").open("a") as file:
        file.write("pain,yes,weak=absent,0.1,0.05,0.2,smith,B,,,,\n")
        file.write("pain,yes,weak=present,0.55,0.3,0.7,smith,B,,,,\n")
    return load_model(folder)


def with_share(model: Model, share: float, id: str = SHARE) -> np.ndarray:
    values = model.values.copy()
    values[model.position(id)] = share
    return values


def contrast(network: Network, cause: str = "weak", effect: str = "pain") -> float:
    """P(effect | do(present)) - P(effect | do(absent))."""
    high, low = (posterior(network, effect, do={cause: s}) for s in ("present", "absent"))
    return float(high.iloc[1] - low.iloc[1])


def all_marginals(network: Network) -> dict[str, np.ndarray]:
    found = marginals(network, evidence(network, {}), tuple(network)).probabilities
    return {name: found[name].ravel() for name in network}


@pytest.mark.parametrize("which", ["small", "table_model"])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.4, 0.9, 1.0])
def test_the_contrast_shrinks_to_the_share_and_the_effect_stays_as_common(
    request: pytest.FixtureRequest, which: str, share: float
) -> None:
    """Exactly, where the contested cause is the only parent: 0 has no effect, 1 the whole."""
    model: Model = request.getfixturevalue(which)
    plain = model.network
    doing = causal_network(model, with_share(model, share))
    assert contrast(doing) == pytest.approx(share * contrast(plain), abs=1e-12)
    for name, expected in all_marginals(plain).items():
        assert all_marginals(doing)[name] == pytest.approx(expected, abs=1e-12), name


def test_by_hand(small: Model) -> None:
    """Leak 0.1, strength 0.5, share 0.4, 30 % weak: no pain 0.9 x (1 - 0.6 x 0.3 x 0.5) unweak."""
    doing = causal_network(small)
    assert posterior(doing, "pain", do={"weak": "absent"})["no"] == pytest.approx(0.9 * 0.91)
    assert posterior(doing, "pain", do={"weak": "present"})["no"] == pytest.approx(
        0.9 * (0.4 * 0.5 + 0.6 * 0.85)
    )


def test_a_share_of_one_everywhere_is_the_plain_network(model: Model) -> None:
    values = model.values.copy()
    for number in model.numbers:
        if number.quantity == "causal_share":
            values[model.position(number.id)] = 1.0
    doing = causal_network(model, values)
    for name in model.network:
        assert doing[name].cpt == pytest.approx(model.network[name].cpt, abs=1e-12), name


def test_a_share_of_nothing_cuts_the_link(model: Model) -> None:
    doing = causal_network(model, with_share(model, 0.0, "share:gmed_weak→tfl_tight"))
    assert contrast(model.network, "gmed_weak", "tfl_tight") > 0.01
    assert contrast(doing, "gmed_weak", "tfl_tight") == pytest.approx(0.0, abs=1e-12)


def test_links_that_are_not_contested_stay(model: Model) -> None:
    doing = causal_network(model)
    contested = {link.effect for link in model.links if link.causal_share is not None}
    for name in set(model.network) - contested:
        assert np.array_equal(doing[name].cpt, model.network[name].cpt), name


def test_everything_stays_about_as_common(model: Model) -> None:
    """Parents of one effect go together a little, so marginals move, by less than half a point."""
    before, after = all_marginals(model.network), all_marginals(causal_network(model))
    for name, expected in before.items():
        assert after[name] == pytest.approx(expected, abs=0.005), name


def test_draws_agree_with_each_draw_alone(model: Model) -> None:
    values = model.draw(3, seed=2)
    together = causal_network(model, values)
    assert together.draws == 3
    contested = {link.effect for link in model.links if link.causal_share is not None}
    for d in range(3):
        alone = causal_network(model, values[:, d])
        for name in contested:
            assert together[name].cpt[..., d] == pytest.approx(alone[name].cpt, abs=1e-10), name


def test_without_contested_links_nothing_changes(tmp_path: Path) -> None:
    share = "pain,,weak,,causal_share,0.4,0.1,0.8,expert,D,,,,\n"
    model = load_model(write_tables(tmp_path, "links.csv", share, ""))
    doing = causal_network(model)
    assert all(np.array_equal(doing[n].cpt, model.network[n].cpt) for n in model.network)
