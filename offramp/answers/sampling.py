"""How far an answer would move by drawing other worlds.

Worlds of a free run are independent. Worlds conditioned on reports come in islands, and how much
the islands differ says how many independent worlds an answer is worth (`filter/islands.py`); that
differs from answer to answer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from offramp.engine.ensemble import Ensemble
from offramp.filter.islands import combined, groups, student

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

NORMAL = 1.6448536269514722  # the 95% point: two sides leave 90%


def worth(values: Sequence[float] | Floats, keep: Mask, ensemble: Ensemble) -> float:
    """How many independent worlds the mean of `values` (worlds,) over those of `keep` is worth: the
    variance of one world over that of the mean. At most as many as there are.

    Where all islands agree to the last digit nothing can be learnt from their spread: then the
    posterior's own worth is taken, which is that of its worst unknown.
    """
    n = int(keep.sum())
    w = None if ensemble.weights is None else ensemble.weights[keep]
    if n == 0 or (w is not None and not w.any()):
        return 0.0
    if ensemble.islands is None:
        return float(n) if w is None else float(w.sum() ** 2 / (w * w).sum())
    x = np.asarray(values, float)[keep]
    mean, variance = combined(*groups(x, ensemble.islands[keep], w))
    own = float(np.average((x - float(mean)) ** 2, weights=w))
    if math.isinf(float(variance)):
        return 1.0  # worlds of one island may all be copies of one
    if own > 0.0 and float(variance) > 0.0:
        return min(float(n), max(1.0, own / float(variance)))
    share = 1.0 if ensemble.effective is None else ensemble.effective / ensemble.worlds
    return max(1.0, n * share)


def share(values: Sequence[float] | Floats, keep: Mask, ensemble: Ensemble) -> float | None:
    """The mean of `values` (worlds,) over the worlds of `keep`; None where none of them counts."""
    x = np.asarray(values, float)[keep]
    if ensemble.weights is None:
        return float(x.sum()) / len(x) if len(x) else None
    w = ensemble.weights[keep]
    return float((w * x).sum() / w.sum()) if w.any() else None


def evenly(values: Floats, keep: Mask, ensemble: Ensemble) -> Floats:
    """The values of the worlds of `keep` in order, each counting as much as any other: those of
    worlds with weights are drawn, as many, evenly along their distribution."""
    x = np.sort(values[keep])
    if ensemble.weights is None or len(x) == 0:
        return x
    total = np.cumsum(ensemble.weights[keep][np.argsort(values[keep], kind="stable")])
    if not total[-1] > 0.0:
        return x[:0]
    levels = (np.arange(len(x)) + 0.5) / len(x) * total[-1]
    return np.asarray(x[np.minimum(np.searchsorted(total, levels), len(x) - 1)])


def of_share(
    values: Sequence[float] | Floats, keep: Mask, ensemble: Ensemble
) -> tuple[float, float, tuple[float, float]]:
    """Of the share of worlds with a value of 1: how many independent worlds it is worth, its Monte
    Carlo error and its 90% interval. Some world must be kept."""
    n = worth(values, keep, ensemble)
    yes = (share(values, keep, ensemble) or 0.0) * n
    return n, mc_error(yes, n), wilson(yes, n, quantile_of_error(keep, ensemble))


def of_quantiles(
    values: Floats, keep: Mask, ensemble: Ensemble, levels: tuple[float, ...]
) -> tuple[float, tuple[float | None, ...]]:
    """How many independent worlds the quantiles of a value are worth (the least of them, by the
    share of worlds below each), and the standard error of each: by the islands' own quantiles, or
    by sixteen parts of a free run. None where a part has no finite one."""
    x, ordered = values[keep], evenly(values, keep, ensemble)
    n = len(x)
    if len(ordered) == 0:
        return 0.0, tuple(None for _ in levels)
    of = np.arange(n) % 16 if ensemble.islands is None else ensemble.islands[keep]
    points = [ordered[min(n - 1, int(p * n))] for p in levels]
    least = min(worth((values <= point).astype(float), keep, ensemble) for point in points)
    errors: list[float | None] = []
    whole, split, sizes = np.flatnonzero(keep), list[Floats](), list[float]()
    for k in np.unique(of):
        some = np.zeros(len(keep), bool)
        some[whole[of == k]] = True
        if len(own := evenly(values, some, ensemble)):
            split.append(own)
            sizes.append(len(own) if ensemble.weights is None else ensemble.weights[some].sum())
    parts = np.array(sizes) / sum(sizes)
    for p in levels:
        found = np.array([s[min(len(s) - 1, int(p * len(s)))] for s in split])
        variance = float(combined(parts, found)[1]) if np.isfinite(found).all() else math.inf
        errors.append(math.sqrt(variance) if math.isfinite(variance) else None)
    return least, tuple(errors)


def quantile_of_error(keep: Mask, ensemble: Ensemble) -> float:
    """By how many errors a 90% interval reaches to each side: of Student's t among the islands that
    have worlds in it."""
    if ensemble.islands is None:
        return NORMAL
    return student(0.95, max(1, len(np.unique(ensemble.islands[keep])) - 1))


def mc_error(yes: float, n: float) -> float:
    """The sd of Beta(yes + 1/2, n - yes + 1/2): sampling error of a share, never 0."""
    a, b = yes + 0.5, n - yes + 0.5
    return math.sqrt(a * b / ((a + b) ** 2 * (a + b + 1)))


def wilson(yes: float, n: float, z: float = NORMAL) -> tuple[float, float]:
    """The score interval of a share (Wilson 1927), 90% by default; honest at 0 and at 1."""
    p, square = yes / n, z * z
    middle = (p + square / (2 * n)) / (1 + square / n)
    half = z / (1 + square / n) * math.sqrt(p * (1 - p) / n + square / (4 * n * n))
    return (0.0 if yes == 0 else middle - half), (1.0 if yes == n else middle + half)


def paired(
    first: NDArray[np.float64], second: NDArray[np.float64], worlds: Ensemble
) -> tuple[float, float]:
    """The mean of first less second, both (worlds,), of two arms that threw the same dice, and its
    standard error. It is never 0 by luck: at least that of one world in so many that differs."""
    d = np.asarray(first, float) - np.asarray(second, float)
    n = len(d)
    if n == 0:
        return math.nan, math.inf
    own = worth(d, np.ones(n, bool), worlds)
    least = max(float(np.abs(d).max()), 1.0) ** 2 / own
    return float(d.mean()), math.sqrt(max(float(d.var()), least) / own)
