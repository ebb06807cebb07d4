"""What each picture shows, in words, for a reader who does not see it."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import TYPE_CHECKING

from offramp.brief import bands
from offramp.forecast.spread import spread
from offramp.forecast.wording import day, percent

if TYPE_CHECKING:
    from offramp.engine.ensemble import Ensemble
    from offramp.forecast.answers import QuantityAnswer


def fan(ensemble: Ensemble, as_of: date | None = None, lived: bool = False) -> str:
    """Where the median world starts and ends, and how far apart worlds are by then; up to which
    day worlds lived reports."""
    _, band = bands.ladder(ensemble)
    low, middle, high = (
        [band.levels[math.floor(v + 0.5)] for v in column]
        for column in bands.rung_quantiles(band, [0.05, 0.5, 0.95])[[0, -1]].T
    )
    last = ensemble.first + timedelta(ensemble.days - 1)
    return (
        f"Fan chart of {band.title} from {day(ensemble.first)} to {day(last)}, on a ladder from "
        f"{band.levels[0]} to {band.levels[-1]}. The median world starts at {middle[0]} and ends "
        f"at {middle[1]}; at the end nine worlds in ten lie between {low[1]} and {high[1]}."
        + _known(as_of, lived)
    )


def _known(as_of: date | None, lived: bool) -> str:
    if as_of is None:
        return ""
    marks = ", and marks at the foot on the days of these reports" if lived else ""
    return f" A line stands on {day(as_of)}, as of which worlds lived what was reported{marks}."


def shares(ensemble: Ensemble, as_of: date | None = None) -> str:
    """Each rung's share on the first and the last day."""
    _, band = bands.ladder(ensemble)
    first, last = bands.rung_shares(band)[[0, -1]]
    rungs = "; ".join(
        f"{name} {percent(a)} to {percent(b)}"
        for name, a, b in zip(band.levels, first.tolist(), last.tolist(), strict=True)
    )
    return (
        f"Share of worlds on each rung of {band.title}, from the first day to the last: {rungs}."
        + _known(as_of, False)
    )


def dotplot(asked: QuantityAnswer, worlds: int) -> str:
    """The same, for the picture."""
    return f"Dotplot of {asked.text}. {spread(asked, worlds)}"
