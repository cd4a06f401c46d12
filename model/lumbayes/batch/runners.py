"""Where the parts of a file of cases are answered: in threads or processes, in order."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice

from lumbayes.batch.parsing import Part
from lumbayes.batch.part import Answered
from lumbayes.errors import LumbayesError
from lumbayes.interrupts import deaf_workers

Work = Callable[[Part], Answered]
Runner = Callable[[Work, Iterable[Part]], Iterator[Answered]]


def in_threads(work: Work, parts: Iterable[Part], workers: int | None = None) -> Iterator[Answered]:
    """Answer parts in threads, in order, a few ahead: numpy lets go of the interpreter's lock."""
    count = workers or min(os.cpu_count() or 1, 4)
    with ThreadPoolExecutor(count) as pool:
        yield from _in_order(pool, work, parts, count)


def in_processes(
    work: Work, parts: Iterable[Part], workers: int | None = None
) -> Iterator[Answered]:
    """Answer parts in processes, in order, a few ahead; a few parts alone in threads.

    Quicker than threads, which share one interpreter, but a script that uses it needs the guard
    ``if __name__ == "__main__":``.

    Raises
    ------
    LumbayesError
        If a process was killed.
    """
    count = workers or min(os.cpu_count() or 1, 4)
    coming = iter(parts)
    first = list(islice(coming, count))
    whole = chain(first, coming)
    if count == 1 or len(first) < count:
        yield from in_threads(work, whole, count)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, context, _begin_work) as pool:
        with deaf_workers():
            for _ in range(count):  # a task begins a process while none is idle
                pool.submit(os.getpid)
        try:
            yield from _in_order(pool, work, whole, count)
        except BrokenProcessPool:
            raise LumbayesError(
                "a process was killed, perhaps for want of memory. Free some and resume."
            ) from None


def _begin_work() -> None:
    """End when the parent is gone."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)  # sys.exit would end this thread alone; only the parent writes files

    threading.Thread(target=watch, daemon=True).start()


def _in_order(pool: Executor, work: Work, parts: Iterable[Part], ahead: int) -> Iterator[Answered]:
    """Hand parts to a pool, a few ahead, and yield the answers in order."""
    waiting = deque[Future[Answered]]()
    try:
        for part in parts:
            waiting.append(pool.submit(work, part))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
