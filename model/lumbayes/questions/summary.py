"""Answer everything at once: care level, causes, reasons, next question and plan on one page."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.metadata import version
from types import MappingProxyType
from typing import Any

import pandas as pd

from lumbayes.case_parts import UNSURE
from lumbayes.cases import Case
from lumbayes.model import Model
from lumbayes.questions.care_level import care_level
from lumbayes.questions.differential import (
    UNCERTAINTY,
    Differential,
    case_findings,
    differential,
    frequency,
    frequency_range,
    rows_of,
    times_as_likely,
)
from lumbayes.questions.exercise_plan import Plan
from lumbayes.questions.exercise_tables import Exercises, read_exercises
from lumbayes.questions.exercises import plan
from lumbayes.questions.explanation import Explanation, explain_all, state_words
from lumbayes.questions.next_question import NextQuestions, next_questions
from lumbayes.questions.report import Grid, Section, as_html, as_markdown, as_text
from lumbayes.questions.triage import LEVELS, Advice

TITLE = "Back pain: what your answers say"
NOT_A_DIAGNOSIS = (
    "This is not a diagnosis and not a medical device. It cannot examine you and it can be wrong."
    " If you are worried or getting worse, get medical help."
)
CARDS = MappingProxyType(
    {
        "emergency_now": "Get help now",
        "urgent_physician": "Be seen by a doctor soon",
        "routine_physician": "Make an appointment with a doctor",
        "self_care_exercises": "You can look after this yourself for now",
    }
)
CAUSES_SHOWN = 6
ORDERS = 40  # drawn orders of a long case: enough for a sentence; explain draws more
ALARMING = 10.0  # times as likely as in any adult: then a dangerous condition is explained too


@dataclass(frozen=True, eq=False)
class Assessment:
    """All answers for one case.

    Attributes
    ----------
    model : Model
        Supplies the labels.
    case : Case
        What was understood.
    triage : Advice
        Level of care, reasons and what to do.
    differential : Differential
        Conditions, imbalances and what must not be missed.
    explanations : tuple of Explanation
        Of the likeliest condition, the likeliest imbalance and, where one is ten times as likely
        as in any adult, the first condition that must not be missed.
    next_questions : NextQuestions
        What to ask next.
    plan : Plan
        Exercises, or safety advice alone.
    version : mapping
        ``program`` and ``data``.
    """

    model: Model
    case: Case
    triage: Advice
    differential: Differential
    explanations: tuple[Explanation, ...]
    next_questions: NextQuestions
    plan: Plan
    version: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Return the fixed output of ``lumbayes assess --json`` and what else is known."""
        advice = self.triage
        answer = fixed_output(self.case, advice, self.differential, self.version)
        answer["triage"] |= {
            "rules": list(advice.rules),
            "what_to_do": list(advice.what_to_do),
            "how_soon": advice.how_soon,
            "ask_again": list(advice.ask_again),
            "what_would_change": list(advice.what_would_change),
            "look_again": advice.look_again,
        }
        return answer | {
            "explanations": [e.to_dict() for e in self.explanations],
            "next_questions": self.next_questions.to_dict(),
            "exercises": self.plan.to_dict(),
            "not_a_diagnosis": NOT_A_DIAGNOSIS,
        }

    def to_text(self) -> str:
        """Return one page for people."""
        return as_text(self.sections)

    def to_markdown(self) -> str:
        """Return one page for people, as Markdown."""
        return as_markdown(TITLE, self.sections)

    def to_html(self) -> str:
        """Return one page for people, as one HTML file that loads nothing and prints."""
        return as_html(TITLE, self.sections)

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The page in parts: care level first, what this is not last."""
        sections = (
            _care(self.triage),
            Section("What would change this advice", points=self.triage.what_would_change),
            _understood(self.model, self.case),
            _causes(self.differential),
            _dangers(self.differential),
            _muscles(self.differential),
            _reasons(self.explanations),
            _asks(self.triage, self.next_questions),
            _exercises(self.plan),
            _limits(self.model, self.case, self.differential),
            Section(
                "About this page",
                (NOT_A_DIAGNOSIS,),
                notes=(f"lumbayes {self.version['program']}, tables {self.version['data']}.",),
            ),
        )
        return tuple(s for s in sections if s.paragraphs or s.points or s.grid or s.notes)


def assess(
    model: Model,
    case: Case,
    draws: int = 200,
    *,
    seed: int = 0,
    region: str | None = None,
    equipment: Collection[str] = (),
    level: int | None = None,
    questions: int = 5,
) -> Assessment:
    """Ask every question of one case.

    Parameters
    ----------
    model : Model
        The tables.
    case : Case
        From ``parse_case`` or ``read_case``.
    draws, seed : int
        As for ``differential``.
    region : str, optional
        Whose telephone numbers to name, such as ``"GB"`` or ``"EU"``.
    equipment, level
        As for ``exercises.plan``.
    questions : int
        How many next questions to give.

    Returns
    -------
    Assessment
        The care level comes from the rules and the hard findings; the plan from the level, the
        findings and the probabilities.

    Examples
    --------
    >>> from lumbayes.cases import parse_case
    >>> from lumbayes.model import load_model
    >>> model = load_model()
    >>> answer = assess(model, parse_case(model, {"low_back_pain": "yes", "fever": "yes"}), 0)
    >>> answer.triage.level
    'urgent_physician'
    """
    likely = differential(model, case, draws, seed)
    advice = care_level(model, case, region)
    return Assessment(
        model,
        case,
        advice,
        likely,
        _explained(model, case, likely),
        next_questions(model, case, limit=questions),
        exercise_plan(model, case, advice, likely, equipment=equipment, level=level),
        versions(model),
    )


def exercise_plan(
    model: Model,
    case: Case,
    advice: Advice,
    likely: Differential,
    *,
    equipment: Collection[str] = (),
    level: int | None = None,
    weeks: int = 8,
) -> Plan:
    """Return the exercises that fit a case whose care level and probabilities are known."""
    findings = dict(case.findings)
    # Whoever may be pregnant gets the mild version: unsure counts as pregnant.
    may_be = case.likelihoods.get("pregnancy", ())
    states = model.variables["pregnancy"].states
    if any(w > 0 and s == "pregnant" for s, w in zip(states, may_be, strict=False)):
        findings["pregnancy"] = UNSURE
    return plan(
        _exercise_table(model),
        _chances(likely.imbalances),
        _chances(likely.conditions),
        findings,
        advice.level,
        equipment=equipment,
        level=level,
        weeks=weeks,
    )


def fixed_output(
    case: Case, advice: Advice, likely: Differential, version: Mapping[str, str]
) -> dict[str, Any]:
    """Return the fixed keys of the output of one case, ready for JSON."""
    return {
        "triage": {"level": advice.level, "reasons": list(advice.reasons)},
        **likely.to_dict(),
        "findings": dict(case.understood or case.findings),
        "warnings": list(case.warnings),
        "version": dict(version),
    }


def versions(model: Model) -> dict[str, str]:
    """Return the versions of the program and of the tables."""
    return {"program": version("lumbayes"), "data": model.version}


@lru_cache(maxsize=4)
def _exercise_table(model: Model) -> Exercises:
    return read_exercises(model.folder)


def _chances(frame: pd.DataFrame) -> dict[str, float]:
    return dict(zip(frame["name"], frame["probability"].clip(0.0, 1.0), strict=True))


def _explained(model: Model, case: Case, likely: Differential) -> tuple[Explanation, ...]:
    if not case_findings(model, case):
        return ()
    first = likely.must_not_miss.iloc[0]
    known = {*case.findings, *case.do}
    targets = [likely.conditions["name"].iloc[0], likely.imbalances["name"].iloc[0]]
    if first["ratio"] >= ALARMING:
        targets.append(first["name"])
    asked = {name: None for name in targets if name not in known}
    return tuple(explain_all(model, case, asked, orders=ORDERS))


def _care(advice: Advice) -> Section:
    # Several rules may end on the same sentence: it is said once.
    sentences = [s for text in advice.what_to_do for s in re.split(r"(?<=[.!?]) ", text)]
    return Section(
        CARDS[advice.level],
        (" ".join(dict.fromkeys(sentences)), f"How soon: {advice.how_soon}."),
        tuple(advice.reasons),
        notes=(*advice.ask_again, advice.look_again),
        card=True,
    )


def _understood(model: Model, case: Case) -> Section:
    known = case.understood or case.findings
    points = [
        f"{model.variables[n].label}: {state_words(model.variables[n], s)}"
        for n, s in known.items()
    ]
    points += [
        f"{model.variables[n].label}: set to {state_words(model.variables[n], s)} (an intervention)"
        for n, s in case.do.items()
    ]
    return Section(
        "What was understood", (), tuple(points) or ("Nothing yet.",), notes=case.warnings
    )


def _causes(likely: Differential) -> Section:
    frame = likely.conditions.head(CAUSES_SHOWN)
    notes = [f"Which is likelier is not sure: {a}, or {b}." for a, b in likely.alike_labels()]
    return Section(
        "What it could be",
        ("Of people who give the same answers as you. Causes can overlap.",),
        grid=_grid("Cause", frame),
        notes=(*notes, UNCERTAINTY) if likely.draws else tuple(notes),
    )


def _muscles(likely: Differential) -> Section:
    return Section("Muscles of buttock and hip", grid=_grid("Muscle", likely.imbalances))


def _grid(what: str, frame: pd.DataFrame) -> Grid:
    rows, bars = [], []
    for row in rows_of(frame):
        p, low, high = row["probability"], row["low"], row["high"]
        before = frequency(row["prior"]).removeprefix("about ")
        rows.append((row["label"], frequency_range(p, low, high), before))
        bars.append((p, p, p) if math.isnan(low) else (low, p, high))
    return Grid((what, "With your answers", "Any adult"), tuple(rows), tuple(bars))


def _dangers(likely: Differential) -> Section:
    frame = likely.must_not_miss
    scale = 1_000 if (frame["probability"] >= 0.01).any() else 10_000
    rows = [
        (
            row["label"],
            frequency_range(row["probability"], row["low"], row["high"], scale),
            times_as_likely(row["ratio"]),
        )
        for row in rows_of(frame)
    ]
    return Section(
        "Rare, but must not be missed",
        ("On a scale of their own. The rules for warning signs come before these numbers.",),
        grid=Grid(("Cause", "With your answers", "Compared with any adult"), tuple(rows)),
    )


def _reasons(explanations: Sequence[Explanation]) -> Section:
    points = [answer.sentence for answer in explanations]
    odd = {
        row["label"]: f"“{row['label']}” does not go well with the other answers. Check it again."
        for answer in explanations
        for row in rows_of(answer.misfits)
    }
    return Section("What moved the answer", (), tuple(points), notes=tuple(odd.values()))


def _asks(advice: Advice, asked: NextQuestions) -> Section:
    if advice.level == LEVELS[0]:
        return Section("What to ask next", (asked.stop_reason,))
    points = [f"{row.question} ({row.reason})" for row in asked.frame.itertuples()]
    return Section("What to ask next", (), tuple(points), notes=(asked.stop_reason,))


def _exercises(chosen: Plan) -> Section:
    if not chosen.chosen:
        return Section("Exercises", tuple(note.text for note in chosen.safety))
    points = [f"{item.name}: {item.doses[0].dose} {item.why}" for item in chosen.chosen]
    return Section(
        f"Exercises for {chosen.weeks} weeks",
        (chosen.level_why,),
        tuple(points),
        notes=(
            *(note.text for note in chosen.stop_rules),
            *(note.text for note in chosen.expected_benefit),
            "The whole plan: lumbayes exercises.",
        ),
    )


def _limits(model: Model, case: Case, likely: Differential) -> Section:
    asked = [v.name for v in model.variables.values() if v.ask != "none"]
    known = {n for n, s in case.findings.items() if s != UNSURE} | set(case.likelihoods)
    open_ = sum(name not in known for name in asked)
    other = len(likely.conditions)
    return Section(
        "What the network does not know",
        (),
        (
            f"{open_} of {len(asked)} questions and tests are open. Open does not mean normal.",
            f"It knows {other} conditions. A cause outside them cannot appear in the list.",
            "It describes adults on average, from published studies. It knows nothing else of you.",
            "Some links between weak or tight muscles and pain are contested: which comes first is"
            " not settled.",
        ),
    )
