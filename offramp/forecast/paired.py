"""Differences between two arms that threw the same dice, and their Monte Carlo error."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from offramp.engine.ensemble import Ensemble


def paired(
    first: NDArray[np.float64], second: NDArray[np.float64], worlds: Ensemble
) -> tuple[float, float]:
    """The mean of first less second, both (worlds,), and its standard error.

    Worlds among reports are worth fewer than they are, and the islands that they come from may
    differ by more than that: the larger of the two errors is given, as in `answers.sampling`. It is
    never 0 by luck: at least that of one world in so many.
    """
    d = np.asarray(first, float) - np.asarray(second, float)
    n = len(d)
    if n == 0:
        return math.nan, math.inf
    worth = float(n) if worlds.effective is None else max(1.0, worlds.effective)
    mean = float(d.mean())
    least = max(float(np.abs(d).max()), 1.0) ** 2 / worth  # as if one world in so many differed
    error = math.sqrt(max(float(d.var()), least) / worth)
    if worlds.islands is not None:
        of = np.bincount(worlds.islands).astype(float)
        shares = np.bincount(worlds.islands, d)[of > 0] / of[of > 0]
        parts = of[of > 0] / n
        k = len(parts)
        if k > 1:
            between = float(((parts * (shares - mean)) ** 2).sum()) * k / (k - 1)
            error = max(error, math.sqrt(between))
    return mean, error
