"""The words of an advice: sentences of the tables, filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lumbayes.errors import unknown_name
from lumbayes.knowledge.anchors import DURATION
from lumbayes.triage.rules import LEVELS, Known, Rule, Rules, rank


def telephone_numbers(rules: Rules, region: str | None) -> dict[str, str]:
    """Return what fills the placeholders of the texts."""
    key = "neutral" if region is None else region.upper()
    if key not in rules.texts["emergency_number"]:
        regions = [k for k in rules.texts["emergency_number"] if k != "neutral"]
        raise unknown_name("region", region, regions)
    return {
        "emergency": rules.texts["emergency_number"][key],
        "same_day_help": rules.texts["same_day_help"][key],
    }


def filled(texts: Iterable[str], numbers: Mapping[str, str]) -> tuple[str, ...]:
    """Fill the placeholders and drop repeats, keeping the order."""
    return tuple(dict.fromkeys(text.format_map(numbers) for text in texts))


def ask_again(rules: Rules, known: Known, place: int) -> list[str]:
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


def count_of(signs: Sequence[str]) -> str:
    """Return how many warning signs there are, in words."""
    return "1 warning sign" if len(signs) == 1 else f"{len(signs)} warning signs"


def without_braces(text: str) -> str:
    """Return foreign words as a template holds them: no brace is a placeholder."""
    return text.replace("{", "(").replace("}", ")")


def duration_of(rules: Rules, known: Known) -> str:
    """Return how long the pain has lasted, or ``unknown``."""
    said = known.get(DURATION, (0,))
    states = rules.states.get(DURATION, ())
    return next((s for i, s in enumerate(states) if said == (1 << i,)), "unknown")
