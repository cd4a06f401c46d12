"""Which findings moved an answer, by how much, and by which way.

``explain`` is the door, ``answer`` what it returns.
"""

__all__ = ["answer", "explain"]
