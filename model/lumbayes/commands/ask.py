"""Commands that ask on: the interview, what if, and which numbers an answer hangs on."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lumbayes.atomic_files import check_writable
from lumbayes.commands import (
    as_json_option,
    case_argument,
    clinician_option,
    complete_names,
    complete_pairs,
    draws_option,
    echo,
    echo_json,
    region_option,
    show_anyway_option,
    tables_option,
)
from lumbayes.commands.reading import (
    alarm,
    answered_first,
    echo_text,
    end,
    progress,
    read_case_arguments,
    terminal_width,
    with_triage,
)
from lumbayes.errors import CaseError, LumbayesError
from lumbayes.knowledge.model import load_model
from lumbayes.text import fitted

if TYPE_CHECKING:
    from lumbayes.knowledge.model import Model
    from lumbayes.questions.interview import Interview, Step
    from lumbayes.questions.what_if.scenarios import Benefit, Counterfactual, Scenario, WhatIf

WORDS = "Number or answer; skip, back, why or quit"
ANY_OF = "Numbers of all that apply, 0 for none; skip, back, why or quit"


@click.command()
@case_argument
@click.option("--save", type=click.Path(path_type=Path), help="Keep the case in this file.")
@click.option("--clinical", is_flag=True, help="Ask for clinical tests too.")
@click.option(
    "--target",
    shell_complete=complete_names,
    help="Learn about this variable rather than about all conditions.",
)
@draws_option
@region_option
@show_anyway_option
@tables_option
def ask(
    case: tuple[str, ...],
    save: Path | None,
    clinical: bool,
    target: str | None,
    draws: int,
    region: str | None,
    show_anyway: bool,
    tables: Path | None,
) -> None:
    """Hold the interview: one question after the other, then the answer.

    CASE is a file to go on with, findings NAME=VALUE, or nothing. Quit at any time: with --save the
    case is kept, and ask opens it again.
    """
    from lumbayes.cases.case_files import save_case
    from lumbayes.questions.assessment.summary import assess
    from lumbayes.questions.interview import AT_HOME, start_interview
    from lumbayes.questions.next_question.ranking import KINDS

    sys.stdin = sys.stdin or io.StringIO()  # closed: like one at its end
    if save is not None:
        check_writable(save)
    model = load_model(tables)
    opened = read_case_arguments(model, case)
    for warning in opened.warnings if case else ():
        echo(f"Note: {warning}")
    interview = start_interview(model, opened, KINDS if clinical else AT_HOME, target)
    interview, finished = _hold(model, interview)
    progress().case = interview.case
    if save is None and not finished and interview.past:
        save = _named_file()
    if save is not None:
        save_case(model, interview.case, save)
        echo(f"Kept in {save}. To go on: lumbayes ask {save}")
    if finished:
        echo("")
        answer = assess(model, interview.case, draws, region=region)
        width = terminal_width()
        echo(answer.to_text(clinician=clinical, show_anyway=show_anyway, width=width))
    elif interview.past or case:
        alarm(model, interview.case, region=region)
    end(opened)


def _named_file() -> Path | None:
    """Ask where to keep the case; the end of the input is as good as nowhere."""
    asked = "File to keep the case in (empty for none)"
    while True:
        try:
            named = click.prompt(fitted(asked, terminal_width() - 2), "", show_default=False)
            if not named:
                return None
            check_writable(named)
        except click.Abort:
            return None
        except LumbayesError as error:
            echo(f"  {error}")
        else:
            return Path(named)


def _hold(model: Model, interview: Interview) -> tuple[Interview, bool]:
    """Ask until the stop sign, the last question or quit; return whether it ended by itself."""
    from lumbayes.questions.assessment.plain_words import in_words
    from lumbayes.questions.interview import back, next_step, skipped

    step = next_step(model, interview)
    while not step.ended:
        said = _prompt(step)
        try:
            if said == "quit":
                return interview, False
            if said == "why":
                echo(f"  {step.why} {step.message}")
                continue
            if said == "skip":
                interview = skipped(interview, step.screen.name if step.screen else step.variable)
            elif said == "back":
                interview = back(interview)
            else:
                interview = _replied(model, interview, step, said)
            step = next_step(model, interview)
        except LumbayesError as error:
            echo(f"  {in_words(model, str(error))}")
    echo(f"\n{step.message}")
    return interview, True


def _replied(model: Model, interview: Interview, step: Step, said: str) -> Interview:
    """Take a reply: an answer, or the signs of a screen, each with the state that is meant."""
    from lumbayes.questions.interview import answered, picked, ticked, understood
    from lumbayes.triage.warning_signs import tick_states

    if step.screen is None:
        return answered(model, interview, step.variable, understood(step, said))
    ticks = {}
    for name in picked(step.screen, said):
        states = tick_states(model, step.screen, name)
        info = model.variables[name]
        ticks[name] = states[0]
        if len(states) > 1:
            labels = [info.state_label(state) for state in states]
            echo(f"  {info.question}")
            for number, label in enumerate(labels, 1):
                echo(f"    {number}. {label}")
            chosen = click.prompt("  Number", type=click.IntRange(1, len(states)))
            ticks[name] = states[chosen - 1]
    return ticked(model, interview, step.screen, ticks)


def _prompt(step: Step) -> str:
    """Show a question and read a reply; the end of the input is as good as quit."""
    echo(f"\n{'[!] ' if step.red_flag else ''}{step.question}")
    if step.help:
        echo(f"  {step.help}")
    for number, (_, label) in enumerate(step.answers, 1):
        echo(f"  {number}. {label}")
    if step.screen:
        for number, sign in enumerate(step.screen.signs, 1):
            echo(f"  {number}. {sign.text}")
        echo("  0. None of these")
    try:
        asked = fitted(ANY_OF if step.screen else WORDS, terminal_width() - 2)
        reply: str = click.prompt(asked, prompt_suffix=": ")
    except click.Abort:
        echo("")
        return "quit"
    said = reply.strip().lower()
    return {"q": "quit", "b": "back", "s": "skip", "?": "why", "w": "why"}.get(said, said)


@click.command("what-if")
@case_argument
@click.option(
    "--do",
    "done",
    multiple=True,
    shell_complete=complete_pairs,
    help="Something changed: NAME=VALUE, more by commas.",
)
@click.option(
    "--see",
    "seen",
    multiple=True,
    shell_complete=complete_pairs,
    help="Other answers: NAME=VALUE, more by commas.",
)
@click.option(
    "--outcome",
    "outcomes",
    multiple=True,
    shell_complete=complete_names,
    help="NAME or NAME=VALUE; may be repeated.",
)
@click.option("--for-you", is_flag=True, help="Each --do for this very person (counterfactual).")
@click.option("--hip-work", is_flag=True, help="The benefit of hip work, beside the trials.")
@as_json_option
@draws_option
@clinician_option
@show_anyway_option
@tables_option
def what_if(
    case: tuple[str, ...],
    done: tuple[str, ...],
    seen: tuple[str, ...],
    outcomes: tuple[str, ...],
    for_you: bool,
    hip_work: bool,
    as_json: bool,
    draws: int,
    clinician: bool,
    show_anyway: bool,
    tables: Path | None,
) -> None:
    """Tell what would be otherwise if something were otherwise.

    Every --do and every --see is a scenario of its own, named by its text: what is done is answered
    for someone like you, what is seen compares people who answer so.
    """
    from lumbayes.questions.what_if.scenarios import benefit, counterfactual, usual_outcomes
    from lumbayes.questions.what_if.scenarios import what_if as compare

    model = load_model(tables)
    opened = answered_first(model, case, as_json=as_json, show_anyway=show_anyway)
    if opened is None:
        return
    person, advice = opened
    scenarios = _scenarios(done, seen)
    if not scenarios and not hip_work:
        raise CaseError(
            "no scenario is given. Add --do NAME=VALUE, with a name among"
            f" {', '.join(model.with_role('changeable'))}; or --see NAME=VALUE; or --hip-work."
        )
    answers: list[WhatIf | Counterfactual | Benefit] = []
    numbers = as_json or clinician or show_anyway
    left = outcomes if numbers else _without_dangers(model, outcomes)
    if outcomes and not left:
        return
    told = left or None
    if for_you:
        if seen:
            raise CaseError("--for-you answers what is done: leave out --see, or --for-you.")
        answers += [counterfactual(model, person, s.do, told, draws) for s in scenarios]
    elif scenarios:
        asked = told or usual_outcomes(model, dangers=numbers)
        answers += [compare(model, person, scenarios, asked, draws)]
    if hip_work:
        answers += [benefit(model, person if case else None, draws)]
    if as_json:
        told_all = [with_triage(model, a.to_dict(), advice) for a in answers]
        echo_json(told_all if len(told_all) > 1 else told_all[0])
    else:
        echo_text("\n\n".join(a.to_text() for a in answers))


def _without_dangers(model: Model, targets: Sequence[str]) -> tuple[str, ...]:
    """Return the targets whose numbers are for everybody; of each other it is said why not."""
    from lumbayes.questions.assessment.plain_words import decided_by_signs

    told = [text for target in targets if (text := decided_by_signs(model, target))]
    if told:
        echo_text("\n".join(told))
        echo("The numbers are for clinicians, behind --clinician.", err=True)
    return tuple(target for target in targets if not decided_by_signs(model, target))


def _scenarios(done: Sequence[str], seen: Sequence[str]) -> list[Scenario]:
    """Read scenarios from the command line."""
    from lumbayes.cases.case_files import parse_pairs
    from lumbayes.questions.what_if.scenarios import Scenario

    return [
        *(Scenario(text, do=parse_pairs(text.split(","))) for text in done),
        *(Scenario(text, parse_pairs(text.split(","))) for text in seen),
    ]


@click.command()
@case_argument
@click.option(
    "--target",
    shell_complete=complete_names,
    help="NAME or NAME=VALUE; the likeliest condition if left out.",
)
@click.option("--number", help="One number only: its function, and its whole life.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="Most bars and flips to print.",
)
@as_json_option
@clinician_option
@show_anyway_option
@tables_option
def sensitivity(
    case: tuple[str, ...],
    target: str | None,
    number: str | None,
    limit: int,
    as_json: bool,
    clinician: bool,
    show_anyway: bool,
    tables: Path | None,
) -> None:
    """Tell which numbers of the tables an answer hangs on.

    Of a dangerous cause the numbers are for clinicians, with --clinician.
    """
    from lumbayes.questions.differential import differential
    from lumbayes.questions.sensitivity.analysis import one_way, provenance
    from lumbayes.questions.sensitivity.analysis import sensitivity as find

    model = load_model(tables)
    opened = answered_first(model, case, as_json=as_json, show_anyway=show_anyway)
    if opened is None:
        return
    person, advice = opened
    if target is None:
        target = str(differential(model, person, draws=0).conditions["name"].iloc[0])
    if not (as_json or clinician or show_anyway or _without_dangers(model, [target])):
        return
    if number is None:
        answer = find(model, person, target)
        text, data = answer.to_text(limit), answer.to_dict()
    else:
        told = provenance(model, number, person, limit)
        line = None if person.do else one_way(model, person, target, number)
        text = told.to_text()
        if line is not None:
            text += (
                f"\nP({target}) = ({line.a:.4g} x + {line.b:.4g}) / ({line.c:.4g} x + {line.d:.4g})"
            )
        function = None if line is None else {k: getattr(line, k) for k in "abcd"}
        data = told.to_dict() | {"target": target, "function": function}
    if as_json:
        echo_json(with_triage(model, data, advice))
    else:
        echo_text(text)
