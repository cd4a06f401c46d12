"""Answers that exclude each other: the largest parts of a case in which all can be true.

A probability can be given for answers that occur together alone. Where they do not, each largest
part that does is weighed, and what the parts share: no contradiction then loses what one part of
the answers calls for, nor what the answers called for before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from math import prod
from typing import Any

import numpy as np

from lumbayes.cases.case import Case, case_to_dict, certain, understand
from lumbayes.cases.exclusions import Event
from lumbayes.inference.queries import evidence, marginals, smallest_clash, stack
from lumbayes.knowledge.definition import UNSURE
from lumbayes.knowledge.model import Model
from lumbayes.triage.known import case_known

Conflict = tuple[Event, ...]  # a variable and some of its states as bits, each: not all can hold
MOST = 64  # combinations of readings: all of those of six answers given twice


def consistent_parts(model: Model, case: Case, conflicts: list[Conflict]) -> list[Case]:
    """Return the largest parts of a case in which no answer excludes another, and what they share.

    Parameters
    ----------
    model : Model
        Its tables tell what cannot occur together.
    case : Case
        Of answers given more than once each is tried; of more than ``MOST`` combinations the first
        of all, the second of all and so on, then these with one answer changed, ``MOST`` in all.
    conflicts : list of tuple of (variable, states as bits)
        What cannot hold together, such as ``load_exclusions`` gives it. What the probabilities
        exclude is added to it, so that the next case with the same contradiction is quick.

    Returns
    -------
    list of Case
        Each without contradictions. A case without any is the only one.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> case = understand(model, {"findings": {"fever": "no"}, "facts": {"fever": True}})
    >>> [dict(part.findings) for part in consistent_parts(model, case, [])]
    [{'fever': 'yes'}, {'fever': 'no'}, {}]
    """
    while True:
        parts = _fitting(model, case, conflicts)
        cases = [evidence(model.network, certain(model, part)) for part in parts]
        logs = marginals(
            model.network, stack(model.network, cases), (), impossible="mark"
        ).log_evidence
        learned = dict.fromkeys(
            smallest_clash(model.network, cases[i]) for i in np.flatnonzero(~np.isfinite(logs))
        )
        new = [clash for clash in learned if clash not in conflicts]
        if not new:
            fit = [part for part, log in zip(parts, logs, strict=True) if np.isfinite(log)]
            return fit or [Case()]
        conflicts += new


def _fitting(model: Model, case: Case, conflicts: Sequence[Conflict]) -> list[Case]:
    """Return the largest parts that hold no conflict known so far."""
    known = case_known(model, case)
    options = {name: _readings(said) for name, said in known.items()}
    found: list[dict[str, int]] = []
    for chosen in islice(_combinations(options), MOST):
        found += (part for part in _mended(chosen, conflicts) if part not in found)
    largest = [p for p in found if not any(p.items() < other.items() for other in found)]
    if len(largest) > 1:  # who leaves out all that is in doubt may be worse off yet
        largest.append(dict(set.intersection(*(set(p.items()) for p in largest))))
    return [_with(model, case, part, known.keys() - part.keys()) for part in largest]


def _readings(said: Sequence[int]) -> list[int]:
    """Return what the readings of one answer can mean, those that agree taken together."""
    sets = list(dict.fromkeys(said))
    for one in sets:  # grows while it is walked
        sets += dict.fromkeys(one & other for other in said if one & other not in (0, *sets))
    return [s for s in sets if not any(t != s and t & s == t for t in sets)]


def _combinations(options: Mapping[str, Sequence[int]]) -> Iterator[dict[str, int]]:
    """Yield one reading of each answer, in every combination or, of many, in the telling ones."""
    if prod(map(len, options.values())) <= MOST:
        for chosen in product(*options.values()):
            yield dict(zip(options, chosen, strict=True))
        return
    whole = [
        {name: some[min(place, len(some) - 1)] for name, some in options.items()}
        for place in range(max(map(len, options.values())))
    ]
    yield from whole
    for one in whole:
        for name, some in options.items():
            yield from ({**one, name: other} for other in some if other != one[name])


def _mended(answers: dict[str, int], conflicts: Sequence[Conflict]) -> list[dict[str, int]]:
    """Return the answers without one of each conflict that they hold, in every way."""
    for conflict in conflicts:
        if all(name in answers and not answers[name] & ~bits for name, bits in conflict):
            fewer = ({n: b for n, b in answers.items() if n != name} for name, _ in conflict)
            return [mended for some in fewer for mended in _mended(some, conflicts)]
    return [answers]


def _with(model: Model, case: Case, part: Mapping[str, int], left_out: Any) -> Case:
    """Return a case understood as if only these answers had been given."""
    if not (case.said or left_out):
        return case
    data: dict[str, Any] = case_to_dict(model, case)
    gone = {*case.said, *left_out}
    findings = {n: s for n, s in data["findings"].items() if n not in gone}
    likelihoods = {n: w for n, w in data["likelihoods"].items() if n not in gone}
    findings |= {n: UNSURE for n in case.assumed if n in left_out}
    for name in case.said.keys() & part.keys():
        states = (*model.variables[name].states, UNSURE)
        if part[name].bit_count() == 1:
            findings[name] = states[part[name].bit_length() - 1]
        else:
            likelihoods[name] = {s: float(part[name] >> i & 1) for i, s in enumerate(states[:-1])}
    return understand(model, {**data, "findings": findings, "likelihoods": likelihoods, "said": {}})
