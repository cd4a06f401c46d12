"""Who is to exercise? The chances, answers and level that decide what suits a person."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from lumbayes.errors import LumbayesError, unknown_name
from lumbayes.exercises.tables import (
    EQUIPMENT,
    GENERAL,
    LEVEL_NOTES,
    Exercises,
    Note,
)
from lumbayes.knowledge.anchors import PREGNANCY
from lumbayes.triage.rules import LEVELS

GENERAL_NEED = 0.3


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
