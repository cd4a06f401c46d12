"""Laws: no length of the pain hides a new start, and what was found or suspected is acted on."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rule_examples import FIRES, findings

from lumbayes.cases.case import understand
from lumbayes.knowledge.model import Model
from lumbayes.knowledge.tables import read_table
from lumbayes.triage.care_level import care_level
from lumbayes.triage.judgement import triage
from lumbayes.triage.known import rules_level
from lumbayes.triage.reader import load_rules
from lumbayes.triage.rules import Rule, rank

RULES = load_rules()
COLUMNS = ("rule", "durations", "left", "source", "grade", "reason")
EXCUSES = {row["rule"]: row for row in read_table("duration_excuses.csv", COLUMNS)}
ALARMS = {rule.name: rule for rule in RULES.rules if rank(rule.level) <= 1}
LENGTHS = RULES.states["duration"]


def level(said: dict[str, str]) -> int:
    """The place of the level by the rules alone."""
    return rank(rules_level(RULES, RULES.known(said)))


def test_every_excuse_of_a_length_is_listed_with_its_source() -> None:
    """And nothing else: whichever rule a length may narrow stands in the table, and how far."""
    for name, rule in ALARMS.items():
        narrowed = {a.state for a in rule.atoms if a.variable == "duration" and a.negated}
        listed = EXCUSES[name]["durations"].split(";") if name in EXCUSES else []
        assert narrowed == set(listed), name
    for name, row in EXCUSES.items():
        assert row["grade"] in "ABCD" and row["reason"]
        assert row["source"] in (*ALARMS[name].source, "expert"), name


@pytest.mark.parametrize("name", ALARMS)
def test_a_length_lowers_no_alarm_but_those_listed(name: str) -> None:
    """Every emergency and urgent rule with every length; a listed one falls as far as it says."""
    said = findings(FIRES[name])
    said.pop("duration", None)
    if not ALARMS[name].fires(RULES.known(said)):
        return  # it needs a length itself
    for length in LENGTHS:
        listed = [EXCUSES[n] for n in triage(RULES, said).rules if n in EXCUSES]
        excused = [rank(e["left"]) for e in listed if length in e["durations"].split(";")]
        most = max([level(said), *excused])
        assert level({**said, "duration": length}) <= most, length


OTHERS = sorted({a.variable for r in RULES.rules for a in r.atoms} - {"duration", "onset"})
ANSWERS = [(n, s) for n in OTHERS for s in (*RULES.states[n], "unsure")]


@settings(max_examples=400)
@given(st.lists(st.sampled_from(ANSWERS), max_size=8).map(dict), st.sampled_from(LENGTHS))
def test_a_length_never_excuses_a_sudden_start(others: dict[str, str], length: str) -> None:
    """Acute on chronic. Old pain in both legs may be less pressing, or old growth or risk."""
    said = {**others, "onset": "sudden"}
    fired = set(triage(RULES, said).rules)
    never = {
        name
        for name in EXCUSES
        if not any(
            {"duration", "onset"} <= {a.variable for a in clause.atoms}
            for clause in ALARMS[name].clauses
        )
    }
    if fired & never:
        return
    assert level({**said, "duration": length}) <= level(said)


@pytest.mark.parametrize("length", ["20 years", "for 20 years", "12 weeks"])
def test_sudden_severe_pain_from_60_on_is_urgent_after_years_of_pain(
    model: Model, length: str
) -> None:
    facts = {"age_years": 67, "sex": "male", "low_back_pain": True, "severe_pain": True}
    case = understand(model, {"facts": {**facts, "duration": length, "onset": "sudden today"}})
    assert care_level(model, case).level == "urgent_physician"


# What was found or suspected.

STATED = [rule for rule in RULES.rules if rule.name.startswith("told_")]
DENIED = {
    sign.variable: RULES.states[sign.variable][0]
    for screen in RULES.screens
    for sign in screen.signs
    if sign.variable not in ("low_back_pain", "age_band", "sex", "duration")
} | {"low_back_pain": "yes", "age_band": "30_44", "sex": "male", "duration": "under_6w"}


def test_every_condition_with_a_threshold_has_a_rule_for_being_stated() -> None:
    """At the level of its own threshold at least, so that no denial beside it lowers that."""
    for threshold in RULES.thresholds:
        rule = next(r for r in STATED if r.name == f"told_{threshold.condition}")
        assert rank(rule.level) <= rank(threshold.level)


@pytest.mark.parametrize("rule", STATED, ids=lambda rule: str(rule.name))
@pytest.mark.parametrize("denied", [{}, DENIED], ids=["alone", "all denied"])
def test_what_was_found_or_suspected_is_acted_on_and_named(
    model: Model, rule: Rule, denied: dict[str, str]
) -> None:
    for atom in rule.atoms:
        case = understand(model, {**denied, atom.variable: atom.state})
        advice = care_level(model, case)
        assert rank(advice.level) <= rank(rule.level)
        assert rule.reason in advice.reasons or advice.level != rule.level
        assert rule.reason.startswith("You said that") and "found or suspected" in rule.reason
    word = {atom.variable: "suspected by GP" for atom in rule.atoms}
    if rank(rule.level) <= 1:  # a word that is no answer, in the place of one
        advice = care_level(model, understand(model, {"findings": {**denied, **word}}))
        assert rank(advice.level) <= rank(rule.level)
