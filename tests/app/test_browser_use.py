"""The app in use: by keyboard alone, printed, saved, shared, reloaded, cut off."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from app_person import Person, anyone
from playwright.sync_api import expect

from lumbayes.app import texts
from lumbayes.app.share import to_code

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
at_desk = pytest.fixture(anyone)
someone = pytest.fixture(anyone)
BOTH = pytest.mark.parametrize(
    "someone", [("desktop", "light"), ("phone", "light")], ids="-".join, indirect=True
)
SADDLE = "Is the area you would sit on in a saddle"
FEVER = "Do you have a fever"
EXPECTING = {"low_back_pain": "yes", "pregnancy": "pregnant", "sex": "female", "age_band": "30_44"}
expect.set_options(timeout=20_000)


def tab_to(page: Any, wanted: str, kind: str = "*", most: int = 150) -> None:
    """Press Tab until something of a kind (a CSS selector) with this name has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        name = page.evaluate(
            "kind => { let e = document.activeElement;"
            " while (e?.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;"
            " if (!e?.matches(kind)) return '';"
            " return (e.getAttribute('aria-label') || e.closest('[role=radiogroup]')"
            "?.getAttribute('aria-label') || '') + ' ' + (e.innerText || '') }",
            kind,
        )
        if wanted in name:
            return
    pytest.fail(f"{wanted!r} was not reached by Tab")


def test_from_the_first_question_to_the_report_by_keyboard_alone(at_desk: Person) -> None:
    at_desk.open("/?way=form")
    page = at_desk.page
    tab_to(page, FEVER, "[role=radio], input[type=radio]")
    page.keyboard.press("Space")
    at_desk.settle()
    assert "(1)" in at_desk.text()
    page.evaluate("document.activeElement?.blur(); window.getSelection()?.removeAllRanges()")
    tab_to(page, "Report", "a")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    at_desk.settle()
    assert page.get_by_role("heading", level=1).inner_text() == texts.REPORT_TITLE
    tab_to(page, texts.REPORT_DOWNLOAD)
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert "<html" in Path(download.value.path()).read_text(encoding="utf-8")


@BOTH
def test_the_map_and_the_buttons_follow_each_other(someone: Person) -> None:
    someone.open("/?way=form")
    page = someone.page
    page.get_by_text("2. Where it hurts").click()
    someone.settle()
    place = page.get_by_role("checkbox", name="Low back", exact=True)
    place.focus()
    page.keyboard.press("Space")
    someone.settle()
    assert place.get_attribute("aria-checked") == "true"
    question = page.get_by_role("radiogroup", name="Does your low back hurt?")
    expect(question.get_by_role("radio", name="Yes", exact=True)).to_be_checked()
    someone.answer("Does your low back hurt?", "No")
    assert place.get_attribute("aria-checked") == "false"
    assert someone.page.get_by_role("status").inner_text().startswith("Now most likely")
    someone.shot("map")


def test_the_network_can_be_walked_with_arrow_keys(at_desk: Person) -> None:
    at_desk.open("/?way=form")
    at_desk.go("Why")
    page = at_desk.page
    box = page.locator("[data-id][aria-pressed=true]")
    first = box.get_attribute("data-id")
    box.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    at_desk.settle()
    chosen = page.locator("[data-id][aria-pressed=true]")
    assert chosen.get_attribute("data-id") != first
    assert (
        page.evaluate(
            "() => { let e = document.activeElement;"
            " while (e?.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;"
            " return e?.getAttribute('aria-pressed') }"
        )
        == "true"
    )


def test_the_report_prints_with_its_text_and_without_buttons(
    at_desk: Person, tmp_path: Path
) -> None:
    at_desk.open("/?way=form")
    at_desk.example(texts.FEW_EXAMPLES["C03"])
    at_desk.go("Report")
    file = tmp_path / "report.pdf"
    assert at_desk.sheets(file) == 1
    if shutil.which("pdftotext"):
        done = subprocess.run(
            ["pdftotext", str(file), "-"], capture_output=True, text=True, check=True
        )
        words = re.sub(r"\s+", " ", done.stdout)
        assert "Make an appointment with a doctor" in words
        assert "not a diagnosis" in words
        assert texts.REPORT_DOWNLOAD not in words
        assert words.index("Make an appointment") < words.index("What it could be")


@BOTH
def test_answers_are_saved_and_opened_again(someone: Person, tmp_path: Path) -> None:
    someone.open("/?way=form")
    someone.answer(FEVER, "No")
    someone.go("Report")
    with someone.page.expect_download() as download:
        someone.button(texts.SAVE_DOWNLOAD).click()
    file = tmp_path / "case.json"
    download.value.save_as(file)
    assert json.loads(file.read_text(encoding="utf-8"))["findings"]["fever"] == "no"
    someone.go("Questions")
    someone.button(texts.START_AGAIN).click()
    someone.settle()
    someone.go("Report")
    someone.page.locator("input[type=file]").set_input_files(file)
    someone.page.get_by_text(texts.SAVE_OPENED).wait_for()
    someone.go("Questions")
    group = someone.page.get_by_role("radiogroup", name=FEVER)
    expect(group.get_by_role("radio", name="No", exact=True)).to_be_checked()


def test_a_link_carries_the_answers_to_another_browser(
    browser: Browser, at_desk: Person, server: tuple[str, Path]
) -> None:
    at_desk.open("/?way=form")
    at_desk.answer(FEVER, "Yes")
    assert "s=" not in at_desk.page.url
    at_desk.go("Report")
    expect(at_desk.page.get_by_text(texts.SHARE_WARNING)).to_be_visible()
    at_desk.button(texts.SHARE_BUTTON).click()
    at_desk.settle()
    link = at_desk.page.get_by_test_id("stCode").inner_text().strip()
    assert link.startswith(server[0])
    context = browser.new_context()
    other = context.new_page()
    other.goto(link)
    other.get_by_text("All questions").click(timeout=20_000)
    other.get_by_role("radiogroup", name=FEVER).wait_for(timeout=20_000)
    yes = other.get_by_role("radiogroup", name=FEVER).get_by_role("radio", name="Yes", exact=True)
    expect(yes).to_be_checked()
    other.wait_for_function("!location.search.includes('s=')")
    context.close()


def test_a_broken_link_gives_a_message(at_desk: Person) -> None:
    at_desk.open("/?s=broken")
    assert "cannot be read" in at_desk.text()
    assert "s=" not in at_desk.page.url


@BOTH
def test_a_reload_keeps_the_answers_and_start_again_forgets_them(someone: Person) -> None:
    someone.open("/?way=form")
    someone.answer(FEVER, "No")
    someone.page.reload()
    someone.page.get_by_text(texts.RESTORED).wait_for(timeout=20_000)
    someone.page.get_by_text(texts.WAYS["form"]).click()
    group = someone.page.get_by_role("radiogroup", name=FEVER)
    expect(group.get_by_role("radio", name="No", exact=True)).to_be_checked()
    someone.settle()
    someone.button(texts.START_AGAIN).click()
    someone.settle()
    someone.page.reload()
    someone.page.get_by_role("heading", level=1).wait_for(timeout=20_000)
    someone.settle()
    assert texts.RESTORED not in someone.text()
    assert someone.page.evaluate("sessionStorage.length + localStorage.length") <= 1


def test_a_dropped_connection_loses_nothing(at_desk: Person) -> None:
    sockets: list[Any] = []

    def through(route: Any) -> None:
        sockets.append((route, route.connect_to_server()))

    at_desk.page.context.route_web_socket(re.compile("_stcore/stream"), through)
    at_desk.open("/?way=form")
    at_desk.answer(FEVER, "No")
    count = len(sockets)
    sockets[-1][0].close(code=4000)
    at_desk.page.wait_for_timeout(500)
    for _ in range(40):
        if len(sockets) > count:
            break
        at_desk.page.wait_for_timeout(250)
    at_desk.settle()
    at_desk.answer("Do you feel very ill", "No")
    assert "(2)" in at_desk.text()


def test_two_tabs_do_not_mix(browser: Browser, server: tuple[str, Path]) -> None:
    context = browser.new_context()
    pages = [context.new_page(), context.new_page()]
    for page, answer in zip(pages, ("Yes", "No"), strict=True):
        page.goto(f"{server[0]}/?way=form")
        group = page.get_by_role("radiogroup", name=FEVER)
        group.get_by_role("radio", name=answer, exact=True).click(timeout=20_000)
    for page, answer in zip(pages, ("Yes", "No"), strict=True):
        page.wait_for_timeout(400)
        group = page.get_by_role("radiogroup", name=FEVER)
        expect(group.get_by_role("radio", name=answer, exact=True)).to_be_checked()
    context.close()


def test_a_file_of_cases_comes_back_answered(at_desk: Person) -> None:
    at_desk.open("/?way=form")
    at_desk.go("Many cases")
    with at_desk.page.expect_download() as example:
        at_desk.button(texts.expert.MANY_EXAMPLE).click()
    at_desk.page.locator("input[type=file]").set_input_files(
        {
            "name": "cases.csv",
            "mimeType": "text/csv",
            "buffer": Path(example.value.path()).read_bytes() + b"\n",
        }
    )
    at_desk.button(texts.expert.MANY_RUN).click(timeout=20_000)
    at_desk.page.get_by_text("cases answered").wait_for(timeout=30_000)
    with at_desk.page.expect_download() as answers:
        at_desk.button(texts.expert.MANY_CSV).click()
    rows = Path(answers.value.path()).read_text(encoding="utf-8").splitlines()
    assert len(rows) == 9
    assert "level" in rows[0]
    at_desk.page.locator("input[type=file]").set_input_files(
        {"name": "big.csv", "mimeType": "text/csv", "buffer": b"fever\n" + b"yes\n" * 1_600_000}
    )
    at_desk.page.get_by_text("must be").wait_for(timeout=20_000)


def test_the_server_sends_its_headers_and_tells_nothing(server: tuple[str, Path]) -> None:
    url, log = server
    with urllib.request.urlopen(url) as answer:
        headers = {name.lower(): value for name, value in answer.headers.items()}
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "unsafe-eval" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    for path in ("/_stcore/metrics", "/_stcore/script-health-check"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(url + path)
    page = urllib.request.urlopen(url).read().decode()
    script = re.search(r'src="\.?(/static/js/[^"]+\.js)"', page)
    assert script
    asked = urllib.request.Request(url + script[1], headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(asked) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"{url}/static/../../../../etc/passwd.js")
    said = log.read_text()
    assert "GET" not in said
    assert "fever" not in said


@pytest.mark.parametrize("someone", [("phone", "light")], ids="-".join, indirect=True)
def test_the_week_of_exercises_is_short_on_a_phone_and_its_ticks_stay(someone: Person) -> None:
    someone.open("/exercises?lang=de&s=" + to_code({"findings": EXPECTING}))
    page = someone.page
    page.locator("details input").first.wait_for(state="attached")
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    assert height < 5_000
    every_day = page.locator(".week details[open]").first
    every_day.locator("input").first.check()
    assert " 1/" in every_day.locator("summary").inner_text()
    page.reload()
    page.locator("details input").first.wait_for(state="attached")
    assert page.locator(".week details[open] input").first.is_checked()
    someone.settle()
    page.locator("[class*=st-key-exercise_] summary").first.click()
    pictures = page.locator("[class*=st-key-exercise_] img")
    pictures.nth(1).wait_for()
    for at in (0, 1):  # start and end, each as wide as the screen lets it
        box = pictures.nth(at).bounding_box()
        assert box and box["width"] >= 300
        assert pictures.nth(at).get_attribute("alt")
    someone.shot("exercise-open")
    assert someone.faults() == []
