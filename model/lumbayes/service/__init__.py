"""``lumbayes serve``: the answers over HTTP, as JSON, FHIR R4 and CDS Hooks cards.

``application`` is the door; no text that a visitor sends is written to a log.
"""

__all__ = ["application"]
