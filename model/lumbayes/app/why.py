"""Why: the weight of every answer, the network as a picture, the numbers the answer hangs on."""

from __future__ import annotations

from html import escape

import streamlit as st

from lumbayes.app import answer, charts, frame, language, network_view, results, state, texts
from lumbayes.app.language import say
from lumbayes.cases.case import Case
from lumbayes.knowledge.model import Model
from lumbayes.questions.assessment.page import CARDS
from lumbayes.questions.explanation.answer import Explanation
from lumbayes.questions.sensitivity.analysis import provenance
from lumbayes.text import frequency, lowered

WIDEST = 12  # bars of the tornado


@frame.framed
def page() -> None:
    """Explain one cause, then show how all hangs together."""
    model = state.the_model()
    frame.heading(texts.WHY_TITLE, texts.WHY_LEAD)
    standing = results.standing(model)
    if not answer.weighed(standing):
        st.html(answer.card(standing))  # what to do and why, no probabilities
        return
    case = state.case(model)
    found = results.causes(model, case)
    names = [*found.conditions["name"], *found.imbalances["name"]]
    labels = state.labels([n for n in names if answer.numbered(model, n)])
    target = st.selectbox(
        texts.WHY_CAUSE,
        list(labels),
        format_func=labels.__getitem__,
        key="why_target",
    )
    if not state.answered():
        st.info(texts.WHY_EMPTY)
    else:
        why = results.reasons(model, case, target)
        why = answer.with_assumed(case, why)
        st.markdown(f"**{state.worded(why.sentence)}**")
        left, right = st.columns([3, 2], gap="large")
        with left:
            st.header(texts.WHY_POINTS, anchor=False)
            st.write(texts.WHY_POINTS_LEAD)
            st.html(charts.signed(why.frame, clinician=state.clinician(), worded=state.worded))
            if state.clinician():
                _weights(why)
        with right:
            _fit(why)
            _paths(why)
    _network(model, case, target)
    _numbers(model, case, target)


def _weights(why: Explanation) -> None:
    """Show the weights of evidence in decibans, alone and given the rest."""
    rows = [
        (
            state.worded(str(row["label"])),
            *(say(f"{row[kind]:+.1f}") for kind in ("alone", "given_rest", "shapley")),
        )
        for _, row in why.frame.iterrows()
    ]
    with st.expander(texts.WEIGHTS):
        st.markdown(texts.WEIGHTS_LEAD)
        st.html(charts.table(texts.WEIGHTS_HEAD, rows))
        between = [
            (state.worded(r["label"]), answer.chance(r["prior"]), answer.chance(r["probability"]))
            for r in why.of_mechanisms
        ]
        st.html(charts.table(texts.BETWEEN_HEAD, between))


def _fit(why: Explanation) -> None:
    """Say whether the answers go together, and which do not."""
    st.header(texts.FIT, anchor=False)
    if why.misfits.empty:
        st.write(texts.FIT_GOOD)
    else:
        st.write(texts.FIT_BAD)
        for _, row in why.misfits.iterrows():
            expected = answer.chance(row["expected"])
            if not state.clinician():
                expected = say(frequency(row["expected"], answer.PER).removeprefix("about "))
            label = state.worded(str(row["label"]))
            st.markdown(f"- {texts.FIT_ROW.format(label=label, expected=expected)}")
            rivals = why.rivals[why.rivals["finding"] == row["finding"]]
            if len(rivals):
                names = ", ".join(map(state.worded, rivals["label"].head(3)))
                st.markdown(f"  - {texts.FIT_RIVALS} {names}")
    if state.clinician():
        st.markdown(f":small[{texts.CONFLICT.format(bits=say(f'{why.conflict:+.2f}'))}]")


def _paths(why: Explanation) -> None:
    if why.paths.empty:
        return
    with st.expander(texts.PATHS):
        st.markdown("\n".join(f"- {state.worded(t)}" for t in why.paths["text"].head(12)))


def _network(model: Model, case: Case, target: str) -> None:
    st.header(texts.NETWORK_TITLE, anchor=False)
    st.write(texts.NETWORK_LEAD)
    if state.get("why_target_seen") != target:
        state.put("why_target_seen", target)
        state.put("network_node", target)
    chances = results.everything(model, case)
    node = str(state.get("network_node") or target)
    network_view.draw(model, case, chances, node)
    st.caption(texts.NETWORK_KEY)
    info = model.variables[node]
    st.subheader(f"{texts.NODE_TABLE}: {state.label(node)}", anchor=False)
    if info.help:
        st.write(say(info.help))
    left, right = st.columns(2, gap="large")
    with left:
        if answer.numbered(model, node):
            rows = [
                (say(label), answer.chance(float(p)))
                for label, p in zip(info.state_labels, chances[node], strict=True)
            ]
            st.html(charts.table(texts.STATE_HEAD, rows))
        else:
            st.write(texts.NODE_RULES_SAID)
        known = case.findings.get(node)
        if known in info.states:
            said = texts.NODE_ASSUMED if node in case.assumed else texts.NODE_OBSERVED
            st.markdown(said.format(state=state.state_label(node, str(known))))
    with right:
        for title, names in (
            (texts.NETWORK_CAUSES, [x.cause for x in model.links if x.effect == node]),
            (texts.NETWORK_EFFECTS, [x.effect for x in model.links if x.cause == node]),
        ):
            if names:
                chips = "".join(f"<li>{escape(state.label(n))}</li>" for n in names)
                st.html(charts.block(f'<h3>{title}</h3><ul class="chips">{chips}</ul>'))
    _sources(model, node)


def _sources(model: Model, node: str) -> None:
    rows = [
        (
            worded_number(model, n.id),
            say(f"{n.value:.3g}"),
            say(f"{n.low:.3g} to {n.high:.3g}"),
            n.grade,
            n.source,
        )
        for n in model.numbers
        if n.variable == node
    ]
    if rows:
        with st.expander(texts.SOURCES_OF_NODE.format(count=len(rows))):
            st.html(charts.table(texts.NUMBER_HEAD, rows))


def _numbers(model: Model, case: Case, target: str) -> None:
    """Show the tornado, what could flip, and the life of one number; on request, as it is work."""
    st.header(texts.HANGS, anchor=False)
    st.write(texts.HANGS_LEAD)
    if not st.toggle(texts.HANGS_BUTTON, key="hangs", persist_state="session"):
        return
    found = results.numbers(model, case, target)
    wide = found.tornado[found.tornado["width"] > 0].head(WIDEST)
    labels = [worded_number(model, str(n)) for n in wide["number"]]
    st.html(charts.tornado(wide, found.probability, labels, answer.short))
    st.subheader(texts.FLIPS, anchor=False)
    at = found.decision_thresholds
    inside = at[at["inside"]].head(8) if len(at) else at
    if inside.empty:
        st.write(texts.FLIPS_NONE)
    else:
        st.html(
            charts.table(
                texts.FLIP_HEAD,
                [
                    (
                        worded_number(model, str(r["number"])),
                        _levels_in_words(str(r["what"])),
                        say(f"{r['value']:.3g} ({r['low']:.3g} to {r['high']:.3g})"),
                        say(f"{r['flips_at']:.3g}"),
                    )
                    for _, r in inside.iterrows()
                ],
            )
        )
    if state.clinician() and len(found.reversed_arcs):
        with st.expander(texts.RIVAL_ARROWS):
            st.dataframe(found.reversed_arcs, hide_index=True)
    st.subheader(texts.LIFE, anchor=False)
    number = st.selectbox(
        texts.LIFE_CHOOSE,
        list(wide["number"]),
        format_func=lambda n: worded_number(model, str(n)),
        key="life_number",
    )
    if number:
        _life(model, case, str(number))


def _levels_in_words(text: str) -> str:
    for level, card in CARDS.items():
        text = text.replace(level, language.quoted(card))
    return text


def _life(model: Model, case: Case, number: str) -> None:
    told = provenance(model, number, case)
    n = told.number
    rows = [
        (
            texts.LIFE_ROWS[0],
            say(f"{n.value:.4g} ({n.low:.4g} to {n.high:.4g})")
            + f", {texts.ABOUT_GRADE} {n.grade}",
        ),
        (texts.LIFE_ROWS[1], f"{told.citation} {told.address} ({told.read})"),
        (texts.LIFE_ROWS[2], texts.PLACE.format(file=n.file, line=n.line)),
        (texts.LIFE_ROWS[3], n.note),
        (texts.LIFE_ROWS[4], n.fitted_to),
        (
            texts.LIFE_ROWS[5],
            "; ".join(
                f"{state.worded(r['label'])}: "
                + f"{answer.short(r['at_low'])} → {answer.short(r['at_high'])}"
                for _, r in told.moves.head(6).iterrows()
            ),
        ),
    ]
    st.html(charts.table(texts.LIFE_HEAD, [(a, b) for a, b in rows if b]))


def worded_number(model: Model, id: str) -> str:
    """Return what a number stands for, in the words and the language of the session."""
    return state.worded(number_label(model, id))


def number_label(model: Model, id: str) -> str:
    """Return what a number stands for, in words.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> number_label(load_model(), "slr=positive<-leak")
    'Straight-leg raise: Positive, from any other cause'
    """
    number = model.number(id)
    info = model.variables[number.variable]
    effect = info.label
    if number.state in info.states:
        effect += f": {info.state_label(number.state)}"
    if number.quantity == "causal_share":
        return f"{effect}, share that is causal"
    if "leak" in id:
        return f"{effect}, from any other cause"
    given = given_in_words(model, number.given)
    return f"{effect}, given {given}" if given else effect


def given_in_words(model: Model, given: str) -> str:
    """Put ``variable=state`` texts into words.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> given_in_words(load_model(), "sex=female; smoking=current")
    'sex: Female, smoking: Smoke now'
    """
    said = []
    for part in filter(None, (p.strip() for p in given.split(";"))):
        name, _, level = part.partition("=")
        info = model.variables.get(name)
        if info is None or level not in info.states:
            said.append(part)
        elif level == "present":
            said.append(lowered(info.label))
        else:
            said.append(f"{lowered(info.label)}: {info.state_label(level)}")
    return ", ".join(said)
