"""People drawn from the network: exact, given anything, with answers missing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from lumbayes.cases.case import parse_case
from lumbayes.cases.exclusions import load_exclusions
from lumbayes.errors import CaseError, LumbayesError, check_seed, unknown_name
from lumbayes.inference.queries import evidence, sample
from lumbayes.knowledge.anchors import ASKS_FOR_CARE
from lumbayes.knowledge.causal import network_for
from lumbayes.knowledge.model import Model
from lumbayes.network.variables import Network

# Share of answers missing, by layer. What cannot be asked is missing altogether.
MISSING = MappingProxyType(
    {"context": 0.0, "finding": 0.0, "imbalance": 1.0, "condition": 1.0, "mechanism": 1.0}
)
CHUNK = 20_000  # people drawn at a time


def simulate(
    model: Model,
    n: int,
    seed: int = 0,
    *,
    given: Mapping[str, str] | None = None,
    do: Mapping[str, str] | None = None,
    missing: Mapping[str, float] | None = None,
    network: Network | None = None,
    as_cases: bool = True,
) -> pd.DataFrame:
    """Draw people from P(everything | given, do): each one independently, none rejected.

    Parameters
    ----------
    model : Model
        The tables.
    n : int
        How many people.
    seed : int
        The same seed draws the same ``n`` people.
    given : mapping of variable to state, optional
        What all of them have in common. Exactly this: pain does not set ``asks_for_care`` here.
    do : mapping of variable to state, optional
        Interventions; contested links then carry only their causal share.
    missing : mapping of layer to share, optional
        Share of answers missing at random, 0 to 1, where it is not as in ``MISSING``; a layer of
        which all is missing has no columns. What is given, and ``asks_for_care``, never is missing.
    network : Network, optional
        Draw from this one instead of the model's, such as one of ``Model.draw``.
    as_cases : bool
        Skip questions as an interview does: who answers that there is no pain now (``duration``)
        is not asked how it behaves, and who has none in the leg, not in which. The network is no
        rule book and draws both; ``parse_case`` refuses them together. What is blank depends on
        answers shown alone, so nothing is lost for learning. False keeps the draws as they are.

    Returns
    -------
    DataFrame
        A row per person, readable by ``score_table``: a category per variable, and ``do:variable``.

    Raises
    ------
    LumbayesError
        If ``n`` or the seed is negative, a share is not within 0 to 1, every answer is missing,
        or what is given is impossible, too rare
        or contradicts itself.
    UnknownNameError
        If a variable, state or layer does not exist.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> people = simulate(load_model(), 3, given={"sex": "female"}, missing={"finding": 1.0})
    >>> people["sex"].tolist(), "fever" in people
    (['female', 'female', 'female'], False)
    """
    parts = simulate_parts(
        model,
        n,
        seed,
        given=given,
        do=do,
        missing=missing,
        network=network,
        as_cases=as_cases,
    )
    return pd.concat(list(parts), ignore_index=True)


def simulate_parts(
    model: Model,
    n: int,
    seed: int = 0,
    *,
    given: Mapping[str, str] | None = None,
    do: Mapping[str, str] | None = None,
    missing: Mapping[str, float] | None = None,
    network: Network | None = None,
    as_cases: bool = True,
) -> Iterator[pd.DataFrame]:
    """Draw as ``simulate`` does, some thousand people at a time; at least one table.

    Examples
    --------
    >>> from lumbayes.knowledge.model import load_model
    >>> parts = list(simulate_parts(load_model(), 3, given={"fever": "yes"}))
    >>> parts[0]["fever"].tolist()
    ['yes', 'yes', 'yes']
    """
    if n < 0:
        raise LumbayesError(f"cannot draw {n} people. Give a number of 0 or more.")
    check_seed(seed)
    shares = _shares(missing)
    findings, done = dict(given or {}), dict(do or {})
    parse_case(model, {"findings": findings, "do": done})
    for name in findings:
        if name not in model.network:
            raise CaseError(f"given.{name}: {name} is asked for safety only and is not drawn.")
    if network is None:
        network = network_for(model, causal=bool(done))
    known = evidence(network, findings, done)
    for number, start in enumerate(range(0, max(n, 1), CHUNK)):
        count = min(CHUNK, n - start)
        streams = np.random.SeedSequence([seed, number]).generate_state(2)
        people = sample(network, known, count, int(streams[0]))
        rng = np.random.default_rng(int(streams[1]))
        codes = {name: states.astype(np.int8) for name, states in people.items()}
        yield _table(model, codes, findings, done, shares, rng, as_cases)


def _shares(missing: Mapping[str, float] | None) -> dict[str, float]:
    shares = {**MISSING}
    for layer, share in (missing or {}).items():
        if layer not in shares:
            raise unknown_name("layer", layer, shares)
        if not 0 <= share <= 1:
            raise LumbayesError(f"missing.{layer} is {share:g}. Give a share from 0 to 1.")
        shares[layer] = share
    return shares


def _table(
    model: Model,
    codes: Mapping[str, npt.NDArray[np.int8]],
    given: Mapping[str, str],
    do: Mapping[str, str],
    shares: Mapping[str, float],
    rng: np.random.Generator,
    as_cases: bool,
) -> pd.DataFrame:
    """Blank what is missing, and put names to states."""
    shown = {}
    size = len(next(iter(codes.values())))
    for name in model.names(*MISSING):
        share = shares[model.variables[name].layer]
        always = name in given or (name == ASKS_FOR_CARE and share < 1)
        gone = rng.random(size) < share
        if name in do or (share == 1 and not always):
            continue
        shown[name] = codes[name] if always else np.where(gone, np.int8(-1), codes[name])
    if not shown:
        raise LumbayesError(
            "every answer is missing, so nothing is left to write. Leave some, such as finding=0.5."
        )
    if as_cases:
        _skip(model, shown, given)
    columns = {
        name: pd.Categorical.from_codes(states, pd.Index(model.variables[name].states))
        for name, states in shown.items()
    }
    for name, state in do.items():
        columns[f"do:{name}"] = pd.Categorical([state] * size, list(model.variables[name].states))
    return pd.DataFrame(columns, index=range(size))


def _skip(model: Model, codes: dict[str, npt.NDArray[np.int8]], given: Collection[str]) -> None:
    """Blank the questions that an answer makes idle, whatever their answers would have been.

    So what is missing depends on answers that are shown, and the rest is fit to learn from. What
    is given stays: there the answer it contradicts goes.
    """
    pairs = load_exclusions(model)
    for (first, low), (second, high) in sorted(pairs, key=lambda pair: pair[1][0] not in given):
        if first not in codes or second not in codes:
            continue
        idle = (codes[first] >= 0) & ((1 << codes[first].clip(0)) & low > 0)
        if second in given:
            idle &= (1 << codes[second]) & high > 0
            codes[first] = np.where(idle, np.int8(-1), codes[first])
        elif model.variables[second].layer == "finding":
            codes[second] = np.where(idle, np.int8(-1), codes[second])
