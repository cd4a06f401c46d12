"""CDS Hooks: the service as a record system discovers it, and its answer as cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lumbayes.cases.responses import QUESTIONNAIRE
from lumbayes.errors import CaseError
from lumbayes.interchange.risk_assessment import LABELS, NO_PREDICTION, OPEN

ID = "lumbayes"
HOOK = "patient-view"
PREFETCH = "response"
INDICATORS = {"emergency_now": "critical", "urgent_physician": "warning"}
SUMMARY = 140  # characters that CDS Hooks allows


class PrefetchError(CaseError):
    """A call lacks the data to answer it: 412 in CDS Hooks."""


def services() -> dict[str, Any]:
    """Return the answer to discovery.

    Examples
    --------
    >>> services()["services"][0]["hook"]
    'patient-view'
    """
    query = (
        f"questionnaire={QUESTIONNAIRE}&patient={{{{context.patientId}}}}&_sort=-authored&_count=1"
    )
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
    PrefetchError
        If the call carries no prefetch, or says that it failed.
    CaseError
        If the call is for another hook.

    Examples
    --------
    >>> prefetched({"hook": "patient-view", "prefetch": {"response": None}}) is None
    True
    """
    if not isinstance(request, Mapping) or request.get("hook") != HOOK:
        raise CaseError(f"the call must be an object whose hook is {HOOK}.")
    given = request.get("prefetch")
    if not isinstance(given, Mapping) or PREFETCH not in given:
        lacks = f"the call has no prefetch.{PREFETCH}. Send it; nothing is fetched here."
        raise PrefetchError(lacks)
    resource = given[PREFETCH]
    if _is(resource, "OperationOutcome"):
        raise PrefetchError(f"prefetch.{PREFETCH} failed (OperationOutcome). Send it again.")
    if not (isinstance(resource, Mapping) and _is(resource, "Bundle")):
        return resource
    entries: object = resource.get("entry") or ()
    among = entries if isinstance(entries, list | tuple) else ({},)
    found = any(
        not (isinstance(e, Mapping) and _is(e.get("resource"), "OperationOutcome")) for e in among
    )
    return resource if found else None


def _is(resource: object, kind: str) -> bool:
    return isinstance(resource, Mapping) and resource.get("resourceType") == kind


def cards(
    answer: Mapping[str, Any], mistakes: Sequence[str] = (), notes: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the answer of ``assess`` as one card, most urgent words first.

    With ``mistakes`` of a response that is answered all the same, these stand in the place of
    probabilities. The ``notes`` are on the response as a whole.

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
    lines += [*notes, *([NO_PREDICTION, *mistakes] if mistakes else [])]
    if not emergency and not mistakes:  # an emergency stops: what else it could be is no matter now
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
