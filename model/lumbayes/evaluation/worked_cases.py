"""How good are the answers? Worked cases scored, and probabilities held against known truth."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from lumbayes.cases.json_values import load_json
from lumbayes.errors import CaseError, LumbayesError, unknown_name
from lumbayes.knowledge.conversions import binomial_interval
from lumbayes.knowledge.model import Model
from lumbayes.knowledge.tables import data_dir
from lumbayes.limits import FILE, text_within
from lumbayes.triage.rules import LEVELS

Assess = Callable[[Model, Mapping[str, Any]], Mapping[str, Any]]
Array = npt.NDArray[np.float64]

NOT_OF_THE_PERSON = ("answer", "read")  # what is expected, how much of the report was seen
ALARMING = 1  # rank of the least urgent level that is an alarm
RATIO_FOUND = 10.0
SMALLEST_PROBABILITY = 1e-6
RESAMPLES = 2000


@dataclass(frozen=True)
class WorkedCase:
    """A case with the answer expected of it.

    ``acceptable`` holds the strict ``diagnosis`` and its accepted alternatives, of which some may
    not be in the network; ``acceptable_levels`` the care levels that are right.
    """

    id: str
    kind: str
    data: Mapping[str, Any]
    diagnosis: str
    acceptable: tuple[str, ...]
    level: str
    acceptable_levels: tuple[str, ...]

    @property
    def group(self) -> str:
        """``"constructed"``, or ``"published"`` for all others."""
        return "constructed" if self.kind == "constructed" else "published"


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The score of a set of cases.

    Attributes
    ----------
    cases : DataFrame
        One row a case: expected and given level, rank of the strict and of the best acceptable
        condition in the differential (1 is first, infinite if not listed), probability of the
        strict one, whether it and whether an acceptable one is in the network at all, whether a
        dangerous one was found, and the error if it was refused.
    measures : DataFrame
        Index ``(group, measure)`` with groups ``all``, ``published``, ``constructed``; columns
        ``value``, ``low``, ``high`` (bootstrap 95 % interval over cases), ``n``. Levels count for
        every case, conditions for those whose condition is in the network.
    confusion : DataFrame
        Cases counted by expected level (rows) and given level (columns, ``error`` last).
    """

    cases: pd.DataFrame
    measures: pd.DataFrame
    confusion: pd.DataFrame


def read_worked_cases(model: Model, path: Path | None = None) -> tuple[WorkedCase, ...]:
    """Read worked cases from JSON Lines, each with ``facts`` or ``findings`` and an ``answer``.

    A case whose ``diagnosis_text`` says its condition in words may have a diagnosis that the
    network lacks, such as ``limb_ischaemia``: it counts for the care level, and ``report`` says so.

    Parameters
    ----------
    model : Model
        Supplies the conditions.
    path : Path, optional
        The shipped open cases if left out.

    Raises
    ------
    CaseError
        If the file or a line cannot be read or an answer is incomplete; names file and line.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> cases = read_worked_cases(load_model())
    >>> len(cases), cases[0].diagnosis, cases[0].level
    (20, 'post_gmed_weak_tfl_tight', 'self_care_exercises')
    """
    file = path or data_dir() / "cases" / "open_cases.jsonl"
    try:
        text = text_within(file, FILE)
    except OSError as error:
        raise CaseError(f"{file} cannot be read: {error.strerror}. Check the path.") from None
    except UnicodeDecodeError as error:
        at = error.start
        raise CaseError(f"{file} is not UTF-8 text (byte {at}). Save it as UTF-8.") from None
    cases = [
        _worked_case(model, load_json(line, f"{file}, row {i}"), f"{file}, row {i}")
        for i, line in enumerate(text.splitlines(), start=1)
        if line.strip()
    ]
    if not cases:
        raise CaseError(f"{file} holds no case. Write one case a line, each with an answer.")
    return tuple(cases)


def _worked_case(model: Model, data: object, place: str) -> WorkedCase:
    answer = data.get("answer") if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping) or not isinstance(answer, Mapping):
        raise CaseError(
            f"{place}: a worked case is an object with an answer, such as"
            ' {"facts": {…}, "answer": {"diagnosis": "gtps", "triage": "routine_physician"}}.'
        )
    name = place.rpartition(", ")[2]
    conditions = None if answer.get("diagnosis_text") else model.names("condition")
    diagnosis = _one_of(place, "diagnosis", answer.get("diagnosis"), conditions)
    level = _one_of(place, "triage", answer.get("triage"), LEVELS)
    others = _several(place, "acceptable_diagnoses", answer, conditions)
    levels = _several(place, "acceptable_triage", answer, LEVELS)
    return WorkedCase(
        str(data.get("id") or name),
        str(data.get("kind") or "published"),
        {k: v for k, v in data.items() if k not in NOT_OF_THE_PERSON},
        diagnosis,
        tuple(dict.fromkeys([diagnosis, *others])),
        level,
        tuple(dict.fromkeys([level, *levels])),
    )


def _several(
    place: str, field: str, answer: Mapping[str, Any], choices: Sequence[str] | None
) -> list[str]:
    given = answer.get(field)
    if not isinstance(given, list | None):
        raise CaseError(f"{place}: answer.{field} is {given!r}. Give a list, such as [{given!r}].")
    return [_one_of(place, field, value, choices) for value in given or []]


def _one_of(place: str, field: str, value: object, choices: Sequence[str] | None) -> str:
    if choices is None:
        if isinstance(value, str) and value.isidentifier():
            return value
        raise CaseError(
            f"{place}: answer.{field} is {value!r}. Give the name of a condition, such as gtps."
        )
    if value not in choices:
        raise CaseError(f"{place}: {unknown_name(f'answer.{field}', value, choices)}")
    return str(value)


def evaluate(model: Model, cases: Iterable[WorkedCase], assess: Assess) -> Evaluation:
    """Assess every case and score the answers.

    Parameters
    ----------
    model : Model
        Handed on to ``assess``.
    cases : iterable of WorkedCase
        As read by ``read_worked_cases``.
    assess : callable
        ``assess(model, data)`` returns the fixed output of ``lumbayes assess --json``. A case it
        refuses with a LumbayesError counts as wrong in every measure and keeps the message.

    Returns
    -------
    Evaluation
        Small sets give wide intervals; no calibration is drawn from them (see
        ``score_probabilities``).

    Raises
    ------
    CaseError
        If there is no case.
    """
    rows = pd.DataFrame([_score(model, case, _answer(model, case, assess)) for case in cases])
    if rows.empty:
        raise CaseError("no case to evaluate. Give at least one case with an answer.")
    rows = rows.set_index("id")
    measures = {
        (group, name): measured
        for group, chosen in (
            ("all", rows),
            ("published", rows[rows["group"] == "published"]),
            ("constructed", rows[rows["group"] == "constructed"]),
        )
        for name, measured in _measures(chosen).items()
    }
    table = pd.DataFrame.from_dict(measures, orient="index", columns=["value", "low", "high", "n"])
    table.index = pd.MultiIndex.from_tuples(measures, names=["group", "measure"])
    confusion = pd.crosstab(rows["expected_level"], rows["level"]).reindex(
        index=list(LEVELS), columns=[*LEVELS, "error"], fill_value=0
    )
    return Evaluation(rows, table, confusion)


def _answer(model: Model, case: WorkedCase, assess: Assess) -> tuple[Mapping[str, Any] | None, str]:
    try:
        return assess(model, case.data), ""
    except LumbayesError as error:
        return None, str(error)


def _score(
    model: Model, case: WorkedCase, answered: tuple[Mapping[str, Any] | None, str]
) -> dict[str, Any]:
    answer, error = answered
    level = answer["triage"]["level"] if answer else "error"
    differential = answer["differential"] if answer else []
    ranks = {d["condition"]: i for i, d in enumerate(differential, start=1)}
    probability = {d["condition"]: float(d["probability"]) for d in differential}
    first_two = answer["must_not_miss"][:2] if answer else []
    found = any(m["condition"] == case.diagnosis and m["ratio"] >= RATIO_FOUND for m in first_two)
    known = set(model.names("condition"))
    return {
        "id": case.id,
        "group": case.group,
        "expected_level": case.level,
        "level": level,
        "level_acceptable": level in case.acceptable_levels,
        "too_low": error != "" or _urgency(level) > max(map(_urgency, case.acceptable_levels)),
        "too_high": error == "" and _urgency(level) < min(map(_urgency, case.acceptable_levels)),
        "harmless": min(map(_urgency, case.acceptable_levels)) > ALARMING,
        "diagnosis": case.diagnosis,
        "first": differential[0]["condition"] if differential else "",
        "rank_strict": ranks.get(case.diagnosis, math.inf),
        "rank_acceptable": min(ranks.get(c, math.inf) for c in case.acceptable),
        "probability": probability.get(case.diagnosis, 0.0),
        "in_network": case.diagnosis in known,
        "acceptable_in_network": not known.isdisjoint(case.acceptable),
        "dangerous": case.diagnosis in model.with_role("must_not_miss"),
        "dangerous_found": found,
        "error": error,
    }


def _urgency(level: str) -> int:
    """Return 0 for the most urgent level; an error counts as less urgent than any."""
    return LEVELS.index(level) if level in LEVELS else len(LEVELS)


def _measures(rows: pd.DataFrame) -> dict[str, tuple[float, float, float, int]]:
    """Return value, interval and number of cases of every measure that the rows allow."""
    emergency = rows[rows["expected_level"] == "emergency_now"]
    harmless = rows[rows["harmless"]]
    common, dangerous = rows[~rows["dangerous"] & rows["in_network"]], rows[rows["dangerous"]]
    known = {"strict": rows[rows["in_network"]], "acceptable": rows[rows["acceptable_in_network"]]}
    scores: dict[str, tuple[pd.DataFrame, pd.Series[Any]]] = {
        "level_acceptable": (rows, rows["level_acceptable"]),
        "emergency_recall": (emergency, emergency["level"] == "emergency_now"),
        "harmless_spared": (harmless, harmless["level"].map(_urgency) > ALARMING),
        "level_too_low": (rows, rows["too_low"]),
        "level_too_high": (rows, rows["too_high"]),
    }
    for name, sets in (("", known), ("common_", dict.fromkeys(known, common))):
        for kind, of in sets.items():
            scores[f"{name}top1_{kind}"] = (of, of[f"rank_{kind}"] <= 1)
            scores[f"{name}top3_{kind}"] = (of, of[f"rank_{kind}"] <= 3)
    scores["dangerous_found"] = (dangerous, dangerous["dangerous_found"])
    of = known["strict"]
    scores["log_loss"] = (of, -np.log(of["probability"].clip(lower=SMALLEST_PROBABILITY)))
    return {
        name: (*mean_interval(values.to_numpy(dtype=np.float64)), len(of))
        for name, (of, values) in scores.items()
        if len(of)
    }


def mean_interval(values: Array, seed: int = 0) -> tuple[float, float, float]:
    """Return the mean and its 95 % interval.

    Of hits and misses Wilson's (``conversions.binomial_interval``), for one rule for all counts: 20
    of 20 is surer than 19 of 20. Of other values the percentile interval over resampled ones.

    Examples
    --------
    >>> mean, low, high = mean_interval(np.array([1.0, 1.0, 1.0]))
    >>> mean, round(low, 2), high
    (1.0, 0.44, 1.0)
    """
    n, mean, rng = len(values), float(values.mean()), np.random.default_rng(seed)
    if np.isin(values, (0.0, 1.0)).all():
        return mean, *binomial_interval(mean, n)
    means = np.array([values[rng.integers(n, size=n)].mean() for _ in range(RESAMPLES)])
    low, high = np.quantile(means, [0.025, 0.975])
    return mean, float(low), float(high)


def report(evaluation: Evaluation) -> str:
    """Return an evaluation as text: measures by group, levels, and every case that went wrong."""
    m = evaluation.measures
    lines = []
    for group in dict.fromkeys(m.index.get_level_values("group")):
        lines.append(f"{group} cases")
        for name, (value, low, high, n) in m.loc[group].iterrows():
            share = f"{value * n:.0f} of {n:.0f}" if name != "log_loss" else f"{value:.2f} nats"
            lines.append(f"  {name:24} {share:>12}   {value:.2f} ({low:.2f} to {high:.2f})")
    lines += [
        "In brackets 95 % intervals: Wilson's of shares, bootstrap of the log-loss. That is"
        " that of the expected condition alone; conditions do not exclude one another.",
        "",
        "Calibration, Brier score and area under the curve are not drawn from worked cases: give a"
        " table of many people whose conditions are known, such as simulated ones.",
    ]
    lines += ["", "levels: expected → given"]
    for expected, counts in evaluation.confusion.iterrows():
        lines += [f"  {expected} → {given}: {n}" for given, n in counts.items() if n]
    rows = evaluation.cases
    beyond = rows[~rows["in_network"]]
    if len(beyond):
        names = ", ".join(sorted(set(beyond["diagnosis"])))
        lines += ["", f"not in the network, scored for the care level ({len(beyond)}): {names}"]
    missed = rows["dangerous"] & ~rows["dangerous_found"]
    for id, row in rows[
        ~rows["level_acceptable"]
        | missed
        | (rows["acceptable_in_network"] & (rows["rank_acceptable"] > 3))
    ].iterrows():
        rank = row["rank_strict"]
        place = f"number {rank:.0f}" if math.isfinite(rank) else "not listed"
        place = place if row["in_network"] else "not in the network"
        ranking = f"{row['diagnosis']} is {place}, first is {row['first'] or 'none'}"
        lines.append(
            f"{id}: {row['level']} (expected {row['expected_level']}); {ranking}. {row['error']}"
        )
    return "\n".join(lines)
