"""Which question stands where: every question once, the warning signs first."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from lumbayes.app.texts import patient as texts
from lumbayes.knowledge.anchors import AGE, SEX, UNDER_18
from lumbayes.knowledge.definition import VariableInfo
from lumbayes.knowledge.model import Model
from lumbayes.triage.judgement import red_flags
from lumbayes.triage.reader import load_rules

# Screens of the interview that are no warning signs: their questions stand in other sections.
NO_WARNINGS = frozenset({"where", "you", "habits", "joints"})
SECTION_OF = {
    "pain_place": "Where it hurts",
    "pain_behaviour": "How it feels",
    "nerves": "How it feels",
    "general": "How it feels",
    "about_you": "About you",
    "self_test": "Self-tests",
    "clinical_test": "Examination",
}


@lru_cache(maxsize=4)
def questions(model: Model) -> Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    """Return the questions of every section, in groups with titles: section → ((title, names), …).

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> list(questions(load_model()))[0]
    'Warning signs'
    """
    askable = {v.name for v in model.variables.values() if v.ask == "question"}
    warnings = [
        (screen.question, tuple(s.variable for s in screen.signs if s.variable in askable))
        for screen in load_rules(model.folder).screens
        if screen.name not in NO_WARNINGS
    ]
    first = {name for _, names in warnings for name in names}
    others = tuple(n for n in red_flags(model) if n in askable - first)
    if others:
        warnings.append((texts.GROUP_OTHER, others))
    first |= set(others)
    sections: dict[str, list[tuple[str, tuple[str, ...]]]] = {"Warning signs": warnings}
    rest: dict[str, list[str]] = {}
    for info in model.variables.values():
        if info.ask == "none" or info.name in first:
            continue
        rest.setdefault(SECTION_OF.get(info.group, "How it feels"), []).append(info.name)
    for section in (*texts.SECTIONS[1:], texts.EXAMINATION):
        sections[section] = [("", tuple(rest.get(section, ())))]
    return {section: tuple(groups) for section, groups in sections.items()}


def asked_now(model: Model, names: tuple[str, ...], findings: Mapping[str, str]) -> tuple[str, ...]:
    """Return the questions that make sense after the answers so far; one with an answer stays.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> asked_now(load_model(), ("bruise_over_spine",), {"trauma": "none"})
    ()
    """
    return tuple(n for n in names if n in findings or _worth_asking(model, n, findings))


def _worth_asking(model: Model, name: str, findings: Mapping[str, str]) -> bool:
    return not any(findings.get(n) == state for n, state in model.variables[name].skipped_by)


def choices(info: VariableInfo) -> tuple[tuple[str, str], ...]:
    """Return the answers of a question as people read them: (state, label), yes before no."""
    pairs = tuple(zip(info.states, info.state_labels, strict=True))
    if set(info.states) == {"no", "yes"}:
        pairs = tuple(sorted(pairs, reverse=True))
    if info.name == AGE:
        pairs = ((UNDER_18, texts.UNDER_18), *pairs)
    sure = info.name in (AGE, SEX)
    return pairs if sure else (*pairs, ("unsure", texts.NOT_SURE))
