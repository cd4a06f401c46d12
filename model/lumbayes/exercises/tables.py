"""The exercises and their general notes as tables: what each row means, read and checked."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from lumbayes.errors import unknown_name
from lumbayes.knowledge.tables import Row, read_table
from lumbayes.triage.rules import LEVELS

GENERAL = "general"  # a target that every back has
EVIDENCE: Mapping[float, str] = MappingProxyType(
    {
        1.0: "a good trial or a review found less pain or fewer new episodes",
        0.7: "tested in people with back pain: a small effect, or as good as other exercise",
        0.6: "several laboratory studies of muscle work agree, or a review of them",
        0.5: "one laboratory study of muscle work",
        0.3: "expert judgement",
        0.2: "tested and no better than a comparison group, or never tested where doubt is due",
    }
)
EQUIPMENT: Mapping[str, str] = MappingProxyType(
    {
        "band": "a loop band",
        "bike": "an exercise bike",
        "dumbbells": "a pair of dumbbells",
        "elliptical": "an elliptical trainer",
        "gym": "a gym with machines, a bench and a bar",
        "pool": "a pool",
    }
)
IN_SESSION = ("strength", "control", "stretch")
KINDS = (*IN_SESSION, "aerobic", "habit")
NOTE_KINDS = ("safety", "hold", "stop", "dose", "pregnancy", "benefit")
LEVEL_NOTES: Mapping[str, int] = MappingProxyType({"level_3": 3, "level_2": 2, "level_1": 1})
TARGET_COLUMNS = ("target", "does", "needed", "alone")
EXERCISE_COLUMNS = (
    "exercise", "name", "kind", "pattern", "targets", "start_position", "movement",
    "how_it_should_feel", "dose_weeks_1_2", "dose_weeks_3_5", "dose_weeks_6_8",
    "days_weeks_1_2", "days_weeks_3_5", "days_weeks_6_8", "harder", "evidence",
    "evidence_strength", "grade", "level", "equipment", "household", "pregnancy",
    "pregnancy_version", "cautions", "avoid_when", "avoid_why", "from_article", "source",
    "reviewed_by", "alt_start", "alt_end",
)  # fmt: skip
NOTE_COLUMNS = ("note", "kind", "when", "text", "source", "grade", "reviewed_by")


@dataclass(frozen=True)
class ExerciseTarget:
    """A weakness, tightness or condition: what exercise does for it, and what may be so.

    ``needed`` is said after ``does``, ``alone`` by itself.
    """

    does: str
    needed: str
    alone: str


@dataclass(frozen=True)
class ExerciseAtom:
    """``name=state`` (a finding) or ``name>=number`` (a posterior)."""

    name: str
    state: str = ""
    at_least: float = math.nan

    def holds(self, facts: Mapping[str, str], chances: Mapping[str, float]) -> bool:
        """Whether it holds; a finding not answered, or answered with unsure, does not."""
        if self.state:
            return facts.get(self.name) == self.state
        return chances[self.name] >= self.at_least


@dataclass(frozen=True)
class ExerciseRule:
    """Holds when all its atoms hold; ``why`` says so in plain words (empty for notes)."""

    atoms: tuple[ExerciseAtom, ...]
    why: str = ""

    def holds(self, facts: Mapping[str, str], chances: Mapping[str, float]) -> bool:
        """Whether all atoms hold."""
        return all(atom.holds(facts, chances) for atom in self.atoms)


@dataclass(frozen=True)
class Exercise:
    """One row of ``data/exercises.csv``.

    ``targets`` says how far the exercise works on each need, over 0 to 1. ``doses`` and ``days`` (a
    week) belong to weeks 1–2, 3–5 and 6–8. ``pattern`` is the kind of movement: a plan holds one of
    each. ``evidence_strength`` is a step of `EVIDENCE`, ``level`` 1 (beginner) to 4 (trained).
    ``harder`` names the next step. ``avoid`` lists contraindications, any of which rules it out.
    ``from_article`` holds the claims of the source article it stands for.
    """

    exercise: str
    name: str
    kind: str
    pattern: str
    targets: Mapping[str, float]
    start_position: str
    movement: str
    how_it_should_feel: str
    doses: tuple[str, str, str]
    days: tuple[int, int, int]
    harder: str
    evidence: str
    evidence_strength: float
    grade: str
    level: int
    equipment: tuple[str, ...]
    household: str
    pregnancy: str
    pregnancy_version: str
    cautions: str
    avoid: tuple[ExerciseRule, ...]
    from_article: tuple[str, ...]
    source: tuple[str, ...]
    reviewed_by: str
    alt_start: str
    alt_end: str


@dataclass(frozen=True)
class Note:
    """A general sentence: safety, stop rule, dose, pregnancy rule, benefit; why a level fits."""

    note: str
    kind: str
    text: str
    source: tuple[str, ...]
    grade: str
    when: tuple[ExerciseRule, ...] = ()


@dataclass(frozen=True)
class Exercises:
    """All exercises and notes, checked; ``states`` are the answers the rules may speak of."""

    rows: tuple[Exercise, ...]
    notes: tuple[Note, ...]
    targets: Mapping[str, ExerciseTarget]
    states: Mapping[str, tuple[str, ...]]

    def __iter__(self) -> Iterator[Exercise]:
        """Run over the exercises in the order of the table."""
        return iter(self.rows)

    def __getitem__(self, name: str) -> Exercise:
        """Return the exercise of this id; UnknownNameError if there is none."""
        for row in self.rows:
            if row.exercise == name:
                return row
        raise unknown_name("exercise", name, [row.exercise for row in self.rows])

    @property
    def needs(self) -> tuple[str, ...]:
        """The imbalances and conditions whose posterior the tables ask for."""
        rules = [r for row in self.rows for r in row.avoid]
        rules += [r for n in self.notes for r in n.when]
        asked = {a.name for r in rules for a in r.atoms if not a.state}
        return tuple(sorted(asked | {*self.targets}))


def read_exercises(folder: Path | None = None) -> Exercises:
    """Read and check the exercises and their general notes.

    Parameters
    ----------
    folder : Path, optional
        Where the tables lie; the shipped ``data/`` if left out.

    Returns
    -------
    Exercises
        In the order of the tables.

    Raises
    ------
    TableError
        If a cell is wrong: an unknown kind, grade or target, a rule that does not parse or names
        an unknown variable or state, an exercise named twice; the message names file and line.

    Examples
    --------
    >>> exercises = read_exercises()
    >>> exercises["front_squat"].from_article
    ('B6',)
    """
    states: dict[str, tuple[str, ...]] = {}
    for row in read_table("states.csv", ("variable", "state", "label"), folder):
        states[row["variable"]] = (*states.get(row["variable"], ()), row["state"])
    known = states | {"triage": LEVELS}
    targets = {
        row.choice("target", states): ExerciseTarget(*(row.text(c) for c in TARGET_COLUMNS[1:]))
        for row in read_table("exercise_targets.csv", TARGET_COLUMNS, folder)
    }
    lines = read_table("exercises.csv", EXERCISE_COLUMNS, folder)
    names: set[str] = set()
    for row in lines:
        if row.text("exercise") in names:
            raise row.error(f"exercise {row['exercise']} is there twice. Rename or remove one.")
        names.add(row["exercise"])
    rows = tuple(_exercise(row, known, names, (*targets, GENERAL)) for row in lines)
    notes = tuple(
        _note(row, known) for row in read_table("exercise_notes.csv", NOTE_COLUMNS, folder)
    )
    return Exercises(rows, notes, MappingProxyType(targets), MappingProxyType(states))


def _exercise(
    row: Row,
    known: Mapping[str, tuple[str, ...]],
    names: Collection[str],
    among: Collection[str],
) -> Exercise:
    """Parse and check one row of exercises.csv."""
    targets: dict[str, float] = {}
    for part in row.text("targets").split():
        target, _, weight = part.partition(":")
        if target not in among:
            raise row.error(str(unknown_name("target", target, among)))
        if not re.fullmatch(r"1|0\.\d+", weight) or float(weight) == 0:
            raise row.error(f"targets: {part!r} is not target:weight with a weight up to 1.")
        targets[target] = float(weight)
    strength = row.number("evidence_strength", 0, 1)
    if strength not in EVIDENCE:
        steps = ", ".join(f"{s:g}" for s in EVIDENCE)
        raise row.error(f"evidence_strength is {strength:g}, not a step of the scale: {steps}.")
    if row["harder"] and row["harder"] not in names:
        raise row.error(str(unknown_name("harder exercise", row["harder"], sorted(names))))
    pregnancy = row.choice("pregnancy", ("yes", "adapt", "no"))
    if (pregnancy == "adapt") != bool(row["pregnancy_version"]):
        raise row.error("pregnancy_version is filled in exactly when pregnancy is adapt.")
    whys = [part.strip() for part in row["avoid_why"].split("|")] if row["avoid_why"] else []
    rules = _rules(row, "avoid_when", known)
    if len(whys) != len(rules) or not all(whys):
        raise row.error(f"avoid_when has {len(rules)} parts, avoid_why {len(whys)}. Match them.")
    equipment = tuple(row["equipment"].split())
    for thing in equipment:
        if thing not in EQUIPMENT:
            raise row.error(str(unknown_name("equipment", thing, EQUIPMENT)))
    phases = ("1_2", "3_5", "6_8")
    first, second, third = (row.text(f"dose_weeks_{p}") for p in phases)
    days = [_whole(row, f"days_weeks_{p}", 1, 7) for p in phases]
    return Exercise(
        exercise=row.text("exercise"),
        name=row.text("name"),
        kind=row.choice("kind", KINDS),
        pattern=row.text("pattern"),
        targets=MappingProxyType(targets),
        start_position=row.text("start_position"),
        movement=row.text("movement"),
        how_it_should_feel=row.text("how_it_should_feel"),
        doses=(first, second, third),
        days=(days[0], days[1], days[2]),
        harder=row["harder"],
        evidence=row.text("evidence"),
        evidence_strength=strength,
        grade=row.choice("grade", ("A", "B", "C", "D")),
        level=_whole(row, "level", 1, 4),
        equipment=equipment,
        household=row["household"],
        pregnancy=pregnancy,
        pregnancy_version=row["pregnancy_version"],
        cautions=row["cautions"],
        avoid=tuple(ExerciseRule(r.atoms, why) for r, why in zip(rules, whys, strict=True)),
        from_article=_split(row["from_article"]),
        source=_split(row.text("source")),
        reviewed_by=row["reviewed_by"],
        alt_start=row.text("alt_start"),
        alt_end=row.text("alt_end"),
    )


def _note(row: Row, known: Mapping[str, tuple[str, ...]]) -> Note:
    """Parse and check one row of exercise_notes.csv."""
    return Note(
        note=row.text("note"),
        kind=row.choice("kind", (*NOTE_KINDS, *LEVEL_NOTES)),
        text=row.text("text"),
        source=_split(row.text("source")),
        grade=row.choice("grade", ("A", "B", "C", "D")),
        when=_rules(row, "when", known),
    )


def _rules(row: Row, column: str, known: Mapping[str, tuple[str, ...]]) -> tuple[ExerciseRule, ...]:
    """Parse ``name=state & name>=number | …``: parts by ``|``, each all of its atoms by ``&``."""
    if not row[column]:
        return ()
    return tuple(
        ExerciseRule(tuple(_atom(row, column, text.strip(), known) for text in part.split("&")))
        for part in row[column].split("|")
    )


def _atom(row: Row, column: str, text: str, known: Mapping[str, tuple[str, ...]]) -> ExerciseAtom:
    """Parse one atom; a name or state that does not exist is an error, not a silent rule."""
    match = re.fullmatch(r"(\w+)(>=|=)([\w.]+)", text)
    if not match:
        raise row.error(f"{column}: {text!r} is not name=state or name>=number.")
    name, sign, value = match.groups()
    if name not in known:
        raise row.error(f"{column}: {unknown_name('variable', name, known)}")
    if sign == "=":
        if value not in known[name]:
            raise row.error(f"{column}: {unknown_name(f'state of {name}', value, known[name])}")
        return ExerciseAtom(name, state=value)
    if known[name] != ("absent", "present"):
        raise row.error(f"{column}: {name} is a finding. Write {name}= and one of its states.")
    if not re.fullmatch(r"1|0\.\d+", value):
        raise row.error(f"{column}: {value!r} is not a chance. Write a number over 0, up to 1.")
    return ExerciseAtom(name, at_least=float(value))


def _whole(row: Row, column: str, low: int, high: int) -> int:
    """Read a whole number within its range."""
    value = row.number(column, low, high)
    if value != int(value):
        raise row.error(f"{column} is {row[column]}, not a whole number.")
    return int(value)


def _split(text: str) -> tuple[str, ...]:
    """Split keys at semicolons."""
    return tuple(part.strip() for part in text.split(";") if part.strip())
