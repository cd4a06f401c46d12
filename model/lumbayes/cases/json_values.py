"""Values as they come from JSON: read, even where broken, put together, shown in messages."""

from __future__ import annotations

import json
import math
import re
import reprlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lumbayes.errors import CaseError, LumbayesError, cut, harmless
from lumbayes.limits import DIGITS

LONGEST_SALVAGED = 1_000_000  # characters
PAIR_OF_JSON = re.compile(
    r'"([^"\\]{1,100})"\s*:\s*("[^"\\]{0,100}"|true|false|null|-?\d{1,9}(?:\.\d{1,9})?(?=\s*[,}\]]))'
)
EXAMPLE = '{"findings": {"low_back_pain": "yes"}, "facts": {"age_years": 40}}'


@dataclass(frozen=True)
class Several:
    """Different values for one name: each was said, and not all can be true."""

    values: tuple[object, ...]

    def __repr__(self) -> str:
        """Write the values as they were given."""
        return " and ".join(in_part(v) for v in self.values)


def merged(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Put two objects together; a name with two values keeps both (``Several``).

    Examples
    --------
    >>> merged({"fever": "yes"}, {"fever": "no", "slr": "negative"})
    {'fever': yes and no, 'slr': 'negative'}
    """
    both = dict(first)
    for name, value in second.items():
        if name in both and both[name] != value:
            value = Several((both[name], value))
        both[str(name)] = value
    return both


def load_json(text: str, place: str) -> object:
    """Return the value of strict JSON (no field twice, no NaN), or raise CaseError.

    Examples
    --------
    >>> load_json('{"fever": "yes"}', "my case")
    {'fever': 'yes'}
    """
    data, errors = salvage_json(text, place)
    if errors:
        raise errors[0]
    return data


def salvage_json(text: str, place: str) -> tuple[object, list[LumbayesError]]:
    """Return what can be read of a JSON text, and what is wrong with it; never raises.

    A field given twice keeps both values (``Several``), a number that is none is left out, and of a
    text that is no JSON every pair of a name and a simple value is read.

    Examples
    --------
    >>> salvage_json('{"findings": {"fever": "yes"', "my case")[0]
    {'fever': 'yes'}
    """
    errors: list[LumbayesError] = []
    if not text.strip():
        empty = f"{place} is empty. A case without findings is {{}}. Example: {EXAMPLE}"
        return {}, [CaseError(empty)]

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        whole: dict[str, object] = {}
        for name, value in pairs:
            if name in whole:
                errors.append(
                    CaseError(f"{place}: {in_part(name)} is given twice in one object. Remove one.")
                )
                value = whole[name] if value == whole[name] else Several((whole[name], value))
            whole[name] = value
        return whole

    def no_number(name: str) -> None:
        errors.append(
            CaseError(f"{place}: {name} is not a JSON number. Write null if it is not known.")
        )

    def number(digits: str, kind: type[int] | type[float]) -> int | float | None:
        try:
            DIGITS.check(len(digits), place)
        except LumbayesError as error:
            errors.append(error)
            return None
        if not abs(float(digits)) <= sys.float_info.max:
            errors.append(
                CaseError(f"{place}: the number {digits[:20]}… is too large. Correct it.")
            )
            return None
        return kind(digits)

    try:
        data = json.loads(
            text,
            object_pairs_hook=once,
            parse_constant=no_number,
            parse_int=lambda digits: number(digits, int),
            parse_float=lambda digits: number(digits, float),
        )
    except json.JSONDecodeError as error:
        line = f"line {error.lineno}, " if "\n" in text.strip() else ""
        broken = (
            f"{place}, {line}column {error.colno}: not valid JSON ({error.msg}). Example: {EXAMPLE}"
        )
    except RecursionError:
        broken = f"{place}: nested too deeply. Example: {EXAMPLE}"
    else:
        return data, errors
    pairs = [(n, _loose(v)) for n, v in PAIR_OF_JSON.findall(text[:LONGEST_SALVAGED])]
    return once(pairs), [CaseError(broken)]


def _loose(word: str) -> object:
    """Return a value of JSON, or the word itself where it is none, such as 007."""
    try:
        return json.loads(word, strict=False)
    except ValueError:
        return word


def shown(value: object) -> str:
    """Return a value as it looks in JSON, a long one in part.

    Examples
    --------
    >>> shown(True), shown(None), shown(10**400)
    ('true', 'null', 'a number of 401 digits')
    """
    if isinstance(value, bool) or value is None:
        return "null" if value is None else str(value).lower()
    if isinstance(value, int) and value.bit_length() > 64:
        return f"a number of {int(value.bit_length() * math.log10(2)) + 1:,} digits"
    return f"{value:g}" if isinstance(value, float) else _in_part.repr(value)


def in_part(value: object) -> str:
    """Return a name or a value for a message, never longer than a line.

    Examples
    --------
    >>> in_part("fever"), in_part(True), len(in_part("x" * 100_000))
    ('fever', 'true', 60)
    """
    return cut(harmless(value if isinstance(value, str) else shown(value)))


_in_part = reprlib.Repr()
_in_part.maxstring = _in_part.maxother = 100
