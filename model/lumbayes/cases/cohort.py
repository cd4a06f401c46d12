"""Many cases at once, as arrays: checked by the same rules as one case, all rows together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from lumbayes.cases.case import Case
from lumbayes.cases.columns import (
    BLANK,
    NOT_SURE,
    WRONG,
    Codes,
    Columns,
    Floats,
    distinct,
    flags,
    numbers,
    state_codes,
)
from lumbayes.cases.exclusions import load_exclusions
from lumbayes.cases.parts import NOTHING, told_as_fact
from lumbayes.inference.queries import Evidence
from lumbayes.knowledge.anchors import ASKS_FOR_CARE
from lumbayes.knowledge.causal import network_for
from lumbayes.knowledge.definition import UNSURE
from lumbayes.knowledge.model import Model
from lumbayes.network.variables import Network

Flags = npt.NDArray[np.bool_]
Masks = npt.NDArray[np.uint8]  # bit i: state i is possible


@dataclass(frozen=True, eq=False)
class Cohort:
    """Checked cases, variable by variable.

    Attributes
    ----------
    size : int
        The number of cases ``n``.
    states : mapping of variable to array
        The position of the state of each row, BLANK or NOT_SURE; shape ``(n,)``.
    weights : mapping of variable to array
        Likelihoods, shape ``(k, n)``; ones in rows without.
    do : mapping of variable to array
        Interventions: the position of a state, or BLANK.
    minor : array of bool
        Who is under 18.
    assumed : array of bool, optional
        Whose ``asks_for_care=yes`` nobody said: it was assumed because of pain.
    said : mapping of variable to arrays of bits
        What ``Case.said`` holds: each array a reading, shape ``(n,)``, 0 in rows without.
    unclear : mapping of row to texts
        What was told and not understood, as ``Case.unclear``; rows without are left out.
    disagree : mapping of row to texts
        ``Case.disagreements``; rows without are left out.
    """

    size: int
    states: Mapping[str, Codes]
    weights: Mapping[str, Floats]
    do: Mapping[str, Codes]
    minor: Flags
    assumed: Flags | None = None
    said: Mapping[str, tuple[Masks, ...]] = field(default_factory=dict)
    unclear: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    disagree: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    def possible(self, name: str, k: int) -> Masks:
        """Return the possible states of a variable of ``k`` states as bits, all bits if unknown.

        The bit after the states stands for an answer of ``unsure``.
        """
        unknown = np.uint8(0xFF)
        # The codes, from 0: states, then WRONG, NOT_SURE and BLANK, which count from the end.
        table = np.array([*(1 << i for i in range(k)), unknown, 1 << k, unknown], dtype=np.uint8)
        codes = self.states.get(name)
        found = np.full(self.size, unknown) if codes is None else table[codes]
        weights = self.weights.get(name)
        if weights is not None:
            some = (found == unknown) & (weights == 0).any(axis=0)
            bits = np.zeros(self.size, dtype=np.uint8)
            for i, row in enumerate(weights):
                bits |= np.where(row > 0, np.uint8(1 << i), np.uint8(0))
            found = np.where(some, bits, found)
        return found

    def as_told(self) -> Cohort:
        """Return the cases without what was assumed, as data to learn from."""
        if self.assumed is None or not self.assumed.any():
            return self
        told = np.where(self.assumed, np.int8(BLANK), self.states[ASKS_FOR_CARE])
        return replace(self, states={**self.states, ASKS_FOR_CARE: told}, assumed=None)

    def take(self, rows: npt.NDArray[np.intp]) -> Cohort:
        """Return some of the rows."""
        return Cohort(
            len(rows),
            {n: c[rows] for n, c in self.states.items()},
            {n: w[:, rows] for n, w in self.weights.items()},
            {n: c[rows] for n, c in self.do.items()},
            self.minor[rows],
            None if self.assumed is None else self.assumed[rows],
            {n: tuple(a[rows] for a in arrays) for n, arrays in self.said.items()},
            _texts_of(self.unclear, rows),
            _texts_of(self.disagree, rows),
        )


def _texts_of(
    texts: Mapping[int, tuple[str, ...]], rows: npt.NDArray[np.intp]
) -> dict[int, tuple[str, ...]]:
    return {i: texts[r] for i, r in enumerate(rows.tolist()) if r in texts} if texts else {}


@dataclass(frozen=True, eq=False)
class Checked:
    """Rows of a table, checked.

    Attributes
    ----------
    rows : Cohort
        All rows. Those of ``wrong`` hold what was understood, those of ``alone`` do not.
    wrong : array of bool
        Which cannot be used as they stand.
    alone : array of bool
        Which of these contradict themselves, or say what only ``understood_row`` makes out.
    """

    rows: Cohort
    wrong: Flags
    alone: Flags


def joined(parts: Sequence[Cohort]) -> Cohort:
    """Put cases below each other; a variable that a part does not mention is blank there.

    Examples
    --------
    >>> from lumbayes.cases.case import parse_case
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> one = rows_from_cases(model, [parse_case(model, {"fever": "yes"})])
    >>> joined([one, rows_from_cases(model, [Case()])]).states["fever"]
    array([ 1, -1], dtype=int8)
    """
    size = sum(part.size for part in parts)
    ends = np.cumsum([part.size for part in parts])
    states: dict[str, Codes] = {}
    weights: dict[str, Floats] = {}
    do: dict[str, Codes] = {}
    for part, end in zip(parts, ends, strict=True):
        here = slice(int(end) - part.size, int(end))
        for codes, into in ((part.states, states), (part.do, do)):
            for name, values in codes.items():
                into.setdefault(name, np.full(size, BLANK, dtype=np.int8))[here] = values
        for name, likelihood in part.weights.items():
            weights.setdefault(name, np.ones((len(likelihood), size)))[:, here] = likelihood
    said: dict[str, tuple[Masks, ...]] = {}
    for part, end in zip(parts, ends, strict=True):
        for name, arrays in part.said.items():
            more = len(arrays) - len(said.get(name, ()))
            blank = (np.zeros(size, dtype=np.uint8) for _ in range(more))
            said[name] = (*said.get(name, ()), *blank)
            for into_all, own in zip(said[name], arrays, strict=False):
                into_all[int(end) - part.size : int(end)] = own
    minor = np.concatenate([part.minor for part in parts]) if parts else np.zeros(0, dtype=bool)
    nobody = (np.zeros(part.size, dtype=bool) for part in parts)
    assumed = [n if p.assumed is None else p.assumed for n, p in zip(nobody, parts, strict=True)]
    whole = np.concatenate(assumed) if parts else np.zeros(0, dtype=bool)
    unclear: dict[int, tuple[str, ...]] = {}
    disagree: dict[int, tuple[str, ...]] = {}
    for part, end in zip(parts, ends, strict=True):
        first = int(end) - part.size
        unclear |= {first + row: texts for row, texts in part.unclear.items()}
        disagree |= {first + row: texts for row, texts in part.disagree.items()}
    return Cohort(size, states, weights, do, minor, whole, said, unclear, disagree)


def rows_from_table(model: Model, columns: Columns, table: Any) -> Checked:
    """Check a table of cases.

    Parameters
    ----------
    model : Model
        Knows variables and states.
    columns : Columns
        What the columns of the table mean.
    table : pyarrow Table or RecordBatch
        One row a case; a null or blank cell is not known.

    Returns
    -------
    Checked
        All rows; a word that names no state counts as ``unsure``.
    """
    n = table.num_rows
    states: dict[str, Codes] = {}
    weights: dict[str, Floats] = {}
    do: dict[str, Codes] = {}
    told: dict[str, Flags] = {}
    wrong = np.zeros(n, dtype=bool)
    alone = np.zeros(n, dtype=bool)
    for name, column in columns.findings.items():
        codes = state_codes(model.variables[name].states, table.column(column), unsure=True)
        amiss = codes == WRONG
        if amiss.any():
            wrong |= amiss
            codes, facts = _not_denied(model, name, codes, table.column(column))
            alone |= amiss if name in columns.weights else facts
        states[name] = codes
    for name, given in columns.weights.items():
        values = np.stack([numbers(table.column(c)) for c in given])
        blank = np.isnan(values)
        none: Flags = np.asarray(blank.all(axis=0))
        alone |= ~none & (blank.any(axis=0) | np.isinf(values).any(axis=0) | ~values.any(axis=0))
        weights[name] = np.where(none | ~np.isfinite(values), 1.0, values)
        told[name] = ~none
    for name, column in columns.do.items():
        codes = state_codes(model.variables[name].states, table.column(column), unsure=False)
        wrong |= codes == WRONG
        do[name] = np.where(codes == WRONG, np.int8(BLANK), codes)
    minor = flags(table.column(columns.minor)) if columns.minor else np.zeros(n, dtype=np.int8)
    wrong |= minor == WRONG
    rows, clash = _combined(model, Cohort(n, states, weights, do, minor == 1), told)
    return Checked(rows, wrong | alone | clash, alone | clash)


def rows_from_cases(model: Model, cases: Sequence[Case]) -> Cohort:
    """Write checked cases as arrays; what ``parse_case`` assumed is in them already.

    Examples
    --------
    >>> from lumbayes.cases.case import parse_case
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> rows_from_cases(model, [parse_case(model, {"fever": "yes"}), Case()]).states["fever"]
    array([ 1, -1], dtype=int8)
    """
    n = len(cases)
    assumed = np.array([ASKS_FOR_CARE in c.assumed for c in cases], dtype=bool)
    rows = Cohort(n, {}, {}, {}, np.array([c.minor for c in cases], dtype=bool), assumed)
    states: dict[str, Codes] = {}
    weights: dict[str, Floats] = {}
    do: dict[str, Codes] = {}
    said: dict[str, tuple[Masks, ...]] = {}
    for i, case in enumerate(cases):
        for name, state in case.findings.items():
            codes = states.setdefault(name, np.full(n, BLANK, dtype=np.int8))
            known = model.variables[name].states
            codes[i] = NOT_SURE if state == UNSURE else known.index(state)
        for name, state in case.do.items():
            codes = do.setdefault(name, np.full(n, BLANK, dtype=np.int8))
            codes[i] = model.variables[name].states.index(state)
        for name, likelihood in case.likelihoods.items():
            weights.setdefault(name, np.ones((len(likelihood), n)))[:, i] = likelihood
        for name, readings in case.said.items():
            more = len(readings) - len(said.get(name, ()))
            blank = (np.zeros(n, dtype=np.uint8) for _ in range(more))
            said[name] = (*said.get(name, ()), *blank)
            for array, bits in zip(said[name], readings, strict=False):
                array[i] = bits
    unclear = {i: tuple(case.unclear) for i, case in enumerate(cases) if case.unclear}
    disagree = {i: case.disagreements for i, case in enumerate(cases) if case.disagreements}
    return replace(
        rows,
        states=states,
        weights=weights,
        do=do,
        said=said,
        unclear=unclear,
        disagree=disagree,
    )


def case_of_row(model: Model, rows: Cohort, row: int) -> Case:
    """Return one row as the case it was written from, without notes and messages.

    Examples
    --------
    >>> from lumbayes.cases.case import parse_case
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> case = parse_case(model, {"fever": "yes"})
    >>> case_of_row(model, rows_from_cases(model, [case]), 0) == replace(case, understood={})
    True
    """
    names = {n: (*v.states, UNSURE) for n, v in model.variables.items()}
    seen = {n: int(codes[row]) for n, codes in rows.states.items() if codes[row] != BLANK}
    weights = {n: w[:, row] for n, w in rows.weights.items() if (w[:, row] != 1.0).any()}
    return Case(
        {n: UNSURE if code == NOT_SURE else names[n][code] for n, code in seen.items()},
        {n: tuple(w.tolist()) for n, w in weights.items()},
        {n: names[n][codes[row]] for n, codes in rows.do.items() if codes[row] != BLANK},
        minor=bool(rows.minor[row]),
        assumed=(ASKS_FOR_CARE,) if rows.assumed is not None and rows.assumed[row] else (),
        said={
            n: tuple(int(a[row]) for a in arrays if a[row])
            for n, arrays in rows.said.items()
            if any(a[row] for a in arrays)
        },
        unclear=rows.unclear.get(row, ()),
    )


def _combined(model: Model, rows: Cohort, told: Mapping[str, Flags]) -> tuple[Cohort, Flags]:
    """Combine findings and likelihoods, assume care where pain is told, find contradictions."""
    clash = np.zeros(rows.size, dtype=bool)
    states = dict(rows.states)
    weights = dict(rows.weights)
    masks = {n: _mask(c, len(model.variables[n].states)) for n, c in states.items()}
    for name, values in weights.items():
        mask = np.zeros(rows.size, dtype=np.uint8)
        for i, row in enumerate(values):
            mask |= np.where(row > 0, np.uint8(1 << i), np.uint8(0))
        codes = states.get(name, np.full(rows.size, BLANK, dtype=np.int8))
        masks[name] = mask & _mask(codes, len(values))
        clash |= masks[name] == 0
        single = (masks[name] & (masks[name] - 1)) == 0
        settled = np.array([max(m.bit_length() - 1, 0) for m in range(256)], dtype=np.int8)
        states[name] = np.where(single, settled[masks[name]], codes)
        weights[name] = np.where(single, 1.0, values)
    for pair in load_exclusions(model):
        if all(name in masks for name, _ in pair):
            clash |= np.logical_and.reduce([_within(masks[n], allowed) for n, allowed in pair])
    for name, codes in rows.do.items():
        if name in masks:
            clash |= (codes >= 0) & (
                (masks[name] >> np.maximum(codes, 0).astype(np.uint8)) & 1 == 0
            )
    assumed = np.zeros(rows.size, dtype=bool)
    pain = np.zeros(rows.size, dtype=bool)
    for name, always in model.reports_pain.items():
        if name in masks:
            pain |= _within(masks[name], _all_but_first(model, name))
            if always:
                pain |= masks[name] != (1 << len(model.variables[name].states)) - 1
    if pain.any():
        codes = states.get(ASKS_FOR_CARE, np.full(rows.size, BLANK, dtype=np.int8))
        silent = (codes == BLANK) & ~told.get(ASKS_FOR_CARE, np.zeros(rows.size, dtype=bool))
        if ASKS_FOR_CARE in rows.do:
            silent &= rows.do[ASKS_FOR_CARE] == BLANK
        yes = model.variables[ASKS_FOR_CARE].states.index("yes")
        assumed = pain & silent
        states[ASKS_FOR_CARE] = np.where(assumed, np.int8(yes), codes)
    return replace(rows, states=states, weights=weights, assumed=assumed), clash


def _not_denied(model: Model, name: str, codes: Codes, column: Any) -> tuple[Codes, Flags]:
    """Return codes without WRONG, as ``understood_row`` has them, and which cells say more.

    That is a fact, or several states with a bar between.
    """
    indices, words = distinct(column)
    nothing = np.array([w.strip().lower() in NOTHING for w in words] + [False])[indices]
    told = ["|" in w or told_as_fact(model, name, w.strip()) for w in words]
    facts = np.array([*told, False])[indices]
    amiss = codes == WRONG
    plain = np.where(nothing, np.int8(BLANK), np.int8(NOT_SURE))
    return np.where(amiss, plain, codes), amiss & facts


def _mask(codes: Codes, k: int) -> Masks:
    """Return the states that an answer leaves possible."""
    table = np.array([1 << i for i in range(k)] + [(1 << k) - 1], dtype=np.uint8)
    return table[np.where(codes >= 0, codes, k)]


def _within(masks: Masks, allowed: int) -> Flags:
    outside: Masks = masks & np.uint8(0xFF ^ allowed)
    return np.asarray(outside == 0)


def _all_but_first(model: Model, name: str) -> int:
    return (1 << len(model.variables[name].states)) - 2


# --- what the engine and triage read ------------------------------------------------------------


def batches_of(model: Model, rows: Cohort) -> list[tuple[Network, Evidence, npt.NDArray[np.intp]]]:
    """Split cases by their interventions: the network that answers, the evidence, the rows."""
    do = {n: c for n, c in rows.do.items() if (c >= 0).any()}
    everyone = np.arange(rows.size)
    if not do:
        return [(model.network, _evidence(model, rows, {}), everyone)]
    keys, group = np.unique(np.stack(list(do.values())), axis=1, return_inverse=True)
    batches = []
    for g, key in enumerate(keys.T.tolist()):
        chosen = everyone[group.reshape(-1) == g]
        set_to = {n: s for n, s in zip(do, key, strict=True) if s >= 0}
        network = network_for(model, causal=bool(set_to))
        batches.append((network, _evidence(model, rows.take(chosen), set_to), chosen))
    return batches


def _evidence(model: Model, rows: Cohort, do: Mapping[str, int]) -> Evidence:
    likelihoods: dict[str, npt.NDArray[Any]] = {}
    old = np.zeros(rows.size, dtype=bool)
    for name in model.with_role("unchanged"):
        if name in rows.states:
            old |= rows.states[name] == model.variables[name].states.index("yes")
    for name, variable in model.network.variables.items():
        codes, weights = rows.states.get(name), rows.weights.get(name)
        if codes is not None and old.any() and name in model.with_role("new_only"):
            codes = np.where(old, np.int8(BLANK), codes)
        if codes is not None and (codes >= 0).any():
            k = len(variable.states)
            # Zeros and ones: exact in half the memory, and the engine computes in float64 anyway.
            table = np.hstack([np.eye(k), np.ones((k, 1))]).astype(np.float32)
            seen = np.take(table, np.where(codes >= 0, codes, k), axis=1)
            likelihoods[name] = seen if weights is None else seen * weights
        elif weights is not None:
            likelihoods[name] = weights
    return Evidence(likelihoods, do, rows.size)
