"""A table of cases gives row by row what one case gives alone, whatever the file and the route."""

from __future__ import annotations

import csv
import gzip
import io
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lumbayes import case_parsing, case_tables
from lumbayes.case_answers import check_wanted
from lumbayes.case_files import answer_file
from lumbayes.case_runners import in_processes, in_threads
from lumbayes.case_tables import score_table
from lumbayes.cases import parse_case
from lumbayes.errors import CaseError, LumbayesError, UnknownNameError
from lumbayes.inference import evidence, sample
from lumbayes.model import Model
from lumbayes.questions.care_level import care_level
from lumbayes.questions.differential import differential
from lumbayes.questions.summary import fixed_output, versions
from lumbayes.simulation import simulate_parts


def ragged(model: Model, n: int, seed: int = 0) -> pd.DataFrame:
    """People drawn from the network, most of their answers missing; some say they are not sure."""
    rng = np.random.default_rng(seed)
    people = sample(model.network, evidence(model.network, {}), n, seed)
    columns = {}
    for name in model.names("context", "finding"):
        words = np.array([*model.variables[name].states, "unsure", None], dtype=object)
        codes = np.where(rng.random(n) < 0.02, len(words) - 2, people[name])
        codes = np.where(rng.random(n) < 0.6, len(words) - 1, codes)
        columns[name] = words[codes]
    return pd.DataFrame(columns)


def as_case(row: pd.Series[Any]) -> dict[str, Any]:
    """A row of a table of findings as one case."""
    return {str(k): v for k, v in row.items() if isinstance(v, str)}


@pytest.fixture(scope="module")
def people(model: Model) -> pd.DataFrame:
    return ragged(model, 300)


@pytest.fixture(scope="module")
def scored(model: Model, people: pd.DataFrame) -> pd.DataFrame:
    return score_table(model, people)


def agrees(model: Model, data: object, row: pd.Series[Any]) -> None:
    """A row of answers is what the same case gives alone, or both refuse for the same reason."""
    try:
        case = parse_case(model, data)
        likely, care = differential(model, case, 0), care_level(model, case)
    except LumbayesError as error:
        assert row["error"] == str(error)
        assert pd.isna(row["level"]) and pd.isna(row["p_gtps"])
        return
    assert row["error"] == ""
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
    from lumbayes.evaluation import read_worked_cases

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


def test_columns_are_kept_as_they_are_with_their_index(model: Model) -> None:
    table = pd.DataFrame({"id": [7, 9], "fever": ["yes", None]}, index=["a", "b"])
    answers = score_table(model, table, keep=["id"], targets=["duration"], top=0)
    assert answers["id"].tolist() == [7, 9]
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


# --- files --------------------------------------------------------------------------------------


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Parts of 50 rows, so that a small file has several."""
    monkeypatch.setattr(case_tables, "ROWS", 50)
    yield


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("given", ["csv", "parquet"])
@pytest.mark.parametrize("wanted", ["csv", "parquet"])
def test_every_file_gives_the_answers_of_the_frame(
    model: Model,
    people: pd.DataFrame,
    scored: pd.DataFrame,
    tmp_path: Path,
    given: str,
    wanted: str,
) -> None:
    source, target = tmp_path / f"cases.{given}", tmp_path / f"answers.{wanted}"
    table = people.assign(id=range(300))
    table.to_csv(source, index=False) if given == "csv" else table.to_parquet(source)
    done = answer_file(model, str(source), str(target), check_wanted(model), keep=("id",))
    read = pd.read_csv(target) if wanted == "csv" else pd.read_parquet(target)
    good = scored[scored["error"] == ""]
    assert done.answered == len(good) == len(read)
    assert done.refused == 300 - len(good)
    assert read["id"].astype(int).tolist() == good.index.tolist()
    assert read["line"].tolist() == (good.index + (2 if given == "csv" else 1)).tolist()
    assert read["level"].tolist() == good["level"].astype(str).tolist()
    for name in scored.filter(regex="^p_"):
        np.testing.assert_allclose(read[name], good[name], rtol=0, atol=1e-10)
    bad = pd.read_csv(done.refused_to)
    assert bad["reason"].tolist() == scored.loc[scored["error"] != "", "error"].tolist()
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        [source.name, target.name, f"{target.name}.bad.csv"]
    )


@pytest.mark.usefixtures("small_parts")
def test_json_lines_have_the_shape_of_assess(
    model: Model, people: pd.DataFrame, tmp_path: Path
) -> None:
    rows = [{"id": i, "findings": as_case(people.iloc[i])} for i in range(12)]
    rows.append({"id": 12, "facts": {"age_years": 40, "leg_pain": True}})
    source, target = tmp_path / "cases.jsonl", tmp_path / "answers.jsonl"
    source.write_text("\n".join(json.dumps(r) for r in rows) + '\n\n{"fever": 1}\nnonsense\n')
    done = answer_file(model, str(source), str(target), check_wanted(model, draws=20))
    answers = [json.loads(line) for line in target.read_text().splitlines()]
    assert done.answered == len(answers)
    for answer in answers:
        case = parse_case(model, rows[answer["line"] - 1])
        alone = fixed_output(
            case, care_level(model, case), differential(model, case, 20), versions(model)
        )
        assert answer == {"line": answer["line"], "id": answer["line"] - 1} | json.loads(
            json.dumps(alone)
        )
    bad = pd.read_csv(done.refused_to).set_index("line")
    assert str(bad.loc[15, "reason"]).startswith("findings.fever must be one of")
    assert bad.loc[16, "content"] == "nonsense"
    table = tmp_path / "answers.csv"
    answer_file(model, str(source), str(table), check_wanted(model))
    again = pd.read_csv(table).set_index("line")
    assert again.loc[13, "level"] == answers[-1]["triage"]["level"]


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_a_packed_file_is_answered_like_the_file(
    model: Model, people: pd.DataFrame, tmp_path: Path, kind: str
) -> None:
    plain, packed = tmp_path / f"cases.{kind}", tmp_path / f"cases.{kind}.gz"
    if kind == "csv":
        people.to_csv(plain, index=False)
    else:
        plain.write_text('{"fever": "yes"}\n{"facts": {"age_years": 50}}\n')
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    told: list[float] = []
    answers = []
    for source in (plain, packed):
        target = tmp_path / "answers.csv"
        answer_file(
            model,
            str(source),
            str(target),
            check_wanted(model),
            progress=lambda _, expected: told.append(expected),
        )
        answers.append(target.read_bytes())
    assert answers[0] == answers[1]
    assert min(told) > 0


@pytest.mark.parametrize(
    ("row", "good", "plain"),
    [
        (b'"yes","positive","fine"', True, True),
        (b'yes,"positive",""', True, True),
        (b'yes,positive,"a, b"\r', True, True),
        (b'yes,positive,"a ""b"""', True, False),
        (b'"yes"x,positive,fine', False, False),
        (b'yes,positive,"two\nlines"', False, False),
        (b'yes,"pos,itive', False, False),
    ],
    ids=str,
)
def test_quotes_are_read_alike_however_the_part_is_read(
    model: Model, tmp_path: Path, row: bytes, good: bool, plain: bool
) -> None:
    """Cells wholly in quotes are read at once, all others line by line."""
    answers, told = [], []

    def remembered(*given: Any) -> bool:
        told.append(quick(*given))
        return told[-1]

    quick = case_parsing._cells_are_plain
    for way in (remembered, lambda *_: False):
        source, target = tmp_path / "cases.csv", tmp_path / "answers.csv"
        source.write_bytes(b"fever,slr,note\n" + row + b"\nno,negative,last\n")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(case_parsing, "_cells_are_plain", way)
            done = answer_file(model, str(source), str(target), check_wanted(model), keep=("note",))
        answers.append(target.read_bytes())
        assert (done.refused == 0) == good
    assert told == [plain]
    assert answers[0] == answers[1]
    assert b"last" in answers[0]


@pytest.mark.usefixtures("small_parts")
def test_lines_that_do_not_parse_go_aside_with_their_line(model: Model, tmp_path: Path) -> None:
    source, target = tmp_path / "cases.csv", tmp_path / "answers.csv"
    lines = [
        b"\xef\xbb\xbffever,slr,note",
        b"yes,positive,fine",
        b"yes,positive",
        b"",
        b'no,negative,"a, b"',
        b'no,negative,"open',
        b"no,\xff,latin",
        b"no,negative,last\r",
    ]
    source.write_bytes(b"\n".join(lines))
    done = answer_file(model, str(source), str(target), check_wanted(model), keep=("note",))
    answers = pd.read_csv(target)
    assert answers["line"].tolist() == [2, 5, 8]
    assert answers["note"].tolist() == ["fine", "a, b", "last"]
    bad = pd.read_csv(done.refused_to).set_index("line")["reason"]
    assert bad.index.tolist() == [3, 6, 7]
    assert "2 cells where the header has 3" in bad[3]
    assert "close every quote" in bad[6]
    assert "not UTF-8" in bad[7]
    assert "3 cases answered" in done.to_text()
    assert "3 lines could not be used" in done.to_text()


@pytest.mark.usefixtures("small_parts")
def test_an_interrupted_run_resumes_and_gives_the_same_bytes(
    model: Model, people: pd.DataFrame, tmp_path: Path
) -> None:
    source, target = tmp_path / "cases.csv", tmp_path / "answers.csv"
    people.to_csv(source, index=False)
    wanted = check_wanted(model, ["gtps"])
    answer_file(model, str(source), str(target), wanted)
    whole = target.read_bytes()
    target.unlink()

    def breaks(work: Any, parts: Any) -> Any:
        for i, answered in enumerate(in_threads(work, parts)):
            if i == 3:
                raise KeyboardInterrupt
            yield answered

    with pytest.raises(KeyboardInterrupt):
        answer_file(model, str(source), str(target), wanted, runner=breaks)
    assert not target.exists()
    with pytest.raises(LumbayesError, match="Resume it"):
        answer_file(model, str(source), str(target), wanted)
    with pytest.raises(LumbayesError, match="other options"):
        answer_file(model, str(source), str(target), check_wanted(model, ["slr"]), resume=True)
    done: list[int] = []

    def counts(work: Any, parts: Any) -> Any:
        for answered in in_threads(work, parts):
            done.append(answered.number)
            yield answered

    answer_file(model, str(source), str(target), wanted, resume=True, runner=counts)
    assert done == [3, 4, 5]
    assert target.read_bytes() == whole
    assert not (tmp_path / ".answers.csv.parts").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("small_parts")
def test_processes_give_the_same_bytes_as_threads(
    model: Model, people: pd.DataFrame, tmp_path: Path
) -> None:
    source = tmp_path / "cases.csv"
    people.to_csv(source, index=False)
    written = []
    for run in (in_threads, in_processes):
        target = tmp_path / "answers.csv"
        answer_file(model, str(source), str(target), check_wanted(model), runner=run)
        written.append(target.read_bytes())
    assert written[0] == written[1]


def test_a_changed_part_is_answered_anew(model: Model, tmp_path: Path) -> None:
    """Parts are taken over by what they hold, not by their number."""
    source, target = tmp_path / "cases.csv", tmp_path / "answers.csv"
    source.write_text("fever\nyes\n")

    def stops(work: Any, parts: Any) -> Any:
        yield from in_threads(work, parts)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        answer_file(model, str(source), str(target), check_wanted(model), runner=stops)
    source.write_text("fever\nno\n")
    answer_file(model, str(source), str(target), check_wanted(model), resume=True)
    expected = score_table(model, pd.DataFrame({"fever": ["no"]}))["p_spinal_infection"]
    assert pd.read_csv(target)["p_spinal_infection"][0] == pytest.approx(expected[0], abs=1e-10)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.csv", None, "cannot be read"),
        ("empty.csv", b"", "is empty"),
        ("noname.csv", b"fever,,slr\n", "column 2 has no name"),
        ("broken.parquet", b"PAR1abc", "cannot be read as Parquet"),
        ("cases.xls", b"x", "does not tell the format"),
        ("twice.csv", b"fever,fever\nyes,yes\n", "stands twice"),
        ("mac.csv", b"fever,slr\ryes,positive\r", "ends in CR alone"),
        ("mac.csv", b"fever\ryes\nno\n", "ends in CR alone"),
        (
            "cut.csv.gz",
            gzip.compress(b"fever\nyes\n" * 100, mtime=0)[:-20],
            "cannot be read to its end",
        ),
        ("cases.parquet.gz", gzip.compress(b"PAR1", mtime=0), "read from a plain file"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",  # packed bytes make poor names
)
def test_a_file_that_cannot_be_read_is_an_error_and_leaves_nothing(
    model: Model, tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(CaseError, match=message):
        answer_file(model, str(tmp_path / name), str(tmp_path / "out.csv"), check_wanted(model))
    assert [p.name for p in tmp_path.iterdir()] == ([name] if content is not None else [])


def test_a_header_alone_gives_a_header_alone(model: Model, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("fever,slr\n")
    done = answer_file(
        model, str(tmp_path / "in.csv"), str(tmp_path / "out.parquet"), check_wanted(model)
    )
    assert done.answered == 0
    assert "p_gtps" in pd.read_parquet(tmp_path / "out.parquet").columns


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("in.csv", "in.csv", "in.csv is the input, and the answers would go there"),
        (
            "out.csv.bad.csv",
            "out.csv",
            "is the input, and lines that cannot be used would go there",
        ),
        ("in.csv", "linked.csv", "is the input, and the answers would go there"),
        ("in.csv", "folder", "is a folder. Name a file in it"),
        ("in.csv", "none/out.csv", "the folder .*none of .* does not exist. Make it first"),
        ("in.csv", "out.parquet.gz", "Parquet cannot be written under an ending .gz"),
    ],
)
def test_an_output_that_cannot_be_is_refused_before_any_work(
    model: Model, tmp_path: Path, source: str, target: str, message: str
) -> None:
    (tmp_path / source).write_text("fever\nyes\nmaybe\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "linked.csv").hardlink_to(tmp_path / source)
    before = sorted(tmp_path.iterdir())
    kinds = ("csv", "parquet" if target.endswith(".gz") else "csv")
    with pytest.raises(CaseError, match=message):
        answer_file(
            model,
            str(tmp_path / source),
            str(tmp_path / target),
            check_wanted(model),
            formats=kinds,
            runner=lambda *_: pytest.fail("this is work"),
        )
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / source).read_text() == "fever\nyes\nmaybe\n"


def test_refused_rows_have_a_file_of_their_own_whatever_the_output_is_called(
    model: Model, tmp_path: Path
) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.bad.csv"
    source.write_text("fever\nyes\nmaybe\n")
    done = answer_file(model, str(source), str(target), check_wanted(model))
    assert pd.read_csv(target)["line"].tolist() == [2]
    assert pd.read_csv(done.refused_to)["line"].tolist() == [3]


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl"])
def test_a_packed_output_holds_the_bytes_of_the_plain_one(
    model: Model, tmp_path: Path, ending: str
) -> None:
    source = tmp_path / "in.csv"
    source.write_text("fever\n" + 60 * "yes\n")
    written = []
    for name in (f"out.{ending}", f"out.{ending}.gz"):
        answer_file(model, str(source), str(tmp_path / name), check_wanted(model, ["gtps"]))
        written.append((tmp_path / name).read_bytes())
    assert gzip.decompress(written[1]) == written[0]
    assert len(written[1]) < len(written[0])


@pytest.mark.parametrize(
    ("delimiter", "ending", "wanted"),
    [
        (",", "csv", ","),
        (";", "csv", ";"),
        ("\t", "csv", ","),
        (",", "tsv", "\t"),
        (";", "tsv", "\t"),
    ],
)
def test_the_ending_of_the_output_tells_its_delimiter(
    model: Model, tmp_path: Path, delimiter: str, ending: str, wanted: str
) -> None:
    source, target = tmp_path / "in.txt", tmp_path / f"out.{ending}"
    source.write_text(f"fever{delimiter}note\nyes{delimiter}fine\n")
    answer_file(model, str(source), str(target), check_wanted(model), keep=("note",))
    head, row = target.read_text().splitlines()
    assert head.startswith(wanted.join(["line", "note", "level"]))
    assert row.count(wanted) == head.count(wanted)


@pytest.mark.parametrize("target", ["out.csv", "out.parquet", "out.jsonl"])
def test_a_column_kept_twice_is_there_once(model: Model, tmp_path: Path, target: str) -> None:
    source = tmp_path / "in.csv"
    source.write_text("id,fever\n7,yes\n")
    wanted = check_wanted(model, ["gtps"], draws=20)
    answer_file(model, str(source), str(tmp_path / target), wanted, keep=("id", "id"))
    if target == "out.csv":
        rows = list(csv.reader((tmp_path / target).read_text().splitlines()))
        assert [len(row) for row in rows] == [11, 11] and rows[0].count("id") == 1
    elif target == "out.parquet":
        assert pd.read_parquet(tmp_path / target).columns.tolist().count("id") == 1
    else:
        assert json.loads((tmp_path / target).read_text())["id"] == "7"
    frame = score_table(model, pd.read_csv(source, dtype=str), keep=["id", "id"])
    assert frame.columns.tolist().count("id") == 1


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("line", "out.csv"),
        ("level", "out.csv"),
        ("p_gtps", "out.parquet"),
        ("log_evidence", "out.csv"),
        ("line", "out.jsonl"),
        ("triage", "out.jsonl"),
    ],
)
def test_a_column_with_the_name_of_an_answer_cannot_be_kept(
    model: Model, tmp_path: Path, name: str, target: str
) -> None:
    source = tmp_path / "in.csv"
    source.write_text(f"{name},fever\n7,yes\n")
    with pytest.raises(CaseError, match=f"'{name}' cannot be kept: .* Rename it"):
        answer_file(model, str(source), str(tmp_path / target), check_wanted(model), keep=(name,))
    if target == "out.csv" and name != "line":
        with pytest.raises(CaseError, match="cannot be kept"):
            score_table(model, pd.read_csv(source), keep=[name])
    with pytest.raises(CaseError, match="'error' cannot be kept"):
        score_table(model, pd.DataFrame({"error": ["x"]}), keep=["error"])


def test_parts_of_json_lines_are_kept_on_request(model: Model, tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.csv"
    source.write_text(
        '{"id": 7, "label": "x, y", "findings": {"fever": "yes"}}\n{"findings": {}}\n'
        '{"findings": {"fever": "yes"}, "answer": {"triage": "a"}}\n'
    )
    keep = ("id", "label", "answer")
    answer_file(model, str(source), str(target), check_wanted(model), keep=keep)
    read = pd.read_csv(target, dtype=str)
    assert read["id"].fillna("").tolist() == ["7", "", ""]
    assert read["label"].fillna("").tolist() == ["x, y", "", ""]
    assert json.loads(read["answer"][2]) == {"triage": "a"}
    with pytest.raises(UnknownNameError, match=r"part of a case to keep 'lable'.*'label'\? Known"):
        answer_file(model, str(source), str(target), check_wanted(model), keep=("lable",))
    source.write_text('{"fever": "yes"}\n{"fever": \n')
    done = answer_file(model, str(source), str(target), check_wanted(model))
    assert pd.read_csv(done.refused_to)["reason"][0].startswith("line 2, column 11: not valid JSON")


def parquet(path: Path, **columns: Any) -> str:
    """Write a Parquet file of these columns."""
    pq.write_table(pa.table(columns), path, compression="none", row_group_size=50)
    return str(path)


def test_parquet_with_odd_columns_is_refused_or_carried_through(
    model: Model, tmp_path: Path
) -> None:
    lists = pa.array([["a", "b"], None])
    source = parquet(tmp_path / "in.parquet", fever=["yes", None], tags=lists, raw=[b"\xff", b"x"])
    target = str(tmp_path / "out.csv")
    with pytest.raises(CaseError, match=r"the column tags holds list<.*--keep 'tags'"):
        answer_file(model, source, target, check_wanted(model), keep=("raw",))
    assert [p.name for p in tmp_path.iterdir()] == ["in.parquet"]
    for ending in ("csv", "parquet", "jsonl"):
        target = str(tmp_path / f"out.{ending}")
        answer_file(model, source, target, check_wanted(model, draws=20), keep=("tags", "raw"))
    read = pd.read_csv(tmp_path / "out.csv")
    assert json.loads(read["tags"][0]) == ["a", "b"] and read["tags"].isna()[1]
    assert pd.read_parquet(tmp_path / "out.parquet")["tags"][0].tolist() == ["a", "b"]
    assert json.loads((tmp_path / "out.jsonl").read_text().splitlines()[0])["tags"] == ["a", "b"]


@pytest.mark.parametrize("dictionary", [False, True])
def test_a_text_of_parquet_that_is_not_utf8_sets_its_row_aside(
    model: Model, tmp_path: Path, dictionary: bool
) -> None:
    raw = pa.array([b"yes", b"y\xe9s", None, b"no"]).view(pa.string())
    column = raw.dictionary_encode() if dictionary else raw
    source = parquet(tmp_path / "in.parquet", fever=column, id=[1, 2, 3, 4])
    target = tmp_path / "out.csv"
    done = answer_file(model, source, str(target), check_wanted(model), keep=("id",))
    assert pd.read_csv(target)[["line", "id"]].to_numpy().tolist() == [[1, 1], [3, 3], [4, 4]]
    bad = pd.read_csv(done.refused_to)
    assert bad["line"].tolist() == [2]
    assert bad["reason"][0].startswith("fever is not UTF-8 text")


@pytest.mark.usefixtures("small_parts")
def test_a_damaged_page_of_parquet_is_an_error_that_keeps_what_is_done(
    model: Model, tmp_path: Path
) -> None:
    words = [f"yes{' ' * (i % 40)}" for i in range(200)]
    source = tmp_path / "in.parquet"
    parquet(source, fever=words)
    whole = source.read_bytes()
    place = pq.ParquetFile(source).metadata.row_group(3).column(0).data_page_offset
    for at, kept in ((place, True), (4, False)):
        source.write_bytes(whole[:at] + b"\xff" * 30 + whole[at + 30 :])
        with pytest.raises(CaseError, match="cannot be read as Parquet") as raised:
            answer_file(model, str(source), str(tmp_path / "out.csv"), check_wanted(model))
        parts = tmp_path / ".out.csv.parts"
        assert parts.exists() == kept
        assert ("Finished parts are kept: go on with --resume" in str(raised.value)) == kept
        assert not (tmp_path / "out.csv").exists()
        if kept:
            source.write_bytes(whole)
            answer_file(
                model, str(source), str(tmp_path / "out.csv"), check_wanted(model), resume=True
            )
            assert len(pd.read_csv(tmp_path / "out.csv")) == 200
            (tmp_path / "out.csv").unlink()


def test_a_finished_part_that_was_damaged_is_answered_anew(model: Model, tmp_path: Path) -> None:
    """As a power cut may leave it: the note is there, the answers are not."""
    source, target = tmp_path / "cases.csv", tmp_path / "answers.csv"
    source.write_text("fever\nyes\nno\n")

    def stops(work: Any, parts: Any) -> Any:
        yield from in_threads(work, parts)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        answer_file(model, str(source), str(target), check_wanted(model), runner=stops)
    (part,) = tmp_path.glob(".answers.csv.parts/*.part")
    part.write_bytes(b"")
    done = answer_file(model, str(source), str(target), check_wanted(model), resume=True)
    assert done.answered == len(pd.read_csv(target)) == 2


def test_a_cell_of_several_lines_makes_no_cases(model: Model, tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text('note,fever\n"first\nsecond,yes\nthird",no\nlast,no\n')
    done = answer_file(model, str(source), str(target), check_wanted(model), keep=("note",))
    assert pd.read_csv(target)["note"].tolist() == ["last"]
    assert pd.read_csv(done.refused_to)["line"].tolist() == [2, 3, 4]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("more", ["", "cut"])
def test_blank_lines_are_passed_over_whatever_else_is_there(
    model: Model, tmp_path: Path, end: str, more: str
) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    rows = ["fever,sex", "", "yes,male", "", " ", "no,male", "", more]
    source.write_bytes(end.join(rows).encode())
    answer_file(model, str(source), str(target), check_wanted(model))
    assert pd.read_csv(target)["line"].tolist() == [3, 6]


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv"])
def test_json_that_cannot_be_written_again_is_a_bad_row(
    model: Model, tmp_path: Path, name: str
) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / name
    digits = "1" * 5000
    source.write_text(
        f'{{"id": "\\ud800"}}\n{{"id": {digits}}}\n{{"id": 1, "findings": {{"fever": "no"}}}}\n'
    )
    done = answer_file(model, str(source), str(target), check_wanted(model, draws=0), keep=("id",))
    assert (done.answered, done.refused) == (1, 2)
    reasons = pd.read_csv(done.refused_to)["reason"]
    assert "half a character" in reasons[0] and "too many digits" in reasons[1]


def test_standard_input_is_never_overwritten(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("fever\nyes\n")
    code = "import sys; from lumbayes.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "batch", "-", str(source), "--quiet"]
    with source.open() as given:
        done = subprocess.run(command, stdin=given, capture_output=True, text=True)
    assert done.returncode == 2 and "is the input" in done.stderr
    assert source.read_text() == "fever\nyes\n"


def test_a_side_file_of_standard_output_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Model
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("lumbayes.bad.csv").write_text("mine")
    Path("in.csv").write_text("fever\nyes\n")
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO()))
    answer_file(model, "in.csv", "-", check_wanted(model))
    assert Path("lumbayes.bad.csv").read_text() == "mine"


def test_the_command_ends_with_a_line_and_a_status(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from lumbayes.commands.batch import batch

    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("fever\nyes\nmaybe\n")
    done = CliRunner().invoke(batch, [str(source), str(target), "--quiet"], standalone_mode=False)
    assert done.return_value == 1
    assert "1 cases answered" in done.stderr and "out.csv.bad.csv" in done.stderr
    piped = CliRunner().invoke(
        batch, ["-", "-", "--quiet", "--top", "1"], input="fever\nyes\n", standalone_mode=False
    )
    assert piped.return_value == 0
    assert piped.stdout.startswith("line,level,rules,top_1,p_")
    assert len(piped.stdout.splitlines()) == 2


SMALL_PARTS = """
import sys
from lumbayes import case_tables
from lumbayes.cli import main
if __name__ == "__main__":
    case_tables.ROWS = 200
    sys.exit(main())
"""


@pytest.mark.slow
def test_a_killed_run_leaves_no_process_behind_and_resumes(tmp_path: Path, model: Model) -> None:
    """SIGKILL of the command itself, with two processes at work."""
    source, target = tmp_path / "cases.csv", tmp_path / "answers.csv"
    people = pd.concat(simulate_parts(model, 4_000, 5, missing={"finding": 0.8}))
    people.to_csv(source, index=False)
    script = tmp_path / "small_parts.py"
    script.write_text(SMALL_PARTS)
    command = [sys.executable, str(script), "batch", str(source), str(target), "--quiet"]
    running = subprocess.Popen(command)
    end = time.monotonic() + 60
    while not list(tmp_path.glob(".answers.csv.parts/*.part")):
        assert running.poll() is None and time.monotonic() < end
        time.sleep(0.01)
    workers = psutil.Process(running.pid).children(recursive=True)
    running.kill()
    running.wait()
    assert workers
    assert not psutil.wait_procs(workers, timeout=20)[1]
    assert not target.exists()
    assert subprocess.run(command, capture_output=True).returncode == 2
    assert subprocess.run([*command, "--resume"]).returncode == 0
    resumed = target.read_bytes()
    assert subprocess.run(command).returncode == 0
    assert target.read_bytes() == resumed
