"""What the app says to a person in pain: short words, short sentences, one idea in each.

A test reads every text here and asks for a reading age of about twelve.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

TITLE = "What could be behind your back pain?"
LEAD = (
    "Answer what you can. This page cannot examine you, and it can be wrong. If you are worried or"
    " get worse, get help."
)
PAGES: Mapping[str, str] = MappingProxyType(
    {
        "assess": "Questions",
        "results": "Results",
        "what-if": "What if",
        "tests": "Tests",
        "exercises": "Exercises",
        "report": "Report",
        "why": "Why",
        "many-cases": "Many cases",
        "about": "About the numbers",
    }
)
WAY = "How to answer"
WAYS: Mapping[str, str] = MappingProxyType({"interview": "Step by step", "form": "All questions"})
LANGUAGE = "Language"
UNDO = "Undo: bring my answers back"

# The interview
WORDS_TITLE = "What is the matter, in your own words?"
WORDS_LEAD = (
    "Write as you would tell a friend. This page picks out what it knows and asks you whether it is"
    " right. Your words are read here and are not kept."
)
WORDS_LABEL = "Your words"
WORDS_EXAMPLE = (
    "For example: my lower back hurts since Monday, worse when I sit. No fever. I am 43."
)
WORDS_SKIP = "Skip this"
WORDS_NOTHING = "Nothing in your words was understood, so nothing was used. The questions follow."
WORDS_UNREAD = (
    "Not understood, so not used: {words}. The questions ask for warning signs; if this is none of"
    " them, show it to a doctor."
)
NEXT_SCREEN = "Next"
BACK_SCREEN = "Back"
SKIP = "Skip"
ENOUGH = "Enough for now"
CONFIRM_TITLE = "Is this right?"
CONFIRM_LEAD = "Untick what is wrong. All else you wrote was not understood, so it is not used."
CONFIRM_UNREAD = (
    "Not understood: {words}. Tick this only if none of it is a new complaint. If you are not sure,"
    " leave it open."
)
CONFIRM_FROM = "You wrote: {words}"
CONFIRM_YES = "Use what is ticked"
SIDE = "On which side?"
SIDES: Mapping[str, str] = MappingProxyType(
    {"left": "Left", "right": "Right", "both": "Both sides", "middle": "In the middle"}
)
SEVERITY = "How strong is it now, from 0 to 10?"
SIGNS_LEAD = "Tick what applies."
EACH_LEAD = "Answer what you can."
SIGNS_NONE = "None of these"
SIGNS_NO_OTHERS = "No to the others"
SIGNS_UNSURE = "Not sure about"
SIGNS_WHICH = "Which?"
PROGRESS = "Step {step} of about {total}"
PROGRESS_DONE = "All steps done"
WHY_QUESTION = "Why this question?"
WHY_QUESTION_ANSWERED = "You have answered it. You can change your answer."
INFORMATION = "Expected information: {bits:.3f} bits."
DONE_TITLE = "That is enough for now"
DONE_LEAD = "No further question is likely to change much. You can go back and change an answer."
DONE_OPEN = (
    "There are still {count} questions open that could change the advice. Until they have an"
    " answer, it is not firm."
)
DONE_SIGNS = "Answer them now"
DONE_MORE_LEAD = (
    "The advice is firm now. More questions can tell the causes apart a little better. You can also"
    " go back and change an answer."
)
DONE_MORE = "Ask me a few more"

# The answer in sight
ADVICE_SO_FAR = "Advice so far"
PROVISIONAL = "Nothing urgent so far, but not all is asked"
SIGNS_OPEN = (
    "{count} questions about warning signs are still open, so this advice may still change."
)
SIGNS_OPEN_ONE = "One question about warning signs is still open, so this advice may still change."
SO_FAR = "Most likely so far"
ESTIMATE = (
    "Estimates of a model, for 100 people with answers like yours. People can have more than one."
)
ESTIMATE_BESIDE = (
    "Estimates of a model. The advice above comes from your warning signs, not from this list, and"
    " it comes first."
)
DANGEROUS_ROW = "This one has to be checked. See the advice."
PRIOR = "Prior {prior}, ratio {ratio}"
LOOK_OUT = "What to look out for"
LOOKED_FOR = "What must not be missed"
LOOKED_FOR_LEAD = (
    "The warning signs look for these: {names}. The advice on this page takes them into account, so"
    " follow it first."
)
CAUSES_AT_VISIT = (
    "What is behind your pain has to be found out at the visit. So this page names no causes now."
    " Take the report along. It holds all your answers."
)
COURSE = "How it usually goes on"
COURSE_LEADS: Mapping[str, str] = MappingProxyType(
    {
        "acute": "What was seen in people whose low back pain had just begun.",
        "persistent": "What was seen in people whose low back pain had gone on for three months.",
        "sciatica": "What was seen in people with pain from the back down the leg.",
        "pelvic_girdle": "What was seen in women whose pelvis hurt in pregnancy.",
        "gluteal_tendon": "What was seen in people with a sore tendon at the side of the hip.",
    }
)
COURSE_HEAD = ("After", "What was seen", "Source (grade)")
COURSE_WEEKS = "{weeks} weeks"
A_YEAR = "1 year"
COURSE_NOTE = "These are averages from studies. Your own course can be faster or slower."
CLASH = (
    "You said {first} and also {second}. Both cannot be true at the same time. Change one of them."
)

# The emergency
CALL = "Number to call:"
LED_TO_IT = "What you said that led to this"
HAND_OVER = "Show this to the people who help you"
HAND_OVER_LEAD = "Tell the ambulance or the desk this first. You can print it or show the screen."
HAND_OVER_PRINT = "Print this sheet"
CORRECT = "I touched something wrong: change an answer"
CORRECT_LEAD = "These answers led to the advice. Only change what is not true."
SHOW_ANYWAY = "I am a clinician: show all pages anyway"
SHOW_ANYWAY_HOW = (
    "The other pages are closed now. Clinicians can open them: choose “For clinicians” above."
)
PRIVATE = (
    "Your answers stay in this browser tab and in the memory of the server, which forgets them ten"
    " minutes after you leave. Nothing is stored or sent on."
)

SECTIONS = ("Warning signs", "Where it hurts", "How it feels", "About you", "Self-tests")
EXAMINATION = "Examination"
SECTION_LEADS: Mapping[str, str] = MappingProxyType(
    {
        "Warning signs": "These come first. They are rare, but some need help at once.",
        "Where it hurts": "Touch the body, or use the buttons. Both do the same.",
        "How it feels": "What brings the pain on, what eases it, and what else you have noticed.",
        "About you": "Some causes are more common at some ages and in some lives.",
        "Self-tests": (
            "Small tests you can do at home. Leave out any that you do not feel safe to do."
            " Stop if it hurts more than a little."
        ),
        "Examination": "What was found on examination or on a scan.",
    }
)
GROUP_OTHER = "Other signs"
NONE_OF_THESE = "No to all open questions here"
NOT_SURE = "Not sure"
UNDER_18 = "Under 18"
NEXT = "Next: {section}"
BACK = "Back: {section}"
TO_RESULTS = "See all results"
KNOWN_IN_PART = "From the example: {states}"
CLEAR_HINT = "To clear an answer, touch it again."
START_AGAIN = "Start again"
NO_TESTS_NOW = (
    "Do not do these tests now. One of your answers is a warning sign. Follow the advice first."
)

EMERGENCY_TITLE = "Get help now"
EMERGENCY_BANNER = "Go to an emergency department now, or call {number}. {driving}"
LEVEL_PREFIX: Mapping[str, str] = MappingProxyType(
    {
        "emergency_now": "Emergency advice",
        "urgent_physician": "Urgent advice",
        "routine_physician": "Advice",
        "self_care_exercises": "Advice",
    }
)
LEVEL_EMPTY = "No answers yet"
NOTHING_YET = "The warning signs come first. Until they are answered there is no advice about you."
WHY_THIS = "Why"
WHAT_TO_DO = "What to do"
HOW_SOON = "How soon"
ASK_AGAIN = "Please check again"
LOOK_AGAIN = "When to look again"

RESULTS = "Your results"
CAUSES = "What it could be"
CAUSES_LEAD = (
    "Estimates of a model, for 100 people with answers like yours. People can have more than one"
    " cause, so the numbers need not add up to 100."
)
CAUSES_LEAD_CLINICIAN = "Posterior probabilities given the answers, with 95 % intervals."
IMBALANCES = "Muscles of the buttock and hip"
IMBALANCES_LEAD = "How many of 100 people like you have a weak or tight muscle there."
IMBALANCES_LEAD_CLINICIAN = "Posterior probabilities of the imbalances, with 95 % intervals."
RARE = "Rare, but must not be missed"
RARE_LEAD = (
    "On a scale of their own. Warning signs are judged by rules that come before these numbers."
    " The model gives rare causes too high a chance once several signs are there."
)
ALIKE = "Which of these two is likelier is not sure: {a}, or {b}."
DOTS = "In a picture: {count} of 100 have “{label}”, {rest} do not."
ALL_CAUSES = "Show all causes"
RANGE_NOTE = (
    "The line shows how far the published numbers leave it open. It says nothing about errors in"
    " your answers or in the model."
)
BEFORE = "before your answers"
NOW = "now"
RANGE = "likely range"
PUSHED = "What pushed it up or down"
PUSHED_FOR = "Makes it more likely"
PUSHED_AGAINST = "Makes it less likely"
FOR = "for"
AGAINST = "against"
PUSHED_CHOOSE = "Show the reasons for"
PUSHED_NONE = "None of your answers says much about this."
CHANGED_FIRST = "Now most likely: {label}, {frequency}."
ANY_ADULT = "Of all adults:"
STEPS = "Parts of the questions"
CHANGED_NOTHING = "No answers yet."
CONTRADICTION = "These answers do not fit together"
CONTRADICTION_HELP = "Your other answers are kept. Change one of the answers named above."

EXAMPLES = "Try an example"
EXAMPLES_LEAD = "Each example fills in the answers of one person. Your own answers are replaced."
EXAMPLE_SHOWN = "You are looking at an example: {title}."
EXAMPLE_EXPECTED = "What the author of this case found"
FEW_EXAMPLES: Mapping[str, str] = MappingProxyType(
    {
        "C04": "Ordinary back pain",
        "C03": "Pain down one leg",
        "C01": "A runner with a sore hip",
        "C15": "A desk worker who needs help now",
    }
)
MORE_EXAMPLES = "More examples"
CHOOSE = "Choose one"
TEST_STEPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "single_leg_bridge": (
            "Lie on your back. Put one foot flat on the floor. Hold the other leg up.",
            "Push your hips up until thigh and trunk form a line. Let them down. Count.",
            "Stop if your back or leg hurts, or after 25 times.",
        ),
        "trendelenburg": (
            "Stand in front of a mirror. Hold on to a table with one hand.",
            "Lift one foot for 30 seconds. Watch your belt line.",
            "Positive: the side of the lifted foot drops. Stop if it hurts or you sway.",
        ),
        "single_leg_stance_pain": (
            "Stand on the sore leg. Hold on to a table with one finger.",
            "Wait 30 seconds. Positive: your outer hip hurts.",
            "Stop as soon as it hurts.",
        ),
        "step_down": (
            "Stand on a low step. Hold the rail.",
            "Put the other heel slowly on the floor and come up again. Do it five times.",
            "Watch the knee of the leg on the step. Stop if it hurts.",
        ),
        "thomas": (
            "Sit on the edge of a firm bed. Lie back and pull one knee to your chest.",
            "Let the other leg hang over the edge. Ask someone to look from the side.",
            "Positive: the hanging thigh stays up. Stop if your back hurts.",
        ),
        "aslr": (
            "Lie on your back with both legs straight.",
            "Lift one leg by a hand's length, then the other.",
            "Positive: it feels heavy, or the pelvis hurts. Stop if pain runs down the leg.",
        ),
    }
)
TEST_PANELS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "single_leg_bridge": ("Start", "Hips up"),
        "trendelenburg": ("Negative: level", "Positive: drops"),
        "single_leg_stance_pain": ("Start", "Sore here?"),
        "step_down": ("Start", "Knee falls inward"),
        "thomas": ("Negative: thigh down", "Positive: thigh up"),
        "aslr": ("Start", "Leg up"),
    }
)
TEST_ALTS: Mapping[str, str] = MappingProxyType(
    {
        "single_leg_bridge": (
            "A person lies on the back with one foot on the floor and lifts the hips with that leg."
        ),
        "trendelenburg": (
            "A person stands on one leg. First the belt line is level, then the free side drops."
        ),
        "single_leg_stance_pain": "A person stands on one leg. A ring marks the outer hip.",
        "step_down": "A person steps down from a low step. The knee on the step falls inward.",
        "thomas": (
            "A person lies at the edge of a bed and holds one knee. The other thigh first rests"
            " on the bed, then stays up."
        ),
        "aslr": "A person lies on the back and lifts one straight leg.",
    }
)
DEPTH = "Show words for"
DEPTHS: Mapping[str, str] = MappingProxyType(
    {"patient": "For patients", "clinician": "For clinicians"}
)
REGION = "Phone numbers for"
REGIONS: Mapping[str, str] = MappingProxyType(
    {
        "neutral": "No country",
        "AU": "Australia",
        "CA": "Canada",
        "EU": "European Union",
        "GB": "United Kingdom",
        "IE": "Ireland",
        "IN": "India",
        "NZ": "New Zealand",
        "US": "United States",
    }
)
SETTINGS = "Settings"
RESTORED = "The page was loaded anew. Your answers are back."
BROKEN = (
    "Something went wrong on this page. Your answers are kept. Try again, or go to another page."
)
FOOTER = (
    "Not a diagnosis and not a medical device. Made for teaching and for talks with a professional."
)

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
    "The fuller the colour, the higher the chance. A question mark: not answered. Thick edge: you"
    " answered it. Dashed edge: a warning sign. Round ends: a cause or a muscle."
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
NODE_CHANCE = "Chance: {chance}."
NODE_FLAG = "A warning sign."
NODE_KNOWN = "Known"
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
IF_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "gmax_weak": "Strong gluteus maximus (big buttock muscle)",
        "gmed_weak": "Strong gluteus medius (side of the buttock)",
        "tfl_tight": "Loose TFL (muscle at the outer hip)",
        "hip_flexors_tight": "Loose hip flexors (front of the hip)",
        "sitting": "Sit under 6 hours a day",
        "body_weight": "Normal weight",
        "poor_posture": "Stand and sit upright",
        "physical_activity": "Be active",
        "smoking": "Never smoke",
        "heavy_lifting": "No heavy lifting",
    }
)
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
