"""What people tell beside a complaint, so that advice need not wait: work, sport, side, strength.

Only whole clauses of such words are let pass; one other word, or a word of danger, keeps the clause
open. Strength and side are handed on as remarks.
"""

from __future__ import annotations

import re

STRENGTH = re.compile(
    r"(?<![\d.,/])(?P<n>10|\d)(?:\s*/\s*|\s+(?:out of|of|von|auf)\s+)10\b(?![\d/%])", re.IGNORECASE
)
SIDE = re.compile(
    r"\b(?:(?:on|to) (?:the|my) (left|right)\b(?! (?:day|track|hand))|(left|right)[- ](?:side"
    r"|sided|lower|low|back|buttock|hip)\b|(links|rechts)(?:seitig)?\b"
    r"|(linke|rechte)[nr]? (?:seite|hüfte))",
    re.IGNORECASE,
)
_SIDES = {"li": "left", "le": "left", "re": "right", "ri": "right"}
# Clauses or parts of them that are left out before what is not read is listed.
BESIDE = re.compile(
    r"\b(?:otherwise|generally|sonst|ansonsten) (?:fit and |fit und )?(?:healthy|well|fit|gesund)\b"
    r"|\bworse (?=(?:when|after|if|with|while|by) )|\bschlimmer (?=(?:beim?|nach|wenn|im) )"
    r"|\b\d{1,2}\.?\s*(?:woche|ssw|schwangerschaftswoche|monat)\b"
    r"|(?:(?<=,)|^)\s*[1-9]\d\s*(?=,|$|\.(?!\d))"
    r"|\b(?:come|comes|coming) and (?:go|goes|going)\b|\bkommt und geht\b"
    r"|\bdoes(?:n't| not) (?:radiate|spread)\b|\bstrahlt nicht aus\b"
)
HARMLESS = frozenset(
    """work works working job jobs office desk computer laptop screen home all day days long shift
    shifts sit sits sitting stand standing chair car drive driving drives lorry truck van driver
    nurse teacher builder plumber electrician carpenter farmer gardener cleaner cook chef waiter
    waitress student accountant lawyer engineer programmer developer mechanic hairdresser dentist
    secretary clerk manager retired warehouse postman cashier painter baker housewife carer musician
    run runs runner running jog jogging swim swims swimming cycle cycles cycling bike tennis
    football soccer golf yoga pilates gym rowing hiking dancing volleyball basketball handball
    climbing squash badminton play plays playing player train training sport sports exercise
    exercises gardening garden lifting bricks boxes shopping housework digging shovelling snow
    vacuuming cleaning painting decorating moving furniture raking ironing once twice times lot
    often sometimes usually mostly occasionally after during male female man woman healthy
    dull stiff stiffness mild moderate strength level scale help helps better love like each hour
    hours per more than started start also mornings evenings lately recently
    arbeite arbeit arbeiten büro schreibtisch sitze sitzen stehe stehen stehend ganzen täglich
    stunden lange fahre fahren lkw fahrer lehrer lehrerin pfleger krankenschwester krankenpfleger
    verkäufer verkäuferin koch köchin maurer student studentin rentner rentnerin ingenieur
    elektriker tischler gärtner landwirt friseurin erzieherin buchhalter gern gerne jogge joggen
    laufe laufen läufer schwimme schwimmen radfahren rad tennis fußball spiele spielen turnen
    wandern tanzen gartenarbeit garten heben umzug putzen nach beim vom von hilft besser stärke
    dumpf steif leicht mittel mann frau männlich weiblich morgens abends manchmal oft meist
    mal afterwards als langem langen viel viele""".split()
)


def remarks_in(text: str) -> dict[str, str]:
    """Return the strength of the pain and its side as a text tells them, each if told but once.

    Examples
    --------
    >>> remarks_in("Back pain on the left, about 4/10"), remarks_in("Stärke 5 von 10, rechts")
    ({'side': 'left', 'severity': '4'}, {'side': 'right', 'severity': '5'})
    """
    sides = {_SIDES[next(filter(None, m.groups()))[:2].lower()] for m in SIDE.finditer(text)}
    strengths = {m["n"] for m in STRENGTH.finditer(text)}
    said = {"side": sides, "severity": strengths}
    return {name: values.pop() for name, values in said.items() if len(values) == 1}


def without(low: str) -> str:
    """Return a text in small letters with what is told beside the complaint blanked out."""
    for pattern in (STRENGTH, BESIDE):
        low = pattern.sub(lambda match: " " * len(match[0]), low)
    return low
