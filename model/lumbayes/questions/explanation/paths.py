"""How a finding reaches a target: active paths through mechanisms and imbalances."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from lumbayes.network.variables import Network

LONGEST = 5  # arrows; longer paths carry little and explain nothing to a reader
MOST = 3  # paths shown for one finding


@dataclass(frozen=True)
class Trail:
    """A path between a target and a finding.

    Attributes
    ----------
    nodes : tuple of str
        From the target to the finding.
    forward : tuple of bool
        For each step whether the arrow points away from the target.
    """

    nodes: tuple[str, ...]
    forward: tuple[bool, ...]

    @property
    def kind(self) -> str:
        """An ``effect`` of the target, a ``cause``, a ``shared`` cause, or by way of ``rivals``."""
        if all(self.forward):
            return "effect"
        if not any(self.forward):
            return "cause"
        return "rivals" if self.colliders else "shared"

    @property
    def colliders(self) -> tuple[str, ...]:
        """Where two arrows meet."""
        turns = zip(self.nodes[1:], self.forward, self.forward[1:], strict=False)
        return tuple(name for name, into, out in turns if into and not out)

    def written(self, labels: Mapping[str, str]) -> str:
        """Return the path with arrows, by the labels of its nodes."""
        parts = [labels[self.nodes[0]]]
        for name, forward in zip(self.nodes[1:], self.forward, strict=True):
            parts += ["→" if forward else "←", labels[name]]
        return " ".join(parts)


@dataclass(frozen=True, eq=False)
class Arrows:
    """The arrows of a network, those into what is done cut."""

    parents: Mapping[str, tuple[str, ...]]
    children: Mapping[str, tuple[str, ...]]

    @cached_property
    def lineage(self) -> Mapping[str, frozenset[str]]:
        """Each variable with its ancestors."""
        found: dict[str, frozenset[str]] = {}
        left = list(self.parents)
        while left:
            name = left[-1]
            later = [p for p in self.parents[name] if p not in found]
            if later:
                left += later
            else:
                above = (found[p] for p in self.parents[name])
                found[left.pop()] = frozenset({name}).union(*above)
        return found

    def with_ancestors(self, names: Collection[str]) -> frozenset[str]:
        """Return variables and all their ancestors."""
        return frozenset().union(*(self.lineage[name] for name in names))


@lru_cache(maxsize=8)
def arrows(network: Network, done: frozenset[str] = frozenset()) -> Arrows:
    """Return the arrows of a network under interventions."""
    parents = {v.name: () if v.name in done else v.parents for v in network.variables.values()}
    children: dict[str, list[str]] = {name: [] for name in parents}
    for name, above in parents.items():
        for parent in above:
            children[parent].append(name)
    return Arrows(parents, {name: tuple(below) for name, below in children.items()})


def trails(
    graph: Arrows,
    target: str,
    finding: str,
    known: Collection[str],
    hinted: Collection[str] = (),
) -> tuple[Trail, ...]:
    """Return the paths by which a finding speaks to a target, shortest first.

    Parameters
    ----------
    graph : Arrows
        From ``arrows``.
    target, finding : str
        Two variables.
    known : collection of str
        Variables known for certain, the finding among them or not: no path passes through one.
    hinted : collection of str
        Variables with a soft finding: like those known they join rivals, but they block nothing.

    Returns
    -------
    tuple of Trail
        At most three along the arrows, of at most five arrows each; if there is none, the shortest
        active path of any shape; empty if the two are independent given what is known.
    """
    blocked = {*known} - {target, finding}
    down = [Trail(p, (True,) * (len(p) - 1)) for p in _along(graph, target, finding, blocked)]
    up = [Trail(p[::-1], (False,) * (len(p) - 1)) for p in _along(graph, finding, target, blocked)]
    found = sorted([*down, *up], key=lambda t: len(t.nodes))[:MOST]
    if found:
        return tuple(found)
    # One search of all that the target reaches serves most findings: those whose path does not turn
    # where only the finding itself opens it.
    came, first = _reached(graph, target, frozenset(known) - {target}, frozenset(hinted), "")
    if finding in first:
        other = _trail(came, first[finding])
        opened = graph.with_ancestors({*blocked, *hinted})
        if all(name in opened for name in other.colliders):
            return (other,)
    came, first = _reached(graph, target, frozenset(blocked), frozenset(hinted), finding)
    return (_trail(came, first[finding]),) if finding in first else ()


def _along(graph: Arrows, start: str, end: str, blocked: set[str]) -> Iterator[tuple[str, ...]]:
    """Yield the paths along the arrows, up to ``LONGEST``."""
    above = graph.lineage[end]
    stack: list[tuple[str, ...]] = [(start,)] if start in above else []
    while stack:
        path = stack.pop()
        if path[-1] == end:
            yield path
        elif len(path) <= LONGEST:
            stack += [
                (*path, child)
                for child in graph.children[path[-1]]
                if child in above and child not in blocked
            ]


Place = tuple[str, bool]  # a variable, and whether it was reached along an arrow


@lru_cache(maxsize=32)
def _reached(
    graph: Arrows, target: str, known: frozenset[str], hinted: frozenset[str], end: str
) -> tuple[dict[Place, Place | None], dict[str, Place]]:
    """Go the active paths, breadth first, up to an end or all of them.

    Return from where each place was reached, and how each variable was reached first.

    Source: Koller & Friedman (2009), Probabilistic Graphical Models, algorithm 3.1.
    """
    opened = graph.with_ancestors(known | hinted)
    start = (target, False)
    came: dict[Place, Place | None] = {start: None}
    first: dict[str, Place] = {}
    queue = deque([start])
    while queue and end not in first:
        here = queue.popleft()
        name, along = here
        steps: list[Place] = []
        if name not in known:
            steps += [(child, True) for child in graph.children[name]]
        if name in opened if along else name not in known:
            steps += [(parent, False) for parent in graph.parents[name]]
        for step in steps:
            if step not in came:
                came[step] = here
                first.setdefault(step[0], step)
                queue.append(step)
    return came, first


def _trail(came: Mapping[Place, Place | None], end: Place) -> Trail:
    steps = [end]
    while (before := came[steps[-1]]) is not None:
        steps.append(before)
    steps.reverse()
    return Trail(tuple(n for n, _ in steps), tuple(along for _, along in steps[1:]))
