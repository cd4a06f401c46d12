"""A table of cases gives row by row what one case gives alone, whatever the file and the route."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from ragged_people import as_case

from lumbayes.batch.frames import score_table
from lumbayes.cases.case import parse_case, understand
from lumbayes.cases.columns import read_columns
from lumbayes.cases.vocabulary import load_vocabulary
from lumbayes.errors import CaseError, LumbayesError, UnknownNameError
from lumbayes.knowledge.model import Model
from lumbayes.questions.differential import differential
from lumbayes.triage.care_level import admit, already_means, care_level, what_is_known


def agrees(model: Model, data: object, row: pd.Series[Any]) -> None:
    """A row of answers is what the same case gives alone, or both refuse for the same reason."""
    try:
        case = admit(model, understand(model, data))
        likely, care = differential(model, case, 0), care_level(model, case)
    except LumbayesError as error:
        known = what_is_known(model, understand(model, data))
        assert row["error"] == f"{error}{already_means(known.level, bool(known.contradictions))}"
        assert pd.isna(row["level"]) and pd.isna(row["p_gtps"])
        return
    assert row["error"] == ""
    assert row["problem"] == str(case.problem() or "")
    assert row["provisional"] == care.provisional
    assert row["open_warning_signs"] == len(care.open_warning_signs)
    assert row["level"] == care.level
    assert row["rules"] == ";".join(care.rules)
    both = pd.concat([likely.conditions, likely.imbalances])
    for name, probability in zip(both["name"], both["probability"], strict=True):
        assert row[f"p_{name}"] == pytest.approx(probability, abs=1e-10)
    assert row["top_1"] == likely.conditions["name"].iloc[0]
    assert row["log_evidence"] == pytest.approx(likely.log_evidence, abs=1e-8)


def test_each_row_is_what_the_case_gives_alone(
    model: Model, people: pd.DataFrame, scored: pd.DataFrame
) -> None:
    for i in range(0, 300, 8):
        agrees(model, as_case(people.iloc[i]), scored.iloc[i])


def test_worked_cases_agree_with_assess(model: Model) -> None:
    """The cases whose facts are all findings of the network, as a table."""
    from lumbayes.evaluation.worked_cases import read_worked_cases

    cases = [parse_case(model, c.data) for c in read_worked_cases(model)]
    hard = [dict(c.findings) for c in cases if not c.likelihoods]
    answers = score_table(model, pd.DataFrame(hard))
    for data, (_, row) in zip(hard, answers.iterrows(), strict=True):
        agrees(model, data, row)


def test_pain_means_asking_for_care_as_in_one_case(model: Model) -> None:
    table = pd.DataFrame({"low_back_pain": ["yes", "yes", "no"], "asks_for_care": ["", "no", ""]})
    silent, says_no, no_pain = score_table(model, table)["log_evidence"]
    stated = score_table(model, table.assign(asks_for_care=["yes", "no", ""]))["log_evidence"]
    assert silent == stated[0]
    assert says_no != silent
    assert no_pain == stated[2]


LIKELIHOODS = pd.DataFrame(
    {
        "sex": ["female", "male", "female", "male", "female", "female"],
        "slr": ["", "", "positive", "", "unsure", ""],
        "slr:negative": [0.2, np.nan, 0.5, 1.0, 0.4, 1.0],
        "slr:positive": [0.8, np.nan, 0.5, 0.0, 0.6, 1.0],
        "onset:gradual": [np.nan, 1.0, 1, np.nan, np.nan, 1],
        "onset:sudden": [np.nan, 0.0, 1, np.nan, np.nan, 1],
        "do:sitting": ["", "over_8h", "", "under_6h", "", "over_8h"],
        "minor": ["", "yes", "no", "", "no", ""],
    }
)


def test_likelihoods_interventions_and_minors_agree_with_one_case(model: Model) -> None:
    answers = score_table(model, LIKELIHOODS)
    for i, (_, row) in enumerate(LIKELIHOODS.iterrows()):
        data: dict[str, Any] = {"findings": {"sex": row["sex"]}, "likelihoods": {}, "do": {}}
        if row["slr"]:
            data["findings"]["slr"] = row["slr"]
        for name in ("slr", "onset"):
            weights = {s: row[f"{name}:{s}"] for s in model.variables[name].states}
            if not pd.isna(list(weights.values())).any():
                data["likelihoods"][name] = weights
        if row["do:sitting"]:
            data["do"]["sitting"] = row["do:sitting"]
        data["minor"] = row["minor"] == "yes"
        agrees(model, data, answers.iloc[i])


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ({"fever": ["maybe"]}, "unknown state of fever 'maybe'"),
        ({"sex": ["male"], "pregnancy": ["pregnant"]}, "cannot both hold"),
        ({"duration": ["no_pain"], "low_back_pain": ["yes"]}, "cannot both hold"),
        ({"slr": ["positive"], "slr:negative": ["1"], "slr:positive": ["0"]}, "contradict"),
        ({"slr:negative": ["1"], "slr:positive": [""]}, "Fill every state"),
        ({"slr:negative": ["-1"], "slr:positive": ["1"]}, "0 or more"),
        ({"slr:negative": ["0"], "slr:positive": ["0"]}, "every weight is 0"),
        ({"slr": ["positive"], "do:slr": ["negative"]}, "cannot both hold"),
        ({"do:slr": ["odd"]}, "unknown state of slr 'odd'"),
        ({"minor": ["perhaps"]}, "Write yes or no"),
    ],
)
def test_a_bad_row_has_the_reason_of_one_case_and_harms_no_other(
    model: Model, table: dict[str, list[str]], reason: str
) -> None:
    both = pd.DataFrame({k: [*v, None] for k, v in table.items()})
    answers = score_table(model, both, top=1)
    assert reason in answers["error"].iloc[0]
    assert pd.isna(answers["p_gtps"].iloc[0])
    assert answers["error"].iloc[1] == ""
    assert answers["p_gtps"].notna().iloc[1]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["fevr"], "Did you mean 'fever'.*--keep 'fevr'"),
        (["age_years"], "is a fact, and a table takes variables: give age_band"),
        (["slr:negative"], "lacks the column slr:positive"),
        (["do:sittin"], "Did you mean 'do:sitting'"),
        (["slr:postive", "slr:negative"], "Did you mean 'slr:positive'"),
        (["collapse:yes"], "asked for safety only"),
    ],
)
def test_a_column_without_a_meaning_is_an_error_that_helps(
    model: Model, names: list[str], message: str
) -> None:
    with pytest.raises(LumbayesError, match=message):
        score_table(model, pd.DataFrame({n: ["x"] for n in names}))


def test_minors_in_a_column_of_numbers_with_a_blank(model: Model) -> None:
    table = pd.DataFrame({"fever": ["no", None, "maybe"], "minor": [1.0, np.nan, 1.0]})
    answers = score_table(model, table, targets=["gtps"])
    assert answers["rules"].iloc[:2].tolist() == ["under_18", ""]
    assert "unknown state of fever 'maybe'" in answers["error"].iloc[2]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"keep": "id"}, r"keep is the text 'id'. Give a list, such as \['id'\]"),
        ({"targets": "gtps"}, r"targets is the text 'gtps'. Give a list"),
        ({"top": 2.5}, r"top is 2.5. Give a whole number from 0 to"),
    ],
)
def test_arguments_that_make_no_sense(model: Model, given: dict[str, Any], message: str) -> None:
    with pytest.raises(LumbayesError, match=message):
        score_table(model, pd.DataFrame({"fever": ["yes"], "id": [1]}), **given)


def test_columns_are_kept_as_they_are_with_their_index(model: Model) -> None:
    table = pd.DataFrame({"id": [7, 9], "fever": ["yes", None]}, index=["a", "b"])
    answers = score_table(model, table, keep=["id"], targets=["duration"], top=0)
    assert answers["id"].tolist() == [7, 9]
    numbered: Any = [7]  # pandas numbers the columns of a table without a header
    assert score_table(model, table.rename(columns={"id": 7}), keep=numbered)[7].tolist() == [7, 9]
    assert answers.index.tolist() == ["a", "b"]
    total = answers.filter(regex="^p_duration").sum(axis=1)
    np.testing.assert_allclose(total, 1.0)
    with pytest.raises(UnknownNameError, match="column to keep"):
        score_table(model, table, keep=["name"])
    with pytest.raises(CaseError, match="the column fever holds lists"):
        score_table(model, pd.DataFrame({"fever": [["yes"], None]}))


def test_intervals_hold_the_probability_and_equal_those_of_one_case(model: Model) -> None:
    table = pd.DataFrame({"low_back_pain": ["yes", ""], "do:sitting": ["", "over_8h"]})
    answers = score_table(model, table, draws=40, seed=3)
    one = differential(model, parse_case(model, {"low_back_pain": "yes"}), 40, 3).conditions
    for row in one.itertuples():
        for end in ("low", "high"):
            value = answers[f"{end}_{row.name}"].iloc[0]
            assert value == pytest.approx(getattr(row, end), abs=1e-9)
    assert (answers["low_gtps"] <= answers["p_gtps"]).all()
    assert (answers["high_gtps"] >= answers["p_gtps"]).all()


def test_a_table_without_rows_gives_one_without_rows(model: Model) -> None:
    answers = score_table(model, pd.DataFrame({"fever": []}), top=1)
    assert len(answers) == 0
    assert {"level", "top_1", "p_gtps", "error"} <= set(answers.columns)


def test_a_column_of_a_fact_is_refused_in_whole_sentences(model: Model) -> None:
    for name in set(load_vocabulary(model)) - set(model.variables):
        with pytest.raises(LumbayesError) as refused:
            read_columns(model, [name])
        assert "give ." not in str(refused.value) and ", ." not in str(refused.value), name
