"""The buttons of a screen: each belongs to its screen, and answers no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import streamlit as st

from lumbayes.app import state
from lumbayes.app.interview import steps


def button(
    label: str,
    work: Callable[..., None],
    *args: Any,
    key: str = "",
    kind: Literal["primary", "secondary"] = "secondary",
    width: Literal["content", "stretch"] = "content",
) -> None:
    """Show a button of the present screen.

    Its key is new on every screen: a button that stays where it was would keep the focus, and a
    second press of it would answer a screen that nobody has read.
    """
    where = state.widget(steps.place(), key or work.__name__.strip("_"))
    st.button(label, key=where, type=kind, width=width, on_click=_of, args=(where, work, *args))


def _of(where: str, work: Callable[..., None], *args: Any) -> None:
    """Do what a button stands for, unless its screen has gone meanwhile."""
    if where.startswith(state.widget(steps.place(), "")):
        work(*args)
