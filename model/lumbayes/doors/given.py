"""What a person has in hand, taken over at the door: models, networks, cases, tables, plain values.

Everything wrong about an argument is said here, in one sentence that tells what to pass instead;
behind the door nothing checks again.
"""

from __future__ import annotations

import inspect
import math
import numbers
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from lumbayes.cases.case import Case, understand
from lumbayes.cases.case_files import understand_file, understand_text
from lumbayes.cases.forms import PART_NAMES
from lumbayes.cases.vocabulary import load_vocabulary
from lumbayes.errors import LumbayesError, cut, wrong
from lumbayes.inference.evidence import Findings
from lumbayes.knowledge.causal import network_for
from lumbayes.knowledge.model import Model, load_model
from lumbayes.network.formats import read_network
from lumbayes.network.pgmpy_models import from_pgmpy
from lumbayes.network.variables import Network
from lumbayes.questions.conditioning import case_findings
from lumbayes.triage.care_level import admit, already_means, goes_with_an_error, what_is_known
from lumbayes.triage.judgement import Advice

if TYPE_CHECKING:
    import pandas as pd


LONGEST_PATH = 4096  # that a system takes
P = ParamSpec("P")
R = TypeVar("R")
E = TypeVar("E", bound=Exception)


def text(name: str, value: object, example: str) -> str:
    """Return a text, or raise TypeError."""
    if not isinstance(value, str):
        raise wrong(name, value, f"a text, such as {example!r}")
    return str(value)


def texts(name: str, value: object, example: str) -> list[str]:
    """Return one text, or several in a sequence, as a list; or raise TypeError."""
    if isinstance(value, str):
        return [value]
    listed = sequence(name, value, f"names in a list, such as [{example!r}]")
    return [text(f"{name}[{i}]", one, example) for i, one in enumerate(listed)]


def sequence(name: str, value: object, expected: str) -> list[Any]:
    """Return the items of anything that holds some in order, or raise TypeError."""
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise wrong(name, value, expected)
    return list(value)


def whole(name: str, value: object, example: int, most: int = 1_000_000_000) -> int:
    """Return a whole number (those of numpy too, True and False not), or raise an error."""
    if not isinstance(value, numbers.Integral) or isinstance(value, bool):
        raise wrong(name, value, f"a whole number, such as {example}")
    number = int(value)
    if not 0 <= number <= most:
        size = str(number) if abs(number) < 10**15 else "far too large a number"
        raise LumbayesError(f"{name} is {size}. Give a whole number from 0 to {most:,}.")
    return number


def mapping(name: str, value: object, example: str) -> dict[str, Any]:
    """Return a mapping or a Series with texts as keys, what is missing left out; None is empty."""
    if value is None:
        return {}
    if not isinstance(value, Mapping) and not hasattr(value, "to_dict"):
        raise wrong(name, value, f"a dict, such as {example}")
    items = value if isinstance(value, Mapping) else value.to_dict()
    if not isinstance(items, Mapping):
        raise wrong(name, value, f"a dict, such as {example}")
    return {text(f"{name}: a name", k, "slr"): v for k, v in items.items() if not missing(v)}


def missing(value: object) -> bool:
    """Tell whether a value stands for no answer: None, NaN, NA, NaT.

    Examples
    --------
    >>> missing(float("nan")), missing(None), missing("no"), missing([1])
    (True, True, False, False)
    """
    if value is None or (isinstance(value, numbers.Real) and math.isnan(float(value))):
        return True
    return type(value).__name__ in ("NAType", "NaTType")


def given_model(value: object) -> Model:
    """Return a model: itself, or that of a folder of tables as text or Path."""
    if isinstance(value, Model):
        return value
    if isinstance(value, str | Path):
        return load_model(folder(value))
    raise wrong("model", value, "a Model, as load_model() returns it, or a folder of tables")


def path(name: str, value: object, example: str) -> Path:
    """Return the path of a file given as text or Path, or raise TypeError."""
    told = str(value) if isinstance(value, str | Path) else ""
    if "\0" in told or not told.strip() or len(told) > LONGEST_PATH:
        raise wrong(name, value, f"the path of a file, as text or Path, such as {example!r}")
    return Path(told)


def folder(value: object) -> Path | None:
    """Return the path of a folder given as text or Path; None for the shipped tables."""
    if value is None:
        return None
    if not isinstance(value, str | Path):
        raise wrong("folder", value, "the path of a folder of tables, as text or Path")
    path, found = Path(value), False
    with suppress(OSError, RuntimeError):  # too long a name, no such home
        path = path.expanduser()
        found = "\0" not in str(path) and path.is_dir()
    if not found:
        raise LumbayesError(
            f"{cut(str(path))!r} is no folder. Name a folder of tables, such as one made by"
            " lumbayes learn, or leave it out for the shipped ones."
        )
    return path


def given_network(value: object, *, causal: bool = False) -> Network:
    """Return a network: of a model (causal if something is done), of pgmpy, of a file, or itself.

    A model answers interventions by its causal network, as what-if does; any other network by its
    arrows.
    """
    if isinstance(value, Network):
        return value
    if isinstance(value, Model):
        return network_for(value, causal=causal)
    if is_network(value):
        return from_pgmpy(value).network
    if isinstance(value, str | Path):
        return read_network(path("network", value, "asia.bif")).network
    raise wrong(
        "network",
        value,
        "a Model, a Network, a pgmpy DiscreteBayesianNetwork, or the path of a network file",
    )


def is_network(value: object) -> bool:
    """Tell whether a value is a Network, or one of pgmpy's."""
    return isinstance(value, Network) or (hasattr(value, "get_cpds") and hasattr(value, "nodes"))


def given_findings(
    source: object, given: object, do: object
) -> tuple[Findings | None, dict[str, str]]:
    """Return findings and interventions as the engine takes them, from a dict, Series or Case."""
    done = {
        name: text(f"do[{name!r}]", state_name(source, state), "under_6h")
        for name, state in mapping("do", do, '{"sitting": "under_6h"}').items()
    }
    if isinstance(given, Case):
        if not isinstance(source, Model):
            raise wrong("given", given, "a dict of findings: a Case belongs to a Model")
        return case_findings(source, given), {**given.do, **done}
    if isinstance(source, Model) and isinstance(given, str | Path | list | tuple):
        case = given_case(source, given)
        return _as_told(source, case), {**case.do, **done}
    said = mapping("given", _one_row(given), '{"slr": "positive"}')
    plain = (str, Mapping, Iterable)
    facts = {
        name: value
        for name, value in said.items()
        if isinstance(source, Model) and not (name in source.variables and isinstance(value, plain))
    }
    findings: dict[str, Any] = {
        n: _finding(n, state_name(source, v)) for n, v in said.items() if n not in facts
    }
    if facts and isinstance(source, Model):
        case = given_case(source, facts)
        findings |= _as_told(source, case)
        done = {**case.do, **done}
    return findings, done


def _as_told(model: Model, case: Case) -> dict[str, Any]:
    """Return what the network may know of a case, without what was assumed."""
    return {n: f for n, f in case_findings(model, case).items() if n not in case.assumed}


def state_name(source: object, state: object) -> object:
    """Return a state by its name: pgmpy numbers the states of a variable if not told otherwise."""
    number = isinstance(state, numbers.Real) or type(state).__name__ == "bool"
    return str(state) if number and is_network(source) else state


def _one_row(value: object) -> object:
    """Return the one row of a frame; anything else as it is."""
    if getattr(value, "ndim", 1) != 2:
        return value
    rows = value.to_dict("records") if hasattr(value, "to_dict") else []
    if len(rows) != 1:
        raise LumbayesError(
            f"a case is one row, and this frame has {len(rows)}. Give frame.iloc[0],"
            " or answer the whole frame with assess_table."
        )
    return rows[0]


def _finding(name: str, value: object) -> Any:
    """Return a state, or a likelihood as the engine takes it."""
    expected = (
        'a state, such as "positive", or a likelihood per state, such as [0.2, 0.8]'
        ' or {"negative": 0.2, "positive": 0.8}'
    )
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        if all(isinstance(k, str) and _number(v) for k, v in value.items()):
            return {str(k): float(v) for k, v in value.items()}
        raise wrong(name, value, expected)
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        several = list(value)
        if several and all(_number(v) for v in several):
            return [float(v) for v in several]
        if several and all(isinstance(v, str | Mapping | Sequence) for v in several):
            return [_finding(name, v) for v in several]
    raise wrong(name, value, expected)


def _number(value: object) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def given_case(model: Model, value: object = None, **answers: object) -> Case:
    """Return a case from a Case, a dict, a Series, one row of a frame, JSON text, or a path.

    Parameters
    ----------
    model : Model
        The tables.
    value : Case, mapping, Series, frame of one row, str or Path, optional
        A mapping as ``parse_case`` takes it; what is missing is unknown. A text that starts with
        ``{`` is JSON, any other text and every Path a file.
    **answers
        Variables with their states, and facts of the vocabulary with their values.

    Returns
    -------
    Case
        Checked.
    """
    case = _understood(model, value, **answers)
    return case if isinstance(value, Case) else _admitted(model, case)


def _understood(model: Model, value: object, **answers: object) -> Case:
    """Return all that can be understood of a case in any form."""
    if isinstance(value, Case):
        if answers:
            raise wrong("case", value, "a dict if further answers are given")
        return value
    if isinstance(value, Path) or (isinstance(value, str) and value.lstrip()[:1] not in "{["):
        if answers:
            raise wrong("case", value, "a dict if further answers are given")
        return understand_file(model, path("case", value, "case.json"))
    if isinstance(value, str):
        return understand_text(model, value)
    example = '{"low_back_pain": "yes"}'
    if isinstance(value, list | tuple) and not answers:
        return understand(
            model, [one.to_dict() if hasattr(one, "to_dict") else one for one in value]
        )
    data = {**mapping("case", _one_row(value), example), **{k: v for k, v in answers.items()}}
    return understand(model, _sorted_out(model, data))


def _admitted(model: Model, case: Case) -> Case:
    """Return a case if nothing is wrong, or if it contradicts itself and holds an alarm.

    A mistake is raised all the same, and says what the rest already means.
    """
    admit(model, case)
    if case.errors:
        raise beside(case.errors[0], what_is_known(model, case))
    return case


def beside(error: E, advice: Advice) -> E:
    """Return an error that says what a case already means, and holds the advice as ``triage``."""
    if getattr(error, "triage", None) is None:
        error.args = (f"{error}{already_means(advice.level, bool(advice.contradictions))}",)
        error.triage = advice  # type: ignore[attr-defined]
    return error


def advice_kept(ask: Callable[P, R]) -> Callable[P, R]:
    """Let no mistake in one argument hide what the case in another one calls for.

    Whatever the function raises says what was understood of its ``case``, or of what is ``given``
    to a model, if that calls for a visit or does not fit together.
    """
    signature = inspect.signature(ask)

    @wraps(ask)
    def asked(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return ask(*args, **kwargs)
        except (LumbayesError, TypeError) as error:
            advice = None
            with suppress(Exception):
                names = signature.bind_partial(*args, **kwargs).arguments
                model = given_model(next(iter(names.values())))
                case = _understood(model, names.get("case", names.get("given")))
                advice = what_is_known(model, case)
            if advice is not None and goes_with_an_error(advice):
                beside(error, advice)
            raise

    return asked


def _sorted_out(model: Model, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put flat answers where they belong: findings, facts, likelihoods or interventions."""
    objects = {name: value for name, value in data.items() if isinstance(value, Mapping)}
    weights = {
        name: value
        for name, value in objects.items()
        if name in model.variables and value.keys() == set(model.variables[name].states)
    }
    if objects.keys() - weights or not data or PART_NAMES.keys() & data.keys():
        return data
    parts: dict[str, dict[str, Any]] = {"findings": {}, "facts": {}, "likelihoods": {}, "do": {}}
    whole: dict[str, Any] = {}
    vocabulary = load_vocabulary(model)
    for name, value in data.items():
        if missing(value) or value == "":
            continue
        plain = value.item() if hasattr(value, "item") and getattr(value, "ndim", 0) == 0 else value
        variable, colon, state = name.partition(":")
        states = model.variables[name].states if name in model.variables else ()
        if name == "minor":
            whole["minor"] = plain
        elif name in weights:
            parts["likelihoods"][name] = dict(value)
        elif colon and variable == "do":
            parts["do"][state] = plain
        elif colon and variable in model.variables:
            parts["likelihoods"].setdefault(variable, {})[state] = plain
        elif name in vocabulary and plain not in (*states, "unsure"):
            parts["facts"][name] = plain
        else:
            parts["findings"][name] = plain
    return {**{k: v for k, v in parts.items() if v}, **whole} or {"findings": {}}


def given_frame(name: str, value: object) -> pd.DataFrame:
    """Return a table of cases: a DataFrame, a dict of columns, or a list of dicts or Series."""
    import pandas as pd

    expected = "a DataFrame with a row for each case and a column for each variable"
    if isinstance(value, pd.DataFrame):
        return value
    if isinstance(value, Mapping) and value:
        columns = {
            text(f"{name}: a column", k, "slr"): sequence(f"{name}[{k!r}]", v, "a list of states")
            for k, v in value.items()
        }
        if len({len(c) for c in columns.values()}) != 1:
            raise LumbayesError(f"the columns of {name} differ in length. Make them equally long.")
        return pd.DataFrame(columns, dtype=object)
    if isinstance(value, list | tuple) and value:
        if all(isinstance(row, Case) for row in value):
            raise wrong(name, value, f"{expected}; keep the answers of the cases as rows")
        return pd.DataFrame([mapping(f"{name}[{i}]", r, "a dict") for i, r in enumerate(value)])
    raise wrong(name, value, expected)
