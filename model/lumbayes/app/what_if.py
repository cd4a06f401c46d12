"""What if: up to three scenarios beside today's answers."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from lumbayes.app import charts, frame, results, sections, state, texts
from lumbayes.cases.case import Case
from lumbayes.knowledge.model import Model
from lumbayes.questions.assessment.page import CARDS
from lumbayes.questions.what_if.scenarios import Scenario

MOST = 3
NOTICED = 5e-4  # a smaller change, 1 in 2,000, is not shown
QUICK: tuple[tuple[str, dict[str, str]], ...] = (
    (texts.IF_SIT_LESS, {"sitting": "under_6h"}),
    (texts.IF_LIGHTER, {"body_weight": "normal"}),
    (texts.IF_MOVE, {"physical_activity": "active"}),
    (texts.IF_GLUTES, {"gmax_weak": "absent", "gmed_weak": "absent"}),
    (texts.IF_STRETCH, {"hip_flexors_tight": "absent", "tfl_tight": "absent"}),
)


@frame.framed
def page() -> None:
    """Build scenarios and compare them."""
    model = state.the_model()
    frame.heading(texts.IF_TITLE, texts.IF_LEAD)
    case = state.case(model)
    if state.get("before_keep"):
        st.info(texts.IF_KEPT)
        st.button(texts.IF_UNDO, on_click=_undo)
    with st.container(key="no_print_builder"):
        _builder(model)
    shown = chosen()
    for column, scenario in zip(st.columns(max(len(shown), 1)), shown, strict=False):
        with column:
            _scenario(model, case, scenario)


def chosen() -> tuple[Scenario, ...]:
    """Return the scenarios of this session."""
    return tuple(state.get("scenarios", ()))


def _add(name: str, findings: dict[str, str], do: dict[str, str]) -> None:
    taken = {s.name for s in chosen()} | {"now"}
    number, unique = 2, name
    while unique in taken:
        unique, number = f"{name} ({number})", number + 1
    state.put("scenarios", [*chosen(), Scenario(unique, findings, do)][:MOST])


def _remove(name: str) -> None:
    state.put("scenarios", [s for s in chosen() if s.name != name])


def _keep(scenario: Scenario) -> None:
    """Take the answers of a scenario over, and remember the old ones."""
    state.put("before_keep", state.data())
    for name, answer in {**scenario.findings, **scenario.do}.items():
        state.set_answer(name, answer)
    _remove(scenario.name)


def _undo() -> None:
    before = state.get("before_keep")
    scenarios = chosen()
    state.load(state.the_model(), before)
    state.put("scenarios", list(scenarios))
    state.put("before_keep", None)


def _builder(model: Model) -> None:
    """Show the ready-made scenarios, and the way to make one's own."""
    if len(chosen()) >= MOST:
        st.write(texts.IF_FULL)
        return
    st.markdown(f"**{texts.IF_QUICK}**")
    taken = {s.name for s in chosen()}
    with st.container(horizontal=True):
        for name, do in QUICK:
            st.button(
                name,
                key=f"quick_{name}",
                on_click=_add,
                args=(name, {}, do),
                disabled=name in taken,
            )
    with st.expander(texts.IF_MORE, expanded=bool(state.get("if_open"))):
        _own(model)


def _own(model: Model) -> None:
    kind = st.segmented_control(
        texts.IF_KIND,
        list(texts.IF_KINDS),
        format_func=lambda k: texts.IF_KINDS[k],
        default="done",
        required=True,
        key="if_kind",
    )
    st.markdown(f":small[{texts.IF_DONE if kind == 'done' else texts.IF_SEEN}]")
    names = (
        list(model.with_role("changeable"))
        if kind == "done"
        else [
            v.name for v in model.variables.values() if v.ask != "none" and v.name in model.network
        ]
    )
    picked = st.multiselect(
        texts.IF_WHAT,
        names,
        format_func=state.label,
        key=f"if_what_{kind}",
        placeholder=texts.CHOOSE,
        max_selections=5,
    )
    changes = {}
    for name in picked:
        info = model.variables[name]
        labels = dict(sections.choices(info))
        options = [s for s in labels if s in info.states]
        changes[name] = st.segmented_control(
            f"{state.label(name)}: {texts.IF_TO.lower()}",
            options,
            format_func=labels.__getitem__,
            default=options[0],
            required=True,
            key=f"if_to_{kind}_{name}",
            wrap=True,
        )
    title = st.text_input(texts.IF_NAME, key="if_name", max_chars=40, placeholder=texts.IF_MY_WORLD)
    ready = {name: str(to) for name, to in changes.items() if to}
    st.button(
        texts.IF_ADD,
        type="primary",
        disabled=not ready,
        on_click=_add,
        args=(
            title.strip() or texts.IF_MY_WORLD,
            ready if kind == "seen" else {},
            ready if kind == "done" else {},
        ),
    )


def _scenario(model: Model, case: Case, scenario: Scenario) -> None:
    """Show one scenario: what it is, the largest change in words, the picture, keep or remove."""
    with st.container(border=True, key=f"scenario_{scenario.name}"):
        st.header(scenario.name, anchor=False)
        st.markdown(
            ", ".join(
                f"{state.label(n)}: **{model.variables[n].state_label(s)}**"
                for n, s in {**scenario.findings, **scenario.do}.items()
            )
        )
        st.markdown(f":small[{texts.IF_SEEN if scenario.kind == 'seen' else texts.IF_DONE}]")
        found = results.scenarios(model, case, (scenario,))
        rows = found.largest[found.largest["change"].abs() >= NOTICED]
        if rows.empty:
            st.write(texts.IF_NONE)
        else:
            st.markdown(f"**{sentence(rows.iloc[0])}**")
            st.html(
                charts.dumbbells(
                    [pair(row) for _, row in rows.iterrows()], clinician=state.clinician()
                )
            )
            st.caption(texts.IF_RANGE)
        level = found.levels.get(scenario.name)
        if level and level != found.levels["now"]:
            st.markdown(f"**{texts.IF_LEVEL.format(level=CARDS[level])}**")
        if scenario.kind == "done":
            _for_you(model, case, scenario)
        _choices(model, scenario)


def _choices(model: Model, scenario: Scenario) -> None:
    changed = {**scenario.findings, **scenario.do}
    with st.container(horizontal=True, key=f"no_print_choices_{scenario.name}"):
        if all(model.variables[name].ask != "none" for name in changed):
            st.button(texts.IF_KEEP, key=f"keep_{scenario.name}", on_click=_keep, args=(scenario,))
        st.button(
            texts.IF_REMOVE, key=f"remove_{scenario.name}", on_click=_remove, args=(scenario.name,)
        )


def _for_you(model: Model, case: Case, scenario: Scenario) -> None:
    """Answer for this very person; worked out once someone opens it."""
    opened = st.expander(texts.IF_FOR_YOU, key=f"for_you_{scenario.name}", on_change="rerun")
    if not opened.open:
        return
    with opened:
        st.write(texts.IF_FOR_YOU_LEAD)
        answer = results.for_you(model, case, scenario.do)
        rows = answer.frame[answer.frame["change"].abs() >= NOTICED].head(6)
        if rows.empty:
            st.write(texts.IF_NONE)
        else:
            st.html(
                charts.dumbbells(
                    [pair(row) for _, row in rows.iterrows()], clinician=state.clinician()
                )
            )
        st.markdown(texts.IF_RESTS)
        st.markdown("\n".join(f"- {assumption}" for assumption in answer.assumptions))


def pair(row: pd.Series) -> charts.Pair:
    """Return one row of a comparison as a pair of marks."""
    return charts.Pair(str(row["label"]), row["now"], row["then"], row["low"], row["high"])


def sentence(row: pd.Series) -> str:
    """Say the largest change in one sentence."""
    now, then = charts.two_values(row["now"], row["then"], state.clinician())
    return texts.IF_LARGEST.format(label=row["label"], now=now, then=then)
