"""What differs between independent islands of worlds measures every Monte Carlo error.

Each of K islands has an unbiased estimate Z of the evidence (nearly: the step and number of its
moves, the powers of a day and where noise is divided hang on the worlds) and means m of whatever is
asked. Islands count by their evidence (Whiteley, Lee and Heine 2016; Vergé et al. 2015). With so
few of them intervals take quantiles of Student's t. R-hat is the between-island factor of Gelman
and Rubin (1992), an island's mean counting as one chain.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MEASURED = 0.5  # nats of Monte Carlo error above which a Bayes factor says nothing
DECISIVE = 1.0  # nats of a Bayes factor below which nobody is ranked
WIDEST = 1.0  # sd of log evidence between islands above which its mean says nothing


@dataclass(frozen=True)
class Estimate:
    """A value and its standard error, in nats of logarithms; inf where it cannot be told."""

    value: float
    error: float


def log_mean(logs: Floats) -> Estimate:
    """The log evidence of all islands: the log of their mean, -inf counting as 0.

    The error is that of a lognormal with the spread of those that live, which does not saturate
    when one island has most (the plain one cannot exceed 1).
    """
    alive = logs[np.isfinite(logs)]
    if len(alive) == 0:
        return Estimate(-math.inf, math.inf)
    top = float(alive.max())
    value = top + math.log(math.fsum(np.exp(alive - top).tolist()) / len(logs))
    if len(alive) < 2:
        return Estimate(value, math.inf)
    relative = math.exp(min(50.0, spread(logs) ** 2)) * len(logs) / len(alive) - 1.0
    return Estimate(value, math.sqrt(relative / len(logs)))


def spread(logs: Floats) -> float:
    """The sd of log evidence between the islands that live; inf for fewer than two."""
    alive = logs[np.isfinite(logs)]
    return float(alive.std(ddof=1)) if len(alive) > 1 else math.inf


def increment(logs: Floats, before: Floats) -> Estimate:
    """Log evidence of the days between two: each island's two values hang together (the delta
    method for a ratio of means over the same islands). The error is inf where fewer than half of
    the islands count on either day: one that is nearly all would seem to know the days exactly."""
    whole, early = log_mean(logs), log_mean(before)
    a, b = np.exp(logs - whole.value), np.exp(before - early.value)
    few = min(number(shares(logs)), number(shares(before))) < len(logs) / 2
    if few or len(logs) < 2 or not math.isfinite(whole.value):
        return Estimate(whole.value - early.value, math.inf)
    return Estimate(whole.value - early.value, float((a - b).std(ddof=1)) / math.sqrt(len(logs)))


def shares(logs: Floats) -> Floats:
    """How much each island counts: its share of the evidence."""
    top = float(logs.max())
    if top == -math.inf:
        return np.full(len(logs), 1.0 / len(logs))
    z = np.exp(logs - top)
    return np.asarray(z / z.sum())


def number(parts: Floats) -> float:
    """The effective number of islands."""
    return 1.0 / math.fsum((parts * parts).tolist())


def combined(parts: Floats, means: Floats) -> tuple[Floats, Floats]:
    """The mean over all islands and its variance, of each column of `means` (islands, ...). An
    island without a mean (NaN) has no part in it. The variance is unbiased for islands whose means
    vary alike, however unequal their parts: E(m_i - p)² = σ²(1 - 2 W_i + Σ W²). inf where one
    island is all."""
    known = np.isfinite(means)
    w = np.where(known, parts.reshape(-1, *[1] * (means.ndim - 1)), 0.0)
    w = w / w.sum(axis=0)
    mean = (w * np.where(known, means, 0.0)).sum(axis=0)
    off = np.where(known, means - mean, 0.0)
    left = 1.0 - 2.0 * w + (w * w).sum(axis=0)
    whole = left <= 1e-12  # an island that is all
    variance = (w * w * off * off / np.where(whole, 1.0, left)).sum(axis=0)
    return np.asarray(mean), np.where((whole & known).any(axis=0), math.inf, variance)


def worth(parts: Floats, means: Floats, squares: Floats) -> Floats:
    """How many independent worlds the islands' means are worth, per column: the variance of one
    world over that of the mean. `squares` are the islands' means of squares."""
    mean, variance = combined(parts, means)
    one = np.maximum(0.0, combined(parts, squares)[0] - mean * mean)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(one > 0.0, one / variance, math.inf))


def r_hat(parts: Floats, means: Floats, squares: Floats) -> Floats:
    """sqrt(1 + B/v) per column: B the variance between islands' means, v that of one world; of the
    islands that live, inf for fewer than two."""
    mean = combined(parts, means)[0]
    one = np.maximum(0.0, combined(parts, squares)[0] - mean * mean)
    alive = means[np.isfinite(means).all(axis=1)]
    if len(alive) < 2:
        return np.full(means.shape[1], math.inf)
    between = alive.var(axis=0, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.sqrt(1.0 + np.where(one > 0.0, between / one, 0.0)))


def student(p: float, freedom: int) -> float:
    """The quantile of Student's t with so many degrees of freedom, .5 < p < 1 (Abramowitz and
    Stegun 26.7.3 and 4, inverted by halving)."""
    low, high = 0.0, 1e6
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) < 2 * p - 1 else (low, middle)
    return (low + high) / 2


def _within(t: float, freedom: int) -> float:
    """The probability that |T| <= t."""
    angle = math.atan(t / math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = freedom % 2 == 1
    term, total = cosine if odd else 1.0, 0.0
    for k in range(freedom // 2):
        total += term
        step = (2 * k + 2) / (2 * k + 3) if odd else (2 * k + 1) / (2 * k + 2)
        term *= step * cosine * cosine
    return 2 / math.pi * (angle + sine * total) if odd else sine * total


def bound(error: float, islands: int, level: float = 0.95) -> float:
    """Half the width of the two-sided interval at this level, of an error from so many islands."""
    return student((1 + level) / 2, max(1, islands - 1)) * error


def tells(log: float, error: float, islands: int) -> bool:
    """Whether a log Bayes factor of this Monte Carlo error ranks anybody."""
    return error <= MEASURED and abs(log) >= max(DECISIVE, bound(error, islands))


def groups(
    values: Sequence[float] | Floats, of: NDArray[np.int64], weights: Floats | None = None
) -> tuple[Floats, Floats]:
    """Parts and means by island, of one value a world; `of` is the island of each. Worlds count
    alike unless they have weights."""
    x = np.asarray(values, float)
    counts = np.bincount(of, weights).astype(float)
    some = counts > 0
    sums = np.bincount(of, x if weights is None else x * weights)
    return counts[some] / counts.sum(), sums[some] / counts[some]
