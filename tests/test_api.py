"""The public names: few, documented, imported on first use."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys

import pytest

import lumbayes


def test_every_public_name_exists_and_is_documented() -> None:
    assert 8 <= len(lumbayes.__all__) <= 30
    for name in lumbayes.__all__:
        assert getattr(lumbayes, name).__doc__
    assert set(dir(lumbayes)) == {*lumbayes.__all__, "__version__"}
    assert lumbayes.__version__


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'asses'"):
        lumbayes.asses  # noqa: B018


def loaded(code: str) -> set[str]:
    """The top-level modules that are loaded after some code."""
    code += "; import sys; print(*{m.split('.')[0] for m in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    return set(done.stdout.splitlines()[-1].split())


def test_importing_lumbayes_is_light() -> None:
    assert not loaded("import lumbayes") & {"numpy", "pandas", "streamlit", "pgmpy", "click"}


def test_an_assessment_loads_neither_the_app_nor_pgmpy() -> None:
    code = "from lumbayes.cli import main; main(['assess', 'low_back_pain=yes', '--draws', '20'])"
    modules = loaded(code)
    assert "numpy" in modules
    heavy = {"pandas", "streamlit", "pgmpy", "torch", "scipy", "networkx", "matplotlib"}
    assert not modules & heavy


def test_what_python_shows_of_the_large_things_is_short() -> None:
    model = lumbayes.load_model()
    case = lumbayes.parse_case(model, {"saddle_numbness": "yes"})
    answer = lumbayes.assess(model, case, draws=0)
    assert repr(model).startswith(f"<Model {model.version}: {len(model.variables)} variables")
    assert repr(answer).startswith("<Assessment emergency_now: ")
    assert max(len(repr(model)), len(repr(answer))) < 200


def test_the_model_with_its_methods_hides_nothing_of_the_tables() -> None:
    """A method named like an attribute of the tables would break all that reads it."""
    from lumbayes.doors import workbench
    from lumbayes.knowledge import model as tables

    own = {name for name in vars(workbench.Model) if not name.startswith("_")}
    assert not own & {name for name in vars(tables.Model) if not name.startswith("_")}
    assert lumbayes.load_model().draw(3).shape[1] == 3


def test_names_told_of_together_have_one_default() -> None:
    """The reference shows the default of the first for all of them."""
    for name in lumbayes.__all__:
        function = getattr(lumbayes, name)
        if inspect.isfunction(function):
            takes = inspect.signature(function).parameters
            for line in re.findall(r"^ +(\w+(?:, \w+)+) : ", function.__doc__ or "", re.M):
                among = [takes[n].default for n in line.split(", ") if n in takes]
                assert len(set(map(repr, among))) <= 1, (name, line)
