"""The one door to the session's state: the answers, the depth, and what was worked out from them.

All of it lives in the memory of one browser session. Nothing here writes or logs an answer.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import streamlit as st

from lumbayes.app import language, plain, switches, texts
from lumbayes.cases.case import Case, parse_case
from lumbayes.knowledge.anchors import AGE, ASKS_FOR_CARE, UNDER_18
from lumbayes.knowledge.definition import UNSURE
from lumbayes.knowledge.model import Model, load_model

PLACES = ("q", "n", "s")  # where a question may stand: the form, the interview, the emergency page
REMARKS: Mapping[str, tuple[str, ...]] = {
    "side": tuple(texts.patient.SIDES),
    "severity": tuple(map(str, range(11))),
}
EXAMINATION = "clinical_test"  # a question that an examination answers
KEPT = 16  # results held for each session: one for each page and scenario someone goes back to


@st.cache_resource(show_spinner=False)
def the_model() -> Model:
    """Return the model, one for all sessions; it is never changed."""
    return load_model()


def _store() -> Any:
    return st.session_state


def start() -> None:
    """Forget every answer, and give every widget a new name so that none shows an old one."""
    _store().update(
        findings={},
        soft={},
        said={},
        unclear=(),
        unread=(),  # of the person's own words, and not called harmless by the person
        not_read=(),  # of the person's own words
        minor=False,
        remarks={},
        regions=(),
        example=None,
        results=OrderedDict(),
        epoch=int(get("epoch", 0)) + 1,
        screens=[],
        skipped=(),
        heard=None,
        enough=None,
        before=None,
        opened=False,
        show_anyway=False,
    )


def forget() -> None:
    """Start again; what was known can be brought back by ``undo``."""
    before = snapshot()
    start()
    _store().update(undo=before, fresh=False)


def snapshot() -> dict[str, object] | None:
    """Return the answers as ``undo`` takes them; None if there are none."""
    return {**data(), "example": get("example")} if answered() else None


def undo() -> None:
    """Bring back what ``forget`` or an example has replaced."""
    before = get("undo")
    put("undo", None)
    if before:
        start()
        fill(before, before.get("example"))


def can_undo() -> bool:
    """Return whether there are answers to be brought back."""
    return bool(_store().get("undo"))


def fill(parts: Mapping[str, Any], example: str | None) -> None:
    """Take answers in the place of none."""
    _store().update(
        findings=dict(parts["findings"]),
        soft=dict(parts["likelihoods"]),
        said=dict(parts.get("said", {})),
        unclear=tuple(parts.get("unclear", ())),
        minor=bool(parts["minor"]),
        remarks=known_remarks(parts.get("note")),
        example=example,
    )


def ensure() -> None:
    """Set up a session on its first run."""
    if "findings" not in _store():
        _store().epoch = 0
        start()
        _store().notes = []


def findings() -> dict[str, str]:
    """Return the answers, those of "not sure" included: variable → state.

    Nothing that the tables do not know can hide what they know.
    """
    known = the_model().variables
    return {
        name: value
        for name, value in _store().findings.items()
        if name in known and value in (*known[name].states, UNSURE)
    }


def soft() -> dict[str, dict[str, float]]:
    """Return the findings of an example that are known in part: variable → state → weight."""
    return dict(_store().soft)


def minor() -> bool:
    """Return whether the person is under 18."""
    return bool(_store().minor)


def answer(name: str) -> str | None:
    """Return the answer to one question; None if it is open."""
    if name == AGE and minor():
        return UNDER_18
    value, known = _store().findings.get(name), the_model().variables
    return value if name in known and value in (*known[name].states, UNSURE) else None


def answered() -> int:
    """Return how many questions have an answer."""
    return len(findings()) + len(_store().soft) + len(get("said", {})) + len(get("unclear", ()))


def set_answer(name: str, value: str | None) -> None:
    """Take, change or clear one answer, and show it in every widget that asks for it."""
    store = _store()
    if name == AGE:
        store.minor = value == UNDER_18
    known = "18_29" if value == UNDER_18 else value
    if known is None:
        store.findings.pop(name, None)
    else:
        store.findings[name] = known
    store.soft.pop(name, None)
    store.said.pop(name, None)
    for place in PLACES:
        if widget(place, name) in store:
            store[widget(place, name)] = value
    for place in ("tick", "which"):  # made anew from the answer
        store.pop(widget(place, name), None)


def set_part(name: str, weights: Mapping[str, Any]) -> None:
    """Take an answer that leaves several states possible, in the place of one that is certain."""
    set_answer(name, None)
    _store().soft[name] = {value: float(w) for value, w in weights.items()}


def remarks() -> dict[str, str]:
    """Return what is told to those who help, and moves no number: side and strength of the pain."""
    return dict(_store().remarks)


def known_remarks(told: object) -> dict[str, str]:
    """Return what of a note in a link or a file is a remark; nothing else of it is taken.

    Examples
    --------
    >>> known_remarks({"side": "left", "severity": 11, "name": "Ann"}), known_remarks("left")
    ({'side': 'left'}, {})
    """
    given = told if isinstance(told, Mapping) else {}
    said = {name: str(given.get(name)) for name in REMARKS}
    return {name: value for name, value in said.items() if value in REMARKS[name]}


def remark(name: str, value: str | None) -> None:
    """Take or clear a remark."""
    _store().remarks = {n: v for n, v in {**remarks(), name: value}.items() if v is not None}


def remark_lines() -> list[str]:
    """Return the remarks in words."""
    said = remarks()
    lines = [f"{texts.SIDE}: {texts.SIDES[said['side']]}"] if "side" in said else []
    return lines + ([f"{texts.SEVERITY}: {said['severity']}/10"] if "severity" in said else [])


def answer_lines() -> list[str]:
    """Return the answers in words, a line each."""
    return [f"{label(name)}: {state_label(name, value)}" for name, value in findings().items()]


def take(place: str, name: str) -> None:
    """Take the answer of a widget that has just changed."""
    set_answer(name, _store().get(widget(place, name)))


def answer_all(names: Sequence[str], value: str) -> None:
    """Give the same answer to every open question of a list."""
    for name in names:
        if answer(name) is None and name not in _store().soft:
            set_answer(name, value)


def widget(place: str, name: str) -> str:
    """Return the key of a widget, and set its value before it is drawn for the first time."""
    return f"{place}_{_store().epoch}_{name}"


def prepared(place: str, name: str) -> str:
    """Return the key of a question's widget with the known answer in it."""
    key = widget(place, name)
    if key not in _store():
        _store()[key] = answer(name)
    return key


def data() -> dict[str, object]:
    """Return the answers as ``parse_case`` takes them."""
    told: dict[str, object] = {"note": remarks(), "said": dict(get("said", {}))}
    told |= {"unclear": [*get("unclear", ()), *get("unread", ())]}
    told = {part: value for part, value in told.items() if value}
    return {"findings": findings(), "likelihoods": soft(), "minor": minor(), **told}


def case(model: Model) -> Case:
    """Return the checked case.

    Raises
    ------
    LumbayesError
        If the answers contradict each other; the message names them.
    """
    return examined(model, parse_case(model, data()))


def examined(model: Model, case: Case) -> Case:
    """Take it that who was examined asks for care, unless something was said about that."""
    tested = any(v.ask == EXAMINATION and v.name in case.findings for v in model.variables.values())
    said = {*case.findings, *case.likelihoods, *case.do, *case.said}
    if not tested or ASKS_FOR_CARE in said:
        return case
    findings = MappingProxyType({**case.findings, ASKS_FOR_CARE: "yes"})
    return replace(case, findings=findings, assumed=(*case.assumed, ASKS_FOR_CARE))


def note(kind: str, text: str) -> None:
    """Leave a message to be shown once."""
    _store().notes = [*_store().get("notes", []), (kind, text)]


def notes() -> list[tuple[str, str]]:
    """Return the messages left, once."""
    left = list(_store().get("notes", []))
    _store().notes = []
    return left


def depth() -> switches.Depth:
    """Return for whom the words are."""
    return "clinician" if switches.choice("view") == "clinician" else "patient"


def clinician() -> bool:
    """Return whether the words are for a professional."""
    return depth() == "clinician"


def label(name: str) -> str:
    """Return the label of a variable in the words of this depth."""
    info = the_model().variables[name]
    return language.say(info.clinician_label if clinician() else info.label)


def worded(text: str) -> str:
    """Return a sentence in the words of this depth: one name for one thing on every page."""
    return language.say(plain.professional(the_model(), text) if clinician() else text)


def labels(names: Sequence[str]) -> dict[str, str]:
    """Return the labels of several variables, as they are now."""
    return {name: label(name) for name in names}


def state_label(name: str, value: str) -> str:
    """Return the label of an answer, "not sure" included."""
    info = the_model().variables[name]
    if name == AGE and value == UNDER_18:
        return language.say(texts.patient.UNDER_18)
    return language.say(info.state_label(value) if value in info.states else texts.NOT_SURE)


def remembered(question: str, given: Mapping[str, object], work: Any) -> Any:
    """Return ``work()``, or what it gave for the same question and answers in this session."""
    results: OrderedDict[str, Any] = _store().results
    key = question + json.dumps(given, sort_keys=True, default=str)
    if key in results:
        results.move_to_end(key)
        return results[key]
    results[key] = found = work()
    while len(results) > KEPT:
        results.popitem(last=False)
    return found


def get(name: str, default: Any = None) -> Any:
    """Return a small thing the pages keep for themselves."""
    return _store().get(name, default)


def put(name: str, value: Any) -> None:
    """Keep a small thing for a page."""
    _store()[name] = value
