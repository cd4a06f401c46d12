"""The model as a person works with it: the tables, and every question as a method."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from lumbayes.doors import networks, one_case, tables
from lumbayes.doors.given import folder
from lumbayes.knowledge import model as knowledge


class Model(knowledge.Model):
    """The tables and the network they define, with every question as a method.

    ``load_model`` makes one. Each method is the function of the same name with this model as its
    first argument; their docstrings give shapes, units and errors.

    Examples
    --------
    >>> model = load_model()
    >>> case = model.case(low_back_pain="yes", slr="positive", age_years=43)
    >>> model.assess(case, draws=0).conditions["name"].iloc[0] in model.names("condition")
    True
    """

    case = one_case.case
    assess = one_case.assess
    differential = one_case.differential
    explain = one_case.explain
    next_questions = one_case.next_questions
    sensitivity = one_case.sensitivity
    what_if = one_case.what_if
    posterior = networks.posterior
    joint = networks.joint
    most_probable = networks.most_probable
    simulate = tables.simulate
    assess_table = tables.assess_table
    learn = tables.learn
    to_pgmpy = networks.to_pgmpy
    export = networks.export


def load_model(place: str | Path | None = None) -> Model:
    """Read and check the tables of a folder and return the model they define.

    Parameters
    ----------
    place : str or Path, optional
        The shipped tables if left out. A folder made by ``lumbayes learn`` works too.

    Returns
    -------
    Model
        Cached: a folder whose tables did not change gives the same object.

    Raises
    ------
    TableError
        If a table is broken; the message names file and line.
    LumbayesError
        If there is no such folder.
    TypeError
        If the place is neither text nor Path.

    Examples
    --------
    >>> load_model() is load_model()
    True
    """
    return _workbench(knowledge.load_model(folder(place)))


@lru_cache(maxsize=4)
def _workbench(read: knowledge.Model) -> Model:
    return Model(read.variables, read.numbers, read.links, read.folder, read.version, read.recipes)
