"""What a run keeps: counts and a few stories, never all the worlds.

Memory does not grow with the number of worlds except by one short row each (the answers' atoms and
the unknowns), and merging parts is exact because everything is counted in integers or kept apart.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from offramp.engine.by_value import ByValue

BINS = 101  # for quantities that are not ladders
A_LEVEL = 11  # bins a level of a ladder: odd, so that no bin lies across where two levels meet


@dataclass(frozen=True, eq=False, kw_only=True)
class Band(ByValue):
    """A quantity's histogram over worlds, for each day: `counts[day, bin]`, int64.

    Bin i stands for the value low + (high - low) * i / (bins - 1).
    """

    quantity: str
    title: str
    low: float
    high: float
    levels: tuple[str, ...]
    counts: NDArray[np.int64]


@dataclass(frozen=True)
class Logged:
    """An entry of a world's log in words; `day` counts from 0, the first day."""

    day: int
    event: str
    title: str
    outcome: str | None
    actor: str | None


@dataclass(frozen=True)
class Story:
    """One world told in full: its log, and one value a day of each shown quantity."""

    world: int
    log: tuple[Logged, ...]
    series: dict[str, tuple[float, ...]]

    def folded(self, daily: Collection[str]) -> tuple[tuple[Logged, int], ...]:
        """The log in which what comes every day stands once, with the last day of its run; every
        other entry with its own day."""
        found = list[tuple[Logged, int]]()
        place = dict[str, int]()  # of the run that goes on
        for entry in self.log:
            at = place.get(entry.event)
            if entry.event in daily and at is not None and entry.day <= found[at][1] + 1:
                found[at] = found[at][0], entry.day
                continue
            place[entry.event] = len(found)
            found.append((entry, entry.day))
        return tuple(found)


@dataclass(frozen=True, eq=False, kw_only=True)
class Ensemble(ByValue):
    """Worlds first to last of a seed. Arrays have one row a world, in the order of worlds.

    atoms     (worlds, atoms)     what the questions watch, float64
    unknowns  (worlds, unknowns)  the draws, float64
    counts    (worlds, events)    how often each event happened, int64
    islands   (worlds,)           of worlds among reports: which run of the filter each is from
    effective                     and how many independent worlds they are worth
    weights   (worlds,)           where they do not count alike: they sum to 1
    """

    first: dt.date
    days: int
    seed: int
    numbers: tuple[int, ...]
    bands: dict[str, Band]
    stories: tuple[Story, ...]
    atoms: NDArray[np.float64]
    unknowns: NDArray[np.float64]
    counts: NDArray[np.int64]
    collisions: tuple[tuple[str, int], ...]
    islands: NDArray[np.int64] | None = None
    effective: float | None = None
    weights: NDArray[np.float64] | None = None

    def __repr__(self) -> str:
        return f"<Ensemble of {self.worlds:,} worlds, {self.days} days from {self.first}>"

    @property
    def worlds(self) -> int:
        return len(self.numbers)

    def until(self, days: int) -> Ensemble:
        """The course of the first so many days; atoms and counts are of the whole run still."""
        cut = {k: replace(b, counts=b.counts[:days]) for k, b in self.bands.items()}
        return replace(self, days=min(days, self.days), bands=cut)


def merge(parts: list[Ensemble]) -> Ensemble:
    """The ensemble of all parts. Exact: the same worlds give the same bytes, however divided."""
    parts = sorted(parts, key=lambda p: p.numbers[0])
    first = parts[0]
    bands = {
        name: replace(band, counts=sum((p.bands[name].counts for p in parts[1:]), band.counts))
        for name, band in first.bands.items()
    }
    collisions: dict[str, int] = {}
    for part in parts:
        for name, n in part.collisions:
            collisions[name] = collisions.get(name, 0) + n
    return replace(
        first,
        numbers=tuple(n for p in parts for n in p.numbers),
        bands=bands,
        stories=tuple(s for p in parts for s in p.stories),
        atoms=np.concatenate([p.atoms for p in parts]),
        unknowns=np.concatenate([p.unknowns for p in parts]),
        counts=np.concatenate([p.counts for p in parts]),
        collisions=tuple(sorted(collisions.items())),
    )
