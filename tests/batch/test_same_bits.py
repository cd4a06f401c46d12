"""The bits of an answer hang on the rows alone."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from lumbayes.batch.frames import score_table
from lumbayes.batch.simulation import simulate
from lumbayes.cases.case import parse_case
from lumbayes.inference.batches import TREES
from lumbayes.inference.kernel.workspace import WORKSPACE, aligned
from lumbayes.inference.queries import evidence, marginals, use_kernel
from lumbayes.knowledge.model import Model
from lumbayes.network.variables import Network, Table, Variable
from lumbayes.questions.differential import _prior, differential


def test_the_same_rows_give_the_same_bits_whatever_was_asked_before(model: Model) -> None:
    """A large batch looks for the best order of its rows; a small one after it is not to see it."""
    use_kernel()
    people = simulate(model, 2_500, 3, missing={"finding": 0.5, "context": 0.2})
    TREES.held.clear()
    few = score_table(model, people.iloc[:300])
    many = score_table(model, people)
    pd.testing.assert_frame_equal(score_table(model, people.iloc[:300]), few, check_exact=True)
    pd.testing.assert_frame_equal(score_table(model, people), many, check_exact=True)


def a_long_chain() -> None:
    """Ask of a network of more variables than any order is looked for."""
    first = Variable("x0", ("a", "b"), (), Table(np.array([0.5, 0.5])))
    step = Table(np.array([[0.9, 0.1], [0.2, 0.8]]))
    rest = [Variable(f"x{i}", ("a", "b"), (f"x{i - 1}",), step) for i in range(1, 5_000)]
    chain = Network([first, *rest])
    marginals(chain, evidence(chain, {"x4999": "a"}), ["x0"])


def with_much_room() -> None:
    """Hold what a tree of many numbers has taken."""
    WORKSPACE.message = aligned(1 << 24)
    WORKSPACE.shared = np.empty(1 << 16)
    WORKSPACE.room = 1 << 16


@pytest.mark.parametrize("before", [a_long_chain, with_much_room])
def test_bits_do_not_hang_on_what_a_process_did_before(
    model: Model, before: Callable[[], None]
) -> None:
    """The order of summing out that a tree keeps was once that of whoever asked first."""
    use_kernel()
    people = simulate(model, 300, 3, missing={"finding": 0.5, "context": 0.2})

    def answered(*first: Callable[[], None]) -> pd.DataFrame:
        """Answer in a thread without a past, after ``first``, with trees compiled anew."""
        TREES.held.clear()
        with ThreadPoolExecutor(1) as fresh:
            for work in first:
                fresh.submit(work).result()
            return fresh.submit(score_table, model, people).result()

    pd.testing.assert_frame_equal(answered(before), answered(), check_exact=True)


def test_bits_do_not_hang_on_how_many_threads_answer(model: Model) -> None:
    use_kernel()
    people = simulate(model, 1_000, 3, missing={"finding": 0.5, "context": 0.2})
    parts = [people.iloc[start : start + 250] for start in range(0, 1_000, 250)]
    alone = [score_table(model, part) for part in parts]
    for count in (1, 3):
        TREES.held.clear()
        with ThreadPoolExecutor(count) as pool:
            for one, other in zip(
                alone, pool.map(lambda part: score_table(model, part), parts), strict=True
            ):
                pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_priors_kept_from_numpy_are_not_those_of_the_kernel(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was asked before the kernel was loaded leaves no trace in what is asked after."""
    case = parse_case(model, {"low_back_pain": "yes", "slr": "positive"})
    use_kernel()
    found = []
    for engines in (("kernel",), ("numpy", "kernel")):
        _prior.cache_clear()
        for engine in engines:
            monkeypatch.setenv("LUMBAYES_ENGINE", engine)
            rows = list(differential(model, case).of_conditions)
        found.append([row["prior"] for row in rows])
    assert found[0] == found[1]
