"""The forms in which a case arrives: bytes in any Unicode, a list of it, a FHIR response."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from lumbayes.cases.facts import SENTENCE
from lumbayes.cases.json_values import (
    DEEPEST,
    EXAMPLE,
    LONGEST_SALVAGED,
    Several,
    merged,
    pairs_in,
    shown,
)
from lumbayes.cases.responses import case_of_response, is_response
from lumbayes.errors import CaseError, LumbayesError, unknown_name
from lumbayes.knowledge.model import Model

WRAPPERS = frozenset({"patient", "case", "cases", "person", "data"})
PART_NAMES = {
    **dict.fromkeys(("finding", "findings"), "findings"),
    **dict.fromkeys(("fact", "facts"), "facts"),
    **dict.fromkeys(("likelihood", "likelihoods"), "likelihoods"),
}
NAMED = re.compile(r"\b([a-z]\w{2,60})\s*[=:]\s*(\w{1,60})")  # as fever=yes


def text_of(content: bytes, place: str) -> tuple[str, list[LumbayesError]]:
    r"""Return the text of a file in UTF-8, 16 or 32, and what is wrong with it; never raises.

    Examples
    --------
    >>> text_of('{"fever": "yes"}'.encode("utf-16"), "my case")
    ('{"fever": "yes"}', [])
    >>> text_of(b'{"fever": "yes", "note": "\xe4"}', "my case")[0][:16]
    '{"fever": "yes",'
    """
    encoding = json.detect_encoding(content)
    try:
        return content.decode(encoding).removeprefix("\ufeff"), []
    except UnicodeDecodeError as error:
        at = error.start
        wrong = CaseError(f"{place} is not UTF-8 text (byte {at}). Save it as UTF-8.")
        return content.decode(encoding, "replace").removeprefix("\ufeff"), [wrong]


def opened(model: Model, data: object) -> tuple[object, list[LumbayesError]]:
    """Return a case of our own form, and what is wrong with the form it came in; never raises.

    A list that holds one case is that case, of several each is read. A QuestionnaireResponse of
    FHIR is translated. A bare text is no case, and what it says is read all the same.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> opened(load_model(), [{"fever": "yes"}])
    ({'fever': 'yes'}, [])
    """
    errors: list[LumbayesError] = []
    cases, others = _among(data) if isinstance(data, list | tuple) else ([], [])
    if cases or any(isinstance(one, str) for one in others):
        if len(cases) > 1:
            errors.append(
                CaseError(
                    f"this is a list of {len(cases)} cases: give one case at a time. For many there"
                    f" is batch. Example: {EXAMPLE}"
                )
            )
        errors += [CaseError(f"a case must be a JSON object, got {shown(o)}.") for o in others[:1]]
        cases += [_told(one) for one in others if isinstance(one, str)]
        read = [case_of_response(model, one, errors) if is_response(one) else one for one in cases]
        return merged(*read), errors
    if isinstance(data, str):
        error = CaseError(f"a case must be a JSON object, got {shown(data)}. Example: {EXAMPLE}")
        return _told(data), [error]
    if is_response(data):
        return case_of_response(model, data, errors), errors
    if isinstance(data, Mapping):
        for name in WRAPPERS & set(data):
            if isinstance(data[name], Mapping | list | tuple):
                inner, more = opened(model, data[name])
                rest = {n: one for n, one in data.items() if n != name}
                error = CaseError(f"{name!r} is no part of a case: give what is in it.")
                both = [one for one in (inner, rest) if isinstance(one, Mapping) and one]
                return merged(*both), [error, *more]
        return _straightened(data, errors), errors
    return data, errors


def _straightened(data: Mapping[str, Any], errors: list[LumbayesError]) -> Mapping[str, Any]:
    """Return a case whose parts have our names and forms; where they had not is an error."""
    found: dict[str, Any] = {}
    for name, value in data.items():
        part = PART_NAMES.get(str(name).strip().lower())
        if part is None or isinstance(value, bool) or value is None:
            found[name] = value
            continue
        if name != part:
            error = unknown_name("part of a case", str(name), sorted(set(PART_NAMES.values())))
            hint = f"{error} A finding goes inside findings. Example: {EXAMPLE}"
            errors.append(type(error)(hint))
        if not isinstance(value, Mapping | Several):
            errors.append(CaseError(f"{part} must be an object in braces, got {shown(value)}."))
        own = _listed(part, value)
        both = isinstance(own, Mapping) and isinstance(found.get(part), Mapping)
        found[part] = merged(found[part], own) if both else own
    return found


def _listed(part: str, value: Any) -> Any:
    """Return what a list or a text says where names and values belong."""
    if isinstance(value, list | tuple) and all(
        isinstance(one, list | tuple) and len(one) == 2 and isinstance(one[0], str) for one in value
    ):
        return dict(value)
    words = [value] if isinstance(value, str) else value
    if isinstance(words, list | tuple) and all(isinstance(one, str) for one in words):
        text = ", ".join(words)
        named = dict(NAMED.findall(text[:LONGEST_SALVAGED]))
        if part == "findings" or named:
            return named or dict.fromkeys(words, "yes")
        return {SENTENCE: text.replace("_", " ")}
    return value


def _among(data: object, depth: int = 0) -> tuple[list[Mapping[str, Any]], list[object]]:
    """Return the objects in a list, or in lists in it, and what else is there."""
    if isinstance(data, Mapping):
        return [data], []
    if not isinstance(data, list | tuple) or depth > DEEPEST:
        return [], [data]
    found = [_among(one, depth + 1) for one in data]
    return [c for cases, _ in found for c in cases], [o for _, others in found for o in others]


def _told(text: str) -> dict[str, Any]:
    """Return what a bare text says: JSON inside it, names with a value, and its words."""
    said = {**dict(NAMED.findall(text[:LONGEST_SALVAGED])), **dict(pairs_in(text))}
    return {"findings": said, "facts": {SENTENCE: text}}
