"""The fit: reaches what is published, held by the intervals, blind to what is emergent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from small_tables import TABLES, write_tables

from lumbayes.errors import LumbayesError
from lumbayes.knowledge.model import Model, load_model
from lumbayes.knowledge.tables import data_version
from lumbayes.literature.fitting import SETTLED, fit, main, write
from lumbayes.literature.validation import validate


def pain(model: Model) -> float:
    frame = validate(model).frame.set_index("target_id")
    return float(frame["model"].to_dict()["pain-all"])


def test_a_target_is_reached(tmp_path: Path) -> None:
    """0.235 before, 0.35 published: the fit goes there by the numbers that can carry it."""
    model = load_model(write_tables(tmp_path))
    assert pain(model) == pytest.approx(0.1 + 0.9 * 0.3 * 0.5)
    found = fit(model)
    write(model, found, tmp_path)
    fitted = load_model(tmp_path)
    assert pain(fitted) == pytest.approx(0.35, abs=0.02)
    assert validate(fitted).summary["fitted_inside"] == 1.0
    moved = {n.id for n in fitted.numbers if n.fitted_to}
    assert moved <= {"weak=present", "pain=yes<-leak", "pain=yes<-weak=present"}
    assert "pain=yes<-leak" in moved
    assert {n.fitted_to for n in fitted.numbers} == {"pain-all", ""}


def test_every_step_is_a_gain(tmp_path: Path) -> None:
    objective = fit(load_model(write_tables(tmp_path))).objective
    assert len(objective) > 1
    assert all(np.diff(objective) < 0)


def test_emergent_targets_pull_nothing(tmp_path: Path) -> None:
    """The same values whatever the emergent targets say."""
    model = load_model(write_tables(tmp_path / "a"))
    other = load_model(write_tables(tmp_path / "b", "targets.csv", "0.9,0.85,0.95", "0.1,0.05,0.2"))
    assert np.array_equal(fit(model).values, fit(other).values)
    untouched = ["age=old", "ill=present|age=old", "sign=mild<-leak", "sign=mild<-ill=present"]
    for id in untouched:
        place = model.position(id)
        assert fit(model).values[place] == pytest.approx(model.values[place], abs=1e-9)


def test_fitting_twice_is_fitting_once(tmp_path: Path) -> None:
    model = load_model(write_tables(tmp_path))
    write(model, fit(model), tmp_path)
    once = load_model(tmp_path)
    write(once, fit(once), tmp_path)
    twice = load_model(tmp_path)
    assert twice.values == pytest.approx(once.values, rel=2e-3)
    for before, after in zip(model.numbers, twice.numbers, strict=True):
        assert after.before_fit == pytest.approx(before.value)


def test_written_intervals_contain_their_values_and_keep_their_width(tmp_path: Path) -> None:
    model = load_model(write_tables(tmp_path))
    write(model, fit(model), tmp_path)
    fitted = load_model(tmp_path)  # refuses an interval without its value

    def logit(p: float) -> float:
        return float(np.log(p / (1 - p)))

    for old, new in zip(model.numbers, fitted.numbers, strict=True):
        assert new.low <= new.value <= new.high
        width = logit(old.high) - logit(old.low)
        assert logit(new.high) - logit(new.low) == pytest.approx(width, abs=5e-3), new.id
        assert (new.value == old.value) == (not new.fitted_to)


def test_a_number_that_is_no_longer_pulled_gets_its_value_back(tmp_path: Path) -> None:
    model = load_model(write_tables(tmp_path))
    write(model, fit(model), tmp_path)
    targets = tmp_path / "targets.csv"
    target = TABLES["targets.csv"].replace("0.35,0.33,0.37", "0.235,0.2,0.27")
    targets.write_text(target)
    moved = load_model(tmp_path)
    write(moved, fit(moved), tmp_path)
    back = load_model(tmp_path)
    assert not any(n.fitted_to for n in back.numbers)
    assert back.values == pytest.approx(model.values, abs=1e-9)
    for old, new in zip(model.numbers, back.numbers, strict=True):
        assert (new.low, new.high) == pytest.approx((old.low, old.high), rel=2e-3)


def test_numbers_of_one_draw_group_move_as_one(tmp_path: Path) -> None:
    """Pain by its leak, sneezing by the same number: they stay one number."""
    folder = write_tables(tmp_path)
    extra = {
        "states.csv": "sneeze,no,No\nsneeze,yes,Yes\n",
        "variables.csv": "sneeze,finding,pain,question,1,Sneezing,,Do you sneeze?,\n",
        "links.csv": "sneeze,yes,leak,,strength,0.1,0.05,0.2,expert,D,leak,,,\n",
    }
    for name, line in extra.items():
        with (folder / name).open("a") as file:
            file.write(line)
    model = load_model(folder)
    write(model, fit(model), folder)
    fitted = load_model(folder)  # refuses two values of one group
    first, second = (fitted.number(f"{v}=yes<-leak") for v in ("pain", "sneeze"))
    assert first.value == second.value > 0.1
    assert first.fitted_to == second.fitted_to == "pain-all"


def test_the_numbers_of_one_distribution_are_written_together(tmp_path: Path) -> None:
    """One moved far, its mate a little: writing only the first would sum to more than one."""
    model = load_model(write_tables(tmp_path))
    found = fit(model)
    frame = found.frame.set_index("number")
    mild, strong = "sign=mild<-ill=present", "sign=strong<-ill=present"
    frame.loc[mild, ["after", "moved"]] = [0.58, 5.0]
    frame.loc[strong, ["after", "moved"]] = [0.41, SETTLED / 2]
    write(model, replace(found, frame=frame.reset_index()), tmp_path)
    fitted = load_model(tmp_path)  # refuses a row that sums to more than one
    assert (fitted.number(mild).value, fitted.number(strong).value) == (0.58, 0.41)


def test_a_fixed_state_beside_free_ones_stays(tmp_path: Path) -> None:
    """What one state holds is not given to the others: every row still sums to one."""
    folder = write_tables(tmp_path, "links.csv", "0.3,0.2,0.4", "0.45,0.45,0.45")
    targets = folder / "targets.csv"
    targets.write_text(targets.read_text().replace("emergent", "fitted"))
    model = load_model(folder)
    found = fit(model)
    fixed, free = (model.position(f"sign={s}<-ill=present") for s in ("mild", "strong"))
    assert found.values[fixed] == 0.45
    assert found.values[free] + 0.45 < 1.0
    assert model.network_with(found.values).draws is None


def test_the_frame_says_what_moved_how_far_and_why(tmp_path: Path) -> None:
    model = load_model(write_tables(tmp_path))
    frame = fit(model).frame
    assert list(frame.columns) == ["number", "before", "after", "moved", "target"]
    far = frame["moved"].abs()
    assert far.is_monotonic_decreasing and far.iloc[0] >= SETTLED
    assert "age=old" not in set(frame["number"])  # no width
    assert not frame["number"].str.startswith("share:").any()


def test_nothing_to_fit_is_said(tmp_path: Path) -> None:
    model = load_model(write_tables(tmp_path / "a", "targets.csv", "fitted", "emergent"))
    with pytest.raises(
        LumbayesError, match="0 fitted targets and 8 steps: there is nothing to fit"
    ):
        fit(model)
    with pytest.raises(LumbayesError, match="1 fitted targets and 0 steps"):
        fit(load_model(write_tables(tmp_path / "b")), steps=0)


def test_a_population_that_cannot_be_is_named(tmp_path: Path) -> None:
    folder = write_tables(tmp_path, "probabilities.csv", "age,old,,0.4,0.4,0.4", "age,old,,0,0,0")
    targets = folder / "targets.csv"
    targets.write_text(targets.read_text().replace("emergent", "fitted"))
    with pytest.raises(LumbayesError, match="ill-old: the network gives its population probabili"):
        fit(load_model(folder))


def test_tables_that_changed_meanwhile_are_left_alone(tmp_path: Path) -> None:
    model = load_model(write_tables(tmp_path))
    found = fit(model)
    links = tmp_path / "links.csv"
    links.write_text(links.read_text() + "\n")
    before = links.read_text()
    with pytest.raises(LumbayesError, match=r"changed while they were fitted. Fit again"):
        write(model, found, tmp_path)
    assert links.read_text() == before


def test_the_command_fits_the_folder_it_is_given(tmp_path: Path) -> None:
    folder = write_tables(tmp_path)
    shipped, before = data_version(), data_version(folder)
    done = CliRunner().invoke(main, ["--tables", str(folder)])
    assert done.exit_code == 0, done.output
    assert f"written to {folder}" in done.output
    assert data_version(folder) != before
    assert data_version() == shipped
