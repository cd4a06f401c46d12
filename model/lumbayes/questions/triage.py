"""Which red flags are live, and how soon should someone be seen? Asked first, shown first.

Rules stand outside the probabilities: each fires on answers alone, so no prior, no soft finding and
no intervention can silence one. Posterior thresholds may raise the level and never lower it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from lumbayes.errors import CaseError, UnknownNameError, unknown_name
from lumbayes.questions.triage_rules import (
    LEVELS,
    SOON,
    UNSURE,
    Literal,
    Rule,
    Rules,
    Threshold,
    load_rules,
    read_rules,
    read_thresholds,
)
from lumbayes.questions.words import frequency

if TYPE_CHECKING:
    from lumbayes.cases import Case
    from lumbayes.model import Model

__all__ = [
    "LEVELS",
    "Advice",
    "Rule",
    "Rules",
    "load_rules",
    "read_rules",
    "read_thresholds",
    "red_flags",
    "triage",
    "triage_findings",
    "triage_table",
]

UNDER_18 = "under_18"
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
CHUNK = 1 << 15  # rows at a time: the working arrays of a chunk stay in the cache
UNKNOWN = 0x80  # the bit of no state: an unknown answer lies inside no set of states
Flags = npt.NDArray[np.bool_]


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
    >>> red_flags(load_rules())["leg_weakness"]
    ('both_sides', 'one_side')
    """
    alone: dict[str, tuple[str, ...]] = {}
    for rule in _rules(source).rules:
        if len(rule.clauses) == 1 and rule.clauses[0].needed == 1 and _rank(rule.level) <= 1:
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
    >>> rules = load_rules()
    >>> advice = triage(rules, {"saddle_numbness": "yes"}, region="EU")
    >>> advice.level, advice.rules
    ('emergency_now', ('saddle_numbness',))
    >>> triage(rules, {"low_back_pain": "yes", "night_pain": "yes"}).level
    'self_care_exercises'
    """
    rules = _rules(source)
    for variable, state in findings.items():
        _check_finding(rules, variable, state)
    numbers = _numbers(rules, region)
    sentence = rules.texts["sentence"]

    fired: list[tuple[int, str, str, str, str]] = [
        (_rank(rule.level), rule.name, rule.reason, rule.what_to_do, rule.how_soon)
        for rule in rules.rules
        if rule.fires(findings)
    ]
    if minor:
        level = LEVELS[2]
        soon = rules.texts["how_soon"][level]
        fired.append((_rank(level), UNDER_18, sentence["minor"], sentence["minor_what"], soon))
    for threshold, probability in _crossed(rules, posterior or {}):
        text = sentence["posterior"].replace("{label}", _lower(rules.labels[threshold.condition]))
        text = text.replace("{chance}", frequency(probability))
        soon = threshold.how_soon
        what = rules.texts["what_to_do"][threshold.level]
        if soon == SOON[2]:
            what = sentence["within_days"]
        fired.append((_rank(threshold.level), threshold.name, text, what, soon))
    fired.sort(key=lambda item: (item[0], SOON.index(item[4])))

    rank = fired[0][0] if fired else len(LEVELS) - 1
    level = LEVELS[rank]
    # What to say about a weak sign is of no use to someone who should be seen.
    shown = [item for item in fired if item[0] < len(LEVELS) - 1 or rank == len(LEVELS) - 1]
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
                *(item[3] for item in shown if item[0] == rank and item[4] == fired[0][4]),
                *([sentence["old_stable"]] if old_stable else []),
                *([] if shown and rank < 3 else [rules.texts["what_to_do"][level]]),
            ],
            numbers,
        ),
        how_soon=fired[0][4] if fired else rules.texts["how_soon"][level],
        ask_again=_ask_again(rules, findings, rank, numbers),
        what_would_change=(
            _filled(rules.texts["what_would_change"].values(), numbers) if rank else ()
        ),
        look_again=_filled(
            [look_again[level] if rank <= 1 else look_again.get(duration, look_again["unknown"])],
            numbers,
        )[0],
    )


def triage_findings(source: Rules | Model, case: Case) -> dict[str, str]:
    """Return what triage may know of a case: its findings, and the states its likelihoods rule out.

    Soft weights play no part: only a weight of 0 counts. Interventions play none at all.

    Examples
    --------
    >>> from lumbayes.cases import Case
    >>> case = Case({"fever": "no"}, {"leg_pain": (0, 1, 1), "night_pain": (0.4, 1)})
    >>> triage_findings(load_rules(), case)
    {'leg_pain': 'above_knee|below_knee', 'fever': 'no'}
    """
    states = _rules(source).states
    left = {
        name: [s for s, w in zip(states[name], weights, strict=True) if w > 0]
        for name, weights in case.likelihoods.items()
    }
    some = {name: "|".join(among) for name, among in left.items() if len(among) < len(states[name])}
    return {**some, **case.findings}


def triage_table(
    source: Rules | Model,
    frame: pd.DataFrame,
    *,
    posterior: pd.DataFrame | None = None,
    minor: Sequence[bool] | Flags | pd.Series[bool] | None = None,
) -> pd.DataFrame:
    """Return the level of every row of a table of findings.

    Parameters
    ----------
    source : Rules or Model
        As for ``triage``, with which every row agrees.
    frame : DataFrame
        One column a variable, one row a case; blank or missing is unknown; ``"unsure"`` and
        ``"a|b"`` are allowed.
    posterior : DataFrame, optional
        One column a condition, rows in the order of ``frame``; missing raises nothing.
    minor : sequence of bool, optional
        Which rows are under 18.

    Returns
    -------
    DataFrame
        Index of ``frame``; ``level``, an ordered category from most to least urgent, and ``rules``,
        the names of what fired, most urgent first, joined by ``;``.

    Raises
    ------
    UnknownNameError
        If a column or a state is unknown; names the row.
    CaseError
        If ``posterior`` or ``minor`` has another number of rows, or a probability is not in 0 … 1.

    Examples
    --------
    >>> import pandas as pd
    >>> cases = pd.DataFrame({"fever": ["yes", "", None], "injected_drugs": ["yes", "no", "no"]})
    >>> triage_table(load_rules(), cases)["level"].tolist()
    ['emergency_now', 'self_care_exercises', 'self_care_exercises']
    """
    rules = _rules(source)
    codes = {str(name): _codes(rules, str(name), frame[name]) for name in frame.columns}
    extra = _extra_columns(rules, len(frame), posterior, minor)
    entries = [((_rank(r.level), SOON.index(r.how_soon)), r.name) for r in rules.rules]
    entries += [e[:2] for e in extra]
    order = sorted(range(len(entries)), key=lambda i: entries[i][0])
    ranks = np.array([entries[i][0][0] for i in order], dtype=np.int8)
    names = np.array([entries[i][1] for i in order], dtype=object)

    levels = np.empty(len(frame), dtype=np.int8)
    words = np.empty((len(frame), -(-len(order) // 64)), dtype=np.uint64)
    for start in range(0, len(frame), CHUNK):
        part = slice(start, min(start + CHUNK, len(frame)))
        part_codes = {name: column[part] for name, column in codes.items()}
        fired = _fired(rules, part_codes, part.stop - start)
        fired = np.vstack([fired, *(column[None, part] for *_, column in extra)])[order]
        levels[part] = np.where(fired.any(axis=0), ranks[fired.argmax(axis=0)], len(LEVELS) - 1)
        words[part] = _packed(fired, words.shape[1])
    pattern, samples = _patterns(words)
    bits = np.unpackbits(samples.view(np.uint8), axis=1)[:, : len(order)].astype(bool)
    joined = [";".join(names[row]) for row in bits]
    return pd.DataFrame(
        {
            "level": pd.Categorical.from_codes(levels, pd.Index(LEVELS), ordered=True),
            "rules": pd.Categorical.from_codes(pattern, pd.Index(joined, dtype=object)),
        },
        index=frame.index,
    )


def _rules(source: Rules | Model) -> Rules:
    return source if isinstance(source, Rules) else load_rules(source.folder)


def _rank(level: str) -> int:
    return LEVELS.index(level)


def _check_finding(rules: Rules, variable: str, answer: object) -> None:
    """Check a state, ``unsure``, or several states joined by ``|``."""
    if variable not in rules.states:
        raise unknown_name("variable", variable, rules.states)
    states = rules.states[variable]
    for state in str(answer).split("|"):
        if state not in states and answer != UNSURE:
            raise unknown_name(f"state of {variable}", state, (*states, UNSURE))


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
    return sorted(crossed, key=lambda item: _rank(item[0].level))


def _ask_again(
    rules: Rules, findings: Mapping[str, str], rank: int, numbers: Mapping[str, str]
) -> tuple[str, ...]:
    """One note for each ``unsure`` that, cleared up for the worse, could raise the level."""
    notes: dict[str, int] = {}
    unsure = [name for name, state in findings.items() if state == UNSURE]
    higher = [r for r in rules.rules if _rank(r.level) < rank and r.could_fire(findings)]
    for name in unsure:
        without = {k: v for k, v in findings.items() if k != name}
        ranks = [_rank(rule.level) for rule in higher if not rule.could_fire(without)]
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


def _codes(rules: Rules, name: str, column: pd.Series[str]) -> npt.NDArray[np.uint8]:
    """Return the possible states of each row as bits: bit ``i`` for state ``i``."""
    codes, uniques = pd.factorize(column, use_na_sentinel=True)
    bits = np.full(len(uniques) + 1, UNKNOWN, dtype=np.uint8)
    for i, value in enumerate(uniques):
        if isinstance(value, str) and not value.strip():
            continue
        try:
            _check_finding(rules, name, value)
        except UnknownNameError as error:
            where = column.index[int(np.argmax(codes == i))]
            raise UnknownNameError(f"row {where}: {error}") from None
        bits[i] = _bits(rules, name, value.split("|"))
    return bits[codes]


def _bits(rules: Rules, name: str, among: Iterable[str]) -> int:
    answers = (*rules.states[name], UNSURE)
    return sum(1 << answers.index(state) for state in set(among))


def _extra_columns(
    rules: Rules,
    rows: int,
    posterior: pd.DataFrame | None,
    minor: Sequence[bool] | Flags | pd.Series[bool] | None,
) -> list[tuple[tuple[int, int], str, Flags]]:
    """Urgency, name and rows of what raises the level besides the rules: age and thresholds."""
    extra: list[tuple[tuple[int, int], str, Flags]] = []
    if minor is not None:
        young = np.asarray(minor, dtype=bool)
        if young.shape != (rows,):
            raise CaseError(f"minor has {young.size} rows where the table has {rows}.")
        extra.append(((2, SOON.index(rules.texts["how_soon"][LEVELS[2]])), UNDER_18, young))
    if posterior is not None:
        if len(posterior) != rows:
            raise CaseError(f"posterior has {len(posterior)} rows where the table has {rows}.")
        values = {str(name): posterior[name].to_numpy(dtype=float) for name in posterior.columns}
        for name, column in values.items():
            if name not in rules.states:
                raise unknown_name("condition", name, rules.states)
            wrong = (column < 0) | (column > 1)
            if wrong.any():
                at = int(np.argmax(wrong))
                raise CaseError(
                    f"row {posterior.index[at]}: P({name}) is {column[at]}, not between 0 and 1."
                )
        for threshold in rules.thresholds:
            if threshold.condition in values:
                reached = values[threshold.condition] >= threshold.threshold
                urgency = (_rank(threshold.level), SOON.index(threshold.how_soon))
                extra.append((urgency, threshold.name, reached))
    return extra


def _fired(rules: Rules, codes: Mapping[str, npt.NDArray[np.uint8]], rows: int) -> Flags:
    """Return which rules fire, shape ``(rules, rows)``."""
    hits: dict[Literal, Flags] = {}

    def hit(literal: Literal) -> Flags:
        if literal not in hits:
            column = codes.get(literal.variable)
            if column is None:
                hits[literal] = np.full(rows, literal.negated)
            else:
                outside = 0xFF ^ _bits(rules, literal.variable, literal.states)
                hits[literal] = ((column & np.uint8(outside)) == 0) != literal.negated
        return hits[literal]

    fired = np.ones((len(rules.rules), rows), dtype=bool)
    for rule, row in zip(rules.rules, fired, strict=True):
        for clause in rule.clauses:
            held = [hit(literal) for literal in clause.literals]
            if clause.needed == 1:
                row &= np.logical_or.reduce(held)
            else:
                row &= np.sum(held, axis=0, dtype=np.int8) >= clause.needed
    return fired


def _packed(fired: Flags, words: int) -> npt.NDArray[np.uint64]:
    """Write each column as ``words`` 64-bit words, first rule first."""
    octets = np.zeros((fired.shape[1], 8 * words), dtype=np.uint8)
    octets[:, : -(-fired.shape[0] // 8)] = np.packbits(fired, axis=0).T
    return octets.view(np.uint64)


def _patterns(
    words: npt.NDArray[np.uint64],
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.uint64]]:
    """Return the number of each row's pattern, and one row of each pattern."""
    number = np.zeros(len(words), dtype=np.int64)
    for column in words.T:
        codes, uniques = pd.factorize(column)
        number, _ = pd.factorize(number * max(len(uniques), 1) + codes)
    _, first = np.unique(number, return_index=True)
    return number, np.ascontiguousarray(words[first])
