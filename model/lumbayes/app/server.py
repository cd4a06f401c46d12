"""Serve the app: Streamlit with security headers, compression and a warm start."""

from __future__ import annotations

import argparse
import gc
import gzip
import re
import sys
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lumbayes.app.ahead import AHEAD

# Streamlit loads inline components as blob: modules and writes style attributes.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' blob: 'sha256-THxz9J9+wf7rhwR2YkXJoSZ13UCmYyC+3lNDv2+8ugA='",
        "style-src 'self' 'unsafe-inline' blob:",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
# They tell strangers about the machine, and nothing of the app needs them.
CLOSED = frozenset({"/_stcore/metrics", "/_stcore/script-health-check"})
AGENTS = "/_stcore/agent"
COMPRESSED = (".js", ".css", ".html", ".json", ".svg", ".map", ".wasm")
FIXED = {
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "minimal",
    "global.developmentMode": False,
    "runner.postScriptGC": False,
    "server.enableXsrfProtection": True,
    "server.fileWatcherType": "none",
    "server.headless": True,
}


LOCAL = ("localhost", "127.0.0.1", "::1")


def script_path() -> Path:
    """Return the script that Streamlit runs: packaged if installed, the checkout's if not."""
    packaged = Path(str(resources.files("lumbayes") / "app_script.py"))
    return packaged if packaged.is_file() else Path(__file__).parents[3] / "app.py"


class SecurityHeaders:
    """Add the headers to every answer and close the paths that nobody needs."""

    def __init__(self, app: ASGIApp, base: str) -> None:
        self.app = app
        self.base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        path = scope["path"].removeprefix(self.base).rstrip("/")
        if path in CLOSED or path.startswith(AGENTS):
            await PlainTextResponse("Not found", 404)(scope, receive, send_with_headers)
            return
        with AHEAD.serving():  # a first visit: its page comes next
            await self.app(scope, receive, send_with_headers)


class KnownHosts:
    """Answer only under names the server is known by, and to pages of its own.

    A name that leads here without being ours is how a foreign page gets past the browser (DNS
    rebinding); a foreign ``Origin`` is such a page itself. Streamlit's own check of the origin asks
    a service outside for the address of this machine: it is shown an origin that it knows.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str], public: Collection[str]) -> None:
        self.app = app
        self.hosts = {host.lower() for host in (*hosts, *public)}
        self.public = {host.lower() for host in public}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request that is meant for this server; refuse any other."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host, origin = headers.getlist("host"), headers.getlist("origin")
        if len(host) != 1 or host_name(host[0]) not in self.hosts:
            await _refused("This server does not answer to that name", scope, receive, send)
        elif not all(self._is_ours(one, host[0]) for one in origin) or len(origin) > 1:
            await _refused("This server is for its own pages alone", scope, receive, send)
        else:
            kept = [(name, value) for name, value in scope["headers"] if name != b"origin"]
            if origin:
                kept.append((b"origin", b"http://localhost"))
            await self.app({**scope, "headers": kept}, receive, send)

    def _is_ours(self, origin: str, host: str) -> bool:
        scheme, _, authority = origin.partition("://")
        if scheme not in ("http", "https"):
            return False
        return authority.lower() == host.lower() or host_name(authority) in self.public


def host_name(authority: str) -> str:
    """Return the name in a ``Host`` header, without its port; empty if it is none.

    Examples
    --------
    >>> host_name("Back.Example.org:443"), host_name("[::1]:8501"), host_name("a@b")
    ('back.example.org', '::1', '')
    """
    found = AUTHORITY.fullmatch(authority)
    return (found[1] or found[2]).lower().rstrip(".") if found else ""


AUTHORITY = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([\w.-]+))(?::\d{1,5})?", re.ASCII)


async def _refused(why: str, scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse a request: for people a sentence, for a socket no opening."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": why})
        return
    status = 421 if "name" in why else 403
    advice = "" if status == 403 else ": start it with --host and the name, if it is right"
    await PlainTextResponse(f"{why}{advice}.\n", status)(scope, receive, send)


class CompressedAssets:
    """Send Streamlit's own scripts and styles compressed, each compressed once.

    Streamlit leaves its static files as they are: 4.7 MB on a first visit instead of 1.6.
    """

    def __init__(self, app: ASGIApp, base: str) -> None:
        self.app = app
        self.base = base
        self.root = (Path(st.__file__).parent / "static").resolve()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for a static file, or pass it on."""
        response = self._response(scope) if scope["type"] == "http" else None
        await (response or self.app)(scope, receive, send)

    def _response(self, scope: Scope) -> Response | None:
        path = str(scope["path"]).removeprefix(self.base)
        accepts = "gzip" in Headers(scope=scope).get("accept-encoding", "")
        wanted = path.startswith("/static/") and path.endswith(COMPRESSED)
        if not (accepts and wanted and scope["method"] == "GET"):
            return None
        file = (self.root / path.removeprefix("/")).resolve()
        if not (file.is_relative_to(self.root) and file.is_file()):
            return None
        return Response(
            _compressed(file),
            media_type=MEDIA_TYPES.get(file.suffix, "application/octet-stream"),
            headers={
                "content-encoding": "gzip",
                "vary": "accept-encoding",
                "cache-control": "public, immutable, max-age=31536000",
            },
        )


MEDIA_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
}


@lru_cache(maxsize=512)
def _compressed(file: Path) -> bytes:
    return gzip.compress(file.read_bytes(), 6)


def first_files() -> list[Path]:
    """Return the scripts and styles that a first page names: each is compressed before it is asked.

    Examples
    --------
    >>> {file.suffix for file in first_files()} >= {".js", ".css"}
    True
    """
    root = Path(st.__file__).parent / "static"
    named = re.findall(r"static/[^\"']+", (root / "index.html").read_text(encoding="utf-8"))
    return [root / name for name in dict.fromkeys(named) if name.endswith(COMPRESSED)]


async def ready(request: Request) -> Response:
    """Say that the model is loaded and visitors may come."""
    return PlainTextResponse("ready")


def warm_up() -> None:
    """Load the model and answer one case, so that the first visitor need not wait."""
    from lumbayes.app import pages, results  # noqa: F401  (their import takes a second)
    from lumbayes.inference.queries import use_kernel

    use_kernel()
    results.warm_up()
    for file in first_files():
        _compressed(file)
    gc.collect()
    gc.freeze()  # what lives as long as the server need not be looked at again


def build(hosts: Collection[str] = LOCAL, public: Collection[str] = (), base: str = "") -> Any:
    """Return the app as an ASGI application.

    Parameters
    ----------
    hosts : collection of str
        Names and addresses under which it answers.
    public : collection of str
        Further names, of a proxy before it; pages under these are its own whatever they call it.
    base : str
        Path under which it lies, such as ``/back``; empty for the root.
    """

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
        warm_up()
        yield {}

    return st.App(
        str(script_path()),
        # At the root too, whatever the base: who asks after the health of an image knows no base.
        routes=[Route(path, ready) for path in dict.fromkeys(("/ready", f"{base}/ready"))],
        middleware=[
            Middleware(SecurityHeaders, base=base),
            Middleware(KnownHosts, hosts=hosts, public=public),
            Middleware(CompressedAssets, base=base),
        ],
        lifespan=lifespan,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Start the server and stay until it is stopped."""
    parser = argparse.ArgumentParser(prog="lumbayes app", description=__doc__)
    parser.add_argument("--port", type=int, default=8501, help="8501 if left out")
    parser.add_argument("--address", default="127.0.0.1", help="127.0.0.1 if left out")
    parser.add_argument(
        "--host",
        action="append",
        default=[],
        metavar="NAME",
        help="name people reach it by, such as that of a proxy before it; may be repeated",
    )
    parser.add_argument(
        "--base-path", default="", metavar="PATH", help="path under which a proxy shows it"
    )
    chosen = parser.parse_args(arguments)
    base = "".join(f"/{part}" for part in chosen.base_path.split("/") if part)
    for host in chosen.host:
        if host_name(host) != host.lower():
            parser.error(f"--host {host!r}: give a name alone, such as back.example.org")
    # Streamlit looks for .streamlit/config.toml beside the script named here.
    sys.argv = [str(script_path())]
    where = {
        "server.port": chosen.port,
        "server.address": chosen.address,
        "server.baseUrlPath": base.strip("/"),
        # Left empty, Streamlit asks a service outside for the address of this machine.
        "browser.serverAddress": "localhost",
    }
    print(f"lumbayes is at http://{chosen.address}:{chosen.port}{base}", flush=True)
    build((*LOCAL, chosen.address), chosen.host, base).run(config={**FIXED, **where})


if __name__ == "__main__":
    main()
