"""What the benchmarks take from outside is spelt as the network spells it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pandas as pd
import pytest

from lumbayes.knowledge.model import Model
from lumbayes.knowledge.tables import data_dir

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
import bench_symptom_checkers as checkers
from red_flags import LISTS, flags, holds


@pytest.mark.parametrize("listed", LISTS, ids=lambda listed: listed.name)
def test_every_red_flag_of_a_list_can_be_stated(listed: object, model: Model) -> None:
    for item in next(x for x in LISTS if x is listed).items:
        for part in item.split(" & "):
            if part.startswith("age"):
                assert part[3] in "<>" and part[4:].isdigit()
            else:
                name, state = part.split("=")
                assert state in model.variables[name].states, part


def test_a_flag_counts_once_and_only_if_stated() -> None:
    assert holds("trauma=minor & age>50", {"trauma": "minor"}, 60.0)
    assert not holds("trauma=minor & age>50", {"trauma": "minor"}, None)
    assert not holds("trauma=minor & age>50", {}, 60.0)
    assert flags(LISTS[0], {}, None) == 0
    assert flags(LISTS[0], {"leg_weakness": "both_sides", "fever": "no"}, 30.0) == 1
    assert flags(LISTS[0], {"trauma": "major"}, 60.0) == 2


def test_the_page_of_symptom_checkers_holds_what_lists_find_in_the_worked_cases(
    model: Model,
) -> None:
    """What rests on cases and lists alone; the rest stands with the tables it was measured on."""
    printed = checkers.PAGE.read_text(encoding="utf-8")
    cases = pd.concat([checkers.told(model, path) for path in checkers.case_files()])
    assert checkers.counts(cases) in printed
    for line in checkers.table(cases, checkers.list_rules(cases)).splitlines():
        assert line in printed, line


def test_the_page_of_symptom_checkers_can_be_written_anew(model: Model) -> None:
    file = data_dir() / "cases" / "open_cases.jsonl"
    made = checkers.page(checkers.answered(model, [file]), model.version)
    printed = checkers.PAGE.read_text(encoding="utf-8")
    measured = r"\(files.*|tables \w+:|\d+%.*|–.*|\d.*"  # differs from one set to another
    for new, old in zip(made.splitlines(), printed.splitlines(), strict=True):
        assert re.sub(measured, "", new) == re.sub(measured, "", old)
    assert f"tables {model.version}:" in made and "nan" not in made
