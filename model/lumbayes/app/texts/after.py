"""What the app says to patients once there is an answer: why, what if, exercises, the report."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# Page: why
WHY_TITLE = "Why this answer?"
WHY_LEAD = "Choose a cause. See which answers speak for it and which speak against it."
WHY_CAUSE = "Cause or muscle"
WHY_EMPTY = "There is nothing to explain yet. Answer some questions first."
WHY_POINTS = "What each answer does"
WHY_POINTS_LEAD = (
    "The bars share out the whole change among your answers. A bar to the right makes this cause"
    " more likely. A bar to the left makes it less likely."
)
FIT = "Do your answers fit together?"
FIT_GOOD = "Yes. None of your answers is a surprise, given the others."
FIT_BAD = "Some of your answers are a surprise, given the others. Check these once more:"
FIT_ROW = "{label}: expected in {expected} people with the other answers"
FIT_RIVALS = "What would explain it:"
NETWORK_TITLE = "How it all hangs together"
NETWORK_LEAD = (
    "Each box is something about you, a cause, or a sign. An arrow runs from a cause to what it"
    " brings about. Touch a box, or use the arrow keys and Enter."
)
NETWORK_LABEL = "Network of causes and signs. Arrow keys move, Enter selects."
NETWORK_CAUSES = "What leads to it"
NETWORK_EFFECTS = "What it leads to"
NETWORK_KEY = (
    "The fuller the colour, the higher the chance. A question mark: not answered. In brackets:"
    " assumed. Thick edge: you answered it. Dashed edge: a warning sign. Round ends: a cause or a"
    " muscle."
)
COLUMNS = (
    "About you",
    "Muscles and causes",
    "What goes on inside",
    "Pain",
    "Nerves, health",
    "Tests",
)
NODE_OBSERVED = "You answered: {state}."
NODE_ASSUMED = "Assumed, not answered: {state}."
NODE_CHANCE = "Chance: {chance}."
NODE_FLAG = "A warning sign."
NODE_KNOWN = "Known"
NODE_OPEN = "Not answered."
NODE_RULES = "see advice"
NODE_RULES_SAID = "The warning signs decide about this one, not a number. Follow the advice."
NODE_IN_PART = "In part"
NODE_PART_SAID = "Known in part, from the example."
NODE_LIKELIEST = "Not answered. Most often: {state}."
NODE_TABLE = "The chosen box in numbers"
HANGS = "Which numbers it hangs on"
HANGS_LEAD = (
    "Each number in the model comes from a study or a judgement, and none is exact. The bar shows"
    " where this answer would go if one number were at the low or the high end of its range."
)
HANGS_BUTTON = "Work this out"
FLIPS = "What could change the order or the advice"
FLIPS_NONE = "No single number, within its range, would change the order or the advice."
LIFE = "The whole life of one number"
LIFE_CHOOSE = "Number"

# Page: what if
IF_TITLE = "What if?"
IF_LEAD = "Touch what could be different. The answer is about you and follows at once."
IF_FIRST_ADVICE = "First follow the advice: be seen. What could be different can wait until then."
IF_KIND = "Which question do you ask?"
IF_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "had_been": "Had it been so all along",
        "done": "If I change it",
        "seen": "Had I answered otherwise",
    }
)
IF_KIND_LEADS: Mapping[str, str] = MappingProxyType(
    {
        "had_been": (
            "About you, with the pain and the answers you have. Had this been so for years, and all"
            " else the same: would you have this pain now?"
        ),
        "done": (
            "About someone like you, before any pain. If this is changed and stays so: how many of"
            " 1,000 such people have pain at some time?"
        ),
        "seen": (
            "About other people, who answer so. They differ from you in all that goes with the"
            " answer. It does not say what a change would do."
        ),
    }
)
IF_QUICK = "What is different? Touch one or more."
IF_MORE = "Set each one"
IF_NOW = "now"
IF_WHAT = "Which answers"
IF_TO = "to"
IF_NOTHING_CHOSEN = "Nothing is chosen yet. Touch one of the choices above."
IF_HEADLINE = "What if: {what}"
IF_WITHOUT = "{label}: about {count} in {per} people like you would not have it. The others would."
IF_FEWER_THAN_ONE = "{label}: fewer than 1 in {per} people like you would be without it."
IF_CHANGE = "{label}: {then} in {per} instead of {now} in {per}."
IF_ESTIMATE = (
    "These are estimates of a model. Whether weak or tight muscles cause pain, or follow it, is not"
    " settled. The model counts only a part of such a link as cause."
)
IF_RESTS = "What this rests on"
IF_PIN = "Keep to compare"
IF_PINNED = "Kept to compare"
IF_PIN_HEAD = ("What if", "Question", "Answer")
IF_UNPIN = "Clear the list"
IF_EACH = "Which single change would matter most for me?"
IF_KEEP = "Take over as my answers"
IF_KEPT = "These are now your answers. You can undo this."
IF_KEY_NOW = "as it is"
IF_KEY_THEN = "then"
IF_RANGE_ROW = "Then {range}."

# Page: exercises
EX_TITLE = "Exercises that fit"
EX_LEAD = "Chosen from your answers. Start small. Some pain is fine, more and more pain is not."
EX_EQUIPMENT = "What you have at hand"
EX_LEVEL = "Level"
EX_LEVELS: Mapping[int, str] = MappingProxyType(
    {0: "As my answers suggest", 1: "1 Beginner", 2: "2 Some practice", 3: "3 Fit", 4: "4 Trained"}
)
EX_PREGNANT = "Version for pregnancy"
EX_PREGNANT_CHOICES: Mapping[str, str] = MappingProxyType(
    {"answers": "As I answered", "yes": "Yes", "no": "No"}
)
EX_PREGNANT_CLASH = (
    "You answered that you are pregnant, or are not sure. The version for pregnancy is shown."
)
EX_SESSION = "Most exercises at a time"
EX_PRINT = "Print this plan"
EX_WHY = "Why this one"
EX_START = "Start"
EX_MOVE = "Move"
EX_FEEL = "It should feel like this"
EX_DOSE = "How much"
EX_WEEK = "Weeks {first} to {last}, {days}: {dose}"
EX_EVERY_DAY = "Every day"
EX_DAYS = "{days} days a week"
EX_ONE_DAY = "1 day a week"
EX_CARE = "Take care"
EX_IN_PREGNANCY = "In pregnancy"
EX_EVIDENCE = "What is known (grade {grade})"
EX_STOP = "When to stop"
EX_HOW_MUCH = "How much, how hard"
EX_PREGNANCY = "In and after pregnancy"
EX_EXPECT = "What to expect"
EX_NOT_TODAY = "Not in the plan, and why"
EX_WEEK_PLAN = "Your week"
EX_WEEK_HEAD = "Weeks {first} to {last}"
EX_HEAD = "Exercise"
EX_ALL_WEEKS = "All weeks"
EX_NOT_YET = "Not in these weeks"
EX_SHORT_DAYS: Mapping[str, str] = MappingProxyType(
    {"Monday": "Mon", "Tuesday": "Tue", "Wednesday": "Wed", "Thursday": "Thu"}
    | {"Friday": "Fri", "Saturday": "Sat", "Sunday": "Sun"}
)
EX_REST = "Rest"
EX_CLEAR = "Clear all ticks"
EX_TICKS = "The ticks are kept in this browser only."
EX_CHANGE = "Change the plan: level, things at hand, how many"
EX_HOW = "How each one is done"
EX_FURTHER = "How hard, what to expect, what is left out"
EX_PANELS = ("Start", "End")

# Page: report
REPORT_TITLE = "Your report"
REPORT_LEAD = "All on one page, to keep, to print or to take to a visit. The advice stands first."
REPORT_DOWNLOAD = "Download the report"
REPORT_PRINT = "Print"
REPORT_EMPTY = "There is nothing to show yet. Answer some questions first."
SAVE_TITLE = "Save, open and share"
SAVE_DOWNLOAD = "Save my answers as a file"
SAVE_OPEN = "Open a saved file"
SAVE_OPENED = "The saved answers are filled in."
NOT_A_CASE = (
    "This file cannot be read. It is cut short or was changed, or it is another kind of file."
    " Choose a file that was saved on this page."
)
UNKNOWN_IN_FILE = (
    "“{name}” in this file is nothing that this page knows. The file was changed, or another"
    " program wrote it. Choose a file that was saved on this page."
)
UNKNOWN_IN_LINK = (
    "“{name}” in this link is nothing that this page knows. The link was changed, or another"
    " program wrote it. Copy the whole link, or start new."
)
NOT_A_LINK = (
    "This link cannot be read. It is cut short, was changed or is too long."
    " Copy the whole link, or start new."
)
ASSUMED = "{what} (assumed)"
NOT_TEXT = "This file is not a text file. Choose a file that was saved on this page."
SHARE_BUTTON = "Make a link with my answers"
SHARE_WARNING = (
    "Anyone who has this link can read your answers. They are inside it. Send it only to people you"
    " trust. Once opened, they are removed from the address line."
)

# Coming back
BACK_OFFER = "These answers were saved before. Has some time passed since then?"
BACK_ASK = "Yes, ask me what has changed"
BACK_BEFORE = "in your saved answers"
BACK_TITLE = "Since last time"
BACK_HEAD = ("What", "Then", "Now")
BACK_ADVICE = "Advice"
BACK_NOT_ASKED = "Not asked"
