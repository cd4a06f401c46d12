"""What the tests of a clinician tell: accuracy in the model and as published."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from lumbayes.app import state, texts
from lumbayes.app.language import say
from lumbayes.app.why import worded_number
from lumbayes.inference.queries import evidence, marginals, stack
from lumbayes.knowledge.anchors import ASKS_FOR_CARE
from lumbayes.knowledge.definition import Number
from lumbayes.knowledge.model import Model
from lumbayes.knowledge.tables import read_table
from lumbayes.literature.targets import Target, read_targets
from lumbayes.network.variables import Array
from lumbayes.questions.assessment.page import CARDS
from lumbayes.triage.reader import load_rules
from lumbayes.triage.rules import Rule

KINDS = (state.EXAMINATION, "self_test")
POPULATION = {ASKS_FOR_CARE: "yes"}  # who is examined


@dataclass(frozen=True)
class Accuracy:
    """What a test says of one target, in the model: shares of those with and without it."""

    target: str
    sensitivity: float
    specificity: float

    @property
    def plus(self) -> float:
        """The likelihood ratio of a positive result."""
        wrong = 1.0 - self.specificity
        return self.sensitivity / wrong if wrong > 0 else math.inf

    @property
    def minus(self) -> float:
        """The likelihood ratio of a negative result."""
        return (1.0 - self.sensitivity) / self.specificity if self.specificity > 0 else math.inf


@lru_cache(maxsize=2)
def accuracies(model: Model) -> dict[str, dict[str, Accuracy]]:
    """Return sensitivity and specificity in the model: test → target → both.

    Positive is any state but the first, among adults who ask for care; every test given every
    target present and absent is one batch.
    """
    network = model.network
    targets = [*model.names("condition"), *model.names("imbalance")]
    names = [t for t in tests(model) if t in network]
    rows = [
        evidence(network, {**POPULATION, target: value})
        for target in targets
        for value in ("present", "absent")
    ]
    found = marginals(network, stack(network, rows), names).probabilities
    negative: dict[str, Array] = {name: found[name][0] for name in names}
    return {
        name: {
            target: Accuracy(target, float(1.0 - p[2 * i]), float(p[2 * i + 1]))
            for i, target in enumerate(targets)
        }
        for name, p in negative.items()
    }


def tests(model: Model) -> tuple[str, ...]:
    """Return the tests of an examination and the self-tests."""
    return tuple(v.name for v in model.variables.values() if v.ask in KINDS)


def best(model: Model, test: str, target: str | None) -> Accuracy | None:
    """Return what a test says of the target, or of what it tells most about."""
    known = accuracies(model).get(test)
    if known is None:
        return None
    if target:
        return known[target]
    return max(known.values(), key=lambda a: abs(math.log(max(a.plus, 1e-9))))


@lru_cache(maxsize=2)
def usual_names(model: Model) -> dict[str, str]:
    """Return the usual names of the tests."""
    rows = read_table("test_names.csv", ("variable", "names"), model.folder)
    return {row["variable"]: row["names"] for row in rows}


def _folded(text: str) -> str:
    """Return letters without case and accent, words parted by blanks."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("-", " "))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def matching(model: Model, words: str) -> list[str]:
    """Return the tests whose names hold every word, case and accents aside.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> matching(load_model(), "patrick"), matching(load_model(), "straight leg")[:2]
    (['faber'], ['aslr', 'slr'])
    >>> matching(load_model(), "Lasegue") == matching(load_model(), "lasègue")
    True
    """
    found = []
    for name in tests(model):
        info = model.variables[name]
        called = (info.label, info.clinician_label, usual_names(model).get(name, ""))
        said = _folded(" ".join((name, *called, *map(say, called))))
        if all(word in said for word in _folded(words).split()):
            found.append(name)
    return found


@lru_cache(maxsize=2)
def published(model: Model) -> dict[str, tuple[Target, ...]]:
    """Return the published figures about each test."""
    found: dict[str, list[Target]] = {}
    for target in read_targets(model):
        for name in target.event:
            if name in tests(model):
                found.setdefault(name, []).append(target)
    return {name: tuple(rows) for name, rows in found.items()}


@lru_cache(maxsize=2)
def _numbers(model: Model) -> dict[str, tuple[Number, ...]]:
    """Return the numbers of the model about each test."""
    return {t: tuple(n for n in model.numbers if n.variable == t) for t in tests(model)}


@lru_cache(maxsize=2)
def _rules(model: Model) -> dict[str, tuple[Rule, ...]]:
    """Return the rules of triage that each test without a number in the network serves."""
    rules = load_rules(model.folder).rules
    return {
        t: tuple(rule for rule in rules if any(a.variable == t for a in rule.atoms))
        for t in tests(model)
        if t not in model.network
    }


def source_count(model: Model, name: str) -> int:
    """Return how many rows ``source_rows`` has."""
    counted = (published(model).get(name, ()), _numbers(model)[name], _rules(model).get(name, ()))
    return sum(map(len, counted))


def source_rows(model: Model, name: str) -> list[tuple[str, str, str]]:
    """Return figures and numbers of the model about a test, or the rules it serves, with sources.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> source_rows(load_model(), "cancer_blood_sign")[0][2]
    'niceng12'
    """
    rows = [
        (say(t.quantity), say(f"{t.value:.2g} ({t.low:.2g} to {t.high:.2g})"), t.source)
        for t in published(model).get(name, ())
    ]
    rows += [
        (
            f"{texts.TESTS_NUMBER} {worded_number(model, n.id)}",
            say(f"{n.value:.2g} ({n.low:.2g} to {n.high:.2g})"),
            f"{n.source}, {texts.ABOUT_GRADE} {n.grade}",
        )
        for n in _numbers(model)[name]
    ]
    rows += [
        (say(rule.reason), say(CARDS[rule.level]), "; ".join(rule.source))
        for rule in _rules(model).get(name, ())
    ]
    return rows
