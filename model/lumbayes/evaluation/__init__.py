"""Are the answers any good? Worked cases scored, probabilities held against known truth.

``worked_cases`` and ``calibration`` are the doors.
"""

__all__ = ["calibration", "scores", "worked_cases"]
