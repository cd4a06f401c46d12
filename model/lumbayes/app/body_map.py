"""The body map: where it hurts, front and back, and which answers a touch of it gives."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from lumbayes.app import texts
from lumbayes.app.language import say
from lumbayes.knowledge.tables import read_table

LEFT_HALF = (
    "M100,48 L91,48 C91,58 88,62 74,66 C58,70 50,78 48,94 C46,112 42,128 38,146"
    " C34,164 31,178 29,192 C28,200 33,206 37,204 C40,202 41,196 42,190 C46,172 52,156 56,140"
    " C60,124 62,112 64,104 C66,118 69,128 69,140 C69,152 66,160 64,172 C61,190 62,206 64,222"
    " C66,244 69,262 70,280 C70,296 70,310 73,330 C75,344 76,352 75,360 C72,366 68,370 70,374"
    " L90,374 C92,368 90,358 90,350 C92,330 95,312 94,294 C93,280 94,268 95,256"
    " C97,236 99,220 100,200 Z"
)
ABSENT = frozenset({None, "no", "none", "unsure"})
COLUMNS = ("place", "label", "view", "paired", "variable", "state", "both_state", "both_variable",
           "path")  # fmt: skip


@dataclass(frozen=True)
class Region:
    """One place on the map, and the answer it gives; ``both_state`` if both sides hurt.

    ``reach`` is how far it lies among the places of its variable: 1 for the lower leg.
    """

    id: str
    label: str
    view: str
    path: str
    variable: str
    state: str
    both_state: str
    both_variable: str
    side: str = ""
    reach: int = 0

    @property
    def mirrored(self) -> bool:
        """Whether the path, drawn on the left of the picture, belongs on its right."""
        return bool(self.side) and (self.side == "left") == (self.view == "front")


@lru_cache(maxsize=1)
def regions() -> Mapping[str, Region]:
    """Return the places of ``body_map.csv``, those on both sides twice: name → place."""
    found: dict[str, Region] = {}
    order = _states()
    for row in read_table("body_map.csv", COLUMNS):
        for side in ("left", "right") if row["paired"] == "yes" else ("",):
            name = f"{row['place']}_{side}" if side else row["place"]
            found[name] = Region(
                name,
                f"{row['label']}, {side}" if side else row["label"],
                row["view"],
                row["path"],
                row["variable"],
                row["state"],
                both_state=row["both_state"],
                both_variable=row["both_variable"],
                side=side,
                reach=order[row["variable"]].index(row["state"]),
            )
    return found


@lru_cache(maxsize=1)
def _states() -> Mapping[str, list[str]]:
    """Return the answers that places give about each pain, the nearest to the back first."""
    order: dict[str, list[str]] = {}
    for row in read_table("body_map.csv", COLUMNS):
        known = order.setdefault(row["variable"], [])
        known += [row["state"]] * (row["state"] not in known)
    return order


def answers_for(chosen: Collection[str], variable: str) -> dict[str, str | None]:
    """Return the answers that the chosen places give about one kind of pain; None clears one.

    Examples
    --------
    >>> answers_for(["thigh_left", "calf_left", "thigh_right"], "leg_pain")
    {'leg_pain': 'below_knee', 'leg_pain_both_sides': 'yes'}
    >>> answers_for(["buttock_left"], "buttock_pain"), answers_for([], "low_back_pain")
    ({'buttock_pain': 'one_side'}, {'low_back_pain': None})
    """
    places = [r for r in regions().values() if r.variable == variable]
    hurt = [place for place in places if place.id in chosen]
    both = len({place.side for place in hurt}) == 2
    farthest = max(hurt, key=lambda place: place.reach, default=None)
    told: str | None = farthest.state if farthest else None
    if farthest and both and farthest.both_state:
        told = farthest.both_state
    answers = {variable: told}
    if places[0].both_variable:
        answers[places[0].both_variable] = "yes" if both else None
    return answers


def _both(answer: str | None) -> bool:
    return answer is not None and any(r.both_state == answer for r in regions().values())


def marks(chosen: Collection[str], answers: Mapping[str, str]) -> dict[str, str]:
    """Return how each place is drawn: ``on``, ``off``, or ``near`` where the exact spot is open.

    The answers rule: a place chosen once is off again when its question is answered with no.

    Examples
    --------
    >>> marks(["low_back"], {"low_back_pain": "no"})["low_back"]
    'off'
    >>> marks([], {"buttock_pain": "one_side"})["buttock_left"]
    'near'
    """
    drawn = {}
    order = _states()
    for region in regions().values():
        answer = answers.get(region.variable)
        known = order[region.variable]
        reach = known.index(answer) if answer in known else 0
        if answer in ABSENT or region.reach > reach:
            drawn[region.id] = "off"
        elif region.id in chosen:
            drawn[region.id] = "on"
        else:
            drawn[region.id] = "near" if region.reach == reach else "off"
    for variable in order:
        places = [r.id for r in regions().values() if r.variable == variable]
        if any(drawn[id] == "on" for id in places) and not _both(answers.get(variable)):
            drawn |= {id: "off" for id in places if drawn[id] == "near"}
    return drawn


_here = Path(__file__).parent
_component = st.components.v2.component(
    "lumbayes_body_map",
    css=(_here / "body_map.css").read_text(encoding="utf-8"),
    js=(_here / "body_map.js").read_text(encoding="utf-8"),
)


def draw(drawn: Mapping[str, str], key: str, on_touch: Any) -> None:
    """Draw the map; ``on_touch`` is called once a place has been touched."""
    places = [
        {
            "id": region.id,
            "label": say(region.label),
            "view": region.view,
            "path": region.path,
            "flip": region.mirrored,
            "mark": drawn[region.id],
        }
        for region in regions().values()
    ]
    _component(
        key=key,
        data={"half": LEFT_HALF, "places": places, "views": dict(texts.BODY_VIEWS)},
        on_touched_change=on_touch,
    )


def touched(key: str) -> str | None:
    """Return the place that was touched last, inside ``on_touch``."""
    result = st.session_state.get(key)
    place = result.get("touched") if result else None
    return place if place in regions() else None
