"""A quantity over worlds as dots and quantiles: always values that some world has."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from offramp.forecast.answers import QuantityAnswer

DOTS = 20


def known(quantity: QuantityAnswer) -> list[float]:
    """The values, sorted. A day after the window says that it did not come to pass in it."""
    end = quantity.window[1].toordinal() if quantity.unit == "date" else math.inf
    return [v for v in quantity.values if math.isfinite(v) and v <= end]


def quantiles(ordered: Sequence[float], probabilities: Iterable[float]) -> list[float]:
    """The values at these ranks: never one between two worlds."""
    return [ordered[min(len(ordered) - 1, int(p * len(ordered)))] for p in probabilities]


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
    margin = 0.12 * (dots[-1] - dots[0]) or 1.0
    return dots[0] - margin, dots[-1] + margin


def round_values(low: float, high: float) -> list[float]:
    """About five round numbers between the two."""
    least = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(least))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= least * 0.999)
    start, stop = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [i * step for i in range(start, stop + 1)]
