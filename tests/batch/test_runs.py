"""A run over a file of cases: interrupted, killed and resumed; where its output may go."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
import pyarrow.parquet as pq
import pytest
from ragged_people import write_parquet

from lumbayes.batch.answers import check_wanted
from lumbayes.batch.files import answer_file
from lumbayes.batch.frames import score_table
from lumbayes.batch.parsing import Part
from lumbayes.batch.part import Answered
from lumbayes.batch.runners import Runner, Work, in_processes, in_threads
from lumbayes.batch.simulation import simulate_parts
from lumbayes.errors import CaseError, LumbayesError
from lumbayes.knowledge.model import Model


def interrupted_after(count: int) -> Runner:
    """What answers so many parts and is then interrupted, as by Ctrl-C."""

    def run(work: Work, parts: Iterable[Part]) -> Iterator[Answered]:
        yield from islice(in_threads(work, parts), count)
        raise KeyboardInterrupt

    return run


@pytest.mark.usefixtures("small_parts")
def test_an_interrupted_run_resumes_and_gives_the_same_bytes(
    model: Model, people: pd.DataFrame, tmp_path: Path
) -> None:
    source, target = tmp_path / "cases.csv", tmp_path / "answers.csv"
    people.to_csv(source, index=False)
    wanted = check_wanted(model, ["gtps"])
    answer_file(model, str(source), str(target), wanted)
    whole = target.read_bytes()
    target.unlink()

    with pytest.raises(KeyboardInterrupt):
        answer_file(model, str(source), str(target), wanted, runner=interrupted_after(3))
    assert not target.exists()
    with pytest.raises(LumbayesError, match="Resume it"):
        answer_file(model, str(source), str(target), wanted)
    with pytest.raises(LumbayesError, match="other options"):
        answer_file(model, str(source), str(target), check_wanted(model, ["slr"]), resume=True)
    done: list[int] = []

    def counts(work: Any, parts: Any) -> Any:
        for answered in in_threads(work, parts):
            done.append(answered.number)
            yield answered

    answer_file(model, str(source), str(target), wanted, resume=True, runner=counts)
    assert done == [3, 4, 5]
    assert target.read_bytes() == whole
    assert not (tmp_path / ".answers.csv.parts").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("small_parts")
def test_processes_give_the_same_bytes_as_threads(
    model: Model, people: pd.DataFrame, tmp_path: Path
) -> None:
    source = tmp_path / "cases.csv"
    people.to_csv(source, index=False)
    written = []
    for run in (in_threads, in_processes):
        target = tmp_path / "answers.csv"
        answer_file(model, str(source), str(target), check_wanted(model), runner=run)
        written.append(target.read_bytes())
    assert written[0] == written[1]


def test_a_changed_part_is_answered_anew(model: Model, tmp_path: Path) -> None:
    """Parts are taken over by what they hold, not by their number."""
    source, target = tmp_path / "cases.csv", tmp_path / "answers.csv"
    source.write_text("fever\nyes\n")

    with pytest.raises(KeyboardInterrupt):
        answer_file(
            model, str(source), str(target), check_wanted(model), runner=interrupted_after(1)
        )
    source.write_text("fever\nno\n")
    answer_file(model, str(source), str(target), check_wanted(model), resume=True)
    expected = score_table(model, pd.DataFrame({"fever": ["no"]}))["p_spinal_infection"]
    assert pd.read_csv(target)["p_spinal_infection"][0] == pytest.approx(expected[0], abs=1e-10)


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("in.csv", "in.csv", "in.csv is the input, and the answers would go there"),
        (
            "out.csv.bad.csv",
            "out.csv",
            "is the input, and lines that cannot be used would go there",
        ),
        ("in.csv", "linked.csv", "is the input, and the answers would go there"),
        ("in.csv", "folder", "is a folder. Name a file in it"),
        ("in.csv", "pipe", "pipe is a pipe or a device, not a file"),
        ("in.csv", "dangling.csv", "dangling.csv: there is no folder .*none"),
        ("in.csv", f"{'x' * 245}.csv", "the name is too long for a file. Shorten it"),
        ("in.csv", "none/out.csv", "there is no folder .*none. Make it first"),
        ("in.csv", "out.parquet.gz", "Parquet cannot be written under an ending .gz"),
    ],
)
def test_an_output_that_cannot_be_is_refused_before_any_work(
    model: Model, tmp_path: Path, source: str, target: str, message: str
) -> None:
    (tmp_path / source).write_text("fever\nyes\nmaybe\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "dangling.csv").symlink_to(tmp_path / "none" / "out.csv")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "linked.csv").hardlink_to(tmp_path / source)
    before = sorted(tmp_path.iterdir())
    kinds = ("csv", "parquet" if target.endswith(".gz") else "csv")
    with pytest.raises(LumbayesError, match=message):
        answer_file(
            model,
            str(tmp_path / source),
            str(tmp_path / target),
            check_wanted(model),
            formats=kinds,
            runner=lambda *_: pytest.fail("this is work"),
        )
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / source).read_text() == "fever\nyes\nmaybe\n"


def test_a_link_stays_and_the_file_behind_it_is_written(model: Model, tmp_path: Path) -> None:
    source, link, real = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "there" / "real.csv"
    source.write_text("fever\nyes\nmaybe\n")
    real.parent.mkdir()
    link.symlink_to(real)
    done = answer_file(model, str(source), str(link), check_wanted(model))
    assert link.is_symlink() and pd.read_csv(real)["line"].tolist() == [2]
    assert done.refused_to == f"{link}.bad.csv"
    assert [p.name for p in real.parent.iterdir()] == ["real.csv"]


def test_files_of_others_beside_the_output_are_left_alone(model: Model, tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("fever\nyes\nmaybe\n")
    others = [tmp_path / f"out.csv{end}.unfinished" for end in ("", ".bad.csv")]
    for other in others:
        other.write_text("mine")
    answer_file(model, str(source), str(target), check_wanted(model))
    assert [other.read_text() for other in others] == ["mine", "mine"]


def test_refused_rows_have_a_file_of_their_own_whatever_the_output_is_called(
    model: Model, tmp_path: Path
) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.bad.csv"
    source.write_text("fever\nyes\nmaybe\n")
    done = answer_file(model, str(source), str(target), check_wanted(model))
    assert pd.read_csv(target)["line"].tolist() == [2]
    assert pd.read_csv(done.refused_to)["line"].tolist() == [3]


@pytest.mark.usefixtures("small_parts")
def test_a_damaged_page_of_parquet_is_an_error_that_keeps_what_is_done(
    model: Model, tmp_path: Path
) -> None:
    words = [f"yes{' ' * (i % 40)}" for i in range(200)]
    source = tmp_path / "in.parquet"
    write_parquet(source, fever=words)
    whole = source.read_bytes()
    place = pq.ParquetFile(source).metadata.row_group(3).column(0).data_page_offset
    for at, kept in ((place, True), (4, False)):
        source.write_bytes(whole[:at] + b"\xff" * 30 + whole[at + 30 :])
        with pytest.raises(CaseError, match="cannot be read as Parquet") as raised:
            answer_file(model, str(source), str(tmp_path / "out.csv"), check_wanted(model))
        parts = tmp_path / ".out.csv.parts"
        assert parts.exists() == kept
        assert ("Finished parts are kept: go on with --resume" in str(raised.value)) == kept
        assert not (tmp_path / "out.csv").exists()
        if kept:
            source.write_bytes(whole)
            answer_file(
                model, str(source), str(tmp_path / "out.csv"), check_wanted(model), resume=True
            )
            assert len(pd.read_csv(tmp_path / "out.csv")) == 200
            (tmp_path / "out.csv").unlink()


def test_a_finished_part_that_was_damaged_is_answered_anew(model: Model, tmp_path: Path) -> None:
    """As a power cut may leave it: the note is there, the answers are not."""
    source, target = tmp_path / "cases.csv", tmp_path / "answers.csv"
    source.write_text("fever\nyes\nno\n")

    with pytest.raises(KeyboardInterrupt):
        answer_file(
            model, str(source), str(target), check_wanted(model), runner=interrupted_after(1)
        )
    (part,) = tmp_path.glob(".answers.csv.parts/*.part")
    part.write_bytes(b"")
    done = answer_file(model, str(source), str(target), check_wanted(model), resume=True)
    assert done.answered == len(pd.read_csv(target)) == 2


def test_standard_input_is_never_overwritten(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("fever\nyes\n")
    code = "import sys; from lumbayes.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "batch", "-", str(source), "--quiet"]
    with source.open() as given:
        done = subprocess.run(command, stdin=given, capture_output=True, text=True)
    assert done.returncode == 2 and "is the input" in done.stderr
    assert source.read_text() == "fever\nyes\n"


def test_closed_standard_input_is_an_error_that_says_so(tmp_path: Path) -> None:
    code = "import sys; from lumbayes.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "batch", "-", str(tmp_path / "out.csv")]
    done = subprocess.run(["sh", "-c", 'exec "$@" <&-', "sh", *command], capture_output=True)
    assert done.returncode == 2
    assert b"standard input is closed" in done.stderr and b"Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_is_said_to_be_full(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("fever\nyes\n")
    code = "import sys; from lumbayes.cli import main; sys.exit(main())"
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-c", code, "batch", str(tmp_path / "in.csv"), "-", "--quiet"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert done.stderr == "lumbayes: the output: No space left on device. Free some space.\n"


def test_a_side_file_of_standard_output_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Model
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("lumbayes.bad.csv").write_text("mine")
    Path("in.csv").write_text("fever\nyes\n")
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO()))
    answer_file(model, "in.csv", "-", check_wanted(model))
    assert Path("lumbayes.bad.csv").read_text() == "mine"


def test_the_command_ends_with_a_line_and_a_status(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from lumbayes.commands.batch import batch

    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("fever\nyes\nmaybe\n")
    done = CliRunner().invoke(batch, [str(source), str(target), "--quiet"], standalone_mode=False)
    assert done.return_value == 1
    assert "1 case answered" in done.stderr and "out.csv.bad.csv" in done.stderr
    piped = CliRunner().invoke(
        batch, ["-", "-", "--quiet", "--top", "1"], input="fever\nyes\n", standalone_mode=False
    )
    assert piped.return_value == 0
    assert piped.stdout.startswith("line,level,rules,provisional,open_warning_signs,top_1,p_")
    assert len(piped.stdout.splitlines()) == 2


@pytest.mark.parametrize("option", [("--top", "3"), ("--target", "gtps")])
def test_options_of_tables_are_refused_for_json_lines(
    tmp_path: Path, option: tuple[str, str]
) -> None:
    from click.testing import CliRunner

    from lumbayes.commands.batch import batch

    (tmp_path / "in.csv").write_text("fever\nyes\n")
    asked = [str(tmp_path / "in.csv"), str(tmp_path / "out.jsonl"), *option]
    done = CliRunner().invoke(batch, asked, standalone_mode=False)
    assert "are for tables" in str(done.exception)
    assert not (tmp_path / "out.jsonl").exists()


# Started in the background, the tests themselves may be deaf to interrupts: the command is not.
SMALL_PARTS = """
import signal, sys
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    from lumbayes.__main__ import main
    from lumbayes.batch import frames
    frames.ROWS = 100
    sys.exit(main())
"""


@pytest.fixture(scope="module")
def long_run(model: Model, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A file of fifteen parts, a script that answers it, and what comes out uninterrupted."""
    folder = tmp_path_factory.mktemp("long")
    people = pd.concat(simulate_parts(model, 1_500, 5, missing={"finding": 0.8}))
    people.to_csv(folder / "cases.csv", index=False)
    (folder / "command.py").write_text(SMALL_PARTS)
    source, target = str(folder / "cases.csv"), str(folder / "whole.csv")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lumbayes.batch.frames.ROWS", 100)
        answer_file(model, source, target, check_wanted(model))
    return folder / "cases.csv", (folder / "whole.csv").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sent", "more"),
    [
        ("SIGKILL", ()),
        ("SIGTERM", ()),
        ("SIGINT", ()),
        ("SIGKILL", ("--workers", "2")),
        ("SIGINT", ("--workers", "2")),
    ],
)
def test_a_killed_run_leaves_no_process_behind_and_resumes(
    tmp_path: Path,
    model: Model,
    long_run: tuple[Path, bytes],
    monkeypatch: pytest.MonkeyPatch,
    sent: str,
    more: tuple[str, ...],
) -> None:
    """The command itself is killed, with two processes at work; Ctrl-C is sent to all of them."""
    if more:
        pytest.importorskip("distributed")
    (source, whole), target = long_run, tmp_path / "answers.csv"
    command = [sys.executable, str(source.with_name("command.py"))]
    command += ["batch", str(source), str(target), "--quiet", *more]
    running = subprocess.Popen(command, start_new_session=True, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 60
    while not list(tmp_path.glob(".answers.csv.parts/*.part")):
        assert running.poll() is None and time.monotonic() < end
        time.sleep(0.01)
    workers = psutil.Process(running.pid).children(recursive=True)
    send = os.killpg if sent == "SIGINT" else os.kill
    send(running.pid, getattr(signal, sent))
    said = running.communicate(timeout=60)[1]
    if sent == "SIGINT":
        stopped = "lumbayes: stopped. Finished parts are kept: repeat the command with --resume.\n"
        assert (running.returncode, said) == (130, stopped)
    assert workers
    assert not psutil.wait_procs(workers, timeout=20)[1]
    assert not target.exists()
    monkeypatch.setattr("lumbayes.batch.frames.ROWS", 100)
    wanted = check_wanted(model)
    with pytest.raises(LumbayesError, match="Resume it"):
        answer_file(model, str(source), str(target), wanted)
    answer_file(model, str(source), str(target), wanted, resume=True)
    assert target.read_bytes() == whole
    assert sorted(tmp_path.glob(".*")) == []
