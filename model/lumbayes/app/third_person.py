"""What is said to a patient, told to a clinician of the patient: nobody is "you".

Rules for the two languages; the few sentences that no rule turns well stand in a table of the data
(``labels_clinician.csv``). Instructions stay instructions: in German they become infinitives.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from functools import lru_cache

from lumbayes.knowledge.tables import data_dir

SENTENCES = r"(?<=[.!?]) (?=[A-ZÄÖÜ“(\d])"
# Verbs whose form for "you" is another one for "the patient".
_BE = {"are": "is", "have": "has", "do": "does", "were": "was", "go": "goes", "carry": "carries"}
_KEEP = {
    *("can", "cannot", "could", "may", "might", "must", "should", "would", "will", "need", "had"),
    *("told", "said", "fainted", "felt", "did", "took", "gave", "chose", "now", "got", "wrote"),
    *("trained", "answered", "changed", "began", "used", "ever", "also", "often", "not", "just"),
}
_VERB = r"(?P<verb>[a-z]+)"
_ENGLISH: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"\b(If|if|when|When|unless|Unless) you’re\b", r"\1 the patient is"),
    (r"\b[Ll]ook after this yourself\b", "be managed without a visit"),
    (r"^You can be managed", "This can be managed"),
    (r"\bDo not drive yourself\b", "The patient should not drive"),
    (r"\b(by|for|of) yourself\b", "alone"),
    (r"\byourself\b", "the patient"),
    (r"\bAbout you\b", "About the patient"),
    (r"\b(people|anyone|someone|answers) like (?:you|yours)\b", r"\1 like these"),
    (r"\b[Ii]n your own words\b", "in the patient’s own words"),
    (r"\b[Yy]our own\b", "the"),
    (
        r"\b(how much|and have|what else|in the leg|of the leg|the leg|people|answers) you (\w+)\b",
        lambda m: f"{m[1]} the patient {_agrees(m[2])}",
    ),
    (r"\bDo you\b", "Does the patient"),
    (r"\bdo you\b", "does the patient"),
    (r"\bHave you\b", "Has the patient"),
    (r"\bhave you\b", "has the patient"),
    (r"\bAre you\b", "Is the patient"),
    (r"\bare you\b", "is the patient"),
    (
        r"\b([Dd]id|[Cc]an|[Cc]ould|[Ww]ould|[Mm]ust|[Hh]ad|[Ss]hould|[Ww]ill) you\b",
        r"\1 the patient",
    ),
    (r"\b[Yy]our (other )?answers\b", r"the \1answers"),
    (r"\b[Yy]ours is\b", "it is"),
    (r"\b(?:Your|your|Yours|yours)\b", "the"),
)
_SUBJECT = re.compile(
    r"(?P<before>^|[.:;,(“] |\b(?:if|when|while|that|until|before|after|where|what|as|and|or|than"
    r"|because|since|whether|far as|how|which|whatever|unless|why|with) )"
    r"(?:[Yy]ou) " + _VERB + r"\b",
    re.IGNORECASE,
)


def _agrees(verb: str) -> str:
    """Return the form of an English verb after "the patient"."""
    if verb in _BE:
        return _BE[verb]
    if verb in _KEEP or verb.endswith("ed"):
        return verb
    return verb + ("es" if re.search(r"(?:s|sh|ch|x|o)$", verb) else "s")


def _english(text: str) -> str:
    for pattern, instead in _ENGLISH:
        text = re.sub(pattern, instead, text)
    text = _SUBJECT.sub(lambda m: f"{m['before']}the patient {_agrees(m['verb'])}", text)
    # A second verb of the same subject agrees as well.
    text = re.sub(
        r"(the patient [^.?]*?\b(?:or|and) )(get|feel|look|lose|find|take|have|do|are|stumble|limp"
        r"|report|sway|bleed|cannot)\b(?! the patient)",
        lambda m: m[1] + _agrees(m[2]),
        text,
    )
    return re.sub(r"\b[Yy]ou\b", "the patient", text)


_PREFIXES = (
    "herunter zurück hinauf weiter hoch auf aus ein hin her vor los ab an zu nach fort vorbei mit"
).split()
_QUESTION = {
    **{"Haben": "Hat", "Sind": "Ist", "Können": "Kann", "Fühlen": "Fühlt", "Nehmen": "Nimmt"},
    **{"Hatten": "Hatte", "Wurden": "Wurde", "Waren": "War", "Müssen": "Muss", "Merken": "Merkt"},
    **{"Rauchen": "Raucht", "Laufen": "Läuft", "Sitzen": "Sitzt", "Heben": "Hebt"},
    **{"Leben": "Lebt", "Brauchen": "Braucht", "Gehen": "Geht", "Stehen": "Steht"},
    **{"Verlieren": "Verliert", "Bekommen": "Bekommt", "Suchen": "Sucht", "Trinken": "Trinkt"},
    **{"Treiben": "Treibt", "Schwitzen": "Schwitzt", "Husten": "Hustet", "Spüren": "Spürt"},
    **{"Finden": "Findet", "Trainieren": "Trainiert", "Erbrechen": "Erbricht", "Könnten": "Könnte"},
    **{"Wollen": "Will", "Tragen": "Trägt", "Wachen": "Wacht", "Stolpern": "Stolpert"},
}
_STATED = {k.lower(): v.lower() for k, v in _QUESTION.items()}
_ASKED = re.compile(rf"\b({'|'.join([*_QUESTION, *_STATED])}) Sie\b")
_OWN = {"Ihre": "die", "Ihren": "den", "Ihrem": "dem", "Ihrer": "der", "Ihres": "des"}
_MERGED = {"bei": "beim", "Bei": "Beim", "von": "vom", "Von": "Vom"}
_NO_VERB = r"(?i:wenn|wann|denn|dann|kann|in|an|von|ein|den)"
# Verbs that begin a condition ("Bekommen Sie Fieber, …") or a statement, never an order.
_STATES = (
    r"(?i:kommen|erreichen|bekommen|können|könnten|sind|haben|hatten|werden|bluten|fühlen|hinken"
    r"|wollten|behalten|wissen|sollten|müssen|fragten|hätten|würden|spüren)"
)
_CONDITION = re.compile(rf"\b({_STATES}) Sie\b", re.IGNORECASE)
_ORDER = re.compile(
    rf"\b(?!{_NO_VERB}\b|{_STATES}\b)(?P<verb>[A-ZÄÖÜa-zäöüß]+n) Sie(?P<self> sich)?"
    r"(?P<rest>[^,.;:!?]*)"
)


def _german(text: str) -> str:
    if text.rstrip("”“").endswith("?"):
        text = _ASKED.sub(lambda m: {**_QUESTION, **_STATED}[m[1]] + " der Patient", text)
    text = re.sub(r"\bSie sagten, dass\b", "Berichtet wurde, dass", text)
    text = re.sub(r"\bSie sagten auch\b", "Berichtet wurde auch", text)
    text = re.sub(r"^Sie (haben|hatten|sind|waren|wurden|können|könnten|brauchen|müssen)\b",
                  lambda m: f"Der Patient {_STATED.get(m[1], m[1])}", text)  # fmt: skip
    text = _CONDITION.sub(r"\1 Patienten", text)
    parts = re.split(r"((?:,? und |,? oder |, |: )(?=[A-Za-zäöü]+n Sie\b))", text)
    parts[::2] = [_ORDER.sub(_infinitive, part, count=1) for part in parts[::2]]
    text = "".join(parts)
    text = re.sub(r"\b(Ihre[nmrs]?)\b", lambda m: _OWN[m[1]], text)
    text = re.sub(r"\bIhr Plan\b", "der Plan", text)
    text = re.sub(r"\bIhnen\b", "dem Patienten", text)
    text = re.sub(r"\b(über|für|auf|jemanden wie) Sie\b", r"\1 den Patienten", text)
    text = re.sub(r"\bMenschen wie (?:Sie|dem Patienten)\b", "Menschen wie diesem Patienten", text)
    text = re.sub(
        r"\b([Bb]ei|[Vv]on) dem Patienten\b", lambda m: f"{_MERGED[m[1]]} Patienten", text
    )
    return text[:1].upper() + re.sub(r"(?<=\w )Sie\b|(?<=, )Sie\b", "Patienten", text[1:])


def _infinitive(order: re.Match[str]) -> str:
    """Turn "Legen Sie sich auf den Rücken" into "auf den Rücken legen"."""
    verb, rest = order["verb"].lower(), order["rest"].strip()
    words = rest.split()
    if order["self"] and words[:1] != ["sich"]:
        words.insert(0, "sich")
    if words and words[-1] in _PREFIXES:
        verb = words.pop() + verb
    said = " ".join([*words, verb])
    if order.start() == 0 and order["verb"][0].isupper():
        said = said[:1].upper() + said[1:]
    return said


_TURNS: dict[str, Callable[[str], str]] = {"en": _english, "de": _german}
TOLD_TO = {
    "en": re.compile(r"\b(?:you|your|yours|yourself)\b", re.IGNORECASE),
    "de": re.compile(
        r"(?:\b\w+n Sie\b)|(?<=\w )Sie\b|(?<=, )Sie\b|^Sie\b|\bIhnen\b|\bIhre?[nmrs]?\b"
    ),
}


@lru_cache(maxsize=4)
def _written(language: str) -> dict[str, str]:
    """Return the sentences that no rule turns well: as said to a patient → to a clinician."""
    with (data_dir() / "labels_clinician.csv").open(encoding="utf-8", newline="") as lines:
        return {r["text"]: r["wording"] for r in csv.DictReader(lines) if r["language"] == language}


@lru_cache(maxsize=8192)
def of_the_patient(text: str, language: str) -> str:
    """Return a text as it is told to a clinician.

    Examples
    --------
    >>> of_the_patient("Do you have a fever? If you get worse, call your doctor.", "en")
    'Does the patient have a fever? If the patient gets worse, call the doctor.'
    >>> of_the_patient("Legen Sie sich hin. Rufen Sie jetzt 112 an.", "de")
    'Sich hinlegen. Jetzt 112 anrufen.'
    """
    known = _written(language)
    if text in known:
        return known[text]
    told = [known.get(s) or _turned(s, language) for s in re.split(SENTENCES, text)]
    return " ".join(told)


def _turned(sentence: str, language: str) -> str:
    if not TOLD_TO[language].search(sentence):
        return sentence
    said = _TURNS[language](sentence)
    return said[:1].upper() + said[1:] if sentence[:1].isupper() else said
