"""Products of two tables, summed: for one row, or for many side by side; compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from lumbayes.inference.kernel_compiler import compiled
from lumbayes.inference.schedule import (
    LONG,
)


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
def contract_rows(
    runs: Any, start: Any, count: Any, by_a: Any, by_b: Any, by_c: Any, a: Any, a_at: Any,
    a_row: Any, a_in: Any, b: Any, b_at: Any, b_row: Any, b_in: Any, c: Any, c_at: Any, rows: Any,
    place: Any,
) -> None:  # fmt: skip
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
    runs: Any, start: Any, count: Any, by_a: Any, by_b: Any, by_c: Any, a: Any, a_at: Any,
    a_row: Any, a_in: Any, b: Any, b_at: Any, b_row: Any, b_in: Any, c: Any, c_at: Any,
    c_size: Any, rows: Any, place: Any,
) -> None:  # fmt: skip
    """``c`` = a times b summed, for one row or many."""
    if rows == 1:
        contract(
            runs, start, count, by_a, by_b, by_c, a, a_at, a_row, b, b_at, b_row, c, c_at, c_size,
            place,
        )  # fmt: skip
    else:
        contract_rows(
            runs, start, count, by_a, by_b, by_c, a, a_at, a_row, a_in, b, b_at, b_row, b_in, c,
            c_at, rows, place,
        )  # fmt: skip


@compiled
def margin(
    card: Any, axis_variable: Any, axis_stride: Any, first: Any, last: Any, x: Any, x_at: Any,
    x_row: Any, x_in: Any, d: Any, d_at: Any, d_row: Any, d_in: Any, d_step: Any, out: Any,
    out_at: Any, out_row: Any, out_in: Any, rows: Any, place: Any,
) -> None:  # fmt: skip
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
