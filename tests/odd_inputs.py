"""Inputs that are nearly right: a seeded grammar of cases, tables, texts and networks."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from lumbayes.knowledge.model import Model, load_model
from lumbayes.network.variables import Network, Table, Variable

MODEL: Model = load_model()
NAMES = [*MODEL.variables]
ODD = (
    *("", " ", "\0", "\n", "\ufeff", "\ud800", "é", "𝔵", "=1+1", "'", '"', "`", "../x", "-", "--"),
    *("null", "None", "nan", "NaN", "inf", "1e999", "-1", "0", "9" * 400, "true", "[]", "{}"),
    *("x" * 5_000, "[" * 50, "<b>x</b>", "%s", "{0}", "a;b", "a,b", "a\tb", "\\", "//", "/*"),
)
OBJECTS: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 10**400, 0.5, float("nan"), float("inf"), b"yes", [], {}, (), ...),
    *([1], {"a": 1}, {1: 2}, object, "yes", "unsure", pd.NA, pd.NaT),
)


def name(r: random.Random) -> str:
    if r.random() < 0.85:
        return r.choice(NAMES)
    known = r.choice(NAMES)
    return r.choice([known[:-1], known.upper(), f" {known}", f"do:{known}", r.choice(ODD)])


def state(r: random.Random, variable: str) -> str:
    known = MODEL.variables[variable].states if variable in MODEL.variables else ("yes",)
    if r.random() < 0.85:
        return r.choice(known)
    return r.choice(["unsure", r.choice(known).title(), r.choice(ODD)])


def value(r: random.Random, variable: str, depth: int = 0) -> Any:
    """A state, mostly; else anything that JSON can say."""
    if r.random() < 0.8:
        return state(r, variable)
    if depth < 3 and r.random() < 0.4:
        return {name(r): value(r, name(r), depth + 1) for _ in range(r.randrange(3))}
    return r.choice([None, True, 1, -1.5, 1e308, [], ["yes"], {}, "9" * 50, r.choice(ODD)])


def case(r: random.Random) -> dict[str, Any]:
    findings = {n: value(r, n) for n in (name(r) for _ in range(r.randrange(6)))}
    if r.random() < 0.3:
        return findings
    whole: dict[str, Any] = {"findings": findings}
    if r.random() < 0.3:
        own = r.choice(["slr", "fever", name(r)])
        states = MODEL.variables[own].states if own in MODEL.variables else ("yes",)
        weights = [r.choice([0, 1, 0.5, -1, 10**400, "1", None, 1e308, True]) for _ in states]
        whole["likelihoods"] = {own: dict(zip(states, weights, strict=True))}
    for part in ("do", "facts", "minor", "warnings", "version", r.choice(ODD)):
        if r.random() < 0.15:
            whole[part] = r.choice([value(r, "fever"), {name(r): value(r, "fever")}, ["x"]])
    return whole


def text_of(r: random.Random, data: Any) -> str:
    """JSON, sometimes cut, doubled or with a sign too many."""
    text = json.dumps(data, default=str)
    return spoilt(r, text) if r.random() < 0.3 else text


def spoilt(r: random.Random, text: str) -> str:
    at, to = sorted(r.randrange(len(text) + 1) for _ in range(2))
    return r.choice(
        [
            text[:at],
            text[:at] + text[to:],
            text[:at] + r.choice(ODD) + text[at:],
            text[:at] + 2 * text[at:to] + text[to:],
            text.replace(r.choice(text or " "), r.choice(ODD), 1),
        ]
    )


def table(r: random.Random) -> tuple[list[str], list[list[str]]]:
    columns = list(dict.fromkeys(name(r) for _ in range(r.randrange(1, 5))))
    rows = [[state(r, c) if r.random() < 0.8 else "" for c in columns] for _ in range(3)]
    return columns, rows


def small_network(r: random.Random) -> Network:
    cards = [r.randrange(1, 4) for _ in range(3)]
    made = []
    for i, card in enumerate(cards):
        parents = tuple(f"v{j}" for j in range(i) if r.random() < 0.6)
        shape = [cards[int(p[1:])] for p in parents]
        rows = [[r.random() + 0.1 for _ in range(card)] for _ in range(math.prod(shape))]
        values = [[x / sum(row) for x in row] for row in rows]
        states = tuple(r.choice(["a b", "s", "1", 'q"', "x,y"]) + str(k) for k in range(card))
        made.append(Variable(f"v{i}", states, parents, Table(_shaped(values, [*shape, card]))))
    return Network(made)


def _shaped(values: list[list[float]], shape: Sequence[int]) -> Any:
    return np.array(values).reshape(shape)
