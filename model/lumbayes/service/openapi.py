"""The service described for machines (OpenAPI 3.1) and, from the same, for people."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from lumbayes.interchange.cds_hooks import HOOK, PREFETCH, SUMMARY
from lumbayes.interchange.schemas import schema, schema_names
from lumbayes.knowledge.model import Model
from lumbayes.limits import SERVED_CASES, SERVED_DRAWS

DRAWS: dict[str, Any] = {
    "name": "draws",
    "in": "query",
    "description": "Parameter draws for the 95 % intervals; 0 for none.",
    "schema": {"type": "integer", "minimum": 0, "default": 0},
}
REGION = {
    "name": "region",
    "in": "query",
    "description": "Whose telephone numbers to name, such as GB or EU.",
    "schema": {"type": "string", "pattern": "^[A-Za-z]{2}$"},
}
STYLE = "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}"
JSON = "application/json"
LINES = "application/jsonlines"
FHIR = "application/fhir+json"


def _object(required: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Return the schema of an object: what it must have, what it may have; more is allowed."""
    return {"type": "object", "required": list(required), "properties": {**required, **more}}


def _resource(*kinds: str, **more: Any) -> dict[str, Any]:
    """Return the schema of a FHIR resource: of which kind, and what of it matters here."""
    return _object({"resourceType": {"enum": list(kinds)}}, **more)


TEXT = {"type": "string"}
OBJECTS = {"type": "array", "items": {"type": "object"}}
SHAPES = {
    "response": _resource(
        "QuestionnaireResponse",
        "Parameters",
        "Bundle",
        status=TEXT,
        questionnaire=TEXT,
        subject={"type": "object"},
        item={
            "type": "array",
            "items": _object({"linkId": TEXT}, answer=OBJECTS, item=OBJECTS),
        },
        parameter={**OBJECTS, "description": "Of Parameters: one holds the response."},
        entry={**OBJECTS, "description": "Of a Bundle: one holds the response."},
    ),
    "risk-assessment": {
        **_resource(
            "RiskAssessment",
            status={"enum": ["preliminary", "final"]},
            extension=OBJECTS,
            subject={"type": "object"},
            prediction=OBJECTS,
            note={"type": "array", "items": _object({"text": TEXT})},
            mitigation=TEXT,
        ),
        "required": ["resourceType", "status", "subject", "extension", "note"],
    },
    "outcome": _resource("OperationOutcome", issue=OBJECTS),
    "questionnaire": _resource("Questionnaire", url=TEXT, version=TEXT, item=OBJECTS),
    "capabilities": _resource("CapabilityStatement", fhirVersion=TEXT, rest=OBJECTS),
    "services": _object(
        {
            "services": {
                "type": "array",
                "items": _object(
                    {"hook": TEXT, "id": TEXT, "description": TEXT},
                    title=TEXT,
                    prefetch={"type": "object", "additionalProperties": TEXT},
                ),
            }
        }
    ),
    "call": _object(
        {"hook": {"const": HOOK}, "prefetch": {"type": "object", "required": [PREFETCH]}},
        hookInstance=TEXT,
        context={"type": "object"},
    ),
    "cards": _object(
        {
            "cards": {
                "type": "array",
                "items": _object(
                    {
                        "summary": {"type": "string", "maxLength": SUMMARY},
                        "indicator": {"enum": ["info", "warning", "critical"]},
                        "source": _object({"label": TEXT}),
                    },
                    detail=TEXT,
                ),
            }
        }
    ),
    "error": _object({"error": TEXT}, triage={"type": "object"}),
}


def openapi(model: Model, program: str) -> dict[str, Any]:
    """Return the description of the service.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> sorted(openapi(load_model(), "0.1.0")["paths"])[:2]
    ['/cds-services', '/cds-services/lumbayes']
    """
    draws = {**DRAWS, "schema": {**DRAWS["schema"], "maximum": SERVED_DRAWS.value}}
    asked = (draws, REGION)
    paths = {
        "/v1/assess": {
            "post": _operation(
                "Assess one case: our JSON, or a FHIR QuestionnaireResponse.",
                _body(JSON, _ref("case")),
                _content(JSON, _ref("assess")),
                asked,
            )
        },
        "/v1/batch": {
            "post": _operation(
                f"Assess up to {SERVED_CASES.value:,} cases, one a line;"
                " a line that cannot be used says why.",
                _body(LINES, {"type": "string"}),
                _content(LINES, {"type": "string", "description": "Each as schema batch-row."}),
                (draws,),
            )
        },
        "/v1/variables": {
            "get": _operation("What can be answered.", {}, _content(JSON, _ref("variables")))
        },
        "/v1/schemas": {
            "get": _operation(
                "Names of the JSON Schemas.", {}, _content(JSON, {"type": "array", "items": TEXT})
            )
        },
        "/v1/schemas/{name}": {
            "get": _operation(
                "One JSON Schema.",
                {},
                _content("application/schema+json", {"type": "object"}),
                (
                    {
                        "name": "name",
                        "in": "path",
                        "required": True,
                        "schema": {"enum": list(schema_names())},
                    },
                ),
            )
        },
        "/fhir/metadata": {
            "get": _operation(
                "FHIR R4 CapabilityStatement.", {}, _content(FHIR, _ref("capabilities"))
            )
        },
        "/fhir/Questionnaire/lumbayes": {
            "get": _operation(
                "Our questions as a FHIR R4 Questionnaire.",
                {},
                _content(FHIR, _ref("questionnaire")),
            )
        },
        "/fhir/QuestionnaireResponse/$assess": {
            "post": _operation(
                "FHIR operation: a QuestionnaireResponse, alone or in Parameters, in; a"
                " RiskAssessment out.",
                _body(FHIR, _ref("response")),
                _content(FHIR, _ref("risk-assessment")),
                asked,
            )
        },
        "/cds-services": {
            "get": _operation("CDS Hooks discovery.", {}, _content(JSON, _ref("services")))
        },
        "/cds-services/lumbayes": {
            "post": _operation(
                "CDS Hooks, patient-view, with the response as prefetch.",
                _body(JSON, _ref("call")),
                _content(JSON, _ref("cards")),
                asked,
            )
        },
        "/ready": {
            "get": _operation(
                "Whether the model is loaded.",
                {},
                _content(JSON, _object({"ready": {"const": True}})),
            )
        },
    }
    lacking = {"description": "The call lacks its prefetch.", **_failure(JSON, "error")}
    paths["/cds-services/lumbayes"]["post"]["responses"]["412"] = lacking
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "lumbayes",
            "version": program,
            "description": "Not a diagnosis. Nothing that is sent is kept.",
        },
        "paths": paths,
        "components": {
            "schemas": {n: schema(n, model) for n in ("case", "assess", "variables")} | SHAPES
        },
    }


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _content(kind: str, shape: Mapping[str, Any]) -> dict[str, Any]:
    return {"200": {"description": "The answer.", "content": {kind: {"schema": shape}}}}


def _failure(kind: str, shape: str) -> dict[str, Any]:
    return {"content": {kind: {"schema": _ref(shape)}}}


def _body(kind: str, shape: Mapping[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {kind: {"schema": shape}}}}


def _operation(
    summary: str,
    body: Mapping[str, Any],
    answers: Mapping[str, Any],
    parameters: tuple[Mapping[str, Any], ...] = (),
) -> dict[str, Any]:
    fhir = FHIR in answers["200"]["content"]
    told = _failure(FHIR, "outcome") if fhir else _failure(JSON, "error")
    failures = {
        "400": {"description": "It cannot be used: place, value, choices and a way out.", **told},
        "413": {"description": "It is too long.", **told},
        "503": {"description": "Too many at a time; Retry-After says when to come again.", **told},
    }
    made = {"summary": summary, **body, "responses": {**answers, **(failures if body else {})}}
    return {**made, "parameters": list(parameters)} if parameters else made


def page(description: Mapping[str, Any]) -> str:
    """Return the description as one HTML page that loads nothing."""
    rows = []
    for path, methods in description["paths"].items():
        for method, about in methods.items():
            options = ", ".join(p["name"] for p in about.get("parameters", ()))
            asked = f"<br><small>{html.escape(options)}</small>" if options else ""
            rows.append(
                f"<dt><code>{method.upper()} {html.escape(path)}</code>{asked}</dt>"
                f"<dd>{html.escape(about['summary'])}</dd>"
            )
    info = description["info"]
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>lumbayes {html.escape(info['version'])}</title><style>{STYLE}</style></head>"
        f"<body><h1>lumbayes</h1><p>{html.escape(info['description'])}</p>"
        f"<dl>{''.join(rows)}</dl>"
        '<p>For machines: <a href="openapi.json">openapi.json</a></p></body></html>'
    )
