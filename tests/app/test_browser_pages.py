"""Every page as a person sees it: desk and phone, light and dark, both depths and languages."""

from __future__ import annotations

import pytest
from app_person import Person, anyone

from lumbayes.app import frame, pages, texts, texts_patient
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
            someone.go(texts_patient.PAGES[path])
        banner = someone.page.get_by_test_id("stBottom").get_by_role("alert")
        assert texts.EMERGENCY_TITLE in banner.inner_text()
        box = banner.bounding_box()
        size = someone.page.viewport_size
        assert box and size and 0 < box["y"] < size["height"] - 20
        assert box["height"] < 0.25 * size["height"]
    someone.shot("emergency")
    assert someone.faults() == []
