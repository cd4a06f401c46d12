"""The way to the numbers that cases and prior together make likeliest.

Two rounds count and divide, and the way they went is followed further. From there Newton's method
goes on, by the information in the cases, mended by what each step found. A point is taken only if
it is no worse than the one before.

Sources: Varadhan and Roland (2008), Simple and globally convergent methods for accelerating the
convergence of any EM algorithm; Meilijson (1989), A fast improvement to the EM algorithm on its own
terms (Newton's method by the scores of the cases); Jamshidian and Jennrich (1997), Acceleration of
the EM algorithm by using quasi-Newton methods.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lumbayes.learning.counts import Counted, Ready, count, count_silent, information
from lumbayes.learning.curvature import Climb, Curvature, curvature, slope
from lumbayes.learning.prior import Prior, leap, log_prior, prior_of, updated
from lumbayes.network.variables import Array

INNER = 10  # times that those who did not ask for care are counted anew in one round
SHORTER = (0.1, 0.5)  # of the way, where it went too far
SETTLED = 1e-4  # relative change of every number below which that ends
FALLS = 2  # steps in a row that went too far before rounds of counting are taken again


class Search:
    """The numbers found so far, and how likely they make the cases after each round.

    Attributes
    ----------
    values : array, shape (m,)
        The numbers; at first as published.
    fitted, penalised : list of float
        Log-likelihood before the first and after each round, without and with the prior.
    """

    def __init__(
        self,
        cases: Ready,
        iterations: int,
        tolerance: float,
        progress: Callable[[int, float], None] | None,
    ) -> None:
        self.cases, self.model = cases, cases.model
        self.iterations, self.tolerance, self.progress = iterations, tolerance, progress
        self.values: Array = cases.model.values.copy()
        self.fitted: list[float] = []
        self.penalised: list[float] = []
        self._original = prior_of(cases.model).original
        self._information: Array | None = None

    @property
    def _ended(self) -> bool:
        return len(self.fitted) > self.iterations

    def information(self) -> Array:
        """Return the information of the cases about the numbers found; see ``counts``."""
        if self._information is None:
            self._information = information(self.cases, self.values, self._original)
        return self._information

    def start_again(self, prior: Prior) -> None:
        """Judge by another prior, but keep the numbers."""
        start = self.fitted[0] + log_prior(self.model, prior, self.model.values)
        del self.fitted[1:], self.penalised[:]
        self.penalised.append(start)

    def settle(self, prior: Prior) -> bool:
        """Go on until little more is to be gained; tell whether it is."""
        counted, reached = self._look(prior, self.values)
        self._take(self.values, reached, counted)
        while True:
            counted = self._rounds(prior, counted)
            both = self._with_silent(self.values, counted)
            bend = curvature(self.model, prior, self.values, self.information(), both)
            counted, settled = self._climb(counted, Climb(bend))
            if settled or self._ended:
                return settled

    def _look(self, prior: Prior, values: Array) -> tuple[Counted, float]:
        """Count under some numbers; return also the penalised log-likelihood."""
        counted = count(self.cases, values)
        return counted, counted.log_likelihood + log_prior(self.model, prior, values)

    def _take(self, values: Array, reached: float, counted: Counted) -> None:
        self.values, self._information = values, None
        self.fitted.append(counted.log_likelihood)
        self.penalised.append(reached)
        if self.progress is not None:
            self.progress(len(self.fitted) - 1, reached / self.cases.rows.size)

    def _rounds(self, prior: Prior, counted: Counted) -> Counted:
        """Count and divide twice, then leap; return what was counted where that ended."""
        if self._ended:
            return counted
        first, before = self.values, self.penalised[-1]
        second = self._maximised(prior, first, counted)
        counted, reached = self._look(prior, second)
        self._take(second, reached, counted)
        if self._ended or reached - before < self.tolerance:
            return counted
        third = self._maximised(prior, second, counted)
        far = leap(self.model, prior, (first, second, third), counted.totals)
        for values in (far, third):
            counted, reached = self._look(prior, values)
            if reached >= self.penalised[-1]:
                break
        self._take(values, reached, counted)
        return counted

    def _climb(self, counted: Counted, climb: Climb) -> tuple[Counted, bool]:
        """Go on by Newton's method; return what was counted at the end, and whether it is the top.

        It may not be, because the rounds are used up or its steps go too far.
        """
        bend, falls = climb.bend, 0
        rise = self._slope(bend, self.values, counted)
        way, more = climb.step(rise)
        while more >= self.tolerance and not self._ended and falls <= FALLS:
            values, way = bend.moved(self.values, way)
            there, reached = self._look(bend.prior, values)
            new = self._slope(bend, values, there)
            climb.learn(way, rise - new)
            if reached >= self.penalised[-1]:
                counted, rise, falls = there, new, 0
                self._take(values, reached, there)
                way, more = climb.step(rise)
            else:  # back to where a parabola through both ends has its top
                falls += 1
                hoped, loss = float(rise @ way), self.penalised[-1] - reached
                way = way * np.clip(hoped / 2 / (hoped + loss), *SHORTER)
        return counted, more < self.tolerance

    def _slope(self, bend: Curvature, values: Array, counted: Counted) -> Array:
        both = self._with_silent(values, counted)
        return slope(self.model, bend.prior, bend.free, values, *both)

    def _with_silent(self, values: Array, counted: Counted) -> tuple[Array, Array]:
        """Return expected events and occasions, of selected cases with those who did not ask."""
        if not self.cases.selected:
            return counted.counts, counted.totals
        more, occasions = count_silent(self.cases, values)
        return counted.counts + more, counted.totals + occasions

    def _maximised(self, prior: Prior, values: Array, counted: Counted) -> Array:
        """Return the numbers that fit the expected counts best.

        In one step, unless the cases were selected: then those who did not ask for care are counted
        too, as many as the numbers imply, and since these change the numbers, again and again.
        """
        for _ in range(INNER if self.cases.selected else 1):
            new = updated(self.model, prior, *self._with_silent(values, counted))
            settled = bool(np.allclose(new, values, rtol=SETTLED, atol=0.0))
            values = new
            if settled:
                break
        return values
