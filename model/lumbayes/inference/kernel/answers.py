"""The compiled kernel: what rows know, their answers a chunk at a time, what costs most."""

from __future__ import annotations

from typing import Any

import numpy as np

from lumbayes.inference.kernel.compiler import compiled, reserve, schedule
from lumbayes.inference.kernel.lanes import LANES
from lumbayes.inference.kernel.many_rows import run_rows, seen
from lumbayes.inference.kernel.one_row import run_row
from lumbayes.inference.kernel.orders import plan
from lumbayes.inference.schedule import (
    ASKED,
    D_ENTRY,
    D_KIND,
    LENGTH,
    M_ENTRY,
    M_KIND,
    MESSAGE,
    MESSAGE_SIZE,
    N_OPERANDS,
    N_STEPS,
    SHARED,
    SHARED_SIZE,
    SIZE,
    SOURCE,
    START,
    TOO_LARGE,
    TOO_SMALL,
    VARIABLE,
    WORK_ROWS,
)
from lumbayes.inference.tree_queries import IMPOSSIBLE, SURE, UNSURE

BLANK, PARTLY, NOTHING = -1, -2, -3  # what a row knows of a variable; a state otherwise
DONE, LARGE, ROOM, MEMORY, APART, ALONE_INSTEAD = range(6)  # why a run stops


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
    variables: Any, starts: Any, codes: Any, first: Any, last: Any, forced: Any, hard: Any,
    soft: Any, mixed: Any,
) -> None:  # fmt: skip
    """Say of each variable what some rows know alike, and what differs."""
    for e in range(len(variables)):
        v = variables[e]
        hard[v] = soft[v] = -1
        mixed[v] = 0
        if forced[v] >= 0:
            continue
        one = codes[e, first]
        alike, absent = True, True
        for i in range(first, last):
            code = codes[e, i]
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
    card: Any, status: Any, wanted: Any, places: Any, out: Any, out_start: Any, total_rows: Any,
    index: Any, begin: Any, rows: Any, lanes: Any, steps: Any, n_steps: Any, shared: Any,
    message: Any,
) -> None:  # fmt: skip
    """Write the posteriors of some rows, scaled to sum to one; messages hold so many ``lanes``."""
    for s in range(n_steps):
        if steps[s, ASKED] > 0:
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
            values, many, step = message, lanes, 1
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
    card: Any, status: Any, blank_start: Any, blank_axis: Any, operands: Any, axes: Any,
    n_operands: Any, out: Any, out_start: Any, total_rows: Any, index: Any, begin: Any, rows: Any,
    lanes: Any, pool: Any, shared: Any, message: Any,
) -> None:  # fmt: skip
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
            values, many, step, start = message, lanes, 1, operands[i, D_ENTRY] * lanes
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


@compiled
def answer(
    structure: Any, least: Any, pool: Any, evidence: Any, starts: Any, likelihood: Any,
    total_rows: Any, codes: Any, index: Any, first: Any, last: Any, chunk: Any, breaks: Any,
    forced: Any, wanted: Any, blank_start: Any, blank_axis: Any, limit: Any, most: Any,
    rows_memory: Any, dear: Any, dear_rows: Any, base: Any, places: Any, near: Any, operands: Any,
    axes: Any, steps: Any, runs: Any, unary: Any, folds: Any, free: Any, counts: Any, shared: Any,
    message: Any, bounds: Any, own: Any, spare: Any, offsets: Any, out: Any,
    out_start: Any, joints: Any, joints_start: Any, log_evidence: Any, found: Any,
) -> Any:  # fmt: skip
    """Answer rows ``index[first:last]``, a chunk at a time, by the steps that each chunk needs.

    No chunk goes past a place of ``breaks``. A single row that takes ``most`` work is left, and so
    is a chunk whose messages are more than ``rows_memory`` numbers.

    Return where it stopped, and why.
    """
    card = structure[0]
    n = len(card)
    status, hard, soft, mixed = places[0], places[1], places[2], places[3]
    at_step, scalars = places[4], places[7]
    for v in range(n):
        hard[v] = soft[v] = -1
        mixed[v] = 0
        places[8, v], places[13, v] = base[0, v], base[1, v]
    begin = first
    while begin < last:
        rows = 1
        while rows < min(chunk, last - begin) and breaks[begin + rows] == 0:
            rows += 1
        share(evidence, starts, codes, begin, begin + rows, forced, hard, soft, mixed)
        failed = plan(
            structure, hard, soft, mixed, forced, wanted, blank_start, blank_axis, rows > 1,
            dear_rows if rows > 1 else dear, limit, places, near, operands, axes, steps, runs,
            unary, folds, counts,
        )  # fmt: skip
        if failed == TOO_SMALL:
            return begin, ROOM
        if failed == TOO_LARGE:
            return begin, LARGE
        if rows == 1 and counts[WORK_ROWS] > most:
            return begin, APART
        lanes = LANES if rows > 1 else 1
        reserve(card, rows > 1 or counts[WORK_ROWS] > 1000000, operands, steps, folds, free, counts)
        if rows > 1 and (counts[MESSAGE_SIZE] + 1) * lanes > rows_memory:
            return begin, ALONE_INSTEAD
        if counts[SHARED_SIZE] > len(shared) or (counts[MESSAGE_SIZE] + 1) * lanes > len(message):
            return begin, MEMORY
        for i in range(counts[SHARED_SIZE]):
            shared[i] = 1.0
        for block in range(begin, begin + rows, lanes):
            some = min(lanes, begin + rows - block)
            if rows > 1:
                seen(
                    evidence, starts, card, codes, likelihood, total_rows, index, block, some, soft,
                    own,
                )  # fmt: skip
                run_rows(
                    card, least, pool, own, total_rows, index, block, some, operands, steps, runs,
                    scalars, unary, folds, counts, shared, message, bounds, spare, offsets,
                    log_evidence, block == begin,
                )  # fmt: skip
                for i in range(block, block + some):
                    value = log_evidence[index[i]]
                    found[index[i]] = SURE if value == value else UNSURE
            else:
                row = index[begin]
                value, exact = run_row(
                    card, least, pool, likelihood, total_rows, row, operands, steps, runs, scalars,
                    unary, folds, counts, shared, message, bounds, spare, offsets,
                )  # fmt: skip
                log_evidence[row] = value
                found[row] = SURE if exact else UNSURE
                if exact and value == -np.inf:
                    found[row] = IMPOSSIBLE
                if found[row] != SURE:
                    continue
            write_row(
                card, status, wanted, at_step, out, out_start, total_rows, index, block, some,
                lanes, steps, counts[N_STEPS], shared, message,
            )  # fmt: skip
            if len(blank_start) > 1:
                write_joints(
                    card, status, blank_start, blank_axis, operands, axes, counts[N_OPERANDS],
                    joints, joints_start, total_rows, index, block, some, lanes, pool, shared,
                    message,
                )  # fmt: skip
        begin += rows
    return last, DONE


@compiled
def weigh(
    structure: Any, evidence: Any, starts: Any, codes: Any, begins: Any, chunk: Any, breaks: Any,
    forced: Any, wanted: Any, blank_start: Any, blank_axis: Any, limit: Any,
    dear: Any, dear_rows: Any, base: Any, places: Any, near: Any, operands: Any, axes: Any,
    steps: Any, runs: Any, unary: Any, folds: Any, counts: Any,
) -> Any:  # fmt: skip
    """Return why it failed or 0; the mean work a row, and mean number of steps, of some chunks."""
    n = len(structure[0])
    for v in range(n):
        places[1][v] = places[2][v] = -1
        places[3][v] = 0
        places[8, v], places[13, v] = base[0, v], base[1, v]
    work, count = 0, 0
    for i in range(len(begins)):
        begin = begins[i]
        end = begin + 1
        while end < min(begin + chunk, codes.shape[1]) and breaks[end] == 0:
            end += 1
        share(evidence, starts, codes, begin, end, forced, places[1], places[2], places[3])
        failed = plan(
            structure, places[1], places[2], places[3], forced, wanted, blank_start, blank_axis,
            chunk > 1, dear_rows if chunk > 1 else dear, limit, places, near, operands, axes,
            steps, runs, unary, folds, counts,
        )  # fmt: skip
        if failed != 0:
            return failed, 0.0, 0.0
        work += counts[WORK_ROWS]
        count += counts[N_STEPS]
    return 0, work / len(begins), count / len(begins)


@compiled
def telling(
    structure: Any, evidence: Any, starts: Any, codes: Any, begin: Any, end: Any,
    forced: Any, wanted: Any, blank_start: Any, blank_axis: Any, limit: Any, shares: Any,
    gains: Any, places: Any, operands: Any, axes: Any, steps: Any, runs: Any, unary: Any,
    folds: Any, counts: Any,
) -> Any:  # fmt: skip
    """Say how much work some rows would save if they knew each variable alike; return the work.

    ``shares`` says how often a variable is blank, in its first state and in another. Variables
    whose ``gains`` are negative are left out. What fails is returned as ``schedule`` does.
    """
    n = len(structure[0])
    hard, soft, mixed = places[1], places[2], places[3]
    for v in range(n):
        hard[v] = soft[v] = -1
        mixed[v] = 0
    share(evidence, starts, codes, begin, end, forced, hard, soft, mixed)
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
                return failed
            if turn >= 0:
                total += shares[code + 1, turn] * counts[WORK_ROWS]
            else:
                whole = counts[WORK_ROWS]
        if turn >= 0:
            hard[v], soft[v], mixed[v] = -1, kept, absent
            gains[turn] = whole - total
    return whole
