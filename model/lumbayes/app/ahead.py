"""What a visitor may ask next, worked out ahead: the network of two worlds is made by then.

To make one takes a few tenths of a second, to ask it milliseconds, and what is made serves every
visitor. One thread of the server makes them, the last wish first; it rests as long as it works, and
begins nothing while a page is served or was a moment ago: threads share one interpreter.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

log = logging.getLogger(__name__)
MOST = 24  # wishes that wait: those of an earlier page are of no use any more
QUIET = 0.5  # seconds without a visitor before a job begins


class Ahead:
    """A thread that does small jobs, the last named first, each once; idle until started.

    Examples
    --------
    >>> helper = Ahead()
    >>> helper.wish([("a", lambda: None)])
    >>> len(helper)
    0
    """

    def __init__(self) -> None:
        self._waiting: OrderedDict[object, Callable[[], object]] = OrderedDict()
        self._wake = threading.Condition()
        self._started = False
        self._served = 0
        self._free_at = 0.0

    def __len__(self) -> int:
        """Return how many jobs wait."""
        return len(self._waiting)

    def start(self) -> None:
        """Start the thread; it ends with the program."""
        if not self._started:
            self._started = True
            threading.Thread(target=self._work, name="ahead", daemon=True).start()

    def wish(self, jobs: Iterable[tuple[object, Callable[[], object]]]) -> None:
        """Take jobs by their keys, the most likely first; nothing waits before the start."""
        if not self._started:
            return
        with self._wake:
            for key, job in reversed(list(jobs)):
                self._waiting[key] = job
                self._waiting.move_to_end(key)
            while len(self._waiting) > MOST:
                self._waiting.popitem(last=False)
            self._wake.notify()

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Begin no job meanwhile, nor right afterwards: a visitor is served."""
        with self._wake:
            self._served += 1
        try:
            yield
        finally:
            with self._wake:
                self._served -= 1
                self._free_at = time.monotonic() + QUIET
                self._wake.notify()

    def _work(self) -> None:
        while True:
            with self._wake:
                while not self._waiting or self._served:
                    self._wake.wait()
                if (left := self._free_at - time.monotonic()) > 0:
                    self._wake.wait(left)
                    continue
                _, job = self._waiting.popitem()
            start = time.perf_counter()
            try:
                job()
            except Exception as error:  # whoever asks it on the page is told what is wrong
                log.info("nothing worked out ahead: %s", type(error).__name__)
            time.sleep(time.perf_counter() - start)


AHEAD = Ahead()
