"""The engine beside the fastest of its peers; writes benchmarks/RESULTS.md.

Every comparison runs in this process or in a copy of it (so that a peer that takes too long can be
ended), on the same findings, which are drawn from the network itself. Run it with ``make bench``.
"""

from __future__ import annotations

import os
import platform
import resource
import time
import warnings
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from peers import PATIENCE, ROWS, Cases, gum, median_time, published, shown

# isort: split

import numpy as np
from engine_peers import SHARES, by_density, few_findings, joints, one_batch
from engine_waits import MANY, clashes, cold, interactive, million

from lumbayes.inference.batches import general_tree
from lumbayes.inference.queries import (
    Evidence,
    evidence,
    marginals,
    sample,
    tree_size,
    use_kernel,
)
from lumbayes.knowledge.model import load_model
from lumbayes.network.variables import Network

HERE = Path(__file__).parent
OTHERS = """## Other benchmarks

[The app](app.md), [the service](service.md), [tables](batch.md), [networks of
other tools](reading.md), [learning](learning.md), [false alarms](alarms.md), [the
lessons](lessons.md), and
[symptom checkers and lists of red flags](../docs/explanation/symptom-checkers.md)."""


def sizes(network: Network, cases: Cases, targets: Sequence[str]) -> list[list[str]]:
    """Table entries of the compiled trees."""
    open_cases = [tree_size(network, f, keep=targets) for f in cases.findings[:25]]
    base = {"age_band": network["age_band"].states[2], "sex": network["sex"].states[0]}
    return [
        ["nothing known, every finding kept", f"{tree_size(network):,}"],
        ["age and sex known, every finding kept", f"{tree_size(network, base):,}"],
        ["median of 25 cases, what they need", f"{int(np.median(open_cases)):,}"],
    ]


def growth(network: Network, known: Sequence[str], targets: Sequence[str]) -> dict[str, Any]:
    """Seconds against findings, cases and draws."""
    order = [str(v) for v in np.random.default_rng(3).permutation(list(known))]
    drawn = sample(network, evidence(network), ROWS, 3)
    model = load_model()

    def again(which: Network, given: Evidence) -> float:
        return median_time(lambda _: marginals(which, given, targets), 3)

    by_findings = {}
    for count in (0, 5, 10, 20, 40, 80):
        batch = Evidence(
            {v: np.eye(len(network[v].states))[:, drawn[v][:2000]] for v in order[:count]}, {}, 2000
        )
        by_findings[count] = again(network, batch) / 2000
    full = {v: np.eye(len(network[v].states))[:, drawn[v]] for v in order[:20]}
    by_cases = {
        rows: again(network, Evidence({v: w[:, :rows] for v, w in full.items()}, {}, rows))
        for rows in (1, 10, 100, 1000, ROWS)
    }
    case = evidence(network, {v: network[v].states[drawn[v][0]] for v in order[:20]})
    by_draws = {}
    for draws in (100, 300, 1000, 3000):
        by_draws[draws] = again(model.network_with(model.draw(draws)), case)
    return {"findings": by_findings, "cases": by_cases, "draws": by_draws}


def plot(grown: dict[str, Any], path: Path) -> None:
    """Draw the growth, three panels."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "lumbayes"
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, 3, figsize=(10, 3), layout="constrained")
    axes = [("findings", 1e6, "µs a case"), ("cases", 1e3, "ms"), ("draws", 1e3, "ms")]
    for panel, (what, unit, label) in zip(panels, axes, strict=True):
        points = grown[what]
        panel.plot(list(points), [t * unit for t in points.values()], marker="o")
        panel.set_xlabel(what)
        panel.set_ylabel(label)
        panel.set_ylim(bottom=0)
        if what == "cases":
            panel.set_xscale("log")
            panel.set_yscale("log")
    figure.savefig(path, metadata={"Date": None})


def bound(cases: Cases) -> list[list[str]]:
    """How far a ragged batch of HEPAR II runs from the time it takes to move its bytes."""
    network = cases.network
    tree = general_tree(network)
    assert tree is not None
    taken = median_time(lambda _: marginals(network, cases.batch()), 3) / ROWS
    source = np.ones(60_000)  # the messages of 32 rows, which stay in the second cache
    target = np.ones_like(source)
    copied = median_time(lambda _: np.copyto(target, source), 50)
    rate = 2 * source.nbytes / copied
    moved = 3 * 3 * 8 * tree.cost  # up and twice down: two reads and a write each
    return [
        ["entries of the tree", f"{tree.cost:,}"],
        ["bytes per case: up and twice down, two reads and a write each", f"{moved:,}"],
        ["measured copy rate in a workspace of that size", f"{rate / 1e9:.0f} GB/s"],
        ["bound by bytes", f"{moved / rate * 1e6:.1f} µs a case"],
        ["measured", f"{taken * 1e6:.1f} µs a case"],
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
    packages = ", ".join(f"{p} {version(p)}" for p in ("numpy", "numba", "pyagrum", "pgmpy"))
    python = f"Python {platform.python_version()}"
    return (
        f"{chip}, {os.cpu_count()} cores, {python}, {packages}; one thread unless said. "
        f"Load of the machine over the last minutes: {os.getloadavg()[2]:.1f}."
    )


def main() -> None:
    """Run everything and write the report."""
    begun = time.monotonic()
    warnings.simplefilter("ignore")
    gum.setNumberOfThreads(1)
    use_kernel()
    model = load_model()
    network = model.network
    layer = {v: model.variables[v].layer for v in network}
    targets = [v for v in network if layer[v] in ("condition", "imbalance")]
    context = [v for v in network if layer[v] == "context"]
    findings = [v for v in network if layer[v] == "finding"]
    known = [*context, *findings]
    share = dict.fromkeys(context, 0.45) | dict.fromkeys(findings, 0.3)
    realistic = Cases(network, known, share | {"age_band": 1.0, "sex": 1.0})
    liver = published("hepar2")
    fifteen = [str(v) for v in np.random.default_rng(0).permutation(list(liver))[:15]]
    fixed = Cases(liver, fifteen, dict.fromkeys(fifteen, 1.0))
    ragged = Cases(liver, list(liver), dict.fromkeys(liver, 0.3))
    density = by_density()
    batches = [
        one_batch("HEPAR II, all marginals, the same 15 findings", fixed, list(liver)),
        one_batch("HEPAR II, all marginals, ragged, 30 % known", ragged, list(liver)),
        one_batch(f"our network, {len(targets)} targets, ragged", realistic, targets),
    ]
    pairs, few = joints(), few_findings()
    waits, starts = interactive(realistic, targets, findings), cold()
    clash, large = clashes(), million()
    grown = growth(network, known, targets)
    plot(grown, HERE / "growth.svg")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    parts = [
        "# Benchmarks of the engine\n\nWritten by `make bench`: medians, on the same findings for "
        "all engines, drawn from the network. The peer is the fastest of pyAgrum's Shafer-Shenoy, "
        f"Lazy and VE for each row, a new engine for each case, ended after {PATIENCE:.0f} s.\n\n"
        + machine(),
        "## All marginals of a new case, by how much is known\n\n"
        + table(["network", *(f"{s:.0%}" for s in SHARES), "entries of our tree"], density),
        "## A few findings\n\n"
        + table(
            [
                "case",
                "lumbayes, new",
                "fastest peer, new",
                "ratio",
                "the same variables again: lumbayes, Shafer-Shenoy",
                "pgmpy VE",
            ],
            few,
        ),
        "## Joint of a few variables, five findings, new\n\n"
        + table(["question", "lumbayes", "fastest peer", "ratio"], pairs),
        f"## {ROWS:,} cases, per case\n\n"
        + table(["work", "lumbayes", "fastest peer", "ratio", "on two threads"], batches),
        "## Answers while a person waits\n\nEvery case is new.\n\n"
        + table(["work", "measured", "allowed"], waits),
        "## Findings that cannot occur together\n\nAll marginals of a new case, 15 % known, and "
        "a smallest clash named; ten times is allowed.\n\n"
        + table(["network", "one query", "clash", "ratio"], clash),
        f"## {MANY:,} ragged people, CSV to Parquet\n\nPosteriors of all conditions and "
        "imbalances, care level; 60 % of the findings and 20 % of the context blank.\n\n"
        + table(["what", "measured", "allowed"], large),
        "## A cold start\n\n" + table(["process", "time", "most memory"], starts),
        f"This benchmark itself, all networks loaded: {most:,.0f} MB, "
        f"{(time.monotonic() - begun) / 60:.0f} minutes.",
        "## Size of the tree of our network\n\n"
        + table(["what is known", "table entries"], sizes(network, realistic, targets)),
        "## How cost grows\n\nOur network, posteriors of conditions and imbalances.\n\n"
        "![cost against findings, cases and draws](growth.svg)\n\n"
        + "\n\n".join(
            table([what, *map(str, points)], [["time", *(shown(t) for t in points.values())]])
            for what, points in grown.items()
        )
        + "\n\nAgainst findings: per case, in a batch of 2,000.",
        "## How far from the bound\n\nHEPAR II, all 70 marginals, ragged.\n\n"
        + table(["quantity", "value"], bound(ragged)),
        (HERE / "tried.md").read_text().strip(),
        OTHERS,
    ]
    (HERE / "RESULTS.md").write_text("\n\n".join(parts) + "\n")
    print("\n\n".join(parts))


if __name__ == "__main__":
    main()
