"""Update the published numbers from cases: expectation-maximisation with the intervals as prior.

Every number starts as a Beta or Dirichlet whose size its interval gives (``Model.draw`` uses the
same): so many cases it is worth. Each round counts, in expectation, what the cases say of every
number (a noisy-MAX link through the hidden contribution of its cause), adds the prior's cases, and
divides. The penalised log-likelihood, log P(cases) + sum of prior size x mean x log value, never
falls.

Sources: Dempster, Laird and Rubin (1977), Maximum likelihood from incomplete data via the EM
algorithm (also for cases selected by what they have in common); Heckerman (1998), A tutorial on
learning with Bayesian networks; Díez and Galán (2003), Efficient computation for the noisy MAX.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from lumbayes.beta import beta_quantile
from lumbayes.case_columns import BLANK
from lumbayes.case_rows import Rows
from lumbayes.cases import ASKS_FOR_CARE
from lumbayes.conversions import beta_from_interval
from lumbayes.errors import CaseError, LumbayesError, check_seed
from lumbayes.learning_counts import Counted, count, count_silent, information
from lumbayes.model import Model
from lumbayes.network import Array, Network

ITERATIONS = 50
TOLERANCE = 0.03  # nats over all cases: a smaller gain ends the search
INNER = 10  # times that those who did not ask for care are counted anew in one round
SETTLED = 1e-4  # relative change of every number below which that ends
HIDDEN = 1.0  # of a number with less than one case's worth of data nothing was seen
STEP = 1.96 * 2  # a 95 % interval is this many standard deviations wide


@dataclass(frozen=True, eq=False)
class Prior:
    """What the published numbers are worth, in cases.

    Attributes
    ----------
    size : array, shape (m,)
        Cases each number's distribution is worth; infinite where it has no width and stays.
    original : array of int, shape (m,)
        The number each is a copy of (itself if none): copies are one number, learned once.
    """

    size: Array
    original: npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Learned:
    """The numbers after learning.

    Attributes
    ----------
    model : Model
        As published.
    values, low, high : array, shape (m,)
        The new numbers and their 95 % intervals, in the order of ``model.numbers``.
    prior_size : array, shape (m,)
        Cases the published number was worth.
    informed : array, shape (m,)
        Cases' worth of information about it in the data: nearly all cases that show its cause where
        everything was observed, near zero where it stays hidden.
    log_likelihood, penalised : tuple of float
        Before the first and after each round; the second is the one that cannot fall.
    cases : int
        How many were learned from.
    selected : str
        What all cases have in common because of how they were found; empty if nothing.
    converged : bool
        Whether the last gain was below the tolerance.
    """

    model: Model
    values: Array
    low: Array
    high: Array
    prior_size: Array
    informed: Array
    log_likelihood: tuple[float, ...]
    penalised: tuple[float, ...]
    cases: int
    selected: str
    converged: bool

    @property
    def network(self) -> Network:
        """The network of the new numbers."""
        return self.model.network_with(self.values)


def learn(
    model: Model,
    rows: Rows,
    *,
    iterations: int = ITERATIONS,
    tolerance: float = TOLERANCE,
    selected: bool | None = None,
    progress: Callable[[int, float], None] | None = None,
) -> Learned:
    """Learn from cases, whatever is missing in them.

    Parameters
    ----------
    model : Model
        Its numbers and intervals are the prior.
    rows : Rows
        Cases as of ``rows_from_table``; confirmed conditions are answers like any other. What was
        only assumed of them (``Rows.assumed``) is no data. No interventions.
    iterations : int
        At most so many rounds.
    tolerance : float
        Stop when a round gains fewer nats over all cases; by then hardly a number is off by more
        than a quarter of its standard deviation (see ``benchmarks/learning.md``).
    selected : bool, optional
        Whether the cases were found because they asked for care. If so, those who did not ask are
        taken for missing, and the numbers stay those of adults in general; if not, the cases are
        taken for a sample of them. If left out: whether all cases say that they asked.
    progress : callable, optional
        Told the number of each round and the penalised log-likelihood per case.

    Returns
    -------
    Learned
        Numbers of which the cases show nothing stay as published. Causal shares always do: cases
        that are only observed say nothing of them.

    Raises
    ------
    LumbayesError
        If there is no iteration.
    CaseError
        If there is no case, a case has interventions, or one is impossible.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from lumbayes.case_columns import read_columns
    >>> from lumbayes.case_rows import rows_from_table
    >>> from lumbayes.model import load_model
    >>> model = load_model()
    >>> table = pa.table({"age_band": ["75_plus"] * 50})
    >>> rows, _ = rows_from_table(model, read_columns(model, table.column_names), table)
    >>> learned = learn(model, rows, iterations=1)
    >>> place = model.position("age_band=75_plus")
    >>> bool(learned.values[place] > model.values[place])
    True
    """
    if iterations < 1:
        raise LumbayesError(f"iterations is {iterations}. Give at least 1.")
    rows, selected = as_data(rows, selected)
    prior = prior_of(model)
    values = model.values.copy()
    fitted, penalised = [], []
    converged = False
    for round_ in range(iterations + 1):
        counted = count(model, values, rows, selected=selected)
        fitted.append(counted.log_likelihood)
        penalised.append(counted.log_likelihood + log_prior(model, prior, values))
        if progress is not None:
            progress(round_, penalised[-1] / rows.size)
        if round_ and penalised[-1] - penalised[-2] < tolerance:
            converged = True
            break
        if round_ < iterations:
            values = _maximised(model, prior, values, counted, rows.size if selected else 0)
    informed = information(model, values, prior.original, rows, selected=selected)
    informed = np.where(np.isfinite(prior.size), informed, 0.0)
    low, high = intervals(model, prior, values, informed)
    return Learned(
        model,
        values,
        low,
        high,
        prior.size,
        informed,
        tuple(fitted),
        tuple(penalised),
        rows.size,
        f"{ASKS_FOR_CARE}=yes" if selected else "",
        converged,
    )


def as_data(rows: Rows, selected: bool | None = None) -> tuple[Rows, bool]:
    """Return cases as data to learn from, and whether they were found by asking for care.

    What was only assumed of them is dropped. Whoever is said to be found by asking for care did so.

    Parameters
    ----------
    rows, selected
        As of ``learn``.

    Raises
    ------
    CaseError
        If there is no case, one has interventions, or one did not ask although all are said to.

    Examples
    --------
    >>> from lumbayes.case_rows import rows_from_cases
    >>> from lumbayes.cases import parse_case
    >>> from lumbayes.model import load_model
    >>> model = load_model()
    >>> as_data(rows_from_cases(model, [parse_case(model, {"asks_for_care": "yes"})]))[1]
    True
    >>> as_data(rows_from_cases(model, [parse_case(model, {"low_back_pain": "yes"})]))[1]
    False
    """
    if not rows.size:
        raise CaseError("no case to learn from. Give at least one.")
    if any((codes >= 0).any() for codes in rows.do.values()):
        raise CaseError("cases with interventions cannot be learned from. Leave out do: columns.")
    rows = rows.as_told()
    nobody = np.full(rows.size, BLANK, dtype=np.int8)
    asked = rows.states.get(ASKS_FOR_CARE, nobody)
    if selected is None:
        return rows, bool((asked > 0).all())
    if selected and (asked == 0).any():
        raise CaseError("not all cases asked for care: they are not selected by it.")
    if selected:
        rows = replace(rows, states={**rows.states, ASKS_FOR_CARE: np.ones_like(asked)})
    return rows, selected


# --- prior --------------------------------------------------------------------------------------


def prior_of(model: Model) -> Prior:
    """Return how many cases each published number is worth; see ``Model.draw``."""
    single = np.full(len(model.numbers), np.inf)
    for i, number in enumerate(model.numbers):
        if number.high > number.low and 0 < number.value < 1 and number.distribution >= 0:
            single[i] = sum(beta_from_interval(number.value, number.low, number.high))
    size = np.array([min(single[j] for j in model.mates(i)) for i in range(len(single))])
    original = np.array([model.original(i) for i in range(len(single))], dtype=np.intp)
    return Prior(size[original], original)


def _groups(model: Model, prior: Prior) -> Iterator[tuple[int, ...]]:
    """Return the distributions that are learned: positions of their numbers, copies left out."""
    for i in range(len(model.numbers)):
        group = model.mates(i)
        if group[0] == i and prior.original[i] == i and np.isfinite(prior.size[i]):
            yield group


def log_prior(model: Model, prior: Prior, values: Array) -> float:
    """Return the penalty: prior size x mean x log value, over all states of what is learned."""
    total = 0.0
    for group in _groups(model, prior):
        places = list(group)
        means = np.append(model.values[places], 1 - model.values[places].sum())
        now = np.append(values[places], 1 - values[places].sum())
        some = means > 0
        total += float(prior.size[places[0]] * (means[some] * np.log(now[some])).sum())
    return total


def updated(model: Model, prior: Prior, counts: Array, totals: Array) -> Array:
    """Return (count + prior size x mean) / (total + prior size) for every number; copies share."""
    own_counts, own_totals = np.zeros_like(counts), np.zeros_like(totals)
    np.add.at(own_counts, prior.original, counts)
    np.add.at(own_totals, prior.original, totals)
    free = np.isfinite(prior.size)
    size = np.where(free, prior.size, 1.0)
    means = model.values[prior.original]
    new = (own_counts[prior.original] + size * means) / (own_totals[prior.original] + size)
    return np.where(free, new, model.values)


def intervals(model: Model, prior: Prior, values: Array, informed: Array) -> tuple[Array, Array]:
    """Return the new 95 % intervals: those of a Beta worth the prior's cases and the information.

    The width is 3.92 standard deviations, so that ``Model.draw`` finds the same size again; the end
    nearer to 0 or 1 is the Beta's quantile. What is not learned keeps its interval, and so does
    what stayed hidden, stretched to the new value.
    """
    old_low, old_high = (np.array([getattr(n, e) for n in model.numbers]) for e in ("low", "high"))
    free = np.isfinite(prior.size) & (values > 0) & (values < 1)
    p = np.where(free, values, 0.5)
    size = np.where(free, prior.size + informed, 1.0)
    width = np.minimum(STEP * np.sqrt(p * (1 - p) / (size + 1)), 0.999)
    rare = p <= 0.5
    end = beta_quantile(np.minimum(p, 1 - p) * size, np.maximum(p, 1 - p) * size, 0.025)
    low = np.clip(np.where(rare, end, 1 - end - width), 0.0, 1 - width)
    hidden = informed < HIDDEN
    low = np.where(hidden, old_low, low)
    high = np.where(hidden, old_high, low + width)
    return (
        np.where(free, np.minimum(low, p), old_low),
        np.where(free, np.maximum(high, p), old_high),
    )


def _maximised(
    model: Model, prior: Prior, values: Array, counted: Counted, selected_cases: int
) -> Array:
    """Return the numbers that fit the expected counts best.

    In one step, unless the cases were selected: then those who did not ask for care are counted
    too, as many as the numbers imply, and since these change the numbers, again and again.
    """
    if not selected_cases:
        return updated(model, prior, counted.counts, counted.totals)
    for _ in range(INNER):
        more, occasions = count_silent(model, values, selected_cases)
        new = updated(model, prior, counted.counts + more, counted.totals + occasions)
        settled = bool(np.allclose(new, values, rtol=SETTLED, atol=0.0))
        values = new
        if settled:
            break
    return values


def split(rows: Rows, share: float, seed: int = 0) -> tuple[Rows, Rows]:
    """Set a share of the cases aside, at random: those to learn from, those held out.

    Raises
    ------
    LumbayesError
        If the share is not within 0 to 0.9, or the seed negative.

    Examples
    --------
    >>> from lumbayes.case_rows import rows_from_cases
    >>> from lumbayes.cases import Case
    >>> from lumbayes.model import load_model
    >>> rows = rows_from_cases(load_model(), [Case()] * 10)
    >>> [part.size for part in split(rows, 0.2)]
    [8, 2]
    """
    if not 0 <= share <= 0.9:
        raise LumbayesError(f"held out is {share:g}. Give a share from 0 to 0.9.")
    check_seed(seed)
    order = np.random.default_rng(seed).permutation(rows.size)
    aside = min(round(share * rows.size), max(rows.size - 1, 0))  # one at least is learned from
    return rows.take(np.sort(order[aside:])), rows.take(np.sort(order[:aside]))


__all__ = [
    "Learned",
    "Prior",
    "as_data",
    "intervals",
    "learn",
    "log_prior",
    "prior_of",
    "split",
    "updated",
]
