"""What the app says to clinicians, analysts and teachers; not held to the reading age."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

WEIGHTS = "Weights of evidence in decibans"
WEIGHTS_LEAD = (
    "Alone: with nothing else known. Given the rest: with all other findings known. Shapley: the"
    " mean over all orders; these add up to the whole change of the log-odds."
)
WEIGHTS_HEAD = ("Finding", "Alone", "Given the rest", "Shapley")
CONFLICT = "Conflict measure: {bits} bits (above 0, the findings go together badly)."
PATHS = "By which way the answers reach it"
STATE_HEAD = ("State", "Chance")
SOURCES_OF_NODE = "The {count} numbers behind this box, with their sources"
NUMBER_HEAD = ("Number", "Value", "95 % interval", "Grade", "Source")
FLIP_HEAD = ("Number", "What would flip", "Value", "Flips at")
RIVAL_ARROWS = "If a contested arrow pointed the other way"
LIFE_ROWS = ("Value", "Source", "Where it stands", "Note", "Fitted to", "What it moves")
LIFE_HEAD = ("What", "How it is")
BETWEEN_HEAD = ("What lies between", "Before", "Now")

# Page: many cases
MANY_TITLE = "Many cases"
MANY_LEAD = (
    "Upload a table with one row for each case: CSV, JSON Lines or Parquet, up to 5 MB and 20,000"
    " rows. The columns are the names of the variables, the cells their states. Leave unknown cells"
    " empty."
)
MANY_PRIVATE = (
    "The file is read in memory and gone when you leave. Do not upload names or dates of birth:"
    " columns that look like them are refused."
)
MANY_EXAMPLE = "Download an example file"
MANY_UPLOAD = "Your file"
MANY_READ = "{rows} rows were read."
MANY_KEEP = "Columns that are no variables, to carry along unread"
MANY_INTERVALS = "With 95 % intervals (slower)"
MANY_RUN = "Answer all cases"
MANY_PROGRESS = "{done} of {rows} cases"
MANY_DONE = "{good} cases answered, {bad} rows could not be used."
MANY_CSV = "Download the answers as CSV"
MANY_PARQUET = "Download the answers as Parquet"
MANY_BAD_CSV = "Download the rows that could not be used"
MANY_BAD = "Rows that could not be used"
MANY_BAD_HEAD = ("Line", "Column", "Value", "What is wrong, and what could stand there")
WRONG_STATE = "Not an answer to “{label}”.{nearest} It can be: {choices}."
WRONG_NEAREST_STATE = "Nearest: {near}."
WRONG_CLASH = "{both} cannot both be true. Correct or remove one of them."
WRONG_WEIGHT = "A weight must be a number of 0 or more. Fill one for every answer, or none."
WRONG_COLUMN = (
    "No variable is called “{name}”.{nearest} Rename it, or choose it to be carried along."
)
WRONG_NEAREST = "Nearest: “{near}”."
WRONG_FACT = (
    "The column “{name}” holds a fact, and a table takes the answers themselves. Give these"
    " instead: {use}."
)
WRONG_LINE = "This line is no whole case. Each line must hold one case in braces."
WRONG_MEANS = "Do not wait for the correction: by what could be read, “{level}” holds."
WRONG_ALARM = (
    "Do not wait for the correction: by what could be read, “{level}” holds for line {lines}."
)
MANY_FIRST = "The first answers"
MANY_KIND = "{name} is none of CSV, JSON Lines (.jsonl) and Parquet. Save it as one of these."
MANY_BROKEN = "{name} cannot be read ({error}). Is it cut short, or of another kind than it says?"
MANY_EMPTY = "{name} holds no row. The first line names the columns, each further line is a case."
MANY_TOO_MANY = (
    "The file has {rows} rows; {most} are the most on this page. Split it, or use lumbayes batch."
)
MANY_PERSONAL = (
    "These columns look like names or dates of birth: {columns}. Remove them, and upload again."
    " An age band or a case number is enough."
)

# Page: about
ABOUT_TITLE = "About the numbers"
ABOUT_LEAD = (
    "Every number in the model has a source, a grade and a range. Here are all of them, how the"
    " model compares with published figures, and what it cannot do."
)
ABOUT_AS_PUBLISHED = "The names of the figures and the sources are given as published."
ABOUT_LIMITS = "What it cannot do"
LIMITS = (
    "It cannot examine you. It knows only what you answer.",
    "It is not a medical device and has not been tested in a trial. Doctors have not yet reviewed"
    " its rules.",
    "It knows 28 causes. Yours may be another one.",
    "Most of its numbers come from people who went to a clinic, mainly in Europe and North"
    " America.",
    "Whether weak or tight muscles cause back pain, or follow it, is not settled.",
    "The ranges show how exact the published numbers are. They do not show errors in the model.",
)
ABOUT_MODEL = "Model against published figures"
ABOUT_MODEL_LEAD = (
    "Each mark is one published figure. The closer to the slanted line, the better the fit."
)
ABOUT_MODEL_SUM = (
    "**{fitted}** of the {n_fitted} figures used to set the model lie within their published range."
    " Of {n_emergent} figures never used, **{emergent}** do: that is the honest score. {excluded}"
    " figures cannot be expressed in this model."
)
ABOUT_MODEL_KEY = (
    "Discs: used to set the model. Squares: never used. Filled: within the published range. Hollow:"
    " outside. Lines: the published range."
)
ABOUT_WORST = "The twenty largest differences"
ABOUT_CASES = "Cases with known answers"
ABOUT_CASES_LEAD = "Twenty cases, most of them published, were put to the model as any other."
ABOUT_CASES_RUN = "Answer the cases now"
MEASURES: Mapping[str, str] = MappingProxyType(
    {
        "level_acceptable": "Care level as the author gives it",
        "emergency_recall": "Emergencies found",
        "level_too_low": "Care level too low",
        "level_too_high": "Care level too high",
        "top1_acceptable": "Accepted cause in first place",
        "top3_acceptable": "Accepted cause among the first three",
        "dangerous_found": "Dangerous cause among the first two of the list not to be missed",
    }
)
MEASURE_HEAD = ("Measure", "Cases", "95 % interval")
CASE_HEAD = ("Case", "Cause, by its author", "Place in our list", "Care, by its author", "Ours")
WORST_HEAD = ("Quantity", "Published", "Model", "Role", "Explanation")
ABOUT_CLAIMS = "What the source article says, and what studies say"
ABOUT_CLAIMS_LEAD = (
    "The idea for this model came from an article on muscle imbalance and back pain."
)
ABOUT_CLAIMS_SHOW = "The {count} claims beside the evidence"
CLAIM_HEAD = ("Claim", "What studies say", "Source")
ABOUT_NUMBERS = "All numbers"
ABOUT_NUMBERS_LEAD = (
    "Grades: A, a review of many studies. B, a large study. C, small or indirect studies. D, the"
    " judgement of experts within a published range."
)
ABOUT_SEARCH = "Search the numbers"
ABOUT_GRADE = "Grade"
PLACE = "{file}, line {line}"
ABOUT_FOUND = "{count} found, {shown} shown."
ALL_HEAD = ("Number", "Value and 95 % interval", "Grade", "Source", "Where it stands")
ABOUT_DOWNLOAD = "Download these numbers as CSV"
ABOUT_SOURCES = "Sources"
ABOUT_SOURCE_SEARCH = "Search the sources"
SOURCE_HEAD = ("Key", "Citation", "Where", "Read")
ABOUT_VERSION = "Version"
VERSION = "Lumbayes {program}, tables {data}."
SCATTER_X = "Published figure (logarithmic)"
SCATTER_Y = "Model (logarithmic)"
SCATTER_ALT = (
    "Scatter plot of {all} published figures against the model. {inside} lie within their published"
    " range. The table below lists the largest differences."
)

# Page: tests
TESTS_TITLE = "Tests"
TESTS_LEAD = (
    "Every test with its accuracy in the model, among adults who ask for care, and the published"
    " figures. The most telling for their cost come first, given what is known of this patient; for"
    " one chosen cause, the most telling."
)
TESTS_PIN = "Rank the tests by what they tell about"
TESTS_ALL_CAUSES = "All causes"
TESTS_SEARCH = "Search a test by any of its names"
TESTS_EVERY = "Show all {count} tests"
TESTS_COUNT = (
    "{shown} of {all} tests. Result: − negative, + positive, ? not sure. Bits: expected"
    " information, given what is known."
)
TESTS_HEAD = (
    *("Test", "Tells most about", "Sens.", "Spec.", "LR+", "LR−", "Bits", "Cost"),
    *("Result", "Sources"),
)
TESTS_OPEN = "Not tested"
TESTS_PINNED = "Tells about the chosen cause"
TESTS_OF_A_RULE = "A rule for warning signs; no accuracy is held"
TESTS_NO_FIGURES = (
    "The model holds no sensitivity and specificity of this test: it serves these rules."
)
TESTS_SOURCES = "Sources"
TESTS_SOURCE_HEAD = ("Figure", "Value and 95 % interval", "Source")
TESTS_NUMBER = "Number of the model:"
NOTES = "Summary for the notes"
NOTES_LEAD = "Copy it, download it, or print this page."
NOTES_DOWNLOAD = "Download the summary"
NOTES_PRINT = "Print"
NOTES_LEVEL = "Care level: {level} ({soon})"
NOTES_PROVISIONAL = "Provisional: {level}; {count} questions that could raise it are not asked."
NOTES_NO_SIGN = "no warning sign so far"
NOTES_GROUPS = ("Positive", "Negative", "Not known")
NOTES_CAUSES = "Model estimates (95 % interval):"
NOTES_DANGERS = "Not to be missed:"
NOTES_LIMIT = "Estimates of a teaching model, not a diagnosis."
