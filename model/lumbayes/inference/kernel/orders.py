"""In which order to sum out, and the steps of a pattern of evidence: compiled."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types

from lumbayes.inference.kernel.compiler import compiled, intrinsic, schedule
from lumbayes.inference.schedule import (
    FREE,
    INITIAL,
    LENGTH,
    SOURCE,
    START,
    TOO_SMALL,
    WORK_ROWS,
    WORK_SHARED,
)

TRY = 50  # products that repay the search for an order, by the square of the variables
MANY_LINKS = 3000  # from here on it matters no more how many


@intrinsic
def first_bit(_: Any, bits: Any) -> Any:
    """Return the place of the lowest bit that is set."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        return builder.cttz(given[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), code


@compiled
def reorder(
    card: Any, status: Any, operands: Any, axis_variable: Any, counts: Any, near: Any, order: Any,
    position: Any, scratch: Any, seed: Any,
) -> None:  # fmt: skip
    """Find an order of summing out for the tables of a schedule alone: fewest links first.

    With a seed the choice is left to chance a little, and one time in four the smallest clique
    goes first.

    ``near`` has a row of bits for each variable that takes part: its neighbours and itself; and one
    more for those whose cost is to be counted anew.
    """
    n = len(card)
    free, place, cost, stale = 0, n, 2 * n, n  # in scratch; the last in near
    m = 0
    for v in range(n):
        scratch[place + v] = -1
        if status[v] == FREE:
            scratch[free + m] = v
            scratch[place + v] = m
            m += 1
    one = np.uint64(1)
    words = (m + 63) >> 6
    for i in range(m):
        for w in range(words):
            near[i, w] = np.uint64(0)
        near[i, i >> 6] |= one << np.uint64(i & 63)
    for o in range(1, counts[INITIAL]):
        if operands[o, SOURCE] == -1:
            continue
        start, end = operands[o, START], operands[o, START] + operands[o, LENGTH]
        for a in range(start, end):
            i = scratch[place + axis_variable[a]]
            for b in range(start, end):
                j = scratch[place + axis_variable[b]]
                near[i, j >> 6] |= one << np.uint64(j & 63)
    for w in range(words):
        near[stale, w] = ~np.uint64(0)
    done = 0
    chance = np.uint64(seed * 2654435761 + 1)
    by_size = seed % 4 == 3
    for _ in range(m):
        best, least = -1, 0
        for i in range(m):
            if scratch[place + scratch[free + i]] < 0:  # summed out
                continue
            if (near[stale, i >> 6] >> np.uint64(i & 63)) & one:
                links, size, weight = 0, 0, 0.0
                for w in range(words):
                    bits = near[i, w]
                    while bits != 0:
                        j = (w << 6) + first_bit(bits)
                        bits &= bits - one
                        size += 1
                        k = card[scratch[free + j]]
                        if by_size:
                            weight += math.log2(k)
                            continue
                        for x in range(words if links < MANY_LINKS else 0):
                            other = near[i, x] & ~near[j, x]
                            while other != 0:
                                links += k * card[scratch[free + (x << 6) + first_bit(other)]]
                                other &= other - one
                value = 2.0**weight if by_size else float(links) + size / 1000
                if seed > 0:
                    chance ^= chance << np.uint64(13)
                    chance ^= chance >> np.uint64(7)
                    chance ^= chance << np.uint64(17)
                    value *= 1.0 + 0.3 * float(chance >> np.uint64(40)) / 16777216.0
                scratch[cost + i] = np.int64(min(value * 1000.0, 9e18))
            if best < 0 or scratch[cost + i] < least:
                best, least = i, scratch[cost + i]
        for w in range(words):
            near[stale, w] = np.uint64(0)
        order[done] = scratch[free + best]
        done += 1
        scratch[place + scratch[free + best]] = -1
        near[best, best >> 6] &= ~(one << np.uint64(best & 63))
        for w in range(words):
            bits = near[best, w]
            near[stale, w] |= bits
            while bits != 0:
                j = (w << 6) + first_bit(bits)
                bits &= bits - one
                for x in range(words):
                    fresh = near[best, x] & ~near[j, x]
                    near[j, x] |= near[best, x]
                    while fresh != 0:  # whoever is near both ends of a new link counts anew
                        k = (x << 6) + first_bit(fresh)
                        fresh &= fresh - one
                        for y in range(words):
                            near[stale, y] |= near[j, y] & near[k, y]
                near[j, best >> 6] &= ~(one << np.uint64(best & 63))
    for v in range(n):
        if status[v] != FREE:
            order[done] = v
            done += 1
    for i in range(n):
        position[order[i]] = i


@compiled
def plan(
    structure: Any, hard: Any, soft: Any, mixed: Any, forced: Any, wanted: Any, blank_start: Any,
    blank_axis: Any, by_row: Any, dear: Any, limit: Any, places: Any, near: Any, operands: Any,
    axes: Any, steps: Any, runs: Any, unary: Any, folds: Any, counts: Any,
) -> Any:  # fmt: skip
    """Write the steps for a pattern; where they are dear, in a better order if one is found."""
    failed = schedule(
        structure, hard, soft, mixed, forced, places[8], places[13], wanted, blank_start,
        blank_axis, by_row, limit, places[0], places[6], operands, axes[0], axes[1], steps, runs,
        places[7], unary, folds, counts,
    )  # fmt: skip
    work = counts[WORK_ROWS] + counts[WORK_SHARED]
    if failed == TOO_SMALL or (failed == 0 and work <= dear) or len(near) < len(structure[0]):
        return failed
    least, better = work if failed == 0 else limit + 1, False
    tries, free = 1, 0
    for v in range(len(structure[0])):
        if places[0, v] == FREE:
            free += 1
    t = np.int64(0)
    while t < tries:
        reorder(
            structure[0], places[0], operands, axes[0], counts, near, places[9], places[10],
            places[6], t,
        )  # fmt: skip
        again = schedule(
            structure, hard, soft, mixed, forced, places[9], places[10], wanted, blank_start,
            blank_axis, by_row, min(limit, least), places[0], places[6], operands, axes[0],
            axes[1], steps, runs, places[7], unary, folds, counts,
        )  # fmt: skip
        if again == TOO_SMALL:
            return again
        work = counts[WORK_ROWS] + counts[WORK_SHARED]
        if again == 0 and work < least:
            least, better = work, True
            for v in range(len(structure[0])):
                places[11, v], places[12, v] = places[9, v], places[10, v]
        t += 1
        # As long as the search takes a fraction of what is computed.
        tries = min(40, 1 + least // max(20 * dear + 1, TRY * free * free))
    order, position = (places[11], places[12]) if better else (places[8], places[13])
    return schedule(
        structure, hard, soft, mixed, forced, order, position, wanted, blank_start, blank_axis,
        by_row, limit, places[0], places[6], operands, axes[0], axes[1], steps, runs, places[7],
        unary, folds, counts,
    )  # fmt: skip
