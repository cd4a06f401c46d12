"""What every request passes: how long it may be, how many at a time, and what is never told."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Sequence
from typing import Any

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lumbayes.limits import UNJUDGED, Limit

LOG = logging.getLogger("lumbayes.service")
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class Guarded:
    """Set the headers of every answer; an unforeseen error is a 500 that repeats nothing.

    A traceback or the text of an exception may hold what a person answered: of these only the kind
    of the exception and the place in the program are logged.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        try:
            await self.app(scope, receive, send_guarded)
        except Exception as error:
            frame = traceback.extract_tb(error.__traceback__)[-1]
            LOG.error("%s at %s:%s", type(error).__name__, frame.filename, frame.lineno)
            if not started:
                message = "this case could not be answered, through a fault of the program."
                await JSONResponse({"error": message}, 500)(scope, receive, send_guarded)


class SameOrigin:
    """Refuse what a script of another web page asks for, unless that page was allowed.

    A browser names the page in ``Origin``; programs that are no browser send none.
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self.app = app
        self.origins = frozenset(origin.rstrip("/").lower() for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or answer it with 403."""
        headers = Headers(scope=scope if scope["type"] == "http" else {"headers": []})
        origin = headers.get("origin", "").lower()
        own = {f"{kind}://{headers.get('host', '').lower()}" for kind in ("http", "https")}
        if not origin or origin in own or self.origins & {origin, "*"}:
            await self.app(scope, receive, send)
            return
        message = (
            "a page of another origin asked. Start the service with --allow-origin for that page."
        )
        await JSONResponse({"error": message}, 403)(scope, receive, send)


async def body_of(request: Request, limit: Limit) -> bytes:
    """Return the body; reading stops as soon as it has more bytes than the limit.

    Raises
    ------
    HTTPException
        413 for a body that is too long.
    """
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > limit.value:
            raise HTTPException(413, f"the body: {limit.excess()} {UNJUDGED}")
    return bytes(content)


class Workers:
    """A few threads for all requests: whoever finds too many waiting is told to come again."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self.limiter = anyio.CapacityLimiter(at_once)
        self.most = at_once + waiting
        self.inside = 0

    async def run(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Run ``work`` in a thread.

        Raises
        ------
        HTTPException
            503 with Retry-After if too many are waiting.
        """
        if self.inside >= self.most:
            raise HTTPException(503, "too many requests. Try again.", {"retry-after": "1"})
        self.inside += 1
        try:
            return await anyio.to_thread.run_sync(work, *arguments, limiter=self.limiter)
        finally:
            self.inside -= 1
