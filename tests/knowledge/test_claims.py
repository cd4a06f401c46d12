"""Every claim of the article the project started from is carried by something that exists."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from lumbayes.knowledge.definition import SOURCE_COLUMNS
from lumbayes.knowledge.model import Model
from lumbayes.knowledge.tables import Row, data_dir, read_table

COLUMNS = ("claim", "text", "carrier_kind", "carrier", "later", "literature", "source")
KINDS = ("variable", "link", "rule", "exercise", "sentence")
CLAIMS = (
    *("A1", "A2", "A3", "A4"),
    *("B1", "B2", "B3", "B4", "B5", "B6"),
    *("C1", "C2", "C3", "C4", "C5", "C6"),
    *("D1", "D2", "D3"),
    *("E1", "E2"),
)
ROWS = read_table("claims.csv", COLUMNS)


def carriers(kind: str) -> list[str]:
    found = [row["carrier"] for row in ROWS if row["carrier_kind"] == kind and not row["later"]]
    return sorted({part.strip() for text in found for part in text.split(";")})


def lines(table: str) -> dict[str, dict[str, str]]:
    """The rows of a table whose columns belong to another module, by their first column."""
    with (data_dir() / table).open(encoding="utf-8") as handle:
        return {next(iter(row.values())): row for row in csv.DictReader(handle)}


def test_every_claim_has_a_row_and_none_is_invented() -> None:
    assert [c for c in dict.fromkeys(row["claim"] for row in ROWS)] == list(CLAIMS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['claim']}-{row['carrier_kind']}")
def test_a_row_names_its_carrier_or_says_when_it_comes(row: Row) -> None:
    row.choice("carrier_kind", KINDS)
    row.text("text")
    row.text("literature")
    assert bool(row["carrier"]) != bool(row["later"])


def test_the_words_of_a_claim_are_the_same_in_all_its_rows() -> None:
    for column in ("text", "literature", "source"):
        assert len({(row["claim"], row[column]) for row in ROWS}) == len(CLAIMS)


def test_the_literature_has_its_sources() -> None:
    keys = {row["key"] for row in read_table("sources.csv", SOURCE_COLUMNS)}
    named = {key for row in ROWS for key in row["source"].split(";") if key}
    assert named <= keys


@pytest.mark.parametrize("name", carriers("variable"))
def test_a_variable_exists(model: Model, name: str) -> None:
    assert name in model.network


@pytest.mark.parametrize("link", carriers("link"))
def test_a_link_exists(model: Model, link: str) -> None:
    cause, effect = link.split("→")
    assert cause in model.network[effect].parents


@pytest.mark.parametrize("rule", carriers("rule"))
def test_a_rule_exists(rule: str) -> None:
    assert rule in lines("triage.csv")


@pytest.mark.parametrize("exercise", carriers("exercise"))
def test_an_exercise_exists(exercise: str) -> None:
    assert exercise in lines("exercises.csv")


@pytest.mark.parametrize("sentence", carriers("sentence"))
def test_a_sentence_exists(sentence: str) -> None:
    """``table:row:words``: the words stand in that row, or anywhere in the README."""
    table, name, words = sentence.split(":")
    if table == "README.md":
        assert words in (Path(__file__).parents[2] / table).read_text(encoding="utf-8")
        return
    assert words in " ".join(lines(table)[name].values())


def test_every_exercise_of_the_article_is_named_by_a_claim() -> None:
    with (data_dir() / "exercises.csv").open(encoding="utf-8") as handle:
        listed = {
            (claim, row["exercise"])
            for row in csv.DictReader(handle)
            for claim in row["from_article"].split(";")
            if claim
        }
    named = {
        (row["claim"], exercise.strip())
        for row in ROWS
        if row["carrier_kind"] == "exercise"
        for exercise in row["carrier"].split(";")
    }
    assert listed <= named
