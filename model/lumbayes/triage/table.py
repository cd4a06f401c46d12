"""How soon should each of many people be seen? The rules of triage over the rows of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from lumbayes.cases.columns import BLANK, NOT_SURE, Codes, Floats
from lumbayes.errors import CaseError, UnknownNameError, unknown_name
from lumbayes.triage.reader import load_rules, rules_of
from lumbayes.triage.rules import LEVELS, SOON, UNDER_18, UNSURE, Literal, Rules, rank

if TYPE_CHECKING:
    from lumbayes.cases.cohort import Rows
    from lumbayes.knowledge.model import Model

CHUNK = 1 << 15  # rows at a time: the working arrays of a chunk stay in the cache
UNKNOWN = 0x80  # the bit of no state: an unknown answer lies inside no set of states
Flags = npt.NDArray[np.bool_]


def triage_table(
    source: Rules | Model,
    frame: pd.DataFrame,
    *,
    posterior: pd.DataFrame | None = None,
    minor: Sequence[bool] | Flags | pd.Series[bool] | None = None,
) -> pd.DataFrame:
    """Return the level of every row of a table of findings.

    Parameters
    ----------
    source : Rules or Model
        As for ``triage``, with which every row agrees.
    frame : DataFrame
        One column a variable, one row a case; blank or missing is unknown; ``"unsure"`` and
        ``"a|b"`` are allowed.
    posterior : DataFrame, optional
        One column a condition, rows in the order of ``frame``; missing raises nothing.
    minor : sequence of bool, optional
        Which rows are under 18.

    Returns
    -------
    DataFrame
        Index of ``frame``; ``level``, an ordered category from most to least urgent, and ``rules``,
        the names of what fired, most urgent first, joined by ``;``.

    Raises
    ------
    UnknownNameError
        If a column or a state is unknown; names the row.
    CaseError
        If ``posterior`` or ``minor`` has another number of rows, or a probability is not in 0 … 1.

    Examples
    --------
    >>> import pandas as pd
    >>> from lumbayes.triage.reader import load_rules
    >>> cases = pd.DataFrame({"fever": ["yes", "", None], "injected_drugs": ["yes", "no", "no"]})
    >>> triage_table(load_rules(), cases)["level"].tolist()
    ['emergency_now', 'self_care_exercises', 'self_care_exercises']
    """
    rules = rules_of(source)
    codes = {str(name): _codes(rules, str(name), frame[name]) for name in frame.columns}
    extra = _extra_columns(rules, len(frame), posterior, minor)
    if minor is not None and UNDER_18 in rules.states:
        told = codes.get(UNDER_18, np.full(len(frame), UNKNOWN, dtype=np.uint8))
        codes[UNDER_18] = np.where(np.asarray(minor, bool) & (told == UNKNOWN), np.uint8(2), told)
    entries = [((rank(r.level), SOON.index(r.how_soon)), r.name) for r in rules.rules]
    entries += [e[:2] for e in extra]
    order = sorted(range(len(entries)), key=lambda i: entries[i][0])
    ranks = np.array([entries[i][0][0] for i in order], dtype=np.int8)
    names = np.array([entries[i][1] for i in order], dtype=object)

    levels = np.empty(len(frame), dtype=np.int8)
    words = np.empty((len(frame), -(-len(order) // 64)), dtype=np.uint64)
    for start in range(0, len(frame), CHUNK):
        part = slice(start, min(start + CHUNK, len(frame)))
        part_codes = {name: column[part] for name, column in codes.items()}
        fired = _fired(rules, part_codes, part.stop - start)
        fired = np.vstack([fired, *(column[None, part] for *_, column in extra)])[order]
        levels[part] = np.where(fired.any(axis=0), ranks[fired.argmax(axis=0)], len(LEVELS) - 1)
        words[part] = _packed(fired, words.shape[1])
    pattern, samples = _patterns(words)
    bits = np.unpackbits(samples.view(np.uint8), axis=1)[:, : len(order)].astype(bool)
    joined = [";".join(names[row]) for row in bits]
    return pd.DataFrame(
        {
            "level": pd.Categorical.from_codes(levels, pd.Index(LEVELS), ordered=True),
            "rules": pd.Categorical.from_codes(pattern, pd.Index(joined, dtype=object)),
        },
        index=frame.index,
    )


def _codes(rules: Rules, name: str, column: pd.Series[str]) -> npt.NDArray[np.uint8]:
    """Return the possible states of each row as bits: bit ``i`` for state ``i``."""
    codes, uniques = pd.factorize(column, use_na_sentinel=True)
    bits = np.full(len(uniques) + 1, UNKNOWN, dtype=np.uint8)
    for i, value in enumerate(uniques):
        if isinstance(value, str) and not value.strip():
            continue
        try:
            bits[i] = rules.bits(name, value)
        except UnknownNameError as error:
            where = column.index[int(np.argmax(codes == i))]
            raise UnknownNameError(f"row {where}: {error}") from None
    return bits[codes]


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
        for threshold in rules.thresholds:
            if threshold.condition in values:
                reached = values[threshold.condition] >= threshold.threshold
                urgency = (rank(threshold.level), SOON.index(threshold.how_soon))
                extra.append((urgency, threshold.name, reached))
    return extra


def _fired(rules: Rules, codes: Mapping[str, npt.NDArray[np.uint8]], rows: int) -> Flags:
    """Return which rules fire, shape ``(rules, rows)``."""
    hits: dict[Literal, Flags] = {}

    def hit(literal: Literal) -> Flags:
        if literal not in hits:
            column = codes.get(literal.variable)
            if column is None:
                hits[literal] = np.full(rows, literal.negated)
            else:
                outside = 0xFF ^ literal.states
                hits[literal] = ((column & np.uint8(outside)) == 0) != literal.negated
        return hits[literal]

    fired = np.ones((len(rules.rules), rows), dtype=bool)
    for rule, row in zip(rules.rules, fired, strict=True):
        for clause in rule.clauses:
            held = [hit(literal) for literal in clause.literals]
            if clause.needed == 1:
                row &= np.logical_or.reduce(held)
            else:
                row &= np.sum(held, axis=0, dtype=np.int8) >= clause.needed
    return fired


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


def triage_frame(model: Model, rows: Rows) -> pd.DataFrame:
    """Return the answers that triage reads, as ``triage_table`` takes them."""
    rules = load_rules(model.folder)
    read = {atom.variable for rule in rules.rules for atom in rule.atoms}
    frame = {}
    for name in dict.fromkeys([*rows.states, *rows.weights]):
        if name not in read:
            continue
        states = model.variables[name].states
        codes = rows.states.get(name, np.full(rows.size, BLANK, dtype=np.int8))
        words = [*states, UNSURE]
        codes = np.where(codes == NOT_SURE, np.int8(len(states)), codes)
        if name in rows.weights:
            codes, words = _several_states(codes, rows.weights[name], words)
        if (codes >= 0).any():
            frame[name] = pd.Categorical.from_codes(codes, pd.Index(words))
    return pd.DataFrame(frame, index=range(rows.size))


def _several_states(codes: Codes, weights: Floats, words: list[str]) -> tuple[Codes, list[str]]:
    """Add answers that leave several states, ``a|b``, where a likelihood rules others out."""
    words = list(words)
    some = (codes == BLANK) & (weights == 0).any(axis=0)
    patterns, which = np.unique(weights[:, some] > 0, axis=1, return_inverse=True)
    found = np.zeros(patterns.shape[1], dtype=np.int8)
    for i, possible in enumerate(patterns.T):
        found[i] = len(words)
        words.append("|".join(w for w, p in zip(words, possible, strict=False) if p))
    codes = codes.copy()
    codes[some] = found[which.reshape(-1)]
    return codes, words
