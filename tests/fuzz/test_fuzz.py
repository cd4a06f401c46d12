"""Whatever comes in, by whatever door: an answer, or a message that says where and what to do.

Inputs are drawn from a grammar of nearly right ones. ``LUMBAYES_FUZZ`` says how many (2,000 if left
out), ``LUMBAYES_FUZZ_SEED`` which. A failure names entrance and number, which repeat it. A fault is
a traceback, NaN, a wrong status, half a file, a hang, much memory or a message without a place.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import random
import traceback
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from app_parts import app
from click.testing import CliRunner
from complaints import Hang, bounded, names_place, peak
from odd_inputs import (
    MODEL,
    NAMES,
    OBJECTS,
    ODD,
    case,
    name,
    small_network,
    spoilt,
    state,
    table,
    text_of,
)

import lumbayes
from lumbayes.app import many_cases, share, uploads
from lumbayes.batch.frames import score_table
from lumbayes.cases.case import parse_case, understand
from lumbayes.cases.case_files import parse_text
from lumbayes.cases.words import state_of
from lumbayes.cli import main
from lumbayes.errors import LumbayesError
from lumbayes.inference.queries import posterior
from lumbayes.limits import csv_rows
from lumbayes.network.formats import READERS, read_network
from lumbayes.network.writers import WRITERS
from lumbayes.questions.assessment.summary import assess
from lumbayes.triage.care_level import admit

INPUTS = int(os.environ.get("LUMBAYES_FUZZ", "2000"))
SEED = os.environ.get("LUMBAYES_FUZZ_SEED", "16")
SLOWEST = 20  # seconds for one input on a busy machine; more is a hang
CHUNKS = 8
WORKBENCH = lumbayes.load_model()
Door = Callable[[random.Random, Path], None]


@contextlib.contextmanager
def refused(entrance: str, kinds: tuple[type[Exception], ...] = (LumbayesError,)) -> Any:
    """Whatever is refused inside says where; anything else that is thrown is a fault."""
    try:
        yield
    except kinds as error:
        told(str(error), entrance)


def told(message: str, entrance: str) -> None:
    assert names_place(message, entrance), f"no place in {message!r}"


# --- entrances: each takes a source of chance and a folder of its own -----------------------------


def by_python(r: random.Random, folder: Path) -> None:
    data: Any = case(r) if r.random() < 0.8 else r.choice(OBJECTS)
    with refused("python"):
        strict(assess(MODEL, parse_case(MODEL, data), draws=0).to_dict())


def by_door(r: random.Random, folder: Path) -> None:
    """A public function, with arguments of any kind."""

    def odd(right: Any) -> Any:
        return right if r.random() < 0.7 else r.choice(OBJECTS)

    own, given = name(r), odd(case(r))
    pair = odd({own: state(r, own)})
    row = pair if isinstance(pair, dict) and pair else {"fever": "yes"}
    frame = odd(
        pd.DataFrame([[*row.values()]], columns=pd.Index([*row], dtype=object), dtype=object)
    )
    ask: Callable[[], Any] = r.choice(
        [
            lambda: lumbayes.assess(WORKBENCH, given, odd(0), questions=odd(1), level=odd(None)),
            lambda: lumbayes.assess(WORKBENCH, given, 0, region=odd("uk"), equipment=odd("band")),
            lambda: lumbayes.differential(WORKBENCH, given, odd(0), odd(0)),
            lambda: lumbayes.explain(WORKBENCH, given, odd(own), orders=odd(20)),
            lambda: lumbayes.sensitivity(WORKBENCH, given, odd(own)),
            lambda: lumbayes.what_if(WORKBENCH, given, pair, odd([own]), 0),
            lambda: lumbayes.posterior(odd(WORKBENCH), odd(own), pair),
            lambda: lumbayes.joint(WORKBENCH, odd([own, "fever"]), pair),
            lambda: lumbayes.most_probable(WORKBENCH, pair, odd([own])),
            lambda: lumbayes.simulate(WORKBENCH, odd(2), odd(0)),
            lambda: lumbayes.assess_table(WORKBENCH, frame, keep=odd(()), top=odd(1)),
            lambda: lumbayes.parse_case(WORKBENCH, given),
            lambda: lumbayes.read_case(WORKBENCH, odd(str(folder / "missing.json"))),
            lambda: lumbayes.read_network(odd(str(folder / "missing.bif"))),
            lambda: lumbayes.export(odd(WORKBENCH), odd(folder / "n.txt")),
            lambda: lumbayes.load_model(odd(str(folder))),
        ]
    )
    with refused("python", (LumbayesError, TypeError)):
        ask()
    assert not [*folder.iterdir()]


def by_json(r: random.Random, folder: Path) -> None:
    with refused("text"):
        parse_text(MODEL, text_of(r, case(r)), "the text")


def link(r: random.Random) -> str:
    text = text_of(r, case(r)).encode("utf-8", "surrogatepass")
    code = base64.urlsafe_b64encode(zlib.compress(text)).decode().rstrip("=")
    return spoilt(r, code) if r.random() < 0.3 else code


def by_link(r: random.Random, folder: Path) -> None:
    with refused("link"):
        admit(MODEL, understand(MODEL, *share.from_code(link(r))))


def by_page(r: random.Random, folder: Path) -> None:
    """The page that a link opens: nothing is thrown, and something is shown."""
    page = app(r.choice(["results", "why", ""]), s=link(r).encode("utf-8", "replace").decode())
    assert page.get("html") or page.markdown


def no_numbers_missing(answers: pd.DataFrame) -> None:
    """What is wrong in part has a level and no probability; any other row has all of them."""
    whole = answers.loc[answers["problem"] == ""] if len(answers) else answers
    assert not whole.filter(regex="^p_").isna().any().any(), "NaN"


def by_upload(r: random.Random, folder: Path) -> None:
    kind, content = file_of(r, *table(r))
    if r.random() < 0.1:
        kind = r.choice(["csv", "jsonl", "parquet", "txt", ""])
    with refused("file"):
        upload = uploads.read_upload(f"in.{kind}", content)
        keep = tuple(c for c in upload.columns if r.random() < 0.2)
        for part in many_cases.score(MODEL, upload, keep):
            no_numbers_missing(part.answers)
            for reason in part.bad["reason"]:
                told(reason, "row")


def by_frame(r: random.Random, folder: Path) -> None:
    cells: dict[Any, list[Any]] = {}
    for _ in range(r.randrange(1, 5)):
        own = name(r)
        cells[own] = [state(r, own) if r.random() < 0.8 else r.choice(OBJECTS) for _ in range(3)]
    columns = pd.Index([*cells], dtype=object)  # pandas itself refuses some texts for its own kind
    rows = [*zip(*cells.values(), strict=True)]
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    with refused("python"):
        answers = score_table(MODEL, frame)
        good = answers["error"] == ""
        no_numbers_missing(answers.loc[good])
        for reason in answers.loc[~good, "error"]:
            told(reason, "row")


def file_of(r: random.Random, columns: list[str], rows: list[list[str]]) -> tuple[str, bytes]:
    """A table as a file, sometimes broken: its ending and content."""
    kind = r.choice(["csv", "csv", "jsonl", "parquet"])
    if kind == "csv":
        sign = r.choice([",", ";", "\t"])
        quoted = [[f'"{c}"' if r.random() < 0.2 else c for c in row] for row in [columns, *rows]]
        text = "\n".join(sign.join(row) for row in quoted) + r.choice(["", "\n", "\r\n"])
        text = spoilt(r, text) if r.random() < 0.4 else text
        return kind, text.encode("utf-8", "surrogatepass")
    if kind == "jsonl":
        lines = [text_of(r, case(r)) for _ in range(3)]
        return kind, "\n".join(lines).encode("utf-8", "surrogatepass")
    fine = [c.encode("utf-8", "replace").decode() for c in columns]
    others = [
        pa.array([1, None, 2**60]),
        pa.array([0.5, float("nan"), None]),
        pa.array([True, False, None]),
        pa.nulls(3),
        pa.array(["yes", "no", None]).dictionary_encode(),
        pa.array(["yes", None, "no"], pa.string_view()),
        pa.array([[1], [], None]),
        pa.array([1, 2, 3], pa.timestamp("ns")),
    ]
    made = [
        pa.array([x.encode("utf-8", "replace").decode() for x in column])
        if r.random() < 0.7
        else r.choice(others)
        for column in zip(*rows, strict=True)
    ]
    sink = io.BytesIO()
    pq.write_table(pa.table(dict(zip(fine, made, strict=True))), sink)
    raw = bytearray(sink.getvalue())
    for _ in range(r.randrange(1, 4) if r.random() < 0.4 else 0):
        raw[r.randrange(len(raw))] = r.randrange(256)
    return kind, bytes(raw)


def by_table(r: random.Random, folder: Path) -> None:
    columns, rows = table(r)
    kind, content = file_of(r, columns, rows)
    path, out = folder / f"in.{kind}", folder / f"out.{r.choice(['csv', 'jsonl', 'parquet'])}"
    path.write_bytes(content)
    words = ["batch", str(path), str(out), "--quiet", "--draws", "0"]
    if r.random() < 0.3:
        words += ["--keep", r.choice(columns)]
    status, _ = command(words, "file", (0, 1, 2))
    side = folder / f"{out.name}.bad.csv"
    left = {p.name for p in folder.iterdir()} - {path.name}
    assert left == {p.name for p, there in ((out, status < 2), (side, status == 1)) if there}, left
    if status == 2:
        return
    if out.suffix == ".csv":
        text = out.read_text(encoding="utf-8")
        sign = text[len("line")]
        read = [*csv_rows(io.StringIO(text, newline=""), sign, strict=True)]
        assert len({len(row) for row in read}) == 1, "half a line"
    elif out.suffix == ".jsonl":
        for line in out.read_text(encoding="utf-8").splitlines():
            strict(line)
    else:
        pq.read_table(out)
    if status == 1:
        for _, reason, *_ in [*csv_rows(io.StringIO(side.read_text(encoding="utf-8")))][1:]:
            told(reason, "row")


def by_words(r: random.Random, folder: Path) -> None:
    asked = r.choice(["assess", "assess", "explain", "posterior", "exercises", "what-if"])
    words, wrong = [asked], False
    if asked in ("posterior", "explain"):
        words.append(name(r))
        wrong = words[1] in ODD
    for _ in range(r.randrange(5)):
        own = name(r)
        said = state(r, own)
        words.append(r.choice([f"{own}={said}", f"{own}={said}", r.choice(ODD)]))
        known = MODEL.variables[own].states if own in NAMES else ()
        wrong |= "=" in words[-1] and bool(known) and said in ODD and not state_of(known, said)
    if asked == "what-if":
        own = name(r)
        words += [r.choice(["--do", "--see"]), f"{own}={state(r, own)}"]
    if asked in ("assess", "explain"):
        words += ["--draws", r.choice(["0", "0", "0", "-1", "x", "1e9"])]
        wrong |= words[-1] != "0"
    if r.random() < 0.5:
        words.append("--json")
    # No argument of a process holds a zero byte; one that is no UTF-8 comes as \udc80 to \udcff.
    status, _ = command(
        [w.replace("\0", "").replace("\ud800", "\udc80") for w in words], "arguments"
    )
    assert status == 2 or not wrong, f"status {status} for a mistake"


def by_export(r: random.Random, folder: Path) -> None:
    """A network written under any name: whole, or not at all."""
    name_ = r.choice(["n", "n.x", "a/n.bif", *(f"n.{kind}" for kind in READERS), "n.BIF"])
    status, _ = command(["export", str(folder / name_)], "file")
    left = [*folder.rglob("*")]
    assert (status == 0) == bool(left) and len(left) < 2
    if left:
        assert len(read_network(left[0]).network) == len(MODEL.network)


def by_terminal(r: random.Random, folder: Path) -> None:
    from lumbayes.commands.ask import ask

    replies = [
        r.choice(["1", "2", "skip", "back", "why", "yes", "no", "quit", r.choice(ODD)])
        for _ in range(r.randrange(6))
    ]
    said = "\n".join(x.encode("utf-8", "replace").decode() for x in [*replies, "quit", ""])
    with contextlib.chdir(folder):  # a reply may name the file to keep the case in
        done = CliRunner().invoke(ask, ["--draws", "0"], input=said, standalone_mode=False)
    assert done.exception is None or isinstance(done.exception, LumbayesError), done.exc_info
    if done.exception is not None:
        told(str(done.exception), "arguments")
    assert done.output.strip(), "nothing said"


def by_network(r: random.Random, folder: Path) -> None:
    kind = r.choice([*READERS])
    text = WRITERS[kind](small_network(r), {}).text
    for _ in range(r.randrange(3)):
        text = spoilt(r, text)
    path = folder / f"n.{'xml' if kind == 'xmlbif' else kind}"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with refused("file"):
        network = read_network(path).network
        for own in list(network)[:2]:
            found = posterior(network, own)
            assert abs(found.sum() - 1) < 1e-9, "NaN"


ENTRANCES: dict[Door, int] = {
    by_network: 54,
    by_json: 30,
    by_link: 30,
    by_python: 20,
    by_table: 18,
    by_words: 18,
    by_door: 14,
    by_upload: 10,
    by_frame: 8,
    by_terminal: 4,
    by_page: 1,
    by_export: 1,
}


def command(words: list[str], entrance: str, may: tuple[int, ...] = (0, 2)) -> tuple[int, str]:
    """Run a command; what it says is in order, or the test fails. Status and output."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(words)
    assert status in may, status
    said = err.getvalue()
    assert "Traceback" not in said
    if status == 2:
        lines = said.partition("lumbayes: ")[2] or said
        told(lines.strip(), entrance)
    elif words[0] not in ("batch", "export"):
        assert out.getvalue().strip(), "status 0 without an answer"
    if status == 0 and "--json" in words:
        strict(out.getvalue())
    return status, said


def strict(answer: object) -> None:
    """The answer is JSON without NaN."""

    def no_number(number: str) -> None:
        raise AssertionError(f"{number} in JSON")

    text = answer if isinstance(answer, str) else json.dumps(answer, default=str)
    json.loads(text, parse_constant=no_number)


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_whatever_comes_in_gets_an_answer_or_a_message(tmp_path: Path, chunk: int) -> None:
    weighted = [door for door, weight in ENTRANCES.items() for _ in range(weight)]
    idle = peak()
    faults = []
    for number in range(chunk, INPUTS, CHUNKS):
        door = weighted[number * 37 % len(weighted)]
        folder = tmp_path / str(number)
        folder.mkdir()
        try:
            with bounded(SLOWEST, idle):
                door(random.Random(f"{SEED}-{number}"), folder)
        except (Exception, Hang) as error:
            at = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{door.__name__}, input {number} of seed {SEED}"
            faults.append(f"{where}: {str(error) or repr(error)} ({at.filename}, {at.lineno})")
    assert not faults, "\n".join([f"{len(faults)} faults", *faults[:20]])
