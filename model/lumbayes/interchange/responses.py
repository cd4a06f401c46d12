"""A FHIR QuestionnaireResponse as a case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lumbayes.cases.case import Case, understand
from lumbayes.cases.constraints import shown
from lumbayes.cases.parts import UNSURE
from lumbayes.errors import CaseError, LumbayesError
from lumbayes.knowledge.model import Model, VariableInfo
from lumbayes.triage.judgement import admit

REFUSED = ("entered-in-error",)
DEPTH = 20
TRUE = ("yes", "present", "positive")


def is_response(data: object) -> bool:
    """Whether a JSON value is a QuestionnaireResponse, alone or inside Parameters or a Bundle.

    Examples
    --------
    >>> is_response({"resourceType": "QuestionnaireResponse"}), is_response({"fever": "yes"})
    (True, False)
    """
    return isinstance(data, Mapping) and isinstance(data.get("resourceType"), str)


def response_of(data: object) -> Mapping[str, Any]:
    """Return the QuestionnaireResponse of a FHIR resource: itself, or inside Parameters or Bundle.

    Raises
    ------
    CaseError
        If there is none, or more than one.

    Examples
    --------
    >>> inner = {"resourceType": "QuestionnaireResponse", "status": "completed"}
    >>> response_of({"resourceType": "Parameters", "parameter": [{"resource": inner}]}) == inner
    True
    """
    found = list(_responses(data))
    if len(found) != 1:
        kind = data.get("resourceType") if isinstance(data, Mapping) else None
        what = "no QuestionnaireResponse" if not found else f"{len(found)} QuestionnaireResponses"
        raise CaseError(f"{shown(kind)} holds {what}. Give exactly one, one case at a time.")
    return found[0]


def _responses(data: object) -> Iterator[Mapping[str, Any]]:
    if not isinstance(data, Mapping):
        return
    if data.get("resourceType") == "QuestionnaireResponse":
        yield data
    inside = {"Parameters": "parameter", "Bundle": "entry"}.get(str(data.get("resourceType")))
    parts = data.get(inside) if inside else None
    for part in parts if isinstance(parts, list) else ():
        if isinstance(part, Mapping):
            yield from _responses(part.get("resource"))


def case_of_response(model: Model, data: object) -> dict[str, Any]:
    """Return a QuestionnaireResponse in the form that ``parse_case`` takes.

    Parameters
    ----------
    model : Model
        Supplies variables and states.
    data : object
        A FHIR R4 QuestionnaireResponse, or Parameters or a Bundle with one. The linkId of an item
        is a variable or a name of ``vocabulary.csv``. Several codes for one item mean that one of
        them is true; if one of these is the absent state, that the answer is unsure. An item
        without an answer is unknown.

    Returns
    -------
    dict
        ``findings``, ``likelihoods`` and ``facts``: a linkId that is not a variable is a fact, so
        that what is not known is treated there as in any other case. An answer that is given is
        never dropped.

    Raises
    ------
    CaseError
        If the response is not one, was entered in error, or an answer has a code that the variable
        does not know; the message names the linkId, the value and the choices.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> item = {"linkId": "fever", "answer": [{"valueCoding": {"code": "yes"}}]}
    >>> response = {"resourceType": "QuestionnaireResponse", "status": "completed", "item": [item]}
    >>> case_of_response(load_model(), response)["findings"]
    {'fever': 'yes'}
    """
    response = response_of(data)
    if response.get("status") in REFUSED:
        raise CaseError("the QuestionnaireResponse has the status entered-in-error. Correct it.")
    given: dict[str, list[object]] = {}
    for link, answers in _items(response.get("item"), "item", 0):
        given.setdefault(link, []).extend(_value(link, answer) for answer in answers)
    findings: dict[str, str] = {}
    likelihoods: dict[str, dict[str, float]] = {}
    facts: dict[str, object] = {}
    for link, values in given.items():
        info = model.variables.get(link)
        if info is None:
            facts[link] = values[0] if len(values) == 1 else values
            continue
        states = list(dict.fromkeys(_state(info, value) for value in values))
        if len(states) == 1:
            findings[link] = states[0]
        elif UNSURE in states or info.states[0] in states:
            findings[link] = UNSURE  # answered both ways: a warning sign must not fall silent
        else:
            likelihoods[link] = {s: float(s in states) for s in info.states}
    return {"findings": findings, "likelihoods": likelihoods, "facts": facts}


def _items(items: object, place: str, depth: int) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """Yield the linkId and answers of every item that is answered, however deep."""
    if items is None:
        return
    if not isinstance(items, list):
        raise CaseError(f"{place} must be a list, got {shown(items)}.")
    if depth > DEPTH:
        raise CaseError(f"{place} is nested more than {DEPTH} deep. Flatten the response.")
    for item in items:
        link = item.get("linkId") if isinstance(item, Mapping) else None
        if not isinstance(item, Mapping) or not isinstance(link, str) or not link:
            raise CaseError(f"{place}: an item must be an object with a linkId, got {shown(item)}.")
        answers = item.get("answer") or []
        if not (isinstance(answers, list) and all(isinstance(a, Mapping) for a in answers)):
            raise CaseError(f"linkId {shown(link)}: answer must be a list, got {shown(answers)}.")
        if answers:
            yield link, answers
        yield from _items(item.get("item"), link, depth + 1)
        for answer in answers:
            yield from _items(answer.get("item"), link, depth + 1)


def _value(link: str, answer: Mapping[str, Any]) -> object:
    """Return what one answer says: a code, a text, a number or true or false."""
    given = [key for key in answer if key.startswith("value")]
    if len(given) != 1:
        raise CaseError(f"linkId {shown(link)}: an answer must hold one value[x].")
    value = answer[given[0]]
    if isinstance(value, Mapping):
        value = value.get("code", value.get("value"))
    if value is None or isinstance(value, list | Mapping):
        raise CaseError(f"linkId {shown(link)}: {given[0]} has no code and no value. Give one.")
    return value


def _state(info: VariableInfo, value: object) -> str:
    if isinstance(value, bool):
        named = [s for s in info.states if s in TRUE]
        if len(info.states) == 2 and named:
            return named[0] if value else info.states[0]
    elif value in (*info.states, UNSURE):
        return str(value)
    choices = ", ".join((*info.states, UNSURE))
    raise CaseError(f"linkId {info.name}: {shown(value)} is not a state. Known: {choices}.")


def read_any_case(model: Model, data: object, errors: Sequence[LumbayesError] = ()) -> Case:
    """Understand a case in our own form or as a QuestionnaireResponse; ``errors`` came before it.

    A case that contradicts itself or cannot be read whole is returned if a sign in it calls for a
    doctor today or for emergency help.

    Raises
    ------
    LumbayesError
        As ``parse_case`` and ``case_of_response``, of a case without such a sign.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> dict(read_any_case(load_model(), {"fever": "yes"}).findings)
    {'fever': 'yes'}
    """
    case = case_of_response(model, data) if is_response(data) else data
    return admit(model, understand(model, case, errors))
