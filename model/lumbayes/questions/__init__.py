"""What people ask of a posterior: one module or folder, one question.

Each folder's door is named in its own first lines.
"""

__all__ = [
    "assessment",
    "conditioning",
    "differential",
    "explanation",
    "interview",
    "next_question",
    "sensitivity",
    "what_if",
]
