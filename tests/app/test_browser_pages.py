"""Every page as a person sees it: desk and phone, light and dark."""

from __future__ import annotations

import pytest
from app_person import Person, anyone

from lumbayes.app import frame, pages, texts, texts_patient, what_if
from lumbayes.knowledge.model import load_model

pytestmark = pytest.mark.browser
someone = pytest.fixture(anyone)
PATHS = (*pages.FOR_PATIENTS, *frame.MORE)
LOOKS = [("desktop", "light"), ("desktop", "dark"), ("phone", "light"), ("phone", "dark")]


@pytest.mark.parametrize("someone", LOOKS, ids="-".join, indirect=True)
def test_every_page_can_be_read_by_everyone(someone: Person) -> None:
    """No fault found by axe, nothing to scroll sideways, a picture of each to be looked at."""
    someone.open()
    faults, wide = {}, []
    someone.example(texts.FEW_EXAMPLES["C03"])
    for path in PATHS:
        if path != "assess":
            someone.go(texts_patient.PAGES[path])
        if path == "what-if":
            someone.page.get_by_text(what_if.quick(load_model())["gmed_weak"]).click()
            someone.settle()
        found = someone.faults()
        if found:
            faults[path] = found
        if not someone.fits():
            wide.append(path)
        someone.shot(path)
    someone.open("/tests?view=clinician")
    assert someone.faults() == []
    assert someone.fits()
    someone.shot("tests")
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
