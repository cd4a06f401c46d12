"""A case as a short code for a link, and back; nothing that comes back is trusted."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping

from lumbayes.cases.json_values import salvage_json
from lumbayes.errors import CaseError, LumbayesError

LONGEST_CODE = 6_000  # characters; every question answered takes about a thousand
LONGEST_TEXT = 60_000  # bytes once unpacked
PARTS = ("findings", "likelihoods", "said", "minor", "unclear", "note", "version")


def to_code(data: Mapping[str, object]) -> str:
    """Pack the parts of a case into letters, digits, ``-`` and ``_``.

    Examples
    --------
    >>> from_code(to_code({"findings": {"fever": "no"}}))[0]
    {'findings': {'fever': 'no'}}
    """
    kept = {part: data[part] for part in PARTS if data.get(part)}
    text = json.dumps(kept, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")


def from_code(code: str) -> tuple[dict[str, object], list[LumbayesError]]:
    """Unpack a code, and say what is wrong with it; what is in it must still be understood.

    Of a code that was cut off, what comes before the cut is read.

    Raises
    ------
    CaseError
        If nothing in it can be read.
    """
    cut_off = CaseError(
        "This link cannot be read. It may have been cut off. Copy the whole link, or start new."
    )
    if len(code) > LONGEST_CODE:
        raise cut_off
    unpacker = zlib.decompressobj()
    try:
        whole = code[: len(code) - (len(code) % 4 == 1)]
        packed = base64.b64decode(whole + "=" * (-len(whole) % 4), altchars=b"-_", validate=True)
        content = unpacker.decompress(packed, LONGEST_TEXT)
    except (ValueError, binascii.Error, zlib.error):
        raise cut_off from None
    data, broken = salvage_json(content.decode("utf-8", "ignore"), "the link")
    if not isinstance(data, dict) or (broken and not data):
        raise cut_off
    if broken:  # a file says in which part an answer stands, the pairs of a broken one do not
        return data, [cut_off]
    kept = {str(part): value for part, value in data.items() if part in PARTS}
    return kept, [] if unpacker.eof else [cut_off]
