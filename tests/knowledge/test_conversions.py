"""Conversions: their algebra, their round trips, the figures of the papers they come from."""

from __future__ import annotations

import csv
import doctest
import math
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lumbayes.errors import LumbayesError
from lumbayes.knowledge import conversions as c
from lumbayes.knowledge.tables import data_dir

inner = st.floats(0.001, 0.999)
ratios = st.floats(0.01, 100.0)


def odds_ratio(one: float, other: float) -> float:
    """Return the odds of another risk over those of one."""
    return other / (1 - other) * (1 - one) / one


@given(inner, ratios)
def test_odds_ratio_and_risk_are_each_others_reverse(baseline: float, ratio: float) -> None:
    exposed = c.probability_from_odds_ratio(baseline, ratio)
    assert odds_ratio(baseline, exposed) == pytest.approx(ratio)


@given(inner, st.floats(1.0, 100.0))
def test_noisy_or_with_the_strength_gives_the_risk_of_the_exposed(b: float, ratio: float) -> None:
    """1 − P(effect) = (1 − baseline)(1 − strength)."""
    strength = c.strength_from_odds_ratio(b, ratio)
    assert 0.0 <= strength <= 1.0
    assert 1 - (1 - b) * (1 - strength) == pytest.approx(c.probability_from_odds_ratio(b, ratio))


@given(inner, st.lists(st.tuples(st.floats(0, 0.5), st.floats(0, 0.5)), max_size=4))
def test_leak_and_rivals_together_give_the_specificity(
    leak: float, rivals: list[tuple[float, float]]
) -> None:
    specificity = (1 - leak) * math.prod(1 - share * strength for share, strength in rivals)
    assert c.leak_from_specificity(specificity, rivals) == pytest.approx(leak)


@given(st.floats(0.5, 0.99), st.floats(0.51, 0.99))
def test_likelihood_ratios_and_accuracy_are_each_others_reverse(sens: float, spec: float) -> None:
    plus, minus = c.likelihood_ratios(sens, spec)
    assert c.sensitivity_specificity(plus, minus) == pytest.approx((sens, spec))


@given(inner, inner, st.floats(0.01, 0.99))
def test_probability_after_is_bayes(prior: float, sens: float, spec: float) -> None:
    plus, _ = c.likelihood_ratios(sens, spec)
    joint, chance = prior * sens, (1 - prior) * (1 - spec)
    assert c.probability_after(prior, plus) == pytest.approx(joint / (joint + chance))


@given(inner, st.floats(-3, 3))
def test_share_below_percentile_agrees_with_scipy(percentile: float, difference: float) -> None:
    expected = stats.norm.cdf(stats.norm.ppf(percentile) + difference)
    assert c.share_below_percentile(difference, percentile) == pytest.approx(expected, abs=1e-9)


@given(st.floats(-3, 3), inner)
def test_odds_ratio_of_a_shift_is_exact_for_logistic_groups(difference: float, cut: float) -> None:
    shift = difference * math.pi / math.sqrt(3)
    group = stats.logistic.cdf(stats.logistic.ppf(cut) + shift)
    assert odds_ratio(cut, group) == pytest.approx(c.odds_ratio_from_smd(difference))


@given(st.floats(0.01, 0.99), st.floats(0.001, 0.9), st.floats(0.001, 0.9))
def test_beta_has_the_mean_and_where_it_can_the_width(value: float, down: float, up: float) -> None:
    low, high = value * (1 - down), value + (1 - value) * up
    a, b = c.beta_from_interval(value, low, high)
    assert a / (a + b) == pytest.approx(value)
    assert max(a, b) >= 1 - 1e-9
    wanted = (high - low) / 3.92
    if max(a, b) > 1 + 1e-9:
        assert stats.beta(a, b).std() == pytest.approx(wanted)
    else:
        assert stats.beta(a, b).std() <= wanted * (1 + 1e-9)


@given(st.integers(1, 5000), st.data())
def test_wilson_interval_solves_the_score_equation(n: int, data: st.DataObject) -> None:
    """At each end the observed share is 1.96 standard errors away."""
    share = data.draw(st.integers(0, n)) / n
    low, high = c.binomial_interval(share, n)
    assert 0.0 <= low <= share + 1e-12 and share - 1e-12 <= high <= 1.0
    for end in (low, high):
        if 1e-9 < end < 1 - 1e-9:
            error = math.sqrt(end * (1 - end) / n)
            assert abs(share - end) == pytest.approx(c.Z95 * error, rel=1e-6)


@given(inner, st.floats(1.01, 10.0))
def test_default_intervals_are_symmetric_in_the_log_odds(value: float, factor: float) -> None:
    low, high = c.default_interval(value, factor)
    assert odds_ratio(low, value) == pytest.approx(factor)
    assert odds_ratio(value, high) == pytest.approx(factor)


@given(st.floats(0.1, 10), st.floats(1.01, 5))
def test_a_symmetric_ratio_interval_gives_back_its_spread(value: float, factor: float) -> None:
    median, spread = c.lognormal_from_interval(value, value / factor, value * factor)
    assert median == value
    assert math.exp(1.96 * spread) == pytest.approx(factor)


def test_the_least_certain_state_sets_the_dirichlet() -> None:
    certain, vague = (0.2, 0.19, 0.21), (0.3, 0.1, 0.5)
    size = c.dirichlet_sample_size(*zip(certain, vague, strict=True))
    assert size == pytest.approx(sum(c.beta_from_interval(*vague)))


@pytest.mark.parametrize(
    ("figure", "expected", "digits"),
    [
        (lambda: c.share_below_percentile(0.70, 0.10), 0.28, 2),  # abductors, 10th percentile
        (lambda: c.share_below_percentile(0.93, 0.20), 0.54, 2),  # extensors, de Sousa 2019
        (lambda: c.odds_ratio_from_smd(0.93), 5.40, 2),
        (lambda: c.odds_ratio_from_smd(0.23), 1.52, 2),  # pelvic tilt, Sugavanam 2024
        (lambda: c.likelihood_ratios(0.44, 0.90)[0], 4.4, 1),  # abductor weakness, Metcalfe 2019
        (lambda: c.likelihood_ratios(0.36, 0.74)[0], 1.38, 2),  # leg raise, Capra 2011
        (lambda: c.likelihood_ratios(0.36, 0.74)[1], 0.87, 2),
        (lambda: c.probability_after(0.05, 3.1), 0.14, 2),  # inflammatory pain, Rudwaleit 2004
        (lambda: c.probability_after(0.20, 2.13), 0.35, 2),  # sacroiliac tests, Saueressig 2021
        (lambda: c.probability_after(0.20, 0.33), 0.08, 2),
        (lambda: c.binomial_interval(8 / 1172, 1172)[1], 0.013, 3),  # fractures, Henschke 2009
    ],
)
def test_published_arithmetic_is_reproduced(
    figure: Callable[[], float], expected: float, digits: int
) -> None:
    assert figure() == pytest.approx(expected, abs=0.6 * 10**-digits)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: c.probability_from_odds_ratio(12, 2), "baseline is 12; it must lie from 0 to 1"),
        (lambda: c.probability_from_odds_ratio(0.1, 0), "odds_ratio is 0; it must be a number"),
        (lambda: c.beta_from_interval(0, 0.0, 0.1), "strictly between 0 and 1"),
        (lambda: c.strength_from_risks(0.2, 0.1), "Make the unprotected state the reference"),
        (lambda: c.strength_from_risks(1.0, 1.0), "baseline is 1; it must lie from 0 to below 1"),
        (lambda: c.leak_from_specificity(0.9, [(0.5, 0.5)]), "rivals alone are positive in 0.25"),
        (lambda: c.sensitivity_specificity(0.5, 0.2), "Swap the finding's states"),
        (lambda: c.prevalence_from_incidence(-1, 1), "rate is -1; it must be 0 or more"),
        (lambda: c.prevalence_from_incidence(1, 0), "window is 0; it must be a number above 0"),
        (lambda: c.beta_from_interval(0.5, 0.6, 0.7), "must contain the value 0.5"),
        (lambda: c.beta_from_interval(0.5, 0.5, 0.5), "have a width"),
        (lambda: c.dirichlet_sample_size([0.5], [0.4], []), "give one of each for every state"),
        (lambda: c.dirichlet_sample_size([0.7, 0.7], [0.6, 0.6], [0.8, 0.8]), "1.4, above 1"),
        (lambda: c.binomial_interval(0.5, 0), "n is 0; it must be at least 1"),
        (lambda: c.beta_from_counts(3, 2), "3 of 2"),
        (lambda: c.interval_from_standard_error(0.1, -1), "standard_error is -1"),
        (lambda: c.default_interval(0.1, 1.0), "factor is 1; it must be above 1"),
        (lambda: c.lognormal_from_interval(1.0, 0.0, 2.0), "contain the ratio 1 and lie above 0"),
    ],
)
def test_a_figure_that_cannot_be_is_refused(call: Callable[[], object], message: str) -> None:
    with pytest.raises(LumbayesError) as caught:
        call()
    assert message in str(caught.value)


def test_the_examples_of_the_data_dictionary_run() -> None:
    failed, tried = doctest.testfile(str(data_dir() / "README.md"), module_relative=False)
    assert tried > 10 and failed == 0


def test_the_data_dictionary_names_every_table_and_column() -> None:
    text = (data_dir() / "README.md").read_text(encoding="utf-8")
    for table in data_dir().glob("*.csv"):
        assert table.name in text, table.name
        with table.open(encoding="utf-8") as handle:
            columns = next(csv.reader(handle))
        spelt = [c for c in columns if not re.match(r"((dose|days)_weeks_|d\d+$)", c)]
        assert [c for c in spelt if not re.search(rf"\b{c}\b", text)] == [], table.name
