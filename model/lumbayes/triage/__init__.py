"""How soon should someone be seen? Rules over what was said, apart from all probabilities.

``judgement`` is the door for one person, ``table`` for many; ``care_level`` adds probabilities.
"""

__all__ = ["care_level", "judgement", "known", "reader", "rules", "table", "warning_signs"]
