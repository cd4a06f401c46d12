"""Which answers no person can give together: ``data/never_together.csv``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from lumbayes.errors import unknown_name
from lumbayes.knowledge.model import Model
from lumbayes.knowledge.tables import Row, read_table

COLUMNS = ("variable", "states", "other", "other_states", "note")
REPORTED = "reported"  # every state but the first, which is the absent one
Event = tuple[str, int]  # a variable, and some of its states as bits
Exclusion = tuple[Event, Event]


def read_exclusions(
    states: Mapping[str, tuple[str, ...]],
    groups: Mapping[str, str],
    folder: Path | None = None,
) -> tuple[Exclusion, ...]:
    r"""Read the pairs of events that exclude each other.

    Parameters
    ----------
    states : mapping of variable to states
        In clinical order, absent first.
    groups : mapping of variable to group
        ``group:pain_place`` in the table stands for each variable of that group whose first state
        is an absent one: no, none or negative.
    folder : Path, optional
        Where the table lies; the shipped one if left out.

    Raises
    ------
    TableError
        If a row names what does not exist.

    Examples
    --------
    >>> states = {"sex": ("male", "female"), "ache": ("no", "yes"), "long": ("no_pain", "days")}
    >>> groups = {"sex": "you", "ache": "pain_place", "long": "pain_behaviour"}
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "never_together.csv"
    ...     row = "long,no_pain,group:pain_place,reported,"
    ...     _ = path.write_text(f"{','.join(COLUMNS)}\n{row}\n")
    ...     read_exclusions(states, groups, Path(folder))
    ((('long', 1), ('ache', 2)),)
    """
    found: list[Exclusion] = []
    for row in read_table("never_together.csv", COLUMNS, folder):
        name, other = row.text("variable"), row.text("other")
        one = (name, _bits(row, states, name, row.text("states")))
        others = [other]
        if other.startswith("group:"):
            group = other.removeprefix("group:")
            others = [n for n, g in groups.items() if g == group and _has_absent(states[n])]
        found += [(one, (n, _bits(row, states, n, row["other_states"]))) for n in others]
    return tuple(found)


def _has_absent(states: tuple[str, ...]) -> bool:
    return states[0] in ("no", "none", "negative")


def _bits(row: Row, states: Mapping[str, tuple[str, ...]], name: str, among: str) -> int:
    if name not in states:
        raise row.error(str(unknown_name("variable", name, states)))
    known = states[name]
    if among == REPORTED:
        return (1 << len(known)) - 2
    for state in among.split("|"):
        if state not in known:
            raise row.error(str(unknown_name(f"state of {name}", state, known)))
    return sum(1 << known.index(state) for state in among.split("|"))


@lru_cache(maxsize=4)
def load_exclusions(model: Model) -> tuple[Exclusion, ...]:
    """Return the pairs of events that exclude each other under the tables of a model, read once."""
    known = model.variables.values()
    states, groups = {v.name: v.states for v in known}, {v.name: v.group for v in known}
    return read_exclusions(states, groups, model.folder)
