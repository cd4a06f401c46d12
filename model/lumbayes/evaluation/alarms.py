"""What does each alarm cost? The share of ordinary people whom every rule sends to care.

The people are simulated: they ask for care with back pain, answer every question and do every
self-test; no clinician has examined them and nobody answers "not sure".
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from lumbayes.batch.frames import score_table
from lumbayes.cases.exclusions import load_exclusions
from lumbayes.errors import LumbayesError
from lumbayes.inference.queries import evidence, sample
from lumbayes.knowledge.anchors import ASKS_FOR_CARE, BACK_PAIN
from lumbayes.knowledge.model import Model
from lumbayes.knowledge.tables import read_table
from lumbayes.triage.reader import load_rules
from lumbayes.triage.rules import LEVELS, Literal, Rule

IN_CARE = {BACK_PAIN: "yes", ASKS_FOR_CARE: "yes"}
COLUMNS = ("level", "fired", "alone", "simulated")
DECISIONS = ("supplied_rule", "decision", "rule", "reason")
GUIDELINES = ("guideline", "item", "rules", "decision", "reason", "source")


def people_in_care(model: Model, n: int, seed: int = 0) -> pd.DataFrame:
    """Return answers of simulated people who ask for care with back pain.

    Nobody gives answers that exclude each other, such as a pain without a length, or pain in both
    legs and in none: the first of such two is left out.

    Parameters
    ----------
    model : Model
        The tables.
    n : int
        How many people, at least 1.
    seed : int
        The same seed draws the same people.

    Returns
    -------
    DataFrame
        One row a person, one column for each question and self-test of the network.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> people_in_care(load_model(), 3)["low_back_pain"].tolist()
    ['yes', 'yes', 'yes']
    """
    if n < 1:
        raise LumbayesError(f"n is {n}. Give the number of people, at least 1.")
    people = sample(model.network, evidence(model.network, IN_CARE), n, seed)
    asked = [v for v in model.network if model.variables[v].ask in ("question", "self_test")]
    answers = pd.DataFrame({v: np.array(model.network[v].states)[people[v]] for v in asked})
    for (name, these), (other, those) in load_exclusions(model):
        if name in people and other in people:
            both = (these >> people[name]) & (those >> people[other]) & 1
            answers.loc[both.astype(bool), name] = None
    return answers


def alarm_prices(model: Model, n: int = 10_000, seed: int = 1) -> pd.DataFrame:
    """Return the price of every rule and threshold, dearest first within each level.

    Parameters
    ----------
    model : Model
        Its folder holds the rules.
    n, seed : int
        As of ``people_in_care``.

    Returns
    -------
    DataFrame
        Index: name of the rule or threshold. ``level``; ``fired``, the share of people for whom it
        fires; ``alone``, the share who are at this level by it alone; ``simulated``: ``"yes"``,
        ``"in part"`` or ``"no"``, whether the network gives its findings a probability. What is
        asked for safety alone has none, so its price is not known and the shares leave it out.
        ``attrs["levels"]`` holds the share of people at each level.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> prices = alarm_prices(load_model(), n=200)
    >>> bool((prices["alone"] <= prices["fired"]).all())
    True
    """
    scored = score_table(
        model, people_in_care(model, n, seed), targets=model.names("condition")[:1], top=0
    )
    rules = load_rules(model.folder)
    level = {r.name: r.level for r in rules.rules} | {t.name: t.level for t in rules.thresholds}
    fired: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    for names, people in scored["rules"].astype(str).value_counts().items():
        sounded = [name for name in str(names).split(";") if name]
        top = min((LEVELS.index(level[name]) for name in sounded), default=None)
        highest = [name for name in sounded if LEVELS.index(level[name]) == top]
        fired.update(dict.fromkeys(sounded, people))
        if len(highest) == 1:
            alone[highest[0]] += people
    simulated = {r.name: _simulated(model, r) for r in rules.rules}
    rows: list[dict[str, Any]] = [
        {
            "rule": name,
            "level": level[name],
            "fired": fired[name] / n,
            "alone": alone[name] / n,
            "simulated": simulated.get(name, "yes"),
        }
        for name in level
    ]
    rows.sort(key=lambda row: (LEVELS.index(row["level"]), -row["alone"], -row["fired"]))
    prices = pd.DataFrame(rows).set_index("rule")[list(COLUMNS)]
    shares = scored["level"].value_counts(normalize=True)
    prices.attrs["levels"] = {name: float(shares.get(name, 0.0)) for name in LEVELS}
    prices.attrs["why"] = why_each(model)
    return prices


def why_each(model: Model) -> dict[str, str]:
    """Return why each rule is there: its note, the decision on it, or the items that ask for it.

    Of a threshold it is its own note. Whatever else is not said falls back on the sources.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> why_each(load_model())["fever"]
    'Fever is absent in about half of spinal infections.'
    """
    decided: dict[str, str] = {}
    for row in read_table("triage_decisions.csv", DECISIONS, model.folder):
        for name in row["rule"].split(";"):
            decided.setdefault(name, f"{row['supplied_rule']}. {row['reason']}")
    asked: dict[str, list[str]] = {}
    for row in read_table("guideline_comparison.csv", GUIDELINES, model.folder):
        for name in row["rules"].split(";"):
            asked.setdefault(name, []).append(f"{row['guideline']}: {row['item']}")
    rules = load_rules(model.folder)
    found = {t.name: t.note for t in rules.thresholds}
    for rule in rules.rules:
        items = "; ".join(asked.get(rule.name, ())[:2])
        judged = (
            "Judgement." if rule.source == ("expert",) else f"Source: {', '.join(rule.source)}."
        )
        found[rule.name] = rule.note or decided.get(rule.name, "") or items or judged
    return found


def _simulated(model: Model, rule: Rule) -> str:
    """Say whether a rule can fire in simulated people who were only asked."""

    def known(literal: Literal) -> bool:
        asked = model.variables[literal.variable].ask in ("question", "self_test")
        return literal.negated or (literal.variable in model.network and asked)

    literals = [[known(literal) for literal in c.literals] for c in rule.clauses]
    if all(all(clause) for clause in literals):
        return "yes"
    needed = [c.needed for c in rule.clauses]
    possible = all(sum(k) >= least for k, least in zip(literals, needed, strict=True))
    return "in part" if possible else "no"


def price_report(prices: pd.DataFrame, urgent_only: bool = True) -> str:
    """Return the prices as a Markdown table, those of emergency and urgent care unless told."""
    shares = prices.attrs["levels"]
    lines = [
        "Of 1,000 simulated people who ask for care with back pain: "
        + ", ".join(f"{1000 * share:.0f} {name}" for name, share in shares.items())
        + ".",
        "",
        "| rule | level | fires, of 1,000 | by it alone | simulated | why it is there |",
        "|---|---|---|---|---|---|",
    ]
    why = prices.attrs.get("why", {})
    shown = prices[prices["level"].isin(LEVELS[:2])] if urgent_only else prices
    for name, row in shown.iterrows():
        unknown = row["simulated"] == "no"
        lines.append(
            f"| {name} | {row['level']} | {'–' if unknown else f'{1000 * row.fired:.1f}'}"
            f" | {'–' if unknown else f'{1000 * row.alone:.1f}'} | {row['simulated']}"
            f" | {str(why.get(name, '')).replace('|', '/')} |"
        )
    return "\n".join(lines)
