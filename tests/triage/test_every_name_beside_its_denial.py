"""The law of denials: no name of a sign loses its level when every question is denied beside it."""

from __future__ import annotations

import numpy as np
import pytest

from lumbayes.cases.case import Case, understand
from lumbayes.cases.vocabulary import load_vocabulary
from lumbayes.cases.words import read_synonyms
from lumbayes.knowledge.model import Model
from lumbayes.triage.judgement import case_known, rules_level
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
