"""The answer that stays in sight: care card and first causes, beside or below the questions."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from html import escape

import pandas as pd
import streamlit as st

from lumbayes.app import charts, language, results, state, texts
from lumbayes.app.language import say
from lumbayes.app.results import Standing
from lumbayes.app.third_person import SENTENCES
from lumbayes.cases.case import Case
from lumbayes.errors import LumbayesError
from lumbayes.knowledge.model import Model
from lumbayes.questions.assessment.page import CARDS
from lumbayes.questions.explanation.answer import Explanation
from lumbayes.text import frequency, percent
from lumbayes.triage.judgement import urgent
from lumbayes.triage.reader import load_rules
from lumbayes.triage.rules import LEVELS

FIRST = 3  # causes that stay in sight
PER = 100  # the one denominator of the pages for patients
CHANCE = re.compile(r",? (about|fewer than|more than) [\d,.]+ in [\d,]+")


def title(standing: Standing) -> str:
    """Return the headline of the card; no all-clear while warning signs are open."""
    if not state.answered():
        return str(texts.LEVEL_EMPTY)
    if standing.provisional and standing.advice.level == LEVELS[-1]:
        return str(texts.PROVISIONAL)
    return say(CARDS[standing.advice.level])


def kind(standing: Standing) -> str:
    """Return the class of the card: its level, or ``none`` while nothing firm can be said."""
    calm = standing.advice.level == LEVELS[-1]
    open_ = calm and (standing.provisional or bool(standing.contradictions))
    return "none" if open_ or not state.answered() else standing.advice.level


def reasons(standing: Standing) -> list[str]:
    """Return why, in the words of this depth: patients read no chance of a dangerous cause."""
    told = map(state.worded, standing.advice.reasons)
    return list(told) if state.clinician() else [CHANCE.sub("", r) for r in told]


def actions(standing: Standing) -> list[str]:
    """Return what to do; what several rules say alike is said once."""
    said: set[str] = set()
    told = []
    for text in standing.advice.what_to_do:
        new = [s for s in re.split(SENTENCES, text) if s not in said]
        said.update(new)
        told.append(say(" ".join(new)))
    return [text for text in told if text]


def weighed(standing: Standing) -> bool:
    """Return whether causes may stand beside the advice: patients who are to be seen read none.

    What is common beside a card that asks for a visit would tempt them to wait.
    """
    return state.clinician() or not urgent(standing.advice)


def open_note(standing: Standing) -> str:
    """Say how many warning signs are open; empty once none is."""
    count = len(standing.open_signs)
    if not (standing.provisional and count):
        return ""
    return str(texts.SIGNS_OPEN_ONE if count == 1 else texts.SIGNS_OPEN.format(count=count))


def caution(standing: Standing) -> str:
    """Say why the advice may still change, on a page that does not show the card; empty if firm."""
    left = standing.advice.ask_again if standing.provisional else ()
    return open_note(standing) or (say(left[0]) if left else "")


def card(standing: Standing, *, full: bool = True) -> str:
    """Return the one card with the level of care: what, why, how soon."""
    advice, colour = standing.advice, kind(standing)
    prefix = texts.LEVEL_PREFIX[advice.level] if colour != "none" else texts.ADVICE_SO_FAR
    parts = [f'<p class="level">{escape(prefix)}</p><h2>{escape(title(standing))}</h2>']
    note = open_note(standing)
    if note and colour != LEVELS[0] and (not full or not advice.ask_again):
        parts.append(f"<p>{escape(note)}</p>")
    if not state.answered():
        parts.append(f"<p>{escape(texts.NOTHING_YET)}</p>")
    elif colour != "none":
        parts.append(
            f"<p><strong>{escape(texts.HOW_SOON)}:</strong> {escape(say(advice.how_soon))}</p>"
        )
        todo = actions(standing)
        if full:
            parts.append(f"<h3>{escape(texts.WHY_THIS)}</h3>{charts.listed(reasons(standing))}")
            parts.append(f"<h3>{escape(texts.WHAT_TO_DO)}</h3>{charts.listed(todo)}")
        else:
            parts.append(f"<p>{escape(todo[0])}</p>" if todo else "")
            parts.append(f'<p class="small">{escape(reasons(standing)[0])}</p>')
    elif standing.advice.rules:
        parts.append(charts.listed(reasons(standing)))
    for clash in standing.contradictions:
        parts.append(f"<p><strong>{escape(texts.CONTRADICTION)}.</strong> {escape(clash)}</p>")
    # The last of them counts what is open: beside the questions the note has said so.
    again_ = advice.ask_again[:-1] if standing.open_signs and not full else advice.ask_again
    if again_ and state.answered():
        again = charts.listed(say(a) for a in again_)
        parts.append(f"<h3>{escape(texts.ASK_AGAIN)}</h3>{again}")
    return charts.block(
        f'<section aria-label="{escape(prefix)}">{"".join(parts)}</section>', f"care {colour}"
    )


def bar(row: pd.Series, *, before: bool = True) -> charts.Bar:
    """Return one row of a differential as a bar, with the remark of this depth."""
    name, remark = str(row["name"]), ""
    if state.clinician():
        remark = texts.PRIOR.format(
            prior=say(percent(row["prior"])), ratio=say(f"{row['ratio']:.2g}")
        )
    elif before and state.answered():
        any_adult = frequency(row["prior"], PER).removeprefix("about ")
        remark = f"{texts.ANY_ADULT} {say(any_adult)}"
    prior = row["prior"] if before and state.answered() else None
    return charts.Bar(state.label(name), row["probability"], row["low"], row["high"], prior, remark)


def cause_bars(model: Model, frame: pd.DataFrame, *, before: bool = True) -> str:
    """Return the bars of causes; for patients a dangerous one without a number."""
    shown = []
    dangerous = model.with_role("must_not_miss")
    for _, row in frame.iterrows():
        drawn = bar(row, before=before)
        if not state.clinician() and row["name"] in dangerous:
            drawn = charts.Bar(drawn.label, None, remark=texts.DANGEROUS_ROW)
        shown.append(drawn)
    return charts.bars(shown, scale=PER, clinician=state.clinician())


def side(model: Model, standing: Standing) -> None:
    """Show the card and the first causes; on a desk they stay while one scrolls."""
    st.html(card(standing, full=False))
    found = _first(model, standing)
    if found is not None:
        st.subheader(texts.SO_FAR, anchor=False)
        st.html(cause_bars(model, found, before=False))
        st.caption(texts.ESTIMATE if standing.advice.level == LEVELS[-1] else texts.ESTIMATE_BESIDE)


def _first(model: Model, standing: Standing) -> pd.DataFrame | None:
    """Return the causes that stay in sight; None if none may or can be named."""
    if not state.answered() or standing.case is None or not weighed(standing):
        return None
    try:
        return results.first_causes(model, standing.case).head(FIRST)
    except LumbayesError:
        return None


def settle(model: Model, place: str) -> None:
    """Let the person settle beside the card what was not understood; words of danger stay open."""
    smells = load_rules(model.folder).smells
    harmless = tuple(part for part in state.get("unread", ()) if not smells(part))
    if not (harmless and state.answered()):
        return
    quoted = ", ".join(language.quoted(results.quoted(part)) for part in harmless)
    with st.container(key=f"no_print_settle_{place}"):
        # No caption: on a phone those beside the questions make way for the bar at the foot.
        st.markdown(f":small[{texts.UNREAD_LEFT.format(words=quoted)}]")
        st.button(texts.UNREAD_SETTLE, key=f"settle_{place}", on_click=_settled, args=(harmless,))


def _settled(parts: tuple[str, ...]) -> None:
    for key in ("unread", "not_read"):
        state.put(key, tuple(part for part in state.get(key, ()) if part not in parts))


def foot(model: Model, standing: Standing) -> None:
    """Show the answer as a bar at the foot of the window; the sheet hides it on a desk."""
    if not state.answered():
        return
    inner = card(standing, full=False)
    first = ""
    frame = _first(model, standing)
    if frame is not None:
        inner += cause_bars(model, frame, before=False)
        top = frame.iloc[0]
        first = state.label(str(top["name"]))
        if state.clinician():
            first += f" {say(percent(top['probability']))}"
    note = open_note(standing) or first
    head = f"<strong>{escape(title(standing))}</strong> <span>{escape(note)}</span>"
    st.html(
        f'<details class="lb foot {kind(standing)}"><summary>{head}</summary>'
        f'<div class="inside" tabindex="0">{inner}</div></details>'
    )


def spoken(model: Model, standing: Standing) -> str:
    """Say what is new in one sentence: what to do if it is urgent, else what is likeliest."""
    if not state.answered():
        return str(texts.CHANGED_NOTHING)
    if standing.contradictions:
        return str(texts.CONTRADICTION)
    if standing.advice.level in LEVELS[:2] or standing.case is None:
        return f"{title(standing)}. {reasons(standing)[0]}"
    first = results.first_causes(model, standing.case).iloc[0]
    if not state.clinician() and first["name"] in model.with_role("must_not_miss"):
        return title(standing)
    return str(
        texts.CHANGED_FIRST.format(
            label=state.label(str(first["name"])), frequency=chance(first["probability"])
        )
    )


def with_assumed(case: Case, why: Explanation) -> Explanation:
    """Return an explanation that calls assumed what nobody has answered."""
    rows = [
        {**row, "label": texts.after.ASSUMED.format(what=row["label"])}
        if row["finding"] in case.assumed
        else row
        for row in why.of_findings
    ]
    return replace(why, of_findings=replace(why.of_findings, rows=rows))


@lru_cache(maxsize=2)
def _for_the_rules(model: Model) -> frozenset[str]:
    """Return the dangerous causes, and what goes on inside in nothing but them."""
    found = set(model.with_role("must_not_miss"))
    inside = [v.name for v in model.variables.values() if v.layer == "mechanism"]
    causes = {n: {x.cause for x in model.links if x.effect == n} for n in inside}
    before = 0
    while len(found) > before:
        before = len(found)
        found |= {n for n in inside if causes[n] and causes[n] <= found}
    return frozenset(found)


def numbered(model: Model, name: str) -> bool:
    """Return whether a chance may be told: to patients none of a dangerous cause."""
    return state.clinician() or name not in _for_the_rules(model)


def short(probability: float) -> str:
    """Say a chance in a few letters.

    Examples
    --------
    >>> short(0.48), short(0.0001), short(0.9999)
    ('48 in 100', '< 1 in 100', '> 99 in 100')
    """
    if state.clinician():
        return chance(probability)
    said = frequency(probability, PER).removeprefix("about ")
    return say(said.replace("fewer than", "<").replace("more than", ">"))


def chance(probability: float) -> str:
    """Say a chance as this depth does: in per cent, or as so many in a hundred people."""
    return say(percent(probability) if state.clinician() else frequency(probability, PER))
