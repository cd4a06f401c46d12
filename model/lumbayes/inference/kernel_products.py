"""Products of two tables, summed: for one row, or for eight at once; compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from lumbayes.inference.kernel_compiler import compiled
from lumbayes.inference.kernel_lanes import WIDE, load, load_same, plus, same, store, times
from lumbayes.inference.schedule import LONG

ROOM = 256  # entries of a product of which it is worked out beforehand where they stand


@compiled
def contract(
    runs: Any, start: Any, count: Any, by_a: Any, by_b: Any, by_c: Any, a: Any, a_at: Any,
    a_row: Any, b: Any, b_at: Any, b_row: Any, c: Any, c_at: Any, c_size: Any, place: Any,
) -> None:  # fmt: skip
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
def contract_lanes(
    runs: Any, start: Any, count: Any, by_a: Any, by_b: Any, by_c: Any, a: Any, a_step: Any, b: Any,
    b_step: Any, b_differs: Any, c: Any, offsets: Any,
) -> None:  # fmt: skip
    """``c`` = a times b summed, for eight rows; see ``contract``.

    ``a``, ``b``, ``c`` are addresses, ``*_step`` bytes from entry to entry. ``a`` differs by row.
    Where the entries of some runs stand is worked out beforehand, of ``outs`` entries of c, and of
    ``sums`` that are added up; ``offsets`` has room for it. The other runs are stepped through.
    """
    of_b, of_c, sum_a, sum_b, left = ROOM, 2 * ROOM, 3 * ROOM, 4 * ROOM, 5 * ROOM
    for k in range(0, 5 * ROOM, ROOM):
        offsets[k] = 0
    outs = sums = 1
    turns, summed, outer, n2, last = 1, 0, -1, 1, left
    for r in range(start, start + count):
        many = runs[r, LONG]
        sa, sb, sc = runs[r, by_a] * a_step, runs[r, by_b] * b_step, runs[r, by_c] * WIDE
        if sc == 0 and sums * many <= ROOM:
            for k in range(sums, sums * many):
                offsets[sum_a + k] = offsets[sum_a + k - sums] + sa
                offsets[sum_b + k] = offsets[sum_b + k - sums] + sb
            sums *= many
        elif sc != 0 and outs * many <= ROOM:
            for k in range(outs, outs * many):
                offsets[k] = offsets[k - outs] + sa
                offsets[of_b + k] = offsets[of_b + k - outs] + sb
                offsets[of_c + k] = offsets[of_c + k - outs] + sc
            outs *= many
        elif sc != 0 and outer < 0:
            outer, n2 = r, many
        else:
            offsets[last], offsets[last + 1] = r, 0
            last += 2
            turns *= many
    a2 = b2 = c2 = 0
    if outer >= 0:
        a2, b2 = runs[outer, by_a] * a_step, runs[outer, by_b] * b_step
        c2 = runs[outer, by_c] * WIDE
    a1, b1 = offsets[sum_a + 1], offsets[sum_b + 1]
    while turns > 0:
        pa, pb, pc = a, b, c
        for _ in range(n2):
            for i in range(outs):
                qa, qb, qc = pa + offsets[i], pb + offsets[of_b + i], pc + offsets[of_c + i]
                if b_differs:
                    x = times(load(qa), load(qb))
                    if sums == 2:
                        x = plus(x, times(load(qa + a1), load(qb + b1)))
                    else:
                        for k in range(1, sums):
                            y = load(qb + offsets[sum_b + k])
                            x = plus(x, times(load(qa + offsets[sum_a + k]), y))
                else:
                    x = times(load(qa), load_same(qb))
                    if sums == 2:
                        x = plus(x, times(load(qa + a1), load_same(qb + b1)))
                    else:
                        for k in range(1, sums):
                            y = load_same(qb + offsets[sum_b + k])
                            x = plus(x, times(load(qa + offsets[sum_a + k]), y))
                if summed > 0:
                    x = plus(load(qc), x)
                store(qc, x)
            pa += a2
            pb += b2
            pc += c2
        turns -= 1
        if turns > 0:
            i = left
            while True:
                r = offsets[i]
                sa, sb, sc = runs[r, by_a] * a_step, runs[r, by_b] * b_step, runs[r, by_c] * WIDE
                offsets[i + 1] += 1
                if offsets[i + 1] < runs[r, LONG]:
                    if sc == 0 and offsets[i + 1] == 1:
                        summed += 1
                    a += sa
                    b += sb
                    c += sc
                    break
                back = offsets[i + 1] - 1
                a -= sa * back
                b -= sb * back
                c -= sc * back
                if sc == 0:
                    summed -= 1
                offsets[i + 1] = 0
                i += 2


@compiled
def margin_lanes(
    card: Any, axis_variable: Any, axis_stride: Any, first: Any, last: Any, x: Any, x_step: Any,
    x_differs: Any, d: Any, d_step: Any, d_differs: Any, d_laid_out: Any, out: Any, place: Any,
) -> None:  # fmt: skip
    """out[state] = sum of x times d over all axes of x but its first, for eight rows.

    ``x``, ``d``, ``out`` are addresses; where not ``d_laid_out`` like x, d lacks its first axis.
    """
    size = 1
    for i in range(first + 1, last):
        size *= card[axis_variable[i]]
        place[i - first] = 0
    for state in range(card[axis_variable[first]]):
        q = x + state * axis_stride[first] * x_step
        p = d + (state * size * d_step if d_laid_out else 0)
        total = same(0.0)
        for turn in range(size):
            y = load(q) if x_differs else load_same(q)
            z = load(p) if d_differs else load_same(p)
            total = plus(total, times(y, z))
            p += d_step
            if turn == size - 1:
                break
            i = last - 1
            while True:
                step = axis_stride[i] * x_step
                place[i - first] += 1
                if place[i - first] < card[axis_variable[i]]:
                    q += step
                    break
                q -= step * (place[i - first] - 1)
                place[i - first] = 0
                i -= 1
        store(out + state * WIDE, total)
        for i in range(first + 1, last):
            place[i - first] = 0


@compiled
def margin(
    card: Any, axis_variable: Any, axis_stride: Any, first: Any, last: Any, x: Any, x_at: Any,
    x_row: Any, d: Any, d_at: Any, d_laid_out: Any, out: Any, out_at: Any, place: Any,
) -> None:  # fmt: skip
    """out[state] = sum of x times d over all axes of x but its first; one row.

    Where not ``d_laid_out`` like x, d lacks its first axis.
    """
    size = 1
    for i in range(first + 1, last):
        size *= card[axis_variable[i]]
        place[i - first] = 0
    for state in range(card[axis_variable[first]]):
        q = np.uint64(x_at + state * axis_stride[first] * x_row)
        p = np.uint64(d_at + (state * size if d_laid_out else 0))
        total = 0.0
        left = size
        while left > 0:
            total += x[q] * d[p]
            p += np.uint64(1)
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
        out[out_at + state] = total
        for i in range(first + 1, last):
            place[i - first] = 0
