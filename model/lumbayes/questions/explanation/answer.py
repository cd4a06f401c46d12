"""The explanation of one probability as an answer: frozen, in words, as plain data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lumbayes.knowledge.model import VariableInfo
from lumbayes.questions.conditioning import Records
from lumbayes.questions.explanation.attribution import LARGEST
from lumbayes.text import Told, frequency

if TYPE_CHECKING:
    import pandas as pd

STRENGTHS = ((1.0, "hardly"), (3.0, "slightly"), (7.0, "clearly"), (float("inf"), "strongly"))
HOW_TO_READ = (
    "Points are decibans: +3 doubles the odds, +10 makes them ten times as large. Findings overlap,"
    " so the points alone and given the rest need not add up. The fair shares do."
)


@dataclass(frozen=True, eq=False, repr=False)
class Explanation(Told):
    """Why the probability of one state of one variable is what it is.

    Attributes
    ----------
    target, state, label : str
        The hypothesis, and its name for people.
    prior, probability : float
        Before any finding, and with all of them.
    of_findings : Records
        One row a finding, largest share first: ``finding``, ``state``, ``label``, ``alone`` (its
        weight of evidence with nothing else known, in decibans), ``given_rest`` (with all others
        known), ``shapley`` (mean over all orders; the shares add up to the whole change of the
        log-odds), ``error`` (standard error of that mean where orders were drawn), ``expected``
        (P(finding | the others)) and ``usual`` (P(finding) in people who ask for care, if that is
        known, else in adults in general; both relative to the likeliest state if it is soft). As a
        frame: ``frame``.
    conflict : float
        log2(product of ``usual`` / P(all findings)), in bits; above 0 the findings go together
        badly, or the case is rare. Source: Jensen, Chamberlain, Nordahl & Jensen (1990).
    of_misfits : Records
        The findings that the others make improbable: ``finding``, ``label``, ``expected``,
        ``usual``.
    of_rivals : Records
        Conditions that would explain a misfit: ``finding``, ``condition``, ``label``,
        ``probability``, ``expected`` (P(finding | the others, condition)), ``times``.
    resolving : tuple of str
        Conditions that, if present, would bring the conflict below 0.
    of_paths : Records
        ``finding``, ``kind`` (effect, cause, shared or rivals), ``nodes`` from the target to the
        finding, ``text``.
    of_mechanisms : Records
        What lies on the paths: ``name``, ``label``, ``prior``, ``probability`` (of not being in
        its first state), most moved first.
    orders : int
        Drawn orders behind the shares; 0 if all subsets were asked.
    clamped : bool
        Whether a probability of 0 or 1 was counted as 120 decibans.

    ``misfits``, ``rivals``, ``paths`` and ``mechanisms`` are the records as frames.
    """

    target: str
    state: str
    label: str
    prior: float
    probability: float
    of_findings: Records
    conflict: float
    of_misfits: Records
    of_rivals: Records
    resolving: tuple[str, ...]
    of_paths: Records
    of_mechanisms: Records
    orders: int
    clamped: bool

    @property
    def frame(self) -> pd.DataFrame:
        """What each finding does, largest share first."""
        return self.of_findings.frame

    @property
    def misfits(self) -> pd.DataFrame:
        """The findings that the others make improbable."""
        return self.of_misfits.frame

    @property
    def rivals(self) -> pd.DataFrame:
        """Conditions that would explain a misfit."""
        return self.of_rivals.frame

    @property
    def paths(self) -> pd.DataFrame:
        """By which way each finding reaches the target."""
        return self.of_paths.frame

    @property
    def mechanisms(self) -> pd.DataFrame:
        """What lies on the paths, most moved first."""
        return self.of_mechanisms.frame

    @property
    def total(self) -> float:
        """The whole change of the log-odds, in decibans."""
        return math.fsum(self.of_findings.column("shapley"))

    @property
    def sentence(self) -> str:
        """The explanation in one sentence or three."""
        largest = max(self.prior, self.probability)
        scale = 100 if largest >= 0.01 else 1_000 if largest >= 0.001 else 10_000
        before, now = frequency(self.prior, scale), frequency(self.probability, scale)
        if not self.of_findings:
            return f"{self.label}: {now} in any adult. No finding has moved it."
        total = self.total
        if abs(total) < STRENGTHS[0][0]:
            said = [f"The answers hardly change the chance of “{self.label}”: {now}."]
        else:
            moved = "raise" if total > 0 else "lower"
            before = before.removeprefix("about ").removesuffix(f" in {scale:,}")
            said = [f"The answers {moved} the chance of “{self.label}” from {before} to {now}."]
        for sign, verb in ((1, "speaks most for it"), (-1, "speaks most against it")):
            most = [r["label"] for r in self.of_findings if sign * r["shapley"] >= STRENGTHS[0][0]]
            if most := most[:2]:
                named = " and ".join(f"“{label}”" for label in most)
                said.append(
                    f"{named} {verb.replace('speaks', 'speak') if len(most) > 1 else verb}."
                )
        return " ".join(said)

    @property
    def text(self) -> str:
        """The explanation in full."""
        lines = [self.sentence]
        if self.of_findings:
            lines += ["", "WHAT EACH FINDING DOES", HOW_TO_READ, *_points(self)]
            lines += [*_precision(self), "", "DO THE FINDINGS GO TOGETHER?", *_harmony(self)]
        if self.of_mechanisms:
            lines += ["", "WHAT LIES BETWEEN"]
            lines += [
                f"  {row['label']}: {frequency(row['prior'])} before,"
                f" {frequency(row['probability'])} now"
                for row in self.of_mechanisms
            ]
        if self.of_paths:
            lines += ["", "HOW THE FINDINGS REACH IT (an arrow points from cause to effect)"]
            lines += [f"  {text}" for text in self.of_paths.column("text")]
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
            "findings": list(self.of_findings),
            "conflict": self.conflict,
            "misfits": list(self.of_misfits),
            "rivals": list(self.of_rivals),
            "resolving": list(self.resolving),
            "paths": [row | {"nodes": list(row["nodes"])} for row in self.of_paths],
            "mechanisms": list(self.of_mechanisms),
            "sentence": self.sentence,
        }


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
    >>> from lumbayes.knowledge.model import load_model
    >>> state_words(load_model().variables["leg_pain"], "above_knee or below_knee")
    'Down to the thigh or Below the knee'
    >>> state_words(load_model().variables["night_pain"], "no (0.6) or yes (1)")
    'No (0.6) or Yes (1)'
    """
    if said in info.states:
        return info.state_label(said)
    words = []
    for part in said.split(" or "):
        state, space, weight = part.partition(" ")
        words.append((info.state_label(state) if state in info.states else state) + space + weight)
    return " or ".join(words)


def _points(answer: Explanation) -> list[str]:
    width = max(len(label) for label in answer.of_findings.column("label"))
    lines = [f"  {'finding':<{width}}  {'alone':>6} {'given rest':>10} {'fair share':>10}"]
    lines += [
        f"  {row['label']:<{width}}  {_signed(row['alone']):>6} {_signed(row['given_rest']):>10}"
        f" {_signed(row['shapley']):>10}  {strength(row['shapley'])}"
        for row in answer.of_findings
    ]
    return [*lines, f"  {'together':<{width}}  {'':>6} {'':>10} {_signed(answer.total):>10}"]


def _signed(decibans: float) -> str:
    """Write points with their sign; what rounds to nothing is +0.0, wherever it comes from."""
    return f"{round(decibans, 1) + 0.0:+.1f}"


def _precision(answer: Explanation) -> list[str]:
    notes = []
    if answer.orders:
        largest = max(answer.of_findings.column("error"))
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
    for row in answer.of_misfits:
        lines.append(
            f"  “{row['label']}” fits badly: {frequency(row['expected'])} with the other answers,"
            f" {frequency(row['usual'])} usually. Check it again."
        )
        for rival in answer.of_rivals:
            if rival["finding"] != row["finding"]:
                continue
            lines.append(
                f"    {rival['label']} would explain it ({frequency(rival['expected'])} if so);"
                f" its own chance is {frequency(rival['probability'])}."
            )
    return lines
