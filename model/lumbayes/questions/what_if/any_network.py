"""What-if on a network that is not ours: no tables of care, no contested links, its own arrows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lumbayes.errors import CaseError, ImpossibleEvidenceError, LumbayesError
from lumbayes.inference.evidence import Findings
from lumbayes.inference.queries import evidence, marginals
from lumbayes.network.variables import Array, Network
from lumbayes.questions.what_if.interventions import Event, chances, comparison
from lumbayes.questions.what_if.scenarios import Scenario, WhatIf, check_scenarios, gathered


def what_if_in(
    network: Network,
    findings: Findings,
    scenarios: Iterable[Scenario],
    outcomes: Sequence[str] | None = None,
) -> WhatIf:
    """Return what each scenario would change in any network.

    Errors as of ``doors.one_case.what_if``; without intervals and levels of care. The arrows are
    taken as causal. What is *seen* replaces findings. What is *done* keeps the findings that it
    does not reach along arrows, and is compared with the same being done as it is now, where that
    is known. Every variable that nobody gave is an outcome if none is named.

    Notes
    -----
    Pearl (2009), Causality, chapter 3.

    Examples
    --------
    >>> from lumbayes.network.variables import Table, Variable
    >>> import numpy as np
    >>> rain = Variable("rain", ("no", "yes"), (), Table(np.array([0.8, 0.2])))
    >>> grass = Variable(
    ...     "grass", ("dry", "wet"), ("rain",), Table(np.array([[0.9, 0.1], [0.2, 0.8]]))
    ... )
    >>> pour = Scenario("pour", do={"rain": "yes"})
    >>> answer = what_if_in(Network([rain, grass]), {"rain": "no"}, [pour], ["grass"])
    >>> answer.frame[["now", "then"]].round(3).iloc[0].tolist()
    [0.1, 0.8]
    """
    if network.draws is not None:
        raise LumbayesError("what-if takes a network without parameter draws. Give one without.")
    chosen = list(scenarios)
    check_scenarios(chosen)
    named = {*findings, *(n for s in chosen for n in (*s.findings, *s.do))}
    asked = [
        _event(network, text)
        for text in ([n for n in network if n not in named] if outcomes is None else outcomes)
    ]
    if not asked:
        raise CaseError(
            "no outcome is left: every variable is given or set. Name outcomes, or leave one open."
        )
    frames = []
    for scenario in chosen:
        reached = _reached(network, scenario.do)
        kept = {n: f for n, f in findings.items() if n not in reached}
        goes_on = {n: s for n in scenario.do if isinstance(s := findings.get(n), str)}
        worlds = [(kept, goes_on), ({**kept, **scenario.findings}, scenario.do)]
        try:
            now, then = (_chances(network, seen, do, asked) for seen, do in worlds)
        except ImpossibleEvidenceError as error:
            raise ImpossibleEvidenceError(f"scenario {scenario.name!r}: {error}") from None
        none = now[:, :0]
        frames.append(comparison(asked, now[:, 0], then[:, 0], none, none))
    return gathered(frames, chosen, {})


def _event(network: Network, text: str) -> Event:
    name, equals, state = text.partition("=")
    variable = network[name]
    if not equals:
        return Event(text, name, tuple(range(1, len(variable.states))), name)
    return Event(text, name, (variable.index(state),), f"{name}: {state}")


def _reached(network: Network, do: Mapping[str, str]) -> set[str]:
    """Return what is set and all that it has a way to along arrows; parents stand before."""
    reached = set(do)
    for name, variable in network.variables.items():
        if reached.intersection(variable.parents):
            reached.add(name)
    return reached


def _chances(
    network: Network, seen: Findings, do: Mapping[str, str], asked: Sequence[Event]
) -> Array:
    known = evidence(network, seen, do)
    return chances(marginals(network, known, [e.variable for e in asked]), asked)
