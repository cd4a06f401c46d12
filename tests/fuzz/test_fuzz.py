"""Whatever comes in, by whatever door: an answer, or a message that says what to do.

Inputs are drawn from a grammar of nearly right ones. ``LUMBAYES_FUZZ`` says how many (2,000 if left
out), ``LUMBAYES_FUZZ_SEED`` which. A failure names entrance and number, which repeat it.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import random
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from lumbayes.app import share
from lumbayes.batch.frames import score_table
from lumbayes.cases.case import parse_case, understand
from lumbayes.cases.case_files import parse_text
from lumbayes.cli import main
from lumbayes.errors import LumbayesError
from lumbayes.inference.queries import posterior
from lumbayes.knowledge.model import Model, load_model
from lumbayes.network.formats import READERS, read_network
from lumbayes.network.variables import Network, Table, Variable
from lumbayes.network.writers import WRITERS
from lumbayes.questions.assessment.summary import assess
from lumbayes.triage.care_level import admit

INPUTS = int(os.environ.get("LUMBAYES_FUZZ", "2000"))
SEED = os.environ.get("LUMBAYES_FUZZ_SEED", "16")
SLOWEST = 20.0  # seconds for one input on a busy machine; more is a hang
CHUNKS = 8

MODEL: Model = load_model()
NAMES = [*MODEL.variables]
ODD = (
    *("", " ", "\0", "\n", "\ufeff", "\ud800", "é", "𝔵", "=1+1", "'", '"', "`", "../x", "-", "--"),
    *("null", "None", "nan", "NaN", "inf", "1e999", "-1", "0", "9" * 400, "true", "[]", "{}"),
    *("x" * 5_000, "[" * 50, "<b>x</b>", "%s", "{0}", "a;b", "a,b", "a\tb", "\\", "//", "/*"),
)
OBJECTS: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 10**400, 0.5, float("nan"), float("inf"), b"yes", [], {}, (), ...),
    *([1], {"a": 1}, {1: 2}, object, "yes", "unsure", pd.NA, pd.NaT),
)


def name(r: random.Random) -> str:
    if r.random() < 0.85:
        return r.choice(NAMES)
    known = r.choice(NAMES)
    return r.choice([known[:-1], known.upper(), f" {known}", f"do:{known}", r.choice(ODD)])


def state(r: random.Random, variable: str) -> str:
    known = MODEL.variables[variable].states if variable in MODEL.variables else ("yes",)
    if r.random() < 0.85:
        return r.choice(known)
    return r.choice(["unsure", r.choice(known).title(), r.choice(ODD)])


def value(r: random.Random, variable: str, depth: int = 0) -> Any:
    """A state, mostly; else anything that JSON can say."""
    if r.random() < 0.8:
        return state(r, variable)
    if depth < 3 and r.random() < 0.4:
        return {name(r): value(r, name(r), depth + 1) for _ in range(r.randrange(3))}
    return r.choice([None, True, 1, -1.5, 1e308, [], ["yes"], {}, "9" * 50, r.choice(ODD)])


def case(r: random.Random) -> dict[str, Any]:
    findings = {n: value(r, n) for n in (name(r) for _ in range(r.randrange(6)))}
    if r.random() < 0.3:
        return findings
    whole: dict[str, Any] = {"findings": findings}
    if r.random() < 0.3:
        own = r.choice(["slr", "fever", name(r)])
        states = MODEL.variables[own].states if own in MODEL.variables else ("yes",)
        weights = [r.choice([0, 1, 0.5, -1, 10**400, "1", None, 1e308, True]) for _ in states]
        whole["likelihoods"] = {own: dict(zip(states, weights, strict=True))}
    for part in ("do", "facts", "minor", "warnings", "version", r.choice(ODD)):
        if r.random() < 0.15:
            whole[part] = r.choice([value(r, "fever"), {name(r): value(r, "fever")}, ["x"]])
    return whole


def text_of(r: random.Random, data: Any) -> str:
    """JSON, sometimes cut, doubled or with a sign too many."""
    text = json.dumps(data, default=str)
    return spoilt(r, text) if r.random() < 0.3 else text


def spoilt(r: random.Random, text: str) -> str:
    at, to = sorted(r.randrange(len(text) + 1) for _ in range(2))
    return r.choice(
        [
            text[:at],
            text[:at] + text[to:],
            text[:at] + r.choice(ODD) + text[at:],
            text[:at] + 2 * text[at:to] + text[to:],
            text.replace(r.choice(text or " "), r.choice(ODD), 1),
        ]
    )


# --- entrances: each takes a source of chance and a folder of its own -----------------------------


def by_python(r: random.Random, folder: Path) -> None:
    data: Any = case(r) if r.random() < 0.8 else r.choice(OBJECTS)
    with contextlib.suppress(LumbayesError):
        strict(assess(MODEL, parse_case(MODEL, data), draws=0).to_dict())


def by_json(r: random.Random, folder: Path) -> None:
    with contextlib.suppress(LumbayesError):
        parse_text(MODEL, text_of(r, case(r)), "the text")


def by_link(r: random.Random, folder: Path) -> None:
    text = text_of(r, case(r)).encode("utf-8", "surrogatepass")
    code = base64.urlsafe_b64encode(zlib.compress(text)).decode().rstrip("=")
    code = spoilt(r, code) if r.random() < 0.3 else code
    with contextlib.suppress(LumbayesError):
        admit(MODEL, understand(MODEL, *share.from_code(code)))


def by_frame(r: random.Random, folder: Path) -> None:
    cells: dict[Any, list[Any]] = {}
    for _ in range(r.randrange(1, 5)):
        own = name(r)
        cells[own] = [state(r, own) if r.random() < 0.8 else r.choice(OBJECTS) for _ in range(3)]
    with contextlib.suppress(LumbayesError):
        answers = score_table(MODEL, pd.DataFrame(cells, dtype=object))
        good = answers["error"] == ""
        assert not answers.loc[good].filter(regex="^p_").isna().any().any(), "NaN"


def table(r: random.Random) -> tuple[list[str], list[list[str]]]:
    columns = list(dict.fromkeys(name(r) for _ in range(r.randrange(1, 5))))
    rows = [[state(r, c) if r.random() < 0.8 else "" for c in columns] for _ in range(3)]
    return columns, rows


def by_table(r: random.Random, folder: Path) -> None:
    columns, rows = table(r)
    kind = r.choice(["csv", "csv", "jsonl", "parquet"])
    path, out = folder / f"in.{kind}", folder / f"out.{r.choice(['csv', 'jsonl', 'parquet'])}"
    if kind == "csv":
        sign = r.choice([",", ";", "\t"])
        quoted = [[f'"{c}"' if r.random() < 0.2 else c for c in row] for row in [columns, *rows]]
        text = "\n".join(sign.join(row) for row in quoted) + r.choice(["", "\n", "\r\n"])
        text = spoilt(r, text) if r.random() < 0.4 else text
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
    elif kind == "jsonl":
        lines = [text_of(r, case(r)) for _ in range(3)]
        path.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    else:
        fine = [c.encode("utf-8", "replace").decode() for c in columns]
        made = [
            pa.array([x.encode("utf-8", "replace").decode() for x in column])
            if r.random() < 0.7
            else r.choice(
                [
                    pa.array([1, None, 2**60]),
                    pa.array([0.5, float("nan"), None]),
                    pa.array([True, False, None]),
                    pa.nulls(3),
                    pa.array(["yes", "no", None]).dictionary_encode(),
                    pa.array(["yes", None, "no"], pa.string_view()),
                    pa.array([[1], [], None]),
                    pa.array([1, 2, 3], pa.timestamp("ns")),
                ]
            )
            for column in zip(*rows, strict=True)
        ]
        pq.write_table(pa.table(dict(zip(fine, made, strict=True))), path)
        if r.random() < 0.4:
            raw = bytearray(path.read_bytes())
            for _ in range(r.randrange(1, 4)):
                raw[r.randrange(len(raw))] = r.randrange(256)
            path.write_bytes(bytes(raw))
    words = ["batch", str(path), str(out), "--quiet", "--draws", "0"]
    if r.random() < 0.3:
        words += ["--keep", r.choice(columns)]
    status = command(words)
    left = {p.name for p in folder.iterdir()} - {path.name}
    assert left <= {out.name, f"{out.name}.bad.csv"}, left
    assert (out.name in left) == (status < 2), (status, left)


def by_words(r: random.Random, folder: Path) -> None:
    asked = r.choice(["assess", "assess", "explain", "posterior", "exercises", "what-if"])
    words = [asked]
    if asked in ("posterior", "explain"):
        words.append(name(r))
    for _ in range(r.randrange(5)):
        own = name(r)
        words.append(r.choice([f"{own}={state(r, own)}", f"{own}={state(r, own)}", r.choice(ODD)]))
    if asked == "what-if":
        own = name(r)
        words += [r.choice(["--do", "--see"]), f"{own}={state(r, own)}"]
    if asked in ("assess", "explain"):
        words += ["--draws", r.choice(["0", "0", "0", "-1", "x", "1e9"])]
    if r.random() < 0.5:
        words.append("--json")
    # No argument of a process holds a zero byte; one that is no UTF-8 comes as \udc80 to \udcff.
    command([w.replace("\0", "").replace("\ud800", "\udc80") for w in words])


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


def small_network(r: random.Random) -> Network:
    cards = [r.randrange(1, 4) for _ in range(3)]
    made = []
    for i, card in enumerate(cards):
        parents = tuple(f"v{j}" for j in range(i) if r.random() < 0.6)
        shape = [cards[int(p[1:])] for p in parents]
        rows = [[r.random() + 0.1 for _ in range(card)] for _ in range(max(1, _product(shape)))]
        values = [[x / sum(row) for x in row] for row in rows]
        states = tuple(r.choice(["a b", "s", "1", 'q"', "x,y"]) + str(k) for k in range(card))
        made.append(Variable(f"v{i}", states, parents, Table(_shaped(values, [*shape, card]))))
    return Network(made)


def _product(shape: Sequence[int]) -> int:
    whole = 1
    for size in shape:
        whole *= size
    return whole


def _shaped(values: list[list[float]], shape: Sequence[int]) -> Any:
    import numpy as np

    return np.array(values).reshape(shape)


def by_network(r: random.Random, folder: Path) -> None:
    kind = r.choice([*READERS])
    text = WRITERS[kind](small_network(r), {}).text
    for _ in range(r.randrange(3)):
        text = spoilt(r, text)
    ending = {"xmlbif": "xml"}.get(kind, kind)
    path = folder / f"n.{ending}"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with contextlib.suppress(LumbayesError):
        network = read_network(path).network
        for own in list(network)[:2]:
            found = posterior(network, own)
            assert abs(found.sum() - 1) < 1e-9, "NaN"


ENTRANCES: dict[Callable[[random.Random, Path], None], int] = {
    by_network: 30,
    by_json: 15,
    by_link: 15,
    by_python: 10,
    by_table: 12,
    by_words: 12,
    by_frame: 4,
    by_terminal: 2,
}


def command(words: list[str]) -> int:
    """Run a command; what it says is in order, or the test fails."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(words)
    assert status in (0, 1, 2), status
    assert "Traceback" not in err.getvalue()
    if status == 2:
        assert len(err.getvalue().strip()) > 15, f"no message: {err.getvalue()!r}"
    if status == 0 and "--json" in words:
        strict(out.getvalue())
    return status


def strict(answer: object) -> None:
    """The answer is JSON without NaN."""

    def refused(number: str) -> None:
        raise AssertionError(f"{number} in JSON")

    text = answer if isinstance(answer, str) else json.dumps(answer, default=str)
    json.loads(text, parse_constant=refused)


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_whatever_comes_in_gets_an_answer_or_a_message(tmp_path: Path, chunk: int) -> None:
    weighted = [door for door, weight in ENTRANCES.items() for _ in range(weight)]
    for number in range(chunk, INPUTS, CHUNKS):
        door = weighted[number * 37 % len(weighted)]
        folder = tmp_path / str(number)
        folder.mkdir()
        began = time.monotonic()
        try:
            door(random.Random(f"{SEED}-{number}"), folder)
        except Exception as error:
            pytest.fail(f"{door.__name__}, input {number} of seed {SEED}: {error!r}")
        assert time.monotonic() - began < SLOWEST, f"{door.__name__}, input {number}: a hang"
