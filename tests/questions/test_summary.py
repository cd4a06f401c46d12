"""The page of one case: fixed output, what it must say, and nothing that a case could inject."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

import pytest

from lumbayes.cases.case import Case, parse_case, understand
from lumbayes.commands import plain as plain_data
from lumbayes.evaluation.worked_cases import evaluate, read_worked_cases
from lumbayes.knowledge.model import Model
from lumbayes.questions.assessment.page import NOT_A_DIAGNOSIS, STILL_OPEN
from lumbayes.questions.assessment.plain_words import in_words
from lumbayes.questions.assessment.report import Grid, Section, as_html, as_markdown, as_text
from lumbayes.questions.assessment.summary import (
    Assessment,
    assess,
    fixed_output,
    versions,
)
from lumbayes.triage.rules import LEVELS

PLAIN = {"low_back_pain": "yes", "slr": "positive", "sex": "female", "fever": "unsure"}
EMERGENCY = {"low_back_pain": "yes", "saddle_numbness": "yes"}
FIXED = {"triage", "differential", "must_not_miss", "imbalances", "findings", "warnings", "version"}


@pytest.fixture(scope="module")
def plain(model: Model) -> Assessment:
    return assess(model, parse_case(model, PLAIN), 40)


@pytest.fixture(scope="module")
def emergency(model: Model) -> Assessment:
    return assess(model, parse_case(model, EMERGENCY), 0, region="GB")


def test_the_output_has_the_fixed_keys(plain: Assessment) -> None:
    answer = plain.to_dict()
    assert set(answer) >= FIXED
    assert answer["triage"]["level"] in LEVELS
    assert all(isinstance(reason, str) for reason in answer["triage"]["reasons"])
    for part, name in (("differential", "condition"), ("must_not_miss", "condition")):
        for entry in answer[part]:
            assert set(entry) >= {name, "probability", "low", "high", "prior"}
            assert 0 <= entry["low"] <= entry["probability"] <= entry["high"] <= 1
    chances = [entry["probability"] for entry in answer["differential"]]
    assert len(chances) == 28 and chances == sorted(chances, reverse=True)
    ratios = [entry["ratio"] for entry in answer["must_not_miss"]]
    assert ratios == sorted(ratios, reverse=True)
    assert len(answer["imbalances"]) == 4 and "imbalance" in answer["imbalances"][0]
    assert answer["findings"] == {**PLAIN, "asks_for_care": "yes"}
    assert set(answer["version"]) == {"program", "data"}


def test_the_output_is_strict_json(plain: Assessment, emergency: Assessment) -> None:
    for answer in (plain, emergency):
        text = json.dumps(answer.to_dict(), allow_nan=False)
        assert json.loads(text) == plain_data(answer.to_dict())
    assert emergency.to_dict()["differential"][0]["low"] is None


def test_the_page_says_all_it_must(plain: Assessment) -> None:
    text = plain.to_text()
    assert text.startswith(STILL_OPEN.upper())
    for title in (
        "WHAT WOULD CHANGE THIS ADVICE",
        "WHAT WAS UNDERSTOOD",
        "WARNING SIGNS TO ANSWER FIRST",
        "WHAT IT COULD BE",
        "MUSCLES OF BUTTOCK AND HIP",
        "WHAT MOVED THE ANSWER",
        "WHAT TO ASK NEXT",
        "EXERCISES FOR 8 WEEKS",
        "WHAT THE NETWORK DOES NOT KNOW",
    ):
        assert title in text
    flowing = " ".join(text.split())
    assert NOT_A_DIAGNOSIS in flowing
    assert plain.triage.look_again in flowing
    assert plain.version["data"] in text
    for width in (40, 60, 88):
        for clinician in (False, True):
            page = plain.to_text(width=width, clinician=clinician)
            assert max(map(len, page.splitlines())) <= width


@pytest.mark.parametrize("form", ["to_text", "to_markdown", "to_html"])
def test_people_read_words_and_clinicians_probabilities(plain: Assessment, form: str) -> None:
    page = getattr(plain, form)()
    likely = plain.differential
    dangerous = [likely.must_not_miss["label"].iloc[i] for i in range(len(likely.must_not_miss))]
    assert not any(f"{label}: " in page or f"“{label}”" in page for label in dangerous)
    causes = page[page.lower().index("what it could be") : page.lower().index("what to ask next")]
    assert not re.search(r"\d+ in 1", causes)
    for_clinicians = getattr(plain, form)(clinician=True)
    assert re.search(r"\d+ in 1", for_clinicians) and dangerous[0] in for_clinicians


@pytest.mark.parametrize("form", ["to_text", "to_markdown", "to_html"])
def test_no_certainty_is_ever_printed(plain: Assessment, form: str) -> None:
    page = getattr(plain, form)(clinician=True)
    assert not re.search(r"(?<![\d,])0 in 1", page)
    assert not re.search(r"about (100 in 100|1,000 in 1,000)", page)


def test_an_emergency_shows_help_first_and_no_exercise(emergency: Assessment) -> None:
    text = emergency.to_text()
    assert text.startswith("GET HELP NOW") and "999" in text and "drive" in text
    assert emergency.plan.chosen == ()
    assert emergency.plan.to_text().startswith(emergency.triage.what_to_do[0])
    assert emergency.triage.driving in emergency.plan.to_text()
    assert [s.title for s in emergency.page()] == [
        "Get help now",
        "To show or to read out",
        "About this page",
    ]
    assert "Reason for coming: Numb saddle area." in text
    anyway = emergency.to_text(show_anyway=True)
    assert "WHAT IT COULD BE" in anyway and "Do not exercise now" in anyway


def test_what_is_alarming_is_explained(emergency: Assessment, plain: Assessment) -> None:
    targets = [e.target for e in emergency.explanations]
    assert emergency.differential.must_not_miss["name"].iloc[0] in targets
    assert emergency.differential.conditions["name"].iloc[0] in targets
    assert {e.target for e in plain.explanations} & {*plain.differential.imbalances["name"]}


def test_an_empty_case_is_the_prior_and_says_so(model: Model) -> None:
    answer = assess(model, parse_case(model, {}), 0)
    frame = answer.differential.conditions
    assert (frame["ratio"] - 1).abs().max() < 1e-9
    assert any("the answer is the prior" in w for w in answer.to_dict()["warnings"])
    assert answer.explanations == ()
    assert "Nothing yet." in answer.to_text()


def test_unsure_about_pregnancy_counts_for_the_plan(model: Model) -> None:
    case = Case(likelihoods={"pregnancy": (0.0, 1.0, 1.0)})
    assert assess(model, case, 0).plan.pregnant
    assert not assess(model, Case({"pregnancy": "no"}), 0).plan.pregnant


def test_a_case_that_is_half_known_keeps_its_interventions(model: Model) -> None:
    case = parse_case(model, {"findings": PLAIN, "do": {"gmed_weak": "absent"}})
    answer = assess(model, case, 0)
    assert "Weak gluteus medius: set to Absent (an intervention)" in answer.to_text()
    assert answer.differential.imbalances["probability"].min() == pytest.approx(0.0)


def test_the_open_cases_are_answered(model: Model) -> None:
    def quick(model: Model, data: Mapping[str, Any]) -> Mapping[str, Any]:
        answer = assess(model, parse_case(model, data), 0, questions=1)
        return fixed_output(answer.case, answer.triage, answer.differential, versions(model))

    cases = read_worked_cases(model)[8:12]
    scored = evaluate(model, cases, quick)
    assert (scored.cases["error"] == "").all()
    assert not scored.cases["too_low"].any()


def test_warnings_are_said_in_plain_words(model: Model) -> None:
    case = parse_case(
        model, {"warnings": ["", "old tables."], "facts": {"low_back_pain": True, "golf": False}}
    )
    text = " ".join(assess(model, case, 0).to_text().split())
    assert "asks_for_care" not in text
    assert "That you ask for care is assumed, since you report pain." in text
    assert "Old tables." in text and "“golf: false” is not used" in text


class Reader(HTMLParser):
    """Collects the tags and their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]


def test_the_html_page_stands_alone_and_prints(plain: Assessment) -> None:
    page = plain.to_html()
    reader = Reader()
    reader.feed(page)
    assert reader.links == [] and "script" not in reader.tags
    assert "http" not in page.replace("http-equiv", "") and "@import" not in page
    assert "@media print" in page and page.startswith("<!DOCTYPE html>")
    assert reader.tags.count("section") == len(plain.page())


def test_every_form_escapes_its_text() -> None:
    nasty = "<script>alert(1)</script> & *bold* | [link](x) `code`"
    page = [Section(nasty, (nasty,), (nasty,), Grid((nasty, "b"), ((nasty, "d"),)), (nasty,))]
    html = as_html(nasty, page)
    assert "<script>" not in html and html.count("&lt;script&gt;") == 8
    markdown = as_markdown(nasty, page)
    assert "<script>" not in markdown.replace("\\<", "") and "\\*bold\\*" in markdown
    assert markdown.count("\\|") == 7
    assert nasty in as_text(page)


def test_what_was_written_is_quoted_as_written_and_no_json_is_shown_to_people(model: Model) -> None:
    for name in model.variables:
        case = understand(model, {"findings": {"saddle_numbness": "yes"}, name: "yes"})
        told = [in_words(model, text) for text in case.mistakes()]
        assert any(f"part of a case '{name}'" in text for text in told), name
        assert not any("{" in text or "'“" in text for text in told), name
