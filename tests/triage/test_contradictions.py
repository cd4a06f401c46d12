"""The law: no contradiction lowers a level that rests on a probability, alone or in a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lumbayes.batch.answers import CARE, answer_rows, check_wanted
from lumbayes.batch.frames import score_table
from lumbayes.cases.case import Case, understand
from lumbayes.cases.cohort import rows_from_cases
from lumbayes.cases.exclusions import load_exclusions
from lumbayes.inference.queries import evidence, marginals, stack
from lumbayes.knowledge.model import Model
from lumbayes.questions.assessment.summary import assess
from lumbayes.triage.care_level import admit, care_level
from lumbayes.triage.consistent_parts import MOST, consistent_parts
from lumbayes.triage.judgement import Advice
from lumbayes.triage.known import case_known, rules_level, states_left
from lumbayes.triage.reader import load_rules
from lumbayes.triage.rules import LEVELS, Threshold, rank

RULES = load_rules()
ANSWERS = 5  # at most, for a case whose level rests on a probability
Said = dict[str, str]


def level(advice: Advice) -> int:
    """The place of a level, 0 for an emergency."""
    return rank(advice.level)


def by_rules(model: Model, said: Said) -> int:
    """The place of the level that the rules alone give."""
    case = understand(model, said)
    return rank(rules_level(RULES, case_known(RULES, case), minor=case.minor))


def reaching(model: Model, threshold: Threshold) -> Said | None:
    """Answers of a person that raise one probability to its threshold, and no rule so high."""
    said: Said = {}
    for _ in range(ANSWERS):
        more = [
            {**said, name: state}
            for name in sorted(RULES.asked & set(model.network))
            for state in RULES.states[name]
            if name not in said and name != "duration"
        ]
        given = stack(model.network, [evidence(model.network, one) for one in more])
        found = marginals(model.network, given, [threshold.condition], impossible="mark")
        chances = found.probabilities[threshold.condition][-1]
        said = next(
            (
                more[i]
                for i in np.argsort(-chances)
                if by_rules(model, more[i]) > rank(threshold.level)
                and not understand(model, more[i]).problem()
            ),
            said,
        )
        advice = care_level(model, understand(model, said))
        if level(advice) <= rank(threshold.level) < by_rules(model, said):
            return said
    return None


@pytest.fixture(scope="module")
def raised(model: Model) -> list[Said]:
    """Cases whose level rests on a probability, one for each threshold that answers can reach."""
    found = (reaching(model, threshold) for threshold in RULES.thresholds)
    return [said for said in found if said]


def contradicted(model: Model, said: Said) -> Iterator[dict[str, Any]]:
    """A case with each contradiction that the tables know, one answer or one pair at a time."""
    for name, state in said.items():
        for other in (*RULES.states[name], "unsure"):
            if other != state:
                yield {"findings": said, "said": {name: [state, other]}}
                yield {"findings": said, "said": {name: [other, state]}}
    pairs = [*load_exclusions(model), *IMPOSSIBLE]
    for pair in pairs:
        (one, here), (other, there) = pair
        first, second = (
            next(s for i, s in enumerate(RULES.states[n]) if bits >> i & 1) for n, bits in pair
        )
        mine = {n: RULES.bits(n, said[n]) for n in (one, other) if n in said}
        new = {n: s for n, s in ((one, first), (other, second)) if n not in said}
        alone = any(understand(model, {**said, n: s}).contradictions for n, s in new.items())
        fits = mine.get(one, here) & ~here == 0 and mine.get(other, there) & ~there == 0
        if fits and (len(new) == 1 or not alone):
            yield {"findings": {**said, **new}}


# What the probabilities exclude, as pairs of a variable and some of its states in bits.
IMPOSSIBLE = (
    (("age_band", 16), ("pregnancy", 2)),
    (("sex", 1), ("gynaecological_pain", 2)),
)


def test_most_thresholds_can_be_reached_by_answers(raised: list[Said]) -> None:
    assert len(raised) >= 0.6 * len(RULES.thresholds)


def test_no_contradiction_lowers_a_level_that_rests_on_a_probability(
    model: Model, raised: list[Said]
) -> None:
    """For each such case every contradiction; a row of a table says what the person is told."""
    cases, tried = list[Case](), 0
    for said in raised:
        before = level(care_level(model, understand(model, said)))
        for data in contradicted(model, said):
            case = understand(model, data)
            advice = care_level(model, case)
            assert advice.contradictions and advice.provisional, data
            assert level(advice) <= before, data
            assert admit(model, case) is case
            assert not (case.said and settled(model, said, case)), data
            cases.append(case)
            tried += 1
    assert tried > 300
    agree(model, cases)


def settled(model: Model, said: Said, case: Case) -> set[str]:
    """The questions that answers in doubt have settled or narrowed, besides those they answer."""
    before, after = case_known(RULES, understand(model, said)), case_known(RULES, case)
    return {
        name
        for name in RULES.asked - set(case.said)
        if states_left(RULES, before, name) & ~states_left(RULES, after, name)
    }


def agree(model: Model, cases: list[Case]) -> None:
    """Rows of a table are answered as each case alone."""
    broken = {i: case for i, case in enumerate(cases) if case.problem()}
    wanted = check_wanted(model, [], 0)
    table, refused = answer_rows(model, rows_from_cases(model, cases), wanted, broken)
    assert not refused
    for case, row in zip(cases, table[list(CARE)].to_dict("records"), strict=True):
        advice = care_level(model, case)
        assert row["level"] == advice.level, case.understood
        assert set(str(row["rules"]).split(";")) - {""} == set(advice.rules), case.understood
        assert row["open_warning_signs"] == len(advice.open_warning_signs)
        assert row["provisional"] is True


CANCER = {
    "cancer_history": "yes",
    "age_band": "60_74",
    "low_back_pain": "yes",
    "progressive": "yes",
}


def test_a_frame_and_a_person_agree_on_what_cannot_be(model: Model) -> None:
    """Contradictions of the tables and of the probabilities, in the plain columns of a table."""
    rows = [
        CANCER,
        {**CANCER, "duration": "no_pain"},
        {**CANCER, "leg_pain": "none", "leg_pain_both_sides": "yes"},
        {**CANCER, "sex": "male", "pregnancy": "pregnant"},
        {**CANCER, "sex": "male", "gynaecological_pain": "present"},
        {**CANCER, "pregnancy": "pregnant", "age_band": "75_plus"},
    ]
    answers = score_table(model, pd.DataFrame(rows), targets=[], top=1)
    for said, (_, row) in zip(rows, answers.iterrows(), strict=True):
        advice = care_level(model, admit(model, understand(model, said)))
        assert advice.level == row["level"] == LEVELS[1]
        assert row["provisional"] and row["error"] == ""
        assert bool(row["problem"]) == bool(advice.contradictions) == (said is not CANCER)
        page = assess(model, understand(model, said), 0).to_text()
        assert ("do not fit together" in page) == (said is not CANCER)


def test_the_parts_of_a_case(model: Model) -> None:
    """Each reading and each side of what cannot be; more answers than can be tried in every way."""

    def parts(said: dict[str, Any]) -> list[dict[str, str]]:
        cases = consistent_parts(model, understand(model, said), list(load_exclusions(model)))
        assert not any(case.contradictions for case in cases)
        return [dict(case.findings) for case in cases]

    assert parts({"fever": "yes"}) == [{"fever": "yes"}]
    pain = {"low_back_pain": "yes", "night_pain": "yes", "asks_for_care": "yes"}
    assert sorted(parts({**pain, "duration": "no_pain"}), key=len) == [
        {"asks_for_care": "yes"},
        {"asks_for_care": "yes", "duration": "no_pain"},
        pain,
    ]
    man, pregnant, open_ = parts({"sex": "male", "pregnancy": "pregnant", "fever": "no"})
    assert open_ == {"fever": "no"} and {"sex", "pregnancy"} == {*man, *pregnant} - {"fever"}
    old, expecting, _ = parts({"age_band": "75_plus", "pregnancy": "pregnant"})
    assert sorted([*old, *expecting]) == ["age_band", "pregnancy"]
    names = sorted(n for n, states in RULES.states.items() if states == ("no", "yes"))[:12]
    many = parts({"said": {n: ["no", "yes"] for n in names}})
    assert dict.fromkeys(names, "yes") in many and dict.fromkeys(names, "no") in many
    assert len(many) <= MOST


def test_a_mistake_does_not_hide_a_probability_either(model: Model) -> None:
    case = understand(model, {**CANCER, "fevr": "yes"})
    assert case.errors and admit(model, case) is case
    row = score_table(model, pd.DataFrame([{**CANCER, "fever": "maybe"}]), targets=[]).iloc[0]
    assert row["level"] == LEVELS[1] and "maybe" in row["problem"]
    assert pd.isna(row["top_1"]) and np.isnan(row["log_evidence"])
