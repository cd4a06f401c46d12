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
# From the ground up: a package imports only from those before it.
PACKAGES = """
errors limits text interrupts atomic_files
network inference knowledge literature
cases triage exercises questions
batch evaluation learning
doors interchange
commands cli __main__
service app teaching
""".split()
MODULES = {
    ".".join(path.relative_to(ROOT / "lumbayes").with_suffix("").parts): path
    for path in sorted((ROOT / "lumbayes").rglob("*.py"))
    if path.name != "__init__.py"
}
EVERYWHERE = {"click", "lumbayes", "numpy", "pandas", "pyarrow", "tqdm"} | sys.stdlib_module_names


def package(module: str) -> str:
    """The folder of a module, or its own name where it stands beside the folders."""
    return module.split(".")[0]


def listed(folder: Path) -> list[str]:
    """What a package says that others may use: ``__all__`` of its ``__init__``."""
    for node in ast.parse((folder / "__init__.py").read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    return []


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
def test_a_module_imports_only_from_packages_before_its_own(module: str) -> None:
    assert package(module) in PACKAGES, f"give {package(module)} its place in PACKAGES"
    own = PACKAGES.index(package(module))
    later = {other for other in imported(module) if PACKAGES.index(package(other)) > own}
    assert not later, f"lumbayes.{module} imports from packages after its own: {sorted(later)}"


@pytest.mark.parametrize("module", MODULES)
def test_a_module_uses_of_other_packages_only_what_they_list(module: str) -> None:
    for other in imported(module):
        inside = other.split(".")
        for depth in range(1, len(inside)):
            folder = inside[:depth]
            if module.split(".")[:depth] != folder and folder[0] not in ("app", "commands"):
                allowed = listed(ROOT.joinpath("lumbayes", *folder))
                assert inside[depth] in allowed, f"{'.'.join(folder)} does not list {inside[depth]}"


def test_no_two_modules_need_each_other() -> None:
    graphlib.TopologicalSorter({module: imported(module) for module in MODULES}).prepare()


@pytest.mark.parametrize(
    "module",
    # The kernel is compiled as it is imported, which is done where it is used.
    [
        m
        for m in MODULES
        if package(m) not in ("app", "service")
        and (not m.startswith("inference.kernel.") or m.endswith(".loading"))
    ],
)
def test_extras_are_imported_where_they_are_used(module: str) -> None:
    """Without the extras all but app and service imports; with them, the start stays quick."""
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


def test_classes_and_values_have_one_home() -> None:
    """A class name stands for one thing; a tuple or pattern that code is held to is written once.

    ``Model`` is the tables, and the tables with every question as a method.
    """
    classes: dict[str, list[str]] = {}
    values: dict[str, list[str]] = {}
    for module, path in MODULES.items():
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef):
                classes.setdefault(node.name, []).append(module)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple | ast.Call):
                written = ast.unparse(node.value)
                if len(written) > 20 and ast.unparse(node.targets[0]).isupper():
                    values.setdefault(written, []).append(module)
    twice = {n: places for n, places in classes.items() if len(places) > 1}
    assert twice.keys() <= {"Model"}, twice
    assert not [places for places in values.values() if len(places) > 1]
