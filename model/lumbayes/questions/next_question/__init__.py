"""What is worth asking next, and when to stop.

``ranking`` is the door.
"""

__all__ = ["lookahead", "ranking"]
