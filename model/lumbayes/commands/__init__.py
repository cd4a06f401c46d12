"""The commands, and what they share: how a case is given, how JSON is printed."""

from __future__ import annotations

import json
import math
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lumbayes.errors import CaseError, LumbayesError
from lumbayes.limits import CASE

if TYPE_CHECKING:
    from lumbayes.cases.case import Case
    from lumbayes.cases.cohort import Rows
    from lumbayes.knowledge.model import Model


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
tables_option = click.option(
    "--tables",
    type=click.Path(path_type=Path),
    help="Another folder of tables, such as one made by learn.",
)


def read_case_arguments(model: Model, arguments: Sequence[str]) -> Case:
    """Read a case as given on the command line: at most one file, and ``variable=state`` pairs.

    Raises
    ------
    LumbayesError
        If there are two files, or the file or a finding is wrong, or the two contradict each other.
    """
    from lumbayes.cases.case import parse_case, parse_pairs, parse_text

    pairs = [a for a in arguments if "=" in a and not Path(a).is_file()]
    files = [a for a in arguments if a not in pairs]
    if len(files) > 1:
        raise CaseError(
            f"{files[0]} and {files[1]}: one case at a time."
            " Give one file; findings are written NAME=VALUE. For many cases there is batch."
        )
    findings = parse_pairs(pairs)
    if not files:
        return parse_case(model, {"findings": findings})
    text, place = read_text(files[0])
    if '"resourceType"' in text:
        text = _translated(model, text, place)
    if not findings:
        return parse_text(model, text, place)
    return parse_case(model, _added(text, place, findings))


def _translated(model: Model, text: str, place: str) -> str:
    """Return a FHIR QuestionnaireResponse as a case of our own form; any other text as it is."""
    from lumbayes.cases.parts import load_json
    from lumbayes.interchange.responses import case_of_response, is_response

    data = load_json(text, place)
    try:
        return json.dumps(case_of_response(model, data)) if is_response(data) else text
    except CaseError as error:
        raise CaseError(f"{place}: {error}") from None


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


def read_text(source: str) -> tuple[str, str]:
    """Return the text of a file, or of standard input for ``-``, and its name for messages."""
    place = "standard input" if source == "-" else source
    if source == "-" and sys.stdin is None:
        raise CaseError("standard input is closed. Name a file, or pipe the case in.")
    try:
        if source == "-":
            content = sys.stdin.buffer.read(CASE.value + 1)
        else:
            with Path(source).open("rb") as file:
                content = file.read(CASE.value + 1)
        CASE.check(len(content), place)
        return content.decode("utf-8-sig"), place
    except OSError as error:
        hint = "Check the path." if Path(source).suffix else "A finding is written NAME=VALUE."
        raise CaseError(f"{place} cannot be read: {error.strerror}. {hint}") from None
    except UnicodeDecodeError as error:
        at = error.start
        raise CaseError(f"{place} is not UTF-8 text (byte {at}). Save it as UTF-8.") from None


def _added(text: str, place: str, findings: Mapping[str, str]) -> dict[str, Any]:
    """Put findings from the command line into the case of a file."""
    from lumbayes.cases.parts import OBJECTS, load_json

    data = load_json(text, place)
    if not isinstance(data, Mapping):
        raise CaseError(f"{place}: a case must be a JSON object.")
    case = dict(data) if any(part in data for part in OBJECTS) else {"findings": dict(data)}
    given = case.get("findings")
    if given is None:
        given = {}
    if not isinstance(given, Mapping):
        raise CaseError(f"{place}: findings must be an object in braces.")
    for name, state in findings.items():
        if given.get(name, state) not in (state, None):
            raise CaseError(
                f"{name} is {given[name]} in {place} and {state} on the command line. Remove one."
            )
    return {**case, "findings": {**given, **findings}}


def echo_json(answer: object) -> None:
    """Print strict JSON: a number that is not finite becomes null."""
    click.echo(json.dumps(plain(answer), ensure_ascii=False, indent=2, allow_nan=False))


def usable_rows(
    model: Model, source: str, keep: tuple[str, ...]
) -> tuple[Rows, list[tuple[int, str]]]:
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
        click.echo(f"line {line} is left out: {reason}", err=True)
    if len(bad) > 5:
        click.echo(f"… and {len(bad) - 5:,} lines more.", err=True)
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
