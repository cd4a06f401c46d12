"""The network as a picture: boxes in columns, shaded by chance, to be walked with arrow keys.

Every box has its fixed place, with few crossings, always the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from lumbayes.app import answer, state, switches, texts
from lumbayes.app.language import say
from lumbayes.cases.case import Case
from lumbayes.knowledge.model import Model
from lumbayes.network.variables import Array
from lumbayes.triage.judgement import red_flags

KEY = "network"
LONGEST = 13  # characters of a value that fit beside a name
SURE = 0.99  # from here on the likeliest of several states tells more than that there is one
BLACK, WHITE = "#10151b", "#ffffff"
# One hue in five steps from the paper to the full colour, so that fuller is likelier on either
# paper: (fill, ink), each at 4.5 to 1 or more.
LIGHT = (
    *(("#f2f6fb", BLACK), ("#cfe0f2", BLACK), ("#9cc2e5", BLACK)),
    *(("#4f93cf", BLACK), ("#1a5a9c", WHITE)),
)
DARK = (
    *(("#1b222a", WHITE), ("#1e3a57", WHITE), ("#24588a", WHITE)),
    *(("#2a70ae", WHITE), ("#7dbcf5", BLACK)),
)
UNKNOWN = "?"
SWEEPS = 12
COLUMN_OF_GROUP = {
    "about_you": 0,
    "imbalance": 1,
    "condition": 1,
    "mechanism": 2,
    "pain_place": 3,
    "pain_behaviour": 3,
    "care": 3,
    "nerves": 4,
    "general": 4,
    "self_test": 5,
    "clinical_test": 5,
}
BOX, ROW, STEP, HEAD = (196, 25), 30, 236, 50

_here = Path(__file__).parent
_component = st.components.v2.component(
    "lumbayes_network",
    css=(_here / "network_view.css").read_text(encoding="utf-8"),
    js=(_here / "network_view.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Layout:
    """Centre of every box, the titles of the columns, and the size of the picture."""

    places: Mapping[str, tuple[float, float]]
    heads: tuple[tuple[float, str], ...]
    width: int
    height: int


@lru_cache(maxsize=2)
def layout(model: Model) -> Layout:
    """Return the places of all variables of the network.

    Columns by layer; the order within a column by the mean place of the neighbours (barycentre
    sweeps), so that few arrows cross. It depends on the network alone: nothing jumps when an answer
    changes.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> set(layout(model).places) == set(model.network)
    True
    """
    columns: dict[int, list[str]] = {}
    for name in model.network:
        columns.setdefault(COLUMN_OF_GROUP.get(model.variables[name].group, 4), []).append(name)
    near: dict[str, list[str]] = {name: [] for name in model.network}
    for name in model.network:
        for parent in model.network[name].parents:
            near[name].append(parent)
            near[parent].append(name)
    height = {name: (i + 0.5) / len(c) for c in columns.values() for i, name in enumerate(c)}
    for _ in range(SWEEPS):
        for number, column in columns.items():
            means = {
                name: sum(height[n] for n in near[name]) / len(near[name])
                if near[name]
                else height[name]
                for name in column
            }
            columns[number] = sorted(column, key=lambda name: means[name])
            height |= {n: (i + 0.5) / len(column) for i, n in enumerate(columns[number])}
    tallest = max(len(column) for column in columns.values())
    places = {
        name: (
            BOX[0] / 2 + 6 + STEP * number,
            HEAD + ROW * (i + 0.5 + (tallest - len(column)) / 2 * (len(column) > 24))
            if len(column) > 24
            else HEAD + ROW * tallest * (i + 0.5) / len(column),
        )
        for number, column in columns.items()
        for i, name in enumerate(column)
    }
    heads = tuple((BOX[0] / 2 + 6 + STEP * i, title) for i, title in enumerate(texts.after.COLUMNS))
    return Layout(places, heads, STEP * (len(heads) - 1) + BOX[0] + 12, HEAD + ROW * tallest + 8)


def draw(model: Model, case: Case, chances: Mapping[str, Array], selected: str) -> None:
    """Draw the network; a touch or Enter on a box selects it."""
    plan = layout(model)
    flags = red_flags(model)
    nodes = [
        _node(model, case, chances, name, place, name in flags)
        for name, place in plan.places.items()
    ]
    edges = [(link.cause, link.effect) for link in model.links]
    _component(
        key=KEY,
        data={
            "width": plan.width,
            "height": plan.height,
            "box": BOX,
            "heads": [(x, say(title)) for x, title in plan.heads],
            "nodes": nodes,
            "edges": edges,
            "selected": selected,
            "label": texts.NETWORK_LABEL,
            "causes": texts.NETWORK_CAUSES,
            "effects": texts.NETWORK_EFFECTS,
        },
        on_selected_change=_selected,
    )


def _selected() -> None:
    result = st.session_state.get(KEY)
    name = result.get("selected") if result else None
    if name in state.the_model().network:
        state.put("network_node", name)


def _node(
    model: Model,
    case: Case,
    chances: Mapping[str, Array],
    name: str,
    place: tuple[float, float],
    flag: bool,
) -> dict[str, Any]:
    info = model.variables[name]
    told = set(case.findings) - set(case.assumed)
    observed = (name in told and case.findings[name] in info.states) or name in case.likelihoods
    value, said, chance = _told(model, case, chances[name], name, flag)
    fill, ink = (DARK if switches.dark() else LIGHT)[min(4, int(chance * 5))]
    return {
        "id": name,
        "label": state.label(name),
        "value": value,
        "say": f"{said}" + (f" {texts.NODE_FLAG}" if flag else ""),
        "x": place[0],
        "y": place[1],
        "fill": fill,
        "ink": ink,
        "observed": observed,
        "flag": flag,
        "round": info.layer in ("condition", "imbalance"),
    }


def _told(
    model: Model, case: Case, chances: Array, name: str, flag: bool
) -> tuple[str, str, float]:
    """Return what stands in a box, what is read aloud, and how full its colour is.

    Patients read no number at a dangerous cause, nor at a warning sign that nobody asked about.
    """
    info = model.variables[name]
    known = case.findings.get(name)
    likeliest = state.state_label(name, info.states[int(chances.argmax())])
    chance = min(max(1.0 - float(chances[0]), 0.0), 1.0)
    if known in info.states:
        value = state.state_label(name, str(known))
        if name in case.assumed:
            return (
                f"({value})",
                texts.NODE_ASSUMED.format(state=value),
                float(known != info.states[0]),
            )
        shown = value if len(value) <= LONGEST else texts.NODE_KNOWN
        return shown, texts.NODE_OBSERVED.format(state=value), float(known != info.states[0])
    if name in case.likelihoods:
        return texts.NODE_IN_PART, texts.NODE_PART_SAID, chance
    if info.layer == "context":  # nothing about it is absent or present
        return UNKNOWN, texts.NODE_LIKELIEST.format(state=likeliest), 0.0
    if not answer.numbered(model, name):
        return texts.NODE_RULES, texts.NODE_RULES_SAID, 0.0
    if flag and not state.clinician():
        return UNKNOWN, texts.NODE_OPEN, 0.0
    if chance > SURE and len(info.states) > 2:  # that it is there goes without saying
        return likeliest, texts.NODE_LIKELIEST.format(state=likeliest), chance
    said = answer.chance(chance)
    return answer.short(chance), texts.NODE_CHANCE.format(chance=said), chance
