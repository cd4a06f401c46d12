"""A Bayesian network for low back pain from a glute-hip muscle imbalance and its alternatives.

A table of contents: each name is imported when it is first used, so that ``import lumbayes`` is
quick and loads neither the app nor pgmpy.

>>> import lumbayes
>>> model = lumbayes.load_model()
>>> case = lumbayes.parse_case(model, {"low_back_pain": "yes", "saddle_numbness": "yes"})
>>> lumbayes.assess(model, case, draws=0).triage.level
'emergency_now'
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lumbayes.cases import parse_case, read_case
    from lumbayes.errors import LumbayesError
    from lumbayes.inference import posterior
    from lumbayes.model import load_model
    from lumbayes.questions.differential import differential
    from lumbayes.questions.explanation import explain
    from lumbayes.questions.next_question import next_questions
    from lumbayes.questions.sensitivity import sensitivity
    from lumbayes.questions.summary import assess
    from lumbayes.questions.what_if import what_if

    __version__: str

__all__ = [
    "LumbayesError",
    "assess",
    "differential",
    "explain",
    "load_model",
    "next_questions",
    "parse_case",
    "posterior",
    "read_case",
    "sensitivity",
    "what_if",
]

_PLACES = {
    "LumbayesError": "errors",
    "assess": "questions.summary",
    "differential": "questions.differential",
    "explain": "questions.explanation",
    "load_model": "model",
    "next_questions": "questions.next_question",
    "parse_case": "cases",
    "posterior": "inference",
    "read_case": "cases",
    "sensitivity": "questions.sensitivity",
    "what_if": "questions.what_if",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name == "__version__":
        from importlib.metadata import version

        return version("lumbayes")
    if name not in _PLACES:
        raise AttributeError(f"module 'lumbayes' has no attribute {name!r}; see dir(lumbayes)")
    return getattr(importlib.import_module(f"lumbayes.{_PLACES[name]}"), name)


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted([*__all__, "__version__"])
