"""Phrases in and around facts: a sign and its trouble together, never what is denied or past."""

from __future__ import annotations

import json
from itertools import product

import pytest

from lumbayes.cases.case import understand
from lumbayes.cases.sayings import letters_of, read_sayings, told_in
from lumbayes.knowledge.model import load_model
from lumbayes.knowledge.tables import data_dir
from lumbayes.triage.care_level import care_level
from lumbayes.triage.rules import rank

MODEL = load_model()
# What fails, how it fails, and the level of it.
TROUBLES = (
    ("bladder", "cannot empty", 0),
    ("voiding", "nothing comes", 0),
    ("urine", "leaks without warning", 0),
    ("bowels", "no control", 0),
    ("perineum", "numb", 0),
    ("genitals", "feel different", 0),
    ("erections", "lost", 0),
    ("both legs", "weak", 0),
    ("lower limbs", "3/5 on both sides", 0),
    ("gait", "unsteady", 0),
    ("foot", "drags", 0),
    ("chest", "tight", 0),
    ("leg", "cold and pale", 0),
    ("stools", "black", 0),
    ("scrotum", "swollen and red", 1),
    ("ankle dorsiflexion", "4/5", 1),
    ("mental state", "confused", 1),
    ("breathing", "short of breath", 1),
    ("hands", "clumsy", 1),
)
CONDITIONS = {
    0: "cauda_equina epidural_abscess aortic_dissection pulmonary_embolism sepsis stroke"
    " myocardial_infarction ectopic_pregnancy testicular_torsion hip_fracture guillain_barre",
    1: "discitis spinal_metastases deep_vein_thrombosis pyelonephritis vertebral_fracture",
}
NAMED = [(name, level) for level, names in CONDITIONS.items() for name in names.split()]


def level(facts: dict[str, object]) -> int:
    case = understand(MODEL, {"facts": {"low_back_pain": True, **facts}})
    return rank(care_level(MODEL, case).level)


@pytest.mark.parametrize(("sign", "trouble", "most"), TROUBLES)
def test_a_sign_and_its_trouble_are_read_in_every_form(sign: str, trouble: str, most: int) -> None:
    """As name and value, in one name, in a sentence, at any time and beside other words."""
    for time in ("", " since yesterday", ", new", " for two days"):
        assert level({sign.replace(" ", "_"): trouble + time}) <= most
        assert level({"told": f"back pain, {sign} {trouble}{time}"}) <= most
    if trouble[0].isalpha():
        assert level({f"{sign} {trouble}".replace(" ", "_"): True}) <= most


@pytest.mark.parametrize(("sign", "trouble", "_"), TROUBLES)
@pytest.mark.parametrize("form", ["not {t}", "{t} in 2009, resolved", "father: {s} {t}"])
def test_what_is_denied_past_or_of_others_is_not_read(
    sign: str, trouble: str, _: int, form: str
) -> None:
    if "cannot" in trouble or "no" in trouble:
        return
    for name in (sign.replace(" ", "_"), "told"):
        text = form.format(t=trouble, s=sign)
        told = told_in(None, name if name != "told" else "", text)
        assert not told, told


@pytest.mark.parametrize(("name", "most"), NAMED)
def test_a_named_condition_counts_until_it_is_ruled_out(name: str, most: int) -> None:
    for value in (True, "suspected", "query", "possible", "new", "cannot be excluded"):
        assert level({name: value}) <= most, value
    for before in ("suspected_", "possible_", "query_"):
        assert level({before + name: True}) <= most
    assert level({"impression": name.replace("_", " ")}) <= most
    suspicions = MODEL.with_role("suspicion")
    for value in ("excluded", "ruled out", "no", "never", "unlikely", "none", "in 2009"):
        assert not told_in(None, name, value, suspicions), value
    for words in (f"no {name}", f"history of {name}", f"mother had {name}"):
        assert not told_in(None, "", words.replace("_", " "), suspicions), words


FUNCTIONS = "bladder bowels urination bowel_habit gait sensation reflexes power tone pulses".split()
CALM = ("normal", "regular", "no change", "as always", "normal, as always", "unchanged", "intact")


@pytest.mark.parametrize(("name", "value"), list(product(FUNCTIONS, CALM)))
def test_a_calm_word_under_a_function_leaves_nothing_open(name: str, value: str) -> None:
    assert not understand(MODEL, {"facts": {name: value}}).unclear


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("value", ["not", "normal until Monday", "odd", "less", "almost none"])
def test_what_is_not_calm_under_a_function_is_never_all_well(name: str, value: str) -> None:
    case = understand(MODEL, {"facts": {"low_back_pain": True, name: value}})
    told = set(case.understood) - {"low_back_pain", *case.assumed}
    assert case.unclear or told, (name, value)


def test_letters_spare_work_and_lose_no_match() -> None:
    """Where a saying stands in a text, its letters do; the texts are those of the worked cases."""
    lines = (data_dir() / "cases" / "blind_second.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [f"{s} {t}" for s, t, _ in TROUBLES] + [name.replace("_", " ") for name, _ in NAMED]
    texts += [str(v).lower() for line in lines for v in json.loads(line)["facts"].items()]
    for text in texts:
        letters = letters_of(text)
        for saying in read_sayings():
            if all(part.search(text) for part in saying.parts):
                assert saying.may_stand(letters), (text, saying)


def test_every_saying_can_be_matched_and_names_an_answer() -> None:
    for saying in read_sayings():
        assert saying.parts
        assert saying.state in (*MODEL.variables[saying.variable].states, "unsure")


@pytest.mark.parametrize(
    ("facts", "variable", "state"),
    [
        ({"bladder_scan": "820 ml"}, "bladder_volume", "over_500ml"),
        ({"gcs": 10}, "collapse", "yes"),
        ({"spo2": 84}, "breathing", "very_bad"),
        ({"temp_f": 102.5}, "fever", "yes"),
        ({"fever": "38.3 for 4 days"}, "fever", "yes"),
        ({"fever": "no, 36.6"}, "fever", "no"),
        ({"lactate_mmol_l": 5.2}, "named_condition", "at_once"),
        ({"corrected_calcium": "3.2 mmol/L"}, "cancer_blood_sign", "yes"),
    ],
)
def test_numbers_are_read_with_their_names(
    facts: dict[str, object], variable: str, state: str
) -> None:
    assert understand(MODEL, {"facts": facts}).findings[variable] == state


@pytest.mark.parametrize(
    "facts",
    [{"bladder_scan_ml": 40}, {"gcs": 15}, {"spo2": 98}, {"temp_f": 98.2}, {"lactate_mmol_l": 1.1}],
)
def test_normal_numbers_raise_nothing(facts: dict[str, object]) -> None:
    found = understand(MODEL, {"facts": facts}).findings
    assert not {"collapse", "named_condition", "looks_unwell"} & set(found)
