"""In an emergency the pages stop: what to do, what to tell, what led to it, and nothing else."""

from __future__ import annotations

from html import escape

import streamlit as st

from lumbayes.app import answer, charts, parts, questions, results, state, texts
from lumbayes.app.language import say
from lumbayes.app.results import Standing
from lumbayes.knowledge.model import Model
from lumbayes.triage.reader import load_rules
from lumbayes.triage.rules import LEVELS


def stops(standing: Standing) -> bool:
    """Return whether nothing but the emergency is to be shown."""
    return standing.advice.level == LEVELS[0] and not (
        state.clinician() and state.get("show_anyway")
    )


def banner(model: Model) -> str:
    """Return the words pinned to the foot of the window."""
    number = results.emergency_number(model)
    return str(texts.EMERGENCY_BANNER.format(number=say(number), driving=results.driving(model)))


def page(model: Model, standing: Standing) -> None:
    """Show the red card, the hand-over, and the way to change an answer."""
    st.html(_card(model, standing))
    with st.container(horizontal=True, key="no_print_emergency"):
        parts.print_button(texts.HAND_OVER_PRINT)
        st.button(texts.START_AGAIN, on_click=state.forget)
    with st.container(key="hand_over"):
        st.header(texts.HAND_OVER, anchor=False)
        st.write(texts.HAND_OVER_LEAD)
        st.html(charts.block(_hand_over(model, standing)))
    with st.container(key="no_print_correct"), st.expander(texts.CORRECT):
        st.write(texts.CORRECT_LEAD)
        for name in led_to_it(model, standing):
            questions.ask(model, name, "s")
    with st.container(key="no_print_anyway"):
        if state.clinician():
            st.toggle(
                texts.SHOW_ANYWAY,
                value=bool(state.get("show_anyway")),
                key="show_anyway_switch",
                on_change=_anyway,
            )
        else:
            st.caption(texts.SHOW_ANYWAY_HOW)


def _anyway() -> None:
    state.put("show_anyway", bool(state.get("show_anyway_switch")))


def _card(model: Model, standing: Standing) -> str:
    advice = standing.advice
    number = results.emergency_number(model)
    digits = "".join(c for c in number.split(" or ")[0] if c.isdigit())
    call = f'<a href="tel:{digits}">{escape(number)}</a>' if digits else escape(say(number))
    parts_ = [
        f'<p class="level">{escape(texts.LEVEL_PREFIX[advice.level])}</p>',
        f"<h2>{escape(texts.WHAT_TO_DO)}</h2>",
        f'<p class="call">{escape(texts.CALL)} {call}</p>',
        charts.listed([*(say(t) for t in advice.what_to_do), results.driving(model)]),
        f"<h3>{escape(texts.LED_TO_IT)}</h3>{charts.listed(answer.reasons(standing))}",
    ]
    for clash in standing.contradictions:
        parts_.append(f"<p><strong>{escape(texts.CONTRADICTION)}.</strong> {escape(clash)}</p>")
    return charts.block(
        f'<section aria-label="{escape(texts.LEVEL_PREFIX[advice.level])}">'
        f"{''.join(parts_)}</section>",
        f"care {advice.level}",
    )


def _hand_over(model: Model, standing: Standing) -> str:
    """Return the answers on one sheet: what led to it, all that is there, what is not."""
    flags = set(led_to_it(model, standing))
    groups: dict[str, list[str]] = {"flags": [], "yes": [], "no": [], "unsure": []}
    for name, value in state.findings().items():
        info = model.variables[name]
        line = f"{state.label(name)}: {state.state_label(name, value)}"
        if name in flags:
            groups["flags"].append(line)
        elif value == "unsure":
            groups["unsure"].append(state.label(name))
        elif value == info.states[0] and set(info.states) == {"no", "yes"}:
            groups["no"].append(state.label(name))
        else:
            groups["yes"].append(line)
    inner = "".join(f"<li><strong>{escape(line)}</strong></li>" for line in groups["flags"])
    inner = f"<ul>{inner}</ul>{charts.listed(groups['yes'])}"
    for key, title in (("no", texts.HAND_OVER_NO), ("unsure", texts.HAND_OVER_UNSURE)):
        if groups[key]:
            inner += f"<p><strong>{escape(title)}</strong> {escape(', '.join(groups[key]))}</p>"
    return inner


def led_to_it(model: Model, standing: Standing) -> tuple[str, ...]:
    """Return the answers that the rules which fired look at, in the order of the rules."""
    rules = {rule.name: rule for rule in load_rules(model.folder).rules}
    fired = [rules[name] for name in standing.advice.rules if name in rules]
    known = state.findings()
    names = [a.variable for rule in fired for a in rule.atoms if a.variable in known]
    return tuple(dict.fromkeys(n for n in names if known[n] != model.variables[n].states[0]))
