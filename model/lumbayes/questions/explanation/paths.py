"""How a finding reaches a target: active paths through mechanisms and imbalances."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

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
        turns = zip(self.forward, self.forward[1:], strict=False)
        return "rivals" if (True, False) in turns else "shared"

    def written(self, labels: Mapping[str, str]) -> str:
        """Return the path with arrows, by the labels of its nodes."""
        parts = [labels[self.nodes[0]]]
        for name, forward in zip(self.nodes[1:], self.forward, strict=True):
            parts += ["→" if forward else "←", labels[name]]
        return " ".join(parts)


@dataclass(frozen=True)
class Arrows:
    """The arrows of a network, those into what is done cut."""

    parents: Mapping[str, tuple[str, ...]]
    children: Mapping[str, tuple[str, ...]]


def arrows(network: Network, done: Collection[str] = ()) -> Arrows:
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
    opened = _with_ancestors(graph, {*blocked, *hinted})
    other = _shortest(graph, target, finding, blocked, opened)
    return (other,) if other else ()


def _along(graph: Arrows, start: str, end: str, blocked: set[str]) -> Iterator[tuple[str, ...]]:
    """Yield the paths along the arrows, up to ``LONGEST``."""
    above = _with_ancestors(graph, {end})
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


def _with_ancestors(graph: Arrows, names: Collection[str]) -> set[str]:
    found: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += graph.parents[name]
    return found


def _shortest(
    graph: Arrows, target: str, finding: str, known: set[str], opened: set[str]
) -> Trail | None:
    """Return the shortest active path, breadth first; ``opened`` are the colliders open to it.

    Source: Koller & Friedman (2009), Probabilistic Graphical Models, algorithm 3.1.
    """
    start = (target, False)  # the flag: reached along an arrow
    came: dict[tuple[str, bool], tuple[str, bool] | None] = {start: None}
    queue = deque([start])
    while queue:
        here = queue.popleft()
        name, along = here
        if name == finding:
            return _trail(came, here)
        steps: list[tuple[str, bool]] = []
        if name not in known:
            steps += [(child, True) for child in graph.children[name]]
            if not along:
                steps += [(parent, False) for parent in graph.parents[name]]
        if along and name in opened:
            steps += [(parent, False) for parent in graph.parents[name]]
        for step in steps:
            if step not in came:
                came[step] = here
                queue.append(step)
    return None


def _trail(
    came: Mapping[tuple[str, bool], tuple[str, bool] | None], end: tuple[str, bool]
) -> Trail:
    steps = [end]
    while (before := came[steps[-1]]) is not None:
        steps.append(before)
    steps.reverse()
    return Trail(tuple(n for n, _ in steps), tuple(along for _, along in steps[1:]))
