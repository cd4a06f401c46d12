"""The commands, and what they share: how a case is given, how JSON is printed."""

from __future__ import annotations

import json
import math
import os
import re
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lumbayes.errors import LumbayesError, harmless
from lumbayes.text import fitted

if TYPE_CHECKING:
    from lumbayes.cases.cohort import Cohort
    from lumbayes.knowledge.model import Model


CONTROL = re.compile(r"[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def complete_pairs(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[click.shell_completion.CompletionItem]:
    """Complete ``NAME=VALUE`` in the shell."""
    from lumbayes.commands.completion import pairs

    return pairs(ctx, param, incomplete)


def complete_names(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[click.shell_completion.CompletionItem]:
    """Complete the name of a variable in the shell."""
    from lumbayes.commands.completion import names

    return names(ctx, param, incomplete)


def complete_schemas(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[click.shell_completion.CompletionItem]:
    """Complete the name of a JSON Schema in the shell."""
    from click.shell_completion import CompletionItem

    from lumbayes.interchange.schemas import schema_names

    return [CompletionItem(name) for name in schema_names() if name.startswith(incomplete)]


case_argument = click.argument("case", nargs=-1, shell_complete=complete_pairs)
as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
draws_option = click.option(
    "--draws", default=200, show_default=True, help="Parameter draws for the intervals; 0 for none."
)
region_option = click.option(
    "--region", help="Whose telephone numbers to name, such as GB or EU; neutral if left out."
)
equipment_option = click.option(
    "--equipment", multiple=True, help="What is at hand, such as band; may be repeated."
)
clinician_option = click.option(
    "--clinician", is_flag=True, help="With probabilities and what must not be missed."
)
show_anyway_option = click.option(
    "--show-anyway",
    is_flag=True,
    help="For clinicians: in an emergency too, show probabilities, reasons and the rest.",
)
tables_option = click.option(
    "--tables",
    type=click.Path(path_type=Path),
    help="Another folder of tables, such as one made by learn.",
)


def check_port(address: str, port: int) -> None:
    """Raise an error if nothing can listen there, before the model is loaded for nothing."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise LumbayesError(
                f"{address}:{port} cannot be listened at ({error.strerror}). Choose another"
                f" port, such as --port {min(port + 1, 65535)}."
            ) from None


def columns(*, err: bool = False) -> int | None:
    """Return the columns of the terminal, at least 30; None where there is none."""
    said = os.environ.get("COLUMNS", "")
    if said.isascii() and said.isdigit() and int(said):
        return max(int(said), 30)
    stream = sys.stderr if err else sys.stdout
    with suppress(AttributeError, OSError, ValueError):  # closed, or no terminal
        return max(os.get_terminal_size(stream.fileno()).columns, 30)
    return None


def echo(text: str, *, err: bool = False, whole: bool = False) -> None:
    """Print a text: the one way to a terminal, on which no foreign sign moves anything.

    No line is wider than the terminal; a file or a pipe gets each line whole, and what a program
    is to read (``whole``) is never broken.
    """
    width = None if whole else columns(err=err)
    said = harmless(text)
    click.echo(fitted(said, width, width) if width else said, err=err)


def echo_json(answer: object) -> None:
    """Print strict JSON: a number that is not finite becomes null, a sign of control its number."""
    text = json.dumps(plain(answer), ensure_ascii=False, indent=2, allow_nan=False)
    click.echo(CONTROL.sub(lambda sign: json.dumps(sign[0])[1:-1], text))


def usable_rows(
    model: Model, source: str, keep: tuple[str, ...]
) -> tuple[Cohort, list[tuple[int, str]]]:
    """Return the cases of a table that can be used, and line and reason of each other.

    The first of these are also told on standard error.
    """
    from lumbayes.batch.sources import read_rows
    from lumbayes.learning.counts import possible

    read = read_rows(model, source, keep)
    able = possible(model, read.rows)
    impossible = read.lines[~able].tolist()
    bad = sorted([*read.bad, *((line, "it cannot occur under the tables.") for line in impossible)])
    for line, reason in bad[:5]:
        echo(f"line {line} is left out: {reason}", err=True)
    if len(bad) > 5:
        echo(f"… and {len(bad) - 5:,} lines more.", err=True)
    return read.rows.take(able.nonzero()[0]), bad


def plain(value: Any) -> Any:
    """Return a value with what JSON knows: no NaN, no tuples, no numpy numbers.

    Examples
    --------
    >>> plain({"a": (1.5, float("nan"))})
    {'a': [1.5, None]}
    """
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
