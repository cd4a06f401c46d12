"""Which warning signs are not answered yet, and how to ask for them in the fewest clicks.

A sign is open while some rule above the present level could still fire and waits for it, or, where
no rule does, while a probability would raise the level after it. Only what a person can be asked
counts: nobody has to be examined before a level is firm.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from lumbayes.triage.care_level import signs_by_probability
from lumbayes.triage.known import case_known, open_signs, rules_level
from lumbayes.triage.reader import rules_of
from lumbayes.triage.rules import LEVELS, Rules, Screen

if TYPE_CHECKING:
    from lumbayes.cases.case import Case
    from lumbayes.knowledge.model import Model

MORE = "more"  # the screen of what follows from earlier answers


def screens_left(
    source: Rules | Model, case: Case, passed: Iterable[str] = ()
) -> tuple[Screen, ...]:
    """Return the screens that still hold open warning signs, each with these signs alone.

    Parameters
    ----------
    source : Rules or Model
        The model; with the rules alone probabilities play no part.
    case : Case
        What is known.
    passed : iterable of str
        Names of screens and of variables not to be asked again, such as those skipped. What was
        answered with ``unsure`` is not asked again either way.

    Returns
    -------
    tuple of Screen
        In the order to be asked; the first one is next. Empty if the level is firm, or nothing is
        left to ask.

    Examples
    --------
    >>> from lumbayes.cases.case import Case
    >>> from lumbayes.triage.reader import load_rules
    >>> [s.name for s in screens_left(load_rules(), Case())][:3]
    ['where', 'you', 'nerves']
    """
    rules, shown = rules_of(source), set(passed)
    known = case_known(rules, case)
    unsure = set(rules.unsure(known))
    level = rules_level(rules, known, minor=case.minor)
    signs = set(open_signs(rules, known, level)) - unsure
    if not signs and level == LEVELS[-1] and not isinstance(source, Rules):
        signs = set(signs_by_probability(source, case)) - unsure
    # What a tick could mean is denied, and which of the rest holds still matters: asked as a choice
    # of its own, since "none of these" would say the same again.
    again = tuple(
        sign
        for screen in rules.screens
        for sign in screen.signs
        if screen.any_of and not shown & {screen.name, sign.variable}
        if sign.variable in signs and sign.variable in known
        if not any(said & sign.ticked for said in known[sign.variable])
    )
    found = []
    for screen in rules.screens:
        left = tuple(s for s in screen.signs if s.variable in signs - shown and s not in again)
        left += again if screen.name == MORE else ()
        if left and screen.name not in shown:
            found.append(replace(screen, signs=left))
    return tuple(found)


def screen_with(source: Rules | Model, name: str, variables: Sequence[str]) -> Screen:
    """Return a screen by its name, with some signs alone, in the order of the tables.

    Examples
    --------
    >>> from lumbayes.triage.reader import load_rules
    >>> screen = screen_with(load_rules(), "more", ["morning_stiffness"])
    >>> screen.any_of, [sign.variable for sign in screen.signs]
    (False, ['morning_stiffness'])
    """
    rules = rules_of(source)
    screen = next(s for s in rules.screens if s.name == name)
    every = [s for c in rules.screens for s in c.signs]
    return replace(screen, signs=tuple(s for s in every if s.variable in variables))


def screen_answers(
    source: Rules | Model, screen: Screen, ticked: Mapping[str, str]
) -> dict[str, dict[str, object]]:
    """Return what a screen of "any of these?" answers, as parts of a case: each sign on its own.

    Parameters
    ----------
    source : Rules or Model
        The rules, or the model whose folder holds them.
    screen : Screen
        Of ``screens_left``; every sign on it that is not ticked is denied.
    ticked : mapping of variable to state
        What applies; ``unsure`` will do.

    Returns
    -------
    dict
        ``findings`` and ``likelihoods`` to be added to those of the case. A denial that leaves
        several states, such as "not stiff for more than half an hour", is a likelihood.

    Examples
    --------
    >>> from lumbayes.cases.case import Case
    >>> from lumbayes.triage.reader import load_rules
    >>> rules = load_rules()
    >>> screen = next(s for s in screens_left(rules, Case()) if s.name == "danger")
    >>> answers = screen_answers(rules, screen, {"fever": "yes"})
    >>> answers["findings"]["fever"], answers["findings"]["collapse"]
    ('yes', 'no')
    """
    rules = rules_of(source)
    findings: dict[str, object] = {}
    likelihoods: dict[str, object] = {}
    for sign in screen.signs:
        states = rules.states[sign.variable]
        denied = [s for i, s in enumerate(states) if not sign.ticked >> i & 1]
        if sign.variable in ticked:
            findings[sign.variable] = ticked[sign.variable]
        elif len(denied) == 1:
            findings[sign.variable] = denied[0]
        else:
            likelihoods[sign.variable] = {s: float(s in denied) for s in states}
    return {"findings": findings, "likelihoods": likelihoods}


def tick_states(source: Rules | Model, screen: Screen, variable: str) -> tuple[str, ...]:
    """Return the states that a tick may mean; with more than one, ask which.

    Examples
    --------
    >>> from lumbayes.triage.reader import load_rules
    >>> rules = load_rules()
    >>> screen = next(s for s in rules.screens if s.name == "nerves")
    >>> tick_states(rules, screen, "leg_weakness")
    ('one_side', 'both_sides')
    """
    rules = rules_of(source)
    sign = next(s for s in screen.signs if s.variable == variable)
    return tuple(s for i, s in enumerate(rules.states[variable]) if sign.ticked >> i & 1)
