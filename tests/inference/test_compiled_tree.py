"""Trees and what is computed on them: sizes, noisy-MAX gates, the same answers on any tree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from oracle import probability
from strategies import random_evidence, random_network, seeds

from lumbayes.inference import arrays, batches
from lumbayes.inference.elimination import good_eliminations
from lumbayes.inference.factors import factor_graph, larger, max_table
from lumbayes.inference.greedy_elimination import MaxGate
from lumbayes.inference.queries import log_probability, marginals, posterior, tree_size
from lumbayes.network.variables import Network, NoisyMax, Table, Variable


def wide_network(causes: int, states: int = 2) -> Network:
    """Independent causes of one noisy-MAX effect."""
    rng = np.random.default_rng(causes)
    made = [
        Variable(f"c{i}", ("no", "yes"), (), Table(np.array([0.9, 0.1]))) for i in range(causes)
    ]
    effects = []
    for _ in range(causes):
        row = rng.random(states)
        effects.append(np.array([np.eye(states)[0], row / row.sum()]))
    leak = np.array([0.99, *[0.01 / (states - 1)] * (states - 1)])
    names = tuple(f"y{i}" for i in range(states))
    made.append(Variable("y", names, tuple(v.name for v in made), NoisyMax(leak, tuple(effects))))
    return Network(made)


def cost(network: Network, rows: int = 1) -> int:
    """Entries that one pass over the tree of a network touches."""
    graph = factor_graph(network)
    return good_eliminations(graph.cards, *graph.planned, rows)[0].cost


@given(seeds)
@settings(max_examples=50)
def test_the_table_of_a_maximum_equals_counting_contributions(seed: int) -> None:
    network = random_network(np.random.default_rng(seed), 5, noisy=1.0)
    for variable in network.variables.values():
        noisy = variable.distribution
        assert isinstance(noisy, NoisyMax)
        table = max_table(noisy.leak[:, None], [e[..., None] for e in noisy.effects])[..., 0]
        for *x, y in np.ndindex(*table.shape):
            assert table[(*x, y)] == pytest.approx(probability(variable, tuple(x), y), rel=1e-13)


def test_the_larger_of_two_keeps_the_smallest_probabilities() -> None:
    """No difference is ever taken, so 1e-20 does not drown in 1."""
    rare = np.array([[1.0], [1e-20]])
    assert larger(rare, rare)[1, 0] == pytest.approx(2e-20, rel=1e-12)


@pytest.mark.parametrize("causes", [3, 8, 20, 60])
def test_a_noisy_or_of_many_causes_needs_a_tree_linear_in_them(causes: int) -> None:
    assert tree_size(wide_network(causes)) <= 16 * causes


@pytest.mark.parametrize("causes", [3, 8, 20, 60])
def test_a_wide_noisy_or_seen_present_agrees_with_its_formula(causes: int) -> None:
    network = wide_network(causes)
    noisy = network["y"].distribution
    assert isinstance(noisy, NoisyMax)
    spared = [0.9 + 0.1 * e[1, 0] for e in noisy.effects]
    present = 1 - 0.99 * np.prod(spared)
    assert np.exp(log_probability(network, {"y": "y1"})) == pytest.approx(present, rel=1e-12)
    with_first = 0.1 * (1 - 0.99 * np.prod(spared[1:]) * noisy.effects[0][1, 0])
    found = posterior(network, "c0", {"y": "y1"})["yes"]
    assert found == pytest.approx(with_first / present, rel=1e-12)


@pytest.mark.parametrize("state", [0, 1, 2, 3])
def test_a_graded_effect_seen_at_a_state_agrees_with_its_cumulative_formula(state: int) -> None:
    network = wide_network(9, states=4)
    noisy = network["y"].distribution
    assert isinstance(noisy, NoisyMax)

    def at_most(y: int) -> float:
        shares = [0.9 + 0.1 * e[1, : y + 1].sum() for e in noisy.effects]
        return float(noisy.leak[: y + 1].sum() * np.prod(shares)) if y >= 0 else 0.0

    found = np.exp(log_probability(network, {"y": f"y{state}"}))
    assert found == pytest.approx(at_most(state) - at_most(state - 1), rel=1e-10)


def steps(network: Network, hard: dict[str, int], asked: str) -> arrays.ArrayPlan:
    """The steps that a question takes."""
    tree = batches.general_tree(network)
    assert tree is not None
    number = tree.number
    plan = arrays.plan(
        tree, {number[v]: s for v, s in hard.items()}, {}, {}, [number[asked]], [], 1 << 40
    )
    assert plan is not None
    return plan


def test_an_absent_effect_couples_nothing() -> None:
    plan = steps(wide_network(12), {"y": 0}, "c0")
    assert plan.largest == 2


def test_unobserved_leaves_are_dropped() -> None:
    plan = steps(wide_network(12), {"c1": 1}, "c0")
    assert len(plan.free) == 1


def test_a_chain_has_the_smallest_tree() -> None:
    scopes = tuple((i, i + 1) for i in range(9))
    (tree, *_) = good_eliminations((3,) * 10, scopes, (), 1)
    assert tree.size == 9 * 9


def test_a_gate_is_split_into_tables_that_fit_its_cliques() -> None:
    (tree, *_) = good_eliminations((2,) * 8, (), (MaxGate(7, 2, tuple(range(7)), False),), 1)
    for bucket in tree.buckets:
        for merge in bucket.merges:
            clique = {bucket.variable, *bucket.separator}
            assert {*merge.inputs, merge.output} <= clique


@given(seeds)
@settings(max_examples=60)
def test_more_search_never_makes_a_tree_dearer(seed: int) -> None:
    network = random_network(np.random.default_rng(seed), 14, most_parents=5)
    assert cost(network, 10**9) <= cost(network, 1)


@given(seeds)
@settings(max_examples=60)
def test_the_more_is_seen_the_less_there_is_to_do(seed: int) -> None:
    """The order stays as it is, so that no finding makes a case dearer."""
    rng = np.random.default_rng(seed)
    network = random_network(rng, 12, most_parents=4)
    asked, *others = (
        str(v) for v in rng.permutation([v for v in network if len(network[v].states) > 1])
    )
    soft = {v: 0 for v in others}
    tree = batches.general_tree(network)
    assert tree is not None
    work = []
    for count in range(len(others) + 1):
        hard = {tree.number[v]: len(network[v].states) - 1 for v in others[:count]}
        partly = {tree.number[v]: 0 for v in soft if tree.number[v] not in hard}
        plan = arrays.plan(tree, hard, partly, {}, [tree.number[asked]], [], 1 << 40)
        assert plan is not None
        work.append(plan.largest)
    assert work == sorted(work, reverse=True)


@given(seeds)
@settings(max_examples=100)
def test_a_tree_for_what_is_observed_agrees_with_the_tree_for_anything(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = random_network(rng, 9, most_parents=5, noisy=0.6)
    case = random_evidence(rng, network, int(rng.choice([1, 3])))
    pair = frozenset(str(v) for v in rng.permutation(list(network))[:2])
    targets = (*(frozenset([v]) for v in network), pair)
    one = batches.answer(network, case, targets)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "general_tree", lambda _: None)
        other = batches.answer(network, case, targets)
    np.testing.assert_allclose(one.log_evidence, other.log_evidence, atol=1e-10)
    for target in targets:
        np.testing.assert_allclose(one.joints[target], other.joints[target], atol=1e-10)


def test_trees_are_kept_and_the_store_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    store = batches.TreeStore(limit=1_000_000)
    monkeypatch.setattr(batches, "TREES", store)
    networks = [wide_network(5) for _ in range(40)]
    first = batches.general_tree(networks[0])
    assert batches.general_tree(networks[0]) is first
    for network in networks:
        batches.general_tree(network)
    assert store.weight() <= store.limit
    assert batches.general_tree(networks[0]) is not first


@given(seeds)
@settings(max_examples=100)
def test_an_order_of_its_own_gives_a_pattern_the_same_answers(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = random_network(rng, 9, most_parents=5, noisy=0.6)
    case = random_evidence(rng, network, int(rng.choice([1, 3, 8, 9, 70])))
    pair = frozenset(str(v) for v in rng.permutation(list(network))[:2])
    targets = (*(frozenset([v]) for v in network), pair)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LUMBAYES_ENGINE", "kernel")
        one = batches.answer(network, case, targets)
        for place in ("arrangement", "driver"):
            patch.setattr(f"lumbayes.inference.kernel.{place}.DEAR", -1)
            patch.setattr(f"lumbayes.inference.kernel.{place}.DEAR_ROWS", -1)
        other = batches.answer(network, case, targets)
        patch.setattr("lumbayes.inference.kernel.driver.MANY", 40)  # rows sorted by what costs most
        patch.setattr("lumbayes.inference.kernel.arrangement.GROUP", 0)  # and kept apart
        sorted_rows = batches.answer(network, case, targets)
        patch.setenv("LUMBAYES_ENGINE", "numpy")
        plain = batches.answer(network, case, targets)
    for found in (other, sorted_rows, plain):
        np.testing.assert_allclose(one.log_evidence, found.log_evidence, atol=1e-10)
        for target in targets:
            np.testing.assert_allclose(one.joints[target], found.joints[target], atol=1e-10)


@given(seeds)
@settings(max_examples=60)
def test_targets_one_by_one_have_the_answers_of_all_together(seed: int) -> None:
    """A single row whose tree is dear asks each target alone, unless that is dearer."""
    rng = np.random.default_rng(seed)
    network = random_network(rng, 9, most_parents=4, noisy=0.4)
    case = random_evidence(rng, network, 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LUMBAYES_ENGINE", "kernel")
        together = marginals(network, case, impossible="mark")
        patch.setattr("lumbayes.inference.kernel.driver.DEAREST", 0)
        apart = marginals(network, case, impossible="mark")
    np.testing.assert_allclose(together.log_evidence, apart.log_evidence, atol=1e-10)
    for name in network:
        np.testing.assert_allclose(
            together.probabilities[name], apart.probabilities[name], atol=1e-10
        )
