"""What is said of one person or of many: read, checked, combined, saved.

``case`` is the door for one person, ``cohort`` for many.
"""

__all__ = [
    "case",
    "cohort",
    "columns",
    "constraints",
    "exclusions",
    "forms",
    "parts",
    "responses",
    "statements",
    "vocabulary",
]
