"""Quantiles of Beta distributions agree with scipy, from needles to bathtubs."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from lumbayes.learning.prior import beta_quantile


@pytest.mark.parametrize("share", [0.025, 0.5, 0.9])
def test_as_much_lies_below_a_quantile_as_asked(share: float) -> None:
    rng = np.random.default_rng(0)
    a, b = 10 ** rng.uniform(-1, 6, size=(2, 500))
    below = stats.beta.cdf(beta_quantile(a, b, share), a, b)
    np.testing.assert_allclose(below, share, atol=1e-3)
