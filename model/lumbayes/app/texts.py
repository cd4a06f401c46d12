"""What the app says to a person in pain: short words, short sentences, one idea in each.

A test reads every text here and asks for a reading age of about twelve.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

NAME = "Lumbayes"
TITLE = "What could be behind your back pain?"
LEAD = (
    "Answer what you can. Leave out what you like. Each answer updates the results at once."
    " This page cannot examine you, and it can be wrong. If you are worried or get worse, get help."
)
PRIVATE = (
    "Your answers stay in this browser tab and in the memory of the server while the tab is open."
    " Nothing is stored or sent on."
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
GROUP_TITLES = (
    "Bladder, bowel and feeling between the legs",
    "Your legs",
    "Fever and feeling ill",
    "Falls and blows",
    "The pain itself",
)
NONE_OF_THESE = "No to all open questions here"
NOT_SURE = "Not sure"
UNDER_18 = "Under 18"
NEXT = "Next: {section}"
BACK = "Back: {section}"
TO_RESULTS = "See the results"
KNOWN_IN_PART = "From the example: {states}"
CLEAR_HINT = "To clear an answer, touch it again."
START_AGAIN = "Start again"
NO_TESTS_NOW = (
    "Do not do these tests now. One of your answers is a warning sign. Follow the advice first."
)
STOP_TEST = "Stop if"

EMERGENCY_TITLE = "Get help now"
EMERGENCY_BANNER = (
    "Go to an emergency department, or call {number}. Do not drive if your legs are weak."
)
LEVEL_PREFIX: Mapping[str, str] = MappingProxyType(
    {
        "emergency_now": "Emergency advice",
        "urgent_physician": "Urgent advice",
        "routine_physician": "Advice",
        "self_care_exercises": "Advice",
    }
)
LEVEL_EMPTY = "No answers yet"
NOTHING_YET = (
    "Answer the warning signs first."
    " Until then this page knows only what is true of adults in general."
)
WHY_THIS = "Why"
WHAT_TO_DO = "What to do"
HOW_SOON = "How soon"
ASK_AGAIN = "Please check again"
CHANGES = "What would change this advice"
LOOK_AGAIN = "When to look again"

RESULTS = "Your results"
CAUSES = "What it could be"
CAUSES_LEAD = (
    "Out of 100 people who give the same answers, this many have each cause."
    " People can have more than one."
)
CAUSES_LEAD_EMPTY = "Out of 100 adults, with or without pain, this many have each cause."
IMBALANCES = "Muscles of the buttock and hip"
IMBALANCES_LEAD = "How many of 100 people with these answers have a weak or tight muscle there."
RARE = "Rare, but must not be missed"
RARE_LEAD = (
    "These are rare. They have a scale of their own: the bar shows how many of {size} people with"
    " these answers have each one."
)
ALIKE = "Which of these two is likelier is not sure: {a}, or {b}."
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
MORE_WHY = "All the reasons, step by step, are on the page Why."
NEXT_QUESTION = "The most useful question now"
NEXT_NONE = "No single question is left that could tell much."
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
DEPTHS: Mapping[str, str] = MappingProxyType({"patient": "Patients", "clinician": "Clinicians"})
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
