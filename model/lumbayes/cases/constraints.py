"""What several fields of a case say about one variable, and what they say together."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from lumbayes.errors import cut, harmless
from lumbayes.knowledge.model import VariableInfo

MINOR = "minor"


@dataclass(frozen=True)
class Statement:
    """What one field of a case says about one variable.

    ``weights`` has one number a state, in the order of the states: 0 rules the state out. A
    ``certain`` statement settles what it says, a ``yielding`` one holds unless others contradict
    it, a ``soft`` one only makes some states likelier. ``variable`` may be ``"minor"``, which is
    not a variable but the mark of a person under 18. A statement is passed over when the others
    leave only states of ``unless`` possible.
    """

    field: str
    variable: str
    strength: str
    weights: tuple[float, ...]
    unless: tuple[str, tuple[str, ...]] | None = None


@dataclass(frozen=True)
class Combined:
    """What the statements on a variable say together: weights of its states, and who spoke."""

    weights: tuple[float, ...]
    fields: tuple[str, ...]

    def possible(self, states: tuple[str, ...]) -> tuple[str, ...]:
        """Return the states that are not ruled out."""
        return tuple(s for s, w in zip(states, self.weights, strict=True) if w > 0)


@dataclass(frozen=True)
class Clash:
    """Answers that exclude each other: the variables, what was said of each, and a message.

    ``said`` holds the sets of states, as bits, that the statements leave; a further bit after the
    states stands for an answer of ``unsure``.
    """

    said: Mapping[str, tuple[int, ...]]
    message: str


def combine(
    variables: Mapping[str, VariableInfo], said: Iterable[Statement]
) -> tuple[dict[str, Combined], list[Clash], list[str]]:
    """Combine statements variable by variable.

    Certain statements are intersected. Yielding ones join them; one that contradicts a certain
    statement gives way, and of yielding ones that contradict each other a denial (one that allows
    the first state) gives way to a report. Soft ones are not multiplied, since they often repeat
    each other: each state keeps its smallest weight.

    Parameters
    ----------
    variables : mapping of name to VariableInfo
        Their states, in clinical order.
    said : iterable of Statement
        About any of the variables; a variable not mentioned stays unknown.

    Returns
    -------
    dict of variable to Combined, list of Clash, list of str
        Variables about which something is known; those on which certain statements contradict each
        other, of which nothing is known; a warning for each statement that gave way.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> some = Statement("leg_pain=true", "leg_pain", "certain", (0.0, 1.0, 1.0))
    >>> not_below = Statement("leg_pain_below_knee=false", "leg_pain", "certain", (1.0, 1.0, 0.0))
    >>> combine(load_model().variables, [some, not_below])[0]["leg_pain"].weights
    (0.0, 1.0, 0.0)
    """
    by_variable: dict[str, list[Statement]] = {}
    conditional: list[Statement] = []
    for statement in said:
        if statement.unless is None:
            by_variable.setdefault(statement.variable, []).append(statement)
        else:
            conditional.append(statement)
    warnings: list[str] = []
    clashes: dict[str, Clash] = {}
    combined: dict[str, Combined] = {}

    def add(info: VariableInfo, about: list[Statement]) -> None:
        combined.pop(info.name, None)
        clash = _clash(info, [s for s in about if s.strength == "certain"])
        if clash is not None:
            clashes[info.name] = clash
            return
        together, gave_way = _together(info, about)
        warnings.extend(gave_way)
        if together is not None:
            combined[info.name] = together

    for name, about in by_variable.items():
        add(variables[name], about)
    for statement in conditional:
        other, states = statement.unless or ("", ())
        known = combined.get(other)
        if known and set(known.possible(variables[other].states)) <= set(states):
            held = " or ".join(known.possible(variables[other].states))
            warnings.append(f"{statement.field} is not used, since {other} is {held}.")
            continue
        about = by_variable.setdefault(statement.variable, [])
        about.append(statement)
        add(variables[statement.variable], about)
    return combined, list(clashes.values()), list(dict.fromkeys(warnings))


def _together(info: VariableInfo, about: list[Statement]) -> tuple[Combined | None, list[str]]:
    warnings: list[str] = []
    size = len(info.states)
    certain = [s for s in about if s.strength == "certain"]
    kept = []
    for statement in (s for s in about if s.strength == "yielding"):
        if any(_product(size, [*certain, statement])):
            kept.append(statement)
        else:
            names = ", ".join(s.field for s in certain)
            warnings.append(f"{statement.field} gives way to {names} ({info.name}).")
    if not any(_product(size, [*certain, *kept])):
        denials = [s for s in kept if s.weights[0] > 0]
        reports = [s for s in kept if s.weights[0] == 0]
        if reports and any(_product(size, [*certain, *reports])):
            names = ", ".join(s.field for s in reports)
            warnings += [f"{s.field} gives way to {names} ({info.name})." for s in denials]
            kept = reports
        else:
            names = ", ".join(s.field for s in kept)
            warnings.append(f"{names} disagree about {info.name}; it is taken as unknown.")
            kept = []
    soft = [s for s in about if s.strength == "soft"]
    weights = _product(size, [*certain, *kept])
    if soft:
        least = [min(column) for column in zip(*(s.weights for s in soft), strict=True)]
        weights = [w * x for w, x in zip(weights, least, strict=True)]
    if len(set(weights)) == 1:
        return None, warnings
    fields = tuple(s.field for s in (*certain, *kept, *soft))
    return Combined(tuple(w / max(weights) for w in weights), fields), warnings


def _product(size: int, said: list[Statement]) -> list[float]:
    product = [1.0] * size
    for statement in said:
        product = [p * w for p, w in zip(product, statement.weights, strict=True)]
    return product


def _clash(info: VariableInfo, certain: list[Statement]) -> Clash | None:
    """Return what is wrong if certain statements leave no state; names a smallest set of them."""
    if any(_product(len(info.states), certain)):
        return None
    clash = next(
        some
        for size in range(2, len(certain) + 1)
        for some in combinations(certain, size)
        if not any(_product(len(info.states), list(some)))
    )
    said = " and ".join(
        f"{s.field} ({info.name} is {' or '.join(_allowed(info, s))})" for s in clash
    )
    return Clash(
        {info.name: tuple(dict.fromkeys(bits_of(s.weights) for s in certain))},
        f"{said} contradict each other. Correct or remove one of them.",
    )


def bits_of(weights: Iterable[float]) -> int:
    """Return the states that are not ruled out, as bits.

    Examples
    --------
    >>> bits_of((0.0, 0.4, 1.0))
    6
    """
    return sum(1 << i for i, weight in enumerate(weights) if weight > 0)


def _allowed(info: VariableInfo, statement: Statement) -> list[str]:
    return [s for s, w in zip(info.states, statement.weights, strict=True) if w > 0]


def describe(info: VariableInfo, weights: tuple[float, ...]) -> str:
    """Return weights in words: the state, the states joined by "or", or each with its weight.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> variables = load_model().variables
    >>> describe(variables["leg_pain"], (0.0, 1.0, 1.0))
    'above_knee or below_knee'
    >>> describe(variables["night_pain"], (0.6, 1.0))
    'no (0.6) or yes (1)'
    """
    weighed = [(s, w) for s, w in zip(info.states, weights, strict=True) if w > 0]
    if len({w for _, w in weighed}) == 1:
        return " or ".join(s for s, _ in weighed)
    return " or ".join(f"{s} ({w:g})" for s, w in weighed)


def shown(value: object) -> str:
    """Return a value as it looks in JSON, a long one in part.

    Examples
    --------
    >>> shown(True), shown(None), shown(10**400)
    ('true', 'null', 'a number of 401 digits')
    """
    if isinstance(value, bool) or value is None:
        return "null" if value is None else str(value).lower()
    if isinstance(value, int) and value.bit_length() > 64:
        return f"a number of {int(value.bit_length() * math.log10(2)) + 1:,} digits"
    return f"{value:g}" if isinstance(value, float) else _in_part.repr(value)


def in_part(value: object) -> str:
    """Return a name or a value for a message, never longer than a line.

    Examples
    --------
    >>> in_part("fever"), in_part(True), len(in_part("x" * 100_000))
    ('fever', 'true', 60)
    """
    return cut(harmless(value if isinstance(value, str) else shown(value)))


_in_part = reprlib.Repr()
_in_part.maxstring = _in_part.maxother = 100


@dataclass(frozen=True)
class Several:
    """Different values for one name: each was said, and not all can be true."""

    values: tuple[object, ...]

    def __repr__(self) -> str:
        """Write the values as they were given."""
        return " and ".join(in_part(v) for v in self.values)
