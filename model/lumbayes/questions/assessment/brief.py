"""The answer of one case in a few lines, for a small screen or a quick look."""

from __future__ import annotations

import textwrap

from lumbayes.questions.assessment.page import NO_FIT, NOT_A_DIAGNOSIS
from lumbayes.questions.assessment.summary import Assessment
from lumbayes.text import how_many
from lumbayes.triage.judgement import urgent

CAUSES = 3


def brief(answer: Assessment, width: int = 88) -> str:
    """Return care level, what to do, what is open and, if nothing is urgent, the likeliest causes.

    Parameters
    ----------
    answer : Assessment
        Of ``assess``.
    width : int
        Longest line, in characters.

    Returns
    -------
    str
        The care card is that of the whole page, in the same words.

    Examples
    --------
    >>> from lumbayes.cases.case import parse_case
    >>> from lumbayes.knowledge.model import load_model
    >>> from lumbayes.questions.assessment.summary import assess
    >>> model = load_model()
    >>> answer = assess(model, parse_case(model, {"saddle_numbness": "yes"}), 0)
    >>> brief(answer).splitlines()[0]
    'GET HELP NOW'
    """
    (care, *rest), advice = answer.page(), answer.triage
    said = [*care.paragraphs, *advice.reasons[:1]]
    said += [text for section in rest if section.title == NO_FIT for text in section.points]
    signs = len(advice.open_warning_signs)
    if advice.provisional and signs:
        said.append(
            f"Still open: {how_many(signs, 'warning sign')}. To go through them: lumbayes ask."
        )
    lines = [care.title.upper(), *(line for text in said for line in textwrap.wrap(text, width))]
    if not (urgent(advice) or answer.case.errors):  # no cause may tempt one to wait
        first = answer.differential.of_conditions.column("label")[:CAUSES]
        lines += textwrap.wrap(f"Likeliest first: {'; '.join(first)}.", width)
    return "\n".join([*lines, *textwrap.wrap(NOT_A_DIAGNOSIS, width)])
