"""What is in order of a message, of an exit status, of time and memory, whatever came in."""

from __future__ import annotations

import faulthandler
import re
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager

MOST = 500  # megabytes of memory above those at the start
FOREIGN = re.compile(
    r"Traceback|object has no attribute|unsupported operand|not subscriptable|takes \d+ positional"
    r"|invalid literal|could not convert|list index|codec can't|object at 0x"
)
ALWAYS = r"--[a-z]|LUMBAYES_[A-Z]+|\b[a-z]\w*[.=:][a-z]\w*"  # an option, a limit, a field
QUOTED = r"(?:^|[\s(:,])(['\"`“]).+?['\"`”]"
NUMBERED = r"\b(?:line|lines|row|rows|column|cell|entry|element|case|character|byte) \d"
FIELD = r"^[a-z]\w*(?: |: )|\b(?:value|state|likelihood|likelihoods|table|column|weights?) of \w+"
FILE = r"\b(?:in|out|n)\.\w*"
PLACES = {
    "arguments": (ALWAYS, QUOTED, NUMBERED, FIELD, r"^\S+(?::| cannot be read)"),
    "python": (ALWAYS, QUOTED, NUMBERED, FIELD),
    "text": (ALWAYS, QUOTED, NUMBERED, FIELD, r"^the text"),
    "file": (QUOTED, NUMBERED, FILE, r"the column \w+"),
    "row": (ALWAYS, QUOTED, NUMBERED, FIELD, r"^\d+ cells where"),  # its line stands beside it
    "link": (ALWAYS, QUOTED, FIELD, r"\blink\b"),
}


def names_place(message: str, entrance: str) -> bool:
    """Tell whether a message says where the mistake is, in words that are not of a library."""
    message = " ".join(message.split())
    if FOREIGN.search(message) or len(message.split()) < 4:
        return False
    return any(re.search(place, message) for place in PLACES[entrance])


class Hang(BaseException):
    """An input took too long; nothing that suppresses errors catches it."""


@contextmanager
def bounded(seconds: int, idle: int) -> Iterator[None]:
    """Raise ``Hang`` after so many seconds, and hold the memory below ``MOST`` above ``idle``.

    What no signal ends, such as a loop of C, ends the process, with its stack, after three times as
    long.
    """

    def late(*_: object) -> None:
        raise Hang(f"not ended after {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    faulthandler.dump_traceback_later(3 * seconds, exit=True)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
        faulthandler.cancel_dump_traceback_later()
    assert peak() - idle < MOST, f"{peak() - idle} MB more than at the start"


def peak() -> int:
    """Most memory of this process so far, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
