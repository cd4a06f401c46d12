"""What the parts of a case say together: statements, and where they exclude each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lumbayes.cases.constraints import Clash, Combined, Statement, bits_of, describe
from lumbayes.cases.exclusions import load_exclusions
from lumbayes.cases.parts import UNSURE, Parts
from lumbayes.knowledge.model import Model

PAIN_GROUPS = ("pain_place", "pain_behaviour")


def as_statements(model: Model, parts: Parts) -> list[Statement]:
    """Return the answers, and what the likelihoods rule out, as certain statements."""
    said = [
        Statement(f"likelihoods.{n}", n, "certain", tuple(float(x > 0) for x in w))
        for n, w in parts.likelihoods.items()
    ]
    for name, answers in parts.findings.items():
        for state in answers:
            if state != UNSURE:
                weights = tuple(float(s == state) for s in model.variables[name].states)
                said.append(Statement(f"findings.{name}={state}", name, "certain", weights))
    for name, readings in parts.said.items():
        for bits in readings:
            among = range(len(model.variables[name].states))
            if bits < 1 << len(among):
                weights = tuple(float(bits >> i & 1) for i in among)
                said.append(Statement(f"said.{name}", name, "certain", weights))
    return said


def unsure_clashes(model: Model, parts: Parts, facts: Iterable[Statement]) -> list[Clash]:
    """Return where somebody is unsure of what is also told for certain."""
    clashes = []
    for name in dict.fromkeys((*parts.findings, *parts.said)):
        unsure = 1 << len(model.variables[name].states)
        told = [s for s in facts if s.variable == name and s.strength != "soft"]
        own = [s for s in parts.findings.get(name, ()) if s != UNSURE]
        readings = [bits_of(s.weights) for s in told]
        readings += [1 << model.variables[name].states.index(s) for s in own]
        readings += [bits for bits in parts.said.get(name, ()) if bits != unsure]
        doubted = UNSURE in parts.findings.get(name, ()) or unsure in parts.said.get(name, ())
        if doubted and readings:
            field = told[0].field if told else f"findings.{name}={own[0]}" if own else name
            clashes.append(
                Clash(
                    {name: (unsure, *dict.fromkeys(readings))},
                    f"findings.{name}=unsure and {field} contradict each other."
                    " Correct or remove one of them.",
                )
            )
    return clashes


def _within(
    model: Model, combined: Mapping[str, Combined], name: str, states: tuple[str, ...]
) -> bool:
    known = combined.get(name)
    return known is not None and set(known.possible(model.variables[name].states)) <= set(states)


def pain_variables(model: Model) -> list[str]:
    """Return the variables that tell of a pain: where it is, and how it behaves."""
    return [v.name for v in model.variables.values() if v.group in PAIN_GROUPS]


def exclusions(model: Model, combined: Mapping[str, Combined]) -> list[Clash]:
    """Return which pairs of answers no person can give."""
    clashes = []
    for pair in load_exclusions(model):
        if all(n in combined and not bits_of(combined[n].weights) & ~bits for n, bits in pair):
            said = " and ".join(combined[name].fields[0] for name, _ in pair)
            known = ", ".join(
                f"{n} is {describe(model.variables[n], combined[n].weights)}" for n, _ in pair
            )
            clashes.append(
                Clash(
                    {n: (bits_of(combined[n].weights),) for n, _ in pair},
                    f"{said} cannot both hold: {known}. Correct or remove one of them.",
                )
            )
    return clashes


def possible_do(
    model: Model, do: Mapping[str, str], combined: Mapping[str, Combined]
) -> tuple[dict[str, str], list[str]]:
    """Return the interventions that the answers allow, and what is wrong with the others."""
    possible, lost = dict(do), []
    for name, state in do.items():
        known = combined.get(name)
        if known and state not in known.possible(model.variables[name].states):
            del possible[name]
            lost.append(
                f"do.{name}={state} and {known.fields[0]} cannot both hold in one case."
                " Remove the finding, or compare the two with what-if."
            )
    return possible, lost


def reported_pain(model: Model, combined: Mapping[str, Combined]) -> str:
    """Return the variables that report pain, at most three; an onset of any kind reports it too."""
    told = [
        name
        for name in pain_variables(model)
        if _within(model, combined, name, model.variables[name].states[1:])
        or (name == "onset" and name in combined)
    ]
    return ", ".join(told[:3]) + (", …" if len(told) > 3 else "")
