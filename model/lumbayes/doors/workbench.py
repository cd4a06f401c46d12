"""The model as a person works with it: the tables, and every question as a method."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from lumbayes.doors import functions
from lumbayes.doors.given import folder
from lumbayes.knowledge import model as tables


class Model(tables.Model):
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

    case = functions.case
    assess = functions.assess
    differential = functions.differential
    explain = functions.explain
    next_questions = functions.next_questions
    sensitivity = functions.sensitivity
    what_if = functions.what_if
    posterior = functions.posterior
    joint = functions.joint
    most_probable = functions.most_probable
    simulate = functions.simulate
    assess_table = functions.assess_table
    learn = functions.learn
    to_pgmpy = functions.to_pgmpy
    export = functions.export


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
    return _workbench(tables.load_model(folder(place)))


@lru_cache(maxsize=4)
def _workbench(read: tables.Model) -> Model:
    return Model(read.variables, read.numbers, read.links, read.folder, read.version, read.recipes)
