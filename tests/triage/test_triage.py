"""Red flags are never missed: each rule, the decisions behind it, what never lowers one."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rule_examples import EXAMPLES, findings

from lumbayes.app import texts
from lumbayes.cases.case import Case
from lumbayes.errors import CaseError, UnknownNameError
from lumbayes.knowledge.definition import UNSURE
from lumbayes.knowledge.model import load_model
from lumbayes.knowledge.tables import data_dir
from lumbayes.triage.judgement import Advice, red_flags, triage
from lumbayes.triage.known import case_known
from lumbayes.triage.reader import load_rules
from lumbayes.triage.rules import LEVELS

RULES = load_rules()
MAY_EXCLUDE = load_model().with_role("may_exclude")
BY_NAME = {rule.name: rule for rule in RULES.rules}
EMERGENCY, URGENT, ROUTINE, SELF_CARE = LEVELS
SEVEN = sorted(RULES.old_or_new - {"post_void_residual"})


def level(text: str, **more: object) -> str:
    return triage(RULES, findings(text), **more).level  # type: ignore[arg-type]


def rank(advice: Advice) -> int:
    return LEVELS.index(advice.level)


def test_every_rule_has_an_example_and_a_near_miss() -> None:
    assert set(EXAMPLES) == set(BY_NAME)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_rule_fires_on_its_example_and_not_on_the_near_miss(name: str) -> None:
    hit, near = map(findings, EXAMPLES[name])
    advice = triage(RULES, hit)
    assert name in advice.rules
    assert rank(advice) <= LEVELS.index(BY_NAME[name].level)
    assert name not in triage(RULES, near).rules


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_clause_of_a_rule_is_needed(name: str) -> None:
    """Take the example down to what it needs: without any one finding the rule is silent."""
    needed = findings(EXAMPLES[name][0])
    for variable in list(needed):
        without = {k: v for k, v in needed.items() if k != variable}
        if BY_NAME[name].fires(RULES.known(without)):
            needed = without
    for variable in needed:
        without = {k: v for k, v in needed.items() if k != variable}
        assert not BY_NAME[name].fires(RULES.known(without))


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        # leg weakness
        (EMERGENCY, "leg_weakness=both_sides"),
        (EMERGENCY, "weakness_progressive leg_weakness=one_side"),
        (EMERGENCY, "foot_drop"),
        *((EMERGENCY, f"leg_weakness=one_side {sign}") for sign in ("fever", "saddle_numbness")),
        *((EMERGENCY, f"leg_weakness=one_side {s}") for s in ("new_cancer_sign", "cancer_history")),
        (EMERGENCY, "leg_weakness=one_side urinary_incontinence"),
        (URGENT, "leg_weakness=one_side"),
        (URGENT, "motor_deficit leg_pain=below_knee duration=over_12w"),
        # leg pain on both sides
        (EMERGENCY, "leg_pain_both_sides onset=sudden"),
        (EMERGENCY, "leg_pain_sudden_both"),
        *(
            (EMERGENCY, f"leg_pain_both_sides {sign}")
            for sign in ("leg_numbness", "reflex_loss", "sensory_deficit", "leg_weakness=one_side")
        ),
        (ROUTINE, "leg_pain_both_sides onset=gradual"),
        (ROUTINE, "leg_pain_both_sides leg_numbness duration=over_12w better_bending_forward"),
        # infection
        (URGENT, "low_back_pain fever"),
        (URGENT, "fever flank_pain urinary_symptoms"),
        *(
            (EMERGENCY, f"fever {risk}")
            for risk in ("injected_drugs", "immunosuppression", "recent_infection")
        ),
        (URGENT, "chills_night_sweats weight_loss malaise night_pain"),
        # main artery, cancer, injury, bones
        (EMERGENCY, "pulsatile_mass onset=gradual duration=over_12w"),
        (EMERGENCY, "known_aneurysm"),
        (EMERGENCY, "trauma=major"),
        (URGENT, "new_cancer_sign low_back_pain"),
        (ROUTINE, "cancer_history low_back_pain"),
        (URGENT, "cancer_history night_pain progressive"),
        (URGENT, "osteoporosis onset=sudden severe_pain trauma=minor"),
        # no pain stated: a flag is a flag
        (EMERGENCY, "saddle_numbness low_back_pain=no"),
        # the common and harmless
        (SELF_CARE, "low_back_pain age_band=45_59 night_pain"),
        (SELF_CARE, "low_back_pain thoracic_pain age_band=60_74"),
        (SELF_CARE, "low_back_pain reflex_loss"),
        (SELF_CARE, "low_back_pain duration=over_12w"),
        (SELF_CARE, "low_back_pain severe_pain worse_with_movement duration=under_6w"),
        (SELF_CARE, "mri_disc_bulge duration=no_pain"),
        (SELF_CARE, ""),
    ],
)
def test_the_decisions_where_sources_differ(expected: str, text: str) -> None:
    assert level(text) == expected


@pytest.mark.parametrize("sign", SEVEN)
def test_not_sure_about_a_saddle_or_sphincter_sign_is_urgent(sign: str) -> None:
    advice = triage(RULES, {sign: UNSURE})
    assert advice.level == URGENT
    assert "emergency" in advice.ask_again[0] and "warning sign" in advice.ask_again[1]
    assert sign in advice.open_warning_signs


STATED = {a.variable for rule in RULES.rules if rule.name.startswith("told_") for a in rule.atoms}


@pytest.mark.parametrize("flag", sorted(set(red_flags(RULES)) - set(SEVEN) - STATED))
def test_not_sure_about_another_red_flag_asks_again(flag: str) -> None:
    advice = triage(RULES, {"low_back_pain": "yes", flag: UNSURE})
    assert advice.level == SELF_CARE
    note = advice.ask_again[0]
    assert RULES.labels[flag] in note
    assert "emergency department" in note or "the same day" in note


def test_not_sure_that_matters_only_with_another_answer_asks_again_there() -> None:
    alone = triage(RULES, {"immunosuppression": UNSURE, "fever": "no"})
    assert "make an appointment" in alone.ask_again[0]
    with_fever = triage(RULES, {"immunosuppression": UNSURE, "fever": "yes"})
    assert with_fever.level == URGENT
    assert "emergency department" in with_fever.ask_again[0]


OLD = "sphincter_signs_old_stable"
MEANT_AS_NEW = ("urinary_retention", "urinary_incontinence", "bowel_incontinence")


@pytest.mark.parametrize("sign", MEANT_AS_NEW)
def test_only_an_old_and_unchanged_bladder_or_bowel_sign_is_routine(sign: str) -> None:
    assert level(sign) == level(f"{sign} {OLD}=no") == level(f"{sign} {OLD}=unsure") == EMERGENCY
    old = triage(RULES, findings(f"{sign} {OLD} low_back_pain duration=over_12w"))
    assert old.level == ROUTINE
    assert RULES.texts["sentence"]["old_stable"] in old.what_to_do
    assert level(OLD) == SELF_CARE


@pytest.mark.parametrize("sign", MEANT_AS_NEW)
@pytest.mark.parametrize(
    "more",
    [
        *("saddle_numbness", "perianal_sensation=reduced", "anal_tone=reduced", "foot_drop"),
        *("leg_pain_both_sides", "leg_pain_sudden_both", "leg_weakness=one_side", "motor_deficit"),
        *("gait_disturbance", "hyperreflexia"),
    ],
)
def test_an_old_sign_with_a_new_one_is_an_emergency(sign: str, more: str) -> None:
    assert level(f"{sign} {OLD} {more}") == EMERGENCY


def test_the_rule_of_the_article_is_there_by_name() -> None:
    assert BY_NAME["fever_incontinence_weakness"].level == EMERGENCY
    for part in ("fever", "urinary_incontinence", "leg_weakness=one_side"):
        assert level(f"low_back_pain {part}") in (EMERGENCY, URGENT)


def test_under_18_is_at_least_routine() -> None:
    assert level("low_back_pain", minor=True) == ROUTINE
    assert level("saddle_numbness", minor=True) == EMERGENCY
    assert "under_18" in triage(RULES, {}, minor=True).rules


def test_when_nothing_fires_it_says_what_would_change_and_when_to_look_again() -> None:
    advice = triage(RULES, {"low_back_pain": "yes", "duration": "under_6w"})
    assert advice.rules == ()
    assert "are still open" in advice.reasons[0] and advice.provisional
    assert len(advice.what_would_change) >= 6
    assert "two weeks" in advice.look_again
    assert len({triage(RULES, {"duration": d}).look_again for d in RULES.states["duration"]}) == 4


def test_the_most_urgent_reason_comes_first_and_no_sentence_twice() -> None:
    advice = triage(RULES, findings("fever night_pain saddle_numbness bowel_incontinence"))
    ranks = [LEVELS.index(BY_NAME[name].level) for name in advice.rules]
    assert ranks == sorted(ranks)
    assert advice.reasons[0] == BY_NAME["saddle_numbness"].reason
    assert len(set(advice.what_to_do)) == len(advice.what_to_do)
    assert BY_NAME["weak_flag_alone"].reason not in advice.reasons
    assert advice.how_soon == "Now"
    assert advice.what_would_change == ()


@pytest.mark.parametrize(
    ("region", "number"),
    [
        (None, "your local emergency number"),
        ("EU", "112"),
        ("us", "911"),
        ("GB", "999"),
        ("AU", "000"),
        ("DE", "112"),
        ("fr", "112"),
        ("AT", "144 or 112"),
        ("CH", "144 or 112"),
    ],
)
def test_emergency_wording_fits_the_region_or_is_neutral(region: str | None, number: str) -> None:
    advice = triage(RULES, {"collapse": "yes"}, region=region)
    assert f"call {number}" in " ".join(advice.what_to_do).lower()
    others = {"112", "911", "999", "000"} - {number}
    named = " ".join(advice.what_to_do).replace(number, "")
    assert not any(other in named for other in others)


def test_every_country_of_the_union_has_a_number_and_others_are_told_the_choices() -> None:
    union = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
    for region in (*union.split(), "CH", "IS", "LI", "NO"):
        assert "112" in RULES.texts["emergency_number"][region], region
        assert RULES.texts["same_day_help"][region]
    with pytest.raises(UnknownNameError, match="Known: AU, AT, CA"):
        triage(RULES, {}, region="XX")


TELEPHONE = re.compile(r"emergency number|driv(e|ing)\b|\b(000|111|112|911|999)\b", re.I)


def test_numbers_and_driving_are_worded_in_one_place() -> None:
    """Only ``triage_texts.csv`` names a number or says who drives, by region."""
    tables = ("triage", "exercise_notes", "exercises", "explanations", "screens", "variables")
    for name in tables:
        lines = (data_dir() / f"{name}.csv").read_text(encoding="utf-8").splitlines()
        for row in csv.DictReader(lines):
            for column in ("text", "what_to_do", "reason", "question", "help", "cautions"):
                assert not TELEPHONE.search(row.get(column) or ""), (name, row)
    for value in (*vars(texts.patient).values(), *vars(texts.after).values()):
        assert not re.search(r"emergency number|not drive|\b(111|112|911|999)\b", str(value))


@pytest.mark.parametrize("region", [None, "EU", "US", "GB", "AU", "IE", "IN"])
def test_every_emergency_says_once_who_drives_and_whom_to_call(region: str | None) -> None:
    number = RULES.texts["emergency_number"][region or "neutral"]
    for rule in (rule for rule in RULES.rules if rule.level == EMERGENCY):
        advice = triage(RULES, findings(EXAMPLES[rule.name][0]), region=region)
        words = " ".join(advice.what_to_do)
        assert words.count("drive yourself") == 1
        assert advice.what_to_do[-1] == advice.driving
        assert number in words
        # Who is to lie down is not to be driven either.
        assert not ("lie down" in words and re.search(r"[Dd]rive you\b|be driven", words))


def test_111_is_for_what_can_wait_in_britain_and_for_emergencies_in_new_zealand() -> None:
    assert "111" in " ".join(triage(RULES, {"fever": "yes"}, region="GB").what_to_do)
    assert "111" not in " ".join(triage(RULES, {"collapse": "yes"}, region="GB").what_to_do)
    assert "111" in " ".join(triage(RULES, {"collapse": "yes"}, region="NZ").what_to_do)


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("region", [None, "GB"])
def test_every_text_is_whole(name: str, region: str | None) -> None:
    advice = triage(RULES, findings(EXAMPLES[name][0]), region=region)
    texts = (
        *advice.reasons,
        *advice.what_to_do,
        *advice.ask_again,
        *advice.what_would_change,
        advice.look_again,
    )
    assert advice.reasons and advice.what_to_do and advice.how_soon
    for text in texts:
        assert text.endswith(".") and text[0].isupper() and not set("{}") & set(text)


# What may never lower a level.

RANDOM_FINDINGS = st.fixed_dictionaries(
    {},
    optional={
        name: st.sampled_from((*RULES.states[name], UNSURE))
        for name in sorted({atom.variable for rule in RULES.rules for atom in rule.atoms})
    },
)
ALARMS = sorted(
    {(a.variable, a.state) for rule in RULES.rules for a in rule.atoms if not a.negated}
)


@given(RANDOM_FINDINGS, st.sampled_from([a for a in ALARMS if a[0] not in MAY_EXCLUDE]))
def test_adding_an_answer_that_a_rule_asks_for_never_lowers(
    known: Mapping[str, str], alarm: tuple[str, str]
) -> None:
    base = {k: v for k, v in known.items() if k != alarm[0]}
    assert rank(triage(RULES, {**base, alarm[0]: alarm[1]})) <= rank(triage(RULES, base))


@given(RANDOM_FINDINGS)
def test_a_harder_injury_never_lowers(known: Mapping[str, str]) -> None:
    small, hard = ({**known, "trauma": t} for t in ("minor", "major"))
    assert rank(triage(RULES, hard)) <= rank(triage(RULES, small))


@given(RANDOM_FINDINGS, st.sampled_from(sorted(RULES.states)))
def test_not_sure_never_lowers(known: Mapping[str, str], name: str) -> None:
    base = {k: v for k, v in known.items() if k != name}
    assert rank(triage(RULES, {**base, name: UNSURE})) <= rank(triage(RULES, base))


@given(
    RANDOM_FINDINGS,
    st.dictionaries(st.sampled_from(sorted(RULES.states)), st.floats(0, 1), max_size=5),
)
def test_a_posterior_only_raises(known: Mapping[str, str], posterior: Mapping[str, float]) -> None:
    without, with_ = triage(RULES, known), triage(RULES, known, posterior=posterior)
    assert rank(with_) <= rank(without)
    assert set(without.rules) <= set(with_.rules)
    for threshold in RULES.thresholds:
        if posterior.get(threshold.condition, 0.0) >= threshold.threshold:
            assert rank(with_) <= LEVELS.index(threshold.level)


def test_a_posterior_at_its_threshold_raises_and_just_below_does_not() -> None:
    for threshold in RULES.thresholds:
        at = triage(RULES, {}, posterior={threshold.condition: threshold.threshold})
        below = triage(RULES, {}, posterior={threshold.condition: threshold.threshold * 0.999})
        assert threshold.name in at.rules and threshold.name not in below.rules
        assert RULES.labels[threshold.condition][1:] in at.reasons[0]
        assert not re.search(r"in 100|%", at.reasons[0])  # people read a reason, no chance


def test_soft_findings_and_interventions_play_no_part() -> None:
    flag = Case({"fever": "yes", "injected_drugs": "yes"})
    soft = Case(
        flag.findings,
        {"night_pain": (0.99, 0.01), "leg_pain": (1.0, 0.5, 0.5)},
        {"fever": "no"},
    )
    assert case_known(RULES, soft) == RULES.known(flag.findings)


def test_states_ruled_out_count_where_all_that_are_left_fire() -> None:
    runner = Case({"groin_pain": "yes"}, {"running_load": (0.0, 0.1, 1.0)})
    known = {"groin_pain": "yes", "running_load": "regular|increased"}
    assert case_known(RULES, runner) == RULES.known(known)
    assert "groin_pattern" in triage(RULES, known).rules


def test_a_sign_not_said_in_which_grade_is_at_least_its_mildest() -> None:
    """One leg or both: a weak leg at least. So for every sign of more than two states."""
    for name in RULES.asked:
        for first in range(1, len(RULES.states[name]) - 1):
            among = RULES.states[name][first:]
            mildest = max(rank(triage(RULES, {name: state})) for state in among)
            assert rank(triage(RULES, {name: "|".join(among)})) <= mildest, name


# Bad input.


@pytest.mark.parametrize(
    ("known", "more", "kind", "message"),
    [
        (
            {"fevr": "yes"},
            {},
            UnknownNameError,
            r"unknown variable 'fevr'\. Did you mean 'fever'\?",
        ),
        (
            {"fever": "Yes"},
            {},
            UnknownNameError,
            r"unknown state of fever 'Yes'\. Did you mean 'yes'\? Known: no, yes, unsure\.",
        ),
        ({"fever": "yes|unsure"}, {}, UnknownNameError, "unknown state of fever 'unsure'"),
        ({"fever": ""}, {}, UnknownNameError, "unknown state of fever ''"),
        ({}, {"region": "XX"}, UnknownNameError, "unknown region 'XX'"),
        ({}, {"posterior": {"cancer": 0.5}}, UnknownNameError, "unknown condition 'cancer'"),
        ({}, {"posterior": {"malignancy": 1.5}}, CaseError, r"P\(malignancy\) is 1.5, not between"),
        ({}, {"posterior": {"malignancy": float("nan")}}, CaseError, "is nan, not between"),
    ],
)
def test_bad_input_names_value_and_choices(
    known: dict[str, str], more: dict[str, object], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        triage(RULES, known, **more)  # type: ignore[arg-type]


# Where the rules come from.


def column(table: str, name: str) -> list[str]:
    with (data_dir() / table).open(encoding="utf-8", newline="") as file:
        return [row[name] for row in csv.DictReader(file)]


def test_every_supplied_rule_was_decided_on() -> None:
    decisions = column("triage_decisions.csv", "decision")
    assert len(decisions) == len(set(column("triage_decisions.csv", "supplied_rule"))) == 41
    assert set(decisions) == {"kept", "merged into rule", "dropped"}
    assert all(column("triage_decisions.csv", "reason"))
    for decision, rules in zip(decisions, column("triage_decisions.csv", "rule"), strict=True):
        named = [name for name in rules.split(";") if name]
        assert set(named) <= set(BY_NAME)
        assert bool(named) == (decision != "dropped")


def test_every_rule_and_threshold_has_a_known_source_and_no_signature_yet() -> None:
    known = set(column("sources.csv", "key"))
    for rule in RULES.rules:
        assert set(rule.source) <= known, rule.name
        assert rule.reviewed_by == ""
    assert {threshold.source for threshold in RULES.thresholds} <= known


def test_every_item_of_a_guideline_has_a_decision() -> None:
    with (data_dir() / "guideline_comparison.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    known = set(column("sources.csv", "key"))
    assert len({(row["guideline"], row["item"]) for row in rows}) == len(rows) > 80
    for row in rows:
        named = {name for name in row["rules"].split(";") if name}
        assert named <= set(BY_NAME), row["item"]
        assert row["decision"] in ("adopted", "adopted with a change", "not adopted"), row["item"]
        assert bool(named) == (row["decision"] != "not adopted"), row["item"]
        assert row["reason"] or row["decision"] == "adopted", row["item"]
        assert row["source"] in known, row["item"]


def test_rules_for_the_young_know_who_is_under_18() -> None:
    assert level("night_pain") == SELF_CARE
    assert level("night_pain", minor=True) == URGENT
    assert level("low_back_pain", minor=True) == ROUTINE


def test_strong_pain_is_told_what_to_do_while_signs_are_open() -> None:
    advice = triage(RULES, findings("low_back_pain severe_pain"))
    assert advice.level == SELF_CARE and advice.provisional
    assert any("painkiller" in text for text in advice.what_to_do)
