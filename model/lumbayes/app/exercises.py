"""Exercises: the plan with drawings, week by week; in an emergency nothing but safety advice."""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from lumbayes.app import charts, drawings, frame, parts, results, state, texts
from lumbayes.cases.case import Case
from lumbayes.exercises.choice import NO_EXERCISE, plan
from lumbayes.exercises.plan import PHASES, Plan, PlannedExercise
from lumbayes.exercises.tables import EQUIPMENT, Exercises, Note, read_exercises
from lumbayes.knowledge.model import Model
from lumbayes.questions.differential import Differential


@frame.framed
def page() -> None:
    """Show the plan that fits the answers."""
    model = state.the_model()
    frame.heading(texts.EX_TITLE, texts.EX_LEAD)
    case = state.case(model)
    level = results.advice(model, case).level
    if level in NO_EXERCISE:
        made = _plan(model, case, level, (), None, None, 8, 5)
        for note in made.safety:
            st.warning(note.text)
        return
    made = _filtered(model, case, level)
    for note in made.safety:
        st.info(note.text)
    st.write(made.level_why)
    with st.container(key="no_print_plan"):
        parts.print_button(texts.EX_PRINT)
    _weeks(made)
    for number, item in enumerate(made.chosen, 1):
        _card(number, item)
    _notes(texts.EX_STOP, made.stop_rules)
    _notes(texts.EX_HOW_MUCH, made.how_much)
    _notes(texts.EX_PREGNANCY, made.pregnancy_rules)
    _notes(texts.EX_EXPECT, made.expected_benefit)
    if made.not_today:
        st.header(texts.EX_NOT_TODAY, anchor=False)
        st.markdown("\n".join(f"- **{n.name}.** {n.reason}" for n in made.not_today))


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
            format_func=lambda thing: EQUIPMENT[thing],
            key="ex_equipment",
            persist_state="session",
            wrap=True,
        )
        left, middle, right = st.columns(3)
        with left:
            wanted = st.selectbox(
                texts.EX_LEVEL,
                list(texts.EX_LEVELS),
                format_func=lambda n: texts.EX_LEVELS[n],
                key="ex_level",
                persist_state="session",
            )
        with middle:
            expecting = st.selectbox(
                texts.EX_PREGNANT,
                list(texts.EX_PREGNANT_CHOICES),
                format_func=lambda n: texts.EX_PREGNANT_CHOICES[n],
                key="ex_pregnant",
                persist_state="session",
            )
        with right:
            most = st.number_input(
                texts.EX_SESSION, 1, 8, 5, key="ex_session", persist_state="session"
            )
    pregnant = {"yes": True, "no": False}.get(str(expecting))
    if pregnant is False and case.findings.get("pregnancy") in ("pregnant", "unsure"):
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


def _weeks(made: Plan) -> None:
    """Show which exercises stand on which day, for each phase."""
    st.header(texts.EX_WEEK_PLAN, anchor=False)
    numbers = {item.exercise: i for i, item in enumerate(made.chosen, 1)}
    head = [
        texts.EX_WEEK_HEAD.format(first=first, last=min(last, made.weeks)) for first, last in PHASES
    ]
    due = {(d.week, d.day): d.exercises for d in made.weekly_schedule}
    days = [d.day for d in made.weekly_schedule if d.week == 1]
    rows = [
        (
            day[:3],
            *(
                ", ".join(str(numbers[e]) for e in due[first, day]) or texts.EX_REST
                for first, _ in PHASES
            ),
        )
        for day in days
    ]
    st.html(charts.table((texts.EX_DAY, *head), rows, stacks=False))
    st.caption(texts.EX_NUMBERS)


def _card(number: int, item: PlannedExercise) -> None:
    """Show one exercise: drawing, how, how much, why, cautions."""
    with st.container(border=True, key=f"exercise_{item.exercise}"):
        st.header(f"{number}. {item.name}", anchor=False)
        left, right = st.columns([2, 3])
        with left:
            picture = drawings.exercise(
                item.exercise, f"{item.alt_start} {item.alt_end}", dark=state.dark()
            )
            st.image(picture.svg, alt=picture.alt, width="stretch")
        with right:
            st.markdown(f"**{texts.EX_WHY}.** {item.why}")
            st.markdown(f"**{texts.EX_START}.** {item.start_position}")
            st.markdown(f"**{texts.EX_MOVE}.** {item.movement}")
            st.markdown(f"**{texts.EX_FEEL}.** {item.how_it_should_feel}")
        st.markdown(
            f"**{texts.EX_DOSE}**\n"
            + "\n".join(
                "- "
                + texts.EX_WEEK.format(
                    first=d.first_week, last=d.last_week, days=_days(d.days_a_week), dose=d.dose
                )
                for d in item.doses
            )
        )
        if item.next_step:
            st.markdown(item.next_step)
        if item.pregnancy_version:
            st.markdown(f"**{texts.EX_IN_PREGNANCY}.** {item.pregnancy_version}")
        if item.cautions:
            st.markdown(f"**{texts.EX_CARE}.** {item.cautions}")
        with st.expander(texts.EX_EVIDENCE.format(grade=item.grade)):
            st.markdown(f"{item.evidence} :small[{', '.join(item.source)}]")


def _days(number: int) -> str:
    if number == 7:
        return str(texts.EX_EVERY_DAY)
    return str(texts.EX_ONE_DAY if number == 1 else texts.EX_DAYS.format(days=number))


def _notes(title: str, notes: tuple[Note, ...]) -> None:
    if notes:
        st.header(title, anchor=False)
        st.markdown("\n".join(f"- {note.text}" for note in notes))
