"""The questions put to the model for one page, each worked out once for the same answers."""

from __future__ import annotations

from typing import Any

from lumbayes.app import state
from lumbayes.cases import Case, case_to_dict
from lumbayes.model import Model
from lumbayes.questions.care_level import care_level
from lumbayes.questions.differential import Differential, differential
from lumbayes.questions.explanation import Explanation, explain
from lumbayes.questions.next_question import NextQuestions, next_questions
from lumbayes.questions.triage import Advice

DRAWS = 200


def advice(model: Model, case: Case) -> Advice:
    """Return the level of care and why."""
    region = state.region()
    found: Advice = _once(model, f"advice {region}", case, lambda: care_level(model, case, region))
    return found


def causes(model: Model, case: Case) -> Differential:
    """Return the chances of all causes and imbalances, with intervals."""
    found: Differential = _once(model, "causes", case, lambda: differential(model, case, DRAWS))
    return found


def reasons(model: Model, case: Case, target: str) -> Explanation:
    """Return why one cause is as likely as it is."""
    found: Explanation = _once(model, f"why {target}", case, lambda: explain(model, case, target))
    return found


def open_questions(model: Model, case: Case) -> NextQuestions:
    """Return the questions worth asking next, those of an examination only for a clinician."""
    kinds = ("question", "self_test", *(("clinical_test",) if state.clinician() else ()))
    found: NextQuestions = _once(
        model, f"next {kinds}", case, lambda: next_questions(model, case, kinds=kinds)
    )
    return found


def _once(model: Model, question: str, case: Case, work: Any) -> Any:
    return state.remembered(question, case_to_dict(model, case), work)


def warm_up() -> None:
    """Answer one case, so that the first visitor need not wait for draws and trees."""
    from lumbayes.cases import parse_case

    model = state.the_model()
    case = parse_case(model, {"low_back_pain": "yes"})
    care_level(model, case)
    differential(model, case, DRAWS)
    next_questions(model, case)
