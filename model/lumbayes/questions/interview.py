"""The interview as a state machine: one question after the other, without a terminal.

Every step is a pure function from one `Interview` to the next; who asks and who answers is the
caller's affair (``lumbayes ask``, the app). First come the screens of warning signs, beginning
with where it hurts, then what tells most. What is known is a plain case: ``cases.save_case`` keeps
it and ``cases.read_case`` opens it again, one of older tables included. What was skipped is asked
again then.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from lumbayes.cases.case import Case, with_answers
from lumbayes.errors import CaseError, LumbayesError, unknown_name
from lumbayes.knowledge.definition import UNSURE
from lumbayes.knowledge.model import Model
from lumbayes.questions.conditioning import contradicts
from lumbayes.questions.next_question.ranking import KINDS, next_questions
from lumbayes.triage.care_level import care_level
from lumbayes.triage.judgement import urgent
from lumbayes.triage.known import case_known, rules_level
from lumbayes.triage.reader import load_rules
from lumbayes.triage.rules import LEVELS, Screen
from lumbayes.triage.warning_signs import screen_answers, screens_left

CERTAIN = 1.0 - 1e-12
WHY = "A warning sign that could change the advice."
EMERGENCY = "No further answer would change the advice: emergency help now."
AT_HOME = ("question", "self_test")  # what needs nobody to examine you


@dataclass(frozen=True)
class Interview:
    """Where an interview stands.

    Attributes
    ----------
    case : Case
        All that is known.
    kinds : tuple of str
        Which kinds of questions may be asked.
    target : str or None
        What to learn about; all conditions if None.
    skipped : tuple of str
        Questions passed over.
    past : tuple of (variable, Interview)
        Each question answered or skipped, with the interview before it.
    """

    case: Case
    kinds: tuple[str, ...] = AT_HOME
    target: str | None = None
    skipped: tuple[str, ...] = ()
    past: tuple[tuple[str, Interview], ...] = ()


@dataclass(frozen=True)
class Step:
    """The next question of an interview, or its end.

    Attributes
    ----------
    variable : str
        What is asked for; empty at the end.
    question, help : str
        As people read it.
    answers : tuple of (state, label)
        All that may be said, ``unsure`` last.
    why : str
        Why this question comes now.
    red_flag : bool
        Whether it is a warning sign.
    stop : bool
        Whether no single answer could change level or plan any more.
    message : str
        Why to stop, or what could still change.
    screen : Screen or None
        Warning signs put together: ``ticked`` takes those that apply and denies the others. Then
        ``variable`` and ``answers`` are empty.
    """

    variable: str
    question: str
    help: str
    answers: tuple[tuple[str, str], ...]
    why: str
    red_flag: bool
    stop: bool
    message: str
    screen: Screen | None = None

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to ask, or no reason to."""
        return self.stop or not (self.variable or self.screen)


def start_interview(
    model: Model,
    case: Case | None = None,
    kinds: Collection[str] = AT_HOME,
    target: str | None = None,
) -> Interview:
    """Begin an interview, from nothing or from a case opened again.

    Raises
    ------
    UnknownNameError
        If a kind of question or the target does not exist.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> start_interview(load_model()).kinds
    ('question', 'self_test')
    """
    for kind in kinds:
        if kind not in KINDS:
            raise unknown_name("kind of question", kind, KINDS)
    if target is not None:
        _ = model.network[target]
    return Interview(Case() if case is None else case, tuple(kinds), target)


def next_step(model: Model, interview: Interview) -> Step:
    """Return the question to ask now, or the end: the stop sign, or nothing left to ask.

    Warning signs come first, until the level of care is firm; an emergency ends the interview. Left
    out is what tells less than it costs and could change neither level nor plan.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> step = next_step(load_model(), start_interview(load_model()))
    >>> step.question, step.red_flag, step.ended
    ('Where does it hurt?', True, False)
    """
    rules = load_rules(model.folder)
    known = case_known(rules, interview.case)
    level = rules_level(rules, known, minor=interview.case.minor)
    if level == LEVELS[0]:
        return Step("", "", "", (), "", True, True, EMERGENCY)
    if "question" in interview.kinds:
        left = screens_left(model, interview.case, interview.skipped)
        if left:
            return _screen_step(model, left)
    asked = next_questions(
        model, interview.case, interview.target, limit=None, kinds=interview.kinds
    )
    every = asked.frame
    worth = every["red_flag"] | (every["score"] > 0) | ~(every["same_decision"] >= CERTAIN)
    frame = every[worth & ~every["variable"].isin(interview.skipped)]
    if asked.stop or frame.empty:
        message = asked.stop_reason
        if not asked.stop:
            message += f" Questions skipped: {every['variable'].isin(interview.skipped).sum()}."
        return Step("", "", "", (), "", False, asked.stop, message)
    row = frame.iloc[0]
    return _question(
        model, row["variable"], row["reason"], asked.stop_reason, red_flag=bool(row["red_flag"])
    )


def _screen_step(model: Model, left: Sequence[Screen]) -> Step:
    """Return the first screen of warning signs, or the first question of one that has no "none"."""
    first, signs = left[0], sum(len(screen.signs) for screen in left)
    message = f"Questions to come that could change the advice: {signs}."
    if not first.any_of:
        return _question(model, first.signs[0].variable, WHY, message, red_flag=True)
    return Step("", first.question, "", (), WHY, True, False, message, first)


def _question(model: Model, name: str, why: str, message: str, *, red_flag: bool) -> Step:
    info = model.variables[name]
    answers = (*zip(info.states, info.state_labels, strict=True), (UNSURE, "Not sure"))
    question = info.question or info.label
    return Step(info.name, question, info.help, answers, why, red_flag, False, message)


def understood(step: Step, reply: str) -> str:
    """Return the state that a reply means: its name, its label, or its number from 1.

    Raises
    ------
    UnknownNameError
        If it means none of them.

    Examples
    --------
    >>> step = Step("fever", "Fever?", "", (("no", "No"), ("yes", "Yes")), "", True, False, "")
    >>> understood(step, "2"), understood(step, " YES ")
    ('yes', 'yes')
    """
    said = reply.strip().lower()
    for number, (state, label) in enumerate(step.answers, 1):
        if said in (str(number), state.lower(), label.lower()):
            return state
    starts = [state for state, label in step.answers if said and label.lower().startswith(said)]
    if len(starts) == 1:
        return starts[0]
    raise unknown_name(f"answer to {step.variable}", reply, [state for state, _ in step.answers])


def picked(screen: Screen, reply: str) -> tuple[str, ...]:
    """Return the signs that a reply to a screen means: their numbers from 1, or 0 for none.

    Raises
    ------
    UnknownNameError
        If a number is not on the screen.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> step = next_step(load_model(), start_interview(load_model()))
    >>> picked(step.screen, "1, 5")
    ('low_back_pain', 'buttock_pain')
    """
    said = reply.replace(",", " ").split()
    if said in (["0"], ["none"], ["no"]):
        return ()
    signs = {str(i): sign.variable for i, sign in enumerate(screen.signs, 1)}
    for number in said or [""]:
        if number not in signs:
            raise unknown_name("number of a sign", number, ["0", *signs])
    return tuple(dict.fromkeys(signs[number] for number in said))


def ticked(
    model: Model, interview: Interview, screen: Screen, ticks: Mapping[str, str]
) -> Interview:
    """Return the interview after a screen: what applies, with its states; the rest is denied.

    Raises
    ------
    LumbayesError
        As ``answered``.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> start = start_interview(model)
    >>> after = ticked(model, start, next_step(model, start).screen, {"low_back_pain": "yes"})
    >>> after.case.findings["flank_pain"]
    'no'
    """
    parts = screen_answers(model, screen, ticks)
    case = _with(model, interview.case, parts["findings"], parts["likelihoods"])
    return replace(interview, case=case, past=(*interview.past, (screen.name, interview)))


def answered(model: Model, interview: Interview, variable: str, state: str) -> Interview:
    """Return the interview after an answer, ``unsure`` included.

    Raises
    ------
    LumbayesError
        As ``parse_case``: unknown names, or an answer that contradicts an earlier one, unless what
        was said calls for a doctor today or for emergency help.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> after = answered(model, start_interview(model), "fever", "no")
    >>> dict(after.case.findings), back(after).case.findings
    ({'fever': 'no'}, {})
    """
    case = _with(model, interview.case, {variable: state})
    return replace(interview, case=case, past=(*interview.past, (variable, interview)))


def _with(
    model: Model,
    case: Case,
    findings: Mapping[str, object],
    likelihoods: Mapping[str, object] = MappingProxyType({}),
) -> Case:
    new = with_answers(model, case, findings, likelihoods)
    problem: LumbayesError | None = new.errors[0] if new.errors else None
    if contradicts(new, case) and not urgent(care_level(model, new)):
        problem = problem or CaseError(new.contradictions[-1])
    if problem is not None:
        raise type(problem)(f"this answer: {problem}")
    return new


def skipped(interview: Interview, variable: str) -> Interview:
    """Return the interview with a question passed over: it says nothing, and is not asked again.

    The name of a screen passes over the whole screen.
    """
    return replace(
        interview,
        skipped=(*interview.skipped, variable),
        past=(*interview.past, (variable, interview)),
    )


def back(interview: Interview) -> Interview:
    """Return the interview before the last answer or skip.

    Raises
    ------
    LumbayesError
        At the first question.
    """
    if not interview.past:
        raise LumbayesError("this is the first question: there is nothing to go back to.")
    return interview.past[-1][1]
