"""What a watcher sees in each world, day by day: how often an event was told, how a quantity stood.

A world has what happens. Whether it is told is drawn for each world and event, so that of n times
as many are told as a binomial draw gives, and no fewer of more (the draw is by inversion, of one
uniform number for a world and event).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from offramp.case.case import Case
from offramp.engine.ensemble import Ensemble
from offramp.engine.monitors import Monitor
from offramp.engine.noise import Keys, named_keys, uniforms
from offramp.explain.visible import Seen, told

Floats = NDArray[np.float64]
DAY = dt.timedelta(1)


@dataclass(frozen=True)
class Span:
    """Some days on which an event is told as surely: until the evening of `last`."""

    chance: float
    die: int
    last: dt.date
    monitor: Monitor


@dataclass(frozen=True)
class Asked:
    """What is to be watched of a thing in the worlds: the spans of an event, one after another; of
    a quantity a monitor a day."""

    seen: Seen
    spans: tuple[Span, ...]


def asked(case: Case, things: tuple[Seen, ...], days: tuple[dt.date, ...]) -> tuple[Asked, ...]:
    """Things over days: `days[0]` is the day before the first that counts, the others are those on
    whose evenings it is looked."""
    crisis = case.crisis
    states = {s.name: i for i, s in enumerate(crisis.states)}
    events = {e.name: i for i, e in enumerate(crisis.events)}

    def number(day: dt.date) -> int:
        return (day - crisis.first).days

    out = []
    for thing in things:
        spans = []
        if thing.quantity:
            for day in days[1:]:
                at = number(day)
                monitor = Monitor(
                    function="final",
                    event=None,
                    outcome=None,
                    quantity=states[thing.what],
                    first=at,
                    last=at,
                )
                spans.append(Span(1.0, 0, day, monitor))
        else:
            chances = told(thing.event, case.history, days[0] + DAY, days[-1])
            edges = sorted({*days, *(since - DAY for since, _ in chances)})
            for before, day in pairwise(edges):
                die, chance = [
                    (k, c) for k, (since, c) in enumerate(chances) if since <= before + DAY
                ][-1]
                monitor = Monitor(
                    function="count",
                    event=events[thing.event],
                    outcome=thing.outcome or None,
                    quantity=None,
                    first=number(before) + 1,
                    last=number(day),
                )
                spans.append(Span(chance, die, day, monitor))
        out.append(Asked(thing, tuple(spans)))
    return tuple(out)


def course(
    a: Asked, days: tuple[dt.date, ...], places: dict[Monitor, int], e: Ensemble
) -> NDArray[np.float32]:
    """(worlds, days after the first): how often the event was told by the evening of each, or how
    the quantity stood."""
    columns = [e.atoms[:, places[s.monitor]] for s in a.spans]
    if a.seen.quantity:
        return np.stack(columns, axis=1).astype(np.float32)
    keys = named_keys(e.seed, f"told {a.seen.event}", e.worlds)
    out = np.zeros((e.worlds, len(days) - 1), np.float32)
    now, counted = np.zeros(e.worlds), dict[int, Floats]()
    for span, happened in zip(a.spans, columns, strict=True):
        before = counted.get(span.die, np.zeros(e.worlds))
        after = before + happened
        counted[span.die] = after
        now = now + (_told(after, span, keys) - _told(before, span, keys))
        if span.last in days:
            out[:, days.index(span.last) - 1] = now
    return out


def _told(n: Floats, span: Span, keys: Keys) -> Floats:
    """How many of n times are told: the binomial quantile of the world's number."""
    if span.chance == 1.0 or not n.any():
        return n
    return quantile(n, span.chance, uniforms(keys, f"span {span.die}"))


def quantile(n: Floats, chance: float, u: Floats) -> Floats:
    """The binomial quantile at u of n draws, each a yes by this chance, for arrays."""
    if chance == 0.0:
        return np.zeros_like(n)
    below = np.zeros_like(u)
    mass, found = (1.0 - chance) ** n, np.zeros_like(u)
    for k in range(int(n.max())):
        below = below + mass
        found = np.where(u > below, np.minimum(n, k + 1), found)
        mass = mass * np.maximum(n - k, 0.0) / (k + 1) * (chance / (1.0 - chance))
    return found
