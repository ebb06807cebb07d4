"""Monitors: what the questions watch while a world lives, so that no world need be kept.

An atom is (function, name, first day, last day): count, first, highest, lowest, final, initial,
mean (see docs/language.md, Questions). Each is one number a world.
"""

from __future__ import annotations

from dataclasses import dataclass

from offramp.engine.world import Happening

NAMES = (
    "count",
    "first",
    "highest",
    "lowest",
    "final",
    "initial",
    "mean",
)  # in the machine by place


@dataclass(frozen=True, kw_only=True)
class Monitor:
    """One atom over a window of days, both ends included.

    `event` is the index for count and first, with `outcome` the name of one of its outcomes or None
    for any; `quantity` is the index for the others: of a quantity, or numbered on from these of
    what the crisis has under `readings`.
    """

    function: str
    event: int | None
    outcome: str | None
    quantity: int | None
    first: int
    last: int

    def of_log(self, log: list[Happening]) -> float:
        days = [
            h.day
            for h in log
            if h.event == self.event
            and self.first <= h.day <= self.last
            and (self.outcome is None or h.outcome == self.outcome)
        ]
        if self.function == "count":
            return float(len(days))
        return float(min(days, default=self.last + 1))

    def of_series(self, start: float, series: list[float]) -> float:
        """`series[d]` is the value at the end of day d; `start` the value before the first day."""
        if self.function == "initial":
            return start if self.first == 0 else series[self.first - 1]
        window = series[self.first : self.last + 1]
        if self.function == "highest":
            return max(window)
        if self.function == "lowest":
            return min(window)
        if self.function == "mean":
            total = 0.0
            for x in window:  # not sum(), which carries what rounding loses from Python 3.12 on
                total += x
            return total / len(window)
        return window[-1]
