"""Read the rules of triage from the tables, and check every name in them."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from lumbayes.cases.exclusions import read_exclusions
from lumbayes.cases.qualifiers import read_danger
from lumbayes.errors import unknown_name
from lumbayes.knowledge.definition import ROLE_COLUMNS, UNSURE
from lumbayes.knowledge.tables import Row, read_table
from lumbayes.triage.rules import LEVELS, SOON, Atom, Clause, Rule, Rules, Screen, Sign, Threshold

if TYPE_CHECKING:
    from lumbayes.knowledge.model import Model

RULE_COLUMNS = (
    *("rule", "level", "when", "reason", "what_to_do", "how_soon", "source", "reviewed_by"),
    "note",
)
THRESHOLD_COLUMNS = (
    *("condition", "level", "how_soon", "threshold", "cost_false_alarm", "cost_missed", "source"),
    *("grade", "note"),
)
SCREEN_COLUMNS = ("screen", "kind", "variable", "states", "text")
DURATIONS = ("unknown", "no_pain", "under_6w", "6_to_12w", "over_12w")
TEXT_KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "what_to_do": LEVELS,
        "how_soon": LEVELS,
        "emergency_number": ("neutral",),
        "same_day_help": ("neutral",),
        "region_as": ("FR",),
        "look_again": (*LEVELS[:2], *DURATIONS),
        "what_would_change": ("1",),
        "sentence": (
            *("nothing", "minor", "minor_what", "old_stable", "posterior", "ask_again"),
            *("open", "open_calm", "open_what", "open_soon", "unclear", "unclear_what"),
            *(
                *("driving", "within_days", "unread", "unread_what", "contradiction"),
                "contradiction_what",
            ),
            *LEVELS[:3],
        ),
    }
)
PLACES = frozenset({"emergency", "same_day_help"})
SENTENCE_PLACES = PLACES | {"label", "action", "signs", "count"}


def read_states(folder: Path | None = None) -> dict[str, tuple[str, ...]]:
    """Return the states of every variable, in the order of ``states.csv``.

    Examples
    --------
    >>> read_states()["fever"]
    ('no', 'yes')
    """
    states: dict[str, tuple[str, ...]] = {}
    for row in read_table("states.csv", ("variable", "state", "label"), folder):
        states[row["variable"]] = (*states.get(row["variable"], ()), row["state"])
    return states


def read_rules(
    folder: Path | None = None, states: Mapping[str, tuple[str, ...]] | None = None
) -> tuple[Rule, ...]:
    """Read ``triage.csv`` and check every name in it.

    Parameters
    ----------
    folder : Path, optional
        Where the tables lie; the shipped ones if left out.
    states : mapping of variable to states, optional
        The known names; read from ``states.csv`` of the folder if left out.

    Returns
    -------
    tuple of Rule
        In the order of the table.

    Raises
    ------
    TableError
        With file and line: an unknown level, variable or state, a condition that cannot be read, an
        empty text, a name used twice.

    Examples
    --------
    >>> rule = next(r for r in read_rules() if r.name == "fever_infection_risk")
    >>> rule.level, rule.fires({"fever": (2,), "injected_drugs": (2,)})
    ('emergency_now', True)
    """
    known = read_states(folder) if states is None else states
    may_exclude = _with_role("may_exclude", folder)
    rules: list[Rule] = []
    for row in read_table("triage.csv", RULE_COLUMNS, folder):
        name = row.text("rule")
        if any(name == other.name for other in rules):
            raise row.error(f"rule {name!r} is there twice. Give each rule a name of its own.")
        rules.append(
            Rule(
                name=name,
                level=row.choice("level", LEVELS),
                clauses=tuple(
                    _clause(row, text, known, may_exclude) for text in row.text("when").split("&")
                ),
                reason=_text(row, "reason", PLACES),
                what_to_do=_text(row, "what_to_do", PLACES),
                how_soon=row.choice("how_soon", SOON),
                source=tuple(key.strip() for key in row.text("source").split(";")),
                reviewed_by=row["reviewed_by"],
                note=row["note"],
                line=row.line,
            )
        )
    return tuple(rules)


def read_thresholds(
    folder: Path | None = None, states: Mapping[str, tuple[str, ...]] | None = None
) -> tuple[Threshold, ...]:
    """Read ``thresholds.csv``; each threshold must follow from its two costs.

    Raises
    ------
    TableError
        With file and line: an unknown condition or level, a cost that is not positive, a threshold
        that is not cost_false_alarm / (cost_false_alarm + cost_missed).

    Examples
    --------
    >>> [t.threshold for t in read_thresholds() if t.condition == "radiculopathy"]
    [0.5]
    """
    known = read_states(folder) if states is None else states
    thresholds: list[Threshold] = []
    for row in read_table("thresholds.csv", THRESHOLD_COLUMNS, folder):
        threshold = Threshold(
            condition=row.choice("condition", known),
            level=row.choice("level", LEVELS[:3]),
            how_soon=row.choice("how_soon", SOON),
            threshold=row.number("threshold", 0.0, 1.0),
            cost_false_alarm=row.number("cost_false_alarm", 1e-9),
            cost_missed=row.number("cost_missed", 1e-9),
            source=row.text("source"),
            grade=row.choice("grade", ("A", "B", "C", "D")),
            note=row["note"],
            line=row.line,
        )
        total = threshold.cost_false_alarm + threshold.cost_missed
        if abs(threshold.threshold - threshold.cost_false_alarm / total) > 1e-6:
            raise row.error(
                f"threshold is {threshold.threshold:g}, but the costs give"
                f" {threshold.cost_false_alarm / total:g}. Mend one of them."
            )
        if any(threshold.name == other.name for other in thresholds):
            raise row.error(
                f"{threshold.condition} has two thresholds for {threshold.level}. Keep one."
            )
        thresholds.append(threshold)
    return tuple(thresholds)


@lru_cache(maxsize=8)
def load_rules(folder: Path | None = None) -> Rules:
    """Read every table that triage needs, once for each folder.

    Examples
    --------
    >>> load_rules().labels["fever"]
    'Fever'
    """
    states = read_states(folder)
    columns = (
        *("name", "layer", "group", "ask", "cost", "label"),
        *("clinician_label", "question", "help"),
    )
    variables = read_table("variables.csv", columns, folder)
    skips: dict[str, tuple[tuple[str, int], ...]] = {}
    for row in read_table("skips.csv", ("question", "variable", "state"), folder):
        name = row.choice("variable", states)
        bit = 1 << states[name].index(row.choice("state", states[name]))
        skips[row["question"]] = (*skips.get(row["question"], ()), (name, bit))
    groups = {row["name"]: row["group"] for row in variables}
    asked = frozenset(row["name"] for row in variables if row["ask"] == "question")
    questions = {row["name"]: row["question"] for row in variables}
    return Rules(
        rules=read_rules(folder, states),
        thresholds=read_thresholds(folder, states),
        texts=_read_texts(folder),
        states=MappingProxyType(states),
        labels=MappingProxyType({row["name"]: row["label"] for row in variables}),
        asked=asked,
        skips=MappingProxyType(skips),
        excluded=read_exclusions(states, groups, folder),
        screens=_read_screens(folder, states, questions),
        unchanged=_with_role("unchanged", folder),
        old_or_new=_with_role("old_or_new", folder),
        danger=read_danger(folder),
    )


def _with_role(role: str, folder: Path | None) -> frozenset[str]:
    rows = read_table("roles.csv", ROLE_COLUMNS, folder)
    return frozenset(row.text("variable") for row in rows if row.text("role") == role)


def _read_screens(
    folder: Path | None, states: Mapping[str, tuple[str, ...]], questions: Mapping[str, str]
) -> tuple[Screen, ...]:
    """Read ``screens.csv``: a row without a variable begins a screen, the others are its signs."""
    screens: list[Screen] = []
    seen: set[str] = set()
    for row in read_table("screens.csv", SCREEN_COLUMNS, folder):
        name, variable = row.text("screen"), row["variable"]
        if not variable:
            kind = row.choice("kind", ("any", "each"))
            screens.append(Screen(name, row.text("text"), (), kind == "any"))
            continue
        if not screens or screens[-1].name != name:
            raise row.error(f"no row without a variable begins the screen {name!r}. Add one.")
        known = states[row.choice("variable", questions)]
        if variable in seen:
            raise row.error(f"{variable} is on a screen already. Keep one.")
        seen.add(variable)
        among = row["states"].split("|") if row["states"] else known[1:]
        for state in among:
            if state not in known:
                raise row.error(str(unknown_name(f"state of {variable}", state, known)))
        bits = sum(1 << known.index(state) for state in among)
        sign = Sign(variable, row["text"] or questions[variable], bits)
        screens[-1] = replace(screens[-1], signs=(*screens[-1].signs, sign))
    return tuple(screens)


@lru_cache(maxsize=8)
def rules_of(source: Rules | Model) -> Rules:
    """Return the rules themselves, or those of a model's folder.

    Examples
    --------
    >>> rules_of(load_rules()) is load_rules()
    True
    """
    return source if isinstance(source, Rules) else load_rules(source.folder)


def _clause(
    row: Row, text: str, states: Mapping[str, tuple[str, ...]], may_exclude: frozenset[str]
) -> Clause:
    """Read alternatives joined by ``|``, with ``2 of`` in front where two are needed."""
    counted = re.fullmatch(r"\s*(\d+)\s+of\s+(.*)", text)
    needed, alternatives = (int(counted[1]), counted[2]) if counted else (1, text)
    atoms = tuple(_atom(row, part.strip(), states, may_exclude) for part in alternatives.split("|"))
    twice = sorted({str(a) for a in atoms if atoms.count(a) > 1})
    if twice:
        raise row.error(f"when: {', '.join(twice)} is there twice in one clause. Keep one.")
    clause = Clause(atoms, needed)
    if not 1 <= needed <= len(clause.literals):
        raise row.error(
            f"when: {needed} of {len(atoms)} alternatives can never hold: {text.strip()!r}."
        )
    return clause


def _atom(
    row: Row, text: str, states: Mapping[str, tuple[str, ...]], may_exclude: frozenset[str]
) -> Atom:
    found = re.fullmatch(r"(\w+)(!?=)(\w+)", text)
    if found is None:
        raise row.error(
            f"when: {text!r} cannot be read. Write variable=state, alternatives joined by |,"
            " clauses joined by &, '2 of' before a clause that needs two."
        )
    variable, sign, state = found.groups()
    if variable not in states:
        raise row.error(f"when: {unknown_name('variable', variable, states)}")
    allowed = (*states[variable], UNSURE)
    if state not in allowed:
        raise row.error(f"when: {unknown_name(f'state of {variable}', state, allowed)}")
    if sign == "!=" and variable not in may_exclude:
        raise row.error(
            f"when: {text} would let an answer switch an alarm off. Only these may be excluded:"
            f" {', '.join(sorted(may_exclude))}."
        )
    return Atom(variable, state, 1 << allowed.index(state), sign == "!=")


def _text(row: Row, column: str, places: frozenset[str]) -> str:
    """Read a text whose placeholders are known."""
    text = row.text(column)
    try:
        used = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError as error:
        raise row.error(
            f"{column}: {error}. Braces hold one of: {', '.join(sorted(places))}."
        ) from None
    for name in sorted(used - places):
        raise row.error(f"{column}: {unknown_name('placeholder', name, sorted(places))}")
    return text


def _read_texts(folder: Path | None) -> Mapping[str, Mapping[str, str]]:
    """Read ``triage_texts.csv``: kind → key → text, every key that the code asks for present."""
    texts: dict[str, dict[str, str]] = {kind: {} for kind in TEXT_KEYS}
    rows = read_table("triage_texts.csv", ("kind", "key", "text"), folder)
    for row in rows:
        kind, key = row.choice("kind", TEXT_KEYS), row.text("key")
        if key in texts[kind]:
            raise row.error(f"{kind} {key!r} is there twice. Keep one.")
        texts[kind][key] = _text(row, "text", SENTENCE_PLACES if kind == "sentence" else PLACES)
    for kind, keys in TEXT_KEYS.items():
        for key in keys:
            if key not in texts[kind]:
                last = rows[-1] if rows else Row("triage_texts.csv", 1, {})
                raise last.error(f"after this line, {kind} {key!r} is missing. Add a row for it.")
    for row in rows:  # a country that shares the numbers of another region
        if row["kind"] == "region_as":
            known = texts["emergency_number"]
            known[row.text("key")] = known[row.choice("text", known)]
            like = texts["same_day_help"].get(row["text"], texts["same_day_help"]["neutral"])
            texts["same_day_help"][row.text("key")] = like
    for region in texts["emergency_number"]:
        texts["same_day_help"].setdefault(region, texts["same_day_help"]["neutral"])
    return MappingProxyType({kind: MappingProxyType(keys) for kind, keys in texts.items()})
