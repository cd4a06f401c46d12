"""The bits of an answer hang on the rows alone."""

from __future__ import annotations

import pandas as pd

from lumbayes.batch.frames import score_table
from lumbayes.batch.simulation import simulate
from lumbayes.inference.batches import TREES
from lumbayes.inference.queries import use_kernel
from lumbayes.knowledge.model import Model


def test_the_same_rows_give_the_same_bits_whatever_was_asked_before(model: Model) -> None:
    """A large batch looks for the best order of its rows; a small one after it is not to see it."""
    use_kernel()
    people = simulate(model, 2_500, 3, missing={"finding": 0.5, "context": 0.2})
    TREES.held.clear()
    few = score_table(model, people.iloc[:300])
    many = score_table(model, people)
    pd.testing.assert_frame_equal(score_table(model, people.iloc[:300]), few, check_exact=True)
    pd.testing.assert_frame_equal(score_table(model, people), many, check_exact=True)
