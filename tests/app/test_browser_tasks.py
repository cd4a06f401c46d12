"""Five tasks from the first screen to the printed page, with the screens counted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from app_person import Person, anyone

from lumbayes.app import texts, what_if
from lumbayes.app.share import to_code
from lumbayes.knowledge.model import load_model

pytestmark = pytest.mark.browser
someone = pytest.fixture(anyone)
at_desk = pytest.fixture(anyone)
BOTH = pytest.mark.parametrize(
    "someone", [("desktop", "light"), ("phone", "light")], ids="-".join, indirect=True
)
PHONE = pytest.mark.parametrize("someone", [("phone", "light")], ids="-".join, indirect=True)
MOST = 12  # screens until the advice is firm, own words and their confirmation included


def tell(person: Person, words: str) -> int:
    """Open the app, say something in own words and confirm it; the screens seen."""
    person.open()
    person.page.get_by_label(texts.WORDS_LABEL).fill(words)
    person.button(texts.NEXT_SCREEN).click()
    person.settle()
    person.button(texts.CONFIRM_YES).click()
    person.settle()
    return 2


def heading(person: Person) -> str:
    return person.page.locator(".st-key-asking h2").first.inner_text()


def walk_on(person: Person, answers: dict[str, str], screens: int) -> int:
    """Go on through the screens of warning signs, nothing ticked but what is given."""
    while screens < MOST:
        shown = person.page.locator(".st-key-asking")
        for question, answer in answers.items():
            group = shown.get_by_role("radiogroup", name=question)
            if group.count():
                group.get_by_role("radio", name=answer, exact=True).click()
                person.settle()
        for name in (texts.SIGNS_NONE, texts.SIGNS_NO_OTHERS, texts.NEXT_SCREEN):
            if person.button(name).count():
                person.button(name).click()
                person.settle()
                screens += 1
                break
        else:
            break
    return screens


def firm(person: Person) -> str:
    """The level of the card on the results, which must be firm: nothing "so far", nothing open."""
    person.go("Results")
    card = person.page.get_by_test_id("stMain").locator(".lb.care").first
    level = str(card.get_attribute("class")).split()[-1]
    assert card.locator(".level").inner_text().upper() == texts.LEVEL_PREFIX[level].upper()
    shown = person.text().lower()
    assert texts.ADVICE_SO_FAR.lower() not in shown
    assert "could change" not in shown
    assert person.button(texts.UNREAD_SETTLE).count() == 0
    return level


def printed(person: Person, folder: Path) -> str:
    """What stands on paper; the browser makes a PDF of it as well."""
    file = folder / "page.pdf"
    person.page.pdf(path=file, print_background=True)
    assert file.read_bytes().startswith(b"%PDF")
    person.page.emulate_media(media="print")
    words = person.page.locator("body").inner_text()
    person.page.emulate_media(media="screen")
    return re.sub(r"\s+", " ", words)


def test_an_office_worker_who_runs(at_desk: Person, tmp_path: Path) -> None:
    screens = tell(
        at_desk,
        "I am 41, male, I sit at a desk all day and I run. My lower back hurts since two weeks,"
        " worse when I sit.",
    )
    screens = walk_on(at_desk, {}, screens)
    assert screens <= MOST
    at_desk.shot("task-office")
    assert firm(at_desk) == "self_care_exercises"
    at_desk.go("Exercises")
    at_desk.page.get_by_role("checkbox").first.check()
    at_desk.go("Report")
    assert at_desk.sheets(tmp_path / "a4.pdf", "A4") == at_desk.sheets(tmp_path / "us.pdf") == 1
    words = printed(at_desk, tmp_path)
    assert texts.LEVEL_PREFIX["self_care_exercises"].lower() in words.lower()
    assert texts.ADVICE_SO_FAR.lower() not in words.lower()


@PHONE
def test_twenty_eight_weeks_pregnant(someone: Person) -> None:
    screens = tell(someone, "I'm 29, sciatica since Monday, 28 weeks pregnant")
    screens = walk_on(someone, {}, screens)
    assert screens <= MOST
    assert someone.page.get_by_test_id("stBottom").locator("details").is_visible()
    someone.page.get_by_test_id("stBottom").locator("summary").click()
    someone.shot("task-pregnant")
    someone.page.get_by_test_id("stBottom").locator("summary").click()  # open, it covers buttons
    assert someone.faults() == []
    assert someone.fits()
    assert firm(someone) == "routine_physician"  # pain below the knee
    someone.go("Exercises")
    assert "pregnan" in someone.text().lower()


@PHONE
def test_saddle_numbness_and_retention(someone: Person) -> None:
    """Two screens to the red card; nothing else is offered; the sheet can be printed."""
    assert tell(someone, "since yesterday I'm numb when I wipe and it is hard to pee") == 2
    assert texts.HAND_OVER in someone.text()
    for page in ("Results", "What if", "Exercises", "Report", "Questions"):
        someone.go(page)
        words = someone.text()
        assert "Do not drive yourself." in words
        assert not re.search(r"\d in 1\d\d|%", words)
    someone.shot("task-emergency")
    assert someone.faults() == []


@PHONE
def test_what_was_not_understood_is_settled_beside_the_advice(someone: Person) -> None:
    """One touch, with the words in question above it, and the advice is firm."""
    odd = "My knee makes odd noises"
    screens = tell(someone, f"My lower back hurts since Monday. {odd}. I am 43, male.")
    assert walk_on(someone, {}, screens) <= MOST
    box = someone.page.locator("[class*=st-key-no_print_settle]").last
    assert odd in box.inner_text()
    assert box.get_by_text(odd).is_visible()
    someone.button(texts.UNREAD_SETTLE).last.click()
    someone.settle()
    assert firm(someone) == "self_care_exercises"


def test_the_sheet_of_an_emergency_prints(at_desk: Person, tmp_path: Path) -> None:
    tell(at_desk, "numb between my legs")
    words = printed(at_desk, tmp_path)
    assert at_desk.sheets(tmp_path / "sheet.pdf") == 1
    assert texts.HAND_OVER in words
    assert texts.START_AGAIN not in words
    assert "Numb saddle area" in words


def test_a_physiotherapist_with_four_tests(at_desk: Person, tmp_path: Path) -> None:
    at_desk.open("/?view=clinician")
    at_desk.go("Tests")
    for words, answer in (
        ("lasègue", "Positive"),
        ("slump", "Positive"),
        ("patrick", "Negative"),
        ("trendelenburg", "Negative"),
    ):
        search = at_desk.page.get_by_label(texts.expert.TESTS_SEARCH)
        search.fill(words)
        search.press("Enter")
        at_desk.settle()
        first = at_desk.page.locator("tr[data-test]").first
        first.get_by_role("button", name=answer, exact=True).click()
        at_desk.settle()
    notes = at_desk.page.get_by_test_id("stCode").inner_text()
    assert "Straight-leg raise" in notes
    assert "Provisional" in notes  # no warning sign was asked: never firm by tests alone
    at_desk.go("Results")
    card = at_desk.page.get_by_test_id("stMain").locator(".lb.care").first
    assert card.locator("h2").inner_text() == texts.PROVISIONAL
    assert texts.ASK_AGAIN in at_desk.text()
    at_desk.go("Tests")
    at_desk.page.locator("tr[data-test] .sources").first.click()
    at_desk.page.get_by_role("columnheader", name="Source", exact=True).wait_for()
    at_desk.shot("task-tests")
    assert at_desk.faults() == []
    assert at_desk.sheets(tmp_path / "notes.pdf") == 1
    words = printed(at_desk, tmp_path)
    assert "Summary for the notes" in words
    assert texts.expert.TESTS_SEARCH not in words
    at_desk.go("Report")
    sheets = (at_desk.sheets(tmp_path / "a4.pdf", "A4"), at_desk.sheets(tmp_path / "us.pdf"))
    assert sheets == (1, 1)


@PHONE
def test_what_if_i_sat_less(someone: Person) -> None:
    """Own words, their confirmation, and one touch on the page of what-if."""
    screens = tell(
        someone, "my low back hurts for four months, I sit at a desk all day, I am 50, woman"
    )
    assert walk_on(someone, {}, screens) <= MOST
    assert firm(someone) == "self_care_exercises"
    someone.go("What if")
    someone.page.get_by_text(what_if.quick(load_model())["sitting"]).click()
    someone.settle()
    answer = someone.page.locator(".st-key-if_answer")
    assert what_if.quick(load_model())["sitting"] in answer.inner_text()
    assert "people like you" in answer.inner_text()
    assert someone.faults() == []
    someone.shot("task-what-if")


@BOTH
def test_every_screen_begins_at_its_heading_and_takes_no_second_press(someone: Person) -> None:
    """By keys alone through all screens, each pressed twice; touched twice on the phone."""
    someone.open()
    page, seen = someone.page, [heading(someone)]
    names = (
        texts.WORDS_SKIP,
        texts.SIGNS_NONE,
        texts.SIGNS_NO_OTHERS,
        texts.SKIP,
        texts.NEXT_SCREEN,
    )
    while len(seen) < 40:
        name = next((n for n in names if someone.button(n).count()), None)
        if name is None:
            break
        button = someone.button(name)
        if someone.size == "phone":
            button.evaluate("button => button.scrollIntoView({block: 'center'})")
            box = button.bounding_box()
            assert box
            for wait in (400, 0):
                page.touchscreen.tap(box["x"] + 20, box["y"] + 10)
                page.wait_for_timeout(wait)
        else:
            button.focus()
            for wait in (400, 0):
                page.keyboard.press("Enter")
                page.wait_for_timeout(wait)
        page.wait_for_function(
            "was => document.querySelector('.st-key-asking h2')?.innerText !== was", arg=seen[-1]
        )
        someone.settle()
        page.wait_for_timeout(300)
        here = heading(someone)
        focus = "document.activeElement.innerText || document.activeElement.outerHTML"
        assert page.evaluate(focus) == here
        seen.append(here)
    assert texts.DONE_TITLE in seen[-1]
    assert len(set(seen)) >= 8, seen  # a title may come again, with other signs


def test_back_moves_inside_the_app_and_next_shows_the_top(at_desk: Person) -> None:
    at_desk.open()
    at_desk.button(texts.WORDS_SKIP).click()
    at_desk.settle()
    where = heading(at_desk)
    at_desk.button(texts.SIGNS_NONE).click()
    at_desk.settle()
    assert heading(at_desk) != where
    at_desk.page.wait_for_timeout(700)
    focus = at_desk.page.evaluate("document.activeElement.innerText")
    assert focus == heading(at_desk)
    top = at_desk.page.locator(".st-key-asking").bounding_box()
    assert top
    assert -5 <= top["y"] < 400
    at_desk.page.go_back()
    at_desk.settle()
    assert heading(at_desk) == where


def test_the_answer_stays_in_sight_on_a_desk(at_desk: Person) -> None:
    at_desk.open("/?way=form")
    at_desk.answer("Do you have a fever", "No")
    at_desk.page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 2500)")
    at_desk.page.wait_for_timeout(300)
    box = at_desk.page.locator(".st-key-answer_side").bounding_box()
    assert box
    assert 0 <= box["y"] < 200


def test_paper_holds_all_weeks_and_nothing_to_press(at_desk: Person, tmp_path: Path) -> None:
    at_desk.open(f"/?s={to_code({'findings': {'low_back_pain': 'yes', 'sitting': 'over_8h'}})}")
    pressed = ".stButton, .stButtonGroup, .stCheckbox, .stDownloadButton, details:not([open])"
    for page in ("Questions", "Results", "What if", "Exercises", "Report"):
        at_desk.go(page)
        assert at_desk.sheets(tmp_path / "page.pdf", "A4") <= 2, page
        at_desk.page.emulate_media(media="print")
        shown = [e for e in at_desk.page.locator(pressed).all() if e.is_visible()]
        assert not shown, page
        if page == "Exercises":
            words = at_desk.page.get_by_test_id("stMain").inner_text()
            assert all(f"Weeks {weeks}" in words for weeks in ("1 to 2", "3 to 5", "6 to 8"))
            assert at_desk.page.locator(".how img").first.is_visible()
        at_desk.page.emulate_media(media="screen")
