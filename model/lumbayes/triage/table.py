"""How soon should each of many people be seen? The rules of triage over the rows of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from lumbayes.cases.cohort import Cohort, Flags, Masks
from lumbayes.errors import CaseError, unknown_name
from lumbayes.knowledge.anchors import UNDER_18
from lumbayes.triage.rules import (
    LEVELS,
    NOT_UNDERSTOOD,
    SOON,
    Rules,
)

CHUNK = 1 << 15  # rows at a time: the working arrays of a chunk stay in the cache
UNKNOWN = np.uint8(0xFF)  # lies inside no set of states, since the last bit stands for none
# By variable the possible states of each row, and where answers exclude each other what else was
# said, 0 in all other rows.
Columns = Mapping[str, tuple[Masks, ...]]


def judge_table(
    rules: Rules,
    known: Columns,
    size: int,
    *,
    posterior: pd.DataFrame | None = None,
    minor: Sequence[bool] | Flags | pd.Series[bool] | None = None,
    unclear: Mapping[int, Sequence[str]] = MappingProxyType({}),
    contradictory: Sequence[int] = (),
) -> pd.DataFrame:
    """Return the level of every row.

    Parameters
    ----------
    rules : Rules
        The rules.
    known : mapping of variable to arrays of shape ``(size,)``
        As ``known_columns`` gives them.
    size : int
        The number of rows.
    posterior : DataFrame, optional
        One column a condition, one row a case; missing raises nothing.
    minor : sequence of bool, optional
        Which rows are under 18.
    unclear : mapping of row to texts
        What was told and not understood, as for ``judge``: such a row is never firm.
    contradictory : sequence of int
        Rows whose answers exclude each other: no such row is firm either.

    Returns
    -------
    DataFrame
        ``level``, an ordered category from most to least urgent; ``rules``, the names of what
        fired, most urgent first, joined by ``;``; ``provisional``, whether a sign that could raise
        the level is open; ``open_warning_signs``, how many. Each row as ``triage`` of one person.

    Raises
    ------
    UnknownNameError, CaseError
        If a condition of ``posterior`` is unknown or a probability not in 0 … 1; if ``posterior``
        or ``minor`` has another number of rows.

    Examples
    --------
    >>> from lumbayes.triage.reader import load_rules
    >>> rules = load_rules()
    >>> fever, drugs = (np.array([rules.bits(n, "yes"), 255], np.uint8) for n in
    ...                 ("fever", "injected_drugs"))
    >>> known = {"fever": (fever,), "injected_drugs": (drugs,)}
    >>> judge_table(rules, known, 2)["level"].tolist()
    ['emergency_now', 'self_care_exercises']
    """
    extra = _extra_columns(rules, size, posterior, minor)
    doubtful = np.zeros(size, dtype=bool)
    doubtful[[*unclear, *contradictory]] = True
    if unclear:
        feared = np.zeros(size, dtype=bool)
        feared[[i for i, texts in unclear.items() if any(map(rules.smells, texts))]] = True
        urgency = (2, SOON.index(rules.texts["how_soon"][LEVELS[2]]))
        extra.append((urgency, NOT_UNDERSTOOD, feared))
    known = _with_age(rules, known, size, minor)
    names_of_rules = (rule.name for rule in rules.rules)
    entries = [*zip(rules.urgencies, names_of_rules, strict=True), *(e[:2] for e in extra)]
    order = sorted(range(len(entries)), key=lambda i: entries[i][0])
    ranks = np.array([entries[i][0][0] for i in order], dtype=np.int8)
    names = np.array([entries[i][1] for i in order], dtype=object)

    levels = np.empty(size, dtype=np.int8)
    open_signs = np.empty(size, dtype=np.int16)
    words = np.empty((size, -(-len(order) // 64)), dtype=np.uint64)
    for start in range(0, size, CHUNK):
        part = slice(start, min(start + CHUNK, size))
        rows = part.stop - start
        here = {name: tuple(a[part] for a in arrays) for name, arrays in known.items()}
        hits = _hits(rules, here, rows)
        fired = _fired(rules, hits, rows)
        fired = np.vstack([fired, *(column[None, part] for *_, column in extra)])[order]
        levels[part] = np.where(fired.any(axis=0), ranks[fired.argmax(axis=0)], len(LEVELS) - 1)
        words[part] = _packed(fired, words.shape[1])
        open_signs[part] = _open_signs(rules, here, hits, levels[part])
    pattern, samples = _patterns(words)
    bits = np.unpackbits(samples.view(np.uint8), axis=1)[:, : len(order)].astype(bool)
    joined = [";".join(names[row]) for row in bits]
    return pd.DataFrame(
        {
            "level": pd.Categorical.from_codes(levels, pd.Index(LEVELS), ordered=True),
            "rules": pd.Categorical.from_codes(pattern, pd.Index(joined, dtype=object)),
            "provisional": (open_signs > 0) | doubtful,
            "open_warning_signs": open_signs,
        }
    )


def rule_ranks(rules: Rules, known: Columns, minor: Flags) -> npt.NDArray[np.int8]:
    """Return the place of each row's level by the rules alone, 0 for an emergency."""
    size = len(minor)
    known = _with_age(rules, known, size, minor)
    ranks = np.array([[place] for place, _ in rules.urgencies], dtype=np.int8)
    levels = np.where(minor, np.int8(2), np.int8(len(LEVELS) - 1))
    for start in range(0, size, CHUNK):
        part = slice(start, min(start + CHUNK, size))
        here = {name: tuple(a[part] for a in arrays) for name, arrays in known.items()}
        rows = part.stop - start
        fired = _fired(rules, _hits(rules, here, rows), rows)
        least = np.where(fired, ranks, np.int8(len(LEVELS) - 1)).min(axis=0)
        levels[part] = np.minimum(levels[part], least)
    return levels


def _with_age(
    rules: Rules,
    known: Columns,
    size: int,
    minor: Sequence[bool] | Flags | pd.Series[bool] | None,
) -> Columns:
    """Let the rules know of people under 18 whose age was not given as a number."""
    if minor is None or UNDER_18 not in rules.states:
        return known
    told, *more = known.get(UNDER_18, (np.full(size, UNKNOWN, dtype=np.uint8),))
    young = np.where(np.asarray(minor, bool) & (told == UNKNOWN), np.uint8(2), told)
    return {**known, UNDER_18: (young, *more)}


def known_columns(rules: Rules, rows: Cohort) -> dict[str, tuple[Masks, ...]]:
    """Return what triage may know of many cases, for what a rule reads or a screen asks."""
    return {
        name: (rows.possible(name, len(rules.states[name])), *rows.said.get(name, ()))
        for name in dict.fromkeys([*rows.states, *rows.weights, *rows.said])
        if name in rules.matters
    }


def _extra_columns(
    rules: Rules,
    rows: int,
    posterior: pd.DataFrame | None,
    minor: Sequence[bool] | Flags | pd.Series[bool] | None,
) -> list[tuple[tuple[int, int], str, Flags]]:
    """Urgency, name and rows of what raises the level besides the rules: age and thresholds."""
    extra: list[tuple[tuple[int, int], str, Flags]] = []
    if minor is not None:
        young = np.asarray(minor, dtype=bool)
        if young.shape != (rows,):
            raise CaseError(f"minor has {young.size} rows where the table has {rows}.")
        extra.append(((2, SOON.index(rules.texts["how_soon"][LEVELS[2]])), UNDER_18, young))
    if posterior is not None:
        if len(posterior) != rows:
            raise CaseError(f"posterior has {len(posterior)} rows where the table has {rows}.")
        values = {str(name): posterior[name].to_numpy(dtype=float) for name in posterior.columns}
        for name, column in values.items():
            if name not in rules.states:
                raise unknown_name("condition", name, rules.states)
            wrong = (column < 0) | (column > 1)
            if wrong.any():
                at = int(np.argmax(wrong))
                raise CaseError(
                    f"row {posterior.index[at]}: P({name}) is {column[at]}, not between 0 and 1."
                )
        for urgency, name, condition, threshold in rules.limits:
            if condition in values:
                extra.append((urgency, name, values[condition] >= threshold))
    return extra


def _hits(rules: Rules, known: Columns, rows: int) -> list[Flags]:
    """Return which rows each of ``rules.literals`` holds in, as ``Literal.holds``."""
    hits: list[Flags] = []
    for literal in rules.literals:
        arrays = known.get(literal.variable)
        if arrays is None:
            hits.append(np.full(rows, literal.negated))
            continue
        outside = np.uint8(0xFF ^ literal.states)
        found: Flags = ((arrays[0] & outside) == 0) != literal.negated
        for said in arrays[1:]:  # what contradicts itself is not unknown
            found = found & ~((said != 0) & (arrays[0] == UNKNOWN))
        for said in arrays[1:]:
            found = found | ((said != 0) & (((said & outside) == 0) != literal.negated))
        hits.append(found)
    return hits


def _fired(rules: Rules, hits: Sequence[Flags], rows: int) -> Flags:
    """Return which rules fire, shape ``(rules, rows)``."""
    fired = np.ones((len(rules.rules), rows), dtype=bool)
    for (_, clauses), row in zip(rules.compiled, fired, strict=True):
        for needed, places in clauses:
            row &= _enough(needed, [hits[i] for i in places])
    return fired


def _enough(needed: int, held: Sequence[Flags]) -> Flags:
    """Whether as many alternatives hold as a clause needs."""
    if needed == 1:
        return np.asarray(np.logical_or.reduce(held))
    return np.asarray(np.sum(held, axis=0, dtype=np.int8) >= needed)


def _open_signs(
    rules: Rules, known: Columns, hits: Sequence[Flags], levels: npt.NDArray[np.int8]
) -> npt.NDArray[np.int16]:
    """Return how many warning signs are open in each row, as ``open_signs`` of one person."""
    left: dict[str, Masks] = {}
    could: dict[int, Flags] = {}
    open_: dict[str, Flags] = {}
    for urgency, clauses in rules.compiled:
        live = levels > urgency
        waits: list[tuple[Flags, list[int]]] = []
        for needed, places in clauses if urgency < len(LEVELS) - 1 else ():
            if not live.any():
                break
            asked = [i for i in places if not rules.literals[i].negated]
            for i in asked:
                name, states = rules.literals[i].variable, np.uint8(rules.literals[i].states)
                if name not in left:
                    left[name] = states_left_of_rows(rules, known, name, len(levels))
                if i not in could:
                    could[i] = ~hits[i] & ((left[name] & states) != 0)
            held = [hits[i] for i in places]
            lacks = ~_enough(needed, held)
            live = live & (~lacks | _enough(needed, [*held, *(could[i] for i in asked)]))
            waits.append((lacks, asked))
        if live.any():
            for lacks, asked in waits:
                for i in asked:
                    name, flags = rules.literals[i].variable, live & lacks & could[i]
                    open_[name] = open_[name] | flags if name in open_ else flags
    if not open_:
        return np.zeros(len(levels), dtype=np.int16)
    return np.asarray(np.sum(list(open_.values()), axis=0, dtype=np.int16))


def states_left_of_rows(rules: Rules, known: Columns, name: str, rows: int) -> Masks:
    """Return the states an answer could still take, as ``states_left`` of one person."""
    states = len(rules.states[name])
    every, unsure = np.uint8((1 << states) - 1), np.uint8(1 << states)
    asked = np.full(rows, every if name in rules.asked else 0, dtype=np.uint8)
    for other, bit in rules.skips.get(name, ()):
        asked[_only(known, other, bit, rows)] = 0
    arrays = known.get(name)
    if arrays is None:
        return asked & _allowed(rules, known, name, rows)
    first, *more = arrays
    said = np.where(first == UNKNOWN, np.uint8(0), first)
    several = np.zeros(rows, dtype=bool)
    for one in more:
        several |= (one != 0) & (one != said)
        said = said | one
    settled = ~several & ((said & (said - np.uint8(1))) == 0)
    left = np.where(settled, np.uint8(0), said)
    allowed = _allowed(rules, known, name, rows)
    in_doubt = sum((one != 0 for one in more), start=np.zeros(rows, dtype=np.int8)) == 1
    left = np.where(in_doubt | ((said & unsure) != 0), every & allowed, left)
    return np.where(said == 0, asked & allowed, left)


def _allowed(rules: Rules, known: Columns, name: str, rows: int) -> Masks:
    """Return the states of a variable that nothing else known excludes."""
    allowed = np.full(rows, UNKNOWN, dtype=np.uint8)
    for states, there, given in rules.exclusions.get(name, ()):
        allowed[_only(known, there, given, rows)] &= np.uint8(0xFF ^ states)
    return allowed


def _only(known: Columns, name: str, states: int, rows: int) -> Flags:
    """Where a variable is known, without contradiction, to be in some states."""
    if name not in known:
        return np.zeros(rows, dtype=bool)
    first, *more = known[name]
    found: Flags = (first & np.uint8(0xFF ^ states)) == 0
    for one in more:  # nothing but what contradicts itself
        found = found & (one == 0)
    return found


def _packed(fired: Flags, words: int) -> npt.NDArray[np.uint64]:
    """Write each column as ``words`` 64-bit words, first rule first."""
    octets = np.zeros((fired.shape[1], 8 * words), dtype=np.uint8)
    octets[:, : -(-fired.shape[0] // 8)] = np.packbits(fired, axis=0).T
    return octets.view(np.uint64)


def _patterns(
    words: npt.NDArray[np.uint64],
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.uint64]]:
    """Return the number of each row's pattern, and one row of each pattern."""
    number = np.zeros(len(words), dtype=np.int64)
    for column in words.T:
        codes, uniques = pd.factorize(column)
        number, _ = pd.factorize(number * max(len(uniques), 1) + codes)
    _, first = np.unique(number, return_index=True)
    return number, np.ascontiguousarray(words[first])
