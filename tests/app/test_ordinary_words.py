"""Ordinary words leave nothing open; a danger told in odd words never passes for read."""

from __future__ import annotations

import pytest

from lumbayes.app.own_words import heard, unread
from lumbayes.knowledge.model import load_model

MODEL = load_model()
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


@pytest.mark.parametrize("text", DANGER)
@pytest.mark.parametrize("before", ["", "Lower back pain 4/10 on the left. ", "I run, "])
def test_odd_words_are_heard_or_stay_open(before: str, text: str) -> None:
    calm = {one.variable for one in heard(MODEL, before + "x")} | {"low_back_pain"}
    new = {one.variable for one in heard(MODEL, before + text)} - calm
    assert new or unread(MODEL, before + text)
