"""No column without a meaning, and no fact that is not understood, hides what a row calls for."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbayes.batch.answers import check_wanted
from lumbayes.batch.files import answer_file
from lumbayes.batch.frames import score_table
from lumbayes.batch.sources import read_rows
from lumbayes.cases.case import understand
from lumbayes.cases.case_files import understand_text
from lumbayes.cases.cohort import joined, rows_from_cases
from lumbayes.cli import main
from lumbayes.errors import LumbayesError
from lumbayes.knowledge.model import Model
from lumbayes.service.answers import told_by
from lumbayes.triage.care_level import already_means, what_is_known

ROWS = {"fever": ["yes", ""], "low_back_pain": ["yes", "yes"], "saddle_numbness": ["", "yes"]}


@pytest.mark.parametrize("column", ["cough", "do:cough", "leg_pain:none", "fevr"])
@pytest.mark.parametrize("ending", ["csv", "csv.gz", "parquet"])
def test_a_table_refused_for_a_column_names_the_rows_that_cannot_wait(
    model: Model, tmp_path: Path, column: str, ending: str
) -> None:
    frame = pd.DataFrame(ROWS | {column: ["1", "1"]})
    source, target = tmp_path / f"in.{ending}", tmp_path / "out.csv"
    frame.to_parquet(source) if ending == "parquet" else frame.to_csv(source, index=False)
    with pytest.raises(LumbayesError) as refused:
        answer_file(model, str(source), str(target), check_wanted(model))
    first = 1 if ending == "parquet" else 2
    told = f"emergency_now in line {first + 1}; urgent_physician in line {first}."
    assert told in str(refused.value)
    assert not target.exists()
    with pytest.raises(LumbayesError, match="emergency_now in row 1; urgent_physician in row 0"):
        score_table(model, frame)


def test_of_a_long_refused_table_the_rest_is_judged_by_rules_and_that_is_said(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lumbayes.batch.alarms.WHOLE", 3)
    monkeypatch.setattr("lumbayes.batch.frames.ROWS", 2)
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    pd.DataFrame({"saddle_numbness": ["no"] * 6 + ["yes"], "cough": "1"}).to_csv(
        source, index=False
    )
    with pytest.raises(LumbayesError, match=r"emergency_now in line 8.*After the first 3 rows by"):
        answer_file(model, str(source), str(target), check_wanted(model))


def test_of_a_refused_table_full_of_mistakes_it_is_said_where_the_look_ended(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each line has an open quote: its cells count all the same, of the first twenty by name."""
    monkeypatch.setenv("LUMBAYES_REFUSED", "30")
    monkeypatch.setattr("lumbayes.batch.frames.ROWS", 40)
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("saddle_numbness,cough\n" + '"yes,1\n' * 500)
    with pytest.raises(LumbayesError, match="in line 2, 3, ") as refused:
        answer_file(model, str(source), str(target), check_wanted(model))
    assert "emergency_now" in str(refused.value) and " 21 and 20 more." in str(refused.value)
    assert "not looked at: more than 30 rows" in str(refused.value)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("first", ["yes", "no", ""])
def test_a_column_that_stands_twice_was_said_twice(
    model: Model, tmp_path: Path, ending: str, first: str
) -> None:
    source, target = tmp_path / f"in.{ending}", tmp_path / "out.csv"
    other = "no" if first == "yes" else "yes"
    names, cells = ["saddle_numbness", "slr", "saddle_numbness"], [first, "negative", other]
    if ending == "csv":
        source.write_text(f"{','.join(names)}\n{','.join(cells)}\n")
    else:
        pq.write_table(pa.table([pa.array([c]) for c in cells], names), source)
    line = 2 if ending == "csv" else 1
    with pytest.raises(LumbayesError, match=f"stands twice.*emergency_now in line {line}"):
        answer_file(model, str(source), str(target), check_wanted(model))
    with pytest.raises(LumbayesError, match=r"stands twice.*emergency_now in row 0"):
        score_table(model, pd.DataFrame([cells], columns=names))


def test_a_table_of_twice_a_column_without_a_row_that_can_be_used_is_refused(
    model: Model, tmp_path: Path
) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    for rows in ("", "\n", "a\n", '"'):
        source.write_text(f"fever,fever\n{rows}")
        with pytest.raises(LumbayesError, match="stands twice"):
            answer_file(model, str(source), str(target), check_wanted(model))


SIGN = {"saddle_numbness": "yes"}
RESPONSE = {
    "resourceType": "QuestionnaireResponse",
    "status": "completed",
    "item": [
        {"linkId": "a", "item": [{"linkId": n, "answer": [{"valueCoding": {"code": c}}]}]}
        for n, c in (("fever", "no"), ("saddle_numbness", "yes"), ("slr", "negative"))
    ],
}
TEXTS = {
    "bare words": json.dumps("saddle_numbness yes"),
    "a bare pair": json.dumps("id 7, saddle_numbness=yes"),
    "JSON in a text": json.dumps(json.dumps(SIGN)),
    "a list with other things": json.dumps([7, "x", [SIGN]]),
    "cut off": json.dumps({"findings": {**SIGN, "slr": "negative"}})[:-12],
    "a response cut off": json.dumps(RESPONSE)[:-20],
    "a bundle cut off": json.dumps({"resourceType": "Bundle", "entry": [{"resource": RESPONSE}]})[
        :-20
    ],
    "a response with a mistake before": json.dumps(RESPONSE).replace('"completed"', '"a" "b"'),
    "a response with a mistake inside": json.dumps(RESPONSE).replace("[{", "[zz{"),
    "a response with a mistake behind": json.dumps(RESPONSE) + "]",
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_can_be_read_of_a_broken_case_counts(
    model: Model, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the one door, as a line of a file, as a case of the command line and of the service."""
    text = TEXTS[name]
    case = understand_text(model, text)
    assert case.errors and what_is_known(model, case).level == "emergency_now"
    source, target = tmp_path / "in.jsonl", tmp_path / "out.csv"
    source.write_text(f'{{"fever": "no"}}\n{text}\n')
    answer_file(model, str(source), str(target), check_wanted(model, top=0))
    assert pd.read_csv(target)["level"].tolist()[1] == "emergency_now"
    path = tmp_path / "case.json"
    path.write_text(text)
    assert main(["assess", str(path)]) == 2
    told = capsys.readouterr()
    assert "999" in told.out or "emergency" in told.out.lower()
    assert "lumbayes:" in told.err
    advice = told_by(model, text.encode(), None)
    assert advice is not None and advice.level == "emergency_now"


@given(st.data())
def test_however_a_case_is_broken_a_sign_before_the_break_counts(
    model: Model, data: st.DataObject
) -> None:
    """Also in another form: ours, a response of FHIR, a bundle of it."""
    bundle = {"resourceType": "Bundle", "entry": [{"resource": RESPONSE}]}
    whole = json.dumps(data.draw(st.sampled_from([{"findings": SIGN}, RESPONSE, bundle])))
    at = whole.index('"yes"') + len('"yes"')
    stop = data.draw(st.integers(at, len(whole)))
    rest = data.draw(st.sampled_from(["", "}", "]", '"', ",", "\0", "zz", "[[", '"a": ', "{"]))
    case = understand_text(model, whole[:stop] + rest)
    assert case.findings["saddle_numbness"] == "yes"
    assert case.errors or json.loads(whole[:stop] + rest)


def test_what_is_not_understood_leaves_no_row_of_a_table_firm(model: Model, tmp_path: Path) -> None:
    """One person and a row of a table agree, whatever part of the file it stands in."""
    facts = [{}, {"bladder_paralysis": True}, {"leg_power": "2/5"}, {"zorbing": "twice"}]
    source, target = tmp_path / "in.jsonl", tmp_path / "out.csv"
    lines = [{"findings": {"low_back_pain": "yes"}, "facts": fact} for fact in facts * 3]
    source.write_text("".join(json.dumps(line) + "\n" for line in lines))
    answer_file(model, str(source), str(target), check_wanted(model, top=0))
    answers = pd.read_csv(target)
    cases = [understand(model, line) for line in lines]
    alone = [what_is_known(model, case) for case in cases]
    assert answers["level"].tolist() == [advice.level for advice in alone]
    assert answers["provisional"].tolist() == [advice.provisional for advice in alone]
    assert ["not_understood" in str(r) for r in answers["rules"]] == [
        "not_understood" in advice.rules for advice in alone
    ]
    rows = joined([rows_from_cases(model, cases[:5]), rows_from_cases(model, cases[5:])])
    assert rows.unclear == {i: tuple(c.unclear) for i, c in enumerate(cases) if c.unclear}


WORDS = st.sampled_from(["", "yes", "no", "zz", "zy", "none", "39", "unsure", "male", "pregnant"])


@given(st.lists(st.tuples(*[WORDS] * 5), min_size=1, max_size=12))
def test_a_row_is_refused_in_the_words_of_one_case(
    model: Model, rows: list[tuple[str, ...]]
) -> None:
    """Looked at together, wrong rows have the message and the level that each has alone."""
    names = ["fever", "sex", "pregnancy", "saddle_numbness", "minor"]
    answers = score_table(model, pd.DataFrame(rows, columns=names), top=0)
    for cells, (_, answer) in zip(rows, answers.iterrows(), strict=True):
        given = {n: c for n, c in zip(names, cells, strict=True) if c and n != "minor"}
        case = understand(model, {"findings": given, "minor": cells[-1] == "yes"})
        advice = what_is_known(model, case)
        if cells[-1] in ("", "yes", "no"):
            told = str(case.problem() or "")
            level = already_means(advice.level, bool(advice.contradictions)) if told else ""
            assert told + level == answer["error"] or told == answer["problem"]
        assert advice.level == answer["level"] or (pd.isna(answer["level"]) and answer["error"])
        if advice.level == "emergency_now":
            assert answer["level"] == "emergency_now"


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_after_too_many_mistakes_a_run_stops_and_says_what_cannot_wait(
    model: Model, tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Raised, the limit lets the same run go on to its end."""
    frame = pd.DataFrame({"fever": ["zz"] * 9, "saddle_numbness": ["no"] * 3 + ["yes"] + [""] * 5})
    source, target = tmp_path / f"in.{ending}", tmp_path / "out.csv"
    if ending == "jsonl":
        rows = ({n: s for n, s in row.items() if s} for row in frame.to_dict("records"))
        source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        frame.to_parquet(source) if ending == "parquet" else frame.to_csv(source, index=False)
    monkeypatch.setattr("lumbayes.batch.frames.ROWS", 2)
    monkeypatch.setenv("LUMBAYES_REFUSED", "5")
    first = 2 if ending == "csv" else 1
    with pytest.raises(LumbayesError) as stopped:
        answer_file(model, str(source), str(target), check_wanted(model))
    told = str(stopped.value)
    assert "more than 5 rows that cannot be used" in told and "LUMBAYES_REFUSED" in told
    assert f"The first is line {first}: unknown state of fever 'zz'" in told
    assert f"emergency_now in line {first + 3}" in told and not target.exists()
    with pytest.raises(LumbayesError, match=f"LUMBAYES_REFUSED.*line {first}"):
        read_rows(model, str(source))
    monkeypatch.setenv("LUMBAYES_REFUSED", "9")
    done = answer_file(model, str(source), str(target), check_wanted(model), resume=True)
    assert (done.answered, done.refused) == (1, 8)


@pytest.mark.parametrize("kind", [pa.float32(), pa.float64(), pa.int64(), pa.bool_(), pa.null()])
@pytest.mark.parametrize("dictionary", [False, True])
def test_a_cell_of_any_kind_of_parquet_is_wrong_by_its_code_as_by_its_words(
    model: Model, tmp_path: Path, kind: pa.DataType, dictionary: bool
) -> None:
    """What is not a number is blank, a number that is no state is told; neither is a traceback."""
    wrong = pa.types.is_floating(kind) or kind == pa.int64()
    said = {pa.int64(): [7, 1, None], pa.bool_(): [True, False, None], pa.null(): [None] * 3}
    cells = pa.array(said.get(kind, [7.0, float("nan"), None]), kind)
    cells = cells.dictionary_encode() if dictionary and kind != pa.null() else cells
    table = pa.table({"fever": cells, "low_back_pain": ["yes"] * 3})
    source, target = tmp_path / "in.parquet", tmp_path / "out.csv"
    pq.write_table(table, source)
    answer_file(model, str(source), str(target), check_wanted(model, top=0))
    told = pd.read_csv(target)["problem"].dropna().tolist()  # an open sign is answered all the same
    assert len(told) == wrong and all("unknown state of fever '7" in said for said in told)


@pytest.mark.parametrize("ending", ["parquet", "pq", "csv.gz"])
@pytest.mark.parametrize("command", ["batch", "learn", "evaluate", "assess"])
def test_the_bytes_of_a_packed_table_say_nothing_of_anybody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ending: str, command: str
) -> None:
    """Parquet and gzip were read as the words of a person beside the mistake in them."""
    source = tmp_path / f"in.{ending}"
    rows = {"fever": ["no"] * 50, "saddle_numbness": ["no"] * 50, "note": ["yes"] * 50}
    frame = pd.DataFrame(rows)
    frame.to_csv(source, index=False) if "csv" in ending else frame.to_parquet(source)
    target = {"batch": [str(tmp_path / "out.csv")], "learn": [str(tmp_path / "new")]}
    assert main([command, str(source), *target.get(command, [])]) == 2
    told = "".join(capsys.readouterr())
    assert "DOCTOR" not in told and "GET HELP" not in told and "already means" not in told
