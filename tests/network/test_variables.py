"""The network: noisy-MAX by its definition, the checks at the door, the pgmpy form."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import probability
from strategies import networks, random_network, seeds

from lumbayes.errors import LumbayesError, UnknownNameError
from lumbayes.network.pgmpy_models import to_pgmpy
from lumbayes.network.variables import Network, NoisyMax, Table, Variable, noisy_max_table

YES_NO = ("no", "yes")


def table(*values: object) -> Table:
    return Table(np.array(values, dtype=float))


def root(name: str, *values: float) -> Variable:
    return Variable(name, tuple(f"s{i}" for i in range(len(values))), (), table(*values))


@given(seeds, st.sampled_from([None, 1, 3]))
def test_a_noisy_max_table_is_its_definition(seed: int, draws: int | None) -> None:
    """The largest of independent contributions, counted one by one; draws of length 1 spread."""
    network = random_network(np.random.default_rng(seed), 4, draws=draws, noisy=1.0)
    for variable in network.variables.values():
        cpt = variable.cpt
        assert cpt.min() >= 0.0
        assert cpt.sum(axis=-1 if draws is None else -2) == pytest.approx(1.0, abs=1e-12)
        for place in np.ndindex(cpt.shape if draws is None else cpt.shape[:-1]):
            *parents, state = place
            for draw in range(1 if draws is None else cpt.shape[-1]):
                expected = probability(
                    variable, tuple(parents), state, None if draws is None else draw
                )
                found = cpt[place] if draws is None else cpt[place][draw]
                assert found == pytest.approx(expected, abs=1e-12)


def test_a_noisy_or_by_hand() -> None:
    """Leak 0.1, causes 0.5 and 0.2: 1 - 0.9 x 0.5 x 0.8 = 0.64 with both."""
    effects = tuple(np.array([[1.0, 0.0], [1 - p, p]]) for p in (0.5, 0.2))
    cpt = noisy_max_table(NoisyMax(np.array([0.9, 0.1]), effects))
    assert cpt[..., 1] == pytest.approx(np.array([[0.1, 0.28], [0.55, 0.64]]))


@given(networks())
def test_parents_come_before_children(network: Network) -> None:
    order = list(network)
    assert len(network) == len(order)
    for variable in network.variables.values():
        assert all(order.index(p) < order.index(variable.name) for p in variable.parents)


def test_arrays_are_frozen_at_the_door() -> None:
    network = Network([root("a", 0.3, 0.7)])
    with pytest.raises(ValueError, match="read-only"):
        network["a"].cpt[0] = 1.0


def test_unknown_names_suggest_the_nearest() -> None:
    network = Network([Variable("pain", YES_NO, (), table(0.4, 0.6))])
    assert "pain" in network and "gain" not in network
    with pytest.raises(UnknownNameError, match=r"unknown variable 'pian'\. Did you mean 'pain'"):
        network["pian"]
    with pytest.raises(UnknownNameError, match=r"unknown state of pain 'Yes'\. Did you mean 'yes'"):
        network["pain"].index("Yes")


A, B = root("a", 0.3, 0.7), root("b", 0.3, 0.7)
EFFECT = np.array([[1.0, 0.0], [0.5, 0.5]])
LEAK = np.array([0.9, 0.1])
FREE = np.array([0.5, 0.5])


def child(parents: tuple[str, ...], distribution: Table | NoisyMax, name: str = "c") -> Variable:
    return Variable(name, YES_NO, parents, distribution)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Network([A, A]), "a: defined twice. Give each variable one definition."),
        (lambda: Network([child(("aa",), table())]), "unknown parent of c 'aa'. Known: c."),
        (
            lambda: Network([A, child(("a", "a"), NoisyMax(LEAK, (EFFECT, EFFECT)))]),
            "c: a parent stands twice in a, a. Remove one.",
        ),
        (
            lambda: Network(
                [child(("c",), table(), "d"), child(("d",), table(), "e"), child(("e",), table())]
            ),
            "the arrows form a cycle: ",
        ),
        (lambda: Network([root("a")]), "a: it needs states that differ, got none."),
        (
            lambda: Network([Variable("a", ("x", "x"), (), table(0.5, 0.5))]),
            "a: it needs states that differ, got x, x. Rename or add some.",
        ),
        (lambda: Network([root("a", 0.3, 0.6)]), "a: a row of its table does not sum to 1"),
        (lambda: Network([root("a", 1.3, -0.3)]), "the least value is -0.3."),
        (lambda: Network([root("a", np.nan, 1.0)]), "a: a row of its table does not sum to 1"),
        (lambda: Network([root("a", 0.3, 0.700001)]), "the sums go from 1.000001 to 1.000001,"),
        (
            lambda: Network([A, child(("a",), table(0.5, 0.5))]),
            "c: its table has shape (2,), expected (2, 2).",
        ),
        (
            lambda: Network([A, B, child(("a", "b"), NoisyMax(LEAK, (EFFECT,)))]),
            "c: 2 parents but 1 noisy-MAX effects. Give one for each parent.",
        ),
        (
            lambda: Network([A, child(("a",), NoisyMax(LEAK, (FREE,)))]),
            "c: its table has shape (2,), expected (2, 2).",
        ),
        (
            lambda: Network([A, child(("a",), NoisyMax(LEAK, (EFFECT[::-1].copy(),)))]),
            "c: s0, the first state of its cause a, must leave it at no: row 0 must be (1, 0",
        ),
        (lambda: Network([A], 0), "a network of 0 draws has no numbers. Ask for 1 or more."),
        (lambda: Network([A], 3), "a: its table has shape (2,), expected (2, 3)."),
        (
            lambda: Network([Variable("a", YES_NO, (), Table(np.full((2, 2), 0.5)))], 3),
            "a: its table has shape (2, 2), expected (2, 3).",
        ),
    ],
)
def test_what_is_no_network_is_refused(build: Callable[[], Network], message: str) -> None:
    with pytest.raises(LumbayesError) as caught:
        build()
    assert message in str(caught.value)


def test_a_cycle_is_told_along_its_arrows() -> None:
    """a → b → c → a: each arrow that is named exists."""
    arrows = {"b": "a", "c": "b", "a": "c"}
    with pytest.raises(LumbayesError, match="cycle") as caught:
        Network(child((cause,), table(), effect) for effect, cause in arrows.items())
    told = str(caught.value).split("cycle: ")[1].removesuffix(". Remove one.").split(" → ")
    assert len(told) == 4
    assert all(arrows[effect] == cause for cause, effect in pairwise(told))


@settings(max_examples=20)
@given(networks(most_variables=5))
def test_the_pgmpy_form_says_the_same(network: Network) -> None:
    model = to_pgmpy(network)
    assert model.check_model()
    assert set(model.nodes()) == set(network)
    for variable in network.variables.values():
        cpd = model.get_cpds(variable.name)
        order = [variable.name, *variable.parents]
        assert cpd.state_names == {n: list(network[n].states) for n in order}
        found = np.moveaxis(np.asarray(cpd.values), 0, -1)
        assert [cpd.variable, *cpd.variables[1:]] == order
        assert found == pytest.approx(variable.cpt, abs=1e-12)


def test_draws_have_no_pgmpy_form() -> None:
    network = Network([Variable("a", YES_NO, (), Table(np.full((2, 3), 0.5)))], 3)
    with pytest.raises(LumbayesError, match="has no pgmpy form: pass the network of means"):
        to_pgmpy(network)
