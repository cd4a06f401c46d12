"""What is asked of many cases: drawn, answered, learned from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lumbayes.doors.given import (
    given_frame,
    given_model,
    mapping,
    text,
    texts,
    whole,
)
from lumbayes.errors import LumbayesError

if TYPE_CHECKING:
    import pandas as pd

    from lumbayes.learning.em import Learned

MOST_PEOPLE = 10_000_000  # held in memory; more are simulated into a file by the command
MOST_ROUNDS = 10_000


def simulate(
    model: object, n: int, seed: int = 0, *, given: object = None, do: object = None
) -> pd.DataFrame:
    """Draw people from the network: one row a person, blank what an interview would not ask.

    Parameters
    ----------
    model : Model or path
        The tables.
    n : int
        How many people, 1 to 10,000,000.
    seed : int
        Of the random numbers: the same seed gives the same people.
    given, do : dict, optional
        States of variables that all of them share, seen or set from outside.

    Returns
    -------
    DataFrame
        One column a variable of the network, hidden ones included; states as text.

    Raises
    ------
    LumbayesError
        If a name or state does not exist, or nobody is as ``given``.
    TypeError
        If an argument is of the wrong kind.

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
