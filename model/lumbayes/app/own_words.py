"""What a person wrote in own words: which answers it holds, by a table of phrases, on this machine.

Nothing is taken over unseen: each answer comes with the words it was read from, to be confirmed.
How the table is read: ``cases/sayings.py``, which reads the words of facts as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lumbayes.app.age_and_time import SINCE, SPAN, ages, sex_beside_age, weeks_of
from lumbayes.app.beside import FILLERS, ordinary, without
from lumbayes.app.slips import corrected
from lumbayes.cases.case import parse_case, understand
from lumbayes.cases.fact_names import known_as
from lumbayes.cases.sayings import (
    DENIED,
    NO_DENIAL,
    OTHERS,
    PART,
    clauses,
    denied,
    in_clause,
    joined,
    letters_of,
    read_sayings,
)
from lumbayes.knowledge import anchors
from lumbayes.knowledge.definition import UNSURE
from lumbayes.knowledge.model import Model
from lumbayes.triage.reader import load_rules
from lumbayes.triage.rules import rank

LONGEST = 2_000  # characters
# Phrases with "no" or "not" in them that deny nothing.
NO_IDEA = re.compile(
    r"\bno (?:idea|clue|doubt|explanation|reason|matter (?:what|how)(?: i do)?)\b"
    r"|\bwithout (?:warning|reason)\b|\bohne (?:vorwarnung|grund)\b"
    r"|\b(?:(?:do|does|can)(?:n't| not)|dont|cannot|not) (?:know|sure|understand|explain|tell)"
    r"(?= (?:why|what|how))"
    r"|\bkeine (?:ahnung|erklärung)\b|\bweiß nicht(?=,? (?:warum|wieso|was))"
)
LONGEST_NAME = 5  # words of a name of the vocabulary that are sought in a text
DENIAL = re.compile(
    r"\b(?:no|not|never|without|nor|(?:do|does|did|have|has|had|is|are|was|were)n't"
    r"|kein\w*|nicht|ohne|nie)\b"
)
# Where something was heard, the part of the body beside it says no more.
BODY = frozenset(
    """leg legs foot feet thigh thighs knee knees calf calves hip hips buttock buttocks toe toes
    bein beine beinen fuß füße füßen oberschenkel knie wade waden hüfte gesäß zehe zehen""".split()
)
# A plain denial of signs the questions ask for: no answer, and nothing that was not understood.
_SIGNS = (
    r"(?:(?:my|the|passing|emptying|controlling|control of|meiner?|der|dem)\s+)*"
    r"(?:bladder|bowels?|waterworks|water|urine|pee(?:ing)?|urinating|stools?|walking|balance|blase"
    r"|darm|stuhl|wasserlassen)(?:\s+(?:control|function))?"
)
_NONE = (
    r"(?:no|not any|without(?: any)?|keine?"
    r"|(?:do|have|has)(?:n't| not) (?:have |got |had )?(?:any )?)"
)
# Whom a clause is about, where it begins so: what it tells is theirs.
THEIRS = re.compile(
    rf"^\W*(?:(?:and|but|also|because|since|und|aber|auch|weil)\s+)*(?:my|our|meine?|unsere?)\s+"
    rf"(?:[\w'-]+\s+){{0,4}}?{OTHERS.pattern}"
)
MINE = re.compile(r"\b(?:i|i'm|i've|me|my|ich|mir|mein\w*)\b")
# A fear, a question or a doubt is no history.
NO_HISTORY = re.compile(
    r"\b(?:scared|afraid|fear\w*|frightened|worr(?:y|ied|ies|ying)|anxious|concerned|what if|could"
    r"|might|maybe|perhaps|ruled out|excluded|negative"
    r"|angst|sorge\w*|vielleicht|könnte|ausgeschlossen)\b"
)
# Of wanting to die nothing is too uncertain to be heard.
DESPAIR = re.compile(
    r"\b(?:suicid|suizid|selbst(?:mord|tötung|verletz)|kill|self.?(?:harm|injur)|harm|d(?:ie|ying|ead)\b"
    r"|li(?:fe|ve|ving)\b|leben|lebens|sterben|umbring|umzubring|antu|anzutun|tot\b)"
)
LIFTED = re.compile(
    rf"\b(?:lift|carr|pick|help|hug|nurs|heb|hob|trag|trug)\w*\s+(?:[\w'-]+\s+){{0,3}}?{OTHERS.pattern}"
)
SENTENCE_END = re.compile(r"[.;!?\n]+")
BETWEEN_LEGS = re.compile(
    r"\bbetween\s+(?:[\w'-]+\s+){0,3}?(?:legs|thighs)\b|\bzwischen\s+(?:\w+\s+){0,3}?(?:beinen|schenkeln)"
)
LEG = re.compile(
    r"\b(?:legs?|foot|feet|toes?|thighs?|cal(?:f|ves)|shins?|knees?|ankles?|soles?|heels?|instep"
    r"|sciatic\w*|\w*beine?n?|f[uü](?:ß|ss)\w*|zehe?n?|oberschenkel\w*|unterschenkel\w*|waden?|knie"
    r"|knöchel|ferse\w*|fußsohle\w*|ischias\w*)\b"
)
COMPLAINTS = frozenset({"pain_place", "pain_behaviour", "nerves", "general", "red_flag"})
PLAIN_DENIAL = re.compile(
    rf"(?:^|(?<=[.,;:!?\n]))\s*(?:(?:and|but|und|aber)\s+)?(?:(?:i|ich)\s+)?"
    rf"(?:(?:have|had|habe)\s+)?{_NONE}\s*(?:problems?|trouble|difficult(?:y|ies)|issues?|probleme?|beschwerden)\s+"
    rf"(?:with|of|in|mit|bei)?\s*{_SIGNS}(?:\s+(?:or|nor|and|oder|und)\s+{_SIGNS})*"
    rf"\s*(?=$|[.,;:!?\n])"
)


@dataclass(frozen=True)
class Heard:
    """An answer that the words of a person seem to hold, and those words."""

    variable: str
    state: str
    words: str


def of_a_leg(low: str, at: int) -> bool:
    """Return whether the sentence around a place in a text speaks of a leg, or of sciatica.

    What is numb nowhere in particular may be the saddle: it is asked, and not taken for a leg.

    Examples
    --------
    >>> of_a_leg("my calf hurts, and tingles", 20), of_a_leg("my leg hurts. it is numb", 20)
    (True, False)
    >>> of_a_leg("no feeling between my legs", 0)
    False
    """
    start = max((m.end() for m in SENTENCE_END.finditer(low, 0, at)), default=0)
    end = SENTENCE_END.search(low, at)
    sentence = low[start : end.start() if end else len(low)]
    return LEG.search(BETWEEN_LEGS.sub(" ", sentence)) is not None


def heard(model: Model, text: str) -> tuple[Heard, ...]:
    """Return the answers in a text, in the order of the words; the last word on a matter counts.

    A warning sign is never denied by a text: what is said of it there is asked again. What somebody
    else in the family has is not heard.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> said = heard(model, "Sciatica since Monday, I am 33, 28 weeks pregnant, no fever.")
    >>> for one in said: print(one.variable, one.state, "←", one.words)
    leg_pain below_knee ← Sciatica
    duration under_6w ← since Monday
    age_band 30_44 ← I am 33
    pregnancy pregnant ← pregnant
    sex female ← pregnant
    """
    return _listened(model, text)[0]


def unread(model: Model, text: str) -> tuple[str, ...]:
    """Return the parts of a text of which some word was not heard, as they were written.

    What only denies signs that the questions ask for anyway is no such part.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> unread(load_model(), "Back pain for 3 days. My knee makes odd noises.")
    ('My knee makes odd noises',)
    """
    return _listened(model, text)[1]


def _listened(model: Model, text: str) -> tuple[tuple[Heard, ...], tuple[str, ...]]:
    whole = text[:LONGEST].replace("’", "'")
    text, places = corrected(whole, model.folder)

    def as_written(start: int, end: int) -> str:
        return whole[places[start] : places[end]].strip()

    low = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    low = joined(low)
    low = NO_IDEA.sub(lambda match: " " * len(match[0]), low)
    found: dict[str, tuple[int, Heard]] = {}
    taken = [False] * len(low)
    letters = letters_of(low)
    spans: list[tuple[int, int, str]] = []
    of_legs = model.with_role("of_a_leg")
    alarms = {
        a.variable for r in load_rules(model.folder).rules for a in r.atoms if rank(r.level) < 2
    }

    def clause_at(start: int) -> tuple[int, int, bool]:
        """Return where the clause of a place begins and ends, and whether it is a question."""
        borders = [m for m in PART.finditer(low)]
        first = max((m.end() for m in borders if m.end() <= start), default=0)
        last = next((m for m in borders if m.start() >= start), None)
        ends = re.search(r"[.!?\n]", low[start:])
        asks = ends is not None and ends[0] == "?"
        return first, last.start() if last else len(low), asks

    def theirs(variable: str, start: int) -> bool:
        """Return whether what is told there is of somebody else, feared, asked or ruled out."""
        first, last, asks = clause_at(start)
        clause = low[first:last]
        before = [*PART.split(re.split(r"[.!?\n]", low[:first])[-1]), clause]
        for part in reversed(before):  # "my aunt had cancer and a broken hip": still the aunt
            if THEIRS.search(part):
                return True
            if MINE.search(part):
                break
        info = model.variables[variable]
        history = info.group == "about_you" or "suspicion" in info.roles
        if not history or variable in PERSONAL:
            return False
        if DESPAIR.search(clause):  # whoever fears or asks that of themselves is heard
            return OTHERS.search(clause) is not None and not MINE.search(clause)
        return asks or bool(NO_HISTORY.search(clause) or OTHERS.search(clause))

    def add(variable: str, state: str, start: int, end: int) -> None:
        if theirs(variable, start) or (variable in of_legs and not of_a_leg(low, start)):
            return
        spans.append((start, end, variable))
        if variable not in (anchors.AGE, anchors.DURATION):  # how long says nothing of what
            taken[start:end] = [True] * (end - start)
        said, states = found.get(variable), model.variables[variable].states
        graver = (
            said
            and {state, said[1].state} <= set(states)
            and states.index(state) < states.index(said[1].state)
        )
        if graver and variable in alarms - PERSONAL - {anchors.PREGNANCY}:
            return  # of two answers to one question the graver counts
        found[variable] = (start, Heard(variable, state, as_written(start, end)))

    for saying in read_sayings(model.folder):
        variable, state = saying.variable, saying.state
        info = model.variables.get(variable)
        if (
            info is None or state not in info.states or not saying.may_stand(letters)
        ):  # unsure: for facts alone
            continue
        if len(saying.parts) > 1 or saying.unless:
            for begin, clause in clauses(low):
                stand = in_clause(saying, clause)
                start = begin + min((m.start() for m in stand or ()), default=0)
                end = begin + max((m.end() for m in stand or ()), default=0)
                if stand and not (any(taken[start:end]) or OTHERS.search(clause)):
                    add(variable, state, start, end)
                if stand or len(saying.parts) > 1 or variable not in alarms:
                    continue
                for match in saying.parts[0].finditer(clause):  # "no fever": read, asked anyway
                    no = denied(clause[: match.start()])
                    if no and not NO_DENIAL.search(clause):
                        first = begin + match.start() - len(no[0])
                        taken[first : begin + match.end()] = [True] * (len(no[0]) + len(match[0]))
            continue
        for match in saying.parts[0].finditer(low):
            if any(taken[match.start() : match.end()]):
                continue
            before = PART.split(low[: match.start()])[-1]
            after = PART.split(low[match.end() :])[0]
            if OTHERS.search(LIFTED.sub("", before)):
                continue
            no = denied(before)
            inside = not saying.says_not and re.search(r"\b(not|no|nicht|kein\w*)\b", match[0])
            if (no or inside) and NO_DENIAL.search(before + match[0] + after):
                no = inside = None
            if not no and not inside:
                add(variable, state, match.start(), match.end())
            elif variable in alarms:
                taken[match.start() : match.end()] = [True] * len(match[0])
                if no:  # what stands between the two has to be read for itself
                    first = match.start() - len(no[0])
                    taken[first : first + len(no[1])] = [True] * len(no[1])
            elif state == info.states[-1] or len(info.states) == 2:
                start = match.start() - len(no[0] if no else "")
                add(variable, info.states[0], start, match.end())
    for match, years in ages(low):
        case = parse_case(model, {"facts": {"age_years": years}})
        band = anchors.UNDER_18 if case.minor else case.findings.get(anchors.AGE)
        if band:
            add(anchors.AGE, band, match.start(), match.end())
    beside = sex_beside_age(low)
    if beside and anchors.SEX not in found:
        add(anchors.SEX, "male" if beside["letter"] == "m" else "female", *beside.span())
    unsaid = False
    for match in SINCE.finditer(low):
        after = low[match.end() : match.end() + 12]
        if re.match(r"\W*(pregnant|schwanger)", after):
            continue
        first, last, _ = clause_at(match.start())
        near = [
            (max(start - match.end(), match.start() - end), variable)
            for start, end, variable in spans
            if first <= start < last and variable != anchors.AGE
        ]
        rest = low[first : match.start()] + " " + low[match.end() : last]
        if near and model.variables[min(near)[1]].group not in COMPLAINTS:
            continue  # since when drugs are injected is not since when it hurts
        if not near and {w[0] for w in WORD.finditer(rest)} - FILLERS:
            unsaid = True
            continue
        weeks = weeks_of(match)
        state = "under_6w" if weeks < 6 else "6_to_12w" if weeks <= 12 else "over_12w"
        add(anchors.DURATION, state, match.start(), match.end())
    if (
        anchors.PREGNANCY in found
        and found[anchors.PREGNANCY][1].state != "no"
        and anchors.SEX not in found
    ):
        place, told = found[anchors.PREGNANCY]
        found[anchors.SEX] = (place, Heard(anchors.SEX, "female", told.words))
    denials = [m for m in PLAIN_DENIAL.finditer(low) if not NO_DENIAL.search(_rest(low, m))]
    aged = (match for match, _ in ages(low))
    for match in [*aged, *SINCE.finditer(low), *SPAN.finditer(low), *denials]:
        low = low[: match.start()] + " " * len(match[0]) + low[match.end() :]
    smells = load_rules(model.folder).smells
    low = without(low, model.folder)
    parts, start = [], 0
    for border in (*PART.finditer(low), None):
        end = border.start() if border else len(low)
        left = [w for w in WORD.finditer(low, start, end) if not any(taken[w.start() : w.end()])]
        heard_here = any(taken[start:end])
        limbs = bool(BODY.intersection(word[0] for word in left))
        no_more = FILLERS | (BODY if heard_here else frozenset())
        if not smells(text[start:end]):
            no_more |= ordinary(model.folder, beside_limbs=limbs)
        if any(word[0] not in no_more for word in left):
            others = OTHERS.search(low[start:end]) or heard_here
            named = [] if others else list(_named(model, text, low, start, end))
            for variable, state, first, last in list(named):
                nowhere = variable in of_legs and not of_a_leg(low, first)
                if nowhere or theirs(variable, first):
                    named.clear()
                    break
                if variable not in found:
                    found[variable] = (first, Heard(variable, state, as_written(first, last)))
            if not named:
                parts.append(as_written(start, end))
        start = border.end() if border else end
    answers = tuple(one for _, one in sorted(found.values(), key=lambda item: item[0]))
    if unsaid and not (answers or parts):
        parts.append(whole.strip())  # since when something is there never passes in silence
    return answers, tuple(dict.fromkeys(parts))


WORD = re.compile(r"[^\W_][\w'-]*")
PERSONAL = {anchors.AGE, anchors.SEX, anchors.DURATION}


def _rest(low: str, match: re.Match[str]) -> str:
    """Return a match and what follows it in the same sentence."""
    return match[0] + re.split(r"[.!?\n]", low[match.end() :])[0]


def _named(
    model: Model, text: str, low: str, start: int, end: int
) -> Iterator[tuple[str, str, int, int]]:
    """Yield the answers that names of the vocabulary give in a part of a text, longest first."""
    words = list(WORD.finditer(text, start, end))
    used: set[int] = set()
    if DENIED.search(low[start:end] + " ") or DENIAL.search(low[start:end]):
        return
    for length in range(min(LONGEST_NAME, len(words)), 0, -1):
        for i in range(len(words) - length + 1):
            name = text[words[i].start() : words[i + length - 1].end()]
            if used & set(range(i, i + length)) or len(name) < 6:
                continue
            known = known_as(model, name, True)
            if known is None or known[1] is False:
                continue
            case = understand(model, {"facts": {name: True}})
            said = {n: s for n, s in case.findings.items() if n not in case.assumed}
            used |= set(range(i, i + length)) if said else set()
            for variable, state in said.items():
                if state != UNSURE:
                    yield variable, state, words[i].start(), words[i + length - 1].end()
