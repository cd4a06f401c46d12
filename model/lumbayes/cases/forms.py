"""The forms in which a case arrives: bytes in any Unicode, a list of it, a FHIR response."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lumbayes.cases.json_values import EXAMPLE, merged
from lumbayes.cases.responses import case_of_response, is_response
from lumbayes.errors import CaseError, LumbayesError
from lumbayes.knowledge.model import Model


def text_of(content: bytes, place: str) -> tuple[str, list[LumbayesError]]:
    r"""Return the text of a file in UTF-8, 16 or 32, and what is wrong with it; never raises.

    Examples
    --------
    >>> text_of('{"fever": "yes"}'.encode("utf-16"), "my case")
    ('{"fever": "yes"}', [])
    >>> text_of(b'{"fever": "yes", "note": "\xe4"}', "my case")[0][:16]
    '{"fever": "yes",'
    """
    encoding = json.detect_encoding(content)
    try:
        return content.decode(encoding).removeprefix("\ufeff"), []
    except UnicodeDecodeError as error:
        at = error.start
        wrong = CaseError(f"{place} is not UTF-8 text (byte {at}). Save it as UTF-8.")
        return content.decode(encoding, "replace").removeprefix("\ufeff"), [wrong]


def opened(model: Model, data: object) -> tuple[object, list[LumbayesError]]:
    """Return a case of our own form, and what is wrong with the form it came in; never raises.

    A list that holds one case is that case, of several each is read. A QuestionnaireResponse of
    FHIR is translated.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> opened(load_model(), [{"fever": "yes"}])
    ({'fever': 'yes'}, [])
    """
    errors: list[LumbayesError] = []
    if isinstance(data, list | tuple) and data and all(isinstance(one, Mapping) for one in data):
        if len(data) > 1:
            errors.append(
                CaseError(
                    f"this is a list of {len(data)} cases: give one case at a time. For many there"
                    f" is batch. Example: {EXAMPLE}"
                )
            )
        whole: dict[str, Any] = {}
        for one in data:
            inside, more = opened(model, one)
            errors += more
            whole = merged(whole, inside) if isinstance(inside, Mapping) else whole
        return whole, errors
    if is_response(data):
        return case_of_response(model, data, errors), errors
    return data, errors
