"""Schedules for tests: at random from another world's log, and the slice's history."""

from __future__ import annotations

import datetime as dt
import random

from offramp.engine.plan import Plan
from offramp.engine.schedule import ANY, Fact, Followed, Reading, Schedule, Sighting
from offramp.engine.world import create, live
from offramp.language.kinds import constant


def of_day(day: int) -> tuple[Reading, ...]:
    return (Reading(day, day, 1.0),)


def leads(laid: Plan) -> tuple[tuple[int, int], ...]:
    return tuple(
        (e.index, int(constant(e.event.takes.expression) or 0))
        for e in laid.events
        if e.event.takes is not None
    )


def place(laid: Plan, event: int, outcome: str) -> int:
    e = laid.events[event]
    if e.ballot is not None:
        return ("carried", "lost").index(outcome)
    return [b.name for b in e.branches].index(outcome)


def from_a_world(
    laid: Plan,
    seed: int,
    world: int,
    last: int,
    chances: dict[int, float],
    rng: random.Random | None = None,
) -> Schedule:
    """What a record with these chances would show of a world's first days. With `rng` it is spoilt
    too: reports get lost, outcomes are unknown, days disputed."""
    lived = create(laid, seed, world)
    for _ in live(lived):
        pass
    sightings = []
    for h in lived.log:
        if h.day > last or chances.get(h.event, 0.0) == 0.0:
            continue
        outcome, readings = place(laid, h.event, h.outcome), of_day(h.day)
        if rng is not None:
            if rng.random() < 0.2:
                continue
            if rng.random() < 0.3:
                outcome = ANY
            if rng.random() < 0.3:
                near = Reading(max(0, h.day - 1), min(last, h.day + 1), 0.5)
                readings = (near, Reading(h.day, h.day, 0.5))
        sightings.append(Sighting(f"R{len(sightings)}", h.event, outcome, readings))
    followed = tuple(Followed(e, 0, p) for e, p in chances.items())
    return Schedule(
        last=last, sightings=tuple(sightings), facts=(), followed=followed, leads=leads(laid)
    )


def at_random(laid: Plan, number: int) -> Schedule:
    """A schedule that touches all that a schedule may hold."""
    rng = random.Random(number)
    last = rng.randrange(3, laid.crisis.days)
    chances = {
        e.index: rng.choice([0.3, 0.9, 1.0])
        for e in laid.events
        if not e.event.private and rng.random() < 0.6
    }
    s = from_a_world(laid, rng.randrange(1000), 3, last, chances, rng)
    later = tuple(Followed(e, 4, rng.choice([0.2, 0.6])) for e in chances if rng.random() < 0.3)
    facts = tuple(
        Fact(
            id=f"F{j}",
            quantity=rng.randrange(len(laid.quantities)),
            day=rng.randrange(last + 1),
            relation=rng.choice(["=", ">=", "<="]),
            value=1.0,
            error=2.0,
        )
        for j in range(2)
    )
    stops = (last // 2,) if rng.random() < 0.5 else ()
    tempered = rng.random() < 0.2
    delay = rng.randrange(3)
    prompt, guided = rng.choice([0.3, 0.8, 1.0]), rng.random() < 0.8
    ends = rng.choice([None, last // 2, last - 1])
    return Schedule(
        last=last,
        sightings=s.sightings,
        facts=facts,
        followed=s.followed + later,
        leads=s.leads,
        tempered=tempered,
        stops=stops,
        delay=delay,
        prompt=prompt,
        guided=guided,
        ends=ends,
    )


# The history of the formalism's slice: day, event, outcome.
SLICE = (
    ("2019-12-27", "rocket", "death"),
    ("2019-12-29", "hit_proxy", ""),
    ("2019-12-31", "storm", ""),
    ("2020-01-03", "kill_soleimani", ""),
    ("2020-01-05", "jcpoa.due_step", ""),
    ("2020-01-05", "parliament.expel", "carried"),
    ("2020-01-08", "missiles", ""),
    ("2020-01-27", "rocket", ""),
    ("2020-02-13", "rocket", ""),
    ("2020-02-15", "rocket", ""),
)


def slice_schedule(laid: Plan, until: str) -> Schedule:
    """All public events are followed for certain; those up to a day happened as the slice says."""
    names = {e.event.name: e.index for e in laid.events}

    def day(text: str) -> int:
        return (dt.date.fromisoformat(text) - laid.crisis.first).days

    sightings = tuple(
        Sighting(f"S{k}", names[event], place(laid, names[event], outcome), of_day(day(date)))
        for k, (date, event, outcome) in enumerate(SLICE)
        if date <= until
    )
    followed = tuple(Followed(e.index, 0, 1.0) for e in laid.events if not e.event.private)
    return Schedule(
        last=day(until), sightings=sightings, facts=(), followed=followed, leads=leads(laid)
    )
