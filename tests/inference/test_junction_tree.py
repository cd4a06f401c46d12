"""The tree and its programs: sizes, noisy-MAX gates, the same answer whatever is sliced."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from oracle import probability
from strategies import random_evidence, random_network, seeds

from lumbayes.inference import junction_tree
from lumbayes.inference.elimination import best_elimination
from lumbayes.inference.factors import Pattern, build_problem, larger, max_table
from lumbayes.inference.greedy_elimination import Gate
from lumbayes.inference.junction_tree import choose_tree, compile_program, program_for
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


def anything_goes(network: Network) -> Pattern:
    """The pattern in which every variable may be observed and every one is asked for."""
    return Pattern((), frozenset(network), (), tuple(frozenset([v]) for v in network))


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
    network = wide_network(causes)
    problem = build_problem(network, anything_goes(network))
    assert choose_tree(problem, 1).size <= 16 * causes


@pytest.mark.parametrize("causes", [3, 8, 20, 60])
def test_a_wide_noisy_or_seen_present_agrees_with_its_formula(causes: int) -> None:
    network = wide_network(causes)
    pattern = Pattern((("y", 1),), frozenset(), (), (frozenset(["c0"]),))
    program = compile_program(network, pattern, 1)
    slots = program.run({}, [])
    noisy = network["y"].distribution
    assert isinstance(noisy, NoisyMax)
    spared = [0.9 + 0.1 * e[1, 0] for e in noisy.effects]
    present = 1 - 0.99 * np.prod(spared)
    assert program.scale == pytest.approx(present, rel=1e-12)
    with_first = 0.1 * (1 - 0.99 * np.prod(spared[1:]) * noisy.effects[0][1, 0])
    posterior = slots[program.marginals[frozenset(["c0"])][0]][1, 0]
    assert posterior == pytest.approx(with_first / present, rel=1e-12)


@pytest.mark.parametrize("state", [0, 1, 2, 3])
def test_a_graded_effect_seen_at_a_state_agrees_with_its_cumulative_formula(state: int) -> None:
    network = wide_network(9, states=4)
    program = compile_program(network, Pattern((("y", state),), frozenset(), (), ()), 1)
    noisy = network["y"].distribution
    assert isinstance(noisy, NoisyMax)

    def at_most(y: int) -> float:
        shares = [0.9 + 0.1 * e[1, : y + 1].sum() for e in noisy.effects]
        return float(noisy.leak[: y + 1].sum() * np.prod(shares)) if y >= 0 else 0.0

    assert program.scale == pytest.approx(at_most(state) - at_most(state - 1), rel=1e-10)


def test_an_absent_effect_couples_nothing() -> None:
    network = wide_network(12)
    problem = build_problem(
        network, Pattern((("y", 0),), frozenset(network.variables) - {"y"}, (), ())
    )
    assert not problem.gates
    assert max(len(f.scope) for f in problem.factors) == 1


def test_unobserved_leaves_are_dropped() -> None:
    network = wide_network(12)
    problem = build_problem(network, Pattern((("c1", 1),), frozenset(), (), (frozenset(["c0"]),)))
    assert problem.names == ("c0", "c1")


def test_a_chain_has_the_smallest_tree() -> None:
    scopes = tuple((i, i + 1) for i in range(9))
    tree = best_elimination((3,) * 10, scopes, (), 1)
    assert tree.size == 9 * 9


def test_a_gate_is_split_into_tables_that_fit_its_cliques() -> None:
    tree = best_elimination((2,) * 8, (), (Gate(7, 2, tuple(range(7)), False),), 1)
    for bucket in tree.buckets:
        for merge in bucket.merges:
            clique = {bucket.variable, *bucket.separator}
            assert {*merge.inputs, merge.output} <= clique


@given(seeds)
@settings(max_examples=60)
def test_more_search_never_makes_a_tree_dearer(seed: int) -> None:
    network = random_network(np.random.default_rng(seed), 14, most_parents=5)
    problem = build_problem(network, anything_goes(network))
    assert choose_tree(problem, 10**9).cost <= choose_tree(problem, 1).cost


@given(seeds)
@settings(max_examples=150)
def test_sliced_soft_and_general_programs_agree(seed: int) -> None:
    """A finding may be sliced away, kept as a likelihood, or be one of many that could be there."""
    rng = np.random.default_rng(seed)
    network = random_network(rng, 9, most_parents=5)
    case = random_evidence(rng, network, 1, do=0.0)
    hard = {n: int(v.argmax()) for n, v in case.likelihoods.items() if np.count_nonzero(v) == 1}
    targets = tuple(frozenset([v]) for v in network if v not in hard)
    soft = frozenset(case.likelihoods)
    patterns = [
        Pattern(tuple(sorted(hard.items())), soft - hard.keys(), (), targets),
        Pattern((), soft, (), targets),
        Pattern((), frozenset(network), (), targets),
    ]
    filled = {n: np.ones((len(network[n].states), 1)) for n in network} | {
        n: np.eye(len(network[n].states))[:, [hard[n]]] if n in hard else v
        for n, v in case.likelihoods.items()
    }
    answers = []
    for pattern in patterns:
        program = compile_program(network, pattern, 1)
        slots = program.run(filled, [values for _, values in program.drawn])
        total = program.scale * np.prod([slots[s][0] for s in program.evidence])
        found = {t: slots[program.marginals[t][0]][:, 0] for t in targets}
        answers.append((total, found))
    for total, found in answers[1:]:
        assert total == pytest.approx(answers[0][0], rel=1e-10)
        if total > 0:
            for target in targets:
                np.testing.assert_allclose(found[target], answers[0][1][target], atol=1e-10)


def test_compiled_programs_are_kept_and_the_store_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = junction_tree.ProgramStore(limit=1_000_000)
    monkeypatch.setattr(junction_tree, "PROGRAMS", store)
    networks = [wide_network(5) for _ in range(40)]
    first = program_for(networks[0], anything_goes(networks[0]), 1)
    assert program_for(networks[0], anything_goes(networks[0]), 1) is first
    for network in networks:
        program_for(network, anything_goes(network), 1)
    assert sum(p.weight for p in store.held.values()) <= store.limit
    assert program_for(networks[0], anything_goes(networks[0]), 1) is not first
