"""What a person waits for: single answers, clashes, a table of a million, a cold start."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from peers import Cases, Findings, cases_of, median_time, published, seconds, shown

# isort: split

import numpy as np
from bench_batch import MISSING, measured, write_cases

from lumbayes.errors import ImpossibleEvidenceError
from lumbayes.inference import batches as engine
from lumbayes.inference.queries import evidence, evidence_alternatives, marginals
from lumbayes.knowledge.model import load_model
from lumbayes.network.variables import Network

HERE = Path(__file__).parent
CASES = 5
DRAWS = 1_000
MANY = 1_000_000


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

    def timed(*given: Any, **named: Any) -> Any:
        start = time.thread_time()
        try:
            return plain(*given, **named)
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
        times = [seconds(partial(marginals, network, evidence(network, c))) for c in possible]
        one = float(np.median(times[1:]))
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
                [sys.executable, "-c", script, *command],
                capture_output=True,
                text=True,
                check=True,
                env=environment,
            ).stdout.split()
            for _ in range(6)
        ]
        times, memory = np.array(found[1:], dtype=float).T
        return float(np.median(times)), float(np.median(memory))

    rows = []
    with tempfile.TemporaryDirectory() as bytecode:  # the first run, not counted, writes it
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": bytecode}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for name, code in COLD.items():
            taken, memory = run([sys.executable, "-c", code])
            rows.append([f"{name}: a network of two", shown(taken), f"{memory:.0f} MB"])
        command = [sys.executable, "-m", "lumbayes", "assess", "low_back_pain=yes", "slr=positive"]
        taken, memory = run([*command, "age_band=30_44"])
        rows.append(
            ["`lumbayes assess`, 200 draws; 0.7 s allowed", shown(taken), f"{memory:.0f} MB"]
        )
    return rows
