"""Ctrl-C, twice, at any moment: the command ends at once, quietly, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import psutil
import pytest

from lumbayes.batch.simulation import simulate
from lumbayes.knowledge.model import Model

PEOPLE = 6_000
DOUBLES = int(os.environ.get("LUMBAYES_DOUBLES", "50"))
KEPT = " Finished parts are kept: repeat the command with --resume."
# Started in the background, the tests themselves may be deaf to interrupts: a command is not.
COMMAND = """
import signal, sys
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    from lumbayes.interrupts import end_on_interrupt
    end_on_interrupt()
    print("ready", file=sys.stderr, flush=True)
    from lumbayes.batch import frames
    from lumbayes.__main__ import main
    frames.ROWS = 200
    sys.exit(main())
"""


@pytest.fixture(scope="module")
def cases(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough people to keep each command busy for longer than the test waits."""
    folder = tmp_path_factory.mktemp("interrupts")
    (folder / "command.py").write_text(COMMAND)
    path = folder / "cases.csv"
    people = simulate(model, PEOPLE, 3, missing={"finding": 0.6, "condition": 0.0})
    people.to_csv(path, index=False)
    return path


def interrupted(cases: Path, folder: Path, command: Sequence[str], waits: Sequence[float]) -> None:
    """Start a command, press Ctrl-C after each wait, and look at what is left."""
    started = [sys.executable, str(cases.with_name("command.py")), *command]
    with subprocess.Popen(
        started,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
    ) as running:
        assert running.stderr is not None
        assert running.stderr.readline() == "ready\n"
        for wait in waits:
            time.sleep(wait)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGINT)
        said = running.communicate(timeout=5)[1]
    if "cases answered" in said:
        return  # all was answered before the first signal came: nothing to interrupt
    assert running.returncode == 130, (command, waits, said)
    last = said if "--quiet" in command else said[said.rfind("lumbayes: ") :]
    assert last in ("lumbayes: stopped.\n", f"lumbayes: stopped.{KEPT}\n"), (command, waits, said)
    assert "Traceback" not in said, (command, waits, said)
    left = [p for p in psutil.process_iter() if _session(p.pid) == running.pid]
    assert not psutil.wait_procs(left, timeout=5)[1], (command, waits)
    kept = folder / ".out.csv.parts"
    left_behind = {p.name for p in folder.iterdir()} - ({kept.name} if KEPT in said else set())
    if left_behind == {"out.csv"}:  # the signal came after the last row: then the table is whole
        left_behind -= {"out.csv"}
        assert len(pd.read_csv(folder / "out.csv")) == PEOPLE
    assert not left_behind, (command, waits)
    assert not list(kept.glob(".*"))


def _session(pid: int) -> int | None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        return os.getsid(pid)
    return None


@pytest.mark.slow
def test_two_interrupts_at_any_moment_end_a_command_for_good(cases: Path, tmp_path: Path) -> None:
    rng = random.Random(16)
    commands = [
        ["batch", str(cases), "out.csv", "--quiet"],
        ["batch", str(cases), "out.csv", "--draws", "100"],
        ["batch", str(cases), "-", "--quiet"],
        ["learn", str(cases), "--out", "learned", "--quiet"],
        ["simulate", "10000000"],
        ["batch", str(cases), "out.csv"],
        ["batch", str(cases), "out.csv", "--workers", "1", "--quiet"],
        ["learn", str(cases), "--out", "learned"],
    ]

    def one(number: int) -> None:
        folder = tmp_path / str(number)
        folder.mkdir()
        longest = rng.choice((0.2, 1.2, 2.0))  # while it is loaded, begins, is at work
        waits = (rng.uniform(0.0, longest), rng.uniform(0.0, 0.3))
        interrupted(cases, folder, commands[number % len(commands)], waits)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, range(DOUBLES)))


@pytest.mark.slow
@pytest.mark.parametrize("waits", [(1.0, 0.1), (4.0, 0.5)])
def test_two_interrupts_end_a_cluster_of_this_machine(
    cases: Path, tmp_path: Path, waits: tuple[float, float]
) -> None:
    pytest.importorskip("distributed")
    interrupted(
        cases, tmp_path, ["batch", str(cases), "out.csv", "--workers", "2", "--quiet"], waits
    )


# As the console script begins; what comes before our first line is Python's own to interrupt.
FIRST = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.argv = ["lumbayes", "validate"]
from lumbayes.__main__ import main
os.write(2, b"ready\\n")
sys.exit(main())
"""


def test_interrupts_while_a_command_is_loaded_end_it_quietly() -> None:
    """From our first line on: before it, Python itself is what is interrupted."""
    rng = random.Random(1)
    for _ in range(12):
        with subprocess.Popen(
            [sys.executable, "-c", FIRST], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
        ) as running:
            assert running.stderr is not None
            assert running.stderr.readline() == b"ready\n"
            for wait in (rng.uniform(0.0, 0.1), rng.uniform(0.0, 0.1)):
                time.sleep(wait)
                running.send_signal(signal.SIGINT)
            said = running.communicate(timeout=5)[1]
        assert (running.returncode, said) == (130, b"lumbayes: stopped.\n")
