"""Ordinary words leave nothing open; a danger told in odd words never passes for read.

Who has no warning sign has firm advice within twelve screens; who tells of one is never sent home.
"""

from __future__ import annotations

from typing import Any

import pytest
from well_told import NOW, SIGNS, SIGNS_DE, WELL, WELL_DE

from lumbayes.app.beside import remarks_in
from lumbayes.app.interview import steps
from lumbayes.app.own_words import heard, unread
from lumbayes.cases.case import understand
from lumbayes.knowledge.anchors import AGE, UNDER_18
from lumbayes.knowledge.model import load_model
from lumbayes.triage.care_level import care_level
from lumbayes.triage.judgement import Advice, judge
from lumbayes.triage.reader import load_rules
from lumbayes.triage.rules import NOT_UNDERSTOOD, rank
from lumbayes.triage.warning_signs import screen_answers, screens_left

MODEL = load_model()
RULES = load_rules(MODEL.folder)
CHOSEN = {"age_band": "30_44", "sex": "male", "low_back_pain": "yes", "duration": "under_6w"}
ORDINARY = """I am 41, male, I sit at a desk all day and I run. My lower back hurts since two weeks.
The pain is 6 out of 10, lower back, for 2 weeks
Back pain about 4/10 on the left
I work in an office, my back aches
I am otherwise healthy. Low back pain since Monday
Lower back ache for 3 days after gardening
I am a nurse and my back hurts after long shifts
I'm a teacher, 35, dull ache in my lower back on the right side, comes and goes
I drive a lorry, back stiff in the mornings
I play tennis twice a week, my back is sore afterwards
Football player, 22, lower back pain for a month, 5/10
Swimming helps. Lower back pain.
I'm a builder, 50, back pain after lifting bricks
Retired, 68, back pain after housework
Back pain since Friday, worse after sitting
I cycle to work and my lower back aches
Ich bin 41, sitze den ganzen Tag im Büro, Kreuzschmerzen seit zwei Wochen, Stärke 5 von 10
Rückenschmerzen links seit 3 Tagen nach der Gartenarbeit
Ich bin Lehrerin, 35, sonst gesund. Rückenschmerzen seit einem Monat
28. Woche schwanger, Rückenschmerzen
Ich jogge gern und mein Rücken tut weh, Stärke 4/10
Ich arbeite als Maurer, Rückenschmerzen rechts
Rückenschmerzen seit Montag, schlimmer nach langem Sitzen""".split("\n")
DANGER = """I dribble without noticing
my feet flop when I walk
sheets soaked every night
there is a whooshing lump in my belly
I am a nurse, down there it is all dead
after gardening I leave puddles
after work everything between my thighs is like cotton wool
I can't sit
I can't work
I came off my bike
I fell after football
the loo comes too late
clothes hang off me
running down my legs
I stand and my legs give way
I no longer feel when I sit on the toilet
untenrum alles taub
ich merke nicht mehr, wenn ich muss
ich kann nicht mehr stehen
beim Putzen läuft es mir einfach weg
vom Rad gestürzt
nachts alles nass""".split("\n")


@pytest.mark.parametrize("text", ORDINARY)
def test_work_sport_side_and_strength_leave_nothing_open(text: str) -> None:
    assert unread(MODEL, text) == ()


@pytest.mark.parametrize(
    "text", ["Seit ungefähr vier Monaten ziehen im unteren Rücken", "for two weeks tennis"]
)
def test_since_when_never_passes_in_silence(text: str) -> None:
    assert heard(MODEL, text) or unread(MODEL, text)


@pytest.mark.parametrize("text", DANGER)
@pytest.mark.parametrize("before", ["", "Lower back pain 4/10 on the left. ", "I run, "])
def test_odd_words_are_heard_or_stay_open(before: str, text: str) -> None:
    calm = {one.variable for one in heard(MODEL, before + "x")} | {"low_back_pain"}
    new = {one.variable for one in heard(MODEL, before + text)} - calm
    assert new or unread(MODEL, before + text)


def told(text: str) -> dict[str, Any]:
    """The case that the words make once all that was heard is confirmed."""
    found = {one.variable: one.state for one in heard(MODEL, text)}
    minor = found.get(AGE) == UNDER_18
    if minor:
        found[AGE] = "18_29"
    score = remarks_in(text).get("severity")
    if score:
        by_score = understand(MODEL, {"facts": {"pain_score": int(score)}})
        found |= {n: s for n, s in by_score.findings.items() if n not in by_score.assumed}
    return {"findings": found, "likelihoods": {}, "minor": minor, "unclear": [*unread(MODEL, text)]}


def none_of_these(case: dict[str, Any]) -> int:
    """Deny all that the screens of warning signs ask, choose where there is a choice; screens."""
    screens, passed = 2, list[str]()  # own words, and their confirmation
    while left := screens_left(MODEL, understand(MODEL, case), passed):
        screens += 1
        assert screens < 2 * steps.ENOUGH
        if left[0].any_of:
            for part, answers in screen_answers(MODEL, left[0], {}).items():
                case[part] |= answers
            continue
        for name in (sign.variable for sign in left[0].signs):
            if name in case["findings"]:
                passed.append(name)
            else:
                case["likelihoods"].pop(name, None)
                case["findings"][name] = CHOSEN.get(name, MODEL.variables[name].states[0])
    return screens


def advice(case: dict[str, Any]) -> Advice:
    return care_level(MODEL, understand(MODEL, case))


@pytest.mark.parametrize("text", WELL + WELL_DE)
def test_who_is_well_has_firm_advice_within_twelve_screens(text: str) -> None:
    """What was not understood can be settled by one touch: no word of danger is in it."""
    case = told(text)
    screens = none_of_these(case)
    case["unclear"] = [part for part in case["unclear"] if RULES.smells(part)]
    found = advice(case)
    assert not found.provisional, (case["unclear"], found.ask_again, found.contradictions)
    assert rank(found.level) >= 2
    assert NOT_UNDERSTOOD not in found.rules
    assert screens <= steps.ENOUGH


def test_nine_of_ten_who_are_well_are_understood_to_the_last_word() -> None:
    open_ = [text for text in WELL + WELL_DE if unread(MODEL, text)]
    assert len(open_) <= len(WELL + WELL_DE) / 10, open_


@pytest.mark.parametrize(("text", "least"), SIGNS + SIGNS_DE)
@pytest.mark.parametrize(
    "form",
    ["{}", "I sit at a desk all day, 44. {}", "{} I play tennis on Sundays.", "Ich jogge gern. {}"],
)
def test_who_tells_of_a_sign_has_at_least_its_level_at_once(
    text: str, least: str, form: str
) -> None:
    """By the rules alone; what a probability adds can only raise the level."""
    case = told(form.format(text))
    found = judge(RULES, RULES.known(case["findings"]), minor=case["minor"])
    assert rank(found.level) <= rank(least)


@pytest.mark.parametrize(("text", "least"), [s for s in SIGNS + SIGNS_DE if s[1] == NOW])
def test_no_screen_takes_back_what_was_told(text: str, least: str) -> None:
    case = told(text)
    none_of_these(case)
    assert rank(advice(case).level) <= rank(least)


@pytest.mark.parametrize(
    "text",
    [
        "28. Woche schwanger, Rückenschmerzen",
        "28 weeks pregnant",
        "Kreuzschmerzen, 3. Tag",
        "5/10, 2",
    ],
)
def test_a_week_or_a_strength_is_no_age(text: str) -> None:
    assert AGE not in told(text)["findings"]


@pytest.mark.parametrize("age", [10, 16, 17])
def test_who_is_under_age_is_heard_as_such(age: int) -> None:
    for text in (f"I'm {age} and my back hurts", f"back pain, {age}, female", f"Ich bin {age}"):
        assert told(text)["minor"], text
    assert not told("My 3 year old is heavy, I'm 33, my back hurts")["minor"]


@pytest.mark.parametrize(
    ("text", "remarks"),
    [
        ("the pain right back again after a week", {}),
        ("Dull ache right across my back", {}),
        ("pain down the right leg, today it's a 3", {"side": "right", "severity": "3"}),
        ("On a scale of 1 to 10 it's a six, left side", {"side": "left", "severity": "6"}),
        ("Auf einer Skala von 0 bis 10 etwa 4, rechts", {"side": "right", "severity": "4"}),
        ("Sometimes left, sometimes right", {}),
    ],
)
def test_side_and_strength_are_taken_where_they_are_meant(
    text: str, remarks: dict[str, str]
) -> None:
    assert remarks_in(text) == remarks


@pytest.mark.parametrize(
    ("text", "heard_as"),
    [
        ("back pian after excercise", "low_back_pain"),
        ("rückenschmerzn seit gestern", "low_back_pain"),
        ("incontinenec since monday", "urinary_incontinence"),
        ("a tumr in my back", None),
    ],
)
def test_slips_are_read_and_stay_open_where_they_may_mean_two_things(
    text: str, heard_as: str | None
) -> None:
    found = {one.variable for one in heard(MODEL, text)}
    assert heard_as in found or (heard_as is None and unread(MODEL, text))


@pytest.mark.parametrize("text", ["Back pain, worse when I sit. No fever. I am 43.", "kein Fieber"])
def test_a_denied_fever_leaves_nothing_open_and_is_asked_all_the_same(text: str) -> None:
    assert unread(MODEL, text) == ()
    assert "fever" not in {one.variable for one in heard(MODEL, text)}
