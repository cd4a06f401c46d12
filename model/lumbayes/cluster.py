"""Parts of a table of cases on a Dask cluster: the same bytes, whichever machine answers."""

from __future__ import annotations

import importlib
import logging
import pickle
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from lumbayes.case_batch import Answered
from lumbayes.case_parsing import Part
from lumbayes.case_runners import Runner, Work, deaf_to_interrupts
from lumbayes.errors import LumbayesError

AHEAD = 2  # parts a worker holds: one at work, one waiting
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
        try:
            client = dd.Client(scheduler, timeout=5)
        except (OSError, ValueError) as error:
            raise LumbayesError(
                f"{scheduler}: no Dask scheduler answers there ({error}). Check the address."
            ) from None
        with client:
            if not client.scheduler_info()["workers"]:
                raise LumbayesError(
                    f"{scheduler} has no workers. Start one: dask worker {scheduler}"
                )
            _check_workers(client)
            yield runner(client)
        return
    with ExitStack() as opened:
        opened.enter_context(dask.config.set({"distributed.scheduler.allowed-failures": RETRIES}))
        with deaf_to_interrupts():
            cluster = dd.LocalCluster(
                n_workers=workers or 1,
                threads_per_worker=1,
                processes=True,
                dashboard_address=None,
                host="127.0.0.1",
                silence_logs=logging.ERROR,
            )
            client = opened.enter_context(dd.Client(opened.enter_context(cluster)))
        _check_workers(client)
        yield runner(client)


def _check_workers(client: Any) -> None:
    """Refuse workers that cannot answer: a task they cannot unpack would wait for ever."""
    try:
        client.run(importlib.import_module, __name__)
    except ImportError as error:
        raise LumbayesError(
            f"a worker of the cluster cannot import lumbayes ({error}). Install it there too."
        ) from None


def runner(client: Any) -> Runner:
    """Return what answers parts on the cluster of a Dask client, a few parts ahead."""

    def run(work: Work, parts: Iterable[Part]) -> Iterator[Answered]:
        import distributed

        dd: Any = distributed
        waiting = dd.as_completed()
        packed = pickle.dumps(work)
        coming = iter(parts)
        flying = 0
        while True:
            room = AHEAD * max(1, len(client.scheduler_info()["workers"])) - flying
            for _ in range(room):
                part = next(coming, None)
                if part is None:
                    break
                waiting.add(
                    client.submit(_answer, packed, _packed(part), pure=False, retries=RETRIES)
                )
                flying += 1
            if not flying:
                return
            done = next(waiting)
            flying -= 1
            try:
                answered: Answered = pickle.loads(done.result())
            except dd.KilledWorker:
                raise LumbayesError(
                    "one part killed every worker that tried it, perhaps for want of memory."
                    " Give each worker more and resume."
                ) from None
            done.release()
            yield answered

    return run


def _answer(work: bytes, part: bytes) -> bytes:
    """Answer one part on a worker. Bytes in and out: what it cannot unpack is a plain error."""
    answer: Work = pickle.loads(work)
    return pickle.dumps(answer(pickle.loads(zlib.decompress(part))))


def _packed(part: Part) -> bytes:
    """Return a part small enough to travel inside its task."""
    return zlib.compress(pickle.dumps(part), 1)
