"""The public functions: each takes a model (or any network) first, and what a person has in hand.

The questions themselves are answered in ``lumbayes.questions``, ``lumbayes.inference`` and
``lumbayes.batch``; here their arguments are taken over and checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from lumbayes.cases.case import Case
from lumbayes.doors import given as at_door
from lumbayes.doors.given import (
    advice_kept,
    given_case,
    given_findings,
    given_frame,
    given_model,
    given_network,
    is_network,
    mapping,
    sequence,
    text,
    texts,
    whole,
    wrong,
)
from lumbayes.errors import LumbayesError
from lumbayes.inference import queries
from lumbayes.network import formats, pgmpy_models
from lumbayes.network.variables import Network

if TYPE_CHECKING:
    import pandas as pd
    from pgmpy.models import DiscreteBayesianNetwork

    from lumbayes.learning.em import Learned
    from lumbayes.questions.assessment.summary import Assessment
    from lumbayes.questions.differential import Differential
    from lumbayes.questions.explanation.answer import Explanation
    from lumbayes.questions.next_question.ranking import NextQuestions
    from lumbayes.questions.sensitivity.analysis import Sensitivity
    from lumbayes.questions.what_if.scenarios import WhatIf

MOST_PEOPLE = 10_000_000  # held in memory; more are simulated into a file by the command
MOST_ORDERS = 100_000
MOST_ROUNDS = 10_000


def case(model: object, given: object = None, /, **answers: object) -> Case:
    """Return what is known of one person, checked.

    Parameters
    ----------
    model : Model or path
        The tables, or the folder they lie in.
    given : dict, Series, frame of one row, Case, JSON text or path, optional
        A flat dict, as a row of a table: variables with their states, ``variable:state`` with a
        likelihood, ``do:variable`` with a state; or a dict of parts, as ``assess`` reads it from
        JSON: ``findings``, ``facts``, ``likelihoods``, ``do``. None, NaN and NA are unknown.
    **answers
        Further variables with their states, and facts with their values.

    Returns
    -------
    Case
        A variable not mentioned is unknown, not normal.

    Raises
    ------
    LumbayesError
        If a name or state does not exist, or the answers contradict each other.
    TypeError
        If an argument is of the wrong kind.

    Examples
    --------
    >>> import lumbayes as lb
    >>> dict(lb.load_model().case(slr="positive", age_years=43).findings)
    {'age_band': '30_44', 'slr': 'positive'}
    """
    return given_case(given_model(model), given, **answers)


@advice_kept
def assess(
    model: object,
    case: object,
    draws: int = 200,
    *,
    seed: int = 0,
    region: str | None = None,
    equipment: object = (),
    level: int | None = None,
    questions: int = 5,
) -> Assessment:
    """Ask every question of one case: care level, causes, reasons, next question, plan.

    Parameters
    ----------
    model : Model or path
        The tables, or the folder they lie in.
    case : Case, dict, Series, frame of one row, JSON text or path
        As for ``case``.
    draws : int
        Parameter draws for 95 % intervals: 0 for none, or 20 to 10,000.
    seed : int
        Of the random numbers: the same seed gives the same answer.
    region : str, optional
        Whose emergency number is named.
    equipment : str or list of str
        What is at hand for exercises.
    level : int, optional
        Highest level of the exercises.
    questions : int
        How many next questions are wanted.

    Returns
    -------
    Assessment
        ``triage``, ``conditions``, ``explanations``, ``next_questions``, ``plan``; ``to_text``,
        ``to_dict``, ``to_html``.

    Raises
    ------
    LumbayesError
        If the case cannot be read.
    TypeError
        If an argument is of the wrong kind.

    Examples
    --------
    >>> import lumbayes as lb
    >>> answer = lb.assess(lb.load_model(), {"saddle_numbness": "yes"}, draws=0)
    >>> answer.triage.level
    'emergency_now'
    """
    from lumbayes.questions.assessment.summary import assess as ask

    chosen = given_model(model)
    return ask(
        chosen,
        given_case(chosen, case),
        whole("draws", draws, 200),
        seed=whole("seed", seed, 0),
        region=None if region is None else text("region", region, "uk"),
        equipment=texts("equipment", equipment, "band"),
        level=None if level is None else whole("level", level, 2),
        questions=whole("questions", questions, 5),
    )


@advice_kept
def differential(model: object, case: object, draws: int = 200, seed: int = 0) -> Differential:
    """Return the probability of every condition and imbalance, with 95 % intervals.

    Parameters and errors as for ``assess``.

    Examples
    --------
    >>> import lumbayes as lb
    >>> answer = lb.differential(lb.load_model(), {"low_back_pain": "yes"}, draws=0)
    >>> bool(answer.conditions["probability"].between(0, 1).all())
    True
    """
    from lumbayes.questions.differential import differential as ask

    chosen = given_model(model)
    return ask(chosen, given_case(chosen, case), whole("draws", draws, 200), whole("seed", seed, 0))


@advice_kept
def explain(
    model: object,
    case: object,
    target: str | None = None,
    *,
    state: str | None = None,
    orders: int = 200,
    seed: int = 0,
) -> Explanation:
    """Say which findings moved a probability, by how much, and by which way.

    Parameters
    ----------
    model, case
        As for ``assess``.
    target, state : str, optional
        Any unknown variable and its state; the most probable condition if left out.
    orders : int
        With more than ten findings the shares are means over this many drawn orders.
    seed : int
        Of the random numbers: the same seed gives the same answer.

    Returns
    -------
    Explanation
        Weights of evidence in decibans: alone, given the rest, and shared fairly.

    Raises
    ------
    LumbayesError
        If the target is not known, or itself a finding.
    TypeError
        If an argument is of the wrong kind.

    Examples
    --------
    >>> import lumbayes as lb
    >>> answer = lb.explain(lb.load_model(), {"slr": "positive"}, "radiculopathy")
    >>> answer.probability > answer.prior
    True
    """
    from lumbayes.questions.explanation.explain import explain as ask

    chosen = given_model(model)
    return ask(
        chosen,
        given_case(chosen, case),
        None if target is None else text("target", target, "radiculopathy"),
        state=None if state is None else text("state", state, "present"),
        orders=whole("orders", orders, 200, MOST_ORDERS),
        seed=whole("seed", seed, 0),
    )


@advice_kept
def next_questions(
    model: object, case: object, target: str | None = None, limit: int | None = 5
) -> NextQuestions:
    """Rank the unanswered questions by what they would tell and what they cost, red flags first.

    Parameters
    ----------
    model, case
        As for ``assess``.
    target : str, optional
        A variable to learn about; the whole differential if left out.
    limit : int, optional
        How many; None for all.

    Examples
    --------
    >>> import lumbayes as lb
    >>> len(lb.next_questions(lb.load_model(), {"low_back_pain": "yes"}, limit=2).frame)
    2
    """
    from lumbayes.questions.next_question.ranking import next_questions as ask

    chosen = given_model(model)
    return ask(
        chosen,
        given_case(chosen, case),
        None if target is None else text("target", target, "radiculopathy"),
        None if limit is None else whole("limit", limit, 5),
    )


@advice_kept
def sensitivity(model: object, case: object, target: str) -> Sensitivity:
    """Say which numbers of the tables P(target) hangs on, and at which values the advice flips.

    Examples
    --------
    >>> import lumbayes as lb
    >>> answer = lb.sensitivity(lb.load_model(), {"slr": "positive"}, "radiculopathy")
    >>> len(answer.tornado) > 0
    True
    """
    from lumbayes.questions.sensitivity.analysis import sensitivity as ask

    chosen = given_model(model)
    return ask(chosen, given_case(chosen, case), text("target", target, "radiculopathy"))


@advice_kept
def what_if(
    model: object,
    case: object,
    scenarios: object,
    outcomes: object = None,
    draws: int = 200,
    seed: int = 0,
) -> WhatIf:
    """Compare scenarios: what is *done* from outside, or what else might be *seen*.

    Parameters
    ----------
    model : Model, path of a folder; Network, pgmpy DiscreteBayesianNetwork
        A network that is not ours is answered by its arrows, without intervals.
    case
        As for ``assess``; of a network as ``given`` of ``posterior``.
    scenarios : mapping of name to mapping, or list of Scenario
        ``{"sit less": {"sitting": "under_6h"}}`` is done. For what is seen, give ``Scenario(name,
        findings=…)``.
    outcomes : str or list of str, optional
        ``variable`` (any state but the first) or ``variable=state``.
    draws : int
        As for ``assess``.
    seed : int
        Of the random numbers: the same seed gives the same answer.

    Returns
    -------
    WhatIf
        Chances now and then, with 95 % intervals.

    Raises
    ------
    LumbayesError
        If a scenario sets what nobody can change.
    TypeError
        If an argument is of the wrong kind.

    Examples
    --------
    >>> import lumbayes as lb
    >>> answer = lb.what_if(
    ...     lb.load_model(), {"sitting": "over_8h"}, {"sit less": {"sitting": "under_6h"}},
    ...     "low_back_pain", draws=0,
    ... )
    >>> bool(answer.frame["change"].iloc[0] < 0)
    True
    """
    from lumbayes.questions.what_if.scenarios import Scenario
    from lumbayes.questions.what_if.scenarios import what_if as ask

    example = '{"sit less": {"sitting": "under_6h"}}'
    if isinstance(scenarios, Mapping):
        chosen = [
            Scenario(
                text("a scenario's name", name, "sit less"),
                do={
                    n: text(f"scenario {name!r}: {n}", s, "under_6h")
                    for n, s in mapping(f"scenario {name!r}", do, '{"sitting": "under_6h"}').items()
                },
            )
            for name, do in scenarios.items()
        ]
    else:
        chosen = sequence("scenarios", scenarios, f"a dict of names, such as {example}")
        for one in chosen:
            if not isinstance(one, Scenario):
                raise wrong("a scenario", one, f"a Scenario; or give a dict, such as {example}")
    named = None if outcomes is None else texts("outcomes", outcomes, "low_back_pain")
    if is_network(model):
        from lumbayes.questions.what_if.any_network import what_if_in

        findings, _ = given_findings(model, case, None)
        return what_if_in(given_network(model), findings or {}, chosen, named)
    tables = given_model(model)
    return ask(
        tables,
        given_case(tables, case),
        chosen,
        named,
        whole("draws", draws, 200),
        whole("seed", seed, 0),
    )


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
    """P(targets | given, do): the joint of a few variables; arguments as for ``posterior``.

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


def simulate(
    model: object, n: int, seed: int = 0, *, given: object = None, do: object = None
) -> pd.DataFrame:
    """Draw people from the network: one row a person, blank what an interview would not ask.

    Examples
    --------
    >>> import lumbayes as lb
    >>> people = lb.load_model().simulate(3)
    >>> len(people)
    3
    """
    from lumbayes.batch.simulation import simulate as draw

    return draw(
        given_model(model),
        whole("n", n, 1000, MOST_PEOPLE),
        whole("seed", seed, 0),
        given={k: text(k, v, "yes") for k, v in mapping("given", given, '{"sex": "male"}').items()},
        do={k: text(k, v, "yes") for k, v in mapping("do", do, '{"smoking": "never"}').items()},
    )


def assess_table(
    model: object,
    people: object,
    *,
    keep: object = (),
    targets: object = None,
    top: int = 3,
    draws: int = 0,
    seed: int = 0,
) -> pd.DataFrame:
    """Answer a table of cases: care level, posteriors and first conditions of every row.

    Parameters
    ----------
    model : Model or path
        The tables.
    people : DataFrame, dict of columns, or list of dicts
        One row a case; columns are variables, ``variable:state``, ``do:variable`` or ``minor``.
        None, NaN and blank are unknown. Compare ``do`` with ``do``: a row without any is answered
        by the plain network, others by the causal one, as in ``what_if``.
    keep : str or list of str
        Columns to carry through, unread.
    targets : str or list of str, optional
        Whose posteriors are wanted; all conditions and imbalances if left out.
    top : int
        How many of the most probable conditions are named.
    draws : int
        For 95 % intervals; 0 for none.
    seed : int
        Of the random numbers: the same seed gives the same answer.

    Returns
    -------
    DataFrame
        One row a case; ``error`` says why a row cannot be used.

    Raises
    ------
    LumbayesError
        If a column or target does not exist.
    TypeError
        If an argument is of the wrong kind.

    Examples
    --------
    >>> import lumbayes as lb
    >>> people = [{"fever": "yes", "low_back_pain": "yes"}, {"slr": "positive"}]
    >>> lb.load_model().assess_table(people, targets="radiculopathy")["level"].iloc[0]
    'urgent_physician'
    """
    from lumbayes.batch.frames import score_table

    return score_table(
        given_model(model),
        given_frame("people", people),
        keep=texts("keep", keep, "id"),
        targets=None if targets is None else texts("targets", targets, "radiculopathy"),
        top=whole("top", top, 3),
        draws=whole("draws", draws, 0),
        seed=whole("seed", seed, 0),
    )


def learn(model: object, people: object, *, iterations: int = 50) -> Learned:
    """Update the published numbers from a table of confirmed cases; the model stays as it is.

    Parameters
    ----------
    model : Model or path
        The tables.
    people : DataFrame, dict of columns, or list of dicts
        As for ``assess_table``.
    iterations : int
        Rounds of expectation-maximisation at most.

    Returns
    -------
    Learned
        New numbers with intervals, and the network of them.

    Raises
    ------
    LumbayesError
        If a row cannot be used; the message names it.
    TypeError
        If an argument is of the wrong kind.

    Examples
    --------
    >>> import lumbayes as lb
    >>> model = lb.load_model()
    >>> learned = model.learn(model.simulate(50), iterations=2)
    >>> learned.cases
    50
    """
    from lumbayes.batch.frames import arrow_table
    from lumbayes.cases.cohort import rows_from_table
    from lumbayes.cases.columns import read_columns
    from lumbayes.cases.refused_rows import reasons_of
    from lumbayes.learning.em import learn as update

    chosen, frame = given_model(model), given_frame("people", people)
    columns = read_columns(chosen, [str(c) for c in frame.columns])
    table = arrow_table(frame)
    checked = rows_from_table(chosen, columns, table)
    reasons, _ = reasons_of(chosen, columns, table, checked)
    if reasons:
        first = min(reasons)
        raise LumbayesError(
            f"people, row {first}: {reasons[first]}"
            + (f" ({len(reasons)} such rows.)" if len(reasons) > 1 else "")
        )
    return update(chosen, checked.rows, iterations=whole("iterations", iterations, 50, MOST_ROUNDS))


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


def export(network: object, path: str | Path) -> tuple[str, ...]:
    """Write a model, network or pgmpy model for other tools; the path's ending names the format.

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
    return formats.export(given_network(network), at_door.path("path", path, "network.bif"), labels)


def read_case(model: object, source: str | Path) -> Case:
    """Read a case from a JSON file; ``-`` is standard input.

    Raises
    ------
    LumbayesError
        If the file cannot be read, or the case is wrong.

    Examples
    --------
    >>> import tempfile, lumbayes as lb
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as place:
    ...     path = Path(place) / "case.json"
    ...     _ = path.write_text('{"fever": "yes"}')
    ...     dict(lb.read_case(lb.load_model(), path).findings)
    {'fever': 'yes'}
    """
    from lumbayes.cases.case_files import read_case as read

    return read(given_model(model), at_door.path("source", source, "case.json"))


def read_network(path: str | Path) -> Network:
    """Read a network from a file of another tool; its ending names the format.

    Raises
    ------
    LumbayesError
        If the file cannot be read; names the place.
    """
    return formats.read_network(at_door.path("path", path, "asia.bif")).network
