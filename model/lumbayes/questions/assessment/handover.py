"""What to tell the ambulance or the desk: the answers of a case on one sheet."""

from __future__ import annotations

from collections.abc import Sequence

from lumbayes.cases.case import Case
from lumbayes.knowledge.definition import UNSURE
from lumbayes.knowledge.model import Model
from lumbayes.questions.assessment.report import Section
from lumbayes.questions.explanation.answer import state_words
from lumbayes.triage.judgement import Advice

TITLE = "To show or to read out"


def handover(model: Model, case: Case, advice: Advice) -> Section:
    """Return the sheet to hand over: what led to the advice, then every answer, none left out.

    Parameters
    ----------
    model : Model
        Supplies the labels.
    case : Case
        What was understood.
    advice : Advice
        Of this case.

    Examples
    --------
    >>> from lumbayes.cases.case import parse_case
    >>> from lumbayes.knowledge.model import load_model
    >>> from lumbayes.triage.care_level import care_level
    >>> model = load_model()
    >>> case = parse_case(model, {"saddle_numbness": "yes", "fever": "no", "sex": "male"})
    >>> for point in handover(model, case, care_level(model, case)).points:
    ...     print(point)
    Reason for coming: Numb saddle area.
    Who: Sex: Male.
    Not there: Fever.
    """
    points = grouped(model, case, advice.led_by)
    if case.minor:
        points.append("Under 18 years old.")
    return Section(TITLE, (), tuple(points))


def grouped(model: Model, case: Case, first: Sequence[str] = ()) -> list[str]:
    """Return all answers in a few lines: the reason for coming, what is there, who, what is not.

    Parameters
    ----------
    model : Model
        Supplies the labels.
    case : Case
        What was understood; what was assumed is left out.
    first : sequence of str
        Variables that are the reason for coming.

    Examples
    --------
    >>> from lumbayes.cases.case import parse_case
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> grouped(model, parse_case(model, {"fever": "no", "slr": "positive", "night_pain": "no"}))
    ['There: Straight-leg raise.', 'Not there: Night pain; Fever.']
    """
    who, there, absent, unsure = [], [], [], []
    for name, text in case.understood.items():
        info = model.variables[name]
        words = f"{info.label}: {state_words(info, text)}"
        yes = text in ("yes", "positive")
        if name in case.assumed:
            continue
        if text == UNSURE:
            unsure.append(info.label)
        elif info.layer == "context":
            who.append(words)
        elif text in ("no", "none", "negative"):
            absent.append(info.label)
        elif name not in first:
            there.append(info.label if yes else words)
    reason = [
        model.variables[n].label
        if case.understood.get(n) in ("yes", "positive")
        else f"{model.variables[n].label}: {state_words(model.variables[n], case.understood[n])}"
        for n in first
        if n in case.understood
    ]
    rows = (
        ("Reason for coming", reason),
        ("Also there" if first else "There", there),
        ("Who", who),
        ("Not there", absent),
        ("Not sure", unsure),
        ("Told, but not understood here", list(case.unclear)),
    )
    return [f"{title}: {'; '.join(items)}." for title, items in rows if items]
