"""What a rule of triage is: clauses over findings that must all hold, and the level then due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from lumbayes.cases.qualifiers import without_innocent
from lumbayes.errors import unknown_name
from lumbayes.knowledge.definition import UNSURE

LEVELS: tuple[str, ...] = (
    "emergency_now",
    "urgent_physician",
    "routine_physician",
    "self_care_exercises",
)
NOT_UNDERSTOOD = "not_understood"
SOON = (
    "Now",
    "Today",
    "Within two or three days",
    "Within two weeks",
    "If it is no better in three days",
    "No visit needed now",
)
"""How soon to be seen, soonest first: within a level the soonest rule is said first."""


# What is known of one person, for the rules: each variable's possible states as bits, bit i for
# state i and the next one for "unsure". Nearly always one set; several where answers contradict
# each other, and then a rule may use whichever makes it fire.
Known = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Atom:
    """``variable=state``, or ``variable!=state``: the variable is not known to be in the state.

    ``bit`` is 1 << the place of the state, ``unsure`` coming after the states of the variable.
    """

    variable: str
    state: str
    bit: int
    negated: bool = False

    def __str__(self) -> str:
        """Write the atom as in the table."""
        return f"{self.variable}{'!=' if self.negated else '='}{self.state}"


@dataclass(frozen=True)
class Literal:
    """All that one clause says of one variable: it is known to be in one of the states."""

    variable: str
    states: int
    negated: bool = False

    def holds(self, known: Known) -> bool:
        """Whether only these states are left; an unknown variable is not in any."""
        said = known.get(self.variable)
        if said is None:
            return self.negated
        if self.negated:
            return any(left & ~self.states for left in said)
        return not all(left & ~self.states for left in said)

    def could_hold(self, known: Known, left: int) -> bool:
        """Whether it holds, or would if the variable were in one of the states ``left``."""
        return self.holds(known) or (not self.negated and bool(self.states & left))


@dataclass(frozen=True)
class Clause:
    """Alternatives, of which at least ``needed`` (of different variables) must hold."""

    atoms: tuple[Atom, ...]
    needed: int = 1

    @cached_property
    def literals(self) -> tuple[Literal, ...]:
        """The alternatives, one for each variable and each exclusion."""
        states: dict[str, int] = {}
        for atom in self.atoms:
            if not atom.negated:
                states[atom.variable] = states.get(atom.variable, 0) | atom.bit
        excluded = (Literal(a.variable, a.bit, negated=True) for a in self.atoms if a.negated)
        return (*(Literal(variable, among) for variable, among in states.items()), *excluded)

    def holds(self, known: Known) -> bool:
        """Whether enough alternatives hold."""
        if self.needed == 1:
            return any(literal.holds(known) for literal in self.literals)
        return sum(literal.holds(known) for literal in self.literals) >= self.needed


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

    def fires(self, known: Known) -> bool:
        """Whether every clause holds."""
        return all(clause.holds(known) for clause in self.clauses)

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
    """All that triage needs, read from the tables; no network.

    Attributes
    ----------
    rules, thresholds : tuple
        In the order of their tables.
    texts : mapping of kind to mapping of key to text
    states, labels : mapping of variable to its states, its label
    asked : frozenset of str
        What a person can be asked, without an examination.
    skips : mapping of variable to tuple of (variable, bits)
        Answers after which a question means nothing.
    excluded : tuple of pairs of (variable, bits)
        What no person can have together.
    screens : tuple of Screen
        The questions of ``asked`` in the groups in which they are put to people.
    unchanged, old_or_new : frozenset of str
        The answer that a sign is old and stable; the signs of which it is told.
    danger : tuple of str
        Stems of words: what was told, not understood and holds one calls for a visit.
    """

    rules: tuple[Rule, ...]
    thresholds: tuple[Threshold, ...]
    texts: Mapping[str, Mapping[str, str]]
    states: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, str]
    asked: frozenset[str]
    skips: Mapping[str, tuple[tuple[str, int], ...]]
    excluded: tuple[tuple[tuple[str, int], tuple[str, int]], ...]
    screens: tuple[Screen, ...]
    unchanged: frozenset[str]
    old_or_new: frozenset[str]
    danger: tuple[str, ...] = ()

    @cached_property
    def literals(self) -> tuple[Literal, ...]:
        """Every literal of the rules, once."""
        clauses = (clause for rule in self.rules for clause in rule.clauses)
        return tuple(dict.fromkeys(literal for clause in clauses for literal in clause.literals))

    @cached_property
    def compiled(self) -> tuple[tuple[int, tuple[tuple[int, tuple[int, ...]], ...]], ...]:
        """Each rule as its rank and its clauses: how many are needed of which ``literals``."""
        place = {literal: i for i, literal in enumerate(self.literals)}
        return tuple(
            (
                rank(rule.level),
                tuple((c.needed, tuple(place[x] for x in c.literals)) for c in rule.clauses),
            )
            for rule in self.rules
        )

    @cached_property
    def urgencies(self) -> tuple[tuple[int, int], ...]:
        """Each rule's rank and how soon it sends: the place in ``LEVELS`` and in ``SOON``."""
        return tuple((rank(rule.level), SOON.index(rule.how_soon)) for rule in self.rules)

    @cached_property
    def limits(self) -> tuple[tuple[tuple[int, int], str, str, float], ...]:
        """Each threshold's urgency, name, condition and probability."""
        return tuple(
            ((rank(t.level), SOON.index(t.how_soon)), t.name, t.condition, t.threshold)
            for t in self.thresholds
        )

    @cached_property
    def matters(self) -> frozenset[str]:
        """What a rule reads, a screen asks or another answer excludes."""
        read = {atom.variable for rule in self.rules for atom in rule.atoms}
        asked = {sign.variable for screen in self.screens for sign in screen.signs}
        return frozenset(read | asked | {name for pair in self.excluded for name, _ in pair})

    @cached_property
    def exclusions(self) -> Mapping[str, tuple[tuple[int, str, int], ...]]:
        """By variable: its states that are excluded where another is in some states."""
        found: dict[str, tuple[tuple[int, str, int], ...]] = {}
        for one, other in self.excluded:
            for (here, states), (there, given) in ((one, other), (other, one)):
                found[here] = (*found.get(here, ()), (states, there, given))
        return found

    def hits(self, known: Known) -> list[bool]:
        """Return which of ``literals`` hold."""
        return [literal.holds(known) for literal in self.literals]

    def fired(self, hits: Sequence[bool]) -> list[Rule]:
        """Return the rules that fire, in the order of the table."""
        fired = []
        for rule, (_, clauses) in zip(self.rules, self.compiled, strict=True):
            for needed, places in clauses:
                held = 0
                for i in places:
                    if hits[i]:
                        held += 1
                        if held == needed:
                            break
                else:
                    break
            else:
                fired.append(rule)
        return fired

    def bits(self, variable: str, answer: object) -> int:
        """Return an answer as bits: a state, ``unsure``, or several states joined by ``|``.

        Raises
        ------
        UnknownNameError
            If the variable or a state is unknown.

        Examples
        --------
        >>> from lumbayes.triage.reader import load_rules
        >>> load_rules().bits("leg_pain", "above_knee|below_knee")
        6
        """
        if variable not in self.states:
            raise unknown_name("variable", variable, self.states)
        answers = (*self.states[variable], UNSURE)
        if answer == UNSURE:
            return 1 << len(answers) - 1
        among = set(str(answer).split("|"))
        for state in among:
            if state not in answers[:-1]:
                raise unknown_name(f"state of {variable}", state, answers)
        return sum(1 << answers.index(state) for state in among)

    def smells(self, text: str) -> bool:
        """Return whether a text that was not understood holds a word that calls for a visit.

        Examples
        --------
        >>> from lumbayes.triage.reader import load_rules
        >>> load_rules().smells("bladder paralysis"), load_rules().smells("occupation")
        (True, False)
        """
        low = without_innocent(text)
        return any(word in low for word in self.danger)

    def known(self, findings: Mapping[str, object]) -> dict[str, tuple[int, ...]]:
        """Return findings as the rules read them."""
        return {name: (self.bits(name, answer),) for name, answer in findings.items()}

    def unsure(self, known: Known) -> list[str]:
        """Return the variables answered with ``unsure``."""
        return [n for n, said in known.items() if 1 << len(self.states[n]) in said]


@dataclass(frozen=True)
class Sign:
    """One question of a screen: its words, and the states, as bits, that a tick may mean."""

    variable: str
    text: str
    ticked: int


@dataclass(frozen=True)
class Screen:
    """Questions put together: "any of these?", each answered on its own, or one after the other.

    Attributes
    ----------
    name : str
        Its key in ``screens.csv``.
    question : str
        What stands above the signs.
    signs : tuple of Sign
        In the order shown.
    any_of : bool
        Whether it can be answered by ticking what applies, "none of these" denying the rest.
        If not, each question is a choice of its own.
    """

    name: str
    question: str
    signs: tuple[Sign, ...]
    any_of: bool


def rank(level: str) -> int:
    """Return the place of a level, 0 for the most urgent.

    Examples
    --------
    >>> rank("emergency_now")
    0
    """
    return LEVELS.index(level)
