"""The dice as they are used: a statistical battery, over days, draws, worlds, names and seeds.

The tests are those of Knuth (The Art of Computer Programming 2, 3.3.2), Marsaglia's birthday
spacings, and avalanche counts. All inputs are fixed, so a result is the same on every run; a
p-value below one in a million fails. `pytest tests/test_noise.py -n 0 -rP` shows the p-values.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from offramp.engine.noise import Dice, named_keys, site, uniforms, world_key, world_keys

Words = npt.NDArray[np.uint64]
LEAST = 1e-6
QUICK, LONG = 1 << 18, 1 << 23


# ---- the generator over arrays -----------------------------------------------------------


def u64(x: Any) -> Words:
    return np.asarray(x).astype(np.uint64)


def mix(z: Words) -> Words:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def words(seed: Any, world: Any, name: Any, day: Any, draw: Any = 0) -> Words:
    """The 64-bit words from which Dice.uniform takes its number; `name` is a name or keys."""
    golden = np.uint64(0x9E3779B97F4A7C15)
    names = np.array([site(name)], dtype=np.uint64) if isinstance(name, str) else name
    with np.errstate(over="ignore"):
        start = mix(np.atleast_1d(u64(seed)) + golden)
        inner = mix(start ^ (u64(world) * np.uint64(0xD1342543DE82EF95) + np.uint64(1)))
        counter = mix((u64(day) * np.uint64(1024) + u64(draw) + np.uint64(1)) * golden)
        return mix(mix(inner ^ names) + counter)


def keys(count: int, form: str) -> Words:
    return np.array([site(form.format(i)) for i in range(count)], dtype=np.uint64)


def fractions(z: Words) -> npt.NDArray[np.float64]:
    """The top 52 bits as a number in (0, 1), exactly."""
    out: npt.NDArray[np.float64] = ((z >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
    return out


def number(word: int) -> float:
    """What Dice.uniform makes of a word."""
    return ((word >> 12) + 0.5) * 2.0**-52


def test_the_array_form_is_the_dice() -> None:
    for seed in (0, 1, 7, 2**31, 2**63 + 5):
        for world in (0, 1, 99_999):
            dice = Dice(seed, world)
            for name in ("choice us", "hazard broad_war"):
                for day, draw in ((0, 0), (1, 0), (180, 3), (5000, 1023)):
                    z = int(words(seed, world, name, day, draw)[0])
                    assert dice.uniform(name, day, draw) == number(z)
                    assert abs(dice.uniform(name, day, draw) - z * 2.0**-64) <= 2.0**-53


# ---- orders in which a run meets its dice ------------------------------------------------

# The names of one world's day, in the order in which it decides.
DAY = [
    f"{kind} {who}"
    for kind in ("hazard", "opening", "choice", "outcome")
    for who in ("us", "iran", "israel", "war")
]
DAY_KEYS = np.array([site(name) for name in DAY], dtype=np.uint64)


def life(n: int) -> Words:
    """World after world: 180 days of 16 names."""
    i = np.arange(n)
    return words(2026, i // (180 * 16), DAY_KEYS[i % 16], i // 16 % 180)


def block(n: int) -> Words:
    """A block of 256 worlds side by side: worlds fastest, then names, then days."""
    i = np.arange(n)
    return words(2026, i % 256, DAY_KEYS[i // 256 % 16], i // 4096)


def paired(n: int) -> Words:
    """Two consecutive seeds, and two consecutive worlds of each, dealt in turn."""
    i = np.arange(n)
    return words(2026 + i % 2, i // 2 % 2, "choice us", i // 4)


def scattered(n: int) -> Words:
    """Names with one number in them, two seeds, and a day each."""
    i = np.arange(n)
    few = keys(4096, "vote resolution-{}")
    return words(5 + i // 4096 % 2, 0, few[i % 4096], i // 8192)


ORDERS: dict[str, Callable[[int], Words]] = {
    "days": lambda n: words(1, 0, "choice us", np.arange(n)),
    "draws": lambda n: words(1, 0, "mood us", np.arange(n) // 1024, np.arange(n) % 1024),
    "worlds": lambda n: words(1, np.arange(n), "choice us", 30),
    "names": lambda n: words(1, 0, keys(n, "hazard {}"), 30),
    "seeds": lambda n: words(np.arange(n), 0, "choice us", 30),
    "far seeds": lambda n: words(u64(np.arange(n)) << np.uint64(40), 0, "choice us", 30),
    "life": life,
    "block": block,
    "paired": paired,
    "scattered": scattered,
}
LARGE = [name for name in ORDERS if name != "names"]  # hashing 8 million names takes long


# ---- statistics --------------------------------------------------------------------------


def judge(what: str, p: float) -> None:
    print(f"{what:40s} p = {p:.3g}")
    assert p >= LEAST, what


def of_normal(z: float) -> float:
    """Two-sided p-value."""
    return math.erfc(abs(z) / math.sqrt(2.0))


def of_chi_square(value: float, freedom: int) -> float:
    """Two-sided p-value (too even is as bad), by Wilson and Hilferty (1931)."""
    spread = 2.0 / (9.0 * freedom)
    return of_normal(((value / freedom) ** (1.0 / 3.0) - (1.0 - spread)) / math.sqrt(spread))


def of_least(ps: list[float]) -> float:
    """The p-value of the smallest of several."""
    return -math.expm1(len(ps) * math.log1p(-min(*ps, 1.0 - 1e-16)))


def of_counts(counts: npt.NDArray[Any], expected: Any) -> float:
    value = float(np.sum((counts - expected) ** 2 / expected))
    return of_chi_square(value, counts.size - 1)


def boxes(u: npt.NDArray[np.float64], dimensions: int, bits: int) -> float:
    """Chi-square of points made of successive numbers, over equal boxes."""
    side = 1 << bits
    digits = (u[: u.size // dimensions * dimensions] * side).astype(np.int64)
    points = digits.reshape(-1, dimensions) @ (side ** np.arange(dimensions))
    size = side**dimensions
    return of_counts(np.bincount(points, minlength=size), points.size / size)


def runs(u: npt.NDArray[np.float64]) -> float:
    """Runs above and below one half, given how many are above (Wald and Wolfowitz 1940)."""
    above = u > 0.5
    n, n1 = u.size, int(above.sum())
    n2 = n - n1
    count = 1 + int(np.count_nonzero(above[1:] != above[:-1]))
    mean = 2.0 * n1 * n2 / n + 1.0
    return of_normal((count - mean) / math.sqrt((mean - 1.0) * (mean - 2.0) / (n - 1.0)))


def ups_and_downs(u: npt.NDArray[np.float64]) -> float:
    """The number of runs up and down."""
    up, n = u[1:] > u[:-1], u.size
    count = 1 + int(np.count_nonzero(up[1:] != up[:-1]))
    return of_normal((count - (2.0 * n - 1.0) / 3.0) / math.sqrt((16.0 * n - 29.0) / 90.0))


def gaps(u: npt.NDArray[np.float64], low: float, high: float) -> float:
    """Lengths between visits to an interval, against the geometric law."""
    lengths = np.diff(np.flatnonzero((u >= low) & (u < high))) - 1
    p = high - low
    top = int(math.log(50.0 / (lengths.size + 1.0)) / math.log1p(-p))
    expected = lengths.size * np.append(p * (1 - p) ** np.arange(top), (1 - p) ** top)
    return of_counts(np.bincount(np.minimum(lengths, top), minlength=top + 1), expected)


def serial(u: npt.NDArray[np.float64]) -> list[float]:
    """Correlations at lags 1 to 16."""
    v = (u - 0.5) * math.sqrt(12.0)
    return [of_normal(float(v[k:] @ v[:-k]) / math.sqrt(v.size - k)) for k in range(1, 17)]


def birthdays(z: Words, shift: int) -> float:
    """Repeated spacings among 4,096 birthdays in a year of 2^32 days: Poisson, 4 a group."""
    days = np.sort((z.reshape(-1, 4096) >> np.uint64(shift)) & np.uint64(0xFFFFFFFF), axis=1)
    spacings = np.sort(np.diff(days.astype(np.int64), axis=1), axis=1)
    repeats = int(np.count_nonzero(spacings[:, 1:] == spacings[:, :-1]))
    mean = 4.0 * days.shape[0]
    return of_normal((math.sqrt(repeats + 0.375) - math.sqrt(mean + 0.125)) * 2.0)


def balance(z: Words) -> list[float]:
    """Each of the 53 top bits: as many ones as zeros."""
    ones = [int(np.count_nonzero(z & np.uint64(1 << bit))) for bit in range(11, 64)]
    return [of_normal((2.0 * one - z.size) / math.sqrt(z.size)) for one in ones]


def correlation(a: Words, b: Words) -> float:
    """Of two streams: as numbers, and bit by bit (chi-square over the 53 agreements)."""
    u, v = fractions(a) - 0.5, fractions(b) - 0.5
    line = of_normal(12.0 * float(u @ v) / math.sqrt(u.size))
    bits = sum(z * z for z in agreement(a ^ b))
    return of_least([line, of_chi_square(bits, 53)])


def agreement(difference: Words) -> list[float]:
    n = difference.size
    ones = [int(np.count_nonzero(difference & np.uint64(1 << bit))) for bit in range(11, 64)]
    return [(2.0 * one - n) / math.sqrt(n) for one in ones]


def battery(order: str, n: int) -> None:
    z = ORDERS[order](n)
    assert z.size == n
    u = fractions(z)
    more = (n // QUICK).bit_length() // 3
    judge(f"{order}: chi-square, 1 dimension", boxes(u, 1, 10 + more))
    judge(f"{order}: chi-square, 2 dimensions", boxes(u, 2, 6 + more))
    judge(f"{order}: chi-square, 3 dimensions", boxes(u, 3, 4 + more))
    low = fractions(z << np.uint64(32))  # the lower bits, which a coarse box never sees
    judge(f"{order}: low bits, 2 dimensions", boxes(low, 2, 6 + more))
    judge(f"{order}: runs about one half", runs(u))
    judge(f"{order}: runs up and down", ups_and_downs(u))
    judge(f"{order}: gaps of [0, 0.1)", gaps(u, 0.0, 0.1))
    judge(f"{order}: gaps of [0.98, 1)", gaps(u, 0.98, 1.0))
    judge(f"{order}: correlation, lags 1 to 16", of_least(serial(u)))
    judge(f"{order}: birthday spacings, high bits", birthdays(z, 32))
    judge(f"{order}: birthday spacings, low bits", birthdays(z, 11))
    judge(f"{order}: balance of 53 bits", of_least(balance(z)))
    judge(f"{order}: all 53 bits together", of_chi_square(sum(a * a for a in agreement(z)), 53))
    assert np.unique(z).size == n, "two words of 64 bits are equal"


@pytest.mark.parametrize("order", list(ORDERS))
def test_battery(order: str) -> None:
    battery(order, QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("order", LARGE)
def test_battery_at_length(order: str) -> None:
    battery(order, LONG)


# ---- avalanche ---------------------------------------------------------------------------


def flip(what: str, bit: int, n: int) -> Words:
    """Words before and after one bit of an input is flipped: what changed."""
    i = np.arange(n)
    given: dict[str, Words] = {
        "seed": u64(i // 64),
        "world": u64(i % 64),
        "day": u64(i % 181),
        "draw": u64(i % 7),
    }
    other = dict(given)
    other[what] = given[what] ^ np.uint64(1 << bit)
    name = "choice us"
    return words(given["seed"], given["world"], name, given["day"], given["draw"]) ^ words(
        other["seed"], other["world"], name, other["day"], other["draw"]
    )


def avalanche(what: str, bits: int, n: int) -> None:
    cells: list[float] = []
    for bit in range(bits):
        changed = flip(what, bit, n)
        scores = agreement(changed)
        cells += scores
        judge(f"{what} bit {bit}: all outputs", of_chi_square(sum(a * a for a in scores), 53))
    judge(f"{what}: the worst of {len(cells)} cells", of_least([of_normal(a) for a in cells]))
    judge(f"{what}: all cells", of_chi_square(sum(a * a for a in cells), len(cells)))


INPUTS = [("seed", 64), ("world", 64), ("day", 20), ("draw", 10)]


@pytest.mark.parametrize(("what", "bits"), INPUTS)
def test_avalanche(what: str, bits: int) -> None:
    """One flipped bit of an input flips every bit of the output half the time."""
    avalanche(what, bits, 1 << 14)


@pytest.mark.slow
@pytest.mark.parametrize(("what", "bits"), INPUTS)
def test_avalanche_at_length(what: str, bits: int) -> None:
    avalanche(what, bits, 1 << 20)


# ---- streams side by side ----------------------------------------------------------------


def neighbours(n: int) -> dict[str, list[float]]:
    """p-values of pairs of streams over n days (or worlds) that differ in as little as may be."""
    days = np.arange(n)
    letters = "abcdefghijklmnopqrstuvwxyz"
    named = {c: words(9, 3, f"hazard broad_wa{c}", days) for c in letters}
    over = {c: words(9, days, f"hazard {c}", 17) for c in letters}
    worlds = [words(9, w, "choice us", days) for w in range(20)]
    seeds = [words(s, 3, "choice us", days) for s in range(20)]
    dates = [words(9, days, "choice us", d) for d in range(20)]

    def chain(streams: list[Words]) -> list[float]:
        return [correlation(a, b) for a, b in itertools.pairwise(streams)]

    return {
        "names, one letter apart, over days": chain(list(named.values())),
        "names, one letter apart, over worlds": chain(list(over.values())),
        "consecutive worlds, over days": chain(worlds),
        "consecutive seeds, over days": chain(seeds),
        "consecutive days, over worlds": chain(dates),
        "seed s, world w and seed w, world s": [
            correlation(words(s, w, "choice us", days), words(w, s, "choice us", days))
            for s, w in ((0, 1), (1, 2), (3, 9), (2026, 7))
        ],
    }


def test_neighbouring_streams_are_unrelated() -> None:
    for what, ps in neighbours(1 << 14).items():
        judge(what, of_least(ps))


@pytest.mark.slow
def test_neighbouring_streams_are_unrelated_at_length() -> None:
    for what, ps in neighbours(1 << 20).items():
        judge(what, of_least(ps))


# ---- the number itself -------------------------------------------------------------------


def dice_that_throw(word: int) -> Dice:
    """Dice whose stream `x` gives this word on day 0."""
    dice = Dice(0, 0)
    zero = int(mix(u64([0x9E3779B97F4A7C15]))[0])
    dice._keys["x"] = (unmix(word) - zero) % 2**64
    return dice


def unmix(z: int) -> int:
    """The inverse of the finalizer."""
    z = z ^ (z >> 31) ^ (z >> 62)
    z = z * pow(0x94D049BB133111EB, -1, 2**64) % 2**64
    z = z ^ (z >> 27) ^ (z >> 54)
    z = z * pow(0xBF58476D1CE4E5B9, -1, 2**64) % 2**64
    return z ^ (z >> 30) ^ (z >> 60)


def test_words_map_to_numbers_in_order() -> None:
    for word in (0, 1, 2**63, 2**62 + 12345, 2**64 - 2**20):
        u = dice_that_throw(word).uniform("x", 0)
        assert 0.0 < u < 1.0
        assert abs(u - word * 2.0**-64) <= 2.0**-52


def test_the_largest_number_is_below_one() -> None:
    assert dice_that_throw(2**64 - 1).uniform("x", 0) < 1.0


def test_the_step_is_the_same_above_and_below_one_half() -> None:
    for half in (0, 2**63):
        throws = [dice_that_throw(half + (k << 12)).uniform("x", 0) for k in range(9)]
        steps = {b - a for a, b in itertools.pairwise(throws)}
        middles = {(u * 2.0**52) % 1.0 for u in throws}
        assert steps == {2.0**-52}
        assert middles == {0.5}


def test_arrays_of_dice_show_what_single_dice_show() -> None:
    keys = world_keys(11, range(50))
    assert keys.tolist() == [world_key(11, w) for w in range(50)]
    shown = uniforms(keys, "some name")
    assert shown.tolist() == [Dice(11, w).uniform("some name", 0) for w in range(50)]
    assert len({*named_keys(11, "one", 40).tolist(), *named_keys(11, "other", 40).tolist()}) == 80
