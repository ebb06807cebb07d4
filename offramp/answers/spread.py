"""A quantity over worlds in one sentence, the same in the terminal and in the brief."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from offramp.answers.wording import percent, value

if TYPE_CHECKING:
    from offramp.answers.forecast import QuantityAnswer


def known(quantity: QuantityAnswer) -> list[float]:
    """The values, sorted. A day after the window says that it did not come to pass in it."""
    end = quantity.window[1].toordinal() if quantity.unit == "date" else math.inf
    return [v for v in quantity.values if math.isfinite(v) and v <= end]


def quantiles(ordered: Sequence[float], probabilities: Iterable[float]) -> list[float]:
    """The values at these ranks: never one between two worlds."""
    return [ordered[min(len(ordered) - 1, int(p * len(ordered)))] for p in probabilities]


def spread(asked: QuantityAnswer, worlds: int) -> str:
    """The median, the middle eight tenths, and how many worlds give no value; that first, where
    they are most. Before all stands the condition, if there is one: the rest is of the worlds that
    meet it."""
    if asked.given:
        if not asked.worlds:
            return f"No world met the condition: {asked.given}."
        of = f"Of the {asked.worlds:,} worlds in {worlds:,} in which {asked.given}: "
        words = _spread(asked, asked.worlds)
        return of + words[0].lower() + words[1:]
    return _spread(asked, worlds)


def _spread(asked: QuantityAnswer, worlds: int) -> str:
    values = known(asked)
    if not values:
        return "In no world." if asked.unit == "date" else "No world gave a value."
    low, middle, high = (value(v, asked.unit) for v in quantiles(values, [0.1, 0.5, 0.9]))
    unit = "" if asked.unit in ("", "date") else f" {asked.unit}"
    words = f"Median {middle}{unit}; eight worlds in ten between {low} and {high}."
    missing = 1 - len(values) / worlds
    if missing <= 0:
        return words
    without = "the day does not come" if asked.unit == "date" else "there is no value"
    if missing <= 0.5:
        return f"{words} In {percent(missing)} of worlds {without}."
    where = f"Where it does ({len(values)} of {worlds}): {words[0].lower()}{words[1:]}"
    return f"In {percent(missing)} of worlds {without}. {where}"
