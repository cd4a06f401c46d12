"""The most probable states together, against plain counting and pgmpy."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from oracle import full_joint, marginal
from pgmpy.inference import VariableElimination
from strategies import random_evidence, random_network, seeds

from lumbayes.errors import ImpossibleEvidenceError, LumbayesError, UnknownNameError
from lumbayes.inference.evidence import Finding
from lumbayes.inference.most_probable import most_probable
from lumbayes.inference.queries import evidence, log_probability, sample
from lumbayes.network.bif import read_bif
from lumbayes.network.pgmpy_models import to_pgmpy
from lumbayes.network.variables import Network, NoisyMax, Table, Variable


@given(seeds)
@settings(max_examples=200)
def test_the_most_probable_states_equal_plain_counting(seed: int) -> None:
    """All variables or some, with the others summed out; any evidence, any intervention."""
    rng = np.random.default_rng(seed)
    network = random_network(rng, int(rng.integers(1, 7)), noisy=0.5, zeros=0.2)
    case = random_evidence(rng, network, 1)
    findings: dict[str, Finding] = {
        n: [float(x) for x in w[:, 0]] for n, w in case.likelihoods.items()
    }
    do = {n: network[n].states[s] for n, s in case.do.items()}
    counted = full_joint(network, {n: w[:, 0] for n, w in case.likelihoods.items()}, case.do)
    some = [str(v) for v in rng.permutation(list(network))[: rng.integers(1, 4)]]
    for targets in (None, some):
        if counted.sum() == 0:
            with pytest.raises(ImpossibleEvidenceError):
                most_probable(network, targets, findings, do)
            continue
        found = most_probable(network, targets, findings, do)
        if not len(found):
            continue
        table = marginal(network, counted, *found.index)
        # Which of several equally probable ones is named is open.
        states = tuple(network[str(n)].index(s) for n, s in found.items())
        assert table[states] == pytest.approx(table.max(), rel=1e-10)
        if targets is not None:
            assert list(found.index) == targets
        log_probability = found.attrs["log_probability"]
        assert log_probability == pytest.approx(np.log(table.max()), abs=1e-10)


@pytest.mark.parametrize("name", ["asia", "sachs", "child", "alarm"])
def test_published_networks_have_the_most_probable_states_of_pgmpy(name: str) -> None:
    """MPE of all that is not seen, and MAP of three variables with the rest summed out.

    Of all that is not seen pgmpy writes out the joint, which must fit into memory.
    """
    place = find_spec("pgmpy")
    assert place is not None and place.origin is not None
    folder = Path(place.origin).parent / "utils" / "example_models"
    network = read_bif(folder / f"{name}.bif.gz").network
    peer = VariableElimination(to_pgmpy(network))
    rng = np.random.default_rng(1)
    drawn = sample(network, evidence(network), 3, 1)
    for row in range(3):
        seen = [str(v) for v in rng.choice(list(network), len(network) // 3, replace=False)]
        seen_as = {v: network[v].states[drawn[v][row]] for v in seen}
        free = [v for v in network if v not in seen_as]
        some = [str(v) for v in rng.choice(free, 3, replace=False)]
        for targets in (free, some) if len(network) < 12 else (some,):
            found = most_probable(network, targets, seen_as)
            theirs = peer.map_query(targets, evidence=seen_as, show_progress=False)
            # Which of several equally probable ones is named is open.
            chance = [
                log_probability(network, {**seen_as, **{str(v): str(s) for v, s in one.items()}})
                for one in (found.to_dict(), theirs)
            ]
            assert chance[0] == pytest.approx(chance[1], abs=1e-8)
            assert found.attrs["log_probability"] == pytest.approx(chance[0], abs=1e-8)


def test_states_probable_each_by_itself_may_not_be_so_together() -> None:
    a = Variable("a", ("no", "yes"), (), Table(np.array([0.4, 0.6])))
    b = Variable("b", ("x", "y", "z"), ("a",), Table(np.array([[1, 0, 0], [0, 0.5, 0.5]])))
    network = Network([a, b])
    assert most_probable(network).to_dict() == {"a": "no", "b": "x"}
    assert most_probable(network, ["a"])["a"] == "yes"


def test_a_wide_noisy_or_is_explained_by_one_cause() -> None:
    causes = [Variable(f"c{i}", ("no", "yes"), (), Table(np.array([0.9, 0.1]))) for i in range(8)]
    effects = tuple(np.array([[1.0, 0.0], [1 - w, w]]) for w in np.linspace(0.1, 0.8, 8))
    effect = Variable(
        "e", ("no", "yes"), tuple(c.name for c in causes), NoisyMax(np.array([1.0, 0.0]), effects)
    )
    found = most_probable(Network([*causes, effect]), given={"e": "yes"})
    assert [n for n, s in found.items() if s == "yes"] == ["c7"]
    assert np.exp(found.attrs["log_probability"]) == pytest.approx(0.9**7 * 0.1 * 0.8)


def test_bad_targets_are_refused() -> None:
    network = Network([Variable("a", ("no", "yes"), (), Table(np.array([0.4, 0.6])))])
    with pytest.raises(UnknownNameError, match="unknown variable 'b'"):
        most_probable(network, ["b"])
    with pytest.raises(LumbayesError, match="a target stands twice in a, a"):
        most_probable(network, ["a", "a"])
