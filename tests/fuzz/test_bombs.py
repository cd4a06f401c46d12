"""Small files that would unfold to much: each is refused by name, in little memory."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from lumbayes.batch.arrow_parts import open_parquet
from lumbayes.cases.case_files import understand_text
from lumbayes.errors import FEW, LumbayesError
from lumbayes.knowledge.model import Model
from lumbayes.network.formats import read_network
from lumbayes.triage.care_level import what_is_known

MOST = 500  # megabytes above the idle level
CHILD = """
import contextlib, io, json, os, resource, sys
from lumbayes.cli import main
def peak():
    own, done = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    return (resource.getrusage(own).ru_maxrss + resource.getrusage(done).ru_maxrss) // 1024
def run(*words):
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        status = main(list(words))
    return status, said.getvalue()
if __name__ == "__main__":
    open("small.csv", "w").write("fever\\nyes\\n")
    run("batch", "small.csv", "small.out.csv", "--quiet")
    idle = peak()
    for line in sys.stdin:
        folder, *words = json.loads(line)
        os.chdir(folder)
        status, said = run(*words)
        print(json.dumps([peak() - idle, status, " ".join(said.split())[-600:]]), flush=True)
"""


def gz(path: Path, pieces: list[tuple[bytes, int]]) -> None:
    with gzip.open(path, "wb", compresslevel=1) as file:
        for piece, times in pieces:
            block = piece * max(1, (1 << 20) // len(piece))
            whole, rest = divmod(times * len(piece), len(block))
            for _ in range(whole):
                file.write(block)
            file.write(block[:rest])


def many_rows(path: Path, millions: int = 60) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = pa.array(["no"]).dictionary_encode()
    many = pa.DictionaryArray.from_arrays(pa.repeat(0, 1_000_000).cast("int32"), rows.dictionary)
    table = pa.table({"fever": many})
    with pq.ParquetWriter(path, table.schema) as writer:
        for _ in range(millions):
            writer.write_table(table)


def one_text(path: Path, size: int, rows: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    words = pa.DictionaryArray.from_arrays(pa.repeat(0, rows).cast("int32"), pa.array(["x" * size]))
    table = pa.table({"fever": ["no"] * rows, "note": words})
    pq.write_table(table, path, compression="zstd", dictionary_pagesize_limit=1 << 30)


MEGA = 1_000_000
LINE = r"more than 1,000,000 bytes in one line.*LUMBAYES_LINE_BYTES"
BOMBS = {
    "cell.csv.gz": ([(b"fever,id\nyes,", 1), (b"x", 200 * MEGA)], "could not be used"),
    "header.csv.gz": ([(b"x", 200 * MEGA)], LINE),
    "columns.csv": ([(b"a,", 400_000)], r"more than 5,000 columns.*LUMBAYES_COLUMNS"),
    "line.jsonl.gz": ([(b'{"fever": "', 1), (b"x", 200 * MEGA)], "could not be used"),
    "nested.jsonl": ([(b"[", 900_000)], "could not be used"),
    "keys.jsonl": ([(b'{"a":1', 1), (b',"b":1', 150_000), (b"}\n", 1)], "could not be used"),
    "digits.jsonl": ([(b'{"a":', 1), (b"9", 900_000), (b"}\n", 1)], "could not be used"),
    "longlines.jsonl.gz": ([((b"x" * 900_000) + b"\n", 400)], "could not be used"),
    "blank.csv.gz": ([(b"fever,slr\n", 1), (b"\n", 600 * MEGA)], "20,000,000 lines.*LUMBAYES_ROWS"),
    "rows.jsonl.gz": ([(b"{}\n", 30 * MEGA)], "20,000,000 lines.*LUMBAYES_ROWS"),
    "file.bif.gz": ([(b" ", 700 * MEGA)], r"67,108,864 bytes, unpacked.*LUMBAYES_NETWORK_BYTES"),
    "digits.bif.gz": (
        [
            (b"network n { } variable a { type discrete [ 2 ] { x, y }; }", 1),
            (b"probability ( a ) { table 0.", 1),
            (b"5", 30 * MEGA),
            (b", 0.5; }", 1),
        ],
        "100 digits in one number.*LUMBAYES_DIGITS",
    ),
    "words.bif.gz": (
        [(b"variable a { type discrete [ 2 ] { ", 1), (b"a ", 30 * MEGA)],
        r"1,000,000 elements, rows or states in a network file.*LUMBAYES_NETWORK_PIECES",
    ),
    "numbers.xml.gz": (
        [
            (
                b"<BIF><VARIABLE><NAME>a</NAME><OUTCOME>b</OUTCOME></VARIABLE><DEFINITION>"
                b"<FOR>a</FOR><TABLE>",
                1,
            ),
            (b"0 ", 16 * MEGA),
            (b"</TABLE></DEFINITION></BIF>", 1),
        ],
        "4,194,304 probabilities in the tables.*LUMBAYES_NETWORK_ENTRIES",
    ),
    "elements.xml.gz": ([(b"<BIF>", 1), (b"<A/>", 16 * MEGA), (b"</BIF>", 1)], "NETWORK_PIECES"),
    "attributes.xdsl.gz": ([(b"<smile", 1), (b' a="b"', 3 * MEGA), (b"/>", 1)], "NETWORK_PIECES"),
    "deep.xdsl.gz": ([(b"<a>", 900_000), (b"</a>", 900_000)], r"deep\.xdsl\.gz: "),
    "laughs.xml": (
        [(b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaaaa"><!ENTITY b "&a;&a;">]><BIF>&b;</BIF>', 1)],
        "defines entities",
    ),
    "rows.csv.gz": (
        [(b"variable,state,given,probability\n", 1), (b"a,b,c=d,0.5\n", 1), (b"\n", 60 * MEGA)],
        r"rows\.csv\.gz",
    ),
    "parents.csv": (
        [(b"variable,state,given,probability\n", 1)]
        + [(f"v{i},{s},,0.5\n".encode(), 1) for i in range(60) for s in "yn"]
        + [(b"x,a," + b"; ".join(b"v%d=y" % i for i in range(60)) + b",1\n", 1)],
        "LUMBAYES_NETWORK_ENTRIES",
    ),
    "lists.net.gz": ([(b"node a { states = (", 1), (b"a ", 30 * MEGA)], "NETWORK_PIECES"),
    "cards.uai": ([(b"BAYES 3 999999999 2 2 ", 1)], "LUMBAYES_NETWORK_PIECES"),
    "table.bif": (
        [
            (
                b"variable a { type discrete [ 300 ] { "
                + b" ".join(b"s%d" % i for i in range(300))
                + b" }; } ",
                1,
            )
        ]
        + [
            (
                b"variable %s { type discrete [ 300 ] { " % n
                + b" ".join(b"s%d" % i for i in range(300))
                + b" }; } ",
                1,
            )
            for n in (b"b", b"c", b"d")
        ]
        + [(b"probability ( a | b c d ) { default 1; }", 1)],
        "LUMBAYES_NETWORK_ENTRIES",
    ),
}
NETWORKS = (".bif", ".xml", ".xdsl", ".net", ".uai")


Child = Callable[[Path, list[str]], tuple[int, int, str]]


@pytest.fixture(scope="module")
def child(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    """Run a command: megabytes above idle, exit status and message.

    One process runs them all. What takes too much after others is run again in a new one.
    """
    folder = tmp_path_factory.mktemp("child")
    (folder / "child.py").write_text(CHILD)
    running: list[subprocess.Popen[str]] = []

    def end() -> None:
        for process in running:
            process.communicate(timeout=120)
        running.clear()

    def ask(place: Path, words: list[str]) -> tuple[int, int, str]:
        fresh = not running
        if fresh:
            started = [sys.executable, "child.py"]
            pipe = subprocess.PIPE
            running.append(
                subprocess.Popen(started, cwd=folder, stdin=pipe, stdout=pipe, text=True)
            )
        (process,) = running
        assert process.stdin and process.stdout
        print(json.dumps([str(place), *words]), file=process.stdin, flush=True)
        line = process.stdout.readline()
        if not line:
            end()
            pytest.fail(f"{words}: the process ended")
        grown, status, said = json.loads(line)
        if grown >= MOST:
            end()
        return (grown, status, said) if grown < MOST or fresh else ask(place, words)

    yield ask
    end()


def answered(child: Child, folder: Path, name: str) -> tuple[int, int, str]:
    """Megabytes above idle, exit status and message of the command that reads a file."""
    network = any(end in name for end in NETWORKS) or name in ("rows.csv.gz", "parents.csv")
    words = ["batch", name, "out.csv", "--quiet", "--keep", "id"]
    if name.endswith(("jsonl", "jsonl.gz")):
        words = words[:4]
    if network:
        words = ["posterior", "--network", name, "a"]
    if name == "columns.csv":
        words = words[:4]
    return child(folder, words)


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_by_name_in_little_memory(
    child: Child, tmp_path: Path, name: str
) -> None:
    pieces, message = BOMBS[name]
    path = tmp_path / name
    if name.endswith(".gz"):
        gz(path, pieces)
    else:
        path.write_bytes(b"".join(piece * times for piece, times in pieces))
    grown, status, said = answered(child, tmp_path, name)
    assert status in (1, 2) and re.search(message, said), said
    assert grown < MOST


OPEN = {
    "text.bif": 'network x { "' + '\\"' * MEGA,
    "comment.bif": "network x { " + "/* " * MEGA,
    "property.bif": 'network x { property "' + '\\"' * MEGA,
    "text.net": 'net { x = "' + '\\"' * MEGA,
}
STATES = [f"s{i}" for i in range(20_000)]
ROWS = (
    "variable a { type discrete [ 2 ] { x, y }; }\n"
    f"variable b {{ type discrete [ {len(STATES)} ] {{ {' '.join(STATES)} }}; }}\n"
    f"probability ( b ) {{ default {' 5e-5' * len(STATES)}; }}\n"
    f"probability ( a | b ) {{\n{''.join(f'({s}) .5 .5;' + chr(10) for s in STATES)}"
)


@pytest.mark.parametrize("name", [*OPEN, "rows.bif"])
def test_what_is_never_closed_in_a_network_is_read_once(tmp_path: Path, name: str) -> None:
    """Each took a time that grew with the square of its length: a minute for a megabyte."""
    import time

    (tmp_path / name).write_text(OPEN.get(name, ROWS))
    began = time.process_time()
    with pytest.raises(LumbayesError, match=r"the file ends in the middle of a block"):
        read_network(tmp_path / name)
    assert time.process_time() - began < 15


@pytest.mark.slow
def test_parquet_of_many_rows_is_not_taken_into_memory(child: Child, tmp_path: Path) -> None:
    many_rows(tmp_path / "many.parquet", 2)
    assert (tmp_path / "many.parquet").stat().st_size < MEGA
    grown, status, said = child(tmp_path, ["learn", "many.parquet", "--out", "new", "--quiet"])
    assert status == 2 and "1,000,000 cases to be held in memory" in said
    assert grown < MOST


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "rows", "status", "message"),
    [
        (900_000, 300, 0, "300 cases answered"),
        (2 * MEGA, 300, 1, "300 lines could not be used"),
        (200 * MEGA, 3, 2, r"bytes of text in one row group"),
    ],
)
def test_a_long_text_of_parquet_is_not_written_out_for_every_row(
    child: Child, tmp_path: Path, size: int, rows: int, status: int, message: str
) -> None:
    one_text(tmp_path / "long.parquet", size, rows)
    words = ["batch", "long.parquet", "out.parquet", "--quiet"]
    grown, found, said = child(tmp_path, [*words, "--keep", "note"])
    assert found == status and message in said, said
    assert grown < MOST


def lists(path: Path, values: Any) -> None:
    """Few rows, in which a list holds millions of values, or of one long text."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    ends = pa.array([0, len(values)], pa.int32())
    table = pa.table({"fever": ["no"], "note": pa.ListArray.from_arrays(ends, values)})
    pq.write_table(table, path, compression="zstd", dictionary_pagesize_limit=1 << 30)


@pytest.mark.slow
@pytest.mark.parametrize("what", ["numbers", "texts", "bytes"])
@pytest.mark.parametrize("keep", [True, False])
def test_a_list_of_parquet_is_looked_at_before_it_is_unpacked(
    child: Child, tmp_path: Path, what: str, keep: bool
) -> None:
    import pyarrow as pa

    values = {
        "numbers": lambda: pa.repeat(0, 100 * MEGA),
        "texts": lambda: pa.DictionaryArray.from_arrays(
            pa.repeat(0, 20_000).cast("int32"), pa.array(["x" * 100_000])
        ),
        "bytes": lambda: pa.repeat(pa.scalar(b"x" * 100_000, pa.binary(100_000)), 10_000),
    }[what]()
    lists(tmp_path / "list.parquet", values)
    words = ["batch", "list.parquet", "out.csv", "--quiet", *["--keep", "note"][: 2 * keep]]
    grown, status, said = child(tmp_path, words)
    assert status == 2 and ("LUMBAYES_COLUMN_BYTES" in said or not keep), said
    assert grown < MOST


def test_parquet_of_many_rows_or_row_groups_is_refused_before_it_is_decoded(
    child: Child, tmp_path: Path
) -> None:
    import time

    import pyarrow as pa
    import pyarrow.parquet as pq

    many_rows(tmp_path / "rows.parquet")
    row = pa.table({"fever": ["no"]})
    with pq.ParquetWriter(tmp_path / "groups.parquet", row.schema) as writer:
        for _ in range(11_000):
            writer.write_table(row)
    for name, message in (
        ("rows.parquet", "20,000,000 lines or rows in one table.*LUMBAYES_ROWS"),
        ("groups.parquet", "10,000 row groups.*LUMBAYES_ROW_GROUPS"),
    ):
        began = time.monotonic()
        grown, status, said = child(tmp_path, ["batch", name, "out.csv", "--quiet"])
        assert status == 2 and re.search(message, said), said
        assert grown < MOST and time.monotonic() - began < 15


@pytest.mark.parametrize(
    ("limit", "most", "name"),
    [
        ("ROWS", 100, "cases.csv"),
        ("ROWS", 100, "cases.csv.gz"),
        ("ROWS", 100, "cases.jsonl"),
        ("ROWS", 100, "cases.parquet"),
        ("UNPACKED_BYTES", 1_000, "cases.csv.gz"),
        ("UNPACKED_BYTES", 1_000, "cases.jsonl.gz"),
        ("ROW_GROUPS", 1, "cases.parquet"),
        ("FOOTER_BYTES", 100, "cases.parquet"),
    ],
)
def test_a_table_that_is_too_long_is_refused_before_a_row_is_answered_unless_it_is_allowed(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, most: int, name: str
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from lumbayes.batch.answers import check_wanted
    from lumbayes.batch.files import answer_file

    path, wanted = tmp_path / name, check_wanted(model, ["gtps"])
    if name.endswith("parquet"):
        pq.write_table(pa.table({"fever": ["no"] * 500}), path, row_group_size=250)
    else:
        line = b'{"fever": "no"}\n' if "jsonl" in name else b"no\n"
        content = (b"" if "jsonl" in name else b"fever\n") + 500 * line
        path.write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    monkeypatch.setenv(f"LUMBAYES_{limit}", str(most))
    answer = partial(answer_file, model, str(path), str(tmp_path / "out.csv"), wanted)
    with pytest.raises(LumbayesError, match=rf"cases.*more than {most:,} .*LUMBAYES_{limit}"):
        answer()
    assert os.listdir(tmp_path) == [name]
    monkeypatch.setenv(f"LUMBAYES_{limit}", "100000")
    assert answer().answered == 500


def test_a_text_in_a_dictionary_is_counted_as_often_as_it_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_text(tmp_path / "often.parquet", 1_000, 100_000)
    monkeypatch.setenv("LUMBAYES_KEPT_BYTES", "20000000")
    with (tmp_path / "often.parquet").open("rb") as file:
        _, parts, _ = open_parquet(file, "often.parquet", ["note"], 1_000)
        rows = 0
        with pytest.raises(LumbayesError, match=r"often\.parquet: more than 20,000,000 bytes"):
            for part in parts:
                rows += part.rows
        assert rows <= 20_000


def deep(levels: int, inside: object = "yes") -> object:
    for _ in range(levels):
        inside = {"a": inside}
    return inside


NAMES = {f"fevr{i}x": "yes" for i in range(15_000)}
CASES: dict[str, object] = {
    "findings": {"findings": NAMES},
    "facts": {"facts": NAMES},
    "sentences": {"facts": {f"{n} of the leg": "weak at night" for n in NAMES}},
    "outside": {**NAMES, "findings": {}},
    "likelihoods": {"likelihoods": {n: {"yes": 1} for n in NAMES}},
    "do": {"do": NAMES},
    "said": {"said": {n: ["yes"] for n in NAMES}},
    "one answer said": {"said": {"fever": ["yes", *NAMES]}},
    "facts in a list": {"facts": {"x": [f"left leg weakness {i}" for i in range(15_000)]}},
    "cases in a list": [{n: "yes"} for n in NAMES],
    "given twice": '{"facts": {' + ",".join(f'"bmi": {i}' for i in range(15_000)) + "}}",
    "parts given twice": '{"facts": {"bmi": 0}'
    + "".join(f', "facts": {{"bmi": {i}}}' for i in range(15_000))
    + "}",
    "nested": {"facts": deep(900)},
    "nested likelihood": {"likelihoods": {"fever": deep(900)}},
    "denied again and again": {"facts": {"no_" * 50_000 + "fever": "yes"}},
    "qualified again and again": {"facts": {"new_" * 3_000 + "fever" + "_now" * 3_000: "yes"}},
    "an age": {"facts": {"age": "1" * 150_000}},
    "spans": {"facts": dict.fromkeys(("temperature", "age", "bmi"), "1 - " * 40_000)},
    "phrases": {"facts": {"leg_weakness": ", ".join(f"pain {i}" for i in range(15_000))}},
    "grades": {"facts": {"leg_weakness": "5/5 " * 40_000}},
    "response": {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "item": [{"linkId": n, "answer": [{"valueString": "yes"}]} for n in NAMES],
    },
}


@pytest.mark.parametrize("name", CASES)
def test_a_case_of_many_names_or_long_words_is_soon_understood(model: Model, name: str) -> None:
    """A sign that is in it counts, what is wrong or not understood is told, a few names mended."""
    import difflib
    import time
    from unittest.mock import patch

    case = CASES[name]
    text = case if isinstance(case, str) else json.dumps(case)
    sign = '{"saddle_numbness": "yes"}'
    began = time.process_time()
    with patch("difflib.get_close_matches", wraps=difflib.get_close_matches) as near:
        found = understand_text(model, text)
        with_sign = understand_text(model, f"[{sign}, {text}]")
    assert time.process_time() - began < 20
    assert sum(len(call.args[1]) > 20 for call in near.mock_calls) <= 8 * FEW
    assert found.errors or found.unclear or found.warnings
    assert what_is_known(model, found).provisional
    assert what_is_known(model, with_sign).level == "emergency_now"


@pytest.mark.parametrize("where", [0, 20_000, 36_000])
@pytest.mark.parametrize("form", ["fact{}name", "{:x}q", "leg {} odd"])
def test_a_megabyte_of_facts_is_soon_read_to_its_end_for_a_danger(
    model: Model, form: str, where: int
) -> None:
    """And what is quoted as told was told: our own message was."""
    import time

    facts = [(form.format(i * 7919), "yes") for i in range(36_000)]
    facts.insert(where, ("toilet", "cannot pee, numb between the legs"))
    understand_text(model, "{}")
    began = time.process_time()
    found = understand_text(model, json.dumps({"facts": dict(facts)}))
    assert time.process_time() - began < 6
    assert what_is_known(model, found).level == "emergency_now"
    assert "LUMBAYES_NAMES" in "".join(found.warnings)
    assert not any("LUMBAYES" in one for one in found.unclear)


def test_the_end_of_a_long_answer_denies_nothing(model: Model) -> None:
    for words in ("no ", "normal ", "none so far ", "5/5 "):
        case = understand_text(model, f'{{"facts": {{"saddle_numbness": "{words * 1_000}"}}}}')
        assert case.findings.get("saddle_numbness") != "no" and case.unclear


@pytest.mark.parametrize("part", ["findings", "facts"])
def test_a_name_unknown_in_every_line_is_looked_up_once(model: Model, part: str) -> None:
    import time
    from unittest.mock import patch

    text = json.dumps({part: {f"fevr{i}x": "yes" for i in range(300)}})
    understand_text(model, text)
    began = time.process_time()
    with patch("lumbayes.cases.fact_names.readings") as looked_up:
        for _ in range(20):
            understand_text(model, text)
    assert not looked_up.called and time.process_time() - began < 5
