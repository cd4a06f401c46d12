"""An answer as a FHIR R4 RiskAssessment, and an error as an OperationOutcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lumbayes.cases.responses import of_others
from lumbayes.interchange.codes import codings

LEVEL = "urn:lumbayes:care-level"
TRIAGE = "urn:lumbayes:fhir:triage"
INTERVAL = "urn:lumbayes:fhir:interval"
LABELS = {
    "emergency_now": "Emergency help now",
    "urgent_physician": "To be seen by a doctor today or within days",
    "routine_physician": "An appointment with a doctor",
    "self_care_exercises": "Self-care for now",
}
OPEN = "Provisional: some warning signs have not been answered yet, and the level may still rise."

NO_PREDICTION = "Something is wrong with the response, see below: no probability is given."


def risk_assessment(
    answer: Mapping[str, Any],
    response: Mapping[str, Any] | None = None,
    *,
    mistaken: bool = False,
) -> dict[str, Any]:
    """Return the fixed output of ``assess`` as a RiskAssessment.

    Parameters
    ----------
    answer : mapping
        As of ``lumbayes assess --json``.
    response : mapping, optional
        The QuestionnaireResponse it answers: subject, encounter and basis are taken from it.
    mistaken : bool
        Whether something is wrong with the response, which is answered all the same for the care
        level it calls for: then there are no predictions, and the notes say so.

    Returns
    -------
    dict
        ``status`` is ``final`` only if nothing is wrong, nothing contradicts itself, the care level
        is not provisional and the response does not answer another questionnaire; otherwise it is
        ``preliminary``. The care level, what is
        still open and what contradicts itself stand in an extension; predictions hold conditions,
        probabilities in percent (as R4 wants them), relative risk against any adult and, if drawn,
        the 95 % interval as an extension in percent.

    Examples
    --------
    >>> triage = {"level": "self_care_exercises", "reasons": [], "provisional": True}
    >>> risk = risk_assessment({"triage": triage, "differential": []})
    >>> risk["status"], risk["note"][0]["text"][:11]
    ('preliminary', 'Provisional')
    """
    triage = answer["triage"]
    provisional = bool(triage.get("provisional", True))
    response = response or {}
    foreign = bool(of_others(response.get("questionnaire")))
    doubtful = provisional or mistaken or foreign or bool(triage.get("contradictions"))
    notes = [*([OPEN] if provisional else []), *([NO_PREDICTION] if mistaken else [])]
    notes += [*triage["reasons"], *answer.get("warnings", ())]
    notes.append(str(answer.get("not_a_diagnosis", "This is not a diagnosis.")))
    made: dict[str, Any] = {
        "resourceType": "RiskAssessment",
        "extension": [_triage(triage, provisional)],
        "status": "preliminary" if doubtful else "final",
        "subject": response.get("subject") or {"display": "not stated"},
        "note": [{"text": text} for text in notes],
    }
    if not mistaken:
        made["prediction"] = [_prediction(row) for row in answer["differential"]]
    if response.get("encounter"):
        made["encounter"] = response["encounter"]
    if response.get("id"):
        made["basis"] = [{"reference": f"QuestionnaireResponse/{response['id']}"}]
    if triage.get("what_to_do"):
        made["mitigation"] = " ".join(triage["what_to_do"])
    return made


def _triage(triage: Mapping[str, Any], provisional: bool) -> dict[str, Any]:
    level = triage["level"]
    coding = {"system": LEVEL, "code": level, "display": LABELS[level]}
    parts: list[dict[str, Any]] = [
        {"url": "level", "valueCodeableConcept": {"coding": [coding], "text": LABELS[level]}},
        {"url": "provisional", "valueBoolean": provisional},
    ]
    for name, url in (
        ("open_warning_signs", "openWarningSign"),
        ("contradictions", "contradiction"),
    ):
        parts += [{"url": url, "valueString": text} for text in triage.get(name, ())]
    return {"url": TRIAGE, "extension": parts}


def _prediction(row: Mapping[str, Any]) -> dict[str, Any]:
    name, label, p, prior = row["condition"], row.get("label"), row["probability"], row["prior"]
    text = str(label or name)
    made: dict[str, Any] = {
        "outcome": {"coding": codings(name, text), "text": text},
        "probabilityDecimal": _decimal(100 * p),
    }
    if prior > 0:
        made["relativeRisk"] = _decimal(p / prior)
    if row.get("low") is not None and row.get("high") is not None:
        low, high = ({"value": _decimal(100 * row[end]), "unit": "%"} for end in ("low", "high"))
        made["extension"] = [{"url": INTERVAL, "valueRange": {"low": low, "high": high}}]
    return made


def _decimal(number: float) -> float:
    """Round to what is known: six significant digits."""
    return float(f"{number:.6g}")


def operation_outcome(
    message: str, code: str = "invalid", said: Sequence[str] = ()
) -> dict[str, Any]:
    """Return an error as FHIR says it, and before it what the case beside it calls for.

    Examples
    --------
    >>> operation_outcome("no such state")["issue"][0]["code"]
    'invalid'
    """
    issues = [
        {"severity": "warning", "code": "informational", "diagnostics": text} for text in said
    ]
    issues.append({"severity": "error", "code": code, "diagnostics": message})
    return {"resourceType": "OperationOutcome", "issue": issues}
