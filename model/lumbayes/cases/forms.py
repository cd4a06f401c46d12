"""The forms in which a case arrives: bytes in any Unicode, a list of it, a FHIR response."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from lumbayes.cases.fact_names import known_as
from lumbayes.cases.facts import SENTENCE
from lumbayes.cases.json_values import (
    DEEPEST,
    EXAMPLE,
    LONGEST_SALVAGED,
    Several,
    in_part,
    merged,
    pairs_in,
    shown,
)
from lumbayes.cases.parts import CARRIED, PARTS, VALUE_KEYS, own_name
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
# An object that names one thing and its value: {"variable": "fever", "state": "yes"}.
NAME_KEYS = ("variable", "name", "question", "item", "finding", "fact", "sign", "symptom", "field")
GZIP = b"\x1f\x8b"
PACKED = (GZIP, b"PAR1")  # how files of tables begin that are no text


def text_of(content: bytes, place: str) -> tuple[str, list[LumbayesError]]:
    r"""Return the text of a file in UTF-8, 16 or 32, and what is wrong with it; never raises.

    Of a file that is no text nothing is read: its bytes say nothing of anybody.

    Examples
    --------
    >>> text_of('{"fever": "yes"}'.encode("utf-16"), "my case")
    ('{"fever": "yes"}', [])
    >>> text_of(b'{"fever": "yes", "note": "\xe4"}', "my case")[0][:16]
    '{"fever": "yes",'
    """
    if content.startswith(PACKED):
        kind = "packed" if content.startswith(GZIP) else "a Parquet table"
        return "", [CaseError(f"{place} is {kind}, not the text of a case. Tables go to batch.")]
    encoding = json.detect_encoding(content)
    try:
        return content.decode(encoding).removeprefix("\ufeff"), []
    except UnicodeDecodeError as error:
        at = error.start
        wrong = CaseError(f"{place} is not UTF-8 text (byte {at}). Save it as UTF-8.")
        return content.decode(encoding, "replace").removeprefix("\ufeff"), [wrong]


def opened(model: Model, data: object, depth: int = 0) -> tuple[object, list[LumbayesError]]:
    """Return a case of our own form, and what is wrong with the form it came in; never raises.

    A list that holds one case is that case, of several each is read, and so is what stands below
    a name that is none of ours. A QuestionnaireResponse of FHIR is translated. A bare text is no
    case, and what it says is read all the same.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> opened(load_model(), [{"fever": "yes"}])
    ({'fever': 'yes'}, [])
    """
    errors: list[LumbayesError] = []
    cases, others = _among(data) if isinstance(data, list | tuple) else ([], [])
    if cases or any(isinstance(one, str) for one in others):
        pairs = [_pair(one) for one in cases]
        if len(cases) > 1 and all(pairs):
            cases = [merged(*pairs)]
            errors.append(CaseError(f"a case must be a JSON object. Example: {EXAMPLE}"))
        elif len(cases) > 1:
            errors.append(
                CaseError(
                    f"this is a list of {len(cases)} cases: give one case at a time. For many there"
                    f" is batch. Example: {EXAMPLE}"
                )
            )
        errors += [CaseError(f"a case must be a JSON object, got {shown(o)}.") for o in others[:1]]
        cases += [_told(one) for one in others if isinstance(one, str)]
        read: list[Mapping[str, Any]] = []
        for one in cases:
            inside, more = opened(model, one, depth + 1)
            errors += more
            read += [inside] if isinstance(inside, Mapping) else []
        return (read[0] if len(read) == 1 else merged(*map(_in_parts, read))), errors
    if isinstance(data, str):
        error = CaseError(f"a case must be a JSON object, got {shown(data)}. Example: {EXAMPLE}")
        return _told(data), [error]
    if is_response(data):
        return case_of_response(model, data, errors), errors
    if isinstance(data, Mapping):
        if pair := _pair(data):
            error = CaseError(f"a case must be an object of names and states. Example: {EXAMPLE}")
            return pair, [error]
        for name in data:
            if _wraps(model, name, data[name], depth):
                inner, more = opened(model, data[name], depth + 1)
                rest = {n: one for n, one in data.items() if n != name}
                besides, others_more = opened(model, rest, depth + 1)
                what = repr(in_part(name)) if str(name).strip() else "an empty name"
                error = CaseError(f"{what} is no part of a case: give what is in it.")
                both = (_in_parts(one) for one in (inner, besides) if isinstance(one, Mapping))
                return merged(*both), [error, *more, *others_more]
        return _straightened(data, errors), errors
    return data, errors


def _wraps(model: Model, name: object, value: object, depth: int) -> bool:
    """Return whether a name is none of ours and holds a case, or a part of one."""
    if not (isinstance(name, str) and isinstance(value, Mapping | list | tuple) and value):
        return False
    ours = name in (*PARTS, *CARRIED) or name.strip().lower() in PART_NAMES
    if depth > DEEPEST or ours or own_name(model, name) in model.variables:
        return False
    words = not isinstance(value, Mapping) and all(isinstance(one, str) for one in value)
    return name in WRAPPERS or not (words or known_as(model, name, True))


def _in_parts(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a flat case as one with parts."""
    carried = {n: v for n, v in data.items() if n in CARRIED}
    flat = {n: v for n, v in data.items() if n not in CARRIED}
    return data if not flat or any(n in PARTS for n in flat) else {**carried, "findings": flat}


def _pair(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the name and the value of an object that holds these two, or nothing.

    Examples
    --------
    >>> _pair({"variable": "fever", "state": "yes"}), _pair({"fever": "yes"})
    ({'fever': 'yes'}, {})
    """
    names = [data[key] for key in NAME_KEYS if isinstance(data.get(key), str)]
    values = [data[key] for key in VALUE_KEYS if key in data]
    return {names[0]: values[0]} if names and values and not set(PARTS) & set(data) else {}


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
    objects = [one for one in value if isinstance(one, Mapping)] if _is_list(value) else []
    if objects and len(objects) == len(value):
        return merged(*(_pair(one) or one for one in objects))
    words = [value] if isinstance(value, str) else value
    if isinstance(words, list | tuple) and all(isinstance(one, str) for one in words):
        text = ", ".join(words)
        named = dict(NAMED.findall(text[:LONGEST_SALVAGED]))
        if part == "findings" or named:
            return named or dict.fromkeys(words, "yes")
        return {SENTENCE: text.replace("_", " ")}
    return value


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple)


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
    first, *more = text.strip().splitlines() or [""]
    table = any(
        sign in first and first.count(sign) == m.count(sign) for m in more for sign in ",;\t"
    )
    return {"findings": said} if table else {"findings": said, "facts": {SENTENCE: text}}
