"""Own words: whose a thing is, when it was, and what is only feared or asked."""

from __future__ import annotations

import pytest

from lumbayes.app.own_words import heard, unread
from lumbayes.knowledge.model import load_model

MODEL = load_model()
HISTORIES = ("cancer", "osteoporosis", "an aneurysm", "steroid tablets", "a transplant")


def said(text: str) -> dict[str, str]:
    return {one.variable: one.state for one in heard(MODEL, text)}


@pytest.mark.parametrize("what", HISTORIES)
@pytest.mark.parametrize(
    "form",
    [
        "my father had {}",
        "My mother has {}.",
        "Back pain. My 80 year old aunt had {} and a hip fracture",
        "mein Vater hatte {}",
    ],
)
def test_what_others_have_is_not_heard(form: str, what: str) -> None:
    told = said(form.format(what))
    assert set(told) <= {"low_back_pain"}, told


@pytest.mark.parametrize(
    "text",
    [
        "I am scared of cancer",
        "I worry about cancer",
        "Is it cancer?",
        "Could it be cancer?",
        "my doctor ruled out cancer",
        "Habe ich Krebs?",
        "Ich habe Angst vor Krebs",
        "Am I pregnant?",
        "Could it be cauda equina?",
    ],
)
def test_a_fear_or_a_question_is_no_history_and_is_quoted_back(text: str) -> None:
    assert not said(text)
    assert unread(MODEL, text)


@pytest.mark.parametrize("span", ["for 10 years", "since 10 years", "10 years ago"])
@pytest.mark.parametrize(
    "what", ["I injected heroin", "I had breast cancer", "I took steroids", "I take ramipril"]
)
def test_a_span_belongs_to_what_it_stands_with(what: str, span: str) -> None:
    """Since when something else is there is not since when it hurts."""
    assert "duration" not in said(f"{what} {span}. Constant back pain")
    assert said(f"Back pain for 3 days. {what} {span}")["duration"] == "under_6w"
    assert said(f"Back pain {span}")["duration"] == "over_12w"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("My foot fell asleep", {"leg_numbness": "yes"}),
        ("I could be pregnant", {"could_be_pregnant": "yes"}),
        ("my upper back hurts", {"thoracic_pain": "yes"}),
        ("I'm afraid I can't pee", {"urinary_retention": "yes"}),
        ("Since I lifted my son my back hurts", {"low_back_pain": "yes"}),
        ("no numbness, tingling or weakness in my leg", {}),
    ],
)
def test_words_are_heard_as_meant(text: str, found: dict[str, str]) -> None:
    told = said(text)
    assert {n: s for n, s in told.items() if n != "onset"} == found


@pytest.mark.parametrize(
    ("mild", "grave", "variable"),
    [
        ("short of breath", "chest pain", "chest_or_breath"),
        ("my left leg is weak", "both legs are weak", "leg_weakness"),
        ("I had a small fall", "I had a car crash", "trauma"),
    ],
)
def test_of_two_answers_heard_the_graver_counts(mild: str, grave: str, variable: str) -> None:
    """In any order."""
    alone = said(grave)[variable]
    for text in (f"{mild}, {grave}", f"{grave}. {mild}", f"{mild} and now {grave}"):
        assert said(text)[variable] == alone, text
