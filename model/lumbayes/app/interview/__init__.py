"""The interview: which screen comes next, and how each screen looks."""

__all__ = ["screens", "steps"]
