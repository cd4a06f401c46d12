"""The second language: every English text is looked up in a table of the data; else it stays.

A text may hold placeholders, ``{number}``; a sentence in which they are filled is found again by
its pattern, and what fills them is translated too.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import streamlit as st

from lumbayes.knowledge.tables import data_dir

LANGUAGES: Mapping[str, str] = {"en": "English", "de": "Deutsch"}


def chosen() -> str:
    """Return the language of the session: ``en`` unless another was chosen."""
    wanted = st.session_state.get("kept_lang")
    return str(wanted) if wanted in LANGUAGES else "en"


def say(text: str) -> str:
    """Return one text in the language of the session."""
    wanted = chosen()
    return text if wanted == "en" or not text else translated(text, wanted)


def spoken(value: Any) -> Any:
    """Return a text, a tuple or a mapping of texts in the language of the session."""
    if chosen() == "en":
        return value
    if isinstance(value, str):
        return say(value)
    if isinstance(value, tuple):
        return tuple(spoken(v) for v in value)
    if isinstance(value, Mapping):
        return {key: spoken(v) for key, v in value.items()}
    return value


@lru_cache(maxsize=4096)
def translated(text: str, wanted: str) -> str:
    """Return a text in another language, or as it is if the table lacks it.

    Examples
    --------
    >>> translated("Yes", "de"), translated("no such text", "de")
    ('Ja', 'no such text')
    >>> translated("about 12 in 100", "de")
    'etwa 12 von 100'
    """
    known, patterns = _table(wanted)
    if text in known:
        return known[text]
    for pattern, names, wording in patterns:
        found = pattern.fullmatch(text)
        if found:
            parts = dict(zip(names, found.groups(), strict=True))
            return wording.format(**{n: translated(p, wanted) for n, p in parts.items()})
    return text


@lru_cache(maxsize=4)
def _table(wanted: str) -> tuple[dict[str, str], list[tuple[re.Pattern[str], list[str], str]]]:
    """Return the whole texts, and those with placeholders as patterns, longest first."""
    file = data_dir() / f"labels_{wanted}.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        known = {row["text"]: row["translation"] for row in csv.DictReader(lines)}
    patterns = []
    for text in sorted(known, key=len, reverse=True):
        names = re.findall(r"\{(\w+)\}", text)
        if names and len(set(names)) == len(names):
            parts = re.split(r"\{\w+\}", text)
            patterns.append((re.compile("(.+?)".join(map(re.escape, parts))), names, known[text]))
    return known, patterns
