"""What is worked out ahead: the last wish first, each once, and no fault stops it."""

from __future__ import annotations

import threading
from functools import partial

from lumbayes.app.ahead import MOST, Ahead


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
