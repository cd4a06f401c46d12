"""Each module imports only from the lines above it, and the extras stay out until they are used."""

from __future__ import annotations

import ast
import graphlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "model"
LINES = """
errors
whole_files case_cells wording
tables
conversions
network
definition
number_rows
definition_reader
model
beta greedy_elimination elimination factors operations programs junction_tree evidence grouping \
    batches expectations bif network_writers network_readers marginals alternatives
inference
causal
statements vocabulary case_parts
cases
questions.words questions.triage_rules questions.triage_reader questions.triage \
    questions.triage_table questions.care_level \
    questions.differential questions.attribution questions.conflict questions.explanation_paths \
    questions.explanation_answer questions.explanation questions.report questions.page \
    questions.after_answers questions.next_question questions.interview \
    questions.interventions questions.twin_network questions.counterfactual questions.benefit \
    questions.what_if questions.requisite questions.moved_numbers questions.one_way \
    questions.flips questions.rival_arrows questions.life questions.sensitivity \
    questions.exercise_tables questions.exercise_plan questions.exercise_person \
    questions.exercise_reasons questions.exercises
questions.summary
case_columns
case_rows
case_answers
case_tables
case_parsing
case_sources case_batch
case_runners case_output
case_files
learning_counts learning_prior
targets
target_values scores learning formats evaluation simulation cluster
validation fitting
calibration learned_tables
learning_review
learning_report
commands.*
cli
app.*
""".replace("\\\n", " ")
LAYERS = [line.split() for line in LINES.strip().splitlines()]
MODULES = {
    ".".join(path.relative_to(ROOT / "lumbayes").with_suffix("").parts): path
    for path in sorted((ROOT / "lumbayes").rglob("*.py"))
    if path.name != "__init__.py"
}
EVERYWHERE = {"click", "lumbayes", "numpy", "pandas", "pyarrow", "tqdm"} | sys.stdlib_module_names


def rank(module: str) -> int:
    """The line of a module, counted from the top; every module of app is on the last."""
    for i, layer in enumerate(LAYERS):
        if module in layer or module.split(".")[0] + ".*" in layer:
            return i
    pytest.fail(f"lumbayes.{module} has no line in tests/test_layers.py: give it one")


def names(node: ast.AST) -> list[str]:
    """What an import statement asks for, dotted."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, f"line {node.lineno}: write the import from lumbayes, not from dots"
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def imported(module: str) -> set[str]:
    """The modules of lumbayes that a module imports anywhere, inside functions too."""
    asked = [n for node in ast.walk(ast.parse(MODULES[module].read_text())) for n in names(node)]
    inside = [n.removeprefix("lumbayes.") for n in asked if n.split(".")[0] == "lumbayes"]
    return {m for m in MODULES for n in inside if n == m or n.startswith(f"{m}.")}


def at_import(body: list[ast.stmt]) -> Iterator[str]:
    """What is imported as soon as the module is: not in functions, not under TYPE_CHECKING."""
    for node in body:
        yield from names(node)
        checking = isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        if not checking and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for field in ("body", "orelse", "finalbody"):
                yield from at_import(getattr(node, field, []))
            for handler in getattr(node, "handlers", []):
                yield from at_import(handler.body)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_from_the_lines_above_it(module: str) -> None:
    own = rank(module)
    below = {other for other in imported(module) if rank(other) > own}
    assert not below, f"lumbayes.{module} imports from below itself: {sorted(below)}"


def test_no_two_modules_need_each_other() -> None:
    graphlib.TopologicalSorter({module: imported(module) for module in MODULES}).prepare()


@pytest.mark.parametrize("module", [m for m in MODULES if not m.startswith("app.")])
def test_extras_are_imported_where_they_are_used(module: str) -> None:
    """Without the extras everything but the app imports; with them, the start stays quick."""
    tree = ast.parse(MODULES[module].read_text())
    early = {name.split(".")[0] for name in at_import(tree.body)} - EVERYWHERE
    assert not early, f"lumbayes.{module} imports {sorted(early)} too early: do it in the function"


@pytest.mark.parametrize("module", [m for m in MODULES if not m.startswith("app.")])
def test_only_the_app_imports_streamlit(module: str) -> None:
    tree = ast.parse(MODULES[module].read_text())
    assert "streamlit" not in {n.split(".")[0] for node in ast.walk(tree) for n in names(node)}


def test_importing_lumbayes_loads_neither_streamlit_nor_pgmpy() -> None:
    code = "import sys, lumbayes; print(*sorted({'pgmpy', 'streamlit'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.split() == []
