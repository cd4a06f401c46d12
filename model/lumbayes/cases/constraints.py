"""What several fields of a case say about one variable, and what they say together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from lumbayes.cases.exclusions import load_exclusions
from lumbayes.knowledge.model import Model, VariableInfo

MINOR = "minor"
NEXT_TO_NOTHING = 0.1  # of the likeliest state
# Of these the answer to the question counts; of others no graver report gives way in silence.
ANSWER_COUNTS = frozenset({"changeable", "unchanged", "may_exclude", "stratum"})
LESSER_GROUPS = frozenset({"self_test", "pain_place"})
DISAGREE = "contradict each other: the graver answer counts"
BACKGROUND = "about_you"  # there only what is denied outright excludes a report


@dataclass(frozen=True)
class Constraint:
    """What one field of a case says about one variable.

    ``weights`` has one number a state, in the order of the states: 0 rules the state out. A
    ``hard`` constraint settles what it says, a ``default`` one holds unless others contradict
    it, a ``soft`` one only makes some states likelier, a ``near`` one, of a likelihood that leaves
    a state next to nothing, only shows what contradicts it. ``variable`` may be ``"minor"``, which
    is not a variable but the mark of a person under 18. A constraint is passed over when the others
    leave only states of ``unless`` possible.
    """

    field: str
    variable: str
    strength: str
    weights: tuple[float, ...]
    unless: tuple[tuple[str, tuple[str, ...]], ...] = ()
    told: bool = False  # a default that is all its field says, and no inference beside it
    own: bool = False  # the field has the name of the variable, and is no fact that bears on it


@dataclass(frozen=True)
class Combined:
    """What the constraints on a variable say together: weights of its states, and who spoke."""

    weights: tuple[float, ...]
    fields: tuple[str, ...]

    def possible(self, states: tuple[str, ...]) -> tuple[str, ...]:
        """Return the states that are not ruled out."""
        return tuple(s for s, w in zip(states, self.weights, strict=True) if w > 0)


@dataclass(frozen=True)
class Clash:
    """Answers that exclude each other: the variables, what was said of each, and a message.

    ``said`` holds the sets of states, as bits, that the constraints leave; a further bit after the
    states stands for an answer of ``unsure``.
    """

    said: Mapping[str, tuple[int, ...]]
    message: str


def combine(
    variables: Mapping[str, VariableInfo], said: Iterable[Constraint]
) -> tuple[dict[str, Combined], list[Clash], list[str]]:
    """Combine constraints variable by variable.

    Hard constraints are intersected. Defaults join them; one that contradicts a hard constraint
    gives way, unless it is all that was told and graver than what excludes it: that is a clash. Of
    defaults that
    contradict each other a denial (one that allows the first state) gives way to a report, and a
    report to one of a graver state. Soft ones are not multiplied, since they often repeat each
    other: each state keeps its smallest weight.

    Parameters
    ----------
    variables : mapping of name to VariableInfo
        Their states, in clinical order.
    said : iterable of Constraint
        About any of the variables; a variable not mentioned stays unknown.

    Returns
    -------
    dict of variable to Combined, list of Clash, list of str
        Variables about which something is known; those on which hard constraints contradict each
        other, of which nothing is known; a warning for each constraint that gave way.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> some = Constraint("leg_pain=true", "leg_pain", "hard", (0.0, 1.0, 1.0))
    >>> not_below = Constraint("leg_pain_below_knee=false", "leg_pain", "hard", (1.0, 1.0, 0.0))
    >>> combine(load_model().variables, [some, not_below])[0]["leg_pain"].weights
    (0.0, 1.0, 0.0)
    """
    by_variable: dict[str, list[Constraint]] = {}
    conditional: list[Constraint] = []
    for constraint in said:
        if not constraint.unless:
            by_variable.setdefault(constraint.variable, []).append(constraint)
        else:
            conditional.append(constraint)
    warnings: list[str] = []
    clashes: dict[str, Clash] = {}
    combined: dict[str, Combined] = {}

    def add(info: VariableInfo, about: list[Constraint]) -> None:
        combined.pop(info.name, None)
        clash = _clash(info, about)
        if clash is not None:
            clashes[info.name] = clash
            return
        together, gave_way = _together(info, about)
        warnings.extend(gave_way)
        if together is not None:
            combined[info.name] = together

    for name, about in by_variable.items():
        add(variables[name], about)
    for constraint in conditional:
        held = [
            f"{other} is {' or '.join(left)}"
            for other, states in constraint.unless
            if other in combined
            and set(left := combined[other].possible(variables[other].states)) <= set(states)
        ]
        if held:
            warnings.append(f"{constraint.field} is not used, since {held[0]}.")
            continue
        about = by_variable.setdefault(constraint.variable, [])
        about.append(constraint)
        add(variables[constraint.variable], about)
    return combined, list(clashes.values()), list(dict.fromkeys(warnings))


def _together(info: VariableInfo, about: list[Constraint]) -> tuple[Combined | None, list[str]]:
    warnings: list[str] = []
    size = len(info.states)
    hard = [s for s in about if s.strength == "hard"]
    kept = []
    for constraint in (s for s in about if s.strength == "default"):
        if any(_product(size, [*hard, constraint])):
            kept.append(constraint)
        else:
            warnings.append(_gives_way(info, constraint, hard))
    if not any(_product(size, [*hard, *kept])):
        denials = [s for s in kept if s.weights[0] > 0]
        reports = [s for s in kept if s.weights[0] == 0]
        if reports and any(_product(size, [*hard, *reports])):
            warnings += [_gives_way(info, s, reports) for s in denials]
            kept = reports
        elif "stratum" in info.roles:
            names = ", ".join(s.field for s in kept)
            warnings.append(f"{names} disagree about {info.name}; it is taken as unknown.")
            kept = []
        else:
            gravest = max(kept, key=lambda s: bits_of(s.weights) & -bits_of(s.weights))
            agree = [s for s in kept if any(_product(size, [*hard, gravest, s]))]
            warnings += [
                f"{s.field} gives way to {gravest.field} ({info.name})."
                for s in kept
                if s not in agree
            ]
            kept = agree if any(_product(size, [*hard, *agree])) else [gravest]
    soft = [s for s in about if s.strength == "soft"]
    weights = _product(size, [*hard, *kept])
    if soft:
        least = [min(column) for column in zip(*(s.weights for s in soft), strict=True)]
        weights = [w * x for w, x in zip(weights, least, strict=True)]
    if len(set(weights)) == 1:
        return None, warnings
    fields = tuple(s.field for s in (*hard, *kept, *soft))
    return Combined(tuple(w / max(weights) for w in weights), fields), warnings


def _gives_way(info: VariableInfo, lost: Constraint, to: Sequence[Constraint]) -> str:
    """Return the warning that a default gave way; a denial that did is said to contradict.

    A number, such as 36.6 of a fever, and a fact that only bears on the variable deny nothing.
    """
    report = _product(len(info.states), [s for s in to if s.strength != "soft"])
    names = ", ".join(dict.fromkeys(s.field for s in to))
    settled = ANSWER_COUNTS & info.roles or info.group in LESSER_GROUPS
    denied = lost.told and lost.own and lost.weights[0] > 0
    if denied and not settled and _graver(report, lost.weights):
        return f"{lost.field} and {names} {DISAGREE} ({info.name})."
    return f"{lost.field} gives way to {names} ({info.name})."


def _product(size: int, said: Sequence[Constraint]) -> list[float]:
    product = [1.0] * size
    for constraint in said:
        product = [p * w for p, w in zip(product, constraint.weights, strict=True)]
    return product


def _clash(info: VariableInfo, about: list[Constraint]) -> Clash | None:
    """Return what is wrong if constraints leave no state; names a smallest set of them."""
    size = len(info.states)
    hard = [s for s in about if s.strength == "hard"]
    if any(_product(size, hard)):
        against = [
            s
            for s in about
            if (s.told or s.strength == "near") and _graver(s.weights, _product(size, hard))
        ]
        outright = info.group != BACKGROUND or _product(size, hard)[0] > 0
        settled = ANSWER_COUNTS & info.roles or info.group in LESSER_GROUPS
        if not against or settled or not outright:
            return None
        hard = [*hard, against[0]]
    clash = next(
        some
        for count in range(2, len(hard) + 1)
        for some in combinations(hard, count)
        if not any(_product(size, list(some)))
    )
    said = " and ".join(
        f"{s.field} ({info.name} is {' or '.join(_allowed(info, s))})" for s in clash
    )
    return Clash(
        {info.name: tuple(dict.fromkeys(bits_of(s.weights) for s in hard))},
        f"{said} contradict each other. Correct or remove one of them.",
    )


def _graver(one: Sequence[float], other: Sequence[float]) -> bool:
    """Return whether every state of one stands, in clinical order, after every state of another."""
    states = [[i for i, w in enumerate(weights) if w > 0] for weights in (one, other)]
    return min(states[0], default=0) > max(states[1], default=len(one))


def likely(weights: tuple[float, ...]) -> tuple[float, ...]:
    """Return weights without those below a tenth of the largest: what somebody all but says.

    Examples
    --------
    >>> likely((1e-9, 1.0)), likely((0.2, 1.0))
    ((0.0, 1.0), (0.2, 1.0))
    """
    return tuple(w if w >= max(weights) * NEXT_TO_NOTHING else 0.0 for w in weights)


def all_but_says(weights: tuple[float, ...]) -> bool:
    """Return whether weights leave the first state, mostly that nothing is wrong, next to nothing.

    Examples
    --------
    >>> all_but_says((1e-9, 1.0)), all_but_says((1.0, 1e-9)), all_but_says((0.2, 1.0))
    (True, False, False)
    """
    return weights[0] < max(weights) * NEXT_TO_NOTHING


def bits_of(weights: Iterable[float]) -> int:
    """Return the states that are not ruled out, as bits.

    Examples
    --------
    >>> bits_of((0.0, 0.4, 1.0))
    6
    """
    return sum(1 << i for i, weight in enumerate(weights) if weight > 0)


def _allowed(info: VariableInfo, constraint: Constraint) -> list[str]:
    return [s for s, w in zip(info.states, constraint.weights, strict=True) if w > 0]


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


def exclusions(model: Model, combined: Mapping[str, Combined]) -> list[Clash]:
    """Return which pairs of answers no person can give."""
    clashes = []
    for pair in load_exclusions(model):
        if all(n in combined and not bits_of(combined[n].weights) & ~bits for n, bits in pair):
            said = " and ".join(combined[name].fields[0] for name, _ in pair)
            known = ", ".join(
                f"{n} is {describe(model.variables[n], combined[n].weights)}" for n, _ in pair
            )
            clashes.append(
                Clash(
                    {n: (bits_of(combined[n].weights),) for n, _ in pair},
                    f"{said} cannot both hold: {known}. Correct or remove one of them.",
                )
            )
    return clashes


def possible_do(
    model: Model, do: Mapping[str, str], combined: Mapping[str, Combined]
) -> tuple[dict[str, str], list[str]]:
    """Return the interventions that the answers allow, and what is wrong with the others."""
    possible, lost = dict(do), []
    for name, state in do.items():
        known = combined.get(name)
        if known and state not in known.possible(model.variables[name].states):
            del possible[name]
            lost.append(
                f"do.{name}={state} and {known.fields[0]} cannot both hold in one case."
                " Remove the finding, or compare the two with what-if."
            )
    return possible, lost
