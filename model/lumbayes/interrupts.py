"""Ctrl-C ends a command at once, whatever it is at and however often it comes; nothing is left."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

STOPPED = 130  # the exit status, as of a command that a shell has interrupted
_at_the_end: list[Callable[[], str | None]] = []
_waiting: list[bool] = []  # whether an interrupt came, for each part of the code that holds it back


@contextmanager
def before_the_end(action: Callable[[], str | None]) -> Iterator[None]:
    """Have something done should Ctrl-C end the process meanwhile, such as removing a file.

    Parameters
    ----------
    action : callable
        What it returns, if anything, is said to the user.
    """
    _at_the_end.append(action)
    try:
        yield
    finally:
        _at_the_end.remove(action)


def end_on_interrupt(until_now: object = None) -> None:
    """Let Ctrl-C end this process, from now on: for a command that is the whole process.

    An exception would be raised anywhere, inside locks too, and a second one inside the cleaning
    up. Here the handler itself does what is left to do and ends the process; worker processes are
    ended with it. Where the interrupt was ignored from the start, as in the background of a script,
    it still is. ``until_now`` is the handler of a command while it is being loaded.
    """
    main = threading.current_thread() is threading.main_thread()
    ours = (signal.default_int_handler, until_now)
    if main and signal.getsignal(signal.SIGINT) in ours:
        signal.signal(signal.SIGINT, _end)
        # Python's own helper process frees what the workers shared, and would say so.
        given = os.environ.get("PYTHONWARNINGS")
        quiet = "ignore:resource_tracker:UserWarning"
        os.environ["PYTHONWARNINGS"] = f"{given},{quiet}" if given else quiet


def _end(number: int, frame: FrameType | None) -> None:
    """Clean up and end the process, unless that is held back."""
    if _waiting:
        _waiting[-1] = True
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    said = ["lumbayes: stopped."]
    for action in reversed(_at_the_end):
        with suppress(Exception):
            said.append(action() or "")
    processes = sys.modules.get("multiprocessing")  # importing it takes a while
    for worker in processes.active_children() if processes else ():
        worker.kill()
    with suppress(OSError):
        os.write(2, (" ".join(filter(None, said)) + "\n").encode())
    os._exit(STOPPED)


@contextmanager
def deaf_workers() -> Iterator[None]:
    """Have processes begun in here, in this thread, not hear Ctrl-C.

    A terminal sends it to all processes, but the command is the one to end its workers. If this is
    the main thread, an interrupt comes a moment later: be quick.
    """
    main = threading.current_thread() is threading.main_thread()
    block = getattr(signal, "pthread_sigmask", None)  # not on Windows
    if block:
        from multiprocessing import resource_tracker

        resource_tracker.ensure_running()  # started later, it would end the blocking
    before = block(signal.SIG_BLOCK, [signal.SIGINT]) if block else None
    if main:
        _waiting.append(False)
    try:
        yield
    finally:
        came = main and _waiting.pop()
        if block:
            block(signal.SIG_SETMASK, before)
        if came:
            signal.raise_signal(signal.SIGINT)
