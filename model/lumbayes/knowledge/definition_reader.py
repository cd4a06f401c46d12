"""Read the tables that define the network, and check every line of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

from lumbayes.errors import TableError, unknown_name
from lumbayes.knowledge.definition import (
    ASKED_AS,
    LAYERS,
    LEAK,
    ROLE_COLUMNS,
    ROLES,
    SKIP_COLUMNS,
    SOURCE_COLUMNS,
    STATE_COLUMNS,
    VARIABLE_COLUMNS,
    Definition,
    Number,
    VariableInfo,
)
from lumbayes.knowledge.parameter_reader import TablesRead, read_links, read_probabilities
from lumbayes.knowledge.tables import Row, read_table


def read_definition(folder: Path | None = None) -> Definition:
    """Read variables, states, sources, probabilities and links, and check them against each other.

    Parameters
    ----------
    folder : Path, optional
        Where the tables lie; the shipped ones if left out.

    Returns
    -------
    Definition
        Numbers in the order of ``probabilities.csv``, then ``links.csv``, then the causal shares.

    Raises
    ------
    TableError
        If a table is broken: the message names file, line, value, choices and a way out.

    Examples
    --------
    >>> read = read_definition()
    >>> read.links[0].effect in read.variables
    True
    """
    keys: set[str] = set()
    for row in read_table("sources.csv", SOURCE_COLUMNS, folder):
        if row.text("key") in keys:
            raise row.error(f"the source key {row['key']} stands twice. Remove or rename one.")
        keys.add(row["key"])
    reading = TablesRead(folder, _read_variables(folder), tuple(sorted(keys)))
    read_probabilities(reading)
    read_links(reading)
    _check_groups(reading.numbers)
    _check_complete(reading)
    _check_cycles(reading)
    ordered = tuple(reading.recipes[n] for n in reading.variables if n in reading.recipes)
    return Definition(reading.variables, tuple(reading.numbers), tuple(reading.links), ordered)


def _read_variables(folder: Path | None) -> dict[str, VariableInfo]:
    states: dict[str, dict[str, Row]] = {}
    for row in read_table("states.csv", STATE_COLUMNS, folder):
        own = states.setdefault(row.text("variable"), {})
        state = row.text("state")
        if state in own:
            raise row.error(
                f"state {state} of {row['variable']} stands twice, also in line "
                f"{own[state].line}. Remove or rename one."
            )
        own[state] = row
    variables: dict[str, VariableInfo] = {}
    for row in read_table("variables.csv", VARIABLE_COLUMNS, folder):
        name = row.text("name")
        if name in variables or name == LEAK:
            raise row.error(f"the name {name} is taken. Remove or rename this variable.")
        own = states.get(name, {})
        if len(own) < 2:
            raise row.error(
                f"{name} has {len(own)} states and needs two or more. Add them to states.csv."
            )
        variables[name] = VariableInfo(
            name,
            row.choice("layer", LAYERS),
            row.text("group"),
            row.choice("ask", ASKED_AS),
            row.number("cost", 0.0) if row["cost"] else 0.0,
            row.text("label"),
            row["clinician_label"] or row["label"],
            row["question"],
            row["help"],
            tuple(own),
            tuple(r.text("label") for r in own.values()),
        )
    for name, own in states.items():
        if name not in variables:
            raise next(iter(own.values())).error(str(unknown_name("variable", name, variables)))
    return _with_roles(variables, folder)


def _with_roles(variables: dict[str, VariableInfo], folder: Path | None) -> dict[str, VariableInfo]:
    """Add what ``roles.csv`` and ``skips.csv`` say of the variables."""
    roles: dict[str, set[str]] = {}
    for row in read_table("roles.csv", ROLE_COLUMNS, folder):
        name = row.choice("variable", variables)
        roles.setdefault(name, set()).add(row.choice("role", ROLES))
    skips: dict[str, list[tuple[str, str]]] = {}
    for row in read_table("skips.csv", SKIP_COLUMNS, folder):
        other = row.choice("variable", variables)
        skipped = skips.setdefault(row.choice("question", variables), [])
        skipped.append((other, row.choice("state", variables[other].states)))
    return {
        name: replace(
            info,
            roles=frozenset(roles.get(name, ())),
            skipped_by=tuple(skips.get(name, ())),
        )
        for name, info in variables.items()
    }


def _check_groups(numbers: Iterable[Number]) -> None:
    """Distributions that are drawn together must be the same, number by number."""
    distributions: dict[object, list[Number]] = {}
    for number in numbers:
        own = number.distribution if number.distribution >= 0 else number.id
        distributions.setdefault(own, []).append(number)
    first: dict[str, list[Number]] = {}
    for mates in distributions.values():
        for number in filter(lambda n: n.draw_group, mates):
            group = number.draw_group
            others = first.setdefault(group, mates)
            if _drawn(others) != _drawn(mates):
                twin = next(m for m in others if m.draw_group == group)
                raise TableError(
                    f"{number.file}, line {number.line}: the draw group {group} stands for other "
                    f"numbers in {twin.file}, line {twin.line}. One group is one number: give "
                    "both the same value, low, high and states, or rename one."
                )


def _drawn(mates: Iterable[Number]) -> list[tuple[str, float, float, float]]:
    return [(m.draw_group, m.value, m.low, m.high) for m in mates]


def _check_complete(reading: TablesRead) -> None:
    for row in read_table("variables.csv", VARIABLE_COLUMNS, reading.folder):
        if row["layer"] != "triage_only" and row["name"] not in reading.recipes:
            raise row.error(
                f"{row['name']} has no row in probabilities.csv or links.csv. Add one, "
                "or give it the layer triage_only."
            )


def _check_cycles(reading: TablesRead) -> None:
    try:
        TopologicalSorter({n: r.parents for n, r in reading.recipes.items()}).prepare()
    except CycleError as error:
        cycle: list[str] = error.args[1]
    else:
        return
    places = []
    for cause, effect in pairwise(cycle):
        recipe = reading.recipes[effect]
        index = recipe.indices[recipe.parents.index(cause) + 1 if recipe.noisy else 0]
        number = reading.numbers[index.max(initial=-1)]
        places.append(f"{number.file}, line {number.line}")
    raise TableError(
        f"{'; '.join(places)}: the arrows form a cycle: {' → '.join(cycle)}. Remove one."
    )
