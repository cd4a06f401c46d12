"""What stands around a fact: "sudden, severe" in its value or its name are facts of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from lumbayes.cases.words import BEGINS_A_DENIAL, named_after_function, plain
from lumbayes.knowledge.tables import read_table

QUALIFIER_COLUMNS = ("word", "fact", "value")
QUALIFIED_COLUMNS = ("qualifier", "about", "fact")
ENDING_COLUMNS = ("ending", "fact", "unless")
FILLERS = frozenset(
    "of in the and a with to at on by when while left right my her his since for very both".split()
)
NOUNS = {
    **{"numb": "numbness", "weak": "weakness", "swollen": "swelling", "painful": "pain"},
    **{"tender": "tenderness", "stiff": "stiffness", "unsteady": "unsteadiness"},
    **dict.fromkeys(
        "relieved relieves eased eases helped helps improved improves".split(), "better"
    ),
    **dict.fromkeys("aggravated aggravates worsened worsens provoked provokes".split(), "worse"),
}
HOURS = re.compile(
    r"\b(this|since) (morning|afternoon|evening)|\btoday\b|\blast night\b|\byesterday\b"
    r"|\bhours?\b( ago)?|\bminutes? ago\b|\bsince [\w ]{1,12}\bminutes?\b",
)
# How long something takes, or how often it comes, is not when it began.
TAKES = re.compile(
    r"\b(every|each|per)\b|\bfor \d+ hours|\b(after|than) (\d+|an?|half|some|a few)\b"
)
LENGTH = re.compile(r"\b\d+(\.\d+)?\s*(days?|w(?:ee)?ks?|mo(?:nth)?s?|mths?|y(?:ea)?rs?)\b")
# Old, and never otherwise since.
OLD = re.compile(r"\b(?:years?|decades?|childhood|birth)\b")
SAME = re.compile(r"\b(?:same|unchanged|stable|no change|not changed|never changed|as always)\b")
OTHERWISE = re.compile(
    r"\b(?:worse\w*|worsen\w*|new\w*|now|more|until|but|today|yesterday|days?|weeks?|since (?!birth"
    r"|childhood)|progress\w*|increas\w*|last)\b"
)
NOT = frozenset({*BEGINS_A_DENIAL, "denies", "less", "mild", "ever_since"})


@lru_cache(maxsize=4)
def read_qualifiers(folder: Path | None = None) -> Mapping[str, tuple[str, object]]:
    """Return what each word around a fact says: the word → a fact and its value.

    Examples
    --------
    >>> read_qualifiers()["sudden"]
    ('onset', 'sudden')
    """
    found: dict[str, tuple[str, object]] = {}
    for row in read_table("qualifiers.csv", QUALIFIER_COLUMNS, folder):
        value: object = True if row.text("value") == "true" else row["value"]
        for word in row.text("word").split("|"):
            found[plain(word)] = (row.text("fact"), value)
    return MappingProxyType(found)


@lru_cache(maxsize=4)
def read_qualified(folder: Path | None = None) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Return which fact a qualifier is beside others: (what it is told of, fact), first that fits.

    A qualifier without rows is the fact of its own name beside any.

    Examples
    --------
    >>> read_qualified()["progressive"]
    (('leg_weakness', 'weakness_progressive'), ('*', 'progressive'))
    """
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for row in read_table("qualified_facts.csv", QUALIFIED_COLUMNS, folder):
        pair = (row.text("about"), row.text("fact"))
        found[row["qualifier"]] = (*found.get(row.text("qualifier"), ()), pair)
    return MappingProxyType(found)


@lru_cache(maxsize=4)
def read_danger(folder: Path | None = None) -> tuple[str, ...]:
    """Return parts of words that call for a visit where the rest is not understood.

    Examples
    --------
    >>> "bladder" in read_danger()
    True
    """
    return tuple(row.text("word") for row in read_table("danger_words.csv", ("word",), folder))


# Words in which a stem of danger stands and means nothing: the German article, a case, a massage.
INNOCENT = re.compile(
    r"(?<!to )(?<!will )(?<!may )(?<!might )(?<!could )(?<!i )\bdie"
    r"(?= (?!of|from|soon|today|now|if)\w)"
    r"|\bdie(?:s\w*|nst\w*)|soldier\w*|\w*vorfall|\b(?:auf (?:jeden|keinen)|in dem|im) fall\b"
    r"|\bmass(?:age|ier)\w*|twenty|tweak\w*|\bhay ?fever|\bwetter\w*|\bstaub\w*|\bherzlich\w*"
    r"|\bback went\b|\bwent (?:to|back|home|for|away|shopping|swimming)\b|\bwear and tear\b"
    r"|statement\w*|\brecord\w*|according\w*|\bgefallen (?:lassen|hat|mir)\b"
)


def without_innocent(text: str) -> str:
    """Return a text in small letters without words in which a stem of danger means nothing.

    Examples
    --------
    >>> without_innocent("Die Pille, Massage"), without_innocent("I may die today")
    (' pille, ', 'i may die today')
    """
    return INNOCENT.sub("", text.lower())


@lru_cache(maxsize=4)
def read_endings(folder: Path | None = None) -> tuple[tuple[str, str, frozenset[str]], ...]:
    """Return what names that end alike mean: ending, fact, words beside which it means another.

    Examples
    --------
    >>> read_endings()[0][:2]
    ('cancer', 'history_of_cancer')
    """
    rows = read_table("name_endings.csv", ENDING_COLUMNS, folder)
    return tuple(
        (plain(row.text("ending")), row.text("fact"), frozenset(row["unless"].split("|")))
        for row in rows
    )


def qualified(text: str, folder: Path | None = None) -> tuple[dict[str, object], list[str]]:
    """Return the facts that a description holds, and the phrases that hold none.

    A phrase that denies or weakens ("not severe", "mild") holds none.

    Examples
    --------
    >>> qualified("severe, sudden, after lifting")
    ({'severe_pain': True, 'onset': 'sudden'}, ['after lifting'])
    >>> qualified("not severe")
    ({}, ['not severe'])
    >>> qualified("same for ten years"), qualified("same for ten years, worse this week")[0]
    (({'incontinence_old_and_stable': True}, []), {})
    """
    known = read_qualifiers(folder)
    facts: dict[str, object] = {}
    rest: list[str] = []
    low = text.lower()
    if OLD.search(low) and SAME.search(low) and not OTHERWISE.search(low):
        return {known["old_and_same"][0]: True}, []
    for phrase in dict.fromkeys(re.split(r"[,;.\n]|\band\b|\bwith\b|\bbut\b", text.lower())):
        words = plain(phrase)
        among = words.split("_")
        if not words:
            continue
        if NOT & set(among):
            rest.append(phrase.strip())
            continue
        timeless = plain(HOURS.sub(" ", phrase))  # "since last night" is no pain at night
        said = [w for w in known if f"_{w}_" in f"_{timeless}_"]
        facts |= {known[w][0]: known[w][1] for w in said}
        if length := LENGTH.search(phrase):
            facts["duration_weeks"] = length[0]
            said.append("")
        if HOURS.search(phrase) and not TAKES.search(phrase):
            facts.setdefault(known["hours_ago"][0], True)
            said.append("")
        if not said:
            rest.append(phrase.strip())
    return facts, rest


def split_name(name: str, folder: Path | None = None) -> tuple[str, dict[str, object]]:
    """Return a name without the words that qualify it, and what these say.

    Of a function none is taken away: a sudden control is not one that is there.

    Examples
    --------
    >>> split_name("colicky_loin_pain"), split_name("sudden_bladder_control")
    (('loin_pain', {'colicky_pain': True}), ('sudden_bladder_control', {}))
    """
    known = read_qualifiers(folder)
    words = plain(name).split("_")
    facts = {known[w][0]: known[w][1] for w in words if w in known}
    shorter = "_".join(w for w in words if w not in known)
    if shorter != "_".join(words) and named_after_function(shorter):
        return "_".join(words), {}
    return shorter, facts if not NOT & set(words) else {}


def bag(name: str) -> frozenset[str]:
    """Return the words of a name without their order and without fillers.

    Examples
    --------
    >>> bag("numbness_of_the_leg") == bag("leg numbness") == bag("numb leg")
    True
    """
    return frozenset(NOUNS.get(word, word) for word in plain(name).split("_")) - FILLERS
