"""Our questions as a FHIR R4 Questionnaire, in the form Structured Data Capture asks for."""

from __future__ import annotations

from typing import Any

from lumbayes.cases.responses import QUESTIONNAIRE
from lumbayes.interchange.codes import STATES, codings
from lumbayes.knowledge.definition import UNSURE
from lumbayes.knowledge.model import Model, VariableInfo

PROFILE = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire"
ASKED = {"question": "Questions", "self_test": "Self-tests", "clinical_test": "Clinical tests"}


def questionnaire(model: Model, program: str) -> dict[str, Any]:
    """Return every question, self-test and clinical test as one Questionnaire.

    Parameters
    ----------
    model : Model
        Supplies variables, their groups and states.
    program : str
        The version of the program.

    Returns
    -------
    dict
        A FHIR R4 Questionnaire. The linkId of an item is the variable, the code of an option the
        state; each may be answered ``unsure``, none is required, and an item left open is unknown,
        not normal.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> asked = questionnaire(load_model(), "0.1.0")
    >>> asked["item"][0]["item"][0]["linkId"], asked["item"][0]["item"][0]["type"]
    ('age_band', 'choice')
    """
    groups: dict[tuple[str, str], list[VariableInfo]] = {}
    for kind in ASKED:
        for info in model.variables.values():
            if info.ask == kind:
                groups.setdefault((kind, info.group), []).append(info)
    return {
        "resourceType": "Questionnaire",
        "id": "lumbayes",
        "meta": {"profile": [PROFILE]},
        "url": QUESTIONNAIRE,
        "version": f"{program}-{model.version}",
        "name": "Lumbayes",
        "title": "Low back, buttock and hip pain",
        "status": "active",
        "experimental": True,
        "subjectType": ["Patient"],
        "description": "Not a diagnosis and not a medical device. An item left open is unknown.",
        "item": [
            {
                "linkId": f"group:{kind}:{group}",
                "text": f"{ASKED[kind]}: {group.replace('_', ' ')}",
                "type": "group",
                "item": [_item(info) for info in infos],
            }
            for (kind, group), infos in groups.items()
        ],
    }


def _item(info: VariableInfo) -> dict[str, Any]:
    shown = zip(info.states, info.state_labels, strict=True)
    options = [*shown, (UNSURE, "Not sure")]
    return {
        "linkId": info.name,
        "code": codings(info.name, info.label),
        "text": info.question or info.label,
        "type": "choice",
        "required": False,
        "repeats": False,
        "answerOption": [
            {"valueCoding": {"system": f"{STATES}:{info.name}", "code": s, "display": label}}
            for s, label in options
        ],
    }
