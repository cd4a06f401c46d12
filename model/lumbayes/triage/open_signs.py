"""Unanswered warning signs that could still raise the level of care."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from lumbayes.triage.rules import LEVELS, Known, Rules, rank


def open_signs(rules: Rules, known: Known, level: str) -> tuple[str, ...]:
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
    place = rank(level)
    left: dict[str, int] = {}
    best: dict[str, tuple[int, int]] = {}
    for rule in rules.rules:
        urgency = rank(rule.level)
        if urgency >= min(place, len(LEVELS) - 1):
            continue
        missing, waits = 0, set[str]()
        for clause in rule.clauses:
            held, could = 0, []
            for literal in clause.literals:
                name = literal.variable
                if (literal.negated or name in known) and literal.holds(known):
                    held += 1
                    if held == clause.needed:
                        break
                elif not literal.negated:
                    if name not in left:
                        asked = name in rules.asked or name in known
                        left[name] = states_left(rules, known, name) if asked else 0
                    if literal.states & left[name]:
                        could.append(name)
            lacking = clause.needed - held
            if lacking > len(could):
                break
            if lacking > 0:
                missing += lacking
                waits.update(could)
        else:
            for name in waits:
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
    if said is not None and not any(m > every for m in said):
        return 0 if len(said) == 1 and not said[0] & (said[0] - 1) else _union(said)
    if said is None and _means_nothing(rules, known, name):
        return 0
    for states, there, given in _excluding(rules).get(name, ()):
        if _only(known, there, given):
            every &= ~states
    return every


@lru_cache(maxsize=8)
def _excluding(rules: Rules) -> Mapping[str, list[tuple[int, str, int]]]:
    """Return for each variable the states that an answer to another one rules out."""
    found: dict[str, list[tuple[int, str, int]]] = {}
    for one, other in rules.excluded:
        for (here, states), (there, given) in ((one, other), (other, one)):
            found.setdefault(here, []).append((states, there, given))
    return found


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
