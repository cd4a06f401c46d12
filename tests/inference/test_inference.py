"""Exact posteriors against plain counting, the laws they obey, and impossible evidence."""

from __future__ import annotations

import threading
import tracemalloc
from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import full_joint, marginal, probability
from strategies import networks, random_evidence, random_network, seeds

from lumbayes.errors import ImpossibleEvidenceError, LumbayesError, UnknownNameError
from lumbayes.inference import batches
from lumbayes.inference.expectations import contribution, with_contributions
from lumbayes.inference.kernel import loading
from lumbayes.inference.queries import (
    Evidence,
    Finding,
    Marginals,
    evidence,
    evidence_alternatives,
    family_marginals,
    joint,
    log_probability,
    marginals,
    posterior,
    posteriors,
    sample,
    stack,
    tree_size,
)
from lumbayes.network.variables import Network, NoisyMax, Table, Variable

EXACT = 1e-10


@pytest.fixture(scope="module", params=["numpy", "kernel"], autouse=True)
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """Every law holds for the plain form and for the compiled one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LUMBAYES_ENGINE", request.param)
        if request.param == "kernel":
            assert loading.KERNEL.load() is not None
        yield request.param


def column(case: Evidence, row: int) -> dict[str, np.ndarray]:
    """The likelihoods of one row."""
    return {n: v[:, min(row, v.shape[1] - 1)] for n, v in case.likelihoods.items()}


def check_row(
    network: Network, found: Marginals, case: Evidence, row: int, draw: int | None = None
) -> None:
    """One row of a batch agrees with plain counting."""
    counted = full_joint(network, column(case, row), case.do, draw)
    total = counted.sum()
    if total == 0:
        assert found.log_evidence[row] == -np.inf
        assert all((p[:, row] == 0).all() for p in found.probabilities.values())
        return
    assert found.log_evidence[row] == pytest.approx(np.log(total), abs=EXACT)
    for name, values in found.probabilities.items():
        expected = marginal(network, counted, name) / total
        np.testing.assert_allclose(values[:, row], expected, rtol=0, atol=EXACT, err_msg=name)


def chain(length: int, low: float = 0.01) -> Network:
    """A hidden cause and many findings, each improbable."""
    cause = Variable("cause", ("no", "yes"), (), Table(np.array([0.5, 0.5])))
    finding = np.array([[1 - low, low], [1 - 2 * low, 2 * low]])
    found = [Variable(f"f{i}", ("no", "yes"), ("cause",), Table(finding)) for i in range(length)]
    return Network([cause, *found])


def sprinkler() -> Network:
    """Rain or sprinkler wets the grass; wet grass without either cannot be."""
    rain = Variable("rain", ("no", "yes"), (), Table(np.array([0.8, 0.2])))
    tap = Variable("tap", ("off", "on"), (), Table(np.array([0.7, 0.3])))
    strong = np.array([[1.0, 0.0], [0.1, 0.9]])
    wet = Variable(
        "wet", ("no", "yes"), ("rain", "tap"), NoisyMax(np.array([1.0, 0.0]), (strong,) * 2)
    )
    sky = Variable("sky", ("blue", "grey", "black"), (), Table(np.array([0.5, 0.3, 0.2])))
    return Network([rain, tap, wet, sky])


# --- against plain counting -----------------------------------------------------------------------


@given(seeds)
@settings(max_examples=1200)
def test_posteriors_equal_plain_counting(seed: int) -> None:
    """For any network and any evidence, the engine and plain counting agree."""
    rng = np.random.default_rng(seed)
    network = random_network(rng, int(rng.integers(1, 7)), noisy=rng.choice([0.2, 0.8]))
    rows = int(rng.choice([1, 2, 20]))
    case = random_evidence(rng, network, rows)
    found = marginals(network, case, impossible="mark")
    for row in {0, rows - 1}:
        check_row(network, found, case, row)


@given(seeds)
@settings(max_examples=150)
def test_every_draw_equals_plain_counting(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = random_network(rng, int(rng.integers(1, 6)), draws=3)
    case = random_evidence(rng, network, int(rng.choice([1, 3])))
    found = marginals(network, case, impossible="mark")
    for draw in range(3):
        check_row(network, found, case, draw, draw)


@given(seeds)
@settings(max_examples=100)
def test_the_joint_of_any_variables_equals_plain_counting(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = random_network(rng, 5, zeros=0.0)
    findings = {}
    for name in network:
        k = len(network[name].states)
        if rng.random() < 0.4:
            findings[name] = list(rng.random(k) + 0.01)
    targets = [str(t) for t in rng.permutation(list(network))[: rng.integers(1, 4)]]
    counted = full_joint(network, {n: np.array(w) for n, w in findings.items()})
    expected = marginal(network, counted, *targets) / counted.sum()
    found = joint(network, targets, findings)
    np.testing.assert_allclose(found.to_numpy(), expected.ravel(), atol=EXACT)
    named = dict(zip(found.index, found, strict=True))
    for where in np.ndindex(*expected.shape):
        states = tuple(network[t].states[i] for t, i in zip(targets, where, strict=True))
        assert named[states] == pytest.approx(expected[where], abs=EXACT)


@given(seeds)
@settings(max_examples=60)
def test_expected_counts_equal_plain_counting(seed: int) -> None:
    """Families, and for a noisy-MAX the hidden contribution of each cause and of the leak."""
    rng = np.random.default_rng(seed)
    network = random_network(rng, int(rng.integers(1, 5)), noisy=0.6)
    case = random_evidence(rng, network, 1)
    found = family_marginals(network, case)
    counted = full_joint(network, column(case, 0), case.do)
    if counted.sum() == 0:
        assert found.log_evidence[0] == -np.inf
        return
    counted /= counted.sum()
    assert set(found.tables) | set(found.leaks) == set(network) - set(case.do)
    for name, table in found.tables.items():
        np.testing.assert_allclose(
            table, marginal(network, counted, *network[name].parents, name), atol=EXACT
        )
    for name, leak in found.leaks.items():
        expected_leak, expected = count_contributions(
            network[name], marginal(network, counted, *network[name].parents, name)
        )
        np.testing.assert_allclose(leak, expected_leak, atol=EXACT)
        for one, other in zip(found.effects[name], expected, strict=True):
            np.testing.assert_allclose(one, other, atol=EXACT)


def count_contributions(
    variable: Variable, family: np.ndarray
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Expected contributions by going through all of them."""
    noisy = variable.distribution
    assert isinstance(noisy, NoisyMax)
    leak = np.zeros(len(noisy.leak))
    effects = [np.zeros(e.shape) for e in noisy.effects]
    for *x, y in np.ndindex(*family.shape):
        total = probability(variable, tuple(x), y)
        for z in product(range(y + 1), repeat=len(x) + 1):
            if max(z) == y and total > 0:
                parts = [noisy.leak[z[0]]]
                parts += [e[i, j] for e, i, j in zip(noisy.effects, x, z[1:], strict=True)]
                share = family[(*x, y)] * np.prod(parts) / total
                leak[z[0]] += share
                for counts, i, j in zip(effects, x, z[1:], strict=True):
                    counts[i, j] += share
    return leak, effects


def test_counts_of_a_batch_add_up_and_weigh_rows() -> None:
    rng = np.random.default_rng(3)
    network = random_network(rng, 6, zeros=0.0)
    case = random_evidence(rng, network, 1100, do=0.0)
    weights = rng.random(1100)
    whole = family_marginals(network, case, weights)
    halves = [np.arange(600), np.arange(600, 1100)]
    parts = [family_marginals(network, batches.take_rows(case, h), weights[h]) for h in halves]
    for name, table in whole.tables.items():
        assert table.sum() == pytest.approx(weights.sum())
        np.testing.assert_allclose(table, parts[0].tables[name] + parts[1].tables[name])


@given(networks())
@settings(max_examples=50)
def test_explicit_contributions_leave_the_joint_of_the_rest_as_it_is(network: Network) -> None:
    wide = with_contributions(network)
    one, other = marginals(wide, evidence(wide)), marginals(network, evidence(network))
    for name in network:
        np.testing.assert_allclose(one.probabilities[name], other.probabilities[name], atol=EXACT)
        if isinstance(network[name].distribution, NoisyMax):
            assert contribution(name) in wide


@pytest.mark.parametrize("seed", range(4))
def test_samples_follow_the_posterior(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = random_network(rng, 5)
    case = random_evidence(rng, network, 1, share=0.3)
    counted = full_joint(network, column(case, 0), case.do)
    counted /= counted.sum()
    n = 20_000
    drawn = sample(network, case, n, seed)
    shares = np.zeros(counted.shape)
    np.add.at(shares, tuple(drawn[v] for v in network), 1 / n)
    assert (shares[counted == 0] == 0).all()
    spread = np.sqrt(counted * (1 - counted) / n)
    assert (np.abs(shares - counted) <= 5 * spread + 1e-9).all()
    again = sample(network, case, n, seed)
    assert all((drawn[v] == again[v]).all() for v in network)


# --- laws -----------------------------------------------------------------------------------------


@given(seeds)
@settings(max_examples=80)
def test_a_batch_of_ragged_cases_equals_the_cases_one_by_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = random_network(rng, 6)
    cases = [random_evidence(rng, network, 1, do=0.0) for _ in range(25)]
    found = marginals(network, stack(network, cases), impossible="mark")
    for row, case in enumerate(cases):
        one = marginals(network, case, impossible="mark")
        assert found.log_evidence[row] == pytest.approx(one.log_evidence[0], abs=EXACT)
        for name in network:
            np.testing.assert_allclose(
                found.probabilities[name][:, row], one.probabilities[name][:, 0], atol=EXACT
            )


def with_absent(rng: np.random.Generator, case: Evidence) -> Evidence:
    """Half of the findings absent or unknown in every row."""
    likelihoods = dict(case.likelihoods)
    for name, values in likelihoods.items():
        if rng.random() < 0.5:
            absent = np.zeros(values.shape)
            absent[0] = 1.0
            likelihoods[name] = np.where(rng.random(values.shape[1]) < 0.5, absent, 1.0)
    return Evidence(likelihoods, case.do, case.size)


@given(seeds)
@settings(max_examples=60)
def test_rows_with_absent_findings_equal_the_rows_alone(seed: int) -> None:
    """Side by side, what some rows see absent and others not at all couples nothing."""
    rng = np.random.default_rng(seed)
    network = random_network(rng, 8, noisy=0.8, most_parents=5)
    case = with_absent(rng, random_evidence(rng, network, 200, share=0.9, do=0.05))
    targets = [str(t) for t in rng.permutation(list(network))[:3]]
    together = marginals(network, case, targets, impossible="mark")
    for row in range(0, 200, 20):
        alone = batches.take_rows(case, np.array([row]))
        one = marginals(network, alone, targets, impossible="mark")
        assert together.log_evidence[row] == pytest.approx(one.log_evidence[0], abs=EXACT)
        for t in targets:
            np.testing.assert_allclose(
                together.probabilities[t][:, row], one.probabilities[t][:, 0], atol=EXACT
            )


@given(networks(), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_order_of_findings_is_irrelevant(network: Network, chance: object) -> None:
    findings = {n: network[n].states[-1] for n in list(network)[:3]}
    reverse = dict(reversed(findings.items()))
    one = marginals(network, evidence(network, findings), impossible="mark")
    other = marginals(network, evidence(network, reverse), impossible="mark")
    for name in network:
        np.testing.assert_array_equal(one.probabilities[name], other.probabilities[name])


@given(networks())
@settings(max_examples=60)
def test_a_likelihood_of_ones_changes_nothing(network: Network) -> None:
    blank = {n: [1.0] * len(network[n].states) for n in network}
    one, other = marginals(network, evidence(network, blank)), marginals(network, evidence(network))
    np.testing.assert_allclose(one.log_evidence, 0.0, atol=EXACT)
    for name in network:
        np.testing.assert_allclose(one.probabilities[name], other.probabilities[name], atol=EXACT)


@given(networks(), seeds)
@settings(max_examples=60)
def test_a_state_seen_equals_a_likelihood_that_is_zero_elsewhere(
    network: Network, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    name = str(rng.choice(list(network)))
    state = str(rng.choice(network[name].states))
    weights = {s: 0.25 * (s == state) for s in network[name].states}
    one = marginals(network, evidence(network, {name: state}), impossible="mark")
    other = marginals(network, evidence(network, {name: weights}), impossible="mark")
    np.testing.assert_allclose(one.log_evidence + np.log(0.25), other.log_evidence, atol=EXACT)
    for v in network:
        np.testing.assert_allclose(one.probabilities[v], other.probabilities[v], atol=EXACT)


def test_two_soft_findings_on_one_variable_multiply() -> None:
    network = sprinkler()
    weights: list[Finding] = [[1.0, 4.0], {"no": 0.5, "yes": 1.0}]
    twice = posterior(network, "rain", {"wet": weights})
    once = posterior(network, "rain", {"wet": [0.5, 4]})
    np.testing.assert_allclose(twice, once, atol=EXACT)


@given(networks())
@settings(max_examples=60)
def test_setting_a_root_equals_observing_it(network: Network) -> None:
    for name in [n for n in network if not network[n].parents]:
        state = network[name].states[-1]
        seen = marginals(network, evidence(network, {name: state}), impossible="mark")
        done = marginals(network, evidence(network, do={name: state}), impossible="mark")
        if np.isfinite(seen.log_evidence).all():
            for v in network:
                np.testing.assert_allclose(seen.probabilities[v], done.probabilities[v], atol=EXACT)


@given(networks())
@settings(max_examples=60)
def test_the_chain_rule_gives_the_probability_of_findings(network: Network) -> None:
    findings: dict[str, str] = {}
    total = 0.0
    for name in network:
        p = posterior(network, name, findings)
        findings[name] = str(p.idxmax())
        total += float(np.log(p.max()))
    assert log_probability(network, findings) == pytest.approx(total, abs=EXACT)


@given(networks(), seeds)
@settings(max_examples=40)
def test_alternatives_equal_asking_each_answer(network: Network, seed: int) -> None:
    rng = np.random.default_rng(seed)
    names = [str(n) for n in rng.permutation(list(network))]
    case = evidence(network, {names[0]: [1.0] * len(network[names[0]].states)})
    questions, targets = names[1:], names[:2]
    found = evidence_alternatives(network, case, questions, targets)
    assert found.answers == tuple((q, s) for q in questions for s in network[q].states)
    for row, (name, state) in enumerate(found.answers):
        more = Evidence({**case.likelihoods, **evidence(network, {name: state}).likelihoods}, {}, 1)
        one = marginals(network, more, targets, impossible="mark")
        assert found.probability[row] == pytest.approx(np.exp(one.log_evidence[0]), abs=EXACT)
        for t in targets:
            np.testing.assert_allclose(
                found.after[t][:, row], one.probabilities[t][:, 0], atol=EXACT
            )


def test_sizes_fall_as_more_is_known() -> None:
    network = random_network(np.random.default_rng(5), 25, most_parents=3)
    sizes = [tree_size(network, {n: "s0" for n in list(network)[:known]}) for known in (0, 5, 20)]
    assert sizes[0] > sizes[1] > sizes[2] > 0
    assert tree_size(network, keep=["v0"]) <= sizes[0]


# --- impossible and improbable evidence -----------------------------------------------------------


def test_impossible_findings_are_refused_and_named() -> None:
    message = r"^these findings cannot occur together: rain=no, tap=off, wet=yes\. "
    with pytest.raises(ImpossibleEvidenceError, match=message):
        posterior(sprinkler(), "sky", {"sky": "blue", "rain": "no", "tap": "off", "wet": "yes"})


def test_an_intervention_is_named_with_the_clash() -> None:
    message = r"cannot occur together under do\(tap=off\): rain=no, wet=yes"
    with pytest.raises(ImpossibleEvidenceError, match=message):
        posterior(sprinkler(), "sky", {"rain": "no", "wet": "yes"}, {"tap": "off"})
    with pytest.raises(
        ImpossibleEvidenceError, match=r"this finding cannot occur under do\(tap=off\): tap=on"
    ):
        posterior(sprinkler(), "sky", {"tap": "on"}, {"tap": "off"})


@given(seeds)
@settings(max_examples=150)
def test_no_finding_named_in_a_clash_can_be_left_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = random_network(rng, 6, zeros=0.6)
    findings = {n: str(rng.choice(network[n].states)) for n in network if rng.random() < 0.8}
    try:
        marginals(network, evidence(network, findings))
    except ImpossibleEvidenceError as error:
        named = dict(
            pair.split("=") for pair in str(error).split(": ")[1].split(". ")[0].split(", ")
        )
    else:
        return

    def total(some: dict[str, str]) -> float:
        case = evidence(network, some)
        return float(full_joint(network, column(case, 0)).sum())

    assert total(named) == 0
    for name in named:
        assert total({n: s for n, s in named.items() if n != name}) > 0


def test_impossible_rows_of_a_batch_can_be_marked() -> None:
    network = sprinkler()
    rows = [{"wet": "yes", "rain": "no", "tap": "off"}, {"wet": "yes"}]
    batch = stack(network, [evidence(network, r) for r in rows])
    found = marginals(network, batch, impossible="mark")
    assert np.isneginf(found.log_evidence).tolist() == [True, False]
    assert found.probabilities["sky"][:, 0].tolist() == [0, 0, 0]
    assert found.probabilities["sky"][:, 1].sum() == pytest.approx(1)
    with pytest.raises(ImpossibleEvidenceError, match="rain=no, tap=off, wet=yes"):
        marginals(network, batch)


@pytest.mark.parametrize("length", [50, 100, 400, 2000])
@pytest.mark.parametrize("rows", [1, 40])
def test_very_improbable_evidence_is_still_right(length: int, rows: int) -> None:
    """1e-100, 1e-200, 1e-800 and 1e-4000, where the odds are known: 2 to the number of findings."""
    network = chain(length)
    half = length // 2
    findings = {f"f{i}": "yes" if i < half + 3 else "no" for i in range(length)}
    case = evidence(network, findings)
    batch = stack(network, [case] * rows)
    found = marginals(network, batch, ["cause"])
    present, absent = half + 3, length - half - 3
    log_no = present * np.log(0.01) + absent * np.log(0.99) + np.log(0.5)
    log_yes = present * np.log(0.02) + absent * np.log(0.98) + np.log(0.5)
    total = np.logaddexp(log_no, log_yes)
    np.testing.assert_allclose(found.log_evidence, total, rtol=1e-12)
    np.testing.assert_allclose(found.probabilities["cause"][1], np.exp(log_yes - total), atol=EXACT)


def test_findings_that_pull_apart_by_a_factor_of_1e100_are_weighed_right() -> None:
    network = chain(2, low=1e-100)
    likelihood = {"cause": [1.0, 0.25]}
    found = posterior(network, "cause", {"f0": "yes", "f1": "yes", **likelihood})
    assert found["yes"] == pytest.approx(0.5, abs=EXACT)


def test_a_likelihood_may_have_any_scale() -> None:
    network = sprinkler()
    for scale in (1e-250, 1e-30, 1e250):
        found = posteriors(network, ["rain"], {"wet": [scale, 4 * scale], "sky": [scale] * 3})
        np.testing.assert_allclose(found["rain"], posterior(network, "rain", {"wet": [1, 4]}))


def test_the_oddest_evidence_never_gives_nan() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        network = random_network(rng, 6, zeros=0.6)
        case = random_evidence(rng, network, 3, share=0.9)
        scaled = {n: v * 10.0 ** rng.integers(-300, 300) for n, v in case.likelihoods.items()}
        found = marginals(network, Evidence(scaled, case.do, 3), impossible="mark")
        assert not np.isnan(found.log_evidence).any()
        for p in found.probabilities.values():
            assert np.isfinite(p).all()
            np.testing.assert_allclose(p.sum(axis=0), np.isfinite(found.log_evidence), atol=EXACT)


# --- names, shapes, errors ------------------------------------------------------------------------


def test_an_answer_is_named_after_its_question() -> None:
    network = sprinkler()
    found = posterior(network, "rain", {"wet": "yes"}, {"tap": "on"})
    assert found.name == "P(rain | wet=yes, do(tap=on))"
    assert found.index.tolist() == ["no", "yes"]
    assert posterior(network, "sky").name == "P(sky)"
    assert joint(network, ["sky", "rain"]).index.names == ["sky", "rain"]


@pytest.mark.parametrize(
    ("findings", "message"),
    [
        ({"rian": "yes"}, r"unknown variable 'rian'\. Did you mean 'rain'\?"),
        ({"rain": "Yess"}, r"unknown state of rain 'Yess'\. Did you mean 'yes'\? Known: no, yes\."),
        ({"rain": True}, r"unknown state of rain 'True'"),
        ({"rain": {"no": 1}}, r"rain: the likelihood leaves out yes\. Give every state a number"),
        ({"rain": {"no": 1, "maybe": 2}}, r"unknown state of rain 'maybe'"),
        ({"rain": [1, 2, 3]}, r"rain: a likelihood is 2 numbers of at least 0"),
        ({"rain": [1, -2]}, r"rain: a likelihood is 2 numbers of at least 0"),
        ({"rain": [1, float("nan")]}, r"rain: a likelihood is 2 numbers of at least 0"),
        ({"rain": [0, 0]}, r"rain: this likelihood excludes every state"),
        ({"rain": ["no", "yes"]}, r"rain is given values that exclude each other"),
    ],
)
def test_bad_findings_are_refused(findings: dict[str, object], message: str) -> None:
    with pytest.raises(LumbayesError, match=message):
        posterior(sprinkler(), "sky", findings)  # type: ignore[arg-type]


def test_other_bad_questions_are_refused() -> None:
    network = sprinkler()
    with pytest.raises(UnknownNameError, match=r"unknown variable 'skye'\. Did you mean 'sky'"):
        posterior(network, "skye")
    with pytest.raises(UnknownNameError, match="unknown state of tap 'onn'"):
        posterior(network, "sky", do={"tap": "onn"})
    with pytest.raises(LumbayesError, match="distinct targets, got sky, sky"):
        joint(network, ["sky", "sky"])
    with pytest.raises(LumbayesError, match="no case to stack"):
        stack(network, [])
    with pytest.raises(LumbayesError, match=r"differ in do\(…\)"):
        stack(network, [evidence(network), evidence(network, do={"tap": "on"})])
    drawn = random_network(np.random.default_rng(0), 3, draws=4)
    with pytest.raises(LumbayesError, match="holds parameter draws"):
        posterior(drawn, "v0")
    with pytest.raises(LumbayesError, match="4 draws but the batch 3 cases"):
        marginals(drawn, Evidence({}, {}, 3))
    with pytest.raises(LumbayesError, match="one case at a time"):
        evidence_alternatives(network, Evidence({}, {}, 2), ["sky"], ["rain"])


# --- nothing shared, nothing unbounded ------------------------------------------------------------


def test_many_threads_get_the_answers_of_one() -> None:
    rng = np.random.default_rng(1)
    network = random_network(rng, 14, most_parents=4)
    cases = [random_evidence(rng, network, int(rng.choice([1, 30]))) for _ in range(60)]
    alone = [marginals(network, c, impossible="mark") for c in cases]
    fresh = Network(network.variables.values())
    found: list[Marginals | None] = [None] * len(cases)

    def work(offset: int) -> None:
        for i in range(len(cases)):
            j = (i + offset) % len(cases)
            found[j] = marginals(fresh, cases[j], impossible="mark")

    threads = [threading.Thread(target=work, args=(7 * i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one, other in zip(alone, found, strict=True):
        assert other is not None
        np.testing.assert_array_equal(one.log_evidence, other.log_evidence)
        for name in network:
            np.testing.assert_array_equal(one.probabilities[name], other.probabilities[name])


def test_memory_stays_bounded_whatever_the_number_of_rows() -> None:
    rng = np.random.default_rng(2)
    network = random_network(rng, 30, most_parents=4)
    case = random_evidence(rng, network, 40_000, do=0.0)
    marginals(network, batches.take_rows(case, np.arange(100)), ["v0"], impossible="mark")
    tracemalloc.start()
    marginals(network, case, ["v0"], impossible="mark")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    evidence_bytes = sum(v.nbytes for v in case.likelihoods.values())
    assert peak < 64_000_000 + 3 * evidence_bytes
