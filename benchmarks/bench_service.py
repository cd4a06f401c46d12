"""How many cases `lumbayes serve` answers, asked by eight clients at once on the same machine."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import psutil

import lumbayes

PAGE = Path(__file__).with_name("service.md")
TEXT = """# The service: how many cases a second

`python benchmarks/bench_service.py` on two shared cores, clients and server on the same machine,
no draws; people as the network draws them, {answers} answers each. Load of the machine over the
last minutes, this included: {load:.1f}.

| what | measured |
|---|---|
| whole assessments, {clients} clients at once | {rate:.0f} a second |
| wait of a client: p50, p95 | {p50:.0f} ms, {p95:.0f} ms |
| rows of a batch, one caller | {rows:.0f} a second |
| processor time of the server: a whole assessment, a row of a batch | {one:.0f} ms, {row:.1f} ms |

Where nothing else runs, two cores give two seconds of processor time a second.
"""
PORT, CLIENTS, CALLS, ANSWERS = 8655, 8, 80, 10
PROGRAM = "import sys; from lumbayes.cli import main; sys.exit(main())"


def main() -> None:
    """Start the service, ask, write the page, stop it."""
    server = subprocess.Popen([sys.executable, "-c", PROGRAM, "serve", "--port", str(PORT)])
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{PORT}", timeout=60, trust_env=False) as web:
            _wait(web)
            cases = _cases()
            for case in cases[:CLIENTS]:  # each thread of the server makes its room once
                _asked(web, case)
            start, used = time.perf_counter(), _processor(server)
            with ThreadPoolExecutor(CLIENTS) as pool:
                waits = list(pool.map(lambda case: _asked(web, case), cases))
            rate = CALLS / (time.perf_counter() - start)
            one = 1000 * (_processor(server) - used) / CALLS
            p50, p95 = 1000 * np.quantile(waits, [0.5, 0.95])
            start, used = time.perf_counter(), _processor(server)
            answer = web.post("/v1/batch", content="\n".join(map(json.dumps, cases)))
            answer.raise_for_status()
            rows = CALLS / (time.perf_counter() - start)
            row = 1000 * (_processor(server) - used) / CALLS
    finally:
        server.terminate()
        server.wait(30)
    PAGE.write_text(
        TEXT.format(
            clients=CLIENTS,
            rate=rate,
            p50=p50,
            p95=p95,
            rows=rows,
            one=one,
            row=row,
            answers=ANSWERS,
            load=os.getloadavg()[1],
        ),
        encoding="utf-8",
    )
    print(PAGE.read_text(encoding="utf-8"))


def _wait(web: httpx.Client) -> None:
    for _ in range(1800):
        try:
            web.get("/ready").raise_for_status()
            return
        except httpx.TransportError:
            time.sleep(0.1)


def _processor(server: subprocess.Popen[bytes]) -> float:
    used = psutil.Process(server.pid).cpu_times()
    return float(used.user + used.system)


def _asked(web: httpx.Client, case: dict[str, dict[str, str]]) -> float:
    start = time.perf_counter()
    web.post("/v1/assess", json=case).raise_for_status()
    return time.perf_counter() - start


def _cases() -> list[dict[str, dict[str, str]]]:
    """Return people who ask for care, as the network draws them, with ten answers each."""
    model = lumbayes.load_model()
    people = model.simulate(CALLS, seed=0, given={"asks_for_care": "yes"})
    rng = random.Random(0)
    cases = []
    for _, row in people.iterrows():
        known = {str(name): str(state) for name, state in row.dropna().items()}
        asked = [n for n in known if model.variables[n].ask == "question"]
        said = rng.sample(asked, min(ANSWERS, len(asked)))
        cases.append({"findings": {name: known[name] for name in said}})
    return cases


if __name__ == "__main__":
    main()
