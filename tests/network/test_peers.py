"""Second opinions on published networks: pgmpy's elimination and pyAgrum's lazy propagation."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from oracle import to_pyagrum

from lumbayes.inference.queries import evidence, marginals, sample
from lumbayes.knowledge.model import load_model
from lumbayes.network.bif import read_bif
from lumbayes.network.pgmpy_models import from_pgmpy, to_pgmpy
from lumbayes.network.variables import Network

pytest.importorskip("pgmpy")
gum = pytest.importorskip("pyagrum")

NETWORKS = ("asia", "alarm", "child", "insurance", "hailfinder", "hepar2", "ours")
CLOSE = 1e-10


@cache
def published(name: str) -> Network:
    """Read one of the networks that ship with pgmpy, or our own."""
    if name == "ours":
        return load_model().network
    found = find_spec("pgmpy")
    assert found is not None and found.submodule_search_locations is not None
    folder = Path(found.submodule_search_locations[0]) / "utils" / "example_models"
    return read_bif(folder / f"{name}.bif.gz").network


def some_findings(network: Network, seed: int) -> dict[str, str]:
    """Findings that go together: a few variables of one case drawn from the network."""
    rng = np.random.default_rng(seed)
    drawn = sample(network, evidence(network), 1, seed)
    chosen = rng.choice(list(network), size=min(len(network) // 2, 6), replace=False)
    return {str(n): network[str(n)].states[int(drawn[str(n)][0])] for n in chosen}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", NETWORKS)
def test_pyagrum_agrees_on_every_marginal_and_on_the_evidence(name: str, seed: int) -> None:
    network = published(name)
    findings = some_findings(network, seed)
    peer = gum.LazyPropagation(to_pyagrum(network))
    peer.setEvidence(findings)
    peer.makeInference()
    found = marginals(network, evidence(network, findings))
    assert found.log_evidence[0] == pytest.approx(np.log(peer.evidenceProbability()), abs=CLOSE)
    for v in network:
        theirs = peer.posterior(v).toarray()
        np.testing.assert_allclose(found.probabilities[v][:, 0], theirs, rtol=0, atol=CLOSE)


@pytest.mark.parametrize("name", NETWORKS)
def test_pgmpy_agrees_on_every_marginal(name: str) -> None:
    from pgmpy.inference import VariableElimination

    network = published(name)
    findings = some_findings(network, 0)
    theirs = VariableElimination(to_pgmpy(network))
    found = marginals(network, evidence(network, findings))
    for v in [v for v in network if v not in findings][:12]:
        factor = theirs.query([v], evidence=findings, show_progress=False)
        assert factor.state_names[v] == list(network[v].states)
        np.testing.assert_allclose(found.probabilities[v][:, 0], factor.values, rtol=0, atol=CLOSE)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_survives_the_way_to_pgmpy_and_back(name: str) -> None:
    network = published(name)
    back = from_pgmpy(to_pgmpy(network))
    assert not back.notes
    for v in network:
        assert back.network[v].states == network[v].states
        assert back.network[v].parents == network[v].parents
        np.testing.assert_allclose(back.network[v].cpt, network[v].cpt, rtol=0, atol=1e-15)
