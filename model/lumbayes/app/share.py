"""A case as a short code for a link, and back; nothing that comes back is trusted."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping

from lumbayes.cases.case import Case, parse_case
from lumbayes.cases.parts import load_json
from lumbayes.errors import CaseError, LumbayesError
from lumbayes.knowledge.model import Model

LONGEST_CODE = 6_000  # characters; every question answered takes about a thousand
LONGEST_TEXT = 60_000  # bytes once unpacked
PARTS = ("findings", "likelihoods", "minor", "note", "version")


def to_code(data: Mapping[str, object]) -> str:
    """Pack the parts of a case into letters, digits, ``-`` and ``_``.

    Examples
    --------
    >>> from_code(to_code({"findings": {"fever": "no"}}))
    {'findings': {'fever': 'no'}}
    """
    kept = {part: data[part] for part in PARTS if data.get(part)}
    text = json.dumps(kept, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")


def from_code(code: str) -> dict[str, object]:
    """Unpack a code; what is in it must still be checked by ``parse_case``.

    Raises
    ------
    CaseError
        If the code is too long, cut off or no code at all.
    """
    try:
        if len(code) > LONGEST_CODE:
            raise ValueError
        packed = base64.b64decode(code + "=" * (-len(code) % 4), altchars=b"-_", validate=True)
        unpacker = zlib.decompressobj()
        text = unpacker.decompress(packed, LONGEST_TEXT)
        if not unpacker.eof:
            raise ValueError
        data = load_json(text.decode(), "the link")
        if not isinstance(data, dict):
            raise ValueError
    except (ValueError, binascii.Error, zlib.error):
        raise CaseError(
            "This link cannot be read. It may have been cut off. Copy the whole link, or start new."
        ) from None
    return {str(part): value for part, value in data.items() if part in PARTS}


def open_code(model: Model, code: str) -> tuple[dict[str, object], Case]:
    """Return what a code holds and the case it makes.

    Raises
    ------
    CaseError
        If the code cannot be read or the case in it contradicts itself.
    """
    data = from_code(code)
    try:
        return data, parse_case(model, data)
    except LumbayesError as error:
        raise CaseError(f"The answers in this link do not fit this version. {error}") from None
