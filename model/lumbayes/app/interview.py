"""The interview: own words first, then one screen at a time, warning signs before all else.

A screen is its kind and the questions on it. Which comes next is worked out from the answers, so
going back and changing one leads on from there.
"""

from __future__ import annotations

from lumbayes.app import results, state
from lumbayes.cases.case import understand
from lumbayes.errors import LumbayesError
from lumbayes.knowledge.model import Model
from lumbayes.triage.warning_signs import screens_left

Screen = tuple[str, tuple[str, ...]]  # its kind; the name of its screen, and the questions on it
WORDS, CONFIRM, SIGNS, ONE, DONE = "words", "confirm", "signs", "one", "done"


def next_screen(model: Model) -> Screen:
    """Return the screen that comes next for the answers so far."""
    seen = {kind for kind, _ in state.get("screens", [])}
    skipped = set(state.get("skipped", ()))
    if WORDS not in seen:
        return (WORDS, ())
    if state.get("heard") and CONFIRM not in seen:
        return (CONFIRM, ())
    left = screens_left(model, understand(model, state.data()), skipped)
    if left:
        return (SIGNS, (left[0].name, *(sign.variable for sign in left[0].signs)))
    standing = results.standing(model)
    if standing.case is not None:
        try:
            asked = results.open_questions(model, standing.case).frame
        except LumbayesError:
            return (DONE, ())
        worth = asked[(asked["score"] > 0) & ~asked["variable"].isin(skipped)]
        if len(worth):
            return (ONE, (str(worth["variable"].iloc[0]),))
    return (DONE, ())


def screens() -> list[Screen]:
    """Return the screens seen, the present one last."""
    return list(state.get("screens", []))


def place() -> str:
    """Return where in the interview one is, for the Back button of the browser."""
    return f"interview {len(screens())}"


def forward(model: Model) -> None:
    """Go on to the next screen."""
    state.put("screens", [*screens(), next_screen(model)])


def backward() -> None:
    """Go back by one screen; the answers stay."""
    if len(screens()) > 1:
        state.put("screens", screens()[:-1])


def back_to(name: str) -> None:
    """Go back to a place that ``place`` has named."""
    count = int(name.removeprefix("interview ") or 1)
    state.put("screens", screens()[: max(count, 1)])
