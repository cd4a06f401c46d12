"""How a case is given on the command line, and what is said first if it holds an alarm."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lumbayes.errors import CaseError, LumbayesError, unknown_name
from lumbayes.limits import CASE
from lumbayes.text import fitted

if TYPE_CHECKING:
    from lumbayes.cases.case import Case
    from lumbayes.knowledge.model import Model
    from lumbayes.triage.judgement import Advice

REST = "The rest is for clinicians, behind --show-anyway."


def read_case_arguments(model: Model, arguments: Sequence[str]) -> Case:
    """Read a case as given on the command line: a file, JSON text, and ``NAME=VALUE`` pairs.

    Pairs are findings, or facts of the vocabulary. What is wrong does not hide a warning sign: a
    case with one is returned with its ``errors`` and ``contradictions``, and the command that has
    answered it ends with ``end``.

    Raises
    ------
    LumbayesError
        If something is wrong with the case, and no sign in it calls for a doctor today or for
        emergency help.
    """
    from lumbayes.cases.case import understand, understand_text
    from lumbayes.triage.judgement import admit

    texts = [a for a in arguments if a.lstrip().startswith("{")]
    pairs = [a for a in arguments if "=" in a and a not in texts and not Path(a).is_file()]
    files = [a for a in arguments if a not in pairs and a not in texts]
    errors: list[LumbayesError] = []
    if len(files) + len(texts) > 1:
        first, second = [*files, *(t[:20] + "…" for t in texts)][:2]
        errors.append(
            CaseError(
                f"{first} and {second}: one case at a time."
                " Give one file; findings are written NAME=VALUE. For many cases there is batch."
            )
        )
    given = [(text, "case") for text in texts]
    for name in files:
        try:
            text, place = read_text(name)
            given.append((_translated(model, text, place), place))
        except LumbayesError as error:
            errors.append(error)
    if len(given) == 1 and not pairs and not errors:
        return admit(model, understand_text(model, *given[0]))
    return admit(model, understand(model, _together(model, given, pairs, errors), errors))


def _together(
    model: Model,
    given: Sequence[tuple[str, str]],
    pairs: Sequence[str],
    errors: list[LumbayesError],
) -> dict[str, Any]:
    """Put files, texts and pairs into one case; adds to the errors what is wrong."""
    from lumbayes.cases.constraints import Several
    from lumbayes.cases.parts import OBJECTS, merged, salvage_json
    from lumbayes.cases.vocabulary import known_as, load_vocabulary

    case: dict[str, Any] = {}
    for text, place in given:
        data, broken = salvage_json(text, place)
        errors += broken
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
        elif known_as(model, name, value):
            facts = merged(facts, {name: value})
        else:
            known = [*model.variables, *load_vocabulary(model)]
            what = "value of" if name in known else "variable"
            errors.append(
                CaseError(f"the value of {name} is {value!r}, which says nothing. Correct it.")
                if name in known
                else unknown_name(what, name, known)
            )
    for part, said in (("findings", findings), ("facts", facts)):
        if said:
            inside = case.get(part)
            given_twice = said if inside is None else Several((inside, said))
            case[part] = merged(inside, said) if isinstance(inside, Mapping) else given_twice
    return case


def _translated(model: Model, text: str, place: str) -> str:
    """Return a FHIR QuestionnaireResponse as a case of our own form; any other text as it is."""
    if '"resourceType"' not in text:
        return text
    from lumbayes.cases.parts import load_json
    from lumbayes.interchange.responses import case_of_response, is_response

    data = load_json(text, place)
    try:
        return json.dumps(case_of_response(model, data)) if is_response(data) else text
    except CaseError as error:
        raise CaseError(f"{place}: {error}") from None


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


def alarm(
    model: Model,
    case: Case,
    *,
    as_json: bool = False,
    region: str | None = None,
    show_anyway: bool = False,
) -> tuple[Advice, bool]:
    """Say first what cannot wait; return the advice, and whether the command ends with it.

    An emergency ends what is written for people, unless a clinician wants to see the rest anyway.
    With JSON the alarm goes to standard error, and the JSON follows.
    """
    from lumbayes.questions.assessment.page import alarm_sections
    from lumbayes.questions.assessment.report import as_text
    from lumbayes.triage.care_level import care_level
    from lumbayes.triage.rules import LEVELS

    advice = care_level(model, case, region)
    stops = advice.level == LEVELS[0] and not (as_json or show_anyway)
    if advice.level in LEVELS[:2]:
        page = alarm_sections(model, case, advice, whole=stops)
        click.echo(as_text(page, terminal_width()) + "\n", err=as_json)
        if stops:
            click.echo(REST, err=True)
    return advice, stops


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
    if case.errors:
        raise case.errors[0]


def echo_text(told: str) -> None:
    """Print an answer for people as wide as the terminal."""
    click.echo(fitted(told, terminal_width()))


def terminal_width() -> int:
    """Return the columns of the terminal, 88 at most, and 88 where there is none."""
    import shutil

    return max(min(shutil.get_terminal_size((88, 24)).columns, 88), 30)
