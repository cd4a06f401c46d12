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

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations

from lumbayes.errors import LumbayesError
from lumbayes.exercises.person import (
    GENERAL_NEED,
    Person,
    check_whole,
    person_of,
    why_chosen,
    why_not_chosen,
)
from lumbayes.exercises.plan import (
    PHASES,
    NotToday,
    PhaseDose,
    Plan,
    PlannedExercise,
    TrainingDay,
)
from lumbayes.exercises.tables import (
    EQUIPMENT,
    IN_SESSION,
    NOTE_KINDS,
    Exercise,
    Exercises,
    Note,
)
from lumbayes.triage.rules import LEVELS

NO_EXERCISE = LEVELS[:2]
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FIRST_EXERCISES = 3  # a session begins small; the rest joins in week 3
MOST_PER_SESSION = 8
_MOST_WITH_REST = 3  # strength on more days a week is light, and daily by its source
_TRAINING_DAYS = {1: "3", 2: "15", 3: "135", 4: "1246", 5: "12345", 6: "123456", 7: "1234567"}
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
    >>> from lumbayes.exercises.tables import read_exercises
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
        From `lumbayes.exercises.tables.read_exercises`.
    imbalances : mapping of str to float
        Posterior of each of the four imbalances, in [0, 1].
    conditions : mapping of str to float
        Posterior of each condition, in [0, 1]; together with the imbalances all of
        ``exercises.needs`` are asked for, since a missing one would silence a contraindication.
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
    >>> from lumbayes.exercises.tables import read_exercises
    >>> exercises = read_exercises()
    >>> conditions = dict.fromkeys(exercises.needs, 0.01)
    >>> imbalances = {"gmax_weak": 0.2, "gmed_weak": 0.7, "tfl_tight": 0.6}
    >>> answer = plan(exercises, conditions | imbalances, {}, {}, "self_care_exercises")
    >>> print(answer.chosen[1].name, "-", answer.chosen[1].why)
    Side-lying leg lift - It trains the muscle of the outer hip. From your answers, the chance that
    this muscle is weak is about 7 in 10.
    >>> [n.exercise for n in answer.not_today if n.because == "avoid"]
    ['forward_lunge']
    """
    person = person_of(
        exercises, imbalances, conditions, findings, triage_level, equipment, level, pregnant
    )
    check_whole("weeks", weeks, 6, 8)
    check_whole("per_session", per_session, 1, MOST_PER_SESSION)
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
        refused.get(row.exercise) or why_not_chosen(exercises, row, [r for r, _ in picked], person)
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
        weekly_schedule=_schedule(chosen, weeks, per_session),
        not_today=tuple(n for n in left if n.from_article or _worth_saying(exercises, n, person)),
        stop_rules=() if stopped else notes["stop"],
        how_much=() if stopped else notes["dose"],
        pregnancy_rules=() if stopped else notes["pregnancy"],
        expected_benefit=() if stopped else notes["benefit"],
        safety=notes["safety"] + (() if stopped else notes["hold"]),
    )


def _refusal(
    exercises: Exercises, row: Exercise, person: Person, holds: Sequence[Note]
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
    rows: Sequence[Exercise], person: Person, most: int
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


def _next_step(
    exercises: Exercises, row: Exercise, person: Person, refused: Mapping[str, NotToday]
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
    person: Person,
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
        why=why_chosen(exercises, row, needs, person),
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


def _worth_saying(exercises: Exercises, item: NotToday, person: Person) -> bool:
    """Whether to name an exercise ruled out for safety that the person could otherwise do."""
    return item.because in ("avoid", "pregnancy") and exercises[item.exercise].level <= person.level


def _schedule(chosen: Sequence[PlannedExercise], weeks: int, most: int) -> tuple[TrainingDay, ...]:
    """Spread the exercises over the days: strength with rest days, aerobic on the days between.

    No day holds more than ``most`` exercises, habits aside; what is too many moves to other days,
    and falls away for a week in which no day is left. Strength is placed first.
    """
    days = []
    for week in range(1, weeks + 1) if chosen else ():
        due: list[list[str]] = [[] for _ in DAYS]
        load = [0] * len(DAYS)
        for item in sorted(chosen, key=lambda item: item.kind != "strength"):
            dose = item.dose(week)
            if not dose:
                continue
            if item.kind == "habit":
                found = tuple(range(dose.days_a_week))
            else:
                found = _days_for(item.kind, dose.days_a_week, load, most)
            for day in found:
                load[day] += item.kind != "habit"
                due[day].append(item.exercise)
        days += [
            TrainingDay(week, day, tuple(i.exercise for i in chosen if i.exercise in due[n]))
            for n, day in enumerate(DAYS)
        ]
    return tuple(days)


def _days_for(kind: str, count: int, load: Sequence[int], most: int) -> tuple[int, ...]:
    """Return the days of one exercise: as many as fit, the usual ones first, then the emptiest.

    Strength of up to three days a week has a day of rest after each, Sunday to Monday as well;
    more days than that are asked for by its source.
    """
    usual = {int(d) - 1 for d in (_AEROBIC_DAYS if kind == "aerobic" else _TRAINING_DAYS)[count]}
    rests = kind == "strength" and count <= _MOST_WITH_REST
    free = [day for day, held in enumerate(load) if held < most]
    for number in range(count, 0, -1):
        fitting = [
            days
            for days in combinations(free, number)
            if not rests or all((day + 1) % len(DAYS) not in days for day in days)
        ]
        if fitting:
            return min(
                fitting, key=lambda days: (-len(usual & {*days}), sum(load[d] for d in days), days)
            )
    return ()
