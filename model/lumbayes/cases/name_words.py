"""The words of a terse name in one form each: abbreviations, spellings, two-sided parts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from lumbayes.cases.synonyms import read_synonyms
from lumbayes.cases.words import plain
from lumbayes.knowledge.tables import read_table

FORM_COLUMNS = ("form", "words", "kind")
KINDS = ("symptom", "placed", "side", "place", "elsewhere", "degree", "condition", "past", "empty")
DAYS_AGO = re.compile(
    r"\d_(?:day|week)s?_(?:ago|postop|post|after|since)|(?:post|postop|after)\w*_(?:day|week)s?_\d"
    r"|\d_(?:day|week)s?_post|\blast_week|yesterday"
)
ENDINGS = (
    *("ations", "ation", "ating", "ated", "ate", "ings", "ing", "ions", "ion", "ies", "ied"),
    *("ness", "ed", "es", "ly", "s", "y", "e"),
)
SHORTEST_STEM = 4
LONGEST_TERM = 4  # words that have one form together, such as "s_p" or "not able to"
EMPTY = frozenset("of in the and a to at on by when while my her his since for very or".split())
Word = tuple[str, tuple[int, ...]]  # its form, and where it stood in the name


@lru_cache(maxsize=4)
def read_forms(folder: Path | None = None) -> Mapping[tuple[str, ...], tuple[str, ...]]:
    """Return what one or more words are in one form.

    Examples
    --------
    >>> read_forms()["htn",], read_forms()["lower", "limbs"]
    (('hypertension',), ('both', 'leg'))
    """
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for row in read_table("word_forms.csv", FORM_COLUMNS, folder):
        if row["form"]:
            form = tuple(plain(row["form"]).split("_"))
            found |= {tuple(plain(words).split("_")): form for words in row["words"].split("|")}
    return MappingProxyType(found)


@lru_cache(maxsize=64)
def words_of_kind(folder: Path | None, kind: str) -> frozenset[str]:
    """Return the forms of one kind, such as the parts of the body that are not in question here.

    Examples
    --------
    >>> "jaw" in words_of_kind(None, "elsewhere")
    True
    """
    rows = read_table("word_forms.csv", FORM_COLUMNS, folder)
    return frozenset(
        word
        for row in rows
        if row.choice("kind", KINDS) == kind
        for text in ([row["form"]] if row["form"] else row["words"].split("|"))
        for word in (text, *map(_stem, plain(text).split("_")))
    )


@lru_cache(maxsize=1 << 14)
def words_of(name: str, folder: Path | None = None) -> tuple[Word, ...]:
    """Return the words of a name, each in one form, with the places where they stood.

    Examples
    --------
    >>> words_of("bilateral_paraesthesia_feet")
    (('both', (0,)), ('numb', (1,)), ('both', (2,)), ('foot', (2,)))
    >>> [word for word, _ in words_of("loss of sensation below waist")]
    ['numb', 'both', 'leg']
    """
    text = plain(name)
    words: list[Word] = [
        (part, (i,)) for i, w in enumerate(text.split("_")) if w for part in _split(w, folder)
    ]
    for _ in range(2):  # "loss of sensation" is reduced sensation first, and then numbness
        words = [w for w in _one_pass(words, folder) if w[0] not in EMPTY]
    if DAYS_AGO.search(text):
        words.append(("recent", ()))
    return tuple((_stem(word), where) for word, where in _apart(words, folder))


def _apart(words: list[Word], folder: Path | None) -> list[Word]:
    """Return the words with a degree and what it is told of as one: loss of leg function."""
    degrees, forms = words_of_kind(folder, "degree"), read_forms(folder)
    for one in [w for w in words if w[0] in degrees]:
        for other in words:
            form = forms.get((one[0], other[0]))
            if form is not None and other is not one:
                where = one[1] + other[1]
                rest = [w for w in words if w is not one and w is not other]
                return [*rest, *((word, where) for word in form)]
    return words


def _one_pass(words: list[Word], folder: Path | None) -> list[Word]:
    """Return the words with the longest known terms in their one form."""
    found: list[Word] = []
    at, known, first = 0, read_forms(folder), _first_words(folder)
    while at < len(words):
        if words[at][0] not in first:
            found.append(words[at])
            at += 1
            continue
        for size in range(min(LONGEST_TERM, len(words) - at), 0, -1):
            form = known.get(tuple(w for w, _ in words[at : at + size]))
            if form is not None:
                where = tuple(i for _, places in words[at : at + size] for i in places)
                found += [(word, where) for word in form]
                at += size
                break
        else:
            found.append(words[at])
            at += 1
    return found


@lru_cache(maxsize=1 << 14)
def parts_of_word(word: str, folder: Path | None) -> tuple[str, ...]:
    """Return a word, its stem, and the words that it joins.

    Examples
    --------
    >>> parts_of_word("legweakness", None)
    ('legweakness', 'legweak', 'leg', 'weakness')
    """
    return tuple(dict.fromkeys((word, _stem(word), *_split(word, folder))))


@lru_cache(maxsize=4)
def _first_words(folder: Path | None) -> frozenset[str]:
    """Return the words that begin a term with a form of its own."""
    return frozenset(words[0] for words in read_forms(folder))


@lru_cache(maxsize=1 << 14)
def _stem(word: str) -> str:
    """Return a word without its ending, so that distended and distending are alike."""
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            return word[: -len(ending)]
    return word


@lru_cache(maxsize=4)
def _known_words(folder: Path | None) -> frozenset[str]:
    """Return every word of the forms and of the other names of facts."""
    forms = (word for words in read_forms(folder) for word in words)
    return frozenset(forms).union(*(name.split("_") for name in read_synonyms(folder)))


@lru_cache(maxsize=1 << 13)
def _split(word: str, folder: Path | None) -> tuple[str, ...]:
    """Return two known words that were written as one, or the word itself."""
    known = _known_words(folder)
    if len(word) < 2 * SHORTEST_STEM or word in known or _stem(word) in known:
        return (word,)
    for at in range(3, len(word) - 2):
        if word[:at] in known and word[at:] in known:
            return word[:at], word[at:]
    return (word,)


@lru_cache(maxsize=1 << 14)
def form_of(name: str, folder: Path | None = None) -> frozenset[str]:
    """Return the words of a name in one form, without their order.

    Examples
    --------
    >>> form_of("backpain") == form_of("pain in the back")
    True
    >>> form_of("weak_legs") == form_of("bilateral lower limb paresis")
    True
    """
    return frozenset(word for word, _ in words_of(name, folder))
