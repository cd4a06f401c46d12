"""The server answers under its own names, to its own pages, and calls nobody."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from app_person import running_server
from streamlit import net_util

from lumbayes.app.server import LOCAL, KnownHosts, host_name

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PUBLIC = "back.example.org"


def asked(kind: str, host: list[str], origin: list[str]) -> tuple[int, list[bytes]]:
    """The status a request gets (200: passed on), and the origins that were passed on."""
    passed: list[list[bytes]] = []
    sent: list[Any] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        passed.append([value for name, value in scope["headers"] if name == b"origin"])

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": f"{kind}.connect"}

    headers = [(b"host", h.encode()) for h in host] + [(b"origin", o.encode()) for o in origin]
    scope = {"type": kind, "path": "/", "headers": headers, "method": "GET"}
    # In a thread of its own: a browser that another test keeps open has a loop in this one.
    served = KnownHosts(inner, LOCAL, [PUBLIC])(scope, receive, send)
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, served).result()
    if passed:
        return 200, passed[0]
    return sent[0].get("status", sent[0].get("code", 0)), []


GOOD = [
    (["localhost:8501"], []),
    (["127.0.0.1:8501"], ["http://127.0.0.1:8501"]),
    (["[::1]:8501"], ["http://[::1]:8501"]),
    (["LOCALHOST"], ["https://localhost"]),
    ([PUBLIC], [f"https://{PUBLIC}"]),
    (["127.0.0.1:8501"], [f"https://{PUBLIC}"]),
]
BAD = [
    ([], []),
    ([""], []),
    (["evil.test"], []),
    (["evil.test:8501"], ["http://evil.test:8501"]),
    (["localhost", "localhost"], []),
    (["localhost@evil.test"], []),
    (["localhost:8501/"], []),
    (["localhost.evil.test"], []),
    (["localhost:8501"], ["http://evil.test"]),
    (["localhost:8501"], ["http://localhost:3000"]),
    (["localhost:8501"], ["http://localhost:8501", "http://localhost:8501"]),
    (["localhost:8501"], ["null"]),
    (["localhost:8501"], [""]),
    (["localhost:8501"], ["file://localhost:8501"]),
    (["localhost:8501"], [f"https://{PUBLIC}.evil.test"]),
    (["localhost:8501"], [f"https://{PUBLIC}@evil.test"]),
]


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_its_own_names_and_pages_are_served_and_no_others(kind: str) -> None:
    for host, origin in GOOD:
        status, seen = asked(kind, host, origin)
        assert status == 200, (host, origin)
        assert seen == ([b"http://localhost"] if origin else [])
    for host, origin in BAD:
        assert asked(kind, host, origin)[0] in (421, 403, 1008), (host, origin)


def test_what_is_passed_on_is_never_looked_up_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit's own check of an origin asks who this machine is, unless it knows the origin."""
    from streamlit.web.server.starlette.starlette_websocket import _is_origin_allowed

    called: list[str] = []
    for name in ("get_external_ip", "get_internal_ip"):
        monkeypatch.setattr(net_util, name, lambda name=name: called.append(name))
    for host, origin in GOOD:
        for seen in asked("websocket", host, origin)[1]:
            assert _is_origin_allowed(seen.decode(), host[0])
    assert not called
    _is_origin_allowed("http://evil.test", "localhost")
    assert called, "Streamlit looks nothing up any more: KnownHosts may be simpler"


def test_names_of_hosts_are_read_strictly() -> None:
    for text in ("", "a b", "a/b", "a:b", "a:123456", "[a", "a]:1", "a\n", "é.org", "[::1"):
        assert host_name(text) == ""
    assert host_name("a.b.:80") == "a.b"


@pytest.fixture(scope="module")
def below(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A server as behind a proxy: under a public name and a path."""
    yield from running_server(
        tmp_path_factory, "--host", PUBLIC, "--base-path", "/clinic/back/", base="/clinic/back"
    )


def fetched(url: str, path: str, headers: dict[str, str]) -> tuple[int, str]:
    connection = http.client.HTTPConnection(url.removeprefix("http://").split("/")[0], timeout=20)
    with contextlib.closing(connection):
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")


SOCKET = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "x3JJHMbDL1EzLkh9GBhXDw==",
    "Sec-WebSocket-Version": "13",
}


@pytest.mark.slow
def test_a_server_behind_a_proxy_answers_under_its_name_and_path(below: tuple[str, Path]) -> None:
    url, log = below
    base = "/clinic/back"
    host = {"Host": PUBLIC}
    assert fetched(url, f"{base}/ready", host) == (200, "ready")
    (asked_at,) = re.findall(r"urlopen\('http://localhost:8501(/\S*)'", DOCKERFILE)
    assert fetched(url, asked_at, {"Host": "localhost"}) == (200, "ready")
    status, page = fetched(url, f"{base}/", host)
    assert status == 200
    script = re.search(r'src="[./]*(static/js/[^"]+\.js)"', page)
    assert script and fetched(url, f"{base}/{script[1]}", host)[0] == 200
    for path in ("_stcore/metrics", "_stcore/agent/openapi.json", "_stcore/script-health-check"):
        assert fetched(url, f"{base}/{path}", host)[0] == 404
    assert fetched(url, f"{base}/", {"Host": "evil.test"})[0] == 421
    stream = f"{base}/_stcore/stream"
    good = {**SOCKET, **host, "Origin": f"https://{PUBLIC}"}
    with socket.create_connection(("127.0.0.1", int(url.split(":")[2].split("/")[0]))) as opened:
        opened.settimeout(20)
        lines = [f"GET {stream} HTTP/1.1", *(f"{k}: {v}" for k, v in good.items()), "", ""]
        opened.sendall("\r\n".join(lines).encode())
        assert b" 101 " in opened.recv(100)
    assert fetched(url, stream, {**good, "Origin": "http://evil.test"})[0] == 403
    assert fetched(url, stream, {**good, "Host": "evil.test"})[0] == 403
    assert "external" not in log.read_text().lower()


def steps() -> list[list[str]]:
    lines = DOCKERFILE.replace("\\\n", " ").splitlines()
    return [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]


def copied() -> list[tuple[str, str]]:
    """What the Dockerfile copies from here: each source, and where it goes."""
    words = [shlex.split(rest) for word, rest in steps() if word == "COPY" and "--from" not in rest]
    return [(source, target) for *sources, target in words for source in sources]


def test_the_image_runs_as_nobody() -> None:
    """What can be known without a builder: user, the extra, the start command."""
    known = {"FROM", "WORKDIR", "COPY", "RUN", "USER", "ENV", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT"}
    assert {word for word, _ in steps()} <= known | {"CMD"}
    users = [rest for word, rest in steps() if word == "USER"]
    assert users and users[-1].split(":")[0].isdigit() and not users[-1].startswith("0")
    (entry,) = [rest for word, rest in steps() if word == "ENTRYPOINT"]
    assert '"lumbayes", "app", "--address", "0.0.0.0"' in entry
    assert any(".[app" in rest for word, rest in steps() if word == "RUN")


@pytest.mark.slow
def test_the_image_builds_from_the_files_it_copies(tmp_path: Path) -> None:
    """Its build step, in a folder with these files alone, by pip without the network."""
    here = tmp_path / "build"
    here.mkdir()
    for source, target in copied():
        at = here / (source if target.endswith("./") else target)
        copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
        copy(ROOT / source, at)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    made = tmp_path / "made"
    subprocess.run(
        [*pip, "--no-build-isolation", "--target", str(made), "."],
        cwd=here,
        check=True,
        timeout=300,
    )
    code = "from lumbayes.app.server import script_path as s; print(s())"
    ran = {"cwd": tmp_path, "env": {**os.environ, "PYTHONPATH": str(made)}, "timeout": 100}
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, **ran)  # type: ignore[call-overload]
    script = Path(found.stdout.strip())
    assert script.is_relative_to(made) and script.is_file()
    told = subprocess.run(  # type: ignore[call-overload]
        [sys.executable, "-m", "lumbayes", "assess", "--json", "low_back_pain=yes"],
        capture_output=True,
        text=True,
        **ran,
    )
    assert told.returncode == 0 and '"triage"' in told.stdout
