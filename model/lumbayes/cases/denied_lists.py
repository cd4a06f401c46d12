"""Lists of what is denied: a name such as denies, and in its value all that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lumbayes.cases.json_values import Several
from lumbayes.cases.words import FUNCTIONS, TROUBLES, YES_OR_NO, plain

# What a name denies in "no_red_flags"; of a function ("no_control") the same form is a complaint.
COMPLAINTS = frozenset(
    (
        "pain pains symptom symptoms problem problems issue issues trouble complaint complaints"
        " difficulty fever weakness numbness loss incontinence retention history flag flags sign"
        " signs trauma injury tenderness deficit deficits swelling disease illness infection"
        " concern concerns abnormality allergies allergy medication medications surgery comorbidity"
        " comorbidities radiation bleeding vomiting cancer stiffness limp change changes"
        " paralysis tingling seizure syncope rash cough"
    ).split()
)
# Of these a denial is no good news either.
LOST_FUNCTIONS = frozenset(
    "urine pee urge bladder bowel bowels stool erection erections movement movements desire".split()
)
_WHOSE = r"(?:(?:patient|pt|he|she|symptoms?|signs?|facts?|findings?|tests?|red_flags?|specifically"
_WHOSE += r"|history|hx|pertinent|relevant|important|also)_)*"
_OF = r"(?:_(?:symptoms?|signs?|facts?|findings?|tests?|red_flags?|any|all|history_of|having))*"
DENIES = re.compile(
    rf"{_WHOSE}(?:denie[ds]|denying|negatives?|negative_for|no_(?:history|signs?|evidence)_of)"
    + _OF
)
# Words beside which a list is no plain list of what is denied.
TURNS = re.compile(
    r"\b(?:but|except|apart|although|until|till|yet|however|only|has|have|is|was|now|not?|never"
    r"|without|cannot|can't|unable|since|today|yesterday|before|because|other than|nothing)\b|\?"
)
LIST = re.compile(r"[,;/\n]|\b(?:or|and|nor)\b")


def denials_apart(facts: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Yield facts, each of what a list denies as one of its own.

    A list that turns round ("fever, but had chills") and a function ("bowel control"), of which the
    denial would be the trouble, stay as they are.

    Examples
    --------
    >>> list(denials_apart({"denies": "fever, weight loss", "golf": True}))
    [('denies fever', True), ('denies weight loss', True), ('golf', True)]
    >>> list(denials_apart({"denied": ["numbness", "bowel control"]}))
    [('denies numbness', True), ('denied', 'bowel control')]
    """
    for name, value in facts.items():
        if isinstance(value, Mapping) and not DENIES.fullmatch(plain(name)):
            inside = list(denials_apart(value))
            same = [n for n, _ in inside] == list(value)
            yield from [(name, value)] if same else inside
        elif DENIES.fullmatch(plain(name)):
            yield from _written_out(name, value)
        else:
            yield name, value


def _written_out(name: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, Several):
        value = list(value.values)
    if isinstance(value, list | tuple):
        for one in value:
            yield from _written_out(name, one) if isinstance(one, str) else [(name, one)]
    elif isinstance(value, Mapping):
        for one, there in value.items():
            yield from _written_out(name, one) if there is True else [(f"{name} {one}", there)]
    elif not isinstance(value, str) or plain(value) in YES_OR_NO:
        yield name, value
    elif TURNS.search(value.lower()):
        yield name, value
    else:
        pieces = [" ".join(piece.split()) for piece in LIST.split(value) if piece.strip()]
        last = pieces[-1].split()[-1] if pieces else ""
        if plain(last) in COMPLAINTS:  # "bladder or bowel problems"
            pieces = [f"{p} {last}" if plain(p) in LOST_FUNCTIONS else p for p in pieces]
        for piece in pieces:
            among = set(plain(piece).split("_"))
            function = bool(among & (FUNCTIONS | LOST_FUNCTIONS | {"able"}))
            of_function = function and not among & (TROUBLES | COMPLAINTS)
            yield (name, piece) if of_function else (f"denies {piece}", True)
