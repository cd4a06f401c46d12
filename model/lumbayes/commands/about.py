"""Commands about the model: variables, check, validate, evaluate, app."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lumbayes.commands import (
    as_json_option,
    check_port,
    echo,
    echo_json,
    tables_option,
    usable_rows,
)
from lumbayes.errors import LumbayesError, unknown_name
from lumbayes.knowledge.model import load_model
from lumbayes.questions.assessment.summary import versions
from lumbayes.text import how_many

if TYPE_CHECKING:
    from lumbayes.knowledge.model import Model

# The largest trees that may be: table entries, what a query costs.
LIMITS = {"nothing known": 350_000, "age and sex known": 45_000}


@click.command()
@click.option("--layer", help="Only this layer, such as finding or context.")
@as_json_option
@tables_option
def variables(layer: str | None, as_json: bool, tables: Path | None) -> None:
    """List every variable with its states, layer, question and help.

    Those that can be answered have a question. Every question may be answered with unsure.
    """
    from lumbayes.knowledge.definition import LAYERS

    if layer is not None and layer not in LAYERS:
        raise unknown_name("layer", layer, LAYERS)
    model = load_model(tables)
    shown = [v for v in model.variables.values() if layer in (None, v.layer)]
    if as_json:
        version = versions(model)
        echo_json({"version": version, "variables": [asdict(v) for v in shown]})
        return
    place = ""
    for v in shown:
        if place != f"{v.layer}: {v.group}":
            place = f"{v.layer}: {v.group}"
            echo(f"\n{place.upper()}")
        echo(f"{v.name} = {' | '.join(v.states)}")
        echo(f"    {v.question or v.label}")


@click.command()
@click.option("--verified", is_flag=True, help="Which numbers were read again, when, in what.")
@as_json_option
@tables_option
def check(verified: bool, as_json: bool, tables: Path | None) -> None:
    """Check the tables; count variables, links, numbers, sources and sizes.

    Exit status 2 for a broken table, 1 if a tree is larger than its limit.
    """
    model = load_model(tables)
    check_other_tables(model)
    if verified:
        from lumbayes.literature.verification import read_verifications, table

        if as_json:
            read = read_verifications(model).values()
            readings = [{**asdict(one), "date": str(one.date)} for one in read]
            echo_json({"version": versions(model), "readings": readings})
        else:
            echo(table(model))
        return
    answer = checked(model)
    if as_json:
        echo_json(answer)
    else:
        counts = answer["counts"]
        echo("\n".join(f"{name:20} {count:>7,}" for name, count in counts.items()))
        echo("\nnumbers by grade (A systematic review … D expert judgement)")
        for grade, share in answer["share_by_grade"].items():
            echo(f"{grade:20} {share:>7.0%}")
        echo(
            "\nread again in their sources (check --verified lists them): "
            + ", ".join(f"{n} {verdict}" for verdict, n in answer["verification"].items())
        )
        echo("\nsize of the compiled tree, table entries")
        for row in answer["sizes"]:
            verdict = "pass" if row["pass"] else "FAIL"
            echo(f"{row['what']:20} {row['entries']:>7,} of {row['limit']:>6,}  {verdict}")
    if not all(row["pass"] for row in answer["sizes"]):
        click.get_current_context().exit(1)


def check_other_tables(model: Model) -> None:
    """Read the tables that define no part of the network; a broken one is a TableError."""
    from lumbayes.cases.vocabulary import read_vocabulary
    from lumbayes.exercises.tables import read_exercises
    from lumbayes.literature.targets import read_targets
    from lumbayes.literature.verification import read_verifications
    from lumbayes.triage.reader import load_rules

    load_rules(model.folder)
    read_exercises(model.folder)
    read_vocabulary(model, model.folder)
    read_targets(model)
    read_verifications(model)


def checked(model: Model) -> dict[str, Any]:
    """Return counts, the share of numbers by grade, and the sizes of the compiled tree."""
    from lumbayes.inference.queries import tree_size
    from lumbayes.knowledge.definition import GRADES, SOURCE_COLUMNS
    from lumbayes.knowledge.tables import read_table
    from lumbayes.literature.verification import counts as verified

    used = {n.source for n in model.numbers}
    grades = [n.grade for n in model.numbers]
    network = model.network
    strata = model.with_role("stratum")
    person = {n: network[n].states[len(network[n].states) // 2] for n in strata}
    sizes = {
        "nothing known": tree_size(network),
        "age and sex known": tree_size(network, person),
    }
    return {
        "version": versions(model),
        "counts": {
            "variables": len(network),
            "asked for safety": len(model.names("triage_only")),
            "links": len(model.links),
            "numbers": len(model.numbers),
            "sources used": len(used),
            "sources": len(read_table("sources.csv", SOURCE_COLUMNS, model.folder)),
        },
        "share_by_grade": {grade: grades.count(grade) / len(grades) for grade in GRADES},
        "verification": verified(model),
        "sizes": [
            {
                "what": what,
                "entries": int(size),
                "limit": LIMITS[what],
                "pass": size <= LIMITS[what],
            }
            for what, size in sizes.items()
        ],
    }


@click.command()
@click.option("--rows", type=click.IntRange(min=0), help="Only the worst so many; all if left out.")
@as_json_option
@tables_option
def validate(rows: int | None, as_json: bool, tables: Path | None) -> None:
    """Compare the model with the literature, worst first, and sum up."""
    from lumbayes.literature.validation import validate as compare

    model = load_model(tables)
    answer = compare(model)
    if as_json:
        echo_json({"version": versions(model), **answer.to_dict(rows)})
    else:
        echo(answer.to_text(rows))


@click.command(
    epilog="Exit status: 0 if every row was used, 1 if some could not be used, 2 on an error."
)
@click.argument("cases", required=False)
@click.option("--plot", type=click.Path(path_type=Path), help="Calibration plot: png, svg or pdf.")
@click.option("--keep", multiple=True, metavar="COLUMN", help="A column to pass over; repeatable.")
@click.option("--alarms", is_flag=True, help="The price of every rule, in simulated people.")
@as_json_option
@tables_option
def evaluate(
    cases: str | None,
    plot: Path | None,
    keep: tuple[str, ...],
    alarms: bool,
    as_json: bool,
    tables: Path | None,
) -> int:
    """Score the answers: on worked cases, or on a table of people whose conditions are known.

    Worked cases are JSON Lines, each with the answer expected: care level, condition, dangers; the
    twenty open cases if CASES is left out. A table is CSV or Parquet (- is CSV on standard input)
    as for batch: the columns of conditions and imbalances are hidden, predicted and compared, with
    calibration, Brier score and area under the curve. For simulated people:

    lumbayes simulate 10000 --missing condition=0 --missing imbalance=0 | lumbayes evaluate -

    With --alarms: how many ordinary people each rule of triage sends to care.
    """
    from lumbayes.batch.sources import STANDARD

    if alarms:
        if cases is not None or plot is not None or keep:
            raise LumbayesError("--alarms draws its own people. Give no cases, --plot or --keep.")
        return _evaluate_alarms(load_model(tables), as_json)

    if plot is not None:
        from lumbayes.evaluation.calibration import check_plot

        check_plot(plot)
    model = load_model(tables)
    if cases is not None and (cases == STANDARD or _is_table(cases)):
        return _evaluate_table(model, cases, keep, plot, as_json)
    if plot is not None or keep:
        raise LumbayesError(
            "--plot and --keep are for tables of people whose conditions are known; a few worked"
            " cases carry no calibration. Give a CSV or Parquet table."
        )
    return _evaluate_worked(model, None if cases is None else Path(cases), as_json)


def _is_table(path: str) -> bool:
    from lumbayes.batch.sources import file_format

    try:
        return file_format(path) != "jsonl"
    except LumbayesError:
        return False


def _evaluate_worked(model: Model, path: Path | None, as_json: bool) -> int:
    from lumbayes.evaluation.worked_cases import evaluate as score
    from lumbayes.evaluation.worked_cases import read_worked_cases, report

    answer = score(model, read_worked_cases(model, path), fixed_answer)
    refused = 1 if (answer.cases["error"] != "").any() else 0
    if not as_json:
        echo(report(answer))
        return refused
    measures = answer.measures.reset_index().to_dict(orient="records")
    echo_json(
        {
            "version": versions(model),
            "measures": measures,
            "confusion": answer.confusion.to_dict(orient="index"),
            "cases": answer.cases.reset_index().to_dict(orient="records"),
        }
    )
    return refused


def _evaluate_alarms(model: Model, as_json: bool) -> int:
    from lumbayes.evaluation.alarms import alarm_prices, price_report

    prices = alarm_prices(model)
    if as_json:
        rows = prices.reset_index().to_dict(orient="records")
        echo_json({"version": versions(model), **prices.attrs, "rules": rows})
    else:
        echo(price_report(prices))
    return 0


def _evaluate_table(
    model: Model, source: str, keep: tuple[str, ...], plot: Path | None, as_json: bool
) -> int:
    from lumbayes.evaluation.calibration import calibrate

    rows, bad = usable_rows(model, source, keep)
    answer = calibrate(model, rows)
    if plot is not None:
        answer.plot(plot)
        echo(f"written: {plot}", err=True)
    if as_json:
        left_out = [{"line": line, "reason": reason} for line, reason in bad]
        echo_json({"version": versions(model), **answer.to_dict(), "left_out": left_out})
    else:
        echo(answer.to_text())
        if bad:
            echo(f"\n{how_many(len(bad), 'line')} could not be used and left out.")
    return 1 if bad else 0


def fixed_answer(model: Model, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Answer one case in the fixed form, without intervals: the scores do not use them."""
    from lumbayes.cases.case import understand
    from lumbayes.questions.assessment.summary import answer_case, fixed_output, versions
    from lumbayes.triage.care_level import admit

    return fixed_output(*answer_case(model, admit(model, understand(model, data))), versions(model))


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
@click.option("--address", default="127.0.0.1", show_default=True)
@click.option(
    "--host",
    "hosts",
    multiple=True,
    metavar="NAME",
    help="Name people reach it by, such as that of a proxy before it. Repeatable.",
)
@click.option("--base-path", metavar="PATH", help="Path under which a proxy shows it.")
def app(port: int, address: str, hosts: tuple[str, ...], base_path: str | None) -> None:
    """Start the app in the browser; stop it with Ctrl-C.

    It answers under localhost, the address and the names given, to its own pages alone.
    """
    try:
        server = importlib.import_module("lumbayes.app.server")
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("lumbayes"):
            raise
        raise LumbayesError(
            f"the app needs {error.name}, which is not installed: pip install 'lumbayes[app]'"
        ) from None
    check_port(address, port)
    more = [word for host in hosts for word in ("--host", host)]
    more += ["--base-path", base_path] if base_path else []
    server.main(["--port", str(port), "--address", address, *more])
