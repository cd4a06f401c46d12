"""What people say in phrases, by a table of patterns: in own words, and around and in facts.

In ``own_words.csv`` alternatives are divided by ``|``, ``*`` is any ending, ``..`` up to four words
in between, ``@name`` a group of words (``GROUPS``) and `` & `` joins what has to stand in one
clause, in any order, the trouble last. What stands in ``unless`` must not be in the clause.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lumbayes.cases.words import DOUBT, plain
from lumbayes.knowledge.definition import UNSURE
from lumbayes.knowledge.tables import read_table

COLUMNS = ("language", "phrase", "variable", "state", "unless")
UNABLE = (
    "can't|cannot|can not|couldn't|could not|can hardly|can barely|hardly|barely|struggl* to"
    "|unable to|not able to|haven't been able to|have not been able to|not been able to|no longer"
)
GROUPS = {
    "unable": UNABLE,
    "fails": f"{UNABLE}|unable|inability|impossible|won't|refuses to|failed to|fails to|stopped",
    "lost": "absent|lost|lose*|losing|loss|gone|missing|abolished|abolition|less|reduced|reduction"
    "|diminish*|decreas*|impair*|dull|blunt*|altered|abnormal|poor|deficit|disturb*|weak"
    "|different|none|nil",
    "numb": "numb*|tingl*|pins and needles|prickl*|dead|deadened|an*sthe*|hypo*sthe*|par*sthe*"
    "|like (nothing|cotton wool)|feels? (different|odd|strange|funny|weird|dull|asleep)|wool*|fuzzy"
    "|(no|without|lost|loss of|no longer) (feel*|sensation)",
    "saddle": "saddle|buttocks|(both|bilateral) buttock*|perine*|perianal"
    "|genital*|private*|bottom|bum|crotch|anus|around .. anus"
    "|vagina*|vulva*|labia*|penis|penile|scrot*|between .. (legs|thighs)|back passage|s[2-5]"
    "|s[2-4] ?(-|to) ?s[3-5]|toilet paper|wip(e|es|ing)",
    "water": "urin*|bladder|micturition|void*|pee|peeing|wee|pass* water|waterworks|miction",
    "until": "(normal|fine|ok|okay|good|well|intact|full) (until|till|up to|before|last week)",
    "both": "both|bilateral*|left and right|right and left|all four",
}
# A denial before a finding, at most three words away, within the same part of the sentence.
_NO = r"no|not|never|without|nor|don't|do not|doesn't|didn't|haven't|hasn't|isn't|denies|denied"
_NEIN = r"kein\w*|nicht|ohne|nie"
DENIED = re.compile(rf"\b({_NO}|{_NEIN})(\s+(?!but\b|aber\b)[\w'-]+){{0,3}}\s*$")
# "no numbness, weakness or fever": a denial goes on through a list.
DENIED_LIST = re.compile(
    rf"\b({_NO}|{_NEIN})\s(?:(?!\b(?:but|aber|until|since|now)\b)[^.;!?\n])*"
    r"(?:\b(?:or|nor|oder|noch)\b|/)\s*(?:[\w'-]+\s+){0,2}$"
)
LISTED = re.compile(
    r"\b(?:no|denies|without|nor|kein\w*|ohne)\s(?:(?!\b(?:but|now|is|has|have|cannot|can't|i|aber)\b)"
    r"[^.;!?\n])*\b(?:or|nor|oder|noch)\b",
    re.IGNORECASE,
)
# Words beside a denial that turn it round: "not only numb", "never such a pain", "no fever until".
NO_DENIAL = re.compile(
    r"\b(?:not|nicht)\s+(?:only|just|nur)\b|\b(?:never|nie)\b.{0,20}\b(?:such|so|this|like|solche\w*)\b"
    r"|\b(?:until|till|before|bis|but now|so (?:far|much)|any ?more|any longer|mehr)\b"
)
# Between two words of a phrase these deny the second: "my leg has no numbness".
_IDEA = "longer|idea|clue|doubt|explanation|reason|warning|matter|grund|vorwarnung|ahnung|erklärung"
_BETWEEN = rf"not|never|nicht|(?:no|without|kein\w*|ohne)(?!\s+(?:{_IDEA}))"
PART = re.compile(r"[.,;:!?\n]+|\b(?:but|aber|and|und)\b")
CLAUSE = re.compile(r"[,;!\n]+|\.(?!\d)|\b(?:but|aber|although)\b")
SAYS_NOT = re.compile(
    r"\b(?:no|not|none|nothing|without|cannot|unable|nicht|kein\w*|\w+n't|can't|hardly|barely)\b|verh"
)
# Whoever else is spoken of: what they have is not what this person has, unless they tell of it.
OTHERS = re.compile(
    r"\b(?:dad|father|mum|mom|mother|brother|sister|son|daughter|wife|husband|partner|uncle|aunt"
    r"|grand\w+|cousin|nephew|niece|friend|parents?|family|vater|mutter|bruder|schwester|sohn"
    r"|tochter|frau|mann|onkel|tante|oma|opa|familie)\b(?!\W+(?:\w+\W+)?(?:says?|reports?|noticed"
    r"|told|found|thinks|brought|called|sagt))"
)
# A condition that still has to be ruled out is a suspected one.
OPEN = re.compile(
    r"\b(?:cannot|can't|could not|not|never|yet to|to) (?:yet )?(?:be )?(?:fully )?"
    r"(?:exclude|excluded|ruled out|rule out)\b|\brule out\b|\bexclude\b|\br/o\b"
)
# What is said of another time, or of a case that has not come.
ELSEWHERE = re.compile(
    r"\b(?:resolved|recovered|healed|cured|years? ago|decades? ago|in (?:my )?childhood|as a child"
    r"|previous|history of|long-?standing|for (?:many )?years|risk of|advised to|if|screening"
    r"|(?<!medical )history(?! of (?:present|this))"
    r"|screened|prophyla\w+|prevention|vaccin\w+|(?:19|20)\d\d(?! ?(?:ml|mg|m|steps)\b))\b"
)
EXCLUDED = re.compile(r"\b(?:excluded|ruled out|ausgeschlossen)\b")
RULED_OUT = re.compile(
    r"\b(?:excluded|ruled out|rules out|not|no|never|negative|unlikely|absent|denie[ds]|without"
    r"|none|nil|nobody|ausgeschlossen|kein\w*|nicht)\b"
)
# Words of a value that may deny what the name says, so that the name alone does not count.
CALM = re.compile(
    r"\b(?:no|not|none|never|nil|normal|intact|fine|full|negative|absent|denie[ds]|unremarkable"
    r"|ok|okay|good|unchanged|stable|mild|excluded|unlikely|5/5|helped|better)\b"
)
# Groups of variables of which a phrase beside a fact may speak, with those of role told_in_facts.
TOLD_GROUPS = frozenset({"nerves", "general", "red_flag", "clinical_test"})


def joined(text: str) -> str:
    """Return a text in which the items of a denied list stand in one clause, letter for letter.

    Examples
    --------
    >>> joined("no numbness, tingling or weakness, my back hurts")
    'no numbness/ tingling or weakness, my back hurts'
    """
    return LISTED.sub(lambda m: m[0].replace(",", "/"), text)


@dataclass(frozen=True)
class Saying:
    """A row of ``own_words.csv``: patterns that stand in one clause, and the answer they are."""

    parts: tuple[re.Pattern[str], ...]
    variable: str
    state: str
    unless: re.Pattern[str] | None
    says_not: bool  # "not" is part of it, so that no "not" denies it
    starts: tuple[frozenset[str], ...]  # with which letters a word has to begin, of each part

    def may_stand(self, letters: frozenset[str]) -> bool:
        """Return whether a text whose words begin with these letters may hold it."""
        return not any(starts and starts.isdisjoint(letters) for starts in self.starts)


@lru_cache(maxsize=4)
def read_sayings(folder: Path | None = None) -> tuple[Saying, ...]:
    """Read ``own_words.csv``; of rows that overlap, the first to fit counts.

    Examples
    --------
    >>> any(s.variable == "saddle_numbness" for s in read_sayings())
    True
    """
    return tuple(
        Saying(
            tuple(pattern(part) for part in row.text("phrase").split(" & ")),
            row.text("variable"),
            row.text("state"),
            pattern(row["unless"]) if row["unless"] else None,
            SAYS_NOT.search(row["phrase"]) is not None,
            tuple(_starts(expanded(part)) for part in row.text("phrase").split(" & ")),
        )
        for row in read_table("own_words.csv", COLUMNS, folder)
    )


def pattern(phrase: str) -> re.Pattern[str]:
    """Return one part of a phrase as a pattern.

    Examples
    --------
    >>> bool(pattern("numb .. @saddle").search("numb all round my bottom"))
    True
    """
    gap = rf"(?:\s+(?!(?:{_BETWEEN})\b)[\w'-]+){{0,4}}?\s+"
    text = expanded(phrase).replace(" .. ", gap).replace("*", r"\w*")
    return re.compile(rf"\b(?:{text})(?!\w)")


def expanded(phrase: str) -> str:
    """Return a phrase with its groups of words written out."""
    return re.sub(r"@(\w+)", lambda m: f"({GROUPS[m[1]]})", phrase)


def _starts(phrase: str) -> frozenset[str]:
    """Return the letters, up to three, that begin each alternative; none where that is not plain.

    They spare looking for a phrase in a text of which no word begins so.
    """
    found: set[str] = set()
    depth, alternatives = 0, [""]
    for letter in phrase:
        depth += (letter == "(") - (letter == ")")
        if letter == "|" and not depth:
            alternatives.append("")
        else:
            alternatives[-1] += letter
    for one in alternatives:
        if one.startswith("(") and not one.startswith("(?"):
            closed = (i for i in range(len(one)) if one[:i].count("(") == one[:i].count(")"))
            end = next((i for i in closed if i), len(one)) - 1
            inner = _starts(one[1:end]) if one[end + 1 : end + 2] != "?" else frozenset()
            if not inner:
                return frozenset()
            found |= inner
            continue
        letters = re.match(r"[^\W\d_]*", one)
        word = letters[0] if letters else ""
        word = word[:-1] if one[len(word) : len(word) + 1] == "?" else word
        if not word:
            return frozenset()
        found.add(word[:3])
    return frozenset(found)


def letters_of(text: str) -> frozenset[str]:
    """Return with which one, two and three letters the words of a text begin.

    Examples
    --------
    >>> sorted(letters_of("no leg"))
    ['l', 'le', 'leg', 'n', 'no']
    """
    words = set(re.findall(r"[^\W_]+", text))
    return frozenset(word[:size] for word in words for size in (1, 2, 3))


def denied(before: str) -> re.Match[str] | None:
    """Return the denial at the end of a text, if what follows it is denied.

    Examples
    --------
    >>> bool(denied("no numbness, tingling or ")), bool(denied("could not sleep: my leg is "))
    (True, False)
    """
    return DENIED.search(before) or DENIED_LIST.search(before)


def in_clause(saying: Saying, clause: str) -> list[re.Match[str]] | None:
    """Return where the parts of a saying stand in a clause that says and does not deny them."""
    if saying.unless is not None and saying.unless.search(clause):
        return None
    found = []
    for part in saying.parts:
        match = part.search(clause)
        if match is None:
            return None
        found.append(match)
    trouble = found[-1]
    if denied(clause[: trouble.start()]) and not SAYS_NOT.match(trouble[0]):
        return found if NO_DENIAL.search(clause) else None
    return found


@lru_cache(maxsize=4096)
def told_in(
    folder: Path | None, name: str, value: str, suspicions: tuple[str, ...] = ()
) -> tuple[tuple[str, str, str], ...]:
    """Return what the name and the value of a fact say together: variable, state, the clause.

    Parameters
    ----------
    folder : Path, optional
        Where ``own_words.csv`` lies.
    name : str
        Of the fact; empty where somebody tells in sentences.
    value : str
        In words; empty where the name alone is true.
    suspicions : tuple of str
        Variables that are conditions somebody names: not heard where the clause rules one out.

    Examples
    --------
    >>> told_in(None, "bladder", "full but nothing comes out")
    (('urinary_retention', 'yes', 'bladder nothing comes out'),)
    >>> told_in(None, "cauda_equina", "suspected")
    (('named_condition', 'at_once', 'cauda equina suspected'),)
    """
    about, told = _lower(name.replace("_", " ")), joined(_lower(value))
    if DOUBT.search(plain(told)):
        return ()
    parts = [c.strip() for c in CLAUSE.split(told) if c.strip()]
    if len(parts) > 1 and not CALM.search(told):
        parts.append(" ".join(parts))  # "hot, red, swollen"
    found: dict[tuple[str, str], str] = {}
    for clause in parts or [""]:
        text = f"{about} {clause}".strip()
        sayings = _that_may_stand(folder, letters_of(text) & _beginnings(folder))
        if not sayings:
            continue
        if ELSEWHERE.search(text) or OTHERS.search(text):
            continue
        if EXCLUDED.search(text) and not OPEN.search(text):
            continue
        number = clause[:1].isdigit()
        out = RULED_OUT.search(text) and not OPEN.search(text)
        alone = number or (CALM.search(clause) and not OPEN.search(clause))
        of_name = _among(folder, name) if number else None
        for saying in sayings:
            if saying.state == UNSURE or (of_name is not None and saying not in of_name):
                continue
            matches = in_clause(saying, text)
            if matches is None:
                continue
            if out and saying.variable in suspicions:
                last = matches[-1]  # "not worth living" is no denial
                if not saying.says_not or RULED_OUT.search(
                    text[: last.start()] + text[last.end() :]
                ):
                    continue
            if alone and max(m.end() for m in matches) <= len(about):
                continue  # "leg weakness: none": the name alone says nothing
            found.setdefault((saying.variable, saying.state), text)
    return tuple((variable, state, text) for (variable, state), text in found.items())


@lru_cache(maxsize=4)
def _beginnings(folder: Path | None) -> frozenset[str]:
    """Return the letters that begin a word of any saying."""
    return frozenset[str]().union(*(starts for s in read_sayings(folder) for starts in s.starts))


@lru_cache(maxsize=4096)
def _that_may_stand(folder: Path | None, letters: frozenset[str]) -> tuple[Saying, ...]:
    """Return the sayings that a text may hold whose words begin with these of all beginnings."""
    by_letter, sayings = _by_beginning(folder), read_sayings(folder)
    among = frozenset(by_letter[""]).union(*(by_letter.get(one, ()) for one in letters))
    return tuple(sayings[i] for i in sorted(among) if sayings[i].may_stand(letters))


@lru_cache(maxsize=4)
def _by_beginning(folder: Path | None) -> Mapping[str, tuple[int, ...]]:
    """Return which sayings' first part begins with each letters; under "" those of any."""
    found: dict[str, list[int]] = {"": []}
    for i, saying in enumerate(read_sayings(folder)):
        for letters in saying.starts[0] or {""}:
            found.setdefault(letters, []).append(i)
    return {letters: tuple(rows) for letters, rows in found.items()}


@lru_cache(maxsize=4096)
def _among(folder: Path | None, name: str) -> tuple[Saying, ...]:
    """Return the sayings of which a part stands in a name."""
    about = _lower(name.replace("_", " "))
    return tuple(s for s in read_sayings(folder) if any(p.search(about) for p in s.parts))


def _lower(text: str) -> str:
    """Return a text in small letters, letter for letter as long as it was."""
    if text.isascii():
        return text.lower()
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text.replace("’", "'"))


def clauses(text: str) -> Iterator[tuple[int, str]]:
    """Yield where each clause of a text begins, and the clause.

    Examples
    --------
    >>> list(clauses("no fever, but my foot drops"))
    [(0, 'no fever'), (9, ' '), (13, ' my foot drops')]
    """
    start = 0
    for border in (*CLAUSE.finditer(text), None):
        end = border.start() if border else len(text)
        yield start, text[start:end]
        start = border.end() if border else end


@lru_cache(maxsize=4)
def _unsure_sayings(folder: Path | None) -> tuple[Saying, ...]:
    return tuple(s for s in read_sayings(folder) if s.state == UNSURE)


@lru_cache(maxsize=4096)
def left_open(folder: Path | None, text: str) -> tuple[str, ...]:
    """Return the signs that words which were not understood may be about.

    Examples
    --------
    >>> left_open(None, "bladder: odd since Monday")
    ('urinary_retention',)
    """
    low = _lower(text.replace("_", " "))
    letters = letters_of(low)
    rows = (s for s in _unsure_sayings(folder) if s.may_stand(letters) and in_clause(s, low))
    return tuple(dict.fromkeys(s.variable for s in rows))
