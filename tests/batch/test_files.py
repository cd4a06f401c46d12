"""Files of cases: every format, quote, blank line and odd cell is read and written right."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st
from ragged_people import as_case, write_parquet

from lumbayes.batch import parsing
from lumbayes.batch.answers import check_wanted
from lumbayes.batch.cutting import cut
from lumbayes.batch.files import answer_file
from lumbayes.batch.frames import score_table
from lumbayes.cases.case import understand
from lumbayes.errors import CaseError, LumbayesError, UnknownNameError
from lumbayes.knowledge.model import Model
from lumbayes.questions.assessment.summary import fixed_output, versions
from lumbayes.questions.differential import differential
from lumbayes.triage.care_level import admit, care_level


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
    source.write_text("\n".join(json.dumps(r) for r in rows) + '\n\n{"fever": 3}\nnonsense\n')
    done = answer_file(model, str(source), str(target), check_wanted(model, draws=20))
    answers = [json.loads(line) for line in target.read_text().splitlines()]
    assert done.answered == len(answers)
    for answer in answers:
        case = admit(model, understand(model, rows[answer["line"] - 1]))
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

    quick = parsing._cells_are_plain
    for way in (remembered, lambda *_: False):
        source, target = tmp_path / "cases.csv", tmp_path / "answers.csv"
        source.write_bytes(b"fever,slr,note\n" + row + b"\nno,negative,last\n")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(parsing, "_cells_are_plain", way)
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


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.csv", None, "cannot be read"),
        ("empty.csv", b"", "is empty"),
        ("noname.csv", b"fever,,slr\n", "column 2 has no name"),
        ("broken.parquet", b"PAR1abc", "cannot be read as Parquet"),
        pytest.param(*("long.csv", b"f" * 140_000, r"unknown column 'f{59}…'"), id="long"),
        ("cases.xls", b"x", "does not tell the format"),
        ("twice.csv", b"fever,fever\nyes,yes\n", "stands twice"),
        ("mac.csv", b"fever,slr\ryes,positive\r", "ends in CR alone"),
        ("mac.csv", b"fever\ryes\nno\n", "ends in CR alone"),
        (
            "cut.csv.gz",
            gzip.compress(b"fever\nyes\n" * 100, mtime=0)[:-20],
            "cannot be read to its end",
        ),
        (
            "twice.csv.gz",
            gzip.compress(gzip.compress(b"fever\n")),
            "is packed twice",
        ),
        ("packed.csv", gzip.compress(b"fever\n"), "is packed by gzip"),
        ("plain.csv.gz", b"fever\nyes\n", "is not packed by gzip. Leave .gz out of its name"),
        ("empty.csv.gz", b"", "is empty"),
        ("sep.csv", b"sep=;\n", "is empty"),
        ("cases.parquet.gz", gzip.compress(b"PAR1", mtime=0), "read from a plain file"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",  # packed bytes make poor names
)
def test_a_file_that_cannot_be_read_is_an_error_and_leaves_nothing(
    model: Model, tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(LumbayesError, match=message):
        answer_file(model, str(tmp_path / name), str(tmp_path / "out.csv"), check_wanted(model))
    assert [p.name for p in tmp_path.iterdir()] == ([name] if content is not None else [])


def test_a_header_alone_gives_a_header_alone(model: Model, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("fever,slr\n")
    done = answer_file(
        model, str(tmp_path / "in.csv"), str(tmp_path / "out.parquet"), check_wanted(model)
    )
    assert done.answered == 0
    assert "p_gtps" in pd.read_parquet(tmp_path / "out.parquet").columns


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
        assert [len(row) for row in rows] == [14, 14] and rows[0].count("id") == 1
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


def test_parquet_with_odd_columns_is_refused_or_carried_through(
    model: Model, tmp_path: Path
) -> None:
    lists = pa.array([["a", "b"], None])
    source = write_parquet(
        tmp_path / "in.parquet", fever=["yes", None], tags=lists, raw=[b"\xff", b"x"]
    )
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


def test_a_bad_row_of_parquet_is_shown_as_json(model: Model, tmp_path: Path) -> None:
    source, target = tmp_path / "in.parquet", tmp_path / "out.csv"
    write_parquet(source, fever=["yes", "maybe", None], minor=[None, 1.0, 0.0])
    done = answer_file(model, str(source), str(target), check_wanted(model))
    assert (done.answered, done.refused) == (2, 1)
    (bad,) = pd.read_csv(f"{target}.bad.csv").to_dict(orient="records")
    assert bad["line"] == 2 and "unknown state of fever 'maybe'" in bad["reason"]
    assert json.loads(bad["content"]) == {"fever": "maybe", "minor": 1.0}


@pytest.mark.parametrize("dictionary", [False, True])
def test_a_text_of_parquet_that_is_not_utf8_sets_its_row_aside(
    model: Model, tmp_path: Path, dictionary: bool
) -> None:
    raw = pa.array([b"yes", b"y\xe9s", None, b"no"]).view(pa.string())
    column = raw.dictionary_encode() if dictionary else raw
    source = write_parquet(tmp_path / "in.parquet", fever=column, id=[1, 2, 3, 4])
    target = tmp_path / "out.csv"
    done = answer_file(model, source, str(target), check_wanted(model), keep=("id",))
    assert pd.read_csv(target)[["line", "id"]].to_numpy().tolist() == [[1, 1], [3, 3], [4, 4]]
    bad = pd.read_csv(done.refused_to)
    assert bad["line"].tolist() == [2]
    assert bad["reason"][0].startswith("fever is not UTF-8 text")


def test_a_cell_of_several_lines_makes_no_cases(model: Model, tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text('note,fever\n"first\nsecond,yes\nthird",no\nlast,no\n')
    done = answer_file(model, str(source), str(target), check_wanted(model), keep=("note",))
    assert pd.read_csv(target)["note"].tolist() == ["last"]
    assert pd.read_csv(done.refused_to)["line"].tolist() == [2, 3, 4]


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("before", range(46, 51))
@pytest.mark.parametrize("stray", [False, True])
def test_a_cell_of_several_lines_is_not_cut_in_two(
    model: Model, tmp_path: Path, before: int, stray: bool
) -> None:
    """Wherever the border of two parts would fall, and whatever stray quotes stand before it."""
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    rows = [f"{i},no" for i in range(before)]
    if stray:
        rows[-3:] = ['5" cane,no', '"open,no', "last,no"]
    rows += ['"first', "second,yes", '""third"",yes', 'fourth",no', *(f"{i},no" for i in range(60))]
    source.write_text("\n".join(["note,fever", *rows]) + "\n")
    done = answer_file(model, str(source), str(target), check_wanted(model), keep=("note",))
    refused = {before + 2, before + 3, before + 4, before + 5} | ({before} if stray else set())
    assert set(pd.read_csv(done.refused_to)["line"]) == refused
    assert set(pd.read_csv(target)["line"]) == set(range(2, before + 66)) - refused


def test_a_cell_that_is_never_closed_costs_its_own_line_alone(model: Model, tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text('note,fever\n"open,yes\na,no\n"b",no\n5" cane,no\n')
    done = answer_file(model, str(source), str(target), check_wanted(model), keep=("note",))
    assert pd.read_csv(done.refused_to)["line"].tolist() == [2]
    assert pd.read_csv(target)["line"].tolist() == [3, 4, 5]


@pytest.mark.parametrize("first", ["sep=;", "\ufeffsep=;", '"sep=;"\r', "SEP=,", "sep=\t"])
def test_the_line_that_excel_writes_before_the_header_names_the_delimiter(
    model: Model, tmp_path: Path, first: str
) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    divided = first.strip('"\r')[-1]
    rows = [f"note{divided}fever", f"a{divided}yes", "b", f"c{divided}no"]
    source.write_text("\n".join([first, *rows]), newline="")
    done = answer_file(model, str(source), str(target), check_wanted(model), keep=("note",))
    words = {";": "a semicolon", ",": "a comma", "\t": "a tab"}
    bad = pd.read_csv(done.refused_to)
    assert bad["line"].tolist() == [4]
    assert bad["reason"][0].endswith(f"Quote cells that hold {words[divided]}.")
    assert pd.read_csv(target, sep="," if divided == "\t" else divided)["line"].tolist() == [3, 5]


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
    assert "half a character" in reasons[0] and "more than 100 digits" in reasons[1]


LINES = st.lists(st.sampled_from(["", "", "", " ", "\r", "a,b", '"c",', "d"]), max_size=60)


@drawn(LINES, st.lists(st.integers(1, 40), max_size=5), st.integers(1, 7), st.booleans())
def test_every_line_keeps_its_number_however_the_file_is_cut(
    lines: list[str], sizes: list[int], rows: int, blanks: bool
) -> None:
    """The parts do not hang on how the file was read, and lack blank lines alone."""
    whole = "\n".join(lines).encode()
    places = sorted({min(sum(sizes[:i]), len(whole)) for i in range(len(sizes) + 1)} | {len(whole)})
    blocks = [whole[a:b] for a, b in zip([0, *places], places, strict=False)]
    parts = list(cut(blocks, "csv", 2, rows, ",", blanks))
    assert parts == list(cut([whole], "csv", 2, rows, ",", blanks))
    held = {p.first + i: t for p in parts for i, t in enumerate(p.content.split(b"\n")[:-1])}
    told = {i: t.encode() for i, t in enumerate(lines, 2) if blanks or t.strip()}
    if blanks and not (lines and lines[-1]):
        told.pop(len(lines) + 1, None)  # what comes after the last end of a line is none
    assert {i: t for i, t in held.items() if blanks or t.strip()} == told


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_blank_lines_without_end_cost_no_parts(kind: str) -> None:
    millions = (b"\n" * (1 << 20) for _ in range(16))
    parts = list(cut([b"a\n", *millions, b"  \r\n", b"b"], kind, 1, 10, ",", blanks=False))
    assert len(parts) == 2 and parts[1].first == (16 << 20) + 3
    assert parts[1].content == b"b\n"


def test_lines_that_cannot_be_used_are_many_and_not_looked_at_twice(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lumbayes.batch import part

    looked: list[str] = []

    def look(names: Sequence[str], delimiter: str, raws: Iterable[str]) -> Any:
        looked.extend(raws)
        return parsing.read_either_way(names, delimiter, raws)

    monkeypatch.setattr(part, "read_either_way", look)
    monkeypatch.setenv("LUMBAYES_REFUSED", "50000")
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("fever,sex\nyes,male\n" + "x\ny\n" * 20_000)
    done = answer_file(model, str(source), str(target), check_wanted(model))
    assert (done.answered, done.refused) == (1, 40_000)
    assert pd.read_csv(done.refused_to)["line"].tolist() == list(range(3, 40_003))
    assert len(looked) <= 2 * 4


def test_what_is_not_known_of_a_row_is_an_empty_cell(model: Model, tmp_path: Path) -> None:
    """Of a row with a mistake the level is told and no chance: its cell held the text nan."""
    (tmp_path / "a.csv").write_text("fever,slr\nyes,bogus\nno,negative\n")
    for name in ("out.csv", "out.parquet"):
        done = answer_file(
            model, str(tmp_path / "a.csv"), str(tmp_path / name), check_wanted(model)
        )
        assert done.answered == 2
    cells = (tmp_path / "out.csv").read_text().splitlines()[1].split(",")
    assert "nan" not in cells and cells.count("") > 10
    table = pd.read_parquet(tmp_path / "out.parquet")
    assert table.filter(like="p_").iloc[0].isna().all()
