"""A quantity over worlds as dots and quantiles: always values that some world has."""

from __future__ import annotations

import math
from collections.abc import Sequence

from offramp.answers.spread import quantiles

DOTS = 20


def quantile_dots(values: Sequence[float], worlds: int) -> tuple[list[float], int]:
    """Twenty dots (or one a world, where there are fewer): values, and how many have none."""
    total = max(worlds, len(values), 1)
    dots = min(DOTS, total)
    shown = math.floor(dots * len(values) / total + 0.5)
    return quantiles(values, [(i + 0.5) / shown for i in range(shown)]), dots - shown


def stack(places: Sequence[float], width: float) -> dict[float, int]:
    """Wilkinson's dots: from the left, all within a column's width stand in one column."""
    columns: list[list[float]] = []
    for place in places:
        if columns and place - columns[-1][0] < width:
            columns[-1].append(place)
        else:
            columns.append([place])
    return {sum(c) / len(c): len(c) for c in columns}


def span_of(dots: Sequence[float]) -> tuple[float, float]:
    """The values the axis spans: the dots' own and some air, so that columns form."""
    if not dots:
        return 0.0, 1.0
    air = 1.0 if abs(dots[0]) < 1e9 else 1e-3 * abs(dots[0])  # a 1 is lost beside 2^53
    margin = 0.12 * (dots[-1] - dots[0]) or air
    return dots[0] - margin, dots[-1] + margin


def round_values(low: float, high: float) -> list[float]:
    """About five round numbers between the two."""
    least = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(least))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= least * 0.999)
    start, stop = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [i * step for i in range(start, stop + 1)]
