"""Commands for other programs: serve, schema."""

from __future__ import annotations

import importlib
from pathlib import Path

import click

from lumbayes.commands import check_port, complete_schemas, echo, echo_json, tables_option
from lumbayes.errors import LumbayesError
from lumbayes.knowledge.model import load_model


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8600, show_default=True)
@click.option("--address", default="127.0.0.1", show_default=True)
@click.option(
    "--host",
    "hosts",
    multiple=True,
    help="A name under which it may be called; * for any. This machine's own if left out.",
)
@click.option(
    "--allow-origin", "origins", multiple=True, help="A web page whose scripts may call it."
)
@tables_option
def serve(
    port: int, address: str, hosts: tuple[str, ...], origins: tuple[str, ...], tables: Path | None
) -> None:
    """Answer over HTTP: JSON, FHIR R4 and CDS Hooks; stop it with Ctrl-C.

    The page at / lists what can be asked. Nothing that is sent is kept or logged. There is no
    log-in and no encryption: put it behind a server that has both before others can reach it.
    """
    try:
        server = importlib.import_module("lumbayes.service.application")
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("lumbayes"):
            raise
        raise LumbayesError(
            f"the service needs {error.name}, which is not installed: pip install 'lumbayes[serve]'"
        ) from None
    check_port(address, port)
    server.main(load_model(tables), address, port, [*server.LOCAL, *hosts], list(origins))


@click.command()
@click.argument("name", required=False, shell_complete=complete_schemas)
@tables_option
def schema(name: str | None, tables: Path | None) -> None:
    """Print the JSON Schema of a case, or of the answer of a command; the names without NAME."""
    from lumbayes.interchange.schemas import schema as find
    from lumbayes.interchange.schemas import schema_names

    if name is None:
        echo("\n".join(schema_names()))
        return
    echo_json(find(name, load_model(tables)))


@click.command()
@tables_option
def questionnaire(tables: Path | None) -> None:
    """Print the questions as a FHIR R4 Questionnaire."""
    from lumbayes.interchange.questionnaire import questionnaire as make
    from lumbayes.questions.assessment.summary import versions

    model = load_model(tables)
    echo_json(make(model, versions(model)["program"]))
