"""The interview: own words first, then one screen at a time, warning signs before all else.

A screen is its kind and the questions on it. Which comes next is worked out from the answers, so
going back and changing one leads on from there.
"""

from __future__ import annotations

from lumbayes.app import results, state
from lumbayes.errors import LumbayesError
from lumbayes.knowledge.model import Model

Screen = tuple[str, tuple[str, ...]]  # its kind; the name of its screen, and the questions on it
ENOUGH = 12  # screens, unless the warning signs need more
MORE = 5  # questions more for who asks for them
WORDS, CONFIRM, SIGNS, ONE, DONE = "words", "confirm", "signs", "one", "done"


def next_screen(model: Model) -> Screen:
    """Return the screen that comes next for the answers so far."""
    seen = {kind for kind, _ in state.get("screens", [])}
    if WORDS not in seen:
        return (WORDS, ())
    if (state.get("heard") or state.get("not_read")) and CONFIRM not in seen:
        return (CONFIRM, ())
    left = results.screens_left(model)
    if left:
        return (SIGNS, (left[0].name, *(sign.variable for sign in left[0].signs)))
    if len(screens()) + 1 < enough():
        worth = worth_asking(model)
        if worth:
            return (ONE, worth[:1])
    return (DONE, ())


def worth_asking(model: Model) -> tuple[str, ...]:
    """Return the open questions that tell something about the causes, the most telling first."""
    standing = results.standing(model)
    if standing.case is None:
        return ()
    try:
        asked = results.open_questions(model, standing.case).frame
    except LumbayesError:
        return ()
    worth = asked[(asked["score"] > 0) & ~asked["variable"].isin(state.get("skipped", ()))]
    return tuple(worth["variable"].astype(str))


def enough() -> int:
    """Return how many screens are enough, "that is enough" itself included."""
    return int(state.get("enough") or ENOUGH)


def ask_more(model: Model) -> None:
    """Ask some more questions, since someone wants to."""
    state.put("enough", len(screens()) + MORE + 1)
    forward(model)


def screens() -> list[Screen]:
    """Return the screens seen, the present one last."""
    return list(state.get("screens", []))


def place() -> str:
    """Return where in the interview one is, for the Back button of the browser."""
    return f"interview {len(screens())}"


def begin(model: Model) -> None:
    """Stand on the first screen, unless one has begun."""
    if not screens():
        # Answers of an example, a file or a reload need no words: what is open comes next.
        state.put("screens", [(WORDS, ())] if state.answered() else [])
        forward(model)


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
