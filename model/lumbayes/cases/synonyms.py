"""Other names of facts: single ones, and classes such as the generic names of drugs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from lumbayes.cases.words import plain
from lumbayes.knowledge.tables import read_table

SYNONYM_COLUMNS = ("name", "fact", "value", "factor")
CLASS_COLUMNS = ("fact", "names", "source")


@dataclass(frozen=True)
class Synonym:
    """Another name of a fact: the value it stands for, or the factor of its number.

    One of a class always names the trouble, never something that works or fails.
    """

    fact: str
    value: str
    factor: float
    trouble: bool = False


@lru_cache(maxsize=4)
def read_classes(folder: Path | None = None) -> Mapping[str, tuple[str, ...]]:
    """Return the facts that each name of ``name_classes.csv`` is: all of them together.

    Examples
    --------
    >>> read_classes()["tacrolimus"], read_classes()["renal_colic"]
    (('immunosuppressed',), ('flank_pain', 'colicky_pain'))
    """
    found: dict[str, tuple[str, ...]] = {}
    for row in read_table("name_classes.csv", CLASS_COLUMNS, folder):
        for name in map(plain, row.text("names").split("|")):
            found[name] = (*found.get(name, ()), row.text("fact"))
    return MappingProxyType(found)


@lru_cache(maxsize=4)
def read_synonyms(folder: Path | None = None) -> Mapping[str, tuple[Synonym, ...]]:
    """Return every other name of a fact: name in one spelling → what it stands for.

    Examples
    --------
    >>> read_synonyms()["saddle_anesthesia"][0].fact
    'saddle_numbness'
    """
    found: dict[str, tuple[Synonym, ...]] = {}
    for row in read_table("synonyms.csv", SYNONYM_COLUMNS, folder):
        factor = row.number("factor", 1e-9) if row["factor"] else 1.0
        name = plain(row.text("name"))
        one = Synonym(row.text("fact"), row["value"], factor)
        found[name] = (*found.get(name, ()), one)
    for name, facts in read_classes(folder).items():
        found.setdefault(name, (Synonym(facts[0], "", 1.0, trouble=True),))
    return MappingProxyType(found)
