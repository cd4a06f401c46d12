"""Exercises: the plan with drawings, week by week; in an emergency nothing but safety advice."""

from __future__ import annotations

from base64 import b64encode
from functools import lru_cache
from html import escape
from pathlib import Path

import streamlit as st

from lumbayes.app import (
    answer,
    charts,
    drawings,
    frame,
    parts,
    questions,
    results,
    state,
    switches,
    texts,
)
from lumbayes.app.language import say
from lumbayes.cases.case import Case
from lumbayes.exercises.choice import NO_EXERCISE, plan
from lumbayes.exercises.plan import PHASES, Plan, PlannedExercise
from lumbayes.exercises.tables import EQUIPMENT, Exercises, Note, read_exercises
from lumbayes.knowledge.anchors import PREGNANCY
from lumbayes.knowledge.model import Model
from lumbayes.questions.differential import Differential

HABIT = "habit"  # a kind of exercise that goes with the day and counts towards no limit
_here = Path(__file__).parent
_week = st.components.v2.component(
    "lumbayes_week",
    css=(_here / "week.css").read_text(encoding="utf-8"),
    js=(_here / "week.js").read_text(encoding="utf-8"),
)


@frame.framed
def page() -> None:
    """Show the plan that fits the answers."""
    model = state.the_model()
    frame.heading(texts.EX_TITLE, texts.EX_LEAD)
    standing = results.standing(model)
    case, level = standing.case, standing.advice.level
    if case is None:
        return
    if level in NO_EXERCISE:
        made = _plan(model, case, level, (), None, None, 8, 5)
        for note in made.safety:
            st.warning(say(note.text))
        return
    if caution := answer.caution(standing):
        st.info(caution)
    with st.expander(texts.EX_CHANGE, expanded=False):
        made = _filtered(model, case, level)
    for note in made.safety:
        st.info(say(note.text))
    st.write(say(made.level_why))
    with st.container(key="no_print_plan"):
        _weeks(made)
        parts.print_button(texts.EX_PRINT)
        st.header(texts.EX_HOW, anchor=False)
        for item in made.chosen:
            _card(item)
    with st.container(key="only_print"):
        st.html(charts.block(_printed_weeks(made) + _printed_how(made)))
    _notes(texts.EX_STOP, made.stop_rules)
    _notes(texts.EX_PREGNANCY, made.pregnancy_rules)
    with st.expander(texts.EX_FURTHER):
        _notes(texts.EX_HOW_MUCH, made.how_much)
        _notes(texts.EX_EXPECT, made.expected_benefit)
        if made.not_today:
            st.markdown(f"**{texts.EX_NOT_TODAY}**")
            st.markdown("\n".join(f"- **{say(n.name)}.** {say(n.reason)}" for n in made.not_today))


@lru_cache(maxsize=2)
def _table(model: Model) -> Exercises:
    return read_exercises(model.folder)


def _filtered(model: Model, case: Case, level: str) -> Plan:
    """Show the filters and return the plan for them."""
    with st.container(key="no_print_filters"):
        equipment = st.pills(
            texts.EX_EQUIPMENT,
            list(EQUIPMENT),
            selection_mode="multi",
            format_func=lambda thing: say(EQUIPMENT[thing]),
            key="ex_equipment",
            persist_state="session",
            wrap=True,
        )
        left, middle, right = st.columns(3)
        with left:
            wanted = st.selectbox(
                texts.EX_LEVEL,
                list(texts.EX_LEVELS),
                format_func=texts.EX_LEVELS.__getitem__,
                key="ex_level",
                persist_state="session",
            )
        with middle:
            expecting = st.selectbox(
                texts.EX_PREGNANT,
                list(texts.EX_PREGNANT_CHOICES),
                format_func=texts.EX_PREGNANT_CHOICES.__getitem__,
                key="ex_pregnant",
                persist_state="session",
            )
        with right:
            most = st.number_input(
                texts.EX_SESSION, 1, 8, 5, key="ex_session", persist_state="session"
            )
    pregnant = {"yes": True, "no": False}.get(str(expecting))
    if pregnant is False and case.findings.get(PREGNANCY) in ("pregnant", "unsure"):
        st.info(texts.EX_PREGNANT_CLASH)
        pregnant = None
    return _plan(model, case, level, tuple(equipment), wanted or None, pregnant, 8, int(most))


def _plan(
    model: Model,
    case: Case,
    level: str,
    equipment: tuple[str, ...],
    wanted: int | None,
    pregnant: bool | None,
    weeks: int,
    most: int,
) -> Plan:
    found = results.causes(model, case)
    return plan(
        _table(model),
        _chances(found, imbalances=True),
        _chances(found, imbalances=False),
        dict(case.findings),
        level,
        equipment=equipment,
        level=wanted,
        pregnant=pregnant,
        weeks=weeks,
        per_session=most,
    )


def _chances(found: Differential, *, imbalances: bool) -> dict[str, float]:
    table = found.imbalances if imbalances else found.conditions
    return dict(zip(table["name"], table["probability"].clip(0, 1).astype(float), strict=True))


def days(made: Plan, first: int) -> list[tuple[str, tuple[PlannedExercise, ...]]]:
    """Return what is to be done on each day of the phase that begins with a week.

    Habits go with every day and stand first, as a day of their own.
    """
    by_name = {item.exercise: item for item in made.chosen}
    habits = tuple(i for i in made.chosen if i.kind == HABIT)
    week = [
        (d.day, tuple(by_name[e] for e in d.exercises if by_name[e].kind != HABIT))
        for d in made.weekly_schedule
        if d.week == first
    ]
    return [(texts.after.EX_EVERY_DAY, habits), *week] if habits else week


def _dose(item: PlannedExercise, week: int) -> str:
    found = item.dose(week)
    return found.dose if found else ""


def _weeks(made: Plan) -> None:
    """Show the days of one phase by name and dose, to be ticked off."""
    st.header(texts.EX_WEEK_PLAN, anchor=False)
    labels = {
        first: texts.EX_WEEK_HEAD.format(first=first, last=min(last, made.weeks))
        for first, last in PHASES
    }
    chosen = st.segmented_control(
        texts.EX_WEEK_PLAN,
        list(labels),
        format_func=lambda first: labels[first],
        default=PHASES[0][0],
        required=True,
        key="ex_phase",
        label_visibility="collapsed",
        wrap=True,
    )
    first = int(chosen or PHASES[0][0])
    _week(
        key="week",
        data={
            "phase": f"weeks {first}",
            "rest": texts.EX_REST,
            "clear": texts.EX_CLEAR,
            "days": [
                {
                    "id": day,
                    "name": say(day),
                    "daily": day == texts.after.EX_EVERY_DAY,
                    "items": [
                        {"id": i.exercise, "name": say(i.name), "dose": say(_dose(i, first))}
                        for i in items
                    ],
                }
                for day, items in days(made, first)
            ],
        },
    )
    st.caption(texts.EX_TICKS)


def _card(item: PlannedExercise) -> None:
    """Show one exercise once opened: drawings, how, why, cautions."""
    with st.expander(say(item.name), key=f"exercise_{item.exercise}"):
        alts = (say(item.alt_start), say(item.alt_end))
        questions.show_pictures(drawings.exercise(item.exercise, alts, dark=switches.dark()))
        told = [
            (texts.EX_WHY, item.why),
            (texts.EX_START, item.start_position),
            (texts.EX_MOVE, item.movement),
            (texts.EX_FEEL, item.how_it_should_feel),
            *([(texts.EX_IN_PREGNANCY, item.pregnancy_version)] if item.pregnancy_version else []),
            *([(texts.EX_CARE, item.cautions)] if item.cautions else []),
        ]
        st.markdown("\n\n".join(f"**{title}.** {say(text)}" for title, text in told))
        doses = [
            texts.EX_WEEK.format(
                first=d.first_week,
                last=d.last_week,
                days=_days(d.days_a_week),
                dose=say(d.dose),
            )
            for d in item.doses
        ]
        st.markdown(f"**{texts.EX_DOSE}**\n" + "\n".join(f"- {text}" for text in doses))
        if item.next_step:
            st.markdown(say(item.next_step))
        sources = f" :small[{', '.join(item.source)}]" if state.clinician() else ""
        evidence = texts.EX_EVIDENCE.format(grade=item.grade)
        st.markdown(f"**{evidence}.** {say(item.evidence)}{sources}")


def _printed_weeks(made: Plan) -> str:
    """Return all weeks as one table for paper: days and dose of each exercise in each phase."""
    head = [texts.EX_HEAD]
    for first, last in PHASES:
        head.append(texts.EX_WEEK_HEAD.format(first=first, last=min(last, made.weeks)))
    on_days = {first: days(made, first) for first, _ in PHASES}
    rows = []
    for item in made.chosen:
        cells = [say(item.name)]
        for first, _ in PHASES:
            on = [day for day, items in on_days[first] if item in items]
            named = ", ".join(say(str(texts.EX_SHORT_DAYS.get(day, day))) for day in on)
            cells.append(f"{named}: {say(_dose(item, first))}" if on else texts.EX_NOT_YET)
        rows.append(cells)
    return f"<h2>{escape(texts.EX_ALL_WEEKS)}</h2>" + charts.table(head, rows, stacks=False)


def _printed_how(made: Plan) -> str:
    """Return how each exercise is done, for paper, with its drawings: nothing is folded away."""
    told = []
    for item in made.chosen:
        drawn = drawings.exercise(item.exercise, ("", ""))
        pictures = "".join(
            f'<img alt="" src="data:image/svg+xml;base64,{b64encode(p.svg.encode()).decode()}">'
            for p in drawn
        )
        words = (item.start_position, item.movement, item.pregnancy_version, item.cautions)
        text = " ".join(say(t) for t in words if t)
        told.append(
            f"<li>{pictures}<p><strong>{escape(say(item.name))}.</strong> {escape(text)}</p></li>"
        )
    return f'<h2>{escape(texts.EX_HOW)}</h2><ul class="how">{"".join(told)}</ul>'


def _days(number: int) -> str:
    if number == 7:
        return str(texts.EX_EVERY_DAY).lower()
    return str(texts.EX_ONE_DAY if number == 1 else texts.EX_DAYS.format(days=number))


def _notes(title: str, notes: tuple[Note, ...]) -> None:
    if notes:
        st.markdown(f"**{title}**\n" + "\n".join(f"- {say(note.text)}" for note in notes))
