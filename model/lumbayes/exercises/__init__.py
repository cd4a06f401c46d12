"""Which exercises fit a person, and in which order through the week.

``choice`` is the door, ``plan`` its answer.
"""

__all__ = ["choice", "person", "plan", "tables"]
