"""Two worlds in one network: the one that was seen, and one in which something is different.

Both worlds share every accident that an intervention leaves alone (Balke & Pearl 1994,
Probabilistic evaluation of counterfactual queries, AAAI; Pearl 2009, Causality, section 7.1:
abduction, action, prediction). A probability table does not say what its accidents are, so each is
an assumption:

- *Noisy-OR and noisy-MAX*: the natural ones. The leak and each cause bring their own contribution,
  and whether a contribution is made is the same in both worlds. The states of a graded cause take
  theirs from one and the same hidden uniform number (monotone).
- *Full tables*: one hidden uniform number picks the state as a quantile of the row in force
  (monotone quantile coupling). Other couplings agree with the same tables and answer otherwise.

What the change cannot reach has one copy only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lumbayes.network.variables import Array, Network, NoisyMax, Table, Variable

OTHER = "*"  # the mark of a variable in the other world


@dataclass(frozen=True, eq=False)
class Twin:
    """A network of both worlds.

    Attributes
    ----------
    network : Network
        Every variable of the world that was seen under its own name, the copies that may differ
        under ``names``, and the hidden accidents that both share.
    names : mapping of outcome to str
        The variable that stands for each outcome in the other world: a copy, or the variable
        itself where nothing that is changed can reach it.
    """

    network: Network
    names: Mapping[str, str]


def twin_network(network: Network, do: Mapping[str, str], outcomes: Sequence[str]) -> Twin:
    """Build the network of two worlds.

    Parameters
    ----------
    network : Network
        Its arrows must be causal; parameter draws are carried along.
    do : mapping of variable to state
        What is different in the other world.
    outcomes : sequence of str
        What is asked of the other world. Only what lies between ``do`` and these has a copy.

    Returns
    -------
    Twin
        Condition its network on what was seen and ask for ``names[outcome]``.

    Raises
    ------
    UnknownNameError
        If a variable or a state does not exist.

    Examples
    --------
    A lamp that burns either because of the switch or by itself: it burns, and the switch is on.
    Had the switch been off, the lamp would burn only if it burns by itself too.

    >>> import numpy as np
    >>> from lumbayes.inference.queries import posterior
    >>> on = Variable("on", ("no", "yes"), (), Table(np.array([0.5, 0.5])))
    >>> link = np.array([[1.0, 0.0], [0.2, 0.8]])
    >>> lamp = Variable("lamp", ("dark", "lit"), ("on",), NoisyMax(np.array([0.9, 0.1]), (link,)))
    >>> twin = twin_network(Network([on, lamp]), {"on": "no"}, ["lamp"])
    >>> then = posterior(twin.network, twin.names["lamp"], {"on": "yes", "lamp": "lit"})
    >>> float(then["lit"].round(3))
    0.122
    """
    states = {name: network[name].index(state) for name, state in do.items()}
    copied = _between(network, states, outcomes)
    made: list[Variable] = []
    for variable in network.variables.values():
        name = variable.name
        if name in states:
            made.append(variable)
            if name in copied:
                k = len(variable.states)
                point = _drawn(np.eye(k)[states[name]], network)
                made.append(Variable(name + OTHER, variable.states, (), Table(point)))
        elif name not in copied:
            made.append(variable)
        elif isinstance(variable.distribution, NoisyMax):
            made += _twin_noisy_max(variable, variable.distribution, copied, network)
        else:
            made += _twin_table(variable, variable.distribution, copied, network)
    names = {n: n + OTHER if n in copied else n for n in outcomes}
    return Twin(Network(made, network.draws), names)


def _between(network: Network, states: Mapping[str, int], outcomes: Iterable[str]) -> set[str]:
    """Return what may differ and bears on an outcome, ``do`` itself included."""
    changed = set(states)
    for name, variable in network.variables.items():
        if changed.intersection(variable.parents):
            changed.add(name)
    copied: set[str] = set()
    queue = [name for outcome in outcomes if (name := network[outcome].name) in changed]
    while queue:
        name = queue.pop()
        if name not in copied:
            copied.add(name)
            if name not in states:
                queue.extend(p for p in network[name].parents if p in changed)
    return copied


def _drawn(values: Array, network: Network) -> Array:
    """Add the axis of draws, of length 1, if the network has one."""
    return values if network.draws is None else values[..., None]


def _twin_noisy_max(
    variable: Variable, noisy: NoisyMax, copied: set[str], network: Network
) -> list[Variable]:
    """Write an effect as the highest of its contributions, those of untouched causes shared."""
    name, states, k = variable.name, variable.states, len(variable.states)
    links = list(zip(variable.parents, noisy.effects, strict=True))
    shared = [(p, effect) for p, effect in links if p not in copied]
    base = Variable(
        f"{name}~",
        states,
        tuple(p for p, _ in shared),
        NoisyMax(noisy.leak, tuple(effect for _, effect in shared)),
    )
    made = [base]
    seen, other = [base.name], [base.name]
    for parent, effect in links:
        if parent not in copied:
            continue
        widths, chosen = _responses(effect, network)
        hidden = Variable(f"{name}~{parent}", _numbered(widths), (), Table(widths))
        made.append(hidden)
        for cause, contributions in ((parent, seen), (parent + OTHER, other)):
            contribution = f"{name}<{cause}"
            made.append(Variable(contribution, states, (cause, hidden.name), Table(chosen)))
            contributions.append(contribution)
    same = _drawn(np.eye(k), network)
    for own, contributions in ((name, seen), (name + OTHER, other)):
        highest = NoisyMax(_drawn(np.eye(k)[0], network), (same,) * len(contributions))
        made.append(Variable(own, states, tuple(contributions), highest))
    return made


def _twin_table(
    variable: Variable, table: Table, copied: set[str], network: Network
) -> list[Variable]:
    """Write a full table as a quantile of one hidden number; untouched parents set its steps."""
    shared = [p for p in variable.parents if p not in copied]
    touched = [p for p in variable.parents if p in copied]
    order = [variable.parents.index(p) for p in (*shared, *touched)]
    values = np.transpose(table.values, [*order, *range(len(order), table.values.ndim)])
    first, rest = values.shape[: len(shared)], values.shape[len(order) :]
    flat = values.reshape(-1, int(np.prod(values.shape[len(shared) : len(order)])), *rest)
    pairs = [_responses(block, network) for block in flat]
    widths = np.stack([w for w, _ in pairs]).reshape(*first, *pairs[0][0].shape)
    chosen = np.stack([c for _, c in pairs])
    middle = values.shape[len(shared) : len(order)]
    chosen = chosen.reshape(*first, *middle, *chosen.shape[2:])
    hidden = Variable(f"{variable.name}~", _numbered(pairs[0][0]), tuple(shared), Table(widths))
    return [
        hidden,
        *(
            Variable(
                variable.name + mark,
                variable.states,
                (*shared, *(p + mark for p in touched), hidden.name),
                Table(chosen),
            )
            for mark in ("", OTHER)
        ),
    ]


def _responses(rows: Array, network: Network) -> tuple[Array, Array]:
    """Split the hidden uniform number where any row changes its state.

    Takes rows ``(k_cause, k[, n])``; returns the widths of the pieces ``(t[, n])`` and, as 0 and 1,
    the state that each row takes in each piece ``(k_cause, t, k[, n])``.
    """
    drawn = rows if network.draws is not None else rows[..., None]
    _, k, n = drawn.shape
    bounds = np.minimum(np.cumsum(drawn, axis=1)[:, :-1], 1.0)
    cuts = np.sort(bounds.reshape(-1, n), axis=0)
    start = np.concatenate([np.zeros((1, n)), cuts])
    widths = np.diff(np.concatenate([start, np.ones((1, n))]), axis=0)
    state = (bounds[:, None] <= start[None, :, None]).sum(axis=2)
    chosen = (state[:, :, None] == np.arange(k)[None, None, :, None]).astype(float)
    if network.draws is None:
        return widths[:, 0], chosen[..., 0]
    return widths, chosen


def _numbered(widths: Array) -> tuple[str, ...]:
    return tuple(str(i) for i in range(widths.shape[0]))
