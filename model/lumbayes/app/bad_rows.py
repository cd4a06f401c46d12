"""What is wrong with a row of a table, in words: which column, which value, what could stand there.

The program's own messages are for who writes programs; each kind is told here as the page would.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from lumbayes.app import plain, state, texts
from lumbayes.app.language import say
from lumbayes.knowledge.model import Model
from lumbayes.questions.assessment.page import CARDS

PLACE = r"(?:line \d+(?:, column \d+)?: )?(?:findings\.|likelihoods\.)?"
STATE = re.compile(PLACE + r"unknown state of (?P<name>\w+) ([\"'])(?P<value>.*?)\2\.", re.DOTALL)
MEANS = re.compile(r" What was understood already means: (?P<level>\w+)[^.]*\.$")
NAME = re.compile(PLACE + r"unknown (?:variable|column) ([\"'])(?P<name>.*?)\1\.", re.DOTALL)
NEAR = re.compile(r"Did you mean '(?P<near>[^']*)'")
FACT = re.compile(r"column ([\"'])(?P<name>.*?)\1 is a fact,.* give (?P<use>[\w, ]+)\.", re.DOTALL)
CLASH = re.compile(PLACE + r"(\w+)=(\w+) and (?:findings\.)?(\w+)=(\w+) cannot both hold")
NUMBER = re.compile(
    r"the likelihood of (?P<name>\w+) has ([\"'])(?P<value>.*?)\2 for a number", re.DOTALL
)
WEIGHT = re.compile(PLACE + r"(?P<name>\w+)\.(?P<of>\w+) must be a number .*, got (?P<value>[^.]+)")
BROKEN = re.compile(r"line \d+(?:, column \d+)?: not valid JSON|.*a case must be a JSON object")
ALARM = re.compile(r" ?What could be read already means: (?P<levels>.*)\.$", re.DOTALL)


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong: where, what stands there, and in words what could."""

    column: str
    value: str
    said: str


def explained(model: Model, reason: str) -> Wrong:
    """Return what is wrong with a row as column, value and words.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> explained(model, "unknown state of fever 'yess'. Did you mean 'yes'? Known: no, yes.").said
    'Not an answer to “Fever”. Nearest: yes (Yes). It can be: no (No), yes (Yes).'
    >>> explained(model, "findings.sex=male and findings.pregnancy=pregnant cannot both hold").value
    'male, pregnant'
    """
    if means := MEANS.search(reason):
        alone = explained(model, reason[: means.start()])
        level = say(CARDS.get(means["level"], means["level"]))
        return replace(alone, said=f"{alone.said} {texts.WRONG_MEANS.format(level=level)}")
    if (found := STATE.match(reason)) and found["name"] in model.variables:
        return Wrong(found["name"], found["value"], _not_a_state(model, found["name"], reason))
    if found := CLASH.match(reason):
        said = plain.in_words(model, f"{found[1]}={found[2]} and {found[3]}={found[4]}")
        both = texts.WRONG_CLASH.format(both=said)
        return Wrong(f"{found[1]}, {found[3]}", f"{found[2]}, {found[4]}", both)
    if found := NUMBER.match(reason) or WEIGHT.match(reason):
        of = found.groupdict().get("of")
        return Wrong(found["name"] + (f":{of}" if of else ""), found["value"], texts.WRONG_WEIGHT)
    if (found := NAME.match(reason)) or FACT.match(reason):
        return Wrong(found["name"] if found else "", "", column(model, reason))
    if BROKEN.match(reason):
        return Wrong("", "", texts.WRONG_LINE)
    return Wrong("", "", plain.in_words(model, reason, keep=True))


def column(model: Model, reason: str) -> str:
    """Return why the columns of a whole table are refused, and what its rows already call for.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> column(load_model(), "unknown column 'fevr'. Did you mean 'fever'? To carry a column …")
    'No variable is called “fevr”. Nearest: “fever”. Rename it, or choose it to be carried along.'
    """
    alarm = ALARM.search(reason)
    warned = ""
    for told in alarm["levels"].split("; ") if alarm else ():
        level, _, lines = told.partition(" in line ")
        warned += " " + texts.WRONG_ALARM.format(level=say(CARDS.get(level, level)), lines=lines)
    if found := NAME.match(reason):
        near = NEAR.search(reason)
        nearest = f" {texts.WRONG_NEAREST.format(near=near['near'])}" if near else ""
        return f"{texts.WRONG_COLUMN.format(name=found['name'], nearest=nearest)}{warned}"
    if found := FACT.match(reason):
        return f"{texts.WRONG_FACT.format(name=found['name'], use=found['use'])}{warned}"
    if alarm:
        reason = reason[: alarm.start()].strip()
    return plain.in_words(model, reason, keep=True) + warned


def _not_a_state(model: Model, name: str, reason: str) -> str:
    info = model.variables[name]
    choices = {s: f"{s} ({say(info.state_label(s))})" for s in info.states}
    near = NEAR.search(reason)
    nearest = ""
    if near and near["near"] in choices:
        nearest = " " + texts.WRONG_NEAREST_STATE.format(near=choices[near["near"]])
    return str(
        texts.WRONG_STATE.format(
            label=state.label(name), nearest=nearest, choices=", ".join(choices.values())
        )
    )
