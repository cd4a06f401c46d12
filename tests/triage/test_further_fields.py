"""The law, drawn at random: whatever else is told, in whatever shape, no alarm falls."""

from __future__ import annotations

import json
import random
from typing import Any

import rule_examples
from rule_examples import FIRES

from lumbayes import assess
from lumbayes.cases.case import case_to_dict, understand
from lumbayes.cases.synonyms import read_classes, read_synonyms
from lumbayes.cases.vocabulary import load_vocabulary
from lumbayes.knowledge.model import Model
from lumbayes.triage.care_level import care_level
from lumbayes.triage.reader import load_rules
from lumbayes.triage.rules import LEVELS

CASES, WHOLE = 300, 6  # judged alone, and answered as a whole
ALARMS = [r.name for r in load_rules().rules if LEVELS.index(r.level) <= 1]
TIMES = ("duration", "number", "age", "category")  # kinds that may say that it is an old pain
VALUES: tuple[Any, ...] = (
    *(True, False, "no", "none", "denied", 0, 1, "unsure", [True, False], "no, worse", "?"),
    *({"a": "no"}, None, "normal", "5/5", -1, 1e9, "never", "x" * 50, "nein", [], {}),
)


def further(model: Model, draw: random.Random, said: dict[str, str]) -> tuple[str, Any, Any]:
    """A field beside an alarm: its part of the case, its name, its value."""
    excuses = {*model.with_role("may_exclude"), *model.with_role("unchanged")}
    names = [n for n in model.variables if n not in excuses]
    facts = [
        *read_synonyms(model.folder),
        *read_classes(model.folder),
        *(n for n, f in load_vocabulary(model).items() if f.kind not in TIMES),
    ]
    variable, fact = draw.choice(names), draw.choice(facts)
    own = draw.choice([n for n in said if n not in excuses] or names)
    states = model.variables[variable].states
    return draw.choice(
        [
            ("findings", variable, draw.choice(states)),
            ("findings", variable, draw.choice(["maybe", 3, None, [states[0]], {"x": 1}])),
            ("findings", draw.choice(["fevr", "Foo Bar", "told"]), "none"),
            ("facts", fact, draw.choice(VALUES)),
            ("facts", own, model.variables[own].states[0]),
            ("facts", draw.choice(["denies", "denied", "negative"]), own.replace("_", " ")),
            ("facts", "told", f"no {fact.replace('_', ' ')}, all is well"),
            ("facts", "red_flags", draw.choice(["none", False, []])),
            ("facts", "exam", {fact: draw.choice(VALUES)}),
            ("likelihoods", variable, {s: draw.choice([0, 1e-9, 1, -1, "x"]) for s in states}),
            ("do", variable, draw.choice(states)),
            ("said", own, [said.get(own, "x"), model.variables[own].states[0]]),
            (draw.choice(["foo", "answers", "minor", "warnings"]), "x", draw.choice(VALUES)),
        ]
    )


def test_no_further_field_lowers_an_alarm(model: Model) -> None:
    draw = random.Random(12)
    known = load_rules()
    for i in range(CASES):
        said = dict(rule_examples.findings(FIRES[draw.choice(ALARMS)]))
        alone = LEVELS.index(care_level(model, understand(model, {"findings": said})).level)
        data: dict[str, Any] = {draw.choice(["findings", "findings", "facts"]): dict(said)}
        for _ in range(draw.choice((1, 1, 2, 3))):
            part, name, value = further(model, draw, said)
            inside = data.setdefault(part, {})
            if name not in inside or known.states.get(name) is None:
                inside.setdefault(name, value)
            else:  # a second answer is told beside the first
                data.setdefault("facts", {}).setdefault(name, value)
        data = json.loads(json.dumps(data))
        case = understand(model, data)
        level = LEVELS.index(care_level(model, case).level)
        assert level <= alone, (said, data)
        again = care_level(model, understand(model, case_to_dict(model, case)))
        assert LEVELS.index(again.level) <= level, data
        if i < WHOLE and not case.errors:
            answer = assess(model, case, draws=0)
            assert LEVELS.index(answer.triage.level) <= alone, data
