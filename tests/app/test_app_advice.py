"""Nothing on a page contradicts the advice: every rule's example, on every page with causes."""

from __future__ import annotations

import re

import pytest
from app_parts import answers, app, card, go, html_of, shown
from rule_examples import FIRES, findings
from streamlit.testing.v1 import AppTest

from lumbayes.app import texts
from lumbayes.knowledge.model import load_model
from lumbayes.triage.reader import load_rules
from lumbayes.triage.rules import LEVELS

MODEL = load_model()
RULES = load_rules(MODEL.folder)
TO_BE_SEEN = LEVELS[:2]
# What makes light of a danger, and chances, which patients who are to be seen do not read.
SOOTHES = re.compile(
    r"\brare(ly)?\b|harmless|\bmostly\b|seldom means|gets better|\d+ in 1\d\d|\d %"
)
SERIOUS = [rule.name for rule in RULES.rules if rule.level in LEVELS[:3]]


@pytest.fixture(scope="module")
def session() -> AppTest:
    return app()


@pytest.mark.parametrize("rule", SERIOUS)
def test_nothing_on_a_page_contradicts_the_card(session: AppTest, rule: str) -> None:
    answers(session, findings(FIRES[rule]))
    for page in ("assess", "results", "report"):
        go(session, page)
        if set(card(session)) & set(TO_BE_SEEN):
            told = shown(session)
            for reason in (r.reason for r in RULES.rules):  # they may hold a measure: 91 % oxygen
                told = told.replace(reason, "")
            assert not SOOTHES.search(told), page
            assert MODEL.variables["nonspecific_lbp"].label not in shown(session)
        else:
            said = re.findall(r"<section.*?</section>", html_of(session), re.DOTALL)
            assert not any(map(SOOTHES.search, said)), page


def test_who_is_to_be_seen_reads_that_causes_wait_for_the_visit(session: AppTest) -> None:
    answers(session, findings(FIRES["cancer_new_alarming_pain"]))
    go(session, "results")
    assert card(session) == ["urgent_physician"]
    assert texts.CAUSES_AT_VISIT in shown(session)


def test_a_clinician_reads_the_chances_all_the_same() -> None:
    test = app("results", findings(FIRES["cancer_new_alarming_pain"]), view="clinician")
    assert MODEL.variables["malignancy"].clinician_label in shown(test)
    assert "%" in shown(test)
