"""What each picture shows, in words, for a reader who does not see it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from offramp.answers.spread import spread
from offramp.answers.wording import day, percent
from offramp.render.brief import bands

if TYPE_CHECKING:
    from offramp.answers.forecast import QuantityAnswer
    from offramp.engine.ensemble import Ensemble


def fan(ensemble: Ensemble, as_of: date | None = None, lived: bool = False) -> str:
    """Where the median world starts and ends, how far apart worlds are by then, and when they
    stand highest; up to which day worlds lived reports."""
    _, band = bands.ladder(ensemble)
    at = bands.peak(band)
    low, middle, high = (
        [band.levels[math.floor(v + 0.5)] for v in column]
        for column in bands.rung_quantiles(band, [0.05, 0.5, 0.95])[[0, -1, at]].T
    )
    last = ensemble.first + timedelta(ensemble.days - 1)
    return (
        f"Fan chart of {band.title} from {day(ensemble.first)} to {day(last)}, on a ladder from "
        f"{band.levels[0]} to {band.levels[-1]}. The median world starts at {middle[0]} and ends "
        f"at {middle[1]}; at the end nine worlds in ten lie between {low[1]} and {high[1]}. "
        f"Worlds stand highest on {day(ensemble.first + timedelta(at))}: the median at "
        f"{middle[2]}, nine in ten between {low[2]} and {high[2]}." + _known(as_of, lived)
    )


def played(ensemble: Ensemble, games: Sequence[Sequence[float]]) -> str:
    """Where the lines of games end, and how high they stood."""
    if not games:
        return ""
    _, band = bands.ladder(ensemble)
    paths = [bands.in_rungs(band, game) for game in games]
    tops = [band.levels[math.floor(max(path) + 0.5)] for path in paths]
    ends = [band.levels[math.floor(path[-1] + 0.5)] for path in paths]
    if len(paths) == 1:
        return (
            f" A dark line is the game: it stood at {tops[0]} when highest, and ends at {ends[0]}."
        )
    highest = max(tops, key=band.levels.index)
    return (
        f" {len(paths)} dark lines are games; {tops.count(highest)} of them reached {highest}, and "
        "none stood higher."
    )


def _known(as_of: date | None, lived: bool) -> str:
    if as_of is None:
        return ""
    marks = ", and marks at the foot on the days of these reports" if lived else ""
    return f" A line stands on {day(as_of)}, up to which reports are used{marks}."


def shares(ensemble: Ensemble, as_of: date | None = None) -> str:
    """Each rung's share on the first and the last day, and the most that it ever has."""
    _, band = bands.ladder(ensemble)
    daily = bands.rung_shares(band)
    rungs = "; ".join(
        f"{name} {percent(a)} to {percent(b)}{_most(each, ensemble)}"
        for name, a, b, each in zip(
            band.levels, daily[0].tolist(), daily[-1].tolist(), daily.T, strict=True
        )
    )
    return (
        f"Share of worlds on each rung of {band.title}, from the first day to the last: {rungs}."
        + _known(as_of, False)
    )


def _most(daily: bands.Floats, ensemble: Ensemble) -> str:
    """`, most on 8 Jan 2020 (31%)`: where that is neither the first day nor the last."""
    at = int(daily.argmax())
    if percent(float(daily[at])) == percent(max(float(daily[0]), float(daily[-1]))):
        return ""
    return f", most on {day(ensemble.first + timedelta(at))} ({percent(float(daily[at]))})"


def dotplot(asked: QuantityAnswer, worlds: int) -> str:
    """The same, for the picture."""
    return f"Dotplot of {asked.text.rstrip('.')}. {spread(asked, worlds)}"
