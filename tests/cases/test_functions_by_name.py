"""A function is called sound by its bare name alone; any further word is the trouble or unread."""

from __future__ import annotations

import csv
from itertools import product

import pytest

from lumbayes.cases.fact_names import known_as
from lumbayes.cases.facts import constraints_of
from lumbayes.cases.vocabulary import load_vocabulary
from lumbayes.cases.words import FUNCTIONS, plain
from lumbayes.knowledge.model import load_model
from lumbayes.knowledge.tables import data_dir

MODEL = load_model()
VOCABULARY = load_vocabulary(MODEL)
# Each is the bare name of what works; its fact is that it does not.
BARE = frozenset(
    (
        "able_to_walk anal_control anal_sensation anal_squeeze anal_wink ankle_dorsiflexion "
        "ankle_dorsiflexion_power ankle_jerk ankle_plantarflexion ankle_power ankle_reflex "
        "ankle_reflexes ankle_strength big_toe_dorsiflexion big_toe_extension_power "
        "bladder_control bladder_feeling bladder_function bladder_sensation bowel_control "
        "bowel_function can_walk deep_tendon_reflexes dorsiflexion dorsiflexion_power ehl_power "
        "erectile_function foot_dorsiflexion foot_sensation foot_strength genital_sensation "
        "hip_flexion_power hip_flexion_strength knee_extension_power knee_jerk knee_reflex "
        "knee_reflexes leg_function leg_power leg_sensation leg_strength motor_function "
        "muscle_power muscle_strength perianal_pinprick perineal_pinprick perineal_sensation "
        "plantarflexion plantarflexion_power power power_in_legs power_left_leg power_right_leg "
        "quadriceps_power rectal_tone reflexes s3_pinprick saddle_feeling saddle_pinprick "
        "saddle_sensation sexual_function sphincter_control sphincter_tone standing strength "
        "tendon_reflexes toe_power urine_control walking weight_bearing wiping_sensation"
    ).split()
)
NAMED = (
    *("bladder_control", "bowel_control", "saddle_sensation", "bladder_sensation", "leg_power"),
    *("leg_strength", "foot_dorsiflexion", "sexual_function", "anal_tone", "ankle_reflex"),
    *("weight_bearing", "walking", "perianal_sensation", "sphincter_control"),
)
WORSE = (
    *("worsening", "deteriorating", "failing", "declining", "falling", "flaccid", "changed"),
    *("reduced", "poor", "weak", "lost", "loss", "no"),
)
OTHER = ("sudden", "rapid", "fast", "raised", "low", "high", "new", "acute", "odd", "recent")


def says(name: str) -> tuple[str, str] | None:
    known = known_as(MODEL, name, True)
    return None if known is None else (known[0].name, str(known[1]).lower())


def test_another_name_of_a_fact_is_never_turned_over() -> None:
    """But a bare function is the opposite of its fact, and so is nothing else."""
    with (data_dir() / "synonyms.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if not row["value"]]
    turned = {
        row["name"]
        for row in rows
        if (says(row["name"]) or ("", ""))[1] == "false" != (says(row["fact"]) or ("", ""))[1]
    }
    assert turned == BARE
    assert all(set(plain(name).split("_")) & FUNCTIONS for name in BARE)


@pytest.mark.parametrize("function", NAMED)
def test_a_word_beside_a_function_never_says_that_it_is_sound(function: str) -> None:
    for word in (*WORSE, *OTHER):
        for name in (f"{word}_{function}", f"{function}_{word}", f"{word}_{function}_now"):
            read = constraints_of(MODEL, VOCABULARY, {name: True})
            calm = [s for s in read.constraints if s.weights[0] and not any(s.weights[1:])]
            assert not calm, name
            assert read.constraints or read.unclear, name


@pytest.mark.parametrize(("word", "function"), [*product(WORSE[:5], NAMED[:8])])
def test_a_function_that_gets_less_is_its_trouble(word: str, function: str) -> None:
    told = constraints_of(MODEL, VOCABULARY, {f"{word}_{function}": True}).constraints
    bare = constraints_of(MODEL, VOCABULARY, {function: True}).constraints
    for one in bare:
        assert any(s.variable == one.variable and not s.weights[0] for s in told), one


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        *((f"{word}_pulse", "pulse") for word in ("rapid", "fast", "raised", "racing")),
        *(
            (f"{word}_from_standing{more}", "trauma")
            for word in ("fall",)
            for more in ("", "_height")
        ),
        *(("fell_from_standing_height", "trauma"), ("falling_leg_power", "motor_deficit")),
        *(("fall_from_own_height", "trauma"), ("loss_of_weight_bearing", "cannot_bear_weight")),
    ],
)
def test_a_trouble_that_holds_the_word_of_a_function_is_the_trouble(
    name: str, variable: str
) -> None:
    said = [
        s
        for s in constraints_of(MODEL, VOCABULARY, {name: True}).constraints
        if s.variable == variable
    ]
    assert said and not any(s.weights[0] for s in said)
    if variable == "trauma":
        assert said[0].weights == (0, 1, 0)


@pytest.mark.parametrize(
    "told",
    [
        *("my glutes are weak and my hip flexors are tight, low back ache", "my core is weak"),
        *("weak glutes, tight hip flexors, low back pain", "my abs are weak", "my glutes are weak"),
    ],
)
def test_a_weak_muscle_of_the_trunk_or_buttock_is_no_weak_leg(told: str) -> None:
    said = {s.variable for s in constraints_of(MODEL, VOCABULARY, {"told": told}).constraints}
    assert not said & {"leg_weakness", "motor_deficit"}


@pytest.mark.parametrize("told", ["my legs are weak", "my glutes and my legs are weak"])
def test_a_weak_leg_stays_a_weak_leg(told: str) -> None:
    said = {s.variable for s in constraints_of(MODEL, VOCABULARY, {"told": told}).constraints}
    assert "leg_weakness" in said
