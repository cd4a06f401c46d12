"""Which red flags are live, and how soon should someone be seen? Asked first, shown first.

Rules stand outside the probabilities: each fires on answers alone, so no prior, no soft finding and
no intervention can silence one. Posterior thresholds may raise the level and never lower it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from lumbayes.errors import CaseError, unknown_name
from lumbayes.text import frequency
from lumbayes.triage.reader import rules_of
from lumbayes.triage.rules import LEVELS, SOON, UNDER_18, UNSURE, Rules, Threshold, rank

if TYPE_CHECKING:
    from lumbayes.cases.case import Case
    from lumbayes.knowledge.model import Model

# The question "old and stable?" changes the wording, never the level, when a rule fires on these.
SPHINCTER_SIGNS = frozenset(
    {
        "saddle_numbness",
        "urinary_retention",
        "urinary_incontinence",
        "bowel_incontinence",
        "sexual_dysfunction",
        "perianal_sensation",
        "anal_tone",
        "post_void_residual",
    }
)


@dataclass(frozen=True)
class Advice:
    """The answer of ``triage``; every text is ready to be shown.

    Attributes
    ----------
    level : str
        One of ``LEVELS``.
    reasons : tuple of str
        Why, most urgent first; never empty.
    rules : tuple of str
        Names of what fired, most urgent first.
    what_to_do : tuple of str
        Most urgent first, no sentence twice.
    how_soon : str
        When to be seen.
    ask_again : tuple of str
        One note for each answer of "not sure" that could raise the level.
    what_would_change : tuple of str
        The signs that would raise the level; empty in an emergency.
    look_again : str
        By when to look again.
    """

    level: str
    reasons: tuple[str, ...]
    rules: tuple[str, ...]
    what_to_do: tuple[str, ...]
    how_soon: str
    ask_again: tuple[str, ...]
    what_would_change: tuple[str, ...]
    look_again: str


def red_flags(source: Rules | Model) -> Mapping[str, tuple[str, ...]]:
    """Return the answers that alone lead to urgent or emergency care: variable → states.

    Examples
    --------
    >>> from lumbayes.triage.reader import load_rules
    >>> red_flags(load_rules())["leg_weakness"]
    ('both_sides', 'one_side')
    """
    alone: dict[str, tuple[str, ...]] = {}
    for rule in rules_of(source).rules:
        if len(rule.clauses) == 1 and rule.clauses[0].needed == 1 and rank(rule.level) <= 1:
            for atom in rule.atoms:
                states = alone.get(atom.variable, ())
                if atom.state not in (*states, UNSURE):
                    alone[atom.variable] = (*states, atom.state)
    return MappingProxyType(alone)


def triage(
    source: Rules | Model,
    findings: Mapping[str, str],
    *,
    posterior: Mapping[str, float] | None = None,
    minor: bool = False,
    region: str | None = None,
) -> Advice:
    """Return how urgent the findings are, why, and what to do.

    Parameters
    ----------
    source : Rules or Model
        The rules, or the model whose folder holds them.
    findings : mapping of variable to state
        Hard findings, with ``"unsure"`` where someone could not tell and ``"a|b"`` where all states
        but ``a`` and ``b`` are ruled out (see ``triage_findings``). A variable not mentioned is
        unknown, which is not the same as absent, and fires nothing.
    posterior : mapping of condition to probability, optional
        May raise the level, never lower it.
    minor : bool
        Under the age of 18: at least ``routine_physician``.
    region : str, optional
        Two letters such as ``"GB"``, or ``"EU"``: whose telephone numbers to name. Neutral
        wording if left out.

    Returns
    -------
    Advice
        Its level is the most urgent of all that fired, ``self_care_exercises`` if nothing did.

    Raises
    ------
    UnknownNameError
        If a variable, a state, a condition or the region is unknown.
    CaseError
        If a probability is not between 0 and 1.

    Examples
    --------
    >>> from lumbayes.triage.reader import load_rules
    >>> rules = load_rules()
    >>> advice = triage(rules, {"saddle_numbness": "yes"}, region="EU")
    >>> advice.level, advice.rules
    ('emergency_now', ('saddle_numbness',))
    >>> triage(rules, {"low_back_pain": "yes", "night_pain": "yes"}).level
    'self_care_exercises'
    """
    rules = rules_of(source)
    for variable, state in findings.items():
        rules.check(variable, state)
    numbers = _numbers(rules, region)
    sentence = rules.texts["sentence"]

    fired: list[tuple[int, str, str, str, str]] = [
        (rank(rule.level), rule.name, rule.reason, rule.what_to_do, rule.how_soon)
        for rule in rules.rules
        if rule.fires(findings)
    ]
    if minor:
        level = LEVELS[2]
        soon = rules.texts["how_soon"][level]
        fired.append((rank(level), UNDER_18, sentence["minor"], sentence["minor_what"], soon))
    for threshold, probability in _crossed(rules, posterior or {}):
        text = sentence["posterior"].replace("{label}", _lower(rules.labels[threshold.condition]))
        text = text.replace("{chance}", frequency(probability))
        soon = threshold.how_soon
        what = rules.texts["what_to_do"][threshold.level]
        if soon == SOON[2]:
            what = sentence["within_days"]
        fired.append((rank(threshold.level), threshold.name, text, what, soon))
    fired.sort(key=lambda item: (item[0], SOON.index(item[4])))

    place = fired[0][0] if fired else len(LEVELS) - 1
    level = LEVELS[place]
    # What to say about a weak sign is of no use to someone who should be seen.
    shown = [item for item in fired if item[0] < len(LEVELS) - 1 or place == len(LEVELS) - 1]
    old_stable = findings.get("sphincter_signs_old_stable") == "yes" and any(
        rule.fires(findings) and SPHINCTER_SIGNS & {atom.variable for atom in rule.atoms}
        for rule in rules.rules
    )
    duration = findings.get("duration", "unknown")
    look_again = rules.texts["look_again"]
    return Advice(
        level=level,
        reasons=_filled([item[2] for item in shown] or [sentence["nothing"]], numbers),
        rules=tuple(item[1] for item in fired),
        what_to_do=_filled(
            [
                *(item[3] for item in shown if item[0] == place and item[4] == fired[0][4]),
                *([sentence["old_stable"]] if old_stable else []),
                *([] if shown and place < 3 else [rules.texts["what_to_do"][level]]),
            ],
            numbers,
        ),
        how_soon=fired[0][4] if fired else rules.texts["how_soon"][level],
        ask_again=_ask_again(rules, findings, place, numbers),
        what_would_change=(
            _filled(rules.texts["what_would_change"].values(), numbers) if place else ()
        ),
        look_again=_filled(
            [look_again[level] if place <= 1 else look_again.get(duration, look_again["unknown"])],
            numbers,
        )[0],
    )


def triage_findings(source: Rules | Model, case: Case) -> dict[str, str]:
    """Return what triage may know of a case: its findings, and the states its likelihoods rule out.

    Soft weights play no part: only a weight of 0 counts. Interventions play none at all.

    Examples
    --------
    >>> from lumbayes.cases.case import Case
    >>> from lumbayes.triage.reader import load_rules
    >>> case = Case({"fever": "no"}, {"leg_pain": (0, 1, 1), "night_pain": (0.4, 1)})
    >>> triage_findings(load_rules(), case)
    {'leg_pain': 'above_knee|below_knee', 'fever': 'no'}
    """
    states = rules_of(source).states
    left = {
        name: [s for s, w in zip(states[name], weights, strict=True) if w > 0]
        for name, weights in case.likelihoods.items()
    }
    some = {name: "|".join(among) for name, among in left.items() if len(among) < len(states[name])}
    return {**some, **case.findings}


def _numbers(rules: Rules, region: str | None) -> dict[str, str]:
    """Return what fills the placeholders of the texts."""
    key = "neutral" if region is None else region.upper()
    if key not in rules.texts["emergency_number"]:
        regions = [k for k in rules.texts["emergency_number"] if k != "neutral"]
        raise unknown_name("region", region, regions)
    return {
        "emergency": rules.texts["emergency_number"][key],
        "same_day_help": rules.texts["same_day_help"][key],
    }


def _filled(texts: Iterable[str], numbers: Mapping[str, str]) -> tuple[str, ...]:
    """Fill the placeholders and drop repeats, keeping the order."""
    return tuple(dict.fromkeys(text.format_map(numbers) for text in texts))


def _lower(label: str) -> str:
    """Lower the first letter, unless the word is all capitals."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def _crossed(rules: Rules, posterior: Mapping[str, float]) -> list[tuple[Threshold, float]]:
    """Return the thresholds reached, most urgent first, each with the probability."""
    for condition, probability in posterior.items():
        if condition not in rules.states:
            raise unknown_name("condition", condition, rules.states)
        if not 0.0 <= probability <= 1.0:
            raise CaseError(f"P({condition}) is {probability}, not between 0 and 1.")
    crossed = [
        (t, posterior[t.condition])
        for t in rules.thresholds
        if posterior.get(t.condition, -1.0) >= t.threshold
    ]
    return sorted(crossed, key=lambda item: rank(item[0].level))


def _ask_again(
    rules: Rules, findings: Mapping[str, str], place: int, numbers: Mapping[str, str]
) -> tuple[str, ...]:
    """One note for each ``unsure`` that, cleared up for the worse, could raise the level."""
    notes: dict[str, int] = {}
    unsure = [name for name, state in findings.items() if state == UNSURE]
    higher = [r for r in rules.rules if rank(r.level) < place and r.could_fire(findings)]
    for name in unsure:
        without = {k: v for k, v in findings.items() if k != name}
        ranks = [rank(rule.level) for rule in higher if not rule.could_fire(without)]
        if ranks:
            notes[name] = min(ranks)
    sentence = rules.texts["sentence"]
    return _filled(
        (
            sentence["ask_again"]
            .replace("{label}", rules.labels[name])
            .replace("{action}", sentence[LEVELS[reached]])
            for name, reached in sorted(notes.items(), key=lambda item: item[1])
        ),
        numbers,
    )
