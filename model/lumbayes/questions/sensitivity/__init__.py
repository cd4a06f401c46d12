"""Which numbers of the tables an answer hangs on.

``analysis`` is the door.
"""

__all__ = ["analysis"]
