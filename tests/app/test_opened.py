"""What is opened in the app, a file or a link, loses no warning sign on the way."""

from __future__ import annotations

import base64
import json
import zlib

import pytest
from app_parts import app, card, shown

from lumbayes.app import share
from lumbayes.cases.case import understand
from lumbayes.cases.forms import text_of
from lumbayes.cases.json_values import salvage_json
from lumbayes.errors import LumbayesError
from lumbayes.knowledge.model import Model
from lumbayes.triage.care_level import admit, care_level

ALARM = {"findings": {"low_back_pain": "yes", "saddle_numbness": "yes"}}


def level(model: Model, content: bytes) -> str:
    """The level of a file as the app reads it."""
    text, wrong = text_of(content, "file")
    data, broken = salvage_json(text, "file")
    return care_level(model, understand(model, data, [*wrong, *broken])).level


@pytest.mark.parametrize(
    "content",
    [
        b'{"findings": {"saddle_numbness": "yes"',
        b'{"findings": {"saddle_numbness": "no", "saddle_numbness": "yes"}}',
        json.dumps([ALARM]).encode(),
        json.dumps(ALARM).encode("utf-16"),
        json.dumps(ALARM).encode()[:-1] + b', "label": "\xff"}',
        json.dumps(
            {
                "resourceType": "QuestionnaireResponse",
                "item": [
                    {"linkId": "saddle_numbness", "answer": [{"valueCoding": {"code": "yes"}}]},
                    {"linkId": "fever", "answer": [{"valueCoding": {"code": "perhaps"}}]},
                ],
            }
        ).encode(),
    ],
)
def test_a_broken_file_with_an_alarm_keeps_it(model: Model, content: bytes) -> None:
    assert level(model, content) == "emergency_now"


def test_a_link_that_was_cut_off_keeps_what_comes_before_the_cut(model: Model) -> None:
    rest = dict.fromkeys(model.names("finding"), "unsure") | {"saddle_numbness": "yes"}
    code = share.to_code({"findings": {"saddle_numbness": "yes"} | rest})
    for lost in range(1, 12):
        case = admit(model, understand(model, *share.from_code(code[:-lost])))
        assert care_level(model, case).level == "emergency_now"
        assert any("cut off" in str(error) for error in case.errors)
    with pytest.raises(LumbayesError):
        share.from_code("%%%")


def link(text: str) -> str:
    return base64.urlsafe_b64encode(zlib.compress(text.encode())).decode().rstrip("=")


def test_a_limit_of_a_link_is_named_and_how_to_raise_it(model: Model) -> None:
    alarm = '{"findings": {"saddle_numbness": "yes"}, "note": '
    case = admit(model, understand(model, *share.from_code(link(alarm + "9" * 200 + "}"))))
    assert care_level(model, case).level == "emergency_now"
    assert "LUMBAYES_DIGITS" in str(case.errors[0])
    case = admit(model, understand(model, *share.from_code(link(f'{alarm}"{"x" * 70_000}"}}'))))
    assert care_level(model, case).level == "emergency_now"
    assert "60,000 bytes" in str(case.errors[0]) and "LUMBAYES_LINK_BYTES" in str(case.errors[0])
    with pytest.raises(LumbayesError, match=r"6,000 characters.*LUMBAYES_LINK\."):
        share.from_code("9" * 7_000)


def test_what_stands_beside_the_parts_of_a_link_counts_or_is_named(model: Model) -> None:
    for part in ('"saddle_numbness": "yes"', '"facts": {"saddle_numbness": true}'):
        data, broken = share.from_code(link(f'{{"findings": {{"low_back_pain": "yes"}}, {part}}}'))
        assert care_level(model, understand(model, data, broken)).level == "emergency_now"
    page = app("results", s=link('{"findings": {"low_back_pain": "yes"}, "gland_paralysis": 1}'))
    assert "gland paralysis" in shown(page)
    assert card(page) != ["self_care_exercises"]


def test_what_was_not_understood_stays_with_the_answers(model: Model) -> None:
    case = understand(model, {"facts": {"gland paralysis of some kind": True}})
    assert case.unclear
    again, _ = share.from_code(share.to_code({"findings": {}, "unclear": list(case.unclear)}))
    assert understand(model, again).unclear == case.unclear


def test_a_page_of_a_link_names_what_was_not_understood_and_is_not_firm(model: Model) -> None:
    said = {"findings": {"low_back_pain": "yes"}, "unclear": ["bladder paralysis"]}
    page = app("results", s=share.to_code(said))
    assert "bladder paralysis" in shown(page)
    assert card(page) != ["self_care_exercises"]


def test_answers_that_contradict_each_other_keep_their_alarm_on_the_page() -> None:
    said = {"findings": {"low_back_pain": "yes"}, "said": {"saddle_numbness": ["yes", "no"]}}
    assert card(app("results", s=share.to_code(said))) == ["emergency_now"]
    weak = {"none": 0, "one_side": 1, "both_sides": 1}
    half = {"findings": {"low_back_pain": "blub"}, "likelihoods": {"leg_weakness": weak}}
    assert card(app("results", s=share.to_code(half)))[0] in ("urgent_physician", "emergency_now")
