"""A FHIR QuestionnaireResponse as a case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lumbayes.cases.json_values import Several, in_part, shown
from lumbayes.errors import CaseError, LumbayesError
from lumbayes.knowledge.definition import UNSURE
from lumbayes.knowledge.model import Model, VariableInfo

QUESTIONNAIRE = "urn:lumbayes:questionnaire"
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


def case_of_response(
    model: Model, data: object, errors: list[LumbayesError] | None = None
) -> dict[str, Any]:
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
    errors : list of LumbayesError, optional
        Takes what cannot be read, while all else is; the first is raised if left out.

    Returns
    -------
    dict
        ``findings``, ``likelihoods``, ``facts`` and ``warnings``: an item answered both ways, or a
        response to a questionnaire that is not ours, is told there. A linkId that is not a variable
        is a fact, so that what is not known is treated there as in any other case. An answer that
        is given is never dropped: a code that the variable does not know goes on as it is, to be
        judged as in any other case.

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
    notes: list[str] = []
    wrong: list[LumbayesError] = []
    responses = list(_responses(data))
    try:
        response_of(data)
    except CaseError as error:
        wrong.append(error)
    given: dict[str, list[object]] = {}
    for response in responses:
        if response.get("status") in REFUSED:
            wrong.append(
                CaseError("the QuestionnaireResponse has the status entered-in-error. Correct it.")
            )
        notes += of_others(response.get("questionnaire"))
        for link, answers in _items(response.get("item"), "item", 0, wrong):
            given.setdefault(link, []).extend(
                value for answer in answers for value in _value(link, answer, wrong)
            )
    findings: dict[str, object] = {}
    likelihoods: dict[str, dict[str, float]] = {}
    facts: dict[str, object] = {}
    for link, values in given.items():
        info = model.variables.get(link)
        if not values:
            continue
        if info is None:
            facts[link] = values[0] if len(values) == 1 else values
            continue
        states = list(dict.fromkeys(_state(info, value, wrong) for value in values))
        if len(states) == 1:
            findings[link] = states[0]
        elif not set(states) <= {*info.states, UNSURE}:
            findings[link] = Several(tuple(states))
        elif UNSURE in states or info.states[0] in states:
            findings[link] = UNSURE  # answered both ways: a warning sign must not fall silent
            both = " and ".join(map(str, states))
            notes.append(f"linkId {link} is answered {both}: it counts as unsure. Ask again.")
        else:
            likelihoods[link] = {s: float(s in states) for s in info.states}
    if errors is None and wrong:
        raise wrong[0]
    (errors if errors is not None else wrong).extend(wrong)
    read = {"findings": findings, "likelihoods": likelihoods, "facts": facts}
    return {**read, "warnings": list(dict.fromkeys(notes))} if notes else read


def of_others(canonical: object) -> list[str]:
    """Return what to say of a response to a questionnaire that is not ours; nothing if it is.

    Examples
    --------
    >>> of_others("urn:lumbayes:questionnaire|1.0"), len(of_others("http://example.org/other"))
    ([], 1)
    """
    if canonical is None or str(canonical).partition("|")[0] == QUESTIONNAIRE:
        return []
    return [
        f"the response answers another questionnaire ({in_part(canonical)}): its linkIds are read"
        " as if they were ours. Check that they mean the same."
    ]


def _items(
    items: object, place: str, depth: int, errors: list[LumbayesError]
) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """Yield the linkId and answers of every item that is answered, however deep."""
    if items is None:
        return
    if not isinstance(items, list):
        errors.append(CaseError(f"{place} must be a list, got {shown(items)}."))
        items = [items] if isinstance(items, Mapping) else []
    if depth > DEPTH:
        error = f"{place} is nested more than {DEPTH} deep. Flatten the response."
        errors.append(CaseError(error))
        return
    for item in items:
        link = item.get("linkId") if isinstance(item, Mapping) else None
        if not isinstance(item, Mapping) or not isinstance(link, str) or not link:
            error = f"{place}: an item must be an object with a linkId, got {shown(item)}."
            errors.append(CaseError(error))
            continue
        answers = item.get("answer") or []
        if not (isinstance(answers, list) and all(isinstance(a, Mapping) for a in answers)):
            error = f"linkId {shown(link)}: answer must be a list, got {shown(answers)}."
            errors.append(CaseError(error))
            among = answers if isinstance(answers, list) else [answers]
            answers = [a for a in among if isinstance(a, Mapping)]
        if answers:
            yield link, answers
        yield from _items(item.get("item"), link, depth + 1, errors)
        for answer in answers:
            yield from _items(answer.get("item"), link, depth + 1, errors)


def _value(link: str, answer: Mapping[str, Any], errors: list[LumbayesError]) -> list[object]:
    """Return what one answer says, at most one value: a code, text, number or true or false."""
    given = [key for key in answer if key.startswith("value")]
    if len(given) != 1:
        error = f"linkId {shown(link)}: an answer must hold one value[x]."
        errors.append(CaseError(error))
    found: list[object] = []
    for key in given:
        value = answer[key]
        if isinstance(value, Mapping):
            value = value.get("code", value.get("value", value.get("display")))
        if value is None or isinstance(value, list | Mapping):
            error = f"linkId {shown(link)}: {key} has no code and no value. Give one."
            errors.append(CaseError(error))
        else:
            found.append(value)
    return found


def _state(info: VariableInfo, value: object, errors: list[LumbayesError]) -> object:
    """Return the state that a value names; one that names none as it is, to be judged later."""
    if isinstance(value, bool):
        named = [s for s in info.states if s in TRUE]
        if len(info.states) == 2 and named:
            return named[0] if value else info.states[0]
    elif value in (*info.states, UNSURE):
        return str(value)
    choices = ", ".join((*info.states, UNSURE))
    error = f"linkId {info.name}: {shown(value)} is not a state. Known: {choices}."
    errors.append(CaseError(error))
    return value
