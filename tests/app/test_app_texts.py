"""What patients read: words for a reading age of about twelve."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from app_parts import answers, app, drawn, go, labels, press, shown

from lumbayes.app import language
from lumbayes.app.language import translated
from lumbayes.app.share import to_code
from lumbayes.app.texts import FOR_PATIENTS, after, expert
from lumbayes.app.texts import patient as texts
from lumbayes.app.texts.clinician import OF_THE_REPORT
from lumbayes.app.third_person import SENTENCES, TOLD_TO, of_the_patient
from lumbayes.cases.case import parse_case
from lumbayes.knowledge.model import load_model
from lumbayes.knowledge.tables import data_dir, read_table
from lumbayes.questions.assessment.page import CARDS
from lumbayes.questions.assessment.summary import assess
from lumbayes.questions.next_question.ranking import LEVEL_WORDS
from lumbayes.triage.judgement import red_flags
from lumbayes.triage.reader import load_rules

MEAN_GRADE = 6.5  # school year of a child of eleven to twelve
# Of one text; a short one swings by several grades with a single long word.
HIGHEST = {"app": 10.0, "questions": 10.0, "triage": 10.0}
LONG = 12  # words from which a text is judged on its own
LABEL = 5  # up to so many words it is a label, and would make the mean look better than it is
# What a person has to read as it is: names of things that have no shorter name.
GIVEN_WORDS = re.compile(
    r"\b(emergency|department|osteoporosis|prednisolone|ibuprofen|aneurysm|ulcerative|colitis|"
    r"psoriasis|Crohn's|melanoma|chemotherapy|inflammatory|pregnancy|pregnant|exercises?|"
    r"physiotherapist|appointment)\b",
    re.IGNORECASE,
)


def strings(value: Any) -> Iterator[str]:
    """Every text inside a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict) or hasattr(value, "items"):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from strings(inner)


def syllables(word: str) -> int:
    """Groups of vowels, a silent e at the end left out."""
    word = re.sub(r"[^a-z]", "", word.lower())
    groups = len(re.findall(r"[aeiouy]+", word))
    silent = word.endswith("e") and not word.endswith(("le", "ee")) and groups > 1
    return max(1, groups - silent - (word.endswith("ed") and word[-3:-2] not in "dt"))


def counts(text: str) -> tuple[int, int, int]:
    """Sentences, words, syllables."""
    plain = re.sub(r"\{\w+\}|[:*\[\]]", " ", text)
    plain = GIVEN_WORDS.sub("doctor", plain)
    words = re.findall(r"[A-Za-z][A-Za-z'-]*", plain)
    sentences = max(1, len(re.findall(r"[.!?:;](\s|$)", plain)))
    return sentences, len(words), sum(map(syllables, words))


def grade(text: str) -> float:
    """Flesch-Kincaid grade (Kincaid, Fishburne, Rogers & Chissom 1975)."""
    sentences, words, sounds = counts(text)
    return 0.39 * words / sentences + 11.8 * sounds / max(words, 1) - 15.59


def table(name: str, *columns: str) -> list[str]:
    with (data_dir() / name).open(encoding="utf-8", newline="") as file:
        return [row[c] for row in csv.DictReader(file) for c in columns if row[c]]


def asked() -> list[str]:
    """Questions and help of what a patient is asked: not of an examination."""
    with (data_dir() / "variables.csv").open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["ask"] in ("question", "self_test")]
    return [row[c] for row in rows for c in ("question", "help") if row[c]]


PUBLIC = [
    s
    for module in FOR_PATIENTS
    for name, value in vars(module).items()
    if name.isupper()
    for s in strings(value)
]
WORDS = {
    "courses.csv": ("lead",),
    "self_tests.csv": ("step_1", "step_2", "step_3", "start", "end", "alt"),
    "quick_changes.csv": ("label",),
    "course.csv": ("counts", "text"),
}
SOURCES = {
    "app": PUBLIC + [text for name, columns in WORDS.items() for text in table(name, *columns)],
    "questions": asked(),
    "triage": table("triage_texts.csv", "text") + table("triage.csv", "reason", "what_to_do"),
}


def test_the_grade_of_known_sentences() -> None:
    assert grade("The cat sat on the mat.") < 1
    assert grade("Pharmacological interventions necessitate interdisciplinary deliberation.") > 20


@pytest.mark.parametrize("source", SOURCES)
def test_texts_for_patients_suit_a_reading_age_of_twelve(source: str) -> None:
    sentences, words, sounds = map(
        sum, zip(*(c for c in map(counts, SOURCES[source]) if c[1] > LABEL), strict=True)
    )
    mean = 0.39 * words / sentences + 11.8 * sounds / words - 15.59
    assert mean <= MEAN_GRADE, f"{source}: mean grade {mean:.1f}"


@pytest.mark.parametrize("source", SOURCES)
def test_no_text_for_patients_is_hard_on_its_own(source: str) -> None:
    hard = {t: round(grade(t), 1) for t in SOURCES[source] if counts(t)[1] >= LONG}
    assert not {t: g for t, g in hard.items() if g > HIGHEST[source]}


def test_no_text_promises_certainty() -> None:
    for text in SOURCES["app"]:
        assert not re.search(r"(?<![\d.])(0|100) ?%", text), text


# --- the second language --------------------------------------------------------------------------

MODEL = load_model()
ENGLISH = re.compile(
    r"\b(the|and|of|you|your|with|is|are|not|for|this|from|or|to|it|have|has|does|when|what|how|"
    r"weeks?|than|fewer|about|each|side|hold|if|no|yes|sign|answer)\b|\d in \d"
)


def untranslated(texts_: Iterable[str]) -> list[str]:
    """Texts that the table of German lacks; one that reads the same in both stands in it too."""
    known = {row["text"] for row in read_labels("de")}
    said = {t: translated(t, "de") for t in texts_ if re.search(r"[A-Za-z]{2}", t)}
    words = re.compile(r"(?<![\w{])[a-z]{4,}(?![\w}])")  # names begin with a capital letter

    def partly(text: str) -> bool:
        return bool(set(words.findall(text)) & set(words.findall(said[text])))

    return sorted(
        t for t in said.keys() - known if t == said[t] or partly(t) or ENGLISH.search(said[t])
    )


def test_all_words_of_the_app_speak_german() -> None:
    hers = [s for n in vars(expert) if n.isupper() for s in strings(vars(expert)[n])]
    assert not untranslated([*PUBLIC, *hers, *CARDS.values(), *LEVEL_WORDS.values()])


def test_a_message_is_shown_in_german() -> None:
    test = app(lang="de", s=to_code({"findings": {"fever": "no"}}))
    assert test.info[0].value.startswith("Die Antworten des Links sind eingetragen")


def test_a_translation_keeps_every_placeholder() -> None:
    for row in read_labels("de"):
        names = [sorted(re.findall(r"\{\w+\}", row[c])) for c in ("text", "translation")]
        assert set(names[1]) <= set(names[0]), row


def read_labels(language: str) -> list[dict[str, str]]:
    with (data_dir() / f"labels_{language}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_app_asks_in_german_and_the_switch_stays() -> None:
    test = app(lang="de")
    assert test.title[0].value == translated(texts.TITLE, "de")
    press(test, translated(texts.WORDS_SKIP, "de"))
    assert test.header[0].value == "Wo tut es weh?"
    words = shown(go(answers(test, {"saddle_numbness": "yes"}), "results"))
    assert "Fahren Sie nicht selbst." in words
    assert "Taubheit" in words


FIRM = {v.name: v.states[0] for v in MODEL.variables.values() if v.ask in ("question", "self_test")}
PEOPLE = {
    "nobody": {},
    "firm": FIRM
    | {"low_back_pain": "yes", "duration": "under_6w", "onset": "gradual", "sex": "male"}
    | {"age_band": "30_44", "worse_sitting": "yes"},
    "pregnant": {"leg_pain": "below_knee", "pregnancy": "pregnant", "sex": "female"},
    "urgent": {"fever": "yes", "low_back_pain": "yes"},
    "emergency": {"saddle_numbness": "yes", "leg_weakness": "both_sides"},
    "contradiction": {"sex": "male", "pregnancy": "pregnant"},
}


def left_in_english(line: str) -> bool:
    """Whether a line holds English words, or a part that the table of German has otherwise."""
    parts = map(str.strip, re.split(r"[;:,„“”→←] ?|(?<=[.!?]) ", line))
    return bool(ENGLISH.search(line)) or any(
        len(p) > 2 and KNOWN.get(p, p) not in (p, f"{p}.") for p in parts
    )


CITED = set(table("sources.csv", "citation"))  # as published
KNOWN = {row["text"]: row["translation"] for row in read_labels("de")}
PAGES = {
    "patient": ("assess", "results", "what-if", "exercises", "report", "why", "many-cases"),
    "clinician": ("assess", "results", "tests", "what-if", "exercises", "report", "why", "about"),
}


@pytest.mark.parametrize("view", PAGES)
@pytest.mark.parametrize("person", PEOPLE)
def test_no_text_on_a_page_is_left_in_english(person: str, view: str) -> None:
    """Every page of both depths; the tables of figures and sources stand as published."""
    test = app("", {}, lang="de", way="form", view=view)
    answers(test, {n: s for n, s in PEOPLE[person].items() if n in MODEL.variables})
    left, quotes = set(), set()
    for page in PAGES[view]:
        go(test, page)
        lines = shown(test, pictures=page != "about").splitlines()
        lines += [*labels(test), *drawn(test), *(str(c.value) for c in test.code)]
        left |= {(page, line.strip()) for line in lines if left_in_english(line)}
        quotes |= {(page, line.strip()) for line in lines if "”" in line}
    left = {(page, line) for page, line in left if line not in CITED}
    assert not left
    assert not {(page, line) for page, line in quotes if line not in CITED}


def test_what_was_not_understood_stands_in_german_quotes() -> None:
    test = app(lang="de")
    test.text_area(key="own_words").set_value("Mein Rücken tut weh. Meine Blase ist komisch, hm.")
    press(test, KNOWN[texts.NEXT_SCREEN])
    press(test, KNOWN[texts.CONFIRM_YES])
    words = "\n".join((shown(test), *labels(test)))
    assert "„Meine Blase ist komisch“" in words
    assert "„hm“" in words
    assert "”" not in words


TRANSLATED = {
    "triage.csv": ("reason", "what_to_do", "how_soon"),
    "triage_texts.csv": ("text",),
    "screens.csv": ("text",),
    "exercises.csv": ("name", "start_position", "movement", "how_it_should_feel", "cautions"),
    "exercise_notes.csv": ("text",),
    **WORDS,
    "exercise_targets.csv": ("does",),
    "variables.csv": ("label", "clinician_label", "question", "help"),
    "states.csv": ("label",),
    "test_names.csv": ("names",),
    "body_map.csv": ("label",),
}


@pytest.mark.parametrize("name", TRANSLATED)
def test_every_text_of_the_tables_is_translated(name: str) -> None:
    assert not untranslated(table(name, *TRANSLATED[name]))


def stems(*texts_: str) -> set[str]:
    """The first four letters of every word long enough to carry a meaning."""
    return {w[:4] for w in re.findall(r"[a-zäöüß]{4,}", " ".join(texts_).lower())}


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_sign_to_tick_is_about_the_same_as_its_question(language: str) -> None:
    """A row that slipped in a table of words would ask for one thing and note another."""

    def said(text: str) -> str:
        return text if language == "en" else translated(text, language)

    for sign in (
        s for screen in load_rules(MODEL.folder).screens if screen.any_of for s in screen.signs
    ):
        info = MODEL.variables[sign.variable]
        about = (info.label, info.clinician_label, info.question, info.help, *info.state_labels)
        assert stems(said(sign.text)) & stems(*map(said, about)), (sign.variable, sign.text)


def test_a_translation_keeps_every_number() -> None:
    def numbers(text: str) -> list[str]:
        return sorted(re.sub(r"[.,]", "", n) for n in re.findall(r"\d+(?:[.,]\d+)*", text))

    for row in read_labels("de"):
        assert numbers(row["text"]) == numbers(row["translation"]), row


def test_a_text_of_known_pieces_is_translated_piece_by_piece() -> None:
    said = translated("Sex: Male. It tells most about: Numb saddle area.", "de")
    assert not ENGLISH.search(said)
    assert translated("Nobody wrote this; nor that.", "de") == "Nobody wrote this; nor that."


# --- for whom the words are -----------------------------------------------------------------------

SOMEONE = {"low_back_pain": "yes", "buttock_pain": "one_side", "duration": "over_12w"} | {
    "age_band": "45_59",
    "sex": "female",
    "sitting": "over_8h",
}
TO_THE_PATIENT = re.compile(r"\b[Yy]ou(r|rs)?\b")


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("lang", ["en", "de"])
def test_no_page_for_clinicians_calls_anybody_you(lang: str, person: str) -> None:
    """Questions, advice, exercises, report: all is told of the patient; sources as published."""
    test = app("", {}, lang=lang, view="clinician", way="form")
    answers(test, {n: s for n, s in PEOPLE[person].items() if n in MODEL.variables})
    told = set()
    for page in PAGES["clinician"]:
        go(test, page)
        lines = shown(test, pictures=page != "about").splitlines()
        lines += [*labels(test), *drawn(test), *(str(c.value) for c in test.code)]
        told |= {(page, line) for line in map(str.strip, lines) if told_to(line, lang)}
    assert not {(page, line) for page, line in told if not line.startswith(tuple(CITED))}


def told_to(line: str, lang: str) -> bool:
    """Whether a line speaks to its reader; "Sie" that begins a sentence may be "they"."""
    sentences = re.split(SENTENCES, re.sub(r"^[-*\d. ]+", "", line))
    return any(TOLD_TO[lang].search(re.sub(r"^Sie\b", "", s)) for s in sentences)


@pytest.mark.parametrize("lang", ["en", "de"])
def test_every_text_can_be_told_of_the_patient(lang: str) -> None:
    """Whatever is said to a patient, a clinician reads of a third person, in whole sentences."""
    for row in read_labels("de"):
        text = row["text"] if lang == "en" else row["translation"]
        said = of_the_patient(text, lang)
        assert not told_to(said, lang), (text, said)
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", said))
        assert re.findall(r"\d+", text) == re.findall(r"\d+", said)
        if not TO_THE_PATIENT.search(row["text"]) and not TOLD_TO[lang].search(text):
            assert said == text
        if lang == "de" and TO_THE_PATIENT.search(row["text"]):
            starts = sum(s.startswith("Sie ") for s in re.split(SENTENCES, said))
            assert starts <= len(re.findall(r"\b(?:[Tt]hey|[Tt]hem|[Ii]t)\b", row["text"])), said


def test_the_wordings_for_clinicians_are_all_of_texts_that_are_there() -> None:
    """Else a sentence that was changed would lose its wording in silence."""
    pieces: dict[str, set[str]] = {"en": set(), "de": set()}
    for row in read_labels("de"):
        for lang, text in (("en", row["text"]), ("de", row["translation"])):
            pieces[lang] |= {text, *re.split(SENTENCES, text)}
    for wording in read_table("labels_clinician.csv", ("language", "text", "wording")):
        assert wording["text"] in pieces[wording["language"]], wording["text"]


@pytest.mark.parametrize("name", sorted(OF_THE_REPORT))
def test_a_sentence_of_the_report_that_is_replaced_is_written_somewhere(name: str) -> None:
    """Else the table of replacements would be out of date in silence."""
    report = assess(MODEL, parse_case(MODEL, SOMEONE), draws=20).page(clinician=True)
    words = "\n".join(
        text
        for s in report
        for text in (*s.paragraphs, *s.points, *s.notes, *(s.grid.header if s.grid else ()))
    )
    assert name in words


def test_no_script_of_the_app_holds_words() -> None:
    """Texts are data: a script shows only what it is given."""
    for script in Path(language.__file__).parent.glob("*.js"):
        code = re.sub(r"^ *//.*", "", script.read_text(), flags=re.MULTILINE)
        said = re.findall(r"""["'`]([A-Z][a-z]+(?: [a-z]+)+[^"'`]*|Back|Front)["'`]""", code)
        assert not said, (script.name, said)


# Names of muscles that only professionals know: patients read what they are.
PROFESSIONAL = re.compile(r"tensor fasciae|\bTFL\b|tractus iliotibialis", re.IGNORECASE)


@pytest.mark.parametrize("lang", ["en", "de"])
@pytest.mark.parametrize("person", PEOPLE)
def test_patients_read_their_own_words_and_no_empty_box(person: str, lang: str) -> None:
    test = app("", {}, lang=lang)
    answers(test, {n: s for n, s in PEOPLE[person].items() if n in MODEL.variables})
    for unread in ((), ("I yodel",)):
        test.session_state["unread"] = unread
        for page in PAGES["patient"]:
            go(test, page)
            words = [shown(test), *labels(test), *drawn(test)]
            assert not PROFESSIONAL.search("\n".join(words)), page
            for kind in ("info", "warning", "error", "success"):
                assert all(str(box.value).strip() for box in getattr(test, kind)), page


def test_no_page_names_a_command() -> None:
    for view in ("patient", "clinician"):
        test = app("report", SOMEONE, view=view)
        assert "And 7" in shown(test)
        assert not re.search(r"\blumbayes [a-z]", shown(test))


def test_patients_see_no_number_at_a_danger_nor_at_a_sign_nobody_asked_about() -> None:
    test = app("why", SOMEONE)
    pictures: Any = test.get("bidi_component")
    data = [
        json.loads(e.proto.json) for e in pictures if e.proto.component_name.endswith("network")
    ]
    told = {n["id"]: n["value"] for n in data[0]["nodes"]}
    for name in MODEL.with_role("must_not_miss"):
        if name in told:
            assert told[name] == after.NODE_RULES
    open_ = {n for n in told if n in red_flags(MODEL) and n not in SOMEONE}
    assert {told[n] for n in open_} <= {"?", after.NODE_RULES}
    assert not any("%" in value for value in told.values())
    chosen = set(next(box for box in test.selectbox if box.label == after.WHY_CAUSE).options)
    assert not chosen & {MODEL.variables[n].label for n in MODEL.with_role("must_not_miss")}
    assert "Asks for care: Yes (assumed)" in shown(test)
