"""Are the answers any good? Worked cases scored, probabilities held against known truth.

``worked_cases``, ``calibration`` and ``alarms`` are the doors.
"""

__all__ = ["alarms", "calibration", "scores", "worked_cases"]
