"""How a case is given on the command line, and what is said first if it holds an alarm."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lumbayes.commands import columns, echo
from lumbayes.errors import FEW, CaseError, LumbayesError, unknown_name
from lumbayes.limits import CASE, LINE
from lumbayes.text import fitted

if TYPE_CHECKING:
    from lumbayes.cases.case import Case
    from lumbayes.knowledge.model import Model
    from lumbayes.triage.judgement import Advice

NOT_ANSWERS = ("--do", "--see", "--outcome", "--target", "--soft")
REST = "The rest is for clinicians, behind --show-anyway."


@dataclass
class Progress:
    """What a command knows and has said so far, should it fail: ``obj`` of its context."""

    model: Model | None = None
    case: Case | None = None
    advice: Advice | None = None  # what could not wait, told at once
    ended: bool = False


def progress() -> Progress:
    """Return what the command that runs knows and has said so far."""
    context = click.get_current_context(silent=True)
    found = None if context is None else context.find_object(Progress)
    return found or Progress()


def read_case_arguments(model: Model, arguments: Sequence[str]) -> Case:
    """Read a case as given on the command line: a file, JSON text, and ``NAME=VALUE`` pairs.

    Pairs are findings, or facts of the vocabulary. What is wrong does not hide a warning sign: a
    case with one is returned with its ``errors`` and ``contradictions``, and the command that has
    answered it ends with ``end``.

    Raises
    ------
    LumbayesError
        If something is wrong with the case, and it is not answered all the same (``admit``).
    """
    from lumbayes.triage.care_level import admit

    so_far = progress()
    so_far.model, so_far.case = model, understood_arguments(model, arguments)
    return admit(model, so_far.case)


def is_file(argument: str) -> bool:
    r"""Tell whether an argument names a file; what is too long for a name, or holds NUL, does not.

    Examples
    --------
    >>> is_file("x" * 5_000), is_file("a\0b")
    (False, False)
    """
    try:
        return Path(argument).is_file()
    except (OSError, ValueError):
        return False


def understood_arguments(model: Model, arguments: Sequence[str]) -> Case:
    """Return all that can be understood of a case on the command line; never raises."""
    from lumbayes.cases.case import understand
    from lumbayes.cases.case_files import understand_text

    texts = [a for a in arguments if a.lstrip().startswith(("{", "["))]
    pairs = [a for a in arguments if "=" in a and a not in texts and not is_file(a)]
    files = [a for a in arguments if a not in pairs and a not in texts]
    errors: list[LumbayesError] = []
    if len(files) + len(texts) > 1:
        first, second = [*files, *(t[:20] + "…" for t in texts)][:2]
        errors.append(
            CaseError(
                f"{first!r} and {second!r}: one case at a time."
                " Give one file; findings are written NAME=VALUE. For many cases there is batch."
            )
        )
    given = [(text, "case") for text in texts]
    for name in files:
        try:
            text, place, wrong = read_text(name)
            given.append((text, place))
            errors += wrong
        except LumbayesError as error:
            errors.append(error)
    if len(given) == 1 and not pairs:
        case = understand_text(model, *given[0])
        return replace(case, errors=(*errors, *case.errors))
    return understand(model, _together(model, given, pairs, errors), errors)


def _together(
    model: Model,
    given: Sequence[tuple[str, str]],
    pairs: Sequence[str],
    errors: list[LumbayesError],
) -> dict[str, Any]:
    """Put files, texts and pairs into one case; adds to the errors what is wrong."""
    from lumbayes.cases.fact_names import known_as
    from lumbayes.cases.facts import SENTENCE, SENTENCES
    from lumbayes.cases.forms import opened
    from lumbayes.cases.json_values import Several, merged, salvage_json
    from lumbayes.cases.parts import OBJECTS
    from lumbayes.cases.vocabulary import load_vocabulary

    case: dict[str, Any] = {}
    for text, place in given:
        data, broken = salvage_json(text, place)
        data, unfit = opened(model, data)
        errors += [*broken, *unfit]
        if not isinstance(data, Mapping):
            errors.append(CaseError(f"{place}: a case must be a JSON object."))
        elif any(part in data for part in OBJECTS):
            case = merged(case, data)
        else:
            case = merged(case, {"findings": data})
    findings: dict[str, Any] = {}
    facts: dict[str, Any] = {}
    for pair in pairs:
        name, _, value = (part.strip() for part in pair.partition("="))
        if not (name and value):
            errors.append(
                CaseError(f"{pair!r} is not a pair. Write variable=state, such as fever=yes.")
            )
        elif name in model.variables:
            findings = merged(findings, {name: value})
        elif known_as(model, name, value) or name in SENTENCES or name == SENTENCE:
            facts = merged(facts, {name: value})
        else:
            facts = merged(facts, {name: value})  # a mistake, and still something that was said
            known = [*model.variables, *load_vocabulary(model)]
            what = "value of" if name in known else "variable"
            errors.append(
                CaseError(f"the value of {name} is {value!r}, which says nothing. Correct it.")
                if name in known
                else unknown_name(what, name, known, near=len(errors) < FEW)
            )
    for part, said in (("findings", findings), ("facts", facts)):
        if said:
            inside = case.get(part)
            given_twice = said if inside is None else Several((inside, said))
            case[part] = merged(inside, said) if isinstance(inside, Mapping) else given_twice
    return case


def read_text(source: str) -> tuple[str, str, list[LumbayesError]]:
    """Return the text of a file or, for ``-``, of standard input, its name, and what is wrong."""
    from lumbayes.cases.forms import text_of

    place = "standard input" if source == "-" else source
    if source == "-" and sys.stdin is None:
        raise CaseError("standard input is closed. Name a file, or pipe the case in.")
    try:
        if source == "-":
            content = sys.stdin.buffer.read(CASE.value + 1)
        else:
            with Path(source).open("rb") as file:
                content = file.read(CASE.value + 1)
    except OSError as error:
        hint = "Check the path." if Path(source).suffix else "A finding is written NAME=VALUE."
        raise CaseError(f"{place} cannot be read: {error.strerror}. {hint}") from None
    text, wrong = text_of(content[: CASE.value], place)
    if len(content) > CASE.value:
        wrong.append(CaseError(f"{place}: {CASE.excess()}"))
    return text, place, wrong


def alarm(
    model: Model,
    case: Case,
    *,
    as_json: bool = False,
    region: str | None = None,
    show_anyway: bool = False,
    refused: bool = False,
) -> tuple[Case, Advice, bool]:
    """Say first what cannot wait; return the case to go on with, the advice, whether that ends it.

    Of a case that is ``refused`` every visit is said, and what does not fit together.

    An emergency ends what is written for people, unless a clinician wants to see the rest anyway.
    With JSON the alarm goes to standard error, and the JSON follows. Of answers that cannot occur
    together, and call for a visit, those that do not fit are set aside for what follows.
    """
    from lumbayes.questions.assessment.page import alarm_sections
    from lumbayes.questions.assessment.plain_words import contradictions
    from lumbayes.questions.assessment.report import as_text
    from lumbayes.questions.conditioning import without_clash
    from lumbayes.triage.care_level import answerable, care_level, goes_with_an_error
    from lumbayes.triage.judgement import urgent
    from lumbayes.triage.rules import LEVELS

    advice = care_level(model, case, region)
    stops = advice.level == LEVELS[0] and not (as_json or show_anyway)
    if urgent(advice) or (refused and goes_with_an_error(advice)):
        progress().advice = advice
        page = alarm_sections(model, case, advice, whole=stops)
        echo(as_text(page, terminal_width()) + "\n", err=as_json or not urgent(advice))
        if stops:
            echo(REST, err=True)
    elif advice.provisional and not as_json and click.get_current_context(silent=True):
        odd = contradictions(model, advice.contradictions)
        told = " ".join(("Not firm yet.", *odd, *advice.ask_again[-1:]))
        echo(fitted(told, terminal_width()), err=True)
    new = advice.contradictions[len(case.disagreements) + len(case.contradictions) :]
    if new and answerable(advice.level, bool(case.errors)):
        case = without_clash(model, case, new[0])
    return case, advice, stops


def answered_first(
    model: Model,
    arguments: Sequence[str],
    *,
    as_json: bool = False,
    region: str | None = None,
    show_anyway: bool = False,
) -> tuple[Case, Advice] | None:
    """Read a case, say what cannot wait, and return what to go on with; nothing in an emergency.

    Of a case in which something cannot be read only the level of care is told: every number that
    hangs on it would be one of another case.

    Raises
    ------
    LumbayesError
        If something is wrong with the case; of one that calls for a doctor after its advice.
    """
    from lumbayes.commands import echo_json

    known = read_case_arguments(model, arguments)
    known, advice, stops = alarm(
        model, known, as_json=as_json, region=region, show_anyway=show_anyway
    )
    if known.errors:
        if as_json:
            echo_json(with_triage(model, {"error": str(known.errors[0])}, advice))
        end(known)
    return None if stops else (known, advice)


def advise_first(arguments: Sequence[str], so_far: Progress, mistake: Exception) -> None:
    """Before a command says why it fails, say what its case already calls for; never raises.

    Parameters
    ----------
    arguments : sequence of str
        Those of the process, unread: an option that is wrong hides no answer beside it.
    so_far : Progress
        What the command had read and said by then. Where it had not come to reading, or its tables
        are broken, the case is read here, by the tables that are shipped if need be.
    mistake : Exception
        Why the command fails; with ``--json`` it stands beside the advice, as ``error``.
    """
    from lumbayes.commands import echo_json
    from lumbayes.knowledge.model import load_model
    from lumbayes.triage.care_level import goes_with_an_error

    if so_far.ended or not arguments:
        return
    as_json = "--json" in arguments
    if so_far.advice and so_far.model:  # told already, but for the JSON
        if as_json:
            echo_json(with_triage(so_far.model, {"error": str(mistake)}, so_far.advice))
        return
    folder, region = (_value_after(arguments, option) for option in ("--tables", "--region"))
    model, case = so_far.model, so_far.case
    for tables in (folder, None):
        with suppress(Exception):
            model = model or load_model(None if tables is None else Path(tables))
            case = case or understood_arguments(model, answers_among(arguments))
            break
    for numbers in (region, None):
        with suppress(Exception):
            if model and case:
                _, advice, _ = alarm(model, case, as_json=as_json, region=numbers, refused=True)
                if as_json and goes_with_an_error(advice):
                    echo_json(with_triage(model, {"error": str(mistake)}, advice))
            return


def _value_after(arguments: Sequence[str], option: str) -> str | None:
    """Return what was given for an option, if anything was."""
    for argument, following in zip(arguments, [*arguments[1:], ""], strict=True):
        if argument == option:
            return following
        if argument.startswith(f"{option}="):
            return argument.partition("=")[2]
    return None


def answers_among(arguments: Sequence[str]) -> list[str]:
    """Return what tells of the person in a command line that cannot be read whole.

    Pairs and JSON, files that exist and standard input; not what is done, seen or asked about, and
    nothing that begins like an option. The header of a table says nothing of anybody.

    Examples
    --------
    >>> answers_among(["what-if", "fever=yes", "--foo", "slr=positive", "--do", "sitting=under_6h"])
    ['fever=yes', 'slr=positive']
    """
    found = []
    for argument, before in zip(arguments, ["", *arguments[:-1]], strict=True):
        says = "=" in argument or argument.lstrip().startswith(("{", "["))
        file = argument == "-" or (is_file(argument) and not _is_header_alone(argument))
        file = file and not before.startswith("-")
        if (says or file) and before not in NOT_ANSWERS and not argument.startswith("--"):
            found.append(argument)
    return found


def _is_header_alone(path: str) -> bool:
    if not path.lower().endswith((".csv", ".tsv")):
        return False
    with suppress(OSError), open(path, "rb") as file:
        return b"\n" not in file.read(LINE.value).strip()
    return False


def with_triage(model: Model, answer: Mapping[str, Any], advice: Advice) -> dict[str, Any]:
    """Return an answer for JSON with the level of care and the versions beside it."""
    from lumbayes.questions.assessment.summary import triage_part, versions

    return {"triage": triage_part(advice), **answer, "version": versions(model)}


def end(case: Case) -> None:
    """End a command that has answered: what could not be read is an error all the same.

    Raises
    ------
    LumbayesError
        The first mistake, after the answer has been printed; the exit status is 2.
    """
    progress().ended = True
    if case.errors:
        raise case.errors[0]


def echo_text(told: str) -> None:
    """Print an answer for people as wide as the terminal."""
    echo(fitted(told, terminal_width()))


def terminal_width() -> int:
    """Return the columns of the terminal, 88 at most, and 88 where there is none."""
    return min(columns() or 88, 88)
