"""Facts and findings of one person: read, checked at the door, saved, opened again."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType

from lumbayes.atomic_files import write_whole
from lumbayes.cases.constraints import MINOR, Combined, Statement, combine, describe
from lumbayes.cases.parts import UNSURE, Parts, load_json, read_parts
from lumbayes.cases.vocabulary import load_vocabulary, statements
from lumbayes.errors import CaseError, LumbayesError, unknown_name
from lumbayes.knowledge.model import Model

ASKS_FOR_CARE = "asks_for_care"
PAIN_GROUPS = ("pain_place", "pain_behaviour")
ASSUMED = "asks_for_care=yes is assumed"
EMPTY = "no finding was given: the answer is the prior, what is known of adults in general."
MINOR_WARNING = (
    "the network describes adults: a person under 18 is computed as 18 to 29"
    " and should see a physician."
)
# Pairs that no person can have. Pain with a duration of no_pain is added for every kind of pain.
NEVER_TOGETHER = (
    (("sex", ("male",)), ("pregnancy", ("pregnant", "postpartum"))),
    (("leg_pain", ("none",)), ("leg_pain_both_sides", ("yes",))),
)


@dataclass(frozen=True)
class Case:
    """What is known of one person. A variable not mentioned is unknown, not normal.

    Attributes
    ----------
    findings : mapping of variable to state
        Answers, those of ``triage_only`` variables and ``unsure`` included.
    likelihoods : mapping of variable to tuple of float
        Soft or set-valued findings, one weight a state in the order of the states; 0 rules it out.
    do : mapping of variable to state
        Interventions.
    warnings : tuple of str
        What was assumed, gave way or was not used.
    minor : bool
        Under 18: computed as 18 to 29, at least a routine visit to a physician.
    understood : mapping of variable to str
        Findings and likelihoods in words, such as ``"above_knee or below_knee"``.
    assumed : tuple of str
        Findings that nobody gave: ``asks_for_care``, set where pain is reported.
    """

    findings: Mapping[str, str] = field(default_factory=dict)
    likelihoods: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    do: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    minor: bool = False
    understood: Mapping[str, str] = field(default_factory=dict)
    assumed: tuple[str, ...] = ()


def parse_case(model: Model, data: object) -> Case:
    """Check a case as it comes from JSON, and put its facts into the words of the network.

    Parameters
    ----------
    model : Model
        Supplies variables and states; the vocabulary is read from the folder of its tables.
    data : object
        ``{"findings": {variable: state}, "facts": {name: value}, "likelihoods":
        {variable: {state: weight}}, "do": {variable: state}}``; any part may be missing, and an
        object without any of these parts is taken as findings. A value of None is not stated.
        A case saved under other tables keeps what is still known and warns of the rest.

    Returns
    -------
    Case
        Pain in the case sets ``asks_for_care=yes`` unless that is answered (``unsure`` will do),
        since published figures come from people who ask for care.

    Raises
    ------
    UnknownNameError
        If a variable, state, fact or part does not exist.
    CaseError
        If a value has the wrong type, or the case contradicts itself.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> case = parse_case(load_model(), {"findings": {"fever": "no"}, "facts": {"leg_pain": True}})
    >>> dict(case.understood)
    {'leg_pain': 'above_knee or below_knee', 'asks_for_care': 'yes', 'fever': 'no'}
    """
    parts = read_parts(model, data)
    warnings = list(parts.warnings)
    said: list[Statement] = []
    if parts.facts:
        said, notes = statements(model, load_vocabulary(model), parts.facts)
        warnings += notes
    minor = parts.minor or any(s.variable == MINOR for s in said)
    said = [s for s in said if s.variable != MINOR]
    _check_unsure(parts.findings, said)
    said += _as_statements(model, parts)
    combined, notes = combine(model.variables, said)
    warnings += notes
    _check_together(model, combined)
    _check_do(model, parts.do, combined)
    findings = {n: s for n, s in parts.findings.items() if s == UNSURE}
    likelihoods = dict(parts.likelihoods)
    for name, known in combined.items():
        possible = known.possible(model.variables[name].states)
        if len(possible) == 1:
            findings[name] = possible[0]
            likelihoods.pop(name, None)
        else:
            weights = parts.likelihoods.get(name, (1.0,) * len(known.weights))
            likelihoods[name] = tuple(a * b for a, b in zip(weights, known.weights, strict=True))
    pain = _reported_pain(model, combined)
    assumes = bool(pain) and ASKS_FOR_CARE not in {*findings, *likelihoods, *parts.do}
    if assumes:
        findings[ASKS_FOR_CARE] = "yes"
        warnings.append(
            f"{ASSUMED}, since pain is reported ({pain})."
            " Answer asks_for_care to change it; unsure will do."
        )
    if minor:
        warnings.append(MINOR_WARNING)
    understood = {**findings}
    for name, weights in likelihoods.items():
        understood[name] = describe(model.variables[name], weights)
    case = Case(
        MappingProxyType({n: findings[n] for n in model.variables if n in findings}),
        MappingProxyType({n: likelihoods[n] for n in model.variables if n in likelihoods}),
        MappingProxyType(parts.do),
        tuple(dict.fromkeys(warnings)),
        minor,
        MappingProxyType({n: understood[n] for n in model.variables if n in understood}),
        (ASKS_FOR_CARE,) if assumes else (),
    )
    if not (network_findings(model, case) or likelihoods or parts.do):
        case = replace(case, warnings=(*case.warnings, EMPTY))
    return case


def network_findings(model: Model, case: Case) -> dict[str, str]:
    """Return the findings the network knows: neither ``unsure`` nor inputs of triage alone.

    A sign that is called old and unchanged is left out where the network means a new one.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> case = parse_case(model, {"fever": "no", "slr": "unsure", "collapse": "no"})
    >>> network_findings(model, case)
    {'fever': 'no'}
    """
    old = any(case.findings.get(n) == "yes" for n in model.with_role("unchanged"))
    left_out = model.with_role("new_only") if old else ()
    return {
        name: state
        for name, state in case.findings.items()
        if state != UNSURE and model.variables[name].layer != "triage_only" and name not in left_out
    }


def possible_states(model: Model, case: Case, variable: str) -> tuple[str, ...]:
    """Return the states of a variable that the case does not rule out; all of them if unknown.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> possible_states(model, parse_case(model, {"facts": {"leg_pain": True}}), "leg_pain")
    ('above_knee', 'below_knee')
    """
    if variable not in model.variables:
        raise unknown_name("variable", variable, model.variables)
    states = model.variables[variable].states
    if case.findings.get(variable, UNSURE) != UNSURE:
        return (case.findings[variable],)
    weights = case.likelihoods.get(variable, (1.0,) * len(states))
    return tuple(s for s, w in zip(states, weights, strict=True) if w > 0)


def _as_statements(model: Model, parts: Parts) -> list[Statement]:
    """Return the answers, and what the likelihoods rule out, as certain statements."""
    said = [
        Statement(f"likelihoods.{n}", n, "certain", tuple(float(x > 0) for x in w))
        for n, w in parts.likelihoods.items()
    ]
    for name, state in parts.findings.items():
        if state != UNSURE:
            weights = tuple(float(s == state) for s in model.variables[name].states)
            said.append(Statement(f"findings.{name}={state}", name, "certain", weights))
    return said


def _check_unsure(answers: Mapping[str, str], said: Iterable[Statement]) -> None:
    for statement in said:
        if answers.get(statement.variable) == UNSURE and statement.strength != "soft":
            raise CaseError(
                f"findings.{statement.variable}=unsure and {statement.field} contradict each other."
                " Correct or remove one of them."
            )


def _within(model: Model, combined: Mapping[str, Combined], name: str, states: object) -> bool:
    known = combined.get(name)
    allowed = states if isinstance(states, tuple) else ()
    return known is not None and set(known.possible(model.variables[name].states)) <= set(allowed)


def _pain_variables(model: Model) -> list[str]:
    return [v.name for v in model.variables.values() if v.group in PAIN_GROUPS]


def _check_together(model: Model, combined: Mapping[str, Combined]) -> None:
    pains = [n for n in _pain_variables(model) if n not in ("duration", "onset")]
    painless = tuple(
        (("duration", ("no_pain",)), (n, model.variables[n].states[1:])) for n in pains
    )
    for pair in (*NEVER_TOGETHER, *painless):
        if all(_within(model, combined, name, states) for name, states in pair):
            said = " and ".join(combined[name].fields[0] for name, _ in pair)
            known = ", ".join(
                f"{n} is {describe(model.variables[n], combined[n].weights)}" for n, _ in pair
            )
            raise CaseError(f"{said} cannot both hold: {known}. Correct or remove one of them.")


def _check_do(model: Model, do: Mapping[str, str], combined: Mapping[str, Combined]) -> None:
    for name, state in do.items():
        known = combined.get(name)
        if known and state not in known.possible(model.variables[name].states):
            raise CaseError(
                f"do.{name}={state} and {known.fields[0]} cannot both hold in one case."
                " Remove the finding, or compare the two with what-if."
            )


def _reported_pain(model: Model, combined: Mapping[str, Combined]) -> str:
    """Return the variables that report pain, at most three; an onset of any kind reports it too."""
    told = [
        name
        for name in _pain_variables(model)
        if _within(model, combined, name, model.variables[name].states[1:])
        or (name == "onset" and name in combined)
    ]
    return ", ".join(told[:3]) + (", …" if len(told) > 3 else "")


PAIR = "variable=state, such as fever=yes"


def parse_pairs(pairs: Iterable[str], form: str = PAIR) -> dict[str, str]:
    """Split ``variable=state`` texts, as given on the command line; errors show another ``form``.

    Raises
    ------
    CaseError
        If a text is not a pair, or a variable is given two states.

    Examples
    --------
    >>> parse_pairs(["fever=yes", "slr=negative"])
    {'fever': 'yes', 'slr': 'negative'}
    """
    findings: dict[str, str] = {}
    for pair in pairs:
        name, equals, state = (part.strip() for part in pair.partition("="))
        if not (name and equals and state):
            raise CaseError(f"{pair!r} is not a pair. Write {form}.")
        if findings.get(name, state) != state:
            raise CaseError(f"{name} is given twice: {findings[name]} and {state}. Remove one.")
        findings[name] = state
    return findings


def parse_text(model: Model, text: str, place: str = "case") -> Case:
    """Read a case from JSON text; ``place`` names its origin in errors.

    Raises
    ------
    LumbayesError
        As ``parse_case``, and if the text is no JSON object or names a field twice.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> parse_text(load_model(), '{"fever": "yes"}').findings["fever"]
    'yes'
    """
    data = load_json(text, place)
    try:
        return parse_case(model, data)
    except LumbayesError as error:
        raise type(error)(f"{place}: {error}") from None


def read_case(model: Model, source: str | Path) -> Case:
    """Read a case from a JSON file, one written by ``save_case`` included; ``-`` is standard input.

    Raises
    ------
    LumbayesError
        As ``parse_text``, and if the file cannot be read.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from lumbayes.knowledge.model import load_model
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "case.json"
    ...     _ = path.write_text('{"facts": {"age_years": 40}}')
    ...     read_case(load_model(), path).findings["age_band"]
    '30_44'
    """
    place = "standard input" if str(source) == "-" else str(source)
    try:
        content = sys.stdin.buffer.read() if str(source) == "-" else Path(source).read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise CaseError(f"{place} cannot be read: {error.strerror}. Check the path.") from None
    except UnicodeDecodeError as error:
        at = error.start
        raise CaseError(f"{place} is not UTF-8 text (byte {at}). Save it as UTF-8.") from None
    return parse_text(model, text, place)


def case_to_dict(model: Model, case: Case) -> dict[str, object]:
    """Return a case as ``parse_case`` takes it, with the versions of program and data.

    What was assumed is left out, its warning too: reading the case assumes it again.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> case = parse_case(model, {"facts": {"leg_pain": True}})
    >>> case_to_dict(model, case)["likelihoods"]
    {'leg_pain': {'none': 0.0, 'above_knee': 1.0, 'below_knee': 1.0}}
    >>> parse_case(model, case_to_dict(model, case)) == case
    True
    """
    return {
        "findings": {n: s for n, s in case.findings.items() if n not in case.assumed},
        "likelihoods": {
            n: dict(zip(model.variables[n].states, w, strict=True))
            for n, w in case.likelihoods.items()
        },
        "do": dict(case.do),
        "minor": case.minor,
        "warnings": [w for w in case.warnings if not w.startswith((ASSUMED, EMPTY, MINOR_WARNING))],
        "version": {"program": version("lumbayes"), "data": model.version},
    }


def save_case(model: Model, case: Case, path: Path) -> None:
    """Write a case as JSON for ``read_case``; the file appears whole or not at all.

    Raises
    ------
    LumbayesError
        If it cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> case = parse_case(model, {"fever": "yes"})
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "case.json"
    ...     save_case(model, case, path)
    ...     dict(read_case(model, path).findings)
    {'fever': 'yes'}
    """
    text = json.dumps(case_to_dict(model, case), ensure_ascii=False, indent=2) + "\n"
    write_whole(path, text.encode())
