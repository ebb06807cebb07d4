"""How far apart two histories are: as points, each world a row.

A history is how the shown quantities went, week by week, whether each event happened, and when. Of
when the course is 0 until its first day and 1 from it on, so that two worlds are apart in it for as
long as one has seen it and the other not. All of it is measured from the mean over worlds of the
same week; what is alike in all worlds, as the calendar is, sets none apart.

Quantities and events are two groups of equal weight, each with half of the variance (of that of
events half is whether and half is when), as in multiple factor analysis (Escofier and Pages 1994):
a hundred events would drown seven quantities otherwise.
Each quantity has the same part of its group whatever its unit; an event has what it has, which is
most where half of the worlds see it.

Each week the outermost twentieth of worlds on either side count as the 5% and the 95% point. What
fewer than one world in twenty do is no scenario of its own; but standardised, a quantity that moves
in one world in a hundred would set that world further apart from all others than anything else.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WEEK = 7  # days
RARE = 0.05  # of the worlds
NEVER = -1  # the first day of what does not happen


def points(courses: Floats, firsts: NDArray[np.int64], days: int) -> Floats:
    """Worlds as rows whose squared distance is that of their histories; their mean is 0, and the
    sum of their variances 1, or ½ where quantities or events are alike in all worlds.

    courses  (worlds, weeks, quantities): the values at the end of each week
    firsts   (worlds, events): the day on which an event first happens, counted from the first of
             the window, or NEVER
    days     of the window
    """
    ends = week_ends(days)
    seen = (firsts[:, None, :] != NEVER) & (firsts[:, None, :] <= ends[None, :, None])
    quantities = _centred(_clipped(courses))
    spread = np.sqrt((quantities**2).mean(axis=0).sum(axis=0))  # of each over all weeks
    quantities = np.divide(quantities, spread, out=np.zeros_like(quantities), where=spread > 1e-12)
    when = _centred(_clipped(seen.astype(float)))
    groups = [(quantities, 0.5), (when, 0.25), (when[:, -1], 0.25)]
    return np.concatenate([_scaled(g.reshape(len(g), -1), part) for g, part in groups], axis=1)


def week_ends(days: int) -> NDArray[np.int64]:
    """The last day of each week of a window, counted from 0; the last may be shorter."""
    return np.append(np.arange(WEEK - 1, days - 1, WEEK), days - 1)


def _clipped(x: Floats) -> Floats:
    low, high = np.quantile(x, (RARE, 1.0 - RARE), axis=0, method="nearest")
    return np.clip(x, low, high)


def _centred(x: Floats) -> Floats:
    return np.asarray(x - x.mean(axis=0))


def _scaled(x: Floats, part: float) -> Floats:
    """The group with so much variance in all."""
    total = float((x**2).mean(axis=0).sum())
    return np.asarray(x * np.sqrt(part / total)) if total > 1e-12 else x
