"""The exercise plan as an answer: frozen, as text for a person, as plain data for JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lumbayes.exercises.tables import Note
from lumbayes.text import Told

PHASES = ((1, 2), (3, 5), (6, 8))


@dataclass(frozen=True)
class PhaseDose:
    """What to do in some weeks, on how many days a week."""

    first_week: int
    last_week: int
    days_a_week: int
    dose: str


@dataclass(frozen=True)
class PlannedExercise:
    """An exercise of the plan, with the reason and what a person needs to do it."""

    exercise: str
    name: str
    kind: str
    why: str
    start_position: str
    movement: str
    how_it_should_feel: str
    doses: tuple[PhaseDose, ...]
    next_step: str
    cautions: str
    pregnancy_version: str
    evidence: str
    evidence_strength: float
    grade: str
    source: tuple[str, ...]
    level: int
    equipment: tuple[str, ...]
    household: str
    from_article: tuple[str, ...]
    alt_start: str
    alt_end: str
    score: float

    def dose(self, week: int) -> PhaseDose | None:
        """Return the dose of a week; None where the exercise has not begun."""
        return next((d for d in self.doses if d.first_week <= week <= d.last_week), None)


@dataclass(frozen=True)
class NotToday:
    """An exercise left out: ``because`` names the filter, ``reason`` says it in plain words."""

    exercise: str
    name: str
    because: str
    reason: str
    from_article: tuple[str, ...]


@dataclass(frozen=True)
class TrainingDay:
    """The exercises (ids) of one day; the dose is ``PlannedExercise.dose(week)``."""

    week: int
    day: str
    exercises: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class Plan(Told):
    """A plan of some weeks, or in an emergency or urgent case nothing but ``safety``.

    ``first`` is then what the care level asks to be done, with the telephone number of the region.
    """

    triage_level: str
    level: int
    level_why: str
    pregnant: bool
    weeks: int
    chosen: tuple[PlannedExercise, ...]
    weekly_schedule: tuple[TrainingDay, ...]
    not_today: tuple[NotToday, ...]
    stop_rules: tuple[Note, ...]
    how_much: tuple[Note, ...]
    pregnancy_rules: tuple[Note, ...]
    expected_benefit: tuple[Note, ...]
    safety: tuple[Note, ...]
    first: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as plain dictionaries, lists, texts and numbers, ready for JSON."""
        plan: dict[str, Any] = _plain(self)
        for part in ("stop_rules", "how_much", "pregnancy_rules", "expected_benefit", "safety"):
            plan[part] = [{k: v for k, v in n.items() if k != "when"} for n in plan[part]]
        return plan

    def to_text(self) -> str:
        """Return the plan as text for a person to read and print."""
        lines = [*self.first, *(note.text for note in self.safety)]
        if not self.chosen:
            return "\n".join(lines)
        lines += ["", f"YOUR PLAN FOR {self.weeks} WEEKS", self.level_why]
        for number, item in enumerate(self.chosen, 1):
            lines += ["", f"{number}. {item.name}", f"   Why: {item.why}"]
            lines += [f"   Start: {item.start_position}", f"   Move: {item.movement}"]
            lines += [f"   It should feel like this: {item.how_it_should_feel}"]
            if item.pregnancy_version:
                lines += [f"   In pregnancy: {item.pregnancy_version}"]
            lines += [
                f"   Weeks {d.first_week} to {d.last_week}, {_times(d.days_a_week)}: {d.dose}"
                for d in item.doses
            ]
            if item.next_step:
                lines += [f"   {item.next_step}"]
            lines += [f"   Take care: {item.cautions}"] if item.cautions else []
            lines += [f"   What is known (grade {item.grade}): {item.evidence}"]
            lines += [f"   Sources: {', '.join(item.source)}"]
        lines += ["", "WEEK BY WEEK"]
        numbers = {item.exercise: i for i, item in enumerate(self.chosen, 1)}
        for first, last in PHASES:
            week = [day for day in self.weekly_schedule if day.week == first]
            shown = [f"{d.day[:3]} {' '.join(str(numbers[e]) for e in d.exercises)}" for d in week]
            lines += [f"Weeks {first} to {min(last, self.weeks)}: " + "; ".join(shown) + "."]
        for title, notes in (
            ("HOW MUCH, HOW HARD", self.how_much),
            ("IN AND AFTER PREGNANCY", self.pregnancy_rules),
            ("WHEN TO STOP", self.stop_rules),
            ("WHAT TO EXPECT", self.expected_benefit),
        ):
            if notes:
                lines += ["", title, *(f"- {note.text}" for note in notes)]
        if self.not_today:
            lines += ["", "NOT TODAY", *(f"- {n.name}: {n.reason}" for n in self.not_today)]
        return "\n".join(lines)


def _times(days: int) -> str:
    """Say how often."""
    return "every day" if days == 7 else "1 day a week" if days == 1 else f"{days} days a week"


def _plain(value: Any) -> Any:
    """Return dataclasses as dictionaries; theirs hold texts, numbers and tuples alone."""
    if isinstance(value, tuple):
        return tuple(_plain(one) for one in value)
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(one) for name, one in vars(value).items()}
    return value
