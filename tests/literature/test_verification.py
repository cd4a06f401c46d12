"""The verification: above judgement stand only numbers found when their source was read again."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_tables import write_tables

from lumbayes.errors import LumbayesError
from lumbayes.knowledge.model import load_model
from lumbayes.literature.verification import (
    VERDICTS,
    counts,
    read_verifications,
    table,
    unverified,
)

HEADER = "number,source,verdict,read,where,date\n"


def test_every_number_above_judgement_was_found_in_its_source() -> None:
    assert [f"{n.id} ({n.source}, {n.grade})" for n in unverified(load_model())] == []


def test_the_count_and_the_list_cover_every_reading() -> None:
    model = load_model()
    read = read_verifications(model)
    assert sum(counts(model)[verdict] for verdict in VERDICTS) == len(read)
    assert all(number in table(model) for number in read)


def test_a_reading_of_another_source_verifies_nothing(tmp_path: Path) -> None:
    folder = write_tables(tmp_path)
    model = load_model(folder)
    number = next(n for n in model.numbers if n.grade != "D" and n.source == "smith")
    assert number in unverified(model)
    row = f'"{number.id}",{{}},confirmed,abstract,so many,2026-11-27\n'
    (folder / "verification.csv").write_text(HEADER + row.format("expert"), encoding="utf-8")
    assert number in unverified(model)
    (folder / "verification.csv").write_text(HEADER + row.format("smith"), encoding="utf-8")
    assert number not in unverified(model)


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ("{},nobody,confirmed,abstract,x,2026-11-27", "nobody"),
        ("no=such|,smith,confirmed,abstract,x,2026-11-27", "no=such"),
        ("{},smith,perhaps,abstract,x,2026-11-27", "perhaps"),
        ("{},smith,confirmed,abstract,,2026-11-27", "where is empty"),
        ("{},smith,not_found,abstract,x,yesterday", "date is 'yesterday'"),
        ("{0},smith,not_found,a,x,2026-11-27\n{0},smith,not_found,a,x,2026-11-27", "twice"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, cells: str, says: str) -> None:
    folder = write_tables(tmp_path)
    model = load_model(folder)
    name = next(n.id for n in model.numbers if "," not in n.id)
    (folder / "verification.csv").write_text(HEADER + cells.format(name) + "\n", encoding="utf-8")
    with pytest.raises(LumbayesError, match=r"verification\.csv, line") as caught:
        read_verifications(model)
    assert says in str(caught.value)
