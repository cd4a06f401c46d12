"""People drawn from the network: as frequent as the network says, and readable as cases."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from lumbayes.batch.frames import score_table
from lumbayes.batch.simulation import CHUNK, simulate
from lumbayes.commands.batch import export
from lumbayes.commands.batch import simulate as simulate_command
from lumbayes.errors import LumbayesError, UnknownNameError
from lumbayes.inference.queries import evidence, marginals
from lumbayes.knowledge.model import Model

N = 20_000


@pytest.mark.parametrize(
    ("given", "do"),
    [({}, {}), ({"spinal_infection": "present", "sex": "male"}, {}), ({}, {"sitting": "over_8h"})],
)
def test_drawn_frequencies_are_those_of_the_engine(
    model: Model, given: dict[str, str], do: dict[str, str]
) -> None:
    """However rare what is given: no draw is rejected."""
    from lumbayes.knowledge.causal import causal_network

    network = causal_network(model) if do else model.network
    shown = {layer: 0.0 for layer in ("imbalance", "condition", "mechanism")}
    people = simulate(model, N, 1, given=given, do=do, missing=shown, as_cases=False)
    expected = marginals(network, evidence(network, given, do)).probabilities
    for name in set(people.columns) - {f"do:{n}" for n in do}:
        p = expected[name][:, 0].clip(0, 1)
        counted = people[name].value_counts(normalize=True).reindex(network[name].states)
        slack = 5.5 * np.sqrt(p * (1 - p) / N) + 1e-12
        assert (np.abs(counted.to_numpy() - p) <= slack).all(), name


def test_drawn_people_can_be_assessed(model: Model) -> None:
    people = simulate(model, 400, missing={"finding": 0.3, "context": 0.1})
    answers = score_table(model, people)
    assert (answers["error"] == "").all()


def test_who_says_there_is_no_pain_is_not_asked_about_it(model: Model) -> None:
    """Blank whatever the answers would have been, so what is shown is as frequent as drawn."""
    shown = {layer: 0.0 for layer in ("imbalance", "condition", "mechanism")}
    people = simulate(model, N, 2, missing=shown)
    painless = people["duration"] == "no_pain"
    assert people.loc[painless, ["low_back_pain", "morning_stiffness"]].isna().all(axis=None)
    assert people.loc[~painless, ["low_back_pain", "morning_stiffness"]].notna().all(axis=None)
    assert people["duration"].notna().all() and people["pregnancy"].notna().all()
    for course in ("none", "short", "long"):
        known = evidence(model.network, {"pain_course": course})
        p = marginals(model.network, known, ["duration"]).probabilities["duration"][:, 0]
        told = people.loc[people["pain_course"] == course, "duration"]
        counted = told.value_counts(normalize=True).reindex(model.network["duration"].states)
        slack = 5.5 * np.sqrt(p * (1 - p) / len(told)) + 1e-12
        assert (np.abs(counted.to_numpy() - p) <= slack).all(), course


def test_what_is_given_stays_where_answers_contradict_one_another(model: Model) -> None:
    people = simulate(model, 2_000, given={"morning_stiffness": "over_30min"})
    assert (people["morning_stiffness"] == "over_30min").all()
    assert not (people["duration"] == "no_pain").any()
    people = simulate(model, 50, given={"duration": "no_pain"})
    assert (people["duration"] == "no_pain").all() and people["low_back_pain"].isna().all()


def test_what_is_missing_is_missing_as_often_as_asked(model: Model) -> None:
    people = simulate(model, N, missing={"finding": 0.4, "context": 1.0, "imbalance": 0.0})
    assert not set(model.names("context", "condition", "mechanism")) & set(people.columns)
    assert people["fever"].isna().mean() == pytest.approx(0.4, abs=0.02)
    assert people["gmax_weak"].notna().all() and people["asks_for_care"].notna().all()


def test_the_same_seed_draws_the_same_people_and_another_others(model: Model) -> None:
    first = simulate(model, 300, 5)
    pd.testing.assert_frame_equal(first, simulate(model, 300, 5))
    assert not first.equals(simulate(model, 300, 6))
    assert CHUNK >= 300


@pytest.mark.parametrize(
    ("given", "missing", "message"),
    [
        ({"sex": "male", "pregnancy": "pregnant"}, {}, "cannot both hold"),
        ({"fevr": "yes"}, {}, "Did you mean 'fever'"),
        ({"collapse": "yes"}, {}, "collapse is asked for safety only"),
        ({}, {"findings": 0.5}, "Did you mean 'finding'"),
        ({}, {"finding": 1.5}, "share from 0 to 1"),
        ({}, {"finding": 1.0, "context": 1.0}, "every answer is missing"),
    ],
)
def test_what_cannot_be_drawn_is_an_error(
    model: Model, given: dict[str, str], missing: dict[str, float], message: str
) -> None:
    with pytest.raises((LumbayesError, UnknownNameError), match=message):
        simulate(model, 1, given=given, missing=missing)


def test_the_command_writes_what_batch_reads(model: Model, tmp_path: Path) -> None:
    from lumbayes.commands.batch import batch

    asked = ["30", "--seed", "4", "--given", "low_back_pain=yes", "--missing", "finding=0.5"]
    drawn = CliRunner().invoke(simulate_command, asked, standalone_mode=False)
    frame = simulate(model, 30, 4, given={"low_back_pain": "yes"}, missing={"finding": 0.5})
    assert drawn.stdout == frame.to_csv(index=False)
    out = tmp_path / "out.parquet"
    done = CliRunner().invoke(
        batch, ["-", str(out), "--quiet"], input=drawn.stdout, standalone_mode=False
    )
    assert done.return_value == 0
    assert len(pd.read_parquet(out)) == 30


def test_the_command_exports(tmp_path: Path) -> None:
    done = CliRunner().invoke(export, [str(tmp_path / "n.xdsl")], standalone_mode=False)
    assert done.exception is None
    assert "age_band: written as age_band with states s_18_29" in done.stderr
