"""What is worked out ahead: the last wish first, each once, and no fault stops it."""

from __future__ import annotations

import contextlib
import threading
import time
from functools import partial

from lumbayes.app.ahead import MOST, QUIET, Ahead


def test_the_last_wish_comes_first_each_once_and_a_fault_stops_nothing() -> None:
    helper, done, begun, go = Ahead(), list[int](), threading.Event(), threading.Event()
    ended = threading.Event()

    def first() -> None:
        begun.set()
        go.wait(10)

    def wrong() -> None:
        raise ValueError

    helper.start()
    helper.start()
    helper.wish([("first", first)])
    assert begun.wait(10)
    helper.wish([("end", ended.set)])
    helper.wish([(n, partial(done.append, n)) for n in (1, 2)])
    helper.wish([("wrong", wrong), (2, lambda: done.append(2))])
    go.set()
    assert ended.wait(10)
    assert done == [2, 1]


def test_wishes_are_bounded_and_none_waits_before_the_start() -> None:
    helper = Ahead()
    helper.wish([(0, lambda: None)])
    assert len(helper) == 0
    helper._started = True  # as if its thread were at work
    helper.wish([(n, lambda: None) for n in range(2 * MOST)])
    assert len(helper) == MOST


def test_nothing_begins_while_a_visitor_is_served_nor_right_afterwards() -> None:
    helper, ended, begun = Ahead(), threading.Event(), list[float]()

    def job() -> None:
        begun.append(time.monotonic())
        ended.set()

    helper.start()
    with contextlib.suppress(ZeroDivisionError), helper.serving():
        helper.wish([("job", job)])
        with helper.serving():
            pass
        assert not ended.wait(2 * QUIET)
        left = time.monotonic()
        raise ZeroDivisionError  # a page that ends in an error is over as well
    assert ended.wait(10)
    assert begun[0] - left >= 0.9 * QUIET
