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
from lumbayes.errors import LumbayesError, cut
from lumbayes.inference.queries import use_kernel
from lumbayes.interchange.cds_hooks import PrefetchError, services
from lumbayes.interchange.questionnaire import questionnaire
from lumbayes.interchange.risk_assessment import operation_outcome
from lumbayes.interchange.schemas import schema, schema_names
from lumbayes.knowledge.anchors import BACK_PAIN
from lumbayes.knowledge.model import Model
from lumbayes.limits import SERVED, SERVED_DRAWS, SERVED_MANY
from lumbayes.questions.assessment.summary import assess, triage_part, versions
from lumbayes.service.answers import assessed, batch, cds_cards, fhir_assessed, told_by
from lumbayes.service.guards import Guarded, SameOrigin, Workers, body_of
from lumbayes.service.openapi import FHIR, LINES, openapi, page
from lumbayes.triage.judgement import Advice

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
    listed = [plain(asdict(v)) for v in model.variables.values()]
    names = {"version": versions(model), "variables": listed}

    async def run(request: Request, work: Work) -> dict[str, Any]:
        content = await body_of(request, SERVED)
        try:
            draws, region = _options(request)
            answer: dict[str, Any] = await workers.run(work, model, content, draws, region)
        except LumbayesError as error:
            region = request.query_params.get("region")
            error.triage = await workers.run(told_by, model, content, region)
            raise
        return answer

    async def assess_one(request: Request) -> Response:
        return JSONResponse(await run(request, assessed))

    async def assess_many(request: Request) -> Response:
        content = await body_of(request, SERVED_MANY)
        draws, _ = _options(request)
        return Response(await workers.run(_lines, model, content, draws), media_type=LINES)

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
    middleware = [
        Middleware(Guarded),
        Middleware(TrustedHostMiddleware, allowed_hosts=hosts),
        Middleware(SameOrigin, origins=origins),
    ]
    if origins:
        middleware.append(
            Middleware(
                CORSMiddleware,
                allow_origins=origins,
                allow_methods=["GET", "POST"],
                allow_headers=["authorization", "content-type"],
            )
        )
    return Starlette(
        routes=routes,
        middleware=middleware,
        exception_handlers={HTTPException: _failed, LumbayesError: _refused},
    )


def _lines(model: Model, content: bytes, draws: int) -> str:
    rows = (json.dumps(row, ensure_ascii=False) for row in batch(model, content, draws))
    return "".join(f"{row}\n" for row in rows)


def _options(request: Request) -> tuple[int, str | None]:
    """Read draws and region; any other name is refused, so that no answer lands in an address."""
    for name in request.query_params:
        if name not in ("draws", "region"):
            raise LumbayesError("the address takes draws and region only: a case is a body.")
    text = request.query_params.get("draws", "0")
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise LumbayesError(
            f"draws must be a whole number from 0 to {SERVED_DRAWS.value:,}, got {cut(text)!r}."
        )
    SERVED_DRAWS.check(int(text), "the address")
    return int(text), request.query_params.get("region")


def _message(
    request: Request, text: str, status: int, headers: Any = None, advice: Advice | None = None
) -> Response:
    """Return an error, and before it what the case beside the mistake already calls for."""
    said = [] if advice is None else [*advice.what_to_do, *advice.reasons]
    if request.url.path.startswith("/fhir/"):
        return JSONResponse(operation_outcome(text, said=said), status, headers, media_type=FHIR)
    content: dict[str, Any] = {"error": text}
    if advice is not None:
        what = {"what_to_do": list(advice.what_to_do), "how_soon": advice.how_soon}
        content = {"triage": {**triage_part(advice), **what}, **content}
    return JSONResponse(content, status, headers)


async def _failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _message(request, error.detail, error.status_code, error.headers)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, LumbayesError)
    status = 412 if isinstance(error, PrefetchError) else 400
    return _message(request, str(error), status, advice=error.triage)


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
    """Load all that answers need, so that the first caller need not wait; serve until stopped."""
    use_kernel()
    assess(model, parse_case(model, {BACK_PAIN: "yes"}), 0)
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
