"""CDS Hooks: the service as a record system discovers it, and its answer as cards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lumbayes.errors import CaseError
from lumbayes.interchange.questionnaire import URL
from lumbayes.interchange.risk_assessment import LABELS, OPEN

ID = "lumbayes"
HOOK = "patient-view"
PREFETCH = "response"
INDICATORS = {"emergency_now": "critical", "urgent_physician": "warning"}
SUMMARY = 140  # characters that CDS Hooks allows


def services() -> dict[str, Any]:
    """Return the answer to discovery.

    Examples
    --------
    >>> services()["services"][0]["hook"]
    'patient-view'
    """
    query = f"questionnaire={URL}&patient={{{{context.patientId}}}}&_sort=-authored&_count=1"
    return {
        "services": [
            {
                "hook": HOOK,
                "id": ID,
                "title": "Low back pain: care level and likely causes",
                "description": "Answers the latest QuestionnaireResponse. Not a diagnosis.",
                "prefetch": {PREFETCH: f"QuestionnaireResponse?{query}"},
            }
        ]
    }


def prefetched(request: object) -> object:
    """Return the resource that a call carries, None if the patient has answered nothing yet.

    Raises
    ------
    CaseError
        If the call is for another hook, or carries no prefetch.

    Examples
    --------
    >>> prefetched({"hook": "patient-view", "prefetch": {"response": None}}) is None
    True
    """
    if not isinstance(request, Mapping) or request.get("hook") != HOOK:
        raise CaseError(f"the call must be an object whose hook is {HOOK}.")
    given = request.get("prefetch")
    if not isinstance(given, Mapping) or PREFETCH not in given:
        raise CaseError(f"the call has no prefetch.{PREFETCH}. Send it; nothing is fetched here.")
    resource = given[PREFETCH]
    empty = isinstance(resource, Mapping) and resource.get("resourceType") == "Bundle"
    return None if empty and not resource.get("entry") else resource


def cards(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer of ``assess`` as one card, most urgent words first.

    Examples
    --------
    >>> triage = {"level": "emergency_now", "reasons": ["Numb saddle."], "provisional": False}
    >>> card = cards({"triage": triage, "differential": []})["cards"][0]
    >>> card["indicator"], card["summary"]
    ('critical', 'Emergency help now')
    """
    triage = answer["triage"]
    level = triage["level"]
    provisional = triage.get("provisional", True)
    unsettled = provisional and level not in INDICATORS
    summary = "Warning signs are still open" if unsettled else LABELS[level]
    emergency = level == "emergency_now"
    lines = [*([OPEN] if provisional and not emergency else []), *triage["reasons"]]
    lines += [*triage.get("what_to_do", ()), *triage.get("contradictions", ())]
    if not emergency:  # an emergency stops: what else it could be is no matter now
        lines += [
            f"- {row.get('label', row['condition'])}: {100 * row['probability']:.0f} %"
            for row in answer["differential"][:3]
        ]
    lines.append(str(answer.get("not_a_diagnosis", "This is not a diagnosis.")))
    return {
        "cards": [
            {
                "summary": summary[:SUMMARY],
                "indicator": INDICATORS.get(level, "info"),
                "detail": "\n\n".join(map(_plain, lines)),
                "source": {"label": "lumbayes"},
            }
        ]
    }


def _plain(text: str) -> str:
    """Escape what Markdown would read as a link, a picture or HTML."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>|" else c for c in text)
