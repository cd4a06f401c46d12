"""Coming back: a saved case opened later is asked for what changed, and set beside the old one."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lumbayes.app import answer, charts, own_words, results, state, switches, texts
from lumbayes.app.interview import steps
from lumbayes.app.language import say
from lumbayes.app.results import Standing
from lumbayes.cases.case import Case, parse_case
from lumbayes.knowledge.model import Model
from lumbayes.questions.assessment.page import CARDS
from lumbayes.triage.care_level import care_level

FIRST = 3  # causes set side by side


def offer(model: Model) -> None:
    """Offer to ask what changed since the answers on show were saved."""
    if state.get("opened"):
        st.info(texts.BACK_OFFER)
        st.button(texts.BACK_ASK, type="primary", on_click=_begin, args=(model,))


def _begin(model: Model) -> None:
    """Ask anew: who one is stays, what was there is confirmed, what was not is asked again."""
    old = state.data()
    findings = state.findings()
    stays = {n: s for n, s in findings.items() if model.variables[n].layer == "context"}
    there = [
        own_words.Heard(n, s, texts.BACK_BEFORE)
        for n, s in findings.items()
        if n not in stays and s not in ("unsure", model.variables[n].states[0])
    ]
    minor = state.minor()
    state.start()
    for name, value in stays.items():
        state.set_answer(name, value)
    state.put("minor", minor)
    state.put("heard", tuple(there))
    state.put("screens", [(steps.WORDS, ()), (steps.CONFIRM, ())])
    state.put("before", old)
    state.put("opened", False)
    state.put("go_to", "assess")
    switches.choose("way", "interview")


def compared(model: Model, standing: Standing) -> None:
    """Show what is otherwise than last time: advice, answers, causes."""
    before: Any = state.get("before")
    if not before or standing.case is None:
        return
    old = parse_case(model, before)
    then = care_level(model, old, switches.region())
    rows = [
        (
            texts.BACK_ADVICE,
            say(CARDS[then.level]),
            answer.title(standing),
        )
    ]
    if answer.weighed(standing):
        rows += _causes(model, old, standing.case)
    told = state.known_remarks(before.get("note")).get("severity")
    if told and (score := state.remarks().get("severity")) and told != score:
        rows.append((texts.SEVERITY, f"{told}/10", f"{score}/10"))
    now = state.findings()
    for name in dict.fromkeys([*old.findings, *now]):
        was, is_ = old.findings.get(name), now.get(name)
        new = was is not None or is_ != model.variables[name].states[0]  # no "not asked → no"
        if new and was != is_ and is_ is not None and name not in old.assumed:
            first = state.state_label(name, was) if was else texts.BACK_NOT_ASKED
            rows.append((state.label(name), first, state.state_label(name, is_)))
    st.header(texts.BACK_TITLE, anchor=False)
    st.html(charts.table(texts.BACK_HEAD, rows))


def _causes(model: Model, old: Case, case: Case) -> list[tuple[str, str, str]]:
    """Return the chances of the first causes, last time and now."""
    rows = []
    then = results.causes(model, old).conditions.set_index("name")["probability"]
    for _, row in results.causes(model, case).conditions.head(FIRST).iterrows():
        if state.clinician() or row["name"] not in model.with_role("must_not_miss"):
            before = answer.chance(then[row["name"]])
            rows.append((state.label(str(row["name"])), before, answer.chance(row["probability"])))
    return rows
