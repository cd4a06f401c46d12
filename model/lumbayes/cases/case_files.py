"""A case in a file, in a text or in pairs of the command line: read, saved, opened again."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from lumbayes.atomic_files import atomic_write
from lumbayes.cases.case import Case, case_to_dict, strict, understand
from lumbayes.cases.forms import text_of
from lumbayes.cases.json_values import salvage_json
from lumbayes.errors import CaseError
from lumbayes.knowledge.model import Model
from lumbayes.limits import CASE

PAIR = "variable=state, such as fever=yes"


def parse_pairs(pairs: Iterable[str], form: str = PAIR) -> dict[str, str]:
    """Split ``variable=state`` texts, as given on the command line; errors show another ``form``.

    Raises
    ------
    CaseError
        If a text is not a pair, or a variable is given two states.

    Examples
    --------
    >>> parse_pairs(["fever=yes", "slr=negative"])
    {'fever': 'yes', 'slr': 'negative'}
    """
    findings: dict[str, str] = {}
    for pair in pairs:
        name, equals, state = (part.strip() for part in pair.partition("="))
        if not (name and equals and state):
            raise CaseError(f"{pair!r} is not a pair. Write {form}.")
        if findings.get(name, state) != state:
            raise CaseError(f"{name} is given twice: {findings[name]} and {state}. Remove one.")
        findings[name] = state
    return findings


def parse_text(model: Model, text: str, place: str = "case") -> Case:
    """Read a case from JSON text; ``place`` names its origin in errors.

    Raises
    ------
    LumbayesError
        As ``parse_case``, and if the text is no JSON object or names a field twice.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> parse_text(load_model(), '{"fever": "yes"}').findings["fever"]
    'yes'
    """
    return strict(understand_text(model, text, place))


def understand_text(model: Model, text: str, place: str = "case") -> Case:
    """Return all that can be understood of a case as JSON text, broken or not; never raises.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> case = understand_text(load_model(), '{"findings": {"fever": "yes", "slr":')
    >>> dict(case.findings), str(case.errors[0])[:31]
    ({'fever': 'yes'}, 'case, column 37: not valid JSON')
    """
    data, broken = salvage_json(text, place)
    case = understand(model, data, broken)
    own = (type(e)(f"{place}: {e}") for e in case.errors[len(broken) :])
    return replace(
        case,
        errors=(*broken, *own),
        contradictions=tuple(f"{place}: {text}" for text in case.contradictions),
    )


def read_case(model: Model, source: str | Path) -> Case:
    """Read a case from a JSON file, one written by ``save_case`` included; ``-`` is standard input.

    Raises
    ------
    LumbayesError
        As ``parse_text``, and if the file cannot be read.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from lumbayes.knowledge.model import load_model
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "case.json"
    ...     _ = path.write_text('{"facts": {"age_years": 40}}')
    ...     read_case(load_model(), path).findings["age_band"]
    '30_44'
    """
    return strict(understand_file(model, source))


def understand_file(model: Model, source: str | Path) -> Case:
    """Return all that can be understood of a case in a file; ``-`` is standard input.

    Raises
    ------
    CaseError
        If the file cannot be read at all.
    """
    place = "standard input" if str(source) == "-" else str(source)
    try:
        if str(source) == "-":
            content = sys.stdin.buffer.read(CASE.value + 1)
        else:
            with Path(source).open("rb") as file:
                content = file.read(CASE.value + 1)
    except OSError as error:
        raise CaseError(f"{place} cannot be read: {error.strerror}. Check the path.") from None
    case = understand_bytes(model, content[: CASE.value], place)
    if len(content) > CASE.value:  # what was read of it counts all the same
        case = replace(case, errors=(CaseError(f"{place}: {CASE.excess()}"), *case.errors))
    return case


def understand_bytes(model: Model, content: bytes, place: str = "case") -> Case:
    """Return all that can be understood of a case as the bytes of a file; never raises.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> understand_bytes(load_model(), '{"fever": "yes"}'.encode("utf-16")).findings["fever"]
    'yes'
    """
    text, wrong = text_of(content, place)
    case = understand_text(model, text, place)
    return replace(case, errors=(*wrong, *case.errors))


def save_case(model: Model, case: Case, path: Path) -> None:
    """Write a case as JSON for ``read_case``; the file appears whole or not at all.

    Raises
    ------
    LumbayesError
        If it cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from lumbayes.cases.case import parse_case
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> case = parse_case(model, {"fever": "yes"})
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "case.json"
    ...     save_case(model, case, path)
    ...     dict(read_case(model, path).findings)
    {'fever': 'yes'}
    """
    text = json.dumps(case_to_dict(model, case), ensure_ascii=False, indent=2) + "\n"
    atomic_write(path, text.encode())
