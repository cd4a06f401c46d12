"""What the service answers: plain values in, plain values out, nothing of HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from lumbayes.cases.parts import load_json, salvage_json
from lumbayes.commands import plain
from lumbayes.errors import LumbayesError
from lumbayes.interchange.cds_hooks import cards, prefetched
from lumbayes.interchange.responses import read_any_case, response_of
from lumbayes.interchange.risk_assessment import risk_assessment
from lumbayes.knowledge.model import Model
from lumbayes.questions.assessment.summary import answer_case, assess, fixed_output, versions

ROWS = 1_000
"""Cases in one call of batch; a longer table goes to ``lumbayes batch``."""


def assessed(model: Model, text: str, draws: int, region: str | None) -> dict[str, Any]:
    """Return the answer of ``lumbayes assess --json`` to a case in JSON, or a FHIR response."""
    case = read_any_case(model, *salvage_json(text, "the body"))
    answer: dict[str, Any] = plain(assess(model, case, draws, region=region).to_dict())
    return answer


def batch(model: Model, text: str, draws: int) -> Iterator[dict[str, Any]]:
    """Return an answer to each line of JSON Lines; a line that cannot be used says why.

    Raises
    ------
    LumbayesError
        If there are more than ``ROWS`` lines.
    """
    lines = [(i, line) for i, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) > ROWS:
        raise LumbayesError(
            f"{len(lines):,} cases are more than {ROWS:,}. Send fewer, or use: lumbayes batch."
        )
    return (_row(model, number, line, draws) for number, line in lines)


def _row(model: Model, number: int, line: str, draws: int) -> dict[str, Any]:
    try:
        case = read_any_case(model, *salvage_json(line, "the case"))
        answer = fixed_output(*answer_case(model, case, draws), versions(model))
    except LumbayesError as error:
        return {"line": number, "error": str(error)}
    made: dict[str, Any] = plain({"line": number, **answer})
    return made


def fhir_assessed(model: Model, text: str, draws: int, region: str | None) -> dict[str, Any]:
    """Return the RiskAssessment of a QuestionnaireResponse, alone or inside Parameters."""
    response = response_of(load_json(text, "the body"))
    return risk_assessment(_answer(model, response, draws, region), response)


def cds_cards(model: Model, text: str, draws: int, region: str | None) -> dict[str, Any]:
    """Return the cards for a call of CDS Hooks; none if the patient has answered nothing."""
    resource = prefetched(load_json(text, "the body"))
    if resource is None:
        return {"cards": []}
    return cards(_answer(model, response_of(resource), draws, region))


def _answer(
    model: Model, response: Mapping[str, Any], draws: int, region: str | None
) -> dict[str, Any]:
    return assessed(model, json.dumps(response), draws, region)
