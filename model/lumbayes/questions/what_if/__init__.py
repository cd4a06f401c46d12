"""What would be otherwise if something were otherwise: seen, done, or had been.

``scenarios`` is the door; ``interventions`` says what a person can change.
"""

__all__ = ["interventions", "scenarios"]
