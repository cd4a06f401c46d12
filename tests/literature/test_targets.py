"""The targets: fixed before fitting, a row for every figure collected, intervals recomputed."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from pathlib import Path

import pytest

from lumbayes.errors import TableError
from lumbayes.knowledge import conversions
from lumbayes.knowledge.definition import SOURCE_COLUMNS
from lumbayes.knowledge.model import Model, load_model
from lumbayes.knowledge.tables import Row, read_table
from lumbayes.literature.targets import MEASURES, ROLES, TARGET_COLUMNS, read_targets

ROWS = read_table("targets.csv", TARGET_COLUMNS)
USED = [row for row in ROWS if row["role"] != "excluded"]
FIGURES_COLLECTED = 901


def test_every_figure_collected_has_a_row() -> None:
    ids = {figure for row in ROWS for figure in row["evidence_id"].split()}
    assert len(ids) == FIGURES_COLLECTED


def test_no_figure_is_both_fitted_and_emergent() -> None:
    """What set a parameter cannot also be its test."""
    roles: dict[str, set[str]] = {}
    for row in ROWS:
        for figure in row["evidence_id"].split():
            roles.setdefault(figure, set()).add(row["role"])
    assert {figure: r for figure, r in roles.items() if len(r) > 1} == {}


def test_ids_are_unique() -> None:
    assert [i for i, n in Counter(row["target_id"] for row in ROWS).items() if n > 1] == []


def test_every_source_is_known() -> None:
    keys = {row["key"] for row in read_table("sources.csv", SOURCE_COLUMNS)}
    assert {row["source"] for row in ROWS} <= keys


def test_sources_are_sorted_unique_and_cited_in_full() -> None:
    sources = read_table("sources.csv", SOURCE_COLUMNS)
    keys = [row["key"] for row in sources]
    assert keys == sorted(set(keys))
    for row in sources:
        assert row["citation"].endswith("."), row["key"]
        assert row["year"] and row["read"], row["key"]


def test_roles_and_reasons() -> None:
    """An excluded figure says why, a fitted one says which parameter carries it."""
    for row in ROWS:
        row.choice("role", ROLES)
        assert row["role"] == "emergent" or row["reason"], row["target_id"]
        assert (row["role"] == "excluded") == (row["measure"] == ""), row["target_id"]


def test_every_target_reads(model: Model) -> None:
    targets = read_targets(model)
    assert len(targets) == len(USED)
    assert {t.measure for t in targets} == set(MEASURES)


def test_shares_of_main_sources_say_so() -> None:
    for row in USED:
        assert (row["means"] == "main_source") == (row["measure"] == "main_source_share")


def test_figures_from_care_say_so() -> None:
    """A share of main sources comes from people who ask for care."""
    for row in USED:
        if row["measure"] == "main_source_share":
            assert "low_back_pain=yes; asks_for_care=yes" in row["given"], row["target_id"]


@pytest.mark.parametrize("row", USED, ids=lambda row: row["target_id"])
def test_an_interval_without_a_source_is_the_documented_one(row: Row) -> None:
    """Binomial where n is known, else the default factor; to the three digits that are written."""
    value, low, high = (float(row[c]) for c in ("value", "low", "high"))
    counted = re.search(r"Wilson\), n = (\d+)", row["note"])
    guessed = re.search(r"(odds|value) divided and multiplied by ([\d.]+)", row["note"])
    if counted:
        expected = conversions.binomial_interval(value, int(counted[1]))
    elif guessed:
        ratio = guessed[1] == "value"
        expected = conversions.default_interval(value, float(guessed[2]), ratio=ratio)
    else:
        return
    assert (low, high) == pytest.approx(expected, rel=0.03)


def test_windows_give_the_written_prevalence() -> None:
    """2.7 and 7.2 per 100,000 a year for 6 weeks; 3.7 per 1,000 for 2 years."""
    by_id = {row["target_id"]: float(row["value"]) for row in USED}
    for target, rate, window in [
        ("ces-prevalence", 2.7e-5, 6 / 52),
        ("ces-prevalence-women-30", 7.2e-5, 6 / 52),
        ("gtps-prevalence", 3.7e-3, 2.0),
    ]:
        expected = conversions.prevalence_from_incidence(rate, window)
        assert by_id[target] == pytest.approx(expected, rel=0.02), target


def test_a_moved_number_names_a_figure_that_took_part(model: Model) -> None:
    """Roles are history: all figures that are not excluded enter the synthesis."""
    used = {t for number in model.numbers for t in re.split(r"[;\s]+", number.fitted_to) if t}
    assert used <= {row["target_id"] for row in USED}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (",low_back_pain,yes,,", ",low_back_pian,yes,,", "Did you mean 'low_back_pain'?"),
        (",low_back_pain,yes,,", ",low_back_pain,yess,,", "Did you mean 'yes'?"),
        (",low_back_pain,yes,,", ",low_back_pain,yes; no,,", "Give a state for each"),
        (",probability,low", ",probabilty,low", "Did you mean 'probability'?"),
        (",0.119,0.08,0.158", ",0.119,0.13,0.158", "does not contain the value 0.119"),
        (",0.119,0.08,0.158", ",0,0,0.158", "value is 0, outside"),
        ("yes,,,present", "yes,sex,,present", "not of the form variable=state"),
        ("yes,,,present", "yes,,sex=male,present", "a ratio needs it, a probability has none"),
        (",fitted,", ",fited,", "Did you mean 'fitted'?"),
        ("\n", "\nPREV-001,{rest}", "stands twice, also in line 2"),
    ],
)
def test_a_broken_row_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    rest = (
        "Low back pain,probability,low_back_pain,yes,,,present,0.119,0.08,0.158,hoy2012,"
        "PREV-001,fitted,leak,"
    )
    line = f"PREV-001,{rest}\n".replace(old, new.format(rest=rest), 1)
    (tmp_path / "targets.csv").write_text(",".join(TARGET_COLUMNS) + "\n" + line)
    broken = dataclasses.replace(load_model(), folder=tmp_path)
    with pytest.raises(TableError, match=r"targets\.csv, line [23]: ") as caught:
        read_targets(broken)
    assert message in str(caught.value)
