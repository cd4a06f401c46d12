"""Two worlds: the twin network against plain counting of every accident, and its laws."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise, product
from math import prod

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import random_network, seeds

from lumbayes.cases.case import Case, parse_case
from lumbayes.errors import CaseError, LumbayesError
from lumbayes.inference.queries import Evidence, evidence, marginals
from lumbayes.knowledge.causal import network_for
from lumbayes.knowledge.model import Model, load_model
from lumbayes.network.variables import Network, NoisyMax, Variable
from lumbayes.questions.what_if.counterfactual import _twin, counterfactual, counterfactual_chances
from lumbayes.questions.what_if.interventions import event
from lumbayes.questions.what_if.twin_network import twin_network

States = dict[str, int]


def pieces(rows: np.ndarray) -> list[tuple[float, tuple[int, ...]]]:
    """Every way one hidden uniform number can pick a state for each row, with its chance."""
    bounds = np.minimum(np.cumsum(rows, axis=1)[:, :-1], 1.0)
    cuts = [0.0, *sorted(bounds.ravel()), 1.0]
    return [
        (b - a, tuple(int((row <= a).sum()) for row in bounds)) for a, b in pairwise(cuts) if b > a
    ]


def accidents(network: Network, variable: Variable) -> list[tuple[float, Callable[[States], int]]]:
    """Every mechanism a variable may have: its chance, and the state it takes from its parents."""
    noisy = variable.distribution
    if isinstance(noisy, NoisyMax):
        parts = [pieces(noisy.leak[None]), *(pieces(e) for e in noisy.effects)]

        def highest(chosen: tuple[tuple[int, ...], ...]) -> Callable[[States], int]:
            return lambda world: max(
                chosen[0][0],
                *(c[world[p]] for p, c in zip(variable.parents, chosen[1:], strict=True)),
                0,
            )

        return [
            (float(np.prod([w for w, _ in some])), highest(tuple(c for _, c in some)))
            for some in product(*parts)
        ]
    cards = [len(network[p].states) for p in variable.parents]
    rows = noisy.values.reshape(-1, len(variable.states))

    def ranked(chosen: tuple[int, ...]) -> Callable[[States], int]:
        def state(world: States) -> int:
            where = [world[p] for p in variable.parents]
            return chosen[int(np.ravel_multi_index(where, cards)) if cards else 0]

        return state

    return [(w, ranked(c)) for w, c in pieces(rows)]


def worlds(network: Network) -> Iterator[tuple[float, dict[str, Callable[[States], int]]]]:
    every = [accidents(network, v) for v in network.variables.values()]
    for some in product(*every):
        chance = float(np.prod([w for w, _ in some]))
        yield chance, {n: f for n, (_, f) in zip(network, some, strict=True)}


def played(mechanisms: dict[str, Callable[[States], int]], do: States) -> States:
    world: States = {}
    for name, mechanism in mechanisms.items():
        world[name] = do.get(name, mechanism(world))
    return world


def counted(network: Network, seen: States, do: States, outcome: str) -> np.ndarray | None:
    """P(outcome in the other world | what was seen), by abduction, action and prediction."""
    total = np.zeros(len(network[outcome].states))
    for chance, mechanisms in worlds(network):
        fact = played(mechanisms, {})
        if chance > 0 and all(fact[n] == s for n, s in seen.items()):
            total[played(mechanisms, do)[outcome]] += chance
    return total / total.sum() if total.sum() > 1e-9 else None


def few_accidents(network: Network) -> bool:
    return prod(len(accidents(network, v)) for v in network.variables.values()) < 30_000


@settings(max_examples=80)
@given(seeds, st.floats(0, 1), st.data())
def test_the_twin_network_equals_counting(seed: int, noisy: float, data: st.DataObject) -> None:
    rng = np.random.default_rng(seed)
    network = random_network(rng, 4, noisy=noisy, most_states=3, most_parents=2)
    if not few_accidents(network):
        return
    names = list(network)
    draw_state = {n: st.integers(0, len(network[n].states) - 1) for n in names}
    seen = {n: data.draw(draw_state[n]) for n in data.draw(st.sets(st.sampled_from(names)))}
    changed = data.draw(st.sets(st.sampled_from(names), min_size=1, max_size=2))
    do = {n: data.draw(draw_state[n]) for n in changed}
    outcome = data.draw(st.sampled_from(names))
    expected = counted(network, seen, do, outcome)
    if expected is None:
        return
    twin = twin_network(network, {n: network[n].states[s] for n, s in do.items()}, [outcome])
    known = evidence(twin.network, {n: network[n].states[s] for n, s in seen.items()})
    found = marginals(twin.network, known, [twin.names[outcome]])
    np.testing.assert_allclose(found.probabilities[twin.names[outcome]][:, 0], expected, atol=1e-9)


@settings(max_examples=40)
@given(seeds, st.data())
def test_what_was_seen_stays_what_it_was(seed: int, data: st.DataObject) -> None:
    """Both worlds hold: the twin answers the factual world as the network itself does."""
    network = random_network(np.random.default_rng(seed), 6)
    name = data.draw(st.sampled_from(list(network)))
    state = network[name].states[-1]
    twin = twin_network(network, {name: state}, list(network))
    own = marginals(network, evidence(network, {}))
    both = marginals(twin.network, evidence(twin.network, {}), list(network))
    for n in network:
        np.testing.assert_allclose(both.probabilities[n], own.probabilities[n], atol=1e-10)


@settings(max_examples=40)
@given(seeds, st.data())
def test_changing_a_thing_to_what_it_is_changes_nothing(seed: int, data: st.DataObject) -> None:
    network = random_network(np.random.default_rng(seed), 6)
    name, other = data.draw(
        st.lists(st.sampled_from(list(network)), min_size=2, max_size=2, unique=True)
    )
    state = data.draw(st.sampled_from(network[name].states))
    seen = {name: state, other: data.draw(st.sampled_from(network[other].states))}
    twin = twin_network(network, {name: state}, list(network))
    wanted = [*network, *twin.names.values()]
    found = marginals(twin.network, evidence(twin.network, seen), wanted, impossible="mark")
    if np.isfinite(found.log_evidence[0]):
        for n in network:
            np.testing.assert_allclose(
                found.probabilities[twin.names[n]], found.probabilities[n], atol=1e-9
            )


@settings(max_examples=40)
@given(seeds, st.data())
def test_with_nothing_seen_it_is_an_intervention(seed: int, data: st.DataObject) -> None:
    network = random_network(np.random.default_rng(seed), 6)
    name = data.draw(st.sampled_from(list(network)))
    state = data.draw(st.sampled_from(network[name].states))
    twin = twin_network(network, {name: state}, list(network))
    done = marginals(network, Evidence({}, {name: network[name].index(state)}, 1))
    found = marginals(twin.network, evidence(twin.network, {}), list(twin.names.values()))
    for n in network:
        np.testing.assert_allclose(
            found.probabilities[twin.names[n]], done.probabilities[n], atol=1e-9
        )


@settings(max_examples=20)
@given(seeds)
def test_draws_are_answered_one_by_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = random_network(rng, 5, draws=3, zeros=0.0)
    first, last = next(iter(network)), list(network)[-1]
    do = {first: network[first].states[-1]}
    twin = twin_network(network, do, [last])
    seen = {last: network[last].states[0]}
    together = marginals(twin.network, evidence(twin.network, seen), [twin.names[last]])
    for draw in range(3):
        alone = Network(_one_draw(v, draw) for v in network.variables.values())
        one = twin_network(alone, do, [last])
        found = marginals(one.network, evidence(one.network, seen), [one.names[last]])
        np.testing.assert_allclose(
            together.probabilities[twin.names[last]][:, draw],
            found.probabilities[one.names[last]][:, 0],
            atol=1e-9,
        )


def _one_draw(variable: Variable, draw: int) -> Variable:
    def one(array: np.ndarray) -> np.ndarray:
        return array[..., min(draw, array.shape[-1] - 1)]

    old = variable.distribution
    new = (
        NoisyMax(one(old.leak), tuple(one(e) for e in old.effects))
        if isinstance(old, NoisyMax)
        else type(old)(one(old.values))
    )
    return Variable(variable.name, variable.states, variable.parents, new)


# --- on our own network -------------------------------------------------------------------------

HURTS = {"low_back_pain": "yes", "lateral_hip_pain": "yes", "sitting": "over_8h"}


def test_going_on_as_before_changes_nothing(model: Model) -> None:
    case = parse_case(model, HURTS)
    answer = counterfactual(model, case, {"sitting": "over_8h"}, draws=20)
    for column in ("change", "change_low", "change_high"):
        np.testing.assert_allclose(answer.frame[column], 0, atol=1e-9)


def test_a_symptom_that_is_there_can_only_go(model: Model) -> None:
    answer = counterfactual(model, parse_case(model, HURTS), {"sitting": "under_6h"}, draws=20)
    frame = answer.frame
    assert set(frame["variable"]) == {"low_back_pain", "lateral_hip_pain"}
    np.testing.assert_allclose(frame["now"], 1)
    assert (frame["then"] < 1).all()
    assert ((frame["low"] <= frame["then"]) & (frame["then"] <= frame["high"])).all()


def test_splitting_by_age_and_sex_changes_no_answer(
    model: Model,
) -> None:
    """One large tree and many small ones agree, draw by draw."""
    case = parse_case(model, {"low_back_pain": "yes", "smoking": "current"})
    asked = [event(model, "low_back_pain"), event(model, "leg_pain=below_knee")]
    network = network_for(model, causal=True, draws=20)
    do = {"smoking": "never"}
    split = counterfactual_chances(model, case, do, asked, network)
    whole = replace(
        model, variables={n: replace(v, roles=frozenset()) for n, v in model.variables.items()}
    )
    for one, other in zip(
        split, counterfactual_chances(whole, case, do, asked, network), strict=True
    ):
        np.testing.assert_allclose(one, other, atol=1e-10)


def test_what_cannot_be_reached_stays(model: Model) -> None:
    answer = counterfactual(
        model, parse_case(model, HURTS), {"tfl_tight": "absent"}, ["fever", "sex=male"], draws=0
    )
    np.testing.assert_allclose(answer.frame["change"], 0, atol=1e-12)


def test_what_is_assumed_is_said(model: Model) -> None:
    answer = counterfactual(model, parse_case(model, HURTS), {"gmed_weak": "absent"}, draws=0)
    assert "causal" in answer.to_text()
    assert len(answer.to_dict()["assumptions"]) >= 3
    assert answer.to_dict()["outcomes"][0]["low"] is None


def test_refusals(model: Model) -> None:
    case = parse_case(model, HURTS)
    with pytest.raises(CaseError, match="nothing is changed"):
        counterfactual(model, case, {})
    with pytest.raises(
        CaseError, match=f"age_band cannot be set.*{model.with_role('changeable')[0]}"
    ):
        counterfactual(model, case, {"age_band": "18_29"})
    with pytest.raises(CaseError, match="already holds do"):
        counterfactual(model, Case(do={"sitting": "under_6h"}), {"gmed_weak": "absent"})
    with pytest.raises(LumbayesError, match="no outcome"):
        counterfactual(model, case, {"gmed_weak": "absent"}, [])
    with pytest.raises(LumbayesError, match="cannot occur together"):
        impossible = Case({"sex": "male", "pregnancy": "pregnant"})
        counterfactual(model, impossible, {"gmed_weak": "absent"}, ["fever"], draws=0)


def test_a_network_kept_from_another_person_answers_as_a_new_one() -> None:
    model = load_model()
    do = {"sitting": "under_6h"}
    people = [
        parse_case(model, {"low_back_pain": "yes", "sitting": "over_8h", "sex": sex})
        for sex in ("male", "female")
    ]
    kept = [counterfactual(model, person, do, draws=0).frame for person in people]
    for person, frame in zip(people, kept, strict=True):
        _twin.cache_clear()
        pd.testing.assert_frame_equal(counterfactual(model, person, do, draws=0).frame, frame)
