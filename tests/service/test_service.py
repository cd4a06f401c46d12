"""The service, run as people run it and asked by a real client."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

from lumbayes.cli import main
from lumbayes.knowledge.model import Model
from lumbayes.service.application import application

pytestmark = pytest.mark.slow
SECRET = "lower_secret_name"
CASE = {"findings": {"low_back_pain": "yes", "saddle_numbness": "yes"}}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, Path]]:
    """A client of a running service, and the file that holds all it has printed."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    printed = tmp_path_factory.mktemp("service") / "printed.txt"
    with printed.open("wb") as out:
        code = "import sys; from lumbayes.cli import main; sys.exit(main())"
        process = subprocess.Popen(
            [sys.executable, "-c", code, "serve", "--port", str(port)],
            stdout=out,
            stderr=subprocess.STDOUT,
            env=os.environ.copy(),
        )
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:
        try:
            for _ in range(2400):  # compiling the kernel takes a minute, once
                try:
                    if client.get("/ready").status_code == 200:
                        break
                except httpx.TransportError:
                    assert process.poll() is None, printed.read_text()
                    time.sleep(0.05)
            yield client, printed
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture
def client(served: tuple[httpx.Client, Path]) -> httpx.Client:
    return served[0]


def same(one: Any, other: Any) -> None:
    """Equal, numbers up to rounding: what was asked before decides the order of sums."""
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for key, value in one.items():
            same(value, other[key])
    elif isinstance(one, list):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            same(a, b)
    else:
        assert one == (pytest.approx(other, rel=1e-9) if isinstance(one, float) else other)


def test_an_assessment_is_the_one_of_the_command_line(
    client: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = client.post("/v1/assess", json=CASE, params={"draws": "20"})
    assert answer.status_code == 200, answer.text
    pairs = [f"{n}={s}" for n, s in CASE["findings"].items()]
    assert main(["assess", *pairs, "--draws", "20", "--json"]) == 0
    same(answer.json(), json.loads(capsys.readouterr().out))
    promised = client.get("/v1/schemas/assess").json()
    Draft202012Validator(promised).validate(answer.json())


def test_a_batch_answers_each_line_and_says_why_not(client: httpx.Client) -> None:
    lines = [json.dumps(CASE), "{", "", json.dumps({"fevr": "yes"}), json.dumps({"fever": "yes"})]
    answer = client.post("/v1/batch", content="\n".join(lines))
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert [row["line"] for row in rows] == [1, 2, 4, 5]
    assert [row.get("triage", {}).get("level") for row in rows][::3] == [
        "emergency_now",
        "urgent_physician",
    ]
    assert "error" in rows[1]
    promised = client.get("/v1/schemas/batch-row").json()
    Draft202012Validator(promised).validate(rows[0])


def test_fhir_and_cds_hooks_from_end_to_end(client: httpx.Client) -> None:
    asked = client.get("/fhir/Questionnaire/lumbayes")
    assert asked.headers["content-type"].startswith("application/fhir+json")
    item = [
        {"linkId": n, "answer": [{"valueCoding": {"code": s}}]} for n, s in CASE["findings"].items()
    ]
    response = {"resourceType": "QuestionnaireResponse", "status": "completed", "item": item}
    inside = {"resourceType": "Parameters", "parameter": [{"name": "r", "resource": response}]}
    risk = client.post("/fhir/QuestionnaireResponse/$assess", json=inside).json()
    assert risk["resourceType"] == "RiskAssessment"
    service = client.get("/cds-services").json()["services"][0]
    call = {"hook": service["hook"], "hookInstance": "1", "prefetch": {"response": response}}
    card = client.post(f"/cds-services/{service['id']}", json=call).json()["cards"][0]
    assert card["indicator"] == "critical"
    assert client.post("/cds-services/lumbayes", json={"hook": "patient-view"}).status_code == 412
    wrong = client.post("/fhir/QuestionnaireResponse/$assess", json={"resourceType": "Patient"})
    assert wrong.status_code == 400
    assert wrong.json()["resourceType"] == "OperationOutcome"
    assert client.get("/fhir/metadata").json()["fhirVersion"] == "4.0.1"


def shape(described: Any, path: str, method: str, status: str) -> Draft202012Validator:
    """What the description promises of an answer, or takes (``body``)."""
    about = described["paths"][path][method]
    held = about["requestBody"] if status == "body" else about["responses"][status]
    (content,) = held["content"].values()
    return Draft202012Validator({**content["schema"], "components": described["components"]})


def test_bodies_and_answers_are_as_described(client: httpx.Client) -> None:
    described = client.get("/openapi.json").json()
    response = {
        "resourceType": "QuestionnaireResponse",
        "item": [{"linkId": "saddle_numbness", "answer": [{"valueCoding": {"code": "yes"}}]}],
    }
    call = {"hook": "patient-view", "prefetch": {"response": response}}
    sent: dict[str, list[tuple[Any, str]]] = {
        "/v1/assess": [(CASE, "200"), ([], "400")],
        "/fhir/QuestionnaireResponse/$assess": [
            (response, "200"),
            ({"resourceType": "Bundle"}, "400"),
        ],
        "/cds-services/lumbayes": [(call, "200"), ({"hook": "patient-view"}, "412")],
    }
    for path, methods in described["paths"].items():
        for method in methods:
            for body, status in sent.get(path, []) if method == "post" else [(None, "200")]:
                concrete = path.replace("{name}", "case")
                answer = client.request(method, concrete, json=body)
                assert str(answer.status_code) == status, answer.text
                promised = shape(described, path, method, status)
                assert promised.schema != {}, path
                promised.validate(answer.json())
                if status == "200" and method == "post":
                    shape(described, path, method, "body").validate(body)


def test_a_page_that_is_allowed_may_call_and_another_may_not(model: Model) -> None:
    allowed = "https://ehr.example"
    client = TestClient(application(model, origins=[allowed]), base_url="http://localhost")
    asked = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization, content-type",
    }
    for path in ("/cds-services", "/cds-services/lumbayes"):
        answer = client.options(path, headers={"origin": allowed, **asked})
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == allowed
        refused = client.options(path, headers={"origin": "https://other.example", **asked})
        assert "access-control-allow-origin" not in refused.headers
    wrong = client.post("/cds-services/lumbayes", json={}, headers={"origin": allowed})
    assert (wrong.status_code, wrong.headers["access-control-allow-origin"]) == (400, allowed)


def test_the_description_names_every_route_and_the_page_loads_nothing(
    client: httpx.Client,
) -> None:
    described = client.get("/openapi.json").json()
    for path, methods in described["paths"].items():
        concrete = path.replace("{name}", "case")
        for method in methods:
            answer = client.request(method, concrete, content=b"{}" if method == "post" else b"")
            assert answer.status_code in (200, 400), (path, answer.text)
    page = client.get("/").text
    assert all(path in page for path in described["paths"])
    assert "://" not in page
    assert "<script" not in page


@pytest.mark.parametrize(
    ("path", "content", "status"),
    [
        ("/v1/assess", b"x" * 200_001, 413),
        ("/v1/batch", b"{}\n" * 1_001, 400),
        ("/v1/assess", b"\xff", 400),
        ("/v1/assess", b"[]", 400),
        ("/v1/assess?draws=-1", b"{}", 400),
        ("/v1/assess?draws=99999", b"{}", 400),
        ("/v1/assess?region=Atlantis", b"{}", 400),
        ("/v1/assess?fever=yes", b"{}", 400),
        ("/v1/nothing", b"{}", 404),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(
    client: httpx.Client, path: str, content: bytes, status: int
) -> None:
    answer = client.post(path, content=content)
    assert answer.status_code == status
    assert answer.json()["error"]


@pytest.mark.parametrize(
    ("limit", "path", "content"),
    [
        ("SERVE_BYTES", "/v1/assess", b'{"facts": {"fever": true}}'),
        ("SERVE_BATCH_BYTES", "/v1/batch", b'{"fever": "yes"}\n'),
        ("SERVE_CASES", "/v1/batch", b"{}\n" * 3),
        ("SERVE_DRAWS", "/v1/assess?draws=20", b"{}"),
    ],
)
def test_a_limit_is_named_and_a_variable_moves_it(
    model: Model, monkeypatch: pytest.MonkeyPatch, limit: str, path: str, content: bytes
) -> None:
    asked = TestClient(application(model), base_url="http://localhost")
    assert asked.post(path, content=content).status_code == 200
    monkeypatch.setenv(f"LUMBAYES_{limit}", "2")
    answer = asked.post(path, content=content)
    assert answer.status_code in (400, 413)
    assert f"Raise the limit with LUMBAYES_{limit}." in answer.json()["error"]


def test_the_variables_are_as_their_schema_says(client: httpx.Client) -> None:
    promised = client.get("/v1/schemas/variables").json()
    Draft202012Validator(promised).validate(client.get("/v1/variables").json())


def test_another_host_name_is_refused(client: httpx.Client) -> None:
    assert client.get("/ready", headers={"host": "example.com"}).status_code == 400


def test_nothing_that_is_sent_is_printed(served: tuple[httpx.Client, Path]) -> None:
    client, printed = served
    for body in ({SECRET: "yes"}, {"facts": {SECRET: 1}}, {"likelihoods": {"slr": SECRET}}):
        client.post("/v1/assess", json=body)
    client.post("/v1/assess", content=b'{"' + SECRET.encode())
    client.get(f"/v1/{SECRET}")
    text = printed.read_text()
    assert SECRET not in text
    assert "saddle_numbness" not in text
    assert "Traceback" not in text


def test_many_at_once_all_get_their_own_answer(client: httpx.Client) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        (CASE, "emergency_now"),
        ({"fever": "yes", "low_back_pain": "yes"}, "urgent_physician"),
    ]
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(client.post, "/v1/assess", json=cases[i % 2][0]) for i in range(16)]
        answers = [a.result() for a in asked]
    for i, answer in enumerate(answers):
        assert answer.status_code == 200
        assert answer.json()["triage"]["level"] == cases[i % 2][1]


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost.evil.example"])
def test_a_page_of_another_origin_is_refused_and_the_own_one_is_not(
    model: Model, origin: str
) -> None:
    client = TestClient(application(model), base_url="http://localhost")
    for path in ("/v1/assess", "/v1/batch", "/cds-services/lumbayes"):
        answer = client.post(path, content="{}", headers={"origin": origin})
        assert answer.status_code == 403 and "--allow-origin" in answer.json()["error"]
    own = client.post(
        "/v1/assess", json={"slr": "positive"}, headers={"origin": "http://localhost"}
    )
    assert own.status_code == 200
