"""What to compute for one pattern of evidence: a list of products, each summed down to a message.

The order of elimination is fixed when the tree is compiled, and variables are numbered by it. For a
pattern of evidence the steps are found by walking that order: observed variables are sliced away,
what the question does not depend on is never touched, and an effect that is absent couples none of
its causes. The walk takes microseconds, so nothing is compiled for a case.

Every step multiplies two tables and sums out at most one variable. Read backwards and
differentiated, the same steps give the posteriors: the derivative of P(evidence) by a table, times
the table (Darwiche 2003, A differential approach to inference in Bayesian networks, J ACM 50:280).

``schedule`` is written so that the kernel can compile it; without a kernel it runs as it stands.
"""

from __future__ import annotations

from typing import Any

# Columns of an operand: where its axes are, where its numbers are, and its derivative.
START, LENGTH, KIND, BASE, ENTRY, SIZE, SOURCE, NEEDED, D_KIND, D_ENTRY = range(10)
OPERAND_COLUMNS = 10
# Kinds: a table, a message alike in all rows; from DRAWN on what may differ from row to row: a
# drawn table, a likelihood, a message.
CONSTANT, SHARED, DRAWN, LIKELIHOOD, MESSAGE = range(5)
# Columns of a step: result = sum of left times right; ``ASKED`` if the variable's posterior is, by
# what it is found: left times its derivative, right times its own, left times that of the result.
(
    LEFT,
    RIGHT,
    RESULT,
    RUN,
    RUNS,
    VARIABLE,
    SUMMED,
    ASKED,
    M_KIND,
    M_ENTRY,
    M_RUN,
    M_RUNS,
    TERMS,
) = range(13)
STEP_COLUMNS = 13
OF_LEFT, OF_RIGHT, OF_RESULT = 1, 2, 3
# Columns of a run of axes: its length, and its stride in each table; ``COMPACT`` in a table laid
# out anew over the axes of the left one.
LONG, BY_LEFT, BY_RIGHT, BY_RESULT, COMPACT = range(5)
RUN_COLUMNS = 5
APART = 64  # runs at the end, for a product in which they are turned
# Columns of a number or a list of numbers that bears on one variable or none: ``WHEN`` is the place
# of the likelihood that is 0 in the rows it counts for, -1 if it counts in all.
U_KIND, U_BASE, U_ENTRY, U_STRIDE, U_WHEN, U_SOURCE, U_NEXT = range(7)
UNARY_COLUMNS = 7
# What a schedule counts.
(
    N_OPERANDS,
    N_STEPS,
    N_RUNS,
    N_AXES,
    N_SCALARS,
    N_FOLDS,
    ALONE,
    INITIAL,
    SHARED_SIZE,
    MESSAGE_SIZE,
    WORK_SHARED,
    WORK_ROWS,
    LARGEST,
) = range(13)
COUNTS = 13

OUT, FREE, MIXED = -2, -1, -3  # statuses of a variable; a state otherwise
TOO_SMALL, TOO_LARGE = -1, -2  # the arrays given have no room; more than the limit of work


def schedule(
    tree: Any, hard: Any, soft: Any, mixed: Any, forced: Any, order: Any, position: Any,
    wanted: Any, blank_start: Any, blank_axis: Any, by_row: bool, limit: int, status: Any,
    scratch: Any, operands: Any, axis_variable: Any, axis_stride: Any, steps: Any, runs: Any,
    scalars: Any, unary: Any, folds: Any, counts: Any,
) -> int:  # fmt: skip
    """Write the steps for one pattern of evidence; return 0, TOO_SMALL or TOO_LARGE.

    ``hard``, ``soft``, ``forced``: by variable the state seen, the place of its likelihood, the
    state set, -1 without; ``mixed`` if rows see it absent or not at all. ``order`` is that of
    summing out, ``position`` the place of each variable in it. ``wanted`` says whose posterior is
    asked, the blanks which joints. ``by_row``: likelihoods and drawn tables differ
    from row to row, and steps that do not are kept apart.
    """
    (
        card,
        table_start,
        table_axis,
        table_stride,
        table_base,
        table_drawn,
        full_start,
        full_end,
        absent_start,
        absent_end,
        hidden_start,
        hidden,
        parent_start,
        parents,
    ) = tree
    n = len(card)
    room_axes = len(axis_variable)
    room_operands = min(len(operands), len(scalars))
    room_steps = len(steps)
    room_runs = len(runs) - APART
    room_unary = len(unary)
    # --- what bears on the question: evidence, targets and their causes ---------------------------
    top = 0
    for v in range(n):
        status[v] = OUT
        scratch[n + v] = 0  # has children that bear on the question
    for v in range(n):
        if wanted[v] or hard[v] >= 0 or soft[v] >= 0 or forced[v] >= 0:
            status[v] = FREE
            scratch[top] = v
            top += 1
    for i in range(len(blank_axis)):
        v = blank_axis[i]
        scratch[n + v] = 1
        if status[v] == OUT:
            status[v] = FREE
            scratch[top] = v
            top += 1
    while top > 0:
        top -= 1
        v = scratch[top]
        if forced[v] < 0:
            for i in range(parent_start[v], parent_start[v + 1]):
                p = parents[i]
                scratch[n + p] = 1
                if status[p] == OUT:
                    status[p] = FREE
                    scratch[top] = p
                    top += 1
    # --- the tables in use ------------------------------------------------------------------------
    for v in range(n):
        if status[v] == FREE:
            if forced[v] >= 0:
                status[v] = forced[v]
            elif hard[v] >= 0:
                status[v] = hard[v]
            elif card[v] == 1:
                status[v] = 0
            elif mixed[v] == 1 and absent_start[v] >= 0 and not wanted[v] and not scratch[n + v]:
                status[v] = MIXED
            absent = status[v] == MIXED or (status[v] == 0 and absent_start[v] >= 0)
            if forced[v] < 0 and not absent:
                for i in range(hidden_start[v], hidden_start[v + 1]):
                    status[hidden[i]] = FREE
    head, following = 0, 2 * n  # places in scratch: first operand of a bucket, the next, and of
    items = n  # the numbers that bear on one variable alone, the first
    for v in range(n):
        scratch[head + v] = scratch[items + v] = -1
    n_axes = n_unary = n_scalars = 0
    alone = -1  # the first of the numbers that bear on none
    for c in range(OPERAND_COLUMNS):
        operands[0, c] = 0
    operands[0, SIZE] = 1
    operands[0, SOURCE] = -1
    n_operands = 1  # operand 0 is the number 1, first of the pool
    for v in range(n):
        if status[v] == OUT or forced[v] >= 0:
            continue
        first, last, when = full_start[v], full_end[v], -1
        if status[v] == MIXED or (status[v] == 0 and absent_start[v] >= 0):
            first, last = absent_start[v], absent_end[v]
            if status[v] == MIXED:
                when = soft[v] + card[v] - 1
        for t in range(first, last + 1):
            if t == last and not (soft[v] >= 0 and status[v] == FREE):
                continue
            begin = n_axes
            if n_axes + n > room_axes or n_operands + n > room_operands or n_unary + 1 > room_unary:
                return TOO_SMALL
            if t == last:  # the likelihood of the variable itself
                kind, at, entry, size = LIKELIHOOD, 0, soft[v], card[v]
                axis_variable[n_axes] = v
                axis_stride[n_axes] = 1
                n_axes += 1
            else:
                kind = DRAWN if table_drawn[t] else CONSTANT
                at, entry, size = table_base[t], 0, 1
                for i in range(table_start[t], table_start[t + 1]):
                    u = table_axis[i]
                    if status[u] >= 0:
                        entry += status[u] * table_stride[i]
                    else:
                        axis_variable[n_axes] = u
                        axis_stride[n_axes] = table_stride[i]
                        size *= card[u]
                        n_axes += 1
            for i in range(begin + 1, n_axes):  # first the axis that is summed out first
                u, stride, j = axis_variable[i], axis_stride[i], i
                while j > begin and position[axis_variable[j - 1]] > position[u]:
                    axis_variable[j] = axis_variable[j - 1]
                    axis_stride[j] = axis_stride[j - 1]
                    j -= 1
                axis_variable[j] = u
                axis_stride[j] = stride
            if n_axes - begin > 1:
                operands[n_operands, START] = begin
                operands[n_operands, LENGTH] = n_axes - begin
                operands[n_operands, KIND] = kind
                operands[n_operands, BASE] = at
                operands[n_operands, ENTRY] = entry
                operands[n_operands, SIZE] = size
                operands[n_operands, SOURCE] = t
                operands[n_operands, NEEDED] = 0
                u = axis_variable[begin]
                scratch[following + n_operands] = scratch[head + u]
                scratch[head + u] = n_operands
                n_operands += 1
                continue
            unary[n_unary, U_KIND] = kind
            unary[n_unary, U_BASE] = at
            unary[n_unary, U_ENTRY] = entry
            unary[n_unary, U_WHEN] = when
            unary[n_unary, U_SOURCE] = t if t < last else -1
            if n_axes == begin:
                unary[n_unary, U_STRIDE] = 0
                unary[n_unary, U_NEXT] = alone
                alone = n_unary
            else:
                u = axis_variable[begin]
                unary[n_unary, U_STRIDE] = axis_stride[begin]
                unary[n_unary, U_NEXT] = scratch[items + u]
                scratch[items + u] = n_unary
                n_axes = begin
            n_unary += 1
    # What bears on one variable alone is multiplied at once.
    n_folds = 0
    for u in range(n):
        i = scratch[items + u]
        if i < 0:
            continue
        differs = False
        while i >= 0:
            if unary[i, U_KIND] >= DRAWN or unary[i, U_WHEN] >= 0:
                differs = True
            i = unary[i, U_NEXT]
        axis_variable[n_axes] = u
        axis_stride[n_axes] = 1
        operands[n_operands, START] = n_axes
        operands[n_operands, LENGTH] = 1
        operands[n_operands, KIND] = MESSAGE if differs or not by_row else SHARED
        operands[n_operands, BASE] = 0
        operands[n_operands, SIZE] = card[u]
        operands[n_operands, SOURCE] = -1
        operands[n_operands, NEEDED] = 0
        n_axes += 1
        folds[n_folds, 0] = n_operands
        folds[n_folds, 1] = scratch[items + u]
        n_folds += 1
        scratch[following + n_operands] = scratch[head + u]
        scratch[head + u] = n_operands
        n_operands += 1
    for b in range(len(blank_start) - 1):
        begin, size = n_axes, 1
        if n_axes + n > room_axes or n_operands + 1 > room_operands:
            return TOO_SMALL
        for i in range(blank_start[b], blank_start[b + 1]):
            if status[blank_axis[i]] == FREE:
                axis_variable[n_axes] = blank_axis[i]
                size *= card[blank_axis[i]]
                n_axes += 1
        for i in range(begin + 1, n_axes):
            u, j = axis_variable[i], i
            while j > begin and position[axis_variable[j - 1]] > position[u]:
                axis_variable[j] = axis_variable[j - 1]
                j -= 1
            axis_variable[j] = u
        stride = size
        for i in range(begin, n_axes):
            stride //= card[axis_variable[i]]
            axis_stride[i] = stride
        operands[n_operands, START] = begin
        operands[n_operands, LENGTH] = n_axes - begin
        operands[n_operands, KIND] = SHARED
        operands[n_operands, BASE] = 0
        operands[n_operands, SIZE] = size
        operands[n_operands, SOURCE] = -2 - b
        operands[n_operands, NEEDED] = 1
        if n_axes > begin:
            u = axis_variable[begin]
            scratch[following + n_operands] = scratch[head + u]
            scratch[head + u] = n_operands
        n_operands += 1
    counts[INITIAL] = n_operands
    # --- up: sum out one variable after the other -------------------------------------------------
    n_steps = n_runs = 0
    work_shared = work_rows = largest = 0
    bucket = following + room_operands
    for turn in range(n):
        v = order[turn]
        if status[v] != FREE:
            continue
        count = 0
        i = scratch[head + v]
        while i >= 0:  # sorted: what is alike in all rows first, small before large
            key = operands[i, SIZE]
            if by_row and operands[i, KIND] >= DRAWN:
                key += 1 << 60
            j = count
            while j > 0 and scratch[bucket + 2 * j - 1] > key:
                scratch[bucket + 2 * j] = scratch[bucket + 2 * j - 2]
                scratch[bucket + 2 * j + 1] = scratch[bucket + 2 * j - 1]
                j -= 1
            scratch[bucket + 2 * j] = i
            scratch[bucket + 2 * j + 1] = key
            count += 1
            i = scratch[following + i]
        left = scratch[bucket]
        first_step = n_steps
        for j in range(1, max(count, 2)):
            right = scratch[bucket + 2 * j] if count > 1 else 0
            summed = 1 if j >= count - 1 else 0
            lx, ly = operands[left, LENGTH], operands[right, LENGTH]
            if (
                n_axes + lx + ly > room_axes
                or n_runs + lx + ly > room_runs
                or n_steps + 1 > room_steps
                or n_operands + 1 > room_operands
            ):
                return TOO_SMALL
            # The union of the axes, last first, and runs of axes that every table steps through
            # alike.
            a, b = operands[left, START] + lx - 1, operands[right, START] + ly - 1
            first_a, first_b = operands[left, START], operands[right, START]
            total, result, compact, filled, begin_run = 1, 1, 1, 0, n_runs
            top = 0
            while a >= first_a or b >= first_b:
                u = -1
                if a >= first_a:
                    u = axis_variable[a]
                if b >= first_b and (u < 0 or position[axis_variable[b]] > position[u]):
                    u = axis_variable[b]
                k = card[u]
                sx = sy = sz = cx = 0
                if a >= first_a and axis_variable[a] == u:
                    sx = axis_stride[a]
                    cx = compact
                    compact *= k
                    a -= 1
                if b >= first_b and axis_variable[b] == u:
                    sy = axis_stride[b]
                    b -= 1
                if not (summed and u == v):
                    sz = result
                    result *= k
                    scratch[bucket + 2 * count + top] = u
                    top += 1
                total *= k
                if (
                    filled > 0
                    and u != v
                    and sx == runs[n_runs - 1, BY_LEFT] * runs[n_runs - 1, LONG]
                    and sy == runs[n_runs - 1, BY_RIGHT] * runs[n_runs - 1, LONG]
                    and sz == runs[n_runs - 1, BY_RESULT] * runs[n_runs - 1, LONG]
                    and cx == runs[n_runs - 1, COMPACT] * runs[n_runs - 1, LONG]
                ):
                    runs[n_runs - 1, LONG] *= k
                else:
                    runs[n_runs, LONG] = k
                    runs[n_runs, BY_LEFT] = sx
                    runs[n_runs, BY_RIGHT] = sy
                    runs[n_runs, BY_RESULT] = sz
                    runs[n_runs, COMPACT] = cx
                    n_runs += 1
                    filled += 1
                if total > limit:
                    return TOO_LARGE
            begin = n_axes
            stride = result
            for i in range(top - 1, -1, -1):
                u = scratch[bucket + 2 * count + i]
                stride //= card[u]
                axis_variable[n_axes] = u
                axis_stride[n_axes] = stride
                n_axes += 1
            differs = operands[left, KIND] >= DRAWN or operands[right, KIND] >= DRAWN
            z = n_operands
            n_operands += 1
            operands[z, START] = begin
            operands[z, LENGTH] = n_axes - begin
            operands[z, BASE] = 0
            operands[z, SIZE] = result
            operands[z, SOURCE] = -1
            operands[z, NEEDED] = operands[left, NEEDED] | operands[right, NEEDED]
            if differs or not by_row:
                operands[z, KIND] = MESSAGE
                work_rows += total
            else:
                operands[z, KIND] = SHARED
                work_shared += total
            largest = max(largest, total)
            if summed and wanted[v]:
                operands[z, NEEDED] = 1
            steps[n_steps, LEFT] = left
            steps[n_steps, RIGHT] = right
            steps[n_steps, RESULT] = z
            steps[n_steps, RUN] = begin_run
            steps[n_steps, RUNS] = n_runs - begin_run
            steps[n_steps, VARIABLE] = v
            steps[n_steps, SUMMED] = summed
            steps[n_steps, ASKED] = 0
            steps[n_steps, TERMS] = total
            n_steps += 1
            left = z
            if work_rows + work_shared > limit:
                return TOO_LARGE
        if wanted[v]:
            # Found by the smallest operand whose derivative is needed anyhow, if there is one.
            s, i, how = n_steps - 1, steps[n_steps - 1, LEFT], OF_LEFT if count > 1 else OF_RESULT
            least = operands[i, SIZE] if operands[i, NEEDED] == 1 else limit + 1
            for j in range(count if count > 1 else 0):
                u = scratch[bucket + 2 * j]
                if operands[u, NEEDED] == 1 and operands[u, SIZE] < least:
                    s, i, how = first_step + max(j - 1, 0), u, OF_RIGHT if j > 0 else OF_LEFT
                    least = operands[i, SIZE]
            steps[s, ASKED] = how
            steps[s, M_RUN] = n_runs
            if n_runs + operands[i, LENGTH] > room_runs:
                return TOO_SMALL
            compact, filled = 1, 0
            for a in range(
                operands[i, START] + operands[i, LENGTH] - 1, operands[i, START] - 1, -1
            ):
                u = axis_variable[a]
                sx, sy, sz = axis_stride[a], compact, 0
                if u == v:
                    sy, sz = sy if how != OF_RESULT else 0, 1
                compact *= card[u]
                if (
                    filled > 0
                    and u != v
                    and sx == runs[n_runs - 1, BY_LEFT] * runs[n_runs - 1, LONG]
                    and sy == runs[n_runs - 1, BY_RIGHT] * runs[n_runs - 1, LONG]
                ):
                    runs[n_runs - 1, LONG] *= card[u]
                else:
                    runs[n_runs, LONG] = card[u]
                    runs[n_runs, BY_LEFT] = sx
                    runs[n_runs, BY_RIGHT] = sy
                    runs[n_runs, BY_RESULT] = sz
                    runs[n_runs, COMPACT] = 0
                    n_runs += 1
                    filled += 1
            steps[s, M_RUNS] = filled
        if operands[left, LENGTH] == 0:
            scalars[n_scalars] = left
            n_scalars += 1
        else:
            u = axis_variable[operands[left, START]]
            scratch[following + left] = scratch[head + u]
            scratch[head + u] = left
    # --- down: where derivatives are wanted -------------------------------------------------------
    for s in range(n_steps - 1, -1, -1):
        z = steps[s, RESULT]
        if operands[z, NEEDED] == 0:
            continue
        if operands[z, LENGTH] == 0:
            operands[z, D_KIND] = CONSTANT
            operands[z, D_ENTRY] = 0
        left, right = steps[s, LEFT], steps[s, RIGHT]
        total = steps[s, TERMS]
        d_differs = operands[z, D_KIND] == MESSAGE
        asked = steps[s, ASKED]
        if operands[left, NEEDED] == 1 or asked == OF_LEFT:
            differs = d_differs or operands[right, KIND] >= DRAWN
            if differs or not by_row:
                operands[left, D_KIND] = MESSAGE
                work_rows += total
            else:
                operands[left, D_KIND] = SHARED
                work_shared += total
        if operands[right, NEEDED] == 1:
            differs = d_differs or operands[left, KIND] >= DRAWN
            if differs or not by_row:
                operands[right, D_KIND] = MESSAGE
                work_rows += total
            else:
                operands[right, D_KIND] = SHARED
                work_shared += total
        if asked > 0:
            i = right if asked == OF_RIGHT else left
            other = operands[z if asked == OF_RESULT else i, D_KIND]
            if operands[i, KIND] >= DRAWN or other == MESSAGE or not by_row:
                steps[s, M_KIND] = MESSAGE
            else:
                steps[s, M_KIND] = SHARED
    counts[N_OPERANDS] = n_operands
    counts[N_STEPS] = n_steps
    counts[N_RUNS] = n_runs
    counts[N_AXES] = n_axes
    counts[N_SCALARS] = n_scalars
    counts[N_FOLDS] = n_folds
    counts[ALONE] = alone
    counts[WORK_SHARED] = work_shared
    counts[WORK_ROWS] = work_rows
    counts[LARGEST] = largest
    return 0


def reserve(
    card: Any, reuse: bool, operands: Any, steps: Any, folds: Any, free: Any, counts: Any,
) -> None:  # fmt: skip
    """Give every message its place; with ``reuse``, that of a message no longer needed.

    What rows share keeps its place: it is worked out once and used for all chunks.
    """
    shared = message = n_free = 0
    for i in range(counts[N_OPERANDS]):
        if operands[i, SOURCE] <= -2:
            operands[i, ENTRY] = shared
            shared += operands[i, SIZE]
    for f in range(counts[N_FOLDS]):
        i = folds[f, 0]
        if operands[i, KIND] == MESSAGE:
            operands[i, ENTRY] = message
            message += operands[i, SIZE]
        else:
            operands[i, ENTRY] = shared
            shared += operands[i, SIZE]
    n_steps = counts[N_STEPS]
    for turn in range(2 * n_steps):
        up = turn < n_steps
        s = turn if up else 2 * n_steps - 1 - turn
        left, right, z = steps[s, LEFT], steps[s, RIGHT], steps[s, RESULT]
        if not up and operands[z, NEEDED] == 0:
            continue
        for side in range(3):
            if up:
                if side > 0:
                    break
                kind, size = operands[z, KIND], operands[z, SIZE]
            elif side == 0:
                if operands[left, NEEDED] == 0 and steps[s, ASKED] != OF_LEFT:
                    continue
                kind, size = operands[left, D_KIND], operands[left, SIZE]
            elif side == 1:
                if operands[right, NEEDED] == 0:
                    continue
                kind, size = operands[right, D_KIND], operands[right, SIZE]
            else:
                if steps[s, ASKED] == 0:
                    continue
                kind, size = steps[s, M_KIND], card[steps[s, VARIABLE]]
            if kind == SHARED:
                at = shared
                shared += size
            else:
                at = -1
                for i in range(n_free - 1, -1, -1):
                    if free[i, 1] == size:
                        at = free[i, 0]
                        n_free -= 1
                        free[i, 0], free[i, 1] = free[n_free, 0], free[n_free, 1]
                        break
                if at < 0:
                    at = message
                    message += size
            if up:
                operands[z, ENTRY] = at
            elif side == 0:
                operands[left, D_ENTRY] = at
            elif side == 1:
                operands[right, D_ENTRY] = at
            else:
                steps[s, M_ENTRY] = at
        if reuse and (not up or operands[z, NEEDED] == 0):
            for side in range(2):
                i = left if side == 0 else right
                if operands[i, KIND] == MESSAGE:
                    free[n_free, 0], free[n_free, 1] = operands[i, ENTRY], operands[i, SIZE]
                    n_free += 1
            through = steps[s, ASKED] == OF_LEFT and operands[left, NEEDED] == 0
            if not up and through and operands[left, D_KIND] == MESSAGE:
                free[n_free, 0], free[n_free, 1] = operands[left, D_ENTRY], operands[left, SIZE]
                n_free += 1
            if not up and operands[z, LENGTH] > 0 and operands[z, D_KIND] == MESSAGE:
                free[n_free, 0], free[n_free, 1] = operands[z, D_ENTRY], operands[z, SIZE]
                n_free += 1
    counts[SHARED_SIZE] = shared
    counts[MESSAGE_SIZE] = message
