"""The law of denials: no name of a sign loses its level when every question is denied beside it."""

from __future__ import annotations

import numpy as np
import pytest

from lumbayes.cases.case import Case, understand
from lumbayes.cases.constraints import ANSWER_COUNTS, BACKGROUND, LESSER_GROUPS
from lumbayes.cases.synonyms import read_synonyms
from lumbayes.cases.vocabulary import load_vocabulary
from lumbayes.knowledge.model import Model
from lumbayes.triage.known import case_known, rules_level
from lumbayes.triage.reader import load_rules
from lumbayes.triage.rules import rank

RULES = load_rules()
FREE = {"low_back_pain": "yes", "age_band": "30_44", "duration": "under_6w"}
BASE = {
    sign.variable: FREE.get(sign.variable, RULES.states[sign.variable][0])
    for screen in RULES.screens
    for sign in screen.signs
    if sign.variable not in ("sex", "pregnancy")
}


def place(case: Case) -> int:
    """The place of a case's level by the rules, 0 for an emergency."""
    return rank(rules_level(RULES, case_known(RULES, case), minor=case.minor))


@pytest.fixture(scope="module")
def alarms(model: Model) -> dict[str, int]:
    """Every name of the vocabulary that alone calls for a doctor within days, or at once."""
    names = {*load_vocabulary(model), *read_synonyms(model.folder), *model.variables}
    cases = {n: understand(model, {"facts": {n: True}}) for n in sorted(names)}
    alone = {n: place(case) for n, case in cases.items() if not case.unclear}  # a number is not yes
    return {name: level for name, level in alone.items() if level <= 1}


def test_each_name_that_raises_an_alarm_outlives_its_denial(
    model: Model, alarms: dict[str, int]
) -> None:
    """The level is kept, and that answers exclude each other is said wherever they do."""
    assert len(alarms) > 500
    assert not understand(model, BASE).contradictions
    lost, silent = [], []
    for name, level in alarms.items():
        case = understand(model, {"findings": BASE, "facts": {name: True}})
        if place(case) > level:
            lost.append(name)
        alone = understand(model, {"facts": {name: True}})
        told = case_known(RULES, alone)
        denied = {n: RULES.bits(n, s) for n, s in BASE.items() if n in told}
        excluded = [n for n, bit in denied.items() if not any(a & bit for a in told[n])]
        if excluded and not case.contradictions:
            silent.append((name, excluded))
    assert not lost
    assert not silent
    assert np.mean([level == 0 for level in alarms.values()]) > 0.2


def test_each_report_outlives_each_answer_that_excludes_it(model: Model) -> None:
    """Beside each other state of the same variable the level stays, and the clash is shown."""
    lost, silent = [], []
    for fact in load_vocabulary(model).values():
        if fact.kind != "bool":
            continue
        case = understand(model, {"facts": {fact.name: True}})
        told = [m for m in fact.meanings if m.when == "true" and m.strength == "default"]
        for meaning in told if len({m.variable for m in told}) == 1 and place(case) < 2 else ():
            info = model.variables.get(meaning.variable)
            firm = any(m.strength == "hard" and not m.weights[0] for m in fact.meanings)
            if info is None or firm or info.roles & ANSWER_COUNTS or info.group in LESSER_GROUPS:
                continue
            least = next(i for i, weight in enumerate(meaning.weights) if weight)
            for state in info.states[: 1 if info.group == BACKGROUND else least]:
                both = {"findings": {info.name: state}, "facts": {fact.name: True}}
                beside = understand(model, both)
                if place(beside) > place(case):
                    lost.append((fact.name, state))
                if not beside.contradictions:
                    silent.append((fact.name, state))
    assert not lost
    assert not silent


@pytest.mark.parametrize("second", ["jaw_pain", "left_arm_pain", "chest_pain"])
@pytest.mark.parametrize("first", ["breathlessness", "short_of_breath"])
def test_one_more_alarm_told_never_lowers_the_level(model: Model, first: str, second: str) -> None:
    """A heart attack told in its usual two words is no less urgent than in one."""
    both = place(understand(model, {"facts": {first: True, second: True}}))
    alone = [place(understand(model, {"facts": {name: True}})) for name in (first, second)]
    assert both <= min(alone)
