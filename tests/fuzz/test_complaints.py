"""The judge of messages knows a place from none, and what is a hang or too much memory."""

from __future__ import annotations

import time

import pytest
from complaints import MOST, Hang, bounded, names_place, peak

GOOD = {
    "arguments": (
        "unknown variable 'fevr'. Did you mean 'fever'?",
        "--draws is 1. Give 20.",
    ),
    "python": ("draws must be a whole number, such as 200; got None (NoneType).",),
    "text": ("the text, column 3: not valid JSON (Expecting value).",),
    "file": ("n.bif: line 3: a table has 2 numbers for 4 rows.", "in.csv holds no rows. Add one."),
    "row": ("unknown state of slr 'x'. Known: negative, positive.",),
    "link": ("This link cannot be read. Copy the whole link, or start new.",),
}
BAD = (
    "Something went wrong. Please try it again.",
    "'NoneType' object has no attribute 'line 3'",
    "invalid literal for int() with base 10: 'x'",
    "list index out of range in line 3",
    "",
    "'x'",
    "A state is not known here. Correct it.",
)


@pytest.mark.parametrize("entrance", GOOD)
def test_a_message_with_a_place_is_known_from_one_without(entrance: str) -> None:
    assert all(names_place(message, entrance) for message in GOOD[entrance])
    assert not any(names_place(message, entrance) for message in BAD)


def test_a_place_of_one_entrance_is_none_of_another() -> None:
    assert not names_place("draws must be a whole number above 0.", "file")
    assert not names_place("minor must be true or false, got [].", "file")


def test_a_hang_is_ended_though_errors_are_suppressed() -> None:
    began = time.monotonic()
    with pytest.raises(Hang), bounded(1, peak()):
        while time.monotonic() - began < 10:
            try:
                time.sleep(0.01)
            except Exception:
                continue
    assert time.monotonic() - began < 5


def test_too_much_memory_is_a_fault() -> None:
    with pytest.raises(AssertionError, match="MB more"), bounded(10, peak() - MOST):
        pass
