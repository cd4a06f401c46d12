"""Our engine beside its peers, on the same findings, drawn from the network itself."""

# ruff: noqa: B023 - loops call at once

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from peers import (
    Cases,
    Findings,
    ask_pyagrum,
    cases_of,
    fastest_of,
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

from lumbayes.inference.batches import general_tree
from lumbayes.inference.queries import evidence, joint, marginals, sample
from lumbayes.network.pgmpy_models import to_pgmpy

NETWORKS = (
    "alarm hepar2 ours win95pts andes pathfinder pigs water barley diabetes munin1 link".split()
)
SHARES = (0.0, 0.05, 0.15, 0.4, 0.6)
CASES = 5


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
            peer, theirs = fastest_of(
                ask_pyagrum, [(other, numbered(network, c), names, False) for c in cases[1:]]
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
            peer_name, theirs = fastest_of(
                ask_pyagrum, [(other, numbered(network, c), names, False) for c in cases[1:]]
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
                    f"{shown(theirs)} {peer_name}",
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
            peer_name, theirs = fastest_of(
                joint_pyagrum, [(other, numbered(network, c), t) for c, t in asked[1:]]
            )
            mine = float(np.median(ours[1:]))
            rows.append(
                [
                    f"{name}, joint of {count}",
                    shown(mine),
                    f"{shown(theirs)} {peer_name}",
                    times_faster(mine, theirs),
                ]
            )
    return rows


def one_batch(name: str, cases: Cases, targets: Sequence[str]) -> list[str]:
    """10,000 cases at once beside the fastest peer one by one; and on two threads."""
    network = cases.network
    other = to_pyagrum(network)
    whole = cases.batch()
    ours = median_time(lambda _: marginals(network, whole, targets), 3) / whole.size
    halves = [cases.batch(0, whole.size // 2), cases.batch(whole.size // 2, whole.size)]
    with ThreadPoolExecutor(2) as pool:
        two = median_time(
            lambda _: list(pool.map(lambda half: marginals(network, half, targets), halves)), 3
        )
    peer_name, theirs = fastest_of(
        ask_pyagrum,
        [(other, numbered(network, c), targets, True) for c in cases.findings[:100]],
    )
    return [
        name,
        shown(ours),
        f"{shown(theirs)} {peer_name}",
        times_faster(ours, theirs),
        f"{shown(two / whole.size)}: {ours * whole.size / two:.2f} ×",
    ]
