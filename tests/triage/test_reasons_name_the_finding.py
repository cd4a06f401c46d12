"""The law of reasons: whoever reads why an alarm is raised finds the answer that raised it."""

from __future__ import annotations

import re

import pytest

from lumbayes.knowledge.definition import UNSURE
from lumbayes.knowledge.model import Model
from lumbayes.triage.judgement import triage
from lumbayes.triage.reader import load_rules
from lumbayes.triage.rules import Rule, rank

RULES = load_rules()
ALONE = [
    rule
    for rule in RULES.rules
    if rank(rule.level) <= 1 and len(rule.clauses) == 1 and rule.clauses[0].needed == 1
]
PLAIN = {"perianal_sensation": "numb saddle"}  # what people call what a clinician tests


def stems(*texts: str) -> set[str]:
    """The first four letters of every word long enough to carry a meaning."""
    return {w[:4] for w in re.findall(r"[a-z]{4,}", " ".join(texts).lower())}


@pytest.mark.parametrize("rule", ALONE, ids=lambda rule: str(rule.name))
def test_the_reason_names_the_answer_that_raises_the_alarm(model: Model, rule: Rule) -> None:
    """Every emergency and urgent rule that one answer fires, with every state that fires it; who is
    not sure is told of which kind of sign."""
    for atom in rule.atoms:
        info = model.variables[atom.variable]
        texts = [info.label, info.clinician_label, info.question, info.help]
        if atom.state != UNSURE:
            texts.append(info.state_labels[info.states.index(atom.state)])
        texts.append(PLAIN.get(atom.variable, ""))
        named = stems(rule.reason) & stems(*filter(None, texts))
        assert named or atom.state == UNSURE, (rule.reason, texts)
        advice = triage(RULES, {atom.variable: atom.state})
        if advice.level == rule.level:
            assert rule.reason in advice.reasons and atom.variable in advice.led_by


@pytest.mark.parametrize(
    ("variable", "words"),
    [
        ("coughing_blood", "Coughing blood"),
        ("shoulder_tip_pain", "tip of a shoulder"),
        ("pulsatile_mass", "pulsating mass"),
        ("belly_alarm", "hard belly"),
    ],
)
def test_each_sign_has_words_of_its_own(variable: str, words: str) -> None:
    state = "positive" if "positive" in RULES.states[variable] else "yes"
    first = triage(RULES, {variable: state}).reasons[0]
    assert words.lower() in first.lower() and "lump" not in first
