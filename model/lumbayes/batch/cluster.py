"""Parts of a table of cases on a Dask cluster: the same bytes, whichever machine answers."""

from __future__ import annotations

import importlib
import logging
import pickle
import threading
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import ExitStack, contextmanager
from itertools import islice
from queue import Empty, Queue
from typing import Any

from lumbayes.batch.parsing import Part
from lumbayes.batch.part import Answered
from lumbayes.batch.runners import Runner, Work
from lumbayes.errors import LumbayesError, cut
from lumbayes.interrupts import deaf_workers

AHEAD = 2  # parts a worker holds: one at work, one waiting
PATIENCE = 5  # seconds for a scheduler to answer
ALONE = 60  # seconds without any worker until the run ends
LOST = "the connection to the scheduler was lost. Start it again and resume."
RETRIES = 5  # how often a part whose worker died is tried again


@contextmanager
def on_cluster(*, workers: int | None = None, scheduler: str | None = None) -> Iterator[Runner]:
    """Open a Dask cluster and yield the runner that ``answer_file`` takes.

    Parts travel inside the tasks and answers come back, so the machines need no common disk; each
    needs lumbayes with the same tables. A part whose worker dies is answered by another one.

    Parameters
    ----------
    workers : int, optional
        Processes of one thread each to start on this machine, where there is no ``scheduler``.
    scheduler : str, optional
        Address of a running scheduler, such as ``"tcp://10.0.0.1:8786"``.

    Raises
    ------
    LumbayesError
        If Dask is not installed, or the scheduler does not answer or has no workers.
    """
    try:
        import dask
        import distributed
    except ImportError:
        raise LumbayesError("Dask is not installed: pip install 'lumbayes[dask]'") from None
    dd: Any = distributed  # its types are half written
    if scheduler is not None:
        with _client_is_quiet(), _connected(scheduler) as client:
            if not client.scheduler_info()["workers"]:
                raise LumbayesError(
                    f"{scheduler} has no workers. Start one: dask worker {scheduler}"
                )
            _check_workers(client)
            yield runner(client)
        return
    with ExitStack() as opened:
        opened.enter_context(dask.config.set({"distributed.scheduler.allowed-failures": RETRIES}))
        client = opened.enter_context(dd.Client(opened.enter_context(_started(workers or 1))))
        _check_workers(client)
        yield runner(client)


def _started(workers: int) -> Any:
    """Start a cluster on this machine. It takes seconds, in which Ctrl-C is to end the command."""
    import distributed

    cluster: Any = distributed.LocalCluster  # its types are half written
    found: Future[Any] = Future()

    def start() -> None:
        try:
            with deaf_workers():
                made = cluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    processes=True,
                    dashboard_address="127.0.0.1:0",  # any free port: 8787 may be taken
                    scheduler_kwargs={"dashboard": False},
                    host="127.0.0.1",
                    silence_logs=logging.ERROR,
                )
            found.set_result(made)
        except Exception as error:
            found.set_exception(error)

    threading.Thread(target=start, daemon=True).start()
    try:
        return found.result()
    except Exception as error:
        why = f"{type(error).__name__}: {cut(str(error))}"
        raise LumbayesError(
            f"the worker processes could not be started ({why})."
            " Start fewer, free some memory, or leave out --workers."
        ) from None


@contextmanager
def _client_is_quiet() -> Iterator[None]:
    """Keep Dask's client from printing tracebacks: what goes wrong is said by an error."""
    log = logging.getLogger("distributed.client")
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(before)


def _connected(scheduler: str) -> Any:
    """Connect to a scheduler. What listens at an address may not know Dask, or never answer."""
    import distributed

    client: Any = distributed.Client  # its types are half written
    found: Future[Any] = Future()

    def connect() -> None:
        try:
            found.set_result(client(scheduler, timeout=PATIENCE))
        except Exception as error:
            found.set_exception(error)

    threading.Thread(target=connect, daemon=True).start()
    try:
        return found.result(2 * PATIENCE)
    except Exception as error:
        raise LumbayesError(
            f"{scheduler}: no Dask scheduler answers there ({str(error) or 'it is silent'})."
            " Check the address."
        ) from None


def _check_workers(client: Any) -> None:
    """Refuse workers that cannot answer: a task they cannot unpack would wait for ever."""
    try:
        found = client.run(importlib.import_module, __name__, on_error="return")
    except Exception as error:  # many kinds, as the cluster goes away in one way or another
        raise LumbayesError(f"{LOST} ({type(error).__name__})") from None
    for told in found.values():  # a worker that has died meanwhile is none to worry about
        if isinstance(told, ImportError):
            raise LumbayesError(
                f"a worker of the cluster cannot import lumbayes ({told}). Install it there too."
            )


def runner(client: Any) -> Runner:
    """Return what answers parts on the cluster of a Dask client, a few parts ahead."""

    def run(work: Work, parts: Iterable[Part]) -> Iterator[Answered]:
        from distributed import KilledWorker

        packed = pickle.dumps(work)
        coming = iter(parts)
        flying: set[Any] = set()  # a task that nobody holds is dropped
        ended: Queue[Any] = Queue()
        while True:
            room = AHEAD * max(1, len(client.scheduler_info()["workers"])) - len(flying)
            for part in islice(coming, max(room, 0)):
                task = client.submit(_answer, packed, _packed(part), pure=False, retries=RETRIES)
                task.add_done_callback(ended.put)
                flying.add(task)
            if not flying:
                return
            task = _next(client, ended)
            flying.remove(task)
            try:
                answered: Answered = pickle.loads(task.result())
            except KilledWorker:
                raise LumbayesError(
                    "one part killed every worker that tried it, perhaps for want of memory."
                    " Give each worker more and resume."
                ) from None
            except CancelledError:
                raise LumbayesError(LOST) from None
            task.release()
            yield answered

    return run


def _next(client: Any, ended: Queue[Any]) -> Any:
    """Return the next task to end, unless the scheduler is gone or has no worker for a while."""
    alone = 0
    while True:
        try:
            return ended.get(timeout=PATIENCE)
        except Empty:
            try:
                workers = client.scheduler_info()["workers"]
            except OSError:
                raise LumbayesError(LOST) from None
            alone = 0 if workers else alone + PATIENCE
            if alone >= ALONE:
                raise LumbayesError(
                    f"the scheduler has had no worker for {alone} s. Start one and resume."
                ) from None


def _answer(work: bytes, part: bytes) -> bytes:
    """Answer one part on a worker. Bytes in and out: what it cannot unpack is a plain error."""
    answer: Work = pickle.loads(work)
    return pickle.dumps(answer(pickle.loads(zlib.decompress(part))))


def _packed(part: Part) -> bytes:
    """Return a part small enough to travel inside its task."""
    return zlib.compress(pickle.dumps(part), 1)
