"""Slips of spelling in a text: a word one letter away from one known word is read as that word.

Only long words, and never what may be an ending of another word; where two words may be meant, or
a word of danger is near, nothing is changed, so that the part stays open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from lumbayes.app.beside import FILLERS, ordinary
from lumbayes.cases.sayings import expanded
from lumbayes.knowledge.tables import read_table

LONG = 7  # letters of a word in which a letter may be wrong; swapped ones count from SWAPPED on
SWAPPED = 4
_WORD = re.compile(r"[^\W\d_]+")
_LITERAL = re.compile(r"(?<![\\(?\w*\[])[^\W\d_]{4,}\*?(?![\w(?\]])")


def corrected(text: str, folder: Path | None = None) -> tuple[str, list[int]]:
    """Return a text without slips, and for each place in it the place in the text as it was.

    Examples
    --------
    >>> corrected("back pian")[0], corrected("excercise")[0], corrected("a tumr")[0]
    ('back pain', 'exercise', 'a tumr')
    """
    parts, places, last = list[str](), list[int](), 0
    for match in _WORD.finditer(text):
        meant = _meant(match[0].lower(), folder)
        if meant is None:
            continue
        parts += [text[last : match.start()], meant]
        places += range(last, match.start())
        places += (min(match.start() + i, match.end() - 1) for i in range(len(meant)))
        last = match.end()
    places += range(last, len(text) + 1)
    return "".join(parts) + text[last:], places


@lru_cache(maxsize=4096)
def _meant(word: str, folder: Path | None) -> str | None:
    """Return the one known word that a word may be a slip of; None if it is known, or unclear."""
    known, stems, near = _known(folder)
    if len(word) < SWAPPED or word in known or (word[:4] in stems and _on_stem(word, stems)):
        return None
    found = {one for one in _swaps(word) if one in known}
    if len(word) >= LONG - 1:
        found |= {
            one for key in {word, *_less(word)} for one in near.get(key, ()) if _one_off(word, one)
        }
    return found.pop() if len(found) == 1 else None


def _on_stem(word: str, stems: dict[str, list[str]]) -> bool:
    return any(word.startswith(stem) for stem in stems[word[:4]])


def _one_off(word: str, known: str) -> bool:
    """Return whether two words differ in one letter, and not in an ending."""
    same = next((i for i, (a, b) in enumerate(zip(word, known, strict=False)) if a != b), 99)
    if same > min(len(word), len(known)) - 2 or not same:
        return False
    size = len(word) - len(known)
    if size == 0:
        return word[same + 1 :] == known[same + 1 :]
    return word[same + 1 :] == known[same:] if size == 1 else word[same:] == known[same + 1 :]


def _less(word: str) -> Iterator[str]:
    return (word[:i] + word[i + 1 :] for i in range(len(word)))


def _swaps(word: str) -> Iterator[str]:
    return (word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(1, len(word) - 1))


@lru_cache(maxsize=4)
def _known(
    folder: Path | None,
) -> tuple[frozenset[str], dict[str, list[str]], dict[str, set[str]]]:
    """Return the known words, the stems of sayings by four letters, and long words one less."""
    words = set(FILLERS | ordinary(folder))
    stems: dict[str, list[str]] = {}
    for row in read_table(
        "own_words.csv", ("language", "phrase", "variable", "state", "unless"), folder
    ):
        for match in _LITERAL.finditer(expanded(row.text("phrase"))):
            if match[0].endswith("*"):
                stems.setdefault(match[0][:4], []).append(match[0][:-1])
            words.add(match[0].rstrip("*"))
    near: dict[str, set[str]] = {}
    for word in words:
        if len(word) >= LONG:
            for key in (word, *_less(word)):
                near.setdefault(key, set()).add(word)
    return frozenset(words), stems, near
