"""What the tables of the network say, as nouns: variables, numbers, links and recipes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

LAYERS = ("context", "imbalance", "condition", "mechanism", "finding", "triage_only")
ASKED_AS = ("question", "self_test", "clinical_test", "none")
GRADES = ("A", "B", "C", "D")
UNSURE = "unsure"  # an answer to every question
QUANTITIES = ("strength", "causal_share")
LEAK = "leak"
"""What stands for a cause in ``links.csv`` where the effect has none of those listed."""
STATE_COLUMNS = ("variable", "state", "label")
VARIABLE_COLUMNS = (
    *("name", "layer", "group", "ask", "cost", "label", "clinician_label", "question", "help"),
)
ROLE_COLUMNS = ("variable", "role")
SKIP_COLUMNS = ("question", "variable", "state")
ROLES = (
    *("must_not_miss", "changeable", "stratum", "hip_work", "any_answer"),
    *("new_only", "unchanged", "old_or_new", "may_exclude", "told_in_facts", "suspicion"),
    *("of_a_leg", "once"),
)
"""What ``roles.csv`` says of a variable: a condition that harms by being missed; what a person can
change; what splits people into groups with small trees of their own; a weakness that hip training
works on; what any answer tells of pain; a sign that means something new, the answer that it is old
and unchanged, the signs whose words this changes; what may narrow a rule of care; what phrases
in facts may tell of; a condition named in words, which may be ruled out."""
SOURCE_COLUMNS = ("key", "citation", "year", "identifier", "url", "read")
PROVENANCE = (*("low", "high", "source", "grade", "draw_group", "before_fit", "fitted_to", "note"),)
PROBABILITY_COLUMNS = ("variable", "state", "given", "value", *PROVENANCE)
LINK_COLUMNS = ("effect", "effect_state", "cause", "cause_state", "quantity", "value", *PROVENANCE)


@dataclass(frozen=True)
class VariableInfo:
    """What people read about a variable: label, question, help, and the labels of its states.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> slr = load_model().variables["slr"]
    >>> slr.layer, slr.ask, slr.state_label("positive")
    ('finding', 'clinical_test', 'Positive')
    """

    name: str
    layer: str
    group: str
    ask: str
    cost: float
    label: str
    clinician_label: str
    question: str
    help: str
    states: tuple[str, ...]
    state_labels: tuple[str, ...]
    roles: frozenset[str] = frozenset()
    skipped_by: tuple[tuple[str, str], ...] = ()
    """Answers, as (variable, state), after which the question means nothing."""

    def state_label(self, state: str) -> str:
        """Return the label of a state."""
        return self.state_labels[self.states.index(state)]


@dataclass(frozen=True)
class Number:
    """One published number: a probability, a link's strength, a leak or a causal share.

    Attributes
    ----------
    id : str
        ``variable=state|given``, ``effect=state<-cause=state``, ``effect=state<-leak`` or
        ``share:cause→effect``.
    variable, state, given : str
        What it is the probability of, and under which condition; of a causal share ``state`` is
        empty and ``given`` is the cause.
    quantity : str
        ``probability``, ``strength``, ``leak`` or ``causal_share``.
    value, low, high : float
        The number and its 95 % interval.
    source, grade : str
        Key in ``sources.csv``; A systematic review … D expert judgement.
    draw_group : str
        Numbers of one group are one and the same number, drawn once.
    before_fit : float
        The value before the fit to the targets; equal to ``value`` if the fit left it.
    fitted_to : str
        The target that moved it; empty if the fit left it.
    note : str
        What a reader should know.
    file, line : str, int
        Where it stands.
    distribution : int
        The same for the numbers of one probability distribution, which sum to at most 1; -1 for a
        causal share.
    """

    id: str
    variable: str
    state: str
    given: str
    quantity: str
    value: float
    low: float
    high: float
    source: str
    grade: str
    draw_group: str
    before_fit: float
    fitted_to: str
    note: str
    file: str
    line: int
    distribution: int


@dataclass(frozen=True)
class Link:
    """One arrow of the network and its causal share, None if it is taken as wholly causal."""

    cause: str
    effect: str
    causal_share: Number | None


@dataclass(frozen=True, eq=False)
class Recipe:
    """Where a variable's table takes its numbers from.

    Attributes
    ----------
    name, states, parents : str, tuple of str, tuple of str
        As in the network.
    indices : tuple of arrays
        Positions in the vector of numbers, -1 for none (the first state takes the rest). A full
        table has one array of shape ``(k_parent1, …, k)``; a noisy-MAX has the leak, ``(k,)``, and
        one of shape ``(k_parent, k)`` for each parent.
    noisy : bool
        Whether it is a noisy-MAX.
    """

    name: str
    states: tuple[str, ...]
    parents: tuple[str, ...]
    indices: tuple[npt.NDArray[np.int64], ...]
    noisy: bool


@dataclass(frozen=True, eq=False)
class Definition:
    """All that the tables say: variables, numbers, arrows, and how tables take their numbers."""

    variables: dict[str, VariableInfo]
    numbers: tuple[Number, ...]
    links: tuple[Link, ...]
    recipes: tuple[Recipe, ...]
