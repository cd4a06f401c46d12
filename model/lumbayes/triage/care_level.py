"""Answer the question: how soon should this person be seen, by rules and probabilities together.

The rules of ``triage`` fire on answers alone. Thresholds may raise the level by a probability, and
that probability must not undo a red flag: one flag can explain another away. So each condition
enters with the largest of its probabilities over all subsets of the red flags that are present.
Then one red flag more never lowers the level.

Nor may a contradiction: of answers that cannot all be true each part that can is weighed, and the
worst counts.

Nor may a firm all-clear be lost to the next answer: a warning sign that no rule waits for, but
after which some probability would reach its threshold, is open all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import combinations
from typing import Any, Literal

import numpy as np

from lumbayes.cases.case import Case, certain, with_answers
from lumbayes.cases.exclusions import load_exclusions
from lumbayes.errors import ImpossibleEvidenceError
from lumbayes.inference.queries import Finding, evidence, marginals, stack
from lumbayes.knowledge.anchors import ASKS_FOR_CARE
from lumbayes.knowledge.model import Model
from lumbayes.triage.consistent_parts import Conflict, consistent_parts
from lumbayes.triage.judgement import Advice, judge, red_flags
from lumbayes.triage.known import case_known, rules_level, states_left
from lumbayes.triage.reader import load_rules
from lumbayes.triage.rules import LEVELS, Rules, rank

ALL_SUBSETS = 8  # with more red flags than this at most two are left out at a time


def care_level(model: Model, case: Case, region: str | None = None) -> Advice:
    """Return the level of care of a case, and why.

    Parameters
    ----------
    model : Model
        Its folder holds the rules.
    case : Case
        Soft weights and interventions play no part; states that a likelihood rules out do.
    region : str, optional
        Whose telephone numbers to name, such as ``"GB"`` or ``"EU"``.

    Returns
    -------
    Advice
        As of ``triage``. Answers that cannot all be true give the worst level of their consistent
        parts, provisional, with the contradiction beside it.

    Raises
    ------
    UnknownNameError
        If the region is unknown.

    Examples
    --------
    >>> from lumbayes.cases.case import parse_case
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> care_level(model, parse_case(model, {"saddle_numbness": "yes"})).level
    'emergency_now'
    """
    rules = load_rules(model.folder)
    known = case_known(rules, case)
    posterior: Mapping[str, float] = {}
    contradictions = case.contradictions
    settled = rules_level(rules, known, minor=case.minor) == LEVELS[0]
    try:
        if settled:
            marginals(model.network, evidence(model.network, certain(model, case)), ())
        else:
            posterior = care_posterior(model, case)
    except ImpossibleEvidenceError as error:
        contradictions = (*contradictions, str(error))
    if contradictions and not settled:
        posterior = worst_posteriors(model, [case])[0]
    contradictions = (*case.disagreements, *contradictions)
    told: dict[str, Any] = {
        "posterior": posterior,
        "minor": case.minor,
        "region": region,
        "unclear": case.unclear,
        "contradictions": contradictions,
    }
    advice = judge(rules, known, **told)
    if advice.level != LEVELS[-1] or advice.provisional:
        return advice
    signs = signs_by_probability(model, case, rules)
    return judge(rules, known, **told, also_open=signs) if signs else advice


def signs_by_probability(model: Model, case: Case, rules: Rules | None = None) -> tuple[str, ...]:
    """Return the unanswered warning signs after which a probability would raise a calm level.

    Parameters
    ----------
    model, case
        As for ``care_level``; a case in which no rule fires and none waits for a sign.
    rules : Rules, optional
        Those of the model's folder if left out.

    Returns
    -------
    tuple of str
        In the order in which they are asked. Signs that cannot apply to this person are left out.

    Examples
    --------
    >>> from lumbayes.cases.case import Case
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> seen_on_a_scan = Case({"spinal_infection": "absent", "hip_osteoarthritis": "absent"})
    >>> "fever" in signs_by_probability(model, seen_on_a_scan)
    False
    """
    rules = load_rules(model.folder) if rules is None else rules
    known, base = case_known(rules, case), certain(model, case)
    pains = set(model.reports_pain) if ASKS_FOR_CARE not in case.findings else set()
    whole = pains | set(model.with_role("unchanged"))  # their answers change more than themselves
    names: list[str] = []
    cases: list[dict[str, Finding]] = []
    for sign in (sign for screen in rules.screens for sign in screen.signs):
        name = sign.variable
        left = states_left(rules, known, name)
        for i, state in enumerate(rules.states[name]):
            if not left >> i & 1 or not (name in model.network or name in whole):
                continue
            if name in whole:
                cases.append(certain(model, with_answers(model, case, {name: state})))
            else:
                cases.append({**base, name: state})
            names.append(name)
    if not cases:
        return ()
    given = stack(model.network, [evidence(model.network, c) for c in cases])
    found = marginals(model.network, given, threshold_conditions(model), impossible="mark")
    over = np.zeros(len(cases), dtype=bool)
    for threshold in rules.thresholds:
        over |= found.probabilities[threshold.condition][-1] >= threshold.threshold
    over &= np.isfinite(found.log_evidence)  # what cannot be is not an answer
    return tuple(dict.fromkeys(n for n, raises in zip(names, over, strict=True) if raises))


def care_posterior(model: Model, case: Case) -> Mapping[str, float]:
    """Return the probability with which each condition meets the thresholds of triage.

    Raises
    ------
    ImpossibleEvidenceError
        If the findings cannot occur together.
    """
    return _largest(model, [without_flags(model, certain(model, case))], impossible="raise")[0]


def worst_posteriors(model: Model, cases: Sequence[Case]) -> list[Mapping[str, float]]:
    """Return the same of cases that contradict themselves: the largest over their consistent parts.

    Examples
    --------
    >>> from lumbayes.cases.case import understand
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> said = {"cancer_history": "yes", "progressive": "yes"}
    >>> no_pain = understand(model, {**said, "duration": "no_pain"})
    >>> worst, = worst_posteriors(model, [no_pain])
    >>> alone = care_posterior(model, understand(model, said))
    >>> abs(worst["malignancy"] - alone["malignancy"]) < 1e-9
    True
    """
    conflicts: list[Conflict] = list(load_exclusions(model))
    sets = []
    for case in cases:
        parts = consistent_parts(model, case, conflicts)
        sets.append([s for part in parts for s in without_flags(model, certain(model, part))])
    return _largest(model, sets, impossible="mark")


def _largest(
    model: Model,
    cases: Sequence[Sequence[Mapping[str, Finding]]],
    impossible: Literal["raise", "mark"],
) -> list[Mapping[str, float]]:
    """Return for each case the largest probability of each condition over its sets of findings."""
    conditions = threshold_conditions(model)
    given = [evidence(model.network, some) for case in cases for some in case]
    found = marginals(model.network, stack(model.network, given), conditions, impossible=impossible)
    starts = np.cumsum([0, *map(len, cases)])[:-1]
    most = {c: np.maximum.reduceat(found.probabilities[c][-1], starts) for c in conditions}
    return [{c: min(float(most[c][i]), 1.0) for c in conditions} for i in range(len(cases))]


@lru_cache(maxsize=4)
def threshold_conditions(model: Model) -> tuple[str, ...]:
    """Return the conditions whose probability may raise the level."""
    return tuple(dict.fromkeys(t.condition for t in load_rules(model.folder).thresholds))


def without_flags(model: Model, known: Mapping[str, Finding]) -> list[dict[str, Finding]]:
    """Return the findings, and those findings without each subset of the red flags among them.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> without_flags(load_model(), {"night_pain": "yes", "fever": "yes"})
    [{'night_pain': 'yes', 'fever': 'yes'}, {'night_pain': 'yes'}]
    """
    flags = flag_states(model)
    present = [n for n, s in known.items() if isinstance(s, str) and s in flags.get(n, ())]
    most = len(present) if len(present) <= ALL_SUBSETS else 2
    left_out = (some for size in range(most + 1) for some in combinations(present, size))
    return [{n: s for n, s in known.items() if n not in some} for some in left_out]


@lru_cache(maxsize=4)
def flag_states(model: Model) -> Mapping[str, frozenset[str]]:
    """Return the answers that count as red flags here: variable → states.

    Those that alone lead to an urgent visit, and the answers of yes that alone lead to a routine
    one and are neither a pain nor a test.
    """
    flags = {name: frozenset(states) for name, states in red_flags(model).items()}
    for rule in load_rules(model.folder).rules:
        if LEVELS.index(rule.level) <= 2 and len(rule.clauses) == 1 and rule.clauses[0].needed == 1:
            for atom in rule.atoms:
                info = model.variables[atom.variable]
                harmless = info.name in model.reports_pain or info.ask == "clinical_test"
                if atom.state == "yes" and not atom.negated and not harmless:
                    flags.setdefault(atom.variable, frozenset({"yes"}))
    return flags


def admit(model: Model, case: Case) -> Case:
    """Return a case to be answered, or raise what is wrong with it: the one place that decides.

    A case of which a part cannot be read is answered all the same if what was understood calls for
    a doctor today or for emergency help, one that contradicts itself if it calls for any visit, so
    that no mistake hides it.

    Raises
    ------
    LumbayesError
        The first mistake of a case that calls for nothing of the kind.

    Examples
    --------
    >>> from lumbayes.cases.case import understand
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> said = {"saddle_numbness": "yes", "sex": "male", "pregnancy": "pregnant"}
    >>> admit(model, understand(model, said)).contradictions[0][:30]
    'findings.sex=male and findings'
    """
    problem = case.problem()
    if problem is not None and not answerable(care_level(model, case).level, bool(case.errors)):
        raise problem
    return case


def answerable(level: str, mistaken: bool) -> bool:
    """Return whether a case with a mistake, or else a contradiction, is answered at a level.

    Examples
    --------
    >>> answerable("routine_physician", False), answerable("routine_physician", True)
    (True, False)
    """
    return rank(level) <= (1 if mistaken else 2)


def goes_with_an_error(advice: Advice) -> bool:
    """Return whether advice is told where its case is refused: it is no all-clear that is open.

    Examples
    --------
    >>> from lumbayes.cases.case import understand
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> cases = ({"slr": "negative"}, {"sex": "male", "pregnancy": "pregnant"}, {"fever": "yes"})
    >>> [goes_with_an_error(care_level(model, understand(model, case))) for case in cases]
    [False, True, True]
    """
    return rank(advice.level) < len(LEVELS) - 1 or bool(advice.contradictions)


def already_means(level: str, contradictory: bool = False) -> str:
    """Return what is said after an error about the level of what was understood; maybe nothing.

    Examples
    --------
    >>> already_means("routine_physician")
    ' What was understood already means: routine_physician.'
    >>> already_means("self_care_exercises"), already_means("self_care_exercises", True)[-39:]
    ('', ': self_care_exercises so far, not firm.')
    """
    calm = level == LEVELS[-1]
    if level not in LEVELS or (calm and not contradictory):
        return ""
    return f" What was understood already means: {level}{' so far, not firm' if calm else ''}."


def what_is_known(model: Model, case: Case, region: str | None = None) -> Advice:
    """Return the advice that goes with an error: no mistake beside a warning sign hides it.

    Never raises: a region that does not exist counts as none, and where no probability can be given
    the rules alone decide.

    Examples
    --------
    >>> from lumbayes.cases.case import understand
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> what_is_known(model, understand(model, {"saddle_numbness": "yes", "fevr": "yes"})).level
    'emergency_now'
    """
    rules = load_rules(model.folder)
    region = region if (region or "").upper() in rules.texts["emergency_number"] else None
    with suppress(Exception):
        return care_level(model, case, region)
    return judge(
        rules,
        case_known(rules, case),
        minor=case.minor,
        region=region,
        unclear=case.unclear,
        contradictions=(*case.disagreements, *case.contradictions),
    )
