"""Which question stands where: every question once, the warning signs first."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from lumbayes.app import texts_patient as texts
from lumbayes.knowledge.definition import VariableInfo
from lumbayes.knowledge.model import Model
from lumbayes.triage.judgement import red_flags

WARNINGS: tuple[tuple[str, ...], ...] = (
    (
        "saddle_numbness",
        "urinary_retention",
        "urinary_incontinence",
        "bowel_incontinence",
        "sexual_dysfunction",
        "sphincter_signs_old_stable",
    ),
    (
        "leg_weakness",
        "weakness_progressive",
        "foot_drop",
        "gait_disturbance",
        "leg_pain_sudden_both",
        "cold_leg",
    ),
    ("fever", "looks_unwell", "collapse", "known_aneurysm", "new_cancer_sign", "pregnancy_warning"),
    ("trauma", "deformity_after_injury", "bruise_over_spine"),
    ("uncontrolled_pain", "not_improving"),
)
# Only worth asking once one of these answers is known.
ONLY_AFTER: Mapping[str, tuple[str, ...]] = {
    "sphincter_signs_old_stable": WARNINGS[0][:5],
    "deformity_after_injury": ("trauma",),
    "bruise_over_spine": ("trauma",),
}
SECTION_OF = {
    "pain_place": "Where it hurts",
    "pain_behaviour": "How it feels",
    "nerves": "How it feels",
    "general": "How it feels",
    "about_you": "About you",
    "self_test": "Self-tests",
    "clinical_test": "Examination",
}


MOST = 7  # questions on one screen of warning signs
FIRST = ("age_band", "sex")  # asked first: they make other questions needless


def sign_screens(
    model: Model, findings: Mapping[str, str]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the screens of open warning signs: (title, names), most urgent first."""
    screens: list[tuple[str, tuple[str, ...]]] = []
    for title, names in questions(model)["Warning signs"]:
        left = tuple(n for n in asked_now(model, names, findings) if n not in findings)
        screens += [(title, left[i : i + MOST]) for i in range(0, len(left), MOST)]
    return tuple(screens)


def open_signs(model: Model, findings: Mapping[str, str]) -> tuple[str, ...]:
    """Return the warning signs that nobody has answered yet."""
    return tuple(n for _, names in sign_screens(model, findings) for n in names)


@lru_cache(maxsize=4)
def questions(model: Model) -> Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    """Return the questions of every section, in groups with titles: section → ((title, names), …).

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> list(questions(load_model()))[0]
    'Warning signs'
    """
    named = {name for group in WARNINGS for name in group}
    alone = red_flags(model)
    others = tuple(
        v.name
        for v in model.variables.values()
        if v.ask == "question"
        and v.name not in named
        and (v.group == "red_flag" or v.name in alone)
    )
    first = {*named, *others}
    sections: dict[str, list[tuple[str, tuple[str, ...]]]] = {
        "Warning signs": [
            *zip(texts.GROUP_TITLES, WARNINGS, strict=True),
            *([(texts.GROUP_OTHER, others)] if others else []),
        ]
    }
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
    if any(findings.get(other) == state for other, state in model.variables[name].skipped_by):
        return False
    before = ONLY_AFTER.get(name)
    return before is None or any(
        findings.get(other, absent) != absent
        for other in before
        for absent in (model.variables[other].states[0],)
    )


def choices(info: VariableInfo) -> tuple[tuple[str, str], ...]:
    """Return the answers of a question as people read them: (state, label), yes before no."""
    pairs = tuple(zip(info.states, info.state_labels, strict=True))
    if set(info.states) == {"no", "yes"}:
        pairs = tuple(sorted(pairs, reverse=True))
    if info.name == "age_band":
        pairs = (("under_18", texts.UNDER_18), *pairs)
    sure = info.name in ("age_band", "sex")
    return pairs if sure else (*pairs, ("unsure", texts.NOT_SURE))
