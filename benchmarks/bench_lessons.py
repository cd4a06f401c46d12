"""How long each lesson takes from top to bottom, alone; writes benchmarks/lessons.md."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path

import nbformat
from nbconvert.preprocessors import ExecutePreprocessor

HERE = Path(__file__).parent
ALLOWED = 60  # seconds on two cores
HEAD = """# The lessons: how long each takes

`python benchmarks/bench_lessons.py`, {cores} cores: the whole lesson in a fresh kernel, its start
included, one after the other. Allowed: {allowed} s of processor time, which is what a lesson takes
where nothing else runs. Load of the machine meanwhile: {load:.1f}.

| lesson | processor, s | on the clock, s |
|---|---:|---:|
"""


def main() -> None:
    """Run every lesson and write the page; stop if one takes too long."""
    taken = {}
    for path in sorted((HERE.parent / "notebooks").glob("*.ipynb")):
        lesson = nbformat.read(path, as_version=4)
        start, used = time.perf_counter(), processor()
        ExecutePreprocessor(timeout=600).preprocess(lesson, {"metadata": {"path": path.parent}})
        taken[path.stem] = processor() - used, time.perf_counter() - start
        print(path.stem, *(f"{seconds:.0f} s" for seconds in taken[path.stem]), flush=True)
    text = HEAD.format(cores=os.cpu_count(), allowed=ALLOWED, load=os.getloadavg()[1])
    rows = "".join(
        f"| {name} | {cpu:.0f} | {clock:.0f} |\n" for name, (cpu, clock) in taken.items()
    )
    (HERE / "lessons.md").write_text(text + rows, encoding="utf-8")
    assert max(cpu for cpu, _ in taken.values()) < ALLOWED, taken


def processor() -> float:
    """Return the processor seconds of all kernels that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
