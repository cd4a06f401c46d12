"""The triage of tables agrees with that of one, no flag lowers a level, broken tables are named."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbayes.errors import CaseError, TableError, UnknownNameError
from lumbayes.knowledge.definition import UNSURE
from lumbayes.knowledge.model import load_model
from lumbayes.knowledge.tables import data_dir
from lumbayes.triage.judgement import red_flags, triage
from lumbayes.triage.reader import load_rules
from lumbayes.triage.rules import LEVELS
from lumbayes.triage.table import UNKNOWN, judge_table

RULES = load_rules()
MAY_EXCLUDE = load_model().with_role("may_exclude")
TRIAGE_TABLES = (
    *("variables", "states", "skips", "never_together", "screens"),
    *("triage", "thresholds", "triage_texts", "roles"),
)
USED = sorted({atom.variable for rule in RULES.rules for atom in rule.atoms})
CONDITIONS = sorted({threshold.condition for threshold in RULES.thresholds})


def triage_table(
    frame: pd.DataFrame, posterior: pd.DataFrame | None = None, minor: Any = None
) -> pd.DataFrame:
    """Judge a frame of words: missing and blank cells are unknown."""
    known = {}
    for name, column in frame.items():
        codes, values = pd.factorize(column)
        bits = [RULES.bits(str(name), v) if str(v).strip() else UNKNOWN for v in values]
        known[str(name)] = (np.array([*bits, UNKNOWN], dtype=np.uint8)[codes],)
    return judge_table(RULES, known, len(frame), posterior=posterior, minor=minor)


def random_frame(rng: np.random.Generator, rows: int, blank: float) -> pd.DataFrame:
    """Draw any answer to any question, some of them unknown, unsure, or one of two states."""
    columns = {}
    for name in USED:
        states = RULES.states[name]
        answers = [*states, *states, UNSURE, "|".join(states[-2:])]
        drawn = rng.choice(answers, rows).astype(object)
        drawn[rng.random(rows) < blank] = rng.choice(
            np.array(["", " ", None, np.nan], dtype=object)
        )
        columns[name] = drawn
    return pd.DataFrame(columns)


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.3, 0.8, 0.95]), st.booleans())
def test_a_table_says_what_each_row_would_say(seed: int, blank: float, more: bool) -> None:
    rng = np.random.default_rng(seed)
    frame = random_frame(rng, 20, blank)
    posterior = pd.DataFrame(rng.random((20, len(CONDITIONS))) ** 4, columns=CONDITIONS)
    posterior = posterior.mask(rng.random(posterior.shape) < 0.5)
    minor = rng.random(20) < 0.3
    table = triage_table(frame, posterior=posterior, minor=minor) if more else triage_table(frame)
    for i in range(20):
        row = frame.iloc[i]
        known = {k: str(v) for k, v in row.items() if isinstance(v, str) and v.strip()}
        believed = {str(k): float(p) for k, p in posterior.iloc[i].dropna().items()}
        one = triage(
            RULES,
            {str(k): v for k, v in known.items()},
            posterior=believed if more else None,
            minor=bool(minor[i]) and more,
        )
        assert table["level"].iloc[i] == one.level
        assert table["rules"].iloc[i] == ";".join(one.rules)
        assert table["provisional"].iloc[i] == one.provisional
        assert table["open_warning_signs"].iloc[i] == len(one.open_warning_signs)


def flags() -> list[tuple[str, str]]:
    """Every answer that alone leads to urgent care or more, and those that do so in company."""
    alone = [(name, state) for name, states in red_flags(RULES).items() for state in states]
    company = (
        *("injected_drugs", "immunosuppression", "recent_infection", "steroid_use", "osteoporosis"),
        *("cancer_history", "weight_loss", "progressive", "leg_pain_both_sides", "leg_numbness"),
    )
    return [*alone, *((name, "yes") for name in company), ("onset", "sudden")]


@pytest.mark.parametrize("seed", range(3))
def test_no_flag_lowers_the_level_of_any_subset_of_up_to_four(seed: int) -> None:
    """Exhaustively: each subset of up to four flags on random other findings."""
    rng = np.random.default_rng(seed)
    every = flags()
    others = {
        name: str(rng.choice((*RULES.states[name], UNSURE)))
        for name in USED
        if name not in dict(every) and rng.random() < 0.2
    }
    subsets = [
        subset
        for size in range(5)
        for subset in itertools.combinations(range(len(every)), size)
        if len({every[i][0] for i in subset}) == size
    ]
    number = {subset: i for i, subset in enumerate(subsets)}
    columns = {name: np.full(len(subsets), None, dtype=object) for name in dict(every)}
    for i, subset in enumerate(subsets):
        for name, state in (every[k] for k in subset):
            columns[name][i] = state
    frame = pd.DataFrame(columns).assign(**others)
    ranks = triage_table(frame)["level"].cat.codes.to_numpy()
    larger = [i for i, subset in enumerate(subsets) for _ in subset]
    smaller = [number[s[:k] + s[k + 1 :]] for s in subsets for k in range(len(s))]
    assert len(subsets) > 50_000
    assert (ranks[larger] <= ranks[smaller]).all()
    assert (ranks[1:] <= 1).mean() > 0.9  # the flags do alarm


def test_every_answer_an_urgent_rule_asks_for_only_raises_on_random_findings() -> None:
    frame = random_frame(np.random.default_rng(7), 2000, 0.85)
    before = triage_table(frame)["level"].cat.codes
    asked = {(a.variable, a.state) for rule in RULES.rules for a in rule.atoms if not a.negated}
    for name, state in sorted(asked):
        if name in MAY_EXCLUDE:
            continue
        unknown = frame[name].isna() | (frame[name].astype(str).str.strip() == "")
        after = triage_table(frame.assign(**{name: state}))["level"].cat.codes
        assert (after[unknown] <= before[unknown]).all(), (name, state)


def test_an_empty_table_and_a_table_without_known_findings() -> None:
    assert triage_table(pd.DataFrame({"fever": []})).shape == (0, 4)
    blank = triage_table(pd.DataFrame(index=["a", "b"]))
    assert blank["level"].tolist() == [LEVELS[-1]] * 2
    assert blank["rules"].tolist() == ["", ""]


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda: triage_table(pd.DataFrame({"fever": ["yes"]}), minor=[True, False]),
            CaseError,
            "minor has 2 rows where the table has 1",
        ),
        (
            lambda: triage_table(
                pd.DataFrame({"fever": ["yes"]}), posterior=pd.DataFrame({"malignancy": []})
            ),
            CaseError,
            "posterior has 0 rows where the table has 1",
        ),
        (
            lambda: triage_table(
                pd.DataFrame({"fever": ["yes"]}),
                posterior=pd.DataFrame({"malignancy": [2.0]}),
            ),
            CaseError,
            r"row 0: P\(malignancy\) is 2.0, not between 0 and 1",
        ),
        (
            lambda: triage_table(
                pd.DataFrame({"fever": ["yes"]}), posterior=pd.DataFrame({"x": [0.5]})
            ),
            UnknownNameError,
            "unknown condition 'x'",
        ),
    ],
)
def test_bad_tables_of_cases_name_the_row(
    call: Callable[[], object], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        call()


GOOD = "flag,urgent_physician,fever=yes,A reason.,Do this.,Today,expert,,\n"
COST = "malignancy,urgent_physician,Today,0.1,1,9,expert,D,\n"


@pytest.mark.parametrize(
    ("table", "rows", "message"),
    [
        (
            "triage.csv",
            GOOD.replace("urgent_", "urgnt_"),
            r"line 2: unknown level 'urgnt_physician'\. Did",
        ),
        (
            "triage.csv",
            GOOD.replace("fever", "fevr"),
            r"line 2: when: unknown variable 'fevr'\. Did",
        ),
        (
            "triage.csv",
            GOOD.replace("=yes", "=high"),
            "line 2: when: unknown state of fever 'high'",
        ),
        ("triage.csv", GOOD.replace("fever=yes", "fever"), "line 2: when: 'fever' cannot be read"),
        ("triage.csv", GOOD.replace("=yes", "=yes &"), "line 2: when: '' cannot be read"),
        ("triage.csv", GOOD.replace("fever=yes", ""), "line 2: when is empty"),
        (
            "triage.csv",
            GOOD.replace("=yes", "=yes|fever=yes"),
            "line 2: when: fever=yes is there twice",
        ),
        (
            "triage.csv",
            GOOD.replace("fever=yes", "2 of fever=yes"),
            "line 2: when: 2 of 1 alternatives can never hold",
        ),
        (
            "triage.csv",
            GOOD.replace("fever=yes", "2 of leg_weakness=one_side|leg_weakness=both_sides"),
            "line 2: when: 2 of 2 alternatives can never hold",
        ),
        ("triage.csv", GOOD.replace("fever=yes", "0 of fever=yes"), "line 2: when: 0 of 1"),
        (
            "triage.csv",
            GOOD.replace("fever=yes", "fever!=no"),
            "line 2: when: fever!=no would let an answer switch an alarm off",
        ),
        ("triage.csv", GOOD + GOOD, "line 3: rule 'flag' is there twice"),
        ("triage.csv", GOOD.replace("flag", ""), "line 2: rule is empty"),
        ("triage.csv", GOOD.replace("A reason.", ""), "line 2: reason is empty"),
        ("triage.csv", GOOD.replace("Do this.", ""), "line 2: what_to_do is empty"),
        ("triage.csv", GOOD.replace("Today", ""), "line 2: unknown how_soon ''"),
        ("triage.csv", GOOD.replace("expert", ""), "line 2: source is empty"),
        (
            "triage.csv",
            GOOD.replace("Do this", "Call {emergncy}"),
            r"line 2: what_to_do: unknown placeholder 'emergncy'\. Did you mean 'emergency'",
        ),
        (
            "triage.csv",
            GOOD.replace("Do this", "Call {"),
            "line 2: what_to_do: .* Braces hold one of",
        ),
        ("triage.csv", GOOD[:20] + "\n", "line 2: 2 cells where the header has 9"),
        ("thresholds.csv", COST.replace("malig", "malg"), "line 2: unknown condition 'malgnancy'"),
        (
            "thresholds.csv",
            COST.replace("urgent", "self"),
            "line 2: unknown level 'self_physician'",
        ),
        (
            "thresholds.csv",
            COST.replace("0.1,", "1.1,"),
            "line 2: threshold is 1.1, outside 0 to 1",
        ),
        (
            "thresholds.csv",
            COST.replace("0.1,", "0.2,"),
            "line 2: threshold is 0.2, but the costs give 0.1",
        ),
        ("thresholds.csv", COST.replace(",1,9", ",0,9"), "line 2: cost_false_alarm is 0, outside"),
        (
            "thresholds.csv",
            COST.replace(",9,", ",many,"),
            "line 2: cost_missed is 'many', not a number",
        ),
        ("thresholds.csv", COST.replace("D", "E"), "line 2: unknown grade 'E'"),
        ("thresholds.csv", COST.replace("expert", ""), "line 2: source is empty"),
        (
            "thresholds.csv",
            COST + COST,
            "line 3: malignancy has two thresholds for urgent_physician",
        ),
        ("triage_texts.csv", "sentense,nothing,x\n", r"line 2: unknown kind 'sentense'\. Did"),
        ("triage_texts.csv", "sentence,nothing,\n", "line 2: text is empty"),
        (
            "triage_texts.csv",
            "sentence,nothing,a\n" * 2,
            "line 3: sentence 'nothing' is there twice",
        ),
        (
            "triage_texts.csv",
            "sentence,nothing,a\n",
            "line 2: after this line, what_to_do 'emerg.* missing",
        ),
        ("triage_texts.csv", "", "line 1: after this line, what_to_do 'emerg.* missing"),
    ],
)
def test_a_broken_table_names_file_and_line(
    tmp_path: Path, table: str, rows: str, message: str
) -> None:
    for name in TRIAGE_TABLES:
        shutil.copy(data_dir() / f"{name}.csv", tmp_path)
    header = (data_dir() / table).read_text(encoding="utf-8").split("\n")[0]
    (tmp_path / table).write_text(f"{header}\n{rows}", encoding="utf-8")
    with pytest.raises(TableError, match=rf"{table}, {message}"):
        load_rules(tmp_path)


def test_a_second_urgent_rule_never_postpones_the_visit() -> None:
    """The soonest of the rules that fired at the level is the one that is said."""
    rules = load_rules()
    sooner = triage(rules, {"uncontrolled_pain": "yes"}).how_soon
    both = triage(rules, {"uncontrolled_pain": "yes", "leg_weakness": "one_side"})
    assert (sooner, both.how_soon) == ("Today", "Today")
    assert not any("two or three days" in text for text in both.what_to_do)
    raised = triage(rules, {}, posterior={"malignancy": 0.12})
    assert raised.how_soon == "Within two or three days"
    assert not any("today" in text for text in raised.what_to_do)
