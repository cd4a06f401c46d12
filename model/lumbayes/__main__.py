"""The command ``lumbayes``: ready for Ctrl-C before anything else is loaded."""

from __future__ import annotations

from lumbayes.interrupts import end_on_interrupt


def main() -> int:
    """Run the command line of this process and return its exit status."""
    end_on_interrupt()
    from lumbayes.cli import main as run

    return run()


if __name__ == "__main__":
    raise SystemExit(main())
