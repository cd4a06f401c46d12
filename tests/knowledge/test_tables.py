"""Reading a table: rows know their place, and a broken file is named with its line."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbayes.errors import TableError
from lumbayes.knowledge.tables import Row, data_dir, data_version, read_table

COLUMNS = ("name", "value")


def read(folder: Path, content: str | bytes) -> tuple[Row, ...]:
    raw = content if isinstance(content, bytes) else content.encode()
    (folder / "t.csv").write_bytes(raw)
    return read_table("t.csv", COLUMNS, folder)


def test_rows_know_their_cells_and_their_lines(tmp_path: Path) -> None:
    rows = read(tmp_path, 'name,value\n\na, 1\n"two\nlines",2\n,\nb,"1,5"\n')
    assert [(r.line, r["name"], r["value"]) for r in rows] == [
        (3, "a", "1"),
        (4, "two\nlines", "2"),
        (7, "b", "1,5"),
    ]
    assert rows[0].file == str(tmp_path / "t.csv")


def test_a_byte_order_mark_and_windows_lines_are_read(tmp_path: Path) -> None:
    rows = read(tmp_path, b"\xef\xbb\xbfname,value\r\na,1\r\nb,2\r\n")
    assert [(r.line, r["name"]) for r in rows] == [(2, "a"), (3, "b")]


def test_columns_may_stand_in_any_order(tmp_path: Path) -> None:
    assert read(tmp_path, "value,name\n1,a\n")[0]["name"] == "a"


cells = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), min_size=1, max_size=8
).filter(lambda text: text == text.strip() and text)


@given(rows=st.lists(st.tuples(cells, cells), max_size=5))
def test_what_csv_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    """Any text, form feeds and line separators included."""
    folder = tmp_path_factory.mktemp("table")
    with (folder / "t.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])
    assert [(r["name"], r["value"]) for r in read_table("t.csv", COLUMNS, folder)] == rows


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("name,value\na,1\nb\n", "t.csv, line 3: 1 cells where the header has 2. Quote cells"),
        ("name,value\na,1,5\n", "t.csv, line 2: 3 cells where the header has 2. Quote cells"),
        ("name\na\n", "line 1: the columns must be name, value; missing: value."),
        ("", "line 1: the columns must be name, value; missing: name, value."),
        ("name,value,color\n", "line 1: the columns must be name, value; not known: color."),
        ("name,value,name\n", "line 1: the columns must be name, value; twice: name."),
        ('name,value\na,1\n"b,2\n', "line 3: unexpected end of data. Close every quote"),
        ('name,value\n"a"x,1\n', "line 2: ',' expected after '\"'. Close every quote"),
        (b"name,value\nM\xfcller,1\n", "is not UTF-8 text (byte 12). Save it as UTF-8."),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(TableError) as caught:
        read(tmp_path, content)
    assert str(caught.value).startswith(str(tmp_path / "t.csv"))
    assert message in str(caught.value)


def test_a_missing_file_says_where_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"t\.csv is missing. .* copy it from data/"):
        read_table("t.csv", COLUMNS, tmp_path)


def test_a_folder_in_the_place_of_a_table_is_named(tmp_path: Path) -> None:
    (tmp_path / "t.csv").mkdir()
    with pytest.raises(TableError, match=r"t\.csv cannot be read: Is a directory"):
        read_table("t.csv", COLUMNS, tmp_path)
    with pytest.raises(TableError, match=r"t\.csv cannot be read: Is a directory"):
        data_version(tmp_path)


def test_the_shipped_tables_are_named_without_the_machine() -> None:
    with pytest.raises(TableError, match=r"^data/none\.csv is missing"):
        read_table("none.csv", COLUMNS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0,5", "value is '0,5', not a number. Write digits with a point, such as 0.05."),
        ("", "value is '', not a number."),
        ("nan", "value is 'nan', not a number."),
        ("inf", "value is 'inf', not a number."),
        ("1_0", "value is '1_0', not a number."),
        ("1.5", "value is 1.5, outside 0 to 1."),
        ("-0.1", "value is -0.1, outside 0 to 1."),
    ],
)
def test_a_cell_that_is_no_number_in_its_range_is_named(text: str, message: str) -> None:
    row = Row("data/t.csv", 7, {"value": text})
    with pytest.raises(TableError) as caught:
        row.number("value", 0.0, 1.0)
    assert str(caught.value).startswith(f"data/t.csv, line 7: {message}")


def test_an_empty_cell_and_an_unknown_choice_are_named() -> None:
    row = Row("data/t.csv", 7, {"name": "", "grade": "E"})
    with pytest.raises(TableError, match=r"^data/t\.csv, line 7: name is empty\. Fill it in\.$"):
        row.text("name")
    with pytest.raises(TableError, match=r"line 7: unknown grade 'E'\. Known: A, B, C, D\.$"):
        row.choice("grade", ("A", "B", "C", "D"))


def test_the_version_changes_with_any_table_and_not_with_line_ends(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(data_dir(), tmp_path / "data"))
    version = data_version()
    assert len(version) == 8 and data_version(folder) == version
    states = folder / "states.csv"
    states.write_bytes(states.read_bytes().replace(b"\n", b"\r\n"))
    assert data_version(folder) == version
    states.write_bytes(states.read_bytes() + b"\r\n")
    assert data_version(folder) != version
