"""The routes of ``lumbayes serve``, and the server that runs them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from lumbayes.cases.case import parse_case
from lumbayes.commands import plain
from lumbayes.errors import LumbayesError
from lumbayes.interchange.cds_hooks import services
from lumbayes.interchange.questionnaire import questionnaire
from lumbayes.interchange.risk_assessment import operation_outcome
from lumbayes.interchange.schemas import schema, schema_names
from lumbayes.knowledge.model import Model
from lumbayes.questions.assessment.summary import assess, versions
from lumbayes.service.answers import assessed, batch, cds_cards, fhir_assessed
from lumbayes.service.guards import Guarded, Workers, body_text
from lumbayes.service.openapi import FHIR, LINES, openapi, page

ONE = 200_000
"""Bytes of one case."""
MANY = 2_000_000
"""Bytes of a batch."""
DRAWS = 1_000
AT_ONCE, WAITING = 2, 30
LOCAL = ("127.0.0.1", "localhost", "[::1]")

Work = Callable[..., dict[str, Any]]


def application(
    model: Model, hosts: Sequence[str] = LOCAL, origins: Sequence[str] = ()
) -> Starlette:
    """Return the service as an ASGI application.

    Parameters
    ----------
    model : Model
        Answers every request; it is never changed, and no request is kept.
    hosts : sequence of str
        Names under which the service may be called; ``*`` for any.
    origins : sequence of str
        Web pages elsewhere whose scripts may call it.
    """
    workers = Workers(AT_ONCE, WAITING)
    program = versions(model)["program"]
    described = openapi(model, program)
    asked = questionnaire(model, program)
    names = [plain(asdict(v)) for v in model.variables.values()]

    async def run(request: Request, work: Work) -> dict[str, Any]:
        text = await body_text(request, ONE)
        draws, region = _options(request)
        answer: dict[str, Any] = await workers.run(work, model, text, draws, region)
        return answer

    async def assess_one(request: Request) -> Response:
        return JSONResponse(await run(request, assessed))

    async def assess_many(request: Request) -> Response:
        text = await body_text(request, MANY)
        draws, _ = _options(request)
        return Response(await workers.run(_lines, model, text, draws), media_type=LINES)

    async def fhir(request: Request) -> Response:
        return JSONResponse(await run(request, fhir_assessed), media_type=FHIR)

    async def hook(request: Request) -> Response:
        return JSONResponse(await run(request, cds_cards))

    async def one_schema(request: Request) -> Response:
        made = schema(request.path_params["name"], model)
        return JSONResponse(made, media_type="application/schema+json")

    def fixed(content: object, kind: str = "application/json") -> Callable[..., Any]:
        body = json.dumps(content, ensure_ascii=False).encode()

        async def answer(request: Request) -> Response:
            return Response(body, media_type=kind)

        return answer

    async def index(request: Request) -> Response:
        return HTMLResponse(page(described))

    routes = [
        Route("/", index),
        Route("/openapi.json", fixed(described)),
        Route("/ready", fixed({"ready": True, "version": versions(model)})),
        Route("/v1/assess", assess_one, methods=["POST"]),
        Route("/v1/batch", assess_many, methods=["POST"]),
        Route("/v1/variables", fixed(names)),
        Route("/v1/schemas", fixed(list(schema_names()))),
        Route("/v1/schemas/{name}", one_schema),
        Route("/fhir/metadata", fixed(_capabilities(program), FHIR)),
        Route("/fhir/Questionnaire/lumbayes", fixed(asked, FHIR)),
        Route("/fhir/QuestionnaireResponse/$assess", fhir, methods=["POST"]),
        Route("/cds-services", fixed(services())),
        Route("/cds-services/lumbayes", hook, methods=["POST"]),
    ]
    middleware = [Middleware(Guarded), Middleware(TrustedHostMiddleware, allowed_hosts=hosts)]
    if origins:
        middleware.append(
            Middleware(
                CORSMiddleware,
                allow_origins=origins,
                allow_methods=["GET", "POST"],
                allow_headers=["content-type"],
            )
        )
    return Starlette(
        routes=routes,
        middleware=middleware,
        exception_handlers={HTTPException: _failed, LumbayesError: _refused},
    )


def _lines(model: Model, text: str, draws: int) -> str:
    rows = (json.dumps(row, ensure_ascii=False) for row in batch(model, text, draws))
    return "".join(f"{row}\n" for row in rows)


def _options(request: Request) -> tuple[int, str | None]:
    """Read draws and region; any other name is refused, so that no answer lands in an address."""
    for name in request.query_params:
        if name not in ("draws", "region"):
            raise HTTPException(400, "the address takes draws and region only: a case is a body.")
    text = request.query_params.get("draws", "0")
    if not text.isascii() or not text.isdigit() or len(text) > 4 or int(text) > DRAWS:
        raise HTTPException(400, f"draws must be a whole number from 0 to {DRAWS:,}.")
    return int(text), request.query_params.get("region")


def _message(request: Request, text: str, status: int, headers: Any = None) -> Response:
    if request.url.path.startswith("/fhir/"):
        return JSONResponse(operation_outcome(text), status, headers, media_type=FHIR)
    return JSONResponse({"error": text}, status, headers)


async def _failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _message(request, error.detail, error.status_code, error.headers)


async def _refused(request: Request, error: Exception) -> Response:
    return _message(request, str(error), 400)


def _capabilities(program: str) -> dict[str, Any]:
    operation = {"name": "assess", "definition": "urn:lumbayes:fhir:assess"}
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2025-01-01",
        "kind": "instance",
        "software": {"name": "lumbayes", "version": program},
        "implementation": {"description": "Not a diagnosis. Nothing that is sent is kept."},
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [
            {
                "mode": "server",
                "resource": [
                    {"type": "Questionnaire", "interaction": [{"code": "read"}]},
                    {"type": "QuestionnaireResponse", "operation": [operation]},
                ],
            }
        ],
    }


def main(
    model: Model, address: str, port: int, hosts: Sequence[str], origins: Sequence[str]
) -> None:
    """Answer one case, so that the first caller need not wait, and serve until stopped."""
    assess(model, parse_case(model, {"low_back_pain": "yes"}), 0)
    print(f"lumbayes answers at http://{address}:{port}", flush=True)
    uvicorn.run(
        application(model, hosts, origins),
        host=address,
        port=port,
        access_log=False,
        server_header=False,
        log_level="warning",
        limit_concurrency=200,
        timeout_keep_alive=15,
    )
