"""Cases at the door: what is accepted, what is refused with which words, what survives saving."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbayes.cases.case import Case, case_to_dict, network_findings, parse_case, possible_states
from lumbayes.cases.case_files import parse_pairs, parse_text, read_case, save_case
from lumbayes.cases.vocabulary import load_vocabulary
from lumbayes.errors import CaseError, LumbayesError, UnknownNameError
from lumbayes.knowledge.model import Model, load_model
from lumbayes.knowledge.tables import data_dir

OPEN_CASES = [
    json.loads(line)
    for line in (data_dir() / "cases" / "open_cases.jsonl").read_text(encoding="utf-8").splitlines()
]


def parse(model: Model, **parts: object) -> Case:
    return parse_case(model, parts)


def warned(case: Case, text: str) -> bool:
    return any(text in warning for warning in case.warnings)


def test_a_flat_object_is_findings(model: Model) -> None:
    flat = parse_case(model, {"fever": "yes", "slr": "negative"})
    assert flat == parse(model, findings={"slr": "negative", "fever": "yes"})
    assert dict(flat.findings) == {"fever": "yes", "slr": "negative"}


def test_a_case_cannot_be_changed(model: Model) -> None:
    case = parse_case(model, {"fever": "yes"})
    with pytest.raises(FrozenInstanceError):
        case.minor = True  # type: ignore[misc]
    with pytest.raises(TypeError):
        case.findings["fever"] = "no"  # type: ignore[index]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"findings": {}},
        {"facts": None},
        {"findings": {"fever": None}},
        {"facts": {"golf": False}},
    ],
    ids=str,
)
def test_an_empty_case_is_the_prior_and_says_so(model: Model, data: dict[str, Any]) -> None:
    case = parse_case(model, data)
    assert not (case.findings or case.likelihoods or case.do)
    assert "no finding was given: the answer is the prior" in case.warnings[-1]


def test_unsure_is_an_answer_to_every_variable(model: Model) -> None:
    case = parse_case(model, dict.fromkeys(model.variables, "unsure"))
    assert set(case.findings.values()) == {"unsure"}
    assert network_findings(model, case) == {}
    assert warned(case, "the answer is the prior")


def test_triage_inputs_stay_out_of_the_network(model: Model) -> None:
    case = parse_case(model, {"collapse": "yes", "fever": "no"})
    assert case.findings["collapse"] == "yes"
    assert network_findings(model, case) == {"fever": "no"}


def test_a_set_enters_as_a_likelihood_of_ones_and_zeros(model: Model) -> None:
    case = parse(model, facts={"leg_pain": True})
    assert case.likelihoods["leg_pain"] == (0, 1, 1)
    assert possible_states(model, case, "leg_pain") == ("above_knee", "below_knee")
    assert possible_states(model, case, "fever") == ("no", "yes")
    assert possible_states(model, case, "asks_for_care") == ("yes",)
    with pytest.raises(UnknownNameError, match="unknown variable 'legpain'"):
        possible_states(model, case, "legpain")


def test_findings_refine_facts(model: Model) -> None:
    case = parse(model, facts={"leg_pain": True}, findings={"leg_pain": "below_knee"})
    assert case.findings["leg_pain"] == "below_knee"
    assert "leg_pain" not in case.likelihoods


def test_findings_win_over_facts_that_yield(model: Model) -> None:
    case = parse(model, facts={"tight_hip_flexors": True}, findings={"thomas": "negative"})
    assert case.findings["thomas"] == "negative"
    assert warned(case, "facts.tight_hip_flexors=true gives way to findings.thomas=negative")


def test_likelihoods(model: Model) -> None:
    case = parse(model, likelihoods={"slr": {"negative": 0.2, "positive": 0.8}})
    assert case.likelihoods["slr"] == (0.2, 0.8)
    certain = parse(model, likelihoods={"slr": {"negative": 0, "positive": 3}})
    assert certain.findings["slr"] == "positive"
    assert certain.likelihoods == {}


def test_a_likelihood_multiplies_the_facts(model: Model) -> None:
    case = parse(
        model,
        facts={"leg_pain": True},
        likelihoods={"leg_pain": {"none": 1, "above_knee": 0.25, "below_knee": 0.5}},
    )
    assert case.likelihoods["leg_pain"] == (0, 0.25, 0.5)


def test_interventions(model: Model) -> None:
    assert parse(model, do={"sitting": "under_6h"}).do == {"sitting": "under_6h"}
    seen = parse(model, do={"sitting": "under_6h"}, findings={"sitting": "under_6h"})
    assert seen.findings == {"sitting": "under_6h"}


@pytest.mark.parametrize(
    "parts",
    [
        {"facts": {"low_back_pain": True}},
        {"facts": {"chronic_pain": True}},
        {"facts": {"onset": "gradual"}},
        {"findings": {"hip_pain": "yes"}},
        {"findings": {"duration": "under_6w"}},
        {"likelihoods": {"leg_pain": {"none": 0, "above_knee": 1, "below_knee": 1}}},
    ],
)
def test_pain_sets_asks_for_care(model: Model, parts: dict[str, Any]) -> None:
    case = parse_case(model, parts)
    assert case.findings["asks_for_care"] == "yes"
    assert case.assumed == ("asks_for_care",)
    assert warned(case, "asks_for_care=yes is assumed, since pain is reported")


@pytest.mark.parametrize(
    "findings",
    [
        {"low_back_pain": "no"},
        {"duration": "no_pain"},
        {"sitting": "over_8h"},
        {"single_leg_bridge": "weak"},
        {"low_back_pain": "unsure"},
    ],
)
def test_no_pain_assumes_nothing(model: Model, findings: dict[str, str]) -> None:
    case = parse(model, findings=findings)
    assert "asks_for_care" not in case.findings
    assert case.assumed == ()


@pytest.mark.parametrize("answer", ["no", "yes", "unsure"])
def test_asks_for_care_can_be_answered(model: Model, answer: str) -> None:
    case = parse(model, findings={"low_back_pain": "yes", "asks_for_care": answer})
    assert case.findings["asks_for_care"] == answer
    assert case.assumed == ()


@pytest.mark.parametrize("data", OPEN_CASES, ids=lambda d: d["id"])
def test_open_cases_are_understood(model: Model, data: dict[str, Any]) -> None:
    case = parse_case(model, data)
    assert case.findings["asks_for_care"] == "yes"
    assert case.minor == (data["facts"].get("age_years", 40) < 18)
    assert set(case.understood) == set(case.findings) | set(case.likelihoods)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([1], r"a case must be a JSON object, got \[1\]. Example:"),
        ("fever", "a case must be a JSON object, got 'fever'"),
        ({"findings": ["fever"]}, "findings must be an object in braces"),
        ({"facts": "fever"}, "facts must be an object in braces, got 'fever'"),
        ({"do": 3}, "do must be an object in braces, got 3"),
        ({"findings": {}, "minor": "yes"}, "minor must be true or false, got 'yes'"),
        ({"findings": {}, "warnings": "x"}, "warnings must be a list of texts, got 'x'"),
        ({"fever": 39}, "findings.fever must be one of no, yes, unsure, got 39"),
        ({"fever": {"yes": 1}}, "findings.fever must be one of no, yes, unsure"),
        ({"do": {"collapse": "yes"}}, "do.collapse: collapse is asked for safety only"),
        (
            {"likelihoods": {"collapse": {"no": 1, "yes": 1}}},
            "collapse is asked for safety only; answer it under findings",
        ),
        (
            {"likelihoods": {"slr": 0.5}},
            r'likelihoods.slr must be \{"negative": 1, "positive": 1\}',
        ),
        (
            {"likelihoods": {"slr": {"positive": 1}}},
            "likelihoods.slr.negative must be a number of 0 or more, got null. Give every state",
        ),
        ({"likelihoods": {"slr": {"positive": -1, "negative": 1}}}, "0 or more, got -1"),
        ({"likelihoods": {"slr": {"positive": True, "negative": 1}}}, "0 or more, got true"),
        ({"likelihoods": {"slr": {"positive": float("inf"), "negative": 1}}}, "or more, got inf"),
        ({"likelihoods": {"slr": {"positive": 0, "negative": 0}}}, "slr: every weight is 0"),
    ],
)
def test_wrong_types(model: Model, data: object, message: str) -> None:
    with pytest.raises(CaseError, match=message):
        parse_case(model, data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"fevr": "yes"}, r"unknown variable 'fevr'. Did you mean 'fever'\?"),
        (
            {"slr": "Postive"},
            r"unknown state of slr 'Postive'. Did you mean 'positive'\? Known: neg",
        ),
        ({"heart_rate_bpm": 90}, "heart_rate_bpm is a fact: put it under facts"),
        ({"findings": {}, "fact": {}}, "unknown part of a case 'fact'. Did you mean 'facts'"),
        ({"findings": {}, "fever": "yes"}, "A finding goes inside findings"),
        ({"do": {"fever": "unsure"}}, "unknown state of fever 'unsure'"),
        ({"likelihoods": {"slr": {"pos": 1}}}, "unknown state of slr 'pos'"),
        ({"likelihoods": {"slrr": {}}}, "unknown variable 'slrr'"),
    ],
)
def test_unknown_names(model: Model, data: object, message: str) -> None:
    with pytest.raises(UnknownNameError, match=message):
        parse_case(model, data)


@pytest.mark.parametrize(
    ("parts", "fields"),
    [
        ({"facts": {"sex": "male", "pregnant": True}}, ("facts.sex=male", "facts.pregnant=true")),
        ({"facts": {"sex": "male", "postpartum": True}}, ("facts.sex", "facts.postpartum")),
        ({"facts": {"sex": "male", "weeks_postpartum": 9}}, ("facts.sex", "weeks_postpartum=9")),
        (
            {"findings": {"sex": "male", "pregnancy": "pregnant"}},
            ("findings.sex=male", "findings.pregnancy=pregnant"),
        ),
        (
            {"facts": {"leg_pain": False, "leg_pain_below_knee": True}},
            ("facts.leg_pain=false", "facts.leg_pain_below_knee=true"),
        ),
        ({"facts": {"leg_pain": False, "bilateral_leg_pain": True}}, ("leg_pain", "bilateral")),
        (
            {"findings": {"leg_pain": "none", "leg_pain_both_sides": "yes"}},
            ("findings.leg_pain=none", "findings.leg_pain_both_sides=yes"),
        ),
        ({"facts": {"hip_pain": False, "bilateral_hip_pain": True}}, ("hip_pain", "bilateral")),
        ({"facts": {"buttock_pain": False, "bilateral_buttock_pain": True}}, ("buttock", "bilat")),
        (
            {"facts": {"morning_stiffness": False, "morning_stiffness_over_30min": True}},
            ("facts.morning_stiffness=false", "facts.morning_stiffness_over_30min=true"),
        ),
        ({"facts": {"lumbar_rom_normal": True, "lumbar_rom_limited": True}}, ("normal", "limited")),
        (
            {"findings": {"duration": "no_pain", "low_back_pain": "yes"}},
            ("findings.duration=no_pain", "findings.low_back_pain=yes"),
        ),
        (
            {"findings": {"duration": "no_pain"}, "facts": {"leg_pain": True}},
            ("findings.duration=no_pain", "facts.leg_pain=true"),
        ),
        (
            {"findings": {"fever": "no"}, "facts": {"temperature_c": 39}},
            ("facts.temperature_c=39", "findings.fever=no"),
        ),
        (
            {"findings": {"fever": "unsure"}, "facts": {"fever": False}},
            ("findings.fever=unsure", "facts.fever=false"),
        ),
        (
            {
                "findings": {"slr": "positive"},
                "likelihoods": {"slr": {"negative": 1, "positive": 0}},
            },
            ("likelihoods.slr", "findings.slr=positive"),
        ),
        (
            {"findings": {"sitting": "over_8h"}, "do": {"sitting": "under_6h"}},
            ("do.sitting=under_6h", "findings.sitting=over_8h"),
        ),
    ],
)
def test_contradictions_name_both_fields(
    model: Model, parts: dict[str, Any], fields: tuple[str, str]
) -> None:
    with pytest.raises(CaseError, match=r"contradict each other|cannot both hold") as caught:
        parse_case(model, parts)
    assert all(field in str(caught.value) for field in fields)
    assert "emove" in str(caught.value)


def test_a_denial_gives_way_to_a_report(model: Model) -> None:
    case = parse(model, facts={"global_hip_weakness": True, "weak_glutes_unspecified": False})
    assert case.findings["weak_hip_abduction"] == "positive"
    assert (
        "facts.weak_glutes_unspecified=false gives way to facts.global_hip_weakness=true"
        " (weak_hip_abduction)." in case.warnings
    )


def test_facts_that_disagree_loosely_leave_the_variable_unknown(model: Model) -> None:
    case = parse(model, facts={"age_band": "about 30", "postmenopausal": True})
    assert "age_band" not in case.understood
    assert (
        "facts.age_band=about 30, facts.postmenopausal=true disagree about age_band;"
        " it is taken as unknown." in case.warnings
    )


FACTS = st.sampled_from(sorted(load_vocabulary(load_model())))


@given(st.dictionaries(FACTS, st.booleans() | st.integers(0, 60), max_size=25))
def test_any_facts_are_understood_or_refused(facts: dict[str, Any]) -> None:
    """Whatever is claimed, the answer is a case without empty states or an error with a way out."""
    model = load_model()
    typed = {
        name: bool(value) if load_vocabulary(model)[name].kind == "bool" else float(value)
        for name, value in facts.items()
        if load_vocabulary(model)[name].kind in ("bool", "number")
    }
    try:
        case = parse_case(model, {"facts": typed})
    except CaseError as error:
        assert "facts." in str(error)
        return
    for name, weights in case.likelihoods.items():
        assert len(weights) == len(model.variables[name].states)
        assert sum(w > 0 for w in weights) > 1
        assert min(weights) < max(weights) <= 1
    assert not set(case.likelihoods) & set(case.findings)
    assert parse_case(model, case_to_dict(model, case)) == case


@pytest.mark.parametrize("data", OPEN_CASES, ids=lambda d: d["id"])
def test_a_saved_case_is_the_same_when_opened(
    model: Model, tmp_path: Path, data: dict[str, Any]
) -> None:
    case = parse_case(model, data)
    save_case(model, case, tmp_path / "case.json")
    assert read_case(model, tmp_path / "case.json") == case
    assert [p.name for p in tmp_path.iterdir()] == ["case.json"]


def test_a_saved_case_carries_its_versions(model: Model) -> None:
    version = case_to_dict(model, parse_case(model, {"fever": "no"}))["version"]
    assert isinstance(version, Mapping)
    assert version["data"] == model.version
    assert version["program"]


def test_a_case_saved_under_other_tables_opens_with_a_message(model: Model) -> None:
    saved = {
        "findings": {"fever": "yes", "gone": "yes", "slr": "equivocal", "trauma": None},
        "likelihoods": {
            "thomas": {"negative": 0.5, "positive": 1},
            "ober": {"negative": 1, "doubtful": 1},
        },
        "do": {"sitting": "not_at_all"},
        "version": {"program": "0.0.1", "data": "00000000"},
    }
    case = parse_case(model, saved)
    assert case.findings == {"fever": "yes", "slr": "unsure", "ober": "unsure"}
    assert case.unclear == ("gone: yes",)
    assert set(case.likelihoods) == {"thomas"}
    assert case.do == {}
    assert warned(case, "saved by lumbayes 0.0.1 with tables 00000000; it is read with tables")
    for gone in (
        "findings.gone='yes'",
        "findings.slr='equivocal'",
        "likelihoods.ober",
        "do.sitting",
    ):
        assert warned(case, gone), gone
    assert warned(case, "is dropped: these tables lack it")


def test_a_case_saved_under_these_tables_is_read_strictly(model: Model) -> None:
    with pytest.raises(UnknownNameError, match="unknown variable 'gone'"):
        parse_case(model, {"findings": {"gone": "yes"}, "version": {"data": model.version}})


def test_saving_where_nothing_can_be_written(model: Model, tmp_path: Path) -> None:
    with pytest.raises(LumbayesError, match=r"there is no folder .*missing\. Make it first"):
        save_case(model, Case(), tmp_path / "missing" / "case.json")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"fever": "yes"', r"case.json, column 16: not valid JSON \(Expecting"),
        ('{\n"fever": yes}', r"case.json, line 2, column 10: not valid JSON"),
        ("", r"case.json is empty. A case without findings is \{\}"),
        ('{"fever": "yes", "fever": "no"}', "case.json: fever is given twice in one object"),
        ('{"facts": {"age_years": NaN}}', "case.json: NaN is not a JSON number. Write null"),
        ('{"fevr": "yes"}', r"case.json: unknown variable 'fevr'"),
        ("[]", "case.json: a case must be a JSON object"),
        ("[" * 100_000, "case.json"),
    ],
)
def test_broken_files(model: Model, tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "case.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LumbayesError, match=message):
        read_case(model, path)


def test_files_that_cannot_be_read(model: Model, tmp_path: Path) -> None:
    with pytest.raises(CaseError, match=r"none.json cannot be read: No such file.* Check the path"):
        read_case(model, tmp_path / "none.json")
    (tmp_path / "latin.json").write_bytes(b'{"note": "caf\xe9"}')
    with pytest.raises(CaseError, match=r"is not UTF-8 text \(byte 13\)"):
        read_case(model, tmp_path / "latin.json")


def test_standard_input(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'\xef\xbb\xbf{"fever": "yes"}')))
    assert read_case(model, "-").findings == {"fever": "yes"}
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"{")))
    with pytest.raises(CaseError, match="standard input, column 2"):
        read_case(model, "-")


def test_pairs(model: Model) -> None:
    assert parse_pairs(["fever=yes", " slr = negative "]) == {"fever": "yes", "slr": "negative"}
    assert parse_pairs(["fever=yes", "fever=yes"]) == {"fever": "yes"}
    for bad in ("fever", "=yes", "fever="):
        with pytest.raises(CaseError, match=f"'{bad}' is not a pair. Write variable=state"):
            parse_pairs([bad])
    with pytest.raises(CaseError, match=r"fever is given twice: yes and no. Remove one"):
        parse_pairs(["fever=yes", "fever=no"])


def test_text_names_its_place(model: Model) -> None:
    with pytest.raises(CaseError, match="the uploaded file, column 2"):
        parse_text(model, "{", "the uploaded file")
