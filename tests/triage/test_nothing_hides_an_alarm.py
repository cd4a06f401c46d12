"""The law: no contradiction and no mistake lowers the level of an emergency or urgent sign."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import rule_examples
from rule_examples import FIRES

import lumbayes
from lumbayes.batch.answers import answer_rows, check_wanted
from lumbayes.batch.frames import score_table
from lumbayes.cases.case import Case, case_to_dict, parse_case, understand
from lumbayes.cases.case_files import understand_text
from lumbayes.cases.cohort import rows_from_cases
from lumbayes.cli import main
from lumbayes.errors import LumbayesError
from lumbayes.knowledge.model import Model
from lumbayes.triage.care_level import admit, care_level
from lumbayes.triage.judgement import judge, red_flags, triage
from lumbayes.triage.known import case_known, rules_level
from lumbayes.triage.reader import load_rules
from lumbayes.triage.rules import LEVELS
from lumbayes.triage.table import judge_table, known_columns

RULES = load_rules()
ALARMS = {rule.name: rule for rule in RULES.rules if LEVELS.index(rule.level) <= 1}


def findings(name: str) -> dict[str, Any]:
    """The example of a rule, as answers."""
    return dict(rule_examples.findings(FIRES[name]))


def denied(said: dict[str, Any]) -> dict[str, Any]:
    """For each answer one that excludes it."""
    return {n: next(s for s in RULES.states[n] if s != state) for n, state in said.items()}


def rank(case: Case) -> int:
    """The place of a case's level by the rules, 0 for an emergency."""
    return LEVELS.index(rules_level(RULES, case_known(RULES, case), minor=case.minor))


# What may be wrong with a case besides; each takes the answers and returns a case.
CONTRADICTIONS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a man who is pregnant": lambda said: {
        "findings": {"sex": "male", "pregnancy": "pregnant", **said}
    },
    "no pain, with a pain": lambda said: {
        "findings": {"low_back_pain": "yes", "duration": "no_pain", **said}
    },
    "both legs, with no pain in a leg": lambda said: {
        "findings": {"leg_pain": "none", "leg_pain_both_sides": "yes", **said}
    },
    "a fact that says another sex": lambda said: {
        "findings": {**said, "sex": "male"},
        "facts": {"sex": "female"},
    },
    "every answer denied as a fact": lambda said: {
        "findings": said,
        "facts": {
            n: s for n, s in denied(said).items() if n not in ("duration", "age_band", "sex")
        },
    },
    "every answer denied in a list": lambda said: {
        "findings": said,
        "said": {n: [said[n], s] for n, s in denied(said).items()},
    },
    "unsure of what a fact says": lambda said: {
        "findings": {"fever": "unsure", **said},
        "facts": {"temperature_c": 37},
    },
    "done and found": lambda said: {
        "findings": {**said, "sitting": "over_8h"},
        "do": {"sitting": "under_6h"},
    },
}
MISTAKES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "an unknown variable": lambda said: {"findings": {**said, "fevr": "yes"}},
    "an unknown state": lambda said: {"findings": {"slr": "postive", **said}},
    "a number for a state": lambda said: {"findings": {"thomas": 3, **said}},
    "a list for a state": lambda said: {"findings": {"thomas": [1], **said}},
    "an unknown part": lambda said: {"findings": said, "fact": {}},
    "facts that are no object": lambda said: {"findings": said, "facts": ["x"]},
    "a fact of the wrong kind": lambda said: {"findings": said, "facts": {"age_years": [1]}},
    "an unknown fact": lambda said: {"findings": said, "facts": {"qqqq": {"a": 1}}},
    "weights of nothing": lambda said: {"findings": said, "likelihoods": {"thomas": 0.5}},
    "weights below zero": lambda said: {
        "findings": said,
        "likelihoods": {"thomas": {"negative": -1, "positive": 1}},
    },
    "a likelihood without a variable": lambda said: {"findings": said, "likelihoods": {"x": {}}},
    "something unknown done": lambda said: {"findings": said, "do": {"sittin": "under_6h"}},
    "minor is a word": lambda said: {"findings": said, "minor": "perhaps"},
    "warnings are a number": lambda said: {"findings": said, "warnings": 3},
}


@pytest.mark.parametrize("wrong", [*CONTRADICTIONS, *MISTAKES])
def test_an_alarm_outlives_whatever_else_is_wrong(model: Model, wrong: str) -> None:
    """Every emergency and urgent rule with every contradiction and every malformed field."""
    for name in ALARMS:
        said = findings(name)
        case = understand(model, {**CONTRADICTIONS, **MISTAKES}[wrong](said))
        assert rank(case) <= LEVELS.index(rules_level(RULES, RULES.known(said))), name
        assert admit(model, case) is case
        again = understand(model, case_to_dict(model, case))
        assert case_known(RULES, again) == case_known(RULES, case), name


@pytest.mark.parametrize("wrong", CONTRADICTIONS)
def test_what_contradicts_itself_is_named_and_refused_where_it_calls_for_no_visit(
    model: Model, wrong: str
) -> None:
    case = understand(model, CONTRADICTIONS[wrong]({"slr": "positive"}))
    assert case.contradictions and not case.errors
    if care_level(model, case).level == LEVELS[-1]:
        with pytest.raises(LumbayesError):
            admit(model, case)
    else:  # pain in both legs, in whichever reading
        assert wrong.startswith("both legs") and admit(model, case) is case
    with pytest.raises(LumbayesError):
        parse_case(model, CONTRADICTIONS[wrong]({"slr": "positive"}))
    alarming = understand(model, CONTRADICTIONS[wrong]({"saddle_numbness": "yes"}))
    advice = care_level(model, alarming)
    shown = (*alarming.disagreements, *alarming.contradictions)
    assert advice.level == LEVELS[0] and advice.contradictions == shown and advice.provisional


BROKEN: dict[str, Callable[[str], str]] = {
    "cut short": lambda text: text[:-2],
    "a word that is no JSON": lambda text: text[:-1] + ', "slr": positive}',
    "no number": lambda text: text[:-1] + ', "facts": {"age_years": NaN}}',
    "a number without end": lambda text: text[:-1] + ', "facts": {"age_years": ' + "9" * 500 + "}}",
    "a field twice": lambda text: text[:-1] + ', "minor": false, "minor": true}',
    "nested too deeply": lambda text: text[:-1] + ', "note": ' + "[" * 100_000 + "}",
}


@pytest.mark.parametrize("wrong", BROKEN)
def test_an_alarm_outlives_broken_json(model: Model, wrong: str) -> None:
    for name in ALARMS:
        said = findings(name)
        case = understand_text(model, BROKEN[wrong](json.dumps({"findings": said})))
        assert case.errors
        assert rank(case) <= LEVELS.index(rules_level(RULES, RULES.known(said))), name
        assert admit(model, case) is case


def test_every_other_answer_on_a_sign_counts_too(model: Model) -> None:
    """An answer given twice: the alarming one counts, whichever comes first."""
    for text in (
        '{"saddle_numbness": "yes", "saddle_numbness": "no"}',
        '{"findings": {"saddle_numbness": "no"}, "findings": {"saddle_numbness": "yes"}}',
        '{"saddle_numbness": "yes", "findings": {"saddle_numbness": "no"}}',
    ):
        case = understand_text(model, text)
        assert care_level(model, admit(model, case)).level == LEVELS[0], text


COMMANDS = (
    ("assess", "--draws", "0"),
    ("assess", "--draws", "0", "--json"),
    ("explain",),
    ("explain", "--json"),
    ("exercises",),
    ("exercises", "--json"),
    ("what-if", "--do", "sitting=under_6h", "--draws", "20"),
    ("what-if", "--do", "sitting=under_6h", "--draws", "20", "--json"),
    ("sensitivity", "--target", "gtps"),
    ("ask",),
)
WRONG = {
    "contradiction": ("sex=male", "pregnancy=pregnant"),
    "no pain": ("low_back_pain=yes", "duration=no_pain"),
    "twice": ("slr=negative", "slr=positive"),
    "denied too": ("saddle_numbness=no", "leg_weakness=none"),
    "typing error": ("fevr=yes",),
    "unknown state": ("fever=yse",),
    "half a pair": ("fever=",),
    "no such file": ("no_such.json",),
    "broken JSON": ('{"findings": {"slr": ',),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_acts_on_an_alarm_first(
    command: tuple[str, ...],
    wrong: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Emergency and urgent signs, in text and JSON; a mistake still ends with status 2."""
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    mistaken = wrong in ("typing error", "unknown state", "half a pair", "no such file")
    for sign, words in (
        ("saddle_numbness=yes", "emergency department now"),
        ("leg_weakness=one_side", "doctor"),
    ):
        status = main([command[0], sign, *WRONG[wrong], *command[1:]])
        out, err = capsys.readouterr()
        assert words in " ".join((out + err).split())
        assert status == (2 if mistaken or wrong == "broken JSON" else 0)
        if "--json" in command:
            answer = json.loads(out)
            assert LEVELS.index(answer["triage"]["level"]) <= 1
            if wrong in ("contradiction", "no pain", "twice", "denied too"):
                assert answer["triage"]["contradictions"] or wrong == "denied too"


OPTIONS = (
    ("--region", "XX"),
    ("--region",),
    ("--draws", "abc"),
    ("--draws", "-5"),
    ("--level", "9"),
    ("--equipment", "foo"),
    ("--report", "/no/such/folder/x.html"),
    ("--tables", "/no/such/folder"),
    ("--foo",),
    ("--json", "--foo"),
)


ENDED = (("saddle_numbness=yes", "exercises"), ("saddle_numbness=yes", "what-if"))


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
@pytest.mark.parametrize("command", ["assess", "exercises", "explain", "what-if", "asess"])
def test_no_option_hides_an_alarm(
    command: str, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """What is wrong besides, in any option of any command, is said after the advice; status 2."""
    signs = {"saddle_numbness=yes": "emergency department now", "leg_weakness=one_side": "doctor"}
    for sign, words in signs.items():
        # A page that an emergency has ended is whole: what its rest would have asked is not read.
        assert main([command, sign, *options]) == 2 or (sign, command) in ENDED
        out, err = capsys.readouterr()
        said = err if "--json" in options else out
        assert words in " ".join(said.split())
        if "--json" in options:
            assert LEVELS.index(json.loads(out)["triage"]["level"]) <= 1
    assert main([command, *options]) == 2 or command == "what-if"
    assert "emergency department now" not in capsys.readouterr().out


def test_every_alarm_is_said_before_a_mistake_in_an_option(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ALARMS:
        pairs = [f"{n}={s}" for n, s in findings(name).items()]
        assert main(["assess", *pairs, "--foo"]) == 2, name
        assert len(capsys.readouterr().out) > 100, name


def test_an_emergency_stops_the_page_and_a_clinician_can_go_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for command in (
        ["explain", "--target", "cauda_equina_syndrome"],
        ["exercises"],
        ["what-if", "--do", "sitting=under_6h", "--draws", "20"],
        ["sensitivity", "--target", "gtps"],
        ["assess", "--draws", "0"],
    ):
        said = ["saddle_numbness=yes", "low_back_pain=yes"]
        assert main([command[0], *said, *command[1:]]) == 0
        short = capsys.readouterr().out
        assert short.startswith("GET HELP NOW") and "TO SHOW OR TO READ OUT" in short
        assert " in 100" not in short and " in 1,000" not in short
        assert main([command[0], *said, *command[1:], "--show-anyway"]) == 0
        assert len(capsys.readouterr().out) > len(short)


def test_a_fact_that_smells_of_danger_never_passes_silently(model: Model) -> None:
    """Not understood and alarming: at least a routine visit, never firm, and named back."""
    for facts in (
        {"blood of some odd kind": True},
        {"odd": "sudden paralysis of some kind"},
    ):
        case = understand(model, {"findings": {"low_back_pain": "yes"}, "facts": facts})
        advice = care_level(model, admit(model, case))
        assert LEVELS.index(advice.level) <= 2 and advice.provisional
        assert any("not understood" in reason for reason in advice.reasons)
        assert any("not understood, so not used" in warning for warning in case.warnings)
    harmless = {"occupation": "nurse", "no bladder paralysis": True, "limb paralysis": "no"}
    case = understand(model, {"facts": harmless})
    assert not case.unclear and len(case.warnings) >= 1


def test_triage_of_strings_and_of_cases_agree(model: Model) -> None:
    for name in ALARMS:
        case = understand(model, {"findings": findings(name)})
        assert triage(RULES, findings(name)).level == rules_level(RULES, case_known(RULES, case))


def test_no_row_of_a_table_loses_an_alarm(model: Model) -> None:
    """Every emergency and urgent rule in rows that contradict themselves or cannot be read."""
    rows, levels = [], []
    for name in ALARMS:
        said = findings(name)
        for more in (
            {"sex": "male", "pregnancy": "pregnant"},
            {"leg_pain": "none", "leg_pain_both_sides": "yes"},
            {"low_back_pain": "yes", "duration": "no_pain"},
            {"thomas": "postive"},
            {"minor": "perhaps"},
            {"thomas:negative": "x", "thomas:positive": "1"},
            {"do:sitting": "under_6h", "sitting": "over_8h"},
        ):
            rows.append({**more, **said})
            levels.append(LEVELS.index(rules_level(RULES, RULES.known(said))))
    answers = score_table(model, pd.DataFrame(rows), targets=[], top=1)
    assert (answers["level"].cat.codes.to_numpy() <= np.array(levels)).all()
    assert (answers["error"] == "").all()
    assert (answers["problem"] != "").mean() > 0.8
    man = {"sex": "male", "pregnancy": "pregnant"}
    refused = score_table(model, pd.DataFrame([man, {"weight_loss": "yes", "slr": "nay"}]))
    assert refused["level"].isna().all() and "cannot both hold" in refused["error"].iloc[0]
    for reason, level in zip(refused["error"], (LEVELS[-1], LEVELS[2]), strict=True):
        assert f"already means: {level}" in reason


def test_rows_of_cases_that_contradict_themselves_are_judged_as_alone(model: Model) -> None:
    """Levels, what fired and how many signs are open: the table of many cases says it of each."""
    cases = [
        understand(model, CONTRADICTIONS[wrong](findings(name)))
        for name in list(FIRES)[::3]
        for wrong in CONTRADICTIONS
    ]
    cohort = rows_from_cases(model, cases)
    table = judge_table(RULES, known_columns(RULES, cohort), cohort.size, minor=cohort.minor)
    for case, row in zip(cases, table.to_dict("records"), strict=True):
        advice = judge(RULES, case_known(RULES, case), minor=case.minor)
        assert row["level"] == advice.level
        assert set(str(row["rules"]).split(";")) - {""} == set(advice.rules)
        assert row["open_warning_signs"] == len(advice.open_warning_signs)
        assert row["provisional"] == advice.provisional


def test_a_line_of_json_keeps_its_alarm(model: Model, tmp_path: Path) -> None:
    lines = [
        json.dumps(wrong({"saddle_numbness": "yes"}))
        for wrong in (*CONTRADICTIONS.values(), *MISTAKES.values())
    ]
    alone = json.dumps({"findings": {"saddle_numbness": "yes"}})
    lines += [wrong(alone) for wrong in BROKEN.values()]
    (tmp_path / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    for target in ("out.jsonl", "out.csv"):
        assert main(["batch", str(tmp_path / "in.jsonl"), str(tmp_path / target)]) == 0
    answers = [json.loads(x) for x in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert len(answers) == len(lines)
    assert {answer["triage"]["level"] for answer in answers} == {LEVELS[0]}
    table = pd.read_csv(tmp_path / "out.csv")
    assert len(table) == len(lines) and set(table["level"]) == {LEVELS[0]}


@pytest.mark.parametrize(
    "line",
    ["yes,yes,", "yes,yes,x", "x,yes,yes", "yes", 'yes,"yes'],
)
def test_a_line_that_is_no_row_says_what_it_already_means(tmp_path: Path, line: str) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(f"saddle_numbness,low_back_pain\nno,yes\n{line}\n")
    assert main(["batch", str(source), str(target)]) == 1
    (reason,) = pd.read_csv(f"{target}.bad.csv")["reason"]
    assert f"already means: {LEVELS[0]}" in reason


@pytest.mark.parametrize(
    "facts",
    [
        {"breathlessness": True},
        {"heart_attack_signs": True},
        {"bladder_or_bowel_worse": True},
        {"leg_weakness": True},
        {"weight_loss_kg": 12},
        {"low_back_pain": "with saddle numbness"},
        {"low_back_pain": "yes, and cannot pee"},
        {"low_back_pain": "with black stool"},
        {"low_back_pain": "after a car crash"},
        {"low_back_pain": "with both legs weak"},
        {"low_back_pain": "sudden, collapsed"},
    ],
)
def test_however_a_sign_is_told_its_denial_beside_it_lowers_nothing(
    model: Model, facts: dict[str, object]
) -> None:
    """By its own name, by a default or within the value of another fact: both are shown."""
    alone = care_level(model, understand(model, {"facts": facts}))
    denied = {name: model.variables[name].states[0] for name in red_flags(model)}
    not_signs = {"duration", "age_band", "sex", "pregnancy", "onset", "low_back_pain"}
    calm = {n: s for n, s in denied.items() if n not in not_signs}
    calm |= dict.fromkeys(("weight_loss", "urinary_incontinence", "urinary_retention"), "no")
    calm["trauma"] = "none"
    case = understand(model, {"facts": facts, "findings": calm})
    beside = care_level(model, case)
    assert LEVELS.index(beside.level) <= LEVELS.index(alone.level)
    assert beside.provisional or beside.level == "emergency_now"
    assert case.contradictions


@pytest.mark.parametrize(
    "data",
    [
        {"facts": ["cannot_pee", "low_back_pain"]},
        {"facts": "cannot pee, back pain"},
        {"finding": {"saddle_numbness": "yes"}},
        {"Findings": {"saddle_numbness": "yes"}},
        {"findings": [["saddle_numbness", "yes"]]},
        {"findings": ["saddle_numbness=yes"]},
        {"patient": {"findings": {"saddle_numbness": "yes"}}},
        {"cases": [{"findings": {"saddle_numbness": "yes"}}]},
        {"input": [{"findings": {"saddle_numbness": "yes"}}]},
        {"answers": {"saddle_numbness": "yes"}, "facts": {"age_years": 40}},
        {"responses": [{"variable": "saddle_numbness", "state": "yes"}, {"name": "fever"}]},
        {"findings": [{"variable": "saddle_numbness", "state": "yes"}]},
        {"findings": {"nerves": {"saddle_numbness": "yes"}}},
        {"findings": {"nerves": {"told": "numb in the saddle area"}}},
        {"findings": {"SaddleNumbness": "yes", "slr": "negative"}},
        {"saddleNumbness": True},
        {"findings": {"saddle_numbness": {"state": "yes"}}},
        {"findings": {"saddle_numbness": {"no": 0, "yes": 1}}},
        {"findings": {"saddle_numbness": "yes|yes"}},
        {"told": "I cannot pee"},
        {"symptoms": ["back pain", "cannot pee"]},
        [{"findings": {"saddle_numbness": "no"}}, {"answers": {"saddle_numbness": "yes"}}],
        [{"variable": "saddle_numbness", "state": "yes"}, {"variable": "fever", "state": "no"}],
        {"likelihoods": {"saddle_numbness": {"no": 1e-9, "yes": 1}}},
        {
            "findings": {"saddle_numbness": "no"},
            "likelihoods": {"saddle_numbness": {"no": 1e-9, "yes": 1}},
        },
    ],
)
def test_a_case_of_another_shape_keeps_its_level(model: Model, data: dict[str, object]) -> None:
    case = understand(model, data)
    assert care_level(model, case).level == "emergency_now"
    assert case.errors or "likelihoods" in data


SHAPES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "under a foreign name": lambda said: {"answers": said},
    "in a foreign group": lambda said: {"findings": {"group": said}},
    "in a list under a foreign name": lambda said: {"input": [{"findings": said}]},
    "beside a part": lambda said: {"facts": {"age_years": 40}, "person": {"answers": said}},
    "pair by pair": lambda said: {"rows": [{"variable": n, "state": s} for n, s in said.items()]},
    "one object each": lambda said: [{n: s} for n, s in said.items()],
    "in camel case": lambda said: {
        "findings": {"".join(w.title() for w in n.split("_")): s for n, s in said.items()}
    },
    "with objects for states": lambda said: {n: {"value": s} for n, s in said.items()},
    "with bars": lambda said: {n: f"{s}|{s}" for n, s in said.items()},
    "with yes in other words": lambda said: {
        n: {"yes": "present", "positive": "+"}.get(s, s) for n, s in said.items()
    },
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_alarm_is_read_from_every_shape(model: Model, shape: str) -> None:
    for name in ALARMS:
        said = findings(name)
        case = understand(model, SHAPES[shape](said))
        assert rank(case) <= LEVELS.index(rules_level(RULES, RULES.known(said))), name


@pytest.mark.parametrize("name", [n for n in red_flags(RULES) if "yes" in RULES.states[n]])
def test_a_report_and_a_denial_of_it_among_facts_are_both_shown(model: Model, name: str) -> None:
    """Told as two names, as two values, or true and denied: the level stays, with the two."""
    for facts in (
        {name: ["no", "yes"]},
        {name: True, f"no_{name}": True},
        {name: False, "told": [name.replace("_", " ")]},
    ):
        case = understand(model, {"facts": facts})
        alone = care_level(model, understand(model, {"facts": {name: True}}))
        beside = care_level(model, case)
        assert LEVELS.index(beside.level) <= LEVELS.index(alone.level), facts
        told = case.findings.get(name) == "yes" or name in case.said
        assert (beside.contradictions and beside.provisional) or not told, (facts, case)
        rows = rows_from_cases(model, [case, understand(model, {})])
        table = answer_rows(model, rows, check_wanted(model, [], 0), {0: case})[0]
        assert table["provisional"][0]


def test_new_trouble_beside_old_and_stable_is_new(model: Model) -> None:
    signs = model.with_role("new_only")
    for sign in signs:
        for told in ("since yesterday", "2 weeks ago", "yes, worse than before", "new"):
            old = {sign: "yes", "sphincter_signs_old_stable": "yes"}
            case = understand(model, {"findings": old, "facts": {sign: told}})
            advice = care_level(model, case)
            assert advice.level == LEVELS[0] and advice.contradictions, (sign, told)
        for told in ("same for ten years", "unchanged since 3 years"):
            advice = care_level(model, understand(model, {"facts": {sign: told}}))
            assert advice.level == LEVELS[2], (sign, told)


@pytest.mark.parametrize("told", ["last week", "10 days ago", "yesterday", "3 weeks post-op"])
@pytest.mark.parametrize("name", ["spinal_surgery", "back surgery", "spine_surgery"])
def test_an_operation_told_with_a_time_is_a_recent_one(model: Model, name: str, told: str) -> None:
    calm = {"recent_infection": "no", "low_back_pain": "yes"}
    case = understand(model, {"facts": {name: told}})
    assert case.findings["recent_infection"] == "yes"
    assert understand(model, {"findings": calm, "facts": {name: told}}).contradictions
    case = understand(model, {"facts": {name: "six years ago"}})
    assert "recent_infection" not in case.findings


CALM = (
    ("sex=male", "pregnancy=pregnant"),
    ("low_back_pain=yes", "duration=no_pain"),
    ("malaise=no", "systemic_symptoms=true"),
    ("slr=negative", "slr=positive"),
)


@pytest.mark.parametrize("said", CALM, ids=" ".join)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_tells_the_level_of_a_calm_case_that_contradicts_itself(
    command: tuple[str, ...],
    said: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    model: Model,
) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    main([command[0], *said, *command[1:]])
    out, err = capsys.readouterr()
    shown = " ".join((out + err).split())
    assert "do not fit together" in shown and "warning sign" in shown
    if "--json" in command:
        answer = json.loads(out)
        assert answer["triage"]["level"] == LEVELS[-1] and answer["triage"]["contradictions"]
        assert answer["triage"]["provisional"] and answer["error"]
    with pytest.raises(LumbayesError, match="already means") as raised:
        lumbayes.assess(model, dict(findings_of(said)))
    assert raised.value.triage.contradictions


def findings_of(pairs: tuple[str, ...]) -> dict[str, Any]:
    """Pairs as facts and findings of a case; a variable given twice keeps both."""
    given: dict[str, list[str]] = {}
    for pair in pairs:
        name, _, state = pair.partition("=")
        given.setdefault(name, []).append(state)
    return {n: s if len(s) > 1 else s[0] for n, s in given.items()}


@pytest.mark.parametrize(
    "facts",
    [
        {"bed": "wet every night since Monday"},
        {"source": "A&E, cauda equina query"},
        {"expectations": "none, I want to die"},
        {"pvr": "40 ml after self-catheterising"},
        {"temperature": "37.0 after paracetamol"},
    ],
)
def test_a_story_under_a_harmless_name_and_a_number_undone_leave_nothing_firm(
    model: Model, facts: dict[str, object]
) -> None:
    case = understand(model, {"facts": facts})
    assert case.unclear or LEVELS.index(care_level(model, case).level) <= 1


@pytest.mark.parametrize("header", ["Low Back Pain,Saddle Numbness", "low-back-pain,saddle"])
def test_a_table_whose_headers_are_written_otherwise_is_refused_with_its_levels(
    tmp_path: Path, header: str, capsys: pytest.CaptureFixture[str], model: Model
) -> None:
    source = tmp_path / "in.csv"
    source.write_text(f"{header}\nyes,no\nyes,yes\n")
    assert main(["batch", str(source), str(tmp_path / "out.csv")]) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert f"already means: {LEVELS[0]} in line 3" in told
    with pytest.raises(LumbayesError, match=f"already means: {LEVELS[0]} in row 1"):
        score_table(model, pd.read_csv(source))
