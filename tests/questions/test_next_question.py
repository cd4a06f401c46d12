"""What to ask next: information counted by hand, decisions recomputed, red flags first."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import full_joint, marginal
from strategies import networks, random_evidence, seeds

from lumbayes.cases.case import Case, parse_case
from lumbayes.errors import UnknownNameError
from lumbayes.inference.queries import evidence_alternatives, marginals, posterior
from lumbayes.knowledge.model import Model
from lumbayes.network.variables import Network
from lumbayes.questions.conditioning import case_evidence
from lumbayes.questions.next_question.lookahead import Answers, leading_choice
from lumbayes.questions.next_question.ranking import information, next_questions
from lumbayes.triage.care_level import care_level
from lumbayes.triage.reader import load_rules
from lumbayes.triage.rules import LEVELS

CASES: list[dict[str, str]] = [
    {},
    {"low_back_pain": "yes", "age_band": "30_44", "sex": "female", "sitting": "over_8h"},
    {"low_back_pain": "yes", "leg_pain": "below_knee", "slr": "positive", "saddle_numbness": "no"},
    {"lateral_hip_pain": "yes", "thomas": "positive", "single_leg_bridge": "weak"},
    {"fever": "yes", "low_back_pain": "yes"},
]


def entropy(p: np.ndarray) -> float:
    return float(-sum(x * np.log2(x) for x in p.ravel() if x > 0))


@settings(max_examples=60)
@given(networks(most_variables=5), seeds, st.data())
def test_information_equals_counting(network: Network, seed: int, data: st.DataObject) -> None:
    """I(target; question | evidence) by the engine and by counting agree, and is never negative."""
    known = random_evidence(np.random.default_rng(seed), network, 1, share=0.3)
    joint = full_joint(network, {n: v[:, 0] for n, v in known.likelihoods.items()}, known.do)
    if not joint.sum() > 1e-6:
        return
    joint = joint / joint.sum()
    target = data.draw(st.sampled_from(list(network)))
    questions = [n for n in network if n not in known.do and n not in known.likelihoods]
    put = evidence_alternatives(network, known, questions, [target])
    asked = np.array([questions.index(q) for q, _ in put.answers], dtype=np.intp)
    answers = Answers(tuple(questions), put.answers, asked, put.probability, put.after, put.before)
    bits = information(answers, target)
    for question, found in zip(questions, bits, strict=True):
        alone = marginal(network, joint, target)
        if question == target:
            expected = entropy(alone)
        else:
            both = marginal(network, joint, target, question)
            expected = entropy(alone) + entropy(both.sum(axis=0)) - entropy(both)
        assert found >= 0
        assert found == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("findings", CASES, ids=str)
def test_information_is_summed_over_the_conditions(model: Model, findings: dict[str, str]) -> None:
    case = parse_case(model, findings)
    whole = next_questions(model, case, limit=None).frame.set_index("variable")["information"]
    parts = [
        next_questions(model, case, target=c, limit=None).frame.set_index("variable")["information"]
        for c in model.names("condition")
    ]
    for name in whole.dropna().index:
        assert whole[name] == pytest.approx(sum(p[name] for p in parts), abs=1e-12)
    assert (whole.dropna() >= 0).all()


@pytest.mark.parametrize("findings", CASES, ids=str)
def test_same_decision_equals_asking_each_answer_in_turn(
    model: Model, findings: dict[str, str]
) -> None:
    """P(same level and leading choice), recomputed by care_level and posteriors case by case."""
    case = parse_case(model, findings)

    def decision(some: Case) -> tuple[str, int]:
        level = care_level(model, some).level
        found = marginals(model.network, case_evidence(model, some), model.names("imbalance"))
        rank = np.array([LEVELS.index(level)])
        return level, int(leading_choice(model, found.probabilities, rank)[0])

    now = decision(case)
    asked = next_questions(model, case, limit=None).frame
    network = asked[asked["information"].notna()]
    for row in network.iloc[:: max(1, len(network) // 9)].to_dict("records"):
        name = row["variable"]
        known = {n: s for n, s in case.findings.items() if n in model.network}
        chance = posterior(model.network, name, known)
        stays = 0.0
        for state, p in chance.items():
            # Built by hand: an answer must not bring the assumption that care is sought.
            after = Case({**case.findings, name: str(state)})
            stays += p if decision(after) == now else 0.0
        assert row["same_decision"] == pytest.approx(stays, abs=1e-9), name


@pytest.mark.parametrize("findings", CASES, ids=str)
def test_red_flag_questions_come_first_then_the_score_falls(
    model: Model, findings: dict[str, str]
) -> None:
    frame = next_questions(model, parse_case(model, findings), limit=None).frame
    first = (frame["red_flag"] & (frame["ask"] == "question")).tolist()
    assert first == sorted(first, reverse=True)
    rest = frame[~np.array(first, dtype=bool)]["score"].dropna()
    assert rest.is_monotonic_decreasing
    assert not set(frame["variable"]) & set(findings)


def test_an_unanswered_input_of_an_alarm_one_answer_away_is_a_red_flag(model: Model) -> None:
    case = parse_case(model, {"cancer_history": "yes", "low_back_pain": "yes"})
    frame = next_questions(model, case, limit=None).frame.set_index("variable")
    assert frame.loc["leg_numbness", "red_flag"]  # cancer_old_numbness
    without = next_questions(model, parse_case(model, {"low_back_pain": "yes"}), limit=None).frame
    assert not without.set_index("variable").loc["leg_numbness", "red_flag"]


def test_every_question_that_alone_sounds_an_alarm_is_flagged(model: Model) -> None:
    """All of one-clause emergency rules, as long as nothing has been answered."""
    frame = next_questions(model, Case(), limit=None).frame.set_index("variable")
    for rule in load_rules().rules:
        if rule.level == "emergency_now" and len(rule.clauses) == 1 and rule.clauses[0].needed == 1:
            for atom in rule.atoms:
                if model.variables[atom.variable].ask == "none":
                    continue  # stated by a report, never asked
                assert frame.loc[atom.variable, "red_flag"], str(atom)


def test_in_an_emergency_asking_stops(model: Model) -> None:
    asked = next_questions(model, parse_case(model, {"saddle_numbness": "yes"}))
    assert asked.stop
    assert "emergency" in asked.stop_reason
    assert not asked.frame["red_flag"].any()


@pytest.mark.parametrize("findings", CASES, ids=str)
def test_stop_means_that_no_question_changes_anything(
    model: Model, findings: dict[str, str]
) -> None:
    for kinds in (("question",), ("self_test",), ("clinical_test",)):
        asked = next_questions(model, parse_case(model, findings), limit=None, kinds=kinds)
        changing = asked.frame["same_decision"].isna() | (asked.frame["same_decision"] < 1 - 1e-12)
        assert asked.stop == (not changing.any())


def test_a_question_that_an_answer_made_pointless_is_not_asked(model: Model) -> None:
    man = next_questions(model, parse_case(model, {"sex": "male"}), limit=None).frame
    assert {"pregnancy", "pregnancy_warning"}.isdisjoint(man["variable"])
    unsure = next_questions(model, parse_case(model, {"fever": "unsure"}), limit=None).frame
    assert "fever" not in set(unsure["variable"])


def test_limit_and_kinds(model: Model) -> None:
    case = parse_case(model, {"low_back_pain": "yes"})
    assert len(next_questions(model, case).frame) == 5
    tests = next_questions(model, case, limit=None, kinds=("self_test",)).frame
    assert set(tests["ask"]) == {"self_test"}
    answer = next_questions(model, case).to_dict()
    assert set(answer) == {"questions", "stop", "stop_reason"}
    assert all(v == v for row in answer["questions"] for v in row.values())


def test_unknown_names_are_refused(model: Model) -> None:
    with pytest.raises(UnknownNameError, match="unknown variable 'back_pain'"):
        next_questions(model, Case(), target="back_pain")
    with pytest.raises(UnknownNameError, match="unknown kind of question 'blood_test'"):
        next_questions(model, Case(), kinds=("blood_test",))
