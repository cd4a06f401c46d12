"""Compile a pattern of evidence to a short program of array operations, and run it on batches.

The elimination tree is written as a program: *up*, the messages towards the roots, the last of
which are P(evidence); *down*, the same program differentiated backwards, whose values times the
messages are the posterior marginals (Darwiche 2003, A differential approach to inference in
Bayesian networks, J ACM 50:280). Numbers that no row changes are multiplied together once, at
compile time; what is left for each row is a matrix product with a constant, or a product of small
messages.

The batch axis is last everywhere. Nothing is scaled on the way: a message is off from a probability
by at most the number of states summed out, so float64 carries evidence down to 1e-200, and rarer
rows are left for the caller to repeat in extended precision.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from lumbayes.inference.elimination import good_eliminations
from lumbayes.inference.factors import Factor, Pattern, Problem, build_problem
from lumbayes.inference.greedy_elimination import Elimination
from lumbayes.inference.operations import Scope, Slots, Step
from lumbayes.inference.programs import ProgramWriter
from lumbayes.network.variables import Array, Network


@dataclass(frozen=True, eq=False)
class Program:
    """A compiled pattern: run ``up`` then ``down`` on slots that hold the inputs.

    Attributes
    ----------
    likelihoods : mapping of variable name to slot
        Where each row's likelihood goes, shape ``(k, n)``.
    drawn : tuple of (slot, array)
        Tables that differ from draw to draw.
    evidence : tuple of slots
        One array ``(n,)`` per component; their product is P(evidence).
    marginals : mapping of target to (slot, axes)
        Where the posterior of each target ends up and in which order of variables.
    buckets : tuple of (variable, constant table, (slot, scope) of each of its messages)
        In the order of summing out; what ``sample`` walks back over.
    names : tuple of str
        Names of the numbered variables; auxiliary variables come after.
    entries : int
        Numbers per row that the program writes.
    weight : int
        Bytes held, roughly.
    """

    slots: int
    likelihoods: Mapping[str, int]
    drawn: tuple[tuple[int, Array], ...]
    up: tuple[Step, ...]
    down: tuple[Step, ...]
    evidence: tuple[int, ...]
    scale: float
    marginals: Mapping[frozenset[str], tuple[int, tuple[str, ...]]]
    buckets: tuple[tuple[int, Factor | None, tuple[tuple[int, Scope], ...]], ...]
    names: tuple[str, ...]
    entries: int
    weight: int

    def run(
        self,
        likelihoods: Mapping[str, npt.NDArray[Any]],
        drawn: Sequence[npt.NDArray[Any]],
        old: Slots | None = None,
    ) -> Slots:
        """Return the filled slots for one chunk of rows.

        ``old`` may be the slots of an earlier chunk of the same length and precision that are no
        longer needed: their memory is used again.
        """
        slots: Slots = [None] * self.slots
        for name, slot in self.likelihoods.items():
            slots[slot] = likelihoods[name]
        for (slot, _), values in zip(self.drawn, drawn, strict=True):
            slots[slot] = values.copy()
        old = slots.copy() if old is None else old
        with np.errstate(all="ignore"):  # rows out of range are found by their P(evidence)
            for step in self.up:
                step(slots, old)
            for step in self.down:
                step(slots, old)
        return slots


class ProgramStore:
    """The programs compiled last, found by network and pattern; bounded, shared by all threads."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.lock = Lock()
        self.held: OrderedDict[Any, Program] = OrderedDict()

    def get(self, key: Any) -> Program | None:
        """Return the program of a key, if it is held."""
        with self.lock:
            program = self.held.get(key)
            if program is not None:
                self.held.move_to_end(key)
            return program

    def put(self, key: Any, program: Program) -> None:
        """Hold a program; let those go that were not used for longest."""
        with self.lock:
            self.held[key] = program
            while len(self.held) > 1 and sum(p.weight for p in self.held.values()) > self.limit:
                self.held.popitem(last=False)


PROGRAMS = ProgramStore(limit=64_000_000)


MANY_ROWS, CANDIDATES = 2000, 6
LEVELS = (16, 100, 500, 1000, 2000, 10_000)  # rows that a program is compiled for


def program_for(network: Network, pattern: Pattern, rows: int) -> Program:
    """Return the program of a pattern, compiled with more care the more rows it has to serve."""
    level = sum(rows > most for most in LEVELS)
    program = PROGRAMS.get((network, pattern, level))
    if program is not None:
        return program
    program = compile_program(network, pattern, LEVELS[max(level - 1, 0)] if level else 1)
    PROGRAMS.put((network, pattern, level), program)
    return program


def choose_trees(problem: Problem, rows: int) -> tuple[Elimination, ...]:
    """Return orders in which to sum out a problem's variables, the cheapest first."""
    scopes = [f.scope for f in problem.factors]
    scopes += [(v,) for v in sorted(problem.soft)]
    scopes += problem.together
    return good_eliminations(problem.cards, tuple(scopes), problem.gates, rows)


def choose_tree(problem: Problem, rows: int) -> Elimination:
    """Return the cheapest order in which to sum out a problem's variables."""
    return choose_trees(problem, rows)[0]


def compile_program(network: Network, pattern: Pattern, rows: int) -> Program:
    """Choose the tree for a pattern of evidence and write its program.

    Programs of nearly equal trees can differ by half in the numbers they write: many rows are worth
    writing several.
    """
    problem = build_problem(network, pattern)
    trees = choose_trees(problem, rows)[: CANDIDATES if rows >= MANY_ROWS else 1]
    return min((_write(problem, pattern, tree) for tree in trees), key=lambda p: p.entries)


def _write(problem: Problem, pattern: Pattern, elimination: Elimination) -> Program:
    """Write the program of one tree."""
    number = {name: i for i, name in enumerate(problem.names)}
    known = dict(pattern.fixed) | dict(pattern.do)
    targets = [frozenset(number[v] for v in t if v not in known) for t in pattern.targets]
    writer = ProgramWriter(problem, elimination.cards)
    writer.write_up(elimination.buckets)
    for target in targets:
        if target:
            writer.want(target)
    writer.write_down()
    marginals = {
        named: (writer.answer[target][0], tuple(problem.names[v] for v in writer.answer[target][1]))
        for named, target in zip(pattern.targets, targets, strict=True)
        if target
    }
    return Program(
        writer.count,
        {problem.names[v]: slot for v, slot in writer.likelihood_slots.items()},
        tuple(writer.drawn),
        tuple(writer.up),
        tuple(writer.down),
        tuple(writer.evidence),
        writer.constant,
        marginals,
        tuple((n.bucket.variable, n.table, tuple(n.inputs)) for n in writer.nodes),
        problem.names,
        writer.entries,
        writer.weight + sum(values.nbytes for _, values in writer.drawn),
    )
