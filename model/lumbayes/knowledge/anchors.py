"""The few variables whose meaning the program itself holds, each named here and nowhere else.

Every other variable is known by its rows alone: its layer, group, roles and rules.
"""

from __future__ import annotations

AGE, SEX, PREGNANCY = "age_band", "sex", "pregnancy"
UNDER_18 = "under_18"
BACK_PAIN, DURATION = "low_back_pain", "duration"
ASKS_FOR_CARE = "asks_for_care"
ANCHORS = (AGE, SEX, PREGNANCY, UNDER_18, BACK_PAIN, DURATION, ASKS_FOR_CARE)
