"""Learning from the same cases by other tools: seconds, and how well the result foretells others.

Each tool runs in a process of its own, which is ended after PATIENCE seconds. Cases are drawn from
one draw of all numbers. Writes its part of benchmarks/learning.md. Usage: bench_learning_peers.py
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from bench_learning import ALL, BESIDE, HERE, draw

from lumbayes.cases.cohort import Cohort, batches_of
from lumbayes.inference.queries import marginals
from lumbayes.knowledge.model import Model, load_model
from lumbayes.learning.em import learn
from lumbayes.network.pgmpy_models import from_pgmpy
from lumbayes.network.variables import Network, Table

PATIENCE = 180.0
HELD_OUT = 2_000
SETS = {
    "20,000 complete cases": (20_000, 0.0),
    "4,000 cases, half of all answers blank": (4_000, 0.5),
}
Fitted = dict[str, npt.NDArray[np.float64]]


def cases_of(model: Model, n: int, blank: float, seed: int) -> Cohort:
    """Cases of a network that is not the published one, a share of all answers blank."""
    rows = draw(model, np.asarray(model.draw(8, seed=5)[:, 3]), n, seed, ALL, 0.0)
    rng = np.random.default_rng(1_000 + seed)
    states = {
        name: np.where(rng.random(n) < blank, -1, codes).astype(np.int8)
        for name, codes in rows.states.items()
    }
    return replace(rows, states=states)


def frame(model: Model, rows: Cohort, blank: str | None) -> pd.DataFrame:
    """Cases as a table of words."""
    words = {}
    for name, codes in rows.states.items():
        known = np.array([*model.network[name].states, blank], dtype=object)
        words[name] = known[codes]
    return pd.DataFrame(words)


def by_us(model: Model, rows: Cohort) -> Network:
    learned = learn(model, rows, selected=False)
    print(f"{len(learned.penalised) - 1} rounds", flush=True)
    return learned.network


def by_pyagrum(model: Model, rows: Cohort) -> Network:
    """Full tables, one case of smoothing; from the published numbers where answers are blank."""
    gum: Any = import_module("pyagrum")  # without types
    start = gum.BayesNet()
    for v in model.network.variables.values():
        start.add(gum.LabelizedVariable(v.name, v.name, list(v.states)))
    for v in model.network.variables.values():
        for parent in v.parents:
            start.addArc(parent, v.name)
    for v in model.network.variables.values():
        axes = (*v.parents, v.name)
        table = start.cpt(v.name)
        order = [axes.index(n) for n in reversed(table.names)]
        table[:] = np.ascontiguousarray(v.cpt.transpose(order))
    learner = gum.BNLearner(frame(model, rows, "?"), start, ["?"])
    learner.useSmoothingPrior(1.0)
    if any((codes < 0).any() for codes in rows.states.values()):
        learner.useEMWithRateCriterion(1e-6, 0.0)
    fitted = learner.learnParameters(start)
    tables: Fitted = {}
    for v in model.network.variables.values():
        names = list(reversed(fitted.cpt(v.name).names))
        order = [names.index(n) for n in (*v.parents, v.name)]
        tables[v.name] = fitted.cpt(v.name).toarray().transpose(order)
    return Network(
        replace(v, distribution=Table(tables[v.name])) for v in model.network.variables.values()
    )


def by_pgmpy(model: Model, rows: Cohort, estimator: str) -> Network:
    from pgmpy import parameter_estimator
    from pgmpy.models import DiscreteBayesianNetwork

    arrows = [(p, v.name) for v in model.network.variables.values() for p in v.parents]
    other = DiscreteBayesianNetwork(arrows)
    other.add_nodes_from(model.network)
    states = {n: list(model.network[n].states) for n in model.network}
    other.fit(
        frame(model, rows, None),
        estimator=getattr(parameter_estimator, estimator)(state_names=states),
    )
    return from_pgmpy(other).network


WAYS: dict[str, Callable[[Model, Cohort], Network]] = {
    "lumbayes: noisy-MAX, prior, intervals, conflicts": by_us,
    "pyAgrum: full tables, EM where blank": by_pyagrum,
    "pgmpy DiscreteMLE: full tables": lambda m, r: by_pgmpy(m, r, "DiscreteMLE"),
    "pgmpy DiscreteEM: full tables": lambda m, r: by_pgmpy(m, r, "DiscreteEM"),
}


def log_probability(network: Network, model: Model, rows: Cohort) -> tuple[float, int]:
    """Mean log P(case) of those that can occur, and how many cannot."""
    ((_, given, _),) = batches_of(model, rows)
    found = marginals(network, given, (), impossible="mark").log_evidence
    able = np.isfinite(found)
    return float(found[able].mean()), int((~able).sum())


def one(way: str, n: int, blank: float, told: Any) -> None:
    """Learn and tell: seconds, log P(case) of others, how many of them cannot occur."""
    model = load_model()
    rows, others = cases_of(model, n, blank, 1), cases_of(model, HELD_OUT, 0.5, 2)
    start = time.perf_counter()
    try:
        network = WAYS[way](model, rows)
    except Exception as error:
        told.put(f"refused: {type(error).__name__}")
        print(way, repr(error)[:500], flush=True)
        return
    seconds = time.perf_counter() - start
    # The states of other tools may stand in another order; evidence goes by ours.
    ours = [
        replace(v, distribution=Table(_in_our_order(v.name, model, network)))
        for v in model.network.variables.values()
    ]
    told.put((seconds, *log_probability(Network(ours), model, others)))


def _in_our_order(name: str, model: Model, network: Network) -> npt.NDArray[np.float64]:
    mine, other = model.network[name], network[name]
    axes = [other.parents.index(p) for p in mine.parents]
    table = other.cpt.transpose([*axes, len(axes)])
    for axis, of in enumerate((*mine.parents, name)):
        order = [network[of].states.index(s) for s in model.network[of].states]
        table = np.take(table, order, axis=axis)
    return table


def measured(way: str, n: int, blank: float) -> Any:
    """Return what a tool told, or that it took too long."""
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    process = context.Process(target=one, args=(way, n, blank, told))
    process.start()
    end = time.perf_counter() + PATIENCE + 60  # the cases are drawn and the others answered too
    while time.perf_counter() < end and process.is_alive() and told.empty():
        time.sleep(0.2)
    found = None if told.empty() else told.get()
    if process.is_alive() and found is None:
        process.kill()
    process.join()
    return found if found is not None else f"over {PATIENCE:.0f} s"


def main() -> None:
    model = load_model()
    entries = sum(v.cpt.size for v in model.network.variables.values())
    lines = [
        BESIDE,
        "",
        f"The same cases of our network of {len(model.network)} variables, on"
        f" {os.cpu_count()} cores, each tool given {PATIENCE:.0f} s. lumbayes learns"
        f" {len(model.numbers)} numbers, says how sure each is and where cases"
        " and published number disagree; the others know no noisy-MAX and"
        f" fill full tables of {entries:,} entries, without prior (pgmpy) or with one"
        " case of smoothing (pyAgrum). Where nothing is blank a full table takes one count, a"
        " noisy-MAX takes rounds. log P is the mean over"
        f" {HELD_OUT:,} other cases, half blank, without those that cannot occur under what was"
        " learned (a probability of 0); published numbers first. pgmpy's EM is for variables that"
        " no case shows and refuses blanks here and there; its MLE counts for each table the cases"
        " that show all of it.",
    ]
    others = cases_of(model, HELD_OUT, 0.5, 2)
    published = log_probability(model.network, model, others)[0]
    for title, (n, blank) in SETS.items():
        lines += [
            "",
            f"### {title}",
            "",
            "| tool | seconds | ratio to lumbayes | log P | cannot occur |",
        ]
        lines += ["|---|---|---|---|---|", f"| published numbers | | | {published:.3f} | 0 |"]
        base = 0.0
        for way in WAYS:
            found = measured(way, n, blank)
            print(title, way, found, flush=True)
            if isinstance(found, str):
                lines.append(f"| {way} | {found} | | | |")
                continue
            seconds, log, unable = found
            base = base or seconds
            lines.append(f"| {way} | {seconds:.1f} | {seconds / base:.2f} | {log:.3f} | {unable} |")
    page = HERE / "learning.md"
    before = page.read_text(encoding="utf-8").partition(BESIDE)[0].rstrip()
    page.write_text("\n".join([before, "", *lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
