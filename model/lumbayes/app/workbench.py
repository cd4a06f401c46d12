"""Tests: the panel of a clinician, each by its usual names, with what it tells and sources."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from html import escape

import pandas as pd
import streamlit as st

from lumbayes.app import answer, charts, frame, parts, questions, results, state, texts
from lumbayes.app.results import Standing
from lumbayes.inference.queries import evidence, marginals, stack
from lumbayes.knowledge.model import Model
from lumbayes.knowledge.tables import read_table
from lumbayes.literature.targets import Target, read_targets
from lumbayes.network.variables import Array
from lumbayes.questions.assessment.page import CARDS
from lumbayes.text import percent
from lumbayes.triage.rules import LEVELS

KINDS = ("clinical_test", "self_test")
SHOWN = 8  # tests shown before a search
POPULATION = {"asks_for_care": "yes"}  # who is examined


@frame.framed
def page() -> None:
    """Show the tests, best first, with results to be entered, beside the differential."""
    model = state.the_model()
    frame.heading(texts.TESTS_TITLE, texts.TESTS_LEAD)
    _examined(model)
    standing = results.standing(model)
    if standing.case is None:
        return
    with st.container(key="no_print_panel"):
        left, right = st.columns([11, 7], gap="large")
    with left:
        target = _pin(model)
        _panel(model, standing, target)
    with right, st.container(key="answer_side"):
        parts.live(answer.spoken(model, standing))
        answer.side(model, standing)
    _summary(model, standing)


def _examined(model: Model) -> None:
    """Take it that who is examined asks for care, unless that was answered."""
    (asks,) = POPULATION
    tested = any(model.variables[n].ask == KINDS[0] for n in state.findings())
    if tested and state.answer(asks) is None and asks not in state.soft():
        state.set_answer(asks, POPULATION[asks])
        state.put("examined", True)
    elif not tested and state.get("examined"):
        state.set_answer(asks, None)
        state.put("examined", False)


def _pin(model: Model) -> str | None:
    """Show the choice of a target and return it."""
    names = [*model.names("condition"), *model.names("imbalance")]
    labels = {"": texts.TESTS_ALL_CAUSES, **state.labels(names)}
    target = st.selectbox(
        texts.TESTS_PIN,
        list(labels),
        format_func=labels.__getitem__,
        key="tests_pin",
        persist_state="session",
    )
    return str(target) or None


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


def matching(model: Model, words: str) -> list[str]:
    """Return the tests whose names hold every word, their letters' case aside.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> matching(load_model(), "patrick"), matching(load_model(), "straight leg")[:2]
    (['faber'], ['aslr', 'slr'])
    """
    found = []
    for name in tests(model):
        info = model.variables[name]
        said = f"{name} {info.label} {info.clinician_label} {usual_names(model).get(name, '')}"
        said = said.lower().replace("-", " ")
        if all(word in said for word in words.lower().replace("-", " ").split()):
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


def _panel(model: Model, standing: Standing, target: str | None) -> None:
    assert standing.case is not None
    words = st.text_input(
        texts.TESTS_SEARCH, key="tests_search", max_chars=60, persist_state="session"
    )
    asked = results.ranked_tests(model, standing.case, target)
    bits = dict(zip(asked["variable"], asked["information"], strict=True))
    score = dict(zip(asked["variable"], asked["score"], strict=True))
    order = sorted(tests(model), key=lambda n: -score.get(n, -1.0))
    done = [n for n in order if state.answer(n) is not None]
    open_ = [n for n in order if state.answer(n) is None]
    found = set(matching(model, words))
    if words:
        shown = [n for n in order if n in found]
    else:
        every = st.toggle(texts.TESTS_EVERY, key="tests_every", persist_state="session")
        shown = [*done, *(open_ if every else open_[:SHOWN])]
    st.caption(texts.TESTS_COUNT.format(shown=len(shown), all=len(order)))
    for name in shown:
        with st.container(border=True, key=f"test_{name}"):
            _test(model, name, target, bits.get(name))


def _test(model: Model, name: str, target: str | None, bits: float | None) -> None:
    st.markdown(f"**{state.label(name)}**  \n:small[{usual_names(model).get(name, '')}]")
    questions.ask(model, name, "n")
    told = best(model, name, target)
    if told:
        st.html(charts.block(accuracy_line(told)))
    if bits is not None and not math.isnan(bits):
        cost = model.variables[name].cost
        st.markdown(f":small[{texts.TESTS_BITS.format(bits=bits, cost=cost)}]")
    rows = source_rows(model, name)
    if rows:
        with st.popover(texts.TESTS_SOURCES.format(count=len(rows))):
            st.html(charts.table(texts.TESTS_SOURCE_HEAD, rows))


def accuracy_line(told: Accuracy) -> str:
    """Return sensitivity, specificity and likelihood ratios on one line."""
    return (
        f'<p class="small">{escape(state.label(told.target))}: '
        f"sensitivity {told.sensitivity:.2f}, specificity {told.specificity:.2f}, "
        f"LR+ {told.plus:.2g}, LR− {told.minus:.2g}</p>"
    )


def source_rows(model: Model, name: str) -> list[tuple[str, str, str]]:
    """Return the published figures and the numbers of the model about a test, with sources."""
    rows = [
        (t.quantity, f"{t.value:.2g} ({t.low:.2g} to {t.high:.2g})", t.source)
        for t in published(model).get(name, ())
    ]
    rows += [
        (
            f"{texts.TESTS_NUMBER} {n.id}",
            f"{n.value:.2g} ({n.low:.2g} to {n.high:.2g})",
            f"{n.source}, grade {n.grade}",
        )
        for n in model.numbers
        if n.variable == name
    ]
    return rows


def _summary(model: Model, standing: Standing) -> None:
    st.header(texts.NOTES, anchor=False)
    st.write(texts.NOTES_LEAD)
    text = notes(model, standing)
    st.code(text, language=None, wrap_lines=True)
    with st.container(horizontal=True, key="no_print_notes"):
        st.download_button(texts.NOTES_DOWNLOAD, text, "lumbayes-notes.txt", on_click="ignore")
        parts.print_button(texts.NOTES_PRINT)


def notes(model: Model, standing: Standing) -> str:
    """Return a summary for the notes: care level, findings, tests, differential, limits."""
    advice, case = standing.advice, standing.case
    lines = [f"Care level: {CARDS[advice.level]} ({advice.how_soon})"]
    if standing.provisional:
        level = "no warning sign so far" if advice.level == LEVELS[-1] else CARDS[advice.level]
        lines = [f"Provisional: {level}; {len(standing.open_signs)} questions that could raise it"]
        lines[0] += " not asked."
    lines += [f"  {reason}" for reason in advice.reasons]
    groups: dict[str, list[str]] = {"Positive": [], "Negative": [], "Not known": []}
    for name, value in state.findings().items():
        info = model.variables[name]
        label = info.clinician_label
        if name in POPULATION:
            continue
        if value == "unsure":
            groups["Not known"].append(label)
        elif value == info.states[0] and name not in model.with_role("stratum"):
            groups["Negative"].append(label)
        else:
            plain = set(info.states) in ({"no", "yes"}, {"negative", "positive"})
            groups["Positive"].append(label if plain else f"{label}: {info.state_label(value)}")
    lines += [f"{title}: {'; '.join(names)}." for title, names in groups.items() if names]
    lines += state.remark_lines()
    if case is not None:
        found = results.causes(model, case)
        lines.append("Model estimates (95 % interval):")
        for _, row in found.conditions.head(5).iterrows():
            lines.append(f"  {_estimate(model, row)}")
        lines.append("Not to be missed:")
        for _, row in found.must_not_miss.head(3).iterrows():
            lines.append(f"  {_estimate(model, row)}")
    lines.append("Estimates of a teaching model, not a diagnosis.")
    return "\n".join(lines)


def _estimate(model: Model, row: pd.Series) -> str:
    label = model.variables[str(row["name"])].clinician_label
    chance, low, high = (percent(row[c]) for c in ("probability", "low", "high"))
    return f"{label}: {chance} ({low} to {high})"
