"""A normal word counts as the whole value only: what goes on after it is never a denial."""

from __future__ import annotations

import pytest

from lumbayes.cases.case import understand
from lumbayes.cases.vocabulary import load_vocabulary
from lumbayes.knowledge.model import Model
from lumbayes.triage.care_level import care_level
from lumbayes.triage.reader import load_rules

TAILS = (
    "normal until yesterday",
    "normal before, now lost",
    "normal?",
    "intact on right",
    "no until this morning",
    "fine with a frame since today",
)


@pytest.mark.parametrize("tail", TAILS)
def test_what_goes_on_after_a_normal_word_denies_nothing(model: Model, tail: str) -> None:
    """Of any fact, for a person who has denied every sign: no firm all-clear is left."""
    rules = load_rules(model.folder)
    signs = [sign.variable for screen in rules.screens for sign in screen.signs]
    calm = {name: rules.states[name][0] for name in signs if len(rules.states[name]) == 2}
    for name, fact in load_vocabulary(model).items():
        if fact.kind not in ("bool", "state"):
            continue
        case = understand(model, {"findings": {"low_back_pain": "yes"}, "facts": {name: tail}})
        for variable in {m.variable for m in fact.meanings} & set(signs):
            denied = case.findings.get(variable) == rules.states[variable][0]
            assert not denied or variable in case.assumed, (name, variable)
        told = {"findings": {"low_back_pain": "yes", **calm}, "facts": {name: tail}}
        advice = care_level(model, understand(model, told))
        assert advice.provisional or advice.level != "self_care_exercises", name


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("temperature", "36.8", "39.4"),
        ("heart_rate", "70", "140"),
        ("bp", "120/80", "80/40"),
        ("leg_power", "5/5", "1/5"),
        ("pain_score", "3", "10"),
    ],
)
def test_of_two_readings_the_first_is_not_the_only_one(
    model: Model, name: str, first: str, second: str
) -> None:
    for value in (f"{first}, then {second}", f"{second} yesterday, {first} today"):
        case = understand(model, {"findings": {"low_back_pain": "yes"}, "facts": {name: value}})
        assert case.unclear or care_level(model, case).level != "self_care_exercises"
