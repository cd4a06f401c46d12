"""Who is to exercise: what decides what suits a person, and the words that say why it does."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from lumbayes.errors import LumbayesError, unknown_name
from lumbayes.exercises.plan import NotToday
from lumbayes.exercises.tables import (
    EQUIPMENT,
    EVIDENCE,
    GENERAL,
    LEVEL_NOTES,
    Exercise,
    Exercises,
    Note,
)
from lumbayes.knowledge.anchors import PREGNANCY
from lumbayes.triage.rules import LEVELS

GENERAL_NEED = 0.3
_GENERAL_WHY = "It is good for any back, whatever the cause of the pain."
_ANY_WHY = "Most kinds of exercise suit a back in pain."


@dataclass(frozen=True)
class Person:
    """What the filters need to know."""

    chances: Mapping[str, float]
    facts: Mapping[str, str]
    equipment: frozenset[str]
    level: int
    level_why: str
    pregnant: bool

    def notes(self, exercises: Exercises, kind: str) -> tuple[Note, ...]:
        """Return the notes of a kind that apply."""
        return tuple(
            n
            for n in exercises.notes
            if n.kind == kind
            and (not n.when or any(r.holds(self.facts, self.chances) for r in n.when))
        )


def person_of(
    exercises: Exercises,
    imbalances: Mapping[str, float],
    conditions: Mapping[str, float],
    findings: Mapping[str, str],
    triage_level: str,
    equipment: Collection[str],
    level: int | None,
    pregnant: bool | None,
) -> Person:
    """Check the arguments of `plan` and put together what the filters need."""
    if triage_level not in LEVELS:
        raise unknown_name("triage level", triage_level, LEVELS)
    chances: dict[str, float] = {GENERAL: GENERAL_NEED}
    given = {**imbalances, **conditions}
    if missing := [name for name in exercises.needs if name not in given]:
        raise LumbayesError(
            f"imbalances and conditions lack {', '.join(missing)}."
            " Give the posterior of each, 0 to 1."
        )
    for name, chance in given.items():
        if name not in exercises.states:
            raise unknown_name("imbalance or condition", name, exercises.needs)
        if not 0 <= chance <= 1:
            raise LumbayesError(f"{name} is {chance}. A posterior lies within 0 to 1.")
        chances[name] = float(chance)
    for name, state in findings.items():
        if name not in exercises.states:
            raise unknown_name("variable", name, exercises.states)
        if state != "unsure" and state not in exercises.states[name]:
            raise unknown_name(f"state of {name}", state, (*exercises.states[name], "unsure"))
    if isinstance(equipment, str):
        raise LumbayesError(f"equipment is the text {equipment!r}. Give a list, such as ['band'].")
    for thing in equipment:
        if thing not in EQUIPMENT:
            raise unknown_name("equipment", thing, EQUIPMENT)
    answer = findings.get(PREGNANCY, "")
    if pregnant is False and answer == "pregnant":
        raise LumbayesError("pregnant is False, but the findings say pregnant. Change one of them.")
    # Unsure counts as pregnant: the mild version harms nobody, the other one might.
    expecting = pregnant is True or (pregnant is None and answer in ("pregnant", "unsure"))
    facts = {**findings, "triage": triage_level}
    if expecting:
        facts[PREGNANCY] = "pregnant"
    fitting, why = _level(exercises, facts, chances)
    if level is not None:
        check_whole("level", level, 1, 4)
        fitting, why = level, f"Level {level} of 4, as you chose."
    return Person(chances, facts, frozenset(equipment), fitting, why, expecting)


def _level(
    exercises: Exercises, facts: Mapping[str, str], chances: Mapping[str, float]
) -> tuple[int, str]:
    """Find the level by its notes: 2, or what one raises it to, then the lowest that holds."""
    found = [
        (LEVEL_NOTES[n.kind], n.text)
        for n in exercises.notes
        if n.kind in LEVEL_NOTES and any(r.holds(facts, chances) for r in n.when)
    ]
    usual = next((f for f in found if f[0] > 2), (2, "it suits most people"))
    level, why = min([usual, *found], key=lambda one: one[0])
    return level, f"Level {level} of 4, since {why}. Choose another if it is too easy or too hard."


def check_whole(name: str, value: int, low: int, high: int) -> None:
    """Raise unless a whole number lies within its range."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        choices = ", ".join(str(n) for n in range(low, high + 1))
        raise LumbayesError(f"{name} is {value!r}. Choose one of: {choices}.")


def main_target(row: Exercise, needs: Mapping[str, float]) -> str:
    """Return the target for which an exercise does most."""
    return max(row.targets, key=lambda t: needs[t] * row.targets[t])


def why_chosen(
    exercises: Exercises, row: Exercise, needs: Mapping[str, float], person: Person
) -> str:
    """Say why an exercise is in the plan; a target no likelier than any is not the first reason."""
    target = main_target(row, needs)
    if target not in exercises.targets:
        return _GENERAL_WHY
    of, chance = exercises.targets[target], person.chances[target]
    said = f"{of.does}. From your answers, the chance that {of.needed} is {in_ten(chance)}."
    return said if chance >= GENERAL_NEED else f"{_ANY_WHY} {said}"


def why_not_chosen(
    exercises: Exercises, row: Exercise, picked: Sequence[Exercise], person: Person
) -> NotToday:
    """Say why an exercise that may be done was not chosen."""
    if row.kind == "aerobic":
        other = next(p.name for p in picked if p.kind == "aerobic")
        reason = f"{other} is in the plan and does the same job. Swap them if you like this better."
        return NotToday(row.exercise, row.name, "same_kind", reason, row.from_article)
    if same := next((p.name for p in picked if p.pattern == row.pattern), ""):
        reason = f"{same} is in the plan and is of the same kind."
        return NotToday(row.exercise, row.name, "same_kind", reason, row.from_article)
    target = main_target(row, person.chances)
    reason = "Other exercises fit your answers better."
    if row.evidence_strength == min(EVIDENCE):
        reason = "Others are better tested. You may add it if it feels good."
    if of := exercises.targets.get(target):
        reason += f" The chance that {of.alone} is {in_ten(person.chances[target])}."
    return NotToday(row.exercise, row.name, "less_fitting", reason, row.from_article)


def in_ten(chance: float) -> str:
    """Say a chance in words that never promise certainty.

    Examples
    --------
    >>> in_ten(0.62), in_ten(0.01), in_ten(0.99)
    ('about 6 in 10', 'less than 1 in 10', 'more than 9 in 10')
    """
    if chance < 0.05:
        return "less than 1 in 10"
    return "more than 9 in 10" if chance >= 0.95 else f"about {math.floor(chance * 10 + 0.5)} in 10"
