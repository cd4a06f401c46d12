"""Which findings do not go together with the others, and which condition would explain them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lumbayes.inference.queries import Evidence, Marginals, marginals
from lumbayes.network.variables import Array, Network

UNEXPECTED = 0.1  # a finding that the others make less probable than this fits badly …
SURPRISE = 2.0  # … if it is also this many times less probable than in adults in general
RIVALS_SHOWN = 3


@dataclass(frozen=True)
class Rival:
    """A condition that would make a badly fitting finding ``times`` as probable as it is."""

    finding: str
    condition: str
    probability: float
    expected: float
    times: float


@dataclass(frozen=True, eq=False)
class EvidenceFit:
    """How the findings of a case go together.

    Attributes
    ----------
    findings : tuple of str
        In the order of the arrays.
    expected : array
        P(finding | the others); of a soft finding relative to its likeliest state.
    usual : array
        P(finding) with only the background known, in the same measure.
    conflict : float
        log2(product of P(finding) / P(all findings)), bits, all given the background.
    before, usually, after : mapping of variable to array
        Marginals of the targets with nothing, with the background and with everything known.
    without : mapping of variable to array
        The same with each of ``misfits`` left out, shape ``(k, misfits)``.
    """

    findings: tuple[str, ...]
    expected: Array
    usual: Array
    conflict: float
    before: Mapping[str, Array]
    usually: Mapping[str, Array]
    after: Mapping[str, Array]
    without: Mapping[str, Array]

    def misfits(self) -> list[int]:
        """Return the places of the findings that fit badly, worst first.

        The others make them improbable, and less probable than they are in general; a finding that
        is merely rare is no misfit. One finding alone has no others to fit to.
        """
        return _misfits(self.expected, self.usual)

    def rivals(self, conditions: Sequence[str]) -> list[Rival]:
        """Return for each misfit the conditions that explain it best, by Bayes' rule.

        ``P(finding | others, h) = P(finding | others) P(h | all) / P(h | others)``.
        """
        found = []
        for place, i in enumerate(self.misfits()):
            after = np.array([self.after[c][-1] for c in conditions])
            without = np.array([self.without[c][-1, place] for c in conditions])
            with np.errstate(divide="ignore", invalid="ignore"):
                times = np.where(without > 0, after / without, 0.0)
            for j in np.argsort(-times, kind="stable")[:RIVALS_SHOWN]:
                if times[j] >= SURPRISE:
                    expected = float(self.expected[i] * times[j])
                    found.append(
                        Rival(
                            self.findings[i],
                            conditions[j],
                            float(after[j]),
                            expected,
                            float(times[j]),
                        )
                    )
        return found

    def resolving(self, conditions: Sequence[str]) -> list[str]:
        """Return the conditions whose presence would bring the conflict below 0, likeliest first.

        ``conflict(e, h) = conflict(e) + log2(P(h) / P(h | e))``, P(h) given the background.
        Source: Jensen et al. (1990).
        """
        if self.conflict <= 0:
            return []
        gains = {}
        for name in conditions:
            prior, now = float(self.usually[name][-1]), float(self.after[name][-1])
            if prior > 0 and now > 0 and self.conflict + np.log2(prior / now) < 0:
                gains[name] = now
        return sorted(gains, key=lambda name: -gains[name])


def fit(
    network: Network, known: Evidence, targets: Sequence[str], background: Collection[str] = ()
) -> EvidenceFit:
    """Ask how probable each finding is alone and given the others, in one batch.

    Parameters
    ----------
    network : Network
        Without parameter draws.
    known : Evidence
        One case; its interventions hold throughout.
    targets : sequence of str
        Variables whose marginals are kept.
    background : collection of str
        Findings that say whom the usual probabilities are of, such as people who ask for care.
        Nearly all pains support each other among adults in general; among people in pain they
        need not.

    Source: Jensen, Chamberlain, Nordahl & Jensen (1990), Analysis in HUGIN of data conflict.
    """
    names = tuple(known.likelihoods)
    n = len(names)
    alone = np.eye(n, dtype=bool)
    given = np.array([name in background for name in names], dtype=bool)
    first = np.stack([np.zeros(n, bool), np.ones(n, bool), given])
    logs = _asked(network, known, np.concatenate([first, ~alone, alone | given]), ()).log_evidence
    largest = np.array([known.likelihoods[name].max() for name in names])
    left_out, usual = logs[3 : 3 + n], logs[3 + n :] - np.where(given, 0.0, logs[2])
    expected, usually = np.exp(logs[1] - left_out) / largest, np.exp(usual) / largest
    # Only of what fits badly the rivals are wanted. Rows that know much and rows that know little
    # are asked apart: each kind is answered by steps of its own.
    misfits = ~alone[_misfits(expected, usually)]
    much = _asked(network, known, np.concatenate([first[1:2], misfits]), targets).probabilities
    little = _asked(network, known, first[[0, 2]], targets).probabilities
    return EvidenceFit(
        names,
        expected,
        usually,
        float((usual[~given].sum() + logs[2] - logs[1]) / np.log(2)),
        {t: little[t][:, 0] for t in targets},
        {t: little[t][:, 1] for t in targets},
        {t: much[t][:, 0] for t in targets},
        {t: much[t][:, 1:] for t in targets},
    )


def _misfits(expected: Array, usual: Array) -> list[int]:
    low = (expected < UNEXPECTED) & (expected * SURPRISE <= usual)
    return [int(i) for i in np.argsort(expected / usual) if low[i]]


def _asked(network: Network, known: Evidence, sets: Array, targets: Sequence[str]) -> Marginals:
    """Ask of each set of findings."""
    likelihoods = {
        name: np.where(sets[:, i], weights, 1.0)
        for i, (name, weights) in enumerate(known.likelihoods.items())
    }
    return marginals(network, Evidence(likelihoods, known.do, len(sets)), targets)
