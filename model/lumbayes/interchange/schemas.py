"""What goes in and what comes out, as JSON Schema (draft 2020-12).

A schema has a version in its ``$id``. Within one version keys may be added, none is taken away or
changes its meaning.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from lumbayes.cases.parts import CARRIED
from lumbayes.cases.vocabulary import load_vocabulary
from lumbayes.errors import unknown_name
from lumbayes.knowledge.anchors import BACK_PAIN
from lumbayes.knowledge.definition import UNSURE
from lumbayes.knowledge.model import Model

VERSION = 1
DRAFT = "https://json-schema.org/draft/2020-12/schema"
CASE = "case"
PREFIX = f"urn:lumbayes:schema:{VERSION}:"
OUTER = ("$schema", "$id", "title")


def schema_names() -> tuple[str, ...]:
    """Return the names of all schemas: the case that goes in, and each answer.

    Examples
    --------
    >>> "assess" in schema_names(), "case" in schema_names()
    (True, True)
    """
    folder = resources.files("lumbayes.interchange") / "json_schemas"
    found = [path.name.removesuffix(".json") for path in folder.iterdir()]
    return (CASE, *sorted(found))


def schema(name: str, model: Model) -> dict[str, Any]:
    """Return one schema.

    Parameters
    ----------
    name : str
        One of ``schema_names()``.
    model : Model
        Supplies variables, states and facts of the case.

    Raises
    ------
    UnknownNameError
        If there is no such schema.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> schema("assess", load_model())["$id"]
    'urn:lumbayes:schema:1:assess'
    """
    if name not in schema_names():
        raise unknown_name("schema", name, schema_names())
    if name == CASE:
        return _case(model)
    made: dict[str, Any] = _whole(_written(name))
    return made


def _written(name: str) -> dict[str, Any]:
    path = resources.files("lumbayes.interchange") / "json_schemas" / f"{name}.json"
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read


def _whole(part: Any) -> Any:
    """Put the schemas that a part refers to in its place, so that each stands alone."""
    if isinstance(part, list):
        return [_whole(p) for p in part]
    if not isinstance(part, dict):
        return part
    named = str(part.get("$ref", "")).removeprefix(PREFIX)
    if named:
        inner = {k: v for k, v in _written(named).items() if k not in OUTER}
        part = {**inner, **{k: v for k, v in part.items() if k != "$ref"}}
    return {k: _whole(v) for k, v in part.items()}


def _case(model: Model) -> dict[str, Any]:
    """Return the schema of a case: every variable with its states, every fact with its kind."""
    infos = model.variables.values()
    findings = {v.name: {"enum": [*v.states, UNSURE, None], "title": v.label} for v in infos}
    actions = {n: {"enum": list(v.states)} for n, v in model.network.variables.items()}
    weights = {
        v.name: {
            "type": "object",
            "properties": {s: {"type": "number", "minimum": 0} for s in v.states},
            "additionalProperties": False,
        }
        for v in infos
    }
    value = {"type": ["boolean", "number", "string", "null"]}  # as people write it
    facts = {name: value for name in load_vocabulary(model)}

    def part(properties: dict[str, Any], others: bool = False) -> dict[str, Any]:
        known = {"type": ["object", "null"], "properties": properties}
        return known if others else {**known, "additionalProperties": False}

    return {
        "$schema": DRAFT,
        "$id": f"{PREFIX}{CASE}",
        "title": "a case for lumbayes",
        "description": "What is not mentioned, or null, is unknown: it is not normal.",
        "type": "object",
        "properties": {
            "findings": part(findings),
            "facts": part(facts, others=True),
            "likelihoods": part(weights),
            "do": part(actions),
            "minor": {"type": ["boolean", "null"], "description": "under 18"},
            "warnings": {"type": ["array", "null"], "items": {"type": "string"}},
            "version": {"type": ["object", "null"]},
            **{name: {} for name in CARRIED},
        },
        "additionalProperties": False,
        "examples": [{"findings": {BACK_PAIN: "yes"}, "facts": {"age_years": 40}}],
    }
