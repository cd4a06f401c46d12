"""What the benchmarks take from outside is spelt as the network spells it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lumbayes.knowledge.model import Model

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
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
