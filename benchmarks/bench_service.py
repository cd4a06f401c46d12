"""How many cases `lumbayes serve` answers, asked by eight clients at once on the same machine."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import numpy as np

PORT, CLIENTS, CALLS = 8655, 8, 80
PROGRAM = "import sys; from lumbayes.cli import main; sys.exit(main())"


def main() -> None:
    """Start the service, ask, print, stop it."""
    server = subprocess.Popen([sys.executable, "-c", PROGRAM, "serve", "--port", str(PORT)])
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{PORT}", timeout=60, trust_env=False) as web:
            _wait(web)
            cases = _cases(web.get("/v1/variables").json()["variables"])
            start = time.perf_counter()
            with ThreadPoolExecutor(CLIENTS) as pool:
                waits = list(pool.map(lambda case: _asked(web, case), cases))
            rate = CALLS / (time.perf_counter() - start)
            p50, p95 = 1000 * np.quantile(waits, [0.5, 0.95])
            print(
                f"assess, {CLIENTS} at once: {rate:.1f} a second, p50 {p50:.0f}, p95 {p95:.0f} ms"
            )
            start = time.perf_counter()
            answer = web.post("/v1/batch", content="\n".join(map(json.dumps, cases)))
            answer.raise_for_status()
            print(f"batch of {CALLS}: {time.perf_counter() - start:.1f} s")
    finally:
        server.terminate()
        server.wait(30)


def _wait(web: httpx.Client) -> None:
    for _ in range(600):
        try:
            web.get("/ready").raise_for_status()
            return
        except httpx.TransportError:
            time.sleep(0.1)


def _asked(web: httpx.Client, case: dict[str, dict[str, str]]) -> float:
    start = time.perf_counter()
    web.post("/v1/assess", json=case).raise_for_status()
    return time.perf_counter() - start


def _cases(variables: list[dict[str, Any]]) -> list[dict[str, dict[str, str]]]:
    """Draw cases of eight answers, half of them present."""
    rng = random.Random(0)
    asked = [v for v in variables if v["group"] == "pain_behaviour" and v["name"] != "duration"]
    cases = []
    for _ in range(CALLS):
        said = {str(v["name"]): rng.choice(list(v["states"])) for v in rng.sample(asked, 8)}
        cases.append({"findings": {"low_back_pain": "yes", **said}})
    return cases


if __name__ == "__main__":
    main()
