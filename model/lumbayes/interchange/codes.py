"""Codes of SNOMED CT, LOINC and ICD-10-CM for our variables: ``data/codes.csv``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from lumbayes.knowledge.tables import read_table

COLUMNS = ("name", "system", "code", "display", "relation", "checked")
SYSTEMS = MappingProxyType(
    {
        "snomed": "http://snomed.info/sct",
        "loinc": "http://loinc.org",
        "icd10cm": "http://hl7.org/fhir/sid/icd-10-cm",
    }
)
OURS = "urn:lumbayes:variables"
"""The system of our own codes: the name of a variable."""
STATES = "urn:lumbayes:states"
RELATIONS = ("same", "broader", "narrower")
SAID = frozenset({"same", "broader"})
"""A code that means less than ours would say more than we know: it is left out."""


@dataclass(frozen=True)
class Code:
    """A code of a terminology for one of our names.

    Attributes
    ----------
    system, code, display : str
        As in a FHIR Coding.
    relation : str
        What the code means against our name: ``same``, ``broader`` or ``narrower``.
    checked : str
        How it was checked; none was held against a release of its terminology.
    """

    system: str
    code: str
    display: str
    relation: str
    checked: str

    def coding(self) -> dict[str, str]:
        """Return the FHIR Coding."""
        return {"system": self.system, "code": self.code, "display": self.display}


@lru_cache(maxsize=1)
def read_codes() -> Mapping[str, tuple[Code, ...]]:
    """Return the verified codes of each name; a row without a code records a search in vain.

    Raises
    ------
    TableError
        If the table is broken.

    Examples
    --------
    >>> [c.code for c in read_codes()["cauda_equina_syndrome"]]
    ['192970008', 'G83.4']
    """
    found: dict[str, tuple[Code, ...]] = {}
    for row in read_table("codes.csv", COLUMNS):
        system = SYSTEMS[row.choice("system", SYSTEMS)]
        checked = row.text("checked")
        if not row["code"]:
            continue
        relation = row.choice("relation", RELATIONS)
        code = Code(system, row["code"], row.text("display"), relation, checked)
        name = row.text("name")
        found[name] = (*found.get(name, ()), code)
    return MappingProxyType(found)


def codings(name: str, label: str) -> list[dict[str, str]]:
    """Return the FHIR Codings of a name: our own first, then those that say no more than it.

    Examples
    --------
    >>> [c["code"] for c in codings("malignancy", "Cancer in the spine")]
    ['malignancy']
    """
    ours = {"system": OURS, "code": name, "display": label}
    return [ours, *(c.coding() for c in read_codes().get(name, ()) if c.relation in SAID)]
