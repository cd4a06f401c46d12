"""A risk factor added as rows to a copy of the tables is asked, weighed, explained and judged.

The code knows no variable by its name, but for a few whose meaning it holds itself.
"""

from __future__ import annotations

import ast
import csv
import shutil
from pathlib import Path

import pytest

import lumbayes as lb
from lumbayes.knowledge.anchors import ANCHORS
from lumbayes.knowledge.tables import data_dir

ROOT = Path(lb.__file__).parent
MODEL = lb.load_model()
SPELT = {  # where the name of a variable stands in code, and why
    "knowledge/anchors.py": set(ANCHORS),
    # Examples in messages about a wrong argument.
    "doors/given.py": {"slr"},
    "doors/networks.py": {"slr"},
    "doors/one_case.py": {"low_back_pain", "radiculopathy"},
    "doors/tables.py": {"radiculopathy"},
    # A column of the exercises and a kind of their notes.
    "exercises/choice.py": {"pregnancy"},
    "exercises/tables.py": {"pregnancy"},
}
NAME = "seat_vibration"
ROWS: dict[str, dict[str, str] | list[dict[str, str]]] = {
    "variables.csv": {
        "name": NAME,
        "layer": "context",
        "group": "habits",
        "ask": "question",
        "cost": "0.01",
        "label": "Seat vibration",
        "question": "Do you drive machines that shake?",
    },
    "states.csv": [
        {"variable": NAME, "state": "no", "label": "No"},
        {"variable": NAME, "state": "yes", "label": "Yes"},
    ],
    "roles.csv": {"variable": NAME, "role": "changeable"},
    "probabilities.csv": {
        "variable": NAME,
        "state": "yes",
        "value": "0.1",
        "low": "0.05",
        "high": "0.2",
        "source": "expert",
        "grade": "D",
    },
    "links.csv": {
        "effect": "lumbar_overload",
        "effect_state": "present",
        "cause": NAME,
        "cause_state": "yes",
        "quantity": "strength",
        "value": "0.3",
        "low": "0.1",
        "high": "0.5",
        "source": "expert",
        "grade": "D",
    },
}


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tables, with the rows of one more risk factor and of one rule that reads it."""
    folder = tmp_path_factory.mktemp("more") / "data"
    shutil.copytree(data_dir(), folder)
    for table, rows in ROWS.items():
        append(folder / table, rows if isinstance(rows, list) else [rows])
    with (folder / "triage.csv").open(encoding="utf-8", newline="") as file:
        model = next(row for row in csv.DictReader(file) if row["level"] == "urgent_physician")
    append(folder / "triage.csv", [{**model, "rule": "SHAKEN", "when": f"{NAME}=yes & fever=yes"}])
    return folder


def append(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        columns = csv.DictReader(file).fieldnames or []
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, columns, restval="", lineterminator="\n").writerows(rows)


def test_it_is_asked_weighed_explained_and_judged(tables: Path) -> None:
    model = lb.load_model(str(tables))
    asked = model.next_questions({"low_back_pain": "yes"}, limit=None).frame["variable"]
    assert NAME in set(asked)
    before = model.posterior("low_back_pain")["yes"]
    assert model.posterior("low_back_pain", {NAME: "yes"})["yes"] > before
    weights = model.explain({NAME: "yes"}, "lumbar_overload").frame
    assert NAME in set(weights["finding"])
    less = model.what_if({NAME: "yes"}, {"less": {NAME: "no"}}, "low_back_pain", draws=0).frame
    assert less["change"].iloc[0] < 0
    assert "SHAKEN" in model.assess({NAME: "yes", "fever": "yes"}, draws=0).triage.rules
    assert not model.assess({NAME: "yes"}, draws=0).triage.rules
    table = model.assess_table([{NAME: "yes", "fever": "yes"}], targets="low_back_pain")
    assert "SHAKEN" in table["rules"].iloc[0]


def spelt(path: Path) -> set[str]:
    """Names of variables among the texts of a module, alone or in a list; docstrings apart."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts = {node for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    said = {n.value for n in ast.walk(tree) if isinstance(n, ast.Expr)} & texts
    found: set[str] = set()
    for text in (str(node.value) for node in texts - said if isinstance(node.value, str)):
        words = [word.partition("=")[0] for word in text.split()]
        if all(word in MODEL.variables for word in words):
            found |= set(words)
    return found


def test_no_variable_is_named_in_code() -> None:
    allowed = {ROOT / path: names for path, names in SPELT.items()}
    found = {path: spelt(path) - allowed.get(path, set()) for path in ROOT.rglob("*.py")}
    assert not {path: names for path, names in found.items() if names}


def test_the_few_variables_that_the_code_knows_exist() -> None:
    assert set(ANCHORS) <= set(MODEL.variables)
