"""The dip: how far a sample is from having one peak (Hartigan and Hartigan 1985).

It is the least distance, as of Kolmogorov and Smirnov, between the sample's distribution and any
unimodal one: convex up to some point and concave from there. Among samples of one size from
distributions of one peak the uniform one gives the largest dips in the limit, so its own are the
yardstick; whatever the shape of the peak, skewed or heavy, a larger dip is rarer still.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# The root of the sample's size times the dip that one uniform sample in a hundred exceeds: .58 at
# 50 points, .60 at 200, .62 at 800 (10,000, 6,000 and 3,000 samples).
ONE_IN_A_HUNDRED = 0.63


def dip(sample: Floats) -> float:
    """The dip of a sample, 1/(2n) at least and 1/4 at most."""
    x = np.sort(sample)
    n = len(x)
    if n < 2 or x[0] == x[-1]:
        return 0.5 / max(n, 1)
    # The sample's distribution jumps at each value from `below` to `upto`.
    values, counts = np.unique(x, return_counts=True)
    upto = np.cumsum(counts) / n
    below = upto - counts / n
    low, high, found = 0, len(values) - 1, 1.0 / n
    while True:
        convex = _hull(values[low : high + 1], below[low : high + 1]) + low
        concave = _hull(values[low : high + 1], -upto[low : high + 1]) + low
        # The two hulls are furthest apart where one of them has a corner.
        at = np.union1d(convex, concave)
        under = np.interp(values[at], values[convex], below[convex])
        over = np.interp(values[at], values[concave], upto[concave])
        widest = int((over - under).argmax())
        apart = float(over[widest] - under[widest])
        if apart <= found:
            return found / 2.0
        # The modal interval: from the convex corner before the widest place to the concave one
        # after it, or the other way round, whichever kind of corner that place is.
        if at[widest] in convex:
            new_low = int(at[widest])
            new_high = int(concave[concave >= new_low].min())
        else:
            new_high = int(at[widest])
            new_low = int(convex[convex <= new_high].max())
        # At the ends of the modal interval there may be a jump, as long as either may be the peak.
        left, right = slice(low, new_low), slice(new_high + 1, high + 1)
        line = np.interp(values[left], values[convex], below[convex])
        found = max(found, float((upto[left] - line).max(initial=0.0)))
        line = np.interp(values[right], values[concave], upto[concave])
        found = max(found, float((line - below[right]).max(initial=0.0)))
        if (new_low, new_high) == (low, high):
            return found / 2.0
        low, high = new_low, new_high


def critical(points: int) -> float:
    """The dip that a sample of so many points from one peak exceeds once in a hundred at most."""
    return ONE_IN_A_HUNDRED / math.sqrt(max(points, 1))


def _hull(x: Floats, y: Floats) -> NDArray[np.int64]:
    """The corners of the greatest convex line below points of ascending x."""
    corners = list[int]()
    for i in range(len(x)):
        while len(corners) > 1:
            a, b = corners[-2], corners[-1]
            if (y[b] - y[a]) * (x[i] - x[b]) < (y[i] - y[b]) * (x[b] - x[a]):
                break
            corners.pop()
        corners.append(i)
    return np.array(corners, np.int64)
