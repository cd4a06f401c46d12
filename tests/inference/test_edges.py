"""Large, deep, rare and odd networks: answered, or refused at once with the size and a way out."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

from lumbayes.errors import ImpossibleEvidenceError, LumbayesError
from lumbayes.inference.batches import solve
from lumbayes.inference.kernel import loading
from lumbayes.inference.queries import evidence, log_probability, marginals, posterior, stack
from lumbayes.network.variables import Network, NoisyMax, Table, Variable


@pytest.fixture(scope="module", params=["numpy", "kernel"], autouse=True)
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """Both ways."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LUMBAYES_ENGINE", request.param)
        if request.param == "kernel":
            assert loading.KERNEL.load() is not None
        yield request.param


def long_chain(length: int) -> Network:
    """Each variable depends on the one before."""
    step = Table(np.array([[0.9, 0.1], [0.2, 0.8]]))
    first = Variable("x0", ("a", "b"), (), Table(np.array([0.5, 0.5])))
    rest = [Variable(f"x{i}", ("a", "b"), (f"x{i - 1}",), step) for i in range(1, length)]
    return Network([first, *rest])


def diseases(causes: int, findings: int) -> Network:
    """Many causes, findings of eight causes each: its whole tree would be astronomic."""
    rng = np.random.default_rng(1)
    made = [
        Variable(f"c{i}", ("no", "yes"), (), Table(np.array([0.95, 0.05]))) for i in range(causes)
    ]
    for j in range(findings):
        parents = tuple(f"c{p}" for p in rng.choice(causes, 8, replace=False))
        effects = tuple(np.array([[1, 0], [1 - w, w]]) for w in rng.random(8) * 0.8 + 0.1)
        made.append(
            Variable(f"f{j}", ("no", "yes"), parents, NoisyMax(np.array([0.99, 0.01]), effects))
        )
    return Network(made)


def grid(side: int) -> Network:
    """Every variable depends on its neighbours above and to the left."""
    rng = np.random.default_rng(1)
    made = []
    for i in range(side):
        for j in range(side):
            parents = [f"g{i - 1}_{j}"] * (i > 0) + [f"g{i}_{j - 1}"] * (j > 0)
            p = rng.random((*[2] * len(parents), 1))
            table = Table(np.concatenate([p, 1 - p], axis=-1))
            made.append(Variable(f"g{i}_{j}", ("a", "b"), tuple(parents), table))
    return Network(made)


def test_a_chain_of_ten_thousand_is_answered() -> None:
    network = long_chain(10_000)
    start = time.perf_counter()
    found = posterior(network, "x0", {"x9999": "b"})
    assert found["a"] == pytest.approx(0.5, abs=1e-10)  # forgotten long before
    states = {f"x{i}": "ab"[i % 3 == 2] for i in range(10_000)}
    steps = {("a", "a"): 0.9, ("a", "b"): 0.1, ("b", "a"): 0.2, ("b", "b"): 0.8}
    pairs = zip(states.values(), list(states.values())[1:], strict=False)
    expected = np.log(0.5) + sum(np.log(steps[pair]) for pair in pairs)
    assert log_probability(network, states) == pytest.approx(expected, rel=1e-12)
    assert time.perf_counter() - start < 60  # seconds; it was hours


def test_wide_noisy_or_is_answered_although_its_whole_tree_would_be_astronomic() -> None:
    network = diseases(60, 60)
    seen = {f"f{j}": "yes" if j < 2 else "no" for j in range(60)}
    found = posterior(network, "c1", seen)
    # Quickscore (Heckerman 1989): signed sums over the findings that are present.
    total = np.zeros(2)
    for signs in range(4):
        present = [j for j in range(2) if signs >> j & 1]
        weight = (-1.0) ** len(present)
        value = np.ones(2)
        for i in range(60):
            off, on = 0.95, 0.05
            for j in [*range(2, 60), *present]:
                noisy = network[f"f{j}"].distribution
                assert isinstance(noisy, NoisyMax)
                if f"c{i}" in network[f"f{j}"].parents:
                    on *= noisy.effects[network[f"f{j}"].parents.index(f"c{i}")][1, 0]
            value = value * (off + on) if i != 1 else value * np.array([off, on])
        total += weight * value * 0.99 ** (58 + len(present))
    assert found["yes"] == pytest.approx(total[1] / total.sum(), abs=1e-9)
    assert log_probability(network, seen) == pytest.approx(np.log(total.sum()), abs=1e-8)


def test_targets_that_do_not_fit_together_are_answered_apart() -> None:
    network = diseases(40, 40)
    found = marginals(network, evidence(network))
    for name in ("c0", "f3"):
        alone = posterior(network, name)
        np.testing.assert_allclose(found.probabilities[name][:, 0], alone, atol=1e-10)


def test_a_tree_too_large_is_refused_with_its_size_and_a_way_out() -> None:
    start = time.perf_counter()
    network = grid(21)
    message = r"needs a tree of \d\.\de\+1\d numbers .* It would fit if (.*) were known\."
    with pytest.raises(LumbayesError, match=message) as refused:
        posterior(network, "g0_0", {"g20_20": "a"})
    assert time.perf_counter() - start < 60
    named = str(refused.value).split("if ")[1].split(" were")[0].split(", ")
    assert set(named) <= set(network)


def test_findings_of_any_rarity_are_not_called_impossible() -> None:
    cause = Variable("c", ("no", "yes"), (), Table(np.array([0.5, 0.5])))
    rare = Table(np.array([[1 - 1e-250, 1e-250], [1 - 2e-250, 2e-250]]))
    network = Network([cause, *(Variable(f"f{i}", ("no", "yes"), ("c",), rare) for i in range(20))])
    seen = evidence(network, {f"f{i}": "yes" for i in range(20)})
    expected = 2.0**20 / (1 + 2.0**20)
    assert marginals(network, seen).probabilities["c"][1, 0] == pytest.approx(expected, abs=1e-10)
    many = marginals(network, stack(network, [seen] * 40)).probabilities["c"]
    np.testing.assert_allclose(many[1], expected, atol=1e-10)


@pytest.mark.parametrize("count", [3, 7])
def test_findings_that_pull_apart_beyond_all_range_are_weighed_right(count: int) -> None:
    """Each way by 1e-200, so that products of the likelihoods leave the range of floats."""
    cause = Variable("c", ("no", "yes"), (), Table(np.array([0.5, 0.5])))
    tiny = np.array([[1 - 1e-200, 1e-200], [1e-200, 1 - 1e-200]])
    tables = [Table(tiny)] * count + [Table(tiny[::-1])] * count
    found = [Variable(f"f{i}", ("no", "yes"), ("c",), t) for i, t in enumerate(tables)]
    last = Variable("g", ("no", "yes"), ("c",), Table(np.array([[0.7, 0.3], [0.1, 0.9]])))
    network = Network([cause, *found, last])
    seen = {f.name: "yes" for f in found} | {"g": "yes"}
    assert posterior(network, "c", seen)["yes"] == pytest.approx(0.75, abs=1e-10)


@pytest.mark.parametrize("scale", [1e200, 1e-200, 1e-300])
def test_likelihoods_have_no_scale_even_when_two_multiply(scale: float) -> None:
    network = Network([Variable("x", ("no", "yes"), (), Table(np.array([0.5, 0.5])))])
    twice = [[scale, 2 * scale], [scale, 2 * scale]]
    found = posterior(network, "x", {"x": twice})
    assert found["yes"] == pytest.approx(0.8, abs=1e-12)


@pytest.mark.parametrize("noisy", [False, True])
def test_variables_of_one_state_say_nothing(noisy: bool) -> None:
    count = 53 if noisy else 31  # a table of more axes is not made by numpy
    parents = [Variable(f"p{i}", ("only",), (), Table(np.ones(1))) for i in range(count)]
    table = np.array([0.3, 0.7])
    child = (
        NoisyMax(table, tuple(np.array([[1.0, 0.0]]) for _ in parents))
        if noisy
        else Table(table.reshape(*[1] * count, 2))
    )
    names = tuple(p.name for p in parents)
    network = Network([*parents, Variable("k", ("a", "b"), names, child)])
    assert posterior(network, "k", {"p0": "only"})["b"] == pytest.approx(0.7)
    assert posterior(network, "p1", {"k": "a", "p2": [2.0]})["only"] == 1.0
    assert log_probability(network, {"p0": [0.5], "k": "a"}) == pytest.approx(np.log(0.15))


def test_names_may_hold_anything() -> None:
    odd = 'a "b", c\td=é'
    first = Variable(odd, ("x, y", 'q"'), (), Table(np.array([0.4, 0.6])))
    second = Variable("{}[]()", ("1", "2"), (odd,), Table(np.array([[0.9, 0.1], [0.2, 0.8]])))
    network = Network([first, second])
    found = posterior(network, odd, {"{}[]()": "2"})
    assert found['q"'] == pytest.approx(0.48 / 0.52)


def test_a_clash_among_many_findings_is_found_by_looking_where_it_is() -> None:
    """Once, not a tree anew for each finding left out."""
    network = long_chain(3_000)
    ill = Variable("ill", ("no", "yes"), (), Table(np.array([0.5, 0.5])))
    sign = Variable("sign", ("no", "yes"), ("ill",), Table(np.array([[1.0, 0.0], [0.5, 0.5]])))
    network = Network([*network.variables.values(), ill, sign])
    seen = {f"x{i}": "ab"[i % 2] for i in range(0, 3_000, 2)}
    good = {**seen, "sign": "yes"}
    solve(network, evidence(network, good), ("x1",))
    start = time.perf_counter()
    solve(network, evidence(network, good), ("x1",))
    once = time.perf_counter() - start
    start = time.perf_counter()
    with pytest.raises(
        ImpossibleEvidenceError,
        match=r"^these findings cannot occur together: ill=no, sign=yes\. ",
    ):
        posterior(network, "x1", {**good, "ill": "no"})
    assert time.perf_counter() - start < 50 * once + 1.0
