"""Learning from cases drawn from a network that is not the published one: how near it comes.

The truth is one draw of all numbers from their intervals. Everything is confirmed in the first
table; in the second, mechanisms are hidden and a third of the findings missing. Writes
benchmarks/learning.md. Usage: bench_learning.py [LARGEST]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lumbayes.cases.cohort import Cohort
from lumbayes.inference.queries import evidence, sample
from lumbayes.knowledge.model import Model, load_model
from lumbayes.learning.em import Learned, learn
from lumbayes.learning.review import predictions

HERE = Path(__file__).parent
SIZES = (100, 1_000, 10_000)
HELD_OUT = 5_000
ALL = ("context", "imbalance", "condition", "mechanism", "finding")
CONFIRMED = ("context", "imbalance", "condition", "finding")
BESIDE = "## Beside other tools"  # written by bench_learning_peers.py, and kept
HEAD = (
    "| cases | error, all | of numbers the 10,000 show | of hidden numbers | inside interval"
    " | held out: log P(case) | log-loss of conditions | rounds | seconds |"
)


def draw(
    model: Model,
    truth: npt.NDArray[np.float64],
    n: int,
    seed: int,
    layers: Sequence[str],
    missing: float,
) -> Cohort:
    """Cases as the network of the truth draws them."""
    network = model.network_with(truth)
    people = sample(network, evidence(network), n, seed)
    rng = np.random.default_rng(seed)
    states = {}
    for name in model.names(*layers):
        gone = (rng.random(n) < missing) & (model.variables[name].layer == "finding")
        states[name] = np.where(gone, -1, people[name]).astype(np.int8)
    return Cohort(n, states, {}, {}, np.zeros(n, dtype=bool))


def error(values: npt.NDArray[np.float64], truth: npt.NDArray[np.float64]) -> str:
    """Root mean square over numbers."""
    return f"{np.sqrt(np.mean((values - truth) ** 2)):.4f}" if len(values) else "-"


def main() -> None:
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else SIZES[-1]
    sizes = [n for n in SIZES if n <= largest]
    model = load_model()
    truth = np.asarray(model.draw(8, seed=5)[:, 3])
    lines = [
        "# Learning",
        "",
        "Written by `benchmarks/bench_learning.py`. Cases are drawn from one draw of all numbers,"
        " not from the published ones. Errors are root mean squares over numbers. A number is shown"
        " if the largest set holds 100 cases' worth of information about it, hidden if less"
        " than one. Rounds are those since published numbers that the cases disagree with lost"
        " weight; the seconds are of all.",
    ]
    for title, layers, missing in (
        ("Everything observed", ALL, 0.0),
        ("Mechanisms hidden, a third of the findings missing", CONFIRMED, 0.33),
    ):
        results: list[tuple[Learned, float]] = []
        for n in sizes:
            start = time.perf_counter()
            learned = learn(model, draw(model, truth, n, 1, layers, missing), selected=False)
            results.append((learned, time.perf_counter() - start))
            print(title, n, f"{results[-1][1]:.0f} s", flush=True)
            assert (np.diff(learned.penalised) >= -1e-6 * n).all(), "the log-likelihood fell"
        held_out = draw(model, truth, HELD_OUT, 99, layers, missing)
        last = results[-1][0]
        free = np.isfinite(last.prior_size)
        shown, hidden = free & (last.informed > 100), free & (last.informed < 1)
        lines += ["", f"## {title}", "", HEAD, "|" + "---|" * 9]
        for i, (learned, seconds) in enumerate(results):
            found = predictions(learned, held_out)
            low, high = learned.low[free] - 1e-12, learned.high[free] + 1e-12
            inside = float(np.mean((low <= truth[free]) & (truth[free] <= high)))
            if i == 0:
                lines.append(
                    f"| published | {error(model.values[free], truth[free])}"
                    f" | {error(model.values[shown], truth[shown])}"
                    f" | {error(model.values[hidden], truth[hidden])}"
                    f" | | {found.log_evidence[0]:.3f} | {found.log_loss[0]:.4f} | | |"
                )
            lines.append(
                f"| {learned.cases:,} | {error(learned.values[free], truth[free])}"
                f" | {error(learned.values[shown], truth[shown])}"
                f" | {error(learned.values[hidden], truth[hidden])}"
                f" | {inside:.0%} | {found.log_evidence[1]:.3f} | {found.log_loss[1]:.4f}"
                f" | {len(learned.penalised) - 1} | {seconds:.0f} |"
            )
        lines += ["", f"{shown.sum()} numbers are shown, {hidden.sum()} hidden."]
        print("\n".join(lines[-8:]), flush=True)
    page = HERE / "learning.md"
    _, beside, others = page.read_text(encoding="utf-8").partition("\n" + BESIDE)
    page.write_text("\n".join([*lines, ""]) + beside + others, encoding="utf-8")


if __name__ == "__main__":
    main()
