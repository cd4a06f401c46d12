"""Numbness without a named leg is the saddle or is left open; wanting to die is always heard."""

from __future__ import annotations

from itertools import product

import pytest

from lumbayes import assess
from lumbayes.app.own_words import heard, unread
from lumbayes.knowledge.model import load_model

MODEL = load_model()
BEFORE = ("", "Back pain for two weeks, 44, male. ", "My back and my leg hurt. ", "I am 50. ")
NUMB = (
    *("I can't feel anything", "no feeling", "I cannot feel it", "it is numb", "lost feeling"),
    *("it feels numb", "numbness", "I have no sensation", "I don't feel anything"),
)
SADDLE = (
    *("between my legs", "between the legs", "where I sit", "when I sit", "when I'm sitting"),
    *("when I go to the loo", "on the toilet", "when I go to the toilet", "when I wipe"),
    *("down below", "around my bottom", "when I use the toilet"),
)
VOR = ("", "Kreuzschmerzen seit zwei Wochen. ", "Rücken und Bein tun weh. ")
TAUB = (
    "es ist taub",
    "kein Gefühl",
    "ich habe kein Gefühl mehr",
    "alles taub",
    "fühlt sich taub an",
)
SATTEL = (
    *("zwischen den Beinen", "wo ich sitze", "beim Sitzen", "auf der Toilette", "beim Wischen"),
    *("im Schritt", "untenrum", "wenn ich sitze"),
)
URGE = (
    *(
        "can't feel when I need to go",
        "I cannot feel when I need to pee",
        "I don't feel when I have to go",
    ),
    *("no feeling when my bladder is full", "Ich spüre nicht, wenn ich muss"),
    *("Ich merke nicht mehr wenn ich aufs Klo muss", "I can't tell when I need the toilet"),
)
NOWHERE = (
    *("It is numb", "Numb since Monday", "I have numbness", "tingling since Monday", "It tingles"),
    *(
        "pins and needles",
        "I can't feel anything",
        "no feeling any more",
        "Es kribbelt",
        "Taubheit",
    ),
    *("Kribbeln seit Montag", "Ich habe kein Gefühl mehr", "I cannot feel it properly"),
    *("I've lost all feeling", "my skin is numb", "Ich spüre nichts mehr"),
)
DESPAIR = (
    *("I am thinking of ending my life", "I want to end my life", "thoughts of self harm"),
    *("life is not worth living", "I feel my life isn't worth living", "I want to die"),
    *("I don't want to live any more", "I might kill myself", "I wish I was dead"),
    *("I would rather be dead", "I'd be better off dead", "I have thought about killing myself"),
    *("I have nothing to live for", "I no longer want to live", "I want to end it all"),
    *("I can't go on living", "I think about suicide", "I think of taking my own life"),
    *("I am afraid I will harm myself", "I'm tired of living", "there is no point in living"),
    *("Ich will nicht mehr leben", "Ich möchte sterben", "Ich will so nicht mehr leben"),
    *("Ich denke an Suizid", "Ich möchte mir das Leben nehmen", "Ich habe Selbstmordgedanken"),
    *(
        "Das Leben ist nicht mehr lebenswert",
        "Das Leben hat keinen Sinn mehr",
        "Ich bin lebensmüde",
    ),
    *("Ich will mich umbringen", "Ich könnte mir etwas antun", "Ich wäre lieber tot"),
    *("Ich mag nicht mehr leben", "Ich will mein Leben beenden"),
)
DESPAIR_NAMES = (
    *("thoughts_of_ending_life", "thoughts_of_self_harm", "self_harm", "wants_to_die", "suicidal"),
    *("thinking_about_killing_myself", "feels_life_not_worth_living", "thoughts_of_suicide"),
    *("life_not_worth_living", "no_will_to_live", "wish_to_die", "deliberate_self_harm"),
    *("does_not_want_to_live", "better_off_dead", "suicidal_ideation", "plans_to_end_own_life"),
    *("selbstmordgedanken", "suizidgedanken", "lebensmuede", "death_wish", "wants_to_end_it_all"),
)
NO_DESPAIR = (
    *("My back is killing me", "No thoughts of self-harm", "I am not suicidal", "My dog died"),
    *("I hurt myself lifting a box", "I want to live without pain", "It ended my holiday"),
    *(
        "Ich lebe allein",
        "Ich habe keine Suizidgedanken",
        "I do not want to die of cancer like others",
    ),
)


@pytest.mark.parametrize("before", [*BEFORE, *VOR[1:]])
def test_numb_where_one_sits_is_the_saddle(before: str) -> None:
    english = before in BEFORE
    pairs = product(NUMB, SADDLE) if english else product(TAUB, SATTEL)
    for numb, where in pairs:
        for text in (f"{numb} {where}", f"{where} {numb}"):
            said = {h.variable for h in heard(MODEL, before + text)}
            assert "saddle_numbness" in said, text
            assert "leg_numbness" not in said, text


@pytest.mark.parametrize("text", URGE)
def test_an_urge_that_is_not_felt_is_a_sign_of_the_bladder(text: str) -> None:
    said = {h.variable for h in heard(MODEL, text)}
    assert said & {"urinary_retention", "saddle_numbness"} and "leg_numbness" not in said


@pytest.mark.parametrize("text", NOWHERE)
def test_numbness_nowhere_in_particular_is_left_open(text: str) -> None:
    for before in BEFORE:
        assert "leg_numbness" not in {h.variable for h in heard(MODEL, before + text)}, before
        said = {h.variable for h in heard(MODEL, before + text)}
        assert unread(MODEL, before + text) or said & {"saddle_numbness", "urinary_retention"}


@pytest.mark.parametrize(
    "text",
    [
        "my leg is numb when I sit",
        "tingling in my left foot",
        "Mein Bein ist taub, beim Sitzen mehr",
    ],
)
def test_a_numb_leg_is_a_numb_leg(text: str) -> None:
    said = {h.variable for h in heard(MODEL, text)}
    assert "leg_numbness" in said and "saddle_numbness" not in said


@pytest.mark.parametrize("text", DESPAIR)
def test_wanting_to_die_is_heard_in_any_words(text: str) -> None:
    for told in (text, f"Low back pain. {text}.", f"{text}, and my back hurts."):
        assert "named_condition" in {h.variable for h in heard(MODEL, told)}, told
    facts = {"low_back_pain": True, "told": text}
    assert assess(MODEL, {"facts": facts}).triage.level == "emergency_now"


@pytest.mark.parametrize("name", DESPAIR_NAMES)
def test_wanting_to_die_is_understood_under_any_name(name: str) -> None:
    assert assess(MODEL, {"facts": {"back_pain": True, name: True}}).triage.level == "emergency_now"


@pytest.mark.parametrize("text", NO_DESPAIR)
def test_what_is_no_wish_to_die_is_not_heard_as_one(text: str) -> None:
    assert "named_condition" not in {h.variable for h in heard(MODEL, text)}
