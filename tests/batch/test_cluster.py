"""A cluster gives the bytes that threads give, and a killed worker loses nothing."""

from __future__ import annotations

import contextlib
import importlib
import signal
import socket
import sys
import threading
import time
import types
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from lumbayes.batch.answers import check_wanted
from lumbayes.batch.cluster import on_cluster
from lumbayes.batch.files import answer_file
from lumbayes.batch.parsing import Part
from lumbayes.batch.part import Answered
from lumbayes.batch.simulation import simulate
from lumbayes.errors import LumbayesError
from lumbayes.knowledge.model import Model

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
MOST_SECONDS = 240
distributed = pytest.importorskip("distributed")


@pytest.fixture(autouse=True)
def in_time() -> Iterator[None]:
    """A cluster that hangs fails its test, and does not hold up all the others."""

    def late(number: int, frame: object) -> None:
        raise TimeoutError(f"not done after {MOST_SECONDS} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(MOST_SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def table(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """People in a file of six parts; one line does not parse."""
    monkeypatch.setattr("lumbayes.batch.frames.ROWS", 300)
    path = tmp_path / "cases.csv"
    simulate(model, 1700, missing={"finding": 0.5, "context": 0.2}).to_csv(path, index=False)
    with path.open("a") as file:
        file.write("one cell\n")
    yield path


# Written to a file, since the workers must be able to import it.
DEADLY = """
import os, signal
from lumbayes.batch.part import answer_part

def answer(plan, mark, part):
    if part.number == 3 and not mark.exists():
        mark.parent.exists() and mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return answer_part(plan, part)
"""


def test_a_cluster_gives_the_same_bytes_even_if_a_worker_is_killed(
    model: Model, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first worker that gets part 3 dies in the middle of it."""
    (tmp_path / "deadly_worker.py").write_text(DEADLY)
    monkeypatch.syspath_prepend(tmp_path)
    answer = importlib.import_module("deadly_worker").answer
    wanted = check_wanted(model)
    outputs = {}
    for kind in ("threads", "killed"):
        target = tmp_path / f"{kind}.csv"
        if kind == "threads":
            done = answer_file(model, str(table), str(target), wanted)
        else:
            with on_cluster(workers=2) as run:

                def deadly(work: Any, parts: Any, run: Any = run) -> Iterator[Answered]:
                    yield from run(partial(answer, work.args[0], tmp_path / "died"), parts)

                done = answer_file(model, str(table), str(target), wanted, runner=deadly)
        assert (done.answered, done.refused) == (1700, 1)
        outputs[kind] = target.read_bytes()
    assert (tmp_path / "died").exists()
    assert outputs["killed"] == outputs["threads"]


def test_a_worker_killed_while_it_starts_costs_no_answer(
    model: Model, table: Path, tmp_path: Path
) -> None:
    """It is started again, or the command says so; whoever repeats it gets the same bytes."""
    wanted, killed = check_wanted(model, ["gtps"]), threading.Event()
    answer_file(model, str(table), str(tmp_path / "threads.csv"), wanted)
    target = tmp_path / "killed.csv"

    def kill() -> None:
        while not killed.is_set():
            for child in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    if "spawn_main" in " ".join(child.cmdline()) and not killed.is_set():
                        time.sleep(0.3)
                        child.kill()
                        killed.set()
            time.sleep(0.02)

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    try:
        with on_cluster(workers=2) as run:
            answer_file(model, str(table), str(target), wanted, runner=run)
    except LumbayesError:
        answer_file(model, str(table), str(target), wanted, resume=target.exists())
    thread.join(5)
    assert killed.is_set()
    assert target.read_bytes() == (tmp_path / "threads.csv").read_bytes()


def test_a_part_that_kills_every_worker_is_an_error_that_keeps_the_rest(
    model: Model, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deadly_worker.py").write_text(DEADLY)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("lumbayes.batch.cluster.RETRIES", 1)
    answer = importlib.import_module("deadly_worker").answer
    target, never = tmp_path / "out.csv", tmp_path / "none" / "died"

    def kills(work: Any, parts: Any) -> Iterator[Answered]:
        yield from run(partial(answer, work.args[0], never), parts)

    with (
        pytest.raises(LumbayesError, match=r"killed every worker.*Finished parts are kept"),
        on_cluster(workers=1) as run,
    ):
        answer_file(model, str(table), str(target), check_wanted(model), runner=kills)
    assert not target.exists()
    done = answer_file(model, str(table), str(target), check_wanted(model), resume=True)
    assert (done.answered, done.refused) == (1700, 1)


def test_a_scheduler_that_is_not_there_is_an_error_that_says_so() -> None:
    with (
        pytest.raises(LumbayesError, match="no Dask scheduler answers"),
        on_cluster(scheduler="tcp://127.0.0.1:9"),
    ):
        pass


def test_what_is_no_scheduler_is_an_error_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that never answers, a worker, and one that wants a certificate."""
    monkeypatch.setattr("lumbayes.batch.cluster.PATIENCE", 2)
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        distributed.LocalCluster(
            n_workers=1,
            processes=False,
            dashboard_address="127.0.0.1:0",
            protocol="tcp",
            host="127.0.0.1",
        ) as cluster,
    ):
        (worker,) = cluster.workers.values()
        for address in (
            f"tcp://127.0.0.1:{silent.getsockname()[1]}",
            worker.address,
            cluster.scheduler_address.replace("tcp", "tls"),
        ):
            with (
                pytest.raises(LumbayesError, match=r"no Dask scheduler answers .* Check the add"),
                on_cluster(scheduler=address),
            ):
                pass


@pytest.mark.parametrize(
    ("lost", "message"),
    [
        ("scheduler", "the connection to the scheduler was lost. Start it again and resume"),
        ("workers", "the scheduler has had no worker for 1 s. Start one and resume"),
    ],
)
def test_a_cluster_that_goes_away_is_an_error_and_the_run_resumes(
    model: Model,
    table: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    lost: str,
    message: str,
) -> None:
    monkeypatch.setattr("lumbayes.batch.cluster.ALONE", 1)
    target, wanted = tmp_path / "out.csv", check_wanted(model, ["gtps"])
    cluster = distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0"
    )
    with cluster, on_cluster(scheduler=cluster.scheduler_address) as run:
        monkeypatch.setattr("lumbayes.batch.cluster.PATIENCE", 1)

        def cut_off(work: Any, parts: Any) -> Iterator[Answered]:
            for i, answered in enumerate(run(work, parts)):
                if i == 0:
                    cluster.close() if lost == "scheduler" else cluster.scale(0)
                yield answered

        with pytest.raises(LumbayesError, match=f"{message}.*Finished parts are kept"):
            answer_file(model, str(table), str(target), wanted, runner=cut_off)
    assert not target.exists()
    answer_file(model, str(table), str(target), wanted, resume=True)
    here = tmp_path / "here.csv"
    answer_file(model, str(table), str(here), wanted)
    assert target.read_bytes() == here.read_bytes()


def test_a_running_scheduler_is_used_and_what_it_cannot_unpack_is_an_error(
    model: Model, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = types.ModuleType("only_here")
    exec("def answer(part): raise AssertionError", here.__dict__)
    monkeypatch.setitem(sys.modules, "only_here", here)
    wanted = check_wanted(model, ["gtps"])
    answer_file(model, str(table), str(tmp_path / "threads.csv"), wanted)
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0"
        ) as cluster,
        on_cluster(scheduler=cluster.scheduler_address) as run,
    ):
        answer_file(model, str(table), str(tmp_path / "dask.csv"), wanted, runner=run)
        with pytest.raises(ModuleNotFoundError):
            next(run(here.answer, [Part(0, "csv", 2, b"")]))
    assert (tmp_path / "dask.csv").read_bytes() == (tmp_path / "threads.csv").read_bytes()
