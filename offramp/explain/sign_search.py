"""The search for signs: each the one that tells most beside those before it.

One half of the worlds chooses, the other measures. A sign that the other half does not bear out
beyond its error ends the list.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.engine.by_value import ByValue
from offramp.explain.information import Worth, counted, drop, worth
from offramp.explain.visible import Seen
from offramp.explain.watched_worlds import Ints, Mask, Open, Worlds

POINTS = (0.25, 0.5, 0.75)  # quantiles of what is seen that are thresholds
FEWEST = 20  # worlds on each side below which a sign is not looked at
MOST = 5  # signs in a list
EARLY = 0.95  # of the most that a sign is worth on any evening: the first such is its own


@dataclass(frozen=True, eq=False)
class Candidates(ByValue):
    """Signs of one evening: which thing each is of, its threshold, and (signs, worlds) where it is
    seen."""

    day: int
    of: Ints
    least: NDArray[np.float64]
    seen: Mask


def candidates(w: Worlds) -> tuple[Candidates, ...]:
    """All signs, with thresholds from the worlds that choose."""
    out = []
    for k in range(len(w.days)):
        of, least, rows = list[int](), list[float](), list[Mask]()
        for i, values in enumerate(w.courses):
            x = values[:, k]
            for at in thresholds(w.things[i], x[~w.half]):
                of.append(i)
                least.append(at)
                rows.append(x >= np.float32(at))
        seen = np.array(rows, bool).reshape(len(rows), w.ensemble.worlds)
        out.append(Candidates(k, np.array(of, np.int64), np.array(least), seen))
    return tuple(out)


def thresholds(thing: Seen, x: NDArray[np.float32]) -> list[float]:
    """Some points of what is seen that part the worlds."""
    if len(x) == 0:
        return []
    points = [float(v) for v in np.quantile(x, POINTS, method="inverted_cdf")]
    if thing.quantity and not np.array_equal(x, np.round(x)):
        points = [float(f"{v:.2g}") for v in points]
    else:
        points = [*points, float(x.min()) + 1.0]
    return sorted(v for v in set(points) if x.min() < v <= x.max())


@dataclass(frozen=True)
class Placed:
    """A sign by its place: the evening, the thing, and the threshold."""

    day: int
    thing: int
    least: float


def seen_in(w: Worlds, sign: Placed, day: int) -> Ints:
    """1 where what a sign is of is seen by an evening, be it its own or another."""
    return (w.courses[sign.thing][:, day] >= np.float32(sign.least)).astype(np.int64)


def known(w: Worlds, signs: tuple[Placed, ...], *days: int) -> Ints:
    """Cells of what is known by watching for some signs: each as it stands on its own evening, and
    on some others, for nobody looks on one evening alone."""
    cells = np.zeros(w.ensemble.worlds, np.int64)
    for sign in signs:
        for day in {sign.day, *days}:
            cells = 2 * cells + seen_in(w, sign, day)
            cells = np.unique(cells, return_inverse=True)[1].reshape(-1)
    return cells


def chosen(
    w: Worlds, o: Open, signs: tuple[Candidates, ...], allowed: tuple[Mask, ...]
) -> list[tuple[Placed, Worth]]:
    """The list: each sign with what it is worth beside those before it, on the later of their
    evenings."""
    found = list[tuple[Placed, Worth]]()
    while len(found) < MOST:
        before = tuple(sign for sign, _ in found)
        sign = best(w, o, signs, allowed, before)
        if sign is None:
            break
        beyond = beside(w, o, sign, before)
        if not beyond.told:
            break
        found.append((sign, beyond))
        # A second threshold or evening of the same thing would cover nothing more.
        same = np.array([x.of == w.things[sign.thing].of for x in w.things], bool)
        allowed = tuple(may & ~same[c.of] for c, may in zip(signs, allowed, strict=True))
    return found


def end(signs: tuple[Placed, ...]) -> int:
    """The last of their evenings."""
    return max((sign.day for sign in signs), default=0)


def best(
    w: Worlds,
    o: Open,
    signs: tuple[Candidates, ...],
    allowed: tuple[Mask, ...],
    before: tuple[Placed, ...] = (),
) -> Placed | None:
    """The sign that tells most beside those before it, by the worlds that choose; on the earliest
    evening on which it tells nearly as much."""
    gains = [gains_of(w, o, c, may, before) for c, may in zip(signs, allowed, strict=True)]
    top = max((float(g.max(initial=0.0)) for g in gains), default=0.0)
    if top <= 0.0:
        return None
    c, g = next((c, g) for c, g in zip(signs, gains, strict=True) if g.max(initial=0.0) == top)
    i, least = int(c.of[g.argmax()]), float(c.least[g.argmax()])
    for early, g in zip(signs, gains, strict=True):
        if g[(early.of == i) & (early.least == least)].max(initial=0.0) >= EARLY * top:
            return Placed(early.day, i, least)
    return Placed(c.day, i, least)


def gains_of(
    w: Worlds, o: Open, c: Candidates, may: Mask, before: tuple[Placed, ...]
) -> NDArray[np.float64]:
    """The drop by each sign of an evening beside those before; 0 for those that may not be."""
    choosing, at = o.met & ~w.half, max(c.day, end(before))
    use = choosing & o.still[:, at]
    if not may.any() or not use.any():
        return np.zeros(len(c.of))
    cells = known(w, before, c.day, at)
    one = np.eye(int(cells.max()) + 1, dtype=np.float32)[cells[use]]
    told = c.seen[:, use].astype(np.float32)
    yes = o.yes[use].astype(np.float32)[:, None]
    n1, y1 = told @ one, told @ (one * yes)
    n, y = one.sum(axis=0), (one * yes).sum(axis=0)
    counts = np.stack([n - n1, n1], axis=-1).astype(float)
    gain = drop(counts, np.stack([y - y1, y1], axis=-1).astype(float), float(choosing.sum()))
    few = counts.sum(axis=1).min(axis=-1) < FEWEST
    return np.where(may & ~few, gain, 0.0)


def beside(w: Worlds, o: Open, sign: Placed, before: tuple[Placed, ...]) -> Worth:
    """What a sign is worth beside others, by the worlds that did not choose: on the later of their
    evenings, in worlds in which the question is open then."""
    at = max(sign.day, end(before))
    cells = known(w, before, sign.day, at)
    return worth_in(w, o, cells, seen_in(w, sign, sign.day), o.still[:, at])


def worth_in(w: Worlds, o: Open, cells: Ints, told: Ints, still: Mask) -> Worth:
    whole = o.met & w.half
    use = whole & still
    groups = int(w.group.max()) + 1
    sizes = np.bincount(w.group[whole], minlength=groups).astype(float)
    return worth(*counted(w.group[use], cells[use], told[use], o.yes[use], groups), sizes)
