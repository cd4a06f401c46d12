"""The engine beside pyAgrum and pgmpy, and how its cost grows; writes benchmarks/RESULTS.md.

Every comparison runs in this process, engines taking turns on the same findings, which are drawn
from the network itself. Run it with ``make bench``.
"""

# ruff: noqa: E402 - the number of threads must be set before numpy is imported

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"  # read by the linear algebra library when numpy loads it

import gc
import platform
import time
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from lumbayes.inference.factors import Pattern
from lumbayes.inference.grouping import WORKSPACE, chunk_rows
from lumbayes.inference.junction_tree import PROGRAMS, program_for
from lumbayes.inference.queries import (
    Evidence,
    evidence,
    evidence_alternatives,
    marginals,
    sample,
    tree_size,
)
from lumbayes.knowledge.model import load_model
from lumbayes.network.bif import read_bif
from lumbayes.network.pgmpy_models import to_pgmpy
from lumbayes.network.variables import Network

gum: Any = import_module("pyagrum")  # without types
HERE = Path(__file__).parent
ROWS = 10_000
DRAWS = 1_000


# --- what is measured -----------------------------------------------------------------------------


def median_time(work: Callable[[int], object], times: int) -> float:
    """Median seconds of several runs, the first (which compiles) left out."""
    work(0)
    taken = []
    for i in range(times):
        start = time.perf_counter()
        work(i)
        taken.append(time.perf_counter() - start)
    return float(np.median(taken))


def hepar2() -> Network:
    """HEPAR II, 70 variables, as pgmpy ships it."""
    found = find_spec("pgmpy")
    assert found is not None and found.submodule_search_locations is not None
    folder = Path(found.submodule_search_locations[0]) / "utils" / "example_models"
    return read_bif(folder / "hepar2.bif.gz").network


def to_pyagrum(network: Network) -> Any:
    """Build the network in memory: pyAgrum's file readers round to single precision."""
    other = gum.BayesNet()
    for v in network.variables.values():
        other.add(gum.LabelizedVariable(v.name, v.name, list(v.states)))
    for v in network.variables.values():
        for p in v.parents:
            other.addArc(p, v.name)
    for v in network.variables.values():
        axes = (*v.parents, v.name)
        table = other.cpt(v.name)
        order = [axes.index(n) for n in reversed(table.names)]
        table[:] = np.ascontiguousarray(v.cpt.transpose(order))
    return other


def ask_pyagrum(other: Any, findings: dict[str, str], targets: Sequence[str]) -> None:
    """Marginals of one case by lazy propagation, only of the targets."""
    engine = gum.LazyPropagation(other)
    for t in targets:
        engine.addTarget(t)
    engine.setEvidence(findings)
    engine.makeInference()
    for t in targets:
        engine.posterior(t).toarray()


class Cases:
    """Cases drawn from a network, each known in part."""

    def __init__(self, network: Network, known: Sequence[str], share: dict[str, float]) -> None:
        self.network = network
        rng = np.random.default_rng(1)
        drawn = sample(network, evidence(network), ROWS, 1)
        self.likelihoods: dict[str, np.ndarray] = {}
        self.findings: list[dict[str, str]] = [{} for _ in range(200)]
        for name in known:
            states = network[name].states
            values = np.eye(len(states))[:, drawn[name]]
            values[:, rng.random(ROWS) > share[name]] = 1.0
            self.likelihoods[name] = values
            for row, findings in enumerate(self.findings):
                if not (values[:, row] == 1).all():
                    findings[name] = states[drawn[name][row]]

    def batch(self, rows: int = ROWS) -> Evidence:
        """Return the first rows as one batch."""
        return Evidence({n: v[:, :rows] for n, v in self.likelihoods.items()}, {}, rows)


# --- side by side ---------------------------------------------------------------------------------


def one_case(name: str, network: Network, known: Sequence[str]) -> list[list[str]]:
    """All marginals of one case, engines taking turns."""
    rng = np.random.default_rng(2)
    drawn = sample(network, evidence(network), 30, 2)
    other = to_pyagrum(network)
    from pgmpy.inference import VariableElimination

    peer = VariableElimination(to_pgmpy(network))
    rows = []
    for count in (5, 15):
        cases = []
        for row in range(30):
            chosen = rng.choice(list(known), count, replace=False)
            cases.append({str(v): network[str(v)].states[drawn[str(v)][row]] for v in chosen})
        taken: dict[str, list[float]] = {"lumbayes": [], "pyagrum": [], "pgmpy": []}

        def ask_ours(case: dict[str, str]) -> None:
            marginals(network, evidence(network, case))

        def ask_lazy(case: dict[str, str]) -> None:
            ask_pyagrum(other, case, list(network))

        def ask_slow(case: dict[str, str]) -> None:
            for v in network:
                if v not in case:
                    peer.query([v], evidence=case, show_progress=False)

        ask_ours(cases[0])
        for turn in range(3):
            block = cases[10 * turn : 10 * turn + 10]
            for engine, ask, some in (
                ("lumbayes", ask_ours, block),
                ("pyagrum", ask_lazy, block),
                ("pgmpy", ask_slow, block[:2]),
            ):
                for case in some:
                    start = time.perf_counter()
                    ask(case)
                    taken[engine].append(time.perf_counter() - start)
        ours, lazy, slow = (float(np.median(taken[k])) for k in ("lumbayes", "pyagrum", "pgmpy"))
        rows.append(
            [
                f"{name}, {len(network)} variables, {count} findings",
                f"{ours * 1e3:.2f} ms",
                f"{lazy * 1e3:.1f} ms",
                f"{slow * 1e3:.0f} ms",
                f"{lazy / ours:.1f} ×",
                f"{slow / ours:.0f} ×",
            ]
        )
    return rows


def one_batch(name: str, cases: Cases, targets: Sequence[str]) -> list[str]:
    """10,000 cases at once beside pyAgrum one by one."""
    network = cases.network
    other = to_pyagrum(network)
    whole = cases.batch()
    marginals(network, whole, targets)
    ours, lazy = [], []
    for turn in range(3):
        start = time.perf_counter()
        marginals(network, whole, targets)
        ours.append((time.perf_counter() - start) / ROWS)
        for findings in cases.findings[turn * 30 : turn * 30 + 30]:
            start = time.perf_counter()
            ask_pyagrum(other, findings, targets)
            lazy.append(time.perf_counter() - start)
    mine, theirs = float(np.median(ours)), float(np.median(lazy))
    return [name, f"{mine * 1e6:.1f} µs", f"{theirs * 1e3:.2f} ms", f"{theirs / mine:.0f} ×"]


# --- our network ----------------------------------------------------------------------------------


def interactive(cases: Cases, targets: Sequence[str], findings: Sequence[str]) -> list[list[str]]:
    """Draws and next question, each case new to the engine."""
    model = load_model()
    network = model.network
    drawn = model.network_with(model.draw(DRAWS))
    gc.collect()
    gc.freeze()  # what the peers have loaded is no part of what is timed

    def intervals(i: int) -> None:
        found = marginals(drawn, evidence(drawn, cases.findings[i]), targets)
        for t in targets:
            np.quantile(found.probabilities[t], [0.025, 0.5, 0.975], axis=1)

    def questions(i: int) -> None:
        known = cases.findings[i]
        unasked = [v for v in findings if v not in known][:60]
        evidence_alternatives(network, evidence(network, known), unasked, targets)

    few, many = median_time(intervals, 15), median_time(questions, 15)
    return [
        [
            f"95 % intervals of {len(targets)} targets, {DRAWS} draws",
            f"{few * 1e3:.0f} ms",
            "500 ms",
        ],
        [
            f"{len(targets)} targets after every answer to 60 questions",
            f"{many * 1e3:.0f} ms",
            "50 ms",
        ],
    ]


def sizes(network: Network, cases: Cases, targets: Sequence[str]) -> list[list[str]]:
    """Table entries of the compiled trees."""
    open_cases = [tree_size(network, f, keep=targets) for f in cases.findings[:25]]
    base = {"age_band": network["age_band"].states[2], "sex": network["sex"].states[0]}
    return [
        ["nothing known, every finding kept", f"{tree_size(network):,}"],
        ["age and sex known, every finding kept", f"{tree_size(network, base):,}"],
        ["median of 25 cases, what they need", f"{int(np.median(open_cases)):,}"],
    ]


# --- how cost grows -------------------------------------------------------------------------------


def again(network: Network, given: Evidence, targets: Sequence[str], _: int) -> None:
    """Ask once more, whatever the turn."""
    marginals(network, given, targets)


def growth(network: Network, known: Sequence[str], targets: Sequence[str]) -> dict[str, Any]:
    """Seconds against findings, cases and draws."""
    order = [str(v) for v in np.random.default_rng(3).permutation(list(known))]
    drawn = sample(network, evidence(network), ROWS, 3)
    model = load_model()
    by_findings = {}
    for count in (0, 5, 10, 20, 40, 80):
        batch = Evidence(
            {v: np.eye(len(network[v].states))[:, drawn[v][:2000]] for v in order[:count]}, {}, 2000
        )
        by_findings[count] = median_time(partial(again, network, batch, targets), 2) / 2000
    full = {v: np.eye(len(network[v].states))[:, drawn[v]] for v in order[:20]}
    by_cases = {}
    for rows in (1, 10, 100, 1000, ROWS):
        batch = Evidence({v: w[:, :rows] for v, w in full.items()}, {}, rows)
        by_cases[rows] = median_time(partial(again, network, batch, targets), 2)
    case = evidence(network, {v: network[v].states[drawn[v][0]] for v in order[:20]})
    by_draws = {}
    for draws in (100, 300, 1000, 3000):
        many = model.network_with(model.draw(draws))
        by_draws[draws] = median_time(partial(again, many, case, targets), 2)
    return {"findings": by_findings, "cases": by_cases, "draws": by_draws}


def plot(grown: dict[str, Any], path: Path) -> None:
    """Draw the growth, three panels."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "lumbayes"
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, 3, figsize=(10, 3), layout="constrained")
    shown = [("findings", 1e6, "µs a case"), ("cases", 1e3, "ms"), ("draws", 1e3, "ms")]
    for panel, (what, unit, label) in zip(panels, shown, strict=True):
        points = grown[what]
        panel.plot(list(points), [t * unit for t in points.values()], marker="o")
        panel.set_xlabel(what)
        panel.set_ylabel(label)
        panel.set_ylim(bottom=0)
        if what == "cases":
            panel.set_xscale("log")
            panel.set_yscale("log")
    figure.savefig(path, metadata={"Date": None})


def bound(network: Network) -> list[list[str]]:
    """How far a batch of HEPAR II runs from the time it takes to move its bytes."""
    pattern = Pattern((), frozenset(network), (), tuple(frozenset([v]) for v in network))
    program = program_for(network, pattern, ROWS)
    rows = chunk_rows(program.entries)
    blank = {v: np.ones((len(network[v].states), rows)) for v in network}
    held = program.run(blank, [])
    taken = median_time(lambda _: program.run(blank, [], held), 10) / rows
    source = np.ones(WORKSPACE // 16)
    target = np.ones_like(source)
    copied = median_time(lambda _: np.copyto(target, source), 20)
    rate = 2 * source.nbytes / copied
    moved = 3 * 8 * program.entries
    steps = len(program.up) + len(program.down)
    one = {v: np.ones((len(network[v].states), 1)) for v in network}
    overhead = median_time(lambda _: program.run(one, []), 20) / rows
    return [
        ["numbers written per case", f"{program.entries:,}"],
        ["bytes per case, two reads and a write each", f"{moved:,}"],
        ["measured copy rate over the same workspace", f"{rate / 1e9:.1f} GB/s"],
        ["bound by bytes", f"{moved / rate * 1e6:.1f} µs a case"],
        [f"calls from Python, {steps} steps for {rows} rows", f"{overhead * 1e6:.1f} µs a case"],
        ["measured, one chunk", f"{taken * 1e6:.1f} µs a case"],
    ]


# --- the report -----------------------------------------------------------------------------------


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a Markdown table."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def machine() -> str:
    """Describe the machine and the versions."""
    chip = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        chip = names[0].split(":")[1].strip() if names else chip
    packages = ", ".join(f"{p} {version(p)}" for p in ("numpy", "pyagrum", "pgmpy"))
    python = f"Python {platform.python_version()}"
    return f"{chip}, {os.cpu_count()} cores, {python}, {packages}; one thread."


def main() -> None:
    """Run everything and write the report."""
    warnings.simplefilter("ignore")
    model = load_model()
    network = model.network
    layer = {v: model.variables[v].layer for v in network}
    targets = [v for v in network if layer[v] in ("condition", "imbalance")]
    context = [v for v in network if layer[v] == "context"]
    findings = [v for v in network if layer[v] == "finding"]
    liver = hepar2()
    fifteen = [str(v) for v in np.random.default_rng(0).permutation(list(liver))[:15]]
    fixed = Cases(liver, fifteen, dict.fromkeys(fifteen, 1.0))
    ragged = Cases(liver, list(liver), dict.fromkeys(liver, 0.3))
    known = [*context, *findings]
    share = dict.fromkeys(context, 0.45) | dict.fromkeys(findings, 0.3)
    realistic = Cases(network, known, share | {"age_band": 1.0, "sex": 1.0})
    PROGRAMS.held.clear()
    single = one_case("HEPAR II", liver, list(liver)) + one_case("our network", network, known)
    batches = [
        one_batch("HEPAR II, all marginals, the same 15 findings", fixed, list(liver)),
        one_batch("HEPAR II, all marginals, ragged, 30 % known", ragged, list(liver)),
        one_batch(f"our network, {len(targets)} targets, ragged", realistic, targets),
    ]
    grown = growth(network, known, targets)
    plot(grown, HERE / "growth.svg")
    parts = [
        "# Benchmarks of the engine\n\nWritten by `make bench`: medians, engines taking turns, in "
        "blocks of ten cases, on the same findings, which are drawn from the network.\n\n"
        + machine(),
        "## All marginals of one case\n\n"
        + table(
            [
                "network",
                "lumbayes",
                "pyAgrum LazyPropagation",
                "pgmpy VariableElimination",
                "to pyAgrum",
                "to pgmpy",
            ],
            single,
        ),
        f"## {ROWS:,} cases, per case\n\n"
        + table(["work", "lumbayes", "pyAgrum", "ratio"], batches),
        "## Answers while a person waits\n\nEvery case is new: compiling is part of the time.\n\n"
        + table(["work", "measured", "allowed"], interactive(realistic, targets, findings)),
        "## Size of the tree of our network\n\n"
        + table(["what is known", "table entries"], sizes(network, realistic, targets)),
        "## How cost grows\n\nOur network, posteriors of conditions and imbalances.\n\n"
        "![cost against findings, cases and draws](growth.svg)\n\n"
        + "\n\n".join(
            table(
                [what, *map(str, points)],
                [["time", *(f"{t * 1e3:.3g} ms" for t in points.values())]],
            )
            for what, points in grown.items()
        )
        + "\n\nAgainst findings: per case, in a batch of 2,000.",
        "## How far from the bound\n\nHEPAR II, all 70 marginals, any finding possible.\n\n"
        + table(["quantity", "value"], bound(liver)),
        (HERE / "tried.md").read_text().strip(),
    ]
    (HERE / "RESULTS.md").write_text("\n\n".join(parts) + "\n")
    print("\n\n".join(parts))


if __name__ == "__main__":
    main()
