"""What is asked of our network or any other, and its ways in and out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lumbayes.doors import given as at_door
from lumbayes.doors.given import (
    advice_kept,
    given_findings,
    given_model,
    given_network,
    text,
    texts,
)
from lumbayes.errors import wrong
from lumbayes.inference import queries
from lumbayes.network import formats, pgmpy_models
from lumbayes.network.variables import Network

if TYPE_CHECKING:
    import pandas as pd
    from pgmpy.models import DiscreteBayesianNetwork


@advice_kept
def posterior(
    network: object, target: str, given: object = None, do: object = None
) -> pd.Series[float]:
    """P(target | given, do), exactly, on our network or any other.

    Parameters
    ----------
    network : Model, Network, pgmpy DiscreteBayesianNetwork, or path of a network file
        A Model answers interventions by its causal network, as ``what_if`` does.
    target : str
        The variable asked about.
    given : dict, Series or Case, optional
        A state, or a likelihood per state, of each observed variable. A variable not mentioned, or
        missing (None, NaN), is unobserved. A dict is taken as it stands; a Case brings what was
        assumed with it.
    do : dict or Series, optional
        Variables set from outside.

    Returns
    -------
    Series
        Probabilities in [0, 1] that sum to 1, by state of the target, named after the question.

    Raises
    ------
    UnknownNameError
        If a variable or state does not exist.
    ImpossibleEvidenceError
        If the findings have probability zero.
    TypeError
        If an argument is of the wrong kind.

    Notes
    -----
    Koller & Friedman (2009), Probabilistic Graphical Models, chapter 10.

    Examples
    --------
    >>> import lumbayes as lb
    >>> model = lb.load_model()
    >>> model.posterior("gmed_weak", {"trendelenburg": "positive"}).index.tolist()
    ['absent', 'present']
    """
    findings, done = given_findings(network, given, do)
    chosen = given_network(network, causal=bool(done))
    return queries.posterior(chosen, text("target", target, "slr"), findings, done)


@advice_kept
def joint(
    network: object, targets: object, given: object = None, do: object = None
) -> pd.Series[float]:
    """P(targets | given, do): the joint of a few variables, exactly.

    Parameters
    ----------
    network, given, do
        As for ``posterior``.
    targets : list of str
        The variables asked about together.

    Returns
    -------
    Series
        Probabilities that sum to 1, indexed by the states of the targets in their order.

    Raises
    ------
    LumbayesError
        As for ``posterior``, or if the joint would be too large.
    TypeError
        If an argument is of the wrong kind.

    Examples
    --------
    >>> import lumbayes as lb
    >>> float(lb.load_model().joint(["sex", "pregnancy"])["male", "pregnant"])
    0.0
    """
    findings, done = given_findings(network, given, do)
    chosen = given_network(network, causal=bool(done))
    return queries.joint(chosen, texts("targets", targets, "slr"), findings, done)


@advice_kept
def most_probable(
    network: object, targets: object = None, given: object = None, do: object = None
) -> pd.Series[str]:
    """Return the states that are most probable together: MPE of everything, MAP of some.

    Parameters
    ----------
    network, given, do
        As for ``posterior``.
    targets : str or list of str, optional
        The variables asked about, the others summed out; all that are not known if left out.

    Returns
    -------
    Series
        The state of each target; ``attrs["log_probability"]`` holds log P(these states, given).

    Raises
    ------
    LumbayesError
        If a name does not exist, or the tree would be too large.
    TypeError
        If an argument is of the wrong kind.

    Notes
    -----
    Koller & Friedman (2009), Probabilistic Graphical Models, chapter 13.

    Examples
    --------
    >>> import lumbayes as lb
    >>> found = lb.load_model().most_probable(["sex", "pregnancy"], {"pregnancy": "pregnant"})
    >>> found["sex"]
    'female'
    """
    from lumbayes.inference.most_probable import most_probable as ask

    findings, done = given_findings(network, given, do)
    chosen = given_network(network, causal=bool(done))
    return ask(
        chosen, None if targets is None else texts("targets", targets, "slr"), findings, done
    )


def to_pgmpy(network: object) -> DiscreteBayesianNetwork:
    """Return a model or network as pgmpy's DiscreteBayesianNetwork; ``from_pgmpy`` is the way back.

    Raises
    ------
    LumbayesError
        If pgmpy is not installed, or the network holds parameter draws.

    Examples
    --------
    >>> import lumbayes as lb
    >>> len(lb.load_model().to_pgmpy().nodes()) == len(lb.load_model().network)
    True
    """
    return pgmpy_models.to_pgmpy(given_network(network))


def from_pgmpy(model: DiscreteBayesianNetwork) -> Network:
    """Return a pgmpy model as a Network: same variables, states and tables, rows normalised.

    Raises
    ------
    LumbayesError
        If a variable has no table, or a row is further than 0.01 from summing to 1.

    Examples
    --------
    >>> import lumbayes as lb
    >>> model = lb.load_model()
    >>> lb.from_pgmpy(model.to_pgmpy())["slr"].states
    ('negative', 'positive')
    """
    if not (hasattr(model, "get_cpds") and hasattr(model, "nodes")):
        raise wrong("model", model, "a pgmpy DiscreteBayesianNetwork")
    return pgmpy_models.from_pgmpy(model).network


def read_network(path: str | Path) -> Network:
    """Read a network from a file of another tool; its ending names the format.

    Parameters
    ----------
    path : str or Path
        ``.bif``, ``.xml``, ``.bifxml``, ``.xdsl``, ``.net``, ``.uai`` or ``.csv`` as of ``export``;
        also ``.gz``.

    Returns
    -------
    Network
        Variables, states and tables as the file has them.

    Raises
    ------
    LumbayesError
        If the file cannot be read; names the place.
    """
    return formats.read_network(at_door.path("path", path, "asia.bif")).network


def export(network: object, path: str | Path, *, raw: bool = False) -> tuple[str, ...]:
    """Write a model, network or pgmpy model for other tools; the path's ending names the format.

    With ``raw`` no apostrophe is put before cells of CSV that a spreadsheet takes for formulas.

    Returns
    -------
    tuple of str
        What a reader should know, such as identifiers that the format made another.

    Examples
    --------
    >>> import tempfile, lumbayes as lb
    >>> with tempfile.TemporaryDirectory() as place:
    ...     lb.export(lb.load_model(), f"{place}/back.bif")
    ()
    """
    labels = {}
    if hasattr(network, "variables") and hasattr(network, "recipes"):
        labels = {v.name: v.label for v in given_model(network).variables.values()}
    place = at_door.path("path", path, "network.bif")
    return formats.export(given_network(network), place, labels, raw=raw is True)
