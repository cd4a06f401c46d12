"""Red flags are never missed: each rule, the decisions behind it, what never lowers one."""

from __future__ import annotations

import csv
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbayes.cases.case import Case
from lumbayes.errors import CaseError, UnknownNameError
from lumbayes.knowledge.tables import data_dir
from lumbayes.triage.judgement import SPHINCTER_SIGNS, Advice, red_flags, triage, triage_findings
from lumbayes.triage.reader import MAY_EXCLUDE, load_rules
from lumbayes.triage.rules import LEVELS, UNSURE

RULES = load_rules()
BY_NAME = {rule.name: rule for rule in RULES.rules}
EMERGENCY, URGENT, ROUTINE, SELF_CARE = LEVELS
SEVEN = sorted(SPHINCTER_SIGNS - {"post_void_residual"})


def findings(text: str) -> dict[str, str]:
    """``"fever slr leg_pain=none"``: a bare name means yes, or positive where that is a state."""
    found = {}
    for word in text.split():
        name, _, state = word.partition("=")
        found[name] = state or ("positive" if "positive" in RULES.states[name] else "yes")
    return found


def level(text: str, **more: object) -> str:
    return triage(RULES, findings(text), **more).level  # type: ignore[arg-type]


def rank(advice: Advice) -> int:
    return LEVELS.index(advice.level)


# rule: what fires it, what comes near and does not
EXAMPLES = {
    "saddle_numbness": (
        "saddle_numbness",
        "leg_numbness saddle_numbness=no perianal_sensation=normal",
    ),
    "bladder_change": ("urinary_retention", "urinary_symptoms urinary_retention=no"),
    "full_bladder_nerve_sign": (
        "post_void_residual=over_200ml leg_weakness=one_side",
        "post_void_residual=over_200ml leg_numbness",
    ),
    "bowel_change": ("anal_tone=reduced", "anal_tone=normal bowel_incontinence=no"),
    "sexual_change": ("sexual_dysfunction", "sexual_dysfunction=no"),
    "fever_incontinence_weakness": (
        "low_back_pain fever urinary_incontinence leg_weakness=one_side",
        "low_back_pain urinary_incontinence leg_weakness=one_side fever=no",
    ),
    "weakness_both_legs": ("leg_weakness=both_sides", "leg_weakness=one_side"),
    "weakness_progressive": ("weakness_progressive", "weakness_progressive=no progressive"),
    "weakness_worsening_course": (
        "progressive leg_weakness=one_side",
        "progressive=no leg_weakness=one_side",
    ),
    "measured_weakness_worsening_course": (
        "progressive motor_deficit slr duration=over_12w",
        "progressive motor_deficit",
    ),
    "foot_drop": ("foot_drop", "foot_drop=no leg_weakness=one_side"),
    "leg_pain_newly_both": ("leg_pain_sudden_both", "leg_pain_both_sides onset=gradual"),
    "leg_pain_both_sudden_onset": (
        "leg_pain_both_sides onset=sudden leg_pain=above_knee",
        "leg_pain_both_sides onset=sudden duration=over_12w",
    ),
    "leg_pain_both_nerve_sign": (
        "leg_pain_both_sides leg_weakness=one_side duration=over_12w",
        "leg_pain_both_sides leg_numbness",
    ),
    "leg_pain_both_numb": (
        "leg_pain_both_sides leg_numbness",
        "leg_pain_both_sides leg_numbness duration=over_12w",
    ),
    "gait_disturbance": ("gait_disturbance", "antalgic_gait"),
    "cord_signs": ("hyperreflexia leg_numbness", "hyperreflexia leg_pain=below_knee"),
    "upper_back_nerve_signs": (
        "thoracic_pain leg_numbness motor_deficit",
        "thoracic_pain leg_numbness",
    ),
    "cold_weak_leg": ("cold_leg onset=sudden", "cold_leg onset=gradual"),
    "fever_nerve_sign": ("fever reflex_loss", "fever leg_pain=below_knee"),
    "fever_very_unwell": ("fever looks_unwell", "fever malaise"),
    "fever_infection_risk": ("fever injected_drugs", "fever injected_drugs=no"),
    "fever_tender_spine": ("fever spinal_tenderness night_pain", "fever night_pain"),
    "fever_cannot_bear_weight": ("fever difficulty_bearing_weight", "fever pain_walking_running"),
    "fever_waves_of_flank_pain": ("fever flank_pain restless_pain", "fever flank_pain"),
    "unwell_infection_risk": (
        "looks_unwell chills_night_sweats immunosuppression",
        "looks_unwell chills_night_sweats",
    ),
    "cancer_weakness": ("cancer_history motor_deficit", "cancer_history motor_deficit=negative"),
    "cancer_numbness": (
        "cancer_history leg_numbness",
        "cancer_history leg_numbness duration=over_12w",
    ),
    "cancer_numbness_worsening": (
        "cancer_history leg_numbness duration=over_12w progressive",
        "leg_numbness duration=over_12w progressive",
    ),
    "wasting_weakness": ("weight_loss leg_weakness=one_side", "weight_gain leg_weakness=one_side"),
    "pulsating_belly": ("pulsatile_mass onset=gradual", "pulsatile_mass=negative abdominal_pain"),
    "known_aneurysm": ("known_aneurysm low_back_pain", "known_aneurysm=no low_back_pain"),
    "collapse": ("collapse", "collapse=no severe_pain"),
    "older_smoker_belly_or_flank_pain": (
        "age_band=60_74 smoking=current abdominal_pain severe_pain onset=sudden restless_pain",
        "age_band=60_74 smoking=current abdominal_pain onset=sudden restless_pain",
    ),
    "older_man_belly_or_flank_pain": (
        "age_band=75_plus sex=male flank_pain severe_pain onset=sudden",
        "age_band=75_plus sex=female flank_pain severe_pain onset=sudden",
    ),
    "older_sudden_still_pain": (
        "age_band=60_74 sex=male severe_pain onset=sudden worse_with_movement=no",
        "age_band=60_74 sex=male severe_pain onset=sudden worse_with_movement=yes",
    ),
    "sudden_upper_back_pain": (
        "thoracic_pain onset=sudden severe_pain worse_with_movement=no",
        "low_back_pain onset=sudden severe_pain worse_with_movement=no",
    ),
    "major_injury": ("trauma=major", "trauma=major duration=over_12w"),
    "crooked_after_injury": ("deformity_after_injury", "trauma=minor pelvic_tilt=anterior"),
    "injury_weak_bones_nerve_sign": (
        "trauma=minor osteoporosis sensory_deficit",
        "trauma=minor osteoporosis leg_numbness",
    ),
    "pregnancy_warning": (
        "pregnancy=pregnant pregnancy_warning",
        "pregnancy=pregnant pelvic_joint_pain",
    ),
    "unsure_saddle_or_sphincter": ("saddle_numbness=unsure", "fever=unsure"),
    "weakness_one_leg": ("leg_weakness=one_side", "leg_weakness=none weak_hip_abduction"),
    "full_bladder": (
        "post_void_residual=over_200ml leg_numbness",
        "post_void_residual=over_200ml age_band=75_plus",
    ),
    "full_bladder_alone": ("post_void_residual=over_200ml", "post_void_residual=under_200ml"),
    "unwell_alone": ("looks_unwell", "malaise"),
    "cancer_old_numbness": (
        "cancer_history leg_numbness duration=over_12w",
        "cancer_history reflex_loss duration=over_12w",
    ),
    "cancer_unsteady_walk": (
        "cancer_history wide_based_gait",
        "cancer_history wide_based_gait duration=over_12w",
    ),
    "leg_pain_both_once_sudden": (
        "leg_pain_both_sides onset=sudden duration=over_12w",
        "leg_pain_both_sides onset=gradual",
    ),
    "leg_pain_both_old_sign": (
        "leg_pain_both_sides leg_numbness duration=over_12w",
        "leg_pain_both_sides leg_numbness duration=over_12w better_bending_forward",
    ),
    "brisk_reflexes": ("hyperreflexia", "reflex_loss"),
    "fever": ("fever", "fever=no chills_night_sweats"),
    "very_unwell": (
        "looks_unwell severe_pain night_pain malaise",
        "looks_unwell severe_pain night_pain",
    ),
    "needle_or_infection_restless_pain": (
        "injected_drugs constant_pain",
        "injected_drugs severe_pain",
    ),
    "infection_risk_new_pain": (
        "immunosuppression night_pain progressive",
        "immunosuppression night_pain",
    ),
    "infection_risk_lasting_pain": (
        "immunosuppression night_pain progressive malaise duration=over_12w",
        "immunosuppression night_pain progressive duration=over_12w",
    ),
    "new_cancer_sign": ("new_cancer_sign", "cancer_history"),
    "cancer_new_alarming_pain": (
        "cancer_history night_pain severe_pain",
        "cancer_history night_pain",
    ),
    "cancer_alarming_pain": (
        "cancer_history progressive night_pain severe_pain duration=over_12w",
        "cancer_history progressive night_pain duration=over_12w",
    ),
    "wasting_pattern": ("weight_loss night_pain age_band=60_74", "weight_loss age_band=60_74"),
    "sweats_pattern": ("chills_night_sweats night_pain malaise", "chills_night_sweats night_pain"),
    "older_bone_pain": (
        "age_band=60_74 night_pain constant_pain progressive",
        "age_band=30_44 night_pain constant_pain progressive",
    ),
    "weak_bones_fall": ("osteoporosis trauma=minor", "trauma=minor"),
    "weak_bones_sudden_pain": ("steroid_use onset=sudden severe_pain", "steroid_use severe_pain"),
    "age_75_fall": ("age_band=75_plus trauma=minor", "age_band=75_plus trauma=none"),
    "age_75_sudden_pain": (
        "age_band=75_plus onset=sudden severe_pain",
        "age_band=75_plus severe_pain",
    ),
    "age_60_fall_sudden_pain": (
        "age_band=60_74 trauma=minor severe_pain onset=sudden",
        "age_band=60_74 trauma=minor",
    ),
    "major_injury_still_bad": (
        "trauma=major duration=over_12w severe_pain",
        "trauma=major duration=over_12w",
    ),
    "major_injury_long_ago": ("trauma=major duration=over_12w", "trauma=major"),
    "bruise_over_spine": ("bruise_over_spine", "trauma=minor"),
    "fall_hip_pain": (
        "age_band=60_74 trauma=minor groin_pain difficulty_bearing_weight",
        "age_band=30_44 trauma=minor groin_pain difficulty_bearing_weight",
    ),
    "weak_bones_cannot_bear_weight": (
        "osteoporosis difficulty_bearing_weight hip_pain severe_pain",
        "difficulty_bearing_weight hip_pain severe_pain",
    ),
    "stress_fracture_load": (
        "running_load=increased hip_pain difficulty_bearing_weight",
        "running_load=increased hip_pain antalgic_gait",
    ),
    "stress_fracture_groin": (
        "physical_activity=athlete groin_pain night_pain progressive",
        "physical_activity=athlete lateral_hip_pain night_pain progressive",
    ),
    "waves_of_flank_pain": ("flank_pain restless_pain severe_pain", "flank_pain severe_pain"),
    "flank_infection": ("flank_pain urinary_symptoms", "low_back_pain urinary_symptoms"),
    "strong_belly_pain": (
        "abdominal_pain severe_pain nausea_vomiting onset=sudden",
        "abdominal_pain severe_pain",
    ),
    "older_still_pain": (
        "age_band=60_74 sex=male worse_with_movement=no severe_pain constant_pain",
        "age_band=60_74 sex=male severe_pain constant_pain",
    ),
    "uncontrolled_pain": ("uncontrolled_pain", "severe_pain"),
    "pregnancy_waves": (
        "pregnancy=pregnant restless_pain low_back_pain",
        "pregnancy=no restless_pain low_back_pain",
    ),
    "pregnancy_belly_or_urine": (
        "pregnancy=pregnant abdominal_pain severe_pain",
        "pregnancy=pregnant low_back_pain severe_pain",
    ),
    "leg_pain_below_knee": ("leg_pain=below_knee", "leg_pain=above_knee"),
    "numb_leg": ("leg_numbness", "leg_numbness=no leg_pain=above_knee"),
    "nerve_stretch_signs": ("slr leg_pain=above_knee", "slr leg_pain=none"),
    "leg_pain_both": ("leg_pain_both_sides", "leg_pain=above_knee"),
    "claudication": (
        "age_band=60_74 better_bending_forward pain_walking_running buttock_pain=both_sides",
        "age_band=30_44 better_bending_forward pain_walking_running buttock_pain=both_sides",
    ),
    "wide_based_gait": ("wide_based_gait", "antalgic_gait"),
    "cold_leg": ("cold_leg", "leg_pain=above_knee pain_walking_running"),
    "inflammatory_pattern": (
        "age_band=30_44 duration=over_12w morning_stiffness=over_30min night_pain",
        "age_band=30_44 duration=over_12w morning_stiffness=under_30min night_pain",
    ),
    "inflammatory_company": ("morning_stiffness=over_30min eye_inflammation", "eye_inflammation"),
    "stiff_hip": ("groin_pain hip_rotation=limited", "low_back_pain hip_rotation=limited"),
    "groin_pattern": ("groin_pain fadir", "groin_pain age_band=30_44"),
    "steroids_hip_pain": ("steroid_use hip_pain", "hip_pain"),
    "hard_to_stand": ("difficulty_bearing_weight severe_pain", "difficulty_bearing_weight"),
    "training_extension_pain": (
        "age_band=18_29 physical_activity=athlete extension_test",
        "age_band=30_44 physical_activity=inactive extension_test",
    ),
    "not_improving": ("not_improving", "not_improving=no duration=over_12w"),
    "cancer_history": ("cancer_history", "cancer_history=no"),
    "weight_loss": ("weight_loss", "weight_gain"),
    "sweats": ("chills_night_sweats", "malaise"),
    "first_episode_later_in_life": (
        "age_band=60_74 previous_back_pain=no night_pain thoracic_pain",
        "age_band=60_74 previous_back_pain=yes night_pain thoracic_pain",
    ),
    "constant_night_pain": ("constant_pain night_pain progressive", "constant_pain progressive"),
    "weak_bones": ("osteoporosis", "osteoporosis=no age_band=60_74"),
    "acute_belly": (
        "abdominal_pain severe_pain onset=sudden looks_unwell nausea_vomiting",
        "abdominal_pain severe_pain onset=sudden looks_unwell",
    ),
    "sudden_tender_spine": (
        "spinal_tenderness severe_pain onset=sudden",
        "spinal_tenderness onset=sudden",
    ),
    "sudden_belly_and_back_pain": (
        "abdominal_pain severe_pain onset=sudden",
        "abdominal_pain onset=sudden",
    ),
    "tender_after_injury": ("trauma=minor spinal_tenderness", "trauma=minor"),
    "infection_risk": ("recent_infection", "recent_infection=no"),
    "changed_urine": ("urinary_symptoms", "urinary_symptoms=no"),
    "belly_and_back_pain": (
        "abdominal_pain worse_with_movement=no",
        "abdominal_pain worse_with_movement=yes",
    ),
    "pregnancy_pelvic_pain": ("pregnancy=pregnant p4", "pregnancy=postpartum p4"),
    "weak_flag_alone": ("night_pain", "night_pain=no"),
    "bulge_on_scan": ("mri_disc_bulge", "mri_disc_bulge=negative"),
}


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
        if BY_NAME[name].fires(without):
            needed = without
    for variable in needed:
        assert not BY_NAME[name].fires({k: v for k, v in needed.items() if k != variable})


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
    assert len(advice.ask_again) == 1 and "emergency" in advice.ask_again[0]


@pytest.mark.parametrize("flag", sorted(set(red_flags(RULES)) - set(SEVEN)))
def test_not_sure_about_another_red_flag_asks_again(flag: str) -> None:
    advice = triage(RULES, {"low_back_pain": "yes", flag: UNSURE})
    assert advice.level == SELF_CARE
    (note,) = advice.ask_again
    assert RULES.labels[flag] in note
    assert "emergency department" in note or "the same day" in note


def test_not_sure_that_matters_only_with_another_answer_asks_again_there() -> None:
    alone = triage(RULES, {"immunosuppression": UNSURE, "fever": "no"})
    assert "make an appointment" in alone.ask_again[0]
    with_fever = triage(RULES, {"immunosuppression": UNSURE, "fever": "yes"})
    assert with_fever.level == URGENT
    assert "emergency department" in with_fever.ask_again[0]


def test_old_and_stable_signs_change_the_wording_and_not_the_level() -> None:
    new = triage(RULES, {"urinary_incontinence": "yes"})
    old = triage(RULES, {"urinary_incontinence": "yes", "sphincter_signs_old_stable": "yes"})
    assert old.level == new.level == EMERGENCY
    assert set(old.what_to_do) - set(new.what_to_do) == {RULES.texts["sentence"]["old_stable"]}
    assert triage(RULES, {"sphincter_signs_old_stable": "yes"}).level == SELF_CARE


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
    assert advice.reasons == ("None of your answers is a warning sign.",)
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
    ],
)
def test_emergency_wording_fits_the_region_or_is_neutral(region: str | None, number: str) -> None:
    advice = triage(RULES, {"collapse": "yes"}, region=region)
    assert f"call {number}" in " ".join(advice.what_to_do).lower()
    others = {"112", "911", "999", "000"} - {number}
    assert not any(other in " ".join(advice.what_to_do) for other in others)


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
        assert "in 100" in at.reasons[0]


def test_soft_findings_and_interventions_play_no_part() -> None:
    flag = Case({"fever": "yes", "injected_drugs": "yes"})
    soft = Case(
        flag.findings,
        {"night_pain": (0.99, 0.01), "leg_pain": (1.0, 0.5, 0.5)},
        {"fever": "no"},
    )
    assert triage_findings(RULES, soft) == dict(flag.findings)


def test_states_ruled_out_count_where_all_that_are_left_fire() -> None:
    runner = Case({"groin_pain": "yes"}, {"running_load": (0.0, 0.1, 1.0)})
    known = triage_findings(RULES, runner)
    assert known == {"groin_pain": "yes", "running_load": "regular|increased"}
    assert "groin_pattern" in triage(RULES, known).rules
    assert triage(RULES, {"leg_weakness": "one_side|both_sides"}).level == SELF_CARE


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
