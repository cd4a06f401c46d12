"""Answer everything at once: care level, causes, reasons, next question and plan on one page."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.metadata import version
from typing import Any

import pandas as pd

from lumbayes.cases.case import Case
from lumbayes.cases.parts import UNSURE
from lumbayes.exercises.choice import plan
from lumbayes.exercises.plan import Plan
from lumbayes.exercises.tables import Exercises, read_exercises
from lumbayes.knowledge.model import Model
from lumbayes.questions.assessment.page import NOT_A_DIAGNOSIS, sections
from lumbayes.questions.assessment.report import Section, as_html, as_markdown, as_text
from lumbayes.questions.conditioning import case_findings
from lumbayes.questions.differential import Differential, differential
from lumbayes.questions.explanation.answer import Explanation
from lumbayes.questions.explanation.explain import explain_all
from lumbayes.questions.next_question.ranking import NextQuestions, next_questions
from lumbayes.triage.care_level import care_level
from lumbayes.triage.judgement import Advice

TITLE = "Back pain: what your answers say"
ORDERS = 20  # drawn orders of a long case: enough for a sentence; explain draws more
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

    def __repr__(self) -> str:
        """Say the level of care and the first three conditions."""
        first = self.differential.conditions.head(3)
        likely = ", ".join(
            f"{name} {p:.2f}" for name, p in zip(first["name"], first["probability"], strict=True)
        )
        return f"<Assessment {self.triage.level}: {likely}>"

    @property
    def conditions(self) -> pd.DataFrame:
        """The conditions, most probable first: those of ``differential``."""
        return self.differential.conditions

    def _repr_html_(self) -> str:
        """Return the page, for notebooks."""
        return self.to_html()

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
        return sections(
            self.model,
            self.case,
            self.triage,
            self.differential,
            self.explanations,
            self.next_questions,
            self.plan,
            self.version,
        )


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
    >>> from lumbayes.cases.case import parse_case
    >>> from lumbayes.knowledge.model import load_model
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
        "triage": {
            "level": advice.level,
            "reasons": list(advice.reasons),
            "provisional": advice.provisional,
            "open_warning_signs": list(advice.open_warning_signs),
            "contradictions": list(advice.contradictions),
        },
        **likely.to_dict(),
        "findings": dict(case.understood or case.findings),
        "warnings": [*case.warnings, *(f"{e} It is not used." for e in case.errors)],
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
