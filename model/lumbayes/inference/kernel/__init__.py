"""The compiled kernel; ``loading`` says when it is used, and ``driver`` hands it the rows."""

__all__ = ["loading"]
