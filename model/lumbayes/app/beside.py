"""What people tell beside a complaint, so that advice need not wait: work, sport, side, strength.

Only whole clauses of such words are let pass; one other word, or a word of danger, keeps the clause
open. Strength and side are handed on as remarks.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from lumbayes.knowledge.tables import read_table

PHRASES = ("language", "phrase")
COLUMNS = ("language", "topic", "beside_limbs", "words")
# Words that say nothing of what is the matter; what else was not heard counts as not read.
FILLERS = frozenset(
    """a an the my me i i'm i've im it it's its is am are was were be been being have has had do
    does did this that these those there here of in on at to for from with by as so too also and or
    hello hi dear please thanks thank you really very quite rather bit little some somewhat about
    around when while if which who what why how since ago now today yesterday day days week weeks
    month months year years morning evening old feel feels feeling felt get gets got getting suffer
    suffering pain pains painful ache aches aching hurt hurts hurting sore back low lower left right
    side sides ich mich mir mein meine meinen meiner es ist bin sind war habe hab hat hatte ein eine
    einen einem einer der die das den dem des im am auf zu zum zur mit bei wenn seit vor heute
    gestern tag tage tagen woche wochen monat monate monaten jahr jahre jahren alt sehr etwas auch
    so hallo bitte danke weh tut schmerz schmerzen rücken kreuz links rechts linke rechte linken
    rechten warum wieso""".split()
)
_TEN = "zero one two three four five six seven eight nine ten".split()
_ZEHN = "null eins zwei drei vier fünf sechs sieben acht neun zehn".split()
_SCORES = {word: str(n) for words in (_TEN, _ZEHN) for n, word in enumerate(words)}
STRENGTH = re.compile(
    r"(?<![\d.,/])(?P<n>10|\d)(?:\s*/\s*|\s+(?:out of|of|von|auf)\s+)10\b(?![\d/%])"
    r"|\b(?:on a|auf einer|auf der) (?:pain )?(?:scale|skala) (?:of|from|von)"
    r" (?:0|1|zero|one|null|eins)"
    r" (?:to|bis) (?:10|ten|zehn),? ?(?:it's|its|it is|i'm at|about|a|an|ist es|es ist|etwa|eine)?"
    rf" ?(?:about|a|an|eine|etwa)? ?(?P<m>10|\d|{'|'.join(_SCORES)})\b"
    r"|\b(?:it's|it is|its|now|today) (?:about )?an? (?P<k>10|\d)(?=\s*(?:$|[.,;!?\n]))",
    re.IGNORECASE,
)
SIDE = re.compile(
    r"\b(?:(?:on|to) (?:the|my) (left|right)\b(?! (?:day|track|hand))"
    r"|(?<!pain )(?<!came )(?<!comes )(?<!come )(left|right)[- ](?:side|sided|lower|low|back"
    r"|buttock|hip|leg|calf|thigh|knee|groin|glute)\b(?! (?:again|to normal|where|into))"
    r"|(links|rechts)(?:seitig)?\b|(linke|rechte)[nrs]? (?:seite|hüfte|bein|wade|gesäß))",
    re.IGNORECASE,
)
_SIDES = {"li": "left", "le": "left", "re": "right", "ri": "right"}
GROUPS = {
    "@young": r"(?:babys?|babies|son|daughter|kids?|child|toddler|kind|sohn|tochter)",
    "@unit": r"(?:km|kilomet\w+|kg|kilos?|cm|stones?|st|lbs|h|hrs?|hours?|std|stunden?|min|mins"
    r"|minutes?|minuten?|miles?|meilen?)",
}
LIMBS_TOO = "yes"  # words that say nothing even beside a leg that nothing was heard of


@lru_cache(maxsize=4)
def ordinary(folder: Path | None = None, *, beside_limbs: bool = False) -> frozenset[str]:
    """Return the words of everyday life: where nothing else is said, nothing is the matter.

    Parameters
    ----------
    folder : Path, optional
        Where ``ordinary_words.csv`` lies.
    beside_limbs : bool
        Only those that say nothing beside a leg or a foot: "turn" does, "tennis" does not.

    Examples
    --------
    >>> "tennis" in ordinary(beside_limbs=True), "turning" in ordinary(beside_limbs=True)
    (True, False)
    """
    rows = read_table("ordinary_words.csv", COLUMNS, folder)
    wanted = (row for row in rows if not beside_limbs or row["beside_limbs"] == LIMBS_TOO)
    return frozenset(word for row in wanted for word in row.text("words").split())


@lru_cache(maxsize=4)
def phrases(folder: Path | None = None) -> re.Pattern[str]:
    """Return the pattern of phrases of everyday life, of which each word might mean more alone.

    Examples
    --------
    >>> phrases().sub("", "comes and goes, worse when sitting")
    ', when sitting'
    """
    rows = (row.text("phrase") for row in read_table("ordinary_phrases.csv", PHRASES, folder))
    pattern = "|".join(rows)
    for name, words in GROUPS.items():
        pattern = pattern.replace(name, words)
    return re.compile(pattern, re.MULTILINE)


def remarks_in(text: str) -> dict[str, str]:
    """Return the strength of the pain and its side as a text tells them, each if told but once.

    Examples
    --------
    >>> remarks_in("Back pain on the left, about 4/10"), remarks_in("Stärke 5 von 10, rechts")
    ({'side': 'left', 'severity': '4'}, {'side': 'right', 'severity': '5'})
    """
    sides = {_SIDES[next(filter(None, m.groups()))[:2].lower()] for m in SIDE.finditer(text)}
    told = {(m["n"] or m["m"] or m["k"]).lower() for m in STRENGTH.finditer(text)}
    strengths = {_SCORES.get(n, n) for n in told}
    said = {"side": sides, "severity": strengths}
    return {name: values.pop() for name, values in said.items() if len(values) == 1}


def without(low: str, folder: Path | None = None) -> str:
    """Return a text in small letters with what is told beside the complaint blanked out."""
    for pattern in (STRENGTH, phrases(folder)):
        low = pattern.sub(lambda match: " " * len(match[0]), low)
    return low
