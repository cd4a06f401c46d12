"""The engines that ours is measured beside, on the same findings, ended when they take too long.

Import this first: it sets the number of threads before numpy is loaded.
"""

# ruff: noqa: E402 - threads must be set before numpy is imported

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"  # read by the linear algebra library when numpy loads it

import multiprocessing
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from lumbayes.inference.queries import Evidence, evidence, sample
from lumbayes.knowledge.model import load_model
from lumbayes.network.bif import read_bif
from lumbayes.network.variables import Network

gum: Any = import_module("pyagrum")  # without types
PEERS = ("ShaferShenoyInference", "LazyPropagation", "VariableElimination")
SHORT = {
    "ShaferShenoyInference": "Shafer-Shenoy",
    "LazyPropagation": "Lazy",
    "VariableElimination": "VE",
}
ROWS = 10_000  # of a batch
PATIENCE = 4.0  # seconds that a peer may take for the cases of one row

Findings = dict[str, str]


def seconds(work: Callable[[], object]) -> float:
    """Seconds of one run."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def median_time(work: Callable[[int], object], times: int) -> float:
    """Median seconds of several runs, after one that does not count."""
    work(0)
    return float(np.median([seconds(partial(work, i)) for i in range(times)]))


def shown(taken: float | None) -> str:
    """Write seconds for people."""
    if taken is None:
        return f"over {PATIENCE:.0f} s"
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if taken >= size:
            return f"{taken / size:.3g} {unit}"
    return f"{taken * 1e6:.2g} µs"


def times_faster(ours: float, theirs: float | None) -> str:
    """Write how many times quicker we are."""
    return f"> {PATIENCE / ours:.0f} ×" if theirs is None else f"{theirs / ours:.1f} ×"


def published(name: str) -> Network:
    """Return our network, or one that pgmpy ships."""
    if name == "ours":
        return load_model().network
    found = find_spec("pgmpy")
    assert found is not None and found.submodule_search_locations is not None
    folder = Path(found.submodule_search_locations[0]) / "utils" / "example_models"
    return read_bif(folder / f"{name}.bif.gz").network


def to_pyagrum(network: Network) -> Any:
    """Build the network in memory: pyAgrum's file readers round to single precision."""
    other = gum.BayesNet()
    for v in network.variables.values():
        other.add(gum.LabelizedVariable(v.name, v.name, [str(i) for i in range(len(v.states))]))
    for v in network.variables.values():
        for p in v.parents:
            other.addArc(p, v.name)
    for v in network.variables.values():
        axes = (*v.parents, v.name)
        table = other.cpt(v.name)
        order = [axes.index(n) for n in reversed(table.names)]
        table[:] = np.ascontiguousarray(v.cpt.transpose(order))
    return other


def ask_pyagrum(
    engine: str, other: Any, findings: Mapping[str, int], targets: Sequence[str], some: bool
) -> None:
    """Marginals of one case by a new engine, of all variables or only of some targets."""
    peer = getattr(gum, engine)(other)
    if some:
        for t in targets:
            peer.addTarget(t)
    peer.setEvidence(findings)
    peer.makeInference()
    for t in targets:
        peer.posterior(t).toarray()


def joint_pyagrum(
    engine: str, other: Any, findings: Mapping[str, int], targets: Sequence[str]
) -> None:
    """Joint of a few variables by a new engine."""
    peer = getattr(gum, engine)(other)
    peer.addJointTarget(set(targets))
    peer.setEvidence(findings)
    peer.makeInference()
    peer.jointPosterior(set(targets)).toarray()


def _times(works: Sequence[Callable[[], object]], report: Any) -> None:
    for work in works:
        report.send(seconds(work))


def with_patience(works: Sequence[Callable[[], object]]) -> float | None:
    """Median seconds of what gets done in a copy of this process before patience ends."""
    take, give = multiprocessing.Pipe(duplex=False)
    copy = multiprocessing.get_context("fork").Process(target=_times, args=(works, give))
    copy.start()
    give.close()
    taken: list[float] = []
    end = time.monotonic() + PATIENCE
    try:
        while len(taken) < len(works) and take.poll(max(0.0, end - time.monotonic())):
            taken.append(take.recv())
    except EOFError:  # it gave up, out of memory for one
        pass
    copy.kill()
    copy.join()
    return float(np.median(taken)) if taken else None


def fastest(works: Mapping[str, Sequence[Callable[[], object]]]) -> tuple[str, float | None]:
    """Return the quickest of several engines and its time."""
    taken = {name: with_patience(some) for name, some in works.items()}
    done = {name: t for name, t in taken.items() if t is not None}
    if not done:
        return "none", None
    best = min(done, key=lambda name: done[name])
    return SHORT.get(best, best), done[best]


def fastest_of(
    ask: Callable[..., None], calls: Sequence[Sequence[Any]]
) -> tuple[str, float | None]:
    """Return the quickest of the peers for some calls, each after the name of an engine."""
    return fastest({e: [partial(ask, e, *call) for call in calls] for e in PEERS})


def cases_of(network: Network, counts: Sequence[int], seed: int = 2) -> list[Findings]:
    """Draw cases of which so many variables are known."""
    rng = np.random.default_rng(seed)
    drawn = sample(network, evidence(network), len(counts), seed)
    cases = []
    for row, count in enumerate(counts):
        chosen = rng.choice(list(network), count, replace=False)
        cases.append({str(v): network[str(v)].states[drawn[str(v)][row]] for v in chosen})
    return cases


def numbered(network: Network, findings: Findings) -> dict[str, int]:
    """Write states as numbers, as the peers take them."""
    return {v: network[v].index(s) for v, s in findings.items()}


class Cases:
    """Cases drawn from a network, each known in part."""

    def __init__(self, network: Network, known: Sequence[str], share: dict[str, float]) -> None:
        self.network = network
        rng = np.random.default_rng(1)
        drawn = sample(network, evidence(network), ROWS, 1)
        self.likelihoods: dict[str, np.ndarray] = {}
        self.findings: list[Findings] = [{} for _ in range(200)]
        for name in known:
            states = network[name].states
            values = np.eye(len(states))[:, drawn[name]]
            values[:, rng.random(ROWS) > share[name]] = 1.0
            self.likelihoods[name] = values
            for row, findings in enumerate(self.findings):
                if not (values[:, row] == 1).all():
                    findings[name] = states[drawn[name][row]]

    def batch(self, first: int = 0, last: int = ROWS) -> Evidence:
        """Return some rows as one batch."""
        return Evidence(
            {n: v[:, first:last] for n, v in self.likelihoods.items()}, {}, last - first
        )
