"""No more of a file is read than its limit, and what was read of a case counts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import lumbayes as lb
from lumbayes import limits
from lumbayes.cases.case_files import understand_file
from lumbayes.errors import LumbayesError
from lumbayes.evaluation.worked_cases import read_worked_cases
from lumbayes.knowledge.model import Model
from lumbayes.knowledge.tables import data_dir


def test_a_case_of_a_gigabyte_keeps_the_level_of_its_beginning(
    model: Model, tmp_path: Path
) -> None:
    path = tmp_path / "case.json"
    path.write_text('{"saddle_numbness": "yes", "note": "')
    os.truncate(path, 1 << 30)
    case = understand_file(model, path)
    assert case.findings["saddle_numbness"] == "yes"
    assert "LUMBAYES_CASE_BYTES" in str(case.errors[0])


def test_worked_cases_and_tables_have_a_limit(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = tmp_path / "cases.jsonl"
    cases.touch()
    os.truncate(cases, 1 << 30)
    with pytest.raises(LumbayesError, match="LUMBAYES_FILE_BYTES"):
        read_worked_cases(model, cases)
    (tmp_path / "variables.csv").write_text((data_dir() / "variables.csv").read_text())
    monkeypatch.setenv("LUMBAYES_FILE_BYTES", "1000")
    with pytest.raises(LumbayesError, match=r"variables\.csv: more than 1,000 bytes"):
        lb.load_model(tmp_path)


def test_every_limit_is_documented_with_its_default() -> None:
    page = Path(__file__).parents[1].joinpath("docs/how-to/reverse-proxy.md").read_text()
    of_ours = [one for one in vars(limits).values() if isinstance(one, limits.Limit)]
    rows = [f"| `{one.variable}` | {one.default:,} | {one.counts} |" for one in of_ours]
    assert [line for line in page.splitlines() if line.startswith("| `LUMBAYES_")] == rows
