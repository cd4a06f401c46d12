"""The body map: where it hurts, front and back, and which answers a touch of it gives."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

LEFT_HALF = (
    "M100,48 L91,48 C91,58 88,62 74,66 C58,70 50,78 48,94 C46,112 42,128 38,146"
    " C34,164 31,178 29,192 C28,200 33,206 37,204 C40,202 41,196 42,190 C46,172 52,156 56,140"
    " C60,124 62,112 64,104 C66,118 69,128 69,140 C69,152 66,160 64,172 C61,190 62,206 64,222"
    " C66,244 69,262 70,280 C70,296 70,310 73,330 C75,344 76,352 75,360 C72,366 68,370 70,374"
    " L90,374 C92,368 90,358 90,350 C92,330 95,312 94,294 C93,280 94,268 95,256"
    " C97,236 99,220 100,200 Z"
)
LOW_BACK = "M78,122 C90,119 110,119 122,122 L124,156 C112,152 88,152 76,156 Z"
UPPER_BACK = "M72,72 C88,66 112,66 128,72 L124,118 C110,115 90,115 76,118 Z"
BELLY = "M75,114 C90,110 110,110 125,114 L128,160 C112,166 88,166 72,160 Z"
JOINTS = "M93,158 C97,156 103,156 107,158 L104,174 C102,177 98,177 96,174 Z"
PUBIS = "M93,178 C97,176 103,176 107,178 L104,192 C102,194 98,194 96,192 Z"
FLANK = "M69,116 L75,120 L73,156 L67,158 C69,144 70,132 68,116 Z"
BUTTOCK = "M73,160 C80,157 88,157 92,160 C93,170 95,178 98,182 L98,198 C88,206 76,204 70,196 Z"
OUTER_HIP = "M66,161 L71,161 L68,197 L63,197 C62,184 63,172 66,161 Z"
GROIN = "M73,166 L92,180 L97,198 C90,196 78,186 72,178 Z"
THIGH = "M66,208 C76,212 90,210 97,204 L94,264 C86,268 76,268 70,264 Z"
CALF = "M71,286 C78,282 88,282 93,286 C95,304 92,326 90,344 L76,344 C73,326 71,304 71,286 Z"


@dataclass(frozen=True)
class Region:
    """One place on the map; ``reach`` is how far down the leg it lies (0: not the leg)."""

    id: str
    label: str
    view: str
    path: str
    variable: str
    side: str = ""
    reach: int = 0

    @property
    def mirrored(self) -> bool:
        """Whether the path, drawn on the left of the picture, belongs on its right."""
        return bool(self.side) and (self.side == "left") == (self.view == "front")


def _pair(id: str, label: str, view: str, path: str, variable: str, reach: int = 0) -> list[Region]:
    return [
        Region(f"{id}_{side}", f"{label}, {side}", view, path, variable, side, reach)
        for side in ("left", "right")
    ]


REGIONS: tuple[Region, ...] = (
    Region("belly", "Belly", "front", BELLY, "abdominal_pain"),
    *_pair("groin", "Groin or front of the hip", "front", GROIN, "groin_pain"),
    Region("pubis", "Pubic bone", "front", PUBIS, "pelvic_joint_pain"),
    *_pair("thigh_front", "Front of the thigh", "front", THIGH, "leg_pain", 1),
    *_pair("shin", "Shin and foot", "front", CALF, "leg_pain", 2),
    Region("upper_back", "Upper or middle back", "back", UPPER_BACK, "thoracic_pain"),
    *_pair("flank", "Side, between ribs and hip", "back", FLANK, "flank_pain"),
    Region("low_back", "Low back", "back", LOW_BACK, "low_back_pain"),
    *_pair("buttock", "Buttock", "back", BUTTOCK, "buttock_pain"),
    Region("joints", "Joint at the back of the pelvis", "back", JOINTS, "pelvic_joint_pain"),
    *_pair("hip", "Outer hip", "back", OUTER_HIP, "lateral_hip_pain"),
    *_pair("thigh", "Back of the thigh", "back", THIGH, "leg_pain", 1),
    *_pair("calf", "Calf and foot", "back", CALF, "leg_pain", 2),
)
BY_ID = {region.id: region for region in REGIONS}
REACH = {"above_knee": 1, "below_knee": 2}
ABSENT = frozenset({None, "no", "none", "unsure"})


def answers_for(chosen: Collection[str], variable: str) -> dict[str, str | None]:
    """Return the answers that the chosen places give about one kind of pain; None clears one.

    Examples
    --------
    >>> answers_for(["thigh_left", "calf_left", "thigh_right"], "leg_pain")
    {'leg_pain': 'below_knee', 'leg_pain_both_sides': 'yes'}
    >>> answers_for(["buttock_left"], "buttock_pain"), answers_for([], "low_back_pain")
    ({'buttock_pain': 'one_side'}, {'low_back_pain': None})
    """
    places = [BY_ID[id] for id in chosen if BY_ID[id].variable == variable]
    both = len({place.side for place in places}) == 2
    if variable == "leg_pain":
        reach = max((place.reach for place in places), default=0)
        state = {0: None, 1: "above_knee", 2: "below_knee"}[reach]
        return {"leg_pain": state, "leg_pain_both_sides": "yes" if both else None}
    if variable == "buttock_pain":
        return {variable: ("both_sides" if both else "one_side") if places else None}
    return {variable: "yes" if places else None}


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
    for region in REGIONS:
        answer = answers.get(region.variable)
        reach = REACH.get(answer or "", 0)
        if answer in ABSENT or region.reach > reach:
            drawn[region.id] = "off"
        elif region.id in chosen:
            drawn[region.id] = "on"
        else:
            drawn[region.id] = "near" if region.reach == reach else "off"
    for variable in {region.variable for region in REGIONS}:
        places = [r.id for r in REGIONS if r.variable == variable]
        if any(drawn[id] == "on" for id in places) and answers.get(variable) != "both_sides":
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
            "label": region.label,
            "view": region.view,
            "path": region.path,
            "flip": region.mirrored,
            "mark": drawn[region.id],
        }
        for region in REGIONS
    ]
    _component(
        key=key,
        data={"half": LEFT_HALF, "places": places},
        on_touched_change=on_touch,
    )


def touched(key: str) -> str | None:
    """Return the place that was touched last, inside ``on_touch``."""
    result = st.session_state.get(key)
    place = result.get("touched") if result else None
    return place if place in BY_ID else None
