"""What a person has in hand is taken, and what cannot be is said in one sentence."""

from __future__ import annotations

import itertools
import random
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import lumbayes as lb
from lumbayes.errors import LumbayesError
from lumbayes.inference import queries

CASE = {"low_back_pain": "yes", "slr": "positive"}


@pytest.fixture(scope="module")
def workbench() -> lb.Model:
    return lb.load_model()


def forms(model: lb.Model, place: Path) -> dict[str, Any]:
    """One case in every form a person may hold it in."""
    path = place / "case.json"
    path.write_text('{"findings": {"low_back_pain": "yes", "slr": "positive"}}')
    wide = {**CASE, "fever": np.nan, "asks_for_care": None}
    return {
        "dict": CASE,
        "dict with blanks": wide,
        "parts": {"findings": CASE},
        "series": pd.Series(wide, dtype=object),
        "row": pd.DataFrame([wide, {"slr": "negative"}]).iloc[0],
        "frame": pd.DataFrame([wide]),
        "text": '{"low_back_pain": "yes", "slr": "positive"}',
        "path": path,
        "path as text": str(path),
        "case": model.case(CASE),
    }


def test_every_form_of_a_case_is_the_same_case(workbench: lb.Model, tmp_path: Path) -> None:
    for name, form in forms(workbench, tmp_path).items():
        assert dict(workbench.case(form).findings) == dict(workbench.case(CASE).findings), name


def test_answers_may_be_facts_soft_or_done(workbench: lb.Model) -> None:
    row = pd.Series(
        {
            "age_years": np.int64(43),
            "slr:negative": 0.2,
            "slr:positive": 0.8,
            "do:sitting": "under_6h",
        }
    )
    case = workbench.case(row)
    assert case.findings["age_band"] == "30_44"
    assert case.likelihoods["slr"] == (0.2, 0.8)
    assert dict(case.do) == {"sitting": "under_6h"}


def test_a_fact_that_is_a_variable_too_is_understood(workbench: lb.Model) -> None:
    assert "leg_pain" in workbench.case(leg_pain=True).understood
    assert workbench.case(leg_pain="below_knee").findings["leg_pain"] == "below_knee"


def test_networks_of_every_kind_give_the_same_posterior(
    workbench: lb.Model, tmp_path: Path
) -> None:
    lb.export(workbench, tmp_path / "ours.bif")
    given = {"low_back_pain": "yes"}
    expected = queries.posterior(workbench.network, "gmed_weak", given)
    for network in (
        workbench,
        workbench.network,
        workbench.to_pgmpy(),
        tmp_path / "ours.bif",
        str(tmp_path / "ours.bif"),
    ):
        found = lb.posterior(network, "gmed_weak", pd.Series({**given, "slr": np.nan}))
        np.testing.assert_allclose(found, expected, atol=1e-10)


def test_a_model_answers_interventions_as_what_if_does(workbench: lb.Model) -> None:
    """Two causal networks gave 0.10400 here and 0.10373 there."""
    done = workbench.posterior("low_back_pain", do={"sitting": "under_6h"})["yes"]
    then = workbench.what_if(
        {}, {"sit less": {"sitting": "under_6h"}}, "low_back_pain", draws=0
    ).frame["then"]
    assert done == pytest.approx(float(then.iloc[0]), abs=1e-12)
    table = workbench.assess_table([{"do:sitting": "under_6h"}], targets="low_back_pain")
    assert done == pytest.approx(float(table["p_low_back_pain"].iloc[0]), abs=1e-9)


def test_done_against_done_in_a_table_is_the_change_of_what_if(workbench: lb.Model) -> None:
    """The base is done too: a plain row against one with ``do`` gave twice the change."""
    people = [{"do:sitting": "over_8h", "sex": "male"}, {"do:sitting": "under_6h", "sex": "male"}]
    names = ["low_back_pain", "gmed_weak", "gtps"]
    table = workbench.assess_table(people, targets=names, top=0)[[f"p_{n}" for n in names]]
    one = {"sitting": "over_8h", "sex": "male"}
    answer = workbench.what_if(one, {"less": {"sitting": "under_6h"}}, names, draws=0)
    wanted = answer.frame[["now", "then"]].to_numpy().T
    np.testing.assert_allclose(table.to_numpy(dtype=float), wanted, atol=1e-9)


def test_what_if_takes_any_network(workbench: lb.Model) -> None:
    """Done: by its arrows, as ``posterior`` with ``do``; seen: as ``posterior`` with findings."""
    given = {"sex": "female", "low_back_pain": "yes"}
    for network in (workbench.network, workbench.to_pgmpy()):
        done, seen = (
            lb.what_if(network, given, scenarios, ["trochanter_tenderness", "low_back_pain"])
            for scenarios in (
                {"weak": {"gmed_weak": "present"}},
                [lb.Scenario("sore", findings={"gtps": "present"})],
            )
        )
        for name, row in done.frame.set_index("variable").iterrows():
            now = lb.posterior(network, str(name), {"sex": "female"}).iloc[1]
            then = lb.posterior(
                network, str(name), {"sex": "female"}, {"gmed_weak": "present"}
            ).iloc[1]
            assert (row["now"], row["then"]) == pytest.approx((now, then), abs=1e-12)
        wanted = lb.posterior(network, "trochanter_tenderness", {**given, "gtps": "present"})
        assert seen.frame["then"].iloc[0] == pytest.approx(wanted.iloc[1], abs=1e-12)
    everything = lb.what_if(workbench.network, given, {"weak": {"gmed_weak": "present"}})
    assert len(everything.frame) == len(workbench.network) - 3 and everything.to_text()
    with pytest.raises(LumbayesError, match="unknown variable 'nobody'"):
        lb.what_if(workbench.network, given, {"x": {"nobody": "here"}})


def test_people_simulated_can_be_assessed_and_learned_from(workbench: lb.Model) -> None:
    people = workbench.simulate(60)
    assert len(workbench.assess_table(people)) == 60
    assert workbench.learn(people, iterations=1).cases == 60


def test_a_bad_row_of_people_is_named(workbench: lb.Model) -> None:
    with pytest.raises(LumbayesError, match=r"people, row 1: unknown state of slr 'maybe'"):
        workbench.learn([{"slr": "positive"}, {"slr": "maybe"}])


def test_what_is_shown_is_short(workbench: lb.Model) -> None:
    answer = workbench.assess(CASE, draws=0)
    for shown in (
        workbench,
        answer,
        answer.differential,
        answer.explanations[0],
        answer.next_questions,
        answer.plan,
        workbench.what_if(CASE, {"sit less": {"sitting": "under_6h"}}, draws=0),
        workbench.sensitivity(CASE, "radiculopathy"),
        workbench.case(CASE),
        workbench.network,
        answer.triage,
        workbench.learn([CASE], iterations=1),
        lb.ExactInference(workbench),
    ):
        assert len(repr(shown)) < 200, type(shown)
        assert "\n" not in repr(shown)
    for shown in (
        answer,
        answer.differential,
        answer.explanations[0],
        answer.triage,
        workbench.case(CASE),
        workbench.learn([CASE], iterations=1),
    ):
        assert "<" in shown._repr_html_()


ODD: tuple[Any, ...] = (
    None, 0, -1, 2.5, float("nan"), float("inf"), True, "", "slr", "nothing", "{", "{}", "a\0b",
    b"slr", [], [None], ["slr"], ["slr", "slr"], (1, 2), {}, {"slr": "positive"}, {"slr": 1},
    {1: 2}, {"slr": {}}, {"slr": {"negative": -1, "positive": "x"}}, {"fevr": "yes"}, {"do": 3},
    {"findings": {"slr": ["positive"]}}, {"x" * 5000: "y" * 5000}, set(), object(), int, len,
    np.array([]), np.array([[1.0]]), np.int64(3), np.float64("nan"), pd.NA, pd.NaT,
    pd.Series(dtype=object), pd.Series({"slr": "positive"}), pd.Series([1, 2]), pd.DataFrame(),
    pd.DataFrame({"slr": ["positive", "negative"]}), pd.DataFrame({"slr": [[1]]}),
    pd.Timestamp("2024-01-01"), 10**400, complex(1, 2), Path("no/such/place"), Ellipsis,
    "x" * 5000, "~nobody/here",
)  # fmt: skip
FUNCTIONS: dict[str, int] = {
    "assess": 2,
    "assess_table": 2,
    "differential": 2,
    "explain": 3,
    "export": 2,
    "from_pgmpy": 1,
    "joint": 4,
    "learn": 2,
    "load_model": 1,
    "most_probable": 4,
    "next_questions": 4,
    "parse_case": 2,
    "posterior": 4,
    "read_case": 2,
    "read_network": 1,
    "sensitivity": 3,
    "simulate": 3,
    "to_pgmpy": 1,
    "what_if": 4,
    "ExactInference": 1,
    "Network": 2,
    "Variable": 4,
    "Table": 1,
    "Case": 3,
    "Scenario": 3,
}
METHODS = "names with_role number position network_with draw mates original".split()


def right(model: lb.Model, name: str, place: Path) -> list[Any]:
    """Arguments that work, so that one wrong one at a time is reached."""
    known: dict[str, list[Any]] = {
        "assess_table": [model, [CASE]],
        "explain": [model, CASE, "radiculopathy"],
        "export": [model.network, place / "out.bif"],
        "from_pgmpy": [None],
        "joint": [model, ["slr"], {}, {}],
        "learn": [model, [CASE]],
        "most_probable": [model, ["slr"], {}, {}],
        "load_model": [None],
        "next_questions": [model, CASE, "radiculopathy", 1],
        "posterior": [model, "slr", {}, {}],
        "read_case": [model, "case.json"],
        "read_network": ["x.bif"],
        "sensitivity": [model, CASE, "radiculopathy"],
        "simulate": [model, 1, 0],
        "to_pgmpy": [model.network],
        "what_if": [model, CASE, {"x": {"sitting": "under_6h"}}, "slr"],
        "ExactInference": [model.network],
        "Network": [[model.network["sex"]], None],
        "Variable": ["a", ("x", "y"), (), lb.Table(np.array([0.5, 0.5]))],
        "Table": [np.array([0.5, 0.5])],
        "Case": [{}, {}, {}],
        "Scenario": ["sit less", {}, {"sitting": "under_6h"}],
    }
    return known.get(name, [model, CASE])


def test_three_thousand_calls_of_wrong_types_end_in_our_words(
    workbench: lb.Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rng = random.Random(20)
    keywords = {"assess": {"draws": 0, "questions": 1}, "differential": {"draws": 0}}
    keywords |= {"what_if": {"draws": 0}, "learn": {"iterations": 1}}
    calls = 0
    for name, odd in itertools.product(FUNCTIONS, ODD):
        for place in range(FUNCTIONS[name]):
            wrong = right(workbench, name, tmp_path)
            wrong[place] = odd
            call(getattr(lb, name), wrong, keywords.get(name, {}))
            calls += 1
    for name, odd in itertools.product(METHODS, ODD):
        call(getattr(workbench, name), [odd], {})
    while calls < 3000:
        name = rng.choice(list(FUNCTIONS))
        odd_ones = [rng.choice(ODD) for _ in range(FUNCTIONS[name])]
        call(getattr(lb, name), odd_ones, keywords.get(name, {}))
        calls += 1


def call(ask: Any, arguments: list[Any], keywords: dict[str, Any]) -> None:
    """Call a public function: an answer, a LumbayesError, or a TypeError said at the door."""
    try:
        ask(*arguments, **keywords)
    except LumbayesError as error:
        assert 10 < len(str(error)) < 3000
    except TypeError as error:
        assert "must be" in str(error) and "; got" in str(error), (ask, arguments, error)
        assert len(str(error)) < 500


def test_a_question_about_a_model_takes_what_a_case_takes(workbench: lb.Model) -> None:
    """Facts, yes and no, weights by state and a frame of one row, without what a case assumes."""
    wanted = workbench.posterior("gmed_weak", {"slr": "positive", "age_band": "30_44"})
    for form in (
        {"slr": True, "age_years": 43},
        pd.DataFrame([{"slr": "positive", "age_years": 43, "fever": None}]),
        pd.Series({"slr:negative": 0.0, "slr:positive": 1.0, "age_band": "30_44"}),
    ):
        found = workbench.posterior("gmed_weak", form)
        pd.testing.assert_series_equal(found, wanted, check_names=False)
    with pytest.raises(LumbayesError, match="this frame has 2"):
        workbench.posterior("gmed_weak", pd.DataFrame([CASE, CASE]))


def test_every_form_of_a_case_gives_the_same_posterior(workbench: lb.Model, tmp_path: Path) -> None:
    """By assess, and by posterior, which assumes nothing: care is told here."""
    cared = {**CASE, "asks_for_care": "yes"}
    wanted = workbench.posterior("radiculopathy", cared)
    path = tmp_path / "case.json"
    path.write_text('{"low_back_pain": "yes", "slr": "positive", "asks_for_care": "yes"}')
    soft = {**cared, "slr": {"negative": 0.0, "positive": 1.0}}
    for form in (cared, soft, [cared], path, str(path), path.read_text(), {"findings": cared}):
        found = workbench.posterior("radiculopathy", form)
        pd.testing.assert_series_equal(found, wanted, check_names=False)
        assessed = workbench.differential(form, draws=0).conditions.set_index("name")
        assert assessed.loc["radiculopathy", "probability"] == pytest.approx(found["present"])


def test_states_that_pgmpy_numbers_are_taken_as_numbers_and_as_text() -> None:
    from pgmpy.factors.discrete import TabularCPD
    from pgmpy.models import DiscreteBayesianNetwork

    theirs = DiscreteBayesianNetwork([("a", "c")])
    rows = [[0.9, 0.3], [0.1, 0.7]]
    theirs.add_cpds(TabularCPD("a", 2, [[0.8], [0.2]]), TabularCPD("c", 2, rows, ["a"], [2]))
    engine = lb.ExactInference(theirs)
    expected = 0.2 * 0.7 / (0.2 * 0.7 + 0.8 * 0.1)
    for state in (1, "1", np.int64(1)):
        assert lb.posterior(theirs, "a", {"c": state})["1"] == pytest.approx(expected)
        factor: Any = engine.query(["a"], {"c": state})
        assert factor.values[1] == pytest.approx(expected)
        assert lb.posterior(theirs, "c", do={"a": state})["1"] == pytest.approx(0.7)
        told = lb.what_if(theirs, {}, {"x": {"a": state}}, ["c"])
        assert told.frame["then"].tolist() == pytest.approx([0.7])
        assert "people" not in told.to_text()
    seen = lb.what_if(theirs, {}, [lb.Scenario("x", findings={"a": "1"})], ["c"])
    assert "x (seen: where this is so)" in seen.to_text()


def test_a_pgmpy_model_is_taken_over_once_until_its_tables_change(workbench: lb.Model) -> None:
    theirs = workbench.to_pgmpy()
    assert lb.from_pgmpy(theirs) is lb.from_pgmpy(theirs)
    theirs.get_cpds("sex").values[:] = [0.25, 0.75]
    assert lb.posterior(theirs, "sex")["female"] in (0.25, 0.75)


def test_what_if_with_nothing_left_to_ask_says_so(workbench: lb.Model) -> None:
    network = workbench.network
    given = {n: v.states[0] for n, v in network.variables.items() if n != "sitting"}
    with pytest.raises(LumbayesError, match="no outcome is left"):
        lb.what_if(network, given, {"x": {"sitting": "under_6h"}})


def test_a_pgmpy_program_changes_one_line(workbench: lb.Model) -> None:
    """The same factors and the same states as pgmpy's own elimination."""
    from pgmpy.inference import VariableElimination

    theirs = workbench.to_pgmpy()
    kept = ["sitting", "gmax_weak", "hip_flexors_tight", "sex", "age_band", "physical_activity"]
    small = theirs.subgraph(theirs.get_ancestral_graph(kept).nodes())
    from pgmpy.models import DiscreteBayesianNetwork

    part = DiscreteBayesianNetwork(small.edges())
    part.add_nodes_from(small.nodes())
    part.add_cpds(*(theirs.get_cpds(n) for n in small.nodes()))
    ours, peer = lb.ExactInference(part), VariableElimination(part)
    evidence = {"sitting": "over_8h"}
    for joint in (True, False):
        mine = ours.query(["gmax_weak", "sex"], evidence, joint=joint)
        other = peer.query(["gmax_weak", "sex"], evidence, joint=joint, show_progress=False)
        for one, two in zip(*((f,) if joint else f.values() for f in (mine, other)), strict=True):
            assert one == two
    asked = ["gmax_weak", "hip_flexors_tight", "sex"]
    assert ours.map_query(asked, evidence) == peer.map_query(asked, evidence, show_progress=False)
    whole = ours.map_query(evidence=evidence)
    assert whole == peer.map_query(list(whole), evidence, show_progress=False)


@pytest.mark.parametrize(
    "ask",
    [
        lambda model, said: lb.assess(model, said, region="XX"),
        lambda model, said: lb.assess(model, said, draws=-1),
        lambda model, said: lb.assess(model, said, level=9),
        lambda model, said: lb.assess(model, said, equipment=3),
        lambda model, said: lb.assess(model, {**said, "fevr": "yes"}),
        lambda model, said: lb.differential(model, said, draws=-1),
        lambda model, said: lb.explain(model, said, "nothing"),
        lambda model, said: lb.next_questions(model, said, "nothing"),
        lambda model, said: lb.sensitivity(model, said, "nothing"),
        lambda model, said: lb.what_if(model, said, {"sit less": {"sittin": "under_6h"}}),
        lambda model, said: lb.what_if(model, said, 3),
        lambda model, said: lb.posterior(model, "nothing", said),
        lambda model, said: model.posterior("nothing", said),
        lambda model, said: lb.joint(model, ["nothing"], said),
        lambda model, said: lb.most_probable(model, ["nothing"], said),
    ],
)
def test_no_mistake_hides_what_a_case_calls_for(workbench: lb.Model, ask: Any) -> None:
    for said, level in (
        ({"saddle_numbness": "yes"}, "emergency_now"),
        ({"leg_weakness": "one_side"}, "urgent_physician"),
    ):
        with pytest.raises((LumbayesError, TypeError), match=f"already means: {level}") as raised:
            ask(workbench, said)
        error: Any = raised.value
        assert error.triage.level == level
    with pytest.raises((LumbayesError, TypeError)) as raised:
        ask(workbench, {"slr": "positive"})
    assert "already means" not in str(raised.value)
