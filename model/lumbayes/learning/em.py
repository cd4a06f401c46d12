"""Update the published numbers from cases: expectation-maximisation with the intervals as prior.

Every number starts as a Beta or Dirichlet whose size its interval gives (``Model.draw`` uses the
same): so many cases it is worth. Each round counts, in expectation, what the cases say of every
number (a noisy-MAX link through the hidden contribution of its cause), adds the prior's cases, and
divides; ``search`` says how that is made quick. The penalised log-likelihood, log P(cases) + sum
of prior size x mean x log value, never falls.

Sources: Dempster, Laird and Rubin (1977), Maximum likelihood from incomplete data via the EM
algorithm (also for cases selected by what they have in common); Heckerman (1998), A tutorial on
learning with Bayesian networks; Díez and Galán (2003), Efficient computation for the noisy MAX.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from lumbayes.cases.cohort import Cohort
from lumbayes.cases.columns import BLANK
from lumbayes.errors import CaseError, LumbayesError, check_seed
from lumbayes.inference.queries import use_kernel
from lumbayes.knowledge.anchors import ASKS_FOR_CARE
from lumbayes.knowledge.model import Model
from lumbayes.learning.counts import ready
from lumbayes.learning.curvature import curvature
from lumbayes.learning.prior import disagreement, intervals, prior_of, tempered
from lumbayes.learning.search import Search
from lumbayes.network.variables import Array, Network
from lumbayes.text import Told

ITERATIONS = 50
TOLERANCE = 0.03  # nats over all cases: if no more is left to be gained, the search ends
SURPRISE = 3.0  # standard deviations from which data and published number are said to disagree


@dataclass(frozen=True, eq=False, repr=False)
class Learned(Told):
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
        Cases' worth of information about it in the data, all other numbers unknown too: nearly all
        cases that show its cause where everything was observed, near zero where it stays hidden.
    log_likelihood, penalised : tuple of float
        Before the first and after each round; the second is the one that cannot fall.
    cases : int
        How many were learned from.
    selected : str
        What all cases have in common because of how they were found; empty if nothing.
    converged : bool
        Whether less than the tolerance was left to be gained.
    conflict : array, shape (m,)
        How far the data are from the published number, in standard deviations of both.
    kept : array, shape (m,)
        Share of its published weight that a number kept: below 1 where the data disagree.
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
    conflict: Array
    kept: Array

    @property
    def network(self) -> Network:
        """The network of the new numbers."""
        return self.model.network_with(self.values)

    def to_text(self) -> str:
        """Return how many cases changed how many numbers, and which number they moved most."""
        old = self.model.values
        moved = np.abs(self.values - old) / np.maximum(self.high - self.low, 1e-12)
        most = int(np.argmax(moved))
        ended = "converged" if self.converged else "not converged"
        return (
            f"{self.cases} cases, {len(self.penalised) - 1} rounds, {ended}:"
            f" {np.count_nonzero(np.abs(self.values - old) > 1e-12)} of {len(old)} numbers changed."
            f" Most: {self.model.numbers[most].id}, {old[most]:.3g} → {self.values[most]:.3g}"
            f" ({self.low[most]:.3g} to {self.high[most]:.3g})."
        )


def learn(
    model: Model,
    rows: Cohort,
    *,
    iterations: int = ITERATIONS,
    tolerance: float = TOLERANCE,
    selected: bool | None = None,
    progress: Callable[[int, float], None] | None = None,
) -> Learned:
    """Learn from cases, whatever is missing in them.

    As ``doors.tables.learn``, from checked cases. What was only assumed of them
    (``Cohort.assumed``) is no data, and numbers of which they show nothing stay as published;
    causal shares always do: cases that are only observed say nothing of them. It stops when no more
    nats than ``tolerance``, over all cases, are left to be gained: then no number is off by more
    than a quarter of its standard deviation. ``selected`` says whether the cases were found because
    they asked for care (if left out: whether all say that they asked): if so, those who did not ask
    are taken for missing, and the numbers stay those of adults in general. ``progress`` is told the
    number of each round and the penalised log-likelihood per case. Raises LumbayesError without an
    iteration, CaseError without cases, with interventions, or if a case is impossible.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from lumbayes.cases.columns import read_columns
    >>> from lumbayes.cases.cohort import rows_from_table
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> table = pa.table({"age_band": ["75_plus"] * 50})
    >>> rows = rows_from_table(model, read_columns(model, table.column_names), table).rows
    >>> learned = learn(model, rows, iterations=1)
    >>> place = model.position("age_band=75_plus")
    >>> bool(learned.values[place] > model.values[place])
    True
    """
    if iterations < 1:
        raise LumbayesError(f"iterations is {iterations}. Give at least 1.")
    rows, selected = as_data(rows, selected)
    use_kernel()
    prior = published = prior_of(model)
    search = Search(ready(model, rows, selected=selected), iterations, tolerance, progress)
    converged = search.settle(prior)
    informed = curvature(model, prior, search.values, search.information()).worth()
    conflict = disagreement(model, prior, search.values, informed)
    kept = np.ones(len(conflict))
    if (np.abs(conflict) > SURPRISE).any():
        # Where cases and publication disagree, the latter counts less. Its penalty shrinks by that
        # and is 0 at the start, so that what was gained so far stays a gain.
        prior, kept = tempered(model, published, search.values, informed, SURPRISE)
        search.start_again(prior)
        converged = search.settle(prior)
        informed = curvature(model, prior, search.values, search.information()).worth()
    values = search.values
    low, high = intervals(model, prior, values, informed)
    return Learned(
        model,
        values,
        low,
        high,
        published.size,
        informed,
        tuple(search.fitted),
        tuple(search.penalised),
        rows.size,
        f"{ASKS_FOR_CARE}=yes" if selected else "",
        converged,
        conflict,
        kept,
    )


def as_data(rows: Cohort, selected: bool | None = None) -> tuple[Cohort, bool]:
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
    >>> from lumbayes.cases.cohort import rows_from_cases
    >>> from lumbayes.cases.case import parse_case
    >>> from lumbayes.knowledge.model import load_model
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


def split(rows: Cohort, share: float, seed: int = 0) -> tuple[Cohort, Cohort]:
    """Set a share of the cases aside, at random: those to learn from, those held out.

    Raises
    ------
    LumbayesError
        If the share is not within 0 to 0.9, or the seed negative.

    Examples
    --------
    >>> from lumbayes.cases.cohort import rows_from_cases
    >>> from lumbayes.cases.case import Case
    >>> from lumbayes.knowledge.model import load_model
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
