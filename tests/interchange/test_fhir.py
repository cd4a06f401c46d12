"""FHIR R4 and CDS Hooks: valid by a library of the standard, and no answer lost on the way."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from lumbayes.cases.case import UNRELIABLE, parse_case, understand
from lumbayes.cases.responses import case_of_response, response_of
from lumbayes.cli import main
from lumbayes.errors import CaseError
from lumbayes.interchange.cds_hooks import PrefetchError, cards, prefetched, services
from lumbayes.interchange.codes import SAID, read_codes
from lumbayes.interchange.questionnaire import questionnaire
from lumbayes.interchange.risk_assessment import (
    NO_PREDICTION,
    operation_outcome,
    risk_assessment,
)
from lumbayes.interchange.schemas import schema
from lumbayes.knowledge.model import Model, load_model
from lumbayes.questions.assessment.summary import assess
from lumbayes.service.answers import assessed, cds_cards, fhir_assessed

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the library's own, on import
    from fhir.resources import R4B


def valid(resource: dict[str, Any]) -> None:
    """What R4B, the last revision of R4, allows; ours uses nothing in which the two differ."""
    R4B.get_fhir_model_class(resource["resourceType"]).model_validate(resource)


def response(answers: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A QuestionnaireResponse with one coded answer an item."""
    items = [{"linkId": n, "answer": [{"valueCoding": {"code": s}}]} for n, s in answers.items()]
    return {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "item": [{"linkId": "group", "item": items}],
        **more,
    }


def test_the_questionnaire_is_valid_and_asks_all_that_can_be_asked(model: Model) -> None:
    made = questionnaire(model, "1.0")
    valid(made)
    items = [item for group in made["item"] for item in group["item"]]
    asked = {v.name: v.states for v in model.variables.values() if v.ask != "none"}
    assert {i["linkId"] for i in items} == set(asked)
    for item in items:
        codes = [option["valueCoding"]["code"] for option in item["answerOption"]]
        assert tuple(codes) == (*asked[item["linkId"]], "unsure")


ASKED = {v.name: v.states for v in load_model().variables.values() if v.ask != "none"}


@given(
    st.lists(st.sampled_from(sorted(ASKED)), unique=True, max_size=12).flatmap(
        lambda names: st.fixed_dictionaries(
            {n: st.sampled_from([*ASKED[n], "unsure"]) for n in names}
        )
    )
)
@settings(max_examples=60)
def test_answers_through_fhir_are_the_answers(answers: dict[str, str]) -> None:
    assert case_of_response(load_model(), response(answers))["findings"] == answers


def test_an_emergency_by_fhir_is_one(model: Model) -> None:
    given_ = response({"low_back_pain": "yes", "saddle_numbness": "yes"}, id="r1")
    given_["subject"] = {"reference": "Patient/1"}
    valid(given_)
    answer = assess(model, parse_case(model, given_), 20).to_dict()
    assert answer["triage"]["level"] == "emergency_now"
    risk = risk_assessment(answer, given_)
    valid(risk)
    assert risk["subject"] == {"reference": "Patient/1"}
    first, row = risk["prediction"][0], answer["differential"][0]
    assert first["probabilityDecimal"] == pytest.approx(100 * row["probability"], rel=1e-5)
    assert first["relativeRisk"] == pytest.approx(row["probability"] / row["prior"], rel=1e-5)
    level = risk["extension"][0]["extension"][0]["valueCodeableConcept"]["coding"][0]["code"]
    assert level == "emergency_now"
    card = cards(answer)["cards"][0]
    assert card["indicator"] == "critical"
    assert len(card["summary"]) <= 140


def test_while_signs_are_open_nothing_sounds_final(model: Model) -> None:
    answer = assess(model, parse_case(model, {"low_back_pain": "yes"}), 0).to_dict()
    answer["triage"] |= {"provisional": True, "open_warning_signs": ["saddle_numbness"]}
    risk = risk_assessment(answer)
    valid(risk)
    assert risk["status"] == "preliminary"
    assert risk["note"][0]["text"].startswith("Provisional")
    card = cards(answer)["cards"][0]
    assert card["summary"] == "Warning signs are still open"
    assert "Self-care" not in json.dumps(card)
    settled = {**answer, "triage": {**answer["triage"], "provisional": False}}
    assert risk_assessment(settled)["status"] == "final"


@pytest.mark.parametrize("values", [["yes", "no"], ["no", "yes"], ["no", "unsure"]])
def test_a_sign_answered_both_ways_is_unsure_and_not_silent(
    model: Model, values: list[str]
) -> None:
    both = response({})
    both["item"] = [
        {"linkId": "saddle_numbness", "answer": [{"valueCoding": {"code": v}}]} for v in values
    ]
    case = case_of_response(model, both)
    assert case["findings"] == {"saddle_numbness": "unsure"}
    both_said = f"saddle_numbness is answered {values[0]} and {values[1]}: it counts as unsure"
    assert both_said in case["warnings"][0]
    assert case["warnings"][0] in parse_case(model, both).warnings


def test_facts_booleans_and_alternatives_are_understood(model: Model) -> None:
    item = [
        {"linkId": "age_years", "answer": [{"valueInteger": 43}]},
        {"linkId": "fever", "answer": [{"valueBoolean": True}]},
        {
            "linkId": "leg_pain",
            "answer": [{"valueCoding": {"code": c}} for c in ("above_knee", "below_knee")],
        },
        {"linkId": "slr"},
    ]
    case = parse_case(model, response({}, item=item))
    assert case.findings["age_band"] == "30_44"
    assert case.findings["fever"] == "yes"
    assert case.understood["leg_pain"] == "above_knee or below_knee"
    assert "slr" not in case.findings


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ([{"linkId": "fever", "answer": [{"valueCoding": {"code": "perhaps"}}]}], "Known: no, yes"),
        ([{"linkId": "fever", "answer": [{}]}], "must hold one value"),
        ([{"linkId": "fever", "answer": [{"valueCoding": {}}]}], "no code and no value"),
        ([{"answer": []}], "an object with a linkId"),
        ({"linkId": "fever"}, "must be a list"),
        ([{"linkId": "fever", "answer": {"valueBoolean": True}}], "answer must be a list"),
    ],
)
def test_a_response_that_cannot_be_read_says_where(model: Model, item: Any, message: str) -> None:
    with pytest.raises(CaseError, match=message):
        case_of_response(model, response({}, item=item))


def test_only_one_response_and_none_entered_in_error(model: Model) -> None:
    one = response({"fever": "yes"})
    bundle = {"resourceType": "Bundle", "entry": [{"resource": one}]}
    assert response_of(bundle) == one
    with pytest.raises(CaseError, match="2 QuestionnaireResponses"):
        response_of({**bundle, "entry": [{"resource": one}] * 2})
    with pytest.raises(CaseError, match="no QuestionnaireResponse"):
        response_of({"resourceType": "Patient"})
    with pytest.raises(CaseError, match="entered-in-error"):
        case_of_response(model, {**one, "status": "entered-in-error"})


ALARM = response({"low_back_pain": "yes", "saddle_numbness": "yes"})
ONE = {**ALARM, "subject": {"reference": "Patient/1"}}
OTHER = response({"low_back_pain": "yes"}, subject={"reference": "Patient/2"})
DOUBTFUL: dict[str, Any] = {
    "entered in error": {**ONE, "status": "entered-in-error"},
    "two people": {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": ONE}, {"resource": OTHER}],
    },
    "a code unknown": {**ONE, "item": [*ONE["item"], *response({"fever": "perhaps"})["item"]]},
}


@pytest.mark.parametrize("sent", DOUBTFUL.values(), ids=DOUBTFUL)
def test_an_emergency_in_a_response_that_is_wrong_is_told_and_nothing_else(
    model: Model, sent: dict[str, Any]
) -> None:
    risk = fhir_assessed(model, json.dumps(sent).encode(), 0, None)
    valid(risk)
    level = risk["extension"][0]["extension"][0]["valueCodeableConcept"]["coding"][0]["code"]
    assert (level, risk["status"]) == ("emergency_now", "preliminary")
    assert "prediction" not in risk
    told = [note["text"] for note in risk["note"]]
    assert told[0] == NO_PREDICTION
    assert UNRELIABLE in told
    two = sent is DOUBTFUL["two people"]
    assert risk["subject"] == ({"display": "not stated"} if two else ONE["subject"])
    call = {"hook": "patient-view", "prefetch": {"response": sent}}
    (card,) = cds_cards(model, json.dumps(call).encode(), 0, None)["cards"]
    assert card["indicator"] == "critical"
    assert NO_PREDICTION in card["detail"] and " %" not in card["detail"]
    said = assessed(model, json.dumps(sent).encode(), 20, None)
    assert said["triage"]["level"] == "emergency_now"
    assert UNRELIABLE in said["warnings"]
    assert said["findings"]["saddle_numbness"].startswith("yes")
    for part in ("differential", "must_not_miss", "imbalances", "alike", "explanations"):
        assert said[part] == []
    assert said["next_questions"]["questions"] == []
    Draft202012Validator(schema("assess", model)).validate(said)
    page = assess(model, understand(model, sent), 20).to_text(show_anyway=True, clinician=True)
    assert " in 100" not in page and UNRELIABLE in " ".join(page.split()).replace("- ", "")


@pytest.mark.parametrize("kind", ["entered in error", "two people"])
def test_without_an_alarm_a_response_that_is_wrong_is_refused(model: Model, kind: str) -> None:
    calm = json.loads(json.dumps(DOUBTFUL[kind]).replace('"code": "yes"', '"code": "no"'))
    with pytest.raises(CaseError, match=r"entered-in-error|exactly one"):
        fhir_assessed(model, json.dumps(calm).encode(), 0, None)


def test_a_response_to_another_questionnaire_is_noted_and_keeps_its_level(model: Model) -> None:
    for url in ("http://example.org/other|2", "#inside"):
        risk = fhir_assessed(model, json.dumps({**ONE, "questionnaire": url}).encode(), 0, None)
        assert any("another questionnaire" in n["text"] and url in n["text"] for n in risk["note"])
        assert (risk["status"], "prediction" in risk) == ("preliminary", True)
        call = {"hook": "patient-view", "prefetch": {"response": {**ONE, "questionnaire": url}}}
        (card,) = cds_cards(model, json.dumps(call).encode(), 0, None)["cards"]
        assert "another questionnaire" in card["detail"]
        assert risk["extension"][0]["extension"][0]["valueCodeableConcept"]["text"].startswith("E")
    asked = questionnaire(model, "1.0")
    for url in (asked["url"], f"{asked['url']}|{asked['version']}"):
        assert "warnings" not in case_of_response(model, {**ONE, "questionnaire": url})
        body = json.dumps({**ONE, "questionnaire": url}).encode()
        assert fhir_assessed(model, body, 0, None)["status"] == "final"
    two = [{**OTHER, "questionnaire": f"http://example.org/{n}"} for n in "ab"]
    assert sum("another questionnaire" in w for w in understand(model, two).warnings) == 2


def test_the_command_line_takes_a_response_like_any_case(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "response.json"
    path.write_text(json.dumps(response({"low_back_pain": "yes", "saddle_numbness": "yes"})))
    assert main(["assess", str(path), "--draws", "0", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["triage"]["level"] == "emergency_now"
    path.write_text(json.dumps(response({"fever": "perhaps"})))
    assert main(["assess", str(path)]) == 2
    assert str(path) in capsys.readouterr().err


def test_a_call_of_a_record_system(model: Model) -> None:
    (service,) = services()["services"]
    assert service["id"] == "lumbayes"
    call = {"hook": "patient-view", "prefetch": {"response": response({"fever": "yes"})}}
    assert prefetched(call) == call["prefetch"]["response"]  # type: ignore[index]
    empty = {"resourceType": "Bundle", "total": 0}
    assert prefetched({**call, "prefetch": {"response": empty}}) is None
    outcome = operation_outcome("nothing found")
    none = {**empty, "entry": [{"resource": outcome}]}
    assert prefetched({**call, "prefetch": {"response": none}}) is None
    full = {**empty, "entry": [{"resource": outcome}, {"resource": ONE}]}
    assert prefetched({**call, "prefetch": {"response": full}}) == full
    for lacking in ({"hook": "patient-view"}, {**call, "prefetch": {"response": outcome}}):
        with pytest.raises(PrefetchError):
            prefetched(lacking)
    wrongs: list[Any] = [{"hook": "order-sign"}, {"hook": "patient-view"}, [], None]
    for wrong in wrongs:
        with pytest.raises(CaseError):
            prefetched(wrong)


def test_codes_name_what_exists_and_say_how_they_were_checked(model: Model) -> None:
    for name, codes in read_codes().items():
        assert name in model.variables
        assert len({c.system for c in codes}) == len(codes)
        assert all(c.checked for c in codes)
    assert any(c.relation not in SAID for codes in read_codes().values() for c in codes)


def test_an_error_is_a_valid_outcome() -> None:
    valid(operation_outcome("no such state"))


def test_the_card_of_an_emergency_stops_and_shows_what_contradicts_itself(model: Model) -> None:
    """No chance of anything beside it, nothing about a level that could still rise."""
    said = {"low_back_pain": "yes", "collapse": "yes", "sex": "male", "pregnancy": "pregnant"}
    case = understand(model, response(said))
    answer = assess(model, case, 0).to_dict()
    (card,) = cards(answer)["cards"]
    assert card["indicator"] == "critical" and card["summary"] == "Emergency help now"
    assert "%" not in card["detail"] and "may still rise" not in card["detail"]
    assert not any(row["label"] in card["detail"] for row in answer["differential"])
    plain = card["detail"].replace("\\", "")
    assert case.contradictions and all(clash in plain for clash in case.contradictions)
    assert answer["triage"]["what_to_do"][0] in plain
