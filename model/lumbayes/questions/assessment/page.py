"""The parts of the page of one case, in words for people."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from lumbayes.cases.case import Case
from lumbayes.exercises.plan import Plan
from lumbayes.knowledge.definition import UNSURE
from lumbayes.knowledge.model import Model
from lumbayes.questions.assessment.handover import grouped, handover
from lumbayes.questions.assessment.plain_words import (
    contradictions,
    in_words,
    likelihood_word,
    misfit,
    moved_by,
    warning,
)
from lumbayes.questions.assessment.report import Grid, Section
from lumbayes.questions.conditioning import Row
from lumbayes.questions.differential import UNCERTAINTY, Differential
from lumbayes.questions.explanation.answer import Explanation, state_words
from lumbayes.questions.next_question.ranking import NextQuestions
from lumbayes.text import frequency, frequency_range, times_as_likely
from lumbayes.triage.judgement import Advice, urgent
from lumbayes.triage.rules import LEVELS

NOT_A_DIAGNOSIS = (
    "This is not a diagnosis and not a medical device. It cannot examine you and it can be wrong."
    " If you are worried or getting worse, get medical help."
)
CARDS = MappingProxyType(
    {
        "emergency_now": "Get help now",
        "urgent_physician": "Be seen by a doctor soon",
        "routine_physician": "Make an appointment with a doctor",
        "self_care_exercises": "You can look after this yourself for now",
    }
)
NO_FIT = "What does not fit together"
STILL_OPEN = "Some warning signs are not answered yet"
NOT_ALL_READ = "Not all that was told was understood"
NOTHING_ANSWERED = (
    "Answer the warning signs first. Until then this page knows only what is true of adults in"
    " general, and gives no advice about you.",
)
CAUSES_SHOWN = 6
SIGNS_SHOWN = 12
FOR_PEOPLE = (
    "In words, since a number would promise more than anybody knows. Causes can overlap. Dangerous"
    " causes are not in this list: the warning signs decide about them."
)


def sections(
    model: Model,
    case: Case,
    advice: Advice,
    likely: Differential,
    explanations: Sequence[Explanation],
    asked: NextQuestions,
    plan: Plan,
    version: Mapping[str, str],
    *,
    clinician: bool = False,
    show_anyway: bool = False,
) -> tuple[Section, ...]:
    """Return the parts of the page: care level first, what this is not last, no empty part.

    An emergency ends the page after what to do and what to say, unless ``show_anyway``.
    Probabilities stand only on the page of a ``clinician``. Who is to be seen within days, or now,
    reads no causes: what is common beside such advice would tempt one to wait. Of a case that is
    wrong and answered all the same there are none either.
    """
    about = Section(
        "About this page",
        (NOT_A_DIAGNOSIS,),
        notes=(f"lumbayes {version['program']}, tables {version['data']}.",),
    )
    first = alarm_sections(model, case, advice, whole=advice.level == LEVELS[0])
    if advice.level == LEVELS[0] and not show_anyway:
        return (*first, about)
    numbers = (clinician or show_anyway) and not case.errors
    weighed = numbers or not (urgent(advice) or case.errors)
    parts = (
        *first,
        _open(model, advice),
        Section("What would change this advice", points=advice.what_would_change),
        _understood(model, case),
        *((_causes(likely), _dangers(likely)) if numbers else ()),
        *((_causes_in_words(likely),) if weighed and not numbers else ()),
        *((_muscles(likely, numbers=numbers),) if weighed else ()),
        *((_reasons(likely, explanations, numbers=numbers),) if weighed else ()),
        *(() if case.errors else (_asks(asked),)),
        *((_exercises(plan),) if _answered(case) else ()),
        _limits(model, case, likely),
        about,
    )
    return tuple(s for s in parts if s.paragraphs or s.points or s.grid or s.notes)


def alarm_sections(model: Model, case: Case, advice: Advice, *, whole: bool) -> tuple[Section, ...]:
    """Return the card, what does not fit together, and for the ``whole`` the sheet to hand over."""
    told = (in_words(model, text) for text in case.mistakes())
    odd = (*contradictions(model, advice.contradictions), *told)
    return (
        _care(advice, _answered(case)),
        *((Section(NO_FIT, points=odd),) if odd else ()),
        *((handover(model, case, advice),) if whole else ()),
    )


def _answered(case: Case) -> bool:
    """Whether anything but who the person is has been answered."""
    told = set(case.findings) - set(case.assumed)
    return bool(told or case.likelihoods or case.do or case.said)


def _care(advice: Advice, answered: bool) -> Section:
    """Write the card; no all-clear without answers, or with a warning sign open."""
    calm = advice.level == LEVELS[-1]
    if calm and not answered:
        return Section("Nothing answered yet", (*NOTHING_ANSWERED, *advice.ask_again), card=True)
    # Several rules may end on the same sentence: it is said once.
    sentences = [s for text in advice.what_to_do for s in re.split(r"(?<=[.!?]) ", text)]
    return Section(
        (STILL_OPEN if advice.open_warning_signs else NOT_ALL_READ)
        if calm and advice.provisional
        else CARDS[advice.level],
        (" ".join(dict.fromkeys(sentences)), f"How soon: {advice.how_soon}."),
        tuple(advice.reasons),
        notes=(*advice.ask_again, advice.look_again),
        card=True,
    )


def _open(model: Model, advice: Advice) -> Section:
    """Name the warning signs that are not answered yet, as questions."""
    signs = advice.open_warning_signs
    questions = [model.variables[name].question for name in signs[:SIGNS_SHOWN]]
    more = len(signs) - len(questions)
    return Section(
        "Warning signs to answer first",
        (),
        tuple(questions),
        notes=(f"And {more} more. lumbayes ask puts them together.",) if more else (),
    )


def _understood(model: Model, case: Case) -> Section:
    points = grouped(model, case)
    points += [
        f"{model.variables[n].label}: set to {state_words(model.variables[n], s)} (an intervention)"
        for n, s in case.do.items()
    ]
    return Section(
        "What was understood",
        (),
        tuple(points) or ("Nothing yet.",),
        notes=tuple(warning(model, text) for text in case.warnings),
    )


def _causes_in_words(likely: Differential) -> Section:
    dangerous = set(likely.of_dangers.column("name"))
    rows = [row for row in likely.of_conditions if row["name"] not in dangerous]
    points = [f"{r['label']}: {likelihood_word(r['probability'])}" for r in rows[:CAUSES_SHOWN]]
    return Section("What it could be", (FOR_PEOPLE,), tuple(points))


def _causes(likely: Differential) -> Section:
    notes = [f"Which is likelier is not sure: {a}, or {b}." for a, b in likely.alike_labels()]
    return Section(
        "What it could be",
        ("Of people who give the same answers. Causes can overlap.",),
        grid=_grid("Cause", likely.of_conditions.rows[:CAUSES_SHOWN]),
        notes=(*notes, UNCERTAINTY) if likely.draws else tuple(notes),
    )


def _muscles(likely: Differential, *, numbers: bool) -> Section:
    title = "Muscles of buttock and hip"
    if numbers:
        return Section(title, grid=_grid("Muscle", likely.of_imbalances.rows))
    points = (
        f"{row['label']}: {likelihood_word(row['probability'])}" for row in likely.of_imbalances
    )
    return Section(title, points=tuple(points))


def _grid(what: str, records: Sequence[Row]) -> Grid:
    rows, bars = [], []
    for row in records:
        p, low, high = row["probability"], row["low"], row["high"]
        before = frequency(row["prior"]).removeprefix("about ")
        rows.append((row["label"], frequency_range(p, low, high), before))
        bars.append((p, p, p) if math.isnan(low) else (low, p, high))
    return Grid((what, "With your answers", "Any adult"), tuple(rows), tuple(bars))


def _dangers(likely: Differential) -> Section:
    scale = 1_000 if max(likely.of_dangers.column("probability")) >= 0.01 else 10_000
    rows = [
        (
            row["label"],
            frequency_range(row["probability"], row["low"], row["high"], scale),
            times_as_likely(row["ratio"], row["probability"]),
        )
        for row in likely.of_dangers
    ]
    return Section(
        "Rare, but must not be missed",
        ("On a scale of their own. The rules for warning signs come before these numbers.",),
        grid=Grid(("Cause", "With your answers", "Compared with any adult"), tuple(rows)),
    )


def _reasons(
    likely: Differential, explanations: Sequence[Explanation], *, numbers: bool
) -> Section:
    dangerous = set(likely.of_dangers.column("name"))
    if numbers:
        points = [answer.sentence for answer in explanations]
    else:
        points = [moved_by(answer) for answer in explanations if answer.target not in dangerous]
    odd = {
        row["label"]: misfit(row["label"]) for answer in explanations for row in answer.of_misfits
    }
    return Section("What moved the answer", (), tuple(filter(None, points)), notes=(*odd.values(),))


def _asks(asked: NextQuestions) -> Section:
    points = [f"{row['question']} ({row['reason']})" for row in asked.rows]
    return Section("What to ask next", (), tuple(points), notes=(asked.stop_reason,))


def _exercises(chosen: Plan) -> Section:
    if not chosen.chosen:
        return Section("Exercises", tuple(note.text for note in chosen.safety))
    points = [f"{item.name}: {item.doses[0].dose}" for item in chosen.chosen]
    return Section(
        f"Exercises for {chosen.weeks} weeks",
        (chosen.level_why,),
        tuple(points),
        notes=tuple(note.text for note in chosen.stop_rules),
    )


def _limits(model: Model, case: Case, likely: Differential) -> Section:
    asked = [v.name for v in model.variables.values() if v.ask != "none"]
    known = {n for n, s in case.findings.items() if s != UNSURE} | set(case.likelihoods)
    open_ = sum(name not in known for name in asked)
    other = len(likely.of_conditions)
    return Section(
        "What the network does not know",
        (),
        (
            f"{open_} of {len(asked)} questions and tests are open. Open does not mean normal.",
            f"It knows {other} conditions. A cause outside them cannot appear in the list.",
            "It describes adults on average, from published studies. It knows nothing else of you.",
            "Some links between weak or tight muscles and pain are contested: which comes first is"
            " not settled.",
        ),
    )
