"""Scenario discovery: the box of unknowns in which a question comes true much more often.

PRIM, the patient rule induction method (Friedman and Fisher 1999): starting from all worlds, peel
off a thin slice of one unknown (or one named value) again and again, each time the slice whose
loss raises the share of worlds that come true the most for what is lost (the gain per world
removed: Kwakkel and Jaxa-Rozen 2016, for numbers and named values side by side). Of the boxes
peeled on the way one is kept, limits that do no work in it are taken away again (the quasi-p-value
of Bryant and Lempert 2010), and what is left is measured on worlds that the search never saw.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offramp.answers.sampling import wilson

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

PEEL = 0.05  # of the worlds in the box, at most, in one peel of a number
SMALLEST = 0.05  # of all worlds: a smaller box is no scenario but a few worlds
FEWEST = 30  # worlds in a box
IDLE = 0.01  # a limit goes if its work is likelier than this to be luck


@dataclass(frozen=True)
class Limit:
    """One unknown held between two values (None: open on that side), or to some named values.

    `column` is its place among the columns searched; `work` the quasi-p-value: the chance of so
    many worlds in the box coming true if the limit did nothing.
    """

    column: int
    low: float | None
    high: float | None
    values: tuple[int, ...] | None
    work: float

    def holds(self, x: Floats) -> Flags:
        own = x[:, self.column]
        if self.values is not None:
            return np.isin(own, self.values)
        keep = np.ones(len(own), np.bool_)
        if self.low is not None:
            keep &= own >= self.low
        if self.high is not None:
            keep &= own <= self.high
        return keep


@dataclass(frozen=True)
class Measured:
    """A box among some worlds: how many there are, how many it holds, of which come true.

    density   the share of the box's worlds that come true
    coverage  the share of the worlds that come true that it holds
    mass      the share of all worlds that it holds
    base      the share of all worlds that come true
    """

    worlds: int
    inside: int
    true: int
    true_inside: int

    @property
    def density(self) -> float:
        return self.true_inside / self.inside if self.inside else 0.0

    @property
    def coverage(self) -> float:
        return self.true_inside / self.true if self.true else 0.0

    @property
    def mass(self) -> float:
        return self.inside / self.worlds

    @property
    def base(self) -> float:
        return self.true / self.worlds

    @property
    def interval(self) -> tuple[float, float]:
        """Of the density, 90% (Wilson 1927)."""
        return wilson(self.true_inside, self.inside) if self.inside else (0.0, 1.0)


@dataclass(frozen=True)
class Box:
    """Limits on some unknowns. `searched` is measured on the worlds that chose them, and flatters;
    `held_out` on the others, and does not."""

    limits: tuple[Limit, ...]
    searched: Measured
    held_out: Measured

    @property
    def stands(self) -> bool:
        """Whether worlds that the search never saw bear it out: their density's interval lies
        above the base."""
        return bool(self.limits) and self.held_out.interval[0] > self.held_out.base


def discover(x: Floats, true: Flags, named: tuple[int, ...] = ()) -> Box:
    """The box of `x` (worlds, columns) in which `true` (worlds,) is far more common.

    `named` are the columns of named values, by place; a box holds some of them, as a set. Worlds
    of even place search, those of odd place are held out. Without anything to find the box has no
    limits. Deterministic.
    """
    even = np.arange(len(x)) % 2 == 0
    own, came = x[even], true[even]
    limits = idle_away(own, came, best(own, came, frozenset(named)))
    return Box(limits, measured(own, came, limits), measured(x[~even], true[~even], limits))


def measured(x: Floats, true: Flags, limits: tuple[Limit, ...]) -> Measured:
    inside = within(x, limits)
    return Measured(len(x), int(inside.sum()), int(true.sum()), int((true & inside).sum()))


def within(x: Floats, limits: tuple[Limit, ...]) -> Flags:
    keep = np.ones(len(x), np.bool_)
    for limit in limits:
        keep &= limit.holds(x)
    return keep


def best(x: Floats, true: Flags, named: frozenset[int]) -> tuple[Limit, ...]:
    """Of all boxes peeled, the one whose excess of worlds that come true is farthest from luck:
    (density - base) sqrt(worlds inside), the statistic of a binomial test (Kloesgen 1996). It
    weighs density against size without a wish of ours."""
    base = float(true.mean()) if len(true) else 0.0
    found: tuple[Limit, ...] = ()
    most = 0.0
    for limits, inside in peeled(x, true, named):
        excess = (float(true[inside].mean()) - base) * math.sqrt(int(inside.sum()))
        if excess > most + 1e-12:
            found, most = limits, excess
    return found


def peeled(x: Floats, true: Flags, named: frozenset[int]) -> list[tuple[tuple[Limit, ...], Flags]]:
    """Every box on the way from all worlds down to the smallest, each with what it holds."""
    held: dict[int, Limit] = {}
    inside = np.ones(len(x), np.bool_)
    least = max(FEWEST, SMALLEST * len(x))
    out = list[tuple[tuple[Limit, ...], Flags]]()
    while True:
        gain, chosen = 0.0, None
        here, before = int(inside.sum()), float(true[inside].mean()) if inside.any() else 0.0
        for limit in candidates(x, inside, held, named):
            kept = inside & limit.holds(x)
            n = int(kept.sum())
            if n < least or n == here:
                continue
            more = (float(true[kept].mean()) - before) / (here - n)
            if more > gain:
                gain, chosen = more, (limit, kept)
        if chosen is None:
            return out
        limit, inside = chosen
        held[limit.column] = limit
        out.append((tuple(held[k] for k in sorted(held)), inside))


def candidates(
    x: Floats, inside: Flags, held: dict[int, Limit], named: frozenset[int]
) -> list[Limit]:
    """A slice off either end of each number, one named value less of each name."""
    out = []
    for k in range(x.shape[1]):
        own, old = x[inside, k], held.get(k)
        if k in named:
            left = np.unique(own).astype(int).tolist()
            out += [
                Limit(k, None, None, tuple(v for v in left if v != gone), 0.0)
                for gone in left
                if len(left) > 1
            ]
            continue
        ordered = np.sort(own)
        cut = max(1, int(PEEL * len(own)))
        if len(own) <= 2 * cut:
            continue
        low, high = (old.low, old.high) if old else (None, None)
        out.append(Limit(k, float(ordered[cut]), high, None, 0.0))
        out.append(Limit(k, low, float(ordered[-cut - 1]), None, 0.0))
    return out


def idle_away(x: Floats, true: Flags, limits: tuple[Limit, ...]) -> tuple[Limit, ...]:
    """The limits that do work; the idlest goes first, and the others are looked at again."""
    while limits:
        worked = []
        for limit in limits:
            rest = measured(x, true, tuple(o for o in limits if o.column != limit.column))
            whole = measured(x, true, limits)
            worked.append(at_least(whole.true_inside, whole.inside, rest.density))
        idlest = max(range(len(limits)), key=lambda i: worked[i])
        if worked[idlest] <= IDLE:
            return tuple(
                Limit(o.column, o.low, o.high, o.values, w)
                for o, w in zip(limits, worked, strict=True)
            )
        limits = tuple(o for i, o in enumerate(limits) if i != idlest)
    return ()


def at_least(true: int, inside: int, share: float) -> float:
    """The binomial chance of at least so many worlds of the box coming true."""
    if share <= 0.0 or share >= 1.0:
        return 0.0 if share <= 0.0 and true > 0 else 1.0
    logs = [
        math.lgamma(inside + 1)
        - math.lgamma(k + 1)
        - math.lgamma(inside - k + 1)
        + k * math.log(share)
        + (inside - k) * math.log1p(-share)
        for k in range(true, inside + 1)
    ]
    return min(1.0, math.fsum(math.exp(x) for x in logs))
