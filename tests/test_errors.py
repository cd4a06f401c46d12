"""Errors: the nearest name, the choices, one family."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbayes import errors
from lumbayes.errors import LumbayesError, _nearest, unknown_name


@pytest.mark.parametrize(
    ("given", "nearest"),
    [("slrr", "slr"), ("SLR", "slr"), ("Slump ", "slump"), ("trendelenberg", "Trendelenburg")],
)
def test_the_nearest_name_is_offered_as_it_is_spelled(given: str, nearest: str) -> None:
    error = unknown_name("variable", given, ["slr", "slump", "Trendelenburg"])
    assert f"unknown variable {given!r}. Did you mean {nearest!r}?" in str(error)
    assert str(error).endswith("Known: slr, slump, Trendelenburg.")


@pytest.mark.parametrize("given", ["", "qqqq", 7, None, ["thomas"]])
def test_nothing_near_offers_the_choices_alone(given: object) -> None:
    error = unknown_name("variable", given, ["slr"])
    assert str(error) == f"unknown variable {str(given)!r}. Known: slr."


def test_of_many_choices_twelve_are_listed() -> None:
    error = unknown_name("variable", "zzz", [f"v{i}" for i in range(45)])
    assert "v11, … (45 in all)." in str(error)
    assert "v30" not in str(error)


@pytest.mark.parametrize("kind", [v for n, v in vars(errors).items() if n.endswith("Error")])
def test_every_error_is_a_lumbayes_error(kind: type[Exception]) -> None:
    """One except clause catches all that a user can cause."""
    assert issubclass(kind, LumbayesError) and issubclass(kind, ValueError)


@given(st.text("abcdef_é" + chr(65 + 64), max_size=12), st.lists(st.text("abcdef_é", max_size=12)))
def test_the_nearest_name_is_that_of_difflib(asked: str, names: list[str]) -> None:
    near = difflib.get_close_matches(asked.lower(), names, n=1, cutoff=0.6)
    assert _nearest(asked.lower(), tuple(names)) == near
