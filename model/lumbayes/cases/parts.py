"""The parts of a case as they come from JSON, each checked on its own."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from lumbayes.cases.constraints import shown
from lumbayes.cases.vocabulary import load_vocabulary
from lumbayes.errors import CaseError, unknown_name
from lumbayes.knowledge.model import Model, VariableInfo
from lumbayes.limits import DIGITS

UNSURE = "unsure"
OBJECTS = ("findings", "facts", "likelihoods", "do", "version")
PARTS = (*OBJECTS, "minor", "warnings")
CARRIED = ("id", "kind", "source", "answer", "label", "note")
EXAMPLE = '{"findings": {"low_back_pain": "yes"}, "facts": {"age_years": 40}}'


@dataclass(frozen=True)
class Parts:
    """A case as given: names, states and types exist, but nothing is combined yet."""

    findings: Mapping[str, str]
    facts: Mapping[str, object]
    likelihoods: Mapping[str, tuple[float, ...]]
    do: Mapping[str, str]
    minor: bool
    warnings: tuple[str, ...]


def read_parts(model: Model, data: object) -> Parts:
    """Check the parts of a case: those of ``cases.parse_case``.

    A part that is missing is empty; a value of None is not stated. Facts are checked where they
    are read. A case saved under other tables loses what these tables do not know, with a warning.

    Raises
    ------
    UnknownNameError
        If a part, variable or state does not exist.
    CaseError
        If a part or a value has the wrong type.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> read_parts(load_model(), {"fever": "yes"}).findings
    {'fever': 'yes'}
    """
    if not isinstance(data, Mapping):
        raise CaseError(f"a case must be a JSON object, got {shown(data)}. Example: {EXAMPLE}")
    if not any(part in data for part in PARTS):
        data = {"findings": data}
    for name in data:
        if name not in PARTS + CARRIED:
            error = unknown_name("part of a case", name, PARTS)
            raise type(error)(f"{error} A finding goes inside findings. Example: {EXAMPLE}")
    parts: dict[str, dict[str, Any]] = {}
    for name in OBJECTS:
        value = data.get(name)
        if value is not None and not isinstance(value, Mapping):
            raise CaseError(f"{name} must be an object in braces, got {shown(value)}.")
        parts[name] = dict(value or {})
    minor = data.get("minor") or False
    if not isinstance(minor, bool):
        raise CaseError(f"minor must be true or false, got {shown(minor)}.")
    kept = data.get("warnings") or []
    if not (isinstance(kept, list | tuple) and all(isinstance(w, str) for w in kept)):
        raise CaseError(f"warnings must be a list of texts, got {shown(kept)}.")
    warnings = list(kept)
    older = _other_tables(model, parts["version"])
    if older:
        warnings += [older, *_drop_unknown(model, parts)]
    return Parts(
        _states(model, "findings", parts["findings"], (UNSURE,)),
        parts["facts"],
        _likelihoods(model, parts["likelihoods"]),
        _states(model, "do", parts["do"], ()),
        minor,
        tuple(warnings),
    )


def load_json(text: str, place: str) -> object:
    """Return the value of strict JSON (no field twice, no NaN), or raise CaseError.

    Examples
    --------
    >>> load_json('{"fever": "yes"}', "my case")
    {'fever': 'yes'}
    """
    if not text.strip():
        raise CaseError(f"{place} is empty. A case without findings is {{}}. Example: {EXAMPLE}")

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        whole: dict[str, object] = {}
        for name, value in pairs:
            if name in whole:
                raise CaseError(f"{place}: {name} is given twice in one object. Remove one.")
            whole[name] = value
        return whole

    def no_number(name: str) -> NoReturn:
        raise CaseError(f"{place}: {name} is not a JSON number. Write null if it is not known.")

    def number(digits: str, kind: type[int] | type[float]) -> int | float:
        DIGITS.check(len(digits), place)
        if not abs(float(digits)) <= sys.float_info.max:
            raise CaseError(f"{place}: the number {digits[:20]}… is too large. Correct it.")
        return kind(digits)

    try:
        return json.loads(
            text,
            object_pairs_hook=once,
            parse_constant=no_number,
            parse_int=lambda digits: number(digits, int),
            parse_float=lambda digits: number(digits, float),
        )
    except json.JSONDecodeError as error:
        line = f"line {error.lineno}, " if "\n" in text.strip() else ""
        raise CaseError(
            f"{place}, {line}column {error.colno}: not valid JSON ({error.msg}). Example: {EXAMPLE}"
        ) from None
    except RecursionError:
        raise CaseError(f"{place}: nested too deeply. Example: {EXAMPLE}") from None


def _other_tables(model: Model, saved: Mapping[str, object]) -> str:
    """Return a message if the case was saved under other tables, else an empty text."""
    if not saved or saved.get("data") == model.version:
        return ""
    return (
        f"this case was saved by lumbayes {saved.get('program')} with tables {saved.get('data')};"
        f" it is read with tables {model.version}."
    )


def _drop_unknown(model: Model, parts: dict[str, dict[str, Any]]) -> list[str]:
    """Take out of the parts what these tables do not know; return a warning for each."""
    warnings = []
    for part in ("findings", "likelihoods", "do"):
        for name, value in list(parts[part].items()):
            states = model.variables[name].states if name in model.variables else ()
            known = {*states, UNSURE, None} if part == "findings" else {*states, None}
            if part == "likelihoods" and isinstance(value, Mapping):
                fits = set(value) == set(states)
            else:
                fits = bool(states) and (not isinstance(value, str) or value in known)
            if not fits:
                del parts[part][name]
                warnings.append(f"{part}.{name}={shown(value)} is dropped: these tables lack it.")
    return warnings


def _info(model: Model, part: str, name: object) -> VariableInfo:
    if name in model.variables:
        return model.variables[str(name)]
    error = unknown_name("variable", name, model.variables)
    if part == "findings" and name in load_vocabulary(model):
        error = type(error)(f"{error} {name} is a fact: put it under facts.")
    raise error


def _states(
    model: Model, part: str, given: Mapping[str, object], more: tuple[str, ...]
) -> dict[str, str]:
    states = {}
    for name, state in given.items():
        info = _info(model, part, name)
        choices = (*info.states, *more)
        if state is None:
            continue
        if not isinstance(state, str):
            raise CaseError(
                f"{part}.{name} must be one of {', '.join(choices)}, got {shown(state)}."
            )
        if state not in choices:
            raise unknown_name(f"state of {name}", state, choices)
        if part == "do" and info.layer == "triage_only":
            raise CaseError(f"do.{name}: {name} is asked for safety only; nothing depends on it.")
        states[name] = state
    return states


def _likelihoods(model: Model, given: Mapping[str, object]) -> dict[str, tuple[float, ...]]:
    likelihoods = {}
    for name, weights in given.items():
        info = _info(model, "likelihoods", name)
        where = f"likelihoods.{name}"
        if weights is None:
            continue
        if info.layer == "triage_only":
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
        likelihoods[name] = tuple(float(weights[state]) for state in info.states)
    return likelihoods
