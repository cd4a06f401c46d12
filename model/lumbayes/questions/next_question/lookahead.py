"""What each answer to each open question would change: posteriors, urgency, the plan's choice."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from lumbayes.cases.case import Case, network_findings, possible_states
from lumbayes.exercises.person import GENERAL_NEED
from lumbayes.inference.queries import (
    Alternatives,
    Evidence,
    Finding,
    Marginals,
    alternatives_of_each,
    evidence,
    marginals,
    stack,
)
from lumbayes.knowledge.model import Model
from lumbayes.network.variables import Array
from lumbayes.questions.conditioning import case_evidence, case_findings, case_network
from lumbayes.triage.care_level import flag_states, threshold_conditions, without_flags
from lumbayes.triage.known import states_left
from lumbayes.triage.rules import LEVELS, Known, Rules

ALARMING = 1  # rank of the least urgent level whose rules make a red flag


@dataclass(frozen=True, eq=False)
class Answers:
    """Every answer to every open question, one column each: its chance, the posteriors after it.

    ``question`` numbers the question of each answer; the chance of an input of triage alone is NaN.
    """

    questions: tuple[str, ...]
    answers: tuple[tuple[str, str], ...]
    question: npt.NDArray[np.intp]
    probability: Array
    after: Mapping[str, Array]
    before: Mapping[str, Array]


def open_questions(model: Model, case: Case, kinds: Collection[str]) -> list[str]:
    """Return what may be asked: not answered, not set by an intervention, not made pointless."""
    closed = {*case.findings, *case.do}
    return [
        v.name
        for v in model.variables.values()
        if v.ask in kinds
        and v.name not in closed
        and len(possible_states(model, case, v.name)) > 1
        and not any(case.findings.get(n) == s for n, s in v.skipped_by)
    ]


@dataclass(frozen=True, eq=False)
class BeforeAnswers:
    """What is known before any further answer, and what counts for the level of care.

    Attributes
    ----------
    cases : tuple of Evidence
        The case; then the case without some of its red flags, or without its soft findings, as far
        as the thresholds of care have to look at them.
    known : tuple of Marginals
        Of everything, one for each of the cases.
    counting : tuple of int
        Which of the cases count for care.
    care : mapping of condition to array
        The probabilities that meet the thresholds now, each of shape ``(1,)``.
    """

    cases: tuple[Evidence, ...]
    known: tuple[Marginals, ...]
    counting: tuple[int, ...]
    care: Mapping[str, Array]


def standing(model: Model, case: Case, rules: Rules, facts: Known) -> BeforeAnswers:
    """Return what is known of a case now.

    As in ``care_level``, red flags may be left out where that makes a condition likelier, so that
    no flag explains a danger away.
    """
    conditions, network = threshold_conditions(model), model.network
    own = case_evidence(model, case)
    if any(rule.level == LEVELS[0] and rule.fires(facts) for rule in rules.rules):
        # No threshold can raise an emergency.
        known = _each(marginals(case_network(model, case), own))
        return BeforeAnswers((own,), known, (), dict.fromkeys(conditions, np.zeros(1)))
    certain = _certain(model, case)
    sets = [evidence(network, s) for s in without_flags(model, certain)]
    if case.do:
        known = _each(marginals(case_network(model, case), own))
        known += _each(marginals(network, stack(network, sets)))
        cases = (own, *sets)
    else:
        plain = certain == case_findings(model, case)
        cases = (own, *sets[1 if plain else 0 :])
        known = _each(marginals(network, stack(network, cases)))
    first = len(cases) - len(sets)
    chance = np.array([[k.probabilities[c][-1, 0] for k in known[first:]] for c in conditions])
    by_rules = min((LEVELS.index(r.level) for r in rules.rules if r.fires(facts)), default=3)
    raising = {t.condition for t in rules.thresholds if LEVELS.index(t.level) < by_rules}
    # Leaving flags out matters only where a threshold lies above what the rules already demand.
    most = [int(chance[i].argmax()) for i, c in enumerate(conditions) if c in raising]
    chosen = [first + int(i) for i in np.unique([0, *most])]
    kept = sorted({0, *chosen})
    return BeforeAnswers(
        tuple(cases[i] for i in kept),
        tuple(known[i] for i in kept),
        tuple(kept.index(i) for i in chosen),
        {c: chance[i].max(keepdims=True) for i, c in enumerate(conditions)},
    )


def _each(known: Marginals) -> tuple[Marginals, ...]:
    """Return the marginals of each row."""
    return tuple(
        Marginals(
            {name: p[:, i : i + 1] for name, p in known.probabilities.items()},
            known.log_evidence[i : i + 1],
        )
        for i in range(len(known.log_evidence))
    )


def answers_to(
    model: Model,
    case: Case,
    now: BeforeAnswers,
    open_questions: Sequence[str],
    targets: Sequence[str],
) -> tuple[Answers, Mapping[str, Array]]:
    """Put every question to the engine at once; what only triage asks changes no posterior.

    Returns the answers to the case, and the probabilities that meet the thresholds of care after
    each; what is left out for them is what counts now.
    """
    asked = [q for q in open_questions if q in model.network]
    rest = [q for q in open_questions if q not in model.network]
    wanted = list(dict.fromkeys((*targets, *model.names("condition", "imbalance"))))
    # A case in which something is done is asked in a network of its own.
    split = 1 if case.do else len(now.cases)
    found = alternatives_of_each(
        case_network(model, case), now.cases[:split], now.known[:split], asked, wanted
    )
    if now.cases[split:]:
        found += alternatives_of_each(
            model.network, now.cases[split:], now.known[split:], asked, wanted
        )
    more = tuple((q, s) for q in rest for s in model.variables[q].states)
    answers = [_with_more(one, (*asked, *rest), more) for one in found]
    flags = flag_states(model)
    worse = np.array([s in flags.get(q, ()) for q, s in answers[0].answers], dtype=bool)
    after = {
        c: np.maximum.reduce(
            [np.where(worse, p, 0.0), *(answers[i].after[c][-1] for i in now.counting)]
        )
        for c, p in now.care.items()
    }
    return answers[0], after


def _with_more(
    found: Alternatives, questions: Sequence[str], more: tuple[tuple[str, str], ...]
) -> Answers:
    """Add answers that the network does not know: they change nothing."""
    place = {q: i for i, q in enumerate(questions)}
    answers = (*found.answers, *more)
    return Answers(
        tuple(questions),
        answers,
        np.array([place[q] for q, _ in answers], dtype=np.intp),
        np.append(found.probability, np.full(len(more), np.nan)),
        {t: _repeated(p, found.before[t], len(more)) for t, p in found.after.items()},
        found.before,
    )


def _repeated(after: Array, before: Array, more: int) -> Array:
    """Add a column without any change for each answer that the network does not know."""
    return np.concatenate([after, np.repeat(before[:, None], more, axis=1)], axis=1)


def _certain(model: Model, case: Case) -> dict[str, Finding]:
    """Return what care may know of a case: its findings, and the states that it rules out."""
    known: dict[str, Finding] = {**network_findings(model, case)}
    for name, weights in case.likelihoods.items():
        if name in model.network and 0.0 in weights:
            known[name] = tuple(float(w > 0) for w in weights)
    return known


@lru_cache(maxsize=8)
def _said_by(rules: Rules) -> Mapping[str, tuple[tuple[int, ...], Mapping[int, tuple[int, ...]]]]:
    """By variable: its literals, and the clauses of each rule that may hold through one of them."""
    literals: dict[str, list[int]] = {}
    for i, literal in enumerate(rules.literals):
        literals.setdefault(literal.variable, []).append(i)
    clauses: dict[str, dict[int, list[int]]] = {name: {} for name in literals}
    for r, (_, own) in enumerate(rules.compiled):
        for c, (_, places) in enumerate(own):
            for name in {rules.literals[i].variable for i in places}:
                clauses[name].setdefault(r, []).append(c)
    return {
        name: (tuple(some), {r: tuple(own) for r, own in clauses[name].items()})
        for name, some in literals.items()
    }


def levels_after(
    rules: Rules,
    facts: Known,
    answers: Sequence[tuple[str, str]],
    care: Mapping[str, Array],
    floor: int,
) -> npt.NDArray[np.int64]:
    """Return the rank of care after each answer, 0 the most urgent."""
    said_by, compiled, hits = _said_by(rules), rules.compiled, rules.hits(facts)
    failing = [
        {c for c, (needed, places) in enumerate(own) if sum(hits[i] for i in places) < needed}
        for _, own in compiled
    ]
    fired = [r for r, clauses in enumerate(failing) if not clauses]
    untouched: dict[str, int] = {}
    could: dict[str, list[tuple[int, tuple[int, ...]]]] = {}
    levels = np.empty(len(answers), dtype=np.int64)
    for column, (name, state) in enumerate(answers):
        literals, touched = said_by.get(name, ((), {}))
        if name not in untouched:
            ranks = (compiled[r][0] for r in fired if r not in touched)
            untouched[name] = min(ranks, default=floor)
            # Nothing said of this variable makes up for a clause that does not ask for it.
            could[name] = [(r, own) for r, own in touched.items() if failing[r].issubset(own)]
        level = min(floor, untouched[name])
        if could[name]:
            then = {name: (rules.bits(name, state),)}
            now = {i: rules.literals[i].holds(then) for i in literals}
            for r, own in could[name]:
                rank, clauses = compiled[r]
                if rank < level and all(
                    sum(now.get(i, hits[i]) for i in clauses[c][1]) >= clauses[c][0] for c in own
                ):
                    level = rank
        levels[column] = level
    for threshold in rules.thresholds:
        over = care[threshold.condition] >= threshold.threshold
        levels[over] = np.minimum(levels[over], LEVELS.index(threshold.level))
    return levels


def leading_choice(
    model: Model, after: Mapping[str, Array], levels: npt.NDArray[np.int64]
) -> npt.NDArray[np.intp]:
    """Return the place of the imbalance a plan works on first after each answer.

    One past the last where all are less likely than any back's need of exercise; -1 where the level
    of care allows no plan.
    """
    names = model.names("imbalance")
    chances = np.array([after[n][-1] for n in names])
    leading = np.where(chances.max(axis=0) >= GENERAL_NEED, chances.argmax(axis=0), len(names))
    return np.where(levels <= ALARMING, -1, leading)


def alarming_questions(
    rules: Rules, facts: Known, level: int, questions: Sequence[str]
) -> dict[str, tuple[int, int]]:
    """Return the questions that could wake an alarm: variable → (answers missing, rank).

    A rule counts if it is urgent or an emergency, above the present level, could still fire, and
    is one answer away or half woken by an answer already given.
    """
    is_open, hits = set(questions), rules.hits(facts)
    left: dict[str, int] = {}
    could = []
    for literal, held in zip(rules.literals, hits, strict=True):
        name = literal.variable
        open_to = 0
        if not held and not literal.negated and name in is_open:
            if name not in left:
                left[name] = states_left(rules, facts, name)
            open_to = literal.states & left[name]
        could.append(open_to)
    flags: dict[str, tuple[int, int]] = {}
    for rank, clauses in rules.compiled:
        if rank > ALARMING or rank >= level:
            continue
        missing, woken, asks = 0, False, set[str]()
        for needed, places in clauses:
            woken = woken or any(hits[i] and not rules.literals[i].negated for i in places)
            lacking = needed - sum(hits[i] for i in places)
            if lacking > 0:
                some = [i for i in places if could[i]]
                if lacking > len(some):
                    break
                missing += lacking
                asks.update(rules.literals[i].variable for i in some)
        else:
            if missing == 1 or woken:
                for name in asks:
                    flags[name] = min(flags.get(name, (missing, rank)), (missing, rank))
    return flags
