"""The second language: every English text is looked up in a table of the data; else it stays.

A text may hold placeholders, ``{number}``; a sentence in which they are filled is found again by
its pattern, and what fills them is translated too.
"""

from __future__ import annotations

import csv
import re
import threading
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import streamlit as st

from lumbayes.app.third_person import SENTENCES, of_the_patient
from lumbayes.knowledge.tables import data_dir

LANGUAGES: Mapping[str, str] = {"en": "English", "de": "Deutsch"}
QUOTES: Mapping[str, tuple[str, str]] = {"en": ("“", "”"), "de": ("„", "“")}
ENGLISH_QUOTES = re.compile("“([^“”„]*)”")


class _Run(threading.local):
    """For whom the run of the script that this thread is at speaks: asked a thousand times."""

    language: str = ""
    clinician: bool = False


_run = _Run()


def settle(wanted: str, *, clinician: bool = False) -> None:
    """Take the language, and whether clinicians read it, for the rest of this run."""
    _run.language, _run.clinician = wanted, clinician


def for_clinicians() -> bool:
    """Return whether this run speaks to clinicians."""
    return _run.clinician


def chosen() -> str:
    """Return the language of the session: ``en`` unless another was chosen."""
    wanted = _run.language or st.session_state.get("kept_lang")
    return str(wanted) if wanted in LANGUAGES else "en"


def say(text: str) -> str:
    """Return one text in the language of the session."""
    wanted = chosen()
    said = text if wanted == "en" or not text else translated(text, wanted)
    return requoted(of_the_patient(said, wanted) if _run.clinician else said)


def requoted(text: str) -> str:
    """Return a text with the quotes of the language of the session in place of English ones."""
    if chosen() == "en":
        return text
    return ENGLISH_QUOTES.sub(lambda inside: quoted(inside[1]), text)


def quoted(text: str) -> str:
    """Return words in the quotes of the language of the session.

    Examples
    --------
    >>> quoted("numb")
    '“numb”'
    """
    before, after = QUOTES[chosen()]
    return f"{before}{text}{after}"


def spoken(value: Any) -> Any:
    """Return a text, a tuple or a mapping of texts in the language of the session."""
    if chosen() == "en" and not _run.clinician:
        return value
    if isinstance(value, str):
        return say(value)
    if isinstance(value, tuple):
        return tuple(spoken(v) for v in value)
    if isinstance(value, Mapping):
        return {key: spoken(v) for key, v in value.items()}
    return value


NUMBERS = re.compile(r"(?=.*\d)(?:[-+<>~−–→/()%;, \d.e]|\bto\b|\bin\b)+")  # a text of numbers alone
BETWEEN_NUMBERS = {" to ": "{low} to {high}", " in ": "{count} in {whole}"}
TELLING = 5  # letters beside placeholders that a pattern needs: any text can hold "to"
FILLED = r"((?:(?![.!?] ).)+?)"  # what stands in a placeholder: never more than one sentence
# Where a text that is not in the table is cut into pieces that may be: sentences, heads, items.
ITEMS = ", "  # only where each of them is known: a comma stands in any sentence
BETWEEN = (
    SENTENCES,
    r"^- |^\(|\)$",
    "; | → | ← ",
    ITEMS,
    ": (?=“)",
    r"\.$",
    " and (?=“)|[“”]",
    ": ",
)


@lru_cache(maxsize=16_384)
def translated(text: str, wanted: str) -> str:
    """Return a text in another language, or as it is if the table lacks it.

    Examples
    --------
    >>> translated("Yes", "de"), translated("no such text", "de")
    ('Ja', 'no such text')
    >>> translated("about 12 in 100", "de")
    'etwa 12 von 100'
    >>> translated("0.42 % to 43 %", "de"), translated("1 in 1,000", "de")
    ('0,42 % bis 43 %', '1 von 1.000')
    >>> translated("There: Fever; Sex: Male.", "de")
    'Vorhanden: Fieber; Geschlecht: Männlich.'
    """
    known, patterns = _table(wanted)
    for said in (text, text[:1].upper() + text[1:]):
        if said in known:
            return known[said]
    if NUMBERS.fullmatch(text):
        return _numbers(text, known)
    head, _, rest = text.partition(": ")
    if rest in known:
        return f"{translated(head, wanted)}: {known[rest]}"
    for pattern, names, wording in patterns:
        found = pattern.fullmatch(text)
        if found:
            parts = dict(zip(names, found.groups(), strict=True))
            return wording.format(**{n: translated(p, wanted) for n, p in parts.items()})
    for between in BETWEEN:
        pieces = re.split(f"({between})", text)
        if len(pieces) == 1:
            continue
        parts_ = [translated(piece, wanted) for piece in pieces[::2]]
        each = all(a != b or a in known for a, b in zip(pieces[::2], parts_, strict=True))
        if each or between != ITEMS:
            pieces[::2] = parts_
            return "".join(pieces)
    return text


def _numbers(text: str, known: Mapping[str, str]) -> str:
    """Write numbers as most of Europe does: a comma before tenths, a point after thousands."""
    signs = str.maketrans(".,", ",.")
    text = re.sub(r"\d[\d.,]*\d", lambda n: n[0].translate(signs), text)
    for word, form in BETWEEN_NUMBERS.items():
        text = text.replace(word, re.sub(r"\{\w+\}", "", known.get(form, form)))
    return text


@lru_cache(maxsize=4)
def _table(wanted: str) -> tuple[dict[str, str], list[tuple[re.Pattern[str], list[str], str]]]:
    """Return the whole texts, and those with placeholders as patterns, longest first."""
    file = data_dir() / f"labels_{wanted}.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        known = {row["text"]: row["translation"] for row in csv.DictReader(lines)}
    for text, wording in list(known.items()):  # one sentence of a text may stand in another
        both = (re.split(SENTENCES, text), re.split(SENTENCES, wording))
        if len(both[0]) == len(both[1]):
            for sentence, said in zip(*both, strict=True):
                known.setdefault(sentence, said)
    patterns = []
    for text in sorted(known, key=len, reverse=True):
        names = re.findall(r"\{(\w+)\}", text)
        parts = re.split(r"\{\w+\}", text)
        told = sum(map(str.isalpha, "".join(parts)))
        if told >= TELLING and names and len(set(names)) == len(names):
            patterns.append((re.compile(FILLED.join(map(re.escape, parts))), names, known[text]))
    return known, patterns
