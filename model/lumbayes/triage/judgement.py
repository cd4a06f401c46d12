"""Which red flags are live, and how soon should someone be seen? Asked first, shown first.

Rules stand outside the probabilities: each fires on answers alone, so no prior, no soft finding and
no intervention can silence one. Posterior thresholds may raise the level and never lower it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from lumbayes.cases.constraints import all_but_says, bits_of, likely
from lumbayes.errors import CaseError, unknown_name
from lumbayes.knowledge.anchors import UNDER_18
from lumbayes.knowledge.definition import UNSURE
from lumbayes.text import Told, lowered
from lumbayes.triage.open_signs import open_signs
from lumbayes.triage.reader import rules_of
from lumbayes.triage.rules import LEVELS, NOT_UNDERSTOOD, SOON, Known, Rule, Rules, Threshold, rank
from lumbayes.triage.wording import (
    ask_again,
    count_of,
    duration_of,
    filled,
    telephone_numbers,
    without_braces,
)

if TYPE_CHECKING:
    from lumbayes.cases.case import Case
    from lumbayes.knowledge.model import Model

SIGNS_NAMED = 5


@dataclass(frozen=True, repr=False)
class Advice(Told):
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
        Most urgent first, no sentence twice; in an emergency with the advice on driving.
    how_soon : str
        When to be seen.
    ask_again : tuple of str
        One note for each answer of "not sure" that could raise the level.
    what_would_change : tuple of str
        The signs that would raise the level; empty in an emergency.
    look_again : str
        By when to look again.
    provisional : bool
        Whether some warning sign that could raise the level is not answered yet, something told
        was not understood and may be one, or answers exclude each other.
    open_warning_signs : tuple of str
        These signs, most telling first.
    contradictions : tuple of str
        Which answers exclude each other; the level is the worst that they call for.
    led_by : tuple of str
        Variables whose answers made the level.
    driving : str
        The one advice on driving, in an emergency; empty otherwise. ``what_to_do`` ends with it.
    """

    level: str
    reasons: tuple[str, ...]
    rules: tuple[str, ...]
    what_to_do: tuple[str, ...]
    how_soon: str
    ask_again: tuple[str, ...]
    what_would_change: tuple[str, ...]
    look_again: str
    provisional: bool = False
    open_warning_signs: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()
    led_by: tuple[str, ...] = ()
    driving: str = ""

    def to_text(self) -> str:
        """Return the level, what to do, why, and what is still open, a line each."""
        firm = f"provisional, {len(self.open_warning_signs)} signs open" if self.provisional else ""
        level = f"{self.level} ({firm})" if firm else self.level
        reasons = (f"- {reason}" for reason in self.reasons)
        return "\n".join([level, *self.what_to_do, *reasons, *self.contradictions])


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
        but ``a`` and ``b`` are ruled out. A variable not mentioned is unknown, which is not the
        same as absent, and fires nothing.
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
    >>> advice.level, advice.rules, advice.provisional
    ('emergency_now', ('saddle_numbness',), False)
    >>> advice = triage(rules, {"low_back_pain": "yes", "night_pain": "yes"})
    >>> advice.level, advice.provisional
    ('self_care_exercises', True)
    """
    rules = rules_of(source)
    return judge(rules, rules.known(findings), posterior=posterior, minor=minor, region=region)


def judge(
    rules: Rules,
    known: Known,
    *,
    posterior: Mapping[str, float] | None = None,
    minor: bool = False,
    region: str | None = None,
    unclear: Sequence[str] = (),
    contradictions: tuple[str, ...] = (),
    also_open: tuple[str, ...] = (),
) -> Advice:
    """Return the advice on what is known, as ``triage``.

    Parameters
    ----------
    rules : Rules
        The rules.
    known : mapping of variable to sets of states as bits
        As ``case_known`` gives it.
    posterior, minor, region
        As for ``triage``.
    unclear : sequence of str
        What was told and not understood: never firm, and at least ``routine_physician`` where a
        word of it smells of danger (``danger_words.csv``).
    contradictions : tuple of str
        Which answers exclude each other.
    also_open : tuple of str
        Warning signs that no rule waits for, but that could raise the level by a probability.
    """
    numbers = telephone_numbers(rules, region)
    sentence = rules.texts["sentence"]
    known = _with_age(known, minor)
    hits = rules.hits(known)
    live = rules.fired(hits)
    fired: list[tuple[int, str, str, str, str]] = [
        (rank(rule.level), rule.name, rule.reason, rule.what_to_do, rule.how_soon) for rule in live
    ]
    if minor:
        level = LEVELS[2]
        soon = rules.texts["how_soon"][level]
        fired.append((rank(level), UNDER_18, sentence["minor"], sentence["minor_what"], soon))
    dangerous = [text for text in unclear if rules.smells(text)]
    unread = [
        sentence["unread"].replace("{label}", without_braces(text))
        for text in unclear
        if text not in dangerous
    ]
    doubts = [*unread, *([sentence["contradiction"]] if contradictions else [])]
    if dangerous:
        level, quoted = LEVELS[2], ", ".join(f"“{text}”" for text in dangerous)
        soon = rules.texts["how_soon"][level]
        what = sentence["unclear_what"].replace("{signs}", without_braces(quoted))
        for text in dangerous:
            reason = sentence["unclear"].replace("{label}", without_braces(text))
            fired.append((rank(level), NOT_UNDERSTOOD, reason, what, soon))
    for threshold in _crossed(rules, posterior or {}):
        text = sentence["posterior"].replace("{label}", lowered(rules.labels[threshold.condition]))
        soon = threshold.how_soon
        what = rules.texts["what_to_do"][threshold.level]
        if soon == SOON[2]:
            what = sentence["within_days"]
        fired.append((rank(threshold.level), threshold.name, text, what, soon))
    fired.sort(key=lambda item: (item[0], SOON.index(item[4])))

    place = fired[0][0] if fired else len(LEVELS) - 1
    level = LEVELS[place]
    signs = tuple(dict.fromkeys((*open_signs(rules, known, level, hits), *also_open)))
    calm = place == len(LEVELS) - 1
    # What to say about a weak sign is of no use to someone who should be seen, or be asked on.
    shown = [i for i in fired if i[0] < len(LEVELS) - 1 or (calm and not (signs or doubts))]
    # Old and stable changes the wording, never the level, when a rule fires on such a sign.
    old_stable = any(known.get(name) == (2,) for name in rules.unchanged) and any(
        rules.old_or_new & {atom.variable for atom in rule.atoms} for rule in live
    )
    answers = rules.texts["look_again"]
    duration = rules.texts["look_again"][duration_of(rules, known)]
    count = count_of(signs)
    if calm and (signs or doubts):
        reasons = [sentence["open_calm"].replace("{count}", count)] if signs else []
        reasons += doubts
        todo = [sentence["open_what"]] if signs else []
        todo += [sentence["unread_what"]] if unread else []
        todo += [sentence["contradiction_what"]] if contradictions else []
        todo += [item[3] for item in fired if item[4] != SOON[-1]]  # relief need not wait
        how_soon = sentence["open_soon"]
    else:
        reasons = [item[2] for item in shown] or [sentence["nothing"]]
        todo = [item[3] for item in shown if item[0] == place and item[4] == fired[0][4]]
        todo += [sentence["old_stable"]] if old_stable else []
        todo += [] if shown and place < 3 else [rules.texts["what_to_do"][level]]
        how_soon = fired[0][4] if fired else rules.texts["how_soon"][level]
    driving = "" if place else sentence["driving"]
    todo += [driving] if driving else []
    again = [*ask_again(rules, known, place), *doubts]
    if signs:
        labels = ", ".join(rules.labels[name] for name in signs[:SIGNS_NAMED])
        told = sentence["open"].replace("{count}", count).replace("{signs}", labels)
        again.append(told)
    return Advice(
        level=level,
        reasons=filled(reasons, numbers),
        rules=tuple(dict.fromkeys(item[1] for item in fired)),
        what_to_do=filled(todo, numbers),
        how_soon=how_soon,
        ask_again=filled(again, numbers),
        what_would_change=(
            filled(rules.texts["what_would_change"].values(), numbers) if place else ()
        ),
        look_again=filled([answers[level] if place <= 1 else duration], numbers)[0],
        provisional=bool(signs or unclear or contradictions),
        open_warning_signs=signs,
        contradictions=contradictions,
        led_by=_led_by(live, known, level),
        driving=driving.format_map(numbers),
    )


def _led_by(live: Sequence[Rule], known: Known, level: str) -> tuple[str, ...]:
    """Return the variables whose answers let the rules of a level fire, in the order of rules."""
    return tuple(
        dict.fromkeys(
            literal.variable
            for rule in live
            if rule.level == level
            for clause in rule.clauses
            for literal in clause.literals
            if not literal.negated and literal.holds(known)
        )
    )


def _with_age(known: Known, minor: bool) -> Known:
    """Let the rules know of a person under 18 whose age was not given as a number."""
    return {UNDER_18: (2,), **known} if minor else known


def rules_level(rules: Rules, known: Known, *, minor: bool = False) -> str:
    """Return the level that the rules alone give, without reasons.

    Examples
    --------
    >>> from lumbayes.triage.reader import load_rules
    >>> rules = load_rules()
    >>> rules_level(rules, rules.known({"saddle_numbness": "yes"}))
    'emergency_now'
    """
    known = _with_age(known, minor)
    floor = 2 if minor else len(LEVELS) - 1
    return LEVELS[min([floor, *(rank(rule.level) for rule in rules.fired(rules.hits(known)))])]


def case_known(source: Rules | Model, case: Case) -> dict[str, tuple[int, ...]]:
    """Return what triage may know of a case: all that was said, contradictions included.

    Of soft weights only a 0 counts, and next to nothing for the first state, mostly that nothing is
    wrong. Interventions play no part.

    Examples
    --------
    >>> from lumbayes.cases.case import Case
    >>> from lumbayes.triage.reader import load_rules
    >>> case = Case({"fever": "no"}, {"leg_pain": (0, 1, 1), "night_pain": (0.4, 1)})
    >>> case_known(load_rules(), case)
    {'leg_pain': (6,), 'fever': (1,)}
    """
    rules = rules_of(source)
    known: dict[str, tuple[int, ...]] = {}
    for name, weights in case.likelihoods.items():
        if 0.0 in weights or all_but_says(weights):
            known[name] = (bits_of(likely(weights) if all_but_says(weights) else weights),)
    known |= rules.known(case.findings)
    # Twice what another answer excludes: in doubt, it settles and skips no question.
    return known | {n: said * 2 if len(said) == 1 else said for n, said in case.said.items()}


def urgent(advice: Advice) -> bool:
    """Return whether somebody should be seen today or within days, or needs help now.

    Examples
    --------
    >>> from lumbayes.triage.reader import load_rules
    >>> urgent(triage(load_rules(), {"saddle_numbness": "yes"}))
    True
    """
    return rank(advice.level) <= 1


def _crossed(rules: Rules, posterior: Mapping[str, float]) -> list[Threshold]:
    """Return the thresholds reached, most urgent first."""
    for condition, probability in posterior.items():
        if condition not in rules.states:
            raise unknown_name("condition", condition, rules.states)
        if not 0.0 <= probability <= 1.0:
            raise CaseError(f"P({condition}) is {probability}, not between 0 and 1.")
    crossed = [t for t in rules.thresholds if posterior.get(t.condition, -1.0) >= t.threshold]
    return sorted(crossed, key=lambda threshold: rank(threshold.level))
