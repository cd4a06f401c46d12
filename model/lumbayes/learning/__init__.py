"""The published numbers updated from confirmed cases, written as a new folder of tables.

``em`` is the door; ``report`` says what changed.
"""

__all__ = ["counts", "em", "report", "review", "tables"]
