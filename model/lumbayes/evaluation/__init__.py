"""Are the answers any good? Worked cases scored, probabilities held against known truth.

``worked_cases``, ``calibration``, ``influence`` and ``alarms`` are the doors.
"""

__all__ = ["alarms", "calibration", "influence", "scores", "worked_cases"]
