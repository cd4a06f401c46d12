"""What would be otherwise if something were otherwise: seen, done, or had been.

``scenarios`` is the door, ``any_network`` that of networks which are not ours; ``interventions``
says what a person can change.
"""

__all__ = ["any_network", "interventions", "scenarios"]
