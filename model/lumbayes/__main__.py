"""The command ``lumbayes``: ready for Ctrl-C before anything else is loaded."""

from __future__ import annotations

import os
from _signal import (  # type: ignore[import-not-found]  # the part that takes no time to load
    SIGINT,
    default_int_handler,
    getsignal,
    signal,
)


def end(number: int, frame: object) -> None:
    """End a command that is being loaded: it has begun nothing that would be left."""
    os.write(2, b"lumbayes: stopped.\n")
    os._exit(130)


if getsignal(SIGINT) is default_int_handler:
    signal(SIGINT, end)


def main() -> int:
    """Run the command line of this process and return its exit status."""
    from lumbayes.interrupts import end_on_interrupt

    end_on_interrupt(end)
    from lumbayes.cli import main as run

    return run()


if __name__ == "__main__":
    raise SystemExit(main())
