"""The verification: above judgement stand only numbers found when their source was read again."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from small_tables import write_tables

from lumbayes.errors import LumbayesError
from lumbayes.knowledge.model import load_model
from lumbayes.literature.derivations import fixed_numbers
from lumbayes.literature.target_values import target_values
from lumbayes.literature.targets import read_targets
from lumbayes.literature.verification import (
    VERDICTS,
    counts,
    read_verifications,
    table,
    unverified,
)

HEADER = "number,source,verdict,read,where,date,figure\n"


def test_every_number_above_judgement_was_found_in_its_source() -> None:
    assert [f"{n.id} ({n.source}, {n.grade})" for n in unverified(load_model())] == []


def test_a_figure_that_is_said_to_fix_a_number_does() -> None:
    frame = fixed_numbers(load_model())
    assert len(frame) > 60
    shown = frame.loc[~frame["holds"], ["figure", "slope", "implied", "low", "high"]]
    assert shown.empty, shown.to_string()


def test_the_ends_are_what_the_network_says_there(tmp_path: Path) -> None:
    """The prevalence of pain at the ends of the interval of its leak, one network each."""
    reading = "pain=yes<-leak,smith,derived,abstract,so many,2026-11-27,pain-all\n"
    folder = write_tables(tmp_path)
    (folder / "verification.csv").write_text(HEADER + reading, encoding="utf-8")
    model = load_model(folder)
    found = fixed_numbers(model).loc["pain=yes<-leak"]
    place = next(i for i, n in enumerate(model.numbers) if n.id == "pain=yes<-leak")
    targets = [t for t in read_targets(model) if t.id == "pain-all"]
    for end in ("low", "high"):
        values = model.values.copy()
        values[place] = found[end]
        network = model.network_with(values)
        said = float(target_values(network, targets, model.names("condition"))[0])
        assert found[f"at_{end}"] == pytest.approx(math.log(said / (1 - said)))
    assert bool(found["holds"]) == (found["at_low"] <= found["published"] <= found["at_high"])


def test_a_number_that_a_figure_hardly_depends_on_is_not_fixed_by_it(tmp_path: Path) -> None:
    reading = "ill=present|age=young,smith,derived,abstract,so many,2026-11-27,pain-all\n"
    folder = write_tables(tmp_path)
    (folder / "verification.csv").write_text(HEADER + reading, encoding="utf-8")
    assert not fixed_numbers(load_model(folder))["holds"].any()


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
    row = f'"{number.id}",{{}},confirmed,abstract,so many,2026-11-27,\n'
    (folder / "verification.csv").write_text(HEADER + row.format("expert"), encoding="utf-8")
    assert number in unverified(model)
    (folder / "verification.csv").write_text(HEADER + row.format("smith"), encoding="utf-8")
    assert number not in unverified(model)


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ("{},nobody,confirmed,abstract,x,2026-11-27,", "nobody"),
        ("no=such|,smith,confirmed,abstract,x,2026-11-27,", "no=such"),
        ("{},smith,perhaps,abstract,x,2026-11-27,", "perhaps"),
        ("{},smith,confirmed,abstract,,2026-11-27,", "where is empty"),
        ("{},smith,not_found,abstract,x,yesterday,", "date is 'yesterday'"),
        ("{},smith,confirmed,abstract,x,2026-11-27,pain-al", "pain-all"),
        ("{0},smith,not_found,a,x,2026-11-27,\n{0},smith,not_found,a,x,2026-11-27,", "twice"),
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
