"""Worked cases through lumbayes and through published lists of red flags, beside published figures.

Writes docs/explanation/symptom-checkers.md and its picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from red_flags import LISTS, RedFlags, flags

import lumbayes
from lumbayes.cases.case import parse_case
from lumbayes.commands.about import fixed_answer
from lumbayes.evaluation.scores import area_under_curve
from lumbayes.evaluation.worked_cases import WorkedCase, evaluate, read_worked_cases
from lumbayes.knowledge.conversions import binomial_interval
from lumbayes.knowledge.model import Model
from lumbayes.knowledge.tables import data_dir
from lumbayes.triage.rules import LEVELS

PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "symptom-checkers.md"
URGENT = LEVELS[:2]
Rules = dict[str, list[tuple[str, pd.Series]]]
SECOND = "blind_second"  # the hundred cases that were written last


def case_files() -> list[Path]:
    """Return the files of worked cases that ship with the software."""
    return sorted((data_dir() / "cases").glob("*.jsonl"))


def told(model: Model, path: Path) -> pd.DataFrame:
    """Return what needs no answer of ours: for every case of a file its flags on each list."""
    cases = read_worked_cases(model, path)
    rows = [{listed.name: counted(model, listed, case) for listed in LISTS} for case in cases]
    danger = [case.level in URGENT for case in cases]
    return pd.DataFrame(rows).assign(file=path.stem, danger=danger)


def answered(model: Model, paths: Sequence[Path]) -> pd.DataFrame:
    """Return every worked case with its scores, its flags on each list, and P(a danger)."""
    frames = []
    for path in paths:
        cases = read_worked_cases(model, path)
        chance: list[float] = []

        def assess(
            model: Model, data: Mapping[str, Any], chance: list[float] = chance
        ) -> Mapping[str, Any]:
            answer = fixed_answer(model, data)
            dangers = [row["probability"] for row in answer["must_not_miss"]]
            chance.append(float(1 - np.prod(1 - np.array(dangers))))
            return answer

        scores = evaluate(model, cases, assess).cases.reset_index(drop=True).assign(chance=chance)
        frames.append(pd.concat([scores, told(model, path)], axis="columns"))
    return pd.concat(frames, ignore_index=True)


def counted(model: Model, listed: RedFlags, case: WorkedCase) -> int:
    """Count the flags of one case."""
    data = {k: v for k, v in case.data.items() if k in ("facts", "findings")}
    age = data.get("facts", {}).get("age_years")
    return flags(listed, parse_case(model, data).findings, age)


def share(hits: pd.Series) -> str:
    """Return a share with its 95 % interval and count."""
    if not len(hits):
        return "–"
    p = float(hits.mean())
    low, high = binomial_interval(p, len(hits))
    return f"{p:.0%} ({low:.0%} to {high:.0%}), n = {len(hits)}"


def list_rules(cases: pd.DataFrame) -> Rules:
    """Return for every list its thresholds, the strictest first, and whom each calls in."""
    return {
        f"list, {listed.name}": [
            (f"{k} or more flags", cases[listed.name] >= k) for k in (4, 3, 2, 1)
        ]
        for listed in LISTS
    }


def rules(cases: pd.DataFrame) -> Rules:
    """Return the same for every classifier."""
    made = list_rules(cases)
    shown = ("emergency", "or urgent", "or routine")
    made["lumbayes, care level"] = [
        (name, cases["level"].isin(LEVELS[: i + 1])) for i, name in enumerate(shown)
    ]
    made["lumbayes, probability alone"] = [
        (f"P(a danger) ≥ {p:.0%}", cases["chance"] >= p) for p in (0.3, 0.1, 0.03, 0.01)
    ]
    return made


def picture(cases: pd.DataFrame, path: Path) -> None:
    """Draw recall of dangers against false alarms, one line a classifier."""
    import matplotlib.pyplot as plt

    danger = cases["danger"]
    fig, ax = plt.subplots(figsize=(7, 5))
    markers = iter("ov^<>sD")
    for name, thresholds in rules(cases).items():
        if "probability" in name:
            called = [cases["chance"] >= p for p in np.sort(cases["chance"].unique())[::-1]]
            style: dict[str, Any] = {"color": "black", "linestyle": ":"}
        else:
            called = [c for _, c in thresholds]
            ours = name.startswith("lumbayes")
            style = {"marker": next(markers), "color": "black" if ours else "0.55"}
            style |= {"linewidth": 2 if ours else 1, "markersize": 7 if ours else 5}
        x = [c[~danger].mean() for c in called]
        ax.plot(x, [c[danger].mean() for c in called], label=name, **style)
    ax.set(xlabel="false alarms", ylabel="dangers found", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    ax.legend(loc="lower right", frameon=False)
    fig.savefig(path, bbox_inches="tight", metadata={"Date": None})


def table(cases: pd.DataFrame, classifiers: Rules) -> str:
    """Return dangers found and false alarms of every threshold, all cases and the last hundred."""
    second, danger = cases["file"] == SECOND, cases["danger"]
    lines = []
    for name, thresholds in classifiers.items():
        for threshold, called in thresholds:
            of = (danger, ~danger, danger & second, ~danger & second)
            cells = [share(called[chosen]) for chosen in of[:2]]
            cells += [f"{called[c].mean():.0%}" if c.any() else "–" for c in of[2:]]
            lines.append(f"| {name}: {threshold} | {' | '.join(cells)} |")
    return "\n".join(lines)


def care(cases: pd.DataFrame, right: pd.Series) -> dict[str, str]:
    """Return how often a care level is right, for all and by what was needed."""
    expected = cases["expected_level"]
    groups: dict[str, Sequence[str]] = {
        "all": LEVELS,
        "emergency": LEVELS[:1],
        "middle": LEVELS[1:3],
        "self_care": LEVELS[3:],
    }
    return {name: share(right[expected.isin(levels)]) for name, levels in groups.items()}


def counts(cases: pd.DataFrame) -> str:
    """Return how many cases each file holds, and how many of all are dangers."""
    files = ", ".join(f"{name} {n}" for name, n in cases["file"].value_counts(sort=False).items())
    danger = int(cases["danger"].sum())
    return f"(files: {files}; {danger} of them urgent or an emergency, {len(cases) - danger} not)"


def page(cases: pd.DataFrame, version: str) -> str:
    """Return the page, of cases as ``answered``."""
    named = cases[cases["acceptable_in_network"]]
    first, three = (share(named["rank_acceptable"] <= k) for k in (1, 3))
    exact = care(cases, cases["level"] == cases["expected_level"])
    area = area_under_curve(cases["danger"].to_numpy(), cases["chance"].to_numpy())
    return TEXT.format(
        n=len(cases),
        counts=counts(cases),
        unknown=len(cases) - len(named),
        version=version,
        first=first,
        three=three,
        **care(cases, cases["level_acceptable"]),
        **{f"exact_{name}": value for name, value in exact.items()},
        area=f"{area:.2f}",
        rows=table(cases, rules(cases)),
        lists="\n".join(
            f"- **{x.name}**: {x.source}. {', '.join(f'`{i}`' for i in x.items)}." for x in LISTS
        ),
    )


def main() -> None:
    """Run the cases and write the page."""
    model = lumbayes.load_model()
    cases = answered(model, case_files())
    picture(cases, PAGE.with_suffix(".svg"))
    PAGE.write_text(page(cases, model.version), encoding="utf-8")
    print(f"written: {PAGE}")


TEXT = """# Against people's tools

What people use instead of this: symptom checkers, and lists of red flags. The {n} worked cases
that ship with the software {counts}
were put through lumbayes and through published lists. Measured with tables {version}: numbers that
changed since do not stand here before `python benchmarks/bench_symptom_checkers.py` has written
the page anew.

!!! warning "Not a fair race"
    The figures of symptom checkers come from other vignettes, of all of medicine. Ours are
    about backs only; some of these cases were open while the network was built, and misses on
    the others, the last hundred included, were used to mend it: what each set gave when it was
    first seen stands in the [model card](../../MODEL_CARD.md). Read the tables for the
    order of magnitude.

## Beside published figures

| | symptom checkers, 2015 | symptom checkers, 2020 | lumbayes, own cases |
|---|---|---|---|
| vignettes | 45, of all of medicine | 48, of all of medicine | {n}, of backs |
| right condition first | 34% (31 to 37) | 36% (31 to 42) | {first} |
| among the first three | not given (first twenty: 58%) | 52% (47 to 59) | {three} |
| care level right, all | 57% (52 to 61) | 49% (44 to 54) | {all} |
| … in emergencies | 80% (75 to 86) | 63% (52 to 71) | {emergency} |
| … between | 55% (47 to 63) | 56% (52 to 75) urgent, 30% (11 to 39) not | {middle} |
| … in self-care | 33% (26 to 40) | 40% (26 to 49) | {self_care} |
| one level alone is right: all | as above | as above | {exact_all} |
| … in emergencies | | | {exact_emergency} |
| … between | | | {exact_middle} |
| … in self-care | | | {exact_self_care} |

In brackets 95 % intervals. A condition or level of ours is right if it is among those the case
accepts; the lower rows take only the level that the case prefers, as the two studies did. {unknown}
cases have a condition that the network does not know and count for the level alone.

Where the figures stand: 2015, Semigran and others, BMJ 351:h3480, 23 checkers, abstract (770 runs
for conditions, 532 for levels). 2020, Hill M and others, Med J Aust 212:514, 36 checkers, abstract
(1,170 and 688 runs). Both columns were held to the abstracts.

The nearest relative is the Bayesian network for serious spinal pathology of Hill A and others
(2023, JMIR Form Res 7:e44187): 38 variables, drawn out of 16 experts. By its abstracts it did well
on cases of cauda equina syndrome, masses, cancer and inflammation, less well on fractures. Its
areas under the curve stand in the full text, which could not be read: no figure is given here.

## Against lists of red flags

A list says: refer whoever has one of these. The more items one asks for, the fewer false alarms,
and the more dangers pass.

| rule | dangers found | false alarms | last hundred: found | false |
|---|---|---|---|---|
{rows}

![Dangers found against false alarms. The lists, grey, rise from few dangers and no false alarm at
four flags to many of both at one. The care level of lumbayes stands above them, towards the upper
left corner; its probability alone, dotted, runs between.](symptom-checkers.svg)

**Probability alone** is the chance of at least one condition that must not be missed (as if they
were independent), without the rules; area under its curve {area}. It is why rules decide here and
probabilities only raise the level.

{lists}

Each item counts as soon as it is reported: weakness of any degree, trauma as far as the case tells.
Items that a case report cannot state are left out (how severe, which fall). What a case does not
state does not count, for either side. A danger is a case whose preferred level is urgent or an
emergency; whoever else is called in is a false alarm, although some of these cases accept a visit.
False alarms among worked cases are not a rate in people: cases are collected because they
teach something. `lumbayes evaluate --alarms` measures them in simulated people.
"""

if __name__ == "__main__":
    np.seterr(all="raise", under="ignore")
    main()
