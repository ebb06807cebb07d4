"""Numbers and dates as a reader wants them: whole percents, natural frequencies, short dates."""

from __future__ import annotations

import math
from datetime import date

LONG_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
MONTHS = [name[:3] for name in LONG_MONTHS]
_WORDS = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
)
_PARTS = (2, 3, 4, 5, 10, 20)


def percent(p: float) -> str:
    """A whole percent; what is rare but not absent says so rather than rounding to nothing."""
    if 0 < p < 0.005:
        return "<1%"
    if 0.995 <= p < 1:
        return ">99%"
    return f"{_half_up(100 * p)}%"


def coarse(p: float, error: float | None) -> str:
    """A percent with no point below its standard error: whole, or `about 35%` in steps of 2, 5 or
    10 points where the error is above a point."""
    points = 100.0 * (error or 0.0)
    if points <= 1.0:
        return percent(p)
    step = next((s for s in (2, 5) if points <= s), 10)
    near = step * _half_up(100 * p / step)
    return (
        f"below {step}%"
        if near == 0
        else f"above {100 - step}%"
        if near == 100
        else f"about {near}%"
    )


def frequency(p: float) -> tuple[int, int]:
    """`(k, n)`: the share as k in n, in the smallest numbers that come close enough to say.

    What is rare is 1 in n, n rounded to two figures where it is large; what is likely mirrors it.
    """
    if p > 0.5:
        k, n = frequency(1 - p)
        return n - k, n
    if p < 0.05:
        return 1, _two_figures(1 / p)
    if p <= 0.225:
        return 1, _half_up(1 / p)
    near = ((max(1, _half_up(p * n)), n) for n in _PARTS)
    return min(near, key=lambda kn: abs(kn[0] / kn[1] - p) + 0.0015 * kn[1])


def odds(p: float, worlds: int) -> str:
    """`1 in 20`; the ends are counted, since no sample shows that a thing cannot happen."""
    if p <= 0:
        return f"none of {worlds:,} worlds"
    if p >= 1:
        return f"all of {worlds:,} worlds"
    k, n = frequency(p)
    return f"{k} in {n:,}"


def futures(p: float) -> str:
    """The share in plain words: `about one future in twenty`."""
    if p <= 0:
        return "no simulated future"
    if p >= 1:
        return "every simulated future"
    k, n = frequency(p)
    return f"about {number(k)} {'future' if k == 1 else 'futures'} in {number(n)}"


def number(n: int) -> str:
    """Small numbers as words."""
    return _WORDS[n] if n < len(_WORDS) else f"{n:,}"


def interval(bounds: tuple[float, float]) -> str:
    """`3–7%`; decimals where whole percents would hide that there is an interval."""
    low, high = (100 * b for b in bounds)
    decimals = next((d for d in range(3) if high - low >= 2 * 10**-d), 3)
    return f"{low:.{decimals}f}–{high:.{decimals}f}%"


def day(when: date, year: bool = True) -> str:
    """`3 Jan 2020`, in English whatever the machine's language."""
    short = f"{when.day} {MONTHS[when.month - 1]}"
    return f"{short} {when.year}" if year else short


def span(first: date, last: date) -> str:
    """`3 Jan – 30 Apr 2020`: the year once where it is the same."""
    return f"{day(first, first.year != last.year)} – {day(last)}"


def value(v: float, unit: str) -> str:
    """A quantity's value: a date, or a number with no more figures than it carries."""
    if unit == "date":
        return day(date.fromordinal(round(v)))
    if float(v).is_integer() or abs(v) >= 100:
        return f"{v:,.0f}".replace("-", "−")
    return f"{v:,.3g}".replace("-", "−")


def _half_up(x: float) -> int:
    return math.floor(x + 0.5)


def _two_figures(x: float) -> int:
    scale = 10 ** max(0, math.floor(math.log10(x)) - 1)
    return int(_half_up(x / scale) * scale)
