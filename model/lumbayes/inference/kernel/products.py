"""Products of two tables, summed: for one row, or for eight at once; compiled.

Tables are given by address, strides in entries. ``by_*`` say which strides each table steps by,
``*_step`` how many bytes it is from entry to entry.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lumbayes.inference.kernel.compiler import compiled, written_out
from lumbayes.inference.kernel.lanes import LANES, NUMBER, load, load_same, plus, same, store, times
from lumbayes.inference.schedule import (
    APART,
    BY_LEFT,
    BY_RESULT,
    BY_RIGHT,
    LONG,
)

ROOM = 256  # entries of a product of which it is worked out beforehand where they stand
REPAID = 3  # products for each number that is laid out anew to multiply eight at once
SPARE = 1 << 17  # numbers laid out anew at most
DOT = 16  # numbers side by side in both tables from which on eight sums are kept


@compiled
def stride(runs: Any, r: Any, by: Any, step: Any, wide: Any) -> Any:
    """Return the bytes a table steps by; over eight entries in the run that is ``wide``."""
    size = runs[r, by] * step
    return size * LANES if r == wide else size


@compiled
def contract(
    runs: Any, start: Any, count: Any, by_a: Any, by_b: Any, by_c: Any, wide: Any, blocks: Any,
    a: Any, a_step: Any, b: Any, b_step: Any, b_differs: Any, c: Any, c_step: Any, offsets: Any,
    like: Any,
) -> None:  # fmt: skip
    """``c`` = a times b, summed over the runs that c lacks; numbers are of the kind of ``like``.

    Eight numbers at once are those of eight rows, or eight of the run ``wide``, of which so many
    ``blocks`` are taken. They differ in ``a``; where not in ``b``, it holds one number for all.

    Where the entries of some runs stand is worked out beforehand, of ``outs`` entries of c, and of
    ``sums`` that are added up; ``offsets`` has room for it. The other runs are stepped through.
    """
    of_b, of_c, sum_a, sum_b, left = ROOM, 2 * ROOM, 3 * ROOM, 4 * ROOM, 5 * ROOM
    for k in range(0, 5 * ROOM, ROOM):
        offsets[k] = 0
    outs = sums = 1
    turns, summed, outer, n2, last = 1, 0, -1, 1, left
    for r in range(start, start + count):
        many = blocks if r == wide else runs[r, LONG]
        sa, sb = stride(runs, r, by_a, a_step, wide), stride(runs, r, by_b, b_step, wide)
        sc = stride(runs, r, by_c, c_step, wide)
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
        a2, b2 = stride(runs, outer, by_a, a_step, wide), stride(runs, outer, by_b, b_step, wide)
        c2 = stride(runs, outer, by_c, c_step, wide)
    a1, b1 = offsets[sum_a + 1], offsets[sum_b + 1]
    while turns > 0:
        pa, pb, pc = a, b, c
        for _ in range(n2):
            for i in range(outs):
                qa, qb, qc = pa + offsets[i], pb + offsets[of_b + i], pc + offsets[of_c + i]
                if b_differs:
                    x = times(load(qa, like), load(qb, like))
                    if sums == 2:
                        x = plus(x, times(load(qa + a1, like), load(qb + b1, like)))
                    else:
                        for k in range(1, sums):
                            y = load(qb + offsets[sum_b + k], like)
                            x = plus(x, times(load(qa + offsets[sum_a + k], like), y))
                else:
                    x = times(load(qa, like), load_same(qb, like))
                    if sums == 2:
                        x = plus(x, times(load(qa + a1, like), load_same(qb + b1, like)))
                    else:
                        for k in range(1, sums):
                            y = load_same(qb + offsets[sum_b + k], like)
                            x = plus(x, times(load(qa + offsets[sum_a + k], like), y))
                if summed > 0:
                    x = plus(load(qc, like), x)
                store(qc, x)
            pa += a2
            pb += b2
            pc += c2
        turns -= 1
        if turns > 0:
            i = left
            while True:
                r = offsets[i]
                many = blocks if r == wide else runs[r, LONG]
                sa, sb = stride(runs, r, by_a, a_step, wide), stride(runs, r, by_b, b_step, wide)
                sc = stride(runs, r, by_c, c_step, wide)
                offsets[i + 1] += 1
                if offsets[i + 1] < many:
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
def lay_out(
    runs: Any, start: Any, count: Any, by: Any, first: Any, x: Any, x_step: Any, spare: Any,
    back: Any, place: Any,
) -> Any:  # fmt: skip
    """Copy a table to ``spare`` so that the run ``first`` comes side by side, or copy it back.

    Return how many numbers it has; see ``side_by_side`` for how they then stand.
    """
    size = runs[first, LONG]
    total = size
    for r in range(start, start + count):
        place[r - start] = 0
        if r != first and runs[r, by] != 0:
            total *= runs[r, LONG]
    step = runs[first, by] * x_step
    at = spare
    turns = total // size
    while turns > 0:
        p = x
        for _ in range(size):
            if back:
                store(p, load(at, 0.0))
            else:
                store(at, load(p, 0.0))
            p += step
            at += NUMBER
        turns -= 1
        r = start
        while turns > 0:
            if r != first and runs[r, by] != 0:
                place[r - start] += 1
                if place[r - start] < runs[r, LONG]:
                    x += runs[r, by] * x_step
                    break
                x -= runs[r, by] * x_step * (place[r - start] - 1)
                place[r - start] = 0
            r += 1
    return total


@compiled
def side_by_side(runs: Any, start: Any, count: Any, by: Any, first: Any) -> None:
    """Make the strides of a table those of its copy, in which the run ``first`` comes first."""
    step = runs[first, LONG]
    for r in range(start, start + count):
        if r == first:
            runs[r, by] = 1
        elif runs[r, by] != 0:
            runs[r, by] = step
            step *= runs[r, LONG]


@compiled
def entries(runs: Any, start: Any, count: Any, by: Any) -> Any:
    """Return how many numbers of a table take part."""
    size = 1
    for r in range(start, start + count):
        if runs[r, by] != 0:
            size *= runs[r, LONG]
    return size


@compiled
def contract_row(
    runs: Any, start: Any, count: Any, by_a: Any, by_b: Any, by_c: Any, a: Any, a_step: Any,
    b: Any, b_step: Any, c: Any, spare: Any, offsets: Any,
) -> None:  # fmt: skip
    """``c`` = a times b, summed over the runs that c lacks; one row.

    Where it can, eight numbers of a run are multiplied at once; a table in which they do not stand
    side by side is laid out anew if that is repaid.
    """
    none, number = np.int64(-1), np.int64(NUMBER)
    left, right, result = np.int64(BY_LEFT), np.int64(BY_RIGHT), np.int64(BY_RESULT)
    total, best, least = 1, -1, 0
    yes, no = count >= 0, count < 0
    for r in range(start, start + count):
        total *= runs[r, LONG]
    if total < 4 * LANES or count > APART:
        contract(
            runs, start, count, by_a, by_b, by_c, none, none, a, a_step, b, b_step, yes, c, number,
            offsets, 0.0,
        )  # fmt: skip
        return
    turned = len(runs) - APART
    size_a, size_b = entries(runs, start, count, by_a), entries(runs, start, count, by_b)
    size_c = entries(runs, start, count, by_c)
    for r in range(start, start + count):
        many = runs[r, LONG]
        sa, sb, sc = runs[r, by_a] * a_step, runs[r, by_b] * b_step, runs[r, by_c]
        moved = 0
        if sa == 0 and sb == 0:
            continue
        if sa != 0 and sa != NUMBER:
            moved += size_a
        if sb != 0 and sb != NUMBER:
            moved += size_b
        if sc == 0:
            if many < DOT or sa != NUMBER or sb != NUMBER:
                continue
            moved = LANES * size_c
        elif sc != 1:
            moved += size_c
        if many < LANES or moved > SPARE or moved * REPAID > total:
            continue
        if best < 0 or moved < least:
            best, least = r, moved
    if best < 0:
        contract(
            runs, start, count, by_a, by_b, by_c, none, none, a, a_step, b, b_step, yes, c, number,
            offsets, 0.0,
        )  # fmt: skip
        return
    first, many = turned + best - start, runs[best, LONG]
    for r in range(count):
        runs[turned + r, LONG] = runs[start + r, LONG]
        runs[turned + r, BY_LEFT] = runs[start + r, by_a]
        runs[turned + r, BY_RIGHT] = runs[start + r, by_b]
        runs[turned + r, BY_RESULT] = runs[start + r, by_c]
    at = spare
    if runs[first, BY_RESULT] == 0:  # sums of each eighth number, in the end added up
        contract(
            runs, turned, count, left, right, result, first, many // LANES, a, a_step, b,
            b_step, yes, at, np.int64(LANES * NUMBER), offsets, same(0.0),
        )  # fmt: skip
        rest = many % LANES
        if rest > 0:
            runs[first, LONG] = rest
            skip = (many - rest) * NUMBER
            contract(
                runs, turned, count, left, right, result, none, none, a + skip, a_step,
                b + skip, b_step, yes, c, number, offsets, 0.0,
            )  # fmt: skip
        for j in range(size_c):
            value = 0.0
            for k in range(j * LANES, (j + 1) * LANES):
                value += load(spare + k * NUMBER, 0.0)
            to = c + j * NUMBER
            store(to, value + load(to, 0.0) if rest > 0 else value)
        return
    whole = c
    if runs[first, BY_LEFT] != 0 and runs[first, BY_LEFT] * a_step != NUMBER:
        size = lay_out(runs, turned, count, left, first, a, a_step, at, False, offsets)
        side_by_side(runs, turned, count, left, first)
        a, a_step = at, number
        at += size * NUMBER
    if runs[first, BY_RIGHT] != 0 and runs[first, BY_RIGHT] * b_step != NUMBER:
        size = lay_out(runs, turned, count, right, first, b, b_step, at, False, offsets)
        side_by_side(runs, turned, count, right, first)
        b, b_step = at, number
        at += size * NUMBER
    apart = runs[first, BY_RESULT] != 1
    if apart:
        c = at
        side_by_side(runs, turned, count, result, first)
    for part in range(2 if many % LANES else 1):  # the last eight once more if some are left over
        blocks, skip = (many // LANES, 0) if part == 0 else (1, (many - LANES) * NUMBER)
        if runs[first, BY_LEFT] != 0:
            contract(
                runs, turned, count, left, right, result, first, blocks, a + skip, a_step,
                b + (skip if runs[first, BY_RIGHT] != 0 else 0), b_step,
                runs[first, BY_RIGHT] != 0, c + skip, number, offsets, same(0.0),
            )  # fmt: skip
        else:
            contract(
                runs, turned, count, right, left, result, first, blocks, b + skip, b_step, a,
                a_step, no, c + skip, number, offsets, same(0.0),
            )  # fmt: skip
    if apart:
        for r in range(count):
            runs[turned + r, BY_RESULT] = runs[start + r, by_c]
        lay_out(runs, turned, count, result, first, whole, number, c, True, offsets)


@written_out
def product(
    runs: Any, start: Any, count: Any, by_a: Any, by_b: Any, by_c: Any, a: Any, a_step: Any,
    a_differs: Any, b: Any, b_step: Any, b_differs: Any, c: Any, wide: Any, spare: Any,
    offsets: Any, like: Any,
) -> None:  # fmt: skip
    """``c`` = a times b, summed over the runs that c lacks; an entry of c has ``wide`` bytes.

    Of eight rows, one of the tables must differ by row.
    """
    none, no = np.int64(-1), count < 0
    if wide == NUMBER:
        contract_row(runs, start, count, by_a, by_b, by_c, a, a_step, b, b_step, c, spare, offsets)
    elif a_differs:
        contract(
            runs, start, count, by_a, by_b, by_c, none, none, a, a_step, b, b_step, b_differs, c,
            wide, offsets, like,
        )  # fmt: skip
    else:
        contract(
            runs, start, count, by_b, by_a, by_c, none, none, b, b_step, a, a_step, no, c, wide,
            offsets, like,
        )  # fmt: skip
