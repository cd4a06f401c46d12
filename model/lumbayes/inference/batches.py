"""Which tree answers which question: one for each network, compiled once and kept.

Where a tree for anything that may be observed would be too large, one is compiled for what is
observed, whatever its states.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock

import numpy as np
import numpy.typing as npt

from lumbayes.errors import LumbayesError
from lumbayes.inference import arrays
from lumbayes.inference.compiled_tree import CompiledTree, compile_tree
from lumbayes.inference.elimination import first_elimination, good_eliminations
from lumbayes.inference.evidence import Evidence
from lumbayes.inference.factors import factor_graph
from lumbayes.inference.greedy_elimination import Elimination
from lumbayes.inference.numpy_engine import run_one
from lumbayes.inference.run import run
from lumbayes.inference.tree_queries import Arrangement as Arrangement
from lumbayes.inference.tree_queries import Found, Question, RowEvidence, TooLarge, question
from lumbayes.network.variables import Array, Network, NoisyMax, Table

Targets = tuple[frozenset[str], ...]
GENERAL = 1 << 33  # entries up to which one tree serves whatever is observed
LARGEST = 1 << 33  # entries up to which one is compiled for what is observed
HELD = 128_000_000  # bytes of compiled trees that are kept


@dataclass(frozen=True, eq=False)
class Answer:
    """Joint posteriors ``(k_1, …, n)`` by set of variables, in network order; log P(evidence)."""

    joints: Mapping[frozenset[str], Array]
    log_evidence: Array
    arranged: Arrangement | None = None


def answer(
    network: Network,
    given: Evidence,
    targets: Targets,
    arranged: Arrangement | None = None,
    *,
    often: bool = False,
) -> Answer:
    """Answer targets, each one variable or several.

    Rows whose evidence is impossible have log_evidence minus infinity and zero everywhere else.
    Whoever asks the same of the same rows again, in the same network or one made by
    ``with_tables``, says ``often`` and hands on how they were arranged.

    Raises
    ------
    LumbayesError
        If the tree would be too large; names findings that would make it fit.
    """
    singles = tuple(name for t in targets if len(t) == 1 for name in t)
    several = tuple(t for t in targets if len(t) > 1)
    tree, asked, found = solve(network, given, singles, several, arranged, often=often)
    joints: dict[frozenset[str], Array] = {
        frozenset([name]): found.singles[place]
        for name, place in zip(singles, asked.places, strict=True)
    }
    for b, target in enumerate(several):
        axes = asked.joints[b]
        at, end = int(asked.joint_start[b]), int(asked.joint_start[b + 1])
        whole = found.joints[at:end].reshape(*(int(tree.card[v]) for v in axes), -1)
        order = [axes.index(tree.number[v]) for v in in_order(network, target)]
        joints[target] = whole.transpose(*order, len(axes))
    return Answer(joints, found.log_evidence, found.arranged)


def solve(
    network: Network,
    given: Evidence,
    singles: tuple[str, ...],
    several: tuple[frozenset[str], ...] = (),
    arranged: Arrangement | None = None,
    *,
    often: bool = False,
) -> tuple[CompiledTree, Question, Found]:
    """Answer single variables and sets of several, laid out as the question says.

    Raises
    ------
    LumbayesError
        If the tree would be too large.
    """
    if not count_rows(network, given):
        given = Evidence({}, {}, 0)
    try:
        tree, rows, logs = laid_out(network, given, singles, several)
        asked = question(tree, singles, several)
        found = run(tree, asked, rows, arranged, often=often)
    except TooLarge as error:
        if len(singles) > 1 and not several:
            return _in_halves(network, given, singles)
        raise LumbayesError(
            too_large(network, given, (*singles, *_flat(several)), error.entries)
        ) from None
    found.log_evidence[:] += logs
    return tree, asked, found


def _in_halves(
    network: Network, given: Evidence, singles: tuple[str, ...]
) -> tuple[CompiledTree, Question, Found]:
    """Answer half of the targets after the other: each may need only a part of the network."""
    middle = len(singles) // 2
    parts = [solve(network, given, half) for half in (singles[:middle], singles[middle:])]
    tree, one, first = parts[0]
    _, two, second = parts[1]
    moved = tuple(slice(p.start + one.size, p.stop + one.size) for p in two.places)
    asked = replace(one, places=(*one.places, *moved), size=one.size + two.size)
    joined = np.concatenate([first.singles, second.singles])
    return tree, asked, replace(first, singles=joined)


def laid_out(
    network: Network,
    given: Evidence,
    singles: tuple[str, ...],
    several: Targets = (),
    tree: CompiledTree | None = None,
) -> tuple[CompiledTree, RowEvidence, Array]:
    """Return the tree for a batch, its evidence on it, and what the likelihoods scale by."""
    size = count_rows(network, given)
    names = [v for v in given.likelihoods if v not in given.do]
    if tree is None:
        tree = general_tree(network) or special_tree(network, given, names, singles, several)
    if not tree.complete:
        tree.fill(relevant(network, (*given.likelihoods, *singles, *_flat(several)), given.do))
    forced = np.full(len(tree.names), -1, dtype=np.int64)
    logs = np.zeros(size)
    for name, state in given.do.items():
        forced[tree.number[name]] = state
        if name in given.likelihoods:
            with np.errstate(divide="ignore"):
                logs = logs + np.log(given.likelihoods[name][state])
    variables = np.array([tree.number[v] for v in names], dtype=np.int64)
    if not names:
        return tree, RowEvidence(variables, variables, np.zeros((0, size)), forced, size), logs
    parts = [np.broadcast_to(w, (len(w), size)) for w in (given.likelihoods[v] for v in names)]
    starts = np.cumsum([0, *(len(p) for p in parts[:-1])], dtype=np.int64)
    values = np.empty((sum(map(len, parts)), size))
    np.concatenate(parts, out=values)
    ends = zip(starts.tolist(), (*starts[1:].tolist(), len(values)), strict=True)
    top = np.stack([np.maximum.reduce(values[a:b]) for a, b in ends])
    if not ((top == 1.0) | (top == 0.0)).all():
        scale = np.where(top > 0, top, 1.0)
        values /= np.repeat(scale, [len(p) for p in parts], axis=0)
        logs = logs + np.log(scale).sum(axis=0)
    return tree, RowEvidence(variables, starts, values, forced, size), logs


def clashing(network: Network, case: Evidence, row: int) -> set[str]:
    """Return variables of an impossible case whose evidence cannot occur together.

    ``row`` is the draw that the numbers are taken from.
    """
    tree, rows, _ = laid_out(network, case, ())
    few = replace(rows, values=rows.values[:, row : row + 1], size=1)
    done = run_one(tree, few, arrays.SUPPORT, row)
    seen_and_set = {
        n for n, v in case.do.items() if n in case.likelihoods and not case.likelihoods[n][v].any()
    }
    if seen_and_set:
        return {min(seen_and_set)}
    return {tree.names[v] for v in done.culprits()} & set(case.likelihoods)


def count_rows(network: Network, given: Evidence) -> int:
    """Return the length of the batch axis: cases, or draws of one case."""
    if network.draws is None or given.size == network.draws:
        return given.size
    if given.size != 1:
        raise LumbayesError(
            f"the network holds {network.draws} draws but the batch {given.size} cases: "
            "pass one case at a time."
        )
    return network.draws


def take_rows(given: Evidence, rows: npt.NDArray[np.intp]) -> Evidence:
    """Return some rows of a batch."""
    some = {n: v if v.shape[1] == 1 else v[:, rows] for n, v in given.likelihoods.items()}
    return Evidence(some, given.do, len(rows))


def in_order(network: Network, names: frozenset[str]) -> list[str]:
    """Return variables in the order of the network."""
    return list(names) if len(names) == 1 else [v for v in network if v in names]


def _flat(targets: Targets) -> list[str]:
    return [v for target in targets for v in target]


def relevant(network: Network, asked: Iterable[str], do: Mapping[str, int]) -> set[str]:
    """Return what evidence and targets depend on once ``do`` has cut its arrows, them included."""
    queue = [*asked, *do]
    found: set[str] = set()
    while queue:
        name = queue.pop()
        if name not in found:
            found.add(name)
            if name not in do:
                queue.extend(network.variables[name].parents)
    return found


# --- trees ----------------------------------------------------------------------------------------


class TreeStore:
    """The trees compiled last; bounded, shared by all threads."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.lock = Lock()
        self.held: OrderedDict[object, CompiledTree | None] = OrderedDict()

    def get(self, key: object) -> CompiledTree | bool | None:
        """Return the tree of a key, None if it has none, False if that is not known."""
        with self.lock:
            if key not in self.held:
                return False
            self.held.move_to_end(key)
            return self.held[key]

    def put(self, key: object, tree: CompiledTree | None) -> None:
        """Hold a tree; let those go that were not used for longest."""
        with self.lock:
            self.held[key] = tree
            while len(self.held) > 1 and self.weight() > self.limit:
                self.held.popitem(last=False)

    def weight(self) -> int:
        """Bytes held, roughly."""
        return sum(100_000 + (t.pool.nbytes if t else 0) for t in self.held.values())


TREES = TreeStore(HELD)


def general_tree(network: Network) -> CompiledTree | None:
    """Return the tree on which anything may be observed; None if it would be too large."""
    held = TREES.get(network)
    if not isinstance(held, bool):
        return held
    graph = factor_graph(network)
    orders = good_eliminations(graph.cards, *graph.planned, 1, GENERAL)
    tree = compile_tree(network, graph, orders[0]) if orders else None
    TREES.put(network, tree)
    return tree


def with_tables(network: Network, tables: Mapping[str, Array]) -> Network:
    """Return a network with other numbers in some full tables, compiled as the first one was.

    Parameters
    ----------
    network : Network
        Without parameter draws.
    tables : mapping of variable to array
        Each of the shape of the variable's own.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> network = load_model().network
    >>> with_tables(network, {"sex": np.array([0.3, 0.7])})["sex"].cpt
    array([0.3, 0.7])
    """
    made = Network(
        replace(v, distribution=Table(tables[n])) if n in tables else v
        for n, v in network.variables.items()
    )
    tree = general_tree(network)
    full = all(isinstance(network[name].distribution, Table) for name in tables)
    if tree is not None and full:
        parents = {name: network.variables[name].parents for name in tables}
        TREES.put(made, tree.renumbered(tables, parents))
    return made


def special_tree(
    network: Network,
    given: Evidence,
    names: Sequence[str],
    singles: tuple[str, ...],
    several: Targets,
) -> CompiledTree:
    """Return a tree for variables observed as these are, of any states.

    Raises
    ------
    TooLarge
        If it would be.
    """
    known: set[str] = set(given.do)
    absent: set[str] = set()
    for name in names:
        values = given.likelihoods[name]
        if ((values > 0).sum(axis=0) == 1).all():
            known.add(name)
            noisy = isinstance(network.variables[name].distribution, NoisyMax)
            if noisy and (values[0] > 0).all():
                absent.add(name)
    asked = (*singles, *_flat(several))
    needed = frozenset(relevant(network, (*names, *asked), given.do))
    key = (network, frozenset(known), frozenset(absent), needed, several)
    held = TREES.get(key)
    if isinstance(held, CompiledTree):
        return held
    graph = factor_graph(
        network, frozenset(known), frozenset(absent), needed - set(given.do), several
    )
    orders = good_eliminations(graph.cards, *graph.planned, 1, LARGEST)
    if not orders:
        raise TooLarge(LARGEST)
    tree = compile_tree(network, graph, orders[0])
    TREES.put(key, tree)
    return tree


def too_large(network: Network, given: Evidence, asked: Sequence[str], entries: int) -> str:
    """Say how large a tree would be, and which findings would make it fit."""
    names = [v for v in given.likelihoods if v not in given.do]
    known = {n for n in names if (np.count_nonzero(given.likelihoods[n], axis=0) == 1).all()}
    known |= set(given.do)
    needed = frozenset(relevant(network, (*names, *asked), given.do))

    def plan(more: set[str]) -> Elimination:
        graph = factor_graph(
            network, frozenset(known | more), frozenset(), needed - set(given.do), sliced=True
        )
        return first_elimination(graph.cards, *graph.planned)

    found = plan(set())
    size, more = found.cost, set[str]()
    numbered = tuple(network)
    for _ in range(SUGGESTED):
        if not FITTING < found.cost < HOPELESS:
            break
        count: dict[int, float] = {}
        for bucket in found.buckets:
            clique = (bucket.variable, *bucket.separator)
            weight = math.prod(found.cards[v] for v in clique)
            for v in clique:
                if v < len(numbered) and numbered[v] not in known | more | set(asked):
                    count[v] = count.get(v, 0) + weight
        if not count:
            break
        more.add(numbered[max(count, key=lambda v: (count[v], -v))])
        found = plan(more)
    what = f"this question needs a tree of {max(size, entries):.1e} numbers for one case"
    if found.cost <= FITTING:
        advice = f"It would fit if {', '.join(sorted(more))} were known"
    else:
        advice = "Ask about fewer variables, or add findings"
    return f"{what}, more than fits into memory. {advice}."


SUGGESTED = 12  # findings that are looked for to make a tree fit
FITTING = 1 << 26  # entries of a tree that fits anywhere,
HOPELESS = 1 << 42  # and of one that no few findings make fit


def size_of_tree(network: Network, given: Evidence, keep: Sequence[str] | None) -> int:
    """Entries of the cliques, those inside another not counted; see ``queries.tree_size``."""
    known = {
        n for n, w in given.likelihoods.items() if n not in given.do and np.count_nonzero(w) == 1
    }
    absent = frozenset(n for n in known if given.likelihoods[n][0, 0] > 0)
    kept = [n for n in (network if keep is None else keep) if network[n].name not in given.do]
    needed = frozenset(relevant(network, (*kept, *given.likelihoods), given.do))
    graph = factor_graph(
        network, frozenset(known | set(given.do)), absent, needed - set(given.do), sliced=True
    )
    return good_eliminations(graph.cards, *graph.planned, THOROUGH)[0].size


THOROUGH = 1_000  # rows for which a reported tree is searched
