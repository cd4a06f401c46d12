"""The questions put to the model for one page, each worked out once for the same answers."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from lumbayes.app import plain, state, switches, texts
from lumbayes.app.ahead import AHEAD
from lumbayes.cases.case import Case, case_to_dict, understand
from lumbayes.errors import LumbayesError
from lumbayes.inference.queries import marginals
from lumbayes.knowledge.anchors import BACK_PAIN
from lumbayes.knowledge.model import Model
from lumbayes.network.variables import Array
from lumbayes.questions.assessment.summary import Assessment, assess
from lumbayes.questions.conditioning import case_evidence, case_network
from lumbayes.questions.differential import Differential, differential
from lumbayes.questions.explanation.answer import Explanation
from lumbayes.questions.explanation.explain import explain
from lumbayes.questions.next_question.ranking import NextQuestions, next_questions
from lumbayes.questions.sensitivity.analysis import Sensitivity, sensitivity
from lumbayes.questions.what_if.interventions import symptoms
from lumbayes.questions.what_if.scenarios import (
    Counterfactual,
    Scenario,
    WhatIf,
    counterfactual,
    what_if,
)
from lumbayes.text import plain_markdown
from lumbayes.triage import warning_signs
from lumbayes.triage.care_level import care_level
from lumbayes.triage.judgement import Advice, triage
from lumbayes.triage.reader import load_rules
from lumbayes.triage.rules import Screen, rank

log = logging.getLogger(__name__)
DRAWS = 200


@dataclass(frozen=True)
class Standing:
    """Where a person stands: the advice, whether it is firm, and what does not fit together.

    ``case`` is None while no probability can be given for the answers.
    """

    advice: Advice
    case: Case | None
    contradictions: tuple[str, ...]
    provisional: bool
    open_signs: tuple[str, ...]


def standing(model: Model) -> Standing:
    """Return where this person stands; whatever else fails, the warning signs are judged."""
    region, given = switches.region(), state.data()
    found: Standing = state.remembered(f"standing {region}", given, lambda: _judged(model, region))
    return found


def _judged(model: Model, region: str | None) -> Standing:
    said = state.examined(model, understand(model, state.data()))
    try:
        found = care_level(model, said, region)
        for readings in _readings(model, said):
            least = max(
                (care_level(model, reading, region) for reading in readings),
                key=lambda advice: rank(advice.level),
            )
            found = min(found, least, key=lambda advice: rank(advice.level))
        clashes = tuple(plain.clash(model, text) for text in found.contradictions)
    except Exception as error:  # no answer and no fault of ours may hide a warning sign
        log.error("no probability for the advice: %s", type(error).__name__)
        found = triage(load_rules(model.folder), state.findings(), minor=state.minor())
        clashes = (plain.clash(model, error) if isinstance(error, LumbayesError) else texts.BROKEN,)
    whole = not (clashes or said.errors)
    return Standing(
        found, said if whole else None, clashes, found.provisional, found.open_warning_signs
    )


def _readings(model: Model, case: Case) -> Iterator[list[Case]]:
    """Yield, for each sign that is there but not said in which grade, the case with each grade.

    What follows from every one of them follows: a weak leg is one weak leg at least.
    """
    for name, weights in case.likelihoods.items():
        states = model.variables[name].states
        left = [s for s, w in zip(states, weights, strict=True) if w > 0]
        if 1 < len(left) < len(states) and states[0] not in left:
            parts: Any = case_to_dict(model, case)
            rest = {n: w for n, w in parts["likelihoods"].items() if n != name}
            yield [
                understand(
                    model,
                    {**parts, "likelihoods": rest, "findings": {**parts["findings"], name: state}},
                )
                for state in left
            ]


def screens_left(model: Model) -> tuple[Screen, ...]:
    """Return the screens of warning signs still to be asked, those skipped left out."""
    skipped = tuple(state.get("skipped", ()))
    found: tuple[Screen, ...] = state.remembered(
        f"screens {skipped}",
        state.data(),
        lambda: tuple(warning_signs.screens_left(model, understand(model, state.data()), skipped)),
    )
    return found


def emergency_number(model: Model) -> str:
    """Return the one number to call."""
    return load_rules(model.folder).texts["emergency_number"][switches.region() or "neutral"]


def quoted(text: str) -> str:
    """Return foreign words so that nothing in them is taken for a link or a picture."""
    return plain_markdown(text)


def link(label: str, path: str) -> None:
    """Show a link to another page of the app, if the app runs with its pages."""
    pages = state.get("pages") or {}
    if path in pages:
        st.page_link(pages[path], label=label)


def advice(model: Model, case: Case) -> Advice:
    """Return the level of care and why."""
    return standing(model).advice


def causes(model: Model, case: Case) -> Differential:
    """Return the chances of all causes and imbalances, with intervals."""
    found: Differential = _once(model, "causes", case, lambda: differential(model, case, DRAWS))
    return found


def first_causes(model: Model, case: Case) -> pd.DataFrame:
    """Return the chances of the causes at once, without their ranges: those are on Results."""
    found: Differential = _once(model, "first", case, lambda: differential(model, case, 0))
    return found.conditions


def reasons(model: Model, case: Case, target: str) -> Explanation:
    """Return why one cause is as likely as it is."""
    found: Explanation = _once(model, f"why {target}", case, lambda: explain(model, case, target))
    return found


def open_questions(model: Model, case: Case) -> NextQuestions:
    """Return the questions worth asking next, those of an examination only for a clinician."""
    kinds = ("question", "self_test", *(("clinical_test",) if state.clinician() else ()))
    found: NextQuestions = _once(
        model,
        f"next {kinds}",
        case,
        lambda: next_questions(model, case, limit=None, kinds=kinds),
    )
    return found


def ranked_tests(model: Model, case: Case, target: str | None) -> pd.DataFrame:
    """Return the tests not done yet, most telling for their cost first."""
    kinds = ("clinical_test", "self_test")
    found: NextQuestions = _once(
        model,
        f"tests {target}",
        case,
        lambda: next_questions(model, case, target, None, kinds=kinds),
    )
    return found.frame


def everything(model: Model, case: Case) -> Mapping[str, Array]:
    """Return the chances of the states of every variable of the network, for its picture."""
    given = case_evidence(model, case)
    found: Mapping[str, Array] = _once(
        model,
        "network",
        case,
        lambda: {
            name: p[:, 0]
            for name, p in marginals(case_network(model, case), given).probabilities.items()
        },
    )
    return found


def numbers(model: Model, case: Case, target: str) -> Sensitivity:
    """Return which numbers the chance of one variable hangs on."""
    found: Sensitivity = _once(
        model, f"numbers {target}", case, lambda: sensitivity(model, case, target)
    )
    return found


def scenarios(model: Model, case: Case, chosen: Sequence[Scenario]) -> WhatIf:
    """Return what each scenario would change."""
    named = [(s.name, dict(s.findings), dict(s.do)) for s in chosen]
    found: WhatIf = _once(
        model, f"what if {named}", case, lambda: what_if(model, case, chosen, draws=0)
    )
    return found


def for_you(model: Model, case: Case, do: Mapping[str, str]) -> Counterfactual:
    """Return what of all symptoms would be otherwise for this very person.

    One network of two worlds holds all of them: once made, it serves whoever asks of this change.
    """
    found: Counterfactual = _once(
        model, f"for you {dict(do)}", case, lambda: _all_symptoms(model, case, do)
    )
    return found


def _all_symptoms(model: Model, case: Case, do: Mapping[str, str]) -> Counterfactual:
    return counterfactual(model, case, do, symptoms(model), draws=0)


def for_you_next(model: Model, case: Case, wishes: Iterable[Mapping[str, str]]) -> None:
    """Have what may be asked next of ``for_you`` made ready, the likeliest first."""
    AHEAD.wish(
        (tuple(sorted(do.items())), partial(_all_symptoms, model, case, do)) for do in wishes
    )


def report(model: Model, case: Case) -> Assessment:
    """Return all answers on one page."""
    region = switches.region()
    found: Assessment = _once(
        model, f"report {region}", case, lambda: assess(model, case, DRAWS, region=region)
    )
    return found


def _once(model: Model, question: str, case: Case, work: Any) -> Any:
    return state.remembered(question, case_to_dict(model, case), work)


def warm_up() -> None:
    """Answer one case, so that the first visitor need not wait for draws and trees."""
    from lumbayes.cases.case import parse_case

    model = state.the_model()
    case = parse_case(model, {BACK_PAIN: "yes"})
    care_level(model, case)
    warning_signs.screens_left(model, case)
    differential(model, case, DRAWS)
    next_questions(model, case)
    changes = [{n: model.variables[n].states[0]} for n in model.with_role("changeable")]
    _all_symptoms(model, case, changes[0])
    what_if(model, case, (Scenario("then", {}, changes[0]),), draws=0)
    AHEAD.start()
    for_you_next(model, case, changes)
