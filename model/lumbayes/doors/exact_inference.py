"""Exact inference with pgmpy's own calls: change one line of a pgmpy program, and it is quick."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lumbayes.doors.given import given_network, sequence
from lumbayes.errors import LumbayesError, unknown_name, wrong
from lumbayes.inference import queries
from lumbayes.inference.most_probable import most_probable
from lumbayes.network.variables import Network

if TYPE_CHECKING:
    from pgmpy.factors.discrete import DiscreteFactor


class ExactInference:
    """What ``pgmpy.inference.VariableElimination`` does, by a compiled tree.

    Parameters
    ----------
    model : pgmpy DiscreteBayesianNetwork, Model, Network, or path of a network file
        Taken over once; a later change of a pgmpy model is not seen.

    Examples
    --------
    >>> import lumbayes as lb
    >>> infer = lb.ExactInference(lb.load_model().to_pgmpy())
    >>> infer.map_query(["sex"], evidence={"pregnancy": "pregnant"}, show_progress=False)
    {'sex': 'female'}
    """

    def __init__(self, model: object) -> None:
        self.network: Network = given_network(model)
        self.names: dict[Any, str] = {name: name for name in self.network}
        self.states: dict[str, list[Any]] = {n: list(self.network[n].states) for n in self.network}
        if hasattr(model, "get_cpds") and hasattr(model, "nodes"):
            self.names = {name: str(name) for name in model.nodes()}
            for name, own in self.names.items():
                self.states[own] = list(model.get_cpds(name).state_names[name])

    def __repr__(self) -> str:
        """Say how large the network is."""
        return f"<ExactInference on {len(self.network)} variables>"

    def query(
        self,
        variables: Sequence[Any],
        evidence: Mapping[Any, Any] | None = None,
        virtual_evidence: Sequence[Any] | None = None,
        elimination_order: object = None,
        joint: bool = True,
        show_progress: bool = False,
    ) -> DiscreteFactor | dict[Any, DiscreteFactor]:
        """Return P(variables | evidence) as pgmpy factors.

        Parameters
        ----------
        variables : sequence
            What is asked about.
        evidence : mapping, optional
            States as pgmpy names them.
        virtual_evidence : sequence of TabularCPD, optional
            A likelihood per state of one variable each.
        elimination_order, show_progress
            Accepted as pgmpy does, without effect: the answer is exact either way.
        joint : bool
            One factor over all variables, or one for each.

        Returns
        -------
        DiscreteFactor, or dict of variable to DiscreteFactor
            Normalised.

        Raises
        ------
        UnknownNameError
            If a variable or state does not exist.
        ImpossibleEvidenceError
            If the evidence has probability zero; pgmpy returns NaN there.
        """
        asked = self._asked(variables)
        given = self._given(evidence, virtual_evidence)
        clash = [v for v in asked if self.names[v] in given]
        if evidence and any(v in evidence for v in clash):
            raise LumbayesError(f"{clash[0]} is both asked about and given. Leave one out.")
        if joint:
            values = queries.joint(self.network, [self.names[v] for v in asked], given)
            return self._factor(asked, values.to_numpy())
        found = queries.posteriors(self.network, [self.names[v] for v in asked], given)
        return {v: self._factor([v], found[self.names[v]].to_numpy()) for v in asked}

    def map_query(
        self,
        variables: Sequence[Any] | None = None,
        evidence: Mapping[Any, Any] | None = None,
        virtual_evidence: Sequence[Any] | None = None,
        elimination_order: object = None,
        show_progress: bool = False,
    ) -> dict[Any, Any]:
        """Return the most probable states of the variables together, given the evidence.

        Parameters as for ``query``; all variables that are not given if none is named.
        """
        given = self._given(evidence, virtual_evidence)
        asked = None if variables is None else [self.names[v] for v in self._asked(variables)]
        found = most_probable(self.network, asked, given)
        return {
            name: self.states[own][self.network[own].states.index(found[own])]
            for name, own in self.names.items()
            if own in found.index
        }

    def _asked(self, variables: object) -> list[Any]:
        asked = sequence("variables", variables, "a list of variables, such as ['slr']")
        for name in asked:
            self._known(name)
        return asked

    def _known(self, name: Any) -> str:
        try:
            return self.names[name]
        except (KeyError, TypeError):
            raise unknown_name("variable", name, map(str, self.names)) from None

    def _given(self, evidence: object, virtual: object) -> dict[str, Any]:
        if evidence is not None and not isinstance(evidence, Mapping):
            raise wrong("evidence", evidence, "a dict of variables and states")
        given: dict[str, Any] = {}
        for name, state in (evidence or {}).items():
            own = self._known(name)
            named = self.network[own].states
            if state in self.states[own]:
                given[own] = named[self.states[own].index(state)]
            elif str(state) in named:  # the number 1 by its name, or the other way round
                given[own] = str(state)
            else:
                raise unknown_name(f"state of {name}", state, named)
        for cpd in sequence("virtual_evidence", virtual or (), "a list of pgmpy TabularCPD"):
            if not (hasattr(cpd, "variable") and hasattr(cpd, "get_values")):
                raise wrong("virtual_evidence", cpd, "a list of pgmpy TabularCPD")
            own = self._known(cpd.variable)
            weights = [float(x) for x in np.asarray(cpd.get_values()).ravel()]
            given[own] = [given[own], weights] if own in given else weights
        return given

    def _factor(self, asked: Sequence[Any], values: Any) -> DiscreteFactor:
        from pgmpy.factors.discrete import DiscreteFactor

        states = {v: self.states[self.names[v]] for v in asked}
        return DiscreteFactor(list(asked), [len(states[v]) for v in asked], values, states)
