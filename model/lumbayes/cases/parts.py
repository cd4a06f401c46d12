"""The parts of a case as they come from JSON, each checked on its own."""

from __future__ import annotations

import re
import sys
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lumbayes.cases.constraints import Clash, Constraint, all_but_says, bits_of, likely
from lumbayes.cases.fact_names import known_as
from lumbayes.cases.facts import says_all_is_well
from lumbayes.cases.json_values import EXAMPLE, Several, in_part, merged, shortened, shown
from lumbayes.cases.vocabulary import load_vocabulary
from lumbayes.cases.words import LONGEST, named_after_function, plain, state_of
from lumbayes.errors import FEW, CaseError, LumbayesError, unknown_name
from lumbayes.knowledge.definition import UNSURE
from lumbayes.knowledge.model import Model, VariableInfo

# An object that says one thing of a variable: {"state": "yes"}.
VALUE_KEYS = ("state", "value", "answer", "response", "result")
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
NUMBERED = re.compile(r"(?<=[a-z])(?=\d)")
NOTHING = ("none", "nan", "null", "na", "n/a")  # how other programs write what is not known
OBJECTS = ("findings", "facts", "likelihoods", "do", "said", "version")
PARTS = (*OBJECTS, "minor", "warnings", "unclear")
CARRIED = ("id", "kind", "source", "answer", "label", "note")


@dataclass(frozen=True)
class Parts:
    """A case as given: names, states and types exist, but nothing is combined yet.

    A finding with more than one state was answered more than once. ``said`` holds answers of a
    saved case that exclude each other, as bits. ``errors`` holds what could not be read; all else
    is there.
    """

    findings: Mapping[str, tuple[str, ...]]
    facts: Mapping[str, object]
    likelihoods: Mapping[str, tuple[float, ...]]
    do: Mapping[str, str]
    minor: bool
    warnings: tuple[str, ...]
    unclear: tuple[str, ...]
    said: Mapping[str, tuple[int, ...]]
    errors: tuple[LumbayesError, ...]


def read_parts(model: Model, data: object) -> Parts:
    """Check the parts of a case: those of ``case.understand``. Never raises.

    A part that is missing is empty; a value of None is not stated. Facts are read elsewhere. A case
    saved under other tables loses what these tables do not know, with a warning.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> parts = read_parts(load_model(), {"fever": "yes", "cough": "yes"})
    >>> parts.findings, str(parts.errors[0])[:24]
    ({'fever': ('yes',)}, "unknown variable 'cough'")
    """
    errors: list[LumbayesError] = []
    if not isinstance(data, Mapping):
        errors.append(
            CaseError(f"a case must be a JSON object, got {shown(data)}. Example: {EXAMPLE}")
        )
        data = {}
    if not any(part in data for part in PARTS):
        data = {"findings": data}
    for name in data:
        if name not in PARTS + CARRIED:
            error = unknown_name("part of a case", name, PARTS, near=len(errors) < FEW)
            hint = f"{error} A finding goes inside findings. Example: {EXAMPLE}"
            errors.append(type(error)(hint))
    # What stands outside the parts, and in a part given twice, was said too.
    outside = {n: v for n, v in data.items() if n not in PARTS + CARRIED}
    parts: dict[str, dict[str, Any]] = {}
    for name in OBJECTS:
        value = data.get(name)
        given = value.values if isinstance(value, Several) else (value,)
        parts[name] = merged(*(one for one in given if isinstance(one, Mapping)))
        for one in given:
            if not (one is None or isinstance(one, Mapping)):
                errors.append(CaseError(f"{name} must be an object in braces, got {shown(one)}."))
    minor = data.get("minor") or False
    if not isinstance(minor, bool):
        errors.append(CaseError(f"minor must be true or false, got {shown(minor)}."))
        minor = minor == Several((True, False)) or minor == Several((False, True))
    texts: dict[str, list[str]] = {}
    for name in ("warnings", "unclear"):
        kept: Any = data.get(name) or []
        if isinstance(kept, Several) and all(isinstance(some, list) for some in kept.values):
            # of several cases in one
            kept = [text for some in kept.values if isinstance(some, list) for text in some]
        fits = isinstance(kept, list | tuple) and all(isinstance(w, str) for w in kept)
        if not fits:
            errors.append(CaseError(f"{name} must be a list of texts, got {shown(kept)}."))
        texts[name] = list(kept) if fits else []
    warnings = texts["warnings"]
    older = _other_tables(model, parts["version"])
    if older:
        dropped, not_denied = _drop_unknown(model, parts)
        warnings += [older, *dropped]
        texts["unclear"] += not_denied
    parts["facts"] = shortened(parts["facts"], errors)
    inside = _own_names(model, shortened(parts["findings"], errors), errors)
    outside = _own_names(model, shortened(outside, errors), [])
    # A fact among the findings is a mistake, and still something that was said.
    facts = {n: v for n, v in outside.items() if n not in model.variables}
    findings = merged({n: v for n, v in outside.items() if n in model.variables}, inside)
    facts |= {n: v for n, v in findings.items() if _may_be_fact(model, n, v)}
    for name in findings.keys() & model.variables.keys():
        findings[name], weights = _of_one(model.variables[name], findings[name], errors)
        if weights:
            parts["likelihoods"].setdefault(name, weights)
    unread: list[str] = []
    states = _findings(model, findings, errors, facts)
    likelihoods = _likelihoods(model, parts["likelihoods"], errors, unread)
    for name in unread:  # something was said of it: that is no denial
        states.setdefault(name, (UNSURE,))
    return Parts(
        states,
        merged(facts, parts["facts"]),
        likelihoods,
        _done(model, parts["do"], errors),
        minor,
        tuple(warnings),
        tuple(texts["unclear"]),
        _said(model, parts["said"], errors),
        tuple(errors),
    )


def _other_tables(model: Model, saved: Mapping[str, object]) -> str:
    """Return a message if the case was saved under other tables, else an empty text."""
    if not saved or saved.get("data") == model.version:
        return ""
    return (
        f"this case was saved by lumbayes {saved.get('program')} with tables {saved.get('data')};"
        f" it is read with tables {model.version}."
    )


def told_as_fact(model: Model, name: str, value: object) -> bool:
    """Return whether a finding is none but says something as a fact: 140 of the pulse, "39"."""
    if isinstance(value, Several):
        return name not in model.variables and known_as(model, name, value) is not None
    states = model.variables[name].states if name in model.variables else ()
    if value is None or (states and (value == UNSURE or state_of(states, value) is not None)):
        return False
    measured = isinstance(value, int | float) or (isinstance(value, str) and value[:1].isdigit())
    if states and not measured and not named_after_function(name):
        return False  # of any other word known_as makes a yes
    if isinstance(value, str) and value.strip().lower() in NOTHING:
        return False
    known = known_as(model, name, value)
    return known is not None and known[1] != UNSURE


def _may_be_fact(model: Model, name: str, value: object) -> bool:
    """Return whether a finding says something as a fact, or is of no variable and says anything."""
    nothing = value is None or (isinstance(value, str) and value.strip().lower() in NOTHING)
    return told_as_fact(model, name, value) or (name not in model.variables and not nothing)


def own_name(model: Model, name: str) -> str:
    """Return the variable that a name is in another spelling, else the name with its words apart.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> own_name(load_model(), "SaddleNumbness"), own_name(load_model(), "Saddle numbness")
    ('saddle_numbness', 'saddle_numbness')
    """
    if name in model.variables or len(name) > LONGEST:
        return name
    apart = CAMEL.sub("_", name)
    own = plain(NUMBERED.sub("_", apart))
    return own if own in model.variables else apart


def _own_names(
    model: Model, given: Mapping[str, Any], errors: list[LumbayesError]
) -> dict[str, Any]:
    """Return findings under our names, those of a group too; each written otherwise is an error."""
    found: list[Mapping[str, Any]] = []
    for name, value in given.items():
        own = own_name(model, name)
        group = own not in model.variables and isinstance(value, Mapping)
        if group or (own != name and own in model.variables):
            errors.append(unknown_name("variable", name, model.variables, near=len(errors) < FEW))
        if group and known_as(model, name, True) is None:
            found.append(_own_names(model, value, errors))
        else:
            found.append({own: value})
    return merged(*found)


def _of_one(
    info: VariableInfo, value: Any, errors: list[LumbayesError]
) -> tuple[Any, dict[str, Any]]:
    """Return a finding as a state, or as several that were all said, or else as weights.

    An object with one value is that value, one of weights a likelihood, ``"a|b"`` one of the two.
    """
    if isinstance(value, list | tuple) and len(value) > 1:
        value = Several(tuple(value))
    if isinstance(value, Mapping):
        held = [value[key] for key in VALUE_KEYS if key in value]
        if held or set(value) == set(info.states):
            errors.append(_no_state(info, value))
        if held:
            return held[0], {}
        if set(value) == set(info.states):
            return None, dict(value)
    if isinstance(value, str) and "|" in value:
        states = [state_of(info.states, one) for one in value.split("|")]
        if all(s in info.states for s in states):
            errors.append(_no_state(info, value))
            return None, {s: float(s in states) for s in info.states}
    return value, {}


def _no_state(info: VariableInfo, value: object) -> CaseError:
    choices = ", ".join((*info.states, UNSURE))
    return CaseError(f"findings.{info.name} must be one of {choices}, got {shown(value)}.")


def _drop_unknown(model: Model, parts: dict[str, dict[str, Any]]) -> tuple[list[str], list[str]]:
    """Take out of the parts what these tables do not know.

    Returns a warning for each, and what of it may be a sign that is there. A state that these
    tables lack, of a variable that they know, becomes ``unsure``.
    """
    warnings, not_denied = [], []
    for part in ("findings", "likelihoods", "do"):
        for name, value in list(parts[part].items()):
            states = model.variables[name].states if name in model.variables else ()
            known = {*states, UNSURE, None} if part == "findings" else {*states, None}
            if part == "likelihoods" and isinstance(value, Mapping):
                fits = set(value) == set(states)
            else:
                fits = bool(states) and (not isinstance(value, str) or value in known)
                if part == "findings" and states and not fits:
                    fits = state_of(states, value) is not None
            if not fits:
                del parts[part][name]
                if states and part != "do":
                    parts["findings"].setdefault(name, UNSURE)
                    more = " It counts as unsure."
                else:
                    more = ""
                    if part != "do" and not says_all_is_well(model, name, value):
                        not_denied.append(f"{in_part(name).replace('_', ' ')}: {in_part(value)}")
                warnings.append(
                    f"{part}.{name}={shown(value)} is dropped: these tables lack it.{more}"
                )
    return warnings, not_denied


def _info(model: Model, name: object, errors: list[LumbayesError]) -> VariableInfo:
    if name in model.variables:
        return model.variables[str(name)]
    raise unknown_name("variable", name, model.variables, near=len(errors) < FEW)


def _state(info: VariableInfo, part: str, state: object, more: tuple[str, ...]) -> str:
    choices = (*info.states, *more)
    if not isinstance(state, str):
        raise CaseError(
            f"{part}.{info.name} must be one of {', '.join(choices)}, got {shown(state)}."
        )
    if state not in choices:
        error = unknown_name(f"state of {info.name}", state, choices)
        if state.lower() in NOTHING:
            known = f"unknown state of {info.name} {state!r}. Known: {', '.join(choices)}."
            error = type(error)(f"{known} Leave it out, or the cell blank, if it is not known.")
        raise error
    return state


def _findings(
    model: Model,
    given: Mapping[str, object],
    errors: list[LumbayesError],
    facts: Container[str],
) -> dict[str, tuple[str, ...]]:
    findings: dict[str, tuple[str, ...]] = {}
    for name, value in given.items():
        for state in value.values if isinstance(value, Several) else (value,):
            if state is None:
                continue
            if isinstance(state, list | tuple):
                state = state[0] if len(state) == 1 else state
            states = model.variables[name].states if name in model.variables else ()
            try:
                meant = state_of(states, state) if states else None
                one = meant or _state(_info(model, name, errors), "findings", state, (UNSURE,))
            except LumbayesError as error:
                if name not in model.variables and name in load_vocabulary(model):
                    error = type(error)(f"{error} {name} is a fact: put it under facts.")
                errors.append(error)
                nothing = isinstance(state, str) and state.strip().lower() in NOTHING
                if not states or nothing or name in facts:
                    continue
                one = UNSURE  # something was said of it: that is no denial
            findings[name] = tuple(dict.fromkeys((*findings.get(name, ()), one)))
    return findings


def _said(
    model: Model, given: Mapping[str, object], errors: list[LumbayesError]
) -> dict[str, tuple[int, ...]]:
    said: dict[str, tuple[int, ...]] = {}
    for name, answers in given.items():
        try:
            info = _info(model, name, errors)
            if not isinstance(answers, list | tuple):
                raise CaseError(f"said.{in_part(name)} must be a list, got {shown(answers)}.")
        except LumbayesError as error:
            errors.append(error)
            continue
        answered = (*info.states, UNSURE)
        for answer in answers:
            try:
                among = {_state(info, "said", s, (UNSURE,)) for s in str(answer).split("|")}
            except LumbayesError as error:
                errors.append(error)
                among = {UNSURE}  # something was said of it: that is no denial
            bits = sum(1 << answered.index(state) for state in among)
            said[name] = tuple(dict.fromkeys((*said.get(name, ()), bits)))
    return said


def _done(model: Model, given: Mapping[str, object], errors: list[LumbayesError]) -> dict[str, str]:
    done = {}
    for name, state in given.items():
        if state is None:
            continue
        try:
            info = _info(model, name, errors)
            if info.layer == "triage_only":
                raise CaseError(
                    f"do.{name}: {name} is asked for safety only; nothing depends on it."
                )
            done[name] = _state(info, "do", state, ())
        except LumbayesError as error:
            errors.append(error)
    return done


def _likelihoods(
    model: Model, given: Mapping[str, object], errors: list[LumbayesError], unread: list[str]
) -> dict[str, tuple[float, ...]]:
    likelihoods = {}
    for name, weights in given.items():
        if weights is None:
            continue
        try:
            likelihoods[name] = _likelihood(_info(model, name, errors), weights)
        except LumbayesError as error:
            errors.append(error)
            if name in model.variables:
                unread.append(name)
    return likelihoods


def _likelihood(info: VariableInfo, weights: object) -> tuple[float, ...]:
    name, where = info.name, f"likelihoods.{info.name}"
    values = list(weights.values()) if isinstance(weights, Mapping) else []
    ruled_out = 0 in values and all(v in (0, 1) for v in values)
    if info.layer == "triage_only" and not ruled_out:
        raise CaseError(f"{where}: {name} is asked for safety only; answer it under findings.")
    if not isinstance(weights, Mapping):
        example = ", ".join(f'"{s}": 1' for s in info.states)
        raise CaseError(f"{where} must be {{{example}}}, got {shown(weights)}.")
    for state in weights:
        if state not in info.states:
            raise unknown_name(f"state of {name}", state, info.states)
    for state in info.states:
        weight = weights.get(state)
        number = isinstance(weight, int | float) and not isinstance(weight, bool)
        if not (number and 0 <= (weight or 0) <= sys.float_info.max):
            raise CaseError(
                f"{where}.{state} must be a number of 0 or more, got {shown(weight)}."
                " Give every state a weight: P(what was seen | state), up to a factor."
            )
    if not any(weights.values()):
        raise CaseError(f"{where}: every weight is 0. Give at least one state more.")
    return tuple(float(weights[state]) for state in info.states)


def as_constraints(model: Model, parts: Parts) -> list[Constraint]:
    """Return the answers, and what the likelihoods rule out, as hard constraints."""
    said = [
        Constraint(f"likelihoods.{n}", n, "hard", tuple(float(x > 0) for x in w))
        for n, w in parts.likelihoods.items()
    ]
    said += [
        Constraint(f"likelihoods.{n}", n, "near", likely(w))
        for n, w in parts.likelihoods.items()
        if all_but_says(w)
    ]
    for name, answers in parts.findings.items():
        for state in answers:
            if state != UNSURE:
                weights = tuple(float(s == state) for s in model.variables[name].states)
                said.append(Constraint(f"findings.{name}={state}", name, "hard", weights))
    for name, readings in parts.said.items():
        for bits in readings:
            among = range(len(model.variables[name].states))
            if bits < 1 << len(among):
                weights = tuple(float(bits >> i & 1) for i in among)
                said.append(Constraint(f"said.{name}", name, "hard", weights))
    return said


def unsure_clashes(model: Model, parts: Parts, facts: Iterable[Constraint]) -> list[Clash]:
    """Return where somebody is unsure of what is also told for certain."""
    clashes = []
    for name in dict.fromkeys((*parts.findings, *parts.said)):
        unsure = 1 << len(model.variables[name].states)
        told = [s for s in facts if s.variable == name and s.strength != "soft"]
        own = [s for s in parts.findings.get(name, ()) if s != UNSURE]
        readings = [bits_of(s.weights) for s in told]
        readings += [1 << model.variables[name].states.index(s) for s in own]
        readings += [bits for bits in parts.said.get(name, ()) if bits != unsure]
        doubted = UNSURE in parts.findings.get(name, ()) or unsure in parts.said.get(name, ())
        if doubted and readings:
            field = told[0].field if told else f"findings.{name}={own[0]}" if own else name
            clashes.append(
                Clash(
                    {name: (unsure, *dict.fromkeys(readings))},
                    f"findings.{name}=unsure and {field} contradict each other."
                    " Correct or remove one of them.",
                )
            )
    return clashes
