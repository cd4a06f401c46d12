"""Age, sex and since when, as people write them in a text of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator

UNITS = {
    "day": 1 / 7, "tag": 1 / 7, "week": 1, "woche": 1, "month": 4.35, "monat": 4.35,
    "year": 52, "jahr": 52,
}  # fmt: skip
NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9, "ten": 10, "einem": 1, "einer": 1, "zwei": 2, "drei": 3,
    "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10,
}  # fmt: skip
_COUNT = rf"(?:\d+|{'|'.join(NUMBERS)})"
_UNIT = rf"(?:{'|'.join(UNITS)})\w*"
AGE = re.compile(
    r"\b(?<!my )(?<!our )(?<!his )(?<!her )(?P<n>\d{1,3})"
    r"[ -]?(?:years?[ -]olds?|y/?o\b|jahre alt|jährig\w*)"
    r"|\b(?:i am|i'm|im|aged?|(?:ich )?bin)\s+(?P<m>\d{2})\b"
    r"(?!\s*(?:week|woche|month|monat|kg|%|cm|kilo|stone)|\.?\s*(?:woche|ssw|monat|schwanger)|['’.]\d)"
)
# A number that stands alone between commas or full stops, or with a letter for the sex.
ALONE = re.compile(
    r"(?:(?<=^)|(?<=[.,;:!?(\n]))\s*(?P<n>[1-9]\d)\s*(?:jahre|years)?"
    r"(?:\s*/?\s*(?P<letter>[fmw]))?\s*(?=$|[,;!?)\n]|\.(?!\d|\s*(?:woche|ssw|schwanger|monat|tag|mal)))"
)
WEEKDAY = (
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday|yesterday|today|this morning|last"
    r" week|last night|the weekend|last weekend|montag|dienstag|mittwoch|donnerstag|freitag|samstag"
    r"|sonntag|gestern|heute|letzter woche|dem wochenende"
)
SINCE = re.compile(
    rf"\b(?:since|seit|for|vor|after)\s+"
    rf"(?:(?:about|over|more than|the (?:last|past)|almost|nearly|etwa|über|ungefähr|fast)\s+)?"
    rf"(?:(?:last |letztem )?(?P<day>{WEEKDAY})|(?P<many>years|many years|jahren|vielen jahren)\b"
    rf"|(?P<n>{_COUNT})\s+(?P<unit>{_UNIT}))"
    rf"|\b(?P<n2>{_COUNT})\s+(?P<unit2>{_UNIT})\s+ago"
    rf"|(?:(?<=^)|(?<=[.,;:!?\n]))\s*(?P<n3>{_COUNT})\s+(?P<unit3>(?:day|week|month|tag|woche|monat)\w*)"
    rf"(?: now| already)?\s*(?=$|[.,;:!?\n])"
)
SPAN = re.compile(rf"\b{_COUNT}\s+{_UNIT}")  # a time that is part of what was heard


def ages(low: str) -> Iterator[tuple[re.Match[str], int]]:
    """Yield where a text in small letters tells an age, and the years; a lone number if none else.

    Examples
    --------
    >>> [years for _, years in ages("im 27, back pain since 3 days")]
    [27]
    >>> [years for _, years in ages("low back pain. 40, desk job")]
    [40]
    >>> list(ages("28. woche schwanger, stärke 5 von 10"))
    []
    """
    found = list(AGE.finditer(low))
    if not found:
        lone = list(ALONE.finditer(low))
        found = lone if len(lone) == 1 else []
    for match in found:
        told = match.groupdict()
        yield match, int(told["n"] or told["m"])


def sex_beside_age(low: str) -> re.Match[str] | None:
    """Return where a letter beside a lone age tells the sex.

    Examples
    --------
    >>> sex_beside_age("back pain. 38/f")["letter"], sex_beside_age("38, back pain")
    ('f', None)
    """
    return next((m for m in ALONE.finditer(low) if m["letter"]), None)


def weeks_of(match: re.Match[str]) -> float:
    """Return how many weeks a match of ``SINCE`` tells; one for a day of the week.

    Examples
    --------
    >>> [weeks_of(SINCE.search(t)) for t in ("since monday", "for 3 weeks", "seit jahren")]
    [1.0, 3.0, 52.0]
    """
    if match["day"]:
        return 1.0
    if match["many"]:
        return 52.0
    number = match["n"] or match["n2"] or match["n3"]
    unit = match["unit"] or match["unit2"] or match["unit3"]
    stem = next(u for u in UNITS if unit.startswith(u))
    return float(int(number) if number.isdigit() else NUMBERS[number]) * UNITS[stem]
