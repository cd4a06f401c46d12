"""The lessons keep their promises: small steps, no outputs, exercises whose solutions are right."""

from __future__ import annotations

import ast
import builtins
import json
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
LESSONS = sorted(FOLDER.glob("*.ipynb"))
LINES = 6  # of code in a cell, blank ones not counted
HELPER_LINES = 4
EXERCISES = 3
SHOWN = 1500
PICTURE = "<details>\n<summary>The picture in words</summary>"
UNANSWERED = "answer = ..."
CHECK = 'if answer is ...:\n    print("not yet")\nelse:\n'
SOLUTION = re.compile(
    r"<details>\s*<summary>The solution</summary>\s*```python\n(.*?)```\s*</details>", re.S
)

pytestmark = pytest.mark.filterwarnings("default")


@dataclass(frozen=True)
class Cell:
    kind: str
    source: str
    outputs: tuple[Any, ...]
    count: int | None


def cells(lesson: Path) -> tuple[Cell, ...]:
    """The cells of a lesson, in order."""
    read = json.loads(lesson.read_text(encoding="utf-8"))["cells"]
    return tuple(
        Cell(
            c["cell_type"],
            "".join(c["source"]),
            tuple(c.get("outputs", ())),
            c.get("execution_count"),
        )
        for c in read
    )


def code(lesson: Path) -> Iterator[Cell]:
    """The code cells of a lesson."""
    return (c for c in cells(lesson) if c.kind == "code")


def statements(source: str) -> list[ast.stmt]:
    return ast.parse(source).body


def stores_no_output(lesson: Path) -> None:
    for cell in code(lesson):
        assert not cell.outputs and cell.count is None, cell.source


def opens_with_what_one_will_be_able_to_do(lesson: Path) -> None:
    opening = cells(lesson)[0]
    assert opening.kind == "markdown"
    assert opening.source.startswith(f"# {int(lesson.name[:2])} · ")
    assert "**Afterwards you can**\n\n- " in opening.source


def takes_small_steps(lesson: Path) -> None:
    for cell in code(lesson):
        taught = cell.source.removeprefix(CHECK)
        lines = [line for line in taught.splitlines() if line.strip()]
        only_imports = all(
            isinstance(s, ast.Import | ast.ImportFrom) for s in statements(cell.source)
        )
        assert len(lines) <= LINES or only_imports, cell.source


def asks_before_it_answers(lesson: Path) -> None:
    """Never code far from prose, and a question for every three cells of code."""
    kinds = [c.kind for c in cells(lesson)]
    assert all("markdown" in kinds[max(i - 3, 0) : i + 1] for i in range(len(kinds)))
    prose = " ".join(c.source for c in cells(lesson) if c.kind == "markdown")
    assert 3 * prose.count("?") >= kinds.count("code")


def pastes_no_helpers(lesson: Path) -> None:
    for cell in code(lesson):
        for node in ast.walk(ast.parse(cell.source)):
            assert not isinstance(node, ast.ClassDef), cell.source
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                assert length <= HELPER_LINES, cell.source


def imports_the_package(lesson: Path) -> None:
    imported = [
        name
        for cell in code(lesson)
        for s in statements(cell.source)
        if isinstance(s, ast.Import | ast.ImportFrom)
        for name in ([s.module] if isinstance(s, ast.ImportFrom) else [a.name for a in s.names])
    ]
    assert any((name or "").partition(".")[0] == "lumbayes" for name in imported)


def checks_numbers_by_hand(lesson: Path) -> None:
    """Outside the exercises, the same number twice and compared."""
    taught = [c.source for c in code(lesson) if "answer is ..." not in c.source]
    assert sum("assert_allclose" in source for source in taught) >= 3


def closes_with_three_exercises(lesson: Path) -> None:
    """Each: task and folded hint, cell for the answer, cell that checks, folded solution."""
    last = cells(lesson)[-4 * EXERCISES :]
    assert cells(lesson)[-4 * EXERCISES - 1].source.startswith("## Three exercises")
    for number in range(EXERCISES):
        task, place, check, solution = last[4 * number : 4 * number + 4]
        assert task.source.startswith(f"### Exercise {number + 1}\n")
        assert "<details>\n<summary>A hint</summary>" in task.source
        assert place.source == UNANSWERED
        assert check.source.startswith(CHECK)
        assert "assert" in check.source
        assert SOLUTION.fullmatch(solution.source), solution.source
    assert sum(c.source == UNANSWERED for c in cells(lesson)) == EXERCISES


def asks_open_questions_and_gives_answers(lesson: Path) -> None:
    (asked,) = [c.source for c in cells(lesson) if c.source.startswith("## To discuss\n")]
    questions = re.findall(r"^\d\. .*\?", asked, re.M)
    assert len(questions) >= 2
    assert asked.count("<summary>What one might answer</summary>") == len(questions)


def says_every_picture_in_words(lesson: Path) -> None:
    shown = cells(lesson)
    for cell, after in pairwise(shown):
        if cell.kind == "code" and re.search(r"\bsubplots\(|\.plot\.|^slider\(", cell.source, re.M):
            assert after.source.startswith(PICTURE), cell.source


def means_one_thing_by_a_name(lesson: Path) -> None:
    """A cell may be run again: what it takes from another cell is set in one cell only."""
    stored: dict[str, int] = {}
    taken: set[str] = set()
    for cell in code(lesson):
        tree = ast.parse(cell.source)
        inner = {
            name.id if isinstance(name, ast.Name) else name.arg
            for node in ast.walk(tree)
            if isinstance(node, ast.comprehension | ast.For | ast.arguments)
            for name in ast.walk(node if isinstance(node, ast.arguments) else node.target)
            if isinstance(name, ast.Name | ast.arg)
        }
        found = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id not in inner]
        own = {n.id for n in found if isinstance(n.ctx, ast.Store)}
        taken |= {n.id for n in found} - own
        for name in own - {"answer"}:
            stored[name] = stored.get(name, 0) + 1
    assert {name for name in taken if stored.get(name, 0) > 1} == set()


LAWS: tuple[Callable[[Path], None], ...] = (
    stores_no_output,
    opens_with_what_one_will_be_able_to_do,
    takes_small_steps,
    asks_before_it_answers,
    pastes_no_helpers,
    imports_the_package,
    checks_numbers_by_hand,
    closes_with_three_exercises,
    asks_open_questions_and_gives_answers,
    says_every_picture_in_words,
    means_one_thing_by_a_name,
)


def test_there_are_twelve_lessons_in_order() -> None:
    assert [int(lesson.name[:2]) for lesson in LESSONS] == list(range(1, 13))


def test_the_walk_for_teachers_names_every_lesson() -> None:
    walk = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [lesson.name for lesson in LESSONS if f"({lesson.name})" not in walk] == []


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.stem)
def test_every_lesson_obeys_every_law(lesson: Path, law: Callable[[Path], None]) -> None:
    law(lesson)


def wrong(answer: Any) -> Any:
    """An answer near the right one, or the other of two."""
    if isinstance(answer, bool):
        return not answer
    return answer + 1 if isinstance(answer, int) else 1.01 * np.asarray(answer)


def refuses(check: str, name: str, run: dict[str, Any]) -> None:
    """The check stops at the answer in `run`."""
    with pytest.raises(AssertionError):
        exec(compile(check, name, "exec"), run)  # our own lessons


def shows(source: str, name: str, run: dict[str, Any]) -> str:
    """Run a cell of our own lessons, and return what its last line shows."""
    tree = ast.parse(source)
    last = tree.body[-1]
    if isinstance(last, ast.Expr):
        tree.body.pop()
    exec(compile(tree, name, "exec"), run)
    if not isinstance(last, ast.Expr):
        return ""
    value = eval(compile(ast.Expression(last.value), name, "eval"), run)
    return "" if value is None else repr(value)


@pytest.mark.slow
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.stem)
def test_every_check_tells_right_from_wrong(
    lesson: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole lesson runs, with the solutions in place of the open answers."""
    matplotlib = pytest.importorskip("matplotlib")
    pytest.importorskip("pgmpy")
    matplotlib.use("Agg")
    solutions = iter(
        found.group(1) for c in cells(lesson) if (found := SOLUTION.search(c.source)) is not None
    )
    run: dict[str, Any] = {"__name__": "lesson", "__builtins__": builtins}
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a warning is a red box in the notebook,
        warnings.simplefilter("ignore", DeprecationWarning)  # but for these
        for cell in code(lesson):
            source = next(solutions) if cell.source == UNANSWERED else cell.source
            if source.startswith(CHECK):
                refuses(source, lesson.name, {**run, "answer": wrong(run["answer"])})
            shown = shows(source, lesson.name, run)
            assert len(shown) <= SHOWN, source
            assert "np." not in shown, source
    import matplotlib.pyplot as plt

    plt.close("all")
    assert capsys.readouterr().out.count("right\n") == EXERCISES
