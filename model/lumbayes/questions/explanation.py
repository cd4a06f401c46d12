"""Answer the question: which findings moved the answer, by how much, and by which way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lumbayes.cases import ASKS_FOR_CARE, Case
from lumbayes.errors import LumbayesError, unknown_name
from lumbayes.inference import Evidence
from lumbayes.model import Model, VariableInfo
from lumbayes.network import Network
from lumbayes.questions.attribution import LARGEST, Attribution, attribute
from lumbayes.questions.conflict import Fit, fit
from lumbayes.questions.differential import case_evidence, case_network, frequency, rows_of
from lumbayes.questions.explanation_paths import arrows, trails

STRENGTHS = ((1.0, "hardly"), (3.0, "slightly"), (7.0, "clearly"), (float("inf"), "strongly"))
BETWEEN = ("mechanism", "imbalance")  # the layers a path is told by
HOW_TO_READ = (
    "Points are decibans: +3 doubles the odds, +10 makes them ten times as large. Findings overlap,"
    " so the points alone and given the rest need not add up. The fair shares do."
)


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why the probability of one state of one variable is what it is.

    Attributes
    ----------
    target, state, label : str
        The hypothesis, and its name for people.
    prior, probability : float
        Before any finding, and with all of them.
    frame : DataFrame
        One row a finding, largest share first: ``finding``, ``state``, ``label``, ``alone`` (its
        weight of evidence with nothing else known, in decibans), ``given_rest`` (with all others
        known), ``shapley`` (mean over all orders; the shares add up to the whole change of the
        log-odds), ``error`` (standard error of that mean where orders were drawn), ``expected``
        (P(finding | the others)) and ``usual`` (P(finding) in people who ask for care, if that is
        known, else in adults in general; both relative to the likeliest state if it is soft).
    conflict : float
        log2(product of ``usual`` / P(all findings)), in bits; above 0 the findings go together
        badly, or the case is rare. Source: Jensen, Chamberlain, Nordahl & Jensen (1990).
    misfits : DataFrame
        The findings that the others make improbable: ``finding``, ``label``, ``expected``,
        ``usual``.
    rivals : DataFrame
        Conditions that would explain a misfit: ``finding``, ``condition``, ``label``,
        ``probability``, ``expected`` (P(finding | the others, condition)), ``times``.
    resolving : tuple of str
        Conditions that, if present, would bring the conflict below 0.
    paths : DataFrame
        ``finding``, ``kind`` (effect, cause, shared or rivals), ``nodes`` from the target to the
        finding, ``text``.
    mechanisms : DataFrame
        What lies on the paths: ``name``, ``label``, ``prior``, ``probability`` (of not being in
        its first state), most moved first.
    orders : int
        Drawn orders behind the shares; 0 if all subsets were asked.
    clamped : bool
        Whether a probability of 0 or 1 was counted as 120 decibans.
    """

    target: str
    state: str
    label: str
    prior: float
    probability: float
    frame: pd.DataFrame
    conflict: float
    misfits: pd.DataFrame
    rivals: pd.DataFrame
    resolving: tuple[str, ...]
    paths: pd.DataFrame
    mechanisms: pd.DataFrame
    orders: int
    clamped: bool

    @property
    def sentence(self) -> str:
        """The explanation in one sentence or three."""
        largest = max(self.prior, self.probability)
        scale = 100 if largest >= 0.01 else 1_000 if largest >= 0.001 else 10_000
        before, now = frequency(self.prior, scale), frequency(self.probability, scale)
        if self.frame.empty:
            return f"{self.label}: {now} in any adult. No finding has moved it."
        total = float(self.frame["shapley"].sum())
        if abs(total) < STRENGTHS[0][0]:
            said = [f"The answers hardly change the chance of “{self.label}”: {now}."]
        else:
            moved = "raise" if total > 0 else "lower"
            before = before.removeprefix("about ").removesuffix(f" in {scale:,}")
            said = [f"The answers {moved} the chance of “{self.label}” from {before} to {now}."]
        for sign, verb in ((1, "speaks most for it"), (-1, "speaks most against it")):
            most = self.frame[sign * self.frame["shapley"] >= STRENGTHS[0][0]].head(2)
            if len(most):
                named = " and ".join(f"“{label}”" for label in most["label"])
                said.append(
                    f"{named} {verb.replace('speaks', 'speak') if len(most) > 1 else verb}."
                )
        return " ".join(said)

    @property
    def text(self) -> str:
        """The explanation in full."""
        lines = [self.sentence]
        if not self.frame.empty:
            lines += ["", "WHAT EACH FINDING DOES", HOW_TO_READ, *_points(self.frame)]
            lines += [*_precision(self), "", "DO THE FINDINGS GO TOGETHER?", *_harmony(self)]
        if not self.mechanisms.empty:
            lines += ["", "WHAT LIES BETWEEN"]
            lines += [
                f"  {row['label']}: {frequency(row['prior'])} before,"
                f" {frequency(row['probability'])} now"
                for row in rows_of(self.mechanisms)
            ]
        if not self.paths.empty:
            lines += ["", "HOW THE FINDINGS REACH IT (an arrow points from cause to effect)"]
            lines += [f"  {text}" for text in self.paths["text"]]
        return "\n".join(lines)

    def to_text(self) -> str:
        """Return the full text."""
        return self.text

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data, ready for JSON."""
        return {
            "target": self.target,
            "state": self.state,
            "prior": self.prior,
            "probability": self.probability,
            "findings": rows_of(self.frame),
            "conflict": self.conflict,
            "misfits": rows_of(self.misfits),
            "rivals": rows_of(self.rivals),
            "resolving": list(self.resolving),
            "paths": [row | {"nodes": list(row["nodes"])} for row in rows_of(self.paths)],
            "mechanisms": rows_of(self.mechanisms),
            "sentence": self.sentence,
        }


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

    Parameters
    ----------
    model : Model
        The tables.
    case : Case
        Findings and likelihoods are explained, interventions hold throughout.
    target : str, optional
        Any variable of the network that is not known; the most probable condition if left out.
    state : str, optional
        Of the target; its likeliest state other than the first if left out.
    orders, seed : int
        With more than ten findings the shares are means over this many drawn orders.

    Returns
    -------
    Explanation
        Probabilities of 0 or 1 count as 120 decibans, and the text says so.

    Raises
    ------
    UnknownNameError
        If the target or its state does not exist.
    LumbayesError
        If the target is itself known or set, or asked for safety only.
    ImpossibleEvidenceError
        If the findings cannot occur together.

    Examples
    --------
    >>> from lumbayes.cases import parse_case
    >>> from lumbayes.model import load_model
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
    """Explain several targets at once, each with its state or None, as ``explain`` does one."""
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
    misfits, rivals = _misfits(model, case, fitted), _rivals(model, fitted, conditions)
    answers = []
    for target, at in states.items():
        info = model.variables[target]
        frame = _frame(model, case, weights[target], fitted)
        paths = _paths(model, network, known, target, certain, list(frame["finding"]))
        plain = (at, len(info.states)) == (1, 2) and info.layer != "finding"
        answers.append(
            Explanation(
                target,
                info.states[at],
                info.label if plain else f"{info.label}: {info.state_labels[at]}",
                float(fitted.before[target][at]),
                float(fitted.after[target][at]),
                frame,
                fitted.conflict,
                misfits,
                rivals,
                tuple(fitted.resolving(conditions)),
                paths,
                _mechanisms(model, fitted, paths),
                weights[target].orders,
                weights[target].clamped,
            )
        )
    return answers


def strength(decibans: float) -> str:
    """Say a weight of evidence in words.

    Examples
    --------
    >>> strength(0.4), strength(-2), strength(5), strength(-12)
    ('hardly matters', 'slightly against', 'clearly for', 'strongly against')
    """
    word = next(w for limit, w in STRENGTHS if abs(decibans) < limit)
    if word == "hardly":
        return "hardly matters"
    return f"{word} {'for' if decibans > 0 else 'against'}"


def state_words(info: VariableInfo, said: str) -> str:
    """Put what was understood of a variable into the words of its states.

    Examples
    --------
    >>> from lumbayes.model import load_model
    >>> state_words(load_model().variables["leg_pain"], "above_knee or below_knee")
    'Above the knee or Below the knee'
    """
    if said in info.states:
        return info.state_label(said)
    words = [info.state_label(w) if w in info.states else w for w in said.split(" or ")]
    return " or ".join(words)


def _certain(model: Model, case: Case) -> set[str]:
    """Return the variables known for certain or set from outside."""
    known = case_evidence(model, case)
    return {n for n, w in known.likelihoods.items() if np.count_nonzero(w) == 1} | {*known.do}


def _fitted(model: Model, case: Case, targets: Iterable[str]) -> Fit:
    """Ask how the findings fit, with the marginals of all that may have to be named."""
    certain = _certain(model, case)
    hidden = [n for n in model.names("condition", *BETWEEN) if n not in certain]
    wanted = list(dict.fromkeys([*hidden, *targets]))
    return fit(case_network(model, case), case_evidence(model, case), wanted, {ASKS_FOR_CARE})


def _check_target(model: Model, certain: set[str], target: str) -> None:
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


def _frame(model: Model, case: Case, weights: Attribution, fitted: Fit) -> pd.DataFrame:
    names = fitted.findings
    frame = pd.DataFrame(
        {
            "finding": pd.Series(names, dtype=object),
            "state": [case.understood.get(n) or case.findings.get(n, "soft") for n in names],
            "label": [_finding_label(model, case, n) for n in names],
            "alone": weights.alone,
            "given_rest": weights.given_rest,
            "shapley": weights.shapley,
            "error": weights.error,
            "expected": fitted.expected,
            "usual": fitted.usual,
        }
    )
    order = np.argsort(-np.abs(weights.shapley), kind="stable")
    return frame.iloc[order].reset_index(drop=True)


def _misfits(model: Model, case: Case, fitted: Fit) -> pd.DataFrame:
    rows = [
        (
            fitted.findings[i],
            _finding_label(model, case, fitted.findings[i]),
            float(fitted.expected[i]),
            float(fitted.usual[i]),
        )
        for i in fitted.misfits()
    ]
    return pd.DataFrame(rows, columns=["finding", "label", "expected", "usual"])


def _rivals(model: Model, fitted: Fit, conditions: Sequence[str]) -> pd.DataFrame:
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
    columns = ["finding", "condition", "label", "probability", "expected", "times"]
    return pd.DataFrame(rows, columns=columns)


def _paths(
    model: Model,
    network: Network,
    known: Evidence,
    target: str,
    certain: set[str],
    findings: Sequence[str],
) -> pd.DataFrame:
    graph = arrows(network, known.do)
    labels = {name: info.label for name, info in model.variables.items()}
    rows = [
        (finding, trail.kind, trail.nodes, trail.written(labels))
        for finding in findings
        for trail in trails(graph, target, finding, certain, known.likelihoods)
    ]
    return pd.DataFrame(rows, columns=["finding", "kind", "nodes", "text"])


def _mechanisms(model: Model, fitted: Fit, paths: pd.DataFrame) -> pd.DataFrame:
    """Return what lies between target and findings, and how the findings moved it."""
    between = dict.fromkeys(
        name
        for nodes in paths["nodes"]
        for name in nodes[1:-1]
        if name in fitted.before and model.variables[name].layer in BETWEEN
    )
    rows = []
    for name in between:
        prior, now = (float(1 - p[name][0]) for p in (fitted.before, fitted.after))
        rows.append((name, model.variables[name].label, prior, now))
    rows.sort(key=lambda row: -abs(row[3] - row[2]))
    return pd.DataFrame(rows, columns=["name", "label", "prior", "probability"])


def _points(frame: pd.DataFrame) -> list[str]:
    width = max(len(label) for label in frame["label"])
    lines = [f"  {'finding':<{width}}  {'alone':>6} {'given rest':>10} {'fair share':>10}"]
    lines += [
        f"  {row['label']:<{width}}  {row['alone']:>+6.1f} {row['given_rest']:>+10.1f}"
        f" {row['shapley']:>+10.1f}  {strength(row['shapley'])}"
        for row in rows_of(frame)
    ]
    total = float(frame["shapley"].sum())
    return [*lines, f"  {'together':<{width}}  {'':>6} {'':>10} {total:>+10.1f}"]


def _precision(answer: Explanation) -> list[str]:
    notes = []
    if answer.orders:
        largest = float(answer.frame["error"].max())
        notes.append(
            f"The fair shares are means over {answer.orders} drawn orders"
            f" (standard error at most {largest:.1f}); their sum is exact."
        )
    if answer.clamped:
        notes.append(f"A probability of 0 or 1 is counted as {LARGEST:.0f} points.")
    return notes


def _harmony(answer: Explanation) -> list[str]:
    lines = [f"Conflict {answer.conflict:+.1f} bits: "]
    lines[0] += (
        "the findings go together badly, or the case is rare."
        if answer.conflict > 0
        else "the findings support each other."
    )
    for row in rows_of(answer.misfits):
        lines.append(
            f"  “{row['label']}” fits badly: {frequency(row['expected'])} with the other answers,"
            f" {frequency(row['usual'])} usually. Check it again."
        )
        for rival in rows_of(answer.rivals[answer.rivals["finding"] == row["finding"]]):
            lines.append(
                f"    {rival['label']} would explain it ({frequency(rival['expected'])} if so);"
                f" its own chance is {frequency(rival['probability'])}."
            )
    return lines
