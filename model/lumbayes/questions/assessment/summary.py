"""Answer everything at once: care level, causes, reasons, next question and plan on one page."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from importlib.metadata import version
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from lumbayes.cases.case import UNRELIABLE, Case
from lumbayes.errors import ImpossibleEvidenceError
from lumbayes.exercises.choice import plan
from lumbayes.exercises.plan import Plan
from lumbayes.exercises.tables import Exercises, read_exercises
from lumbayes.knowledge.anchors import PREGNANCY
from lumbayes.knowledge.definition import UNSURE
from lumbayes.knowledge.model import Model
from lumbayes.questions.assessment.page import NO_FIT, NOT_A_DIAGNOSIS, sections
from lumbayes.questions.assessment.report import WIDTH, Section, as_html, as_markdown, as_text
from lumbayes.questions.conditioning import Records, case_findings, without_clash
from lumbayes.questions.differential import Differential, differential
from lumbayes.questions.explanation.answer import Explanation
from lumbayes.questions.explanation.explain import explain_all
from lumbayes.questions.next_question.ranking import NextQuestions, next_questions
from lumbayes.text import how_many
from lumbayes.triage.care_level import answerable, care_level
from lumbayes.triage.judgement import Advice, urgent

if TYPE_CHECKING:
    import pandas as pd

TITLE = "Back pain: what your answers say"
CAUSES_IN_BRIEF = 3
ORDERS = 20  # drawn orders of a long case: enough for a sentence; explain draws more
TO_CORRECT: Mapping[str, Any] = MappingProxyType(
    {"questions": [], "stop": False, "stop_reason": UNRELIABLE}
)
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
    plan : Plan
        Exercises, or safety advice alone.
    version : mapping
        ``program`` and ``data``.
    questions : int
        How many next questions are wanted.

    ``explanations`` and ``next_questions`` are worked out when they are first read.
    """

    model: Model
    case: Case
    triage: Advice
    differential: Differential
    plan: Plan
    version: Mapping[str, str]
    questions: int = 5

    @cached_property
    def explanations(self) -> tuple[Explanation, ...]:
        """Why the likeliest condition and imbalance, and a danger much likelier than in any adult.

        That is the first condition that must not be missed, if it is ten times as likely.
        """
        return _explained(self.model, self.case, self.differential)

    @cached_property
    def next_questions(self) -> NextQuestions:
        """What to ask next."""
        return next_questions(self.model, self.case, limit=self.questions)

    def __repr__(self) -> str:
        """Say the level of care and the first three conditions."""
        first = self.differential.of_conditions.rows[:3]
        likely = ", ".join(f"{row['name']} {row['probability']:.2f}" for row in first)
        return f"<Assessment {self.triage.level}: {likely}>"

    @property
    def conditions(self) -> pd.DataFrame:
        """The conditions, most probable first: those of ``differential``."""
        return self.differential.conditions

    def _repr_html_(self) -> str:
        """Return the page, for notebooks."""
        return self.to_html()

    def to_dict(self) -> dict[str, Any]:
        """Return the fixed output of ``lumbayes assess --json`` and what else is known.

        Of a case that is wrong and answered all the same, the level of care alone.
        """
        advice = self.triage
        answer = fixed_output(self.case, advice, self.differential, self.version)
        wrong = bool(self.case.errors)
        answer["triage"] |= {
            "rules": list(advice.rules),
            "what_to_do": list(advice.what_to_do),
            "how_soon": advice.how_soon,
            "what_would_change": list(advice.what_would_change),
            "look_again": advice.look_again,
        }
        return answer | {
            "explanations": [] if wrong else [e.to_dict() for e in self.explanations],
            "next_questions": dict(TO_CORRECT) if wrong else self.next_questions.to_dict(),
            "exercises": self.plan.to_dict(),
            "not_a_diagnosis": NOT_A_DIAGNOSIS,
        }

    def to_text(
        self, *, clinician: bool = False, show_anyway: bool = False, width: int = WIDTH
    ) -> str:
        """Return one page: for people, or with probabilities for a ``clinician``."""
        return as_text(self.page(clinician=clinician, show_anyway=show_anyway), width)

    def to_markdown(self, *, clinician: bool = False, show_anyway: bool = False) -> str:
        """Return one page as Markdown."""
        return as_markdown(TITLE, self.page(clinician=clinician, show_anyway=show_anyway))

    def to_html(self, *, clinician: bool = False, show_anyway: bool = False) -> str:
        """Return one page as one HTML file that loads nothing and prints."""
        return as_html(TITLE, self.page(clinician=clinician, show_anyway=show_anyway))

    def page(self, *, clinician: bool = False, show_anyway: bool = False) -> tuple[Section, ...]:
        """Return the page in parts: care level first, what this is not last.

        An emergency ends the page, unless ``show_anyway``.
        """
        return sections(
            self.model,
            self.case,
            self.triage,
            self.differential,
            self.explanations,
            self.next_questions,
            self.plan,
            self.version,
            clinician=clinician,
            show_anyway=show_anyway,
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

    Arguments and errors as of ``doors.one_case.assess``. The care level comes from the rules and
    the hard findings; the plan from the level, the findings and the probabilities.

    Examples
    --------
    >>> from lumbayes.cases.case import parse_case
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> answer = assess(model, parse_case(model, {"low_back_pain": "yes", "fever": "yes"}), 0)
    >>> answer.triage.level
    'urgent_physician'
    """
    case, advice, likely = answer_case(model, case, draws, seed, region)
    return Assessment(
        model,
        case,
        advice,
        likely,
        exercise_plan(model, case, advice, likely, equipment=equipment, level=level),
        versions(model),
        questions,
    )


def answer_case(
    model: Model, case: Case, draws: int = 0, seed: int = 0, region: str | None = None
) -> tuple[Case, Advice, Differential]:
    """Return the case as it is answered, its level of care and its differential.

    Answers that cannot occur together under the tables are set aside if what was said calls for a
    visit.

    Raises
    ------
    ImpossibleEvidenceError
        If they cannot occur together, and nothing said calls for one.
    """
    advice = care_level(model, case, region)
    try:
        return case, advice, differential(model, case, draws, seed)
    except ImpossibleEvidenceError as error:
        if not answerable(advice.level, bool(case.errors)):
            raise
        case = without_clash(model, case, str(error))
    return case, care_level(model, case, region), differential(model, case, draws, seed)


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
    may_be = case.likelihoods.get(PREGNANCY, ())
    states = model.variables[PREGNANCY].states
    if any(w > 0 and s == "pregnant" for s, w in zip(states, may_be, strict=False)):
        findings[PREGNANCY] = UNSURE
    made = plan(
        _exercise_table(model),
        _chances(likely.of_imbalances),
        _chances(likely.of_conditions),
        findings,
        advice.level,
        equipment=equipment,
        level=level,
        weeks=weeks,
    )
    return made if made.chosen else replace(made, first=advice.what_to_do)


def fixed_output(
    case: Case, advice: Advice, likely: Differential, version: Mapping[str, str]
) -> dict[str, Any]:
    """Return the fixed keys of the output of one case, ready for JSON.

    A case that is wrong and answered all the same gets no probability: its lists are empty.
    """
    lists = likely.to_dict()
    return {
        "triage": triage_part(advice),
        **({name: [] for name in lists} if case.errors else lists),
        "findings": dict(case.understood or case.findings),
        "warnings": [*case.warnings, *case.mistakes()],
        "version": dict(version),
    }


def triage_part(advice: Advice) -> dict[str, Any]:
    """Return the level of care and what it rests on, as every JSON output has it."""
    return {
        "level": advice.level,
        "reasons": list(advice.reasons),
        "provisional": advice.provisional,
        "open_warning_signs": list(advice.open_warning_signs),
        "contradictions": list(advice.contradictions),
        "ask_again": list(advice.ask_again),
    }


def versions(model: Model) -> dict[str, str]:
    """Return the versions of the program and of the tables."""
    return {"program": _program(), "data": model.version}


@cache
def _program() -> str:
    return version("lumbayes")


@lru_cache(maxsize=4)
def _exercise_table(model: Model) -> Exercises:
    return read_exercises(model.folder)


def _chances(records: Records) -> dict[str, float]:
    return {row["name"]: min(max(row["probability"], 0.0), 1.0) for row in records}


def _explained(model: Model, case: Case, likely: Differential) -> tuple[Explanation, ...]:
    if not case_findings(model, case):
        return ()
    first = likely.of_dangers.rows[0]
    known = {*case.findings, *case.do}
    targets = [likely.of_conditions.rows[0]["name"], likely.of_imbalances.rows[0]["name"]]
    if first["ratio"] >= ALARMING:
        targets.append(first["name"])
    asked = {name: None for name in targets if name not in known}
    return tuple(explain_all(model, case, asked, orders=ORDERS))


def brief(answer: Assessment, width: int = 88) -> str:
    """Return care level, what to do, what is open and, if nothing is urgent, the likeliest causes.

    ``width`` is that of the longest line, in characters. The care card is that of the whole page,
    in the same words.

    Examples
    --------
    >>> from lumbayes.cases.case import parse_case
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> answer = assess(model, parse_case(model, {"saddle_numbness": "yes"}), 0)
    >>> brief(answer).splitlines()[0]
    'GET HELP NOW'
    """
    (care, *rest), advice = answer.page(), answer.triage
    said = [*care.paragraphs, *advice.reasons[:1]]
    said += [text for section in rest if section.title == NO_FIT for text in section.points]
    signs = len(advice.open_warning_signs)
    if advice.provisional and signs:
        said.append(
            f"Still open: {how_many(signs, 'warning sign')}. To go through them: lumbayes ask."
        )
    lines = [care.title.upper(), *(line for text in said for line in textwrap.wrap(text, width))]
    if not (urgent(advice) or answer.case.errors):  # no cause may tempt one to wait
        first = answer.differential.of_conditions.column("label")[:CAUSES_IN_BRIEF]
        lines += textwrap.wrap(f"Likeliest first: {'; '.join(first)}.", width)
    return "\n".join([*lines, *textwrap.wrap(NOT_A_DIAGNOSIS, width)])
