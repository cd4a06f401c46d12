"""Facts and findings of one person: understood, and checked at the door."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.metadata import version
from types import MappingProxyType
from typing import Any

from lumbayes.cases.constraints import (
    DISAGREE,
    MINOR,
    Combined,
    Constraint,
    combine,
    describe,
    exclusions,
    possible_do,
)
from lumbayes.cases.facts import constraints_of
from lumbayes.cases.forms import opened
from lumbayes.cases.parts import OBJECTS, PARTS, Parts, as_constraints, read_parts, unsure_clashes
from lumbayes.cases.vocabulary import load_vocabulary
from lumbayes.errors import CaseError, LumbayesError, unknown_name, wrong
from lumbayes.inference.evidence import Finding
from lumbayes.knowledge.anchors import ASKS_FOR_CARE
from lumbayes.knowledge.definition import UNSURE
from lumbayes.knowledge.model import Model
from lumbayes.text import Told

ASSUMED = f"{ASKS_FOR_CARE}=yes is assumed"
EMPTY = "no finding was given: the answer is the prior, what is known of adults in general."
UNRELIABLE = (
    "All that could be read counts for the level of care. Rely on nothing else until this is"
    " corrected."
)
MINOR_WARNING = (
    "the network describes adults: a person under 18 is computed as 18 to 29"
    " and should see a physician."
)


@dataclass(frozen=True, repr=False)
class Case(Told):
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
    said : mapping of variable to tuple of int
        Answers that exclude each other, as sets of states in bits (the bit after the states is
        ``unsure``): for triage alone, which counts each of them. They are in none of the above.
    contradictions : tuple of str
        Which answers exclude each other.
    unclear : tuple of str
        What was told, not understood, and may be a warning sign.
    errors : tuple of LumbayesError
        What could not be read, and so is not used.
    """

    findings: Mapping[str, str] = field(default_factory=dict)
    likelihoods: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    do: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    minor: bool = False
    understood: Mapping[str, str] = field(default_factory=dict)
    assumed: tuple[str, ...] = ()
    said: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    contradictions: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()
    errors: tuple[LumbayesError, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        """Check that each part is a mapping; ``parse_case`` checks what is in it."""
        for part in ("findings", "likelihoods", "do"):
            if not isinstance(given := getattr(self, part), Mapping):
                raise wrong(part, given, 'a dict, such as {"slr": "positive"}')

    def to_text(self) -> str:
        """Return what is known, a line each: variable=state, what was done, what is wrong."""
        soft = {n: self.understood.get(n, "likelihood") for n in self.likelihoods}
        said = [f"{name}={state}" for name, state in {**self.findings, **soft}.items()]
        done = [f"do {name}={state}" for name, state in self.do.items()]
        under = ["under 18"] if self.minor else []
        return "\n".join([*said, *done, *under, *self.contradictions, *map(str, self.errors)])

    def mistakes(self) -> tuple[str, ...]:
        """Return what is wrong with a case that is answered all the same, and what that means."""
        return (*map(str, self.errors), UNRELIABLE) if self.errors else ()

    @property
    def disagreements(self) -> tuple[str, ...]:
        """Which denials gave way to a report of the same: told, and no reason to refuse a case."""
        return tuple(text for text in self.warnings if DISAGREE in text)

    def problem(self) -> LumbayesError | None:
        """Return why the case cannot be used as it stands, or None."""
        if self.errors:
            return self.errors[0]
        return CaseError(self.contradictions[0]) if self.contradictions else None


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
        since published figures come from people who ask for care. A fact that is not understood is
        a warning.

    Raises
    ------
    UnknownNameError
        If a variable, state or part does not exist.
    CaseError
        If a value has the wrong type, or the case contradicts itself. Who must not lose a warning
        sign over that takes ``understand``.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> case = parse_case(load_model(), {"findings": {"fever": "no"}, "facts": {"leg_pain": True}})
    >>> dict(case.understood)
    {'leg_pain': 'above_knee or below_knee', 'asks_for_care': 'yes', 'fever': 'no'}
    """
    return strict(understand(model, data))


def strict(case: Case) -> Case:
    """Return a case in which nothing is wrong, or raise its first mistake."""
    problem = case.problem()
    if problem is not None:
        raise problem
    return case


def understand(model: Model, data: object, errors: Sequence[LumbayesError] = ()) -> Case:
    """Return all that can be understood of a case, and what is wrong with it; never raises.

    Every case from outside comes in here, or by ``understand_text`` and ``understand_bytes``.

    Parameters
    ----------
    model, data
        As for ``parse_case``; a name with ``Several`` values was answered more than once. A list of
        one case and a FHIR QuestionnaireResponse will do too.
    errors : sequence of LumbayesError
        What was wrong before, such as broken JSON.

    Returns
    -------
    Case
        Its ``errors`` and ``contradictions`` are to be shown, or raised (``strict``). The answers
        that exclude each other are in ``said``, where triage finds them, and nowhere else.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> case = understand(load_model(), {"fever": "yes", "slr": "postive"})
    >>> dict(case.findings), len(case.errors)
    ({'fever': 'yes', 'slr': 'unsure'}, 1)
    """
    data, unfit = (data, []) if _has_our_form(data) else opened(model, data)
    parts = read_parts(model, data)
    errors = (*errors, *unfit)
    warnings = list(parts.warnings)
    facts: list[Constraint] = []
    unclear = parts.unclear
    unread: tuple[str, ...] = ()
    if parts.facts:
        told = constraints_of(model, load_vocabulary(model), parts.facts)
        facts, unclear = list(told.constraints), (*unclear, *told.unclear)
        doubted = {n: (*parts.findings.get(n, ()), UNSURE) for n in told.unsure}
        parts = replace(parts, findings={**parts.findings, **doubted})
        unread = told.unread
        warnings += told.warnings
    minor = parts.minor or any(s.variable == MINOR for s in facts)
    facts = [s for s in facts if s.variable != MINOR]
    combined, clashes, notes = combine(model.variables, facts + as_constraints(model, parts))
    warnings += notes
    clashes += unsure_clashes(model, parts, facts)
    clashes += exclusions(model, combined)
    do, lost = possible_do(model, parts.do, combined)
    said: dict[str, tuple[int, ...]] = {}
    for clash in clashes:
        for name, readings in clash.said.items():
            said[name] = tuple(dict.fromkeys((*said.get(name, ()), *readings)))
    combined = {n: c for n, c in combined.items() if n not in said}
    findings, likelihoods = _settled(model, parts, combined, said)
    for name in unread:  # something was told of it: that is no denial
        if name in model.variables and name not in {*findings, *likelihoods, *said}:
            findings[name] = UNSURE
    pain = reported_pain(model, combined)
    assumes = bool(pain) and ASKS_FOR_CARE not in {*findings, *likelihoods, *do, *said}
    if assumes:
        findings[ASKS_FOR_CARE] = "yes"
        warnings.append(
            f"{ASSUMED}, since pain is reported ({pain})."
            f" Answer {ASKS_FOR_CARE} to change it; unsure will do."
        )
    if minor:
        warnings.append(MINOR_WARNING)
    understood = _in_words(model, findings, likelihoods, said)
    case = Case(
        MappingProxyType({n: findings[n] for n in model.variables if n in findings}),
        MappingProxyType({n: likelihoods[n] for n in model.variables if n in likelihoods}),
        MappingProxyType(do),
        tuple(dict.fromkeys(warnings)),
        minor,
        MappingProxyType({n: understood[n] for n in model.variables if n in understood}),
        (ASKS_FOR_CARE,) if assumes else (),
        MappingProxyType(said),
        (*(clash.message for clash in clashes), *lost),
        unclear,
        (*errors, *parts.errors),
    )
    if not (network_findings(model, case) or likelihoods or do or said):
        case = replace(case, warnings=(*case.warnings, EMPTY))
    return case


def _settled(
    model: Model, parts: Parts, combined: Mapping[str, Combined], said: Container[str]
) -> tuple[dict[str, str], dict[str, tuple[float, ...]]]:
    """Return findings and likelihoods: a variable of which one state is left is a finding."""
    findings = {n: UNSURE for n, s in parts.findings.items() if s == (UNSURE,) and n not in said}
    likelihoods = {n: w for n, w in parts.likelihoods.items() if n not in said}
    for name, known in combined.items():
        possible = known.possible(model.variables[name].states)
        if len(possible) == 1:
            findings[name] = possible[0]
            likelihoods.pop(name, None)
        else:
            weights = parts.likelihoods.get(name, (1.0,) * len(known.weights))
            likelihoods[name] = tuple(a * b for a, b in zip(weights, known.weights, strict=True))
    return findings, likelihoods


def _in_words(
    model: Model,
    findings: Mapping[str, str],
    likelihoods: Mapping[str, tuple[float, ...]],
    said: Mapping[str, tuple[int, ...]],
) -> dict[str, str]:
    """Return what was understood of each variable, in the words of its states."""
    found = {**findings}
    found |= {n: describe(model.variables[n], weights) for n, weights in likelihoods.items()}
    for name, sets in said.items():
        readings = (" or ".join(states_in(model, name, bits)) for bits in sets)
        found[name] = " and ".join(readings)
    return found


def states_in(model: Model, name: str, bits: int) -> list[str]:
    """Return the states of a variable that a set of bits holds, ``unsure`` after them.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> states_in(load_model(), "leg_pain", 0b1110)
    ['above_knee', 'below_knee', 'unsure']
    """
    states = (*model.variables[name].states, UNSURE)
    return [state for i, state in enumerate(states) if bits >> i & 1]


def _has_our_form(data: object) -> bool:
    """Return whether a case consists of its parts, each an object: nothing is to be opened."""
    if not isinstance(data, Mapping) or not data.keys() <= set(PARTS):
        return False
    return bool(data) and all(isinstance(data.get(part, {}), Mapping) for part in OBJECTS)


def reported_pain(model: Model, combined: Mapping[str, Combined]) -> str:
    """Return the variables that report pain, at most three."""
    told = [
        name
        for name, always in model.reports_pain.items()
        if name in combined and (always or combined[name].weights[0] == 0)
    ]
    return ", ".join(told[:3]) + (", …" if len(told) > 3 else "")


def with_answers(
    model: Model,
    case: Case,
    findings: Mapping[str, object],
    likelihoods: Mapping[str, object] = MappingProxyType({}),
) -> Case:
    """Return a case with some answers replaced, understood as if it had been given so.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> case = understand(model, {"fever": "no"})
    >>> dict(with_answers(model, case, {"fever": "yes"}).findings)
    {'fever': 'yes'}
    """
    data: dict[str, Any] = case_to_dict(model, case)
    for part, new in (("findings", findings), ("likelihoods", likelihoods)):
        kept = {n: s for n, s in data[part].items() if n not in findings and n not in likelihoods}
        data[part] = {**kept, **new}
    again = {*findings, *likelihoods}
    data["said"] = {n: s for n, s in data["said"].items() if n not in again}
    return understand(model, data)


def network_findings(model: Model, case: Case) -> Mapping[str, str]:
    """Return the findings the network knows: neither ``unsure`` nor inputs of triage alone.

    A sign that is called old and unchanged is left out where the network means a new one. Worked
    out once for a case.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> case = parse_case(model, {"fever": "no", "slr": "unsure", "collapse": "no"})
    >>> dict(network_findings(model, case))
    {'fever': 'no'}
    """
    kept: tuple[Model, Mapping[str, str]] | None = vars(case).get("_of_network")
    if kept is None or kept[0] is not model:
        kept = (model, MappingProxyType(_network_findings(model, case)))
        vars(case)["_of_network"] = kept
    return kept[1]


def _network_findings(model: Model, case: Case) -> dict[str, str]:
    old = any(case.findings.get(n) == "yes" for n in model.with_role("unchanged"))
    left_out = model.with_role("new_only") if old else ()
    return {
        name: state
        for name, state in case.findings.items()
        if state != UNSURE and model.variables[name].layer != "triage_only" and name not in left_out
    }


def certain(model: Model, case: Case) -> dict[str, Finding]:
    """Return what counts for the thresholds: hard findings, and the states that are ruled out."""
    known: dict[str, Finding] = {**network_findings(model, case)}
    for name, weights in case.likelihoods.items():
        if name in model.network and 0.0 in weights:
            known[name] = [float(w > 0) for w in weights]
    return known


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


@lru_cache(maxsize=1)
def _program() -> str:
    """Return the version of the program; looking it up takes longer than an answer."""
    return version("lumbayes")


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
    findings = {n: s for n, s in case.findings.items() if n not in case.assumed}
    likelihoods = dict(case.likelihoods)
    said: dict[str, list[str]] = {}
    for name, readings in case.said.items():
        if len(readings) > 1:
            said[name] = ["|".join(states_in(model, name, bits)) for bits in readings]
        elif readings[0].bit_count() == 1:
            (findings[name],) = states_in(model, name, readings[0])
        else:
            states = range(len(model.variables[name].states))
            likelihoods[name] = tuple(float(readings[0] >> i & 1) for i in states)
    return {
        "findings": findings,
        "likelihoods": {
            n: dict(zip(model.variables[n].states, w, strict=True)) for n, w in likelihoods.items()
        },
        "do": dict(case.do),
        "said": said,
        "minor": case.minor,
        "unclear": list(case.unclear),
        "warnings": [w for w in case.warnings if not w.startswith((ASSUMED, EMPTY, MINOR_WARNING))],
        "version": {"program": _program(), "data": model.version},
    }
