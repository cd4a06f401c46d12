"""What people call a fact, and how they write its value: other names, spellings, units."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from lumbayes.knowledge.tables import read_table

SYNONYM_COLUMNS = ("name", "fact", "value", "factor")
# One spelling for words that are written in two ways.
SPELLINGS = (
    *(("haem", "hem"), ("aemi", "emi"), ("aest", "est"), ("faec", "fec"), ("oed", "ed")),
    *(("tumour", "tumor"), ("labour", "labor"), ("diarrhoea", "diarrhea"), ("metre", "meter")),
    *(("foet", "fet"), ("paed", "ped"), ("neurone", "neuron"), ("isch", "isc"), ("oeso", "eso")),
    *(("ised", "ized"), ("isation", "ization"), ("colour", "color"), ("dyspnoea", "dyspnea")),
)
PREFIXES = (
    *("new_onset_", "new_", "has_", "have_", "is_", "current_", "currently_", "on_", "taking_"),
    *("recent_", "known_", "reports_", "reported_", "patient_", "presence_of_", "any_", "the_"),
    *("with_", "symptom_", "sign_of_", "signs_of_", "feels_", "felt_"),
)
SUFFIXES = (
    "_present",
    "_reported",
    "_yes",
    "_now",
    "_noted",
    "_found",
    "_positive",
    "_on_examination",
)
DENIALS = ("no_", "not_", "denies_", "denied_", "without_", "absence_of_", "never_")
DENIED = ("_absent", "_denied", "_negative", "_normal")
YES = frozenset("yes y true 1 present positive reported found abnormal reduced raised".split())
NO = frozenset("no n false 0 none absent negative denied denies normal never nil not".split())
YES_OR_NO = YES | NO
SILENT = frozenset({"", "unknown", "not stated", "not known", "not asked", "not tested", "?", "na"})
WEEKS = MappingProxyType(
    {"hour": 1 / 168, "day": 1 / 7, "week": 1.0, "month": 4.345, "year": 52.18}
)


@dataclass(frozen=True)
class Synonym:
    """Another name of a fact: the value it stands for, or the factor of its number."""

    fact: str
    value: str
    factor: float


def plain(name: str) -> str:
    """Return a name in one spelling: small letters, one underscore between words.

    Examples
    --------
    >>> plain("Haematuria (visible)"), plain("ESR mm/h")
    ('hematuria_visible', 'esr_mm_h')
    """
    text = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    for british, other in SPELLINGS:
        text = text.replace(british, other)
    return text


@lru_cache(maxsize=4)
def read_synonyms(folder: Path | None = None) -> Mapping[str, tuple[Synonym, ...]]:
    """Return every other name of a fact: name in one spelling → what it stands for.

    Examples
    --------
    >>> read_synonyms()["saddle_anesthesia"][0].fact
    'saddle_numbness'
    """
    found: dict[str, tuple[Synonym, ...]] = {}
    for row in read_table("synonyms.csv", SYNONYM_COLUMNS, folder):
        factor = row.number("factor", 1e-9) if row["factor"] else 1.0
        name = plain(row.text("name"))
        one = Synonym(row.text("fact"), row["value"], factor)
        found[name] = (*found.get(name, ()), one)
    return MappingProxyType(found)


def readings(name: str) -> list[tuple[str, bool]]:
    """Return the names that a name may mean, likeliest first, and whether each denies.

    Examples
    --------
    >>> readings("no_new_fever")
    [('no_new_fever', False), ('new_fever', True), ('fever', True)]
    """
    queue, found = [(plain(name), False)], list[tuple[str, bool]]()
    while queue:
        text, denied = queue.pop(0)
        if not text or (text, denied) in found:
            continue
        found.append((text, denied))
        queue += [(text.removeprefix(p), denied) for p in PREFIXES if text.startswith(p)]
        queue += [(text.removesuffix(s), denied) for s in SUFFIXES if text.endswith(s)]
        if not denied:
            queue += [(text.removeprefix(p), True) for p in DENIALS if text.startswith(p)]
            queue += [(text.removesuffix(s), True) for s in DENIED if text.endswith(s)]
        if text.endswith("s"):
            queue.append((text[:-1], denied))
    return found


def read_bool(value: object) -> bool | None:
    """Return yes or no as people write it, or None if the value is neither.

    Any other words describe what is there ("left", "moderate", "after walking"): that is a yes.

    Examples
    --------
    >>> read_bool("Yes"), read_bool("denied"), read_bool("left leg"), read_bool(3.2)
    (True, False, True, None)
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return bool(value) if value in (0, 1) else None
    if not isinstance(value, str) or value.strip().lower() in SILENT:
        return None
    first = re.split(r"[^a-z0-9]+", value.strip().lower())[0]
    return first not in NO or value.strip().lower() in YES


def silent(value: object) -> bool:
    """Return whether a value says that nothing was stated.

    Examples
    --------
    >>> silent("not stated"), silent(None), silent("no")
    (True, True, False)
    """
    return value is None or (isinstance(value, str) and value.strip().lower() in SILENT)


def read_number(value: object, unit: str) -> float | None:
    """Return the number in a text, in the unit of the fact; None if it holds none.

    Of two numbers the first counts (``"90/60"`` is a blood pressure of 90), of a span the middle.

    Examples
    --------
    >>> read_number("118 bpm", "beats a minute"), read_number("90/60 mmHg", "mmHg")
    (118.0, 90.0)
    >>> read_number("2 months", "weeks"), round(read_number("101.3 F", "degrees Celsius"), 1)
    (8.69, 38.5)
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if not isinstance(value, str):
        return float(value)
    text = value.strip().lower().replace(",", ".")
    span = re.search(r"(\d+(?:\.\d+)?)\s*(?:-|–|to)\s*(\d+(?:\.\d+)?)", text)
    one = re.search(r"\d+(?:\.\d+)?", text)
    if one is None:
        return None
    number = (float(span[1]) + float(span[2])) / 2 if span else float(one[0])
    if unit == "weeks":
        named = next((w for w in WEEKS if re.search(rf"{w}s?\b", text)), "week")
        return number * WEEKS[named]
    if unit == "degrees Celsius" and re.search(r"\bf\b|°f|fahrenheit", text):
        return (number - 32) / 1.8
    return number
