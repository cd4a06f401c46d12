"""Every alarm has a price, and what the network cannot price says so."""

from __future__ import annotations

import pytest

from lumbayes.cli import main
from lumbayes.errors import LumbayesError
from lumbayes.evaluation.alarms import alarm_prices, people_in_care, price_report
from lumbayes.knowledge.model import Model
from lumbayes.triage.reader import load_rules
from lumbayes.triage.rules import LEVELS


def test_every_rule_and_threshold_has_a_row(model: Model) -> None:
    prices, rules = alarm_prices(model, 500), load_rules(model.folder)
    assert set(prices.index) == {r.name for r in rules.rules} | {t.name for t in rules.thresholds}
    assert sum(prices.attrs["levels"].values()) == pytest.approx(1)
    for level in LEVELS:
        alone = prices.loc[prices["level"] == level, "alone"].sum()
        assert alone <= prices.attrs["levels"][level] + 1e-12


def test_what_is_asked_for_safety_alone_has_no_price(model: Model) -> None:
    prices = alarm_prices(model, 500)
    assert prices.loc["chest_pain", "simulated"] == "no"
    assert prices.loc["saddle_numbness", "simulated"] == "in part"
    assert prices.loc["foot_drop", "simulated"] == "yes"
    unknown = prices[prices["simulated"] == "no"]
    assert (unknown["fired"] == 0).all()
    (row,) = (x for x in price_report(prices).splitlines() if x.startswith("| chest_pain |"))
    assert row.startswith("| chest_pain | emergency_now | – | – | no | ")
    assert all(prices.attrs["why"][name] for name in prices.index)


def test_people_answer_nothing_that_contradicts_itself(model: Model) -> None:
    people = people_in_care(model, 300)
    assert not (people["duration"] == "no_pain").any()
    assert not ((people["leg_pain"] == "none") & (people["leg_pain_both_sides"] == "yes")).any()
    with pytest.raises(LumbayesError, match="n is 0"):
        people_in_care(model, 0)


def test_the_command_prints_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--alarms"]) == 0
    assert "| foot_drop | emergency_now |" in capsys.readouterr().out
    assert main(["evaluate", "--alarms", "x.jsonl"]) == 2
    assert "--alarms draws its own people" in capsys.readouterr().err
