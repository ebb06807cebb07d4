"""What "equal" means wherever a model compares numbers: equal but for rounding.

A computer keeps decimals in binary: .5 + .1 + .1 + .1 falls 1e-16 short of .8, and nobody who
writes `>= .8` means that it should not count. So two numbers are equal where they differ by less
than a billionth: of the smaller of the two, or of 1 where that is less than 1. That is far above
what adding decimals can lose and far below anything that a person writes. Whether a number is
larger or smaller is asked only where they are not equal. (Strict comparison keeps infinities apart,
whose tolerance is infinite.)

Dice are compared as they are: a chance of .3 is a chance of .3.
"""

from __future__ import annotations

EQUAL = 1e-9
HALF = 0.5 + EQUAL  # from half way on, a number is nearer to the next whole one


def tolerance(a: float, b: float) -> float:
    """Equal numbers of this size differ by less."""
    return EQUAL * max(1.0, min(abs(a), abs(b)))


def same(a: float, b: float) -> bool:
    """a == b, but for rounding."""
    return a == b or abs(a - b) < tolerance(a, b)


def below(a: float, b: float) -> bool:
    """a < b, and not the same."""
    return b - a >= tolerance(a, b)


def at_most(a: float, b: float) -> bool:
    """a < b, or the same."""
    return a <= b or a - b < tolerance(a, b)
