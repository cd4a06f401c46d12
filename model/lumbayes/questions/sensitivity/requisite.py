"""Which tables can matter to an answer, by the graph alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def requisite(
    parents: Mapping[str, Sequence[str]],
    target: str,
    hard: Sequence[str],
    soft: Sequence[str] = (),
) -> set[str]:
    """Return the variables whose tables can matter to P(target | findings), by the graph alone.

    Parameters
    ----------
    parents : mapping of variable to its parents
        Parents before children.
    target : str
        What is asked.
    hard, soft : sequence of str
        What is known for certain, and what only by a likelihood.

    Returns
    -------
    set of str
        By the Bayes ball of Shachter (1998), UAI, that rolls from the target: tables it enters
        from below or finds known are requisite.

    Examples
    --------
    >>> chain = {"a": (), "b": ("a",), "c": ("b",), "d": ("c",)}
    >>> sorted(requisite(chain, "c", ["b"]))
    ['c']
    """
    children: dict[str, list[str]] = {name: [] for name in parents}
    for name, own in parents.items():
        for parent in own:
            children[parent].append(name)
    top: set[str] = set()
    bottom: set[str] = set()
    # A likelihood is a child of its variable, known for certain: the ball comes back up from it.
    queue: list[tuple[str, bool]] = [(target, True)]
    known, told = set(hard), set(soft)
    while queue:
        name, from_child = queue.pop()
        if from_child and name not in known:
            if name not in top:
                top.add(name)
                queue.extend((p, True) for p in parents[name])
            if name not in bottom:
                bottom.add(name)
                queue.extend((c, False) for c in children[name])
        if not from_child:
            if (name in known or name in told) and name not in top:
                top.add(name)
                queue.extend((p, True) for p in parents[name])
            if name not in known and name not in bottom:
                bottom.add(name)
                queue.extend((c, False) for c in children[name])
    return top
