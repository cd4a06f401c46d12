"""Which fact a name means, in any spelling and order of its words, and what its value says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from lumbayes.cases.name_words import EMPTY, form_of, parts_of_word, read_forms
from lumbayes.cases.qualifiers import HOURS, NOUNS, bag, read_endings, read_qualifiers
from lumbayes.cases.synonyms import read_classes, read_synonyms
from lumbayes.cases.vocabulary import Fact, Meaning, load_vocabulary, within
from lumbayes.cases.words import (
    DENIALS,
    LONGEST,
    PREFIXES,
    TIMES,
    YES,
    YES_OR_NO,
    function_that_fails,
    named_after_function,
    plain,
    read_bool,
    read_function,
    read_number,
    read_trouble,
    readings,
    unit_of_time,
)
from lumbayes.knowledge.definition import UNSURE
from lumbayes.knowledge.model import Model, VariableInfo


@lru_cache(maxsize=4)
def _names(model: Model) -> Mapping[str, Fact]:
    """Every fact by its name in one spelling: those of the table, and each variable as a fact."""
    facts = {plain(n): _fact_of(v) for n, v in model.variables.items()}
    return facts | {plain(n): fact for n, fact in load_vocabulary(model).items()}


def _fact_of(info: VariableInfo) -> Fact:
    """Return a variable as a fact: true or false where it has two states, else a category."""

    def meaning(when: str, states: tuple[str, ...]) -> Meaning:
        weights = tuple(float(s in states) for s in info.states)
        return Meaning(when, None, "hard", info.name, weights, (), "")

    named = tuple(meaning(state, (state,)) for state in info.states)
    both = (meaning("true", info.states[1:]), meaning("false", info.states[:1]))
    if info.states == ("yes", "no"):
        both = (meaning("true", ("yes",)), meaning("false", ("no",)))
    return Fact(info.name, "state", "", (*named, *both))


def known_as(model: Model, name: str, value: object) -> tuple[Fact, object] | None:
    """Return the fact that a name means, and the value as the fact takes it; None if unknown.

    Parameters
    ----------
    model : Model
        Its folder holds ``vocabulary.csv`` and ``synonyms.csv``.
    name : str
        A fact, another name of one, or a variable, in any spelling; ``no_`` before it denies.
    value : object
        As a person writes it: true, "yes", "118 bpm", "2 months", or a state of the variable.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> model = load_model()
    >>> fact, value = known_as(model, "Pulse rate", "118 bpm")
    >>> fact.name, value
    ('heart_rate_bpm', 118.0)
    >>> fact, value = known_as(model, "no saddle anaesthesia", True)
    >>> fact.name, value
    ('saddle_numbness', False)
    """
    if (measure := _measured(model, name, value)) is not None:
        return measure
    if len(name) <= LONGEST and _is_none_of_ours(model, name):
        return None
    info = model.variables.get(name)
    if info and len(info.states) > 2 and isinstance(value, str) and value in info.states:
        if plain(value) not in YES_OR_NO:
            return _fact_of(info), value  # a state of the variable, whatever else has its name
    facts = _names(model)
    turned = named_after_function(name)
    for text, told in readings(name):
        if not told and not turned and text != plain(name) and named_after_function(text):
            continue  # "new_leg_power" says not that it is there
        if text in facts:
            read = _read(facts[text], value, told, text)
            if read is not None:
                return facts[text], read
        for synonym in read_synonyms(model.folder).get(text, ()):
            fact = facts[plain(synonym.fact)]
            given = value
            if synonym.value:
                if told or read_bool(value) is not True:
                    continue
                given = synonym.value
            of = fact.name if synonym.trouble else text
            read = _read(fact, given, told, of, synonym.factor)
            if read is not None:
                return fact, read
    return _known_by_words(model, name, value)


def _measured(model: Model, name: str, value: object) -> tuple[Fact, object] | None:
    """Return the number of a name that a span of time is: an hour of stiffness, not an hour ago.

    It is the fact of the name with the unit behind it, where its rows hold that span.
    """
    if not isinstance(value, str) or not any(c.isdigit() for c in value) or "ago" in value.lower():
        return None
    if unit_of_time(value) is None:
        return None
    facts, synonyms, named = _names(model), read_synonyms(model.folder), plain(name)
    alike = (_bags(model).get(bag(name), named), *(s.fact for s in synonyms.get(named, ())))
    for full in (f"{plain(one)}_{unit}s" for one in (named, *alike) for unit in TIMES):
        number = facts.get(plain(synonyms[full][0].fact) if full in synonyms else full)
        read = _read(number, value, "", full) if number and number.kind == "number" else None
        if number and isinstance(read, float):
            inside = [m for m in number.meanings if m.span and within(read, m.span)]
            if any(m.strength != "ignored" for m in inside):
                return number, read
    return None


@lru_cache(maxsize=1 << 14)
def _is_none_of_ours(model: Model, name: str) -> bool:
    """Whether a name means no fact, whatever its value: most names of a table of somebody else."""
    facts, synonyms = _names(model), read_synonyms(model.folder)
    text = plain(name)
    if not may_name(model, text.split("_")):
        return True
    return not (
        any(one in facts or one in synonyms for one, _ in readings(name))
        or bag(name) in _bags(model)
        or form_of(name, model.folder) in names_by_form(model)[0]
        or any(text.endswith(f"_{ending}") for ending, *_ in read_endings(model.folder))
        or function_that_fails(text)
    )


def _known_by_words(model: Model, name: str, value: object) -> tuple[Fact, object] | None:
    """Return the fact of a name whose words stand in another order, or that ends like one."""
    facts, words = _names(model), bag(name)
    other = _bags(model).get(words) or names_by_form(model)[0].get(form_of(name, model.folder))
    text = plain(name)
    if other is not None and other != text:
        if not named_after_function(other) or named_after_function(text):
            return known_as(model, other, value)
    if failing := function_that_fails(text):
        plainly = value is True or (isinstance(value, str) and plain(value) in YES)
        return known_as(model, failing, "lost") if plainly else None
    for ending, fact, unless in read_endings(model.folder):
        if text.endswith(f"_{ending}") and not words & unless:
            read = _read(facts[plain(fact)], value, "", text)
            return None if read is None else (facts[plain(fact)], read)
    return None


@lru_cache(maxsize=4)
def _bags(model: Model) -> Mapping[frozenset[str], str]:
    """Return the names of two words and more by their words; those that two facts share are out."""
    found: dict[frozenset[str], dict[str, str]] = {}
    synonyms = read_synonyms(model.folder)
    for name in (*_names(model), *synonyms):
        means = synonyms[name][0].fact if name in synonyms else name
        found.setdefault(bag(name), {}).setdefault(means, name)
    return {
        words: next(iter(names.values()))
        for words, names in found.items()
        if len(words) > 1 and len(names) == 1
    }


@lru_cache(maxsize=4)
def names_by_form(model: Model) -> tuple[Mapping[frozenset[str], str], frozenset[str]]:
    """Return the names of facts by their words in one form, and every such word.

    Words that name several facts are out, unless the classes say which one.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> names, words = names_by_form(load_model())
    >>> names[frozenset({"flank", "pain"})], "flank" in words
    ('flank_pain', True)
    """
    found: dict[frozenset[str], dict[str, str]] = {}
    synonyms, classes = read_synonyms(model.folder), read_classes(model.folder)
    for name in (*_names(model), *synonyms):
        means = synonyms[name][0].fact if name in synonyms else name
        found.setdefault(form_of(name, model.folder), {}).setdefault(means, name)
    clear = {words: next(iter(names.values())) for words, names in found.items() if len(names) == 1}
    clear |= {form_of(one, model.folder): one for one in reversed(list(classes))}
    clear.pop(frozenset(), None)
    return MappingProxyType(clear), frozenset[str]().union(*clear)


def may_name(model: Model, words: Sequence[str]) -> bool:
    """Return whether one of the words of a name stands in the name of any fact.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> may_name(load_model(), ["numb", "foo"]), may_name(load_model(), ["foo", "bar"])
    (True, False)
    """
    known = _words_of_use(model)
    return any(part in known for word in words for part in parts_of_word(word, model.folder))


@lru_cache(maxsize=4)
def _words_of_use(model: Model) -> frozenset[str]:
    endings = (word for ending, *_ in read_endings(model.folder) for word in ending.split("_"))
    forms = (word for words in read_forms(model.folder) for word in words)
    own = words_of_names(model) | names_by_form(model)[1]
    return (own | frozenset(endings) | frozenset(forms)) - EMPTY - {""}


@lru_cache(maxsize=4)
def words_of_names(model: Model) -> frozenset[str]:
    """Return every word, in one spelling, that stands in a name of a fact or beside one.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> {"saddle", "sudden"} <= words_of_names(load_model())
    True
    """
    names = (*_names(model), *read_synonyms(model.folder), *read_qualifiers(model.folder))
    return frozenset(NOUNS).union(*(name.split("_") for name in (*names, *PREFIXES, *DENIALS)))


def _read(fact: Fact, value: object, told: str, text: str, factor: float = 1.0) -> object:
    """Return a value as the fact takes it, or None if it cannot mean one.

    ``told`` is what the name itself says (``readings``), ``text`` the name that was given.
    """
    words = plain(value) if isinstance(value, str) else ""
    denied = told != ""
    if fact.kind in ("state", "category"):
        choices = {plain(m.when): m.when for m in fact.meanings}
        if words in choices and not denied:
            return choices[words]
        if fact.kind == "category":
            if not isinstance(value, str) or "sudden" not in choices.values() or denied:
                return None
            named = [choices[w] for w in words.split("_") if w in choices]
            if "sudden" in named or (not named and HOURS.search(value.lower())):
                return "sudden"
            return named[0] if named else None
        if len(fact.meanings) > 4 and not (
            isinstance(value, bool)
            or words in YES_OR_NO
            or read_bool(value) == UNSURE
            or named_after_function(text)
        ):
            return None  # of three states and more, only a plain yes or no says something
    if fact.kind in ("bool", "state"):
        answer = _answer(fact, value, told, text)
        plainly = fact.kind == "bool" or answer is None or answer == UNSURE
        return answer if plainly else str(answer).lower()
    if denied:
        return None
    if fact.kind == "number":
        number = None if isinstance(value, bool) else read_number(value, fact.unit)
        if number is None:
            return None
        if fact.unit == "degrees Celsius" and number > 60:
            number = (number - 32) / 1.8
        return number * factor
    return str(value) if isinstance(value, str | int | float) else None


def _answer(fact: Fact, value: object, told: str, text: str) -> bool | str | None:
    """Return whether a fact holds, ``"unsure"``, or None where the value says neither."""
    if not named_after_function(text):
        said = read_trouble(text, value)
        return said if said is None or said == UNSURE or not told else not said
    # Of a function, "absent" and "no" are the trouble; the fact may mean the trouble or its want.
    if isinstance(value, str) and not told:
        bad = read_function(value)
        if bad is None and plain(value) in YES:
            bad = named_after_function(fact.name)
    else:
        said = read_bool(value)
        if said is None or said == UNSURE:
            return said
        own = named_after_function(fact.name) and not told  # true is its trouble, as documented
        bad = said if own else said == (told == "denied")
    return bad if bad is None or bad == UNSURE else bad != fact.name.endswith("_normal")
