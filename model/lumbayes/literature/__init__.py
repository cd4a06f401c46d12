"""Published quantities, held against the model: what it should say, what it says, how to fit it.

``validation`` is the door.
"""

__all__ = ["targets", "validation", "verification"]
