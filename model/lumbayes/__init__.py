"""A Bayesian network for low back pain from a glute-hip muscle imbalance and its alternatives.

A table of contents: each name is imported when it is first used, so that ``import lumbayes`` is
quick and loads neither the app nor pgmpy.

>>> import lumbayes
>>> model = lumbayes.load_model()
>>> case = model.case(low_back_pain="yes", saddle_numbness="yes")
>>> model.assess(case, draws=0).triage.level
'emergency_now'
"""

from __future__ import annotations

TYPE_CHECKING = False  # the command sets its handler of Ctrl-C first: nothing is imported before
if TYPE_CHECKING:
    from typing import Any

    from lumbayes.cases.case import Case
    from lumbayes.doors.exact_inference import ExactInference
    from lumbayes.doors.networks import (
        export,
        from_pgmpy,
        joint,
        most_probable,
        posterior,
        read_network,
        to_pgmpy,
    )
    from lumbayes.doors.one_case import (
        assess,
        differential,
        explain,
        next_questions,
        read_case,
        sensitivity,
        what_if,
    )
    from lumbayes.doors.one_case import case as parse_case
    from lumbayes.doors.tables import assess_table, learn, simulate
    from lumbayes.doors.workbench import Model, load_model
    from lumbayes.errors import LumbayesError
    from lumbayes.network.variables import Network, Table, Variable
    from lumbayes.questions.what_if.scenarios import Scenario

    __version__: str

__all__ = [
    "Case",
    "ExactInference",
    "LumbayesError",
    "Model",
    "Network",
    "Scenario",
    "Table",
    "Variable",
    "assess",
    "assess_table",
    "differential",
    "explain",
    "export",
    "from_pgmpy",
    "joint",
    "learn",
    "load_model",
    "most_probable",
    "next_questions",
    "parse_case",
    "posterior",
    "read_case",
    "read_network",
    "sensitivity",
    "simulate",
    "to_pgmpy",
    "what_if",
]

_PLACES = {
    "Case": "cases.case",
    "ExactInference": "doors.exact_inference",
    "LumbayesError": "errors",
    "Model": "doors.workbench",
    "Network": "network.variables",
    "Scenario": "questions.what_if.scenarios",
    "Table": "network.variables",
    "Variable": "network.variables",
    "assess": "doors.one_case",
    "assess_table": "doors.tables",
    "differential": "doors.one_case",
    "explain": "doors.one_case",
    "export": "doors.networks",
    "from_pgmpy": "doors.networks",
    "joint": "doors.networks",
    "learn": "doors.tables",
    "most_probable": "doors.networks",
    "load_model": "doors.workbench",
    "next_questions": "doors.one_case",
    "parse_case": "doors.one_case:case",
    "posterior": "doors.networks",
    "read_case": "doors.one_case",
    "read_network": "doors.networks",
    "sensitivity": "doors.one_case",
    "simulate": "doors.tables",
    "to_pgmpy": "doors.networks",
    "what_if": "doors.one_case",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name == "__version__":
        from importlib.metadata import version

        return version("lumbayes")
    if name not in _PLACES:
        raise AttributeError(f"module 'lumbayes' has no attribute {name!r}; see dir(lumbayes)")
    import importlib

    module, _, inside = _PLACES[name].partition(":")
    return getattr(importlib.import_module(f"lumbayes.{module}"), inside or name)


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted([*__all__, "__version__"])
