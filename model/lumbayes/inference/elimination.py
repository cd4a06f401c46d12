"""The order in which to sum variables out: several greedy eliminations, the best one improved."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from functools import lru_cache, partial

from lumbayes.inference.greedy_elimination import Elimination, Greedy, MaxGate

RESTARTS = 60
TRIES = 0.8  # times the root of how many tries take as long as the rows: late ones gain little
SECONDS_PER_ENTRY = 3e-9
SECONDS_PER_PAIR = 1.2e-6  # of a try, by the square of the variables that take part
NOISE = 0.3
SEED = 16
NEARLY = 1.1  # times the cost of the best
LARGE = 10_000  # rows from which on the best order is improved further,
STEPS = 300  # by at most so many changes to it,
PAYS = 0.5  # in at most this share of the time the rows take
SPREAD = 0.5  # of the handicaps, in logarithms of links
MERGED = 40  # auxiliary variables that have handicaps too


@lru_cache(maxsize=512)
def good_eliminations(
    cards: tuple[int, ...],
    scopes: tuple[tuple[int, ...], ...],
    gates: tuple[MaxGate, ...],
    rows: int,
    limit: int = 1 << 62,
) -> tuple[Elimination, ...]:
    """Return the cheapest of several greedy eliminations, and others not much dearer after it.

    None if the first of them costs more than the limit: then the search is not begun.

    The first links as few variables as it can; the others take chances, one in four by the rule
    that has done worse: fewest links, or smallest clique. There are at most ``RESTARTS``, and no
    more than the rows repay.
    """
    start, first_found = _first_elimination(cards, scopes, gates, limit)
    if first_found is None:
        return ()
    best = first_found
    work = first = min(rows * best.cost, 10**15) * SECONDS_PER_ENTRY
    once = max(len(start.links), 1) ** 2 * SECONDS_PER_PAIR
    tries = TRIES * math.sqrt(first / once)
    found, fill = {best.cost: best}, True
    for seed in range(RESTARTS):
        if seed + 1 > tries + (first - work) / once:
            break
        rule = fill if seed % 4 < 3 else not fill
        chance = random.Random(SEED + seed)
        blur = partial(_blurred, chance)
        other = start.copy().run(rule, blur, best.cost * NEARLY)
        if other is not None:
            found.setdefault(other.cost, other)
            if other.cost < best.cost:
                best, fill, work = other, rule, work * other.cost / best.cost
    if rows >= LARGE:
        for other in _improved(start, fill, best.cost, min(STEPS, int(PAYS * work / once))):
            best = other
            found[best.cost] = best
    return tuple(found[cost] for cost in sorted(found) if cost <= best.cost * NEARLY)


def first_elimination(
    cards: tuple[int, ...], scopes: tuple[tuple[int, ...], ...], gates: tuple[MaxGate, ...]
) -> Elimination:
    """Return the plain greedy elimination, however large."""
    found = _first_elimination(cards, scopes, gates, 1 << 300)[1]
    assert found is not None
    return found


def constrained_elimination(
    cards: tuple[int, ...],
    scopes: tuple[tuple[int, ...], ...],
    gates: tuple[MaxGate, ...],
    last: frozenset[int],
    limit: int,
) -> Elimination | None:
    """Return a greedy elimination with some variables after all others; None above the limit."""
    return Greedy(cards, scopes, gates).run(True, lambda v: 1e6 if v in last else 0.0, limit)


def _blurred(chance: random.Random, _: int) -> float:
    return NOISE * chance.random()


def _improved(start: Greedy, fill: bool, cost: int, steps: int) -> Iterator[Elimination]:
    """Yield ever cheaper eliminations: a few variables at a time are moved in the order.

    Each variable has a handicap that adds to what it costs; a change of handicaps that does no
    harm is kept.
    """
    chance = random.Random(SEED)
    names = sorted(start.links) + list(range(len(start.card), len(start.card) + MERGED))
    handicaps: dict[int, float] = {}
    for _ in range(steps):
        tried = handicaps.copy()
        for v in chance.sample(names, chance.choice((1, 2, 3, 5, 10))):
            tried[v] = chance.gauss(0, SPREAD)
        rule = fill if chance.random() < 0.9 else not fill
        other = start.copy().run(rule, partial(_handicap, tried), cost)
        if other is not None and other.cost <= cost:
            better = other.cost < cost
            handicaps, cost, fill = tried, other.cost, rule
            if better:
                yield other


def _handicap(handicaps: dict[int, float], v: int) -> float:
    return handicaps.get(v, 0.0)


@lru_cache(maxsize=64)
def _first_elimination(
    cards: tuple[int, ...],
    scopes: tuple[tuple[int, ...], ...],
    gates: tuple[MaxGate, ...],
    limit: int,
) -> tuple[Greedy, Elimination | None]:
    """Return what is left once all is summed out that links nothing, and the plain greedy tree."""
    start = Greedy(cards, scopes, gates)
    start.simplify()
    return start, start.copy().run(True, limit=limit)
