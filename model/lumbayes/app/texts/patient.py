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
CONFIRM_LEAD = "Untick what is wrong. Only what is ticked here is used."
CONFIRM_UNREAD = (
    "Not understood: {words}. Tick this only if none of it is a new complaint. If you are not sure,"
    " leave it open."
)
UNREAD_LEFT = (
    "Not understood: {words}. Is any of it a new complaint? If you are not sure, leave it open."
)
UNREAD_SETTLE = "Nothing new in it"
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
COURSE_HEAD = ("After", "What is counted", "What was seen", "Source")
COURSE_WEEKS = "{weeks} weeks"
A_YEAR = "1 year"
COURSE_NOTE = (
    "These figures come from studies. Your own course can be faster or slower. Where a week is"
    " missing, no study that was read counts people then."
)
COURSE_SOURCES = "Sources:"
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
BODY_VIEWS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "back": ("From behind", "Body, seen from behind"),
        "front": ("From the front", "Body, seen from the front"),
    }
)
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
UPLOAD = "Upload"
RESTORED = "The page was loaded anew. Your answers are back."
BROKEN = (
    "Something went wrong on this page. Your answers are kept. Try again, or go to another page."
)
FOOTER = (
    "Not a diagnosis and not a medical device. Made for teaching and for talks with a professional."
)
