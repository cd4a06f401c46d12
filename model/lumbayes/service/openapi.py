"""The service described for machines (OpenAPI 3.1) and, from the same, for people."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from lumbayes.interchange.schemas import schema, schema_names
from lumbayes.knowledge.model import Model

DRAWS = {
    "name": "draws",
    "in": "query",
    "description": "Parameter draws for the 95 % intervals; 0 for none.",
    "schema": {"type": "integer", "minimum": 0, "maximum": 1000, "default": 0},
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


def openapi(model: Model, program: str) -> dict[str, Any]:
    """Return the description of the service.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> sorted(openapi(load_model(), "0.1.0")["paths"])[:2]
    ['/cds-services', '/cds-services/lumbayes']
    """
    asked = (DRAWS, REGION)
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
                "Assess up to 1,000 cases, one a line; a line that cannot be used says why.",
                _body(LINES, {"type": "string"}),
                _content(LINES, {"type": "string", "description": "Each as schema batch-row."}),
                (DRAWS,),
            )
        },
        "/v1/variables": {
            "get": _operation("What can be answered.", {}, _content(JSON, _ref("variables")))
        },
        "/v1/schemas": {"get": _operation("Names of the JSON Schemas.", {}, _content(JSON, {}))},
        "/v1/schemas/{name}": {
            "get": _operation(
                "One JSON Schema.",
                {},
                _content("application/schema+json", {}),
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
            "get": _operation("FHIR R4 CapabilityStatement.", {}, _content(FHIR, {}))
        },
        "/fhir/Questionnaire/lumbayes": {
            "get": _operation("Our questions as a FHIR R4 Questionnaire.", {}, _content(FHIR, {}))
        },
        "/fhir/QuestionnaireResponse/$assess": {
            "post": _operation(
                "FHIR operation: a QuestionnaireResponse, alone or in Parameters, in; a"
                " RiskAssessment out.",
                _body(FHIR, {"type": "object"}),
                _content(FHIR, {}),
                asked,
            )
        },
        "/cds-services": {"get": _operation("CDS Hooks discovery.", {}, _content(JSON, {}))},
        "/cds-services/lumbayes": {
            "post": _operation(
                "CDS Hooks, patient-view, with the response as prefetch.",
                _body(JSON, {"type": "object"}),
                _content(JSON, {}),
                asked,
            )
        },
        "/ready": {"get": _operation("Whether the model is loaded.", {}, _content(JSON, {}))},
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "lumbayes",
            "version": program,
            "description": "Not a diagnosis. Nothing that is sent is kept.",
        },
        "paths": paths,
        "components": {"schemas": {n: schema(n, model) for n in ("case", "assess", "variables")}},
    }


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _content(kind: str, shape: Mapping[str, Any]) -> dict[str, Any]:
    return {"200": {"description": "The answer.", "content": {kind: {"schema": shape}}}}


def _body(kind: str, shape: Mapping[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {kind: {"schema": shape}}}}


def _operation(
    summary: str,
    body: Mapping[str, Any],
    answers: Mapping[str, Any],
    parameters: tuple[Mapping[str, Any], ...] = (),
) -> dict[str, Any]:
    failures = {
        "400": {"description": "It cannot be used: place, value, choices and a way out."},
        "413": {"description": "It is too long."},
        "503": {"description": "Too many at a time; Retry-After says when to come again."},
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
