"""The command ``lumbayes``: names, and errors said without a traceback."""

from __future__ import annotations

import contextlib
import errno
import gc
import importlib
import io
import os
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click

from lumbayes.commands import columns, echo
from lumbayes.commands.reading import Progress, advise_first
from lumbayes.errors import LumbayesError, cut, unknown_name
from lumbayes.interrupts import STOPPED, end_on_interrupt

# Name: where the command is, and what it does. Only the command that is asked for is imported.
COMMANDS = {
    "assess": ("assess:assess", "Care level, likely causes, next question and plan of one case."),
    "ask": ("ask:ask", "Hold the interview: one question after the other, then the answer."),
    "explain": ("assess:explain", "Which findings moved a probability, by how much and why."),
    "what-if": ("ask:what_if", "What would be otherwise if something were otherwise."),
    "sensitivity": ("ask:sensitivity", "Which numbers of the tables an answer hangs on."),
    "exercises": ("assess:exercises", "The exercise plan that fits a case."),
    "posterior": (
        "assess:posterior",
        "Any probability of this network or of one in a file (BIF, …).",
    ),
    "batch": ("batch:batch", "Assess a table of cases."),
    "simulate": ("batch:simulate", "Draw people from the network."),
    "learn": ("batch:learn", "Update the tables from confirmed cases, into a new folder."),
    "evaluate": ("about:evaluate", "Score the answers on worked cases, or on people drawn."),
    "validate": ("about:validate", "Compare the model with the literature, worst first."),
    "check": ("about:check", "Check the tables; count variables, numbers, sources, sizes."),
    "variables": ("about:variables", "List everything that can be answered."),
    "export": ("batch:export", "Write the network for other tools."),
    "app": ("about:app", "Start the app in the browser."),
    "serve": ("serve:serve", "Answer over HTTP: JSON, FHIR R4, CDS Hooks."),
    "schema": ("serve:schema", "Print the JSON Schema of a case or of an answer."),
    "questionnaire": ("serve:questionnaire", "Print the questions as a FHIR R4 Questionnaire."),
    "completion": ("shell:completion", "Print what bash, zsh or fish need to complete names."),
    "manual": ("shell:manual", "Print the page for man."),
}


class Help(click.HelpFormatter):
    """Help in two columns of which the second keeps its room in a narrow terminal."""

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write names and what they mean."""
        super().write_dl(list(rows), min(col_max, max(self.width // 3, 10)), col_spacing)


class Context(click.Context):
    """The context of a command, with help as wide as the terminal."""

    formatter_class = Help


class LazyGroup(click.Group):
    """A group that imports a command when it is run, so that each starts quickly."""

    context_class = Context

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of ``COMMANDS``."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None for a name that does not exist."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        name = f"lumbayes.commands.{module}"
        try:
            command = getattr(importlib.import_module(name), attribute, None)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
            command = None
        if not isinstance(command, click.Command):
            raise LumbayesError(
                f"the command {cmd_name} is missing from this installation ({name})."
                " Install lumbayes again."
            )
        command.context_class = Context
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or raise an error with the nearest name."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise unknown_name("command", args[0], COMMANDS)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a reader that has closed, such as ``head``, is no error."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            with contextlib.suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise click.exceptions.Exit(0) from None
        return result

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing one."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="lumbayes", message="%(prog)s %(version)s")
def lumbayes() -> None:
    """Tell back pain from a glute-hip muscle imbalance apart from its alternatives.

    A Bayesian network with published numbers. It cannot examine you, and it is not a diagnosis.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status: 0, or 2 with a message on standard error.

    Whatever is wrong, in options, files or tables: what a case beside it calls for is said first.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the process if left out.
    """
    # Imports and compiled trees make many objects that live to the end: looking for garbage among
    # them takes a seventh of the time of a short command.
    gc.set_threshold(100_000, 50, 50)
    if "_LUMBAYES_COMPLETE" in os.environ:
        importlib.import_module("lumbayes.commands.completion")  # teaches click our shells
    sys.stdout = sys.stdout or _Closed()
    if arguments is None:
        end_on_interrupt()
    given = sys.argv[1:] if arguments is None else list(arguments)
    so_far = Progress()
    try:
        width = min(columns() or 80, 80) - 2
        result = lumbayes.main(
            given, prog_name="lumbayes", standalone_mode=False, obj=so_far, terminal_width=width
        )
        return result if isinstance(result, int) else 0
    except (click.Abort, KeyboardInterrupt):
        return _failed("stopped.", STOPPED)
    except LumbayesError as error:
        advise_first(given, so_far, error)
        return _failed(str(error), 2)
    except click.ClickException as error:
        advise_first(given, so_far, error)
        shown = io.StringIO()
        error.show(shown)
        echo(shown.getvalue().rstrip("\n"), err=True)
        return 2
    except OSError as error:
        advise_first(given, so_far, error)
        advice = "Free some space." if error.errno == errno.ENOSPC else "Check the path."
        return _failed(f"{error.filename or 'the output'}: {error.strerror}. {advice}", 2)
    except Exception as error:
        advise_first(given, so_far, error)
        raise


class _Closed(io.TextIOBase):
    """Standard output where there is none: an answer that nobody would see is an error."""

    def write(self, text: str) -> int:
        raise OSError(errno.EBADF, "standard output is closed")


def _failed(message: str, status: int) -> int:
    said = re.sub(r"\S{500,}", lambda word: cut(word[0], 60), message)
    echo(f"lumbayes: {said}", err=True)
    return status
