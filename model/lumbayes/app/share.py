"""A case as a short code for a link, and back; nothing that comes back is trusted."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping

from lumbayes.cases.json_values import merged, salvage_json
from lumbayes.errors import CaseError, LumbayesError
from lumbayes.limits import LINK, UNPACKED

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

    Of a code that was cut off, what comes before the cut is read. What stands beside the parts of a
    case is taken for facts: a sign counts, and what is not understood is named beside the answer.

    Raises
    ------
    LumbayesError
        If nothing in it can be read, or it is longer than the limit.

    Examples
    --------
    >>> code = base64.urlsafe_b64encode(zlib.compress(b'{"saddle_numbness": "yes"}')).decode()
    >>> from_code(code)
    ({'facts': {'saddle_numbness': 'yes'}}, [])
    """
    cut_off = CaseError(
        "This link cannot be read. It may have been cut off. Copy the whole link, or start new."
    )
    LINK.check(len(code), "the link")
    most = UNPACKED.value
    unpacker = zlib.decompressobj()
    try:
        whole = code[: len(code) - (len(code) % 4 == 1)]
        packed = base64.b64decode(whole + "=" * (-len(whole) % 4), altchars=b"-_", validate=True)
        content = unpacker.decompress(packed, most)
    except (ValueError, binascii.Error, zlib.error):
        raise cut_off from None
    if not content:
        raise cut_off
    data, broken = salvage_json(content.decode("utf-8", "ignore"), "the link")
    if unpacker.unconsumed_tail and len(content) == most:
        broken = [CaseError(f"the link: {UNPACKED.excess()}")]
    elif not unpacker.eof or any("not valid JSON" in str(error) for error in broken):
        broken = [cut_off]
    if not isinstance(data, dict) or (broken and not data):
        raise broken[0] if broken else cut_off
    if broken == [cut_off]:  # its pairs are found without the part they stand in
        return data, broken
    kept = {str(part): value for part, value in data.items() if part in PARTS}
    beside = {n: value for n, value in data.items() if n not in (*PARTS, "facts", "warnings")}
    facts = data.get("facts", {})
    inside = facts if isinstance(facts, dict) else {"facts": facts}
    return kept | ({"facts": merged(inside, beside)} if inside or beside else {}), broken
