"""Answer the question: which findings moved the answer, by how much, and by which way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from lumbayes.cases.case import Case
from lumbayes.errors import LumbayesError, unknown_name
from lumbayes.inference.queries import Evidence
from lumbayes.knowledge.anchors import ASKS_FOR_CARE
from lumbayes.knowledge.model import Model
from lumbayes.network.variables import Network
from lumbayes.questions.conditioning import Records, case_evidence, case_network
from lumbayes.questions.explanation.answer import Explanation, state_words
from lumbayes.questions.explanation.attribution import Attribution, attribute
from lumbayes.questions.explanation.conflict import EvidenceFit, fit
from lumbayes.questions.explanation.paths import arrows, trails

BETWEEN = ("mechanism", "imbalance")  # the layers a path is told by


def explain(
    model: Model,
    case: Case,
    target: str | None = None,
    *,
    state: str | None = None,
    orders: int = 200,
    seed: int = 0,
) -> Explanation:
    """Explain the probability of one state of one variable by the findings of a case.

    Arguments and errors as of ``doors.one_case.explain``. Findings and likelihoods are explained,
    interventions hold throughout. Probabilities of 0 or 1 count as 120 decibans, and the text says
    so.

    Examples
    --------
    >>> from lumbayes.cases.case import parse_case
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> case = parse_case(model, {"slr": "positive", "leg_pain": "below_knee"})
    >>> answer = explain(model, case, "radiculopathy")
    >>> answer.probability > answer.prior
    True
    """
    if target is None:
        after = _fitted(model, case, ()).after
        unknown = [c for c in model.names("condition") if c not in _certain(model, case)]
        target = max(unknown, key=lambda c: float(after[c][-1]))
    return explain_all(model, case, {target: state}, orders=orders, seed=seed)[0]


def explain_all(
    model: Model,
    case: Case,
    targets: Mapping[str, str | None],
    *,
    orders: int = 200,
    seed: int = 0,
) -> list[Explanation]:
    """Explain several targets at once, each with its state or None, as ``explain`` does one.

    Examples
    --------
    >>> from lumbayes.cases.case import parse_case
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> case = parse_case(model, {"slr": "positive"})
    >>> [e.target for e in explain_all(model, case, {"radiculopathy": None, "gtps": None})]
    ['radiculopathy', 'gtps']
    """
    certain = _certain(model, case)
    for target in targets:
        _check_target(model, certain, target)
    network, known = case_network(model, case), case_evidence(model, case)
    fitted = _fitted(model, case, targets)
    states = {
        target: network[target].index(state)
        if state
        else 1 + int(fitted.after[target][1:].argmax())
        for target, state in targets.items()
    }
    weights = attribute(network, known, states, orders, seed)
    conditions = [c for c in model.names("condition") if c not in certain]
    labels = {name: _finding_label(model, case, name) for name in fitted.findings}
    misfits, rivals = _misfits(labels, fitted), _rivals(model, fitted, conditions)
    resolving = tuple(fitted.resolving(conditions))
    answers = []
    for target, at in states.items():
        info = model.variables[target]
        findings = _findings(labels, case, weights[target], fitted)
        paths = _paths(model, network, known, target, certain, findings.column("finding"))
        plain = (at, len(info.states)) == (1, 2) and info.layer != "finding"
        answers.append(
            Explanation(
                target,
                info.states[at],
                info.label if plain else f"{info.label}: {info.state_labels[at]}",
                float(fitted.before[target][at]),
                float(fitted.after[target][at]),
                findings,
                fitted.conflict,
                misfits,
                rivals,
                resolving,
                paths,
                _mechanisms(model, fitted, paths),
                weights[target].orders,
                weights[target].clamped,
            )
        )
    return answers


def _certain(model: Model, case: Case) -> frozenset[str]:
    """Return the variables known for certain or set from outside."""
    known = case_evidence(model, case)
    hard = (n for n, w in known.likelihoods.items() if np.count_nonzero(w) == 1)
    return frozenset((*hard, *known.do))


def _fitted(model: Model, case: Case, targets: Iterable[str]) -> EvidenceFit:
    """Ask how the findings fit, with the marginals of all that may have to be named."""
    certain = _certain(model, case)
    hidden = [n for n in model.names("condition", *BETWEEN) if n not in certain]
    wanted = list(dict.fromkeys([*hidden, *targets]))
    return fit(case_network(model, case), case_evidence(model, case), wanted, {ASKS_FOR_CARE})


def _check_target(model: Model, certain: frozenset[str], target: str) -> None:
    if target not in model.network:
        if target in model.variables:
            raise LumbayesError(
                f"{target} is asked for safety only and has no probability."
                " Explain a condition or an imbalance, such as radiculopathy."
            )
        raise unknown_name("target", target, model.names("condition", "imbalance"))
    if target in certain:
        raise LumbayesError(
            f"{target} is known in this case: there is nothing to explain."
            " Leave it out of the case, or choose another target."
        )


def _finding_label(model: Model, case: Case, name: str) -> str:
    said = case.understood.get(name) or case.findings.get(name, "a soft finding")
    return f"{model.variables[name].label}: {state_words(model.variables[name], said)}"


def _findings(
    labels: Mapping[str, str], case: Case, weights: Attribution, fitted: EvidenceFit
) -> Records:
    names = fitted.findings
    columns = (weights.alone, weights.given_rest, weights.shapley, weights.error)
    numbers = np.column_stack([*columns, fitted.expected, fitted.usual]).tolist()
    keys = ("alone", "given_rest", "shapley", "error", "expected", "usual")
    rows = [
        {
            "finding": name,
            "state": case.understood.get(name) or case.findings.get(name, "soft"),
            "label": labels[name],
            **dict(zip(keys, own, strict=True)),
        }
        for name, own in zip(names, numbers, strict=True)
    ]
    order = np.argsort(-np.abs(weights.shapley), kind="stable")
    return Records(("finding", "state", "label", *keys), [rows[i] for i in order])


def _misfits(labels: Mapping[str, str], fitted: EvidenceFit) -> Records:
    columns = ("finding", "label", "expected", "usual")
    rows = [
        (name, labels[name], float(fitted.expected[i]), float(fitted.usual[i]))
        for i in fitted.misfits()
        for name in [fitted.findings[i]]
    ]
    return Records(columns, [dict(zip(columns, row, strict=True)) for row in rows])


def _rivals(model: Model, fitted: EvidenceFit, conditions: Sequence[str]) -> Records:
    columns = ("finding", "condition", "label", "probability", "expected", "times")
    rows = [
        (
            r.finding,
            r.condition,
            model.variables[r.condition].label,
            r.probability,
            r.expected,
            r.times,
        )
        for r in fitted.rivals(conditions)
    ]
    return Records(columns, [dict(zip(columns, row, strict=True)) for row in rows])


def _paths(
    model: Model,
    network: Network,
    known: Evidence,
    target: str,
    certain: frozenset[str],
    findings: Sequence[str],
) -> Records:
    graph = arrows(network, frozenset(known.do))
    labels = {name: info.label for name, info in model.variables.items()}
    hinted = frozenset(known.likelihoods)
    rows = [
        {
            "finding": finding,
            "kind": trail.kind,
            "nodes": trail.nodes,
            "text": trail.written(labels),
        }
        for finding in findings
        for trail in trails(graph, target, finding, certain, hinted)
    ]
    return Records(("finding", "kind", "nodes", "text"), rows)


def _mechanisms(model: Model, fitted: EvidenceFit, paths: Records) -> Records:
    """Return what lies between target and findings, and how the findings moved it."""
    between = dict.fromkeys(
        name
        for nodes in paths.column("nodes")
        for name in nodes[1:-1]
        if name in fitted.before and model.variables[name].layer in BETWEEN
    )
    rows = []
    for name in between:
        prior, now = (float(1 - p[name][0]) for p in (fitted.before, fitted.after))
        label = model.variables[name].label
        rows.append({"name": name, "label": label, "prior": prior, "probability": now})
    rows.sort(key=lambda row: -abs(row["probability"] - row["prior"]))
    return Records(("name", "label", "prior", "probability"), rows)
