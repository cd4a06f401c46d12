"""Why is an exercise in the plan, or not? Words for what it does and how likely it is needed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from lumbayes.exercises.person import GENERAL_NEED, Person
from lumbayes.exercises.plan import NotToday
from lumbayes.exercises.tables import EVIDENCE, Exercise, Exercises

_GENERAL_WHY = "It is good for any back, whatever the cause of the pain."
_ANY_WHY = "Most kinds of exercise suit a back in pain."


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
