"""Learning counts right, never falls, moves what the cases show and leaves what they do not."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pytest
from click.testing import CliRunner
from oracle import to_pyagrum
from scipy import stats

from lumbayes.batch.simulation import simulate
from lumbayes.cases.case import parse_case
from lumbayes.cases.cohort import Cohort, batches_of, joined, rows_from_cases, rows_from_table
from lumbayes.cases.columns import BLANK, read_columns
from lumbayes.commands.batch import learn as learn_command
from lumbayes.errors import CaseError, LumbayesError
from lumbayes.inference.queries import evidence, family_marginals, posterior, sample
from lumbayes.knowledge.definition import (
    LINK_COLUMNS,
    PROBABILITY_COLUMNS,
    ROLE_COLUMNS,
    SKIP_COLUMNS,
    SOURCE_COLUMNS,
    STATE_COLUMNS,
    VARIABLE_COLUMNS,
)
from lumbayes.knowledge.model import Model, load_model
from lumbayes.learning.counts import count, information, ready
from lumbayes.learning.em import SURPRISE, Learned, as_data, learn, split
from lumbayes.learning.prior import HIDDEN, log_prior, prior_of
from lumbayes.learning.review import predictions, review
from lumbayes.learning.tables import changes, write_tables
from lumbayes.network.pgmpy_models import to_pgmpy
from lumbayes.network.variables import Network

VISIBLE = ("context", "finding", "condition", "imbalance", "mechanism")


def drawn_rows(
    model: Model,
    network: Network,
    n: int,
    layers: Sequence[str] = VISIBLE,
    missing: float = 0.0,
    given: dict[str, str] | None = None,
) -> Cohort:
    """People drawn from a network, as rows; nothing blanked but what is asked to be."""
    people = sample(network, evidence(network, given or {}), n, 7)
    rng = np.random.default_rng(7)
    states = {}
    for name in model.names(*layers):
        codes = people[name].astype(np.int8)
        gone = (rng.random(n) < missing) & (name not in (given or {}))
        states[name] = np.where(gone, np.int8(-1), codes)
    return Cohort(n, states, {}, {}, np.zeros(n, dtype=bool))


@pytest.fixture(scope="module")
def truth(model: Model) -> npt.NDArray[np.float64]:
    """One draw of all numbers: what the learner is to find, not the published means."""
    return np.asarray(model.draw(8, seed=5)[:, 3])


@pytest.fixture(scope="module")
def learned(model: Model, truth: npt.NDArray[np.float64]) -> Learned:
    rows = drawn_rows(model, model.network_with(truth), 1000)
    return learn(model, rows, iterations=4, selected=False)


# --- a small model, fully observed: pgmpy counts the same ----------------------------------------

SMALL = (
    ("rain", "no", "", 0.7, 0.6, 0.8),
    ("sprinkler", "off", "rain=no", 0.4, 0.2, 0.6),
    ("sprinkler", "off", "rain=yes", 0.9, 0.8, 0.97),
    ("grass", "damp", "rain=no; sprinkler=off", 0.2, 0.1, 0.3),
    ("grass", "wet", "rain=no; sprinkler=off", 0.1, 0.05, 0.15),
    ("grass", "damp", "rain=no; sprinkler=on", 0.3, 0.2, 0.4),
    ("grass", "wet", "rain=no; sprinkler=on", 0.5, 0.3, 0.7),
    ("grass", "damp", "rain=yes; sprinkler=off", 0.4, 0.3, 0.5),
    ("grass", "wet", "rain=yes; sprinkler=off", 0.5, 0.3, 0.7),
    ("grass", "damp", "rain=yes; sprinkler=on", 0.1, 0.05, 0.2),
    ("grass", "wet", "rain=yes; sprinkler=on", 0.85, 0.7, 0.95),
)
SMALL_STATES = {"rain": ("yes", "no"), "sprinkler": ("on", "off"), "grass": ("dry", "damp", "wet")}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return small_model(tmp_path_factory.mktemp("small"), SMALL)


def small_model(folder: Path, rows: Sequence[tuple[str, str, str, float, float, float]]) -> Model:
    def write(name: str, columns: Sequence[str], lines: Sequence[dict[str, object]]) -> None:
        with (folder / name).open("w", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows(lines)

    about = {"layer": "context", "group": "g", "ask": "question", "cost": 0.1}
    write(
        "variables.csv", VARIABLE_COLUMNS, [{"name": n, "label": n, **about} for n in SMALL_STATES]
    )
    write(
        "states.csv",
        STATE_COLUMNS,
        [{"variable": n, "state": s, "label": s} for n, own in SMALL_STATES.items() for s in own],
    )
    columns = ("variable", "state", "given", "value", "low", "high")
    numbers = [
        dict(zip(columns, row, strict=True))
        | {"source": "expert", "grade": "D", "before_fit": row[3]}
        for row in rows
    ]
    write("probabilities.csv", PROBABILITY_COLUMNS, numbers)
    write("links.csv", LINK_COLUMNS, [])
    write("roles.csv", ROLE_COLUMNS, [])
    write("skips.csv", SKIP_COLUMNS, [])
    write("sources.csv", SOURCE_COLUMNS, [{"key": "expert", "citation": "Expert guess"}])
    return load_model(folder)


def test_the_step_on_observed_cases_is_pgmpys(small: Model) -> None:
    """Same counts, same pseudo-counts, same tables; states stay in our order, seen or not."""
    from pgmpy.parameter_estimator import DiscreteBayesianEstimator

    people = sample(small.network, evidence(small.network, {}), 400, 3)
    codes = {n: c.astype(np.int8) for n, c in people.items()}
    learned = learn(small, Cohort(400, codes, {}, {}, np.zeros(400, dtype=bool)))
    words = pd.DataFrame({n: np.array(SMALL_STATES[n])[c] for n, c in people.items()})
    prior = prior_of(small)
    counts = {}
    for name, variable in small.network.variables.items():
        size = np.zeros(variable.cpt.shape[:-1])
        for recipe in small.recipes:
            if recipe.name == name:
                size = prior.size[recipe.indices[0][..., 1]]
        counts[name] = (variable.cpt * size[..., None]).reshape(-1, len(variable.states)).T
    theirs = to_pgmpy(small.network)
    theirs.fit(
        words,
        estimator=DiscreteBayesianEstimator(
            prior_type="dirichlet",
            pseudo_counts=counts,
            state_names={n: list(s) for n, s in SMALL_STATES.items()},
        ),
    )
    from lumbayes.network.pgmpy_models import from_pgmpy

    fitted = from_pgmpy(theirs).network
    for name, variable in learned.network.variables.items():
        mine, other = variable, fitted[name]
        axes = [other.parents.index(p) for p in mine.parents]
        table = other.cpt.transpose([*axes, len(axes)])
        for axis, of in enumerate((*mine.parents, name)):
            order = [fitted[of].states.index(s) for s in SMALL_STATES[of]]
            table = np.take(table, order, axis=axis)
        np.testing.assert_allclose(mine.cpt, table, atol=1e-9)
    assert len(learned.penalised) <= 3


def test_observed_cases_inform_as_much_as_there_are(small: Model) -> None:
    people = sample(small.network, evidence(small.network, {}), 500, 3)
    codes = {n: c.astype(np.int8) for n, c in people.items()}
    learned = learn(small, Cohort(500, codes, {}, {}, np.zeros(500, dtype=bool)))
    assert learned.informed[0] == pytest.approx(500, rel=1e-6)
    hidden = {**codes, "rain": np.full(500, -1, dtype=np.int8)}
    less = learn(small, Cohort(500, hidden, {}, {}, np.zeros(500, dtype=bool)))
    assert less.informed[0] < 0.5 * learned.informed[0]


def small_cases(small: Model, values: npt.NDArray[np.float64], seed: int) -> Cohort:
    """Four thousand people of other numbers, half of all answers blank."""
    people = sample(small.network_with(values), evidence(small.network, {}), 4_000, seed)
    rng = np.random.default_rng(1_000 + seed)  # not the draws of the people
    codes = {
        name: np.where(rng.random(4_000) < 0.5, BLANK, own).astype(np.int8)
        for name, own in people.items()
    }
    return Cohort(4_000, codes, {}, {}, np.zeros(4_000, dtype=bool))


def test_cases_win_over_a_wrong_publication_and_it_is_said(small: Model) -> None:
    """Rain and damp grass are far from published; intervals hold all the same."""
    truth = small.values.copy()
    wrong = [i for i, n in enumerate(small.numbers) if n.value in (0.7, 0.2)]
    truth[wrong] = [{0.7: 0.4, 0.2: 0.5}[v] for v in small.values[wrong]]
    held, plain, moved = [], [], []
    published = np.array([(n.low, n.high) for n in small.numbers]).T
    for seed in range(8):
        learned = learn(small, small_cases(small, truth, seed))
        rises(learned)
        assert (np.abs(learned.conflict[wrong]) > SURPRISE).all()
        assert (learned.kept[wrong] < 0.3).all()
        held.append((learned.low <= truth) & (truth <= learned.high))
        right = learn(small, small_cases(small, small.values, seed))
        plain.append(np.abs(right.conflict) > SURPRISE)
        moved.append((right.values < published[0]) | (right.values > published[1]))
        table = changes(learned)
        assert set(table.index[table["kept"] < 1]) >= {small.numbers[i].id for i in wrong}
    assert np.mean(held) > 0.93
    assert np.mean(np.array(held)[:, wrong]) > 0.9
    assert np.mean(plain) < 0.02
    assert np.mean(moved) < 0.05  # a published number that holds stays in its interval


PRIOR = 60.0  # cases that pyAgrum's prior is worth


def test_pyagrums_em_on_half_blank_cases_ends_where_we_do(tmp_path: Path, small: Model) -> None:
    """Of one likelihood and one prior: each distribution worth as many cases as reach it."""
    gum = pytest.importorskip("pyagrum")
    share = {"": 1.0}
    for rain in ("no", "yes"):
        share[f"rain={rain}"] = float(posterior(small.network, "rain")[rain])
        sprinkler = posterior(small.network, "sprinkler", {"rain": rain})
        for state in ("on", "off"):
            both = share[f"rain={rain}"] * float(sprinkler[state])
            share[f"rain={rain}; sprinkler={state}"] = both
    rows = []
    for name, state, given, value, _, _ in SMALL:
        width = 3.92 * np.sqrt(value * (1 - value) / (PRIOR * share[given] + 1))
        low = min(max(value - width / 2, 0.0), 1.0 - width)
        rows.append((name, state, given, value, low, low + width))
    model = small_model(tmp_path, rows)
    cases = small_cases(model, model.values, 3).take(np.arange(500))
    learned = learn(model, cases, tolerance=1e-10, iterations=500)
    assert learned.converged and (learned.kept == 1).all()
    words = pd.DataFrame({n: np.array([*SMALL_STATES[n], "?"])[c] for n, c in cases.states.items()})

    def a_round_of_em(start: Network) -> dict[str, npt.NDArray[np.float64]]:
        """What pyAgrum makes of a network; it stops when its likelihood without prior falls."""
        theirs = to_pyagrum(start)
        learner = gum.BNLearner(words, theirs, ["?"])
        learner.useDirichletPrior(to_pyagrum(model.network), PRIOR)
        learner.useEMWithDiffCriterion(1e-3, 0.0)
        fitted = learner.learnParameters(theirs)
        found = {}
        for name, variable in start.variables.items():
            names = list(reversed(fitted.cpt(name).names))
            order = [names.index(n) for n in (*variable.parents, name)]
            found[name] = fitted.cpt(name).toarray().transpose(order)
        return found

    moved = a_round_of_em(model.network)
    assert max(np.abs(v.cpt - moved[n]).max() for n, v in model.network.variables.items()) > 0.01
    stays = a_round_of_em(learned.network)
    for name, variable in learned.network.variables.items():
        np.testing.assert_allclose(variable.cpt, stays[name], atol=1e-6)


# --- the network --------------------------------------------------------------------------------


def rises(learned: Learned) -> None:
    slack = 1e-9 * abs(learned.penalised[0])
    assert (np.diff(learned.penalised) >= -slack).all()


def test_the_log_likelihood_with_prior_never_falls(
    model: Model, truth: npt.NDArray[np.float64], learned: Learned
) -> None:
    rises(learned)
    network = model.network_with(truth)
    ragged = drawn_rows(model, network, 60, ("context", "finding"), 0.5)
    rises(learn(model, ragged, iterations=2, selected=False))
    asked = drawn_rows(model, network, 60, ("finding",), 0.3, {"asks_for_care": "yes"})
    selected = learn(model, asked, iterations=1)
    assert selected.selected == "asks_for_care=yes"
    rises(selected)


def test_counts_under_other_numbers_are_those_of_a_network_compiled_anew(
    model: Model, truth: npt.NDArray[np.float64]
) -> None:
    """The tree and the order of the cases are kept from one set of numbers to the next."""
    rows = drawn_rows(model, model.network, 300, missing=0.4)
    cases = ready(model, rows, selected=False)
    count(cases, model.values)
    counted = count(cases, truth)
    network = model.network_with(truth)
    ((_, given, _),) = batches_of(model, rows)
    anew = family_marginals(network, given)
    assert counted.log_likelihood == pytest.approx(anew.log_evidence.sum(), rel=1e-12)
    for recipe in model.recipes:
        if recipe.noisy:
            there = recipe.indices[0] >= 0
            mine = counted.counts[recipe.indices[0][there]]
            np.testing.assert_allclose(mine, anew.leaks[recipe.name][there], rtol=1e-9, atol=1e-9)


def test_numbers_come_nearer_to_those_the_cases_were_drawn_from(
    model: Model, truth: npt.NDArray[np.float64], learned: Learned
) -> None:
    few = learn(
        model, drawn_rows(model, model.network_with(truth), 100), iterations=4, selected=False
    )
    shown = learned.informed > 100

    def error(values: npt.NDArray[np.float64]) -> float:
        return float(np.sqrt(np.mean((values - truth)[shown] ** 2)))

    assert error(learned.values) < 0.7 * error(few.values) < 0.7 * error(model.values)


def test_selection_by_asking_for_care_is_undone(
    model: Model, truth: npt.NDArray[np.float64], monkeypatch: pytest.MonkeyPatch
) -> None:
    """People who hurt ask for care more often: taken for adults in general, too many hurt."""
    monkeypatch.setattr("lumbayes.learning.search.INNER", 4)
    asks = {"asks_for_care": "yes"}
    rows = drawn_rows(model, model.network_with(truth), 600, given=asks)
    seekers = learn(model, rows, iterations=1)
    adults = learn(model, rows, iterations=1, selected=False)
    leak = model.position("asks_for_care=yes<-leak")
    assert abs(seekers.values - truth)[leak] < abs(adults.values - truth)[leak]


def test_hidden_numbers_stay_near_their_published_value(model: Model) -> None:
    """Without imbalances, conditions and mechanisms observed, little is learned of their links."""
    rows = drawn_rows(model, model.network, 200, ("context",))
    learned = learn(model, rows, iterations=3, selected=False)
    table = changes(learned)
    hidden = table[(table["data_cases"] < 1.0) & np.isfinite(table["prior_cases"])]
    assert len(hidden) > 100
    assert hidden["moved"].abs().max() < 0.5
    np.testing.assert_allclose(hidden["low"], hidden["low_before"], atol=0.05)


def test_states_keep_their_meaning(model: Model, learned: Learned) -> None:
    """No link turns round: what is hidden keeps its labels, since it starts from the prior."""
    for name in ("gmax_weak", "gtps", "slr"):
        assert learned.network[name].states == model.network[name].states
    before, after = model.network["slr"].cpt, learned.network["slr"].cpt
    assert ((after[..., 1] > 0.5) == (before[..., 1] > 0.5)).mean() > 0.8


def test_nothing_known_changes_nothing(model: Model) -> None:
    rows = rows_from_cases(model, [parse_case(model, {})] * 3)
    learned = learn(model, rows, iterations=2, selected=False)
    np.testing.assert_allclose(learned.values, model.values, atol=1e-12)
    assert learned.informed.max() < 1e-9
    prior = prior_of(model)
    assert log_prior(model, prior, model.values) == pytest.approx(learned.penalised[0])


def test_copies_stay_one_number(model: Model, learned: Learned) -> None:
    for i in range(len(model.numbers)):
        assert learned.values[i] == learned.values[model.original(i)]


@pytest.mark.parametrize(
    ("data", "message"), [([], "no case"), ([{"do": {"sitting": "over_8h"}}], "interventions")]
)
def test_what_cannot_be_learned_from_is_an_error(
    model: Model, data: list[object], message: str
) -> None:
    rows = rows_from_cases(model, [parse_case(model, d) for d in data])
    with pytest.raises(CaseError, match=message):
        learn(model, rows)


def test_the_intervals_hold_95_percent_of_what_the_cases_leave_open(
    model: Model, learned: Learned
) -> None:
    """Of each number's own Beta, however skewed; what stayed hidden keeps its interval."""
    own = np.isfinite(learned.prior_size) & (learned.values > 0) & (learned.values < 1)
    seen = own & (learned.informed >= HIDDEN)
    size = (learned.kept * learned.prior_size + learned.informed)[seen]
    beta = stats.beta(learned.values[seen] * size, (1 - learned.values[seen]) * size)
    inside = beta.cdf(learned.high[seen]) - beta.cdf(learned.low[seen])
    whole = learned.high[seen] < 1  # one that ends at 1 holds more
    assert seen.sum() > 300 and inside.min() > 0.9 and inside[whole].max() < 0.98
    for i in np.flatnonzero(own & ~seen):
        number, value = model.numbers[i], learned.values[i]
        assert learned.low[i] == min(number.low, value)
        assert learned.high[i] == max(number.high, value)


def test_what_cannot_be_learned_from_is_refused_whichever_cases_are_held_out(
    model: Model, tmp_path: Path
) -> None:
    people = simulate(model, 10, given={"asks_for_care": "yes"})
    one_done = people.drop(columns="sitting")
    one_done["do:sitting"] = [*["over_8h"], *[None] * 9]
    one_silent = people.astype(str).assign(asks_for_care=["no", *["yes"] * 9])
    for seed in ("0", "1", "2", "3"):
        for table, more, message in (
            (one_done, (), "cases with interventions cannot be learned from"),
            (one_silent, ("--care-seekers",), "not all cases asked for care"),
        ):
            table.to_csv(tmp_path / "cases.csv", index=False)
            asked = [str(tmp_path / "cases.csv"), "--out", str(tmp_path / "new"), "--seed", seed]
            done = CliRunner().invoke(learn_command, [*asked, *more], standalone_mode=False)
            assert message in str(done.exception)
    assert [p.name for p in tmp_path.iterdir()] == ["cases.csv"]


@pytest.mark.parametrize("selected", [True, False])
def test_information_is_the_curvature_of_the_log_likelihood(model: Model, selected: bool) -> None:
    """Of cases found by asking for care too, where the selection alone takes little away."""
    given = {"asks_for_care": "yes"} if selected else {}
    people = sample(model.network, evidence(model.network, given), 1000, 5)
    codes = {n: people[n].astype(np.int8) for n in model.names(*VISIBLE)}
    rows = Cohort(1000, codes, {}, {}, np.zeros(1000, dtype=bool))
    original = prior_of(model).original
    cases = ready(model, rows, selected=selected)
    informed = information(cases, model.values, original)
    for name in ("fadir=positive<-leak", "gmax_weak=present<-leak"):
        place = model.position(name)
        value = model.values[place]
        step = 0.02 * value
        logs = []
        for other in (value - step, value, value + step):
            values = np.where(original == original[place], other, model.values)
            logs.append(count(cases, values).log_likelihood)
        curvature = -(logs[0] - 2 * logs[1] + logs[2]) / step**2 * value * (1 - value)
        own = informed[place, place] / (value * (1 - value))
        assert own == pytest.approx(curvature, rel=0.2), name


def test_what_was_only_assumed_is_no_data(model: Model) -> None:
    """Pain sets asks_for_care=yes where a case is answered, but nobody said so."""
    pained = rows_from_cases(model, [parse_case(model, {"low_back_pain": "yes"})] * 20)
    table = pa.table({"low_back_pain": ["yes"] * 20})
    read = rows_from_table(model, read_columns(model, table.column_names), table).rows
    for rows in (pained, read, joined([pained, read]), pained.take(np.arange(5))):
        assert rows.states["asks_for_care"].all()
        told, selected = as_data(rows)
        assert not selected and (told.states["asks_for_care"] == BLANK).all()
        told, selected = as_data(rows, True)
        assert selected and (told.states["asks_for_care"] == 1).all()
    place = model.position("asks_for_care=yes<-low_back_pain=yes")
    assert learn(model, pained, iterations=1).values[place] == pytest.approx(model.values[place])


def test_cases_held_out_are_disjoint(model: Model) -> None:
    rows = drawn_rows(model, model.network, 50, ("context",))
    train, test = split(rows, 0.2, 1)
    assert (train.size, test.size) == (40, 10)
    with pytest.raises(LumbayesError, match="share"):
        split(rows, 1.0)
    assert [part.size for part in split(rows.take(np.array([0])), 0.9)] == [1, 0]


# --- what is written ----------------------------------------------------------------------------


def test_the_new_tables_hold_the_new_numbers_and_all_else_as_it_was(
    model: Model, learned: Learned, tmp_path: Path
) -> None:
    folder = write_tables(learned, tmp_path / "new", "cases.csv")
    again = load_model(folder)
    np.testing.assert_allclose(again.values, learned.values, atol=1e-10)
    for old, new in zip(model.numbers, again.numbers, strict=True):
        assert (old.id, old.source, old.grade, old.line) == (
            new.id,
            new.source,
            new.grade,
            new.line,
        )
        assert new.low <= new.value <= new.high
    size = prior_of(again).size
    own = (
        np.where(np.isfinite(learned.prior_size), learned.kept * learned.prior_size, np.inf)
        + learned.informed
    )
    expected = np.array([min(own[j] for j in model.mates(i)) for i in range(len(own))])
    usual = np.isfinite(expected) & (learned.values > 0.02) & (learned.values < 0.98)
    np.testing.assert_allclose(size[usual], expected[usual], rtol=0.35)
    with pytest.raises(LumbayesError, match="never overwrites"):
        write_tables(learned, folder, "cases.csv")
    assert [p.name for p in tmp_path.iterdir()] == ["new"]


def test_predictions_of_held_out_cases_improve(
    model: Model, truth: npt.NDArray[np.float64], learned: Learned
) -> None:
    network = model.network_with(truth)
    people = sample(network, evidence(network, {}), 1500, 99)
    codes = {n: people[n].astype(np.int8) for n in model.names(*VISIBLE[:4])}
    predicted = predictions(learned, Cohort(1500, codes, {}, {}, np.zeros(1500, dtype=bool)))
    assert predicted.log_evidence[1] > predicted.log_evidence[0]
    assert predicted.log_loss[1] < predicted.log_loss[0]
    assert all(curve["n"].sum() > 1500 for curve in predicted.curves)
    assert len(review(model, model)) == 0


def test_the_command_writes_tables_and_a_report(model: Model, tmp_path: Path) -> None:
    people = simulate(model, 60, missing={"condition": 0.0, "finding": 0.4})
    people.assign(note="x").to_csv(tmp_path / "cases.csv", index=False)
    out = tmp_path / "new"
    asked = [str(tmp_path / "cases.csv"), "--out", str(out), "--keep", "note", "--iterations", "1"]
    done = CliRunner().invoke(learn_command, asked, standalone_mode=False, catch_exceptions=False)
    assert "learned from 48 cases" in done.stderr
    report = (out / "report.md").read_text()
    assert "never fell" in report and "## Open cases that change" in report
    assert "Mean log-probability of a case" in report
    assert "<h2>Numbers that moved</h2>" in (out / "report.html").read_text()
    moved = pd.read_csv(out / "changes.csv")
    assert len(moved) == len(model.numbers)
    assert load_model(out).version != model.version
    (out / "calibration.png").write_bytes(b"of an earlier learning")
    chained = [*asked[:2], str(tmp_path / "next"), *asked[3:], "--tables", str(out)]
    done = CliRunner().invoke(learn_command, [*chained, "--held-out", "0"], standalone_mode=False)
    assert done.exception is None and not (tmp_path / "next" / "calibration.png").exists()
    again = CliRunner().invoke(learn_command, asked, standalone_mode=False)
    assert isinstance(again.exception, LumbayesError)
