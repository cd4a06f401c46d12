"""Which red flags are live, and how soon should someone be seen? Asked first, shown first.

Rules stand outside the probabilities: each fires on answers alone, so no prior, no soft finding and
no intervention can silence one. Posterior thresholds may raise the level and never lower it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from lumbayes.errors import CaseError, unknown_name
from lumbayes.knowledge.anchors import DURATION, UNDER_18
from lumbayes.knowledge.definition import UNSURE
from lumbayes.text import Told, how_many, lowered
from lumbayes.triage.known import open_signs, with_age
from lumbayes.triage.reader import rules_of
from lumbayes.triage.rules import LEVELS, NOT_UNDERSTOOD, SOON, Known, Rule, Rules, Threshold, rank

if TYPE_CHECKING:
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
    numbers = _telephone_numbers(rules, region)
    known = with_age(known, minor)
    hits = rules.hits(known)
    live = rules.fired(hits)
    dangerous = [text for text in unclear if rules.smells(text)]
    fired = [Cause(rank(r.level), r.name, r.reason, r.what_to_do, r.how_soon) for r in live]
    fired += _besides_rules(rules, minor, dangerous, posterior or {})
    fired.sort(key=lambda cause: (cause.rank, SOON.index(cause.how_soon)))
    level = LEVELS[fired[0].rank if fired else -1]
    signs = tuple(dict.fromkeys((*open_signs(rules, known, level, hits), *also_open)))
    sentence = rules.texts["sentence"]
    unread = [
        sentence["unread"].replace("{label}", _without_braces(text))
        for text in unclear
        if text not in dangerous
    ]
    doubts = [*unread, *([sentence["contradiction"]] if contradictions else [])]
    if level == LEVELS[-1] and (signs or doubts):
        reasons, todo, how_soon = _not_firm(rules, fired, signs, doubts, bool(contradictions))
    else:
        reasons, todo, how_soon = _firm(rules, fired, known, live)
    driving = sentence["driving"] if level == LEVELS[0] else ""
    again = [*_ask_again(rules, known, rank(level)), *doubts]
    if signs:
        labels = ", ".join(rules.labels[name] for name in signs[:SIGNS_NAMED])
        told = sentence["open"].replace("{count}", how_many(len(signs), "warning sign"))
        again.append(told.replace("{signs}", labels))
    changes = () if level == LEVELS[0] else rules.texts["what_would_change"].values()
    later = level if rank(level) <= 1 else _duration_of(rules, known)
    return Advice(
        level=level,
        reasons=_filled(reasons, numbers),
        rules=tuple(dict.fromkeys(cause.name for cause in fired)),
        what_to_do=_filled([*todo, driving] if driving else todo, numbers),
        how_soon=how_soon,
        ask_again=_filled(again, numbers),
        what_would_change=_filled(changes, numbers),
        look_again=_filled([rules.texts["look_again"][later]], numbers)[0],
        provisional=bool(signs or unclear or contradictions),
        open_warning_signs=signs,
        contradictions=contradictions,
        led_by=_led_by(live, known, level),
        driving=driving.format_map(numbers),
    )


class Cause(NamedTuple):
    """One thing that makes a level: a rule, a person's age, words that alarm, a probability."""

    rank: int
    name: str
    reason: str
    what_to_do: str
    how_soon: str


def _besides_rules(
    rules: Rules, minor: bool, dangerous: Sequence[str], posterior: Mapping[str, float]
) -> list[Cause]:
    """Return what makes a level without a rule: youth, words that alarm, probabilities."""
    sentence, visit = rules.texts["sentence"], LEVELS[2]
    soon = rules.texts["how_soon"][visit]
    found = []
    if minor:
        told = sentence["minor"], sentence["minor_what"]
        found.append(Cause(rank(visit), UNDER_18, *told, soon))
    quoted = _without_braces(", ".join(f"“{text}”" for text in dangerous))
    what = sentence["unclear_what"].replace("{signs}", quoted)
    for text in dangerous:
        reason = sentence["unclear"].replace("{label}", _without_braces(text))
        found.append(Cause(rank(visit), NOT_UNDERSTOOD, reason, what, soon))
    for threshold in _crossed(rules, posterior):
        reason = sentence["posterior"].replace(
            "{label}", lowered(rules.labels[threshold.condition])
        )
        what = rules.texts["what_to_do"][threshold.level]
        what = sentence["within_days"] if threshold.how_soon == SOON[2] else what
        found.append(Cause(rank(threshold.level), threshold.name, reason, what, threshold.how_soon))
    return found


def _not_firm(
    rules: Rules,
    fired: Sequence[Cause],
    signs: Sequence[str],
    doubts: Sequence[str],
    contradictory: bool,
) -> tuple[list[str], list[str], str]:
    """Return reasons, what to do and how soon where nothing is urgent and something is open."""
    sentence = rules.texts["sentence"]
    reasons, todo = list(doubts), []
    if signs:
        count = how_many(len(signs), "warning sign")
        reasons.insert(0, sentence["open_calm"].replace("{count}", count))
        todo.append(sentence["open_what"])
    todo += [sentence["unread_what"]] if len(doubts) > contradictory else []
    todo += [sentence["contradiction_what"]] if contradictory else []
    todo += [c.what_to_do for c in fired if c.how_soon != SOON[-1]]  # relief need not wait
    return reasons, todo, sentence["open_soon"]


def _firm(
    rules: Rules, fired: Sequence[Cause], known: Known, live: Sequence[Rule]
) -> tuple[list[str], list[str], str]:
    """Return reasons, what to do and how soon where a level stands."""
    sentence, last = rules.texts["sentence"], len(LEVELS) - 1
    place = fired[0].rank if fired else last
    # What to say about a weak sign is of no use to someone who should be seen.
    shown = [c for c in fired if c.rank < last or place == last]
    # Old and stable changes the wording, never the level, when a rule fires on such a sign.
    old_stable = any(known.get(name) == (2,) for name in rules.unchanged) and any(
        rules.old_or_new & {atom.variable for atom in rule.atoms} for rule in live
    )
    todo = [c.what_to_do for c in shown if (c.rank, c.how_soon) == (place, fired[0].how_soon)]
    todo += [sentence["old_stable"]] if old_stable else []
    todo += [] if shown and place < last else [rules.texts["what_to_do"][LEVELS[place]]]
    how_soon = fired[0].how_soon if fired else rules.texts["how_soon"][LEVELS[place]]
    return [c.reason for c in shown] or [sentence["nothing"]], todo, how_soon


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


def _telephone_numbers(rules: Rules, region: str | None) -> dict[str, str]:
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


def _ask_again(rules: Rules, known: Known, place: int) -> list[str]:
    """One note for each ``unsure`` that, cleared up for the worse, could raise the level."""
    unsure = rules.unsure(known)
    if not unsure:
        return []
    notes: dict[str, int] = {}
    settled = {n: said for n, said in known.items() if n not in unsure}
    for rule in rules.rules:
        if rank(rule.level) >= place:
            continue
        for name in unsure:
            every = {n: (1 << len(rules.states[n])) - 1 for n in unsure}
            without = {n: bits for n, bits in every.items() if n != name}
            if _could_fire(rule, settled, every) and not _could_fire(rule, settled, without):
                notes[name] = min(notes.get(name, 9), rank(rule.level))
    sentence = rules.texts["sentence"]
    return [
        sentence["ask_again"]
        .replace("{label}", rules.labels[name])
        .replace("{action}", sentence[LEVELS[reached]])
        for name, reached in sorted(notes.items(), key=lambda item: item[1])
    ]


def _could_fire(rule: Rule, known: Known, left: Mapping[str, int]) -> bool:
    """Whether every clause holds, or would once the variables of ``left`` are cleared up."""
    return all(
        sum(a.could_hold(known, left.get(a.variable, 0)) for a in clause.literals) >= clause.needed
        for clause in rule.clauses
    )


def _without_braces(text: str) -> str:
    """Return foreign words as a template holds them: no brace is a placeholder."""
    return text.replace("{", "(").replace("}", ")")


def _duration_of(rules: Rules, known: Known) -> str:
    """Return how long the pain has lasted, or ``unknown``."""
    said = known.get(DURATION, (0,))
    states = rules.states.get(DURATION, ())
    return next((s for i, s in enumerate(states) if said == (1 << i,)), "unknown")
