"""A history that the model cannot produce is a finding: which report, which condition, how near."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count, islice

from offramp.engine.choice import Mindset
from offramp.engine.plan import Occurrence, Plan
from offramp.engine.reported import Reported, Traced, announced, begin, daytime, waking
from offramp.engine.schedule import IMPOSSIBLE, Fact, Sighting
from offramp.engine.world import due, held, possible
from offramp.filter.posterior import Impossible, filtered
from offramp.filter.simulator import Filter, Island, Particles, prepare
from offramp.language.expressions import Operation, SourcedValue, walk

SEARCH = (4, 64)  # islands, and worlds of each, that look for what is impossible
LOOKED_AT = 40  # worlds simulated again by the reference interpreter: some seconds
COMPARED = ("<", "<=", ">", ">=", "==", "!=")


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A report that worlds could not live: in how many of those looked at, why, and how near the
    nearest of them came to the condition that failed."""

    date: dt.date
    report: str
    event: str
    worlds: int
    looked_at: int
    why: str
    nearest: str
    decided: bool = False  # the day is that of the decision, of a deed reported later

    def __str__(self) -> str:
        near = f"; {self.nearest}" if self.nearest else ""
        whose = f"report {self.report}" if self.report else "not reported"
        whose += ", as decided that day" * self.decided
        return (
            f"the model cannot produce {self.date} {self.event} ({whose}): {self.why} "
            f"in {self.worlds} of the {self.looked_at} worlds looked at{near}"
        )


def failures(found: Impossible, worlds: int = LOOKED_AT) -> tuple[Failure, ...]:
    """What stopped the worlds of the islands that came farthest, most frequent first."""
    found = _unguided(found)
    farthest = [i for i in found.islands if i.died == found.day and i.last_breath is not None]
    counts: Counter[tuple[str, str, str]] = Counter()
    gaps: dict[tuple[str, str, str], list[tuple[float, str]]] = {}
    looked_at = 0
    for island in farthest:
        for number in range(max(1, worlds // len(farthest))):
            looked_at += 1
            for key, gap in _stopped(found.filter, island, number, found.day):
                counts[key] += 1
                gaps.setdefault(key, []).extend(gap)
    date = found.filter.plan.crisis.first + dt.timedelta(found.day)
    known = found.filter.schedule
    late = {s.id for s in known.sightings if known.lead(s.event) > 0}
    return tuple(
        Failure(
            date=date,
            report=report,
            event=event,
            worlds=n,
            looked_at=looked_at,
            why=why,
            nearest=min(gaps[key], default=(0.0, ""))[1],
            decided=report in late,
        )
        for key, n in counts.most_common()
        for report, event, why in (key,)
    )


def _unguided(found: Impossible) -> Impossible:
    """The same without foresight of reports: worlds that are kept from barring a report end on
    another day, and for another reason, than those that bar it."""
    f = found.filter
    if not f.schedule.guided:
        return found
    plain = prepare(f.plan, replace(f.schedule, guided=False), f.seed)
    try:
        filtered(plain, *SEARCH)
    except Impossible as again:
        return again
    return found


def on_the_morning(f: Filter, cloud: Particles, number: int, day: int) -> tuple[Reported, Mindset]:
    """A world of a cloud, lived again by the reference interpreter up to the morning of a day."""
    return next(islice(mornings(f, cloud, number), day, None))


def mornings(f: Filter, cloud: Particles, number: int) -> Iterator[tuple[Reported, Mindset]]:
    """A world of a cloud on each of its mornings, from the first on. It is the same world each
    time: asking for the next morning lives the day."""
    given = dict(zip(f.dice, cloud.quantiles[:, number].tolist(), strict=True))
    stretches = tuple((s, int(k[number])) for s, k in zip(cloud.starts, cloud.keys, strict=True))
    r = begin(f.plan, f.schedule, Traced(given, stretches))
    for day in count():
        r.world.day = day
        m = waking(r)
        yield r, m
        daytime(r, m)


Key = tuple[str, str, str]
Gaps = list[tuple[float, str]]


def _stopped(f: Filter, island: Island, number: int, day: int) -> Iterator[tuple[Key, Gaps]]:
    """Lives a world again up to the day, and looks at what it could not do."""
    assert island.last_breath is not None
    r, m = on_the_morning(f, island.last_breath, number, day)
    reasons = {s.id: _reason(r, m, s) for s in f.schedule.sightings}
    daytime(r, m)
    reasons |= {fact.id: _distance(r, fact) for fact in f.schedule.facts if fact.day == day}
    for factor in r.days[-1]:
        if factor.log < IMPOSSIBLE and factor.id:
            why, gaps = reasons[factor.id]
            yield (factor.id, factor.what, why), gaps
        elif factor.log < IMPOSSIBLE:
            yield (
                (
                    "",
                    factor.what,
                    "it happens for certain, and reporting.yaml says that it would be reported",
                ),
                [],
            )


def _distance(r: Reported, fact: Fact) -> tuple[str, Gaps]:
    """How far a quantity is from a soft fact about it."""
    name, x = r.world.plan.quantities[fact.quantity].name, r.world.s[fact.quantity]
    told = f"{fact.relation} {fact.value:g} within {fact.error:g}"
    away = f"the nearest has {name} at {x:.3g}"
    return f"no world comes near `{name} {told}`", [(abs(x - fact.value), away)]


def _reason(r: Reported, m: Mindset, s: Sighting) -> tuple[str, Gaps]:
    """Why the event cannot happen as reported, read off the morning."""
    plan, event = r.world.plan, r.world.plan.events[s.event]
    if event.when is not None and not event.when(m.now.s, m.unknowns, m.moment):
        claim = event.event.when
        assert claim is not None
        return f"its condition `{words(claim)}` fails", list(_gaps(plan, m, claim))
    if not possible(m, event):
        return _barred(r, event), []
    if (
        sum(
            r.dates[other.id] == r.world.day
            for other in r.schedule.sightings
            if other.event == s.event
        )
        > 1
    ):
        return "another report of the same event falls on that day", []
    if event.dates or event.clock is not None:
        if not due(r.world, m, event):
            return "it has its own day, which this is not", []
    elif event.ballot is not None:
        if not held(r.world, m, event):
            return "no vote is held", []
        return "the vote goes otherwise", []
    elif event.mover is not None and len(_crowd(r, event)) > 1:
        others = ", ".join(n for n in _crowd(r, event) if n != event.event.name)
        return (
            f"its actor also does {others} that day, and an actor has one move a day on an agenda",
            [],
        )
    return "its probability is 0", []


def _barred(r: Reported, event: Occurrence) -> str:
    """Why an event may not happen today although its condition holds."""
    if any(u.event.index == event.index for u in r.world.underway):
        return "it is decided already and under way"
    ready = r.world.ready.get(event.index, 0.0)
    if ready == math.inf:
        return "it has happened, and happens once"
    until = r.world.plan.crisis.first + dt.timedelta(math.ceil(ready))
    return f"it has happened, and pauses until {until}"


def _crowd(r: Reported, event: Occurrence) -> list[str]:
    return [
        e.event.name
        for e in r.world.plan.events
        if (e.mover, e.event.agenda) == (event.mover, event.event.agenda)
        and e.index not in event.words
        and event.index not in e.words
        and announced(r, e) is not None
    ]


def words(claim: SourcedValue) -> str:
    """The condition as written, without its marks."""
    return claim.text.split(" ?")[0].split(" ~")[0].split(" @")[0].strip()


def _gaps(plan: Plan, m: Mindset, claim: SourcedValue) -> Iterator[tuple[float, str]]:
    """How far each comparison that fails is from holding."""
    s, u, w = m.now.s, m.unknowns, m.moment
    for part in walk(claim.expression):
        if not isinstance(part, Operation) or part.operator not in COMPARED:
            continue
        source = plan.layout.source
        holds = plan.layout.compile(source(part), "s, u, w, g=()")(s, u, w)
        if holds:
            continue
        left, right = (
            float(plan.layout.compile(source(x), "s, u, w, g=()")(s, u, w)) for x in part.operands
        )
        name = next((getattr(x, "name", "") for x in part.operands), "") or "its left side"
        yield (
            abs(left - right),
            f"the nearest has {name} at {left:.3g}, wanted {part.operator} {right:.3g}",
        )
