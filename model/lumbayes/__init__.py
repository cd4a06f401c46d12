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
    from lumbayes.cases.case import parse_case, read_case
    from lumbayes.errors import LumbayesError
    from lumbayes.inference.queries import posterior
    from lumbayes.knowledge.model import load_model
    from lumbayes.questions.assessment.summary import assess
    from lumbayes.questions.differential import differential
    from lumbayes.questions.explanation.explain import explain
    from lumbayes.questions.next_question.ranking import next_questions
    from lumbayes.questions.sensitivity.analysis import sensitivity
    from lumbayes.questions.what_if.scenarios import what_if

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
    "assess": "questions.assessment.summary",
    "differential": "questions.differential",
    "explain": "questions.explanation.explain",
    "load_model": "knowledge.model",
    "next_questions": "questions.next_question.ranking",
    "parse_case": "cases.case",
    "posterior": "inference.queries",
    "read_case": "cases.case",
    "sensitivity": "questions.sensitivity.analysis",
    "what_if": "questions.what_if.scenarios",
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
