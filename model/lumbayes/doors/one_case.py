"""What is asked of one case, each function with the model first."""

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
    given_model,
    given_network,
    is_network,
    mapping,
    sequence,
    state_name,
    text,
    texts,
    whole,
)
from lumbayes.errors import wrong

if TYPE_CHECKING:
    from lumbayes.questions.assessment.summary import Assessment
    from lumbayes.questions.differential import Differential
    from lumbayes.questions.explanation.answer import Explanation
    from lumbayes.questions.next_question.ranking import NextQuestions
    from lumbayes.questions.sensitivity.analysis import Sensitivity
    from lumbayes.questions.what_if.scenarios import WhatIf

MOST_ORDERS = 100_000


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

    Parameters
    ----------
    model, case, draws, seed
        As for ``assess``. A variable not mentioned is unknown, not normal.

    Returns
    -------
    Differential
        ``conditions``, ``imbalances``: frames of ``probability``, ``low``, ``high`` in [0, 1], the
        most probable first. Conditions may occur together: they need not sum to 1.

    Raises
    ------
    LumbayesError
        If the case cannot be read.
    TypeError
        If an argument is of the wrong kind.

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

    Returns
    -------
    NextQuestions
        ``frame``: one row a question, what it would tell in nats and by cost; ``stop`` and why.

    Raises
    ------
    LumbayesError
        If the case cannot be read, or the target does not exist or is known.
    TypeError
        If an argument is of the wrong kind.

    Notes
    -----
    Expected mutual information; Lindley (1956), On a measure of the information provided by an
    experiment.

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

    Parameters
    ----------
    model, case
        As for ``assess``.
    target : str
        ``variable`` (any state but the first) or ``variable=state``.

    Returns
    -------
    Sensitivity
        ``tornado``: one row a number, P(target) at the ends of its interval;
        ``decision_thresholds``: the values at which the care level or the order of the conditions
        changes.

    Raises
    ------
    LumbayesError
        If the case cannot be read, or the target does not exist or is known.
    TypeError
        If an argument is of the wrong kind.

    Notes
    -----
    Chan & Darwiche (2002), When do numbers really matter?

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
                    n: text(f"scenario {name!r}: {n}", state_name(model, s), "under_6h")
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
