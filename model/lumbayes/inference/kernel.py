"""The arithmetic of a schedule, written to be compiled: one row at a time, or many side by side."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from lumbayes.inference import schedule as steps_of
from lumbayes.inference.schedule import (
    ALONE,
    ASKED,
    BASE,
    BY_LEFT,
    BY_RESULT,
    BY_RIGHT,
    COMPACT,
    CONSTANT,
    D_ENTRY,
    D_KIND,
    DRAWN,
    ENTRY,
    FREE,
    INITIAL,
    KIND,
    LEFT,
    LENGTH,
    LIKELIHOOD,
    LONG,
    M_ENTRY,
    M_KIND,
    MESSAGE,
    MESSAGE_SIZE,
    N_FOLDS,
    N_OPERANDS,
    N_SCALARS,
    N_STEPS,
    NEEDED,
    RESULT,
    RIGHT,
    RUN,
    RUNS,
    SHARED,
    SHARED_SIZE,
    SIZE,
    SOURCE,
    START,
    TERMS,
    TOO_LARGE,
    TOO_SMALL,
    U_BASE,
    U_ENTRY,
    U_KIND,
    U_NEXT,
    U_STRIDE,
    U_WHEN,
    VARIABLE,
    WORK_ROWS,
    WORK_SHARED,
)

compiled = njit(cache=True, nogil=True, error_model="numpy")
schedule = compiled(steps_of.schedule)
reserve = compiled(steps_of.reserve)


MANY_LINKS = 3000  # from here on it matters no more how many


@compiled
def bit_place(bit: Any) -> int:
    """Return which bit of 64 is set."""
    found = 0
    if bit >> np.uint64(32) != 0:
        found += 32
        bit >>= np.uint64(32)
    if bit >> np.uint64(16) != 0:
        found += 16
        bit >>= np.uint64(16)
    if bit >> np.uint64(8) != 0:
        found += 8
        bit >>= np.uint64(8)
    if bit >> np.uint64(4) != 0:
        found += 4
        bit >>= np.uint64(4)
    if bit >> np.uint64(2) != 0:
        found += 2
        bit >>= np.uint64(2)
    return found + int(bit >> np.uint64(1))


@compiled
def reorder(
    card: Any,
    status: Any,
    operands: Any,
    axis_variable: Any,
    counts: Any,
    near: Any,
    order: Any,
    position: Any,
    scratch: Any,
    seed: Any,
) -> None:
    """Find an order of summing out for the tables of a schedule alone: fewest links first.

    With a seed the choice is left to chance a little, and one time in four the smallest clique
    goes first.

    ``near`` has a row of bits for each variable that takes part: its neighbours and itself.
    """
    n = len(card)
    free, place, cost, stale = 0, n, 2 * n, 3 * n  # in scratch
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
    for i in range(m):
        scratch[stale + i] = 1
    done = 0
    chance = np.uint64(seed * 2654435761 + 1)
    for _ in range(m):
        best, least = -1, 0
        for i in range(m):
            if scratch[stale + i] == 2:  # summed out
                continue
            if scratch[stale + i] == 1:
                links, size, weight = 0, 0, 0.0
                for w in range(words):
                    bits = near[i, w]
                    while bits != 0:
                        low = bits & (~bits + one)
                        j = (w << 6) + bit_place(low)
                        bits ^= low
                        size += 1
                        k = card[scratch[free + j]]
                        weight += math.log2(k)
                        for x in range(words if links < MANY_LINKS else 0):
                            other = near[i, x] & ~near[j, x]
                            while other != 0:
                                last = other & (~other + one)
                                other ^= last
                                links += k * card[scratch[free + (x << 6) + bit_place(last)]]
                value = float(links) + size / 1000
                if seed % 4 == 3:
                    value = 2.0**weight
                if seed > 0:
                    chance ^= chance << np.uint64(13)
                    chance ^= chance >> np.uint64(7)
                    chance ^= chance << np.uint64(17)
                    value *= 1.0 + 0.3 * float(chance >> np.uint64(40)) / 16777216.0
                scratch[cost + i] = np.int64(min(value * 1000.0, 9e18))
                scratch[stale + i] = 0
            if best < 0 or scratch[cost + i] < least:
                best, least = i, scratch[cost + i]
        order[done] = scratch[free + best]
        done += 1
        scratch[stale + best] = 2
        near[best, best >> 6] &= ~(one << np.uint64(best & 63))
        for w in range(words):
            bits = near[best, w]
            while bits != 0:
                low = bits & (~bits + one)
                j = (w << 6) + bit_place(low)
                bits ^= low
                scratch[stale + j] = 1
                for x in range(words):
                    fresh = near[best, x] & ~near[j, x]
                    near[j, x] |= near[best, x]
                    while fresh != 0:  # whoever is near both ends of a new link counts anew
                        last = fresh & (~fresh + one)
                        fresh ^= last
                        k = (x << 6) + bit_place(last)
                        for y in range(words):
                            both = near[j, y] & near[k, y]
                            while both != 0:
                                bit = both & (~both + one)
                                both ^= bit
                                i = (y << 6) + bit_place(bit)
                                if scratch[stale + i] == 0:
                                    scratch[stale + i] = 1
                near[j, best >> 6] &= ~(one << np.uint64(best & 63))
    for v in range(n):
        if status[v] != FREE:
            order[done] = v
            done += 1
    for i in range(n):
        position[order[i]] = i


@compiled
def plan(
    structure: Any,
    hard: Any,
    soft: Any,
    mixed: Any,
    forced: Any,
    wanted: Any,
    blank_start: Any,
    blank_axis: Any,
    by_row: Any,
    dear: Any,
    limit: Any,
    places: Any,
    near: Any,
    operands: Any,
    axes: Any,
    steps: Any,
    runs: Any,
    unary: Any,
    folds: Any,
    counts: Any,
) -> Any:
    """Write the steps for a pattern; where they are dear, in a better order if one is found."""
    failed = schedule(
        structure,
        hard,
        soft,
        mixed,
        forced,
        places[8],
        places[13],
        wanted,
        blank_start,
        blank_axis,
        by_row,
        limit,
        places[0],
        places[6],
        operands,
        axes[0],
        axes[1],
        steps,
        runs,
        places[7],
        unary,
        folds,
        counts,
    )
    work = counts[WORK_ROWS] + counts[WORK_SHARED]
    if failed == TOO_SMALL or (failed == 0 and work <= dear) or len(near) < len(structure[0]):
        return failed
    least, better = work if failed == 0 else limit + 1, False
    tries = 1
    t = 0
    while t < tries:
        reorder(
            structure[0],
            places[0],
            operands,
            axes[0],
            counts,
            near,
            places[9],
            places[10],
            places[6],
            t,
        )
        again = schedule(
            structure,
            hard,
            soft,
            mixed,
            forced,
            places[9],
            places[10],
            wanted,
            blank_start,
            blank_axis,
            by_row,
            min(limit, least),
            places[0],
            places[6],
            operands,
            axes[0],
            axes[1],
            steps,
            runs,
            places[7],
            unary,
            folds,
            counts,
        )
        work = counts[WORK_ROWS] + counts[WORK_SHARED]
        if again == 0 and work < least:
            least, better = work, True
            for v in range(len(structure[0])):
                places[11, v], places[12, v] = places[9, v], places[10, v]
        t += 1
        # As long as the search takes a fraction of what is computed.
        tries = min(40, 1 + least // (20 * dear + 1))
    order, position = (places[11], places[12]) if better else (places[8], places[13])
    return schedule(
        structure,
        hard,
        soft,
        mixed,
        forced,
        order,
        position,
        wanted,
        blank_start,
        blank_axis,
        by_row,
        limit,
        places[0],
        places[6],
        operands,
        axes[0],
        axes[1],
        steps,
        runs,
        places[7],
        unary,
        folds,
        counts,
    )


@compiled
def contract(
    runs: Any,
    start: Any,
    count: Any,
    by_a: Any,
    by_b: Any,
    by_c: Any,
    a: Any,
    a_at: Any,
    a_row: Any,
    b: Any,
    b_at: Any,
    b_row: Any,
    c: Any,
    c_at: Any,
    c_size: Any,
    place: Any,
) -> None:
    """``c`` = a times b, summed over the runs that c lacks; one row.

    ``by_*`` say which strides each table steps by, ``*_row`` how many rows it holds of each entry.
    """
    one, zero = np.uint64(1), np.uint64(0)
    for j in range(np.uint64(c_at), np.uint64(c_at + c_size)):
        c[j] = 0.0
    pa, pb, pc = np.uint64(a_at), np.uint64(b_at), np.uint64(c_at)
    n0, a0, b0, c0 = one, zero, zero, zero
    n1, a1, b1, c1 = one, zero, zero, zero
    level = start
    stop = start + count
    if level < stop:
        n0 = np.uint64(runs[level, LONG])
        a0 = np.uint64(runs[level, by_a] * a_row)
        b0 = np.uint64(runs[level, by_b] * b_row)
        c0 = np.uint64(runs[level, by_c])
        level += 1
    if level < stop:
        n1 = np.uint64(runs[level, LONG])
        a1 = np.uint64(runs[level, by_a] * a_row)
        b1 = np.uint64(runs[level, by_b] * b_row)
        c1 = np.uint64(runs[level, by_c])
        level += 1
    turns = 1
    for r in range(level, stop):
        turns *= runs[r, LONG]
        place[r - level] = 0
    while turns > 0:
        qa, qb, qc = pa, pb, pc
        for _ in range(n1):
            if c0 == one:
                if a0 == one and b0 == one:
                    for j in range(n0):
                        c[qc + j] += a[qa + j] * b[qb + j]
                elif a0 == one and b0 == zero:
                    y = b[qb]
                    for j in range(n0):
                        c[qc + j] += a[qa + j] * y
                elif a0 == zero and b0 == one:
                    x = a[qa]
                    for j in range(n0):
                        c[qc + j] += x * b[qb + j]
                else:
                    for j in range(n0):
                        c[qc + j] += a[qa + j * a0] * b[qb + j * b0]
            elif c0 == zero:
                total = 0.0
                if b0 == zero:
                    for j in range(n0):
                        total += a[qa + j * a0]
                    total *= b[qb]
                else:
                    for j in range(n0):
                        total += a[qa + j * a0] * b[qb + j * b0]
                c[qc] += total
            else:
                for j in range(n0):
                    c[qc + j * c0] += a[qa + j * a0] * b[qb + j * b0]
            qa += a1
            qb += b1
            qc += c1
        turns -= 1
        if turns > 0:
            r = level
            while True:
                sa = np.uint64(runs[r, by_a] * a_row)
                sb = np.uint64(runs[r, by_b] * b_row)
                sc = np.uint64(runs[r, by_c])
                k = r - level
                place[k] += 1
                if place[k] < runs[r, LONG]:
                    pa += sa
                    pb += sb
                    pc += sc
                    break
                back = np.uint64(place[k] - 1)
                pa -= sa * back
                pb -= sb * back
                pc -= sc * back
                place[k] = 0
                r += 1


@compiled
def contract_rows(
    runs: Any,
    start: Any,
    count: Any,
    by_a: Any,
    by_b: Any,
    by_c: Any,
    a: Any,
    a_at: Any,
    a_row: Any,
    a_in: Any,
    b: Any,
    b_at: Any,
    b_row: Any,
    b_in: Any,
    c: Any,
    c_at: Any,
    rows: Any,
    place: Any,
) -> None:
    """``c`` = a times b summed, many rows side by side; see ``contract``."""
    if a_in == 0:
        a, b = b, a
        by_a, by_b, a_at, b_at, a_row, b_row = by_b, by_a, b_at, a_at, b_row, a_row
        a_in, b_in = b_in, a_in
    n0 = np.uint64(rows)
    # Two loops stand inside: over a run that is summed out, and over the longest of the others.
    inner, outer = -1, -1
    n1, n2 = 1, 1
    for r in range(start, start + count):
        if runs[r, by_c] == 0:
            inner, n1 = r, runs[r, LONG]
        elif runs[r, LONG] > n2:
            outer, n2 = r, runs[r, LONG]
    a1 = b1 = a2 = b2 = c2 = np.uint64(0)
    if inner >= 0:
        a1, b1 = np.uint64(runs[inner, by_a] * a_row), np.uint64(runs[inner, by_b] * b_row)
    if outer >= 0:
        a2, b2 = np.uint64(runs[outer, by_a] * a_row), np.uint64(runs[outer, by_b] * b_row)
        c2 = np.uint64(runs[outer, by_c] * rows)
    turns, summed = 1, 0
    for r in range(start, start + count):
        place[r - start] = 0
        if r != inner and r != outer:
            turns *= runs[r, LONG]
    pa, pb, pc = np.uint64(a_at), np.uint64(b_at), np.uint64(c_at)
    while turns > 0:
        qa, qb, qc = pa, pb, pc
        if summed == 0 and n1 == 2 and b_in == 1:
            for _ in range(n2):
                ra, rb = qa + a1, qb + b1
                for j in range(n0):
                    c[qc + j] = a[qa + j] * b[qb + j] + a[ra + j] * b[rb + j]
                qa += a2
                qb += b2
                qc += c2
        elif summed == 0 and n1 == 2:
            for _ in range(n2):
                ra = qa + a1
                y, y1 = b[qb], b[qb + b1]
                for j in range(n0):
                    c[qc + j] = a[qa + j] * y + a[ra + j] * y1
                qa += a2
                qb += b2
                qc += c2
        else:
            for _ in range(n2):
                ra, rb = qa, qb
                for k in range(n1):
                    y = b[rb]
                    if summed == 0 and k == 0:
                        if b_in == 1:
                            for j in range(n0):
                                c[qc + j] = a[ra + j] * b[rb + j]
                        else:
                            for j in range(n0):
                                c[qc + j] = a[ra + j] * y
                    elif b_in == 1:
                        for j in range(n0):
                            c[qc + j] += a[ra + j] * b[rb + j]
                    else:
                        for j in range(n0):
                            c[qc + j] += a[ra + j] * y
                    ra += a1
                    rb += b1
                qa += a2
                qb += b2
                qc += c2
        turns -= 1
        if turns > 0:
            r = start
            while True:
                if r == inner or r == outer:
                    r += 1
                    continue
                sa = np.uint64(runs[r, by_a] * a_row)
                sb = np.uint64(runs[r, by_b] * b_row)
                sc = np.uint64(runs[r, by_c] * rows)
                k = r - start
                place[k] += 1
                if place[k] < runs[r, LONG]:
                    if sc == 0 and place[k] == 1:
                        summed += 1
                    pa += sa
                    pb += sb
                    pc += sc
                    break
                back = np.uint64(place[k] - 1)
                pa -= sa * back
                pb -= sb * back
                pc -= sc * back
                if sc == 0:
                    summed -= 1
                place[k] = 0
                r += 1


@compiled
def product(
    runs: Any,
    start: Any,
    count: Any,
    by_a: Any,
    by_b: Any,
    by_c: Any,
    a: Any,
    a_at: Any,
    a_row: Any,
    a_in: Any,
    b: Any,
    b_at: Any,
    b_row: Any,
    b_in: Any,
    c: Any,
    c_at: Any,
    c_size: Any,
    rows: Any,
    place: Any,
) -> None:
    """``c`` = a times b summed, for one row or many."""
    if rows == 1:
        contract(
            runs,
            start,
            count,
            by_a,
            by_b,
            by_c,
            a,
            a_at,
            a_row,
            b,
            b_at,
            b_row,
            c,
            c_at,
            c_size,
            place,
        )
    else:
        contract_rows(
            runs,
            start,
            count,
            by_a,
            by_b,
            by_c,
            a,
            a_at,
            a_row,
            a_in,
            b,
            b_at,
            b_row,
            b_in,
            c,
            c_at,
            rows,
            place,
        )


@compiled
def margin(
    card: Any,
    axis_variable: Any,
    axis_stride: Any,
    first: Any,
    last: Any,
    x: Any,
    x_at: Any,
    x_row: Any,
    x_in: Any,
    d: Any,
    d_at: Any,
    d_row: Any,
    d_in: Any,
    d_step: Any,
    out: Any,
    out_at: Any,
    out_row: Any,
    out_in: Any,
    rows: Any,
    place: Any,
) -> None:
    """out[state] = sum of x times d over all axes of x but its first."""
    size = 1
    for i in range(first + 1, last):
        size *= card[axis_variable[i]]
        place[i - first] = 0
    width = size if d_step else 0
    for state in range(card[axis_variable[first]]):
        o = np.uint64(out_at + state * out_row)
        q = np.uint64(x_at + state * axis_stride[first] * x_row)
        p = np.uint64(d_at + state * width * d_row)
        for j in range(np.uint64(rows)):
            out[o + j * np.uint64(out_in)] = 0.0
        left = size
        while left > 0:
            if rows == 1:
                out[o] += x[q] * d[p]
            else:
                for j in range(np.uint64(rows)):
                    out[o + j * np.uint64(out_in)] += (
                        x[q + j * np.uint64(x_in)] * d[p + j * np.uint64(d_in)]
                    )
            p += np.uint64(d_row)
            left -= 1
            if left > 0:
                i = last - 1
                while True:
                    step = np.uint64(axis_stride[i] * x_row)
                    place[i - first] += 1
                    if place[i - first] < card[axis_variable[i]]:
                        q += step
                        break
                    q -= step * np.uint64(place[i - first] - 1)
                    place[i - first] = 0
                    i -= 1
        for i in range(first + 1, last):
            place[i - first] = 0


@compiled
def pick(kind: Any, pool: Any, likelihood: Any, shared: Any, message: Any) -> Any:
    """Return the array that holds the numbers of a kind."""
    if kind == CONSTANT or kind == DRAWN:
        return pool
    if kind == LIKELIHOOD:
        return likelihood
    if kind == SHARED:
        return shared
    return message


@compiled
def locate(operands: Any, i: Any, total: Any, row: Any, rows: Any) -> Any:
    """Return where the numbers of an operand begin, and how many rows each entry holds."""
    kind = operands[i, KIND]
    if kind == CONSTANT:
        return operands[i, BASE] + operands[i, ENTRY], 1
    if kind == SHARED:
        return operands[i, ENTRY], 1
    if kind == MESSAGE:
        return operands[i, ENTRY] * rows, rows
    return operands[i, BASE] + operands[i, ENTRY] * total + row, total


FLUSH = 1e-300  # products below this may have been flushed to zero
NARROW = 1e-140  # what lies above this can be multiplied once more
HUGE, SMALL = 1e100, 1e-100
EXACT = 1e-13  # of an answer: what may have been lost on the way


@compiled
def item_at(unary: Any, i: Any, total: Any, row: Any) -> Any:
    """Return where the numbers of an item begin and how far apart they are."""
    kind = unary[i, U_KIND]
    if kind == CONSTANT:
        return unary[i, U_BASE] + unary[i, U_ENTRY], unary[i, U_STRIDE]
    return unary[i, U_BASE] + unary[i, U_ENTRY] * total + row, unary[i, U_STRIDE] * total


@compiled
def fold_row(
    pool: Any,
    likelihood: Any,
    total: Any,
    row: Any,
    operands: Any,
    unary: Any,
    folds: Any,
    n_folds: Any,
    message: Any,
    bounds: Any,
) -> Any:
    """Multiply what bears on one variable alone; return the logarithm of the scale taken out."""
    log_scale = 0.0
    for f in range(n_folds):
        z = folds[f, 0]
        at, size = operands[z, ENTRY], operands[z, SIZE]
        low, high, lost = 1.0, 1.0, 0.0
        for j in range(at, at + size):
            message[j] = 1.0
        i = folds[f, 1]
        while i >= 0:
            values = likelihood if unary[i, U_KIND] == LIKELIHOOD else pool
            q, step = item_at(unary, i, total, row)
            before, low, high = low, np.inf, 0.0
            for j in range(at, at + size):
                value = message[j] * values[q]
                if value == 0.0 and message[j] > 0.0 and values[q] > 0.0:
                    lost = max(lost, FLUSH)
                message[j] = value
                if value > 0.0:
                    low = min(low, value)
                    high = max(high, value)
                q += step
            if high == 0.0:
                low = before
            elif high < SMALL:
                for j in range(at, at + size):
                    message[j] /= high
                log_scale += math.log(high)
                low, lost, high = low / high, lost / high, 1.0
            i = unary[i, U_NEXT]
        bounds[z, 0], bounds[z, 1], bounds[z, 2] = low, high, lost
    return log_scale


@compiled
def run_row(
    card: Any,
    least: Any,
    pool: Any,
    likelihood: Any,
    total_rows: Any,
    row: Any,
    operands: Any,
    axis_variable: Any,
    axis_stride: Any,
    steps: Any,
    runs: Any,
    scalars: Any,
    unary: Any,
    folds: Any,
    counts: Any,
    shared: Any,
    message: Any,
    bounds: Any,
    place: Any,
) -> Any:
    """Answer one row; return log P(evidence), and whether nothing was lost by underflow.

    ``bounds`` holds for every operand, and for its derivative, a bound from below on what is not
    zero, one from above, and one on what flushing to zero has taken away.
    """
    exact = True
    bounds[0, 0] = bounds[0, 1] = 1.0
    bounds[0, 2] = 0.0
    n_steps, n_scalars = counts[N_STEPS], counts[N_SCALARS]
    log_scale = fold_row(
        pool, likelihood, total_rows, row, operands, unary, folds, counts[N_FOLDS], message, bounds
    )
    i = counts[ALONE]
    while i >= 0:
        values = likelihood if unary[i, U_KIND] == LIKELIHOOD else pool
        at, _ = item_at(unary, i, total_rows, row)
        log_scale += math.log(values[at]) if values[at] > 0 else -np.inf
        i = unary[i, U_NEXT]
    for s in range(n_steps):
        left, right, z = steps[s, LEFT], steps[s, RIGHT], steps[s, RESULT]
        for side in range(2):
            i = left if side == 0 else right
            kind = operands[i, KIND]
            if kind == CONSTANT or kind == DRAWN:
                bounds[i, 0] = least[operands[i, SOURCE]] if operands[i, SOURCE] >= 0 else 1.0
                bounds[i, 1], bounds[i, 2] = 1.0, 0.0
            elif kind == SHARED and operands[i, SOURCE] <= -2:
                bounds[i, 0], bounds[i, 1], bounds[i, 2] = 1.0, 1.0, 0.0
        size = operands[z, SIZE]
        at = operands[z, ENTRY]
        a, a_row = locate(operands, left, total_rows, row, 1)
        b, b_row = locate(operands, right, total_rows, row, 1)
        contract(
            runs,
            steps[s, RUN],
            steps[s, RUNS],
            BY_LEFT,
            BY_RIGHT,
            BY_RESULT,
            pick(operands[left, KIND], pool, likelihood, shared, message),
            a,
            a_row,
            pick(operands[right, KIND], pool, likelihood, shared, message),
            b,
            b_row,
            message,
            at,
            operands[z, SIZE],
            place,
        )
        many = steps[s, TERMS] / size
        low = bounds[left, 0] * bounds[right, 0]
        high = many * bounds[left, 1] * bounds[right, 1]
        lost = many * (bounds[left, 2] * bounds[right, 1] + bounds[right, 2] * bounds[left, 1])
        if low < FLUSH:
            lost += many * FLUSH
        if low < NARROW or high > HUGE:
            low, high = np.inf, 0.0
            for j in range(at, at + size):
                value = message[j]
                high = max(high, value)
                if value > 0:
                    low = min(low, value)
            if high > 0:
                factor = 1.0 / high
                for j in range(at, at + size):
                    message[j] *= factor
                log_scale += math.log(high)
                low *= factor
                lost *= factor
                high = 1.0
            else:
                low = 1.0
        bounds[z, 0], bounds[z, 1], bounds[z, 2] = low, high, lost
    for s in range(n_scalars):
        i = scalars[s]
        at, _ = locate(operands, i, total_rows, row, 1)
        value = pick(operands[i, KIND], pool, likelihood, shared, message)[at]
        if operands[i, KIND] == MESSAGE and bounds[i, 2] > EXACT * value:
            exact = False
        log_scale += math.log(value) if value > 0 else -np.inf
    if log_scale == -np.inf or not exact:
        return log_scale, exact
    for s in range(n_steps - 1, -1, -1):
        z = steps[s, RESULT]
        if operands[z, NEEDED] == 0:
            continue
        left, right = steps[s, LEFT], steps[s, RIGHT]
        if operands[z, D_KIND] == CONSTANT:
            bounds[z, 3], bounds[z, 4], bounds[z, 5] = 1.0, 1.0, 0.0
            d, d_at = pool, operands[z, D_ENTRY]
        else:
            d, d_at = message, operands[z, D_ENTRY]
        a, a_row = locate(operands, left, total_rows, row, 1)
        b, b_row = locate(operands, right, total_rows, row, 1)
        asked = steps[s, ASKED] == 1
        for side in range(2):
            if side == 0:
                to, other = left, right
                if operands[left, NEEDED] == 0 and not (asked and right != 0):
                    continue
            else:
                to, other = right, left
                if operands[right, NEEDED] == 0:
                    continue
            size, at = operands[to, SIZE], operands[to, D_ENTRY]
            if side == 0:
                contract(
                    runs,
                    steps[s, RUN],
                    steps[s, RUNS],
                    BY_RESULT,
                    BY_RIGHT,
                    COMPACT,
                    d,
                    d_at,
                    1,
                    pick(operands[right, KIND], pool, likelihood, shared, message),
                    b,
                    b_row,
                    message,
                    at,
                    operands[to, SIZE],
                    place,
                )
            else:
                contract(
                    runs,
                    steps[s, RUN],
                    steps[s, RUNS],
                    BY_RESULT,
                    BY_LEFT,
                    BY_RIGHT,
                    d,
                    d_at,
                    1,
                    pick(operands[left, KIND], pool, likelihood, shared, message),
                    a,
                    a_row,
                    message,
                    at,
                    operands[to, SIZE],
                    place,
                )
            many = max(steps[s, TERMS] / size, 1.0)
            low = bounds[z, 3] * bounds[other, 0]
            high = many * bounds[z, 4] * bounds[other, 1]
            lost = many * (bounds[z, 5] * bounds[other, 1] + bounds[other, 2] * bounds[z, 4])
            if low < FLUSH:
                lost += many * FLUSH
            if low < NARROW or high > HUGE:
                low, high = np.inf, 0.0
                for j in range(at, at + size):
                    value = message[j]
                    high = max(high, value)
                    if value > 0:
                        low = min(low, value)
                if high > 0:
                    factor = 1.0 / high
                    for j in range(at, at + size):
                        message[j] *= factor
                    low *= factor
                    lost *= factor
                    high = 1.0
                else:
                    low = 1.0
            bounds[to, 3], bounds[to, 4], bounds[to, 5] = low, high, lost
        if asked:
            first = operands[left, START]
            last = first + operands[left, LENGTH]
            if right != 0:
                d, d_at, d_step, j = message, operands[left, D_ENTRY], 1, left
            else:
                d_step, j = 0, z
            at = steps[s, M_ENTRY]
            margin(
                card,
                axis_variable,
                axis_stride,
                first,
                last,
                pick(operands[left, KIND], pool, likelihood, shared, message),
                a,
                a_row,
                0,
                d,
                d_at,
                1,
                0,
                d_step,
                message,
                at,
                1,
                0,
                1,
                place,
            )
            k = card[steps[s, VARIABLE]]
            value = 0.0
            for j2 in range(at, at + k):
                value += message[j2]
            lost = operands[left, SIZE] * (
                bounds[j, 5] * bounds[left, 1]
                + bounds[left, 2] * bounds[j, 4]
                + (FLUSH if bounds[left, 0] * bounds[j, 3] < FLUSH else 0.0)
            )
            if lost > EXACT * value:
                exact = False
    return log_scale, exact


@compiled
def fold_rows(
    pool: Any,
    likelihood: Any,
    total: Any,
    index: Any,
    first: Any,
    rows: Any,
    operands: Any,
    unary: Any,
    folds: Any,
    n_folds: Any,
    shared: Any,
    message: Any,
) -> None:
    """Multiply what bears on one variable alone, many rows side by side."""
    for f in range(n_folds):
        z = folds[f, 0]
        many = rows if operands[z, KIND] == MESSAGE else 1
        out = message if operands[z, KIND] == MESSAGE else shared
        start, size = operands[z, ENTRY] * many, operands[z, SIZE]
        for j in range(start, start + size * many):
            out[j] = 1.0
        i = folds[f, 1]
        while i >= 0:
            when = unary[i, U_WHEN]
            if unary[i, U_KIND] == CONSTANT:
                at, step = item_at(unary, i, total, 0)
                for state in range(size):
                    value = pool[at + state * step]
                    p = start + state * many
                    if when < 0:
                        for j in range(many):
                            out[p + j] *= value
                    else:
                        for j in range(many):
                            if likelihood[when * total + index[first + j]] == 0.0:
                                out[p + j] *= value
            else:
                values = likelihood if unary[i, U_KIND] == LIKELIHOOD else pool
                at, step = item_at(unary, i, total, 0)
                for state in range(size):
                    p, q = start + state * many, at + state * step
                    for j in range(many):
                        out[p + j] *= values[q + index[first + j]]
            i = unary[i, U_NEXT]


@compiled
def run_rows(
    card: Any,
    pool: Any,
    likelihood: Any,
    total_rows: Any,
    index: Any,
    begin: Any,
    rows: Any,
    operands: Any,
    axis_variable: Any,
    axis_stride: Any,
    steps: Any,
    runs: Any,
    scalars: Any,
    unary: Any,
    folds: Any,
    counts: Any,
    shared: Any,
    message: Any,
    place: Any,
    log_evidence: Any,
) -> None:
    """Answer rows side by side.

    Nothing is scaled on the way: rows whose P(evidence) is out of range get a NaN.
    """
    n_steps, n_scalars = counts[N_STEPS], counts[N_SCALARS]
    row = index[begin]  # drawn tables differ by row: these rows follow one another
    total = message[len(message) - rows :]
    for j in range(rows):
        total[j] = 1.0
    i = counts[ALONE]
    while i >= 0:
        values = likelihood if unary[i, U_KIND] == LIKELIHOOD else pool
        at, _ = item_at(unary, i, total_rows, 0)
        when = unary[i, U_WHEN]
        for j in range(rows):
            if when < 0 or likelihood[when * total_rows + index[begin + j]] == 0.0:
                total[j] *= values[at if unary[i, U_KIND] == CONSTANT else at + index[begin + j]]
        i = unary[i, U_NEXT]
    fold_rows(
        pool,
        likelihood,
        total_rows,
        index,
        begin,
        rows,
        operands,
        unary,
        folds,
        counts[N_FOLDS],
        shared,
        message,
    )
    for s in range(n_steps):
        left, right, z = steps[s, LEFT], steps[s, RIGHT], steps[s, RESULT]
        kind = operands[z, KIND]
        many = rows if kind == MESSAGE else 1
        at = operands[z, ENTRY] * many
        out = message if kind == MESSAGE else shared
        a, a_row = locate(operands, left, total_rows, row, rows)
        b, b_row = locate(operands, right, total_rows, row, rows)
        product(
            runs,
            steps[s, RUN],
            steps[s, RUNS],
            BY_LEFT,
            BY_RIGHT,
            BY_RESULT,
            pick(operands[left, KIND], pool, likelihood, shared, message),
            a,
            a_row,
            1 if operands[left, KIND] >= DRAWN else 0,
            pick(operands[right, KIND], pool, likelihood, shared, message),
            b,
            b_row,
            1 if operands[right, KIND] >= DRAWN else 0,
            out,
            at,
            operands[z, SIZE],
            many,
            place,
        )
    for j in range(rows):
        log_evidence[index[begin + j]] = 0.0
    for s in range(-1, n_scalars):
        if s < 0:
            values, at, step = total, 0, 1
        else:
            i = scalars[s]
            at, _ = locate(operands, i, total_rows, row, rows)
            values = pick(operands[i, KIND], pool, likelihood, shared, message)
            step = 1 if operands[i, KIND] >= DRAWN else 0
        for j in range(rows):
            value = values[at + j * step]
            if value > 1e-200 and value < 1e200:
                if value != 1.0:
                    log_evidence[index[begin + j]] += math.log(value)
            else:
                log_evidence[index[begin + j]] = np.nan
    for s in range(n_steps - 1, -1, -1):
        z = steps[s, RESULT]
        if operands[z, NEEDED] == 0:
            continue
        left, right = steps[s, LEFT], steps[s, RIGHT]
        d_kind = operands[z, D_KIND]
        d = pick(d_kind, pool, likelihood, shared, message)
        d_row = rows if d_kind == MESSAGE else 1
        d_in = 1 if d_kind == MESSAGE else 0
        d_at = operands[z, D_ENTRY] * d_row
        a, a_row = locate(operands, left, total_rows, row, rows)
        b, b_row = locate(operands, right, total_rows, row, rows)
        asked = steps[s, ASKED] == 1
        for side in range(2):
            if side == 0:
                to = left
                if operands[left, NEEDED] == 0 and not (asked and right != 0):
                    continue
            else:
                to = right
                if operands[right, NEEDED] == 0:
                    continue
            kind = operands[to, D_KIND]
            many = rows if kind == MESSAGE else 1
            at = operands[to, D_ENTRY] * many
            out = message if kind == MESSAGE else shared
            if side == 0:
                product(
                    runs,
                    steps[s, RUN],
                    steps[s, RUNS],
                    BY_RESULT,
                    BY_RIGHT,
                    COMPACT,
                    d,
                    d_at,
                    d_row,
                    d_in,
                    pick(operands[right, KIND], pool, likelihood, shared, message),
                    b,
                    b_row,
                    1 if operands[right, KIND] >= DRAWN else 0,
                    out,
                    at,
                    operands[to, SIZE],
                    many,
                    place,
                )
            else:
                product(
                    runs,
                    steps[s, RUN],
                    steps[s, RUNS],
                    BY_RESULT,
                    BY_LEFT,
                    BY_RIGHT,
                    d,
                    d_at,
                    d_row,
                    d_in,
                    pick(operands[left, KIND], pool, likelihood, shared, message),
                    a,
                    a_row,
                    1 if operands[left, KIND] >= DRAWN else 0,
                    out,
                    at,
                    operands[to, SIZE],
                    many,
                    place,
                )
        kind = steps[s, M_KIND]
        if asked:
            d_step = 0
            if right != 0:
                d_step = 1
                d_kind = operands[left, D_KIND]
                d = pick(d_kind, pool, likelihood, shared, message)
                d_row = rows if d_kind == MESSAGE else 1
                d_in = 1 if d_kind == MESSAGE else 0
                d_at = operands[left, D_ENTRY] * d_row
            many = rows if kind == MESSAGE else 1
            first = operands[left, START]
            margin(
                card,
                axis_variable,
                axis_stride,
                first,
                first + operands[left, LENGTH],
                pick(operands[left, KIND], pool, likelihood, shared, message),
                a,
                a_row,
                1 if operands[left, KIND] >= DRAWN else 0,
                d,
                d_at,
                d_row,
                d_in,
                d_step,
                message if kind == MESSAGE else shared,
                steps[s, M_ENTRY] * many,
                many,
                1,
                many,
                place,
            )


BLANK, PARTLY, NOTHING = -1, -2, -3  # what a row knows of a variable; a state otherwise


@compiled
def read_rows(
    variables: Any, starts: Any, card: Any, likelihood: Any, total_rows: Any, codes: Any
) -> None:
    """Say what each row knows of each variable with evidence: ``codes``, (variables, rows)."""
    for e in range(len(variables)):
        k = card[variables[e]]
        for row in range(total_rows):
            open_to, state, ones = 0, -1, 0
            at = starts[e] * total_rows + row
            for j in range(k):
                value = likelihood[at]
                at += total_rows
                if value > 0.0:
                    open_to += 1
                    state = j
                if value == 1.0:
                    ones += 1
            if open_to == 0:
                codes[e, row] = NOTHING
            elif open_to == 1:
                codes[e, row] = state
            elif ones == k:
                codes[e, row] = BLANK
            else:
                codes[e, row] = PARTLY


@compiled
def share(
    variables: Any,
    starts: Any,
    codes: Any,
    index: Any,
    first: Any,
    last: Any,
    forced: Any,
    hard: Any,
    soft: Any,
    mixed: Any,
) -> None:
    """Say of each variable what some rows know alike, and what differs."""
    for e in range(len(variables)):
        v = variables[e]
        hard[v] = soft[v] = -1
        mixed[v] = 0
        if forced[v] >= 0:
            continue
        one = codes[e, index[first]]
        alike, absent = True, True
        for i in range(first, last):
            code = codes[e, index[i]]
            if code != one:
                alike = False
            if code != 0 and code != BLANK:
                absent = False
        if alike and one >= 0:
            hard[v] = one
        elif not alike or one != BLANK:
            soft[v] = starts[e]
            if absent:
                mixed[v] = 1


@compiled
def write_row(
    card: Any,
    status: Any,
    wanted: Any,
    places: Any,
    out: Any,
    out_start: Any,
    total_rows: Any,
    index: Any,
    begin: Any,
    rows: Any,
    steps: Any,
    n_steps: Any,
    shared: Any,
    message: Any,
) -> None:
    """Write the posteriors of some rows, scaled to sum to one."""
    for s in range(n_steps):
        if steps[s, ASKED] == 1:
            places[steps[s, VARIABLE]] = s
    for v in range(len(card)):
        if wanted[v] == 0:
            continue
        at = out_start[v]
        if status[v] >= 0:
            for state in range(card[v]):
                value = 1.0 if state == status[v] else 0.0
                for j in range(begin, begin + rows):
                    out[(at + state) * total_rows + index[j]] = value
            continue
        s = places[v]
        if steps[s, M_KIND] == MESSAGE:
            values, many, step = message, rows, 1
        else:
            values, many, step = shared, 1, 0
        start = steps[s, M_ENTRY] * many
        for j in range(rows):
            total = 0.0
            for state in range(card[v]):
                total += values[start + state * many + j * step]
            factor = 1.0 / total if total > 0 else 0.0
            for state in range(card[v]):
                out[(at + state) * total_rows + index[begin + j]] = (
                    values[start + state * many + j * step] * factor
                )


@compiled
def write_joints(
    card: Any,
    status: Any,
    blank_start: Any,
    blank_axis: Any,
    operands: Any,
    axes: Any,
    n_operands: Any,
    out: Any,
    out_start: Any,
    total_rows: Any,
    index: Any,
    begin: Any,
    rows: Any,
    pool: Any,
    shared: Any,
    message: Any,
) -> None:
    """Write the joints of some rows, scaled to sum to one; the last axis of each is fastest."""
    for i in range(n_operands):
        if operands[i, SOURCE] > -2:
            continue
        b = -2 - operands[i, SOURCE]
        first, last = blank_start[b], blank_start[b + 1]
        full = 1
        for a in range(first, last):
            full *= card[blank_axis[a]]
        at = out_start[b]
        for e in range(at, at + full):
            for j in range(begin, begin + rows):
                out[e * total_rows + index[j]] = 0.0
        if operands[i, LENGTH] == 0:
            values, many, step, start = pool, 1, 0, 0
        elif operands[i, D_KIND] == MESSAGE:
            values, many, step, start = message, rows, 1, operands[i, D_ENTRY] * rows
        elif operands[i, D_KIND] == SHARED:
            values, many, step, start = shared, 1, 0, operands[i, D_ENTRY]
        else:
            values, many, step, start = pool, 1, 0, 0
        size = operands[i, SIZE]
        for j in range(rows):
            total = 0.0
            for e in range(size):
                total += values[start + e * many + j * step]
            factor = 1.0 / total if total > 0 else 0.0
            for e in range(size):
                place, stride = 0, full
                for a in range(first, last):
                    stride //= card[blank_axis[a]]
                    state = status[blank_axis[a]]
                    for b2 in range(operands[i, LENGTH]):
                        if axes[0, operands[i, START] + b2] == blank_axis[a]:
                            step2 = axes[1, operands[i, START] + b2]
                            state = (e // step2) % card[blank_axis[a]]
                    place += state * stride
                out[(at + place) * total_rows + index[begin + j]] = (
                    values[start + e * many + j * step] * factor
                )


DONE, LARGE, ROOM, MEMORY, APART = range(5)  # why a run stops
SURE, IMPOSSIBLE, UNSURE = range(3)  # what is known of a row


@compiled
def answer(
    structure: Any,
    least: Any,
    pool: Any,
    evidence: Any,
    starts: Any,
    likelihood: Any,
    total_rows: Any,
    codes: Any,
    index: Any,
    first: Any,
    last: Any,
    chunk: Any,
    breaks: Any,
    forced: Any,
    wanted: Any,
    blank_start: Any,
    blank_axis: Any,
    limit: Any,
    most: Any,
    dear: Any,
    dear_rows: Any,
    base: Any,
    places: Any,
    near: Any,
    operands: Any,
    axes: Any,
    steps: Any,
    runs: Any,
    unary: Any,
    folds: Any,
    free: Any,
    counts: Any,
    shared: Any,
    message: Any,
    bounds: Any,
    out: Any,
    out_start: Any,
    joints: Any,
    joints_start: Any,
    log_evidence: Any,
    found: Any,
) -> Any:
    """Answer rows ``index[first:last]``, a chunk at a time, by the steps that each chunk needs.

    No chunk goes past a place of ``breaks``. A single row that takes ``most`` work is left.

    Return where it stopped, and why.
    """
    card = structure[0]
    n = len(card)
    status, hard, soft, mixed = places[0], places[1], places[2], places[3]
    at_step, place, scalars = places[4], places[5], places[7]
    for v in range(n):
        hard[v] = soft[v] = -1
        mixed[v] = 0
        places[8, v], places[13, v] = base[0, v], base[1, v]
    begin = first
    while begin < last:
        rows = 1
        while rows < min(chunk, last - begin) and breaks[begin + rows] == 0:
            rows += 1
        share(evidence, starts, codes, index, begin, begin + rows, forced, hard, soft, mixed)
        failed = plan(
            structure,
            hard,
            soft,
            mixed,
            forced,
            wanted,
            blank_start,
            blank_axis,
            rows > 1,
            dear_rows if rows > 1 else dear,
            limit,
            places,
            near,
            operands,
            axes,
            steps,
            runs,
            unary,
            folds,
            counts,
        )
        if failed == TOO_SMALL:
            return begin, ROOM
        if failed == TOO_LARGE:
            return begin, LARGE
        if rows == 1 and counts[WORK_ROWS] > most:
            return begin, APART
        reserve(card, rows > 1 or counts[WORK_ROWS] > 1000000, operands, steps, folds, free, counts)
        if counts[SHARED_SIZE] > len(shared) or (counts[MESSAGE_SIZE] + 1) * rows > len(message):
            return begin, MEMORY
        for i in range(counts[SHARED_SIZE]):
            shared[i] = 1.0
        if rows > 1:
            run_rows(
                card,
                pool,
                likelihood,
                total_rows,
                index,
                begin,
                rows,
                operands,
                axes[0],
                axes[1],
                steps,
                runs,
                scalars,
                unary,
                folds,
                counts,
                shared,
                message,
                place,
                log_evidence,
            )
            for i in range(begin, begin + rows):
                value = log_evidence[index[i]]
                found[index[i]] = SURE if value == value else UNSURE
        else:
            row = index[begin]
            value, exact = run_row(
                card,
                least,
                pool,
                likelihood,
                total_rows,
                row,
                operands,
                axes[0],
                axes[1],
                steps,
                runs,
                scalars,
                unary,
                folds,
                counts,
                shared,
                message,
                bounds,
                place,
            )
            log_evidence[row] = value
            found[row] = SURE if exact else UNSURE
            if exact and value == -np.inf:
                found[row] = IMPOSSIBLE
        if rows > 1 or found[index[begin]] == SURE:
            write_row(
                card,
                status,
                wanted,
                at_step,
                out,
                out_start,
                total_rows,
                index,
                begin,
                rows,
                steps,
                counts[N_STEPS],
                shared,
                message,
            )
            if len(blank_start) > 1:
                write_joints(
                    card,
                    status,
                    blank_start,
                    blank_axis,
                    operands,
                    axes,
                    counts[N_OPERANDS],
                    joints,
                    joints_start,
                    total_rows,
                    index,
                    begin,
                    rows,
                    pool,
                    shared,
                    message,
                )
        begin += rows
    return last, DONE


@compiled
def weigh(
    structure: Any,
    evidence: Any,
    starts: Any,
    codes: Any,
    index: Any,
    begins: Any,
    chunk: Any,
    breaks: Any,
    forced: Any,
    wanted: Any,
    blank_start: Any,
    blank_axis: Any,
    limit: Any,
    dear: Any,
    dear_rows: Any,
    base: Any,
    places: Any,
    near: Any,
    operands: Any,
    axes: Any,
    steps: Any,
    runs: Any,
    unary: Any,
    folds: Any,
    counts: Any,
) -> Any:
    """Return the mean work a row, and the mean number of steps, of some chunks; -1 if too much."""
    n = len(structure[0])
    for v in range(n):
        places[1][v] = places[2][v] = -1
        places[3][v] = 0
        places[8, v], places[13, v] = base[0, v], base[1, v]
    work, count = 0, 0
    for i in range(len(begins)):
        begin = begins[i]
        end = begin + 1
        while end < min(begin + chunk, len(index)) and breaks[end] == 0:
            end += 1
        share(evidence, starts, codes, index, begin, end, forced, places[1], places[2], places[3])
        failed = plan(
            structure,
            places[1],
            places[2],
            places[3],
            forced,
            wanted,
            blank_start,
            blank_axis,
            chunk > 1,
            dear_rows if chunk > 1 else dear,
            limit,
            places,
            near,
            operands,
            axes,
            steps,
            runs,
            unary,
            folds,
            counts,
        )
        if failed != 0:
            return -1.0, -1.0
        work += counts[WORK_ROWS]
        count += counts[N_STEPS]
    return work / len(begins), count / len(begins)


@compiled
def telling(
    structure: Any,
    evidence: Any,
    starts: Any,
    codes: Any,
    index: Any,
    begin: Any,
    end: Any,
    forced: Any,
    wanted: Any,
    blank_start: Any,
    blank_axis: Any,
    limit: Any,
    shares: Any,
    gains: Any,
    places: Any,
    operands: Any,
    axes: Any,
    steps: Any,
    runs: Any,
    unary: Any,
    folds: Any,
    counts: Any,
) -> Any:
    """Say how much work some rows would save if they knew each variable alike; return the work.

    ``shares`` says how often a variable is blank, in its first state and in another. Variables
    whose ``gains`` are negative are left out.
    """
    n = len(structure[0])
    hard, soft, mixed = places[1], places[2], places[3]
    for v in range(n):
        hard[v] = soft[v] = -1
        mixed[v] = 0
    share(evidence, starts, codes, index, begin, end, forced, hard, soft, mixed)
    whole = -1
    for turn in range(-1, len(evidence)):  # the first time as it is
        v = evidence[turn] if turn >= 0 else -1
        if turn >= 0 and (gains[turn] < 0.0 or soft[v] < 0):
            continue
        kept, absent = soft[v], mixed[v]
        total = 0.0
        for code in range(-1, 2 if turn >= 0 else 0):
            if turn >= 0:
                if shares[code + 1, turn] == 0.0:
                    continue
                hard[v], soft[v], mixed[v] = code, -1, 0
            failed = schedule(
                structure, hard, soft, mixed, forced, places[8], places[13], wanted, blank_start,
                blank_axis, True, limit, places[0], places[6], operands, axes[0], axes[1], steps,
                runs, places[7], unary, folds, counts,
            )  # fmt: skip
            if failed != 0:
                return -1
            if turn >= 0:
                total += shares[code + 1, turn] * counts[WORK_ROWS]
            else:
                whole = counts[WORK_ROWS]
        if turn >= 0:
            hard[v], soft[v], mixed[v] = -1, kept, absent
            gains[turn] = whole - total
    return whole
