"""The command line: every bad input is a message and exit status 2, never a traceback."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest
from click.testing import CliRunner

from lumbayes import cli
from lumbayes.cli import COMMANDS, main
from lumbayes.commands import about, plain
from lumbayes.commands.assess import posterior
from lumbayes.errors import LumbayesError
from lumbayes.inference.queries import use_kernel
from lumbayes.knowledge.model import Model
from lumbayes.knowledge.tables import data_dir
from lumbayes.network.formats import ENDINGS

BIF = """network little {}
variable rain { type discrete [ 2 ] { no, yes }; }
variable wet { type discrete [ 2 ] { no, yes }; }
probability ( rain ) { table 0.8, 0.2; }
probability ( wet | rain ) { (no) 0.9, 0.1; (yes) 0.2, 0.8; }
"""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the command line in this process: status, standard output and standard error."""

    def go(*arguments: str) -> tuple[int, str, str]:
        try:
            status = main(arguments)
        except SystemExit as exit_:  # click's --help and --version
            status = int(exit_.code or 0)
        out, err = capsys.readouterr()
        return status, out, err

    return go


def give(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    """Put something on standard input."""
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))


def test_the_first_names_are_fixed() -> None:
    assert list(COMMANDS)[:16] == [
        "assess",
        "ask",
        "explain",
        "what-if",
        "sensitivity",
        "exercises",
        "posterior",
        "batch",
        "simulate",
        "learn",
        "evaluate",
        "validate",
        "check",
        "variables",
        "export",
        "app",
    ]


def test_help_lists_the_commands_without_importing_one(run: Any) -> None:
    status, out, _ = run("--help")
    assert status == 0
    assert all(
        name in out and said in " ".join(out.split()) for name, (_, said) in COMMANDS.items()
    )
    assert run("--version")[1].startswith("lumbayes ")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(run: Any, name: str) -> None:
    status, out, _ = run(name, "--help")
    assert status == 0 and "Usage" in out


def test_a_command_that_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch, run: Any) -> None:
    monkeypatch.setitem(COMMANDS, "ask", ("no_such_module:ask", ""))
    status, _, err = run("ask")
    assert status == 2 and "the command ask is missing from this installation" in err


def test_assess_takes_a_file_standard_input_and_pairs(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_kernel()  # else the last digits may change when it gets ready in between
    case = {"findings": {"fever": "no"}, "facts": {"leg_pain": True}}
    file = tmp_path / "a=case.json"
    file.write_text(json.dumps(case), encoding="utf-8")
    _, from_file, _ = run("assess", str(file), "slr=positive", "--json", "--draws", "0")
    give(monkeypatch, json.dumps(case).encode())
    _, from_stdin, _ = run("assess", "-", "slr=positive", "--json", "--draws", "0")
    give(monkeypatch, b'\xef\xbb\xbf{"fever": "no"}')
    status, flat, _ = run("assess", "-", "fever=no", "slr=positive", "--json", "--draws", "0")
    assert status == 0
    assert json.loads(from_file) == json.loads(from_stdin)
    assert json.loads(from_file)["findings"]["leg_pain"] == "above_knee or below_knee"
    assert json.loads(flat)["findings"] == {"fever": "no", "slr": "positive"}


def test_assess_of_nothing_is_the_prior_and_says_so(run: Any) -> None:
    status, out, _ = run("assess", "--draws", "0")
    assert status == 0 and "the answer is the prior" in " ".join(out.split())


@pytest.mark.parametrize("ending", [".html", ".md"])
def test_assess_writes_a_report(run: Any, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"page{ending}"
    status, out, err = run("assess", "fever=yes", "--draws", "0", "--report", str(file))
    assert status == 0 and out == "" and str(file) in err
    assert "not a diagnosis" in file.read_text(encoding="utf-8")


BAD = [
    (("assess", "fver=yes"), "unknown variable 'fver'. Did you mean 'fever'?"),
    (
        ("assess", "fever=ys"),
        "unknown state of fever 'ys'. Did you mean 'yes'? Known: no, yes, uns",
    ),
    (("assess", "fever="), "'fever=' is not a pair. Write variable=state, such as fever=yes"),
    (("assess", "slr=positive", "slr=negative"), "slr=positive (slr is positive) and findings"),
    (("assess", "fever"), "fever cannot be read: No such file or directory. A finding is written"),
    (("assess", "no/such.json"), "no/such.json cannot be read: No such file or directory. Check"),
    (("assess", "a.json", "b.json"), "'a.json' and 'b.json': one case at a time"),
    (("assess", "sex=male", "pregnancy=pregnant"), "cannot both hold"),
    (("assess", "low_back_pain=yes", "duration=no_pain"), "cannot both hold"),
    (("assess", "--draws", "5"), "draws is 5. Give 0 for no intervals"),
    (("assess", "--region", "XX"), "unknown region 'XX'"),
    (("assess", "--report", "page.pdf"), "page.pdf: a report ends in .html or .md"),
    (
        ("assess", "--report", "no/such/page.md"),
        "no/such/page.md: there is no folder no/such. Make it first.",
    ),
    (
        ("ask", "--save", "no/such/case.json"),
        "no/such/case.json: there is no folder no/such. Make it first.",
    ),
    (("assess", "--equipment", "bnad"), "unknown equipment 'bnad'. Did you mean 'band'?"),
    (("assess", "--level", "9"), "level is 9. Choose one of: 1, 2, 3, 4"),
    (("assess", "--tables", "no/such"), "is missing. A folder of tables needs it"),
    (("asess",), "unknown command 'asess'. Did you mean 'assess'?"),
    (("explain", "--target", "gtsp"), "unknown target 'gtsp'. Did you mean 'gtps'?"),
    (("explain", "gtps=present", "--target", "gtps"), "gtps is known in this case"),
    (("exercises", "--weeks", "3"), "weeks is 3. Choose one of: 6, 7, 8"),
    (("posterior", "gtsp"), "unknown variable 'gtsp'. Did you mean 'gtps'?"),
    (("posterior", "collapse"), "collapse is asked for safety only"),
    (("posterior", "gtps", "-g", "slr"), "'slr' is not a pair"),
    (("posterior", "gtps", "-g", "slr=maybe"), "unknown state of slr 'maybe'"),
    (("posterior", "gtps", "--do", "slr=x"), "unknown state of slr 'x'"),
    (("posterior", "gtps", "-g", "slr=positive", "--do", "slr=positive"), "slr is both given and"),
    (("posterior", "gtps", "--soft", "slr=0.4"), "'0.4' is not STATE:WEIGHT. Example: --soft"),
    (("posterior", "gtps", "--soft", "slr=positive:1"), "slr: the likelihood leaves out negative"),
    (("posterior", "gtps", "gtps", "--joint"), "joint needs one or more distinct targets"),
    (("posterior", "rain", "--network", "no.bif"), "no.bif: cannot be read as BIF: No such file"),
    (("posterior", "rain", "--network", "a.bif", "--tables", "b"), "are two networks. Give one"),
    (("variables", "--layer", "findings"), "unknown layer 'findings'. Did you mean 'finding'?"),
    (("evaluate", "no.jsonl"), "no.jsonl cannot be read"),
    (("batch", "a.csv", "b.csv", "--scheduler", ""), "--scheduler has no address. Give one"),
    (
        ("batch", "a.csv", "b.csv", "--scheduler", "tcp://h:1", "--workers", "2"),
        "--workers and --scheduler exclude each other",
    ),
    (("assess", "--no-such-option"), "No such option"),
    (("posterior",), "Missing argument"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD, ids=lambda x: " ".join(x)[:40])
def test_bad_input_is_a_message_and_exit_status_2(
    run: Any, arguments: tuple[str, ...], message: str
) -> None:
    status, out, err = run(*arguments)
    assert status == 2 and out == ""
    assert message in " ".join(err.split()) and "Traceback" not in err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "standard input is empty. A case without findings is {}"),
        (b'{"fever": ', "standard input, column 11: not valid JSON"),
        (b"[1, 2]", "a case must be a JSON object"),
        (b'{"slr": "positive", "slr": "negative"}', "slr is given twice in one object"),
        (b'{"findings": {"fever": 3}}', "findings.fever must be one of no, yes, unsure, got 3"),
        (b'{"findings": [], "facts": {}}', "findings must be an object in braces"),
        (b'{"findings": {"slr": "positive"}}', "contradict each other"),
        (b"\xff\xfe{", "standard input is not UTF-8 text (byte 2)"),
    ],
    ids=lambda x: repr(x)[:30],
)
def test_a_bad_case_names_its_place(
    run: Any, monkeypatch: pytest.MonkeyPatch, content: bytes, message: str
) -> None:
    pairs = ["slr=negative"] if b'{"findings": {"slr"' in content else []
    give(monkeypatch, content)
    status, out, err = run("assess", "-", *pairs)
    assert status == 2 and out == "" and message in err
    if b"slr" not in content:
        give(monkeypatch, content)
        assert message in run("explain", "-", "trendelenburg=positive")[2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("explain low_back_pain=yes --orders 0", "orders is 0. Give a number of 1 or more"),
        ("explain low_back_pain=yes --orders -1", "orders is -1. Give a number of 1 or more"),
        ("sensitivity low_back_pain=yes --limit -3", "-3 is not in the range x>=1"),
        ("validate --rows -1", "-1 is not in the range x>=0"),
        ("assess low_back_pain=yes --draws -5", "draws is -5. Give 0 for no intervals"),
        ("assess low_back_pain=yes --draws 1000000000", "and at most 10,000"),
        ("exercises low_back_pain=yes --weeks -1", "weeks is -1. Choose one of"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused(run: Any, arguments: str, message: str) -> None:
    status, out, err = run(*arguments.split())
    assert status == 2 and out == "" and message in err


def test_a_broken_table_names_file_and_line(run: Any, tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    shutil.copytree(data_dir(), folder)
    file = folder / "states.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    lines[3] = "age_band"
    file.write_text("\n".join(lines), encoding="utf-8")
    status, _, err = run("check", "--tables", str(folder))
    assert status == 2 and "states.csv, line 4" in " ".join(err.split())


def test_another_folder_of_tables_has_another_version(run: Any, tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    shutil.copytree(data_dir(), folder)
    with (folder / "explanations.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    command = ("assess", "--json", "--draws", "0")
    own, other = (json.loads(run(*command, *more)[1]) for more in ((), ("--tables", str(folder))))
    assert own["version"]["data"] != other["version"]["data"]
    for one, two in zip(own["differential"], other["differential"], strict=True):
        assert two["condition"] == one["condition"]
        assert two["probability"] == pytest.approx(one["probability"], rel=1e-9)


def test_explain_and_exercises_answer_in_both_forms(run: Any) -> None:
    case = ("lateral_hip_pain=yes", "trendelenburg=positive")
    _, text, _ = run("explain", *case, "--target", "gtps", "--clinician")
    _, data, _ = run("explain", *case, "--target", "gtps", "--json")
    assert json.loads(data)["sentence"] in " ".join(text.split())
    _, text, _ = run("exercises", *case)
    _, data, _ = run("exercises", *case, "--json", "--equipment", "band", "--weeks", "6")
    assert "WEEK BY WEEK" in text and json.loads(data)["weeks"] == 6
    status, text, _ = run("exercises", "saddle_numbness=yes", "--region", "US")
    assert status == 0 and "911" in text and "WEEK BY WEEK" not in text


@pytest.mark.parametrize("target", ["gtps", "malignancy", "gmed_weak", "radiculopathy"])
def test_explain_tells_people_no_number(run: Any, target: str) -> None:
    """No chance and no points; of a dangerous cause not even a word of how likely it is."""
    case = ("low_back_pain=yes", "cancer_history=yes", "slr=positive", "heel_pain=no")
    status, text, _ = run("explain", *case, "--target", target)
    assert status == 0 and ("WHAT EACH ANSWER DOES" in text) == (target != "malignancy")
    assert not re.search(r"in 1,?0+\b|%|[+-]\d|decibans", text)
    assert re.search(r" in 1,?0+\b", run("explain", *case, "--target", target, "--clinician")[1])


def test_posterior_of_a_bif_file(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "little.bif"
    file.write_text(BIF, encoding="utf-8")
    _, out, _ = run("posterior", "rain", "-g", "wet=yes", "--network", str(file), "--json")
    (answer,) = json.loads(out)
    assert answer["question"] == "P(rain | wet=yes)"
    assert answer["probability"]["yes"] == pytest.approx(0.16 / 0.24)
    _, out, _ = run(
        "posterior", "rain", "wet", "--joint", "--network", str(file), "--json", "--do", "rain=yes"
    )
    assert json.loads(out)[0]["probability"]["yes, yes"] == pytest.approx(0.8)
    soft = ("--soft", "wet=no:0.5,yes:1", "--soft", "rain=no:1,yes:1", "-g", "rain=yes")
    _, out, _ = run("posterior", "wet", *soft, "--network", str(file))
    assert "0.888889" in out
    broken = tmp_path / "broken.bif"
    broken.write_text(BIF.replace("0.8, 0.2", "0.8, 0.1"), encoding="utf-8")
    status, _, err = run("posterior", "rain", "--network", str(broken))
    assert status == 2 and "broken.bif" in err


def test_posterior_of_our_network_with_everything(run: Any) -> None:
    arguments = (
        "-g",
        "fever=no",
        "--soft",
        "slr=negative:0.5,positive:0.9",
        "--do",
        "gmed_weak=present",
    )
    status, out, _ = run("posterior", "gtps", "malignancy", *arguments)
    assert status == 0 and out.count("do(gmed_weak=present)") == 2


def test_variables_lists_everything_that_can_be_answered(run: Any) -> None:
    answer = json.loads(run("variables", "--json")[1])
    assert set(answer["version"]) == {"program", "data"}
    listed = answer["variables"]
    assert all({"name", "states", "layer", "question", "help"} <= set(v) for v in listed)
    assert {v["layer"] for v in listed} >= {"context", "finding", "triage_only", "condition"}
    text = run("variables", "--layer", "triage_only")[1]
    assert "collapse = no | yes" in text and "low_back_pain" not in text


@pytest.mark.parametrize(
    "words", ["assess {}", "assess fevr={}", "assess {}=yes", "posterior {}", "explain --target {}"]
)
def test_a_message_does_not_repeat_a_hundred_thousand_characters(run: Any, words: str) -> None:
    status, _, err = run(*words.format("x" * 100_000).split())
    assert status == 2 and 10 < len(err) < 1_000


@pytest.mark.parametrize(
    "words",
    [
        "explain slr=positive",
        "exercises low_back_pain=yes",
        "what-if fever=no --do sitting=under_6h",
    ],
)
def test_prose_keeps_to_a_narrow_terminal(
    run: Any, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    status, out, err = run(*words.split())
    rows_of_tables = [line for line in out.splitlines() if "  " in line.strip()]
    assert status == 0 and out.count("\n") > 8
    assert all(len(line) <= 60 or line in rows_of_tables for line in (out + err).splitlines())


@pytest.mark.slow
def test_check_counts_and_measures(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _, out, _ = run("check", "--json")
    answer = json.loads(out)
    assert {"variables", "links", "numbers", "sources"} <= set(answer["counts"])
    assert sum(answer["share_by_grade"].values()) == pytest.approx(1.0)
    assert [row["limit"] for row in answer["sizes"]] == list(about.LIMITS.values())
    monkeypatch.setattr(
        about,
        "checked",
        lambda _: {
            **answer,
            "sizes": [{"what": "nothing known", "entries": 70_000, "limit": 60_000, "pass": False}],
        },
    )
    status, text, _ = run("check")
    assert status == 1 and "FAIL" in text and "A systematic review" in text


@pytest.mark.slow
def test_validate_and_evaluate_answer_in_both_forms(run: Any) -> None:
    assert "fitted:" in run("validate", "--rows", "2")[1]
    answer = json.loads(run("validate", "--json", "--rows", "3")[1])
    assert {"version", "summary", "targets"} == set(answer) and len(answer["targets"]) == 3
    assert "level_acceptable" in run("evaluate")[1]
    answer = json.loads(run("evaluate", "--json")[1])
    assert len(answer["cases"]) == 20 and answer["measures"][0]["measure"] == "level_acceptable"


def test_the_app_is_started_or_its_absence_said(monkeypatch: pytest.MonkeyPatch, run: Any) -> None:
    started: list[list[str]] = []
    server = SimpleNamespace(main=started.append)
    monkeypatch.setitem(sys.modules, "lumbayes.app.server", server)
    assert run("app", "--port", "8123")[0] == 0
    assert started == [["--port", "8123", "--address", "127.0.0.1"]]

    monkeypatch.delitem(sys.modules, "lumbayes.app.server")
    monkeypatch.setitem(sys.modules, "streamlit", None)
    status, _, err = run("app")
    assert status == 2 and "pip install 'lumbayes[app]'" in " ".join(err.split())


def test_json_has_no_nan_and_no_numpy() -> None:
    import numpy as np

    given = {"a": float("nan"), "b": (np.float64(1.5), np.bool_(True)), "c": {"d": np.inf}}
    assert plain(given) == {"a": None, "b": [1.5, True], "c": {"d": None}}
    json.dumps(plain(given), allow_nan=False)


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (LumbayesError("that is wrong"), 2, "that is wrong"),
        (KeyboardInterrupt(), 130, "stopped"),
        (BrokenPipeError(), 0, ""),
        (PermissionError(13, "Permission denied", "out.csv"), 2, "out.csv: Permission denied"),
    ],
)
def test_whatever_ends_a_command_ends_it_quietly(
    monkeypatch: pytest.MonkeyPatch, run: Any, error: BaseException, status: int, said: str
) -> None:
    @click.command()
    def command() -> None:
        raise error

    monkeypatch.setattr(cli.LazyGroup, "get_command", lambda *_: command)
    got, _, err = run("assess")
    assert got == status and said in err


def test_a_shell_sees_the_status_and_no_traceback() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from lumbayes.cli import main; sys.exit(main())",
            "assess",
            "fver=yes",
        ],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONWARNINGS": "error"},
        timeout=120,
    )
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("lumbayes: unknown variable 'fver'. Did you mean 'fever'?")


@pytest.mark.parametrize(
    "arguments",
    [
        ("simulate", "3", "--seed", "-1"),
        ("batch", "IN", "OUT", "--seed", "-1"),
        ("learn", "IN", "--out", "OUT", "--seed", "-1"),
    ],
    ids=lambda a: a[0],
)
def test_a_negative_seed_is_a_message(run: Any, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("fever\nyes\n")
    given = [{"IN": str(source), "OUT": str(out)}.get(a, a) for a in arguments]
    status, _, err = run(*given)
    assert (status, err) == (2, "lumbayes: seed is -1. Give a whole number of 0 or more.\n")
    assert [p.name for p in tmp_path.iterdir()] == ["in.csv"]


@pytest.mark.parametrize(
    ("closing", "command", "status", "said"),
    [
        (">&-", "assess fever=yes --draws 0", 2, "standard output is closed"),
        (">&-", "simulate 3", 2, "standard output is closed"),
        ("<&-", "assess -", 2, "standard input is closed. Name a file"),
        ("<&-", "batch - out.csv", 2, "standard input is closed. Name a file"),
        ("<&-", "learn - --out new", 2, "standard input is closed. Name a file"),
        ("<&-", "ask saddle_numbness=yes --draws 0", 0, ""),
    ],
)
def test_closed_streams_are_said_to_be_closed(
    tmp_path: Path, closing: str, command: str, status: int, said: str
) -> None:
    words = [sys.executable, "-m", "lumbayes", *command.split()]
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {closing}', "sh", *words],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
    )
    assert done.returncode == status and said in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_reader_that_closes_early_is_no_error() -> None:
    code = "import sys; from lumbayes.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "simulate", "40000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None and running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(timeout=60) == 0


def test_learn_names_the_line_of_a_case_that_cannot_occur(run: Any, tmp_path: Path) -> None:
    """Accepted one by one, but of probability zero: left out, with its line in the file."""
    source, out = tmp_path / "in.csv", tmp_path / "new"
    rows = ["sex,age_band,pregnancy", *20 * ["female,18_29,pregnant"]]
    rows[8] = "female,75_plus,pregnant"
    source.write_text("\n".join(rows) + "\n")
    status, _, err = run(
        "learn", str(source), "--out", str(out), "--held-out", "0", "--iterations", "1"
    )
    assert status == 1
    assert "line 9 is left out: it cannot occur under the tables." in err
    assert "learned from 19 cases" in err
    report = (out / "report.md").read_text()
    assert "1 line could not be used." in report
    assert "| 9 | it cannot occur under the tables" in report
    status, _, err = run("learn", str(source), "--out", str(tmp_path / "no" / "new"))
    assert status == 2 and "there is no folder" in err
    assert not (tmp_path / "no").exists()


def test_export_never_writes_among_the_tables(run: Any, tmp_path: Path) -> None:
    shutil.copytree(data_dir(), tmp_path / "tables")
    claims = tmp_path / "tables" / "claims.csv"
    before = claims.read_bytes()
    status, _, err = run("export", "--tables", str(tmp_path / "tables"), str(claims))
    assert status == 2 and "lies among the tables" in err
    assert claims.read_bytes() == before


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_no_sign_of_a_foreign_file_moves_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    """Names of a network file may hold signs that are no control characters of ASCII."""
    path = tmp_path / "a.bif"
    path.write_text(
        "variable a { type discrete [ 2 ] { b\x9b31m, c\u202e }; }\n"
        "probability ( a ) { table 0.5, 0.5; }\n"
    )
    assert main(["posterior", "--network", str(path), *words, "a"]) == 0
    told = capsys.readouterr().out
    assert all(sign.isprintable() or sign == "\n" for sign in told)
    if words:
        (answer,) = json.loads(told)
        assert answer["probability"] == {"b\x9b31m": 0.5, "c\u202e": 0.5}


def test_commands_print_by_the_one_door() -> None:
    folder = Path(about.__file__).parent
    for module in folder.glob("*.py"):
        if module.name != "__init__.py":
            assert "click.echo" not in module.read_text(), module.name


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_help_names_every_format_of_networks(ending: str) -> None:
    told = CliRunner().invoke(posterior, ["--help"]).output
    kinds = {"xmlbif": ".bifxml", "net": ".net", "csv": "CSV"}
    assert kinds.get(ENDINGS[ending], ENDINGS[ending].upper()) in told


COUNTED = re.compile(r"\d ?%|\d in 1[0,]+\b")


@pytest.mark.parametrize(
    "command",
    [
        ("assess", "--draws", "0"),
        ("assess", "--brief", "--draws", "0"),
        ("explain", "--target", "malignancy"),
        ("explain",),
        ("exercises",),
        ("sensitivity", "--target", "malignancy=present"),
        ("sensitivity",),
        ("what-if", "--see", "fever=yes", "--draws", "20"),
        ("what-if", "--do", "smoking=never", "--outcome", "malignancy", "--draws", "20"),
        ("what-if", "--do", "sitting=under_6h", "--for-you", "--draws", "20"),
    ],
    ids=" ".join,
)
def test_words_for_people_count_no_danger(run: Any, model: Model, command: tuple[str, ...]) -> None:
    """Of a person whose likeliest cause is dangerous: numbers of dangers are for clinicians."""
    said = ("low_back_pain=yes", "cancer_history=yes", "weight_loss=yes", "night_pain=yes")
    labels = [model.variables[n].label for n in model.with_role("must_not_miss")]
    _, out, err = run(command[0], *said, *command[1:])
    for line in (out + err).splitlines():
        named = any(label in line for label in labels) or "malignancy" in line
        assert not (named and COUNTED.search(line)), line
    if command[0] in ("sensitivity", "what-if"):
        assert run(command[0], *said, *command[1:], "--clinician")[0] == 0
