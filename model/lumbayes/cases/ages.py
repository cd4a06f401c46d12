"""Ages as people write them: about 40, in her late fifties, over 60."""

from __future__ import annotations

import re

DECADES = {
    word: 10.0 * (i + 1)
    for i, word in enumerate(
        "teens twenties thirties forties fifties sixties seventies eighties nineties".split()
    )
}
AGE_WORDS = (
    (r"teenage|adolescent", (13, 19)),
    (r"child|boy\b|girl\b|infant", (0, 17)),
    (r"elderly|old age|older", (65, 120)),
    (r"middle[- ]aged?", (45, 64)),
    (r"young", (18, 35)),
)


def age_span(text: str) -> tuple[float, float] | None:
    """Return the lowest and highest age that a phrase means, or None if it names no age.

    Examples
    --------
    >>> age_span("about 40"), age_span("in her late fifties"), age_span("over 60")
    ((40.0, 40.0), (57.0, 59.0), (60.0, 120.0))
    >>> age_span("adult") is None
    True
    """
    words = text.lower().strip()
    if match := re.search(r"(?<!\d)(\d+)\s*(?:-|–|_|to|and)\s*(\d+)", words):
        low, high = sorted(map(float, match.groups()))
        return low, high
    numbers = re.findall(r"\d+(?:\.\d+)?", words)
    decade = next((d for w, d in DECADES.items() if w in words), None)
    if match := re.search(r"\b(\d0)\s*['’]?s\b", words):
        decade = float(match[1])
    if decade is not None:
        part = next((p for p in ("early", "mid", "late") if p in words), "")
        first, last = {"early": (0, 3), "mid": (4, 6), "late": (7, 9)}.get(part, (0, 9))
        return decade + first, decade + last
    if len(numbers) == 1:
        age = float(numbers[0])
        if re.search(r"over|above|older|more|least|plus|\+|>|≥", words):
            return age, 120.0
        if re.search(r"under|below|younger|less|most|<|≤", words):
            return (18.0 if age > 18 else 0.0), age - 1
        return age, age
    return next(
        ((float(low), float(high)) for w, (low, high) in AGE_WORDS if re.search(w, words)), None
    )
