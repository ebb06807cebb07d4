"""The machine: runs a tape over blocks of worlds, one instruction for a strip of worlds at a time.

A block's memory is one number per slot and world, `S[slot * W + world]`. Per section, the worlds
that it concerns are listed, and its instructions run over that list in strips short enough to
stay in the nearest cache, each as one loop that the compiler vectorises (the design of
vectorised query engines; Boncz, Zukowski and Nes 2005; Kersten et al. 2018). The machine knows
nothing of crises: it is compiled once for all of them.

No fast-math: every operation rounds as the reference interpreter's does.

`machinery.py` keeps a copy of this file in the user's cache, with its machine code beside it.
"""

# mypy: ignore-errors

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from offramp.engine import elementary
from offramp.language.equality import EQUAL, HALF

kernel = njit(nogil=True, fastmath=False, error_model="numpy")
entry = njit(nogil=True, fastmath=False, error_model="numpy", cache=True)
inline = njit(forceinline=True, fastmath=False, error_model="numpy")

_ours = elementary.compiled(inline)
exp, exp2, expm1, log = (_ours[name] for name in ("exp", "exp2", "expm1", "log"))
logistic, normal_quantile = _ours["logistic"], _ours["normal_quantile"]
STRIP = 128  # worlds a strip: a register of a strip is 1 KB
ROW, FIFTEEN, ZERO = (np.uint64(k) for k in (STRIP, 15, 0))
LINE = 8  # numbers of a line of the cache
TRIAL, TRIAL_DAY = -2, 3
MASK = np.uint64(64)  # worlds a mask
BITS = np.uint64(1) << np.arange(64, dtype=np.uint64)

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
M1 = np.uint64(0xBF58476D1CE4E5B9)
M2 = np.uint64(0x94D049BB133111EB)
ONE = np.uint64(1)
S12, S27, S30, S31 = np.uint64(12), np.uint64(27), np.uint64(30), np.uint64(31)


# The comparisons of `language/equality.py` without branches, which vectors do not have.
@inline
def tolerance(x, y):
    least = abs(x) if abs(x) < abs(y) else abs(y)
    return EQUAL * (least if least > 1.0 else 1.0)


@inline
def below(x, y):
    return y - x >= tolerance(x, y)


@inline
def at_most(x, y):
    return (x <= y) | (x - y < tolerance(x, y))


@inline
def same(x, y):
    return (x == y) | (abs(x - y) < tolerance(x, y))


@inline
def mix(z):
    z = (z ^ (z >> S30)) * M1
    z = (z ^ (z >> S27)) * M2
    return z ^ (z >> S31)


@inline
def counter(day):
    return mix((np.uint64(day) * np.uint64(1024) + ONE) * GOLDEN)


@kernel
def weight_strip(T, d, va, vb, vc, n):
    """exp(a - b) where c, else 0. A move that is closed in a whole strip costs no exponential."""
    some = ZERO
    for j in range(n):
        some += ONE if T[vc + j] != 0.0 else ZERO
    if some == ZERO:
        for j in range(n):
            T[d + j] = 0.0
        return
    for j in range(n):
        x = exp(T[va + j] - T[vb + j])
        T[d + j] = x if T[vc + j] != 0.0 else 0.0


@kernel
def exp_strip(T, d, va, n):
    for j in range(n):
        T[d + j] = exp(T[va + j])


@kernel
def exp2_strip(T, d, va, n):
    for j in range(n):
        T[d + j] = exp2(T[va + j])


@kernel
def expm1_strip(T, d, va, n):
    for j in range(n):
        T[d + j] = expm1(T[va + j])


@kernel
def log_strip(T, d, va, n):
    for j in range(n):
        T[d + j] = log(T[va + j])


@kernel
def logistic_strip(T, d, va, n):
    for j in range(n):
        T[d + j] = logistic(T[va + j])


@kernel
def normal_quantile_strip(T, d, va, n):
    for j in range(n):
        T[d + j] = normal_quantile(T[va + j])


@intrinsic
def call(typing, address, T, K, consts, m, S, W, n):
    """A piece of native code (`native.py`) for a strip; where it is, and its arguments, as
    numbers."""

    def code(context, builder, signature, arguments):
        word = ir.IntType(64)
        pointer = ir.FunctionType(ir.VoidType(), [word] * 7).as_pointer()
        builder.call(builder.inttoptr(arguments[0], pointer), arguments[1:])
        return context.get_dummy_value()

    places, sizes = types.int64, types.uint64
    return types.void(places, places, places, places, sizes, places, sizes, sizes), code


@kernel
def strip(code, first, last, consts, sites, S, W, T, listing, start, where, n, keys, tick, K):
    """The instructions `first` to `last` for `n` worlds, from `start` on. `K` has the
    constants of native code."""
    # Whole vectors: what is worked out beyond the last world is never stored.
    m = (n + FIFTEEN) & ~FIFTEEN
    for pc in range(first, last):
        # Unsigned: an index that might be negative would have to be looked at each time.
        op = code[pc, 0]
        d = np.uint64(code[pc, 1]) * ROW
        a, b = np.uint64(code[pc, 2]), np.uint64(code[pc, 3])
        c, e = np.uint64(code[pc, 4]), np.uint64(code[pc, 5])
        va, vb, vc, ve = a * ROW, b * ROW, c * ROW, e * ROW
        if op == 0:  # load
            if not listing:
                for j in range(n):
                    T[d + j] = S[a * W + start + j]
            else:
                for j in range(n):
                    T[d + j] = S[a * W + where[start + j]]
        elif op == 1:  # store
            to = np.uint64(code[pc, 1]) * W
            if not listing:
                for j in range(n):
                    S[to + start + j] = T[va + j]
            else:
                for j in range(n):
                    S[to + where[start + j]] = T[va + j]
        elif op == 2:  # uniform
            site = sites[a]
            if not listing:
                for j in range(n):
                    z = mix(mix(keys[start + j] ^ site) + tick)
                    T[d + j] = (np.float64(z >> S12) + 0.5) * 2.0**-52
            else:
                for j in range(n):
                    z = mix(mix(keys[where[start + j]] ^ site) + tick)
                    T[d + j] = (np.float64(z >> S12) + 0.5) * 2.0**-52
        elif op == 3:  # fill
            x = consts[a]
            for j in range(m):
                T[d + j] = x
        elif op == 4:  # add_vv
            for j in range(m):
                T[d + j] = T[va + j] + T[vb + j]
        elif op == 5:  # add_vk
            y = consts[b]
            for j in range(m):
                T[d + j] = T[va + j] + y
        elif op == 6:  # sub_vv
            for j in range(m):
                T[d + j] = T[va + j] - T[vb + j]
        elif op == 7:  # sub_vk
            y = consts[b]
            for j in range(m):
                T[d + j] = T[va + j] - y
        elif op == 8:  # sub_kv
            x = consts[a]
            for j in range(m):
                T[d + j] = x - T[vb + j]
        elif op == 9:  # mul_vv
            for j in range(m):
                T[d + j] = T[va + j] * T[vb + j]
        elif op == 10:  # mul_vk
            y = consts[b]
            for j in range(m):
                T[d + j] = T[va + j] * y
        elif op == 11:  # div_vv
            for j in range(m):
                T[d + j] = T[va + j] / T[vb + j]
        elif op == 12:  # div_vk
            y = consts[b]
            for j in range(m):
                T[d + j] = T[va + j] / y
        elif op == 13:  # div_kv
            x = consts[a]
            for j in range(m):
                T[d + j] = x / T[vb + j]
        elif op == 14:  # max_vv
            for j in range(m):
                T[d + j] = T[vb + j] if T[vb + j] > T[va + j] else T[va + j]
        elif op == 15:  # max_vk
            y = consts[b]
            for j in range(m):
                T[d + j] = y if y > T[va + j] else T[va + j]
        elif op == 16:  # max_kv
            x = consts[a]
            for j in range(m):
                T[d + j] = T[vb + j] if T[vb + j] > x else x
        elif op == 17:  # min_vv
            for j in range(m):
                T[d + j] = T[vb + j] if T[vb + j] < T[va + j] else T[va + j]
        elif op == 18:  # min_vk
            y = consts[b]
            for j in range(m):
                T[d + j] = y if y < T[va + j] else T[va + j]
        elif op == 19:  # min_kv
            x = consts[a]
            for j in range(m):
                T[d + j] = T[vb + j] if T[vb + j] < x else x
        elif op == 20:  # lt_vv
            for j in range(m):
                T[d + j] = 1.0 if T[va + j] < T[vb + j] else 0.0
        elif op == 21:  # lt_vk
            y = consts[b]
            for j in range(m):
                T[d + j] = 1.0 if T[va + j] < y else 0.0
        elif op == 22:  # lt_kv
            x = consts[a]
            for j in range(m):
                T[d + j] = 1.0 if x < T[vb + j] else 0.0
        elif op == 23:  # le_vv
            for j in range(m):
                T[d + j] = 1.0 if T[va + j] <= T[vb + j] else 0.0
        elif op == 24:  # le_vk
            y = consts[b]
            for j in range(m):
                T[d + j] = 1.0 if T[va + j] <= y else 0.0
        elif op == 25:  # le_kv
            x = consts[a]
            for j in range(m):
                T[d + j] = 1.0 if x <= T[vb + j] else 0.0
        elif op == 26:  # eq_vv
            for j in range(m):
                T[d + j] = 1.0 if T[va + j] == T[vb + j] else 0.0
        elif op == 27:  # eq_vk
            y = consts[b]
            for j in range(m):
                T[d + j] = 1.0 if T[va + j] == y else 0.0
        elif op == 28:  # ne_vv
            for j in range(m):
                T[d + j] = 1.0 if T[va + j] != T[vb + j] else 0.0
        elif op == 29:  # ne_vk
            y = consts[b]
            for j in range(m):
                T[d + j] = 1.0 if T[va + j] != y else 0.0
        elif op == 30:  # below_vv
            for j in range(m):
                T[d + j] = 1.0 if below(T[va + j], T[vb + j]) else 0.0
        elif op == 31:  # below_vk
            y = consts[b]
            for j in range(m):
                T[d + j] = 1.0 if below(T[va + j], y) else 0.0
        elif op == 32:  # below_kv
            x = consts[a]
            for j in range(m):
                T[d + j] = 1.0 if below(x, T[vb + j]) else 0.0
        elif op == 33:  # at_most_vv
            for j in range(m):
                T[d + j] = 1.0 if at_most(T[va + j], T[vb + j]) else 0.0
        elif op == 34:  # at_most_vk
            y = consts[b]
            for j in range(m):
                T[d + j] = 1.0 if at_most(T[va + j], y) else 0.0
        elif op == 35:  # at_most_kv
            x = consts[a]
            for j in range(m):
                T[d + j] = 1.0 if at_most(x, T[vb + j]) else 0.0
        elif op == 36:  # same_vv
            for j in range(m):
                T[d + j] = 1.0 if same(T[va + j], T[vb + j]) else 0.0
        elif op == 37:  # same_vk
            y = consts[b]
            for j in range(m):
                T[d + j] = 1.0 if same(T[va + j], y) else 0.0
        elif op == 38:  # and_vv
            for j in range(m):
                T[d + j] = 1.0 if (T[va + j] != 0.0) & (T[vb + j] != 0.0) else 0.0
        elif op == 39:  # or_vv
            for j in range(m):
                T[d + j] = 1.0 if (T[va + j] != 0.0) | (T[vb + j] != 0.0) else 0.0
        elif op == 40:  # not
            for j in range(m):
                T[d + j] = 1.0 if T[va + j] == 0.0 else 0.0
        elif op == 41:  # neg
            for j in range(m):
                T[d + j] = -T[va + j]
        elif op == 42:  # abs
            for j in range(m):
                T[d + j] = abs(T[va + j])
        elif op == 43:  # nearest
            for j in range(m):
                T[d + j] = np.floor(T[va + j] + HALF)
        elif op == 44:  # exp
            exp_strip(T, d, va, m)
        elif op == 45:  # exp2
            exp2_strip(T, d, va, m)
        elif op == 46:  # expm1
            expm1_strip(T, d, va, m)
        elif op == 47:  # log
            log_strip(T, d, va, m)
        elif op == 48:  # logistic
            logistic_strip(T, d, va, m)
        elif op == 49:  # normal_quantile
            normal_quantile_strip(T, d, va, m)
        elif op == 50:  # clip
            low, high = consts[b], consts[c]
            for j in range(m):
                T[d + j] = (
                    T[va + j] if low <= T[va + j] <= high else high if T[va + j] > high else low
                )
        elif op == 51:  # select_vv
            for j in range(m):
                x = T[vb + j]
                y = T[vc + j]
                T[d + j] = x if T[va + j] != 0.0 else y
        elif op == 52:  # select_vk
            y = consts[c]
            for j in range(m):
                x = T[vb + j]
                T[d + j] = x if T[va + j] != 0.0 else y
        elif op == 53:  # select_kv
            x = consts[b]
            for j in range(m):
                y = T[vc + j]
                T[d + j] = x if T[va + j] != 0.0 else y
        elif op == 54:  # select_kk
            x = consts[b]
            y = consts[c]
            for j in range(m):
                T[d + j] = x if T[va + j] != 0.0 else y
        elif op == 55:  # madd_vv
            for j in range(m):
                T[d + j] = T[va + j] + T[vb + j] * T[vc + j]
        elif op == 56:  # madd_vk
            y = consts[c]
            for j in range(m):
                T[d + j] = T[va + j] + T[vb + j] * y
        elif op == 57:  # dadd
            for j in range(m):
                T[d + j] = T[va + j] + (T[vb + j] - T[vc + j])
        elif op == 58:  # dmadd
            for j in range(m):
                T[d + j] = T[va + j] + (T[vb + j] - T[vc + j]) * T[ve + j]
        elif op == 59:  # weight
            weight_strip(T, d, va, vb, vc, m)
        elif op == 60:  # a piece of native code
            at = K.ctypes.data + 8 * code[pc, 2]
            own = S.ctypes.data + 8 * np.int64(start)
            call(code[pc, 1], T.ctypes.data, at, consts.ctypes.data, m, own, W, n)


@kernel
def stores(tape, j):
    """How many slots section j stores."""
    n = 0
    for row in range(tape.sections[j, 0], tape.sections[j, 1]):
        n += tape.code[row, 0] == 1
    return n


@kernel
def stored(tape, j, S, W, numbers, back):
    """Copies what section j stores, all worlds of a block, to `numbers`, or `back` from there."""
    k = 0
    for row in range(tape.sections[j, 0], tape.sections[j, 1]):
        if tape.code[row, 0] == 1:
            at = tape.code[row, 1] * W
            if back:
                S[at : at + W] = numbers[k : k + W]
            else:
                numbers[k : k + W] = S[at : at + W]
            k += W


@kernel
def same_bits(a, b):
    """What is not a number may be so in two ways."""
    same, x, y = True, a.view(np.int64), b.view(np.int64)
    for i in range(len(a)):
        same &= (x[i] == y[i]) | ((a[i] != a[i]) & (b[i] != b[i]))
    return same


@intrinsic
def lowest(typing, mask):
    """The place of the lowest bit of a number that is not 0: one instruction, for which neither
    NumPy nor Numba has a name."""

    def code(context, builder, signature, arguments):
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(types.uint64), code


@kernel
def listed(S, at, value, W, where):
    """The worlds in which the slot at `at` has the value (0: is not 0); how many.

    W is a multiple of 64: of each 64 worlds a mask, one bit a world, made without branches, and
    then its bits one by one (Warren 2012, 2-1). Places of a block that no world takes are 0 and
    are never listed.
    """
    any_value = value == 0.0
    n = ZERO
    for first in range(ZERO, W, MASK):
        mask = ZERO
        for i in range(MASK):
            x = S[at + first + i]
            mask |= BITS[i] if (x != 0.0) & (any_value | (x == value)) else ZERO
        while mask != ZERO:
            where[n] = first + lowest(mask)
            n += ONE
            mask &= mask - ONE
    return n


@kernel
def rows_of(registers):
    """A strip's registers, from a border of the cache's lines on: vectors lie within one."""
    wide = np.empty(registers * STRIP + LINE)
    skip = (-wide.ctypes.data >> 3) & (LINE - 1)
    return wide[skip : skip + registers * STRIP]


@entry
def live(tape, W, S, keys, first, lasts, records, stop):
    """Lives the worlds of `keys`, a block of at most W at a time, from the morning `first` (-1: the
    first morning, before day 0) up to the day `lasts`, that day left out. Where `first` is TRIAL,
    only tries all native code, on whatever memory it is given.

    `S` is the memory of a block, slots * W; worlds that go on (`first` from 0) are one block, and
    it is theirs. `tape` and `records` are the tuples of `given.py`; of the first worlds `records`
    has the days in full. Another thread may set `stop[0]`: then nothing is to be used of what was
    lived.
    """
    code, consts, sections, m, r = tape.code, tape.consts, tape.sections, tape.layout, records
    f = tape.native
    T = rows_of(max(tape.registers, f.registers))
    where, places = np.empty(W, np.uint64), np.empty(W, np.int32)
    q0, h0 = m.first_quantity, m.happened
    for start in range(0, len(keys), W):
        worlds = min(W, len(keys) - start)
        if start > 0:
            S[:] = 0.0
        own = keys[start : start + worlds]
        for morning in range(first, lasts):
            if stop[0] != 0:
                return
            trial = morning == TRIAL
            today = TRIAL_DAY if trial else max(0, morning)
            consts[0] = today
            tick = counter(today)
            from_, to = (0, tape.begins) if morning < 0 else (tape.begins, len(sections))
            if trial:
                to = len(sections)
                for i in range(worlds):
                    where[i] = worlds - 1 - i
            else:
                S[m.first_daily * W : (m.first_daily + m.daily) * W] = 0.0
            for j in range(from_, to):
                if trial:
                    if f.sections[j, 0] < 0:
                        continue
                elif not due(tape.days, sections[j, 4], sections[j, 5], today):
                    continue
                n, listing = worlds, sections[j, 2] >= 0
                if listing and not trial:
                    n = np.int64(
                        listed(
                            S,
                            np.uint64(sections[j, 2] * W),
                            float(sections[j, 3]),
                            np.uint64(W),
                            where,
                        )
                    )
                if n == 0:
                    continue
                f.worlds[j] += n
                native, proofs = f.sections[j, 0] >= 0 and f.wrong[j] == 0, f.proofs[j]
                proving = native and proofs > 0
                if proving:  # native code first; then the tape, whose numbers stay
                    some = stores(tape, j) * W
                    before, theirs, ours = np.empty(some), np.empty(some), np.empty(some)
                    stored(tape, j, S, W, before, False)
                for turn in range(2 if proving else 1):
                    fast = native and turn == 0
                    first_row, last_row = sections[j, 0], sections[j, 1]
                    if fast:
                        first_row, last_row = f.sections[j, 0], f.sections[j, 1]
                    for i in range(0, n, STRIP):
                        strip(
                            code,
                            first_row,
                            last_row,
                            consts,
                            tape.sites,
                            S,
                            np.uint64(W),
                            T,
                            listing,
                            np.uint64(i),
                            where,
                            np.uint64(min(STRIP, n - i)),
                            own,
                            tick,
                            f.consts,
                        )
                    if proving:
                        stored(tape, j, S, W, theirs if fast else ours, False)
                        if fast:
                            stored(tape, j, S, W, before, True)
                if proving:
                    if same_bits(theirs, ours):
                        f.proofs[j] = proofs - 1
                    else:
                        f.wrong[j] = 1
            if trial:
                return
            if morning < 0:
                begin_monitors(S, W, q0, r.watch, r.atoms, start, worlds)
                continue
            S[q0 * W : (q0 + m.quantities) * W] = S[m.after * W : (m.after + m.quantities) * W]
            observe(S, W, q0, h0, r.watch, r.atoms, start, worlds, today, where)
            if today >= r.days:
                continue
            count(S, W, h0, r.happened, start, where)
            for k in range(len(r.shown)):
                at, band = (q0 + r.shown[k]) * W, r.bands[k, today]
                fill_band(S, at, r.low[k], r.high[k], r.bins[k], band, worlds, places)
            for i in range(min(worlds, len(r.logs) - start)):
                for e in range(r.logs.shape[2]):
                    r.logs[start + i, today, e] = S[(h0 + e) * W + i]
            for i in range(min(worlds, len(r.series) - start)):
                for k in range(len(r.shown)):
                    r.series[start + i, today, k] = S[(q0 + r.shown[k]) * W + i]
            if today == r.days - 1:
                for k in range(len(r.is_in)):
                    for i in range(worlds):
                        r.collided[r.is_in[k, 0]] += S[r.is_in[k, 1] * W + i] != 0.0
        for k in range(m.unknowns):
            for i in range(worlds):
                r.unknowns[start + i, k] = S[(m.first_unknown + k) * W + i]


@entry
def elementwise(function, x, out):
    """0 exp, 1 log, 2 logistic, 3 the normal quantile: the same bits on every machine."""
    for i in range(len(x)):
        if function == 0:
            out[i] = exp(x[i])
        elif function == 1:
            out[i] = log(x[i])
        elif function == 2:
            out[i] = logistic(x[i])
        else:
            out[i] = normal_quantile(x[i])


@kernel
def due(days, first, last, today):
    """Whether a section runs today: it lists no days, or this one. Days are in order."""
    if first == last:
        return True
    for k in range(first, last):
        if days[k] >= today:
            return days[k] == today
    return False


@kernel
def fill_band(S, at, low, high, bins, band, worlds, places):
    """One more in each world's bin: all bins by vectors first, then the counts one by one."""
    for i in range(worlds):
        share = (S[at + i] - low) / (high - low)
        share = share if 0.0 <= share <= 1.0 else 1.0 if share > 1.0 else 0.0
        places[i] = np.int32(np.floor(share * (bins - 1) + HALF))
    for i in range(worlds):
        band[places[i]] += 1


@kernel
def count(S, W, h0, happened, start, where):
    """How often each event happened."""
    for e in range(happened.shape[1]):
        n = listed(S, np.uint64((h0 + e) * W), 0.0, np.uint64(W), where)
        for i in range(n):
            happened[start + where[i], e] += 1


@kernel
def begin_monitors(S, W, q0, watch, atoms, start, worlds):
    """0 count, 1 first, 2 highest, 3 lowest, 4 final, 5 initial, 6 mean."""
    for k in range(len(watch)):
        m = watch[k]
        value = 0.0
        if m[0] == 1:
            value = m[5] + 1.0
        elif m[0] == 2:
            value = -1e300
        elif m[0] == 3:
            value = 1e300
        for i in range(worlds):
            atoms[start + i, k] = value
            if m[0] == 5 and m[4] == 0:
                atoms[start + i, k] = S[(q0 + m[3]) * W + i]


@kernel
def observe(S, W, q0, h0, watch, atoms, start, worlds, today, where):
    """What the questions watch, on one day. A branch of -1, any, is listed by 0."""
    for k in range(len(watch)):
        m = watch[k]
        if m[0] <= 1:
            if m[4] <= today <= m[5]:
                n = listed(S, np.uint64((h0 + m[1]) * W), m[2] + 1.0, np.uint64(W), where)
                for i in range(n):
                    world = start + where[i]
                    if m[0] == 0:
                        atoms[world, k] += 1.0
                    elif today < atoms[world, k]:
                        atoms[world, k] = today
            continue
        at = (q0 + m[3]) * W
        if m[0] == 5:
            if today == m[4] - 1:
                for i in range(worlds):
                    atoms[start + i, k] = S[at + i]
        elif m[4] <= today <= m[5]:
            for i in range(worlds):
                x = S[at + i]
                if m[0] == 2:
                    x = max(atoms[start + i, k], x)
                elif m[0] == 3:
                    x = min(atoms[start + i, k], x)
                elif m[0] == 6:
                    x = atoms[start + i, k] + x
                    if today == m[5]:
                        x = x / (m[5] - m[4] + 1)
                atoms[start + i, k] = x
