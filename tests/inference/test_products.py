"""Products of two tables summed by the kernel are those of numpy, whatever their shapes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lumbayes.inference.kernel.workspace import SPARE
from lumbayes.inference.schedule import APART, LONG, RUN_COLUMNS

products = pytest.importorskip("lumbayes.inference.kernel.products", exc_type=ImportError)

# An axis: how many states, whether the left table, the right one and the result have it.
axes = st.tuples(
    st.sampled_from([2, 3, 5, 7, 8, 9, 11, 16, 21, 40]), st.booleans(), st.booleans(), st.booleans()
).filter(lambda axis: axis[1] or axis[2])


@settings(max_examples=150, deadline=None)
@given(
    shape=st.lists(axes, min_size=1, max_size=6).filter(
        lambda some: np.prod([many for many, *_ in some]) < 300_000
    ),
    turned=st.randoms(use_true_random=False),
)
@example(shape=[(300, True, True, False), (7, True, False, True), (3, False, True, True)], turned=0)
@example(shape=[(2_000, True, True, False), (17, True, True, True)], turned=0)
@example(shape=[(17, True, False, True), (300, True, True, False)], turned=0)
@example(shape=[(3_001, True, True, True), (2, True, True, False)], turned=0)
def test_a_product_of_two_tables_is_that_of_numpy(
    shape: list[tuple[int, bool, bool, bool]], turned: object
) -> None:
    """The axes of each table stand in an order of their own."""
    runs = np.zeros((len(shape) + APART, RUN_COLUMNS), dtype=np.int64)
    rng = np.random.default_rng(len(shape))
    tables, letters = [], []
    for column in (1, 2, 3):
        held = [i for i, axis in enumerate(shape) if axis[column]]
        if turned:
            turned.shuffle(held)  # type: ignore[attr-defined]
        step = 1
        for i in held:
            runs[i, column] = step
            step *= shape[i][0]
        tables.append(rng.random(max(step, 1)))
        letters.append("".join("abcdefgh"[i] for i in reversed(held)))
    for i, (many, *_) in enumerate(shape):
        runs[i, LONG] = many
    left, right, result = tables
    a, b = (
        table.reshape([shape["abcdefgh".index(letter)][0] for letter in own])
        for table, own in zip(tables[:2], letters[:2], strict=True)
    )
    expected = np.einsum(f"{letters[0]},{letters[1]}->{letters[2]}", a, b)
    spare, offsets = np.zeros(SPARE), np.zeros(2048, dtype=np.int64)
    products.contract_row(
        runs, 0, len(shape), 1, 2, 3, left.ctypes.data, 8, right.ctypes.data, 8,
        result.ctypes.data, spare.ctypes.data, offsets,
    )  # fmt: skip
    np.testing.assert_allclose(result, expected.ravel(), rtol=1e-13)
