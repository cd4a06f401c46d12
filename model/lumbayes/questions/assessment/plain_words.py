"""Messages of the program in the words of people: no name of a variable, no field, no number."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from lumbayes.cases.case import ASSUMED
from lumbayes.knowledge.model import Model
from lumbayes.questions.explanation.answer import Explanation, strength

PARTS = r"findings|likelihoods|facts|said|do"
NAMED = re.compile(
    rf"\b(?:(?P<part>{PARTS})\.)?(?P<name>[a-z][a-z0-9_]*)(?:=(?P<state>\w+(?:\.\w+)*))?"
)
# What somebody wrote stands as it was written; how JSON looks is for who writes it.
AS_WRITTEN = re.compile(r"""((?<!\w)'[^']*'(?!\w)|"[^"]*")""")
EXAMPLE = re.compile(r"\s*Example: [{\[].*[}\]]", re.DOTALL)
NOT_USED = re.compile(r"^facts\.(?P<name>.*?)=.*: not understood, so not used", re.DOTALL)
LIKELY = ((0.5, "likely"), (0.15, "possible"), (0.03, "less likely"), (0.0, "unlikely"))
SPEAKS = 0.5  # decibans: what moves an answer less is not named


def in_words(model: Model, text: str) -> str:
    """Return a message with the names of variables, states and facts put into words.

    What stands in quotation marks is left as it is, an example in JSON is left out.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> in_words(load_model(), "findings.sex=male and facts.pregnant=true cannot both hold")
    '“Sex: Male” and “pregnant: true” cannot both hold'
    """

    def worded(found: re.Match[str]) -> str:
        name, state, part = found["name"], found["state"], found["part"]
        info = model.variables.get(name)
        if part is None and state is None and "_" not in name:
            return found[0]
        if info is None:
            known = f"“{name.replace('_', ' ')}: {state}”" if part and state else found[0]
            return known
        if state in info.states:
            return f"“{info.label}: {info.state_label(state)}”"
        return f"“{info.label}”"

    return outside_quotes(EXAMPLE.sub("", text), lambda part: NAMED.sub(worded, part))


def outside_quotes(text: str, change: Callable[[str], str]) -> str:
    """Return a text changed but for what stands in quotation marks.

    Examples
    --------
    >>> outside_quotes("unknown name 'slr' of slr", str.upper)
    "UNKNOWN NAME 'slr' OF SLR"
    """
    parts = AS_WRITTEN.split(text)
    return "".join(part if i % 2 else change(part) for i, part in enumerate(parts))


def contradiction(model: Model, message: str) -> str:
    """Return why some answers do not fit together, as a person would say it.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> said = "findings.sex=male and findings.pregnancy=pregnant cannot both hold: sex is male."
    >>> contradiction(load_model(), said)
    'These answers do not fit together: “Sex: Male” and “Pregnancy: Pregnant now”. Correct one.'
    """
    quoted = list(dict.fromkeys(re.findall(r"“[^”]+”", in_words(model, message))))
    if len(quoted) > 1:
        return f"These answers do not fit together: {' and '.join(quoted[:2])}. Correct one."
    return f"Some answers do not fit together: {in_words(model, message)}"


def contradictions(model: Model, messages: Iterable[str]) -> tuple[str, ...]:
    """Return all that does not fit together, as a person would say it, each once."""
    return tuple(dict.fromkeys(contradiction(model, text) for text in messages))


def warning(model: Model, message: str) -> str:
    """Return a warning in words; what was not understood is named back.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> warning(load_model(), "facts.odd_feeling=true: not understood, so not used (unknown fact)")
    '“odd feeling” was not understood, so it was not used.'
    """
    if message.startswith(ASSUMED):
        return "That you ask for care is assumed, since you report pain."
    if lost := NOT_USED.match(message):
        return f"“{lost['name'].replace('_', ' ')}” was not understood, so it was not used."
    said = in_words(model, message)
    return said[:1].upper() + said[1:]


def likelihood_word(probability: float) -> str:
    """Return how likely a common cause is, in a word.

    Examples
    --------
    >>> likelihood_word(0.6), likelihood_word(0.01)
    ('likely', 'unlikely')
    """
    return next(word for limit, word in LIKELY if probability >= limit)


def misfit(label: str) -> str:
    """Return what to say of an answer that the others make improbable."""
    return f"“{label}” does not go well with the other answers. Check it again."


def decided_by_signs(model: Model, target: str) -> str:
    """Return why no number of a dangerous cause is told to people; nothing of other targets.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> decided_by_signs(load_model(), "malignancy=present"), decided_by_signs(load_model(), "gtps")
    ('Cancer in the spine: the warning signs decide about it, not how likely it is.', '')
    """
    name = target.partition("=")[0].strip()
    if name not in model.with_role("must_not_miss"):
        return ""
    label = model.variables[name].label
    return f"{label}: the warning signs decide about it, not how likely it is."


def explained(model: Model, answer: Explanation) -> str:
    """Return an explanation without numbers; how likely a dangerous cause is, is not said.

    Examples
    --------
    >>> from lumbayes.cases.case import parse_case
    >>> from lumbayes.knowledge.model import load_model
    >>> from lumbayes.questions.explanation.explain import explain
    >>> model = load_model()
    >>> case = parse_case(model, {"slr": "positive"})
    >>> print(explained(model, explain(model, case, "radiculopathy")).partition("HOW")[0].strip())
    Pinched nerve root (sciatica): less likely.
    <BLANKLINE>
    WHAT EACH ANSWER DOES
      “Straight-leg raise: Positive” speaks clearly for it.
    """
    if by_signs := decided_by_signs(model, answer.target):
        return by_signs
    lines = [f"{answer.label}: {likelihood_word(answer.probability)}."]
    if not answer.of_findings:
        return f"{lines[0]} No answer has moved it."
    lines += ["", "WHAT EACH ANSWER DOES"]
    for row in answer.of_findings:
        does = strength(row["shapley"])
        says = does if does.startswith("hardly") else f"speaks {does} it"
        lines.append(f"  “{row['label']}” {says}.")
    lines += ["", *(misfit(row["label"]) for row in answer.of_misfits)] if answer.of_misfits else []
    if answer.of_paths:
        lines += ["", "HOW THE ANSWERS REACH IT (an arrow points from cause to effect)"]
        lines += [f"  {text}" for text in answer.of_paths.column("text")]
    return "\n".join(lines)


def moved_by(answer: Explanation) -> str:
    """Return which answers speak most for a cause and against it; empty if none does."""
    said = []
    for sign, verb in ((1, "for"), (-1, "against")):
        most = [row["label"] for row in answer.of_findings if sign * row["shapley"] >= SPEAKS][:2]
        if most:
            named = " and ".join(f"“{label}”" for label in most)
            said.append(f"{named} {'speak' if len(most) > 1 else 'speaks'} most {verb} it.")
    return f"{answer.label}: {' '.join(said)}" if said else ""
