"""Every page as a person sees it: desk and phone, light and dark, both depths and languages."""

from __future__ import annotations

import pytest
from app_person import Person, anyone

from lumbayes.app import frame, pages, texts
from lumbayes.app.share import to_code

pytestmark = pytest.mark.browser
someone = pytest.fixture(anyone)
PATHS = (*pages.FOR_PATIENTS, *frame.MORE)
LOOKS = [("desktop", "light"), ("desktop", "dark"), ("phone", "light"), ("phone", "dark")]
# Each look with another reader: each depth meets both sizes and both schemes, German both sizes.
VIEWS = ("lang=de", "view=clinician", "view=clinician&lang=de", "view=patient")
READERS = dict(zip(LOOKS, VIEWS, strict=True))
SOMEONE = {"low_back_pain": "yes", "buttock_pain": "one_side", "leg_pain": "below_knee"} | {
    "duration": "over_12w",
    "age_band": "45_59",
    "sex": "female",
    "sitting": "over_8h",
}


@pytest.mark.parametrize("someone", LOOKS, ids="-".join, indirect=True)
def test_every_page_can_be_read_by_everyone(someone: Person) -> None:
    """No fault found by axe, nothing to scroll sideways, also at 200 %, and nothing moves."""
    reader = READERS[someone.size, someone.scheme]
    faults, wide = {}, []
    code = to_code({"findings": SOMEONE})
    for path in (*PATHS, *(["tests"] if "clinician" in reader else [])):
        someone.open(f"/{'' if path == 'assess' else path}?{reader}&s={code}")
        if path == "what-if":
            someone.page.locator("[class*=st-key-if_quick]").get_by_role("button").first.click()
            someone.settle()
        found = someone.faults()
        if found:
            faults[path] = found
        if not someone.fits():
            wide.append(path)
        if not someone.fits(zoom=2):
            wide.append(f"{path} at 200 %")
        assert someone.page.evaluate("document.getAnimations().length") == 0, path
        someone.shot(path)
    assert not faults, faults
    assert not wide, wide


@pytest.mark.parametrize("someone", LOOKS[::3], ids="-".join, indirect=True)
def test_an_emergency_stays_in_sight_on_every_page(someone: Person) -> None:
    someone.open("/?way=form")
    someone.answer("Is the area you would sit on in a saddle", "Yes")
    for path in PATHS:
        if path != "assess":
            someone.go(texts.patient.PAGES[path])
        banner = someone.page.get_by_test_id("stBottom").get_by_role("alert")
        assert texts.EMERGENCY_TITLE in banner.inner_text()
        box = banner.bounding_box()
        size = someone.page.viewport_size
        assert box and size and 0 < box["y"] < size["height"] - 20
        assert box["height"] < 0.25 * size["height"]
    someone.shot("emergency")
    assert someone.faults() == []


def test_every_test_of_the_workbench_is_one_line(someone: Person) -> None:
    """All of them in one table of about 50 px a line, none cut at either edge."""
    someone.open("/tests?view=clinician")
    table = someone.page.locator("table.list")
    table.wait_for()
    rows = table.locator("tr[data-test]")
    box = table.bounding_box()
    assert rows.count() > 40
    assert box and box["height"] < 52 * rows.count()
    assert {"LR+", "LR−", "Sens.", "Spec."} <= set(table.locator("th").all_inner_texts())


@pytest.mark.parametrize("speech", ["en", "de"])
def test_the_picture_of_the_network_is_whole_at_rest(someone: Person, speech: str) -> None:
    """No box stands outside the frame or under the titles, and no name runs into its chance."""
    someone.open(f"/why?view=clinician&lang={speech}&s={to_code({'findings': SOMEONE})}")
    someone.page.locator("[data-id]").first.wait_for()
    clashes, outside, heads = someone.page.locator(".frame").first.evaluate(
        """frame => {
        const box = (of) => of.getBoundingClientRect();
        const nodes = [...frame.querySelectorAll('.node')];
        const whole = box(frame);
        const low = Math.max(...[...frame.querySelectorAll('.head')].map((h) => box(h).bottom));
        return [
          nodes.filter((n) => box(n.querySelector('.name')).right
            > box(n.querySelector('.value')).left),
          nodes.filter((n) => { const b = box(n.querySelector('.box'));
            return b.top < whole.top || b.bottom > whole.bottom || b.right > whole.right; }),
          nodes.filter((n) => box(n.querySelector('.box')).top < low),
        ].map((list) => list.map((n) => n.dataset.id)); }"""
    )
    assert (clashes, outside, heads) == ([], [], [])
    tree = someone.page.locator(".frame").first.aria_snapshot()
    assert all(f"{name}" in tree for name in ("group", "button", "[pressed]"))
