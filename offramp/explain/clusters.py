"""Clusters among points, and whether there are any.

k-means gives clusters of anything, a single round cloud included. They are taken for real only
where all of this holds, for some number of clusters from 2 to 6:

stable   clusters of resampled points (the bootstrap) find each of them again: its mean Jaccard
         index is at least .75 (Hennig 2007), and lone starts of k-means agree with the best one by
         an adjusted Rand index of at least .75 (Hubert and Arabie 1985)
more     they explain more than k-means explains of any of nineteen normal clouds without clusters
         that have the same covariance (the idea of the gap statistic; Tibshirani, Walther and
         Hastie 2001)
apart    between any two of them there is a gap: on the line from the middle of one to that of the
         other, points that were not used to find them have more than one peak by their dip
         (`dip.py`), as a cloud of one peak shows once in a hundred at most, however skewed it is
         (the idea of dip-means; Kalogeratos and Likas 2012). Each half of the points is found by
         itself and looked at in the other, and both must show it

Stable alone is not enough: the halves of a long thin cloud are found again and again. More alone is
not enough: a skewed cloud is no normal one. Of several numbers that hold the largest is taken.
Everything is deterministic.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from offramp.engine.by_value import ByValue
from offramp.explain.dip import critical, dip

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

MOST = 6  # clusters: more scenarios than that nobody keeps in mind
STARTS = 10
FEWER_STARTS = 4  # of clouds and resamples, of which there are many
RESAMPLES = 20
NULLS = 19  # so that a structureless cloud passes once in twenty
STABLE = 0.75
SMALLEST = 0.05  # of the points
COMPONENTS = 30  # the principal axes that are kept; the rest is noise to k-means
ROUNDS = 100


@dataclass(frozen=True, eq=False)
class Partition(ByValue):
    """Points by cluster, the largest first, and the centres (clusters, axes)."""

    labels: Labels
    centres: Floats
    within: float  # the sum of squared distances to the centres


@dataclass(frozen=True)
class Gap:
    """Between two clusters: the dip of so many points that were not used to find them, on the line
    between their middles, and the one that a cloud of one peak exceeds once in a hundred at
    most."""

    points: int
    dip: float
    needed: float


@dataclass(frozen=True, eq=False)
class Tried(ByValue):
    """So many clusters, and whether they are real.

    explained    the share of the variance that lies between them
    null         the largest such share of clouds without clusters
    jaccard      of each cluster, the mean over resamples
    agreement    the mean adjusted Rand index of the other starts with the best one
    gap          the least convincing one
    smallest     the share of points of the smallest cluster
    """

    clusters: int
    explained: float
    null: float
    jaccard: tuple[float, ...]
    agreement: float
    gap: Gap
    smallest: float
    partition: Partition

    @property
    def stable(self) -> bool:
        return min(self.jaccard) >= STABLE and self.agreement >= STABLE

    @property
    def more(self) -> bool:
        return self.explained > self.null

    @property
    def apart(self) -> bool:
        return self.gap.dip > self.gap.needed

    @property
    def real(self) -> bool:
        return self.stable and self.more and self.apart and self.smallest >= SMALLEST


@dataclass(frozen=True, eq=False)
class Search(ByValue):
    """Each number of clusters that was tried; `kept` is the share of the variance on the axes that
    were looked at."""

    tried: tuple[Tried, ...]
    kept: float
    axes: Floats  # (points, axes)

    @property
    def found(self) -> Tried | None:
        return next((t for t in reversed(self.tried) if t.real), None)


def search(points: Floats, most: int = MOST) -> Search:
    """Looks for 2 to `most` clusters among points (points, columns) of which there are some
    hundreds at least."""
    axes, kept = principal(points)
    random = np.random.default_rng(1)
    clouds = [
        principal(random.standard_normal(axes.shape) * axes.std(axis=0))[0] for _ in range(NULLS)
    ]
    return Search(tuple(_tried(axes, kept, k, clouds) for k in range(2, most + 1)), kept, axes)


def principal(points: Floats) -> tuple[Floats, float]:
    """The points on their first principal axes, and the share of variance on these. Of fewer points
    than columns the axes come of the points' products with each other."""
    x = points - points.mean(axis=0)
    gram = x @ x.T if len(x) < x.shape[1] else x.T @ x
    values, vectors = np.linalg.eigh(gram)
    values, vectors = values[::-1][:COMPONENTS], vectors[:, ::-1][:, :COMPONENTS]
    total = float((x**2).sum())
    if total <= 0:
        return x[:, :1], 1.0
    held = values > 1e-12 * total
    values, vectors = values[held], vectors[:, held]
    own = vectors * np.sqrt(values) if len(x) < x.shape[1] else x @ vectors
    return np.asarray(own), float(values.sum()) / total


def _tried(x: Floats, kept: float, k: int, clouds: list[Floats]) -> Tried:
    best, lone = k_means(x, k, STARTS)
    total = float((x**2).sum())
    others = [p for p in lone if p is not best]
    nulls = [1.0 - k_means(c, k, FEWER_STARTS)[0].within / float((c**2).sum()) for c in clouds]
    return Tried(
        clusters=k,
        explained=kept * (1.0 - best.within / total) if total > 0 else 0.0,
        null=kept * max(nulls, default=0.0),
        jaccard=_found_again(x, best),
        agreement=float(np.mean([rand_index(best.labels, p.labels) for p in others])),
        gap=_least_gap(x, k),
        smallest=float(np.bincount(best.labels, minlength=k).min()) / len(x),
        partition=best,
    )


# ---- k-means -----------------------------------------------------------------------------


def k_means(x: Floats, k: int, starts: int) -> tuple[Partition, tuple[Partition, ...]]:
    """The best of some starts, each seeded as Arthur and Vassilvitskii (2007) do, and all of
    them."""
    random = np.random.default_rng(k)
    lone = tuple(_settled(x, _seeds(x, k, random)) for _ in range(starts))
    return min(lone, key=lambda p: p.within), lone


def nearest(x: Floats, centres: Floats) -> tuple[Labels, Floats]:
    """Of each point, the number of the nearest centre and its squared distance."""
    squares = (x**2).sum(axis=1)[:, None] - 2.0 * x @ centres.T + (centres**2).sum(axis=1)
    labels = squares.argmin(axis=1)
    return labels, np.maximum(squares[np.arange(len(x)), labels], 0.0)


def _seeds(x: Floats, k: int, random: np.random.Generator) -> Floats:
    """Points far from each other: each drawn by its squared distance to those before."""
    centres: Floats = x[random.integers(len(x), size=1)]
    while len(centres) < k:
        _, far = nearest(x, centres)
        chance = far / far.sum() if far.sum() > 0 else None
        centres = np.vstack([centres, x[random.choice(len(x), p=chance)]])
    return centres


def _settled(x: Floats, centres: Floats) -> Partition:
    """Lloyd's rounds until no point moves."""
    labels, far = nearest(x, centres)
    for _ in range(ROUNDS):
        member = np.eye(len(centres))[labels]
        sizes = member.sum(axis=0)
        means = (member.T @ x) / np.maximum(sizes, 1.0)[:, None]
        centres = np.where(sizes[:, None] > 0, means, centres)
        moved, far = nearest(x, centres)
        if (moved == labels).all():
            break
        labels = moved
    order = np.argsort(-np.bincount(labels, minlength=len(centres)), kind="stable")
    return Partition(np.argsort(order)[labels], centres[order], float(far.sum()))


# ---- stable ------------------------------------------------------------------------------


def rand_index(one: Labels, other: Labels) -> float:
    """The adjusted Rand index: 1 where two partitions are one, 0 on average by chance."""
    table = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(table, (one, other), 1.0)

    def pairs(n: Floats) -> float:
        return float((n * (n - 1.0)).sum()) / 2.0

    both, rows, columns = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    chance = rows * columns / max(1.0, len(one) * (len(one) - 1) / 2.0)
    most = (rows + columns) / 2.0
    return 1.0 if most == chance else (both - chance) / (most - chance)


def jaccard(one: Labels, other: Labels) -> Floats:
    """Of each cluster of the first partition, the best Jaccard index with one of the other."""
    table = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(table, (one, other), 1.0)
    union = table.sum(axis=1)[:, None] + table.sum(axis=0)[None, :] - table
    return np.asarray((table / np.maximum(union, 1.0)).max(axis=1))


def _found_again(x: Floats, best: Partition) -> tuple[float, ...]:
    """Of each cluster, how well clusters of resampled points find it again, on the points that were
    drawn (Hennig 2007). One that a resample does not draw at all is not found again."""
    random, k = np.random.default_rng(2), len(best.centres)
    found = np.zeros((RESAMPLES, k))
    for row in found:
        drawn = random.integers(len(x), size=len(x))
        own, _ = k_means(x[drawn], k, FEWER_STARTS)
        there = jaccard(best.labels[drawn], own.labels)
        row[: len(there)] = there
    return tuple(found.mean(axis=0).tolist())


# ---- apart -------------------------------------------------------------------------------


def _least_gap(x: Floats, k: int) -> Gap:
    """Clusters of the points of even place, and the least of the gaps between any two of them among
    those of odd place; or the other way round, whichever is less."""
    even = np.arange(len(x)) % 2 == 0
    return min(
        (g for own in (even, ~even) for g in _gaps(x, own, k)), key=lambda g: g.dip / g.needed
    )


def _gaps(x: Floats, own: NDArray[np.bool_], k: int) -> list[Gap]:
    found, _ = k_means(x[own], k, STARTS)
    rest = x[~own]
    labels, _ = nearest(rest, found.centres)
    return [
        gap(rest[(labels == i) | (labels == j)], found.centres[i], found.centres[j])
        for i, j in combinations(range(k), 2)
    ]


def gap(x: Floats, first: Floats, second: Floats) -> Gap:
    return Gap(len(x), dip(x @ (second - first)), critical(len(x)))
