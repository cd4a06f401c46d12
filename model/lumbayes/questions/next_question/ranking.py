"""Answer the question: which finding is worth asking for next, and when to stop asking.

Red flags come first, whatever they tell: rules before numbers. All other questions are ordered by
the information expected from them, in bits, minus their cost (``variables.csv``). A stop sign says
that no single answer could change the urgency or the muscle that a plan works on first.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from lumbayes.cases.case import Case
from lumbayes.errors import unknown_name
from lumbayes.knowledge.definition import ASKED_AS
from lumbayes.knowledge.model import Model
from lumbayes.network.variables import Array
from lumbayes.questions.conditioning import Records, plain
from lumbayes.questions.next_question.lookahead import (
    ALARMING,
    Answers,
    alarming_questions,
    answers_to,
    leading_choice,
    levels_after,
    open_questions,
    standing,
)
from lumbayes.text import Told, frequency
from lumbayes.triage.known import case_known
from lumbayes.triage.reader import load_rules
from lumbayes.triage.rules import LEVELS

if TYPE_CHECKING:
    import pandas as pd

KINDS = tuple(kind for kind in ASKED_AS if kind != "none")
COLUMNS = (
    *("variable", "label", "question", "ask", "information", "cost", "score"),
    *("red_flag", "same_decision", "reason"),
)
LEVEL_WORDS = MappingProxyType(
    {
        "emergency_now": "emergency help now",
        "urgent_physician": "a doctor today or within days",
        "routine_physician": "a routine visit to a doctor",
        "self_care_exercises": "self-care and exercises",
    }
)


@dataclass(frozen=True, eq=False, repr=False)
class NextQuestions(Told):
    """What to ask next, best first, and whether to stop.

    Attributes
    ----------
    rows : Records
        One row a question: ``variable``, ``label``, ``question``, ``ask`` (question, self_test or
        clinical_test), ``information`` in bits (NaN for an input of triage alone: it has no
        probability), ``cost``, ``score`` (information - cost), ``red_flag``, ``same_decision``
        (chance that the answer leaves urgency and plan as they are; 1 or NaN for an input of triage
        alone, NaN where some answer would change them) and ``reason`` in plain words. As a frame:
        ``frame``.
    stop : bool
        Whether no single answer, to any open question, could change the level or the plan's
        leading choice.
    stop_reason : str
        Why to stop, or what could still change.
    """

    rows: Records
    stop: bool
    stop_reason: str

    @property
    def frame(self) -> pd.DataFrame:
        """The questions, best first."""
        return self.rows.frame

    def to_dict(self) -> dict[str, Any]:
        """Return questions and stop sign ready for JSON; None for what has no number."""
        rows = [plain(row) for row in self.rows]
        return {"questions": rows, "stop": self.stop, "stop_reason": self.stop_reason}

    def to_text(self) -> str:
        """Return the questions for people, one a line, and the stop sign."""
        lines = ["WORTH ASKING NEXT"] if len(self.rows) else []
        for row in self.rows:
            lines += [f"  {row['question'] or row['label']}", f"      {row['reason']}"]
        return "\n".join([*lines, self.stop_reason])


def next_questions(
    model: Model,
    case: Case,
    target: str | None = None,
    limit: int | None = 5,
    *,
    kinds: Collection[str] = KINDS,
) -> NextQuestions:
    """Return the questions most worth asking.

    Arguments and errors as of ``doors.one_case.next_questions``; ``kinds`` says which may be asked.
    Without a target the information is summed over all conditions, each present or absent: one that
    can be learned about counts once, whether it is the likeliest or not. The stop sign looks at
    every question. Red flags come first: unanswered inputs of an emergency or urgent rule above the
    present level that one answer would fire, or that an answer already given has half woken.

    Notes
    -----
    The information is the mutual information I(T; X | e) = H(T | e) - sum_x P(x | e) H(T | e, x),
    at least 0 (Lindley 1956; Gorry & Barnett 1968 for diagnosis). ``same_decision`` is the
    same-decision probability of Choi, Xue & Darwiche (2012) for one question; the decision is the
    level of triage together with the imbalance a plan works on first: the likeliest one, or none
    if it is less likely than any back's need of exercise (``exercises.GENERAL_NEED``), or none at
    all where the level allows no plan.

    Examples
    --------
    >>> from lumbayes.cases.case import parse_case
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> case = parse_case(model, {"low_back_pain": "yes"})
    >>> asked = next_questions(model, case, target="axial_spondyloarthritis", limit=None).frame
    >>> bool((asked["information"].dropna() >= 0).all()), bool(asked["red_flag"].iloc[0])
    (True, True)
    """
    for kind in kinds:
        if kind not in KINDS:
            raise unknown_name("kind of question", kind, KINDS)
    targets = model.names("condition") if target is None else (model.network[target].name,)
    rules, facts = load_rules(model.folder), case_known(model, case)
    asked = open_questions(model, case, kinds)
    floor = LEVELS.index("routine_physician") if case.minor else len(LEVELS) - 1
    known = standing(model, case, rules, facts)
    level = int(levels_after(rules, facts, (("", ""),), known.care, floor)[0])
    answers, care = answers_to(model, case, known, asked, targets)
    now = {name: p[:, None] for name, p in answers.before.items()}
    choice = leading_choice(model, now, np.array([level]))[0]
    levels = levels_after(rules, facts, answers.answers, care, floor)
    same = (levels == level) & (leading_choice(model, answers.after, levels) == choice)

    bits = {t: information(answers, t) for t in targets}
    flags = alarming_questions(rules, facts, level, asked)
    rows = []
    for i, name in enumerate(answers.questions):
        info = model.variables[name]
        own = (answers.question == i) & ~(answers.probability <= 0)
        if own.sum() < 2:
            continue  # what is known already settles it
        change = not same[own].all()
        stays = float(answers.probability[own] @ same[own]) if change else 1.0
        expected = sum(float(b[i]) for b in bits.values()) if name in model.network else math.nan
        if not change and math.isnan(expected):
            continue
        told = max(bits, key=lambda t: bits[t][i]) if expected > 0 else ""
        rows.append(
            {
                "variable": name,
                "label": info.label,
                "question": info.question,
                "ask": info.ask,
                "information": expected,
                "cost": info.cost,
                "score": expected - info.cost,
                "red_flag": name in flags,
                "same_decision": min(stays, 1.0),
                "reason": _reason(model, flags.get(name), int(levels[own].min()), level, told),
                "change": change,
            }
        )
    rows.sort(key=lambda row: _order(row, flags))
    stop_reason = _stop_reason(rows, level)
    best = [{name: row[name] for name in COLUMNS} for row in rows[:limit]]
    stop = not any(row["change"] for row in rows)
    return NextQuestions(Records(COLUMNS, best), stop, stop_reason)


def information(answers: Answers, target: str) -> Array:
    """Return the mutual information of the target with each question, in bits."""
    start = _entropy(answers.before[target][:, None])[0]
    left = np.nan_to_num(answers.probability) * _entropy(answers.after[target])
    remaining = np.bincount(answers.question, left, minlength=len(answers.questions))
    gained: Array = np.maximum(start - remaining, 0.0)
    return gained


def _entropy(p: Array) -> Array:
    """Return the entropy of each column, in bits."""
    logs: Array = np.log2(p, out=np.zeros_like(p), where=p > 0)
    total: Array = (p * logs).sum(axis=0)
    return -total


def _order(row: Mapping[str, Any], flags: Mapping[str, tuple[int, int]]) -> tuple[float, ...]:
    """Sort red-flag questions first, nearest to an alarm first; all else by score."""
    score = -1.0 if math.isnan(row["score"]) else row["score"]
    if row["red_flag"] and row["ask"] == "question":
        stays = 1.0 if math.isnan(row["same_decision"]) else row["same_decision"]
        return (0.0, *map(float, flags[row["variable"]]), stays, -score)
    return (1.0, -score)


def _reason(model: Model, flag: tuple[int, int] | None, reached: int, level: int, told: str) -> str:
    """Say why a question is asked."""
    if flag and flag[0] == 1:
        return f"Warning sign: one answer would mean {LEVEL_WORDS[LEVELS[flag[1]]]}."
    if flag:
        return f"Together with other answers it could mean {LEVEL_WORDS[LEVELS[flag[1]]]}."
    if reached < level:
        return f"One answer would mean {LEVEL_WORDS[LEVELS[reached]]}."
    if told:
        return f"It tells most about: {model.variables[told].label}."
    return "It tells nothing new about what you asked for."


def _stop_reason(rows: Sequence[Mapping[str, Any]], level: int) -> str:
    """Say why to stop, or what could still change."""
    if level <= ALARMING and not any(row["change"] for row in rows):
        return f"No further answer would change the advice: {LEVEL_WORDS[LEVELS[level]]}."
    if not rows:
        return "Nothing is left to ask."
    changing = [row for row in rows if row["change"]]
    if not changing:
        return "You can stop here: no single answer would change the advice or the plan."
    flagged = sum(row["red_flag"] for row in changing)
    if flagged:
        return f"Questions and tests that could still raise the advice: {flagged}."
    chances = [1 - row["same_decision"] for row in changing if row["same_decision"] >= 0]
    most = ""
    if chances:
        chance = frequency(max(chances)).removeprefix("about ")
        most = f" The most telling one would do so for {chance} people with your answers."
    return (
        f"Questions whose answer could still change the advice or the plan: {len(changing)}.{most}"
    )
