"""Commands about many cases, and about the network as a file."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lumbayes.commands import echo, tables_option, usable_rows
from lumbayes.errors import LumbayesError
from lumbayes.interrupts import before_the_end
from lumbayes.knowledge.model import load_model
from lumbayes.text import how_many

if TYPE_CHECKING:
    from lumbayes.batch.files import Progress

FORMAT = click.Choice(["csv", "jsonl", "parquet"])


@click.command(
    epilog="Exit status: 0 if every row was answered, 1 if some could not be used, 2 on an error."
)
@click.argument("source", metavar="IN")
@click.argument("target", metavar="OUT")
@click.option(
    "--keep",
    multiple=True,
    metavar="COLUMN",
    help="Carry a column through (of JSON Lines: id, label, note, …); repeatable.",
)
@click.option(
    "--target",
    "targets",
    multiple=True,
    metavar="VARIABLE",
    help="Posteriors wanted in a table; all conditions and imbalances if left out. Repeatable.",
)
@click.option("--top", type=int, help="How many likely conditions a table names; 3 if left out.")
@click.option(
    "--draws",
    type=int,
    help="For 95 % intervals, slow; 0 for none. If left out 200 for JSON Lines, else 0.",
)
@click.option("--seed", default=0, show_default=True, help="Of the draws.")
@click.option("--resume", is_flag=True, help="Go on with an interrupted run.")
@click.option(
    "--raw",
    is_flag=True,
    help="Leave kept texts of CSV as they are, for programs. Else one that a spreadsheet would take"
    " for a formula begins with an apostrophe.",
)
@click.option("--quiet", is_flag=True, help="No progress.")
@click.option("--input-format", type=FORMAT, help="If the ending of IN does not tell.")
@click.option("--output-format", type=FORMAT, help="If the ending of OUT does not tell.")
@click.option("--workers", type=click.IntRange(min=1), help="Dask processes on this machine.")
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler, such as tcp://host:8786.")
@tables_option
def batch(
    source: str,
    target: str,
    keep: tuple[str, ...],
    targets: tuple[str, ...],
    top: int | None,
    draws: int | None,
    seed: int,
    resume: bool,
    raw: bool,
    quiet: bool,
    input_format: str | None,
    output_format: str | None,
    workers: int | None,
    scheduler: str | None,
    tables: Path | None,
) -> int:
    """Assess a table of cases: CSV, JSON Lines or Parquet; - is standard input or output.

    Columns of IN are variables (a blank cell is unknown, unsure will do), variable:state with
    likelihoods, do:variable with interventions (compare them with do what is now, not with a blank
    cell), and minor. OUT holds the line of each case in IN,
    the columns kept, care level, rules, likely conditions and probabilities (p_VARIABLE). A row of
    JSON Lines has care level and reasons, every condition and imbalance with interval, findings and
    warnings, as in `assess --json`, and takes some hundred times as long. Rows that cannot be used
    go to OUT.bad.csv.
    """
    from lumbayes.batch.answers import check_wanted
    from lumbayes.batch.files import answer_file
    from lumbayes.batch.runners import in_processes
    from lumbayes.batch.sources import file_format

    if scheduler == "":
        raise LumbayesError("--scheduler has no address. Give one, such as tcp://host:8786.")
    if workers and scheduler:
        raise LumbayesError("--workers and --scheduler exclude each other. Give one.")
    model = load_model(tables)
    formats = (file_format(source, input_format), file_format(target, output_format))
    whole = formats[1] == "jsonl"
    if whole and (targets or top is not None):
        raise LumbayesError(
            "--target and --top are for tables: a row of JSON Lines holds every condition and"
            " imbalance. Leave them out, or write CSV or Parquet."
        )
    if draws is None:
        draws = 200 if whole else 0
    wanted = check_wanted(model, targets or None, 3 if top is None else top, draws, seed)
    runner: Any = nullcontext(in_processes)
    if workers or scheduler:
        from lumbayes.batch.cluster import on_cluster

        runner = on_cluster(workers=workers, scheduler=scheduler)
    with runner as run, _progress(quiet) as progress:
        done = answer_file(
            model,
            source,
            target,
            wanted,
            keep=keep,
            formats=formats,
            resume=resume,
            raw=raw,
            runner=run,
            progress=progress,
        )
    echo(done.to_text(), err=True)
    return 1 if done.refused else 0


class _Bar:
    """A progress bar in cases, whose length is estimated anew after each part."""

    def __init__(self, quiet: bool) -> None:
        from tqdm import tqdm

        self.bar = tqdm(unit=" cases", disable=quiet, file=sys.stderr, smoothing=0.1, delay=0.5)

    def __enter__(self) -> Progress:
        self.at_the_end = before_the_end(self.bar.close)
        self.at_the_end.__enter__()
        return self.advance

    def __exit__(self, kind: object, *_: object) -> None:
        self.at_the_end.__exit__(None, None, None)
        if kind is None:
            self.bar.total = self.bar.n
        self.bar.close()

    def advance(self, done: int, expected: float) -> None:
        self.bar.total = max(round(expected), self.bar.n + done) or None
        self.bar.update(done)


def _progress(quiet: bool) -> _Bar:
    return _Bar(quiet)


PAIRS = "NAME=STATE"
SHARE = "layer=share, such as finding=0.5"


@click.command()
@click.argument("n", type=click.IntRange(0, 1_000_000_000))
@click.option(
    "--seed", default=0, show_default=True, help="The same N and seed draw the same people."
)
@click.option("--given", multiple=True, metavar=PAIRS, help="What all have in common. Repeatable.")
@click.option("--do", multiple=True, metavar=PAIRS, help="Interventions. Repeatable.")
@click.option(
    "--missing",
    multiple=True,
    metavar="LAYER=SHARE",
    help="Answers missing at random, such as finding=0.5; condition=0 shows the truth. Repeatable.",
)
@tables_option
def simulate(
    n: int,
    seed: int,
    given: tuple[str, ...],
    do: tuple[str, ...],
    missing: tuple[str, ...],
    tables: Path | None,
) -> None:
    """Draw N people from the network, as CSV that batch can read.

    Who answers that there is no pain (duration) is not asked how it behaves.
    """
    from lumbayes.batch.simulation import simulate_parts
    from lumbayes.cases.case_files import parse_pairs

    model = load_model(tables)
    parts = simulate_parts(
        model,
        n,
        seed,
        given=parse_pairs(given),
        do=parse_pairs(do),
        missing={k: _share(k, v) for k, v in parse_pairs(missing, SHARE).items()},
    )
    for i, part in enumerate(parts):
        sys.stdout.write(part.to_csv(index=False, header=i == 0))


def _share(layer: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise LumbayesError(f"--missing {layer}={text}: {text!r} is not a number.") from None


@click.command()
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--raw", is_flag=True, help="Leave cells of .csv that would be formulas alone.")
@tables_option
def export(path: Path, raw: bool, tables: Path | None) -> None:
    """Write the network for other tools: PATH ends in .bif, .xml, .xdsl (GeNIe) or .csv.

    The file is read back and compared before it takes its name.
    """
    from lumbayes.knowledge.tables import data_dir
    from lumbayes.network.formats import export as write

    model = load_model(tables)
    home = Path(str(model.folder or data_dir())).resolve()
    if home in path.resolve().parents:
        raise LumbayesError(f"{path} lies among the tables of the model. Name another place.")
    labels = {v.name: v.label for v in model.variables.values()}
    notes = write(model.network, path, labels, raw=raw)
    for note in notes:
        echo(note, err=True)
    echo(f"written: {path}", err=True)


@click.command(
    epilog="Exit status: 0 if every case was used, 1 if some could not be used, 2 on an error."
)
@click.argument("cases", metavar="CASES")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="A new folder.")
@click.option("--keep", multiple=True, metavar="COLUMN", help="A column to pass over; repeatable.")
@click.option("--held-out", default=0.2, show_default=True, help="Share of cases to test on.")
@click.option("--seed", default=0, show_default=True, help="Of the choice of cases held out.")
@click.option("--iterations", default=50, show_default=True, type=click.IntRange(min=1))
@click.option(
    "--population/--care-seekers",
    default=None,
    help="What the cases are a sample of. If left out care seekers if all say asks_for_care=yes.",
)
@click.option("--quiet", is_flag=True, help="No progress.")
@tables_option
def learn(
    cases: str,
    out: Path,
    keep: tuple[str, ...],
    held_out: float,
    seed: int,
    iterations: int,
    population: bool | None,
    quiet: bool,
    tables: Path | None,
) -> int:
    """Update the tables from confirmed cases, into a new folder.

    CASES is a table as for batch; confirmed conditions are columns like any other. The published
    numbers count as so many cases as their intervals are worth. OUT gets a complete set of tables,
    changes.csv and a report. Use it with --tables OUT.
    """
    from lumbayes.learning.em import as_data, split
    from lumbayes.learning.em import learn as learn_from
    from lumbayes.learning.report import write_report
    from lumbayes.learning.review import predictions
    from lumbayes.learning.tables import check_new, write_tables

    check_new(out)
    model = load_model(tables)
    rows, bad = usable_rows(model, cases, keep)
    rows, selected = as_data(rows, None if population is None else not population)
    train, test = split(rows, held_out, seed)

    def progress(round_: int, gain: float) -> None:
        if not quiet:
            echo(f"round {round_}: {gain:.5f} nats per case", err=True)

    learned = learn_from(model, train, iterations=iterations, selected=selected, progress=progress)
    predicted = predictions(learned, test)
    name = Path(cases).name

    def report(folder: Path) -> None:
        write_report(learned, predicted, folder, name, bad)

    write_tables(learned, out, name, report)
    cases = how_many(learned.cases, "case")
    echo(f"learned from {cases}: {out}, see {out / 'report.md'}", err=True)
    if (disagree := int((learned.kept < 1).sum())) and not quiet:
        echo(
            f"{how_many(disagree, 'published number')} disagree with the cases and count less; the"
            " report names them.",
            err=True,
        )
    return 1 if bad else 0
