"""Example cases by one click."""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from lumbayes.app import opened, plain, state, texts
from lumbayes.app.language import say
from lumbayes.errors import LumbayesError
from lumbayes.evaluation.worked_cases import WorkedCase, read_worked_cases
from lumbayes.knowledge.anchors import SEX
from lumbayes.knowledge.model import Model
from lumbayes.questions.assessment.page import CARDS


@lru_cache(maxsize=2)
def worked(model: Model) -> dict[str, WorkedCase]:
    """Return the open cases by their id."""
    return {case.id: case for case in read_worked_cases(model)}


def title(case: WorkedCase) -> str:
    """Return a title that does not give the answer away.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> title(worked(load_model())["C01"])
    'C01: woman, 33'
    """
    facts = case.data.get("facts", {})
    people = {"female": "woman", "male": "man"}
    person = people.get(str(facts.get(SEX, "")), "person")
    age = facts.get("age_years")
    return f"{case.id}: {person}" + (f", {age:g}" if isinstance(age, int | float) else "")


def chooser(model: Model) -> None:
    """Show the examples in a small window of their own."""
    # Another key is another window: it is shut once an example was taken.
    with st.popover(texts.EXAMPLES, key=f"examples_{state.get('epoch')}", on_change="rerun"):
        st.write(texts.EXAMPLES_LEAD)
        cases = worked(model)
        for id, label in texts.FEW_EXAMPLES.items():
            if id in cases:
                st.button(label, key=f"example_{id}", on_click=_open, args=(model, id))
        others = [id for id in cases if id not in texts.FEW_EXAMPLES]
        st.selectbox(
            texts.MORE_EXAMPLES,
            others,
            index=None,
            format_func=lambda id: title(cases[id]),
            placeholder=texts.CHOOSE,
            key="example_more",
            on_change=_open_chosen,
            args=(model,),
        )


def shown(model: Model) -> None:
    """Say which example is on show, and what its author found."""
    id = state.get("example")
    if id is None:
        return
    case = worked(model).get(id)
    if case is None:
        return
    label = texts.FEW_EXAMPLES.get(id, title(case))
    with st.expander(texts.EXAMPLE_SHOWN.format(title=label)):
        name = state.label(case.diagnosis) if case.diagnosis in model.variables else ""
        st.markdown(
            f"**{texts.EXAMPLE_EXPECTED}:** {name or case.diagnosis}. {say(CARDS[case.level])}."
        )


def _open_chosen(model: Model) -> None:
    id = state.get("example_more")
    if id:
        _open(model, id)


def _open(model: Model, id: str) -> None:
    try:
        opened.load(model, worked(model)[id].data, example=id)
    except LumbayesError as error:
        state.note("error", plain.clash(model, error))
