"""Scenarios, only where they are real: clusters of whole histories, each with its share of worlds,
a world of its middle, the turns that lead into it and its early signposts.

`distance.py` says how far apart two histories are, `clusters.py` when clusters are real. Where they
are not there are no scenarios, only a cloud of histories, and whoever tells three of them has
chosen these three; then this says so, with the numbers.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from offramp.answers.sampling import of_share
from offramp.answers.wording import number, percent
from offramp.case.case import Case
from offramp.engine.by_value import ByValue
from offramp.engine.ensemble import Ensemble, Logged
from offramp.explain.clusters import (
    SMALLEST,
    STABLE,
    Floats,
    Labels,
    Search,
    Tried,
    search,
)
from offramp.explain.distance import NEVER, points, week_ends

SIGNS = 5  # turns of a scenario, and early signposts
EARLY = 3  # the first third of the window
RARE_SIGN = 0.02  # of the worlds that were not looked at: a sign that fewer show tells little


@dataclass(frozen=True)
class Sign:
    """An event, seen or not seen by a day, that tells one scenario from the others.

    shown      the share of worlds that show it
    chance     the share of these worlds that are of the scenario, with its Monte Carlo error and
               90% interval. Signs are chosen in one half of the worlds and measured in the other
    """

    event: str
    title: str
    seen: bool
    by: dt.date
    shown: float
    chance: float
    mc_error: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class Told:
    """An event of a world: when it first happened in the window, how it then turned out, and how
    often in all, the last time on a day."""

    day: dt.date
    event: str
    title: str
    outcome: str
    actor: str
    times: int
    last: dt.date


@dataclass(frozen=True)
class Ending:
    """A shown quantity at the end of the window: its 10, 50 and 90% points among the worlds of a
    scenario, and among all worlds."""

    quantity: str
    title: str
    levels: tuple[str, ...]
    here: tuple[float, float, float]
    anywhere: tuple[float, float, float]


@dataclass(frozen=True)
class Scenario:
    """A cluster of histories. `world`: the number of the one that is nearest to all others of it,
    the medoid; what is told and its course, by quantity, are of this world, from the window's first
    day."""

    share: float
    mc_error: float
    interval: tuple[float, float]
    world: int
    told: tuple[Told, ...]
    courses: dict[str, tuple[float, ...]]
    endings: tuple[Ending, ...]
    turns: tuple[Sign, ...]
    signposts: tuple[Sign, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Scenarios(ByValue):
    """`found` is empty where `refused` says why. `tried` has every number of clusters that was
    looked at, `kept` the share of the variance in which they were looked for."""

    case: str
    assessment: str
    model_sha256: str
    seed: int
    worlds: int
    as_of: dt.date | None
    first: dt.date
    last: dt.date
    tried: tuple[Tried, ...] = field(repr=False)
    kept: float
    refused: str
    found: tuple[Scenario, ...]

    def __repr__(self) -> str:
        told = f"{len(self.found)} found" if self.found else "refused"
        return f"<Scenarios of {self.case}, {self.first} to {self.last}: {told}>"


def scenarios(
    case: Case,
    lived: Ensemble,
    seed: int,
    first: dt.date,
    as_of: dt.date | None = None,
    assessment: str = "case",
) -> Scenarios:
    """`lived`: worlds with all their stories; `first`: the first day of the window."""
    start = (first - lived.first).days
    names = tuple(e.name for e in case.crisis.events)
    firsts = first_days(lived, names, start)
    courses = np.array([[s.series[q][start:] for q in case.crisis.show] for s in lived.stories])
    days = lived.days - start
    weekly = courses.transpose(0, 2, 1)[:, week_ends(days)]
    looked = search(points(weekly, firsts, days))
    found = looked.found
    return Scenarios(
        case=case.id,
        assessment=assessment,
        model_sha256=case.model_sha256,
        seed=seed,
        worlds=lived.worlds,
        as_of=as_of,
        first=first,
        last=lived.first + dt.timedelta(lived.days - 1),
        tried=looked.tried,
        kept=looked.kept,
        refused="" if found else refusal(looked),
        found=()
        if found is None
        else tuple(
            _scenario(case, lived, looked, found.partition.labels == k, firsts, courses, first)
            for k in range(found.clusters)
        ),
    )


def first_days(lived: Ensemble, events: tuple[str, ...], start: int) -> NDArray[np.int64]:
    """The first day of each event in each world, counted from the day `start`; NEVER without."""
    place = {name: k for k, name in enumerate(events)}
    out = np.full((len(lived.stories), len(events)), NEVER, np.int64)
    for row, story in zip(out, lived.stories, strict=True):
        for entry in reversed(story.log):
            if entry.day >= start:
                row[place[entry.event]] = entry.day - start
    return out


# ---- refused -----------------------------------------------------------------------------


def refusal(looked: Search) -> str:
    """Why there are no scenarios, by the number of clusters that comes nearest."""
    tried = looked.tried
    near = max(tried, key=lambda t: (t.stable + t.more + t.apart, min(t.jaccard), -t.clusters))
    said = "; ".join(lacking(near))
    more = "More worlds can show a smaller gap. " if near.stable and near.more else ""
    return (
        f"From {number(tried[0].clusters)} to {number(tried[-1].clusters)} clusters of histories "
        f"were looked for, and none are real. {number(near.clusters).capitalize()} come nearest: "
        f"{said}. {more}As far as these worlds show, histories are one cloud: whoever tells a few "
        "of them as scenarios has chosen them"
    )


def lacking(t: Tried) -> list[str]:
    """What speaks against so many clusters."""
    out = []
    if not t.stable:
        out.append(
            f"resampled worlds find the least stable again by an index of {min(t.jaccard):.2f}, "
            f"and searches that start anew agree by {t.agreement:.2f}, where {STABLE} is asked of "
            "both"
        )
    if not t.more:
        out.append(
            f"they explain {percent(t.explained)} of what differs between histories, and a cloud "
            f"without clusters {percent(t.null)}"
        )
    if not t.apart:
        out.append(
            f"between two of them there is no gap, but a dip of {t.gap.dip:.3f}, where "
            f"{t.gap.points:,} worlds of one cloud reach {t.gap.needed:.3f} by luck"
        )
    if t.smallest < SMALLEST:
        out.append(f"the smallest holds {percent(t.smallest)} of worlds")
    return out


# ---- found -------------------------------------------------------------------------------


def _scenario(
    case: Case,
    lived: Ensemble,
    looked: Search,
    member: NDArray[np.bool_],
    firsts: NDArray[np.int64],
    courses: Floats,
    first: dt.date,
) -> Scenario:
    crisis, days = case.crisis, courses.shape[2]
    _, error, bounds = of_share(member.astype(float), np.ones(len(member), bool), lived)
    world = medoid(looked.axes, member)
    story = lived.stories[world]
    start = (first - lived.first).days
    ends = courses[:, :, -1]
    quantities = {q.name: q for q in crisis.states}
    marks = signs(case, lived, member, firsts, first, week_ends(days))
    early = signs(case, lived, member, firsts, first, week_ends(-(-days // EARLY)))
    return Scenario(
        share=float(member.mean()),
        mc_error=error,
        interval=bounds,
        world=story.world,
        told=told(story.log, start, lived.first),
        courses={q: story.series[q][start:] for q in crisis.show},
        endings=tuple(
            Ending(
                quantity=q,
                title=quantities[q].title,
                levels=quantities[q].levels,
                here=_points(ends[member, k]),
                anywhere=_points(ends[:, k]),
            )
            for k, q in enumerate(crisis.show)
        ),
        turns=marks,
        signposts=early,
    )


def medoid(x: Floats, member: NDArray[np.bool_]) -> int:
    """The place of the point of a cluster whose distances to the others of it are least in sum."""
    own, places = x[member], np.flatnonzero(member)
    squares = (own**2).sum(axis=1)
    far = np.sqrt(np.maximum(squares[:, None] + squares - 2.0 * own @ own.T, 0.0)).sum(axis=1)
    return int(places[far.argmin()])


def told(log: tuple[Logged, ...], start: int, zero: dt.date) -> tuple[Told, ...]:
    """What happened from a day on, each event once, in the order of the first time."""
    within = [entry for entry in log if entry.day >= start]
    times = Counter(entry.event for entry in within)
    last = {entry.event: entry.day for entry in within}
    firsts = {entry.event: entry for entry in reversed(within)}
    return tuple(
        Told(
            day=zero + dt.timedelta(entry.day),
            event=entry.event,
            title=entry.title,
            outcome=entry.outcome or "",
            actor=entry.actor or "",
            times=times[entry.event],
            last=zero + dt.timedelta(last[entry.event]),
        )
        for entry in within
        if firsts[entry.event] is entry
    )


def signs(
    case: Case,
    lived: Ensemble,
    member: NDArray[np.bool_],
    firsts: NDArray[np.int64],
    first: dt.date,
    by: Labels,
) -> tuple[Sign, ...]:
    """The events whose presence, or absence, by one of some days tells a cluster best from the
    rest, in the order of these days: of each event the day of the largest correlation among worlds
    of even place. A sign stands only where worlds of odd place bear it out: its 90% interval lies
    above the cluster's share."""
    even = np.arange(len(member)) % 2 == 0
    seen = (firsts[:, :, None] != NEVER) & (firsts[:, :, None] <= by)
    strength = _correlation(member[even], seen[even])
    best = np.abs(strength).argmax(axis=1)
    base = float(member[~even].mean())
    found = list[Sign]()
    for event in np.argsort(-np.abs(strength).max(axis=1), kind="stable"):
        day, present = int(by[best[event]]), bool(strength[event, best[event]] > 0)
        keep = (seen[:, event, best[event]] == present) & ~even
        if len(found) == SIGNS or keep.sum() < RARE_SIGN * (~even).sum():
            continue
        _, error, bounds = of_share(member.astype(float), keep, lived)
        if bounds[0] > base:
            e = case.crisis.events[event]
            found.append(
                Sign(
                    event=e.name,
                    title=e.title,
                    seen=present,
                    by=first + dt.timedelta(day),
                    shown=float(keep[~even].mean()),
                    chance=float(member[keep].mean()),
                    mc_error=error,
                    interval=bounds,
                )
            )
    return tuple(sorted(found, key=lambda s: s.by))


def _correlation(member: NDArray[np.bool_], seen: NDArray[np.bool_]) -> Floats:
    """Of membership with each (events, days) of what was seen; 0 for what all worlds have alike."""
    m = member - member.mean()
    s = seen - seen.mean(axis=0)
    sd = np.sqrt((s**2).mean(axis=0) * float((m**2).mean()))
    both = np.einsum("w,wed->ed", m, s) / len(m)
    return np.asarray(np.divide(both, sd, out=np.zeros_like(both), where=sd > 1e-12))


def _points(x: Floats) -> tuple[float, float, float]:
    low, middle, high = np.quantile(x, (0.1, 0.5, 0.9), method="nearest").tolist()
    return low, middle, high
