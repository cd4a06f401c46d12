"""How long ago something told was: what is new is not old and unchanged, nor long over."""

from __future__ import annotations

import re

from lumbayes.cases.words import TIMES

WEEKS = {"minute": 1e-4, "hour": 6e-3, "day": 1 / 7, "week": 1.0, "month": 4.35, "year": 52.2}
RECENT = 12.0  # weeks: as long as an operation or an infection counts
NEW = 52.0  # weeks: trouble with bladder or bowel younger than this is not old
NUMBERS = {
    **dict.fromkeys(("", "a", "an", "last", "past", "this", "one"), 1.0),
    **dict.fromkeys(("two", "couple of", "a couple of"), 2.0),
    **dict.fromkeys(("few", "some", "several", "a few", "three"), 3.0),
    **{"four": 4.0, "five": 5.0, "six": 6.0, "seven": 7.0, "eight": 8.0, "nine": 9.0, "ten": 10.0},
    **{"half": 0.5, "half a": 0.5},
}
_NUMBER = "|".join(sorted(filter(None, NUMBERS), key=len, reverse=True))
_UNIT = "|".join(f"(?P<{unit}>{words})" for unit, words in TIMES.items())
_SPAN = rf"(?:(?P<number>\d+(?:[.,]\d+)?|{_NUMBER})[\s-]*)?(?:{_UNIT})\b"
SPANS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b(?:since|for|over|within|in|of|these|the|about|only|begun)\s+(?:about |only |the )*"
        + _SPAN,
        r"(?<![\w.,])" + _SPAN + r"\s*(?:ago|before|back|post[\s-]?op\w*|old|earlier)\b",
        r"\b(?=last|past|this)" + _SPAN,
        r"^\W*" + _SPAN + r"\W*$",
    )
)
JUST = re.compile(
    r"\b(?:today|tonight|yesterday|just now|this (?:morning|evening|afternoon)|last night"
    r"|(?:since|on|last) (?:mon|tues?|wednes|thurs?|fri|satur|sun)day)\b"
)
CHANGED = re.compile(
    r"\b(?:new|newly|sudden|suddenly|acute|recent onset|wors(?:e|ened|ening)|increas(?:ed|ing))\b"
)
SAME = re.compile(r"\b(?:same|unchanged|stable|no change|not changed|constant)\b")
UNCHANGED = re.compile(r"\b(?:no|not|nothing|never|isn t|isn't|neither) (?:\w+ )?$")


def weeks_since(value: str) -> float | None:
    """Return how many weeks ago the latest time was that a text names, or None.

    How often something happens, or how long it lasts, is none.

    Examples
    --------
    >>> weeks_since("since yesterday"), weeks_since("2 weeks ago"), weeks_since("last week")
    (0.0, 2.0, 1.0)
    >>> weeks_since("three times a day"), weeks_since("twice a day for ten years")
    (None, 522.0)
    """
    low = value.lower()
    found = [0.0] if JUST.search(low) else []
    for pattern in SPANS:
        for match in pattern.finditer(low):
            unit = next(unit for unit in WEEKS if match[unit])
            number = match["number"] or ""
            count = NUMBERS.get(number)
            count = float(number.replace(",", ".")) if count is None else count
            found.append(count * WEEKS[unit])
    return min(found, default=None)


def says_new(value: str) -> bool:
    """Return whether a text says that something is younger than a year, or has changed.

    Examples
    --------
    >>> says_new("for years, worse since Monday"), says_new("for 3 years"), says_new("nothing new")
    (True, False, False)
    """
    weeks, low = weeks_since(value), value.lower()
    changed = any(not UNCHANGED.search(low[: m.start()]) for m in CHANGED.finditer(low))
    return changed or (weeks is not None and weeks < NEW)


def says_old(value: str) -> bool:
    """Return whether a text says that something is a year old or more, and has not changed.

    Examples
    --------
    >>> says_old("same for ten years"), says_old("for ten years"), says_old("for years, now worse")
    (True, False, False)
    """
    weeks = weeks_since(value)
    old = weeks is not None and weeks >= NEW
    return old and SAME.search(value.lower()) is not None and not says_new(value)


def says_recent(value: str) -> bool:
    """Return whether a text says that something was within the last twelve weeks.

    Examples
    --------
    >>> says_recent("10 days post-op"), says_recent("in 2019"), says_recent("3 years ago")
    (True, False, False)
    """
    weeks = weeks_since(value)
    return weeks is not None and weeks <= RECENT
