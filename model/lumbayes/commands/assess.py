"""Commands about one case: assess, explain, exercises, posterior."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lumbayes.atomic_files import atomic_write, check_writable
from lumbayes.commands import (
    as_json_option,
    case_argument,
    clinician_option,
    complete_names,
    complete_pairs,
    draws_option,
    echo,
    echo_json,
    equipment_option,
    region_option,
    show_anyway_option,
    tables_option,
)
from lumbayes.commands.reading import (
    answered_first,
    echo_text,
    end,
    read_case_arguments,
    terminal_width,
    with_triage,
)
from lumbayes.errors import CaseError, LumbayesError, unknown_name
from lumbayes.knowledge.model import load_model

if TYPE_CHECKING:
    from lumbayes.inference.queries import Finding
    from lumbayes.knowledge.model import Model
    from lumbayes.network.variables import Network


@click.command()
@case_argument
@as_json_option
@click.option("--brief", is_flag=True, help="A few lines instead of the page.")
@click.option(
    "--report", type=click.Path(path_type=Path), help="Write the page to a file: .html or .md."
)
@draws_option
@region_option
@equipment_option
@click.option("--level", type=int, help="Of the exercises, 1 to 4; from the case if left out.")
@clinician_option
@show_anyway_option
@tables_option
def assess(
    case: tuple[str, ...],
    as_json: bool,
    brief: bool,
    report: Path | None,
    draws: int,
    region: str | None,
    equipment: tuple[str, ...],
    level: int | None,
    clinician: bool,
    show_anyway: bool,
    tables: Path | None,
) -> None:
    """Assess one case: care level, likely causes, reasons, next question and plan.

    CASE is a JSON file, - for standard input, JSON text, findings or facts as NAME=VALUE, or a file
    and findings. Without any it answers for an adult of whom nothing is known.

    The page is for people: what to do and why. An emergency ends it. A case that contradicts itself
    is answered with the worst level that a part of it calls for, and refused with exit status 2 if
    none calls for a visit. What cannot be read hides nothing that calls for a doctor within days or
    for emergency help: the answer is printed, then the mistake, and the exit status is 2.
    """
    from lumbayes.questions.assessment.summary import assess as ask_all
    from lumbayes.questions.assessment.summary import brief as in_brief

    if report is not None:
        if report.suffix not in (".html", ".md"):
            raise LumbayesError(f"{report}: a report ends in .html or .md. Change the ending.")
        check_writable(report)
    model = load_model(tables)
    known = read_case_arguments(model, case)
    answer = ask_all(model, known, draws, region=region, equipment=equipment, level=level)
    if report is not None:
        form = answer.to_html if report.suffix == ".html" else answer.to_markdown
        page = form(clinician=clinician, show_anyway=show_anyway)
        atomic_write(report, page.encode())
        echo(f"written: {report}", err=True)
    if as_json:
        mistake = {"error": str(known.errors[0])} if known.errors else {}
        echo_json({**answer.to_dict(), **mistake})
    elif brief:
        echo(in_brief(answer, terminal_width()))
    elif report is None:
        width = terminal_width()
        text = answer.to_text(clinician=clinician, show_anyway=show_anyway, width=width)
        echo(text)
    end(known)


@click.command()
@case_argument
@click.option(
    "--target",
    shell_complete=complete_names,
    help="What to explain; the likeliest condition if left out.",
)
@click.option("--state", help="Of the target; its likeliest one but the first if left out.")
@click.option("--orders", default=200, show_default=True, help="Drawn for more than ten findings.")
@as_json_option
@clinician_option
@show_anyway_option
@tables_option
def explain(
    case: tuple[str, ...],
    target: str | None,
    state: str | None,
    orders: int,
    as_json: bool,
    clinician: bool,
    show_anyway: bool,
    tables: Path | None,
) -> None:
    """Explain which findings moved a probability, and by which way.

    CASE as for assess. In words for people; with --clinician by how much.
    """
    from lumbayes.questions.assessment.plain_words import explained
    from lumbayes.questions.explanation.explain import explain as ask

    model = load_model(tables)
    opened = answered_first(model, case, as_json=as_json, show_anyway=show_anyway)
    if opened is None:
        return
    known, advice = opened
    answer = ask(model, known, target, state=state, orders=orders)
    if as_json:
        echo_json(with_triage(model, answer.to_dict(), advice))
    elif clinician or show_anyway:
        echo_text(answer.to_text())
    else:
        echo_text(explained(model, answer))
        echo("The numbers are for clinicians, behind --clinician.", err=True)


@click.command()
@case_argument
@equipment_option
@click.option("--level", type=int, help="1 (beginner) to 4 (trained); from the case if left out.")
@click.option("--weeks", default=8, show_default=True, help="6 to 8.")
@region_option
@as_json_option
@show_anyway_option
@tables_option
def exercises(
    case: tuple[str, ...],
    equipment: tuple[str, ...],
    level: int | None,
    weeks: int,
    region: str | None,
    as_json: bool,
    show_anyway: bool,
    tables: Path | None,
) -> None:
    """Plan the exercises that fit a case: which, why, how much, when to stop.

    CASE as for assess.
    """
    from lumbayes.questions.assessment.summary import exercise_plan
    from lumbayes.questions.differential import differential

    model = load_model(tables)
    opened = answered_first(model, case, as_json=as_json, region=region, show_anyway=show_anyway)
    if opened is None:
        return
    known, advice = opened
    likely = differential(model, known, draws=0)
    plan = exercise_plan(
        model, known, advice, likely, equipment=equipment, level=level, weeks=weeks
    )
    if as_json:
        echo_json(with_triage(model, plan.to_dict(), advice))
    else:
        echo_text(plan.to_text())


@click.command()
@click.argument("targets", nargs=-1, required=True, shell_complete=complete_names)
@click.option(
    "--given",
    "-g",
    multiple=True,
    metavar="NAME=STATE",
    shell_complete=complete_pairs,
    help="A finding; may be repeated.",
)
@click.option(
    "--soft",
    multiple=True,
    metavar="NAME=STATE:WEIGHT,…",
    help="A soft finding: P(what was seen | state) for each state, up to a factor.",
)
@click.option(
    "--do",
    "done",
    multiple=True,
    metavar="NAME=STATE",
    shell_complete=complete_pairs,
    help="An intervention.",
)
@click.option(
    "--network",
    type=click.Path(path_type=Path),
    help="A file: .bif, .xml, .xdsl or .csv as of export; also .gz.",
)
@click.option("--joint", "together", is_flag=True, help="One joint distribution of the targets.")
@as_json_option
@tables_option
def posterior(
    targets: tuple[str, ...],
    given: tuple[str, ...],
    soft: tuple[str, ...],
    done: tuple[str, ...],
    network: Path | None,
    together: bool,
    as_json: bool,
    tables: Path | None,
) -> None:
    """P(target | given, do) of any variables, exactly.

    Of this network, or of one in a file: BIF, XMLBIF (.xml, .bifxml), XDSL of GeNIe, .net of Hugin
    and SamIam, UAI, or a CSV of tables; .gz is unpacked. In this one contested links carry only
    their causal share under --do.
    """
    from lumbayes.cases.case_files import parse_pairs
    from lumbayes.inference.queries import joint, posteriors
    from lumbayes.knowledge.causal import network_for
    from lumbayes.network.formats import read_network

    if network is not None:
        if tables is not None:
            raise LumbayesError("--network and --tables are two networks. Give one of them.")
        reading = read_network(network)
        chosen = reading.network
        for note in reading.notes:
            echo(f"note: {note}", err=True)
    else:
        model = load_model(tables)
        chosen = network_for(model, causal=bool(done))
        _refuse_triage_only(model, [*targets, *(p.partition("=")[0] for p in (*given, *soft))])
    hard, actions = parse_pairs(given), parse_pairs(done)
    for name in actions:
        if name in hard and name in chosen:
            raise CaseError(f"{name} is both given and done. Remove one.")
    findings: dict[str, str | list[Finding]] = {**hard}
    for text in soft:
        name, likelihood = _soft_finding(chosen, text)
        findings[name] = [*([hard[name]] if name in hard else []), likelihood]
    if together:
        answers = [joint(chosen, targets, findings, actions)]
    else:
        answers = list(posteriors(chosen, targets, findings, actions).values())
    if as_json:
        said = {"program": version("lumbayes")}
        said |= {} if network is not None else {"data": model.version}
        rows = ({"question": str(a.name), "probability": _by_state(a.items())} for a in answers)
        echo_json([{**row, "version": said} for row in rows])
        return
    echo("\n\n".join(f"{a.name}\n{a.to_string(header=False)}" for a in answers))


def _by_state(items: Iterable[tuple[object, float]]) -> dict[str, float]:
    """Return probabilities by state, joint ones by states with a comma between."""
    return {", ".join(s) if isinstance(s, tuple) else str(s): float(p) for s, p in items}


def _soft_finding(network: Network, text: str) -> tuple[str, Mapping[str, float]]:
    """Read ``name=state:weight,state:weight``."""
    name, _, weights = text.partition("=")
    likelihood: dict[str, float] = {}
    for part in weights.split(","):
        state, colon, weight = part.rpartition(":")
        try:
            likelihood[state.strip()] = float(weight)
        except ValueError:
            colon = ""
        if not colon:
            raise CaseError(
                f"--soft {text!r}: {part!r} is not STATE:WEIGHT."
                " Example: --soft slr=negative:0.5,positive:0.9"
            )
    return network[name.strip()].name, likelihood


def _refuse_triage_only(model: Model, names: list[str]) -> None:
    for name in names:
        if name not in model.variables:
            raise unknown_name("variable", name, model.network)
        if name not in model.network:
            raise LumbayesError(
                f"{name} is asked for safety only and has no probability. See: lumbayes assess."
            )
