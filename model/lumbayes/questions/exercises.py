"""Answer the question: which exercises fit this posterior.

The tables ``data/exercises.csv`` and ``data/exercise_notes.csv`` hold every word and every dose;
this module only chooses. An exercise is chosen by three numbers, multiplied:

- *need*: the chance that it meets at least one need, ``1 - prod(1 - p * w)`` over its targets, with
  ``p`` the posterior of the target and ``w`` how far the exercise works on it (0–1: 1 where the
  muscle reaches 60 % of its maximum or more, 0.7 from 40 %, 0.4 from 25 %). Every back needs some
  exercise: the target ``general`` has the fixed chance `GENERAL_NEED`;
- *evidence*: how well it is tested, on the scale `EVIDENCE`;
- *suitability*: lower for exercises far below the person's level, or to be adapted in pregnancy.

Each further exercise for the same target counts for less, so that a plan covers all that is likely.
Triage, pregnancy, contraindications, level and equipment filter before anything is chosen.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from lumbayes.errors import LumbayesError, unknown_name
from lumbayes.questions.exercise_plan import (
    PHASES,
    NotToday,
    PhaseDose,
    Plan,
    PlannedExercise,
    TrainingDay,
)
from lumbayes.questions.exercise_tables import (
    EQUIPMENT,
    EVIDENCE,
    IMBALANCES,
    IN_SESSION,
    LEVELS_OF_CARE,
    NOTE_KINDS,
    Exercise,
    Exercises,
    Note,
)

NO_EXERCISE = LEVELS_OF_CARE[:2]
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
GENERAL_NEED = 0.3
FIRST_EXERCISES = 3  # a session begins small; the rest joins in week 3
MOST_PER_SESSION = 8
_WHAT = {  # target: what the exercise does for it; what may be so, after that and on its own
    "gmax_weak": (
        "It trains the large buttock muscle",
        "this muscle is weak",
        "the large buttock muscle is weak",
    ),
    "gmed_weak": (
        "It trains the muscle of the outer hip",
        "this muscle is weak",
        "the muscle of the outer hip is weak",
    ),
    "hip_flexors_tight": (
        "It stretches the front of the hip",
        "these muscles are tight",
        "the front of the hip is tight",
    ),
    "tfl_tight": (
        "It takes work off the muscle at the front of the outer hip",
        "this muscle is tight",
        "the muscle at the front of the outer hip is tight",
    ),
    "gtps": (
        "It is made for sore tendons at the outer hip",
        "these tendons are sore",
        "the tendons at the outer hip are sore",
    ),
    "deep_gluteal_piriformis": (
        "It stretches the muscles deep in the buttock, near the nerve",
        "this nerve is irritated",
        "a nerve deep in the buttock is irritated",
    ),
}
_GENERAL_WHY = "It is good for any back, whatever the cause of the pain."
_ANY_WHY = "Most kinds of exercise suit a back in pain."
_TRAINING_DAYS = {1: "3", 2: "14", 3: "135", 4: "1246", 5: "12345", 6: "123456", 7: "1234567"}
_AEROBIC_DAYS = _TRAINING_DAYS | {1: "6", 2: "26", 3: "246", 4: "2467", 5: "24567"}


def score(
    exercise: Exercise, chances: Mapping[str, float], level: int = 2, pregnant: bool = False
) -> float:
    """Need × evidence × suitability of an exercise.

    Parameters
    ----------
    exercise : Exercise
        One row of the table.
    chances : mapping of str to float
        Posterior in [0, 1] of each target of the exercise; ``general`` may be left out.
    level : int
        The person's level, 1 to 4; an exercise far below it counts for less.
    pregnant : bool
        Whether exercises to be adapted in pregnancy count for less.

    Returns
    -------
    float
        In [0, 1]; never falls when the posterior of a target rises.

    Raises
    ------
    LumbayesError
        If the posterior of a target is missing.

    Examples
    --------
    >>> from lumbayes.questions.exercise_tables import read_exercises
    >>> clam = read_exercises()["clam"]
    >>> low = score(clam, {"gmed_weak": 0.2, "tfl_tight": 0.2, "gmax_weak": 0.2})
    >>> low < score(clam, {"gmed_weak": 0.6, "tfl_tight": 0.2, "gmax_weak": 0.2})
    True
    """
    if missing := [t for t in exercise.targets if t not in chances and t != "general"]:
        raise LumbayesError(
            f"chances lacks {', '.join(missing)}. Give the posterior of each, 0 to 1."
        )
    unmet = 1.0
    for target, weight in exercise.targets.items():
        unmet *= 1 - chances.get(target, GENERAL_NEED) * weight
    suitability = 0.9 if pregnant and exercise.pregnancy == "adapt" else 1.0
    if exercise.kind == "strength":
        suitability *= 1 - 0.15 * max(0, level - exercise.level)
    return (1 - unmet) * exercise.evidence_strength * suitability


def plan(
    exercises: Exercises,
    imbalances: Mapping[str, float],
    conditions: Mapping[str, float],
    findings: Mapping[str, str],
    triage_level: str,
    *,
    equipment: Collection[str] = (),
    level: int | None = None,
    pregnant: bool | None = None,
    weeks: int = 8,
    per_session: int = 5,
) -> Plan:
    """Choose the exercises that fit a posterior, and say why, how much and when to stop.

    Parameters
    ----------
    exercises : Exercises
        From `lumbayes.questions.exercise_tables.read_exercises`.
    imbalances : mapping of str to float
        Posterior of each of the four imbalances, in [0, 1].
    conditions : mapping of str to float
        Posterior of each condition, in [0, 1]; all of ``exercises.conditions`` are needed, since a
        missing one would silence a contraindication.
    findings : mapping of str to str
        The answers; what is not mentioned is unknown. Not sure about pregnancy counts as pregnant.
    triage_level : str
        ``emergency_now``, ``urgent_physician``, ``routine_physician`` or ``self_care_exercises``.
        In the first two nothing is chosen.
    equipment : collection of str
        What is at hand, out of `EQUIPMENT`; a chair, a wall, a mat and a low step always are.
    level : int, optional
        1 (beginner) to 4 (trained); from activity, age, pain and pregnancy if left out.
    pregnant : bool, optional
        From the findings if left out.
    weeks : int
        Length of the plan, 6 to 8.
    per_session : int
        Most exercises in one session, 1 to 8; walking (or the like) and daily habits come on top.

    Returns
    -------
    Plan
        Every exercise of the source article is in ``chosen`` or, with the reason, in ``not_today``.

    Raises
    ------
    LumbayesError
        If an argument is out of range, unknown, missing or contradicts the findings.

    Examples
    --------
    >>> from lumbayes.questions.exercise_tables import read_exercises
    >>> exercises = read_exercises()
    >>> imbalances = dict.fromkeys(IMBALANCES, 0.2) | {"gmed_weak": 0.7, "tfl_tight": 0.6}
    >>> conditions = dict.fromkeys(exercises.conditions, 0.01)
    >>> answer = plan(exercises, imbalances, conditions, {}, "self_care_exercises")
    >>> print(answer.chosen[1].name, "-", answer.chosen[1].why)
    Side-lying leg lift - It trains the muscle of the outer hip. From your answers, the chance that
    this muscle is weak is about 7 in 10.
    >>> [n.exercise for n in answer.not_today if n.because == "avoid"]
    ['forward_lunge']
    """
    person = _person(
        exercises, imbalances, conditions, findings, triage_level, equipment, level, pregnant
    )
    _check_whole("weeks", weeks, 6, 8)
    _check_whole("per_session", per_session, 1, MOST_PER_SESSION)
    notes = {kind: person.notes(exercises, kind) for kind in NOTE_KINDS}
    refused = {
        row.exercise: refusal
        for row in exercises
        if (refusal := _refusal(exercises, row, person, notes["hold"]))
    }
    allowed = [row for row in exercises if row.exercise not in refused]
    session = _session([r for r in allowed if r.kind in IN_SESSION], person, per_session)
    aerobic = _session([r for r in allowed if r.kind == "aerobic"], person, 1)
    habits = _session([r for r in allowed if r.kind == "habit"], person, len(allowed))
    picked = [*aerobic, *session, *habits]
    late = {row.exercise for row, _ in session[FIRST_EXERCISES:]}
    chosen = tuple(
        _planned(exercises, row, need, person, weeks, refused, late=row.exercise in late)
        for row, need in picked
    )
    taken = {item.exercise for item in chosen}
    left = [
        refused.get(row.exercise) or _outranked(row, [r for r, _ in picked], person)
        for row in exercises
        if row.exercise not in taken
    ]
    stopped = triage_level in NO_EXERCISE
    return Plan(
        triage_level=triage_level,
        level=person.level,
        level_why=person.level_why,
        pregnant=person.pregnant,
        weeks=weeks,
        chosen=chosen,
        weekly_schedule=_schedule(chosen, weeks),
        not_today=tuple(n for n in left if n.from_article or _worth_saying(exercises, n, person)),
        stop_rules=() if stopped else notes["stop"],
        how_much=() if stopped else notes["dose"],
        pregnancy_rules=() if stopped else notes["pregnancy"],
        expected_benefit=() if stopped else notes["benefit"],
        safety=notes["safety"] + (() if stopped else notes["hold"]),
    )


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


@dataclass(frozen=True)
class _Person:
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


def _person(
    exercises: Exercises,
    imbalances: Mapping[str, float],
    conditions: Mapping[str, float],
    findings: Mapping[str, str],
    triage_level: str,
    equipment: Collection[str],
    level: int | None,
    pregnant: bool | None,
) -> _Person:
    """Check the arguments of `plan` and put together what the filters need."""
    if triage_level not in LEVELS_OF_CARE:
        raise unknown_name("triage level", triage_level, LEVELS_OF_CARE)
    chances: dict[str, float] = {"general": GENERAL_NEED}
    for what, given, needed in (
        ("imbalances", imbalances, IMBALANCES),
        ("conditions", conditions, exercises.conditions),
    ):
        if missing := [name for name in needed if name not in given]:
            raise LumbayesError(
                f"{what} lacks {', '.join(missing)}. Give the posterior of each, 0 to 1."
            )
        for name, chance in given.items():
            if name not in exercises.states:
                raise unknown_name(what.removesuffix("s"), name, needed)
            if not 0 <= chance <= 1:
                raise LumbayesError(f"{what}: {name} is {chance}. A posterior lies within 0 to 1.")
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
    answer = findings.get("pregnancy", "")
    if pregnant is False and answer == "pregnant":
        raise LumbayesError("pregnant is False, but the findings say pregnant. Change one of them.")
    # Unsure counts as pregnant: the mild version harms nobody, the other one might.
    expecting = pregnant is True or (pregnant is None and answer in ("pregnant", "unsure"))
    facts = {**findings, "triage": triage_level}
    if expecting:
        facts["pregnancy"] = "pregnant"
    fitting, why = _level(facts, expecting)
    if level is not None:
        _check_whole("level", level, 1, 4)
        fitting, why = level, f"Level {level} of 4, as you chose."
    return _Person(chances, facts, frozenset(equipment), fitting, why, expecting)


def _level(facts: Mapping[str, str], pregnant: bool) -> tuple[int, str]:
    """Find a level from activity, lowered by strong pain, high age, pregnancy or an open visit."""
    level = {"inactive": 1, "athlete": 3}.get(facts.get("physical_activity", ""), 2)
    why = {1: "you move little so far", 2: "it suits most people", 3: "you train hard"}[level]
    for lower, holds, reason in (
        (1, facts.get("severe_pain") == "yes", "the pain is strong now"),
        (1, facts.get("age_band") == "75_plus", "a careful start is wise at your age"),
        (2, pregnant, "you are or may be pregnant"),
        (2, facts.get("triage") == "routine_physician", "a doctor should see you as well"),
    ):
        if holds and lower < level:
            level, why = lower, reason
    return level, f"Level {level} of 4, since {why}. Choose another if it is too easy or too hard."


def _refusal(
    exercises: Exercises, row: Exercise, person: _Person, holds: Sequence[Note]
) -> NotToday | None:
    """Say why an exercise is out, the weightiest reason first; None if it may be chosen."""
    fired = next((r for r in row.avoid if r.holds(person.facts, person.chances)), None)
    lacking = [thing for thing in row.equipment if thing not in person.equipment]
    before = next((e for e in exercises if e.harder == row.exercise), None)
    refusals = (
        ("triage", person.facts["triage"] in NO_EXERCISE, "Not before a doctor has seen you."),
        ("pregnancy", person.pregnant and row.pregnancy == "no", "Not in pregnancy."),
        ("hold", bool(holds) and row.kind in IN_SESSION, holds[0].text if holds else ""),
        ("avoid", fired is not None, fired.why if fired else ""),
        (
            "level",
            row.kind in IN_SESSION and row.level > person.level,
            f"It is level {row.level} of 4 and your plan is level {person.level}."
            + (f" Work up to it with: {before.name}." if before else ""),
        ),
        (
            "equipment",
            bool(lacking),
            f"It needs {' and '.join(EQUIPMENT[thing] for thing in lacking)}.",
        ),
    )
    because, reason = next(((b, text) for b, out, text in refusals if out), ("", ""))
    if not because:
        return None
    return NotToday(row.exercise, row.name, because, reason, row.from_article)


def _session(
    rows: Sequence[Exercise], person: _Person, most: int
) -> list[tuple[Exercise, dict[str, float]]]:
    """Pick the best exercise again and again, each time with the needs that are still open."""
    needs = dict(person.chances)
    picked: list[tuple[Exercise, dict[str, float]]] = []
    left = list(rows)
    while left and len(picked) < most:
        best = max(left, key=lambda row: score(row, needs, person.level, person.pregnant))
        picked.append((best, {t: needs[t] for t in best.targets}))
        left = [row for row in left if row.pattern != best.pattern]
        for target, weight in best.targets.items():
            needs[target] *= 1 - 0.5 * weight
    return picked


def _main_target(row: Exercise, needs: Mapping[str, float]) -> str:
    """Return the target for which an exercise does most."""
    return max(row.targets, key=lambda t: needs[t] * row.targets[t])


def _why(row: Exercise, needs: Mapping[str, float], person: _Person) -> str:
    """Say why an exercise is in the plan; a target no likelier than any is not the first reason."""
    target = _main_target(row, needs)
    if target not in _WHAT:
        return _GENERAL_WHY
    does, what, _ = _WHAT[target]
    chance = person.chances[target]
    said = f"{does}. From your answers, the chance that {what} is {in_ten(chance)}."
    return said if chance >= GENERAL_NEED else f"{_ANY_WHY} {said}"


def _next_step(
    exercises: Exercises, row: Exercise, person: _Person, refused: Mapping[str, NotToday]
) -> str:
    """Name the harder exercise that comes next, at most one level up; empty if there is none."""
    if not row.harder:
        return ""
    harder = exercises[row.harder]
    bar = refused.get(harder.exercise)
    one_up = bar and bar.because == "level" and harder.level == person.level + 1
    if (bar and not one_up) or not set(harder.equipment) <= person.equipment:
        return ""
    return f"When this is easy, go on to: {harder.name}."


def _planned(
    exercises: Exercises,
    row: Exercise,
    needs: Mapping[str, float],
    person: _Person,
    weeks: int,
    refused: Mapping[str, NotToday],
    *,
    late: bool,
) -> PlannedExercise:
    """Put together what a person needs to do an exercise; a late one begins in week 3."""
    phases = PHASES[1:] if late else PHASES
    doses = zip(phases, row.doses, row.days[-len(phases) :], strict=False)
    return PlannedExercise(
        exercise=row.exercise,
        name=row.name,
        kind=row.kind,
        why=_why(row, needs, person),
        start_position=row.start_position,
        movement=row.movement,
        how_it_should_feel=row.how_it_should_feel,
        doses=tuple(PhaseDose(a, min(b, weeks), days, dose) for (a, b), dose, days in doses),
        next_step=_next_step(exercises, row, person, refused),
        cautions=row.cautions,
        pregnancy_version=row.pregnancy_version if person.pregnant else "",
        evidence=row.evidence,
        evidence_strength=row.evidence_strength,
        grade=row.grade,
        source=row.source,
        level=row.level,
        equipment=row.equipment,
        household=row.household,
        from_article=row.from_article,
        alt_start=row.alt_start,
        alt_end=row.alt_end,
        score=score(row, person.chances, person.level, person.pregnant),
    )


def _worth_saying(exercises: Exercises, item: NotToday, person: _Person) -> bool:
    """Whether to name an exercise ruled out for safety that the person could otherwise do."""
    return item.because in ("avoid", "pregnancy") and exercises[item.exercise].level <= person.level


def _outranked(row: Exercise, picked: Sequence[Exercise], person: _Person) -> NotToday:
    """Say why an exercise that may be done was not chosen."""
    if row.kind == "aerobic":
        other = next(p.name for p in picked if p.kind == "aerobic")
        reason = f"{other} is in the plan and does the same job. Swap them if you like this better."
        return NotToday(row.exercise, row.name, "same_kind", reason, row.from_article)
    if same := next((p.name for p in picked if p.pattern == row.pattern), ""):
        reason = f"{same} is in the plan and is of the same kind."
        return NotToday(row.exercise, row.name, "same_kind", reason, row.from_article)
    target = _main_target(row, person.chances)
    reason = "Other exercises fit your answers better."
    if row.evidence_strength == min(EVIDENCE):
        reason = "Others are better tested. You may add it if it feels good."
    if target in _WHAT:
        reason += f" The chance that {_WHAT[target][2]} is {in_ten(person.chances[target])}."
    return NotToday(row.exercise, row.name, "less_fitting", reason, row.from_article)


def _schedule(chosen: Sequence[PlannedExercise], weeks: int) -> tuple[TrainingDay, ...]:
    """Spread the exercises over the days: strength with rest days, aerobic on the days between."""
    days = []
    for week in range(1, weeks + 1) if chosen else ():
        for number, day in enumerate(DAYS, 1):
            due = []
            for item in chosen:
                spread = _AEROBIC_DAYS if item.kind == "aerobic" else _TRAINING_DAYS
                dose = item.dose(week)
                if dose and str(number) in spread[dose.days_a_week]:
                    due.append(item.exercise)
            days.append(TrainingDay(week, day, tuple(due)))
    return tuple(days)


def _check_whole(name: str, value: int, low: int, high: int) -> None:
    """Raise unless a whole number lies within its range."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        choices = ", ".join(str(n) for n in range(low, high + 1))
        raise LumbayesError(f"{name} is {value!r}. Choose one of: {choices}.")
