"""Answers from outside, by a link, a file or what a reload left; and the code that keeps them.

No mistake in them hides a warning sign, and none of them is trusted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from lumbayes.app import plain, share, state
from lumbayes.cases.case import Case, case_to_dict, understand
from lumbayes.errors import LumbayesError
from lumbayes.knowledge.model import Model
from lumbayes.triage.care_level import admit


def load(
    model: Model,
    given: object,
    example: str | None = None,
    broken: Sequence[LumbayesError] = (),
) -> Case:
    """Put a case in the place of the answers; nothing is lost if it cannot be read.

    What holds a warning sign is opened whatever else is wrong, ``broken`` included: the page shows
    what does not fit. What was told and not understood is kept, and keeps the level open.

    Raises
    ------
    LumbayesError
        If the case is broken and holds no such sign; the answers so far stay.
    """
    new = admit(model, understand(model, given, broken))
    parts = case_to_dict(model, new)
    before = state.snapshot()
    state.start()
    note_ = given.get("note") if isinstance(given, Mapping) else None
    state.fill({**parts, "minor": new.minor, "note": note_}, example)
    state.put("undo", before)
    return new


def open_link(model: Model) -> None:
    """Take the case out of the address, once, and leave a clean address behind."""
    code = st.query_params.get("s")
    if code is None:
        return
    del st.query_params["s"]
    try:
        data_, broken = share.from_code(code)
        new = load(model, data_, broken=broken)
    except LumbayesError as error:
        state.put("bad_link", plain.of_a_link(model, error))
        state.note("error", str(state.get("bad_link")))
        return
    state.note("info", "The answers of the link are filled in. They are gone from the address.")
    tell(model, new)


def tell(model: Model, new: Case) -> None:
    """Leave a message for all that a file or a link said and that is not as it should be."""
    warnings: Any = case_to_dict(model, new)["warnings"]
    for warning in (*warnings, *new.mistakes()):
        state.note("warning", plain.clash(model, warning))


def load_code(model: Model, code: str) -> bool:
    """Put back what a reload left in the tab; a code that cannot be read is passed over."""
    try:
        data_, broken = share.from_code(code)
        load(model, data_, broken=broken)
    except LumbayesError:
        return False
    return True


def code() -> str:
    """Return the answers as a code for a link."""
    model = state.the_model()
    return share.to_code({**state.data(), "version": {"data": model.version}})
