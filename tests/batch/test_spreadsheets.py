"""A table that is written is safe to open in a spreadsheet, or raw if that is asked for."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from ragged_people import write_parquet

from lumbayes.commands.batch import batch

FORMULAS = ["=1+1", "@SUM(1)", "+49 30", "-x", "\t=1", " =2", "＝3", "a\n=4"]
PLAIN = ["-5", "+1.5e3", "a=b", "", "'=1", "3;4"]
# The last formula begins inside a cell of several lines: there it is text to a spreadsheet.
MARKED = [f"'{cell}" for cell in FORMULAS[:-1]] + FORMULAS[-1:] + PLAIN


@pytest.mark.parametrize("given", ["csv", "parquet", "jsonl"])
@pytest.mark.parametrize("raw", [False, True])
def test_kept_cells_are_marked_unless_they_are_to_be_raw(
    tmp_path: Path, given: str, raw: bool
) -> None:
    cells = FORMULAS + PLAIN
    if given == "csv":
        cells = [c for c in cells if "\n" not in c]
    source, target = tmp_path / f"in.{given}", tmp_path / "out.csv"
    table = pd.DataFrame({"fever": "yes", "id": cells})
    if given == "csv":
        table.to_csv(source, index=False)
    elif given == "parquet":
        table.to_parquet(source)
    else:
        rows = [{"findings": {"fever": "yes"}, "id": c} for c in cells]
        source.write_text(pd.DataFrame(rows).to_json(orient="records", lines=True))
    asked = [str(source), str(target), "--keep", "id", "--quiet", *(["--raw"] if raw else [])]
    done = CliRunner().invoke(batch, asked, standalone_mode=False)
    assert done.return_value == 0, done
    with target.open(newline="") as file:
        read = [row["id"] for row in csv.DictReader(file)]
    marked = [m for m in MARKED if given != "csv" or "\n" not in m]
    assert read == (cells if raw else marked)
    assert ("an apostrophe was put before 7 kept cells" in done.stderr) == (not raw)


@pytest.mark.parametrize("raw", [False, True])
def test_names_of_columns_and_lines_that_cannot_be_used_are_marked_too(
    tmp_path: Path, raw: bool
) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text('=1+1,fever\n"=cmd",maybe\nb,yes\n')
    asked = [str(source), str(target), "--keep", "=1+1", "--quiet", *(["--raw"] if raw else [])]
    done = CliRunner().invoke(batch, asked, standalone_mode=False)
    assert done.return_value == 1
    mark = "" if raw else "'"
    assert target.read_text().startswith(f"line,{mark}=1+1,level")
    with Path(f"{target}.bad.csv").open(newline="") as file:
        (bad,) = csv.DictReader(file)
    assert bad["content"].endswith('"=cmd",maybe')


def test_other_formats_are_always_raw(tmp_path: Path) -> None:
    source = write_parquet(tmp_path / "in.parquet", fever=["yes"], id=["=1"])
    for ending in ("parquet", "jsonl"):
        target = tmp_path / f"out.{ending}"
        done = CliRunner().invoke(
            batch, [source, str(target), "--keep", "id", "--quiet"], standalone_mode=False
        )
        assert done.return_value == 0 and "formula" not in done.stderr
    assert pd.read_parquet(tmp_path / "out.parquet")["id"].tolist() == ["=1"]
    assert '"id": "=1"' in (tmp_path / "out.jsonl").read_text()
