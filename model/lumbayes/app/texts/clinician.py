"""What clinicians read in the place of a text for patients of the same name: nobody is "you".

Advice, questions and exercises stay as they are said to the patient.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

TITLE = "What could be behind this back pain?"
LEAD = "Enter what is known. The model examines nobody and can be wrong."
UNDO = "Undo: bring the answers back"
WORDS_TITLE = "What is the matter, in the patient’s own words?"
WORDS_LEAD = (
    "What is recognised is shown to be confirmed. The words are read here and are not kept."
)
WORDS_LABEL = "Words of the patient"
DONE_LEAD = "No further question is likely to change much. Every answer can still be changed."
DONE_MORE_LEAD = (
    "The advice is firm now. More questions can tell the causes apart a little better. Every answer"
    " can still be changed."
)
ESTIMATE = "Posterior probabilities of a model. Causes can overlap."
ESTIMATE_BESIDE = (
    "Posterior probabilities of a model. The level of care comes from the warning signs, not from"
    " this list."
)
COURSE_NOTE = (
    "Figures of studies; a single course can be faster or slower. Where a week is missing, no study"
    " that was read counts people then."
)
PRIVATE = (
    "The answers stay in this browser tab and in the memory of the server, which forgets them ten"
    " minutes after the tab is closed. Nothing is stored or sent on."
)
NOTHING_YET = "The warning signs come first. Until they are answered there is no advice."
RESULTS = "Results"
RANGE_NOTE = (
    "The line is the 95 % interval from the uncertainty of the published numbers. It says nothing"
    " about errors in the findings or in the model."
)
BEFORE = "before the findings"
RANGE = "95 % interval"
PUSHED_NONE = "None of the findings says much about this."
CONTRADICTION_HELP = "The other answers are kept. Change one of the answers named above."
EXAMPLES_LEAD = "Each example fills in the answers of one person, in the place of those so far."
EXAMPLE_SHOWN = "Example: {title}."
WHY_LEAD = "Choose a cause. See which findings speak for it and which speak against it."
WHY_POINTS = "What each finding does"
WHY_POINTS_LEAD = (
    "The bars share out the whole change of the log-odds among the findings. A bar to the right"
    " makes this cause more likely. A bar to the left makes it less likely."
)
FIT = "Do the findings fit together?"
FIT_GOOD = "Yes. None of the findings is a surprise, given the others."
FIT_BAD = "Some of the findings are a surprise, given the others. Check these once more:"
FIT_ROW = "{label}: expected in {expected} people with the other findings"
NETWORK_LEAD = (
    "Each box is something about the patient, a cause, or a sign. An arrow runs from a cause to"
    " what it brings about. Touch a box, or use the arrow keys and Enter."
)
NETWORK_KEY = (
    "The fuller the colour, the higher the chance. A question mark: not answered. In brackets:"
    " assumed. Thick edge: observed. Dashed edge: a warning sign. Round ends: a cause or a muscle."
)
NODE_OBSERVED = "Observed: {state}."
IF_LEAD = "Touch what could be different. The answer is about this patient and follows at once."
IF_KIND = "Which question?"
IF_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "had_been": "Had it been so all along",
        "done": "If it is changed",
        "seen": "Had the findings been others",
    }
)
IF_KIND_LEADS: Mapping[str, str] = MappingProxyType(
    {
        "had_been": (
            "Counterfactual, given all findings: had this been so for years, and all else the same,"
            " would this patient have this pain now?"
        ),
        "done": (
            "Intervention, in people of this age, sex and life before any pain: if this is changed"
            " and stays so, how many have pain at some time?"
        ),
        "seen": (
            "Observation: people with these other findings, who differ in all that goes with them."
            " It does not say what a change would do."
        ),
    }
)
IF_EACH = "Which single change would matter most?"
IF_KEEP = "Take over as answers"
IF_KEPT = "These are the answers now. This can be undone."
EX_LEAD = "Chosen from the findings. Start low. Some pain is acceptable, increasing pain is not."
EX_EQUIPMENT = "Equipment at hand"
EX_WEEK_PLAN = "The week"
EX_LEVELS: Mapping[int, str] = MappingProxyType(
    {0: "As the findings suggest"}
    | {1: "1 Beginner", 2: "2 Some practice", 3: "3 Fit", 4: "4 Trained"}
)
EX_PREGNANT_CHOICES: Mapping[str, str] = MappingProxyType(
    {"answers": "As answered", "yes": "Yes", "no": "No"}
)
EX_PREGNANT_CLASH = (
    "By the answers, a pregnancy is there or not sure. The version for pregnancy is shown."
)
REPORT_TITLE = "Report"
SAVE_DOWNLOAD = "Save the answers as a file"
SHARE_BUTTON = "Make a link with the answers"
SHARE_WARNING = (
    "Whoever has this link can read the answers: they are inside it. Send it only to people who may"
    " read them. Once opened, they are removed from the address line."
)
BACK_BEFORE = "in the saved answers"
RESTORED = "The page was loaded anew. The answers are back."
# Words of the report and its kin that are written for patients, and what stands in their place.
OF_THE_REPORT: Mapping[str, str] = MappingProxyType(
    {
        "With your answers": "With these findings",
        "Of people who give the same answers. Causes can overlap.": (
            "Posterior probabilities. Causes can overlap."
        ),
        "That you ask for care is assumed, since you report pain.": (
            "Care-seeking is assumed, since pain is reported."
        ),
        "The ranges are the uncertainty of the published numbers, not of you and not of the"
        " structure.": (
            "The ranges are the uncertainty of the published numbers, not of the patient and not of"
            " the structure."
        ),
        "It describes adults on average, from published studies. It knows nothing else of you.": (
            "It describes adults on average, from published studies. It knows nothing else of this"
            " patient."
        ),
        "This is not a diagnosis and not a medical device. It cannot examine you and it can be"
        " wrong. If you are worried or getting worse, get medical help.": (
            "This is not a diagnosis and not a medical device. It examines nobody and it can be"
            " wrong."
        ),
        "Nothing that you have told so far is a warning sign.": (
            "Nothing told so far is a warning sign."
        ),
    }
)
