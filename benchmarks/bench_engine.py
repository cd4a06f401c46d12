"""The engine beside the fastest of its peers; writes benchmarks/RESULTS.md.

Every comparison runs in this process or in a copy of it (so that a peer that takes too long can be
ended), on the same findings, which are drawn from the network itself. Run it with ``make bench``.
"""

# ruff: noqa: B023 - loops call at once

from __future__ import annotations

import gc
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from peers import (
    PATIENCE,
    PEERS,
    Findings,
    ask_pyagrum,
    cases_of,
    fastest,
    gum,
    joint_pyagrum,
    median_time,
    numbered,
    published,
    seconds,
    shown,
    times_faster,
    to_pyagrum,
    with_patience,
)

# isort: split

import numpy as np
from bench_batch import MISSING, measured, write_cases

from lumbayes.errors import ImpossibleEvidenceError
from lumbayes.inference import batches as engine
from lumbayes.inference.batches import general_tree
from lumbayes.inference.queries import (
    Evidence,
    evidence,
    evidence_alternatives,
    joint,
    marginals,
    sample,
    tree_size,
    use_kernel,
)
from lumbayes.knowledge.model import load_model
from lumbayes.network.pgmpy_models import to_pgmpy
from lumbayes.network.variables import Network

HERE = Path(__file__).parent
ROWS = 10_000
DRAWS = 1_000
MANY = 1_000_000
NETWORKS = (
    "alarm hepar2 ours win95pts andes pathfinder pigs water barley diabetes munin1 link".split()
)
SHARES = (0.0, 0.05, 0.15, 0.4, 0.6)
CASES = 5
OTHERS = """## Other benchmarks

[The app](app.md), [the service](service.md), [tables](batch.md), [networks of
other tools](reading.md), [learning](learning.md), [false alarms](alarms.md), [the
lessons](lessons.md), and
[symptom checkers and lists of red flags](../docs/explanation/symptom-checkers.md)."""


# --- side by side ---------------------------------------------------------------------------------


def by_density() -> list[list[str]]:
    """All marginals of a new case, by network and by how much is known."""
    rows = []
    for name in NETWORKS:
        network = published(name)
        other = to_pyagrum(network)
        names = list(network)
        tree = general_tree(network)
        row = [f"{name}, {len(network)} variables"]
        for share in SHARES:
            cases = cases_of(network, [round(share * len(network))] * (CASES + 1))
            ours = [seconds(lambda c=c: marginals(network, evidence(network, c))) for c in cases]
            mine = float(np.median(ours[1:]))
            peer, theirs = fastest(
                {
                    e: [
                        partial(ask_pyagrum, e, other, numbered(network, c), names, False)
                        for c in cases[1:]
                    ]
                    for e in PEERS
                }
            )
            row.append(f"{shown(mine)}, {peer} {shown(theirs)}: **{times_faster(mine, theirs)}**")
        row.append("–" if tree is None else f"{tree.cost:,}")
        rows.append(row)
        print("| " + " | ".join(row) + " |", flush=True)
        gc.collect()
    return rows


def few_findings() -> list[list[str]]:
    """Five and fifteen findings: new variables, the same again with other states, pgmpy."""
    from pgmpy.inference import VariableElimination

    rows = []
    for name in ("hepar2", "ours"):
        network = published(name)
        other, names = to_pyagrum(network), list(network)
        peer = VariableElimination(to_pgmpy(network))
        for count in (5, 15):
            cases = cases_of(network, [count] * 21)
            ours = [seconds(lambda c=c: marginals(network, evidence(network, c))) for c in cases]
            engine, theirs = fastest(
                {
                    e: [
                        partial(ask_pyagrum, e, other, numbered(network, c), names, False)
                        for c in cases[1:]
                    ]
                    for e in PEERS
                }
            )

            def slow(case: Findings) -> None:
                for v in names:
                    if v not in case:
                        peer.query([v], evidence=case, show_progress=False)

            pgmpy = float(np.median([seconds(partial(slow, c)) for c in cases[:2]]))
            drawn = sample(network, evidence(network), 20, 3)
            again = [{v: network[v].states[drawn[v][i]] for v in cases[1]} for i in range(20)]
            repeat = [seconds(lambda c=c: marginals(network, evidence(network, c))) for c in again]
            held = gum.ShaferShenoyInference(other)

            def same(findings: Mapping[str, int]) -> None:
                held.setEvidence(findings)
                held.makeInference()
                for v in names:
                    held.posterior(v).toarray()

            theirs_again = with_patience([partial(same, numbered(network, c)) for c in again])
            mine, mine_again = float(np.median(ours[1:])), float(np.median(repeat))
            rows.append(
                [
                    f"{name}, {count} findings",
                    shown(mine),
                    f"{shown(theirs)} {engine}",
                    times_faster(mine, theirs),
                    f"{shown(mine_again)}, {shown(theirs_again)}: "
                    f"{times_faster(mine_again, theirs_again)}",
                    f"{shown(pgmpy)}: {pgmpy / mine:.0f} ×",
                ]
            )
    return rows


def joints() -> list[list[str]]:
    """Joint of two and three variables, five findings, each asked for the first time."""
    rows = []
    for name in ("alarm", "hepar2", "ours"):
        network = published(name)
        other = to_pyagrum(network)
        rng = np.random.default_rng(4)
        for count in (2, 3):
            asked = []
            for case in cases_of(network, [5] * 16, 5):
                free = [v for v in network if v not in case]
                asked.append((case, [str(v) for v in rng.choice(free, count, replace=False)]))
            ours = [seconds(lambda c=c, t=t: joint(network, t, c)) for c, t in asked]
            engine, theirs = fastest(
                {
                    e: [
                        partial(joint_pyagrum, e, other, numbered(network, c), t)
                        for c, t in asked[1:]
                    ]
                    for e in PEERS
                }
            )
            mine = float(np.median(ours[1:]))
            rows.append(
                [
                    f"{name}, joint of {count}",
                    shown(mine),
                    f"{shown(theirs)} {engine}",
                    times_faster(mine, theirs),
                ]
            )
    return rows


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


def one_batch(name: str, cases: Cases, targets: Sequence[str]) -> list[str]:
    """10,000 cases at once beside the fastest peer one by one; and on two threads."""
    network = cases.network
    other = to_pyagrum(network)
    whole = cases.batch()
    ours = median_time(lambda _: marginals(network, whole, targets), 3) / ROWS
    halves = [cases.batch(0, ROWS // 2), cases.batch(ROWS // 2, ROWS)]
    with ThreadPoolExecutor(2) as pool:
        two = median_time(
            lambda _: list(pool.map(lambda half: marginals(network, half, targets), halves)), 3
        )
    engine, theirs = fastest(
        {
            e: [
                partial(ask_pyagrum, e, other, numbered(network, c), targets, True)
                for c in cases.findings[:100]
            ]
            for e in PEERS
        }
    )
    return [
        name,
        shown(ours),
        f"{shown(theirs)} {engine}",
        times_faster(ours, theirs),
        f"{shown(two / ROWS)}: {ours * ROWS / two:.2f} ×",
    ]


# --- our network ----------------------------------------------------------------------------------


def interactive(cases: Cases, targets: Sequence[str], findings: Sequence[str]) -> list[list[str]]:
    """Time what a person waits for, each case new to the engine."""
    from lumbayes.cases.case import Case
    from lumbayes.questions.assessment.summary import assess

    model = load_model()
    network = model.network
    drawn = model.network_with(model.draw(DRAWS))
    people = [Case({**f, "low_back_pain": "yes"}) for f in cases.findings]
    gc.collect()
    gc.freeze()  # what the peers have loaded is no part of what is timed

    def intervals(i: int) -> None:
        found = marginals(drawn, evidence(drawn, cases.findings[i]), targets)
        for t in targets:
            np.quantile(found.probabilities[t], [0.025, 0.5, 0.975], axis=1)

    def questions(i: int) -> None:
        known = cases.findings[i]
        unasked = [v for v in findings if v not in known]
        evidence_alternatives(network, evidence(network, known), unasked, targets)

    rows = [
        (f"95 % intervals of {len(targets)} targets, {DRAWS} draws", intervals, "500 ms"),
        (f"{len(targets)} targets after every answer to all open questions", questions, "10 ms"),
        (
            "`assess`, 500 draws, all of it read: explanations, next questions, plan",
            lambda i: assess(model, people[i], draws=500).to_dict(),
            "60 ms",
        ),
        (
            "the same without draws",
            lambda i: assess(model, people[i], draws=0).to_dict(),
            "",
        ),
        (
            "`assess` without draws; explanations and next questions not read",
            lambda i: assess(model, people[i], draws=0),
            "10 ms",
        ),
    ]
    told = [[what, shown(median_time(work, 15)), allowed] for what, work, allowed in rows]
    gc.unfreeze()
    return [*told, ["processor time of inference for a click in the app", click(cases), "30 ms"]]


def click(cases: Cases) -> str:
    """Processor time that the app spends in the engine when one more question is answered."""
    sys.path.insert(0, str(HERE.parent / "tests"))
    from app_parts import answers, app

    used: list[float] = []
    plain = engine.run

    def timed(*given: Any) -> Any:
        start = time.thread_time()
        try:
            return plain(*given)
        finally:
            used.append(time.thread_time() - start)

    each = []
    engine.run = timed
    try:
        for page in ("assess", "results"):
            test = app(page)
            known = {"low_back_pain": "yes"}
            for name, state in list(cases.findings[0].items())[:12]:
                known = {**known, name: state}
                used.clear()
                answers(test, known)
                each.append(sum(used))
    finally:
        engine.run = plain
    return f"{shown(float(np.median(each)))}, at most {shown(max(each))}"


def clashes() -> list[list[str]]:
    """Time a smallest clash, beside one query for all marginals of a possible case."""
    rows = []
    for name in ("win95pts", "andes", "pathfinder", "pigs", "ours", "munin1", "diabetes"):
        network = published(name)
        taken = []
        for case in impossible(network, 8):
            start = time.perf_counter()
            try:
                marginals(network, evidence(network, case))
            except ImpossibleEvidenceError:
                taken.append(time.perf_counter() - start)
        possible = cases_of(network, [round(0.15 * len(network))] * (CASES + 1), 4)
        one = median_time(lambda i: marginals(network, evidence(network, possible[1 + i])), CASES)
        if taken:
            clash = float(np.median(taken))
            rows.append([name, shown(one), shown(clash), f"{clash / one:.1f} ×"])
    return rows


def impossible(network: Network, most: int) -> Iterator[Findings]:
    """Cases drawn from the network with one finding turned so that the others exclude it."""
    rng = np.random.default_rng(3)
    for case in cases_of(network, [round(0.15 * len(network))] * 30, 3):
        turned = (
            {**case, str(v): s} for v in rng.permutation(list(case)) for s in network[str(v)].states
        )
        for one in turned:
            known = marginals(network, evidence(network, one), (), impossible="mark")
            if np.isneginf(known.log_evidence[0]):
                most -= 1
                yield one
                break
        if not most:
            return


def million() -> list[list[str]]:
    """Answer a table of a million ragged people, from CSV to Parquet, on all cores."""
    with tempfile.TemporaryDirectory() as folder:
        cases, answers = Path(folder) / "cases.csv", Path(folder) / "answers.parquet"
        write_cases(cases, MANY, MISSING)
        taken, used, memory, _ = measured(["batch", str(cases), str(answers), "--quiet"])
    return [
        ["seconds", f"{taken:.0f}", "30"],
        ["seconds of processor, all cores", f"{used:.0f}", ""],
        ["most memory of all processes", f"{memory:,.0f} MB", "1,000 MB"],
    ]


COLD = {
    "lumbayes": "from lumbayes.inference.queries import marginals, evidence\n"
    "from lumbayes.network.variables import *\nimport numpy as np\n"
    "a = Variable('a', ('n', 'y'), (), Table(np.array([.9, .1])))\n"
    "b = Variable('b', ('n', 'y'), ('a',), Table(np.array([[.9, .1], [.2, .8]])))\n"
    "n = Network([a, b]); marginals(n, evidence(n, {'b': 'y'}))",
    "pyAgrum": "import pyagrum as gum\nb = gum.fastBN('a->b')\n"
    "e = gum.ShaferShenoyInference(b); "
    "e.setEvidence({'b': 1}); e.makeInference(); e.posterior('a')",
    "pgmpy": "from pgmpy.models import DiscreteBayesianNetwork as N\n"
    "from pgmpy.factors.discrete import TabularCPD as T\n"
    "from pgmpy.inference import VariableElimination as V\n"
    "m = N([('a', 'b')]); m.add_cpds(T('a', 2, [[.9], [.1]]), "
    "T('b', 2, [[.9, .2], [.1, .8]], ['a'], [2]))\n"
    "V(m).query(['a'], evidence={'b': 1}, show_progress=False)",
}


def cold() -> list[list[str]]:
    """Seconds of new processes, bytecode present, and the most memory they take."""

    def run(command: Sequence[str]) -> tuple[float, float]:
        script = (
            "import resource, subprocess, sys, time; t = time.perf_counter(); "
            "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL); "
            "print(time.perf_counter() - t, "
            "resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)"
        )
        found = [
            subprocess.run(
                [sys.executable, "-c", script, *command], capture_output=True, text=True, check=True
            ).stdout.split()
            for _ in range(6)
        ]
        times, memory = np.array(found[1:], dtype=float).T
        return float(np.median(times)), float(np.median(memory))

    rows = []
    for name, code in COLD.items():
        taken, memory = run([sys.executable, "-c", code])
        rows.append([f"{name}: a network of two", shown(taken), f"{memory:.0f} MB"])
    command = [sys.executable, "-m", "lumbayes", "assess", "low_back_pain=yes", "slr=positive"]
    taken, memory = run([*command, "age_band=30_44"])
    rows.append(["`lumbayes assess`, 200 draws; 0.7 s allowed", shown(taken), f"{memory:.0f} MB"])
    return rows


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
