"""What triage knows of a case: its answers, the level by rules alone, the signs still open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lumbayes.cases.constraints import all_but_says, bits_of, likely
from lumbayes.knowledge.anchors import UNDER_18
from lumbayes.triage.reader import rules_of
from lumbayes.triage.rules import LEVELS, Known, Rules, rank

if TYPE_CHECKING:
    from lumbayes.cases.case import Case
    from lumbayes.knowledge.model import Model


def with_age(known: Known, minor: bool) -> Known:
    """Let the rules know of a person under 18 whose age was not given as a number."""
    return {UNDER_18: (2,), **known} if minor else known


def rules_level(rules: Rules, known: Known, *, minor: bool = False) -> str:
    """Return the level that the rules alone give, without reasons.

    Examples
    --------
    >>> from lumbayes.triage.reader import load_rules
    >>> rules = load_rules()
    >>> rules_level(rules, rules.known({"saddle_numbness": "yes"}))
    'emergency_now'
    """
    known = with_age(known, minor)
    floor = 2 if minor else len(LEVELS) - 1
    return LEVELS[min([floor, *(rank(rule.level) for rule in rules.fired(rules.hits(known)))])]


def case_known(source: Rules | Model, case: Case) -> dict[str, tuple[int, ...]]:
    """Return what triage may know of a case: all that was said, contradictions included.

    Of soft weights only a 0 counts, and next to nothing for the first state, mostly that nothing is
    wrong. Interventions play no part.

    Examples
    --------
    >>> from lumbayes.cases.case import Case
    >>> from lumbayes.triage.reader import load_rules
    >>> case = Case({"fever": "no"}, {"leg_pain": (0, 1, 1), "night_pain": (0.4, 1)})
    >>> case_known(load_rules(), case)
    {'leg_pain': (6,), 'fever': (1,)}
    """
    rules = rules_of(source)
    known: dict[str, tuple[int, ...]] = {}
    for name, weights in case.likelihoods.items():
        if 0.0 in weights or all_but_says(weights):
            known[name] = (bits_of(likely(weights) if all_but_says(weights) else weights),)
    known |= rules.known(case.findings)
    # Twice what another answer excludes: in doubt, it settles and skips no question.
    return known | {n: said * 2 if len(said) == 1 else said for n, said in case.said.items()}


def open_signs(
    rules: Rules, known: Known, level: str, hits: Sequence[bool] | None = None
) -> tuple[str, ...]:
    """Return the open warning signs, most telling first.

    A sign is open if a rule above the level could still fire and waits for it: unanswered, answered
    with ``unsure``, or not settled. Signs that cannot apply to this person are not open, nor are
    those that only an examination shows.

    Parameters
    ----------
    rules : Rules
        With what people can be asked, and what excludes what.
    known : mapping of variable to sets of states as bits
        What was said.
    level : str
        The level so far.
    hits : sequence of bool, optional
        ``rules.hits(known)``, if known already.

    Returns
    -------
    tuple of str
        Variables: first those that lead to the most urgent level with the fewest further answers,
        in the order in which they are asked.

    Examples
    --------
    >>> from lumbayes.triage.reader import load_rules
    >>> rules = load_rules()
    >>> open_signs(rules, rules.known({"saddle_numbness": "yes"}), "emergency_now")
    ()
    >>> "saddle_numbness" in open_signs(rules, {}, "self_care_exercises")
    True
    """
    place = min(rank(level), len(LEVELS) - 1)
    if not place:
        return ()
    hits = rules.hits(known) if hits is None else hits
    left: dict[str, int] = {}
    could = []
    for literal, held in zip(rules.literals, hits, strict=True):
        name = literal.variable
        if held or literal.negated:
            could.append(0)
            continue
        if name not in left:
            asked = name in rules.asked or name in known
            left[name] = states_left(rules, known, name) if asked else 0
        could.append(literal.states & left[name])
    best: dict[str, tuple[int, int]] = {}
    for urgency, clauses in rules.compiled:
        if urgency >= place:
            continue
        missing, waits = 0, list[int]()
        for needed, places in clauses:
            lacking = needed - sum(hits[i] for i in places)
            if lacking > 0:
                some = [i for i in places if could[i]]
                if lacking > len(some):
                    break
                missing += lacking
                waits += some
        else:
            for i in waits:
                name = rules.literals[i].variable
                best[name] = min(best.get(name, (urgency, missing)), (urgency, missing))
    order = {s.variable: i for i, s in enumerate(s for c in rules.screens for s in c.signs)}
    return tuple(sorted(best, key=lambda n: (best[n], order.get(n, len(order)))))


def states_left(rules: Rules, known: Known, name: str) -> int:
    """Return the states, as bits, that an answer could still take; 0 where none is to come.

    Examples
    --------
    >>> from lumbayes.triage.reader import load_rules
    >>> rules = load_rules()
    >>> states_left(rules, rules.known({"sex": "male"}), "pregnancy")
    1
    """
    every = (1 << len(rules.states[name])) - 1
    said = known.get(name)
    in_doubt = said is not None and len(said) > len(set(said))  # what another answer excludes
    if said is not None and not in_doubt and not any(m > every for m in said):
        return 0 if len(said) == 1 and not said[0] & (said[0] - 1) else _union(said)
    if said is None and _means_nothing(rules, known, name):
        return 0
    for states, there, given in rules.exclusions.get(name, ()):
        if _only(known, there, given):
            every &= ~states
    return every


def _means_nothing(rules: Rules, known: Known, name: str) -> bool:
    return any(_only(known, other, bit) for other, bit in rules.skips.get(name, ()))


def _only(known: Known, name: str, states: int) -> bool:
    """Whether a variable is known for certain, and without contradiction, to be in some states."""
    said = known.get(name)
    return said is not None and len(said) == 1 and not said[0] & ~states


def _union(said: tuple[int, ...]) -> int:
    together = 0
    for one in said:
        together |= one
    return together
