"""The columns of a table of cases: which variable each one speaks of, and what its cells say."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from lumbayes.cases.constraints import MINOR
from lumbayes.cases.vocabulary import load_vocabulary
from lumbayes.cases.words import state_of
from lumbayes.errors import CaseError, LumbayesError, UnknownNameError, cut, unknown_name
from lumbayes.knowledge.definition import UNSURE
from lumbayes.knowledge.model import Model

DO = "do:"
TRUE, FALSE = ("true", "yes", "1"), ("false", "no", "0")
BLANK, NOT_SURE, WRONG = -1, -2, -3  # codes of cells that name no state

Codes = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Columns:
    """What the columns of a table mean.

    Attributes
    ----------
    names : tuple of str
        All columns, in the order of the table.
    findings : mapping of variable to column
    weights : mapping of variable to columns
        One column a state, in the order of the states: ``variable:state``.
    do : mapping of variable to column
        ``do:variable``.
    minor : str
        The column that tells who is under 18; empty if there is none.
    keep : tuple of str
        Columns carried through, unread.
    """

    names: tuple[str, ...]
    findings: Mapping[str, str] = field(default_factory=dict)
    weights: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    do: Mapping[str, str] = field(default_factory=dict)
    minor: str = ""
    keep: tuple[str, ...] = ()


def read_columns(model: Model, names: Sequence[str], keep: Sequence[str] = ()) -> Columns:
    """Find the meaning of every column of a table of cases.

    Parameters
    ----------
    model : Model
        Knows the variables.
    names : sequence of str
        The header: variables, ``variable:state`` (a likelihood, one column for every state),
        ``do:variable`` and ``minor``.
    keep : sequence of str
        Columns to carry through without reading them.

    Raises
    ------
    UnknownNameError
        If a column is none of these; names the nearest one.
    CaseError
        If a column stands twice, or a likelihood lacks a state.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> columns = read_columns(load_model(), ["id", "fever", "do:sitting"], keep=["id"])
    >>> dict(columns.findings), dict(columns.do)
    ({'fever': 'fever'}, {'sitting': 'do:sitting'})
    """
    for name, times in Counter(names).items():
        if times > 1:
            raise CaseError(f"the column {cut(name)!r} stands twice. Remove or rename one.")
    for name in keep:
        if name not in names:
            raise unknown_name("column to keep", name, names)
    findings: dict[str, str] = {}
    weights: dict[str, dict[str, str]] = {}
    do: dict[str, str] = {}
    for name in names:
        variable, colon, state = name.partition(":")
        if name in keep or name == MINOR:
            continue
        if name in model.variables:
            findings[name] = name
        elif name.startswith(DO) and state in model.network:
            do[state] = name
        elif colon and variable in model.network and state in model.variables[variable].states:
            weights.setdefault(variable, {})[state] = name
        else:
            raise _unknown_column(model, name)
    for variable, given in weights.items():
        missing = [s for s in model.variables[variable].states if s not in given]
        if missing:
            raise CaseError(
                f"the likelihood of {variable} lacks the column"
                f" {', '.join(f'{variable}:{s}' for s in missing)}. Give every state one."
            )
    ordered = {v: tuple(g[s] for s in model.variables[v].states) for v, g in weights.items()}
    minor = MINOR if MINOR in names and MINOR not in keep else ""
    return Columns(
        tuple(names),
        MappingProxyType(findings),
        MappingProxyType(ordered),
        MappingProxyType(do),
        minor,
        tuple(keep),
    )


def check_keep(keep: Sequence[str], taken: Sequence[str]) -> tuple[str, ...]:
    """Return the columns to carry through, each once.

    Raises
    ------
    CaseError
        If the answers have a column of that name, or a text stands for the list.

    Examples
    --------
    >>> check_keep(["id", "id"], ["line"])
    ('id',)
    """
    if isinstance(keep, str):
        raise CaseError(f"keep is the text {keep!r}. Give a list, such as [{keep!r}].")
    for name in keep:
        if name in taken:
            raise CaseError(
                f"the column {name!r} cannot be kept: the answers have one of that name. Rename it."
            )
    return tuple(dict.fromkeys(keep))


def _unknown_column(model: Model, name: str) -> UnknownNameError:
    variable, colon, _ = name.partition(":")
    if colon and variable in model.variables and variable not in model.network:
        return UnknownNameError(
            f"column {name!r}: {variable} is asked for safety only."
            f" Give it as the column {variable}."
        )
    if colon and variable in model.network:
        states = [f"{variable}:{s}" for s in model.variables[variable].states]
        error = unknown_name("column", name, states)
    elif name.startswith(DO):
        error = unknown_name("column", name, [DO + v for v in model.network])
    elif name in (facts := load_vocabulary(model)):
        meant = (m.variable for m in facts[name].meanings if m.variable in model.variables)
        variables = " and ".join(dict.fromkeys(meant))
        give = f": give {variables}. Or write" if variables else ". Write"
        error = UnknownNameError(
            f"column {name!r} is a fact, and a table takes variables{give}"
            ' JSON Lines, where facts have a place: {"facts": {"' + name + '": …}}.'
        )
    else:
        error = unknown_name("column", name, [*model.variables, MINOR])
    keep = repr(cut(name))
    return UnknownNameError(
        f"{error} To carry a column through, keep it: --keep {keep}, in Python keep=[{keep}]."
    )


def state_codes(states: Sequence[str], column: Any, *, unsure: bool) -> Codes:
    """Return the state of each cell as its position; see BLANK, NOT_SURE and WRONG for the others.

    Parameters
    ----------
    states : sequence of str
        In the order of the codes.
    column : pyarrow Array or ChunkedArray
        Texts, dictionary-encoded or not.
    unsure : bool
        Whether ``unsure`` is an answer.

    Examples
    --------
    >>> state_codes(("no", "yes"), pa.array(["yes", None, " No", "unsure", "nay"]), unsure=True)
    array([ 1, -1,  0, -2, -3], dtype=int8)
    """
    indices, words = distinct(column)
    known = (
        {s: i for i, s in enumerate(states)} | {"": BLANK} | ({UNSURE: NOT_SURE} if unsure else {})
    )
    codes = [
        known[w.strip()] if w.strip() in known else known.get(state_of(states, w) or "?", WRONG)
        for w in words
    ]
    return np.array([*codes, BLANK], dtype=np.int8)[indices]


def flags(column: Any) -> Codes:
    """Return 1 where a cell says true or yes, 0 where false, no or nothing, WRONG elsewhere."""
    indices, words = distinct(column)
    known = {"": 0} | dict.fromkeys(TRUE, 1) | dict.fromkeys(FALSE, 0)
    table = np.array([known.get(w.strip().lower(), WRONG) for w in words] + [0], dtype=np.int8)
    return table[indices]


def numbers(column: Any) -> Floats:
    """Return the number in each cell: NaN where blank, infinite where none of 0 or more stands.

    Examples
    --------
    >>> numbers(pa.array(["0.5", "", "x", "-1"]))
    array([0.5, nan, inf, inf])
    """
    if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
        values = pc.cast(column, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        return np.where(values < 0, math.inf, values)
    indices, words = distinct(column)
    table = np.array([_number(w) for w in words] + [math.nan])
    return table[indices]


def _number(word: str) -> float:
    try:
        value = float(word) if word.strip() else math.nan
    except ValueError:
        return math.inf
    wrong = value < 0 or (math.isnan(value) and word.strip() != "")
    return math.inf if wrong else value


def distinct(column: Any) -> tuple[npt.NDArray[np.intp], list[str]]:
    """Return the distinct texts of a column and each cell's place among them, -1 for a null or NaN.

    Examples
    --------
    >>> distinct(pa.array([1.0, math.nan, None, 1.0]))[0]
    array([ 0, -1, -1,  0])
    """
    if isinstance(column, pa.ChunkedArray):
        column = column.unify_dictionaries().combine_chunks()
    if not pa.types.is_dictionary(column.type):
        if pa.types.is_null(column.type):
            return np.full(len(column), -1, dtype=np.intp), []
        if pa.types.is_floating(column.type):
            column = pc.if_else(pc.is_nan(column), None, column)
        column = pc.dictionary_encode(pc.cast(column, pa.string()))
    words = ["" if w is None or w != w else str(w) for w in column.dictionary.to_pylist()]
    indices = pc.fill_null(pc.cast(column.indices, pa.int32()), -1)
    return indices.to_numpy(zero_copy_only=False).astype(np.intp), words


def row_case(
    columns: Columns,
    cells: Mapping[str, Any],
    model: Model,
    errors: list[LumbayesError] | None = None,
) -> dict[str, Any]:
    """Return one row as ``parse_case`` takes it; cells that are blank are left out.

    Parameters
    ----------
    columns : Columns
        What the columns mean.
    cells : mapping of column to value
        The row.
    model : Model
        Supplies the states.
    errors : list of LumbayesError, optional
        Takes what cannot be read, such as a weight that is no number; raised if left out.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> columns = read_columns(load_model(), ["fever", "slr"])
    >>> row_case(columns, {"fever": "yes", "slr": None}, load_model())
    {'findings': {'fever': 'yes'}, 'likelihoods': {}, 'do': {}, 'minor': False}
    """

    def text(column: str) -> str:
        value = cells[column]
        if isinstance(value, float) and value.is_integer():  # a column of numbers with a blank
            value = int(value)
        return "" if value is None or value != value else str(value).strip()

    def wrong(message: str) -> None:
        if errors is None:
            raise CaseError(message)
        errors.append(CaseError(message))

    likelihoods: dict[str, dict[str, float]] = {}
    for variable, names in columns.weights.items():
        words = [text(n) for n in names]
        values = [_weight(w) for w in words]
        if any(words) and None in values:
            bad = words[values.index(None)]
            wrong(
                f"the likelihood of {variable} has {bad!r} for a number. Fill every state, or none."
            )
        elif any(words):
            states = model.variables[variable].states
            likelihoods[variable] = {
                s: v for s, v in zip(states, values, strict=True) if v is not None
            }
    minor = text(columns.minor).lower() if columns.minor else ""
    if minor not in ("", *TRUE, *FALSE):
        wrong(f"minor is {minor!r}. Write yes or no.")
    return {
        "findings": {v: text(c) for v, c in columns.findings.items() if text(c)},
        "likelihoods": likelihoods,
        "do": {v: text(c) for v, c in columns.do.items() if text(c)},
        "minor": minor in TRUE,
    }


def _weight(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None
