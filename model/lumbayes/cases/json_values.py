"""Values as they come from JSON: read, even where broken, put together, shown in messages."""

from __future__ import annotations

import json
import math
import re
import reprlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from lumbayes.errors import CaseError, LumbayesError, cut, harmless
from lumbayes.limits import DIGITS

LONGEST_SALVAGED = 1_000_000  # characters
PAIR_OF_JSON = re.compile(
    r'"([^"\\]{1,100})"\s*:\s*("[^"\\]{0,100}"|true|false|null|-?\d{1,9}(?:\.\d{1,9})?(?=\s*[,}\]]))'
)
LINK = re.compile(r'"linkId"\s*:\s*"([^"\\]{1,100})"')  # of an item of a FHIR response
LINKED = re.compile(
    r'"(?:code|value(?:String|Boolean|Integer|Decimal))"\s*:\s*'
    r'("[^"\\]{0,100}"|true|false|-?\d{1,9}(?:\.\d{1,9})?)'
)
SIGN = re.compile(r'"(?:[^"\\]|\\.)*+"|[][{},]', re.DOTALL)
CLOSED = {"{": "}", "[": "]"}
DEPTH = 100  # objects and lists in each other
RESPONSE = "QuestionnaireResponse"
TRIED = 20  # places, from the last one back, at which a text that is cut off may be closed
LONGEST_TEXT = 1_000  # letters of one answer in words
DEEPEST = 20  # objects and lists in each other, in a value
EXAMPLE = '{"findings": {"low_back_pain": "yes"}, "facts": {"age_years": 40}}'


@dataclass(frozen=True)
class Several:
    """Different values for one name: each was said, and not all can be true."""

    values: tuple[object, ...]

    def __repr__(self) -> str:
        """Write the values as they were given."""
        return " and ".join(in_part(v) for v in self.values)


def together(values: Iterable[object]) -> object:
    """Return values of one name, each once: the value where it is one, else ``Several``.

    Examples
    --------
    >>> together(["yes", "yes"]), together([Several(("yes", "no")), "unsure"])
    ('yes', yes and no and unsure)
    """
    found: dict[str, object] = {}
    for value in values:
        for one in value.values if isinstance(value, Several) else (value,):
            found.setdefault(repr(one), one)
    return Several(tuple(found.values())) if len(found) > 1 else next(iter(found.values()))


def merged(*objects: Mapping[str, Any]) -> dict[str, Any]:
    """Put objects together; a name with two values keeps both (``Several``).

    Examples
    --------
    >>> merged({"fever": "yes"}, {"fever": "no", "slr": "negative"})
    {'fever': yes and no, 'slr': 'negative'}
    """
    values: dict[str, list[object]] = {}
    for one in objects:
        for name, value in one.items():
            values.setdefault(str(name), []).append(value)
    return {name: together(said) for name, said in values.items()}


def shortened(value: Any, errors: list[LumbayesError], depth: int = 0) -> Any:
    """Return a value without the ends of long texts, which can deny nothing then, and of nests.

    Examples
    --------
    >>> len(shortened({"pain": "x" * 5_000}, [])["pain"])
    1013
    """
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return value[:LONGEST_TEXT] + " … and more ?"
    if depth > DEEPEST:
        errors.append(CaseError(f"a value is nested more than {DEEPEST} deep. Write it flat."))
        return None
    if isinstance(value, Mapping):
        return {name: shortened(one, errors, depth + 1) for name, one in value.items()}
    if isinstance(value, Several):
        return Several(tuple(shortened(one, errors, depth + 1) for one in value.values))
    if isinstance(value, list | tuple):
        return [shortened(one, errors, depth + 1) for one in value]
    return value


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
    text that is no JSON the beginning that is, and every pair of a name and a simple value. A text
    that does not begin like JSON is returned as it is.

    Examples
    --------
    >>> salvage_json('{"findings": {"fever": "yes"', "my case")[0]
    {'fever': 'yes', 'findings': {'fever': 'yes'}}
    """
    errors: list[LumbayesError] = []
    if not text.strip():
        empty = f"{place} is empty. A case without findings is {{}}. Example: {EXAMPLE}"
        return {}, [CaseError(empty)]

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        values: dict[str, list[object]] = {}
        for name, value in pairs:
            values.setdefault(name, []).append(value)
        errors.extend(
            CaseError(f"{place}: {in_part(name)} is given twice in one object. Remove one.")
            for name, given in values.items()
            if len(given) > 1
        )
        return {name: together(given) for name, given in values.items()}

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
        good = text[: error.pos]
        line = f"line {error.lineno}, " if "\n" in text.strip() else ""
        broken = (
            f"{place}, {line}column {error.colno}: not valid JSON ({error.msg}). Example: {EXAMPLE}"
        )
    except RecursionError:
        good, broken = "", f"{place}: nested too deeply. Example: {EXAMPLE}"
    else:
        return data, errors
    pairs = once(pairs_in(text))
    whole = _closed(good)
    if not isinstance(whole, Mapping):
        words = text.lstrip()[:1] not in '{["'
        return text if words else pairs, [CaseError(broken)]
    more = list(_linked(text)) if isinstance(whole.get("resourceType"), str) else []
    inside = [whole, {"resourceType": RESPONSE, "item": more}] if more else {**pairs, **whole}
    return inside, [CaseError(broken)]


def pairs_in(text: str) -> list[tuple[str, object]]:
    """Return every pair of a name and a simple value in what may be broken JSON.

    Examples
    --------
    >>> pairs_in('{"findings": {"fever": "yes", "age": 40')
    [('fever', 'yes')]
    """
    return [(n, _loose(v)) for n, v in PAIR_OF_JSON.findall(text[:LONGEST_SALVAGED])]


def _loose(word: str) -> object:
    """Return a value of JSON, or the word itself where it is none, such as 007."""
    try:
        return json.loads(word, strict=False)
    except ValueError:
        return word


def _closed(text: str) -> object:
    """Return the beginning of a text as JSON, with what is open in it closed; None if it is none.

    Examples
    --------
    >>> _closed('{"findings": {"fever": "yes", "slr": "ne')
    {'findings': {'fever': 'yes'}}
    """
    text = text[:LONGEST_SALVAGED]
    open_, places = list[str](), list[tuple[int, str]]()
    for found in SIGN.finditer(text):
        sign = found[0]
        if sign in CLOSED:
            open_.append(CLOSED[sign])
        elif sign in CLOSED.values():
            if not open_ or open_.pop() != sign:
                break
        if sign != "{" and sign != "[":
            at = found.start() if sign == "," else found.end()
            places.append((at, "".join(reversed(open_[:DEPTH]))))
            if len(open_) > DEPTH:
                break
    for at, closing in reversed(places[-TRIED:]):
        try:
            return json.loads(text[:at] + closing)
        except ValueError:
            continue
    return None


def _linked(text: str) -> Iterator[dict[str, object]]:
    """Yield the answered items of a FHIR response whose text is broken."""
    found = list(LINK.finditer(text))
    for link, following in zip_longest(found, found[1:]):
        end = following.start() if following else len(text)
        values = LINKED.findall(text, link.end(), end)
        if values:
            answers = [{"valueString": _loose(value)} for value in values]
            yield {"linkId": link[1], "answer": answers}


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
