"""What a rule of triage is: clauses over findings that must all hold, and the level then due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from lumbayes.errors import unknown_name

LEVELS: tuple[str, ...] = (
    "emergency_now",
    "urgent_physician",
    "routine_physician",
    "self_care_exercises",
)
UNSURE = "unsure"
UNDER_18 = "under_18"  # what fires besides the rules of the table
SOON = (
    "Now",
    "Today",
    "Within two or three days",
    "Within two weeks",
    "If it is no better in three days",
    "No visit needed now",
)
"""How soon to be seen, soonest first: within a level the soonest rule is said first."""


@dataclass(frozen=True)
class Atom:
    """``variable=state``, or ``variable!=state``: the variable is not known to be in the state."""

    variable: str
    state: str
    negated: bool = False

    def __str__(self) -> str:
        """Write the atom as in the table."""
        return f"{self.variable}{'!=' if self.negated else '='}{self.state}"


@dataclass(frozen=True)
class Literal:
    """All that one clause says of one variable: it is known to be in one of the states."""

    variable: str
    states: frozenset[str]
    negated: bool = False

    def holds(self, findings: Mapping[str, str]) -> bool:
        """Whether the findings leave only these states; an unknown variable is not in any.

        ``a|b`` in the findings is a state not fully known: it holds if both ``a`` and ``b`` do.
        """
        answer = findings.get(self.variable)
        known = answer is not None and self.states.issuperset(answer.split("|"))
        return known != self.negated

    def could_hold(self, findings: Mapping[str, str]) -> bool:
        """Whether it holds, or would if an answer of ``unsure`` were cleared up for the worse."""
        return findings.get(self.variable) == UNSURE or self.holds(findings)


@dataclass(frozen=True)
class Clause:
    """Alternatives, of which at least ``needed`` (of different variables) must hold."""

    atoms: tuple[Atom, ...]
    needed: int = 1

    @cached_property
    def literals(self) -> tuple[Literal, ...]:
        """The alternatives, one for each variable and each exclusion."""
        states: dict[str, frozenset[str]] = {}
        for atom in self.atoms:
            if not atom.negated:
                states[atom.variable] = states.get(atom.variable, frozenset()) | {atom.state}
        excluded = (a for a in self.atoms if a.negated)
        return (
            *(Literal(variable, among) for variable, among in states.items()),
            *(Literal(a.variable, frozenset({a.state}), negated=True) for a in excluded),
        )

    def holds(self, findings: Mapping[str, str]) -> bool:
        """Whether enough alternatives hold."""
        return sum(literal.holds(findings) for literal in self.literals) >= self.needed

    def could_hold(self, findings: Mapping[str, str]) -> bool:
        """Whether enough alternatives hold or would once every ``unsure`` is cleared up."""
        return sum(literal.could_hold(findings) for literal in self.literals) >= self.needed


@dataclass(frozen=True)
class Rule:
    """One row of ``triage.csv``: if all clauses hold, the level is at least ``level``."""

    name: str
    level: str
    clauses: tuple[Clause, ...]
    reason: str
    what_to_do: str
    how_soon: str
    source: tuple[str, ...]
    reviewed_by: str
    note: str
    line: int

    def fires(self, findings: Mapping[str, str]) -> bool:
        """Whether every clause holds."""
        return all(clause.holds(findings) for clause in self.clauses)

    def could_fire(self, findings: Mapping[str, str]) -> bool:
        """Whether every clause holds or would once every ``unsure`` is cleared up."""
        return all(clause.could_hold(findings) for clause in self.clauses)

    @property
    def atoms(self) -> tuple[Atom, ...]:
        """Every atom of the rule, in the order of the table."""
        return tuple(atom for clause in self.clauses for atom in clause.atoms)


@dataclass(frozen=True)
class Threshold:
    """P(condition) at or above ``threshold`` raises the level to ``level``.

    ``threshold`` is cost_false_alarm / (cost_false_alarm + cost_missed), the probability at which
    acting and waiting cost the same (Pauker & Kassirer 1975). The costs are judgement.
    """

    condition: str
    level: str
    how_soon: str
    threshold: float
    cost_false_alarm: float
    cost_missed: float
    source: str
    grade: str
    note: str
    line: int

    @property
    def name(self) -> str:
        """The name shown among the rules that fired."""
        return f"posterior_{self.condition}_{self.level}"


@dataclass(frozen=True, eq=False)
class Rules:
    """All that triage needs, read from the tables; no network."""

    rules: tuple[Rule, ...]
    thresholds: tuple[Threshold, ...]
    texts: Mapping[str, Mapping[str, str]]
    states: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, str]

    def check(self, variable: str, answer: object) -> None:
        """Check a finding: a state, ``unsure``, or several states joined by ``|``.

        Raises
        ------
        UnknownNameError
            If the variable or a state is unknown.
        """
        if variable not in self.states:
            raise unknown_name("variable", variable, self.states)
        states = self.states[variable]
        for state in str(answer).split("|"):
            if state not in states and answer != UNSURE:
                raise unknown_name(f"state of {variable}", state, (*states, UNSURE))


def rank(level: str) -> int:
    """Return the place of a level, 0 for the most urgent.

    Examples
    --------
    >>> rank("emergency_now")
    0
    """
    return LEVELS.index(level)
