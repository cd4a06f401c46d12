"""No column without a meaning, and no fact that is not understood, hides what a row calls for."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from lumbayes.batch.answers import check_wanted
from lumbayes.batch.files import answer_file
from lumbayes.batch.frames import score_table
from lumbayes.cases.case import understand
from lumbayes.cases.cohort import joined, rows_from_cases
from lumbayes.errors import LumbayesError
from lumbayes.knowledge.model import Model
from lumbayes.triage.care_level import what_is_known

ROWS = {"fever": ["yes", ""], "low_back_pain": ["yes", "yes"], "saddle_numbness": ["", "yes"]}


@pytest.mark.parametrize("column", ["cough", "do:cough", "leg_pain:none", "fevr"])
@pytest.mark.parametrize("ending", ["csv", "csv.gz", "parquet"])
def test_a_table_refused_for_a_column_names_the_rows_that_cannot_wait(
    model: Model, tmp_path: Path, column: str, ending: str
) -> None:
    frame = pd.DataFrame(ROWS | {column: ["1", "1"]})
    source, target = tmp_path / f"in.{ending}", tmp_path / "out.csv"
    frame.to_parquet(source) if ending == "parquet" else frame.to_csv(source, index=False)
    with pytest.raises(LumbayesError) as refused:
        answer_file(model, str(source), str(target), check_wanted(model))
    first = 1 if ending == "parquet" else 2
    told = f"emergency_now in line {first + 1}; urgent_physician in line {first}."
    assert told in str(refused.value)
    assert not target.exists()
    with pytest.raises(LumbayesError, match="emergency_now in row 1; urgent_physician in row 0"):
        score_table(model, frame)


def test_what_is_not_understood_leaves_no_row_of_a_table_firm(model: Model, tmp_path: Path) -> None:
    """One person and a row of a table agree, whatever part of the file it stands in."""
    facts = [{}, {"bladder_paralysis": True}, {"leg_power": "2/5"}, {"zorbing": "twice"}]
    source, target = tmp_path / "in.jsonl", tmp_path / "out.csv"
    lines = [{"findings": {"low_back_pain": "yes"}, "facts": fact} for fact in facts * 3]
    source.write_text("".join(json.dumps(line) + "\n" for line in lines))
    answer_file(model, str(source), str(target), check_wanted(model, top=0))
    answers = pd.read_csv(target)
    cases = [understand(model, line) for line in lines]
    alone = [what_is_known(model, case) for case in cases]
    assert answers["level"].tolist() == [advice.level for advice in alone]
    assert answers["provisional"].tolist() == [advice.provisional for advice in alone]
    assert ["not_understood" in str(r) for r in answers["rules"]] == [
        "not_understood" in advice.rules for advice in alone
    ]
    rows = joined([rows_from_cases(model, cases[:5]), rows_from_cases(model, cases[5:])])
    assert rows.unclear == {i: tuple(c.unclear) for i, c in enumerate(cases) if c.unclear}
