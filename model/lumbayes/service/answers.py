"""What the service answers: plain values in, plain values out, nothing of HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from lumbayes.cases.case import understand
from lumbayes.cases.case_files import understand_bytes
from lumbayes.cases.forms import text_of
from lumbayes.cases.json_values import salvage_json
from lumbayes.cases.responses import is_response, of_others, response_of
from lumbayes.commands import plain
from lumbayes.errors import CaseError, LumbayesError
from lumbayes.interchange.cds_hooks import PREFETCH, cards, prefetched
from lumbayes.interchange.risk_assessment import risk_assessment
from lumbayes.knowledge.model import Model
from lumbayes.limits import SERVED_CASES, UNJUDGED
from lumbayes.questions.assessment.summary import (
    answer_case,
    assess,
    fixed_output,
    triage_part,
    versions,
)
from lumbayes.triage.care_level import admit, goes_with_an_error, what_is_known
from lumbayes.triage.judgement import Advice


def assessed(model: Model, content: bytes, draws: int, region: str | None) -> dict[str, Any]:
    """Return the answer of ``lumbayes assess --json`` to a case in JSON, or a FHIR response."""
    return _answer(model, *_read(content), draws, region)[0]


def _answer(
    model: Model, data: object, errors: list[LumbayesError], draws: int, region: str | None
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the answer to a case, and what is wrong with it."""
    case = admit(model, understand(model, data, errors))
    answer: dict[str, Any] = plain(assess(model, case, draws, region=region).to_dict())
    return answer, case.mistakes()


def _read(content: bytes, place: str = "the body") -> tuple[object, list[LumbayesError]]:
    """Return what can be read of JSON in bytes, and what is wrong with it; never raises."""
    text, wrong = text_of(content, place)
    data, broken = salvage_json(text, place)
    return data, [*wrong, *broken]


def told_by(model: Model, content: bytes, region: str | None) -> Advice | None:
    """Return the advice that an error must not hide, if the body calls for any; never raises.

    Whatever the body is: a case, a FHIR response, or a call of CDS Hooks that carries one.
    """
    data, _ = _read(content)
    held = data.get("prefetch") if isinstance(data, Mapping) else None
    inside = held.get(PREFETCH) if isinstance(held, Mapping) else None
    advice = what_is_known(model, understand(model, data if inside is None else inside), region)
    return advice if goes_with_an_error(advice) else None


def batch(model: Model, content: bytes, draws: int) -> Iterator[dict[str, Any]]:
    """Return an answer to each line of JSON Lines; a line that cannot be used says why.

    Raises
    ------
    LumbayesError
        If there are more lines than ``limits.SERVED_CASES``.
    """
    lines = [(i, line) for i, line in enumerate(content.splitlines(), 1) if line.strip()]
    if len(lines) > SERVED_CASES.value:
        raise LumbayesError(f"the body: {SERVED_CASES.excess()} {UNJUDGED}")
    return (_row(model, number, line, draws) for number, line in lines)


def _row(model: Model, number: int, line: bytes, draws: int) -> dict[str, Any]:
    try:
        case = admit(model, understand_bytes(model, line, "the case"))
        answer = fixed_output(*answer_case(model, case, draws), versions(model))
    except LumbayesError as error:
        advice = told_by(model, line, None)
        told = {} if advice is None else {"triage": plain(triage_part(advice))}
        return {"line": number, **told, "error": str(error)}
    made: dict[str, Any] = plain({"line": number, **answer})
    return made


def fhir_assessed(model: Model, content: bytes, draws: int, region: str | None) -> dict[str, Any]:
    """Return the RiskAssessment of a QuestionnaireResponse, alone or inside Parameters."""
    data, errors = _read(content)
    response: Mapping[str, Any] = {}
    try:
        response = response_of(data)
    except CaseError as error:
        errors += [] if is_response(data) else [error]
    answer, mistakes = _answer(model, data, errors, draws, region)
    return risk_assessment(answer, response, mistaken=bool(mistakes))


def cds_cards(model: Model, content: bytes, draws: int, region: str | None) -> dict[str, Any]:
    """Return the cards for a call of CDS Hooks; none if the patient has answered nothing."""
    data, errors = _read(content)
    resource = prefetched(data)
    if resource is None:
        return {"cards": []}
    notes: list[str] = []
    with suppress(CaseError):
        notes = of_others(response_of(resource).get("questionnaire"))
    return cards(*_answer(model, resource, errors, draws, region), notes)
