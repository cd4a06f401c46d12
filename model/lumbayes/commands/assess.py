"""Commands about one case or about the model itself."""

from __future__ import annotations

from pathlib import Path

import click

from lumbayes.commands import CASE_HELP, echo_json, read_case_arguments
from lumbayes.errors import LumbayesError
from lumbayes.model import load_model


@click.command(epilog=CASE_HELP)
@click.argument("case", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--report", type=click.Path(path_type=Path), help="Write a page: .html or .md.")
@click.option("--draws", default=200, show_default=True, help="For the intervals; 0 for none.")
@click.option("--region", help="Whose telephone numbers to name, such as GB or EU.")
def assess(
    case: tuple[str, ...], as_json: bool, report: Path | None, draws: int, region: str | None
) -> None:
    """Care level, likely causes, next question and plan of one case."""
    from lumbayes.questions.summary import assess as ask_all

    if report is not None and report.suffix not in (".html", ".md"):
        raise LumbayesError(f"{report}: a report is written as .html or .md. Change the ending.")
    model = load_model()
    answer = ask_all(model, read_case_arguments(model, case), draws, region=region)
    if report is not None:
        page = answer.to_html() if report.suffix == ".html" else answer.to_markdown()
        report.write_text(page, encoding="utf-8")
        click.echo(f"written: {report}", err=True)
    if as_json:
        echo_json(answer.to_dict())
    elif report is None:
        click.echo(answer.to_text())
