"""A table of a million ragged cases, from CSV to Parquet; then the same on a Dask cluster.

Writes benchmarks/batch.md. Usage: bench_batch.py [CASES [CASES_ON_THE_CLUSTER]]
"""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
import pyarrow as pa
from pyarrow import csv as arrow_csv

from lumbayes.batch.simulation import CHUNK, simulate_parts
from lumbayes.knowledge.model import load_model

HERE = Path(__file__).parent
MISSING = {"context": 0.2, "finding": 0.6}
HALF = {"context": 0.5, "finding": 0.6}
MOST = {"context": 0.8, "finding": 0.6}
MB = 1e6
COMMAND = "import sys; from lumbayes.cli import main; sys.exit(main())"


def write_cases(path: Path, cases: int, missing: dict[str, float]) -> None:
    """People drawn from the network, most of their answers blank."""
    with path.open("wb") as file:
        for i, part in enumerate(simulate_parts(load_model(), cases, 1, missing=missing)):
            options = arrow_csv.WriteOptions(include_header=i == 0)
            arrow_csv.write_csv(pa.Table.from_pandas(part, preserve_index=False), file, options)
    assert cases <= CHUNK or path.stat().st_size > MB


def pss(process: psutil.Process) -> float:
    """Return the memory of a process in MB; 0 once it is gone."""
    try:
        return float(process.memory_full_info().pss / MB)
    except psutil.Error:
        return 0.0


def measured(arguments: list[str]) -> tuple[float, float, float, float]:
    """Run a command: seconds, seconds of processor, peak MB of all its processes and of a worker.

    Memory that processes share counts once (proportional set size).
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", COMMAND, *arguments])
    peak, largest = [0.0], [0.0]

    def watch() -> None:
        try:
            parent = psutil.Process(process.pid)
            while process.poll() is None:
                children = [pss(child) for child in parent.children(recursive=True)]
                peak[0] = max(peak[0], pss(parent) + sum(children))
                largest[0] = max([largest[0], *children])
                time.sleep(0.2)
        except psutil.NoSuchProcess:
            pass

    watcher = threading.Thread(target=watch)
    watcher.start()
    status = process.wait()
    seconds = time.perf_counter() - start
    watcher.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert status == 0, f"{arguments} ended with {status}"
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, used, peak[0], largest[0]


def main() -> None:
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    fewer = int(sys.argv[2]) if len(sys.argv) > 2 else min(cases, 100_000)
    lines = [
        "# Tables of cases",
        "",
        "Written by `benchmarks/bench_batch.py`. People drawn from the network, 60 % of their"
        " findings and 20 % of their context blank, and who says there is no pain not asked about"
        " it; posteriors of all conditions and imbalances,"
        " care level with its thresholds, three most probable conditions.",
        f"Python {platform.python_version()}, {os.cpu_count()} cores,"
        f" load before the run {os.getloadavg()[0]:.1f}.",
        "",
        "| work | cases | seconds | processor s | cases a second | MB in all | MB, a worker |",
        "|---|---|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as folder:
        whole, some, half, most = (
            Path(folder) / f"{n}.csv" for n in ("cases", "some", "half", "most")
        )
        write_cases(whole, cases, MISSING)
        write_cases(half, cases, HALF)
        write_cases(most, cases, MOST)
        write_cases(some, fewer, MISSING)
        runs = [
            ("CSV to Parquet", whole, cases, []),
            ("the same, half of the context blank", half, cases, []),
            ("the same, four fifths of the context blank", most, cases, []),
            ("CSV to CSV", some, fewer, []),
            ("CSV to CSV, Dask, 1 worker", some, fewer, ["--workers", "1"]),
            ("CSV to CSV, Dask, 2 workers", some, fewer, ["--workers", "2"]),
        ]
        outputs, processor = set(), []
        for i, (name, source, count, more) in enumerate(runs):
            target = Path(folder) / f"out{i}.{'csv' if source == some else 'parquet'}"
            seconds, used, peak, child = measured(
                ["batch", str(source), str(target), "--quiet", *more]
            )
            shown = f"{child:.0f}"
            lines.append(
                f"| {name} | {count:,} | {seconds:.1f} | {used:.1f} | {count / seconds:,.0f}"
                f" | {peak:.0f} | {shown} |"
            )
            print(lines[-1], flush=True)
            if source == some:
                outputs.add(target.read_bytes())
                processor.append(used)
        assert len(outputs) == 1, "the cluster gave other bytes"
        size = whole.stat().st_size / MB
    alone, *dask = processor
    one, two = (100 * (seconds / alone - 1) for seconds in dask)
    lines += [
        "",
        f"The large CSV has {size:.0f} MB. All three CSV files are the same bytes. Dask costs"
        f" {one:.0f} % more processor time than the command's own processes at one worker,"
        f" {two:.0f} % at two: the start, the scheduler, and the trees that every worker compiles.",
        "",
    ]
    (HERE / "batch.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
