"""The interview as a state machine: one question after the other, without a terminal.

Every step is a pure function from one `Interview` to the next; who asks and who answers is the
caller's affair (``lumbayes ask``, the app). What is known is a plain case: ``cases.save_case``
keeps it and ``cases.read_case`` opens it again, one of older tables included. What was skipped is
asked again then.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from lumbayes.cases.case import Case
from lumbayes.errors import LumbayesError, unknown_name
from lumbayes.knowledge.model import Model
from lumbayes.questions.next_question.ranking import KINDS, next_questions
from lumbayes.questions.what_if.interventions import changed_case
from lumbayes.triage.rules import UNSURE

CERTAIN = 1.0 - 1e-12
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
    """

    variable: str
    question: str
    help: str
    answers: tuple[tuple[str, str], ...]
    why: str
    red_flag: bool
    stop: bool
    message: str

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to ask, or no reason to."""
        return self.stop or not self.variable


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

    Left out is what tells less than it costs and could change neither level nor plan.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> step = next_step(load_model(), start_interview(load_model()))
    >>> step.red_flag, step.ended, step.answers[-1]
    (True, False, ('unsure', 'Not sure'))
    """
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
    info = model.variables[row["variable"]]
    return Step(
        info.name,
        info.question or info.label,
        info.help,
        (*zip(info.states, info.state_labels, strict=True), (UNSURE, "Not sure")),
        row["reason"],
        bool(row["red_flag"]),
        False,
        asked.stop_reason,
    )


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


def answered(model: Model, interview: Interview, variable: str, state: str) -> Interview:
    """Return the interview after an answer, ``unsure`` included.

    Raises
    ------
    LumbayesError
        As ``parse_case``: unknown names, or an answer that contradicts an earlier one.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> after = answered(model, start_interview(model), "fever", "no")
    >>> dict(after.case.findings), back(after).case.findings
    ({'fever': 'no'}, {})
    """
    case = changed_case(model, interview.case, {variable: state}, "this answer")
    return replace(interview, case=case, past=(*interview.past, (variable, interview)))


def skipped(interview: Interview, variable: str) -> Interview:
    """Return the interview with a question passed over: it says nothing, and is not asked again."""
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
